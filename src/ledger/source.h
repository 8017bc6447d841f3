/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source.h - the ledger of one session, opened to be read
 *
 * A ledger may be written while it is read. source_open() takes the head file before anything else, so that
 * what is compared with it later can only be newer.
 */
#pragma once

#include "base/fd.h"
#include "ledger/ledger.h"

struct source {
	char session[LEDGER_NAME_MAX + 1];
	char path[LEDGER_NAME_MAX + 32];	/* of the ledger, below the state directory */
	int fd;				/* owned; -1: there is no ledger */
	bool live;			/* somebody holds the writer's lock */
	bool has_head;
	struct ledger_head head;
};

#define SOURCE_INIT { .fd = -1 }

/**
 * source_open() - open the ledger of a session for reading
 * @source:      SOURCE_INIT; source_fini() afterwards
 * @state_dirfd: borrowed
 * @session:     checked against the alphabet of ids, so that no path can hide in it
 * @err:         what failed
 *
 * A ledger that is not there is no failure: fd stays at -1. A damaged head file is none either: has_head
 * stays false.
 *
 * Errors: -EINVAL not the name of a session; others from the kernel.
 * Return: 0 or negative errno.
 */
int source_open(struct source *source, int state_dirfd, const char *session, struct error *err);

/** source_is_live() - whether somebody holds the writer's lock at this moment */
bool source_is_live(const struct source *source);

/**
 * source_open_index() - open the index for reading
 * @state_dirfd: borrowed
 * @err:         what failed
 *
 * Errors: the kernel's.
 * Return: a descriptor, -ENOENT (not an error yet: @err stays as it is) or another negative errno.
 */
int source_open_index(int state_dirfd, struct error *err);

/**
 * source_list() - every session that has a directory, and the user's own ledger
 * @arena:       owns the names
 * @state_dirfd: borrowed
 * @ret:         names, sorted bytewise
 * @ret_count:   how many
 * @err:         what failed
 *
 * Errors: -EMSGSIZE too many; others from the kernel.
 * Return: 0 (also where there is no directory yet) or negative errno.
 */
int source_list(struct arena *arena, int state_dirfd, const char *const **ret, size_t *ret_count,
	struct error *err);

static inline void source_fini(struct source *source)
{
	source->fd = fd_close(source->fd);
}

static inline void source_scope_exit(struct source *source)
{
	source_fini(source);
}
