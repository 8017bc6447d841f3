// SPDX-License-Identifier: Apache-2.0
/*
 * dns_name.c - names of DNS messages, which may point at others
 */
#include "codec/dns_internal.h"

#include <errno.h>

enum {
	POINTERS_MAX = NET_LABELS_MAX,
};

/* Lengths of labels are no letters: they are below 64, and letters are not. */
static uint8_t lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* Where a pointer leads, which must be before @before; 0 for one that leads nowhere. */
static size_t pointer_target(struct str message, size_t at, size_t before)
{
	const uint8_t *bytes = (const uint8_t *)message.data + at;
	size_t target;

	if (message.len - at < 2 || (bytes[0] & DNS_LABEL_KIND) != DNS_LABEL_KIND)
		return 0;
	target = (size_t)(bytes[0] & ~DNS_LABEL_KIND) << 8 | bytes[1];
	return target >= DNS_HEADER_BYTES && target < before ? target : 0;
}

int dns_name_read(struct str message, size_t at, struct dns_name *ret, size_t *ret_end)
{
	const uint8_t *bytes = (const uint8_t *)message.data;
	size_t len = 0, end = 0, start = at;
	unsigned pointers = 0;

	while (at < message.len && bytes[at]) {
		size_t label = bytes[at];

		if (label & DNS_LABEL_KIND) {
			size_t target = pointer_target(message, at, start);

			if (!target || ++pointers > POINTERS_MAX)
				return -EBADMSG;
			end = end ? end : at + 2;
			at = start = target;
			continue;
		}
		/* With room left for the root's 0. */
		if (label >= message.len - at || len + 1 + label + 1 > DNS_NAME_BYTES)
			return -EBADMSG;
		ret->bytes[len++] = (uint8_t)label;
		for (size_t i = 1; i <= label; i++)
			ret->bytes[len++] = lower(bytes[at + i]);
		at += 1 + label;
	}
	if (at >= message.len)
		return -EBADMSG;
	ret->bytes[len++] = 0;
	ret->len = (uint8_t)len;
	*ret_end = end ? end : at + 1;
	return 0;
}

int dns_name_from(struct str text, struct dns_name *ret)
{
	struct str label, rest = text;
	size_t len = 0;
	bool more = true;

	if (text.len > NET_NAME_MAX)
		return -EINVAL;
	while (more) {
		more = str_cut(rest, '.', &label, &rest);
		if (!label.len || label.len > NET_LABEL_MAX)
			return -EINVAL;
		ret->bytes[len++] = (uint8_t)label.len;
		memcpy(ret->bytes + len, label.data, label.len);
		len += label.len;
	}
	ret->bytes[len++] = 0;
	ret->len = (uint8_t)len;
	return 0;
}

bool dns_options_are_valid(const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t size;

		if (len - at < 4)
			return false;
		size = dns_get16(data + at + 2);
		at += 4;
		if (size > len - at)
			return false;
		at += size;
	}
	return true;
}
