// SPDX-License-Identifier: Apache-2.0
/*
 * sources_shipped.c - the modules that came with cordon, by their names
 *
 * They are found as the profiles are, from where the running program is (config_data_dir()), so nobody who
 * sets a variable of the environment chooses them. Names are looked up in the list of the directory and never
 * put together to a path.
 */
#include "policy/sources_internal.h"

#include "base/quote.h"
#include "config/load.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

static const char extension[] = ".rego";

static int no_modules(const char *dir, int code, struct error *err)
{
	error_sys(err, code, "looking for the policies that came with cordon: opening '%s'",
		quote_cstr(dir).text);
	error_hint(err, "Install cordon again; its files must stay together.");
	return code;
}

static int take_shipped(struct policy_sources *sources, int dirfd, const char *below, const char *file,
	struct error *err)
{
	const char *name = arena_printf(sources->arena, POLICY_SHIPPED_PREFIX "%s%s", below, file);
	scoped(fd) int fd = kern_open_beneath(dirfd, file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct str text;
	int r;

	if (!name)
		return policy_sources_say_full(err);
	if (fd < 0)
		return policy_sources_cannot_open(name, fd, err);
	r = policy_sources_read_fd(sources, fd, name, POLICY_MODULE_BYTES_MAX, &text, err);
	if (r >= 0)
		r = policy_sources_count(sources, text.len, err);
	return r < 0 ? r : policy_sources_take_module(sources, name, text, err);
}

/* The words before ".rego" of what is a module and no test; the others are left out. */
static int list_modules(struct policy_sources *sources, int dirfd, const char *path,
	const char *const **ret, size_t *ret_count, struct error *err)
{
	const char *const *files, **names;
	size_t count, kept = 0;
	int r = policy_sources_list(sources, dirfd, path, &files, &count, err);

	if (r < 0)
		return r;
	names = arena_alloc_array(sources->arena, count, sizeof(*names));
	if (!names)
		return policy_sources_say_full(err);
	for (size_t i = 0; i < count; i++) {
		struct str file = str_from(files[i]);

		if (!str_ends_with(file, str_from(extension)) || str_ends_with(file, STR("_test.rego")))
			continue;
		names[kept] = arena_copy(sources->arena, file.data, file.len - strlen(extension));
		if (!names[kept++])
			return policy_sources_say_full(err);
	}
	*ret = names;
	*ret_count = kept;
	return 0;
}

static int take_helpers(struct policy_sources *sources, int dirfd, const char *dir, struct error *err)
{
	scoped(fd) int fd = kern_open_beneath(dirfd, "lib", O_RDONLY | O_DIRECTORY, 0);
	const char *const *names;
	size_t count;
	int r;

	if (fd < 0)
		return no_modules(dir, fd, err);
	r = list_modules(sources, fd, dir, &names, &count, err);
	for (size_t i = 0; r >= 0 && i < count; i++) {
		const char *file = arena_printf(sources->arena, "%s%s", names[i], extension);

		r = file ? take_shipped(sources, fd, "lib/", file, err) : policy_sources_say_full(err);
	}
	return r;
}

static int take_name(struct policy_sources *sources, int dirfd, const char *name,
	const char *const *known, size_t count, struct error *err)
{
	const char *near, *file;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(known[i], name) != 0)
			continue;
		file = arena_printf(sources->arena, "%s%s", name, extension);
		return file ? take_shipped(sources, dirfd, "", file, err) : policy_sources_say_full(err);
	}
	near = str_nearest(str_from(name), known, count);
	error_set(err, -ENOENT, "no policy of the name '%s' comes with cordon", quote_cstr(name).text);
	if (near)
		error_hint(err, "Did you mean '%s'?", near);
	else
		error_hint(err, "A file of your own is named below policy.files, not policy.modules.");
	return -ENOENT;
}

int policy_sources_add_shipped(struct policy_sources *sources, const char *const *names, size_t count,
	struct error *err)
{
	const char *dir = sources->options.shipped_dir, *data;
	const char *const *known;
	scoped(fd) int fd = -1;
	size_t known_count;
	int r;

	if (!dir) {
		data = config_data_dir(sources->arena, err);
		if (!data)
			return -ENOENT;
		dir = arena_printf(sources->arena, "%s/policies", data);
	}
	if (!dir)
		return policy_sources_say_full(err);
	fd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return no_modules(dir, fd, err);
	r = take_helpers(sources, fd, dir, err);
	if (r >= 0)
		r = list_modules(sources, fd, dir, &known, &known_count, err);
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = take_name(sources, fd, names[i], known, known_count, err);
	return r;
}
