// SPDX-License-Identifier: Apache-2.0
/*
 * sources_bundle.c - bundles, read whole from an archive or a directory before anything of them is believed
 *
 * A directory is a bundle that nobody packed: all files below it are its files. The walk recurses, to
 * POLICY_SOURCE_DEPTH_MAX.
 */
#include "policy/sources_internal.h"

#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

struct walk {
	struct policy_sources *sources;
	const char *path;		/* of the bundle */
	struct policy_entries *entries;
};

static int take_dir(struct walk *walk, int dirfd, const char *below, unsigned depth, struct error *err);

static int take_file(struct walk *walk, int fd, const char *name, struct error *err)
{
	struct policy_entries *entries = walk->entries;
	struct str content;
	int r = policy_sources_read_fd(walk->sources, fd, name, entries->bytes_max - entries->bytes, &content,
		err);

	if (r < 0)
		return r;
	entries->bytes += content.len;
	return policy_entries_add(walk->sources->arena, entries, name, content, err);
}

static int take_open(struct walk *walk, int fd, const char *name, unsigned depth, struct error *err)
{
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return error_sys(err, r, "opening '%s'", quote_cstr(name).text);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return error_set(err, -EBADMSG, "'%s' in it is a device, pipe or socket",
			quote_cstr(name).text);
	r = policy_sources_check_writer(walk->sources, name, &st, err);
	if (r < 0)
		return r;
	return S_ISDIR(st.st_mode) ? take_dir(walk, fd, name, depth + 1, err) :
		take_file(walk, fd, name, err);
}

static int take_dir(struct walk *walk, int dirfd, const char *below, unsigned depth, struct error *err)
{
	const char *const *names = NULL;
	size_t count = 0;
	int r;

	if (depth > POLICY_SOURCE_DEPTH_MAX)
		return error_set(err, -ELOOP, "'%s': directories are nested deeper than %d",
			quote_cstr(below).text, POLICY_SOURCE_DEPTH_MAX);
	r = policy_sources_list(walk->sources, dirfd, walk->path, &names, &count, err);
	for (size_t i = 0; r >= 0 && i < count; i++) {
		scoped(fd) int fd = kern_open_beneath(dirfd, names[i], O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
		const char *name = below[0] ? arena_printf(walk->sources->arena, "%s/%s", below, names[i]) :
			names[i];

		if (!name)
			return policy_sources_say_full(err);
		if (fd == -ELOOP)
			return error_set(err, -EBADMSG, "'%s' in it is a link", quote_cstr(name).text);
		r = fd < 0 ? error_sys(err, fd, "opening '%s'", quote_cstr(name).text) :
			take_open(walk, fd, name, depth, err);
	}
	return r;
}

static int read_dir(struct policy_sources *sources, int fd, const char *path,
	struct policy_entries *entries, struct error *err)
{
	struct walk walk = { .sources = sources, .path = path, .entries = entries };
	int r = take_dir(&walk, fd, "", 0, err);

	return r < 0 ? r : policy_entries_sort(entries, err);
}

static int read_archive(struct policy_sources *sources, int fd, const char *path,
	struct policy_entries *entries, struct error *err)
{
	struct str bytes;
	int r = policy_sources_read_fd(sources, fd, path, entries->bytes_max, &bytes, err);

	return r < 0 ? r : policy_unpack(sources->arena, bytes, entries, err);
}

static int read_entries(struct policy_sources *sources, int fd, const char *path,
	struct policy_entries *entries, struct error *err)
{
	struct stat st;
	int r = kern_fstat(fd, &st);

	*entries = (struct policy_entries){ .bytes_max = sources->options.bytes_max - sources->bytes };
	if (r < 0)
		return policy_sources_cannot_open(path, r, err);
	r = policy_sources_check_writer(sources, path, &st, err);
	if (r < 0)
		return r;
	return S_ISDIR(st.st_mode) ? read_dir(sources, fd, path, entries, err) :
		read_archive(sources, fd, path, entries, err);
}

static int wrap(const char *path, int r, struct error *err)
{
	if (r >= 0)
		return 0;
	if (r == -EBADMSG)
		error_hint(err, "Fetch it again from who made it, or make it anew: `cordon policy build`.");
	return error_wrap(err, r, "the bundle '%s'", quote_cstr(path).text);
}

int policy_sources_read_bundle(struct policy_sources *sources, int fd, const char *path, struct error *err)
{
	struct policy_entries entries;
	int r = read_entries(sources, fd, path, &entries, err);

	if (r >= 0)
		r = policy_sources_take_bundle(sources, path, &entries, err);
	return wrap(path, r, err);
}

int policy_sources_read_entries(struct policy_sources *sources, const char *path, struct policy_entries *ret,
	struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	int r = fd < 0 ? policy_sources_cannot_open(path, fd, err) :
		read_entries(sources, fd, path, ret, err);

	return fd < 0 ? r : wrap(path, r, err);
}

int policy_sources_add_entries(struct policy_sources *sources, const char *path,
	const struct policy_entries *entries, struct error *err)
{
	return wrap(path, policy_sources_take_bundle(sources, path, entries, err), err);
}
