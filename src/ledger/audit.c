// SPDX-License-Identifier: Apache-2.0
/*
 * audit.c - one ledger, checked line by line, wherever its lines come from
 *
 * As in view.c, one change is to be told once: after a line that is no record, or not the expected one, the
 * chain is taken up again with what that record says of itself.
 */
#include "ledger/audit.h"

#include "base/quote.h"
#include "ledger/ledger_internal.h"
#include "ledger/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void say(struct audit *audit, const struct ledger_problem *problem, const char *fmt, va_list args)
	PRINTF_LIKE(3, 0);

static void say(struct audit *audit, const struct ledger_problem *problem, const char *fmt, va_list args)
{
	struct ledger_problem whole = *problem;
	char text[ERROR_TEXT_MAX];

	whole.session = audit->session;
	whole.file = audit->file;
	vsnprintf(text, sizeof(text), fmt, args);
	ledger_report_problem(audit->report, &whole, "%s", text);
}

static void tell(struct audit *audit, enum ledger_problem_kind kind, uint64_t line, uint64_t sequence,
	const char *fmt, ...) PRINTF_LIKE(5, 6);

static void tell(struct audit *audit, enum ledger_problem_kind kind, uint64_t line, uint64_t sequence,
	const char *fmt, ...)
{
	const struct ledger_problem problem = { .kind = kind, .line = line, .sequence = sequence };
	va_list args;

	va_start(args, fmt);
	say(audit, &problem, fmt, args);
	va_end(args);
}

static void note(struct audit *audit, enum ledger_problem_kind kind, uint64_t line, uint64_t sequence,
	const char *fmt, ...) PRINTF_LIKE(5, 6);

static void note(struct audit *audit, enum ledger_problem_kind kind, uint64_t line, uint64_t sequence,
	const char *fmt, ...)
{
	const struct ledger_problem problem = {
		.kind = kind, .is_note = true, .line = line, .sequence = sequence,
	};
	va_list args;

	va_start(args, fmt);
	say(audit, &problem, fmt, args);
	va_end(args);
}

void audit_begin(struct audit *audit)
{
	const struct view_session *known = view_find(audit->view, str_from(audit->session));

	audit->claim = known ? known->first : NULL;
	audit->arena = (struct arena)ARENA_INIT(LEDGER_ARENA_BYTES);
	audit->report->summary.sessions++;
}

void audit_fini(struct audit *audit)
{
	arena_fini(&audit->arena);
}

/* Returns whether the record stands behind everything that was seen so far. */
static bool check_order(struct audit *audit, const struct ledger_record *record, uint64_t line)
{
	uint64_t sequence = record->sequence, last = audit->at.sequence, expected = last + 1 + audit->skipped;

	if (sequence <= last) {
		tell(audit, LEDGER_PROBLEM_MISPLACED, line, sequence,
			"record %" PRIu64 " stands behind record %" PRIu64 ": it was moved or inserted",
			sequence, last);
		return false;
	}
	if (sequence > expected)
		tell(audit, LEDGER_PROBLEM_MISSING, line, sequence,
			"records %" PRIu64 " to %" PRIu64 " are missing in front of this one", expected,
			sequence - 1);
	else if (sequence < expected)
		tell(audit, LEDGER_PROBLEM_MISPLACED, line - 1, 0,
			"the line between records %" PRIu64 " and %" PRIu64 " was inserted", last, sequence);
	else if (!audit->skipped && !digest_eq(&record->previous, &audit->at.hash))
		tell(audit, LEDGER_PROBLEM_UNCHAINED, line, sequence,
			"record %" PRIu64 " does not follow from record %" PRIu64
			": one of the two was changed",
			sequence, last);
	return true;
}

static void check_claims(struct audit *audit, const struct ledger_head *at, uint64_t line)
{
	for (; audit->claim && audit->claim->head.sequence <= at->sequence;
			audit->claim = audit->claim->next) {
		const struct view_claim *claim = audit->claim;

		if (claim->head.sequence != at->sequence)
			continue;
		if (!digest_eq(&claim->head.hash, &at->hash))
			tell(audit, LEDGER_PROBLEM_INDEX, line, at->sequence,
				"record %" PRIu64 " is not the one that the index saw (%s:%" PRIu64 ")",
				at->sequence, audit->view->file, claim->line);
		else if (claim->head.size_bytes != at->size_bytes)
			tell(audit, LEDGER_PROBLEM_INDEX, line, at->sequence,
				"record %" PRIu64 " does not end where the index saw it end (%s:%" PRIu64 ")",
				at->sequence, audit->view->file, claim->line);
	}
}

static void check_anchor(struct audit *audit, const struct ledger_record *record, uint64_t line)
{
	const struct json *anchor = json_get(record->fields, "index");
	uint64_t sequence;
	struct digest hash;

	if (!anchor)
		return;
	if (chain_read_count(anchor, "sequence", &sequence) < 0 ||
			chain_read_digest(anchor, "hash", &hash) < 0)
		tell(audit, LEDGER_PROBLEM_FIELDS, line, 1,
			"the first record's field 'index' is damaged");
	else if (!view_has_entry(audit->view, sequence, &hash))
		tell(audit, LEDGER_PROBLEM_INDEX, line, 1,
			"entry %" PRIu64
			" of the index, which this ledger began behind, is gone or another one: "
			"%s was cut or written anew",
			sequence, audit->view->file);
}

/* A repair is told as long as its record stands. */
static void check_repair(struct audit *audit, const struct ledger_record *record, uint64_t line)
{
	const struct json *fields = record->fields;

	if (json_get_bool(fields, "head_lost", false))
		tell(audit, LEDGER_PROBLEM_LOST, line, record->sequence,
			"the head file had been lost, so records in front of this one may be gone");
	if (json_get(fields, "lost_last"))
		tell(audit, LEDGER_PROBLEM_LOST, line, record->sequence,
			"records %" PRId64 " to %" PRId64 " had been lost when the ledger was continued here",
			json_get_int(fields, "lost_first", 0), json_get_int(fields, "lost_last", 0));
	if (json_get_int(fields, "torn_bytes", 0) > 0)
		note(audit, LEDGER_PROBLEM_TORN, line, record->sequence,
			"replaces %" PRId64 " bytes of a record that a crash left unfinished",
			json_get_int(fields, "torn_bytes", 0));
}

static void check_content(struct audit *audit, const struct ledger_record *record, uint64_t line)
{
	struct error err = ERROR_INIT;
	enum ledger_kind kind = ledger_kind_from_name(record->kind_name);

	if (record_check_kind(record, &err) < 0)
		tell(audit, LEDGER_PROBLEM_FIELDS, line, record->sequence, "%s", err.text);
	if (kind && ledger_kind_info(kind)->sync)
		audit->last_sync = record->sequence;
	if (kind == LEDGER_REPAIRED)
		check_repair(audit, record, line);
	if (record->sequence == 1)
		check_anchor(audit, record, line);
}

static void take_record(struct audit *audit, const struct ledger_record *record,
	const struct chain_line *line)
{
	if (!str_eq(record->session, str_from(audit->session)))
		tell(audit, LEDGER_PROBLEM_FOREIGN, line->number, record->sequence,
			"a record of session '%s'", quote_text(record->session).text);
	if (!check_order(audit, record, line->number)) {
		audit->at.size_bytes += line->text.len + 1;
		return;
	}
	audit->skipped = false;
	audit->at = (struct ledger_head){
		.sequence = record->sequence, .hash = record->hash,
		.size_bytes = audit->at.size_bytes + line->text.len + 1,
	};
	audit->report->summary.records++;
	check_content(audit, record, line->number);
	check_claims(audit, &audit->at, line->number);
	if (audit->head && audit->head->sequence == record->sequence &&
			(!digest_eq(&audit->head->hash, &record->hash) ||
			audit->head->size_bytes != audit->at.size_bytes))
		tell(audit, LEDGER_PROBLEM_HEAD, line->number, record->sequence,
			"record %" PRIu64 " is not the one that the head file names", record->sequence);
}

void audit_feed(struct audit *audit, const struct chain_line *line)
{
	struct ledger_record record;
	struct error err = ERROR_INIT;
	int r = -EBADMSG;

	if (line->state == CHAIN_LINE_TORN) {
		audit->torn_bytes = line->text.len;
		audit->torn_line = line->number;
		return;
	}
	if (line->state == CHAIN_LINE_WHOLE)
		r = record_parse(&audit->arena, line->text, &record, &err);
	else
		error_set(&err, r, "not a record: the line is longer than %d bytes", LEDGER_LINE_MAX);
	if (r < 0 && r != -EKEYREJECTED) {
		tell(audit, LEDGER_PROBLEM_MALFORMED, line->number, 0, "%s", err.text);
		audit->skipped = true;
		audit->at.size_bytes += line->end - line->offset;
	} else {
		if (r < 0)
			tell(audit, LEDGER_PROBLEM_CHANGED, line->number, record.sequence, "%s",
				err.text);
		take_record(audit, &record, line);
	}
	arena_reset(&audit->arena);
}

static void check_end_against_head(struct audit *audit)
{
	const struct ledger_head *head = audit->head, *at = &audit->at;

	if (!head) {
		tell(audit, LEDGER_PROBLEM_HEAD, 0, 0,
			"the head file is missing or damaged: records may be missing at the end");
		return;
	}
	if (head->sequence > at->sequence)
		tell(audit, LEDGER_PROBLEM_TRUNCATED, 0, at->sequence,
			"records %" PRIu64 " to %" PRIu64 " are missing at the end: the head file knows them",
			at->sequence + 1, head->sequence);
	if (audit->live || head->sequence >= at->sequence)
		return;
	if (head->sequence + 1 == at->sequence)
		note(audit, LEDGER_PROBLEM_HEAD, 0, at->sequence,
			"the head file does not know the last record: its writer died right after it");
	else
		tell(audit, LEDGER_PROBLEM_HEAD, 0, at->sequence,
			"the head file knows records up to %" PRIu64
			" only, and the ledger goes on to %" PRIu64,
			head->sequence, at->sequence);
}

static void check_end_against_index(struct audit *audit)
{
	const struct view_session *known = view_find(audit->view, str_from(audit->session));
	const struct view_claim *last = known ? known->last : NULL;
	/* What the head file does not know yet, the index need not know either. */
	uint64_t settled = audit->head ? audit->head->sequence : audit->at.sequence;

	if (last && last->head.sequence > audit->at.sequence)
		tell(audit, LEDGER_PROBLEM_TRUNCATED, 0, audit->at.sequence,
			"records %" PRIu64 " to %" PRIu64
			" are missing at the end: the index knows them (%s:%" PRIu64 ")",
			audit->at.sequence + 1, last->head.sequence, audit->view->file, last->line);
	if (!last && settled)
		tell(audit, LEDGER_PROBLEM_INDEX, 0, 0,
			"the index does not know this ledger: %s was cut or written anew", audit->view->file);
	else if (last && audit->last_sync <= settled && last->head.sequence < audit->last_sync)
		tell(audit, LEDGER_PROBLEM_INDEX, 0, audit->last_sync,
			"the index does not know record %" PRIu64
			", which was entered there: %s was cut or written anew",
			audit->last_sync, audit->view->file);
}

void audit_finish(struct audit *audit)
{
	/*
	 * Created, and then nothing happened, or it died in its very first record: nobody was ever told of
	 * one.
	 */
	bool never_began = !audit->at.sequence && !audit->skipped &&
		(!audit->head || !audit->head->sequence) &&
		!view_find(audit->view, str_from(audit->session));

	if (audit->torn_bytes && !audit->live && never_began)
		note(audit, LEDGER_PROBLEM_TORN, audit->torn_line, 1,
			"the first record was never finished: %" PRIu64 " bytes", audit->torn_bytes);
	else if (audit->torn_bytes && !audit->live)
		tell(audit, LEDGER_PROBLEM_TORN, audit->torn_line, audit->at.sequence + 1,
			"the last line is unfinished: %" PRIu64 " bytes without an end", audit->torn_bytes);
	if (never_began)
		return;
	check_end_against_head(audit);
	check_end_against_index(audit);
}
