/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xattr.h - extended attributes as the program in the sandbox saw them, and the marks that overlayfs keeps in
 * them
 *
 * overlayfs keeps its own state in `user.overlay.*` (mounted with `userxattr`, as we do) or
 * `trusted.overlay.*` of the upper layer, hides these names from programs, and escapes a program's own
 * attributes of such a name by one more "overlay.": what a program sets as user.overlay.opaque is stored as
 * user.overlay.overlay.opaque. So a mark that is read here is the kernel's word, and a forged one comes out
 * as the ordinary attribute that the program meant.
 *
 * What is listed: user.*, the two POSIX ACLs, and security.capability. Other security.* are labels that the
 * host's own policy assigns, and trusted.* cannot be written from a sandbox; neither belongs to a change.
 *
 * Source: Linux fs/overlayfs/xattrs.c; Documentation/filesystems/overlayfs.rst
 */
#pragma once

#include "overlay/changeset.h"

#include "kern/kern.h"

enum {
	XATTR_NAME_BYTES_MAX = 255,		/* XATTR_NAME_MAX of the kernel, without the NUL */
	XATTR_BYTES_MAX = 65536,		/* XATTR_SIZE_MAX and XATTR_LIST_MAX */
	XATTR_BYTES_USUAL = 512,		/* the names of most files are shorter */
};

/* The kernel's word about one file of an upper layer. */
struct overlay_marks {
	/* directory: the base's directory of that name does not show through */
	bool opaque;
	bool has_whiteouts;		/* directory: empty files in it that are marked so are whiteouts */
	bool whiteout;			/* file: marked so */
	bool any;			/* it has a mark, of whatever name */
	bool redirect, metacopy;	/* never with the options that we mount with */
};

struct xattr_reader {
	struct arena *arena;		/* owns names and values */
	/* the layer was mounted without userxattr: marks are trusted.overlay.* */
	bool trusted;
	char list[XATTR_BYTES_MAX], value[XATTR_BYTES_MAX];
};

/**
 * xattr_strip_marks() - take every mark of an overlay mounted with userxattr off a file
 * @fd: open, and its owner may write it
 *
 * Errors: from the kernel.
 * Source: removexattr(2)
 * Return: 0 or negative errno.
 */
int xattr_strip_marks(int fd);

/**
 * xattr_strip_marks_at() - xattr_strip_marks() of a name that is neither followed nor opened
 * @dirfd: its directory, O_PATH will do
 * @name:  one component
 *
 * Errors: -ENOSYS before Linux 6.13; -ERANGE it has unusually many attributes; others from the kernel.
 * Source: listxattrat(2), removexattrat(2)
 * Return: 0 or negative errno.
 */
int xattr_strip_marks_at(int dirfd, const char *name);

/**
 * xattr_read_fd() - the attributes of an open file
 * @reader:    scratch memory and rules
 * @fd:        open for reading, not O_PATH
 * @ret:       its xattrs and xattr_count are set: sorted by name, marks left out, escaped names restored
 * @ret_marks: what overlayfs said about it
 *
 * A file system without extended attributes has none.
 *
 * Errors: -E2BIG more than CHANGE_XATTRS_MAX; -EMSGSIZE the arena is full; others from the kernel.
 * Source: listxattr(2), getxattr(2)
 * Return: 0 or negative errno.
 */
int xattr_read_fd(struct xattr_reader *reader, int fd, struct file_facts *ret,
	struct overlay_marks *ret_marks);

/**
 * xattr_read_at() - as xattr_read_fd(), of a name that is neither followed nor opened
 * @reader:    scratch memory and rules
 * @dirfd:     open directory
 * @name:      one component, or "."
 * @ret:       as above
 * @ret_marks: as above
 *
 * Errors: as xattr_read_fd().
 * Return: 0 or negative errno.
 */
int xattr_read_at(struct xattr_reader *reader, int dirfd, const char *name, struct file_facts *ret,
		struct overlay_marks *ret_marks);

/** xattr_is_acl() - whether a name is that of a POSIX ACL */
bool xattr_is_acl(const char *name);

/** xattr_find() - the attribute of that name; Return: one of @facts, or NULL */
const struct xattr *xattr_find(const struct file_facts *facts, const char *name);

/**
 * xattr_map_acl() - a POSIX ACL in which one user's and one group's id are replaced
 * @arena:    owns the result
 * @acl:      value of system.posix_acl_access or system.posix_acl_default
 * @from_uid: becomes @to_uid in entries for users
 * @to_uid:   see above
 * @from_gid: becomes @to_gid in entries for groups
 * @to_gid:   see above
 * @ret:      the new value
 *
 * A value that is no ACL of version 2 is copied as it is.
 *
 * Errors: -EMSGSIZE the arena is full.
 * Source: Linux include/uapi/linux/posix_acl_xattr.h
 * Return: 0 or negative errno.
 */
int xattr_map_acl(struct arena *arena, struct str acl, uid_t from_uid, uid_t to_uid, gid_t from_gid,
	gid_t to_gid, struct str *ret);
