// SPDX-License-Identifier: Apache-2.0
/*
 * none.c - no OpenSSL, no certificates, nobody is served
 */
#include "roles/tls/tls.h"

#include "base/fd.h"

#include <errno.h>
#include <string.h>

int certificates_new(unsigned char ca_seed[CERTIFICATES_SEED_BYTES], UNUSED int64_t now_s,
	UNUSED struct certificates **ret, struct error *err)
{
	explicit_bzero(ca_seed, CERTIFICATES_SEED_BYTES);
	return error_set(err, -EOPNOTSUPP, "the control API is not supported in this build (OpenSSL)");
}

struct certificates *certificates_free(UNUSED struct certificates *certificates)
{
	return NULL;
}

int certificates_save(UNUSED struct certificates *certificates, UNUSED int dirfd, struct error *err)
{
	return error_set(err, -EOPNOTSUPP, "there are no certificates");
}

int endpoint_new(UNUSED const struct certificates *certificates, UNUSED struct endpoint **ret,
	struct error *err)
{
	return error_set(err, -EOPNOTSUPP, "there is no TLS");
}

struct endpoint *endpoint_free(UNUSED struct endpoint *endpoint)
{
	return NULL;
}

void link_new(UNUSED struct tls *tls, int fd)
{
	fd_close(fd);
}

void links_free(UNUSED struct tls *tls)
{
}
