// SPDX-License-Identifier: Apache-2.0
/*
 * test_url.c - where an OPA is: what is asked, over what, and what no such place is
 */
#include "config/url.h"

#include "lib/test.h"

static const struct {
	const char *text, *base, *socket, *host;
	unsigned port;
	bool is_tls, is_name;
} rows[] = {
	{ "https://opa.example.org", "https://opa.example.org:443/v1/data", NULL, "opa.example.org", 443,
		true, true },
	{ "https://OPA.Example.org:8181/", "https://opa.example.org:8181/v1/data", NULL, "opa.example.org",
		8181, true, true },
	{ "https://opa/v1/data", "https://opa:443/v1/data", NULL, "opa", 443, true, true },
	{ "https://opa/v1/data///", "https://opa:443/v1/data", NULL, "opa", 443, true, true },
	{ "https://opa/team/v1/data/a", "https://opa:443/team/v1/data/a", NULL, "opa", 443, true, true },
	{ "https://opa/v1/database", "https://opa:443/v1/database/v1/data", NULL, "opa", 443, true, true },
	{ "https://opa/v1/database/v1/data/x", "https://opa:443/v1/database/v1/data/x", NULL, "opa", 443,
		true, true },
	{ "https://10.1.2.3:1", "https://10.1.2.3:1/v1/data", NULL, "10.1.2.3", 1, true, false },
	{ "https://[2001:db8::1]:8181/x", "https://[2001:db8::1]:8181/x/v1/data", NULL, "2001:db8::1", 8181,
		true, false },
	{ "http://localhost:8181", "http://localhost:8181/v1/data", NULL, "localhost", 8181, false, false },
	{ "http://LOCALHOST", "http://localhost:80/v1/data", NULL, "localhost", 80, false, false },
	{ "http://127.3.2.1/", "http://127.3.2.1:80/v1/data", NULL, "127.3.2.1", 80, false, false },
	{ "http://[::1]:65535", "http://[::1]:65535/v1/data", NULL, "::1", 65535, false, false },
	{ "unix:/run/opa.sock", "http://localhost/v1/data", "/run/opa.sock", NULL, 0, false, false },
	{ "unix:/run/opa.sock:/v1/data/a", "http://localhost/v1/data/a", "/run/opa.sock", NULL, 0, false,
		false },
	{ "unix:/run/a:b:/x", "http://localhost/x/v1/data", "/run/a:b", NULL, 0, false, false },
};

TEST(where_an_opa_is)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct config_url url;
		const char *why = config_url_parse(&arena, str_from(rows[i].text), &url);

		if (why)
			test_fail(__FILE__, __LINE__, "%s: %s", rows[i].text, why);
		CHECK_TEXT(url.base, rows[i].base);
		CHECK_TEXT(url.socket ?: "none", rows[i].socket ?: "none");
		CHECK_TEXT(url.host ?: "none", rows[i].host ?: "none");
		CHECK_INT(url.port, rows[i].port);
		CHECK(url.is_tls == rows[i].is_tls && url.is_name == rows[i].is_name);
	}
}

/* With a word of each reason. */
static const struct {
	const char *text, *why;
} wrong[] = {
	{ "", "is wanted" }, { "opa.example.org", "is wanted" }, { "ftp://opa", "is wanted" },
	{ "HTTPS://opa", "is wanted" }, { "https://", "is wanted" }, { "https:///v1", "is wanted" },
	{ "https://me@opa", "policy.token" }, { "https://me:secret@opa", "policy.token" },
	{ "https://opa:0", "port" }, { "https://opa:65536", "port" }, { "https://opa:", "port" },
	{ "https://opa:8x", "port" }, { "https://*.example.org", "many hosts" },
	{ "https://*", "many hosts" }, { "https://[::1", "bracket" }, { "https://[::1]x", "behind the host" },
	{ "https://::1", "brackets" }, { "https://127.1", "the address 127.0.0.1" },
	{ "https://0x7f000001", "the address 127.0.0.1" },
	{ "https://2130706433", "the address 127.0.0.1" },
	{ "https://opa/a?b", "path" }, { "https://opa/a#b", "path" }, { "https://opa?a", "letters" },
	{ "https://opa/../x", "leads up" }, { "https://opa/./x", "leads up" },
	{ "https://opa/a%2fb", "path" }, { "https://opa/a b", "path" }, { "https://opa/\xc3\xa4", "path" },
	{ "https://opa\n/", "control" }, { "https://opa/a\nb", "path" },
	{ "http://opa", "this machine itself" }, { "http://opa.example.org", "this machine itself" },
	{ "http://128.0.0.1", "this machine itself" }, { "http://[2001:db8::1]", "this machine itself" },
	{ "http://[::ffff:127.0.0.1]", "this machine itself" },
	{ "http://localhost.example.org", "this machine" },
	{ "http://127.0.0.1.example.org", "this machine itself" },
	{ "http://0.0.0.0", "this machine itself" }, { "unix:run/opa", "is wanted" },
	{ "unix:", "is wanted" }, { "unix:/run/../etc", "is wanted" }, { "unix:/run//opa", "is wanted" },
	{ "unix:/run/opa:/../x", "leads up" },
	{ "unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaa", "107" },
};

TEST(where_no_opa_is)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct config_url url;
		const char *why = config_url_parse(&arena, str_from(wrong[i].text), &url);

		if (!why || !strstr(why, wrong[i].why))
			test_fail(__FILE__, __LINE__, "%s: %s", wrong[i].text, why ?: "taken");
	}
}

/* What C takes for the end of a text is not the end of this one. */
static const struct str cut[] = {
	STR("https://[2001:db8::1\0]:1/"), STR("https://[1::\0]"), STR("http://[::1\0]:8181"),
	STR("http://127.0.0.1\0"), STR("http://127.0.0.1\0.example.org"), STR("http://127.0.0.1\0:8181/x"),
	STR("http://localhost\0.example.org"), STR("https://opa\0"), STR("https://opa:1\0/"),
	STR("https://opa/a\0b"), STR("unix:/run/opa\0.sock"), STR("unix:/run/opa.sock:/a\0"),
};

TEST(nothing_hides_behind_a_nul)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(cut); i++) {
		struct config_url url;

		if (!config_url_parse(&arena, cut[i], &url))
			test_fail(__FILE__, __LINE__, "%zu: %s, and more, is taken", i, cut[i].data);
	}
}

TEST(without_memory_there_is_none)
{
	scoped(arena) struct arena arena = ARENA_INIT(0);
	struct config_url url;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK(config_url_parse(&arena, str_from(rows[i].text), &url));
}

TEST_MAIN()
