// SPDX-License-Identifier: Apache-2.0
/*
 * test_subset.c - a part of a changeset is a changeset, and the parts together are the whole
 */
#include "lib/test.h"
#include "overlay/subset.h"

#include <stdio.h>

static const char *const roots[] = { "/w", "/other" };

static struct file_facts facts(enum file_type type)
{
	struct file_facts file = { .type = type, .mode = type == FILE_DIRECTORY ? 0755 : 0644, .uid = 1,
		.gid = 1 };

	if (type == FILE_REGULAR)
		file.digest = hash_bytes("x", 1), file.size_bytes = 1;
	return file;
}

static struct change added(unsigned root, const char *path, enum file_type type)
{
	return (struct change){ .kind = CHANGE_ADDED, .root = root, .path = str_from(path),
		.new_file = facts(type) };
}

enum {
	COUNT = 7,
};

/* a (new) a/b (new) a/b/f; g and a/h are one file; move of old to z. */
static struct changeset sample(struct change changes[COUNT])
{
	struct changeset changeset = { .roots = roots, .root_count = 2, .changes = changes, .count = COUNT };

	changes[0] = added(0, "a", FILE_DIRECTORY);
	changes[1] = added(0, "a/b", FILE_DIRECTORY);
	changes[2] = added(0, "a/b/f", FILE_REGULAR);
	changes[3] = added(0, "g", FILE_REGULAR);
	changes[4] = (struct change){ .kind = CHANGE_DELETED, .path = STR("old"),
		.old_file = facts(FILE_REGULAR),
		.flags = CHANGE_MOVED };
	changes[5] = added(0, "z", FILE_REGULAR);
	changes[5].kind = CHANGE_RENAMED;
	changes[5].renamed_from = STR("old");
	changes[5].old_file = facts(FILE_REGULAR);
	changes[6] = added(1, "a", FILE_REGULAR);
	changeset.total_bytes = 4;
	CHECK_INT(changeset_seal(&changeset), 0);
	return changeset;
}

static const char *names(const bool *selected)
{
	static char text[COUNT + 1];

	for (size_t i = 0; i < COUNT; i++)
		text[i] = selected[i] ? (char)('0' + (int)i) : '-';
	return text;
}

TEST(a_path_means_what_lies_below_and_the_new_directories_above)
{
	struct change changes[COUNT];
	struct changeset whole = sample(changes);
	bool selected[COUNT] = { false };

	CHECK_INT(overlay_select(&whole, 0, STR("a/b/f"), selected), 1);
	CHECK_TEXT(names(selected), "012----");
	CHECK_INT(overlay_select(&whole, 0, STR("no"), selected), 0);
	CHECK_INT(overlay_select(&whole, 1, STR("."), selected), 1);
	CHECK_TEXT(names(selected), "012---6");
}

TEST(leaving_out_leaves_the_directories_above)
{
	struct change changes[COUNT];
	struct changeset whole = sample(changes);
	bool selected[COUNT] = { true, true, true, true, true, true, true };

	CHECK_INT(overlay_deselect(&whole, 0, STR("no"), selected), 0);
	CHECK_INT(overlay_deselect(&whole, 0, STR("a/"), selected), 0);
	CHECK_INT(overlay_deselect(&whole, 0, STR("a/b/f"), selected), 1);
	CHECK_TEXT(names(selected), "01-3456");
	CHECK_INT(overlay_deselect(&whole, 0, STR("a"), selected), 3);
	CHECK_TEXT(names(selected), "---3456");
	CHECK_INT(overlay_deselect(&whole, 1, STR("."), selected), 1);
	CHECK_TEXT(names(selected), "---345-");
}

TEST(both_parts_keep_the_invariants)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct change changes[COUNT];
	struct changeset whole = sample(changes), part, rest;
	bool selected[COUNT] = { true, true, true, true, true, true, true };

	CHECK_INT(overlay_deselect(&whole, 0, STR("old"), selected), 1);
	CHECK_INT(overlay_subset(&arena, &whole, selected, true, &part), 0);
	CHECK_INT(overlay_subset(&arena, &whole, selected, false, &rest), 0);
	CHECK_INT(part.count, COUNT - 1);
	CHECK_INT(rest.count, 1);
	CHECK_INT(part.total_bytes, 4);
	CHECK_INT(rest.total_bytes, 0);
	/* The other half of the move stays behind: it is a new file here, and a plain deletion there. */
	CHECK_INT(changeset_find(&part, 0, STR("z"))->kind, CHANGE_ADDED);
	CHECK(!(rest.changes[0].flags & CHANGE_MOVED));
	CHECK(!digest_eq(&part.digest, &whole.digest));
}

TEST_MAIN()
