// SPDX-License-Identifier: Apache-2.0
/*
 * test_base64.c - RFC 4648 in both directions, and nothing but its canonical text
 */
#include "base/base64.h"

#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(1 << 20);

/* RFC 4648, section 10. */
TEST(vectors_of_the_rfc)
{
	static const struct {
		const char *bytes, *text;
	} rows[] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str text, bytes;

		CHECK_INT(base64_encode(&arena, str_from(rows[i].bytes), &text), 0);
		CHECK_STR(text, str_from(rows[i].text));
		CHECK_INT(base64_decode(&arena, text, &bytes), 0);
		CHECK_STR(bytes, str_from(rows[i].bytes));
		CHECK_INT(bytes.data[bytes.len], '\0');
	}
}

TEST(every_byte_in_every_place)
{
	for (unsigned value = 0; value < 256; value++)
		for (size_t place = 0; place < 3; place++) {
			char in[3] = { 0x55, 0x2A, 0x33 };
			struct str text, bytes;

			in[place] = (char)value;
			CHECK_INT(base64_encode(&arena, (struct str){ .data = in, .len = 3 }, &text), 0);
			CHECK_INT(text.len, 4);
			CHECK_INT(base64_decode(&arena, text, &bytes), 0);
			CHECK_STR(bytes, ((struct str){ .data = in, .len = 3 }));
			arena_reset(&arena);
		}
}

/* Of all texts of four characters, exactly those are read that some run of bytes has. */
TEST(only_canonical_text_is_read)
{
	static const char characters[] = "ABQgwxz019+/=-_ \n";
	unsigned accepted = 0;
	char in[4];

	for (size_t i = 0; i < 17 * 17 * 17 * 17; i++) {
		struct str bytes, text, whole = { .data = in, .len = 4 };
		size_t rest = i;

		for (size_t k = 0; k < 4; k++, rest /= 17)
			in[k] = characters[rest % 17];
		if (base64_decode(&arena, whole, &bytes) < 0)
			continue;
		CHECK_INT(base64_encode(&arena, bytes, &text), 0);
		CHECK_STR(text, whole);
		accepted++;
		arena_reset(&arena);
	}
	/*
	 * Twelve of these are letters of the alphabet; A, Q, g, w, 0 end in two zero bits, and all but 0 of
	 * them in four.
	 */
	CHECK_INT(accepted, 12 * 12 * 12 * 12 + 12 * 12 * 5 + 12 * 4);
}

TEST(other_text_is_refused)
{
	static const char *const texts[] = {
		"Z", "Zg", "Zg=", "Zg===", "=Zg=", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm8=\n",
		"Zm 8", "Zm9-", "Zm9_", "Zm9v Zm9v", "Zm9v=", "\xC3\xA9==", "Zm9.", "Zm9@", "Zm9[", "Zm9`",
		"Zm9{", "Zm9:",
	};
	struct str bytes = STR("untouched");

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (base64_decode(&arena, str_from(texts[i]), &bytes) != -EINVAL)
			test_fail(__FILE__, __LINE__, "'%s': accepted", texts[i]);
	CHECK_STR(bytes, STR("untouched"));
}

/* RFC 7515, appendix C, and what only the other alphabet has. */
TEST(the_alphabet_of_urls)
{
	static const char bytes[] = { 3, (char)236, (char)255, (char)224, (char)193 };
	static const char *const refused[] = { "A", "AAAAA", "Zg==", "A+A_", "A-A/", "AB", "A A_", "AA=" };
	struct str text, back, in = { .data = bytes, .len = sizeof(bytes) };

	CHECK_INT(base64url_encode(&arena, in, &text), 0);
	CHECK_STR(text, STR("A-z_4ME"));
	CHECK_INT(text.data[text.len], '\0');
	CHECK_INT(base64url_decode(&arena, text, &back), 0);
	CHECK_STR(back, in);
	CHECK_INT(base64url_decode(&arena, STR(""), &back), 0);
	CHECK_INT(back.len, 0);
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		CHECK_INT(base64url_decode(&arena, str_from(refused[i]), &back), -EINVAL);
}

TEST(a_full_arena_is_an_error)
{
	scoped(arena) struct arena small = ARENA_INIT(16);
	struct str ret;

	CHECK_INT(base64_encode(&small, STR("twelve bytes"), &ret), -EMSGSIZE);
	CHECK_INT(base64_encode(&small, (struct str){ .data = "", .len = SIZE_MAX }, &ret), -EMSGSIZE);
	CHECK_INT(base64_decode(&small, STR("Zm9vYmFyZm9vYmFyZm9vYmFy"), &ret), -EMSGSIZE);
	CHECK_INT(base64_encode(&small, STR("nine byte"), &ret), 0);
}

TEST_MAIN()
