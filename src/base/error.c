// SPDX-License-Identifier: Apache-2.0
/*
 * error.c - errors as plain bytes
 *
 * Invariant: text and hint are always NUL-terminated and end in "..." when something was cut, so a reader
 * knows that the sentence went on. Nothing here allocates or fails.
 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* What error.h tells the analyzer about callers is of no use here. */
#undef error_set
#undef error_sys
#undef error_wrap

/* Never cuts through a character: the text may go into a document that takes nothing but UTF-8. */
static void mark_cut(char *text, size_t size, int wanted)
{
	size_t at = size - 4;

	if (wanted < 0 || (size_t)wanted < size)
		return;
	while (at && (text[at] & 0xC0) == 0x80)
		at--;
	memcpy(text + at, "...", 4);
}

static PRINTF_LIKE(3, 0) void put(char *text, size_t size, const char *fmt, va_list args)
{
	mark_cut(text, size, vsnprintf(text, size, fmt, args));
}

static void append_errno(struct error *err, int code)
{
	size_t used = strlen(err->text);

	mark_cut(err->text, sizeof(err->text),
		(int)used + snprintf(err->text + used, sizeof(err->text) - used, "%s%s", used ? ": " : "",
			strerrordesc_np(-code) ?: "unknown error"));
}

int error_set(struct error *err, int code, const char *fmt, ...)
{
	va_list args;

	assert(code < 0);
	if (!err)
		return code;
	*err = (struct error){ .code = code };
	va_start(args, fmt);
	put(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return code;
}

int error_sys(struct error *err, int code, const char *fmt, ...)
{
	va_list args;

	assert(code < 0);
	if (!err)
		return code;
	*err = (struct error){ .code = code };
	va_start(args, fmt);
	put(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	append_errno(err, code);
	return code;
}

int error_wrap(struct error *err, int code, const char *fmt, ...)
{
	char inner[ERROR_TEXT_MAX];
	va_list args;
	size_t used;

	assert(code < 0);
	if (!err)
		return code;
	memcpy(inner, err->text, sizeof(inner));
	err->code = code;
	va_start(args, fmt);
	put(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	if (!inner[0]) {
		append_errno(err, code);
		return code;
	}
	used = strlen(err->text);
	mark_cut(err->text, sizeof(err->text),
		(int)used + snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner));
	return code;
}

void error_hint(struct error *err, const char *fmt, ...)
{
	va_list args;

	if (!err || err->hint[0])
		return;
	va_start(args, fmt);
	put(err->hint, sizeof(err->hint), fmt, args);
	va_end(args);
}

const char *error_name(int code)
{
	return strerrorname_np(-code) ?: "errno";
}
