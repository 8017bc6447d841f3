// SPDX-License-Identifier: Apache-2.0
/*
 * machine_choice.c - the rules that a value leads to
 *
 * What emit_choice.c has put into tables is found by halving. Where a table cannot say which rules would
 * fail, all of them are tried: beginnings are of strings, and where functions are replaced, startswith() may
 * be one of them.
 */
#include "rego/machine_internal.h"

static void begin(struct rego_slot *slot, const uint32_t *rules, size_t from, size_t to)
{
	slot->rules.next = rules + from;
	slot->rules.end = rules + to;
}

/* How many values of a choice come before @value or are the same. */
static size_t count_up_to(const struct rego_choice *choice, const struct json *value)
{
	size_t low = 0, high = choice->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = json_compare(choice->values[middle], value);

		if (r == 0)
			return middle + 1;
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * All beginnings of a text stand in front of it, and whatever stands between the longest of them and the text
 * begins with that, too; so it is above the last value that is in front.
 */
static uint32_t longest_beginning(const struct rego_choice *choice, uint32_t at, struct str text)
{
	while (at != REGO_NOWHERE && !str_starts_with(text, choice->values[at]->text))
		at = choice->parents[at];
	return at;
}

void rego_choose(const struct rego_machine *machine, struct rego_slot *slot, const struct rego_choice *choice,
	const struct json *value)
{
	bool is_prefix = choice->kind == REGO_CHOICE_BY_PREFIX;
	uint32_t at;

	if (choice->kind == REGO_CHOICE_ALL ||
			(is_prefix && value && (value->type != JSON_STRING || machine->world->mocks))) {
		begin(slot, choice->all, 0, choice->all_count);
		return;
	}
	begin(slot, choice->rules, 0, 0);
	at = value ? (uint32_t)count_up_to(choice, value) : 0;
	if (!at--)
		return;
	if (is_prefix)
		at = longest_beginning(choice, at, value->text);
	else if (!json_equal(choice->values[at], value))
		at = REGO_NOWHERE;
	if (at != REGO_NOWHERE)
		begin(slot, choice->rules, choice->starts[at], choice->starts[at + 1]);
}

uint32_t rego_next_rule(struct rego_slot *slots, size_t count)
{
	struct rego_slot *first = NULL;

	for (size_t i = 0; i < count; i++)
		if (slots[i].rules.next < slots[i].rules.end &&
				(!first || *slots[i].rules.next < *first->rules.next))
			first = &slots[i];
	return first ? *first->rules.next++ : REGO_NOWHERE;
}
