// SPDX-License-Identifier: Apache-2.0
/*
 * omitted.c - values that are too large for a line
 */
#include "ledger/omitted.h"

#include "base/hash.h"
#include "ledger/schema.h"

#include <errno.h>

bool omitted_is(const struct json *value)
{
	const struct json *form = json_get(value, "omitted"), *digest = json_get(form, "digest");
	struct digest ignored;

	return form && value->object.count == 1 && form->type == JSON_OBJECT && form->object.count == 2 &&
		digest && digest->type == JSON_STRING && digest_from_hex(digest->text, &ignored) >= 0 &&
		json_get_int(form, "size", -1) >= 0;
}

/* The omitted form of a value, whose canonical JSON @text is; NULL when the arena is full. */
static const struct json *new_form(struct arena *arena, struct str text)
{
	struct digest digest = hash_bytes(text.data, text.len);
	struct json_object_builder form, outer;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&digest, hex);
	json_object_begin(&form, arena);
	json_object_add_text(&form, "digest", hex);
	json_object_add_int(&form, "size", (int64_t)text.len);
	json_object_begin(&outer, arena);
	json_object_add(&outer, "omitted", json_object_end(&form));
	return json_object_end(&outer);
}

/* One field while the fields are made to fit. */
struct part {
	const struct json *value;
	size_t len;			/* of the canonical form */
	bool may_go;
};

/* Where the shrunk form is no shorter, nothing is won. */
static int measure(struct buf *buf, enum ledger_kind kind, const struct json_member *member, struct part *ret)
{
	const struct ledger_field *field = ledger_field_find(kind, member->key->text);

	assert(field);
	buf_clear(buf);
	if (json_write(buf, member->value, JSON_WRITE_CANONICAL) < 0)
		return -EMSGSIZE;
	ret->value = member->value;
	ret->len = buf->len;
	ret->may_go = ledger_field_may_be_omitted(field) && !omitted_is(member->value);
	return 0;
}

static struct part *find_largest(struct part *parts, size_t count)
{
	struct part *largest = NULL;

	for (size_t i = 0; i < count; i++)
		if (parts[i].may_go && (!largest || parts[i].len > largest->len))
			largest = &parts[i];
	return largest;
}

/* Returns how many bytes shorter the fields became; 0: nothing more can go. */
static size_t omit_largest(struct arena *arena, struct buf *buf, struct part *parts, size_t count)
{
	struct part *part = find_largest(parts, count);
	size_t before;

	if (!part)
		return 0;
	buf_clear(buf);
	json_write(buf, part->value, JSON_WRITE_CANONICAL);
	part->value = new_form(arena, (struct str){ .data = buf_text(buf), .len = buf->len });
	before = part->len;
	buf_clear(buf);
	if (!part->value || json_write(buf, part->value, JSON_WRITE_CANONICAL) < 0 || buf->len >= before)
		return 0;
	part->len = buf->len;
	part->may_go = false;
	return before - part->len;
}

static const struct json *rebuild(struct arena *arena, const struct json *fields, const struct part *parts)
{
	struct json_object_builder builder;

	json_object_begin(&builder, arena);
	for (size_t i = 0; i < fields->object.count; i++)
		json_object_add_value(&builder, fields->object.members[i].key, parts[i].value);
	return json_object_end(&builder);
}

int omitted_fit(struct arena *arena, enum ledger_kind kind, const struct json *fields, size_t limit_bytes,
	const struct json **ret, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(JSON_TEXT_MAX);
	size_t count = fields->object.count, len = 2;	/* the braces */
	struct part *parts = arena_alloc_array(arena, count, sizeof(*parts));

	if (!parts)
		return error_set(err, -EMSGSIZE, "record of kind '%s': too many fields",
			ledger_kind_name(kind));
	for (size_t i = 0; i < count; i++) {
		if (measure(&buf, kind, &fields->object.members[i], &parts[i]) < 0)
			return error_set(err, -EMSGSIZE, "record of kind '%s': field '%.*s' is over %d bytes",
				ledger_kind_name(kind), STR_FMT(fields->object.members[i].key->text),
				JSON_TEXT_MAX);
		/* Names of fields need no escapes: "name":value and a comma behind all but the last. */
		len += parts[i].len + fields->object.members[i].key->text.len + 3 + (i > 0);
	}
	while (len > limit_bytes) {
		size_t saved = omit_largest(arena, &buf, parts, count);

		if (!saved)
			return error_set(err, -EMSGSIZE,
				"record of kind '%s': does not fit into a line of the ledger",
				ledger_kind_name(kind));
		len -= saved;
	}
	*ret = rebuild(arena, fields, parts);
	return *ret ? 0 : error_set(err, -EMSGSIZE, "record of kind '%s': too large", ledger_kind_name(kind));
}
