// SPDX-License-Identifier: Apache-2.0
/*
 * toolchains.c - from the user's PATH to what is offered of the home
 *
 * Each directory of PATH is resolved to where it really is. Below the home, the row with the longest home
 * above it is offered as a whole, with the rows that it needs; a directory called `bin` that no row knows is
 * offered alone. Then the links in it are followed, since installers put `x -> ../share/tool/bin/x` there: to
 * a row, or to the one file that the link names.
 *
 * A pattern of the table is walked one component at a time below the home, beneath the home's descriptor and
 * without following any link, so a home that somebody else can write to in places cannot lead us out of it.
 */
#include "run/toolchains.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "run/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum {
	OFFERS_MAX = 256,
	HIDES_MAX = 256,
	LEFT_OUT_MAX = 256,
	VARIABLES_MAX = TOOLCHAINS_MAX,
	LINKS_MAX = 4096,		/* looked at in one directory */
};

struct finder {
	struct arena *arena;
	const struct run_toolchains_inputs *inputs;
	const struct toolchains *table;
	struct run_toolchains found;
	const char **variables;
	int home_fd;
	bool is_taken[TOOLCHAINS_MAX];
	const char *why;		/* of the row that is being offered */
	struct error *err;
};

/* What is done with each path that a pattern matches. */
typedef int match_fn(struct finder *f, const char *path);

static bool is_beneath(const char *path, const char *dir)
{
	return path_is_beneath(str_from(path), str_from(dir));
}

static bool is_beneath_any(const char *path, const struct run_toolchain_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		if (is_beneath(path, paths->items[i].path))
			return true;
	return false;
}

static int full(struct finder *f)
{
	return error_set(f->err, -ENOMEM, "your toolchains take too much memory");
}

static int add(struct finder *f, struct run_toolchain_paths *paths, const char *path, const char *why)
{
	for (size_t i = 0; i < paths->count; i++)
		if (!strcmp(paths->items[i].path, path))
			return 0;
	if (paths->count == paths->room) {
		error_set(f->err, -E2BIG, "PATH leads to more than %zu files and directories of your home",
			paths->room);
		error_hint(f->err,
			"Switch filesystem.toolchains off, and name what you need in filesystem.read.");
		return -E2BIG;
	}
	paths->items[paths->count].path = arena_copy(f->arena, path, strlen(path));
	paths->items[paths->count].why = why;
	if (!why || !paths->items[paths->count].path)
		return full(f);
	paths->count++;
	return 0;
}

/* What is left out is a courtesy: more of it than there is room for is no error. */
static int leave_out(struct finder *f, const char *path, const char *why)
{
	return f->found.left_out.count < LEFT_OUT_MAX ? add(f, &f->found.left_out, path, why) : 0;
}

/* Whether the sandbox shows @path: as an offer, or as a part of what the agent works on. */
static bool is_shown(const struct finder *f, const char *path)
{
	for (size_t i = 0; i < f->inputs->root_count; i++)
		if (is_beneath(path, f->inputs->roots[i]))
			return true;
	return is_beneath_any(path, &f->found.offers);
}

/* ---- what may be offered ---- */

static const char *in_home(const struct finder *f, const char *below)
{
	return arena_printf(f->arena, "%s/%s", f->inputs->home, below);
}

/* Whether one of two paths lies in the other. */
static bool overlaps(const char *a, const char *b)
{
	return is_beneath(a, b) || is_beneath(b, a);
}

/* Why @path, which @st is about, is not offered; NULL: it may be. */
static const char *find_objection(const struct finder *f, const char *path, const struct stat *st)
{
	const struct form_texts *never = &f->table->never;
	uid_t user = kern_geteuid();

	if (!strcmp(path, f->inputs->home))
		return "it is your home directory";
	if (!is_beneath(path, f->inputs->home))
		return "it is not below your home directory";
	for (size_t i = 0; i < f->inputs->own_dir_count; i++)
		if (overlaps(path, f->inputs->own_dirs[i]))
			return "it holds what cordon keeps for itself";
	for (size_t i = 0; i < never->count; i++) {
		const char *place = in_home(f, never->items[i] + 2);

		if (!place || overlaps(path, place))
			return "it holds credentials, or may";
	}
	if (st->st_uid != user && st->st_uid)
		return "it belongs to somebody else";
	if (st->st_mode & S_IWOTH)
		return "anybody may write to it";
	return S_ISDIR(st->st_mode) || S_ISREG(st->st_mode) ? NULL : "it is neither a file nor a directory";
}

/* Looks at a path below the home without following a link; one in the last place is -ELOOP, too. */
static int look(const struct finder *f, const char *path, struct stat *ret)
{
	scoped(fd) int fd = -1;
	int r;

	if (!is_beneath(path, f->inputs->home))
		return -EXDEV;
	r = fd = kern_open_beneath(f->home_fd, path_relative(path, f->inputs->home), O_PATH, 0);
	if (r >= 0)
		r = kern_fstat(fd, ret);
	return r >= 0 && S_ISLNK(ret->st_mode) ? -ELOOP : r;
}

/* Names that are hidden at the top of everything that is offered. */
static int hide_names(struct finder *f, const char *dir)
{
	const struct form_texts *names = &f->table->hides;
	struct stat st;
	int r = 0;

	for (size_t i = 0; i < names->count && r >= 0; i++) {
		const char *path = arena_printf(f->arena, "%s/%s", dir, names->items[i]);

		if (!path)
			return full(f);
		if (kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) >= 0)
			r = add(f, &f->found.hides, path, "its name is one of a file that holds credentials");
	}
	return r;
}

static int offer(struct finder *f, const char *path)
{
	const char *objection;
	struct stat st;
	int r;

	if (is_shown(f, path))
		return 0;
	r = look(f, path, &st);
	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r == -ELOOP || r == -EXDEV)
		return leave_out(f, path, "it is a link, or lies behind one");
	if (r < 0)
		return leave_out(f, path, arena_printf(f->arena, "it cannot be opened (%s)", error_name(r)));
	objection = find_objection(f, path, &st);
	if (objection)
		return leave_out(f, path, objection);
	r = add(f, &f->found.offers, path, f->why);
	return r >= 0 && S_ISDIR(st.st_mode) ? hide_names(f, path) : r;
}

static int hide(struct finder *f, const char *path)
{
	struct stat st;

	/* A name in a root is the agent's work, and a part of the branch. */
	if (!is_beneath_any(path, &f->found.offers) ||
			kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	return add(f, &f->found.hides, path, "the toolchain keeps credentials in it");
}

/* ---- patterns ---- */

static int match_entries(struct finder *f, const char *dir, struct str name, struct str rest, match_fn *fn);

/* Does @fn with each path below @dir that the pattern @rest stands for; as deep as the pattern has parts. */
static int match(struct finder *f, const char *dir, struct str rest, match_fn *fn)
{
	struct str name;
	const char *path = dir;

	while (path && !str_eq(rest, STR(".")) && path_next(&rest, &name)) {
		if (memchr(name.data, '*', name.len))
			return match_entries(f, path, name, rest, fn);
		path = arena_printf(f->arena, "%s/%.*s", path, STR_FMT(name));
	}
	return path ? fn(f, path) : full(f);
}

static int match_entries(struct finder *f, const char *dir, struct str name, struct str rest, match_fn *fn)
{
	scoped(fd) int fd = kern_open_beneath(f->home_fd, path_relative(dir, f->inputs->home),
		O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir *reader = arena_alloc(f->arena, sizeof(*reader));
	struct kern_dir_entry entry;
	int r = 0;

	if (!reader)
		return full(f);
	if (fd < 0)
		return 0;
	kern_dir_init(reader, fd);
	while (r >= 0 && kern_dir_next(reader, &entry) > 0) {
		const char *path;

		if (!str_match_glob(name, str_from(entry.name)))
			continue;
		path = arena_printf(f->arena, "%s/%s", dir, entry.name);
		r = path ? match(f, path, rest, fn) : full(f);
	}
	return r;
}

/* ---- rows ---- */

static const char *variable(const struct finder *f, const char *name)
{
	size_t len = strlen(name);

	for (const char *const *p = f->inputs->environment; *p; p++)
		if (!strncmp(*p, name, len) && (*p)[len] == '=')
			return *p + len + 1;
	return NULL;
}

/* Where a row is by its variable, resolved; NULL: it is not said, or leads nowhere. */
static const char *variable_home(const struct finder *f, const struct toolchain *row)
{
	const char *value = row->variable ? variable(f, row->variable) : NULL, *real;

	return value && value[0] == '/' && run_real_path(f->arena, value, &real) >= 0 ? real : NULL;
}

static int offer_in(struct finder *f, const struct toolchain *row, const char *home)
{
	int r = 0;

	if (!is_beneath(home, f->inputs->home))
		return leave_out(f, home, "it is not below your home directory");
	for (size_t i = 0; i < row->offers.count && r >= 0; i++)
		r = match(f, home, str_from(row->offers.items[i]), offer);
	for (size_t i = 0; i < row->hides.count && r >= 0; i++)
		r = match(f, home, str_from(row->hides.items[i]), hide);
	return r;
}

static int offer_row(struct finder *f, const struct toolchain *row, const char *why)
{
	const char *own, *real;
	int r = 0;

	if (f->is_taken[row - f->table->items])
		return 0;
	f->is_taken[row - f->table->items] = true;
	f->why = arena_printf(f->arena, "%s, %s: %s", row->name, row->what, why);
	own = variable_home(f, row);
	if (own) {
		f->variables[f->found.variables.count++] = row->variable;
		r = offer_in(f, row, own);
	}
	for (size_t i = 0; i < row->homes.count && r >= 0; i++) {
		const char *home = in_home(f, row->homes.items[i] + 2);

		if (home && run_real_path(f->arena, home, &real) >= 0)
			r = offer_in(f, row, real);
	}
	for (size_t i = 0; i < row->needs.count && r >= 0; i++) {
		const struct toolchain *needed = toolchains_find(f->table, row->needs.items[i]);

		r = offer_row(f, needed, arena_printf(f->arena, "'%s' needs it", row->name));
	}
	return r;
}

/* How much of @path the nearest home of a row is; 0: the row is not about it. */
static size_t match_row(const struct finder *f, const struct toolchain *row, const char *path,
	bool is_resolved)
{
	const char *home = is_resolved ? variable_home(f, row) : NULL;
	size_t longest = home && is_beneath(path, home) ? strlen(home) : 0;

	for (size_t i = 0; i < row->homes.count; i++) {
		home = in_home(f, row->homes.items[i] + 2);
		if (home && is_resolved && run_real_path(f->arena, home, &home) < 0)
			home = NULL;
		if (home && is_beneath(path, home))
			longest = MAX(longest, strlen(home));
	}
	return longest;
}

/*
 * The row that is about @path. Homes that are links, or that a variable names, are asked only if no name
 * fits.
 */
static const struct toolchain *find_row(const struct finder *f, const char *path)
{
	const struct toolchain *best = NULL;
	size_t longest = 0;

	for (int resolved = 0; resolved < 2 && !best; resolved++)
		for (size_t i = 0; i < f->table->count; i++) {
			size_t length = match_row(f, &f->table->items[i], path, resolved);

			if (length > longest) {
				longest = length;
				best = &f->table->items[i];
			}
		}
	return best;
}

/* ---- links ---- */

/* A link leads to @path: show it, with all that belongs to it where that is known. */
static int offer_target(struct finder *f, const char *path, const char *link)
{
	const struct toolchain *row;
	const char *why = arena_printf(f->arena, "'%s' leads there", quote_cstr(link).text);
	struct stat st;
	int r = 0;

	if (!is_beneath(path, f->inputs->home) || is_shown(f, path))
		return 0;
	row = find_row(f, path);
	if (row)
		r = offer_row(f, row, why);
	if (r < 0 || is_shown(f, path) || look(f, path, &st) < 0)
		return r;
	if (!S_ISREG(st.st_mode) || !(st.st_mode & S_IXUSR))
		return leave_out(f, path, why);
	f->why = why;
	return offer(f, path);
}

static int follow_link(struct finder *f, int dirfd, const char *dir, const char *name)
{
	const char *link = arena_printf(f->arena, "%s/%s", dir, name), *next, *real;
	char text[PATH_TEXT_MAX];
	ssize_t n = kern_read_link(dirfd, name, text, sizeof(text));
	int r;

	if (!link)
		return full(f);
	if (n <= 0 || run_real_path(f->arena, link, &real) < 0)
		return 0;
	/* What it names may be a link itself, in a place of its own. */
	next = path_clean(f->arena, dir, (struct str){ text, (size_t)n });
	r = next ? offer_target(f, next, link) : 0;
	return r < 0 ? r : offer_target(f, real, link);
}

static int follow_links(struct finder *f, const char *dir)
{
	scoped(fd) int fd = kern_open_beneath(f->home_fd, path_relative(dir, f->inputs->home),
		O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir *reader = arena_alloc(f->arena, sizeof(*reader));
	struct kern_dir_entry entry;
	int r = 0;

	if (!reader)
		return full(f);
	if (fd < 0)
		return 0;
	kern_dir_init(reader, fd);
	for (size_t i = 0; i < LINKS_MAX && r >= 0 && kern_dir_next(reader, &entry) > 0; i++)
		if (entry.type == DT_LNK || entry.type == DT_UNKNOWN)
			r = follow_link(f, fd, dir, entry.name);
	return r;
}

/* ---- PATH ---- */

static bool is_program_dir(const char *path)
{
	return !strcmp(path_name(path), "bin") || !strcmp(path_name(path), "sbin");
}

/* Says why a directory of PATH is not there; what was said of it before stays. */
static int leave_out_entry(struct finder *f, const char *real)
{
	const char *why = "in PATH, and no toolchain that cordon knows; filesystem.read can name it",
		   *objection;
	struct stat st;

	objection = look(f, real, &st) < 0 ? NULL : find_objection(f, real, &st);
	return leave_out(f, real, objection ? objection : why);
}

/* One directory of PATH, and where it really is. */
static int offer_entry(struct finder *f, const char *entry, const char *real)
{
	const struct toolchain *row;
	int r = 0;

	if (!is_beneath(real, f->inputs->home))
		return is_beneath(entry, f->inputs->home) ?
			leave_out(f, entry, "it leads out of your home directory") : 0;
	row = is_shown(f, real) ? NULL : find_row(f, real);
	if (row)
		r = offer_row(f, row, arena_printf(f->arena, "PATH has '%s'", quote_cstr(entry).text));
	if (r >= 0 && !is_shown(f, real) && is_program_dir(real)) {
		f->why = "in PATH; programs that need more than this directory miss it";
		r = offer(f, real);
	}
	if (r < 0)
		return r;
	return is_shown(f, real) ? follow_links(f, real) : leave_out_entry(f, real);
}

/* Calls @fn for each absolute directory of PATH that is there; its answer ends the walk if it is negative. */
static int walk_path(struct finder *f, const char *path,
	int (*fn)(struct finder *f, const char *entry, const char *real))
{
	struct str rest = str_from(path), part;
	int r = 0;

	while (rest.len && r >= 0) {
		const char *entry, *real;

		str_cut(rest, ':', &part, &rest);
		if (!part.len || part.data[0] != '/')
			continue;
		entry = path_clean(f->arena, "/", part);
		if (entry && run_real_path(f->arena, entry, &real) >= 0)
			r = fn(f, entry, real);
	}
	return r;
}

/* A directory of PATH that is shown under another name only, as fnm's are, is found by that name. */
static int name_anew(struct finder *f, const char *path)
{
	scoped(buf) struct buf text = BUF_INIT(128 << 10);
	struct str rest = str_from(path), part;
	bool is_changed = false;

	while (rest.len) {
		const char *entry, *real;

		str_cut(rest, ':', &part, &rest);
		entry = part.len && part.data[0] == '/' ? path_clean(f->arena, "/", part) : NULL;
		if (text.len)
			(void)buf_append_char(&text, ':');
		if (entry && !is_shown(f, entry) && run_real_path(f->arena, entry, &real) >= 0 &&
				is_beneath_any(real, &f->found.offers)) {
			is_changed = true;
			(void)buf_append_str(&text, real);
		} else {
			(void)buf_append(&text, part.data, part.len);
		}
	}
	if (!is_changed)
		return 0;
	f->found.path = buf_failed(&text) ? NULL : arena_copy(f->arena, buf_text(&text), text.len);
	return f->found.path ? 0 : full(f);
}

/* ---- all of it ---- */

static int is_in_home(struct finder *f, const char *entry, const char *real)
{
	return is_beneath(entry, f->inputs->home) || is_beneath(real, f->inputs->home) ? -EEXIST : 0;
}

static int make_room(struct finder *f)
{
	struct run_toolchains *found = &f->found;

	found->offers.room = OFFERS_MAX;
	found->hides.room = HIDES_MAX;
	found->left_out.room = LEFT_OUT_MAX;
	found->offers.items = arena_alloc_array(f->arena, OFFERS_MAX, sizeof(*found->offers.items));
	found->hides.items = arena_alloc_array(f->arena, HIDES_MAX, sizeof(*found->hides.items));
	found->left_out.items = arena_alloc_array(f->arena, LEFT_OUT_MAX, sizeof(*found->left_out.items));
	f->variables = arena_alloc_array(f->arena, VARIABLES_MAX, sizeof(*f->variables));
	found->variables.items = f->variables;
	return found->offers.items && found->hides.items && found->left_out.items && f->variables ? 0 :
		full(f);
}

int run_toolchains_find(struct arena *arena, const struct run_toolchains_inputs *inputs,
	struct run_toolchains *ret, struct error *err)
{
	scoped(fd) int home_fd = kern_open(AT_FDCWD, inputs->home, O_PATH | O_DIRECTORY, 0);
	struct finder f = { .arena = arena, .inputs = inputs, .home_fd = home_fd, .err = err };
	const char *path = variable(&f, "PATH");
	struct toolchains table;
	int r;

	*ret = (struct run_toolchains){ 0 };
	if (home_fd < 0)
		return error_sys(err, home_fd, "opening your home directory '%s'",
			quote_cstr(inputs->home).text);
	/* Most of the time there is nothing to do, and no reason to read the table. */
	if (!path || walk_path(&f, path, is_in_home) != -EEXIST)
		return 0;
	r = make_room(&f);
	f.table = inputs->table;
	if (r >= 0 && !f.table) {
		r = toolchains_load(arena, &table, err);
		f.table = &table;
	}
	if (r >= 0)
		r = walk_path(&f, path, offer_entry);
	if (r >= 0)
		r = name_anew(&f, path);
	if (r >= 0)
		*ret = f.found;
	return r;
}
