// SPDX-License-Identifier: Apache-2.0
/*
 * rego_texts.c - rules, functions, sets, comprehensions and tests, over and over under other names
 */
#include "rego_texts.h"

/* What one block has stands in its format once; %u is the block's number. */
static const char *const block[] = {
	"deny_%u contains msg if {\n"
	"\tsome entry in input.changeset.entries\n"
	"\tstartswith(entry.path, sprintf(\"/srv/app_%%d/\", [%u]))\n"
	"\tnot is_allowed_%u(entry)\n"
	"\tmsg := sprintf(\"%%s must not change: rule %u\", [entry.path])\n"
	"}\n\n",
	"# Whoever may do so.\n"
	"is_allowed_%u(entry) if entry.mode == %u\n\n"
	"is_allowed_%u(entry) if {\n"
	"\tentry.kind in {\"added\", \"modified\"}\n"
	"\tcount(entry.flags) < limit_%u\n"
	"}\n\n",
	"default limit_%u := %u\n\n"
	"limit_%u := data.limits.l_%u if data.limits.enabled == true\n\n",
	"sizes_%u := {name: size |\n"
	"\tsome entry in input.changeset.entries\n"
	"\tname := entry.name\n"
	"\tsize := sum([other.new.size | some other in input.changeset.entries; other.name == name])\n"
	"\tsize > %u\n"
	"}\n\n",
	"total_%u := n if {\n"
	"\tn := sum([size | some size in sizes_%u])\n"
	"\tn > %u\n"
	"} else := 0 if {\n"
	"\tcount(deny_%u) == 0\n"
	"}\n\n",
	"test_limit_%u if {\n"
	"\tlimit_%u == %u with input as {\"changeset\": {\"entries\": []}}\n"
	"\tcount(deny_%u) == 0 with input as {\"changeset\": {\"entries\": [{\"path\": \"/tmp\", \"flags\": []}]}}\n"
	"}\n\n",
};

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* "%u" becomes the number, "%%" a percent sign. */
static void write_block(struct buf *buf, const char *format, unsigned number)
{
	for (; *format; format++) {
		if (*format != '%') {
			buf_append_char(buf, *format);
			continue;
		}
		format++;
		if (*format == 'u')
			buf_printf(buf, "%u", number);
		else
			buf_append_char(buf, '%');
	}
}

void rego_text_module(struct buf *buf, unsigned number, unsigned lines)
{
	unsigned written = 4;

	buf_printf(buf, "package app.m%u\n\nimport data.limits\n\n", number);
	for (unsigned at = 0; written < lines; at++)
		for (size_t i = 0; i < ARRAY_SIZE(block); i++) {
			write_block(buf, block[i], at);
			written += count_lines(block[i]);
		}
}

void rego_text_list(struct buf *buf, unsigned count)
{
	buf_append_str(buf, "package app.list\n\n");
	for (unsigned i = 0; i < count; i++)
		buf_printf(buf, "deny contains \"rule %u\" if input.name == \"value_%u\"\n\n", i, i);
	for (unsigned i = 0; i < count; i++)
		buf_printf(buf, "allow if startswith(input.path, \"/srv/dir_%u/\")\n\n", i);
}
