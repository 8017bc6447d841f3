// SPDX-License-Identifier: Apache-2.0
/*
 * filter.c - seccomp: no network, no other program, no way out of here
 *
 * A list of what is refused, not of what is allowed: what the C library needs differs between its versions,
 * and a call that it misses in the middle of a commit helps nobody. What is listed would let bytes that we
 * misread reach something else than files: sockets, programs, other processes, mounts, the kernel's own
 * machinery. Files themselves are Landlock's.
 *
 * Source: seccomp(2), Linux Documentation/userspace-api/seccomp_filter.rst
 */
#include "roles/committer/committer.h"

#include "base/macro.h"
#include "kern/kern.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the committer's filter knows no such machine yet"
#endif

enum {
	X32_BIT = 0x40000000,		/* of x86-64's second table of calls */
};

static const uint32_t refused[] = {
	SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto,
	SYS_sendmsg, SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev,
	SYS_pidfd_getfd, SYS_kcmp, SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
	SYS_open_tree, SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr,
	SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_io_uring_enter,
	SYS_io_uring_register, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_open_by_handle_at,
	SYS_name_to_handle_at, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_kexec_load,
	SYS_kexec_file_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_setuid,
	SYS_setgid, SYS_setresuid, SYS_setresgid, SYS_setgroups, SYS_personality, SYS_fanotify_init,
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, (value))

int confine_calls(struct error *err)
{
	struct sock_filter code[ARRAY_SIZE(refused) * 2 + 8];
	struct sock_fprog program = { .filter = code };
	unsigned short count = 0;
	int r;

	code[count++] = (struct sock_filter)LOAD(arch);
	code[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0);
	code[count++] = (struct sock_filter)ANSWER(SECCOMP_RET_KILL_PROCESS);
	code[count++] = (struct sock_filter)LOAD(nr);
	code[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
	code[count++] = (struct sock_filter)ANSWER(SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		code[count++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, refused[i], 0, 1);
		code[count++] = (struct sock_filter)ANSWER(SECCOMP_RET_ERRNO | EPERM);
	}
	code[count++] = (struct sock_filter)ANSWER(SECCOMP_RET_ALLOW);
	program.len = count;
	r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r >= 0)
		r = kern_seccomp(SECCOMP_SET_MODE_FILTER, 0, &program);
	return r < 0 ? error_sys(err, r, "the committer cannot confine itself with seccomp") : 0;
}
