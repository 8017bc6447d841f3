// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_diag.c - the kernel's answer to whose a connection is
 *
 * The first byte chooses what was asked (bit 0: a datagram, bit 1: IPv6), the rest is the datagram that came.
 *
 *   - a socket is named by an answer alone: the right type, the sequence that was asked with, the program's
 *     port
 *   - what is cut short anywhere names none
 */
#include "jail/diag.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SEQUENCE = 7,
	TYPE = 20,			/* SOCK_DIAG_BY_FAMILY */
	HEADER_BYTES = 16,
	ANSWER_BYTES = 72,		/* struct inet_diag_msg */
	PORT_AT = HEADER_BYTES + 4,
	INODE_AT = HEADER_BYTES + ANSWER_BYTES - 4,
};

static void check(const char *answer, size_t len, const struct jail_diag_pair *pair, uint64_t inode)
{
	uint32_t total, sequence, number;
	uint16_t type;
	uint64_t cut;

	assert(len >= HEADER_BYTES + ANSWER_BYTES);
	memcpy(&total, answer, sizeof(total));
	memcpy(&type, answer + 4, sizeof(type));
	memcpy(&sequence, answer + 8, sizeof(sequence));
	memcpy(&number, answer + INODE_AT, sizeof(number));
	assert(total <= len && type == TYPE && sequence == SEQUENCE && number == inode && inode);
	assert((uint8_t)answer[PORT_AT] == pair->port >> 8 &&
		(uint8_t)answer[PORT_AT + 1] == (pair->port & 255));
	for (size_t shorter = 0; shorter < HEADER_BYTES + ANSWER_BYTES; shorter++)
		assert(jail_diag_read(answer, shorter, SEQUENCE, pair, &cut) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jail_diag_pair pair = { .len = 4, .port = 40000, .server_port = 53 };
	uint64_t inode = 0;
	char *answer;

	if (!size)
		return 0;
	pair.is_udp = data[0] & 1;
	pair.len = data[0] & 2 ? 16 : 4;
	/* Exactly as long as it is, so that a look behind it is seen. */
	answer = malloc(size);
	assert(answer);
	memcpy(answer, data + 1, size - 1);
	if (jail_diag_read(answer, size - 1, SEQUENCE, &pair, &inode) >= 0)
		check(answer, size - 1, &pair, inode);
	else
		assert(!inode);
	free(answer);
	return 0;
}
