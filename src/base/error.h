/* SPDX-License-Identifier: Apache-2.0 */
/*
 * error.h - why something failed, in words that a person can act on
 *
 * A function that can explain its failure takes `struct error *err` last and returns a negative errno. The
 * error is plain bytes: no pointers, no heap, so that a cloned child can write it whole into a pipe for its
 * parent. Text reads outside-in, as it is wrapped on the way up:
 *
 *	session 'k3f9': mounting the branch at '/home/a/project': overlayfs: Invalid argument
 *
 * The hint says what to do next and is printed on a line of its own; the innermost hint wins, since who
 * failed knows the remedy best. @err may be NULL everywhere: the code is still returned.
 *
 * Text that an agent chose goes in through quote_text() (quote.h), never raw.
 */
#pragma once

#include "base/macro.h"

#include <stdarg.h>

enum {
	ERROR_TEXT_MAX = 1024,
	ERROR_HINT_MAX = 512,
};

struct error {
	int code;			/* negative errno; 0: nothing happened yet */
	char text[ERROR_TEXT_MAX];	/* NUL-terminated, cut with "..." where too long */
	char hint[ERROR_HINT_MAX];	/* NUL-terminated, may be empty */
};

#define ERROR_INIT { 0 }

/**
 * error_set() - say what failed
 * @err:  replaced; may be NULL
 * @code: negative errno
 * @fmt:  what was being done, without the errno's own text
 *
 * Return: @code, so that `return error_set(...)` reads well.
 */
int error_set(struct error *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * error_sys() - say what failed, followed by ": " and the errno's text
 * @err:  replaced; may be NULL
 * @code: negative errno
 * @fmt:  what was being done
 *
 * Return: @code.
 */
int error_sys(struct error *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * error_wrap() - put a context in front of an error that is already set
 * @err:  changed to "<context>: <text so far>"; may be NULL
 * @code: negative errno
 * @fmt:  the context
 *
 * An @err that holds no text yet is filled as by error_sys().
 *
 * Return: @code.
 */
int error_wrap(struct error *err, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * error_hint() - say what the person can do about it
 * @err: changed unless it has a hint; may be NULL
 * @fmt: one sentence, imperative
 */
void error_hint(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * error_name() - the symbolic name of an errno
 * @code: negative errno
 *
 * Return: a static string such as "ENOENT", or "errno" where the C library knows none.
 */
const char *error_name(int code);

/*
 * clang's analyzer looks at one file at a time and would follow paths on which an error's code is no error.
 * This tells it what error.c asserts; no compiler sees it.
 */
#ifdef __clang_analyzer__
#define error_set(err, code, ...) ((void)(error_set)(err, code, __VA_ARGS__), (code))
#define error_sys(err, code, ...) ((void)(error_sys)(err, code, __VA_ARGS__), (code))
#define error_wrap(err, code, ...) ((void)(error_wrap)(err, code, __VA_ARGS__), (code))
#endif
