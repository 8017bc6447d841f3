/* SPDX-License-Identifier: Apache-2.0 */
/*
 * re2_oracle.h - what RE2 says about a pattern and a text, for tests that have it
 */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** re2_oracle_is_there() - whether this build has RE2; Return: 1 or 0 */
int re2_oracle_is_there(void);

/**
 * re2_oracle_match() - the first match of a pattern
 * @pattern:     NUL-terminated
 * @text:        @len bytes of UTF-8
 * @len:         bytes
 * @ret_offsets: start and end of the match and of each group, -1 for a group that took no part
 * @group_max:   groups that @ret_offsets has room for, with the match
 *
 * Return: how many groups there are, with the match; 0 for no match; -1 for no such pattern.
 */
int re2_oracle_match(const char *pattern, const char *text, size_t len, long *ret_offsets, int group_max);

#ifdef __cplusplus
}
#endif
