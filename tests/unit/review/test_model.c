// SPDX-License-Identifier: Apache-2.0
/*
 * test_model.c - nothing is taken that nobody named, and what is named is exactly what is taken
 */
#include "lib/test.h"
#include "review/magic.h"
#include "review/pick.h"

#include <errno.h>
#include <stdio.h>

enum {
	ARENA_BYTES = 1 << 22,
};

static const char *const roots[] = { "/w" };

static const struct rename_list no_renames;

struct scene {
	struct arena arena;
	struct change changes[8];
	struct changeset changeset;
	struct review review;
};

static struct file_facts facts(const char *content, mode_t mode)
{
	return (struct file_facts){ .type = FILE_REGULAR, .mode = mode, .size_bytes = strlen(content),
		.digest = hash_bytes(content, strlen(content)) };
}

static const struct file_facts directory = { .type = FILE_DIRECTORY, .mode = 0755 };

enum {
	DIR, DIR_NEW, GONE, MODE, MOVED, TEXT, CHANGE_COUNT,
};

/* A new directory with a file, a move, a file with another mode, a file with two hunks. */
static void scene_open(struct scene *scene)
{
	*scene = (struct scene){ .arena = ARENA_INIT(ARENA_BYTES) };
	scene->changes[DIR] = (struct change){ .kind = CHANGE_ADDED, .path = STR("d"),
		.new_file = directory };
	scene->changes[DIR_NEW] = (struct change){ .kind = CHANGE_ADDED, .path = STR("d/new"),
		.new_file = facts("n", 0644) };
	scene->changes[GONE] = (struct change){ .kind = CHANGE_DELETED, .path = STR("gone"),
		.flags = CHANGE_MOVED, .old_file = facts("m", 0644) };
	scene->changes[MODE] = (struct change){ .kind = CHANGE_MODIFIED, .path = STR("mode"),
		.old_file = facts("o", 0644), .new_file = facts("p", 0755) };
	scene->changes[MOVED] = (struct change){ .kind = CHANGE_RENAMED, .path = STR("moved"),
		.renamed_from = STR("gone"), .old_file = facts("m", 0644), .new_file = facts("m", 0644) };
	scene->changes[TEXT] = (struct change){ .kind = CHANGE_MODIFIED, .path = STR("text"),
		.old_file = facts("a", 0644), .new_file = facts("b", 0644) };
	scene->changeset = (struct changeset){ .roots = roots, .root_count = 1, .changes = scene->changes,
		.count = CHANGE_COUNT };
	CHECK_INT(changeset_seal(&scene->changeset), 0);
	CHECK_INT(review_init(&scene->review, &scene->arena, &scene->changeset, &no_renames), 0);
}

static const char answer[] =
	"change 1\nhunk 0 0 0 1\n+n\n"
	"change 2\n"
	"change 3\nnote mode 0644 -> 0755\nhunk 0 1 0 1\n-o\n\\\n+p\n\\\n"
	"change 4\n"
	"change 5\nhunk 0 5 0 6\n-1\n+one\n 2\n 3\n+3.5\n-4\n 5\n+6\n"
	"hunk 20 1 21 1\n-x\n+y\nend\n";

/* "change N" of the answer is change N of the changeset; number 0 is asked about and not answered. */
static int read_text(struct scene *scene, const char *text)
{
	const size_t changes[] = { 0, 1, 2, 3, 4, 5 };

	return review_read(&scene->review, changes, ARRAY_SIZE(changes), str_from(text));
}

static struct scene *scene_read(void)
{
	static struct scene scene;

	scene_open(&scene);
	CHECK_INT(read_text(&scene, answer), 0);
	return &scene;
}

/* "1 3(0,1:0,1 mode)": the changes that are taken, and of which only what. */
static const char *taken(struct scene *scene)
{
	static char text[512];
	struct compose_part *parts;
	size_t count, len = 0, part = 0;
	bool *selected;

	text[0] = '\0';
	CHECK_INT(review_choice(&scene->review, &selected, &parts, &count), 0);
	for (size_t i = 0; i < CHANGE_COUNT; i++) {
		if (!selected[i])
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%zu", len ? " " : "", i);
		if (part == count || parts[part].change != i)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "(");
		for (size_t k = 0; k < parts[part].edit_count; k++) {
			const struct compose_edit *edit = &parts[part].edits[k];

			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u,%u:%u,%u", k ? " " : "",
				edit->old_start, edit->old_count, edit->new_start, edit->new_count);
		}
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s)",
			parts[part].metadata ? " mode" : "");
		part++;
	}
	return text;
}

static size_t file_at(const struct scene *scene, const char *path)
{
	ssize_t file = review_find_file(&scene->review, 0, str_from(path));

	CHECK(file >= 0);
	return (size_t)file;
}

TEST(files_are_what_a_person_decides_about)
{
	struct scene *scene = scene_read();

	CHECK_INT(scene->review.file_count, 4);
	CHECK_INT(review_find_file(&scene->review, 0, STR("d")), REVIEW_NONE_SUCH);
	CHECK_INT(file_at(scene, "gone"), (int)file_at(scene, "moved"));
	CHECK_INT(scene->review.files[file_at(scene, "text")].hunk_count, 2);
	CHECK_INT(scene->review.files[file_at(scene, "text")].edit_count, 4);
	CHECK_INT(scene->review.files[file_at(scene, "text")].added_count, 4);
	CHECK_INT(scene->review.files[file_at(scene, "mode")].hunks[0].kind, REVIEW_METADATA);
	CHECK(scene->review.files[file_at(scene, "d/new")].is_whole);
	CHECK_TEXT(taken(scene), "");
	arena_fini(&scene->arena);
}

TEST(what_is_taken_brings_along_what_it_needs)
{
	struct scene *scene = scene_read();

	CHECK(review_decide(&scene->review, file_at(scene, "d/new"), 0, REVIEW_TAKE));
	CHECK_TEXT(taken(scene), "0 1");
	CHECK(review_decide(&scene->review, file_at(scene, "moved"), 0, REVIEW_TAKE));
	CHECK_TEXT(taken(scene), "0 1 2 4");
	review_decide_all(&scene->review, REVIEW_TAKE);
	CHECK_TEXT(taken(scene), "0 1 2 3 4 5");
	review_decide_all(&scene->review, REVIEW_LEAVE);
	CHECK_TEXT(taken(scene), "");
	arena_fini(&scene->arena);
}

TEST(a_line_never_brings_a_mode_along)
{
	struct scene *scene = scene_read();
	size_t file = file_at(scene, "mode");

	CHECK(review_decide(&scene->review, file, 1, REVIEW_TAKE));
	CHECK_TEXT(taken(scene), "3(0,1:0,1)");
	CHECK(review_decide(&scene->review, file, 1, REVIEW_LEAVE));
	CHECK(review_decide(&scene->review, file, 0, REVIEW_TAKE));
	CHECK_TEXT(taken(scene), "3( mode)");
	CHECK(review_decide(&scene->review, file, 1, REVIEW_TAKE));
	CHECK_TEXT(taken(scene), "3");
	arena_fini(&scene->arena);
}

TEST(hunks_are_split_into_their_places)
{
	struct scene *scene = scene_read();
	size_t file = file_at(scene, "text"), lines = 0;
	const struct review_file *text = &scene->review.files[file];

	CHECK(!review_split(&scene->review, file, 1));
	CHECK(review_split(&scene->review, file, 0));
	CHECK_INT(text->hunk_count, 4);
	for (size_t i = 0; i < 3; i++) {
		CHECK_INT(text->hunks[i].piece, (int)i + 1);
		CHECK_INT(text->hunks[i].number, 1);
		lines += text->hunks[i].line_count;
	}
	CHECK_INT(lines, 8);
	CHECK_INT(text->hunks[1].range.old_start, 1);
	CHECK_INT(text->hunks[1].range.old_count, 3);
	CHECK_INT(text->hunks[1].range.new_count, 3);
	CHECK(!review_split(&scene->review, file, 1));
	CHECK(review_decide(&scene->review, file, 1, REVIEW_TAKE));
	CHECK(review_decide(&scene->review, file, 3, REVIEW_TAKE));
	CHECK_TEXT(taken(scene), "5(3,1:3,1 20,1:21,1)");
	arena_fini(&scene->arena);
}

TEST(decisions_are_undone_one_by_one)
{
	struct scene *scene = scene_read();
	size_t file = file_at(scene, "text");

	CHECK_INT(review_undo(&scene->review), REVIEW_NONE_SUCH);
	CHECK(review_decide(&scene->review, file, 0, REVIEW_TAKE));
	CHECK(review_decide(&scene->review, file, 1, REVIEW_LEAVE));
	review_decide_all(&scene->review, REVIEW_TAKE);
	CHECK_INT(review_sum(&scene->review).files_taken, 4);
	CHECK(review_undo(&scene->review) >= 0);
	CHECK_TEXT(taken(scene), "5(0,1:0,1 3,1:3,1 5,0:5,1)");
	CHECK_INT(review_sum(&scene->review).files_in_part, 1);
	CHECK_INT(review_sum(&scene->review).decided, 2);
	CHECK_INT(review_undo(&scene->review), (int)file);
	CHECK_INT(review_undo(&scene->review), (int)file);
	CHECK_TEXT(taken(scene), "");
	CHECK_INT(review_undo(&scene->review), REVIEW_NONE_SUCH);
	arena_fini(&scene->arena);
}

TEST(a_decision_about_a_file_that_was_not_read_is_about_all_of_it)
{
	static struct scene scene;

	scene_open(&scene);
	CHECK(review_decide(&scene.review, file_at(&scene, "text"), 0, REVIEW_TAKE));
	CHECK_TEXT(taken(&scene), "5");
	CHECK_INT(read_text(&scene, answer), 0);
	CHECK_TEXT(taken(&scene), "5");
	CHECK(review_decide(&scene.review, file_at(&scene, "text"), 1, REVIEW_LEAVE));
	CHECK_TEXT(taken(&scene), "5(0,1:0,1 3,1:3,1 5,0:5,1)");
	arena_fini(&scene.arena);
}

TEST(what_cannot_be_shown_is_taken_whole_or_not_at_all)
{
	static struct scene scene;
	size_t file;

	scene_open(&scene);
	CHECK_INT(read_text(&scene, "change 5\nbinary 1 byte -> 1 byte\nchange 3\nmissing it changed\nend\n"),
		0);
	file = file_at(&scene, "mode");
	CHECK(!review_decide(&scene.review, file, 0, REVIEW_TAKE));
	review_decide_all(&scene.review, REVIEW_TAKE);
	CHECK_TEXT(taken(&scene), "0 1 2 4 5");
	review_give_up(&scene.review, file_at(&scene, "d/new"), "no");
	CHECK_INT(scene.review.files[file_at(&scene, "d/new")].hunk_count, 1);
	arena_fini(&scene.arena);
}

TEST(an_answer_that_is_none_changes_nothing)
{
	static const char *const wrong[] = {
		"", "end", "change 5\n", "change 5\nhunk 0 1 0 1\n-a\nend\n", "change 9\nend\n",
		"change -1\nend\n", "change 5\nhunk 0 1 0\n-a\nend\n", "change 5\n+a\nend\n",
		"change 5\nhunk 0 0 0 1\n+a\n+b\nend\n", "change 5\nhunk 0 0 0 1\n+\033[2J\nend\n",
		"change 5\nhunk 0 0 0 1\n+\xff\nend\n", "change 5\nhunk 0 0 0 1\n+a\xe2\x80\xae\nend\n",
		"change 5\nnote \a\nend\n", "change 5\n\\\nend\n", "change 5\nend\nmore\n",
		"change 5\nwhat is this\nend\n", "change 5\nchange 5\nend\n",
		"change 5\nhunk 0 1 0 1 7\n-a\n+b\nend\n", "change 5\nhunk 0 9999999999 0 1\nend\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		static struct scene scene;

		scene_open(&scene);
		if (read_text(&scene, wrong[i]) != -EPROTO)
			test_fail(__FILE__, __LINE__, "believed: %s", wrong[i]);
		CHECK(!scene.review.files[file_at(&scene, "text")].is_read);
		CHECK_INT(read_text(&scene, answer), 0);
		arena_fini(&scene.arena);
	}
}

TEST(hunks_are_named_by_what_people_type)
{
	static const struct {
		const char *list, *wanted;
	} rows[] = {
		{ "1", "5(0,1:0,1 3,1:3,1 5,0:5,1)" }, { "2", "5(20,1:21,1)" }, { "1-2", "5" },
		{ "1,2", "5" }, { "1.2", "5(3,1:3,1)" }, { "1.1,2", "5(0,1:0,1 20,1:21,1)" },
		{ "2.1", "5(20,1:21,1)" }, { "1.1,1.2,1.3,2", "5" },
		{ "1.3,1", "5(0,1:0,1 3,1:3,1 5,0:5,1)" }, { "3", "-" }, { "0", "-" }, { "1.4", "-" },
		{ "1.0", "-" }, { "mode", "-" }, { "2-1", "-" }, { "", "-" }, { "x", "-" }, { "1,", "-" },
		{ "2.2", "-" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene *scene = scene_read();
		struct error err = ERROR_INIT;
		int r = review_pick(&scene->review, file_at(scene, "text"), str_from(rows[i].list), &err);
		const char *got = r < 0 ? "-" : taken(scene);

		if (strcmp(got, rows[i].wanted))
			test_fail(__FILE__, __LINE__, "'%s' takes %s", rows[i].list, got);
		arena_fini(&scene->arena);
	}
}

TEST(only_what_looks_like_hunks_is_cut_from_a_name)
{
	struct str name, list;

	CHECK(review_pick_cut(STR("a:b:1,2.3,4-5,mode"), &name, &list));
	CHECK(str_eq(name, STR("a:b")) && str_eq(list, STR("1,2.3,4-5,mode")));
	CHECK(!review_pick_cut(STR("a"), &name, &list));
	CHECK(!review_pick_cut(STR(":1"), &name, &list));
	CHECK(!review_pick_cut(STR("a:b"), &name, &list));
	CHECK(!review_pick_cut(STR("a:1,"), &name, &list));
	CHECK(!review_pick_cut(STR("a:-1"), &name, &list));
}

TEST(findings_go_to_their_file)
{
	struct scene *scene = scene_read();
	const struct review_finding one = { "deny", "floor/x", "why" };

	review_add_findings(&scene->review, 0, STR("moved"), &one, 1);
	review_add_findings(&scene->review, 0, STR("gone"), &one, 1);
	review_add_findings(&scene->review, 0, STR("nowhere"), &one, 1);
	CHECK_INT(scene->review.files[file_at(scene, "moved")].finding_count, 2);
	CHECK_INT(scene->review.files[0].finding_count, 1);
	arena_fini(&scene->arena);
}

TEST(pictures_are_told_with_their_size)
{
	static const struct {
		struct str content;
		const char *wanted;
	} rows[] = {
		{ STR("\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\1\0\0\0\0\x20"), "PNG image 256x32" },
		{ STR("\211PNG\r\n\032\n\0\0\0\rIHDR\0\0"), "PNG image 0x0" },
		{ STR("GIF89a\x10\0\x20\0"), "GIF image 16x32" },
		{ STR("\377\330\377\340\0\4xx\377\300\0\x0b\10\0\x10\0\x20\1"), "JPEG image 32x16" },
		{ STR("\377\330\377\340\0\1"), "JPEG image 0x0" },
		{ STR("RIFF....WEBPVP8X....\0\0\0\0\x0f\0\0\x1f\0\0"), "WebP image 16x32" },
		{ STR("RIFF....WEBPVP8L....\x2f\x0f\xc0\7\0\0"), "WebP image 16x32" },
		{ STR("\177ELF\2"), "ELF file 0x0" },
		{ STR("text"), "- 0x0" },
		{ STR(""), "- 0x0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct magic magic = magic_of(rows[i].content);
		char text[64];

		snprintf(text, sizeof(text), "%s %ux%u", magic.name ? magic.name : "-", magic.width,
			magic.height);
		CHECK_TEXT(text, rows[i].wanted);
	}
}

/* ---- files that were moved and edited ---- */

enum {
	OLD_NAME, NEW_NAME, NAME_COUNT,
};

/* A file with a new name, another mode and two hunks. */
static struct scene *scene_renamed(void)
{
	static const size_t changes[] = { OLD_NAME, NEW_NAME };
	static struct scene scene;
	static struct rename rename;
	static struct rename_list list = { &rename, 1 };
	static struct changeset view;

	scene = (struct scene){ .arena = ARENA_INIT(ARENA_BYTES) };
	scene.changes[OLD_NAME] = (struct change){ .kind = CHANGE_DELETED, .path = STR("a-old"),
		.old_file = facts("a", 0644) };
	scene.changes[NEW_NAME] = (struct change){ .kind = CHANGE_ADDED, .path = STR("new"),
		.new_file = facts("b", 0755) };
	scene.changeset = (struct changeset){ .roots = roots, .root_count = 1, .changes = scene.changes,
		.count = NAME_COUNT };
	rename = rename_make(&scene.changeset, NEW_NAME, OLD_NAME, STR("a-old"), NULL, 80);
	CHECK_INT(renames_apply(&scene.arena, &scene.changeset, &list, &view), 0);
	CHECK_INT(review_init(&scene.review, &scene.arena, &view, &list), 0);
	CHECK_INT(review_read(&scene.review, changes, ARRAY_SIZE(changes), STR("change 0\nchange 1\n"
		"note mode 0644 -> 0755\nhunk 0 1 0 1\n-1\n+one\nhunk 20 1 20 1\n-x\n+y\nend\n")), 0);
	return &scene;
}

/* "take . leave . 1(20,1:20,1 mode)": each hunk's decision, and what comes of it. */
static const char *said(struct scene *scene)
{
	static const char signs[] = { [REVIEW_OPEN] = '.', [REVIEW_TAKE] = 'y', [REVIEW_LEAVE] = 'x' };
	static char text[512];
	const struct review_file *file = &scene->review.files[0];
	struct compose_part *parts;
	bool *selected;
	size_t len = 0, count;

	for (size_t i = 0; i < file->hunk_count; i++)
		text[len++] = signs[file->hunks[i].decision];
	CHECK_INT(review_choice(&scene->review, &selected, &parts, &count), 0);
	/* The old name and the new one go together, always. */
	CHECK_INT(selected[OLD_NAME], selected[NEW_NAME]);
	CHECK(!count ||
		(parts[0].change == NEW_NAME && parts[0].rename && parts[0].rename->source == OLD_NAME));
	snprintf(text + len, sizeof(text) - len, " %s %zu%s", selected[NEW_NAME] ? "taken" : "left",
		count ? parts[0].edit_count : 0, count && parts[0].metadata ? " mode" : "");
	return text;
}

TEST(a_new_name_is_the_first_decision_about_a_file)
{
	struct scene *scene = scene_renamed();
	struct review *review = &scene->review;

	CHECK_INT(review->file_count, 1);
	CHECK_INT(review->files[0].hunk_count, 4);
	CHECK_INT(review->files[0].hunks[0].kind, REVIEW_RENAME);
	CHECK_INT(review->files[0].hunks[1].kind, REVIEW_METADATA);
	CHECK_INT(review_similarity(review, &review->files[0]), 80);
	CHECK_INT(review_find_file(review, 0, STR("a-old")), 0);
	CHECK_TEXT(said(scene), ".... left 0");
	/* Any hunk brings the name along, and without the name none stays. */
	CHECK(review_decide(review, 0, 2, REVIEW_TAKE));
	CHECK_TEXT(said(scene), "y.y. taken 1");
	CHECK(review_decide(review, 0, 3, REVIEW_LEAVE));
	CHECK_TEXT(said(scene), "y.yx taken 1");
	CHECK(review_decide(review, 0, 1, REVIEW_TAKE));
	CHECK_TEXT(said(scene), "yyyx taken 1 mode");
	CHECK(review_decide(review, 0, 0, REVIEW_LEAVE));
	CHECK_TEXT(said(scene), "xxxx left 0");
	CHECK_INT(review_undo(review), 0);
	CHECK_TEXT(said(scene), "yyyx taken 1 mode");
	CHECK(review_decide(review, 0, 3, REVIEW_TAKE));
	CHECK_TEXT(said(scene), "yyyy taken 0");
	CHECK_INT(review_sum(review).files_taken, 1);
	CHECK(review_decide(review, 0, SIZE_MAX, REVIEW_LEAVE));
	CHECK(review_decide(review, 0, 0, REVIEW_TAKE));
	CHECK_TEXT(said(scene), "yxxx taken 0");
	CHECK_INT(review_sum(review).files_in_part, 1);
	arena_fini(&scene->arena);
}

TEST(a_new_name_is_picked_by_its_word)
{
	static const struct {
		const char *list, *said;
	} rows[] = {
		{ "rename", "y... taken 0" }, { "2", "y..y taken 1" }, { "mode", "yy.. taken 0 mode" },
		{ "rename,mode,1-2", "yyyy taken 0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene *scene = scene_renamed();
		struct error err = ERROR_INIT;
		struct str name, list;

		CHECK_INT(review_pick(&scene->review, 0, str_from(rows[i].list), &err), 0);
		CHECK_TEXT(said(scene), rows[i].said);
		CHECK(review_pick_cut(STR("a:rename,1"), &name, &list));
		arena_fini(&scene->arena);
	}
}

TEST(what_is_taken_is_said_as_people_say_it)
{
	static const struct {
		size_t taken, in_part;
		const char *said;
	} rows[] = {
		{ 0, 0, "0 files" }, { 1, 0, "1 file" }, { 2, 0, "2 files" }, { 0, 1, "parts of 1 file" },
		{ 0, 2, "parts of 2 files" }, { 1, 1, "1 whole file and parts of 1" },
		{ 2, 3, "2 whole files and parts of 3" },
		{ SIZE_MAX, SIZE_MAX, "18446744073709551615 whole files and parts of 18446744073709551615" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct review_sums sums = { .files_taken = rows[i].taken,
			.files_in_part = rows[i].in_part };
		char said_so[REVIEW_TAKEN_MAX];

		review_say_taken(&sums, said_so);
		CHECK_TEXT(said_so, rows[i].said);
	}
}

TEST(what_was_not_asked_about_is_passed_over)
{
	static const size_t changes[] = { REVIEW_NOT_ASKED, REVIEW_NOT_ASKED };
	struct scene *scene = scene_renamed();

	CHECK_INT(review_read(&scene->review, changes, 2, STR("change 0\nchange 1\nnote x\nend\n")), 0);
	CHECK(scene->review.files[0].is_read);
	CHECK(review_read(&scene->review, changes, 2, STR("change 0\nchange 2\nend\n")) < 0);
	CHECK(scene->review.files[0].is_read);
	arena_fini(&scene->arena);
}

TEST_MAIN()
