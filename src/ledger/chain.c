// SPDX-License-Identifier: Apache-2.0
/*
 * chain.c - files of JSON lines in which every line binds the one before it
 */
#include "ledger/chain.h"

#include "kern/clock.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

enum {
	NAME_MAX_BYTES = 64,
	READ_STEP_BYTES = 64 << 10,
	LOCK_STEP_NS = 1000 * 1000,
};

int chain_seal(struct buf *line, struct str domain, struct str after, const struct digest *claimed,
	struct digest *ret_hash)
{
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, domain.data, domain.len);
	hash_update(&hash, line->data, line->len);
	hash_update(&hash, after.data, after.len);
	digest = hash_final(&hash);
	digest_to_hex(claimed ?: &digest, hex);
	buf_append_str(line, "\"hash\":\"");
	buf_append(line, hex, DIGEST_HEX_SIZE - 1);
	buf_append_str(line, "\",");
	buf_append(line, after.data, after.len);
	if (buf_append_char(line, '\n') < 0)
		return -EMSGSIZE;
	*ret_hash = digest;
	return 0;
}

bool chain_name_is_valid(struct str name, bool actor)
{
	if (!name.len || name.len > NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			continue;
		if (!i || !(c == '-' || (actor && (c == '.' || c == '_' || c == ':' || c == '@'))))
			return false;
	}
	return true;
}

int chain_read_text(const struct json *object, const char *key, struct str *ret)
{
	const struct json *value = json_get(object, key);

	if (!value || value->type != JSON_STRING)
		return -EBADMSG;
	*ret = value->text;
	return 0;
}

int chain_read_digest(const struct json *object, const char *key, struct digest *ret)
{
	struct str text;

	if (chain_read_text(object, key, &text) < 0 || digest_from_hex(text, ret) < 0)
		return -EBADMSG;
	return 0;
}

int chain_read_count(const struct json *object, const char *key, uint64_t *ret)
{
	const struct json *value = json_get(object, key);

	if (!value || value->type != JSON_INT || value->integer < 0)
		return -EBADMSG;
	*ret = (uint64_t)value->integer;
	return 0;
}

int chain_read_time(const struct json *object, const char *key, uint64_t *ret_ns)
{
	char again[TIME_TEXT_SIZE];
	struct str text;
	uint64_t time_ns;

	if (chain_read_text(object, key, &text) < 0 || time_from_text(text, &time_ns) < 0)
		return -EBADMSG;
	time_to_text(time_ns, again);
	if (!str_eq(text, str_from(again)))
		return -EBADMSG;
	*ret_ns = time_ns;
	return 0;
}

bool chain_has_members(const struct json *object, const char *const *names, size_t count)
{
	if (!object || object->type != JSON_OBJECT || object->object.count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!str_eq(object->object.members[i].key->text, str_from(names[i])))
			return false;
	return true;
}

void chain_lines_init(struct chain_lines *lines, int fd, uint64_t offset, uint64_t end, size_t limit_bytes)
{
	*lines = (struct chain_lines){
		.fd = fd, .offset = offset, .end = end, .number = 1, .limit_bytes = limit_bytes,
		.buf = BUF_INIT(limit_bytes + READ_STEP_BYTES),
	};
}

void chain_lines_fini(struct chain_lines *lines)
{
	buf_fini(&lines->buf);
}

/* Adds to the buffer; returns bytes, 0 at the end, or negative errno. */
static ssize_t fill(struct chain_lines *lines)
{
	uint64_t at = lines->offset + lines->buf.len;
	uint64_t left = lines->end > at ? lines->end - at : 0;
	size_t step = (size_t)MIN(left, (uint64_t)READ_STEP_BYTES);
	char *room = buf_reserve(&lines->buf, step);
	ssize_t n;

	assert(room);
	n = step ? kern_pread(lines->fd, room, step, (off_t)at) : 0;
	if (n > 0)
		buf_commit(&lines->buf, (size_t)n);
	return n;
}

/* Looks for the end of a line that is too long without keeping what was passed. */
static int skip_long(struct chain_lines *lines, struct chain_line *ret)
{
	size_t keep = lines->limit_bytes;

	ret->state = CHAIN_LINE_LONG;
	for (;;) {
		const char *end = memchr(lines->buf.data + keep, '\n', lines->buf.len - keep);
		ssize_t n;

		if (end) {
			size_t rest = (size_t)(end + 1 - lines->buf.data);

			lines->offset += rest - keep;
			memmove(lines->buf.data + keep, lines->buf.data + rest, lines->buf.len - rest);
			lines->buf.len -= rest - keep;
			break;
		}
		lines->offset += lines->buf.len - keep;
		lines->buf.len = keep;
		n = fill(lines);
		if (n < 0)
			return (int)n;
		if (!n)
			break;
	}
	ret->text = (struct str){ .data = lines->buf.data, .len = keep };
	ret->end = lines->offset + keep;
	lines->given_bytes = keep;
	return 1;
}

int chain_lines_next(struct chain_lines *lines, struct chain_line *ret)
{
	size_t seen = 0;

	buf_consume(&lines->buf, lines->given_bytes);
	lines->offset += lines->given_bytes;
	lines->given_bytes = 0;
	*ret = (struct chain_line){ .number = lines->number++, .offset = lines->offset };
	for (;;) {
		const char *text = buf_text(&lines->buf),
			   *end = memchr(text + seen, '\n', lines->buf.len - seen);
		ssize_t n;

		if (end && (size_t)(end - text) < lines->limit_bytes) {
			ret->state = CHAIN_LINE_WHOLE;
			ret->text = (struct str){ .data = text, .len = (size_t)(end - text) };
			lines->given_bytes = ret->text.len + 1;
			break;
		}
		if (lines->buf.len >= lines->limit_bytes)
			return skip_long(lines, ret);
		seen = lines->buf.len;
		n = fill(lines);
		if (n < 0)
			return (int)n;
		if (!n) {
			ret->state = CHAIN_LINE_TORN;
			ret->text = (struct str){ .data = buf_text(&lines->buf), .len = lines->buf.len };
			lines->given_bytes = lines->buf.len;
			break;
		}
	}
	ret->end = lines->offset + lines->given_bytes;
	return ret->state == CHAIN_LINE_WHOLE || lines->given_bytes ? 1 : 0;
}

static int pread_all(int fd, struct buf *buf, uint64_t at, size_t len)
{
	while (len) {
		char *room = buf_reserve(buf, len);
		ssize_t n;

		if (!room)
			return -EMSGSIZE;
		n = kern_pread(fd, room, len, (off_t)at);
		if (n <= 0)
			return n < 0 ? (int)n : -EIO;
		buf_commit(buf, (size_t)n);
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int chain_find_tail(int fd, uint64_t end, size_t limit_bytes, struct buf *buf, struct str *ret_last,
	struct str *ret_torn)
{
	size_t len = (size_t)MIN(end, (uint64_t)CHAIN_TAIL_BYTES(limit_bytes));
	const char *text, *last_end, *start;
	int r;

	buf_clear(buf);
	r = pread_all(fd, buf, end - len, len);
	if (r < 0)
		return r;
	text = buf_text(buf);
	last_end = memrchr(text, '\n', len);
	if (!last_end) {
		if (len < end || len > limit_bytes)
			return -EBADMSG;
		*ret_last = (struct str){ .data = text };
		*ret_torn = (struct str){ .data = text, .len = len };
		return 0;
	}
	start = memrchr(text, '\n', (size_t)(last_end - text));
	if (!start && len < end)
		return -EBADMSG;
	start = start ? start + 1 : text;
	*ret_last = (struct str){ .data = start, .len = (size_t)(last_end - start) };
	*ret_torn = (struct str){ .data = last_end + 1, .len = len - (size_t)(last_end + 1 - text) };
	return ret_last->len >= limit_bytes || ret_torn->len > limit_bytes ? -EBADMSG : 0;
}

int chain_append(int fd, uint64_t size, struct str line)
{
	ssize_t n;

	n = kern_write(fd, line.data, line.len);
	if (n == (ssize_t)line.len)
		return 0;
	if (n >= 0 && kern_ftruncate(fd, (off_t)size) < 0)
		return -EIO;
	/* A regular file is written short for want of room only. */
	return n < 0 ? (int)n : -ENOSPC;
}

static int overwrite(int fd, uint64_t at, uint64_t size, struct str line)
{
	ssize_t n;

	n = kern_pwrite(fd, line.data, line.len, (off_t)at);
	if (n < 0)
		return (int)n;
	if (n != (ssize_t)line.len)
		return -ENOSPC;
	return at + line.len < size ? kern_ftruncate(fd, (off_t)(at + line.len)) : 0;
}

int chain_replace_torn(int fd, uint64_t at, uint64_t size, struct str line)
{
	int flags = kern_fcntl(fd, F_GETFL, 0), r;

	if (flags < 0)
		return flags;
	/* With O_APPEND, Linux ignores pwrite's offset. */
	r = kern_fcntl(fd, F_SETFL, flags & ~O_APPEND);
	if (r < 0)
		return r;
	r = overwrite(fd, at, size, line);
	flags = kern_fcntl(fd, F_SETFL, flags | O_APPEND);
	return r < 0 ? r : flags;
}

int chain_size(int fd, uint64_t *ret)
{
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return r;
	*ret = (uint64_t)st.st_size;
	return 0;
}

int chain_lock(int fd, unsigned wait_ms)
{
	uint64_t deadline_ns = kern_clock_monotonic_ns() + wait_ms * NS_PER_MS;
	const struct timespec step = { .tv_nsec = LOCK_STEP_NS };

	for (;;) {
		int r = kern_flock(fd, LOCK_EX | LOCK_NB);

		if (r != -EWOULDBLOCK)
			return r;
		if (kern_clock_monotonic_ns() >= deadline_ns)
			return -EBUSY;
		(void)kern_nanosleep(&step);
	}
}
