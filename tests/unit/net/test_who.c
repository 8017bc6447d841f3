// SPDX-License-Identifier: Apache-2.0
/*
 * test_who.c - lists of programs, and who is of them
 */
#include "net/who.h"

#include "lib/test.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

TEST(a_list_is_read_strictly)
{
	static const struct {
		const char *text;
		bool is_one;
		size_t at;
	} rows[] = {
		{ "/usr/bin/git", true, 0 },
		{ "/a,/b,sha256:" HEX, true, 0 },
		{ "", false, 0 },
		{ "/a,", false, 3 },
		{ ",/a", false, 0 },
		{ "git", false, 0 },
		{ "./git", false, 0 },
		{ "/", false, 0 },
		{ "/a/", false, 0 },
		{ "//a", false, 0 },
		{ "/a/../b", false, 0 },
		{ "/a,/b/./c", false, 3 },
		{ "/a b", false, 0 },
		{ "/a,/a", false, 3 },
		{ "/\303\244", false, 0 },
		{ "/a\"", false, 0 },
		{ "sha256:" HEX "0", false, 0 },
		{ "sha256:0123", false, 0 },
		{ "SHA256:" HEX, false, 0 },
		{ "/1,/2,/3,/4,/5,/6,/7,/8", true, 0 },
		{ "/1,/2,/3,/4,/5,/6,/7,/8,/9", false, 24 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t at = 0;
		const char *why = net_by_check(str_from(rows[i].text), &at);

		if (!why != rows[i].is_one || (why && at != rows[i].at))
			test_fail(__FILE__, __LINE__, "'%s': %s at %zu", rows[i].text, why ?: "fine", at);
	}
}

TEST(a_list_has_an_end)
{
	char path[NET_PROGRAM_SIZE + 1], text[NET_BY_TEXT_MAX + 2];
	size_t at;

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	CHECK(!net_by_check((struct str){ path, NET_PROGRAM_SIZE - 1 }, &at));
	CHECK(net_by_check((struct str){ path, NET_PROGRAM_SIZE }, &at));
	memset(text, 'b', sizeof(text));
	text[0] = text[200] = '/';
	text[199] = ',';
	CHECK(!net_by_check((struct str){ text, NET_BY_TEXT_MAX }, &at));
	CHECK(net_by_check((struct str){ text, NET_BY_TEXT_MAX + 1 }, &at));
}

static const char *met(const char *a, const char *b)
{
	static char text[NET_BY_TEXT_MAX + 1];

	text[net_by_meet(str_from(a), str_from(b), text)] = '\0';
	return text;
}

TEST(lists_cover_and_meet)
{
	CHECK(net_by_covers(STR(""), STR("")));
	CHECK(net_by_covers(STR(""), STR("/a")));
	CHECK(!net_by_covers(STR("/a"), STR("")));
	CHECK(net_by_covers(STR("/a,/b"), STR("/b")));
	CHECK(!net_by_covers(STR("/b"), STR("/a,/b")));
	CHECK(!net_by_covers(STR("/ab"), STR("/a")));
	CHECK_TEXT(met("/a,/b", "/b,/c,/a"), "/a,/b");
	CHECK_TEXT(met("/a", ""), "/a");
	CHECK_TEXT(met("", "/a,/b"), "/a,/b");
	CHECK_TEXT(met("/a", "/b"), "");
	CHECK_TEXT(met("", ""), "");
}

/* "/a" fixed, "?/a" one that may be another file, "#/a" with a digest of zeros, "-" one without a name. */
static struct net_who who_of(const char *first, const char *second)
{
	const char *const texts[] = { first, second };
	struct net_who who = { .state = NET_WHO_FOUND };

	for (size_t i = 0; i < ARRAY_SIZE(texts) && texts[i]; i++) {
		struct net_program *program = &who.programs[who.count++];
		const char *path = texts[i];

		program->is_fixed = *path == '/' || *path == '#';
		program->has_digest = *path == '#';
		path += *path != '/';
		memcpy(program->path, path, strlen(path));
	}
	return who;
}

TEST(who_is_of_a_list)
{
	static const struct {
		const char *first, *second, *by;
		bool is, may_be;
	} rows[] = {
		{ "/a", NULL, "/a", true, true },
		{ "/a", NULL, "/b,/a", true, true },
		{ "/a", NULL, "/b", false, false },
		{ "/a", NULL, "/ab", false, false },
		{ "/ab", NULL, "/a", false, false },
		/* Everybody has to be, or somebody may be. */
		{ "/a", "/b", "/a", false, true },
		{ "/a", "/b", "/a,/b", true, true },
		{ "/b", "/c", "/a", false, false },
		/* A path that the sandbox can put a file at. */
		{ "?/a", NULL, "/a", false, true },
		{ "-", NULL, "/a", false, false },
		/* Digests. */
		{ "#/a", NULL, "sha256:" ZERO, true, true },
		{ "#/a", NULL, "sha256:" HEX, false, false },
		{ "/a", NULL, "sha256:" ZERO, false, true },
		{ "#/a", "/b", "sha256:" ZERO ",/b", true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct net_who who = who_of(rows[i].first, rows[i].second);
		struct str by = str_from(rows[i].by);

		CHECK(net_who_check(&who));
		if (net_who_is(&who, by) != rows[i].is || net_who_may_be(&who, by) != rows[i].may_be)
			test_fail(__FILE__, __LINE__, "row %zu: %d %d", i, net_who_is(&who, by),
				net_who_may_be(&who, by));
		CHECK(!net_who_stranger(&who, by) == rows[i].is);
	}
}

TEST(nobody_knows_is_a_no)
{
	struct net_who unknown = { 0 }, busy = { .state = NET_WHO_BUSY };

	CHECK(!net_who_is(NULL, STR("/a")) && net_who_may_be(NULL, STR("/a")));
	CHECK(!net_who_is(&unknown, STR("/a")) && net_who_may_be(&unknown, STR("/a")));
	CHECK(!net_who_is(&busy, STR("/a")) && net_who_may_be(&busy, STR("/a")));
	CHECK(!net_who_stranger(NULL, STR("/a")) && !net_who_stranger(&unknown, STR("/a")));
}

TEST(what_another_process_says_is_checked)
{
	struct net_who who = who_of("/a", "/b");

	who.state = NET_WHO_STATE_COUNT;
	CHECK(!net_who_check(&who));
	who.state = NET_WHO_UNKNOWN;
	CHECK(!net_who_check(&who));
	who = who_of("/a", NULL);
	who.count = NET_WHO_PROGRAMS_MAX + 1;
	CHECK(!net_who_check(&who));
	who = who_of("/a", NULL);
	who.programs[0].has_digest = 2;
	CHECK(!net_who_check(&who));
	who = who_of("-", NULL);
	who.programs[0].is_fixed = 1;
	CHECK(!net_who_check(&who));
	who = who_of("/a/../b", NULL);
	CHECK(!net_who_check(&who));
	who = who_of("/a", NULL);
	memset(who.programs[0].path, 'a', NET_PROGRAM_SIZE);
	CHECK(!net_who_check(&who));
	who = (struct net_who){ .state = NET_WHO_FOUND };
	CHECK(!net_who_check(&who));
	/* Nobody hides where everybody was found. */
	who = (struct net_who){ .state = NET_WHO_BUSY, .hidden_pid = 7 };
	CHECK(net_who_check(&who));
	who.zero = 1;
	CHECK(!net_who_check(&who));
	who = who_of("/a", NULL);
	who.hidden_pid = 7;
	CHECK(!net_who_check(&who));
}

TEST_MAIN()
