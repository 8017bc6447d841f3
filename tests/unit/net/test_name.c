// SPDX-License-Identifier: Apache-2.0
/*
 * test_name.c - the one form of a name
 */
#include "net/name.h"

#include "base/buf.h"
#include "lib/test.h"

static const struct {
	struct str text;
	const char *name;		/* NULL: it is none */
	const char *why;		/* a word of the reason */
} rows[] = {
	{ STR("example.org"), "example.org", NULL }, { STR("EXAMPLE.Org"), "example.org", NULL },
	{ STR("example.org."), "example.org", NULL }, { STR("localhost"), "localhost", NULL },
	{ STR("_sip._tcp.example.org"), "_sip._tcp.example.org", NULL },
	{ STR("4chan.example"), "4chan.example", NULL },
	{ STR("a-b.c--d"), "a-b.c--d", NULL },
	/* All scripts: one form, however it is typed. */
	{ STR("b\303\274cher.example"), "xn--bcher-kva.example", NULL },
	{ STR("B\303\234CHER.example"), "xn--bcher-kva.example", NULL },
	{ STR("bu\314\210cher.example"), "xn--bcher-kva.example", NULL },
	{ STR("XN--BCHER-KVA.example"), "xn--bcher-kva.example", NULL },
	{ STR("fa\303\237.example"), "xn--fa-hia.example", NULL },
	{ STR("a\343\200\202b.example"), "a.b.example", NULL },
	{ STR("\357\275\205xample.org"), "example.org", NULL },
	/* What stands for nothing, or for something that it could not have been made of. */
	{ STR("xn--a.example"), NULL, "IDNA" }, { STR("xn--0"), NULL, "IDNA" },
	{ STR("xn--fass.de"), NULL, "IDNA" }, { STR("xn--.example"), NULL, "IDNA" },
	{ STR("\342\230\203.example"), NULL, "IDNA" },
	{ STR("a\342\200\213b.example\342\200\256"), NULL, "IDNA" },
	/* Numbers in all spellings. */
	{ STR("127.0.0.1"), NULL, "number" }, { STR("127.1"), NULL, "number" },
	{ STR("a.0x7f"), NULL, "number" }, { STR("\357\274\221.\357\274\222"), NULL, "number" },
	{ STR("1.2.3.4."), NULL, "number" },
	/* No name at all. */
	{ STR(""), NULL, "no name" }, { STR("."), NULL, "empty" }, { STR(".."), NULL, "empty" },
	{ STR("a..b"), NULL, "empty" }, { STR(".a"), NULL, "empty" }, { STR("a.."), NULL, "empty" },
	{ STR("-a.b"), NULL, "letters" }, { STR("a-.b"), NULL, "letters" }, { STR("a b"), NULL, "space" },
	{ STR("a\0b"), NULL, "control" }, { STR("a\r\nb"), NULL, "control" },
	{ STR("a\177b"), NULL, "control" }, { STR("a/b"), NULL, "letters" }, { STR("a:1"), NULL, "letters" },
	{ STR("a@b"), NULL, "letters" }, { STR("*.a"), NULL, "letters" }, { STR("a%2e.b"), NULL, "letters" },
	{ STR("a\377b"), NULL, "text" }, { STR("\355\240\200"), NULL, "text" },
};

TEST(a_name_has_one_form)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str name = { 0 };
		const char *why = net_name_read(&arena, rows[i].text, &name);

		if (!rows[i].name != !!why)
			test_fail(__FILE__, __LINE__, "row %zu '%s': %s", i, rows[i].text.data,
				why ?: name.data);
		if (rows[i].name)
			CHECK_TEXT(name.data, rows[i].name);
		else if (!strstr(why, rows[i].why))
			test_fail(__FILE__, __LINE__, "row %zu '%s': %s", i, rows[i].text.data, why);
	}
}

/* At the limits, and one beyond. */
TEST(how_long_a_name_is)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	struct str name;

	for (int i = 0; i < 63; i++)
		CHECK(buf_append_char(&text, 'a') >= 0);
	CHECK(!net_name_read(&arena, (struct str){ buf_text(&text), text.len }, &name));
	CHECK(buf_append_char(&text, 'a') >= 0);
	CHECK(net_name_read(&arena, (struct str){ buf_text(&text), text.len }, &name));
	buf_clear(&text);
	for (int i = 0; i < 126; i++)
		CHECK(buf_append_str(&text, "a.") >= 0);
	CHECK(buf_append_str(&text, "a") >= 0);
	CHECK_INT(text.len, 253);
	CHECK(!net_name_read(&arena, (struct str){ buf_text(&text), text.len }, &name));
	CHECK(buf_append_str(&text, ".") >= 0);
	CHECK(!net_name_read(&arena, (struct str){ buf_text(&text), text.len }, &name) && name.len == 253);
	CHECK(buf_append_str(&text, "a") >= 0);
	CHECK(net_name_read(&arena, (struct str){ buf_text(&text), text.len }, &name));
}

TEST_MAIN()
