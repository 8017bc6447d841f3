// SPDX-License-Identifier: Apache-2.0
/*
 * test_sarif.c - what a judgement says, SARIF says, too: also what no session of today can show
 *
 * tests/e2e/test_sarif.py holds whole logs to the schema.
 */
#include "unit/policy/world.h"

#include "policy/sarif.h"

static const struct json *log_of(struct world *w, const struct judgement *judgement)
{
	return judgement_to_sarif(&w->arena, judgement, &w->changeset, NULL, "s1", "1.2.3");
}

static const struct json *run_of(struct world *w, const struct judgement *judgement)
{
	const struct json *log = log_of(w, judgement);

	CHECK(log != NULL);
	return json_get(log, "runs")->array.items[0];
}

static const struct json *first(const struct json *run, const char *list)
{
	const struct json *value = json_get(run, list);

	CHECK(value->array.count > 0);
	return value->array.items[0];
}

/* A judgement with one finding. */
static struct judgement one(struct judged_rule *rule, struct decision *decision)
{
	return (struct judgement){
		.verdict = decision->verdict, .decisions = decision, .count = 1, .rules = rule,
		.rule_count = 1,
	};
}

TEST(a_rule_that_only_warns_is_a_note)
{
	static const char *const levels[] = { "error", "warning", "note" };
	static struct world w;

	world_init(&w, LINES("write a|x"));
	for (enum verdict verdict = VERDICT_DENY; verdict <= VERDICT_ALLOW; verdict++) {
		struct judged_rule rule = { .rule = "team/rule", .verdict = verdict, .count = 1 };
		struct decision decision = { .verdict = verdict, .id = "d-1", .rule = "team/rule",
			.message = "m" };
		struct judgement judgement = one(&rule, &decision);
		const struct json *run = run_of(&w, &judgement), *result = first(run, "results");

		CHECK_TEXT(json_get_text(result, "level"), levels[verdict]);
		CHECK_TEXT(json_get_text(result, "ruleId"), "team/rule");
	}
}

TEST(a_finding_about_the_changeset_as_a_whole_has_no_place)
{
	static struct world w;
	struct judged_rule rule = { .rule = "team/rule", .count = 1 };
	struct decision decision = { .id = "d-1", .rule = "team/rule", .message = "m" };
	struct judgement judgement = one(&rule, &decision);
	const bool none[] = { false };
	const struct json *log, *result;

	world_init(&w, LINES("write a|x"));
	result = first(run_of(&w, &judgement), "results");
	CHECK(!json_get(result, "locations"));
	CHECK(!json_get(json_get(result, "properties"), "hint"));
	/* whatever part of the changes is asked for, it is about that, too */
	log = judgement_to_sarif(&w.arena, &judgement, &w.changeset, none, "s1", "1.2.3");
	CHECK_INT(json_get(json_get(log, "runs")->array.items[0], "results")->array.count, 1);
}

TEST(other_roots_have_bases_of_their_own)
{
	static struct world w;
	struct judged_rule rule = { .rule = "team/rule", .count = 1 };
	struct decision decision = {
		.id = "d-1", .rule = "team/rule", .message = "m", .root = 1, .path = STR("."),
	};
	struct judgement judgement = one(&rule, &decision);
	const struct json *run, *place, *bases;

	world_init(&w, LINES("write 1:a|x"));
	run = run_of(&w, &judgement);
	place = json_get(json_get(first(first(run, "results"), "locations"), "physicalLocation"),
		"artifactLocation");
	bases = json_get(run, "originalUriBaseIds");
	CHECK_TEXT(json_get_text(place, "uri"), "./");
	CHECK_TEXT(json_get_text(place, "uriBaseId"), "ROOT1");
	CHECK_TEXT(json_get_text(json_get(bases, "ROOT1"), "uri"), "file:///home/a/notes/");
	CHECK_TEXT(json_get_text(json_get(bases, "WORKSPACE"), "uri"), "file:///home/a/project/");
}

TEST(what_was_accepted_is_suppressed_and_says_why)
{
	static struct world w;
	const char *rules[1];
	struct error err = ERROR_INIT;
	struct judgement judgement;
	const struct json *suppression;

	world_init(&w, LINES("write .envrc|x"));
	if (world_judge(&w, &judgement, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK(!json_get(first(run_of(&w, &judgement), "results"), "suppressions"));
	rules[0] = judgement.rules[0].rule;
	CHECK_INT(judgement_accept(&w.arena, &judgement, rules, 1, "looked", &err), 0);
	suppression = first(first(run_of(&w, &judgement), "results"), "suppressions");
	CHECK_TEXT(json_get_text(suppression, "kind"), "external");
	CHECK_TEXT(json_get_text(suppression, "status"), "accepted");
	CHECK_TEXT(json_get_text(suppression, "justification"), "looked");
}

TEST(whatever_does_not_fit_is_no_log)
{
	static struct world w;
	struct error err = ERROR_INIT;
	struct judgement judgement;
	size_t limit = 64;
	const struct json *log = NULL;

	world_init(&w, LINES("write .envrc|x", "write CLAUDE.md|x"));
	if (world_judge(&w, &judgement, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	for (; !log && limit < 1 << 20; limit *= 2) {
		scoped(arena) struct arena arena = ARENA_INIT(limit);

		log = judgement_to_sarif(&arena, &judgement, &w.changeset, NULL, "s1", "1.2.3");
		if (log)
			CHECK_INT(first(json_get(log, "runs")->array.items[0], "results")->type, JSON_OBJECT);
	}
	CHECK(log != NULL);
	CHECK(limit > 1024);
}

TEST_MAIN()
