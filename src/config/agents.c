// SPDX-License-Identifier: Apache-2.0
/*
 * agents.c - the files of agents: which there are, and which one a name means
 *
 * A file is named after the program, so that one open tells whether a program is a known agent. The user's
 * own come first; they are believed if nobody else could have written them, those that came with cordon as
 * cordon is.
 */
#include "config/agent.h"

#include "config/config_internal.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

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

static int read_file(struct arena *arena, const char *dir, const char *name, bool is_own, struct agent *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(AGENT_FILE_MAX);
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
		return err && err->code ? r : error_sys(err, r, "reading the file of agent '%s'", name);
	r = agent_read(arena, (struct str){ buf_text(&text), text.len }, name, path, ret, err);
	if (r >= 0)
		ret->is_own = is_own;
	return r;
}

static const char *own_dir(struct arena *arena, const struct config_places *places)
{
	return arena_printf(arena, "%s/agents", places->config_dir);
}

static const char *shipped_dir(struct arena *arena, const struct config_places *places)
{
	struct str data = path_parent(str_from(places->profile_dir));

	return arena_printf(arena, "%.*s/agents", STR_FMT(data));
}

int agent_find(struct arena *arena, const struct config_places *places, const char *name, struct agent *ret,
	struct error *err)
{
	const char *own = own_dir(arena, places), *shipped = shipped_dir(arena, places);
	int r = -ENOENT;

	if (!own || !shipped)
		return error_set(err, -EMSGSIZE, "a path is too long");
	if (!config_name_is_valid(str_from(name)))
		return error_set(err, -ENOENT, "'%s' is no name of an agent", quote_cstr(name).text);
	r = read_file(arena, own, name, true, ret, err);
	if (r == -ENOENT)
		r = read_file(arena, shipped, name, false, ret, err);
	if (r != -ENOENT)
		return r;
	error_set(err, r, "no agent is called '%s'", name);
	error_hint(err, "`cordon agent list` names them; your own belong into '%s'.", quote_cstr(own).text);
	return r;
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
	if (!config_name_is_valid(name))
		return 0;
	for (size_t i = 0; i < listing->count; i++)
		if (str_eq(str_from(listing->names[i]), name))
			return 0;
	if (listing->count == AGENTS_MAX)
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
	return r < 0 ? error_sys(err, r, "reading the agents in '%s'", quote_cstr(dir ? dir : "").text) : 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int agent_list(struct arena *arena, const struct config_places *places, const char *const **ret,
	size_t *ret_count, struct error *err)
{
	struct listing listing = { .arena = arena };
	int r;

	listing.names = arena_alloc_array(arena, AGENTS_MAX + 1, sizeof(*listing.names));
	if (!listing.names)
		return error_set(err, -EMSGSIZE, "there are too many agents");
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
