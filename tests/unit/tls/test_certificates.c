// SPDX-License-Identifier: Apache-2.0
/*
 * test_certificates.c - the authority of a control API: what it signs, and that nothing is left of its key
 */
#include "lib/test.h"

#include "roles/tls/openssl.h"

#include "base/fd.h"
#include "kern/file.h"

#include <fcntl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

enum {
	MASK = 0x5a,
	MAP_LINE = 512,
	PIECE = 1 << 16,
};

static const int64_t now_s = 1790000000;

/* A seed that is nowhere in memory but where it is made of this. */
static void unmask(const unsigned char masked[CERTIFICATES_SEED_BYTES], unsigned char *ret)
{
	for (size_t i = 0; i < CERTIFICATES_SEED_BYTES; i++)
		ret[i] = masked[i] ^ MASK;
}

static bool piece_has(const unsigned char *data, size_t len, const unsigned char *masked)
{
	for (size_t at = 0; at + CERTIFICATES_SEED_BYTES <= len; at++) {
		size_t same = 0;

		while (same < CERTIFICATES_SEED_BYTES && data[at + same] == (masked[same] ^ MASK))
			same++;
		if (same == CERTIFICATES_SEED_BYTES)
			return true;
	}
	return false;
}

static bool range_has(int mem_fd, uint64_t from, uint64_t to, const unsigned char *masked)
{
	unsigned char *piece = malloc(PIECE);
	bool has = false;

	for (; from < to && !has; from += PIECE - CERTIFICATES_SEED_BYTES) {
		ssize_t n = pread(mem_fd, piece, (size_t)MIN((uint64_t)PIECE, to - from), (off_t)from);

		if (n <= 0)
			break;
		/* The piece that is looked through would be found in a later one. */
		has = piece_has(piece, (size_t)n, masked);
		explicit_bzero(piece, PIECE);
	}
	free(piece);
	return has;
}

static bool memory_has(const unsigned char masked[CERTIFICATES_SEED_BYTES])
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int mem_fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char line[MAP_LINE];
	bool has = false;

	CHECK(maps && mem_fd >= 0);
	while (!has && fgets(line, sizeof(line), maps)) {
		char *end;
		unsigned long long from = strtoull(line, &end, 16), to = strtoull(end + 1, &end, 16);

		if (strncmp(end, " rw", 3) == 0)
			has = range_has(mem_fd, from, to, masked);
	}
	fclose(maps);
	close(mem_fd);
	return has;
}

static void make_masked(unsigned char masked[CERTIFICATES_SEED_BYTES])
{
	for (size_t i = 0; i < CERTIFICATES_SEED_BYTES; i++)
		masked[i] = (unsigned char)(i * 7 + 13);
}

static struct certificates *make(void)
{
	unsigned char masked[CERTIFICATES_SEED_BYTES], seed[CERTIFICATES_SEED_BYTES];
	struct certificates *certificates = NULL;
	struct error err = ERROR_INIT;

	make_masked(masked);
	unmask(masked, seed);
	CHECK_INT(certificates_new(seed, now_s, &certificates, &err), 0);
	return certificates;
}

TEST(the_authoritys_key_is_wiped)
{
	unsigned char masked[CERTIFICATES_SEED_BYTES], *seed = malloc(CERTIFICATES_SEED_BYTES);
	struct certificates *certificates = NULL;
	struct error err = ERROR_INIT;

	make_masked(masked);
	unmask(masked, seed);
	CHECK(memory_has(masked));
	CHECK_INT(certificates_new(seed, now_s, &certificates, &err), 0);
	CHECK(!memory_has(masked));
	free(seed);
	certificates_free(certificates);
}

static void check_one(X509 *certificate, X509 *ca, int purpose, int64_t days)
{
	const ASN1_TIME *begin = X509_get0_notBefore(certificate), *end = X509_get0_notAfter(certificate);
	int day = 0, sec = 0;
	BIGNUM *serial;

	CHECK_INT(X509_get_version(certificate), 2);
	CHECK_INT(X509_get_signature_nid(certificate), NID_ED25519);
	CHECK_INT(EVP_PKEY_get_id(X509_get0_pubkey(certificate)), EVP_PKEY_ED25519);
	CHECK_INT(X509_verify(certificate, X509_get0_pubkey(ca)), 1);
	CHECK_INT(X509_check_purpose(certificate, purpose, 0), 1);
	CHECK(ASN1_TIME_diff(&day, &sec, begin, end));
	CHECK_INT(day, days);
	CHECK_INT(sec, CERTIFICATES_EARLY_SEC);
	CHECK_INT(ASN1_TIME_cmp_time_t(begin, (time_t)(now_s - CERTIFICATES_EARLY_SEC)), 0);
	serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	CHECK(serial && !BN_is_zero(serial));
	BN_free(serial);
}

TEST(each_certificate_is_for_one_thing)
{
	struct certificates *certificates = make();

	check_one(certificates->server.certificate, certificates->ca, X509_PURPOSE_SSL_SERVER, 30);
	check_one(certificates->reader.certificate, certificates->ca, X509_PURPOSE_SSL_CLIENT, 30);
	check_one(certificates->operator_.certificate, certificates->ca, X509_PURPOSE_SSL_CLIENT, 30);
	CHECK_INT(X509_check_purpose(certificates->server.certificate, X509_PURPOSE_SSL_CLIENT, 0), 0);
	CHECK_INT(X509_check_purpose(certificates->reader.certificate, X509_PURPOSE_SSL_SERVER, 0), 0);
	CHECK_INT(X509_check_ip_asc(certificates->server.certificate, "127.0.0.1", 0), 1);
	CHECK_INT(X509_check_ip_asc(certificates->server.certificate, "127.0.0.2", 0), 0);
	CHECK_INT(X509_check_ca(certificates->ca), 1);
	CHECK_INT(X509_get_pathlen(certificates->ca), 0);
	CHECK_INT(X509_check_ca(certificates->reader.certificate), 0);
	CHECK(X509_cmp(certificates->reader.certificate, certificates->operator_.certificate));
	certificates_free(certificates);
}

TEST(files_are_0600_and_replace_nothing)
{
	static const char *const names[] = { API_FILES };
	struct certificates *certificates = make();
	int dirfd = open(test_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct error err = ERROR_INIT;
	struct stat st;

	umask(0);
	CHECK_INT(certificates_save(certificates, dirfd, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK_INT(fstatat(dirfd, names[i], &st, AT_SYMLINK_NOFOLLOW), 0);
		CHECK_INT(st.st_mode, S_IFREG | 0600);
	}
	/* The server's key is in memory alone, and those of the clients in files alone. */
	CHECK(certificates->server.key && !certificates->reader.key && !certificates->operator_.key);
	certificates_free(certificates);
	certificates = make();
	CHECK_INT(certificates_save(certificates, dirfd, &err), -EEXIST);
	certificates_free(certificates);
	close(dirfd);
}

TEST_MAIN()
