// SPDX-License-Identifier: Apache-2.0
/*
 * open.c - continuing a ledger that somebody else wrote
 *
 * What is looked at is the end of the chain: the record that the head file names, and whatever follows it.
 * The whole chain is for `cordon audit verify`. There are four ends that a ledger can have:
 *
 *   - the record of the head file is the last one: the usual case
 *   - further records follow, each chained to the one before: the writer died before it could update the head
 *   - bytes without a newline follow: the writer died, or the disk was full, in the middle of a line. Nobody
 *     was told that this record exists, so nothing that it speaks of has happened. It is replaced by a record
 *     that holds its bytes
 *   - the head file is ahead, or is no head file: records are gone, or may be. Only on request is such a
 *     ledger continued, with a record that says so and that every verification reports
 *
 * Anything else is a broken chain, which takes no record at all.
 */
#include "ledger/ledger_internal.h"

#include "kern/file.h"
#include "ledger/head.h"
#include "ledger/record.h"

#include <errno.h>
#include <fcntl.h>

static int broken(const struct ledger *ledger, struct error *err, const char *what)
{
	error_set(err, -EBADMSG, "the ledger of session '%s' is broken: %s", ledger->session, what);
	error_hint(err, "Nothing more can be recorded for this session. Look with: cordon audit verify %s",
		ledger->session);
	return -EBADMSG;
}

/* Reads a line that has to be this ledger's; its chain is for the caller. */
static int parse_own(struct ledger *ledger, struct str text, struct ledger_record *ret, struct error *err)
{
	int r = record_parse(&ledger->arena, text, ret, err);

	if (r < 0)
		return error_wrap(err, -EBADMSG, "the ledger of session '%s' is broken", ledger->session);
	if (!str_eq(ret->session, str_from(ledger->session)))
		return broken(ledger, err, "it holds the record of another session");
	return 0;
}

/* The last whole record in front of @end, and the torn bytes between it and @end. */
static int read_last(struct ledger *ledger, uint64_t end, struct buf *buf, struct ledger_head *ret_head,
	struct str *ret_torn, struct error *err)
{
	struct ledger_record record;
	struct str last;
	int r = chain_find_tail(ledger->fd, end, LEDGER_LINE_MAX, buf, &last, ret_torn);

	if (r == -EBADMSG || (r >= 0 && !last.len))
		return broken(ledger, err, "there is no record at its end");
	if (r < 0)
		return error_sys(err, r, "reading the ledger of session '%s'", ledger->session);
	r = parse_own(ledger, last, &record, err);
	if (r < 0)
		return r;
	*ret_head = (struct ledger_head){
		.sequence = record.sequence, .hash = record.hash, .size_bytes = end - ret_torn->len,
	};
	return 0;
}

/* Follows the chain from ledger->head to the end of the file; what is torn there is copied into @torn. */
static int follow(struct ledger *ledger, uint64_t size, struct buf *torn, struct error *err)
{
	scoped(chain_lines) struct chain_lines lines;
	struct ledger_record record;
	struct chain_line line;
	int r;

	chain_lines_init(&lines, ledger->fd, ledger->head.size_bytes, size, LEDGER_LINE_MAX);
	while ((r = chain_lines_next(&lines, &line)) > 0) {
		if (line.state == CHAIN_LINE_TORN)
			return buf_append(torn, line.text.data, line.text.len);
		if (line.state == CHAIN_LINE_LONG)
			return broken(ledger, err, "it holds a line that is too long");
		r = parse_own(ledger, line.text, &record, err);
		if (r < 0)
			return r;
		if (record.sequence != ledger->head.sequence + 1 ||
				!digest_eq(&record.previous, &ledger->head.hash))
			return broken(ledger, err, "a record at its end does not follow from the one before");
		ledger->head = (struct ledger_head){
			.sequence = record.sequence, .hash = record.hash, .size_bytes = line.end,
		};
		arena_reset(&ledger->arena);
	}
	return r < 0 ? error_sys(err, r, "reading the ledger of session '%s'", ledger->session) : 0;
}

/* The head file names a place in the file: is its record there? */
static int check_head(struct ledger *ledger, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(CHAIN_TAIL_BYTES(LEDGER_LINE_MAX));
	struct ledger_head last;
	struct str torn;
	int r;

	if (!ledger->head.sequence)
		return ledger->head.size_bytes ? broken(ledger, err, "its head file contradicts itself") : 0;
	r = read_last(ledger, ledger->head.size_bytes, &buf, &last, &torn, err);
	if (r < 0)
		return r;
	if (torn.len || last.sequence != ledger->head.sequence || !digest_eq(&last.hash, &ledger->head.hash))
		return broken(ledger, err, "its head file names another record than the one that is there");
	return 0;
}

/* The head file is ahead of the ledger: continue behind the last record that is left. */
static int step_back(struct ledger *ledger, uint64_t size, struct buf *torn, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(CHAIN_TAIL_BYTES(LEDGER_LINE_MAX));
	struct ledger_head last;
	struct str rest;
	int r = read_last(ledger, size, &buf, &last, &rest, err);

	if (r < 0)
		return r;
	if (last.sequence >= ledger->head.sequence)
		return broken(ledger, err, "its head file names another record than the one that is there");
	ledger->repair.lost_count = ledger->head.sequence - last.sequence;
	ledger->head = last;
	return buf_append(torn, rest.data, rest.len);
}

/* @ret_head is what the head file says, all-zero where it says nothing. */
static int find_end(struct ledger *ledger, uint64_t size, struct ledger_head *ret_head, struct buf *torn,
	struct error *err)
{
	int r = ledger->head_fd < 0 ? -EBADMSG : head_read(ledger->head_fd, ledger->session, ret_head);

	if (r < 0 && r != -EBADMSG)
		return error_sys(err, r, "reading the head of the ledger of session '%s'", ledger->session);
	ledger->repair.head_lost = r < 0;
	ledger->head = *ret_head;
	if (ledger->head.size_bytes > size)
		return step_back(ledger, size, torn, err);
	r = check_head(ledger, err);
	return r < 0 ? r : follow(ledger, size, torn, err);
}

static const struct json *describe_repair(struct ledger *ledger, struct str torn,
	const struct ledger_head *lost)
{
	struct json_object_builder builder;
	struct digest digest = hash_bytes(torn.data, torn.len);
	char hex[DIGEST_HEX_SIZE];

	json_object_begin(&builder, &ledger->arena);
	json_object_add_int(&builder, "torn_bytes", (int64_t)torn.len);
	if (torn.len) {
		digest_to_hex(&digest, hex);
		json_object_add_text(&builder, "torn_digest", hex);
		json_object_add(&builder, "torn", json_new_bytes(&ledger->arena, torn));
	}
	if (ledger->repair.lost_count) {
		digest_to_hex(&lost->hash, hex);
		json_object_add_int(&builder, "lost_first", (int64_t)ledger->head.sequence + 1);
		json_object_add_int(&builder, "lost_last", (int64_t)lost->sequence);
		json_object_add_text(&builder, "lost_hash", hex);
	}
	if (ledger->repair.head_lost)
		json_object_add_bool(&builder, "head_lost", true);
	return json_object_end(&builder);
}

static int write_repair(struct ledger *ledger, struct str torn, const struct ledger_head *lost,
	size_t torn_bytes, struct error *err)
{
	const struct json *fields = describe_repair(ledger, torn, lost);
	int r = fields ? ledger_fields_check(LEDGER_REPAIRED, fields, err) :
		error_set(err, -ENOMEM, "no room for the repair of a ledger");

	if (r >= 0)
		r = ledger_write_record(ledger, LEDGER_REPAIRED, fields, torn_bytes, err);
	if (r >= 0)
		r = ledger_settle_record(ledger, true, err);
	arena_reset(&ledger->arena);
	return r;
}

static int repair(struct ledger *ledger, unsigned flags, struct str torn, const struct ledger_head *lost,
	struct error *err)
{
	ledger->repair.torn_bytes = torn.len;
	if (!torn.len && !ledger->repair.lost_count && !ledger->repair.head_lost)
		return 0;
	if ((ledger->repair.lost_count || ledger->repair.head_lost) && !(flags & LEDGER_OPEN_ACCEPT_LOSS))
		return broken(ledger, err, ledger->repair.head_lost ? "its head file is missing or damaged" :
			"records at its end are gone");
	if (ledger->head_fd < 0) {
		ledger->head_fd = kern_open(ledger->session_dirfd, HEAD_NAME,
			O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
		if (ledger->head_fd < 0)
			return error_sys(err, ledger->head_fd,
				"creating the head of the ledger of session '%s'", ledger->session);
	}
	return write_repair(ledger, torn, lost, torn.len, err);
}

/*
 * Finds the end, and repairs it. Where no record was ever finished, the head stays at sequence 0, @torn may
 * hold what was left of one, and nothing is repaired.
 */
static int continue_ledger(struct ledger *ledger, unsigned flags, struct buf *torn, struct error *err)
{
	struct ledger_head lost = { 0 };
	uint64_t size;
	int r = chain_size(ledger->fd, &size);

	if (r < 0)
		return error_sys(err, r, "reading the ledger of session '%s'", ledger->session);
	r = find_end(ledger, size, &lost, torn, err);
	if (r < 0)
		return r;
	if (ledger->head.sequence)
		r = repair(ledger, flags, (struct str){ .data = buf_text(torn), .len = torn->len }, &lost,
			err);
	else
		ledger->repair = (struct ledger_repair){ .torn_bytes = torn->len };
	ledger->indexed_sequence = ledger->head.sequence;
	return r;
}

int ledger_open(struct ledger *ledger, const struct ledger_place *place, unsigned flags, struct error *err)
{
	scoped(buf) struct buf torn = BUF_INIT(LEDGER_LINE_MAX);
	int r = ledger_init(ledger, place, err);

	if (r < 0)
		return r;
	r = ledger_open_files(ledger, 0, LEDGER_OPEN_WAIT_MS, err);
	if (r >= 0)
		r = continue_ledger(ledger, flags, &torn, err);
	if (r >= 0 && !ledger->head.sequence)
		r = error_set(err, -ENODATA, "the ledger of session '%s' is empty: the session never began",
			ledger->session);
	ledger->failed = r < 0;
	return r;
}

static int begin_user(struct ledger *ledger, const char *user, uint64_t uid, struct str torn,
	struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(4096);
	const struct ledger_head lost = { 0 };
	struct json_object_builder fields;
	int r = head_write(ledger->head_fd, &ledger->head, ledger->session);

	if (r < 0)
		return error_sys(err, r, "writing the head of the user's ledger");
	json_object_begin(&fields, &arena);
	json_object_add_text(&fields, "user", user);
	json_object_add_int(&fields, "uid", (int64_t)uid);
	ledger->failed = false;
	r = ledger_append(ledger, LEDGER_USER_LEDGER, json_object_end(&fields), 0, err);
	return r >= 0 && torn.len ? write_repair(ledger, torn, &lost, 0, err) : r;
}

int ledger_open_user(struct ledger *ledger, int state_dirfd, const char *actor, const char *user,
	uint64_t uid, struct error *err)
{
	struct ledger_place place = {
		.state_dirfd = state_dirfd, .session = LEDGER_USER_SESSION, .actor = actor,
	};
	scoped(buf) struct buf torn = BUF_INIT(LEDGER_LINE_MAX);
	int r = kern_mkdirat(state_dirfd, LEDGER_USER_SESSION, 0700);

	if (r < 0 && r != -EEXIST)
		return error_sys(err, r, "creating the directory of the user's ledger");
	r = kern_open(state_dirfd, LEDGER_USER_SESSION, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (r < 0)
		return error_sys(err, r, "opening the directory of the user's ledger");
	place.session_dirfd = r;
	r = ledger_init(ledger, &place, err);
	ledger->owned_dirfd = place.session_dirfd;
	if (r >= 0)
		r = ledger_open_files(ledger, O_CREAT, CHAIN_LOCK_WAIT_MS, err);
	if (r >= 0)
		r = continue_ledger(ledger, 0, &torn, err);
	if (r >= 0 && !ledger->head.sequence)
		return begin_user(ledger, user, uid, (struct str){ .data = buf_text(&torn), .len = torn.len },
			err);
	ledger->failed = r < 0;
	return r;
}
