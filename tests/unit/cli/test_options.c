// SPDX-License-Identifier: Apache-2.0
/*
 * test_options.c - command lines against a table of the test's own
 */
#include "cli/command.h"
#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

extern char **environ;

struct sample_options {
	bool stat;
	const char *reason;
	const char *on_exit;
	struct cli_values accept;
	struct cli_number count, limit, since, fail;
	unsigned deep;
};

static const char *const on_exit_words[] = { "review", "auto", "hold" };
static const struct cli_option sample_rows[] = {
	{ .name = "stat",
		.kind = CLI_OPTION_FLAG,
		.offset = offsetof(struct sample_options, stat),
		.letter = 's' },
	{ .name = "reason",
		.kind = CLI_OPTION_TEXT,
		.argument = "TEXT",
		.offset = offsetof(struct sample_options, reason),
		.letter = 'r' },
	{ .name = "on-exit",
		.kind = CLI_OPTION_CHOICE,
		.argument = "WHAT",
		.choices = on_exit_words,
		.choice_count = ARRAY_SIZE(on_exit_words),
		.offset = offsetof(struct sample_options, on_exit) },
	{ .name = "accept",
		.kind = CLI_OPTION_LIST,
		.argument = "RULE",
		.offset = offsetof(struct sample_options, accept) },
	{ .name = "count", .kind = CLI_OPTION_NUMBER, .argument = "N",
		.offset = offsetof(struct sample_options, count), .letter = 'n' },
	{ .name = "limit", .kind = CLI_OPTION_SIZE, .argument = "SIZE",
		.offset = offsetof(struct sample_options, limit) },
	{ .name = "since", .kind = CLI_OPTION_DURATION, .argument = "TIME",
		.offset = offsetof(struct sample_options, since) },
	{ .name = "deep",
		.kind = CLI_OPTION_COUNT,
		.offset = offsetof(struct sample_options, deep),
		.letter = 'd' },
	{ .name = "fail", .kind = CLI_OPTION_SWITCH, .offset = offsetof(struct sample_options, fail) },
	{ .name = "partial", .kind = CLI_OPTION_REFUSED, .refused = "all must be known", .letter = 'p' },
	{ .name = "unknowns", .kind = CLI_OPTION_REFUSED, .refused = "all must be known",
		.argument = "PATH" },
};
static const struct cli_operand id_and_paths[] = {
	{ .name = "ID" }, { .name = "PATH", .is_optional = true, .is_repeatable = true },
};
static const struct cli_operand id_and_program[] = {
	{ .name = "ID" }, { .name = "COMMAND", .is_repeatable = true, .is_rest = true },
};
static const struct cli_operand what[] = {
	{ .name = "WHAT", .choices = on_exit_words, .choice_count = ARRAY_SIZE(on_exit_words) },
};

#define SAMPLE(rows) { .name = "sample", .options = sample_rows, .option_count = ARRAY_SIZE(sample_rows), \
	.options_bytes = sizeof(struct sample_options), \
	.operands = (rows), .operand_count = ARRAY_SIZE(rows) }

static const struct command paths_command = SAMPLE(id_and_paths);
static const struct command program_command = SAMPLE(id_and_program);
static const struct command what_command = SAMPLE(what);

struct parsed {
	struct cli cli;
	struct cli_globals globals;
	struct sample_options options;
	struct error err;
	int r, argc;
	char *argv[32];
	char text[1024];
};

/* Parses a line split at single spaces; "_" is an empty word. */
static void parse(struct parsed *p, const struct command *command, const char *line)
{
	*p = (struct parsed){ 0 };
	cli_init(&p->cli, 1, 2, environ);
	snprintf(p->text, sizeof(p->text), "%s", line);
	for (char *save, *word = strtok_r(p->text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		p->argv[p->argc++] = strcmp(word, "_") ? word : word + 1;
	p->r = options_parse(&p->cli, command, &p->globals, &p->options, &p->argc, p->argv, &p->err);
}

static void check_refused(const struct command *command, const char *line, const char *text, const char *hint)
{
	struct parsed p;

	parse(&p, command, line);
	CHECK_INT(p.r, -EINVAL);
	CHECK_TEXT(p.err.text, text);
	CHECK_TEXT(p.err.hint, hint);
	cli_finish(&p.cli, 0);
}

TEST(every_kind_of_option_is_stored)
{
	struct parsed p;

	parse(&p, &paths_command,
		"--stat k3f9 --reason=because --on-exit auto --accept a --accept=b -n7 --limit 2K "
		"--since 90s -dd a/b");
	CHECK_INT(p.r, 0);
	CHECK(p.options.stat);
	CHECK_TEXT(p.options.reason, "because");
	CHECK_TEXT(p.options.on_exit, "auto");
	CHECK_INT(p.options.accept.count, 2);
	CHECK_TEXT(p.options.accept.items[0], "a");
	CHECK_TEXT(p.options.accept.items[1], "b");
	CHECK(p.options.count.is_set && p.options.limit.is_set && p.options.since.is_set);
	CHECK_INT(p.options.count.value, 7);
	CHECK_INT(p.options.limit.value, 2048);
	CHECK_INT(p.options.since.value, INT64_C(90000000000));
	CHECK_INT(p.options.deep, 2);
	CHECK_INT(p.argc, 2);
	CHECK_TEXT(p.argv[0], "k3f9");
	CHECK_TEXT(p.argv[1], "a/b");
	CHECK(!p.argv[2]);
	cli_finish(&p.cli, 0);
}

TEST(a_switch_is_on_or_off_or_neither)
{
	static const struct {
		const char *line;
		bool is_set, is_on;
	} cases[] = {
		{ "id", false, false }, { "id --fail", true, true }, { "id --fail=true", true, true },
		{ "id --fail=false", true, false },
	};
	struct parsed p;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		parse(&p, &paths_command, cases[i].line);
		CHECK_INT(p.r, 0);
		CHECK_INT(p.options.fail.is_set, cases[i].is_set);
		CHECK_INT(p.options.fail.value, cases[i].is_on);
		CHECK_INT(p.argc, 1);
		cli_finish(&p.cli, 0);
	}
	check_refused(&paths_command, "id --fail=no", "sample: '--fail=no' is neither true nor false", "");
	check_refused(&paths_command, "id --fail=", "sample: '--fail=' is neither true nor false", "");
	check_refused(&paths_command, "id --fail --fail=true", "sample: '--fail' stands there twice", "");
}

TEST(some_options_are_known_to_be_refused)
{
	check_refused(&paths_command, "id --partial", "sample: '--partial' is refused", "all must be known");
	check_refused(&paths_command, "id -p", "sample: '--partial' is refused", "all must be known");
	check_refused(&paths_command, "id --unknowns", "sample: '--unknowns' is refused",
		"all must be known");
	check_refused(&paths_command, "id --unknowns=input", "sample: '--unknowns' is refused",
		"all must be known");
	/* Nobody is sent to one. */
	check_refused(&paths_command, "id --partia", "sample: there is no option '--partia'", "");
}

TEST(letters_join_and_take_arguments)
{
	struct parsed p;

	parse(&p, &paths_command, "-sdr why id");
	CHECK_INT(p.r, 0);
	CHECK(p.options.stat);
	CHECK_INT(p.options.deep, 1);
	CHECK_TEXT(p.options.reason, "why");
	cli_finish(&p.cli, 0);
	parse(&p, &paths_command, "-rwhy -vv -q id");
	CHECK_INT(p.r, 0);
	CHECK_TEXT(p.options.reason, "why");
	CHECK_INT(p.globals.verbose, 2);
	CHECK(p.globals.quiet);
	cli_finish(&p.cli, 0);
}

TEST(nothing_set_is_nothing_set)
{
	struct parsed p;

	parse(&p, &paths_command, "id");
	CHECK_INT(p.r, 0);
	CHECK(!p.options.stat && !p.options.reason && !p.options.accept.count && !p.options.count.is_set);
	CHECK(!p.globals.json && !p.globals.help && !p.globals.color);
	cli_finish(&p.cli, 0);
}

TEST(two_dashes_end_the_options)
{
	struct parsed p;

	parse(&p, &paths_command, "id -- --stat -x --");
	CHECK_INT(p.r, 0);
	CHECK(!p.options.stat);
	CHECK_INT(p.argc, 4);
	CHECK_TEXT(p.argv[1], "--stat");
	CHECK_TEXT(p.argv[3], "--");
	cli_finish(&p.cli, 0);
	parse(&p, &paths_command, "- --stat");
	CHECK_INT(p.r, 0);
	CHECK_TEXT(p.argv[0], "-");
	CHECK(p.options.stat);
	cli_finish(&p.cli, 0);
}

TEST(the_rest_belongs_to_the_other_program)
{
	struct parsed p;

	parse(&p, &program_command, "--stat id ls --stat -la -- x");
	CHECK_INT(p.r, 0);
	CHECK_INT(p.argc, 6);
	CHECK_TEXT(p.argv[1], "ls");
	CHECK_TEXT(p.argv[2], "--stat");
	CHECK_TEXT(p.argv[4], "--");
	cli_finish(&p.cli, 0);
	parse(&p, &program_command, "id --stat -- ls --stat");
	CHECK_INT(p.r, 0);
	CHECK(p.options.stat);
	CHECK_INT(p.argc, 3);
	CHECK_TEXT(p.argv[2], "--stat");
	cli_finish(&p.cli, 0);
}

TEST(global_options_before_the_command)
{
	struct parsed p;

	parse(&p, NULL, "--json -q --color=never diff --stat");
	CHECK_INT(p.r, 0);
	CHECK(p.globals.json && p.globals.quiet);
	CHECK_TEXT(p.globals.color, "never");
	CHECK_INT(p.argc, 2);
	CHECK_TEXT(p.argv[0], "diff");
	CHECK_TEXT(p.argv[1], "--stat");
	cli_finish(&p.cli, 0);
	parse(&p, NULL, "-- diff");
	CHECK_INT(p.argc, 1);
	cli_finish(&p.cli, 0);
}

TEST(help_needs_no_operands)
{
	struct parsed p;

	parse(&p, &paths_command, "--help");
	CHECK_INT(p.r, 0);
	CHECK(p.globals.help);
	cli_finish(&p.cli, 0);
}

TEST(wrong_lines_say_what_is_wrong)
{
	check_refused(&paths_command, "id --sta", "sample: there is no option '--sta'",
		"did you mean '--stat'?");
	check_refused(&paths_command, "id --jsno", "sample: there is no option '--jsno'",
		"did you mean '--json'?");
	check_refused(&paths_command, "id --zzzzzzzzz=3", "sample: there is no option '--zzzzzzzzz'", "");
	check_refused(&paths_command, "id -x", "sample: there is no option '-x'", "");
	check_refused(&paths_command, "id -sx", "sample: there is no option '-x'", "");
	check_refused(&paths_command, "id --stat=yes", "sample: '--stat' takes no argument", "");
	check_refused(&paths_command, "id --reason", "sample: '--reason' needs an argument: --reason=TEXT",
		"");
	check_refused(&paths_command, "id -r", "sample: '--reason' needs an argument: --reason=TEXT", "");
	check_refused(&paths_command, "id --reason a --reason b", "sample: '--reason' stands there twice",
		"");
	check_refused(&paths_command, "id -ss", "sample: '--stat' stands there twice", "");
	check_refused(&paths_command, "id --on-exit=revew", "sample: '--on-exit=revew' is no WHAT",
		"did you mean 'review'?");
	check_refused(&paths_command, "id --on-exit=xyz", "sample: '--on-exit=xyz' is no WHAT",
		"choose one of: review, auto, hold");
	check_refused(&paths_command, "id -n 07", "sample: '--count=07' is not a number", "");
	check_refused(&paths_command, "id -n 99999999999999999999",
		"sample: '--count=99999999999999999999' is not a number that fits", "");
	check_refused(&paths_command, "id --limit 3Q", "sample: '--limit=3Q' is not a size such as 512M", "");
	check_refused(&paths_command, "id --since 5",
		"sample: '--since=5' is not a duration such as 90s or 2h", "");
	check_refused(&paths_command, "--stat", "sample: ID is missing", "");
	check_refused(&program_command, "id", "sample: COMMAND is missing", "");
	check_refused(&what_command, "auto more", "sample: 'more' is one argument too many", "");
	check_refused(&what_command, "more", "sample: 'more' is no WHAT",
		"choose one of: review, auto, hold");
	check_refused(NULL, "--jsn", "there is no option '--jsn'", "did you mean '--json'?");
	check_refused(&paths_command, "id --\x1b[2J", "sample: there is no option '--\\x1B[2J'", "");
}

TEST(an_empty_argument_is_an_argument)
{
	struct parsed p;

	parse(&p, &paths_command, "id --reason=");
	CHECK_INT(p.r, 0);
	CHECK_TEXT(p.options.reason, "");
	cli_finish(&p.cli, 0);
	parse(&p, &paths_command, "_ --reason _");
	CHECK_INT(p.r, 0);
	CHECK_TEXT(p.argv[0], "");
	CHECK_TEXT(p.options.reason, "");
	cli_finish(&p.cli, 0);
}

TEST_MAIN()
