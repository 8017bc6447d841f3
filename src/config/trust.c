// SPDX-License-Identifier: Apache-2.0
/*
 * trust.c - the user's word for one content of one project file
 *
 * $XDG_STATE_HOME/cordon/trust/HASH.json, where HASH is the SHA-256 of "WORKSPACE\0FILE": one record for each
 * project file of each workspace, so that saying it again for a new content replaces the old word. The record
 * names both, and they are compared, so that a file that was copied to another name speaks for nothing. What
 * counts is the digest over every byte; a record that cannot be read is an error, never "trusted".
 *
 * The directory is 0700 and no agent ever sees it: the configuration denies it wherever it would be visible.
 */
#include "config/load.h"

#include "base/quote.h"
#include "base/time.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	RECORD_VERSION = 1,
	RECORD_MAX_BYTES = 64 << 10,
	RECORD_NAME_SIZE = DIGEST_HEX_SIZE + sizeof(".json"),
	TRUSTS_MAX = 10000,
};

static void record_name(const char *workspace, const char *file, char ret[RECORD_NAME_SIZE])
{
	struct digest digest;
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, workspace, strlen(workspace) + 1);
	hash_update(&hash, file, strlen(file));
	digest = hash_final(&hash);
	digest_to_hex(&digest, ret);
	memcpy(ret + DIGEST_HEX_SIZE - 1, ".json", sizeof(".json"));
}

/* Return: a descriptor; -ENOENT where nothing was ever trusted. */
static int open_dir(const char *state_dir, bool create, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(RECORD_MAX_BYTES);
	const char *path = arena_printf(&arena, "%s/trust", state_dir);
	int r = path ? 0 : -ENAMETOOLONG;

	if (r >= 0 && create)
		r = kern_mkdir_all(path);
	if (r >= 0)
		r = kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	if (r < 0 && (r != -ENOENT || create))
		return error_sys(err, r, "opening '%s/trust'", quote_cstr(state_dir).text);
	return r;
}

static int parse_record(struct arena *arena, const struct json *json, struct config_trust *ret)
{
	const char *digest = json_get_text(json, "digest"), *time = json_get_text(json, "time");
	struct str workspace, file;

	if (json_get_int(json, "version", 0) != RECORD_VERSION || !digest || !time)
		return -EINVAL;
	if (json_to_bytes(arena, json_get(json, "workspace"), &workspace) < 0 ||
			json_to_bytes(arena, json_get(json, "file"), &file) < 0)
		return -EINVAL;
	if (digest_from_hex(str_from(digest), &ret->digest) < 0 ||
			time_from_text(str_from(time), &ret->time_ns) < 0)
		return -EINVAL;
	ret->workspace = workspace.data;
	ret->file = file.data;
	return 0;
}

/* Return: 1 read, 0 there is none, or negative errno. */
static int read_record(struct arena *arena, int dirfd, const char *name, struct config_trust *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RECORD_MAX_BYTES);
	const struct json *json;
	char expected[RECORD_NAME_SIZE];
	int r = kern_read_file(dirfd, name, &text);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return error_sys(err, r, "reading the record of trust '%s'", quote_cstr(name).text);
	r = json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &json, err);
	if (r >= 0)
		r = parse_record(arena, json, ret);
	if (r >= 0)
		record_name(ret->workspace, ret->file, expected);
	if (r < 0 || strcmp(expected, name)) {
		error_set(err, -EBADMSG, "the record of trust '%s' is damaged", quote_cstr(name).text);
		error_hint(err, "Remove it, look at the project file, and say `cordon trust` again.");
		return -EBADMSG;
	}
	return 1;
}

int config_trust_check(const char *state_dir, const struct config_trust *trust, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(4 * RECORD_MAX_BYTES);
	scoped(fd) int dirfd = open_dir(state_dir, false, err);
	char name[RECORD_NAME_SIZE];
	struct config_trust found;
	int r;

	if (dirfd < 0)
		return dirfd == -ENOENT ? 0 : dirfd;
	record_name(trust->workspace, trust->file, name);
	r = read_record(&arena, dirfd, name, &found, err);
	return r > 0 ? digest_eq(&found.digest, &trust->digest) : r;
}

int config_trust_add(const char *state_dir, const struct config_trust *trust, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(4 * RECORD_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(RECORD_MAX_BYTES);
	scoped(fd) int dirfd = open_dir(state_dir, true, err);
	char name[RECORD_NAME_SIZE], digest[DIGEST_HEX_SIZE], time[TIME_TEXT_SIZE];
	struct json_object_builder builder;
	int r;

	if (dirfd < 0)
		return dirfd;
	record_name(trust->workspace, trust->file, name);
	digest_to_hex(&trust->digest, digest);
	time_to_text(trust->time_ns, time);
	json_object_begin(&builder, &arena);
	json_object_add_int(&builder, "version", RECORD_VERSION);
	json_object_add(&builder, "workspace", json_new_bytes(&arena, str_from(trust->workspace)));
	json_object_add(&builder, "file", json_new_bytes(&arena, str_from(trust->file)));
	json_object_add_text(&builder, "digest", digest);
	json_object_add_text(&builder, "time", time);
	r = json_write(&text, json_object_end(&builder), JSON_WRITE_PRETTY);
	if (r >= 0)
		r = buf_append_char(&text, '\n');
	if (r >= 0)
		r = kern_write_file(dirfd, name, (struct str){ buf_text(&text), text.len }, 0600, true);
	return r < 0 ? error_sys(err, r, "writing down that '%s' is trusted", quote_cstr(trust->file).text) :
		0;
}

int config_trust_revoke(const char *state_dir, const char *workspace, const char *file, struct error *err)
{
	scoped(fd) int dirfd = open_dir(state_dir, false, err);
	char name[RECORD_NAME_SIZE];
	int r;

	if (dirfd < 0)
		return dirfd == -ENOENT ? 0 : dirfd;
	record_name(workspace, file, name);
	r = kern_unlinkat(dirfd, name, 0);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? error_sys(err, r, "removing the record of trust '%s'", name) : 1;
}

static int compare_trusts(const void *left, const void *right)
{
	const struct config_trust *a = left, *b = right;
	int r = strcmp(a->workspace, b->workspace);

	return r ? r : strcmp(a->file, b->file);
}

/* A record's name; what else lies in the directory (a temporary file) is none of ours. */
static bool is_record(struct str name)
{
	struct digest digest;

	return str_ends_with(name, STR(".json")) &&
		digest_from_hex((struct str){ name.data, name.len - strlen(".json") }, &digest) >= 0;
}

int config_trust_list(struct arena *arena, const char *state_dir, const struct config_trust **ret,
	size_t *ret_count, struct error *err)
{
	scoped(fd) int dirfd = open_dir(state_dir, false, err);
	struct kern_dir_entry entry;
	struct config_trust *trusts;
	struct kern_dir dir;
	size_t count = 0;
	int r = 0;

	if (dirfd < 0 && dirfd != -ENOENT)
		return dirfd;
	trusts = arena_alloc_array(arena, TRUSTS_MAX, sizeof(*trusts));
	if (!trusts)
		return error_set(err, -EMSGSIZE, "too much is trusted to list it");
	kern_dir_init(&dir, dirfd);
	while (dirfd >= 0 && count < TRUSTS_MAX && (r = kern_dir_next(&dir, &entry)) > 0) {
		if (!is_record(str_from(entry.name)))
			continue;
		r = read_record(arena, dirfd, entry.name, &trusts[count], err);
		if (r < 0)
			return r;
		count += (size_t)r;
	}
	if (r < 0)
		return error_sys(err, r, "reading '%s/trust'", quote_cstr(state_dir).text);
	qsort(trusts, count, sizeof(*trusts), compare_trusts);
	*ret = trusts;
	*ret_count = count;
	return 0;
}
