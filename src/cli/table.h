/* SPDX-License-Identifier: Apache-2.0 */
/*
 * table.h - columns of text for a person
 *
 *	struct cli_table table;
 *
 *	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
 *	cli_table_cell(&table, str_from(session->id));
 *	cli_table_styled(&table, CLI_WARN, "%s", "held");
 *	cli_table_end(&table);
 *
 * Cells go left to right, row after row. Every cell is escaped as quote.h does, so a path or a name that an
 * agent chose can neither move the cursor nor forge a row. The last column is never padded. An empty table
 * prints nothing.
 */
#pragma once

#include "cli/cli.h"

enum {
	CLI_TABLE_COLUMNS_MAX = 16,
};

struct cli_column {
	const char *title;
	bool is_right;			/* numbers */
	bool is_prose;			/* the last one: folded between words on a narrow terminal */
};

struct cli_table {
	struct cli *cli;
	const struct cli_column *columns;
	size_t column_count;
	struct buf text;		/* all cells, each followed by a NUL */
	struct buf styles;		/* one byte a cell */
	size_t cell_count;
	size_t widths[CLI_TABLE_COLUMNS_MAX];
};

/** cli_table_begin() - @columns is borrowed until cli_table_end(); 1..CLI_TABLE_COLUMNS_MAX of them */
void cli_table_begin(struct cli_table *table, struct cli *cli, const struct cli_column *columns,
	size_t column_count);

/** cli_table_cell() - the next cell, any bytes */
void cli_table_cell(struct cli_table *table, struct str text);

/** cli_table_styled() - the next cell, formatted, in a style; its text is escaped, too */
void cli_table_styled(struct cli_table *table, enum cli_style style, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** cli_table_end() - print and free; the last row must be complete */
void cli_table_end(struct cli_table *table);
