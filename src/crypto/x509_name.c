// SPDX-License-Identifier: Apache-2.0
/*
 * x509_name.c - who somebody is: names as lists of attributes, in one alphabet
 *
 * Six kinds of texts are in use. All become UTF-8: T61 is read as Latin-1, as everybody does, and BMP without
 * surrogates and noncharacters. What has another form is no name.
 *
 * Sources: RFC 5280, 4.1.2.4 and appendix A; ITU-T X.680, 41
 */
#include "crypto/der.h"
#include "crypto/x509_internal.h"

#include "base/utf8.h"

#include <errno.h>

static bool is_printable(char c)
{
	/* the last two are not in the standard, and in certificates that exist */
	return ascii_is_alnum(c) || (c && strchr(" '()+,-./:=?*&", c));
}

static bool is_numeric(char c)
{
	return ascii_is_digit(c) || c == ' ';
}

static bool is_ascii(char c)
{
	return !((unsigned char)c & 0x80);
}

static bool are_all(struct str text, bool (*is_one)(char c))
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_one(text.data[i]))
			return false;
	return true;
}

static int read_latin(struct arena *arena, struct str text, struct str *ret)
{
	char *out = arena_alloc_raw(arena, 2 * text.len + 1);
	size_t len = 0;

	if (!out)
		return -EMSGSIZE;
	for (size_t i = 0; i < text.len; i++)
		len += utf8_encode((unsigned char)text.data[i], out + len);
	*ret = (struct str){ out, len };
	return 0;
}

static bool is_basic(uint32_t point)
{
	return point < 0xfffe && (point < 0xfdd0 || point > 0xfdef) && (point < 0xd800 || point > 0xdfff);
}

static int read_basic(struct arena *arena, struct str text, struct str *ret)
{
	const unsigned char *in = (const unsigned char *)text.data;
	size_t count = text.len / 2, len = 0;
	char *out = arena_alloc_raw(arena, 3 * count + 1);

	if (text.len % 2)
		return -EBADMSG;
	if (!out)
		return -EMSGSIZE;
	if (count && !in[text.len - 2] && !in[text.len - 1])
		count--;
	for (size_t i = 0; i < count; i++) {
		uint32_t point = (uint32_t)in[2 * i] << 8 | in[2 * i + 1];

		if (!is_basic(point))
			return -EBADMSG;
		len += utf8_encode(point, out + len);
	}
	*ret = (struct str){ out, len };
	return 0;
}

static int read_text(struct arena *arena, unsigned char tag, struct str text, struct str *ret)
{
	bool is_good = false;

	if (tag == DER_T61)
		return read_latin(arena, text, ret);
	if (tag == DER_BMP)
		return read_basic(arena, text, ret);
	if (tag == DER_UTF8)
		is_good = utf8_is_valid(text);
	else if (tag == DER_PRINTABLE)
		is_good = are_all(text, is_printable);
	else if (tag == DER_NUMERIC)
		is_good = are_all(text, is_numeric);
	else if (tag == DER_IA5)
		is_good = are_all(text, is_ascii);
	*ret = text;
	return is_good ? 0 : -EBADMSG;
}

static int take_attribute(struct arena *arena, struct str *set, struct x509_name *name)
{
	struct x509_attribute attribute, *items;
	struct str inside, value;
	unsigned char tag;
	int r;

	if (!der_take(set, DER_SEQUENCE, &inside) || !der_take(&inside, DER_OID, &attribute.type) ||
			!der_oid_is_valid(attribute.type, X509_OID_MAX) ||
			!der_take_any(&inside, &tag, &value) || inside.len)
		return -EBADMSG;
	r = read_text(arena, tag, value, &attribute.text);
	if (r < 0)
		return r;
	items = arena_grow(arena, name->items, name->count, &name->room, sizeof(*items));
	if (!items)
		return -EMSGSIZE;
	name->items = items;
	items[name->count++] = attribute;
	return 0;
}

int x509_read_name(struct arena *arena, struct str inside, struct x509_name *ret, struct error *err)
{
	struct x509_name name = { 0 };
	struct str set;
	int r = 0;

	while (inside.len && r >= 0) {
		if (!der_take(&inside, DER_SET, &set))
			return x509_malformed(err, "name");
		while (set.len && r >= 0)
			r = take_attribute(arena, &set, &name);
	}
	if (r < 0)
		return x509_refuse(err, r, "name");
	*ret = name;
	return 0;
}
