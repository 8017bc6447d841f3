// SPDX-License-Identifier: Apache-2.0
/*
 * bench_policy.c - what a whole decision of the product costs
 *
 * bench_policy [TIMES]: building the input, asking all layers, reading the answer. An exec and a connection
 * are timed one by one, on the clock of the wall, and their p50, p99 and worst are printed; changesets of 10,
 * 1,000 and 100,000 entries are judged by the shipped modules, floor and all, some times each. Instructions
 * are counted from outside: `bench_policy exec TIMES` and `bench_policy net TIMES` do nothing else.
 */
#include "base/time.h"
#include "policy/judge.h"
#include "policy/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	TIMES = 20000,
	COMMIT_TIMES_MIN = 5,		/* of a changeset with more than so many entries */
	COMMIT_ENTRIES = 10000,
	COMMIT_TIMES_MAX = 100,
	ARENA_MAX_BYTES = 1 << 30,
};

#define MODULES_DIR TEST_SOURCE_DIR "/../data/policies"

/* What a person would write about programs and hosts, in the size that one does. */
static const char user_module[] =
	"package cordon.exec\n"
	"allow := true\n"
	"deny contains {\"rule\": \"exec/privilege\", \"msg\": \"it asks for root\"} if input.exec.name in {\"sudo\", \"su\", \"doas\"}\n"
	"deny contains {\"rule\": \"exec/wipe\", \"msg\": sprintf(\"recursive delete of %s\", [arg])} if {\n"
	"\tinput.exec.name == \"rm\"\n\tsome flag in input.exec.argv\n\tstartswith(flag, \"-\")\n\tcontains(flag, \"r\")\n"
	"\tsome arg in input.exec.argv\n\tstartswith(arg, \"/\")\n}\n"
	"ask contains {\"rule\": \"exec/force\", \"msg\": \"force push\"} if {\n"
	"\tinput.exec.name == \"git\"\n\tinput.exec.argv[1] == \"push\"\n\tsome arg in input.exec.argv\n"
	"\targ in {\"-f\", \"--force\", \"--force-with-lease\"}\n}\n"
	"ask contains {\"rule\": \"exec/outside\", \"msg\": \"outside of the workspace\"} if not startswith(input.exec.cwd, input.session.workspace)\n";

static const char net_module[] =
	"package cordon.net\n"
	"allow if input.net.name in hosts\n"
	"allow if {\n\tsome suffix in {\".example.com\", \".example.org\"}\n\tendswith(input.net.name, suffix)\n}\n"
	"hosts := {\"github.com\", \"pypi.org\", \"files.pythonhosted.org\", \"registry.npmjs.org\", \"crates.io\"}\n"
	"deny contains {\"rule\": \"net/port\", \"msg\": sprintf(\"port %d\", [input.net.port])} if not input.net.port in {80, 443}\n"
	"ask contains {\"rule\": \"net/upload\", \"msg\": \"it sends a lot\"} if input.net.sent_bytes > 10000000\n";

static const char *const argv[] = { "git", "commit", "--message", "a change" };
static const struct digest file_digest = { { 1, 2, 3 } };
static const struct policy_session session = {
	.id = "k3f9abcd", .workspace = "/home/a/project", .profile = "code-assistant",
	.level = "namespaces", .user = "a", .agent = "claude", .argv = argv, .argc = 4,
	.created_ns = UINT64_C(1700000000000000000), .exit_code = -1,
};
static const struct policy_program programs[] = {
	{ 12, "/usr/bin/git", &file_digest, argv, 4, "/home/a/project" },
	{ 11, "/usr/bin/dash", &file_digest, argv, 3, "/home/a/project" },
	{ 4, "/usr/local/bin/claude", &file_digest, argv, 2, "/home/a/project" },
};
static const struct policy_moment moment = { .now_ns = INT64_C(1700000000000000000) };

static _Noreturn void die(const char *what, const struct error *err)
{
	fprintf(stderr, "bench_policy: %s: %s\n", what, err->text);
	exit(EXIT_FAILURE);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void print_samples(const char *name, uint64_t *samples, size_t count)
{
	qsort(samples, count, sizeof(*samples), by_value);
	printf("%-22s p50 %10.3f us   p99 %10.3f us   worst %10.3f us   of %zu\n", name,
		(double)samples[count / 2] / 1e3, (double)samples[count * 99 / 100] / 1e3,
		(double)samples[count - 1] / 1e3, count);
}

/* ---- the policies ---- */

static struct policy_engine *make_engine(void)
{
	static const struct policy_source_options options = { .writer = POLICY_WRITER_ANYBODY };
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct policy_module added[] = {
		{ "exec.rego", { user_module, sizeof(user_module) - 1 } },
		{ "net.rego", { net_module, sizeof(net_module) - 1 } },
	};
	struct policy_set set = { 0 };
	struct policy_layer *shipped = &set.layers[POLICY_LAYER_ORGANISATION];
	struct policy_sources sources;
	struct policy_engine *engine;
	struct error err = ERROR_INIT;
	uint64_t began;
	int r;

	policy_sources_begin(&sources, &arena, &options);
	r = policy_sources_add(&sources, MODULES_DIR, &err);
	if (r >= 0)
		r = policy_sources_end(&sources, &set.layers[POLICY_LAYER_USER], &err);
	if (r < 0)
		die(MODULES_DIR, &err);
	shipped->modules = added;
	shipped->count = ARRAY_SIZE(added);
	if (policy_set_seal(&set) < 0)
		die("sealing", &err);
	began = now_ns();
	if (policy_engine_new(&set, &engine, NULL, &err) < 0)
		die("compiling", &err);
	printf("%-22s     %10.3f ms   (%zu shipped modules and two more)\n", "compile",
		(double)(now_ns() - began) / 1e6, set.layers[POLICY_LAYER_USER].count);
	return engine;
}

/* ---- exec and net ---- */

static const struct json *make_exec(struct arena *arena)
{
	const struct policy_exec question = {
		.session = &session, .program = programs[0], .parents = programs + 1, .parent_count = 2,
	};

	return policy_input_exec(arena, &question);
}

static const struct json *make_net(struct arena *arena)
{
	const struct policy_net question = {
		.session = &session, .name = "api.example.com", .address = "198.18.0.7", .port = 443,
		.protocol = "https", .method = "POST", .path = "/v1/messages", .program = programs,
	};

	return policy_input_net(arena, &question);
}

static void decide(struct policy_engine *engine, enum policy_question question, struct arena *arena)
{
	const struct json *input;
	struct policy_answer answer;
	struct error err = ERROR_INIT;

	arena_reset(arena);
	input = question == POLICY_EXEC ? make_exec(arena) : make_net(arena);
	if (!input || policy_ask(engine, question, input, &moment, arena, &answer, &err) < 0)
		die(policy_question_name(question), &err);
}

static void measure_quick(struct policy_engine *engine, enum policy_question question, size_t times)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	uint64_t *samples = calloc(times, sizeof(*samples));

	if (!samples)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < times / 10 + 1; i++)
		decide(engine, question, &arena);
	for (size_t i = 0; i < times; i++) {
		uint64_t began = now_ns();

		decide(engine, question, &arena);
		samples[i] = now_ns() - began;
	}
	print_samples(policy_question_name(question), samples, times);
	free(samples);
}

/* ---- changesets ---- */

static const struct changeset *make_changeset(struct arena *arena, size_t count)
{
	static const char *const roots[] = { "/home/a/project" };
	static const char *const names[] = { "file.py", "index.js", "README.md" };
	struct change *changes = arena_alloc_array(arena, count, sizeof(*changes));
	struct changeset *changeset = arena_alloc(arena, sizeof(*changeset));

	if (!changes || !changeset)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < count; i++) {
		struct file_facts facts = {
			.type = FILE_REGULAR, .mode = 0644, .uid = 1000, .gid = 1000, .size_bytes = 1000 + i,
			.mtime_ns = INT64_C(1700000000000000000), .digest = file_digest,
		};
		const char *path = arena_printf(arena, "module%06zu/%s", i, names[i % ARRAY_SIZE(names)]);

		changes[i] = (struct change){ .kind = i % 4 ? CHANGE_MODIFIED : CHANGE_ADDED,
			.path = str_from(path), .new_file = facts };
		if (i % 4)
			changes[i].old_file = facts;
		changes[i].new_file.digest.bytes[4] = 1;
	}
	*changeset =
		(struct changeset){ .roots = roots, .root_count = 1, .changes = changes, .count = count };
	return changeset;
}

static void measure_commit(const struct policy_oracle *oracle, size_t count)
{
	scoped(arena) struct arena kept = ARENA_INIT(ARENA_MAX_BYTES);
	const struct changeset *changeset = make_changeset(&kept, count);
	const struct policy_settings settings = {
		.changes_max = SIZE_MAX, .bytes_max = UINT64_MAX, .oracle = oracle, .session = &session,
		.now_ns = moment.now_ns,
	};
	size_t times = count < COMMIT_ENTRIES ? COMMIT_TIMES_MAX : COMMIT_TIMES_MIN;
	uint64_t whole[COMMIT_TIMES_MAX], floor[COMMIT_TIMES_MAX];
	char name[48];

	for (size_t i = 0; i < times; i++) {
		scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
		struct judgement judgement;
		struct error err = ERROR_INIT;
		uint64_t began = now_ns();

		if (policy_judge_floor(&arena, changeset, &settings, &judgement, &err) < 0)
			die("the floor", &err);
		floor[i] = now_ns() - began;
		began = now_ns();
		if (policy_judge_changeset(&arena, changeset, &settings, &judgement, &err) < 0)
			die("judging", &err);
		whole[i] = now_ns() - began;
		if (!i)
			printf("commit %zu: %s, %zu decisions%s%s\n", count, verdict_name(judgement.verdict),
				judgement.count, judgement.count ? ": " : "",
				judgement.count ? judgement.decisions[0].message : "");
	}
	snprintf(name, sizeof(name), "commit %zu", count);
	print_samples(name, whole, times);
	print_samples("  of that the floor", floor, times);
}

int main(int argc, char **args)
{
	struct policy_engine *engine = make_engine();
	struct policy_oracle oracle = policy_engine_oracle(engine);
	enum policy_question question = POLICY_QUESTIONS;
	uint64_t count = TIMES;

	if (argc > 1)
		(void)policy_question_from_name(args[1], &question);
	if (argc > 2)
		(void)str_to_u64(str_from(args[2]), 10000000, &count);
	if (question == POLICY_COMMIT) {
		measure_commit(&oracle, (size_t)count);
	} else if (question != POLICY_QUESTIONS) {
		measure_quick(engine, question, (size_t)count);
	} else {
		measure_quick(engine, POLICY_EXEC, TIMES);
		measure_quick(engine, POLICY_NET, TIMES);
		measure_commit(&oracle, 10);
		measure_commit(&oracle, 1000);
		measure_commit(&oracle, 100000);
	}
	policy_engine_free(engine);
	return 0;
}
