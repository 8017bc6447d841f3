// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_revision.c - what holds for every file of revisions, and for every two revisions
 *
 *   - a refusal is one of two errors
 *   - of what was read, each bundle may be used again as it was last, and noting that changes nothing
 *   - whatever is taken is the last then, and what it replaced is not taken again
 *   - what one revision is to another, the other is not to it: older and newer, or the same both ways
 *
 * A text with a newline in it is two revisions; any other is a document.
 */
#include "policy/revision.h"

#include <errno.h>

enum {
	ARENA_BYTES_MAX = 64 << 20,
	REVISION_BYTES_MAX = 256,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pair(struct str a, struct str b)
{
	enum policy_revision_order forth = policy_revision_compare(a, b),
		back = policy_revision_compare(b, a);

	assert((forth == POLICY_REVISION_OLDER) == (back == POLICY_REVISION_NEWER));
	assert((forth == POLICY_REVISION_SAME) == (back == POLICY_REVISION_SAME));
	assert((forth == POLICY_REVISION_OTHER) == (back == POLICY_REVISION_OTHER));
	assert(policy_revision_compare(a, a) == POLICY_REVISION_SAME);
}

/* One that is taken takes the place of the last, for good. */
static void check_next(struct arena *arena, const struct json *seen, const struct policy_bundle *last,
	const char *revision)
{
	const struct policy_bundle next = { last->path, revision };

	if (policy_revisions_check(seen, &next, NULL) < 0)
		return;
	seen = policy_revisions_note(arena, seen, &next);
	assert(seen && !strcmp(policy_revisions_last(seen, last->path), revision));
	assert(!policy_revisions_check(seen, &next, NULL));
	if (policy_revision_compare(str_from(last->revision), str_from(revision)) != POLICY_REVISION_SAME)
		assert(policy_revisions_check(seen, last, NULL) == -ESTALE);
}

static void check_document(struct arena *arena, const struct json *seen)
{
	const struct json *bundles = json_get(seen, "bundles");

	for (size_t i = 0; i < bundles->object.count && i < 16; i++) {
		const char *path = bundles->object.members[i].key->text.data;
		const struct policy_bundle last = { path, policy_revisions_last(seen, path) };

		assert(last.revision && !policy_revisions_check(seen, &last, NULL));
		assert(policy_revisions_note(arena, seen, &last) == seen);
		check_next(arena, seen, &last, "7");
		check_next(arena, seen, &last, "1.2.3");
		check_next(arena, seen, &last, "never seen");
		assert(!policy_revisions_last(policy_revisions_forget(arena, seen, path), path));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES_MAX);
	struct str a, b, text = { .data = (const char *)data, .len = size };
	struct error err = ERROR_INIT;
	const struct json *seen;
	int r;

	if (str_cut(text, '\n', &a, &b) && a.len <= REVISION_BYTES_MAX && b.len <= REVISION_BYTES_MAX)
		check_pair(a, b);
	r = policy_revisions_read(&arena, text, &seen, &err);
	assert(!r || r == -EBADMSG || r == -EMSGSIZE);
	assert(!r || *err.text);
	if (!r)
		check_document(&arena, seen);
	return 0;
}
