// SPDX-License-Identifier: Apache-2.0
/*
 * programs.c - how our executables find each other
 *
 * In a build folder, `cordon` is src/cli/cordon and a role is src/roles/ROLE/cordon-ROLE; installed, `cordon`
 * is in bin and the roles are in libexec/cordon. Each candidate is tried from the directory of
 * /proc/self/exe, in an order that cannot pick up a build folder's program from an installed one, since that
 * directory's own name decides.
 */
#include "session/programs.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"

#include <fcntl.h>
#include <stdio.h>

static int own_directory(char ret[PATH_TEXT_MAX], struct error *err)
{
	ssize_t n = kern_read_link(AT_FDCWD, "/proc/self/exe", ret, PATH_TEXT_MAX);
	struct str parent;

	if (n < 0)
		return error_sys(err, (int)n, "finding out which program runs: /proc/self/exe");
	parent = path_parent(str_from(ret));
	ret[parent.len] = '\0';
	return 0;
}

int programs_open(const char *name, struct error *err)
{
	/* From bin; from libexec/cordon; from src/cli of a build folder; from src/roles/ROLE of one. */
	static const struct {
		const char *below;
		bool by_role;
	} layouts[] = { { "/../libexec/cordon", false }, { "", false }, { "/../roles/", true },
		{ "/../", true } };
	const char *role = name + strlen("cordon-");
	char dir[PATH_TEXT_MAX], path[2 * PATH_TEXT_MAX];
	int r = own_directory(dir, err);

	if (r < 0)
		return r;
	assert(str_starts_with(str_from(name), STR("cordon-")));
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		snprintf(path, sizeof(path), "%s%s%s/%s", dir, layouts[i].below,
			layouts[i].by_role ? role : "", name);
		r = kern_open(AT_FDCWD, path, O_PATH, 0);
		if (r >= 0)
			return r;
	}
	error_set(err, -ENOENT, "%s is not where it belongs, beside '%s'", name, dir);
	error_hint(err, "Install cordon again; its programs must stay together.");
	return -ENOENT;
}
