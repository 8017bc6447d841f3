// SPDX-License-Identifier: Apache-2.0
/*
 * loops.c - errors in loops, of policies whose answers are known before anybody evaluates them
 *
 * What is switched off in generated.c is not all that could be wrong: an error that is lost in a loop is lost
 * in every way. So here each rule goes through a list of texts, of which some are numbers and others are
 * none, in one of the ways that there are to go through a list, and makes numbers of them in one of the ways
 * to meet an error there. Rule, list and element decide what comes of it, which is worked out beside the
 * policy: where errors are strict, the first that is met ends the evaluation; otherwise its expression has no
 * value, the loop goes on, and the rest is as it would have been. It holds with and without what makes an
 * evaluation faster (lib/rego_tricks.h), and when the same machine is asked again.
 *
 * loops [FIRST COUNT]: other seeds. loops SEED prints the policy of a seed, and its answers.
 */
#include "base/buf.h"
#include "lib/rego_answer.h"
#include "lib/rego_tricks.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	POLICIES_COUNT = 300,
	RULES_MAX = 5,
	ITEMS_MAX = 5,
	MEMORY_MAX = 16 << 20,
	STEPS_MAX = 200000,
	TEXT_MAX = 1 << 14,
};

/* In the order of values; what stands behind the numbers is an error. */
static const char *const items[] = { "\"1\"", "\"2\"", "\"3\"", "\"x\"", "[]" };

enum {
	NO_NUMBER = 3,
	NO_TEXT = 4,
};

/* What is asked of an element y. */
struct test {
	const char *text;
	bool forgives;			/* it holds where an error only takes a value away */
};

static const struct test tests[] = {
	{ "to_number(y) > 0", false },
	{ "num(y) > 0", false },
	{ "is_positive(y)", false },
	/* the call is made in front of the negation */
	{ "not to_number(y) > 5", false },
	{ "not is_large(y)", true },
	{ "to_number(input) > 0 with input as y", false },
	{ "every z in [\"1\", y] { to_number(z) > 0 }", false },
	{ "count([z | some z in [y, \"1\"]; to_number(z) > 0]) > 0", true },
	{ "{\"b\": 0, \"a\": to_number(y)}.a > 0", false },
	{ "[1, n] = [1, to_number(y)]", false },
};

enum shape {
	ARRAY,				/* of what passes, in the order of the list */
	SET,
	OBJECT,				/* place to element */
	WHETHER_ALL,			/* 1 or 0 */
	WHETHER_ANY,			/* true or nothing; the first that passes ends it */
	TWICE,				/* an array, of the list gone through twice */
	ONES,				/* an array of those that are "1" */
};

/* How a list is gone through: before the list, between it and the test, and behind the test. */
struct way {
	enum shape shape;
	const char *head, *middle, *tail;
};

static const struct way ways[] = {
	{ ARRAY, " := [y | some y in ", "; ", "]" },
	{ ARRAY, " := [y | y := ", "[_]; ", "]" },
	{ ARRAY, " := [y | walk(", ", [path, y]); count(path) == 1; ", "]" },
	{ SET, " := {y | some y in ", "; ", "}" },
	{ OBJECT, " := {i: y | some i, y in ", "; ", "}" },
	{ WHETHER_ALL, " := count([1 | every y in ", " { ", " }])" },
	{ SET, " contains y if {\n\tsome y in ", "\n\t", "\n}" },
	{ OBJECT, "[i] := y if {\n\tsome i, y in ", "\n\t", "\n}" },
	{ WHETHER_ANY, " if {\n\tsome y in ", "\n\t", "\n}" },
	{ TWICE, " := [y | some _ in [1, 2]; some y in ", "; ", "]" },
	{ ONES, " := [y | some k in [\"1\"]; y := [y | some y in ", "; ", "; y == k][_]]" },
};

struct list {
	unsigned items[ITEMS_MAX];
	size_t count;
};

struct rule {
	struct list list;
	const struct test *test;
	const struct way *way;
	unsigned place;			/* where the list stands: here, in the input, in data */
};

struct maker {
	uint64_t state;
	struct rule rules[RULES_MAX];
	size_t count;
};

static unsigned pick(struct maker *maker, size_t below)
{
	maker->state ^= maker->state << 13;
	maker->state ^= maker->state >> 7;
	maker->state ^= maker->state << 17;
	return (unsigned)((maker->state >> 33) % below);
}

static void make(struct maker *maker, uint64_t seed)
{
	*maker = (struct maker){ .state = seed * 0x9e3779b97f4a7c15u + 1 };
	maker->count = 1 + pick(maker, RULES_MAX);
	for (size_t i = 0; i < maker->count; i++) {
		struct rule *rule = &maker->rules[i];
		bool is_clean = pick(maker, 2);

		rule->test = &tests[pick(maker, ARRAY_SIZE(tests))];
		rule->way = &ways[pick(maker, ARRAY_SIZE(ways))];
		rule->place = pick(maker, 3);
		rule->list.count = 1 + pick(maker, ITEMS_MAX);
		/* A list without any text is a mistake, where the compiler sees it. */
		for (size_t k = 0; k < rule->list.count; k++)
			rule->list.items[k] = pick(maker,
				is_clean ? NO_NUMBER : ARRAY_SIZE(items) - (!k && !rule->place));
	}
}

/* ---- the policy ---- */

static void put_list(struct buf *buf, const struct list *list)
{
	buf_append_char(buf, '[');
	for (size_t i = 0; i < list->count; i++)
		buf_printf(buf, "%s%s", i ? ", " : "", items[list->items[i]]);
	buf_append_char(buf, ']');
}

static void put_policy(struct buf *buf, const struct maker *maker)
{
	buf_clear(buf);
	buf_append_str(buf, "package p\n\nnum(x) := to_number(x)\n\nis_positive(x) if to_number(x) > 0\n\n"
		"is_large(x) if {\n\tsome y in [x]\n\tto_number(y) > 5\n}\n");
	for (size_t i = 0; i < maker->count; i++) {
		const struct rule *rule = &maker->rules[i];

		buf_printf(buf, "\nr%zu%s", i, rule->way->head);
		if (rule->place)
			buf_printf(buf, "%s.l%zu", rule->place == 1 ? "input" : "data", i);
		else
			put_list(buf, &rule->list);
		buf_printf(buf, "%s%s%s\n", rule->way->middle, rule->test->text, rule->way->tail);
	}
}

static void put_lists(struct buf *buf, const struct maker *maker)
{
	buf_clear(buf);
	for (size_t i = 0; i < maker->count; i++) {
		buf_printf(buf, "%s\"l%zu\": ", i ? ", " : "{", i);
		put_list(buf, &maker->rules[i].list);
	}
	buf_append_char(buf, '}');
}

/* ---- what it says ---- */

static bool passes(const struct rule *rule, size_t at)
{
	return rule->list.items[at] < NO_NUMBER || rule->test->forgives;
}

/* The error that a rule meets first where they are strict; Return: NULL: none */
static const char *first_error(const struct rule *rule)
{
	for (size_t i = 0; i < rule->list.count; i++) {
		if (rule->list.items[i] == NO_TEXT)
			return "eval_type_error";
		if (rule->list.items[i] == NO_NUMBER)
			return "eval_builtin_error";
		if (rule->way->shape == WHETHER_ANY)
			return NULL;
	}
	return NULL;
}

static struct list passing(const struct rule *rule)
{
	struct list list = { .count = 0 };

	for (size_t i = 0; i < rule->list.count; i++)
		if (passes(rule, i) && (rule->way->shape != ONES || !rule->list.items[i]))
			list.items[list.count++] = rule->list.items[i];
	return list;
}

static void put_twice(struct buf *buf, const struct list *list)
{
	for (size_t i = 0; i < list->count * 2; i++)
		buf_printf(buf, "%s%s", i ? ", " : "[", items[list->items[i % list->count]]);
	buf_append_str(buf, list->count ? "]" : "[]");
}

static void put_set(struct buf *buf, const struct list *list)
{
	const char *before = "{";

	for (unsigned item = 0; item < ARRAY_SIZE(items); item++) {
		bool is_in = false;

		for (size_t i = 0; i < list->count; i++)
			is_in = is_in || list->items[i] == item;
		if (is_in)
			buf_printf(buf, "%s%s", before, items[item]);
		before = is_in ? ", " : before;
	}
	buf_append_str(buf, list->count ? "}" : "set()");
}

static void put_object(struct buf *buf, const struct rule *rule)
{
	const char *before = "";

	buf_append_char(buf, '{');
	for (size_t i = 0; i < rule->list.count; i++)
		if (passes(rule, i)) {
			buf_printf(buf, "%s%zu: %s", before, i, items[rule->list.items[i]]);
			before = ", ";
		}
	buf_append_char(buf, '}');
}

static void put_value(struct buf *buf, const struct rule *rule)
{
	struct list list = passing(rule);

	switch (rule->way->shape) {
	case ARRAY:
	case ONES:
		put_list(buf, &list);
		break;
	case SET:
		put_set(buf, &list);
		break;
	case OBJECT:
		put_object(buf, rule);
		break;
	case WHETHER_ALL:
		buf_append_char(buf, list.count == rule->list.count ? '1' : '0');
		break;
	case WHETHER_ANY:
		buf_append_str(buf, "true");
		break;
	case TWICE:
		put_twice(buf, &list);
		break;
	}
}

/* Rules are evaluated in the order of their names. */
static void put_answer(struct buf *buf, const struct maker *maker, bool is_strict)
{
	const char *before = "";

	buf_clear(buf);
	for (size_t i = 0; is_strict && i < maker->count; i++) {
		const char *error = first_error(&maker->rules[i]);

		if (error) {
			buf_append_str(buf, error);
			return;
		}
	}
	buf_append_char(buf, '{');
	for (size_t i = 0; i < maker->count; i++) {
		if (maker->rules[i].way->shape == WHETHER_ANY && !passing(&maker->rules[i]).count)
			continue;
		buf_printf(buf, "%s\"r%zu\": ", before, i);
		put_value(buf, &maker->rules[i]);
		before = ", ";
	}
	buf_append_char(buf, '}');
}

/* ---- asking ---- */

struct tally {
	size_t values, errors, failed;
};

/* Of an error the code counts, and that it is to_number's. */
static bool is_as_wanted(const char *got, const char *wanted)
{
	return *wanted == '{' ? !strcmp(got, wanted) :
		str_starts_with(str_from(got), str_from(wanted)) && strstr(got, "to_number: ");
}

static void ask(struct rego_asked *asked, const struct maker *maker, const char *without, uint64_t seed,
	struct tally *tally)
{
	scoped(buf) struct buf wanted = BUF_INIT(TEXT_MAX);

	for (int turn = 0; turn < 4; turn++) {
		const char *got;

		asked->is_strict = turn & 1;
		asked->is_repeated = turn & 2;
		put_answer(&wanted, maker, asked->is_strict);
		got = rego_answer(asked);
		tally->values += *got == '{';
		tally->errors += *got != '{';
		if (is_as_wanted(got, buf_text(&wanted)))
			continue;
		tally->failed++;
		printf("# policy %" PRIu64 ", %s, without %s: %s\n#   instead of: %s\n", seed,
			asked->is_strict ? "strict" : "not strict", without, got, buf_text(&wanted));
	}
}

static void try_seed(uint64_t seed, struct tally *tally)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX), lists = BUF_INIT(TEXT_MAX);
	struct rego_asked asked = { .arena = &arena, .steps = STEPS_MAX, .memory_bytes = MEMORY_MAX };
	struct maker maker;

	make(&maker, seed);
	put_policy(&text, &maker);
	put_lists(&lists, &maker);
	if (json_read(&arena, (struct str){ lists.data, lists.len }, 0, &asked.input, NULL) < 0)
		abort();
	asked.data = asked.input;
	for (size_t i = 0; i <= ARRAY_SIZE(rego_tricks); i++) {
		bool is_fast = i == ARRAY_SIZE(rego_tricks);

		asked.policy = rego_answer_compile(&arena, (struct str){ text.data, text.len },
			is_fast ? 0 : rego_tricks[i].flags);
		if (asked.policy)
			ask(&asked, &maker, is_fast ? "nothing" : rego_tricks[i].name, seed, tally);
		if (!asked.policy) {
			tally->failed++;
			printf("# policy %" PRIu64 " does not compile\n", seed);
		}
		rego_policy_free(asked.policy);
	}
}

static int print(uint64_t seed)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct maker maker;

	make(&maker, seed);
	put_policy(&text, &maker);
	printf("%s\n", buf_text(&text));
	put_lists(&text, &maker);
	printf("# input and data: %s\n", buf_text(&text));
	for (int strict = 0; strict < 2; strict++) {
		put_answer(&text, &maker, strict);
		printf("# %s: %s\n", strict ? "strict" : "not strict", buf_text(&text));
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t first = 1, count = POLICIES_COUNT;
	struct tally tally = { 0 };
	bool is_telling;

	if (argc > 1 && str_to_u64(str_from(argv[1]), UINT32_MAX, &first) < 0)
		return 2;
	if (argc == 2)
		return print(first);
	if (argc > 2 && str_to_u64(str_from(argv[2]), UINT32_MAX, &count) < 0)
		return 2;
	printf("TAP version 13\n1..2\n");
	for (uint64_t seed = first; seed < first + count; seed++)
		try_seed(seed, &tally);
	is_telling = tally.values > count * 4 && tally.errors > count * 4;
	printf("# %zu values, %zu errors\n", tally.values, tally.errors);
	printf("%sok 1 - what loops say of errors in them is what was known before\n",
		tally.failed ? "not " : "");
	printf("%sok 2 - many have values, and many end in errors\n", is_telling ? "" : "not ");
	return tally.failed || !is_telling;
}
