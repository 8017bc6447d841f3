// SPDX-License-Identifier: Apache-2.0
/*
 * api_request.c - what a client of the control API wants, read as if a stranger had sent it
 */
#include "cli/api_request.h"

#include "base/quote.h"
#include "base/str_case.h"
#include "base/units.h"
#include "json/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	METHODS = 1 << API_METHOD_GET | 1 << API_METHOD_HEAD,
};

#define JSON_TYPE STR("application/json")
#define EVENTS_TYPE STR("text/event-stream")

static const struct {
	struct str path;
	unsigned methods;		/* bits */
	const char *allow;
} paths[API_PATH_COUNT] = {
	[API_PATH_RULES] = { STR("/v1/rules"), METHODS | 1 << API_METHOD_POST | 1 << API_METHOD_DELETE,
		"GET, HEAD, POST, DELETE" },
	[API_PATH_RULE] = { STR("/v1/rules/"), 1 << API_METHOD_DELETE, "DELETE" },
	[API_PATH_EVENTS] = { STR("/v1/events"), 1 << API_METHOD_GET, "GET" },
	[API_PATH_STATS] = { STR("/v1/stats"), METHODS, "GET, HEAD" },
	[API_PATH_CONFIG] = { STR("/v1/config"), METHODS, "GET, HEAD" },
};

enum http_step api_problem_set(struct api_problem *problem, uint16_t status, const char *hint,
	const char *fmt, ...)
{
	va_list args;

	*problem = (struct api_problem){ .status = status };
	va_start(args, fmt);
	(void)vsnprintf(problem->detail, sizeof(problem->detail), fmt, args);
	va_end(args);
	(void)snprintf(problem->hint, sizeof(problem->hint), "%s", hint ? hint : "");
	return HTTP_REFUSED;
}

/* ---- where, and what with ---- */

static enum api_method method_of(const struct http_request *http)
{
	return http->method == HTTP_METHOD_GET ? API_METHOD_GET :
		http->method == HTTP_METHOD_HEAD ? API_METHOD_HEAD :
		str_eq(http->method_name, STR("POST")) ? API_METHOD_POST :
		str_eq(http->method_name, STR("DELETE")) ? API_METHOD_DELETE :
			API_METHOD_OTHER;
}

/* As JSON says it, since ids are JSON's integers: from 1 to 2^63 - 1, without zeros in front. */
static bool read_number(struct str text, bool may_be_zero, uint64_t *ret)
{
	if (!text.len || !ascii_is_digit(text.data[0]) || (text.data[0] == '0' && text.len > 1))
		return false;
	return str_to_u64(text, INT64_MAX, ret) >= 0 && (may_be_zero || *ret);
}

static enum api_path find_path(struct str path, uint64_t *ret_rule)
{
	const struct str prefix = paths[API_PATH_RULE].path;

	for (enum api_path i = API_PATH_NONE + 1; i < API_PATH_COUNT; i++)
		if (i != API_PATH_RULE && str_eq(path, paths[i].path))
			return i;
	if (str_starts_with(path, prefix) &&
			read_number((struct str){ path.data + prefix.len, path.len - prefix.len }, false,
				ret_rule))
		return API_PATH_RULE;
	return API_PATH_NONE;
}

static enum http_step read_query(struct api_request *request, struct str query, struct api_problem *why)
{
	static const struct str after = STR("after=");

	if (request->path == API_PATH_EVENTS && str_starts_with(query, after) &&
			read_number((struct str){ query.data + after.len, query.len - after.len }, true,
				&request->after))
		return HTTP_MORE;
	return api_problem_set(why, 400,
		"Of all queries there is one: /v1/events?after=NUMBER, the number of the last event that is known.",
		"there is no query '%s'", quote_text(query).text);
}

static enum http_step read_target(struct api_request *request, const struct http_request *http,
	struct api_problem *why)
{
	struct str path, query = { 0 };
	bool has_query;

	if (http->form != HTTP_FORM_ORIGIN)
		return api_problem_set(why, 400, "Send a path, such as /v1/rules.",
			"this is no proxy, and takes no target of that form");
	has_query = str_cut(http->target, '?', &path, &query);
	request->path = find_path(path, &request->rule);
	if (request->path == API_PATH_NONE)
		return api_problem_set(why, 404,
			"There are /v1/events, /v1/rules, /v1/rules/NUMBER, /v1/stats and /v1/config.",
			"there is no '%s'", quote_text(path).text);
	if (!(paths[request->path].methods & 1u << request->method)) {
		api_problem_set(why, 405, "The field Allow says which methods there are.",
			"'%s' knows no method %s", quote_text(path).text, quote_text(http->method_name).text);
		why->allow = paths[request->path].allow;
		return HTTP_REFUSED;
	}
	return has_query ? read_query(request, query, why) : HTTP_MORE;
}

static bool changes(const struct api_request *request)
{
	return request->method == API_METHOD_POST || request->method == API_METHOD_DELETE;
}

/* ---- forms ---- */

static struct str trim(struct str text)
{
	while (text.len && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = (struct str){ text.data + 1, text.len - 1 };
	while (text.len && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* Whether one range of Accept has a type; "q=0" takes one out. RFC 9110, 12.5.1 */
static bool takes(struct str range, struct str type)
{
	struct str name, parameters = { 0 }, kind, rest;

	if (str_cut(range, ';', &name, &parameters) && memmem(parameters.data, parameters.len, "q=0", 3) &&
			!memmem(parameters.data, parameters.len, "q=0.", 4))
		return false;
	name = trim(name);
	(void)str_cut(type, '/', &kind, &rest);
	return str_eq(name, STR("*/*")) || str_eq_no_case(name, type) ||
		(name.len == kind.len + 2 && str_ends_with(name, STR("/*")) &&
			str_eq_no_case((struct str){ name.data, kind.len }, kind));
}

static enum http_step check_accept(const struct api_request *request, const struct http_head *head,
	struct api_problem *why)
{
	const struct http_field *accept = http_field_find(head, STR("accept"));
	const struct str type = request->path == API_PATH_EVENTS ? EVENTS_TYPE : JSON_TYPE;
	struct str range, rest = accept ? accept->value : (struct str){ 0 };
	bool more = accept;

	while (more) {
		more = str_cut(rest, ',', &range, &rest);
		if (takes(range, type))
			return HTTP_MORE;
	}
	return !accept ? HTTP_MORE :
		api_problem_set(why, 406, "Leave Accept away, or have it take that type.",
			"what is here is %.*s alone", STR_FMT(type));
}

static enum http_step check_type(const struct http_head *head, struct api_problem *why)
{
	const struct http_field *field = http_field_find(head, STR("content-type"));
	struct str type, parameters = { 0 };

	if (field) {
		(void)str_cut(field->value, ';', &type, &parameters);
		parameters = trim(parameters);
		if (str_eq_no_case(trim(type), JSON_TYPE) &&
				(!parameters.len || str_eq_no_case(parameters, STR("charset=utf-8"))))
			return HTTP_MORE;
	}
	return api_problem_set(why, 415, "Send JSON, and say so: Content-Type: application/json.",
		"the body is not said to be application/json");
}

static enum http_step check_body(struct api_request *request, const struct http_head *head,
	struct api_problem *why)
{
	const bool wants_body = request->path == API_PATH_RULES && changes(request);

	if (head->framing == HTTP_BODY_CHUNKED)
		return api_problem_set(why, 411, "Send the body with a Content-Length.",
			"a body in chunks is not taken");
	if (head->length_bytes > API_BODY_BYTES_MAX)
		return api_problem_set(why, 413, "Send the rules in several requests.",
			"the body is longer than %d bytes", (int)API_BODY_BYTES_MAX);
	request->body_bytes = (size_t)head->length_bytes;
	if (!wants_body)
		return request->body_bytes ?
			api_problem_set(why, 400, "Send it without one.", "this request has no body") :
			HTTP_MORE;
	if (!request->body_bytes)
		return api_problem_set(why, 400, "docs/control-api.yaml has its form.",
			"this request needs a body");
	return check_type(head, why);
}

static enum http_step read_last_event(struct api_request *request, const struct http_head *head,
	struct api_problem *why)
{
	const struct http_field *field = http_field_find(head, STR("last-event-id"));

	/* It is newer than what the address says, to which a client comes back again and again. */
	if (request->path != API_PATH_EVENTS || !field || !field->value.len ||
			read_number(field->value, true, &request->after))
		return HTTP_MORE;
	return api_problem_set(why, 400, "Send back the id of the last event that came.",
		"Last-Event-ID is no number of an event: '%s'", quote_text(field->value).text);
}

static enum http_step check(struct api_request *request, const struct http_request *http, enum api_role role,
	struct api_problem *why)
{
	enum http_step step = read_target(request, http, why);

	if (step == HTTP_MORE && changes(request) && role != API_OPERATOR)
		step = api_problem_set(why, 403,
			"Use the operator's certificate (operator.crt, operator.key).",
			"a reader may look, and change nothing");
	if (step == HTTP_MORE)
		step = check_accept(request, &http->head, why);
	if (step == HTTP_MORE)
		step = check_body(request, &http->head, why);
	if (step == HTTP_MORE)
		step = read_last_event(request, &http->head, why);
	return step == HTTP_MORE ? HTTP_DONE : HTTP_REFUSED;
}

enum http_step api_request_read(struct http_request *http, struct arena *arena, struct str bytes,
	enum api_role role, struct api_request *ret, struct api_problem *why)
{
	const struct http_limits limits = { API_HEAD_BYTES_MAX, API_LINE_BYTES_MAX, API_FIELDS_MAX };
	struct http_refusal refusal;
	enum http_step step;

	*ret = (struct api_request){ .is_last = true };
	step = http_request_read(http, arena, bytes, &limits, &refusal);
	if (step == HTTP_MORE)
		return HTTP_MORE;
	if (step == HTTP_REFUSED)
		return api_problem_set(why, refusal.status, "Use a client that speaks HTTP/1.1.", "%s",
			refusal.why);
	ret->method = method_of(http);
	ret->head_bytes = http->head.bytes;
	ret->expects_continue = http->expects_continue;
	step = check(ret, http, role, why);
	/* A body that nobody reads would be taken for the next request. */
	ret->is_last = http->head.is_last ||
		(step == HTTP_REFUSED &&
			(http->head.length_bytes || http->head.framing == HTTP_BODY_CHUNKED));
	return step;
}

/* ---- bodies ---- */

#define FORM_HINT "docs/control-api.yaml has the form; nothing was changed."

static enum http_step no_form(struct api_problem *why, const char *what)
{
	return api_problem_set(why, 422, FORM_HINT, "%s", what);
}

/* Nothing but these; a NULL ends them. */
static bool has_only(const struct json *object, const char *const *keys)
{
	size_t known = 0;

	for (; *keys; keys++)
		known += json_get(object, *keys) != NULL;
	return known == object->object.count;
}

static enum http_step read_list(const struct json *object, const char *key, const struct json **ret,
	struct api_problem *why)
{
	*ret = json_get(object, key);
	if (!*ret || (*ret)->type != JSON_ARRAY || !(*ret)->array.count)
		return api_problem_set(why, 422, FORM_HINT, "'%s' has to be a list that is not empty", key);
	if ((*ret)->array.count > RULES_CHANGE_ITEMS_MAX)
		return api_problem_set(why, 422, "Send the rules in several requests.",
			"'%s' has more than %d items", key, (int)RULES_CHANGE_ITEMS_MAX);
	return HTTP_DONE;
}

static enum http_step read_for(const struct json *object, uint64_t *ret, struct api_problem *why)
{
	const struct json *value = json_get(object, "for");

	if (!value || (value->type == JSON_STRING && units_parse_duration(value->text, ret) >= 0 && *ret &&
			*ret <= RULES_CHANGE_FOR_MAX_NS))
		return HTTP_DONE;
	return no_form(why, "'for' has to be a duration, such as \"10m\", and at most a year");
}

static enum http_step read_hosts(struct arena *arena, const struct json *object, struct api_change *ret,
	struct api_problem *why)
{
	static const char *const keys[] = { "action", "entries", "for", NULL };
	const char *action = json_get_text(object, "action");
	const struct json *list;
	const char **hosts;
	enum http_step step;

	if (!has_only(object, keys))
		return no_form(why, "there may be 'action', 'entries' and 'for', and nothing else");
	if (!action || (strcmp(action, "allow") && strcmp(action, "deny")))
		return no_form(why, "'action' has to be \"allow\" or \"deny\"");
	step = read_list(object, "entries", &list, why);
	if (step == HTTP_DONE)
		step = read_for(object, &ret->for_ns, why);
	if (step != HTTP_DONE)
		return step;
	hosts = arena_alloc_array(arena, list->array.count, sizeof(*hosts));
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *item = list->array.items[i];

		if (item->type == JSON_STRING && !memchr(item->text.data, '\0', item->text.len) && hosts)
			hosts[i] = arena_copy(arena, item->text.data, item->text.len);
		if (!hosts || !hosts[i])
			return no_form(why, "an entry is no text");
	}
	ret->kind = strcmp(action, "allow") ? RULES_CHANGE_DENY : RULES_CHANGE_ALLOW;
	ret->hosts = hosts;
	ret->count = list->array.count;
	return HTTP_DONE;
}

static enum http_step read_ids(struct arena *arena, const struct json *object, struct api_change *ret,
	struct api_problem *why)
{
	static const char *const keys[] = { "ids", NULL };
	const struct json *list;
	uint64_t *ids;
	enum http_step step;

	if (!has_only(object, keys))
		return no_form(why, "there may be 'ids', and nothing else");
	step = read_list(object, "ids", &list, why);
	if (step != HTTP_DONE)
		return step;
	ids = arena_alloc_array(arena, list->array.count, sizeof(*ids));
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *item = list->array.items[i];

		if (!ids || item->type != JSON_INT || item->integer <= 0)
			return no_form(why, "an id is no number of a rule");
		ids[i] = (uint64_t)item->integer;
	}
	ret->kind = RULES_CHANGE_REMOVE;
	ret->ids = ids;
	ret->count = list->array.count;
	return HTTP_DONE;
}

enum http_step api_change_read(struct arena *arena, const struct api_request *request, struct str text,
	struct api_change *ret, struct api_problem *why)
{
	struct api_change change = { 0 };
	struct error err = ERROR_INIT;
	const struct json *value;
	enum http_step step;

	if (json_read(arena, text, JSON_READ_STRICT, &value, &err) < 0)
		return api_problem_set(why, 400, FORM_HINT, "the body is no JSON: %s", err.text);
	if (value->type != JSON_OBJECT)
		return no_form(why, "the body has to be an object");
	step = request->method == API_METHOD_POST ? read_hosts(arena, value, &change, why) :
		read_ids(arena, value, &change, why);
	if (step == HTTP_DONE)
		*ret = change;
	return step;
}
