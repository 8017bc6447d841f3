/* SPDX-License-Identifier: Apache-2.0 */
/*
 * transcript.h - reading what a session's terminal showed, while it is written or afterwards
 *
 * The supervisor writes console.log and console.times (session/console_times.h). Here they are read in
 * pieces, whatever size they have and whatever becomes of them meanwhile: a file that was cut or replaced is
 * noticed. Places are bytes from the beginning of console.log.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "session/console_times.h"

#include <sys/types.h>

enum {
	TRANSCRIPT_PIECE_BYTES = 64 * 1024,
};

struct transcript {
	int dirfd;			/* borrowed: the session's directory */
	int fd;				/* owned; -1: there is no console.log */
	ino_t ino;
	uint64_t size_bytes, written_ns;	/* of console.log, at the last look */
	struct buf times;		/* console.times, as far as it was read */
};

/** transcript_init() - nothing was looked at; @dirfd is the session's directory, borrowed */
void transcript_init(struct transcript *transcript, int dirfd);

/** transcript_fini() - close */
void transcript_fini(struct transcript *transcript);

/**
 * transcript_look() - see how much there is now
 * @transcript: initialised
 * @ret_is_new: console.log is another file than at the last look, or shorter: places mean nothing any more
 * @err:        what failed
 *
 * That there is nothing yet is no failure.
 *
 * Errors: -EBADMSG one of the two is no regular file, or console.times is longer than it ever gets; others
 * from the kernel.
 * Return: 0 or negative errno.
 */
int transcript_look(struct transcript *transcript, bool *ret_is_new, struct error *err);

/**
 * transcript_read() - a piece
 * @transcript: looked at
 * @at:         where it begins
 * @end:        where to stop at the latest
 * @ret:        the piece
 *
 * Return: its length, 0 at @end or at the end of the file, or negative errno from the kernel.
 */
ssize_t transcript_read(const struct transcript *transcript, uint64_t at, uint64_t end,
	char ret[TRANSCRIPT_PIECE_BYTES]);

/**
 * transcript_find_lines() - where the last lines before a place begin
 * @transcript: looked at
 * @count:      of them; a last one without its end counts
 * @end:        the place
 * @ret:        0..@end
 *
 * Return: 0 or negative errno from the kernel.
 */
int transcript_find_lines(const struct transcript *transcript, uint64_t count, uint64_t end, uint64_t *ret);

/**
 * transcript_find_since() - where the line begins in which something was shown since a time
 * @transcript:     looked at
 * @since_ns:       that time
 * @ret:            as console_times_find() says, and back to the beginning of the line
 * @ret_is_damaged: console.times is damaged; @ret is earlier rather than later
 *
 * Return: 0 or negative errno from the kernel.
 */
int transcript_find_since(const struct transcript *transcript, uint64_t since_ns, uint64_t *ret,
	bool *ret_is_damaged);
