// SPDX-License-Identifier: Apache-2.0
/*
 * index.c - heads.jsonl, one user's chain of the heads of all ledgers
 *
 * The members of a line in canonical order: event, hash, head, previous, sequence, session, time, torn (where
 * there is one), version.
 */
#include "ledger/index.h"

#include "kern/clock.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>

#define INDEX_DOMAIN STR("cordon ledger index 1\n")

enum {
	INDEX_VERSION = 1,
	INDEX_ARENA_BYTES = 64 << 10,
	ANCHOR_WINDOW_BYTES = 16 << 10,	/* some forty entries */
};

static const char *const event_names[INDEX_EVENT_COUNT] = {
	[INDEX_INVALID] = "", [INDEX_CREATED] = "created", [INDEX_HEAD] = "head", [INDEX_CLOSED] = "closed",
	[INDEX_REMOVED] = "removed",
};

static const char *event_name(enum index_event event)
{
	assert(event > INDEX_INVALID && event < INDEX_EVENT_COUNT);
	return event_names[event];
}

static void append_torn(struct buf *buf, const struct index_entry *entry)
{
	char hex[DIGEST_HEX_SIZE];

	if (!entry->torn_bytes)
		return;
	digest_to_hex(&entry->torn_digest, hex);
	buf_printf(buf, "\"torn\":{\"bytes\":%" PRIu64 ",\"digest\":\"%s\"},", entry->torn_bytes, hex);
}

static int render(struct buf *line, const struct index_entry *entry, const struct digest *claimed,
	struct digest *ret_hash)
{
	scoped(buf) struct buf after = BUF_INIT(INDEX_LINE_MAX);
	char head[DIGEST_HEX_SIZE], previous[DIGEST_HEX_SIZE], time[TIME_TEXT_SIZE];

	digest_to_hex(&entry->head.hash, head);
	digest_to_hex(&entry->previous, previous);
	time_to_text(entry->time_ns, time);
	buf_printf(&after, "\"head\":{\"hash\":\"%s\",\"sequence\":%" PRIu64 ",\"size\":%" PRIu64 "},", head,
		entry->head.sequence, entry->head.size_bytes);
	buf_printf(&after,
		"\"previous\":\"%s\",\"sequence\":%" PRIu64 ",\"session\":\"%.*s\",\"time\":\"%s\",",
		previous, entry->sequence, STR_FMT(entry->session), time);
	append_torn(&after, entry);
	if (buf_printf(&after, "\"version\":%d}", INDEX_VERSION) < 0)
		return -EMSGSIZE;
	buf_clear(line);
	buf_printf(line, "{\"event\":\"%s\",", event_name(entry->event));
	return chain_seal(line, INDEX_DOMAIN, (struct str){ .data = after.data, .len = after.len }, claimed,
		ret_hash);
}

int index_render(struct buf *line, const struct index_entry *entry, struct digest *ret_hash)
{
	return render(line, entry, NULL, ret_hash);
}

static enum index_event event_from_name(struct str name)
{
	for (unsigned event = INDEX_CREATED; event < INDEX_EVENT_COUNT; event++)
		if (str_eq(name, str_from(event_names[event])))
			return (enum index_event)event;
	return INDEX_INVALID;
}

/* What is missing here is found when the entry is written again. */
static int read_members(const struct json *value, struct index_entry *ret)
{
	const struct json *head = json_get(value, "head"), *torn = json_get(value, "torn");
	struct str event;

	if (json_get_int(value, "version", 0) != INDEX_VERSION ||
			chain_read_text(value, "event", &event) < 0 ||
			chain_read_text(value, "session", &ret->session) < 0 ||
			chain_read_digest(value, "hash", &ret->hash) < 0 ||
			chain_read_digest(value, "previous", &ret->previous) < 0 ||
			chain_read_count(value, "sequence", &ret->sequence) < 0 ||
			chain_read_time(value, "time", &ret->time_ns) < 0 ||
			chain_read_digest(head, "hash", &ret->head.hash) < 0 ||
			chain_read_count(head, "sequence", &ret->head.sequence) < 0 ||
			chain_read_count(head, "size", &ret->head.size_bytes) < 0 ||
			(torn && chain_read_digest(torn, "digest", &ret->torn_digest) < 0) ||
			(torn && chain_read_count(torn, "bytes", &ret->torn_bytes) < 0))
		return -EBADMSG;
	ret->event = event_from_name(event);
	return ret->event && chain_name_is_valid(ret->session, false) ? 0 : -EBADMSG;
}

int index_parse(struct arena *arena, struct str text, struct index_entry *ret, struct error *err)
{
	scoped(buf) struct buf again = BUF_INIT(INDEX_LINE_MAX);
	struct index_entry entry = { 0 };
	const struct json *value;
	struct digest hash;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return error_wrap(err, r, "not an entry of the index");
	if (read_members(value, &entry) < 0)
		return error_set(err, -EBADMSG,
			"not an entry of the index: members are missing or of another type");
	if (render(&again, &entry, &entry.hash, &hash) < 0 || again.len != text.len + 1 ||
			memcmp(again.data, text.data, text.len) != 0)
		return error_set(err, -EBADMSG,
			"not an entry of the index: the line is not in its canonical form");
	*ret = entry;
	if (!digest_eq(&hash, &entry.hash))
		return error_set(err, -EKEYREJECTED,
			"the entry was changed: its hash is not that of its content");
	return 0;
}

int index_open(int state_dirfd, struct error *err)
{
	int fd = kern_open(state_dirfd, INDEX_NAME, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0600);

	return fd < 0 ? error_sys(err, fd, "opening the index of ledgers, " INDEX_NAME) : fd;
}

/* The entry that the next one is chained to; all-zero for the first. */
static int read_last(int fd, struct arena *arena, struct index_entry *ret_last, struct str *ret_torn,
	uint64_t *ret_size, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(CHAIN_TAIL_BYTES(INDEX_LINE_MAX));
	struct str last = { 0 }, torn = { 0 };
	int r = chain_size(fd, ret_size);

	*ret_last = (struct index_entry){ 0 };
	*ret_torn = (struct str){ 0 };
	if (r >= 0 && *ret_size)
		r = chain_find_tail(fd, *ret_size, INDEX_LINE_MAX, &buf, &last, &torn);
	if (r < 0)
		return error_sys(err, r, "reading the end of " INDEX_NAME);
	if (last.len) {
		r = index_parse(arena, last, ret_last, err);
		if (r < 0)
			return error_wrap(err, -EBADMSG, "the last line of " INDEX_NAME);
	}
	if (torn.len) {
		ret_torn->data = arena_copy(arena, torn.data, torn.len);
		ret_torn->len = torn.len;
		assert(ret_torn->data);
	}
	return 0;
}

static int append_locked(int fd, struct buf *line, struct index_entry *entry, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(INDEX_ARENA_BYTES);
	struct index_entry last;
	struct digest hash;
	struct str torn, text;
	uint64_t size;
	int r = read_last(fd, &arena, &last, &torn, &size, err);

	if (r < 0)
		return r;
	entry->sequence = last.sequence + 1;
	entry->previous = last.hash;
	entry->torn_bytes = torn.len;
	if (torn.len)
		entry->torn_digest = hash_bytes(torn.data, torn.len);
	r = index_render(line, entry, &hash);
	assert(r >= 0);
	text = (struct str){ .data = buf_text(line), .len = line->len };
	r = torn.len ? chain_replace_torn(fd, size - torn.len, size, text) : chain_append(fd, size, text);
	return r < 0 ? error_sys(err, r, "writing to " INDEX_NAME) : 0;
}

int index_append(int fd, struct buf *line, enum index_event event, const char *session,
	const struct ledger_head *head, struct error *err)
{
	struct index_entry entry = {
		.event = event, .session = str_from(session), .head = *head,
		.time_ns = kern_clock_real_ns() / NS_PER_US * NS_PER_US,
	};
	int r;

	assert(head->sequence);
	r = chain_lock(fd, CHAIN_LOCK_WAIT_MS);
	if (r < 0) {
		error_sys(err, r, "locking the index of ledgers, " INDEX_NAME);
		error_hint(err, "Find the process that keeps it locked with: fuser -v " INDEX_NAME);
		return r;
	}
	r = append_locked(fd, line, &entry, err);
	(void)kern_flock(fd, LOCK_UN);
	return r;
}

/* Only a "head" or a "removed" entry was synced by the one who wrote it. */
static bool is_synced_line(struct str text)
{
	return str_starts_with(text, STR("{\"event\":\"head\"")) ||
		str_starts_with(text, STR("{\"event\":\"removed\""));
}

/* The last line in front of *@end that was synced; *@end moves to its beginning. */
static bool previous_line(struct str window, bool whole, size_t *end, struct str *ret)
{
	const char *last = memrchr(window.data, '\n', *end), *start;

	if (!last)
		return false;
	start = memrchr(window.data, '\n', (size_t)(last - window.data));
	if (!start && !whole)
		return false;
	start = start ? start + 1 : window.data;
	*ret = (struct str){ .data = start, .len = (size_t)(last - start) };
	*end = (size_t)(start - window.data);
	return true;
}

int index_find_anchor(int fd, struct index_anchor *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(INDEX_ARENA_BYTES);
	char bytes[ANCHOR_WINDOW_BYTES];
	struct str window = { .data = bytes }, line;
	struct index_entry entry;
	uint64_t size, at;
	ssize_t n;
	int r = chain_size(fd, &size);

	*ret = (struct index_anchor){ 0 };
	if (r < 0)
		return r;
	at = size > sizeof(bytes) ? size - sizeof(bytes) : 0;
	n = kern_pread(fd, bytes, sizeof(bytes), (off_t)at);
	if (n < 0)
		return (int)n;
	window.len = (size_t)n;
	for (size_t end = window.len; previous_line(window, !at, &end, &line);) {
		if (!is_synced_line(line) || index_parse(&arena, line, &entry, NULL) < 0)
			continue;
		*ret = (struct index_anchor){ .sequence = entry.sequence, .hash = entry.hash };
		break;
	}
	return 0;
}
