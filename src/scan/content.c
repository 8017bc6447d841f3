// SPDX-License-Identifier: Apache-2.0
/*
 * content.c - one pass over the bytes of a file
 *
 * Almost all text is ASCII: it is gone through in blocks of 64 bytes, eight at a time, which tells that
 * nothing but ends of lines matters there, and where these are (content_block.c). Only a block with something
 * else in it is looked at character by character. What has a NUL early on is no text and may be large, so
 * there only the bytes that a bidirectional control begins with are looked for. A character that is cut by
 * the end of a piece waits for the next one.
 *
 * Bytes are counted for the entropy as far as they tell something: the first 1,024 of what begins as ASCII
 * text does, and the first 65,536 of all else.
 */
#include "scan/content_internal.h"

#include "base/bits.h"
#include "base/utf8.h"

enum {
	BIDI_FIRST_BYTE = 0xE2,		/* of the UTF-8 of every bidirectional control that is told */
	BIDI_SECOND_BYTE = 0x81,	/* or 0x80 */
	BYTE_ORDER_MARK = 0xFEFF,
};

void content_begin(struct content_scan *scan)
{
	memset(scan, 0, offsetof(struct content_scan, head));
}

/* ---- bytes ---- */

static void keep_head(struct content_scan *scan, struct str bytes)
{
	if (scan->done < sizeof(scan->head))
		memcpy(scan->head + scan->done, bytes.data,
			MIN(bytes.len, sizeof(scan->head) - (size_t)scan->done));
	if (scan->done < CONTENT_TEXT_BYTES &&
			memchr(bytes.data, '\0', MIN(bytes.len, CONTENT_TEXT_BYTES - (size_t)scan->done)))
		scan->is_binary = true;
}

/* Two tables in turn: a byte that comes twice need not wait for itself. */
static void count_bytes(struct content_scan *scan, const char *data, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)data;
	size_t i = 0;

	for (; i + 2 <= len; i += 2) {
		scan->counts[0][bytes[i]]++;
		scan->counts[1][bytes[i + 1]]++;
	}
	if (i < len)
		scan->counts[0][bytes[i]]++;
}

/* Whether there is nothing but ASCII, and no NUL, in a multiple of CONTENT_BLOCK_BYTES. */
static bool is_plain_text(const char *bytes, size_t len)
{
	uint64_t newlines;

	for (size_t i = 0; i < len; i += CONTENT_BLOCK_BYTES)
		if (!content_block_read(bytes + i, &newlines))
			return false;
	return !memchr(bytes, '\0', len);
}

/*
 * Most files are short, and nothing is counted for them: when there are enough bytes, the head is made up
 * for. Whether more is counted, it says.
 */
static void count(struct content_scan *scan, struct str bytes)
{
	size_t from = 0, to;

	if (scan->done >= CONTENT_ENTROPY_BYTES || scan->done + bytes.len < sizeof(scan->head))
		return;
	if (scan->done < sizeof(scan->head)) {
		memset(scan->counts, 0, sizeof(scan->counts));
		count_bytes(scan, scan->head, sizeof(scan->head));
		scan->is_told_by_head = is_plain_text(scan->head, sizeof(scan->head));
		from = sizeof(scan->head) - (size_t)scan->done;
	}
	if (scan->is_told_by_head)
		return;
	to = (size_t)MIN((uint64_t)bytes.len, CONTENT_ENTROPY_BYTES - scan->done);
	count_bytes(scan, bytes.data + from, to - from);
}

static void end_line(struct content_scan *scan, uint64_t end)
{
	scan->content.lines++;
	scan->content.longest_line = MAX(scan->content.longest_line, end - scan->line_start);
	scan->line_start = end + 1;
}

/* All lines that end in a block; of those that also begin there, only the first ones can be the longest. */
static void end_lines(struct content_scan *scan, uint64_t newlines)
{
	uint64_t done = scan->done;

	while (newlines && scan->content.longest_line < CONTENT_BLOCK_BYTES) {
		end_line(scan, done + (uint64_t)__builtin_ctzll(newlines));
		newlines &= newlines - 1;
	}
	if (!newlines)
		return;
	end_line(scan, done + (uint64_t)__builtin_ctzll(newlines));
	scan->content.lines += bits_count(newlines) - 1;
	scan->line_start = done + CONTENT_BLOCK_BYTES - (uint64_t)__builtin_clzll(newlines);
}

static void find_lines(struct content_scan *scan, struct str bytes)
{
	const char *at = bytes.data, *end = bytes.data + bytes.len;

	for (; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		end_line(scan, scan->done + (uint64_t)(at - bytes.data));
}

/* ---- characters ---- */

static bool is_bidi(uint32_t point)
{
	return (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

/* No-break space, and all that comes before it, are controls or leave ink. */
static bool is_invisible(uint32_t point, uint64_t offset)
{
	return point > 0xA0 && !(point == BYTE_ORDER_MARK && !offset) && utf8_is_deceptive(point);
}

/* One character at @offset. Return: its bytes; 0: it may go on in the next piece. */
static size_t take_character(struct content_scan *scan, struct str rest, uint64_t offset, bool is_last)
{
	uint32_t point;
	int len = utf8_decode(rest, &point);

	if (len < 0 && rest.len < sizeof(scan->carry) && !is_last)
		return 0;
	if (len < 0) {
		scan->is_broken = true;
		return 1;
	}
	if (is_bidi(point))
		scan->content.has_bidi = true;
	else if (is_invisible(point, offset))
		scan->content.has_invisible = true;
	return (size_t)len;
}

/* In what is no text: how far it is to what may be a bidirectional control, or may go on to be one. */
static size_t skip_to_bidi(struct str rest)
{
	const char *at = rest.data, *end = rest.data + rest.len;

	for (; (at = memchr(at, BIDI_FIRST_BYTE, (size_t)(end - at))); at++)
		if (end - at < 2 || ((unsigned char)at[1] | 1) == BIDI_SECOND_BYTE)
			return (size_t)(at - rest.data);
	return rest.len;
}

/* How far it is to the next byte that matters. */
static size_t skip_plain(const struct content_scan *scan, struct str rest)
{
	size_t at = 0;
	uint64_t word;

	if (scan->is_binary)
		return skip_to_bidi(rest);
	for (; rest.len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, rest.data + at, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (at < rest.len && !(rest.data[at] & 0x80))
		at++;
	return at;
}

/* What was cut goes on with @bytes. Return: how many of them that took. */
static size_t join(struct content_scan *scan, struct str bytes)
{
	size_t before = scan->carry_len, at = 0, len = before + MIN(bytes.len, sizeof(scan->carry));
	char joined[2 * sizeof(scan->carry)];

	memcpy(joined, scan->carry, before);
	memcpy(joined + before, bytes.data, len - before);
	scan->carry_len = 0;
	while (at < before) {
		size_t taken = take_character(scan, (struct str){ joined + at, len - at },
			scan->done - before + at, false);

		/* Then all of @bytes are in here, and are still too few. */
		if (!taken) {
			scan->carry_len = len - at;
			memcpy(scan->carry, joined + at, scan->carry_len);
			return bytes.len;
		}
		at += taken;
	}
	return at - before;
}

static void look_at_characters(struct content_scan *scan, struct str bytes)
{
	size_t at = scan->carry_len ? join(scan, bytes) : 0;

	for (;;) {
		struct str rest = { bytes.data + at, bytes.len - at };
		size_t skipped = skip_plain(scan, rest), taken;

		if (skipped == rest.len)
			return;
		at += skipped;
		rest = (struct str){ rest.data + skipped, rest.len - skipped };
		taken = take_character(scan, rest, scan->done + at, false);
		if (!taken) {
			memcpy(scan->carry, rest.data, rest.len);
			scan->carry_len = rest.len;
			return;
		}
		at += taken;
	}
}

/* ---- the whole ---- */

/* What is not only ASCII. */
static void look_at(struct content_scan *scan, struct str bytes)
{
	if (!scan->is_binary)
		find_lines(scan, bytes);
	look_at_characters(scan, bytes);
	scan->done += bytes.len;
}

/* Return: whether that was all of a block. */
static bool take_block(struct content_scan *scan, const char *bytes)
{
	uint64_t newlines;

	if (scan->carry_len || scan->is_binary || !content_block_read(bytes, &newlines))
		return false;
	if (newlines)
		end_lines(scan, newlines);
	scan->done += CONTENT_BLOCK_BYTES;
	return true;
}

void content_feed(struct content_scan *scan, const void *data, size_t len)
{
	struct str bytes = { data, len };

	if (!len)
		return;
	keep_head(scan, bytes);
	count(scan, bytes);
	while (bytes.len) {
		size_t some = scan->is_binary ? bytes.len : MIN(bytes.len, (size_t)CONTENT_BLOCK_BYTES);

		if (some != CONTENT_BLOCK_BYTES || !take_block(scan, bytes.data))
			look_at(scan, (struct str){ bytes.data, some });
		bytes = (struct str){ bytes.data + some, bytes.len - some };
	}
}

static enum content_type find_type(const struct content_scan *scan)
{
	size_t len = (size_t)MIN(scan->done, (uint64_t)CONTENT_HEAD_BYTES);
	enum content_type type = content_type_by_head((struct str){ scan->head, len });

	if (!scan->done)
		return CONTENT_EMPTY;
	if (type)
		return type;
	return scan->is_binary ? CONTENT_DATA : CONTENT_TEXT;
}

static uint16_t find_entropy(struct content_scan *scan)
{
	if (scan->done < CONTENT_ENTROPY_MIN_BYTES)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(scan->counts[0]); i++)
		scan->counts[0][i] += scan->counts[1][i];
	return content_entropy(scan->counts[0], scan->is_told_by_head ? sizeof(scan->head) :
		(uint32_t)MIN(scan->done, (uint64_t)CONTENT_ENTROPY_BYTES));
}

struct content content_end(struct content_scan *scan)
{
	for (size_t at = 0; at < scan->carry_len;)
		at += take_character(scan, (struct str){ scan->carry + at, scan->carry_len - at },
			scan->done - scan->carry_len + at, true);
	scan->carry_len = 0;
	if (scan->is_binary)
		scan->content.lines = scan->line_start = 0;
	if (scan->done > scan->line_start)
		end_line(scan, scan->done);
	scan->content.entropy = find_entropy(scan);
	scan->content.type = find_type(scan);
	scan->content.is_utf8 = !scan->is_binary && !scan->is_broken;
	scan->content.has_invisible &= !scan->is_binary;
	return scan->content;
}

struct content content_of(struct str bytes)
{
	struct content_scan scan;

	content_begin(&scan);
	content_feed(&scan, bytes.data, bytes.len);
	return content_end(&scan);
}

bool content_is_valid(const struct content *content, uint64_t size)
{
	if (content->type <= CONTENT_UNKNOWN || content->type >= CONTENT_TYPES ||
			content->entropy > CONTENT_ENTROPY_MAX)
		return false;
	if (size < CONTENT_ENTROPY_MIN_BYTES && content->entropy)
		return false;
	if ((content->type == CONTENT_EMPTY) != !size || !content->lines != !size)
		return false;
	if (!size)
		return !content->longest_line && content->is_utf8 && !content->has_bidi &&
			!content->has_invisible;
	/* A line that ends takes a byte for its end. */
	return content->lines <= size && content->longest_line <= size - (content->lines - 1) &&
			!(content->type == CONTENT_DATA && (content->is_utf8 || content->has_invisible));
}
