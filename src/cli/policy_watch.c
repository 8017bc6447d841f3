// SPDX-License-Identifier: Apache-2.0
/*
 * policy_watch.c - takes the events of an evaluation
 */
#include "cli/policy_watch.h"

#include "base/quote.h"
#include "kern/clock.h"

enum {
	STEPS_MAX = 200000,		/* of a trace */
	TEXT_MAX_BYTES = 1024,		/* of one expression in it */
};

/* ---- print() ---- */

/* Lines come out of a policy: a terminal is shown nothing that it would obey. */
static void take_print(struct policy_watch *watch, const struct regoc_event *event)
{
	scoped(buf) struct buf line = BUF_INIT(CLI_ARENA_BYTES);
	struct buf *to = watch->prints ? watch->prints : &line;

	if (watch->has_places)
		buf_printf(to, "%s:%u: ", event->file[0] ? event->file : "query", event->line);
	buf_append(to, event->text, event->len);
	buf_append_char(to, '\n');
	if (!watch->prints)
		cli_tell_text(watch->cli, (struct str){ line.data, line.len });
}

/* ---- the trace ---- */

static const char *first_line(struct arena *arena, const struct regoc_event *event)
{
	struct str text = { event->text, MIN(event->len, (size_t)TEXT_MAX_BYTES) }, rest;
	const char *copy;

	if (event->kind != REGOC_EVENT_NOTE)
		(void)str_cut(text, '\n', &text, &rest);
	copy = arena_copy(arena, text.data, text.len);
	return copy ? copy : "...";
}

static const char *kept_rule(struct policy_watch *watch, const char *rule)
{
	const struct policy_step *last = watch->step_count ? &watch->steps[watch->step_count - 1] : NULL;
	const char *copy;

	if (last && !strcmp(last->rule, rule))
		return last->rule;
	copy = arena_copy(&watch->cli->arena, rule, strlen(rule));
	return copy ? copy : "...";
}

static void take_step(struct policy_watch *watch, const struct regoc_event *event)
{
	struct policy_step *steps = watch->step_count < STEPS_MAX ?
		arena_grow(&watch->cli->arena, watch->steps, watch->step_count, &watch->step_room,
			sizeof(*steps)) :
		NULL;
	const char *file;

	if (!steps) {
		watch->lost_count++;
		return;
	}
	watch->steps = steps;
	file = arena_copy(&watch->cli->arena, event->file, strlen(event->file));
	watch->steps[watch->step_count] = (struct policy_step){
		.kind = event->kind, .line = event->line, .column = event->column, .depth = event->depth,
		.file = file ? file : "...", .rule = kept_rule(watch, event->rule),
		.text = first_line(&watch->cli->arena, event),
	};
	watch->step_count++;
}

/* ---- coverage ---- */

static int compare_hits(const void *left, const void *right)
{
	const struct policy_hit *a = left, *b = right;
	int order = strcmp(a->file, b->file);

	return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

static int list_hits(struct policy_watch *watch, const struct regoc_policy *policy)
{
	struct regoc_place place;
	size_t count = 0, kept = 0;

	while (regoc_policy_place(policy, count, &place))
		count++;
	watch->hits = arena_alloc_array(&watch->cli->arena, count, sizeof(*watch->hits));
	if (!watch->hits)
		return cli_failf(watch->cli, CLI_USAGE, "there are too many expressions to be covered");
	for (size_t i = 0; regoc_policy_place(policy, i, &place); i++)
		watch->hits[i] = (struct policy_hit){ .file = place.file, .line = place.line };
	if (count)
		qsort(watch->hits, count, sizeof(*watch->hits), compare_hits);
	for (size_t i = 0; i < count; i++)
		if (!kept || compare_hits(&watch->hits[kept - 1], &watch->hits[i]) != 0)
			watch->hits[kept++] = watch->hits[i];
	watch->hit_count = kept;
	return CLI_OK;
}

static void take_hit(struct policy_watch *watch, const struct regoc_event *event)
{
	const struct policy_hit wanted = { .file = event->file, .line = event->line };
	struct policy_hit *hit = watch->hit_count ? bsearch(&wanted, watch->hits, watch->hit_count,
		sizeof(*watch->hits), compare_hits) : NULL;

	if (hit)
		hit->is_covered = true;
}

/* ---- the profile ---- */

static struct policy_cost *find_cost(struct policy_watch *watch, const struct regoc_event *event)
{
	struct policy_cost *costs;

	for (size_t i = 0; i < watch->cost_count; i++)
		if (watch->costs[i].line == event->line && !strcmp(watch->costs[i].file, event->file))
			return &watch->costs[i];
	costs = arena_grow(&watch->cli->arena, watch->costs, watch->cost_count, &watch->cost_room,
		sizeof(*costs));
	if (!costs)
		return NULL;
	watch->costs = costs;
	costs[watch->cost_count] = (struct policy_cost){
		.file = arena_copy(&watch->cli->arena, event->file, strlen(event->file)),
		.line = event->line, .column = event->column,
	};
	return watch->costs[watch->cost_count].file ? &watch->costs[watch->cost_count++] : NULL;
}

/* Time belongs to the expression that was told last, as in OPA's profiles. */
static void take_cost(struct policy_watch *watch, const struct regoc_event *event)
{
	uint64_t now_ns = kern_clock_monotonic_ns();

	if (watch->running)
		watch->running->time_ns += now_ns - watch->since_ns;
	watch->running = find_cost(watch, event);
	watch->since_ns = now_ns;
	if (!watch->running)
		return;
	watch->running->columns |= UINT64_C(1) << (event->column % 64);
	if (event->kind == REGOC_EVENT_EVAL)
		watch->running->eval_count++;
	else
		watch->running->redo_count++;
}

void policy_watch_rest(struct policy_watch *watch)
{
	if (watch->running)
		watch->running->time_ns += kern_clock_monotonic_ns() - watch->since_ns;
	watch->running = NULL;
}

/* ---- tests ---- */

static void take_case(struct policy_watch *watch, const struct regoc_event *event)
{
	const struct json *keys;

	if (json_read(&watch->cli->arena, (struct str){ event->text, event->len }, 0, &keys, NULL) == 0)
		json_array_add(&watch->cases, keys);
}

/* The innermost of what failed last is told first, and is why the others failed. */
static void take_failure(struct policy_watch *watch, const struct regoc_event *event)
{
	if (!event->file[0])
		return;
	buf_clear(&watch->failure_text);
	buf_append_str(&watch->failure_text, event->file);
	buf_append_char(&watch->failure_text, '\0');
	buf_append(&watch->failure_text, event->text, MIN(event->len, (size_t)TEXT_MAX_BYTES));
	watch->failure = (struct policy_step){
		.kind = event->kind, .line = event->line, .column = event->column, .depth = event->depth,
		.file = buf_text(&watch->failure_text),
		.text = buf_text(&watch->failure_text) + strlen(event->file) + 1,
	};
}

static void take_test(struct policy_watch *watch, const struct regoc_event *event)
{
	if (event->kind == REGOC_EVENT_CASE)
		take_case(watch, event);
	else if (event->kind == REGOC_EVENT_FAIL)
		take_failure(watch, event);
}

/* ---- all of it ---- */

static void look(void *data, const struct regoc_event *event)
{
	struct policy_watch *watch = data;

	if (event->kind == REGOC_EVENT_PRINT) {
		take_print(watch, event);
		return;
	}
	if (watch->wants & POLICY_WANTS_TESTS)
		take_test(watch, event);
	if (watch->wants & POLICY_WANTS_TRACE && event->kind != REGOC_EVENT_CASE)
		take_step(watch, event);
	if (watch->wants & POLICY_WANTS_COVERAGE &&
			(event->kind == REGOC_EVENT_EVAL || event->kind == REGOC_EVENT_EXIT))
		take_hit(watch, event);
	if (watch->wants & POLICY_WANTS_PROFILE &&
			(event->kind == REGOC_EVENT_EVAL || event->kind == REGOC_EVENT_REDO))
		take_cost(watch, event);
}

unsigned policy_watch_flags(unsigned wants)
{
	return REGOC_PRINT | (wants ? REGOC_TRACE : 0u) | (wants & POLICY_WANTS_TESTS ? REGOC_TESTS : 0u);
}

int policy_watch_begin(struct policy_watch *watch, const struct regoc_policy *policy)
{
	watch->regoc = (struct regoc_watch){ .look = look, .data = watch };
	json_array_begin(&watch->cases, &watch->cli->arena);
	watch->step_count = watch->lost_count = 0;
	/* Those of an earlier time are perhaps somebody's by now. */
	watch->costs = NULL;
	watch->cost_count = watch->cost_room = 0;
	watch->running = NULL;
	return watch->wants & POLICY_WANTS_COVERAGE ? list_hits(watch, policy) : CLI_OK;
}
