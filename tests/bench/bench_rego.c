// SPDX-License-Identifier: Apache-2.0
/*
 * bench_rego.c - what one decision costs, what compiling costs, and what both take of memory
 *
 * bench_rego [NAME [TIMES]]: policies of tests/data/rego/bench, a list of 1,000 rules, for each of 500 and
 * 1,000 names the items that have it, and 1,000 and 10,000 lines of rego_texts.c. A policy is compiled once,
 * its input and data read once, and then it is asked again and again with an arena that is reset in between;
 * `compile` parses and compiles instead. Microseconds are medians of rounds, on the processor's clock, and
 * behind them stand all rounds. Instructions are counted from outside: valgrind --tool=callgrind with TIMES
 * and with twice as many, and the difference (tests/tools/test_budgets.py).
 *
 * `threads`: one policy, two threads with a machine each, beside one thread by itself, in turns. Since
 * nothing that they share is written, two do twice as much as one where there are two processors for them;
 * the processor's time for one evaluation says the same where there are not.
 */
#include "base/time.h"
#include "rego/machine.h"
#include "rego/policy.h"
#include "rego_texts.h"
#include "test_source_dir.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum {
	ROUNDS_COUNT = 15,
	MEMORY_MAX = 64 << 20,
	FILE_MAX = 4 << 20,
	STEPS_MAX = 1000000,
	RULES_COUNT = 1000,
	TURNS_COUNT = 9,
};

struct subject {
	const char *name;
	const char *path[3];
	const char *file;		/* below tests/data/rego/bench; NULL: the list of rules */
	size_t lines;			/* compiled and not asked */
	size_t times;
	size_t pairs;			/* 0, or so many names and items */
};

static const struct subject subjects[] = {
	{ "role", { "app", "role", "allow" }, "role", 0, 2000, 0 },
	{ "exec", { "agent", "exec", "decision" }, "exec", 0, 2000, 0 },
	{ "net", { "agent", "net", "allow" }, "net", 0, 2000, 0 },
	{ "rbacd", { "app", "rbac", "allow" }, "rbacd", 0, 2000, 0 },
	{ "changeset", { "agent", "changeset", "allow" }, "changeset", 0, 2000, 0 },
	{ "rules", { "app", "list", "deny" }, NULL, 0, 500, 0 },
	{ "prefixes", { "app", "list", "allow" }, NULL, 0, 500, 0 },
	{ "pairs_500", { "app", "pairs", "of" }, NULL, 0, 20, 500 },
	{ "pairs_1000", { "app", "pairs", "of" }, NULL, 0, 20, 1000 },
	{ "compile_1000", { NULL }, NULL, 1000, 4, 0 },
	{ "compile_10000", { NULL }, NULL, 10000, 1, 0 },
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static _Noreturn void die(const char *name, const char *what)
{
	fprintf(stderr, "bench_rego: %s: %s\n", name, what);
	exit(EXIT_FAILURE);
}

/* ---- one policy, and what it is asked ---- */

struct bench {
	struct arena arena;
	struct rego_diags diags;
	struct buf text;
	struct rego_source source;
	const struct json *input, *data;
	struct rego_policy *policy;
	const struct rego_function *function;
};

static struct str read_file(struct arena *arena, const char *name, const char *suffix)
{
	char path[512], *text = arena_alloc(arena, FILE_MAX);
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/data/rego/bench/%s%s", TEST_SOURCE_DIR, name, suffix);
	file = fopen(path, "re");
	if (!file || !text)
		die(path, "cannot be read");
	len = fread(text, 1, FILE_MAX, file);
	fclose(file);
	return (struct str){ text, len };
}

static const struct json *read_json(struct arena *arena, const char *name, struct str text)
{
	const struct json *value;

	if (json_read(arena, text, JSON_READ_SHARE_KEYS, &value, NULL) < 0)
		die(name, "no JSON");
	return value;
}

static void write_texts(struct bench *bench, const struct subject *subject)
{
	if (subject->lines)
		rego_text_module(&bench->text, 0, (unsigned)subject->lines);
	else
		rego_text_list(&bench->text, RULES_COUNT);
	bench->source = (struct rego_source){ subject->name, { bench->text.data, bench->text.len } };
	bench->input = read_json(&bench->arena, subject->name,
		STR("{\"name\": \"value_500\", \"path\": \"/srv/dir_500/file\"}"));
	bench->data = read_json(&bench->arena, subject->name, STR("{}"));
}

/* The items of a name are looked for in the list of all of them, once for each name. */
static void write_pairs(struct bench *bench, const struct subject *subject)
{
	static const struct str text = STR(
		"package app.pairs\n\nof[name] := items if {\n\tsome name in input.names\n"
		"\titems := [item.id | some item in input.items; item.name == name]\n}\n");

	buf_append_str(&bench->text, "{\"names\": [\"\"");
	for (size_t i = 1; i < subject->pairs; i++)
		buf_printf(&bench->text, ", \"name_%zu\"", i);
	buf_append_str(&bench->text, "], \"items\": [{\"id\": 0}");
	for (size_t i = 1; i < subject->pairs; i++)
		buf_printf(&bench->text, ", {\"id\": %zu, \"name\": \"name_%zu\"}", i,
			i * 7 % subject->pairs);
	buf_append_str(&bench->text, "]}");
	bench->source = (struct rego_source){ subject->name, text };
	bench->input = read_json(&bench->arena, subject->name,
		(struct str){ bench->text.data, bench->text.len });
	bench->data = read_json(&bench->arena, subject->name, STR("{}"));
}

static void read_files(struct bench *bench, const struct subject *subject)
{
	bench->source = (struct rego_source){ subject->name,
		read_file(&bench->arena, subject->file, ".rego") };
	bench->input = read_json(&bench->arena, subject->name,
		read_file(&bench->arena, subject->file, "_input.json"));
	bench->data = read_json(&bench->arena, subject->name,
		read_file(&bench->arena, subject->file, "_data.json"));
}

static struct rego_policy *compile(const struct rego_source *source, struct arena *arena,
	struct rego_diags *diags)
{
	const struct rego_module *module = rego_parse_module(source, 0, arena, diags);
	struct rego_policy *policy = module ? rego_policy_new(&module, 1, 0, MEMORY_MAX, diags) : NULL;

	if (!policy)
		die(source->name, diags->first->text);
	return policy;
}

static void bench_init(struct bench *bench, const struct subject *subject)
{
	*bench = (struct bench){ .arena = ARENA_INIT(MEMORY_MAX), .text = BUF_INIT(FILE_MAX) };
	bench->diags = (struct rego_diags)REGO_DIAGS_INIT(&bench->arena);
	if (subject->file)
		read_files(bench, subject);
	else if (subject->pairs)
		write_pairs(bench, subject);
	else
		write_texts(bench, subject);
	if (subject->lines)
		return;
	bench->policy = compile(&bench->source, &bench->arena, &bench->diags);
	bench->function = rego_policy_find(bench->policy, subject->path, ARRAY_SIZE(subject->path));
}

static void bench_fini(struct bench *bench)
{
	rego_policy_free(bench->policy);
	buf_fini(&bench->text);
	arena_fini(&bench->arena);
}

/* Return: bytes that one evaluation took. */
static size_t ask(const struct bench *bench, size_t times)
{
	struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct rego_budget budget;
	struct rego_moment moment = { .now_ns = 0 };
	struct rego_machine machine = {
		.plan = rego_policy_plan(bench->policy), .arena = &arena, .budget = &budget,
		.moment = &moment,
	};
	size_t used_bytes;

	for (size_t i = 0; i < times; i++) {
		arena_reset(&arena);
		rego_budget_init(&budget, STEPS_MAX, NULL, NULL);
		if (rego_machine_run(&machine, bench->function, bench->input, bench->data) < 0)
			die(bench->function->name, machine.fault.text);
	}
	used_bytes = arena.used_bytes;
	rego_machine_fini(&machine);
	arena_fini(&arena);
	return used_bytes;
}

/* Return: bytes of the tree and of the policy. */
static size_t compile_again(const struct bench *bench, size_t times)
{
	size_t used_bytes = 0;

	for (size_t i = 0; i < times; i++) {
		struct arena arena = ARENA_INIT(MEMORY_MAX);
		struct rego_diags diags = REGO_DIAGS_INIT(&arena);
		struct rego_policy *policy = compile(&bench->source, &arena, &diags);

		used_bytes = arena.used_bytes + rego_policy_memory(policy);
		rego_policy_free(policy);
		arena_fini(&arena);
	}
	return used_bytes;
}

/* ---- rounds ---- */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static double microseconds(uint64_t ns, size_t times)
{
	return (double)ns / (double)times / 1e3;
}

static void show(const struct subject *subject, const uint64_t *rounds_ns, size_t count, size_t times,
	const struct bench *bench, size_t used_bytes)
{
	uint64_t sorted_ns[ROUNDS_COUNT];

	memcpy(sorted_ns, rounds_ns, count * sizeof(*sorted_ns));
	qsort(sorted_ns, count, sizeof(*sorted_ns), by_value);
	printf("%-14s %10.3f us  (%.3f to %.3f)  %zu bytes", subject->name,
		microseconds(sorted_ns[count / 2], times), microseconds(sorted_ns[0], times),
		microseconds(sorted_ns[count - 1], times), used_bytes);
	if (bench->policy)
		printf(", its policy %zu", rego_policy_memory(bench->policy));
	printf("\n%-14s", "");
	for (size_t i = 0; i < count; i++)
		printf(" %.3f", microseconds(rounds_ns[i], times));
	printf("\n");
}

static void measure(const struct subject *subject, size_t times)
{
	struct bench bench;
	uint64_t rounds_ns[ROUNDS_COUNT];
	size_t count = times ? 1 : ROUNDS_COUNT, used_bytes = 0;

	bench_init(&bench, subject);
	times = times ? times : subject->times;
	for (size_t i = 0; i < count; i++) {
		uint64_t began = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

		used_bytes = subject->lines ? compile_again(&bench, times) : ask(&bench, times);
		rounds_ns[i] = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - began;
	}
	show(subject, rounds_ns, count, times, &bench, used_bytes);
	bench_fini(&bench);
}

/* ---- threads ---- */

struct worker {
	const struct bench *bench;
	size_t times;
	uint64_t cpu_ns;
};

static void *work(void *argument)
{
	struct worker *worker = argument;
	uint64_t began = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	ask(worker->bench, worker->times);
	worker->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID) - began;
	return NULL;
}

/* Return: wall time; *@ret_cpu_ns: the processor's, of one thread. */
static uint64_t run_threads(const struct bench *bench, size_t count, size_t times, uint64_t *ret_cpu_ns)
{
	pthread_t threads[2];
	struct worker workers[2];
	uint64_t began = clock_ns(CLOCK_MONOTONIC);

	*ret_cpu_ns = 0;
	for (size_t i = 0; i < count; i++) {
		workers[i] = (struct worker){ .bench = bench, .times = times };
		if (pthread_create(&threads[i], NULL, work, &workers[i]))
			die("threads", "cannot be made");
	}
	for (size_t i = 0; i < count; i++) {
		pthread_join(threads[i], NULL);
		*ret_cpu_ns += workers[i].cpu_ns / count;
	}
	return clock_ns(CLOCK_MONOTONIC) - began;
}

static void measure_threads(const struct subject *subject, size_t times)
{
	struct bench bench;
	double walls[TURNS_COUNT], best_wall = 0, best_cpu = 0;

	bench_init(&bench, subject);
	for (size_t i = 0; i < TURNS_COUNT; i++) {
		uint64_t alone_cpu_ns, both_cpu_ns;
		uint64_t alone_ns = run_threads(&bench, 1, times, &alone_cpu_ns);
		uint64_t both_ns = run_threads(&bench, 2, times, &both_cpu_ns);
		double cpu = (double)alone_cpu_ns / (double)both_cpu_ns;

		walls[i] = 2.0 * (double)alone_ns / (double)both_ns;
		best_wall = MAX(best_wall, walls[i]);
		best_cpu = MAX(best_cpu, cpu);
	}
	printf("threads        two evaluate %.2f times as much of %s as one; by the processor's time %.2f\n              ",
		best_wall, subject->name, 2.0 * best_cpu);
	for (size_t i = 0; i < TURNS_COUNT; i++)
		printf(" %.2f", walls[i]);
	printf("\n");
	bench_fini(&bench);
}

int main(int argc, char **argv)
{
	uint64_t times = 0;

	if (argc > 2 && str_to_u64(str_from(argv[2]), 10000000, &times) < 0)
		die(argv[2], "no number");
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
		if (argc < 2 || !strcmp(argv[1], subjects[i].name))
			measure(&subjects[i], (size_t)times);
	if (argc < 2 || !strcmp(argv[1], "threads"))
		measure_threads(&subjects[3], times ? (size_t)times : subjects[3].times);
	return 0;
}
