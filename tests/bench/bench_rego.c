// SPDX-License-Identifier: Apache-2.0
/*
 * bench_rego.c - what one decision costs
 *
 * bench_rego [NAME [TIMES]]: policies of tests/data/rego/bench, each compiled once, its input and data read
 * once, and then asked again and again with an arena that is reset in between. Microseconds are medians of
 * rounds, on a processor's clock. Instructions are counted from outside: valgrind --tool=callgrind with TIMES
 * and with twice as many, and the difference.
 */
#include "base/time.h"
#include "rego/machine.h"
#include "rego/policy.h"

#include <stdio.h>
#include <time.h>

enum {
	ROUNDS_COUNT = 15,
	TIMES = 2000,
	MEMORY_MAX = 64 << 20,
	FILE_MAX = 4 << 20,
};

struct subject {
	const char *name;
	const char *path[3];
};

static const struct subject subjects[] = {
	{ "role", { "app", "role", "allow" } },
	{ "exec", { "agent", "exec", "decision" } },
	{ "net", { "agent", "net", "allow" } },
	{ "rbacd", { "app", "rbac", "allow" } },
	{ "changeset", { "agent", "changeset", "allow" } },
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static _Noreturn void die(const char *name, const char *what)
{
	fprintf(stderr, "bench_rego: %s: %s\n", name, what);
	exit(EXIT_FAILURE);
}

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

static const struct json *read_json(struct arena *arena, const char *name, const char *suffix)
{
	const struct json *value;

	if (json_read(arena, read_file(arena, name, suffix), JSON_READ_SHARE_KEYS, &value, NULL) < 0)
		die(name, "no JSON");
	return value;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void ask(struct rego_machine *machine, const struct rego_function *function, const struct json *input,
	const struct json *data, size_t times)
{
	for (size_t i = 0; i < times; i++) {
		arena_reset(machine->arena);
		rego_budget_init(machine->budget, 1000000, NULL, NULL);
		if (rego_machine_run(machine, function, input, data) < 0)
			die(function->name, machine->fault.text);
	}
}

static void measure(const struct subject *subject, size_t times)
{
	struct arena arena = ARENA_INIT(MEMORY_MAX), scratch = ARENA_INIT(MEMORY_MAX);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const struct json *input = read_json(&arena, subject->name, "_input.json");
	const struct json *data = read_json(&arena, subject->name, "_data.json");
	struct rego_source source = { subject->name, read_file(&arena, subject->name, ".rego") };
	const struct rego_module *module = rego_parse_module(&source, 0, &arena, &diags);
	struct rego_policy *policy = module ? rego_policy_new(&module, 1, 0, MEMORY_MAX, &diags) : NULL;
	struct rego_budget budget;
	struct rego_moment moment = { .now_ns = 0 };
	struct rego_machine machine = { .arena = &scratch, .budget = &budget, .moment = &moment };
	uint64_t rounds_ns[ROUNDS_COUNT];
	size_t rounds = times == TIMES ? ROUNDS_COUNT : 1;

	if (!policy)
		die(subject->name, diags.first->text);
	machine.plan = rego_policy_plan(policy);
	for (size_t i = 0; i < rounds; i++) {
		uint64_t began = now_ns();

		ask(&machine, rego_policy_find(policy, subject->path, 3), input, data, times);
		rounds_ns[i] = now_ns() - began;
	}
	qsort(rounds_ns, rounds, sizeof(*rounds_ns), by_value);
	printf("%-10s %9.3f us  (%.3f to %.3f)  %zu bytes\n", subject->name,
		(double)rounds_ns[rounds / 2] / (double)times / 1e3,
		(double)rounds_ns[0] / (double)times / 1e3,
		(double)rounds_ns[rounds - 1] / (double)times / 1e3, scratch.used_bytes);
	rego_machine_fini(&machine);
	rego_policy_free(policy);
	arena_fini(&scratch);
	arena_fini(&arena);
}

int main(int argc, char **argv)
{
	uint64_t times = TIMES;

	if (argc > 2 && str_to_u64(str_from(argv[2]), 10000000, &times) < 0)
		die(argv[2], "no number");
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++)
		if (argc < 2 || !strcmp(argv[1], subjects[i].name))
			measure(&subjects[i], (size_t)times);
	return 0;
}
