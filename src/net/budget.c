// SPDX-License-Identifier: Apache-2.0
/*
 * budget.c - how much of something is enough
 */
#include "net/budget.h"

#include "base/map.h"

#include <stdlib.h>

enum {
	FIRST_ROOM = 16,
	FRACTION_BITS = 8,		/* of a logarithm */
};

/* ---- buckets ---- */

void net_bucket_init(struct net_bucket *bucket, uint64_t limit, uint64_t period_ns, uint64_t now_ns)
{
	assert(limit <= NET_BUCKET_MAX && period_ns && period_ns <= UINT64_C(1) << 40);
	*bucket = (struct net_bucket){ .limit = limit, .period_ns = period_ns, .now_ns = now_ns };
}

/* What came back since: @limit parts of a thing in every nanosecond. */
static void refill(struct net_bucket *bucket, uint64_t now_ns)
{
	uint64_t passed_ns = now_ns > bucket->now_ns ? now_ns - bucket->now_ns : 0;
	uint64_t whole, part;

	bucket->now_ns = MAX(bucket->now_ns, now_ns);
	if (passed_ns >= bucket->period_ns) {
		bucket->missing_whole = bucket->missing_part = 0;
		return;
	}
	/* Below 2^40 each, their product is not: a part of the time, then the rest of it. */
	for (; passed_ns && (bucket->missing_whole || bucket->missing_part);) {
		uint64_t step_ns = MIN(passed_ns, UINT64_C(1) << 32);

		passed_ns -= step_ns;
		whole = step_ns * bucket->limit / bucket->period_ns;
		part = step_ns * bucket->limit % bucket->period_ns;
		if (part > bucket->missing_part) {
			bucket->missing_part += bucket->period_ns;
			whole++;
		}
		if (whole > bucket->missing_whole) {
			bucket->missing_whole = bucket->missing_part = 0;
			return;
		}
		bucket->missing_whole -= whole;
		bucket->missing_part -= part;
	}
}

bool net_bucket_take(struct net_bucket *bucket, uint64_t count, uint64_t now_ns)
{
	uint64_t missing;

	if (!bucket->limit)
		return !count;
	refill(bucket, now_ns);
	missing = bucket->missing_whole + (bucket->missing_part > 0);
	if (count > bucket->limit - missing)
		return false;
	bucket->missing_whole += count;
	return true;
}

void net_bucket_give(struct net_bucket *bucket, uint64_t count)
{
	bucket->missing_whole -= MIN(count, bucket->missing_whole);
}

uint64_t net_bucket_wait_ns(const struct net_bucket *bucket, uint64_t now_ns)
{
	const uint64_t limit = bucket->limit;
	struct net_bucket then = *bucket;
	uint64_t missing;

	if (!limit)
		return UINT64_MAX;
	refill(&then, now_ns);
	missing = then.missing_whole + (then.missing_part > 0);
	if (missing < limit)
		return 0;
	/* All of it is missing, and of one more a part: a whole comes back in 1/limit of the period. */
	missing = then.missing_whole - (limit - 1);
	return (missing * then.period_ns + then.missing_part + limit - 1) / limit;
}

/* ---- different names ---- */

void net_distinct_init(struct net_distinct *set, size_t limit, const uint64_t seed[2])
{
	assert(limit <= NET_DISTINCT_MAX);
	*set = (struct net_distinct){ .seed = { seed[0], seed[1] }, .limit = limit };
}

void net_distinct_fini(struct net_distinct *set)
{
	free(set->hashes);
	*set = (struct net_distinct){ 0 };
}

/* Where a hash is, or would be. */
static uint64_t *find(uint64_t *hashes, size_t room, uint64_t hash)
{
	size_t at = hash & (room - 1);

	while (hashes[at] && hashes[at] != hash)
		at = (at + 1) & (room - 1);
	return &hashes[at];
}

static void grow(struct net_distinct *set)
{
	size_t room = MAX(set->room * 2, (size_t)FIRST_ROOM);
	uint64_t *hashes = calloc(room, sizeof(*hashes));

	if (!hashes)
		abort();
	for (size_t i = 0; i < set->room; i++)
		if (set->hashes[i])
			*find(hashes, room, set->hashes[i]) = set->hashes[i];
	free(set->hashes);
	set->hashes = hashes;
	set->room = room;
}

/* 0 is a free slot; two names of one hash count once, which nobody can bring about without the seed. */
static uint64_t hash_of(const struct net_distinct *set, struct str name)
{
	uint64_t hash = siphash24(set->seed, name.data, name.len);

	return hash + !hash;
}

bool net_distinct_has(const struct net_distinct *set, struct str name)
{
	return set->room && *find(set->hashes, set->room, hash_of(set, name));
}

bool net_distinct_add(struct net_distinct *set, struct str name)
{
	uint64_t hash = hash_of(set, name);
	uint64_t *slot = NULL;

	if (set->room)
		slot = find(set->hashes, set->room, hash);
	if (slot && *slot)
		return true;
	if (set->count == set->limit)
		return false;
	if (!slot || (set->count + 1) * 2 > set->room) {
		grow(set);
		slot = find(set->hashes, set->room, hash);
	}
	*slot = hash;
	set->count++;
	return true;
}

/* ---- what a name carries ---- */

/* The logarithm to base 2, in 256ths, rounded down. */
static unsigned log2_of(uint64_t value)
{
	unsigned ret = 0;

	while (value >> (ret + 1))
		ret++;
	/* Between 1 and 2, in 2^16ths; squared, a half of its logarithm is a whole of the square's. */
	value = (value << 16) >> ret;
	for (unsigned i = 0; i < FRACTION_BITS; i++) {
		value = value * value >> 16;
		ret = ret << 1 | (unsigned)(value >> 17);
		value >>= value >> 17;
	}
	return ret;
}

static unsigned bits_of(struct str text)
{
	unsigned counts[256] = { 0 }, sum = 0;

	if (!text.len)
		return 0;
	for (size_t i = 0; i < text.len; i++)
		counts[(unsigned char)text.data[i]]++;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		if (counts[i])
			sum += counts[i] * log2_of(counts[i]);
	return ((unsigned)text.len * log2_of(text.len) - sum) >> FRACTION_BITS;
}

static struct str in_front_of(struct str name, struct str zone)
{
	size_t len = name.len - zone.len;

	if (!zone.len || !str_ends_with(name, zone))
		return name;
	if (!len)
		return (struct str){ name.data, 0 };
	return name.data[len - 1] == '.' ? (struct str){ name.data, len - 1 } : name;
}

enum net_carried_why net_carried_check(const struct net_carried *limits, struct str name, struct str zone)
{
	struct str front = in_front_of(name, zone), label, rest = front;
	bool more = front.len > 0;

	while (more) {
		more = str_cut(rest, '.', &label, &rest);
		if (label.len > limits->label_bytes)
			return NET_CARRIED_LABEL;
	}
	if (front.len > limits->bytes)
		return NET_CARRIED_BYTES;
	return bits_of(front) > limits->bits ? NET_CARRIED_BITS : NET_CARRIED_FINE;
}
