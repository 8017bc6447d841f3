// SPDX-License-Identifier: Apache-2.0
/*
 * plan_alone.c - access rules that stand alone: the level "landlock"
 *
 * Without namespaces there is no view to be put together: paths are the host's, and what no rule grants is
 * refused. Landlock grants whole trees and takes nothing away below what it granted. So where something in a
 * tree is denied, the directories on the way to it are not granted; everything beside that way is, entry by
 * entry, as it is at this moment. What such a directory gets later, and its list of names, the agent does not
 * see.
 *
 * Symbolic links get no rule: what they lead to has one, or is refused.
 *
 * The checker does not believe any of this: whatever may be changed lies in `own`, nothing of cordon's state
 * but the session's own directories is in reach, and nothing is granted as a whole.
 */
#include "base/fd.h"
#include "base/path.h"
#include "jail/plan_internal.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

enum {
	OPEN = JAIL_ACCESS_LIST | JAIL_ACCESS_READ | JAIL_ACCESS_EXECUTE,
	OPEN_WIDE = OPEN | JAIL_ACCESS_WRITE | JAIL_ACCESS_CHANGE,
	DEVICE = JAIL_ACCESS_READ | JAIL_ACCESS_WRITE | JAIL_ACCESS_DEVICE,
};

struct alone {
	struct arena *arena;
	const struct jail_inputs *inputs;
	struct jail_rule *rules;
	size_t rule_count;
	const char **own;
	size_t own_count;
	struct error *err;
};

/* Whether something below @path, but not @path itself, is denied. */
static bool holds_denied(const struct jail_inputs *inputs, const char *path)
{
	for (size_t i = 0; i < jail_etc_secret_count; i++)
		if (jail_path_is_beneath(jail_etc_secrets[i], path))
			return true;
	for (size_t i = 0; i < inputs->denies.count; i++)
		if (jail_path_is_beneath(inputs->denies.items[i], path))
			return true;
	for (size_t i = 0; i < inputs->hides.count; i++)
		if (jail_path_is_beneath(inputs->hides.items[i], path))
			return true;
	return false;
}

static bool is_denied(const struct jail_inputs *inputs, const char *path)
{
	for (size_t i = 0; i < jail_etc_secret_count; i++)
		if (jail_path_is_beneath(path, jail_etc_secrets[i]))
			return true;
	return jail_inputs_take_away(inputs, path);
}

static int add_rule(struct alone *alone, const char *path, unsigned access)
{
	if (alone->rule_count == JAIL_RULES_MAX) {
		(void)error_set(alone->err, -EMSGSIZE,
			"more than %d paths would have to be granted one by one, with '%s'", JAIL_RULES_MAX,
			quote_cstr(path).text);
		error_hint(alone->err,
			"name smaller directories in filesystem.read, which hold nothing that is denied");
		return -EMSGSIZE;
	}
	alone->rules[alone->rule_count++] = (struct jail_rule){ .path = path, .access = access };
	return 0;
}

static int fail(struct alone *alone, int code, const char *path)
{
	return error_sys(alone->err, code, "cannot look at '%s'", quote_cstr(path).text);
}

/* ---- trees with something denied in them ---- */

struct entries {
	const char **paths;
	size_t count;
};

static int list_entry(struct alone *alone, const char *path, const char *name, struct entries *ret)
{
	if (ret->count == JAIL_RULES_MAX)
		return error_set(alone->err, -EMSGSIZE, "'%s' has too many entries to be granted one by one",
			quote_cstr(path).text);
	ret->paths[ret->count] = arena_printf(alone->arena, "%s/%s", path, name);
	return ret->paths[ret->count++] ? 0 : fail(alone, -ENOMEM, path);
}

static int list(struct alone *alone, const char *path, struct entries *ret)
{
	scoped(fd) int fd = kern_open_plain(path, O_RDONLY | O_DIRECTORY);
	struct kern_dir *dir = calloc(1, sizeof(*dir));
	struct kern_dir_entry entry;
	int r = fd;

	if (!dir)
		abort();
	ret->count = 0;
	ret->paths = arena_alloc_array(alone->arena, JAIL_RULES_MAX, sizeof(*ret->paths));
	if (!ret->paths)
		r = -ENOMEM;
	kern_dir_init(dir, fd);
	while (r >= 0 && (r = kern_dir_next(dir, &entry)) > 0) {
		if (entry.type == DT_LNK)
			continue;
		r = list_entry(alone, path, entry.name, ret);
		if (r < 0)
			break;
	}
	free(dir);
	if (r == -EMSGSIZE || r == -ENOMEM)
		return r;
	/* What this user may not list holds nothing to be granted by name either. */
	if (r == -EACCES || r == -ENOENT || r == -ENOTDIR || r == -ELOOP) {
		ret->count = 0;
		return 0;
	}
	return r < 0 ? fail(alone, r, path) : 0;
}

/* What is left to be granted: trees as a whole, or those whose entries have to be looked at. */
static int grant(struct alone *alone, const char *path)
{
	const char *waiting[JAIL_RULES_MAX];
	size_t count = 0;
	int r = 0;

	waiting[count++] = path;
	while (count && r >= 0) {
		const char *next = waiting[--count];
		struct entries entries;

		if (is_denied(alone->inputs, next))
			continue;
		if (!holds_denied(alone->inputs, next)) {
			r = add_rule(alone, next, OPEN);
			continue;
		}
		r = list(alone, next, &entries);
		for (size_t i = 0; i < entries.count && r >= 0; i++) {
			if (count == ARRAY_SIZE(waiting))
				r = error_set(alone->err, -EMSGSIZE,
					"'%s' has too many entries to be granted one by one",
					quote_cstr(next).text);
			else
				waiting[count++] = entries.paths[i];
		}
	}
	return r;
}

/* ---- what an agent gets ---- */

static int add_own(struct alone *alone, const char *path)
{
	alone->own[alone->own_count++] = path;
	return add_rule(alone, path, OPEN_WIDE);
}

static int refuse_branch(struct alone *alone, const char *path, const char *why, const char *hint)
{
	(void)error_set(alone->err, -EINVAL, "'%s' is to be written, %s", quote_cstr(path).text, why);
	error_hint(alone->err, "%s", hint);
	return -EINVAL;
}

static int add_branch(struct alone *alone, const struct jail_branch *branch)
{
	const struct jail_inputs *inputs = alone->inputs;

	if (jail_inputs_take_away(inputs, branch->path))
		return refuse_branch(alone, branch->path, "but filesystem.deny or .hide takes it away",
			"take it out of one of the two lists");
	if (branch->live && holds_denied(inputs, branch->path))
		return refuse_branch(alone, branch->path,
			"live, and holds something that is denied, which the level landlock cannot take away",
			"name the directories in it that are to be written, or leave --live out");
	return add_own(alone, branch->live ? branch->path : branch->copy);
}

static int add_branches(struct alone *alone)
{
	int r = 0;

	for (size_t i = 0; i < alone->inputs->branch_count && r >= 0; i++)
		r = add_branch(alone, &alone->inputs->branches[i]);
	return r;
}

/* What lies in a directory that is copied is in the copy. */
static bool is_in_branch(const struct jail_inputs *inputs, const char *path)
{
	for (size_t i = 0; i < inputs->branch_count; i++)
		if (jail_path_is_beneath(path, inputs->branches[i].path))
			return true;
	return false;
}

static int add_reads(struct alone *alone)
{
	const struct jail_paths *reads = &alone->inputs->reads;
	int r = 0;

	for (size_t i = 0; i < reads->count && r >= 0; i++) {
		const char *path = reads->items[i];

		if (jail_path_is_beneath(path, "/proc") || jail_path_is_beneath(path, "/dev") ||
				!strcmp(path, "/"))
			return error_set(alone->err, -EINVAL, "filesystem.read: '%s' cannot be given",
				quote_cstr(path).text);
		if (is_in_branch(alone->inputs, path))
			continue;
		r = grant(alone, path);
	}
	return r;
}

static int add_system(struct alone *alone)
{
	const struct jail_host *host = alone->inputs->host;
	int r = add_rule(alone, "/proc", JAIL_ACCESS_LIST | JAIL_ACCESS_READ);

	for (size_t i = 0; i < jail_device_count && r >= 0; i++)
		r = add_rule(alone, jail_devices[i], DEVICE);
	for (size_t i = 0; i < host->dir_count && r >= 0; i++)
		if (!host->dirs[i].link)
			r = grant(alone, host->dirs[i].path);
	return r;
}

int jail_plan_build_alone(struct arena *arena, const struct jail_inputs *inputs, struct jail_plan *plan,
	struct error *err)
{
	struct alone alone = {
		.arena = arena, .inputs = inputs, .err = err,
		.rules = arena_alloc_array(arena, JAIL_RULES_MAX, sizeof(*alone.rules)),
		.own = arena_alloc_array(arena, inputs->branch_count + 3, sizeof(*alone.own)),
	};
	int r;

	if (!alone.rules || !alone.own)
		return error_sys(err, -ENOMEM, "the sandbox plan");
	r = add_system(&alone);
	if (r >= 0)
		r = add_reads(&alone);
	if (r >= 0)
		r = add_branches(&alone);
	if (r >= 0)
		r = add_own(&alone, inputs->home_dir);
	if (r >= 0)
		r = add_own(&alone, inputs->tmp_dir);
	if (r >= 0)
		r = add_own(&alone, inputs->run_dir);
	if (r < 0)
		return r;
	plan->preset = JAIL_PRESET_ALONE;
	plan->rules = alone.rules;
	plan->rule_count = alone.rule_count;
	plan->own = alone.own;
	plan->own_count = alone.own_count;
	return 0;
}

/* ---- the checker's part ---- */

static bool is_in_own(const struct jail_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->own_count; i++)
		if (jail_path_is_beneath(path, plan->own[i]))
			return true;
	return false;
}

static bool is_device(const char *path)
{
	for (size_t i = 0; i < jail_device_count; i++)
		if (!strcmp(path, jail_devices[i]))
			return true;
	return false;
}

static int check_reach(const struct jail_plan *plan, const char *path, struct error *err)
{
	for (size_t i = 0; i < plan->shielded_count; i++) {
		const char *shielded = plan->shielded[i];

		if (jail_path_is_beneath(shielded, path) ||
				(jail_path_is_beneath(path, shielded) && !is_in_own(plan, path)))
			return error_set(err, -EACCES,
				"sandbox plan: a rule at '%s' would show cordon's own state to the agent",
				quote_cstr(path).text);
	}
	return 0;
}

static int check_rule(const struct jail_plan *plan, const struct jail_rule *rule, struct error *err)
{
	const unsigned changing = JAIL_ACCESS_WRITE | JAIL_ACCESS_CHANGE | JAIL_ACCESS_DEVICE;

	if (!rule->path || rule->path[0] != '/' || !path_is_clean(str_from(rule->path)) ||
			!strcmp(rule->path, "/") || !rule->access)
		return error_set(err, -EINVAL,
			"sandbox plan: an access rule needs an absolute path other than '/' and an access");
	if (is_device(rule->path) && !(rule->access & ~(unsigned)DEVICE))
		return 0;
	if (rule->access & changing && !(is_in_own(plan, rule->path) && !(rule->access & JAIL_ACCESS_DEVICE)))
		return error_set(err, -EINVAL, "sandbox plan: a rule writes to '%s', which is the host's",
			quote_cstr(rule->path).text);
	if (jail_path_is_beneath(rule->path, "/dev") ||
			(jail_path_is_beneath(rule->path, "/proc") && strcmp(rule->path, "/proc")))
		return error_set(err, -EINVAL, "sandbox plan: a rule at '%s' is none of ours",
			quote_cstr(rule->path).text);
	return check_reach(plan, rule->path, err);
}

int jail_plan_check_alone(const struct jail_plan *plan, struct error *err)
{
	int r = 0;

	if (plan->step_count || plan->preset != JAIL_PRESET_ALONE || !plan->notify)
		return error_set(err, -EINVAL,
			"sandbox plan: without namespaces nothing is mounted, and calls are mediated");
	if (plan->tcp_bind.any || plan->tcp_bind.port_count || plan->tcp_connect.any ||
			plan->tcp_connect.port_count || plan->gateway || plan->identity.is_container_root)
		return error_set(err, -EINVAL,
			"sandbox plan: without namespaces there is no network and no other id");
	for (size_t i = 0; i < plan->own_count && r >= 0; i++) {
		const char *own = plan->own[i];

		if (own[0] != '/' || !path_is_clean(str_from(own)) || !strcmp(own, "/"))
			return error_set(err, -EINVAL,
				"sandbox plan: an own directory must be absolute and clean");
		for (size_t j = 0; j < plan->shielded_count; j++)
			if (jail_path_is_beneath(plan->shielded[j], own))
				return error_set(err, -EACCES, "sandbox plan: '%s' holds cordon's own state",
					quote_cstr(own).text);
	}
	for (size_t i = 0; i < plan->rule_count && r >= 0; i++)
		r = check_rule(plan, &plan->rules[i], err);
	return r;
}
