// SPDX-License-Identifier: Apache-2.0
/*
 * test_terminal.c - the pager, questions, progress and colours, on a pseudo-terminal
 */
#include "base/fd.h"
#include "cli/command.h"
#include "cli/table.h"
#include "kern/file.h"
#include "lib/test.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>

enum {
	TEXT_BYTES = 65536,
};

struct terminal {
	int master, slave;
	struct cli cli;
};

/* A terminal that echoes nothing and changes nothing; it is standard input, too. */
static void terminal_open(struct terminal *t, char *const *envp)
{
	struct termios settings;

	t->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(t->master >= 0 && !grantpt(t->master) && !unlockpt(t->master));
	t->slave = open(ptsname(t->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(t->slave >= 0 && !tcgetattr(t->slave, &settings));
	settings.c_lflag &= ~(tcflag_t)ECHO;
	settings.c_oflag &= ~(tcflag_t)OPOST;
	CHECK(!tcsetattr(t->slave, TCSANOW, &settings));
	CHECK(dup2(t->slave, STDIN_FILENO) == STDIN_FILENO);
	cli_init(&t->cli, t->slave, t->slave, envp);
}

static void type_text(struct terminal *t, const char *text)
{
	CHECK(write(t->master, text, strlen(text)) == (ssize_t)strlen(text));
}

/* Everything that was shown so far. */
static const char *shown(struct terminal *t)
{
	static char text[TEXT_BYTES];
	struct pollfd poller = { .fd = t->master, .events = POLLIN };
	size_t len = 0;

	while (poll(&poller, 1, 100) > 0 && (poller.revents & POLLIN)) {
		ssize_t n = read(t->master, text + len, sizeof(text) - 1 - len);

		CHECK(n > 0);
		len += (size_t)n;
	}
	text[len] = '\0';
	return text;
}

static void terminal_close(struct terminal *t)
{
	(void)cli_finish(&t->cli, 0);
	close(t->slave);
	close(t->master);
	CHECK(freopen("/dev/null", "r", stdin) != NULL);
}

#define ENVIRONMENT(...) \
	(char *const[]){ (char[]){ "PATH=/usr/bin:/bin" }, (char[]){ "TERM=xterm" }, __VA_ARGS__, NULL }

TEST(a_terminal_is_noticed)
{
	struct terminal t;

	terminal_open(&t, ENVIRONMENT(NULL));
	CHECK(t.cli.is_terminal && t.cli.is_interactive);
	terminal_close(&t);
}

static int run(struct cli *cli, const char *first, const char *second)
{
	char words[2][64], *argv[] = { words[0], words[1], NULL };

	snprintf(words[0], sizeof(words[0]), "%s", first);
	snprintf(words[1], sizeof(words[1]), "%s", second ? second : "");
	if (!second)
		argv[1] = NULL;
	return cli_dispatch(cli, second ? 2 : 1, argv);
}

TEST(colours_on_a_terminal_unless_somebody_minds)
{
	static char no_color[] = "NO_COLOR=1", dumb[] = "TERM=dumb";
	struct terminal t;

	terminal_open(&t, ENVIRONMENT(NULL));
	CHECK_INT(run(&t.cli, "hlep", NULL), CLI_USAGE);
	CHECK_TEXT(cli_style(&t.cli, CLI_GOOD), "\x1b[32m");
	CHECK(strstr(shown(&t), "\x1b[31mcordon: \x1b[0mthere is no command"));
	CHECK_INT(run(&t.cli, "--color=never", "hlep"), CLI_USAGE);
	CHECK_TEXT(cli_style(&t.cli, CLI_GOOD), "");
	CHECK(!strstr(shown(&t), "\x1b["));
	terminal_close(&t);
	terminal_open(&t, ENVIRONMENT(no_color));
	CHECK_INT(run(&t.cli, "hlep", NULL), CLI_USAGE);
	CHECK(!strstr(shown(&t), "\x1b["));
	terminal_close(&t);
	terminal_open(&t, (char *const[]){ dumb, NULL });
	CHECK_INT(run(&t.cli, "hlep", NULL), CLI_USAGE);
	CHECK(!strstr(shown(&t), "\x1b["));
	terminal_close(&t);
}

TEST(tables_have_bold_titles)
{
	static const struct cli_column columns[] = { { "A", false }, { "B", false } };
	struct terminal t;
	struct cli_table table;

	terminal_open(&t, ENVIRONMENT(NULL));
	t.cli.colour = true;
	cli_table_begin(&table, &t.cli, columns, 2);
	cli_table_styled(&table, CLI_BAD, "x");
	cli_table_cell(&table, STR("y"));
	cli_table_end(&table);
	cli_flush(&t.cli);
	CHECK_TEXT(shown(&t), "\x1b[1mA\x1b[0m  \x1b[1mB\x1b[0m\n\x1b[31mx\x1b[0m  y\n");
	terminal_close(&t);
}

TEST(documents_are_indented_for_a_person)
{
	struct terminal t;

	terminal_open(&t, ENVIRONMENT(NULL));
	CHECK_INT(run(&t.cli, "--json", "help"), CLI_OK);
	cli_flush(&t.cli);
	CHECK(!strncmp(shown(&t), "[\n  {\n", 6));
	terminal_close(&t);
}

/* ---- questions ---- */

static bool ask(const char *answer)
{
	struct terminal t;
	bool yes;

	terminal_open(&t, ENVIRONMENT(NULL));
	type_text(&t, answer);
	yes = cli_confirm(&t.cli, "drop %d files?", 3);
	CHECK_TEXT(shown(&t), "drop 3 files? [y/N] ");
	terminal_close(&t);
	return yes;
}

TEST(only_yes_is_yes)
{
	CHECK(ask("y\n"));
	CHECK(ask("Y\n"));
	CHECK(ask("yes\n"));
	CHECK(!ask("\n"));
	CHECK(!ask("n\n"));
	CHECK(!ask("yep\n"));
	CHECK(!ask(" y\n"));
	CHECK(!ask(
		"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n"));
	CHECK(!ask("\x04"));
}

TEST(json_asks_nobody)
{
	struct terminal t;

	terminal_open(&t, ENVIRONMENT(NULL));
	t.cli.json = true;
	CHECK(!cli_confirm(&t.cli, "sure?"));
	CHECK_TEXT(shown(&t), "");
	terminal_close(&t);
}

/* ---- progress ---- */

static struct {
	uint64_t now_ns;
} fake_clock = { 1000000000 };

static int fake_gettime(UNUSED clockid_t clock, struct timespec *ret)
{
	*ret = (struct timespec){
		.tv_sec = (time_t)(fake_clock.now_ns / 1000000000),
		.tv_nsec = (long)(fake_clock.now_ns % 1000000000),
	};
	return 0;
}

TEST(progress_comes_late_and_leaves)
{
	struct terminal t;

	kern_ops.clock_gettime = fake_gettime;
	terminal_open(&t, ENVIRONMENT(NULL));
	cli_progress(&t.cli, "hashing", 1, 4);
	fake_clock.now_ns += 900000000;
	cli_progress(&t.cli, "hashing", 2, 4);
	CHECK_TEXT(shown(&t), "");
	fake_clock.now_ns += 200000000;
	cli_progress(&t.cli, "hashing", 3, 4);
	CHECK_TEXT(shown(&t), "\rhashing: 3 of 4 (75 %)\x1b[K");
	fake_clock.now_ns += 50000000;
	cli_progress(&t.cli, "hashing", 4, 4);
	CHECK_TEXT(shown(&t), "");
	fake_clock.now_ns += 60000000;
	cli_progress(&t.cli, "reading", 7, 0);
	CHECK_TEXT(shown(&t), "\rreading: 7\x1b[K");
	cli_note(&t.cli, "by the way");
	CHECK_TEXT(shown(&t), "\r\x1b[Kcordon: by the way\n");
	cli_progress_end(&t.cli);
	CHECK_TEXT(shown(&t), "");
	terminal_close(&t);
}

/* ---- the pager ---- */

static void page(struct terminal *t, const char *pager, const char *text)
{
	static char setting[256], less[] = "LESS=FRX";

	snprintf(setting, sizeof(setting), "PAGER=%s", pager);
	terminal_open(t, ENVIRONMENT(setting, less));
	cli_page(&t->cli);
	cli_printf(&t->cli, "%s", text);
	CHECK_INT(cli_finish(&t->cli, CLI_NO), CLI_NO);
}

TEST(the_pager_is_a_program_and_its_words)
{
	struct terminal t;

	page(&t, "head -n 2", "a\nb\nc\n");
	CHECK_TEXT(shown(&t), "a\nb\n");
	terminal_close(&t);
	page(&t, "/usr/bin/head -n 1", "a\nb\nc\n");
	CHECK_TEXT(shown(&t), "a\n");
	terminal_close(&t);
}

TEST(no_pager_where_none_is_wanted)
{
	struct terminal t;

	page(&t, "cat", "a\n");
	CHECK_TEXT(shown(&t), "a\n");
	terminal_close(&t);
	page(&t, " ", "a\n");
	CHECK_TEXT(shown(&t), "a\n");
	terminal_close(&t);
}

TEST(a_pager_that_is_shell_is_refused_aloud)
{
	struct terminal t;

	page(&t, "head -n 1 | rev", "ab\ncd\n");
	CHECK_TEXT(shown(&t),
		"cordon: PAGER='head -n 1 | rev' is more than a program and its arguments, so it is not used\n"
		"ab\ncd\n");
	terminal_close(&t);
	page(&t, "a b c d e f g h i j k l m n o p q", "x\n");
	CHECK(strstr(shown(&t), "so it is not used\nx\n"));
	terminal_close(&t);
}

TEST(a_pager_that_is_not_there_is_said)
{
	struct terminal t;

	page(&t, "no-such-pager -x", "a\n");
	CHECK_TEXT(shown(&t), "cordon: the pager 'no-such-pager' cannot be started: ENOENT\na\n");
	terminal_close(&t);
	page(&t, "/dev/null", "a\n");
	CHECK_TEXT(shown(&t), "cordon: the pager '/dev/null' cannot be started: EACCES\na\n");
	terminal_close(&t);
}

/* Who leaves the pager early has seen enough: no error, and the exit code stays. */
TEST(leaving_the_pager_is_no_failure)
{
	static char text[TEXT_BYTES * 4];
	struct terminal t;

	memset(text, 'x', sizeof(text) - 1);
	page(&t, "true", text);
	CHECK_TEXT(shown(&t), "");
	terminal_close(&t);
}

TEST(json_is_never_paged)
{
	static char setting[] = "PAGER=head -n 1";
	struct terminal t;

	terminal_open(&t, ENVIRONMENT(setting));
	t.cli.json = true;
	cli_page(&t.cli);
	cli_printf(&t.cli, "a\nb\n");
	cli_flush(&t.cli);
	CHECK_TEXT(shown(&t), "a\nb\n");
	terminal_close(&t);
}

TEST(less_is_found_and_told_to_leave_short_texts)
{
	struct terminal t;

	if (access("/usr/bin/less", X_OK))
		TEST_SKIP("less");
	terminal_open(&t, ENVIRONMENT(NULL));
	cli_page(&t.cli);
	CHECK(t.cli.pager.pid > 0);
	cli_printf(&t.cli, "short\n");
	CHECK_INT(cli_finish(&t.cli, 0), 0);
	CHECK(strstr(shown(&t), "short"));
	terminal_close(&t);
}

TEST_MAIN()
