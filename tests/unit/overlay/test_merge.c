// SPDX-License-Identifier: Apache-2.0
/*
 * test_merge.c - files that both sides changed are merged into the branch, all of them or none
 */
#include "lib/commit.h"
#include "overlay/merge.h"

#include "kern/file.h"

#include <errno.h>

enum {
	TEXT_MAX = 1 << 16,
};

static const char repository[] =
	"git init -q .; git config user.name t; git config user.email t@t; seq 1 9 >a; seq 1 9 >b; printf '\\0' >bin; ln -s x l;"
	"git add .; git commit -qm one; seq 11 19 >staged; git add staged; seq 1 9 >unknown; rm -f .git/index.lock;";

struct scene {
	struct commit_bench *bench;
	struct merged_file *files;
	struct buf text;
};

static int merge(struct scene *scene)
{
	struct commit_bench *bench = scene->bench;
	const struct overlay_commit commit = { .changeset = &bench->changeset, .targets = &bench->target,
		.journal_dirfd = bench->journal_fd, .number = 1, .id = "testtest" };

	bench->conflicts.count = bench->conflicts.total = 0;
	CHECK_INT(overlay_check(&commit, &bench->conflicts, &bench->err), 0);
	CHECK(bench->conflicts.total);
	return overlay_merge(&commit, &bench->conflicts, &bench->arena, &scene->files, &bench->err);
}

/* @upper is what the agent made, @later what happened in the workspace since. */
static struct scene scene_open(const char *upper, const char *later)
{
	struct scene scene = { .bench = bench_open(), .text = BUF_INIT(TEXT_MAX) };

	/* The name that a file has on its way into the branch is free in a session's storage. */
	branch_run(".", "rmdir merged");
	branch_run("base", repository);
	branch_run("upper", upper);
	bench_diff(scene.bench);
	branch_run("base", later);
	return scene;
}

static void scene_close(struct scene *scene)
{
	buf_fini(&scene->text);
	bench_free(scene->bench);
}

static const char *outcomes(struct scene *scene)
{
	const struct json *value = merged_to_json(&scene->bench->arena, scene->files,
		scene->bench->conflicts.count);

	CHECK(value && value->type == JSON_ARRAY);
	buf_clear(&scene->text);
	for (size_t i = 0; i < value->array.count; i++)
		CHECK_INT(buf_printf(&scene->text, "%s %s;", json_get_text(value->array.items[i], "path"),
			json_get_text(value->array.items[i], "outcome")), 0);
	return buf_text(&scene->text);
}

TEST(different_lines)
{
	struct scene scene = scene_open("seq 1 9 | sed s/2/two/ >a; chmod 750 a; setfattr -n user.k -v v a;"
		"setfattr -n user.overlay.origin -v o a; seq 11 19 | sed s/12/twelve/ >staged",
		"sed -i s/8/eight/ a; sed -i s/18/eighteen/ staged; sed -i s/5/five/ b");

	if (merge(&scene) < 0)
		test_fail(__FILE__, __LINE__, "%s", scene.bench->err.text);
	CHECK_TEXT(outcomes(&scene), "a clean;staged clean;");
	branch_run("upper", "seq 1 9 | sed 's/2/two/;s/8/eight/' | cmp - a; [ $(stat -c %a a) = 750 ];"
		"[ \"$(getfattr --only-values -n user.k a)\" = v ]; [ ! -e ../merged ];"
		"seq 11 19 | sed 's/12/twelve/;s/18/eighteen/' | cmp - staged");
	branch_run("base", "seq 1 9 | sed s/8/eight/ | cmp - a");
	scene_close(&scene);
}

/* One that cannot be merged, and the branch is left alone. */
static void refuse(const char *upper, const char *later, const char *wanted)
{
	struct scene scene = scene_open(upper, later);

	branch_run("upper", "sha256sum a >../before");
	CHECK_INT(merge(&scene), -EEXIST);
	CHECK_TEXT(outcomes(&scene), wanted);
	CHECK(scene.bench->err.text[0]);
	branch_run("upper", "sha256sum -c --quiet ../before");
	scene_close(&scene);
}

#define REFUSED(name, upper, later, wanted) \
	TEST(name) { refuse("seq 1 9 | sed s/2/two/ >a;" upper, "sed -i s/8/eight/ a;" later, wanted); }

REFUSED(the_same_lines, "seq 1 9 | sed s/5/V/ >b", "sed -i s/5/five/ b", "a clean;b overlap;")
REFUSED(no_text, "printf '\\0\\1' >bin", "printf '\\0\\2' >bin", "a clean;bin not-text;")
REFUSED(no_text_on_one_side, "printf 'text' >bin", "printf '\\0\\2' >bin", "a clean;bin not-text;")
REFUSED(no_common_ancestor, "echo x >unknown", "echo y >unknown", "a clean;unknown no-ancestor;")
REFUSED(both_are_new, "echo x >new", "echo y >new", "a clean;new not-text;")
REFUSED(gone_meanwhile, "echo x >b", "rm b", "a clean;b not-text;")
REFUSED(another_type_meanwhile, "echo x >b", "rm b; mkdir b", "a clean;b not-text;")
REFUSED(links, "ln -s y l", "ln -sfn z l", "a clean;l not-text;")

TEST(a_branch_that_is_not_what_was_judged)
{
	struct scene scene = scene_open("echo x >a", "echo y >a");

	branch_run("upper", "echo z >a");
	CHECK_INT(merge(&scene), -EBADMSG);
	scene_close(&scene);
}

TEST(a_branch_that_is_gone)
{
	struct scene scene = scene_open("echo x >a", "echo y >a");

	branch_run(".", "rm -r upper");
	CHECK_INT(merge(&scene), -ENOENT);
	scene_close(&scene);
}

TEST(no_repository)
{
	struct scene scene = scene_open("seq 1 9 | sed s/2/two/ >a", "sed -i s/8/eight/ a; rm -rf .git");

	CHECK_INT(merge(&scene), -EEXIST);
	CHECK_TEXT(outcomes(&scene), "a no-ancestor;");
	scene_close(&scene);
}

TEST(a_repository_whose_config_would_run_something)
{
	struct scene scene = scene_open("seq 1 9 | sed s/2/two/ >a",
		"sed -i s/8/eight/ a; git config core.fsmonitor 'touch ../ran'; git config core.hooksPath /; git config include.path /dev/zero");

	(void)merge(&scene);
	branch_run(".", "[ ! -e ran ]");
	scene_close(&scene);
}

TEST(words_for_every_outcome)
{
	for (enum merge_outcome outcome = MERGE_CLEAN; outcome <= MERGE_NOT_TEXT; outcome++)
		CHECK(merge_outcome_name(outcome)[0] && merge_outcome_text(outcome)[0]);
}

TEST_MAIN()
