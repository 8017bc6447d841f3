// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_policy.c - what holds for every document that claims to be an answer of a policy, or a set of them
 *
 *   - a refusal of an answer is -EBADMSG or -EMSGSIZE, says why, and denies
 *   - an answer's verdict is the worst of its findings; without any finding it is `allow`, and only where the
 *     user's own layer said so
 *   - findings are in order; rules, messages and hints have their lengths, and a rule is safe to print
 *   - a set that is read is written as the very same document; one whose digest is not its own gets it, so
 *     that not every change stops there
 */
#include "policy/answer.h"
#include "policy/set.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rule(const char *rule, enum policy_voice voice)
{
	static const struct str prefixes[] = {
		[POLICY_VOICE_PROJECT] = STR("project:"), [POLICY_VOICE_ORGANISATION] = STR("organisation:"),
		[POLICY_VOICE_BESIDE] = STR(""), [POLICY_VOICE_USER] = STR(""),
		[POLICY_VOICE_OPA] = STR("opa:"),
	};
	struct str prefix = strcmp(rule, "policy/no-allow") ? prefixes[voice] : STR("");

	assert(str_starts_with(str_from(rule), prefix));
	rule += prefix.len;
	assert(*rule && strlen(rule) <= POLICY_RULE_NAME_MAX);
	assert(!str_starts_with(str_from(rule), STR("floor/")));
	for (; *rule; rule++)
		assert(ascii_is_alnum(*rule) || strchr("._-/", *rule));
}

static void check_finding(const struct policy_finding *finding, enum policy_voice voice)
{
	assert(finding->verdict <= VERDICT_ALLOW && finding->severity <= SEVERITY_LOW);
	check_rule(finding->rule, voice);
	assert(*finding->message && strlen(finding->message) <= POLICY_MESSAGE_MAX);
	assert(!finding->hint || strlen(finding->hint) <= POLICY_MESSAGE_MAX);
	assert(finding->path_count <= POLICY_FINDINGS_MAX);
}

static void check_answer(struct arena *arena, const struct json *document, enum policy_voice voice)
{
	struct policy_answer answer = { .verdict = VERDICT_ALLOW };
	enum verdict worst = VERDICT_ALLOW;
	struct error err = ERROR_INIT;
	int r = policy_answer_read(arena, POLICY_COMMIT, voice, document, &answer, &err);

	if (r < 0) {
		assert((r == -EBADMSG || r == -EMSGSIZE) && err.code == r && *err.text);
		assert(answer.verdict == VERDICT_DENY && !answer.count);
		return;
	}
	for (size_t i = 0; i < answer.count; i++) {
		check_finding(&answer.findings[i], voice);
		worst = verdict_worst(worst, answer.findings[i].verdict);
		assert(!i || answer.findings[i - 1].verdict <= answer.findings[i].verdict);
	}
	assert(answer.verdict == worst);
	assert(voice < POLICY_VOICE_USER || worst == VERDICT_DENY ||
		json_get_bool(document, "allow", false));
}

static void check_set(struct arena *arena, const struct json *document)
{
	struct policy_set set;
	struct error err = ERROR_INIT;
	int r = policy_set_read(arena, document, &set, &err);

	if (r < 0)
		assert((r == -EBADMSG || r == -EMSGSIZE || r == -EINVAL) && *err.text);
	else
		assert(json_equal(policy_set_to_json(arena, &set), document));
}

/* Its digest is that of everything else, in canonical form. */
static const struct json *seal(struct arena *arena, const struct json *document)
{
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);
	struct json_object_builder rest, whole;
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;

	json_object_begin(&rest, arena);
	json_object_begin(&whole, arena);
	for (size_t i = 0; i < document->object.count; i++) {
		const struct json_member *member = &document->object.members[i];

		if (str_eq(member->key->text, STR("digest")))
			continue;
		json_object_add_value(&rest, member->key, member->value);
		json_object_add_value(&whole, member->key, member->value);
	}
	if (json_write(&text, json_object_end(&rest), JSON_WRITE_CANONICAL) < 0)
		return NULL;
	digest = hash_bytes(text.data, text.len);
	digest_to_hex(&digest, hex);
	json_object_add_text(&whole, "digest", hex);
	return json_object_end(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	const struct json *document;

	if (json_read(&arena, (struct str){ (const char *)data, size }, 0, &document, NULL) < 0)
		return 0;
	for (enum policy_voice voice = 0; voice <= POLICY_VOICE_OPA; voice++)
		check_answer(&arena, document, voice);
	check_set(&arena, document);
	document = document->type == JSON_OBJECT ? seal(&arena, document) : NULL;
	if (document)
		check_set(&arena, document);
	return 0;
}
