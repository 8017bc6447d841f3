// SPDX-License-Identifier: Apache-2.0
/*
 * test_plan_build.c - what an agent would see, read off the plan
 */
#include "plan_fixture.h"

static unsigned access_at(const struct jail_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->rule_count; i++)
		if (!strcmp(plan->rules[i].path, path))
			return plan->rules[i].access;
	return 0;
}

TEST(a_plain_plan_is_accepted)
{
	struct jail_plan plan;

	fixture_inputs();
	plan = fixture_plan();
	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	fixture_end();
}

TEST(system_directories_are_read_only_and_links_stay_links)
{
	struct jail_plan plan;

	fixture_inputs();
	plan = fixture_plan();
	CHECK_INT(fixture_step(&plan, "/usr")->kind, JAIL_STEP_BIND);
	CHECK(!(fixture_step(&plan, "/usr")->flags & JAIL_STEP_WRITABLE));
	CHECK_INT(fixture_step(&plan, "/bin")->kind, JAIL_STEP_SYMLINK);
	CHECK_TEXT(fixture_step(&plan, "/bin")->source, "usr/bin");
	CHECK_INT(access_at(&plan, "/usr"), JAIL_ACCESS_LIST | JAIL_ACCESS_READ | JAIL_ACCESS_EXECUTE);
	fixture_end();
}

TEST(secrets_of_etc_are_covered)
{
	struct jail_plan plan;

	fixture_inputs();
	plan = fixture_plan();
	CHECK_INT(fixture_step(&plan, "/etc/shadow")->kind, JAIL_STEP_MASK);
	CHECK_INT(fixture_step(&plan, "/etc/ssh/ssh_host_ed25519_key")->kind, JAIL_STEP_MASK);
	CHECK(!fixture_has(&plan, "/etc/passwd"));
	fixture_end();
}

TEST(the_home_is_the_private_one_and_the_workspace_lies_on_it)
{
	const struct jail_step *home, *workspace;
	struct jail_plan plan;

	fixture_inputs();
	plan = fixture_plan();
	home = fixture_step(&plan, "/home/ann");
	workspace = fixture_step(&plan, "/home/ann/src/thing");
	CHECK_TEXT(home->source, "/home/ann/.local/share/cordon/homes/p");
	CHECK(home->flags & JAIL_STEP_HOME);
	CHECK_INT(workspace->kind, JAIL_STEP_OVERLAY);
	CHECK_TEXT(workspace->upper, "/home/ann/.local/state/b/0/upper");
	CHECK(home < workspace);
	fixture_end();
}

TEST(without_a_home_directory_there_is_a_tmpfs)
{
	struct jail_plan plan;

	fixture_inputs()->home_dir = NULL;
	plan = fixture_plan();
	CHECK_INT(fixture_step(&plan, "/home/ann")->kind, JAIL_STEP_TMPFS);
	fixture_end();
}

TEST(a_live_branch_is_a_writable_bind)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture.branches[0] = (struct jail_branch){ .path = "/data/out", .live = true };
	fixture.inputs.command.cwd = "/data/out";
	plan = fixture_plan();
	CHECK_INT(fixture_step(&plan, "/data/out")->kind, JAIL_STEP_BIND);
	CHECK(fixture_step(&plan, "/data/out")->flags & JAIL_STEP_LIVE);
	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	fixture_end();
}

TEST(a_read_of_what_is_visible_already_adds_nothing)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.reads, "/usr/share/doc");
	fixture_add(&fixture.inputs.reads, "/data");
	fixture_add(&fixture.inputs.reads, "/data/sub");
	fixture_add(&fixture.inputs.reads, "/data");
	fixture_add(&fixture.inputs.reads, "/home/ann/src/thing/docs");
	plan = fixture_plan();
	CHECK(!fixture_has(&plan, "/usr/share/doc"));
	CHECK(!fixture_has(&plan, "/data/sub"));
	CHECK(!fixture_has(&plan, "/home/ann/src/thing/docs"));
	CHECK_INT(fixture_step(&plan, "/data")->kind, JAIL_STEP_BIND);
	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	fixture_end();
}

TEST(denied_wins_over_read_and_system)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.reads, "/data/private/x");
	fixture_add(&fixture.inputs.reads, "/data");
	fixture_add(&fixture.inputs.denies, "/data/private");
	fixture_add(&fixture.inputs.denies, "/etc");
	plan = fixture_plan();
	CHECK(!fixture_has(&plan, "/data/private/x"));
	CHECK_INT(fixture_step(&plan, "/data/private")->kind, JAIL_STEP_MASK);
	CHECK(!fixture_has(&plan, "/etc"));
	CHECK(!fixture_has(&plan, "/etc/shadow"));
	fixture_end();
}

TEST(a_denied_path_that_nothing_shows_needs_no_cover)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.denies, "/home/ann/.ssh");
	fixture_add(&fixture.inputs.denies, "/srv/other");
	plan = fixture_plan();
	CHECK(!fixture_has(&plan, "/home/ann/.ssh"));
	CHECK(!fixture_has(&plan, "/srv/other"));
	fixture_end();
}

TEST(a_denied_branch_is_a_contradiction)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.denies, "/home/ann/src");
	CHECK_INT(jail_plan_build(&fixture.arena, &fixture.inputs, &plan, &fixture.err), -EINVAL);
	CHECK(strstr(fixture.err.text, "/home/ann/src/thing"));
	fixture_end();
}

TEST(the_home_as_a_whole_is_neither_read_nor_branched)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.reads, "/home/ann");
	CHECK_INT(jail_plan_build(&fixture.arena, &fixture.inputs, &plan, &fixture.err), -EINVAL);
	fixture_inputs();
	fixture.branches[0].path = "/home";
	CHECK_INT(jail_plan_build(&fixture.arena, &fixture.inputs, &plan, &fixture.err), -EINVAL);
	CHECK(fixture.err.hint[0]);
	fixture_end();
}

TEST(hides_become_whiteouts_where_an_overlay_can_be)
{
	const struct jail_step *step;
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.reads, "/data");
	fixture_add(&fixture.inputs.hides, "/home/ann/src/thing/.env");
	fixture_add(&fixture.inputs.hides, "/data/a/secret");
	fixture_add(&fixture.inputs.hides, "/home/ann/elsewhere");
	plan = fixture_plan();
	step = fixture_step(&plan, "/home/ann/src/thing");
	CHECK_INT(step->hide_count, 1);
	CHECK_TEXT(step->hides[0], ".env");
	step = fixture_step(&plan, "/data");
	CHECK_INT(step->kind, JAIL_STEP_OVERLAY);
	CHECK(!step->upper);
	CHECK_TEXT(step->hides[0], "a/secret");
	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	fixture_end();
}

TEST(hides_in_a_live_branch_are_covered)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture.branches[0] = (struct jail_branch){ .path = "/data/out", .live = true };
	fixture_add(&fixture.inputs.hides, "/data/out/.env");
	plan = fixture_plan();
	CHECK_INT(fixture_step(&plan, "/data/out/.env")->kind, JAIL_STEP_MASK);
	fixture_end();
}

TEST(the_agents_of_root_get_a_name_and_owner_maps)
{
	const struct jail_step *step;
	struct jail_plan plan;

	fixture_inputs();
	fixture.inputs.starter_uid = fixture.inputs.starter_gid = 0;
	fixture.inputs.identity = (struct jail_identity){ 100000, 100000, "agent", "/root" };
	fixture_add(&fixture.inputs.reads, "/data");
	plan = fixture_plan();
	step = fixture_step(&plan, "/etc/passwd");
	CHECK_INT(step->kind, JAIL_STEP_FILE);
	CHECK(str_starts_with(step->content, STR("agent:x:100000:100000::/root:/bin/sh\n")));
	CHECK(memmem(step->content.data, step->content.len, "ann:x:1000", 10));
	CHECK(fixture_has(&plan, "/etc/group"));
	step = fixture_step(&plan, "/home/ann/src/thing");
	CHECK(step->flags & JAIL_STEP_IDMAP);
	CHECK_INT(step->owner_uid, 1000);
	step = fixture_step(&plan, "/data");
	CHECK(step->flags & JAIL_STEP_IDMAP);
	CHECK_INT(step->owner_uid, 0);
	CHECK(!(fixture_step(&plan, "/usr")->flags & JAIL_STEP_IDMAP));
	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	fixture_end();
}

/*
 * Nothing has to be translated: what is container root's outside is the agent's inside, for that is who it
 * is.
 */
TEST(the_agent_of_container_root_owns_what_that_root_owns)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture.inputs.starter_uid = fixture.inputs.starter_gid = 0;
	fixture.inputs.identity = (struct jail_identity){ .uid = 1000, .gid = 1000, .user = "agent",
		.home = "/root", .is_container_root = true };
	plan = fixture_plan();
	for (size_t i = 0; i < plan.step_count; i++)
		CHECK(!(plan.steps[i].flags & JAIL_STEP_IDMAP));
	CHECK_INT(jail_plan_check(&plan, &fixture.err), 0);
	plan.identity.uid = 0;		/* inside, it is root as little as anybody */
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EINVAL);
	fixture_end();
}

TEST(an_entry_of_another_with_the_same_id_is_replaced)
{
	const struct jail_step *step;
	struct jail_plan plan;

	fixture_inputs()->identity.user = "other";
	plan = fixture_plan();
	step = fixture_step(&plan, "/etc/passwd");
	CHECK_INT(step->kind, JAIL_STEP_FILE);
	CHECK(!memmem(step->content.data, step->content.len, "ann:x:1000", 10));
	CHECK(memmem(step->content.data, step->content.len, "root:x:0", 8));
	fixture_end();
}

TEST(the_environment_is_a_list)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.env_pass, "TERM");
	fixture_add(&fixture.inputs.env_pass, "LC_*");
	fixture_add(&fixture.inputs.env_set, "EDITOR=vi");
	fixture_add(&fixture.inputs.env_set, "USER=robot");
	plan = fixture_plan();
	CHECK_TEXT(fixture_env(&plan, "TERM"), "xterm");
	CHECK_TEXT(fixture_env(&plan, "LC_ALL"), "C");
	CHECK_TEXT(fixture_env(&plan, "EDITOR"), "vi");
	CHECK_TEXT(fixture_env(&plan, "HOME"), "/home/ann");
	CHECK_TEXT(fixture_env(&plan, "USER"), "robot");
	CHECK_TEXT(fixture_env(&plan, "AWS_SECRET_ACCESS_KEY"), "");
	CHECK(strstr(fixture_env(&plan, "PATH"), "/usr/bin"));
	CHECK_INT(plan.command.env_count, 8);
	fixture_end();
}

TEST(a_star_in_the_name_of_a_variable_is_any_text)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.env_pass, "*_ALL");
	fixture_add(&fixture.inputs.env_pass, "T*M");
	fixture_add(&fixture.inputs.env_pass, "AWS");
	plan = fixture_plan();
	CHECK_TEXT(fixture_env(&plan, "LC_ALL"), "C");
	CHECK_TEXT(fixture_env(&plan, "TERM"), "xterm");
	CHECK_TEXT(fixture_env(&plan, "AWS_SECRET_ACCESS_KEY"), "");
	fixture_end();
}

TEST(a_variable_without_a_name_is_refused)
{
	struct jail_plan plan;

	fixture_inputs();
	fixture_add(&fixture.inputs.env_set, "=x");
	CHECK_INT(jail_plan_build(&fixture.arena, &fixture.inputs, &plan, &fixture.err), -EINVAL);
	fixture_inputs();
	fixture_add(&fixture.inputs.env_set, "FOO");
	CHECK_INT(jail_plan_build(&fixture.arena, &fixture.inputs, &plan, &fixture.err), -EINVAL);
	fixture_end();
}

TEST(too_many_paths_are_an_error)
{
	static const char *many[JAIL_STEPS_MAX];
	struct jail_plan plan;

	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = "/data";
	fixture_inputs()->reads = (struct jail_paths){ many, ARRAY_SIZE(many) };
	CHECK_INT(jail_plan_build(&fixture.arena, &fixture.inputs, &plan, &fixture.err), -EMSGSIZE);
	fixture_end();
}

TEST(a_full_arena_is_an_error)
{
	struct jail_plan plan;

	fixture_inputs();
	for (size_t limit = 0; limit < 60000; limit += 997) {
		scoped(arena) struct arena arena = ARENA_INIT(limit);
		int r = jail_plan_build(&arena, &fixture.inputs, &plan, &fixture.err);

		CHECK(r == -ENOMEM || r == 0);
		if (!limit)
			CHECK_INT(r, -ENOMEM);
	}
	fixture_end();
}

TEST_MAIN()
