// SPDX-License-Identifier: Apache-2.0
/*
 * policy_trace.c - a trace as a person reads it, in the form of OPA's
 *
 *     query:1       Enter data.authz.allow
 *     query:1       | Eval data.authz.allow
 *     a.rego:5      | Enter data.authz.allow
 *     a.rego:6      | | Eval input.user == "root"
 *     a.rego:6      | | Fail input.user == "root"
 *
 * Of "notes" and "fails" only those are shown, and the rules that lead to each.
 */
#include "cli/policy_watch.h"

#include "base/quote.h"

#include <stdio.h>

static const char *const names[] = {
	[REGOC_EVENT_PRINT] = "Print", [REGOC_EVENT_ENTER] = "Enter", [REGOC_EVENT_EXIT] = "Exit",
	[REGOC_EVENT_AGAIN] = "Redo", [REGOC_EVENT_EVAL] = "Eval", [REGOC_EVENT_REDO] = "Redo",
	[REGOC_EVENT_FAIL] = "Fail", [REGOC_EVENT_NOTE] = "Note",
	[REGOC_EVENT_CASE] = "TestCase",
};

/* ---- which steps ---- */

struct chosen {
	const struct policy_step **items;
	size_t count;
};

static size_t deepest(const struct policy_watch *watch)
{
	size_t depth = 0;

	for (size_t i = 0; i < watch->step_count; i++)
		depth = MAX(depth, (size_t)watch->steps[i].depth);
	return depth;
}

/* The rules that wait for the step, the outermost first, but for those that were shown already. */
static void add_with_lineage(struct chosen *chosen, const struct policy_step **open,
	const struct policy_step *step, size_t *known)
{
	for (size_t i = *known; i <= step->depth; i++)
		if (open[i])
			chosen->items[chosen->count++] = open[i];
	chosen->items[chosen->count++] = step;
	*known = step->depth + 1;
}

static void choose(struct policy_watch *watch, enum regoc_event_kind kind, struct chosen *chosen)
{
	size_t depth = deepest(watch), known = 0;
	const struct policy_step **open = arena_alloc_array(&watch->cli->arena, depth + 2, sizeof(*open));

	for (size_t i = 0; open && i < watch->step_count; i++) {
		const struct policy_step *step = &watch->steps[i];

		if (step->kind == REGOC_EVENT_ENTER || step->kind == REGOC_EVENT_AGAIN) {
			open[step->depth] = step;
			known = MIN(known, (size_t)step->depth);
		} else if (step->kind == kind) {
			add_with_lineage(chosen, open, step, &known);
		}
	}
}

static struct chosen chosen_steps(struct policy_watch *watch, const char *how)
{
	/* A step is shown once, and a rule for each time that it is begun. */
	struct chosen chosen = {
		.items = arena_alloc_array(&watch->cli->arena, watch->step_count + 1, sizeof(*chosen.items)),
	};

	if (!chosen.items)
		return chosen;
	if (!strcmp(how, "notes") || !strcmp(how, "fails")) {
		choose(watch, how[0] == 'n' ? REGOC_EVENT_NOTE : REGOC_EVENT_FAIL, &chosen);
		return chosen;
	}
	for (size_t i = 0; i < watch->step_count; i++)
		chosen.items[chosen.count++] = &watch->steps[i];
	return chosen;
}

/* ---- as text ---- */

static bool is_of_rule(const struct policy_step *step)
{
	return step->kind == REGOC_EVENT_ENTER || step->kind == REGOC_EVENT_EXIT ||
		step->kind == REGOC_EVENT_AGAIN;
}

static const char *what(const struct policy_step *step)
{
	return is_of_rule(step) && step->file[0] ? step->rule : step->text;
}

static size_t indent_of(const struct policy_step *step)
{
	bool is_outside = step->kind == REGOC_EVENT_ENTER || step->kind == REGOC_EVENT_AGAIN;

	return step->depth + (is_outside ? 0 : 1);
}

static void print_place(struct buf *buf, const struct policy_step *step)
{
	buf_printf(buf, "%s:%u", step->file[0] ? step->file : "query", step->line);
}

static size_t widest(const struct chosen *chosen)
{
	scoped(buf) struct buf buf = BUF_INIT(CLI_ARENA_BYTES);
	size_t width = 0;

	for (size_t i = 0; i < chosen->count; i++) {
		buf_clear(&buf);
		print_place(&buf, chosen->items[i]);
		width = MAX(width, buf.len);
	}
	return width;
}

enum {
	GAP = 5,			/* between place and step */
};

static void print_step(struct cli *cli, const struct policy_step *step, size_t width)
{
	scoped(buf) struct buf buf = BUF_INIT(CLI_ARENA_BYTES);

	print_place(&buf, step);
	while (buf.len < width + GAP && buf_append_char(&buf, ' ') == 0)
		;
	for (size_t i = indent_of(step); i > 0; i--)
		buf_append_str(&buf, "| ");
	buf_printf(&buf, "%s ", names[step->kind]);
	if (step->kind == REGOC_EVENT_NOTE)
		buf_printf(&buf, "\"%s\"", step->text);
	else
		buf_append_str(&buf, what(step));
	buf_append_char(&buf, '\n');
	policies_print_text(cli, (struct str){ buf.data, buf.len });
}

void policy_trace_print(struct policy_watch *watch, const char *how)
{
	struct chosen chosen = chosen_steps(watch, how);
	size_t width = widest(&chosen);

	for (size_t i = 0; i < chosen.count; i++)
		print_step(watch->cli, chosen.items[i], width);
	if (watch->lost_count)
		cli_note(watch->cli, "the trace was cut: %zu steps more are not shown", watch->lost_count);
}

/* ---- as a document ---- */

static const struct json *step_document(struct cli *cli, const struct policy_step *step)
{
	struct json_object_builder object, location;

	json_object_begin(&location, &cli->arena);
	json_object_add_text(&location, "file", step->file);
	json_object_add_int(&location, "row", step->line);
	json_object_add_int(&location, "col", step->column);
	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "op", names[step->kind]);
	json_object_add_text(&object, step->kind == REGOC_EVENT_NOTE ? "message" : "node", what(step));
	json_object_add_text(&object, "rule", step->rule);
	json_object_add_int(&object, "depth", step->depth);
	json_object_add(&object, "location", json_object_end(&location));
	return json_object_end(&object);
}

const struct json *policy_trace_document(struct policy_watch *watch, const char *how)
{
	struct chosen chosen = chosen_steps(watch, how);
	struct json_array_builder list;

	json_array_begin(&list, &watch->cli->arena);
	for (size_t i = 0; i < chosen.count; i++)
		json_array_add(&list, step_document(watch->cli, chosen.items[i]));
	return json_array_end(&list);
}
