/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply.h - execute the file part of a plan
 *
 * Two processes take part. Sources (what the host contributes) are opened first: by init itself when the
 * agent is the starter, or by the launcher when it is not, since then the agent's id could not even reach the
 * project of root, and owners must be mapped with rights that init does not have. Init then builds the view
 * and enters it.
 */
#pragma once

#include "jail/plan.h"

/* What one step takes from the host; -1: nothing. */
struct jail_source {
	int source;			/* BIND, DEVICE: a detached mount; OVERLAY: see layers_are_mounts */
	int layers;			/* OVERLAY: the directory that holds upper and work */
};

struct jail_sources {
	struct jail_source *items;	/* one for each step */
	size_t count;
	bool layers_are_mounts;		/* overlay layers are detached mounts, else O_PATH directories */
};

/**
 * jail_sources_init() - room for what the plan takes from the host, all of it missing
 * @arena:    owns the array
 * @plan:     checked
 * @for_init: as in jail_sources_open()
 * @ret:      set on success
 * @err:      may be NULL
 *
 * Return: 0 or negative errno.
 */
int jail_sources_init(struct arena *arena, const struct jail_plan *plan, bool for_init,
	struct jail_sources *ret, struct error *err);

/**
 * jail_sources_open() - open what the plan takes from the host
 * @arena:    owns the array
 * @plan:     checked
 * @for_init: whether another process will mount them, in another mount namespace
 * @ret:      set on success; jail_sources_fini() is legal in both cases
 * @err:      says which path and why
 *
 * Follows no symbolic link anywhere. Needs CAP_SYS_ADMIN over this mount namespace, and for owner maps over
 * the file systems.
 *
 * Errors: -ELOOP a path goes through a link; -EOPNOTSUPP a file system cannot map owners; others from the
 * kernel.
 * Return: 0 or negative errno.
 */
int jail_sources_open(struct arena *arena, const struct jail_plan *plan, bool for_init,
	struct jail_sources *ret, struct error *err);

/** jail_sources_fini() - close them */
void jail_sources_fini(struct jail_sources *sources);

/**
 * jail_apply_files() - build the plan's view and make it this process's root
 * @plan:    checked
 * @sources: opened
 * @err:     says which step and why
 *
 * Runs as PID 1 of the new namespaces, with all capabilities in the user namespace. The old root is gone
 * afterwards.
 *
 * Return: 0 or negative errno; on failure the namespace is in no usable state and the process must end.
 */
int jail_apply_files(const struct jail_plan *plan, const struct jail_sources *sources, struct error *err);

static inline void jail_sources_scope_exit(struct jail_sources *sources)
{
	jail_sources_fini(sources);
}
