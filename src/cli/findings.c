// SPDX-License-Identifier: Apache-2.0
/*
 * findings.c - what judging found, for every command that tells a person
 */
#include "cli/findings.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <stdio.h>

enum {
	LINE_BYTES_MAX = 64 << 10,
};

void findings_begin(struct findings *findings, struct cli *cli, enum findings_stream stream, size_t shown_max)
{
	*findings = (struct findings){ .cli = cli, .stream = stream, .shown_max = shown_max };
}

static void write_line(struct findings *findings, const struct buf *line)
{
	struct str text = { buf_text(line), line->len };

	if (findings->stream == FINDINGS_TO_OUTPUT)
		cli_write(findings->cli, text);
	else
		cli_tell_text(findings->cli, text);
}

/* What a rule finds and lets through all the same is a warning. */
static bool is_warning(const char *verdict)
{
	return !strcmp(verdict, verdict_name(VERDICT_ALLOW));
}

static const char *style_of(const struct findings *findings, const char *verdict)
{
	if (findings->stream == FINDINGS_TO_ERROR)
		return "";
	if (is_warning(verdict))
		return cli_style(findings->cli, CLI_INFO);
	return cli_style(findings->cli, strcmp(verdict, "ask") ? CLI_BAD : CLI_WARN);
}

/* A message is quoted where it is made; here it is only made sure of, so that nothing is quoted twice. */
static void append_message(struct buf *line, const char *message)
{
	struct str rest = str_from(message);
	bool is_safe = utf8_is_valid(rest);

	while (is_safe && rest.len) {
		uint32_t point;
		int n = utf8_decode(rest, &point);

		is_safe = n > 0 && !utf8_is_deceptive(point);
		rest.data += MAX(n, 1);
		rest.len -= (size_t)MAX(n, 1);
	}
	if (is_safe)
		(void)buf_append_str(line, message);
	else
		(void)quote_append(line, str_from(message));
}

static void remember_rule(struct findings *findings, const char *rule)
{
	for (size_t i = 0; i < findings->rule_count; i++)
		if (!strcmp(findings->rules[i], rule))
			return;
	if (findings->rule_count < FINDINGS_RULES_NAMED_MAX)
		findings->rules[findings->rule_count++] = rule;
	else
		findings->has_more_rules = true;
}

void findings_add(struct findings *findings, const char *verdict, const char *rule, const char *root,
	struct str path, const char *message)
{
	scoped(buf) struct buf line = BUF_INIT(LINE_BYTES_MAX);
	const char *style = style_of(findings, verdict);

	remember_rule(findings, rule);
	if (findings->count++ >= findings->shown_max)
		return;
	(void)buf_printf(&line, "  %s%s%s %s: ", style, is_warning(verdict) ? "warn" : verdict,
		*style ? cli_style(findings->cli, CLI_PLAIN) : "", quote_cstr(rule).text);
	if (root) {
		(void)quote_append(&line, str_from(root));
		(void)buf_append_str(&line, "/");
	}
	(void)quote_append(&line, path);
	(void)buf_append_str(&line, path.len ? ": " : "");
	append_message(&line, message);
	(void)buf_append_str(&line, "\n");
	write_line(findings, &line);
}

void findings_end(struct findings *findings)
{
	scoped(buf) struct buf line = BUF_INIT(LINE_BYTES_MAX);

	if (!findings->count)
		return;
	if (findings->count > findings->shown_max)
		(void)buf_printf(&line, "  ... and %zu more\n", findings->count - findings->shown_max);
	(void)buf_append_str(&line, "  `cordon explain");
	for (size_t i = 0; i < findings->rule_count; i++)
		(void)buf_printf(&line, " %s", quote_cstr(findings->rules[i]).text);
	(void)buf_printf(&line, "`%s says why, and what to do next\n",
		findings->has_more_rules ? " and so on" : "");
	write_line(findings, &line);
}

static bool is_selected(const struct changeset *changeset, const struct decision *decision,
	const bool *selected)
{
	const struct change *change;

	if (!selected || !decision->path.len)
		return true;
	change = changeset_find(changeset, decision->root, decision->path);
	return change && selected[change - changeset->changes];
}

void findings_print(struct cli *cli, enum findings_stream stream, size_t shown_max,
	const struct changeset *changeset, const struct judgement *judgement, const bool *selected)
{
	struct findings findings;

	findings_begin(&findings, cli, stream, shown_max);
	for (size_t i = 0; i < judgement->count; i++) {
		const struct decision *decision = &judgement->decisions[i];
		const char *root = decision->root && decision->root < changeset->root_count ?
			changeset->roots[decision->root] : NULL;

		if (is_selected(changeset, decision, selected))
			findings_add(&findings, verdict_name(decision->verdict), decision->rule, root,
				decision->path, decision->message);
	}
	findings_end(&findings);
}
