// SPDX-License-Identifier: Apache-2.0
/*
 * extract.c - the keys of a file, whatever its syntax
 *
 * Files that a host obeys were written by an agent, so every reader here is strict where a mistake could hide
 * a key and lenient where it could only show one too many. A file that cannot be understood with certainty is
 * an error, which the caller turns into a finding. JSON goes through json_read(); the other syntaxes have
 * readers of their own.
 */
#include "policy/extract_internal.h"

#include "json/json.h"

#include <errno.h>

enum {
	KEY_BYTES_MAX = 4096,
};

int floor_keys_add(struct floor_keys *keys, struct str key, struct str value)
{
	/* A key is matched whole or not at all, so a cut one could hide. */
	if (keys->count == FLOOR_KEYS_MAX || key.len > KEY_BYTES_MAX)
		return -EMSGSIZE;
	if (keys->count == keys->room) {
		size_t room = keys->room ? keys->room * 2 : 64;
		struct floor_key *items = arena_alloc_array(keys->arena, room, sizeof(*items));

		if (!items)
			return -EMSGSIZE;
		if (keys->count)
			memcpy(items, keys->items, keys->count * sizeof(*items));
		keys->items = items;
		keys->room = room;
	}
	keys->items[keys->count++] = (struct floor_key){ key, value };
	return 0;
}

/* ---- JSON ---- */

struct flatten {
	struct floor_keys *keys;
	struct buf path;
};

static int append_pointer(struct buf *path, struct str key)
{
	(void)buf_append_char(path, '/');
	for (size_t i = 0; i < key.len; i++) {
		if (key.data[i] == '~')
			(void)buf_append_str(path, "~0");
		else if (key.data[i] == '/')
			(void)buf_append_str(path, "~1");
		else
			(void)buf_append_char(path, key.data[i]);
	}
	return buf_failed(path) ? -EMSGSIZE : 0;
}

static int add_leaf(struct flatten *f, struct str value)
{
	const char *key = arena_copy(f->keys->arena, buf_text(&f->path), f->path.len);

	if (!key)
		return -EMSGSIZE;
	return floor_keys_add(f->keys, (struct str){ key, f->path.len }, value);
}

/* A string begins with a quote, so that "true" and true are two values; it may hold a NUL. */
static int add_string(struct flatten *f, struct str text)
{
	char *value = arena_alloc(f->keys->arena, text.len + 1);

	if (!value)
		return -EMSGSIZE;
	value[0] = '"';
	memcpy(value + 1, text.data, text.len);
	return add_leaf(f, (struct str){ value, text.len + 1 });
}

static int add_scalar(struct flatten *f, const struct json *value)
{
	const char *text = NULL;

	switch (value->type) {
	case JSON_NULL:
		return add_leaf(f, STR("null"));
	case JSON_BOOL:
		return add_leaf(f, value->boolean ? STR("true") : STR("false"));
	case JSON_NUMBER:
		return add_leaf(f, value->text);
	case JSON_INT:
		text = arena_printf(f->keys->arena, "%jd", (intmax_t)value->integer);
		break;
	case JSON_STRING:
		return add_string(f, value->text);
	case JSON_ARRAY:
	case JSON_SET:			/* in no document */
		return add_leaf(f, STR("[]"));
	case JSON_OBJECT:
		return add_leaf(f, STR("{}"));
	}
	return text ? add_leaf(f, str_from(text)) : -EMSGSIZE;
}

static int flatten(struct flatten *f, const struct json *value)
{
	size_t len = f->path.len, count = 0;
	int r = 0;

	if (value->type == JSON_ARRAY)
		count = value->array.count;
	else if (value->type == JSON_OBJECT)
		count = value->object.count;
	if (!count)
		return add_scalar(f, value);
	for (size_t i = 0; i < count && r >= 0; i++) {
		const struct json *item;

		if (value->type == JSON_ARRAY) {
			item = value->array.items[i];
			r = buf_printf(&f->path, "/%zu", i);
		} else {
			item = value->object.members[i].value;
			r = append_pointer(&f->path, value->object.members[i].key->text);
		}
		/* The reader bounds the depth (JSON_DEPTH_MAX). */
		if (r >= 0)
			r = flatten(f, item);
		floor_cut(&f->path, len);
	}
	return r;
}

static int extract_json(struct str text, unsigned flags, struct floor_keys *keys)
{
	struct flatten f = { .keys = keys, .path = BUF_INIT(KEY_BYTES_MAX) };
	const struct json *value;
	int r = json_read(keys->arena, text, flags, &value, NULL);

	if (r < 0)
		return r;
	r = flatten(&f, value);
	buf_fini(&f.path);
	return r;
}

int floor_extract(enum floor_look look, struct str text, struct floor_keys *keys)
{
	switch (look) {
	case FLOOR_LOOK_GIT_CONFIG:
		return floor_extract_git_config(text, keys);
	case FLOOR_LOOK_JSON:
		return extract_json(text, JSON_READ_STRICT, keys);
	case FLOOR_LOOK_JSONC:
		return extract_json(text, JSON_READ_JSONC, keys);
	case FLOOR_LOOK_TOML:
		return floor_extract_toml(text, keys);
	case FLOOR_LOOK_INI:
		return floor_extract_ini(text, keys);
	case FLOOR_LOOK_CFG:
		return floor_extract_cfg(text, keys);
	case FLOOR_LOOK_LINES:
		return floor_extract_lines(text, keys);
	case FLOOR_LOOK_ENV:
		return floor_extract_env(text, keys);
	case FLOOR_LOOK_ATTRIBUTES:
		return floor_extract_attributes(text, keys);
	case FLOOR_LOOK_TODO:
		return floor_extract_todo(text, keys);
	case FLOOR_LOOK_GIT_INDEX:
		return floor_extract_index(text, keys);
	case FLOOR_LOOK_WRITE:
	case FLOOR_LOOK_GITDIR:
	case FLOOR_LOOK_COMMONDIR:
	case FLOOR_LOOK_WORKTREE:
		break;
	}
	/* Those looks have no keys: who asks for them has a bug. */
	assert(false);
	return -EINVAL;
}

/* ---- matching ---- */

/* Lower case, and NUL becomes a space, which no pattern names. */
static struct str fold(struct str text, char *ret)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = ascii_lower(text.data[i]);

		ret[i] = c ? c : ' ';
	}
	return (struct str){ ret, text.len };
}

bool floor_key_matches(const struct floor_words *patterns, const struct floor_key *key)
{
	char text[KEY_BYTES_MAX + 1 + KEY_BYTES_MAX];
	bool is_long = key->value.len > KEY_BYTES_MAX;
	struct str folded, whole, pattern_key, pattern_value;

	assert(key->key.len <= KEY_BYTES_MAX);
	folded = fold(key->key, text);
	text[folded.len] = '=';
	whole = (struct str){ text, folded.len + 1 };
	if (!is_long)
		whole.len += fold(key->value, text + whole.len).len;
	for (size_t i = 0; i < patterns->count; i++) {
		struct str pattern = str_from(patterns->items[i]);
		bool has_value = str_cut(pattern, '=', &pattern_key, &pattern_value);

		/* A value too long to be compared counts as the one that is looked for. */
		if (str_match_glob(has_value && is_long ? pattern_key : pattern,
				has_value && !is_long ? whole : folded))
			return true;
	}
	return false;
}
