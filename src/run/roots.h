/* SPDX-License-Identifier: Apache-2.0 */
/*
 * roots.h - the directories of a session that have a branch, opened
 *
 * In the order of the changeset's roots: what the session writes straight through is none of them.
 */
#pragma once

#include "overlay/diff.h"
#include "session/session.h"

struct run_roots {
	struct overlay_root items[SESSION_ROOTS_MAX];
	size_t count;
};

/**
 * run_roots_open() - base, branch and storage of each
 * @session: open
 * @ret:     closed with run_roots_close(), also after a failure
 * @err:     which could not be opened
 *
 * A branch that is a copy (run/workcopy.h) is gathered first, so its session must be quiet.
 *
 * Return: 0 or negative errno.
 */
int run_roots_open(const struct session *session, struct run_roots *ret, struct error *err);

/** run_roots_close() - close what is open */
void run_roots_close(struct run_roots *roots);
