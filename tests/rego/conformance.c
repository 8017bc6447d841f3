// SPDX-License-Identifier: Apache-2.0
/*
 * conformance.c - the public conformance cases of Rego, each of them
 *
 * One test for each category (tests/data/rego/README.md has the format of the cases). A case passes when its
 * rows are the wanted ones, as a set, or when it fails with the wanted code and a text that holds the wanted
 * one. What cannot pass stands in tests/data/rego/cannot.txt with its reason; what stands there and passes
 * fails the test. Each case that passes is evaluated again with little memory, few steps, twice by one
 * machine, and without each thing and all that only makes it faster (lib/rego_tricks.h), and its instructions
 * read nothing that was not set (lib/plan_check.h).
 *
 * With arguments, for whoever works on the engine: conformance [-LINE] FILE.jsonl... prints what does not
 * pass, or tries that one line, and counts.
 */
#include "base/buf.h"
#include "lib/plan_check.h"
#include "lib/rego_tricks.h"
#include "rego/ast.h"
#include "rego/cache.h"
#include "rego/known.h"
#include "rego/machine.h"
#include "rego/policy.h"
#include "rego/zone.h"
#include "test_source_dir.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	MEMORY_MAX = 256 << 20,
	STEPS_MAX = 50000000,
	FILE_MAX = 64 << 20,
	MODULES_MAX = 64,
	ZONE_MAX = 1 << 16,
	CACHE_MAX = 4 << 20,
};

struct outcome {
	char why[2048];
	bool passed;
};

struct trial {
	struct arena arena;
	struct rego_diags diags;
	const struct json *item, *input;
	struct rego_zones *zones;
	struct rego_policy *policy;
	struct rego_known *known;	/* or NULL */
	unsigned flags;			/* enum rego_policy_flags, of the policy that the case is about */
	/* one machine evaluates twice, with a cache, and the second time counts */
	bool is_repeated;
	struct rego_source sources[MODULES_MAX];
	const struct rego_module *modules[MODULES_MAX];
	size_t module_count;
	char names[MODULES_MAX][32];
	struct outcome outcome;
};

static void say(struct trial *trial, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct trial *trial, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(trial->outcome.why, sizeof(trial->outcome.why), fmt, args);
	va_end(args);
}

static void say_diags(struct trial *trial, const char *what)
{
	const struct rego_diag *first = trial->diags.first;

	say(trial, "%s: %s: %u:%u: %s", what, rego_code_name(first->code), first->at.line, first->at.column,
		first->text);
}

static bool parse_modules(struct trial *trial, unsigned flags, size_t *ret_count)
{
	const struct json *modules = json_get(trial->item, "modules");
	size_t count = modules ? modules->array.count : 0;

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(trial->names[i], sizeof(trial->names[i]), "test-%zu.rego", i);
		trial->sources[i] = (struct rego_source){
			.name = trial->names[i], .text = modules->array.items[i]->text,
		};
		trial->modules[i] = rego_parse_module(&trial->sources[i], flags, &trial->arena,
			&trial->diags);
		if (!trial->modules[i]) {
			say_diags(trial, "parse");
			return false;
		}
	}
	*ret_count = count;
	return true;
}

/* A term of values only, such as {1, {2: [3]}}. */
static const struct json *value_of_term(struct arena *arena, const struct rego_term *term)
{
	struct json_array_builder list;
	struct json_object_builder object;

	if (term->type == REGO_TERM_VALUE)
		return term->value;
	if (term->type == REGO_TERM_OBJECT) {
		json_object_begin(&object, arena);
		for (size_t i = 0; i < term->object.count; i++)
			json_object_add_value(&object, value_of_term(arena, term->object.pairs[i].key),
				value_of_term(arena, term->object.pairs[i].value));
		return json_object_end(&object);
	}
	json_array_begin(&list, arena);
	for (size_t i = 0; i < term->list.count; i++)
		json_array_add(&list, value_of_term(arena, term->list.items[i]));
	return term->type == REGO_TERM_SET ? json_set_end(&list) : json_array_end(&list);
}

static const struct json *input_of(struct trial *trial)
{
	const struct json *text = json_get(trial->item, "input_term");
	struct rego_source source = { .name = "input" };
	const struct rego_term *term;

	if (!text)
		return json_get(trial->item, "input");
	source.text = text->text;
	term = rego_parse_term(&source, 0, &trial->arena, &trial->diags);
	return term ? value_of_term(&trial->arena, term) : NULL;
}

static const struct json *as_json(struct arena *arena, const struct json *value, bool is_sorted);

static const struct json *as_json_list(struct arena *arena, const struct json *value, bool is_sorted)
{
	struct json_array_builder list;
	const struct json *set;
	struct json *array;

	json_array_begin(&list, arena);
	for (size_t i = 0; i < value->array.count; i++)
		json_array_add(&list, as_json(arena, value->array.items[i], is_sorted));
	if (!is_sorted)
		return json_array_end(&list);
	set = json_set_end(&list);
	array = arena_alloc(arena, sizeof(*array));
	*array = *set;
	array->type = JSON_ARRAY;
	return array;
}

/*
 * Sets as arrays, keys as texts; the bindings' own arrays in order where the case says that their order is no
 * matter.
 */
static const struct json *as_json(struct arena *arena, const struct json *value, bool is_sorted)
{
	struct buf buf = BUF_INIT(FILE_MAX);
	const struct json *read = NULL;

	if (value->type == JSON_ARRAY || value->type == JSON_SET)
		return as_json_list(arena, value, is_sorted);
	if (json_write(&buf, value, JSON_WRITE_CANONICAL) == 0)
		(void)json_read(arena, (struct str){ buf.data, buf.len }, 0, &read, NULL);
	buf_fini(&buf);
	return read;
}

static const struct json *row_of(struct trial *trial, const struct rego_query *query,
	const struct json *values)
{
	bool is_sorted = json_get_bool(trial->item, "sort_bindings", false);
	struct json_object_builder row;

	json_object_begin(&row, &trial->arena);
	for (size_t i = 0; i < query->name_count; i++)
		json_object_add_str(&row, query->names[i],
			as_json(&trial->arena, values->array.items[i], is_sorted));
	return json_object_end(&row);
}

static const struct json *wanted_row(struct trial *trial, const struct json *wanted)
{
	bool is_sorted = json_get_bool(trial->item, "sort_bindings", false);
	struct json_object_builder row;

	json_object_begin(&row, &trial->arena);
	for (size_t i = 0; i < wanted->object.count; i++)
		json_object_add_value(&row, wanted->object.members[i].key,
			as_json(&trial->arena, wanted->object.members[i].value, is_sorted));
	return json_object_end(&row);
}

static const char *text_of(struct trial *trial, const struct json *value)
{
	struct buf buf = BUF_INIT(FILE_MAX);
	char *text;

	json_write(&buf, value, JSON_WRITE_TERM);
	text = arena_copy(&trial->arena, buf.data, buf.len);
	buf_fini(&buf);
	return text;
}

static void check_rows(struct trial *trial, const struct rego_query *query,
	const struct rego_machine *machine)
{
	const struct json *wanted = json_get(trial->item, "want_result"), *got_set, *wanted_set;
	struct json_array_builder got, want;

	json_array_begin(&got, &trial->arena);
	json_array_begin(&want, &trial->arena);
	for (size_t i = 0; i < machine->rows.count; i++)
		json_array_add(&got, row_of(trial, query, machine->rows.items[i]));
	for (size_t i = 0; wanted && i < wanted->array.count; i++)
		json_array_add(&want, wanted_row(trial, wanted->array.items[i]));
	got_set = json_set_end(&got);
	wanted_set = json_set_end(&want);
	trial->outcome.passed = got_set && wanted_set && json_equal(got_set, wanted_set);
	if (!trial->outcome.passed)
		say(trial, "got %s, wanted %s", got_set ? text_of(trial, got_set) : "nothing",
			wanted_set ? text_of(trial, wanted_set) : "nothing");
}

static const char *fault_name(enum rego_fault_code code)
{
	static const char *const names[] = {
		[REGO_FAULT_NONE] = "none", [REGO_FAULT_BUILTIN] = "eval_builtin_error",
		[REGO_FAULT_TYPE] = "eval_type_error", [REGO_FAULT_CONFLICT] = "eval_conflict_error",
		[REGO_FAULT_MERGE] = "eval_with_merge_error", [REGO_FAULT_STOPPED] = "eval_cancel_error",
	};

	return names[code];
}

static void check_fault(struct trial *trial, const struct rego_machine *machine)
{
	const char *code = json_get_text(trial->item, "want_error_code"),
		   *text = json_get_text(trial->item, "want_error");
	const char *got_code = fault_name(machine->fault.code);
	const struct rego_span *at = &machine->fault.at;
	char got[4096];

	(void)snprintf(got, sizeof(got), "%s:%u: %s: %s", at->source ? at->source->name : "", at->line,
		got_code, machine->fault.text);
	trial->outcome.passed = (code || text) && (!code || !strcmp(code, got_code)) &&
		(!text || strstr(got, text));
	if (!trial->outcome.passed)
		say(trial, "error %s, wanted %s %s", got, code ? code : "", text ? text : "a result");
}

static int read_whole(const char *path, char *text, size_t size, size_t *ret_len)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return -ENOENT;
	*ret_len = fread(text, 1, size, file);
	fclose(file);
	return 0;
}

/* The zones that the cases name, where the machine has them. */
static struct rego_zones *load_zones(struct arena *arena)
{
	static const char *const names[] = { "America/New_York", "Asia/Shanghai" };
	struct rego_zones *zones = rego_zones_new(arena);
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *bytes = arena_alloc(arena, ZONE_MAX);
		size_t len;

		(void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", names[i]);
		if (read_whole(path, bytes, ZONE_MAX, &len) == 0)
			(void)rego_zones_add(zones, str_from(names[i]), (struct str){ bytes, len }, NULL);
	}
	return zones;
}

struct limits {
	uint64_t steps;
	size_t memory_bytes;
};

static const struct json *data_of(const struct trial *trial)
{
	static const struct json empty = { .type = JSON_OBJECT, .height = 1 };
	const struct json *data = json_get(trial->item, "data");

	return data ? data : &empty;
}

/* Rows as one set of texts, so that two evaluations can be compared after the memory of the first is gone. */
static const struct json *run(struct trial *trial, const struct rego_query *query, struct limits limits,
	bool judge, enum rego_fault_code *ret_code)
{
	struct arena arena = ARENA_INIT(limits.memory_bytes);
	const struct json *rows = NULL;
	/* the certificates of the cases are valid then: from November 2023 to June 2031 */
	struct rego_moment moment = { .now_ns = 1795342830000000000, .zones = trial->zones };
	scoped(rego_cache) struct rego_cache cache = REGO_CACHE_INIT(CACHE_MAX);
	struct json_array_builder copies;
	struct rego_budget budget;
	struct rego_machine machine = {
		.plan = rego_policy_plan(trial->policy), .arena = &arena, .budget = &budget,
		.moment = &moment, .known = trial->known, .cache = trial->is_repeated ? &cache : NULL,
		.is_strict = json_get_bool(trial->item, "strict_error", false),
	};

	for (int turn = 0; turn <= trial->is_repeated; turn++) {
		arena_reset(&arena);
		rego_budget_init(&budget, limits.steps, NULL, NULL);
		rego_machine_run(&machine, query->function, trial->input, data_of(trial));
	}
	*ret_code = machine.fault.code;
	json_array_begin(&copies, &trial->arena);
	for (size_t i = 0; !machine.fault.code && i < machine.rows.count; i++)
		json_array_add(&copies, json_copy(&trial->arena, machine.rows.items[i]));
	rows = json_set_end(&copies);
	if (judge && machine.fault.code)
		check_fault(trial, &machine);
	else if (judge && (json_get(trial->item, "want_error_code") || json_get(trial->item, "want_error")))
		say(trial, "no error, wanted %s", json_get_text(trial->item, "want_error"));
	else if (judge)
		check_rows(trial, query, &machine);
	rego_machine_fini(&machine);
	arena_fini(&arena);
	return rows;
}

/* With less than it needs, a policy says so; it never says anything else. */
static void sweep(struct trial *trial, const struct rego_query *query, const struct json *rows,
	enum rego_fault_code code)
{
	for (uint64_t at = 1; trial->outcome.passed && at < 4096; at += at / 4 + 1) {
		const struct limits tries[] = { { at, MEMORY_MAX }, { STEPS_MAX, (size_t)at * 16 } };

		for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
			enum rego_fault_code got;
			const struct json *less = run(trial, query, tries[i], false, &got);

			if (got == REGO_FAULT_STOPPED || (got == code && (got || json_equal(less, rows))))
				continue;
			trial->outcome.passed = false;
			say(trial, "with %" PRIu64 " steps and %zu bytes it gives %s: %s", tries[i].steps,
				tries[i].memory_bytes, fault_name(got), text_of(trial, less));
		}
	}
}

/* The machine reads nothing that was not set. */
static void check_plan(struct trial *trial, const struct rego_query *query)
{
	const struct rego_plan *plan = rego_policy_plan(trial->policy);
	struct buf why = BUF_INIT(sizeof(trial->outcome.why) - 1);

	if (!plan_check(plan, &why) || !plan_check_function(plan, query->function, &why)) {
		trial->outcome.passed = false;
		say(trial, "%s", buf_text(&why));
	}
	buf_fini(&why);
}

/* ---- what only makes it faster ---- */

static size_t compared;

static void compare(struct trial *trial, const struct rego_query *query, const char *without,
	const struct json *rows, enum rego_fault_code code)
{
	struct limits enough = { STEPS_MAX, MEMORY_MAX };
	enum rego_fault_code got = REGO_FAULT_NONE;
	const struct json *other = NULL;

	compared++;
	trial->is_repeated = true;
	if (query)
		other = run(trial, query, enough, false, &got);
	trial->is_repeated = false;
	if (query && got == code && (code || json_equal(rows, other)))
		return;
	trial->outcome.passed = false;
	say(trial, "without %s it gives %s: %s", without, fault_name(got),
		other ? text_of(trial, other) : "nothing");
}

/* It changes nothing of what is said; who looks on has few of these things, and was asked without that. */
static void compare_tricks(struct trial *trial, const struct rego_body *body,
	const struct rego_query *fast_query, const struct json *rows, enum rego_fault_code code)
{
	struct rego_policy *fast = trial->policy;

	compare(trial, fast_query, "a first evaluation", rows, code);
	if (trial->flags & REGO_POLICY_TRACE)
		return;
	for (size_t i = 0; trial->outcome.passed && i < ARRAY_SIZE(rego_tricks); i++) {
		const struct rego_query *query = NULL;

		trial->policy = rego_policy_new(trial->modules, trial->module_count, rego_tricks[i].flags,
			MEMORY_MAX, &trial->diags);
		if (trial->policy)
			query = rego_query_new(trial->policy, body, NULL, &trial->arena, &trial->diags);
		compare(trial, query, rego_tricks[i].name, rows, code);
		if (query && trial->outcome.passed)
			check_plan(trial, query);
		rego_policy_free(trial->policy);
	}
	trial->policy = fast;
}

/* Nor does what was found out without any input, or under it before. */
static void compare_known(struct trial *trial, const struct rego_query *query, const struct json *rows,
	enum rego_fault_code code)
{
	struct limits enough = { STEPS_MAX, MEMORY_MAX };
	const struct json *input = trial->input, *other;
	enum rego_fault_code got;
	struct rego_known known;

	if (rego_known_init(&known, rego_policy_plan(trial->policy), data_of(trial), MEMORY_MAX) < 0)
		abort();
	trial->known = &known;
	trial->input = NULL;
	(void)run(trial, query, enough, false, &got);
	trial->input = input;
	for (int i = 0; i < 2 && trial->outcome.passed; i++) {
		other = run(trial, query, enough, false, &got);
		trial->outcome.passed = got == code && (code || json_equal(rows, other));
		if (!trial->outcome.passed)
			say(trial, "with what is known it gives %s: %s", fault_name(got),
				other ? text_of(trial, other) : "nothing");
	}
	trial->known = NULL;
	rego_known_fini(&known);
}

static void evaluate(struct trial *trial, const struct rego_query *query, const struct rego_body *body)
{
	struct limits enough = { STEPS_MAX, MEMORY_MAX };
	enum rego_fault_code code;
	const struct json *rows;

	trial->input = input_of(trial);
	trial->zones = load_zones(&trial->arena);
	rows = run(trial, query, enough, true, &code);
	if (trial->outcome.passed)
		sweep(trial, query, rows, code);
	if (trial->outcome.passed)
		compare_tricks(trial, body, query, rows, code);
	if (trial->outcome.passed)
		compare_known(trial, query, rows, code);
}

static void try_one(struct trial *trial)
{
	unsigned flags = REGO_PARSE_ANNOTATIONS |
		(json_get_bool(trial->item, "experimental_keywords", false) ? REGO_PARSE_LOGIC : 0);
	const struct json *query_text = json_get(trial->item, "query");
	struct rego_source source = { .name = "query", .text = query_text->text };
	const struct rego_query *query;
	const struct rego_body *body;

	if (!parse_modules(trial, flags, &trial->module_count))
		return;
	trial->policy = rego_policy_new(trial->modules, trial->module_count, trial->flags, MEMORY_MAX,
		&trial->diags);
	if (!trial->policy) {
		say_diags(trial, "compile");
		return;
	}
	body = rego_parse_query(&source, flags, &trial->arena, &trial->diags);
	query = body ? rego_query_new(trial->policy, body, NULL, &trial->arena, &trial->diags) : NULL;
	if (query)
		evaluate(trial, query, body);
	else
		say_diags(trial, "query");
	if (query && trial->outcome.passed)
		check_plan(trial, query);
	rego_policy_free(trial->policy);
}

static bool run_with(struct str line, unsigned policy_flags, struct outcome *ret, char *ret_note,
	size_t note_size)
{
	struct trial trial = { .arena = ARENA_INIT(MEMORY_MAX), .flags = policy_flags };
	const char *note;

	trial.diags = (struct rego_diags)REGO_DIAGS_INIT(&trial.arena);
	if (json_read(&trial.arena, line, 0, &trial.item, NULL) < 0) {
		arena_fini(&trial.arena);
		return false;
	}
	note = json_get_text(trial.item, "note");
	(void)snprintf(ret_note, note_size, "%s", note ? note : "");
	try_one(&trial);
	*ret = trial.outcome;
	arena_fini(&trial.arena);
	return true;
}

/* Who looks on changes nothing: the same again of a policy that tells all that it does. */
static bool run_line(struct str line, struct outcome *ret, char *ret_note, size_t note_size)
{
	if (!run_with(line, 0, ret, ret_note, note_size))
		return false;
	return !ret->passed || run_with(line, REGO_POLICY_TRACE, ret, ret_note, note_size);
}

/* ---- the list of what cannot pass ---- */

struct exceptions {
	char text[FILE_MAX / 64];
	size_t len;
};

static struct exceptions exceptions;

/* "CATEGORY:LINE reason" or "CATEGORY:* reason" */
static bool is_excepted(const char *category, size_t line)
{
	struct str rest = { exceptions.text, exceptions.len }, head;
	char one[128], all[128];

	(void)snprintf(one, sizeof(one), "%s:%zu ", category, line);
	(void)snprintf(all, sizeof(all), "%s:* ", category);
	while (rest.len) {
		(void)str_cut(rest, '\n', &head, &rest);
		if (str_starts_with(head, str_from(one)) || str_starts_with(head, str_from(all)))
			return true;
	}
	return false;
}

/* ---- files ---- */

struct count {
	size_t passed, failed, excepted;
};

static void judge(const char *category, size_t line, const char *note, const struct outcome *outcome,
	struct count *count)
{
	bool excepted = is_excepted(category, line);

	if (outcome->passed != excepted) {
		*(excepted ? &count->excepted : &count->passed) += 1;
		return;
	}
	count->failed++;
	printf("# %s:%zu: %s: %s\n", category, line, note,
		excepted ? "passes, and stands in cannot.txt" : outcome->why);
}

static int run_file(const char *path, size_t only, struct count *count)
{
	static char text[FILE_MAX];
	struct str rest = { text, 0 }, head;
	const char *base = strrchr(path, '/');
	char category[64];
	size_t line = 0;

	if (read_whole(path, text, sizeof(text), &rest.len) < 0)
		return -ENOENT;
	base = base ? base + 1 : path;
	(void)snprintf(category, sizeof(category), "%.*s", (int)strcspn(base, "."), base);
	while (rest.len) {
		struct outcome outcome;
		char note[256];

		(void)str_cut(rest, '\n', &head, &rest);
		if (!head.len || (++line != only && only))
			continue;
		if (!run_line(head, &outcome, note, sizeof(note)))
			return -EBADMSG;
		judge(category, line, note, &outcome, count);
	}
	return 0;
}

static int by_hand(int argc, char **argv)
{
	struct count count = { 0 };
	uint64_t only = 0;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-') {
			(void)str_to_u64(str_from(argv[i] + 1), 100000, &only);
		} else if (run_file(argv[i], (size_t)only, &count) < 0) {
			fprintf(stderr, "conformance: %s: cannot be read\n", argv[i]);
			return 2;
		}
	}
	printf("%zu passed, %zu failed, %zu excepted\n", count.passed, count.failed, count.excepted);
	return count.failed != 0;
}

static int is_category(const struct dirent *entry)
{
	return str_ends_with(str_from(entry->d_name), STR(".jsonl"));
}

int main(int argc, char **argv)
{
	static const char dir[] = TEST_SOURCE_DIR "/data/rego/conformance/v1/";
	struct dirent **entries;
	int n, failed = 0;

	(void)read_whole(TEST_SOURCE_DIR "/data/rego/cannot.txt", exceptions.text, sizeof(exceptions.text),
		&exceptions.len);
	if (argc > 1)
		return by_hand(argc, argv);
	n = scandir(dir, &entries, is_category, alphasort);
	printf("TAP version 13\n1..%d\n", n);
	for (int i = 0; i < n; i++) {
		struct count count = { 0 };
		char path[512];
		int r;

		(void)snprintf(path, sizeof(path), "%s%s", dir, entries[i]->d_name);
		r = run_file(path, 0, &count);
		printf("%sok %d - %s: %zu passed, %zu failed, %zu excepted\n",
			r < 0 || count.failed ? "not " : "", i + 1, entries[i]->d_name, count.passed,
			count.failed, count.excepted);
		failed += r < 0 || count.failed;
		free(entries[i]);
	}
	printf("# %zu evaluations compared\n", compared);
	free(entries);
	return failed != 0;
}
