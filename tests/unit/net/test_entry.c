// SPDX-License-Identifier: Apache-2.0
/*
 * test_entry.c - entries of lists of hosts: their texts, what they stand for, which are too broad
 */
#include "net/entry.h"

#include "base/buf.h"
#include "lib/test.h"
#include "net/suffix.h"

#include <errno.h>

#define HTTPS ((struct net_ports){ 443, 443 })

static const struct {
	const char *text, *canonical;
} good[] = {
	{ "example.org", "example.org:443" }, { "example.org:80", "example.org:80" },
	{ "EXAMPLE.Org.:80", "example.org:80" }, { "localhost:1", "localhost:1" },
	{ "example.org:*", "example.org:*" }, { "example.org:1-65535", "example.org:*" },
	{ "example.org:8000-8010", "example.org:8000-8010" }, { "example.org:80-80", "example.org:80" },
	{ "example.org:1-65534", "example.org:1-65534" }, { "example.org:2-65535", "example.org:2-65535" },
	{ "example.org/tls", "example.org:443/tls" }, { "example.org:80/http", "example.org:80/http" },
	{ "example.org:80/tcp", "example.org:80" }, { "!example.org", "!example.org:*" },
	{ "!example.org:443/tls", "!example.org:443/tls" },
	{ "a.b dns=TXT", "a.b:443 dns=TXT" },
	{ "a.b:1-2/tls dns=TXT,MX,HTTPS", "a.b:1-2/tls dns=HTTPS,MX,TXT" },
	{ "**.b:* dns=SVCB,SRV", "**.b:* dns=SRV,SVCB" },
	/* Wildcards are whole labels, anywhere; several in front. */
	{ "*.example.org", "*.example.org:443" }, { "**.Example.org:1-2", "**.example.org:1-2" },
	{ "a.*.example.org", "a.*.example.org:443" }, { "**.*.example.org", "**.*.example.org:443" },
	{ "example.*", "example.*:443" }, { "*", "*:443" }, { "**:*", "**:*" }, { "*.*", "*.*:443" },
	{ "**.example.org.", "**.example.org:443" }, { "*.", "*:443" }, { "*.1a", "*.1a:443" },
	/* All scripts. */
	{ "b\303\274cher.example:80", "xn--bcher-kva.example:80" },
	{ "**.B\303\234CHER.example", "**.xn--bcher-kva.example:443" },
	{ "xn--bcher-kva.*.example", "xn--bcher-kva.*.example:443" },
	{ "a\343\200\202example", "a.example:443" },
	/* Addresses. */
	{ "10.1.2.3:5432", "10.1.2.3:5432" }, { "10.1.2.3", "10.1.2.3:443" },
	{ "10.0.0.0/8:5432", "10.0.0.0/8:5432" }, { "10.0.0.0/8", "10.0.0.0/8:443" },
	{ "10.0.0.0/8/tls", "10.0.0.0/8:443/tls" }, { "10.1.2.3/tls", "10.1.2.3:443/tls" },
	{ "10.1.2.3/32:*", "10.1.2.3:*" }, { "0.0.0.0/0:1", "0.0.0.0/0:1" },
	{ "[fd00::1]:443", "[fd00::1]:443" }, { "[FD00:0:0::1]", "[fd00::1]:443" },
	{ "[fd00::/8]:443/tls", "[fd00::/8]:443/tls" }, { "[::/0]:*", "[::/0]:*" },
	{ "![::1]", "![::1]:*" }, { "[::ffff:1.2.3.4]:1", "[::ffff:1.2.3.4]:1" },
};

TEST(an_entry_has_one_text)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		char printed[NET_ENTRY_SIZE], again[NET_ENTRY_SIZE];
		struct net_flaw flaw = { 0 };
		struct net_entry entry;

		if (net_entry_read(&arena, str_from(good[i].text), HTTPS, &entry, &flaw) < 0)
			test_fail(__FILE__, __LINE__, "'%s': %s", good[i].text, flaw.why);
		net_entry_print(&entry, printed);
		CHECK_TEXT(printed, good[i].canonical);
		CHECK_INT(net_entry_read(&arena, str_from(printed), NET_PORTS_ALL, &entry, &flaw), 0);
		net_entry_print(&entry, again);
		CHECK_TEXT(again, printed);
	}
}

static const struct {
	struct str text;
	size_t at;
	const char *why;		/* a word of it */
} bad[] = {
	{ STR(""), 0, "no host" }, { STR("!"), 1, "no host" }, { STR(":443"), 0, "no host" },
	{ STR("!!a"), 1, "nothing else" }, { STR("/tls"), 0, "no host" },
	/* Ports. */
	{ STR("a.b:"), 4, "a port" }, { STR("a.b:0"), 4, "a port" }, { STR("a.b:65536"), 4, "a port" },
	{ STR("a.b:08"), 4, "a port" }, { STR("a.b:+1"), 4, "a port" }, { STR("a.b:443x"), 4, "a port" },
	{ STR("a.b: 1"), 4, "a port" }, { STR("a.b:1-"), 6, "a port" }, { STR("a.b:-1"), 4, "a port" },
	{ STR("a.b:1-2-3"), 6, "a port" }, { STR("a.b:10-9"), 4, "before it begins" },
	{ STR("a.b:80-*"), 7, "a port" }, { STR("a.b:**"), 4, "a port" }, { STR("a.b:1\0"), 4, "a port" },
	{ STR("a.b:1:2"), 3, "one ':'" }, { STR("fd00::1"), 4, "one ':'" }, { STR("::1"), 0, "one ':'" },
	/* Protocols. */
	{ STR("a.b/"), 4, "tcp, tls or http" }, { STR("a.b:1/udp"), 6, "tcp, tls" },
	{ STR("a.b:1/TLS"), 6, "tcp, tls" }, { STR("a.b:1/tls/http"), 6, "tcp, tls" },
	{ STR("a.b/24"), 4, "tcp, tls" }, { STR("https://a.b"), 5, "no URL" },
	{ STR("a.b:1/tls "), 6, "tcp, tls" },
	/* Types of DNS. */
	{ STR("a.b dns="), 8, "types of DNS" }, { STR("a.b dns=A"), 8, "types of DNS" },
	{ STR("a.b dns=TXT,"), 12, "types of DNS" }, { STR("a.b dns=TXT,TXT"), 12, "types of DNS" },
	{ STR("a.b dns=txt"), 8, "types of DNS" }, { STR("!a.b dns=TXT"), 9, "that is allowed" },
	{ STR("10.1.2.3 dns=TXT"), 13, "that is allowed" }, { STR(" dns=TXT"), 0, "no host" },
	{ STR("a.b dns=TXT dns=MX"), 8, "types of DNS" }, { STR("a.b  dns=TXT"), 3, "space" },
	/* Wildcards that are no whole labels, or not in front. */
	{ STR("*a.example.org"), 0, "whole label" }, { STR("a.b*.org"), 3, "whole label" },
	{ STR("***.org"), 0, "whole label" }, { STR("a.**.org"), 2, "first labels" },
	{ STR("**.**.org"), 3, "first labels" }, { STR("!**.**"), 4, "first labels" },
	{ STR("*.a\343\200\202b"), 0, "plain dots" }, { STR("*.1"), 0, "address" },
	/* Names: the byte, or the label, that is none. */
	{ STR("a..b"), 2, "empty" }, { STR(".a"), 0, "empty" }, { STR("a.."), 2, "empty" },
	{ STR("a.-b.c"), 2, "letters" }, { STR("exa mple.org:443"), 3, "space" },
	{ STR("good.org,evil.org"), 8, "letters" }, { STR("good.org@evil.org"), 8, "letters" },
	{ STR("good.org\0.evil.org"), 8, "control" }, { STR("good.org\n"), 8, "control" },
	{ STR("!a.b%2e"), 4, "letters" }, { STR("\377.org"), 0, "text" },
	{ STR("xn--a.example"), 0, "IDNA" }, { STR("*.xn--fass.de"), 0, "IDNA" },
	/* Addresses in spellings that are not theirs. */
	{ STR("127.1"), 0, "127.0.0.1" }, { STR("!0x7f000001:1"), 1, "127.0.0.1" },
	{ STR("256.1.1.1"), 0, "none like it" }, { STR("10.1.2.3/8"), 0, "10.0.0.0/8" },
	{ STR("10.0.0.0/33"), 0, "fewer bits" }, { STR("10.0.0.0/08"), 0, "no block" },
	{ STR("10.0.0.0/8x"), 0, "no block" }, { STR("[fd00::1/8]"), 1, "fd00::/8" },
	{ STR("[fd00::/129]"), 1, "fewer bits" }, { STR("[::1"), 0, "no end" }, { STR("[]"), 0, "IPv6" },
	{ STR("[1.2.3.4]"), 0, "IPv6" }, { STR("[fe80::1%eth0]"), 0, "IPv6" },
	{ STR("[::1]x"), 5, "behind the host" }, { STR("[::1]:"), 6, "a port" },
	{ STR("[a:b]:1"), 0, "IPv6" },
	{ STR("[::1]:1:2"), 6, "a port" },
};

TEST(a_wrong_entry_is_refused_where_it_is_wrong)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct net_entry entry = { .protocol = NET_HTTP };
		struct net_flaw flaw = { 0 };
		int r = net_entry_read(&arena, bad[i].text, HTTPS, &entry, &flaw);

		if (r != -EINVAL || !flaw.why || !strstr(flaw.why, bad[i].why) || flaw.at != bad[i].at)
			test_fail(__FILE__, __LINE__, "row %zu '%s': %d, at %zu: %s", i, bad[i].text.data, r,
				flaw.at, flaw.why ?: "no reason");
		CHECK(entry.protocol == NET_HTTP);
	}
}

TEST(how_long_an_entry_is)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 12);
	struct arena none = ARENA_INIT(0);
	char printed[NET_ENTRY_SIZE];
	struct net_entry entry;
	struct net_flaw flaw;

	/* 4 times 63 letters and their dots are 255 bytes: three fewer are the most. */
	for (int i = 0; i < 4; i++)
		buf_printf(&text, "%s%.*s", i ? "." : "!", i ? 63 : 61,
			"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk");
	buf_append_str(&text, ":65534-65535/http");
	CHECK_INT(net_entry_read(&arena, str_from(buf_text(&text)), HTTPS, &entry, &flaw), 0);
	net_entry_print(&entry, printed);
	CHECK_TEXT(printed, buf_text(&text));
	/* Without "!", one letter and all types instead. */
	buf_clear(&text);
	for (int i = 0; i < 4; i++)
		buf_printf(&text, "%s%.*s", i ? "." : "", i ? 63 : 61,
			"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk");
	buf_append_str(&text, ":65534-65535/http dns=HTTPS,MX,SRV,SVCB,TXT");
	CHECK_INT(net_entry_read(&arena, str_from(buf_text(&text)), HTTPS, &entry, &flaw), 0);
	net_entry_print(&entry, printed);
	CHECK_TEXT(printed, buf_text(&text));
	CHECK(strlen(printed) + 1 < NET_ENTRY_SIZE);
	/* The same with "**" in front is one byte longer than its names. */
	buf_clear(&text);
	buf_append_str(&text, "!**");
	for (int i = 0; i < 4; i++)
		buf_printf(&text, ".%.*s", i ? 63 : 58,
			"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk");
	buf_append_str(&text, ":65534-65535/http");
	CHECK_INT(net_entry_read(&arena, str_from(buf_text(&text)), HTTPS, &entry, &flaw), 0);
	net_entry_print(&entry, printed);
	CHECK_TEXT(printed, buf_text(&text));
	buf_clear(&text);
	buf_append_str(&text, "**");
	for (int i = 0; i < 4; i++)
		buf_printf(&text, ".%.*s", i ? 63 : 59,
			"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk");
	CHECK_INT(net_entry_read(&arena, str_from(buf_text(&text)), HTTPS, &entry, &flaw), -EINVAL);
	CHECK_TEXT(flaw.why, "a name has at most 253 bytes");
	buf_clear(&text);
	for (int i = 0; i < 2000; i++)
		buf_append_char(&text, i % 2 ? '.' : '*');
	CHECK_INT(net_entry_read(&arena, str_from(buf_text(&text)), HTTPS, &entry, &flaw), -EINVAL);
	CHECK_INT(net_entry_read(&none, STR("a.b"), HTTPS, &entry, &flaw), -EINVAL);
	CHECK_INT(net_entry_read(&none, STR("*.b"), HTTPS, &entry, &flaw), -EINVAL);
}

static struct net_entry entry_of(struct arena *arena, const char *text)
{
	struct net_entry entry;
	struct net_flaw flaw;

	if (net_entry_read(arena, str_from(text), HTTPS, &entry, &flaw) < 0)
		test_fail(__FILE__, __LINE__, "'%s': %s", text, flaw.why);
	return entry;
}

static const struct {
	const char *wide, *narrow;
	bool covers;
} pairs[] = {
	{ "a.b", "a.b", true }, { "a.b", "A.B.", true }, { "a.b", "b", false }, { "b", "a.b", false },
	{ "a.b dns=MX,TXT", "a.b dns=TXT", true }, { "a.b dns=TXT", "a.b dns=MX,TXT", false },
	{ "a.b dns=TXT", "a.b", true }, { "a.b", "a.b dns=TXT", false },
	/* One label, one or more, and never the name itself. */
	{ "*.b", "a.b", true }, { "*.b", "b", false }, { "*.b", "x.a.b", false }, { "*.b", "*.b", true },
	{ "*.b", "**.b", false }, { "a.b", "*.b", false }, { "**.b", "a.b", true },
	{ "**.b", "x.y.a.b", true }, { "**.b", "b", false }, { "**.b", "*.b", true },
	{ "**.b", "**.b", true }, { "**.b", "**.a.b", true }, { "**.a.b", "**.b", false },
	{ "**.*.b", "a.b", false }, { "**.*.b", "x.a.b", true }, { "**.*.b", "**.b", false },
	{ "**.*.b", "**.a.b", true }, { "**.b", "**.*.b", true }, { "**", "a", true }, { "**", "**", true },
	{ "*", "a", true }, { "*", "a.b", false }, { "*.*", "a.b", true }, { "*", "**", false },
	{ "a.*.c", "a.b.c", true }, { "a.*.c", "b.b.c", false }, { "a.*.c", "a.c", false },
	/* A name that only looks like one below. */
	{ "**.allowed.com", "allowed.com.evil.com", false }, { "**.allowed.com", "evilallowed.com", false },
	{ "**.allowed.com", "x.allowed.com.", true }, { "**.allowed.com", "x.ALLOWED.com", true },
	{ "**.allowed.com", "x.allowed.com.evil.com", false },
	{ "allowed.com", "\320\260llowed.com", false },
	/* Ports and protocols. */
	{ "a.b:80-90", "a.b:80", true }, { "a.b:80-90", "a.b:85-91", false },
	{ "a.b:80", "a.b:80-81", false }, { "a.b:*", "a.b:1-65535", true }, { "a.b", "a.b:80", false },
	{ "a.b:1", "a.b:1/tls", true }, { "a.b:1/tls", "a.b:1", false }, { "a.b:1/tls", "a.b:1/http", false },
	{ "a.b:1/tls", "a.b:1/tls", true },
	/* Denials are another matter, and so are addresses. */
	{ "!a.b", "!a.b:80", true }, { "a.b", "!a.b:443", false }, { "!a.b", "a.b", false },
	{ "**:*", "1.2.3.4:1", false }, { "**:*", "[::1]:1", false }, { "0.0.0.0/0:*", "a.b", false },
	{ "10.0.0.0/8", "10.1.2.3", true }, { "10.0.0.0/8", "11.1.2.3", false },
	{ "10.1.0.0/16", "10.0.0.0/8", false }, { "0.0.0.0/0", "[::1]", false },
	{ "[::/0]", "[fd00::/8]", true }, { "[::1]:22", "[::1]:22", true }, { "[::1]", "[::2]", false },
};

TEST(an_entry_covers_exactly_what_it_stands_for)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct net_entry wide = entry_of(&arena, pairs[i].wide);
		struct net_entry narrow = entry_of(&arena, pairs[i].narrow);

		if (net_entry_covers(&wide, &narrow) != pairs[i].covers)
			test_fail(__FILE__, __LINE__, "'%s' over '%s'", pairs[i].wide, pairs[i].narrow);
	}
}

static const struct {
	const char *a, *b;
	const char *both;		/* NULL: nothing */
} meetings[] = {
	{ "a.b", "a.b", "a.b:443" }, { "a.b", "c.b", NULL }, { "a.b", "b", NULL },
	{ "a.*", "*.b", "a.b:443" }, { "*.b", "**.b", "*.b:443" }, { "**.a.b", "**.b", "**.a.b:443" },
	{ "**", "a.*.c", "a.*.c:443" }, { "**.b", "b", NULL }, { "**.*.c", "x.*.b.c", "x.*.b.c:443" },
	{ "**.*.c", "**.b.c", "**.b.c:443" }, { "**.a.b", "*.b", NULL }, { "**", "**", "**:443" },
	{ "a.b:1-100", "*.b:50-200", "a.b:50-100" }, { "a.b:1-9", "a.b:10-20", NULL },
	{ "a.b/tls", "a.b", "a.b:443/tls" }, { "a.b/tls", "a.b/http", NULL }, { "!a.b", "a.b", NULL },
	{ "!a.b:1-2", "!**.b", "!a.b:1-2" }, { "10.0.0.0/8", "10.1.0.0/16:*", "10.1.0.0/16:443" },
	{ "10.0.0.0/8", "11.0.0.0/8", NULL }, { "0.0.0.0/0", "[::1]", NULL }, { "a.b", "10.0.0.1", NULL },
};

TEST(what_two_entries_share_is_one)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct arena none = ARENA_INIT(0);

	for (size_t i = 0; i < ARRAY_SIZE(meetings); i++) {
		struct net_entry a = entry_of(&arena, meetings[i].a), b = entry_of(&arena, meetings[i].b);

		for (int turn = 0; turn < 2; turn++) {
			char text[NET_ENTRY_SIZE] = "nothing";
			struct net_entry both;

			if (net_entry_meet(&arena, turn ? &b : &a, turn ? &a : &b, &both))
				net_entry_print(&both, text);
			if (strcmp(text, meetings[i].both ?: "nothing"))
				test_fail(__FILE__, __LINE__, "'%s' and '%s': %s", meetings[i].a,
					meetings[i].b, text);
			CHECK(!a.name.len || !net_entry_meet(&none, &a, &b, &both));
		}
	}
}

static const struct {
	const char *text;
	const char *why;		/* a word of it; NULL: it is not broad */
	bool needs_list;		/* without the list of suffixes, it is broad all the same */
} broads[] = {
	{ "com", NULL, false }, { "example.org", NULL, false }, { "*.com", "public suffix", true },
	{ "**.com", "public suffix", true }, { "*.CO.uk", "public suffix", true },
	{ "*.github.io", "public suffix", true }, { "**.github.io", "public suffix", true },
	{ "*.s3.amazonaws.com", "public suffix", true }, { "*.*.com", "public suffix", true },
	{ "www.*.com", "public suffix", true }, { "*.ck", "public suffix", true },
	{ "**.compute.amazonaws.com", "public suffix", true }, { "*.internal", "public suffix", true },
	{ "**.xn--p1ai", "public suffix", true }, { "*.\321\200\321\204", "public suffix", true },
	{ "*.kawasaki.jp", "public suffix", true }, { "*.city.kawasaki.jp", NULL, true },
	{ "*.example.org", NULL, true }, { "**.example.co.uk", NULL, true },
	{ "**.somebody.github.io", NULL, true }, { "a.*.example.org", NULL, true },
	/* No end that is fixed. */
	{ "*", "not fixed", false }, { "**", "not fixed", false }, { "*.*", "not fixed", false },
	{ "example.*", "not fixed", false }, { "**.example.*:1", "not fixed", false },
	/* Addresses: one network, or what is nobody's. */
	{ "8.8.8.8", NULL, false }, { "8.8.0.0/16", NULL, false }, { "8.8.0.0/15", "many networks", false },
	{ "0.0.0.0/0", "many networks", false }, { "10.0.0.0/8", NULL, false },
	{ "10.0.0.0/7", "many networks", false }, { "192.168.0.0/16", NULL, false },
	{ "127.0.0.0/8", NULL, false }, { "[::/0]", "many networks", false },
	{ "[8000::/1]", "many networks", false }, { "[fd00::/8]", NULL, false },
	{ "[fc00::/7]", NULL, false }, { "[2001:db8::/32]", NULL, false },
	{ "[2600::/12]", "many networks", false }, { "[2600:1::/32]", NULL, false },
	{ "[64:ff9b::/96]", "many networks", false }, { "[::ffff:0.0.0.0/96]", "many networks", false },
	{ "[64:ff9b::8.8.8.8]", NULL, false },
};

TEST(a_broad_entry_is_told)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	bool has_list = !net_suffix_flaw("example.org");

	for (size_t i = 0; i < ARRAY_SIZE(broads); i++) {
		struct net_entry entry = entry_of(&arena, broads[i].text);
		const char *why = net_entry_broad(&entry), *wanted = broads[i].why;

		if (broads[i].needs_list && !has_list)
			wanted = "knows no public suffixes";
		if (!why != !wanted || (why && !strstr(why, wanted)))
			test_fail(__FILE__, __LINE__, "'%s': %s", broads[i].text, why ?: "is not broad");
	}
}

TEST(an_entry_for_some_programs)
{
	static const char *const wrong[] = {
		"a.b by=", "a.b by=git", "a.b by=/a by=/b", "a.b by=/a dns=TXT", "a.b dns=TXT by=/a",
		" by=/a", "a.b  by=/a", "a.b by=/a,/a",
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);
	struct net_entry one, other, both;
	char printed[NET_ENTRY_SIZE];
	struct net_flaw flaw;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (net_entry_read(&arena, str_from(wrong[i]), HTTPS, &one, &flaw) >= 0)
			test_fail(__FILE__, __LINE__, "'%s' is taken", wrong[i]);
	CHECK_INT(net_entry_read(&arena, STR("**.b by=/a,/b"), HTTPS, &one, &flaw), 0);
	net_entry_print(&one, printed);
	CHECK_TEXT(printed, "**.b:443 by=/a,/b");
	CHECK_INT(net_entry_read(&arena, STR("!10.0.0.0/8:1/tls by=/a"), HTTPS, &other, &flaw), 0);
	net_entry_print(&other, printed);
	CHECK_TEXT(printed, "!10.0.0.0/8:1/tls by=/a");
	CHECK_INT(net_entry_read(&arena, STR("a.b by=/b,/c"), HTTPS, &other, &flaw), 0);
	CHECK(!net_entry_covers(&one, &other) && net_entry_meet(&arena, &one, &other, &both));
	net_entry_print(&both, printed);
	CHECK_TEXT(printed, "a.b:443 by=/b");
	CHECK(net_entry_covers(&one, &both) && net_entry_covers(&other, &both));
	CHECK_INT(net_entry_read(&arena, STR("a.b by=/c"), HTTPS, &other, &flaw), 0);
	CHECK(!net_entry_meet(&arena, &one, &other, &both));
	CHECK_INT(net_entry_read(&arena, STR("a.b"), HTTPS, &other, &flaw), 0);
	CHECK(!net_entry_covers(&one, &other) && net_entry_meet(&arena, &one, &other, &both));
	net_entry_print(&both, printed);
	CHECK_TEXT(printed, "a.b:443 by=/a,/b");
}

TEST_MAIN()
