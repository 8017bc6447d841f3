/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_view.h - what of the host a sandbox shows, asked of its plan
 */
#pragma once

#include "jail/plan.h"

/**
 * jail_plan_source() - the host's path behind a path of the sandbox
 * @arena: owns the result
 * @plan:  checked
 * @path:  in the sandbox: absolute, clean
 *
 * Links that the plan makes are followed, those of the host are not: nothing is looked at, and what the
 * result names need not exist. What lies on a file system of the sandbox's own, and what is covered, is
 * nowhere on the host. At the level "landlock", a path is itself where a rule lets it be executed.
 *
 * Return: a path, or NULL where nothing of the host's is there.
 */
const char *jail_plan_source(struct arena *arena, const struct jail_plan *plan, const char *path);
