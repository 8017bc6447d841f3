/* SPDX-License-Identifier: Apache-2.0 */
/*
 * budget.h - how much of something is enough
 *
 * Three measures, none of which reads a clock or grows with what a stranger does:
 *
 *	struct net_bucket	so many at once and then so many in a period: queries, requests, bytes
 *	struct net_distinct	so many different names, and those again as often as anybody likes
 *	struct net_carried	how much a name can carry besides naming something
 *
 * The last two are for a zone whose every name is allowed ("**.example.org"): who owns the zone reads each
 * name that is looked up in it, so that names are a way out for what the agent knows. A name that is short
 * and looks like words carries little; few names carry little; both together bound what gets out.
 */
#pragma once

#include "base/str.h"

enum {
	/* of one period; bytes are counted in blocks by who needs more */
	NET_BUCKET_MAX = 1 << 30,
	NET_DISTINCT_MAX = 1 << 20,
};

/* Full at first. An all-zero bucket gives nothing. */
struct net_bucket {
	uint64_t limit, period_ns;
	uint64_t missing_whole, missing_part;	/* things, and of one more, in parts of @period_ns */
	uint64_t now_ns;			/* when that was so */
};

/* An all-zero one takes no name. */
struct net_distinct {
	uint64_t seed[2];
	uint64_t *hashes;			/* 0: free */
	size_t room, count, limit;
};

/* What a name may be, in front of its zone. */
struct net_carried {
	unsigned label_bytes;			/* of the longest label */
	unsigned bytes;				/* of all, with their dots */
	unsigned bits;				/* of information, all of them together */
};

/*
 * Longest of what CDNs and clouds give their customers' hosts (63, with a digest of 40 in it), and no more.
 */
#define NET_CARRIED_DEFAULT ((struct net_carried){ .label_bytes = 63, .bytes = 100, .bits = 320 })

enum net_carried_why {
	NET_CARRIED_LABEL,
	NET_CARRIED_BYTES,
	NET_CARRIED_BITS,
	NET_CARRIED_FINE,
};

/**
 * net_bucket_init() - a full bucket
 * @bucket:    initialised here
 * @limit:     0..NET_BUCKET_MAX: so many at once, and so many again in each @period_ns
 * @period_ns: 1..2^40
 * @now_ns:    of a clock that never goes back
 */
void net_bucket_init(struct net_bucket *bucket, uint64_t limit, uint64_t period_ns, uint64_t now_ns);

/**
 * net_bucket_take() - take some, all of them or none
 * @bucket: loses them
 * @count:  how many
 * @now_ns: of the same clock
 *
 * Exact, without rounding: the limit is taken at once, one more is not, and it is again after a part of the
 * period, not a nanosecond earlier.
 *
 * Return: whether they were there.
 */
bool net_bucket_take(struct net_bucket *bucket, uint64_t count, uint64_t now_ns);

/** net_bucket_give() - put back what was taken in the same moment */
void net_bucket_give(struct net_bucket *bucket, uint64_t count);

/**
 * net_bucket_wait_ns() - when one more will be there
 * @bucket: the bucket
 * @now_ns: of the same clock
 *
 * Return: nanoseconds, 0 now; UINT64_MAX never.
 */
uint64_t net_bucket_wait_ns(const struct net_bucket *bucket, uint64_t now_ns);

/**
 * net_distinct_init() - no name yet
 * @set:   initialised here
 * @limit: names, 0..NET_DISTINCT_MAX
 * @seed:  random: the names are chosen by a stranger
 */
void net_distinct_init(struct net_distinct *set, size_t limit, const uint64_t seed[2]);

/** net_distinct_fini() - forget them; legal on an all-zero one */
void net_distinct_fini(struct net_distinct *set);

/** net_distinct_has() - whether a name was added */
bool net_distinct_has(const struct net_distinct *set, struct str name);

/**
 * net_distinct_add() - a name
 * @set:  grows, up to its limit
 * @name: canonical
 *
 * Return: true when it was there before, or is one of the first @limit.
 */
bool net_distinct_add(struct net_distinct *set, struct str name);

/**
 * net_carried_check() - whether a name is one that only names something
 * @limits: what it may be
 * @name:   canonical
 * @zone:   what it ends in, "example.org"; where it does not, all of it counts
 *
 * Information is what the letters in front of the zone have by how often each of them comes (Shannon), which
 * is an upper bound of what fits into them for who writes them in an alphabet as large as theirs.
 *
 * Return: what is too much, or NET_CARRIED_FINE.
 */
enum net_carried_why net_carried_check(const struct net_carried *limits, struct str name, struct str zone);
