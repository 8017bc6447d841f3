// SPDX-License-Identifier: Apache-2.0
/*
 * bundle.c - checking an exported bundle
 *
 * First the last line and the digest over everything before it; then line by line: the frame decides whether
 * a line belongs to the index or to a ledger, and view.c and audit.c judge it.
 */
#include "ledger/bundle.h"

#include "kern/file.h"
#include "ledger/audit.h"
#include "ledger/chain.h"
#include "ledger/index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	BUNDLE_VERSION = 1,
	CHUNK_BYTES = 64 << 10,
	FRAME_ARENA_BYTES = 1 << 20,
	END_LINE_MAX = 256,
};

enum section {
	SECTION_NONE,			/* nothing was read */
	SECTION_INDEX,
	SECTION_BETWEEN,		/* behind a session */
	SECTION_SESSION,
	SECTION_END,
};

struct bundle {
	int fd;
	const char *name;
	struct ledger_report *report;
	enum section section;
	struct view view;
	struct audit audit;
	struct ledger_head head;
	char session[LEDGER_NAME_MAX + 1];
	struct arena arena;		/* for one frame line */
};

static void bundle_scope_exit(struct bundle *bundle)
{
	view_fini(&bundle->view);
	audit_fini(&bundle->audit);
	arena_fini(&bundle->arena);
}

static void tell(struct bundle *bundle, uint64_t line, const char *text)
{
	const struct ledger_problem problem = { .kind = LEDGER_PROBLEM_BUNDLE,
		.file = bundle->name,
		.line = line };

	ledger_report_problem(bundle->report, &problem, "%s", text);
}

static int hash_file(int fd, uint64_t end, struct digest *ret)
{
	char chunk[CHUNK_BYTES];
	struct hash hash;
	uint64_t at = 0;

	hash_init(&hash);
	while (at < end) {
		ssize_t n = kern_pread(fd, chunk, (size_t)MIN(end - at, (uint64_t)CHUNK_BYTES), (off_t)at);

		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		hash_update(&hash, chunk, (size_t)n);
		at += (uint64_t)n;
	}
	*ret = hash_final(&hash);
	return 0;
}

/* The last line has to be exactly the one that ends this bundle. */
static int check_end(struct bundle *bundle, uint64_t size, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(CHAIN_TAIL_BYTES(LEDGER_LINE_MAX));
	char wanted[END_LINE_MAX], hex[DIGEST_HEX_SIZE];
	struct str last, torn, prefix;
	struct digest digest;
	int r = chain_find_tail(bundle->fd, size, LEDGER_LINE_MAX, &buf, &last, &torn);

	if (r == -EBADMSG || (r >= 0 && (torn.len || !str_starts_with(last, STR("{\"bundle\":\"end\","))))) {
		tell(bundle, 0, "the bundle was cut: its last line is missing");
		return 0;
	}
	if (r >= 0)
		r = hash_file(bundle->fd, size - last.len - 1, &digest);
	if (r < 0)
		return error_sys(err, r, "reading %s", bundle->name);
	digest_to_hex(&digest, hex);
	snprintf(wanted, sizeof(wanted), "{\"bundle\":\"end\",\"digest\":\"%s\",\"lines\":", hex);
	prefix = str_from(wanted);
	if (!str_starts_with(last, prefix))
		tell(bundle, 0, "the bundle was changed: its digest is not the one of its last line");
	return 0;
}

static void end_session(struct bundle *bundle, bool live, uint64_t torn_bytes, uint64_t line)
{
	struct chain_line torn = { .state = CHAIN_LINE_TORN, .text.len = torn_bytes, .number = line };

	bundle->audit.live = live;
	if (torn_bytes)
		audit_feed(&bundle->audit, &torn);
	audit_finish(&bundle->audit);
	audit_fini(&bundle->audit);
	bundle->section = SECTION_BETWEEN;
}

static bool take_begin(struct bundle *bundle, const struct json *frame)
{
	static const char *const names[] = { "bundle", "time", "version" };
	uint64_t ignored_ns;

	if (bundle->section != SECTION_NONE || !chain_has_members(frame, names, ARRAY_SIZE(names)) ||
			chain_read_time(frame, "time", &ignored_ns) < 0 ||
			json_get_int(frame, "version", 0) != BUNDLE_VERSION)
		return false;
	bundle->section = SECTION_INDEX;
	return true;
}

static bool take_session_begin(struct bundle *bundle, const struct json *frame)
{
	static const char *const names[] = { "bundle", "head", "session" };
	const struct json *head = json_get(frame, "head");
	bool has_head = head && head->type != JSON_NULL;
	struct str session;

	if ((bundle->section != SECTION_INDEX && bundle->section != SECTION_BETWEEN) ||
			!chain_has_members(frame, names, ARRAY_SIZE(names)) ||
			chain_read_text(frame, "session", &session) < 0 ||
			!chain_name_is_valid(session, false) ||
			(has_head && chain_read_digest(head, "hash", &bundle->head.hash) < 0) ||
			(has_head && chain_read_count(head, "sequence", &bundle->head.sequence) < 0) ||
			(has_head && chain_read_count(head, "size", &bundle->head.size_bytes) < 0))
		return false;
	snprintf(bundle->session, sizeof(bundle->session), "%.*s", STR_FMT(session));
	bundle->audit = (struct audit){
		.report = bundle->report, .view = &bundle->view, .session = bundle->session,
		.file = bundle->name, .head = has_head ? &bundle->head : NULL,
	};
	audit_begin(&bundle->audit);
	bundle->section = SECTION_SESSION;
	return true;
}

static bool take_session_end(struct bundle *bundle, const struct json *frame, uint64_t line)
{
	static const char *const names[] = { "bundle", "live", "session", "torn" };
	const struct json *live = json_get(frame, "live");
	uint64_t torn_bytes;
	struct str session;

	if (bundle->section != SECTION_SESSION || !chain_has_members(frame, names, ARRAY_SIZE(names)) ||
			chain_read_text(frame, "session", &session) < 0 ||
			!str_eq(session, str_from(bundle->session)) ||
			chain_read_count(frame, "torn", &torn_bytes) < 0 || live->type != JSON_BOOL)
		return false;
	end_session(bundle, live->boolean, torn_bytes, line);
	return true;
}

/* Its digest was compared by check_end(). */
static bool take_end(struct bundle *bundle, const struct json *frame, uint64_t line)
{
	static const char *const names[] = { "bundle", "digest", "lines" };

	if ((bundle->section != SECTION_INDEX && bundle->section != SECTION_BETWEEN) ||
			!chain_has_members(frame, names, ARRAY_SIZE(names)) ||
			json_get_int(frame, "lines", -1) != (int64_t)line - 1)
		return false;
	bundle->section = SECTION_END;
	return true;
}

static bool take_frame(struct bundle *bundle, const struct chain_line *line)
{
	const struct json *frame;
	struct str word;

	arena_reset(&bundle->arena);
	if (json_read(&bundle->arena, line->text, JSON_READ_STRICT, &frame, NULL) < 0 ||
			chain_read_text(frame, "bundle", &word) < 0)
		return false;
	if (str_eq(word, STR("begin")))
		return take_begin(bundle, frame);
	if (str_eq(word, STR("session-begin")))
		return take_session_begin(bundle, frame);
	if (str_eq(word, STR("session-end")))
		return take_session_end(bundle, frame, line->number);
	return str_eq(word, STR("end")) && take_end(bundle, frame, line->number);
}

static int take_line(struct bundle *bundle, const struct chain_line *line)
{
	if (str_starts_with(line->text, STR("{\"bundle\":"))) {
		if (!take_frame(bundle, line))
			tell(bundle, line->number,
				"a line of the bundle's frame is damaged, or in the wrong place");
		return 0;
	}
	if (bundle->section == SECTION_SESSION)
		audit_feed(&bundle->audit, line);
	else if (bundle->section == SECTION_INDEX && line->state != CHAIN_LINE_TORN)
		return view_feed(&bundle->view, line);
	else
		tell(bundle, line->number, "a line that belongs to no part of the bundle");
	return 0;
}

static int take_lines(struct bundle *bundle, uint64_t size)
{
	scoped(chain_lines) struct chain_lines lines;
	struct chain_line line;
	int r;

	chain_lines_init(&lines, bundle->fd, 0, size, LEDGER_LINE_MAX);
	while ((r = chain_lines_next(&lines, &line)) > 0) {
		r = take_line(bundle, &line);
		if (r < 0)
			return r;
	}
	return r;
}

int ledger_verify_bundle(int fd, const char *name, struct ledger_report *report, struct error *err)
{
	scoped(bundle) struct bundle bundle = {
		.fd = fd, .name = name, .report = report, .arena = ARENA_INIT(FRAME_ARENA_BYTES),
	};
	uint64_t size;
	int r;

	view_init(&bundle.view, report, name);
	r = chain_size(fd, &size);
	if (r < 0)
		return error_sys(err, r, "reading %s", name);
	r = check_end(&bundle, size, err);
	if (r < 0)
		return r;
	r = take_lines(&bundle, size);
	if (r < 0)
		return error_sys(err, r, "reading %s", name);
	if (bundle.section == SECTION_SESSION)
		end_session(&bundle, false, 0, 0);
	return 0;
}
