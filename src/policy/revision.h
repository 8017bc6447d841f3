/* SPDX-License-Identifier: Apache-2.0 */
/*
 * revision.h - which revision of a signed bundle is older, and which ones were seen
 *
 * Whoever can put a file where a bundle is read from could put an old one there, which is signed as well. So
 * of every bundle that was verified it is remembered which revision was the last, and what is older than that
 * is not taken. An unsigned bundle is not remembered: who can write it can write any revision into it.
 *
 * A revision is any text. Three kinds have an order: numbers (`42`), semantic versions (`1.4.0-rc.1`, also
 * with a `v` in front), and times (`2026-01-02`, `2026-01-02T03:04:05Z`). Two of one kind are compared; no
 * revision at all is older than any. Of two that cannot be compared (`9f3c2ab`, as version control names
 * them) nobody can say which is older: then one that was never seen is newer, and one that was there before
 * the last is older. Of those the last POLICY_EARLIER_MAX are remembered.
 *
 * The document is public (docs/formats/policy-revisions.md). Everything here is pure; run/revisions.h has the
 * file.
 *
 * Source: Semantic Versioning 2.0.0, 11; RFC 3339
 */
#pragma once

#include "base/str.h"
#include "json/json.h"

enum {
	POLICY_EARLIER_MAX = 256,		/* of one bundle */
	POLICY_SEEN_MAX = 4096,			/* bundles */
};

/* A bundle that was verified. */
struct policy_bundle {
	const char *path;		/* absolute, clean: what it goes by */
	const char *revision;		/* "" where it has none */
};

struct policy_bundles {
	struct policy_bundle *items;
	size_t count;
};

enum policy_revision_order {
	POLICY_REVISION_OLDER,
	POLICY_REVISION_SAME,
	POLICY_REVISION_NEWER,
	POLICY_REVISION_OTHER,		/* nobody can say */
};

/** policy_revision_compare() - what @revision is, seen from @other */
enum policy_revision_order policy_revision_compare(struct str revision, struct str other);

/**
 * policy_revisions_begin() - the document in which nothing was seen; Return: it, or NULL: the arena is full
 */
const struct json *policy_revisions_begin(struct arena *arena);

/**
 * policy_revisions_read() - the document, strictly
 * @arena: owns it
 * @text:  JSON
 * @ret:   the document
 * @err:   what is wrong with it
 *
 * Errors: -EBADMSG no such document; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_revisions_read(struct arena *arena, struct str text, const struct json **ret, struct error *err);

/**
 * policy_revisions_check() - whether a bundle may be used after what was seen
 * @seen:   the document
 * @bundle: verified
 * @err:    both revisions
 *
 * Return: 0, or -ESTALE: it is older.
 */
int policy_revisions_check(const struct json *seen, const struct policy_bundle *bundle, struct error *err);

/**
 * policy_revisions_note() - the document with a bundle that was used
 * @arena:  owns what is new
 * @seen:   the document
 * @bundle: as policy_revisions_check() took it
 *
 * Return: @seen itself where it says so already, else another document, or NULL: the arena is full, or more
 * than POLICY_SEEN_MAX bundles would be in it.
 */
const struct json *policy_revisions_note(struct arena *arena, const struct json *seen,
	const struct policy_bundle *bundle);

/** policy_revisions_forget() - the document without a bundle; Return: it, or NULL as above */
const struct json *policy_revisions_forget(struct arena *arena, const struct json *seen, const char *path);

/** policy_revisions_last() - the last revision of a bundle; Return: it, or NULL where none was seen */
const char *policy_revisions_last(const struct json *seen, const char *path);
