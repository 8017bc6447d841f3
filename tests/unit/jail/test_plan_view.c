// SPDX-License-Identifier: Apache-2.0
/*
 * test_plan_view.c - what of the host is behind a path of the sandbox
 */
#include "plan_fixture.h"

#include "jail/plan_view.h"

static void check_source(const struct jail_plan *plan, const char *path, const char *wanted)
{
	const char *found = jail_plan_source(&fixture.arena, plan, path);

	CHECK_TEXT(found ? found : "(nothing)", wanted ? wanted : "(nothing)");
}

TEST(system_directories_and_links_to_them)
{
	struct jail_plan plan;

	fixture_inputs();
	plan = fixture_plan();
	check_source(&plan, "/usr/bin/true", "/usr/bin/true");
	check_source(&plan, "/usr", "/usr");
	check_source(&plan, "/bin/sh", "/usr/bin/sh");
	check_source(&plan, "/bin", "/usr/bin");
	check_source(&plan, "/usrlocal", NULL);
	check_source(&plan, "/srv/tool", NULL);
	fixture_end();
}

TEST(the_project_the_private_home_and_what_is_shown_in_it)
{
	struct jail_inputs *inputs = fixture_inputs();
	struct jail_plan plan;

	fixture.reads[0] = "/home/ann/.nvm/versions";
	inputs->reads.count = 1;
	plan = fixture_plan();
	check_source(&plan, "/home/ann/src/thing/bin/x", "/home/ann/src/thing/bin/x");
	check_source(&plan, "/home/ann/.local/bin/x", "/home/ann/.local/share/cordon/homes/p/.local/bin/x");
	check_source(&plan, "/home/ann/.nvm/versions/node", "/home/ann/.nvm/versions/node");
	fixture_end();
}

TEST(what_is_the_sandboxs_own_is_nowhere)
{
	struct jail_plan plan;

	fixture_inputs();
	plan = fixture_plan();
	check_source(&plan, "/tmp/x", NULL);
	check_source(&plan, "/proc/self/exe", NULL);
	check_source(&plan, "/etc/shadow", NULL);
	/* Sealed is not covered; a plan's links may lead to the sandbox's own. */
	check_source(&plan, "/proc/sys/kernel", NULL);
	check_source(&plan, "/dev/stdin", NULL);
	fixture_end();
}

TEST(links_that_lead_to_each_other_end)
{
	const struct jail_step steps[] = {
		{ .kind = JAIL_STEP_SYMLINK, .target = "/a", .source = "b" },
		{ .kind = JAIL_STEP_SYMLINK, .target = "/b", .source = "/a" },
	};
	const struct jail_plan plan = { .steps = steps, .step_count = 2 };

	check_source(&plan, "/a/x", NULL);
	fixture_end();
}

TEST(without_namespaces_a_rule_decides)
{
	const struct jail_rule rules[] = {
		{ "/usr", JAIL_ACCESS_LIST | JAIL_ACCESS_READ | JAIL_ACCESS_EXECUTE },
		{ "/srv", JAIL_ACCESS_LIST | JAIL_ACCESS_READ },
	};
	const struct jail_plan plan = { .level = JAIL_LEVEL_LANDLOCK, .rules = rules, .rule_count = 2 };

	check_source(&plan, "/usr/bin/true", "/usr/bin/true");
	check_source(&plan, "/srv/tool", NULL);
	check_source(&plan, "/opt/tool", NULL);
	fixture_end();
}

TEST_MAIN()
