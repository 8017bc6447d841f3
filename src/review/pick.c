// SPDX-License-Identifier: Apache-2.0
/*
 * pick.c - what a person types to take some of a file
 */
#include "review/pick.h"

#include "base/quote.h"

#include <errno.h>

static bool is_number(struct str word)
{
	uint64_t number;

	return str_to_u64(word, UINT32_MAX, &number) >= 0;
}

/* "mode", "rename", "N", "N.M" or "N-M". */
static bool is_word(struct str word)
{
	struct str head, tail;

	if (str_eq(word, STR("mode")) || str_eq(word, STR("rename")) || is_number(word))
		return true;
	return (str_cut(word, '.', &head, &tail) || str_cut(word, '-', &head, &tail)) && is_number(head) &&
		is_number(tail);
}

bool review_pick_cut(struct str word, struct str *ret_file, struct str *ret_list)
{
	const char *colon = memrchr(word.data, ':', word.len);
	struct str list, one;

	if (!colon || colon == word.data)
		return false;
	list = (struct str){ colon + 1, (size_t)(word.data + word.len - colon - 1) };
	*ret_file = (struct str){ word.data, (size_t)(colon - word.data) };
	*ret_list = list;
	while (str_cut(list, ',', &one, &list))
		if (!is_word(one))
			return false;
	return is_word(one);
}

static ssize_t find(const struct review_file *file, enum review_hunk_kind kind, uint64_t number,
	uint64_t piece)
{
	for (size_t i = 0; i < file->hunk_count; i++) {
		const struct review_hunk *hunk = &file->hunks[i];

		if (hunk->kind == kind && hunk->number == number && (!piece || hunk->piece == piece))
			return (ssize_t)i;
	}
	return REVIEW_NONE_SUCH;
}

/* All pieces of a hunk, or one of them. */
static bool take(struct review *review, size_t index, uint64_t number, uint64_t piece)
{
	const struct review_file *file = &review->files[index];
	ssize_t at = find(file, REVIEW_LINES, number, 0);

	if (at < 0)
		return false;
	if (piece) {
		bool is_only = file->hunks[at].edit_count == 1 && !file->hunks[at].piece;

		(void)review_split(review, index, (size_t)at);
		at = is_only && piece == 1 ? at : find(file, REVIEW_LINES, number, piece);
		return at >= 0 && review_decide(review, index, (size_t)at, REVIEW_TAKE);
	}
	for (; (size_t)at < file->hunk_count && file->hunks[at].number == number; at++)
		if (!review_decide(review, index, (size_t)at, REVIEW_TAKE))
			return false;
	return true;
}

static bool pick_one(struct review *review, size_t index, struct str word)
{
	struct str head = word, tail;
	uint64_t first = 0, last;
	bool ok = true;

	if (str_eq(word, STR("mode")) || str_eq(word, STR("rename"))) {
		ssize_t at = find(&review->files[index],
			str_eq(word, STR("mode")) ? REVIEW_METADATA : REVIEW_RENAME, 0, 0);

		return at >= 0 && review_decide(review, index, (size_t)at, REVIEW_TAKE);
	}
	if (str_cut(word, '.', &head, &tail)) {
		ok = str_to_u64(head, UINT32_MAX, &first) >= 0 && str_to_u64(tail, UINT32_MAX, &last) >= 0;
		return ok && last && take(review, index, first, last);
	}
	if (!str_cut(word, '-', &head, &tail))
		head = tail = word;
	if (str_to_u64(head, UINT32_MAX, &first) < 0 || str_to_u64(tail, UINT32_MAX, &last) < 0 ||
			!first || last < first)
		return false;
	for (; ok && first <= last; first++)
		ok = take(review, index, first, 0);
	return ok;
}

int review_pick(struct review *review, size_t index, struct str list, struct error *err)
{
	const struct review_file *file = &review->files[index];
	const struct change *change = &review->changeset->changes[file->change];
	struct str word;
	bool more = true;

	if (file->is_whole)
		return error_set(err, -EINVAL, "'%s' can only be taken as a whole",
			quote_text(change->path).text);
	while (more) {
		more = str_cut(list, ',', &word, &list);
		if (!pick_one(review, index, word)) {
			error_set(err, -ENOENT, "'%s' has no hunk '%s'", quote_text(change->path).text,
				quote_text(word).text);
			error_hint(err, "`cordon review --json` lists the hunks of each file.");
			return -ENOENT;
		}
	}
	return 0;
}
