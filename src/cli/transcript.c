// SPDX-License-Identifier: Apache-2.0
/*
 * transcript.c - reading what a session's terminal showed, while it is written or afterwards
 *
 * The size is taken before the marks are read: the supervisor writes a mark before the bytes that it is for,
 * so there is a mark for every byte that is counted.
 */
#include "cli/transcript.h"

#include "base/fd.h"
#include "base/macro.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

void transcript_init(struct transcript *transcript, int dirfd)
{
	*transcript = (struct transcript){
		.dirfd = dirfd, .fd = -1, .times = BUF_INIT(CONSOLE_TIMES_MAX_BYTES + CONSOLE_MARK_SIZE),
	};
}

void transcript_fini(struct transcript *transcript)
{
	transcript->fd = fd_close(transcript->fd);
	buf_fini(&transcript->times);
}

/* What is no regular file would block, or never end. */
static int open_regular(int dirfd, const char *name, struct stat *ret)
{
	scoped(fd) int fd = kern_open(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	int r = fd < 0 ? fd : kern_fstat(fd, ret);

	if (r < 0)
		return r;
	return S_ISREG(ret->st_mode) ? TAKE_FD(fd) : -EBADMSG;
}

static int read_times(struct transcript *transcript)
{
	struct stat st;
	scoped(fd) int fd = open_regular(transcript->dirfd, "console.times", &st);
	off_t at;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	at = kern_lseek(fd, (off_t)transcript->times.len, SEEK_SET);
	r = at < 0 ? (int)at : kern_read_all(fd, &transcript->times);
	return r == -EMSGSIZE ? -EBADMSG : r;
}

static int take_log(struct transcript *transcript, bool *ret_is_new)
{
	struct stat st;
	int fd = open_regular(transcript->dirfd, "console.log", &st);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	*ret_is_new = transcript->fd >= 0 &&
		(st.st_ino != transcript->ino || (uint64_t)st.st_size < transcript->size_bytes);
	fd_close(transcript->fd);
	transcript->fd = fd;
	transcript->ino = st.st_ino;
	transcript->size_bytes = (uint64_t)st.st_size;
	transcript->written_ns = (uint64_t)MAX(st.st_mtim.tv_sec, 0) * NS_PER_SEC +
		(uint64_t)st.st_mtim.tv_nsec;
	return 0;
}

int transcript_look(struct transcript *transcript, bool *ret_is_new, struct error *err)
{
	int r;

	*ret_is_new = false;
	r = take_log(transcript, ret_is_new);
	if (r < 0)
		return error_sys(err, r, "reading console.log");
	if (*ret_is_new)
		buf_clear(&transcript->times);
	r = read_times(transcript);
	return r < 0 ? error_sys(err, r, "reading console.times") : 0;
}

ssize_t transcript_read(const struct transcript *transcript, uint64_t at, uint64_t end,
	char ret[TRANSCRIPT_PIECE_BYTES])
{
	size_t len = at < end ? (size_t)MIN(end - at, (uint64_t)TRANSCRIPT_PIECE_BYTES) : 0;

	return len && transcript->fd >= 0 ? kern_pread(transcript->fd, ret, len, (off_t)at) : 0;
}

/* Exactly the @len bytes at @at; -EBADMSG where the file ends before. */
static int read_exactly(const struct transcript *transcript, uint64_t at, size_t len, char *piece)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = kern_pread(transcript->fd, piece + done, len - done, (off_t)(at + done));

		if (n <= 0)
			return n < 0 ? (int)n : -EBADMSG;
		done += (size_t)n;
	}
	return 0;
}

int transcript_find_lines(const struct transcript *transcript, uint64_t count, uint64_t end, uint64_t *ret)
{
	char piece[TRANSCRIPT_PIECE_BYTES];
	uint64_t from, to = end;

	for (*ret = end; count && to; to = from) {
		size_t len = (size_t)MIN(to, (uint64_t)sizeof(piece)), left = len;
		int r;

		from = to - len;
		r = read_exactly(transcript, from, len, piece);
		if (r < 0)
			return r;
		/* The end of the line that ends here begins none. */
		while (left && (piece[left - 1] != '\n' || from + left == end || --count))
			left--;
		*ret = from + left;
	}
	return 0;
}

int transcript_find_since(const struct transcript *transcript, uint64_t since_ns, uint64_t *ret,
	bool *ret_is_damaged)
{
	struct console_times times = { .rest = { buf_text(&transcript->times), transcript->times.len } };
	uint64_t at = console_times_find(&times, since_ns, transcript->size_bytes, transcript->written_ns);
	char before = '\n';
	int r = 0;

	*ret_is_damaged = times.is_damaged;
	*ret = at;
	if (at && at < transcript->size_bytes)
		r = read_exactly(transcript, at - 1, 1, &before);
	return r < 0 || before == '\n' ? r : transcript_find_lines(transcript, 1, at, ret);
}
