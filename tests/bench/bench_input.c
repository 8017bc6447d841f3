// SPDX-License-Identifier: Apache-2.0
/*
 * bench_input.c - what it takes to put a question to a policy
 *
 * The documents of the four questions, built as they are for a real one: a session with an agent, a program
 * with two parents, a connection; changesets of files that were modified. Each figure is the median of
 * ROUNDS_COUNT rounds.
 */
#include "policy/input.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	ROUNDS_COUNT = 31,
	TURNS_COUNT = 2000,		/* of a small document, in one round */
	ARENA_MAX_BYTES = 1 << 30,
};

static const char *const argv[] = { "git", "commit", "--message", "a change" };
static const struct digest file_digest = { { 1, 2, 3 } };
static struct policy_session session = {
	.id = "20260101-120000-abcdef", .workspace = "/home/a/project", .profile = "code-assistant",
	.level = "namespaces", .user = "a", .agent = "claude", .argv = argv, .argc = 4,
	.created_ns = UINT64_C(1700000000000000000), .exit_code = -1,
};
static const struct policy_program programs[] = {
	{ 12, "/usr/bin/git", &file_digest, argv, 4, "/home/a/project" },
	{ 11, "/usr/bin/dash", &file_digest, argv, 3, "/home/a/project" },
	{ 4, "/usr/local/bin/claude", &file_digest, argv, 2, "/home/a/project" },
};

static const struct json *make_exec(struct arena *arena, const struct changeset *changeset)
{
	const struct policy_exec question = {
		.session = &session, .program = programs[0], .parents = programs + 1, .parent_count = 2,
	};

	(void)changeset;
	return policy_input_exec(arena, &question);
}

static const struct json *make_net(struct arena *arena, const struct changeset *changeset)
{
	const struct policy_net question = {
		.session = &session, .name = "api.example.com", .address = "198.18.0.7", .port = 443,
		.protocol = "https", .method = "POST", .path = "/v1/messages", .program = programs,
	};

	(void)changeset;
	return policy_input_net(arena, &question);
}

static const struct json *make_commit(struct arena *arena, const struct changeset *changeset)
{
	const struct policy_commit question = { .session = &session, .changeset = changeset };

	return policy_input_commit(arena, &question);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static void measure(const char *name, unsigned turns, const struct changeset *changeset,
	const struct json *(*make)(struct arena *arena, const struct changeset *changeset))
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	uint64_t rounds_ns[ROUNDS_COUNT];
	size_t bytes = 0;

	for (size_t round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start_ns = now_ns();

		for (unsigned turn = 0; turn < turns; turn++) {
			arena_reset(&arena);
			if (!make(&arena, changeset))
				exit(EXIT_FAILURE);
			bytes = arena.used_bytes;
		}
		rounds_ns[round] = (now_ns() - start_ns) / turns;
	}
	qsort(rounds_ns, ROUNDS_COUNT, sizeof(*rounds_ns), by_value);
	printf("%-18s %10.3f us  (%.3f to %.3f)  %zu bytes\n", name,
		(double)rounds_ns[ROUNDS_COUNT / 2] / 1e3, (double)rounds_ns[0] / 1e3,
		(double)rounds_ns[ROUNDS_COUNT - 1] / 1e3, bytes);
}

static void measure_commit(size_t count)
{
	static const char *const roots[] = { "/home/a/project" };
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct change *changes = arena_alloc_array(&arena, count, sizeof(*changes));
	const struct changeset changeset = {
		.roots = roots, .root_count = 1, .changes = changes, .count = count,
	};
	char name[32];

	if (!changes)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < count; i++) {
		const char *path = arena_printf(&arena, "src/module%zu/file%zu.py", i / 50, i);
		struct file_facts facts = {
			.type = FILE_REGULAR, .mode = 0644, .uid = 1000, .gid = 1000, .size_bytes = i,
			.mtime_ns = INT64_C(1700000000000000000), .digest = file_digest,
		};

		if (!path)
			exit(EXIT_FAILURE);
		changes[i] = (struct change){
			.kind = CHANGE_MODIFIED, .path = str_from(path), .old_file = facts, .new_file = facts,
		};
	}
	snprintf(name, sizeof(name), "commit %zu", count);
	measure(name, count < 100 ? 200 : 2, &changeset, make_commit);
}

int main(void)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);

	measure("exec, session too", TURNS_COUNT, NULL, make_exec);
	session.built = policy_input_session(&arena, &session);
	measure("exec", TURNS_COUNT, NULL, make_exec);
	measure("net", TURNS_COUNT, NULL, make_net);
	measure_commit(10);
	measure_commit(1000);
	measure_commit(100000);
	return EXIT_SUCCESS;
}
