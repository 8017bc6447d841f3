/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_fixture.h - inputs that make a proper plan, to be changed by tests
 *
 * A host with usr-merged directories, a user "ann" (1000) with a project below her home. Everything points
 * into one static struct, which a test may change: each test runs in a process of its own.
 */
#pragma once

#include "jail/plan_internal.h"
#include "lib/test.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FIXTURE_ARENA_BYTES = 16 << 20,
};

static struct fixture {
	struct arena arena;
	struct jail_host_dir dirs[4];
	struct jail_host host;
	struct jail_branch branches[4];
	const char *reads[8], *denies[8], *hides[8], *shields[4], *sets[8], *passes[8], *environment[8],
		*argv[4];
	struct jail_inputs inputs;
	struct error err;
} fixture = { .arena = ARENA_INIT(FIXTURE_ARENA_BYTES) };

static inline struct jail_inputs *fixture_inputs(void)
{
	struct fixture *f = &fixture;

	f->dirs[0] = (struct jail_host_dir){ "/bin", "usr/bin" };
	f->dirs[1] = (struct jail_host_dir){ "/etc", NULL };
	f->dirs[2] = (struct jail_host_dir){ "/usr", NULL };
	f->host = (struct jail_host){ .dirs = f->dirs, .dir_count = 3,
		.passwd = STR("root:x:0:0::/root:/bin/sh\nann:x:1000:1000:Ann:/home/ann:/bin/bash\n"),
		.group = STR("root:x:0:\nann:x:1000:\n") };
	f->branches[0] = (struct jail_branch){ .path = "/home/ann/src/thing",
		.upper = "/home/ann/.local/state/b/0/upper", .work = "/home/ann/.local/state/b/0/work",
		.owner_uid = 1000, .owner_gid = 1000 };
	f->shields[0] = "/home/ann/.local/state";
	f->argv[0] = "true";
	f->environment[0] = "TERM=xterm";
	f->environment[1] = "AWS_SECRET_ACCESS_KEY=x";
	f->environment[2] = "LC_ALL=C";
	f->inputs = (struct jail_inputs){
		.session = "k3f9", .hostname = "cordon",
		.identity = { .uid = 1000, .gid = 1000, .user = "ann", .home = "/home/ann" },
		.starter_uid = 1000, .starter_gid = 1000, .host = &f->host, .branches = f->branches,
		.branch_count = 1, .reads = { f->reads, 0 }, .denies = { f->denies, 0 },
		.hides = { f->hides, 0 }, .shielded = { f->shields, 1 },
		.home_dir = "/home/ann/.local/share/cordon/homes/p", .scratch_bytes = 1 << 20,
		.shm_bytes = 1 << 20, .run_bytes = 1 << 20,
		.limits = { JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED },
		.command = { .argv = f->argv, .argc = 1, .cwd = "/home/ann/src/thing", .umask = 022,
			.stdio = { JAIL_STDIO_NULL, JAIL_STDIO_INHERIT, JAIL_STDIO_INHERIT } },
		.environment = f->environment, .env_pass = { f->passes, 0 }, .env_set = { f->sets, 0 },
	};
	return &f->inputs;
}

static inline void fixture_add(struct jail_paths *paths, const char *text)
{
	const char **items;

	memcpy(&items, &paths->items, sizeof(items));
	items[paths->count++] = text;
}

/* The plan of the inputs as they are; the test fails where there is none. */
static inline struct jail_plan fixture_plan(void)
{
	struct jail_plan plan = { 0 };

	if (jail_plan_build(&fixture.arena, &fixture.inputs, &plan, &fixture.err) < 0)
		test_fail(__FILE__, __LINE__, "no plan: %s", fixture.err.text);
	return plan;
}

static inline bool fixture_has(const struct jail_plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (!strcmp(plan->steps[i].target, target))
			return true;
	return false;
}

/* The test fails where there is no such step. */
static inline const struct jail_step *fixture_step(const struct jail_plan *plan, const char *target)
{
	for (size_t i = 0; i < plan->step_count; i++)
		if (!strcmp(plan->steps[i].target, target))
			return &plan->steps[i];
	test_fail(__FILE__, __LINE__, "nothing at %s", target);
}

/* "" where there is no such variable. */
static inline const char *fixture_env(const struct jail_plan *plan, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < plan->command.env_count; i++)
		if (!strncmp(plan->command.env[i], name, len) && plan->command.env[i][len] == '=')
			return plan->command.env[i] + len + 1;
	return "";
}

static inline void fixture_end(void)
{
	arena_fini(&fixture.arena);
}
