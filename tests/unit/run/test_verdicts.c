// SPDX-License-Identifier: Apache-2.0
/*
 * test_verdicts.c - what the ledger says about verdict.json, and what is believed by that
 */
#include "unit/run/files.h"

#include "ledger/ledger.h"
#include "run/verdicts.h"

#define HEX(c) c c c c c c c c c c c c c c c c

static struct error err;
static struct ledger ledger = LEDGER_INIT;
static int state_dirfd = -1, session_dirfd = -1;

static struct digest digest_of(const char *hex)
{
	struct digest ret;

	CHECK_INT(digest_from_hex(str_from(hex), &ret), 0);
	return ret;
}

static void append(enum ledger_kind kind, const char *fields)
{
	const struct json *value;

	CHECK_INT(json_read(&arena, str_from(fields), JSON_READ_STRICT, &value, &err), 0);
	CHECK_INT(ledger_append(&ledger, kind, value, 0, &err), 0);
}

/* @document: NULL: as an earlier cordon wrote it. */
static void record(const char *changeset, const char *document)
{
	const char *member = document ? arena_printf(&arena, "\"document\":\"%s\",", document) : "";

	append(LEDGER_VERDICT, arena_printf(&arena,
		"{\"changeset\":\"%s\",%s\"findings\":[],\"input\":\"" HEX("0000") "\",\"verdict\":\"ask\"}",
		changeset, member));
}

static void begin(void)
{
	struct ledger_place place = { .session = "a", .actor = "test" };

	session_dirfd = kern_open(AT_FDCWD, put_dir("state/sessions/a"), O_RDONLY | O_DIRECTORY, 0);
	state_dirfd = kern_open(AT_FDCWD, at("state"), O_RDONLY | O_DIRECTORY, 0);
	place.session_dirfd = session_dirfd;
	place.state_dirfd = state_dirfd;
	CHECK_INT(ledger_create(&ledger, &place, &err), 0);
	append(LEDGER_SESSION_CREATED, "{\"argv\":[],\"config\":\"" HEX("0000") "\",\"host\":{},\"policy\":\""
		HEX("0000") "\",\"uid\":0,\"user\":\"x\",\"workspace\":\"/w\"}");
}

static void end(void)
{
	ledger_fini(&ledger);
	fd_close(session_dirfd);
	fd_close(state_dirfd);
}

static enum run_verdict_standing standing(const char *document, const char *changeset)
{
	struct digest one = digest_of(document), other = digest_of(changeset);
	enum run_verdict_standing ret;

	CHECK_INT(run_verdict_standing(state_dirfd, "a", &one, &other, &ret, &err), 0);
	return ret;
}

/* "a..." are changesets, "d..." documents. */
TEST(only_the_last_word_about_a_changeset_counts)
{
	begin();
	CHECK_INT(standing(HEX("d001"), HEX("a001")), RUN_VERDICT_UNKNOWN);
	record(HEX("a001"), HEX("d001"));
	CHECK_INT(standing(HEX("d001"), HEX("a001")), RUN_VERDICT_LAST);
	CHECK_INT(standing(HEX("d002"), HEX("a001")), RUN_VERDICT_UNKNOWN);
	/* A record about another changeset says nothing about this one, also where it names the document. */
	CHECK_INT(standing(HEX("d001"), HEX("a002")), RUN_VERDICT_UNKNOWN);
	record(HEX("a002"), HEX("d002"));
	CHECK_INT(standing(HEX("d001"), HEX("a001")), RUN_VERDICT_LAST);
	CHECK_INT(standing(HEX("d002"), HEX("a001")), RUN_VERDICT_UNKNOWN);
	record(HEX("a001"), HEX("d003"));
	CHECK_INT(standing(HEX("d001"), HEX("a001")), RUN_VERDICT_PAST);
	CHECK_INT(standing(HEX("d003"), HEX("a001")), RUN_VERDICT_LAST);
	CHECK_INT(standing(HEX("d004"), HEX("a001")), RUN_VERDICT_UNKNOWN);
	end();
}

TEST(older_records_name_nothing)
{
	begin();
	record(HEX("a001"), NULL);
	CHECK_INT(standing(HEX("d001"), HEX("a001")), RUN_VERDICT_UNNAMED);
	CHECK_INT(standing(HEX("d001"), HEX("a002")), RUN_VERDICT_UNKNOWN);
	/* Judged once more, of which a crash left the document as it was. */
	record(HEX("a001"), HEX("d002"));
	CHECK_INT(standing(HEX("d001"), HEX("a001")), RUN_VERDICT_PAST);
	CHECK_INT(standing(HEX("d002"), HEX("a001")), RUN_VERDICT_LAST);
	end();
}

TEST(a_ledger_that_is_damaged_says_nothing)
{
	struct digest one = digest_of(HEX("d001")), other = digest_of(HEX("a001"));
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	enum run_verdict_standing ret;
	char *digit;

	begin();
	record(HEX("a001"), HEX("d002"));
	CHECK_INT(kern_read_file(state_dirfd, "sessions/a/ledger.jsonl", &text), 0);
	digit = strstr(buf_text(&text), "d002");
	CHECK(digit);
	digit[3] = '1';
	put_bytes("state/sessions/a/ledger.jsonl", (struct str){ text.data, text.len });
	CHECK_INT(run_verdict_standing(state_dirfd, "a", &one, &other, &ret, &err), -EKEYREJECTED);
	CHECK_INT(unlink(at("state/sessions/a/ledger.jsonl")), 0);
	CHECK_INT(run_verdict_standing(state_dirfd, "a", &one, &other, &ret, &err), -EBADMSG);
	CHECK(strstr(err.text, "session 'a' has no ledger"));
	end();
}

/* The least that judgement_read() takes. */
#define DOCUMENT(verdict) "{\"changeset\":\"" HEX("a001") "\",\"decisions\":[],\"input\":\"" HEX("0000") \
	"\",\"rules\":[],\"verdict\":\"" verdict "\",\"version\":1}"

TEST(a_document_that_no_record_names_is_none)
{
	static const char text[] = DOCUMENT("allow");
	struct session session = { .id = "a", .path = "/state/a" };
	struct digest digest = hash_bytes(text, strlen(text));
	enum run_verdict_standing ret;
	struct judgement judgement;
	char hex[DIGEST_HEX_SIZE];

	begin();
	session.dirfd = session_dirfd;
	CHECK_INT(run_verdict_read(&arena, &session, state_dirfd, &judgement, &ret, &err), -ENOENT);
	put("state/sessions/a/verdict.json", text);
	CHECK_INT(run_verdict_read(&arena, &session, state_dirfd, &judgement, &ret, &err), -EBADMSG);
	CHECK_TEXT(err.text,
		"session 'a': verdict.json is not what its ledger says: no record of a judgement names it");
	CHECK(strstr(err.hint, "(/state/a/verdict.json)") && strstr(err.hint, "`cordon rollback a`"));
	digest_to_hex(&digest, hex);
	record(HEX("a001"), hex);
	CHECK_INT(run_verdict_read(&arena, &session, state_dirfd, &judgement, &ret, &err), 0);
	CHECK_INT(ret, RUN_VERDICT_LAST);
	CHECK_INT(judgement.verdict, VERDICT_ALLOW);
	/* The same said in other bytes is another document. */
	put("state/sessions/a/verdict.json", " " DOCUMENT("allow"));
	CHECK_INT(run_verdict_read(&arena, &session, state_dirfd, &judgement, &ret, &err), -EBADMSG);
	put("state/sessions/a/verdict.json", DOCUMENT("maybe"));
	CHECK_INT(run_verdict_read(&arena, &session, state_dirfd, &judgement, &ret, &err), -EBADMSG);
	CHECK(strstr(err.text, "session 'a': verdict.json: "));
	end();
}

TEST_MAIN()
