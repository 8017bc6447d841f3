/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldns_oracle.h - what NLnet Labs' ldns says about a message of DNS, for tests that have it
 *
 * By itself, ldns also takes records whose data are longer or shorter than they say. Here, such a message is
 * none.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ldns_opinion {
	unsigned id, opcode, rcode, question_count, answer_count, authority_count, additional_count;
	unsigned is_response, is_truncated, is_recursive, is_unchecked, has_edns, is_dnssec, room_bytes;
	unsigned type, class;		/* of the first question */
	uint8_t name[255];		/* of the first question, as a message has it, in lower case */
	size_t name_len;
	unsigned error;			/* an extended error's number and text */
	size_t error_len;
	char error_text[256];
};

/** ldns_oracle_is_there() - whether this build has ldns; Return: 1 or 0 */
int ldns_oracle_is_there(void);

/**
 * ldns_oracle_read() - a message
 * @data: @len bytes
 * @len:  bytes
 * @ret:  set where it is one
 *
 * Return: 1 for a message, 0 for none, -1 without ldns.
 */
int ldns_oracle_read(const uint8_t *data, size_t len, struct ldns_opinion *ret);

/**
 * ldns_oracle_has() - whether a record of a type with these data stands among the answers
 * @data:     @len bytes of a message
 * @len:      bytes
 * @type:     of the record
 * @rdata:    its data, names in them written out and in lower case
 * @rdata_len: bytes
 *
 * Return: 1 or 0; -1 without ldns.
 */
int ldns_oracle_has(const uint8_t *data, size_t len, unsigned type, const uint8_t *rdata, size_t rdata_len);
