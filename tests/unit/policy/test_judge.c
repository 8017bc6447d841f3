// SPDX-License-Identifier: Apache-2.0
/*
 * test_judge.c - judgements: bound to their input, accepted by rule, written and read back
 */
#include "unit/policy/world.h"

#include "policy/rules.h"

static void judge(struct world *w, struct judgement *ret)
{
	struct error err = ERROR_INIT;

	if (world_judge(w, ret, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

TEST(names_go_both_ways)
{
	for (enum verdict i = VERDICT_DENY; i <= VERDICT_ALLOW; i++) {
		enum verdict back;

		CHECK_INT(verdict_from_name(verdict_name(i), &back), 0);
		CHECK_INT(back, i);
	}
	for (enum severity i = SEVERITY_CRITICAL; i <= SEVERITY_LOW; i++) {
		enum severity back;

		CHECK_INT(severity_from_name(severity_name(i), &back), 0);
		CHECK_INT(back, i);
	}
	CHECK_INT(verdict_from_name("Allow", &(enum verdict){ 0 }), -EINVAL);
	CHECK_INT(verdict_from_name(NULL, &(enum verdict){ 0 }), -EINVAL);
	CHECK_INT(severity_from_name("", &(enum severity){ 0 }), -EINVAL);
	CHECK_INT(verdict_worst(VERDICT_ALLOW, VERDICT_ASK), VERDICT_ASK);
	CHECK_INT(verdict_worst(VERDICT_DENY, VERDICT_ASK), VERDICT_DENY);
	CHECK_INT((enum verdict){ 0 }, VERDICT_DENY);
}

TEST(the_same_question_has_the_same_answer)
{
	static struct world w;
	struct judgement first, second, other;

	world_init(&w, LINES("write .envrc|x", "write CLAUDE.md|x"));
	judge(&w, &first);
	judge(&w, &second);
	CHECK(digest_eq(&first.input, &second.input));
	CHECK(digest_eq(&first.changeset, &w.changeset.digest));
	CHECK_INT(first.count, 2);
	CHECK_TEXT(first.decisions[0].id, second.decisions[0].id);
	CHECK(strcmp(first.decisions[0].id, first.decisions[1].id));
	CHECK(!strncmp(first.decisions[0].id, "d-", 2));
	CHECK_INT(strlen(first.decisions[0].id), DECISION_ID_SIZE - 1);
	/* another changeset, other settings: another input */
	w.changeset.digest.bytes[0] ^= 1;
	judge(&w, &other);
	CHECK(!digest_eq(&first.input, &other.input));
	CHECK(strcmp(first.decisions[0].id, other.decisions[0].id));
	w.changeset.digest.bytes[0] ^= 1;
	w.settings.changes_max++;
	judge(&w, &other);
	CHECK(!digest_eq(&first.input, &other.input));
	world_fini(&w);
}

/* Whatever the configuration says about a changeset is part of what was judged. */
TEST(each_setting_is_part_of_the_input)
{
	/* The last three spell a place that is denied. */
	static const char *const protect[] = { "LICENSE", "NOTICE", "filesystem.deny", "0", "a" };
	static const struct policy_place places[] = { { 0, "a" }, { 1, "a" }, { 0, "b" } };
	struct digest seen[16];
	static struct world w;
	struct judgement judgement;
	size_t count = 0;

	world_init(&w, LINES("write x|x"));
	for (int i = 0; i < 14; i++) {
		const struct policy_settings plain = w.settings;

		w.settings.protect = &protect[i == 13 ? 2 : i == 2];
		w.settings.protect_count = i == 1 || i == 2 ? 1 : i == 3 ? 2 : i == 13 ? 3 : 0;
		w.settings.denied = &places[i > 3 && i < 7 ? i - 4 : 0];
		w.settings.denied_count = i > 3 && i < 7;
		w.settings.hidden = &places[i > 6 && i < 10 ? i - 7 : 0];
		w.settings.hidden_count = i > 6 && i < 10;
		w.settings.level = i == 10 ? "landlock" : w.settings.level;
		w.settings.changes_max += i == 11;
		w.settings.bytes_max += i == 12;
		judge(&w, &judgement);
		for (size_t j = 0; j < count; j++)
			if (digest_eq(&judgement.input, &seen[j]))
				test_fail(__FILE__, __LINE__, "settings %d have the input of %zu", i, j);
		seen[count++] = judgement.input;
		w.settings = plain;
	}
	world_fini(&w);
}

TEST(the_worst_comes_first)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w,
		LINES("write CLAUDE.md|x", "write .envrc|x", "write .bashrc|x", "chr null", "write -x|1"));
	judge(&w, &judgement);
	CHECK_INT(judgement.verdict, VERDICT_DENY);
	CHECK_INT(judgement.count, 5);
	CHECK_TEXT(judgement.decisions[0].rule, "floor/device");
	CHECK_TEXT(judgement.decisions[1].rule, "floor/shell-startup");
	CHECK_TEXT(judgement.decisions[2].rule, "floor/environment");
	CHECK_TEXT(judgement.decisions[3].rule, "floor/option-name");
	CHECK_TEXT(judgement.decisions[4].rule, "floor/agent-instructions");
	world_fini(&w);
}

TEST(only_what_asks_can_be_accepted)
{
	static struct world w;
	struct judgement judgement;
	struct error err = ERROR_INIT;
	const char *both[] = { "floor/environment", "floor/device" };

	world_init(&w, LINES("write .envrc|x", "chr null"));
	judge(&w, &judgement);
	CHECK_INT(judgement_accept(&w.arena, &judgement, both, 2, "because", &err), -EPERM);
	CHECK(strstr(err.text, "floor/device"));
	CHECK(err.hint[0]);
	CHECK(!judgement.rules[0].is_accepted && !judgement.rules[1].is_accepted && !judgement.reason);
	CHECK_INT(judgement_accept(&w.arena, &judgement, both, 1, "because", &err), 0);
	CHECK_INT(judgement.verdict, VERDICT_DENY);
	world_fini(&w);
}

TEST(acceptance_is_by_rule_and_needs_a_reason)
{
	static struct world w;
	struct judgement judgement;
	struct error err = ERROR_INIT;
	const char *environment = "floor/environment", *agents = "floor/agent-instructions", *ci = "floor/ci";
	static char long_reason[POLICY_REASON_MAX + 2];

	world_init(&w, LINES("write .envrc|x", "write CLAUDE.md|x", "write a/CLAUDE.md|x"));
	judge(&w, &judgement);
	CHECK_INT(judgement_accept(&w.arena, &judgement, &environment, 1, "", &err), -EINVAL);
	CHECK_INT(judgement_accept(&w.arena, &judgement, &environment, 1, NULL, &err), -EINVAL);
	CHECK_INT(judgement_accept(&w.arena, &judgement, &environment, 1, "\xff", &err), -EINVAL);
	memset(long_reason, 'x', sizeof(long_reason) - 1);
	CHECK_INT(judgement_accept(&w.arena, &judgement, &environment, 1, long_reason, &err), -EINVAL);
	err = (struct error)ERROR_INIT;
	CHECK_INT(judgement_accept(&w.arena, &judgement, &ci, 1, "why", &err), -ENOENT);
	CHECK(strstr(err.hint, "floor/agent-instructions, floor/environment"));
	CHECK_INT(judgement_accept(&w.arena, &judgement, &environment, 1, "why", &err), 0);
	CHECK_INT(judgement.verdict, VERDICT_ASK);
	CHECK_INT(judgement_accept(&w.arena, &judgement, &agents, 1, "why not", &err), 0);
	CHECK_INT(judgement.verdict, VERDICT_ALLOW);
	CHECK_TEXT(judgement.reason, "why not");
	world_fini(&w);
	world_init(&w, LINES("write a|x"));
	judge(&w, &judgement);
	err = (struct error)ERROR_INIT;
	CHECK_INT(judgement_accept(&w.arena, &judgement, &ci, 1, "why", &err), -ENOENT);
	CHECK_TEXT(err.hint, "");
	world_fini(&w);
}

/* Thousands of findings of one rule are counted, not all listed; the verdict and acceptance see them all. */
TEST(a_flood_is_counted)
{
	enum { COUNT = POLICY_DECISIONS_PER_RULE + 500 };
	static struct world w;
	static struct change changes[COUNT];
	static char paths[COUNT][32];
	const char *rule = "floor/agent-instructions";
	struct judgement judgement;

	world_init(&w, LINES("write CLAUDE.md|x"));
	for (size_t i = 0; i < COUNT; i++) {
		changes[i] = w.changes[0];
		snprintf(paths[i], sizeof(paths[i]), "%06zu/CLAUDE.md", i);
		changes[i].path = str_from(paths[i]);
	}
	w.changeset.changes = changes;
	w.changeset.count = COUNT;
	judge(&w, &judgement);
	CHECK_INT(judgement.count, POLICY_DECISIONS_PER_RULE);
	CHECK_INT(judgement.rules[0].count, COUNT);
	CHECK_INT(judgement_accept(&w.arena, &judgement, &rule, 1, "why", NULL), 0);
	CHECK_INT(judgement.verdict, VERDICT_ALLOW);
	world_fini(&w);
}

TEST(a_small_arena_is_an_error)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w, LINES("write .envrc|x", "write CLAUDE.md|x", "write .bashrc|x"));
	for (size_t limit = 0; limit < 200000; limit += 50000) {
		scoped(arena) struct arena small = ARENA_INIT(limit);
		struct error err = ERROR_INIT;
		int r = policy_judge_floor(&small, &w.changeset, &w.settings, &judgement, &err);

		CHECK(r == -EMSGSIZE ? err.text[0] : r == 0 && judgement.count == 3);
		CHECK(limit || r == -EMSGSIZE);
	}
	world_fini(&w);
}

/* ---- the public form ---- */

static const char *to_text(struct arena *arena, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);

	CHECK(value);
	CHECK_INT(json_write(&buf, value, JSON_WRITE_CANONICAL), 0);
	return arena_copy(arena, buf.data, buf.len);
}

TEST(written_and_read_back)
{
	static struct world w;
	struct judgement judgement, back;
	struct error err = ERROR_INIT;
	const char *rule = "floor/environment", *text;
	const struct json *value;

	world_init(&w, LINES("write .envrc|x", "write a\xff|x", "write 1:CLAUDE.md|x", "chr null"));
	for (int i = 0; i < 2; i++) {
		judge(&w, &judgement);
		if (i)
			CHECK_INT(judgement_accept(&w.arena, &judgement, &rule, 1, "because \"I\" said so",
			NULL),
				0);
		text = to_text(&w.arena, judgement_to_json(&w.arena, &judgement));
		CHECK_INT(json_read(&w.arena, str_from(text), JSON_READ_STRICT, &value, &err), 0);
		if (judgement_read(&w.arena, value, &back, &err) < 0)
			test_fail(__FILE__, __LINE__, "%s", err.text);
		CHECK_INT(back.verdict, judgement.verdict);
		CHECK_INT(back.count, judgement.count);
		CHECK_INT(back.rule_count, judgement.rule_count);
		CHECK_TEXT(to_text(&w.arena, judgement_to_json(&w.arena, &back)), text);
	}
	world_fini(&w);
	world_init(&w, LINES("write a|x"));
	judge(&w, &judgement);
	CHECK_INT(judgement_read(&w.arena, judgement_to_json(&w.arena, &judgement), &back, &err), 0);
	CHECK_INT(back.verdict, VERDICT_ALLOW);
	world_fini(&w);
}

/* Replaces the first @from of a good document; the result must be refused. */
static void check_edit(const char *from, const char *to)
{
	static struct world w;
	struct judgement judgement;
	struct error err = ERROR_INIT;
	const char *rule = "floor/environment", *text, *at;
	const struct json *value;
	char edited[16384];
	int r;

	world_init(&w, LINES("write .envrc|x", "chr null"));
	judge(&w, &judgement);
	CHECK_INT(judgement_accept(&w.arena, &judgement, &rule, 1, "yes", NULL), 0);
	text = to_text(&w.arena, judgement_to_json(&w.arena, &judgement));
	at = strstr(text, from);
	if (!at)
		test_fail(__FILE__, __LINE__, "no '%s' in %s", from, text);
	snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	CHECK_INT(json_read(&w.arena, str_from(edited), JSON_READ_STRICT, &value, &err), 0);
	r = judgement_read(&w.arena, value, &judgement, &err);
	if (r != -EBADMSG)
		test_fail(__FILE__, __LINE__, "%d for '%s' -> '%s'", r, from, to);
	CHECK(strstr(err.text, "no judgement: "));
	world_fini(&w);
}

TEST(an_edited_document_is_refused)
{
	check_edit("\"verdict\":\"deny\",\"version\"", "\"verdict\":\"allow\",\"version\"");
	check_edit("\"verdict\":\"deny\",\"version\"", "\"verdict\":\"perhaps\",\"version\"");
	check_edit("\"version\":1", "\"version\":2");
	check_edit("\"version\":1", "\"version\":1,\"x\":1");
	check_edit("\"reason\":\"yes\"", "\"reason\":\"\"");
	check_edit(",\"reason\":\"yes\"", "");
	check_edit("\"input\":\"", "\"input\":\"x");
	check_edit("\"changeset\":\"", "\"changeset\":\"0");
	check_edit("\"accepted\":false", "\"accepted\":true");
	check_edit("\"accepted\":false", "\"accepted\":0");
	check_edit("\"accepted\":true", "\"accepted\":false");
	check_edit("\"count\":1", "\"count\":0");
	check_edit("\"count\":1", "\"count\":\"1\"");
	check_edit("{\"accepted\":false,\"count\":1,\"rule\":\"floor/device\","
		"\"severity\":\"critical\",\"verdict\":\"deny\"},",
		"");
	check_edit("\"rule\":\"floor/device\",\"severity\":\"critical\",\"verdict\":\"deny\"}",
			"\"rule\":\"floor/device\",\"severity\":\"critical\",\"verdict\":\"ask\"}");
	check_edit("\"rule\":\"floor/device\",\"severity\":\"critical\",\"verdict\":\"deny\"}",
			"\"rule\":\"floor/nothing\",\"severity\":\"critical\",\"verdict\":\"deny\"}");
	check_edit("\"rule\":\"floor/device\",\"severity\":\"critical\",\"verdict\":\"deny\"}",
			"\"rule\":\"floor/device\",\"severity\":\"awful\",\"verdict\":\"deny\"}");
	check_edit("\"rule\":\"floor/device\",\"severity\":\"critical\",\"verdict\":\"deny\"}",
			"\"rule\":\"z\",\"severity\":\"critical\",\"verdict\":\"deny\"}");
	check_edit("\"path\":\"null\"", "\"path\":\"../null\"");
	check_edit("\"path\":\"null\"", "\"path\":1");
	check_edit("\"path\":\"null\"", "\"path\":\"\"");
	check_edit("\"version\":1", "\"version\":1,\"now_ns\":0");
	check_edit("\"version\":1", "\"version\":1,\"now_ns\":\"1\"");
	check_edit("\"root\":0", "\"root\":64");
	check_edit("\"root\":0", "\"root\":-1");
	check_edit("\"id\":\"d-", "\"id\":\"d-longer");
	check_edit("\"message\":\"", "\"message\":\"\",\"m\":\"");
	check_edit("\"hint\":\"leave", "\"hunt\":\"leave");
	check_edit("\"decisions\":[", "\"decisions\":[1,");
	check_edit("\"rules\":[", "\"rules\":[[],");
}

TEST(other_documents_are_refused)
{
	static const char *const texts[] = { "[]", "1", "{}", "null", "{\"version\":1}" };
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const struct json *value;
		struct judgement judgement;

		CHECK_INT(json_read(&arena, str_from(texts[i]), JSON_READ_STRICT, &value, NULL), 0);
		CHECK_INT(judgement_read(&arena, value, &judgement, NULL), -EBADMSG);
	}
}

/* ---- the rules themselves ---- */

TEST(rules_are_there_to_be_read)
{
	size_t watched = 0;

	CHECK(floor_rules_count() > 30);
	for (size_t i = 0; i < floor_rules_count(); i++) {
		CHECK(floor_find_rule(floor_rules[i].id) == &floor_rules[i]);
		CHECK(floor_rules[i].verdict != VERDICT_ALLOW);
		CHECK(floor_rules[i].looks[0] && floor_rules[i].example[0]);
	}
	CHECK(!floor_find_rule("floor/nothing"));
	for (size_t i = 0; i < floor_watches_count; i++) {
		const struct floor_watch *watch = &floor_watches[i];

		CHECK(watch->rule < floor_rules_count() && watch->paths.count);
		CHECK(floor_look_name(watch->look)[0]);
		for (size_t p = 0; p < watch->paths.count; p++)
			CHECK(!strncmp(watch->paths.items[p], "**/", 3));
		watched += !strcmp(floor_rules[watch->rule].id, "floor/ci") ? watch->paths.count : 0;
		CHECK(strcmp(floor_rules[watch->rule].id, "floor/setuid"));
	}
	CHECK(watched > 10);
}

TEST(a_misspelt_rule_is_guessed)
{
	CHECK_TEXT(floor_nearest_rule("floor/git-hook"), "floor/git-hooks");
	CHECK_TEXT(floor_nearest_rule("git-hooks"), "floor/git-hooks");
	CHECK_TEXT(floor_nearest_rule("protekt"), "config/protect");
	CHECK(!floor_nearest_rule("everything"));
	CHECK(!floor_nearest_rule(""));
}

TEST_MAIN()
