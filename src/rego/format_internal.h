/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format_internal.h - what the files of the formatter share
 *
 * The tree is written from the top to the bottom; lines of the original decide what stays on one line, and
 * say where comments belong. Comments wait in a row, sorted as they came. Before something is written, the
 * comments above its line are, each on a line of its own, and the one on its line is kept (line_end) until
 * the line ends.
 *
 * Where comments stand so that no line is theirs alone, writing fails: the term around is then written as it
 * was, character for character, and so is the next one outward, up to the expression or the head. A function
 * that writes says whether all is well (0) or what of this happened. Only the end looks at whether the buffer
 * had room.
 *
 *	format.c		lines, comments, module, package, imports
 *	format_rule.c		heads, bodies, else
 *	format_expr.c		expressions and their modifiers
 *	format_logic.c		infix `and` and `or`, and `not` with a body
 *	format_term.c		terms and operators
 *	format_list.c		what stands in brackets, and comprehensions
 */
#pragma once

#include "rego/ast.h"

enum {
	FORMAT_AS_IS = 1,		/* written, but as it was */
	/* not written, or not all of it: whoever called writes it as it was */
	FORMAT_LOST = 2,

	FORMAT_NO_ROW = -1,		/* behind nothing: no comment is above it */
};

struct formatter {
	struct buf *out;
	const struct rego_module *module;
	const struct rego_comment **comments;	/* that still wait, from next on */
	size_t next, comment_count;
	const struct rego_comment *line_end;	/* goes to the end of this line */
	unsigned level;			/* of indentation */
	bool in_line;			/* something stands on this line, at least its indentation */
	bool delays_line_end;		/* the next end of a line is not yet line_end's */
	bool takes_last_comment;	/* text as it was takes the comment behind it along */
	bool in_logic_line;		/* an infix chain was broken, and is indented */
	bool imports_v1;		/* import rego.v1 */
	bool drops_v0_imports;		/* REGO_FORMAT_DROP_V0_IMPORTS */
	bool writes_ref_heads;		/* p.q and not p["q"] at heads */
	const struct rego_term *wrapped;	/* gets parentheses: it would read as a comprehension */
};

struct format_mark {
	size_t length;			/* of what is written */
	struct formatter state;
};

/* What a list consists of. */
struct format_items {
	const struct rego_term *const *terms;
	const struct rego_pair *pairs;		/* instead of terms */
	size_t count;
	bool wraps_unions;
};

/* ---- places ---- */

static inline int format_row(const struct rego_span *at)
{
	return (int)at->line;
}

static inline struct str format_text(const struct rego_span *at)
{
	return (struct str){ .data = at->source->text.data + at->offset, .len = at->length };
}

/** format_end_row() - Return: the line that a place ends on */
int format_end_row(const struct rego_span *at);

/** format_closing_row() - the first @open in a place is closed; Return: on which line, or FORMAT_NO_ROW */
int format_closing_row(const struct rego_span *at, char open, char close);

/* ---- writing (format.c) ---- */

/** format_write() - text on the line */
void format_write(struct formatter *f, const char *text);

/** format_write_str() - the same for text of the original */
void format_write_str(struct formatter *f, struct str text);

/** format_start_line() - the indentation */
void format_start_line(struct formatter *f);

/** format_end_line() - the comment that waits for it, and the newline */
void format_end_line(struct formatter *f);

/** format_blank_line() - end the line if one was begun, and leave one empty */
void format_blank_line(struct formatter *f);

/** format_comments_above() - how many of the comments that wait are above a line */
size_t format_comments_above(const struct formatter *f, int row);

/** format_write_comments() - the next @count of them, each on its line */
void format_write_comments(struct formatter *f, size_t count);

/**
 * format_comments() - those above a line, and keep the one on it; Return: 0, or FORMAT_LOST where two wait
 */
int format_comments(struct formatter *f, int row);

/** format_mark() - what a try that fails is undone to */
struct format_mark format_mark(const struct formatter *f);

/**
 * format_go_back() - undo what was written since, and write a place as it was instead; Return: as above, not
 * 0
 */
int format_go_back(struct formatter *f, const struct format_mark *mark, const struct rego_span *at);

/* ---- rules (format_rule.c) ---- */

/** format_rule() - a rule and what is behind its `else`s; nothing is ever lost */
void format_rule(struct formatter *f, const struct rego_rule *rule);

/** format_is_one_line() - whether a rule may stand right below another */
bool format_is_one_line(const struct rego_rule *rule);

/* ---- expressions (format_expr.c) ---- */

/** format_body() - expressions, each on its line */
void format_body(struct formatter *f, const struct rego_body *body);

/**
 * format_expr() - an expression with its modifiers; Return: 0, or FORMAT_AS_IS, and then a comment may be
 * behind it
 */
int format_expr(struct formatter *f, const struct rego_expr *expr);

/**
 * format_find_union() - the union that an expression begins with, which braces in front would make a head of;
 * Return: or NULL
 */
const struct rego_term *format_find_union(const struct rego_expr *expr);

/* ---- logic (format_logic.c) ---- */

/** format_logic() - an infix chain; Return: 0, or as above */
int format_logic(struct formatter *f, const struct rego_term *term);

/** format_not() - `not` with a body, or with something in parentheses; Return: 0, or as above */
int format_not(struct formatter *f, const struct rego_expr *expr);

/** format_leads_with_brace() - whether an expression is written with a brace first */
bool format_leads_with_brace(const struct rego_expr *expr);

/* ---- terms (format_term.c) ---- */

/** format_infix() - the sign of a call that is written between its operands, or NULL */
const char *format_infix(const struct rego_term *call);

/** format_is_union() - whether a term is written a | b */
bool format_is_union(const struct rego_term *term);

/** format_is_word() - whether a text can stand behind a dot */
bool format_is_word(struct str text);

/**
 * format_ref() - a reference; @first: elements to leave out in front, the first one written is a name;
 * Return: 0, or as above
 */
int format_ref(struct formatter *f, const struct rego_term *ref, size_t first);

/** format_term() - a term, or its original text where its comments have no place; Return: 0, or as above */
int format_term(struct formatter *f, const struct rego_term *term);

/** format_operand() - a term; @has_parens: around it, where it is an operator; Return: 0, or as above */
int format_operand(struct formatter *f, const struct rego_term *term, bool has_parens);

/** format_top_call() - a call that is an expression; Return: 0, or as above */
int format_top_call(struct formatter *f, const struct rego_term *call);

/** format_membership() - what is behind `some` or `every`: k, v in xs; Return: 0, or as above */
int format_membership(struct formatter *f, const struct rego_term *key, const struct rego_term *value,
	const struct rego_term *domain, bool has_parens);

/* ---- lists (format_list.c) ---- */

/**
 * format_items() - what is between brackets; @at: their place; @closing: row of the closing one; Return: 0,
 * or as above
 */
int format_items(struct formatter *f, const struct format_items *items, const struct rego_span *at,
	int closing);

/** format_object() - an object; Return: 0, or as above */
int format_object(struct formatter *f, const struct rego_term *term);

/** format_array() - an array; Return: 0, or as above */
int format_array(struct formatter *f, const struct rego_term *term);

/** format_set() - a set; Return: 0, or as above */
int format_set(struct formatter *f, const struct rego_term *term);

/** format_comprehension() - of any kind; Return: 0, or as above */
int format_comprehension(struct formatter *f, const struct rego_term *term);

/**
 * format_inner_body() - a body in brackets, on the line where it may; @from: what is in front; @closing: row;
 * Return: 0, or as above
 */
int format_inner_body(struct formatter *f, const struct rego_body *body, const struct rego_span *from,
	int closing);
