// SPDX-License-Identifier: Apache-2.0
/*
 * confine.c - Landlock: the roots and what the session keeps, nothing else
 *
 * Every right that exists is handled, and all of those that change files are given below the directories of
 * the request; none to execute, no network. Rights have to be the same on both sides of a rename, or Landlock
 * refuses it.
 */
#include "roles/committer/committer.h"

#include "base/fd.h"
#include "base/macro.h"
#include "kern/kern.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/prctl.h>

/* Debian 12's headers end at version 2. */
#define FS_TRUNCATE (UINT64_C(1) << 14)		/* version 3, Linux 6.2 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)	/* version 5, Linux 6.10 */
#define NET_TCP UINT64_C(3)			/* version 4, Linux 6.7: bind and connect */
#define SCOPES UINT64_C(3)			/* version 6, Linux 6.12: abstract sockets and signals */

#define FS_ALL_2 (LANDLOCK_ACCESS_FS_REFER * 2 - 1)	/* every right up to version 2 */
#define FS_GRANTED (FS_ALL_2 & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE)

enum {
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_NET = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6,
};

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;	/* version 4 */
	uint64_t scoped;		/* version 6 */
};

static struct ruleset_attr attr_for(int abi)
{
	struct ruleset_attr attr = { .handled_access_fs = FS_ALL_2 };

	if (abi >= ABI_TRUNCATE)
		attr.handled_access_fs |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL)
		attr.handled_access_fs |= FS_IOCTL_DEV;
	if (abi >= ABI_NET)
		attr.handled_access_net = NET_TCP;
	if (abi >= ABI_SCOPE)
		attr.scoped = SCOPES;
	return attr;
}

static size_t attr_size(int abi)
{
	if (abi >= ABI_SCOPE)
		return sizeof(struct ruleset_attr);
	return abi >= ABI_NET ? offsetof(struct ruleset_attr, scoped) :
				offsetof(struct ruleset_attr, handled_access_net);
}

static int add_directories(int ruleset_fd, uint64_t handled, const int *dirfds, size_t count)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < count; i++) {
		struct landlock_path_beneath_attr rule = {
			.allowed_access = handled & (FS_GRANTED | FS_TRUNCATE),
			.parent_fd = dirfds[i],
		};

		r = kern_landlock_add_rule(ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule);
	}
	return r;
}

int confine_files(const int *dirfds, size_t count, int *ret_abi, struct error *err)
{
	int abi = kern_landlock_create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION), r;
	struct ruleset_attr attr = attr_for(abi);
	scoped(fd) int ruleset_fd = -1;

	*ret_abi = 0;
	if (abi < ABI_REFER)
		return 0;
	ruleset_fd = kern_landlock_create_ruleset(&attr, attr_size(abi), 0);
	r = ruleset_fd < 0 ? ruleset_fd : add_directories(ruleset_fd, attr.handled_access_fs, dirfds, count);
	if (r >= 0)
		r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r >= 0)
		r = kern_landlock_restrict_self(ruleset_fd, 0);
	if (r < 0)
		return error_sys(err, r, "the committer cannot confine itself with Landlock");
	*ret_abi = abi;
	return 0;
}
