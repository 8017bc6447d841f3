// SPDX-License-Identifier: Apache-2.0
/*
 * ldns_none.c - ldns is not supported in this build, and says nothing about any message
 */
#include "lib/ldns_oracle.h"

int ldns_oracle_is_there(void)
{
	return 0;
}

int ldns_oracle_read(const uint8_t *data, size_t len, struct ldns_opinion *ret)
{
	(void)data;
	(void)len;
	(void)ret;
	return -1;
}

int ldns_oracle_has(const uint8_t *data, size_t len, unsigned type, const uint8_t *rdata, size_t rdata_len)
{
	(void)data;
	(void)len;
	(void)type;
	(void)rdata;
	(void)rdata_len;
	return -1;
}
