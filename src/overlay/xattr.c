// SPDX-License-Identifier: Apache-2.0
/*
 * xattr.c - extended attributes, and the marks of overlayfs among them
 *
 * Most files have no attribute at all or a mark of overlayfs, so one call with a small buffer settles them;
 * the kernel allocates, and clears, as much as it is offered. A list that changes between two calls (only the
 * base's can) shows as ENODATA or ERANGE, which the caller's look at the change time turns into another try.
 */
#include "overlay/xattr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#define MARK_PREFIX "user.overlay."

/* One file, open or as a path that is not followed. */
struct subject {
	int fd;				/* -1: use the path */
	const char *path;
};

enum name_class {
	NAME_IGNORED,
	NAME_LISTED,
	NAME_ESCAPED,			/* listed without the first "overlay." behind the prefix */
	NAME_MARK,
};

static ssize_t list_names_once(const struct subject *subject, char *ret, size_t len)
{
	if (subject->fd >= 0)
		return kern_flistxattr(subject->fd, ret, len);
	return kern_llistxattr(subject->path, ret, len);
}

static ssize_t list_names(const struct subject *subject, struct xattr_reader *reader)
{
	ssize_t len = list_names_once(subject, reader->list, XATTR_BYTES_USUAL);

	return len == -ERANGE ? list_names_once(subject, reader->list, sizeof(reader->list)) : len;
}

static ssize_t get_value(const struct subject *subject, const char *name, char *ret, size_t len)
{
	if (subject->fd >= 0)
		return kern_fgetxattr(subject->fd, name, ret, len);
	return kern_lgetxattr(subject->path, name, ret, len);
}

bool xattr_is_acl(const char *name)
{
	return !strcmp(name, "system.posix_acl_access") || !strcmp(name, "system.posix_acl_default");
}

static enum name_class classify(const struct xattr_reader *reader, struct str name)
{
	struct str prefix = reader->trusted ? STR("trusted.overlay.") : STR("user.overlay.");

	if (str_starts_with(name, prefix)) {
		struct str rest = { name.data + prefix.len, name.len - prefix.len };

		return str_starts_with(rest, STR("overlay.")) ? NAME_ESCAPED : NAME_MARK;
	}
	if (str_starts_with(name, STR("user.")) || xattr_is_acl(name.data) ||
			str_eq(name, STR("security.capability")))
		return NAME_LISTED;
	return NAME_IGNORED;
}

static int read_mark(struct xattr_reader *reader, const struct subject *subject, const char *name,
		struct overlay_marks *marks)
{
	const char *mark = strrchr(name, '.') + 1;
	ssize_t len;

	marks->any = true;
	if (!strcmp(mark, "whiteout"))
		marks->whiteout = true;
	else if (!strcmp(mark, "redirect"))
		marks->redirect = true;
	else if (!strcmp(mark, "metacopy"))
		marks->metacopy = true;
	if (strcmp(mark, "opaque"))
		return 0;
	len = get_value(subject, name, reader->value, sizeof(reader->value));
	if (len < 0)
		return (int)len;
	marks->opaque = len == 1 && reader->value[0] == 'y';
	marks->has_whiteouts = len == 1 && reader->value[0] == 'x';
	return 0;
}

/* Insertion keeps the list sorted; it has CHANGE_XATTRS_MAX elements at most. */
static void insert(struct xattr *xattrs, size_t count, struct xattr xattr)
{
	size_t at = count;

	for (; at && strcmp(xattrs[at - 1].name, xattr.name) > 0; at--)
		xattrs[at] = xattrs[at - 1];
	xattrs[at] = xattr;
}

static int read_listed(struct xattr_reader *reader, const struct subject *subject, struct str name,
	bool escaped, struct xattr *ret)
{
	size_t prefix = strlen(reader->trusted ? "trusted.overlay." : "user.overlay.");
	ssize_t len = get_value(subject, name.data, reader->value, sizeof(reader->value));
	char *copy;

	if (len < 0)
		return (int)len;
	copy = arena_copy(reader->arena, name.data, name.len);
	ret->value = (struct str){ arena_copy(reader->arena, reader->value, (size_t)len), (size_t)len };
	if (!copy || !ret->value.data)
		return -EMSGSIZE;
	if (escaped)
		memmove(copy + prefix, copy + prefix + strlen("overlay."),
			name.len + 1 - prefix - strlen("overlay."));
	ret->name = copy;
	return 0;
}

static int read_names(struct xattr_reader *reader, const struct subject *subject, struct str names,
		struct file_facts *ret, struct overlay_marks *marks)
{
	struct xattr xattrs[CHANGE_XATTRS_MAX], *copy;
	size_t count = 0;
	int r = 0;

	for (struct str name; names.len; names.data += name.len + 1, names.len -= name.len + 1) {
		enum name_class name_class;
		struct xattr xattr = { 0 };

		name = str_from(names.data);
		name_class = classify(reader, name);
		if (name_class == NAME_MARK)
			r = read_mark(reader, subject, name.data, marks);
		if (r < 0)
			return r;
		if (name_class == NAME_MARK || name_class == NAME_IGNORED)
			continue;
		if (count == ARRAY_SIZE(xattrs))
			return -E2BIG;
		r = read_listed(reader, subject, name, name_class == NAME_ESCAPED, &xattr);
		if (r < 0)
			return r;
		insert(xattrs, count++, xattr);
	}
	if (!count)
		return 0;
	copy = arena_alloc_array(reader->arena, count, sizeof(*copy));
	if (!copy)
		return -EMSGSIZE;
	memcpy(copy, xattrs, count * sizeof(*copy));
	ret->xattrs = copy;
	ret->xattr_count = count;
	return 0;
}

static int read_subject(struct xattr_reader *reader, const struct subject *subject, struct file_facts *ret,
		struct overlay_marks *ret_marks)
{
	ssize_t len = list_names(subject, reader);

	*ret_marks = (struct overlay_marks){ 0 };
	ret->xattrs = NULL;
	ret->xattr_count = 0;
	if (len <= 0)
		return len == -EOPNOTSUPP ? 0 : (int)len;
	return read_names(reader, subject, (struct str){ reader->list, (size_t)len }, ret, ret_marks);
}

int xattr_read_fd(struct xattr_reader *reader, int fd, struct file_facts *ret,
	struct overlay_marks *ret_marks)
{
	const struct subject subject = { .fd = fd };

	return read_subject(reader, &subject, ret, ret_marks);
}

int xattr_read_at(struct xattr_reader *reader, int dirfd, const char *name, struct file_facts *ret,
		struct overlay_marks *ret_marks)
{
	char path[NAME_MAX + 32];
	const struct subject subject = { .fd = -1, .path = path };

	/*
	 * A descriptor's magic link leads to the directory itself; the name in it is the last component: not
	 * followed.
	 */
	if ((size_t)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return read_subject(reader, &subject, ret, ret_marks);
}

static int strip_names(int fd, struct str names)
{
	int r = 0;

	for (struct str name; r >= 0 && names.len; names.data += name.len + 1, names.len -= name.len + 1) {
		name = str_from(names.data);
		if (str_starts_with(name, STR(MARK_PREFIX)))
			r = kern_fremovexattr(fd, name.data);
	}
	return r;
}

static int strip_long_list(int fd)
{
	char names[XATTR_BYTES_MAX];
	ssize_t len = kern_flistxattr(fd, names, sizeof(names));

	return len < 0 ? (int)len : strip_names(fd, (struct str){ names, (size_t)len });
}

int xattr_strip_marks(int fd)
{
	char names[XATTR_BYTES_USUAL];
	ssize_t len = kern_flistxattr(fd, names, sizeof(names));

	if (len == -ERANGE)
		return strip_long_list(fd);
	return len < 0 ? (int)len : strip_names(fd, (struct str){ names, (size_t)len });
}

int xattr_strip_marks_at(int dirfd, const char *name)
{
	char names[XATTR_BYTES_USUAL];
	ssize_t len = kern_listxattrat(dirfd, name, AT_SYMLINK_NOFOLLOW, names, sizeof(names));
	struct str rest = { names, len < 0 ? 0 : (size_t)len };
	int r = (int)MIN(len, (ssize_t)0);

	for (struct str one; r >= 0 && rest.len; rest.data += one.len + 1, rest.len -= one.len + 1) {
		one = str_from(rest.data);
		if (str_starts_with(one, STR(MARK_PREFIX)))
			r = kern_removexattrat(dirfd, name, AT_SYMLINK_NOFOLLOW, one.data);
	}
	return r;
}

const struct xattr *xattr_find(const struct file_facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->xattr_count; i++)
		if (!strcmp(facts->xattrs[i].name, name))
			return &facts->xattrs[i];
	return NULL;
}

/* ---- POSIX ACLs ---- */

enum {
	ACL_VERSION_BYTES = 4,
	ACL_ENTRY_BYTES = 8,		/* le16 tag, le16 permissions, le32 id */
	ACL_VERSION = 2,
	ACL_TAG_USER = 0x02,
	ACL_TAG_GROUP = 0x08,
};

static uint32_t get_number(const char *at, int bytes)
{
	uint32_t number = 0;

	while (bytes--)
		number = number << 8 | (unsigned char)at[bytes];
	return number;
}

static void put_number(char *at, uint32_t number)
{
	for (int i = 0; i < 4; i++, number >>= 8)
		at[i] = (char)(number & 255);
}

int xattr_map_acl(struct arena *arena, struct str acl, uid_t from_uid, uid_t to_uid, gid_t from_gid,
	gid_t to_gid, struct str *ret)
{
	char *copy = arena_copy(arena, acl.data, acl.len);

	if (!copy)
		return -EMSGSIZE;
	*ret = (struct str){ copy, acl.len };
	if (acl.len < ACL_VERSION_BYTES || get_number(copy, ACL_VERSION_BYTES) != ACL_VERSION)
		return 0;
	for (char *at = copy + ACL_VERSION_BYTES; at + ACL_ENTRY_BYTES <= copy + acl.len;
			at += ACL_ENTRY_BYTES) {
		uint32_t tag = get_number(at, 2), id = get_number(at + 4, 4);

		if (tag == ACL_TAG_USER && id == from_uid)
			put_number(at + 4, to_uid);
		else if (tag == ACL_TAG_GROUP && id == from_gid)
			put_number(at + 4, to_gid);
	}
	return 0;
}
