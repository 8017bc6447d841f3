/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_internal.h - one attempt of the prober
 *
 * An attempt runs in a child of its own, in namespaces that its row names, and returns 0 or a negative errno;
 * what it has to say beside that stands in the fact. Whatever it does to itself is gone with it.
 */
#pragma once

#include "base/error.h"
#include "jail/apply.h"
#include "jail/probe.h"

#define PROBE_SCRATCH_NAME ".cordon-probe"

/* What attempts share; made by the prober before they begin. */
struct probe_scene {
	const struct jail_probe_inputs *inputs;
	bool foreign;			/* the agent has other ids than the prober */
	/* directories of our own, open for reading, or negative errno */
	int state_fd, storage_fd;
	char session[32];		/* random, as the pids of two containers with one home may be equal */
	char name[48];			/* of both directories */
	struct jail_plan plan;		/* of one step: the overlay */
	struct jail_step branch;
	const char *lower;		/* of the branch: the workspace, or a directory of ours */
	struct jail_sources sources;	/* of the plan, when @foreign */
	struct error sources_err;	/* why they could not be opened */
	struct arena arena;
};

typedef int probe_try_fn(const struct probe_scene *scene, struct jail_fact *fact, struct error *err);

struct probe_attempt {
	enum jail_probe probe;
	enum jail_probe stands_on;	/* is not tried where that one failed; itself: on nothing */
	uint64_t namespaces;		/* CLONE_NEW*; with any, the child is the agent, as init would be */
	probe_try_fn *try;
};

extern const struct probe_attempt probe_attempts[];
extern const size_t probe_attempt_count;

/* Of probe_network.c: connections are led to the gateway; the kernel says whose one is. */
probe_try_fn probe_try_tproxy, probe_try_diag;

/* Read by the prober in a child's memory, at the same address. */
extern volatile const uint32_t probe_mark;
