// SPDX-License-Identifier: Apache-2.0
/*
 * test_differ_none.c - what cordon-differ says in a build without libgit2
 *
 * It shows no texts and says so, instead of a diff that looks as if nothing had changed; what needs no text
 * works as everywhere (tests/e2e/test_diff.py).
 */
#include "lib/differ.h"

static void expect_refusal(enum differ_format format)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct differ_request request = differ_request_of(format);
	struct branch branch = branch_open();
	const struct overlay_diff_options options = branch_options();
	struct differ_shown shown;

	branch_run("base", "echo a >a");
	branch_run_live("echo b >a");
	request.changeset = branch_diff(&arena, &branch, &options);
	CHECK_INT(request.changeset.count, 1);
	shown = differ_show(&branch, &request);
	branch_close(&branch);
	CHECK_INT(shown.status, 125);
	CHECK(!shown.out_len);
	CHECK(strstr(shown.err, "text diffs are not supported in this build"));
	CHECK(strstr(shown.err, "--name-status or --json, or build cordon with -Dgit=enabled"));
	differ_shown_free(&shown);
}

TEST(a_unified_diff_is_refused_in_words)
{
	expect_refusal(DIFFER_UNIFIED);
}

TEST(a_patch_is_refused_in_words)
{
	expect_refusal(DIFFER_PATCH);
}

TEST(a_stat_is_refused_in_words)
{
	expect_refusal(DIFFER_STAT);
}

TEST_MAIN()
