// SPDX-License-Identifier: Apache-2.0
/*
 * bench_dns.c - how long a question of a sandbox takes to read and to answer, in nanoseconds
 *
 *	bench_dns [SECONDS]
 */
#include "codec/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	ROUND = 1000,
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t answer_one(struct str message)
{
	static const struct net_address address = { { 198, 18, 0, 1 }, NET_V4_BYTES };
	struct dns_answer answer = { .ttl_s = 60, .addresses = &address, .address_count = 1 };
	struct dns_query query;
	uint8_t room[DNS_UDP_MAX_BYTES];

	if (dns_query_read(message, &query) != DNS_QUERY_OK)
		return 0;
	return dns_answer_write(&query, &answer, room, query.room_bytes);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		struct str message;
	} rows[] = {
		{ "plain", STR("\0\1\1\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1") },
		{ "edns",
			STR("\0\1\1\0\0\1\0\0\0\0\0\1\10registry\5npmjs\3org\0\0\1\0\1\0\0\51\4\320\0\0\0\0\0\14"
			"\0\12\0\10abcdefgh") },
		{ "idna", STR("\0\1\1\0\0\1\0\0\0\0\0\0\15xn--bcher-kva\7example\0\0\1\0\1") },
	};
	uint64_t seconds = 1;

	if (argc > 1 && str_to_u64(str_from(argv[1]), 3600, &seconds) < 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double began = now_s(), passed = 0;
		uint64_t count = 0, bytes = 0;

		for (; passed < (double)seconds; passed = now_s() - began, count += ROUND)
			for (unsigned j = 0; j < ROUND; j++)
				bytes += answer_one(rows[i].message);
		printf("%s %.1f ns, %.0f a second, %llu bytes each\n", rows[i].name,
			passed / (double)count * 1e9, (double)count / passed,
			(unsigned long long)(bytes / count));
	}
	return EXIT_SUCCESS;
}
