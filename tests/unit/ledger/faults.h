/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.h - the kernel that dies, or says no, at the Nth call
 *
 * Crash: every call that changes a file is counted; the Nth does not happen, or happens by half where it
 * writes, and neither does any behind it, as if the process had been killed there. Failure: every call of
 * ledger's is counted; the Nth alone answers EIO.
 */
#pragma once

#include "kern/kern.h"
#include "lib/test.h"

#include <errno.h>

static struct {
	int calls;			/* seen so far */
	int at;				/* the call that is hit, from 0; -1: none */
	bool half;			/* a crash in the middle of a write */
	bool crashing;			/* a crash, not one failure */
} fault = { .at = -1 };

/* Returns whether this call goes through; a write that is hit may go through by half. */
UNUSED static bool fault_passes(size_t *len)
{
	int call = fault.calls++;

	if (fault.at < 0 || call < fault.at || (!fault.crashing && call > fault.at))
		return true;
	if (len)
		*len = fault.crashing && fault.half && call == fault.at ? *len / 2 : 0;
	return len && *len;
}

static ssize_t faulty_write(int fd, const void *data, size_t len)
{
	return fault_passes(&len) ? kern_ops_real.write(fd, data, len) : -EIO;
}

static ssize_t faulty_pwrite(int fd, const void *data, size_t len, off_t at)
{
	return fault_passes(&len) ? kern_ops_real.pwrite(fd, data, len, at) : -EIO;
}

static int faulty_ftruncate(int fd, off_t len)
{
	return fault_passes(NULL) ? kern_ops_real.ftruncate(fd, len) : -EIO;
}

static int faulty_openat2(int dirfd, const char *path, const struct open_how *how)
{
	return fault_passes(NULL) ? kern_ops_real.openat2(dirfd, path, how) : -EIO;
}

static int faulty_fdatasync(int fd)
{
	return fault_passes(NULL) ? kern_ops_real.fdatasync(fd) : -EIO;
}

static int faulty_fsync(int fd)
{
	return fault_passes(NULL) ? kern_ops_real.fsync(fd) : -EIO;
}

static int faulty_mkdirat(int dirfd, const char *path, mode_t mode)
{
	return fault_passes(NULL) ? kern_ops_real.mkdirat(dirfd, path, mode) : -EIO;
}

/* Calls that only look; a crash does not count them. */
static ssize_t faulty_pread(int fd, void *data, size_t len, off_t at)
{
	return fault_passes(NULL) ? kern_ops_real.pread(fd, data, len, at) : -EIO;
}

static int faulty_fstat(int fd, struct stat *ret)
{
	return fault_passes(NULL) ? kern_ops_real.fstat(fd, ret) : -EIO;
}

static int faulty_flock(int fd, int operation)
{
	return fault_passes(NULL) ? kern_ops_real.flock(fd, operation) : -EIO;
}

static int faulty_fcntl(int fd, int command, long arg)
{
	return fault_passes(NULL) ? kern_ops_real.fcntl(fd, command, arg) : -EIO;
}

static ssize_t faulty_getdents64(int fd, void *data, size_t len)
{
	return fault_passes(NULL) ? kern_ops_real.getdents64(fd, data, len) : -EIO;
}

UNUSED static void fault_crash_at(int at, bool half)
{
	fault.calls = 0;
	fault.at = at;
	fault.half = half;
	fault.crashing = true;
	kern_ops.write = faulty_write;
	kern_ops.pwrite = faulty_pwrite;
	kern_ops.ftruncate = faulty_ftruncate;
	kern_ops.openat2 = faulty_openat2;
	kern_ops.fdatasync = faulty_fdatasync;
	kern_ops.fsync = faulty_fsync;
	kern_ops.mkdirat = faulty_mkdirat;
}

UNUSED static void fault_fail_at(int at)
{
	fault_crash_at(at, false);
	fault.crashing = false;
	kern_ops.pread = faulty_pread;
	kern_ops.fstat = faulty_fstat;
	kern_ops.flock = faulty_flock;
	kern_ops.fcntl = faulty_fcntl;
	kern_ops.getdents64 = faulty_getdents64;
}

/* Returns how many calls were seen. */
UNUSED static int fault_end(void)
{
	kern_ops = kern_ops_real;
	fault.at = -1;
	return fault.calls;
}
