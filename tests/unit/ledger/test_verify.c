// SPDX-License-Identifier: Apache-2.0
/*
 * test_verify.c - whatever is done to a ledger afterwards shows, and says where
 *
 * Each test damages files the way a person with an editor would, and asks what verification says.
 */
#include "unit/ledger/faults.h"
#include "unit/ledger/fixture.h"

#include "ledger/index.h"
#include "ledger/source.h"
#include "ledger/verify.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEDGER_FILE "sessions/k3f9/ledger.jsonl"
#define HEAD_FILE "sessions/k3f9/head.json"
#define INDEX_FILE "heads.jsonl"

static int verify(struct fixture *fix, const char *session, struct told *told)
{
	told_begin(told);
	return ledger_verify(fix->state_dirfd, session, &told->report, &fix->err);
}

static void check_spotless(struct fixture *fix, struct told *told)
{
	OK(fix, verify(fix, NULL, told));
	if (told->report.summary.problems || told->report.summary.notes)
		test_fail(__FILE__, __LINE__, "not clean: %s", buf_text(&told->text));
}

/* One of the lines told begins like this. */
static void check_told(struct fixture *fix, struct told *told, const char *wanted)
{
	const char *at;

	OK(fix, verify(fix, "k3f9", told));
	at = strstr(buf_text(&told->text), wanted);
	if (!at || (at != buf_text(&told->text) && at[-1] != '\n'))
		test_fail(__FILE__, __LINE__, "wanted \"%s\", told:\n%s", wanted, buf_text(&told->text));
	if (strncmp(wanted, "note ", 5) != 0)
		CHECK(told->report.summary.problems > 0);
}

TEST(a_ledger_that_nobody_touched_is_clean)
{
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	check_spotless(&fix, &told);
	fixture_write_ledger(&fix, 5);
	check_spotless(&fix, &told);
	CHECK_INT(told.report.summary.sessions, 1);
	CHECK_INT(told.report.summary.records, 5);
	CHECK_INT(told.report.summary.entries, 2);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

static void flip_each_byte(const char *file)
{
	struct told told = { 0 };
	struct fixture fix;
	size_t len;
	char *data;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 3);
	data = slurp(file, &len);
	CHECK(len > 100);
	for (size_t i = 0; i < len; i++) {
		for (int flip = 1; flip < 256; flip = flip == 1 ? 0x20 : 256) {
			data[i] = (char)(data[i] ^ flip);
			spew(file, data, len);
			OK(&fix, verify(&fix, NULL, &told));
			if (!told.report.summary.problems)
				test_fail(__FILE__, __LINE__, "%s: byte %zu ^ 0x%x was not noticed", file, i,
					flip);
			data[i] = (char)(data[i] ^ flip);
		}
	}
	spew(file, data, len);
	check_spotless(&fix, &told);
	free(data);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(no_byte_of_the_ledger_can_change)
{
	flip_each_byte(LEDGER_FILE);
}

TEST(no_byte_of_the_head_can_change)
{
	flip_each_byte(HEAD_FILE);
}

TEST(no_byte_of_the_index_can_change)
{
	flip_each_byte(INDEX_FILE);
}

TEST(no_cut_goes_unnoticed)
{
	static const char *const files[] = { LEDGER_FILE, HEAD_FILE, INDEX_FILE };
	struct told told = { 0 };
	struct fixture fix;
	size_t len;
	char *data;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 3);
	for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
		data = slurp(files[f], &len);
		for (size_t cut = 0; cut < len; cut++) {
			/* Without its last entry, the index says what it would say had the writer crashed. */
			if (files[f] == files[2] && cut && data[cut - 1] == '\n')
				continue;
			spew(files[f], data, cut);
			OK(&fix, verify(&fix, NULL, &told));
			if (!told.report.summary.problems)
				test_fail(__FILE__, __LINE__, "%s cut at %zu was not noticed", files[f], cut);
		}
		spew(files[f], data, len);
		free(data);
	}
	check_spotless(&fix, &told);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* ---- whole lines ---- */

struct lines {
	char *text;
	char *line[16];
	int count;
};

static void split(const char *file, struct lines *ret)
{
	char *rest;

	*ret = (struct lines){ .text = slurp(file, NULL) };
	for (char *line = strtok_r(ret->text, "\n", &rest); line && ret->count < 16;
			line = strtok_r(NULL, "\n", &rest))
		ret->line[ret->count++] = line;
}

/* Writes the lines with these numbers (from 1), in this order; 0 ends. */
static void join(const char *file, const struct lines *lines, const int *order)
{
	struct buf buf = BUF_INIT(1 << 20);

	for (; *order; order++)
		CHECK_INT(buf_printf(&buf, "%s\n", lines->line[*order - 1]), 0);
	spew(file, buf_text(&buf), buf.len);
	buf_fini(&buf);
}

TEST(whole_lines_that_go_come_or_move_are_named)
{
	static const struct {
		int order[16];
		const char *wanted;
	} cases[] = {
		{ { 2, 3, 4, 5, 6 }, "missing " LEDGER_FILE ":1 records 1 to 1 are missing" },
		{ { 1, 2, 4, 5, 6 }, "missing " LEDGER_FILE ":3 records 3 to 3 are missing" },
		{ { 1, 2, 6 }, "missing " LEDGER_FILE ":3 records 3 to 5 are missing" },
		{ { 1, 2, 3, 4, 5 },
			"truncated " LEDGER_FILE ":0 records 6 to 6 are missing at the end: the head file" },
		{ { 1, 2, 3, 4, 5 },
			"truncated " LEDGER_FILE ":0 records 6 to 6 are missing at the end: the index" },
		{ { 1, 2, 4, 3, 5, 6 }, "misplaced " LEDGER_FILE ":4 record 3 stands behind record 4" },
		{ { 1, 2, 3, 3, 4, 5, 6 }, "misplaced " LEDGER_FILE ":4 record 3 stands behind record 3" },
		{ { 1, 2, 3, 4, 5, 6, 2 }, "misplaced " LEDGER_FILE ":7 record 2 stands behind record 6" },
	};
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 6);
	split(LEDGER_FILE, &lines);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		join(LEDGER_FILE, &lines, cases[i].order);
		check_told(&fix, &told, cases[i].wanted);
	}
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(lines_that_are_no_records_are_named)
{
	static char long_line[LEDGER_LINE_MAX + 8];
	struct { const char *line, *wanted; } cases[] = {
		{ "", "malformed " LEDGER_FILE ":3 " },
		{ "{}", "malformed " LEDGER_FILE ":3 " },
		{ "[1,2]", "malformed " LEDGER_FILE ":3 " },
		{ "{\"a\":", "malformed " LEDGER_FILE ":3 " },
		{ long_line, "malformed " LEDGER_FILE ":3 not a record: the line is longer" },
	};
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;
	struct buf buf = BUF_INIT(1 << 20);

	memset(long_line, 'x', sizeof(long_line) - 1);
	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	split(LEDGER_FILE, &lines);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		/* In the place of record 3, and in front of it. */
		for (int insert = 0; insert < 2; insert++) {
			buf_clear(&buf);
			for (int n = 0; n < lines.count; n++) {
				if (n == 2)
					buf_printf(&buf, "%s\n", cases[i].line);
				if (n != 2 || insert)
					buf_printf(&buf, "%s\n", lines.line[n]);
			}
			spew(LEDGER_FILE, buf_text(&buf), buf.len);
			check_told(&fix, &told, cases[i].wanted);
			/* One change is told once, though everything behind it moved. */
			CHECK(told.report.summary.problems <= 4);
		}
	}
	buf_fini(&buf);
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* ---- forgeries by somebody who can compute hashes ---- */

/* Changes a record and gives it the hash of its new content. */
static void forge(struct fixture *fix, char **line, const char *from, const char *to)
{
	static char forged[65536];
	char without[65536], prefix[] = "cordon ledger record 1\n", hex[DIGEST_HEX_SIZE];
	char *at = strstr(*line, from), *hash;
	struct hash state;
	struct digest digest;

	(void)fix;
	CHECK(at);
	snprintf(forged, sizeof(forged), "%.*s%s%s", (int)(at - *line), *line, to, at + strlen(from));
	hash = strstr(forged, "\"hash\":");
	CHECK(hash);
	snprintf(without, sizeof(without), "%.*s%s", (int)(hash - forged), forged, hash + 8 + 64 + 2);
	hash_init(&state);
	hash_update(&state, prefix, strlen(prefix));
	hash_update(&state, without, strlen(without));
	digest = hash_final(&state);
	digest_to_hex(&digest, hex);
	memcpy(hash + 8, hex, 64);
	*line = forged;
}

TEST(a_record_with_a_recomputed_hash_breaks_the_chain)
{
	static const int all[] = { 1, 2, 3, 4, 0 };
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	split(LEDGER_FILE, &lines);
	forge(&fix, &lines.line[1], "\"steps\":1", "\"steps\":9");
	join(LEDGER_FILE, &lines, all);
	check_told(&fix, &told, "unchained " LEDGER_FILE ":3 record 3 does not follow from record 2");
	CHECK_INT(told.report.summary.problems, 1);
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(the_last_record_with_a_recomputed_hash_is_not_what_head_and_index_saw)
{
	static const int all[] = { 1, 2, 3, 4, 0 };
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	split(LEDGER_FILE, &lines);
	forge(&fix, &lines.line[3], "\"steps\":3", "\"steps\":7");
	join(LEDGER_FILE, &lines, all);
	check_told(&fix, &told, "head " LEDGER_FILE ":4 record 4 is not the one that the head file names");
	check_told(&fix, &told,
		"index " LEDGER_FILE ":4 record 4 is not the one that the index saw (heads.jsonl:2)");
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(fields_that_do_not_fit_the_kind_are_named)
{
	static const struct {
		const char *from, *to, *wanted;
	} cases[] = {
		{ "\"steps\":3", "\"steps\":-1",
			"fields " LEDGER_FILE ":4 record of kind 'plan': field 'steps' has to be" },
		{ ",\"steps\":3", "",
			"fields " LEDGER_FILE ":4 record of kind 'plan': field 'steps' is missing" },
		{ "\"steps\":3", "\"steps\":3,\"x\":1",
			"fields " LEDGER_FILE ":4 record of kind 'plan': there is no field 'x'" },
		{ "\"kind\":\"plan\"", "\"kind\":\"plot\"",
			"fields " LEDGER_FILE ":4 there is no kind of record 'plot'" },
		{ "\"kind\":\"plan\"", "\"kind\":\"session-created\"",
			"fields " LEDGER_FILE ":4 a record of kind" },
		{ "\"session\":\"k3f9\"", "\"session\":\"k3f8\"",
			"foreign " LEDGER_FILE ":4 a record of session 'k3f8'" },
	};
	static const int all[] = { 1, 2, 3, 4, 0 };
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *before = slurp(LEDGER_FILE, NULL);

		split(LEDGER_FILE, &lines);
		forge(&fix, &lines.line[3], cases[i].from, cases[i].to);
		join(LEDGER_FILE, &lines, all);
		check_told(&fix, &told, cases[i].wanted);
		spew(LEDGER_FILE, before, strlen(before));
		free(before);
		free(lines.text);
	}
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* ---- whole files ---- */

static void remove_file(struct fixture *fix, const char *file)
{
	CHECK_INT(kern_unlinkat(fix->state_dirfd, file, 0), 0);
}

TEST(a_ledger_that_is_gone_is_named)
{
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	remove_file(&fix, LEDGER_FILE);
	check_told(&fix, &told,
		"removed " LEDGER_FILE
		":0 the ledger is gone; the index knows 4 records of it (heads.jsonl:2)");
	CHECK_INT(kern_remove_tree(fix.state_dirfd, "sessions"), 0);
	check_told(&fix, &told, "removed " LEDGER_FILE ":0 ");
	OK(&fix, verify(&fix, NULL, &told));
	CHECK_INT(told.report.summary.problems, 1);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(a_ledger_that_was_removed_on_purpose_is_not)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	place = fixture_place(&fix);
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	OK(&fix, ledger_forget(&ledger, &fix.err));
	check_spotless(&fix, &told);
	CHECK_INT(kern_remove_tree(fix.state_dirfd, "sessions"), 0);
	check_spotless(&fix, &told);
	CHECK_INT(told.report.summary.entries, 3);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(an_index_that_is_gone_is_named)
{
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	remove_file(&fix, INDEX_FILE);
	check_told(&fix, &told, "index " LEDGER_FILE ":0 the index does not know this ledger");
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(a_head_that_is_gone_is_named)
{
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 4);
	remove_file(&fix, HEAD_FILE);
	check_told(&fix, &told, "head " LEDGER_FILE ":0 the head file is missing");
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* A session after a synced one vouches for the index as it stood. */
static void write_two_sessions(struct fixture *fix)
{
	struct ledger_place place = fixture_place(fix);
	struct ledger ledger = LEDGER_INIT;
	scoped(fd) int second = fixture_add_session("zzz1");

	OK(fix, ledger_create(&ledger, &place, &fix->err));
	OK(fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(fix), 0, &fix->err));
	OK(fix, ledger_append(&ledger, LEDGER_ROLLED_BACK, rolled_back_fields(fix), 0, &fix->err));
	OK(fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(fix, 1), 0, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
	place.session_dirfd = second;
	place.session = "zzz1";
	OK(fix, ledger_create(&ledger, &place, &fix->err));
	OK(fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(fix), 0, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
}

TEST(an_index_that_forgets_a_session_contradicts_the_others)
{
	static const int second_only[] = { 4, 0 }, first_cut[] = { 1, 0 };
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;

	fixture_init(&fix);
	write_two_sessions(&fix);
	check_spotless(&fix, &told);
	split(INDEX_FILE, &lines);
	CHECK_INT(lines.count, 4);
	CHECK(strstr(lines.line[1], "\"event\":\"head\"") && strstr(lines.line[2], "\"event\":\"closed\""));

	/* Away with the first session, as if it had never been: the second still remembers. */
	CHECK_INT(kern_remove_tree(fix.state_dirfd, "sessions/k3f9"), 0);
	forge(&fix, &lines.line[3], "\"sequence\":4,\"session\"", "\"sequence\":1,\"session\"");
	join(INDEX_FILE, &lines, second_only);
	OK(&fix, verify(&fix, "zzz1", &told));
	CHECK(strstr(buf_text(&told.text),
		"index sessions/zzz1/ledger.jsonl:1 entry 2 of the index, which this ledger began "
		"behind, is gone or another one"));
	free(lines.text);

	/* An index without its end does not know what it was told. */
	CHECK_INT(kern_remove_tree(fix.state_dirfd, "sessions"), 0);
	remove_file(&fix, INDEX_FILE);
	fix.session_dirfd = fd_close(fix.session_dirfd);
	fix.session_dirfd = fixture_add_session("k3f9");
	write_two_sessions(&fix);
	check_spotless(&fix, &told);
	split(INDEX_FILE, &lines);
	join(INDEX_FILE, &lines, first_cut);
	check_told(&fix, &told,
		"index " LEDGER_FILE ":0 the index does not know record 2, which was entered there");
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(lines_of_the_index_that_go_or_move_are_named)
{
	static const struct {
		int order[8];
		const char *wanted;
	} cases[] = {
		{ { 1, 2, 4 }, "missing heads.jsonl:3 entries in front of this one are missing" },
		{ { 2, 3, 4 }, "missing heads.jsonl:1 entries in front of this one are missing" },
		{ { 1, 3, 2, 4 }, "misplaced heads.jsonl:3 an entry that stands too late" },
		{ { 1, 2, 2, 3, 4 }, "misplaced heads.jsonl:3 an entry that stands too late" },
	};
	static char long_line[INDEX_LINE_MAX + 1];
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;

	memset(long_line, 'x', sizeof(long_line) - 1);
	fixture_init(&fix);
	write_two_sessions(&fix);
	split(INDEX_FILE, &lines);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		join(INDEX_FILE, &lines, cases[i].order);
		check_told(&fix, &told, cases[i].wanted);
	}
	lines.line[lines.count++] = long_line;
	join(INDEX_FILE, &lines, (const int[]){ 1, 2, 5, 3, 4, 0 });
	check_told(&fix, &told, "malformed heads.jsonl:3 not an entry of the index: the line is too long");
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* ---- what is no damage ---- */

static int sync_nothing(int fd)
{
	(void)fd;
	return 0;
}

TEST(a_session_that_is_being_written_is_clean)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct told told = { 0 };
	struct fixture fix;
	size_t len;
	char *head;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	check_spotless(&fix, &told);
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	check_spotless(&fix, &told);
	head = slurp(HEAD_FILE, &len);
	for (int i = 0; i < 3; i++)
		OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, i), 0, &fix.err));
	/* A reader that saw the head some records ago, and half a line that the writer has not finished. */
	spew(HEAD_FILE, head, len);
	CHECK_INT(kern_write(ledger.fd, "{\"actor\"", 8), 8);
	check_spotless(&fix, &told);
	free(head);
	ledger_fini(&ledger);
	check_told(&fix, &told, "torn " LEDGER_FILE ":5 the last line is unfinished: 8 bytes");
	check_told(&fix, &told, "head " LEDGER_FILE ":0 the head file knows records up to 1 only");
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* Writers come, append, sync, close and go, as fast as they can; nobody who looks ever sees damage. */
TEST(sessions_can_be_verified_while_they_are_written)
{
	struct told told = { 0 };
	struct fixture fix;
	int status, rounds = 0, turns[2];
	pid_t pid;

	fixture_init(&fix);
	CHECK_INT(pipe2(turns, O_CLOEXEC | O_NONBLOCK), 0);
	pid = fork();
	CHECK(pid >= 0);
	for (int n = 0; !pid && n < 60; n++) {
		struct ledger_place place = fixture_place(&fix);
		struct pollfd turn = { .fd = turns[0], .events = POLLIN };
		struct ledger ledger = LEDGER_INIT;
		char id[16];

		/*
		 * However the two are scheduled, a quarter is not written before somebody looked at the last
		 * one.
		 */
		if (n && n % 15 == 0)
			CHECK(poll(&turn, 1, -1) == 1 && read(turns[0], id, 1) == 1);
		/* The disk's own time would be all that is measured. */
		kern_ops.fdatasync = kern_ops.fsync = sync_nothing;
		snprintf(id, sizeof(id), "live%d", n);
		place.session = id;
		place.session_dirfd = fixture_add_session(id);
		OK(&fix, ledger_create(&ledger, &place, &fix.err));
		OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
		for (int i = 0; i < 40; i++)
			OK(&fix,
				ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, i),
					i % 8 ? 0 : LEDGER_SYNC, &fix.err));
		OK(&fix, ledger_close(&ledger, &fix.err));
		OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
		OK(&fix, ledger_append(&ledger, LEDGER_ROLLED_BACK, rolled_back_fields(&fix), 0, &fix.err));
		OK(&fix, ledger_close(&ledger, &fix.err));
	}
	if (!pid)
		_exit(0);
	for (; !waitpid(pid, &status, WNOHANG); rounds++) {
		OK(&fix, verify(&fix, NULL, &told));
		if (told.report.summary.problems)
			test_fail(__FILE__, __LINE__, "round %d: %s", rounds, buf_text(&told.text));
		(void)!write(turns[1], "", 1);
	}
	CHECK_INT(status, 0);
	CHECK(rounds >= 3);
	check_spotless(&fix, &told);
	CHECK_INT(told.report.summary.records, 60 * 42);
	close(turns[0]);
	close(turns[1]);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(a_writer_that_died_between_record_and_head_is_a_note)
{
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;
	char *head;
	size_t len;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 1);
	head = slurp(HEAD_FILE, &len);
	CHECK_INT(kern_remove_tree(fix.state_dirfd, "sessions"), 0);
	remove_file(&fix, INDEX_FILE);
	fix.session_dirfd = fd_close(fix.session_dirfd);
	fix.session_dirfd = fixture_add_session("k3f9");
	{
		struct ledger_place place = fixture_place(&fix);
		struct ledger ledger = LEDGER_INIT;

		OK(&fix, ledger_create(&ledger, &place, &fix.err));
		OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
		free(head);
		head = slurp(HEAD_FILE, &len);
		OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err));
		ledger_fini(&ledger);
	}
	spew(HEAD_FILE, head, len);
	free(head);
	check_told(&fix, &told, "note head " LEDGER_FILE ":0 the head file does not know the last record");
	CHECK_INT(told.report.summary.problems, 0);
	split(LEDGER_FILE, &lines);
	CHECK_INT(lines.count, 2);
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(sessions_that_never_began_and_foreign_files_are_clean)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	ledger_fini(&ledger);
	check_spotless(&fix, &told);
	remove_file(&fix, HEAD_FILE);
	check_spotless(&fix, &told);
	spew("sessions/README.txt", "x", 1);
	fd_close(fixture_add_session("empty"));
	check_spotless(&fix, &told);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(the_users_own_ledger_is_among_them)
{
	struct ledger ledger = LEDGER_INIT;
	struct told told = { 0 };
	const struct json *fields;
	struct fixture fix;
	char *text;
	size_t len;

	fixture_init(&fix);
	fields = read_json(&fix, "{\"what\":\"branch\",\"session\":\"abcd\",\"reason\":\"older than 30d\"}");
	for (int i = 0; i < 2; i++) {
		OK(&fix, ledger_open_user(&ledger, fix.state_dirfd, "cli", "a", 1000, &fix.err));
		OK(&fix, ledger_append(&ledger, LEDGER_GC, fields, 0, &fix.err));
		OK(&fix, ledger_close(&ledger, &fix.err));
		check_spotless(&fix, &told);
	}
	CHECK_INT(told.report.summary.records, 3);
	text = slurp("user/ledger.jsonl", &len);
	spew("user/ledger.jsonl", text, len - 1);
	OK(&fix, verify(&fix, LEDGER_USER_SESSION, &told));
	CHECK(told.report.summary.problems > 0);
	OK(&fix, verify(&fix, NULL, &told));
	CHECK(told.report.summary.problems > 0);
	free(text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(sessions_that_cannot_be_asked_for_are_refused)
{
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	CHECK_INT(verify(&fix, "nosuch", &told), -ENOENT);
	CHECK(strstr(fix.err.text, "nosuch"));
	CHECK_INT(verify(&fix, "../../etc", &told), -EINVAL);
	CHECK_INT(verify(&fix, "", &told), -EINVAL);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* Verification that could not look never says that all is well. */
TEST(any_call_that_fails_while_verifying_is_an_error_or_a_problem)
{
	static const char *const sessions[] = { NULL, "k3f9" };
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	write_two_sessions(&fix);
	for (size_t s = 0; s < ARRAY_SIZE(sessions); s++) {
		int calls = 0;

		for (int at = -1; at < calls; at++) {
			int r;

			fault_fail_at(at);
			r = verify(&fix, sessions[s], &told);
			calls = at < 0 ? fault_end() : (fault_end(), calls);
			/* What is left: unlocking, and a look whether somebody else has the lock. */
			if (at >= 0 && r >= 0 && !told.report.summary.problems)
				CHECK(told.report.summary.records == (s ? 3 : 4));
			else if (at >= 0 && r < 0)
				CHECK(fix.err.text[0]);
		}
		CHECK(calls > 8);
	}
	check_spotless(&fix, &told);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(an_index_too_long_to_follow_is_an_error)
{
	static const int all[] = { 1, 2, 0 };
	char sequence[64];
	struct told told = { 0 };
	struct fixture fix;
	struct lines lines;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 2);
	split(INDEX_FILE, &lines);
	snprintf(sequence, sizeof(sequence), "\"sequence\":%" PRId64 ",\"session\"", INT64_MAX);
	forge(&fix, &lines.line[1], "\"sequence\":2,\"session\"", sequence);
	join(INDEX_FILE, &lines, all);
	CHECK_INT(verify(&fix, NULL, &told), -EMSGSIZE);
	free(lines.text);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST_MAIN()
