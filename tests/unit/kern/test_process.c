// SPDX-License-Identifier: Apache-2.0
/*
 * test_process.c - children start with what they are given and nothing else
 */
#include "lib/test.h"

#include "base/buf.h"
#include "kern/file.h"
#include "kern/process.h"
#include "kern/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int spawn_sh(const char *script, const int *fds, size_t fd_count, struct error *err)
{
	char sh[] = "sh", c[] = "-c", text[512], name[] = "NAME=value";
	char *argv[] = { sh, c, text, NULL }, *envp[] = { name, NULL };
	int program_fd = kern_open(AT_FDCWD, "/bin/sh", O_PATH, 0), pidfd, r;
	struct kern_spawn spawn = {
		.program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds, .fd_count = fd_count,
		.new_session = true,
	};
	pid_t pid;

	CHECK(strlen(script) < sizeof(text));
	memcpy(text, script, strlen(script) + 1);
	r = kern_spawn(&spawn, &pid, &pidfd, err);
	fd_close(program_fd);
	if (r < 0)
		return r;
	r = kern_wait_pidfd(pidfd);
	fd_close(pidfd);
	return r;
}

static int run(const char *script)
{
	int fds[] = { -1, -1, 2 };
	struct error err = ERROR_INIT;

	return spawn_sh(script, fds, 3, &err);
}

TEST(an_exit_code_or_a_signal_comes_back)
{
	CHECK_INT(run("exit 3"), 3);
	CHECK_INT(run("kill -9 $$"), 137);
	CHECK_INT(run("test \"$NAME\" = value && test -z \"$HOME\""), 0);
}

TEST(descriptors_take_their_places_and_no_other_is_open)
{
	struct buf text = BUF_INIT(1000);
	struct error err = ERROR_INIT;
	int pipe[2], leaked = kern_open(AT_FDCWD, "/etc/passwd", O_RDONLY, 0);

	CHECK_INT(kern_pipe2(pipe, O_CLOEXEC), 0);
	/* Not close-on-exec, as a careless caller might leave it; 3 is to be closed, 4 is our pipe. */
	CHECK_INT(kern_fcntl(leaked, F_SETFD, 0), 0);
	{
		int fds[] = { -1, pipe[1], 2, -1, pipe[1] };

		CHECK_INT(spawn_sh("cd /proc/self/fd; echo four >&4; for i in 0 1 2 3 4 5 6 7 8 9 10 64 65 66; do "
			"test -e $i && printf '%s ' $i; done; readlink 0", fds, 5, &err), 0);
	}
	fd_close(pipe[1]);
	CHECK_INT(kern_read_all(pipe[0], &text), 0);
	CHECK(strstr(buf_text(&text), "four\n"));
	CHECK(strstr(buf_text(&text), "/dev/null"));
	CHECK(!strstr(buf_text(&text), "64"));
	fd_close(pipe[0]);
	fd_close(leaked);
	buf_fini(&text);
}

/* Its interpreter opens it by its name, which a descriptor that is closed by then has not. */
TEST(a_script_is_started_by_its_path)
{
	char path[4096], name[] = "script", *argv[] = { name, NULL }, *envp[] = { NULL };
	int fds[] = { -1, -1, 2 }, pidfd;
	struct kern_spawn spawn = {
		.program_fd = -1, .program_path = path, .argv = argv, .envp = envp, .fds = fds,
		.fd_count = ARRAY_SIZE(fds), .in_root = true,
	};
	struct error err = ERROR_INIT;
	FILE *file;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/script", test_dir());
	file = fopen(path, "we");
	CHECK(file);
	fputs("#!/bin/sh\ntest \"$PWD\" = / && exit 5\n", file);
	CHECK_INT(fclose(file), 0);
	CHECK_INT(chmod(path, 0700), 0);
	CHECK_INT(kern_spawn(&spawn, &pid, &pidfd, &err), 0);
	CHECK_INT(kern_wait_pidfd(pidfd), 5);
	fd_close(pidfd);
	snprintf(path, sizeof(path), "%s/none", test_dir());
	CHECK_INT(kern_spawn(&spawn, &pid, &pidfd, &err), -ENOENT);
}

TEST(too_few_descriptors_are_an_error_of_the_caller)
{
	const struct rlimit few = { 24, 24 };
	int fds[] = { -1, -1, 2 };
	struct error err = ERROR_INIT;

	CHECK_INT(kern_prlimit(0, RLIMIT_NOFILE, &few, NULL), 0);
	CHECK_INT(spawn_sh("exit 0", fds, 3, &err), -EMFILE);
	CHECK(strstr(err.text, "cannot start sh") && strstr(err.hint, "ulimit -n"));
}

TEST(a_program_that_cannot_run_is_an_error_of_the_caller)
{
	char name[] = "passwd";
	char *argv[] = { name, NULL };
	int program_fd = kern_open(AT_FDCWD, "/etc/passwd", O_PATH, 0), fds[] = { -1, -1, -1 }, pidfd;
	struct kern_spawn spawn = { .program_fd = program_fd, .argv = argv, .envp = argv, .fds = fds,
		.fd_count = 3 };
	struct error err = ERROR_INIT;
	pid_t pid;

	CHECK_INT(kern_spawn(&spawn, &pid, &pidfd, &err), -EACCES);
	CHECK(strstr(err.text, "passwd"));
	fd_close(program_fd);
}

TEST(sockets_have_a_name_a_peer_and_carry_descriptors)
{
	int dirfd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0), fds[KERN_SOCK_FDS_MAX];
	int listener = kern_sock_listen(dirfd, "s"), client = kern_sock_connect(dirfd, "s"), server;
	char text[8];
	size_t count;
	struct ucred peer;

	CHECK(listener >= 0 && client >= 0);
	server = kern_accept4(listener, SOCK_CLOEXEC);
	CHECK(server >= 0);
	CHECK_INT(kern_sock_peer(server, &peer), 0);
	CHECK_INT(peer.uid, getuid());
	CHECK_INT(peer.pid, getpid());
	CHECK_INT(kern_sock_send(client, "hi", 2, &dirfd, 1), 0);
	CHECK_INT(kern_sock_recv(server, text, sizeof(text), fds, &count), 2);
	CHECK_INT(count, 1);
	fd_close(fds[0]);
	/* A packet that does not fit is an error, and its descriptors do not leak. */
	CHECK_INT(kern_sock_send(client, "123456789", 9, &dirfd, 1), 0);
	CHECK_INT(kern_sock_recv(server, text, sizeof(text), fds, &count), -EMSGSIZE);
	CHECK_INT(count, 0);
	CHECK_INT(kern_sock_connect(dirfd, "missing"), -ENOENT);
	fd_close(server);
	fd_close(client);
	fd_close(listener);
	fd_close(dirfd);
}

static int refusing_listen(UNUSED int fd, UNUSED int backlog)
{
	return -EIO;
}

TEST(a_socket_that_cannot_listen_leaves_no_name)
{
	int dirfd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0);

	kern_ops.listen = refusing_listen;
	CHECK_INT(kern_sock_listen(dirfd, "s"), -EIO);
	CHECK_INT(kern_unlinkat(dirfd, "s", 0), -ENOENT);
	fd_close(dirfd);
}

TEST(a_child_that_has_not_ended_is_waited_for_as_long_as_was_said)
{
	static char name[] = "cat";
	char *argv[] = { name, NULL }, *envp[] = { NULL };
	int pipe_fds[2], pidfd, program_fd = kern_open(AT_FDCWD, "/bin/cat", O_PATH, 0);
	struct error err = ERROR_INIT;
	pid_t pid;

	CHECK_INT(kern_pipe2(pipe_fds, O_CLOEXEC), 0);
	{
		int fds[] = { pipe_fds[0], -1, -1 };
		struct kern_spawn spawn = {
			.program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds, .fd_count = 3,
		};

		CHECK_INT(kern_spawn(&spawn, &pid, &pidfd, &err), 0);
	}
	fd_close(program_fd);
	fd_close(pipe_fds[0]);
	CHECK_INT(kern_poll_pidfd(pidfd, 1000), 0);
	fd_close(pipe_fds[1]);
	CHECK_INT(kern_poll_pidfd(pidfd, UINT64_C(60000000000)), 1);
	CHECK_INT(kern_wait_pidfd(pidfd), 0);
	fd_close(pidfd);
}

TEST_MAIN()
