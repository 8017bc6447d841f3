// SPDX-License-Identifier: Apache-2.0
/*
 * pem.c - lines between two edges
 */
#include "crypto/pem.h"

#include "base/base64.h"

#include <errno.h>

static struct str take_line(struct str *rest)
{
	struct str line;

	str_cut(*rest, '\n', &line, rest);
	while (line.len && ascii_is_space(line.data[line.len - 1]))
		line.len--;
	return line;
}

bool pem_read_edge(struct str line, struct str begin, struct str *ret_label)
{
	struct str end = STR("-----");

	if (!str_starts_with(line, begin) || !str_ends_with(line, end) || line.len < begin.len + end.len)
		return false;
	*ret_label = (struct str){ line.data + begin.len, line.len - begin.len - end.len };
	return true;
}

/* RFC 7468, 3: ASCII that prints, so that a message may name it */
static bool is_label(struct str label)
{
	for (size_t i = 0; i < label.len; i++)
		if (label.data[i] < ' ' || label.data[i] > '~')
			return false;
	return label.len;
}

/* The lines up to the end of the block, without what ends them. */
static int take_lines(struct arena *arena, struct str *rest, struct str label, struct str *ret)
{
	const char *end = rest->len ? memmem(rest->data, rest->len, "-----END ", 9) : NULL;
	char *text = end ? arena_alloc_raw(arena, (size_t)(end - rest->data) + 1) : NULL;
	struct str line, other;
	size_t len = 0;

	if (!text)
		return end ? -EMSGSIZE : -EBADMSG;
	while (rest->data < end) {
		line = take_line(rest);
		/* an edge in the middle of a line */
		if (line.len && line.data + line.len > end)
			return -EBADMSG;
		memcpy(text + len, line.data, line.len);
		len += line.len;
	}
	if (!pem_read_edge(take_line(rest), STR("-----END "), &other) || !str_eq(label, other))
		return -EBADMSG;
	*ret = (struct str){ text, len };
	return 0;
}

int pem_take(struct arena *arena, struct str *rest, struct str *ret_label, struct str *ret)
{
	struct str left = *rest, label, base64, bytes;
	int r;

	while (left.len) {
		if (!pem_read_edge(take_line(&left), STR("-----BEGIN "), &label))
			continue;
		r = is_label(label) ? take_lines(arena, &left, label, &base64) : -EBADMSG;
		if (r >= 0)
			r = base64_decode(arena, base64, &bytes);
		if (r < 0)
			return r == -EMSGSIZE ? r : -EBADMSG;
		*ret_label = label;
		*ret = bytes;
		*rest = left;
		return 0;
	}
	*ret_label = *ret = *rest = (struct str){ 0 };
	return 0;
}
