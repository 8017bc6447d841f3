/* SPDX-License-Identifier: Apache-2.0 */
/*
 * paragraph.h - a label, and prose beside it that is folded between words
 *
 *	struct paragraph at;
 *
 *	paragraph_begin(&at, cli, "why");
 *	paragraph_add(&at, "git runs it at the next commit");
 *	paragraph_end(&at);
 *
 * What is added is fit for a terminal already.
 */
#pragma once

#include "cli/cli.h"

enum {
	PARAGRAPH_LABEL_COLUMNS = 10,
	PARAGRAPH_TEXT_COLUMNS = 88,	/* behind the label */
};

struct paragraph {
	struct cli *cli;
	size_t column;			/* 0: nothing is on the line yet */
};

/** paragraph_begin() - with a label, which may be empty */
void paragraph_begin(struct paragraph *paragraph, struct cli *cli, const char *label);

/** paragraph_add_word() - one word, and what sticks to its end */
void paragraph_add_word(struct paragraph *paragraph, struct str word, const char *behind);

/** paragraph_add() - a text, word by word */
void paragraph_add(struct paragraph *paragraph, const char *text);

/** paragraph_end() - the line ends */
void paragraph_end(struct paragraph *paragraph);

/** paragraph_print() - all of it at once */
void paragraph_print(struct cli *cli, const char *label, const char *text);
