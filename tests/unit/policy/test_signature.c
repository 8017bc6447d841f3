// SPDX-License-Identifier: Apache-2.0
/*
 * test_signature.c - who signed a bundle: tokens that OPA's own tests have, and what is made of them
 *
 * The keys and tokens are those of Open Policy Agent's tests (v1/bundle/verify_test.go); bundles that are
 * signed as a whole are made by the e2e tests, with the program openssl.
 */
#include "lib/test.h"

#include "policy/signature_internal.h"

#include <errno.h>

static const char token_rs256[] =
	"eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImZvbyJ9.eyJmaWxlcyI6W3sibmFtZSI6ImRiL3VhbTIvZW50aXR"
	"sZW1lbnRzL2RhdGEuanNvbiIsImhhc2giOiJjMjEzMTU0NGM3MTZhMjVhNWUzMWY1MDQzMDBmNTI0MGU4MjM1Y2FkYjlhNTd"
	"mMGJkMWI2ZjRiZDc0YjI2NjEyIiwiYWxnb3JpdGhtIjoic2hhMjU2In0seyJuYW1lIjoiZGIvdWFtMi9wb2xpY3kvb3BhLXB"
	"vbGljeS5yZWdvIiwiaGFzaCI6IjQyY2ZlNjc2OGI1N2JiNWY3NTAzYzE2NWMyOGRkMDdhYzViODEzNTU0ZWJjODUwZjJjYzM"
	"1ODQzZTcxMzdiMWQifV0sImlhdCI6MTU5MjI1MTQwNiwiaXNzIjoiSldUU2VydmljZSIsInNjb3BlIjoid3JpdGUifQ.UZcX"
	"_Qj29o213nwZ5mysiyNcgAp1AOqCkDLkj1KGZ7Cw3l17TbkF8t3FJd654sf762NGcABA0WQ2zxq-labXl_d5TKQmq23lurO3"
	"qLHI1cKQPyoxPbddGo78sJpMwWsiMyEYcyyKC9FpNUpa8cT81GPo4q9Zui8TAD0wtHh2YxBL7E8QYLJxcLMJTJxVBgrQGLXF"
	"T7vYRc6hJz9Vu-i0SWuLBGxOCmYoHr4DWFfy0IhAbhiUFyLRpukfBPjCJNYY5LgaZdN6LaYivtIEUms5jUuXubBimLJm7KOT"
	"5-bgJMXTcUsbrbl2Ma7PwG5IOKjjgyEvH8KVfGFZSzNrpuxKmA";
static const char token_hs256[] =
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImZvbyJ9.eyJmaWxlcyI6W3sibmFtZSI6ImRiL3VhbTIvZW50aXR"
	"sZW1lbnRzL2RhdGEuanNvbiIsImhhc2giOiJjMjEzMTU0NGM3MTZhMjVhNWUzMWY1MDQzMDBmNTI0MGU4MjM1Y2FkYjlhNTd"
	"mMGJkMWI2ZjRiZDc0YjI2NjEyIiwiYWxnb3JpdGhtIjoic2hhMjU2In0seyJuYW1lIjoiZGIvdWFtMi9wb2xpY3kvb3BhLXB"
	"vbGljeS5yZWdvIiwiaGFzaCI6IjQyY2ZlNjc2OGI1N2JiNWY3NTAzYzE2NWMyOGRkMDdhYzViODEzNTU0ZWJjODUwZjJjYzM"
	"1ODQzZTcxMzdiMWQifV0sImlhdCI6MTU5MjI0ODAyNywiaXNzIjoiSldUU2VydmljZSIsInNjb3BlIjoid3JpdGUifQ.u7b_"
	"h88osJpU6VQLhIUmZjblsPNCO_kTqsVtpEAHavs";
static const char key_pem[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA9KaakMv1XKKDaSch3PFR\n"
	"3a27oaHp1GNTTNqvb1ZaHZXp+wuhYDwc/MTE67x9GCifvQBWzEGorgTq7aisiOyl\n"
	"vKifwz6/wQ+62WHKG/sqKn2Xikp3P63aBIPlZcHbkyyRmL62yeyuzYoGvLEYel+m\n"
	"z5SiKGBwviSY0Th2L4e5sGJuk2HOut6emxDi+E2Fuuj5zokFJvIT6Urlq8f3h6+l\n"
	"GeR6HUOXqoYVf7ff126GP7dticTVBgibxkkuJFmpvQSW6xmxruT4k6iwjzbZHY7P\n"
	"ypZ/TdlnuGC1cOpAVyU7k32IJ9CRbt3nwEf5U54LRXLLQjFixWZHwKdDiMTF4ws0\n"
	"+wIDAQAB\n"
	"-----END PUBLIC KEY-----\n";
static const char weak_pem[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDMYfnvWtC8Id5bPKae5yXSxQTt\n"
	"+Zpul6AnnZWfI2TtIarvjHBFUtXRo96y7hoL4VWOPKGCsRqMFDkrbeUjRrx8iL91\n"
	"4/srnyf6sh9c8Zk04xEOpK1ypvBz+Ks4uZObtjnnitf0NBGdjMKxveTq+VE7BWUI\n"
	"yQjtQ8mbDOsiLLvh7wIDAQAB\n"
	"-----END PUBLIC KEY-----\n";

static struct arena arena = ARENA_INIT(64 << 20);
static struct error err;

/* A bundle with one data file, and with .signatures.json as it is given. */
static int check(const char *signatures, const char *pem, struct policy_verification how)
{
	struct policy_key key = { .name = "k.pem" };
	struct policy_entry items[] = {
		{ ".signatures.json", str_from(signatures) }, { "data.json", STR("{}") },
	};
	struct policy_entries entries = { .items = items, .count = ARRAY_SIZE(items) };

	err = (struct error)ERROR_INIT;
	CHECK_INT(crypto_key_read_pem(&arena, str_from(pem), 1024, &key.key, &err), 0);
	if (!how.key_count) {
		how.keys = &key;
		how.key_count = 1;
	}
	return policy_signature_check(&arena, &entries, &how, &err);
}

static const char *with(const char *token)
{
	return arena_printf(&arena, "{\"signatures\": [\"%s\"]}", token);
}

#define CHECK_SAID(wanted) \
	do { if (!strstr(err.text, (wanted))) \
		test_fail(__FILE__, __LINE__, "said \"%s\", wanted \"%s\"", err.text, (wanted)); } while (0)

/* The signature and the scope of OPA's token are fine; it is of other files. */
TEST(opas_token)
{
	struct policy_verification how = { .scope = "write" };

	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_TEXT(err.text, "its signature is for 'db/uam2/entitlements/data.json', which it does not hold");
	how.algorithm = CRYPTO_RS256;
	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_SAID("which it does not hold");
	how.algorithm = CRYPTO_PS256;
	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_SAID("is by the algorithm 'RS256', and 'PS256' is wanted");
	how = (struct policy_verification){ 0 };
	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_SAID("signed for the scope 'write', and '' is wanted");
	arena_fini(&arena);
}

TEST(every_bit_counts)
{
	struct policy_verification how = { .scope = "write" };
	const char *dot = strrchr(token_rs256, '.');

	for (size_t i = 0; i < sizeof(token_rs256) - 1; i += 3) {
		char *changed = arena_copy(&arena, token_rs256, sizeof(token_rs256) - 1);

		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		CHECK_INT(check(with(changed), key_pem, how), -EBADMSG);
		CHECK(!strstr(err.text, "does not hold"));
		if (token_rs256 + i > dot)
			CHECK(strstr(err.text, "is not by the key 'k.pem'") || strstr(err.text, "malformed"));
	}
	arena_fini(&arena);
}

TEST(keys_and_algorithms_fit)
{
	struct policy_verification how = { .scope = "write" };
	struct policy_key keys[2] = { { .name = "weak.pem" }, { .name = "k.pem" } };

	CHECK_INT(check(with(token_rs256), weak_pem, how), -EBADMSG);
	CHECK_SAID("is not by the key 'k.pem'");
	/* the public key as a secret of both: a key of RSA is no secret */
	CHECK_INT(check(with(token_hs256), key_pem, how), -EBADMSG);
	CHECK_SAID("by the algorithm 'HS256', and 'k.pem' is a key of RSA");
	/* {"alg":"none"}, without a signature and with one */
	CHECK_INT(check(with("eyJhbGciOiJub25lIn0.e30."), key_pem, how), -EBADMSG);
	CHECK_INT(check(with("eyJhbGciOiJub25lIn0.e30.AAAA"), key_pem, how), -EBADMSG);
	CHECK_SAID("by the algorithm 'none', which is not taken");
	/* {"alg":"ES256"} with a key of RSA */
	CHECK_INT(check(with("eyJhbGciOiJFUzI1NiJ9.e30.AAAA"), key_pem, how), -EBADMSG);
	CHECK_SAID("by the algorithm 'ES256', and 'k.pem' is a key of RSA");
	/* one of two is enough; the token says that it is by 'foo' */
	CHECK_INT(crypto_key_read_pem(&arena, str_from(weak_pem), 1024, &keys[0].key, &err), 0);
	CHECK_INT(crypto_key_read_pem(&arena, str_from(key_pem), 0, &keys[1].key, &err), 0);
	how.keys = keys;
	how.key_count = 2;
	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_SAID("which it does not hold");
	keys[1].id = STR("foo");
	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_SAID("which it does not hold");
	keys[1].id = STR("bar");
	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_SAID("is not by the key 'weak.pem'");
	keys[0].id = STR("bar");
	CHECK_INT(check(with(token_rs256), key_pem, how), -EBADMSG);
	CHECK_SAID("it is signed with the key 'foo', and no key of that name is known");
	/* a secret, where somebody asked for it */
	CHECK_INT(crypto_key_secret(STR("secret"), &keys[1].key), 0);
	keys[1].id = STR("");
	CHECK_INT(check(with(token_hs256), key_pem, how), -EBADMSG);
	CHECK_SAID("which it does not hold");
	arena_fini(&arena);
}

/* ---- signing ---- */

/* RFC 8037, A.1 */
static const char signing_key[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
	"\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
	"\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static struct policy_entry files[] = {
	{ ".manifest", STR("{\"revision\": \"7\"}") },
	{ ".signatures.json", STR("") },
	{ "a/data.json", STR("{\"b\": 1.0, \"a\": \"\\u2028<&>\"}") },
	{ "a/x.rego", STR("package a\n") },
	{ "a/y.rego", STR("package a.y\n") },
};
static struct policy_entries all = { .items = files, .count = ARRAY_SIZE(files) };

static struct policy_key make(struct str id, const char *claims)
{
	const struct crypto_key *keys;
	struct policy_signing signing = { .id = id };
	struct policy_key key = { .name = "k" };
	size_t count;

	CHECK_INT(crypto_keys_read(&arena, str_from(signing_key), 0, &keys, &count, &err), 0);
	signing.key = keys;
	if (claims)
		CHECK_INT(json_read(&arena, str_from(claims), JSON_READ_STRICT, &signing.claims, &err), 0);
	CHECK_INT(policy_signature_make(&arena, &all, &signing, &files[1].content, &err), 0);
	key.key = *keys;
	return key;
}

static int verify(const struct policy_key *key, const char *scope)
{
	const struct policy_verification how = { .keys = key, .key_count = 1, .scope = scope };

	return policy_signature_check(&arena, &all, &how, &err);
}

TEST(what_is_signed_verifies)
{
	struct policy_key key = make(STR("team"), NULL);
	struct str content;

	CHECK_INT(verify(&key, NULL), 1);
	key.id = STR("team");
	CHECK_INT(verify(&key, NULL), 1);
	key.id = STR("others");
	CHECK_INT(verify(&key, NULL), -EBADMSG);
	CHECK_TEXT(err.text, "it is signed with the key 'team', and no key of that name is known");
	key = make(STR("default"), "{\"scope\": \"write\"}");
	key.id = STR("others");
	CHECK_INT(verify(&key, "write"), 1);
	CHECK_INT(verify(&key, NULL), -EBADMSG);
	CHECK_TEXT(err.text, "it is signed for the scope 'write', and '' is wanted");
	/* a document may be laid out anew, and nothing else may */
	content = files[2].content;
	files[2].content = STR("{\"a\":\"\\u2028<&>\",\n\"b\":1.0}");
	CHECK_INT(verify(&key, "write"), 1);
	files[2].content = STR("{\"a\":\"\\u2028<&>\",\"b\":1}");
	CHECK_INT(verify(&key, "write"), -EBADMSG);
	CHECK_TEXT(err.text, "'a/data.json' in it is not what was signed");
	files[2].content = STR("{");
	CHECK_INT(verify(&key, "write"), -EBADMSG);
	files[2].content = content;
	files[3].content = STR("package a\n\n");
	CHECK_INT(verify(&key, "write"), -EBADMSG);
	CHECK_TEXT(err.text, "'a/x.rego' in it is not what was signed");
	files[3].content = STR("package a\n");
	all.count--;
	CHECK_INT(verify(&key, "write"), -EBADMSG);
	CHECK_TEXT(err.text, "its signature is for 'a/y.rego', which it does not hold");
	key = make(STR(""), NULL);
	CHECK_INT(verify(&key, NULL), 1);
	all.count++;
	CHECK_INT(verify(&key, NULL), -EBADMSG);
	CHECK_TEXT(err.text, "'a/y.rego' in it was not signed");
	arena_fini(&arena);
}

TEST(what_cannot_be_signed)
{
	struct policy_key key = make(STR(""), NULL);
	struct policy_signing signing = { .key = &key.key, .algorithm = CRYPTO_RS256 };
	const struct json *claims;
	struct str text;

	CHECK_INT(policy_signature_make(&arena, &all, &signing, &text, &err), -EINVAL);
	CHECK_TEXT(err.text, "'RS256' is no algorithm for a key of Ed25519");
	signing.algorithm = CRYPTO_EDDSA;
	key.key.is_private = false;
	CHECK_INT(policy_signature_make(&arena, &all, &signing, &text, &err), -EINVAL);
	CHECK_TEXT(err.text, "the key is a public one, and signs nothing");
	key.key.is_private = true;
	CHECK_INT(json_read(&arena, STR("{\"files\": []}"), JSON_READ_STRICT, &claims, &err), 0);
	signing.claims = claims;
	CHECK_INT(policy_signature_make(&arena, &all, &signing, &text, &err), -EINVAL);
	CHECK_SAID("have a list of files themselves");
	signing.claims = NULL;
	files[2].content = STR("{");
	CHECK_INT(policy_signature_make(&arena, &all, &signing, &text, &err), -EBADMSG);
	arena_fini(&arena);
}

/* ---- the rest ---- */

TEST(malformed_files)
{
	static const char *const texts[] = {
		"", "[]", "{}", "{\"signatures\": []}", "{\"signatures\": [1]}",
		"{\"signatures\": [\"a\", \"b\"]}", "{\"signatures\": [\"\"]}", "{\"signatures\": [\"a.b\"]}",
		"{\"signatures\": [\"a.b.c.d\"]}", "{\"signatures\": [\"e30.e30.AAAA\"]}",
		"{\"signatures\": [\"eyJhbGciOiJSUzI1NiJ9.W10.AAAA\"]}",
		"{\"signatures\": [\"eyJhbGciOiJSUzI1NiJ9.e30.\"]}",
		"{\"signatures\": [\"eyJhbGciOiJSUzI1NiJ9.e30=.AAAA\"]}",
		"{\"plugin\": \"mine\", \"signatures\": [\"eyJhbGciOiJSUzI1NiJ9.e30.AAAA\"]}",
		/* {"alg":"RS256","crit":["x"]} */
		"{\"signatures\": [\"eyJhbGciOiJSUzI1NiIsImNyaXQiOlsieCJdfQ.e30.AAAA\"]}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		CHECK_INT(check(texts[i], key_pem, (struct policy_verification){ 0 }), -EBADMSG);
		CHECK_SAID("its .signatures.json");
	}
	arena_fini(&arena);
}

TEST(who_wants_a_signature)
{
	struct policy_entry item = { "data.json", STR("{}") };
	struct policy_entries entries = { .items = &item, .count = 1 };
	struct policy_verification wanted = { .is_required = true }, skipped = { .is_skipped = true };

	CHECK_INT(policy_signature_check(&arena, &entries, NULL, &err), 0);
	CHECK_INT(policy_signature_check(&arena, &entries, &wanted, &err), -EPERM);
	item.name = ".signatures.json";
	CHECK_INT(policy_signature_check(&arena, &entries, NULL, &err), -EPERM);
	CHECK_SAID("there is no key to verify it with");
	CHECK_INT(policy_signature_check(&arena, &entries, &skipped, &err), 0);
	skipped.is_required = true;
	CHECK_INT(policy_signature_check(&arena, &entries, &skipped, &err), -EPERM);
	arena_fini(&arena);
}

TEST(digests)
{
	static const struct {
		const char *algorithm;
		int bytes;
		unsigned char first;
	} rows[] = {
		/* of "abc", FIPS 180-4 */
		{ "SHA-224", 28, 0x23 }, { "SHA-256", 32, 0xba }, { "SHA-384", 48, 0xcb },
		{ "SHA-512", 64, 0xdd }, { "SHA-512-224", 28, 0x46 }, { "SHA-512-256", 32, 0x53 },
		{ "MD5", -EBADMSG, 0 }, { "SHA-1", -EBADMSG, 0 }, { "sha-256", -EBADMSG, 0 },
		{ "", -EBADMSG, 0 },
	};
	const struct policy_entry entry = { "x", STR("abc") };
	unsigned char digest[CRYPTO_HASH_BYTES_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_INT(policy_signature_digest(&entry, str_from(rows[i].algorithm), digest, &err),
			rows[i].bytes);
		if (rows[i].bytes > 0)
			CHECK_INT(digest[0], rows[i].first);
	}
}

TEST_MAIN()
