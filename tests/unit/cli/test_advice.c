// SPDX-License-Identifier: Apache-2.0
/*
 * test_advice.c - the command line that a person is told to type
 *
 * tests/e2e/test_explain.py types such lines into a shell; here are the shapes that are hard to reach.
 */
#include "cli/advice.h"
#include "lib/test.h"

#include <stdio.h>

static const char *const roots[] = { "/w", "/w/in ner" };
static char *no_environment[] = { NULL };

static const char *quoted(struct arena *arena, struct str word)
{
	scoped(buf) struct buf text = BUF_INIT(1024);

	advice_quote(&text, word);
	return arena_copy(arena, buf_text(&text), text.len);
}

TEST(words_are_quoted_for_a_shell)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);

	CHECK_TEXT(quoted(&arena, STR("src/a-b_c.1")), "src/a-b_c.1");
	CHECK_TEXT(quoted(&arena, STR("")), "''");
	CHECK_TEXT(quoted(&arena, STR("a b")), "'a b'");
	CHECK_TEXT(quoted(&arena, STR("$(id)`id`;\"\\")), "'$(id)`id`;\"\\'");
	CHECK_TEXT(quoted(&arena, STR("it's")), "$'it\\'s'");
	CHECK_TEXT(quoted(&arena, STR("a\x1b[2J\\\n")), "$'a\\033[2J\\\\\\012'");
	CHECK_TEXT(quoted(&arena, STR("caf\xe9")), "$'caf\\351'");
	CHECK_TEXT(quoted(&arena, STR("~root")), "'~root'");
	CHECK_TEXT(quoted(&arena, STR("*")), "'*'");
}

struct finding {
	enum verdict verdict;
	const char *rule;
	unsigned root;
	const char *path;
};

/* Paths of the changeset, all new files, and what was found in them. */
static const char *advise(struct cli *cli, const char *const *paths, const struct finding *findings,
	size_t count)
{
	static struct change changes[32];
	static struct decision decisions[32];
	static struct judged_rule rules[32];
	struct changeset changeset = { .roots = roots, .root_count = 2, .changes = changes };
	struct judgement judgement = { .decisions = decisions, .count = count, .rules = rules };

	for (; paths[changeset.count]; changeset.count++)
		changes[changeset.count] = (struct change){ .kind = CHANGE_ADDED,
			.path = str_from(paths[changeset.count]), .new_file.type = FILE_REGULAR };
	for (size_t i = 0; i < count; i++) {
		decisions[i] = (struct decision){ .verdict = findings[i].verdict, .rule = findings[i].rule,
			.root = findings[i].root, .path = str_from(findings[i].path) };
		if (judgement.rule_count && !strcmp(rules[judgement.rule_count - 1].rule, findings[i].rule))
			rules[judgement.rule_count - 1].count++;
		else
			rules[judgement.rule_count++] = (struct judged_rule){ .rule = findings[i].rule,
				.verdict = findings[i].verdict, .count = 1 };
	}
	return advice_commit(cli, &(struct advice_request){
		.id = "k3f9x2qa", .changeset = &changeset, .judgement = &judgement });
}

#define ADVISE(cli, paths, ...) \
	advise(cli, paths, (const struct finding[]){ __VA_ARGS__ }, \
		sizeof((const struct finding[]){ __VA_ARGS__ }) / sizeof(struct finding))
#define PATHS(...) (const char *const[]){ __VA_ARGS__, NULL }

TEST(the_line_names_what_stays_out_and_who_answers)
{
	struct cli cli;

	cli_init(&cli, 1, 2, no_environment);
	CHECK_TEXT(ADVISE(&cli, PATHS("a", "b"), { VERDICT_ASK, "floor/ci", 0, "a" }),
		"cordon commit k3f9x2qa --accept floor/ci --reason TEXT");
	CHECK_TEXT(ADVISE(&cli, PATHS("a", "b"), { VERDICT_DENY, "floor/setuid", 0, "a" }),
		"cordon commit k3f9x2qa --except /w/a");
	/* What stays out needs nobody's answer. */
	CHECK_TEXT(ADVISE(&cli, PATHS("a", "b"), { VERDICT_ASK, "floor/ci", 0, "a" },
		{ VERDICT_DENY, "floor/setuid", 0, "a" }),
		"cordon commit k3f9x2qa --except /w/a");
	CHECK_TEXT(ADVISE(&cli, PATHS("a", "b"), { VERDICT_ASK, "floor/ci", 0, "b" },
		{ VERDICT_DENY, "floor/setuid", 0, "a" }),
		"cordon commit k3f9x2qa --except /w/a --accept floor/ci --reason TEXT");
	CHECK_TEXT(ADVISE(&cli, PATHS("a", "b"), { VERDICT_DENY, "floor/setuid", 1, "-x" }),
		"cordon commit k3f9x2qa --except '/w/in ner/-x'");
	(void)cli_finish(&cli, 0);
}

TEST(an_environment_stays_out_whole)
{
	struct cli cli;

	cli_init(&cli, 1, 2, no_environment);
	CHECK_TEXT(ADVISE(&cli, PATHS("v/bin/python", "v/pyvenv.cfg", "x"),
		{ VERDICT_DENY, "floor/link-outside", 0, "v/bin/python" },
		{ VERDICT_ASK, "floor/start-up-code", 0, "v/pyvenv.cfg" }),
		"cordon commit k3f9x2qa --except /w/v");
	/* A new directory alone is no reason to leave out everything in it. */
	CHECK_TEXT(ADVISE(&cli, PATHS("v/bin/python", "x"),
		{ VERDICT_DENY, "floor/link-outside", 0, "v/bin/python" }),
		"cordon commit k3f9x2qa --except /w/v/bin/python");
	(void)cli_finish(&cli, 0);
}

TEST(no_line_where_it_would_not_help)
{
	static struct finding many[ADVICE_PATHS_MAX + 1];
	static char names[ADVICE_PATHS_MAX + 1][8];
	struct cli cli;

	cli_init(&cli, 1, 2, no_environment);
	CHECK(!ADVISE(&cli, PATHS("a"), { VERDICT_DENY, "floor/setuid", 0, "a" }));
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		snprintf(names[i], sizeof(names[i]), "f%zu", i);
		many[i] = (struct finding){ VERDICT_DENY, "floor/setuid", 0, names[i] };
	}
	CHECK(advise(&cli, PATHS("x"), many, ADVICE_PATHS_MAX));
	CHECK(!advise(&cli, PATHS("x"), many, ADVICE_PATHS_MAX + 1));
	(void)cli_finish(&cli, 0);
}

TEST_MAIN()
