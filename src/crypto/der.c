// SPDX-License-Identifier: Apache-2.0
/*
 * der.c - tag, length, and what is inside
 */
#include "crypto/der.h"

enum {
	LENGTH_BYTES_MAX = 3,		/* no key is longer */
	OID_NUMBER_BYTES_MAX = 9,
	TAG_IS_LONG = 0x1f,
};

/* The length in front of @rest, in its shortest form. Return: false where it has none. */
static bool take_length(struct str *rest, size_t *ret)
{
	const unsigned char *in = (const unsigned char *)rest->data;
	size_t count, len = 0;

	if (!rest->len)
		return false;
	count = in[0] < 0x80 ? 0 : in[0] & 0x7fu;
	if (in[0] == 0x80 || count > LENGTH_BYTES_MAX || rest->len < 1 + count)
		return false;
	for (size_t i = 1; i <= count; i++)
		len = len << 8 | in[i];
	if (count && (!in[1] || len < 0x80))
		return false;
	*ret = count ? len : in[0];
	*rest = (struct str){ rest->data + 1 + count, rest->len - 1 - count };
	return true;
}

bool der_take(struct str *rest, unsigned char tag, struct str *ret)
{
	struct str left = *rest;
	size_t len;

	if (!left.len || (unsigned char)left.data[0] != tag)
		return false;
	left = (struct str){ left.data + 1, left.len - 1 };
	if (!take_length(&left, &len) || len > left.len)
		return false;
	*ret = (struct str){ left.data, len };
	*rest = (struct str){ left.data + len, left.len - len };
	return true;
}

bool der_take_number(struct str *rest, struct str *ret)
{
	struct str left = *rest, number;
	const unsigned char *in;

	if (!der_take(&left, DER_INTEGER, &number) || !number.len)
		return false;
	in = (const unsigned char *)number.data;
	if (in[0] & 0x80 || (number.len > 1 && !in[0] && !(in[1] & 0x80)))
		return false;
	if (!in[0])
		number = (struct str){ number.data + 1, number.len - 1 };
	*ret = number;
	*rest = left;
	return true;
}

bool der_take_bits(struct str *rest, struct str *ret)
{
	struct str left = *rest, bits;

	if (!der_take(&left, DER_BITS, &bits) || !bits.len || bits.data[0])
		return false;
	*ret = (struct str){ bits.data + 1, bits.len - 1 };
	*rest = left;
	return true;
}

bool der_take_any(struct str *rest, unsigned char *ret_tag, struct str *ret)
{
	unsigned char tag = rest->len ? (unsigned char)rest->data[0] : 0;

	if ((tag & TAG_IS_LONG) == TAG_IS_LONG || !der_take(rest, tag, ret))
		return false;
	*ret_tag = tag;
	return true;
}

bool der_take_whole(struct str *rest, unsigned char tag, struct str *ret, struct str *ret_whole)
{
	const char *begin = rest->data;

	if (!der_take(rest, tag, ret))
		return false;
	*ret_whole = (struct str){ begin, (size_t)(rest->data - begin) };
	return true;
}

bool der_take_bool(struct str *rest, bool *ret)
{
	struct str left = *rest, byte;

	if (!der_take(&left, DER_BOOLEAN, &byte) || byte.len != 1 ||
			(byte.data[0] != '\0' && (unsigned char)byte.data[0] != 0xff))
		return false;
	*ret = byte.data[0];
	*rest = left;
	return true;
}

bool der_take_int(struct str *rest, unsigned char tag, int64_t *ret)
{
	struct str left = *rest, number;
	const unsigned char *in;
	int64_t value = 0;

	if (!der_take(&left, tag, &number) || !number.len || number.len > sizeof(value))
		return false;
	in = (const unsigned char *)number.data;
	if (in[0] & 0x80 || (number.len > 1 && !in[0] && !(in[1] & 0x80)))
		return false;
	for (size_t i = 0; i < number.len; i++)
		value = value << 8 | in[i];
	*ret = value;
	*rest = left;
	return true;
}

bool der_oid_next(struct str *rest, uint64_t *ret)
{
	const unsigned char *in = (const unsigned char *)rest->data;
	uint64_t value = 0;

	if (!rest->len || in[0] == 0x80)
		return false;
	for (size_t i = 0; i < rest->len && i < OID_NUMBER_BYTES_MAX; i++) {
		value = value << 7 | (in[i] & 0x7f);
		if (in[i] & 0x80)
			continue;
		*rest = (struct str){ rest->data + i + 1, rest->len - i - 1 };
		*ret = value;
		return true;
	}
	return false;
}

bool der_oid_is_valid(struct str oid, uint64_t max)
{
	uint64_t number;

	if (!oid.len)
		return false;
	while (oid.len)
		if (!der_oid_next(&oid, &number) || number > max)
			return false;
	return true;
}
