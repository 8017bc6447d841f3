// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_schema.c - what holds for every JSON Schema that documents are held against
 *
 * The first part of an input, up to a line ---, is the schema; the rest is a module, or there is one of ours.
 *
 *   - a schema becomes a type, or it is said what is wrong; the type can be printed
 *   - our module, taken with schemas, is taken without them: they only refuse (what METADATA claims of `data`
 *     may hide a mistake in how a rule is used, as in OPA)
 *   - with little memory, compiling says so
 */
#include "rego/policy.h"

enum {
	MEMORY_MAX_BYTES = 64 << 20,
	SMALL_BYTES = 1 << 14,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char ours[] =
	"package a\n\n"
	"# METADATA\n# schemas:\n#  - input: schema\n#  - input.b[1]: schema.a.b\n#  - data.c: schema\n"
	"p contains x if {\n\tsome x in input.a\n\tinput.b.c == 1\n\tinput[x].d\n\tdata.c.a[x]\n}\n\n"
	"q := startswith(input.a, \"x\")\n";

static struct rego_policy *compile(const struct rego_module *module, const struct json *schema, size_t bytes)
{
	const struct rego_schema schemas[] = {
		{ .name = "", .package = "", .value = schema }, { .name = "a/b", .value = schema },
	};
	const struct rego_policy_settings settings = {
		.limit_bytes = bytes, .schemas = schemas, .schema_count = schema ? ARRAY_SIZE(schemas) : 0,
	};
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_policy *policy = rego_policy_new_as(&module, 1, &settings, &diags);

	assert(!policy == (diags.count > 0));
	return policy;
}

static void check_type(struct arena *arena, const struct json *schema)
{
	struct rego_types types = { .arena = arena, .steps = TYPE_STEPS_MAX };
	scoped(buf) struct buf buf = BUF_INIT(MEMORY_MAX_BYTES);
	const struct rego_type *type = NULL;
	const char *what = NULL;
	int r = rego_type_of_schema(&types, schema, &type, &what);

	assert(r < 0 ? *what : !!type);
	if (r < 0)
		return;
	rego_type_print(type, &buf);
	assert(buf_failed(&buf) || buf.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	const char *text = (const char *)data, *end = size ? memmem(text, size, "\n---\n", 5) : NULL;
	struct str first = { text, end ? (size_t)(end - text) : size };
	struct rego_source source = { "fuzz.rego", { ours, sizeof(ours) - 1 } };
	const struct rego_module *module;
	struct rego_policy *policy;
	const struct json *schema;

	if (json_read(&arena, first, 0, &schema, NULL) < 0)
		return 0;
	if (end)
		source.text = (struct str){ end + 5, size - first.len - 5 };
	check_type(&arena, schema);
	module = rego_parse_module(&source, REGO_PARSE_ANNOTATIONS, &arena, &diags);
	if (!module)
		return 0;
	policy = compile(module, schema, MEMORY_MAX_BYTES);
	if (policy && !end) {
		rego_policy_free(policy);
		policy = compile(module, NULL, MEMORY_MAX_BYTES);
		assert(policy);
	}
	rego_policy_free(policy);
	rego_policy_free(compile(module, schema, SMALL_BYTES));
	return 0;
}
