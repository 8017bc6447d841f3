// SPDX-License-Identifier: Apache-2.0
/*
 * generated.c - policies that nobody wrote, answered in more than one way
 *
 * Each policy comes from a seed: rules, functions, sets and objects whose bodies begin as the index likes
 * them or do not, call one another, compare loops with what is outside, fail, contradict each other and
 * divide by zero. Its answer, or its error with the place, must be the same with each thing and with all that
 * only makes an evaluation faster (lib/rego_tricks.h) switched off, when it is asked again, and with what was
 * found out under other inputs (known.h); with fewer steps and less memory it is the same or a stop; and with
 * the expressions of each body in another order it is the same unless one of both is an error, since which
 * errors are met depends on the order. Its instructions read nothing that was not set (lib/plan_check.h).
 *
 * generated [FIRST COUNT]: other seeds, for long runs. generated SEED prints the policy of a seed, and
 * generated SEED input N the Nth input that it is asked with, for another engine to answer
 * (tests/tools/test_rego_oracle.py).
 */
#include "lib/plan_check.h"
#include "lib/rego_answer.h"
#include "lib/rego_tricks.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	POLICIES_COUNT = 400,
	INPUTS_COUNT = 4,
	MEMORY_MAX = 16 << 20,
	STEPS_MAX = 200000,
	TEXT_MAX = 1 << 16,
	GROUPS_MAX = 4,
	BODY_MAX = 6,
	DEPTH_MAX = 2,
};

/* ---- chance ---- */

struct maker {
	struct buf *buf;
	uint64_t state, order;		/* what is written, and in which order it stands */
	unsigned group;			/* rules of earlier groups may be asked for */
	unsigned names;			/* of variables that are bound */
	unsigned params;
};

static unsigned draw(uint64_t *state, unsigned below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned)(*state >> 33) % below;
}

static unsigned pick(struct maker *maker, unsigned below)
{
	return draw(&maker->state, below);
}

#define ONE_OF(maker, ...) \
	one_of((maker), (const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static const char *one_of(struct maker *maker, const char *const *items, size_t count)
{
	return items[pick(maker, (unsigned)count)];
}

/* ---- terms ---- */

static const char *scalar(struct maker *maker)
{
	return ONE_OF(maker, "0", "1", "1.0", "2", "true", "false", "null", "\"\"", "\"a\"", "\"ab\"",
		"\"abc\"", "\"b\"", "\"bc\"");
}

static const char *text(struct maker *maker)
{
	return ONE_OF(maker, "\"\"", "\"a\"", "\"ab\"", "\"abc\"", "\"b\"", "\"bc\"", "\"abcd\"");
}

/* What does not change during a call: what the index looks at. */
static void put_subject(struct maker *maker)
{
	if (maker->params && pick(maker, 2))
		buf_printf(maker->buf, "p%u", pick(maker, maker->params));
	else
		buf_append_str(maker->buf,
			ONE_OF(maker, "input.a", "input.a", "input.b", "input.b", "input.c.d",
				"data.base.k"));
}

static void put_term(struct maker *maker, unsigned depth);

static void put_call(struct maker *maker, unsigned depth)
{
	buf_printf(maker->buf, "f%u(", pick(maker, maker->group));
	put_term(maker, depth + 1);
	buf_append_str(maker->buf, ", ");
	put_term(maker, depth + 1);
	buf_append_char(maker->buf, ')');
}

/* What a loop is compared with: something from outside of it, or nearly so. */
static void put_outer(struct maker *maker)
{
	if (maker->names && pick(maker, 4))
		buf_printf(maker->buf, "x%u%s", pick(maker, maker->names), ONE_OF(maker, "", "", ".k"));
	else if (pick(maker, 3))
		put_subject(maker);
	else
		buf_append_str(maker->buf, scalar(maker));
}

static void put_loop(struct maker *maker)
{
	if (maker->group && !pick(maker, 4))
		buf_printf(maker->buf, "some y in %s%u", ONE_OF(maker, "s", "o", "r"),
			pick(maker, maker->group));
	else
		buf_append_str(maker->buf,
			ONE_OF(maker, "some y in data.base.objs", "some y in input.ys", "y = input.ys[_]",
				"some i; y := data.base.objs[i]", "some y in data.base.objs; y.v != 1",
				"some y in input.ys; y.v in {1, \"a\"}",
				"some y in input.ys; to_number(y.v) >= 0",
				"some z in data.base.objs; some y in input.ys; y.v == z.v",
				"walk(data.base.objs, [_, y])"));
}

/* A comprehension that could be looked up by what its loop is compared with, or just not. */
static void put_grouped(struct maker *maker)
{
	const char *end = ONE_OF(maker, "[y | ]", "{y.v | }", "{y.v: y | }");

	buf_append(maker->buf, end, strlen(end) - 1);
	put_loop(maker);
	buf_append_str(maker->buf, ONE_OF(maker, "; y.k == ", "; y.k = ", "; y == ", "; input.ys[_].k == "));
	put_outer(maker);
	for (unsigned i = pick(maker, 3); i; i--) {
		buf_append_str(maker->buf, ONE_OF(maker, "; y.v == ", "; not y.v == ", "; y.v <= ",
			"; startswith(y.v, \"a\"); y.v != "));
		put_outer(maker);
	}
	buf_append_str(maker->buf, end + strlen(end) - 1);
}

/* With keys that are known while compiling, not in their order, or with one that is not known, or twice. */
static void put_object(struct maker *maker, unsigned depth)
{
	const char *key = ONE_OF(maker, "\"b\"", "1", "input.a");

	buf_printf(maker->buf, "{%s: ", key);
	put_term(maker, depth + 1);
	buf_append_str(maker->buf, ", \"a\": ");
	put_term(maker, depth + 1);
	if (!pick(maker, 4))
		buf_printf(maker->buf, ", %s: 1", key);
	buf_append_char(maker->buf, '}');
}

static void put_term(struct maker *maker, unsigned depth)
{
	unsigned what = pick(maker, depth < DEPTH_MAX ? 15 : 6);

	if (what < 2) {
		buf_append_str(maker->buf, scalar(maker));
	} else if (what < 4) {
		put_subject(maker);
	} else if (what < 6 && maker->names) {
		buf_printf(maker->buf, "x%u", pick(maker, maker->names));
	} else if (what < 7) {
		buf_append_str(maker->buf, "input.xs");
	} else if (what < 8 && maker->group) {
		put_call(maker, depth);
	} else if (what < 10 && maker->group) {
		buf_printf(maker->buf, "%s%u", ONE_OF(maker, "r", "s", "o"), pick(maker, maker->group));
	} else if (what < 11) {
		buf_append_char(maker->buf, '[');
		put_term(maker, depth + 1);
		buf_append_str(maker->buf, ", ");
		put_term(maker, depth + 1);
		buf_append_char(maker->buf, ']');
	} else if (what < 13) {
		put_grouped(maker);
	} else if (what < 14) {
		put_object(maker, depth);
	} else {
		buf_append_str(maker->buf, ONE_OF(maker, "[y | some y in input.xs; y != 1]",
			"{y | y = input.xs[_]}", "{k: v | some k, v in input.xs}", "count(input.xs)",
			"[y | some y in data.base.list]", "{k: v | some k, v in data.base}",
			"sum([y | some y in [1, 2]])"));
	}
}

/* ---- expressions ---- */

static void put_list(struct maker *maker)
{
	bool is_set = pick(maker, 2);

	buf_append_str(maker->buf, is_set ? "{" : "[");
	for (unsigned i = 0, count = 1 + pick(maker, 3); i < count; i++)
		buf_printf(maker->buf, "%s%s", i ? ", " : "", scalar(maker));
	buf_append_str(maker->buf, is_set ? "}" : "]");
}

static void put_test(struct maker *maker)
{
	switch (pick(maker, 6)) {
	case 0:
		put_subject(maker);
		buf_append_str(maker->buf, " in ");
		put_list(maker);
		break;
	case 1:
		buf_append_str(maker->buf, "startswith(");
		put_subject(maker);
		buf_printf(maker->buf, ", %s)", text(maker));
		break;
	case 2:
		buf_printf(maker->buf, "%s == ", scalar(maker));
		put_subject(maker);
		break;
	default:
		put_subject(maker);
		buf_printf(maker->buf, " %s %s", ONE_OF(maker, "==", "==", "=", "!="), scalar(maker));
		break;
	}
}

static void put_failing(struct maker *maker)
{
	buf_append_str(maker->buf,
		ONE_OF(maker, "to_number(input.a) >= 0", "1 / (count(input.xs) - 2) > 0",
			"startswith(input.b, \"a\")", "object.get(input.c, \"d\", 1) == 1",
			"contains(input.a, \"a\")", "net.cidr_contains(\"10.0.0.0/8\", input.ip)",
			"every y in input.ys { to_number(y.v) >= 0 }",
			"count([y | some y in input.ys; startswith(y.v, \"a\")]) < 2",
			"count({y | y := input.xs[_]; not contains(y, \"a\")}) < 2",
			"[y | some y in data.base.nets; net.cidr_contains(y, input.ip)] != []",
			"some _, y in {n: net.cidr_contains(n, input.ip) | some n in data.base.nets}; y"));
}

static void put_expr(struct maker *maker)
{
	switch (pick(maker, 10)) {
	case 0:
	case 1:
	case 2:
	case 3:
		put_test(maker);
		break;
	case 4:
		buf_append_str(maker->buf, "not ");
		put_test(maker);
		break;
	case 5:
		put_failing(maker);
		break;
	case 6:
		put_subject(maker);
		buf_append_str(maker->buf, ONE_OF(maker, " == ", " != ", " <= "));
		put_term(maker, 0);
		break;
	case 7:
		buf_append_str(maker->buf, ONE_OF(maker, "every y in input.xs { y != 2 }", "input.xs[_] == 1",
			"{y | y = input.xs[_]; y == input.a} != set()", "input.b"));
		break;
	case 8:
		put_term(maker, 0);
		break;
	default:
		put_test(maker);
		buf_printf(maker->buf, " with input.a as %s", scalar(maker));
		break;
	}
}

/* Expressions are written in the order of their seeds, and stand in an order of its own. */
static void put_body(struct maker *maker)
{
	unsigned count = 1 + pick(maker, BODY_MAX - 1), bound = pick(maker, 3), used = 0;
	uint64_t seeds[BODY_MAX + 2];
	struct maker inner = *maker;

	inner.names = bound;
	for (unsigned i = 0; i < count + bound; i++) {
		(void)pick(maker, 2);
		seeds[i] = maker->state;
	}
	buf_append_str(maker->buf, "{\n");
	if (pick(maker, 3)) {
		buf_append_char(maker->buf, '\t');
		put_test(maker);
		buf_append_char(maker->buf, '\n');
	}
	for (unsigned i = 0; i < bound; i++)
		buf_printf(maker->buf, "\tsome x%u\n", i);
	while (used < count + bound) {
		unsigned at = maker->order ? draw(&maker->order, count + bound) : used;

		if (!seeds[at])
			continue;
		inner.state = seeds[at];
		seeds[at] = 0;
		used++;
		buf_append_char(maker->buf, '\t');
		if (at < bound)
			buf_printf(maker->buf, "x%u = %s", at,
				ONE_OF(&inner, "input.a", "input.b", "input.xs[_]", "data.base.list[_]",
					"{\"b\": input.a, \"a\": input.b}"));
		else
			put_expr(&inner);
		buf_append_char(maker->buf, '\n');
	}
	buf_append_str(maker->buf, "}");
	maker->names = bound;
}

/* ---- rules ---- */

/* The head may name a variable of the body, which is written behind it but drawn before. */
static void put_rule(struct maker *maker, const char *before, const char *behind)
{
	scoped(buf) struct buf body = BUF_INIT(TEXT_MAX);
	struct buf *out = maker->buf;
	const char *value = ONE_OF(maker, "true", "1", "\"v\"", "x0");

	maker->buf = &body;
	put_body(maker);
	maker->buf = out;
	if (*value == 'x' && !maker->names)
		value = "2";
	buf_printf(out, "%s%s%s if %s", before, value, behind, buf_text(&body));
	maker->names = 0;
}

static void put_complete(struct maker *maker, unsigned group)
{
	char head[64];

	(void)snprintf(head, sizeof(head), "r%u := ", group);
	put_rule(maker, head, "");
	if (pick(maker, 4) == 0)
		put_rule(maker, " else := ", "");
	buf_append_str(maker->buf, "\n\n");
}

static void put_function(struct maker *maker, unsigned group)
{
	unsigned what = pick(maker, 4);
	char head[64];

	maker->params = what == 3 ? 1 : 2;
	(void)snprintf(head, sizeof(head), "f%u(%s, %s) := ", group, what == 2 ? scalar(maker) : "p0",
		what == 3 ? scalar(maker) : "p1");
	if (what == 2)
		maker->params = 0;
	put_rule(maker, head, "");
	buf_append_str(maker->buf, "\n\n");
	maker->params = 0;
}

/* One is enough for what holds to be the function's value, and an index wants several. */
static unsigned few_or_many(struct maker *maker)
{
	return pick(maker, 3) ? 1 + pick(maker, 14) : 1;
}

static void put_group(struct maker *maker, unsigned group)
{
	char set[64], object[64], value[64];

	(void)snprintf(set, sizeof(set), "s%u contains ", group);
	(void)snprintf(object, sizeof(object), "o%u[", group);
	(void)snprintf(value, sizeof(value), "] := %u", pick(maker, 2));
	maker->group = group;
	if (pick(maker, 2))
		buf_printf(maker->buf, "default r%u := %s\n\n", group, scalar(maker));
	for (unsigned i = 0, count = few_or_many(maker); i < count; i++)
		put_complete(maker, group);
	for (unsigned i = 0, count = few_or_many(maker); i < count; i++)
		put_function(maker, group);
	for (unsigned i = 0, count = 1 + pick(maker, 18); i < count; i++) {
		put_rule(maker, set, "");
		buf_append_str(maker->buf, "\n\n");
	}
	for (unsigned i = 0, count = 1 + pick(maker, 14); i < count; i++) {
		put_rule(maker, object, value);
		buf_append_str(maker->buf, "\n\n");
	}
}

static void put_policy(struct buf *buf, uint64_t seed, uint64_t order)
{
	struct maker maker = { .buf = buf, .state = seed * 0x9e3779b97f4a7c15u + 1, .order = order };

	buf_clear(buf);
	buf_append_str(buf, "package p\n\n");
	for (unsigned group = 0, count = 1 + pick(&maker, GROUPS_MAX - 1); group < count; group++)
		put_group(&maker, group);
}

static void put_input(struct buf *buf, uint64_t seed)
{
	struct maker maker = { .buf = buf, .state = seed * 0x2545f4914f6cdd1du + 1 };

	buf_clear(buf);
	buf_append_str(buf, "{\"z\": 0");
	if (pick(&maker, 6))
		buf_printf(buf, ", \"a\": %s", scalar(&maker));
	if (pick(&maker, 6))
		buf_printf(buf, ", \"b\": %s", text(&maker));
	if (pick(&maker, 4))
		buf_printf(buf, ", \"c\": {\"d\": %s}", scalar(&maker));
	if (pick(&maker, 6))
		buf_append_str(buf,
			ONE_OF(&maker, ", \"xs\": []", ", \"xs\": [1, 2]", ", \"xs\": [\"a\", 1, 1]"));
	buf_printf(buf, ", \"ip\": %s",
		ONE_OF(&maker, "\"10.1.2.3\"", "\"10.0.0.0/9\"", "\"fe80::1\"", "\"x\"", "1"));
	buf_append_str(buf, ", \"ys\": [0");
	for (unsigned i = pick(&maker, 6); i; i--) {
		const char *key = scalar(&maker);

		buf_printf(buf, ", {\"k\": %s, \"v\": %s}", key, scalar(&maker));
	}
	buf_append_char(buf, ']');
	buf_append_str(buf, "}");
}

/* ---- answers ---- */

struct tally {
	size_t compiled, refused, indexed, grouped, errors, values, compared, stopped, failed;
};

static void report(struct tally *tally, uint64_t seed, uint64_t input, const char *how, const char *one,
	const char *other)
{
	tally->failed++;
	printf("# policy %" PRIu64 ", input %" PRIu64 ", %s: %s\n#   instead of: %s\n", seed, input, how,
		other, one);
}

static bool is_error(const char *answer)
{
	return str_starts_with(str_from(answer), STR("eval_"));
}

static bool is_stop(const char *answer)
{
	return str_starts_with(str_from(answer), STR("eval_cancel_error"));
}

static void sweep(struct rego_asked *asked, const char *wanted, struct tally *tally, uint64_t seed,
	uint64_t input)
{
	for (uint64_t at = 1; at < 3000; at = at * 2 + 1) {
		struct rego_asked less[] = { *asked, *asked };

		less[0].steps = at;
		less[1].memory_bytes = (size_t)at * 16;
		for (size_t i = 0; i < ARRAY_SIZE(less); i++) {
			const char *answer = rego_answer(&less[i]);

			tally->stopped += is_stop(answer);
			if (!is_stop(answer) && strcmp(answer, wanted) != 0)
				report(tally, seed, input, i ? "less memory" : "fewer steps", wanted, answer);
		}
	}
}

struct policies {
	struct rego_policy *fast, *shuffled;
	struct rego_policy *without[ARRAY_SIZE(rego_tricks)];	/* as it is, without what rego_tricks says */
	struct rego_cache cache;	/* from all inputs that came before */
	struct rego_known known[2];	/* of the fast one, by strictness: from all inputs that came before */
};

static void ask_all(struct policies *policies, struct rego_asked *asked, struct tally *tally,
	uint64_t seed, uint64_t input)
{
	const char *fast, *other;

	asked->policy = policies->fast;
	fast = rego_answer(asked);
	tally->errors += is_error(fast);
	tally->values += !is_error(fast);
	if (asked->is_strict)
		sweep(asked, fast, tally, seed, input);
	asked->known = &policies->known[asked->is_strict];
	other = rego_answer(asked);
	if (strcmp(fast, other) != 0)
		report(tally, seed, input, "with what is known", fast, other);
	asked->known = NULL;
	asked->cache = &policies->cache;
	asked->is_repeated = true;
	other = rego_answer(asked);
	if (strcmp(fast, other) != 0)
		report(tally, seed, input, "asked again", fast, other);
	asked->is_repeated = false;
	for (size_t i = 0; i < ARRAY_SIZE(rego_tricks); i++) {
		asked->policy = policies->without[i];
		other = rego_answer(asked);
		tally->compared++;
		if (strcmp(fast, other) != 0)
			report(tally, seed, input, rego_tricks[i].name, other, fast);
	}
	asked->cache = NULL;
	asked->policy = policies->shuffled;
	other = policies->shuffled ? rego_answer(asked) : fast;
	if (strcmp(fast, other) != 0 && !is_error(fast) && !is_error(other))
		report(tally, seed, input, "in another order", fast, other);
}

static void ask_with_inputs(struct policies *policies, struct arena *arena, struct tally *tally,
	uint64_t seed)
{
	static const struct str data_text = STR(
		"{\"base\": {\"k\": \"ab\", \"list\": [1, \"a\"], \"objs\": ["
		"{\"k\": 1, \"v\": 1}, {\"k\": \"a\", \"v\": \"ab\"}, {\"k\": 1.0, \"v\": 2},"
		"{\"v\": \"a\"}, 1, {\"k\": null, \"v\": [1]}, {\"k\": \"a\", \"v\": 1}],"
		"\"nets\": [\"10.0.0.0/8\", \"10.1.0.0/16\", \"::/0\", \"10.0.0.0/8\"]}}");
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct rego_asked asked = { .arena = arena, .steps = STEPS_MAX, .memory_bytes = MEMORY_MAX };

	if (json_read(arena, data_text, 0, &asked.data, NULL) < 0)
		abort();
	for (int strict = 0; strict < 2; strict++)
		if (rego_known_init(&policies->known[strict], rego_policy_plan(policies->fast), asked.data,
				MEMORY_MAX) < 0)
			abort();
	for (uint64_t input = 0; input < INPUTS_COUNT; input++) {
		put_input(&text, seed * INPUTS_COUNT + input);
		if (json_read(arena, (struct str){ text.data, text.len }, 0, &asked.input, NULL) < 0)
			abort();
		for (int strict = 0; strict < 2; strict++) {
			asked.is_strict = strict;
			ask_all(policies, &asked, tally, seed, input);
		}
	}
	for (int strict = 0; strict < 2; strict++)
		rego_known_fini(&policies->known[strict]);
}

static bool has_groups(const struct rego_plan *plan)
{
	for (size_t i = 0; i < plan->place_count; i++)
		for (size_t k = 0; k < plan->functions[i].count; k++)
			if (plan->functions[i].insns[k].op == REGO_OP_COLLECT &&
					plan->functions[i].insns[k].b == REGO_COLLECT_GROUPS)
				return true;
	return false;
}

static void check_plan(const struct rego_policy *policy, struct tally *tally, uint64_t seed)
{
	scoped(buf) struct buf why = BUF_INIT(TEXT_MAX);

	if (!plan_check(rego_policy_plan(policy), &why))
		report(tally, seed, 0, "its instructions", "right ones", buf_text(&why));
}

/* Whatever way is taken, nothing is read that was not set. */
static void check_plans(const struct policies *policies, struct tally *tally, uint64_t seed)
{
	check_plan(policies->fast, tally, seed);
	if (policies->shuffled)
		check_plan(policies->shuffled, tally, seed);
	for (size_t i = 0; i < ARRAY_SIZE(rego_tricks); i++)
		check_plan(policies->without[i], tally, seed);
}

static void try_seed(uint64_t seed, struct tally *tally)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX * 4);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX), shuffled = BUF_INIT(TEXT_MAX);
	struct policies policies = { .cache = REGO_CACHE_INIT(MEMORY_MAX) };

	put_policy(&text, seed, 0);
	put_policy(&shuffled, seed, seed + 77);
	policies.fast = rego_answer_compile(&arena, (struct str){ text.data, text.len }, 0);
	if (!policies.fast) {
		tally->refused++;
		return;
	}
	tally->compiled++;
	tally->indexed += rego_policy_plan(policies.fast)->unit.choice_count > 0;
	tally->grouped += has_groups(rego_policy_plan(policies.fast));
	for (size_t i = 0; i < ARRAY_SIZE(rego_tricks); i++)
		policies.without[i] = rego_answer_compile(&arena, (struct str){ text.data, text.len },
			rego_tricks[i].flags);
	policies.shuffled = rego_answer_compile(&arena, (struct str){ shuffled.data, shuffled.len }, 0);
	check_plans(&policies, tally, seed);
	ask_with_inputs(&policies, &arena, tally, seed);
	rego_policy_free(policies.fast);
	rego_policy_free(policies.shuffled);
	for (size_t i = 0; i < ARRAY_SIZE(rego_tricks); i++)
		rego_policy_free(policies.without[i]);
	rego_cache_fini(&policies.cache);
}

static int print_text(uint64_t seed, const char *input)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	uint64_t number = 0;

	if (input && str_to_u64(str_from(input), INPUTS_COUNT, &number) < 0)
		return 2;
	if (input)
		put_input(&text, seed * INPUTS_COUNT + number);
	else
		put_policy(&text, seed, 0);
	printf("%s\n", buf_text(&text));
	return 0;
}

static int judge(uint64_t first, uint64_t count)
{
	struct tally tally = { 0 };
	bool is_telling;

	printf("TAP version 13\n1..2\n");
	for (uint64_t seed = first; seed < first + count; seed++)
		try_seed(seed, &tally);
	printf("# %zu compiled, %zu of them with an index, %zu with groups, %zu refused; %zu values, %zu errors, %zu stopped, %zu compared with what has a trick less\n",
		tally.compiled, tally.indexed, tally.grouped, tally.refused, tally.values, tally.errors,
		tally.stopped, tally.compared);
	is_telling = tally.compiled * 4 > count && tally.indexed * 2 > tally.compiled &&
		tally.grouped * 4 > tally.compiled && tally.values > tally.compiled && tally.errors &&
		tally.stopped;
	printf("%sok 1 - a policy answers the same in every way\n", tally.failed ? "not " : "");
	printf("%sok 2 - many of them have something to say\n", is_telling ? "" : "not ");
	return tally.failed || !is_telling;
}

int main(int argc, char **argv)
{
	uint64_t first = 1, count = POLICIES_COUNT;

	if (argc > 1 && str_to_u64(str_from(argv[1]), UINT32_MAX, &first) < 0)
		return 2;
	if (argc == 2 || argc == 4)
		return print_text(first, argc == 4 ? argv[3] : NULL);
	if (argc > 2 && str_to_u64(str_from(argv[2]), UINT32_MAX, &count) < 0)
		return 2;
	return judge(first, count);
}
