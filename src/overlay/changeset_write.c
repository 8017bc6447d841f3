// SPDX-License-Identifier: Apache-2.0
/*
 * changeset_write.c - the public form of a changeset, and the digest that binds it
 *
 * There is one writer. It puts canonical JSON straight into a buffer (members in bytewise order of their
 * keys, as json_write() would), entry by entry, so that a digest over a million entries needs the memory of
 * one. The value form is what the reader of JSON makes of this text. A member that is absent is the zero of
 * its field: so equal changesets have equal texts, and equal texts equal digests.
 *
 * Invariant of the input: every struct str in a changeset is followed by a NUL, as JSON strings are.
 */
#include "overlay/changeset_internal.h"

#include "base/utf8.h"

#include <errno.h>
#include <sys/sysmacros.h>

enum {
	BYTES_TEXT_MAX = 1 << 18,	/* an xattr value of 64 KiB as base64, with room to spare */
};

/* Failures stick to the buffer, so writers look once, at their end. */
static void add_bytes(struct buf *buf, struct str bytes)
{
	struct json value = { .type = JSON_STRING, .text = bytes };
	struct arena scratch = ARENA_INIT(BYTES_TEXT_MAX);
	const struct json *encoded = &value;

	if (!utf8_is_valid(bytes))
		encoded = json_new_bytes(&scratch, bytes);
	if (encoded)
		(void)json_write(buf, encoded, JSON_WRITE_CANONICAL);
	else
		buf->failed = true;
	arena_fini(&scratch);
}

/* printf would take most of the time of a large changeset. */
static void add_int(struct buf *buf, const char *before, uint64_t number)
{
	const struct json value = { .type = JSON_INT, .integer = (int64_t)number };

	(void)buf_append_str(buf, before);
	(void)json_write(buf, &value, JSON_WRITE_CANONICAL);
}

static void add_name(struct buf *buf, const char *before, const char *name)
{
	(void)buf_append_str(buf, before);
	(void)buf_append_char(buf, '"');
	(void)buf_append_str(buf, name);
	(void)buf_append_char(buf, '"');
}

static void add_mode(struct buf *buf, mode_t mode)
{
	const char text[] = { (char)('0' + (mode >> 9 & 7)), (char)('0' + (mode >> 6 & 7)),
		(char)('0' + (mode >> 3 & 7)), (char)('0' + (mode & 7)), '\0' };

	assert(!(mode & ~07777u));
	add_name(buf, ",\"mode\":", text);
}

static void add_xattrs(struct buf *buf, const struct file_facts *facts)
{
	(void)buf_append_str(buf, ",\"xattrs\":[");
	for (size_t i = 0; i < facts->xattr_count; i++) {
		(void)buf_append_str(buf, i ? ",{\"name\":" : "{\"name\":");
		add_bytes(buf, str_from(facts->xattrs[i].name));
		(void)buf_append_str(buf, ",\"value\":");
		add_bytes(buf, facts->xattrs[i].value);
		(void)buf_append_char(buf, '}');
	}
	(void)buf_append_char(buf, ']');
}

static char *put(char *at, struct str text)
{
	return mempcpy(at, text.data, text.len);
}

/* A number that is there, and a comma. */
static char *put_number(char *at, struct str before, uint64_t number)
{
	char digits[20], *digit = digits + sizeof(digits);

	if (!number)
		return at;
	for (; number; number /= 10)
		*--digit = (char)('0' + number % 10);
	at = put(at, before);
	at = mempcpy(at, digit, (size_t)(digits + sizeof(digits) - digit));
	*at++ = ',';
	return at;
}

/* Of each new file: put together first, and added as one. */
static void add_content(struct buf *buf, const struct content *content)
{
	char text[256], *at = put(text, STR("\"content\":{"));

	if (content->has_bidi)
		at = put(at, STR("\"bidi\":true,"));
	at = put_number(at, STR("\"entropy\":"), content->entropy);
	if (content->has_invisible)
		at = put(at, STR("\"invisible\":true,"));
	at = put_number(at, STR("\"lines\":"), content->lines);
	at = put_number(at, STR("\"longest_line\":"), content->longest_line);
	at = put(at, STR("\"type\":\""));
	at = put(at, str_from(content_type_name(content->type)));
	at = put(at, content->is_utf8 ? STR("\",\"utf8\":true},") : STR("\"},"));
	(void)buf_append(buf, text, (size_t)(at - text));
}

static void add_facts(struct buf *buf, const struct file_facts *facts)
{
	static const struct digest none;
	char hex[DIGEST_HEX_SIZE];

	(void)buf_append_char(buf, '{');
	if (facts->content.type)
		add_content(buf, &facts->content);
	if (facts->type == FILE_CHAR_DEVICE || facts->type == FILE_BLOCK_DEVICE)
		(void)buf_printf(buf, "\"device\":\"%u:%u\",", major(facts->device), minor(facts->device));
	add_int(buf, "\"gid\":", facts->gid);
	add_mode(buf, facts->mode);
	add_int(buf, ",\"mtime\":", (uint64_t)facts->mtime_ns);
	if (!digest_eq(&facts->digest, &none)) {
		digest_to_hex(&facts->digest, hex);
		add_name(buf, ",\"sha256\":", hex);
	}
	if (facts->type == FILE_REGULAR)
		add_int(buf, ",\"size\":", facts->size_bytes);
	if (facts->type == FILE_SYMLINK) {
		(void)buf_append_str(buf, ",\"target\":");
		add_bytes(buf, facts->target);
	}
	add_name(buf, ",\"type\":", file_type_name(facts->type));
	add_int(buf, ",\"uid\":", facts->uid);
	if (facts->xattr_count)
		add_xattrs(buf, facts);
	(void)buf_append_char(buf, '}');
}

static void add_flags(struct buf *buf, unsigned flags)
{
	const char *separator = "";

	(void)buf_append_str(buf, "\"flags\":[");
	for (unsigned flag = 1; flag && flag <= flags; flag <<= 1) {
		if (!(flags & flag))
			continue;
		assert(change_flag_name(flag));
		(void)buf_printf(buf, "%s\"%s\"", separator, change_flag_name(flag));
		separator = ",";
	}
	(void)buf_append_str(buf, "],");
}

int change_write(struct buf *buf, const struct change *change)
{
	(void)buf_append_char(buf, '{');
	if (change->old_count) {
		add_int(buf, "\"entries\":", change->old_count);
		(void)buf_append_char(buf, ',');
	}
	if (change->flags)
		add_flags(buf, change->flags);
	if (change->renamed_from.len) {
		(void)buf_append_str(buf, "\"from\":");
		add_bytes(buf, change->renamed_from);
		(void)buf_append_char(buf, ',');
	}
	add_name(buf, "\"kind\":", change_kind_name(change->kind));
	if (change->link_group)
		add_int(buf, ",\"links\":", change->link_group);
	if (change->new_file.type) {
		(void)buf_append_str(buf, ",\"new\":");
		add_facts(buf, &change->new_file);
	}
	if (change->old_file.type) {
		(void)buf_append_str(buf, ",\"old\":");
		add_facts(buf, &change->old_file);
	}
	(void)buf_append_str(buf, ",\"path\":");
	add_bytes(buf, change->path);
	add_int(buf, ",\"root\":", change->root);
	(void)buf_append_char(buf, '}');
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

void changeset_write_head(struct buf *buf, const struct changeset *changeset)
{
	add_int(buf, "{\"bytes\":", changeset->total_bytes);
	(void)buf_append_str(buf, ",\"changes\":[");
}

void changeset_write_tail(struct buf *buf, const struct changeset *changeset, bool with_digest)
{
	char hex[DIGEST_HEX_SIZE];

	add_int(buf, "],\"count\":", changeset->count);
	if (with_digest) {
		digest_to_hex(&changeset->digest, hex);
		add_name(buf, ",\"digest\":", hex);
	}
	(void)buf_append_str(buf, ",\"roots\":[");
	for (size_t i = 0; i < changeset->root_count; i++) {
		if (i)
			(void)buf_append_char(buf, ',');
		add_bytes(buf, str_from(changeset->roots[i]));
	}
	add_int(buf, "],\"version\":", CHANGESET_VERSION);
	(void)buf_append_char(buf, '}');
}

static void add_changes(struct buf *buf, const struct changeset *changeset)
{
	for (size_t i = 0; i < changeset->count && !buf_failed(buf); i++) {
		if (i)
			(void)buf_append_char(buf, ',');
		(void)change_write(buf, &changeset->changes[i]);
	}
}

int changeset_write(struct buf *buf, const struct changeset *changeset)
{
	changeset_write_head(buf, changeset);
	add_changes(buf, changeset);
	changeset_write_tail(buf, changeset, true);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

int changeset_write_sealing(struct buf *buf, const struct changeset *changeset, struct digest *ret)
{
	scoped(buf) struct buf tail = BUF_INIT(JSON_TEXT_MAX);
	struct hash hash;

	assert(!buf->len);
	changeset_write_head(buf, changeset);
	add_changes(buf, changeset);
	changeset_write_tail(&tail, changeset, false);
	if (buf_failed(buf) || buf_failed(&tail))
		return -EMSGSIZE;
	hash_init(&hash);
	hash_update(&hash, buf->data, buf->len);
	hash_update(&hash, tail.data, tail.len);
	*ret = hash_final(&hash);
	changeset_write_tail(buf, changeset, true);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

static void drain(struct buf *buf, struct hash *hash, uint64_t *total)
{
	hash_update(hash, buf_text(buf), buf->len);
	*total += buf->len;
	buf_consume(buf, buf->len);
}

int changeset_seal(struct changeset *changeset)
{
	scoped(buf) struct buf buf = BUF_INIT(JSON_TEXT_MAX);
	uint64_t total = DIGEST_HEX_SIZE + sizeof("\"digest\":\"\",");
	struct hash hash;

	hash_init(&hash);
	changeset_write_head(&buf, changeset);
	for (size_t i = 0; i < changeset->count; i++) {
		if (i)
			(void)buf_append_char(&buf, ',');
		if (change_write(&buf, &changeset->changes[i]) < 0)
			return -EMSGSIZE;
		drain(&buf, &hash, &total);
		if (total > JSON_TEXT_MAX)
			return -EMSGSIZE;
	}
	changeset_write_tail(&buf, changeset, false);
	if (buf_failed(&buf))
		return -EMSGSIZE;
	drain(&buf, &hash, &total);
	if (total > JSON_TEXT_MAX)
		return -EMSGSIZE;
	changeset->digest = hash_final(&hash);
	return 0;
}

const struct json *changeset_to_json(struct arena *arena, const struct changeset *changeset)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	const struct json *value;

	if (changeset_write(&text, changeset) < 0)
		return NULL;
	if (json_read(arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &value, NULL) < 0)
		return NULL;
	return value;
}
