// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-tls: let in who has a certificate, and be able to do nothing else
 *
 * Started by `cordon control` with the descriptors of run/api_wire.h. It makes the certificates and writes
 * the files of the clients first; before anything of a network reaches it, it gives up every file but those
 * in its directory, which it removes at its end, makes no socket but pairs, connects to nothing, and starts
 * nothing. It ends with who started it, however that ended.
 *
 * Exit status: 0 nobody is there any more; 125 it could not begin.
 */
#include "roles/tls/tls.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/confine.h"
#include "kern/file.h"
#include "kern/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

/* A sanitizer's shadow memory is larger than any limit that would mean something. */
#ifndef TLS_MEMORY_MAX_BYTES
#define TLS_MEMORY_MAX_BYTES (UINT64_C(1) << 30)
#endif

enum {
	EXIT_BROKEN = 125,
	ACCEPTED_AT_ONCE = 16,
};

static const int calls[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_close, SYS_lseek, SYS_fstat, SYS_newfstatat,
	SYS_fcntl, SYS_socketpair, SYS_accept4, SYS_getsockname, SYS_getpeername, SYS_getsockopt,
	SYS_setsockopt, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_shutdown, SYS_unlinkat,
	SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait2, SYS_ppoll, SYS_mmap, SYS_munmap, SYS_mremap,
	SYS_mprotect, SYS_madvise, SYS_brk, SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_rt_sigaction,
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_gettid, SYS_getpid, SYS_tgkill, SYS_exit, SYS_exit_group,
};

static int confine(struct error *err)
{
	static const int families[] = { AF_UNIX };
	static const int dirfds[] = { API_FD_DIR };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct kern_confine confine = {
		.write_dirfds = dirfds, .write_count = ARRAY_SIZE(dirfds), .calls = calls,
		.call_count = ARRAY_SIZE(calls), .families = families, .family_count = ARRAY_SIZE(families),
		.memory_bytes = TLS_MEMORY_MAX_BYTES, .cpu_sec = UINT64_MAX,
	};
	int r = kern_sigaction(SIGPIPE, &ignore, NULL);

	for (int fd = API_FD_SOCKET; fd < API_FD_COUNT && r >= 0; fd++)
		r = kern_fcntl(fd, F_SETFD, FD_CLOEXEC);
	return r < 0 ? error_sys(err, r, "cannot confine this process") : kern_confine(&confine, err);
}

static int make(struct tls *tls, struct error *err)
{
	unsigned char seed[CERTIFICATES_SEED_BYTES];
	struct certificates *certificates = NULL;
	int r;

	if (kern_getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return error_sys(err, -EIO, "random numbers");
	r = certificates_new(seed, (int64_t)(kern_clock_real_ns() / NS_PER_SEC), &certificates, err);
	if (r >= 0)
		r = endpoint_new(certificates, &tls->endpoint, err);
	if (r >= 0)
		r = certificates_save(certificates, API_FD_DIR, err);
	certificates_free(certificates);
	return r;
}

static int tell_ready(int r, const struct error *err)
{
	struct api_told told = {
		.version = API_WIRE_VERSION,
		.kind = r == -EOPNOTSUPP ? API_ABSENT : r < 0 ? API_FAILED : API_READY,
	};

	if (r < 0)
		(void)snprintf(told.text, sizeof(told.text), "%.240s", err->text);
	return kern_sock_send(API_FD_SOCKET, &told, sizeof(told), NULL, 0);
}

static void asker_spoke(struct loop_io *io, UNUSED uint32_t events)
{
	/* There is nothing that it could say but that it is gone. */
	loop_stop(io->loop, 0);
}

static void somebody_came(struct loop_io *io, UNUSED uint32_t events)
{
	struct tls *tls = CONTAINER_OF(io, struct tls, listener);

	for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
		int fd = kern_accept4(API_FD_LISTENER, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return;
		link_new(tls, fd);
	}
}

static int serve(struct tls *tls)
{
	int r = loop_init(&tls->loop);

	if (r >= 0)
		r = loop_add_io(&tls->loop, &tls->asker, API_FD_SOCKET, EPOLLIN, asker_spoke);
	if (r >= 0)
		r = loop_add_io(&tls->loop, &tls->listener, API_FD_LISTENER, EPOLLIN, somebody_came);
	if (r >= 0)
		r = loop_run(&tls->loop);
	return r;
}

static void remove_files(void)
{
	static const char *const names[] = { API_FILES };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)kern_unlinkat(API_FD_DIR, names[i], 0);
}

int main(void)
{
	static struct tls tls;
	struct error err = ERROR_INIT;
	int r;

	list_init(&tls.links);
	r = make(&tls, &err);
	if (r >= 0)
		r = confine(&err);
	if (tell_ready(r, &err) >= 0 && r >= 0)
		r = serve(&tls);
	remove_files();
	links_free(&tls);
	endpoint_free(tls.endpoint);
	loop_fini(&tls.loop);
	return r < 0 ? EXIT_BROKEN : 0;
}
