/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fixture.h - a state directory with sessions in it, below the test's own directory
 */
#pragma once

#include "kern/file.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct fixture {
	int state_dirfd, session_dirfd;
	struct arena arena;
	struct error err;
};

#define DIGEST_OF_NOTHING "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

UNUSED static void fixture_path(const char *relative, char ret[256])
{
	snprintf(ret, 256, "%s/%s", test_dir(), relative);
}

UNUSED static int fixture_add_session(const char *id)
{
	char path[256], name[128];
	int fd;

	snprintf(name, sizeof(name), "sessions/%s", id);
	fixture_path(name, path);
	CHECK_INT(kern_mkdir_all(path), 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fd >= 0);
	return fd;
}

UNUSED static void fixture_init(struct fixture *fix)
{
	*fix = (struct fixture){ .arena = ARENA_INIT(64 << 20) };
	fix->session_dirfd = fixture_add_session("k3f9");
	fix->state_dirfd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CHECK(fix->state_dirfd >= 0);
}

UNUSED static void fixture_fini(struct fixture *fix)
{
	fix->session_dirfd = fd_close(fix->session_dirfd);
	fix->state_dirfd = fd_close(fix->state_dirfd);
	arena_fini(&fix->arena);
}

UNUSED static struct ledger_place fixture_place(const struct fixture *fix)
{
	return (struct ledger_place){
		.session_dirfd = fix->session_dirfd, .state_dirfd = fix->state_dirfd, .session = "k3f9",
		.actor = "supervisor",
	};
}

UNUSED static const struct json *read_json(struct fixture *fix, const char *text)
{
	const struct json *value = NULL;

	if (json_read(&fix->arena, str_from(text), JSON_READ_JSONC, &value, &fix->err) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", text, fix->err.text);
	return value;
}

UNUSED static const struct json *created_fields(struct fixture *fix)
{
	return read_json(fix, "{\"config\":\"" DIGEST_OF_NOTHING "\",\"policy\":\"" DIGEST_OF_NOTHING "\","
		"\"host\":{\"kernel\":\"6.1\"},\"argv\":[\"sh\",\"-c\",\"true\"],"
		"\"workspace\":\"/home/a/project\",\"user\":\"a\",\"uid\":1000}");
}

UNUSED static const struct json *plan_fields(struct fixture *fix, int steps)
{
	char text[160];

	snprintf(text, sizeof(text), "{\"plan\":\"" DIGEST_OF_NOTHING "\",\"steps\":%d}", steps);
	return read_json(fix, text);
}

UNUSED static const struct json *rolled_back_fields(struct fixture *fix)
{
	return read_json(fix, "{\"reason\":\"nobody wants it\"}");
}

/* Calls that have to work, with the reason where one does not. */
#define OK(fix, call) \
	do { int ok_ = (call); \
		if (ok_ < 0) \
			test_fail(__FILE__, __LINE__, "%s: %s: %s", #call, error_name(ok_), \
				(fix)->err.text); \
	} while (0)

/* A ledger of session k3f9 with one first record and @count - 1 more, closed. */
UNUSED static void fixture_write_ledger(struct fixture *fix, int count)
{
	struct ledger_place place = fixture_place(fix);
	struct ledger ledger = LEDGER_INIT;

	OK(fix, ledger_create(&ledger, &place, &fix->err));
	OK(fix, ledger_append(&ledger, LEDGER_SESSION_CREATED, created_fields(fix), 0, &fix->err));
	for (int i = 1; i < count; i++)
		OK(fix, ledger_append(&ledger, LEDGER_PLAN, plan_fields(fix, i), 0, &fix->err));
	OK(fix, ledger_close(&ledger, &fix->err));
}

/* The content of a file below the test's directory; free() it. */
UNUSED static char *slurp(const char *relative, size_t *ret_len)
{
	char path[256];
	struct stat st;
	FILE *file;
	char *data;

	fixture_path(relative, path);
	file = fopen(path, "re");
	CHECK(file && fstat(fileno(file), &st) == 0);
	data = malloc((size_t)st.st_size + 1);
	CHECK(data && fread(data, 1, (size_t)st.st_size, file) == (size_t)st.st_size);
	data[st.st_size] = '\0';
	fclose(file);
	if (ret_len)
		*ret_len = (size_t)st.st_size;
	return data;
}

UNUSED static void spew(const char *relative, const char *data, size_t len)
{
	char path[256];
	FILE *file;

	fixture_path(relative, path);
	file = fopen(path, "we");
	CHECK(file && fwrite(data, 1, len, file) == len && fclose(file) == 0);
}

UNUSED static int count_lines(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

/* ---- what verification says ---- */

/* Everything that was told, as lines of "kind file:line text". */
struct told {
	struct ledger_report report;
	struct buf text;
};

UNUSED static void tell(const struct ledger_problem *problem, void *context)
{
	struct told *told = context;

	buf_printf(&told->text, "%s%s %s:%" PRIu64 " %s\n", problem->is_note ? "note " : "",
		ledger_problem_name(problem->kind), problem->file, problem->line, problem->text);
}

UNUSED static void told_begin(struct told *told)
{
	buf_fini(&told->text);
	*told = (struct told){ .report = { .tell = tell, .context = told }, .text = BUF_INIT(1 << 20) };
}

/* How many problems there are, one of which has to begin like this. */
UNUSED static uint64_t count_problems(struct fixture *fix, const char *wanted)
{
	struct told told = { 0 };
	uint64_t count;
	const char *at;

	told_begin(&told);
	OK(fix, ledger_verify(fix->state_dirfd, NULL, &told.report, &fix->err));
	at = strstr(buf_text(&told.text), wanted);
	if (!at || (at != buf_text(&told.text) && at[-1] != '\n'))
		test_fail(__FILE__, __LINE__, "wanted \"%s\", told:\n%s", wanted, buf_text(&told.text));
	count = told.report.summary.problems;
	buf_fini(&told.text);
	return count;
}

/* There is no problem; notes may be. @records 0: any number of them. */
UNUSED static void check_clean(struct fixture *fix, uint64_t records)
{
	struct told told = { 0 };

	told_begin(&told);
	OK(fix, ledger_verify(fix->state_dirfd, NULL, &told.report, &fix->err));
	if (told.report.summary.problems)
		test_fail(__FILE__, __LINE__, "not clean: %s", buf_text(&told.text));
	if (records)
		CHECK_INT(told.report.summary.records, records);
	buf_fini(&told.text);
}
