// SPDX-License-Identifier: Apache-2.0
/*
 * test_x509.c - certificates that lead to one another, and all those that do not
 *
 * The certificates are those of tests/data/x509, which says how they were made. Go's crypto/x509 was asked
 * about the same chains, and says the same of each.
 */
#include "crypto/pem.h"
#include "crypto/x509.h"
#include "lib/test.h"
#include "test_source_dir.h"

#include <errno.h>
#include <stdio.h>

#define NOW_NS INT64_C(1795342830000000000)

enum {
	CERTS_MAX = 256,
	FILE_MAX = 8192,
};

struct chain {
	struct arena arena;
	struct x509_certificate certs[CERTS_MAX];
	size_t count;
};

static struct str der_of(struct arena *arena, const char *name)
{
	char path[256], *text = arena_alloc(arena, FILE_MAX);
	struct str rest, label, der = { 0 };
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/data/x509/%s", TEST_SOURCE_DIR, name);
	file = fopen(path, "re");
	CHECK(file);
	rest = (struct str){ text, fread(text, 1, FILE_MAX, file) };
	fclose(file);
	CHECK_INT(pem_take(arena, &rest, &label, &der), 0);
	return der;
}

static int add(struct chain *chain, struct str der)
{
	struct error err = ERROR_INIT;
	int r = x509_read(&chain->arena, &der, &chain->certs[chain->count], &err);

	CHECK((r < 0) == (err.code != 0));
	if (r >= 0 && der.len)
		return -EBADMSG;
	chain->count += r >= 0;
	return r;
}

static void add_names(struct chain *chain, const char *names)
{
	struct str rest = str_from(names), name;
	char file[64];

	for (bool more = true; more;) {
		more = str_cut(rest, ' ', &name, &rest);
		(void)snprintf(file, sizeof(file), "%.*s.pem", STR_FMT(name));
		CHECK_INT(add(chain, der_of(&chain->arena, file)), 0);
	}
}

static const struct x509_options usual = { .now_ns = NOW_NS, .comparisons_max = 250000 };

static int verify_with(struct chain *chain, const struct x509_options *options, size_t *ret_count)
{
	struct x509_chain found = { .count = 0 };
	int r = x509_verify(&chain->arena, chain->certs, chain->count, options, &found);

	*ret_count = found.count;
	return r;
}

static int verify_names(const char *names, const struct x509_options *options)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct chain *chain = arena_alloc(&arena, sizeof(*chain));
	size_t count;
	int r;

	chain->arena.limit_bytes = 8 << 20;
	add_names(chain, names);
	r = verify_with(chain, options, &count);
	arena_fini(&chain->arena);
	return r < 0 ? r : (int)count;
}

/* ---- chains ---- */

TEST(who_is_vouched_for)
{
	static const struct {
		const char *names;
		int wanted;		/* certificates in the chain, or an error */
	} rows[] = {
		{ "root inter leaf", 3 },
		{ "root direct", 2 },
		{ "inter leaf", 2 },
		/* the trusted one itself */
		{ "leaf leaf", 1 },
		/* those that lead nowhere do no harm, nor does their order */
		{ "root deep expired inter leaf", 3 },
		{ "root inter inter impostor leaf", 3 },
		{ "root leaf", -EKEYREJECTED },
		{ "leaf inter root", -EKEYREJECTED },
		{ "root inter expired", -EKEYREJECTED },
		{ "root old-inter under-old", -EKEYREJECTED },
		{ "root inter client", -EKEYREJECTED },
		{ "root inter critical", -EKEYREJECTED },
		/* a name is not a key */
		{ "root forged", -EKEYREJECTED },
		{ "root impostor forged", -EKEYREJECTED },
		{ "impostor inter leaf", -EKEYREJECTED },
		/* who may not sign */
		{ "root noca under-noca", -EKEYREJECTED },
		{ "root nosign under-nosign", -EKEYREJECTED },
		{ "root nobasic under-nobasic", -EKEYREJECTED },
		{ "noca under-noca", -EKEYREJECTED },
		{ "root inter deep under-deep", -EKEYREJECTED },
		{ "root deep inter under-deep", -EKEYREJECTED },
		/* names that an authority may not vouch for */
		{ "root bound bound-good", 3 },
		{ "root bound bound-dns", -EKEYREJECTED },
		{ "root bound bound-suffix", -EKEYREJECTED },
		{ "root bound bound-secret", -EKEYREJECTED },
		{ "root bound bound-star", -EKEYREJECTED },
		{ "root bound bound-ip", -EKEYREJECTED },
		{ "root bound bound-ip-out", -EKEYREJECTED },
		{ "root bound bound-uri", -EKEYREJECTED },
		{ "root bound bound-uri-ip", -EKEYREJECTED },
		{ "root bound bound-mail", -EKEYREJECTED },
		{ "root bound bound-inter under-bound-inter", -EKEYREJECTED },
		{ "bound bound-dns", -EKEYREJECTED },
		{ "root odd under-odd", -EKEYREJECTED },
		{ "root strict under-strict", -EKEYREJECTED },
		/* what else signs */
		{ "rsa under-rsa", 2 },
		{ "rsa under-rsa-pss", 2 },
		{ "rsa under-rsa-sha1", -EKEYREJECTED },
		{ "ed25519 under-ed25519", 2 },
		{ "p384 under-p384", 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int got = verify_names(rows[i].names, &usual);

		if (got != rows[i].wanted)
			test_fail(__FILE__, __LINE__, "%s: %d, wanted %d", rows[i].names, got,
				rows[i].wanted);
	}
}

TEST(a_time_and_a_use)
{
	struct x509_options options = usual;

	/* 2020-01-01T00:00:00Z to 2049-12-31T23:59:59Z, both included */
	options.now_ns = INT64_C(1577836800000000000);
	CHECK_INT(verify_names("root inter leaf", &options), 3);
	options.now_ns--;
	CHECK_INT(verify_names("root inter leaf", &options), -EKEYREJECTED);
	options.now_ns = INT64_C(2524607999000000000);
	CHECK_INT(verify_names("root inter leaf", &options), 3);
	options.now_ns++;
	CHECK_INT(verify_names("root inter leaf", &options), -EKEYREJECTED);
	options = usual;
	options.usages = 1 << X509_USAGE_CLIENT;
	CHECK_INT(verify_names("root inter client", &options), 3);
	CHECK_INT(verify_names("root inter leaf", &options), -EKEYREJECTED);
	options.usages |= 1 << X509_USAGE_SERVER;
	CHECK_INT(verify_names("root inter leaf", &options), 3);
	options.usages = 1 << X509_USAGE_ANY;
	CHECK_INT(verify_names("root inter client", &options), 3);
	CHECK_INT(verify_names("root inter critical", &options), -EKEYREJECTED);
}

static bool never(void *context, const struct crypto_key *key, size_t count)
{
	(void)key;
	(void)count;
	return (*(int *)context)-- > 0;
}

TEST(work_is_bounded)
{
	struct x509_options options = usual;
	int times = 0;

	/* names of the last, with constraints of the one above: 2 of DNS, 2 of addresses, 1 and 1 */
	options.comparisons_max = 6;
	CHECK_INT(verify_names("root bound bound-good", &options), 3);
	options.comparisons_max = 5;
	CHECK_INT(verify_names("root bound bound-good", &options), -EKEYREJECTED);
	options.comparisons_max = -1;
	CHECK_INT(verify_names("root bound bound-good", &options), -EKEYREJECTED);
	CHECK_INT(verify_names("root inter leaf", &options), 3);
	options = usual;
	options.may = never;
	options.context = &times;
	for (int i = 0; i < 6; i++) {
		times = i;
		CHECK_INT(verify_names("root bound bound-good", &options), -ECANCELED);
	}
	times = 6;
	CHECK_INT(verify_names("root bound bound-good", &options), 3);
}

/* Authorities that are all called the same, and have the right key, and lead nowhere. */
static int verify_crowd(size_t crowd)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	struct chain *chain = arena_alloc(&arena, sizeof(*chain));
	struct str inter = der_of(&arena, "inter.pem");
	size_t count;
	int r;

	chain->arena.limit_bytes = 64 << 20;
	add_names(chain, "root");
	for (size_t i = 0; i < crowd; i++) {
		char *copy = arena_copy(&arena, inter.data, inter.len);

		/* somewhere in the signature */
		copy[inter.len - 1] ^= (char)(1 + i);
		CHECK_INT(add(chain, (struct str){ copy, inter.len }), 0);
	}
	add_names(chain, "inter leaf");
	r = verify_with(chain, &usual, &count);
	arena_fini(&chain->arena);
	return r < 0 ? r : (int)count;
}

TEST(a_crowd_costs_no_more_than_a_hundred_signatures)
{
	CHECK_INT(verify_crowd(10), 3);
	CHECK_INT(verify_crowd(49), 3);
	CHECK_INT(verify_crowd(50), -EKEYREJECTED);
	CHECK_INT(verify_crowd(200), -EKEYREJECTED);
}

/* ---- bytes ---- */

/* Whatever bit of a certificate is another one, it is not vouched for. */
TEST(no_bit_can_be_changed)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	struct str leaf = der_of(&arena, "leaf.pem");

	for (size_t i = 0; i < 8 * leaf.len; i += 3) {
		scoped(arena) struct arena mine = ARENA_INIT(1 << 20);
		struct chain *chain = arena_alloc(&mine, sizeof(*chain));
		char *copy = arena_copy(&mine, leaf.data, leaf.len);
		size_t count;

		chain->arena.limit_bytes = 1 << 20;
		add_names(chain, "root inter");
		copy[i / 8] ^= (char)(1 << i % 8);
		if (add(chain, (struct str){ copy, leaf.len }) >= 0 &&
				verify_with(chain, &usual, &count) >= 0)
			test_fail(__FILE__, __LINE__, "bit %zu", i);
		arena_fini(&chain->arena);
	}
}

static int read_bytes(struct str der)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct x509_certificate cert;
	struct str rest = der;
	int r = x509_read(&arena, &rest, &cert, NULL);

	return r < 0 ? r : rest.len ? 1 : 0;
}

/* @der with @count bytes at @at replaced by @with. */
static struct str changed(struct arena *arena, struct str der, size_t at, size_t count, struct str with)
{
	size_t len = der.len - count + with.len;
	char *out = arena_alloc(arena, len + 1);

	memcpy(out, der.data, at);
	memcpy(out + at, with.data, with.len);
	memcpy(out + at + with.len, der.data + at + count, der.len - at - count);
	return (struct str){ out, len };
}

TEST(only_der_is_read)
{
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	struct str leaf = der_of(&arena, "leaf.pem"), root = der_of(&arena, "root.pem");
	const char *critical = memmem(root.data, root.len, "\x55\x1d\x13\x01\x01\xff", 6);

	CHECK_INT(read_bytes(leaf), 0);
	/* 30 82 xx xx 30 82 xx xx a0 03 02 01 02 02 14 SERIAL */
	CHECK(!memcmp(leaf.data, "\x30\x82", 2) && !memcmp(leaf.data + 8, "\xa0\x03\x02\x01\x02\x02\x14", 7));
	for (size_t len = 0; len < leaf.len; len++)
		CHECK_INT(read_bytes((struct str){ leaf.data, len }), -EBADMSG);
	/* bytes behind are the next certificate */
	CHECK_INT(read_bytes(changed(&arena, leaf, leaf.len, 0, STR("\0"))), 1);
	/* a length that is not the shortest, one without an end, one that is negative, one beyond the text */
	CHECK_INT(read_bytes(changed(&arena, leaf, 1, 1, STR("\x83\0"))), -EBADMSG);
	CHECK_INT(read_bytes(changed(&arena, leaf, 1, 3, STR("\x80"))), -EBADMSG);
	CHECK_INT(read_bytes(changed(&arena, leaf, 1, 3, STR("\x84\xff\xff\xff\xff"))), -EBADMSG);
	CHECK_INT(read_bytes(changed(&arena, leaf, 2, 2, STR("\x7f\xff"))), -EBADMSG);
	/* a version that does not exist, a serial number below zero, with a zero too many, or a long tag */
	CHECK_INT(read_bytes(changed(&arena, leaf, 12, 1, STR("\x03"))), -EBADMSG);
	CHECK_INT(read_bytes(changed(&arena, leaf, 12, 1, STR("\xff"))), -EBADMSG);
	CHECK_INT(read_bytes(changed(&arena, leaf, 15, 1, STR("\x80"))), -EBADMSG);
	CHECK_INT(read_bytes(changed(&arena, leaf, 15, 2, STR("\0\x01"))), -EBADMSG);
	CHECK_INT(read_bytes(changed(&arena, leaf, 13, 1, STR("\x1f"))), -EBADMSG);
	/* true is one byte */
	CHECK(critical);
	CHECK_INT(read_bytes(root), 0);
	CHECK_INT(read_bytes(changed(&arena, root, (size_t)(critical - root.data) + 5, 1, STR("\x01"))),
		-EBADMSG);
}

/*
 * What may be left out, and is there, has to be right: a length one too large, an identifier one too short.
 */
TEST(nothing_broken_is_passed_over)
{
	static const struct {
		const char *file, *bytes;
		char last;		/* instead of the last of them */
	} rows[] = {
		{ "leaf.pem", "\x55\x1d\x23\x04\x18\x30\x16\x80\x14", 0x15 },
		{ "rsa.pem", "\x30\x1e\xa0\x1c\xa0\x1a\x86\x18", 0x19 },
		{ "rsa.pem", "\x30\x1e\xa0\x1c", 0x1d },
		{ "rsa.pem", "\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x17", 0x18 },
		{ "ed25519.pem", "\x30\x05\x06\x03\x2b\x65\x70\x03\x21", 0x22 },
	};
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str der = der_of(&arena, rows[i].file), bytes = str_from(rows[i].bytes);
		const char *at = memmem(der.data, der.len, bytes.data, bytes.len);

		CHECK(at);
		at += bytes.len - 1;
		CHECK_INT(read_bytes(der), 0);
		CHECK_INT(read_bytes(changed(&arena, der, (size_t)(at - der.data), 1,
			(struct str){ &rows[i].last, 1 })), -EBADMSG);
	}
}

/* The parameters of a key that nobody here knows are read no less strictly. */
TEST(an_unknown_key_is_in_der)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct str der = der_of(&arena, "under-ed25519.pem"),
		key = STR("\x30\x05\x06\x03\x2b\x65\x70\x03\x21");
	const char *at = memmem(der.data, der.len, key.data, key.len);
	struct x509_certificate cert;
	struct str unknown;

	CHECK(at);
	unknown = changed(&arena, der, (size_t)(at - der.data) + 6, 1, STR("\x01"));
	CHECK_INT(x509_read(&arena, &unknown, &cert, NULL), 0);
	CHECK_INT(cert.key.kind, CRYPTO_KEY_NONE);
	CHECK_INT(read_bytes(changed(&arena, der, (size_t)(at - der.data) + 3, 1, STR("\x02"))), -EBADMSG);
}

TEST(times_are_those_of_the_standard)
{
	static const struct {
		const char *time;	/* as long as "200101000000Z" */
		int64_t seconds;	/* 0: it is none */
	} rows[] = {
		{ "200101000000Z", 1577836800 }, { "491231235959Z", 2524607999 },
		{ "500101000000Z", -631152000 }, { "000229000000Z", 951782400 }, { "010229000000Z", 0 },
		{ "200001000000Z", 0 }, { "201301000000Z", 0 }, { "200100000000Z", 0 },
		{ "200132000000Z", 0 }, { "200431000000Z", 0 }, { "200101240000Z", 0 },
		{ "200101006000Z", 0 }, { "200101000060Z", 0 }, { "200101000000z", 0 },
		{ "2001010000+01", 0 }, { "20-101000000Z", 0 },
	};
	scoped(arena) struct arena arena = ARENA_INIT(16 << 20);
	struct str leaf = der_of(&arena, "leaf.pem");
	const char *at = memmem(leaf.data, leaf.len, "\x17\x0d" "200101000000Z", 15);

	CHECK(at);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str der = changed(&arena, leaf, (size_t)(at - leaf.data) + 2, 13,
			str_from(rows[i].time));
		struct x509_certificate cert;
		int r = x509_read(&arena, &der, &cert, NULL);

		if (r != (rows[i].seconds ? 0 : -EBADMSG) || (!r && cert.not_before != rows[i].seconds))
			test_fail(__FILE__, __LINE__, "%s: %d", rows[i].time, r);
	}
}

TEST(who_has_no_memory_gets_no_other_answer)
{
	scoped(arena) struct arena big = ARENA_INIT(1 << 20);
	struct str der = der_of(&big, "under-rsa.pem");
	size_t enough = 0;

	for (size_t bytes = 0; !enough && bytes < 65536; bytes += 32) {
		scoped(arena) struct arena arena = ARENA_INIT(bytes);
		struct x509_certificate cert;
		struct str rest = der;
		int r = x509_read(&arena, &rest, &cert, NULL);

		CHECK(!r || r == -EMSGSIZE);
		enough = r ? 0 : bytes;
	}
	CHECK(enough);
}

/* ---- blocks ---- */

static int count_blocks(const char *text)
{
	scoped(arena) struct arena arena = ARENA_INIT(65536);
	struct str rest = str_from(text), label, der;
	int count = 0, r;

	for (;;) {
		r = pem_take(&arena, &rest, &label, &der);
		if (r < 0)
			return r;
		if (!label.len)
			return count;
		count++;
	}
}

TEST(blocks_are_whole_or_an_error)
{
	CHECK_INT(count_blocks(""), 0);
	CHECK_INT(count_blocks("nothing\n"), 0);
	CHECK_INT(count_blocks("-----BEGIN A-----\nAAAA\n-----END A-----"), 1);
	CHECK_INT(count_blocks(
		"x\n-----BEGIN A-----\r\nAA\r\nAA  \r\n-----END A-----\r\ny\n-----BEGIN B-----\n-----END B-----\n"),
		2);
	CHECK_INT(count_blocks("-----BEGIN A-----\nAAAA\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN A-----\nAAAA\n-----END B-----\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN A-----\nAAA\n-----END A-----\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN A-----\nAAAA-----END A-----\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN A-----\nProc-Type: 4\n\nAAAA\n-----END A-----\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN A-----\n-----BEGIN A-----\nAAAA\n-----END A-----\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN -----\nAAAA\n-----END -----\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN A-----\nAAAA\n-----END A----\n"), -EBADMSG);
	CHECK_INT(count_blocks("-----BEGIN A\xff-----\nAAAA\n-----END A\xff-----\n"), -EBADMSG);
}

TEST_MAIN()
