// SPDX-License-Identifier: Apache-2.0
/*
 * table.c - columns of text for a person
 *
 * Widths are counted in code points. East Asian wide characters therefore stand out by a column; what matters
 * here is that nothing is hidden or cut.
 */
#include "cli/table.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum {
	TABLE_BYTES_MAX = 64 << 20,
	COLUMN_GAP = 2,
	PROSE_WIDTH_MIN = 24,		/* narrower is harder to read than what the terminal folds */
};

/* @text went through quote_append_bare() and so is UTF-8, unless it is a title of ours, which is ASCII. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void cli_table_begin(struct cli_table *table, struct cli *cli, const struct cli_column *columns,
	size_t column_count)
{
	assert(column_count && column_count <= CLI_TABLE_COLUMNS_MAX);
	*table = (struct cli_table){
		.cli = cli, .columns = columns, .column_count = column_count,
		.text = BUF_INIT(TABLE_BYTES_MAX), .styles = BUF_INIT(TABLE_BYTES_MAX),
	};
	for (size_t i = 0; i < column_count; i++)
		table->widths[i] = width_of(columns[i].title);
}

static void add_cell(struct cli_table *table, enum cli_style style, struct str text)
{
	size_t start = table->text.len, column = table->cell_count++ % table->column_count;

	(void)quote_append_bare(&table->text, text);
	(void)buf_append_char(&table->text, '\0');
	(void)buf_append_char(&table->styles, (char)style);
	if (!buf_failed(&table->text))
		table->widths[column] = MAX(table->widths[column], width_of(table->text.data + start));
}

void cli_table_cell(struct cli_table *table, struct str text)
{
	add_cell(table, CLI_PLAIN, text);
}

void cli_table_styled(struct cli_table *table, enum cli_style style, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	add_cell(table, style, str_from(text));
}

/* As many bytes as fit into @room up to the end of a word, and at least one word. */
static size_t fold_at(const char *text, size_t room)
{
	size_t best = 0, width = 0;

	for (size_t i = 0; text[i]; i++) {
		if (text[i] == ' ' && (width <= room || !best))
			best = i;
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (width > room && best)
			return best;
	}
	return strlen(text);
}

/* The last column in lines of its own width, below each other, where the terminal is too narrow for one. */
static void print_prose(struct cli_table *table, const char *text)
{
	unsigned terminal = cli_width(table->cli);
	size_t indent = 0, len;

	for (size_t i = 0; i + 1 < table->column_count; i++)
		indent += table->widths[i] + COLUMN_GAP;
	if (terminal < indent + PROSE_WIDTH_MIN) {
		cli_write(table->cli, str_from(text));
		return;
	}
	while (text[len = fold_at(text, terminal - indent)]) {
		cli_write(table->cli, (struct str){ text, len });
		cli_printf(table->cli, "\n%*s", (int)indent, "");
		text += len + 1;
	}
	cli_write(table->cli, str_from(text));
}

static void print_cell(struct cli_table *table, size_t column, enum cli_style style, const char *text)
{
	struct cli *cli = table->cli;
	bool is_last = column + 1 == table->column_count;
	int pad = (int)(table->widths[column] - width_of(text));
	const char *begin = style == CLI_PLAIN ? "" : cli_style(cli, style);

	if (table->columns[column].is_right)
		cli_printf(cli, "%*s", pad, "");
	cli_write(cli, str_from(begin));
	if (is_last && table->columns[column].is_prose)
		print_prose(table, text);
	else
		cli_write(cli, str_from(text));
	cli_write(cli, str_from(*begin ? cli_style(cli, CLI_PLAIN) : ""));
	if (is_last)
		cli_write(cli, STR("\n"));
	else
		cli_printf(cli, "%*s", (table->columns[column].is_right ? 0 : pad) + COLUMN_GAP, "");
}

void cli_table_end(struct cli_table *table)
{
	const char *text = buf_text(&table->text);

	assert(table->cell_count % table->column_count == 0);
	/* A table that was cut would read as if there were no more rows. */
	if (buf_failed(&table->text) || buf_failed(&table->styles))
		table->cli->out.error = table->cli->out.error ? table->cli->out.error : -EMSGSIZE;
	else if (table->cell_count)
		for (size_t i = 0; i < table->column_count; i++)
			print_cell(table, i, CLI_BOLD, table->columns[i].title);
	for (size_t i = 0; i < table->cell_count && !table->cli->out.error; i++) {
		print_cell(table, i % table->column_count, (enum cli_style)table->styles.data[i], text);
		text += strlen(text) + 1;
	}
	buf_fini(&table->text);
	buf_fini(&table->styles);
}
