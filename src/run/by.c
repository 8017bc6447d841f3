// SPDX-License-Identifier: Apache-2.0
/*
 * by.c - programs that rules of the configuration are for, looked at before the session starts
 */
#include "run/by.h"

#include "base/fd.h"
#include "base/quote.h"
#include "jail/holders.h"
#include "kern/file.h"
#include "net/entry.h"
#include "net/who.h"

#include <errno.h>
#include <fcntl.h>

enum {
	WHERE_BYTES = 4 << 10,
};

static int refuse_link(const struct config_item *item, const char *path, const char *real, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(WHERE_BYTES);
	const char *where = config_origin_text(&arena, &item->origin);

	error_set(err, -EINVAL, "%s: \"by\": %s is a link, and so it is no program's path",
		where ? where : "?", quote_cstr(path).text);
	error_hint(err, "The program is %s.", quote_cstr(real).text);
	return -EINVAL;
}

static int check_item(int root_fd, const struct config_item *item, struct error *err)
{
	struct str by = item->entry ? item->entry->by : STR(""), word;

	while (by.len) {
		char path[NET_PROGRAM_SIZE] = "", real[PATH_TEXT_MAX];
		scoped(fd) int fd = -1;

		(void)str_cut(by, ',', &word, &by);
		if (word.data[0] != '/' || word.len >= sizeof(path))
			continue;
		memcpy(path, word.data, word.len);
		fd = jail_program_find(root_fd, path, real);
		if (fd >= 0 && strcmp(path, real))
			return refuse_link(item, path, real, err);
	}
	return 0;
}

int run_by_check(const struct config *config, struct error *err)
{
	static const enum config_key keys[] = {
		CONFIG_KEY_NETWORK_ALLOW, CONFIG_KEY_NETWORK_ASK, CONFIG_KEY_NETWORK_DENY,
	};
	scoped(fd) int root_fd = kern_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	int r = root_fd < 0 ? error_sys(err, root_fd, "opening /") : 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && r >= 0; i++) {
		const struct config_list *list = &config->values[keys[i]].list;

		for (size_t j = 0; j < list->count && r >= 0; j++)
			r = check_item(root_fd, &list->items[j], err);
	}
	return MIN(r, 0);
}
