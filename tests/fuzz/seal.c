// SPDX-License-Identifier: Apache-2.0
/*
 * seal.c - a digest cannot be guessed, so what a fuzzer wrote is sealed before it is read
 */
#include "fuzz/seal.h"

#include "base/hash.h"

const struct json *seal_changeset(struct arena *arena, const struct json *value)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	struct json_object_builder object;
	const struct json *bare;
	struct digest digest;
	char hex[DIGEST_HEX_SIZE];

	if (value->type != JSON_OBJECT)
		return value;
	json_object_begin(&object, arena);
	for (size_t i = 0; i < value->object.count; i++)
		if (!str_eq(value->object.members[i].key->text, STR("digest")))
			json_object_add_value(&object, value->object.members[i].key,
				value->object.members[i].value);
	bare = json_object_end(&object);
	if (!bare || json_write(&text, bare, JSON_WRITE_CANONICAL) < 0)
		return value;
	digest = hash_bytes(text.data, text.len);
	digest_to_hex(&digest, hex);
	json_object_begin(&object, arena);
	for (size_t i = 0; i < bare->object.count; i++)
		json_object_add_value(&object, bare->object.members[i].key, bare->object.members[i].value);
	json_object_add_text(&object, "digest", hex);
	value = json_object_end(&object);
	return value ? value : bare;
}
