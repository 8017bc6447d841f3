// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_gc.c - `cordon gc [--keep N] [--older-than TIME] [--dry-run]`
 *
 * Only settled sessions go: committed or rolled back, with nothing running. With a session goes what undo
 * would need, and its ledger, which the index of ledgers is told before.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/time.h"
#include "base/units.h"
#include "cli/hold.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "overlay/tree.h"
#include "run/api.h"
#include "run/committer.h"
#include "run/judge.h"
#include "run/policies.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	KEEP_DEFAULT_COUNT = 20,
};

#define OLDER_DEFAULT_NS (30 * UINT64_C(86400) * NS_PER_SEC)

struct candidate {
	const char *id;
	uint64_t ended_ns;
};

struct gc {
	struct cli *cli;
	const char *state_dir;
	struct candidate *settled;	/* newest first */
	size_t settled_count;
	struct ledger user_ledger;
	int state_dirfd;
	struct json_array_builder removed;
	uint64_t freed_bytes;
	size_t removed_count;
};

static int compare_newest_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->ended_ns != y->ended_ns)
		return x->ended_ns > y->ended_ns ? -1 : 1;
	return strcmp(x->id, y->id);
}

static bool is_settled(const struct session *session)
{
	return (session->state == SESSION_COMMITTED || session->state == SESSION_ROLLED_BACK) &&
		!session_is_alive(session) && !committer_is_open(session);
}

static int find_settled(struct gc *gc, struct error *err)
{
	struct arena *arena = &gc->cli->arena;
	const char *const *ids;
	size_t count = 0;
	int r = session_ids(arena, gc->state_dir, &ids, &count, err);

	if (r < 0)
		return r;
	gc->settled = arena_alloc_array(arena, count + 1, sizeof(*gc->settled));
	if (!gc->settled)
		return error_set(err, -EMSGSIZE, "there are too many sessions");
	for (size_t i = 0; i < count; i++) {
		struct session session;
		struct error problem = ERROR_INIT;

		session_init(&session, arena);
		if (session_open(&session, gc->state_dir, ids[i], &problem) < 0)
			cli_warn(gc->cli, "%s", problem.text);
		else if (is_settled(&session))
			gc->settled[gc->settled_count++] = (struct candidate){ ids[i],
				MAX(session.ended_ns, session.created_ns) };
		session_fini(&session);
	}
	qsort(gc->settled, gc->settled_count, sizeof(*gc->settled), compare_newest_first);
	return 0;
}

/* A rule that was not given stands aside when the other one was; without either, both have to agree. */
static bool is_old(const struct gc *gc, size_t index, uint64_t now_ns)
{
	const struct gc_options *options = gc_options(gc->cli);
	bool by_count = options->keep.is_set || !options->older_than.is_set;
	bool by_age = options->older_than.is_set || !options->keep.is_set;
	uint64_t keep = options->keep.is_set ? options->keep.value : KEEP_DEFAULT_COUNT;
	uint64_t older_ns = options->older_than.is_set ? options->older_than.value : OLDER_DEFAULT_NS;
	uint64_t age_ns = now_ns - MIN(now_ns, gc->settled[index].ended_ns);

	return (!by_count || index >= keep) && (!by_age || age_ns > older_ns);
}

static uint64_t count_bytes(const char *path)
{
	scoped(fd) int dirfd = kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	struct tree_summary summary;

	return dirfd >= 0 && tree_summarize(dirfd, ".", NULL, NULL, &summary) >= 0 ? summary.bytes : 0;
}

static uint64_t session_bytes(const struct session *session)
{
	uint64_t bytes = count_bytes(session->path);

	for (size_t i = 0; i < session->root_count; i++) {
		const char *storage = session->roots[i].storage;

		if (storage && !path_is_beneath(str_from(storage), str_from(session->path)))
			bytes += count_bytes(storage);
	}
	return bytes;
}

static int record(struct gc *gc, const struct hold *hold, uint64_t bytes, struct error *err)
{
	struct json_object_builder fields, head;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&hold->ledger.head.hash, hex);
	json_object_begin(&head, &gc->cli->arena);
	json_object_add_int(&head, "sequence", (int64_t)hold->ledger.head.sequence);
	json_object_add_text(&head, "hash", hex);
	json_object_begin(&fields, &gc->cli->arena);
	json_object_add_text(&fields, "what", "session");
	json_object_add_text(&fields, "session", hold->session.id);
	json_object_add_int(&fields, "freed_bytes", (int64_t)bytes);
	json_object_add_text(&fields, "reason", "cordon gc");
	json_object_add(&fields, "head", json_object_end(&head));
	return ledger_append(&gc->user_ledger, LEDGER_GC, json_object_end(&fields), LEDGER_SYNC, err);
}

static int remove_files(struct gc *gc, struct session *session, struct error *err)
{
	const char *sessions = arena_printf(&gc->cli->arena, "%s/sessions", gc->state_dir);
	scoped(fd) int dirfd = -1;
	int r = run_remove_storage(session, err);

	if (r < 0)
		return r;
	dirfd = sessions ? kern_open(AT_FDCWD, sessions, O_PATH | O_DIRECTORY, 0) : -ENAMETOOLONG;
	r = dirfd < 0 ? dirfd : kern_remove_tree(dirfd, session->id);
	return r < 0 ? error_sys(err, r, "removing session '%s'", session->id) : 0;
}

static int remove_session(struct gc *gc, struct hold *hold, struct error *err)
{
	uint64_t bytes = session_bytes(&hold->session);
	int r = 0;

	if (!is_settled(&hold->session))
		return 0;	/* it came to life again since we looked */
	if (!gc_options(gc->cli)->dry_run)
		r = record(gc, hold, bytes, err);
	if (r >= 0 && !gc_options(gc->cli)->dry_run)
		r = ledger_forget(&hold->ledger, err);
	if (r >= 0 && !gc_options(gc->cli)->dry_run)
		r = remove_files(gc, &hold->session, err);
	if (r < 0)
		return r;
	json_array_add(&gc->removed, json_new_text(&gc->cli->arena, hold->session.id));
	gc->freed_bytes += bytes;
	gc->removed_count++;
	return 0;
}

static int collect(struct gc *gc)
{
	uint64_t now_ns = kern_clock_real_ns();
	struct error err = ERROR_INIT;
	int code = CLI_OK;

	for (size_t i = 0; i < gc->settled_count; i++) {
		struct hold hold;

		if (!is_old(gc, i, now_ns))
			continue;
		code = hold_open(gc->cli, gc->settled[i].id, 0, &hold);
		if (code == CLI_OK && remove_session(gc, &hold, &err) < 0)
			code = cli_fail(gc->cli, CLI_FAILED, &err);
		code = hold_close(gc->cli, &hold, code);
		if (code != CLI_OK)
			break;
	}
	return code;
}

static void say(struct gc *gc)
{
	bool dry_run = gc_options(gc->cli)->dry_run;
	char size[UNITS_TEXT_SIZE];
	struct json_object_builder object;

	if (gc->cli->json) {
		json_object_begin(&object, &gc->cli->arena);
		json_object_add(&object, "removed", json_array_end(&gc->removed));
		json_object_add_int(&object, "freed_bytes", (int64_t)gc->freed_bytes);
		json_object_add_bool(&object, "dry_run", dry_run);
		cli_print_json(gc->cli, json_object_end(&object));
		return;
	}
	units_format_size(gc->freed_bytes, size);
	cli_printf(gc->cli, "%zu session%s %s, %s bytes\n", gc->removed_count,
		gc->removed_count == 1 ? "" : "s", dry_run ? "would be removed" : "removed", size);
}

static int open_gc(struct gc *gc, struct error *err)
{
	int r;

	gc->state_dir = dirs_find(&gc->cli->arena, DIRS_STATE, err);
	if (!gc->state_dir)
		return -ENOENT;
	r = find_settled(gc, err);
	if (r < 0 || !gc->settled_count || gc_options(gc->cli)->dry_run)
		return r;
	r = gc->state_dirfd = kern_open(AT_FDCWD, gc->state_dir, O_RDONLY | O_DIRECTORY, 0);
	if (r < 0)
		return error_sys(err, r, "'%s'", gc->state_dir);
	return ledger_open_user(&gc->user_ledger, gc->state_dirfd, "cli", hold_user(gc->cli),
		kern_geteuid(), err);
}

int cmd_gc(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	struct gc gc = { .cli = cli, .user_ledger = LEDGER_INIT, .state_dirfd = -1 };
	struct error err = ERROR_INIT;
	int r, code;

	json_array_begin(&gc.removed, &cli->arena);
	r = open_gc(&gc, &err);
	code = r < 0 ? cli_fail(cli, CLI_FAILED, &err) : collect(&gc);
	if (code == CLI_OK && gc.state_dirfd >= 0 && run_policies_sweep(gc.state_dirfd, &err) < 0)
		code = cli_fail(cli, CLI_FAILED, &err);
	if (gc.user_ledger.fd >= 0 && ledger_close(&gc.user_ledger, &err) < 0)
		code = cli_fail(cli, CLI_FAILED, &err);
	fd_close(gc.state_dirfd);
	if (!gc_options(cli)->dry_run)
		run_api_sweep(cli_env(cli, "XDG_RUNTIME_DIR"));
	if (code == CLI_OK)
		say(&gc);
	return code;
}
