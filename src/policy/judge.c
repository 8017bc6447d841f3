// SPDX-License-Identifier: Apache-2.0
/*
 * judge.c - findings become a judgement, and a person's word lifts what may be lifted
 *
 * The input digest names everything that a judgement follows from; each decision's id is a digest of it and
 * of the finding. So ids can be quoted, compared between runs, and never mean something else.
 */
#include "policy/floor_internal.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Goes up when the C code of a rule means something else. The table's own digest goes in besides. */
#define FLOOR_CODE_VERSION "2"

static void hash_text(struct hash *hash, const char *text)
{
	hash_update(hash, text, strlen(text) + 1);
}

static void hash_number(struct hash *hash, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)number);
	hash_text(hash, text);
}

struct digest policy_digest(void)
{
	struct hash hash;

	hash_init(&hash);
	hash_text(&hash, "cordon policy " FLOOR_CODE_VERSION);
	hash_text(&hash, floor_table_digest);
	return hash_final(&hash);
}

static void hash_places(struct hash *hash, const char *name, const struct policy_place *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		hash_text(hash, name);
		hash_number(hash, places[i].root);
		hash_text(hash, places[i].path);
	}
}

static struct digest input_digest(const struct changeset *changeset, const struct policy_settings *settings)
{
	char hex[DIGEST_HEX_SIZE];
	struct hash hash;

	hash_init(&hash);
	hash_text(&hash, "cordon judgement " FLOOR_CODE_VERSION);
	hash_text(&hash, floor_table_digest);
	digest_to_hex(&changeset->digest, hex);
	hash_text(&hash, hex);
	if (settings->level)
		hash_text(&hash, settings->level);
	hash_number(&hash, settings->changes_max);
	hash_number(&hash, settings->bytes_max);
	for (size_t i = 0; i < settings->protect_count; i++)
		hash_text(&hash, settings->protect[i]);
	hash_places(&hash, "filesystem.deny", settings->denied, settings->denied_count);
	hash_places(&hash, "filesystem.hide", settings->hidden, settings->hidden_count);
	return hash_final(&hash);
}

static void make_id(const struct floor *floor, const struct floor_rule *rule, const struct change *change,
		char ret[DECISION_ID_SIZE])
{
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, floor->input.bytes, sizeof(floor->input.bytes));
	hash_text(&hash, rule->id);
	hash_number(&hash, change->root);
	hash_update(&hash, change->path.data, change->path.len);
	digest = hash_final(&hash);
	digest_to_hex(&digest, hex);
	snprintf(ret, DECISION_ID_SIZE, "d-%.12s", hex);
}

static struct decision *add_decision(struct floor *floor)
{
	struct judge *judge = &floor->judge;

	if (judge->count == judge->room) {
		size_t room = judge->room ? judge->room * 2 : 32;
		struct decision *decisions = arena_alloc_array(floor->arena, room, sizeof(*decisions));

		if (!decisions)
			return NULL;
		if (judge->count)
			memcpy(decisions, judge->decisions, judge->count * sizeof(*decisions));
		judge->decisions = decisions;
		judge->room = room;
	}
	return &judge->decisions[judge->count++];
}

/* The same rule at the same path a moment ago: changes are judged one after the other. */
static bool is_found(const struct judge *judge, const struct floor_rule *rule, const struct change *change)
{
	for (size_t i = judge->count; i > 0; i--) {
		const struct decision *decision = &judge->decisions[i - 1];

		if (decision->root != change->root || decision->path.data != change->path.data)
			return false;
		if (!strcmp(decision->rule, rule->id))
			return true;
	}
	return false;
}

int floor_find(struct floor *floor, size_t index, const struct change *change, const char *detail)
{
	const struct floor_rule *rule = &floor_rules[index];
	struct decision *decision;

	if (is_found(&floor->judge, rule, change))
		return 0;
	if (floor->judge.rule_counts[index]++ >= POLICY_DECISIONS_PER_RULE)
		return 0;
	decision = add_decision(floor);
	if (!decision)
		return error_set(floor->err, -EMSGSIZE, "judging the changeset: too many findings");
	*decision = (struct decision){
		.verdict = rule->verdict, .severity = rule->severity, .rule = rule->id, .hint = rule->todo,
		.root = change->root, .path = change->path,
	};
	make_id(floor, rule, change, decision->id);
	decision->message = detail ?
		arena_printf(floor->arena, "%s (%s): %s", rule->what, detail, rule->why) :
		arena_printf(floor->arena, "%s: %s", rule->what, rule->why);
	return decision->message ?
		0 :
		error_set(floor->err, -EMSGSIZE, "judging the changeset: too many findings");
}

/* ---- the whole ---- */

static int compare_decisions(const void *a, const void *b)
{
	const struct decision *left = a, *right = b;
	int order = (int)left->verdict - (int)right->verdict;

	if (!order)
		order = (int)left->severity - (int)right->severity;
	if (!order)
		order = strcmp(left->rule, right->rule);
	if (!order)
		order = (left->root > right->root) - (left->root < right->root);
	return order ? order : str_compare(left->path, right->path);
}

static int compare_rules(const void *a, const void *b)
{
	const struct judged_rule *left = a, *right = b;

	return strcmp(left->rule, right->rule);
}

static enum verdict worst_of(const struct judgement *judgement)
{
	enum verdict verdict = VERDICT_ALLOW;

	for (size_t i = 0; i < judgement->rule_count; i++)
		if (!judgement->rules[i].is_accepted)
			verdict = verdict_worst(verdict, judgement->rules[i].verdict);
	return verdict;
}

static int conclude(struct floor *floor, struct judgement *ret)
{
	struct judge *judge = &floor->judge;
	struct judgement judgement = {
		.changeset = floor->changeset->digest, .input = floor->input, .decisions = judge->decisions,
		.count = judge->count,
	};

	judgement.rules = arena_alloc_array(floor->arena, FLOOR_RULE_COUNT, sizeof(*judgement.rules));
	if (!judgement.rules)
		return error_set(floor->err, -EMSGSIZE, "judging the changeset: too many findings");
	for (size_t i = 0; i < FLOOR_RULE_COUNT; i++)
		if (judge->rule_counts[i])
			judgement.rules[judgement.rule_count++] = (struct judged_rule){
				.rule = floor_rules[i].id, .verdict = floor_rules[i].verdict,
				.severity = floor_rules[i].severity, .count = judge->rule_counts[i],
			};
	if (judge->count)
		qsort(judge->decisions, judge->count, sizeof(*judge->decisions), compare_decisions);
	qsort(judgement.rules, judgement.rule_count, sizeof(*judgement.rules), compare_rules);
	judgement.verdict = worst_of(&judgement);
	*ret = judgement;
	return 0;
}

int policy_judge_changeset(struct arena *arena, const struct changeset *changeset,
		const struct policy_settings *settings, struct judgement *ret, struct error *err)
{
	struct floor *floor = arena_alloc(arena, sizeof(*floor));
	int r;

	if (!floor)
		return error_set(err, -EMSGSIZE, "judging the changeset: no room");
	floor->arena = arena;
	floor->changeset = changeset;
	floor->settings = settings;
	floor->err = err;
	floor->input = input_digest(changeset, settings);
	r = floor_judge(floor);
	return r < 0 ? r : conclude(floor, ret);
}

/* ---- acceptance ---- */

static struct judged_rule *find_judged(const struct judgement *judgement, const char *name)
{
	for (size_t i = 0; i < judgement->rule_count; i++)
		if (!strcmp(judgement->rules[i].rule, name))
			return &judgement->rules[i];
	return NULL;
}

static int fail_unknown(const char *name, struct error *err)
{
	const char *near = floor_nearest_rule(name);

	error_set(err, -ENOENT, "there is no rule '%s', so there is nothing to accept",
		quote_cstr(name).text);
	if (near)
		error_hint(err, "did you mean '%s'?", near);
	else
		error_hint(err, "`cordon policy rules` lists them");
	return -ENOENT;
}

static int fail_not_found(const struct judgement *judgement, const char *name, struct error *err)
{
	scoped(buf) struct buf asked = BUF_INIT(ERROR_HINT_MAX);

	for (size_t i = 0; i < judgement->rule_count; i++)
		if (judgement->rules[i].verdict == VERDICT_ASK)
			(void)buf_printf(&asked, "%s%s", asked.len ? ", " : "", judgement->rules[i].rule);
	error_set(err, -ENOENT, "rule '%s' found nothing in this changeset, so there is nothing to accept",
			quote_cstr(name).text);
	if (asked.len)
		error_hint(err, "what is asked about: %s", buf_text(&asked));
	return -ENOENT;
}

static int check_acceptable(const struct judgement *judgement, const char *name, struct error *err)
{
	const struct judged_rule *rule = find_judged(judgement, name);

	if (!rule && !floor_find_rule(name))
		return fail_unknown(name, err);
	if (!rule)
		return fail_not_found(judgement, name, err);
	if (rule->verdict == VERDICT_ASK)
		return 0;
	error_set(err, -EPERM, "rule '%s' denies, and nobody can accept what it found", rule->rule);
	error_hint(err, "leave those paths out with --except, or change them in a new session");
	return -EPERM;
}

static int check_reason(const char *reason, struct error *err)
{
	struct str text = reason ? str_from(reason) : (struct str){ 0 };

	if (text.len && text.len <= POLICY_REASON_MAX && utf8_is_valid(text))
		return 0;
	error_set(err, -EINVAL, "the reason must be a text of 1 to %d bytes", POLICY_REASON_MAX);
	error_hint(err, "say why with --reason TEXT; it is kept in the ledger");
	return -EINVAL;
}

int judgement_accept(struct arena *arena, struct judgement *judgement, const char *const *rules,
	size_t rule_count, const char *reason, struct error *err)
{
	const char *kept;
	int r = check_reason(reason, err);

	for (size_t i = 0; i < rule_count && r >= 0; i++)
		r = check_acceptable(judgement, rules[i], err);
	if (r < 0)
		return r;
	kept = arena_copy(arena, reason, strlen(reason));
	if (!kept)
		return error_set(err, -EMSGSIZE, "the reason is too long to be kept");
	for (size_t i = 0; i < rule_count; i++) {
		struct judged_rule *rule = find_judged(judgement, rules[i]);

		assert(rule);
		rule->is_accepted = true;
	}
	judgement->reason = rule_count ? kept : judgement->reason;
	judgement->verdict = worst_of(judgement);
	return 0;
}
