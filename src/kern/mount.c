// SPDX-License-Identifier: Apache-2.0
/*
 * mount.c - file systems and mounts as descriptors
 *
 * A file system explains a refused option in a log that is read from its configuration descriptor; that text
 * goes into the error, since "Invalid argument" alone has cost people whole afternoons.
 */
#include "kern/mount.h"

#include "base/fd.h"
#include "base/quote.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>

enum {
	LOG_BYTES = 256,
	/* MNT_DETACH: <sys/mount.h> has it, and cannot stand beside <linux/mount.h> */
	UMOUNT_DETACH = 2,
};

/* The log's lines begin with a letter and a space: "e overlay: upperdir is in-use". */
static int fail(int fd, const char *type, int code, struct error *err)
{
	char line[LOG_BYTES];
	ssize_t n = kern_read(fd, line, sizeof(line));

	while (n > 2 && line[n - 1] == '\n')
		n--;
	if (n <= 2)
		return error_sys(err, code, "cannot mount %s", type);
	return error_sys(err, code, "cannot mount %s: %s", type,
		quote_text((struct str){ line + 2, (size_t)n - 2 }).text);
}

static int configure(int fd, const struct kern_mount_option *options, size_t count)
{
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++)
		r = kern_fsconfig(fd, options[i].value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
			options[i].key, options[i].value, 0);
	return r < 0 ? r : kern_fsconfig(fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

int kern_mount_new(const char *type, const struct kern_mount_option *options, size_t count, unsigned attr,
	struct error *err)
{
	scoped(fd) int fd = kern_fsopen(type, FSOPEN_CLOEXEC);
	int r, mount;

	if (fd < 0)
		return error_sys(err, fd, "cannot mount %s: fsopen", type);
	r = configure(fd, options, count);
	if (r < 0)
		return fail(fd, type, r, err);
	mount = kern_fsmount(fd, FSMOUNT_CLOEXEC, attr);
	return mount < 0 ? fail(fd, type, mount, err) : mount;
}

int kern_mount_clone(int fd)
{
	return kern_open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
}

int kern_mount_set(int fd, uint64_t attr, bool all)
{
	struct mount_attr set = { .attr_set = attr };

	return kern_mount_setattr(fd, "", AT_EMPTY_PATH | (all ? AT_RECURSIVE : 0), &set, sizeof(set));
}

int kern_mount_idmap(int fd, int userns_fd)
{
	struct mount_attr set = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns_fd };

	return kern_mount_setattr(fd, "", AT_EMPTY_PATH, &set, sizeof(set));
}

int kern_mount_attach(int fd, int target_fd)
{
	return kern_move_mount(fd, "", target_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int mount_id(int dirfd, const char *path, uint64_t *ret)
{
	struct statx st;
	int r = kern_statx(dirfd, path, AT_EMPTY_PATH, STATX_MNT_ID, &st);

	if (r >= 0 && !(st.stx_mask & STATX_MNT_ID))
		r = -EOPNOTSUPP;
	if (r >= 0)
		*ret = st.stx_mnt_id;
	return r;
}

/* "..", asked for at the root, climbs whatever lies on top of the root: nothing may. */
static int check_bare_root(int fd)
{
	uint64_t root, top;
	int r = mount_id(fd, "", &root);

	if (r >= 0)
		r = mount_id(AT_FDCWD, "..", &top);
	return r >= 0 && root != top ? -EBUSY : r;
}

int kern_mount_enter_root(int fd)
{
	int r = kern_fchdir(fd);

	if (r >= 0)
		r = kern_pivot_root(".", ".");
	/* The old root now lies on top of the new one: what "." names for unmounting. */
	if (r >= 0)
		r = kern_umount2(".", UMOUNT_DETACH);
	if (r >= 0)
		r = check_bare_root(fd);
	return r < 0 ? r : kern_chdir("/");
}
