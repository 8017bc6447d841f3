// SPDX-License-Identifier: Apache-2.0
/*
 * name.c - names of hosts, in the one form that rules are held against
 */
#include "net/name.h"

#include "base/utf8.h"
#include "net/address.h"

#include <idn2.h>

/* Names of other scripts, as somebody types them, may be longer than what they become. */
enum {
	TYPED_MAX_BYTES = 1024,
};

bool net_label_is_valid(struct str label)
{
	if (!label.len || label.len > NET_LABEL_MAX)
		return false;
	if (label.data[0] == '-' || label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.data[i];

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '-' && c != '_')
			return false;
	}
	return true;
}

static const char *check(struct str name)
{
	struct net_address address;
	struct str label, rest = name;
	bool more = true;

	if (!name.len)
		return "there is no name";
	if (name.len > NET_NAME_MAX)
		return "a name has at most 253 bytes";
	while (more) {
		more = str_cut(rest, '.', &label, &rest);
		if (!net_label_is_valid(label))
			return !label.len ? "a label of it is empty" :
				label.len > NET_LABEL_MAX ? "a label has at most 63 bytes" :
				"a label has letters, digits and '-' within, and nothing else";
	}
	return net_address_spelling(name, &address) != NET_NO_ADDRESS ?
		"its last label is a number, and some programs would take it for an address" : NULL;
}

/* What is no ASCII, and what says that it stands for something else, is libidn2's to judge. */
static const char *to_ascii(struct arena *arena, const char *typed, struct str *ret)
{
	char *ascii = NULL;
	const char *copy;

	if (idn2_to_ascii_8z(typed, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return "it is no name by the rules for names in all scripts (IDNA)";
	copy = arena_copy(arena, ascii, strlen(ascii));
	idn2_free(ascii);
	*ret = str_from(copy ?: "");
	return copy ? NULL : "it is too long";
}

const char *net_name_read(struct arena *arena, struct str text, struct str *ret)
{
	bool is_ascii = true, has_alabel = false;
	struct str name;
	const char *why = NULL;
	char *copy;

	if (text.len > TYPED_MAX_BYTES)
		return "a name has at most 253 bytes";
	if (!utf8_is_valid(text))
		return "it is no text";
	copy = arena_copy(arena, text.data, text.len);
	if (!copy)
		return "it is too long";
	for (size_t i = 0; i < text.len; i++) {
		if (copy[i] >= 0 && (copy[i] <= ' ' || copy[i] == '\x7f'))
			return "a space or a control character is no part of a name";
		is_ascii = is_ascii && copy[i] >= 0;
		copy[i] = ascii_lower(copy[i]);
		has_alabel = has_alabel || (copy[i] == '-' && i > 2 && !memcmp(copy + i - 3, "xn-", 3));
	}
	name = (struct str){ copy, text.len };
	if (!is_ascii || has_alabel)
		why = to_ascii(arena, copy, &name);
	/* The dot of the root: the name that it ends is complete, and is no other name. */
	if (!why && name.len > 1 && name.data[name.len - 1] == '.')
		name.len--;
	if (!why)
		why = check(name);
	if (!why)
		*ret = (struct str){ arena_copy(arena, name.data, name.len), name.len };
	return why ?: ret->data ? NULL : "it is too long";
}
