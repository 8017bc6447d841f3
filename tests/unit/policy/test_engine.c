// SPDX-License-Identifier: Apache-2.0
/*
 * test_engine.c - layers compiled by themselves, questions, and every way to give no answer
 */
#include "policy/engine.h"

#include "lib/test.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

/* A layer of one module; NULL: none. */
struct world {
	struct arena arena;
	struct policy_set set;
	struct policy_module modules[POLICY_LAYERS];
	struct policy_engine *engine;
	struct policy_moment moment;
	struct policy_answer answer;
	struct error err;
};

static void give(struct world *w, enum policy_layer_kind layer, const char *text)
{
	w->modules[layer] = (struct policy_module){ policy_layer_name(layer), str_from(text) };
	w->set.layers[layer].modules = &w->modules[layer];
	w->set.layers[layer].count = 1;
}

static int compile(struct world *w, const char *user, const char *organisation, const char *project)
{
	w->arena = (struct arena)ARENA_INIT(256 << 20);
	if (user)
		give(w, POLICY_LAYER_USER, user);
	if (organisation)
		give(w, POLICY_LAYER_ORGANISATION, organisation);
	if (project)
		give(w, POLICY_LAYER_PROJECT, project);
	CHECK_INT(policy_set_seal(&w->set), 0);
	return policy_engine_new(&w->set, &w->engine, NULL, &w->err);
}

static int ask(struct world *w, enum policy_question question, const char *input)
{
	const struct json *value;

	CHECK_INT(json_read(&w->arena, str_from(input), 0, &value, NULL), 0);
	return policy_ask(w->engine, question, value, &w->moment, &w->arena, &w->answer, &w->err);
}

static void end(struct world *w)
{
	policy_engine_free(w->engine);
	arena_fini(&w->arena);
}

static enum verdict verdict_of(const char *user, const char *organisation, const char *project)
{
	struct world w = { 0 };
	enum verdict verdict;

	CHECK_INT(compile(&w, user, organisation, project), 0);
	CHECK_INT(ask(&w, POLICY_COMMIT, "{\"version\": 1}"), 0);
	verdict = w.answer.verdict;
	end(&w);
	return verdict;
}

#define ALLOWS "package cordon.commit\nallow := true\n"

TEST(allow_comes_from_the_user_alone)
{
	CHECK_INT(verdict_of(ALLOWS, NULL, NULL), VERDICT_ALLOW);
	CHECK_INT(verdict_of(NULL, NULL, NULL), VERDICT_DENY);
	CHECK_INT(verdict_of(NULL, ALLOWS, ALLOWS), VERDICT_DENY);
	CHECK_INT(verdict_of("package cordon.exec\nallow := true\n", ALLOWS, NULL), VERDICT_DENY);
	CHECK_INT(verdict_of("package cordon.commit\nallow if input.version == 2\n", NULL, NULL),
		VERDICT_DENY);
	CHECK_INT(verdict_of("package cordon.commit\nallow if input.version == 1\n", NULL, NULL),
		VERDICT_ALLOW);
	CHECK_INT(verdict_of("package cordon\ncommit.allow := true\n", NULL, NULL), VERDICT_ALLOW);
}

/* Where an answer stands in the tree is the policy's matter: in a rule's value, or among the data. */
TEST(answers_stand_where_a_policy_puts_them)
{
	static const char text[] =
		"{\"cordon\": {\"commit\": {\"ask\": [\"by data\"], \"deny\": [\"hidden\"]}}}";
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct world w = { 0 };
	const struct json *data;

	CHECK_INT(verdict_of("package cordon\ncommit := {\"allow\": true, \"ask\": [], \"deny\": [], \"warn\": []}\n",
			NULL, NULL), VERDICT_ALLOW);
	CHECK_INT(verdict_of("package cordon\ncommit := {\"allow\": true, \"ask\": [\"x\"], \"deny\": [], \"warn\": []}\n",
			NULL, NULL), VERDICT_ASK);
	CHECK_INT(json_read(&arena, str_from(text), 0, &data, NULL), 0);
	w.set.layers[POLICY_LAYER_USER].data = data;
	CHECK_INT(compile(&w, "package cordon.commit\nallow := true\ndeny := set()\n", NULL, NULL), 0);
	CHECK_INT(ask(&w, POLICY_COMMIT, "{}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ASK);
	CHECK_INT(w.answer.count, 1);
	CHECK_TEXT(w.answer.findings[0].message, "by data");
	end(&w);
	w = (struct world){ 0 };
	CHECK_INT(compile(&w, "package cordon.commit\nallow := true\ndeny(x) := x\n", NULL, NULL), -EINVAL);
	CHECK(strstr(w.err.text, "undefined ref: data.cordon.commit.deny"));
	end(&w);
}

/*
 * What came with cordon is known by a digest: believed where mistakes are looked for, and compiled to answer.
 */
TEST(what_came_with_cordon_is_compiled_to_answer)
{
	static const struct digest known = { { 1 } };
	bool silent[POLICY_LAYERS];
	struct world w = { 0 };

	w.arena = (struct arena)ARENA_INIT(256 << 20);
	give(&w, POLICY_LAYER_USER, ALLOWS);
	w.modules[POLICY_LAYER_USER].digest = &known;
	CHECK_INT(policy_set_seal(&w.set), 0);
	CHECK_INT(policy_engine_new(&w.set, &w.engine, NULL, &w.err), 0);
	CHECK_INT(ask(&w, POLICY_COMMIT, "{}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ALLOW);
	give(&w, POLICY_LAYER_USER, "package cordon.commit\nallow := nobody\n");
	w.modules[POLICY_LAYER_USER].digest = &known;
	CHECK_INT(policy_engine_check(&w.set, silent, NULL, &w.err), 0);
	CHECK(!silent[POLICY_LAYER_USER]);
	w.modules[POLICY_LAYER_USER].digest = NULL;
	CHECK_INT(policy_engine_check(&w.set, silent, NULL, &w.err), -EINVAL);
	end(&w);
}

TEST(a_layer_without_a_rule_that_answers_is_told)
{
	static const struct {
		const char *module;
		bool is_silent;
	} rows[] = {
		{ "package other\ndeny contains \"x\"\n", true },
		{ "package cordon.commits\ndeny contains \"x\"\n", true },
		{ "package cordon.commit\n", true },
		{ "package cordon\ncommit.deny contains \"x\"\n", false },
		{ "package cordon.exec\nis_any := true\n", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool silent[POLICY_LAYERS];
		struct world w = { 0 };

		w.arena = (struct arena)ARENA_INIT(256 << 20);
		give(&w, POLICY_LAYER_USER, ALLOWS);
		give(&w, POLICY_LAYER_PROJECT, rows[i].module);
		CHECK_INT(policy_set_seal(&w.set), 0);
		CHECK_INT(policy_engine_check(&w.set, silent, NULL, &w.err), 0);
		CHECK_INT(silent[POLICY_LAYER_PROJECT], rows[i].is_silent);
		CHECK(!silent[POLICY_LAYER_USER] && !silent[POLICY_LAYER_ORGANISATION]);
		end(&w);
	}
}

TEST(every_layer_can_deny_and_ask)
{
	static const char deny[] = "package cordon.commit\ndeny contains \"d\" if input.version == 1\n";
	static const char ask_module[] = "package cordon.commit\nask contains \"a\"\nallow := true\n";

	CHECK_INT(verdict_of(ALLOWS, deny, NULL), VERDICT_DENY);
	CHECK_INT(verdict_of(ALLOWS, NULL, deny), VERDICT_DENY);
	CHECK_INT(verdict_of(ALLOWS, ask_module, NULL), VERDICT_ASK);
	CHECK_INT(verdict_of(ask_module, NULL, NULL), VERDICT_ASK);
	CHECK_INT(verdict_of(ask_module, NULL, deny), VERDICT_DENY);
	CHECK_INT(verdict_of(ALLOWS, "package other\n", "package cordon.exec\ndeny contains \"x\"\n"),
		VERDICT_ALLOW);
}

/* What a project defines is seen by nobody but the project. */
TEST(layers_do_not_see_each_other)
{
	static const char user[] = "package cordon.commit\nimport data.cordon.lib.x\n"
		"allow := true\ndeny contains \"lib\" if x.on\n"
		"deny contains \"params\" if data.cordon.params\n";
	static const char project[] = "package cordon.lib.x\non := true\n";
	static const char params[] = "package cordon.params\ndeletions := 1\n";

	CHECK_INT(verdict_of(user, NULL, project), VERDICT_ALLOW);
	CHECK_INT(verdict_of(user, NULL, params), VERDICT_ALLOW);
	CHECK_INT(verdict_of(ALLOWS, NULL, "package cordon.commit\nallow := false\ndeny := set()\n"),
		VERDICT_ALLOW);
}

TEST(data_belongs_to_its_layer)
{
	static const char user[] = "package cordon.commit\nallow if data.cordon.params.x.on\n";
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct world w = { 0 };
	const struct json *data;

	CHECK_INT(json_read(&arena, STR("{\"cordon\": {\"params\": {\"x\": {\"on\": true}}}}"), 0, &data,
		NULL),
		0);
	w.set.layers[POLICY_LAYER_PROJECT].data = data;
	CHECK_INT(compile(&w, user, NULL, NULL), 0);
	CHECK_INT(ask(&w, POLICY_COMMIT, "{}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_DENY);
	policy_engine_free(w.engine);
	w.set.layers[POLICY_LAYER_USER].data = data;
	CHECK_INT(policy_engine_new(&w.set, &w.engine, NULL, &w.err), 0);
	CHECK_INT(ask(&w, POLICY_COMMIT, "{}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ALLOW);
	end(&w);
}

TEST(findings_come_by_layer)
{
	struct world w = { 0 };

	CHECK_INT(compile(&w,
		ALLOWS
		"warn contains {\"msg\": \"w\", \"rule\": \"r/w\", \"paths\": {input.session.workspace}}\n",
		"package cordon.commit\nask contains \"o\"\n",
		"package cordon.commit\nask contains \"p\"\n"),
		0);
	CHECK_INT(ask(&w, POLICY_COMMIT, "{\"session\": {\"workspace\": \"/a/b\"}}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ASK);
	CHECK_INT(w.answer.count, 3);
	CHECK_TEXT(w.answer.findings[0].rule, "project:commit/ask");
	CHECK_TEXT(w.answer.findings[1].rule, "organisation:commit/ask");
	CHECK_TEXT(w.answer.findings[2].rule, "r/w");
	CHECK_STR(w.answer.findings[2].paths[0], STR("/a/b"));
	end(&w);
}

/* A helper that nothing wants is not worked out, so its conflict is nobody's. */
TEST(helpers_are_not_part_of_the_answer)
{
	CHECK_INT(verdict_of(ALLOWS "x := 1\nx := input.version + 1\nnames := {\"a\"}\nf(y) := y\n", NULL,
		NULL),
		VERDICT_ALLOW);
}

TEST(time_and_chance_come_in)
{
	struct world w = { 0 };

	CHECK_INT(compile(&w, "package cordon.exec\nallow if time.now_ns() == 77\n", NULL, NULL), 0);
	CHECK_INT(ask(&w, POLICY_EXEC, "{}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_DENY);
	w.moment.now_ns = 77;
	CHECK_INT(ask(&w, POLICY_EXEC, "{}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ALLOW);
	end(&w);
}

static bool say_no_zone(void *data, const char *name, UNUSED const char **ret, UNUSED size_t *ret_len)
{
	snprintf(data, 32, "%s", name);
	return false;
}

TEST(zones_are_asked_for)
{
	struct world w = { 0 };
	char asked[32] = "";

	CHECK_INT(compile(&w, "package cordon.exec\nallow if time.clock([0, input.exec.name])[0] == 1\n",
		NULL, NULL),
		0);
	CHECK_INT(ask(&w, POLICY_EXEC, "{\"exec\": {\"name\": \"Europe/Paris\"}}"), -EDOM);
	CHECK(strstr(w.err.text, "unknown time zone Europe/Paris"));
	w.moment.zone = say_no_zone;
	w.moment.zone_data = asked;
	CHECK_INT(ask(&w, POLICY_EXEC, "{\"exec\": {\"name\": \"Asia/Tokyo\"}}"), -EDOM);
	CHECK_TEXT(asked, "Asia/Tokyo");
	CHECK_INT(ask(&w, POLICY_EXEC, "{\"exec\": {\"name\": \"UTC\"}}"), 0);
	end(&w);
}

TEST(mistakes_have_a_place)
{
	struct world w = { 0 };
	char *report;

	CHECK_INT(compile(&w, ALLOWS, NULL, "package cordon.commit\n\ndeny contains nonsense\n"), -EINVAL);
	CHECK(strstr(w.err.text, "a policy of the project has a mistake: project:3:"));
	CHECK(strstr(w.err.text, "nonsense") && !strchr(w.err.text, '\n') && !strstr(w.err.text, "\\n"));
	give(&w, POLICY_LAYER_USER, "package cordon.commit\nallow := x y\n");
	CHECK_INT(policy_engine_new(&w.set, &w.engine, &report, NULL), -EINVAL);
	CHECK(strstr(report, "project:3:") && strstr(report, "user:2:"));
	free(report);
	end(&w);
}

static void check_fault(const char *user, int code, const char *says)
{
	struct world w = { 0 };

	CHECK_INT(compile(&w, user, NULL, NULL), 0);
	w.answer.verdict = VERDICT_ALLOW;
	CHECK_INT(ask(&w, POLICY_EXEC, "{\"version\": 1, \"session\": {\"id\": \"x\"}}"), code);
	CHECK_INT(w.answer.verdict, VERDICT_DENY);
	CHECK_INT(w.answer.count, 0);
	if (!strstr(w.err.text, says))
		test_fail(__FILE__, __LINE__, "\"%s\" has no \"%s\"", w.err.text, says);
	/* And the next question has an answer again. */
	CHECK_INT(ask(&w, POLICY_EXEC, "{\"version\": 2, \"session\": {\"id\": \"1\"}}"), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ALLOW);
	end(&w);
}

/* What cordon never asks with cannot be asked for, in whichever layer and package. */
TEST(references_are_held_against_what_is_asked_with)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "package cordon.commit\nask contains \"x\" if input.changeset.entrys[0]\n",
			"undefined ref: input.changeset.entrys[0]" },
		{ "package cordon.commit.ours\nx if input.exec\n", "undefined ref: input.exec" },
		{ "package cordon.exec\nask contains \"x\" if input.exec.fle == \"x\"\n",
			"undefined ref: input.exec.fle" },
		{ "package cordon.net\nask contains \"x\" if input.net.port == \"443\"\n", "match error" },
		{ "package cordon.file\nask contains \"x\" if input.file.path.x\n",
			"undefined ref: input.file.path.x" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int layer = 0; layer < 3; layer++) {
			struct world w = { 0 };

			CHECK_INT(compile(&w, layer ? NULL : cases[i].text,
				layer == 1 ? cases[i].text : NULL, layer == 2 ? cases[i].text : NULL),
				-EINVAL);
			if (!strstr(w.err.text, cases[i].says))
				test_fail(__FILE__, __LINE__, "\"%s\"", w.err.text);
			end(&w);
		}
}

TEST(other_packages_ask_for_what_they_like)
{
	struct world w = { 0 };

	CHECK_INT(compile(&w, "package team.helpers\nf(x) := x.anything\nx if input.anything\n", NULL,
		"package cordon.committee\nx if input.anything\n"), 0);
	end(&w);
}

TEST(no_answer_is_an_error)
{
	check_fault("package cordon.exec\nallow := true\n\nallow := false if input.version == 1\n", -EDOM,
		"rule data.cordon.exec.allow at user:");
	check_fault("package cordon.exec\nallow := true\ndeny contains \"x\" if {\n\tto_number(input.session.id) > 7\n}\n",
		-EDOM, "rule data.cordon.exec.deny at user:4:");
	check_fault("package cordon.exec\nallow := true\ndeny contains \"x\" if {\n\tinput.version == 1\n"
		"\tcount(numbers.range(1, 100000000)) > 7\n}\n",
		-E2BIG, "rule data.cordon.exec.deny at user:5:");
	check_fault("package cordon.exec\nallow := true\ndeny := {x | input.version == 1; x := 7}\n",
		-EBADMSG,
		"a policy of the user, data.cordon.exec: no answer of a policy: deny: expected an object");
	check_fault("package cordon.exec\nallow := true\ndeny contains {\"msg\": sprintf(\"%s\", [\"m\"]), \"rule\": \"floor/x\"}"
		" if input.version == 1\n", -EBADMSG, "cordon's own");
}

/* For ever, in a way that only a budget ends. */
TEST(a_policy_that_runs_for_ever_is_stopped)
{
	check_fault("package cordon.exec\nallow := true\nr := numbers.range(1, 3000)\n"
		"deny contains \"x\" if {\n\tinput.version == 1\n\tsome a in r\n\tsome b in r\n\ta + b == 7000\n}\n",
		-E2BIG, "rule data.cordon.exec.deny at user:");
}

static int ask_long(enum policy_question question, int count)
{
	char module[512];
	struct world w = { 0 };
	int r;

	snprintf(module, sizeof(module), "package cordon.%s\nallow := true\nr := numbers.range(1, %d)\n"
		"deny contains \"x\" if {\n\tinput.version == 1\n\tsome a in r\n\tsome b in r\n\ta > b\n\tb > a\n}\n",
		policy_question_name(question), count);
	CHECK_INT(compile(&w, module, NULL, NULL), 0);
	r = ask(&w, question, "{\"version\": 1}");
	CHECK(!r || strstr(w.err.text, "needs more steps than it may take"));
	end(&w);
	return r;
}

/* Three steps or more for each pair: what an exec may not take, a changeset may. */
TEST(a_question_has_the_steps_that_are_its_own)
{
	CHECK_INT(ask_long(POLICY_EXEC, 400), 0);
	CHECK_INT(ask_long(POLICY_EXEC, 1200), -E2BIG);
	CHECK_INT(ask_long(POLICY_COMMIT, 2000), 0);
	CHECK_INT(ask_long(POLICY_COMMIT, 6500), 0);
}

TEST(a_steady_question_takes_no_memory)
{
	struct world w = { 0 };
	const struct json *input;
	size_t before = 0;

	CHECK_INT(compile(&w,
		"package cordon.exec\nallow := true\ndeny contains \"x\" if input.exec.argv[_] == \"-x\"\n",
		NULL,
		"package cordon.exec\nwarn contains {\"msg\": \"w\", \"paths\": {input.exec.file}} if endswith(input.exec.file, \"h\")\n"),
		0);
	CHECK_INT(json_read(&w.arena,
		STR("{\"exec\": {\"file\": \"/bin/sh\", \"argv\": [\"sh\", \"-c\", \"x\"]}}"), 0,
		&input, NULL),
		0);
	for (int i = 0; i < 1000; i++) {
		scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

		CHECK_INT(policy_ask(w.engine, POLICY_EXEC, input, &w.moment, &arena, &w.answer, NULL), 0);
		CHECK_INT(w.answer.count, 1);
		arena_fini(&arena);
		if (i == 1)
			before = mallinfo2().uordblks;
		else if (i > 1)
			CHECK_INT(mallinfo2().uordblks, before);
	}
	end(&w);
}

TEST(budgets_and_digest)
{
	struct world w = { 0 };

	CHECK(policy_budget_of(POLICY_COMMIT).steps > policy_budget_of(POLICY_EXEC).steps);
	CHECK(policy_budget_of(POLICY_EXEC).memory_bytes);
	CHECK_INT(compile(&w, ALLOWS, NULL, NULL), 0);
	CHECK(digest_eq(policy_engine_digest(w.engine), &w.set.digest));
	CHECK(!policy_engine_free(NULL));
	end(&w);
}

/* Where an OPA allows, nobody here does, and without its answer there is none. */
TEST(beside_an_opa_all_layers_only_add)
{
	struct world w = { .set.opa = "https://opa.example.org" };
	struct policy_moment moment = { 0 };
	const struct json *input;

	CHECK_INT(compile(&w, "package cordon.commit\nwarn contains \"w\"\n", NULL,
		"package cordon.commit\nallow := true\nask contains \"a\"\n"), 0);
	CHECK_TEXT(policy_engine_opa(w.engine), "https://opa.example.org");
	w.answer.verdict = VERDICT_ALLOW;
	CHECK_INT(ask(&w, POLICY_COMMIT, "{}"), -ENOTCONN);
	CHECK_INT(w.answer.verdict, VERDICT_DENY);
	CHECK(strstr(w.err.text, "https://opa.example.org"));
	CHECK_INT(json_read(&w.arena, STR("{}"), 0, &input, NULL), 0);
	CHECK_INT(policy_ask_beside(w.engine, POLICY_COMMIT, input, &moment, &w.arena, &w.answer, &w.err), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ASK);
	CHECK_INT(w.answer.count, 2);
	CHECK_TEXT(w.answer.findings[0].rule, "project:commit/ask");
	CHECK_TEXT(w.answer.findings[1].rule, "commit/warn");
	/* No package at all adds nothing, where alone it would deny. */
	CHECK_INT(policy_ask_beside(w.engine, POLICY_EXEC, input, &moment, &w.arena, &w.answer, &w.err), 0);
	CHECK_INT(w.answer.verdict, VERDICT_ALLOW);
	CHECK_INT(w.answer.count, 0);
	end(&w);
}

TEST_MAIN()
