// SPDX-License-Identifier: Apache-2.0
/*
 * test_publication.c - ports of the sandbox that are offered here, as somebody writes them
 */
#include "lib/test.h"

#include "net/publication.h"

static void check_good(const char *text, unsigned host, unsigned inner)
{
	struct net_publication publication = { 0 };
	char printed[NET_PUBLICATION_SIZE];
	const char *why = net_publication_read(str_from(text), &publication);

	CHECK(!why);
	CHECK_INT(publication.host, host);
	CHECK_INT(publication.inner, inner);
	net_publication_print(&publication, printed);
	CHECK_TEXT(printed, text);
}

TEST(what_is_one)
{
	check_good("3000", 0, 3000);
	check_good("8080:3000", 8080, 3000);
	check_good("1024:65535", 1024, 65535);
	check_good("65535:65535", 65535, 65535);
}

TEST(what_is_none)
{
	static const char *const wrong[] = { "", ":", "0", "65536", "3000:", ":3000", "3000:0", "0:3000",
		"03000", "+3000", " 3000", "3000 ", "3000-3001", "127.0.0.1:3000", "0.0.0.0:8080:3000",
		"8080:3000:1", "*", "3000/tcp", "1023", "80:3000", "8080:80", "18446744073709554616",
		"8080::3000" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct net_publication publication = { .inner = 7 };

		CHECK(net_publication_read(str_from(wrong[i]), &publication));
		CHECK_INT(publication.inner, 7);
	}
}

TEST_MAIN()
