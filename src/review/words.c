// SPDX-License-Identifier: Apache-2.0
/*
 * words.c - what changed within a line
 *
 * The longest common sequence of words by the plain table, over WORDS_MAX words of either side at most.
 */
#include "review/words.h"

#include "base/macro.h"

#include <stdint.h>

struct side {
	struct words_span words[WORDS_MAX];
	size_t count;
	struct str line;
	bool is_cut;			/* it had more */
};

enum word_class {
	CLASS_OTHER,
	CLASS_BLANK,
	CLASS_NAME,
};

static enum word_class class_of(char c)
{
	unsigned char u = (unsigned char)c;

	if (c == ' ' || c == '\t')
		return CLASS_BLANK;
	/* Letters of every other alphabet are above ASCII. */
	return u >= 0x80 || c == '_' || (u >= '0' && u <= '9') || ((u | 0x20) >= 'a' && (u | 0x20) <= 'z') ?
		CLASS_NAME : CLASS_OTHER;
}

static size_t word_len(struct str s)
{
	enum word_class class = class_of(s.data[0]);
	size_t len = 1;

	while (class != CLASS_OTHER && len < s.len && class_of(s.data[len]) == class)
		len++;
	return len;
}

static void split(struct side *side, size_t start, size_t end)
{
	while (start < end && !side->is_cut) {
		size_t len = word_len((struct str){ side->line.data + start, end - start });

		side->is_cut = side->count == WORDS_MAX;
		if (!side->is_cut)
			side->words[side->count++] = (struct words_span){ start, len };
		start += len;
	}
}

static struct str word_at(const struct side *side, size_t index)
{
	return (struct str){ side->line.data + side->words[index].start, side->words[index].len };
}

static void add(struct words_spans *spans, struct words_span word)
{
	struct words_span *last = spans->count ? &spans->items[spans->count - 1] : NULL;

	if (last && last->start + last->len == word.start)
		last->len += word.len;
	else
		spans->items[spans->count++] = word;
}

/* Whether no word goes across this place; so no character does either. */
static bool is_boundary(struct str s, size_t at)
{
	enum word_class class;

	if (!at || at == s.len)
		return true;
	class = class_of(s.data[at]);
	return class == CLASS_OTHER || class != class_of(s.data[at - 1]);
}

/* How much of the beginnings is alike, in whole words. */
static size_t common_head(struct str a, struct str b)
{
	size_t word = 0;

	for (size_t len = 1; len <= MIN(a.len, b.len) && a.data[len - 1] == b.data[len - 1]; len++)
		if (is_boundary(a, len) && is_boundary(b, len))
			word = len;
	return word;
}

/* How much of the ends is alike, behind @head, in whole words. */
static size_t common_tail(struct str a, struct str b, size_t head)
{
	size_t len = 0, word = 0;

	while (len + head < a.len && len + head < b.len &&
			a.data[a.len - 1 - len] == b.data[b.len - 1 - len]) {
		len++;
		if (is_boundary(a, a.len - len) && is_boundary(b, b.len - len))
			word = len;
	}
	return word;
}

/* Marks what is not in the longest common sequence; Return: bytes that are alike. */
static size_t compare(const struct side *a, const struct side *b, struct words_spans *ret_a,
	struct words_spans *ret_b)
{
	uint8_t table[WORDS_MAX + 1][WORDS_MAX + 1];
	size_t i = 0, k = 0, same = 0;

	memset(table[a->count], 0, sizeof(table[0]));
	for (size_t x = a->count; x--;) {
		table[x][b->count] = 0;
		for (size_t y = b->count; y--;)
			table[x][y] = (uint8_t)(str_eq(word_at(a, x), word_at(b, y)) ?
				table[x + 1][y + 1] + 1 :
				MAX(table[x + 1][y], table[x][y + 1]));
	}
	while (i < a->count || k < b->count) {
		if (i < a->count && k < b->count && str_eq(word_at(a, i), word_at(b, k))) {
			same += class_of(word_at(a, i).data[0]) == CLASS_BLANK ? 0 : a->words[i].len;
			i++;
			k++;
		} else if (k == b->count || (i < a->count && table[i + 1][k] >= table[i][k + 1])) {
			add(ret_a, a->words[i++]);
		} else {
			add(ret_b, b->words[k++]);
		}
	}
	return same;
}

bool words_compare(struct str old_line, struct str new_line, struct words_spans *ret_old,
	struct words_spans *ret_new)
{
	struct side old_side = { .line = old_line }, new_side = { .line = new_line };
	size_t head = common_head(old_line, new_line), tail = common_tail(old_line, new_line, head);
	size_t same = head + tail, shorter = MIN(old_line.len, new_line.len);

	ret_old->count = ret_new->count = 0;
	split(&old_side, head, old_line.len - tail);
	split(&new_side, head, new_line.len - tail);
	if (!old_side.is_cut && !new_side.is_cut) {
		same += compare(&old_side, &new_side, ret_old, ret_new);
	} else {
		add(ret_old, (struct words_span){ head, old_line.len - tail - head });
		add(ret_new, (struct words_span){ head, new_line.len - tail - head });
	}
	if (same * 3 >= shorter && same)
		return ret_old->count || ret_new->count;
	ret_old->count = ret_new->count = 0;
	return false;
}
