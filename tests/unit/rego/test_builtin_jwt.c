// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_jwt.c - io.jwt.*: what holds, what does not, and what is an error; the public cases have the
 * rest
 *
 * The keys are those of RFC 7515 A.3 and RFC 8037 A.1.
 */
#include "lib/rego_answer.h"
#include "lib/test.h"

#include <errno.h>

static struct arena arena = ARENA_INIT(256 << 20);

/* Functions are no part of the document, so that the answer is all that a row asks for. */
static const char helpers[] =
	"package p\n"
	"secret(alg, claims) := io.jwt.encode_sign({\"alg\": alg}, claims, {\"kty\": \"oct\", \"k\": \"c2VjcmV0\"})\n"
	"held(claims, wanted) := io.jwt.decode_verify(secret(\"HS256\", claims),"
	" object.union({\"secret\": \"secret\"}, wanted))[0]\n"
	"ec(d) := object.union({\"kty\": \"EC\", \"crv\": \"P-256\","
	" \"x\": \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	" \"y\": \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}, d)\n"
	"ec_private(_) := ec({\"d\": \"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"})\n"
	"ed(d) := object.union({\"kty\": \"OKP\", \"crv\": \"Ed25519\","
	" \"x\": \"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}, d)\n"
	"ed_private(_) := ed({\"d\": \"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"})\n"
	"raw(header, payload) := concat(\".\", [base64url.encode_no_pad(header), base64url.encode_no_pad(payload), \"\"])\n"
	"set(keys) := json.marshal({\"keys\": keys})\n";

struct row {
	const char *asks, *says;
};

static const char *answer(const char *asks, uint64_t steps)
{
	struct str text = str_from(arena_printf(&arena, "%sx := %s\n", helpers, asks));
	struct rego_asked asked = {
		.arena = &arena, .policy = rego_answer_compile(&arena, text, 0), .steps = steps,
		.memory_bytes = 16 << 20, .is_strict = true,
	};
	const char *says = asked.policy ? rego_answer(&asked) : "refused";

	rego_policy_free(asked.policy);
	return says;
}

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *says = answer(rows[i].asks, 100000000);

		/* an error begins with its code and place */
		if (!strstr(says, rows[i].says))
			test_fail(__FILE__, __LINE__, "%s: %s, wanted %s", rows[i].asks, says, rows[i].says);
	}
}

#define CHECK_ROWS(rows) check(rows, ARRAY_SIZE(rows))

TEST(what_is_signed_is_verified)
{
	static const struct row rows[] = {
		{ "io.jwt.verify_hs256(secret(\"HS256\", {}), \"secret\")", "{\"x\": true}" },
		{ "io.jwt.verify_hs384(secret(\"HS384\", {}), \"secret\")", "{\"x\": true}" },
		{ "io.jwt.verify_hs512(secret(\"HS512\", {}), \"secret\")", "{\"x\": true}" },
		{ "io.jwt.verify_hs256(secret(\"HS256\", {}), \"secreT\")", "{\"x\": false}" },
		{ "io.jwt.verify_hs256(secret(\"HS384\", {}), \"secret\")", "{\"x\": false}" },
		{ "io.jwt.verify_es256(io.jwt.encode_sign({\"alg\": \"ES256\"}, {\"a\": 1}, ec_private(1)),"
			" json.marshal(ec({})))", "{\"x\": true}" },
		{ "io.jwt.verify_eddsa(io.jwt.encode_sign({\"alg\": \"EdDSA\"}, {\"a\": 1}, ed_private(1)),"
			" json.marshal(ed({})))", "{\"x\": true}" },
		/* the kind of a key is its own */
		{ "io.jwt.verify_es256(io.jwt.encode_sign({\"alg\": \"EdDSA\"}, {\"a\": 1}, ed_private(1)),"
			" json.marshal(ed({})))", "{\"x\": false}" },
		{ "io.jwt.encode_sign({\"alg\": \"ES256\"}, {}, ed_private(1))",
			"io.jwt.encode_sign: a key of the kind Ed25519 cannot sign by ES256" },
		{ "io.jwt.encode_sign({\"alg\": \"ES256\"}, {}, ec({}))",
			"io.jwt.encode_sign: a key of the kind EC cannot sign by ES256" },
		{ "io.jwt.encode_sign({\"alg\": \"none\"}, {}, ed_private(1))",
			"unknown JWS algorithm: none" },
		{ "io.jwt.encode_sign({\"alg\": 1}, {}, ed_private(1))", "missing or invalid 'alg' header" },
		{ "io.jwt.encode_sign({\"alg\": \"HS256\"}, {}, {\"keys\": []})",
			"no keys found in JWK set" },
		{ "io.jwt.encode_sign({\"alg\": \"HS256\"}, {}, {\"kty\": \"oct\"})",
			"failed to parse JWK: it has no" },
		{ "io.jwt.encode_sign_raw(`{\"alg\": \"HS256\", \"typ\": \"x\"}`, \"text\","
			" `{\"kty\": \"oct\", \"k\": \"c2VjcmV0\"}`)", "{\"x\": \"eyJ" },
	};

	CHECK_ROWS(rows);
}

/* What tokens have been forged with. */
TEST(what_a_token_cannot_choose)
{
	static const struct row rows[] = {
		/* no signature */
		{ "io.jwt.decode_verify(raw(`{\"alg\": \"none\"}`, `{}`), {\"secret\": \"secret\"})",
			"{\"x\": [false, {}, {}]}" },
		{ "io.jwt.decode_verify(raw(`{\"alg\": \"none\"}`, `{}`), {\"cert\": json.marshal(ec({}))})",
			"{\"x\": [false, {}, {}]}" },
		/* a public key as the secret */
		{ "io.jwt.decode_verify(io.jwt.encode_sign({\"alg\": \"HS256\"}, {}, {\"kty\": \"oct\","
			" \"k\": base64url.encode_no_pad(json.marshal(ec({})))}), {\"cert\": json.marshal(ec({}))})",
			"{\"x\": [false, {}, {}]}" },
		/* another algorithm than the policy wants */
		{ "held({}, {\"alg\": \"HS512\"})", "{\"x\": false}" },
		/* what has to be understood, and is not */
		{ "io.jwt.decode_verify(io.jwt.encode_sign({\"alg\": \"HS256\", \"crit\": [\"b64\"], \"b64\": false}, {},"
			" {\"kty\": \"oct\", \"k\": \"c2VjcmV0\"}), {\"secret\": \"secret\"})[0]",
			"{\"x\": false}" },
		{ "io.jwt.decode_verify(io.jwt.encode_sign({\"alg\": \"HS256\", \"crit\": [\"b64\"]}, {},"
			" {\"kty\": \"oct\", \"k\": \"c2VjcmV0\"}), {\"secret\": \"secret\"})[0]",
			"{\"x\": true}" },
		/* the last of two, as for everybody else; who signs signs the bytes */
		{ "io.jwt.decode(raw(`{\"alg\": \"none\"}`, `{\"a\": 1, \"b\": 2, \"a\": 3}`))[1]",
			"{\"x\": {\"a\": 3, \"b\": 2}}" },
		{ "io.jwt.decode(raw(`{\"alg\": \"none\", \"enc\": 1}`, `{}`))",
			"JWT is a JWE object, which is not supported" },
	};

	CHECK_ROWS(rows);
}

TEST(keys_of_a_set)
{
	static const struct row rows[] = {
		{ "io.jwt.verify_eddsa(io.jwt.encode_sign({\"alg\": \"EdDSA\"}, {}, ed_private(1)),"
			" set([ec({}), ed({})]))", "{\"x\": true}" },
		/* the key with the token's id is the one that counts */
		{ "io.jwt.verify_eddsa(io.jwt.encode_sign({\"alg\": \"EdDSA\", \"kid\": \"a\"}, {}, ed_private(1)),"
			" set([ec({\"kid\": \"a\"}), ed({\"kid\": \"b\"})]))", "{\"x\": false}" },
		{ "io.jwt.verify_eddsa(io.jwt.encode_sign({\"alg\": \"EdDSA\", \"kid\": \"c\"}, {}, ed_private(1)),"
			" set([ec({\"kid\": \"a\"}), ed({\"kid\": \"b\"})]))", "{\"x\": true}" },
		/* a key for another algorithm is not tried, and one that nobody knows is none */
		{ "io.jwt.verify_es256(io.jwt.encode_sign({\"alg\": \"ES256\"}, {}, ec_private(1)),"
			" set([ec({\"alg\": \"ES384\"})]))", "{\"x\": false}" },
		{ "io.jwt.verify_es256(io.jwt.encode_sign({\"alg\": \"ES256\"}, {}, ec_private(1)),"
			" set([ec({\"alg\": \"ECDH-ES\"}), ec({\"alg\": \"ES256\"})]))", "{\"x\": true}" },
		{ "io.jwt.verify_es256(secret(\"HS256\", {}), set([]))", "{\"x\": false}" },
		{ "io.jwt.verify_es256(secret(\"HS256\", {}), `{\"keys\": 1}`)",
			"failed to parse a JWK key (set): " },
		{ "io.jwt.verify_es256(secret(\"HS256\", {}), `[`)", "failed to parse a JWK key (set): " },
		{ "io.jwt.verify_es256(secret(\"HS256\", {}), set([{\"kty\": \"x\"}]))",
			"failed to parse a JWK key (set): " },
		{ "io.jwt.verify_es256(secret(\"HS256\", {}), \"-----BEGIN PRIVATE KEY-----\\n-----END PRIVATE KEY-----\")",
			"failed to extract a Key from the PEM certificate" },
		{ "io.jwt.verify_es256(secret(\"HS256\", {}), \"-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\")",
			"failed to parse a PEM public key: " },
	};

	CHECK_ROWS(rows);
}

TEST(claims_hold_or_do_not)
{
	static const struct row rows[] = {
		{ "held({\"iss\": \"a\"}, {\"iss\": \"a\"})", "{\"x\": true}" },
		{ "held({\"iss\": [\"a\"]}, {\"iss\": \"a\"})", "{\"x\": false}" },
		{ "held({\"aud\": [1, \"a\"]}, {\"aud\": \"a\"})", "{\"x\": true}" },
		{ "held({\"aud\": {}}, {\"aud\": \"a\"})", "{\"x\": false}" },
		{ "held({}, {\"aud\": \"a\"})", "{\"x\": false}" },
		{ "held({\"exp\": 10}, {\"time\": 9999999999})", "{\"x\": true}" },
		{ "held({\"exp\": 10}, {\"time\": 10000000000})", "{\"x\": false}" },
		{ "held({\"nbf\": 10.5}, {\"time\": 10500000000})", "{\"x\": true}" },
		{ "held({\"nbf\": 10.5}, {\"time\": 10499999999})", "{\"x\": false}" },
		{ "held({\"nbf\": 0}, {\"time\": 0})", "{\"x\": true}" },
		{ "held({\"nbf\": \"1\"}, {})", "nbf value must be a number" },
		/* now is the moment of the evaluation */
		{ "held({\"exp\": time.now_ns() / 1000000000 + 1}, {})", "{\"x\": true}" },
		{ "held({\"exp\": time.now_ns() / 1000000000 - 1}, {})", "{\"x\": false}" },
		{ "held({}, {\"time\": -1})", "token time constraint: must not be negative" },
		{ "held({}, {\"time\": \"1\"})", "token time constraint: must be a number" },
		/* the largest double, what is above it, and what is too small for one */
		{ "held({\"nbf\": 1.7e299}, {\"time\": 1.7976931348623157e308})", "{\"x\": true}" },
		{ "held({\"nbf\": 1.8e299}, {\"time\": 1.7976931348623157e308})", "{\"x\": false}" },
		{ "held({}, {\"time\": 1.7976931348623159e308})", "token time constraint: unvalid float64" },
		{ "held({}, {\"time\": 1e400})", "token time constraint: unvalid float64" },
		{ "held({}, {\"time\": -1e400})", "token time constraint: unvalid float64" },
		{ "held({\"nbf\": 0}, {\"time\": 1e-400})", "{\"x\": true}" },
		{ "held({}, {\"leeway\": 1})", "unknown token validation constraint: leeway" },
		{ "held({}, {\"iss\": 1})", "iss constraint: must be a string" },
		{ "held({}, {\"cert\": json.marshal(ec({}))})", "duplicate key constraints" },
		{ "io.jwt.decode_verify(secret(\"HS256\", {}), {})", "no key constraint" },
	};

	CHECK_ROWS(rows);
}

TEST(tokens_in_tokens)
{
	static const struct row rows[] = {
		{ "io.jwt.decode_verify(io.jwt.encode_sign_raw(`{\"alg\": \"HS256\", \"cty\": \"jwt\", \"typ\": \"x\"}`,"
			" secret(\"HS256\", {\"a\": 1}), `{\"kty\": \"oct\", \"k\": \"c2VjcmV0\"}`), {\"secret\": \"secret\"})[2]",
			"{\"x\": {\"a\": 1}}" },
		{ "io.jwt.decode_verify(io.jwt.encode_sign_raw(`{\"alg\": \"HS256\", \"cty\": \"JWT\", \"typ\": \"x\"}`,"
			" raw(`{\"alg\": \"none\"}`, `{}`), `{\"kty\": \"oct\", \"k\": \"c2VjcmV0\"}`), {\"secret\": \"secret\"})[0]",
			"{\"x\": false}" },
	};

	CHECK_ROWS(rows);
}

/* Work that a policy or a token asks for is paid for. */
TEST(signatures_take_steps)
{
	const char *says = answer("io.jwt.encode_sign({\"alg\": \"ES256\"}, {}, ec_private(1))", 50000);

	if (strstr(says, "eyJ"))
		test_fail(__FILE__, __LINE__, "it was signed: %s", says);
}

TEST_MAIN()
