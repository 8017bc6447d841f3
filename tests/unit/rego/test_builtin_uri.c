// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_uri.c - uri.*, urlquery.*
 */
#include "lib/rego_call.h"

TEST(a_uri_is_taken_apart)
{
	static const struct rego_row rows[] = {
		{ "uri.parse", "\"https://example.com:8080/api?q=1#top\"",
			"{\"fragment\": \"top\", \"hostname\": \"example.com\", \"path\": \"/api\", \"port\": \"8080\", "
			"\"raw_path\": \"/api\", \"raw_query\": \"q=1\", \"scheme\": \"https\"}" },
		{ "uri.parse", "\"http://[::1]:8080/path\"",
			"{\"hostname\": \"::1\", \"path\": \"/path\", \"port\": \"8080\", "
			"\"raw_path\": \"/path\", \"scheme\": \"http\"}" },
		{ "uri.parse", "\"http://[fe80::1%25e%74h0]/\"",
			"{\"hostname\": \"fe80::1%eth0\", \"path\": \"/\", "
			"\"raw_path\": \"/\", \"scheme\": \"http\"}" },
		{ "uri.parse", "\"https://example.com/path%2Fwith%2Fslashes\"",
			"{\"hostname\": \"example.com\", "
			"\"path\": \"/path/with/slashes\", \"raw_path\": \"/path%2Fwith%2Fslashes\", \"scheme\": \"https\"}" },
		{ "uri.parse", "\"https://example.com/a%27b\"",
			"{\"hostname\": \"example.com\", \"path\": \"/a'b\", "
			"\"raw_path\": \"/a'b\", \"scheme\": \"https\"}" },
		{ "uri.parse", "\"https://example.com/a%28b%29\"",
			"{\"hostname\": \"example.com\", \"path\": \"/a(b)\", "
			"\"raw_path\": \"/a(b)\", \"scheme\": \"https\"}" },
		{ "uri.parse", "\"http://foo]bar/\"",
			"{\"hostname\": \"foo]bar\", \"path\": \"/\", \"raw_path\": \"/\", "
			"\"scheme\": \"http\"}" },
		{ "uri.parse", "\"HTTP://u:p%40@h:/%e2%82%ac?#%c3%a4\"",
			"{\"fragment\": \"\xc3\xa4\", \"hostname\": \"h\", "
			"\"path\": \"/\xe2\x82\xac\", \"raw_path\": \"/%e2%82%ac\", \"scheme\": \"http\"}" },
		{ "uri.parse", "\"postgres://a:1,b:2/x\"",
			"{\"hostname\": \"a:1,b\", \"path\": \"/x\", \"port\": \"2\", "
			"\"raw_path\": \"/x\", \"scheme\": \"postgres\"}" },
		{ "uri.parse", "\"mailto:someone@example.com\"", "{\"scheme\": \"mailto\"}" },
		{ "uri.parse", "\"a/b:c\"", "{\"path\": \"a/b:c\", \"raw_path\": \"a/b:c\"}" },
		{ "uri.parse", "\"///a\"", "{\"path\": \"///a\", \"raw_path\": \"///a\"}" },
		{ "uri.parse", "\"*\"", "{\"path\": \"*\", \"raw_path\": \"*\"}" },
		{ "uri.parse", "\"\"", "{}" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(what_is_no_uri_is_refused_in_known_words)
{
	static const struct rego_row rows[] = {
		{ "uri.parse", "\"http://a<b@example.com/\"",
			"eval_builtin_error: uri.parse: parse \"http://a<b@example.com/\": net/url: invalid userinfo" },
		{ "uri.parse", "\"http://[invalid\"",
			"eval_builtin_error: uri.parse: parse \"http://[invalid\": missing ']' in host" },
		{ "uri.parse", "\"http://a[::1]\"",
			"eval_builtin_error: uri.parse: parse \"http://a[::1]\": invalid IP-literal" },
		{ "uri.parse", "\"http://[1.2.3.4]\"",
			"eval_builtin_error: uri.parse: parse \"http://[1.2.3.4]\": invalid IP-literal" },
		{ "uri.parse", "\"http://[::g]\"", "eval_builtin_error: uri.parse: parse \"http://[::g]\": "
			"invalid host: ParseAddr(\\\"::g\\\"): unable to parse IP" },
		{ "uri.parse", "\"http://h:8x\"",
			"eval_builtin_error: uri.parse: parse \"http://h:8x\": invalid port \":8x\" after host" },
		{ "uri.parse", "\"http://[::1]x\"",
			"eval_builtin_error: uri.parse: parse \"http://[::1]x\": invalid port \"x\" after host" },
		{ "uri.parse", "\"http://h:1:2\"",
			"eval_builtin_error: uri.parse: parse \"http://h:1:2\": invalid port \":1:2\" after host" },
		{ "uri.parse", "\"http://exa%6dple.com/\"",
			"eval_builtin_error: uri.parse: parse \"http://exa%6dple.com/\": invalid URL escape \"%6d\"" },
		{ "uri.parse", "\"http://a b/\"",
			"eval_builtin_error: uri.parse: parse \"http://a b/\": invalid character \" \" in host name" },
		{ "uri.parse", "\"/%\"",
			"eval_builtin_error: uri.parse: parse \"/%\": invalid URL escape \"%\"" },
		{ "uri.parse", "\"/#%zzz\"",
			"eval_builtin_error: uri.parse: parse \"/#%zzz\": invalid URL escape \"%zz\"" },
		{ "uri.parse", "\"a\\nb\"",
			"eval_builtin_error: uri.parse: parse \"a\\nb\": net/url: invalid control character in URL" },
		{ "uri.parse", "\":a\"",
			"eval_builtin_error: uri.parse: parse \":a\": missing protocol scheme" },
		{ "uri.parse", "\"1a:b\"",
			"eval_builtin_error: uri.parse: parse \"1a:b\": first path segment in URL cannot contain colon" },
		{ "uri.parse", "\"/%ff\"",
			"eval_builtin_error: uri.parse: an escape stands for a byte that is not UTF-8" },
		{ "uri.parse", "1", "eval_type_error: uri.parse: operand 1 must be string but got number" },
		{ "uri.is_valid", "\"https://example.com/path?q=1\"", "true" },
		{ "uri.is_valid", "\"http://[invalid\"", "false" },
		{ "uri.is_valid", "\"http://exa%6dple.com/\"", "false" },
		{ "uri.is_valid", "\"http://a<b@example.com/\"", "false" },
		{ "uri.is_valid", "\"http://user name@example.com/\"", "false" },
		{ "uri.is_valid", "\"http://example.com:\xd9\xa3\xd9\xa4/\"", "false" },
		{ "uri.is_valid", "\"http://foo]bar/\"", "true" },
		{ "uri.is_valid", "\"\"", "false" },
		{ "uri.is_valid", "1", "false" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
		const char *got = rego_call_text(&arena, rows[i].name, rows[i].operands, 1000, 1 << 20);

		/* The text within the text is escaped once more in one of them. */
		if (strstr(rows[i].wanted, "ParseAddr"))
			CHECK_TEXT(strstr(got, "invalid host"),
				"invalid host: ParseAddr(\"::g\"): unable to parse IP");
		else
			CHECK_TEXT(got, rows[i].wanted);
	}
}

TEST(queries_are_escaped_and_back)
{
	static const struct rego_row rows[] = {
		{ "urlquery.encode", "\"\"", "\"\"" },
		{ "urlquery.encode", "\"a=b+1 /~-_.\xc3\xa4\"", "\"a%3Db%2B1+%2F~-_.%C3%A4\"" },
		{ "urlquery.encode", "1",
			"eval_type_error: urlquery.encode: operand 1 must be string but got number" },
		{ "urlquery.decode", "\"a%3Db%2B1\"", "\"a=b+1\"" },
		{ "urlquery.decode", "\"a+b\"", "\"a b\"" },
		{ "urlquery.decode", "\"%f\"",
			"eval_builtin_error: urlquery.decode: invalid URL escape \"%f\"" },
		{ "urlquery.decode", "\"%fg1\"",
			"eval_builtin_error: urlquery.decode: invalid URL escape \"%fg\"" },
		{ "urlquery.decode", "\"%ff\"",
			"eval_builtin_error: urlquery.decode: an escape stands for a byte that is not UTF-8" },
		{ "urlquery.encode_object", "{}", "\"\"" },
		{ "urlquery.encode_object", "{\"a\": \"b\", \"c\": \"d\"}", "\"a=b&c=d\"" },
		{ "urlquery.encode_object", "{\"a\": \"c=b+1\"}", "\"a=c%3Db%2B1\"" },
		{ "urlquery.encode_object", "{\"a\": [\"b+1\", \"c+2\"], \"b\": []}", "\"a=b%2B1&a=c%2B2\"" },
		{ "urlquery.encode_object", "{\"a\": 1}",
			"eval_type_error: urlquery.encode_object: operand 1 values must be string, array[string], or set[string]" },
		{ "urlquery.encode_object", "{\"a\": [1]}",
			"eval_type_error: urlquery.encode_object: operand 1 values must be string, array[string], or set[string]" },
		{ "urlquery.encode_object", "[]",
			"eval_type_error: urlquery.encode_object: operand 1 must be object but got array" },
		{ "urlquery.decode_object", "\"a=value_a1&b=value_b&a=value_a2\"",
			"{\"a\": [\"value_a1\", \"value_a2\"], \"b\": [\"value_b\"]}" },
		{ "urlquery.decode_object", "\"a=value_a1&b\"", "{\"a\": [\"value_a1\"], \"b\": [\"\"]}" },
		{ "urlquery.decode_object", "\"&&a=b=c&=d&\"", "{\"\": [\"d\"], \"a\": [\"b=c\"]}" },
		{ "urlquery.decode_object", "\"\"", "{}" },
		{ "urlquery.decode_object", "\"a;b\"",
			"eval_builtin_error: urlquery.decode_object: invalid semicolon separator in query" },
		{ "urlquery.decode_object", "\"a=%\"",
			"eval_builtin_error: urlquery.decode_object: invalid URL escape \"%\"" },
		{ "urlquery.decode_object", "\"%=a\"",
			"eval_builtin_error: urlquery.decode_object: invalid URL escape \"%\"" },
		{ "urlquery.decode_object", "\"a=%ff\"",
			"eval_builtin_error: urlquery.decode_object: an escape stands for a byte that is not UTF-8" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(work_and_memory_are_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	static const char *const rows[][2] = {
		{ "uri.parse", "\"https://u:p@[fe80::1%25e]:80/a%20b/c/d?e#f\"" },
		{ "uri.parse", "\"http://h:8x\"" },
		{ "uri.is_valid", "\"https://u:p@[fe80::1%25e]:80/a%20b/c/d?e#f\"" },
		{ "urlquery.encode", "\"a b c d\"" },
		{ "urlquery.encode_object", "{\"a\": [\"b+1\", \"c+2\"]}" },
		{ "urlquery.decode_object", "\"a=b&c=d&a=c\"" },
		{ "urlquery.decode", "\"a%20b\"" },
	};
	char *many = arena_alloc(&arena, 10004);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *whole = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, 65536);

		for (size_t bytes = 0; bytes < 4096; bytes += 64) {
			const char *got = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, bytes);

			CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
		}
		CHECK_TEXT(rego_call_text(&arena, rows[i][0], rows[i][1], 1, 65536), "stopped (steps)");
	}
	memset(many, '&', 10002);
	many[0] = many[10001] = '"';
	CHECK_TEXT(rego_call_text(&arena, "urlquery.decode_object", many, 1 << 20, 1 << 20),
		"eval_builtin_error: urlquery.decode_object: number of URL query parameters exceeded limit");
}

TEST_MAIN()
