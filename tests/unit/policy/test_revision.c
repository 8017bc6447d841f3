// SPDX-License-Identifier: Apache-2.0
/*
 * test_revision.c - which revision is older, and what is remembered
 */
#include "policy/revision.h"

#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(64 << 20);
static struct error err;

/* Each list goes from old to new; equal ones are side by side, with '=' in front of the second. */
static const char *const orders[][12] = {
	{ "", "0", "1", "2", "10", "18446744073709551616", "18446744073709551617" },
	/* Semantic Versioning, 11 */
	{ "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
	  "1.0.0-rc.1", "1.0.0", "=1.0.0+build.5", "=v1.0.0", "2.0.0", "2.1.0" },
	{ "2.1.1", "2.10.0", "v10.0.0" },
	{ "2025-12-31", "2026-01-02", "=2026-01-02T00:00:00Z", "2026-01-02T03:04:05Z",
		"2026-01-02T03:04:05.5Z" },
};

TEST(what_is_older)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		int place[12];

		for (size_t a = 0; a < 12 && orders[i][a]; a++)
			place[a] = a ? place[a - 1] + (orders[i][a][0] != '=') : 0;
		for (size_t a = 0; a < 12 && orders[i][a]; a++)
			for (size_t b = 0; b < 12 && orders[i][b]; b++) {
				const char *left = orders[i][a] + (orders[i][a][0] == '=');
				const char *right = orders[i][b] + (orders[i][b][0] == '=');

				CHECK_INT(policy_revision_compare(str_from(left), str_from(right)),
					place[a] < place[b] ? POLICY_REVISION_OLDER :
					place[a] > place[b] ? POLICY_REVISION_NEWER :
						POLICY_REVISION_SAME);
			}
	}
}

TEST(what_nobody_can_say)
{
	static const char *const pairs[][2] = {
		{ "1", "abc" }, { "9f3c2ab", "0f3c2ab" }, { "1", "1.0.0" }, { "01", "2" }, { "1.0", "1.1" },
		{ "1.0.0.0", "1.0.0.1" }, { "1.02.0", "1.3.0" }, { "1.0.0-01", "1.0.0-2" },
		{ "1.0.0-", "1.0.0" }, { "2026-13-01", "2026-01-01" }, { "-1", "1" }, { " 1", "2" },
		{ "1.0.0+", "1.0.0" }, { "v1", "v2" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		CHECK_INT(policy_revision_compare(str_from(pairs[i][0]), str_from(pairs[i][1])),
			POLICY_REVISION_OTHER);
		CHECK_INT(policy_revision_compare(str_from(pairs[i][1]), str_from(pairs[i][0])),
			POLICY_REVISION_OTHER);
	}
}

/* ---- the document ---- */

static const struct json *seen;

/* Written and read again each time, as it is in a file. */
static int use(const char *path, const char *revision)
{
	struct buf text = BUF_INIT(1 << 20);
	int r = policy_revisions_check(seen, &(struct policy_bundle){ path, revision }, &err);

	if (r < 0)
		return r;
	seen = policy_revisions_note(&arena, seen, &(struct policy_bundle){ path, revision });
	CHECK(seen);
	CHECK_INT(json_write(&text, seen, JSON_WRITE_PRETTY), 0);
	CHECK_INT(policy_revisions_read(&arena, (struct str){ text.data, text.len }, &seen, &err), 0);
	buf_fini(&text);
	CHECK_TEXT(policy_revisions_last(seen, path), revision);
	return 0;
}

TEST(nobody_goes_back)
{
	seen = policy_revisions_begin(&arena);
	CHECK(!policy_revisions_last(seen, "/a"));
	CHECK_INT(use("/a", "7"), 0);
	CHECK_INT(use("/b", "1"), 0);
	CHECK_INT(use("/a", "8"), 0);
	CHECK_INT(use("/a", "8"), 0);
	CHECK_INT(use("/a", "7"), -ESTALE);
	CHECK_TEXT(err.text,
		"the bundle '/a' is of the revision '7', which is older than '8', which was used before");
	CHECK_TEXT(err.hint, "If it is meant to go back: cordon policy forget '/a'");
	CHECK_INT(use("/a", ""), -ESTALE);
	CHECK_TEXT(err.text, "the bundle '/a' has no revision, and '8' of it was used before");
	CHECK_INT(use("/b", "2"), 0);
	seen = policy_revisions_forget(&arena, seen, "/a");
	CHECK(!policy_revisions_last(seen, "/a"));
	CHECK_TEXT(policy_revisions_last(seen, "/b"), "2");
	CHECK_INT(use("/a", ""), 0);
	CHECK_INT(use("/a", "1"), 0);
	arena_fini(&arena);
}

/* Of what has no order, only what was there before the last is older; also across another kind. */
TEST(what_has_no_order_was_there_or_was_not)
{
	seen = policy_revisions_begin(&arena);
	CHECK_INT(use("/a", "c0ffee"), 0);
	CHECK_INT(use("/a", "badcafe"), 0);
	CHECK_INT(use("/a", "c0ffee"), -ESTALE);
	CHECK_INT(use("/a", "badcafe"), 0);
	CHECK_INT(use("/a", "5"), 0);
	CHECK_INT(use("/a", "c0ffee"), -ESTALE);
	CHECK_INT(use("/a", "deadbeef"), 0);
	CHECK_INT(use("/a", "5"), -ESTALE);
	CHECK_INT(use("/a", "4"), -ESTALE);
	CHECK_INT(use("/a", "6"), 0);
	CHECK_INT(use("/a", "5"), -ESTALE);
	arena_fini(&arena);
}

TEST(only_so_many_are_remembered)
{
	seen = policy_revisions_begin(&arena);
	for (int i = 0; i < POLICY_EARLIER_MAX + 2; i++)
		CHECK_INT(use("/a", arena_printf(&arena, "x%d", i)), 0);
	CHECK_INT(use("/a", "x1"), -ESTALE);
	CHECK_INT(use("/a", "x0"), 0);
	seen = policy_revisions_begin(&arena);
	for (int i = 0; i < 8; i++)
		seen = policy_revisions_note(&arena, seen,
			&(struct policy_bundle){ arena_printf(&arena, "/%d", i), "1" });
	CHECK_INT(json_get(seen, "bundles")->object.count, 8);
	arena_fini(&arena);
}

TEST(a_document_that_is_none)
{
	static const char *const texts[] = {
		"", "[]", "{}", "{\"version\":2,\"bundles\":{}}", "{\"version\":1}",
		"{\"version\":1,\"bundles\":[]}", "{\"version\":1,\"bundles\":{},\"more\":1}",
		"{\"version\":1,\"bundles\":{\"/a\":1}}",
		"{\"version\":1,\"bundles\":{\"a\":{\"revision\":\"1\",\"earlier\":[]}}}",
		"{\"version\":1,\"bundles\":{\"/a/../b\":{\"revision\":\"1\",\"earlier\":[]}}}",
		"{\"version\":1,\"bundles\":{\"/a\":{\"revision\":1,\"earlier\":[]}}}",
		"{\"version\":1,\"bundles\":{\"/a\":{\"revision\":\"\\u0000\",\"earlier\":[]}}}",
		"{\"version\":1,\"bundles\":{\"/a\":{\"revision\":\"1\"}}}",
		"{\"version\":1,\"bundles\":{\"/a\":{\"revision\":\"1\",\"earlier\":{}}}}",
		"{\"version\":1,\"bundles\":{\"/a\":{\"revision\":\"1\",\"earlier\":[1]}}}",
		"{\"version\":1,\"bundles\":{\"/a\":{\"revision\":\"1\",\"earlier\":[],\"more\":1}}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		CHECK_INT(policy_revisions_read(&arena, str_from(texts[i]), &seen, &err), -EBADMSG);
	arena_fini(&arena);
}

TEST_MAIN()
