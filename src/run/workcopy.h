/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workcopy.h - the branches of a session at the level "landlock"
 *
 * Nothing can be mounted there, so each directory that the agent may write is copied before it starts
 * (overlay/workcopy.h), and what it changed is gathered into an upper layer when it has ended. Whoever looks
 * at the branch of such a session first, be it its supervisor or a command that finds an orphan, gathers.
 */
#pragma once

#include "config/config.h"
#include "overlay/workcopy.h"
#include "session/session.h"

/* What a person gives up with this level, in one sentence of a few clauses. */
#define RUN_LEVEL_LACKS \
	"no network and no sockets at all, host processes and the names, sizes and times of your files can be seen, " \
	"no private /tmp, and only Landlock and a system call filter between the program and the host"

/*
 * What is refused there and leaves no record. Landlock tells the kernel's audit log, which only root may
 * read.
 */
#define RUN_LEVEL_UNRECORDED \
	"files outside that the program tries to open, list, run, make, remove, rename or link, signals to other " \
	"processes and looks into them, all of which Landlock refuses, and reading of extended attributes"

/* What all copies of a session came to. */
struct run_workcopy {
	uint64_t entry_count, byte_count;
	uint64_t left_out_count;
	/* the first that is not in the copy, relative to its root; NULL: none */
	const char *left_out;
};

/** run_is_workcopy() - whether a session's branches are copies */
bool run_is_workcopy(const struct session *session);

/** run_workcopy_path() - where a root's copy is; NULL when the arena is full */
const char *run_workcopy_path(struct arena *arena, const struct session_root *root);

/**
 * run_workcopy_make() - copy every root of a session that has a branch
 * @arena:   owns what the copies have to remember
 * @session: with its roots and their storage directories, which exist; its progress is told
 * @config:  what filesystem.deny and .hide name stays out
 * @copy:    set
 * @err:     says which root, and what to do about it
 *
 * Blocks: reads the whole tree. Nothing is copied where the disk has less room than the copy may need.
 * Errors: -ENOSPC it would not fit; others as workcopy_make().
 * Return: 0 or negative errno.
 */
int run_workcopy_make(struct arena *arena, const struct session *session, const struct config *config,
	struct run_workcopy *copy, struct error *err);

/**
 * run_workcopy_gather() - see to it that every branch of a session has its upper layer
 * @session: quiet
 * @err:     says which root
 *
 * Does nothing for a session whose branches are overlays, and nothing a second time.
 *
 * Errors: as workcopy_gather().
 * Return: 0 or negative errno.
 */
int run_workcopy_gather(const struct session *session, struct error *err);
