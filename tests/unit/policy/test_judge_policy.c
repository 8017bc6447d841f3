// SPDX-License-Identifier: Apache-2.0
/*
 * test_judge_policy.c - judgements by floor and policies together, and policies that would rather not be
 * judged
 *
 * The first half is about what policies say in good faith; the second is a project that attacks: whatever its
 * modules do, nothing is allowed by it, and there is a clear sentence.
 */
#include "unit/policy/world.h"

#include "base/utf8.h"

#define ALLOWS "package cordon.commit\nallow := true\n"

/* A world with policies: what of them judges. */
struct court {
	struct world world;
	struct policy_set set;
	struct policy_module modules[POLICY_LAYERS];
	struct policy_engine *engine;
	struct policy_oracle oracle;
	struct judgement judgement;
	struct error err;
};

static void give(struct court *c, enum policy_layer_kind layer, const char *text)
{
	if (!text)
		return;
	c->modules[layer] = (struct policy_module){ policy_layer_name(layer), str_from(text) };
	c->set.layers[layer].modules = &c->modules[layer];
	c->set.layers[layer].count = 1;
}

static void judge_again(struct court *c)
{
	int r = policy_judge_changeset(&c->world.arena, &c->world.changeset, &c->world.settings,
		&c->judgement, &c->err);

	if (r < 0)
		test_fail(__FILE__, __LINE__, "%s", c->err.text);
}

static void hold_court(struct court *c, const char *const *lines, const char *user, const char *project)
{
	*c = (struct court){ 0 };
	world_init(&c->world, lines);
	give(c, POLICY_LAYER_USER, user);
	give(c, POLICY_LAYER_PROJECT, project);
	CHECK_INT(policy_set_seal(&c->set), 0);
	if (policy_engine_new(&c->set, &c->engine, NULL, &c->err) < 0)
		test_fail(__FILE__, __LINE__, "%s", c->err.text);
	c->oracle = policy_engine_oracle(c->engine);
	c->world.settings.oracle = &c->oracle;
	c->world.settings.now_ns = 1700000000000000000;
	judge_again(c);
}

static void close_court(struct court *c)
{
	policy_engine_free(c->engine);
	world_fini(&c->world);
}

static const struct decision *find(const struct court *c, const char *rule)
{
	for (size_t i = 0; i < c->judgement.count; i++)
		if (!strcmp(c->judgement.decisions[i].rule, rule))
			return &c->judgement.decisions[i];
	test_fail(__FILE__, __LINE__, "no decision of %s", rule);
}

/* Writes it, reads it, writes it again: the same. */
static void check_round_trip(struct court *c)
{
	scoped(buf) struct buf first = BUF_INIT(64 << 20), second = BUF_INIT(64 << 20);
	struct arena *arena = &c->world.arena;
	struct judgement back;
	const struct json *value;
	int r;

	CHECK_INT(json_write(&first, judgement_to_json(arena, &c->judgement), 0), 0);
	CHECK_INT(json_read(arena, (struct str){ first.data, first.len }, 0, &value, NULL), 0);
	r = judgement_read(arena, value, &back, &c->err);
	if (r < 0)
		test_fail(__FILE__, __LINE__, "%s", c->err.text);
	CHECK_INT(json_write(&second, judgement_to_json(arena, &back), 0), 0);
	CHECK_TEXT(buf_text(&second), buf_text(&first));
}

/* ---- in good faith ---- */

TEST(a_policy_that_allows_leaves_the_floor)
{
	static struct court c;

	hold_court(&c, LINES("write a|x"), ALLOWS, NULL);
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "allow");
	CHECK_INT(c.judgement.now_ns, 1700000000000000000);
	check_round_trip(&c);
	close_court(&c);
	hold_court(&c, LINES("write .envrc|x"), ALLOWS, NULL);
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "ask floor/environment");
	close_court(&c);
}

TEST(without_a_policy_nothing_is_allowed)
{
	static struct court c;

	hold_court(&c, LINES("write a|x"), NULL, NULL);
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "deny policy/no-allow");
	CHECK_INT(c.judgement.decisions[0].path.len, 0);
	check_round_trip(&c);
	c.world.settings.oracle = NULL;
	judge_again(&c);
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "deny policy/error");
	CHECK(strstr(c.judgement.decisions[0].message, "this session has no policies"));
	c.world.settings.no_oracle = "policy.json is gone";
	judge_again(&c);
	CHECK(strstr(c.judgement.decisions[0].message, "policy.json is gone"));
	check_round_trip(&c);
	close_court(&c);
}

TEST(findings_become_decisions)
{
	static struct court c;
	const struct decision *decision;

	hold_court(&c, LINES("write lib/a.py|x", "write 1:b|y"), ALLOWS
		"ask contains {\"rule\": \"team/python\", \"msg\": \"python\", \"severity\": \"low\", \"hint\": \"look\","
		" \"paths\": [e.path]} if {\n\tsome e in input.changeset.entries\n\te.ext == \".py\"\n}\n"
		"warn contains {\"msg\": \"notes changed\", \"paths\": [\"/home/a/notes/b\", \"/etc/passwd\"]}\n"
		"warn contains \"all of it\"\n", NULL);
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "ask commit/warn team/python");
	decision = find(&c, "team/python");
	CHECK_INT(decision->verdict, VERDICT_ASK);
	CHECK_INT(decision->severity, SEVERITY_LOW);
	CHECK_INT(decision->root, 0);
	CHECK_STR(decision->path, STR("lib/a.py"));
	CHECK_TEXT(decision->message, "python");
	CHECK_TEXT(decision->hint, "look");
	CHECK_INT(c.judgement.count, 4);
	/* by path: the whole comes first */
	CHECK_TEXT(c.judgement.decisions[1].message, "all of it");
	CHECK_TEXT(c.judgement.decisions[2].message, "notes changed (about '/etc/passwd')");
	CHECK_TEXT(c.judgement.decisions[3].message, "notes changed");
	CHECK_INT(c.judgement.decisions[3].root, 1);
	CHECK_STR(c.judgement.decisions[3].path, STR("b"));
	CHECK_INT(c.judgement.rules[0].count, 3);
	CHECK_INT(c.judgement.rules[0].verdict, VERDICT_ALLOW);
	check_round_trip(&c);
	close_court(&c);
}

TEST(a_person_accepts_what_a_policy_asks)
{
	static struct court c;
	const char *rule = "project:mine", *denied = "other", *warned = "commit/warn",
		   *wrong = "project:mina";

	hold_court(&c, LINES("write a|x"),
		ALLOWS "deny contains {\"rule\": \"other\", \"msg\": \"no\", \"hint\": \"never\"}\n"
		"warn contains \"w\"\n",
		"package cordon.commit\nask contains {\"rule\": \"mine\", \"msg\": \"m\"}\n");
	CHECK_INT(judgement_accept(&c.world.arena, &c.judgement, &denied, 1, "why", &c.err), -EPERM);
	CHECK_TEXT(c.err.hint, "never");
	CHECK_INT(judgement_accept(&c.world.arena, &c.judgement, &warned, 1, "why", &c.err), -ENOENT);
	CHECK(strstr(c.err.text, "only warns"));
	c.err = (struct error)ERROR_INIT;
	CHECK_INT(judgement_accept(&c.world.arena, &c.judgement, &wrong, 1, "why", &c.err), -ENOENT);
	CHECK(strstr(c.err.hint, "project:mine"));
	CHECK_INT(judgement_accept(&c.world.arena, &c.judgement, &rule, 1, "why", &c.err), 0);
	CHECK_INT(c.judgement.verdict, VERDICT_DENY);
	check_round_trip(&c);
	close_court(&c);
}

TEST(a_rule_has_its_worst_verdict)
{
	static struct court c;

	hold_court(&c, LINES("write a|x"),
		ALLOWS "ask contains {\"rule\": \"r\", \"msg\": \"b\", \"severity\": \"low\"}\n"
		"deny contains {\"rule\": \"r\", \"msg\": \"a\", \"severity\": \"high\"}\n",
		NULL);
	CHECK_INT(c.judgement.rule_count, 1);
	CHECK_INT(c.judgement.rules[0].verdict, VERDICT_DENY);
	CHECK_INT(c.judgement.rules[0].severity, SEVERITY_HIGH);
	CHECK_INT(c.judgement.decisions[0].verdict, VERDICT_DENY);
	CHECK_INT(c.judgement.decisions[1].verdict, VERDICT_DENY);
	check_round_trip(&c);
	close_court(&c);
}

/* The time is no part of the question, but stands beside the answer; chance follows from the question. */
TEST(the_same_question_has_the_same_answer)
{
	static struct court c;
	struct policy_session session = { .id = "one" };
	struct judgement first;

	hold_court(&c, LINES("write a|x"),
		ALLOWS
		"ask contains sprintf(\"%v %s\", [rand.intn(\"x\", 1000000000), uuid.rfc4122(\"\")])\n"
		"warn contains {\"msg\": \"late\", \"rule\": \"late\"} if time.now_ns() > 1700000000000000000\n",
		NULL);
	CHECK_INT(c.judgement.count, 1);
	first = c.judgement;
	judge_again(&c);
	CHECK_TEXT(c.judgement.decisions[0].id, first.decisions[0].id);
	CHECK_TEXT(c.judgement.decisions[0].message, first.decisions[0].message);
	c.world.settings.now_ns++;
	judge_again(&c);
	CHECK(digest_eq(&c.judgement.input, &first.input));
	CHECK_INT(c.judgement.count, 2);
	CHECK_TEXT(c.judgement.decisions[0].id, first.decisions[0].id);
	c.world.settings.session = &session;
	judge_again(&c);
	CHECK(!digest_eq(&c.judgement.input, &first.input));
	c.world.settings.session = NULL;
	c.oracle.digest.bytes[0] ^= 1;
	judge_again(&c);
	CHECK(!digest_eq(&c.judgement.input, &first.input));
	close_court(&c);
}

TEST(findings_of_one_rule_have_ids_of_their_own)
{
	static struct court c;

	hold_court(&c, LINES("write a|x"), ALLOWS "ask contains \"one\"\nask contains \"two\"\n", NULL);
	CHECK_INT(c.judgement.count, 2);
	CHECK(strcmp(c.judgement.decisions[0].id, c.judgement.decisions[1].id));
	close_court(&c);
}

/* Every path that the input document has leads back to its entry. */
TEST(odd_paths_are_found_again)
{
	static const char *const odd[] = { "a\xff", "b\\x41", "c\\d", "e\xff\\f", "g h'\"", "\xc3\xa9" };
	static struct court c;

	hold_court(&c,
		LINES("write a\xff|x", "write b\\x41|x", "write c\\d|x", "write e\xff\\f|x", "write g h'\"|x",
			"write \xc3\xa9|x"),
		ALLOWS
		"warn contains {\"msg\": \"w\", \"paths\": [e.path]} if some e in input.changeset.entries\n",
		NULL);
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		bool is_found = false;

		for (size_t j = 0; j < c.judgement.count; j++)
			is_found |= str_eq(c.judgement.decisions[j].path, str_from(odd[i]));
		if (!is_found)
			test_fail(__FILE__, __LINE__, "no decision about %s", odd[i]);
	}
	check_round_trip(&c);
	close_court(&c);
}

TEST(a_flood_is_counted)
{
	enum { COUNT = POLICY_DECISIONS_PER_RULE + 500 };
	static struct court c;

	hold_court(&c, LINES("write a|x"),
		ALLOWS
		"ask contains {\"rule\": \"many\", \"msg\": sprintf(\"number %d\", [i])} if some i in numbers.range(1, 1500)\n",
		NULL);
	CHECK_INT(c.judgement.count, POLICY_DECISIONS_PER_RULE);
	CHECK_INT(c.judgement.rules[0].count, COUNT);
	check_round_trip(&c);
	close_court(&c);
}

/* ---- in bad faith ---- */

/* What a project does beside a user who allows: the verdict, and what the person is told. */
static void check_attack(const char *project, const char *summary, const char *says)
{
	static struct court c;
	bool is_said = false;

	hold_court(&c, LINES("write a|x"), ALLOWS, project);
	CHECK_TEXT(world_summary(&c.world, &c.judgement), summary);
	for (size_t i = 0; i < c.judgement.count; i++) {
		struct str rest = str_from(c.judgement.decisions[i].message);

		is_said |= says && strstr(c.judgement.decisions[i].message, says);
		while (rest.len) {
			uint32_t point;
			int n = utf8_decode(rest, &point);

			CHECK(n > 0 && !utf8_is_deceptive(point));
			rest = (struct str){ rest.data + n, rest.len - (size_t)n };
		}
	}
	if (says && !is_said)
		test_fail(__FILE__, __LINE__, "'%s' is not said: %s", says,
			c.judgement.count ? c.judgement.decisions[0].message : "");
	check_round_trip(&c);
	close_court(&c);
}

#define COMMIT "package cordon.commit\n"

TEST(a_project_cannot_allow)
{
	static struct court c;

	hold_court(&c, LINES("write a|x"), "package cordon.commit\nallow := false\n",
		COMMIT "allow := true\n");
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "deny policy/no-allow");
	close_court(&c);
	hold_court(&c, LINES("write a|x"),
		"package cordon.commit\nallow := true\ndeny contains \"d\" if data.cordon.params.x.on\n"
		"deny contains \"e\" if not data.cordon.lib.ok\n",
		"package cordon.lib\nok := true\n");
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "deny commit/deny");
	close_court(&c);
	check_attack(COMMIT "deny := set()\nask := []\nallow := true\n", "allow", NULL);
}

TEST(a_project_cannot_speak_for_others)
{
	check_attack(COMMIT "ask contains {\"rule\": \"floor/setuid\", \"msg\": \"m\"}\n",
		"deny policy/error", "cordon's own");
	check_attack(COMMIT "ask contains {\"rule\": \"policy/no-allow\", \"msg\": \"m\"}\n",
		"deny policy/error", "cordon's own");
	check_attack(COMMIT "ask contains {\"rule\": \"a:b\", \"msg\": \"m\"}\n", "deny policy/error",
		"a name begins with");
	check_attack(COMMIT "warn contains {\"rule\": \"a\\u001b[2J\", \"msg\": \"m\"}\n",
		"deny policy/error", "a name begins with");
	check_attack(COMMIT "warn contains {\"rule\": \"team/x\", \"msg\": \"m\"}\n", "allow project:team/x",
		"m");
}

TEST(a_project_cannot_draw_on_a_terminal)
{
	check_attack(COMMIT "ask contains \"\\u001b[2J\\u001b[1;1H\\u202eallow\\nverdict allow\"\n",
		"ask project:commit/ask", "\\x1B[2J\\x1B[1;1H\\u{202E}allow\\nverdict allow");
	check_attack(COMMIT
		"ask contains {\"msg\": \"m\", \"hint\": \"\\u001b]0;x\\u0007\", \"paths\": [\"/\\u001b[31m\"]}\n",
		"ask project:commit/ask", "m (about '/\\x1B[31m')");
}

TEST(a_project_cannot_flood)
{
	check_attack(COMMIT "p := [x | some i in numbers.range(1, 50000); x := \"/a\"]\n"
		"warn contains {\"msg\": sprintf(\"%d\", [i]), \"paths\": p} if some i in numbers.range(1, 300)\n",
		"deny policy/error", "or 256 MiB of texts and paths");
	check_attack(COMMIT "warn contains sprintf(\"%d\", [i]) if some i in numbers.range(1, 200001)\n",
		"deny policy/error", "more than 200000 findings");
	check_attack(COMMIT
		"warn contains {\"msg\": \"m\", \"rule\": sprintf(\"r%d\", [i])} if some i in numbers.range(1, 5000)\n",
		"deny policy/error", "more different rules");
	check_attack(COMMIT "s := concat(\"\", [\"x\" | some i in numbers.range(1, 1000)])\n"
		"warn contains {\"msg\": concat(\"\", [s, sprintf(\"%d\", [i])]), \"rule\": sprintf(\"r%d\", [i % 900])}"
		" if some i in numbers.range(1, 20000)\n",
		"deny policy/error", "longer than 16 MiB");
	check_attack(COMMIT
		"warn contains concat(\"\", [\"x\" | some i in numbers.range(1, 2000); i >= 0])\n",
		"deny policy/error", "expected a text of 1 to 1024 bytes");
}

TEST(a_project_cannot_say_nonsense)
{
	check_attack(COMMIT "deny := true\n", "deny policy/error", "deny: expected a set or a list");
	check_attack(COMMIT "deny contains 7\n", "deny policy/error", "deny: expected an object");
	check_attack(COMMIT "deny contains {\"message\": \"m\"}\n", "deny policy/error", "msg: missing");
	check_attack(COMMIT "deny contains {\"msg\": \"m\", \"extra\": 1}\n", "deny policy/error",
		"unknown member");
	check_attack(COMMIT "ask[\"a\"] := 1\n", "deny policy/error", "ask: expected a set or a list");
	check_attack(COMMIT "ask := 1\nask := 2 if input.version == 1\n", "deny policy/error",
		"rule data.cordon.commit.ask at project:");
	check_attack(COMMIT "ask contains \"x\" if to_number(\"x\") == 1\n", "deny policy/error",
		"rule data.cordon.commit.ask at project:2:");
}

TEST(a_path_that_is_not_there_is_about_the_whole)
{
	check_attack(COMMIT
		"ask contains {\"msg\": \"m\", \"paths\": [\"a\", \"/home/a/project/../b\", \"\", \"/home/a/project/zz\"]}\n",
		"ask project:commit/ask", "m (about 'a', '/home/a/project/../b', '' and 1 more)");
}

static int ask_nobody(void *context, enum policy_question question, const struct json *input,
	const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret,
	struct error *err)
{
	(void)context, (void)moment, (void)arena;
	CHECK_INT(question, POLICY_COMMIT);
	CHECK(json_pointer(input, STR("/changeset/entries/0/path")));
	*ret = (struct policy_answer){ .verdict = VERDICT_ALLOW };
	return error_set(err, -E2BIG, "it took too many steps");
}

/* An answer that never came: test_engine.c has policies that run for ever. */
TEST(no_answer_is_a_finding)
{
	static struct court c;

	hold_court(&c, LINES("write .envrc|x"), ALLOWS, NULL);
	c.world.settings.oracle = &(struct policy_oracle){ .ask = ask_nobody };
	judge_again(&c);
	CHECK_TEXT(world_summary(&c.world, &c.judgement), "deny floor/environment policy/error");
	CHECK_TEXT(find(&c, "policy/error")->message,
		"the policies gave no answer: it took too many steps");
	check_round_trip(&c);
	close_court(&c);
}

TEST_MAIN()
