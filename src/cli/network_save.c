// SPDX-License-Identifier: Apache-2.0
/*
 * network_save.c - hosts that a person allowed or denied, written into a configuration file
 */
#include "cli/network_save.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "cli/settings.h"
#include "cli/trusting.h"
#include "json/json_edit.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>

enum {
	FILE_BYTES_MAX = 4 << 20,
	PORT_USUAL = 443,
	MODE_NEW = 0644,
};

/* A file that is about to be written. */
struct file {
	const char *path;		/* as it is shown */
	const char *name;		/* in its directory */
	int dirfd;			/* owned */
	bool is_new;
	mode_t mode;
	struct buf text;
};

static void file_fini(struct file *file)
{
	file->dirfd = fd_close(file->dirfd);
	buf_fini(&file->text);
}

/* ---- finding the file ---- */

static int open_users(struct cli *cli, struct file *file, struct error *err)
{
	struct config_places places;
	int r = config_places_init(&cli->arena, &places, err);

	if (r < 0)
		return r;
	file->name = "config.jsonc";
	file->path = arena_printf(&cli->arena, "%s/%s", places.config_dir, file->name);
	r = kern_mkdir_all(places.config_dir);
	if (r >= 0)
		r = file->dirfd = kern_open(AT_FDCWD, places.config_dir, O_RDONLY | O_DIRECTORY, 0);
	return r < 0 ? error_sys(err, r, "opening '%s'", quote_cstr(places.config_dir).text) : 0;
}

static int open_projects(struct cli *cli, const struct network_saving *saving, const char *name,
	struct file *file, struct error *err)
{
	scoped(fd) int workspace_fd = kern_open(AT_FDCWD, saving->workspace, O_RDONLY | O_DIRECTORY, 0);
	const char *slash = strrchr(name, '/');
	const char *dir = slash ? arena_copy(&cli->arena, name, (size_t)(slash - name)) : ".";
	int r = workspace_fd;

	file->name = slash ? slash + 1 : name;
	file->path = arena_printf(&cli->arena, "%s/%s", saving->workspace, name);
	if (r >= 0)
		r = file->dirfd = kern_open_beneath(workspace_fd, dir, O_RDONLY | O_DIRECTORY, 0);
	return r < 0 ? error_sys(err, r, "opening the folder of '%s'", quote_cstr(file->path).text) : 0;
}

/* What somebody else may write, or what is elsewhere, is not for a command to replace. */
static int check_file(struct file *file, struct error *err)
{
	struct stat st;
	int r = kern_fstatat(file->dirfd, file->name, &st, AT_SYMLINK_NOFOLLOW);

	file->is_new = r == -ENOENT;
	file->mode = MODE_NEW;
	if (file->is_new)
		return 0;
	if (r < 0)
		return error_sys(err, r, "'%s'", quote_cstr(file->path).text);
	file->mode = st.st_mode & 0777;
	if (S_ISREG(st.st_mode) && st.st_nlink == 1 && st.st_uid == kern_getuid())
		return 0;
	error_set(err, -EPERM, "'%s' is a link, or somebody else's: it is not written to",
		quote_cstr(file->path).text);
	error_hint(err, "Write the entry into it yourself.");
	return -EPERM;
}

static int read_file(struct file *file, struct error *err)
{
	static const struct str fresh = { "{\n}\n", 4 };
	scoped(fd) int fd = -1;
	int r = check_file(file, err);

	if (r < 0)
		return r;
	if (file->is_new)
		return buf_append(&file->text, fresh.data, fresh.len);
	r = fd = kern_open_beneath(file->dirfd, file->name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (r >= 0)
		r = kern_read_all(fd, &file->text);
	return r < 0 ? error_sys(err, r, "reading '%s'", quote_cstr(file->path).text) : 0;
}

/* ---- changing it ---- */

static const char *const *path_of(enum config_key key)
{
	static const char *const allow[] = { "agent", "network", "allow" },
				 *const deny[] = { "agent", "network", "deny" };

	return key == CONFIG_KEY_NETWORK_ALLOW ? allow : deny;
}

static bool is_same(struct cli *cli, const struct json *item, const struct net_entry *entry)
{
	struct net_ports usual = entry->denies ? NET_PORTS_ALL : (struct net_ports){ PORT_USUAL, PORT_USUAL };
	struct net_entry there;
	struct net_flaw flaw;

	if (item->type != JSON_STRING || net_entry_read(&cli->arena, item->text, usual, &there, &flaw) < 0)
		return false;
	there.denies = entry->denies;
	return net_entry_covers(&there, entry) && net_entry_covers(entry, &there);
}

static bool has_entry(struct cli *cli, struct str text, enum config_key key, const struct net_entry *entry)
{
	const char *const *path = path_of(key);
	const struct json *value, *item;

	if (json_read(&cli->arena, text, JSON_READ_JSONC, &value, NULL) < 0)
		return false;
	for (size_t i = 0; i < 3; i++)
		value = json_get(value, path[i]);
	for (size_t i = 0; value && (item = json_at(value, i)) != NULL; i++)
		if (is_same(cli, item, entry))
			return true;
	return false;
}

static int add_entry(struct file *file, enum config_key key, const struct net_entry *entry, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(FILE_BYTES_MAX);
	char shown[NET_ENTRY_SIZE];
	int r;

	net_entry_print(entry, shown);
	r = json_edit_append((struct str){ file->text.data, file->text.len }, path_of(key), 3,
		str_from(shown + entry->denies), &text, err);
	if (r < 0)
		return error_wrap(err, r, "'%s'", quote_cstr(file->path).text);
	buf_clear(&file->text);
	return buf_append(&file->text, text.data, text.len);
}

/* Return: how many entries are new, or negative errno */
static int add_entries(struct cli *cli, struct file *file, const struct network_saving *saving,
	struct error *err)
{
	int added = 0;

	for (size_t i = 0; i < saving->count; i++) {
		int r;

		if (has_entry(cli, (struct str){ file->text.data, file->text.len }, saving->key,
				&saving->entries[i]))
			continue;
		r = add_entry(file, saving->key, &saving->entries[i], err);
		if (r < 0)
			return r;
		added++;
	}
	return added;
}

static int write_file(struct cli *cli, struct file *file, const struct network_saving *saving,
	struct error *err)
{
	int added = add_entries(cli, file, saving, err), r = added;

	if (added > 0)
		r = kern_write_file(file->dirfd, file->name, (struct str){ file->text.data, file->text.len },
			file->mode, true);
	if (added >= 0 && r < 0)
		return error_sys(err, r, "writing '%s'", quote_cstr(file->path).text);
	if (added == 0)
		cli_note(cli, "'%s' has it already", quote_cstr(file->path).text);
	else if (added > 0)
		cli_note(cli, "written into '%s'", quote_cstr(file->path).text);
	return added;
}

/* ---- trust ---- */

static int trust(struct cli *cli, const struct network_saving *saving, const struct config *config,
	struct error *err)
{
	const struct config_trust trust = {
		.workspace = saving->workspace, .file = config->project_file,
		.digest = config->project_digest, .time_ns = kern_clock_real_ns(),
	};
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, err);
	int r = state_dir ? trusting_record(cli, state_dir, &trust, true, err) : -ENOENT;

	if (r >= 0)
		r = config_trust_add(state_dir, &trust, err);
	if (r >= 0)
		cli_note(cli, "'%s' is trusted, until a byte of it changes", quote_cstr(trust.file).text);
	return r;
}

/* With the new entry, as `cordon trust` would see it. */
static int trust_again(struct cli *cli, const struct network_saving *saving, const struct digest *written)
{
	const struct settings_request request = {
		.workspace = saving->workspace, .project_trusted = true,
	};
	const struct config *config;
	struct error err = ERROR_INIT;
	int code = settings_load(cli, &request, NULL, &config);

	if (code != CLI_OK || !config->project_file || !config->widening_count)
		return code;
	if (!digest_eq(&config->project_digest, written))
		return cli_failf(cli, CLI_NO,
			"'%s' was changed by somebody else meanwhile, and is not trusted",
			quote_cstr(config->project_file).text);
	return trust(cli, saving, config, &err) < 0 ? cli_fail(cli, CLI_FAILED, &err) : CLI_OK;
}

/* ---- the whole ---- */

static int save(struct cli *cli, const struct network_saving *saving, const struct config *config,
	struct file *file)
{
	struct error err = ERROR_INIT;
	struct digest digest;
	int r = saving->is_users ? open_users(cli, file, &err) :
		open_projects(cli, saving, config->project_file ?: config_project_files[0], file, &err);

	if (r >= 0)
		r = read_file(file, &err);
	digest = hash_bytes(file->text.data, file->text.len);
	if (r >= 0 && !saving->is_users && !file->is_new && !digest_eq(&digest, &config->project_digest))
		r = error_set(&err, -EAGAIN, "'%s' is being changed by somebody else",
			quote_cstr(file->path).text);
	if (r >= 0)
		r = write_file(cli, file, saving, &err);
	if (r < 0)
		return cli_fail(cli, CLI_NO, &err);
	digest = hash_bytes(file->text.data, file->text.len);
	return r > 0 && !saving->is_users ? trust_again(cli, saving, &digest) : CLI_OK;
}

int network_save(struct cli *cli, const struct network_saving *saving)
{
	const struct settings_request request = { .workspace = saving->workspace };
	struct file file = { .dirfd = -1, .text = BUF_INIT(FILE_BYTES_MAX) };
	const struct config *config = NULL;
	/* A project's file that waits for trust is told of here, and stays as it is. */
	int code = saving->is_users ? CLI_OK : settings_load(cli, &request, NULL, &config);

	if (code == CLI_OK)
		code = save(cli, saving, config, &file);
	file_fini(&file);
	return code;
}
