// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_forget.c - `cordon policy forget [BUNDLE...]`
 *
 * Which revision of a signed bundle was used last is kept so that nobody goes back unseen
 * (policy/revision.h). Who means to go back says so here.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "cli/table.h"
#include "kern/file.h"
#include "ledger/ledger.h"
#include "run/revisions.h"
#include "run/workspace.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>

/* Return: a descriptor, -ENOENT without a message where there is none yet, or negative errno with one. */
static int open_state(struct cli *cli, struct error *err)
{
	const char *state_dir = dirs_find(&cli->arena, DIRS_STATE, err);
	int fd = state_dir ? kern_open(AT_FDCWD, state_dir, O_RDONLY | O_DIRECTORY, 0) : -ENODEV;

	if (fd < 0 && fd != -ENOENT && state_dir)
		error_sys(err, fd, "opening '%s'", quote_cstr(state_dir).text);
	return fd;
}

/* ---- listing ---- */

static void list(struct cli *cli, const struct json *seen)
{
	static const struct cli_column columns[] = { { .title = "REVISION" }, { .title = "BUNDLE" } };
	const struct json *bundles = json_get(seen, "bundles");
	struct cli_table table;

	if (cli->json) {
		cli_print_json(cli, seen);
		return;
	}
	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < bundles->object.count; i++) {
		const struct json_member *member = &bundles->object.members[i];

		cli_table_cell(&table, json_get(member->value, "revision")->text);
		cli_table_cell(&table, member->key->text);
	}
	cli_table_end(&table);
}

/* ---- forgetting ---- */

/* @path: NULL: every bundle. */
static int record(struct cli *cli, int state_dirfd, const char *path, const char *revision, struct error *err)
{
	const char *user = dirs_user_name(&cli->arena);
	struct ledger ledger = LEDGER_INIT;
	struct json_object_builder fields;
	int r = ledger_open_user(&ledger, state_dirfd, "cli", user, kern_getuid(), err);

	json_object_begin(&fields, &cli->arena);
	if (path)
		json_object_add(&fields, "bundle", json_new_bytes(&cli->arena, str_from(path)));
	if (revision)
		json_object_add_text(&fields, "revision", revision);
	json_object_add_text(&fields, "user", user);
	json_object_add_int(&fields, "uid", kern_getuid());
	if (r >= 0)
		r = ledger_append(&ledger, LEDGER_POLICY_FORGOTTEN, json_object_end(&fields), LEDGER_SYNC,
			err);
	if (r >= 0)
		r = ledger_close(&ledger, err);
	ledger_fini(&ledger);
	return r;
}

static int forget_one(struct cli *cli, int state_dirfd, const char *path, struct error *err)
{
	const struct json *seen;
	const char *revision;
	int r = run_revisions_read(state_dirfd, &cli->arena, &seen, err);

	if (r < 0)
		return r;
	revision = policy_revisions_last(seen, path);
	if (revision)
		r = record(cli, state_dirfd, path, revision, err);
	return r < 0 ? r : run_revisions_forget(state_dirfd, path, err);
}

static int forget_all(struct cli *cli, int state_dirfd, struct error *err)
{
	int r = record(cli, state_dirfd, NULL, NULL, err);

	return r < 0 ? r : run_revisions_forget(state_dirfd, NULL, err);
}

static int forget(struct cli *cli, int state_dirfd, int argc, char **argv)
{
	struct error err = ERROR_INIT;
	const char *cwd = run_current_dir(&cli->arena, &err), *path;
	int r = cwd ? 0 : -ENOENT;

	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	for (int i = 0; r >= 0 && i < argc; i++) {
		path = path_clean(&cli->arena, cwd, str_from(argv[i]));
		if (!path)
			return cli_failf(cli, CLI_USAGE, "'%s' is no path", quote_cstr(argv[i]).text);
		r = forget_one(cli, state_dirfd, path, &err);
	}
	if (r == -ENOENT)
		error_hint(&err, "`cordon policy forget` lists those that were used.");
	return r < 0 ? cli_fail(cli, r == -ENOENT ? CLI_NO : CLI_FAILED, &err) : CLI_OK;
}

int cmd_policy_forget(struct cli *cli, int argc, char **argv)
{
	bool all = policy_forget_options(cli)->all;
	struct error err = ERROR_INIT;
	scoped(fd) int fd = -1;
	const struct json *seen;
	int r;

	if (all && argc)
		return cli_usage(cli, "--all takes no BUNDLE: it forgets every one");
	fd = open_state(cli, &err);
	if (fd < 0 && fd != -ENOENT)
		return cli_fail(cli, CLI_FAILED, &err);
	if (fd < 0)
		return argc ? cli_failf(cli, CLI_NO, "no revision of a bundle was used") : CLI_OK;
	if (argc)
		return forget(cli, fd, argc, argv);
	r = all ? forget_all(cli, fd, &err) : run_revisions_read(fd, &cli->arena, &seen, &err);
	if (r < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (!all)
		list(cli, seen);
	return CLI_OK;
}
