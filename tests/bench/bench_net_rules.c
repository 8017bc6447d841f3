// SPDX-License-Identifier: Apache-2.0
/*
 * bench_net_rules.c - how long an answer about a name or an address takes, by the number of rules
 *
 * The rules are of the shapes that people write: a host, everything below a name, one label below one, a
 * denial, a block of addresses. Every figure is the median of ROUNDS_COUNT rounds of ASKED_COUNT questions,
 * in nanoseconds for one; the fastest and the slowest stand beside it.
 */
#include "net/rules.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	ROUNDS_COUNT = 15,
	ASKED_COUNT = 100000,
	NAMES_COUNT = 64,
	TEXT_SIZE = 80,
};

static const uint64_t seed[2] = { 1, 2 };

/* Time on a CPU: nothing here waits, and what else the machine does is not what is measured. */
static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "bench_net_rules: %s\n", what);
	exit(EXIT_FAILURE);
}

static void report(size_t rules, const char *what, uint64_t times[ROUNDS_COUNT], size_t count)
{
	qsort(times, ROUNDS_COUNT, sizeof(*times), by_value);
	printf("%6zu rules  %-28s %7.1f ns  (%.1f to %.1f)\n", rules, what,
		(double)times[ROUNDS_COUNT / 2] / (double)count, (double)times[0] / (double)count,
		(double)times[ROUNDS_COUNT - 1] / (double)count);
}

/* ---- rules ---- */

static void add_rules(struct arena *arena, struct net_rules *set, size_t count)
{
	struct net_flaw flaw;
	char text[TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		struct net_rule rule = { .source = NET_RULE_FILE, .where = "config.jsonc:1:1" };

		switch (i % 5) {
		case 0:
			(void)snprintf(text, sizeof(text), "host%zu.team%zu.example.org", i, i % 97);
			break;
		case 1:
			(void)snprintf(text, sizeof(text), "**.name%zu.example.net:*", i);
			break;
		case 2:
			(void)snprintf(text, sizeof(text), "*.zone%zu.example.com:1-1023/tls", i);
			break;
		case 3:
			(void)snprintf(text, sizeof(text), "!bad%zu.example.net", i);
			break;
		default:
			(void)snprintf(text, sizeof(text), "10.%zu.%zu.0/24:5432", i / 256, i % 256);
			break;
		}
		if (net_entry_read(arena, str_from(text), NET_PORTS_ALL, &rule.entry, &flaw) < 0 ||
				net_rules_add(set, &rule, 1, 0, NULL) < 0)
			die(text);
	}
}

/* ---- questions ---- */

static void ask_names(struct net_rules *set, size_t count, const char *what, const char *shape)
{
	static char names[NAMES_COUNT][TEXT_SIZE];
	uint64_t times[ROUNDS_COUNT], said = 0;
	struct str asked[NAMES_COUNT];

	/* The numbers of rules of that shape, all over the set. */
	for (size_t i = 0; i < NAMES_COUNT; i++) {
		size_t number = i * 7919 % count / 5 * 5 + (shape[0] == 'h' ? 0 : shape[0] == 'w' ? 1 :
			shape[0] == 'z' ? 2 : 3);

		if (shape[0] == 'h')
			(void)snprintf(names[i], TEXT_SIZE, "host%zu.team%zu.example.org", number,
				number % 97);
		else if (shape[0] == 'w')
			(void)snprintf(names[i], TEXT_SIZE, "a.b.name%zu.example.net", number);
		else if (shape[0] == 'z')
			(void)snprintf(names[i], TEXT_SIZE, "www.zone%zu.example.com", number);
		else if (shape[0] == 'b')
			(void)snprintf(names[i], TEXT_SIZE, "bad%zu.example.net", number);
		else
			(void)snprintf(names[i], TEXT_SIZE, "api%zu.service.unknown.example", number);
		asked[i] = str_from(names[i]);
	}
	for (size_t round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start = now_ns();

		for (size_t i = 0; i < ASKED_COUNT; i++)
			said += net_rules_judge(set, asked[i % NAMES_COUNT], 443, NET_TLS, NULL, 1).verdict;
		times[round] = now_ns() - start;
	}
	if (said % ASKED_COUNT)
		die("some of them were told otherwise than the others");
	report(count, what, times, ASKED_COUNT);
}

static void ask_addresses(struct net_rules *set, size_t count)
{
	uint64_t times[ROUNDS_COUNT], said = 0;

	for (size_t round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start = now_ns();

		for (size_t i = 0; i < ASKED_COUNT; i++) {
			struct net_address address = { { 10, 0, (uint8_t)i, 1 }, NET_V4_BYTES };

			said += net_rules_address(set, &address, 5432, NET_TCP, NULL, 1).verdict;
		}
		times[round] = now_ns() - start;
	}
	if (!said)
		die("no address is allowed");
	report(count, "an address", times, ASKED_COUNT);
}

static void change(struct arena *arena, struct net_rules *set, size_t count)
{
	uint64_t times[ROUNDS_COUNT], id;
	struct net_rule rule = { .source = NET_RULE_APPROVAL };
	struct net_flaw flaw;

	if (net_entry_read(arena, STR("new.host.example.org:443"), NET_PORTS_ALL, &rule.entry, &flaw) < 0)
		die(flaw.why);
	for (size_t round = 0; round < ROUNDS_COUNT; round++) {
		uint64_t start = now_ns();

		for (size_t i = 0; i < ASKED_COUNT / 100; i++)
			if (net_rules_add(set, &rule, 1, 1, &id) < 0 || net_rules_remove(set, id) < 0)
				die("a rule does not come, or not go");
		times[round] = now_ns() - start;
	}
	report(count, "a rule comes and goes", times, ASKED_COUNT / 100);
}

int main(void)
{
	static const size_t sizes[] = { 10, 100, 1000, 10000 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
		scoped(net_rules) struct net_rules *set = net_rules_new(seed);

		add_rules(&arena, set, sizes[i]);
		ask_names(set, sizes[i], "a host", "h");
		ask_names(set, sizes[i], "two labels below **", "w");
		ask_names(set, sizes[i], "one label below *", "z");
		ask_names(set, sizes[i], "a host that is denied", "b");
		ask_names(set, sizes[i], "a name of no rule", "n");
		ask_addresses(set, sizes[i]);
		change(&arena, set, sizes[i]);
	}
	return EXIT_SUCCESS;
}
