/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time.h - points in time as numbers, and their one text form
 *
 * Points are nanoseconds since the Unix epoch in a uint64_t (good until 2554). Base reads no clock: kern
 * does.
 */
#pragma once

#include "base/str.h"

#define NS_PER_SEC UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_US UINT64_C(1000)

enum {
	TIME_TEXT_SIZE = 32,
};

/**
 * time_to_text() - RFC 3339 in UTC with microseconds, as the ledger writes it: 2026-01-02T03:04:05.000006Z
 * @time_ns: nanoseconds since the epoch
 * @ret:     the text
 */
void time_to_text(uint64_t time_ns, char ret[TIME_TEXT_SIZE]);

/**
 * time_from_text() - read RFC 3339 in UTC, with or without a fraction
 * @text: 2026-01-02T03:04:05Z or 2026-01-02T03:04:05.123456Z, or a date alone (midnight)
 * @ret_ns: nanoseconds since the epoch
 *
 * Errors: -EINVAL not such a text or no such day.
 * Source: RFC 3339, section 5.6
 * Return: 0 or negative errno.
 */
int time_from_text(struct str text, uint64_t *ret_ns);
