// SPDX-License-Identifier: Apache-2.0
/*
 * agent.c - what is known about the agent: recorded, its private home made fit, its settings imported
 *
 * What was added to the user's words is evidence before it takes effect. An import is done before the agent's
 * first instruction, so nobody races with it in a home of its own; a home that another session of the same
 * project uses at the moment is written to as carefully (run/import.h).
 */
#include "roles/supervisor/supervisor.h"

#include "base/quote.h"
#include "kern/file.h"
#include "run/git_identity.h"
#include "run/import.h"
#include "run/plan.h"
#include "run/workspace.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum {
	NOTICE_MAX = 4096,
};

static const struct json *texts_to_json(struct arena *arena, const char *const *items, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&array, json_new_text(arena, items[i]));
	return json_array_end(&array);
}

int supervisor_record_agent(struct supervisor *s, const struct agent *agent, struct error *err)
{
	struct json_object_builder fields;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&agent->digest, hex);
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "agent", agent->name);
	json_object_add(&fields, "file", json_new_bytes(&s->scratch, str_from(agent->path)));
	json_object_add_text(&fields, "digest", hex);
	json_object_add(&fields, "arguments",
		texts_to_json(&s->scratch, s->request.argv + 1, s->request.added_count));
	json_object_add(&fields, "environment",
		texts_to_json(&s->scratch, agent->environment.items, agent->environment.count));
	json_object_add(&fields, "hosts", texts_to_json(&s->scratch, agent->hosts.items, agent->hosts.count));
	return ledger_append(&s->ledger, LEDGER_AGENT_KNOWN, json_object_end(&fields), 0, err);
}

int supervisor_clear_home(struct supervisor *s, const struct run_obstacles *obstacles, struct error *err)
{
	const char *home = run_plan_private_home(&s->plan);
	int r = 0;

	for (size_t i = 0; i < obstacles->count && r >= 0; i++) {
		const struct run_obstacle *item = &obstacles->items[i];
		struct json_object_builder fields;

		json_object_begin(&fields, &s->scratch);
		json_object_add(&fields, "home", json_new_bytes(&s->scratch, str_from(home)));
		json_object_add(&fields, "path", json_new_bytes(&s->scratch, str_from(item->path)));
		json_object_add(&fields, "aside", json_new_bytes(&s->scratch, str_from(item->aside)));
		json_object_add_text(&fields, "what", item->what);
		r = ledger_append(&s->ledger, LEDGER_HOME_CLEARED, json_object_end(&fields), 0, err);
		if (r >= 0)
			client_notice(s,
				"in the private home, ~/%s was %s, left by an earlier session: it is ~/%s there now",
				quote_cstr(item->path).text, item->what, quote_cstr(item->aside).text);
	}
	return r < 0 ? r : run_home_move_aside(&s->scratch, &s->plan, obstacles, err);
}

static const struct json *imported_to_json(struct arena *arena, const struct run_imports *imports)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < imports->count; i++) {
		const struct run_imported *item = &imports->items[i];
		struct json_object_builder object;
		char hex[DIGEST_HEX_SIZE];

		digest_to_hex(&item->digest, hex);
		json_object_begin(&object, arena);
		json_object_add(&object, "path", json_new_bytes(arena, str_from(item->path)));
		if (item->left_out) {
			json_object_add_text(&object, "left_out", item->left_out);
		} else {
			json_object_add_text(&object, "digest", hex);
			json_object_add_int(&object, "bytes", (int64_t)item->len_bytes);
		}
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

/* One line for what was imported, and one for each file that was not. */
static void tell(struct supervisor *s, const struct agent *agent, const struct run_imports *imports)
{
	scoped(buf) struct buf text = BUF_INIT(NOTICE_MAX);

	for (size_t i = 0; i < imports->count; i++) {
		const struct run_imported *item = &imports->items[i];

		if (item->left_out)
			client_notice(s, "settings of %s: %s is not imported: %s", agent->name,
				quote_cstr(item->path).text, item->left_out);
		else
			(void)buf_printf(&text, "%s%s", text.len ? ", " : "", quote_cstr(item->path).text);
	}
	if (text.len)
		client_notice(s, "settings of %s in its private home, copied once: %s", agent->name,
			buf_text(&text));
}

/* The user's own, wherever the plan has its agent's. */
static const char *users_home(struct supervisor *s, struct error *err)
{
	const char *home = dirs_home(&s->arena, err);
	int r = home ? run_real_path(&s->arena, home, &home) : 0;

	if (r < 0)
		error_sys(err, r, "your home directory '%s'", quote_cstr(home).text);
	return r < 0 ? NULL : home;
}

int supervisor_import(struct supervisor *s, const struct agent *agent, struct error *err)
{
	const char *data = dirs_find(&s->scratch, DIRS_DATA, err);
	struct run_import_inputs inputs = {
		.agent = agent, .home = users_home(s, err),
		.private_home = run_plan_private_home(&s->plan),
		.marker_dir = data ? arena_printf(&s->scratch, "%s/imports", data) : NULL,
		.uid = s->session.agent_uid, .gid = s->session.agent_gid,
	};
	struct json_object_builder fields;
	struct run_imports imports;
	int r;

	if (!inputs.home)
		return -ENOENT;
	if (!inputs.marker_dir || !inputs.private_home)
		return error_set(err, -ENOENT, "the agent's private home cannot be found");
	r = run_import(&s->arena, &inputs, &imports, err);
	if (r < 0 || !imports.count)
		return r;
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "agent", agent->name);
	json_object_add(&fields, "files", imported_to_json(&s->scratch, &imports));
	r = ledger_append(&s->ledger, LEDGER_IMPORTED, json_object_end(&fields), 0, err);
	if (r >= 0)
		tell(s, agent, &imports);
	return r;
}

static bool has_gitconfig(struct supervisor *s, const char *home)
{
	const char *path = arena_printf(&s->scratch, "%s/.gitconfig", home);
	struct stat st;

	return !path || kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

int supervisor_name_committer(struct supervisor *s, struct run_git_identity *ret, struct error *err)
{
	const char *home = run_plan_private_home(&s->plan), *own;
	struct run_git_identity identity;
	int r;

	*ret = (struct run_git_identity){ 0 };
	if (!s->request.config->settings.env.git_identity || !home || has_gitconfig(s, home))
		return 0;
	own = users_home(s, err);
	if (!own)
		return -ENOENT;
	run_git_identity_read(&s->arena, own, (const char *const *)s->environment,
		s->request.workspace, &identity);
	if (!identity.name && !identity.email)
		return 0;
	r = run_git_identity_write(&identity, home, s->session.agent_uid, s->session.agent_gid);
	if (r == -EEXIST)
		return 0;
	if (r < 0)
		return error_sys(err, r, "writing your name into the agent's ~/.gitconfig");
	*ret = identity;
	return 0;
}

int supervisor_record_author(struct supervisor *s, const struct run_git_identity *author, struct error *err)
{
	struct json_object_builder fields;

	if (!author->name && !author->email)
		return 0;
	json_object_begin(&fields, &s->scratch);
	if (author->name)
		json_object_add(&fields, "name", json_new_bytes(&s->scratch, str_from(author->name)));
	if (author->email)
		json_object_add(&fields, "email", json_new_bytes(&s->scratch, str_from(author->email)));
	return ledger_append(&s->ledger, LEDGER_AUTHOR_NAMED, json_object_end(&fields), 0, err);
}
