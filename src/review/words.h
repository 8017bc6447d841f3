/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h - what changed within a line
 *
 * Two lines that stand for each other are compared word by word: names, runs of blanks, and every other
 * character by itself. Long lines cost no more than short ones: what is alike at both ends is skipped, and
 * where too much is left between, all of it counts as changed. Lines that have next to nothing in common are
 * not two versions of one: then nothing is pointed out.
 */
#pragma once

#include "base/str.h"

enum {
	WORDS_MAX = 128,		/* of a line, between the ends that are alike */
	WORDS_SPANS_MAX = WORDS_MAX,
};

/* Bytes of a line. */
struct words_span {
	size_t start, len;
};

struct words_spans {
	struct words_span items[WORDS_SPANS_MAX];	/* in order, apart from each other */
	size_t count;
};

/**
 * words_compare() - what to point out in two lines
 * @old_line: UTF-8 or not
 * @new_line: likewise
 * @ret_old:  what the new line does not have
 * @ret_new:  what the old line does not have
 *
 * Return: whether there is anything to point out.
 */
bool words_compare(struct str old_line, struct str new_line, struct words_spans *ret_old,
	struct words_spans *ret_new);
