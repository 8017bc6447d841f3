// SPDX-License-Identifier: Apache-2.0
/*
 * paragraph.c - words put on lines as they come, none wider than PARAGRAPH_TEXT_COLUMNS
 */
#include "cli/paragraph.h"

void paragraph_begin(struct paragraph *paragraph, struct cli *cli, const char *label)
{
	*paragraph = (struct paragraph){ .cli = cli };
	cli_printf(cli, "  %s%-*s%s", cli_style(cli, CLI_BOLD), PARAGRAPH_LABEL_COLUMNS, label,
		cli_style(cli, CLI_PLAIN));
}

void paragraph_add_word(struct paragraph *paragraph, struct str word, const char *behind)
{
	size_t width = word.len + strlen(behind);

	if (paragraph->column && paragraph->column + 1 + width > PARAGRAPH_TEXT_COLUMNS) {
		cli_printf(paragraph->cli, "\n  %-*s", PARAGRAPH_LABEL_COLUMNS, "");
		paragraph->column = 0;
	}
	cli_printf(paragraph->cli, "%s%.*s%s", paragraph->column ? " " : "", STR_FMT(word), behind);
	paragraph->column += (paragraph->column ? 1 : 0) + width;
}

void paragraph_add(struct paragraph *paragraph, const char *text)
{
	struct str rest = str_from(text), word;
	bool more = true;

	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		paragraph_add_word(paragraph, word, "");
	}
}

void paragraph_end(struct paragraph *paragraph)
{
	cli_printf(paragraph->cli, "\n");
}

void paragraph_print(struct cli *cli, const char *label, const char *text)
{
	struct paragraph paragraph;

	paragraph_begin(&paragraph, cli, label);
	paragraph_add(&paragraph, text);
	paragraph_end(&paragraph);
}
