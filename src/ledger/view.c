// SPDX-License-Identifier: Apache-2.0
/*
 * view.c - the index as a whole, in memory, for verification
 *
 * After a line that is no entry, or one that is out of order, the chain is taken up again with what the next
 * entry says of itself, so that one change is told once and not for every line behind it.
 */
#include "ledger/view.h"

#include "kern/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
	SESSIONS_MAX = 1 << 22,
	LINE_ARENA_BYTES = 1 << 20,
};

void view_init(struct view *view, struct ledger_report *report, const char *file)
{
	uint64_t seed[2];

	kern_random(seed, sizeof(seed));
	*view = (struct view){
		.report = report, .file = file, .arena = ARENA_INIT(VIEW_BYTES_MAX),
		.sessions = MAP_INIT(SESSIONS_MAX, seed[0], seed[1]),
	};
}

void view_fini(struct view *view)
{
	arena_fini(&view->arena);
	map_fini(&view->sessions);
	free(view->hashes);
	*view = (struct view){ 0 };
}

struct view_session *view_find(const struct view *view, struct str name)
{
	return map_get(&view->sessions, name.data, name.len);
}

bool view_has_entry(const struct view *view, uint64_t sequence, const struct digest *hash)
{
	return sequence && sequence <= view->hash_count && digest_eq(&view->hashes[sequence - 1], hash);
}

static void tell(struct view *view, enum ledger_problem_kind kind, uint64_t line, uint64_t sequence,
	const char *text)
{
	const struct ledger_problem problem = { .kind = kind,
		.file = view->file,
		.line = line,
		.sequence = sequence };

	ledger_report_problem(view->report, &problem, "%s", text);
}

static struct view_session *add_session(struct view *view, struct str name)
{
	struct view_session *session = view_find(view, name);

	if (session)
		return session;
	session = arena_alloc(&view->arena, sizeof(*session));
	if (!session)
		return NULL;
	session->name = (struct str){ .data = arena_copy(&view->arena, name.data, name.len),
		.len = name.len };
	if (!session->name.data || map_put(&view->sessions, session->name.data, name.len, session) < 0)
		return NULL;
	if (view->last)
		view->last->next = session;
	else
		view->first = session;
	view->last = session;
	return session;
}

static int add_claim(struct view *view, const struct index_entry *entry, uint64_t line)
{
	struct view_session *session = add_session(view, entry->session);
	struct view_claim *claim = arena_alloc(&view->arena, sizeof(*claim));

	if (!session || !claim)
		return -EMSGSIZE;
	*claim = (struct view_claim){ .head = entry->head, .line = line };
	if (session->last)
		session->last->next = claim;
	else
		session->first = claim;
	session->last = claim;
	session->removed = entry->event == INDEX_REMOVED;
	return 0;
}

/* Entries that are missing leave zeros, which are nobody's hash. */
static int keep_hash(struct view *view, uint64_t sequence, const struct digest *hash)
{
	size_t room = view->hash_room ?: 64;

	if (sequence > VIEW_BYTES_MAX / DIGEST_BYTES)
		return -EMSGSIZE;
	while (room < sequence)
		room *= 2;
	if (room > view->hash_room) {
		view->hashes = reallocarray(view->hashes, room, sizeof(*view->hashes));
		if (!view->hashes)
			abort();
		view->hash_room = room;
	}
	memset(view->hashes + view->hash_count, 0, (sequence - view->hash_count) * sizeof(*view->hashes));
	view->hashes[sequence - 1] = *hash;
	view->hash_count = sequence;
	return 0;
}

/* Returns whether the entry stands behind everything that was seen so far. */
static bool check_order(struct view *view, const struct index_entry *entry, uint64_t line)
{
	uint64_t expected = view->sequence + 1 + view->skipped;

	if (entry->sequence <= view->sequence) {
		tell(view, LEDGER_PROBLEM_MISPLACED, line, entry->sequence,
			"an entry that stands too late, or twice");
		return false;
	}
	if (entry->sequence != expected)
		tell(view, LEDGER_PROBLEM_MISSING, line, entry->sequence,
			"entries in front of this one are missing");
	else if (!view->skipped && !digest_eq(&entry->previous, &view->previous))
		tell(view, LEDGER_PROBLEM_UNCHAINED, line, entry->sequence,
			"the entry does not follow from the one before: one of the two was changed");
	return true;
}

int view_feed(struct view *view, const struct chain_line *line)
{
	scoped(arena) struct arena arena = ARENA_INIT(LINE_ARENA_BYTES);
	struct index_entry entry;
	struct error err = ERROR_INIT;
	int r = -EBADMSG;

	if (line->state == CHAIN_LINE_WHOLE)
		r = index_parse(&arena, line->text, &entry, &err);
	else
		error_set(&err, r, "not an entry of the index: the line is too long");
	if (r < 0 && r != -EKEYREJECTED) {
		tell(view, LEDGER_PROBLEM_MALFORMED, line->number, 0, err.text);
		view->skipped = true;
		return 0;
	}
	if (r < 0)
		tell(view, LEDGER_PROBLEM_CHANGED, line->number, entry.sequence, err.text);
	view->report->summary.entries++;
	if (!check_order(view, &entry, line->number))
		return 0;
	view->skipped = false;
	view->sequence = entry.sequence;
	view->previous = entry.hash;
	r = keep_hash(view, entry.sequence, &entry.hash);
	return r < 0 ? r : add_claim(view, &entry, line->number);
}

int view_refresh(struct view *view, int fd, uint64_t *ret_torn)
{
	scoped(chain_lines) struct chain_lines lines;
	struct chain_line line;
	int r;

	*ret_torn = 0;
	chain_lines_init(&lines, fd, view->offset, UINT64_MAX, INDEX_LINE_MAX);
	while ((r = chain_lines_next(&lines, &line)) > 0) {
		if (line.state == CHAIN_LINE_TORN) {
			*ret_torn = line.text.len;
			return 0;
		}
		line.number = ++view->line;
		r = view_feed(view, &line);
		if (r < 0)
			return r;
		view->offset = line.end;
	}
	return r;
}
