// SPDX-License-Identifier: Apache-2.0
/*
 * judge_accept.c - a person's word lifts what may be lifted
 *
 * What asks is accepted by rule, as a whole, and with a reason; what denies is not, and what only warns need
 * not be.
 */
#include "policy/floor_internal.h"

#include "base/quote.h"
#include "base/utf8.h"

#include <errno.h>

static struct judged_rule *find_judged(const struct judgement *judgement, const char *name)
{
	for (size_t i = 0; i < judgement->rule_count; i++)
		if (!strcmp(judgement->rules[i].rule, name))
			return &judgement->rules[i];
	return NULL;
}

/* The rule that was probably meant: one of these findings, or of the floor's. */
static const char *find_near(const struct judgement *judgement, const char *name)
{
	const char *names[POLICY_RULES_MAX], *near;
	size_t count = MIN(judgement->rule_count, ARRAY_SIZE(names));

	for (size_t i = 0; i < count; i++)
		names[i] = judgement->rules[i].rule;
	near = str_nearest(str_from(name), names, count);
	return near ? near : floor_nearest_rule(name);
}

static int fail_unknown(const struct judgement *judgement, const char *name, struct error *err)
{
	const char *near = find_near(judgement, name);

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

/* A rule of the floor says what to do about it; a policy perhaps does. */
static int fail_denied(const struct judgement *judgement, const struct judged_rule *rule, struct error *err)
{
	error_set(err, -EPERM, "rule '%s' denies, and nobody can accept what it found", rule->rule);
	for (size_t i = 0; i < judgement->count; i++)
		if (!judgement->decisions[i].path.len && !strcmp(judgement->decisions[i].rule, rule->rule))
			error_hint(err, "%s", judgement->decisions[i].hint);
	error_hint(err, "leave those paths out with --except, or change them in a new session");
	return -EPERM;
}

static int check_acceptable(const struct judgement *judgement, const char *name, struct error *err)
{
	const struct judged_rule *rule = find_judged(judgement, name);

	if (!rule && !floor_find_rule(name))
		return fail_unknown(judgement, name, err);
	if (!rule)
		return fail_not_found(judgement, name, err);
	if (rule->verdict == VERDICT_ASK)
		return 0;
	if (rule->verdict == VERDICT_ALLOW)
		return error_set(err, -ENOENT, "rule '%s' only warns, so there is nothing to accept",
			rule->rule);
	return fail_denied(judgement, rule, err);
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
	judgement->verdict = judgement_worst(judgement);
	return 0;
}
