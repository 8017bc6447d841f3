// SPDX-License-Identifier: Apache-2.0
/*
 * regoc_context.c - evaluations through the public header: limits, answers, and why there is none
 *
 * A context keeps what is dear from one evaluation to the next: the machine's stack, and the first chunk of
 * its arena. So the same question asked again takes no memory from the heap.
 */
#include "rego/cache.h"
#include "rego/known.h"
#include "rego/machine.h"
#include "rego/regoc_internal.h"
#include "rego/regoc_members.h"
#include "rego/zone.h"

#include <errno.h>

enum {
	CACHE_BYTES = 16 << 20,
	KNOWN_BYTES = 16 << 20,
	ZONES_BYTES = 16 << 20,
};

struct regoc_context {
	struct arena arena;
	struct rego_cache cache;	/* patterns, from one evaluation to the next */
	struct arena zones_arena;	/* time zones, as long as the context lives */
	struct rego_zones *zones;	/* NULL: UTC alone */
	struct buf text;		/* of the result */
	struct regoc_limits limits;
	struct rego_machine machine;
	struct rego_budget budget;
	struct rego_moment moment;
	struct regoc_watch watch;	/* of the evaluation at hand */
	struct rego_watch told;		/* who tells it */
	bool is_cancelled;		/* atomic: set by another thread */
	bool was_cancelled;		/* that is why the budget stopped */
	const struct regoc_query *query;
	const struct json **members;	/* of a question for some; of the arena */
	enum regoc_status status;
	struct regoc_diagnostic fault;
};

/* ---- contexts ---- */

static bool read_zone(void *data, struct str name, struct str *ret)
{
	const struct regoc_limits *limits = data;
	char called[REGO_ZONE_NAME_MAX + 1];

	if (name.len > REGO_ZONE_NAME_MAX || memchr(name.data, 0, name.len))
		return false;
	memcpy(called, name.data, name.len);
	called[name.len] = 0;
	return limits->zone(limits->zone_data, called, &ret->data, &ret->len);
}

static void begin_zones(struct regoc_context *context)
{
	struct rego_zone_reader reader = { .read = read_zone, .data = &context->limits };

	context->zones_arena = (struct arena)ARENA_INIT(ZONES_BYTES);
	if (context->limits.zone)
		context->zones = rego_zones_new(&context->zones_arena);
	if (context->zones)
		rego_zones_set_reader(context->zones, &reader);
}

struct regoc_context *regoc_context_new(const struct regoc_limits *limits)
{
	struct regoc_context *context = calloc(1, sizeof(*context));

	if (!context)
		abort();
	if (limits)
		context->limits = *limits;
	if (!context->limits.steps)
		context->limits.steps = REGOC_STEPS_COUNT;
	if (!context->limits.memory_bytes)
		context->limits.memory_bytes = REGOC_MEMORY_BYTES;
	if (!context->limits.result_bytes)
		context->limits.result_bytes = REGOC_RESULT_BYTES;
	context->arena = (struct arena)ARENA_INIT(context->limits.memory_bytes);
	context->cache = (struct rego_cache)REGO_CACHE_INIT(CACHE_BYTES);
	context->text = (struct buf)BUF_INIT(context->limits.result_bytes);
	begin_zones(context);
	context->status = REGOC_BAD_CALL;
	return context;
}

void regoc_context_free(struct regoc_context *context)
{
	if (context) {
		rego_machine_fini(&context->machine);
		arena_fini(&context->arena);
		rego_cache_fini(&context->cache);
		arena_fini(&context->zones_arena);
		buf_fini(&context->text);
	}
	free(context);
}

void regoc_context_cancel(struct regoc_context *context)
{
	__atomic_store_n(&context->is_cancelled, true, __ATOMIC_RELAXED);
}

static bool is_late(void *data)
{
	struct regoc_context *context = data;

	context->was_cancelled = __atomic_exchange_n(&context->is_cancelled, false, __ATOMIC_RELAXED);
	return context->was_cancelled ||
		(context->limits.is_late && context->limits.is_late(context->limits.data));
}

/* ---- faults ---- */

const char *regoc_status_name(enum regoc_status status)
{
	static const char *const names[] = {
		[REGOC_OK] = "ok", [REGOC_BAD_POLICY] = "rego_compile_error", [REGOC_BAD_JSON] = "json_error",
		[REGOC_BAD_CALL] = "eval_internal_error", [REGOC_BUILTIN_ERROR] = "eval_builtin_error",
		[REGOC_TYPE_ERROR] = "eval_type_error", [REGOC_CONFLICT] = "eval_conflict_error",
		[REGOC_WITH_MERGE] = "eval_with_merge_error", [REGOC_STEPS] = "eval_cancel_error",
		[REGOC_MEMORY] = "eval_cancel_error", [REGOC_RESULT] = "eval_cancel_error",
		[REGOC_DEADLINE] = "eval_cancel_error", [REGOC_CANCELLED] = "eval_cancel_error",
	};

	return names[status];
}

static enum regoc_status fail(struct regoc_context *context, enum regoc_status status, const char *text)
{
	context->status = status;
	context->fault = (struct regoc_diagnostic){
		.code = regoc_status_name(status), .message = text, .file = "",
	};
	return status;
}

static enum regoc_status stop_status(const struct regoc_context *context)
{
	switch (context->budget.stop) {
	case REGO_STOP_STEPS:
		return REGOC_STEPS;
	case REGO_STOP_LATE:
		return context->was_cancelled ? REGOC_CANCELLED : REGOC_DEADLINE;
	case REGO_STOP_RESULT:
		return REGOC_RESULT;
	case REGO_STOP_NONE:
	case REGO_STOP_MEMORY:
		break;
	}
	return REGOC_MEMORY;
}

static enum regoc_status fault_status(const struct regoc_context *context)
{
	switch (context->machine.fault.code) {
	case REGO_FAULT_BUILTIN:
		return REGOC_BUILTIN_ERROR;
	case REGO_FAULT_TYPE:
		return REGOC_TYPE_ERROR;
	case REGO_FAULT_CONFLICT:
		return REGOC_CONFLICT;
	case REGO_FAULT_MERGE:
		return REGOC_WITH_MERGE;
	case REGO_FAULT_NONE:
	case REGO_FAULT_STOPPED:
		break;
	}
	return stop_status(context);
}

static enum regoc_status take_fault(struct regoc_context *context)
{
	const struct rego_fault *fault = &context->machine.fault;

	fail(context, fault_status(context), fault->text);
	if (fault->at.source) {
		context->fault.file = fault->at.source->name;
		context->fault.line = fault->at.line;
		context->fault.column = fault->at.column;
	}
	return context->status;
}

const struct regoc_diagnostic *regoc_fault(const struct regoc_context *context)
{
	return context->status == REGOC_OK ? NULL : &context->fault;
}

/* ---- who looks on ---- */

static_assert((int)REGOC_EVENT_PRINT == REGO_EVENT_PRINT && (int)REGOC_EVENT_CASE == REGO_EVENT_CASE,
	"the events of the public header are the machine's");

static void tell(void *data, const struct rego_event *event)
{
	const struct regoc_watch *watch = data;
	const struct rego_span *at = &event->at;
	bool is_query = event->function->kind == REGO_FUNCTION_QUERY;
	struct regoc_event told = {
		.kind = (enum regoc_event_kind)event->kind, .line = at->line, .column = at->column,
		.file = at->source && !is_query ? at->source->name : "", .rule = event->function->name,
		.depth = (unsigned)event->depth, .text = event->text.data, .len = event->text.len,
	};

	if (!told.text && at->source) {
		told.text = at->source->text.data + at->offset;
		told.len = at->length;
	}
	told.text = told.text ? told.text : "";
	watch->look(watch->data, &told);
}

static void begin_watch(struct regoc_context *context, const struct regoc_request *request)
{
	context->machine.watch = NULL;
	if (!request->watch)
		return;
	context->watch = *request->watch;
	context->told = (struct rego_watch){ .look = tell, .data = &context->watch };
	context->machine.watch = &context->told;
}

/* ---- what is known ---- */

struct regoc_known {
	struct rego_known known;
	bool is_used;			/* known.is_strict says how */
};

static const struct json no_data = { .type = JSON_OBJECT, .height = 1 };

struct regoc_known *regoc_known_new(const struct regoc_policy *policy, const struct regoc_value *data,
	size_t memory_bytes)
{
	const struct json *base = data ? regoc_to_json(data) : &no_data;
	struct regoc_known *known = calloc(1, sizeof(*known));

	if (!known)
		abort();
	if (base->type == JSON_OBJECT &&
			rego_known_init(&known->known, rego_policy_plan(rego_api_compiled(policy)), base,
				memory_bytes ? memory_bytes : KNOWN_BYTES) >= 0)
		return known;
	regoc_known_free(known);
	return NULL;
}

void regoc_known_free(struct regoc_known *known)
{
	if (known)
		rego_known_fini(&known->known);
	free(known);
}

/* Whether it may be used at all; where errors of built-ins end otherwise than before, it only lies by. */
static bool take_known(struct regoc_context *context, const struct regoc_request *request,
	const struct json *data)
{
	struct regoc_known *known = request->known;
	bool is_strict = request->flags & REGOC_STRICT_BUILTINS;

	context->machine.known = NULL;
	if (!known)
		return true;
	if (known->known.plan != rego_policy_plan(rego_api_compiled(request->query->policy)) ||
			known->known.data != data)
		return false;
	if (!known->is_used)
		known->known.is_strict = is_strict;
	known->is_used = true;
	if (known->known.is_strict == is_strict)
		context->machine.known = &known->known;
	return true;
}

/* ---- evaluating ---- */

static void begin(struct regoc_context *context, const struct regoc_request *request)
{
	arena_reset(&context->arena);
	rego_budget_init(&context->budget, context->limits.steps, is_late, context);
	context->was_cancelled = false;
	context->query = request->query;
	context->moment = (struct rego_moment){ .zones = context->zones };
	if (request->moment) {
		context->moment.now_ns = request->moment->now_ns;
		memcpy(context->moment.seed, request->moment->seed, sizeof(context->moment.seed));
	}
	context->machine.plan = rego_policy_plan(rego_api_compiled(request->query->policy));
	context->machine.arena = &context->arena;
	context->machine.budget = &context->budget;
	context->machine.moment = &context->moment;
	context->machine.cache = &context->cache;
	context->machine.is_strict = request->flags & REGOC_STRICT_BUILTINS;
	begin_watch(context, request);
}

static int run(struct regoc_context *context, const struct json *input, const struct json *data)
{
	const struct regoc_query *query = context->query;

	if (!query->members)
		return rego_machine_run(&context->machine, query->function, input, data);
	context->members = arena_alloc_raw(&context->arena, query->member_count * sizeof(struct json *));
	if (!context->members)
		return -EMSGSIZE;
	return rego_machine_ask(&context->machine, query->members, query->member_count, input, data,
		context->members);
}

enum regoc_status regoc_evaluate(struct regoc_context *context, const struct regoc_request *request)
{
	const struct json *data = request->data ? regoc_to_json(request->data) : &no_data;
	int r;

	context->query = NULL;
	if (!request->query || data->type != JSON_OBJECT)
		return fail(context, REGOC_BAD_CALL, "the data of an evaluation must be an object");
	if (!take_known(context, request, data))
		return fail(context, REGOC_BAD_CALL, "what is known is of another policy, or of other data");
	begin(context, request);
	r = run(context, regoc_to_json(request->input), data);
	if (r == -EMSGSIZE)
		return fail(context, REGOC_MEMORY, "the policy needs more memory than it may have");
	if (r < 0)
		return take_fault(context);
	context->status = REGOC_OK;
	return REGOC_OK;
}

/* ---- answers ---- */

static bool has_rows(const struct regoc_context *context)
{
	return context->status == REGOC_OK && context->query->rows;
}

size_t regoc_row_count(const struct regoc_context *context)
{
	return has_rows(context) ? context->machine.rows.count : 0;
}

const struct regoc_value *regoc_binding(const struct regoc_context *context, size_t row, size_t variable)
{
	if (row >= regoc_row_count(context) || variable >= context->query->rows->name_count)
		return NULL;
	return regoc_of_json(context->machine.rows.items[row]->array.items[variable]);
}

const struct regoc_value *regoc_expression_value(const struct regoc_context *context, size_t row,
	size_t expression)
{
	static const struct json yes = { .type = JSON_BOOL, .boolean = true };
	uint32_t item;

	if (row >= regoc_row_count(context) || expression >= context->query->rows->expr_count)
		return NULL;
	item = context->query->rows->exprs[expression].item;
	return regoc_of_json(item == REGO_NOWHERE ? &yes :
		context->machine.rows.items[row]->array.items[item]);
}

const struct regoc_value *regoc_result(const struct regoc_context *context)
{
	if (context->status != REGOC_OK || context->query->members)
		return NULL;
	return context->query->rows ? regoc_expression_value(context, 0, 0) :
		regoc_of_json(context->machine.result);
}

const struct regoc_value *rego_api_member(const struct regoc_context *context, size_t index)
{
	if (context->status != REGOC_OK || index >= context->query->member_count)
		return NULL;
	return regoc_of_json(context->members[index]);
}

bool regoc_is_true(const struct regoc_context *context)
{
	return regoc_to_boolean(regoc_result(context));
}

/* ---- as JSON ---- */

static const struct json *expression_document(struct regoc_context *context, size_t row, size_t index)
{
	const struct regoc_expression *expr = &context->query->exprs[index];
	struct json_object_builder object, location;

	json_object_begin(&location, &context->arena);
	json_object_add_int(&location, "row", expr->line);
	json_object_add_int(&location, "col", expr->column);
	json_object_begin(&object, &context->arena);
	json_object_add(&object, "value", regoc_to_json(regoc_expression_value(context, row, index)));
	json_object_add_text(&object, "text", expr->text);
	json_object_add(&object, "location", json_object_end(&location));
	return json_object_end(&object);
}

static const struct json *row_document(struct regoc_context *context, size_t row)
{
	const struct rego_query *query = context->query->rows;
	struct json_object_builder object, bindings;
	struct json_array_builder exprs;

	json_object_begin(&object, &context->arena);
	json_object_begin(&bindings, &context->arena);
	json_array_begin(&exprs, &context->arena);
	for (size_t i = 0; i < query->expr_count; i++)
		json_array_add(&exprs, expression_document(context, row, i));
	for (size_t i = 0; i < query->name_count; i++)
		json_object_add_str(&bindings, query->names[i],
			regoc_to_json(regoc_binding(context, row, i)));
	if (query->expr_count)
		json_object_add(&object, "expressions", json_array_end(&exprs));
	if (query->name_count)
		json_object_add(&object, "bindings", json_object_end(&bindings));
	return json_object_end(&object);
}

static const struct json *rows_document(struct regoc_context *context)
{
	struct json_object_builder object;
	struct json_array_builder rows;

	json_object_begin(&object, &context->arena);
	json_array_begin(&rows, &context->arena);
	for (size_t i = 0; i < regoc_row_count(context); i++)
		json_array_add(&rows, row_document(context, i));
	if (regoc_row_count(context))
		json_object_add(&object, "result", json_array_end(&rows));
	return json_object_end(&object);
}

static const struct json *members_document(struct regoc_context *context)
{
	const struct regoc_query *query = context->query;
	struct json_object_builder object;

	json_object_begin(&object, &context->arena);
	for (size_t i = 0; i < query->member_count; i++)
		if (context->members[i])
			json_object_add_value(&object, query->keys[i], context->members[i]);
	return json_object_end_merged(&object);
}

/* NULL: there is no room, or an entry point is undefined. */
static const struct json *document_of(struct regoc_context *context)
{
	if (context->query->rows)
		return rows_document(context);
	return context->query->members ? members_document(context) : context->machine.result;
}

enum regoc_status regoc_result_text(struct regoc_context *context, const char **ret, size_t *ret_len)
{
	const struct json *document;

	*ret = "";
	if (ret_len)
		*ret_len = 0;
	if (context->status != REGOC_OK)
		return context->status;
	document = document_of(context);
	if (!document && context->query->function && !context->query->rows)
		return REGOC_OK;
	if (!document)
		return fail(context, REGOC_MEMORY, "the policy needs more memory than it may have");
	buf_clear(&context->text);
	if (json_write(&context->text, document, JSON_WRITE_CANONICAL) < 0)
		return fail(context, REGOC_RESULT, "the result is larger than it may be");
	*ret = buf_text(&context->text);
	if (ret_len)
		*ret_len = context->text.len;
	return REGOC_OK;
}
