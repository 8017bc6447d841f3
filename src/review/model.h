/* SPDX-License-Identifier: Apache-2.0 */
/*
 * model.h - what a person decides about a changeset, as data
 *
 * A review has files, a file has hunks, and a hunk has a decision. Nothing is taken unless a person said so:
 * what nobody decided is left. Content is not there from the start: each file is filled in when it is first
 * looked at, from what cordon-differ said about it (read.c), and a decision about a file that was not looked
 * at is one about all of it.
 *
 * Some files can only be taken or left as a whole: those that are new, gone or moved, of another type, binary
 * or too large, and hard links. Of the others every hunk can be chosen, and mode, owner and attributes are a
 * hunk of their own, so that a harmless line never brings a mode along. A hunk with several changed places
 * can be split; what is taken is named by lines of both sides (overlay/compose.h).
 *
 * A new directory is no file of its own where something in it brings it along, and the two halves of a move
 * are one. Of a file that was moved and edited (overlay/renames.h), its new name is a hunk of its own: who
 * takes another one takes the name with it, and who leaves the name leaves everything. Where a file moved out
 * of a deleted directory, that directory is a file of the review for itself.
 *
 * All text of a file is as safe for a terminal as the differ made it, and was checked to be so.
 */
#pragma once

#include "base/arena.h"
#include "overlay/compose.h"

enum {
	REVIEW_NONE_SUCH = -1,
	REVIEW_UNDO_MAX = 1000,
};

#define REVIEW_NOT_ASKED SIZE_MAX

/* How much all texts of a review may take; beyond it a file is not shown. */
#define REVIEW_BYTES_MAX ((size_t)512 << 20)

enum review_decision {
	REVIEW_OPEN,			/* nobody decided: it is left */
	REVIEW_TAKE,
	REVIEW_LEAVE,
};

enum review_line_kind {
	REVIEW_CONTEXT,
	REVIEW_ADDED,
	REVIEW_REMOVED,
};

struct review_line {
	enum review_line_kind kind;
	bool no_newline;		/* the file ends here, without one */
	struct str text;
	uint32_t old_line, new_line;	/* from 1; 0 on the side that does not have it */
};

enum review_hunk_kind {
	REVIEW_LINES,
	REVIEW_METADATA,		/* mode, owner, attributes: the file's notes say what */
	REVIEW_RENAME,			/* the new name of a file that was edited, too; before all others */
	REVIEW_WHOLE,			/* there is nothing to choose from */
};

struct review_hunk {
	enum review_hunk_kind kind;
	enum review_decision decision;
	bool is_folded;
	unsigned number, piece;		/* from 1, of the file's hunks with lines; @piece: 0 unless split */
	struct compose_edit range;	/* with the lines around */
	size_t first_line, line_count;	/* in the file's lines */
	size_t first_edit, edit_count;	/* in the file's edits */
};

struct review_finding {
	const char *verdict, *rule, *message;
};

struct review_file {
	size_t change;			/* index into the changeset */
	size_t origin;			/* of the deletion that is the other half of a move; else @change */
	bool is_read;			/* what follows is filled in */
	bool is_whole;			/* every hunk has the same decision */
	bool is_folded;
	bool is_blocked;		/* it is not what was judged: it cannot be taken */
	enum review_decision decision;	/* of a file that was not read yet */
	const struct str *notes;	/* in words, one line each */
	size_t note_count;
	struct review_line *lines;
	size_t line_count;
	struct compose_edit *edits;
	size_t edit_count;
	struct review_hunk *hunks;	/* one at least, once it is read */
	size_t hunk_count;
	size_t added_count, removed_count;	/* lines */
	const struct review_finding *findings;
	size_t finding_count;
};

struct review {
	struct arena *arena;		/* borrowed */
	const struct changeset *changeset;	/* borrowed; a view, where there are renames */
	const struct rename_list *renames;	/* borrowed; those that the view has */
	struct review_file *files;
	size_t file_count;
	struct review_file **file_of;	/* by change; NULL: brought along by others */
	struct review_undo *undo;	/* newest first */
	size_t undo_count;
};

/* ---- making it ---- */

/**
 * review_init() - all files of a changeset, nothing read and nothing decided
 * @review:    filled
 * @arena:     owns everything
 * @changeset: sorted; with the renames in it (renames_apply())
 * @renames:   those; borrowed
 *
 * Errors: -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int review_init(struct review *review, struct arena *arena, const struct changeset *changeset,
	const struct rename_list *renames);

/**
 * review_add_findings() - what judging found about one path
 * @review:   not yet shown
 * @root:     of the path
 * @path:     a path at which something changed; any other goes to the first file
 * @findings: @count of them; borrowed
 * @count:    how many
 */
void review_add_findings(struct review *review, unsigned root, struct str path,
	const struct review_finding *findings, size_t count);

/**
 * review_read() - fill files in from the differ's answer
 * @review:  its files get what is said about them
 * @changes: the answer's index of a change, to the changeset's; @count of them. REVIEW_NOT_ASKED: what is
 *           said about it is of no interest
 * @count:   how many changes were asked about
 * @text:    the whole answer (overlay/differ.h, DIFFER_MODEL)
 *
 * Errors: -EPROTO the answer is not complete, or no answer; -EMSGSIZE there is no more room.
 * Return: 0 or negative errno: then none of the files is read.
 */
int review_read(struct review *review, const size_t *changes, size_t count, struct str text);

/** review_give_up() - file @index cannot be shown: @why is its note, and it can only be taken whole */
void review_give_up(struct review *review, size_t index, const char *why);

/** review_similarity() - how much of a file is what it was under its old name; Return: percent */
unsigned review_similarity(const struct review *review, const struct review_file *file);

/** review_find_file() - the file of a path; Return: its index, or REVIEW_NONE_SUCH */
ssize_t review_find_file(const struct review *review, unsigned root, struct str path);

/* ---- deciding ---- */

/**
 * review_decide() - about one hunk, or with @hunk beyond the last about the file
 * @review:   remembers what was before
 * @file:     index
 * @hunk:     index
 * @decision: what is decided
 *
 * Return: false where the file cannot be taken.
 */
bool review_decide(struct review *review, size_t file, size_t hunk, enum review_decision decision);

/** review_decide_all() - about every file that can be taken, as one decision */
void review_decide_all(struct review *review, enum review_decision decision);

/** review_undo() - take the newest decision back; Return: the file that it was about, or REVIEW_NONE_SUCH */
ssize_t review_undo(struct review *review);

/** review_split() - one hunk becomes one for each changed place; Return: whether there were several */
bool review_split(struct review *review, size_t file, size_t hunk);

/** review_file_decision() - of all hunks, where they agree; REVIEW_OPEN where not */
enum review_decision review_file_decision(const struct review_file *file);

/* ---- what came of it ---- */

struct review_sums {
	size_t hunks, decided, taken;	/* a file that was not read counts as one hunk */
	size_t files_taken, files_in_part;
};

/** review_sum() - how far it is */
struct review_sums review_sum(const struct review *review);

enum { REVIEW_TAKEN_MAX = 80 };		/* of two counts of 64 bits, with the words and the NUL */

/**
 * review_say_taken() - the files that are taken, as people say it
 * @sums: of a review
 * @ret:  "2 files", "parts of 1 file", "2 whole files and parts of 1"
 */
void review_say_taken(const struct review_sums *sums, char ret[REVIEW_TAKEN_MAX]);

/**
 * review_choice() - what is taken
 * @review:       decided as far as it is
 * @ret_selected: changeset->count flags
 * @ret_parts:    of what is selected: what is not taken whole
 * @ret_count:    how many of those
 *
 * Errors: -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int review_choice(const struct review *review, bool **ret_selected, struct compose_part **ret_parts,
	size_t *ret_count);
