/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag.h - what is wrong with a policy, and where
 *
 * The phases before evaluation do not stop at the first mistake: each adds what it finds to one list, up to a
 * limit, and a phase begins only when those before it found nothing. A diagnostic has OPA's code and text, so
 * that habits, editors and scripts carry over, and beyond that what a good compiler says: the line, a caret
 * below the place, and a suggestion.
 *
 *     policy.rego:7:12: rego_unsafe_var_error: var usr is unsafe
 *     	allow if input.user == usr
 *     	                       ^^^
 *     did you mean `user`?
 *
 * Everything lives in the arena of the list. Where that is full, the first diagnostic that finds no room lies
 * in the list itself: a refusal is never taken for none.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

enum {
	REGO_DIAGS_MAX = 10,		/* as many as OPA gives; the next one is "too many errors" */
	REGO_FILE_MAX = 16 << 20,	/* bytes of one module */
	REGO_TEXT_MAX = 4096,		/* bytes of one name or list in a message */
};

/* One text that was compiled; parse_module() keeps a copy of neither. */
struct rego_source {
	const char *name;		/* as errors show it: "policy.rego" */
	struct str text;
};

/*
 * Where something stands: lines and columns from 1, columns in characters, as OPA counts them. A term in
 * parentheses begins at what they hold, but its text is all of it, parentheses included.
 */
struct rego_span {
	const struct rego_source *source;	/* NULL: made by the compiler */
	uint32_t line, column;
	uint32_t offset, length;		/* in source->text */
};

enum rego_code {
	REGO_CODE_PARSE,		/* rego_parse_error */
	REGO_CODE_COMPILE,		/* rego_compile_error */
	REGO_CODE_TYPE,			/* rego_type_error */
	REGO_CODE_UNSAFE_VAR,		/* rego_unsafe_var_error */
	REGO_CODE_RECURSION,		/* rego_recursion_error */
};

struct rego_diag {
	enum rego_code code;
	struct rego_span at;
	const char *text;
	const char *hint;		/* what to do about it, or NULL */
	struct rego_diag *next;
};

struct rego_diags {
	struct arena *arena;
	struct rego_diag *first, *last;
	size_t count;
	struct rego_diag spare;		/* in use where it has a text */
	bool is_full;			/* memory ran out, so there may be no mistake at all */
};

#define REGO_DIAGS_INIT(memory) { .arena = (memory) }

/**
 * rego_diag_add() - one mistake more
 * @diags: takes REGO_DIAGS_MAX, then says once that there are too many, and then nothing
 * @code:  which kind
 * @at:    where
 * @fmt:   OPA's text
 *
 * Return: the diagnostic, for a hint, or NULL where nothing was added.
 */
struct rego_diag *rego_diag_add(struct rego_diags *diags, enum rego_code code, struct rego_span at,
	const char *fmt, ...) PRINTF_LIKE(4, 5);

/** rego_code_name() - "rego_parse_error" */
const char *rego_code_name(enum rego_code code);

/** rego_diags_sort() - by file, line and column, as they are shown */
void rego_diags_sort(struct rego_diags *diags);

/**
 * rego_diags_print() - all of them for a person, as above; texts of the policy are quoted safely; Return: 0
 * or -EMSGSIZE
 */
int rego_diags_print(const struct rego_diags *diags, struct buf *buf);

/**
 * rego_span_print() - the line of a place, safely quoted, and a caret below it; nothing of a very long one
 */
void rego_span_print(const struct rego_span *at, struct buf *buf);

/**
 * rego_diag_nearest() - a hint for a name that nobody knows
 * @arena: owns the text
 * @word:  what was written
 * @names: @count that exist
 * @count: of them
 *
 * Return: "did you mean `user`?", or NULL where no name is near or the arena is full.
 */
const char *rego_diag_nearest(struct arena *arena, struct str word, const char *const *names, size_t count);
