// SPDX-License-Identifier: Apache-2.0
/*
 * changeset_read.c - from the public form back to a changeset, believing nothing
 *
 * A changeset on disk decides what the committer will write, so whatever comes in is checked as if a stranger
 * had written it: every member by name and type here, the rules that bind them in changeset_check.c, and the
 * digest. At the end the text is written again and compared with what came: what our writer would not have
 * said (a zero that should be absent, a flag twice) is refused, so one changeset has one text.
 */
#include "overlay/changeset_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <sys/sysmacros.h>

struct reader {
	struct arena *arena;
	struct error *err;
	size_t root_count;
};

static int refuse(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "%s", what);
}

static int arena_full(struct error *err)
{
	return error_set(err, -EMSGSIZE, "the changeset needs more memory than it may have");
}

/* Every member of @object has to be one of @known. Both are sorted, so one walk does. */
static int check_members(const struct json *object, const char *const *known, size_t count, struct error *err)
{
	size_t k = 0;

	if (!object || object->type != JSON_OBJECT)
		return refuse(err, "not an object");
	for (size_t i = 0; i < object->object.count; i++) {
		struct str key = object->object.members[i].key->text;

		while (k < count && strcmp(known[k], key.data) < 0)
			k++;
		if (k == count || !str_eq(key, str_from(known[k])))
			return error_set(err, -EBADMSG, "unknown member '%s'", quote_text(key).text);
	}
	return 0;
}

/* An integer in 0..@max; absent is 0 where @optional. */
static int read_count(const struct json *object, const char *key, uint64_t max, bool optional, uint64_t *ret,
		struct error *err)
{
	const struct json *value = json_get(object, key);

	*ret = 0;
	if (!value && optional)
		return 0;
	if (!value || value->type != JSON_INT || value->integer < 0 || (uint64_t)value->integer > max)
		return error_set(err, -EBADMSG, "%s: not an integer from 0 to %ju", key, (uintmax_t)max);
	*ret = (uint64_t)value->integer;
	return 0;
}

static int read_bytes(const struct reader *in, const struct json *object, const char *key, struct str *ret)
{
	const struct json *value = json_get(object, key);
	int r = value ? json_to_bytes(in->arena, value, ret) : -EINVAL;

	if (r == -EMSGSIZE)
		return arena_full(in->err);
	if (r < 0 || memchr(ret->data, '\0', ret->len))
		return error_set(in->err, -EBADMSG, "%s: not text or {\"bytes\": base64} without NUL", key);
	return 0;
}

static int read_path(const struct reader *in, const struct json *object, const char *key, struct str *ret)
{
	int r = read_bytes(in, object, key, ret);

	if (r < 0)
		return r;
	if (!path_is_clean(*ret) || ret->data[0] == '/')
		return error_set(in->err, -EBADMSG, "%s: not a clean relative path", key);
	return 0;
}

static int read_digest(const struct json *object, const char *key, struct digest *ret, struct error *err)
{
	const struct json *value = json_get(object, key);

	if (!value || value->type != JSON_STRING || digest_from_hex(value->text, ret) < 0)
		return error_set(err, -EBADMSG, "%s: not 64 lower-case hexadecimal digits", key);
	return 0;
}

static int read_mode(const struct json *object, mode_t *ret, struct error *err)
{
	const char *text = json_get_text(object, "mode");
	mode_t mode = 0;

	for (int i = 0; i < 4; i++) {
		if (!text || text[i] < '0' || text[i] > '7')
			return refuse(err, "mode: not four octal digits");
		mode = mode << 3 | (mode_t)(text[i] - '0');
	}
	if (text[4])
		return refuse(err, "mode: not four octal digits");
	*ret = mode;
	return 0;
}

static int read_device(const struct json *object, dev_t *ret, struct error *err)
{
	const char *text = json_get_text(object, "device");
	uint64_t major_number, minor_number;
	struct str head, tail;

	if (!text || !str_cut(str_from(text), ':', &head, &tail) ||
			str_to_u64(head, UINT32_MAX, &major_number) < 0 ||
			str_to_u64(tail, UINT32_MAX, &minor_number) < 0)
		return refuse(err, "device: not MAJOR:MINOR");
	*ret = makedev((unsigned)major_number, (unsigned)minor_number);
	return 0;
}

static int read_xattr(const struct reader *in, const struct json *value, struct xattr *ret)
{
	static const char *const known[] = { "name", "value" };
	struct str name;
	int r = check_members(value, known, ARRAY_SIZE(known), in->err);

	if (r < 0)
		return r;
	r = read_bytes(in, value, "name", &name);
	if (r < 0)
		return r;
	r = json_to_bytes(in->arena, json_get(value, "value"), &ret->value);
	if (r == -EMSGSIZE)
		return arena_full(in->err);
	if (r < 0 || !name.len)
		return refuse(in->err, "needs a name and a value");
	ret->name = name.data;
	return 0;
}

static int read_xattrs(const struct reader *in, const struct json *object, struct file_facts *ret)
{
	const struct json *list = json_get(object, "xattrs");
	struct xattr *xattrs;

	if (!list)
		return 0;
	if (list->type != JSON_ARRAY || list->array.count > CHANGE_XATTRS_MAX)
		return error_set(in->err, -EBADMSG, "xattrs: not an array of at most %d", CHANGE_XATTRS_MAX);
	xattrs = arena_alloc_array(in->arena, list->array.count, sizeof(*xattrs));
	if (!xattrs)
		return arena_full(in->err);
	for (size_t i = 0; i < list->array.count; i++) {
		int r = read_xattr(in, list->array.items[i], &xattrs[i]);

		if (r < 0)
			return error_wrap(in->err, r, "xattrs[%zu]", i);
		if (i && strcmp(xattrs[i - 1].name, xattrs[i].name) >= 0)
			return refuse(in->err, "xattrs: not sorted by name");
	}
	ret->xattrs = xattrs;
	ret->xattr_count = list->array.count;
	return 0;
}

static int read_type(const struct json *object, enum file_type *ret, struct error *err)
{
	const char *name = json_get_text(object, "type");

	for (enum file_type type = FILE_REGULAR; type <= FILE_BLOCK_DEVICE; type++) {
		if (!name || strcmp(name, file_type_name(type)))
			continue;
		*ret = type;
		return 0;
	}
	return refuse(err, "type: no type of file");
}

/* The members that only some types have. */
static int read_by_type(const struct reader *in, const struct json *object, struct file_facts *ret)
{
	static const struct digest none;
	int r = 0;

	if (json_get(object, "sha256")) {
		r = read_digest(object, "sha256", &ret->digest, in->err);
		if (r >= 0 && digest_eq(&ret->digest, &none))
			return refuse(in->err, "sha256: zero");
	}
	if (r >= 0 && ret->type == FILE_REGULAR)
		r = read_count(object, "size", INT64_MAX, false, &ret->size_bytes, in->err);
	if (r >= 0 && ret->type == FILE_SYMLINK) {
		struct digest wanted;

		r = read_bytes(in, object, "target", &ret->target);
		if (r < 0)
			return r;
		wanted = hash_bytes(ret->target.data, ret->target.len);
		if (!ret->target.len || !digest_eq(&wanted, &ret->digest))
			return refuse(in->err, "sha256: not the target's");
		ret->size_bytes = ret->target.len;
	}
	if (r >= 0 && (ret->type == FILE_CHAR_DEVICE || ret->type == FILE_BLOCK_DEVICE))
		r = read_device(object, &ret->device, in->err);
	return r;
}

/* A boolean that is there is true. */
static int read_true(const struct json *object, const char *key, bool *ret, struct error *err)
{
	const struct json *value = json_get(object, key);

	if (value && (value->type != JSON_BOOL || !value->boolean))
		return error_set(err, -EBADMSG, "%s: not true", key);
	*ret = value != NULL;
	return 0;
}

static int read_content(const struct json *object, struct content *ret, struct error *err)
{
	static const char *const known[] = {
		"bidi", "entropy", "invisible", "lines", "longest_line", "type", "utf8",
	};
	uint64_t entropy = 0;
	int r = check_members(object, known, ARRAY_SIZE(known), err);

	if (r >= 0 && content_type_from_name(json_get_text(object, "type"), &ret->type) < 0)
		r = refuse(err, "type: no type of content");
	if (r >= 0)
		r = read_true(object, "bidi", &ret->has_bidi, err);
	if (r >= 0)
		r = read_true(object, "invisible", &ret->has_invisible, err);
	if (r >= 0)
		r = read_true(object, "utf8", &ret->is_utf8, err);
	if (r >= 0)
		r = read_count(object, "entropy", CONTENT_ENTROPY_MAX, true, &entropy, err);
	if (r >= 0)
		r = read_count(object, "lines", INT64_MAX, true, &ret->lines, err);
	if (r >= 0)
		r = read_count(object, "longest_line", INT64_MAX, true, &ret->longest_line, err);
	ret->entropy = (uint16_t)entropy;
	return r;
}

static int read_facts(const struct reader *in, const struct json *object, struct file_facts *ret)
{
	static const char *const known[] = {
		"content", "device", "gid", "mode", "mtime", "sha256", "size", "target", "type", "uid",
		"xattrs",
	};
	const struct json *mtime = json_get(object, "mtime");
	uint64_t uid = 0, gid = 0;
	int r = check_members(object, known, ARRAY_SIZE(known), in->err);

	if (r < 0)
		return r;
	if (!mtime || mtime->type != JSON_INT)
		return refuse(in->err, "mtime: not an integer");
	ret->mtime_ns = mtime->integer;
	r = read_type(object, &ret->type, in->err);
	if (r >= 0)
		r = read_mode(object, &ret->mode, in->err);
	if (r >= 0)
		r = read_count(object, "uid", UINT32_MAX - 1, false, &uid, in->err);
	if (r >= 0)
		r = read_count(object, "gid", UINT32_MAX - 1, false, &gid, in->err);
	if (r >= 0)
		r = read_by_type(in, object, ret);
	if (r >= 0)
		r = read_xattrs(in, object, ret);
	if (r >= 0 && json_get(object, "content")) {
		r = read_content(json_get(object, "content"), &ret->content, in->err);
		if (r < 0)
			return error_wrap(in->err, r, "content");
	}
	ret->uid = (uid_t)uid;
	ret->gid = (gid_t)gid;
	return r;
}

static int read_flags(const struct json *object, unsigned *ret, struct error *err)
{
	const struct json *list = json_get(object, "flags");

	if (!list)
		return 0;
	if (list->type != JSON_ARRAY)
		return refuse(err, "flags: not an array");
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *name = list->array.items[i];
		unsigned flag = 1;

		while (change_flag_name(flag) && (name->type != JSON_STRING ||
				!str_eq(name->text, str_from(change_flag_name(flag)))))
			flag <<= 1;
		if (!change_flag_name(flag))
			return refuse(err, "flags: no flag of ours");
		*ret |= flag;
	}
	return 0;
}

static int read_kind(const struct json *object, enum change_kind *ret, struct error *err)
{
	const char *name = json_get_text(object, "kind");

	for (enum change_kind kind = CHANGE_ADDED; kind <= CHANGE_TYPE; kind++) {
		if (!name || strcmp(name, change_kind_name(kind)))
			continue;
		*ret = kind;
		return 0;
	}
	return refuse(err, "kind: no kind of change");
}

static int read_sides(const struct reader *in, const struct json *value, struct change *ret)
{
	int r = 0;

	if (json_get(value, "old"))
		r = read_facts(in, json_get(value, "old"), &ret->old_file);
	if (r < 0)
		return error_wrap(in->err, r, "old");
	if (json_get(value, "new"))
		r = read_facts(in, json_get(value, "new"), &ret->new_file);
	if (r < 0)
		return error_wrap(in->err, r, "new");
	return 0;
}

static int read_change(const struct reader *in, const struct json *value, struct change *ret)
{
	static const char *const known[] = {
		"entries", "flags", "from", "kind", "links", "new", "old", "path", "root",
	};
	uint64_t root = 0;
	int r = check_members(value, known, ARRAY_SIZE(known), in->err);

	if (r >= 0)
		r = read_kind(value, &ret->kind, in->err);
	if (r >= 0)
		r = read_count(value, "root", in->root_count - 1, false, &root, in->err);
	if (r >= 0)
		r = read_path(in, value, "path", &ret->path);
	if (r >= 0 && json_get(value, "from"))
		r = read_path(in, value, "from", &ret->renamed_from);
	if (r >= 0)
		r = read_flags(value, &ret->flags, in->err);
	if (r >= 0)
		r = read_count(value, "links", CHANGES_MAX, true, &ret->link_group, in->err);
	if (r >= 0)
		r = read_count(value, "entries", INT64_MAX, true, &ret->old_count, in->err);
	if (r >= 0)
		r = read_sides(in, value, ret);
	ret->root = (unsigned)root;
	return r;
}

int change_read(struct arena *arena, const struct json *value, size_t root_count, struct change *ret,
	struct error *err)
{
	const struct reader in = { .arena = arena, .err = err, .root_count = root_count };

	return root_count ? read_change(&in, value, ret) : refuse(err, "roots: empty");
}

static int read_changes(const struct reader *in, const struct json *list, struct changeset *ret)
{
	struct change *changes;

	if (!list || list->type != JSON_ARRAY)
		return refuse(in->err, "changes: not an array");
	if (list->array.count > CHANGES_MAX)
		return error_set(in->err, -EMSGSIZE, "changes: more than %d", CHANGES_MAX);
	if (list->array.count && !in->root_count)
		return refuse(in->err, "roots: empty");
	changes = arena_alloc_array(in->arena, list->array.count, sizeof(*changes));
	if (!changes)
		return arena_full(in->err);
	for (size_t i = 0; i < list->array.count; i++) {
		int r = read_change(in, list->array.items[i], &changes[i]);

		if (r < 0)
			return error_wrap(in->err, r, "changes[%zu]", i);
	}
	ret->changes = changes;
	ret->count = list->array.count;
	return 0;
}

static int read_roots(const struct reader *in, const struct json *list, struct changeset *ret)
{
	const char **roots;

	if (!list || list->type != JSON_ARRAY || list->array.count > CHANGE_ROOTS_MAX)
		return error_set(in->err, -EBADMSG, "roots: not an array of at most %d", CHANGE_ROOTS_MAX);
	roots = arena_alloc_array(in->arena, list->array.count, sizeof(*roots));
	if (!roots)
		return arena_full(in->err);
	for (size_t i = 0; i < list->array.count; i++) {
		struct str path;

		if (json_to_bytes(in->arena, list->array.items[i], &path) < 0 || !path_is_clean(path) ||
				path.data[0] != '/' || memchr(path.data, '\0', path.len))
			return error_set(in->err, -EBADMSG, "roots[%zu]: not a clean absolute path", i);
		roots[i] = path.data;
	}
	ret->roots = roots;
	ret->root_count = list->array.count;
	return 0;
}

/* What came has to be what we would have written, to the byte. */
static int check_text(struct str came, const struct changeset *changeset, struct error *err)
{
	scoped(buf) struct buf ours = BUF_INIT(JSON_TEXT_MAX);
	struct digest digest;

	if (changeset_write_sealing(&ours, changeset, &digest) < 0)
		return error_set(err, -EMSGSIZE, "the changeset is longer than %d bytes", JSON_TEXT_MAX);
	if (!str_eq(came, (struct str){ ours.data, ours.len }))
		return refuse(err,
			"not in the form that cordon writes: a zero member, or something out of order");
	if (!digest_eq(&digest, &changeset->digest))
		return refuse(err,
			"digest: not the content's; the changeset was altered after it was sealed");
	return 0;
}

int changeset_read_frame(struct arena *arena, const struct json *value, struct changeset *ret,
	uint64_t *ret_count, struct error *err)
{
	static const char *const known[] = { "bytes", "changes", "count", "digest", "roots", "version" };
	const struct reader in = { .arena = arena, .err = err };
	uint64_t version;
	int r = check_members(value, known, ARRAY_SIZE(known), err);

	*ret = (struct changeset){ 0 };
	if (r >= 0)
		r = read_count(value, "version", INT64_MAX, false, &version, err);
	if (r >= 0 && version != CHANGESET_VERSION)
		r = error_set(err, -EBADMSG, "version: %ju, this cordon reads %d", (uintmax_t)version,
			CHANGESET_VERSION);
	if (r >= 0)
		r = read_count(value, "bytes", INT64_MAX, false, &ret->total_bytes, err);
	if (r >= 0)
		r = read_count(value, "count", CHANGES_MAX, false, ret_count, err);
	if (r >= 0)
		r = read_digest(value, "digest", &ret->digest, err);
	return r < 0 ? r : read_roots(&in, json_get(value, "roots"), ret);
}

/* All but the comparison with the text. */
static int read_value(struct arena *arena, const struct json *value, struct changeset *ret, struct error *err)
{
	struct reader in = { .arena = arena, .err = err };
	uint64_t count;
	int r = changeset_read_frame(arena, value, ret, &count, err);

	in.root_count = ret->root_count;
	if (r >= 0)
		r = read_changes(&in, json_get(value, "changes"), ret);
	if (r >= 0 && count != ret->count)
		r = refuse(err, "count: not the number of changes");
	return r < 0 ? r : changeset_check(ret, err);
}

int changeset_read(struct arena *arena, const struct json *value, struct changeset *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	struct changeset changeset;
	int r = read_value(arena, value, &changeset, err);

	if (r >= 0 && json_write(&text, value, JSON_WRITE_CANONICAL) < 0)
		r = error_set(err, -EMSGSIZE, "longer than %d bytes", JSON_TEXT_MAX);
	if (r >= 0)
		r = check_text((struct str){ text.data, text.len }, &changeset, err);
	if (r < 0)
		return error_wrap(err, r, "changeset");
	*ret = changeset;
	return 0;
}

int changeset_read_text(struct arena *arena, struct str text, struct changeset *ret, struct error *err)
{
	const struct json *value;
	struct changeset changeset;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r >= 0)
		r = read_value(arena, value, &changeset, err);
	if (r >= 0)
		r = check_text(text, &changeset, err);
	if (r < 0)
		return error_wrap(err, r, "changeset");
	*ret = changeset;
	return 0;
}
