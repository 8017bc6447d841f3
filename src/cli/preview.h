/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preview.h - the sandbox that a session would get, of which nothing is made
 */
#pragma once

#include "cli/cli.h"
#include "config/agent.h"
#include "jail/plan.h"
#include "run/request.h"

/**
 * preview_plan() - the plan of a request
 * @cli:     owns the plan; whose descriptors and environment count
 * @request: with its configuration
 * @agent:   sets variables; NULL: it is no known one
 * @ret:     a checked plan
 * @err:     says what stands in the way
 *
 * Errors: as run_identity() and run_plan_build().
 * Return: 0 or negative errno.
 */
int preview_plan(struct cli *cli, const struct run_request *request, const struct agent *agent,
	struct jail_plan *ret, struct error *err);
