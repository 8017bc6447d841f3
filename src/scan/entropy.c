// SPDX-License-Identifier: Apache-2.0
/*
 * entropy.c - how many bits there are in a byte
 *
 * Shannon's H = -sum p log2 p over the bytes' frequencies: 0 for one byte again and again, 4 to 5 for source
 * code, 8 for what is compressed or encrypted. It stands in a changeset and is bound by its digest, so it is
 * worked out in whole numbers and is the same on every machine: logarithms in 65536ths, from a table of the
 * logarithms of 1 to 2 in steps of 1/128 with straight lines between them, which is right to 0.00001.
 */
#include "scan/content_internal.h"

enum {
	ONE = 1 << 16,
};

/* 65536 log2(1 + i / 128) */
static const uint32_t logarithms[] = {
	0, 736, 1466, 2190, 2909, 3623, 4331, 5034, 5732, 6425, 7112, 7795, 8473, 9146, 9814, 10477,
	11136, 11791, 12440, 13086, 13727, 14363, 14996, 15624, 16248, 16868, 17484, 18096, 18704, 19308,
	19909, 20505, 21098, 21687, 22272, 22854, 23433, 24007, 24579, 25146, 25711, 26272, 26830, 27384,
	27936, 28484, 29029, 29571, 30109, 30645, 31178, 31707, 32234, 32758, 33279, 33797, 34312, 34825,
	35334, 35841, 36346, 36847, 37346, 37842, 38336, 38827, 39316, 39802, 40286, 40767, 41246, 41722,
	42196, 42667, 43137, 43603, 44068, 44530, 44990, 45448, 45904, 46357, 46809, 47258, 47705, 48150,
	48593, 49034, 49472, 49909, 50344, 50776, 51207, 51636, 52063, 52488, 52911, 53332, 53751, 54169,
	54584, 54998, 55410, 55820, 56229, 56635, 57040, 57443, 57845, 58245, 58643, 59039, 59434, 59827,
	60219, 60609, 60997, 61384, 61769, 62152, 62534, 62915, 63294, 63671, 64047, 64421, 64794, 65166,
	65536,
};

/* @n is not 0. */
static uint64_t logarithm(uint32_t n)
{
	unsigned exponent = 31 - (unsigned)__builtin_clz(n);
	uint32_t mantissa = n << (31 - exponent), step = mantissa >> 24 & 127;
	uint64_t low = logarithms[step], high = logarithms[step + 1];

	return (uint64_t)exponent * ONE + low + ((high - low) * (mantissa & 0xffffff) >> 24);
}

uint16_t content_entropy(const uint32_t counts[256], uint32_t total)
{
	uint64_t sum = 0, bits;

	if (!total)
		return 0;
	/* H = log2 N - (sum of n log2 n) / N */
	for (size_t i = 0; i < 256; i++)
		if (counts[i] > 1)
			sum += counts[i] * logarithm(counts[i]);
	bits = logarithm(total) * total;
	bits = bits > sum ? bits - sum : 0;
	return (uint16_t)MIN((bits * 100 / total + ONE / 2) / ONE, (uint64_t)CONTENT_ENTROPY_MAX);
}
