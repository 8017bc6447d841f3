// SPDX-License-Identifier: Apache-2.0
/*
 * plan.c - the plan, as launcher and init each read it
 */
#include "roles/launcher/launcher.h"

#include "base/fd.h"
#include "jail/identity.h"
#include "kern/file.h"

#include <errno.h>

static int read_text(int fd, struct buf *ret)
{
	struct stat st;
	char *room;
	ssize_t n;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return r;
	if (st.st_size <= 0 || (uint64_t)st.st_size > JAIL_PLAN_BYTES_MAX)
		return -EMSGSIZE;
	room = buf_reserve(ret, (size_t)st.st_size);
	n = room ? kern_pread(fd, room, (size_t)st.st_size, 0) : -EMSGSIZE;
	if (n < 0)
		return (int)n;
	buf_commit(ret, (size_t)n);
	return 0;
}

int launcher_read_plan(struct launcher *launcher, int plan_fd, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	const struct json *json;
	int r = read_text(plan_fd, &text);

	if (r < 0)
		return error_sys(err, r, "cannot read the sandbox plan");
	r = json_read(&launcher->arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &json,
		err);
	if (r >= 0)
		r = jail_plan_read(&launcher->arena, json, &launcher->plan, err);
	if (r >= 0)
		r = jail_plan_check(&launcher->plan, err);
	return r;
}

bool launcher_is_alone(const struct launcher *launcher)
{
	return launcher->plan.level == JAIL_LEVEL_LANDLOCK;
}

bool launcher_is_foreign(const struct launcher *launcher)
{
	const struct jail_identity *identity = &launcher->plan.identity;

	return jail_identity_outer_uid(identity) != launcher->uid ||
		jail_identity_outer_gid(identity) != launcher->gid;
}
