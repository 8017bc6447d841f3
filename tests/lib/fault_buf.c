// SPDX-License-Identifier: Apache-2.0
/*
 * fault_buf.c - the functions of base/buf.h that add bytes, counted as requests of arenas are
 *
 * One that is refused is one for which the limit is too small: the buffer sticks (base/buf.h).
 */
#include "base/buf.h"
#include "lib/fault_arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int __real_buf_append(struct buf *buf, const void *data, size_t len);
int __real_buf_append_str(struct buf *buf, const char *text);
int __real_buf_append_char(struct buf *buf, char c);
char *__real_buf_reserve(struct buf *buf, size_t len);

int __wrap_buf_append(struct buf *buf, const void *data, size_t len);
int __wrap_buf_append_str(struct buf *buf, const char *text);
int __wrap_buf_append_char(struct buf *buf, char c);
int __wrap_buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *__wrap_buf_reserve(struct buf *buf, size_t len);

static bool sticks(struct buf *buf)
{
	buf->failed |= fault_arena_refuses();
	return buf->failed;
}

int __wrap_buf_append(struct buf *buf, const void *data, size_t len)
{
	return sticks(buf) ? -EMSGSIZE : __real_buf_append(buf, data, len);
}

int __wrap_buf_append_str(struct buf *buf, const char *text)
{
	return sticks(buf) ? -EMSGSIZE : __real_buf_append_str(buf, text);
}

int __wrap_buf_append_char(struct buf *buf, char c)
{
	return sticks(buf) ? -EMSGSIZE : __real_buf_append_char(buf, c);
}

char *__wrap_buf_reserve(struct buf *buf, size_t len)
{
	return sticks(buf) ? NULL : __real_buf_reserve(buf, len);
}

int __wrap_buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	char *text = NULL;
	int len, r = -EMSGSIZE;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len >= 0 && !sticks(buf))
		r = __real_buf_append(buf, text, (size_t)len);
	free(text);
	return r;
}
