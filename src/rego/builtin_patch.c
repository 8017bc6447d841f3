// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_patch.c - json.patch: a document after one operation after the other
 *
 * Values do not change, so an operation makes anew what lies on its path and shares everything beside it.
 * What cannot be done, be it a path that leads nowhere, an operation that is not known or a test that fails,
 * makes the whole call undefined. Beyond RFC 6902 there are sets, whose elements are named by themselves,
 * keys of any type, and paths that are arrays.
 *
 * Source: RFC 6902
 */
#include "rego/builtin_table.h"
#include "rego/path.h"

enum outcome {
	OUTCOME_OVER = 0,		/* the evaluation is */
	OUTCOME_IMPOSSIBLE,
	OUTCOME_DONE,
};

/* ---- places ---- */

/* An index, or where the next item would be for "-". */
static bool to_index(const struct json *array, const struct json *key, size_t *ret)
{
	uint64_t index;

	if (key->type == JSON_INT && key->integer >= 0)
		index = (uint64_t)key->integer;
	else if (key->type == JSON_STRING && str_eq(key->text, STR("-")))
		index = array->array.count;
	else if (key->type != JSON_STRING || str_to_u64(key->text, INT64_MAX, &index) < 0)
		return false;
	*ret = index;
	return true;
}

static const struct json *child_of(const struct json *value, const struct json *key)
{
	size_t index;

	if (value->type == JSON_ARRAY)
		return to_index(value, key, &index) ? json_at(value, index) : NULL;
	return json_find(value, key);
}

/* NULL where the path leads nowhere. */
static const struct json *value_at(const struct json *value, const struct json *path)
{
	for (size_t i = 0; value && i < path->array.count; i++)
		value = child_of(value, path->array.items[i]);
	return value;
}

/* ---- lists, with one element changed ---- */

/* What goes and what comes; NULL: nothing. In an array, at @index. */
struct change {
	const struct json *key;
	const struct json *old, *new;
};

static enum outcome made(const struct json *value, const struct json **ret)
{
	*ret = value;
	return value ? OUTCOME_DONE : OUTCOME_OVER;
}

static enum outcome change_array(struct rego_call *call, const struct json *array,
	const struct change *change, const struct json **ret)
{
	struct json_array_builder items;
	size_t index, count = array->array.count;

	if (!to_index(array, change->key, &index) || index > count || (change->old && index == count))
		return OUTCOME_IMPOSSIBLE;
	json_array_begin(&items, call->arena);
	for (size_t i = 0; i <= count; i++) {
		if (i == index && change->new)
			json_array_add(&items, change->new);
		if (i < count && (i != index || !change->old))
			json_array_add(&items, array->array.items[i]);
	}
	return made(json_array_end(&items), ret);
}

static enum outcome change_set(struct rego_call *call, const struct json *set, const struct change *change,
	const struct json **ret)
{
	struct json_array_builder items;

	/* What is new has to be where it is said to be. */
	if (!change->old && !json_equal(change->key, change->new))
		return OUTCOME_IMPOSSIBLE;
	json_array_begin(&items, call->arena);
	for (size_t i = 0; i < set->array.count; i++)
		if (set->array.items[i] != change->old)
			json_array_add(&items, set->array.items[i]);
	if (change->new)
		json_array_add(&items, change->new);
	return made(json_set_end(&items), ret);
}

static enum outcome change_object(struct rego_call *call, const struct json *object,
	const struct change *change, const struct json **ret)
{
	struct json_object_builder members;
	const struct json_member *old = json_find_member(object, change->key);

	json_object_begin(&members, call->arena);
	for (size_t i = 0; i < object->object.count; i++) {
		const struct json_member *member = &object->object.members[i];

		if (member != old)
			json_object_add_value(&members, member->key, member->value);
	}
	if (change->new)
		json_object_add_value(&members, change->key, change->new);
	return made(json_object_end(&members), ret);
}

static enum outcome change_list(struct rego_call *call, const struct json *list, const struct change *change,
	const struct json **ret)
{
	if (list->type == JSON_OBJECT)
		return rego_spend(call->budget, list->object.count) ?
			change_object(call, list, change, ret) : OUTCOME_OVER;
	if (list->type != JSON_ARRAY && list->type != JSON_SET)
		return OUTCOME_IMPOSSIBLE;
	if (!rego_spend(call->budget, list->array.count))
		return OUTCOME_OVER;
	return list->type == JSON_ARRAY ? change_array(call, list, change, ret) :
		change_set(call, list, change, ret);
}

/* ---- one place of a document ---- */

/*
 * @new comes to where @path leads from @value on, or, where @new is NULL, what is there goes. The recursion
 * is as deep as the value is high.
 */
static enum outcome edit(struct rego_call *call, const struct json *value, const struct json *path,
	size_t depth, const struct json *new, const struct json **ret)
{
	struct change change = { .key = path->array.items[depth], .new = new };
	const struct json *child = child_of(value, change.key);
	enum outcome outcome;

	if (depth + 1 < path->array.count) {
		if (!child)
			return OUTCOME_IMPOSSIBLE;
		outcome = edit(call, child, path, depth + 1, new, &change.new);
		if (outcome != OUTCOME_DONE)
			return outcome;
		change.old = child;
	} else if (!new) {
		if (!child)
			return OUTCOME_IMPOSSIBLE;
		change.old = child;
	}
	return change_list(call, value, &change, ret);
}

/* As edit(), from the top, where NULL is a document of which the whole is gone. */
static enum outcome change_document(struct rego_call *call, const struct json **document,
	const struct json *path, const struct json *new)
{
	if (!path->array.count) {
		if (!*document && !new)
			return OUTCOME_IMPOSSIBLE;
		*document = new;
		return OUTCOME_DONE;
	}
	return *document ? edit(call, *document, path, 0, new, document) : OUTCOME_IMPOSSIBLE;
}

/* ---- operations ---- */

struct operation {
	const struct json *path, *from, *value;		/* the last two may be NULL */
};

static enum outcome do_add(struct rego_call *call, const struct operation *operation,
	const struct json **document)
{
	return change_document(call, document, operation->path, operation->value);
}

static enum outcome do_remove(struct rego_call *call, const struct operation *operation,
	const struct json **document)
{
	return change_document(call, document, operation->path, NULL);
}

static enum outcome do_replace(struct rego_call *call, const struct operation *operation,
	const struct json **document)
{
	enum outcome outcome = do_remove(call, operation, document);

	return outcome == OUTCOME_DONE ? do_add(call, operation, document) : outcome;
}

static enum outcome do_copy(struct rego_call *call, const struct operation *operation,
	const struct json **document)
{
	const struct json *value = value_at(*document, operation->from);

	return value ? change_document(call, document, operation->path, value) : OUTCOME_IMPOSSIBLE;
}

static enum outcome do_move(struct rego_call *call, const struct operation *operation,
	const struct json **document)
{
	const struct json *value = value_at(*document, operation->from);
	enum outcome outcome = value ? change_document(call, document, operation->from, NULL) :
		OUTCOME_IMPOSSIBLE;

	return outcome == OUTCOME_DONE ? change_document(call, document, operation->path, value) : outcome;
}

static enum outcome do_test(struct rego_call *call, const struct operation *operation,
	const struct json **document)
{
	const struct json *value = value_at(*document, operation->path);

	if (value && !rego_spend_compare(call->budget, value, operation->value))
		return OUTCOME_OVER;
	return value && json_equal(value, operation->value) ? OUTCOME_DONE : OUTCOME_IMPOSSIBLE;
}

static const struct {
	const char *name;
	enum outcome (*run)(struct rego_call *call, const struct operation *operation,
		const struct json **document);
	bool has_from, has_value;
} operations[] = {
	{ "add", do_add, .has_value = true },
	{ "copy", do_copy, .has_from = true },
	{ "move", do_move, .has_from = true },
	{ "remove", do_remove },
	{ "replace", do_replace, .has_value = true },
	{ "test", do_test, .has_value = true },
};

/* A member that is a path. */
static enum outcome read_path(struct rego_call *call, const struct json *object, const char *name,
	const struct json **ret)
{
	const struct json *path = json_get(object, name);

	if (!path || !rego_is_path(path))
		return OUTCOME_IMPOSSIBLE;
	return made(rego_path_read(call, path), ret);
}

static enum outcome apply(struct rego_call *call, const struct json *object, const struct json **document)
{
	const struct json *name = json_get(object, "op");
	struct operation operation = { .value = json_get(object, "value") };
	enum outcome outcome;

	for (size_t i = 0; name && name->type == JSON_STRING && i < ARRAY_SIZE(operations); i++) {
		if (!str_eq(name->text, str_from(operations[i].name)))
			continue;
		if (operations[i].has_value && !operation.value)
			return OUTCOME_IMPOSSIBLE;
		outcome = read_path(call, object, "path", &operation.path);
		if (outcome == OUTCOME_DONE && operations[i].has_from)
			outcome = read_path(call, object, "from", &operation.from);
		return outcome == OUTCOME_DONE ? operations[i].run(call, &operation, document) : outcome;
	}
	return OUTCOME_IMPOSSIBLE;
}

enum rego_answer rego_do_json_patch(struct rego_call *call)
{
	const struct json *document = call->operands[0], *patch = call->operands[1];

	if (!rego_take(call, 1, JSON_ARRAY))
		return rego_failed(call);
	for (size_t i = 0; i < patch->array.count; i++) {
		enum outcome outcome = rego_spend(call->budget, 1) ?
			apply(call, patch->array.items[i], &document) : OUTCOME_OVER;

		if (outcome == OUTCOME_OVER)
			return rego_stopped(call);
		if (outcome == OUTCOME_IMPOSSIBLE)
			return rego_undefined(call);
	}
	return document ? rego_give(call, document) : rego_undefined(call);
}
