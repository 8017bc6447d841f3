// SPDX-License-Identifier: Apache-2.0
/*
 * tool_files.c - the files of a tool that prints nothing
 *
 * A file is read if nobody but the user and root could have written it, and if it does not lie in the
 * workspace; where it does, the tool is said to have failed, since what it goes by cannot be believed.
 */
#include "preset/tool.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	HASH_LEN = 1 + 16,		/* "-6f17d22bba15001f" */
};

/* With its first part put in place; NULL: it is of a variable that is not there, or of no absolute path. */
static const char *resolve(const struct tool_host *host, const char *file)
{
	struct str variable, rest;
	const char *value, *name;

	if (file[0] == '~')
		return arena_printf(host->arena, "%s%s", host->home, file + 1);
	if (file[0] != '$')
		return file;
	(void)str_cut(str_from(file + 1), '/', &variable, &rest);
	name = arena_copy(host->arena, variable.data, variable.len);
	value = name ? tool_variable(host->envp, name) : NULL;
	if (!value || value[0] != '/')
		return NULL;
	return rest.len ? arena_printf(host->arena, "%s/%.*s", value, STR_FMT(rest)) : value;
}

/* The name of an index without its digest; empty: it is none. */
static struct str host_of_name(const char *path)
{
	struct str name = str_from(path_name(path));

	if (name.len <= HASH_LEN || name.data[name.len - HASH_LEN] != '-')
		return (struct str){ 0 };
	for (size_t i = name.len - HASH_LEN + 1; i < name.len; i++)
		if (!ascii_is_digit(name.data[i]) && (name.data[i] < 'a' || name.data[i] > 'f'))
			return (struct str){ 0 };
	name.len -= HASH_LEN;
	return name;
}

static const char *read_content(const struct tool_host *host, int fd, struct tool_answer *answer)
{
	scoped(buf) struct buf text = BUF_INIT(TOOL_OUTPUT_BYTES_MAX);
	const char *copy;

	if (kern_read_all(fd, &text) < 0)
		return "it cannot be read, or is too long";
	copy = arena_copy(host->arena, buf_text(&text), text.len);
	return copy ? tool_read(host->arena, answer->tool, (struct str){ copy, text.len }, true, answer) :
		"it is too long";
}

static const char *read_one(const struct tool_host *host, const char *path, struct tool_answer *answer)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	char real[PATH_TEXT_MAX];
	struct stat st;
	ssize_t n;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return NULL;
	n = fd < 0 ? fd : kern_real_path(path, real, sizeof(real));
	if (n < 0 || (size_t)n >= sizeof(real) || kern_fstat(fd, &st) < 0)
		return "it cannot be opened";
	real[n] = '\0';
	if (!tool_path_is_safe(host, real))
		return "others can write it, or it lies in the project";
	answer->state = TOOL_ANSWERED;
	if (answer->tool->format == TOOL_NAMES) {
		struct str name = host_of_name(real);

		return name.len ? tool_read(host->arena, answer->tool, name, true, answer) : NULL;
	}
	return S_ISREG(st.st_mode) ? read_content(host, fd, answer) : "it is no file";
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The paths that a pattern with one "*" stands for, sorted. */
static size_t list(const struct tool_host *host, const char *pattern, const char **paths)
{
	const char *star = strchr(pattern, '*'), *end = star ? strchr(star, '/') : NULL, *dir, *name = star;
	struct str part;
	scoped(fd) int fd = -1;
	struct kern_dir_entry entry;
	struct kern_dir reader;
	size_t count = 0;

	paths[0] = pattern;
	if (!star)
		return 1;
	while (name > pattern && name[-1] != '/')
		name--;
	dir = arena_copy(host->arena, pattern, (size_t)(name - pattern));
	if (!dir)
		return 0;
	part = (struct str){ name, end ? (size_t)(end - name) : strlen(name) };
	fd = kern_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return 0;
	kern_dir_init(&reader, fd);
	while (count < TOOL_FILES_MAX && kern_dir_next(&reader, &entry) > 0) {
		if (entry.name[0] == '.' || !str_match_glob(part, str_from(entry.name)))
			continue;
		paths[count] = arena_printf(host->arena, "%s%s%s", dir, entry.name, end ? end : "");
		count += paths[count] != NULL;
	}
	qsort(paths, count, sizeof(*paths), compare);
	return count;
}

void tool_read_files(const struct tool_host *host, struct tool_answer *answer)
{
	const char **paths = arena_alloc_array(host->arena, TOOL_FILES_MAX, sizeof(*paths));
	const char *why = NULL;

	answer->state = TOOL_MISSING;
	answer->why = "it has no file here";
	for (size_t i = 0; paths && i < TOOL_LIST_MAX && answer->tool->files[i] && !why; i++) {
		const char *pattern = resolve(host, answer->tool->files[i]);
		size_t count = pattern ? list(host, pattern, paths) : 0;

		for (size_t j = 0; j < count && !why; j++) {
			why = read_one(host, paths[j], answer);
			if (why)
				answer->why = arena_printf(host->arena, "'%s': %s",
					quote_cstr(paths[j]).text, why);
		}
	}
	if (why || !paths)
		answer->state = TOOL_FAILED;
	else if (answer->state == TOOL_ANSWERED)
		answer->why = NULL;
}
