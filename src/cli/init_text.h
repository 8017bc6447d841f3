/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init_text.h - the file that `cordon init` writes, as a text
 */
#pragma once

#include "cli/agents.h"
#include "cli/project.h"

enum {
	INIT_TEXT_BYTES_MAX = 256 << 10,
};

/**
 * init_text() - a commented cordon.jsonc for a project
 * @project: what was found
 * @agents:  that are installed here
 * @profile: to be chosen by the file; NULL: none, so that the person's own choice holds
 * @ret:     appended to; INIT_TEXT_BYTES_MAX is a good limit
 *
 * Without @profile, what is not a comment only narrows.
 *
 * Return: 0, or -EMSGSIZE the limit.
 */
int init_text(const struct project *project, const struct agents_here *agents, const char *profile,
	struct buf *ret);
