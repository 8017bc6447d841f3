// SPDX-License-Identifier: Apache-2.0
/*
 * differ.c - cordon-differ on a branch of a test, as a process of its own
 *
 * What it prints goes to the files `out` and `err` in test_dir(), where a test may look at them, too.
 */
#include "lib/differ.h"

#include "kern/kern.h"
#include "kern/sock.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* The program lies in the same build folder as this test. */
static const char *differ_path(void)
{
	static char path[PATH_MAX];
	char self[PATH_MAX - 64];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	CHECK(len > 0);
	self[len] = '\0';
	for (int i = 0; i < 3; i++)
		*strrchr(self, '/') = '\0';
	snprintf(path, sizeof(path), "%s/src/roles/differ/cordon-differ", self);
	return path;
}

static char *read_whole(const char *name, size_t *ret_len)
{
	char path[512], *text;
	FILE *file;
	long len;

	snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
	file = fopen(path, "re");
	CHECK(file && !fseek(file, 0, SEEK_END));
	len = ftell(file);
	rewind(file);
	text = calloc((size_t)len + 1, 1);
	CHECK(text && fread(text, 1, (size_t)len, file) == (size_t)len);
	fclose(file);
	*ret_len = (size_t)len;
	return text;
}

static _Noreturn void become_differ(int sock)
{
	char path[512], name[] = "cordon-differ";
	char *const argv[] = { name, NULL }, *const envp[] = { NULL };
	int out, err;

	snprintf(path, sizeof(path), "%s/out", test_dir());
	out = openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	snprintf(path, sizeof(path), "%s/err", test_dir());
	err = openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (dup2(out, 1) < 0 || dup2(err, 2) < 0 || dup2(sock, DIFFER_FD) < 0)
		_exit(99);
	execve(differ_path(), argv, envp);
	_exit(98);
}

static struct differ_shown finish(pid_t pid)
{
	struct differ_shown shown;
	size_t len;
	int status;

	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	shown.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	shown.out = read_whole("out", &shown.out_len);
	shown.err = read_whole("err", &len);
	return shown;
}

struct differ_shown differ_show(const struct branch *branch, const struct differ_request *request)
{
	const struct overlay_root root = { "/base", branch->base_fd, branch->upper_fd, branch->storage_fd };
	struct error err = ERROR_INIT;
	int pair[2];
	pid_t pid;

	CHECK_INT(kern_sock_pair(pair), 0);
	if (differ_send(pair[0], request, &root, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	pid = fork();
	if (!pid)
		become_differ(pair[1]);
	close(pair[0]);
	close(pair[1]);
	return finish(pid);
}

void differ_shown_free(struct differ_shown *shown)
{
	free(shown->out);
	free(shown->err);
}

struct differ_request differ_request_of(enum differ_format format)
{
	return (struct differ_request){ .format = format, .context_count = 3, .width = 80 };
}
