/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.h - what a commit or an undo is about to do, in a form that outlives a crash
 *
 * A journal is a text file of JSON lines (docs/formats/journal.md): a header, one line per step, a seal, and
 * then one line each time the state changes. The seal holds the number of steps and a SHA-256 over every byte
 * before it; state lines are chained to it in the same way. Whatever is not whole is not there: a journal
 * without its seal has done nothing yet, a state line that was cut off was never reached.
 *
 * Every step is a rename between a path of the workspace and a slot, which lies in directories of ours alone,
 * or a change of a directory's own metadata. A step says what goes in and what comes out, so it can be run
 * either way, and by looking into its slot anyone can tell whether it was run.
 *
 *	where the slots are	TREE	<storage>/commit/N/tree/PATH	the branch's upper directory, taken whole
 *				NEW	<commit dir>/new/K		copies, numbered
 *				OLD	<commit dir>/old/K		what was deleted
 *
 * where <commit dir> is <storage>/commit/N, or, where that is on another mount than the root, <root>/<stage>,
 * and the old content is copied to <storage>/commit/N/kept/K before the commit.
 */
#pragma once

#include "overlay/inspect.h"

enum journal_kind {
	JOURNAL_COMMIT,
	JOURNAL_UNDO,
};

enum journal_state {
	JOURNAL_TORN,			/* no seal: nothing was done to the workspace or the branch */
	JOURNAL_SEALED,			/* steps are being taken */
	JOURNAL_APPLIED,		/* all of them were */
	/* and the staging directories are gone from the roots; only where there were any */
	JOURNAL_CLEANED,
	JOURNAL_REVERTING,		/* they are being taken back */
	JOURNAL_REVERTED,
	JOURNAL_UNDONE,			/* a commit that a later undo took back */
};

enum step_kind {
	STEP_INVALID,
	STEP_SWAP,			/* in and out change places; one of them may be nothing */
	STEP_WITHIN,			/* lies in the directory that the swap before it moves whole */
	STEP_DIRECTORY,			/* metadata of a directory that stays where it is */
};

enum step_slot {
	SLOT_NONE,
	SLOT_TREE,
	SLOT_NEW,
	SLOT_OLD,
};

enum {
	JOURNAL_VERSION = 1,
	/* A step's mtime that is not to be set. */
#define MTIME_LEAVE INT64_MIN
};

struct xattr_list {
	const struct xattr *items;	/* sorted by name */
	size_t count;
};

struct step {
	enum step_kind kind;
	enum step_slot slot;		/* of a STEP_SWAP */
	unsigned root;
	/* names the slot in new/, old/ and kept/; the same in the undo of a commit */
	uint32_t number;
	struct str path;		/* NUL-terminated */
	struct file_mark in, out;
	bool set_xattrs;		/* STEP_DIRECTORY: the xattrs are to be changed too */
	struct xattr_list in_xattrs, out_xattrs;
};

/* What becomes of the branch's upper directory. */
enum root_tree {
	TREE_LEAVE,			/* files are copied from it */
	TREE_TAKE,			/* it is made the tree of the commit before the first step */
	TREE_GIVE,			/* the tree becomes the upper directory again after the last step */
};

struct journal_root {
	const char *path, *storage;	/* absolute */
	enum root_tree tree;
	/* the commit dir is in the root, since the storage is on another mount */
	bool staged;
	int64_t mtime_ns;		/* of the root before that; only where it is staged */
};

struct journal {
	enum journal_kind kind;
	enum journal_state state;
	unsigned number;		/* of the commit that it makes or undoes */
	const char *id;			/* of the session */
	uint64_t time_ns;
	struct digest changeset;
	struct journal_root *roots;
	size_t root_count;
	struct hash hash;		/* of the file so far, and its length: whoever writes on needs both */
	uint64_t len_bytes;
	/* swaps and what is within them by root and path, then directories likewise */
	struct step *steps;
	size_t step_count;
};

enum {
	JOURNAL_NAME_SIZE = 32,
	JOURNAL_LINE_MAX = 16 << 20,
	JOURNAL_TEXT_MAX = 1 << 30,
	JOURNAL_STEPS_MAX = 4 << 20,
};

/** journal_name() - the file's name: "3.commit" or "3.undo" */
void journal_name(enum journal_kind kind, unsigned number, char ret[JOURNAL_NAME_SIZE]);

/** journal_stage_name() - the staging directory's name in a root, from the session's id and the number */
void journal_stage_name(const char *id, unsigned number, char ret[JOURNAL_NAME_SIZE * 2]);

/**
 * journal_create() - write the header
 * @dirfd:   where journals are kept
 * @journal: header fields are used; there must be no such file yet
 * @ret_fd:  open for append, owned by the caller
 *
 * Errors: -EEXIST this number was used.
 * Return: 0 or negative errno.
 */
int journal_create(int dirfd, struct journal *journal, int *ret_fd);

/**
 * journal_seal() - write the steps and the seal
 * @fd:      from journal_create()
 * @journal: its state becomes JOURNAL_SEALED
 *
 * Whoever takes a step after this has made the journal last before, by journal_sync() or by a sync of its
 * file system.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int journal_seal(int fd, struct journal *journal);

/** journal_sync() - make a journal and its name last; Return: 0 or negative errno */
int journal_sync(int dirfd, int fd);

/**
 * journal_set_state() - append a state line and make it last
 * @dirfd:   where journals are kept
 * @journal: its file is found by kind and number; its state is changed
 * @state:   the new one
 *
 * A part of a line that a crash left behind the last whole one is cut off first.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int journal_set_state(int dirfd, struct journal *journal, enum journal_state state);

/**
 * journal_read() - read a journal's text
 * @arena: owns what it says
 * @text:  the file's bytes, any bytes
 * @ret:   the journal; one that is torn may hold no steps
 * @err:   says which line
 *
 * Errors: -EBADMSG what is sealed is not what was sealed, or says something impossible; -EMSGSIZE over a
 * limit.
 * Source: docs/formats/journal.md
 * Return: 0 or negative errno.
 */
int journal_read(struct arena *arena, struct str text, struct journal *ret, struct error *err);

/**
 * journal_load() - open, read and check a journal
 * @dirfd:  where journals are kept
 * @kind:   which
 * @number: which
 * @arena:  owns what it says
 * @ret:    the journal
 * @err:    what failed
 *
 * Errors: -ENOENT there is none; -EBADMSG as journal_read(), or it is not the one that its name says.
 * Return: 0 or negative errno.
 */
int journal_load(int dirfd, enum journal_kind kind, unsigned number, struct arena *arena, struct journal *ret,
	struct error *err);

/**
 * journal_load_head() - journal_load() of everything but the steps
 * @dirfd:  where journals are kept
 * @kind:   which
 * @number: which
 * @arena:  owns what it says
 * @ret:    the journal; without steps, and fit for journal_set_state()
 * @err:    what failed
 *
 * The steps are held against the seal all the same, but not understood, which is most of the work.
 *
 * Errors: as journal_load().
 * Return: 0 or negative errno.
 */
int journal_load_head(int dirfd, enum journal_kind kind, unsigned number, struct arena *arena,
	struct journal *ret, struct error *err);

struct journal_ref {
	unsigned number;
	enum journal_kind kind;
};

/**
 * journal_list() - the journals that there are
 * @dirfd:     where journals are kept
 * @arena:     owns the list
 * @ret:       kind and number of each, by number, a commit before its undo
 * @ret_count: how many
 *
 * Files of other names are not looked at.
 *
 * Errors: from the kernel.
 * Return: 0 or negative errno.
 */
int journal_list(int dirfd, struct arena *arena, struct journal_ref **ret, size_t *ret_count);

/** journal_is_open() - whether a crash left it so that something has to be done */
bool journal_is_open(const struct journal *journal);

/** journal_remove() - forget it; Return: 0 (also where there is none) or negative errno */
int journal_remove(int dirfd, enum journal_kind kind, unsigned number);
