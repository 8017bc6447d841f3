// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_net.c - net.cidr_*
 *
 * Expanding and merging make as many elements as there are addresses or networks, so they pay before they
 * begin. Where two operands are wrong OPA calls each of them the first, and so does this.
 *
 * Policies hold each address against the same list of networks, and so each of these against the same
 * address. What was read of a text is kept (cache.h), in a table: where to look for a text, a hash of
 * its ends says; whether it stands there, all of its bytes do. So an answer follows from the texts alone, and
 * so does its price. And net.cidr_contains_matches, which holds one address against many networks, reads it
 * once.
 */
#include "rego/address.h"
#include "rego/builtin_table.h"
#include "rego/cache.h"

enum {
	KEPT_COUNT = 128,		/* a power of 2 */
	PLACES_COUNT = 4,		/* in a row, in which one text can be */
	/* but for zeros in front of its length, no text of a network is longer */
	KEPT_TEXT_MAX = 46,

	ADDRESS_STEPS = 8,		/* what one element of a set that is made costs */
	HOST_BITS_MAX = 48,		/* beyond which no budget reaches */
};

static inline bool take_text(struct rego_call *call, const struct json *value, struct str *ret)
{
	if (value->type != JSON_STRING) {
		(void)rego_operand_fail(call, 0, "must be string but got %s", rego_type_name(value));
		return false;
	}
	*ret = value->text;
	return true;
}

/* A text that was read. */
struct kept {
	struct rego_network network;	/* of an address: itself */
	rego_address last;		/* of the network */
	bool is_ipv4;
	bool is_address;
	unsigned char len;		/* 0: nothing is kept here */
	char text[KEPT_TEXT_MAX];
};

struct rego_networks {
	struct kept kept[KEPT_COUNT + PLACES_COUNT - 1];
};

/* The hash is of the first and the last bytes, which tell most networks and addresses apart. */
static inline struct kept *places_of(struct rego_networks *networks, struct str text)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);	/* 2^64 over the golden ratio */
	uint64_t first = 0, last = 0;

	if (text.len >= 8) {
		memcpy(&first, text.data, 8);
		memcpy(&last, text.data + text.len - 8, 8);
	} else if (text.len >= 4) {
		memcpy(&first, text.data, 4);
		memcpy(&last, text.data + text.len - 4, 4);
	}
	return &networks->kept[((first * factor >> 32 ^ last) * factor >> 32) % KEPT_COUNT];
}

/* What a text was read as; NULL: it is not kept. It is not empty, and places are filled from the first on. */
static inline __attribute__((always_inline)) const struct kept *find_kept(struct rego_networks *networks,
	struct str text)
{
	const struct kept *places = places_of(networks, text);

	for (size_t i = 0; i < PLACES_COUNT && places[i].len; i++)
		if (str_eq_short((struct str){ places[i].text, places[i].len }, text))
			return &places[i];
	return NULL;
}

/* Where texts are kept; NULL: this one cannot be, or none. */
static inline struct rego_networks *networks_for(struct rego_call *call, struct str text)
{
	struct rego_cache *cache = call->cache;

	if (!cache || !cache->has_texts || !text.len || text.len > KEPT_TEXT_MAX)
		return NULL;
	if (!cache->networks)
		cache->networks = arena_alloc(&cache->arena, sizeof(*cache->networks));
	return cache->networks;
}

/* Addresses come and go, so none of them takes the place of a network. */
static void keep(struct rego_networks *networks, struct str text, const struct kept *read)
{
	struct kept *places = places_of(networks, text);
	size_t i = 0;

	while (i < PLACES_COUNT && places[i].len && !places[i].is_address)
		i++;
	if (i == PLACES_COUNT && read->is_address)
		return;
	places += i % PLACES_COUNT;
	*places = *read;
	places->len = (unsigned char)text.len;
	memcpy(places->text, text.data, text.len);
}

static bool read_text(struct str text, struct kept *ret)
{
	rego_address address;

	ret->is_address = rego_address_parse(text, &address);
	if (ret->is_address)
		ret->network = (struct rego_network){ .first = address, .bits = ADDRESS_BITS };
	else if (!rego_network_parse(text, &ret->network))
		return false;
	ret->last = rego_network_last(&ret->network);
	ret->is_ipv4 = rego_network_is_ipv4(&ret->network);
	return true;
}

/*
 * A network, or an address. Return: it, until the next one is read, there or in @room; NULL where it is
 * neither.
 */
static inline const struct kept *read_kept(struct rego_call *call, struct str text, struct kept *room)
{
	struct rego_networks *networks = networks_for(call, text);
	const struct kept *kept = networks ? find_kept(networks, text) : NULL;

	if (kept)
		return kept;
	if (!read_text(text, room))
		return NULL;
	if (networks)
		keep(networks, text, room);
	return room;
}

static inline const struct kept *read_network(struct rego_call *call, const struct json *value,
	struct kept *room)
{
	const struct kept *kept;
	struct str text;

	if (!take_text(call, value, &text))
		return NULL;
	kept = read_kept(call, text, room);
	if (kept && !kept->is_address)
		return kept;
	(void)rego_fail(call, "invalid CIDR address: %.*s", STR_FMT(text));
	return NULL;
}

static bool take_network(struct rego_call *call, const struct json *value, struct rego_network *ret)
{
	UNINITIALIZED struct kept room;
	const struct kept *kept = read_network(call, value, &room);

	if (kept)
		*ret = kept->network;
	return kept;
}

/* What was read last in one call: while it lasts, the same value has the same address. */
struct inner {
	const struct json *value;	/* NULL: none yet */
	rego_address first, last;
	bool is_first_ipv4, is_last_ipv4;
};

static bool read_inner(struct rego_call *call, const struct json *value, struct inner *ret)
{
	UNINITIALIZED struct kept room;
	const struct kept *kept;
	struct str text;

	if (!take_text(call, value, &text))
		return false;
	kept = read_kept(call, text, &room);
	if (!kept) {
		(void)rego_fail(call, "not a valid textual representation of an IP address or CIDR: %.*s",
			STR_FMT(text));
		return false;
	}
	*ret = (struct inner){ value, kept->network.first, kept->last,
		rego_address_is_ipv4(kept->network.first), rego_address_is_ipv4(kept->last) };
	return true;
}

/* Whether an address is one of a network's, which are all of one kind (address.h). */
static inline bool has(const struct kept *network, rego_address address, bool is_ipv4)
{
	return network->is_ipv4 == is_ipv4 && network->network.first <= address && address <= network->last;
}

/* Whether one network contains another one, or an address. Return: false where the answer is an error. */
static bool compare(struct rego_call *call, const struct json *outer, const struct json *value,
	struct inner *inner, bool *ret)
{
	UNINITIALIZED struct kept room;
	const struct kept *network = read_network(call, outer, &room);

	if (!network)
		return false;
	if (inner->value != value) {
		/* It may stand where the other one is about to be kept. */
		room = network == &room ? room : *network;
		network = &room;
		if (!read_inner(call, value, inner))
			return false;
	}
	*ret = has(network, inner->first, inner->is_first_ipv4) &&
		has(network, inner->last, inner->is_last_ipv4);
	return true;
}

enum rego_answer rego_do_net_cidr_contains(struct rego_call *call)
{
	struct inner inner = { 0 };
	bool is_inside;

	if (!compare(call, call->operands[0], call->operands[1], &inner, &is_inside))
		return rego_failed(call);
	return rego_give(call, json_new_bool(call->arena, is_inside));
}

enum rego_answer rego_do_net_cidr_intersects(struct rego_call *call)
{
	struct rego_network a, b;

	if (!take_network(call, call->operands[0], &a) || !take_network(call, call->operands[1], &b))
		return rego_failed(call);
	return rego_give(call, json_new_bool(call->arena,
		rego_network_has(&a, b.first) || rego_network_has(&b, a.first)));
}

enum rego_answer rego_do_net_cidr_is_valid(struct rego_call *call)
{
	const struct json *value = call->operands[0];
	struct rego_network network;

	return rego_give(call, json_new_bool(call->arena,
		value->type == JSON_STRING && rego_network_parse(value->text, &network)));
}

/* ---- contains_matches ---- */

static size_t list_count(const struct json *list)
{
	if (list->type == JSON_STRING)
		return 1;
	if (list->type == JSON_ARRAY || list->type == JSON_SET)
		return list->array.count;
	return list->type == JSON_OBJECT ? list->object.count : 0;
}

/*
 * The text of an element of an operand; an array stands for its first element. Return: NULL where the answer
 * is an error.
 */
static inline const struct json *list_text(struct rego_call *call, size_t operand, size_t index)
{
	const struct json *list = call->operands[operand], *element = list;

	if (list->type == JSON_OBJECT)
		element = list->object.members[index].value;
	else if (list->type != JSON_STRING)
		element = list->array.items[index];
	if (likely(element->type == JSON_STRING))
		return element;
	if (element->type == JSON_ARRAY && element->array.count)
		return element->array.items[0];
	(void)rego_fail(call, "operand %zu: element must be string or non-empty array", operand + 1);
	return NULL;
}

/*
 * What the result calls an element: itself for a string and in a set, where it stands in an array, its key.
 */
static const struct json *list_name(struct rego_call *call, size_t operand, size_t index)
{
	const struct json *list = call->operands[operand];

	if (list->type == JSON_OBJECT)
		return list->object.members[index].key;
	if (list->type == JSON_ARRAY)
		return json_new_int(call->arena, (int64_t)index);
	return list->type == JSON_SET ? list->array.items[index] : list;
}

static const struct json *new_pair(struct rego_call *call, size_t outer, size_t inner)
{
	const struct json *names[] = { list_name(call, 0, outer), list_name(call, 1, inner) };

	return json_new_array(call->arena, names, ARRAY_SIZE(names));
}

static bool match_all(struct rego_call *call, size_t index, struct inner *last,
	struct json_array_builder *found)
{
	const struct json *outer = list_text(call, 0, index), *text;
	size_t count = list_count(call->operands[1]);
	bool is_inside;

	if (!outer)
		return false;
	for (size_t i = 0; i < count; i++) {
		text = rego_spend(call->budget, 1) ? list_text(call, 1, i) : NULL;
		if (!text || !compare(call, outer, text, last, &is_inside))
			return false;
		if (is_inside)
			json_array_add(found, new_pair(call, index, i));
	}
	return true;
}

/*
 * What most calls are made of: a list of networks that were held against addresses before, and the one text
 * that was read for the first of them. Return: how many elements from @at on it was, up to one that takes a
 * closer look.
 */
static size_t match_kept(struct rego_call *call, size_t at, const struct inner *inner,
	struct json_array_builder *found)
{
	const struct json *list = call->operands[0];
	struct rego_networks *networks = call->cache && call->cache->has_texts ? call->cache->networks : NULL;
	size_t begin = at;

	if ((list->type != JSON_SET && list->type != JSON_ARRAY) || inner->value != call->operands[1])
		return 0;
	for (; networks && at < list->array.count; at++) {
		const struct json *text = list->array.items[at];
		const struct kept *kept = text->type == JSON_STRING && text->text.len ?
			find_kept(networks, text->text) :
			NULL;

		/* What has no steps left has none for the closer look either. */
		if (!kept || kept->is_address || !rego_spend(call->budget, 1))
			break;
		if (has(kept, inner->first, inner->is_first_ipv4) &&
				has(kept, inner->last, inner->is_last_ipv4))
			json_array_add(found, new_pair(call, at, 0));
	}
	return at - begin;
}

enum rego_answer rego_do_net_cidr_contains_matches(struct rego_call *call)
{
	size_t count = list_count(call->operands[0]), i = 0;
	struct json_array_builder found;
	struct inner last = { 0 };

	json_array_begin(&found, call->arena);
	while (i < count) {
		size_t matched = last.value ? match_kept(call, i, &last, &found) : 0;

		if (!matched && !match_all(call, i, &last, &found))
			return rego_failed(call);
		i += matched ? matched : 1;
	}
	return rego_give(call, json_set_end(&found));
}

/* ---- expand, merge ---- */

static const struct json *new_address(struct arena *arena, rego_address address)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str shown;

	rego_address_print(&text, address);
	return rego_text_end(&text, &shown) ? json_new_string(arena, shown) : NULL;
}

static const struct json *new_network(struct arena *arena, const struct rego_network *network)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str shown;

	rego_network_print(&text, network);
	return rego_text_end(&text, &shown) ? json_new_string(arena, shown) : NULL;
}

enum rego_answer rego_do_net_cidr_expand(struct rego_call *call)
{
	struct json_array_builder found;
	struct rego_network network;
	rego_address last;
	int host_bits;

	if (!take_network(call, call->operands[0], &network))
		return rego_failed(call);
	host_bits = MIN(ADDRESS_BITS - network.bits, (int)HOST_BITS_MAX);
	if (!rego_spend(call->budget, (uint64_t)ADDRESS_STEPS << host_bits))
		return rego_stopped(call);
	last = rego_network_last(&network);
	json_array_begin(&found, call->arena);
	for (rego_address address = network.first;; address++) {
		json_array_add(&found, new_address(call->arena, address));
		if (found.failed || address == last)
			return rego_give(call, json_set_end(&found));
	}
}

/* All addresses from one to another, and the network that they came from unless they were merged. */
struct range {
	rego_address first, last;
	struct rego_network network;
	bool is_merged;
};

/* An address alone stands for the network of its class, as there were in 1981. */
static bool take_range(struct rego_call *call, const struct json *value, struct range *ret)
{
	rego_address address;
	uint32_t octet;

	if (value->type != JSON_STRING) {
		(void)rego_fail(call, "element must be string");
		return false;
	}
	if (rego_address_parse(value->text, &address)) {
		if (!rego_address_is_ipv4(address)) {
			(void)rego_fail(call, "IPv6 invalid: needs prefix length");
			return false;
		}
		octet = (uint32_t)address >> 24;
		ret->network.first = address;
		ret->network.bits = ADDRESS_IPV4_BITS + (octet < 0x80 ? 8 : octet < 0xc0 ? 16 : 24);
	} else if (!take_network(call, value, &ret->network)) {
		return false;
	}
	ret->last = rego_network_last(&ret->network);
	ret->first = ret->network.bits ?
		ret->network.first & ~(rego_address)0 << (ADDRESS_BITS - ret->network.bits) : 0;
	return true;
}

static bool is_before(const struct range *a, const struct range *b)
{
	return a->last != b->last ? a->last < b->last : a->first < b->first;
}

static void sift_down(struct range *ranges, size_t root, size_t count)
{
	while (root * 2 + 1 < count) {
		size_t child = root * 2 + 1;
		struct range moved = ranges[root];

		if (child + 1 < count && is_before(&ranges[child], &ranges[child + 1]))
			child++;
		if (!is_before(&moved, &ranges[child]))
			return;
		ranges[root] = ranges[child];
		ranges[child] = moved;
		root = child;
	}
}

/* A heap sort, since qsort(3) may ask for memory. */
static void sort_ranges(struct range *ranges, size_t count)
{
	for (size_t i = count / 2; i > 0; i--)
		sift_down(ranges, i - 1, count);
	for (size_t end = count; end > 1; end--) {
		struct range largest = ranges[0];

		ranges[0] = ranges[end - 1];
		ranges[end - 1] = largest;
		sift_down(ranges, 0, end - 1);
	}
}

/* The address before the first of a range, as far as it is of the same kind. */
static rego_address before(rego_address first)
{
	return !first || (rego_address_is_ipv4(first) && !(uint32_t)first) ? first : first - 1;
}

/* From the end to the beginning: what overlaps or touches becomes one. Return: how many are left. */
static size_t merge(struct range *ranges, size_t count)
{
	size_t kept = count - 1;

	for (size_t i = count - 1; i > 0; i--) {
		struct range *lower = &ranges[i - 1], *upper = &ranges[kept];

		if (before(upper->first) > lower->last) {
			ranges[--kept] = *lower;
			continue;
		}
		upper->first = MIN(upper->first, lower->first);
		upper->is_merged = true;
	}
	memmove(ranges, ranges + kept, (count - kept) * sizeof(*ranges));
	return count - kept;
}

/* The fewest networks that make up a range: each time the largest that begins where it does. */
static void add_networks(struct arena *arena, const struct range *range, struct json_array_builder *found)
{
	rego_address first = range->first;

	if (!range->is_merged) {
		json_array_add(found, new_network(arena, &range->network));
		return;
	}
	for (;;) {
		struct rego_network network = { .first = first, .bits = ADDRESS_BITS };

		while (network.bits) {
			struct rego_network larger = { .first = first, .bits = network.bits - 1 };

			if (first & ((rego_address)1 << (ADDRESS_BITS - network.bits)) ||
					rego_network_last(&larger) > range->last)
				break;
			network = larger;
		}
		json_array_add(found, new_network(arena, &network));
		if (found->failed || rego_network_last(&network) == range->last)
			return;
		first = rego_network_last(&network) + 1;
	}
}

enum rego_answer rego_do_net_cidr_merge(struct rego_call *call)
{
	const struct json *list = call->operands[0];
	struct json_array_builder found;
	struct range *ranges;
	size_t count;

	if (list->type != JSON_ARRAY && list->type != JSON_SET)
		return rego_fail(call, "operand must be an array");
	count = list->array.count;
	if (!rego_spend(call->budget, 1 + ADDRESS_STEPS * (uint64_t)count))
		return rego_stopped(call);
	ranges = arena_alloc_array(call->arena, count, sizeof(*ranges));
	if (!ranges)
		return rego_stopped(call);
	for (size_t i = 0; i < count; i++)
		if (!take_range(call, list->array.items[i], &ranges[i]))
			return rego_failed(call);
	if (count) {
		sort_ranges(ranges, count);
		count = merge(ranges, count);
	}
	json_array_begin(&found, call->arena);
	for (size_t i = 0; i < count; i++)
		add_networks(call->arena, &ranges[i], &found);
	return rego_give(call, json_set_end(&found));
}
