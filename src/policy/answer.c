// SPDX-License-Identifier: Apache-2.0
/*
 * answer.c - the value of a package becomes findings, or is refused as a whole
 *
 * What stands here came out of a module that perhaps the project brought along, and will be looked at by
 * people and written into evidence. So a rule's name is made of few characters, texts have a length, and
 * nothing of it is kept but as a copy in the caller's arena. Messages may still hold anything that UTF-8 can
 * say: who prints one quotes it.
 */
#include "policy/answer.h"

#include "policy/reader_internal.h"

#include <errno.h>
#include <stdlib.h>

static const struct {
	struct str prefix;		/* of its rules */
	bool allows;
} voices[] = {
	[POLICY_VOICE_PROJECT] = { STR("project:"), false },
	[POLICY_VOICE_ORGANISATION] = { STR("organisation:"), false },
	[POLICY_VOICE_BESIDE] = { STR(""), false },
	[POLICY_VOICE_USER] = { STR(""), true },
	[POLICY_VOICE_OPA] = { STR("opa:"), true },
};

struct answer_reader {
	struct policy_reader reader;
	struct arena *arena;
	enum policy_question question;
	enum policy_voice voice;
	struct policy_finding *findings;
	size_t count, room;
	size_t bytes;			/* of what was kept so far */
};

static int fail_full(const struct answer_reader *a)
{
	return error_set(a->reader.err, -EMSGSIZE, "%s: more than %d findings, or %d MiB of texts and paths",
		a->reader.what, POLICY_FINDINGS_MAX, POLICY_ANSWER_BYTES_MAX >> 20);
}

static int spend(struct answer_reader *a, size_t bytes)
{
	if (bytes > POLICY_ANSWER_BYTES_MAX - a->bytes)
		return fail_full(a);
	a->bytes += bytes;
	return 0;
}

/* ---- one finding ---- */

/* Of a name that is not empty. */
static bool is_rule_name(struct str name)
{
	static const bool can_follow[256] = {
		['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
		['.'] = true, ['_'] = true, ['-'] = true, ['/'] = true,
	};

	if (!ascii_is_alnum(name.data[0]))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!can_follow[(unsigned char)name.data[i]])
			return false;
	return true;
}

/* Names that say who decided: nobody may borrow them. */
static bool is_reserved(struct str name)
{
	static const struct str prefixes[] = { STR("floor/"), STR("config/"), STR("policy/") };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (name.data[0] == prefixes[i].data[0] && str_starts_with(name, prefixes[i]))
			return true;
	return false;
}

static struct str set_name(enum verdict verdict)
{
	static const struct str names[] = {
		[VERDICT_DENY] = STR("deny"), [VERDICT_ASK] = STR("ask"), [VERDICT_ALLOW] = STR("warn"),
	};

	return names[verdict];
}

/* Each finding has its rule's name, so this is no matter for printf. */
static const char *join(struct arena *arena, struct str head, struct str tail)
{
	char *both = arena_alloc_raw(arena, head.len + tail.len + 1);

	if (!both)
		return NULL;
	memcpy(both, head.data, head.len);
	memcpy(both + head.len, tail.data, tail.len);
	both[head.len + tail.len] = '\0';
	return both;
}

/* NULL where there is none, or no text without a NUL. */
static const char *text_of(const struct json *value)
{
	if (!value || value->type != JSON_STRING || memchr(value->text.data, '\0', value->text.len))
		return NULL;
	return value->text.data;
}

/* @rule: its name; NULL: it has none of its own. */
static int read_rule(struct answer_reader *a, const struct json *rule, struct policy_finding *ret)
{
	struct str prefix = voices[a->voice].prefix;

	if (!rule) {
		ret->rule = arena_printf(a->arena, "%.*s%s/%s", STR_FMT(prefix),
			policy_question_name(a->question), set_name(ret->verdict).data);
		return ret->rule ? 0 : fail_full(a);
	}
	if (!text_of(rule) || !rule->text.len || rule->text.len > POLICY_RULE_NAME_MAX)
		return policy_reader_refuse(&a->reader, "rule", "expected a text");
	if (!is_rule_name(rule->text))
		return policy_reader_refuse(&a->reader, "rule",
			"a name begins with a letter or digit and has letters, digits, '.', '_', '-' and '/'");
	if (is_reserved(rule->text))
		return policy_reader_refuse(&a->reader, "rule",
			"names that begin with floor/, config/ and policy/ are cordon's own");
	ret->rule = join(a->arena, prefix, rule->text);
	return ret->rule ? 0 : fail_full(a);
}

static int take_text(struct answer_reader *a, struct str text, const char *field, const char **ret)
{
	if (!text.len || text.len > POLICY_MESSAGE_MAX)
		return policy_reader_refuse(&a->reader, field, "expected a text of 1 to 1024 bytes");
	if (memchr(text.data, '\0', text.len))
		return policy_reader_refuse(&a->reader, field, "a text with a NUL in it");
	*ret = arena_copy(a->arena, text.data, text.len);
	return *ret ? spend(a, text.len + 1) : fail_full(a);
}

static int read_text(struct answer_reader *a, const struct json *text, const char *field, const char **ret)
{
	if (text->type != JSON_STRING)
		return policy_reader_refuse(&a->reader, field, "expected a text");
	return take_text(a, text->text, field, ret);
}

static bool is_list(const struct json *value)
{
	return value->type == JSON_ARRAY || value->type == JSON_SET;
}

static int read_paths(struct answer_reader *a, const struct json *list, struct policy_finding *ret)
{
	struct str *paths;
	int r;

	if (!is_list(list))
		return policy_reader_refuse(&a->reader, "paths", "expected a list or a set of texts");
	r = spend(a, list->array.count * sizeof(*paths));
	if (r < 0)
		return r;
	paths = arena_alloc_array(a->arena, list->array.count, sizeof(*paths));
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *path = list->array.items[i];

		if (path->type != JSON_STRING)
			return policy_reader_refuse(&a->reader, "paths", "expected a list or a set of texts");
		r = spend(a, path->text.len + 1);
		if (r < 0)
			return r;
		if (paths)
			paths[i].data = arena_copy(a->arena, path->text.data, path->text.len);
		if (!paths || !paths[i].data)
			return fail_full(a);
		paths[i].len = path->text.len;
	}
	ret->paths = paths;
	ret->path_count = list->array.count;
	return paths ? 0 : fail_full(a);
}

static int read_object(struct answer_reader *a, const struct json *value, struct policy_finding *ret)
{
	/*
	 * All but `msg` are optional, and so stand behind it; the reader finds the quickest what is sorted.
	 */
	enum { MSG, PATHS, RULE, SEVERITY, HINT, FIELDS };
	static const char *const names[FIELDS] = { "msg", "paths", "rule", "severity", "hint" };
	const struct json *fields[FIELDS];
	int r = policy_reader_fields(&a->reader, value, names, FIELDS, FIELDS - 1,
		set_name(ret->verdict).data, fields);

	if (r >= 0)
		r = read_text(a, fields[MSG], names[MSG], &ret->message);
	if (r >= 0)
		r = read_rule(a, fields[RULE], ret);
	if (r >= 0 && fields[HINT])
		r = read_text(a, fields[HINT], names[HINT], &ret->hint);
	if (r >= 0 && fields[SEVERITY] && severity_from_name(text_of(fields[SEVERITY]), &ret->severity) < 0)
		r = policy_reader_refuse(&a->reader, names[SEVERITY],
			"expected \"low\", \"medium\", \"high\" or \"critical\"");
	if (r >= 0 && fields[PATHS])
		r = read_paths(a, fields[PATHS], ret);
	return r;
}

static int read_finding(struct answer_reader *a, const struct json *value, struct policy_finding *ret)
{
	int r;

	if (value->type != JSON_STRING)
		return read_object(a, value, ret);
	r = take_text(a, value->text, set_name(ret->verdict).data, &ret->message);
	return r < 0 ? r : read_rule(a, NULL, ret);
}

/* ---- the whole ---- */

static struct policy_finding *add_finding(struct answer_reader *a)
{
	if (a->count == POLICY_FINDINGS_MAX)
		return NULL;
	if (a->count == a->room) {
		size_t room = a->room ? a->room * 2 : 8;
		struct policy_finding *findings = arena_alloc_array(a->arena, room, sizeof(*findings));

		if (!findings)
			return NULL;
		if (a->count)
			memcpy(findings, a->findings, a->count * sizeof(*findings));
		a->findings = findings;
		a->room = room;
	}
	return &a->findings[a->count++];
}

static int read_set(struct answer_reader *a, const struct json *document, enum verdict verdict)
{
	const struct json *list;
	int r = 0;

	/* Mostly there is nothing to say. */
	if (!document || (document->type == JSON_OBJECT && !document->object.count))
		return 0;
	list = json_get_str(document, set_name(verdict));
	if (!list)
		return 0;
	if (!is_list(list))
		return policy_reader_refuse(&a->reader, set_name(verdict).data, "expected a set or a list");
	for (size_t i = 0; i < list->array.count && r >= 0; i++) {
		struct policy_finding *finding = add_finding(a);

		if (!finding)
			return fail_full(a);
		*finding = (struct policy_finding){ .verdict = verdict, .severity = SEVERITY_MEDIUM };
		r = read_finding(a, list->array.items[i], finding);
	}
	return r;
}

/* What helps where nobody said that it is allowed. */
static const char *hint_of(const struct answer_reader *a)
{
	if (a->voice != POLICY_VOICE_OPA)
		return "name \"default\" in policy.modules, or say `allow` in a policy of your own";
	return arena_printf(a->arena, "the policies of the OPA server have to say `allow` in data.cordon.%s",
		policy_question_name(a->question));
}

/* Who denies says why; who neither denies nor allows is told that nobody allows. */
static int read_allow(struct answer_reader *a, const struct json *document)
{
	const struct json *allow;
	struct policy_finding *finding;

	if (!voices[a->voice].allows)
		return 0;
	allow = json_get_str(document, STR("allow"));
	if (allow && allow->type != JSON_BOOL)
		return policy_reader_refuse(&a->reader, "allow", "expected a boolean");
	if ((allow && allow->boolean) || (a->count && a->findings[0].verdict == VERDICT_DENY))
		return 0;
	finding = add_finding(a);
	if (!finding)
		return fail_full(a);
	*finding = (struct policy_finding){
		.verdict = VERDICT_DENY, .severity = SEVERITY_HIGH, .rule = "policy/no-allow",
		.message = "no policy says that this is allowed", .hint = hint_of(a),
	};
	return finding->hint ? 0 : fail_full(a);
}

static int compare_findings(const void *left, const void *right)
{
	const struct policy_finding *a = left, *b = right;
	int order = (int)a->verdict - (int)b->verdict;

	if (!order)
		order = strcmp(a->rule, b->rule);
	return order ? order : strcmp(a->message, b->message);
}

static enum verdict worst_of(const struct answer_reader *a)
{
	enum verdict verdict = VERDICT_ALLOW;

	for (size_t i = 0; i < a->count; i++)
		verdict = verdict_worst(verdict, a->findings[i].verdict);
	return verdict;
}

int policy_answer_read(struct arena *arena, enum policy_question question, enum policy_voice voice,
	const struct json *document, struct policy_answer *ret, struct error *err)
{
	struct answer_reader a = {
		.reader = { "no answer of a policy", err }, .arena = arena, .question = question,
		.voice = voice,
	};
	int r = 0;

	*ret = (struct policy_answer){ .verdict = VERDICT_DENY };
	if (document && document->type != JSON_OBJECT)
		r = policy_reader_refuse(&a.reader, "document", "expected an object");
	for (enum verdict verdict = VERDICT_DENY; verdict <= VERDICT_ALLOW && r >= 0; verdict++)
		r = read_set(&a, document, verdict);
	if (r >= 0)
		r = read_allow(&a, document);
	if (r < 0)
		return r;
	if (a.count > 1)
		qsort(a.findings, a.count, sizeof(*a.findings), compare_findings);
	*ret = (struct policy_answer){ worst_of(&a), a.findings, a.count };
	return 0;
}

int policy_answer_join(struct arena *arena, const struct policy_answer *answers, size_t count,
	struct policy_answer *ret, struct error *err)
{
	struct policy_answer answer = { .verdict = VERDICT_ALLOW };
	struct policy_finding *findings;

	assert(count);
	*ret = (struct policy_answer){ .verdict = VERDICT_DENY };
	for (size_t i = 0; i < count; i++) {
		answer.verdict = verdict_worst(answer.verdict, answers[i].verdict);
		answer.count += answers[i].count;
	}
	findings = arena_alloc_array(arena, answer.count, sizeof(*findings));
	if (!findings)
		return error_set(err, -EMSGSIZE, "the policies found too much");
	answer.findings = findings;
	for (size_t i = 0; i < count; i++)
		if (answers[i].count) {
			memcpy(findings, answers[i].findings, answers[i].count * sizeof(*findings));
			findings += answers[i].count;
		}
	*ret = answer;
	return 0;
}
