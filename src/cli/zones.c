// SPDX-License-Identifier: Apache-2.0
/*
 * zones.c - the time zones of this machine
 */
#include "cli/zones.h"

#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

#define ZONES_DIR "/usr/share/zoneinfo"

/* Words with slashes between, as "America/Argentina/Buenos_Aires"; no way out of the directory. */
static bool is_name(const char *name)
{
	for (size_t i = 0; name[i]; i++) {
		bool is_word = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
			(name[i] >= '0' && name[i] <= '9') || strchr("_+-", name[i]);

		if (!is_word && (name[i] != '/' || !i || name[i - 1] == '/'))
			return false;
	}
	return name[0];
}

/* Said once: a policy may ask a thousand times. */
static void miss(struct zones *zones, const char *name)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, ZONES_DIR, O_PATH | O_DIRECTORY, 0);

	if (fd != -ENOENT || zones->was_missed)
		return;
	zones->was_missed = true;
	cli_warn(zones->cli, "the policy asks for the time zone '%s', and there is no " ZONES_DIR
		" on this machine: install tzdata", quote_cstr(name).text);
}

bool zones_read(void *data, const char *name, const char **ret, size_t *ret_len)
{
	struct zones *zones = data;
	scoped(fd) int fd = -1;
	const char *path;

	if (!is_name(name))
		return false;
	path = arena_printf(&zones->cli->arena, ZONES_DIR "/%s", name);
	fd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0) : -ENOMEM;
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
