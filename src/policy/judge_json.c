// SPDX-License-Identifier: Apache-2.0
/*
 * judge_json.c - a judgement as a document, and back
 *
 * Reading believes nothing that can be worked out: the verdict comes from the rules, a rule of the floor must
 * say what the floor says, an acceptance needs a rule that asks and a reason, and every decision needs its
 * rule.
 */
#include "policy/floor_internal.h"
#include "policy/reader_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>

enum {
	JUDGEMENT_VERSION = 1,
	MESSAGE_MAX = 4096,
};

/* ---- writing ---- */

static const struct json *decision_to_json(struct arena *arena, const struct decision *decision)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "id", decision->id);
	json_object_add_text(&object, "rule", decision->rule);
	json_object_add_text(&object, "verdict", verdict_name(decision->verdict));
	json_object_add_text(&object, "severity", severity_name(decision->severity));
	json_object_add_text(&object, "message", decision->message);
	json_object_add_text(&object, "hint", decision->hint);
	json_object_add_int(&object, "root", decision->root);
	json_object_add(&object, "path", json_new_bytes(arena, decision->path));
	return json_object_end(&object);
}

static const struct json *rule_to_json(struct arena *arena, const struct judged_rule *rule)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "rule", rule->rule);
	json_object_add_text(&object, "verdict", verdict_name(rule->verdict));
	json_object_add_text(&object, "severity", severity_name(rule->severity));
	json_object_add_int(&object, "count", (int64_t)rule->count);
	json_object_add_bool(&object, "accepted", rule->is_accepted);
	return json_object_end(&object);
}

const struct json *judgement_to_json(struct arena *arena, const struct judgement *judgement)
{
	struct json_array_builder decisions, rules;
	struct json_object_builder object;

	json_array_begin(&decisions, arena);
	for (size_t i = 0; i < judgement->count; i++)
		json_array_add(&decisions, decision_to_json(arena, &judgement->decisions[i]));
	json_array_begin(&rules, arena);
	for (size_t i = 0; i < judgement->rule_count; i++)
		json_array_add(&rules, rule_to_json(arena, &judgement->rules[i]));
	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", JUDGEMENT_VERSION);
	json_object_add_text(&object, "verdict", verdict_name(judgement->verdict));
	json_object_add(&object, "changeset", policy_digest_to_json(arena, &judgement->changeset));
	json_object_add(&object, "input", policy_digest_to_json(arena, &judgement->input));
	json_object_add(&object, "decisions", json_array_end(&decisions));
	json_object_add(&object, "rules", json_array_end(&rules));
	if (judgement->reason)
		json_object_add_text(&object, "reason", judgement->reason);
	return json_object_end(&object);
}

/* ---- reading ---- */

static int refuse(struct error *err, const char *field, const char *what)
{
	return error_set(err, -EBADMSG, "no judgement: %s: %s", field, what);
}

/* Exactly the members of @names, the last @optional of which may be missing. */
static int check_members(const struct json *object, const char *const *names, size_t count, size_t optional,
		const char *field, struct error *err)
{
	size_t found = 0;

	if (object->type != JSON_OBJECT)
		return refuse(err, field, "expected an object");
	for (size_t i = 0; i < count; i++) {
		bool is_there = json_get(object, names[i]) != NULL;

		if (!is_there && i < count - optional)
			return refuse(err, names[i], "missing");
		found += is_there;
	}
	return found == object->object.count ? 0 : refuse(err, field, "unknown member");
}

static int read_text(const struct json *object, const char *name, size_t max, const char **ret,
	struct error *err)
{
	const char *text = json_get_text(object, name);

	if (!text || !*text || strlen(text) > max)
		return refuse(err, name, "expected a text");
	*ret = text;
	return 0;
}

static int read_digest(const struct json *object, const char *name, struct digest *ret, struct error *err)
{
	const char *hex = json_get_text(object, name);

	if (!hex || digest_from_hex(str_from(hex), ret) < 0)
		return refuse(err, name, "expected a SHA-256");
	return 0;
}

static int read_verdict(const struct json *object, enum verdict *ret, struct error *err)
{
	if (verdict_from_name(json_get_text(object, "verdict"), ret) < 0)
		return refuse(err, "verdict", "expected \"deny\", \"ask\" or \"allow\"");
	return 0;
}

static int read_severity(const struct json *object, enum severity *ret, struct error *err)
{
	if (severity_from_name(json_get_text(object, "severity"), ret) < 0)
		return refuse(err, "severity", "expected \"low\", \"medium\", \"high\" or \"critical\"");
	return 0;
}

static int read_rule(const struct json *value, struct judged_rule *ret, struct error *err)
{
	static const char *const names[] = { "rule", "verdict", "severity", "count", "accepted" };
	const struct floor_rule *known;
	int64_t count;
	int r = check_members(value, names, ARRAY_SIZE(names), 0, "rules", err);

	if (r >= 0)
		r = read_text(value, "rule", 256, &ret->rule, err);
	if (r >= 0)
		r = read_verdict(value, &ret->verdict, err);
	if (r >= 0)
		r = read_severity(value, &ret->severity, err);
	if (r < 0)
		return r;
	count = json_get_int(value, "count", 0);
	ret->count = (uint64_t)count;
	ret->is_accepted = json_get_bool(value, "accepted", false);
	known = floor_find_rule(ret->rule);
	if (count < 1 || json_get(value, "accepted")->type != JSON_BOOL)
		return refuse(err, "rules", "expected a count from 1 and a boolean");
	if (known ? ret->verdict != known->verdict : str_starts_with(str_from(ret->rule), STR("floor/")))
		return refuse(err, "rules", "not what the floor says");
	if (ret->is_accepted && ret->verdict != VERDICT_ASK)
		return refuse(err, "accepted", "only what is asked about can be accepted");
	return 0;
}

static int read_rules(struct arena *arena, const struct json *list, struct judgement *ret, struct error *err)
{
	if (list->type != JSON_ARRAY || list->array.count > POLICY_RULES_MAX)
		return refuse(err, "rules", "expected a list");
	ret->rules = arena_alloc_array(arena, list->array.count, sizeof(*ret->rules));
	if (!ret->rules)
		return error_set(err, -EMSGSIZE, "the judgement is too long");
	for (size_t i = 0; i < list->array.count; i++) {
		int r = read_rule(list->array.items[i], &ret->rules[i], err);

		if (r < 0)
			return r;
		if (i && strcmp(ret->rules[i - 1].rule, ret->rules[i].rule) >= 0)
			return refuse(err, "rules", "not sorted, or twice");
	}
	ret->rule_count = list->array.count;
	return 0;
}

static const struct judged_rule *rule_of(const struct judgement *judgement, const char *name)
{
	for (size_t i = 0; i < judgement->rule_count; i++)
		if (!strcmp(judgement->rules[i].rule, name))
			return &judgement->rules[i];
	return NULL;
}

static int read_decision(struct arena *arena, const struct json *value, const struct judgement *judgement,
		struct decision *ret, struct error *err)
{
	static const char *const names[] = { "id", "rule", "verdict", "severity", "message", "hint", "root",
		"path" };
	const struct judged_rule *rule;
	const char *id;
	int64_t root;
	int r = check_members(value, names, ARRAY_SIZE(names), 0, "decisions", err);

	if (r >= 0)
		r = read_text(value, "id", DECISION_ID_SIZE - 1, &id, err);
	if (r >= 0)
		r = read_text(value, "rule", 256, &ret->rule, err);
	if (r >= 0)
		r = read_text(value, "message", MESSAGE_MAX, &ret->message, err);
	if (r >= 0)
		r = read_text(value, "hint", MESSAGE_MAX, &ret->hint, err);
	if (r >= 0)
		r = read_verdict(value, &ret->verdict, err);
	if (r >= 0)
		r = read_severity(value, &ret->severity, err);
	if (r < 0)
		return r;
	memcpy(ret->id, id, strlen(id) + 1);
	root = json_get_int(value, "root", -1);
	if (root < 0 || root >= CHANGE_ROOTS_MAX)
		return refuse(err, "root", "expected the number of a root");
	ret->root = (unsigned)root;
	if (json_to_bytes(arena, json_get(value, "path"), &ret->path) < 0 || !path_is_clean(ret->path))
		return refuse(err, "path", "expected a clean path");
	rule = rule_of(judgement, ret->rule);
	if (!rule || rule->verdict != ret->verdict)
		return refuse(err, "decisions", "a decision without its rule");
	return 0;
}

static int read_decisions(struct arena *arena, const struct json *list, struct judgement *ret,
	struct error *err)
{
	struct decision *decisions;
	size_t max = (size_t)POLICY_RULES_MAX * POLICY_DECISIONS_PER_RULE;

	if (list->type != JSON_ARRAY || list->array.count > max)
		return refuse(err, "decisions", "expected a list");
	decisions = arena_alloc_array(arena, list->array.count, sizeof(*decisions));
	if (!decisions)
		return error_set(err, -EMSGSIZE, "the judgement is too long");
	for (size_t i = 0; i < list->array.count; i++) {
		int r = read_decision(arena, list->array.items[i], ret, &decisions[i], err);

		if (r < 0)
			return r;
	}
	ret->decisions = decisions;
	ret->count = list->array.count;
	return 0;
}

/* The verdict must be what the rules come to, and whoever accepted must have said why. */
static int check_whole(const struct json *value, const struct judgement *judgement, struct error *err)
{
	enum verdict worst = VERDICT_ALLOW;
	bool is_accepted = false;

	for (size_t i = 0; i < judgement->rule_count; i++) {
		is_accepted = is_accepted || judgement->rules[i].is_accepted;
		if (!judgement->rules[i].is_accepted)
			worst = verdict_worst(worst, judgement->rules[i].verdict);
	}
	if (worst != judgement->verdict)
		return refuse(err, "verdict", "not what its rules come to");
	if (is_accepted != (json_get(value, "reason") != NULL))
		return refuse(err, "reason", "an acceptance needs one, and nothing else does");
	return 0;
}

int judgement_read(struct arena *arena, const struct json *value, struct judgement *ret, struct error *err)
{
	static const char *const names[] = { "version", "verdict", "changeset", "input", "decisions", "rules",
		"reason" };
	struct judgement judgement = { 0 };
	int r = check_members(value, names, ARRAY_SIZE(names), 1, "document", err);

	if (r >= 0 && json_get_int(value, "version", 0) != JUDGEMENT_VERSION)
		r = refuse(err, "version", "not one that this cordon knows");
	if (r >= 0)
		r = read_verdict(value, &judgement.verdict, err);
	if (r >= 0)
		r = read_digest(value, "changeset", &judgement.changeset, err);
	if (r >= 0)
		r = read_digest(value, "input", &judgement.input, err);
	if (r >= 0)
		r = read_rules(arena, json_get(value, "rules"), &judgement, err);
	if (r >= 0)
		r = read_decisions(arena, json_get(value, "decisions"), &judgement, err);
	if (r >= 0 && json_get(value, "reason"))
		r = read_text(value, "reason", POLICY_REASON_MAX, &judgement.reason, err);
	if (r >= 0)
		r = check_whole(value, &judgement, err);
	if (r >= 0)
		*ret = judgement;
	return r;
}
