// SPDX-License-Identifier: Apache-2.0
/*
 * revision.c - which revision is older
 *
 * What is compared are the texts of numbers, so that no number is too large: without zeros in front, the
 * longer one is the larger.
 */
#include "policy/revision.h"

#include "base/time.h"


static enum policy_revision_order order_of(int compared)
{
	return compared < 0 ? POLICY_REVISION_OLDER : compared ? POLICY_REVISION_NEWER : POLICY_REVISION_SAME;
}

/* ---- numbers ---- */

static bool is_digits(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.data[i]))
			return false;
	return text.len;
}

static bool is_number(struct str text)
{
	return is_digits(text) && (text.len == 1 || text.data[0] != '0');
}

static int compare_numbers(struct str a, struct str b)
{
	return a.len != b.len ? (a.len > b.len) - (a.len < b.len) : str_compare(a, b);
}

/* ---- semantic versions ---- */

struct version {
	struct str numbers[3];
	struct str pre;			/* behind '-'; data is NULL: it is a release */
};

static bool is_identifiers(struct str text, bool with_numbers)
{
	struct str part;
	bool more;

	do {
		more = str_cut(text, '.', &part, &text);
		for (size_t i = 0; i < part.len; i++)
			if (!ascii_is_alnum(part.data[i]) && part.data[i] != '-')
				return false;
		if (!part.len || (with_numbers && is_digits(part) && !is_number(part)))
			return false;
	} while (more);
	return true;
}

static bool read_version(struct str text, struct version *ret)
{
	struct str build, pre;

	*ret = (struct version){ 0 };
	if (str_starts_with(text, STR("v")))
		text = (struct str){ text.data + 1, text.len - 1 };
	if (str_cut(text, '+', &text, &build) && !is_identifiers(build, false))
		return false;
	if (str_cut(text, '-', &text, &pre)) {
		if (!is_identifiers(pre, true))
			return false;
		ret->pre = pre;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ret->numbers); i++) {
		bool is_last = i + 1 == ARRAY_SIZE(ret->numbers);

		if (str_cut(text, '.', &ret->numbers[i], &text) == is_last || !is_number(ret->numbers[i]))
			return false;
	}
	return true;
}

static int compare_identifier(struct str a, struct str b)
{
	bool is_a = is_digits(a), is_b = is_digits(b);

	if (is_a != is_b)
		return is_a ? -1 : 1;
	return is_a ? compare_numbers(a, b) : str_compare(a, b);
}

static int compare_pre(struct str a, struct str b)
{
	struct str left, right;

	if (!a.data || !b.data)
		return !a.data - !b.data;
	while (a.len && b.len) {
		int compared;

		(void)str_cut(a, '.', &left, &a);
		(void)str_cut(b, '.', &right, &b);
		compared = compare_identifier(left, right);
		if (compared)
			return compared;
	}
	return (a.len > 0) - (b.len > 0);
}

static int compare_versions(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->numbers); i++) {
		int compared = compare_numbers(a->numbers[i], b->numbers[i]);

		if (compared)
			return compared;
	}
	return compare_pre(a->pre, b->pre);
}

/* ---- all of them ---- */

enum policy_revision_order policy_revision_compare(struct str revision, struct str other)
{
	struct version version, version_other;
	uint64_t time_ns, time_other_ns;

	if (str_eq(revision, other))
		return POLICY_REVISION_SAME;
	if (!revision.len || !other.len)
		return order_of(revision.len ? 1 : -1);
	if (is_number(revision) && is_number(other))
		return order_of(compare_numbers(revision, other));
	if (read_version(revision, &version) && read_version(other, &version_other))
		return order_of(compare_versions(&version, &version_other));
	if (time_from_text(revision, &time_ns) >= 0 && time_from_text(other, &time_other_ns) >= 0)
		return order_of((time_ns > time_other_ns) - (time_ns < time_other_ns));
	return POLICY_REVISION_OTHER;
}
