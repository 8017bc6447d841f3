// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_graph.c - ways through graphs, and through documents
 *
 * A graph is an object whose keys are vertices, and whose values are arrays or sets of vertices: where edges
 * lead. A vertex that is no key is not in the graph. Graphs may be large and have one long path, so nothing
 * recurses over them; a document is never higher than JSON_DEPTH_MAX, so a walk through it does.
 */
#include "rego/builtin_table.h"

static bool is_list(const struct json *value)
{
	return value->type == JSON_ARRAY || value->type == JSON_SET;
}

/* ---- what can be reached ---- */

struct search {
	const struct json *graph;
	bool *is_reached;			/* by the index of the member */
	const struct json_member **queue;
	size_t queued;
};

static void reach(struct search *search, const struct json *vertices)
{
	for (size_t i = 0; i < vertices->array.count; i++) {
		const struct json_member *member = json_find_member(search->graph, vertices->array.items[i]);
		size_t index = member ? (size_t)(member - search->graph->object.members) : 0;

		if (!member || search->is_reached[index])
			continue;
		search->is_reached[index] = true;
		search->queue[search->queued++] = member;
	}
}

static enum rego_answer give_reached(struct rego_call *call, const struct search *search)
{
	struct json_array_builder reached;

	json_array_begin(&reached, call->arena);
	for (size_t i = 0; i < search->graph->object.count; i++)
		if (search->is_reached[i])
			json_array_add(&reached, search->graph->object.members[i].key);
	return rego_give(call, json_set_end(&reached));
}

enum rego_answer rego_do_graph_reachable(struct rego_call *call)
{
	struct search search = { .graph = call->operands[0] };
	size_t count;

	if (!rego_take(call, 0, JSON_OBJECT) || !rego_take_elements(call, 1, "{array, set}"))
		return rego_failed(call);
	count = search.graph->object.count;
	search.is_reached = arena_alloc_array(call->arena, count, sizeof(*search.is_reached));
	search.queue = arena_alloc_array(call->arena, count, sizeof(*search.queue));
	if (!search.is_reached || !search.queue || !rego_spend(call->budget, count) ||
			!rego_spend_find(call->budget, search.graph) ||
			!rego_spend_find(call->budget, call->operands[1]))
		return rego_stopped(call);
	reach(&search, call->operands[1]);
	for (size_t i = 0; i < search.queued; i++) {
		const struct json *edges = search.queue[i]->value;

		if (!is_list(edges))
			continue;
		if (!rego_spend(call->budget, edges->array.count))
			return rego_stopped(call);
		reach(&search, edges);
	}
	return give_reached(call, &search);
}

/* ---- every path ---- */

/* A vertex on the way, and which of its edges is next. */
struct step {
	const struct json *vertex, *edges;
	size_t member, next;
};

struct way {
	struct rego_call *call;
	const struct json *graph;
	struct step *steps;		/* one more than there are vertices */
	size_t depth;
	unsigned char *visits;		/* how often a vertex is on the way, by the index of its member */
	struct json_array_builder paths;
};

/* The way so far is a path. */
static bool end_path(struct way *way)
{
	struct json_array_builder path;

	json_array_begin(&path, way->call->arena);
	json_array_reserve(&path, way->depth);
	for (size_t i = 0; i < way->depth; i++)
		json_array_add(&path, way->steps[i].vertex);
	json_array_add(&way->paths, json_array_end(&path));
	return !way->paths.failed && rego_spend(way->call->budget, way->depth + 1);
}

/* Goes to a vertex. One that is not in the graph, or from which no edge leads on, ends a path. */
static bool enter(struct way *way, const struct json *vertex)
{
	const struct json_member *member;
	struct step *step = &way->steps[way->depth];

	if (!rego_spend_find(way->call->budget, vertex))
		return false;
	member = json_find_member(way->graph, vertex);
	if (!member)
		return !way->depth || end_path(way);
	*step = (struct step){ .vertex = vertex, .edges = member->value,
		.member = (size_t)(member - way->graph->object.members) };
	way->depth++;
	way->visits[step->member]++;
	return (is_list(step->edges) && step->edges->array.count) || end_path(way);
}

/* Follows the next edge of the last vertex, or goes back where there is none. */
static bool go_on(struct way *way)
{
	struct step *step = &way->steps[way->depth - 1];
	const struct json_member *member;
	const struct json *next;

	if (!is_list(step->edges) || step->next == step->edges->array.count) {
		way->visits[step->member]--;
		way->depth--;
		return true;
	}
	next = step->edges->array.items[step->next++];
	if (!rego_spend_find(way->call->budget, next))
		return false;
	member = json_find_member(way->graph, next);
	/* An edge back ends the path, but for one from where the way began to itself. */
	if (member && way->depth > 1 && way->visits[member - way->graph->object.members])
		return end_path(way);
	return enter(way, next);
}

enum rego_answer rego_do_graph_reachable_paths(struct rego_call *call)
{
	struct way way = { .call = call, .graph = call->operands[0] };
	const struct json *starts = call->operands[1];
	size_t count;

	if (!rego_take(call, 0, JSON_OBJECT) || !rego_take_elements(call, 1, "{array, set}"))
		return rego_failed(call);
	count = way.graph->object.count;
	way.steps = arena_alloc_array(call->arena, count + 1, sizeof(*way.steps));
	way.visits = arena_alloc(call->arena, count);
	json_array_begin(&way.paths, call->arena);
	if (!way.steps || !way.visits || !rego_spend(call->budget, count))
		return rego_stopped(call);
	for (size_t i = 0; i < starts->array.count; i++) {
		bool goes_on = enter(&way, starts->array.items[i]);

		while (goes_on && way.depth)
			goes_on = rego_spend(call->budget, 1) && go_on(&way);
		if (!goes_on)
			return rego_stopped(call);
	}
	return rego_give(call, json_set_end(&way.paths));
}

/* ---- walk ---- */

struct walk {
	struct rego_call *call;
	struct json_array_builder pairs;
	const struct json *path[JSON_DEPTH_MAX];
	size_t depth;
};

static const struct json *path_of(const struct walk *walk)
{
	struct json_array_builder path;

	json_array_begin(&path, walk->call->arena);
	json_array_reserve(&path, walk->depth);
	for (size_t i = 0; i < walk->depth; i++)
		json_array_add(&path, walk->path[i]);
	return json_array_end(&path);
}

static bool add_pair(struct walk *walk, const struct json *value)
{
	struct json_array_builder pair;

	json_array_begin(&pair, walk->call->arena);
	json_array_reserve(&pair, 2);
	json_array_add(&pair, path_of(walk));
	json_array_add(&pair, value);
	json_array_add(&walk->pairs, json_array_end(&pair));
	return !walk->pairs.failed && rego_spend(walk->call->budget, walk->depth + 1);
}

static bool walk_value(struct walk *walk, const struct json *value);

static bool walk_element(struct walk *walk, const struct json *key, const struct json *value)
{
	bool goes_on;

	if (!key)
		return false;
	walk->path[walk->depth++] = key;
	goes_on = walk_value(walk, value);
	walk->depth--;
	return goes_on;
}

static bool walk_value(struct walk *walk, const struct json *value)
{
	bool goes_on = add_pair(walk, value);

	for (size_t i = 0; goes_on && value->type == JSON_OBJECT && i < value->object.count; i++)
		goes_on = walk_element(walk, value->object.members[i].key, value->object.members[i].value);
	for (size_t i = 0; goes_on && is_list(value) && i < value->array.count; i++)
		goes_on = walk_element(walk, value->type == JSON_SET ? value->array.items[i] :
			json_new_int(walk->call->arena, (int64_t)i), value->array.items[i]);
	return goes_on;
}

/* A relation: all that it stands for at once, parents before children. */
enum rego_answer rego_do_walk(struct rego_call *call)
{
	struct walk walk = { .call = call };

	json_array_begin(&walk.pairs, call->arena);
	if (!walk_value(&walk, call->operands[0]))
		return rego_stopped(call);
	return rego_give(call, json_array_end(&walk.pairs));
}
