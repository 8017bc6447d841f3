/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose.h - a part of what an agent changed in one file
 *
 * A person may take some of the changed places of a file and leave the others. What is committed then is a
 * file that nobody has written yet: the base's, with the chosen places as the branch has them. It is made
 * before anything is judged, stands in <storage>/composed under the digest of its content until the commit is
 * over, and is a change of its own, CHANGE_COMPOSED, which is judged and bound like any other. The branch's
 * own file is not touched: what was left is the difference between the two, compose_rest().
 *
 * A file that was moved and edited (renames.h) may be taken so, too: under its new name, with what was chosen
 * of the edits. Then the new file is made of the old one's content, the old name is deleted, and what was
 * left is a change of the new file.
 *
 * A changed place is named by its lines on both sides and not by a number that some algorithm gave it, so it
 * means the same to whoever showed it and to whoever makes the file.
 */
#pragma once

#include "base/buf.h"
#include "overlay/renames.h"

#define COMPOSED_DIR "composed"		/* in the storage; names in it are digests in hexadecimal */

enum {
	COMPOSE_EDITS_MAX = 1 << 20,
};

/* These lines of the base become those lines of the branch; counted from 0, and a count may be 0. */
struct compose_edit {
	uint32_t old_start, old_count, new_start, new_count;
};

/* What is taken of one change: these places of it. */
struct compose_part {
	size_t change;			/* index into its changeset */
	const struct compose_edit *edits;
	size_t edit_count;
	bool metadata;			/* and mode, owner and attributes */
	const struct rename *rename;	/* that the change is one end of; NULL: it is none */
};

/**
 * compose_text() - the old text with some places as in the new one
 * @buf:      the result is added
 * @old_text: any bytes
 * @new_text: any bytes
 * @edits:    in order; they do not overlap
 * @count:    how many; none gives @old_text
 *
 * A line ends with its newline; the last one may have none.
 *
 * Errors: -EINVAL the edits are out of order, or speak of lines that are not there; -EMSGSIZE the buffer's
 * limit.
 * Return: 0 or negative errno.
 */
int compose_text(struct buf *buf, struct str old_text, struct str new_text, const struct compose_edit *edits,
	size_t count);

/**
 * compose_fits() - whether a part of this change may be taken: content of a file that was a file before, here
 * or, in a view, elsewhere
 */
bool compose_fits(const struct change *change);

/** compose_is_part() - whether CHANGE_COMPOSED is possible: what a part of a change that fits can be */
bool compose_is_part(const struct change *change);

/** compose_has_metadata() - whether there is more to it than content: mode, owner, attributes */
bool compose_has_metadata(const struct change *change);

/**
 * compose_change() - the change that a part of one makes
 * @whole:    compose_fits()
 * @content:  digest of the composed file
 * @size:     its bytes
 * @mtime_ns: when it was composed
 * @metadata: whether it gets the branch's mode, owner and attributes, or keeps the base's
 *
 * Nobody has looked at the new content yet: content_of() says what the change's new_file.content should be.
 *
 * Of a rename (its change in the view), the part is a new file.
 *
 * Return: the change, CHANGE_COMPOSED.
 */
struct change compose_change(const struct change *whole, const struct digest *content, uint64_t size,
	int64_t mtime_ns, bool metadata);

/**
 * compose_remainder() - what is left of a changeset when a part of it was committed
 * @arena: owns the list
 * @whole: sorted and sealed
 * @part:  of it: overlay_subset() and compose_change() made it
 * @ret:   sealed; what was composed is in it with the composed file as its old side
 *
 * Errors: as overlay_subset().
 * Return: 0 or negative errno.
 */
int compose_remainder(struct arena *arena, const struct changeset *whole, const struct changeset *part,
	struct changeset *ret);
