// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_validate_merge.c - fields of one name in a selection can be one member of the answer
 *
 * Fields have one response key where they stand in one selection, be it through fragments. They must then be
 * the same field with the same arguments, unless they belong to two object types, of which an answer has one;
 * they must in any case be of one type, and what is selected in them must merge as well.
 *
 * Every selection of the document is gathered: its fields, with those of its inline fragments, and the
 * fragments that it spreads. Compared are the fields within it, then its fields with each fragment, then each
 * two fragments; a pair of fragments is compared once. What is gathered is kept with the fragment, or with
 * the field that it is below, so that comparing many fields gathers little. Comparing leads into fragments
 * and their fields, so it counts levels; each pair of fields spends.
 *
 * Source: GraphQL, October 2021 edition, section 5.3.2; the way of comparing is that of graphql-js
 */
#include "rego/graphql_schema_internal.h"

/* A field where it is selected. */
struct field {
	const struct json *node, *definition;
	const struct json *key;
	const struct graphql_type *parent;
	struct graphql_fields *below;	/* NULL: not gathered yet */
};

struct graphql_fields {
	struct field *fields;
	size_t count, room;
	struct graphql_fragment **spreads;
	size_t spread_count, spread_room;
	const struct json *index;	/* key to place of the first field with it; NULL: not made yet */
	size_t *next;			/* place of the next field with the same key; SIZE_MAX: none */
};

/* What cannot be one, and why: "they have differing arguments". */
struct conflict {
	const struct json *key, *place;
	const char *reason;
};

/* Two selections, or a selection and a fragment, that are compared. */
struct comparison {
	struct graphql_validation *validation;
	bool is_exclusive;		/* an answer has only one of them */
	struct conflict *conflict;
};

/* ---- gathering ---- */

static void gather_field(struct graphql_validation *validation, const struct json *node,
	const struct graphql_type *parent, struct graphql_fields *set)
{
	bool has_alias = graphql_text(node, GRAPHQL_ALIAS).len > 0;
	struct field *fields = arena_grow(validation->graphql->call->arena, set->fields, set->count,
		&set->room, sizeof(*fields));

	if (!fields) {
		graphql_stop(validation->graphql);
		return;
	}
	set->fields = fields;
	fields[set->count++] = (struct field){
		.node = node,
		.definition = graphql_field_find(validation, parent, graphql_text(node, GRAPHQL_NAME)),
		.key = graphql_get(node, has_alias ? GRAPHQL_ALIAS : GRAPHQL_NAME),
		.parent = parent,
	};
}

static void gather_spread(struct graphql_validation *validation, const struct json *node,
	struct graphql_fields *set)
{
	struct graphql_fragment *fragment = graphql_fragment_find(validation,
		graphql_text(node, GRAPHQL_NAME));
	struct graphql_fragment **spreads;

	if (!fragment)
		return;
	spreads = arena_grow(validation->graphql->call->arena, set->spreads, set->spread_count,
		&set->spread_room, sizeof(struct graphql_fragment *));
	if (!spreads) {
		graphql_stop(validation->graphql);
		return;
	}
	set->spreads = spreads;
	spreads[set->spread_count++] = fragment;
}

static void gather(struct graphql_validation *validation, const struct json *node,
	struct graphql_type *parent, struct graphql_fields *set)
{
	struct graphql_list selections = graphql_items(node, GRAPHQL_SELECTION_SET);

	for (size_t i = 0; i < selections.count && graphql_spend(validation->graphql, 1); i++) {
		const struct json *selection = selections.items[i];
		struct str condition = graphql_text(selection, GRAPHQL_TYPE_CONDITION);

		if (graphql_get(selection, GRAPHQL_ALIAS))
			gather_field(validation, selection, parent, set);
		else if (graphql_get(selection, GRAPHQL_TYPE_CONDITION))
			gather(validation, selection, condition.len ?
				graphql_type_find(validation->schema, condition) : parent, set);
		else
			gather_spread(validation, selection, set);
	}
}

/* Return: the set, or NULL where it is over. */
static struct graphql_fields *fields_of(struct graphql_validation *validation, const struct json *node,
	struct graphql_type *parent)
{
	struct graphql_fields *set = arena_alloc(validation->graphql->call->arena, sizeof(*set));

	if (!set)
		return graphql_stop(validation->graphql);
	gather(validation, node, parent, set);
	return validation->graphql->is_over ? NULL : set;
}

static struct graphql_fields *fields_below(struct graphql_validation *validation, struct field *field)
{
	if (!field->below)
		field->below = fields_of(validation, field->node, graphql_type_of(validation->schema,
			graphql_get(field->definition, GRAPHQL_TYPE)));
	return field->below;
}

static struct graphql_fields *fields_of_fragment(struct graphql_validation *validation,
	struct graphql_fragment *fragment)
{
	if (!fragment->fields)
		fragment->fields = fields_of(validation, fragment->node, fragment->type);
	return fragment->fields;
}

/* ---- fields with one key ---- */

static size_t first_with(const struct graphql_fields *set, const struct json *key)
{
	const struct json *place = json_find(set->index, key);

	return place ? (size_t)place->integer : SIZE_MAX;
}

/* Links each field to the next one with its key; @last: room for a place each. */
static void link_fields(struct graphql_fields *set, size_t *last)
{
	for (size_t i = 0; i < set->count; i++) {
		size_t first = first_with(set, set->fields[i].key);

		set->next[i] = SIZE_MAX;
		if (first != i)
			set->next[last[first]] = i;
		last[first] = i;
	}
}

static bool index_fields(struct graphql_validation *validation, struct graphql_fields *set)
{
	struct arena *arena = validation->graphql->call->arena;
	struct json_object_builder index;
	size_t *last;

	if (set->index)
		return true;
	last = arena_alloc_array(arena, set->count, sizeof(*last));
	set->next = arena_alloc_array(arena, set->count, sizeof(*set->next));
	json_object_begin(&index, arena);
	for (size_t i = set->count; i-- > 0;)
		json_object_add_value(&index, set->fields[i].key, json_new_int(arena, (int64_t)i));
	set->index = last && set->next ? json_object_end_last(&index) : NULL;
	if (!set->index) {
		graphql_stop(validation->graphql);
		return false;
	}
	link_fields(set, last);
	return graphql_spend(validation->graphql, set->count);
}

/* ---- two fields ---- */

static bool is_same_value(struct graphql_validation *validation, const struct json *a, const struct json *b);

/* Lists in their order, members and arguments in whatever order they stand. */
static bool are_same_values(struct graphql_validation *validation, struct graphql_list a,
	struct graphql_list b, bool is_ordered)
{
	if (a.count != b.count)
		return false;
	for (size_t i = 0; i < a.count && !validation->graphql->is_over; i++) {
		const struct json *other = is_ordered ? b.items[i] : graphql_find(validation->graphql, b,
			GRAPHQL_NAME, graphql_text(a.items[i], GRAPHQL_NAME));

		if (!other || !is_same_value(validation, graphql_get(a.items[i], GRAPHQL_VALUE),
				graphql_get(other, GRAPHQL_VALUE)))
			return false;
	}
	return true;
}

static bool is_same_value(struct graphql_validation *validation, const struct json *a, const struct json *b)
{
	struct str raw = graphql_text(a, GRAPHQL_RAW);
	enum graphql_value kind = graphql_value_of(a);

	if (!graphql_spend(validation->graphql, 1 + raw.len / 64))
		return true;
	return kind == graphql_value_of(b) && str_eq(raw, graphql_text(b, GRAPHQL_RAW)) &&
		are_same_values(validation, graphql_items(a, GRAPHQL_CHILDREN),
			graphql_items(b, GRAPHQL_CHILDREN), kind == GRAPHQL_VALUE_LIST);
}

static bool have_same_arguments(struct graphql_validation *validation, const struct field *a,
	const struct field *b)
{
	return are_same_values(validation, graphql_items(a->node, GRAPHQL_ARGUMENTS),
		graphql_items(b->node, GRAPHQL_ARGUMENTS), false);
}

static bool is_leaf(const struct graphql_type *type)
{
	return type->kind == GRAPHQL_SCALAR || type->kind == GRAPHQL_ENUM;
}

static bool have_conflicting_types(const struct graphql_schema *schema, const struct json *a,
	const struct json *b)
{
	const struct graphql_type *type = graphql_type_of(schema, a), *other = graphql_type_of(schema, b);

	while (a && b) {
		if (graphql_is(a, GRAPHQL_NON_NULL) != graphql_is(b, GRAPHQL_NON_NULL))
			return true;
		a = graphql_get(a, GRAPHQL_ELEM);
		b = graphql_get(b, GRAPHQL_ELEM);
	}
	return a || b || (type && other && type != other && (is_leaf(type) || is_leaf(other)));
}

static bool conflict_at(struct comparison *comparison, const struct field *a, const struct field *b,
	const char *reason)
{
	if (!reason)
		graphql_stop(comparison->validation->graphql);
	*comparison->conflict = (struct conflict){ a->key, b->node, reason };
	return true;
}

static bool compare_sets(struct comparison *comparison, struct graphql_fields *a, struct graphql_fields *b);

static bool compare_below(struct comparison *comparison, struct field *a, struct field *b)
{
	struct graphql_validation *validation = comparison->validation;
	struct graphql_fields *in_a, *in_b;
	struct conflict *below = comparison->conflict;

	if (!graphql_items(a->node, GRAPHQL_SELECTION_SET).count ||
			!graphql_items(b->node, GRAPHQL_SELECTION_SET).count)
		return false;
	in_a = fields_below(validation, a);
	in_b = in_a ? fields_below(validation, b) : NULL;
	if (!in_b || !compare_sets(comparison, in_a, in_b))
		return false;
	return conflict_at(comparison, a, b, arena_printf(validation->graphql->call->arena,
		"subfields \"%.*s\" conflict because %s", STR_FMT(below->key->text), below->reason));
}

static bool compare_fields(const struct comparison *outer, struct field *a, struct field *b)
{
	struct comparison comparison = *outer;
	struct graphql_validation *validation = outer->validation;
	struct arena *arena = validation->graphql->call->arena;
	const struct json *type = graphql_get(a->definition, GRAPHQL_TYPE);
	const struct json *other = graphql_get(b->definition, GRAPHQL_TYPE);
	struct str name = graphql_text(a->node, GRAPHQL_NAME),
		other_name = graphql_text(b->node, GRAPHQL_NAME);

	if (!graphql_spend(validation->graphql, 1) || !a->parent || !b->parent)
		return false;
	comparison.is_exclusive |= a->parent != b->parent && a->parent->kind == GRAPHQL_OBJECT &&
		b->parent->kind == GRAPHQL_OBJECT && type && other;
	if (!comparison.is_exclusive && !str_eq(name, other_name))
		return conflict_at(&comparison, a, b, arena_printf(arena,
			"\"%.*s\" and \"%.*s\" are different fields", STR_FMT(name), STR_FMT(other_name)));
	if (!comparison.is_exclusive && !have_same_arguments(validation, a, b))
		return conflict_at(&comparison, a, b, "they have differing arguments");
	if (type && other && have_conflicting_types(validation->schema, type, other))
		return conflict_at(&comparison, a, b, arena_printf(arena,
			"they return conflicting types \"%s\" and \"%s\"",
			graphql_type_text(validation->graphql, type),
			graphql_type_text(validation->graphql, other)));
	return compare_below(&comparison, a, b);
}

/* ---- sets of fields ---- */

static bool compare_own(struct comparison *comparison, struct graphql_fields *a, struct graphql_fields *b)
{
	struct graphql *graphql = comparison->validation->graphql;

	if (!index_fields(comparison->validation, b))
		return false;
	for (size_t i = 0; i < a->count && graphql_spend(graphql, 1); i++)
		for (size_t j = first_with(b, a->fields[i].key); j != SIZE_MAX && !graphql->is_over;
				j = b->next[j])
			if (compare_fields(comparison, &a->fields[i], &b->fields[j]))
				return true;
	return false;
}

static bool compare_within(struct comparison *comparison, struct graphql_fields *set)
{
	struct graphql *graphql = comparison->validation->graphql;

	if (!index_fields(comparison->validation, set))
		return false;
	for (size_t i = 0; i < set->count && graphql_spend(graphql, 1); i++)
		for (size_t j = set->next[i]; j != SIZE_MAX && !graphql->is_over; j = set->next[j])
			if (compare_fields(comparison, &set->fields[i], &set->fields[j]))
				return true;
	return false;
}

/* And with the fragments in the fragment, each once in a round. */
static bool compare_with_fragment(struct comparison *comparison, struct graphql_fields *set,
	struct graphql_fragment *fragment)
{
	struct graphql_validation *validation = comparison->validation;
	struct graphql_fields *others;
	bool is_found;

	if (fragment->round == validation->round || !graphql_descend(validation))
		return false;
	fragment->round = validation->round;
	others = fields_of_fragment(validation, fragment);
	is_found = others && others != set && compare_own(comparison, set, others);
	for (size_t i = 0; others && !is_found && i < others->spread_count && !validation->graphql->is_over;
			i++)
		is_found = compare_with_fragment(comparison, set, others->spreads[i]);
	validation->depth--;
	return is_found;
}

/* Return: whether they were compared before, as strictly or more so; if not, they are from now on. */
static bool note_pair(struct comparison *comparison, struct graphql_fragment *a, struct graphql_fragment *b)
{
	struct graphql_validation *validation = comparison->validation;
	unsigned char strictness = comparison->is_exclusive ? 1 : 2;
	struct graphql_fragment *first = MIN(a, b), *second = MAX(a, b);
	size_t place = (size_t)(second - validation->fragments);

	if (!first->compared)
		first->compared = arena_alloc(validation->graphql->call->arena, validation->fragment_count);
	if (!first->compared) {
		graphql_stop(validation->graphql);
		return true;
	}
	if (first->compared[place] >= strictness)
		return true;
	first->compared[place] = strictness;
	return false;
}

static bool compare_fragments(struct comparison *comparison, struct graphql_fragment *a,
	struct graphql_fragment *b)
{
	struct graphql_validation *validation = comparison->validation;
	struct graphql_fields *in_a, *in_b;
	bool is_found;

	if (a == b || note_pair(comparison, a, b) || !graphql_descend(validation))
		return false;
	in_a = fields_of_fragment(validation, a);
	in_b = in_a ? fields_of_fragment(validation, b) : NULL;
	is_found = in_b && compare_own(comparison, in_a, in_b);
	for (size_t i = 0; in_b && !is_found && i < in_b->spread_count && !validation->graphql->is_over; i++)
		is_found = compare_fragments(comparison, a, in_b->spreads[i]);
	for (size_t i = 0; in_b && !is_found && i < in_a->spread_count && !validation->graphql->is_over; i++)
		is_found = compare_fragments(comparison, in_a->spreads[i], b);
	validation->depth--;
	return is_found;
}

static bool compare_spreads(struct comparison *comparison, struct graphql_fields *set,
	struct graphql_fields *others)
{
	for (size_t i = 0; i < others->spread_count && !comparison->validation->graphql->is_over; i++) {
		comparison->validation->round++;
		if (compare_with_fragment(comparison, set, others->spreads[i]))
			return true;
	}
	return false;
}

static bool compare_sets(struct comparison *comparison, struct graphql_fields *a, struct graphql_fields *b)
{
	struct graphql_validation *validation = comparison->validation;
	bool is_found;

	if (!graphql_descend(validation))
		return false;
	is_found = compare_own(comparison, a, b) || compare_spreads(comparison, a, b) ||
		compare_spreads(comparison, b, a);
	for (size_t i = 0; !is_found && i < a->spread_count && !validation->graphql->is_over; i++)
		for (size_t j = 0; !is_found && j < b->spread_count && graphql_spend(validation->graphql, 1);
				j++)
			is_found = compare_fragments(comparison, a->spreads[i], b->spreads[j]);
	validation->depth--;
	return is_found;
}

static bool compare_selection(struct comparison *comparison, struct graphql_fields *set)
{
	struct graphql_validation *validation = comparison->validation;

	if (compare_within(comparison, set))
		return true;
	validation->round++;
	for (size_t i = 0; i < set->spread_count && !validation->graphql->is_over; i++) {
		if (compare_with_fragment(comparison, set, set->spreads[i]))
			return true;
		for (size_t j = i + 1; j < set->spread_count && graphql_spend(validation->graphql, 1); j++)
			if (compare_fragments(comparison, set->spreads[i], set->spreads[j]))
				return true;
	}
	return false;
}

void graphql_validate_merge(struct graphql_validation *validation, const struct json *node,
	struct graphql_type *parent)
{
	struct conflict conflict = { .reason = NULL };
	struct comparison comparison = { .validation = validation, .conflict = &conflict };
	struct graphql_fields *set;

	if (validation->graphql->is_over || !graphql_items(node, GRAPHQL_SELECTION_SET).count)
		return;
	set = fields_of(validation, node, parent);
	if (set && compare_selection(&comparison, set))
		graphql_fail(validation->graphql, conflict.place,
			"Fields \"%.*s\" conflict because %s. Use different aliases on the fields to fetch both if this was intentional",
			STR_FMT(conflict.key->text), conflict.reason);
}
