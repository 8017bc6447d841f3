/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_internal.h - what the files of this folder share: sets, the tree, the program
 *
 * A tree lives in the arena of one compilation and is gone after it. A program is built once by compile.c and
 * read by everybody else.
 */
#pragma once

#include "regex/regex.h"
#include "regex/unicode.h"

enum {
	POINT_MAX = 0x10ffff,
	POINT_BAD = 0xfffd,		/* what a byte counts as that is no UTF-8 */
	TREE_MEMORY_MAX = 64 << 20,	/* bytes, which are free again after compiling */
	RANGES_MAX = 1 << 19,		/* in all classes of a pattern, before they are merged */
};

/* ---- sets of characters (class.c) ---- */

struct regex_set {
	uint64_t ascii[2];		/* the same as @ranges, for what is asked most */
	const struct regex_range *ranges;	/* sorted, with gaps between them */
	size_t count;
	uint32_t number;		/* among the program's, from 1; 0: not there yet */
};

/* A set while it is collected, in any order. */
struct regex_class {
	struct arena *arena;
	size_t *allowance;		/* ranges that all classes of the pattern may still take */
	struct regex_range *ranges;
	size_t count, room;
	int failed;			/* -EMSGSIZE: the arena; -E2BIG: the allowance */
};

/** regex_class_add() - the characters @low..@high */
void regex_class_add(struct regex_class *class, uint32_t low, uint32_t high);

/** regex_class_add_folded() - those, and whatever differs from them in case alone */
void regex_class_add_folded(struct regex_class *class, uint32_t low, uint32_t high);

/**
 * regex_class_add_ranges() - @count ranges that are sorted, with gaps; folded if @is_folded, negated if
 * @is_negated
 */
void regex_class_add_ranges(struct regex_class *class, const struct regex_range *ranges, size_t count,
	bool is_folded, bool is_negated);

/** regex_ranges_sort() - by their low ends; those who compare equal may end up in any order */
void regex_ranges_sort(struct regex_range *ranges, size_t count);

/** regex_class_clean() - sort the ranges and merge them */
void regex_class_clean(struct regex_class *class);

/** regex_class_negate() - the other characters; the class is clean before and after */
void regex_class_negate(struct regex_class *class);

/** regex_set_new() - a set over clean ranges, which it borrows; Return: in @arena, or NULL */
struct regex_set *regex_set_new(struct arena *arena, const struct regex_range *ranges, size_t count);

/** regex_set_search() - set_has() for what is not ASCII */
bool regex_set_search(const struct regex_set *set, uint32_t point);

/* Text without its first @count bytes, and what lies between the beginnings of two rests of it. */
static inline struct str behind(struct str text, size_t count)
{
	return (struct str){ .data = text.data + count, .len = text.len - count };
}

static inline struct str between(struct str from, struct str to)
{
	return (struct str){ .data = from.data, .len = from.len - to.len };
}

static inline bool set_has(const struct regex_set *set, uint32_t point)
{
	if (likely(point < 128))
		return set->ascii[point >> 6] >> (point & 63) & 1;
	return regex_set_search(set, point);
}

/* ---- the tree (parse.c) ---- */

enum node_kind {
	NODE_EMPTY,
	NODE_POINT,			/* @point */
	NODE_SET,			/* @set */
	NODE_ASSERT,			/* @assertion */
	NODE_GROUP,			/* @first, kept as group @group */
	NODE_REPEAT,			/* @first, @min to @max times */
	NODE_CONCAT,
	NODE_ALTERNATE,
	/* on the parser's stack only */
	NODE_PAREN,
	NODE_BAR,
};

/* Conditions between two characters, as bits. */
enum assertion {
	ASSERT_BEGIN_TEXT = 1 << 0,
	ASSERT_END_TEXT = 1 << 1,
	ASSERT_BEGIN_LINE = 1 << 2,
	ASSERT_END_LINE = 1 << 3,
	ASSERT_WORD = 1 << 4,
	ASSERT_NO_WORD = 1 << 5,
};

enum {
	REPEAT_FOREVER = UINT32_MAX,	/* @max of x* */
};

struct node {
	enum node_kind kind;
	bool is_lazy;			/* a repeat that prefers fewer */
	bool is_nullable;		/* may match nothing at all */
	unsigned char assertion;
	unsigned char flags;		/* of a NODE_PAREN: the parser's, before it */
	uint32_t point;
	uint32_t group;			/* of a NODE_PAREN or NODE_GROUP; 0: none */
	uint32_t min, max;
	uint32_t height;		/* of the tree below, 1 or more */
	uint32_t size;			/* instructions, roughly; never more than REGEX_PROGRAM_MAX + 1 */
	uint32_t copies;		/* product of the repeats {n,m} inside of one another */
	struct regex_set *set;
	struct node *first, *last;	/* parts, the last of them first */
	struct node *next;		/* the part in front, or what lies below on the stack */
};

struct regex_tree {
	struct node *root;
	struct str *names;		/* of the groups, from 1; borrowed from the pattern */
	size_t group_count;		/* with group 0 */
	size_t set_count;		/* nodes that are sets */
};

/* ---- making a tree (tree.c) ---- */

struct parser;

/* All of these return 0, -EINVAL past a limit (with the error set), or -EMSGSIZE where the arena is full. */

/** regex_tree_node() - a node that stands for one instruction; Return: the node, or NULL */
struct node *regex_tree_node(struct parser *parser, enum node_kind kind);

/** regex_tree_push() - a node, or NULL where there was no memory for it; Return: as above */
int regex_tree_push(struct parser *parser, struct node *node);

/** regex_tree_is_marker() - whether nothing can be taken off the stack here: @node is NULL, or a marker */
bool regex_tree_is_marker(const struct node *node);

/** regex_tree_push_set() - @count clean ranges, which are borrowed; Return: as above */
int regex_tree_push_set(struct parser *parser, const struct regex_range *ranges, size_t count);

/** regex_tree_push_point() - one character, in upper and lower case if the flags say so; Return: as above */
int regex_tree_push_point(struct parser *parser, uint32_t point);

/** regex_tree_push_assertion() - a condition; Return: as above */
int regex_tree_push_assertion(struct parser *parser, enum assertion assertion);

/** regex_tree_concat() - one node of what lies above the topmost marker, be it nothing; Return: as above */
int regex_tree_concat(struct parser *parser);

/**
 * regex_tree_alternate() - one node of what lies above the topmost NODE_PAREN, bars in between; Return: as
 * above
 */
int regex_tree_alternate(struct parser *parser);

/** regex_tree_fail() - what a class failed with, made into an answer; Return: @r, or -EINVAL for -E2BIG */
int regex_tree_fail(struct parser *parser, int r);

/**
 * regex_parse() - a tree of a pattern
 * @arena:   owns the tree
 * @pattern: the text
 * @ret:     the tree
 * @err:     filled for -EINVAL
 *
 * Errors: -EINVAL no such pattern; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int regex_parse(struct arena *arena, struct str pattern, struct regex_tree *ret, struct regex_error *err);

/* ---- parsing what is not about structure (escape.c) ---- */

enum parse_flags {
	PARSE_FOLD = 1 << 0,		/* i */
	PARSE_LINES = 1 << 1,		/* m */
	PARSE_DOT_NEWLINE = 1 << 2,	/* s */
	PARSE_LAZY = 1 << 3,		/* U */
};

struct parser {
	struct arena *arena;
	struct str pattern;
	struct str rest;		/* not parsed yet */
	struct regex_error *err;
	struct node *top;		/* of the stack */
	struct str *names;
	size_t group_count, group_room;
	size_t set_count;
	size_t allowance;		/* of ranges, for all classes together */
	unsigned flags;			/* enum parse_flags */
};

/** regex_parse_fail() - refuse the pattern; Return: -EINVAL */
int regex_parse_fail(struct parser *parser, const char *what, struct str where);

/** regex_parse_point() - take one character off @text; Return: 0, or -EINVAL where it is no UTF-8 */
int regex_parse_point(struct parser *parser, struct str *text, uint32_t *ret);

/**
 * regex_parse_escape() - take `\n`, `\x{1f600}` and the like off @text, which begins with '\'; Return: 0 or
 * -EINVAL
 */
int regex_parse_escape(struct parser *parser, struct str *text, uint32_t *ret);

/**
 * regex_parse_class_escape() - take `\d` or `\p{Greek}` off @text
 * @parser: the parser
 * @text:   any
 * @class:  is added to
 *
 * Errors: -EINVAL there is no such property; or @class's failure.
 * Return: 1 when there was one, 0 when @text begins otherwise, or negative errno.
 */
int regex_parse_class_escape(struct parser *parser, struct str *text, struct regex_class *class);

/** regex_parse_bracket() - take `[a-z]` off the parser's rest; Return: 0, -EINVAL, or @class's failure */
int regex_parse_bracket(struct parser *parser, struct regex_class *class);

/* ---- the program (compile.c) ---- */

/**
 * regex_tree_compile() - a program of a tree
 * @arena: owns the program
 * @work:  for what is needed meanwhile
 * @tree:  the tree
 * @ret:   the program
 *
 * Return: 0, or -EMSGSIZE where an arena is full.
 */
int regex_tree_compile(struct arena *arena, struct arena *work, const struct regex_tree *tree,
	const struct regex **ret);

enum regex_op {
	OP_FAIL = 0,
	OP_MATCH,
	OP_POINT,			/* is it @arg? then @next */
	OP_SET,				/* is it in sets[@arg]? then @next */
	OP_SPLIT,			/* @next, or else @arg */
	OP_SAVE,			/* remember the place in slot @arg */
	OP_ASSERT,			/* do all of @arg hold? */
};

struct regex_inst {
	enum regex_op op;
	uint32_t next;
	uint32_t arg;
};

struct regex_kind_start {
	uint32_t low, kind;
};

struct regex {
	struct regex_inst *insts;
	size_t inst_count;
	struct regex_set *sets;
	size_t set_count;
	uint32_t start;
	unsigned assertions;		/* all that occur */
	bool is_anchored;		/* begins with \A: matches nowhere else */
	/* is_anchored, and ends with \z: matches the text as a whole or not at all */
	bool is_whole;
	bool is_literal;		/* @prefix is all there is */
	struct str prefix;
	struct str *names;		/* by group; empty: none */
	size_t group_count;
	/*
	 * characters that cannot be told apart are of one kind (kinds.c); no kinds: there would be too many
	 */
	uint16_t ascii_kinds[128];
	struct regex_kind_start *kind_starts;	/* the first one holds the last of ASCII */
	size_t kind_start_count;
	uint32_t *kind_points;		/* one character of each kind */
	uint32_t kind_count;
};

/* ---- kinds of characters (kinds.c) ---- */

/**
 * regex_find_kinds() - find the kinds of a program and keep them in it; Return: 0, or -EMSGSIZE where one of
 * @arena, which keeps them, and @work is full
 */
int regex_find_kinds(struct arena *arena, struct arena *work, struct regex *regex);

/** regex_kind_search() - the kind of a character that is not ASCII */
uint32_t regex_kind_search(const struct regex *regex, uint32_t point);

/* ---- matching (pike.c, dfa.c) ---- */

struct pike;
struct dfa;
struct onepass;

struct regex_run {
	const struct regex *regex;
	struct arena *arena;
	struct pike *pike;		/* NULL until it is needed */
	size_t pike_slots;		/* that @pike has room for */
	struct dfa *dfa;		/* likewise */
	struct onepass *onepass;	/* likewise */
};

/**
 * regex_onepass_match() - regex_match(), for a program that has kinds and no choices
 * @run:        of the program
 * @text:       what to search
 * @from:       where to begin; for -ENOSPC, where to go on
 * @steps:      as there
 * @spans:      as there
 * @span_count: 1 or more
 *
 * Errors: -ENOSPC not such a program, or not such a text: ask regex_pike_match(); others as there.
 * Return: as there.
 */
int regex_onepass_match(struct regex_run *run, struct str text, size_t *from, uint64_t *steps,
	struct regex_span *spans, size_t span_count);

/**
 * regex_pike_match() - regex_match(), for any program and any question
 * @run:        of the program
 * @text:       what to search
 * @from:       where to begin
 * @steps:      as there
 * @spans:      as there
 * @span_count: as there
 *
 * Errors: as there.
 * Return: as there.
 */
int regex_pike_match(struct regex_run *run, struct str text, size_t from, uint64_t *steps,
	struct regex_span *spans, size_t span_count);

/**
 * regex_dfa_match() - whether there is a match, for a program that has kinds
 * @run:   of the program
 * @text:  what to search
 * @from:  where to begin
 * @steps: as in regex_match()
 *
 * Errors: -ENOSPC there are too many states: ask regex_pike_match(); -ETIME and -EMSGSIZE as regex_match().
 * Return: 1, 0, or negative errno.
 */
int regex_dfa_match(struct regex_run *run, struct str text, size_t from, uint64_t *steps);

/** regex_word_begins_or_ends() - whether one of the bytes around byte @at of @text is of a word */
bool regex_word_begins_or_ends(struct str text, size_t at);

/** assertions_hold() - whether all of @assertions hold in front of byte @at of @text */
static inline bool assertions_hold(struct str text, size_t at, unsigned assertions)
{
	if ((assertions & ASSERT_BEGIN_TEXT && at) || (assertions & ASSERT_END_TEXT && at != text.len))
		return false;
	if (!(assertions & ~(unsigned)(ASSERT_BEGIN_TEXT | ASSERT_END_TEXT)))
		return true;
	if (assertions & ASSERT_BEGIN_LINE && at && text.data[at - 1] != '\n')
		return false;
	if (assertions & ASSERT_END_LINE && at != text.len && text.data[at] != '\n')
		return false;
	return !(assertions & (ASSERT_WORD | ASSERT_NO_WORD)) ||
		(assertions & (ASSERT_WORD | ASSERT_NO_WORD)) ==
		(regex_word_begins_or_ends(text, at) ? ASSERT_WORD : ASSERT_NO_WORD);
}

/** regex_text_decode() - regex_text_point() for what is not ASCII; Return: bytes, 1..4 */
unsigned regex_text_decode(struct str text, size_t at, uint32_t *ret);

/** regex_text_point() - the character at byte @at of @text, which is not its end; Return: its bytes, 1..4 */
static inline unsigned regex_text_point(struct str text, size_t at, uint32_t *ret)
{
	*ret = (unsigned char)text.data[at];
	return likely(*ret < 0x80) ? 1 : regex_text_decode(text, at, ret);
}
