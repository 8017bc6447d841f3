// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_x509.c - crypto.x509.*, crypto.parse_private_keys: the shape of what they give, options,
 * errors
 *
 * tests/data/x509/go.json is what Go makes of the same files; tests/unit/crypto/test_x509.c has the chains.
 * The evaluation's moment is in September 2020.
 */
#include "lib/rego_answer.h"
#include "lib/test.h"
#include "test_source_dir.h"

#include <dirent.h>
#include <stdio.h>

enum {
	FILE_MAX = 256 << 10,
	STEPS = 100000000,
};

static struct arena arena = ARENA_INIT(512 << 20);

static struct str read_file(const char *name)
{
	char path[512], *text = arena_alloc(&arena, FILE_MAX);
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/data/x509/%s", TEST_SOURCE_DIR, name);
	file = fopen(path, "re");
	CHECK(file);
	len = fread(text, 1, FILE_MAX, file);
	CHECK(len < FILE_MAX);
	fclose(file);
	return (struct str){ text, len };
}

static int is_text(const struct dirent *entry)
{
	struct str name = str_from(entry->d_name);

	return str_ends_with(name, STR(".pem")) || str_ends_with(name, STR(".key")) ||
		str_ends_with(name, STR(".csr"));
}

/* {"go": .., "file": {"root.pem": ..}}, read once */
static const struct json *input(void)
{
	static const struct json *read;
	struct json_object_builder builder, files;
	const struct json *go;
	struct dirent **entries;
	int n;

	if (read)
		return read;
	n = scandir(TEST_SOURCE_DIR "/data/x509", &entries, is_text, alphasort);
	CHECK(n > 40);
	json_object_begin(&files, &arena);
	for (int i = 0; i < n; i++) {
		json_object_add(&files, entries[i]->d_name,
			json_new_string(&arena, read_file(entries[i]->d_name)));
		free(entries[i]);
	}
	free(entries);
	CHECK_INT(json_read(&arena, read_file("go.json"), JSON_READ_STRICT, &go, NULL), 0);
	json_object_begin(&builder, &arena);
	json_object_add(&builder, "go", go);
	json_object_add(&builder, "file", json_object_end(&files));
	read = json_object_end(&builder);
	return read;
}

/* Functions are no part of the document, so that the answer is all that a row asks for. */
static const char helpers[] =
	"package p\n"
	"text(names) := concat(\"\", [input.file[sprintf(\"%s.pem\", [name])] | some name in split(names, \" \")])\n"
	"holds(names) := crypto.x509.parse_and_verify_certificates(text(names))[0]\n"
	"with_options(names, options) :="
	" crypto.x509.parse_and_verify_certificates_with_options(text(names), options)[0]\n"
	"named(name) := with_options(\"root inter leaf\", {\"DNSName\": name})\n"
	"many(count) := concat(\"\", [input.file[\"root.pem\"] | some _ in numbers.range(1, count)])\n"
	"bits(bytes) := sprintf(\"-----BEGIN CERTIFICATE-----\\n%s\\n-----END CERTIFICATE-----\", [bytes])\n";

struct row {
	const char *asks, *says;
};

static const char *answer(const char *asks, uint64_t steps, size_t bytes)
{
	struct str text = str_from(arena_printf(&arena, "%sx := %s\n", helpers, asks));
	struct rego_asked asked = {
		.arena = &arena, .policy = rego_answer_compile(&arena, text, 0), .steps = steps,
		.memory_bytes = bytes, .is_strict = true, .input = input(),
	};
	const char *says = asked.policy ? rego_answer(&asked) : "refused";

	rego_policy_free(asked.policy);
	return says;
}

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *says = answer(rows[i].asks, STEPS, 128 << 20);

		if (!strstr(says, rows[i].says))
			test_fail(__FILE__, __LINE__, "%s: %.2000s, wanted %s", rows[i].asks, says,
				rows[i].says);
	}
}

#define CHECK_ROWS(rows) check(rows, ARRAY_SIZE(rows))

TEST(the_shape_is_that_of_go)
{
	static const struct row rows[] = {
		{ "[name | some name, certs in input.go.certificates;"
			" crypto.x509.parse_certificates(input.file[name]) != certs]", "{\"x\": []}" },
		{ "[name | some name, wanted in input.go.requests;"
			" crypto.x509.parse_certificate_request(input.file[name]) != wanted]",
			"{\"x\": []}" },
		{ "[name | some name, wanted in input.go.keys;"
			" crypto.parse_private_keys(input.file[name]) != wanted]", "{\"x\": []}" },
		{ "[name | some name, wanted in input.go.pairs; [cert, key] := split(name, \" \");"
			" crypto.x509.parse_keypair(input.file[cert], input.file[key]) != wanted]",
			"{\"x\": []}" },
		{ "[count(input.go.certificates), count(input.go.requests), count(input.go.keys), count(input.go.pairs)]",
			"{\"x\": [13, 2, 5, 3]}" },
		/* from the last to the one that is trusted; strings of addresses only without options */
		{ "[c.Subject.CommonName | some c in crypto.x509.parse_and_verify_certificates(text(\"root inter leaf\"))[1]]",
			"{\"x\": [\"leaf\", \"Inter\", \"Root\"]}" },
		{ "[c.URIStrings | some c in crypto.x509.parse_and_verify_certificates(text(\"root inter leaf\"))[1]]",
			"{\"x\": [[\"spiffe://example.com/x\"], null, null]}" },
		{ "[c | some c in crypto.x509.parse_and_verify_certificates_with_options(text(\"root inter leaf\"), {})[1];"
			" \"URIStrings\" in object.keys(c)]", "{\"x\": []}" },
		{ "crypto.x509.parse_certificates(input.file[\"under-rsa.pem\"])[0].URIStrings",
			"{\"x\": [\"https://u:p@Example.com:80/a%2Fb?q#f\", \"mailto:a@b\", \"/x?\"]}" },
	};

	CHECK_ROWS(rows);
}

TEST(a_chain_holds_or_it_does_not)
{
	static const struct row rows[] = {
		{ "holds(\"root inter leaf\")", "{\"x\": true}" },
		{ "holds(\"rsa under-rsa\")", "{\"x\": true}" },
		{ "crypto.x509.parse_and_verify_certificates(text(\"root forged\"))",
			"{\"x\": [false, []]}" },
		/* what cannot be read, or is too little, or too much */
		{ "holds(\"root\")", "{\"x\": false}" },
		{ "crypto.x509.parse_and_verify_certificates(\"\")", "{\"x\": [false, []]}" },
		{ "crypto.x509.parse_and_verify_certificates(\"foobar\")", "{\"x\": [false, []]}" },
		{ "crypto.x509.parse_and_verify_certificates(bits(\"MAA=\"))", "{\"x\": [false, []]}" },
		{ "crypto.x509.parse_and_verify_certificates(many(300))", "{\"x\": [false, []]}" },
		{ "crypto.x509.parse_and_verify_certificates(many(10000))", "{\"x\": [false, []]}" },
		/* a key between them is no comment */
		{ "crypto.x509.parse_and_verify_certificates(concat(\"\", [text(\"root inter\"), input.file[\"leaf.key\"],"
			" text(\"leaf\")]))", "{\"x\": [false, []]}" },
		{ "crypto.x509.parse_and_verify_certificates(concat(\"who\\n\", [text(\"root inter\"), text(\"leaf\")]))[0]",
			"{\"x\": true}" },
		/* base64 of PEM */
		{ "crypto.x509.parse_and_verify_certificates(base64.encode(text(\"root inter leaf\")))[0]",
			"{\"x\": true}" },
	};

	CHECK_ROWS(rows);
}

TEST(options_say_when_for_whom_and_what_for)
{
	static const struct row rows[] = {
		{ "with_options(\"root inter leaf\", {})", "{\"x\": true}" },
		{ "with_options(\"root inter leaf\", {\"CurrentTime\": 2524607999000000000})",
			"{\"x\": true}" },
		{ "with_options(\"root inter leaf\", {\"CurrentTime\": 2524608000000000000})",
			"{\"x\": false}" },
		{ "with_options(\"root inter leaf\", {\"CurrentTime\": 0})", "{\"x\": false}" },
		{ "with_options(\"root inter client\", {})", "{\"x\": false}" },
		{ "with_options(\"root inter client\", {\"KeyUsages\": [\"KeyUsageClientAuth\"]})",
			"{\"x\": true}" },
		{ "with_options(\"root inter client\", {\"KeyUsages\": {\"KeyUsageAny\"}})",
			"{\"x\": true}" },
		{ "with_options(\"root bound bound-good\", {\"MaxConstraintComparisons\": 6})",
			"{\"x\": true}" },
		{ "with_options(\"root bound bound-good\", {\"MaxConstraintComparisons\": 5})",
			"{\"x\": false}" },
		{ "with_options(\"root bound bound-good\", {\"MaxConstraintComparisons\": 0})",
			"{\"x\": true}" },
		{ "with_options(\"root\", {\"KeyUsages\": 1})", "'KeyUsages' should be an Array or Set" },
		{ "with_options(\"root\", {\"KeyUsages\": [\"a\", \"KeyUsageAny\", \"b\"]})",
			"invalid entries for 'KeyUsages' found: [a b]" },
		{ "with_options(\"root\", {\"DNSName\": 1})", "'DNSName' should be a string" },
		{ "with_options(\"root\", {\"CurrentTime\": \"\"})", "'CurrentTime' should be a number" },
		{ "with_options(\"root\", {\"CurrentTime\": 1e400})",
			"'CurrentTime' should be a valid int64 number" },
		{ "with_options(\"root\", {\"MaxConstraintComparisons\": 1.5})",
			"'MaxConstraintComparisons' should be a valid number" },
		{ "with_options(\"root\", {\"Roots\": 1})", "invalid key option" },
	};

	CHECK_ROWS(rows);
}

/* a.example.com, *.b.example.com, 10.0.0.1, fd00::1 */
TEST(a_host_is_one_of_the_names)
{
	static const struct row rows[] = {
		{ "named(\"a.example.com\")", "{\"x\": true}" },
		{ "named(\"A.Example.com.\")", "{\"x\": true}" },
		{ "named(\"x.b.example.com\")", "{\"x\": true}" },
		{ "named(\"10.0.0.1\")", "{\"x\": true}" },
		{ "named(\"[fd00:0::1]\")", "{\"x\": true}" },
		{ "named(\"\")", "{\"x\": true}" },
		{ "named(\"leaf\")", "{\"x\": false}" },
		{ "named(\"example.com\")", "{\"x\": false}" },
		{ "named(\"b.example.com\")", "{\"x\": false}" },
		{ "named(\"x.y.b.example.com\")", "{\"x\": false}" },
		{ "named(\".b.example.com\")", "{\"x\": false}" },
		{ "named(\"a.example.com.evil.org\")", "{\"x\": false}" },
		{ "named(\"a.example.com..\")", "{\"x\": false}" },
		{ "named(\"10.0.0.2\")", "{\"x\": false}" },
		{ "named(\"*.b.example.com\")", "{\"x\": true}" },
	};

	CHECK_ROWS(rows);
}

TEST(what_is_no_certificate_is_an_error)
{
	static const struct row rows[] = {
		{ "crypto.x509.parse_certificates(\"\")", "{\"x\": []}" },
		{ "crypto.x509.parse_certificates(input.file[\"leaf.key\"])",
			"PEM block type is 'PRIVATE KEY', expected CERTIFICATE" },
		{ "crypto.x509.parse_certificates(bits(\"AAAA\"))", "x509: malformed certificate" },
		{ "crypto.x509.parse_certificates(bits(\"!\"))", "x509: malformed PEM block" },
		{ "crypto.x509.parse_certificates(many(256))[255].Version", "{\"x\": 3}" },
		{ "crypto.x509.parse_certificates(many(257))", "x509: more than 256 certificates" },
		{ "crypto.x509.parse_certificates(many(10000))", "x509: more than 4194304 bytes" },
		{ "crypto.x509.parse_certificate_request(input.file[\"root.pem\"])",
			"illegal base64 data at input byte 0" },
		{ "crypto.x509.parse_certificate_request(base64.encode(input.file[\"root.pem\"]))",
			"invalid PEM-encoded certificate signing request" },
		{ "crypto.x509.parse_keypair(input.file[\"leaf.pem\"], input.file[\"pkcs1.key\"])",
			"tls: private key does not match public key" },
		{ "crypto.x509.parse_keypair(input.file[\"leaf.pem\"], input.file[\"leaf.pem\"])",
			"tls: failed to find PEM block with type ending in" },
		{ "crypto.x509.parse_keypair(\"\", \"\")",
			"tls: failed to find any PEM data in certificate input" },
		{ "crypto.x509.parse_rsa_private_key(\"\")", "input PEM data was empty" },
		{ "crypto.x509.parse_rsa_private_key(input.file[\"root.pem\"])", "{\"x\": null}" },
		{ "crypto.x509.parse_rsa_private_key(input.file[\"sec1.key\"]).crv", "{\"x\": \"P-256\"}" },
		{ "crypto.x509.parse_rsa_private_key(base64.encode(input.file[\"under-ed25519.key\"])).kty",
			"{\"x\": \"OKP\"}" },
		{ "count(crypto.parse_private_keys(concat(\"\", [input.file[\"root.pem\"], input.file[\"leaf.key\"],"
			" input.file[\"pkcs1.key\"]])))", "{\"x\": 2}" },
		{ "crypto.parse_private_keys(\"-----BEGIN PRIVATE KEY-----\\nMAA=\\n-----END PRIVATE KEY-----\")",
			"failed to parse private key" },
	};

	CHECK_ROWS(rows);
}

TEST(who_has_too_little_is_stopped)
{
	static const char asks[] =
		"crypto.x509.parse_and_verify_certificates(text(\"root bound bound-good\"))";
	const char *whole = answer(asks, STEPS, 128 << 20);

	CHECK(strstr(whole, "{\"x\": [true"));
	for (uint64_t steps = 100; steps < 400000; steps += steps / 3) {
		const char *says = answer(asks, steps, 128 << 20);

		CHECK(strstr(says, "eval_cancel_error") || !strcmp(says, whole));
	}
	CHECK(strstr(answer(asks, 200000, 128 << 20), "eval_cancel_error"));
	for (size_t bytes = 4096; bytes < 1 << 20; bytes += bytes / 3) {
		const char *says = answer(asks, STEPS, bytes);

		CHECK(strstr(says, "eval_cancel_error") || !strcmp(says, whole));
	}
}

TEST_MAIN()
