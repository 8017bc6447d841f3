// SPDX-License-Identifier: Apache-2.0
/*
 * gzip.c - stored blocks, and the checksum behind them
 */
#include "lib/gzip.h"

static void put_number(struct buf *buf, uint32_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_append_char(buf, (char)(number >> 8 * i));
}

static uint32_t crc_of(struct str text)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < text.len; i++) {
		crc ^= (unsigned char)text.data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

void gzip_wrap(struct buf *buf, struct str text)
{
	static const char header[GZIP_HEADER_BYTES] = { 0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };
	struct str rest = text;
	size_t len;

	buf_append(buf, header, sizeof(header));
	do {
		len = MIN(rest.len, (size_t)GZIP_BLOCK_BYTES_MAX);
		put_number(buf, len == rest.len, 1);
		put_number(buf, (uint32_t)len, 2);
		put_number(buf, ~(uint32_t)len, 2);
		buf_append(buf, rest.data, len);
		rest = (struct str){ rest.data + len, rest.len - len };
	} while (rest.len);
	put_number(buf, crc_of(text), 4);
	put_number(buf, (uint32_t)text.len, 4);
}
