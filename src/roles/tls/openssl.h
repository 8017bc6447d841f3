/* SPDX-License-Identifier: Apache-2.0 */
/*
 * openssl.h - what the two files that use OpenSSL share
 */
#pragma once

#include "roles/tls/tls.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

struct identity {
	X509 *certificate;
	EVP_PKEY *key;
};

struct certificates {
	X509 *ca;
	struct identity server, reader, operator_;
};
