// SPDX-License-Identifier: Apache-2.0
/*
 * test_hash.c - SHA-256 against its standard, and digests as text
 */
#include "base/hash.h"

#include "lib/test.h"

#include <errno.h>

static const char *hex_of(struct digest digest)
{
	static char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&digest, hex);
	return hex;
}

/*
 * NIST, "Examples with Intermediate Values" to FIPS 180-4; the empty text from NIST's SHA test vectors
 * (CAVS).
 */
TEST(vectors_of_the_standard)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
			"ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
			"cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK_TEXT(hex_of(hash_bytes(rows[i].text, strlen(rows[i].text))), rows[i].wanted);
}

TEST(a_million_letters_in_pieces_of_every_size)
{
	static char letters[1000];
	struct hash hash;
	size_t done = 0;

	memset(letters, 'a', sizeof(letters));
	hash_init(&hash);
	for (size_t size = 0; done < 1000000; done += MIN(size, 1000000 - done), size = (size + 1) % 1000)
		hash_update(&hash, letters, MIN(size, 1000000 - done));
	CHECK_TEXT(hex_of(hash_final(&hash)),
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(nothing_may_be_hashed)
{
	CHECK_TEXT(hex_of(hash_bytes(NULL, 0)),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(hex_reads_back)
{
	struct digest digest = hash_bytes("x", 1), back;

	CHECK_INT(digest_from_hex(str_from(hex_of(digest)), &back), 0);
	CHECK(digest_eq(&digest, &back));
	back.bytes[31] ^= 1;
	CHECK(!digest_eq(&digest, &back));
}

TEST(other_hex_is_refused)
{
	static const char good[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	static const char bad[] = { 'g', 'A', 'F', ' ', '/', ':', '`', '\0', '\n' };
	struct digest digest, before;
	char text[sizeof(good)];

	CHECK_INT(digest_from_hex(str_from(good), &digest), 0);
	before = digest;
	for (size_t at = 0; at < 64; at++)
		for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
			memcpy(text, good, sizeof(good));
			text[at] = bad[i];
			CHECK_INT(digest_from_hex((struct str){ .data = text, .len = 64 }, &digest), -EINVAL);
		}
	CHECK_INT(digest_from_hex((struct str){ .data = good, .len = 63 }, &digest), -EINVAL);
	CHECK_INT(digest_from_hex((struct str){ .data = good, .len = 65 }, &digest), -EINVAL);
	CHECK_INT(digest_from_hex(STR(""), &digest), -EINVAL);
	CHECK(digest_eq(&digest, &before));
}

TEST_MAIN()
