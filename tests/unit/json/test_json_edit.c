// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_edit.c - one text more in a list of a document that a person wrote, in odd layouts
 */
#include "lib/test.h"

#include "json/json_edit.h"

#include <errno.h>

static const char *const path[] = { "agent", "network", "allow" };

static const struct {
	const char *text, *edited;
} rows[] = {
	/* the list is there, on a line */
	{ "{\"agent\":{\"network\":{\"allow\":[\"a\"]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\"a\", \"x\"]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[ \"a\" ]}}}",
		"{\"agent\":{\"network\":{\"allow\":[ \"a\", \"x\" ]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\"a\",]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\"a\", \"x\",]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[]}}}", "{\"agent\":{\"network\":{\"allow\":[\"x\"]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[ /* none */ ]}}}",
		"{\"agent\":{\"network\":{\"allow\":[ /* none */ \"x\" ]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\"a\" /* why */]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\"a\", \"x\" /* why */]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\"a\" // why\n]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\"a\", \"x\" // why\n]}}}" },
	/* one item a line */
	{ "{\"agent\":{\"network\":{\"allow\":[\n\t\"a\",\n\t\"b\"\n]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\n\t\"a\",\n\t\"b\",\n\t\"x\"\n]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\n    \"a\",\n]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\n    \"a\",\n    \"x\",\n]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\n  \"a\" // the first\n  // the end\n]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\n  \"a\", // the first\n  \"x\"\n  // the end\n]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\n  \"a\", // the first\n  // the end\n]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\n  \"a\", // the first\n  \"x\",\n  // the end\n]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\n  \"a\" /* ] */ , /* \" */\n]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\n  \"a\" /* ] */ , /* \" */\n  \"x\",\n]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\n  \"a\" /* long\n comment */\n]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\n  \"a\",\n  \"x\" /* long\n comment */\n]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\n\"a\"]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\n\"a\",\n\"x\"]}}}" },
	{ "{\n  \"agent\": {\n    \"network\": {\n      \"allow\": [\n        // none yet\n      ]\n    }\n  }\n}\n",
		"{\n  \"agent\": {\n    \"network\": {\n      \"allow\": [\n        // none yet\n        \"x\"\n      ]\n    }\n  }\n}\n" },
	{ "{\n\t\"agent\": {\"network\": {\"allow\": [\n\t]}}\n}",
		"{\n\t\"agent\": {\"network\": {\"allow\": [\n\t\t\"x\"\n\t]}}\n}" },
	/* other ends of lines */
	{ "{\"agent\":{\"network\":{\"allow\":[\r\n  \"a\" // why\r\n]}}}\r\n",
		"{\"agent\":{\"network\":{\"allow\":[\r\n  \"a\", // why\r\n  \"x\"\r\n]}}}\r\n" },
	{ "{\"agent\":{\"network\":{\"allow\":[\r\n  // none\r\n]}}}\r\n",
		"{\"agent\":{\"network\":{\"allow\":[\r\n  // none\r\n\t\"x\"\r\n]}}}\r\n" },
	/* keys are missing */
	{ "{}", "{\"agent\": { \"network\": { \"allow\": [\"x\"] } }}" },
	{ "{\n}\n", "{\n\t\"agent\": { \"network\": { \"allow\": [\"x\"] } }\n}\n" },
	{ "{\"agent\":{}}", "{\"agent\":{\"network\": { \"allow\": [\"x\"] }}}" },
	{ "{\"agent\":{\"network\":{\"deny\":[\"a\"]}}}",
		"{\"agent\":{\"network\":{\"deny\":[\"a\"], \"allow\": [\"x\"]}}}" },
	{ "{\n  // ours\n  \"agent\": {\n    \"limits\": {\n      \"memory\": \"4G\", // enough\n    },\n  },\n}\n",
		"{\n  // ours\n  \"agent\": {\n    \"limits\": {\n      \"memory\": \"4G\", // enough\n    },\n"
		"    \"network\": { \"allow\": [\"x\"] },\n  },\n}\n" },
	{ "// a\n{ \"name\": \"agent\", \"x\": {\"agent\": 1} }\n// b",
		"// a\n{ \"name\": \"agent\", \"x\": {\"agent\": 1}, \"agent\": { \"network\": { \"allow\": [\"x\"] } } }\n// b" },
	/* what looks like something else */
	{ "{\"\\u0061gent\":{\"network\":{\"allow\":[\"]\\\"\"]}}}",
		"{\"\\u0061gent\":{\"network\":{\"allow\":[\"]\\\"\", \"x\"]}}}" },
	{ "{\"agent\":{/* \"network\": */\"network\"/**/:/**/{\"allow\":/* [ */[1,{\"a\":[-1e3,null]}]}}}",
		"{\"agent\":{/* \"network\": */\"network\"/**/:/**/{\"allow\":/* [ */[1,{\"a\":[-1e3,null]}, \"x\"]}}}" },
	{ "{\"agent\":{\"network\":{\"allow\":[\"x\"]}}}",
		"{\"agent\":{\"network\":{\"allow\":[\"x\", \"x\"]}}}" },
};

TEST(the_layout_stays)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct buf text = BUF_INIT(1 << 16);
		struct error err = ERROR_INIT;
		int r = json_edit_append(str_from(rows[i].text), path, 3, STR("x"), &text, &err);

		if (r < 0 || strcmp(buf_text(&text), rows[i].edited))
			test_fail(__FILE__, __LINE__, "row %zu: %s\n%s\nwanted\n%s", i, err.text,
				buf_text(&text), rows[i].edited);
		buf_fini(&text);
	}
}

static const struct {
	const char *text;
	int error;
} refused[] = {
	{ "", -EBADMSG }, { "{", -EBADMSG }, { "[]", -EINVAL }, { "null", -EINVAL },
	{ "{\"agent\":[]}", -EINVAL }, { "{\"agent\":{\"network\":null}}", -EINVAL },
	{ "{\"agent\":{\"network\":{\"allow\":\"a\"}}}", -EINVAL },
	{ "{\"agent\":{},\"agent\":{}}", -EBADMSG }, { "\xef\xbb\xbf{}", -EBADMSG }, { "{} {}", -EBADMSG },
	{ "{\"a\":\"\xff\"}", -EBADMSG },
};

TEST(what_is_no_such_document_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct buf text = BUF_INIT(1 << 16);
		struct error err = ERROR_INIT;
		int r = json_edit_append(str_from(refused[i].text), path, 3, STR("x"), &text, &err);

		if (r != refused[i].error || !err.text[0])
			test_fail(__FILE__, __LINE__, "row %zu: %d %s", i, r, err.text);
		buf_fini(&text);
	}
}

TEST(a_text_is_written_as_json_has_it)
{
	struct buf text = BUF_INIT(1 << 16), small = BUF_INIT(8);
	struct error err = ERROR_INIT;
	static const char *const short_path[] = { "a" };

	CHECK_INT(json_edit_append(STR("{\"a\":[]}"), short_path, 1, STR("\"\\\n\xc3\xa4"), &text, &err), 0);
	CHECK_TEXT(buf_text(&text), "{\"a\":[\"\\\"\\\\\\n\xc3\xa4\"]}");
	CHECK_INT(json_edit_append(STR("{\"a\":[]}"), short_path, 1, STR("long"), &small, &err), -EMSGSIZE);
	buf_fini(&small);
	buf_fini(&text);
}

TEST_MAIN()
