// SPDX-License-Identifier: Apache-2.0
/*
 * test_manifest.c - what a bundle may say of itself, and which places of data are below its roots
 */
#include "lib/test.h"

#include "policy/manifest.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(1 << 20);
static struct error err;

static int check(const char *text, const char *data_text)
{
	struct policy_manifest manifest;
	const struct json *data;

	err = (struct error)ERROR_INIT;
	CHECK_INT(policy_manifest_read(&arena, str_from(text), &manifest, &err), 0);
	CHECK_INT(json_read(&arena, str_from(data_text), JSON_READ_STRICT, &data, &err), 0);
	return policy_manifest_check_data(&manifest, data, &err);
}

static int read_text(const char *text)
{
	struct policy_manifest manifest;

	err = (struct error)ERROR_INIT;
	return policy_manifest_read(&arena, str_from(text), &manifest, &err);
}

TEST(data_lies_below_the_roots)
{
	CHECK_INT(check("{\"roots\": [\"a/b\", \"c\"]}", "{\"a\": {\"b\": 1}, \"c\": {\"d\": 2}}"), 0);
	CHECK_INT(check("{}", "{\"any\": 1}"), 0);
	CHECK_INT(check("{\"roots\": [\"a/b\"]}", "{\"a\": {\"bc\": 1}}"), -EBADMSG);
	CHECK_INT(check("{\"roots\": [\"a/b\"]}", "{\"a\": 1}"), -EBADMSG);
	CHECK_INT(check("{\"roots\": [\"a/b\"]}", "{\"a\": {\"c\": {}}}"), -EBADMSG);
}

TEST(a_name_is_no_path)
{
	CHECK_INT(check("{\"roots\": [\"a/b\"]}", "{\"a/b\": 1}"), -EBADMSG);
	CHECK(strstr(err.text, "'a/b'"));
	CHECK_INT(check("{\"roots\": [\"a\"]}", "{\"a\\u0000x\": 1}"), -EBADMSG);
}

TEST(roots_do_not_overlap)
{
	CHECK_INT(read_text("{\"roots\": [\"a\", \"ab\"]}"), 0);
	CHECK_INT(read_text("{\"roots\": [\"a\", \"a/b\"]}"), -EBADMSG);
	CHECK_INT(read_text("{\"roots\": [\"a/b\", \"/a/\"]}"), -EBADMSG);
	CHECK_INT(read_text("{\"roots\": [\"\", \"a\"]}"), -EBADMSG);
	CHECK(policy_roots_overlap("a/b", "a") && policy_roots_overlap("a", "a/b") &&
		!policy_roots_overlap("a", "b"));
}

TEST(what_is_not_understood_is_refused)
{
	CHECK_INT(read_text("{\"rego_version\": 1, \"file_rego_versions\": {\"/x.rego\": 1}, \"wasm\": []}"),
		0);
	CHECK_INT(read_text("{\"rego_version\": 0}"), -EBADMSG);
	CHECK_INT(read_text("{\"file_rego_versions\": {\"/x.rego\": 0}}"), -EBADMSG);
	CHECK_INT(read_text("{\"wasm\": [{\"entrypoint\": \"a\"}]}"), -EBADMSG);
	CHECK_INT(read_text("{\"other\": 1}"), -EBADMSG);
	CHECK_INT(read_text("[]"), -EBADMSG);
}

TEST_MAIN()
