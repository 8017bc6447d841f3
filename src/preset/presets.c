// SPDX-License-Identifier: Apache-2.0
/*
 * presets.c - the files of presets: which there are, which one a name means, and what that one includes
 *
 * The user's own come first; they are believed if nobody else could have written them, those that came with
 * cordon as cordon is.
 */
#include "preset/preset.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *own_dir(struct arena *arena, const struct config_places *places)
{
	return arena_printf(arena, "%s/presets", places->config_dir);
}

static const char *shipped_dir(struct arena *arena, const struct config_places *places)
{
	struct str data = path_parent(str_from(places->profile_dir));

	return arena_printf(arena, "%.*s/presets", STR_FMT(data));
}

/* Small letters, digits, "-": a name is a part of a path, and of a sentence. */
static bool is_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && (c != '-' || !i))
			return false;
	}
	return name.len && name.len <= 64;
}

/* ---- one ---- */

static int check_writer(const char *path, int fd, struct error *err)
{
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return error_sys(err, r, "looking at '%s'", quote_cstr(path).text);
	if (!S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "'%s' is not a regular file", quote_cstr(path).text);
	if ((st.st_uid && st.st_uid != kern_geteuid()) || st.st_mode & S_IWOTH) {
		error_set(err, -EPERM, "'%s' can be written by somebody else, so it is not believed",
			quote_cstr(path).text);
		error_hint(err, "Make it yours, and take the right away: chmod o-w");
		return -EPERM;
	}
	return 0;
}

static int read_file(struct arena *arena, const char *dir, const char *name, bool is_own, struct preset *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(PRESET_FILE_MAX);
	const char *path = arena_printf(arena, "%s/%s.jsonc", dir, name);
	scoped(fd) int fd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0) : -ENOMEM;
	int r = fd;

	if (r == -ENOENT || r == -ENOTDIR)
		return -ENOENT;
	if (r >= 0 && is_own)
		r = check_writer(path, fd, err);
	if (r >= 0)
		r = kern_read_all(fd, &text);
	if (r < 0)
		return err->code ? r : error_sys(err, r, "reading the file of preset '%s'", name);
	r = preset_read(arena, (struct str){ buf_text(&text), text.len }, name, path, ret, err);
	if (r >= 0)
		ret->is_own = is_own;
	return r;
}

static int no_preset(struct arena *arena, const struct config_places *places, const char *name,
	struct error *err)
{
	const char *const *names, *near = NULL;
	size_t count;

	if (preset_list(arena, places, &names, &count, NULL) >= 0)
		near = str_nearest(str_from(name), names, count);
	error_set(err, -ENOENT, "there is no preset '%s'", quote_cstr(name).text);
	if (near)
		error_hint(err, "Did you mean '%s'? `cordon presets` lists them all.", near);
	else
		error_hint(err, "`cordon presets` lists them; your own belong into '%s/presets'.",
			quote_cstr(places->config_dir).text);
	return -ENOENT;
}

int preset_find(struct arena *arena, const struct config_places *places, const char *name, struct preset *ret,
	struct error *err)
{
	const char *own = own_dir(arena, places), *shipped = shipped_dir(arena, places);
	const char *kept = arena_copy(arena, name, strlen(name));
	struct error mine = ERROR_INIT;
	int r = -ENOENT;

	if (!own || !shipped || !kept)
		return error_set(err, -EMSGSIZE, "a path is too long");
	if (is_name(str_from(name)))
		r = read_file(arena, own, kept, true, ret, &mine);
	if (r == -ENOENT && is_name(str_from(name)))
		r = read_file(arena, shipped, kept, false, ret, &mine);
	if (r == -ENOENT)
		return no_preset(arena, places, name, err);
	if (r < 0 && err)
		*err = mine;
	return r;
}

/* ---- what one includes ---- */

struct walk {
	struct arena *arena;
	const struct config_places *places;
	struct preset *found;
	/* the way from the first to the one that is looked at */
	size_t way[PRESETS_MAX];
	size_t count, depth;
	struct error *err;
};

static int complain(const struct walk *walk, const struct preset *by, size_t index, int code,
	const char *text)
{
	const struct json *at = by->includes_at->array.items[index];

	return error_set(walk->err, code, "%s:%u:%u: %s", quote_cstr(by->path).text, at->line, at->column,
		text);
}

static bool is_on_way(const struct walk *walk, const char *name)
{
	for (size_t i = 0; i < walk->depth; i++)
		if (!strcmp(walk->found[walk->way[i]].name, name))
			return true;
	return false;
}

static bool is_found(const struct walk *walk, const char *name)
{
	for (size_t i = 0; i < walk->count; i++)
		if (!strcmp(walk->found[i].name, name))
			return true;
	return false;
}

static int visit(struct walk *walk, const char *name);

/* Recursion: each preset once, so at most PRESETS_MAX deep. */
static int visit_included(struct walk *walk, const struct preset *by, size_t index)
{
	const char *name = by->includes.items[index];
	int r;

	if (is_on_way(walk, name)) {
		const char *text = arena_printf(walk->arena, "preset '%s' includes itself, through '%s'",
			name, by->name);

		return complain(walk, by, index, -ELOOP, text ? text : "it includes itself");
	}
	if (is_found(walk, name))
		return 0;
	r = visit(walk, name);
	if (r == -ENOENT) {
		const struct error inner = *walk->err;

		complain(walk, by, index, -EINVAL, inner.text);
		error_hint(walk->err, "%s", inner.hint);
		return -EINVAL;
	}
	return r;
}

static int visit(struct walk *walk, const char *name)
{
	size_t at = walk->count;
	int r;

	if (at == PRESETS_MAX)
		return error_set(walk->err, -EINVAL, "more than %d presets include each other",
			(int)PRESETS_MAX);
	r = preset_find(walk->arena, walk->places, name, &walk->found[at], walk->err);
	if (r < 0)
		return r;
	walk->count++;
	walk->way[walk->depth++] = at;
	for (size_t i = 0; i < walk->found[at].includes.count && r >= 0; i++)
		r = visit_included(walk, &walk->found[at], i);
	walk->depth--;
	return r;
}

int preset_find_all(struct arena *arena, const struct config_places *places, const char *name,
	const struct preset **ret, size_t *ret_count, struct error *err)
{
	struct error own = ERROR_INIT;
	struct walk *walk = arena_alloc(arena, sizeof(*walk));
	int r;

	if (!walk)
		return error_set(err, -EMSGSIZE, "there are too many presets");
	*walk = (struct walk){ .arena = arena, .places = places, .err = err ? err : &own };
	walk->found = arena_alloc_array(arena, PRESETS_MAX, sizeof(*walk->found));
	r = walk->found ? visit(walk, name) :
		error_set(walk->err, -EMSGSIZE, "there are too many presets");
	if (r < 0)
		return r;
	*ret = walk->found;
	*ret_count = walk->count;
	return 0;
}

/* ---- all of them ---- */

struct listing {
	struct arena *arena;
	const char **names;
	size_t count;
};

static int add(struct listing *listing, const char *file)
{
	struct str name = str_from(file);

	if (!str_ends_with(name, STR(".jsonc")))
		return 0;
	name.len -= strlen(".jsonc");
	if (!is_name(name))
		return 0;
	for (size_t i = 0; i < listing->count; i++)
		if (str_eq(str_from(listing->names[i]), name))
			return 0;
	if (listing->count == PRESETS_MAX)
		return -EMSGSIZE;
	listing->names[listing->count] = arena_copy(listing->arena, name.data, name.len);
	return listing->names[listing->count++] ? 0 : -EMSGSIZE;
}

static int add_directory(struct listing *listing, const char *dir, struct error *err)
{
	scoped(fd) int fd = dir ? kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0) : -ENAMETOOLONG;
	struct kern_dir_entry entry;
	struct kern_dir reader;
	int r = fd;

	if (r == -ENOENT)
		return 0;
	kern_dir_init(&reader, fd);
	while (r >= 0 && (r = kern_dir_next(&reader, &entry)) > 0)
		r = add(listing, entry.name);
	return r < 0 ? error_sys(err, r, "reading the presets in '%s'", quote_cstr(dir ? dir : "").text) : 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int preset_list(struct arena *arena, const struct config_places *places, const char *const **ret,
	size_t *ret_count, struct error *err)
{
	struct listing listing = { .arena = arena };
	int r;

	listing.names = arena_alloc_array(arena, PRESETS_MAX + 1, sizeof(*listing.names));
	if (!listing.names)
		return error_set(err, -EMSGSIZE, "there are too many presets");
	r = add_directory(&listing, own_dir(arena, places), err);
	if (r >= 0)
		r = add_directory(&listing, shipped_dir(arena, places), err);
	if (r < 0)
		return r;
	qsort(listing.names, listing.count, sizeof(*listing.names), compare);
	*ret = listing.names;
	*ret_count = listing.count;
	return 0;
}
