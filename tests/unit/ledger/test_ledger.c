// SPDX-License-Identifier: Apache-2.0
/*
 * test_ledger.c - records get in whole, in order, and only where they belong
 */
#include "unit/ledger/faults.h"
#include "unit/ledger/fixture.h"

#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEDGER_FILE "sessions/k3f9/ledger.jsonl"
#define HEAD_FILE "sessions/k3f9/head.json"
#define INDEX_FILE "heads.jsonl"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

static int clock_stands_still(clockid_t clock, struct timespec *ret)
{
	(void)clock;
	*ret = (struct timespec){ .tv_sec = 1767323045, .tv_nsec = 6789 };
	return 0;
}

/* The format is public, so its bytes stand here; the hash is sha256sum's. */
TEST(the_first_line_is_the_documented_one)
{
	struct fixture fix;
	char *text;

	kern_ops.clock_gettime = clock_stands_still;
	fixture_init(&fix);
	fixture_write_ledger(&fix, 1);
	text = slurp(LEDGER_FILE, NULL);
	CHECK_TEXT(text,
		"{\"actor\":\"supervisor\",\"fields\":{\"argv\":[\"sh\",\"-c\",\"true\"],"
		"\"config\":\"" DIGEST_OF_NOTHING "\",\"host\":{\"kernel\":\"6.1\"},"
		"\"policy\":\"" DIGEST_OF_NOTHING "\",\"uid\":1000,\"user\":\"a\","
		"\"workspace\":\"/home/a/project\"},"
		"\"hash\":\"af9463486445d395ec6c827487fdd5ff3c53bdb5dd52742601604799dc891bbd\","
		"\"kind\":\"session-created\",\"previous\":\"" ZEROS "\",\"sequence\":1,"
		"\"session\":\"k3f9\",\"time\":\"2026-01-02T03:04:05.000006Z\",\"version\":1}\n");
	free(text);
	fixture_fini(&fix);
}

TEST(each_record_names_the_one_before)
{
	struct fixture fix;
	char *text, *line, *rest;
	char previous[DIGEST_HEX_SIZE] = ZEROS;
	int sequence = 0;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 5);
	text = slurp(LEDGER_FILE, NULL);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const struct json *record = read_json(&fix, line);

		CHECK_INT(json_get_int(record, "sequence", 0), ++sequence);
		CHECK_TEXT(json_get_text(record, "previous"), previous);
		snprintf(previous, sizeof(previous), "%s", json_get_text(record, "hash"));
	}
	CHECK_INT(sequence, 5);
	free(text);
	text = slurp(HEAD_FILE, NULL);
	CHECK_TEXT(json_get_text(read_json(&fix, text), "hash"), previous);
	CHECK_INT(json_get_int(read_json(&fix, text), "sequence", 0), 5);
	free(text);
	fixture_fini(&fix);
}

TEST(a_ledger_is_continued_by_another_process)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *text;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 3);
	place = fixture_place(&fix);
	place.actor = "committer";
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	CHECK(!ledger.repair.torn_bytes && !ledger.repair.lost_count && !ledger.repair.head_lost);
	OK(&fix, ledger_append(&ledger, LEDGER_ROLLED_BACK, rolled_back_fields(&fix), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	text = slurp(LEDGER_FILE, NULL);
	CHECK_INT(count_lines(text), 4);
	CHECK(strstr(text, "\"actor\":\"committer\"") && strstr(text, "\"sequence\":4,"));
	free(text);
	check_clean(&fix, 4);
	fixture_fini(&fix);
}

TEST(opening_and_closing_leaves_no_trace)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *before, *after;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 3);
	before = slurp(INDEX_FILE, NULL);
	place = fixture_place(&fix);
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	after = slurp(INDEX_FILE, NULL);
	CHECK_TEXT(after, before);
	CHECK_INT(ledger_close(&ledger, &fix.err), 0);
	free(before);
	free(after);
	check_clean(&fix, 3);
	fixture_fini(&fix);
}

/* ---- what does not get in ---- */

TEST(records_that_do_not_fit_are_refused_and_change_nothing)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *before, *after;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err), -EINVAL);
	CHECK_TEXT(fix.err.text, "a record of kind 'plan' cannot begin a ledger");
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	before = slurp(LEDGER_FILE, NULL);
	CHECK_INT(ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err), -EINVAL);
	CHECK_TEXT(fix.err.text, "a record of kind 'session-created' cannot continue a ledger");
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, NULL, 0, &fix.err), -EINVAL);
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, rolled_back_fields(&fix), 0, &fix.err), -EINVAL);
	CHECK_TEXT(fix.err.text, "record of kind 'plan': field 'plan' is missing");
	after = slurp(LEDGER_FILE, NULL);
	CHECK_TEXT(after, before);
	/* And it can be used further. */
	OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err), -EIO);
	check_clean(&fix, 2);
	free(before);
	free(after);
	fixture_fini(&fix);
}

TEST(the_anchor_is_not_the_callers)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	scoped(fd) int second = -1;

	fixture_init(&fix);
	place = fixture_place(&fix);
	fixture_write_ledger(&fix, 1);
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), LEDGER_SYNC, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	second = fixture_add_session("zzz1");
	place.session = "zzz1";
	place.session_dirfd = second;
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	CHECK_INT(ledger_append(&ledger, LEDGER_SESSION_CREATED,
		read_json(&fix,
		"{\"config\":\"" DIGEST_OF_NOTHING "\",\"policy\":\"" DIGEST_OF_NOTHING
		"\",\"host\":{},"
		"\"argv\":[],\"workspace\":\"/\",\"user\":\"a\",\"uid\":0,\"index\":{}}"),
		0, &fix.err),
		-EINVAL);
	CHECK(strstr(fix.err.text, "from the ledger alone"));
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	check_clean(&fix, 3);
	fixture_fini(&fix);
}

TEST(names_that_could_be_paths_are_refused)
{
	static const char *const sessions[] = {
		"", "..", "a/b", "A", "-a", "a b", "a\"",
		"12345678901234567890123456789012345678901234567890123456789012345",
	};
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;

	fixture_init(&fix);
	place = fixture_place(&fix);
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		place.session = sessions[i];
		CHECK_INT(ledger_create(&ledger, &place, &fix.err), -EINVAL);
		CHECK_INT(ledger_open(&ledger, &place, 0, &fix.err), -EINVAL);
	}
	place.session = "k3f9";
	place.actor = "the supervisor";
	CHECK_INT(ledger_create(&ledger, &place, &fix.err), -EINVAL);
	place.actor = "user:a.b_c@host-1";
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	ledger_fini(&ledger);
	fixture_fini(&fix);
}

TEST(there_is_one_writer)
{
	struct ledger_place place;
	struct ledger one = LEDGER_INIT, two = LEDGER_INIT;
	struct fixture fix;

	fixture_init(&fix);
	place = fixture_place(&fix);
	CHECK_INT(ledger_open(&two, &place, 0, &fix.err), -ENOENT);
	ledger_fini(&two);
	OK(&fix, ledger_create(&one, &place, &fix.err));
	CHECK_INT(ledger_create(&two, &place, &fix.err), -EEXIST);
	ledger_fini(&two);
	CHECK_INT(ledger_open(&two, &place, 0, &fix.err), -EBUSY);
	CHECK(fix.err.hint[0]);
	CHECK_INT(ledger_append(&two, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err), -EIO);
	CHECK_INT(ledger_forget(&two, &fix.err), -EIO);
	CHECK_INT(ledger_close(&two, &fix.err), 0);
	/* Nothing was written, so nothing began. */
	ledger_fini(&one);
	CHECK_INT(ledger_open(&two, &place, 0, &fix.err), -ENODATA);
	CHECK_INT(ledger_append(&two, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err), -EIO);
	ledger_fini(&two);
	fixture_fini(&fix);
}

TEST(the_index_is_waited_for)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	int status, pipe_fds[2];
	pid_t pid;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	CHECK_INT(pipe(pipe_fds), 0);
	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		int fd = openat(fix.state_dirfd, INDEX_FILE, O_RDWR);
		struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };

		_exit(fd < 0 || flock(fd, LOCK_EX) < 0 || write(pipe_fds[1], "x", 1) != 1 ||
			nanosleep(&moment, NULL) < 0);
	}
	CHECK_INT(read(pipe_fds[0], &(char){ 0 }, 1), 1);
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	CHECK(waitpid(pid, &status, 0) == pid && !status);
	OK(&fix, ledger_close(&ledger, &fix.err));
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	check_clean(&fix, 1);
	fixture_fini(&fix);
}

/* ---- large fields ---- */

static const struct json *weakened_fields(struct fixture *fix, size_t what_bytes, size_t path_bytes,
	size_t origin_bytes)
{
	struct json_object_builder builder;
	char *text = malloc(1 << 20);

	CHECK(text);
	memset(text, 'a', 1 << 20);
	json_object_begin(&builder, &fix->arena);
	json_object_add_text(&builder, "flag", "--live");
	json_object_add(&builder, "what", json_new_string(&fix->arena, (struct str){ text, what_bytes }));
	if (path_bytes) {
		text[0] = (char)0xff;
		json_object_add(&builder, "path",
			json_new_bytes(&fix->arena, (struct str){ text, path_bytes }));
		text[0] = 'a';
	}
	if (origin_bytes)
		json_object_add(&builder, "origin",
			json_new_string(&fix->arena, (struct str){ text, origin_bytes }));
	free(text);
	return json_object_end(&builder);
}

TEST(fields_that_are_too_large_are_bound_by_their_digest)
{
	static const struct { size_t what, path, origin; const char *omitted; } cases[] = {
		{ 100, 100, 100, "" },
		{ 60000, 3000, 100, "" },
		{ 70000, 100, 100, "what" },
		{ 100, 100, 70000, "origin" },
		{ 40000, 30000, 100, "path" },
		{ 60000, 60000, 60000, "path origin" },
		{ 50000, 20000, 50000, "origin what" },
		{ 70000, 70000, 70000, "path what origin" },
	};
	static const char *const names[] = { "what", "path", "origin" };
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *text, *line, *rest;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		OK(&fix, ledger_append(&ledger, LEDGER_WEAKENED,
			weakened_fields(&fix, cases[i].what, cases[i].path, cases[i].origin), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	check_clean(&fix, ARRAY_SIZE(cases) + 1);
	text = slurp(LEDGER_FILE, NULL);
	line = strtok_r(text, "\n", &rest);
	for (size_t i = 0; (line = strtok_r(NULL, "\n", &rest)); i++) {
		const struct json *fields = json_get(read_json(&fix, line), "fields");

		CHECK(strlen(line) < LEDGER_LINE_MAX);
		for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
			const struct json *omitted = json_get(json_get(fields, names[n]), "omitted");

			if (!!omitted != !!strstr(cases[i].omitted, names[n]))
				test_fail(__FILE__, __LINE__, "case %zu: %s", i, names[n]);
		}
	}
	free(text);
	/* The digest is over the value's canonical JSON: here sha256sum of 70000 letters a in quotes. */
	text = slurp(LEDGER_FILE, NULL);
	CHECK(strstr(text, "\"what\":{\"omitted\":{\"digest\":\""
		"46518f1277b1224b699a79b6ac156471480638daa0a6f0523fca5551f5abde26\",\"size\":70002}}"));
	free(text);
	fixture_fini(&fix);
}

TEST(what_never_fits_is_refused)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct json_object_builder builder;
	struct fixture fix;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	json_object_begin(&builder, &fix.arena);
	json_object_add(&builder, "limits",
		read_json(&fix,
			"[{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"
			"]]]]]]]]]]]]]]]}]"));
	CHECK_INT(ledger_append(&ledger, LEDGER_LIMITS, json_object_end(&builder), 0, &fix.err), -EINVAL);
	CHECK(strstr(fix.err.text, "nested too deep"));
	OK(&fix, ledger_close(&ledger, &fix.err));
	check_clean(&fix, 1);
	fixture_fini(&fix);
}

/* ---- crashes ---- */

/* Writes until something fails; returns how many records were acknowledged. */
static int write_until_it_fails(struct fixture *fix)
{
	struct ledger_place place = fixture_place(fix);
	struct ledger ledger = LEDGER_INIT;
	int done = 0;

	const struct { enum ledger_kind kind; const struct json *fields; } records[] = {
		{ LEDGER_SESSION_CREATED, created_fields(fix) }, { LEDGER_PLAN, plan_fields(fix, 1) },
		{ LEDGER_ROLLED_BACK, rolled_back_fields(fix) }, { LEDGER_PLAN, plan_fields(fix, 2) },
	};

	if (ledger_create(&ledger, &place, &fix->err) >= 0)
		for (size_t i = 0; i < ARRAY_SIZE(records); i++, done++)
			if (ledger_append(&ledger, records[i].kind, records[i].fields, 0, &fix->err) < 0)
				break;
	if (done == ARRAY_SIZE(records))
		(void)ledger_close(&ledger, &fix->err);
	ledger_fini(&ledger);
	return done;
}

static void start_anew(struct fixture *fix)
{
	fixture_fini(fix);
	fixture_init(fix);
	CHECK_INT(kern_remove_tree(fix->state_dirfd, "sessions"), 0);
	CHECK_INT(kern_remove_tree(fix->state_dirfd, "user"), 0);
	(void)kern_unlinkat(fix->state_dirfd, INDEX_FILE, 0);
	fixture_fini(fix);
	fixture_init(fix);
}

/* Whatever a crash left, the next process goes on, and then everything acknowledged is there. */
static void continue_after_crash(struct fixture *fix, int acknowledged)
{
	struct ledger_place place = fixture_place(fix);
	struct ledger ledger = LEDGER_INIT;
	int r = ledger_open(&ledger, &place, 0, &fix->err);
	uint64_t expected;

	if (r == -ENOENT || r == -ENODATA) {
		CHECK_INT(acknowledged, 0);
		ledger_fini(&ledger);
		check_clean(fix, 0);
		return;
	}
	OK(fix, r);
	CHECK(!ledger.repair.lost_count && !ledger.repair.head_lost);
	/* At most the one record that was on its way is more than what was acknowledged. */
	expected = (uint64_t)acknowledged + (ledger.repair.torn_bytes > 0);
	CHECK(ledger.head.sequence == expected || ledger.head.sequence == expected + 1);
	expected = ledger.head.sequence;
	OK(fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(fix, 9), LEDGER_SYNC, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
	check_clean(fix, expected + 1);
}

TEST(a_crash_at_any_write_loses_nothing_that_was_acknowledged)
{
	struct fixture fix;
	int calls, torn = 0;

	fixture_init(&fix);
	fault_crash_at(-1, false);
	CHECK_INT(write_until_it_fails(&fix), 4);
	calls = fault_end();
	CHECK(calls > 15);
	for (int at = 0; at < calls; at++) {
		for (int half = 0; half < 2; half++) {
			size_t index_len;
			int acknowledged;
			char *ledger, *index;

			start_anew(&fix);
			fault_crash_at(at, half);
			acknowledged = write_until_it_fails(&fix);
			fault_end();
			CHECK(acknowledged <= 4);
			continue_after_crash(&fix, acknowledged);
			/* What was torn is told, by the ledger and by the index. */
			if (kern_faccessat(fix.state_dirfd, LEDGER_FILE, F_OK, 0) < 0)
				continue;
			ledger = slurp(LEDGER_FILE, NULL);
			torn += !!strstr(ledger, "\"kind\":\"repaired\"");
			free(ledger);
			if (kern_faccessat(fix.state_dirfd, INDEX_FILE, F_OK, 0) < 0)
				continue;
			index = slurp(INDEX_FILE, &index_len);
			torn += !!strstr(index, "\"torn\":{\"bytes\":");
			free(index);
		}
	}
	/* Three records behind the first, and four entries of the index, one of which nobody follows. */
	CHECK(torn >= 6);
	fixture_fini(&fix);
}

/* A crash while the crash is being repaired. */
TEST(a_crash_during_repair_is_repaired)
{
	struct fixture fix;
	int calls = 0;

	fixture_init(&fix);
	/* First without a crash, to see how many calls there are. */
	for (int at = -1; at < calls; at++) {
		for (int half = 0; half < 2; half++) {
			struct ledger ledger = LEDGER_INIT;
			struct ledger_place place;
			char torn[3000];
			int r;

			start_anew(&fix);
			fixture_write_ledger(&fix, 2);
			place = fixture_place(&fix);
			memset(torn, 'x', sizeof(torn));
			r = openat(fix.session_dirfd, "ledger.jsonl", O_WRONLY | O_APPEND);
			CHECK(r >= 0 && write(r, torn, sizeof(torn)) == sizeof(torn));
			close(r);
			r = openat(fix.state_dirfd, INDEX_FILE, O_WRONLY | O_APPEND);
			CHECK(r >= 0 && write(r, torn, 900) == 900);
			close(r);
			fault_crash_at(at, half);
			r = ledger_open(&ledger, &place, 0, &fix.err);
			if (r >= 0)
				CHECK_INT(ledger.repair.torn_bytes, sizeof(torn));
			ledger_fini(&ledger);
			calls = at < 0 ? fault_end() : (fault_end(), calls);
			r = ledger_open(&ledger, &place, 0, &fix.err);
			OK(&fix, r);
			OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 9), 0, &fix.err));
			OK(&fix, ledger_close(&ledger, &fix.err));
			check_clean(&fix, 0);
		}
	}
	CHECK(calls > 5);
	fixture_fini(&fix);
}

TEST(what_was_torn_is_kept)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	const struct json *fields;
	struct fixture fix;
	char *text, *last;
	int fd;

	fixture_init(&fix);
	fixture_write_ledger(&fix, 2);
	fd = openat(fix.session_dirfd, "ledger.jsonl", O_WRONLY | O_APPEND);
	CHECK(fd >= 0 && write(fd, "{\"actor\":\"su", 12) == 12);
	close(fd);
	place = fixture_place(&fix);
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	CHECK_INT(ledger.repair.torn_bytes, 12);
	OK(&fix, ledger_close(&ledger, &fix.err));
	text = slurp(LEDGER_FILE, NULL);
	CHECK_INT(count_lines(text), 3);
	text[strlen(text) - 1] = '\0';
	last = strrchr(text, '\n') + 1;
	fields = json_get(read_json(&fix, last), "fields");
	CHECK_TEXT(json_get_text(fields, "torn"), "{\"actor\":\"su");
	CHECK_INT(json_get_int(fields, "torn_bytes", 0), 12);
	CHECK_TEXT(json_get_text(fields, "torn_digest"),
		"aac792f9e61b39ac4e4ce9300067b140f6a2a834f7b0ba3244a1d517344eaf8b");
	free(text);
	check_clean(&fix, 3);
	fixture_fini(&fix);
}

TEST(a_first_record_that_was_torn_has_never_been)
{
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *text;

	fixture_init(&fix);
	CHECK_INT(mkdirat(fix.state_dirfd, "user", 0700), 0);
	spew("user/ledger.jsonl", "{\"act", 5);
	OK(&fix, ledger_open_user(&ledger, fix.state_dirfd, "cli", "a", 1000, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	text = slurp("user/ledger.jsonl", NULL);
	CHECK_INT(count_lines(text), 2);
	CHECK(strstr(text, "\"kind\":\"user-ledger\"") && strstr(text, "\"torn\":\"{\\\"act\""));
	free(text);
	check_clean(&fix, 2);
	fixture_fini(&fix);
}

/* ---- loss ---- */

/* Cuts the last @count lines off the ledger. */
static void cut_lines(int count)
{
	size_t len;
	char *text = slurp(LEDGER_FILE, &len);

	for (text[--len] = '\0'; count; count--) {
		CHECK(strrchr(text, '\n'));
		*strrchr(text, '\n') = '\0';
	}
	len = strlen(text);
	text[len] = '\n';
	spew(LEDGER_FILE, text, len + 1);
	free(text);
}

TEST(a_cut_ledger_takes_no_record_unless_the_loss_is_accepted)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *text;

	fixture_init(&fix);
	place = fixture_place(&fix);
	fixture_write_ledger(&fix, 5);
	cut_lines(2);
	CHECK_INT(ledger_open(&ledger, &place, 0, &fix.err), -EBADMSG);
	CHECK(strstr(fix.err.text, "records at its end are gone") &&
		strstr(fix.err.hint, "cordon audit verify k3f9"));
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err), -EIO);
	CHECK_INT(ledger_close(&ledger, &fix.err), -EIO);
	OK(&fix, ledger_open(&ledger, &place, LEDGER_OPEN_ACCEPT_LOSS, &fix.err));
	CHECK_INT(ledger.repair.lost_count, 2);
	OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	text = slurp(LEDGER_FILE, NULL);
	CHECK(strstr(text, "\"lost_first\":4,\"lost_hash\":\"") && strstr(text, "\",\"lost_last\":5,"));
	free(text);
	/* Accepted is not forgotten. */
	CHECK(count_problems(&fix, "lost " LEDGER_FILE ":4 records 4 to 5 had been lost") > 0);
	fixture_fini(&fix);
}

TEST(a_ledger_without_its_head_takes_no_record_unless_the_loss_is_accepted)
{
	static const char *const heads[] = { NULL, "", "{}", "[]", "null and void" };
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;

	fixture_init(&fix);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		start_anew(&fix);
		place = fixture_place(&fix);
		fixture_write_ledger(&fix, 3);
		CHECK_INT(kern_unlinkat(fix.state_dirfd, HEAD_FILE, 0), 0);
		if (heads[i])
			spew(HEAD_FILE, heads[i], strlen(heads[i]));
		CHECK_INT(ledger_open(&ledger, &place, 0, &fix.err), -EBADMSG);
		CHECK(strstr(fix.err.text, "head file is missing or damaged"));
		ledger_fini(&ledger);
		OK(&fix, ledger_open(&ledger, &place, LEDGER_OPEN_ACCEPT_LOSS, &fix.err));
		CHECK(ledger.repair.head_lost);
		OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err));
		OK(&fix, ledger_close(&ledger, &fix.err));
		CHECK(count_problems(&fix, "lost " LEDGER_FILE ":4 the head file had been lost") == 1);
	}
	fixture_fini(&fix);
}

TEST(a_broken_chain_takes_no_record_at_all)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *ledger_text, *head_text;
	size_t ledger_len, head_len;

	fixture_init(&fix);
	place = fixture_place(&fix);
	fixture_write_ledger(&fix, 3);
	ledger_text = slurp(LEDGER_FILE, &ledger_len);
	head_text = slurp(HEAD_FILE, &head_len);

	/* Each byte of the last record. */
	for (size_t at = (size_t)(strstr(ledger_text, "\"steps\":2") - ledger_text); at < ledger_len; at++) {
		ledger_text[at] ^= 1;
		spew(LEDGER_FILE, ledger_text, ledger_len);
		CHECK_INT(ledger_open(&ledger, &place, LEDGER_OPEN_ACCEPT_LOSS, &fix.err), -EBADMSG);
		ledger_fini(&ledger);
		ledger_text[at] ^= 1;
	}
	spew(LEDGER_FILE, ledger_text, ledger_len);

	/* Each byte of the head: either no head at all, or one that names another record. */
	for (size_t at = 0; at < head_len; at++) {
		head_text[at] ^= 1;
		spew(HEAD_FILE, head_text, head_len);
		CHECK_INT(ledger_open(&ledger, &place, 0, &fix.err), -EBADMSG);
		ledger_fini(&ledger);
		head_text[at] ^= 1;
	}
	spew(HEAD_FILE, head_text, head_len);

	/* Lines behind the head that do not follow from it. */
	for (int i = 0; i < 3; i++) {
		char *more = malloc(ledger_len + LEDGER_LINE_MAX + 64);
		size_t len = ledger_len;

		CHECK(more);
		memcpy(more, ledger_text, ledger_len);
		if (i == 0)
			len += (size_t)snprintf(more + len, ledger_len, "%.*s\n",
				(int)(strchr(ledger_text, '\n') - ledger_text), ledger_text);
		if (i == 1)
			more[len++] = '\n';
		if (i == 2) {
			memset(more + len, 'x', LEDGER_LINE_MAX + 1);
			len += LEDGER_LINE_MAX + 1;
			more[len++] = '\n';
		}
		spew(LEDGER_FILE, more, len);
		CHECK_INT(ledger_open(&ledger, &place, LEDGER_OPEN_ACCEPT_LOSS, &fix.err), -EBADMSG);
		ledger_fini(&ledger);
		free(more);
	}

	/* An empty ledger whose head knows records, and one that is all torn. */
	spew(LEDGER_FILE, "", 0);
	CHECK_INT(ledger_open(&ledger, &place, LEDGER_OPEN_ACCEPT_LOSS, &fix.err), -EBADMSG);
	ledger_fini(&ledger);
	spew(LEDGER_FILE, "torn", 4);
	CHECK_INT(ledger_open(&ledger, &place, LEDGER_OPEN_ACCEPT_LOSS, &fix.err), -EBADMSG);
	ledger_fini(&ledger);
	free(ledger_text);
	free(head_text);
	fixture_fini(&fix);
}

TEST(a_damaged_end_of_the_index_stops_everything)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	size_t len;
	char *text;

	fixture_init(&fix);
	place = fixture_place(&fix);
	fixture_write_ledger(&fix, 2);
	text = slurp(INDEX_FILE, &len);
	text[len - 5] ^= 1;
	spew(INDEX_FILE, text, len);
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	CHECK_INT(ledger_append(&ledger, LEDGER_ROLLED_BACK, rolled_back_fields(&fix), 0, &fix.err),
		-EBADMSG);
	CHECK(strstr(fix.err.text, "the last line of heads.jsonl"));
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err), -EIO);
	ledger_fini(&ledger);
	free(text);
	fixture_fini(&fix);
}

/* ---- failures ---- */

static ssize_t write_half(int fd, const void *data, size_t len)
{
	return kern_ops_real.write(fd, data, len / 2);
}

TEST(a_full_disk_leaves_whole_records)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct fixture fix;
	char *before, *after;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	before = slurp(LEDGER_FILE, NULL);
	kern_ops.write = write_half;
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err), -ENOSPC);
	kern_ops = kern_ops_real;
	after = slurp(LEDGER_FILE, NULL);
	CHECK_TEXT(after, before);
	CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err), -EIO);
	CHECK_INT(ledger_close(&ledger, &fix.err), -EIO);
	OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err));
	OK(&fix, ledger_close(&ledger, &fix.err));
	check_clean(&fix, 2);
	free(before);
	free(after);
	fixture_fini(&fix);
}

/* Every call of a whole life fails once: an error comes back, and what was acknowledged stays. */
TEST(any_call_that_fails_is_an_error)
{
	struct fixture fix;
	int calls, failed = 0;

	fixture_init(&fix);
	fault_fail_at(-1);
	CHECK_INT(write_until_it_fails(&fix), 4);
	calls = fault_end();
	for (int at = 0; at < calls; at++) {
		int acknowledged;

		start_anew(&fix);
		fix.err = (struct error)ERROR_INIT;
		fault_fail_at(at);
		acknowledged = write_until_it_fails(&fix);
		fault_end();
		failed += !!fix.err.code;
		if (acknowledged < 4)
			CHECK(fix.err.code < 0 && fix.err.text[0]);
		continue_after_crash(&fix, acknowledged);
	}
	/* All but the unlocking. */
	CHECK(failed >= calls - 5);
	fixture_fini(&fix);
}

TEST(any_call_that_fails_while_opening_is_an_error)
{
	struct ledger ledger = LEDGER_INIT;
	struct ledger_place place;
	struct fixture fix;
	int calls = 0;

	fixture_init(&fix);
	for (int at = -1; at < calls; at++) {
		int fd, r;

		start_anew(&fix);
		fixture_write_ledger(&fix, 3);
		place = fixture_place(&fix);
		fd = openat(fix.session_dirfd, "ledger.jsonl", O_WRONLY | O_APPEND);
		CHECK(fd >= 0 && write(fd, "{\"actor\":\"su", 12) == 12);
		close(fd);
		fault_fail_at(at);
		r = ledger_open(&ledger, &place, 0, &fix.err);
		calls = at < 0 ? fault_end() : (fault_end(), calls);
		if (r < 0)
			CHECK_INT(ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, 1), 0, &fix.err),
				-EIO);
		ledger_fini(&ledger);
		OK(&fix, ledger_open(&ledger, &place, 0, &fix.err));
		OK(&fix, ledger_close(&ledger, &fix.err));
		check_clean(&fix, 0);
	}
	CHECK(calls > 10);
	/* And the ledger of the user. */
	calls = 0;
	for (int at = -1; at < calls; at++) {
		start_anew(&fix);
		fault_fail_at(at);
		(void)ledger_open_user(&ledger, fix.state_dirfd, "cli", "a", 1000, &fix.err);
		calls = at < 0 ? fault_end() : (fault_end(), calls);
		ledger_fini(&ledger);
		OK(&fix, ledger_open_user(&ledger, fix.state_dirfd, "cli", "a", 1000, &fix.err));
		OK(&fix, ledger_close(&ledger, &fix.err));
		check_clean(&fix, 0);
	}
	fixture_fini(&fix);
}

TEST_MAIN()
