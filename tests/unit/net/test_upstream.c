// SPDX-License-Identifier: Apache-2.0
/*
 * test_upstream.c - the URL of another proxy, and what goes past it
 */
#include "lib/test.h"

#include "net/upstream.h"

static struct arena arena = ARENA_INIT(1 << 20);

static void check_url(const char *text, const char *host, unsigned port, const char *user)
{
	struct net_upstream upstream;
	const char *why = net_upstream_read(&arena, str_from(text), &upstream);
	char address[NET_ADDRESS_SIZE] = "";

	CHECK(!why);
	if (upstream.address.len)
		net_address_print(&upstream.address, address);
	CHECK_TEXT(upstream.address.len ? address : upstream.name.data, host);
	CHECK_INT(upstream.port, port);
	CHECK_INT(upstream.has_user, user != NULL);
	CHECK_INT(upstream.is_tls, str_starts_with(str_from(text), STR("https:")));
	if (user)
		CHECK_TEXT(upstream.user.data, user);
}

TEST(urls)
{
	check_url("http://Proxy.Corp:8080", "proxy.corp", 8080, NULL);
	check_url("http://proxy/", "proxy", NET_UPSTREAM_PORT, NULL);
	check_url("https://proxy:8443", "proxy", 8443, NULL);
	check_url("https://ann@proxy", "proxy", NET_UPSTREAM_TLS_PORT, "ann:");
	check_url("http://10.1.2.3:3128", "10.1.2.3", 3128, NULL);
	check_url("http://[fd00::1]:3128/", "fd00::1", 3128, NULL);
	check_url("http://ann:s%40c%3Aret@proxy:1", "proxy", 1, "ann:s@c:ret");
	check_url("http://ann@proxy", "proxy", NET_UPSTREAM_PORT, "ann:");
	check_url("http://a:b@c@proxy", "proxy", NET_UPSTREAM_PORT, "a:b@c");
	arena_fini(&arena);
}

TEST(what_is_no_url)
{
	static const char *const wrong[] = { "", "proxy:3128", "http://", "http:///", "http://:3128",
		"http://proxy:0", "http://proxy:65536", "http://proxy:x", "http://proxy/path",
		"http://proxy?x", "http://proxy#x", "socks5://proxy", "HTTP://proxy", "https://",
		"HTTPS://proxy", "http://a b", "http://[::1", "http://::1]:1", "http://[::1]x",
		"http://u%0a:p@proxy", "http://u%4:p@proxy", "http://u%zz@proxy", "http://u%3a:p@proxy",
		"http://u\n@proxy", "http://a..b:1", "http://1:2:3" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct net_upstream upstream;

		CHECK(net_upstream_read(&arena, str_from(wrong[i]), &upstream));
	}
	arena_fini(&arena);
}

static bool goes_past(const char *list, const char *target, uint16_t port)
{
	struct net_bypass items[8];
	struct net_address address = { 0 };
	struct str rest = str_from(list), word, name = str_from(target);
	size_t count = 0;

	while (rest.len) {
		(void)str_cut(rest, ',', &word, &rest);
		CHECK(!net_bypass_read(&arena, word, &items[count]));
		count++;
	}
	if (net_address_read(name, &address) >= 0)
		name = (struct str){ 0 };
	return net_bypass_matches(items, count, name, &address, port);
}

TEST(what_goes_past)
{
	CHECK(goes_past("*", "a.example", 1));
	CHECK(goes_past("Corp.Example", "corp.example", 443) &&
		goes_past("corp.example", "a.b.corp.example", 443));
	CHECK(goes_past(".corp.example", "a.corp.example", 443) &&
		goes_past("*.corp.example", "a.corp.example", 443));
	CHECK(!goes_past("corp.example", "xcorp.example", 443) && !goes_past("corp.example", "example", 443));
	CHECK(!goes_past("corp.example", "corp.example.org", 443));
	CHECK(goes_past("x,corp.example:8443", "corp.example", 8443) &&
		!goes_past("corp.example:8443", "corp.example", 443));
	CHECK(goes_past("corp.example:8443", "corp.example", 0));
	CHECK(goes_past("10.0.0.0/8", "10.1.2.3", 22) && !goes_past("10.0.0.0/8", "11.1.2.3", 22));
	CHECK(goes_past("10.1.2.3:22", "10.1.2.3", 22) && !goes_past("10.1.2.3:22", "10.1.2.3", 23));
	CHECK(goes_past("fd00::/8", "fd00::1", 22) && goes_past("[fd00::/8]:22", "fd00::1", 22));
	CHECK(goes_past("[::1]", "::1", 1) && !goes_past("::1", "::2", 1));
	CHECK(!goes_past("10.0.0.0/8", "ten.example", 22) && !goes_past("", "a.example", 1));
	arena_fini(&arena);
}

TEST(what_is_no_entry)
{
	static const char *const wrong[] = { "", " ", ":80", "a:", "a:0", "a:65536", "a b", "*.", "**.a",
		"a.*", "10.0.0.0/33", "[::1", "::1]", "http://a", "a/8", "10.0.0.0/8:x", "a,b" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct net_bypass bypass;

		CHECK(net_bypass_read(&arena, str_from(wrong[i]), &bypass));
	}
	arena_fini(&arena);
}

TEST_MAIN()
