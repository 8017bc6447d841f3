// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_explain.c - `cordon explain RULE|DECISION...`, `cordon policy rules`
 *
 * Every "no" names its rule; this is where the rule speaks. All of it comes from the table that judges
 * (policy/rules.h), so an explanation cannot be about another version of the rule. A decision is what the
 * ledger says of it, and then its rule. The rules of policies are in no table: what they have to say is the
 * last thing that they found.
 */
#include "cli/commands.h"

#include "base/quote.h"
#include "base/time.h"
#include "cli/explain_decision.h"
#include "cli/paragraph.h"
#include "cli/rules.h"
#include "cli/table.h"

#include <errno.h>

enum {
	ASKED_MAX_BYTES = 64 << 10,
};

static enum cli_style verdict_style(enum verdict verdict)
{
	return verdict == VERDICT_DENY ? CLI_BAD : CLI_WARN;
}

static bool belongs_to(const struct floor_watch *watch, const struct floor_rule *rule)
{
	return &floor_rules[watch->rule] == rule;
}

/* Every pattern begins with "any directory", which says nothing to a person. */
static const char *shown_path(const char *pattern)
{
	return strncmp(pattern, "**/", 3) ? pattern : pattern + 3;
}

/* ---- for people ---- */

static void print_words(struct cli *cli, const char *label, const char *before,
	const struct floor_words *words)
{
	struct paragraph at;

	if (!words->count)
		return;
	paragraph_begin(&at, cli, label);
	if (*before)
		paragraph_add(&at, before);
	for (size_t i = 0; i < words->count; i++)
		paragraph_add_word(&at, str_from(shown_path(words->items[i])),
			i + 1 < words->count ? "," : "");
	paragraph_end(&at);
}

static void print_watch(struct cli *cli, const struct floor_watch *watch)
{
	cli_printf(cli, "\n");
	print_words(cli, "watches", "", &watch->paths);
	print_words(cli, "", "but not:", &watch->except);
	if (watch->beside)
		paragraph_print(cli, "", arena_printf(&cli->arena, "only beside a file %s", watch->beside));
	print_words(cli, "", "there, only the keys:", &watch->keys);
	print_words(cli, "", "but not the keys:", &watch->except_keys);
	print_words(cli, "", "and that these keys go away:", &watch->removed_keys);
	if (watch->known)
		paragraph_print(cli, "", floor_known_text(watch->known));
	if (watch->flags & FLOOR_WATCH_DELETED)
		paragraph_print(cli, "", "deleting it is a finding, too");
	if (watch->flags & FLOOR_WATCH_EXECUTABLE)
		paragraph_print(cli, "", "making it executable is a finding, too");
	if (watch->flags & FLOOR_WATCH_VENDORED)
		paragraph_print(cli, "", "also in directories of installed packages");
}

/* A rule about system calls, which is none about paths. */
static bool is_call(const struct floor_rule *rule)
{
	return !strncmp(rule->id, "seccomp/", strlen("seccomp/"));
}

static void print_way(struct cli *cli, const struct floor_rule *rule)
{
	if (rule->verdict == VERDICT_DENY) {
		paragraph_print(cli, "past it", "nobody can accept it");
	} else {
		paragraph_print(cli, "past it", "read the change, then answer for all that the rule found:");
		cli_printf(cli, "  %-*scordon commit ID --accept %s --reason TEXT\n", PARAGRAPH_LABEL_COLUMNS,
			"", rule->id);
	}
	paragraph_print(cli, "", rule->verdict == VERDICT_DENY ? "the rest can be committed without it:" :
		"or commit the rest without it:");
	cli_printf(cli, "  %-*scordon commit ID --except PATH...\n", PARAGRAPH_LABEL_COLUMNS, "");
}

static void print_rule(struct cli *cli, const struct floor_rule *rule)
{
	cli_printf(cli, "%s%s%s: %s%s%s, %s\n", cli_style(cli, CLI_BOLD), rule->id, cli_style(cli, CLI_PLAIN),
		cli_style(cli, verdict_style(rule->verdict)),
		rule->verdict == VERDICT_DENY ? "denies" : "asks a person", cli_style(cli, CLI_PLAIN),
		severity_name(rule->severity));
	paragraph_print(cli, is_call(rule) ? "refuses" : "finds",
		is_call(rule) ? rule->what : arena_printf(&cli->arena, "a path that %s", rule->what));
	paragraph_print(cli, "why", rule->why);
	paragraph_print(cli, "looks at", rule->looks);
	paragraph_print(cli, "example", rule->example);
	paragraph_print(cli, "do", rule->todo);
	if (is_call(rule))
		return;
	print_way(cli, rule);
	for (size_t i = 0; i < floor_watches_count; i++)
		if (belongs_to(&floor_watches[i], rule))
			print_watch(cli, &floor_watches[i]);
}

/* What was asked, as far as the record says; whatever an agent chose is made safe. */
static void print_asked(struct cli *cli, const struct explained_decision *decision)
{
	static const char *const names[] = {
		"what", "syscall", "path", "target", "program", "pid", "digest", "argv", "errno", "count",
	};
	scoped(buf) struct buf text = BUF_INIT(ASKED_MAX_BYTES);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct json *value = json_get(decision->facts, names[i]);
		scoped(buf) struct buf one = BUF_INIT(ASKED_MAX_BYTES);
		struct str bytes;

		if (!value)
			continue;
		if (json_to_bytes(&cli->arena, value, &bytes) < 0) {
			(void)json_write(&one, value, JSON_WRITE_CANONICAL);
			bytes = (struct str){ buf_text(&one), one.len };
		}
		(void)buf_printf(&text, "%s%s %s", text.len ? ", " : "", names[i], quote_text(bytes).text);
	}
	if (text.len)
		paragraph_print(cli, "asked", buf_text(&text));
}

static void print_decision(struct cli *cli, const struct explained_decision *decision)
{
	const char *rule = json_get_text(decision->facts, "rule"), *verdict, *message, *hint;
	char time[TIME_TEXT_SIZE];

	verdict = json_get_text(decision->facts, "verdict");
	message = json_get_text(decision->facts, "message");
	hint = json_get_text(decision->facts, "hint");
	time_to_text(decision->time_ns, time);
	cli_printf(cli, "%s%s%s: %s%s%s by %s\n", cli_style(cli, CLI_BOLD), decision->id,
		cli_style(cli, CLI_PLAIN), cli_style(cli, CLI_BAD),
		verdict ? quote_cstr(verdict).text : "denied", cli_style(cli, CLI_PLAIN),
		rule ? quote_cstr(rule).text : "a rule without a name");
	print_asked(cli, decision);
	if (message)
		paragraph_print(cli, "answer", quote_cstr(message).text);
	if (hint)
		paragraph_print(cli, "do", quote_cstr(hint).text);
	paragraph_print(cli, "record",
		arena_printf(&cli->arena, "%s of session %s, number %llu of its ledger (`%s`)", time,
			quote_cstr(decision->session).text, (unsigned long long)decision->sequence,
			quote_cstr(decision->kind).text));
	cli_printf(cli, "\n");
}

/* ---- for programs ---- */

static void add_words(struct cli *cli, struct json_object_builder *object, const char *name,
	const struct floor_words *words)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < words->count; i++)
		json_array_add(&array, json_new_text(&cli->arena, words->items[i]));
	json_object_add(object, name, json_array_end(&array));
}

static const struct json *watch_to_json(struct cli *cli, const struct floor_watch *watch)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "look", floor_look_name(watch->look));
	add_words(cli, &object, "paths", &watch->paths);
	add_words(cli, &object, "except", &watch->except);
	add_words(cli, &object, "keys", &watch->keys);
	add_words(cli, &object, "except_keys", &watch->except_keys);
	add_words(cli, &object, "removed_keys", &watch->removed_keys);
	if (watch->known)
		json_object_add_text(&object, "known", floor_known_name(watch->known));
	if (watch->beside)
		json_object_add_text(&object, "beside", watch->beside);
	json_object_add_bool(&object, "deleted", watch->flags & FLOOR_WATCH_DELETED);
	json_object_add_bool(&object, "executable", watch->flags & FLOOR_WATCH_EXECUTABLE);
	json_object_add_bool(&object, "vendored", watch->flags & FLOOR_WATCH_VENDORED);
	return json_object_end(&object);
}

static const struct json *rule_to_json(struct cli *cli, const struct floor_rule *rule)
{
	struct json_object_builder object;
	struct json_array_builder watches;

	json_array_begin(&watches, &cli->arena);
	for (size_t i = 0; i < floor_watches_count; i++)
		if (belongs_to(&floor_watches[i], rule))
			json_array_add(&watches, watch_to_json(cli, &floor_watches[i]));
	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "rule", rule->id);
	json_object_add_text(&object, "verdict", verdict_name(rule->verdict));
	json_object_add_text(&object, "severity", severity_name(rule->severity));
	json_object_add(&object, "message",
		json_new_text(&cli->arena, arena_printf(&cli->arena, "%s: %s", rule->what, rule->why)));
	json_object_add_text(&object, "hint", rule->todo);
	json_object_add_text(&object, "looks", rule->looks);
	json_object_add_text(&object, "example", rule->example);
	json_object_add_bool(&object, "acceptable", rule->verdict == VERDICT_ASK);
	json_object_add(&object, "watches", json_array_end(&watches));
	return json_object_end(&object);
}

/* ---- the commands ---- */

static const struct floor_rule *find_rule(struct cli *cli, const char *name)
{
	const struct floor_rule *rule = rules_find(name);

	return rule ? rule : rules_find_call(cli, name);
}

/* One word of the command line: a rule, or a decision with its rule, where that is known here. */
struct explained {
	const struct floor_rule *rule;
	struct explained_decision decision;	/* id NULL: it is a rule */
};

static int find(struct cli *cli, const char *word, struct explained *ret)
{
	struct error err = ERROR_INIT;
	const char *rule;
	int r;

	*ret = (struct explained){ 0 };
	if (!explain_is_decision(word))
		ret->rule = find_rule(cli, word);
	if (ret->rule)
		return CLI_OK;
	r = explain_find_decision(cli, word, &ret->decision, &err);
	if (r == -ENOENT && !explain_is_decision(word))
		return rules_fail_unknown(cli, CLI_NO, word);
	if (r < 0)
		return cli_fail(cli, r == -ENOENT ? CLI_NO : CLI_FAILED, &err);
	rule = json_get_text(ret->decision.facts, "rule");
	ret->rule = rule ? find_rule(cli, rule) : NULL;
	return CLI_OK;
}

static const struct json *explained_to_json(struct cli *cli, const struct explained *explained)
{
	const struct explained_decision *decision = &explained->decision;
	struct json_object_builder object;
	char time[TIME_TEXT_SIZE];

	if (!decision->id)
		return rule_to_json(cli, explained->rule);
	time_to_text(decision->time_ns, time);
	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "decision", decision->id);
	json_object_add_text(&object, "session", decision->session);
	json_object_add_text(&object, "time", time);
	json_object_add_int(&object, "sequence", (int64_t)decision->sequence);
	json_object_add_text(&object, "kind", decision->kind);
	json_object_add(&object, "facts", decision->facts);
	if (explained->rule)
		json_object_add(&object, "explanation", rule_to_json(cli, explained->rule));
	return json_object_end(&object);
}

static void print_all_json(struct cli *cli, const struct explained *items, int count)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (int i = 0; i < count; i++)
		json_array_add(&array, explained_to_json(cli, &items[i]));
	cli_print_json(cli, json_array_end(&array));
}

static void print_all(struct cli *cli, const struct explained *items, int count)
{
	cli_page(cli);
	for (int i = 0; i < count; i++) {
		cli_printf(cli, "%s", i ? "\n" : "");
		if (items[i].decision.id)
			print_decision(cli, &items[i].decision);
		if (items[i].rule)
			print_rule(cli, items[i].rule);
	}
}

int cmd_explain(struct cli *cli, int argc, char **argv)
{
	struct explained *items = arena_alloc_array(&cli->arena, (size_t)argc, sizeof(*items));
	int code = CLI_OK;

	if (!items)
		return cli_failf(cli, CLI_FAILED, "too many rules");
	for (int i = 0; i < argc && code == CLI_OK; i++)
		code = find(cli, argv[i], &items[i]);
	if (code == CLI_OK && cli->json)
		print_all_json(cli, items, argc);
	else if (code == CLI_OK)
		print_all(cli, items, argc);
	return code;
}

static bool is_wanted(struct cli *cli, const struct floor_rule *rule)
{
	const char *verdict = policy_rules_options(cli)->verdict;

	return !verdict || !strcmp(verdict, verdict_name(rule->verdict));
}

static void list_table(struct cli *cli)
{
	static const struct cli_column columns[] = {
		{ "RULE", false }, { "VERDICT", false }, { "SEVERITY", false },
		{ "FINDS A PATH THAT", .is_prose = true },
	};
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < floor_rules_count(); i++) {
		const struct floor_rule *rule = &floor_rules[i];

		if (!is_wanted(cli, rule))
			continue;
		cli_table_cell(&table, str_from(rule->id));
		cli_table_styled(&table, verdict_style(rule->verdict), "%s", verdict_name(rule->verdict));
		cli_table_cell(&table, str_from(severity_name(rule->severity)));
		cli_table_cell(&table, str_from(rule->what));
	}
	cli_table_end(&table);
}

int cmd_policy_rules(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	struct json_array_builder array;

	if (!cli->json) {
		cli_page(cli);
		list_table(cli);
		return CLI_OK;
	}
	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < floor_rules_count(); i++)
		if (is_wanted(cli, &floor_rules[i]))
			json_array_add(&array, rule_to_json(cli, &floor_rules[i]));
	cli_print_json(cli, json_array_end(&array));
	return CLI_OK;
}
