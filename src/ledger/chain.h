/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h - files of JSON lines in which every line binds the one before it
 *
 * ledger.jsonl and heads.jsonl share this. A line is a JSON object in canonical form (json_write()) and ends
 * in one newline. Its member "hash" is SHA-256 over the file's domain, a text that ends in a newline,
 * followed by the line without that member and without its newline; its member "previous" is the hash of the
 * line before, or zeros in the first line; its member "sequence" counts from 1.
 *
 * The line reader is bounded: a line over the limit is reported as such and skipped, never held.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/time.h"
#include "json/json.h"

#include <stdbool.h>

enum {
	CHAIN_LOCK_WAIT_MS = 5000,	/* how long to wait for a lock that others hold for microseconds */
};

/* ---- one line ---- */

/**
 * chain_seal() - finish a line
 * @line:     holds canonical text from the brace up to the comma in front of "hash"; the rest and the newline
 *            are added
 * @domain:   of the file
 * @after:    canonical text behind the comma after "hash", to the brace
 * @claimed:  the hash to put in; NULL: the right one. For comparing with a line that somebody else wrote
 * @ret_hash: the right hash
 *
 * Return: 0 or -EMSGSIZE (the buffer's limit, now or before).
 */
int chain_seal(struct buf *line, struct str domain, struct str after, const struct digest *claimed,
	struct digest *ret_hash);

/**
 * chain_name_is_valid() - whether a text can be a session id: [a-z0-9][a-z0-9-]*, or an actor, which may hold
 * . _ : @ too
 */
bool chain_name_is_valid(struct str name, bool actor);

/**
 * chain_read_digest() - a member that holds a digest
 * @object: may be NULL
 * @key:    the member
 * @ret:    set on success
 *
 * Return: 0 or -EBADMSG.
 */
int chain_read_digest(const struct json *object, const char *key, struct digest *ret);

/** chain_read_count() - a member that holds an integer from 0; Return: 0 or -EBADMSG */
int chain_read_count(const struct json *object, const char *key, uint64_t *ret);

/** chain_read_time() - a member that holds a time in the one form of time_to_text(); Return: 0 or -EBADMSG */
int chain_read_time(const struct json *object, const char *key, uint64_t *ret_ns);

/** chain_read_text() - a string member; Return: 0 or -EBADMSG */
int chain_read_text(const struct json *object, const char *key, struct str *ret);

/** chain_has_members() - whether an object has exactly the members listed (sorted bytewise) */
bool chain_has_members(const struct json *object, const char *const *names, size_t count);

/* ---- a file of lines ---- */

enum chain_line_state {
	CHAIN_LINE_WHOLE,
	CHAIN_LINE_TORN,		/* the file ends without a newline */
	CHAIN_LINE_LONG,		/* over the limit; text is its beginning */
};

struct chain_line {
	enum chain_line_state state;
	struct str text;		/* without the newline; good until the next call */
	uint64_t number;		/* from 1, or from wherever reading began */
	uint64_t offset;		/* where it begins */
	uint64_t end;			/* where the next one begins */
};

struct chain_lines {
	int fd;				/* borrowed */
	uint64_t offset, number;	/* of the next line */
	uint64_t end;			/* nothing at or behind this is read */
	size_t limit_bytes;		/* of a line, with its newline */
	/* what was read and not yet consumed; starts at offset - given_bytes */
	struct buf buf;
	size_t given_bytes;		/* length of the line that was given out last */
};

/**
 * chain_lines_init() - read lines from a file
 * @lines:       chain_lines_fini() afterwards
 * @fd:          borrowed; read with pread(2)
 * @offset:      beginning of a line
 * @end:         where to stop, UINT64_MAX for the end of the file
 * @limit_bytes: longest line that is given out whole, with its newline
 */
void chain_lines_init(struct chain_lines *lines, int fd, uint64_t offset, uint64_t end, size_t limit_bytes);

/** chain_lines_next() - the next line; Return: 1 a line, 0 the end, or negative errno */
int chain_lines_next(struct chain_lines *lines, struct chain_line *ret);

/** chain_lines_fini() - free the buffer; the descriptor stays open */
void chain_lines_fini(struct chain_lines *lines);

static inline void chain_lines_scope_exit(struct chain_lines *lines)
{
	chain_lines_fini(lines);
}

/* A line, a torn one behind it, and the newline in front of both. */
#define CHAIN_TAIL_BYTES(limit_bytes) (2 * (size_t)(limit_bytes) + 1)

/**
 * chain_find_tail() - the last whole line of a file, and what follows it
 * @fd:          open for reading
 * @end:         the file's size
 * @limit_bytes: longest line, with its newline
 * @buf:         cleared; then the last bytes of the file, limit CHAIN_TAIL_BYTES(@limit_bytes)
 * @ret_last:    the last whole line without its newline, in @buf; empty where there is none
 * @ret_torn:    bytes behind it, in @buf; empty as a rule
 *
 * Errors: -EBADMSG no line end within @limit_bytes; others from the kernel.
 * Return: 0 or negative errno.
 */
int chain_find_tail(int fd, uint64_t end, size_t limit_bytes, struct buf *buf, struct str *ret_last,
	struct str *ret_torn);

/**
 * chain_append() - add one line to a file
 * @fd:   open for writing with O_APPEND
 * @size: of the file
 * @line: with its newline
 *
 * One write(2). Where it is cut short (a full disk), the file is cut back to @size; where that fails too, the
 * file ends in a torn line.
 *
 * Errors: -ENOSPC no room for the whole line; -EIO it could not be cut back; others from the kernel.
 * Return: 0 or negative errno.
 */
int chain_append(int fd, uint64_t size, struct str line);

/**
 * chain_replace_torn() - put a line in the place of a torn one
 * @fd:   open for writing with O_APPEND
 * @at:   where the torn line begins
 * @size: of the file
 * @line: with its newline
 *
 * The bytes are overwritten where they stand, so that a crash in between leaves a torn line again, and never
 * a file that looks as if nothing had been torn.
 *
 * Errors: -ENOSPC no room for the whole line; others from the kernel.
 * Source: pwrite(2), BUGS (O_APPEND)
 * Return: 0 or negative errno.
 */
int chain_replace_torn(int fd, uint64_t at, uint64_t size, struct str line);

/** chain_size() - the size of a file; Return: 0 or negative errno */
int chain_size(int fd, uint64_t *ret);

/**
 * chain_lock() - take a lock that others hold for a moment only
 * @fd:      the file
 * @wait_ms: how long to try; 0: once
 *
 * Errors: -EBUSY it is still held.
 * Source: flock(2)
 * Return: 0 or negative errno.
 */
int chain_lock(int fd, unsigned wait_ms);
