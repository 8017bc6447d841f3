// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_graphql.c - graphql.*: what is read, what of a schema and of a query is refused and why, trees
 * that are handed in, and documents that want to run for ever.
 *
 * The public conformance cases have the syntax (tests/data/rego/conformance/v1/graphql.jsonl); here is what
 * they leave out: each rule of validation once kept and once broken, with its text.
 *
 * Source of texts: gqlparser, which OPA uses (validator/rules of its source)
 */
#include "base/buf.h"
#include "lib/rego_call.h"
#include "rego/cache.h"

enum {
	STEPS = 1 << 20,
	BYTES = 32 << 20,
	TEXT_MAX = 1 << 20,
};

struct row {
	const char *query, *wanted;	/* an error as from graphql.parse, or VALID */
};

#define VALID "valid"

static const char zoo[] =
	"schema { query: Root mutation: Change subscription: Watch }\n"
	"type Root { pet(id: ID!, size: Size = BIG): Pet dog: Dog cat: Cat any: Beast count(n: Int, f: Float,\n"
	"  s: [String], b: Boolean, d: Date): Int! find(by: Filter, one: Either): [Pet!] }\n"
	"type Change { name(id: ID!, name: String!): Dog }\n"
	"type Watch { born: Pet died: Pet }\n"
	"interface Pet { name: String! owner: Person }\n"
	"type Dog implements Pet { name: String! owner: Person barks(loud: Boolean! = true): Boolean friend: Pet\n"
	"  age: Int }\n"
	"type Cat implements Pet { name: String! owner: Person age: String lives: Int }\n"
	"type Person { name: String! pets: [Pet!]! }\n"
	"type Rock { weight: Float }\n"
	"union Beast = Dog | Cat\n"
	"enum Size { SMALL BIG }\n"
	"scalar Date\n"
	"input Filter { name: String! size: Size tags: [[String!]!] inner: Filter limit: Int = 3 must: Int! = 1 }\n"
	"input Either @oneOf { a: Int b: String }\n"
	"directive @twice(n: Int) repeatable on FIELD\n";

/* Operands that are texts, as rows write them. */
static const char *operands_of(struct arena *arena, const char *first, const char *second)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX);

	CHECK_INT(json_write(&buf, json_new_text(arena, first), JSON_WRITE_CANONICAL), 0);
	if (second) {
		CHECK_INT(buf_append_str(&buf, ", "), 0);
		CHECK_INT(json_write(&buf, json_new_text(arena, second), JSON_WRITE_CANONICAL), 0);
	}
	return arena_copy(arena, buf_text(&buf), buf.len);
}

/* What a builtin says of two texts, or of one; a value as text. */
static const char *call(struct arena *arena, const char *name, const char *first, const char *second)
{
	return rego_call_text(arena, name, operands_of(arena, first, second), STEPS, BYTES);
}

static void check_queries(const char *schema, const struct row *rows, size_t count)
{
	static const char prefix[] = "eval_builtin_error: graphql.parse: ";

	for (size_t i = 0; i < count; i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4 * BYTES);
		const char *got = call(&arena, "graphql.parse", rows[i].query, schema);
		bool is_valid = !strcmp(rows[i].wanted, VALID);

		if (!strncmp(got, prefix, sizeof(prefix) - 1))
			got += sizeof(prefix) - 1;
		if (is_valid ? got[0] != '[' : strcmp(got, rows[i].wanted) != 0)
			test_fail(__FILE__, __LINE__, "%s\ngot %s\nwanted %s", rows[i].query, got,
				rows[i].wanted);
		CHECK_TEXT(call(&arena, "graphql.is_valid", rows[i].query, schema),
			is_valid ? "true" : "false");
	}
}

#define CHECK_QUERIES(rows) check_queries(zoo, rows, ARRAY_SIZE(rows))

/* Schemas, with the same texts, under a query that asks for nothing special. */
static void check_schemas(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct row row = { "{ __typename }", rows[i].wanted };

		check_queries(rows[i].query, &row, 1);
	}
}

TEST(tokens)
{
	static const struct {
		const char *query, *wanted;
	} rows[] = {
		{ "{a(b:\"\\u00fc\\n\\\"\")}", "\"Raw\": \"\u00fc\\n\\\"\"" },
		{ "{a(b:\"\\ud83d\")}", "\"Raw\": \"\ufffd\"" },
		{ "{a(b:\"\"\"\n    x\n\n      y\n  \"\"\")}", "\"Raw\": \"x\\n\\n  y\"" },
		{ "{a(b:\"\"\"\"x\\\"\"\" \"\"\")}", "\"Raw\": \"\\\"x\\\"\\\"\\\" \"" },
		{ "{a(b:\"\"\" \r\n \"\"\")}", "\"Kind\": 4, \"Raw\": \"\"" },
		{ "{a(b:\"\")}", "\"Kind\": 3, \"Raw\": \"\"" },
		{ "{a(b:-0.5e+3)}", "\"Kind\": 2, \"Raw\": \"-0.5e+3\"" },
		{ "{a(b:-0)}", "\"Kind\": 1, \"Raw\": \"-0\"" },
		{ "\ufeff#\u00fc\r\n{,a(b:[],c:{})}", "\"Kind\": 9" },
		{ "{a(b:01)}", "Unexpected <Invalid> in GraphQL string at location 1:6" },
		{ "{a(b:1x)}", "Unexpected <Invalid> in GraphQL string at location 1:7" },
		{ "{a(b:1.2.3)}", "Unexpected <Invalid> in GraphQL string at location 1:9" },
		{ "{a(b:1.)}", "Unexpected <Invalid>" },
		{ "{a(b:1e)}", "Unexpected <Invalid>" },
		{ "{a(b:-)}", "Unexpected <Invalid>" },
		{ "{a(b:\"x\ny\")}", "Unexpected <Invalid> in GraphQL string at location 1:8" },
		{ "{a(b:\"\\x\")}", "Unexpected <Invalid>" },
		{ "{a(b:\"\\u12g4\")}", "Unexpected <Invalid>" },
		{ "{a(b:\"\\u12", "Unexpected <Invalid>" },
		{ "{a(b:\"x", "Unexpected <Invalid>" },
		{ "{a(b:\"\"\"x\"\")}", "Unexpected <Invalid>" },
		{ "{a(b:'x')}", "Unexpected <Invalid> in GraphQL string at location 1:6" },
		{ "{\u00fc}", "Expected Name, found <Invalid> in GraphQL string at location 1:2" },
		{ "{a}\x01", "Unexpected <Invalid> in GraphQL string at location 1:4" },
		{ "#\u00fc\n  ..", "Unexpected <Invalid> in GraphQL string at location 2:3" },
		{ "{a()}", "expected at least one definition, found ) in GraphQL string at location 1:4" },
		{ "query($a: Int @b(c: $d)) {a}", "Unexpected $ in GraphQL string at location 1:21" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(4 * BYTES);
		const char *got = call(&arena, "graphql.parse_query", rows[i].query, NULL);

		if (!strstr(got, rows[i].wanted))
			test_fail(__FILE__, __LINE__, "%s: %s, wanted %s", rows[i].query, got,
				rows[i].wanted);
	}
}

TEST(operands)
{
	static const struct rego_row rows[] = {
		{ "graphql.parse_query", "1",
			"eval_type_error: graphql.parse_query: operand 1 must be string but got number" },
		{ "graphql.parse_schema", "{}",
			"eval_type_error: graphql.parse_schema: operand 1 must be string but got object" },
		{ "graphql.parse", "\"{a}\", [1]",
			"eval_type_error: graphql.parse: operand 2 must be one of {string, object} but got array" },
		{ "graphql.is_valid", "1, \"type Query { a: Int }\"", "false" },
		{ "graphql.is_valid", "\"{a}\", null", "false" },
		{ "graphql.is_valid", "\"{a}\", \"type Query { a: Int }\"", "true" },
		{ "graphql.is_valid", "\"{b}\", \"type Query { a: Int }\"", "false" },
		{ "graphql.is_valid", "\"{\", \"type Query { a: Int }\"", "false" },
		{ "graphql.is_valid", "\"\", \"\"", "true" },
		{ "graphql.schema_is_valid", "set()", "false" },
		{ "graphql.schema_is_valid", "\"\"", "true" },
		{ "graphql.parse_query", "\"\"", "{}" },
		{ "graphql.parse_and_verify", "1, \"\"", "[false, {}, {}]" },
		{ "graphql.parse_and_verify", "\"{a}\", \"\"", "[false, {}, {}]" },
		{ "graphql.parse_and_verify", "\"\", \"scalar A\"",
			"[true, {}, {\"Definitions\": [{\"BuiltIn\": false, \"Description\": \"\", \"Kind\": \"SCALAR\", \"Name\": \"A\"}]}]" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(trees)
{
#define FIELD "{\"Alias\": \"a\", \"Name\": \"a\"}"
#define QUERY(selections) "{\"Operations\": [{\"SelectionSet\": [" selections "]}]}"
#define SCHEMA "\"type Query { a: Int b: Query }\""
#define WRONG(query, text) { "graphql.parse", query ", " SCHEMA, "eval_builtin_error: graphql.parse: " text }
	static const struct rego_row rows[] = {
		{ "graphql.is_valid", QUERY(FIELD) ", " SCHEMA, "true" },
		{ "graphql.is_valid",
			QUERY("{\"Alias\": null, \"Name\": \"b\", \"SelectionSet\": [" FIELD
			"]}") ", " SCHEMA,
			"true" },
		{ "graphql.is_valid",
			QUERY("{\"TypeCondition\": \"Query\", \"SelectionSet\": [" FIELD "]}") ", " SCHEMA,
			"true" },
		{ "graphql.is_valid", QUERY("{\"SelectionSet\": [" FIELD "]}") ", " SCHEMA, "true" },
		/* what nobody asked for is gone, what was left out is there, nothing has a place */
		{ "graphql.parse",
			"{\"Operations\": [{\"Operation\": \"query\", \"Position\": {\"Line\": 1}, "
			"\"Directives\": [], \"SelectionSet\": [" FIELD
			"], \"x\": 1}]}, \"type Query { a: Int }\"",
			"[{\"Operations\": [{\"Name\": \"\", \"Operation\": \"query\", \"SelectionSet\": "
			"[{\"Alias\": \"a\", \"Name\": \"a\"}]}]}, {\"Definitions\": [{\"BuiltIn\": false, "
			"\"Description\": \"\", \"Fields\": [{\"Description\": \"\", \"Name\": \"a\", \"Type\": "
			"{\"NamedType\": \"Int\", \"NonNull\": false}}], \"Kind\": \"OBJECT\", \"Name\": \"Query\"}]}]" },
		WRONG(QUERY("{\"Name\": \"A\"}"), "Unknown fragment \"A\""),
		WRONG(QUERY("{\"Alias\": \"x\"}"), "Name is missing"),
		WRONG(QUERY("{\"Alias\": 1, \"Name\": \"a\"}"), "Alias must be a string"),
		WRONG(QUERY("1"), "a node of a document must be an object"),
		WRONG("{\"Operations\": 1}", "Operations must be an array"),
		WRONG("{\"Operations\": [{\"Operation\": \"delete\"}]}",
			"Operation is none of query, mutation, subscription"),
		WRONG("{\"Operations\": [{\"VariableDefinitions\": [{\"Variable\": \"a\"}]}]}",
			"Type is missing"),
		WRONG("{\"Operations\": [{\"VariableDefinitions\": [{\"Variable\": \"a\", \"Type\": {}}]}]}",
			"a type has either NamedType or Elem"),
		WRONG(QUERY("{\"Alias\": \"a\", \"Name\": \"a\", \"Arguments\": [{\"Name\": \"b\"}]}"),
			"Value is missing"),
		WRONG(QUERY("{\"Alias\": \"a\", \"Name\": \"a\", \"Arguments\": [{\"Name\": \"b\", \"Value\": "
			"{\"Kind\": 10}}]}"),
			"Kind of a value must be a number from 0 to 9"),
		{ "graphql.schema_is_valid", "{\"Definitions\": [{\"Kind\": \"THING\", \"Name\": \"A\"}]}",
			"false" },
		{ "graphql.schema_is_valid", "{\"Definitions\": [{\"Kind\": \"SCALAR\", \"Name\": \"__A\"}]}",
			"false" },
		{ "graphql.schema_is_valid",
			"{\"Definitions\": [{\"Kind\": \"UNION\", \"Name\": \"A\", \"Types\": [1]}]}",
			"false" },
	};

	REGO_CHECK_ROWS(rows);
#undef WRONG
#undef SCHEMA
#undef QUERY
#undef FIELD
}

#define AT_QUERY(text, place) text " in GraphQL query string at location " place
#define AT_SCHEMA(text, place) text " in GraphQL schema string at location " place

TEST(schemas)
{
	static const struct row rows[] = {
		{ "type Query { a: Int }", VALID },
		{ "type Query { a: Int } type Query { b: Int }",
			AT_SCHEMA("Cannot redeclare type Query", "1:28") },
		{ "type Query { a: Int } scalar Int", AT_SCHEMA("Cannot redeclare type Int", "1:30") },
		{ "type Query { a: Int } extend enum Query { A }",
			AT_SCHEMA("Cannot extend type Query because the base type is a OBJECT, not ENUM",
				"1:35") },
		{ "extend type Query { a: Int } extend type Query { b: [Int!]! }", VALID },
		{ "type Query { a: Int } extend schema @a directive @a on SCHEMA", VALID },
		{ "type Query { a: Int } extend schema @a",
			AT_SCHEMA("Undefined directive a", "1:38") },
		{ "type Query { a: Int } schema @skip(if: true) { query: Query }",
			AT_SCHEMA("Directive skip is not applicable on SCHEMA", "1:31") },
		{ "type Query { a: Int @deprecated(why: \"old\") }",
			AT_SCHEMA("Undefined argument why for directive deprecated", "1:33") },
		{ "type Query { a: Int } scalar A @specifiedBy",
			AT_SCHEMA("Argument url for directive specifiedBy cannot be null", "1:33") },
		{ "type Query { a: Int } scalar A @specifiedBy(url: null)",
			AT_SCHEMA("Argument url for directive specifiedBy cannot be null", "1:33") },
		{ "type Query { a: Int a: Int }",
			AT_SCHEMA("Field Query.a can only be defined once", "1:21") },
		{ "type Query { a(b: Int, b: Int): Int }",
			AT_SCHEMA("Argument b can only be defined once", "1:24") },
		{ "type Query { __a: Int }",
			AT_SCHEMA("Name \"__a\" must not begin with \"__\", which is reserved by GraphQL introspection",
				"1:14") },
		{ "type Query { a: Foo }", AT_SCHEMA("Undefined type Foo", "1:17") },
		{ "type Query { a(b: Query): Int }",
			AT_SCHEMA("cannot use Query as argument b because OBJECT is not a valid input type",
				"1:16") },
		{ "type Query { a: I } input I { b: Int }",
			AT_SCHEMA("OBJECT Query: field must be one of SCALAR, OBJECT, INTERFACE, UNION, ENUM",
				"1:14") },
		{ "type Query { a: Int } input I { q: Query }",
			AT_SCHEMA("OBJECT q: field must be one of SCALAR, ENUM, INPUT_OBJECT", "1:33") },
		{ "type Query { a: Int } type B",
			AT_SCHEMA("OBJECT B: must define one or more fields", "1:28") },
		{ "type Query { a: Int } input B",
			AT_SCHEMA("INPUT_OBJECT B: must define one or more input fields", "1:29") },
		{ "type Query { a: Int } enum B",
			AT_SCHEMA("ENUM B: must define one or more unique enum values", "1:28") },
		{ "type Query { a: Int } enum B { C C }",
			AT_SCHEMA("ENUM B: must define one or more unique enum values", "1:34") },
		{ "type Query { a: Int } enum B { true }", AT_SCHEMA("ENUM B: non-enum value true", "1:28") },
		{ "type Query { a: Int } union B",
			AT_SCHEMA("UNION B: must define one or more unique member types", "1:29") },
		{ "type Query { a: Int } union B = Int",
			AT_SCHEMA("UNION type \"Int\" must be OBJECT", "1:29") },
		{ "type Query { a: Int } union B = C", AT_SCHEMA("Undefined type \"C\"", "1:29") },
		{ "schema { query: A }",
			AT_SCHEMA("Schema root query refers to a type A that does not exist", "1:10") },
		{ "type Query { a: Int } schema { query: Query } schema { query: Query }",
			AT_SCHEMA("Cannot have multiple schema entry points, consider schema extensions instead",
				"1:54") },
		{ "type Query { a: Int @b }", AT_SCHEMA("Undefined directive b", "1:22") },
		{ "type Query { a: Int @skip(if: true) }",
			AT_SCHEMA("Directive skip is not applicable on FIELD_DEFINITION", "1:22") },
		{ "type Query { a: Int @deprecated(reason: \"old\") }", VALID },
		{ "type Query { a: Int } directive @b on FIELD directive @b on FIELD",
			AT_SCHEMA("Cannot redeclare directive b", "1:56") },
		{ "type Query { a: Int } directive @skip(if: Boolean!, x: Int) on FIELD", VALID },
		{ "type Query { a: Int } directive @b(c: Int @b) on ARGUMENT_DEFINITION",
			AT_SCHEMA("Directive b cannot refer to itself", "1:44") },
		{ "type Query { a: Int } directive @b(c: Query) on FIELD",
			AT_SCHEMA("cannot use Query as argument c because OBJECT is not a valid input type",
				"1:36") },
	};

	check_schemas(rows, ARRAY_SIZE(rows));
}

TEST(interfaces)
{
#define I "type Query { i: I } interface I { a(b: Int): I c: [Int!]! } "
	static const struct row rows[] = {
		{ I "type A implements I { a(b: Int): A c: [Int!]! }", VALID },
		{ I "type A implements I { a(b: Int): I c: [Int]! }",
			AT_SCHEMA("For A to implement I the field c must have type [Int!]!", "1:96") },
		{ I "type A implements I { a(b: Int): I }",
			AT_SCHEMA("For A to implement I it must have a field called c", "1:66") },
		{ I "type A implements I { a: I c: [Int!]! }",
			AT_SCHEMA("For A to implement I the field a must have the same arguments but it is missing b",
				"1:83") },
		{ I "type A implements I { a(b: Int!): I c: [Int!]! }",
			AT_SCHEMA("For A to implement I the field a must have the same arguments but b has the wrong type",
				"1:85") },
		{ I "type A implements I { a(b: Int, d: Int!): I c: [Int!]! }",
			AT_SCHEMA("For A to implement I any additional arguments on a must be optional or have a default value but d is required",
				"1:93") },
		{ I "type A implements I { a(b: Int, d: Int! = 1): I c: [Int!]! }", VALID },
		{ I "type A implements Query { i: I }",
			AT_SCHEMA("\"Query\" is a non interface type OBJECT", "1:66") },
		{ I "type A implements J { i: I }", AT_SCHEMA("Undefined type \"J\"", "1:66") },
		{ "type Query { a: Int } interface I implements J { a: Int } interface J implements I { a: Int }",
			AT_SCHEMA("Type I cannot implement J because it would create a circular reference",
				"1:33") },
		{ "type Query { a: Int } interface I { a: Int } interface J implements I { a: Int } type T implements J { a: Int }",
			AT_SCHEMA("Type T must implement I because it is implemented by J", "1:87") },
	};

	check_schemas(rows, ARRAY_SIZE(rows));
#undef I
}

TEST(fields)
{
	static const struct row rows[] = {
		{ "{ dog { name __typename } __schema { types { name } } __type(name: \"a\") { name } }",
			VALID },
		{ "{ dog { wings } }", AT_QUERY("Cannot query field \"wings\" on type \"Dog\"", "1:9") },
		{ "{ any { name } }", AT_QUERY("Cannot query field \"name\" on type \"Beast\"", "1:9") },
		{ "{ any { __typename ... on Dog { name } } }", VALID },
		{ "{ dog { __schema { types { name } } } }",
			AT_QUERY("Cannot query field \"__schema\" on type \"Dog\"", "1:9") },
		{ "{ dog }",
			AT_QUERY("Field \"dog\" of type \"Dog\" must have a selection of subfields. Did you mean \"dog { ... }\"?",
				"1:3") },
		{ "{ dog { name { __typename } } }",
			AT_QUERY("Field \"name\" must not have a selection since type \"String\" has no subfields",
				"1:9") },
		{ "{ pet(id: 1, x: 2) { name } }",
			AT_QUERY("Unknown argument \"x\" on field \"Root.pet\"", "1:3") },
		{ "{ pet { name } }",
			AT_QUERY("Field \"pet\" argument \"id\" of type \"ID!\" is required, but it was not provided",
				"1:3") },
		{ "{ pet(id: 1, id: 2) { name } }",
			AT_QUERY("There can be only one argument named \"id\"", "1:14") },
		{ "{ dog { barks barks(loud: false) } }",
			AT_QUERY("Fields \"barks\" conflict because they have differing arguments. Use different aliases on the fields to fetch both if this was intentional",
				"1:15") },
		{ "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
			AT_QUERY("Maximum introspection depth exceeded", "1:3") },
	};

	CHECK_QUERIES(rows);
}

TEST(operations)
{
	static const struct row rows[] = {
		{ "query A { dog { name } } mutation B { name(id: 1, name: \"x\") { name } }", VALID },
		{ "{ dog { name } } query A { dog { name } }",
			AT_QUERY("This anonymous operation must be the only defined operation", "1:1") },
		{ "query A { dog { name } } query A { dog { name } }",
			AT_QUERY("There can be only one operation named \"A\"", "1:26") },
		{ "subscription { born { name } }", VALID },
		{ "subscription { born { name } died { name } }",
			AT_QUERY("Anonymous Subscription must select only one top level field", "1:30") },
		{ "subscription S { ... on Watch { born { name } } ...F } fragment F on Watch { died { name } }",
			AT_QUERY("Subscription \"S\" must select only one top level field", "1:78") },
		{ "subscription S { __typename }",
			AT_QUERY("Subscription \"S\" must not select an introspection top level field",
				"1:18") },
	};
	static const struct row only_query = { "mutation { a }",
		AT_QUERY("Schema does not support operation type \"mutation\"", "1:1") };

	CHECK_QUERIES(rows);
	check_queries("type Query { a: Int }", &only_query, 1);
}

TEST(fragments)
{
	static const struct row rows[] = {
		{ "{ dog { ...F } } fragment F on Dog { name }", VALID },
		{ "{ any { ...F } } fragment F on Pet { name }", VALID },
		{ "{ dog { ... @include(if: true) { name } } }", VALID },
		{ "{ dog { ...F } }", AT_QUERY("Unknown fragment \"F\"", "1:12") },
		{ "{ dog { name } } fragment F on Dog { name }",
			AT_QUERY("Fragment \"F\" is never used", "1:18") },
		{ "{ dog { ...F } } fragment F on Dog { name } fragment F on Dog { name }",
			AT_QUERY("There can be only one fragment named \"F\"", "1:45") },
		{ "{ dog { ...F } } fragment F on Wolf { name }", AT_QUERY("Unknown type \"Wolf\"", "1:18") },
		{ "{ dog { ... on Wolf { name } } }", AT_QUERY("Unknown type \"Wolf\"", "1:13") },
		{ "{ dog { ... on Size { __typename } } }",
			AT_QUERY("Fragment cannot condition on non composite type \"Size\"", "1:13") },
		{ "{ dog { ...F } } fragment F on Size { __typename }",
			AT_QUERY("Fragment \"F\" cannot condition on non composite type \"Size\"", "1:18") },
		{ "{ dog { ... on Cat { name } } }",
			AT_QUERY("Fragment cannot be spread here as objects of type \"Dog\" can never be of type \"Cat\"",
				"1:13") },
		{ "{ any { ...F } } fragment F on Rock { weight }",
			AT_QUERY("Fragment \"F\" cannot be spread here as objects of type \"Beast\" can never be of type \"Rock\"",
				"1:12") },
		{ "{ dog { ...F } } fragment F on Dog { ...F }",
			AT_QUERY("Cannot spread fragment \"F\" within itself", "1:41") },
		{ "{ dog { ...F } } fragment F on Dog { friend { ...G } } fragment G on Pet { ... on Dog { ...F } }",
			AT_QUERY("Cannot spread fragment \"F\" within itself", "1:92") },
	};

	CHECK_QUERIES(rows);
}

TEST(directives)
{
	static const struct row rows[] = {
		{ "query A($a: Boolean!) { dog @skip(if: $a) { name @include(if: true) } }", VALID },
		{ "{ dog @nope { name } }", AT_QUERY("Unknown directive \"@nope\"", "1:8") },
		{ "query @skip(if: true) { dog { name } }",
			AT_QUERY("Directive \"@skip\" may not be used on QUERY", "1:8") },
		{ "{ dog @skip { name } }",
			AT_QUERY("Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required, but it was not provided",
				"1:8") },
		{ "{ dog @skip(if: true, x: 1) { name } }",
			AT_QUERY("Unknown argument \"x\" on directive \"@skip\"", "1:8") },
		{ "{ dog @skip(if: true) @skip(if: true) { name } }",
			AT_QUERY("The directive \"@skip\" can only be used once at this location", "1:24") },
		{ "{ dog @twice(n: 1) @twice(n: 2) { name } }", VALID },
	};

	CHECK_QUERIES(rows);
}

TEST(values)
{
	static const struct row rows[] = {
		{ "{ count(n: 1, f: 1, s: \"x\", b: true, d: {a: [1]}) }", VALID },
		{ "{ count(n: null, f: 1.5e3, s: [\"x\", null], d: 1) }", VALID },
		{ "{ count(n: \"1\") }", AT_QUERY("Int cannot represent non-integer value: \"1\"", "1:13") },
		{ "{ count(n: 1.0) }", AT_QUERY("Int cannot represent non-integer value: 1.0", "1:12") },
		{ "{ count(n: 9223372036854775808) }",
			AT_QUERY("Int cannot represent non 32-bit signed integer value: 9223372036854775808",
				"1:12") },
		{ "{ count(f: 1e400) }",
			AT_QUERY("Float cannot represent non numeric value: 1e400", "1:12") },
		{ "{ count(f: 1e-400) }", VALID },
		{ "{ count(f: -1.7e308) }", VALID },
		{ "{ count(s: [1]) }", AT_QUERY("String cannot represent a non string value: 1", "1:13") },
		{ "{ count(s: 1) }", AT_QUERY("String cannot represent a non string value: 1", "1:12") },
		{ "{ count(n: [1]) }", AT_QUERY("Int cannot represent non-integer value: [1]", "1:12") },
		{ "{ count(n: {}) }", AT_QUERY("Int cannot represent non-integer value: {}", "1:12") },
		{ "{ count(b: 1) }", AT_QUERY("Boolean cannot represent a non boolean value: 1", "1:12") },
		{ "{ count(b: TRUE) }",
			AT_QUERY("Boolean cannot represent a non boolean value: TRUE", "1:12") },
		{ "{ pet(id: 1.5) { name } }",
			AT_QUERY("ID cannot represent a non-string and non-integer value: 1.5", "1:11") },
		{ "{ pet(id: null) { name } }",
			AT_QUERY("Expected value of type \"ID!\", found null", "1:11") },
		{ "{ pet(id: 1, size: SMALL) { name } }", VALID },
		{ "{ pet(id: 1, size: HUGE) { name } }",
			AT_QUERY("Value \"HUGE\" does not exist in \"Size\" enum", "1:20") },
		{ "{ pet(id: 1, size: \"BIG\") { name } }",
			AT_QUERY("Enum \"Size\" cannot represent non-enum value: \"BIG\"", "1:21") },
		{ "{ find(by: {name: \"x\", tags: [[\"a\"], \"b\"], inner: {name: \"y\"}}) { name } }",
			VALID },
		{ "{ find(by: {}) { name } }",
			AT_QUERY("Field \"Filter.name\" of required type \"String!\" was not provided",
				"1:12") },
		{ "{ find(by: {name: \"x\", nope: 1}) { name } }",
			AT_QUERY("Field \"nope\" is not defined by type \"Filter\"", "1:24") },
		{ "{ find(by: {name: \"x\", name: \"y\"}) { name } }",
			AT_QUERY("There can be only one input field named \"name\"", "1:24") },
		{ "{ find(by: 1) { name } }",
			AT_QUERY("Expected value of type \"Filter\", found 1", "1:12") },
		{ "{ find(one: {a: 1}) { name } }", VALID },
		{ "{ find(one: {a: 1, b: \"x\"}) { name } }",
			AT_QUERY("OneOf Input Object \"Either\" must specify exactly one key", "1:13") },
		{ "{ find(one: {a: null}) { name } }",
			AT_QUERY("Field \"Either.a\" must be non-null", "1:17") },
		{ "query($a: Int) { find(one: {a: $a}) { name } }",
			AT_QUERY("Variable \"a\" must be non-nullable to be used for OneOf Input Object \"Either\"",
				"1:32") },
	};

	CHECK_QUERIES(rows);
}

TEST(variables)
{
	static const struct row rows[] = {
		{ "query($id: ID!, $s: Size = SMALL) { pet(id: $id, size: $s) { name } }", VALID },
		{ "query($id: ID = 1) { pet(id: $id) { name } }", VALID },
		{ "query($m: Int) { find(by: {name: \"x\", must: $m}) { name } }", VALID },
		{ "query($s: [String!]!) { count(s: $s) }", VALID },
		{ "query($n: Int) { ...F } fragment F on Root { count(n: $n) }", VALID },
		{ "{ pet(id: $id) { name } }", AT_QUERY("Variable \"$id\" is not defined", "1:11") },
		{ "query A { ...F } fragment F on Root { count(n: $n) }",
			AT_QUERY("Variable \"$n\" is not defined by operation \"A\"", "1:48") },
		{ "query A($n: Int) { dog { name } }",
			AT_QUERY("Variable \"$n\" is never used in operation \"A\"", "1:9") },
		{ "query($n: Int) { dog { name } }", AT_QUERY("Variable \"$n\" is never used", "1:7") },
		{ "query($n: Int, $n: Int) { count(n: $n) }",
			AT_QUERY("Variable \"$n\" is never used", "1:16") },
		{ "query($n: Foo) { count(n: $n) }", AT_QUERY("Unknown type \"Foo\"", "1:7") },
		{ "query($d: Dog) { count(d: $d) }",
			AT_QUERY("Variable \"$d\" of type \"Dog\" used in position expecting type \"Date\"",
				"1:27") },
		{ "query($id: ID) { pet(id: $id) { name } }",
			AT_QUERY("Variable \"$id\" of type \"ID\" used in position expecting type \"ID!\"",
				"1:26") },
		{ "query($s: String) { count(s: $s) }",
			AT_QUERY("Variable \"$s\" of type \"String\" used in position expecting type \"[String]\"",
				"1:30") },
		{ "query($s: [[String]]) { count(s: $s) }",
			AT_QUERY("Variable \"$s\" of type \"[[String]]\" used in position expecting type \"[String]\"",
				"1:34") },
		{ "query($n: Int = \"x\") { count(n: $n) }",
			AT_QUERY("Int cannot represent non-integer value: \"x\"", "1:18") },
	};

	CHECK_QUERIES(rows);
}

#define CONFLICT(key, reason, place) AT_QUERY("Fields \"" key "\" conflict because " reason ". Use different aliases on the fields to fetch both if this was intentional", place)

TEST(merging)
{
	static const struct row rows[] = {
		{ "{ dog { name name } dog { age } }", VALID },
		{ "{ any { ... on Dog { x: age } ... on Cat { x: lives } } }", VALID },
		{ "{ a: find(by: {name: \"x\", size: BIG}) { name } a: find(by: {size: BIG, name: \"x\"}) { name } }",
			VALID },
		{ "{ dog { x: name x: age } }",
			CONFLICT("x", "\"name\" and \"age\" are different fields", "1:17") },
		{ "{ x: pet(id: 1) { name } x: pet(id: 2) { name } }",
			CONFLICT("x", "they have differing arguments", "1:26") },
		{ "{ any { ... on Dog { age } ... on Cat { age } } }",
			CONFLICT("age", "they return conflicting types \"Int\" and \"String\"", "1:41") },
		{ "{ any { ... on Dog { x: name } ... on Cat { x: owner { name } } } }",
			CONFLICT("x", "they return conflicting types \"String!\" and \"Person\"", "1:45") },
		{ "{ dog { x: name } dog { x: age } }",
			CONFLICT("dog",
				"subfields \"x\" conflict because \"name\" and \"age\" are different fields",
				"1:19") },
		{ "{ dog { x: name ...F } } fragment F on Dog { x: age }",
			CONFLICT("x", "\"name\" and \"age\" are different fields", "1:46") },
		{ "{ dog { ...F ...G } } fragment F on Dog { x: name } fragment G on Dog { ...H } fragment H on Dog { x: age }",
			CONFLICT("x", "\"name\" and \"age\" are different fields", "1:100") },
		{ "{ dog { friend { ...F } ...G } } fragment F on Pet { x: name } fragment G on Dog { friend { x: owner { name } } }",
			CONFLICT("friend",
				"subfields \"x\" conflict because \"owner\" and \"name\" are different fields",
				"1:84") },
	};

	CHECK_QUERIES(rows);
}

/* ---- documents that want to run for ever ---- */

static const char *repeated(struct arena *arena, const char *before, const char *part, size_t count,
	const char *after)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX);

	CHECK_INT(buf_append_str(&buf, before), 0);
	for (size_t i = 0; i < count; i++)
		CHECK_INT(buf_append_str(&buf, part), 0);
	CHECK_INT(buf_append_str(&buf, after), 0);
	return arena_copy(arena, buf_text(&buf), buf.len);
}

TEST(depth_is_bounded)
{
	static const char *const parts[] = { "{a", "{a(b:[[[[", "{a(b:{c:{c:{c:", "{...{a", "query($a:[[[[[[",
		"{a(b:\"" };
	scoped(arena) struct arena arena = ARENA_INIT((size_t)16 * BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *deep = repeated(&arena, parts[i],
			i == 2			 ? "{c:" :
				i == 1 || i == 4 ? "[" :
					parts[i],
			20000, "");

		CHECK(strstr(call(&arena, "graphql.parse_query", deep, NULL), "eval_builtin_error"));
		CHECK_TEXT(call(&arena, "graphql.is_valid", deep, zoo), "false");
	}
	/* as deep as can be is a value yet, in the pair of graphql.parse() too */
	CHECK(call(&arena, "graphql.parse",
		repeated(&arena, "{ dog", "{ friend { ... on Dog", 12,
		"{ name } } } } } } } } } } } } } } } } } } } } } } } } } }"),
		zoo)[0] == '[');
	CHECK(call(&arena, "graphql.parse_query",
		repeated(&arena, "{a(b:", "[", 32, repeated(&arena, "", "]", 32, ")}")),
		NULL)[0] == '{');
}

/* Each fragment spreads the next one several times; the last one is a field. */
static const char *tower(struct arena *arena, const char *head, const char *level, unsigned count,
	const char *last)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX);

	CHECK_INT(buf_append_str(&buf, head), 0);
	for (unsigned i = 0; i < count; i++) {
		CHECK_INT(buf_printf(&buf, " fragment F%u on Dog { ", i), 0);
		if (i + 1 < count)
			for (const char *at = level; *at; at++)
				CHECK_INT(*at == '%' ? buf_printf(&buf, "...F%u", i + 1) :
			buf_append_char(&buf, *at),
					0);
		else
			CHECK_INT(buf_append_str(&buf, last), 0);
		CHECK_INT(buf_append_str(&buf, " }"), 0);
	}
	return arena_copy(arena, buf_text(&buf), buf.len);
}

TEST(work_is_bounded)
{
	static const char *const levels[] = {
		"% % %", "a: friend { % } b: friend { % }", "friend { % } friend { % } friend { % }",
		"... on Dog { % } ... { % }",
	};
	scoped(arena) struct arena arena = ARENA_INIT((size_t)64 * BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		for (unsigned count = 10; count <= 1000; count *= 10) {
			const char *query = tower(&arena, "{ dog { ...F0 ...F0 } }", levels[i], count,
				"name");
			const char *got = call(&arena, "graphql.is_valid", query, zoo);

			CHECK(!strcmp(got, "true") || !strcmp(got, "false") || !strncmp(got, "stopped", 7));
			if (count == 1000)
				CHECK(strcmp(got, "true") != 0);
		}
	CHECK_TEXT(call(&arena, "graphql.is_valid", repeated(&arena, "{ dog { ", "name ", 10000, "} }"), zoo),
		"stopped (steps)");
	CHECK_TEXT(call(&arena, "graphql.is_valid",
		repeated(&arena, "{ ", "a:dog{name} b:dog{name} ", 100, "}"), zoo),
		"true");
	CHECK_TEXT(call(&arena, "graphql.is_valid",
		tower(&arena, "subscription { ...F0 }", "% %", 60, "born { name }"), zoo), "false");
}

/* ---- what every schema has ---- */

static bool is_valid(struct rego_cache *cache, const char *query)
{
	scoped(arena) struct arena arena = ARENA_INIT(BYTES);
	const struct json *operands[] = { json_new_text(&arena, query), json_new_text(&arena, zoo) };
	struct rego_budget budget;
	struct rego_call call = {
		.builtin = rego_builtin_find(STR("graphql.is_valid")), .operands = operands, .arena = &arena,
		.budget = &budget, .cache = cache,
	};

	rego_budget_init(&budget, STEPS, NULL, NULL);
	CHECK_INT(call.builtin->function(&call), REGO_ANSWER_VALUE);
	return call.result->boolean;
}

TEST(what_every_schema_has_is_read_once)
{
	scoped(rego_cache) struct rego_cache cache = REGO_CACHE_INIT(4 << 20);
	const struct rego_graphql *kept;

	CHECK(is_valid(&cache, "{ count }"));
	CHECK(!cache.graphql);
	cache.has_texts = true;
	for (int turn = 0; turn < 2; turn++) {
		CHECK(is_valid(&cache, "{ __schema { types { name } } dog { __typename } }"));
		kept = cache.graphql;
		CHECK(kept);
		CHECK(!is_valid(&cache, "{ __schema { types { nam } } }"));
		CHECK(is_valid(&cache, "{ __type(name: \"Dog\") { name } count @include(if: true) }"));
		CHECK(cache.graphql == kept);
		rego_cache_clear(&cache);
		CHECK(!cache.graphql);
	}
}

TEST(where_there_is_no_room_it_is_read_each_time)
{
	for (size_t limit = 1 << 10, most = 1 << 20; limit <= most; limit *= 2) {
		scoped(rego_cache) struct rego_cache cache = REGO_CACHE_INIT(limit);

		cache.has_texts = true;
		for (int turn = 0; turn < 3; turn++) {
			CHECK(is_valid(&cache, "{ __schema { types { name } } }"));
			CHECK(!is_valid(&cache, "{ nothing }"));
		}
		CHECK(limit > 1 << 10 || !cache.graphql);
		CHECK(limit < most || cache.graphql);
	}
}

TEST_MAIN()
