// SPDX-License-Identifier: Apache-2.0
/*
 * head.c - head.json, the end of a ledger as its writer knew it
 */
#include "ledger/head.h"

#include "ledger/chain.h"

#include "kern/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	HEAD_VERSION = 1,
	HEAD_ARENA_BYTES = 16 << 10,
};

void head_render(const struct ledger_head *head, const char *session, char ret[HEAD_BYTES])
{
	char hex[DIGEST_HEX_SIZE], text[HEAD_BYTES + 1];
	int len;

	digest_to_hex(&head->hash, hex);
	len = snprintf(text, sizeof(text),
		"{\"hash\":\"%s\",\"sequence\":%" PRIu64 ",\"session\":\"%s\",\"size\":%" PRIu64
		",\"version\":%d}",
		hex, head->sequence, session, head->size_bytes, HEAD_VERSION);
	assert(len > 0 && len < HEAD_BYTES);
	memset(ret, ' ', HEAD_BYTES - 1);
	memcpy(ret, text, (size_t)len);
	ret[HEAD_BYTES - 1] = '\n';
}

int head_parse(struct str text, const char *session, struct ledger_head *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(HEAD_ARENA_BYTES);
	struct ledger_head head;
	const struct json *value;
	char again[HEAD_BYTES];

	if (text.len != HEAD_BYTES || json_read(&arena, text, JSON_READ_STRICT, &value, NULL) < 0 ||
			chain_read_count(value, "sequence", &head.sequence) < 0 ||
			chain_read_count(value, "size", &head.size_bytes) < 0 ||
			chain_read_digest(value, "hash", &head.hash) < 0)
		return -EBADMSG;
	head_render(&head, session, again);
	if (memcmp(again, text.data, HEAD_BYTES) != 0)
		return -EBADMSG;
	*ret = head;
	return 0;
}

int head_write(int fd, const struct ledger_head *head, const char *session)
{
	char text[HEAD_BYTES];
	ssize_t n;

	head_render(head, session, text);
	n = kern_pwrite(fd, text, HEAD_BYTES, 0);
	if (n < 0)
		return (int)n;
	return n == HEAD_BYTES ? 0 : -ENOSPC;
}

int head_read(int fd, const char *session, struct ledger_head *ret)
{
	char text[HEAD_BYTES + 1];
	size_t len = 0;

	while (len < sizeof(text)) {
		ssize_t n = kern_pread(fd, text + len, sizeof(text) - len, (off_t)len);

		if (n < 0)
			return (int)n;
		if (!n)
			break;
		len += (size_t)n;
	}
	return head_parse((struct str){ .data = text, .len = len }, session, ret);
}
