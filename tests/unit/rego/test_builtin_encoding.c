// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_encoding.c - base64.*, base64url.*, hex.*, crypto.*
 */
#include "lib/rego_call.h"

#define NO_TEXT "the decoded bytes are no text in UTF-8, which a string has to be"

TEST(base64_is_written_and_read)
{
	static const struct rego_row rows[] = {
		{ "base64.encode", "\"\"", "\"\"" },
		{ "base64.encode", "\"f\"", "\"Zg==\"" },
		{ "base64.encode", "\"fo\"", "\"Zm8=\"" },
		{ "base64.encode", "\"foo\"", "\"Zm9v\"" },
		{ "base64.encode", "\"\xc3\xbb\xc3\xbf?\"", "\"w7vDvz8=\"" },
		{ "base64.encode", "1",
			"eval_type_error: base64.encode: operand 1 must be string but got number" },
		{ "base64.decode", "\"aGVsbG8=\"", "\"hello\"" },
		{ "base64.decode", "\"dGhlcmU=\"", "\"there\"" },
		{ "base64.decode", "\"aGVs\\r\\nbG8=\\n\"", "\"hello\"" },
		{ "base64.decode", "\"Zm9=\"", "\"fo\"" },
		{ "base64.decode", "\"Zg=\\n=\"", "\"f\"" },
		{ "base64.decode", "\"Zg=\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 3" },
		{ "base64.decode", "\"Zg=x\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 2" },
		{ "base64.decode", "\"Zg\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 0" },
		{ "base64.decode", "\"Zg==Zg==\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 4" },
		{ "base64.decode", "\"Z===\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 1" },
		{ "base64.decode", "\"Zm9vZ!==\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 5" },
		{ "base64.decode", "\"_w==\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 0" },
		{ "base64.decode", "\"a\\u0000==\"",
			"eval_builtin_error: base64.decode: illegal base64 data at input byte 1" },
		{ "base64.decode", "\"/w==\"", "eval_builtin_error: base64.decode: " NO_TEXT },
		{ "base64.is_valid", "\"{'not':'base64'}\"", "false" },
		{ "base64.is_valid", "\"/w==\"", "true" },
		{ "base64.is_valid", "\"\"", "true" },
		{ "base64.is_valid", "{}", "false" },
		{ "base64url.encode", "\"hello\"", "\"aGVsbG8=\"" },
		{ "base64url.encode", "\"\xc3\xbb\xef\xbf\xbe\"", "\"w7vvv74=\"" },
		{ "base64url.encode_no_pad", "\"there\"", "\"dGhlcmU\"" },
		{ "base64url.encode_no_pad", "\"?\x3f>\"", "\"Pz8-\"" },
		{ "base64.encode", "\"?\x3f>\"", "\"Pz8+\"" },
		{ "base64url.decode", "\"aGVsbG8=\"", "\"hello\"" },
		{ "base64url.decode", "\"aGVsbG8\"", "\"hello\"" },
		{ "base64url.decode", "\"Pz8-\"", "\"?\x3f>\"" },
		{ "base64url.decode", "\"Zg\"", "\"f\"" },
		{ "base64url.decode", "\"Pz8+\"",
			"eval_builtin_error: base64url.decode: illegal base64 data at input byte 3" },
		{ "base64url.decode", "\"aGVsb\"",
			"eval_builtin_error: base64url.decode: illegal base64url string: aGVsb" },
		{ "base64url.decode", "\"_w\"", "eval_builtin_error: base64url.decode: " NO_TEXT },
		{ "base64url.decode", "[]",
			"eval_type_error: base64url.decode: operand 1 must be string but got array" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(hex_is_written_and_read)
{
	static const struct rego_row rows[] = {
		{ "hex.encode", "\"written text\"", "\"7772697474656e2074657874\"" },
		{ "hex.encode", "\"\xc3\xbf\"", "\"c3bf\"" },
		{ "hex.decode", "\"7772697474656e2074657874\"", "\"written text\"" },
		{ "hex.decode", "\"C3bF\"", "\"\xc3\xbf\"" },
		{ "hex.decode", "\"\"", "\"\"" },
		{ "hex.decode", "\"abc\"",
			"eval_builtin_error: hex.decode: encoding/hex: odd length hex string" },
		{ "hex.decode", "\"abg\"",
			"eval_builtin_error: hex.decode: encoding/hex: invalid byte: U+0067 'g'" },
		{ "hex.decode", "\"a\\n\"",
			"eval_builtin_error: hex.decode: encoding/hex: invalid byte: U+000A" },
		{ "hex.decode", "\"\xc3\xbf\"",
			"eval_builtin_error: hex.decode: encoding/hex: invalid byte: U+00C3 '\xc3\x83'" },
		{ "hex.decode", "\"ff\"", "eval_builtin_error: hex.decode: " NO_TEXT },
		{ "hex.decode", "null",
			"eval_type_error: hex.decode: operand 1 must be string but got null" },
	};

	REGO_CHECK_ROWS(rows);
}

/* RFC 1321 A.5, FIPS 180-4's own examples, RFC 2202 and RFC 4231 (test case 2). */
TEST(digests_are_those_of_the_standards)
{
	static const struct rego_row rows[] = {
		{ "crypto.md5", "\"written text\"", "\"e8a70de30471a399c72d8595a3e10e44\"" },
		{ "crypto.md5", "\"\"", "\"d41d8cd98f00b204e9800998ecf8427e\"" },
		{ "crypto.sha1", "\"abc\"", "\"a9993e364706816aba3e25717850c26c9cd0d89d\"" },
		{ "crypto.sha256", "\"abc\"",
			"\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\"" },
		{ "crypto.hmac.md5", "\"what do ya want for nothing?\", \"Jefe\"",
			"\"750c783e6ab0b503eaa86e310a5db738\"" },
		{ "crypto.hmac.sha1", "\"what do ya want for nothing?\", \"Jefe\"",
			"\"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79\"" },
		{ "crypto.hmac.sha256", "\"what do ya want for nothing?\", \"Jefe\"",
			"\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\"" },
		{ "crypto.hmac.sha512", "\"what do ya want for nothing?\", \"Jefe\"",
			"\"164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
			"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737\"" },
		{ "crypto.hmac.md5", "\"\", \"\"", "\"74e6f7298a9c2d168935f58c001bad88\"" },
		{ "crypto.hmac.equal",
			"\"31b6db9e5eb4addb42f1a6ca07367adc\", \"31b6db9e5eb4addb42f1a6ca07367adc\"",
			"true" },
		{ "crypto.hmac.equal", "\"31b6db9e5eb4addb42f1a6ca07367adc\", \"31b6db9e5eb4addb\"",
			"false" },
		{ "crypto.hmac.equal", "\"abc\", \"abd\"", "false" },
		{ "crypto.hmac.equal", "\"\", \"\"", "true" },
		{ "crypto.md5", "1", "eval_type_error: crypto.md5: operand 1 must be string but got number" },
		{ "crypto.hmac.sha1", "\"\", 1",
			"eval_type_error: crypto.hmac.sha1: operand 2 must be string but got number" },
		{ "crypto.hmac.equal", "1, \"\"",
			"eval_type_error: crypto.hmac.equal: operand 1 must be string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(a_key_longer_than_a_block_is_hashed_first)
{
	static const struct rego_row rows[] = {
		{ "crypto.hmac.sha256",
			"\"x\", \"0123456789012345678901234567890123456789012345678901234567890123456789\"",
			"\"704ef54bdacd8283e1818490de6892a7e99af6f8659d3abbe1bd0bbd7e3f0a0a\"" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(work_and_memory_are_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	static const char *const rows[][2] = {
		{ "base64.encode", "\"0123456789\"" }, { "base64.decode", "\"aGVsbG8=\"" },
		{ "base64.decode", "\"a\"" }, { "base64.is_valid", "\"aGVsbG8=\"" },
		{ "base64url.decode", "\"aGVsbG8\"" }, { "hex.encode", "\"0123456789\"" },
		{ "hex.decode", "\"6162636465\"" }, { "crypto.md5", "\"a\"" },
		{ "crypto.hmac.sha256", "\"a\", \"b\"" }, { "crypto.hmac.equal", "\"a\", \"b\"" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *whole = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, 65536);

		for (size_t bytes = 0; bytes < 1024; bytes += 16) {
			const char *got = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, bytes);

			/*
			 * An arena that is full takes away what was decoded so far, not whether it was right.
			 */
			CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
		}
		CHECK_TEXT(rego_call_text(&arena, rows[i][0], rows[i][1], 1, 65536), "stopped (steps)");
	}
}

TEST_MAIN()
