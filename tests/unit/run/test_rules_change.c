// SPDX-License-Identifier: Apache-2.0
/*
 * test_rules_change.c - what a person wants of the rules of a session that runs, as it is sent and read
 */
#include "lib/test.h"

#include "run/rules_change.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(1 << 22);

/* What was read, in one line. */
static const char *told(const char *text)
{
	static struct buf shown = BUF_INIT(1 << 16);
	static const char *const kinds[] = { "allow", "deny", "remove" };
	struct rules_change change;
	struct error err = ERROR_INIT;
	int r = rules_change_read(&arena, str_from(text), &change, &err);

	buf_clear(&shown);
	if (r < 0)
		return error_name(r);
	CHECK_INT(buf_printf(&shown, "%s", kinds[change.kind]), 0);
	for (size_t i = 0; i < change.entry_count; i++) {
		char entry[NET_ENTRY_SIZE];

		net_entry_print(&change.entries[i], entry);
		CHECK_INT(buf_printf(&shown, " %s", entry), 0);
	}
	for (size_t i = 0; i < change.id_count; i++)
		CHECK_INT(buf_printf(&shown, " %llu", (unsigned long long)change.ids[i]), 0);
	if (change.for_ns)
		CHECK_INT(buf_printf(&shown, " for %llu", (unsigned long long)change.for_ns), 0);
	return buf_text(&shown);
}

static const struct {
	const char *text, *told;
} rows[] = {
	{ "{\"kind\":\"allow\",\"entries\":[\"A.Example\"]}", "allow a.example:443" },
	{ "{\"kind\":\"allow\",\"entries\":[\"a.b:1-9/tls\",\"10.0.0.1:*\"],\"for_ns\":5}",
		"allow a.b:1-9/tls 10.0.0.1:* for 5" },
	{ "{\"kind\":\"deny\",\"entries\":[\"**.a.b\"]}", "deny !**.a.b:*" },
	{ "{\"kind\":\"remove\",\"ids\":[7,1]}", "remove 7 1" },
	{ "{\"kind\":\"deny\",\"entries\":[\"!a.b\"]}", "EINVAL" },
	{ "{\"kind\":\"allow\",\"entries\":[\"!a.b\"]}", "EINVAL" },
	{ "{\"kind\":\"allow\",\"entries\":[\"a.b\",\"a..b\"]}", "EINVAL" },
	{ "{\"kind\":\"allow\",\"entries\":[\"a.b\"],\"for_ns\":0}", "EBADMSG" },
	{ "{\"kind\":\"allow\",\"entries\":[\"a.b\"],\"for_ns\":-1}", "EBADMSG" },
	{ "{\"kind\":\"allow\",\"entries\":[\"a.b\"],\"for_ns\":31622400000000001}", "EINVAL" },
	{ "{\"kind\":\"allow\",\"entries\":[]}", "EBADMSG" },
	{ "{\"kind\":\"allow\",\"entries\":[1]}", "EBADMSG" },
	{ "{\"kind\":\"allow\",\"entries\":\"a.b\"}", "EBADMSG" },
	{ "{\"kind\":\"allow\",\"ids\":[1]}", "EBADMSG" },
	{ "{\"kind\":\"allow\",\"entries\":[\"a.b\"],\"ids\":[1]}", "EBADMSG" },
	{ "{\"kind\":\"allow\",\"entries\":[\"a.b\"],\"by_user\":false}", "EBADMSG" },
	{ "{\"kind\":\"remove\",\"ids\":[0]}", "EBADMSG" },
	{ "{\"kind\":\"remove\",\"ids\":[1],\"for_ns\":1}", "EBADMSG" },
	{ "{\"kind\":\"ask\",\"entries\":[\"a.b\"]}", "EBADMSG" },
	{ "{\"entries\":[\"a.b\"]}", "EBADMSG" }, { "[]", "EBADMSG" }, { "", "EBADMSG" }, { "{", "EBADMSG" },
};

TEST(what_is_sent_is_read_and_nothing_else)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *got = told(rows[i].text);

		if (strcmp(got, rows[i].told))
			test_fail(__FILE__, __LINE__, "row %zu: %s, wanted %s", i, got, rows[i].told);
	}
	arena_fini(&arena);
}

static const char *written(const struct json *value)
{
	static struct buf text = BUF_INIT(1 << 16);

	buf_clear(&text);
	CHECK_INT(json_write(&text, value, JSON_WRITE_CANONICAL), 0);
	return buf_text(&text);
}

TEST(there_and_back)
{
	static const char *const hosts[] = { "a.b", "*.c.d:5" };
	static const uint64_t ids[] = { 9, 8 };

	CHECK_TEXT(told(written(rules_change_to_json(&arena, RULES_CHANGE_ALLOW, hosts, 2, 77))),
		"allow a.b:443 *.c.d:5 for 77");
	CHECK_TEXT(told(written(rules_change_to_json(&arena, RULES_CHANGE_DENY, hosts, 1, 0))),
		"deny !a.b:*");
	CHECK_TEXT(told(written(rules_removal_to_json(&arena, ids, 2))), "remove 9 8");
	arena_fini(&arena);
}

TEST(there_are_not_too_many)
{
	uint64_t ids[RULES_CHANGE_ITEMS_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
		ids[i] = i + 1;
	CHECK(!strncmp(told(written(rules_removal_to_json(&arena, ids, RULES_CHANGE_ITEMS_MAX))),
		"remove 1 2 ", 11));
	CHECK_TEXT(told(written(rules_removal_to_json(&arena, ids, ARRAY_SIZE(ids)))), "EMSGSIZE");
	arena_fini(&arena);
}

TEST_MAIN()
