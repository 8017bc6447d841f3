// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_aws.c - providers.aws.sign_req: AWS's own examples, what is signed of an address, what is
 * refused
 *
 * The first two signatures are those of AWS's published test suite for version 4 (get-vanilla,
 * get-vanilla-query-order-key-case); those of the others were computed by a few lines of Python.
 */
#include "lib/rego_call.h"

#define CONFIG \
	"{\"aws_access_key\": \"AKIDEXAMPLE\", \"aws_secret_access_key\":" \
	" \"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\", \"aws_service\": \"service\", \"aws_region\": \"us-east-1\"}"
#define TIME "1440938160000000000"
#define SCOPE "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,SignedHeaders="
#define REST "host\": \"example.amazonaws.com\", \"x-amz-date\": \"20150830T123600Z\"}, \"method\": \"GET\", "

TEST(what_aws_says_is_signed_so)
{
	static const struct rego_row rows[] = {
		{ "providers.aws.sign_req",
			"{\"method\": \"GET\", \"url\": \"https://example.amazonaws.com/\"}, " CONFIG
			", " TIME,
			"{\"headers\": {\"Authorization\": \"" SCOPE "host;x-amz-date,Signature="
			"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\", \"" REST
			"\"url\": \"https://example.amazonaws.com/\"}" },
		{ "providers.aws.sign_req",
			"{\"method\": \"GET\", \"url\": \"https://example.amazonaws.com/?Param1=value1&Param2=value2\"}, " CONFIG
			", " TIME,
			"{\"headers\": {\"Authorization\": \"" SCOPE "host;x-amz-date,Signature="
			"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500\", \"" REST
			"\"url\": \"https://example.amazonaws.com/?Param1=value1&Param2=value2\"}" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(an_address_is_signed_as_go_writes_it)
{
	static const struct rego_row rows[] = {
		/* a port, an escape that has to stay, a byte that has to be escaped, names in lower case */
		{ "providers.aws.sign_req",
			"{\"method\": \"PUT\", \"url\": \"http://[::1]:80/a%2Fb/c\", \"raw_body\": \"x\", "
			"\"headers\": {\"X-A\": \"1\", \"User-Agent\": \"me\"}}, " CONFIG ", " TIME,
			"{\"headers\": {\"Authorization\": \"" SCOPE "host;x-a;x-amz-date,Signature="
			"74d66ea1c78ad57ce12fe4f17518404d628586f0f2174c3a6b9245a92bb59682\", "
			"\"User-Agent\": \"me\", \"X-A\": \"1\", \"host\": \"[::1]:80\", \"x-amz-date\": \"20150830T123600Z\"}, "
			"\"method\": \"PUT\", \"raw_body\": \"x\", \"url\": \"http://[::1]:80/a%2Fb/c\"}" },
		{ "providers.aws.sign_req",
			"{\"method\": \"PUT\", \"url\": \"http://h/a b\"}, " CONFIG ", " TIME,
			"{\"headers\": {\"Authorization\": \"" SCOPE "host;x-amz-date,Signature="
			"3773cc35251d5e9aa3e96fe116f10732d5c38323a42c376fdd3bd03bfb3206ab\", "
			"\"host\": \"h\", \"x-amz-date\": \"20150830T123600Z\"}, \"method\": \"PUT\", "
			"\"url\": \"http://h/a b\"}" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(what_is_no_request_is_refused)
{
	static const struct rego_row rows[] = {
		{ "providers.aws.sign_req",
			"{\"method\": \"GET\", \"url\": \"http://h\", \"b\": 1, \"a\": 1}, " CONFIG ", 1",
			"eval_type_error: providers.aws.sign_req: operand 1 invalid request parameters(s): {\"a\", \"b\"}" },
		{ "providers.aws.sign_req",
			"{\"method\": \"GET\", \"url\": \"http://h\", \"headers\": 1}, " CONFIG ", 1",
			"eval_type_error: providers.aws.sign_req: operand 1 must have headers that are an object but got number" },
		{ "providers.aws.sign_req", "{\"method\": \"GET\", \"url\": \"http://h:x\"}, " CONFIG ", 1",
			"eval_builtin_error: providers.aws.sign_req: parse \"http://h:x\": invalid port \":x\" after host" },
		{ "providers.aws.sign_req",
			"{\"method\": \"GET\", \"url\": \"http://h\"}, {\"aws_access_key\": \"\", \"aws_secret_access_key\": \"\","
			" \"aws_service\": \"\", \"aws_region\": \"\", \"disable_payload_signing\": 1}, 1",
			"eval_type_error: providers.aws.sign_req: operand 2 invalid value for 'disable_payload_signing' in AWS config" },
		{ "providers.aws.sign_req", "{\"method\": \"GET\", \"url\": \"http://h\"}, " CONFIG ", 1.0",
			"eval_type_error: providers.aws.sign_req: operand 3 could not convert time_ns value into a unix timestamp" },
		{ "providers.aws.sign_req", "1, 2, 3",
			"eval_type_error: providers.aws.sign_req: operand 1 must be object but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(who_has_too_little_is_stopped)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	static const char operands[] = "{\"method\": \"GET\", \"url\": \"https://example.amazonaws.com/\", "
		"\"headers\": {\"A\": \"b\"}, \"body\": [1, 2]}, " CONFIG ", " TIME;
	const char *whole = rego_call_text(&arena, "providers.aws.sign_req", operands, 1000, 65536);

	for (size_t bytes = 0; bytes < 16384; bytes += 64) {
		const char *got = rego_call_text(&arena, "providers.aws.sign_req", operands, 1000, bytes);

		CHECK(!strcmp(got, "stopped (memory)") || !strcmp(got, whole));
	}
	for (uint64_t steps = 0; steps < 200; steps++) {
		const char *got = rego_call_text(&arena, "providers.aws.sign_req", operands, steps, 65536);

		CHECK(!strcmp(got, "stopped (steps)") || !strcmp(got, whole));
	}
}

TEST_MAIN()
