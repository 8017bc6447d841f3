/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.h - everything that a changeset says about one file, read from the file
 *
 * Nothing that is read is trusted: a name is one component below an open directory and is never followed;
 * only regular files and directories are opened, without blocking and without becoming a controlling
 * terminal; fifos, sockets and device nodes are looked at from outside. A file that changes while it is read
 * is read again.
 *
 * The same code reads base and branch, before and after judging, so that equal facts mean equal files.
 */
#pragma once

#include "base/progress.h"
#include "overlay/xattr.h"

#include <sys/stat.h>

#define FACTS_PROGRESS "comparing files"

enum {
	FACTS_CHUNK_BYTES = 1 << 17,
	FACTS_TRIES = 5,		/* before a file that keeps changing is given up */
	FACTS_BINARY_BYTES = 8000,	/* where a NUL makes a file binary, as in git */
};

struct facts_reader {
	struct xattr_reader xattr;
	bool is_branch;			/* what may not be read is an error, not unread */
	/* a copy that nobody else knows: open also what its mode shuts us out from, and put the mode back */
	bool is_ours;
	uint64_t bytes_left;		/* of regular content; counts down in a branch, unused for a base */
	const struct progress *progress;	/* told at each chunk; may be NULL */
	uint64_t names_count;		/* that were looked at so far, for it */
	bool looks_at_content;		/* regular files' facts have `content`, which scan is for */
	struct content_scan scan;
	char chunk[FACTS_CHUNK_BYTES];
};

struct file_view {
	struct file_facts facts;
	struct overlay_marks marks;
	struct stat st;			/* as it was when the content was complete */
	bool binary, sparse;
	/* base only: may not be opened by this user; digest and xattrs are missing */
	bool unread;
};

/** file_type_from_mode() - what st_mode says a file is; Return: its type, FILE_NONE where it says none */
enum file_type file_type_from_mode(mode_t mode);

/**
 * facts_read() - look at one name
 * @reader: scratch memory, limits and rules; its arena owns xattrs and symlink targets
 * @dirfd:  open directory
 * @name:   one component, or "."
 * @ret:    what is there
 *
 * A directory's facts do not cover what is in it.
 *
 * Errors: -ENOENT nothing there; -EAGAIN it kept changing; -EFBIG more content than @reader has left; -E2BIG,
 * -EMSGSIZE as xattr_read_fd(); others from the kernel.
 * Return: 0 or negative errno.
 */
int facts_read(struct facts_reader *reader, int dirfd, const char *name, struct file_view *ret);

/**
 * facts_read_listed() - facts_read() of what a directory of the branch lists as a regular file
 * @reader: that of a branch
 * @dirfd:  open directory
 * @name:   one component, DT_REG when the directory was read
 * @ret:    what is there
 *
 * Saves a call per file by opening before looking; what is found to be something else after all is closed and
 * read as facts_read() does. Not for a base: opening a fifo there would wake up somebody's writer.
 *
 * Errors: as facts_read().
 * Return: 0 or negative errno.
 */
int facts_read_listed(struct facts_reader *reader, int dirfd, const char *name, struct file_view *ret);

/**
 * facts_open() - open for reading, never through a link, without moving the access time where the kernel lets
 * us; Return: a descriptor or negative errno
 */
int facts_open(int dirfd, const char *name);

/** facts_from_stat() - type, mode, owner, size and time; what needs more than a stat stays zero */
void facts_from_stat(const struct stat *st, struct file_facts *ret);

/**
 * facts_is_whiteout() - whether overlayfs put this in an upper layer to say that the base's name is deleted
 */
bool facts_is_whiteout(const struct file_view *view, bool parent_has_whiteouts);

/**
 * facts_compare() - what became of a file
 * @old_view:  the base's side; type FILE_NONE where there is nothing
 * @new_view:  the branch's side, owners as the host will have them; likewise
 * @ret_flags: enum change_flags that follow from the two
 *
 * Of regular files the modification time counts, since `touch` is a change that people mean; of directories,
 * links and special files it does not, since it follows from other changes.
 *
 * Return: the kind of change; CHANGE_INVALID where both are the same.
 */
enum change_kind facts_compare(const struct file_view *old_view, const struct file_view *new_view,
		unsigned *ret_flags);

/** facts_compare_xattrs() - CHANGE_XATTRS, CHANGE_ACL and CHANGE_CAPABILITY as they follow from two sides */
unsigned facts_compare_xattrs(const struct file_facts *old_facts, const struct file_facts *new_facts);
