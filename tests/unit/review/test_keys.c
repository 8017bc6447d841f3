// SPDX-License-Identifier: Apache-2.0
/*
 * test_keys.c - where keys lead on the review screen, and what a person reads there
 */
#include "lib/test.h"
#include "review/screen.h"

enum {
	ARENA_BYTES = 1 << 22,
	TEXT_MAX = 1 << 20,
	FILES = 3,
};

static const char *const roots[] = { "/w", "/other" };

static const char answer[] =
	"change 0\nnote mode 644 -> 755\nhunk 0 2 0 2\n-old word here\n+new word here\n \ttab\n\\\n"
	"change 1\nnote a note\nbinary 3 bytes -> 5 bytes\n"
	"change 2\nhunk 0 0 0 3\n+one\n+two\n+three\nend\n";

struct scene {
	struct arena arena;
	struct change changes[FILES];
	struct changeset changeset;
	struct review review;
	struct screen screen;
};

static struct file_facts facts(const char *content, mode_t mode)
{
	return (struct file_facts){ .type = FILE_REGULAR, .mode = mode, .size_bytes = strlen(content),
		.digest = hash_bytes(content, strlen(content)) };
}

static const struct rename_list no_renames;

static struct scene *scene_open(bool colour)
{
	static struct scene scene;
	const size_t changes[] = { 0, 1, 2 };

	scene = (struct scene){ .arena = ARENA_INIT(ARENA_BYTES) };
	scene.changes[0] = (struct change){ .kind = CHANGE_MODIFIED, .path = STR("a"),
		.old_file = facts("a", 0644), .new_file = facts("b", 0755) };
	scene.changes[1] = (struct change){ .kind = CHANGE_MODIFIED, .path = STR("bin"),
		.old_file = facts("abc", 0644), .new_file = facts("abcde", 0644) };
	scene.changes[2] = (struct change){ .kind = CHANGE_ADDED, .path = STR("new"), .root = 1,
		.new_file = facts("c", 0644) };
	scene.changeset = (struct changeset){ .roots = roots, .root_count = 2, .changes = scene.changes,
		.count = FILES };
	CHECK_INT(review_init(&scene.review, &scene.arena, &scene.changeset, &no_renames), 0);
	CHECK_INT(review_read(&scene.review, changes, FILES, str_from(answer)), 0);
	screen_init(&scene.screen, &scene.review, "id", colour);
	screen_resize(&scene.screen, 24, 80);
	return &scene;
}

static void scene_close(struct scene *scene)
{
	screen_fini(&scene->screen);
	arena_fini(&scene->arena);
}

static void check_painted(const struct scene *scene, const char *wanted)
{
	scoped(buf) struct buf picture = BUF_INIT(TEXT_MAX);

	screen_paint(&scene->screen, &picture);
	if (!strstr(buf_text(&picture), wanted))
		test_fail(__FILE__, __LINE__, "no '%s' in:\n%s", wanted, buf_text(&picture));
}

static void type(struct screen *screen, const char *keys)
{
	for (; *keys; keys++)
		CHECK_INT(screen_key(screen, (unsigned char)*keys), SCREEN_GO_ON);
}

TEST(findings_are_gone_to_forwards_and_backwards)
{
	struct scene *scene = scene_open(false);
	const struct review_finding ask = { "ask", "floor/x", "who knows" };
	const struct review_finding deny = { "deny", "floor/y", "never" };

	type(&scene->screen, "f");
	check_painted(scene, "policy found nothing");
	review_add_findings(&scene->review, 0, STR("bin"), &ask, 1);
	review_add_findings(&scene->review, 1, STR("new"), &deny, 1);
	screen_refresh(&scene->screen);
	type(&scene->screen, "f");
	CHECK_INT(scene->screen.file, 1);
	check_painted(scene, "floor/x");
	check_painted(scene, "who knows");
	type(&scene->screen, "Zf");
	CHECK_INT(scene->screen.file, 2);
	type(&scene->screen, "f");
	CHECK_INT(scene->screen.file, 1);
	/* A finding that was folded away is in sight again. */
	CHECK(!scene->review.files[1].is_folded);
	type(&scene->screen, "F");
	CHECK_INT(scene->screen.file, 2);
	scene_close(scene);
}

TEST(every_kind_of_change_says_what_it_is)
{
	for (int colour = 0; colour < 2; colour++) {
		struct scene *scene = scene_open(colour);

		check_painted(scene, "mode, owner and attributes");
		check_painted(scene, "hunk 1  @@ -1,2 +1,2 @@");
		check_painted(scene, "3 bytes -> 5 bytes");
		check_painted(scene, "/other");
		check_painted(scene, "+3 -0");
		check_painted(scene, "(no newline)");
		type(&scene->screen, "Y");
		check_painted(scene, "[take ]");
		type(&scene->screen, "X");
		check_painted(scene, "[leave]");
		type(&scene->screen, "]z");
		check_painted(scene, "... 3 lines");
		scene_close(scene);
	}
}

TEST(keys_go_through_the_rows)
{
	struct scene *scene = scene_open(false);
	struct screen *screen = &scene->screen;

	screen_resize(screen, 8, 40);
	type(screen, "jj");
	CHECK_INT(screen->top, 2);
	type(screen, "k");
	CHECK_INT(screen->top, 1);
	type(screen, "G");
	CHECK(screen->top > 2 && screen->file == 2);
	type(screen, "b");
	CHECK(screen->file < 2 || screen->top < screen->rows.count - 8);
	type(screen, "g");
	CHECK(screen->top == 0 && screen->file == 0 && screen->hunk == 0);
	type(screen, "J");
	CHECK(screen->file == 0 && screen->hunk == 1);
	type(screen, "J");
	CHECK_INT(screen->file, 1);
	type(screen, "K");
	CHECK(screen->file == 0 && screen->hunk == 1);
	type(screen, "]]");
	CHECK_INT(screen->file, 2);
	type(screen, "]");
	CHECK_INT(screen->file, 2);
	type(screen, "[[[");
	CHECK_INT(screen->file, 0);
	type(screen, ">>");
	CHECK(screen->left > 0);
	type(screen, "<<<");
	CHECK_INT(screen->left, 0);
	type(screen, "w>");
	CHECK_INT(screen->left, 0);
	scene_close(scene);
}

TEST(what_cannot_be_done_is_said)
{
	struct scene *scene = scene_open(false);

	type(&scene->screen, "u");
	check_painted(scene, "there is no decision to take back");
	type(&scene->screen, "s");
	check_painted(scene, "this hunk cannot be split");
	type(&scene->screen, "c");
	check_painted(scene, "nothing is taken yet");
	type(&scene->screen, "/nowhere\r");
	check_painted(scene, "not found");
	CHECK_INT(screen_key(&scene->screen, KEY_UNKNOWN), SCREEN_GO_ON);
	scene_close(scene);
}

TEST(help_lists_the_keys_until_one_is_pressed)
{
	struct scene *scene = scene_open(false);

	type(&scene->screen, "h");
	check_painted(scene, "take this hunk");
	type(&scene->screen, "x");
	CHECK_INT(scene->screen.mode, MODE_NORMAL);
	CHECK_INT(review_sum(&scene->review).decided, 0);
	scene_close(scene);
}

TEST(a_word_is_typed_and_mended)
{
	struct scene *scene = scene_open(false);
	struct screen *screen = &scene->screen;

	type(screen, "/th");
	/* What would deceive who looks at the line is not taken. */
	(void)screen_key(screen, 0x202e);
	(void)screen_key(screen, 0xe4);
	CHECK_STR(((struct str){ screen->search, screen->search_len }), STR("th\xc3\xa4"));
	(void)screen_key(screen, KEY_BACKSPACE);
	CHECK_STR(((struct str){ screen->search, screen->search_len }), STR("th"));
	check_painted(scene, "/th");
	type(screen, "ree\r");
	CHECK_INT(screen->file, 2);
	type(screen, "?");
	(void)screen_key(screen, KEY_ESCAPE);
	CHECK_INT(screen->mode, MODE_NORMAL);
	for (size_t i = 0; i < 4 * SCREEN_SEARCH_MAX; i++)
		(void)screen_key(screen, i ? 'w' : '/');
	CHECK(screen->search_len < SCREEN_SEARCH_MAX);
	scene_close(scene);
}

TEST(whatever_is_on_the_screen_is_found)
{
	static const char *const searches[] = { "/bin\r", "/a note\r", "/who\r", "/floor/x\r", "?bin\r" };
	struct scene *scene = scene_open(false);
	struct screen *screen = &scene->screen;
	const struct review_finding ask = { "ask", "floor/x", "who knows" };

	review_add_findings(&scene->review, 0, STR("bin"), &ask, 1);
	screen_refresh(screen);
	for (size_t i = 0; i < ARRAY_SIZE(searches); i++) {
		type(screen, i == 4 ? "G" : "g");
		type(screen, searches[i]);
		CHECK_INT(screen->file, 1);
		CHECK(!screen->message[0]);
	}
	/* Without a word there is nothing to look for. */
	type(screen, "g/\b\r");
	CHECK_INT(screen->file, 0);
	type(screen, "n");
	CHECK_INT(screen->file, 0);
	CHECK_INT(screen_key(screen, 3), SCREEN_QUIT);
	scene_close(scene);
}

TEST(keys_of_every_terminal_are_known)
{
	static const struct {
		struct str text;
		uint32_t key;
	} rows[] = {
		{ STR("\033[B"), KEY_DOWN }, { STR("\033[C"), KEY_RIGHT }, { STR("\033OD"), KEY_LEFT },
		{ STR("\033[F"), KEY_END }, { STR("\033[1~"), KEY_HOME }, { STR("\033[4~"), KEY_END },
		{ STR("\033[6~"), KEY_PAGE_DOWN }, { STR("\033[7~"), KEY_HOME }, { STR("\033[8~"), KEY_END },
		{ STR("\033[9~"), KEY_UNKNOWN }, { STR("\033[Z"), KEY_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t key;

		CHECK_INT(screen_decode(rows[i].text, &key), rows[i].text.len);
		CHECK_INT(key, rows[i].key);
	}
}

TEST_MAIN()
