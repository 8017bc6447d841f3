/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch_internal.h - between the files that watch limits: watch.c looks, watch_storage.c looks at disks,
 * watch_report.c tells
 */
#pragma once

#include "base/units.h"
#include "roles/supervisor/supervisor.h"

enum {
	WATCH_MEMORY_PERIOD_MS = 250,
	WATCH_STORAGE_PERIOD_MS = 1000,
	WATCH_SAID_SIZE = 160,
};

/* A limit that was reached. */
struct watch_hit {
	enum config_key key;
	const char *value;		/* the limit, as a person would write it */
	enum jail_mechanism by;		/* who enforces it */
	const char *action;		/* what follows */
	const char *said;		/* more about it; NULL: nothing */
	uint64_t used;			/* in the limit's unit; 0: not known */
};

/** watch_format_used() - what was counted, as exactly as anybody wants to know it */
static inline void watch_format_used(uint64_t bytes, char ret[UNITS_TEXT_SIZE])
{
	units_format_size(bytes & ~(bytes > (10 << 20) ? (UINT64_C(1) << 20) - 1 : UINT64_C(1023)), ret);
}

/** watch_settings() - of the session */
static inline const struct config_settings *watch_settings(const struct supervisor *s)
{
	return &s->request.config->settings;
}

/** watch_idle_period_ns() - how often a session with this limit is looked at */
uint64_t watch_idle_period_ns(uint64_t limit_ns);

/**
 * watch_open_view() - have a view of the sandbox's processes
 * @s: with a sandbox
 *
 * Errors: as jail_processes_open().
 * Return: 0 or negative errno.
 */
int watch_open_view(struct supervisor *s);

/** watch_storage() - begin to look at storage, and at files of memory, where a limit asks for it */
void watch_storage(struct supervisor *s);

/**
 * watch_reached() - record a limit that was reached, once in a session, and tell of it at the end
 * @s:   of the session
 * @hit: what is to be said
 *
 * Errors: as supervisor_record().
 * Return: 0 or negative errno; then the session fails.
 */
int watch_reached(struct supervisor *s, const struct watch_hit *hit);

/** watch_refused() - the kernel refuses what goes beyond a limit; Return: as watch_reached() */
int watch_refused(struct supervisor *s, enum jail_limit limit, uint64_t used);

/**
 * watch_kill() - end a session that holds too many bytes
 * @s:           of the session
 * @key:         the limit
 * @limit_bytes: its value
 * @used_bytes:  what was counted
 * @said:        of what that consists
 *
 * Also while it is being stopped: its grace is no time to fill the disk in.
 */
void watch_kill(struct supervisor *s, enum config_key key, uint64_t limit_bytes, uint64_t used_bytes,
	const char *said);
