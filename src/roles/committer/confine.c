// SPDX-License-Identifier: Apache-2.0
/*
 * confine.c - the roots and what the session keeps; no network, no other program, no way out of here
 *
 * Files are Landlock's: everything may be done to them below the directories of the request, but to execute
 * one, and nothing anywhere else. Calls are a list of what is refused, not of what is allowed: what the C
 * library needs differs between its versions, and a call that it misses in the middle of a commit helps
 * nobody. What is listed would let bytes that we misread reach something else than files: sockets, programs,
 * other processes, mounts, the kernel's own machinery.
 *
 * A kernel that lacks a part of this commits nothing: the session that made the branch could not have run on
 * it either, so it is one that was booted since, and can be booted otherwise.
 */
#include "roles/committer/committer.h"

#include "base/macro.h"
#include "kern/confine.h"

#include <sys/syscall.h>

static const int refused[] = {
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

int committer_confine(const int *dirfds, size_t count, struct error *err)
{
	const struct kern_confine confine = {
		.write_dirfds = dirfds, .write_count = count, .calls = refused,
		.call_count = ARRAY_SIZE(refused), .calls_are = KERN_CONFINE_REFUSED,
		.memory_bytes = UINT64_MAX, .cpu_sec = UINT64_MAX,
	};

	return kern_confine(&confine, err);
}
