// SPDX-License-Identifier: Apache-2.0
/*
 * test_pack.c - archives that are written are those that are read
 */
#include "policy/pack.h"

#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(256 << 20);
static struct error err;

static void add(struct policy_entries *entries, const char *name, struct str content)
{
	CHECK_INT(policy_entries_add(&arena, entries, name, content, &err), 0);
}

static void check_same(const struct policy_entries *entries)
{
	struct buf archive = BUF_INIT(64 << 20), again = BUF_INIT(64 << 20);
	struct policy_entries back = { .bytes_max = 64 << 20 };

	CHECK_INT(policy_pack(entries, &archive, &err), 0);
	CHECK_INT(policy_pack(entries, &again, &err), 0);
	CHECK(archive.len == again.len && !memcmp(archive.data, again.data, again.len));
	if (policy_unpack(&arena, (struct str){ archive.data, archive.len }, &back, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(back.count, entries->count);
	for (size_t i = 0; i < back.count; i++) {
		CHECK_TEXT(back.items[i].name, entries->items[i].name);
		CHECK_STR(back.items[i].content, entries->items[i].content);
	}
	buf_fini(&archive);
	buf_fini(&again);
}

TEST(what_is_packed_is_unpacked)
{
	struct policy_entries entries = { 0 };
	char *large, *name;

	/* Then nothing is packed either: the next test. */
	if (!policy_unpack_is_supported())
		return;
	large = arena_alloc(&arena, 3 << 20);
	name = arena_alloc(&arena, 1000);
	/* nothing that compresses, more than one step of it; a name that is in no old header */
	for (size_t i = 0; i < 3 << 20; i++)
		large[i] = (char)(i * i >> 7 ^ i * 2654435761u >> 13);
	memset(name, 'n', 999);
	for (size_t i = 200; i < 999; i += 201)
		name[i] = '/';
	add(&entries, ".manifest", STR(""));
	add(&entries, "a/x.rego", STR("package a\n"));
	add(&entries, "b", (struct str){ large, 3 << 20 });
	add(&entries, name, STR("x"));
	add(&entries, "\xc3\xbc/\xe2\x82\xac.rego", STR("package u\n"));
	check_same(&entries);
	arena_fini(&arena);
}

TEST(what_is_too_large_is_not_packed)
{
	struct policy_entries entries = { 0 };
	struct buf archive = BUF_INIT(64);

	add(&entries, "a", STR("package a\n"));
	CHECK_INT(policy_pack(&entries, &archive, &err),
		policy_unpack_is_supported() ? -EMSGSIZE : -EOPNOTSUPP);
	buf_fini(&archive);
	arena_fini(&arena);
}

TEST_MAIN()
