// SPDX-License-Identifier: Apache-2.0
/*
 * judge_json.c - a judgement as a document, and back
 *
 * Reading believes nothing that can be worked out: the verdict comes from the rules, a rule of the floor must
 * say what the floor says and one of policy/ denies, an acceptance needs a rule that asks and a reason, and
 * every decision needs its rule.
 */
#include "policy/floor_internal.h"
#include "policy/reader_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>
#include <stdlib.h>

enum {
	JUDGEMENT_VERSION = 1,
	MESSAGE_MAX = 8192,
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
	if (judgement->now_ns)
		json_object_add_int(&object, "now_ns", judgement->now_ns);
	return json_object_end(&object);
}

/* ---- reading ---- */

static int read_verdict(const struct policy_reader *reader, const struct json *object, enum verdict *ret)
{
	if (verdict_from_name(json_get_text(object, "verdict"), ret) < 0)
		return policy_reader_refuse(reader, "verdict", "expected \"deny\", \"ask\" or \"allow\"");
	return 0;
}

static int read_severity(const struct policy_reader *reader, const struct json *object, enum severity *ret)
{
	if (severity_from_name(json_get_text(object, "severity"), ret) < 0)
		return policy_reader_refuse(reader, "severity",
			"expected \"low\", \"medium\", \"high\" or \"critical\"");
	return 0;
}

static int read_now(const struct policy_reader *reader, const struct json *object, int64_t *ret)
{
	*ret = json_get_int(object, "now_ns", 0);
	return *ret > 0 ? 0 : policy_reader_refuse(reader, "now_ns", "expected a time since the epoch");
}

/* What a rule answers where its name says that already. */
static bool may_answer(const char *rule, enum verdict verdict)
{
	const struct floor_rule *known = floor_find_rule(rule);

	if (known)
		return verdict == known->verdict;
	if (str_starts_with(str_from(rule), STR("policy/")))
		return verdict == VERDICT_DENY;
	return !str_starts_with(str_from(rule), STR("floor/")) &&
		!str_starts_with(str_from(rule), STR("config/"));
}

static int read_rule(const struct policy_reader *reader, const struct json *value, struct judged_rule *ret)
{
	static const char *const names[] = { "rule", "verdict", "severity", "count", "accepted" };
	int64_t count;
	int r = policy_reader_members(reader, value, names, ARRAY_SIZE(names), 0, "rules");

	if (r >= 0)
		r = policy_reader_text(reader, value, "rule", 256, &ret->rule);
	if (r >= 0)
		r = read_verdict(reader, value, &ret->verdict);
	if (r >= 0)
		r = read_severity(reader, value, &ret->severity);
	if (r < 0)
		return r;
	count = json_get_int(value, "count", 0);
	ret->count = (uint64_t)count;
	ret->is_accepted = json_get_bool(value, "accepted", false);
	if (count < 1 || json_get(value, "accepted")->type != JSON_BOOL)
		return policy_reader_refuse(reader, "rules", "expected a count from 1 and a boolean");
	if (!may_answer(ret->rule, ret->verdict))
		return policy_reader_refuse(reader, "rules", "not what a rule of this name says");
	if (ret->is_accepted && ret->verdict != VERDICT_ASK)
		return policy_reader_refuse(reader, "accepted", "only what is asked about can be accepted");
	return 0;
}

static int read_rules(const struct policy_reader *reader, struct arena *arena, const struct json *list,
	struct judgement *ret)
{
	if (list->type != JSON_ARRAY || list->array.count > POLICY_RULES_MAX)
		return policy_reader_refuse(reader, "rules", "expected a list");
	ret->rules = arena_alloc_array(arena, list->array.count, sizeof(*ret->rules));
	if (!ret->rules)
		return error_set(reader->err, -EMSGSIZE, "the judgement is too long");
	for (size_t i = 0; i < list->array.count; i++) {
		int r = read_rule(reader, list->array.items[i], &ret->rules[i]);

		if (r < 0)
			return r;
		if (i && strcmp(ret->rules[i - 1].rule, ret->rules[i].rule) >= 0)
			return policy_reader_refuse(reader, "rules", "not sorted, or twice");
	}
	ret->rule_count = list->array.count;
	return 0;
}

static int compare_name(const void *name, const void *rule)
{
	return strcmp(name, ((const struct judged_rule *)rule)->rule);
}

static const struct judged_rule *rule_of(const struct judgement *judgement, const char *name)
{
	return bsearch(name, judgement->rules, judgement->rule_count, sizeof(*judgement->rules),
		compare_name);
}

/* What a policy finds may be about no entry at all. */
static int read_place(const struct policy_reader *reader, struct arena *arena, const struct json *value,
	struct decision *ret)
{
	int64_t root = json_get_int(value, "root", -1);

	if (root < 0 || root >= CHANGE_ROOTS_MAX)
		return policy_reader_refuse(reader, "root", "expected the number of a root");
	ret->root = (unsigned)root;
	if (json_to_bytes(arena, json_get(value, "path"), &ret->path) < 0)
		return policy_reader_refuse(reader, "path", "expected a clean path");
	if (!ret->path.len && !root && !floor_find_rule(ret->rule))
		return 0;
	return path_is_clean(ret->path) ? 0 : policy_reader_refuse(reader, "path", "expected a clean path");
}

static int read_decision(const struct policy_reader *reader, struct arena *arena, const struct json *value,
	const struct judgement *judgement, struct decision *ret)
{
	static const char *const names[] = { "id", "rule", "verdict", "severity", "message", "hint", "root",
		"path" };
	const struct judged_rule *rule;
	const char *id;
	int r = policy_reader_members(reader, value, names, ARRAY_SIZE(names), 0, "decisions");

	if (r >= 0)
		r = policy_reader_text(reader, value, "id", DECISION_ID_SIZE - 1, &id);
	if (r >= 0)
		r = policy_reader_text(reader, value, "rule", 256, &ret->rule);
	if (r >= 0)
		r = policy_reader_text(reader, value, "message", MESSAGE_MAX, &ret->message);
	if (r >= 0)
		r = policy_reader_text(reader, value, "hint", MESSAGE_MAX, &ret->hint);
	if (r >= 0)
		r = read_verdict(reader, value, &ret->verdict);
	if (r >= 0)
		r = read_severity(reader, value, &ret->severity);
	if (r >= 0)
		r = read_place(reader, arena, value, ret);
	if (r < 0)
		return r;
	memcpy(ret->id, id, strlen(id) + 1);
	rule = rule_of(judgement, ret->rule);
	if (!rule || rule->verdict != ret->verdict)
		return policy_reader_refuse(reader, "decisions", "a decision without its rule");
	return 0;
}

static int read_decisions(const struct policy_reader *reader, struct arena *arena, const struct json *list,
	struct judgement *ret)
{
	struct decision *decisions;
	size_t max = (size_t)POLICY_RULES_MAX * POLICY_DECISIONS_PER_RULE;

	if (list->type != JSON_ARRAY || list->array.count > max)
		return policy_reader_refuse(reader, "decisions", "expected a list");
	decisions = arena_alloc_array(arena, list->array.count, sizeof(*decisions));
	if (!decisions)
		return error_set(reader->err, -EMSGSIZE, "the judgement is too long");
	for (size_t i = 0; i < list->array.count; i++) {
		int r = read_decision(reader, arena, list->array.items[i], ret, &decisions[i]);

		if (r < 0)
			return r;
	}
	ret->decisions = decisions;
	ret->count = list->array.count;
	return 0;
}

/* The verdict must be what the rules come to, and whoever accepted must have said why. */
static int check_whole(const struct policy_reader *reader, const struct json *value,
	const struct judgement *judgement)
{
	bool is_accepted = false;

	for (size_t i = 0; i < judgement->rule_count; i++)
		is_accepted = is_accepted || judgement->rules[i].is_accepted;
	if (judgement_worst(judgement) != judgement->verdict)
		return policy_reader_refuse(reader, "verdict", "not what its rules come to");
	if (is_accepted != (json_get(value, "reason") != NULL))
		return policy_reader_refuse(reader, "reason",
			"an acceptance needs one, and nothing else does");
	return 0;
}

int judgement_read(struct arena *arena, const struct json *value, struct judgement *ret, struct error *err)
{
	static const char *const names[] = { "version", "verdict", "changeset", "input", "decisions", "rules",
		"reason", "now_ns" };
	const struct policy_reader reader = { "no judgement", err };
	struct judgement judgement = { 0 };
	int r = policy_reader_members(&reader, value, names, ARRAY_SIZE(names), 2, "document");

	if (r >= 0 && json_get_int(value, "version", 0) != JUDGEMENT_VERSION)
		r = policy_reader_refuse(&reader, "version", "not one that this cordon knows");
	if (r >= 0)
		r = read_verdict(&reader, value, &judgement.verdict);
	if (r >= 0)
		r = policy_reader_digest(&reader, value, "changeset", &judgement.changeset);
	if (r >= 0)
		r = policy_reader_digest(&reader, value, "input", &judgement.input);
	if (r >= 0)
		r = read_rules(&reader, arena, json_get(value, "rules"), &judgement);
	if (r >= 0)
		r = read_decisions(&reader, arena, json_get(value, "decisions"), &judgement);
	if (r >= 0 && json_get(value, "reason"))
		r = policy_reader_text(&reader, value, "reason", POLICY_REASON_MAX, &judgement.reason);
	if (r >= 0 && json_get(value, "now_ns"))
		r = read_now(&reader, value, &judgement.now_ns);
	if (r >= 0)
		r = check_whole(&reader, value, &judgement);
	if (r >= 0)
		*ret = judgement;
	return r;
}
