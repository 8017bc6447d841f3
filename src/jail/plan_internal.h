/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_internal.h - parts that the folder keeps to itself
 */
#pragma once

#include "base/quote.h"
#include "jail/plan_build.h"

/**
 * jail_path_compare() - the order of steps: a parent before what lies in it, and both before the parent's
 * neighbours
 * @a: clean
 * @b: clean
 *
 * "/a" < "/a/b" < "/a-b".
 *
 * Return: <0, 0, >0.
 */
int jail_path_compare(const char *a, const char *b);

/**
 * jail_path_is_beneath() - whether an absolute path is a directory or lies below it
 * @path: clean
 * @dir:  clean
 *
 * As path_is_beneath(), for texts: every step is compared with every other, and most differ early.
 *
 * Return: true when it does.
 */
bool jail_path_is_beneath(const char *path, const char *dir);

/**
 * jail_plan_add_account() - let the agent's id have a name
 * @arena:  owns texts
 * @inputs: of the plan
 * @steps:  room for two
 * @count:  grows by the steps that were needed
 * @err:    may be NULL
 *
 * The host's own entry serves when it has the right name and home; else /etc/passwd and /etc/group are
 * covered by copies that have the entry.
 *
 * Return: 0 or negative errno.
 */
int jail_plan_add_account(struct arena *arena, const struct jail_inputs *inputs, struct jail_step *steps,
	size_t *count, struct error *err);

/**
 * jail_plan_add_names() - let names be looked up by the gateway, and nowhere else
 * @arena:  owns texts
 * @inputs: of a plan with a gateway
 * @steps:  room for two
 * @count:  grows by the steps that were needed
 * @err:    may be NULL
 *
 * /etc/resolv.conf names the gateway; /etc/hosts has the sandbox's own names, since those of the host's would
 * be addresses of which nobody knows the name any more.
 *
 * Return: 0 or negative errno.
 */
int jail_plan_add_names(struct arena *arena, const struct jail_inputs *inputs, struct jail_step *steps,
	size_t *count, struct error *err);

/* Held in /etc, and never an agent's; some may be open to one of the user's groups. */
extern const char *const jail_etc_secrets[];
extern const size_t jail_etc_secret_count;

/* Device nodes of the host that every sandbox has. */
extern const char *const jail_devices[];
extern const size_t jail_device_count;

/** jail_inputs_take_away() - whether filesystem.deny or .hide holds @path */
bool jail_inputs_take_away(const struct jail_inputs *inputs, const char *path);

/**
 * jail_plan_build_alone() - rules and own directories of a plan of the level "landlock"
 * @arena:  owns them
 * @inputs: of the plan
 * @plan:   rules and own are set
 * @err:    says which path cannot be given at this level
 *
 * Looks at the host's directories.
 *
 * Errors: -EINVAL a list names what cannot be at this level; -EMSGSIZE too many paths; others from the
 * kernel.
 * Return: 0 or negative errno.
 */
int jail_plan_build_alone(struct arena *arena, const struct jail_inputs *inputs, struct jail_plan *plan,
	struct error *err);

/** jail_plan_check_alone() - the checker's part for that level; Errors, Return: as jail_plan_check() */
int jail_plan_check_alone(const struct jail_plan *plan, struct error *err);

/**
 * jail_plan_build_env() - the environment from its lists
 * @arena:   owns the result
 * @inputs:  of the plan
 * @command: env and env_count are set
 * @err:     may be NULL
 *
 * HOME, USER, LOGNAME and a PATH are always there; env_set wins over these, and these over env_pass.
 *
 * Errors: -EINVAL something in env_set is not NAME=value.
 * Return: 0 or negative errno.
 */
int jail_plan_build_env(struct arena *arena, const struct jail_inputs *inputs, struct jail_command *command,
	struct error *err);
