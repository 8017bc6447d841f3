/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calls.h - every system call that cordon makes, one row each
 *
 * A row is X(return type, name, parameters, arguments, function that does it). From this one list come the
 * table that tests swap (struct kern_ops), the typed wrappers kern_NAME(), the real table, and the fault
 * table that fails the Nth call (tests/lib/kern_fault.c). A call that has no row cannot be made: only kern
 * includes the headers.
 *
 * Each wrapper returns what the call returns, or a negative errno; errno itself is never looked at above this
 * layer. The contract of a call is its manual page in section 2; rows are in the order of their facility.
 */
#pragma once

#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

struct mount_attr;
struct landlock_ruleset_attr;

#define KERN_CALLS_FILE(X) \
	X(int, openat2, (int dirfd, const char *path, const struct open_how *how), \
		(dirfd, path, how), raw_openat2) \
	X(ssize_t, read, (int fd, void *data, size_t len), (fd, data, len), read) \
	X(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len), write) \
	X(ssize_t, pread, (int fd, void *data, size_t len, off_t at), (fd, data, len, at), pread) \
	X(ssize_t, pwrite, (int fd, const void *data, size_t len, off_t at), (fd, data, len, at), pwrite) \
	X(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence), lseek) \
	X(int, fstat, (int fd, struct stat *ret), (fd, ret), fstat) \
	X(int, fstatat, (int dirfd, const char *path, struct stat *ret, int flags), \
		(dirfd, path, ret, flags), fstatat) \
	X(int, statx, (int dirfd, const char *path, int flags, unsigned mask, struct statx *ret), \
		(dirfd, path, flags, mask, ret), statx) \
	X(int, fstatfs, (int fd, struct statfs *ret), (fd, ret), fstatfs) \
	X(ssize_t, getdents64, (int fd, void *data, size_t len), (fd, data, len), getdents64) \
	X(ssize_t, readlinkat, (int dirfd, const char *path, char *ret, size_t len), \
		(dirfd, path, ret, len), readlinkat) \
	X(int, faccessat, (int dirfd, const char *path, int mode, int flags), \
		(dirfd, path, mode, flags), faccessat) \
	X(int, unlinkat, (int dirfd, const char *path, int flags), (dirfd, path, flags), unlinkat) \
	X(int, renameat2, (int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags), \
		(from_dirfd, from, to_dirfd, to, flags), renameat2) \
	X(int, linkat, (int from_dirfd, const char *from, int to_dirfd, const char *to, int flags), \
		(from_dirfd, from, to_dirfd, to, flags), linkat) \
	X(int, symlinkat, (const char *target, int dirfd, const char *path), \
		(target, dirfd, path), symlinkat) \
	X(int, mkdirat, (int dirfd, const char *path, mode_t mode), (dirfd, path, mode), mkdirat) \
	X(int, mknodat, (int dirfd, const char *path, mode_t mode, dev_t dev), \
		(dirfd, path, mode, dev), mknodat) \
	X(int, fchmod, (int fd, mode_t mode), (fd, mode), fchmod) \
	X(int, fchmodat, (int dirfd, const char *path, mode_t mode), (dirfd, path, mode), raw_fchmodat) \
	X(int, fchownat, (int dirfd, const char *path, uid_t uid, gid_t gid, int flags), \
		(dirfd, path, uid, gid, flags), fchownat) \
	X(int, utimensat, (int dirfd, const char *path, const struct timespec times[2], int flags), \
		(dirfd, path, times, flags), utimensat) \
	X(int, ftruncate, (int fd, off_t len), (fd, len), ftruncate) \
	X(int, fallocate, (int fd, int mode, off_t at, off_t len), (fd, mode, at, len), fallocate) \
	X(int, fsync, (int fd), (fd), fsync) \
	X(int, fdatasync, (int fd), (fd), fdatasync) \
	X(int, syncfs, (int fd), (fd), syncfs) \
	X(ssize_t, copy_file_range, (int from, off_t *from_at, int to, off_t *to_at, size_t len), \
		(from, from_at, to, to_at, len), raw_copy_file_range) \
	X(int, reflink, (int to, int from), (to, from), raw_reflink) \
	X(int, flock, (int fd, int operation), (fd, operation), raw_flock) \
	X(ssize_t, splice, (int from, int to, size_t len, unsigned flags), \
		(from, to, len, flags), raw_splice) \
	X(int, memfd_create, (const char *name, unsigned flags), (name, flags), memfd_create) \
	X(int, pipe2, (int ret_fds[2], int flags), (ret_fds, flags), pipe2) \
	X(int, dup3, (int from, int to, int flags), (from, to, flags), dup3) \
	X(int, fcntl, (int fd, int command, long arg), (fd, command, arg), fcntl) \
	X(int, chdir, (const char *path), (path), chdir) \
	X(int, fchdir, (int fd), (fd), fchdir) \
	X(ssize_t, fgetxattr, (int fd, const char *name, void *ret, size_t len), \
		(fd, name, ret, len), raw_fgetxattr) \
	X(ssize_t, flistxattr, (int fd, char *ret, size_t len), (fd, ret, len), raw_flistxattr) \
	X(int, fsetxattr, (int fd, const char *name, const void *value, size_t len, int flags), \
		(fd, name, value, len, flags), raw_fsetxattr) \
	X(int, fremovexattr, (int fd, const char *name), (fd, name), raw_fremovexattr) \
	X(ssize_t, lgetxattr, (const char *path, const char *name, void *ret, size_t len), \
		(path, name, ret, len), raw_lgetxattr) \
	X(ssize_t, llistxattr, (const char *path, char *ret, size_t len), (path, ret, len), raw_llistxattr) \
	X(int, lsetxattr, (const char *path, const char *name, const void *value, size_t len, int flags), \
		(path, name, value, len, flags), raw_lsetxattr) \
	X(int, lremovexattr, (const char *path, const char *name), (path, name), raw_lremovexattr) \
	X(ssize_t, listxattrat, (int dirfd, const char *path, unsigned flags, char *ret, size_t len), \
		(dirfd, path, flags, ret, len), raw_listxattrat) \
	X(int, removexattrat, (int dirfd, const char *path, unsigned flags, const char *name), \
		(dirfd, path, flags, name), raw_removexattrat)

#define KERN_CALLS_MOUNT(X) \
	X(int, fsopen, (const char *type, unsigned flags), (type, flags), raw_fsopen) \
	X(int, fsconfig, (int fd, unsigned command, const char *key, const void *value, int aux), \
		(fd, command, key, value, aux), raw_fsconfig) \
	X(int, fsmount, (int fd, unsigned flags, unsigned attr), (fd, flags, attr), raw_fsmount) \
	X(int, open_tree, (int dirfd, const char *path, unsigned flags), \
		(dirfd, path, flags), raw_open_tree) \
	X(int, move_mount, (int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags), \
		(from_dirfd, from, to_dirfd, to, flags), raw_move_mount) \
	X(int, mount_setattr, (int dirfd, const char *path, unsigned flags, struct mount_attr *attr, \
			size_t size), \
		(dirfd, path, flags, attr, size), raw_mount_setattr) \
	X(int, mount, (const char *source, const char *target, const char *type, unsigned long flags, \
			const void *data), \
		(source, target, type, flags, data), raw_mount) \
	X(int, umount2, (const char *target, int flags), (target, flags), raw_umount2) \
	X(int, pivot_root, (const char *new_root, const char *put_old), (new_root, put_old), raw_pivot_root)

#define KERN_CALLS_PROCESS(X) \
	X(pid_t, fork, (void), (), fork) \
	X(pid_t, clone3, (struct clone_args *args), (args), raw_clone3) \
	X(int, execveat, (int dirfd, const char *path, char *const argv[], char *const envp[], int flags), \
		(dirfd, path, argv, envp, flags), execveat) \
	X(int, waitid, (idtype_t type, id_t id, siginfo_t *ret, int options), \
		(type, id, ret, options), waitid) \
	X(ssize_t, process_vm_read, (pid_t pid, uint64_t address, void *ret, size_t len), \
		(pid, address, ret, len), raw_process_vm_read) \
	X(int, kill, (pid_t pid, int signal), (pid, signal), kill) \
	X(int, pidfd_open, (pid_t pid, unsigned flags), (pid, flags), raw_pidfd_open) \
	X(int, pidfd_send_signal, (int pidfd, int signal), (pidfd, signal), raw_pidfd_send_signal) \
	X(int, pidfd_getfd, (int pidfd, int fd), (pidfd, fd), raw_pidfd_getfd) \
	X(int, unshare, (int flags), (flags), unshare) \
	X(int, setns, (int fd, int flags), (fd, flags), setns) \
	X(pid_t, setsid, (void), (), setsid) \
	X(pid_t, getsid, (pid_t pid), (pid), getsid) \
	X(int, setpgid, (pid_t pid, pid_t group), (pid, group), setpgid) \
	X(pid_t, getpgid, (pid_t pid), (pid), getpgid) \
	X(pid_t, getpid, (void), (), getpid) \
	X(pid_t, getppid, (void), (), getppid) \
	X(uid_t, getuid, (void), (), raw_getuid) \
	X(uid_t, geteuid, (void), (), raw_geteuid) \
	X(gid_t, getgid, (void), (), raw_getgid) \
	X(gid_t, getegid, (void), (), raw_getegid) \
	X(int, setresuid, (uid_t real, uid_t effective, uid_t saved), (real, effective, saved), setresuid) \
	X(int, setresgid, (gid_t real, gid_t effective, gid_t saved), (real, effective, saved), setresgid) \
	X(int, getgroups, (int count, gid_t *ret), (count, ret), getgroups) \
	X(int, setgroups, (size_t count, const gid_t *groups), (count, groups), raw_setgroups) \
	X(mode_t, umask, (mode_t mask), (mask), umask) \
	X(int, prctl, (int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d), \
		(option, a, b, c, d), prctl) \
	X(int, capset, (uint64_t effective, uint64_t permitted, uint64_t inheritable), \
		(effective, permitted, inheritable), raw_capset) \
	X(int, prlimit, (pid_t pid, int resource, const struct rlimit *set, struct rlimit *ret), \
		(pid, resource, set, ret), raw_prlimit) \
	X(int, getrusage, (int who, struct rusage *ret), (who, ret), raw_getrusage) \
	X(int, sched_getaffinity, (pid_t pid, cpu_set_t *ret), (pid, ret), raw_sched_getaffinity) \
	X(int, sched_setaffinity, (pid_t pid, const cpu_set_t *set), (pid, set), raw_sched_setaffinity) \
	X(int, close_range, (unsigned first, unsigned last, unsigned flags), \
		(first, last, flags), raw_close_range) \
	X(int, sethostname, (const char *name, size_t len), (name, len), raw_sethostname) \
	X(int, keyctl_join, (const char *name), (name), raw_keyctl_join) \
	X(int, sigprocmask, (int how, const sigset_t *set, sigset_t *ret), (how, set, ret), raw_sigprocmask) \
	X(int, sigaction, (int signal, const struct sigaction *set, struct sigaction *ret), \
		(signal, set, ret), raw_sigaction)

#define KERN_CALLS_CAGE(X) \
	X(int, landlock_create_ruleset, (const void *attr, size_t size, unsigned flags), \
		(attr, size, flags), raw_landlock_create_ruleset) \
	X(int, landlock_add_rule, (int fd, int type, const void *attr), \
		(fd, type, attr), raw_landlock_add_rule) \
	X(int, landlock_restrict_self, (int fd, unsigned flags), (fd, flags), raw_landlock_restrict_self) \
	X(int, seccomp, (unsigned operation, unsigned flags, void *arg), \
		(operation, flags, arg), raw_seccomp) \
	X(int, ioctl, (int fd, unsigned long request, void *arg), (fd, request, arg), raw_ioctl)

#define KERN_CALLS_SOCK(X) \
	X(int, socket, (int family, int type, int protocol), (family, type, protocol), socket) \
	X(int, socketpair, (int family, int type, int protocol, int ret_fds[2]), \
		(family, type, protocol, ret_fds), socketpair) \
	X(int, bind, (int fd, const struct sockaddr *address, socklen_t len), (fd, address, len), bind) \
	X(int, listen, (int fd, int backlog), (fd, backlog), listen) \
	X(int, accept4, (int fd, int flags), (fd, flags), raw_accept4) \
	X(int, connect, (int fd, const struct sockaddr *address, socklen_t len), \
		(fd, address, len), connect) \
	X(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), \
		(fd, message, flags), sendmsg) \
	X(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags), recvmsg) \
	X(int, sendmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags), \
		(fd, messages, count, flags), sendmmsg) \
	X(int, recvmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags, \
		struct timespec *timeout), (fd, messages, count, flags, timeout), recvmmsg) \
	X(int, getsockopt, (int fd, int level, int option, void *ret, socklen_t *len), \
		(fd, level, option, ret, len), getsockopt) \
	X(int, setsockopt, (int fd, int level, int option, const void *value, socklen_t len), \
		(fd, level, option, value, len), setsockopt) \
	X(int, getsockname, (int fd, struct sockaddr *ret, socklen_t *len), (fd, ret, len), getsockname) \
	X(int, getpeername, (int fd, struct sockaddr *ret, socklen_t *len), (fd, ret, len), getpeername) \
	X(int, shutdown, (int fd, int how), (fd, how), shutdown)

#define KERN_CALLS_EVENT(X) \
	X(int, epoll_create1, (int flags), (flags), epoll_create1) \
	X(int, epoll_ctl, (int epfd, int operation, int fd, struct epoll_event *event), \
		(epfd, operation, fd, event), epoll_ctl) \
	X(int, epoll_pwait2, (int epfd, struct epoll_event *ret, int count, const struct timespec *timeout), \
		(epfd, ret, count, timeout), raw_epoll_pwait2) \
	X(int, ppoll, (struct pollfd *fds, unsigned count, const struct timespec *timeout), \
		(fds, count, timeout), raw_ppoll) \
	X(int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags), signalfd) \
	X(int, inotify_init1, (int flags), (flags), inotify_init1) \
	X(int, inotify_add_watch, (int fd, const char *path, uint32_t events), \
		(fd, path, events), inotify_add_watch) \
	X(int, clock_gettime, (clockid_t clock, struct timespec *ret), (clock, ret), clock_gettime) \
	X(int, nanosleep, (const struct timespec *duration), (duration), raw_nanosleep) \
	X(ssize_t, getrandom, (void *ret, size_t len, unsigned flags), (ret, len, flags), raw_getrandom)

#define KERN_CALLS_TTY(X) \
	X(int, tcgetattr, (int fd, struct termios *ret), (fd, ret), tcgetattr) \
	X(int, tcsetattr, (int fd, int when, const struct termios *set), (fd, when, set), tcsetattr) \
	X(pid_t, tcgetpgrp, (int fd), (fd), tcgetpgrp) \
	X(int, tcsetpgrp, (int fd, pid_t group), (fd, group), tcsetpgrp) \
	X(int, isatty, (int fd), (fd), raw_isatty)

#define KERN_CALLS(X) \
	KERN_CALLS_FILE(X) KERN_CALLS_MOUNT(X) KERN_CALLS_PROCESS(X) KERN_CALLS_CAGE(X) KERN_CALLS_SOCK(X) \
	KERN_CALLS_EVENT(X) KERN_CALLS_TTY(X)
