// SPDX-License-Identifier: Apache-2.0
/*
 * plan_build.c - the file view and the access rules
 *
 * The view is put together from closed to open: a bare root, the system read-only, what every program expects
 * (/proc, /dev, /tmp, ...), the private home, declared reads, branches; then what is denied is taken away
 * again. Steps are sorted at the end, so that a parent is mounted before what lies in it, wherever each came
 * from.
 *
 * Denied wins over allowed. A read or a system directory at or below a denied path is left out, a branch
 * there is an error, and a denied path inside something visible is covered.
 */
#include "jail/plan_build.h"

#include "base/path.h"
#include "jail/identity.h"
#include "jail/plan_internal.h"

#include <errno.h>
#include <stdlib.h>

enum {
	STEPS_OF_OURS_MAX = 128,
	RUN_USER_DIR_MODE = 0700,
	STICKY_DIR_MODE = 01777,
	BUNDLE_MODE = 0444,
};

struct builder {
	struct arena *arena;
	const struct jail_inputs *inputs;
	struct jail_step *steps;
	size_t count, room;
	struct error *err;
};

/*
 * Held in /etc on Debian, Fedora, SUSE and Arch; most are closed to ordinary users anyway, but groups can
 * open them.
 */
const char *const jail_etc_secrets[] = {
	"/etc/NetworkManager/system-connections", "/etc/crypttab", "/etc/cups/ssl", "/etc/gshadow",
	"/etc/gshadow-", "/etc/ipsec.secrets", "/etc/krb5.keytab", "/etc/letsencrypt", "/etc/libvirt/secrets",
	"/etc/luks-keys", "/etc/netplan", "/etc/openvpn", "/etc/pki/private", "/etc/pki/tls/private",
	"/etc/polkit-1/localauthority", "/etc/ppp", "/etc/samba/private", "/etc/security/opasswd",
	"/etc/shadow", "/etc/shadow-", "/etc/ssh/ssh_host_dsa_key", "/etc/ssh/ssh_host_ecdsa_key",
	"/etc/ssh/ssh_host_ed25519_key", "/etc/ssh/ssh_host_rsa_key", "/etc/ssl/private", "/etc/sudoers",
	"/etc/sudoers.d", "/etc/wireguard",
	"/etc/wpa_supplicant",
};
const size_t jail_etc_secret_count = ARRAY_SIZE(jail_etc_secrets);

/*
 * The container runtimes' usual list (OCI runtime-spec, config-linux, maskedPaths and readonlyPaths of the
 * defaults).
 */
static const char *const proc_masked[] = {
	"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/kmsg", "/proc/latency_stats",
	"/proc/sched_debug", "/proc/scsi", "/proc/sysrq-trigger", "/proc/timer_list", "/proc/timer_stats",
};

static const char *const proc_sealed[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
};

const char *const jail_devices[] = {
	"/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero",
};
const size_t jail_device_count = ARRAY_SIZE(jail_devices);

static const struct {
	const char *target, *text;
} links[] = {
	{ "/dev/fd", "/proc/self/fd" },
	{ "/dev/ptmx", "pts/ptmx" },
	{ "/dev/stderr", "/proc/self/fd/2" },
	{ "/dev/stdin", "/proc/self/fd/0" },
	{ "/dev/stdout", "/proc/self/fd/1" },
	{ "/var/run", "/run" },
};

static bool is_beneath_any(const char *path, struct jail_paths dirs)
{
	for (size_t i = 0; i < dirs.count; i++)
		if (jail_path_is_beneath(path, dirs.items[i]))
			return true;
	return false;
}

bool jail_inputs_take_away(const struct jail_inputs *inputs, const char *path)
{
	return is_beneath_any(path, inputs->denies) || is_beneath_any(path, inputs->hides);
}

static bool is_in_branch(const struct jail_inputs *inputs, const char *path)
{
	for (size_t i = 0; i < inputs->branch_count; i++)
		if (jail_path_is_beneath(path, inputs->branches[i].path))
			return true;
	return false;
}

static void add(struct builder *b, struct jail_step step)
{
	assert(b->count < b->room);
	b->steps[b->count++] = step;
}

static void add_system(struct builder *b)
{
	const struct jail_host *host = b->inputs->host;

	for (size_t i = 0; i < host->dir_count; i++) {
		const struct jail_host_dir *dir = &host->dirs[i];

		if (jail_inputs_take_away(b->inputs, dir->path) || is_in_branch(b->inputs, dir->path))
			continue;
		if (dir->link)
			add(b, (struct jail_step){ .kind = JAIL_STEP_SYMLINK, .target = dir->path,
				.source = dir->link });
		else
			add(b, (struct jail_step){ .kind = JAIL_STEP_BIND, .target = dir->path,
				.source = dir->path, .flags = JAIL_STEP_EXEC });
	}
}

static void add_proc(struct builder *b)
{
	add(b, (struct jail_step){ .kind = JAIL_STEP_PROC, .target = "/proc" });
	for (size_t i = 0; i < ARRAY_SIZE(proc_masked); i++)
		add(b, (struct jail_step){ .kind = JAIL_STEP_MASK, .target = proc_masked[i],
			.flags = JAIL_STEP_OPTIONAL });
	for (size_t i = 0; i < ARRAY_SIZE(proc_sealed); i++)
		add(b, (struct jail_step){ .kind = JAIL_STEP_SEAL, .target = proc_sealed[i],
			.flags = JAIL_STEP_OPTIONAL });
}

static void add_tmpfs(struct builder *b, const char *target, uint64_t size_bytes, mode_t mode, unsigned flags)
{
	add(b, (struct jail_step){ .kind = JAIL_STEP_TMPFS, .target = target, .size_bytes = size_bytes,
		.mode = mode, .flags = JAIL_STEP_WRITABLE | flags });
}

static int add_scratch(struct builder *b)
{
	const struct jail_inputs *inputs = b->inputs;
	const char *run_user = arena_printf(b->arena, "/run/user/%u", inputs->identity.uid);

	if (!run_user)
		return error_sys(b->err, -ENOMEM, "the sandbox plan");
	add_tmpfs(b, "/tmp", inputs->scratch_bytes, STICKY_DIR_MODE, JAIL_STEP_EXEC);
	add_tmpfs(b, "/var/tmp", inputs->scratch_bytes, STICKY_DIR_MODE, JAIL_STEP_EXEC);
	add_tmpfs(b, "/dev/shm", inputs->shm_bytes, STICKY_DIR_MODE, JAIL_STEP_EXEC);
	add_tmpfs(b, "/run", inputs->run_bytes, 0755, 0);
	add(b, (struct jail_step){ .kind = JAIL_STEP_DIR, .target = run_user, .mode = RUN_USER_DIR_MODE });
	return 0;
}

static void add_dev(struct builder *b)
{
	for (size_t i = 0; i < jail_device_count; i++)
		add(b, (struct jail_step){ .kind = JAIL_STEP_DEVICE, .target = jail_devices[i],
			.source = jail_devices[i] });
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		add(b, (struct jail_step){ .kind = JAIL_STEP_SYMLINK, .target = links[i].target,
			.source = links[i].text });
	add(b, (struct jail_step){ .kind = JAIL_STEP_DEVPTS, .target = "/dev/pts" });
}

/* What lies on the host belongs to the starter; where the agent is somebody else, the mount translates. */
static struct jail_step owned_by(const struct jail_inputs *inputs, struct jail_step step, uid_t uid,
	gid_t gid)
{
	if (jail_identity_outer_uid(&inputs->identity) == inputs->starter_uid &&
			jail_identity_outer_gid(&inputs->identity) == inputs->starter_gid)
		return step;
	step.flags |= JAIL_STEP_IDMAP;
	step.owner_uid = uid;
	step.owner_gid = gid;
	return step;
}

static int add_home(struct builder *b)
{
	const struct jail_inputs *inputs = b->inputs;
	const char *home = inputs->identity.home;

	if (is_in_branch(inputs, home)) {
		(void)error_set(b->err, -EINVAL,
			"the writable directory that holds your home '%s' cannot be branched",
			quote_cstr(home).text);
		error_hint(b->err, "run cordon in a directory below your home");
		return -EINVAL;
	}
	if (!inputs->home_dir) {
		add_tmpfs(b, home, inputs->scratch_bytes, RUN_USER_DIR_MODE, JAIL_STEP_EXEC);
		return 0;
	}
	add(b, (struct jail_step){ .kind = JAIL_STEP_BIND, .target = home, .source = inputs->home_dir,
		.flags = JAIL_STEP_WRITABLE | JAIL_STEP_EXEC | JAIL_STEP_HOME });
	return 0;
}

/* Whether an earlier read, a branch or a system directory shows @path already. */
static bool is_visible_already(const struct jail_inputs *inputs, size_t index)
{
	const char *path = inputs->reads.items[index];

	for (size_t i = 0; i < inputs->reads.count; i++)
		if (i != index && jail_path_is_beneath(path, inputs->reads.items[i]) &&
				(i < index || strcmp(path, inputs->reads.items[i])))
			return true;
	for (size_t i = 0; i < inputs->host->dir_count; i++)
		if (jail_path_is_beneath(path, inputs->host->dirs[i].path))
			return true;
	return is_in_branch(inputs, path);
}

static int add_reads(struct builder *b)
{
	const struct jail_inputs *inputs = b->inputs;

	for (size_t i = 0; i < inputs->reads.count; i++) {
		const char *path = inputs->reads.items[i];

		if (!strcmp(path, inputs->identity.home)) {
			(void)error_set(b->err, -EINVAL,
				"filesystem.read: the home directory as a whole is never visible");
			error_hint(b->err, "name the files and directories below '%s' that the agent needs",
				quote_cstr(path).text);
			return -EINVAL;
		}
		if (jail_inputs_take_away(inputs, path) || is_visible_already(inputs, i))
			continue;
		add(b,
			owned_by(inputs, (struct jail_step){ .kind = JAIL_STEP_BIND, .target = path,
				.source = path, .flags = JAIL_STEP_EXEC },
				inputs->starter_uid, inputs->starter_gid));
	}
	return 0;
}

static int add_branches(struct builder *b)
{
	const struct jail_inputs *inputs = b->inputs;

	for (size_t i = 0; i < inputs->branch_count; i++) {
		const struct jail_branch *branch = &inputs->branches[i];
		struct jail_step step = {
			.kind = branch->live ? JAIL_STEP_BIND : JAIL_STEP_OVERLAY,
			.target = branch->path, .source = branch->path, .upper = branch->upper,
			.work = branch->work,
			.flags = JAIL_STEP_WRITABLE | JAIL_STEP_EXEC | (branch->live ? JAIL_STEP_LIVE : 0),
		};

		if (jail_inputs_take_away(inputs, branch->path)) {
			(void)error_set(b->err, -EINVAL,
				"'%s' is to be written, but filesystem.deny or .hide takes it away",
				quote_cstr(branch->path).text);
			error_hint(b->err, "take it out of one of the two lists");
			return -EINVAL;
		}
		add(b, owned_by(inputs, step, branch->owner_uid, branch->owner_gid));
	}
	return 0;
}

/* The innermost step that shows a part of the host at @path; NULL: nothing of the host is there. */
static struct jail_step *find_holder(struct builder *b, const char *path)
{
	struct jail_step *holder = NULL;

	for (size_t i = 0; i < b->count; i++)
		if (jail_path_is_beneath(path, b->steps[i].target) &&
				(!holder || jail_path_is_beneath(b->steps[i].target, holder->target)))
			holder = &b->steps[i];
	if (!holder || (holder->kind != JAIL_STEP_BIND && holder->kind != JAIL_STEP_OVERLAY))
		return NULL;
	return holder->flags & JAIL_STEP_HOME ? NULL : holder;
}

static bool has_step_at(const struct builder *b, const char *path)
{
	for (size_t i = 0; i < b->count; i++)
		if (!strcmp(b->steps[i].target, path))
			return true;
	return false;
}

static void add_mask(struct builder *b, const char *path)
{
	if (find_holder(b, path) && !has_step_at(b, path))
		add(b, (struct jail_step){ .kind = JAIL_STEP_MASK, .target = path,
			.flags = JAIL_STEP_OPTIONAL });
}

/*
 * A whiteout between the layers makes a name absent without a trace in the upper layer. It needs an overlay:
 * a read-only bind becomes one that has no upper; what is written live cannot, and is masked.
 */
static int add_hide(struct builder *b, const char *path)
{
	struct jail_step *holder = find_holder(b, path);
	const char **hides;

	if (!holder)
		return 0;
	if (holder->flags & JAIL_STEP_LIVE) {
		add_mask(b, path);
		return 0;
	}
	hides = arena_alloc_array(b->arena, holder->hide_count + 1, sizeof(*hides));
	if (!hides)
		return error_sys(b->err, -ENOMEM, "the sandbox plan");
	if (holder->hide_count)
		memcpy(hides, holder->hides, holder->hide_count * sizeof(*hides));
	hides[holder->hide_count] = path_relative(path, holder->target);
	holder->hides = hides;
	holder->hide_count++;
	holder->kind = JAIL_STEP_OVERLAY;
	return 0;
}

static int take_away(struct builder *b)
{
	const struct jail_inputs *inputs = b->inputs;
	int r = 0;

	for (size_t i = 0; i < jail_etc_secret_count; i++)
		add_mask(b, jail_etc_secrets[i]);
	for (size_t i = 0; i < inputs->denies.count; i++)
		add_mask(b, inputs->denies.items[i]);
	for (size_t i = 0; i < inputs->hides.count && r >= 0; i++)
		r = add_hide(b, inputs->hides.items[i]);
	return r;
}

static int compare_targets(const void *a, const void *b)
{
	return jail_path_compare(((const struct jail_step *)a)->target,
		((const struct jail_step *)b)->target);
}

static int build_steps(struct builder *b)
{
	const struct jail_inputs *inputs = b->inputs;
	int r;

	b->room = STEPS_OF_OURS_MAX + inputs->host->dir_count + inputs->branch_count + inputs->reads.count +
			inputs->denies.count + inputs->hides.count;
	if (b->room > JAIL_STEPS_MAX)
		return error_set(b->err, -EMSGSIZE, "more than %d paths in one sandbox",
			JAIL_STEPS_MAX - STEPS_OF_OURS_MAX);
	b->steps = arena_alloc_array(b->arena, b->room, sizeof(*b->steps));
	if (!b->steps)
		return error_sys(b->err, -ENOMEM, "the sandbox plan");
	add_system(b);
	add_proc(b);
	add_dev(b);
	r = add_scratch(b);
	if (r >= 0)
		r = add_home(b);
	if (r >= 0)
		r = add_reads(b);
	if (r >= 0)
		r = add_branches(b);
	if (r >= 0)
		r = jail_plan_add_account(b->arena, inputs, &b->steps[b->count], &b->count, b->err);
	if (r >= 0 && inputs->gateway)
		r = jail_plan_add_names(b->arena, inputs, &b->steps[b->count], &b->count, b->err);
	if (r >= 0 && inputs->bundle_path)
		b->steps[b->count++] = (struct jail_step){ .kind = JAIL_STEP_FILE, .mode = BUNDLE_MODE,
			.target = inputs->bundle_path, .content = inputs->bundle };
	if (r >= 0)
		r = take_away(b);
	if (r < 0)
		return r;
	qsort(b->steps, b->count, sizeof(*b->steps), compare_targets);
	return 0;
}

static unsigned access_of(const struct jail_step *step)
{
	unsigned access = JAIL_ACCESS_LIST | JAIL_ACCESS_READ;

	switch (step->kind) {
	case JAIL_STEP_DEVICE:
		return JAIL_ACCESS_READ | JAIL_ACCESS_WRITE | JAIL_ACCESS_DEVICE;
	case JAIL_STEP_DEVPTS:
		return access | JAIL_ACCESS_WRITE | JAIL_ACCESS_DEVICE;
	case JAIL_STEP_PROC:
		return access | JAIL_ACCESS_WRITE;
	case JAIL_STEP_FILE:
		return JAIL_ACCESS_READ;
	case JAIL_STEP_TMPFS:
	case JAIL_STEP_BIND:
	case JAIL_STEP_OVERLAY:
		if (step->flags & JAIL_STEP_EXEC)
			access |= JAIL_ACCESS_EXECUTE;
		if (step->flags & JAIL_STEP_WRITABLE)
			access |= JAIL_ACCESS_WRITE | JAIL_ACCESS_CHANGE;
		return access;
	case JAIL_STEP_INVALID:
	case JAIL_STEP_DIR:
	case JAIL_STEP_SYMLINK:
	case JAIL_STEP_MASK:
	case JAIL_STEP_SEAL:
		return 0;
	}
	return 0;
}

static int build_rules(struct builder *b, struct jail_plan *plan)
{
	struct jail_rule *rules = arena_alloc_array(b->arena, b->count + 1, sizeof(*rules));
	size_t count = 0;

	if (!rules)
		return error_sys(b->err, -ENOMEM, "the sandbox plan");
	rules[count++] = (struct jail_rule){ .path = "/", .access = JAIL_ACCESS_LIST };
	for (size_t i = 0; i < b->count; i++) {
		unsigned access = access_of(&b->steps[i]);

		if (access)
			rules[count++] = (struct jail_rule){ .path = b->steps[i].target, .access = access };
	}
	plan->rules = rules;
	plan->rule_count = count;
	return 0;
}

static int build_view(struct builder *b, struct jail_plan *plan)
{
	int r = build_steps(b);

	if (r >= 0)
		r = build_rules(b, plan);
	if (r < 0)
		return r;
	plan->steps = b->steps;
	plan->step_count = b->count;
	return 0;
}

int jail_plan_build(struct arena *arena, const struct jail_inputs *inputs, struct jail_plan *ret,
	struct error *err)
{
	struct builder b = { .arena = arena, .inputs = inputs, .err = err };
	struct jail_plan plan = {
		.level = inputs->level,
		.session = inputs->session, .hostname = inputs->hostname, .identity = inputs->identity,
		.limits = inputs->limits, .preset = inputs->preset, .notify = inputs->notify,
		.gateway = inputs->gateway, .proxies_only = inputs->proxies_only,
		.tcp_bind = inputs->tcp_bind, .tcp_connect = inputs->tcp_connect,
		.command = inputs->command, .shielded = inputs->shielded.items,
		.shielded_count = inputs->shielded.count,
	};
	int r;

	r = inputs->level == JAIL_LEVEL_LANDLOCK ? jail_plan_build_alone(arena, inputs, &plan, err) :
		build_view(&b, &plan);
	if (r >= 0)
		r = jail_plan_build_env(arena, inputs, &plan.command, err);
	if (r < 0)
		return r;
	*ret = plan;
	return 0;
}
