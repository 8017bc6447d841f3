/* SPDX-License-Identifier: Apache-2.0 */
/*
 * units.h - sizes and durations as people write them
 *
 * Sizes: digits and an optional binary unit: 512, 64K, 512M, 2G, 1T (also KiB, MiB, ...; K is 1024).
 * Durations: digits and a unit: 500ms, 10s, 5m, 2h, 7d (also us and ns). A bare number is refused: nobody
 * agrees on what it means.
 */
#pragma once

#include "base/str.h"

enum {
	UNITS_TEXT_SIZE = 32,
};

/**
 * units_parse_size() - read a size
 * @text:      as above
 * @ret_bytes: bytes
 *
 * Errors: -EINVAL not a size; -ERANGE over INT64_MAX bytes.
 * Return: 0 or negative errno.
 */
int units_parse_size(struct str text, uint64_t *ret_bytes);

/**
 * units_parse_duration() - read a duration
 * @text:   as above
 * @ret_ns: nanoseconds
 *
 * Errors: -EINVAL not a duration; -ERANGE over INT64_MAX nanoseconds.
 * Return: 0 or negative errno.
 */
int units_parse_duration(struct str text, uint64_t *ret_ns);

/** units_format_size() - the shortest exact form, "512M", "1000" */
void units_format_size(uint64_t bytes, char ret[UNITS_TEXT_SIZE]);

/** units_format_duration() - the shortest exact form, "90s", "2h", "1500ms" */
void units_format_duration(uint64_t duration_ns, char ret[UNITS_TEXT_SIZE]);
