// SPDX-License-Identifier: Apache-2.0
/*
 * file.c - files, opened and copied with care
 *
 * Invariant: every descriptor made here is close-on-exec. Nothing here decides anything; it only refuses to
 * be led astray.
 */
#include "kern/file.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/time.h"
#include "kern/dir.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	LINK_PATH_SIZE = 32,
	AGAIN_MAX = 64,			/* openat2 answers EAGAIN while somebody renames in the path */
	COPY_CHUNK_BYTES = 1 << 18,
	COPY_RANGE_BYTES = 1 << 24,	/* a slow disk takes less than a second for it */
	READ_FIRST_BYTES = 1 << 14,	/* most of our files fit, without a mapping of their own */
	READ_STEP_BYTES = 1 << 16,
};

int kern_open(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.mode = flags & (O_CREAT | O_TMPFILE) & ~O_DIRECTORY ? mode : 0,
	};

	return kern_openat2(dirfd, path, &how);
}

int kern_open_plain(const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};

	return kern_openat2(AT_FDCWD, path, &how);
}

int kern_open_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	int r = -EAGAIN;

	/*
	 * O_PATH | O_NOFOLLOW may name a link itself, which RESOLVE_NO_SYMLINKS allows for the last
	 * component.
	 */
	for (int i = 0; i < AGAIN_MAX && r == -EAGAIN; i++)
		r = kern_openat2(dirfd, path, &how);
	return r;
}

int kern_open_in(int root_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return kern_openat2(root_fd, path, &how);
}

int kern_reopen(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return kern_open(AT_FDCWD, path, flags, 0);
}

ssize_t kern_read_link(int dirfd, const char *path, char *ret, size_t size)
{
	ssize_t n = kern_readlinkat(dirfd, path, ret, size);

	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -ENAMETOOLONG;
	ret[n] = '\0';
	return n;
}

ssize_t kern_real_path(const char *path, char *ret, size_t size)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_PATH, 0);
	char link[LINK_PATH_SIZE];
	ssize_t n;

	if (fd < 0)
		return fd;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = kern_read_link(AT_FDCWD, link, ret, size);
	return n >= 0 && ret[0] != '/' ? -ENAMETOOLONG : n;
}

int kern_read_all(int fd, struct buf *buf)
{
	for (;;) {
		size_t wanted = MIN(MAX(buf->len, (size_t)READ_FIRST_BYTES), (size_t)READ_STEP_BYTES);
		size_t step = MIN(wanted, buf->limit_bytes - buf->len);
		char extra, *room = step ? buf_reserve(buf, step) : &extra;
		ssize_t n;

		if (!room)
			return -EMSGSIZE;
		n = kern_read(fd, room, step ?: 1);
		if (n <= 0)
			return (int)n;
		if (!step)
			return -EMSGSIZE;
		buf_commit(buf, (size_t)n);
	}
}

int kern_read_file(int dirfd, const char *path, struct buf *buf)
{
	scoped(fd) int fd = kern_open(dirfd, path, O_RDONLY, 0);

	return fd < 0 ? fd : kern_read_all(fd, buf);
}

int kern_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = kern_write(fd, p, len);

		if (n < 0)
			return (int)n;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int kern_poll_reader(int fd, uint64_t patience_ns)
{
	const struct timespec patience = {
		.tv_sec = (time_t)(patience_ns / NS_PER_SEC), .tv_nsec = (long)(patience_ns % NS_PER_SEC),
	};
	/* POLLERR and POLLHUP come unasked. */
	struct pollfd writer = { .fd = fd };
	int r = kern_ppoll(&writer, 1, &patience);

	return r == -EINTR ? 0 : r;
}

static int write_and_sync(int dirfd, const char *name, struct str text, mode_t mode, bool sync)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
	scoped(fd) int fd = kern_open(dirfd, name, flags, mode);
	int r;

	/* One that a crash left behind. */
	if (fd == -EEXIST && kern_unlinkat(dirfd, name, 0) >= 0)
		fd = kern_open(dirfd, name, flags, mode);
	if (fd < 0)
		return fd;
	r = kern_write_all(fd, text.data, text.len);
	return r < 0 || !sync ? r : kern_fdatasync(fd);
}

static int sync_directory(int dirfd)
{
	scoped(fd) int fd = kern_open(dirfd, ".", O_RDONLY | O_DIRECTORY, 0);

	return fd < 0 ? fd : kern_fsync(fd);
}

int kern_memfd_text(const char *name, struct str text)
{
	scoped(fd) int fd = kern_memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r = fd < 0 ? fd : kern_write_all(fd, text.data, text.len);

	if (r >= 0)
		r = (int)MIN(kern_lseek(fd, 0, SEEK_SET), (off_t)0);
	if (r >= 0)
		r = kern_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
	return r < 0 ? r : TAKE_FD(fd);
}

int kern_write_file(int dirfd, const char *name, struct str text, mode_t mode, bool sync)
{
	char temporary[NAME_MAX + 16];
	int r;

	if ((size_t)snprintf(temporary, sizeof(temporary), ".%s.new", name) > NAME_MAX)
		return -ENAMETOOLONG;
	r = write_and_sync(dirfd, temporary, text, mode, sync);
	if (r >= 0)
		r = kern_renameat2(dirfd, temporary, dirfd, name, 0);
	if (r < 0) {
		(void)kern_unlinkat(dirfd, temporary, 0);
		return r;
	}
	return sync ? sync_directory(dirfd) : 0;
}

/* All that is above a path; where nothing has to be made, most often nobody asks. */
static int make_parents(const char *path)
{
	char text[PATH_TEXT_MAX];
	size_t len = strlen(path);
	struct stat st;
	int r;

	if (len >= sizeof(text))
		return -ENAMETOOLONG;
	memcpy(text, path, len + 1);
	for (char *p = text + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		r = kern_mkdirat(AT_FDCWD, text, 0700);
		/* A parent that exists may answer EROFS or EACCES instead; the next level will tell. */
		if (r < 0 && r != -EEXIST && kern_fstatat(AT_FDCWD, text, &st, 0) < 0)
			return r;
		*p = '/';
	}
	return 0;
}

int kern_mkdir_all(const char *path)
{
	struct stat st;
	int r = kern_mkdirat(AT_FDCWD, path, 0700);

	if (r == -ENOENT) {
		r = make_parents(path);
		if (r >= 0)
			r = kern_mkdirat(AT_FDCWD, path, 0700);
	}
	if (r != -EEXIST)
		return r;
	r = kern_fstatat(AT_FDCWD, path, &st, 0);
	if (r < 0)
		return r;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

/* One run of data, from @at up to @end, by the fastest means that works. */
static int copy_segment(int from, int to, off_t at, off_t end, bool *try_range,
	const struct progress *progress)
{
	static char chunk[COPY_CHUNK_BYTES];

	while (at < end) {
		size_t len = (size_t)MIN((off_t)COPY_RANGE_BYTES, end - at);
		off_t from_at = at, to_at = at;
		ssize_t n = *try_range ? kern_copy_file_range(from, &from_at, to, &to_at, len) : -EXDEV;
		int r;

		if (n < 0 &&
				(n == -EXDEV || n == -EINVAL || n == -EOPNOTSUPP || n == -ENOSYS ||
					n == -EPERM)) {
			*try_range = false;
			n = kern_pread(from, chunk, MIN(len, sizeof(chunk)), at);
			if (n > 0)
				n = kern_pwrite(to, chunk, (size_t)n, at);
		}
		if (n < 0)
			return (int)n;
		if (!n)
			return -EIO;	/* it became shorter while we read it */
		at += n;
		r = progress_tell(progress, "copying bytes", (uint64_t)at, 0);
		if (r < 0)
			return r;
	}
	return 0;
}

int kern_copy_data(int from, int to, uint64_t len_bytes, const struct progress *progress)
{
	off_t len = (off_t)len_bytes, at = 0;
	bool try_range = true;

	if (!len)
		return 0;
	if (kern_reflink(to, from) >= 0)
		return 0;
	while (at < len) {
		off_t data = kern_lseek(from, at, SEEK_DATA), hole;
		int r;

		if (data == -ENXIO)
			break;
		if (data < 0)
			data = at, hole = len;
		else
			hole = kern_lseek(from, data, SEEK_HOLE);
		if (hole < 0 || hole > len)
			hole = len;
		r = copy_segment(from, to, data, hole, &try_range, progress);
		if (r < 0)
			return r;
		at = hole;
	}
	/*
	 * Behind the last data is a hole, or nothing: a file that shrank meanwhile must not be padded with
	 * zeros.
	 */
	at = kern_lseek(from, 0, SEEK_END);
	if (at < 0)
		return (int)at;
	return at < len ? -EIO : kern_ftruncate(to, len);
}

int kern_chmod_beneath(int dirfd, const char *path, mode_t mode)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, path, O_PATH, 0);
	char text[32];
	struct stat st;
	int r;

	if (fd < 0)
		return fd;
	r = kern_fstat(fd, &st);
	if (r < 0)
		return r;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	snprintf(text, sizeof(text), "/proc/self/fd/%d", fd);
	return kern_fchmodat(AT_FDCWD, text, mode);
}
