// SPDX-License-Identifier: Apache-2.0
/*
 * test_rules.c - a set of rules: who decides, what comes and goes, and that its size costs nothing
 */
#include "net/rules.h"

#include "base/buf.h"
#include "lib/test.h"

#include <errno.h>

enum {
	MANY = 10000,
	STEPS_MAX = 16,			/* of a name with four labels */
};

static const uint64_t seed[2] = { 1, 2 };

static struct arena arena = ARENA_INIT(64 << 20);

static struct net_rule rule_of(const char *text)
{
	struct net_rule rule = { .source = NET_RULE_FILE, .where = "user.jsonc:1:2" };
	struct net_flaw flaw;

	rule.asks = text[0] == '?';
	if (net_entry_read(&arena, str_from(text + rule.asks), (struct net_ports){ 443, 443 }, &rule.entry,
			&flaw) < 0)
		test_fail(__FILE__, __LINE__, "'%s': %s", text, flaw.why);
	return rule;
}

static uint64_t add(struct net_rules *set, const char *text)
{
	struct net_rule rule = rule_of(text);
	uint64_t id = 0;

	CHECK_INT(net_rules_add(set, &rule, 1, 0, &id), 0);
	return id;
}

/* "allow **.b:443", "ask a.b:*", "deny", as a verdict and the entry that decided. */
static const char *told(struct net_judgement judgement)
{
	static const char *const words[] = { "deny", "ask", "allow" };
	char text[NET_ENTRY_SIZE] = "";

	if (judgement.rule)
		net_entry_print(&judgement.rule->entry, text);
	return arena_printf(&arena, "%s%s%s", words[judgement.verdict], judgement.rule ? " " : "", text);
}

static const struct {
	const char *rules[6];
	const char *name;
	uint16_t port;
	enum net_protocol protocol;
	const char *told;
} rows[] = {
	/* Nothing is allowed that no rule allows. */
	{ { NULL }, "a.b", 443, NET_TCP, "deny" }, { { "a.b" }, "a.b", 443, NET_TCP, "allow a.b:443" },
	{ { "a.b" }, "a.b", 80, NET_TCP, "deny" }, { { "a.b" }, "b", 443, NET_TCP, "deny" },
	{ { "a.b" }, "x.a.b", 443, NET_TCP, "deny" }, { { "*.b" }, "b", 443, NET_TCP, "deny" },
	{ { "*.b" }, "x.a.b", 443, NET_TCP, "deny" }, { { "**.b" }, "b", 443, NET_TCP, "deny" },
	{ { "**.b" }, "x.y.a.b", 443, NET_TLS, "allow **.b:443" },
	{ { "a.*.b" }, "a.x.b", 443, NET_TCP, "allow a.*.b:443" },
	{ { "a.*.b" }, "a.b", 443, NET_TCP, "deny" }, { { "**" }, "x", 443, NET_TCP, "allow **:443" },
	{ { "**.*.b" }, "a.b", 443, NET_TCP, "deny" },
	{ { "**.*.b" }, "x.a.b", 443, NET_TCP, "allow **.*.b:443" },
	/* Names that look like another one. */
	{ { "**.allowed.com", "allowed.com" }, "allowed.com.evil.com", 443, NET_TCP, "deny" },
	{ { "**.allowed.com", "allowed.com" }, "evilallowed.com", 443, NET_TCP, "deny" },
	{ { "**.allowed.com", "allowed.com" }, "allowed.co", 443, NET_TCP, "deny" },
	{ { "xn--bcher-kva.example" }, "bucher.example", 443, NET_TCP, "deny" },
	/* What is in no canonical form is denied, since a denial might have it in another. */
	{ { "**" }, "A.b", 443, NET_TCP, "deny" }, { { "**" }, "a.b.", 443, NET_TCP, "deny" },
	{ { "**" }, "", 443, NET_TCP, "deny" }, { { "**" }, "a..b", 443, NET_TCP, "deny" },
	{ { "**" }, ".a", 443, NET_TCP, "deny" }, { { "**" }, "a b", 443, NET_TCP, "deny" },
	{ { "**" }, "*.b", 443, NET_TCP, "deny" }, { { "*.b" }, "*.b", 443, NET_TCP, "deny" },
	{ { "**" }, "b\303\274cher.example", 443, NET_TCP, "deny" },
	{ { "**" }, "127.0.0.1", 443, NET_TCP, "deny" }, { { "**" }, "a.0x7f", 443, NET_TCP, "deny" },
	{ { "**" }, "a.1b", 443, NET_TCP, "allow **:443" }, { { "**:*" }, "a.b", 0, NET_TCP, "deny" },
	/* A denial wins, however general. */
	{ { "a.b", "!**.b" }, "a.b", 443, NET_TCP, "deny !**.b:*" },
	{ { "a.b", "!**" }, "a.b", 443, NET_TCP, "deny !**:*" },
	{ { "**.b", "!a.b" }, "x.b", 443, NET_TCP, "allow **.b:443" },
	{ { "!*.*", "a.b", "!**.b" }, "a.b", 443, NET_TCP, "deny !**.b:*" },
	{ { "a.b:*", "!a.b:1-79" }, "a.b", 79, NET_TCP, "deny !a.b:1-79" },
	{ { "a.b:*", "!a.b:1-79" }, "a.b", 80, NET_TCP, "allow a.b:*" },
	{ { "a.b:*", "!a.b:80/http" }, "a.b", 80, NET_TLS, "allow a.b:*" },
	{ { "a.b:*", "!a.b:80/http" }, "a.b", 80, NET_HTTP, "deny !a.b:80/http" },
	/* Protocols. */
	{ { "a.b/tls" }, "a.b", 443, NET_TLS, "allow a.b:443/tls" },
	{ { "a.b/tls" }, "a.b", 443, NET_TCP, "deny" }, { { "a.b/tls" }, "a.b", 443, NET_HTTP, "deny" },
	{ { "a.b" }, "a.b", 443, NET_HTTP, "allow a.b:443" },
	/* The most exact one is told. */
	{ { "**", "**.b", "*.b", "a.b" }, "a.b", 443, NET_TCP, "allow a.b:443" },
	{ { "**", "**.b", "*.b", "a.b" }, "c.b", 443, NET_TCP, "allow *.b:443" },
	{ { "**", "**.b", "*.b", "a.b" }, "c.c.b", 443, NET_TCP, "allow **.b:443" },
	{ { "**", "**.b", "*.b", "a.b" }, "c", 443, NET_TCP, "allow **:443" },
	{ { "a.*.c", "**.b.c" }, "a.b.c", 443, NET_TCP, "allow **.b.c:443" },
	{ { "a.b:*", "a.b:440-450", "a.b:1-443" }, "a.b", 443, NET_TCP, "allow a.b:440-450" },
	{ { "a.b", "a.b/tls" }, "a.b", 443, NET_TLS, "allow a.b:443/tls" },
	/* What is asked about has to be allowed. */
	{ { "?**", "a.b" }, "a.b", 443, NET_TCP, "ask **:443" }, { { "?**" }, "a.b", 443, NET_TCP, "deny" },
	{ { "?a.b", "a.b", "!a.b" }, "a.b", 443, NET_TCP, "deny !a.b:*" },
};

TEST(a_name_is_judged)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(net_rules) struct net_rules *set = net_rules_new(seed);
		const char *got;

		for (size_t j = 0; rows[i].rules[j]; j++)
			(void)add(set, rows[i].rules[j]);
		got = told(net_rules_judge(set, str_from(rows[i].name), rows[i].port, rows[i].protocol, NULL,
			0));
		if (strcmp(got, rows[i].told))
			test_fail(__FILE__, __LINE__, "row %zu, '%s': %s, wanted %s", i, rows[i].name, got,
				rows[i].told);
	}
	arena_fini(&arena);
}

TEST(a_name_with_a_zero_or_without_end_is_none)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	char longest[NET_NAME_MAX + 2];

	(void)add(set, "**:*");
	(void)add(set, "good.org");
	CHECK_TEXT(told(net_rules_judge(set, STR("good.org\0.evil"), 443, NET_TCP, NULL, 0)), "deny");
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = i % 2 ? '.' : 'a';
	CHECK_TEXT(told(net_rules_judge(set, (struct str){ longest, NET_NAME_MAX }, 1, NET_TCP, NULL, 0)),
		"allow **:*");
	CHECK_TEXT(told(net_rules_judge(set, (struct str){ longest, NET_NAME_MAX + 2 }, 1, NET_TCP, NULL, 0)),
		"deny");
	arena_fini(&arena);
}

static const struct {
	const char *rules[4];
	const char *name, *told;
} names[] = {
	{ { NULL }, "a.b", "deny" }, { { "a.b:22" }, "a.b", "allow a.b:22" }, { { "a.b:22" }, "b", "deny" },
	{ { "a.b:22", "!a.b" }, "a.b", "deny !a.b:*" }, { { "a.b:22", "!a.b:22" }, "a.b", "allow a.b:22" },
	{ { "a.b:22", "!a.b:*/tls" }, "a.b", "allow a.b:22" }, { { "**", "!**.b" }, "a.b", "deny !**.b:*" },
	{ { "?a.b", "**.b:22/tls" }, "a.b", "ask a.b:443" }, { { "**" }, "10.0.0.1", "deny" },
	{ { "**" }, "A.b", "deny" },
};

TEST(a_name_is_looked_up_where_some_port_is_allowed)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		scoped(net_rules) struct net_rules *set = net_rules_new(seed);
		struct net_judgement judgement;

		for (size_t j = 0; names[i].rules[j]; j++)
			(void)add(set, names[i].rules[j]);
		judgement = net_rules_name(set, str_from(names[i].name), 0);
		CHECK_TEXT(told(judgement), names[i].told);
		CHECK(!judgement.rule || !judgement.rule->hits);
	}
	arena_fini(&arena);
}

static const struct {
	const char *rules[4];
	const char *address;
	uint16_t port;
	const char *told;
} addresses[] = {
	{ { "**:*" }, "10.1.2.3", 443, "deny" }, { { "10.1.2.3" }, "10.1.2.3", 443, "allow 10.1.2.3:443" },
	{ { "10.1.2.3" }, "10.1.2.3", 80, "deny" }, { { "10.1.2.3" }, "10.1.2.4", 443, "deny" },
	{ { "10.0.0.0/8" }, "10.255.0.1", 443, "allow 10.0.0.0/8:443" },
	{ { "10.0.0.0/8" }, "11.0.0.1", 443, "deny" }, { { "0.0.0.0/0" }, "::1", 443, "deny" },
	{ { "0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16" }, "10.1.0.1", 443, "allow 10.1.0.0/16:443" },
	{ { "10.1.2.3", "!10.0.0.0/8" }, "10.1.2.3", 443, "deny !10.0.0.0/8:*" },
	{ { "10.0.0.0/8:*", "?0.0.0.0/0" }, "10.1.2.3", 443, "ask 0.0.0.0/0:443" },
	{ { "[fd00::/8]" }, "fd12::1", 443, "allow [fd00::/8]:443" },
	{ { "[fd00::/8]" }, "fe12::1", 443, "deny" },
	{ { "[::/0]", "[::/0]:1" }, "::2", 1, "allow [::/0]:1" }, { { "10.0.0.0/8" }, "10.0.0.1", 0, "deny" },
	/* What is denied is denied in disguise, too, and what is allowed is not allowed in one. */
	{ { "[::/0]", "!10.0.0.0/8" }, "::ffff:10.0.0.1", 443, "deny !10.0.0.0/8:*" },
	{ { "[::/0]", "!10.0.0.0/8" }, "64:ff9b::10.0.0.1", 443, "deny !10.0.0.0/8:*" },
	{ { "[::/0]", "!10.0.0.0/8" }, "::ffff:11.0.0.1", 443, "allow [::/0]:443" },
	{ { "10.0.0.0/8" }, "::ffff:10.0.0.1", 443, "deny" },
};

/* "TXT" of what is told for one type alone. */
static const char *told_txt(struct net_rules *set, const char *name)
{
	return told(net_rules_dns(set, str_from(name), NET_DNS_TXT, 0));
}

TEST(a_type_is_told_by_an_entry_that_has_it)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);

	(void)add(set, "a.b");
	(void)add(set, "**.z dns=MX");
	CHECK_TEXT(told_txt(set, "a.b"), "deny");
	CHECK_TEXT(told_txt(set, "x.z"), "deny");
	/* the name has an entry without it, too */
	(void)add(set, "a.b:80 dns=TXT");
	(void)add(set, "*.z:1 dns=TXT,MX");
	CHECK_TEXT(told_txt(set, "a.b"), "allow a.b:80 dns=TXT");
	CHECK_TEXT(told_txt(set, "x.z"), "allow *.z:1 dns=MX,TXT");
	CHECK_TEXT(told_txt(set, "y.x.z"), "deny");
	(void)add(set, "?x.z");
	CHECK_TEXT(told_txt(set, "x.z"), "ask x.z:443");
	(void)add(set, "!a.b");
	CHECK_TEXT(told_txt(set, "a.b"), "deny !a.b:*");
	arena_fini(&arena);
}

TEST(an_address_is_judged)
{
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		scoped(net_rules) struct net_rules *set = net_rules_new(seed);
		struct net_address address;
		const char *got;

		for (size_t j = 0; addresses[i].rules[j]; j++)
			(void)add(set, addresses[i].rules[j]);
		CHECK_INT(net_address_read(str_from(addresses[i].address), &address), 0);
		got = told(net_rules_address(set, &address, addresses[i].port, NET_TCP, NULL, 0));
		if (strcmp(got, addresses[i].told))
			test_fail(__FILE__, __LINE__, "row %zu: %s, wanted %s", i, got, addresses[i].told);
	}
	arena_fini(&arena);
}

TEST(a_rule_knows_its_source_and_what_it_decided)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct net_rule rule = rule_of("a.b");
	const struct net_rule *kept;
	uint64_t first, second;

	CHECK_INT(net_rules_add(set, &rule, 1, 0, &first), 0);
	second = add(set, "**.b");
	CHECK(first && second > first);
	for (uint64_t i = 1; i < 3; i++)
		net_rules_hit(set, net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 0).rule->id, i);
	(void)net_rules_judge(set, STR("a.b"), 80, NET_TCP, NULL, 0);
	net_rules_hit(set, second + 1, 7);
	net_rules_hit(set, 0, 7);
	kept = net_rules_next(set, 0);
	CHECK_INT(kept->id, first);
	CHECK_INT(kept->hits, 3);
	CHECK_INT(kept->source, NET_RULE_FILE);
	CHECK_TEXT(kept->where, "user.jsonc:1:2");
	CHECK(kept->where != rule.where && kept->entry.name.data != rule.entry.name.data);
	kept = net_rules_next(set, first);
	CHECK_INT(kept->id, second);
	CHECK_INT(kept->hits, 0);
	CHECK(!net_rules_next(set, second));
	arena_fini(&arena);
}

TEST(an_approval_answers_an_ask)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct net_rule rule = rule_of("a.b");

	(void)add(set, "**.b");
	(void)add(set, "?**.b");
	rule.source = NET_RULE_APPROVAL;
	rule.expires_ns = 100;
	CHECK_INT(net_rules_add(set, &rule, 1, 0, NULL), 0);
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 99)), "allow a.b:443");
	CHECK_TEXT(told(net_rules_judge(set, STR("c.b"), 443, NET_TCP, NULL, 99)), "ask **.b:443");
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 100)), "ask **.b:443");
	(void)add(set, "!**");
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 99)), "deny !**:*");
	arena_fini(&arena);
}

TEST(what_is_over_says_nothing_and_makes_room)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct net_rule rule = rule_of("a.b"), denial = rule_of("!**.b");

	rule.expires_ns = 200;
	denial.expires_ns = 100;
	for (int i = 0; i < NET_RULES_PLACE_MAX; i++)
		CHECK_INT(net_rules_add(set, &rule, 1, 0, NULL), 0);
	CHECK_INT(net_rules_add(set, &denial, 1, 0, NULL), 0);
	CHECK_INT(net_rules_add(set, &rule, 1, 99, NULL), -ENOSPC);
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 99)), "deny !**.b:*");
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 100)), "allow a.b:443");
	CHECK_TEXT(told(net_rules_name(set, STR("a.b"), 100)), "allow a.b:443");
	CHECK_TEXT(told(net_rules_name(set, STR("a.b"), 200)), "deny");
	CHECK_INT(net_rules_expire(set, 99), 0);
	CHECK_INT(net_rules_expire(set, 150), 1);
	CHECK_INT(net_rules_count(set), NET_RULES_PLACE_MAX);
	CHECK_INT(net_rules_add(set, &rule, 1, 200, NULL), 0);
	CHECK_INT(net_rules_count(set), 1);
	arena_fini(&arena);
}

TEST(rules_have_the_numbers_that_they_are_given)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);

	CHECK_INT(net_rules_number(set, 0), -EINVAL);
	CHECK_INT(net_rules_number(set, 7), 0);
	CHECK_INT(add(set, "a.b"), 7);
	CHECK_INT(net_rules_number(set, 7), -EINVAL);
	CHECK_INT(net_rules_number(set, 8), 0);
	CHECK_INT(add(set, "b.b"), 8);
	CHECK_INT(net_rules_remove(set, 8), 0);
	CHECK_INT(net_rules_number(set, 8), -EINVAL);
	CHECK_INT(add(set, "c.b"), 9);
	arena_fini(&arena);
}

TEST(the_next_end_is_known)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct net_rule rule = rule_of("a.b");

	CHECK(net_rules_end(set) == UINT64_MAX);
	for (uint64_t end = 300; end > 0; end -= 100) {
		rule.expires_ns = end;
		CHECK_INT(net_rules_add(set, &rule, 1, 0, NULL), 0);
		CHECK_INT(net_rules_end(set), end);
	}
	CHECK_INT(net_rules_expire(set, 100), 1);
	CHECK_INT(net_rules_end(set), 200);
	CHECK_INT(net_rules_expire(set, 300), 2);
	CHECK(net_rules_end(set) == UINT64_MAX);
	arena_fini(&arena);
}

TEST(rules_are_added_all_or_none)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct net_rule rules[NET_RULES_PLACE_MAX + 2];
	uint64_t kept = add(set, "x.y"), id = 7;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i] = rule_of(i ? "c.b" : "a.b");
	CHECK_INT(net_rules_add(set, rules, ARRAY_SIZE(rules), 0, &id), -ENOSPC);
	CHECK_INT(id, 7);
	CHECK_INT(net_rules_count(set), 1);
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 0)), "deny");
	CHECK_INT(net_rules_add(set, rules, ARRAY_SIZE(rules) - 1, 0, &id), 0);
	CHECK_INT(net_rules_count(set), ARRAY_SIZE(rules));
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 0)), "allow a.b:443");
	CHECK_INT(net_rules_remove(set, id), 0);
	CHECK_INT(net_rules_remove(set, id), -ENOENT);
	CHECK_INT(net_rules_remove(set, 0), -ENOENT);
	CHECK_TEXT(told(net_rules_judge(set, STR("a.b"), 443, NET_TCP, NULL, 0)), "deny");
	CHECK_INT(net_rules_remove(set, kept), 0);
	CHECK_INT(net_rules_add(set, rules, 0, 0, NULL), 0);
	rules[0].entry.denies = rules[0].asks = true;
	CHECK_INT(net_rules_add(set, rules, 1, 0, NULL), -EINVAL);
	arena_fini(&arena);
}

/* ---- many ---- */

static const char *text_of(size_t i)
{
	switch (i % 5) {
	case 0:
		return arena_printf(&arena, "host%zu.team%zu.example.org", i, i % 97);
	case 1:
		return arena_printf(&arena, "**.team%zu.name%zu.net:*", i, i % 97);
	case 2:
		return arena_printf(&arena, "*.zone%zu.name%zu.com:1-99", i, i % 97);
	case 3:
		return arena_printf(&arena, "!bad%zu.name%zu.net", i, i % 97);
	default:
		return arena_printf(&arena, "10.%zu.%zu.0/24", i / 256, i % 256);
	}
}

static void add_many(struct net_rules *set, size_t count)
{
	for (size_t i = net_rules_count(set); i < count; i++)
		(void)add(set, text_of(i));
}

TEST(an_answer_does_not_take_longer_with_more_rules)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	static const char *const asked[] = { "host5.team5.example.org", "a.team6.name6.net",
		"x.zone7.name7.com", "bad8.name8.net", "nobody.example.org", "www.example.com",
		"a.b.c.nowhere" };
	static const size_t sizes[] = { 10, 100, 1000, MANY };
	uint64_t before;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		add_many(set, sizes[i]);
		for (size_t j = 0; j < ARRAY_SIZE(asked); j++) {
			before = net_rules_steps(set);
			(void)net_rules_judge(set, str_from(asked[j]), 443, NET_TCP, NULL, 0);
			if (net_rules_steps(set) - before > STEPS_MAX)
				test_fail(__FILE__, __LINE__, "%zu rules, '%s': %" PRIu64 " steps", sizes[i],
					asked[j], net_rules_steps(set) - before);
		}
	}
	CHECK_TEXT(told(net_rules_judge(set, STR("host5.team5.example.org"), 443, NET_TCP, NULL, 0)),
		"allow host5.team5.example.org:443");
	CHECK_TEXT(told(net_rules_judge(set, STR("bad8.name8.net"), 443, NET_TCP, NULL, 0)),
		"deny !bad8.name8.net:*");
	arena_fini(&arena);
}

TEST(a_set_is_full_and_can_be_emptied)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct net_rule rule = rule_of("more.example.org");
	const struct net_rule *next;

	for (int round = 0; round < 2; round++) {
		add_many(set, NET_RULES_MAX);
		CHECK_INT(net_rules_add(set, &rule, 1, 0, NULL), -ENOSPC);
		/* Every other one, then the rest. */
		for (uint64_t id = 0; (next = net_rules_next(set, id));) {
			id = next->id + 1;
			CHECK_INT(net_rules_remove(set, id - 1), 0);
		}
		while ((next = net_rules_next(set, 0)))
			CHECK_INT(net_rules_remove(set, next->id), 0);
		CHECK_INT(net_rules_count(set), 0);
		CHECK_TEXT(told(net_rules_judge(set, STR("host5.team5.example.org"), 443, NET_TCP, NULL, 0)),
			"deny");
		arena_reset(&arena);
	}
	arena_fini(&arena);
}

/*
 * What curl is told, what python is, and what is said while nobody has looked; "?" behind it: somebody
 * should.
 */
TEST(rules_of_some_programs)
{
	static const struct {
		const char *rules[3], *curl, *python, *unknown;
	} table[] = {
		{ { "a.b by=/curl" }, "allow a.b:443 by=/curl", "deny", "deny?" },
		{ { "a.b by=/curl", "a.b" }, "allow a.b:443 by=/curl", "allow a.b:443", "allow a.b:443" },
		{ { "a.b", "!a.b by=/curl" }, "deny !a.b:* by=/curl", "allow a.b:443",
			"deny !a.b:* by=/curl?" },
		{ { "a.b by=/curl", "!**.b" }, "deny !**.b:*", "deny !**.b:*", "deny !**.b:*" },
		{ { "a.b", "?a.b by=/curl" }, "ask a.b:443 by=/curl", "allow a.b:443",
			"ask a.b:443 by=/curl?" },
		{ { "a.b by=/curl", "?**.b" }, "ask **.b:443", "deny", "deny?" },
		{ { "a.b by=/x,/curl", "a.b by=/python" }, "allow a.b:443 by=/x,/curl",
			"allow a.b:443 by=/python", "deny?" },
		{ { "a.b:80 by=/curl" }, "deny", "deny", "deny" },
	};
	struct net_who curl = { NET_WHO_FOUND, 1, { { .path = "/curl", .is_fixed = 1 } } };
	struct net_who python = { NET_WHO_FOUND, 1, { { .path = "/python", .is_fixed = 1 } } };
	const struct net_who *const who[] = { &curl, &python, NULL };

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const char *const wanted[] = { table[i].curl, table[i].python, table[i].unknown };
		scoped(net_rules) struct net_rules *set = net_rules_new(seed);

		for (size_t j = 0; j < ARRAY_SIZE(table[i].rules) && table[i].rules[j]; j++)
			(void)add(set, table[i].rules[j]);
		for (size_t j = 0; j < ARRAY_SIZE(who); j++) {
			struct net_judgement judgement =
				net_rules_judge(set, STR("a.b"), 443, NET_TCP, who[j], 0);
			const char *text = arena_printf(&arena, "%s%s", told(judgement),
				judgement.needs_who ? "?" : "");

			if (strcmp(text, wanted[j]))
				test_fail(__FILE__, __LINE__, "row %zu, %zu: %s", i, j, text);
			CHECK(!judgement.others || judgement.others->entry.by.len);
		}
	}
}

TEST(a_name_of_some_programs_waits_for_them)
{
	scoped(net_rules) struct net_rules *set = net_rules_new(seed);
	struct net_judgement judgement;

	(void)add(set, "a.b by=/curl");
	judgement = net_rules_name(set, STR("a.b"), 0);
	CHECK(judgement.verdict == NET_DENY && judgement.needs_who && judgement.others);
	judgement = net_rules_name(set, STR("b.b"), 0);
	CHECK(judgement.verdict == NET_DENY && !judgement.needs_who && !judgement.others);
}

TEST_MAIN()
