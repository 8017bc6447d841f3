// SPDX-License-Identifier: Apache-2.0
/*
 * test_set.c - a set of policies, its digest, and its document
 */
#include "policy/set.h"

#include "lib/test.h"
#include "policy/question.h"

#include <errno.h>

static const struct policy_module modules[] = {
	{ "shipped:default.rego", STR("package cordon.commit\nallow := true\n") },
	{ "~/team.rego", STR("package cordon.commit\ndeny contains \"no\"\n") },
};

static struct policy_set make_set(struct arena *arena)
{
	struct policy_set set = { 0 };
	int r = json_read(arena, STR("{\"cordon\": {\"params\": {\"deletions\": {\"ratio\": 0.50}}}}"), 0,
		&set.layers[POLICY_LAYER_USER].data, NULL);

	CHECK_INT(r, 0);
	set.layers[POLICY_LAYER_USER].modules = modules;
	set.layers[POLICY_LAYER_USER].count = ARRAY_SIZE(modules);
	set.layers[POLICY_LAYER_PROJECT].modules = modules + 1;
	set.layers[POLICY_LAYER_PROJECT].count = 1;
	set.layers[POLICY_LAYER_PROJECT].revision = "r7";
	CHECK_INT(policy_set_seal(&set), 0);
	return set;
}

static struct str written(struct arena *arena, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);
	const char *text;

	CHECK(value);
	CHECK_INT(json_write(&buf, value, JSON_WRITE_CANONICAL), 0);
	text = arena_copy(arena, buf.data, buf.len);
	return (struct str){ text, buf.len };
}

static int read_text(struct arena *arena, struct str text, struct policy_set *ret, struct error *err)
{
	const struct json *value;

	CHECK_INT(json_read(arena, text, 0, &value, NULL), 0);
	return policy_set_read(arena, value, ret, err);
}

TEST(what_was_written_is_read)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_set set = make_set(&arena), again;
	struct str text = written(&arena, policy_set_to_json(&arena, &set));
	const struct policy_layer *user = &again.layers[POLICY_LAYER_USER];

	CHECK_INT(read_text(&arena, text, &again, NULL), 0);
	CHECK(digest_eq(&set.digest, &again.digest));
	CHECK_INT(user->count, 2);
	CHECK_TEXT(user->modules[0].name, "shipped:default.rego");
	CHECK_STR(user->modules[1].text, modules[1].text);
	CHECK(json_pointer(user->data, STR("/cordon/params/deletions/ratio")));
	CHECK(!user->revision);
	CHECK_TEXT(again.layers[POLICY_LAYER_PROJECT].revision, "r7");
	CHECK_INT(again.layers[POLICY_LAYER_ORGANISATION].count, 0);
	CHECK_STR(written(&arena, policy_set_to_json(&arena, &again)), text);
}

static const char *hex_of(struct arena *arena, struct str text)
{
	struct digest digest = hash_bytes(text.data, text.len);
	char *hex = arena_alloc(arena, DIGEST_HEX_SIZE);

	CHECK(hex);
	digest_to_hex(&digest, hex);
	return hex;
}

/* Whoever has the document can check it: its digest is over its text, with digests for the modules' texts. */
TEST(the_digest_is_that_of_the_text)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_set set = make_set(&arena);
	const char *first = hex_of(&arena, modules[0].text), *second = hex_of(&arena, modules[1].text);
	const char *text = arena_printf(&arena,
		"{\"layers\":{\"organisation\":{\"data\":{},\"modules\":[]},"
		"\"project\":{\"data\":{},\"modules\":[{\"digest\":\"%s\",\"name\":\"~/team.rego\"}],"
		"\"revision\":\"r7\"},\"user\":{\"data\":{\"cordon\":{\"params\":{\"deletions\":"
		"{\"ratio\":0.50}}}},\"modules\":[{\"digest\":\"%s\",\"name\":\"shipped:default.rego\"},"
		"{\"digest\":\"%s\",\"name\":\"~/team.rego\"}]}},\"version\":1}", second, first, second);
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&set.digest, hex);
	CHECK_TEXT(hex, hex_of(&arena, str_from(text)));
}

/* What came with cordon is known by its digest: with or without its text it is the same set. */
TEST(a_module_that_was_not_read_yet)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_set set = make_set(&arena), later = set;
	struct digest digest = hash_bytes(modules[0].text.data, modules[0].text.len);
	struct policy_module known[] = { { modules[0].name, { NULL, modules[0].text.len }, &digest },
		modules[1] };

	CHECK(!policy_set_is_shipped(&set));
	later.layers[POLICY_LAYER_USER].modules = known;
	CHECK_INT(policy_set_seal(&later), 0);
	CHECK(digest_eq(&later.digest, &set.digest));
	later.layers[POLICY_LAYER_PROJECT].count = 0;
	CHECK(!policy_set_is_shipped(&later));
	later.layers[POLICY_LAYER_USER].count = 1;
	CHECK(policy_set_is_shipped(&later));
}

TEST(the_same_module_in_another_layer_is_another_set)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_set set = make_set(&arena), other = set;

	other.layers[POLICY_LAYER_ORGANISATION] = set.layers[POLICY_LAYER_PROJECT];
	other.layers[POLICY_LAYER_PROJECT] = set.layers[POLICY_LAYER_ORGANISATION];
	CHECK_INT(policy_set_seal(&other), 0);
	CHECK(!digest_eq(&set.digest, &other.digest));
}

/* Who allows is part of what judges. */
TEST(the_opa_that_is_asked_besides)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_set set = make_set(&arena), other = set, again;
	struct error err = ERROR_INIT;
	struct str text;

	other.opa = "unix:/run/opa.sock";
	CHECK_INT(policy_set_seal(&other), 0);
	CHECK(!digest_eq(&set.digest, &other.digest));
	text = written(&arena, policy_set_to_json(&arena, &other));
	CHECK_INT(read_text(&arena, text, &again, NULL), 0);
	CHECK_TEXT(again.opa, "unix:/run/opa.sock");
	other.opa = "";
	CHECK_INT(policy_set_seal(&other), 0);
	CHECK_INT(read_text(&arena, written(&arena, policy_set_to_json(&arena, &other)), &again, &err),
		-EBADMSG);
	other.opa = "\xff";
	CHECK_INT(policy_set_seal(&other), -EINVAL);
}

TEST(what_cannot_be_sealed)
{
	struct policy_module twice[] = { modules[0], modules[0] }, bytes[] = { { "a", STR("\xff") } };
	struct policy_module name[] = { { "\xff.rego", STR("package a") } };
	struct json list = { .type = JSON_ARRAY, .height = 1 };
	struct policy_set set = { 0 };
	struct policy_layer *layer = &set.layers[POLICY_LAYER_USER];

	*layer = (struct policy_layer){ .modules = twice, .count = 2 };
	CHECK_INT(policy_set_seal(&set), -EINVAL);
	*layer = (struct policy_layer){ .modules = bytes, .count = 1 };
	CHECK_INT(policy_set_seal(&set), -EINVAL);
	*layer = (struct policy_layer){ .modules = name, .count = 1 };
	CHECK_INT(policy_set_seal(&set), -EINVAL);
	*layer = (struct policy_layer){ .data = &list };
	CHECK_INT(policy_set_seal(&set), -EINVAL);
	*layer = (struct policy_layer){ .modules = bytes, .count = POLICY_MODULES_MAX + 1 };
	CHECK_INT(policy_set_seal(&set), -EMSGSIZE);
	bytes[0].text.len = POLICY_SET_BYTES_MAX + 1;
	*layer = (struct policy_layer){ .modules = bytes, .count = 1 };
	CHECK_INT(policy_set_seal(&set), -EMSGSIZE);
}

/* One byte of the document at a time: whatever it becomes, it is refused, or is the same set. */
TEST(an_edited_document_is_refused)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	struct policy_set set = make_set(&arena);
	struct str text = written(&arena, policy_set_to_json(&arena, &set));
	char *edited = arena_copy(&arena, text.data, text.len);
	size_t refused = 0;

	for (size_t i = 0; i < text.len; i++) {
		static const char bytes[] = { '0', 'x', ' ', '\\' };
		struct policy_set again;
		const struct json *value;
		struct error err = ERROR_INIT;

		edited[i] = bytes[i % sizeof(bytes)];
		if (edited[i] == text.data[i])
			continue;
		if (json_read(&arena, (struct str){ edited, text.len }, 0, &value, NULL) == 0) {
			CHECK_INT(policy_set_read(&arena, value, &again, &err), -EBADMSG);
			CHECK(str_starts_with(str_from(err.text), STR("no set of policies: ")));
			refused++;
		}
		edited[i] = text.data[i];
	}
	CHECK(refused > 100);
}

TEST(what_no_set_is)
{
	static const char *const texts[] = {
		"[]", "{}", "{\"version\":1,\"digest\":\"\",\"layers\":{}}",
		"{\"version\":1,\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"layers\":{\"user\":{},\"project\":{},\"organisation\":{}}}",
		"{\"version\":1,\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"layers\":{\"user\":{\"modules\":[{\"name\":\"a\",\"text\":1}],\"data\":{}},"
		"\"project\":{\"modules\":[],\"data\":{}},\"organisation\":{\"modules\":[],\"data\":{}}}}",
		"{\"version\":1,\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"layers\":{\"user\":{\"modules\":[],\"data\":[]},"
		"\"project\":{\"modules\":[],\"data\":{}},\"organisation\":{\"modules\":[],\"data\":{}}}}",
		"{\"version\":1,\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\","
		"\"layers\":{\"user\":{\"modules\":{},\"data\":{},\"revision\":\"\"},"
		"\"project\":{\"modules\":[],\"data\":{}},\"organisation\":{\"modules\":[],\"data\":{}}}}",
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct policy_set set;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		CHECK_INT(read_text(&arena, str_from(texts[i]), &set, NULL), -EBADMSG);
}

TEST(names)
{
	enum policy_question question;

	CHECK_TEXT(policy_layer_name(POLICY_LAYER_ORGANISATION), "organisation");
	for (enum policy_question i = 0; i < POLICY_QUESTIONS; i++) {
		CHECK_INT(policy_question_from_name(policy_question_name(i), &question), 0);
		CHECK_INT(question, i);
	}
	CHECK_INT(policy_question_from_name("commits", &question), -EINVAL);
	CHECK_INT(policy_question_from_name(NULL, &question), -EINVAL);
}

TEST_MAIN()
