/* SPDX-License-Identifier: Apache-2.0 */
/*
 * changeset.h - what a branch would change, as a sorted list with digests
 *
 * A changeset is immutable once built. It is what policy judges, what a person reads and what the committer
 * applies, bound together by one digest over its canonical JSON. Invariants:
 *
 *   - entries are sorted by (root, path bytes) and unique
 *   - `path` is clean (base/path.h), relative to its root, any bytes but NUL; never "."... except for the
 *     root directory itself, whose metadata may change
 *   - an entry speaks of its own path alone: "old" is what the base has there now, "new" what the branch has
 *     there, and a side that does not exist is zero. So no rule over paths is passed by moving a file: a move
 *     is an entry CHANGE_RENAMED at the new path *and* a deletion at the old one (its own entry with
 *     CHANGE_MOVED, or a directory above it with CHANGE_TREE). Only for CHANGE_RENAMED, whose path the base
 *     does not have, "old" describes the base's file at `renamed_from`
 *   - deleting a directory lists the directory alone, with CHANGE_TREE set and `old_count` entries below it;
 *     adding one lists every entry in it. A directory that was removed and made anew is compared entry by
 *     entry with the base's: what is the same in both is no change
 *   - entries that share a link_group have the same new_file; one whose only change is to have joined the
 *     group is CHANGE_METADATA
 *
 * Everything is owned by the arena that overlay_diff() or changeset_read() was given.
 */
#pragma once

#include "base/hash.h"
#include "json/json.h"
#include "scan/content.h"

#include <sys/types.h>
#include <time.h>

enum change_kind {
	CHANGE_INVALID,
	CHANGE_ADDED,
	CHANGE_MODIFIED,		/* content, or a symlink's target; metadata may differ too */
	CHANGE_DELETED,
	/* new, with the exact content that `renamed_from` had before it was deleted */
	CHANGE_RENAMED,
	/* same content; mode, owner, mtime of a file, xattrs or links differ */
	CHANGE_METADATA,
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
	CHANGE_MOVED = 1 << 1,		/* deleted file; a CHANGE_RENAMED entry has its content */
	CHANGE_SPARSE = 1 << 2,		/* the new file has holes */
	CHANGE_BINARY = 1 << 3,		/* a NUL in the first 8000 bytes of either side */
	CHANGE_XATTRS = 1 << 4,		/* xattrs differ (without user.overlay.* of the overlay itself) */
	CHANGE_ACL = 1 << 5,		/* among them a POSIX ACL */
	/* the new file has security.capability and the old one not the same */
	CHANGE_CAPABILITY = 1 << 6,
	CHANGE_STALE = 1 << 7,		/* the base's file changed after the branch began */
	CHANGE_UNREAD = 1 << 8,		/* the base's side may not be read by this user: its digest is zero */
	/* content is the base's with some of the branch's changes; it is kept by its digest (compose.h) */
	CHANGE_COMPOSED = 1 << 9,
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
	/* since the epoch, negative before it, clamped where 64 bits end; see file_mtime() */
	int64_t mtime_ns;
	/* regular: of the content; symlink: of the target; CHANGE_TREE: see tree.h; else zero */
	struct digest digest;
	struct str target;		/* symlink */
	dev_t device;			/* device nodes */
	const struct xattr *xattrs;	/* sorted by name */
	size_t xattr_count;
	/* of the new side, where change_has_content(); all zero where nobody looked, as in old changesets */
	struct content content;
};

struct change {
	enum change_kind kind;
	unsigned root;			/* index into changeset.roots */
	unsigned flags;			/* enum change_flags */
	struct str path;		/* NUL-terminated */
	struct str renamed_from;	/* empty unless CHANGE_RENAMED; in the same root, NUL-terminated */
	uint64_t link_group;		/* hard links to one file share a number, from 1; 0: alone */
	uint64_t old_count;		/* entries below a deleted directory, itself not counted */
	struct file_facts old_file, new_file;
};

struct changeset {
	const char *const *roots;	/* absolute clean host paths */
	size_t root_count;
	const struct change *changes;
	size_t count;
	/* of the new regular files whose content is not the old one's; a link group once */
	uint64_t total_bytes;
	struct digest digest;		/* over the canonical JSON without this field */
};

enum {
	CHANGESET_VERSION = 1,
	CHANGES_MAX = 1 << 20,
	CHANGE_ROOTS_MAX = 64,
	CHANGE_XATTRS_MAX = 64,
	CHANGE_DEPTH_MAX = 4096,
};

/** change_kind_name() - "added", "modified", "deleted", "renamed", "metadata", "type" */
const char *change_kind_name(enum change_kind kind);

/**
 * file_type_name() - "none", "file", "directory", "symlink", "fifo", "socket", "char-device", "block-device"
 */
const char *file_type_name(enum file_type type);

/**
 * change_flag_name() - the name of one flag as the public form has it, such as "tree"; NULL for no flag of
 * ours
 */
const char *change_flag_name(unsigned flag);

/** file_mtime() - as the kernel's calls take it */
struct timespec file_mtime(const struct file_facts *facts);

/** change_has_content() - whether the entry brings bytes of a regular file that its base does not have */
bool change_has_content(const struct change *change);

/** change_compare() - the order of entries: by root, then by path bytes; Return: <0, 0, >0 */
int change_compare(const struct change *a, const struct change *b);

/**
 * changeset_write() - the public form (docs/formats/changeset.md) as canonical JSON text
 * @buf:       grows; JSON_TEXT_MAX is a good limit, since nobody reads more
 * @changeset: what to write, sealed
 *
 * Errors: -EMSGSIZE the buffer's limit.
 * Return: 0 or negative errno.
 */
int changeset_write(struct buf *buf, const struct changeset *changeset);

/**
 * changeset_write_sealing() - the public form, and the digest that changeset_seal() would give it
 * @buf:       empty; grows
 * @changeset: what to write; its own digest is what the text gets
 * @ret:       the digest of what was written
 *
 * Errors: -EMSGSIZE the buffer's limit.
 * Return: 0 or negative errno.
 */
int changeset_write_sealing(struct buf *buf, const struct changeset *changeset, struct digest *ret);

/** change_write() - one entry as canonical JSON text; Return: as changeset_write() */
int change_write(struct buf *buf, const struct change *change);

/**
 * changeset_to_json() - the public form as a value
 * @arena:     owns the result
 * @changeset: what to write, sealed
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

/**
 * changeset_parse() - from the text that changeset_write() wrote, strictly
 * @arena: owns the result
 * @text:  the whole of a file, say
 * @ret:   the changeset
 * @err:   says which field, or where in the text
 *
 * What changeset_read() does, without writing the value again to see what its text was.
 *
 * Errors: as json_read() and changeset_read().
 * Return: 0 or negative errno.
 */
int changeset_parse(struct arena *arena, struct str text, struct changeset *ret, struct error *err);

/**
 * changeset_seal() - sort nothing, check nothing: compute the digest over the canonical text without it
 * @changeset: its digest is set
 *
 * Errors: -EMSGSIZE the text would be longer than JSON_TEXT_MAX.
 * Return: 0 or negative errno.
 */
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

/**
 * changeset_root_of() - which root a path of the host lies in
 * @changeset: its roots may lie in each other: the innermost counts
 * @path:      absolute, clean
 *
 * Return: the root's index, or -1 where none holds the path.
 */
int changeset_root_of(const struct changeset *changeset, const char *path);
