// SPDX-License-Identifier: Apache-2.0
/*
 * test_schema.c - fields are of their kind, or they are refused with the name of the one that is not
 */
#include "unit/ledger/fixture.h"

#include "ledger/omitted.h"

#define D "\"" DIGEST_OF_NOTHING "\""
#define OMITTED "{\"omitted\":{\"digest\":" D ",\"size\":9}}"

TEST(every_kind_has_a_name_and_a_place)
{
	int firsts = 0;

	CHECK_INT(ledger_kind_from_name(STR("")), LEDGER_KIND_INVALID);
	CHECK_INT(ledger_kind_from_name(STR("nosuch")), LEDGER_KIND_INVALID);
	CHECK_TEXT(ledger_kind_nearest(STR("comit-started")), "commit-started");
	for (unsigned k = LEDGER_KIND_INVALID + 1; k < LEDGER_KIND_COUNT; k++) {
		const struct ledger_kind_info *info = ledger_kind_info((enum ledger_kind)k);

		CHECK_INT(ledger_kind_from_name(str_from(info->name)), k);
		CHECK(info->doc[0] && info->field_count);
		firsts += info->first;
		for (size_t i = 0; i < info->field_count; i++) {
			const char *name = info->fields[i].name;

			CHECK(ledger_field_find((enum ledger_kind)k, str_from(name)) == &info->fields[i]);
			CHECK(!i || strcmp(info->fields[i - 1].name, name) < 0);
		}
	}
	CHECK_INT(firsts, 2);
	CHECK(ledger_kind_info(LEDGER_COMMIT_STARTED)->sync && ledger_kind_info(LEDGER_UNDO_STARTED)->sync);
	CHECK(!ledger_field_find(LEDGER_PLAN, STR("nosuch")));
}

TEST(fields_are_checked)
{
	static const struct { enum ledger_kind kind; const char *fields, *wanted; } cases[] = {
		{ LEDGER_PLAN, "{\"plan\":" D ",\"steps\":0}", NULL },
		{ LEDGER_PLAN, "[]", "the fields are no object" },
		{ LEDGER_PLAN, "{}", "field 'plan' is missing" },
		{ LEDGER_PLAN, "{\"plan\":" D "}", "field 'steps' is missing" },
		{ LEDGER_PLAN, "{\"a\":1,\"plan\":" D ",\"steps\":0}", "there is no field 'a'" },
		{ LEDGER_PLAN, "{\"plan\":" D ",\"q\":1,\"steps\":0}", "there is no field 'q'" },
		{ LEDGER_PLAN, "{\"plan\":" D ",\"steps\":0,\"\\u001b\":1}", "there is no field '\\x1B'" },
		{ LEDGER_PLAN, "{\"plan\":\"E3\",\"steps\":0}", "field 'plan' has to be 64 lower-case" },
		{ LEDGER_PLAN, "{\"plan\":7,\"steps\":0}", "field 'plan' has to be 64 lower-case" },
		{ LEDGER_PLAN, "{\"plan\":" OMITTED ",\"steps\":0}", "field 'plan' has to be 64 lower-case" },
		{ LEDGER_PLAN, "{\"plan\":" D ",\"steps\":-1}", "field 'steps' has to be an integer from 0" },
		{ LEDGER_PLAN, "{\"plan\":" D ",\"steps\":1.0}",
			"field 'steps' has to be an integer from 0" },
		{ LEDGER_PLAN, "{\"plan\":" D ",\"steps\":\"1\"}",
			"field 'steps' has to be an integer from 0" },
		{ LEDGER_AGENT_EXITED, "{\"code\":-5,\"duration_ns\":1,\"why\":\"exited\"}", NULL },
		{ LEDGER_AGENT_EXITED, "{\"code\":true,\"duration_ns\":1,\"why\":\"exited\"}",
			"field 'code' has to be an integer" },
		{ LEDGER_AGENT_EXITED, "{\"code\":0,\"duration_ns\":1,\"why\":\"bored\"}",
			"field 'why' cannot be 'bored'" },
		{ LEDGER_AGENT_EXITED, "{\"code\":0,\"duration_ns\":1,\"why\":" OMITTED "}",
			"field 'why' has to be a text" },
		{ LEDGER_AGENT_EXITED,
			"{\"code\":0,\"duration_ns\":1,\"signal\":\"SIGKILL\",\"why\":\"signalled\"}", NULL },
		{ LEDGER_COMMAND_STARTED, "{\"argv\":[\"a\",{\"bytes\":\"/w==\"}],\"command\":1}", NULL },
		{ LEDGER_COMMAND_STARTED, "{\"argv\":" OMITTED ",\"command\":1}", NULL },
		{ LEDGER_COMMAND_STARTED, "{\"argv\":[\"a\",7],\"command\":1}",
			"field 'argv' has to be an array of texts" },
		{ LEDGER_COMMAND_STARTED, "{\"argv\":\"a\",\"command\":1}",
			"field 'argv' has to be an array of texts" },
		{ LEDGER_COMMAND_STARTED, "{\"argv\":[{\"bytes\":\"/w\"}],\"command\":1}",
			"field 'argv' has to be" },
		{ LEDGER_LIMITS, "{\"limits\":[{\"limit\":\"pids\"}]}", NULL },
		{ LEDGER_LIMITS, "{\"limits\":[1]}", "field 'limits' has to be an array of objects" },
		{ LEDGER_LIMITS, "{\"limits\":{}}", "field 'limits' has to be an array of objects" },
		{ LEDGER_ACCEPTED,
			"{\"changeset\":" D ",\"reason\":\"r\",\"rules\":[\"a\"],\"uid\":0,\"user\":\"a\"}",
			NULL },
		{ LEDGER_ACCEPTED,
			"{\"changeset\":" D ",\"reason\":\"r\",\"rules\":[{\"bytes\":\"/w==\"}],\"uid\":0,"
			"\"user\":\"a\"}",
			"field 'rules' has to be an array of texts" },
		{ LEDGER_CONFIG_TRUSTED,
			"{\"digest\":" D ",\"file\":\"/x\",\"trusted\":1,\"uid\":0,\"user\":\"a\"}",
			"field 'trusted' has to be true or false" },
		{ LEDGER_CONFIG_TRUSTED,
			"{\"digest\":" D ",\"file\":\"/x\",\"trusted\":false,\"uid\":0,\"user\":{}}",
			"field 'user' has to be a text" },
		{ LEDGER_CONFIG_TRUSTED,
			"{\"digest\":" D ",\"file\":[],\"trusted\":false,\"uid\":0,\"user\":\"a\"}",
			"field 'file' has to be a text or {\"bytes\"}" },
		{ LEDGER_GC, "{\"head\":{\"a\":[1]},\"reason\":\"r\",\"session\":\"s\",\"what\":\"branch\"}",
			NULL },
		{ LEDGER_GC, "{\"head\":[],\"reason\":\"r\",\"session\":\"s\",\"what\":\"branch\"}",
			"field 'head' has to be an object" },
	};
	struct fixture fix;

	fixture_init(&fix);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = ledger_fields_check(cases[i].kind, read_json(&fix, cases[i].fields), &fix.err);

		if (r != (cases[i].wanted ? -EINVAL : 0) || (r && !strstr(fix.err.text, cases[i].wanted)))
			test_fail(__FILE__, __LINE__, "%s: %d %s", cases[i].fields, r, r ? fix.err.text : "");
	}
	CHECK_INT(ledger_fields_check(LEDGER_PLAN, NULL, &fix.err), -EINVAL);
	fixture_fini(&fix);
}

TEST(values_may_be_nested_but_not_for_ever)
{
	struct fixture fix;

	fixture_init(&fix);
	for (int depth = LEDGER_DEPTH_MAX - 1; depth <= LEDGER_DEPTH_MAX; depth++) {
		for (int object = 0; object < 2; object++) {
			struct buf buf = BUF_INIT(4096);

			buf_append_str(&buf, "{\"limits\":[{\"x\":");
			for (int i = 2; i < depth; i++)
				buf_append_str(&buf, object ? "{\"y\":" : "[");
			buf_append_str(&buf, "[]");
			for (int i = 2; i < depth; i++)
				buf_append_str(&buf, object ? "}" : "]");
			buf_append_str(&buf, "}]}");
			CHECK_INT(ledger_fields_check(LEDGER_LIMITS, read_json(&fix, buf_text(&buf)),
				&fix.err),
				depth < LEDGER_DEPTH_MAX ? 0 : -EINVAL);
			buf_fini(&buf);
		}
	}
	CHECK(strstr(fix.err.text, "nested too deep"));
	fixture_fini(&fix);
}

TEST(the_omitted_form_is_exact)
{
	static const struct { const char *text; bool is; } cases[] = {
		{ OMITTED, true },
		{ "{\"omitted\":{\"digest\":" D ",\"size\":-1}}", false },
		{ "{\"omitted\":{\"digest\":" D "}}", false },
		{ "{\"omitted\":{\"digest\":\"x\",\"size\":1}}", false },
		{ "{\"omitted\":{\"digest\":7,\"size\":1}}", false },
		{ "{\"omitted\":{\"digest\":" D ",\"size\":1,\"x\":1}}", false },
		{ "{\"omitted\":{\"digest\":" D ",\"size\":1},\"x\":1}", false },
		{ "{\"omitted\":[]}", false },
		{ "[]", false },
		{ "\"omitted\"", false },
	};
	struct fixture fix;

	fixture_init(&fix);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (omitted_is(read_json(&fix, cases[i].text)) != cases[i].is)
			test_fail(__FILE__, __LINE__, "%s", cases[i].text);
	fixture_fini(&fix);
}

TEST(what_cannot_shrink_is_refused)
{
	const struct json *fields, *fitted;
	struct fixture fix;

	fixture_init(&fix);
	fields = read_json(&fix,
		"{\"flag\":\"--live\",\"what\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}");
	CHECK_INT(omitted_fit(&fix.arena, LEDGER_WEAKENED, fields, 40, &fitted, &fix.err), -EMSGSIZE);
	CHECK(strstr(fix.err.text, "does not fit into a line"));
	fixture_fini(&fix);
}

TEST_MAIN()
