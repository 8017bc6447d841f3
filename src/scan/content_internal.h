/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content_internal.h - between the files of the scanner
 */
#pragma once

#include "scan/content.h"

enum {
	CONTENT_BLOCK_BYTES = 64,
};

/**
 * content_block_read() - look at a block
 * @bytes:        CONTENT_BLOCK_BYTES of them
 * @ret_newlines: one bit for each byte that is a newline, from the lowest on, if all of them are ASCII
 *
 * Return: whether they are.
 */
bool content_block_read(const char *bytes, uint64_t *ret_newlines);

/** content_type_by_head() - the kind of file that begins so; Return: it, or CONTENT_UNKNOWN: text or data */
enum content_type content_type_by_head(struct str head);

/** content_entropy() - of @total bytes, that come so often; Return: in hundredths of a bit for each */
uint16_t content_entropy(const uint32_t counts[256], uint32_t total);
