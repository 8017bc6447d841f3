// SPDX-License-Identifier: Apache-2.0
/*
 * api.c - where a session's control API is reached: a port, a directory with files for clients, cordon-tls
 */
#include "run/api.h"

#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "kern/process.h"
#include "kern/sock.h"
#include "session/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

enum {
	BACKLOG = 128,
	DIR_MODE = 0700,
	START_MS = 10000,
	LOCK_STEP_MS = 20,
	LOCK_STEPS = 50,
	END_MS = 2000,
	NAME_SIZE = 16,			/* of an id, with its NUL */
	STALE_MAX = 256,		/* looked at in one go */
	NO_LIBRARY_CODE = 127,		/* of the dynamic linker */
};

int run_api_address_read(struct str text, uint16_t *ret_port, struct error *err)
{
	static const struct str host = STR("127.0.0.1:");
	uint64_t port;

	if (str_starts_with(text, host) && text.len > host.len && text.len <= host.len + 5 &&
			str_to_u64((struct str){ text.data + host.len, text.len - host.len }, UINT16_MAX,
				&port) >= 0) {
		*ret_port = (uint16_t)port;
		return 0;
	}
	error_set(err, -EINVAL, "'%s' is no address to listen at", quote_text(text).text);
	error_hint(err,
		"Write 127.0.0.1:PORT; port 0 takes any that is free. Nothing but this machine's loopback is served: "
		"the server's certificate is for 127.0.0.1 alone. From another machine, forward the port, as `ssh -L` does.");
	return -EINVAL;
}

/* ---- the directory ---- */

static int check_users_alone(int fd, const char *path, struct error *err)
{
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return error_sys(err, r, "'%s'", quote_cstr(path).text);
	if (st.st_uid == kern_geteuid() && !(st.st_mode & 077))
		return 0;
	error_set(err, -EPERM, "'%s' is not yours alone: keys would lie in it", quote_cstr(path).text);
	error_hint(err, "XDG_RUNTIME_DIR has to be a directory that is yours, with mode 0700.");
	return -EPERM;
}

static int open_runtime(const char *path, int *ret_fd, struct error *err)
{
	scoped(fd) int fd = -1;
	int r;

	if (!path || path[0] != '/') {
		error_set(err, -ENOENT,
			"there is no place for the keys of clients: XDG_RUNTIME_DIR is not set");
		error_hint(err,
			"Log in, so that there is one (/run/user/UID), or set it to a directory in memory that is yours alone.");
		return -ENOENT;
	}
	r = fd = kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	if (r < 0)
		return error_sys(err, r, "XDG_RUNTIME_DIR, '%s'", quote_cstr(path).text);
	r = check_users_alone(fd, path, err);
	if (r >= 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

static int make_dir(int parent_dirfd, const char *name, int *ret_fd)
{
	int r = kern_mkdirat(parent_dirfd, name, DIR_MODE);

	if (r < 0 && r != -EEXIST)
		return r;
	r = *ret_fd = kern_open(parent_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	return r;
}

/* Of one that is nobody's any more. */
static void remove_stale(int parent_dirfd, const char *name)
{
	scoped(fd) int fd = kern_open(parent_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

	if (fd >= 0 && kern_flock(fd, LOCK_EX | LOCK_NB) >= 0)
		(void)kern_remove_tree(parent_dirfd, name);
}

static void sweep(int parent_dirfd)
{
	scoped(fd) int fd = kern_open(parent_dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir_entry entry;
	char names[STALE_MAX][NAME_SIZE];
	struct kern_dir dir;
	size_t count = 0;

	kern_dir_init(&dir, fd);
	while (fd >= 0 && count < STALE_MAX && kern_dir_next(&dir, &entry) > 0)
		if (entry.name[0] != '.' && strlen(entry.name) < NAME_SIZE)
			(void)snprintf(names[count++], NAME_SIZE, "%s", entry.name);
	for (size_t i = 0; i < count; i++)
		remove_stale(parent_dirfd, names[i]);
}

void run_api_sweep(const char *runtime_dir)
{
	scoped(fd) int runtime_fd = -1, fd = -1;
	struct error err = ERROR_INIT;

	if (runtime_dir && open_runtime(runtime_dir, &runtime_fd, &err) >= 0)
		fd = kern_open(runtime_fd, "cordon", O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd >= 0 && check_users_alone(fd, runtime_dir, &err) >= 0)
		sweep(fd);
}

/* A cordon-tls whose command was killed takes a moment to take its files with it. */
static int lock(int fd)
{
	const struct timespec step = { .tv_nsec = LOCK_STEP_MS * NS_PER_MS };
	int r = kern_flock(fd, LOCK_EX | LOCK_NB);

	for (int i = 0; i < LOCK_STEPS && r == -EAGAIN; i++) {
		(void)kern_nanosleep(&step);
		r = kern_flock(fd, LOCK_EX | LOCK_NB);
	}
	return r;
}

/* Whoever held the lock may have removed what it was on: that is nobody's directory any more. */
static int make_own_dir(struct run_api *api)
{
	struct stat st = { 0 };
	int r;

	do {
		api->dirfd = fd_close(api->dirfd);
		r = make_dir(api->parent_dirfd, api->id, &api->dirfd);
		if (r >= 0)
			r = lock(api->dirfd);
		if (r >= 0)
			r = kern_fstat(api->dirfd, &st);
	} while (r >= 0 && !st.st_nlink);
	return r;
}

static int open_dir(struct run_api *api, const char *runtime_dir, struct error *err)
{
	scoped(fd) int runtime_fd = -1;
	int r = open_runtime(runtime_dir, &runtime_fd, err);

	if (r < 0)
		return r;
	r = make_dir(runtime_fd, "cordon", &api->parent_dirfd);
	if (r < 0)
		return error_sys(err, r, "making '%s/cordon'", quote_cstr(runtime_dir).text);
	r = check_users_alone(api->parent_dirfd, api->dir, err);
	if (r < 0)
		return r;
	sweep(api->parent_dirfd);
	r = make_own_dir(api);
	if (r >= 0)
		return 0;
	api->dirfd = fd_close(api->dirfd);
	if (r != -EAGAIN)
		return error_sys(err, r, "making '%s'", quote_cstr(api->dir).text);
	error_set(err, -EBUSY, "session '%s' has a control API already", api->id);
	error_hint(err, "Its files are in '%s'. End that `cordon control` first.", api->dir);
	return -EBUSY;
}

/* ---- the port ---- */

static int listen_at(struct run_api *api, uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	const int on = 1;
	int r = api->listener_fd = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	/* What an earlier one's connections left behind is in nobody's way; who listens is. */
	if (r >= 0)
		r = kern_setsockopt(api->listener_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (r >= 0)
		r = kern_bind(api->listener_fd, (const struct sockaddr *)&address, sizeof(address));
	if (r >= 0)
		r = kern_listen(api->listener_fd, BACKLOG);
	if (r >= 0)
		r = kern_getsockname(api->listener_fd, (struct sockaddr *)&address, &len);
	api->port = ntohs(address.sin_port);
	return r;
}

int run_api_open(struct run_api *api, struct arena *arena, const char *runtime_dir, const char *id,
	uint16_t port, struct error *err)
{
	int r;

	(void)snprintf(api->id, sizeof(api->id), "%s", id);
	api->dir = arena_printf(arena, "%s/cordon/%s", runtime_dir ? runtime_dir : "", id);
	if (!api->dir)
		return error_sys(err, -ENOMEM, "the files of clients");
	r = listen_at(api, port);
	if (r < 0) {
		error_sys(err, r, "listening at 127.0.0.1:%u", port);
		if (r == -EADDRINUSE)
			error_hint(err,
				"Somebody listens there. `--listen 127.0.0.1:0` takes a port that is free.");
		return r;
	}
	return open_dir(api, runtime_dir, err);
}

/* ---- cordon-tls ---- */

static int spawn(struct run_api *api, char *const *envp, int socket_fd, struct error *err)
{
	static char name[] = "cordon-tls";
	char *const argv[] = { name, NULL };
	scoped(fd) int program_fd = programs_open(name, err);
	const int fds[API_FD_COUNT] = { -1, -1, 2, socket_fd, api->listener_fd, api->dirfd };
	/* It outlives us for a moment, to take its files with it. */
	const struct kern_spawn spawn = { .program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds,
		.fd_count = ARRAY_SIZE(fds), .new_session = true, .in_root = true };
	pid_t pid;

	return program_fd < 0 ? program_fd : kern_spawn(&spawn, &pid, &api->pidfd, err);
}

/* Return: bytes, 0 at its end, or negative errno; @ret_fd: -1: none came */
static ssize_t receive(struct run_api *api, struct api_told *ret, int *ret_fd)
{
	char packet[sizeof(*ret) + 1];
	int fds[KERN_SOCK_FDS_MAX];
	size_t fd_count = 0;
	ssize_t n = kern_sock_recv(api->socket_fd, packet, sizeof(packet), fds, &fd_count);

	*ret_fd = fd_count ? fds[0] : -1;
	for (size_t i = 1; i < fd_count; i++)
		fd_close(fds[i]);
	if (n <= 0)
		return n;
	memcpy(ret, packet, sizeof(*ret));
	if (n == sizeof(*ret) && fd_count <= 1 && ret->version == API_WIRE_VERSION &&
			memchr(ret->text, '\0', sizeof(ret->text)))
		return n;
	*ret_fd = fd_close(*ret_fd);
	return -EPROTO;
}

static int say_gone(struct run_api *api, struct error *err)
{
	int code = kern_wait_pidfd(api->pidfd);

	api->pidfd = fd_close(api->pidfd);
	error_set(err, -EPROTO, "cordon-tls ended with code %d before it listened", code);
	if (code == NO_LIBRARY_CODE)
		error_hint(err, "Install OpenSSL 3 (Debian: libssl3); the rest of cordon does without.");
	return -EPROTO;
}

static int hear_ready(struct run_api *api, struct error *err)
{
	const uint64_t deadline_ns = kern_clock_monotonic_ns() + START_MS * NS_PER_MS;
	struct pollfd something = { .fd = api->socket_fd, .events = POLLIN };
	struct api_told told;
	ssize_t n;
	int fd;

	while ((n = receive(api, &told, &fd)) == -EAGAIN) {
		const struct timespec moment = { .tv_sec = 1 };

		if (kern_clock_monotonic_ns() > deadline_ns)
			return error_set(err, -EPROTO, "cordon-tls says nothing");
		(void)kern_ppoll(&something, 1, &moment);
	}
	fd_close(fd);
	if (n == 0 || n == -ECONNRESET)
		return say_gone(api, err);
	if (n > 0 && told.kind == API_READY)
		return 0;
	if (n < 0 || (told.kind != API_FAILED && told.kind != API_ABSENT))
		return error_set(err, -EPROTO, "cordon-tls said something unexpected");
	return error_set(err, told.kind == API_ABSENT ? -EOPNOTSUPP : -EPROTO, "%s",
		quote_cstr(told.text).text);
}

int run_api_start(struct run_api *api, char *const *envp, struct error *err)
{
	int pair[2], r = kern_sock_pair(pair);

	if (r < 0)
		return error_sys(err, r, "starting cordon-tls");
	api->socket_fd = pair[0];
	r = spawn(api, envp, pair[1], err);
	fd_close(pair[1]);
	return r < 0 ? r : hear_ready(api, err);
}

int run_api_hear(struct run_api *api, enum api_role *ret_role, int *ret_fd)
{
	struct api_told told;
	int fd;
	ssize_t n = receive(api, &told, &fd);

	if (n == 0)
		return -ECONNRESET;
	if (n < 0)
		return (int)n;
	if (told.kind != API_CLIENT || fd < 0 || (told.role != API_READER && told.role != API_OPERATOR)) {
		fd_close(fd);
		return -EPROTO;
	}
	*ret_role = (enum api_role)told.role;
	*ret_fd = fd;
	return 0;
}

void run_api_close(struct run_api *api)
{
	api->socket_fd = fd_close(api->socket_fd);
	api->listener_fd = fd_close(api->listener_fd);
	if (api->pidfd >= 0) {
		if (kern_poll_pidfd(api->pidfd, END_MS * NS_PER_MS) <= 0)
			(void)kern_pidfd_send_signal(api->pidfd, SIGKILL);
		(void)kern_wait_pidfd(api->pidfd);
	}
	api->pidfd = fd_close(api->pidfd);
	if (api->dirfd >= 0)
		(void)kern_remove_tree(api->parent_dirfd, api->id);
	api->dirfd = fd_close(api->dirfd);
	api->parent_dirfd = fd_close(api->parent_dirfd);
}
