// SPDX-License-Identifier: Apache-2.0
/*
 * ledger.c - writing records
 *
 * The order of one append, and why: the line; then, if asked for, its sync; then the index, which must never
 * vouch for a record that a power cut could still take; then the head file, which speaks for both. A crash
 * between any two steps leaves a ledger that ledger_open() continues. `failed` is set before the first step
 * and cleared after the last.
 */
#include "ledger/ledger_internal.h"

#include "kern/clock.h"
#include "kern/file.h"
#include "ledger/head.h"
#include "ledger/index.h"
#include "ledger/omitted.h"
#include "ledger/record.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

int ledger_init(struct ledger *ledger, const struct ledger_place *place, struct error *err)
{
	struct str session = str_from(place->session), actor = str_from(place->actor);

	*ledger = (struct ledger)LEDGER_INIT;
	if (!chain_name_is_valid(session, false))
		return error_set(err, -EINVAL, "not the name of a session");
	if (!chain_name_is_valid(actor, true))
		return error_set(err, -EINVAL, "not the name of one who writes a ledger");
	memcpy(ledger->session, session.data, session.len);
	memcpy(ledger->actor, actor.data, actor.len);
	ledger->session_dirfd = place->session_dirfd;
	ledger->state_dirfd = place->state_dirfd;
	/* Until it is open, and after it was refused, nothing can be appended by mistake. */
	ledger->failed = true;
	ledger->arena = (struct arena)ARENA_INIT(LEDGER_ARENA_BYTES);
	ledger->line = (struct buf)BUF_INIT(LEDGER_LINE_MAX);
	return 0;
}

int ledger_open_files(struct ledger *ledger, int flags, unsigned wait_ms, struct error *err)
{
	int r = kern_open(ledger->session_dirfd, LEDGER_NAME, O_RDWR | O_APPEND | O_NOFOLLOW | flags, 0600);

	if (r < 0)
		return error_sys(err, r, "opening the ledger of session '%s'", ledger->session);
	ledger->fd = r;
	r = chain_lock(ledger->fd, wait_ms);
	if (r < 0) {
		error_sys(err, r, "locking the ledger of session '%s'", ledger->session);
		error_hint(err, "Wait until the session has ended, or the other cordon command on it.");
		return r;
	}
	r = kern_open(ledger->session_dirfd, HEAD_NAME, O_RDWR | O_NOFOLLOW | flags, 0600);
	if (r < 0 && r != -ENOENT)
		return error_sys(err, r, "opening the head of the ledger of session '%s'", ledger->session);
	ledger->head_fd = r < 0 ? -1 : r;
	r = index_open(ledger->state_dirfd, err);
	if (r < 0)
		return r;
	ledger->index_fd = r;
	return 0;
}

int ledger_create(struct ledger *ledger, const struct ledger_place *place, struct error *err)
{
	int r = ledger_init(ledger, place, err);

	if (r < 0)
		return r;
	r = ledger_open_files(ledger, O_CREAT | O_EXCL, LEDGER_OPEN_WAIT_MS, err);
	if (r < 0)
		return r;
	r = head_write(ledger->head_fd, &ledger->head, ledger->session);
	if (r < 0)
		return error_sys(err, r, "writing the head of the ledger of session '%s'", ledger->session);
	ledger->failed = false;
	return 0;
}

/* The first record vouches for the index as it is now. */
static const struct json *add_anchor(struct ledger *ledger, const struct json *fields, struct error *err)
{
	struct json_object_builder builder, form;
	const struct json *with_anchor;
	struct index_anchor anchor;
	char hex[DIGEST_HEX_SIZE];
	int r = index_find_anchor(ledger->index_fd, &anchor);

	if (r < 0) {
		error_sys(err, r, "reading the end of " INDEX_NAME);
		return NULL;
	}
	if (!anchor.sequence)
		return fields;
	digest_to_hex(&anchor.hash, hex);
	json_object_begin(&form, &ledger->arena);
	json_object_add_text(&form, "hash", hex);
	json_object_add_int(&form, "sequence", (int64_t)anchor.sequence);
	json_object_begin(&builder, &ledger->arena);
	for (size_t i = 0; i < fields->object.count; i++)
		json_object_add_value(&builder, fields->object.members[i].key,
			fields->object.members[i].value);
	json_object_add(&builder, "index", json_object_end(&form));
	with_anchor = json_object_end(&builder);
	if (!with_anchor)
		error_set(err, -EINVAL,
			"the first record of a ledger gets its field 'index' from the ledger alone");
	return with_anchor;
}

/* The line for @record, with large values left out where there is no other way. */
static int render(struct ledger *ledger, enum ledger_kind kind, struct ledger_record *record,
	struct digest *ret_hash, struct error *err)
{
	const struct json empty = { .type = JSON_OBJECT }, *fields = record->fields;
	size_t envelope;
	int r = record_render(&ledger->line, record, ret_hash);

	if (r >= 0)
		return 0;
	record->fields = &empty;
	r = record_render(&ledger->line, record, ret_hash);
	assert(r >= 0);
	envelope = ledger->line.len - 2;
	r = omitted_fit(&ledger->arena, kind, fields, LEDGER_LINE_MAX - envelope, &record->fields, err);
	if (r < 0)
		return r;
	r = record_render(&ledger->line, record, ret_hash);
	assert(r >= 0);
	return 0;
}

int ledger_write_record(struct ledger *ledger, enum ledger_kind kind, const struct json *fields,
	size_t torn_bytes, struct error *err)
{
	struct ledger_record record = {
		.sequence = ledger->head.sequence + 1,
		.time_ns = kern_clock_real_ns() / NS_PER_US * NS_PER_US, .session = str_from(ledger->session),
		.actor = str_from(ledger->actor), .kind_name = str_from(ledger_kind_name(kind)),
		.fields = fields, .previous = ledger->head.hash,
	};
	uint64_t size = ledger->head.size_bytes;
	struct digest hash;
	struct str line;
	int r = render(ledger, kind, &record, &hash, err);

	if (r < 0)
		return r;
	ledger->failed = true;
	line = (struct str){ .data = ledger->line.data, .len = ledger->line.len };
	r = torn_bytes ? chain_replace_torn(ledger->fd, size, size + torn_bytes, line) :
		chain_append(ledger->fd, size, line);
	if (r < 0)
		return error_sys(err, r, "writing to the ledger of session '%s'", ledger->session);
	ledger->head = (struct ledger_head){
		.sequence = record.sequence, .hash = hash, .size_bytes = size + line.len,
	};
	return 0;
}

/* The names of the files are synced once; the session directory's own name is for whoever made it. */
static int sync_record(struct ledger *ledger)
{
	int r = kern_fdatasync(ledger->fd);

	if (r >= 0 && !ledger->directory_synced) {
		r = kern_fsync(ledger->session_dirfd);
		if (r >= 0)
			r = kern_fsync(ledger->state_dirfd);
		ledger->directory_synced = r >= 0;
	}
	return r;
}

static int put_in_index(struct ledger *ledger, enum index_event event, bool sync, struct error *err)
{
	int r = index_append(ledger->index_fd, &ledger->line, event, ledger->session, &ledger->head, err);

	if (r < 0)
		return r;
	r = sync ? kern_fdatasync(ledger->index_fd) : 0;
	if (r < 0)
		return error_sys(err, r, "writing " INDEX_NAME " to the disk");
	ledger->indexed_sequence = ledger->head.sequence;
	return 0;
}

int ledger_settle_record(struct ledger *ledger, bool sync, struct error *err)
{
	bool first = ledger->head.sequence == 1;
	int r = sync ? sync_record(ledger) : 0;

	if (r < 0)
		return error_sys(err, r, "writing the ledger of session '%s' to the disk", ledger->session);
	r = first || sync ? put_in_index(ledger, first ? INDEX_CREATED : INDEX_HEAD, sync, err) : 0;
	if (r < 0)
		return error_wrap(err, r, "ledger of session '%s'", ledger->session);
	r = head_write(ledger->head_fd, &ledger->head, ledger->session);
	if (r < 0)
		return error_sys(err, r, "writing the head of the ledger of session '%s'", ledger->session);
	ledger->failed = false;
	return 0;
}

static int check_record(const struct ledger *ledger, enum ledger_kind kind, const struct json *fields,
	struct error *err)
{
	bool empty = !ledger->head.sequence;

	if (ledger->failed || ledger->fd < 0) {
		error_set(err, -EIO,
			"the ledger of session '%s' takes no record: opening or writing it has failed",
			ledger->session);
		error_hint(err,
			"Make sure that the disk has room and is writable, then run the command again.");
		return -EIO;
	}
	if (ledger_kind_info(kind)->first != empty)
		return error_set(err, -EINVAL, "a record of kind '%s' cannot %s a ledger",
			ledger_kind_name(kind), empty ? "begin" : "continue");
	return ledger_fields_check(kind, fields, err);
}

int ledger_append(struct ledger *ledger, enum ledger_kind kind, const struct json *fields, unsigned flags,
	struct error *err)
{
	bool first = !ledger->head.sequence;
	/* What a crash left of a first record before this one. */
	size_t torn_bytes = first ? ledger->repair.torn_bytes : 0;
	int r = check_record(ledger, kind, fields, err);

	if (r < 0)
		return r;
	if (first)
		fields = add_anchor(ledger, fields, err);
	r = fields ? ledger_write_record(ledger, kind, fields, torn_bytes, err) : -EINVAL;
	if (r >= 0)
		r = ledger_settle_record(ledger, (flags & LEDGER_SYNC) || ledger_kind_info(kind)->sync, err);
	arena_reset(&ledger->arena);
	return r;
}

void ledger_fini(struct ledger *ledger)
{
	/* Closing the descriptor drops the lock, unless a child was given a copy. */
	fd_close(ledger->fd);
	fd_close(ledger->head_fd);
	fd_close(ledger->index_fd);
	fd_close(ledger->owned_dirfd);
	arena_fini(&ledger->arena);
	buf_fini(&ledger->line);
	*ledger = (struct ledger)LEDGER_INIT;
}

int ledger_close(struct ledger *ledger, struct error *err)
{
	int r = 0;

	if (ledger->fd >= 0 && ledger->failed)
		r = error_set(err, -EIO,
			"the ledger of session '%s' could not be written, and ends before that",
			ledger->session);
	else if (ledger->fd >= 0 && ledger->head.sequence > ledger->indexed_sequence)
		r = put_in_index(ledger, INDEX_CLOSED, false, err);
	ledger_fini(ledger);
	return r;
}

int ledger_forget(struct ledger *ledger, struct error *err)
{
	int r = -EIO;

	if (ledger->fd >= 0 && !ledger->failed && ledger->head.sequence)
		r = put_in_index(ledger, INDEX_REMOVED, true, err);
	else
		error_set(err, r, "the ledger of session '%s' is not open, or damaged", ledger->session);
	ledger_fini(ledger);
	return r;
}
