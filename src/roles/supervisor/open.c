// SPDX-License-Identifier: Apache-2.0
/*
 * open.c - from a request to a session that could run: directory, branch, plan, policies, ledger
 *
 * The plan comes first, and where it can, the launcher builds the sandbox while the rest is done: the
 * policies are read and recorded beside it. The order of the records is the order of evidence: the
 * first one says what was asked for and under which configuration, explicit weakenings follow it, and all of
 * them are there before anything is executed (supervisor_launch()) or copied.
 */
#include "roles/supervisor/progress.h"

#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/units.h"
#include "jail/identity.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/sock.h"
#include "run/judge.h"
#include "run/plan.h"
#include "run/workcopy.h"
#include "session/dirs.h"

#include <fcntl.h>
#include <sys/utsname.h>

static int write_config(struct supervisor *s, char ret_hex[DIGEST_HEX_SIZE], struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RUN_REQUEST_MAX_BYTES);
	const struct json *value = config_to_json(&s->scratch, s->request.config);
	struct digest digest;
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -E2BIG;

	if (r >= 0)
		r = kern_write_file(s->session.dirfd, "config.json", (struct str){ text.data, text.len },
			0600, false);
	if (r < 0)
		return error_sys(err, r, "writing config.json");
	digest = hash_bytes(text.data, text.len);
	digest_to_hex(&digest, ret_hex);
	return 0;
}

/* An agent keeps the groups of an ordinary user: what they open, it can read where it sees it. */
static void add_groups(struct json_object_builder *object, struct arena *arena)
{
	struct json_array_builder groups;
	const gid_t *items;
	size_t count = 0;

	if (!kern_geteuid() || jail_identity_groups(kern_getegid(), arena, &items, &count) < 0 || !count)
		return;
	json_array_begin(&groups, arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&groups, json_new_int(arena, items[i]));
	json_object_add(object, "groups_kept", json_array_end(&groups));
}

static const struct json *host_facts(struct arena *arena)
{
	struct json_object_builder object;
	struct utsname name;

	json_object_begin(&object, arena);
	if (uname(&name) == 0) {
		json_object_add_text(&object, "kernel", name.release);
		json_object_add_text(&object, "machine", name.machine);
	}
	add_groups(&object, arena);
	return json_object_end(&object);
}

static int record_session(struct supervisor *s, const char *config_hex, struct error *err)
{
	struct json_object_builder fields;
	char policy_hex[DIGEST_HEX_SIZE];

	run_policy_digest(policy_hex);
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "config", config_hex);
	json_object_add_text(&fields, "policy", policy_hex);
	if (s->has_policies) {
		digest_to_hex(&s->policies, policy_hex);
		json_object_add_text(&fields, "policies", policy_hex);
	}
	if (s->request.config->settings.policy.engine == CONFIG_ENGINE_OPA)
		json_object_add_text(&fields, "opa", s->request.config->settings.policy.url);
	json_object_add(&fields, "host", host_facts(&s->scratch));
	json_object_add(&fields, "argv", json_new_words(&s->scratch, s->request.argv, s->request.argc));
	json_object_add(&fields, "workspace", json_new_bytes(&s->scratch, str_from(s->request.workspace)));
	json_object_add_text(&fields, "user", dirs_user_name(&s->scratch));
	json_object_add_int(&fields, "uid", s->session.user_uid);
	json_object_add_text(&fields, "version", CORDON_VERSION);
	json_object_add_text(&fields, "profile", s->request.config->settings.profile);
	return ledger_append(&s->ledger, LEDGER_SESSION_CREATED, json_object_end(&fields), 0, err);
}

static int record_unfiltered(struct supervisor *s, struct error *err)
{
	const struct config_value *value = &s->request.config->values[CONFIG_KEY_TERMINAL_FILTER];
	struct json_object_builder fields;

	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "flag", "terminal.filter");
	json_object_add_text(&fields, "what",
		"what the program prints reaches the terminal as it is, and the terminal obeys it");
	json_object_add_text(&fields, "origin", config_origin_text(&s->scratch, &value->origin));
	return ledger_append(&s->ledger, LEDGER_WEAKENED, json_object_end(&fields), 0, err);
}

/* What the user gave up by a flag stands in the ledger, each path by itself. */
static int record_weakenings(struct supervisor *s, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < s->request.live_count && r >= 0; i++) {
		struct json_object_builder fields;

		json_object_begin(&fields, &s->scratch);
		json_object_add_text(&fields, "flag", "--live");
		json_object_add_text(&fields, "what",
			"writes below this path reach the host at once: no branch, no verdict, no undo");
		json_object_add(&fields, "path", json_new_bytes(&s->scratch, str_from(s->request.live[i])));
		json_object_add_text(&fields, "origin", "the command line");
		r = ledger_append(&s->ledger, LEDGER_WEAKENED, json_object_end(&fields), 0, err);
	}
	if (r >= 0 && s->request.config->settings.terminal.filter == CONFIG_FILTER_OFF)
		r = record_unfiltered(s, err);
	return r;
}

static int open_ledger(struct supervisor *s, struct error *err)
{
	struct ledger_place place = { .session = s->session.id, .actor = "supervisor" };
	char config_hex[DIGEST_HEX_SIZE];
	int r;

	place.session_dirfd = s->session.dirfd;
	place.state_dirfd = s->state_dirfd;
	r = write_config(s, config_hex, err);
	if (r >= 0)
		r = ledger_create(&s->ledger, &place, err);
	if (r >= 0)
		r = record_session(s, config_hex, err);
	if (r >= 0)
		r = record_weakenings(s, err);
	return r;
}

static int record_toolchains(struct supervisor *s, const struct run_toolchains *toolchains, struct error *err)
{
	struct json_object_builder fields;

	if (!toolchains->offers.count)
		return 0;
	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "paths", run_toolchains_to_json(&s->scratch, toolchains));
	return ledger_append(&s->ledger, LEDGER_TOOLCHAINS, json_object_end(&fields), 0, err);
}

/* What was found out on the way to the plan, for the records. */
struct findings {
	bool is_known;
	struct agent known;		/* where @is_known */
	struct run_toolchains toolchains;
	struct run_git_identity author;
	struct run_obstacles obstacles;
};

static int build_plan(struct supervisor *s, const struct command *agent, struct findings *ret,
	struct error *err)
{
	struct run_plan_inputs inputs = {
		.request = &s->request, .session = &s->session, .environment = s->environment,
		.ret_toolchains = &ret->toolchains,
	};
	int r = 0;

	memcpy(inputs.stdio, agent->stdio, sizeof(inputs.stdio));
	if (s->request.agent_name) {
		r = run_request_agent(&s->arena, &s->request, &ret->known, err);
		ret->is_known = r >= 0;
		inputs.agent = &ret->known;
	}
	if (r >= 0)
		r = run_plan_build(&s->arena, &inputs, &s->plan, err);
	if (run_plan_is_refusal(r))
		s->failure_code = 2;
	if (r >= 0)
		r = run_home_find_obstacles(&s->arena, &s->plan, &ret->obstacles, err);
	return r < 0 ? r : supervisor_name_committer(s, &ret->author, err);
}

static int record_findings(struct supervisor *s, const struct findings *findings, struct error *err)
{
	int r = findings->is_known ? supervisor_record_agent(s, &findings->known, err) : 0;

	if (r >= 0)
		r = record_toolchains(s, &findings->toolchains, err);
	if (r >= 0)
		r = supervisor_clear_home(s, &findings->obstacles, err);
	if (r >= 0 && findings->is_known)
		r = supervisor_import(s, &findings->known, err);
	return r < 0 ? r : supervisor_record_author(s, &findings->author, err);
}

/* ---- the level "landlock" ---- */

/* Said before anything runs, and in the ledger: what a person gave up by choosing it. */
static int announce_level(struct supervisor *s, struct error *err)
{
	const struct config *config = s->request.config;
	struct json_object_builder fields;

	client_notice(s, "level landlock: %s", RUN_LEVEL_LACKS);
	client_notice(s, "the program works in a copy of the project, which has another path");
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "flag", "isolation.level = landlock");
	json_object_add_text(&fields, "what", RUN_LEVEL_LACKS);
	json_object_add_text(&fields, "unrecorded", RUN_LEVEL_UNRECORDED);
	json_object_add_text(&fields, "origin",
		config_origin_text(&s->scratch, &config->values[CONFIG_KEY_ISOLATION_LEVEL].origin));
	return ledger_append(&s->ledger, LEDGER_WEAKENED, json_object_end(&fields), 0, err);
}

static int copy_roots(struct supervisor *s, struct error *err)
{
	struct run_workcopy copy;
	int r;

	supervisor_show_progress(s, true);
	r = run_workcopy_make(&s->arena, &s->session, s->request.config, &copy, err);
	supervisor_show_progress(s, false);
	if (r == -ECANCELED) {
		*err = (struct error)ERROR_INIT;
		s->failure_code = CANCELLED_EXIT;
		return error_set(err, r,
			"cancelled while the project was copied: nothing was run, and the copy is gone");
	}
	if (r >= 0 && copy.left_out_count)
		client_notice(s,
			"%llu files are not in the copy, since you cannot read or make them; the first is '%s'",
			(unsigned long long)copy.left_out_count, quote_cstr(copy.left_out).text);
	return r;
}

/* What limits.storage does not count. */
static int count_copies(struct supervisor *s, struct error *err)
{
	for (size_t i = 0; i < s->session.root_count; i++) {
		const struct session_root *root = &s->session.roots[i];
		const char *path = root->live ? NULL : arena_printf(&s->scratch, "%s/copy", root->storage);
		struct jail_storage what = { .paths = &path, .path_count = 1 };
		struct jail_storage_use use;

		if (root->live)
			continue;
		if (!path)
			return error_sys(err, -ENOMEM, "looking at the copies");
		jail_storage_look(&what, &use);
		if (use.code < 0)
			return error_sys(err, use.code, "looking at the copies");
		s->watch.copied_bytes += jail_storage_total(&use);
	}
	return 0;
}

static int open_copies(struct supervisor *s, struct error *err)
{
	int r;

	if (s->plan.level != JAIL_LEVEL_LANDLOCK)
		return 0;
	r = announce_level(s, err);
	/* The copy is part of the branch: from here on there is one. */
	if (r >= 0)
		r = session_save(&s->session, err);
	if (r >= 0)
		r = copy_roots(s, err);
	if (r >= 0 && s->request.config->settings.limits.storage_bytes != CONFIG_UNLIMITED)
		r = count_copies(s, err);
	return r;
}

static int create_session(struct supervisor *s, struct error *err)
{
	int r;

	s->state_dir = dirs_find(&s->arena, DIRS_STATE, err);
	if (!s->state_dir)
		return -ENOENT;
	r = run_identity(&s->session, err);
	if (r >= 0)
		r = session_create(&s->session, s->state_dir, err);
	if (r < 0)
		return r;
	s->state_dirfd = kern_open(AT_FDCWD, s->state_dir, O_RDONLY | O_DIRECTORY, 0);
	if (s->state_dirfd < 0)
		return error_sys(err, s->state_dirfd, "opening '%s'", s->state_dir);
	session_claim(&s->session);
	s->session.workspace = s->request.workspace;
	s->session.argv = s->request.argv;
	s->session.argc = s->request.argc;
	s->session.profile = s->request.config->settings.profile;
	return session_save(&s->session, err);
}

/*
 * Whether the launcher can begin while the records are written. What it covers in the private home must be
 * there by then, and an import may bring it; what is in the way must be gone; a copy must be complete.
 */
static bool is_ready(const struct supervisor *s, const struct findings *findings)
{
	return s->plan.level == JAIL_LEVEL_NAMESPACES && !s->request.agent_name && !findings->obstacles.count;
}

/* A plan that was refused, or that nobody was left to take, stands in the ledger, too. */
static int fail_on_record(struct supervisor *s, int code)
{
	struct error ignored = ERROR_INIT;

	(void)open_ledger(s, &ignored);
	return code;
}

static int open_session(struct supervisor *s, struct command *agent, struct error *err)
{
	struct findings findings = { 0 };
	int r = create_session(s, err);

	if (r < 0)
		return r;
	r = build_plan(s, agent, &findings, err);
	if (r >= 0 && is_ready(s, &findings))
		r = supervisor_begin(s, agent, err);
	if (r >= 0)
		r = supervisor_find_policies(s, err);
	if (r < 0)
		return fail_on_record(s, r);
	r = open_ledger(s, err);
	if (r >= 0)
		r = record_findings(s, &findings, err);
	if (r >= 0)
		r = client_listen(s, err);
	if (r >= 0)
		r = open_copies(s, err);
	if (r >= 0 && !s->has_begun)
		r = supervisor_begin(s, agent, err);
	return r < 0 ? r : supervisor_start_opa(s, err);
}

static int start(struct supervisor *s, int request_fd, struct error *err)
{
	int stdio[3] = { CONTROL_FD_STDIO, CONTROL_FD_STDIO + 1, CONTROL_FD_STDIO + 2 };
	struct command *agent = command_find(s, 0);
	int r = run_request_receive(&s->arena, request_fd, &s->request, err);

	if (r >= 0 && s->request.is_detached)
		command_take_terminal(agent);
	else if (r >= 0)
		r = command_take_stdio(agent, stdio, err);
	if (r >= 0)
		r = open_session(s, agent, err);
	return r < 0 ? r : supervisor_launch(s, agent, err);
}

void supervisor_start(struct supervisor *s, int request_fd)
{
	struct error err = ERROR_INIT;

	s->has_request = true;
	if (start(s, request_fd, &err) < 0)
		supervisor_fail(s, s->failure_code ?: 125, &err);
}
