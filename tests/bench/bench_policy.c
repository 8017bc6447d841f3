// SPDX-License-Identifier: Apache-2.0
/*
 * bench_policy.c - what a whole decision of the product costs
 *
 * bench_policy [NAME [TIMES]]: building the input, asking all layers, reading the answer. An exec and a
 * connection are timed one by one, on the clock of the wall, and their p50, p99 and worst are printed;
 * changesets of 10, 1,000 and 100,000 entries are judged by the shipped modules, floor and all, some times
 * each. Instructions are counted from outside: valgrind --tool=callgrind with TIMES and with twice as many,
 * and the difference (tests/tools/test_budgets.py).
 */
#include "base/time.h"
#include "policy/judge.h"
#include "test_source_dir.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	WARM_TIMES = 100,
	ROUNDS_COUNT = 20,
	ROUND_MIN_COUNT = 100,
	ARENA_MAX_BYTES = 1 << 30,
	MODULE_MAX_BYTES = 1 << 20,
	MODULES_MAX = 64,
};

struct subject {
	const char *name;
	enum policy_question question;
	size_t entries;			/* of a changeset */
	size_t times;
	const char *address;		/* of a connection; NULL: a public one */
};

static const struct subject subjects[] = {
	{ "exec", POLICY_EXEC, 0, 20000 },
	{ "net", POLICY_NET, 0, 20000 },
	{ "net_inside", POLICY_NET, 0, 20000, "10.1.2.3" },
	{ "commit_10", POLICY_COMMIT, 10, 500 },
	{ "commit_1000", POLICY_COMMIT, 1000, 30 },
	{ "commit_100000", POLICY_COMMIT, 100000, 3 },
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
	"hosts := {\"github.com\", \"index.packages.example\", \"files.packages.example\", \"registry.packages.example\", \"example.org\"}\n"
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

static double microseconds(uint64_t ns)
{
	return (double)ns / 1e3;
}

/* Of many samples the middle one and the 99th of a hundred of each round; of few, all. */
static void print_rounds(uint64_t *samples, size_t count)
{
	size_t each = count / ROUNDS_COUNT;

	if (count < ROUND_MIN_COUNT * ROUNDS_COUNT) {
		printf("  all");
		for (size_t i = 0; i < count; i++)
			printf(" %.3f", microseconds(samples[i]));
		printf("\n");
		return;
	}
	for (size_t i = 0; i < ROUNDS_COUNT; i++)
		qsort(samples + i * each, each, sizeof(*samples), by_value);
	printf("  p50");
	for (size_t i = 0; i < ROUNDS_COUNT; i++)
		printf(" %.3f", microseconds(samples[i * each + each / 2]));
	printf("\n  p99");
	for (size_t i = 0; i < ROUNDS_COUNT; i++)
		printf(" %.3f", microseconds(samples[i * each + each * 99 / 100]));
	printf("\n");
}

/* Where instructions are counted, writing the samples down would be counted, too. */
static void print_samples(const struct subject *subject, const uint64_t *samples, size_t count)
{
	uint64_t *sorted = calloc(count, sizeof(*sorted));

	if (!sorted)
		exit(EXIT_FAILURE);
	memcpy(sorted, samples, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), by_value);
	printf("%-22s p50 %10.3f us   p99 %10.3f us   worst %10.3f us   of %zu\n", subject->name,
		microseconds(sorted[count / 2]), microseconds(sorted[count * 99 / 100]),
		microseconds(sorted[count - 1]), count);
	memcpy(sorted, samples, count * sizeof(*sorted));
	if (count == subject->times)
		print_rounds(sorted, count);
	free(sorted);
}

/* ---- the policies ---- */

/* With stdio: the counter of instructions does not know openat2(). */
static struct policy_module read_module(const char *path)
{
	struct policy_module module = { .name = strdup(path) };
	char *text = malloc(MODULE_MAX_BYTES);
	FILE *file = fopen(path, "re");

	if (!module.name || !text || !file)
		exit(EXIT_FAILURE);
	module.text = (struct str){ text, fread(text, 1, MODULE_MAX_BYTES, file) };
	fclose(file);
	return module;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct policy_module *)a)->name, ((const struct policy_module *)b)->name);
}

/* As they lie in the sources, without their tests. */
static struct policy_layer read_shipped(void)
{
	static struct policy_module modules[MODULES_MAX];
	struct policy_layer layer = { .modules = modules };
	glob_t found;

	if (glob(MODULES_DIR "/*.rego", 0, NULL, &found) ||
			glob(MODULES_DIR "/lib/*.rego", GLOB_APPEND, NULL, &found))
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < found.gl_pathc && layer.count < MODULES_MAX; i++)
		if (!str_ends_with(str_from(found.gl_pathv[i]), STR("_test.rego")))
			modules[layer.count++] = read_module(found.gl_pathv[i]);
	globfree(&found);
	qsort(modules, layer.count, sizeof(*modules), by_name);
	return layer;
}

static struct policy_engine *make_engine(void)
{
	struct policy_module added[] = {
		{ "exec.rego", { user_module, sizeof(user_module) - 1 } },
		{ "net.rego", { net_module, sizeof(net_module) - 1 } },
	};
	struct policy_set set = { 0 };
	struct policy_engine *engine;
	struct error err = ERROR_INIT;
	uint64_t began;

	set.layers[POLICY_LAYER_USER] = read_shipped();
	set.layers[POLICY_LAYER_ORGANISATION] = (struct policy_layer){ .modules = added,
		.count = ARRAY_SIZE(added) };
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

static const struct json *make_exec(struct arena *arena, const struct policy_session *asking)
{
	const struct policy_exec question = {
		.session = asking, .program = programs[0], .parents = programs + 1, .parent_count = 2,
	};

	return policy_input_exec(arena, &question);
}

static const struct json *make_net(struct arena *arena, const struct policy_session *asking,
	const char *address)
{
	const struct policy_net question = {
		.session = asking, .name = "api.example.com", .address = address ? address : "192.0.1.7",
		.port = 443, .protocol = "https", .method = "POST", .path = "/v1/messages",
		.program = programs,
	};

	return policy_input_net(arena, &question);
}

/* Who decides, with what is made once for a session. */
struct decider {
	struct policy_engine *engine;
	const struct subject *subject;
	struct policy_session session;
	struct arena arena;
};

static void decide(struct decider *decider)
{
	const struct subject *subject = decider->subject;
	struct policy_answer answer;
	struct error err = ERROR_INIT;
	const struct json *input;

	arena_reset(&decider->arena);
	input = subject->question == POLICY_EXEC ? make_exec(&decider->arena, &decider->session) :
		make_net(&decider->arena, &decider->session, subject->address);
	if (!input || policy_ask(decider->engine, subject->question, input, &moment, &decider->arena, &answer,
				&err) < 0)
		die(subject->name, &err);
}

static void measure_quick(struct policy_engine *engine, const struct subject *subject, size_t times)
{
	scoped(arena) struct arena kept = ARENA_INIT(ARENA_MAX_BYTES);
	struct decider decider = { engine, subject, session, ARENA_INIT(ARENA_MAX_BYTES) };
	uint64_t *samples = calloc(times, sizeof(*samples));

	decider.session.built = policy_input_session(&kept, &session);
	if (!samples || !decider.session.built)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < WARM_TIMES; i++)
		decide(&decider);
	for (size_t i = 0; i < times; i++) {
		uint64_t began = now_ns();

		decide(&decider);
		samples[i] = now_ns() - began;
	}
	print_samples(subject, samples, times);
	arena_fini(&decider.arena);
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
			.content = { .type = CONTENT_TEXT, .entropy = 450, .is_utf8 = true,
				.lines = 30 + i % 100, .longest_line = 80 },
		};
		const char *path = arena_printf(arena, "module%06zu/%s", i, names[i % ARRAY_SIZE(names)]);

		changes[i] = (struct change){ .kind = i % 4 ? CHANGE_MODIFIED : CHANGE_ADDED,
			.path = str_from(path), .new_file = facts };
		if (i % 4)
			changes[i].old_file = facts, changes[i].old_file.content = (struct content){ 0 };
		changes[i].new_file.digest.bytes[4] = 1;
	}
	*changeset =
		(struct changeset){ .roots = roots, .root_count = 1, .changes = changes, .count = count };
	return changeset;
}

static uint64_t judge_once(const struct changeset *changeset, const struct policy_settings *settings,
	const struct subject *subject, bool is_told)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct judgement judgement;
	struct error err = ERROR_INIT;
	uint64_t began = now_ns(), took;

	if (policy_judge_changeset(&arena, changeset, settings, &judgement, &err) < 0)
		die("judging", &err);
	took = now_ns() - began;
	if (is_told)
		printf("%s: %s, %zu decisions%s%s\n", subject->name, verdict_name(judgement.verdict),
			judgement.count, judgement.count ? ": " : "",
			judgement.count ? judgement.decisions[0].message : "");
	return took;
}

static void measure_commit(const struct policy_oracle *oracle, const struct subject *subject, size_t times)
{
	scoped(arena) struct arena kept = ARENA_INIT(ARENA_MAX_BYTES);
	const struct changeset *changeset = make_changeset(&kept, subject->entries);
	const struct policy_settings settings = {
		.changes_max = SIZE_MAX, .bytes_max = UINT64_MAX, .oracle = oracle, .session = &session,
		.now_ns = moment.now_ns,
	};
	uint64_t *samples = calloc(times, sizeof(*samples));

	if (!samples)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < times; i++)
		samples[i] = judge_once(changeset, &settings, subject, !i);
	print_samples(subject, samples, times);
	free(samples);
}

int main(int argc, char **args)
{
	struct policy_engine *engine = make_engine();
	struct policy_oracle oracle = policy_engine_oracle(engine);
	uint64_t times = 0;

	if (argc > 2)
		(void)str_to_u64(str_from(args[2]), 10000000, &times);
	for (size_t i = 0; i < ARRAY_SIZE(subjects); i++) {
		const struct subject *subject = &subjects[i];
		size_t count = times ? (size_t)times : subject->times;

		if (argc > 1 && strcmp(args[1], subject->name))
			continue;
		if (subject->entries)
			measure_commit(&oracle, subject, count);
		else
			measure_quick(engine, subject, count);
	}
	policy_engine_free(engine);
	return 0;
}
