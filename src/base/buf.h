/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - growable bytes with a limit
 *
 * Invariants: data[len] is a NUL whenever data is not NULL; len never passes limit_bytes; the first append
 * that would pass it fails, changes nothing, and makes the buffer stick: every later append fails too. So a
 * writer may append fifty times and look once, at buf_failed(). An all-zero buffer is empty, has limit 0 and
 * refuses every append.
 */
#pragma once

#include "base/macro.h"

#include <stdbool.h>
#include <stdlib.h>

struct buf {
	char *data;		/* NULL until the first append */
	size_t len;
	size_t room_bytes;
	size_t limit_bytes;
	bool failed;
};

#define BUF_INIT(limit) { .limit_bytes = (limit) }

/**
 * buf_append() - add bytes
 * @buf:  grows
 * @data: @len bytes, copied
 * @len:  bytes
 *
 * Errors: -EMSGSIZE the limit would be passed, now or in an earlier append.
 * Return: 0 or negative errno.
 */
int buf_append(struct buf *buf, const void *data, size_t len);

/** buf_append_str() - add a NUL-terminated string; Return: as buf_append() */
int buf_append_str(struct buf *buf, const char *text);

/** buf_append_char() - add one byte; Return: as buf_append() */
int buf_append_char(struct buf *buf, char c);

/** buf_printf() - add formatted text; Return: as buf_append() */
int buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * buf_reserve() - room for bytes that the caller writes itself
 * @buf: grows
 * @len: bytes wanted
 *
 * The caller writes up to @len bytes at the returned place and then calls buf_commit().
 *
 * Return: the place behind the last byte, or NULL as buf_append() fails.
 */
char *buf_reserve(struct buf *buf, size_t len);

/** buf_commit() - count @len bytes that were written into reserved room */
void buf_commit(struct buf *buf, size_t len);

/** buf_consume() - drop the first @len bytes, len >= @len */
void buf_consume(struct buf *buf, size_t len);

/** buf_truncate() - forget what is behind the first @len bytes, len >= @len */
void buf_truncate(struct buf *buf, size_t len);

/** buf_clear() - empty it, keep the room, forget a failure */
void buf_clear(struct buf *buf);

/** buf_fini() - free the room; the limit stays */
void buf_fini(struct buf *buf);

/** buf_text() - the content as a NUL-terminated string, "" when empty; valid until the next change */
static inline const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

static inline bool buf_failed(const struct buf *buf)
{
	return buf->failed;
}

static inline void buf_scope_exit(struct buf *buf)
{
	buf_fini(buf);
}
