// SPDX-License-Identifier: Apache-2.0
/*
 * import_filter.c - the part of a settings file that is imported
 *
 * A settings file holds harmless choices beside tokens and commands, so a list says what is taken, and what
 * it does not name stays behind. Nothing is guessed: a line that is not plainly `key = value` is no setting.
 */
#include "run/import.h"

#include <errno.h>

static bool has_key(const struct agent_import *import, struct str key)
{
	for (size_t i = 0; i < import->keys.count; i++)
		if (str_eq(str_from(import->keys.items[i]), key))
			return true;
	return false;
}

static int write_object(struct arena *arena, const struct json *object, struct str *ret)
{
	scoped(buf) struct buf text = BUF_INIT(2 * IMPORT_FILE_MAX);
	int r;

	if (object && !object->object.count)
		return 0;
	r = object ? json_write(&text, object, JSON_WRITE_PRETTY) : -EMSGSIZE;
	if (r >= 0)
		r = buf_append_char(&text, '\n');
	if (r < 0)
		return r;
	*ret = (struct str){ arena_copy(arena, buf_text(&text), text.len), text.len };
	return ret->data ? 0 : -EMSGSIZE;
}

static int filter_json(struct arena *arena, const struct agent_import *import, struct str text,
	struct str *ret)
{
	struct json_object_builder object;
	const struct json *value = NULL;
	int r = text.data ? json_read(arena, text, JSON_READ_JSONC, &value, NULL) : 0;

	if (r < 0 || (value && value->type != JSON_OBJECT))
		return r == -EMSGSIZE ? r : -EBADMSG;
	json_object_begin(&object, arena);
	for (size_t i = 0; value && i < value->object.count; i++) {
		const struct json_member *member = &value->object.members[i];
		bool is_taken = !import->has_keys || has_key(import, member->key->text);

		if (is_taken && !json_get_str(import->set, member->key->text))
			json_object_add_value(&object, member->key, member->value);
	}
	for (size_t i = 0; import->set && i < import->set->object.count; i++)
		json_object_add_value(&object, import->set->object.members[i].key,
			import->set->object.members[i].value);
	return write_object(arena, json_object_end(&object), ret);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct str trim(struct str s)
{
	while (s.len && is_blank(s.data[0]))
		s.data++, s.len--;
	while (s.len && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

/* What stands behind the quoted text at the beginning of @value; NULL data where it does not end. */
static struct str behind_quoted(struct str value)
{
	char quote = value.data[0];

	for (size_t i = 1; i < value.len; i++) {
		if (value.data[i] == quote)
			return trim((struct str){ value.data + i + 1, value.len - i - 1 });
		i += quote == '"' && value.data[i] == '\\';
	}
	return (struct str){ 0 };
}

/*
 * Whether a value ends on its own line. What goes on, goes on over lines that may look like settings: texts
 * of three quotes, quoted ones that YAML lets run on, lists and tables.
 */
static bool is_whole(struct str value)
{
	char last = value.len ? value.data[value.len - 1] : 0;
	struct str rest;

	if (memmem(value.data, value.len, "\"\"\"", 3) || memmem(value.data, value.len, "'''", 3))
		return false;
	if (value.len && (value.data[0] == '[' || value.data[0] == '{'))
		return last == (value.data[0] == '[' ? ']' : '}');
	if (!value.len || (value.data[0] != '"' && value.data[0] != '\''))
		return true;
	rest = behind_quoted(value);
	return rest.data && (!rest.len || rest.data[0] == '#');
}

/* Whether it is one word or text, and neither a block nor a list nor a reference. */
static bool is_plain(struct str value)
{
	return value.len && !memchr(value.data, 0, value.len) && !strchr("|>[{&*!", value.data[0]);
}

static int filter_lines(struct arena *arena, const struct agent_import *import, char separator,
	struct str text, struct str *ret)
{
	scoped(buf) struct buf kept = BUF_INIT(IMPORT_FILE_MAX);
	struct str line, key, value;

	while (text.len) {
		bool is_setting;

		str_cut(text, '\n', &line, &text);
		/* In TOML, what comes behind a table's head belongs to the table. */
		if (separator == '=' && str_starts_with(trim(line), STR("[")))
			break;
		is_setting = str_cut(line, separator, &key, &value);
		/* From here on nothing is known to stand at the top. */
		if (!is_whole(trim(is_setting ? value : line)))
			break;
		if (!is_setting || (key.len && is_blank(key.data[0])) || !has_key(import, trim(key)) ||
				!is_plain(trim(value)))
			continue;
		(void)buf_append(&kept, line.data, line.len);
		(void)buf_append_char(&kept, '\n');
	}
	if (buf_failed(&kept))
		return -EMSGSIZE;
	*ret = (struct str){ arena_copy(arena, buf_text(&kept), kept.len), kept.len };
	return ret->data ? 0 : -EMSGSIZE;
}

int run_import_filter(struct arena *arena, const struct agent_import *import, const char *path,
	struct str text, struct str *ret)
{
	struct str name = str_from(path);

	*ret = (struct str){ 0 };
	if (str_ends_with(name, STR(".json")) && (import->has_keys || import->set))
		return filter_json(arena, import, text, ret);
	if (!text.data)
		return 0;
	if (import->has_keys && str_ends_with(name, STR(".toml")))
		return filter_lines(arena, import, '=', text, ret);
	if (import->has_keys && (str_ends_with(name, STR(".yml")) || str_ends_with(name, STR(".yaml"))))
		return filter_lines(arena, import, ':', text, ret);
	/* Keys of a form that we cannot read: nothing of it is known to be harmless. */
	if (import->has_keys)
		return -EBADMSG;
	*ret = text;
	return 0;
}
