// SPDX-License-Identifier: Apache-2.0
/*
 * test_by.c - programs that rules are for: none is named by a link
 */
#include "lib/test.h"

#include "run/by.h"

#include "net/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	PATH_BYTES = 4096,
};

static const enum config_key keys[] = {
	CONFIG_KEY_NETWORK_ALLOW, CONFIG_KEY_NETWORK_ASK, CONFIG_KEY_NETWORK_DENY,
};

/* One entry with such a list of programs, in one of the lists. */
static int check_by(enum config_key key, const char *by, struct error *err)
{
	static struct config config;
	static struct net_entry entry;
	static struct config_item item;

	memset(&config, 0, sizeof(config));
	entry = (struct net_entry){ .by = str_from(by) };
	item = (struct config_item){ .text = "a.example:443", .entry = &entry,
		.origin = { .source = CONFIG_SOURCE_USER, .file = "config.jsonc", .line = 7, .column = 3 } };
	config.values[key].list = (struct config_list){ .items = &item, .count = 1 };
	*err = (struct error){ 0 };
	return run_by_check(&config, err);
}

TEST(a_link_is_no_programs_path)
{
	char real[PATH_BYTES], dir[PATH_BYTES], link[PATH_BYTES + 8], below[PATH_BYTES + 16],
		both[3 * PATH_BYTES];
	struct error err;
	int fd;

	CHECK(realpath(test_dir(), dir));
	(void)snprintf(real, sizeof(real), "%.200s/program", dir);
	(void)snprintf(link, sizeof(link), "%.200s/link", dir);
	fd = open(real, O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
	CHECK(fd >= 0 && !close(fd) && !symlink("program", link));
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		CHECK_INT(check_by(keys[i], real, &err), 0);
		CHECK_INT(check_by(keys[i], link, &err), -EINVAL);
		CHECK(strstr(err.text, "config.jsonc:7") && strstr(err.text, "/link"));
		CHECK(strstr(err.hint, "/program"));
		(void)snprintf(both, sizeof(both), "sha256:00,%.200s,%.200s", real, link);
		CHECK_INT(check_by(keys[i], both, &err), -EINVAL);
	}
	/* A directory on the way that is one, as /bin is on most systems */
	CHECK_INT(unlink(link), 0);
	CHECK_INT(symlink(".", link), 0);
	(void)snprintf(below, sizeof(below), "%.200s/program", link);
	CHECK_INT(check_by(CONFIG_KEY_NETWORK_DENY, below, &err), -EINVAL);
	/* What is not there may be where only the sandbox has something. */
	CHECK_INT(check_by(CONFIG_KEY_NETWORK_DENY, "/nowhere/program", &err), 0);
	CHECK_INT(check_by(CONFIG_KEY_NETWORK_DENY, "", &err), 0);
}

TEST_MAIN()
