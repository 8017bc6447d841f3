// SPDX-License-Identifier: Apache-2.0
/*
 * kern.c - the real table
 *
 * Each row of calls.h becomes real_NAME(), which turns the C library's -1 and errno into a negative errno.
 * The raw_* functions stand here where the C library has no wrapper, a wrapper of another shape, or one that
 * does more than the call.
 */
#include "kern/kern.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Since Linux 6.13, with these numbers on every machine; Debian 12's headers are older. */
#ifndef SYS_listxattrat
#define SYS_listxattrat 465
#define SYS_removexattrat 466
#endif

static int raw_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, sizeof(*how));
}

/*
 * The C library's fchmodat emulates AT_SYMLINK_NOFOLLOW; ours has no flags, as the call had none for 15
 * years.
 */
static int raw_fchmodat(int dirfd, const char *path, mode_t mode)
{
	return (int)syscall(SYS_fchmodat, dirfd, path, mode);
}

static ssize_t raw_copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t len)
{
	return copy_file_range(from, from_at, to, to_at, len, 0);
}

static int raw_reflink(int to, int from)
{
	return ioctl(to, FICLONE, from);
}

static int raw_flock(int fd, int operation)
{
	return flock(fd, operation);
}

static ssize_t raw_splice(int from, int to, size_t len, unsigned flags)
{
	return splice(from, NULL, to, NULL, len, flags);
}

static ssize_t raw_fgetxattr(int fd, const char *name, void *ret, size_t len)
{
	return fgetxattr(fd, name, ret, len);
}

static ssize_t raw_flistxattr(int fd, char *ret, size_t len)
{
	return flistxattr(fd, ret, len);
}

static int raw_fsetxattr(int fd, const char *name, const void *value, size_t len, int flags)
{
	return fsetxattr(fd, name, value, len, flags);
}

static int raw_fremovexattr(int fd, const char *name)
{
	return fremovexattr(fd, name);
}

static ssize_t raw_lgetxattr(const char *path, const char *name, void *ret, size_t len)
{
	return lgetxattr(path, name, ret, len);
}

static ssize_t raw_llistxattr(const char *path, char *ret, size_t len)
{
	return llistxattr(path, ret, len);
}

static int raw_lsetxattr(const char *path, const char *name, const void *value, size_t len, int flags)
{
	return lsetxattr(path, name, value, len, flags);
}

static int raw_lremovexattr(const char *path, const char *name)
{
	return lremovexattr(path, name);
}

static ssize_t raw_listxattrat(int dirfd, const char *path, unsigned flags, char *ret, size_t len)
{
	return syscall(SYS_listxattrat, dirfd, path, flags, ret, len);
}

static int raw_removexattrat(int dirfd, const char *path, unsigned flags, const char *name)
{
	return (int)syscall(SYS_removexattrat, dirfd, path, flags, name);
}

static int raw_fsopen(const char *type, unsigned flags)
{
	return (int)syscall(SYS_fsopen, type, flags);
}

static int raw_fsconfig(int fd, unsigned command, const char *key, const void *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, command, key, value, aux);
}

static int raw_fsmount(int fd, unsigned flags, unsigned attr)
{
	return (int)syscall(SYS_fsmount, fd, flags, attr);
}

static int raw_open_tree(int dirfd, const char *path, unsigned flags)
{
	return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

static int raw_move_mount(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
	return (int)syscall(SYS_move_mount, from_dirfd, from, to_dirfd, to, flags);
}

static int raw_mount_setattr(int dirfd, const char *path, unsigned flags, struct mount_attr *attr,
	size_t size)
{
	return (int)syscall(SYS_mount_setattr, dirfd, path, flags, attr, size);
}

static int raw_mount(const char *source, const char *target, const char *type, unsigned long flags,
	const void *data)
{
	return (int)syscall(SYS_mount, source, target, type, flags, data);
}

static int raw_umount2(const char *target, int flags)
{
	return (int)syscall(SYS_umount2, target, flags);
}

static int raw_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static pid_t raw_clone3(struct clone_args *args)
{
	return (pid_t)syscall(SYS_clone3, args, sizeof(*args));
}

static int raw_pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

static int raw_pidfd_send_signal(int pidfd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

static int raw_pidfd_getfd(int pidfd, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

static ssize_t raw_process_vm_read(pid_t pid, uint64_t address, void *ret, size_t len)
{
	struct iovec local = { .iov_base = ret, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = len };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

/*
 * An id is never negative as a call's result, but the type is unsigned: the wrapper's "r < 0" is then never
 * true.
 */
static uid_t raw_getuid(void)
{
	return getuid();
}

static uid_t raw_geteuid(void)
{
	return geteuid();
}

static gid_t raw_getgid(void)
{
	return getgid();
}

static gid_t raw_getegid(void)
{
	return getegid();
}

static int raw_setgroups(size_t count, const gid_t *groups)
{
	return setgroups(count, groups);
}

static int raw_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

static int raw_prlimit(pid_t pid, int resource, const struct rlimit *set, struct rlimit *ret)
{
	return (int)syscall(SYS_prlimit64, pid, resource, set, ret);
}

static int raw_getrusage(int who, struct rusage *ret)
{
	return (int)syscall(SYS_getrusage, who, ret);
}

static int raw_sched_getaffinity(pid_t pid, cpu_set_t *ret)
{
	return sched_getaffinity(pid, sizeof(*ret), ret);
}

static int raw_sched_setaffinity(pid_t pid, const cpu_set_t *set)
{
	return sched_setaffinity(pid, sizeof(*set), set);
}

static int raw_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

static int raw_sethostname(const char *name, size_t len)
{
	return sethostname(name, len);
}

static int raw_keyctl_join(const char *name)
{
	return (int)syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
}

static int raw_sigprocmask(int how, const sigset_t *set, sigset_t *ret)
{
	return sigprocmask(how, set, ret);
}

static int raw_sigaction(int signal, const struct sigaction *set, struct sigaction *ret)
{
	return sigaction(signal, set, ret);
}

static int raw_landlock_create_ruleset(const void *attr, size_t size, unsigned flags)
{
	return (int)syscall(SYS_landlock_create_ruleset, attr, size, flags);
}

static int raw_landlock_add_rule(int fd, int type, const void *attr)
{
	return (int)syscall(SYS_landlock_add_rule, fd, type, attr, 0);
}

static int raw_landlock_restrict_self(int fd, unsigned flags)
{
	return (int)syscall(SYS_landlock_restrict_self, fd, flags);
}

static int raw_seccomp(unsigned operation, unsigned flags, void *arg)
{
	return (int)syscall(SYS_seccomp, operation, flags, arg);
}

static int raw_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

static int raw_accept4(int fd, int flags)
{
	return accept4(fd, NULL, NULL, flags);
}

static int raw_epoll_pwait2(int epfd, struct epoll_event *ret, int count, const struct timespec *timeout)
{
	return epoll_pwait2(epfd, ret, count, timeout, NULL);
}

static int raw_ppoll(struct pollfd *fds, unsigned count, const struct timespec *timeout)
{
	return ppoll(fds, count, timeout, NULL);
}

static int raw_nanosleep(const struct timespec *duration)
{
	return nanosleep(duration, NULL);
}

static ssize_t raw_getrandom(void *ret, size_t len, unsigned flags)
{
	return getrandom(ret, len, flags);
}

static int raw_isatty(int fd)
{
	return isatty(fd) ? 1 : -1;
}

#define KERN_REAL(type, name, parameters, arguments, function) \
	static type real_##name parameters \
	{ \
		type r = function arguments; \
		return r == (type)-1 ? (type)-errno : r; \
	}
KERN_CALLS(KERN_REAL)
#undef KERN_REAL

#define KERN_ENTRY(type, name, parameters, arguments, function) .name = real_##name,
const struct kern_ops kern_ops_real = { KERN_CALLS(KERN_ENTRY) };
struct kern_ops kern_ops = { KERN_CALLS(KERN_ENTRY) };
#undef KERN_ENTRY
