// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-gateway: reach what the rules allow, and be able to do nothing else
 *
 *	descriptor 3	the connection to the supervisor (run/gateway_wire.h)
 *
 * It is confined before it has heard a word: it opens no file and starts no program, its sockets are of the
 * internet's two families, and its calls are a short list. Everything that it needs of the host - the rules,
 * who looks names up, what addresses are the host's own - it is told. It ends with its supervisor.
 *
 * Exit status: 0 the supervisor is gone; 125 it could not begin, or was spoken to in a way that is not ours.
 */
#include "base/fd.h"
#include "kern/confine.h"
#include "roles/gateway/gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>

/* A sanitizer's shadow memory is larger than any limit that would mean something. */
#ifndef GATEWAY_MEMORY_MAX_BYTES
#define GATEWAY_MEMORY_MAX_BYTES (UINT64_C(1) << 30)
#endif

enum {
	EXIT_BROKEN = 125,
};

static const int calls[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_close, SYS_lseek, SYS_fstat, SYS_newfstatat,
	SYS_fcntl, SYS_dup3, SYS_socket, SYS_socketpair, SYS_connect, SYS_accept4, SYS_getsockname,
	SYS_getpeername, SYS_getsockopt, SYS_setsockopt, SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg,
	SYS_sendmmsg, SYS_recvmmsg, SYS_shutdown, SYS_splice, SYS_pipe2, SYS_epoll_create1, SYS_epoll_ctl,
	SYS_epoll_pwait2, SYS_ppoll, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk,
	SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_gettid, SYS_getpid, SYS_tgkill, SYS_exit, SYS_exit_group,
};

/* As many connections as the user may have descriptors for. */
static int raise_files(void)
{
	struct rlimit files;
	int r = kern_prlimit(0, RLIMIT_NOFILE, NULL, &files);

	if (r < 0)
		return r;
	files.rlim_cur = files.rlim_max;
	return kern_prlimit(0, RLIMIT_NOFILE, &files, NULL);
}

static int confine(struct error *err)
{
	static const int families[] = { AF_INET, AF_INET6 };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct kern_confine confine = {
		.calls = calls, .call_count = ARRAY_SIZE(calls), .families = families,
		.family_count = ARRAY_SIZE(families), .any_port = true,
		.memory_bytes = GATEWAY_MEMORY_MAX_BYTES, .cpu_sec = UINT64_MAX,
	};
	int r = kern_sigaction(SIGPIPE, &ignore, NULL);

	if (r >= 0)
		r = kern_fcntl(GATEWAY_FD_CHANNEL, F_SETFD, FD_CLOEXEC);
	if (r >= 0)
		r = kern_fcntl(GATEWAY_FD_CHANNEL, F_SETFL, O_NONBLOCK);
	if (r >= 0)
		r = raise_files();
	return r < 0 ? error_sys(err, r, "cannot confine this process") : kern_confine(&confine, err);
}

int main(void)
{
	static struct gateway gateway = { .arena = ARENA_INIT(GATEWAY_ARENA_BYTES), .spare_fd = -1 };
	struct error err = ERROR_INIT;
	int r = confine(&err);

	gateway_init(&gateway);
	if (r >= 0)
		r = loop_init(&gateway.loop);
	if (r >= 0)
		r = gateway.spare_fd = kern_fcntl(GATEWAY_FD_CHANNEL, F_DUPFD_CLOEXEC, 0);
	if (r >= 0)
		r = gateway_serve(&gateway, GATEWAY_FD_CHANNEL);
	if (r >= 0)
		r = loop_run(&gateway.loop);
	gateway_fini(&gateway);
	return r < 0 && r != -ECONNRESET ? EXIT_BROKEN : 0;
}
