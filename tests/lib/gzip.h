/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip.h - a wrapper of gzip around a text, without compressing it
 *
 * So that a test says byte by byte what stands in an archive, in builds without zlib, too.
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

enum {
	GZIP_HEADER_BYTES = 10,
	GZIP_BLOCK_BYTES_MAX = 65535,
	GZIP_EXTRA_BYTES = 64,		/* at most, besides five for each block */
};

/**
 * gzip_wrap() - append @text as a file of gzip
 * @buf:  has room for @text, five bytes for each block of it, and GZIP_EXTRA_BYTES; otherwise it has failed
 * @text: any bytes, less than 4 GiB
 *
 * Source: RFC 1952; RFC 1951, section 3.2.4 (blocks that are stored)
 */
void gzip_wrap(struct buf *buf, struct str text);
