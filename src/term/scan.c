// SPDX-License-Identifier: Apache-2.0
/*
 * scan.c - the bulk of what is printed is plain text
 *
 * Most output holds nothing that has to be understood: printable ASCII is passed eight bytes at a time, the
 * controls that are kept and whole characters one by one. Whatever else comes, and a character that is cut
 * off, is the parser's.
 */
#include "term/term_internal.h"

#include "base/utf8.h"

#define EVERY_BYTE(value) ((uint64_t)(value) * 0x0101010101010101u)

enum {
	WORD_BYTES = sizeof(uint64_t),
};

/*
 * Whether all eight bytes are printable ASCII, 0x20..0x7E. With no top bit set, adding one carries into the
 * top bit for 0x7F only, and taking 0x20 off borrows for a control only.
 */
static bool is_printable_word(uint64_t word)
{
	uint64_t delete = word + EVERY_BYTE(0x01), control = (word | EVERY_BYTE(0x80)) - EVERY_BYTE(0x20);

	return !((word | delete | ~control) & EVERY_BYTE(0x80));
}

static size_t scan_printable(struct str text)
{
	size_t at = 0;
	uint64_t word;

	while (text.len - at >= WORD_BYTES) {
		memcpy(&word, text.data + at, WORD_BYTES);
		if (!is_printable_word(word))
			break;
		at += WORD_BYTES;
	}
	while (at < text.len && text.data[at] >= 0x20 && text.data[at] < 0x7F)
		at++;
	return at;
}

/* A control that changes nothing but the cursor's place, or a character; 0: neither. */
static size_t scan_one(struct str text)
{
	unsigned char byte = (unsigned char)text.data[0];
	uint32_t point;
	int n;

	if (byte < 0x20)
		return term_controls[byte].is_kept && !term_controls[byte].track;
	if (byte < 0x80)
		return 0;
	n = utf8_decode(text, &point);
	return n > 0 && point >= 0xA0 ? (size_t)n : 0;
}

size_t term_scan_plain(struct str text)
{
	size_t at = 0, n;

	do {
		at += scan_printable((struct str){ text.data + at, text.len - at });
		n = at < text.len ? scan_one((struct str){ text.data + at, text.len - at }) : 0;
		at += n;
	} while (n);
	return at;
}
