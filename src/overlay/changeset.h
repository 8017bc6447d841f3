/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changeset.h - what a branch would change, as a sorted list with digests
 *
 * A changeset is immutable once built. It is what policy judges, what a person reads and what the committer applies,
 * bound together by one digest over its canonical JSON. Invariants:
 *
 *   - entries are sorted by (root, path bytes) and unique
 *   - `path` is clean (base/path.h), relative to its root, any bytes but NUL; never "."... except for the root
 *     directory itself, whose metadata may change
 *   - "old" fields describe the base at the time of the diff, "new" fields the branch; a field whose side does
 *     not exist is zero
 *   - deleting a directory lists the directory alone, with CHANGE_TREE set and `old_count` entries below it; adding
 *     one lists every entry in it
 *
 * Everything is owned by the arena that overlay_diff() or changeset_read() was given.
 */
#pragma once

#include "base/hash.h"
#include "json/json.h"

#include <sys/types.h>

enum change_kind {
	CHANGE_INVALID,
	CHANGE_ADDED,
	CHANGE_MODIFIED,		/* content, or a symlink's target; metadata may differ too */
	CHANGE_DELETED,
	CHANGE_RENAMED,			/* from `renamed_from`; content may differ too (digests tell) */
	CHANGE_METADATA,		/* same content; mode, owner, mtime of a file, or xattrs differ */
	CHANGE_TYPE,			/* another type of file at the same path */
};

enum file_type {
	FILE_NONE,			/* this side does not exist */
	FILE_REGULAR,
	FILE_DIRECTORY,
	FILE_SYMLINK,
	FILE_FIFO,
	FILE_SOCKET,
	FILE_CHAR_DEVICE,
	FILE_BLOCK_DEVICE,
};

enum change_flags {
	CHANGE_TREE = 1 << 0,		/* deleted or replaced directory: everything below went with it */
	CHANGE_OPAQUE = 1 << 1,		/* new directory that hides the base's directory of that name */
	CHANGE_SPARSE = 1 << 2,		/* fewer blocks than its size needs */
	CHANGE_BINARY = 1 << 3,		/* a NUL in the first 8000 bytes of either side */
	CHANGE_XATTRS = 1 << 4,		/* xattrs differ (without user.overlay.* of the overlay itself) */
	CHANGE_ACL = 1 << 5,		/* among them a POSIX ACL */
	CHANGE_CAPABILITY = 1 << 6,	/* among them security.capability */
};

struct xattr {
	const char *name;		/* as the program in the sandbox saw it */
	struct str value;
};

struct file_facts {
	enum file_type type;
	mode_t mode;			/* permission bits and setuid, setgid, sticky: 07777 */
	uid_t uid;			/* as the host will own it */
	gid_t gid;
	uint64_t size_bytes;		/* regular files; a symlink's target length */
	uint64_t mtime_ns;
	struct digest digest;		/* regular: of the content; symlink: of the target; else zero */
	struct str target;		/* symlink */
	dev_t device;			/* device nodes */
	const struct xattr *xattrs;	/* sorted by name */
	size_t xattr_count;
};

struct change {
	enum change_kind kind;
	unsigned root;			/* index into changeset.roots */
	unsigned flags;			/* enum change_flags */
	struct str path;		/* NUL-terminated */
	struct str renamed_from;	/* empty unless CHANGE_RENAMED */
	uint64_t link_group;		/* hard links to one file share a number, from 1; 0: alone */
	uint64_t old_count;		/* entries below a deleted directory, itself not counted */
	struct file_facts old_file, new_file;
};

struct changeset {
	const char *const *roots;	/* absolute clean host paths */
	size_t root_count;
	const struct change *changes;
	size_t count;
	uint64_t total_bytes;		/* new content */
	struct digest digest;		/* over the canonical JSON without this field */
};

enum {
	CHANGES_MAX = 1 << 20,
	CHANGE_ROOTS_MAX = 64,
	CHANGE_XATTRS_MAX = 64,
	CHANGE_DEPTH_MAX = 4096,
};

/** change_kind_name() - "added", "modified", "deleted", "renamed", "metadata", "type" */
const char *change_kind_name(enum change_kind kind);

/** file_type_name() - "none", "file", "directory", "symlink", "fifo", "socket", "char-device", "block-device" */
const char *file_type_name(enum file_type type);

/**
 * changeset_to_json() - the public form (docs/formats/changeset.md)
 * @arena:     owns the result
 * @changeset: what to write; its digest is recomputed by the caller, see changeset_seal()
 *
 * Return: the value, or NULL when the arena is full.
 */
const struct json *changeset_to_json(struct arena *arena, const struct changeset *changeset);

/**
 * changeset_read() - from the public form, strictly
 * @arena: owns the result
 * @value: what changeset_to_json() wrote
 * @ret:   the changeset
 * @err:   says which field
 *
 * Checks every invariant above, and that the digest is right.
 *
 * Errors: -EBADMSG not a changeset, not sorted, wrong digest; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int changeset_read(struct arena *arena, const struct json *value, struct changeset *ret, struct error *err);

/** changeset_seal() - compute the digest over the canonical JSON; Return: 0 or -EMSGSIZE */
int changeset_seal(struct changeset *changeset);

/**
 * changeset_find() - the change at a path
 * @changeset: sorted
 * @root:      index
 * @path:      clean, relative
 *
 * Return: the change, or NULL.
 */
const struct change *changeset_find(const struct changeset *changeset, unsigned root, struct str path);
