// SPDX-License-Identifier: Apache-2.0
/*
 * git_identity.c - the name and mail that the agent's commits carry
 *
 * The user's files are read in git's order, the last word winning, an include where it stands. The conditions
 * `gitdir:` and `gitdir/i:` are judged by the workspace; the others are about a repository's content, which
 * an agent can write, and count as not met.
 */
#include "run/git_identity.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"
#include "policy/extract.h"

#include <errno.h>
#include <fcntl.h>

enum {
	INCLUDES_MAX = 10,		/* within each other, as git */
	FILES_MAX = 256,		/* in all: two that include each other twice are soon a thousand */
	CONFIG_MAX_BYTES = 1 << 20,
	VALUE_MAX_BYTES = 1024,
	READER_ARENA_BYTES = 64 << 20,	/* of all files, given back when they are read */
};

struct reader {
	struct arena *arena;
	const char *home, *workspace;
	struct run_git_identity *ret;
	unsigned file_count;		/* read so far */
};

static void read_config(struct reader *r, const char *path, int depth);

static const char *expand(const struct reader *r, const char *base, struct str path)
{
	if (str_starts_with(path, STR("~/")))
		return path_clean(r->arena, r->home, (struct str){ path.data + 2, path.len - 2 });
	return path_clean(r->arena, base, path);
}

static const char *lower(struct arena *arena, const char *text)
{
	char *copy = arena_copy(arena, text, strlen(text));

	for (char *p = copy; p && *p; p++)
		*p = ascii_lower(*p);
	return copy;
}

/*
 * "gitdir:~/work/": a pattern that ends in "/" means all below it, one that does not begin like a path any
 * place.
 */
static bool is_met(const struct reader *r, const char *base, struct str condition)
{
	struct str pattern;
	bool any_case = str_starts_with(condition, STR("gitdir/i:"));
	const char *text, *git_dir = arena_printf(r->arena, "%s/.git", r->workspace);

	if (!git_dir)
		return false;
	if (str_starts_with(condition, STR("gitdir:")))
		pattern = (struct str){ condition.data + 7, condition.len - 7 };
	else if (any_case)
		pattern = (struct str){ condition.data + 9, condition.len - 9 };
	else
		return false;
	if (str_starts_with(pattern, STR("~/")) || str_starts_with(pattern, STR("./")) ||
			str_starts_with(pattern, STR("/")))
		text = expand(r, base, pattern);
	else
		text = arena_printf(r->arena, "**/%.*s", STR_FMT(pattern));
	if (text && (!pattern.len || str_ends_with(pattern, STR("/"))))
		text = arena_printf(r->arena, "%s%s**", text,
			str_ends_with(str_from(text), STR("/")) ? "" : "/");
	if (text && any_case) {
		text = lower(r->arena, text);
		git_dir = lower(r->arena, git_dir);
	}
	return text && git_dir && str_match_glob(str_from(text), str_from(git_dir));
}

static bool is_include(const struct reader *r, const char *base, struct str key)
{
	const struct str begin = STR("includeif."), end = STR(".path");

	if (str_eq(key, STR("include.path")))
		return true;
	if (key.len <= begin.len + end.len || !str_starts_with(key, begin) || !str_ends_with(key, end))
		return false;
	return is_met(r, base, (struct str){ key.data + begin.len, key.len - begin.len - end.len });
}

static void take(struct reader *r, const char *base, const struct floor_key *key, int depth)
{
	const char *path;

	if (str_eq(key->key, STR("user.name")))
		r->ret->name = arena_copy(r->arena, key->value.data, key->value.len);
	if (str_eq(key->key, STR("user.email")))
		r->ret->email = arena_copy(r->arena, key->value.data, key->value.len);
	if (depth == INCLUDES_MAX || r->file_count >= FILES_MAX || !is_include(r, base, key->key))
		return;
	path = expand(r, base, key->value);
	if (path)
		read_config(r, path, depth + 1);
}

static void read_config(struct reader *r, const char *path, int depth)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_MAX_BYTES);
	struct str dir = path_parent(str_from(path));
	const char *base = arena_copy(r->arena, dir.data, dir.len);
	struct floor_keys keys = { .arena = r->arena };
	const char *copy;

	r->file_count++;
	/* A FIFO in its place would keep us waiting. */
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	if (!base || fd < 0 || kern_read_all(fd, &text) < 0)
		return;
	copy = arena_copy(r->arena, buf_text(&text), text.len);
	if (!copy || floor_extract(FLOOR_LOOK_GIT_CONFIG, (struct str){ copy, text.len }, &keys) < 0)
		return;
	for (size_t i = 0; i < keys.count; i++)
		take(r, base, &keys.items[i], depth);
}

static const char *variable(const char *const *environment, struct str name)
{
	struct str key, value;

	for (; *environment; environment++)
		if (str_cut(str_from(*environment), '=', &key, &value) && str_eq(key, name) && value.len)
			return value.data;
	return NULL;
}

static void read_all(struct reader *r, const char *const *environment)
{
	const char *one = variable(environment, STR("GIT_CONFIG_GLOBAL"));
	const char *xdg = variable(environment, STR("XDG_CONFIG_HOME"));
	const char *first = xdg ? arena_printf(r->arena, "%s/git/config", xdg) :
		arena_printf(r->arena, "%s/.config/git/config", r->home);
	const char *second = arena_printf(r->arena, "%s/.gitconfig", r->home);

	if (one) {
		if (one[0] == '/')
			read_config(r, one, 0);
		return;
	}
	if (first && first[0] == '/')
		read_config(r, first, 0);
	if (second)
		read_config(r, second, 0);
}

static const char *keep(struct arena *arena, const char *text)
{
	return text ? arena_copy(arena, text, strlen(text)) : NULL;
}

void run_git_identity_read(struct arena *arena, const char *home, const char *const *environment,
	const char *workspace, struct run_git_identity *ret)
{
	scoped(arena) struct arena own = ARENA_INIT(READER_ARENA_BYTES);
	struct run_git_identity found = { 0 };
	struct reader r = { .arena = &own, .home = home, .workspace = workspace, .ret = &found };

	read_all(&r, environment);
	*ret = (struct run_git_identity){
		.name = keep(arena, found.name),
		.email = keep(arena, found.email),
	};
}

/* A value between quotes; what could end the line is refused. */
static int add_value(struct buf *text, const char *key, const char *value)
{
	if (!value || !value[0])
		return 0;
	if (strlen(value) > VALUE_MAX_BYTES)
		return -EINVAL;
	(void)buf_printf(text, "\t%s = \"", key);
	for (const char *p = value; *p; p++) {
		if ((unsigned char)*p < ' ')
			return -EINVAL;
		if (*p == '"' || *p == '\\')
			(void)buf_append_char(text, '\\');
		(void)buf_append_char(text, *p);
	}
	return buf_append_str(text, "\"\n");
}

int run_git_identity_write(const struct run_git_identity *identity, const char *private_home, uid_t uid,
	gid_t gid)
{
	scoped(buf) struct buf text = BUF_INIT(8 * VALUE_MAX_BYTES);
	scoped(fd) int dirfd = kern_open(AT_FDCWD, private_home, O_RDONLY | O_DIRECTORY, 0), fd = -1;
	int r = dirfd;

	(void)buf_append_str(&text, "[user]\n");
	if (r >= 0)
		r = add_value(&text, "name", identity->name);
	if (r >= 0)
		r = add_value(&text, "email", identity->email);
	if (r >= 0)
		r = fd = kern_open_beneath(dirfd, ".gitconfig", O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (r >= 0)
		r = kern_write_all(fd, text.data, text.len);
	if (r >= 0 && !kern_geteuid())
		r = kern_fchownat(dirfd, ".gitconfig", uid, gid, AT_SYMLINK_NOFOLLOW);
	return r < 0 ? r : 0;
}
