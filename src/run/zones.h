/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zones.h - the time zones of this machine, for policies
 *
 * The engine asks for the file of a zone when a policy names one (regoc.h, struct regoc_limits). A name is
 * only looked for below /usr/share/zoneinfo, where root put what stands there; whether the file is a zone is
 * for the engine to see.
 */
#pragma once

#include "base/buf.h"

enum {
	RUN_ZONE_BYTES_MAX = 256 << 10,
};

struct run_zones {
	struct buf bytes;		/* of the last file */
	/* told once that there are none on this machine; may be NULL */
	void (*miss)(void *context, const char *name, const char *dir);
	void *context;
	bool was_missed;
};

#define RUN_ZONES_INIT { .bytes = BUF_INIT(RUN_ZONE_BYTES_MAX) }

/** run_zones_read() - for struct regoc_limits; @data is a struct run_zones; Return: whether there is one */
bool run_zones_read(void *data, const char *name, const char **ret, size_t *ret_len);

/** run_zones_fini() - give the last file back */
void run_zones_fini(struct run_zones *zones);

static inline void run_zones_scope_exit(struct run_zones *zones)
{
	run_zones_fini(zones);
}
