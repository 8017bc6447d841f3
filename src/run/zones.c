// SPDX-License-Identifier: Apache-2.0
/*
 * zones.c - the time zones of this machine
 */
#include "run/zones.h"

#include "base/fd.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define ZONES_DIR "/usr/share/zoneinfo"

enum {
	NAME_MAX_BYTES = 128,
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * Words with slashes between, as "America/Argentina/Buenos_Aires" or "Etc/GMT+5". There is no dot in them, so
 * no way up, and none that begins at the root.
 */
static bool is_name(const char *name)
{
	bool is_begun = false;		/* the word at hand */

	for (size_t i = 0; name[i]; i++) {
		bool is_inside = is_letter(name[i]) || (name[i] >= '0' && name[i] <= '9') ||
			strchr("_+-", name[i]);

		if (i == NAME_MAX_BYTES || (!is_inside && name[i] != '/') ||
				(!is_begun && !is_letter(name[i])))
			return false;
		is_begun = is_inside;
	}
	return is_begun;
}

/* Said once: a policy may ask a thousand times. */
static void miss(struct run_zones *zones, const char *name)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, ZONES_DIR, O_PATH | O_DIRECTORY, 0);

	if (fd != -ENOENT || zones->was_missed || !zones->miss)
		return;
	zones->was_missed = true;
	zones->miss(zones->context, name, ZONES_DIR);
}

bool run_zones_read(void *data, const char *name, const char **ret, size_t *ret_len)
{
	char path[sizeof(ZONES_DIR) + 1 + NAME_MAX_BYTES];
	struct run_zones *zones = data;
	scoped(fd) int fd = -1;

	if (!is_name(name))
		return false;
	(void)snprintf(path, sizeof(path), ZONES_DIR "/%s", name);
	fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0) {
		miss(zones, name);
		return false;
	}
	buf_clear(&zones->bytes);
	if (kern_read_all(fd, &zones->bytes) < 0)
		return false;
	*ret = zones->bytes.data;
	*ret_len = zones->bytes.len;
	return zones->bytes.len;
}

void run_zones_fini(struct run_zones *zones)
{
	buf_fini(&zones->bytes);
}
