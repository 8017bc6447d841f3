/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glob.h - patterns of names, as Rego's glob.match has them
 *
 *     *          any characters but a delimiter     **      any characters
 *     ?          one character but a delimiter      [abc]   one of these; [!abc] one of the others
 *     {a,b*}     one of these patterns              [a-z]   one range; [!a-z]
 *     \x         x itself
 *
 * A glob is a regular expression in another dress: it becomes the same program, is bounded in the same way
 * and matched by regex_match(). A name matches as a whole.
 *
 * Source: github.com/gobwas/glob 1.0, whose syntax and messages these are
 */
#pragma once

#include "regex/regex.h"

/* Why a pattern was refused; gobwas' message is "glob: syntax error at OFFSET: WHAT". */
struct glob_error {
	const char *what;
	size_t offset;			/* in bytes of the pattern */
};

/**
 * glob_compile() - make a program of a glob
 * @arena:      owns the program
 * @pattern:    not needed afterwards
 * @delimiters: the characters that `*` and `?` stop at, one after the other; may be empty
 * @ret:        the program, to be asked with regex_match() and no spans
 * @err:        filled for -EINVAL; may be NULL
 *
 * Errors: -EINVAL no such pattern, or one past the limits of regex.h; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int glob_compile(struct arena *arena, struct str pattern, struct str delimiters, const struct regex **ret,
	struct glob_error *err);

/** glob_is_special() - whether a backslash has to stand in front of a character that is to mean itself */
bool glob_is_special(char c);
