// SPDX-License-Identifier: Apache-2.0
/*
 * judge_policy.c - what the policies found becomes decisions
 *
 * A policy speaks of paths as its input has them; they are found again in the changeset, and a finding
 * becomes one decision for each entry that it names. What is no entry stands in the message, and a finding
 * that names no entry is about the changeset as a whole.
 *
 * Modules may come from the project, so nothing of theirs is unbounded: rules, decisions of one rule, and the
 * bytes of all texts. Texts are quoted here, once. Whatever goes wrong, from a fault to a flood, has one
 * outcome: none of their findings counts, and `policy/error` denies and says why.
 */
#include "policy/floor_internal.h"

#include "base/path.h"
#include "base/quote.h"

#include <errno.h>

enum {
	INPUT_BYTES_MAX = 1 << 30,
	ANSWER_BYTES_MAX = 1 << 30,
	TEXT_BYTES_MAX = 8192,		/* of a message that is quoted, with paths */
	ALL_TEXT_BYTES_MAX = 16 << 20,	/* as often as they will be written */
	NAMED_PATHS_MAX = 3,		/* of those that are no entry */
};

#define POLICY_ERROR "policy/error"

struct asked {
	struct floor *floor;
	struct arena scratch;		/* input and answer */
	size_t rules_room, last_rule;
	size_t text_bytes;
	struct error *err;		/* why the policies gave no answer */
};

/* What of a finding is the same for all of its decisions. */
struct told {
	const struct policy_finding *finding;
	struct judged_rule *rule;
	const char *message, *hint;
};

static int fail_flood(const struct asked *asked, const char *what)
{
	return error_set(asked->err, -EMSGSIZE, "the policies found too much: %s", what);
}

/* ---- rules ---- */

static struct judged_rule *find_rule(struct asked *asked, const char *name)
{
	struct judge *judge = &asked->floor->judge;

	/* Findings come sorted by their rules, so it is mostly the one of the finding before. */
	if (asked->last_rule < judge->rule_count && !strcmp(judge->rules[asked->last_rule].rule, name))
		return &judge->rules[asked->last_rule];
	for (size_t i = 0; i < judge->rule_count; i++)
		if (!strcmp(judge->rules[i].rule, name)) {
			asked->last_rule = i;
			return &judge->rules[i];
		}
	return NULL;
}

static int note_rule(struct asked *asked, const struct policy_finding *finding)
{
	struct judge *judge = &asked->floor->judge;
	struct judged_rule *rule = find_rule(asked, finding->rule);

	if (rule) {
		rule->verdict = verdict_worst(rule->verdict, finding->verdict);
		rule->severity = MIN(rule->severity, finding->severity);
		return 0;
	}
	if (judge->rule_count == POLICY_RULES_MAX - FLOOR_RULE_COUNT)
		return fail_flood(asked, "more different rules than a judgement has room for");
	judge->rules[judge->rule_count] = (struct judged_rule){
		.rule = arena_copy(asked->floor->arena, finding->rule, strlen(finding->rule)),
		.verdict = finding->verdict, .severity = finding->severity,
	};
	if (!judge->rules[judge->rule_count].rule)
		return fail_flood(asked, "no room");
	asked->last_rule = judge->rule_count++;
	return 0;
}

/* ---- paths ---- */

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte of \xHH at the beginning, or -1. */
static int escaped_byte(struct str text)
{
	int high, low;

	if (text.len < 4 || text.data[0] != '\\' || text.data[1] != 'x')
		return -1;
	high = hex_value(text.data[2]);
	low = hex_value(text.data[3]);
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static bool is_escaped(struct str text)
{
	for (; text.len; text.data++, text.len--)
		if (escaped_byte(text) >= 0)
			return true;
	return false;
}

/*
 * The bytes of an input document's path, NUL-terminated: the other way of policy_input_path(). Where there is
 * one \xHH, all of the text is written so. NULL: no such path, or none that a system has.
 */
static const char *unescape(struct str text, char ret[PATH_TEXT_MAX])
{
	bool has_escapes = is_escaped(text);
	size_t len = 0;

	while (text.len && len < PATH_TEXT_MAX - 1) {
		int byte = has_escapes ? escaped_byte(text) : -1;
		size_t taken = byte >= 0 ? 4 : has_escapes && str_starts_with(text, STR("\\\\")) ? 2 : 1;

		ret[len++] = byte >= 0 ? (char)byte : text.data[0];
		text.data += taken;
		text.len -= taken;
	}
	ret[len] = '\0';
	return text.len || !len || strlen(ret) != len ? NULL : ret;
}

/* The entry that a text names; NULL: it is none. */
static const struct change *find_change(const struct changeset *changeset, struct str text)
{
	char bytes[PATH_TEXT_MAX];
	const char *path = unescape(text, bytes);

	if (!path || !path_is_clean(str_from(path)))
		return NULL;
	for (size_t i = 0; i < changeset->root_count; i++) {
		const char *root = changeset->roots[i];
		const struct change *change;

		if (!path_is_beneath(str_from(path), str_from(root)))
			continue;
		change = changeset_find(changeset, (unsigned)i, str_from(path_relative(path, root)));
		if (change)
			return change;
	}
	return NULL;
}

/* ---- decisions ---- */

static int add_decision(struct asked *asked, const struct told *told, const struct change *change,
	const char *message)
{
	struct judged_rule *rule = told->rule;
	struct decision decision = {
		.verdict = rule->verdict, .severity = told->finding->severity, .rule = rule->rule,
		.message = message, .hint = told->hint, .path = STR(""),
	};

	if (rule->count++ >= POLICY_DECISIONS_PER_RULE)
		return 0;
	if (change) {
		decision.root = change->root;
		decision.path = change->path;
	}
	asked->text_bytes += strlen(message) + strlen(told->hint) + decision.path.len;
	if (asked->text_bytes > ALL_TEXT_BYTES_MAX)
		return fail_flood(asked, "the texts of all findings are longer than 16 MiB");
	return judge_add(asked->floor, &decision) < 0 ? fail_flood(asked, "no room") : 0;
}

static const char *quoted(struct asked *asked, const char *text)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_BYTES_MAX);

	return quote_append_bare(&buf, str_from(text)) < 0 ? NULL :
		arena_copy(asked->floor->arena, buf_text(&buf), buf.len);
}

static const char *hint_of(const struct policy_finding *finding)
{
	switch (finding->verdict) {
	case VERDICT_DENY:
		return "leave it out with --except, or change it in a new session";
	case VERDICT_ASK:
		return "look at it, then accept it with --accept";
	case VERDICT_ALLOW:
		break;
	}
	return "nothing has to be done: it only warns";
}

/* "message (about '/etc/passwd' and 2 more)" */
static const char *message_with_others(struct asked *asked, const struct told *told, size_t others)
{
	const struct policy_finding *finding = told->finding;
	scoped(buf) struct buf buf = BUF_INIT(TEXT_BYTES_MAX);
	size_t named = 0;

	(void)buf_printf(&buf, "%s (about ", told->message);
	for (size_t i = 0; i < finding->path_count && named < NAMED_PATHS_MAX; i++)
		if (!find_change(asked->floor->changeset, finding->paths[i]))
			(void)buf_printf(&buf, "%s'%s'", named++ ? ", " : "",
				quote_text(finding->paths[i]).text);
	if (others > named)
		(void)buf_printf(&buf, " and %zu more", others - named);
	(void)buf_append_char(&buf, ')');
	return arena_copy(asked->floor->arena, buf_text(&buf), buf.len);
}

static int add_finding(struct asked *asked, const struct policy_finding *finding)
{
	struct told told = {
		.finding = finding, .rule = find_rule(asked, finding->rule),
		.message = quoted(asked, finding->message),
		.hint = finding->hint ? quoted(asked, finding->hint) : hint_of(finding),
	};
	const char *message = told.message;
	size_t others = 0;
	int r = 0;

	/* note_rule() has seen all of them. */
	assert(told.rule);
	if (!told.message || !told.hint)
		return fail_flood(asked, "no room");
	for (size_t i = 0; i < finding->path_count && r >= 0; i++) {
		const struct change *change = find_change(asked->floor->changeset, finding->paths[i]);

		others += !change;
		if (change)
			r = add_decision(asked, &told, change, message);
	}
	if (r < 0 || (finding->path_count && !others))
		return r;
	if (others)
		message = message_with_others(asked, &told, others);
	return message ? add_decision(asked, &told, NULL, message) : fail_flood(asked, "no room");
}

static int take_answer(struct asked *asked, const struct policy_answer *answer)
{
	struct judge *judge = &asked->floor->judge;
	int r = 0;

	judge->rules = arena_alloc_array(asked->floor->arena, POLICY_RULES_MAX, sizeof(*judge->rules));
	if (!judge->rules)
		return fail_flood(asked, "no room");
	for (size_t i = 0; i < answer->count && r >= 0; i++)
		r = note_rule(asked, &answer->findings[i]);
	for (size_t i = 0; i < answer->count && r >= 0; i++)
		r = add_finding(asked, &answer->findings[i]);
	return r;
}

/* ---- asking ---- */

static int fail_nobody(struct asked *asked)
{
	const char *why = asked->floor->settings->no_oracle;

	error_set(asked->err, -ENOENT, "%s", why ? why : "this session has no policies");
	return -ENOENT;
}

static int ask(struct asked *asked)
{
	const struct floor *floor = asked->floor;
	const struct policy_settings *settings = floor->settings;
	struct policy_resolver resolver = { floor->changeset, settings };
	const struct policy_session nobody = { .exit_code = -1 };
	const struct policy_commit question = {
		.session = settings->session ? settings->session : &nobody, .changeset = floor->changeset,
		.resolve = policy_resolve_link,
		.context = &resolver,
	};
	struct policy_moment moment = {
		.now_ns = settings->now_ns, .zone = settings->zone, .zone_data = settings->zone_data,
	};
	struct policy_answer answer;
	const struct json *input;
	int r;

	if (!settings->oracle)
		return fail_nobody(asked);
	_Static_assert(sizeof(moment.seed) == sizeof(floor->input.bytes), "the seed is a digest");
	memcpy(moment.seed, floor->input.bytes, sizeof(moment.seed));
	input = policy_input_commit(&asked->scratch, &question);
	if (!input)
		return fail_flood(asked, "the changeset is too large for a policy to see it");
	r = settings->oracle->ask(settings->oracle->context, POLICY_COMMIT, input, &moment, &asked->scratch,
		&answer, asked->err);
	return r < 0 ? r : take_answer(asked, &answer);
}

/* All that they found goes, and one finding says why. */
static int add_error(struct asked *asked, size_t count)
{
	struct judge *judge = &asked->floor->judge;
	struct arena *arena = asked->floor->arena;
	const struct error *why = asked->err;
	struct decision decision = {
		.verdict = VERDICT_DENY, .severity = SEVERITY_HIGH, .rule = POLICY_ERROR, .path = STR(""),
		.message = arena_printf(arena, "the policies gave no answer: %s", why->text),
		.hint = *why->hint ? arena_copy(arena, why->hint, strlen(why->hint)) :
			"no answer means no: see `cordon policy check`; `cordon commit` asks again",
	};
	struct judged_rule *rule = arena_alloc(arena, sizeof(*rule));

	if (!decision.message || !decision.hint || !rule)
		return error_set(asked->floor->err, -EMSGSIZE, "judging the changeset: %s", why->text);
	judge->count = count;
	*rule = (struct judged_rule){
		.rule = POLICY_ERROR, .verdict = VERDICT_DENY, .severity = SEVERITY_HIGH, .count = 1,
	};
	judge->rules = rule;
	judge->rule_count = 1;
	return judge_add(asked->floor, &decision);
}

bool judgement_is_answered(const struct judgement *judgement)
{
	for (size_t i = 0; i < judgement->count; i++)
		if (!strcmp(judgement->decisions[i].rule, POLICY_ERROR))
			return false;
	return true;
}

int judge_ask_policies(struct floor *floor)
{
	struct error err = ERROR_INIT;
	struct asked asked = {
		.floor = floor, .scratch = ARENA_INIT((size_t)INPUT_BYTES_MAX + ANSWER_BYTES_MAX),
		.err = &err,
	};
	size_t count = floor->judge.count;
	int r = ask(&asked);

	arena_fini(&asked.scratch);
	return r < 0 ? add_error(&asked, count) : 0;
}
