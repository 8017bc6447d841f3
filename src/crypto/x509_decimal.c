// SPDX-License-Identifier: Apache-2.0
/*
 * x509_decimal.c - large numbers for people
 */
#include "crypto/crypto_internal.h"
#include "crypto/x509.h"

#include <nettle/bignum.h>

const char *x509_decimal(struct arena *arena, struct str number)
{
	/* a byte has less than two and a half digits */
	char *text = arena_alloc(arena, number.len * 5 / 2 + 3);
	mpz_t value;

	if (!text)
		return NULL;
	nettle_mpz_init_set_str_256_u(value, number.len, (const unsigned char *)number.data);
	mpz_get_str(text, 10, value);
	mpz_clear(value);
	return text;
}
