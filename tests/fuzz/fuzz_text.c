// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_text.c - what holds for every text that the small parsers of base could be given
 *
 *   - a size, a duration, a time and a base64 text that were read are written and read again as the same
 *   - a path that was made clean is clean, and making it clean again changes nothing
 *   - quoted text holds nothing that acts on a terminal, and every byte of the input went into it
 *   - UTF-8 is valid as a whole exactly where each of its characters is
 */
#include "base/arena.h"
#include "base/base64.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/units.h"
#include "base/utf8.h"

enum {
	ARENA_MAX_BYTES = 16 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_units(struct str text)
{
	char written[UNITS_TEXT_SIZE];
	uint64_t value, again;

	if (units_parse_size(text, &value) == 0) {
		units_format_size(value, written);
		assert(units_parse_size(str_from(written), &again) == 0 && again == value);
	}
	if (units_parse_duration(text, &value) == 0) {
		units_format_duration(value, written);
		assert(units_parse_duration(str_from(written), &again) == 0 && again == value);
	}
}

static void check_time(struct str text)
{
	char written[TIME_TEXT_SIZE];
	uint64_t value, again;

	if (time_from_text(text, &value) < 0)
		return;
	time_to_text(value, written);
	assert(time_from_text(str_from(written), &again) == 0);
}

static void check_base64(struct arena *arena, struct str text)
{
	struct str bytes, again;

	if (base64_decode(arena, text, &bytes) == 0) {
		assert(base64_encode(arena, bytes, &again) == 0);
		assert(str_eq(text, again));
	}
	assert(base64_encode(arena, text, &again) == 0);
	assert(base64_decode(arena, again, &bytes) == 0 && str_eq(bytes, text));
}

static void check_path(struct arena *arena, struct str text)
{
	const char *clean, *again;

	if (memchr(text.data, 0, text.len))
		return;
	clean = path_clean(arena, "/base", text);
	if (!clean)
		return;
	assert(clean[0] == '/' && path_is_clean(str_from(clean)));
	again = path_clean(arena, "/", str_from(clean));
	assert(again && !strcmp(clean, again));
}

static void check_quote(struct str text)
{
	scoped(buf) struct buf quoted = BUF_INIT(ARENA_MAX_BYTES);

	assert(quote_append(&quoted, text) == 0);
	assert(quoted.len >= text.len);
	for (struct str rest = { buf_text(&quoted), quoted.len }; rest.len;) {
		uint32_t point;
		int n = utf8_decode(rest, &point);

		assert(n > 0 && !utf8_is_deceptive(point));
		rest.data += n;
		rest.len -= (size_t)n;
	}
	assert(strlen(quote_text(text).text) < QUOTE_MAX);
}

static void check_utf8(struct str text)
{
	bool is_valid = utf8_is_valid(text);

	while (text.len) {
		char written[4];
		uint32_t point;
		int n = utf8_decode(text, &point);

		if (n < 0) {
			assert(!is_valid);
			return;
		}
		assert(utf8_encode(point, written) == (size_t)n && !memcmp(written, text.data, (size_t)n));
		text.data += n;
		text.len -= (size_t)n;
	}
	assert(is_valid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str text = { size ? (const char *)data : "", size };

	check_units(text);
	check_time(text);
	check_base64(&arena, text);
	check_path(&arena, text);
	check_quote(text);
	check_utf8(text);
	return 0;
}
