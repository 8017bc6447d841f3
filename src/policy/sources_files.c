// SPDX-License-Identifier: Apache-2.0
/*
 * sources_files.c - files and directories, as they are read for a layer
 *
 * Each file is opened once, looked at through its descriptor, and read through it: what is believed is what
 * is used. Without O_NONBLOCK a FIFO would keep us waiting for whoever writes it; what has the name of a
 * policy and is neither file nor directory is refused, since whoever put it there expects it to judge. The
 * walk recurses, to POLICY_SOURCE_DEPTH_MAX. How long a file system takes to answer is not bounded here: who
 * cannot wait has this done by somebody else (run/checker.h).
 */
#include "policy/sources_internal.h"

#include "base/quote.h"
#include "base/utf8.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	OPEN_FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY,
};

enum kind { KIND_OTHER, KIND_MODULE, KIND_DATA };

static enum kind kind_of(const char *name)
{
	struct str text = str_from(name);

	if (str_ends_with(text, STR(".rego")))
		return KIND_MODULE;
	if (str_ends_with(text, STR(".json")) || str_ends_with(text, STR(".yaml")))
		return KIND_DATA;
	return str_ends_with(text, STR(".yml")) ? KIND_DATA : KIND_OTHER;
}

static bool is_wanted(const struct policy_sources *sources, const char *path, enum kind kind)
{
	if (kind == KIND_DATA)
		return !(sources->options.flags & POLICY_SOURCE_NO_DATA);
	if (sources->options.flags & POLICY_SOURCE_SCHEMAS)
		return false;
	return kind == KIND_MODULE && (sources->options.flags & POLICY_SOURCE_WITH_TESTS ||
		!str_ends_with(str_from(path), STR("_test.rego")));
}

int policy_sources_cannot_open(const char *path, int code, struct error *err)
{
	error_sys(err, code, "opening '%s'", quote_cstr(path).text);
	error_hint(err, "Name a file of policy or data, or a directory of them, that you can read.");
	return code;
}

/* ---- whose it is ---- */

int policy_sources_check_writer(const struct policy_sources *sources, const char *path, const struct stat *st,
	struct error *err)
{
	enum policy_writer writer = sources->options.writer;
	bool is_root = writer == POLICY_WRITER_ROOT;

	if (writer == POLICY_WRITER_ANYBODY)
		return 0;
	if (st->st_uid != 0 && (is_root || st->st_uid != kern_geteuid())) {
		error_set(err, -EPERM, "'%s' belongs to user %u, so it is not believed",
			quote_cstr(path).text, (unsigned)st->st_uid);
		error_hint(err, "Make it belong to %s, or name it no more.", is_root ? "root" : "you");
		return -EPERM;
	}
	if (st->st_mode & (is_root ? S_IWGRP | S_IWOTH : S_IWOTH)) {
		error_set(err, -EPERM, "'%s' may be written by others, so it is not believed",
			quote_cstr(path).text);
		error_hint(err, "Take the right away: chmod go-w '%s'", quote_cstr(path).text);
		return -EPERM;
	}
	return 0;
}

/* ---- one file ---- */

static int say_no_file(const char *path, struct error *err)
{
	error_set(err, -EINVAL, "'%s' is no file: it is a FIFO, a socket or a device", quote_cstr(path).text);
	error_hint(err, "Put the policy into a file of that name, or name it no more.");
	return -EINVAL;
}

int policy_sources_read_fd(struct policy_sources *sources, int fd, const char *path, size_t limit,
	struct str *ret, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(limit);
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r >= 0 && !S_ISREG(st.st_mode))
		return say_no_file(path, err);
	if (r >= 0)
		r = (uint64_t)st.st_size > limit ? -EMSGSIZE : kern_read_all(fd, &buf);
	if (r == -EMSGSIZE)
		return error_set(err, r, "'%s' has more than %zu bytes", quote_cstr(path).text, limit);
	if (r < 0)
		return error_sys(err, r, "reading '%s'", quote_cstr(path).text);
	ret->data = arena_copy(sources->arena, buf.data, buf.len);
	ret->len = buf.len;
	return ret->data ? 0 : policy_sources_say_full(err);
}

static int take_file(struct policy_sources *sources, int fd, const struct policy_place *place,
	struct error *err)
{
	enum kind kind = kind_of(place->path);
	struct str text;
	int r = policy_sources_read_fd(sources, fd, place->path,
		kind == KIND_MODULE ? POLICY_MODULE_BYTES_MAX : JSON_TEXT_MAX, &text, err);

	if (r >= 0)
		r = policy_sources_count(sources, text.len, err);
	if (r < 0)
		return r;
	if (kind == KIND_DATA)
		return policy_sources_take_data(sources, place, text, err);
	return policy_sources_take_module(sources, &(struct policy_module){ place->path, text, NULL }, err);
}

/* ---- directories ---- */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int add_name(struct arena *arena, const char ***names, size_t *count, size_t *room, const char *name)
{
	const char **items = arena_grow(arena, *names, *count, room, sizeof(*items));

	if (!items)
		return -EMSGSIZE;
	*names = items;
	items[*count] = arena_copy(arena, name, strlen(name));
	return items[(*count)++] ? 0 : -EMSGSIZE;
}

static bool is_ignored(const struct policy_sources *sources, const char *name)
{
	return sources->options.is_ignored && sources->options.is_ignored(sources->options.context, name);
}

/* All names first, so that what is said and merged has an order. */
int policy_sources_list(struct policy_sources *sources, int dirfd, const char *path,
	const char *const **ret, size_t *ret_count, struct error *err)
{
	const char **names = NULL;
	size_t count = 0, room = 0;
	struct kern_dir_entry entry;
	struct kern_dir dir;
	int r;

	kern_dir_init(&dir, dirfd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		if (is_ignored(sources, entry.name))
			continue;
		if (count == POLICY_SOURCE_FILES_MAX)
			return error_set(err, -EMSGSIZE, "'%s' holds more than %d names",
				quote_cstr(path).text, POLICY_SOURCE_FILES_MAX);
		if (!utf8_is_valid(str_from(entry.name)))
			return error_set(err, -EBADMSG, "'%s' holds a name that is not UTF-8: '%s'",
				quote_cstr(path).text, quote_cstr(entry.name).text);
		if (add_name(sources->arena, &names, &count, &room, entry.name) < 0)
			return policy_sources_say_full(err);
	}
	if (r < 0)
		return error_sys(err, r, "reading '%s'", quote_cstr(path).text);
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	*ret = names;
	*ret_count = count;
	return 0;
}

static int take_fd(struct policy_sources *sources, int fd, const struct policy_place *place,
	struct error *err);

static int take_entry(struct policy_sources *sources, int dirfd, const char *name,
	const struct policy_place *outer, struct error *err)
{
	struct policy_place place = { .outer = outer, .key = name, .depth = outer->depth + 1 };
	scoped(fd) int fd = -1;

	place.path = arena_printf(sources->arena, "%s/%s", outer->path, name);
	if (!place.path)
		return policy_sources_say_full(err);
	fd = kern_open_beneath(dirfd, name, OPEN_FLAGS, 0);
	if (fd == -ELOOP) {
		policy_sources_note(sources, "'%s' is a link, and was left out",
			quote_cstr(place.path).text);
		return 0;
	}
	return fd < 0 ? policy_sources_cannot_open(place.path, fd, err) : take_fd(sources, fd, &place, err);
}

static int take_dir(struct policy_sources *sources, int fd, const struct policy_place *place,
	struct error *err)
{
	const char *const *names = NULL;
	size_t count = 0;
	int r;

	if (place->depth > POLICY_SOURCE_DEPTH_MAX)
		return error_set(err, -ELOOP, "'%s': directories are nested deeper than %d",
			quote_cstr(place->path).text, POLICY_SOURCE_DEPTH_MAX);
	r = policy_sources_list(sources, fd, place->path, &names, &count, err);
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = take_entry(sources, fd, names[i], place, err);
	return r;
}

static bool is_bundle_dir(const struct policy_sources *sources, int fd)
{
	struct stat st;

	return !(sources->options.flags & POLICY_SOURCE_NO_BUNDLE_DIRS) &&
		kern_fstatat(fd, ".manifest", &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISREG(st.st_mode);
}

static int take_fd(struct policy_sources *sources, int fd, const struct policy_place *place,
	struct error *err)
{
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return policy_sources_cannot_open(place->path, r, err);
	if (!S_ISDIR(st.st_mode) && !is_wanted(sources, place->path, kind_of(place->path)))
		return 0;
	r = policy_sources_check_writer(sources, place->path, &st, err);
	if (r < 0)
		return r;
	return S_ISDIR(st.st_mode) ? take_dir(sources, fd, place, err) : take_file(sources, fd, place, err);
}

/* ---- what is named ---- */

static int take_named(struct policy_sources *sources, int fd, const struct policy_place *place,
	struct error *err)
{
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return policy_sources_cannot_open(place->path, r, err);
	if (S_ISDIR(st.st_mode) ? is_bundle_dir(sources, fd) :
			str_ends_with(str_from(place->path), STR(".tar.gz")))
		return place->outer ? error_set(err, -EINVAL,
			"'%s' is a bundle, and says itself where its data stands",
			quote_cstr(place->path).text) :
			policy_sources_read_bundle(sources, fd, place->path, err);
	if (sources->options.verification && sources->options.verification->is_required) {
		error_set(err, -EPERM, "'%s' is no bundle, so it has no signature, and one is wanted",
			quote_cstr(place->path).text);
		error_hint(err, "Make it a signed bundle: `cordon policy build --signing-key KEY`.");
		return -EPERM;
	}
	if (!S_ISDIR(st.st_mode) && sources->options.flags & POLICY_SOURCE_SCHEMAS &&
			kind_of(place->path) != KIND_DATA)
		return error_set(err, -EINVAL,
			"'%s' is no schema: its name ends neither in .json nor in .yaml",
			quote_cstr(place->path).text);
	if (!S_ISDIR(st.st_mode) && kind_of(place->path) == KIND_OTHER)
		return error_set(err, -EINVAL, "'%s' ends neither in .rego nor in .json, .yaml or .tar.gz",
			quote_cstr(place->path).text);
	return take_fd(sources, fd, place, err);
}

static int add_fd(struct policy_sources *sources, int fd, const struct policy_place *outer, const char *path,
	struct error *err)
{
	struct policy_place place = {
		.outer = outer, .path = arena_copy(sources->arena, path, strlen(path)),
	};

	if (fd < 0)
		return policy_sources_cannot_open(path, fd, err);
	return place.path ? take_named(sources, fd, &place, err) : policy_sources_say_full(err);
}

int policy_sources_add(struct policy_sources *sources, const char *path, struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, OPEN_FLAGS, 0);

	return add_fd(sources, fd, NULL, path, err);
}

/* The words of "a.b", as if directories of these names were around what is named. */
static int take_place(struct policy_sources *sources, const char *text, const struct policy_place **ret,
	struct error *err)
{
	const struct policy_place *outer = NULL;
	struct str word, rest = str_from(text);

	do {
		struct policy_place *place = arena_alloc(sources->arena, sizeof(*place));
		unsigned depth = outer ? outer->depth + 1 : 0;

		(void)str_cut(rest, '.', &word, &rest);
		if (depth == POLICY_SOURCE_DEPTH_MAX)
			return error_set(err, -ELOOP, "'%s': a place has %d words at most",
				quote_cstr(text).text, POLICY_SOURCE_DEPTH_MAX);
		if (!place)
			return policy_sources_say_full(err);
		*place = (struct policy_place){ .outer = outer, .path = text, .depth = depth,
			.key = arena_copy(sources->arena, word.data, word.len) };
		if (!place->key)
			return policy_sources_say_full(err);
		outer = place;
	} while (rest.len);
	*ret = outer;
	return 0;
}

int policy_sources_add_at(struct policy_sources *sources, const char *place, const char *path,
	struct error *err)
{
	const struct policy_place *outer = NULL;
	int r = take_place(sources, place, &outer, err);
	scoped(fd) int fd = r < 0 ? r : kern_open(AT_FDCWD, path, OPEN_FLAGS, 0);

	return r < 0 ? r : add_fd(sources, fd, outer, path, err);
}

int policy_sources_add_beneath(struct policy_sources *sources, int dirfd, const char *path,
	struct error *err)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, path, OPEN_FLAGS, 0);

	return add_fd(sources, fd, NULL, path, err);
}

int policy_sources_add_bundle(struct policy_sources *sources, const char *path, struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, OPEN_FLAGS, 0);
	const char *name = arena_copy(sources->arena, path, strlen(path));

	if (fd < 0)
		return policy_sources_cannot_open(path, fd, err);
	return name ? policy_sources_read_bundle(sources, fd, name, err) : policy_sources_say_full(err);
}
