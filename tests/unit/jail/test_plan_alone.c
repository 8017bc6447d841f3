// SPDX-License-Identifier: Apache-2.0
/*
 * test_plan_alone.c - plans of the level "landlock": what their rules grant, and what the checker refuses
 *
 * The host's directories are looked at for such a plan, so what is read is made below the test's own.
 */
#include "plan_fixture.h"

#include "lib/branch.h"

#include <stdio.h>

static const char *at(const char *path)
{
	return arena_printf(&fixture.arena, "%s/%s", test_dir(), path);
}

static struct jail_inputs *alone_inputs(void)
{
	struct jail_inputs *inputs = fixture_inputs();

	inputs->level = JAIL_LEVEL_LANDLOCK;
	inputs->notify = true;
	fixture.host.dir_count = 0;
	fixture.branches[0].upper = fixture.branches[0].work = NULL;
	fixture.branches[0].copy = "/home/ann/.local/state/b/0/copy/thing";
	inputs->tmp_dir = "/home/ann/.local/state/s/scratch/tmp";
	inputs->run_dir = "/home/ann/.local/state/s/scratch/run";
	inputs->identity.home = inputs->home_dir;
	return inputs;
}

/* The access at a path by itself; 0: no rule is there. */
static unsigned access_at(const struct jail_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->rule_count; i++)
		if (!strcmp(plan->rules[i].path, path))
			return plan->rules[i].access;
	return 0;
}

TEST(an_agent_changes_what_is_its_own_and_nothing_else)
{
	const unsigned changing = JAIL_ACCESS_WRITE | JAIL_ACCESS_CHANGE;
	struct jail_inputs *inputs = alone_inputs();
	struct jail_plan plan = fixture_plan();

	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	CHECK_INT(plan.step_count, 0);
	CHECK_INT(plan.own_count, 4);
	CHECK(access_at(&plan, fixture.branches[0].copy) & JAIL_ACCESS_CHANGE);
	CHECK(access_at(&plan, inputs->tmp_dir) & JAIL_ACCESS_CHANGE);
	CHECK_INT(access_at(&plan, "/home/ann/src/thing"), 0);
	CHECK_INT(access_at(&plan, "/"), 0);
	CHECK_INT(access_at(&plan, "/proc") & changing, 0);
	CHECK_TEXT(fixture_env(&plan, "HOME"), inputs->home_dir);
	CHECK_TEXT(fixture_env(&plan, "TMPDIR"), inputs->tmp_dir);
	CHECK_TEXT(fixture_env(&plan, "XDG_RUNTIME_DIR"), inputs->run_dir);
	fixture_end();
}

TEST(what_is_denied_has_its_neighbours_granted_one_by_one)
{
	struct jail_inputs *inputs = alone_inputs();
	struct jail_plan plan;

	branch_run(".",
		"mkdir -p conf/app/sub conf/other conf/gone; echo k > conf/app/key; echo o > conf/app/open; ln -s app conf/l");
	fixture_add(&inputs->reads, at("conf"));
	fixture_add(&inputs->denies, at("conf/app/key"));
	fixture_add(&inputs->hides, at("conf/gone"));
	plan = fixture_plan();
	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	CHECK_INT(access_at(&plan, at("conf")), 0);
	CHECK_INT(access_at(&plan, at("conf/app")), 0);
	CHECK_INT(access_at(&plan, at("conf/app/key")), 0);
	CHECK_INT(access_at(&plan, at("conf/gone")), 0);
	CHECK_INT(access_at(&plan, at("conf/l")), 0);
	CHECK(access_at(&plan, at("conf/app/open")) & JAIL_ACCESS_READ);
	CHECK(access_at(&plan, at("conf/app/sub")) & JAIL_ACCESS_READ);
	CHECK(access_at(&plan, at("conf/other")) & JAIL_ACCESS_LIST);
	fixture_end();
}

TEST(a_tree_without_anything_denied_is_granted_as_a_whole)
{
	struct jail_inputs *inputs = alone_inputs();
	struct jail_plan plan;

	branch_run(".", "mkdir -p conf/app");
	fixture_add(&inputs->reads, at("conf"));
	plan = fixture_plan();
	CHECK_INT(access_at(&plan, at("conf")), JAIL_ACCESS_LIST | JAIL_ACCESS_READ | JAIL_ACCESS_EXECUTE);
	CHECK_INT(access_at(&plan, at("conf/app")), 0);
	fixture_end();
}

TEST(too_many_neighbours_are_an_error)
{
	struct jail_inputs *inputs = alone_inputs();
	struct jail_plan plan;

	branch_run(".", "mkdir conf; cd conf; i=0; while [ $i -lt 1100 ]; do : > $i; i=$((i + 1)); done");
	fixture_add(&inputs->reads, at("conf"));
	fixture_add(&inputs->denies, at("conf/7"));
	CHECK_INT(jail_plan_build(&fixture.arena, inputs, &plan, &fixture.err), -EMSGSIZE);
	fixture_end();
}

TEST(a_live_path_with_something_denied_is_an_error)
{
	struct jail_inputs *inputs = alone_inputs();
	struct jail_plan plan;

	fixture.branches[0].live = true;
	fixture.branches[0].copy = NULL;
	fixture_add(&inputs->denies, "/home/ann/src/thing/.env");
	CHECK_INT(jail_plan_build(&fixture.arena, inputs, &plan, &fixture.err), -EINVAL);
	fixture_end();
}

static struct jail_rule rules[1024];

/* A proper plan, whose rules can be changed. */
static struct jail_plan changeable_plan(void)
{
	struct jail_plan plan;

	(void)alone_inputs();
	plan = fixture_plan();
	memcpy(rules, plan.rules, plan.rule_count * sizeof(*rules));
	plan.rules = rules;
	return plan;
}

static void check_rule(const char *path, unsigned access, int wanted)
{
	struct jail_plan plan = changeable_plan();

	rules[plan.rule_count++] = (struct jail_rule){ path, access };
	if (jail_plan_check(&plan, &fixture.err) != wanted)
		test_fail(__FILE__, __LINE__, "a rule at %s: %s", path, fixture.err.text);
}

TEST(the_checker_lets_no_rule_reach_beyond)
{
	check_rule("/srv/data", JAIL_ACCESS_READ, 0);
	check_rule("/srv/data", JAIL_ACCESS_WRITE, -EINVAL);
	check_rule("/", JAIL_ACCESS_LIST, -EINVAL);
	check_rule("/dev", JAIL_ACCESS_LIST, -EINVAL);
	check_rule("/dev/sda", JAIL_ACCESS_READ, -EINVAL);
	check_rule("/proc/sys", JAIL_ACCESS_READ, -EINVAL);
	check_rule("/proc", JAIL_ACCESS_READ | JAIL_ACCESS_WRITE, -EINVAL);
	check_rule("/dev/null", JAIL_ACCESS_READ | JAIL_ACCESS_CHANGE, -EINVAL);
	check_rule("/home/ann/.local/state", JAIL_ACCESS_READ, -EACCES);
	check_rule("/home/ann/.local/state/other", JAIL_ACCESS_READ, -EACCES);
	check_rule("/home/ann", JAIL_ACCESS_READ, -EACCES);
	check_rule("relative", JAIL_ACCESS_READ, -EINVAL);
	fixture_end();
}

TEST(the_checker_knows_what_such_a_plan_cannot_have)
{
	static const char *const wide[] = { "/home/ann/.local" };
	struct jail_plan plan = changeable_plan();

	plan.preset = JAIL_PRESET_BASE;
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EINVAL);
	plan = changeable_plan();
	plan.notify = false;
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EINVAL);
	plan = changeable_plan();
	plan.tcp_connect.any = true;
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EINVAL);
	plan = changeable_plan();
	plan.identity.uid = 0;
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EINVAL);
	plan = changeable_plan();
	plan.own = wide;
	plan.own_count = 1;
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EACCES);
	plan = changeable_plan();
	plan.level = JAIL_LEVEL_NAMESPACES;
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EINVAL);
	fixture_end();
}

TEST_MAIN()
