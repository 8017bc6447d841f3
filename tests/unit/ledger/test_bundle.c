// SPDX-License-Identifier: Apache-2.0
/*
 * test_bundle.c - what was exported can be checked anywhere, and nothing in it can change
 */
#include "unit/ledger/faults.h"
#include "unit/ledger/fixture.h"

#include "ledger/bundle.h"

static uint64_t export(struct fixture *fix, const char *const *sessions, size_t count, const char *file)
{
	char path[256];
	uint64_t torn;
	int fd;

	fixture_path(file, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	OK(fix, ledger_export(fix->state_dirfd, sessions, count, fd, &torn, &fix->err));
	close(fd);
	return torn;
}

static int open_bundle(const char *file, int flags)
{
	char path[256];
	int fd;

	fixture_path(file, path);
	fd = open(path, flags | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

static void verify_fd(struct fixture *fix, int fd, struct told *told)
{
	told_begin(told);
	OK(fix, ledger_verify_bundle(fd, "bundle", &told->report, &fix->err));
}

static void verify(struct fixture *fix, const char *file, struct told *told)
{
	int fd = open_bundle(file, O_RDONLY);

	verify_fd(fix, fd, told);
	close(fd);
}

static void check_clean_bundle(struct fixture *fix, const char *file, struct told *told)
{
	verify(fix, file, told);
	if (told->report.summary.problems)
		test_fail(__FILE__, __LINE__, "not clean: %s", buf_text(&told->text));
}

/* Two sessions and the user's own ledger; the second session vouches for the index. */
static void write_all(struct fixture *fix)
{
	scoped(fd) int second = fixture_add_session("zzz1");
	struct ledger_place place = fixture_place(fix);
	struct ledger ledger = LEDGER_INIT;

	fixture_write_ledger(fix, 3);
	OK(fix, ledger_open(&ledger, &place, 0, &fix->err));
	OK(fix, ledger_append(&ledger, LEDGER_ROLLED_BACK, rolled_back_fields(fix), 0, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
	place.session = "zzz1";
	place.session_dirfd = second;
	OK(fix, ledger_create(&ledger, &place, &fix->err));
	OK(fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(fix), 0, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
	OK(fix, ledger_open_user(&ledger, fix->state_dirfd, "cli", "a", 1000, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
}

TEST(a_bundle_holds_all_ledgers_and_is_clean)
{
	static const char *const one[] = { "zzz1" };
	struct told told = { 0 };
	struct fixture fix;

	fixture_init(&fix);
	write_all(&fix);
	CHECK_INT(export(&fix, NULL, 0, "all"), 0);
	check_clean_bundle(&fix, "all", &told);
	CHECK_INT(told.report.summary.sessions, 3);
	CHECK_INT(told.report.summary.records, 6);
	CHECK_INT(export(&fix, one, 1, "one"), 0);
	check_clean_bundle(&fix, "one", &told);
	CHECK_INT(told.report.summary.sessions, 1);
	CHECK_INT(told.report.summary.records, 1);
	/* It needs nothing else. */
	CHECK_INT(kern_remove_tree(fix.state_dirfd, "sessions"), 0);
	CHECK_INT(kern_unlinkat(fix.state_dirfd, "heads.jsonl", 0), 0);
	check_clean_bundle(&fix, "all", &told);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* One file is changed in place: to write it anew for each byte waits for the disk thousands of times. */
TEST(no_byte_of_a_bundle_can_change)
{
	struct told told = { 0 };
	struct fixture fix;
	size_t len;
	char *data;
	int fd;

	fixture_init(&fix);
	write_all(&fix);
	export(&fix, NULL, 0, "all");
	data = slurp("all", &len);
	fd = open_bundle("all", O_RDWR);
	for (size_t i = 0; i < len; i++) {
		const char changed = (char)(data[i] ^ 1);

		CHECK(pwrite(fd, &changed, 1, (off_t)i) == 1);
		verify_fd(&fix, fd, &told);
		if (!told.report.summary.problems)
			test_fail(__FILE__, __LINE__, "byte %zu was not noticed", i);
		CHECK(pwrite(fd, &data[i], 1, (off_t)i) == 1);
	}
	verify_fd(&fix, fd, &told);
	CHECK_INT(told.report.summary.problems, 0);
	for (size_t cut = len; cut--;) {
		CHECK_INT(ftruncate(fd, (off_t)cut), 0);
		verify_fd(&fix, fd, &told);
		if (!told.report.summary.problems)
			test_fail(__FILE__, __LINE__, "cut at %zu was not noticed", cut);
	}
	close(fd);
	free(data);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

/* Gives a bundle the last line that somebody would who wants it to look whole. */
static void reseal(struct buf *bundle)
{
	struct digest digest = hash_bytes(buf_text(bundle), bundle->len);
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&digest, hex);
	buf_printf(bundle, "{\"bundle\":\"end\",\"digest\":\"%s\",\"lines\":%d}\n", hex,
		count_lines(buf_text(bundle)));
}

TEST(a_resealed_bundle_is_judged_line_by_line)
{
	static const struct {
		const char *from, *to, *wanted;
	} cases[] = {
		{ "\"uid\":1000", "\"uid\":1001", "changed bundle:" },
		{ "\"event\":\"created\"", "\"event\":\"closed\"", "changed bundle:2 " },
		{ "{\"bundle\":\"begin\"", "{\"bundle\":\"begun\"", "bundle bundle:1 " },
		{ "\"version\":1}\n{\"event\"", "\"version\":2}\n{\"event\"", "bundle bundle:1 " },
		{ "\"bundle\":\"session-begin\"", "\"bundle\":\"session-begin\",\"x\":1", "bundle bundle:" },
		{ "\"bundle\":\"session-end\"", "\"bundle\":\"session-end\",\"x\":1", "bundle bundle:" },
		{ "\"bundle\":\"session-end\",\"live\":false", "\"bundle\":\"session-end\",\"live\":0",
			"bundle bundle:" },
		{ "\"torn\":0}\n{\"bundle\":\"session-begin\"", "\"torn\":9}\n{\"bundle\":\"session-begin\"",
			"torn bundle:" },
		{ "{\"bundle\":\"session-begin\",\"head\":{",
			"{\"bundle\":\"session-begin\",\"head\":null,\"was\":{", "bundle bundle:" },
		{ "\"torn\":0}\n", "\"torn\":0}\nx\n", "bundle bundle:" },
	};
	struct told told = { 0 };
	struct fixture fix;
	char *data;

	fixture_init(&fix);
	write_all(&fix);
	export(&fix, NULL, 0, "all");
	data = slurp("all", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *at = strstr(data, cases[i].from), *end = strstr(data, "{\"bundle\":\"end\"");
		struct buf buf = BUF_INIT(1 << 20);

		CHECK(at && end);
		buf_printf(&buf, "%.*s%s", (int)(at - data), data, cases[i].to);
		at += strlen(cases[i].from);
		buf_append(&buf, at, (size_t)(end - at));
		reseal(&buf);
		spew("changed", buf_text(&buf), buf.len);
		verify(&fix, "changed", &told);
		if (!strstr(buf_text(&told.text), cases[i].wanted) || !told.report.summary.problems)
			test_fail(__FILE__, __LINE__, "%s: told %s", cases[i].to, buf_text(&told.text));
		buf_fini(&buf);
	}
	free(data);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(a_session_may_go_on_while_it_is_exported)
{
	struct ledger_place place;
	struct ledger ledger = LEDGER_INIT;
	struct told told = { 0 };
	struct fixture fix;
	char *head;
	size_t len;

	fixture_init(&fix);
	place = fixture_place(&fix);
	OK(&fix, ledger_create(&ledger, &place, &fix.err));
	OK(&fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(&fix), 0, &fix.err));
	head = slurp("sessions/k3f9/head.json", &len);
	for (int i = 0; i < 3; i++)
		OK(&fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(&fix, i), 0, &fix.err));
	spew("sessions/k3f9/head.json", head, len);
	CHECK_INT(kern_write(ledger.fd, "{\"ac", 4), 4);
	CHECK_INT(export(&fix, NULL, 0, "all"), 4);
	check_clean_bundle(&fix, "all", &told);
	CHECK_INT(told.report.summary.records, 4);
	ledger_fini(&ledger);
	/* The same without a writer is what a crash, or somebody else, left. */
	CHECK_INT(export(&fix, NULL, 0, "all"), 4);
	verify(&fix, "all", &told);
	CHECK(strstr(buf_text(&told.text), "torn bundle:"));
	CHECK(strstr(buf_text(&told.text), "knows records up to 1 only"));
	free(head);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(damage_is_exported_as_it_is)
{
	struct told told = { 0 };
	struct fixture fix;
	size_t len;
	char *data;

	fixture_init(&fix);
	write_all(&fix);
	data = slurp("sessions/k3f9/ledger.jsonl", &len);
	data[len / 2] ^= 1;
	spew("sessions/k3f9/ledger.jsonl", data, len);
	CHECK_INT(kern_unlinkat(fix.state_dirfd, "sessions/zzz1/head.json", 0), 0);
	export(&fix, NULL, 0, "all");
	verify(&fix, "all", &told);
	CHECK(strstr(buf_text(&told.text), "changed bundle:") ||
		strstr(buf_text(&told.text), "malformed bundle:"));
	CHECK(strstr(buf_text(&told.text), "the head file is missing"));
	free(data);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

static ssize_t disk_is_full(int fd, const void *data, size_t len)
{
	(void)fd;
	(void)data;
	(void)len;
	return -ENOSPC;
}

TEST(what_cannot_be_exported_is_an_error)
{
	static const char *const missing[] = { "nosuch" }, *const bad[] = { "../k3f9" };
	struct fixture fix;
	uint64_t torn;

	fixture_init(&fix);
	write_all(&fix);
	CHECK_INT(ledger_export(fix.state_dirfd, missing, 1, 2, &torn, &fix.err), -ENOENT);
	CHECK_TEXT(fix.err.text, "session 'nosuch' has no ledger");
	CHECK_INT(ledger_export(fix.state_dirfd, bad, 1, 2, &torn, &fix.err), -EINVAL);
	kern_ops.write = disk_is_full;
	CHECK_INT(ledger_export(fix.state_dirfd, NULL, 0, 2, &torn, &fix.err), -ENOSPC);
	kern_ops = kern_ops_real;
	fixture_fini(&fix);
}

/* Half an export never passes for a whole one. */
TEST(any_call_that_fails_while_exporting_is_an_error)
{
	struct told told = { 0 };
	struct fixture fix;
	int calls = 0, failed = 0;
	char path[256];

	fixture_init(&fix);
	write_all(&fix);
	fixture_path("all", path);
	for (int at = -1; at < calls; at++) {
		int r, fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		uint64_t torn;

		CHECK(fd >= 0);
		fault_fail_at(at);
		r = ledger_export(fix.state_dirfd, NULL, 0, fd, &torn, &fix.err);
		calls = at < 0 ? fault_end() : (fault_end(), calls);
		failed += r < 0;
		told_begin(&told);
		OK(&fix, ledger_verify_bundle(fd, "bundle", &told.report, &fix.err));
		CHECK(r < 0 ? told.report.summary.problems > 0 :
			!told.report.summary.problems && told.report.summary.records == 6);
		close(fd);
	}
	CHECK(failed > 20);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST(any_call_that_fails_while_checking_a_bundle_is_an_error)
{
	struct told told = { 0 };
	struct fixture fix;
	int calls = 0, fd;
	char path[256];

	fixture_init(&fix);
	write_all(&fix);
	export(&fix, NULL, 0, "all");
	fixture_path("all", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (int at = -1; at < calls; at++) {
		int r;

		told_begin(&told);
		fault_fail_at(at);
		r = ledger_verify_bundle(fd, "bundle", &told.report, &fix.err);
		calls = at < 0 ? fault_end() : (fault_end(), calls);
		CHECK_INT(r, at < 0 ? 0 : -EIO);
	}
	CHECK(calls > 2);
	close(fd);
	buf_fini(&told.text);
	fixture_fini(&fix);
}

TEST_MAIN()
