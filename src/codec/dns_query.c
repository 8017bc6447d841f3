// SPDX-License-Identifier: Apache-2.0
/*
 * dns_query.c - a question from the sandbox
 *
 * Thousands a second of these are read, and nearly all are alike: one plain name, EDNS or not. So the name is
 * read, judged and turned into its canonical text in one pass over its bytes; only a name that the rules of
 * IDNA have a say in, or whose last label may be a number, goes the long way through net_name_read().
 */
#include "codec/dns_internal.h"

enum {
	SCRATCH_BYTES = 16384,
};

/* What a byte of a label becomes; 0: no part of a host's name. */
static const char canonical[256] = {
	['-'] = '-', ['_'] = '_', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
	['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['a'] = 'a', ['b'] = 'b',
	['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',
	['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p',
	['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w',
	['x'] = 'x', ['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',
	['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',
	['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',
	['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',
	['Z'] = 'z',
};

enum name_kind {
	NAME_MALFORMED,
	NAME_OF_NO_HOST,
	NAME_JUDGED_LATER,		/* letters that may stand for others, or a number at its end */
	NAME_PLAIN,
};

/* One label into @text, which has room for it. */
static enum name_kind read_label(const uint8_t *label, size_t len, char *text)
{
	bool is_plain = true;

	for (size_t i = 0; i < len; i++) {
		text[i] = canonical[label[i]];
		is_plain = is_plain && text[i];
	}
	if (!is_plain || text[0] == '-' || text[len - 1] == '-')
		return NAME_OF_NO_HOST;
	return len >= 4 && memmem(text, len, "xn--", 4) ? NAME_JUDGED_LATER : NAME_PLAIN;
}

/*
 * The question's name into @ret->name; *@ret_end is behind it. No name before it exists that it could point
 * at.
 */
static enum name_kind read_name(struct str message, struct dns_query *ret, size_t *ret_end)
{
	const uint8_t *bytes = (const uint8_t *)message.data;
	enum name_kind kind = NAME_PLAIN;
	size_t at = DNS_HEADER_BYTES, len = 0, last = 0;

	while (at < message.len && bytes[at]) {
		size_t label = bytes[at];
		enum name_kind label_kind;

		if (label > NET_LABEL_MAX || label >= message.len - at || len + label + 1 > NET_NAME_MAX + 1)
			return NAME_MALFORMED;
		label_kind = read_label(bytes + at + 1, label, ret->name + len);
		kind = MIN(kind, label_kind);
		last = len;
		len += label;
		ret->name[len++] = '.';
		at += 1 + label;
	}
	if (at >= message.len)
		return NAME_MALFORMED;
	*ret_end = at + 1;
	if (!len)
		return NAME_OF_NO_HOST;
	ret->name[--len] = '\0';
	ret->name_len = (uint8_t)len;
	return kind == NAME_PLAIN && ascii_is_digit(ret->name[last]) ? NAME_JUDGED_LATER : kind;
}

static bool judge_name(struct dns_query *query)
{
	scoped(arena) struct arena scratch = ARENA_INIT(SCRATCH_BYTES);
	struct str name;

	if (net_name_read(&scratch, (struct str){ query->name, query->name_len }, &name))
		return false;
	memcpy(query->name, name.data, name.len);
	query->name[name.len] = '\0';
	query->name_len = (uint8_t)name.len;
	return true;
}

/* What is behind the question: nothing, or one record of EDNS. */
static enum dns_query_kind read_edns(const uint8_t *at, size_t len, struct dns_query *ret)
{
	uint16_t room;

	if (len < DNS_OPT_BYTES || at[0] || dns_get16(at + 1) != DNS_OPT ||
			dns_get16(at + 9) != len - DNS_OPT_BYTES ||
			!dns_options_are_valid(at + DNS_OPT_BYTES, len - DNS_OPT_BYTES))
		return DNS_QUERY_MALFORMED;
	room = dns_get16(at + 3);
	ret->has_edns = true;
	ret->is_dnssec = at[7] & DNS_EDNS_DO;
	ret->room_bytes = (uint16_t)MAX(DNS_UDP_MIN_BYTES, MIN((int)room, DNS_UDP_MAX_BYTES));
	return at[6] ? DNS_QUERY_BAD_VERSION : DNS_QUERY_OK;
}

enum dns_query_kind dns_query_read(struct str message, struct dns_query *ret)
{
	const uint8_t *bytes = (const uint8_t *)message.data;
	enum dns_query_kind kind = DNS_QUERY_OK;
	enum name_kind name;
	size_t end = 0;

	memset(ret, 0, offsetof(struct dns_query, name) + 1);
	if (message.len < DNS_HEADER_BYTES || message.len > DNS_MESSAGE_MAX_BYTES || bytes[2] & DNS_FLAG_QR)
		return DNS_QUERY_DROP;
	ret->id = dns_get16(bytes);
	ret->opcode = bytes[2] >> DNS_OPCODE_SHIFT & DNS_OPCODE_MASK;
	ret->is_recursive = bytes[2] & DNS_FLAG_RD;
	ret->is_unchecked = bytes[3] & DNS_FLAG_CD;
	ret->room_bytes = DNS_UDP_MIN_BYTES;
	if (ret->opcode)
		return DNS_QUERY_NOT_IMPLEMENTED;
	if (bytes[2] & DNS_FLAG_TC || dns_get16(bytes + 4) != 1 || dns_get32(bytes + 6) ||
			dns_get16(bytes + 10) > 1)
		return DNS_QUERY_MALFORMED;
	name = read_name(message, ret, &end);
	if (name == NAME_MALFORMED || message.len - end < 4)
		goto malformed;
	ret->type = dns_get16(bytes + end);
	ret->class = dns_get16(bytes + end + 2);
	end += 4;
	if (dns_get16(bytes + 10))
		kind = read_edns(bytes + end, message.len - end, ret);
	else if (message.len != end)
		goto malformed;
	if (kind == DNS_QUERY_MALFORMED)
		goto malformed;
	ret->question = (struct str){ message.data + DNS_HEADER_BYTES, end - DNS_HEADER_BYTES };
	if (name == NAME_OF_NO_HOST || (name == NAME_JUDGED_LATER && !judge_name(ret))) {
		ret->name[0] = '\0';
		ret->name_len = 0;
		kind = kind == DNS_QUERY_OK ? DNS_QUERY_NO_HOST : kind;
	}
	return kind;
malformed:
	ret->name[0] = '\0';
	ret->name_len = 0;
	return DNS_QUERY_MALFORMED;
}
