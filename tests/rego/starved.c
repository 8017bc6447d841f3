// SPDX-License-Identifier: Apache-2.0
/*
 * starved.c - no memory, at every request of the engine in turn
 *
 * Each of the public conformance cases is read, compiled and evaluated once, and then again with one request
 * for memory refused: that one alone, which shows whether it was looked at, or all from there on, which shows
 * whether there is a way out. What comes of it is what came of it before, or an error that says that there
 * was no memory; it is never another answer, and never a crash. Where the error is another one, its text may
 * have been lost, but not that it is an error.
 *
 * All requests of all cases are a million. By default some of the cases have some of theirs refused, others
 * of each case; with CORDON_STARVED=all, each. CORDON_STARVED=N takes every Nth case, whole.
 */
#include "lib/fault_arena.h"
#include "lib/test.h"

#include "base/buf.h"
#include "rego/ast.h"
#include "rego/machine.h"
#include "rego/policy.h"
#include "test_source_dir.h"

#include <dirent.h>
#include <stdio.h>

enum {
	MEMORY_MAX = 256 << 20,
	STEPS_MAX = 50000000,
	FILE_MAX = 64 << 20,
	MODULES_MAX = 64,
	TEXT_MAX = 16 << 20,
	SHOTS = 32,		/* of each case, by default */
};

/* What is read once; all of it lives in one arena. */
struct example {
	const struct json *item;
	struct rego_source sources[MODULES_MAX], query;
	size_t module_count;
	char names[MODULES_MAX][32];
};

struct attempt {
	const struct example *example;
	struct arena arena;
	struct rego_diags diags;
	const struct rego_module *modules[MODULES_MAX];
	struct rego_policy *policy;
	struct buf *said;
	unsigned count;			/* of requests */
	bool has_failed;
};

/* ---- one attempt ---- */

static void say_diags(struct attempt *attempt)
{
	attempt->count = fault_arena_disarm();
	attempt->has_failed = true;
	if (!attempt->diags.count)
		buf_append_str(attempt->said, "refused without a word");
	else
		rego_diags_print(&attempt->diags, attempt->said);
}

static bool parse(struct attempt *attempt, unsigned flags)
{
	const struct example *example = attempt->example;

	for (size_t i = 0; i < example->module_count; i++) {
		attempt->modules[i] = rego_parse_module(&example->sources[i], flags, &attempt->arena,
			&attempt->diags);
		if (!attempt->modules[i])
			return false;
	}
	return true;
}

static void say_answer(struct attempt *attempt, const struct rego_machine *machine)
{
	const struct rego_fault *fault = &machine->fault;

	attempt->count = fault_arena_disarm();
	attempt->has_failed = fault->code;
	if (fault->code)
		buf_printf(attempt->said, "%u %u:%u %s", fault->code, fault->at.line, fault->at.column,
			fault->text);
	for (size_t i = 0; !fault->code && i < machine->rows.count; i++) {
		json_write(attempt->said, machine->rows.items[i], JSON_WRITE_TERM);
		buf_append_char(attempt->said, '\n');
	}
}

static void evaluate(struct attempt *attempt, const struct rego_query *query)
{
	static const struct json empty = { .type = JSON_OBJECT };
	const struct json *item = attempt->example->item, *data = json_get(item, "data");
	struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct rego_moment moment = { .now_ns = 1600000000000000000 };
	struct rego_budget budget;
	struct rego_machine machine = {
		.plan = rego_policy_plan(attempt->policy), .arena = &arena, .budget = &budget,
		.moment = &moment, .is_strict = json_get_bool(item, "strict_error", false),
	};

	rego_budget_init(&budget, STEPS_MAX, NULL, NULL);
	rego_machine_run(&machine, query->function, json_get(item, "input"), data ? data : &empty);
	say_answer(attempt, &machine);
	rego_machine_fini(&machine);
	arena_fini(&arena);
}

/* All of it, with refusals as they were armed; Return: the requests that were made. */
static unsigned attempt_all(const struct example *example, struct buf *said, bool *ret_has_failed)
{
	unsigned flags = REGO_PARSE_ANNOTATIONS |
		(json_get_bool(example->item, "experimental_keywords", false) ? REGO_PARSE_LOGIC : 0);
	struct attempt attempt = { .example = example, .arena = ARENA_INIT(MEMORY_MAX), .said = said };
	const struct rego_query *query = NULL;
	const struct rego_body *body;

	attempt.diags = (struct rego_diags)REGO_DIAGS_INIT(&attempt.arena);
	if (parse(&attempt, flags))
		attempt.policy = rego_policy_new(attempt.modules, example->module_count, 0, MEMORY_MAX,
			&attempt.diags);
	body = attempt.policy ? rego_parse_query(&example->query, flags, &attempt.arena, &attempt.diags) :
				NULL;
	if (body)
		query = rego_query_new(attempt.policy, body, NULL, &attempt.arena, &attempt.diags);
	if (query)
		evaluate(&attempt, query);
	else
		say_diags(&attempt);
	rego_policy_free(attempt.policy);
	arena_fini(&attempt.arena);
	*ret_has_failed = attempt.has_failed;
	return attempt.count;
}

/* ---- one case ---- */

struct tally {
	size_t cases, shots, noticed, wrong;
};

static bool is_about_memory(const struct buf *said)
{
	return said->len && strstr(said->data, "memory");
}

static void shoot(const struct example *example, unsigned nth, bool after, const struct buf *wanted,
	bool wanted_failure, struct tally *tally)
{
	scoped(buf) struct buf said = BUF_INIT(TEXT_MAX);
	bool has_failed;

	fault_arena_arm(nth, after);
	attempt_all(example, &said, &has_failed);
	tally->shots++;
	if (said.len == wanted->len && (!said.len || !memcmp(said.data, wanted->data, said.len)))
		return;
	tally->noticed++;
	if (has_failed && (wanted_failure || is_about_memory(&said)))
		return;
	tally->wrong++;
	printf("# request %u%s: %.300s\n# wanted: %.300s\n", nth, after ? " and all after it" : "",
		buf_text(&said), wanted->len ? wanted->data : "");
}

/* @shots: how many requests are refused at most; others in each case, by its @number */
static void starve(const struct example *example, size_t number, size_t shots, struct tally *tally)
{
	scoped(buf) struct buf wanted = BUF_INIT(TEXT_MAX);
	unsigned count, step;
	bool has_failed;

	fault_arena_arm(0, false);
	count = attempt_all(example, &wanted, &has_failed);
	step = (unsigned)(count / shots + 1);
	tally->cases++;
	for (unsigned nth = 1 + (unsigned)(number % step); nth <= count; nth += step) {
		shoot(example, nth, false, &wanted, has_failed, tally);
		shoot(example, nth, true, &wanted, has_failed, tally);
	}
}

static bool take_example(struct arena *arena, struct str line, struct example *ret)
{
	const struct json *modules;

	if (json_read(arena, line, 0, &ret->item, NULL) < 0)
		return false;
	modules = json_get(ret->item, "modules");
	ret->module_count = modules ? modules->array.count : 0;
	ret->query = (struct rego_source){ "query", json_get(ret->item, "query")->text };
	for (size_t i = 0; i < ret->module_count; i++) {
		(void)snprintf(ret->names[i], sizeof(ret->names[i]), "test-%zu.rego", i);
		ret->sources[i] = (struct rego_source){ ret->names[i], modules->array.items[i]->text };
	}
	return true;
}

/* ---- files ---- */

struct choice {
	size_t stride, shots;
};

static struct choice choose(void)
{
	const char *asked = getenv("CORDON_STARVED");
	uint64_t stride = 1;

	if (!asked)
		return (struct choice){ 1, SHOTS };
	if (strcmp(asked, "all") != 0)
		(void)str_to_u64(str_from(asked), 100000, &stride);
	return (struct choice){ (size_t)stride, SIZE_MAX };
}

static size_t read_whole(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t len = file ? fread(text, 1, size, file) : 0;

	if (file)
		fclose(file);
	return len;
}

static bool run_file(const char *path, struct choice choice, size_t *number, struct tally *tally)
{
	static char text[FILE_MAX];
	struct str rest = { text, read_whole(path, text, sizeof(text)) }, line;

	while (rest.len) {
		scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
		struct example example = { 0 };
		size_t wrong = tally->wrong;

		(void)str_cut(rest, '\n', &line, &rest);
		if (!line.len || (*number)++ % choice.stride)
			continue;
		if (!take_example(&arena, line, &example))
			return false;
		starve(&example, *number, choice.shots, tally);
		if (tally->wrong > wrong)
			printf("# in %s: %s\n", path, json_get_text(example.item, "note"));
	}
	return true;
}

static int is_category(const struct dirent *entry)
{
	return str_ends_with(str_from(entry->d_name), STR(".jsonl"));
}

static int all_files(const char *dir, struct tally *tally)
{
	struct choice choice = choose();
	struct dirent **entries;
	size_t number = 0;
	int n = scandir(dir, &entries, is_category, alphasort);

	for (int i = 0; i < n; i++) {
		char path[512];

		(void)snprintf(path, sizeof(path), "%s%s", dir, entries[i]->d_name);
		if (!run_file(path, choice, &number, tally))
			tally->wrong++;
		free(entries[i]);
	}
	free(entries);
	return n;
}

static bool judge(int number, const char *what, const struct tally *tally)
{
	bool is_right = tally->cases && !tally->wrong && tally->noticed > tally->shots / 4;

	printf("%sok %d - %s: %zu cases, %zu requests refused, %zu noticed, %zu wrong\n",
		is_right ? "" : "not ", number, what, tally->cases, tally->shots, tally->noticed,
		tally->wrong);
	return is_right;
}

int main(int argc, char **argv)
{
	struct tally own = { 0 }, public = { 0 };
	size_t number = 0;
	bool is_right;

	printf("TAP version 13\n1..%d\n", argc > 1 ? 1 : 2);
	is_right = run_file(argc > 1 ? argv[1] : TEST_SOURCE_DIR "/data/rego/starved.jsonl",
		(struct choice){ 1, SIZE_MAX }, &number, &own);
	is_right = judge(1, "cases of our own", &own) && is_right;
	if (argc == 1)
		(void)all_files(TEST_SOURCE_DIR "/data/rego/conformance/v1/", &public);
	return !((argc > 1 || judge(2, "public cases", &public)) && is_right);
}
