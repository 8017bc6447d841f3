// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_net.c - addresses and networks, and net.cidr_*
 */
#include "lib/rego_call.h"
#include "rego/address.h"

TEST(addresses_are_read_strictly_and_shown_as_people_write_them)
{
	static const char *const rows[][2] = {
		{ "1.2.3.4", "1.2.3.4" }, { "255.255.255.255", "255.255.255.255" }, { "0.0.0.0", "0.0.0.0" },
		{ "::", "::" }, { "::1", "::1" }, { "1::", "1::" }, { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" }, { "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1" }, { "0:0:1:0:0:0:1:0", "0:0:1::1:0" },
		{ "::ffff:1.2.3.4", "1.2.3.4" }, { "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
		{ "::1.2.3.4", "::102:304" }, { "fe80::0abc", "fe80::abc" },
	};
	static const char *const bad[] = {
		"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.", ".1.2.3", "1.2.3.4 ",
		"1.2.3.a", ":", ":::", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::", "12345::", "g::", "::1.2.3", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:6::1.2.3.4", "::1%eth0", "1:::2", "1:2:1.2.3.4", "::1.2.3.4:1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4096);
		struct rego_text text = REGO_TEXT_INIT(&arena);
		rego_address address;
		struct str shown;

		CHECK(rego_address_parse(str_from(rows[i][0]), &address));
		rego_address_print(&text, address);
		CHECK(rego_text_end(&text, &shown));
		CHECK_TEXT(shown.data, rows[i][1]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		rego_address address;

		if (rego_address_parse(str_from(bad[i]), &address))
			test_fail(__FILE__, __LINE__, "taken: '%s'", bad[i]);
	}
}

TEST(networks_contain_addresses_and_networks)
{
	static const struct rego_row rows[] = {
		{ "net.cidr_contains", "\"10.0.0.0/8\", \"10.1.0.0/24\"", "true" },
		{ "net.cidr_contains", "\"172.17.0.0/24\", \"172.17.0.0/16\"", "false" },
		{ "net.cidr_contains", "\"10.0.0.0/8\", \"10.1.1.1/32\"", "true" },
		{ "net.cidr_contains", "\"10.0.0.0/8\", \"10.1.2.3\"", "true" },
		{ "net.cidr_contains", "\"10.0.0.0/8\", \"::ffff:10.1.2.3\"", "true" },
		{ "net.cidr_contains", "\"10.0.0.0/8\", \"11.1.2.3\"", "false" },
		{ "net.cidr_contains", "\"::/0\", \"11.1.2.3\"", "false" },
		{ "net.cidr_contains", "\"::ffff:0.0.0.0/96\", \"11.1.2.3\"", "true" },
		{ "net.cidr_contains", "\"2001:4860:4860::8888/32\", \"2001:4860:4860:1234::8888/40\"",
			"true" },
		{ "net.cidr_contains",
			"\"2001:4860:4860::8888/32\", \"2001:4860:4860:1234:5678:1234:5678:8888/128\"",
			"true" },
		{ "net.cidr_contains", "\"2001:4860::/96\", \"2001:4860::/32\"", "false" },
		{ "net.cidr_contains", "\"2001:4860::/32\", \"fd1e:5bfe:8af3:9ddc::/64\"", "false" },
		{ "net.cidr_contains", "\"not-a-cidr\", \"192.168.1.67\"",
			"eval_builtin_error: net.cidr_contains: invalid CIDR address: not-a-cidr" },
		{ "net.cidr_contains", "\"192.168.1.0/28\", \"not-a-cidr\"",
			"eval_builtin_error: net.cidr_contains: "
			"not a valid textual representation of an IP address or CIDR: not-a-cidr" },
		{ "net.cidr_contains", "\"10.0.0.0/8\", 1",
			"eval_type_error: net.cidr_contains: operand 1 must be string but got number" },
		{ "net.cidr_overlap", "\"10.0.0.0/8\", \"10.1.2.3\"", "true" },
		{ "net.cidr_intersects", "\"192.168.1.0/25\", \"192.168.1.64/25\"", "true" },
		{ "net.cidr_intersects", "\"192.168.1.0/24\", \"192.168.2.0/24\"", "false" },
		{ "net.cidr_intersects", "\"fd1e:5bfe:8af3:9ddc::/64\", \"fd1e:5bfe:8af3:9ddc:1111::/72\"",
			"true" },
		{ "net.cidr_intersects", "\"fd1e:5bfe:8af3:9ddc::/64\", \"2001:4860:4860::8888/32\"",
			"false" },
		{ "net.cidr_intersects", "\"not-a-cidr\", \"192.168.1.0/24\"",
			"eval_builtin_error: net.cidr_intersects: invalid CIDR address: not-a-cidr" },
		{ "net.cidr_is_valid", "\"192.168.1.0/24\"", "true" },
		{ "net.cidr_is_valid", "\"192.168.1.2\"", "false" },
		{ "net.cidr_is_valid", "\"2002::1234:abcd:ffff:c0a8:101/64\"", "true" },
		{ "net.cidr_is_valid", "\"1.2.3.4/33\"", "false" },
		{ "net.cidr_is_valid", "\"1.2.3.4/032\"", "true" },
		{ "net.cidr_is_valid", "\"1.2.3.4/\"", "false" },
		{ "net.cidr_is_valid", "\"1.2.3.4/x\"", "false" },
		{ "net.cidr_is_valid", "\"::/129\"", "false" },
		{ "net.cidr_is_valid", "7", "false" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(matches_say_which_contains_which)
{
	static const struct rego_row rows[] = {
		{ "net.cidr_contains_matches", "\"1.1.1.0/24\", \"1.1.1.1\"",
			"{[\"1.1.1.0/24\", \"1.1.1.1\"]}" },
		{ "net.cidr_contains_matches", "[\"1.1.2.0/24\", \"1.1.1.0/24\"], [\"1.1.1.1\", \"1.1.2.1\"]",
			"{[0, 1], [1, 0]}" },
		{ "net.cidr_contains_matches",
			"[[\"1.1.2.0/24\", 1], \"1.1.1.0/24\"], [\"1.1.1.1\", \"1.1.2.1\"]",
			"{[0, 1], [1, 0]}" },
		{ "net.cidr_contains_matches",
			"{\"x\": \"1.1.2.0/24\", \"y\": [\"1.1.1.0/24\"]}, {\"z\": \"1.1.1.1\"}",
			"{[\"y\", \"z\"]}" },
		{ "net.cidr_contains_matches", "[\"1.1.1.0/24\"], [\"1.1.1.1\", 1]",
			"eval_builtin_error: net.cidr_contains_matches: operand 2: element must be string or non-empty array" },
		{ "net.cidr_contains_matches", "[[]], [\"1.1.1.1\"]",
			"eval_builtin_error: net.cidr_contains_matches: operand 1: element must be string or non-empty array" },
		{ "net.cidr_contains_matches", "[[7]], [\"1.1.1.1\"]",
			"eval_type_error: net.cidr_contains_matches: operand 1 must be string but got number" },
		/*
		 * ::/0 has other addresses than 1.1.0.0/16, and both networks and addresses are as wide as
		 * they are.
		 */
		{ "net.cidr_contains_matches",
			"[\"1.1.1.0/24\", \"::/0\", \"1.1.1.1/32\", \"1.1.2.0/24\", \"0.0.0.0/0\"], [\"1.1.1.1\", \"1.1.1.0/25\", \"::1\"]",
			"{[0, 0], [0, 1], [1, 2], [2, 0], [4, 0], [4, 1]}" },
		{ "net.cidr_contains_matches", "[\"1.1.1.0/33\"], [\"x\"]",
			"eval_builtin_error: net.cidr_contains_matches: invalid CIDR address: 1.1.1.0/33" },
		{ "net.cidr_contains_matches", "[], [7]", "set()" },
		{ "net.cidr_contains_matches", "null, [7]", "set()" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(networks_are_expanded_and_merged)
{
	static const struct rego_row rows[] = {
		{ "net.cidr_expand", "\"192.168.1.1/30\"",
			"{\"192.168.1.0\", \"192.168.1.1\", \"192.168.1.2\", \"192.168.1.3\"}" },
		{ "net.cidr_expand", "\"172.16.100.255/30\"",
			"{\"172.16.100.252\", \"172.16.100.253\", \"172.16.100.254\", \"172.16.100.255\"}" },
		{ "net.cidr_expand", "\"255.255.255.255/32\"", "{\"255.255.255.255\"}" },
		{ "net.cidr_expand", "\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127\"",
			"{\"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe\", \"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"}" },
		{ "net.cidr_expand", "\"192.168.1.1/33\"",
			"eval_builtin_error: net.cidr_expand: invalid CIDR address: 192.168.1.1/33" },
		{ "net.cidr_expand", "\"0.0.0.0/0\"", "stopped (steps)" },
		{ "net.cidr_expand", "\"::/0\"", "stopped (steps)" },
		{ "net.cidr_merge", "[]", "set()" },
		{ "net.cidr_merge", "[\"2601:600:8a80:207e:a57d:7567:e2c9:e7b3/128\"]",
			"{\"2601:600:8a80:207e:a57d:7567:e2c9:e7b3/128\"}" },
		{ "net.cidr_merge", "[\"2601:600:8a80:207e:a57d:7567:e2c9:e7b3/64\", "
			"\"2601:600:8a80:207e:a57d:7567:e2c9:e7b3/128\"]", "{\"2601:600:8a80:207e::/64\"}" },
		{ "net.cidr_merge", "[\"2601:600:8a80:207e:a57d:7567:e2c9:e7b3\"]",
			"eval_builtin_error: net.cidr_merge: IPv6 invalid: needs prefix length" },
		{ "net.cidr_merge", "[\"192.0.128.0/24\", \"192.0.128.0/24\"]", "{\"192.0.128.0/24\"}" },
		{ "net.cidr_merge", "[\"192.0.128.0/24\", \"0.0.0.0/0\"]", "{\"0.0.0.0/0\"}" },
		{ "net.cidr_merge", "[\"192.0.128.0/24\", \"192.0.129.0/24\"]", "{\"192.0.128.0/23\"}" },
		{ "net.cidr_merge", "[\"192.0.2.112/30\", \"192.0.2.116/31\", \"192.0.2.118/31\"]",
			"{\"192.0.2.112/29\"}" },
		{ "net.cidr_merge", "[\"192.0.2.112/30\", \"192.0.2.116/32\", \"192.0.2.118/31\"]",
			"{\"192.0.2.112/30\", \"192.0.2.116/32\", \"192.0.2.118/31\"}" },
		{ "net.cidr_merge", "[\"192.0.2.112/31\", \"192.0.2.116/31\", \"192.0.2.118/31\"]",
			"{\"192.0.2.112/31\", \"192.0.2.116/30\"}" },
		{ "net.cidr_merge",
			"[\"192.0.1.254/31\", \"192.0.2.0/25\", \"192.0.2.128/25\", \"192.0.3.0/28\"]",
			"{\"192.0.1.254/31\", \"192.0.2.0/24\", \"192.0.3.0/28\"}" },
		{ "net.cidr_merge", "[\"::/0\", \"::192.0.2.0/124\", \"ff00::101/128\"]", "{\"::/0\"}" },
		{ "net.cidr_merge", "[\"fe80::/120\", \"192.0.2.0/24\", \"192.0.3.0/24\", \"192.0.4.0/25\", "
			"\"192.0.4.128/25\"]", "{\"192.0.2.0/23\", \"192.0.4.0/24\", \"fe80::/120\"}" },
		{ "net.cidr_merge", "[\"192.0.128.0\", \"192.0.129.0\"]", "{\"192.0.128.0/23\"}" },
		{ "net.cidr_merge", "[\"9.8.7.6\", \"129.1.2.3\"]", "{\"129.1.2.3/16\", \"9.8.7.6/8\"}" },
		{ "net.cidr_merge", "[\"0.0.0.0/8\", \"::fffe:ffff:ffff/128\"]",
			"{\"0.0.0.0/8\", \"::fffe:ffff:ffff/128\"}" },
		{ "net.cidr_merge", "[1]", "eval_builtin_error: net.cidr_merge: element must be string" },
		{ "net.cidr_merge", "[\"x\"]",
			"eval_builtin_error: net.cidr_merge: invalid CIDR address: x" },
		{ "net.cidr_merge", "{}", "eval_builtin_error: net.cidr_merge: operand must be an array" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(many_networks_are_merged_whatever_their_order)
{
	scoped(arena) struct arena arena = ARENA_INIT(8 << 20);
	struct rego_text text = REGO_TEXT_INIT(&arena);
	struct str operand;

	rego_text_add_char(&text, '[');
	for (int i = 0; i < 4096; i++)
		rego_text_add_text(&text, arena_printf(&arena, "%s\"10.0.%d.%d/32\"", i ? "," : "",
			i * 1901 % 4096 / 256, i * 1901 % 4096 % 256));
	rego_text_add_char(&text, ']');
	CHECK(rego_text_end(&text, &operand));
	CHECK_TEXT(rego_call_text(&arena, "net.cidr_merge", operand.data, 1 << 20, 8 << 20),
		"{\"10.0.0.0/20\"}");
	CHECK_TEXT(rego_call_text(&arena, "net.cidr_merge", operand.data, 4096, 8 << 20), "stopped (steps)");
}

TEST(memory_is_bounded)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	static const char *const rows[][2] = {
		{ "net.cidr_expand", "\"10.0.0.0/29\"" },
		{ "net.cidr_merge", "[\"192.0.2.112/31\", \"192.0.2.116/31\", \"192.0.2.118/31\"]" },
		{ "net.cidr_contains_matches",
			"[\"1.1.2.0/24\", \"1.1.1.0/24\"], [\"1.1.1.1\", \"1.1.2.1\"]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *whole = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, 65536);

		for (size_t bytes = 0; bytes < 8192; bytes += 64) {
			const char *got = rego_call_text(&arena, rows[i][0], rows[i][1], 1000, bytes);

			CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
		}
		CHECK_TEXT(rego_call_text(&arena, rows[i][0], rows[i][1], 1, 65536), "stopped (steps)");
	}
}

TEST_MAIN()
