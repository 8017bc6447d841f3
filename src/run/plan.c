// SPDX-License-Identifier: Apache-2.0
/*
 * plan.c - from a request to a jail plan
 *
 * Identity. An ordinary user's agent is that user. Root's agent is an id that owns nothing: the first of
 * root's subordinate ids, or else 65534; the branches map root's files to it and the committer maps them
 * back.
 *
 * The private home is one directory per project, so that an agent keeps its own settings from run to run; its
 * name is the project's with a piece of the path's digest, so that two projects of one name do not share it.
 */
#include "run/plan.h"

#include "base/fd.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/quote.h"
#include "jail/identity.h"
#include "kern/file.h"
#include "run/authorities.h"
#include "run/by.h"
#include "run/gateway.h"
#include "run/publish.h"
#include "run/upstream.h"
#include "run/workcopy.h"
#include "run/workspace.h"
#include "session/dirs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	UPSTREAM_ARENA_BYTES = 1 << 20,
};

enum {
	OVERFLOW_ID = 65534,
	CONTAINED_ID = 1000,		/* of container root's agents, inside their sandbox */
	HOME_DIGEST_LEN = 12,
};

#define SCRATCH_BYTES (UINT64_C(2) << 30)
#define SHM_BYTES (UINT64_C(1) << 30)
#define RUN_BYTES (UINT64_C(64) << 20)

struct builder {
	struct arena *arena;
	const struct run_plan_inputs *inputs;
	struct jail_branch branches[SESSION_ROOTS_MAX];
	struct jail_inputs jail;
	struct run_toolchains toolchains;
	struct error *err;
	struct run_authorities authorities;
};

/* ---- identity ---- */

/* "root:100000:65536": the first id that root may hand out. */
static int first_subordinate(const char *path, uint64_t *ret)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct str rest, line, name, start;

	if (kern_read_file(AT_FDCWD, path, &text) < 0)
		return -ENOENT;
	rest = (struct str){ text.data, text.len };
	while (rest.len) {
		str_cut(rest, '\n', &line, &rest);
		if (!str_cut(line, ':', &name, &line) ||
				!(str_eq(name, STR("root")) || str_eq(name, STR("0"))))
			continue;
		str_cut(line, ':', &start, &line);
		if (str_to_u64(start, UINT32_MAX - 1, ret) >= 0 && *ret > 0)
			return 0;
	}
	return -ENOENT;
}

/* In a container that knows no other id than root's, root's agents would have to be root. */
static int check_agent(const struct session *session, struct error *err)
{
	const struct jail_identity agent = { .uid = session->agent_uid, .gid = session->agent_gid };

	if (jail_identity_is_known(&agent))
		return 0;
	error_set(err, -ERANGE, "this container knows no user %u, whom root's agents run as", agent.uid);
	error_hint(err, "Give the container a range of ids, or run cordon in it as an ordinary user.");
	return -ERANGE;
}

/*
 * Root of an ordinary user's container cannot translate owners, and need not: to the kernel, its agent is
 * that user. Inside of the sandbox it gets another number, for programs that behave differently as root.
 */
static bool is_container_root(const struct session *session)
{
	return !session->user_uid && !session->user_gid && jail_identity_is_contained();
}

int run_identity(struct session *session, struct error *err)
{
	uint64_t id = OVERFLOW_ID;

	session->user_uid = kern_getuid();
	session->user_gid = kern_getgid();
	if (session->user_uid != kern_geteuid())
		return error_set(err, -EPERM,
			"cordon must not be installed setuid: real and effective user differ");
	session->agent_uid = session->user_uid;
	session->agent_gid = session->user_gid;
	if (session->user_uid || is_container_root(session))
		return 0;
	if (first_subordinate("/etc/subuid", &id) < 0)
		id = OVERFLOW_ID;
	session->agent_uid = (uid_t)id;
	session->agent_gid = (gid_t)id;
	return check_agent(session, err);
}

struct jail_identity run_identity_inside(const struct session *session)
{
	if (session->agent_uid || session->agent_gid)
		return (struct jail_identity){ .uid = session->agent_uid, .gid = session->agent_gid };
	return (struct jail_identity){ .uid = CONTAINED_ID, .gid = CONTAINED_ID, .is_container_root = true };
}

/* The name in the third field's line of passwd(5). */
static const char *user_name(struct arena *arena, struct str passwd, uid_t uid)
{
	struct str line, name, field;
	uint64_t number;

	while (passwd.len) {
		str_cut(passwd, '\n', &line, &passwd);
		str_cut(line, ':', &name, &line);
		str_cut(line, ':', &field, &line);
		str_cut(line, ':', &field, &line);
		if (name.len && str_to_u64(field, UINT32_MAX, &number) >= 0 && number == uid)
			return arena_copy(arena, name.data, name.len);
	}
	return NULL;
}

/* ---- paths ---- */

/*
 * A list of the configuration as real paths, and @more of them; what does not exist is left out: nothing is
 * there to be shown or taken.
 */
static int real_paths(struct builder *b, const struct config_list *list, const char *key,
	const struct run_toolchain_paths *more, struct jail_paths *ret)
{
	size_t more_count = more ? more->count : 0, count = 0;
	const char **items = arena_alloc_array(b->arena, list->count + more_count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < list->count; i++) {
		int r = run_real_path(b->arena, list->items[i].text, &items[count]);

		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		if (r < 0)
			return error_sys(b->err, r, "%s: '%s'", key, quote_cstr(list->items[i].text).text);
		count++;
	}
	for (size_t i = 0; i < more_count; i++)
		items[count++] = more->items[i].path;
	*ret = (struct jail_paths){ .items = items, .count = count };
	return 0;
}

/* ---- branches ---- */

/*
 * The overlay's root directory shows upper's own mode and owner, so upper starts as a copy of what it stands
 * for.
 */
static int make_upper(struct builder *b, const char *storage, const struct stat *root)
{
	const struct session *session = b->inputs->session;
	const char *upper = arena_printf(b->arena, "%s/upper", storage);
	const char *work = arena_printf(b->arena, "%s/work", storage);
	struct timespec times[2] = { root->st_atim, root->st_mtim };
	int r;

	if (!upper || !work)
		return -ENAMETOOLONG;
	r = kern_mkdirat(AT_FDCWD, work, 0700);
	if (r >= 0)
		r = kern_mkdirat(AT_FDCWD, upper, 0700);
	if (r >= 0 && !session->user_uid) {
		/*
		 * Init has no right over root's directories; those above stay root's, so nobody else gets in.
		 * The agent stands in for the owner of the workspace, whoever that is.
		 */
		r = kern_fchownat(AT_FDCWD, storage, session->agent_uid, session->agent_gid, 0);
		if (r >= 0)
			r = kern_fchownat(AT_FDCWD, work, session->agent_uid, session->agent_gid, 0);
		if (r >= 0)
			r = kern_fchownat(AT_FDCWD, upper, session->agent_uid, session->agent_gid, 0);
	}
	if (r >= 0)
		r = kern_fchmodat(AT_FDCWD, upper, root->st_mode & 07777);
	return r < 0 ? r : kern_utimensat(AT_FDCWD, upper, times, 0);
}

static enum jail_level wanted_level(const struct run_request *request)
{
	return request->config->settings.isolation.level == CONFIG_LEVEL_LANDLOCK ? JAIL_LEVEL_LANDLOCK :
		JAIL_LEVEL_NAMESPACES;
}

static bool is_alone(const struct builder *b)
{
	return b->jail.level == JAIL_LEVEL_LANDLOCK;
}

/*
 * What lies outside of the session's directory stands in its record before it exists: nobody would look for
 * it there when the supervisor was killed.
 */
static int make_storage(struct builder *b, const struct session_root *root)
{
	struct session *session = b->inputs->session;
	int r = path_is_beneath(str_from(root->storage), str_from(session->path)) ? 0 :
		session_save(session, b->err);

	if (r < 0)
		return r;
	r = kern_mkdir_all(root->storage);
	return r < 0 ? error_sys(b->err, r, "creating the branch's storage '%s'", root->storage) : 0;
}

/*
 * Where nothing can be mounted: a directory that is yet to be copied. Its name is the one that programs will
 * show.
 */
static int place_copy(struct builder *b, const struct session_root *root, struct jail_branch *branch)
{
	branch->copy = run_workcopy_path(b->arena, root);
	if (!branch->copy)
		return -ENAMETOOLONG;
	return b->inputs->preview ? 0 : make_storage(b, root);
}

static int add_branch(struct builder *b, const char *wanted, bool live)
{
	struct session *session = b->inputs->session;
	unsigned number = (unsigned)session->root_count;
	struct jail_branch *branch = &b->branches[number];
	struct session_root *root = &session->roots[number];
	struct stat st;
	int r;

	if (number == SESSION_ROOTS_MAX)
		return error_set(b->err, -E2BIG, "more than %d writable directories", SESSION_ROOTS_MAX);
	r = run_real_path(session->arena, wanted, &root->path);
	if (r >= 0)
		r = kern_fstatat(AT_FDCWD, root->path, &st, 0);
	if (r < 0) {
		error_sys(b->err, r, "the writable directory '%s'", quote_cstr(wanted).text);
		error_hint(b->err, "Create it first, or take it out of filesystem.write.");
		return r;
	}
	if (!S_ISDIR(st.st_mode) && !live)
		return error_set(b->err, -ENOTDIR, "'%s' is to be writable but is no directory",
			quote_cstr(wanted).text);
	*branch = (struct jail_branch){ .path = root->path, .live = live, .owner_uid = st.st_uid,
		.owner_gid = st.st_gid };
	root->live = live;
	session->root_count++;
	if (live)
		return 0;
	root->storage = dirs_storage(session->arena, root->path, session->path, session->id, number, b->err);
	if (!root->storage)
		return -EIO;
	if (is_alone(b))
		return place_copy(b, root, branch);
	branch->upper = arena_printf(b->arena, "%s/upper", root->storage);
	branch->work = arena_printf(b->arena, "%s/work", root->storage);
	if (b->inputs->preview)
		return branch->upper && branch->work ? 0 : -ENAMETOOLONG;
	r = make_storage(b, root);
	if (r < 0)
		return r;
	r = make_upper(b, root->storage, &st);
	return r < 0 ? error_sys(b->err, r, "creating the branch's storage '%s'", root->storage) : 0;
}

static bool is_live(const struct run_request *request, const char *path)
{
	for (size_t i = 0; i < request->live_count; i++)
		if (!strcmp(request->live[i], path))
			return true;
	return false;
}

static int add_branches(struct builder *b)
{
	const struct run_request *request = b->inputs->request;
	const struct config_list *writes = &request->config->settings.filesystem.write;
	int r = add_branch(b, request->workspace, is_live(request, request->workspace));

	for (size_t i = 0; i < writes->count && r >= 0; i++)
		r = add_branch(b, writes->items[i].text, is_live(request, writes->items[i].text));
	for (size_t i = 0; i < request->live_count && r >= 0; i++) {
		bool known = !strcmp(request->live[i], request->workspace);

		for (size_t j = 0; j < writes->count; j++)
			known |= !strcmp(request->live[i], writes->items[j].text);
		if (!known)
			r = add_branch(b, request->live[i], true);
	}
	b->jail.branches = b->branches;
	b->jail.branch_count = b->inputs->session->root_count;
	return r;
}

/* ---- the rest ---- */

static int private_home(struct builder *b)
{
	const struct session *session = b->inputs->session;
	const char *data = dirs_find(b->arena, DIRS_DATA, b->err), *workspace = b->inputs->request->workspace;
	struct digest digest = hash_bytes(workspace, strlen(workspace));
	char hex[DIGEST_HEX_SIZE];
	int r;

	if (!data)
		return -ENOENT;
	digest_to_hex(&digest, hex);
	b->jail.home_dir = arena_printf(b->arena, "%s/homes/%.64s-%.*s", data, path_name(workspace),
		HOME_DIGEST_LEN, hex);
	if (!b->jail.home_dir)
		return error_set(b->err, -ENAMETOOLONG, "the path of the agent's home is too long");
	if (b->inputs->preview)
		return 0;
	r = kern_mkdir_all(b->jail.home_dir);
	if (r >= 0 && is_alone(b))
		r = run_real_path(b->arena, b->jail.home_dir, &b->jail.home_dir);
	if (r >= 0 && !session->user_uid)
		r = kern_fchownat(AT_FDCWD, b->jail.home_dir, session->agent_uid, session->agent_gid, 0);
	return r < 0 ? error_sys(b->err, r, "creating the agent's private home '%s'", b->jail.home_dir) : 0;
}

/* The user's environment, where directories of PATH have the names that they have inside. */
static int set_environment(struct builder *b)
{
	const char *const *environment = (const char *const *)b->inputs->environment;
	const char **copy;
	size_t count = 0;

	b->jail.environment = environment;
	if (!b->toolchains.path)
		return 0;
	while (environment[count])
		count++;
	copy = arena_alloc_array(b->arena, count + 1, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		bool is_path = str_starts_with(str_from(environment[i]), STR("PATH="));

		copy[i] = is_path ? arena_printf(b->arena, "PATH=%s", b->toolchains.path) : environment[i];
		if (!copy[i])
			return -ENOMEM;
	}
	b->jail.environment = copy;
	return 0;
}

/* What /tmp and /run are elsewhere; they go with the session. */
static int private_scratch(struct builder *b)
{
	const struct session *session = b->inputs->session;
	int r = 0;

	if (!is_alone(b))
		return 0;
	b->jail.tmp_dir = arena_printf(b->arena, "%s/" RUN_SCRATCH "/tmp", session->path);
	b->jail.run_dir = arena_printf(b->arena, "%s/" RUN_SCRATCH "/run", session->path);
	if (!b->jail.tmp_dir || !b->jail.run_dir)
		return error_set(b->err, -ENAMETOOLONG, "the path of the session's directory is too long");
	b->jail.identity.home = b->jail.home_dir;
	if (b->inputs->preview)
		return 0;
	r = kern_mkdir_all(b->jail.tmp_dir);
	if (r >= 0)
		r = kern_mkdir_all(b->jail.run_dir);
	return r < 0 ? error_sys(b->err, r, "creating the agent's temporary directories") : 0;
}

static int add_authorities(struct builder *b)
{
	int r = run_authorities(b->arena, b->inputs->request->config, &b->authorities, b->err);

	if (r < 0)
		return r;
	if (b->authorities.path && is_alone(b)) {
		error_set(b->err, -EINVAL,
			"network.ca_bundle: at the level landlock no file can be shown as another one");
		error_hint(b->err, "Leave it empty, or use the level namespaces.");
		return -EINVAL;
	}
	b->jail.bundle_path = b->authorities.path;
	b->jail.bundle = b->authorities.text;
	return 0;
}

static int add_variables(struct builder *b)
{
	const struct config_settings *settings = &b->inputs->request->config->settings;
	const struct form_texts *places = &b->toolchains.variables;
	size_t pass_count = settings->env.pass.count;
	const char **pass = arena_alloc_array(b->arena, pass_count + places->count + 1, sizeof(*pass));
	size_t known_count = b->inputs->agent ? b->inputs->agent->environment.count : 0, set_count = 0;
	const char **set = arena_alloc_array(b->arena,
		settings->env.set.count + known_count + RUN_AUTHORITIES_VARIABLES + 1,
		sizeof(*set));

	if (!pass || !set)
		return -ENOMEM;
	for (size_t i = 0; b->jail.bundle_path && i < RUN_AUTHORITIES_VARIABLES; i++)
		set[set_count++] = b->authorities.variables[i];
	for (size_t i = 0; i < pass_count; i++)
		pass[i] = settings->env.pass.items[i].text;
	for (size_t i = 0; i < places->count; i++)
		pass[pass_count++] = places->items[i];
	for (size_t i = 0; i < known_count; i++)
		set[set_count++] = b->inputs->agent->environment.items[i];
	for (size_t i = 0; i < settings->env.set.count; i++) {
		const struct config_item *item = &settings->env.set.items[i];

		set[set_count] = arena_printf(b->arena, "%s=%s", item->text, item->value);
		if (!set[set_count++])
			return -ENOMEM;
	}
	b->jail.env_pass = (struct jail_paths){ .items = pass, .count = pass_count };
	b->jail.env_set = (struct jail_paths){ .items = set, .count = set_count };
	return set_environment(b);
}

static int add_shields(struct builder *b)
{
	const char **items = arena_alloc_array(b->arena, 2, sizeof(*items));
	const char *state = dirs_find(b->arena, DIRS_STATE, b->err);

	if (!state || !items)
		return -ENOENT;
	/*
	 * A state directory that does not exist yet (in a preview) shields nothing but is named all the same.
	 */
	if (run_real_path(b->arena, state, &items[0]) < 0)
		items[0] = state;
	b->jail.shielded = (struct jail_paths){ .items = items, .count = 1 };
	return 0;
}

static void set_limits(struct builder *b)
{
	const struct config_settings *settings = &b->inputs->request->config->settings;

	b->jail.limits = (struct jail_limits){
		.memory_bytes = settings->limits.memory_bytes, .cpu_millis = settings->limits.cpus_milli,
		.pids_count = settings->limits.pids_count, .files_count = settings->limits.files_count,
		.file_size_bytes = settings->limits.file_size_bytes,
	};
	b->jail.scratch_bytes = MIN(SCRATCH_BYTES, settings->limits.storage_bytes);
	b->jail.shm_bytes = SHM_BYTES;
	b->jail.run_bytes = RUN_BYTES;
}

/* Root's agent leaves all of root's groups behind. */
static int set_groups(struct builder *b)
{
	struct jail_identity *identity = &b->jail.identity;
	int r = 0;

	if (b->inputs->session->user_uid == b->inputs->session->agent_uid)
		r = jail_identity_groups(identity->gid, b->arena, &identity->groups, &identity->group_count);
	return r < 0 ? error_sys(b->err, r, "reading your groups") : 0;
}

static int set_identity(struct builder *b, const struct jail_host *host)
{
	const struct session *session = b->inputs->session;
	struct jail_identity identity = run_identity_inside(session);
	const char *home = dirs_home(b->arena, b->err),
		   *name = user_name(b->arena, host->passwd, identity.uid);
	int r = home ? run_real_path(b->arena, home, &home) : -ENOENT;

	if (r < 0)
		return home ? error_sys(b->err, r, "your home directory '%s'", quote_cstr(home).text) : r;
	identity.user = name ? name : "agent";
	identity.home = home;
	b->jail.identity = identity;
	b->jail.starter_uid = session->user_uid;
	b->jail.starter_gid = session->user_gid;
	b->jail.host = host;
	b->jail.hostname = "cordon";
	b->jail.session = session->id;
	return set_groups(b);
}

static void set_command(struct builder *b)
{
	const struct run_request *request = b->inputs->request;
	bool inside = path_is_beneath(str_from(request->cwd), str_from(request->workspace));
	const char *copy = b->branches[0].copy, *cwd = inside ? request->cwd : request->workspace;

	/* Below the workspace's copy, where the level is one without a branch in place. */
	if (copy && strcmp(cwd, request->workspace))
		cwd = arena_printf(b->arena, "%s/%s", copy, path_relative(cwd, request->workspace));
	else if (copy)
		cwd = copy;

	b->jail.command = (struct jail_command){
		.argv = request->argv, .argc = request->argc,
		.cwd = cwd ? cwd : request->workspace, .umask = request->umask,
		.tty = request->tty,
	};
	memcpy(b->jail.command.stdio, b->inputs->stdio, sizeof(b->inputs->stdio));
}

/* What cannot be offered is said before there is anything to offer it. */
static int check_published(struct builder *b)
{
	struct run_published published[RUN_PUBLISH_MAX];
	size_t count;

	return run_publications(b->arena, b->inputs->request->config, published, &count, b->err);
}

/* A proxy that cannot be used is no reason to go past it; a password that is found is forgotten. */
static int check_upstream(struct builder *b)
{
	scoped(arena) struct arena arena = ARENA_INIT(UPSTREAM_ARENA_BYTES);
	struct gateway_settings ignored = { 0 };

	return run_upstream(&arena, b->inputs->request->config, b->inputs->environment, &ignored, b->err);
}

/* Without a user namespace, nobody but the user can be the agent, and root must not be. */
static int check_user(struct builder *b)
{
	if (b->inputs->session->user_uid)
		return 0;
	error_set(b->err, -EINVAL,
		"the level landlock is not for root: its agent would be root of this host");
	error_hint(b->err, "Run cordon as an ordinary user (runuser -u USER -- cordon run ...).");
	return -EINVAL;
}

static int fill(struct builder *b, const struct jail_host *host)
{
	const struct config_settings *settings = &b->inputs->request->config->settings;
	int r;

	b->jail.level = wanted_level(b->inputs->request);
	r = is_alone(b) ? check_user(b) : 0;
	if (r >= 0)
		r = set_identity(b, host);
	if (r >= 0)
		r = add_branches(b);
	if (r >= 0)
		r = private_home(b);
	if (r >= 0)
		r = run_toolchains_of_session(b->arena, b->inputs->request->config,
			b->inputs->request->workspace, (const char *const *)b->inputs->environment,
			&b->toolchains, b->err);
	if (r >= 0)
		r = private_scratch(b);
	if (r >= 0)
		r = run_by_check(b->inputs->request->config, b->err);
	if (r >= 0)
		r = add_authorities(b);
	if (r >= 0)
		r = add_variables(b);
	if (r >= 0)
		r = add_shields(b);
	if (r >= 0)
		r = real_paths(b, &settings->filesystem.read, "filesystem.read",
			&b->toolchains.offers, &b->jail.reads);
	if (r >= 0)
		r = real_paths(b, &settings->filesystem.deny, "filesystem.deny", NULL,
			&b->jail.denies);
	if (r >= 0)
		r = real_paths(b, &settings->filesystem.hide, "filesystem.hide",
			&b->toolchains.hides, &b->jail.hides);
	if (r >= 0)
		r = check_published(b);
	if (r >= 0)
		r = check_upstream(b);
	set_limits(b);
	set_command(b);
	/*
	 * The sandbox's network has a loopback and no way out; tests and servers talk to themselves there, on
	 * any port.
	 */
	b->jail.tcp_bind.any = b->jail.tcp_connect.any = !is_alone(b);
	b->jail.notify = true;
	b->jail.gateway = !is_alone(b) && run_gateway_is_wanted(settings);
	b->jail.proxies_only = b->jail.gateway && !settings->network.transparent;
	return r;
}

int run_plan_build(struct arena *arena, const struct run_plan_inputs *inputs, struct jail_plan *ret,
	struct error *err)
{
	struct builder b = { .arena = arena, .inputs = inputs, .err = err };
	struct session *session = inputs->session;
	struct jail_host *host = arena_alloc(arena, sizeof(*host));
	int r = host ? jail_host_read(arena, host, err) : -ENOMEM;

	session->workspace = inputs->request->workspace;
	session->profile = inputs->request->config->settings.profile;
	session->level = jail_level_name(wanted_level(inputs->request));
	session->argv = inputs->request->argv;
	session->argc = inputs->request->argc;
	session->root_count = 0;
	if (r >= 0)
		r = fill(&b, host);
	if (r >= 0 && inputs->ret_toolchains)
		*inputs->ret_toolchains = b.toolchains;
	if (r >= 0)
		r = jail_plan_build(arena, &b.jail, ret, err);
	if (r >= 0)
		r = jail_plan_check(ret, err);
	if (r >= 0)
		r = jail_plan_check_host(ret, inputs->preview, err);
	return r < 0 && err && !err->code ? error_sys(err, r, "making the sandbox's plan") : r;
}

const char *run_plan_private_home(const struct jail_plan *plan)
{
	/* Nothing is mounted over the user's home there: the private one is where $HOME says. */
	if (plan->level == JAIL_LEVEL_LANDLOCK)
		return plan->identity.home;
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].flags & JAIL_STEP_HOME)
			return plan->steps[i].source;
	return NULL;
}
