// SPDX-License-Identifier: Apache-2.0
/*
 * judge.c - findings become a judgement
 *
 * The input digest names everything that a judgement follows from but the time; each decision's id is a
 * digest of it and of the finding. So ids can be quoted, compared between runs, and never mean something
 * else.
 *
 * The floor is judged first, and the policies are asked whatever it found: a person who leaves out what the
 * floor denies should not learn only then what the policies think of the rest.
 */
#include "policy/floor_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Goes up when the C code of a rule means something else. The table's own digest goes in besides. */
#define FLOOR_CODE_VERSION "3"

enum {
	SESSION_BYTES_MAX = 64 << 20,	/* of a command, above all */
};

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

static void hash_settings(struct hash *hash, const struct policy_settings *settings)
{
	if (settings->level)
		hash_text(hash, settings->level);
	hash_number(hash, settings->changes_max);
	hash_number(hash, settings->bytes_max);
	/* Counted, so that no list of patterns reads like what stands behind it. */
	hash_number(hash, settings->protect_count);
	for (size_t i = 0; i < settings->protect_count; i++)
		hash_text(hash, settings->protect[i]);
	hash_places(hash, "filesystem.deny", settings->denied, settings->denied_count);
	hash_places(hash, "filesystem.hide", settings->hidden, settings->hidden_count);
}

/* What the policies are, and what they are told besides the changeset. */
static int hash_policies(struct hash *hash, const struct policy_settings *settings, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(SESSION_BYTES_MAX);
	scoped(buf) struct buf text = BUF_INIT(SESSION_BYTES_MAX);
	const struct json *session = settings->session ? policy_input_session(&arena, settings->session) :
		NULL;
	int r = 0;

	hash_text(hash, "policies");
	if (settings->oracle)
		hash_update(hash, settings->oracle->digest.bytes, DIGEST_BYTES);
	if (settings->session)
		r = session ? json_write(&text, session, JSON_WRITE_CANONICAL) : -EMSGSIZE;
	if (r < 0)
		return error_set(err, r, "judging the changeset: its session has too long a command");
	hash_text(hash, buf_text(&text));
	return 0;
}

static int hash_input(struct floor *floor, bool has_policies)
{
	char hex[DIGEST_HEX_SIZE];
	struct hash hash;
	int r = 0;

	hash_init(&hash);
	hash_text(&hash, "cordon judgement " FLOOR_CODE_VERSION);
	hash_text(&hash, floor_table_digest);
	digest_to_hex(&floor->changeset->digest, hex);
	hash_text(&hash, hex);
	hash_settings(&hash, floor->settings);
	if (has_policies)
		r = hash_policies(&hash, floor->settings, floor->err);
	floor->input = hash_final(&hash);
	return r;
}

/* Of a finding of the floor by its rule and path; of a policy's by its message, too. */
static void make_id(const struct digest *input, const struct decision *decision, char ret[DECISION_ID_SIZE])
{
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, input->bytes, sizeof(input->bytes));
	hash_text(&hash, decision->rule);
	hash_number(&hash, decision->root);
	hash_update(&hash, decision->path.data, decision->path.len);
	if (!floor_find_rule(decision->rule)) {
		hash_update(&hash, "", 1);
		hash_text(&hash, decision->message);
	}
	digest = hash_final(&hash);
	digest_to_hex(&digest, hex);
	snprintf(ret, DECISION_ID_SIZE, "d-%.12s", hex);
}

int judge_add(struct floor *floor, const struct decision *decision)
{
	struct judge *judge = &floor->judge;

	if (judge->count == judge->room) {
		size_t room = judge->room ? judge->room * 2 : 32;
		struct decision *decisions = arena_alloc_array(floor->arena, room, sizeof(*decisions));

		if (!decisions)
			return error_set(floor->err, -EMSGSIZE, "judging the changeset: too many findings");
		if (judge->count)
			memcpy(decisions, judge->decisions, judge->count * sizeof(*decisions));
		judge->decisions = decisions;
		judge->room = room;
	}
	judge->decisions[judge->count] = *decision;
	make_id(&floor->input, decision, judge->decisions[judge->count++].id);
	return 0;
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
	struct decision decision = {
		.verdict = rule->verdict, .severity = rule->severity, .rule = rule->id, .hint = rule->todo,
		.root = change->root, .path = change->path,
	};

	if (is_found(&floor->judge, rule, change))
		return 0;
	if (floor->judge.rule_counts[index]++ >= POLICY_DECISIONS_PER_RULE)
		return 0;
	decision.message = detail ?
		arena_printf(floor->arena, "%s (%s): %s", rule->what, detail, rule->why) :
		arena_printf(floor->arena, "%s: %s", rule->what, rule->why);
	return decision.message ? judge_add(floor, &decision) :
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
	if (!order)
		order = str_compare(left->path, right->path);
	return order ? order : strcmp(left->message, right->message);
}

static int compare_rules(const void *a, const void *b)
{
	const struct judged_rule *left = a, *right = b;

	return strcmp(left->rule, right->rule);
}

enum verdict judgement_worst(const struct judgement *judgement)
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

	judgement.rules = arena_alloc_array(floor->arena, FLOOR_RULE_COUNT + judge->rule_count,
		sizeof(*judgement.rules));
	if (!judgement.rules)
		return error_set(floor->err, -EMSGSIZE, "judging the changeset: too many findings");
	for (size_t i = 0; i < FLOOR_RULE_COUNT; i++)
		if (judge->rule_counts[i])
			judgement.rules[judgement.rule_count++] = (struct judged_rule){
				.rule = floor_rules[i].id, .verdict = floor_rules[i].verdict,
				.severity = floor_rules[i].severity, .count = judge->rule_counts[i],
			};
	for (size_t i = 0; i < judge->rule_count; i++)
		judgement.rules[judgement.rule_count++] = judge->rules[i];
	if (judge->count)
		qsort(judge->decisions, judge->count, sizeof(*judge->decisions), compare_decisions);
	qsort(judgement.rules, judgement.rule_count, sizeof(*judgement.rules), compare_rules);
	judgement.verdict = judgement_worst(&judgement);
	*ret = judgement;
	return 0;
}

static int judge(struct arena *arena, const struct changeset *changeset,
	const struct policy_settings *settings, bool has_policies, struct judgement *ret, struct error *err)
{
	struct floor *floor = arena_alloc(arena, sizeof(*floor));
	int r;

	if (!floor)
		return error_set(err, -EMSGSIZE, "judging the changeset: no room");
	floor->arena = arena;
	floor->changeset = changeset;
	floor->settings = settings;
	floor->err = err;
	r = hash_input(floor, has_policies);
	if (r >= 0)
		r = floor_judge(floor);
	if (r >= 0 && has_policies)
		r = judge_ask_policies(floor);
	if (r >= 0)
		r = conclude(floor, ret);
	if (r >= 0 && has_policies)
		ret->now_ns = settings->now_ns;
	return r;
}

int policy_judge_changeset(struct arena *arena, const struct changeset *changeset,
		const struct policy_settings *settings, struct judgement *ret, struct error *err)
{
	return judge(arena, changeset, settings, true, ret, err);
}

int policy_judge_floor(struct arena *arena, const struct changeset *changeset,
	const struct policy_settings *settings, struct judgement *ret, struct error *err)
{
	return judge(arena, changeset, settings, false, ret, err);
}
