// SPDX-License-Identifier: Apache-2.0
/*
 * test_home.c - what an agent put where mount points have to be goes aside, and nothing is followed for it
 *
 * A plan of a few steps, made by hand: a private home, and places below it that are to be mounted over.
 */
#include "unit/run/files.h"

#include "run/home.h"

static struct error err;

/* Steps at /home/ann, whose source is private/; and there: a toolchain, a file, the workspace, a tmpfs. */
static struct jail_plan *make_plan(void)
{
	static struct jail_step steps[7];
	static struct jail_plan plan;

	put("real/tool", "#!");
	steps[0] = (struct jail_step){ .kind = JAIL_STEP_BIND, .target = "/usr", .source = "/usr" };
	steps[1] = (struct jail_step){ .kind = JAIL_STEP_BIND, .target = "/home/ann", .flags = JAIL_STEP_HOME,
		.source = put_dir("private") };
	steps[2] = (struct jail_step){ .kind = JAIL_STEP_BIND, .target = "/home/ann/.nvm/versions",
		.source = put_dir("real/versions") };
	steps[3] = (struct jail_step){ .kind = JAIL_STEP_BIND, .target = "/home/ann/bin/tool",
		.source = at("real/tool") };
	steps[4] = (struct jail_step){ .kind = JAIL_STEP_OVERLAY, .target = "/home/ann/src/thing" };
	steps[5] = (struct jail_step){ .kind = JAIL_STEP_TMPFS, .target = "/home/ann/src/thing/.git/hidden" };
	steps[6] = (struct jail_step){ .kind = JAIL_STEP_FILE, .target = "/home/ann/etc/file" };
	plan = (struct jail_plan){ .session = "k3f9", .steps = steps, .step_count = ARRAY_SIZE(steps) };
	return &plan;
}

/* "PATH: WHAT\n" for each. */
static const char *find(const struct jail_plan *plan, struct run_obstacles *ret)
{
	const char *text = "";

	CHECK_INT(run_home_find_obstacles(&arena, plan, ret, &err), 0);
	for (size_t i = 0; i < ret->count; i++)
		text = arena_printf(&arena, "%s%s: %s\n", text, ret->items[i].path, ret->items[i].what);
	return text;
}

TEST(a_home_as_it_should_be_has_no_obstacle)
{
	const struct jail_plan *plan = make_plan();
	struct run_obstacles obstacles;

	CHECK_TEXT(find(plan, &obstacles), "");
	put_dir("private/.nvm/versions");
	put("private/bin/tool", "");
	put("private/etc/file", "");
	put_dir("private/src/thing");
	CHECK_TEXT(find(plan, &obstacles), "");
	CHECK_INT(run_home_move_aside(&arena, plan, &obstacles, &err), 0);
	CHECK(is_there("private/bin/tool"));
}

TEST(whatever_is_in_the_way_is_found_once)
{
	static const struct {
		const char *path, *target, *wanted;	/* target: "f" a file, "d" a directory, "p" a FIFO */
	} cases[] = {
		{ ".nvm", "../real", ".nvm: a link\n" },
		{ ".nvm", "f", ".nvm: no directory\n" },
		{ ".nvm", "p", ".nvm: no directory\n" },
		{ ".nvm/versions", "/", ".nvm/versions: a link\n" },
		{ ".nvm/versions", ".", ".nvm/versions: a link\n" },
		{ ".nvm/versions", "f", ".nvm/versions: no directory\n" },
		{ "bin", "../../real", "bin: a link\n" },
		{ "bin/tool", "../../real/tool", "bin/tool: a link\n" },
		{ "bin/tool", "tool", "bin/tool: a link\n" },
		{ "bin/tool", "d", "bin/tool: a directory\n" },
		{ "bin/tool", "p", "" },
		{ "etc/file", "d", "etc/file: a directory\n" },
		{ "etc", "nowhere", "etc: a link\n" },
		{ "src", "f", "src: no directory\n" },
		{ "src/thing", "f", "src/thing: no directory\n" },
		/* Over it stands the workspace, so it is no longer the agent's home. */
		{ "src/thing/.git", "/", "" },
		{ "src/other", "/", "" },
	};
	const struct jail_plan *plan = make_plan();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = arena_printf(&arena, "private/%s", cases[i].path),
			   *target = cases[i].target;
		struct run_obstacles obstacles;
		const char *got;

		if (!strcmp(target, "f"))
			put(path, "mine");
		else if (!strcmp(target, "d"))
			put(arena_printf(&arena, "%s/inside", path), "mine");
		else if (!strcmp(target, "p"))
			put_fifo(path);
		else
			put_link(path, target);
		got = find(plan, &obstacles);
		if (strcmp(got, cases[i].wanted))
			test_fail(__FILE__, __LINE__, "%s, %s: %s", cases[i].path, target, got);
		CHECK_INT(run_home_move_aside(&arena, plan, &obstacles, &err), 0);
		CHECK_INT(is_there(path), !obstacles.count);
		CHECK_INT(is_there(arena_printf(&arena, "%s.cordon-k3f9", path)), obstacles.count);
		CHECK_TEXT(find(plan, &obstacles), "");
		remove_all("private");
		put_dir("private");
	}
	CHECK_TEXT(content("real/tool"), "#!");
	CHECK(is_there("real/versions"));
}

TEST(two_places_behind_one_link_are_one_obstacle)
{
	struct jail_plan *plan = make_plan();
	struct jail_step steps[3];
	struct run_obstacles obstacles;

	memcpy(steps, plan->steps + 1, sizeof(steps));
	steps[2] = steps[1];
	steps[2].target = "/home/ann/.nvm/alias";
	plan->steps = steps;
	plan->step_count = ARRAY_SIZE(steps);
	put_link("private/.nvm", "/etc");
	CHECK_TEXT(find(plan, &obstacles), ".nvm: a link\n");
}

TEST(without_a_private_home_there_is_nothing_to_look_at)
{
	struct jail_plan *plan = make_plan();
	struct run_obstacles obstacles;

	put_link("private/.nvm", "/etc");
	plan->step_count = 1;
	CHECK_TEXT(find(plan, &obstacles), "");
	CHECK_INT(run_home_move_aside(&arena, plan, &obstacles, &err), 0);
	plan->step_count = 3;
	remove_all("private");
	CHECK_INT(run_home_find_obstacles(&arena, plan, &obstacles, &err), -ENOENT);
	CHECK(strstr(err.text, "private"));
}

TEST(a_name_that_is_taken_stays_and_is_said)
{
	const struct jail_plan *plan = make_plan();
	struct run_obstacles obstacles;

	put_link("private/.nvm", "/etc");
	put("private/.nvm.cordon-k3f9", "mine");
	CHECK_TEXT(find(plan, &obstacles), ".nvm: a link\n");
	CHECK_INT(run_home_move_aside(&arena, plan, &obstacles, &err), -EEXIST);
	CHECK(strstr(err.text, ".nvm' is a link, in the way") && err.hint[0]);
	CHECK_TEXT(content("private/.nvm.cordon-k3f9"), "mine");
	CHECK(is_there("private/.nvm"));
}

/* Between looking and moving another session of the same home may change it. */
TEST(what_changes_in_between_is_not_followed)
{
	const struct jail_plan *plan = make_plan();
	struct run_obstacles obstacles;

	put("private/.nvm/versions", "mine");
	CHECK_TEXT(find(plan, &obstacles), ".nvm/versions: no directory\n");
	CHECK_INT(unlink(at("private/.nvm/versions")), 0);
	CHECK_INT(run_home_move_aside(&arena, plan, &obstacles, &err), 0);
	CHECK_INT(rmdir(at("private/.nvm")), 0);
	put("elsewhere/versions", "theirs");
	put_link("private/.nvm", at("elsewhere"));
	CHECK(run_home_move_aside(&arena, plan, &obstacles, &err) < 0);
	CHECK_TEXT(content("elsewhere/versions"), "theirs");
}

TEST_MAIN()
