// SPDX-License-Identifier: Apache-2.0
/*
 * import.c - what an agent's private home gets of the user's own settings, once
 *
 * A file that cannot be imported is left out and said, since the agent does without its settings; what fails
 * in the private home itself, as a full disk does, is an error. The marker names the home's inode: a home
 * that was removed and made anew is a new one.
 */
#include "run/import.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum {
	MARKER_VERSION = 1,
	MARKER_MAX = 1 << 20,
};

struct importer {
	struct arena *arena;
	const struct run_import_inputs *inputs;
	struct run_imports *ret;
	int home_fd, private_fd;
	struct error *err;
};

static int note(struct importer *m, const char *below, const char *left_out, struct str content)
{
	struct run_imported *item = &m->ret->items[m->ret->count];

	if (m->ret->count == IMPORT_FILES_MAX)
		return error_set(m->err, -E2BIG, "agent '%s' would import more than %d files",
			m->inputs->agent->name, (int)IMPORT_FILES_MAX);
	*item = (struct run_imported){ .path = arena_printf(m->arena, "~/%s", below), .left_out = left_out,
		.digest = hash_bytes(content.data, content.len), .len_bytes = content.len };
	m->ret->count++;
	return item->path ? 0 : -ENOMEM;
}

/* ---- the source ---- */

/* Reads a file of the user's; @ret_why says why it is not taken, and is NULL where it is, or is not there. */
static int read_source(struct importer *m, const char *below, struct str *ret, const char **ret_why)
{
	scoped(buf) struct buf text = BUF_INIT(IMPORT_FILE_MAX);
	scoped(fd) int fd = kern_open_beneath(m->home_fd, below, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;
	int r = fd < 0 ? fd : kern_fstat(fd, &st);

	*ret = (struct str){ 0 };
	*ret_why = NULL;
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r == -ELOOP || r == -EXDEV)
		*ret_why = "it is a link, or lies behind one";
	else if (r < 0)
		*ret_why = "it cannot be opened";
	else if (!S_ISREG(st.st_mode))
		*ret_why = "it is no regular file";
	else if (st.st_uid && st.st_uid != kern_geteuid())
		*ret_why = "it belongs to somebody else";
	if (*ret_why)
		return 0;
	r = kern_read_all(fd, &text);
	if (r < 0) {
		*ret_why = r == -EMSGSIZE ? "it is too large" : "it cannot be read";
		return 0;
	}
	*ret = (struct str){ arena_copy(m->arena, buf_text(&text), text.len), text.len };
	return ret->data ? 0 : -ENOMEM;
}

/* ---- the destination ---- */

static int own(const struct importer *m, int dirfd, const char *name)
{
	return kern_geteuid() ?
		0 :
		kern_fchownat(dirfd, name, m->inputs->uid, m->inputs->gid, AT_SYMLINK_NOFOLLOW);
}

/* The directory that @below lies in, made where it is missing. */
static int open_parent(const struct importer *m, const char *below)
{
	struct str rest = path_parent(str_from(below)), part;
	int fd = kern_open_beneath(m->private_fd, ".", O_RDONLY | O_DIRECTORY, 0);

	while (fd >= 0 && !str_eq(rest, STR(".")) && path_next(&rest, &part)) {
		const char *name = arena_copy(m->arena, part.data, part.len);
		int child = name ? kern_mkdirat(fd, name, 0700) : -ENOMEM;

		if (child >= 0)
			child = own(m, fd, name);
		if (child >= 0 || child == -EEXIST)
			child = kern_open_beneath(fd, name, O_RDONLY | O_DIRECTORY, 0);
		fd_close(fd);
		fd = child;
	}
	return fd;
}

static int write_new(const struct importer *m, const char *below, struct str content)
{
	scoped(fd) int dirfd = open_parent(m, below), fd = -1;
	const char *name = path_name(below);
	int r = dirfd;

	if (r >= 0)
		r = fd = kern_open_beneath(dirfd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (r >= 0)
		r = kern_write_all(fd, content.data, content.len);
	return r < 0 ? r : own(m, dirfd, name);
}

/* ---- one file ---- */

static int import_file(struct importer *m, const struct agent_import *import, const char *below)
{
	struct str text, content;
	const char *why;
	int r = read_source(m, below, &text, &why);

	if (r < 0)
		return r;
	if (why)
		return note(m, below, why, (struct str){ 0 });
	r = run_import_filter(m->arena, import, below, text, &content);
	if (r == -EBADMSG)
		return note(m, below, "what it holds cannot be told apart", (struct str){ 0 });
	if (r < 0 || !content.len)
		return r;
	r = write_new(m, below, content);
	/* What the agent has is the agent's, and a link or a file in the way is its doing. */
	if (r == -EEXIST || r == -ELOOP || r == -ENOTDIR || r == -EISDIR || r == -EXDEV)
		return note(m, below, "the private home has something in its place", (struct str){ 0 });
	return r < 0 ? error_sys(m->err, r, "importing '~/%s'", quote_cstr(below).text) :
		note(m, below, NULL, content);
}

/* Of a link in the last place, too, the kernel says that it is no directory. */
static int open_source_dir(const struct importer *m, const char *below)
{
	int fd = kern_open_beneath(m->home_fd, below, O_RDONLY | O_DIRECTORY, 0);
	scoped(fd) int link_fd = fd == -ENOTDIR ? kern_open_beneath(m->home_fd, below, O_PATH, 0) : -1;
	struct stat st;

	return link_fd >= 0 && kern_fstat(link_fd, &st) >= 0 && S_ISLNK(st.st_mode) ? -ELOOP : fd;
}

static int import_matches(struct importer *m, const struct agent_import *import, const char *below)
{
	struct str dir = path_parent(str_from(below)), pattern = str_from(path_name(below));
	const char *dir_text = arena_copy(m->arena, dir.data, dir.len);
	scoped(fd) int fd = dir_text ? open_source_dir(m, dir_text) : -ENOMEM;
	struct kern_dir *reader = arena_alloc(m->arena, sizeof(*reader));
	struct kern_dir_entry entry;
	int r = 0;

	if (!dir_text || !reader)
		return -ENOMEM;
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 :
			note(m, below, "its directory is a link, or cannot be opened", (struct str){ 0 });
	kern_dir_init(reader, fd);
	while (r >= 0 && kern_dir_next(reader, &entry) > 0) {
		const char *path;

		if (!str_match_glob(pattern, str_from(entry.name)))
			continue;
		path = arena_printf(m->arena, "%s/%s", dir_text, entry.name);
		r = path ? import_file(m, import, path) : -ENOMEM;
	}
	return r;
}

/* ---- the marker ---- */

static const char *marker_name(const struct importer *m)
{
	return arena_printf(m->arena, "%s.%s.json", path_name(m->inputs->private_home),
		m->inputs->agent->name);
}

static bool is_done(const struct importer *m, int marker_fd, const char *name, uint64_t inode)
{
	scoped(buf) struct buf text = BUF_INIT(MARKER_MAX);
	const struct json *value;

	return kern_read_file(marker_fd, name, &text) >= 0 &&
		json_read(m->arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &value,
			NULL) >= 0 &&
		json_get_int(value, "version", 0) == MARKER_VERSION &&
		json_get_int(value, "home_inode", -1) == (int64_t)inode;
}

static int write_marker(const struct importer *m, int marker_fd, const char *name, uint64_t inode)
{
	scoped(buf) struct buf text = BUF_INIT(MARKER_MAX);
	struct json_object_builder object;
	int r;

	json_object_begin(&object, m->arena);
	json_object_add_int(&object, "version", MARKER_VERSION);
	json_object_add_int(&object, "home_inode", (int64_t)inode);
	json_object_add(&object, "home", json_new_bytes(m->arena, str_from(m->inputs->private_home)));
	json_object_add_text(&object, "agent", m->inputs->agent->name);
	r = json_write(&text, json_object_end(&object), JSON_WRITE_CANONICAL);
	return r < 0 ?
		r :
		kern_write_file(marker_fd, name, (struct str){ buf_text(&text), text.len }, 0600, false);
}

static int import_all(struct importer *m)
{
	const struct agent *agent = m->inputs->agent;
	int r = 0;

	m->ret->items = arena_alloc_array(m->arena, IMPORT_FILES_MAX, sizeof(*m->ret->items));
	if (!m->ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < agent->import_count && r >= 0; i++) {
		const char *below = agent->imports[i].file + 2;

		r = strchr(below, '*') ? import_matches(m, &agent->imports[i], below) :
			import_file(m, &agent->imports[i], below);
	}
	return r;
}

int run_import(struct arena *arena, const struct run_import_inputs *inputs, struct run_imports *ret,
	struct error *err)
{
	scoped(fd) int home_fd = kern_open(AT_FDCWD, inputs->home, O_PATH | O_DIRECTORY, 0), marker_fd = -1;
	scoped(fd) int private_fd = kern_open(AT_FDCWD, inputs->private_home, O_RDONLY | O_DIRECTORY, 0);
	struct importer m = { .arena = arena, .inputs = inputs, .ret = ret, .home_fd = home_fd,
		.private_fd = private_fd, .err = err };
	const char *name = marker_name(&m);
	struct stat st;
	int r = home_fd < 0 ? home_fd : private_fd < 0 ? private_fd : kern_fstat(private_fd, &st);

	*ret = (struct run_imports){ 0 };
	if (r >= 0)
		r = name ? kern_mkdir_all(inputs->marker_dir) : -ENOMEM;
	if (r >= 0)
		r = marker_fd = kern_open(AT_FDCWD, inputs->marker_dir, O_RDONLY | O_DIRECTORY, 0);
	if (r >= 0 && is_done(&m, marker_fd, name, st.st_ino))
		return 0;
	if (r >= 0)
		r = import_all(&m);
	if (r >= 0)
		r = write_marker(&m, marker_fd, name, st.st_ino);
	return r < 0 && err && !err->code ?
		error_sys(err, r, "importing the settings of '%s'", inputs->agent->name) :
		r;
}
