// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_graphql.c - any GraphQL query with any schema
 *
 * The first part of an input, up to a line ---, is the query; the rest is the schema, or there is one of
 * ours. What holds for every pair:
 *
 *   - a document is read, and comes out as a tree, or it is said what is wrong, and where
 *   - a tree means what the text means: both are valid, or none is, and graphql.parse() gives it back
 *   - graphql.parse() fails where graphql.is_valid() says no, and what is valid has a valid schema
 *   - with less to spend the answer is the same, or none
 */
#include "rego/builtin.h"

enum {
	STEPS = 1 << 18,
	BYTES = 16 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char ours[] =
	"directive @d(a: [E!]) repeatable on FIELD | QUERY | FRAGMENT_SPREAD | VARIABLE_DEFINITION\n"
	"type Query { a: Int b(c: Int, d: I, e: E = A): Query i: N u: U l: [Query!]! }\n"
	"type Subscription { a: Int } interface N { a: Int } type T implements N { a: Int t: T }\n"
	"union U = T | Query enum E { A B } input I { c: Int! = 1 d: [I] s: String }\n";

struct answer {
	enum rego_answer answer;
	const struct json *value;
	const char *error;
};

static struct answer call(struct arena *arena, const char *name, const struct json *first,
	const struct json *second, uint64_t steps)
{
	const struct json *operands[] = { first, second };
	struct rego_budget budget;
	struct rego_call call = {
		.builtin = rego_builtin_find(str_from(name)),
		.operands = operands,
		.arena = arena,
		.budget = &budget,
	};
	enum rego_answer answer;

	rego_budget_init(&budget, steps, NULL, NULL);
	answer = call.builtin->function(&call);
	assert(answer != REGO_ANSWER_UNDEFINED);
	assert(answer != REGO_ANSWER_STOP || budget.stop != REGO_STOP_NONE);
	return (struct answer){ answer, answer == REGO_ANSWER_VALUE ? call.result : NULL, call.error };
}

/* Return: the tree; NULL: the text is none, or there was not enough to spend. */
static const struct json *parse(struct arena *arena, const char *name, const struct json *text)
{
	struct answer answer = call(arena, name, text, NULL, STEPS);

	assert(answer.answer != REGO_ANSWER_ERROR || strstr(answer.error, " in GraphQL string at location "));
	return answer.value;
}

static void check_less(struct arena *arena, const struct json *query, const struct json *schema,
	bool is_valid)
{
	static const unsigned divisors[] = { 2, 64, 1024, STEPS };

	for (size_t i = 0; i < ARRAY_SIZE(divisors); i++) {
		struct answer less = call(arena, "graphql.is_valid", query, schema, STEPS / divisors[i]);

		assert(less.answer == REGO_ANSWER_STOP || less.value->boolean == is_valid);
	}
}

static void check_trees(struct arena *arena, const struct json *query, const struct json *schema,
	bool is_valid)
{
	const struct json *query_tree = parse(arena, "graphql.parse_query", query);
	const struct json *schema_tree = parse(arena, "graphql.parse_schema", schema);
	struct answer both;

	if (!query_tree || !schema_tree) {
		assert(!is_valid);
		return;
	}
	both = call(arena, "graphql.is_valid", query_tree, schema_tree, STEPS);
	assert(!both.value || both.value->boolean == is_valid);
	both = call(arena, "graphql.parse", query_tree, schema_tree, STEPS);
	assert(both.answer == REGO_ANSWER_STOP || !both.value == !is_valid);
	assert(!both.value || (json_equal(json_at(both.value, 0), query_tree) &&
		json_equal(json_at(both.value, 1), schema_tree)));
}

static void check_pair(struct arena *arena, struct str query_text, struct str schema_text)
{
	const struct json *query = json_new_string(arena, query_text);
	const struct json *schema = json_new_string(arena, schema_text);
	struct answer answer, of_schema;

	if (!query || !schema)
		return;
	answer = call(arena, "graphql.is_valid", query, schema, STEPS);
	of_schema = call(arena, "graphql.schema_is_valid", schema, NULL, STEPS);
	if (!answer.value)
		return;
	assert(!answer.value->boolean || of_schema.value->boolean);
	check_trees(arena, query, schema, answer.value->boolean);
	check_less(arena, query, schema, answer.value->boolean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT((size_t)8 * BYTES);
	const char *text = (const char *)data, *end = size ? memmem(text, size, "\n---\n", 5) : NULL;
	struct str query = { text, end ? (size_t)(end - text) : size };
	struct str schema = { ours, sizeof(ours) - 1 };

	if (end)
		schema = (struct str){ end + 5, size - query.len - 5 };
	check_pair(&arena, query, schema);
	return 0;
}
