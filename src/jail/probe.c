// SPDX-License-Identifier: Apache-2.0
/*
 * probe.c - what the facts about a host mean, and what to do about them
 *
 * Pure: facts in, words out, so that every host that we do not have can be a row of a test. What happened is
 * told first, in the kernel's words; then a hand written explanation for those probes that have one, which
 * may lower the state to "degraded" or replace the detail, and adds the remedy.
 */
#include "jail/probe.h"

#include "jail/landlock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

enum {
	MILLIS_PER_CPU = 1000,
	PTRACE_SCOPE_NOBODY = 3,
};

static const struct {
	enum jail_need need;
	const char *name, *purpose;
} probes[] = {
#define PROBE(probe, need, name, purpose) [JAIL_PROBE_##probe] = { JAIL_NEED_##need, name, purpose },
	JAIL_PROBES(PROBE)
#undef PROBE
};

const char *jail_state_name(enum jail_state state)
{
	static const char *const names[] = { "untried", "missing", "degraded", "ok" };

	return names[state];
}

const char *jail_promise_name(enum jail_promise promise)
{
	static const char *const names[] = { "none", "weaker", "full" };

	return names[promise];
}

static void say(struct jail_row *row, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void advise(struct jail_row *row, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void say(struct jail_row *row, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(row->detail, sizeof(row->detail), fmt, args);
	va_end(args);
}

static void advise(struct jail_row *row, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(row->remedy, sizeof(row->remedy), fmt, args);
	va_end(args);
}

/* ---- explanations ---- */

/* Whether a setting was read, and is what somebody who forbids user namespaces sets it to. */
static bool setting_is(const struct jail_facts *facts, enum jail_probe probe, int64_t value)
{
	const struct jail_fact *fact = &facts->items[probe];

	return fact->outcome == JAIL_OUTCOME_DONE && fact->value == value;
}

/* The rules of a profile, or of all that have none: both are answered by a profile that allows it. */
static void advise_apparmor(const struct jail_facts *facts, struct jail_row *row)
{
	advise(row,
		"Give cordon-launcher the AppArmor profile that has `userns,` in it: sudo install -m 644 /usr/share/cordon/apparmor/cordon-launcher /etc/apparmor.d/ && sudo apparmor_parser -r /etc/apparmor.d/cordon-launcher (without the Debian package: packaging/apparmor/cordon-launcher, with its path changed).%s",
		facts->items[JAIL_PROBE_USERNS_APPARMOR].value > 0 ?
			" Or allow them to all: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0." :
			"");
}

static void explain_user_namespace(const struct jail_facts *facts, struct jail_row *row)
{
	int error = facts->items[row->probe].error;
	bool is_refused = error == -EACCES || error == -EPERM;

	if (row->state == JAIL_STATE_OK) {
		say(row, "made and mapped%s", facts->is_nested ? ", inside another one" : "");
		return;
	}
	if (setting_is(facts, JAIL_PROBE_USERNS_MAX, 0) && facts->is_nested)
		advise(row, "The container around cordon forbids user namespaces in it: start it so that its "
			"/proc/sys/user/max_user_namespaces is not 0, or run cordon outside of it.");
	else if (setting_is(facts, JAIL_PROBE_USERNS_MAX, 0))
		advise(row,
			"sudo sysctl -w user.max_user_namespaces=15000, and the same line in /etc/sysctl.d "
			"to keep it.");
	else if (setting_is(facts, JAIL_PROBE_USERNS_CLONE, 0))
		advise(row, "sudo sysctl -w kernel.unprivileged_userns_clone=1, and the same line in "
			"/etc/sysctl.d to keep it.");
	else if (facts->is_agent_unknown)
		advise(row,
			"The container around cordon knows no other user than root, so there is nobody that root's "
			"agents could be: give it a range of ids, or run cordon in it as an ordinary user.");
	else if (facts->items[JAIL_PROBE_USERNS_APPARMOR].value > 0 || (is_refused && facts->confined_by[0]))
		advise_apparmor(facts, row);
	else if (error == -EACCES)
		advise(row, "A security module of this host keeps user namespaces from cordon "
			"(/sys/kernel/security/lsm names them): have its policy allow cordon-launcher to make them.");
	else if (error == -EINVAL)
		advise(row, "Use a kernel that was built with CONFIG_USER_NS.");
	else if (error == -ENOSPC || error == -EUSERS)
		advise(row, "Too many user namespaces exist, or they are nested too deeply: raise "
			"user.max_user_namespaces, here or in the container around cordon.");
	else
		advise(row, "Something around cordon refuses clone3, most likely a container's system call "
			"filter: start the container with a profile that allows clone3 and user namespaces "
			"(podman, docker: --security-opt seccomp=unconfined).");
}

static void explain_namespaces(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row,
			"Use a kernel that has it (CONFIG_NAMESPACES and what lies below), and look at the limits "
			"in /proc/sys/user/max_*_namespaces.");
}

static void explain_time_namespace(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row, "Use Linux 5.6 or newer with CONFIG_TIME_NS, and look at "
			"/proc/sys/user/max_time_namespaces.");
}

static void explain_new_call(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row,
			"Use Linux 5.19 or newer. In a container, its system call filter may stand in the way: "
			"start it with --security-opt seccomp=unconfined.");
}

static void explain_tproxy(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row,
			"Sessions with a network do not start: sudo modprobe nft_tproxy, and its name in "
			"/etc/modules-load.d to keep it (CONFIG_NFT_TPROXY). Or set network.transparent to false: "
			"proxies lead out then, and nothing else.");
}

static void explain_sock_diag(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row,
			"The ledger says unknown for the program behind each connection: sudo modprobe tcp_diag and "
			"sudo modprobe udp_diag, and their names in /etc/modules-load.d to keep them "
			"(CONFIG_INET_DIAG).");
}

static void explain_proc(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row,
			"The container around cordon covers parts of /proc, so the kernel refuses a fresh one: "
			"start that container with /proc unmasked (podman: --security-opt unmask=ALL).");
}

static void explain_idmap(const struct jail_facts *facts, struct jail_row *row)
{
	if (facts->items[row->probe].outcome == JAIL_OUTCOME_ABSENT)
		say(row, "not needed: the agent is you");
	if (row->state == JAIL_STATE_MISSING)
		advise(row,
			"Run cordon as the ordinary user who owns the files, or keep them on ext4, xfs, btrfs or "
			"tmpfs (Linux 6.3).");
}

static void explain_overlay(const struct jail_facts *facts, struct jail_row *row)
{
	int error = facts->items[row->probe].error;

	if (row->state != JAIL_STATE_MISSING)
		return;
	if (error == -ENODEV)
		advise(row,
			"sudo modprobe overlay, and the line `overlay` in /etc/modules-load.d/overlay.conf to "
			"keep it.");
	else
		advise(row,
			"A branch needs a file system with user extended attributes that is no overlay itself: "
			"set XDG_STATE_HOME to a directory on ext4, xfs, btrfs or tmpfs (in a container: a volume).");
}

static void explain_landlock(const struct jail_facts *facts, struct jail_row *row)
{
	int64_t abi = facts->items[row->probe].value;

	if (row->state != JAIL_STATE_OK) {
		if (row->state == JAIL_STATE_MISSING)
			advise(row,
				"Use Linux 5.19 or newer, and boot it with landlock in the list of its lsm= "
				"option.");
		return;
	}
	say(row, "ABI %lld", (long long)abi);
	if (abi >= 6)
		return;
	row->state = JAIL_STATE_DEGRADED;
	say(row, "ABI %lld: %s%s%sand sockets and signals are left to mounts and namespaces", (long long)abi,
		abi < 3 ? "truncation, " : "", abi < 4 ? "TCP, " : "", abi < 5 ? "device controls, " : "");
	advise(row, "Linux 6.12 or newer draws the second line around these, too.");
}

static void explain_seccomp(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row, "Use a kernel that was built with CONFIG_SECCOMP_FILTER.");
}

static void explain_notify(const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state != JAIL_STATE_MISSING)
		return;
	if (facts->items[row->probe].error == -EBUSY)
		advise(row,
			"Somebody around cordon listens to system calls already, and there can be but one: run "
			"cordon outside of that container or supervisor.");
	else
		advise(row, "Use Linux 5.19 or newer.");
}

static void explain_task_memory(const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state != JAIL_STATE_MISSING)
		return;
	if (facts->items[JAIL_PROBE_PTRACE_SCOPE].value >= PTRACE_SCOPE_NOBODY)
		advise(row, "Boot with kernel.yama.ptrace_scope below 3; it cannot be lowered from there.");
	else
		advise(row, "In a container, allow process_vm_readv in its system call filter "
			"(--security-opt seccomp=unconfined).");
}

static void explain_state_dir(UNUSED const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING)
		advise(row, "Set XDG_STATE_HOME to a directory that you can write, with room in it.");
}

static void explain_exchange(const struct jail_facts *facts, struct jail_row *row)
{
	if (row->state == JAIL_STATE_MISSING) {
		advise(row, "Keep the project and its branch on ext4, xfs, btrfs, f2fs or tmpfs.");
	} else if (row->state == JAIL_STATE_OK && facts->items[row->probe].value) {
		row->state = JAIL_STATE_DEGRADED;
		say(row, "yes, but the branch is kept on another file system: commits copy first");
		advise(row, "Set XDG_STATE_HOME to a directory on the project's file system.");
	}
}

static void explain_cgroups(const struct jail_facts *facts, struct jail_row *row)
{
	size_t len = 0, without = 0;

	if (row->state != JAIL_STATE_OK) {
		advise(row,
			"A group could be made, but nothing be put into it: start cordon from a session of its "
			"own (systemd-run --user --scope -p Delegate=yes cordon ...).");
		return;
	}
	for (int i = 0; i < JAIL_LIMIT_COUNT && len < sizeof(row->detail); i++) {
		if (i == JAIL_LIMIT_FILES || i == JAIL_LIMIT_FILE_SIZE)
			continue;	/* rlimits everywhere */
		without += facts->by[i] != JAIL_BY_CGROUP1 && facts->by[i] != JAIL_BY_CGROUP2;
		len += (size_t)snprintf(row->detail + len, sizeof(row->detail) - len, "%s%s by %s",
			len ? ", " : "", jail_limit_name((enum jail_limit)i),
			jail_mechanism_name(facts->by[i]));
	}
	if (!without)
		return;
	row->state = JAIL_STATE_DEGRADED;
	advise(row,
		"Start cordon where a group is yours: systemd-run --user --scope -p Delegate=yes cordon ...");
}

static void explain_subuid(const struct jail_facts *facts, struct jail_row *row)
{
	bool has = facts->items[row->probe].outcome == JAIL_OUTCOME_DONE;

	if (facts->is_container_root)
		say(row, "not needed: to the host, root of this container is an ordinary user");
	else if (has)
		say(row, "from %lld%s", (long long)facts->items[row->probe].value,
			facts->is_root ? "" : "; not needed: the agent is you");
	else
		say(row, facts->is_root ? "none: root's agents run as 65534" : "none, and none is needed");
}

static void explain_setting(const struct jail_facts *facts, struct jail_row *row)
{
	const struct jail_fact *fact = &facts->items[row->probe];
	bool forbids = row->probe == JAIL_PROBE_USERNS_APPARMOR ? fact->value > 0 :
		row->probe == JAIL_PROBE_PTRACE_SCOPE ? fact->value >= PTRACE_SCOPE_NOBODY : fact->value == 0;

	if (fact->outcome == JAIL_OUTCOME_ABSENT)
		say(row, "this kernel has no such setting");
	if (row->probe == JAIL_PROBE_USERNS_APPARMOR && facts->confined_by[0]) {
		say(row, "cordon runs under the AppArmor profile '%s'", facts->confined_by);
		row->state = JAIL_STATE_DEGRADED;
		return;
	}
	if (fact->outcome != JAIL_OUTCOME_DONE)
		return;
	say(row, "%lld%s", (long long)fact->value, forbids ? ": restricts" : "");
	if (forbids)
		row->state = JAIL_STATE_DEGRADED;
}

static void (*const explain[JAIL_PROBE_COUNT])(const struct jail_facts *, struct jail_row *) = {
	[JAIL_PROBE_USER_NAMESPACE] = explain_user_namespace,
	[JAIL_PROBE_NAMESPACES] = explain_namespaces,
	[JAIL_PROBE_TIME_NAMESPACE] = explain_time_namespace,
	[JAIL_PROBE_PIDFD] = explain_new_call,
	[JAIL_PROBE_MOUNT_API] = explain_new_call,
	[JAIL_PROBE_FRESH_PROC] = explain_proc,
	[JAIL_PROBE_PRIVATE_PTS] = explain_new_call,
	[JAIL_PROBE_OPENAT2] = explain_new_call,
	[JAIL_PROBE_IDMAPPED_MOUNT] = explain_idmap,
	[JAIL_PROBE_OVERLAY] = explain_overlay,
	[JAIL_PROBE_NO_NEW_PRIVS] = explain_new_call,
	[JAIL_PROBE_LANDLOCK] = explain_landlock,
	[JAIL_PROBE_SECCOMP] = explain_seccomp,
	[JAIL_PROBE_SECCOMP_NOTIFY] = explain_notify,
	[JAIL_PROBE_TASK_MEMORY] = explain_task_memory,
	[JAIL_PROBE_MEMFD_SEALS] = explain_new_call,
	[JAIL_PROBE_STATE_DIR] = explain_state_dir,
	[JAIL_PROBE_EXCHANGE] = explain_exchange,
	[JAIL_PROBE_CGROUPS] = explain_cgroups,
	[JAIL_PROBE_TPROXY] = explain_tproxy,
	[JAIL_PROBE_SOCK_DIAG] = explain_sock_diag,
	[JAIL_PROBE_SUBUID] = explain_subuid,
	[JAIL_PROBE_USERNS_CLONE] = explain_setting,
	[JAIL_PROBE_USERNS_MAX] = explain_setting,
	[JAIL_PROBE_USERNS_APPARMOR] = explain_setting,
	[JAIL_PROBE_PTRACE_SCOPE] = explain_setting,
};

/* Not the feature is missing but what any program needs; that comes before all else. */
static void explain_want(const struct jail_facts *facts, struct jail_row *row)
{
	int error = facts->items[row->probe].error;

	if (row->state != JAIL_STATE_MISSING)
		return;
	if (error == -EAGAIN)
		advise(row, "The limit on processes is reached: raise it (ulimit -u).");
	else if (error == -EMFILE || error == -ENFILE)
		advise(row, "The limit on open files is reached: raise it (ulimit -n).");
	else if (error == -EFBIG)
		advise(row, "The limit on the size of files is too low: raise it (ulimit -f).");
	else if (error == -ENOMEM)
		advise(row,
			"There was no memory: raise the limit (ulimit -v), or try again when there is more.");
}

/* ---- rows ---- */

static void tell_killed(const struct jail_fact *fact, struct jail_row *row)
{
	const char *name = fact->value > 0 && fact->value < INT_MAX ? sigabbrev_np((int)fact->value) : NULL;

	if (!fact->value)
		say(row, "the attempt ended without an answer");
	else
		say(row, "the attempt was ended by SIG%s", name ? name : "?");
}

static void tell_outcome(const struct jail_facts *facts, struct jail_row *row)
{
	const struct jail_fact *fact = &facts->items[row->probe];

	switch (fact->outcome) {
	case JAIL_OUTCOME_DONE:
		row->state = JAIL_STATE_OK;
		say(row, "%s", fact->text[0] ? fact->text : "yes");
		break;
	case JAIL_OUTCOME_ABSENT:
		row->state = JAIL_STATE_OK;
		break;
	case JAIL_OUTCOME_FAILED:
		row->state = JAIL_STATE_MISSING;
		say(row, "%s", fact->text[0] ? fact->text : strerrordesc_np(-fact->error) ?: "it failed");
		break;
	case JAIL_OUTCOME_KILLED:
		row->state = JAIL_STATE_MISSING;
		tell_killed(fact, row);
		break;
	case JAIL_OUTCOME_HUNG:
		row->state = JAIL_STATE_MISSING;
		say(row, "no answer in time");
		break;
	case JAIL_OUTCOME_UNTRIED:
		say(row, facts->is_complete ? "not tried: it stands on something above that is missing" :
			"not tried: the prober did not get that far");
		break;
	}
}

void jail_probe_judge(const struct jail_facts *facts, struct jail_report *ret)
{
	*ret = (struct jail_report){ 0 };
	for (int i = 0; i < JAIL_PROBE_COUNT; i++) {
		struct jail_row *row = &ret->rows[i];

		row->probe = (enum jail_probe)i;
		row->name = probes[i].name;
		row->purpose = probes[i].purpose;
		row->need = probes[i].need;
		tell_outcome(facts, row);
		if (row->state == JAIL_STATE_UNTRIED)
			continue;
		explain[i](facts, row);
		explain_want(facts, row);
	}
}

/* ---- promises ---- */

static bool is_kept_by_kernel(uint64_t value, enum jail_mechanism by)
{
	switch (by) {
	case JAIL_BY_CGROUP2:
	case JAIL_BY_CGROUP1:
	case JAIL_BY_RLIMIT:
		return true;
	case JAIL_BY_AFFINITY:
		return value % MILLIS_PER_CPU == 0;
	case JAIL_BY_SUPERVISOR:
	case JAIL_BY_NOBODY:
		return false;
	}
	return false;
}

void jail_probe_promise(const struct jail_facts *facts, const struct jail_report *report,
	const struct jail_limits *limits, struct jail_outlook *ret)
{
	*ret = (struct jail_outlook){ .promise = JAIL_PROMISE_FULL };
	for (int i = 0; i < JAIL_LIMIT_COUNT; i++) {
		uint64_t value = jail_limit_get(limits, (enum jail_limit)i);

		if (value == JAIL_UNLIMITED || is_kept_by_kernel(value, facts->by[i]))
			continue;
		ret->weak_limits[i] = true;
		ret->promise = JAIL_PROMISE_WEAKER;
	}
	for (int i = 0; i < JAIL_PROBE_COUNT; i++) {
		const struct jail_row *row = &report->rows[i];

		if (row->state >= JAIL_STATE_DEGRADED || row->need >= JAIL_NEED_NETWORK)
			continue;
		ret->lacks[i] = true;
		if (row->need == JAIL_NEED_SESSION)
			ret->promise = JAIL_PROMISE_NONE;
		else if (ret->promise == JAIL_PROMISE_FULL)
			ret->promise = JAIL_PROMISE_WEAKER;
	}
}

/* ---- levels of isolation ---- */

/* Of the level "landlock"; Landlock has to be new enough besides. */
static bool is_needed_alone(enum jail_probe probe)
{
	static const enum jail_probe needed[] = {
		JAIL_PROBE_PIDFD, JAIL_PROBE_OPENAT2, JAIL_PROBE_NO_NEW_PRIVS, JAIL_PROBE_LANDLOCK,
		JAIL_PROBE_SECCOMP, JAIL_PROBE_SECCOMP_NOTIFY, JAIL_PROBE_MEMFD_SEALS, JAIL_PROBE_STATE_DIR,
	};

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (needed[i] == probe)
			return true;
	return false;
}

bool jail_probe_level(const struct jail_facts *facts, const struct jail_report *report, enum jail_level level,
	bool ret_lacks[JAIL_PROBE_COUNT])
{
	bool alone = level == JAIL_LEVEL_LANDLOCK, has = !alone || !facts->is_root;

	for (int i = 0; i < JAIL_PROBE_COUNT; i++) {
		const struct jail_row *row = &report->rows[i];
		bool is_needed = alone ? is_needed_alone(row->probe) : row->need == JAIL_NEED_SESSION;
		bool is_old = alone && row->probe == JAIL_PROBE_LANDLOCK &&
			facts->items[i].value < JAIL_LANDLOCK_ABI_ALONE;

		ret_lacks[i] = is_needed && (row->state < JAIL_STATE_DEGRADED || is_old);
		has = has && !ret_lacks[i];
	}
	return has;
}
