/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex.h - regular expressions in time linear in the text, whoever wrote them
 *
 * Syntax and meaning are those of Go's regexp, which are RE2's: no back-references and no looking around, and
 * in return a match never takes more than the size of the program times the length of the text. Pattern and
 * text may both come from an attacker, so everything else is bounded too: the pattern, the program, nesting,
 * repetition, memory (by the arenas that the caller brings), and the work of a match (by a count of steps).
 *
 * A pattern goes through these files, each of which knows only its own part:
 *
 *     parse.c, escape.c, class.c   text to tree; sets of characters; Go's error texts
 *     compile.c                    tree to program: a few kinds of instructions, an immutable struct regex
 *     kinds.c                      which characters a program cannot tell apart
 *     dfa.c                        whether it matches: a look into a table for each character
 *     onepass.c                    where it matches, and its groups, where there is only one way to go
 *     pike.c                       the same for all others: every way at once, the preferred first
 *     match.c                      what a question needs of that
 *
 * Text is UTF-8. As in Go, a byte that is not part of well-formed UTF-8 is one character of its own, U+FFFD;
 * the pattern itself must be well-formed. What matches is the leftmost match, and among those the one that a
 * backtracking matcher would find first.
 *
 * A struct regex is never changed after compiling and can be shared. What a match needs to write lies in a
 * struct regex_run, which belongs to one user at a time and gets faster with use.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct regex;
struct regex_run;

enum {
	REGEX_PATTERN_MAX = 256 << 10,	/* bytes of a pattern */
	REGEX_REPEAT_MAX = 1000,	/* in {n,m}, nested repeats multiplied */
	REGEX_DEPTH_MAX = 1000,		/* nesting */
	REGEX_PROGRAM_MAX = 100000,	/* instructions */
};

/* No offset: a group that took no part in the match. */
#define REGEX_NOWHERE SIZE_MAX

/* What one group matched: bytes @start..@end of the text. */
struct regex_span {
	size_t start, end;		/* both REGEX_NOWHERE, or neither */
};

/*
 * Why a pattern was refused. Go's message is made of both parts:
 *
 *     error parsing regexp: missing closing ): `a(b`
 *
 * @where was written by whoever wrote the pattern, and is not fit for a terminal.
 */
struct regex_error {
	const char *what;		/* "missing closing )" */
	struct str where;		/* part of the pattern, borrowed from it */
};

/**
 * regex_compile() - make a program of a pattern
 * @arena:   owns the program
 * @pattern: in Go's syntax; not needed afterwards
 * @ret:     the program
 * @err:     filled for -EINVAL; may be NULL
 *
 * Takes time and memory in proportion to the pattern and to the program that it becomes, a REGEX_PROGRAM_MAX
 * at most; regex_size() says how large it was.
 *
 * Errors: -EINVAL no such pattern, or one past the limits above; -EMSGSIZE the arena is full.
 * Source: https://github.com/google/re2/wiki/Syntax; Go's regexp/syntax for what it refuses, and how
 * Return: 0 or negative errno.
 */
int regex_compile(struct arena *arena, struct str pattern, const struct regex **ret, struct regex_error *err);

/**
 * regex_size() - how many instructions a program has: what it cost to make, and costs a character at worst
 */
size_t regex_size(const struct regex *regex);

/** regex_group_count() - how many groups there are, with the match as a whole: 1 or more */
size_t regex_group_count(const struct regex *regex);

/** regex_group_name() - the name of group @index in 0..count-1; Return: empty where it has none */
struct str regex_group_name(const struct regex *regex, size_t index);

/**
 * regex_prefix() - what every match begins with
 * @regex:     the program
 * @ret_whole: set when the pattern is nothing but this text; may be NULL
 *
 * Return: text owned by the program, empty where there is no such thing.
 */
struct str regex_prefix(const struct regex *regex, bool *ret_whole);

/**
 * regex_run_new() - what matching needs to write
 * @arena: owns it, and whatever it takes while matching; what is needed at most grows with the program
 * @regex: the program; outlives the run
 *
 * Return: owned by @arena, or NULL when that is full.
 */
struct regex_run *regex_run_new(struct arena *arena, const struct regex *regex);

/**
 * regex_match() - find the next match
 * @run:        of the program
 * @text:       what to search; `^` and `\b` look at all of it
 * @from:       where to begin, 0..text.len
 * @steps:      how much work may be done; what was done is taken off
 * @spans:      @span_count spans to fill: the match, then its groups; those beyond the program's are nowhere
 * @span_count: 0 when it is enough to know that there is a match, which is much faster
 *
 * A step is an instruction that is looked at for a character, or sixteen characters that pass without one: no
 * more than (6 + @span_count / 4) * (regex_size() + 1) * (text.len - from + 1) in all, and usually a small
 * part of it. That the steps are used up is found out within one character.
 *
 * Errors: -ETIME the steps are used up (*@steps is 0); -EMSGSIZE the arena of @run is full.
 * Return: 1 for a match, 0 for none, or negative errno.
 */
int regex_match(struct regex_run *run, struct str text, size_t from, uint64_t *steps,
	struct regex_span *spans, size_t span_count);

/* Where regex_next() is in a text. All zero to begin with. */
struct regex_cursor {
	size_t from;			/* where to search next */
	size_t last_end;		/* end of the last match */
	bool is_begun, is_done;
};

/**
 * regex_next() - one match after the other, as Go's FindAll gives them
 * @run:        of the program
 * @text:       the same in each call
 * @cursor:     where the last call stopped
 * @steps:      as in regex_match()
 * @spans:      filled, as in regex_match()
 * @span_count: 1 or more
 *
 * Matches do not overlap, and an empty one does not follow directly behind another match.
 *
 * Errors: as regex_match().
 * Return: 1 for a match, 0 when there are no more, or negative errno.
 */
int regex_next(struct regex_run *run, struct str text, struct regex_cursor *cursor, uint64_t *steps,
	struct regex_span *spans, size_t span_count);

/**
 * regex_expand() - take the next piece of the text that stands in place of a match
 * @regex:      the program, for the names of its groups
 * @template:   what is left of the template: `$1`, `$name`, `${1}` are what a group matched, or nothing; `$$`
 *              is a dollar sign
 * @text:       the text that was searched
 * @spans:      of the match
 * @span_count: as many as were filled
 * @ret:        the piece, may be empty; part of @template or of @text
 *
 * A name without braces is as long as it can be: `$1x` is group "1x", which there is not. A dollar sign that
 * begins none of these is itself.
 *
 * Source: Go's regexp.Expand
 * Return: false when the template is at its end, and there is no piece.
 */
bool regex_expand(const struct regex *regex, struct str *template, struct str text,
	const struct regex_span *spans, size_t span_count, struct str *ret);

/** regex_is_special() - whether a backslash has to stand in front of a character that is to mean itself */
bool regex_is_special(char c);
