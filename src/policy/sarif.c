// SPDX-License-Identifier: Apache-2.0
/*
 * sarif.c - a judgement as a SARIF log
 *
 * Of the floor's rules the table has everything that SARIF has room for. Of others, which come from a
 * configuration or a policy, there is the name, and each result's own message.
 */
#include "policy/sarif.h"

#include "policy/rules.h"

#include <inttypes.h>
#include <stdio.h>

#define SARIF_SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

enum {
	TEXT_BYTES_MAX = 64 << 10,
	URI_BYTES_MAX = 16 << 10,
	BASE_NAME_SIZE = 32,
};

struct writer {
	struct arena *arena;
	const struct judgement *judgement;
	const struct changeset *changeset;
	const bool *selected;
	const char *session, *version;
};

/* ---- texts ---- */

static const struct json *from_buf(struct arena *arena, const struct buf *text)
{
	return buf_failed(text) ? NULL : json_new_string(arena, (struct str){ buf_text(text), text->len });
}

/* {"text": ...} of what is shown as it is. */
static const struct json *plain_text(struct arena *arena, const char *text)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "text", text);
	return json_object_end(&object);
}

/* {"text": ...} of a message, in which braces and brackets mean something unless they are escaped. */
static const struct json *message_to_json(struct arena *arena, const char *message)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct json_object_builder object;

	for (; *message; message++) {
		if (*message == '{' || *message == '}')
			(void)buf_append(&text, message, 1);
		else if (strchr("[]\\", *message))
			(void)buf_append_str(&text, "\\");
		(void)buf_append(&text, message, 1);
	}
	json_object_begin(&object, arena);
	json_object_add(&object, "text", from_buf(arena, &text));
	return json_object_end(&object);
}

/*
 * Whatever is not plainly a part of a path is escaped, also what a reference may hold in other places (":").
 */
static void append_uri(struct buf *uri, struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char byte = (unsigned char)path.data[i];

		if (byte &&
				strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/", byte))
			(void)buf_append(uri, &path.data[i], 1);
		else
			(void)buf_printf(uri, "%%%02X", byte);
	}
}

/* ---- rules ---- */

static const char *level_name(enum verdict verdict)
{
	return verdict == VERDICT_DENY ? "error" : verdict == VERDICT_ASK ? "warning" : "note";
}

static const struct json *level_to_json(struct arena *arena, enum verdict verdict)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "level", level_name(verdict));
	return json_object_end(&object);
}

static void add_words(struct json_object_builder *object, struct arena *arena, const struct floor_rule *rule)
{
	const char *full = arena_printf(arena, "%s: %s", rule->what, rule->why);
	const char *help = arena_printf(arena, "%s\n\nThe rule looks at %s.", rule->todo, rule->looks);

	json_object_add(object, "shortDescription", plain_text(arena, rule->what));
	json_object_add(object, "fullDescription", full ? plain_text(arena, full) : NULL);
	json_object_add(object, "help", help ? plain_text(arena, help) : NULL);
}

static const struct json *rule_to_json(struct arena *arena, const struct judged_rule *rule)
{
	const struct floor_rule *known = floor_find_rule(rule->rule);
	struct json_object_builder object, properties;

	json_object_begin(&properties, arena);
	json_object_add_int(&properties, "count", (int64_t)rule->count);
	json_object_add_text(&properties, "severity", severity_name(rule->severity));
	json_object_add_text(&properties, "verdict", verdict_name(rule->verdict));
	json_object_begin(&object, arena);
	json_object_add_text(&object, "id", rule->rule);
	json_object_add(&object, "defaultConfiguration", level_to_json(arena, rule->verdict));
	json_object_add(&object, "properties", json_object_end(&properties));
	if (known)
		add_words(&object, arena, known);
	return json_object_end(&object);
}

static const struct json *tool_to_json(const struct writer *w)
{
	struct json_object_builder driver, tool;
	struct json_array_builder rules;

	json_array_begin(&rules, w->arena);
	for (size_t i = 0; i < w->judgement->rule_count; i++)
		json_array_add(&rules, rule_to_json(w->arena, &w->judgement->rules[i]));
	json_object_begin(&driver, w->arena);
	json_object_add_text(&driver, "name", "cordon");
	json_object_add_text(&driver, "version", w->version);
	json_object_add(&driver, "rules", json_array_end(&rules));
	json_object_begin(&tool, w->arena);
	json_object_add(&tool, "driver", json_object_end(&driver));
	return json_object_end(&tool);
}

/* ---- places ---- */

/* "WORKSPACE", "ROOT1", ...: what paths of one root are relative to. */
static void base_name(unsigned root, char ret[BASE_NAME_SIZE])
{
	if (root)
		snprintf(ret, BASE_NAME_SIZE, "ROOT%u", root);
	else
		snprintf(ret, BASE_NAME_SIZE, "WORKSPACE");
}

static const struct json *bases_to_json(const struct writer *w)
{
	struct json_object_builder bases, base;

	json_object_begin(&bases, w->arena);
	for (unsigned i = 0; i < w->changeset->root_count; i++) {
		scoped(buf) struct buf uri = BUF_INIT(URI_BYTES_MAX);
		char name[BASE_NAME_SIZE];

		(void)buf_append_str(&uri, "file://");
		append_uri(&uri, str_from(w->changeset->roots[i]));
		if (!str_ends_with(str_from(w->changeset->roots[i]), STR("/")))
			(void)buf_append_str(&uri, "/");
		base_name(i, name);
		json_object_begin(&base, w->arena);
		json_object_add(&base, "uri", from_buf(w->arena, &uri));
		json_object_add(&bases, name, json_object_end(&base));
	}
	return json_object_end(&bases);
}

static const struct json *locations_to_json(struct arena *arena, const struct decision *decision)
{
	struct json_object_builder artifact, physical, location;
	struct json_array_builder locations;
	scoped(buf) struct buf uri = BUF_INIT(URI_BYTES_MAX);
	char base[BASE_NAME_SIZE];

	append_uri(&uri, str_eq(decision->path, STR(".")) ? STR("./") : decision->path);
	base_name(decision->root, base);
	json_object_begin(&artifact, arena);
	json_object_add(&artifact, "uri", from_buf(arena, &uri));
	json_object_add_text(&artifact, "uriBaseId", base);
	json_object_begin(&physical, arena);
	json_object_add(&physical, "artifactLocation", json_object_end(&artifact));
	json_object_begin(&location, arena);
	json_object_add(&location, "physicalLocation", json_object_end(&physical));
	json_array_begin(&locations, arena);
	json_array_add(&locations, json_object_end(&location));
	return json_array_end(&locations);
}

/* ---- results ---- */

/* The decision's index is a rule's: every decision has one. */
static size_t rule_index(const struct judgement *judgement, const char *rule)
{
	size_t i = 0;

	while (i < judgement->rule_count && strcmp(judgement->rules[i].rule, rule))
		i++;
	return i;
}

static const struct json *suppressions_to_json(const struct writer *w)
{
	struct json_object_builder object;
	struct json_array_builder list;

	json_object_begin(&object, w->arena);
	json_object_add_text(&object, "kind", "external");
	json_object_add_text(&object, "status", "accepted");
	if (w->judgement->reason)
		json_object_add_text(&object, "justification", w->judgement->reason);
	json_array_begin(&list, w->arena);
	json_array_add(&list, json_object_end(&object));
	return json_array_end(&list);
}

static const struct json *result_properties(struct arena *arena, const struct decision *decision)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	if (decision->hint)
		json_object_add_text(&object, "hint", decision->hint);
	json_object_add_text(&object, "severity", severity_name(decision->severity));
	json_object_add_text(&object, "verdict", verdict_name(decision->verdict));
	return json_object_end(&object);
}

static const struct json *result_to_json(const struct writer *w, const struct decision *decision)
{
	size_t index = rule_index(w->judgement, decision->rule);
	struct json_object_builder object, fingerprints;

	json_object_begin(&fingerprints, w->arena);
	json_object_add_text(&fingerprints, "cordonDecision/v1", decision->id);
	json_object_begin(&object, w->arena);
	json_object_add_text(&object, "ruleId", decision->rule);
	json_object_add_int(&object, "ruleIndex", (int64_t)index);
	json_object_add_text(&object, "level", level_name(decision->verdict));
	json_object_add(&object, "message", message_to_json(w->arena, decision->message));
	json_object_add(&object, "partialFingerprints", json_object_end(&fingerprints));
	json_object_add(&object, "properties", result_properties(w->arena, decision));
	if (decision->path.len)
		json_object_add(&object, "locations", locations_to_json(w->arena, decision));
	if (index < w->judgement->rule_count && w->judgement->rules[index].is_accepted)
		json_object_add(&object, "suppressions", suppressions_to_json(w));
	return json_object_end(&object);
}

static bool is_selected(const struct writer *w, const struct decision *decision)
{
	const struct change *change;

	if (!w->selected || !decision->path.len)
		return true;
	change = changeset_find(w->changeset, decision->root, decision->path);
	return change && w->selected[change - w->changeset->changes];
}

static const struct json *results_to_json(const struct writer *w)
{
	struct json_array_builder results;

	json_array_begin(&results, w->arena);
	for (size_t i = 0; i < w->judgement->count; i++)
		if (is_selected(w, &w->judgement->decisions[i]))
			json_array_add(&results, result_to_json(w, &w->judgement->decisions[i]));
	return json_array_end(&results);
}

/* ---- the run ---- */

static uint64_t listed(const struct judgement *judgement, const char *rule)
{
	uint64_t count = 0;

	for (size_t i = 0; i < judgement->count; i++)
		count += !strcmp(judgement->decisions[i].rule, rule);
	return count;
}

/* A rule that found more than a judgement keeps says so: who counts results must not take them for all. */
static const struct json *notifications_to_json(const struct writer *w)
{
	struct json_array_builder list;

	json_array_begin(&list, w->arena);
	for (size_t i = 0; i < w->judgement->rule_count; i++) {
		const struct judged_rule *rule = &w->judgement->rules[i];
		uint64_t shown = listed(w->judgement, rule->rule);
		struct json_object_builder object;
		const char *text = arena_printf(w->arena, "%s found %" PRIu64 " things, of which %" PRIu64
			" are listed", rule->rule, rule->count, shown);

		if (shown >= rule->count)
			continue;
		json_object_begin(&object, w->arena);
		json_object_add_text(&object, "level", "warning");
		json_object_add(&object, "message", text ? message_to_json(w->arena, text) : NULL);
		json_array_add(&list, json_object_end(&object));
	}
	return json_array_end(&list);
}

static void add_digest(struct json_object_builder *object, const char *name, const struct digest *digest)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(digest, hex);
	json_object_add_text(object, name, hex);
}

static const struct json *invocations_to_json(const struct writer *w)
{
	struct json_object_builder object, properties;
	struct json_array_builder list;

	json_object_begin(&properties, w->arena);
	add_digest(&properties, "changeset", &w->judgement->changeset);
	add_digest(&properties, "input", &w->judgement->input);
	json_object_add_text(&properties, "session", w->session);
	json_object_add_text(&properties, "verdict", verdict_name(w->judgement->verdict));
	json_object_begin(&object, w->arena);
	json_object_add_bool(&object, "executionSuccessful", true);
	json_object_add(&object, "properties", json_object_end(&properties));
	json_object_add(&object, "toolExecutionNotifications", notifications_to_json(w));
	json_array_begin(&list, w->arena);
	json_array_add(&list, json_object_end(&object));
	return json_array_end(&list);
}

static const struct json *run_to_json(const struct writer *w)
{
	struct json_object_builder object, automation;

	json_object_begin(&automation, w->arena);
	json_object_add(&automation, "id", json_new_printf(w->arena, "cordon/%s", w->session));
	json_object_begin(&object, w->arena);
	json_object_add(&object, "automationDetails", json_object_end(&automation));
	json_object_add(&object, "invocations", invocations_to_json(w));
	json_object_add(&object, "originalUriBaseIds", bases_to_json(w));
	json_object_add(&object, "results", results_to_json(w));
	json_object_add(&object, "tool", tool_to_json(w));
	return json_object_end(&object);
}

const struct json *judgement_to_sarif(struct arena *arena, const struct judgement *judgement,
	const struct changeset *changeset, const bool *selected, const char *session, const char *version)
{
	struct writer w = {
		.arena = arena, .judgement = judgement, .changeset = changeset, .selected = selected,
		.session = session, .version = version,
	};
	struct json_object_builder object;
	struct json_array_builder runs;

	json_array_begin(&runs, arena);
	json_array_add(&runs, run_to_json(&w));
	json_object_begin(&object, arena);
	json_object_add_text(&object, "$schema", SARIF_SCHEMA);
	json_object_add(&object, "runs", json_array_end(&runs));
	json_object_add_text(&object, "version", "2.1.0");
	return json_object_end(&object);
}
