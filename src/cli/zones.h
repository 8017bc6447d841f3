/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zones.h - the time zones of this machine, for evaluations
 *
 * The engine asks for the file of a zone when a policy names one (regoc.h, struct regoc_limits). A name is
 * only looked for below /usr/share/zoneinfo, where root put what stands there.
 */
#pragma once

#include "cli/cli.h"

struct zones {
	struct cli *cli;
	struct buf bytes;		/* of the last file; limited by ZONES_FILE_BYTES_MAX */
	bool was_missed;		/* that there are none was said */
};

enum {
	ZONES_FILE_BYTES_MAX = 256 << 10,
};

/** zones_read() - for struct regoc_limits; @data is a struct zones; Return: whether there is such a zone */
bool zones_read(void *data, const char *name, const char **ret, size_t *ret_len);
