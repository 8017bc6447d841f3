/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bits.h - counting bits
 *
 * Where the processor that is compiled for has no instruction for it, the compiler's own function is a call
 * into its library, which no program of ours is linked with.
 */
#pragma once

#include <stdint.h>

/**
 * bits_count() - how many bits are set
 *
 * In pairs, then fours, then bytes, whose sums a multiplication gathers at the top.
 */
static inline unsigned bits_count(uint64_t bits)
{
	bits -= bits >> 1 & UINT64_C(0x5555555555555555);
	bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
	bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}
