// SPDX-License-Identifier: Apache-2.0
/*
 * buf.c - growable bytes with a limit
 *
 * Room doubles from 256 bytes and is cut at the limit plus the NUL. Growth within the limit aborts when the C
 * library has no memory, as everywhere for sizes that we allowed ourselves.
 */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	ROOM_MIN_BYTES = 256,
};

static char *grow(struct buf *buf, size_t len)
{
	size_t room_bytes;

	if (buf->failed || len > buf->limit_bytes - buf->len) {
		buf->failed = true;
		return NULL;
	}
	room_bytes = MAX(buf->room_bytes * 2, (size_t)ROOM_MIN_BYTES);
	room_bytes = MIN(MAX(room_bytes, buf->len + len), buf->limit_bytes) + 1;
	assert(room_bytes);
	buf->data = realloc(buf->data, room_bytes);
	if (!buf->data)
		abort();
	buf->room_bytes = room_bytes;
	buf->data[buf->len] = '\0';
	return buf->data + buf->len;
}

/* Room never passes the limit, so what fits the room needs no look at the limit. */
char *buf_reserve(struct buf *buf, size_t len)
{
	if (buf->room_bytes - buf->len > len && !buf->failed)
		return buf->data + buf->len;
	return grow(buf, len);
}

void buf_commit(struct buf *buf, size_t len)
{
	assert(len < buf->room_bytes - buf->len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

int buf_append(struct buf *buf, const void *data, size_t len)
{
	char *room = buf_reserve(buf, len);

	if (!room)
		return -EMSGSIZE;
	if (len)
		memcpy(room, data, len);
	buf_commit(buf, len);
	return 0;
}

int buf_append_str(struct buf *buf, const char *text)
{
	return buf_append(buf, text, strlen(text));
}

int buf_append_char(struct buf *buf, char c)
{
	char *room = buf_reserve(buf, 1);

	if (!room)
		return -EMSGSIZE;
	*room = c;
	buf_commit(buf, 1);
	return 0;
}

int buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args, again;
	char *room = NULL;
	int len;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	if (len >= 0)
		room = buf_reserve(buf, (size_t)len);
	if (room) {
		vsnprintf(room, (size_t)len + 1, fmt, again);
		buf_commit(buf, (size_t)len);
	}
	va_end(again);
	va_end(args);
	return room ? 0 : -EMSGSIZE;
}

void buf_consume(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	if (!len)
		return;
	memmove(buf->data, buf->data + len, buf->len - len + 1);
	buf->len -= len;
}

void buf_truncate(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	if (len == buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_fini(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ .limit_bytes = buf->limit_bytes };
}
