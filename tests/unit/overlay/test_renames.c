// SPDX-License-Identifier: Apache-2.0
/*
 * test_renames.c - the view in which files that moved and were edited are renamed, and what is no such view
 */
#include "lib/test.h"
#include "overlay/compose.h"
#include "overlay/subset.h"

#include <errno.h>
#include <stdio.h>

static const char *const roots[] = { "/w", "/other" };

enum index { ADDED, DIR_GONE, GONE, HALF, LINKED, LINKED_TOO, MOVED_FROM, MOVED_TO, OTHER_ROOT, COUNT };

static struct file_facts facts(enum file_type type, const char *content)
{
	struct file_facts file = { .type = type, .mode = 0644, .uid = 1, .gid = 1 };

	if (content)
		file.digest = hash_bytes(content, strlen(content));
	if (type == FILE_REGULAR)
		file.size_bytes = strlen(content);
	return file;
}

static struct change one(enum change_kind kind, const char *path, const char *content)
{
	struct change change = { .kind = kind, .path = str_from(path) };

	*(kind == CHANGE_DELETED ? &change.old_file : &change.new_file) = facts(FILE_REGULAR, content);
	return change;
}

static struct changeset sample(struct change changes[COUNT])
{
	struct changeset changeset = { .roots = roots, .root_count = 2, .changes = changes, .count = COUNT };

	changes[ADDED] = one(CHANGE_ADDED, "added", "edited");
	changes[DIR_GONE] = (struct change){ .kind = CHANGE_DELETED, .path = STR("dir"), .flags = CHANGE_TREE,
		.old_count = 2, .old_file = facts(FILE_DIRECTORY, "tree") };
	changes[GONE] = one(CHANGE_DELETED, "gone", "before");
	changes[GONE].flags = CHANGE_BINARY;
	changes[HALF] = one(CHANGE_ADDED, "half", "edited, too");
	changes[LINKED] = one(CHANGE_ADDED, "linked", "l");
	changes[LINKED_TOO] = one(CHANGE_ADDED, "linked2", "l");
	changes[LINKED].link_group = changes[LINKED_TOO].link_group = 1;
	changes[MOVED_FROM] = one(CHANGE_DELETED, "moved", "same");
	changes[MOVED_FROM].flags = CHANGE_MOVED;
	changes[MOVED_TO] = one(CHANGE_RENAMED, "moved2", "same");
	changes[MOVED_TO].renamed_from = STR("moved");
	changes[MOVED_TO].old_file = changes[MOVED_FROM].old_file;
	changes[OTHER_ROOT] = one(CHANGE_ADDED, "z", "zz");
	changes[OTHER_ROOT].root = 1;
	changeset.total_bytes = 6 + 11 + 1 + 4 + 2;
	CHECK_INT(changeset_seal(&changeset), 0);
	return changeset;
}

static struct rename_list sample_list(const struct changeset *whole, struct rename items[2])
{
	static struct file_facts below;

	below = facts(FILE_REGULAR, "in dir");
	items[0] = rename_make(whole, ADDED, GONE, STR("gone"), &below, 75);
	items[1] = rename_make(whole, HALF, DIR_GONE, STR("dir/sub/x"), &below, 50);
	return (struct rename_list){ items, 2 };
}

TEST(the_view_says_the_same_entries_otherwise)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct change changes[COUNT];
	struct changeset whole = sample(changes), view;
	struct rename items[2];
	struct rename_list list = sample_list(&whole, items);

	CHECK_INT(renames_apply(&arena, &whole, &list, &view), 0);
	CHECK_INT(view.count, COUNT);
	CHECK_INT(view.changes[ADDED].kind, CHANGE_RENAMED);
	CHECK_STR(view.changes[ADDED].renamed_from, STR("gone"));
	/* What is known of the deleted file counts, not what was said. */
	CHECK(digest_eq(&view.changes[ADDED].old_file.digest, &changes[GONE].old_file.digest));
	CHECK(view.changes[ADDED].flags & CHANGE_BINARY);
	CHECK(view.changes[GONE].flags & CHANGE_MOVED);
	CHECK_INT(view.changes[HALF].old_file.size_bytes, 6);
	CHECK(!(view.changes[DIR_GONE].flags & CHANGE_MOVED));
	CHECK(compose_fits(&view.changes[ADDED]) && !compose_fits(&view.changes[MOVED_TO]));
	/* The truth is as it was. */
	CHECK_INT(whole.changes[ADDED].kind, CHANGE_ADDED);
	CHECK(renames_find(&list, HALF) == &items[1] && !renames_find(&list, GONE));
}

TEST(without_renames_what_moved_is_deleted_and_added)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20), none = ARENA_INIT(16);
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	struct change changes[COUNT];
	struct changeset whole = sample(changes), apart, again;
	struct error err = ERROR_INIT;

	CHECK_INT(renames_remove(&arena, &whole, &apart), 0);
	CHECK_INT(apart.changes[MOVED_TO].kind, CHANGE_ADDED);
	CHECK(!apart.changes[MOVED_TO].old_file.type && !(apart.changes[MOVED_FROM].flags & CHANGE_MOVED));
	/* It is a changeset like any other. */
	CHECK_INT(changeset_write(&text, &apart), 0);
	CHECK_INT(changeset_parse(&arena, (struct str){ text.data, text.len }, &again, &err), 0);
	CHECK_INT(renames_remove(&none, &whole, &apart), -EMSGSIZE);
	CHECK_INT(renames_apply(&none, &whole, &(struct rename_list){ 0 }, &apart), -EMSGSIZE);
}

TEST(a_part_has_those_of_which_it_has_both_ends)
{
	static const struct {
		enum index selected[3];
		size_t count, target, source;
	} rows[] = {
		{ { ADDED, GONE, GONE }, 1, 0, 1 }, { { ADDED, HALF, LINKED }, 0, 0, 0 },
		{ { GONE, DIR_GONE, LINKED }, 0, 0, 0 }, { { DIR_GONE, GONE, HALF }, 1, 2, 0 },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20), none = ARENA_INIT(16);
	struct change changes[COUNT];
	struct changeset whole = sample(changes), part;
	struct rename items[2];
	struct rename_list list = sample_list(&whole, items), some;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool selected[COUNT] = { false };

		for (size_t k = 0; k < 3; k++)
			selected[rows[i].selected[k]] = true;
		CHECK_INT(overlay_subset(&arena, &whole, selected, true, &part), 0);
		CHECK_INT(renames_subset(&arena, &whole, &list, selected, &part, &some), 0);
		CHECK_INT(some.count, rows[i].count);
		CHECK(!some.count || (some.items[0].target == rows[i].target &&
			some.items[0].source == rows[i].source));
		CHECK_INT(renames_subset(&none, &whole, &list, selected, &part, &some), -EMSGSIZE);
	}
}

TEST(a_part_of_a_renamed_file_is_a_new_one)
{
	struct change changes[COUNT];
	struct changeset whole = sample(changes);
	struct rename items[2];
	struct digest digest = hash_bytes("mix", 3);
	struct change part;

	(void)sample_list(&whole, items);
	items[0].change.new_file.mode = 0755;
	part = compose_change(&items[0].change, &digest, 3, 77, false);
	CHECK_INT(part.kind, CHANGE_ADDED);
	CHECK_INT(part.flags, CHANGE_COMPOSED);
	CHECK(!part.old_file.type && !part.renamed_from.len);
	CHECK_INT(part.new_file.mode, 0644);
	CHECK_INT(part.new_file.size_bytes, 3);
	CHECK(compose_is_part(&part));
	part = compose_change(&items[0].change, &digest, 3, 77, true);
	CHECK_INT(part.new_file.mode, 0755);
	CHECK(!compose_is_part(&changes[LINKED]) && !compose_is_part(&changes[MOVED_TO]));
}

/* ---- as JSON ---- */

static int read_list(struct arena *arena, const char *text, const struct changeset *whole,
	struct rename_list *ret, struct error *err)
{
	const struct json *value;

	CHECK_INT(json_read(arena, str_from(text), JSON_READ_STRICT, &value, err), 0);
	return renames_read(arena, value, whole, ret, err);
}

TEST(what_is_written_is_read)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf first = BUF_INIT(1 << 16), second = BUF_INIT(1 << 16);
	struct change changes[COUNT];
	struct changeset whole = sample(changes);
	struct rename items[2];
	struct rename_list list = sample_list(&whole, items), again;
	struct error err = ERROR_INIT;

	renames_write(&first, &list);
	if (read_list(&arena, buf_text(&first), &whole, &again, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	renames_write(&second, &again);
	CHECK_TEXT(buf_text(&second), buf_text(&first));
	CHECK_INT(again.items[1].source, DIR_GONE);
}

#define SIDE "{\"gid\":1,\"mode\":\"0644\",\"mtime\":0,\"sha256\":\"" \
	"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\",\"size\":3,\"type\":\"file\",\"uid\":1}"
#define RENAME(from, path) "{\"change\":{\"from\":\"" from "\",\"kind\":\"renamed\",\"new\":" SIDE \
	",\"old\":" SIDE ",\"path\":\"" path "\",\"root\":0},\"similarity\":75}"

TEST(lists_that_are_none)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "[]", NULL },
		{ "[" RENAME("gone", "added") "]", NULL },
		{ "[" RENAME("dir/x", "added") "," RENAME("gone", "half") "]", NULL },
		{ "{}", "no list" },
		{ "[1]", "no rename" },
		{ "[{\"change\":{},\"similarity\":101}]", "no rename" },
		{ "[{\"change\":{},\"similarity\":75,\"x\":1}]", "no rename" },
		{ "[{\"change\":{},\"similarity\":75}]", "kind" },
		{ "[{\"similarity\":75,\"x\":1}]", "not an object" },
		/* Ends that are none. */
		{ "[" RENAME("gone", "nothing") "]", "no ends" },
		{ "[" RENAME("nothing", "added") "]", "no ends" },
		{ "[" RENAME("gone/x", "added") "]", "no ends" },
		{ "[" RENAME("dir", "added") "]", "no ends" },
		{ "[" RENAME("moved", "added") "]", "no ends" },
		{ "[" RENAME("added", "half") "]", "no ends" },
		{ "[" RENAME("gone", "moved2") "]", "no ends" },
		{ "[" RENAME("gone", "linked") "]", "no ends" },
		{ "[" RENAME("gone", "gone") "]", "no ends" },
		{ "[" RENAME("dir/../gone", "added") "]", "clean" },
		/* One end for two. */
		{ "[" RENAME("gone", "added") "," RENAME("gone", "half") "]", "become two" },
		{ "[" RENAME("dir/x", "added") "," RENAME("dir/x", "half") "]", "become two" },
		{ "[" RENAME("gone", "added") "," RENAME("dir/x", "added") "]", "not sorted" },
		{ "[" RENAME("gone", "half") "," RENAME("dir/x", "added") "]", "not sorted" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		struct change changes[COUNT];
		struct changeset whole = sample(changes);
		struct error err = ERROR_INIT;
		struct rename_list list;
		int r = read_list(&arena, rows[i].text, &whole, &list, &err);

		if (r != (rows[i].said ? -EBADMSG : 0) || (rows[i].said && !strstr(err.text, rows[i].said)))
			test_fail(__FILE__, __LINE__, "row %zu: %d %s", i, r, err.text);
	}
}

TEST_MAIN()
