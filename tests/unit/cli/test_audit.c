// SPDX-License-Identifier: Apache-2.0
/*
 * test_audit.c - what a person sees of a ledger, and which exit code a script gets
 */
#include "unit/ledger/fixture.h"

#include "cli/command.h"

#include <stdlib.h>
#include <unistd.h>

static char *no_environment[] = { NULL };

struct seen {
	int code;
	char out[1 << 18], err[8192];
};

static void read_back(int fd, char *ret, size_t size)
{
	ssize_t n = kern_pread(fd, ret, size - 1, 0);

	CHECK(n >= 0);
	ret[n] = '\0';
	close(fd);
}

static void run(struct seen *seen, const char *line)
{
	int out = kern_memfd_create("out", 0), err = kern_memfd_create("err", 0), argc = 0;
	char text[512], *argv[16], *rest;
	struct cli cli;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	argv[argc] = NULL;
	cli_init(&cli, out, err, no_environment);
	seen->code = cli_finish(&cli, cli_dispatch(&cli, argc, argv));
	read_back(out, seen->out, sizeof(seen->out));
	read_back(err, seen->err, sizeof(seen->err));
}

/* The state directory is the test's own, under the name that the program looks for. */
static void begin(struct fixture *fix)
{
	char path[256];

	fixture_path("cordon", path);
	CHECK_INT(symlink(".", path), 0);
	CHECK_INT(setenv("XDG_STATE_HOME", test_dir(), 1), 0);
	fixture_init(fix);
}

static const char denied[] = "{\"decision\":\"d-1\",\"what\":\"file\",\"rule\":\"secrets\","
	"\"path\":\"/home/a/\\u001b[31m\\u202ekey  rule='none\"}";

#define LETTERS "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"

static const char long_words[] = "{\"flag\":\"\",\"what\":\"a " LETTERS LETTERS LETTERS LETTERS LETTERS
	"\",\"path\":{\"bytes\":\"/w==\"}}";

/* Sessions k3f9abcd and k3f9abce, with something that an agent chose in the first. */
static void write_sessions(struct fixture *fix)
{
	static const char *const ids[] = { "k3f9abcd", "k3f9abce" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		scoped(fd) int dirfd = fixture_add_session(ids[i]);
		struct ledger_place place = fixture_place(fix);
		struct ledger ledger = LEDGER_INIT;

		place.session_dirfd = dirfd;
		place.session = ids[i];
		OK(fix, ledger_create(&ledger, &place, &fix->err));
		OK(fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(fix), 0, &fix->err));
		OK(fix, ledger_append(&ledger, LEDGER_DENIED, read_json(fix, denied), 0, &fix->err));
		OK(fix, ledger_append(&ledger, LEDGER_WEAKENED, read_json(fix, long_words), 0, &fix->err));
		OK(fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(fix, 7), 0, &fix->err));
		OK(fix, ledger_close(&ledger, &fix->err));
	}
}

TEST(records_are_listed_and_harmless)
{
	static struct seen seen;
	struct fixture fix;

	begin(&fix);
	write_sessions(&fix);
	run(&seen, "audit k3f9abcd");
	CHECK_INT(seen.code, CLI_OK);
	CHECK_TEXT(seen.err, "");
	CHECK_INT(count_lines(seen.out), 4);
	CHECK(strstr(seen.out,
		"  k3f9abcd     1  supervisor  session-created  argv=sh -c true  config=e3b0c44298fc  "));
	CHECK(strstr(seen.out,
		"  path='/home/a/\\x1B[31m\\u{202E}key  rule=\\'none'  rule=secrets  what=file\n"));
	CHECK(!strchr(seen.out, 0x1b));
	/* Cut between two characters, and with its quote closed. */
	CHECK(strstr(seen.out, "\u00e4...'\n") && strstr(seen.out, "  flag=''  path=\\xFF  what='a "));
	run(&seen, "audit -v k3f9abcd");
	CHECK(strstr(seen.out, "  plan=" DIGEST_OF_NOTHING "  steps=7\n"));
	run(&seen, "audit --all");
	CHECK_INT(count_lines(seen.out), 8);
	run(&seen, "audit k3f9abcd k3f9abce --kind plan --kind denied");
	CHECK_INT(count_lines(seen.out), 4);
	run(&seen, "audit k3f9abcd --since 1h");
	CHECK_INT(count_lines(seen.out), 4);
	run(&seen, "audit k3f9abcd --until 1h");
	CHECK_TEXT(seen.out, "");
	CHECK_INT(seen.code, CLI_OK);
	run(&seen, "audit k3f9abcd --since 2026-01-01 --until 2400-01-01T00:00:00Z");
	CHECK_INT(seen.code, CLI_OK);
	fixture_fini(&fix);
}

TEST(as_json_a_line_is_the_record_itself)
{
	static struct seen seen;
	struct fixture fix;
	char *text;

	begin(&fix);
	write_sessions(&fix);
	text = slurp("sessions/k3f9abcd/ledger.jsonl", NULL);
	run(&seen, "audit --json k3f9abcd");
	CHECK_TEXT(seen.out, text);
	free(text);
	fixture_fini(&fix);
}

TEST(wrong_words_are_explained)
{
	static const struct { const char *line; int code; const char *wanted; } cases[] = {
		{ "audit --kind plam k3f9abcd", CLI_USAGE, "Did you mean 'plan'?" },
		{ "audit --kind zzzzzzzz k3f9abcd", CLI_USAGE, "cordon-ledger(5)" },
		{ "audit --since yesterday k3f9abcd", CLI_USAGE, "'yesterday' is no time" },
		{ "audit --until 2026-13-01 k3f9abcd", CLI_USAGE, "is no time" },
		{ "audit --all k3f9abcd", CLI_USAGE, "exclude each other" },
		{ "audit k3f9", CLI_NO, "could mean" },
		{ "audit nosuch", CLI_NO, "no session 'nosuch'" },
		{ "audit", CLI_NO, "belongs to no project" },
		{ "audit user", CLI_NO, "session 'user' has no ledger" },
		{ "audit verify nosuch", CLI_NO, "there is no session 'nosuch'" },
		{ "audit verify ../x", CLI_NO, "is not the name of a session" },
		{ "audit verify --all k3f9abcd", CLI_USAGE, "exclude each other" },
		{ "audit verify --all --file x", CLI_USAGE, "exclude each other" },
		{ "audit verify --file /nonexistent", CLI_NO, "opening '/nonexistent': No such file" },
		{ "audit verify --file /dev/null", CLI_USAGE, "no regular file" },
		{ "audit export nosuch", CLI_NO, "no session 'nosuch'" },
		{ "audit export user", CLI_NO, "session 'user' has no ledger" },
		{ "audit export k3f9abcd -o /dev/null", CLI_NO, "never overwritten" },
		{ "audit export k3f9abcd -o /nonexistent/x", CLI_NO, "creating '/nonexistent/x'" },
	};
	static struct seen seen;
	struct fixture fix;

	begin(&fix);
	write_sessions(&fix);
	CHECK_INT(chdir("/"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		run(&seen, cases[i].line);
		if (seen.code != cases[i].code || !strstr(seen.err, cases[i].wanted) || seen.out[0])
			test_fail(__FILE__, __LINE__, "%s: %d, %s", cases[i].line, seen.code, seen.err);
	}
	fixture_fini(&fix);
}

TEST(before_the_first_session_there_is_nothing)
{
	static struct seen seen;

	CHECK_INT(setenv("XDG_STATE_HOME", "/nonexistent", 1), 0);
	run(&seen, "audit verify");
	CHECK_INT(seen.code, CLI_NO);
	CHECK(strstr(seen.err, "no session has run"));
	run(&seen, "audit");
	CHECK_INT(seen.code, CLI_NO);
	run(&seen, "audit export");
	CHECK_INT(seen.code, CLI_NO);
}

TEST(verification_says_what_and_where)
{
	static struct seen seen;
	struct fixture fix;
	size_t len;
	char *text;

	begin(&fix);
	write_sessions(&fix);
	run(&seen, "audit verify");
	CHECK_INT(seen.code, CLI_OK);
	CHECK_TEXT(seen.out, "2 ledgers, 8 records, 4 index entries: as they were written\n");
	run(&seen, "audit verify k3f9abcd k3f9abce");
	CHECK_TEXT(seen.out, "2 ledgers, 8 records, 4 index entries: as they were written\n");
	run(&seen, "audit verify --json --all");
	CHECK_TEXT(seen.out,
		"{\"findings\":[],\"index_entries\":4,\"ledgers\":2,\"records\":8,\"sound\":true}\n");

	text = slurp("sessions/k3f9abcd/ledger.jsonl", &len);
	strstr(text, "steps\":7")[7] = '8';
	spew("sessions/k3f9abcd/ledger.jsonl", text, len);
	run(&seen, "audit verify");
	CHECK_INT(seen.code, CLI_NO);
	CHECK(strstr(seen.out, "PROBLEM  sessions/k3f9abcd/ledger.jsonl:4: changed: the record was changed"));
	CHECK(strstr(seen.out, ": 1 problem\n"));
	run(&seen, "audit verify --json k3f9abcd");
	CHECK_INT(seen.code, CLI_NO);
	CHECK(strstr(seen.out,
		"{\"file\":\"sessions/k3f9abcd/ledger.jsonl\",\"kind\":\"changed\",\"line\":4,\"note\":false,"
		"\"sequence\":4,\"session\":\"k3f9abcd\",\"text\":\"the record was changed"));
	CHECK(strstr(seen.out, "\"sound\":false}"));
	run(&seen, "audit verify k3f9abce");
	CHECK_INT(seen.code, CLI_OK);
	/* The list shows the others, says which it could not, and does not look successful. */
	run(&seen, "audit k3f9abcd");
	CHECK_INT(seen.code, CLI_NO);
	CHECK_INT(count_lines(seen.out), 3);
	CHECK(strstr(seen.err, "sessions/k3f9abcd/ledger.jsonl:4: the record was changed"));

	CHECK_INT(kern_remove_tree(fix.state_dirfd, "sessions/k3f9abcd"), 0);
	CHECK_INT(kern_unlinkat(fix.state_dirfd, "sessions", AT_REMOVEDIR), -ENOTEMPTY);
	run(&seen, "audit verify k3f9abcd");
	CHECK_INT(seen.code, CLI_NO);
	CHECK(strstr(seen.out, "PROBLEM  sessions/k3f9abcd/ledger.jsonl: removed: the ledger is gone"));
	free(text);
	fixture_fini(&fix);
}

TEST(a_bundle_travels)
{
	static struct seen seen;
	struct fixture fix;
	char path[256], line[512];
	char *text;

	begin(&fix);
	write_sessions(&fix);
	fixture_path("evidence.jsonl", path);
	snprintf(line, sizeof(line), "audit export --all -o %s", path);
	run(&seen, line);
	CHECK_INT(seen.code, CLI_OK);
	CHECK_TEXT(seen.out, "");
	run(&seen, line);
	CHECK_INT(seen.code, CLI_NO);
	run(&seen, "audit export k3f9abcd");
	CHECK_INT(seen.code, CLI_OK);
	CHECK(strstr(seen.out, "{\"bundle\":\"session-begin\",") && strstr(seen.out, "{\"bundle\":\"end\","));
	CHECK(!strstr(seen.out, "\"session\":\"k3f9abce\",\"torn\""));
	CHECK_INT(setenv("XDG_STATE_HOME", "/nonexistent", 1), 0);
	snprintf(line, sizeof(line), "audit verify --file %s", path);
	run(&seen, line);
	CHECK_INT(seen.code, CLI_OK);
	CHECK_TEXT(seen.out, "2 ledgers, 8 records, 4 index entries: as they were written\n");
	text = slurp("evidence.jsonl", NULL);
	strstr(text, "steps\":7")[7] = '8';
	spew("evidence.jsonl", text, strlen(text));
	run(&seen, line);
	CHECK_INT(seen.code, CLI_NO);
	free(text);
	fixture_fini(&fix);
}

TEST_MAIN()
