// SPDX-License-Identifier: Apache-2.0
/*
 * extract_index.c - the files that git's index tells git not to look at
 *
 * An entry that is marked assume-unchanged or skip-worktree is shown by no `git status` and taken by no
 * `git add`, whatever the file has become. Each such mark is a key, with the path behind it; all other
 * entries are none. Everything has to fit: entries, padding and extensions end where the checksum begins, so
 * that there is one way to read the file. How long an object's name is stands elsewhere: both lengths are
 * tried, and a file that fits both is refused. So is a split index, whose marks are in another file, and an
 * extension that git itself must know and we do not. The checksum is not looked at, as git does not either.
 *
 * Source: gitformat-index(5)
 */
#include "policy/extract_internal.h"

#include <errno.h>

enum {
	HEADER_BYTES = 12,
	STAT_BYTES = 40,		/* times, device, inode, mode, owner, size */
	EXTENSION_BYTES = 8,		/* in front of what it holds */
	SHA1_BYTES = 20,
	SHA256_BYTES = 32,
	PATH_MAX_BYTES = 4096,
	VERSION_FIRST = 2,
	VERSION_EXTENDED = 3,		/* from here on, entries may have more flags */
	VERSION_PACKED = 4,		/* paths are told by their difference, and nothing is padded */
};

enum {
	FLAG_ASSUME_UNCHANGED = 1 << 15,
	FLAG_EXTENDED = 1 << 14,
	NAME_LEN_MASK = (1 << 12) - 1,
	MORE_SKIP_WORKTREE = 1 << 14,
	MORE_INTENT_TO_ADD = 1 << 13,
};

struct index {
	struct str rest;		/* without the checksum */
	struct floor_keys *keys;
	struct buf path;		/* of the entry before */
	uint32_t version;
	size_t hash_bytes;
};

static uint32_t read_be(const char *data, size_t bytes)
{
	uint32_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | (unsigned char)data[i];
	return value;
}

static void skip(struct str *s, size_t len)
{
	s->data += len;
	s->len -= len;
}

/*
 * How many bytes of the path before are not of this one: seven bits a byte, and one more where others follow.
 */
static int read_cut(struct str *rest, size_t *ret)
{
	size_t value = 0;
	unsigned char c;

	do {
		if (!rest->len || value > PATH_MAX_BYTES)
			return -EBADMSG;
		c = (unsigned char)rest->data[0];
		skip(rest, 1);
		value = (value << 7) + (c & 0x7f) + (c & 0x80 ? 1 : 0);
	} while (c & 0x80);
	*ret = value;
	return 0;
}

/* What follows the flags, up to the next entry; @len is that of the path as the flags have it. */
static int read_path(struct index *index, size_t fixed, size_t len)
{
	size_t keep = 0, cut = 0, added, padding = 1;

	if (index->version == VERSION_PACKED) {
		if (read_cut(&index->rest, &cut) < 0 || cut > index->path.len)
			return -EBADMSG;
		keep = index->path.len - cut;
	}
	added = index->rest.len ? strnlen(index->rest.data, index->rest.len) : 0;
	if (keep + added > PATH_MAX_BYTES)
		return -EBADMSG;
	if (keep + added != len && (len != NAME_LEN_MASK || keep + added < len))
		return -EBADMSG;
	if (index->version < VERSION_PACKED)
		padding = 8 - (fixed + added) % 8;
	if (index->rest.len - added < padding)
		return -EBADMSG;
	for (size_t i = 0; i < padding; i++)
		if (index->rest.data[added + i])
			return -EBADMSG;
	floor_cut(&index->path, keep);
	(void)buf_append(&index->path, index->rest.data, added);
	skip(&index->rest, added + padding);
	return index->path.len ? 0 : -EBADMSG;
}

static int add_mark(struct index *index, const char *mark)
{
	const char *key = arena_printf(index->keys->arena, "%s %s", mark, buf_text(&index->path));

	return key ? floor_keys_add(index->keys, str_from(key), STR("true")) : -EMSGSIZE;
}

static int read_entry(struct index *index)
{
	size_t fixed = STAT_BYTES + index->hash_bytes + 2;
	uint32_t flags, more = 0;
	int r;

	if (index->rest.len < fixed)
		return -EBADMSG;
	flags = read_be(index->rest.data + fixed - 2, 2);
	skip(&index->rest, fixed);
	if (flags & FLAG_EXTENDED) {
		if (index->version < VERSION_EXTENDED || index->rest.len < 2)
			return -EBADMSG;
		more = read_be(index->rest.data, 2);
		skip(&index->rest, 2);
		fixed += 2;
	}
	if (more & ~(uint32_t)(MORE_SKIP_WORKTREE | MORE_INTENT_TO_ADD))
		return -EBADMSG;
	r = read_path(index, fixed, flags & NAME_LEN_MASK);
	if (r >= 0 && flags & FLAG_ASSUME_UNCHANGED)
		r = add_mark(index, "assume-unchanged");
	if (r >= 0 && more & MORE_SKIP_WORKTREE)
		r = add_mark(index, "skip-worktree");
	return r;
}

/* Those that git may pass by begin with a capital letter; "sdir" says that entries may be directories. */
static int read_extension(struct index *index)
{
	struct str name = { index->rest.data, 4 };
	size_t len;

	if (index->rest.len < EXTENSION_BYTES)
		return -EBADMSG;
	len = read_be(index->rest.data + 4, 4);
	if ((name.data[0] < 'A' || name.data[0] > 'Z') && !str_eq(name, STR("sdir")))
		return -EBADMSG;
	skip(&index->rest, EXTENSION_BYTES);
	if (index->rest.len < len)
		return -EBADMSG;
	skip(&index->rest, len);
	return 0;
}

static int read_file(struct index *index, struct str text)
{
	uint32_t count;
	int r = 0;

	if (text.len < HEADER_BYTES + index->hash_bytes || !str_starts_with(text, STR("DIRC")))
		return -EBADMSG;
	index->version = read_be(text.data + 4, 4);
	count = read_be(text.data + 8, 4);
	if (index->version < VERSION_FIRST || index->version > VERSION_PACKED)
		return -EBADMSG;
	index->rest = (struct str){ text.data, text.len - index->hash_bytes };
	skip(&index->rest, HEADER_BYTES);
	for (uint32_t i = 0; r >= 0 && i < count; i++)
		r = read_entry(index);
	while (r >= 0 && index->rest.len)
		r = read_extension(index);
	return r;
}

static int read_with(struct str text, size_t hash_bytes, struct floor_keys *keys)
{
	struct index index = { .keys = keys, .path = BUF_INIT(PATH_MAX_BYTES), .hash_bytes = hash_bytes };
	int r = read_file(&index, text);

	buf_fini(&index.path);
	return r;
}

int floor_extract_index(struct str text, struct floor_keys *keys)
{
	struct floor_keys others = { .arena = keys->arena };
	int r = read_with(text, SHA1_BYTES, keys), other = read_with(text, SHA256_BYTES, &others);

	if (r == -EMSGSIZE || other == -EMSGSIZE)
		return -EMSGSIZE;
	if ((r < 0) == (other < 0))
		return -EBADMSG;
	if (r < 0)
		*keys = others;
	return 0;
}
