// SPDX-License-Identifier: Apache-2.0
/*
 * test_dispatch.c - whole command lines, and what a person then sees
 */
#include "base/fd.h"
#include "base/quote.h"
#include "cli/command.h"
#include "cli/table.h"
#include "kern/file.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static char *no_environment[] = { NULL };

struct seen {
	int code;
	char out[65536], err[8192];
};

static void read_back(int fd, char *ret, size_t size)
{
	ssize_t n = kern_pread(fd, ret, size - 1, 0);

	CHECK(n >= 0);
	ret[n] = '\0';
}

/* Runs @body between cli_init() and cli_finish(); the two streams end up in @seen. */
#define WITH_CLI(seen, envp, body) \
	do { \
		scoped(fd) int out_ = kern_memfd_create("out", 0); \
		scoped(fd) int err_ = kern_memfd_create("err", 0); \
		struct cli cli; \
		cli_init(&cli, out_, err_, (envp)); \
		(seen)->code = CLI_OK; \
		body; \
		(seen)->code = cli_finish(&cli, (seen)->code); \
		read_back(out_, (seen)->out, sizeof((seen)->out)); \
		read_back(err_, (seen)->err, sizeof((seen)->err)); \
	} while (0)

static void run_line(struct seen *seen, const char *line)
{
	char text[256], *argv[16];
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *save, *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	argv[argc] = NULL;
	WITH_CLI(seen, no_environment, seen->code = cli_dispatch(&cli, argc, argv));
}

TEST(help_lists_every_command)
{
	static struct seen seen;

	for (int i = 0; i < 2; i++) {
		run_line(&seen, i ? "help" : "--help");
		CHECK_INT(seen.code, CLI_OK);
		CHECK_TEXT(seen.err, "");
		for (size_t c = 0; c < commands_count; c++)
			CHECK(commands[c].is_hidden || strstr(seen.out, commands[c].summary));
	}
}

TEST(every_command_explains_itself)
{
	static struct seen seen, option;

	for (size_t c = 0; c < commands_count; c++) {
		char line[128];

		snprintf(line, sizeof(line), "help %s", commands[c].name);
		run_line(&seen, line);
		CHECK_INT(seen.code, CLI_OK);
		CHECK(strstr(seen.out, commands[c].name));
		CHECK(strstr(seen.out, "Exit codes:"));
		for (size_t o = 0; o < commands[c].option_count; o++)
			CHECK(strstr(seen.out, commands[c].options[o].name));
		snprintf(line, sizeof(line), "%s --help", commands[c].name);
		run_line(&option, line);
		CHECK_INT(option.code, CLI_OK);
		CHECK_TEXT(option.out, seen.out);
	}
}

TEST(version_wherever_it_stands)
{
	static struct seen seen;

	run_line(&seen, "--version");
	CHECK_INT(seen.code, CLI_OK);
	CHECK(!strncmp(seen.out, "cordon ", 7));
	run_line(&seen, "help --version");
	CHECK(!strncmp(seen.out, "cordon ", 7));
	run_line(&seen, "--json --version");
	CHECK_INT(seen.out[0], '"');
}

TEST(wrong_lines_exit_2_and_print_nothing)
{
	static const struct {
		const char *line, *err;
	} cases[] = {
		{ "", "cordon: a command is missing\n  hint: `cordon help` lists them. First steps: `cordon doctor`, `cordon init` in a project, then `cordon run -- PROGRAM`.\n" },
		{ "hlep", "cordon: there is no command 'hlep'\n  hint: did you mean 'cordon help'?\n" },
		{ "zzzzz", "cordon: there is no command 'zzzzz'\n  hint: see 'cordon help' for the list\n" },
		{ "--jsn", "cordon: there is no option '--jsn'\n  hint: did you mean '--json'?\n" },
		{ "completion",
			"cordon: completion: SHELL is missing\n  hint: see 'cordon help completion'\n" },
		{ "completion bahs",
			"cordon: completion: 'bahs' is no SHELL\n  hint: did you mean 'bash'?\n" },
		{ "--color=red help",
			"cordon: '--color=red' is no WHEN\n  hint: choose one of: auto, always, never\n" },
	};
	static struct seen seen;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run_line(&seen, cases[i].line);
		CHECK_INT(seen.code, CLI_USAGE);
		CHECK_TEXT(seen.err, cases[i].err);
		CHECK_TEXT(seen.out, "");
	}
}

TEST(a_group_of_commands_is_none)
{
	static struct seen seen;

	run_line(&seen, "config");
	CHECK_INT(seen.code, CLI_USAGE);
	CHECK(!strncmp(seen.err, "cordon: config: which one?\n  hint: choose one of: ", 50));
	CHECK(strstr(seen.err, "show"));
	run_line(&seen, "config shwo");
	CHECK_INT(seen.code, CLI_USAGE);
}

TEST(a_group_of_commands_lists_them)
{
	static const char *const lines[] = { "config --help", "config -h", "help config" };
	static struct seen seen;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		run_line(&seen, lines[i]);
		CHECK_INT(seen.code, CLI_OK);
		CHECK_TEXT(seen.err, "");
		CHECK(strstr(seen.out, "config show") && strstr(seen.out, "config schema"));
		CHECK(!strstr(seen.out, "policy"));
		CHECK(strstr(seen.out, "'cordon help config COMMAND'"));
	}
	run_line(&seen, "help config --json");
	CHECK(strstr(seen.out, "\"config check\"") && !strstr(seen.out, "\"run\""));
	run_line(&seen, "config -- --help");
	CHECK_INT(seen.code, CLI_USAGE);
	run_line(&seen, "zzzzz --help");
	CHECK_INT(seen.code, CLI_USAGE);
}

TEST(help_for_nothing_is_no)
{
	static struct seen seen;

	run_line(&seen, "help hlep");
	CHECK_INT(seen.code, CLI_NO);
	CHECK(strstr(seen.err, "did you mean 'cordon help help'?"));
	run_line(&seen, "help help zzzzz");
	CHECK_INT(seen.code, CLI_NO);
	CHECK(strstr(seen.err, "'zzzzz'"));
}

TEST(json_errors_are_documents)
{
	static struct seen seen;

	run_line(&seen, "--json hlep");
	CHECK_TEXT(seen.out,
		"{\"error\":{\"code\":\"EINVAL\",\"exit_code\":2,\"hint\":\"did you mean 'cordon help'?\","
		"\"message\":\"there is no command 'hlep'\"}}\n");
	run_line(&seen, "help hlep --json");
	CHECK_INT(seen.code, CLI_NO);
	CHECK(!strncmp(seen.out, "{\"error\":{", 10));
}

TEST(completions_come_for_each_shell)
{
	static const char *const shells[] = { "bash", "zsh", "fish" };
	static struct seen seen;

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		char line[64];

		snprintf(line, sizeof(line), "completion %s", shells[i]);
		run_line(&seen, line);
		CHECK_INT(seen.code, CLI_OK);
		CHECK(strstr(seen.out, "cordon"));
		CHECK(strstr(seen.out, i ? i == 1 ? "#compdef" : "complete -c" : "complete -F"));
	}
}

TEST(output_beyond_the_buffer_arrives_in_order)
{
	static struct seen seen;
	static char big[40000];

	memset(big, 'x', sizeof(big) - 1);
	WITH_CLI(&seen, no_environment, {
		cli_printf(&cli, "a%sb", big);
		cli_note(&cli, "note");
		cli_write(&cli, STR("c"));
	});
	CHECK_INT(strlen(seen.out), sizeof(big) + 2);
	CHECK_INT(seen.out[sizeof(big)], 'b');
	CHECK_INT(seen.out[sizeof(big) + 1], 'c');
	CHECK_TEXT(seen.err, "cordon: note\n");
}

TEST(a_write_that_fails_is_a_failure)
{
	scoped(fd) int full = kern_open(AT_FDCWD, "/dev/full", O_WRONLY, 0);
	scoped(fd) int err = kern_memfd_create("err", 0);
	char text[256];
	struct cli cli;

	CHECK(full >= 0);
	cli_init(&cli, full, err, no_environment);
	cli_printf(&cli, "lost\n");
	CHECK_INT(cli_finish(&cli, CLI_OK), CLI_FAILED);
	read_back(err, text, sizeof(text));
	CHECK_TEXT(text, "cordon: cannot write to standard output: No space left on device\n"
		"  hint: Make room on the file system of what it names, and run the command again.\n");
}

TEST(a_reader_that_went_away_is_no_failure)
{
	scoped(fd) int err = kern_memfd_create("err", 0);
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int ends[2];
	struct cli cli;

	CHECK_INT(kern_pipe2(ends, O_CLOEXEC), 0);
	CHECK_INT(kern_sigaction(SIGPIPE, &ignore, NULL), 0);
	fd_close(ends[0]);
	cli_init(&cli, ends[1], err, no_environment);
	cli_printf(&cli, "unread\n");
	CHECK_INT(cli_finish(&cli, CLI_NO), CLI_NO);
	fd_close(ends[1]);
}

TEST(text_of_any_length_arrives_whole)
{
	static char big[200000];
	static struct seen seen;

	memset(big, '\x1b', sizeof(big) - 1);
	WITH_CLI(&seen, no_environment, {
		cli_write(&cli, STR("a"));
		cli_write(&cli, (struct str){ big, 60000 });
		cli_write(&cli, STR("b"));
	});
	CHECK_INT(seen.out[0], 'a');
	CHECK_INT(seen.out[60001], 'b');
	WITH_CLI(&seen, no_environment, cli_quote(&cli, (struct str){ big, 10000 }));
	CHECK_INT(strlen(seen.out), 40000);
	CHECK(!strchr(seen.out, '\x1b'));
}

TEST(half_a_document_is_none)
{
	static struct seen seen;

	WITH_CLI(&seen, no_environment, cli_print_json(&cli, NULL));
	CHECK_INT(seen.code, CLI_FAILED);
	CHECK_TEXT(seen.out, "");
	CHECK(strstr(seen.err, "cannot write to standard output"));
}

TEST(hostile_text_is_escaped)
{
	static struct seen seen;

	WITH_CLI(&seen, no_environment, {
		cli_quote(&cli, STR("a\x1b[2J\nb\xff"));
		cli_warn(&cli, "raw \x1b here");
	});
	CHECK_TEXT(seen.out, "a\\x1B[2J\\nb\\xFF");
	CHECK_TEXT(seen.err, "cordon: warning: raw ? here\n");
}

TEST(quiet_leaves_warnings)
{
	static struct seen seen;

	WITH_CLI(&seen, no_environment, {
		cli.quiet = true;
		cli_note(&cli, "three");
		cli_warn(&cli, "four");
	});
	CHECK_TEXT(seen.err, "cordon: warning: four\n");
}

TEST(no_person_no_question)
{
	static struct seen seen;
	bool answer = true;

	WITH_CLI(&seen, no_environment, {
		cli.is_interactive = false;
		answer = cli_confirm(&cli, "really?");
		cli_progress(&cli, "working", 1, 2);
		cli_page(&cli);
	});
	CHECK(!answer);
	CHECK_TEXT(seen.err, "");
}

TEST(tables_align_and_escape)
{
	static const struct cli_column columns[] = { { "ID" }, { "SIZE", true }, { "PATH" } };
	static struct seen seen;
	struct cli_table table;

	WITH_CLI(&seen, no_environment, {
		cli_table_begin(&table, &cli, columns, ARRAY_SIZE(columns));
		cli_table_cell(&table, STR("k3f9"));
		cli_table_styled(&table, CLI_GOOD, "%d", 12345);
		cli_table_cell(&table, STR("a\nb"));
		cli_table_cell(&table, STR("ü"));
		cli_table_cell(&table, STR("1"));
		cli_table_cell(&table, STR("c"));
		cli_table_end(&table);
	});
	CHECK_TEXT(seen.out, "ID     SIZE  PATH\nk3f9  12345  a\\nb\nü         1  c\n");
	WITH_CLI(&seen, no_environment, {
		cli_table_begin(&table, &cli, columns, ARRAY_SIZE(columns));
		cli_table_end(&table);
	});
	CHECK_TEXT(seen.out, "");
}

TEST(colours_only_where_they_are_wanted)
{
	static struct seen seen;
	char *always[] = { (char[]){ "help" }, (char[]){ "--color=always" }, NULL };

	WITH_CLI(&seen, no_environment, {
		CHECK_TEXT(cli_style(&cli, CLI_BAD), "");
		CHECK_INT(cli_dispatch(&cli, 2, always), CLI_OK);
		CHECK_TEXT(cli_style(&cli, CLI_BAD), "\x1b[31m");
	});
}

TEST(environment_is_the_one_given)
{
	static struct seen seen;
	char *envp[] = { (char[]){ "A=1" }, (char[]){ "AB=" }, (char[]){ "ABC" }, NULL };

	WITH_CLI(&seen, envp, {
		CHECK_TEXT(cli_env(&cli, "A"), "1");
		CHECK(!cli_env(&cli, "AB"));
		CHECK(!cli_env(&cli, "ABC"));
		CHECK(!cli_env(&cli, "B"));
	});
}

TEST_MAIN()
