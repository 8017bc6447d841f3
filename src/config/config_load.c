// SPDX-License-Identifier: Apache-2.0
/*
 * config_load.c - the files that a configuration is made of
 *
 * Each file is opened once, looked at through its descriptor, and read once. Who could have written it
 * decides whether it is believed:
 *
 *	project		anybody, the agent included: opened beneath the workspace, no link is followed, and it
 *			may only narrow until the user trusts its digest
 *	user, profile	the user or root; a file that everybody may write is refused (a profile that came with cordon is
 *			believed as cordon itself is)
 *	policy		root alone, its directory too
 */
#include "config/load.h"

#include "config/config_internal.h"

#include "base/path.h"
#include "base/quote.h"
#include "kern/file.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

const char *const config_project_files[] = {
	"cordon.jsonc", "agentcontainer.json", ".devcontainer/agentcontainer.json",
	".devcontainer/devcontainer.json",
};
const size_t config_project_file_count = ARRAY_SIZE(config_project_files);

/* Whose word a file is. */
enum writer {
	WRITER_ANYBODY,
	WRITER_USER,
	WRITER_ROOT,
};

/* ---- one file ---- */

static int check_writer(const char *path, const struct stat *st, enum writer writer, struct error *err)
{
	uid_t user = kern_geteuid();

	if (writer == WRITER_ANYBODY)
		return 0;
	if (writer == WRITER_ROOT ? st->st_uid != 0 : st->st_uid != user && st->st_uid != 0) {
		error_set(err, -EPERM, "'%s' belongs to user %u, so it is not believed",
			quote_cstr(path).text, (unsigned)st->st_uid);
		error_hint(err, "Make it belong to %s, or remove it.",
			writer == WRITER_ROOT ? "root" : "you");
		return -EPERM;
	}
	if (st->st_mode & (writer == WRITER_ROOT ? S_IWGRP | S_IWOTH : S_IWOTH)) {
		error_set(err, -EPERM, "'%s' may be written by others, so it is not believed",
			quote_cstr(path).text);
		error_hint(err, "Take the right away: chmod go-w '%s'", quote_cstr(path).text);
		return -EPERM;
	}
	return 0;
}

/* Reads what @fd names; @path is for messages and becomes the document's name. */
static int read_document(struct arena *arena, int fd, const char *path, enum writer writer,
	struct config_document *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_FILE_MAX);
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return error_sys(err, r, "looking at '%s'", quote_cstr(path).text);
	if (!S_ISREG(st.st_mode))
		return error_set(err, -EINVAL, "'%s' is not a regular file", quote_cstr(path).text);
	r = check_writer(path, &st, writer, err);
	if (r < 0)
		return r;
	r = kern_read_all(fd, &text);
	if (r == -EMSGSIZE)
		return error_set(err, -EFBIG, "'%s' is longer than %d bytes", quote_cstr(path).text,
			(int)CONFIG_FILE_MAX);
	if (r < 0)
		return error_sys(err, r, "reading '%s'", quote_cstr(path).text);
	ret->file = arena_copy(arena, path, strlen(path));
	ret->text.data = arena_copy(arena, buf_text(&text), text.len);
	ret->text.len = text.len;
	return ret->file && ret->text.data ? 0 : error_set(err, -EMSGSIZE, "the configuration is too large");
}

/* A file that need not exist: @ret is all-zero then. */
static int read_optional(struct arena *arena, const char *path, enum writer writer,
	struct config_document *ret, struct error *err)
{
	/* Without O_NONBLOCK, a FIFO would keep us waiting for whoever writes it. */
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);

	*ret = (struct config_document){ 0 };
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return error_sys(err, fd, "opening '%s'", quote_cstr(path).text);
	return read_document(arena, fd, path, writer, ret, err);
}

/* ---- the project file ---- */

static int read_project(struct arena *arena, int workspace_dirfd, struct config_document *ret,
	struct error *err)
{
	*ret = (struct config_document){ 0 };
	for (size_t i = 0; i < config_project_file_count; i++) {
		const char *path = config_project_files[i];
		scoped(fd) int fd = kern_open_beneath(workspace_dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY,
			0);

		if (fd == -ENOENT || fd == -ENOTDIR)
			continue;
		if (fd == -ELOOP || fd == -EXDEV) {
			error_set(err, fd, "'%s' in the workspace is a link, or lies behind one", path);
			error_hint(err, "Make it a file: a link could lead anywhere, so none is followed.");
			return fd;
		}
		if (fd < 0)
			return error_sys(err, fd, "opening '%s' in the workspace", path);
		return read_document(arena, fd, path, WRITER_ANYBODY, ret, err);
	}
	return 0;
}

/* ---- profiles ---- */

struct profile_context {
	const struct config_places *places;
	struct config_document alone; /* the one that is looked at by itself; file NULL: none is */
	const char *alone_name;
};

/* The name that was probably meant, or NULL; where the profiles cannot be listed, nobody can say. */
static const char *near_profile(struct arena *arena, const struct config_places *places, const char *name)
{
	const struct config_profile *profiles;
	const char **names;
	size_t count;

	if (config_profile_list(arena, places, &profiles, &count, NULL) < 0)
		return NULL;
	names = arena_alloc_array(arena, count, sizeof(*names));
	for (size_t i = 0; names && i < count; i++)
		names[i] = profiles[i].name;
	return names ? str_nearest(str_from(name), names, count) : NULL;
}

/* config_profile_fn: the user's own profiles win over the ones that came with cordon. */
static int find_profile(void *context, struct arena *arena, const char *name, struct config_document *ret,
	struct error *err)
{
	const struct profile_context *profiles = context;
	const struct config_places *places = profiles->places;
	const struct {
		const char *path;
		enum writer writer;
	} places_of[] = {
		{ arena_printf(arena, "%s/profiles/%s.jsonc", places->config_dir, name), WRITER_USER },
		/* Whoever could write these could write the program as well. */
		{ arena_printf(arena, "%s/%s.jsonc", places->profile_dir, name), WRITER_ANYBODY },
	};
	const char *near;
	int r;

	if (profiles->alone.file && !strcmp(name, profiles->alone_name)) {
		*ret = profiles->alone;
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(places_of); i++) {
		if (!places_of[i].path)
			return error_set(err, -EMSGSIZE, "the configuration is too large");
		r = read_optional(arena, places_of[i].path, places_of[i].writer, ret, err);
		if (r < 0 || ret->file)
			return r;
	}
	error_set(err, -ENOENT, "there is no profile '%s'", name);
	near = near_profile(arena, places, name);
	if (near)
		error_hint(err, "Did you mean '%s'? `cordon profile list` names them all.", near);
	error_hint(err, "`cordon profile list` names them; your own belong into '%s/profiles'.",
		quote_cstr(places->config_dir).text);
	return -ENOENT;
}

/* ---- the organisation's policy ---- */

static int check_policy_directory(struct arena *arena, const char *path, struct error *err)
{
	struct str parent = path_parent(str_from(path));
	const char *dir = arena_copy(arena, parent.data, parent.len);
	struct stat st;
	int r;

	if (!dir)
		return error_set(err, -EMSGSIZE, "the configuration is too large");
	r = kern_fstatat(AT_FDCWD, dir, &st, 0);
	if (r < 0)
		return error_sys(err, r, "looking at '%s'", quote_cstr(dir).text);
	return check_writer(dir, &st, WRITER_ROOT, err);
}

static int read_policy(struct arena *arena, const char *path, struct config_document *ret, struct error *err)
{
	int r = read_optional(arena, path, WRITER_ROOT, ret, err);

	if (r < 0 || !ret->file)
		return r;
	return check_policy_directory(arena, path, err);
}

/* ---- all of it ---- */

static int check_trust(const struct config_sources *sources, struct config_inputs *inputs, struct error *err)
{
	struct config_trust trust = { .workspace = sources->workspace, .file = inputs->project.file };
	int r;

	inputs->project_trusted = sources->project_trusted;
	if (!inputs->project.file || sources->project_trusted)
		return 0;
	trust.digest = hash_bytes(inputs->project.text.data, inputs->project.text.len);
	r = config_trust_check(sources->places.state_dir, &trust, err);
	if (r < 0)
		return r;
	inputs->project_trusted = r > 0;
	return 0;
}

/* Whoever wrote a project's name for it believes that it is in force. */
static int read_user(struct arena *arena, const char *dir, struct config_document *ret, struct error *err)
{
	const char *path = arena_printf(arena, "%s/config.jsonc", dir);
	const char *other = arena_printf(arena, "%s/%s", dir, config_project_files[0]);
	struct stat st;
	int r = path && other ? read_optional(arena, path, WRITER_USER, ret, err) :
				error_set(err, -EMSGSIZE, "the configuration is too large");

	if (r < 0 || ret->file || kern_fstatat(AT_FDCWD, other, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return r;
	error_set(err, -EINVAL, "'%s' is not read, and there is no '%s'", quote_cstr(other).text,
		path_name(path));
	error_hint(err, "Your own configuration is called %s: rename it, or take it away.", path_name(path));
	return -EINVAL;
}

int config_load(struct arena *arena, const struct config_sources *sources,
	struct config_problems *ret_problems, const struct config **ret, struct error *err)
{
	const struct config_places places = sources->places;
	struct profile_context profiles = { .places = &places };
	const char *own_dirs[] = { places.state_dir, places.config_dir };
	struct config_inputs inputs = {
		.workspace = sources->workspace, .home = places.home,
		.own_dirs = own_dirs, .own_dir_count = ARRAY_SIZE(own_dirs),
		.find_profile = find_profile, .find_profile_context = &profiles,
		.find_presets = sources->find_presets, .find_presets_context = sources->find_presets_context,
		.agent = sources->agent,
		.flags = sources->flags, .flag_count = sources->flag_count,
	};
	int r;

	if (ret_problems)
		*ret_problems = (struct config_problems){ 0 };
	r = read_user(arena, places.config_dir, &inputs.user, err);
	if (r >= 0)
		r = read_project(arena, sources->workspace_dirfd, &inputs.project, err);
	if (r >= 0)
		r = read_policy(arena, places.policy_file, &inputs.policy, err);
	if (r >= 0)
		r = check_trust(sources, &inputs, err);
	if (r < 0)
		return r;
	return config_resolve(arena, &inputs, ret_problems, ret, err);
}

/* ---- one file alone ---- */

/* The name of the profile that a file would be. */
static const char *profile_name(struct arena *arena, const char *path, struct error *err)
{
	struct str name = str_from(path_name(path));

	if (str_ends_with(name, STR(".jsonc")))
		name.len -= strlen(".jsonc");
	if (config_name_is_valid(name))
		return arena_copy(arena, name.data, name.len);
	error_set(err, -EINVAL, "'%s' is no name for a profile's file", quote_cstr(path).text);
	error_hint(err, "Call it NAME.jsonc, where NAME has small letters, digits and '-'.");
	return NULL;
}

static int place_file(struct arena *arena, enum config_source kind, const struct config_document *document,
	struct config_inputs *inputs, struct profile_context *profiles, struct config_flag *flag,
	struct error *err)
{
	switch (kind) {
	case CONFIG_SOURCE_USER:
		inputs->user = *document;
		return 0;
	case CONFIG_SOURCE_PROJECT:
		inputs->project = *document;
		inputs->project_trusted = true;
		return 0;
	case CONFIG_SOURCE_POLICY:
		inputs->policy = *document;
		return 0;
	case CONFIG_SOURCE_PROFILE:
		profiles->alone = *document;
		profiles->alone_name = profile_name(arena, document->file, err);
		if (!profiles->alone_name)
			return -EINVAL;
		*flag = (struct config_flag){ document->file, CONFIG_KEY_PROFILE, profiles->alone_name };
		inputs->flags = flag;
		inputs->flag_count = 1;
		return 0;
	case CONFIG_SOURCE_DEFAULT:
	case CONFIG_SOURCE_AGENT:
	case CONFIG_SOURCE_FLAG:
		break;
	}
	return error_set(err, -EINVAL, "no file is read as a %s", config_source_name(kind));
}

int config_load_file(struct arena *arena, const struct config_sources *sources, enum config_source kind,
	const char *path, struct config_problems *ret_problems, const struct config **ret, struct error *err)
{
	struct profile_context profiles = { .places = &sources->places };
	struct config_inputs inputs = {
		.workspace = sources->workspace, .home = sources->places.home,
		.find_profile = find_profile, .find_profile_context = &profiles,
		.find_presets = sources->find_presets, .find_presets_context = sources->find_presets_context,
	};
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct config_document document;
	struct config_flag flag;
	int r;

	if (ret_problems)
		*ret_problems = (struct config_problems){ 0 };
	if (fd < 0) {
		error_sys(err, fd, "opening '%s'", quote_cstr(path).text);
		error_hint(err, "`cordon config check` without a file checks all that hold in this project.");
		return fd;
	}
	r = read_document(arena, fd, path, WRITER_ANYBODY, &document, err);
	if (r >= 0)
		r = place_file(arena, kind, &document, &inputs, &profiles, &flag, err);
	if (r < 0)
		return r;
	return config_resolve(arena, &inputs, ret_problems, ret, err);
}
