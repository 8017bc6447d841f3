// SPDX-License-Identifier: Apache-2.0
/*
 * test_members.c - several members of a document asked for as one question
 */
#include "lib/test.h"
#include "rego/regoc_members.h"

#include <string.h>

static struct regoc_policy *compile(const char *text)
{
	struct regoc_module module = { "m.rego", text, strlen(text) };
	struct regoc_policy *policy = NULL;

	CHECK_INT(regoc_policy_new(&module, 1, NULL, &policy, NULL), REGOC_OK);
	return policy;
}

/* Each member has its value or none: of rules, of packages below, of base documents, of a rule's value. */
TEST(members)
{
	static const char *const names[] = { "q", "p", "none", "below", "base", "half" };
	static const char *const inner[] = { "x", "y" }, *const functions[] = { "q", "f" };
	static const char text[] = "{\"a\": {\"base\": [1], \"p\": 9}}";
	static const char module[] =
		"package a\np := input.n + 1\nq := p + 1\nhalf if input.n == 0\nf(x) := x\n"
		"below.c := q\no := {\"x\": p}\n";
	struct regoc_policy *policy = compile(module);
	struct regoc_context *context = regoc_context_new(NULL);
	struct regoc_document *data = NULL, *input = NULL;
	struct regoc_request request = { 0 };
	struct regoc_query *query;
	const char *got;

	CHECK_INT(regoc_document_new(text, strlen(text), 0, &data, NULL), REGOC_OK);
	CHECK_INT(regoc_document_new("{\"n\": 3}", 8, 0, &input, NULL), REGOC_OK);
	CHECK(!rego_api_query_members(policy, "b", names, 1));
	CHECK(!rego_api_query_members(policy, "a/f", names, 1));
	CHECK(!rego_api_query_members(policy, "a", functions, 2));
	query = rego_api_query_members(policy, "a", names, ARRAY_SIZE(names));
	request = (struct regoc_request){
		.query = query, .data = regoc_document_value(data), .input = regoc_document_value(input),
		.known = regoc_known_new(policy, regoc_document_value(data), 0),
	};
	for (int i = 0; i < 2; i++) {
		CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
		CHECK(!regoc_result(context) && !regoc_row_count(context));
		CHECK(!rego_api_member(context, 2) && !rego_api_member(context, 5));
		CHECK(!rego_api_member(context, ARRAY_SIZE(names)));
		CHECK_INT(regoc_result_text(context, &got, NULL), REGOC_OK);
		CHECK_TEXT(got, "{\"base\":[1],\"below\":{\"c\":5},\"p\":4,\"q\":5}");
	}
	request.input = NULL;
	CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
	CHECK_INT(regoc_result_text(context, &got, NULL), REGOC_OK);
	CHECK_TEXT(got, "{\"base\":[1],\"below\":{}}");
	regoc_query_free(query);
	request.query = query = rego_api_query_members(policy, "a/o", inner, ARRAY_SIZE(inner));
	request.input = regoc_document_value(input);
	CHECK_INT(regoc_evaluate(context, &request), REGOC_OK);
	CHECK_INT(regoc_result_text(context, &got, NULL), REGOC_OK);
	CHECK_TEXT(got, "{\"x\":4}");
	regoc_query_free(query);
	regoc_known_free(request.known);
	regoc_context_free(context);
	regoc_document_free(input);
	regoc_document_free(data);
	regoc_policy_free(policy);
}

/* One that ends with an error leaves none of the values, and says where; limits are those of all together. */
TEST(members_that_end)
{
	static const char *const names[] = { "good", "bad" };
	struct regoc_policy *policy = compile(
		"package a\ngood := count(numbers.range(1, 50))\nbad := 1\nbad := good");
	struct regoc_query *query = rego_api_query_members(policy, "a", names, ARRAY_SIZE(names));
	const struct regoc_request request = { .query = query };
	unsigned stopped_count = 0;

	for (size_t i = 0; i < 300; i++) {
		const struct regoc_limits limits[] = { { .steps = i }, { .memory_bytes = i * 16 } };

		for (size_t j = 0; j < ARRAY_SIZE(limits); j++) {
			struct regoc_context *context = regoc_context_new(&limits[j]);
			enum regoc_status status = regoc_evaluate(context, &request);

			CHECK(status == REGOC_CONFLICT || status == (j ? REGOC_MEMORY : REGOC_STEPS));
			CHECK(!rego_api_member(context, 0) && !rego_api_member(context, 1));
			if (status == REGOC_CONFLICT)
				CHECK_INT(regoc_fault(context)->line, 4);
			stopped_count += status != REGOC_CONFLICT;
			regoc_context_free(context);
		}
	}
	CHECK(stopped_count > 20 && stopped_count < 580);
	regoc_query_free(query);
	regoc_policy_free(policy);
}

TEST_MAIN()
