// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-opa: ask an OPA server, and be able to do nothing else
 *
 * Started by run/opa.c with the descriptors of run/opa_wire.h. What it has to read, its own certificates and
 * keys, it reads first; before anything of a network reaches it, it gives up all files but those that names
 * are looked up with, all sockets but those of the server's kind, all TCP ports but the server's, and all
 * calls but a short list. It starts nothing, is traced by nobody, and ends when its asker does.
 *
 * It decides nothing: what the server said is handed over as it came, and taken apart elsewhere.
 *
 * Exit status: 0 nobody asks any more; 125 it could not begin, or was spoken to in a way that is not ours.
 */
#include "roles/opa/opa.h"

#include "base/fd.h"
#include "kern/confine.h"
#include "kern/file.h"
#include "kern/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

/* A sanitizer's shadow memory is larger than any limit that would mean something. */
#ifndef OPA_MEMORY_MAX_BYTES
#define OPA_MEMORY_MAX_BYTES (UINT64_C(1) << 30)
#endif

enum {
	ARENA_BYTES = 1 << 20,
	CPU_MAX_SEC = 3600,
	DNS_PORT = 53,
	EXIT_BROKEN = 125,
};

static const int calls[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_close, SYS_lseek,
	SYS_ftruncate, SYS_openat, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_fcntl, SYS_ioctl, SYS_socket,
	SYS_socketpair, SYS_connect, SYS_getsockname, SYS_getpeername, SYS_getsockopt, SYS_setsockopt,
	SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_sendmmsg, SYS_shutdown, SYS_ppoll, SYS_mmap,
	SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_futex, SYS_getrandom,
	SYS_clock_gettime, SYS_clock_nanosleep, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_gettid, SYS_getpid, SYS_tgkill, SYS_exit, SYS_exit_group, SYS_uname, SYS_pipe2, SYS_eventfd2,
#ifdef SYS_poll
	SYS_poll,
#endif
};

/* What a name is looked up with; a literal address and a socket need none of it. */
static int open_name_files(const struct opa_settings *settings, int fds[], size_t *ret_count)
{
	static const char *const paths[] = { CLIENT_NAME_FILES };

	*ret_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(paths) && settings->is_name; i++) {
		int fd = kern_open(AT_FDCWD, paths[i], O_PATH, 0);

		if (fd >= 0)
			fds[(*ret_count)++] = fd;
		else if (fd != -ENOENT)
			return fd;
	}
	return 0;
}

static int confine(const struct opa_settings *settings, struct error *err)
{
	static const char *const paths[] = { CLIENT_NAME_FILES };
	static const int net[] = { AF_INET, AF_INET6 }, local[] = { AF_UNIX };
	const uint16_t ports[] = { settings->port, DNS_PORT };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	int fds[ARRAY_SIZE(paths)], r = kern_sigaction(SIGPIPE, &ignore, NULL);
	struct kern_confine confine = {
		.read_fds = fds, .calls = calls, .call_count = ARRAY_SIZE(calls),
		.families = settings->socket ? local : net,
		.family_count = settings->socket ? ARRAY_SIZE(local) : ARRAY_SIZE(net), .ports = ports,
		.port_count = settings->socket ? 0 : settings->is_name ? 2 : 1,
		.memory_bytes = OPA_MEMORY_MAX_BYTES, .cpu_sec = CPU_MAX_SEC,
	};

	if (r >= 0)
		r = open_name_files(settings, fds, &confine.read_file_count);
	if (r < 0)
		return error_sys(err, r, "cannot confine this process");
	r = kern_confine(&confine, err);
	for (size_t i = 0; i < confine.read_file_count; i++)
		fd_close(fds[i]);
	return r;
}

static int read_settings(struct arena *arena, struct opa_settings *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(OPA_SETTINGS_MAX_BYTES);
	const struct json *value;
	int r = kern_read_all(OPA_FD_SETTINGS, &text);

	fd_close(OPA_FD_SETTINGS);
	if (r < 0)
		return error_sys(err, r, "reading the settings");
	r = json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &value, err);
	return r < 0 ? r : opa_settings_read(arena, value, ret, err);
}

/* ---- what is said ---- */

static int tell(const struct opa_told *told)
{
	return kern_sock_send(OPA_FD_SOCKET, told, sizeof(*told), NULL, 0);
}

static int tell_ready(enum opa_kind kind, const struct error *err)
{
	struct opa_told told = { .version = OPA_WIRE_VERSION, .kind = kind };

	if (kind != OPA_READY)
		opa_told_say(&told, err->text);
	return tell(&told);
}

/* ---- what is asked ---- */

static bool is_question(const struct opa_ask *ask, ssize_t len, size_t fd_count)
{
	if (len != (ssize_t)sizeof(*ask) || fd_count != 1 || ask->version != OPA_WIRE_VERSION ||
			!memchr(ask->name, '\0', sizeof(ask->name)))
		return false;
	for (const char *c = ask->name; *c; c++)
		if (*c < 'a' || *c > 'z')
			return false;
	return *ask->name;
}

/* Return: 1 answered, 0 nobody asks any more, or negative errno */
static int serve_one(struct client *client)
{
	struct pollfd something = { .fd = OPA_FD_SOCKET, .events = POLLIN };
	int fds[KERN_SOCK_FDS_MAX], r;
	struct opa_told told;
	struct opa_ask ask;
	size_t fd_count = 0;
	ssize_t len;

	while ((len = kern_sock_recv(OPA_FD_SOCKET, &ask, sizeof(ask), fds, &fd_count)) == -EAGAIN)
		(void)kern_ppoll(&something, 1, NULL);
	if (len <= 0)
		return (int)len;
	r = is_question(&ask, len, fd_count) ? 1 : -EBADMSG;
	if (r > 0) {
		client_ask(client, &ask, fds[0], OPA_FD_ANSWER, &told);
		r = tell(&told) < 0 ? -EPIPE : 1;
	}
	for (size_t i = 0; i < fd_count; i++)
		fd_close(fds[i]);
	return r;
}

int main(void)
{
	struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct opa_settings settings;
	struct client *client = NULL;
	enum opa_kind kind = OPA_FAILED;
	struct error err = ERROR_INIT;
	int r = read_settings(&arena, &settings, &err);

	if (r >= 0) {
		r = client_new(&settings, &client, &err);
		if (r == -EOPNOTSUPP)
			kind = OPA_ABSENT;
	}
	if (r >= 0)
		r = confine(&settings, &err);
	if (tell_ready(r < 0 ? kind : OPA_READY, &err) >= 0 && r >= 0)
		while ((r = serve_one(client)) > 0)
			;
	client_free(client);
	arena_fini(&arena);
	return r < 0 ? EXIT_BROKEN : 0;
}
