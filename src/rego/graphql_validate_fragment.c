// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_validate_fragment.c - where fragments may stand and where they lead, and what is asked of whole
 * operations through them
 *
 * Source: GraphQL, October 2021 edition, sections 5.2.3 and 5.5.2; the rule against introspection in circles
 * is that of graphql-js
 */
#include "rego/graphql_schema_internal.h"

enum {
	INTROSPECTION_LISTS_MAX = 3,
};

/* ---- fragments that lead to themselves ---- */

static void follow(struct graphql_validation *validation, const struct json *node);

static void follow_fragment(struct graphql_validation *validation, const struct json *spread)
{
	struct graphql_fragment *fragment = graphql_fragment_find(validation,
		graphql_text(spread, GRAPHQL_NAME));

	if (!fragment || fragment->is_done)
		return;
	if (fragment->is_open) {
		graphql_fail(validation->graphql, spread, "Cannot spread fragment \"%.*s\" within itself",
			STR_FMT(graphql_text(spread, GRAPHQL_NAME)));
		return;
	}
	fragment->is_open = true;
	follow(validation, fragment->node);
	fragment->is_open = false;
	fragment->is_done = true;
}

/* A spread is what has neither selections nor a response key. */
static bool is_spread(const struct json *selection)
{
	return !graphql_get(selection, GRAPHQL_ALIAS) && !graphql_get(selection, GRAPHQL_TYPE_CONDITION);
}

static void follow(struct graphql_validation *validation, const struct json *node)
{
	struct graphql_list selections = graphql_items(node, GRAPHQL_SELECTION_SET);

	if (!graphql_descend(validation))
		return;
	for (size_t i = 0; i < selections.count && graphql_spend(validation->graphql, 1); i++) {
		if (is_spread(selections.items[i]))
			follow_fragment(validation, selections.items[i]);
		else
			follow(validation, selections.items[i]);
	}
	validation->depth--;
}

void graphql_validate_cycles(struct graphql_validation *validation)
{
	for (size_t i = 0; i < validation->fragment_count && !validation->graphql->is_over; i++) {
		struct graphql_fragment *fragment = &validation->fragments[i];

		if (fragment->is_done)
			continue;
		fragment->is_open = true;
		follow(validation, fragment->node);
		fragment->is_open = false;
		fragment->is_done = true;
	}
}

/* ---- fragments that can never apply ---- */

static bool have_common(struct graphql_validation *validation, const struct graphql_type *a,
	const struct graphql_type *b)
{
	for (size_t i = 0; i < a->possible_count; i++) {
		if (!graphql_spend(validation->graphql, 1 + b->possible_count))
			return true;
		for (size_t j = 0; j < b->possible_count; j++)
			if (a->possible[i] == b->possible[j])
				return true;
	}
	return false;
}

void graphql_validate_spread(struct graphql_validation *validation, const struct graphql_type *parent,
	struct str condition, const struct json *node)
{
	const struct graphql_type *type = graphql_type_find(validation->schema, condition);
	struct str name = graphql_text(node, GRAPHQL_NAME);

	if (!parent || !graphql_is_composite(parent) || !type || !graphql_is_composite(type) ||
			have_common(validation, parent, type))
		return;
	if (name.len)
		graphql_fail(validation->graphql, node,
			"Fragment \"%.*s\" cannot be spread here as objects of type \"%.*s\" can never be of type \"%.*s\"",
			STR_FMT(name), STR_FMT(parent->name), STR_FMT(condition));
	else
		graphql_fail(validation->graphql, node,
			"Fragment cannot be spread here as objects of type \"%.*s\" can never be of type \"%.*s\"",
			STR_FMT(parent->name), STR_FMT(condition));
}

/* ---- introspection ---- */

static bool asks_for_list(struct str name)
{
	return str_eq(name, STR("fields")) || str_eq(name, STR("interfaces")) ||
		str_eq(name, STR("possibleTypes")) || str_eq(name, STR("inputFields"));
}

static bool is_circling(struct graphql_validation *validation, const struct json *node, unsigned lists)
{
	struct graphql_list selections = graphql_items(node, GRAPHQL_SELECTION_SET);
	bool is_too_deep = false;

	if (!graphql_descend(validation))
		return false;
	for (size_t i = 0; i < selections.count && !is_too_deep && graphql_spend(validation->graphql, 1);
			i++) {
		const struct json *next = selections.items[i];
		struct str name = graphql_text(next, GRAPHQL_NAME);
		struct graphql_fragment *fragment;
		unsigned count = lists;

		if (is_spread(next)) {
			fragment = graphql_fragment_find(validation, name);
			next = fragment ? fragment->node : NULL;
		} else if (graphql_get(next, GRAPHQL_ALIAS)) {
			count += asks_for_list(name);
		}
		is_too_deep = count >= INTROSPECTION_LISTS_MAX || is_circling(validation, next, count);
	}
	validation->depth--;
	return is_too_deep;
}

void graphql_validate_introspection(struct graphql_validation *validation, const struct json *field)
{
	struct str name = graphql_text(field, GRAPHQL_NAME);

	if (!str_eq(name, STR("__schema")) && !str_eq(name, STR("__type")))
		return;
	if (is_circling(validation, field, 0))
		graphql_fail(validation->graphql, field, "Maximum introspection depth exceeded");
}

/* ---- subscriptions ---- */

/* The fields at the top, through fragments, until there are two of different names. */
static void gather(struct graphql_validation *validation, const struct json *node, const struct json **first,
	const struct json **second)
{
	struct graphql_list selections = graphql_items(node, GRAPHQL_SELECTION_SET);

	if (!graphql_descend(validation))
		return;
	for (size_t i = 0; i < selections.count && graphql_spend(validation->graphql, 1) && !*second; i++) {
		const struct json *next = selections.items[i];
		struct str name = graphql_text(next, GRAPHQL_NAME);
		struct graphql_fragment *fragment;

		if (is_spread(next)) {
			fragment = graphql_fragment_find(validation, name);
			if (fragment)
				gather(validation, fragment->node, first, second);
		} else if (!graphql_get(next, GRAPHQL_ALIAS)) {
			gather(validation, next, first, second);
		} else if (!*first) {
			*first = next;
		} else if (!str_eq(graphql_text(*first, GRAPHQL_NAME), name)) {
			*second = next;
		}
	}
	validation->depth--;
}

void graphql_validate_subscription(struct graphql_validation *validation, const struct json *operation)
{
	const struct json *first = NULL, *second = NULL;
	struct str name = graphql_text(operation, GRAPHQL_NAME);
	bool has_name = name.len > 0;

	if (!validation->schema->subscription ||
			!str_eq(graphql_text(operation, GRAPHQL_OPERATION), STR("subscription")))
		return;
	gather(validation, operation, &first, &second);
	if (!has_name)
		name = STR("Anonymous");
	if (second)
		graphql_fail(validation->graphql, second,
			has_name ? "Subscription \"%.*s\" must select only one top level field" :
		"%.*s Subscription must select only one top level field",
			STR_FMT(name));
	if (first && str_starts_with(graphql_text(first, GRAPHQL_NAME), STR("__")))
		graphql_fail(validation->graphql, first,
			has_name ? "Subscription \"%.*s\" must not select an introspection top level field" :
		"%.*s Subscription must not select an introspection top level field",
			STR_FMT(name));
}
