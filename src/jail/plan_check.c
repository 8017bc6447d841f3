// SPDX-License-Identifier: Apache-2.0
/*
 * plan_check.c - refuse a plan that contradicts itself
 *
 * The checker trusts nobody: not the builder, not the file that carried the plan. It runs in the supervisor
 * before anything is created, and in the launcher again, before the plan is executed.
 */
#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "jail/plan_internal.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

enum {
	SESSION_LEN_MAX = 64,
	HOSTNAME_LEN_MAX = 64,
	USER_LEN_MAX = 256,
};

static int refuse(struct error *err, int code, const struct jail_step *step, const char *why)
{
	return error_set(err, code, "sandbox plan: %s at '%s' %s", jail_step_kind_name(step->kind),
		step->target ? quote_cstr(step->target).text : "", why);
}

static bool is_absolute(const char *path)
{
	return path && path[0] == '/' && path_is_clean(str_from(path));
}

/* Which members a kind has; everything else must be zero. */
static int check_members(const struct jail_step *step, struct error *err)
{
	bool has_source = step->kind == JAIL_STEP_SYMLINK || step->kind == JAIL_STEP_DEVICE ||
			step->kind == JAIL_STEP_BIND || step->kind == JAIL_STEP_OVERLAY;
	bool is_host = has_source && step->kind != JAIL_STEP_SYMLINK;
	bool is_overlay = step->kind == JAIL_STEP_OVERLAY;

	if (step->kind == JAIL_STEP_INVALID)
		return refuse(err, -EINVAL, step, "is no step");
	if (!is_absolute(step->target) || !strcmp(step->target, "/"))
		return refuse(err, -EINVAL, step, "needs an absolute, clean target other than '/'");
	if (has_source != (step->source != NULL) || (is_host && !is_absolute(step->source)))
		return refuse(err, -EINVAL, step, "needs an absolute, clean source, or none");
	if ((step->upper != NULL) != (step->work != NULL) ||
			(!is_overlay && (step->upper || step->hide_count)))
		return refuse(err, -EINVAL, step, "has layers that it cannot have");
	if (step->upper && (!is_absolute(step->upper) || !is_absolute(step->work)))
		return refuse(err, -EINVAL, step, "needs absolute, clean layers");
	if (step->upper && !str_eq(path_parent(str_from(step->upper)), path_parent(str_from(step->work))))
		return refuse(err, -EINVAL, step, "needs layers that lie beside each other");
	if (step->kind == JAIL_STEP_TMPFS && !step->size_bytes)
		return refuse(err, -EINVAL, step, "needs a size");
	for (size_t i = 0; i < step->hide_count; i++)
		if (step->hides[i][0] == '/' || !strcmp(step->hides[i], ".") ||
				!path_is_clean(str_from(step->hides[i])))
			return refuse(err, -EINVAL, step,
				"hides something that is not a clean relative path");
	return 0;
}

static int check_flags(const struct jail_step *step, struct error *err)
{
	bool is_bind = step->kind == JAIL_STEP_BIND;
	bool is_overlay = step->kind == JAIL_STEP_OVERLAY;
	bool writable = step->flags & JAIL_STEP_WRITABLE;

	if (is_overlay && writable != (step->upper != NULL))
		return refuse(err, -EINVAL, step, "is writable without an upper layer, or the reverse");
	if (is_overlay && !step->upper && !step->hide_count)
		return refuse(err, -EINVAL, step, "has one layer only: it should be a bind");
	if (is_bind && writable && !(step->flags & (JAIL_STEP_LIVE | JAIL_STEP_HOME)))
		return refuse(err, -EINVAL, step,
			"would write to the host without being live or the private home");
	if (step->flags & (JAIL_STEP_LIVE | JAIL_STEP_HOME) && !(is_bind && writable))
		return refuse(err, -EINVAL, step, "is live or a home without being a writable bind");
	if (step->flags & JAIL_STEP_IDMAP && !is_bind && !is_overlay)
		return refuse(err, -EINVAL, step, "has nothing whose owners could be mapped");
	if (writable && !is_bind && !is_overlay && step->kind != JAIL_STEP_TMPFS)
		return refuse(err, -EINVAL, step, "cannot be writable");
	return 0;
}

/* Neither may a step show what is shielded, nor may what is shielded show through a step above it. */
static int check_shielded(const struct jail_plan *plan, const struct jail_step *step, struct error *err)
{
	if (step->kind != JAIL_STEP_BIND && step->kind != JAIL_STEP_OVERLAY && step->kind != JAIL_STEP_DEVICE)
		return 0;
	for (size_t i = 0; i < plan->shielded_count; i++) {
		const char *shielded = plan->shielded[i];

		if (!jail_path_is_beneath(step->source, shielded) &&
				!jail_path_is_beneath(shielded, step->source))
			continue;
		(void)refuse(err, -EACCES, step, "would show cordon's own state to the agent");
		error_hint(err,
			"take '%s' out of the lists, or name the directories in it that the agent needs",
			quote_cstr(step->source).text);
		return -EACCES;
	}
	return 0;
}

/* Devices and /proc hold nothing of the host but what the plan itself puts there. */
static int check_place(const struct jail_step *step, struct error *err)
{
	bool in_proc = jail_path_is_beneath(step->target, "/proc") && strcmp(step->target, "/proc");
	bool in_dev = jail_path_is_beneath(step->target, "/dev");

	if (in_proc && step->kind != JAIL_STEP_MASK && step->kind != JAIL_STEP_SEAL)
		return refuse(err, -EINVAL, step, "lies in /proc");
	if (step->kind == JAIL_STEP_PROC && strcmp(step->target, "/proc"))
		return refuse(err, -EINVAL, step, "must be at /proc");
	if (step->kind == JAIL_STEP_DEVICE && (!in_dev || !jail_path_is_beneath(step->source, "/dev")))
		return refuse(err, -EINVAL, step, "is a device outside /dev");
	if (in_dev && (step->kind == JAIL_STEP_BIND || step->kind == JAIL_STEP_OVERLAY))
		return refuse(err, -EINVAL, step, "lies in /dev");
	return 0;
}

/* What a step lies in, if anything: the last earlier one whose target is above. */
static const struct jail_step *find_parent(const struct jail_plan *plan, size_t index)
{
	for (size_t i = index; i-- > 0;)
		if (jail_path_is_beneath(plan->steps[index].target, plan->steps[i].target))
			return &plan->steps[i];
	return NULL;
}

/* A link or a file in the way of a later target would make the interpreter follow it, or fail half way. */
static int check_order(const struct jail_plan *plan, size_t index, struct error *err)
{
	const struct jail_step *step = &plan->steps[index];
	const struct jail_step *parent = find_parent(plan, index);
	int order = index ? jail_path_compare(plan->steps[index - 1].target, step->target) : -1;

	if (!order)
		return refuse(err, -EEXIST, step, "has a target that an earlier step has");
	if (order > 0)
		return refuse(err, -EINVAL, step, "comes after what would lie in it or behind it");
	if (!parent)
		return 0;
	if (parent->kind == JAIL_STEP_SYMLINK || parent->kind == JAIL_STEP_FILE ||
			parent->kind == JAIL_STEP_DEVICE)
		return refuse(err, -ELOOP, step, "lies below a step that is no directory");
	if (parent->kind == JAIL_STEP_MASK)
		return refuse(err, -EINVAL, step, "lies below a path that is denied");
	return 0;
}

/*
 * A branch inside a branch, or a read inside one, would show an upper layer twice or the host's file under a
 * change.
 */
static int check_layers(const struct jail_plan *plan, size_t index, struct error *err)
{
	const struct jail_step *step = &plan->steps[index];

	if (!step->upper)
		return 0;
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct jail_step *other = &plan->steps[i];

		if (other->kind != JAIL_STEP_BIND && other->kind != JAIL_STEP_OVERLAY)
			continue;
		if (jail_path_is_beneath(step->upper, other->source) ||
				jail_path_is_beneath(step->work, other->source))
			return refuse(err, -EACCES, step, "has an upper layer that another step shows");
		if (i != index && other->upper &&
				(jail_path_is_beneath(step->upper, other->upper) ||
					jail_path_is_beneath(step->work, other->work) ||
					jail_path_is_beneath(step->upper, other->work)))
			return refuse(err, -EINVAL, step, "shares a layer with another step");
	}
	return 0;
}

static int check_steps(const struct jail_plan *plan, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < plan->step_count && r >= 0; i++) {
		r = check_members(&plan->steps[i], err);
		if (r >= 0)
			r = check_flags(&plan->steps[i], err);
		if (r >= 0)
			r = check_place(&plan->steps[i], err);
		if (r >= 0)
			r = check_shielded(plan, &plan->steps[i], err);
	}
	for (size_t i = 0; i < plan->step_count && r >= 0; i++) {
		r = check_order(plan, i, err);
		if (r >= 0)
			r = check_layers(plan, i, err);
	}
	return r;
}

/* The access that steps give at a path: what the innermost one with a mount allows. */
static const struct jail_step *find_mount(const struct jail_plan *plan, const char *path)
{
	const struct jail_step *found = NULL;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind != JAIL_STEP_DIR && jail_path_is_beneath(path, plan->steps[i].target))
			found = &plan->steps[i];
	return found;
}

static int check_rules(const struct jail_plan *plan, struct error *err)
{
	const unsigned changing = JAIL_ACCESS_WRITE | JAIL_ACCESS_CHANGE;

	for (size_t i = 0; i < plan->rule_count; i++) {
		const struct jail_rule *rule = &plan->rules[i];
		const struct jail_step *step;

		if (!is_absolute(rule->path) || !rule->access)
			return error_set(err, -EINVAL,
				"sandbox plan: an access rule needs an absolute path and an access");
		step = find_mount(plan, rule->path);
		if (!(rule->access & changing) || (step && (step->flags & JAIL_STEP_WRITABLE)))
			continue;
		if (step && !(rule->access & JAIL_ACCESS_CHANGE) && (step->kind == JAIL_STEP_DEVICE ||
				step->kind == JAIL_STEP_DEVPTS || step->kind == JAIL_STEP_PROC))
			continue;
		return error_set(err, -EINVAL, "sandbox plan: a rule writes to '%s', which is read-only",
			quote_cstr(rule->path).text);
	}
	return 0;
}

static bool is_name(const char *text, size_t len_max)
{
	size_t len = text ? strlen(text) : 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
				c == '_' || c == '-' || (c == '.' && i)))
			return false;
	}
	return len > 0 && len <= len_max;
}

static int check_identity(const struct jail_plan *plan, struct error *err)
{
	const struct jail_identity *identity = &plan->identity;
	const char *user = identity->user;

	if (!identity->uid || !identity->gid)
		return error_set(err, -EINVAL, "sandbox plan: the agent would be root");
	if (!user || !*user || strlen(user) > USER_LEN_MAX || strpbrk(user, ":\n/"))
		return error_set(err, -EINVAL, "sandbox plan: the agent has no proper user name");
	if (!is_absolute(identity->home) || !strcmp(identity->home, "/") || strpbrk(identity->home, ":\n"))
		return error_set(err, -EINVAL, "sandbox plan: the agent has no proper home directory");
	if (!is_name(plan->session, SESSION_LEN_MAX) || !is_name(plan->hostname, HOSTNAME_LEN_MAX))
		return error_set(err, -EINVAL, "sandbox plan: session and hostname must be plain names");
	return 0;
}

static int check_command(const struct jail_command *command, struct error *err)
{
	if (!command->argc || !command->argv[0][0])
		return error_set(err, -EINVAL, "sandbox plan: there is no command to run");
	if (!is_absolute(command->cwd))
		return error_set(err, -EINVAL,
			"sandbox plan: the working directory must be absolute and clean");
	for (size_t i = 0; i < command->env_count; i++)
		if (!strchr(command->env[i], '=') || command->env[i][0] == '=')
			return error_set(err, -EINVAL, "sandbox plan: '%s' is no NAME=value",
				quote_cstr(command->env[i]).text);
	return 0;
}

int jail_plan_check(const struct jail_plan *plan, struct error *err)
{
	int r = check_identity(plan, err);

	if (r >= 0)
		r = check_command(&plan->command, err);
	for (int i = 0; i < JAIL_LIMIT_COUNT && r >= 0; i++)
		if (!jail_limit_get(&plan->limits, (enum jail_limit)i))
			r = error_set(err, -EINVAL, "sandbox plan: a limit of 0 for %s lets nothing run",
				jail_limit_name((enum jail_limit)i));
	for (size_t i = 0; i < plan->shielded_count && r >= 0; i++)
		if (!is_absolute(plan->shielded[i]))
			r = error_set(err, -EINVAL,
				"sandbox plan: a shielded path must be absolute and clean");
	if (r >= 0 && plan->level == JAIL_LEVEL_LANDLOCK)
		return jail_plan_check_alone(plan, err);
	if (r >= 0 && (plan->preset != JAIL_PRESET_BASE || plan->own_count))
		r = error_set(err, -EINVAL, "sandbox plan: preset and own directories are another level's");
	if (r >= 0)
		r = check_steps(plan, err);
	return r < 0 ? r : check_rules(plan, err);
}

static int check_host_path(const struct jail_step *step, const char *path, bool directory, bool may_lack,
	struct error *err)
{
	scoped(fd) int fd = kern_open_plain(path, O_PATH | (directory ? O_DIRECTORY : 0));

	if (fd >= 0 || (fd == -ENOENT && (may_lack || step->flags & JAIL_STEP_OPTIONAL)))
		return 0;
	(void)error_sys(err, fd, "sandbox plan: %s at '%s': cannot use '%s'", jail_step_kind_name(step->kind),
		quote_cstr(step->target).text, quote_cstr(path).text);
	if (fd == -ELOOP)
		error_hint(err, "it goes through a symbolic link: name the place that the link leads to");
	return fd;
}

int jail_plan_check_host(const struct jail_plan *plan, bool is_preview, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < plan->step_count && r >= 0; i++) {
		const struct jail_step *step = &plan->steps[i];

		if (step->kind == JAIL_STEP_BIND || step->kind == JAIL_STEP_OVERLAY ||
				step->kind == JAIL_STEP_DEVICE)
			r = check_host_path(step, step->source, step->kind == JAIL_STEP_OVERLAY,
				is_preview && step->flags & JAIL_STEP_HOME, err);
		if (step->upper && r >= 0)
			r = check_host_path(step, step->upper, true, is_preview, err);
		if (step->work && r >= 0)
			r = check_host_path(step, step->work, true, is_preview, err);
	}
	return r;
}
