// SPDX-License-Identifier: Apache-2.0
/*
 * json_edit.c - one text more in a list of a document that a person wrote
 *
 * The text was read by json_read() before, so the scan here only has to find its way: strings and comments
 * are passed as a whole, and brackets counted. It finds the innermost list or object that is there, and where
 * its last element ends; what is put in goes behind that, and behind the comment that stands on its line.
 * Whether that was right is not for the scan to say: the result is read again and compared.
 */
#include "json/json_edit.h"


#include <errno.h>

enum {
	ARENA_BYTES_MAX = 256 << 20,
	INDENT_MAX = 256,
};

/* Where a list or an object is, in offsets of the text. */
struct place {
	size_t open, close;		/* its brackets */
	size_t last, last_end;		/* its last element, which begins with its key; none: 0 */
	size_t comma_end;		/* behind the comma that follows it; 0: none does */
};

/* ---- finding the way; the text is known to be JSONC ---- */

static size_t skip_comment(struct str text, size_t at)
{
	if (text.data[at + 1] == '/') {
		while (at < text.len && text.data[at] != '\n')
			at++;
		return at;
	}
	for (at += 2; text.data[at] != '*' || text.data[at + 1] != '/';)
		at++;
	return at + 2;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* To the next token, or the end. */
static size_t skip_space(struct str text, size_t at)
{
	while (at < text.len && (is_space(text.data[at]) || text.data[at] == '/'))
		at = text.data[at] == '/' ? skip_comment(text, at) : at + 1;
	return at;
}

static size_t skip_string(struct str text, size_t at)
{
	for (at++; text.data[at] != '"'; at++)
		at += text.data[at] == '\\';
	return at + 1;
}

static bool is_word(char c)
{
	return !is_space(c) && c != ',' && c != ']' && c != '}' && c != '/' && c != ':';
}

/* Behind the value that begins at @at. */
static size_t skip_value(struct str text, size_t at)
{
	size_t depth = 0;

	do {
		char c = text.data[at];

		if (c == '"') {
			at = skip_string(text, at);
		} else if (c == '[' || c == '{') {
			depth++;
			at++;
		} else if (c == ']' || c == '}') {
			depth--;
			at++;
		} else if (c == ',' || c == ':') {
			at++;
		} else {
			while (at < text.len && is_word(text.data[at]))
				at++;
		}
		if (depth)
			at = skip_space(text, at);
	} while (depth);
	return at;
}

/* Whether the string at @at is @name, whatever escapes it is written with. */
static bool is_key(struct arena *arena, struct str text, size_t at, const char *name)
{
	const struct json *key;
	size_t end = skip_string(text, at);

	return json_read(arena, (struct str){ text.data + at, end - at }, JSON_READ_STRICT, &key, NULL) >=
		0 &&
		str_eq(key->text, str_from(name));
}

/*
 * What is between the brackets that begin at @open. In an object, @ret_value is where the value of @name is;
 * 0: there is none.
 */
static struct place look(struct arena *arena, struct str text, size_t open, const char *name,
	size_t *ret_value)
{
	struct place place = { .open = open };
	bool is_object = text.data[open] == '{';
	size_t at = skip_space(text, open + 1);

	*ret_value = 0;
	while (text.data[at] != ']' && text.data[at] != '}') {
		size_t value = at;

		place.last = at;
		if (is_object) {
			value = skip_space(text, skip_string(text, at));
			value = skip_space(text, value + 1);
		}
		if (is_object && name && is_key(arena, text, at, name))
			*ret_value = value;
		place.last_end = skip_value(text, value);
		at = skip_space(text, place.last_end);
		place.comma_end = text.data[at] == ',' ? at + 1 : 0;
		if (place.comma_end)
			at = skip_space(text, at + 1);
	}
	place.close = at;
	return place;
}

/* ---- layout ---- */

static bool has_newline(struct str text, size_t from, size_t to)
{
	return memchr(text.data + from, '\n', to - from);
}

static struct str newline_of(struct str text)
{
	const char *end = memchr(text.data, '\n', text.len);

	return end && end > text.data && end[-1] == '\r' ? STR("\r\n") : STR("\n");
}

/* The space in front of the line that @at is on. */
static struct str indent_of(struct str text, size_t at)
{
	size_t start = at, end;

	while (start && text.data[start - 1] != '\n')
		start--;
	for (end = start; end < at && (text.data[end] == ' ' || text.data[end] == '\t');)
		end++;
	return (struct str){ text.data + start, MIN(end - start, (size_t)INDENT_MAX) };
}

/* One step of it, as the document's first member has it. */
static struct str step_of(struct str text)
{
	size_t root = skip_space(text, 0), first = skip_space(text, root + 1);
	struct str indent = indent_of(text, first);

	return has_newline(text, root, first) && indent.len ? indent : STR("\t");
}

/*
 * Behind what stands on the same line as @at and belongs to it: comments that end there. @limit is the
 * closing bracket.
 */
static size_t end_of_line(struct str text, size_t at, size_t limit)
{
	size_t end = at;

	while (at < limit) {
		if (text.data[at] == ' ' || text.data[at] == '\t') {
			at++;
			continue;
		}
		if (text.data[at] != '/')
			break;
		if (has_newline(text, at, skip_comment(text, at)))
			break;
		at = end = skip_comment(text, at);
	}
	/* A comment to the end of the line has the return of "\r\n" in it. */
	return end > 0 && end < limit && text.data[end] == '\n' && text.data[end - 1] == '\r' ? end - 1 : end;
}

/* Behind the last comment of an empty list, or its opening bracket. */
static size_t end_of_comments(struct str text, const struct place *place)
{
	size_t at = place->open + 1, end = at;

	while (at < place->close) {
		if (text.data[at] == '/')
			at = end = skip_comment(text, at);
		else
			at++;
	}
	return end_of_line(text, end, place->close);
}

/* ---- putting in ---- */

static int put(struct buf *ret, struct str piece)
{
	return buf_append(ret, piece.data, piece.len);
}

static int put_range(struct buf *ret, struct str text, size_t from, size_t to)
{
	return buf_append(ret, text.data + from, to - from);
}

static int put_empty(struct str text, const struct place *place, struct str piece, struct buf *ret)
{
	size_t at = end_of_comments(text, place);
	bool is_tall = has_newline(text, place->open, place->close);
	int r = put_range(ret, text, 0, at);

	if (r >= 0 && is_tall)
		r = put(ret, newline_of(text));
	if (r >= 0 && is_tall)
		r = put(ret, indent_of(text, place->close));
	if (r >= 0 && is_tall)
		r = put(ret, step_of(text));
	if (r >= 0 && !is_tall && at > place->open + 1)
		r = put(ret, STR(" "));
	if (r >= 0)
		r = put(ret, piece);
	return r < 0 ? r : put_range(ret, text, at, text.len);
}

static int put_behind(struct str text, const struct place *place, struct str piece, struct buf *ret)
{
	bool is_tall = has_newline(text, place->open, place->last);
	size_t behind = place->comma_end ?: place->last_end, at = end_of_line(text, behind, place->close);
	int r = put_range(ret, text, 0, place->last_end);

	if (!is_tall) {
		if (r >= 0)
			r = put(ret, STR(", "));
		if (r >= 0)
			r = put(ret, piece);
		return r < 0 ? r : put_range(ret, text, place->last_end, text.len);
	}
	if (r >= 0 && !place->comma_end)
		r = put(ret, STR(","));
	if (r >= 0)
		r = put_range(ret, text, place->last_end, at);
	if (r >= 0)
		r = put(ret, newline_of(text));
	if (r >= 0)
		r = put(ret, indent_of(text, place->last));
	if (r >= 0)
		r = put(ret, piece);
	if (r >= 0 && place->comma_end)
		r = put(ret, STR(","));
	return r < 0 ? r : put_range(ret, text, at, text.len);
}

/* Members that are missing, around the list: "network": { "allow": ["x"] } */
static int write_piece(struct arena *arena, const char *const *path, size_t count, struct str item,
	bool is_in_list, struct buf *ret)
{
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++) {
		r = json_write(ret, json_new_text(arena, path[i]), JSON_WRITE_CANONICAL);
		if (r >= 0)
			r = put(ret, i + 1 < count ? STR(": { ") : STR(": ["));
	}
	if (r >= 0)
		r = json_write(ret, json_new_string(arena, item), JSON_WRITE_CANONICAL);
	if (r >= 0 && !is_in_list)
		r = put(ret, STR("]"));
	for (size_t i = 1; i < count && r >= 0; i++)
		r = put(ret, STR(" }"));
	return r;
}

/* ---- what has to come out ---- */

static const struct json *list_with(struct arena *arena, const struct json *list, struct str item)
{
	struct json_array_builder builder;

	json_array_begin(&builder, arena);
	for (size_t i = 0; list && i < list->array.count; i++)
		json_array_add(&builder, list->array.items[i]);
	json_array_add(&builder, json_new_string(arena, item));
	return json_array_end(&builder);
}

/* Recurses once for each name of the path. */
static const struct json *object_with(struct arena *arena, const struct json *object, const char *const *path,
	size_t count, struct str item)
{
	const struct json *inner;
	struct json_object_builder builder;

	if (!count)
		return list_with(arena, object, item);
	inner = object_with(arena, json_get(object, path[0]), path + 1, count - 1, item);
	json_object_begin(&builder, arena);
	for (size_t i = 0; object && i < object->object.count; i++) {
		const struct json_member *member = &object->object.members[i];

		if (!str_eq(member->key->text, str_from(path[0])))
			json_object_add_value(&builder, member->key, member->value);
	}
	json_object_add(&builder, path[0], inner);
	return json_object_end(&builder);
}

static int check(struct arena *arena, const struct json *wanted, struct str text, struct error *err)
{
	const struct json *got;
	int r = json_read(arena, text, JSON_READ_JSONC, &got, NULL);

	return wanted && r >= 0 && json_equal(wanted, got) ? 0 :
		error_set(err, -EIO, "the file cannot be changed without changing more of it");
}

/* ---- the whole ---- */

/* What is on the way has to be objects and a list. */
static int check_way(const struct json *document, const char *const *path, size_t count, struct error *err)
{
	const struct json *value = document;

	for (size_t i = 0; i <= count && value; i++) {
		enum json_type wanted = i < count ? JSON_OBJECT : JSON_ARRAY;

		if (value->type != wanted)
			return error_set(err, -EINVAL, "%u:%u: expected %s, found %s", value->line,
				value->column, json_type_name(wanted), json_type_name(value->type));
		value = i < count ? json_get(value, path[i]) : NULL;
	}
	return 0;
}

int json_edit_append(struct str text, const char *const *path, size_t count, struct str item, struct buf *ret,
	struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX);
	scoped(buf) struct buf piece = BUF_INIT(JSON_TEXT_MAX);
	const struct json *document;
	struct place place;
	size_t value, found = 0;
	int r = json_read(&arena, text, JSON_READ_JSONC, &document, err);

	if (r >= 0)
		r = check_way(document, path, count, err);
	if (r < 0)
		return r;
	place = look(&arena, text, skip_space(text, 0), path[0], &value);
	while (value) {
		found++;
		place = look(&arena, text, value, found < count ? path[found] : NULL, &value);
	}
	r = write_piece(&arena, path + found, count - found, item, found == count, &piece);
	if (r >= 0)
		r = (place.last_end ? put_behind : put_empty)(text, &place,
			(struct str){ piece.data, piece.len }, ret);
	if (r < 0)
		return error_set(err, -EMSGSIZE, "the file is too large");
	return check(&arena, object_with(&arena, document, path, count, item),
		(struct str){ ret->data, ret->len }, err);
}
