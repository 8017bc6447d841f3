// SPDX-License-Identifier: Apache-2.0
/*
 * test_similar.c - which files are the same under another name, and what the search may cost
 */
#include "lib/test.h"
#include "base/buf.h"
#include "overlay/similar.h"

#include <errno.h>
#include <stdio.h>

enum {
	ARENA_BYTES = 512 << 20,
	FILES_MAX = 4000,
	TEXT_BYTES = 1 << 12,
};

/* ---- how similar two texts are ---- */

static struct similar_print print_of(struct arena *arena, struct str text)
{
	struct similar_print print;

	CHECK_INT(similar_print_make(arena, text, SIZE_MAX, &print), 0);
	return print;
}

static unsigned score_of(struct str a, struct str b)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct similar_print x = print_of(&arena, a), y = print_of(&arena, b);
	unsigned score = similar_score(&x, &y);

	CHECK_INT(similar_score(&y, &x), score);
	return score;
}

#define TEN_LINES "1 line\n2 line\n3 line\n4 line\n5 line\n6 line\n7 line\n8 line\n9 line\n0 line\n"
#define SIXTY_FOUR "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

TEST(two_texts)
{
	static const struct {
		struct str a, b;
		unsigned score;
	} rows[] = {
		{ STR(""), STR(""), 0 },
		{ STR(""), STR("a\n"), 0 },
		{ STR("a\n"), STR("a\n"), 10000 },
		{ STR("a"), STR("a"), 10000 },
		{ STR("a\n"), STR("b\n"), 0 },
		/* Where the lines stand does not count. */
		{ STR("a\nb\nc\n"), STR("c\na\nb\n"), 10000 },
		{ STR(TEN_LINES), STR(TEN_LINES TEN_LINES), 5000 },
		{ STR(TEN_LINES), STR(TEN_LINES TEN_LINES "x\n"), 4929 },
		{ STR("a\na\na\n"), STR("a\n"), 3333 },
		{ STR(TEN_LINES), STR("another\n" TEN_LINES), 8974 },
		/* A line without its newline is another one. */
		{ STR("a\nb"), STR("a\nb\n"), 5000 },
		{ STR("a\r\nb\r\n"), STR("a\nb\n"), 6666 },
		{ STR("a\r\nb\r\n\0"), STR("a\nb\n\0"), 1428 },
		/*
		 * Long lines are cut: what stands behind a change in the middle of one is seen after 64
		 * bytes.
		 */
		{ STR(SIXTY_FOUR SIXTY_FOUR), STR(SIXTY_FOUR "x"), 5000 },
		{ STR(SIXTY_FOUR SIXTY_FOUR), STR("x" SIXTY_FOUR SIXTY_FOUR), 0 },
		{ STR("\0\1\2\n\3\4\5\n"), STR("\0\1\2\n"), 5000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned score = score_of(rows[i].a, rows[i].b);

		if (score != rows[i].score)
			test_fail(__FILE__, __LINE__, "row %zu: %u instead of %u", i, score, rows[i].score);
	}
}

TEST(a_print_has_each_piece_once_and_no_more_than_allowed)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20), none = ARENA_INIT(16);
	struct similar_print print = print_of(&arena, STR("a\nb\na\na\n" SIXTY_FOUR SIXTY_FOUR));

	CHECK_INT(print.count, 3);
	CHECK_INT(print.cut_count, 6);
	CHECK_INT(print.bytes, 136);
	for (size_t i = 1; i < print.count; i++)
		CHECK(print.pieces[i - 1].hash < print.pieces[i].hash);
	CHECK_INT(similar_print_make(&arena, STR("a\nb\na\n"), 2, &print), -E2BIG);
	CHECK_INT(similar_print_make(&arena, STR("a\nb\na\n"), 3, &print), 0);
	CHECK_INT(similar_print_make(&none, STR("a\nb\na\n"), 3, &print), -EMSGSIZE);
}

/* ---- searches ---- */

struct world {
	struct similar_file files[2][FILES_MAX];
	struct str texts[2][FILES_MAX];
	size_t counts[2], reads;
	size_t unread;			/* this new file cannot be read; SIZE_MAX: none */
	int fails;
	struct similar_search search;
};

static int read_text(void *context, bool is_new, size_t index, struct str *ret)
{
	struct world *world = context;

	world->reads++;
	*ret = world->texts[is_new][index];
	return world->fails ? world->fails : !(is_new && index == world->unread);
}

static struct world *world_open(struct arena *arena)
{
	struct world *world = arena_alloc(arena, sizeof(*world));

	world->unread = SIZE_MAX;
	world->search = (struct similar_search){ .old_files = world->files[0], .new_files = world->files[1],
		.percent = 50, .limits = similar_limits_default(), .read = read_text, .context = world };
	return world;
}

static void add(struct world *world, bool is_new, unsigned root, const char *path, struct str text)
{
	size_t at = world->counts[is_new]++;

	world->files[is_new][at] = (struct similar_file){ root, str_from(path), text.len };
	world->texts[is_new][at] = text;
	world->search.old_count = world->counts[0];
	world->search.new_count = world->counts[1];
}

/* "old>new 75, ..." and what was cut, as a number. */
static const char *find(struct arena *arena, struct world *world)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct similar_answer answer;
	int r = similar_find(arena, &world->search, &answer);

	if (r < 0)
		return arena_printf(arena, "error %d", r);
	for (size_t i = 0; i < answer.count; i++)
		CHECK_INT(buf_printf(&text, "%s%s>%s %u", i ? ", " : "",
			world->files[0][answer.pairs[i].old_file].path.data,
			world->files[1][answer.pairs[i].new_file].path.data, answer.pairs[i].score / 100), 0);
	if (answer.cut)
		CHECK_INT(buf_printf(&text, " cut %u", answer.cut), 0);
	return arena_copy(arena, buf_text(&text), text.len);
}

/* @same lines of @count are the file's, the others nobody else's. */
static struct str mixed(struct arena *arena, unsigned file, unsigned same, unsigned count)
{
	static unsigned other;
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES);

	for (unsigned i = 0; i < count; i++)
		CHECK_INT(i < same ? buf_printf(&text, "%03u of %05u\n", i, file) :
		buf_printf(&text, "%012u\n", ++other),
			0);
	return (struct str){ arena_copy(arena, buf_text(&text), text.len), text.len };
}

TEST(the_percentage_is_the_least_that_counts)
{
	static const struct {
		unsigned same, percent;
		const char *found;
	} rows[] = {
		{ 0, 50, "" }, { 0, 1, "" }, { 49, 50, "" }, { 50, 50, "a>b 50" }, { 51, 50, "a>b 51" },
		{ 51, 52, "" }, { 100, 50, "a>b 100" }, { 99, 99, "a>b 99" }, { 1, 1, "a>b 1" },
		/* Nothing is searched for: what is the same is known by its digest. */
		{ 100, 100, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
		struct world *world = world_open(&arena);

		add(world, false, 0, "a", mixed(&arena, 1, 100, 100));
		add(world, true, 0, "b", mixed(&arena, 1, rows[i].same, 100));
		world->search.percent = rows[i].percent;
		CHECK_TEXT(find(&arena, world), rows[i].found);
	}
}

TEST(sizes_alone_rule_most_files_out)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	add(world, false, 0, "short", mixed(&arena, 1, 10, 10));
	add(world, false, 0, "empty", STR(""));
	add(world, true, 0, "long", mixed(&arena, 1, 10, 21));
	add(world, true, 0, "nothing", STR(""));
	CHECK_TEXT(find(&arena, world), "");
	CHECK_INT(world->reads, 0);
}

TEST(roots_are_worlds_of_their_own)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	add(world, false, 0, "d/a", mixed(&arena, 1, 20, 20));
	add(world, false, 1, "b", mixed(&arena, 1, 20, 20));
	add(world, true, 1, "a", mixed(&arena, 1, 18, 20));
	CHECK_TEXT(find(&arena, world), "b>a 90");
}

TEST(the_best_come_first_and_each_file_once)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	add(world, false, 0, "a", mixed(&arena, 1, 20, 20));
	add(world, true, 0, "x", mixed(&arena, 1, 12, 20));
	add(world, true, 0, "y", mixed(&arena, 1, 18, 20));
	add(world, true, 0, "z", mixed(&arena, 1, 15, 20));
	CHECK_TEXT(find(&arena, world), "a>y 90");
	/* Who does not get the best of them gets the next best. */
	add(world, false, 0, "b", mixed(&arena, 1, 16, 20));
	CHECK_TEXT(find(&arena, world), "a>y 90, b>z 75");
}

TEST(a_name_that_was_kept_counts)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	add(world, false, 0, "d/name", mixed(&arena, 1, 20, 20));
	add(world, true, 0, "another", mixed(&arena, 1, 19, 20));
	add(world, true, 0, "e/name", mixed(&arena, 1, 16, 20));
	/* 80 % is enough for it, though another file has 95 %. */
	CHECK_TEXT(find(&arena, world), "d/name>e/name 80");
	world->search.percent = 62;
	/* Now it would have to be 81 %. */
	CHECK_TEXT(find(&arena, world), "d/name>another 95");
	/* Between equals it decides. */
	world = world_open(&arena);
	add(world, false, 0, "d/name", mixed(&arena, 1, 20, 20));
	add(world, true, 0, "another", mixed(&arena, 1, 12, 20));
	add(world, true, 0, "e/name", mixed(&arena, 1, 12, 20));
	CHECK_TEXT(find(&arena, world), "d/name>e/name 60");
}

TEST(between_equals_the_nearer_path_counts)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	add(world, false, 0, "a", mixed(&arena, 1, 20, 20));
	add(world, false, 0, "src/b", mixed(&arena, 1, 20, 20));
	add(world, false, 0, "t/.c", mixed(&arena, 1, 20, 20));
	add(world, false, 0, "t/d.c", mixed(&arena, 1, 20, 20));
	add(world, true, 0, "src/new.c", mixed(&arena, 1, 15, 20));
	CHECK_TEXT(find(&arena, world), "t/d.c>src/new.c 75");
	add(world, false, 0, "src/e.c", mixed(&arena, 1, 20, 20));
	CHECK_TEXT(find(&arena, world), "src/e.c>src/new.c 75");
	add(world, true, 0, "src/new", mixed(&arena, 1, 15, 20));
	CHECK_TEXT(find(&arena, world), "src/e.c>src/new.c 75, src/b>src/new 75");
	/* A little more of the text counts more than all of that. */
	add(world, true, 0, "z", mixed(&arena, 1, 16, 20));
	CHECK_TEXT(find(&arena, world), "src/e.c>src/new.c 75, src/b>src/new 75, a>z 80");
}

TEST(many_that_are_all_alike_are_paired_in_their_order)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	for (unsigned i = 0; i < 3; i++) {
		add(world, false, 0, arena_printf(&arena, "old%u", i), mixed(&arena, 1, 20, 20));
		add(world, true, 0, arena_printf(&arena, "new%u", i), mixed(&arena, 1, 15, 20));
	}
	for (int i = 0; i < 3; i++)
		CHECK_TEXT(find(&arena, world), "old0>new0 75, old1>new1 75, old2>new2 75");
}

TEST(what_cannot_be_read_is_left_out_and_what_fails_is_said)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES), small = ARENA_INIT(1 << 10);
	struct world *world = world_open(&arena);

	add(world, false, 0, "a", mixed(&arena, 1, 20, 20));
	add(world, true, 0, "b", mixed(&arena, 1, 20, 20));
	add(world, true, 0, "c", mixed(&arena, 1, 15, 20));
	world->unread = 0;
	CHECK_TEXT(find(&arena, world), "a>c 75");
	world->fails = -EIO;
	CHECK_TEXT(find(&arena, world), "error -5");
	world->fails = 0;
	CHECK_TEXT(find(&small, world), "error -90");
}

/* ---- limits ---- */

TEST(each_limit_ends_the_search_and_is_said)
{
	static const struct {
		struct similar_limits limits;
		const char *found;
	} rows[] = {
		{ { 4, 1 << 20, 1 << 20, 10, 1000, 1000 }, "name>d/name 90, a>b 75" },
		{ { 0, 1 << 20, 1 << 20, 10, 1000, 1000 }, "name>d/name 90 cut 1" },
		{ { 4, 1 << 8, 1 << 20, 10, 1000, 1000 }, "name>d/name 90 cut 4" },
		{ { 4, 1 << 20, 1000, 10, 1000, 1000 }, "name>d/name 90 cut 2" },
		{ { 4, 1 << 20, 1 << 20, 3, 1000, 1000 }, "name>d/name 90 cut 2" },
		{ { 4, 1 << 20, 1 << 20, 10, 60, 1000 }, "name>d/name 90 cut 2" },
		{ { 4, 1 << 20, 1 << 20, 10, 1000, 60 }, "name>d/name 90 cut 2" },
		{ { 0, 0, 0, 0, 0, 0 }, " cut 4" },
		{ { 4, 1 << 20, 0, 0, 0, 0 }, " cut 2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
		struct world *world = world_open(&arena);

		add(world, false, 0, "name", mixed(&arena, 1, 10, 10));
		add(world, false, 0, "a", mixed(&arena, 2, 40, 40));
		add(world, true, 0, "d/name", mixed(&arena, 1, 9, 10));
		add(world, true, 0, "b", mixed(&arena, 2, 30, 40));
		world->search.limits = rows[i].limits;
		CHECK_TEXT(find(&arena, world), rows[i].found);
	}
}

TEST(what_is_too_large_is_a_loss_where_another_is_as_large)
{
	static const uint64_t kilobyte = 1000;
	static const struct {
		uint64_t gone, came;
		const char *found;
	} rows[] = {
		{ 1, 3000, "" },
		{ 3000, 1, "" },
		{ 1000, 2010, "" },
		{ 1500, 3000, " cut 4" },
		{ 3000, 1500, " cut 4" },
		{ 4000, 4000, " cut 4" },
		{ 1000, 1001, " cut 4" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
		struct world *world = world_open(&arena);

		add(world, false, 0, "gone", STR("x\n"));
		add(world, true, 0, "came", STR("y\n"));
		world->files[0][0].size_bytes = rows[i].gone * kilobyte;
		world->files[1][0].size_bytes = rows[i].came * kilobyte;
		world->search.limits.file_bytes_max = 1000 * kilobyte;
		CHECK_TEXT(find(&arena, world), rows[i].found);
	}
}

TEST(thousands_of_equal_size_are_cut_off_at_once)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	for (unsigned i = 0; i < FILES_MAX; i++) {
		add(world, false, 0, arena_printf(&arena, "old%u", i), mixed(&arena, i, 3, 3));
		add(world, true, 0, arena_printf(&arena, "new%u", i), mixed(&arena, i + 1, 3, 3));
	}
	CHECK_TEXT(find(&arena, world), " cut 1");
	CHECK_INT(world->reads, 0);
}

/* Files that are all worth comparing: what ends the search is how much was compared, not how long it took. */
TEST(the_work_of_comparing_is_counted)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	struct world *world = world_open(&arena);

	for (unsigned i = 0; i < 50; i++) {
		add(world, false, 0, arena_printf(&arena, "old%u", i), mixed(&arena, i, 0, 100));
		add(world, true, 0, arena_printf(&arena, "new%u", i), mixed(&arena, i, 0, 100));
	}
	CHECK_TEXT(find(&arena, world), "");
	/* Each pair takes 200 steps. */
	world->search.limits.steps_max = 50 * 50 * 200;
	CHECK_TEXT(find(&arena, world), "");
	world->search.limits.steps_max--;
	CHECK_TEXT(find(&arena, world), " cut 2");
	CHECK(similar_limits_default().steps_max <= 100 * 1000 * 1000);
}

TEST_MAIN()
