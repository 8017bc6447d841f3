// SPDX-License-Identifier: Apache-2.0
/*
 * record.c - what the ledger is told about commits and undos
 */
#include "run/commit_internal.h"

enum {
	LEDGER_PATHS_MAX = 100,		/* in a record; all of them are in the answer */
};

static void add_digest(struct json_object_builder *object, const char *key, const struct digest *digest)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(digest, hex);
	json_object_add_text(object, key, hex);
}

int record_acceptance(struct committing *c)
{
	const struct run_commit_request *request = c->request;
	struct json_object_builder fields;

	json_object_begin(&fields, c->arena);
	add_digest(&fields, "changeset", &c->result->changeset.digest);
	json_object_add(&fields, "rules", json_new_words(c->arena, request->accept, request->accept_count));
	json_object_add_text(&fields, "reason", request->reason);
	json_object_add_text(&fields, "user", request->user);
	json_object_add_int(&fields, "uid", request->uid);
	return ledger_append(c->ledger, LEDGER_ACCEPTED, json_object_end(&fields), LEDGER_SYNC, c->err);
}

/* The paths of what was chosen; how much of each is in the changeset. */
static const struct json *chosen_paths(struct arena *arena, const struct changeset *changeset)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < MIN(changeset->count, (size_t)LEDGER_PATHS_MAX); i++) {
		const struct change *change = &changeset->changes[i];
		const char *path = arena_printf(arena, "%s/%s", changeset->roots[change->root],
			change->path.data);

		json_array_add(&array, path ? json_new_bytes(arena, str_from(path)) : NULL);
	}
	return json_array_end(&array);
}

int record_start(struct committing *c)
{
	const struct run_commit_request *request = c->request;
	const struct changeset *changeset = &c->result->changeset;
	struct json_object_builder fields;

	json_object_begin(&fields, c->arena);
	add_digest(&fields, "changeset", &changeset->digest);
	json_object_add_int(&fields, "commit", c->number);
	json_object_add_int(&fields, "entries", (int64_t)changeset->count);
	json_object_add_int(&fields, "total_bytes", (int64_t)changeset->total_bytes);
	json_object_add_text(&fields, "user", request->user);
	if (c->is_part && request->choice)
		json_object_add(&fields, "paths", chosen_paths(c->arena, changeset));
	else if (c->is_part)
		json_object_add(&fields, request->except ? "except" : "paths",
			json_new_words(c->arena, request->paths, request->path_count));
	if (request->merge)
		json_object_add_bool(&fields, "merge", true);
	return ledger_append(c->ledger, LEDGER_COMMIT_STARTED, json_object_end(&fields), LEDGER_SYNC, c->err);
}

int record_end(struct committing *c)
{
	struct json_object_builder fields;

	json_object_begin(&fields, c->arena);
	add_digest(&fields, "changeset", &c->result->changeset.digest);
	json_object_add_int(&fields, "commit", c->number);
	json_object_add_int(&fields, "entries", (int64_t)c->result->answer.applied_count);
	json_object_add_int(&fields, "duration_ns", (int64_t)c->result->duration_ns);
	return ledger_append(c->ledger, LEDGER_COMMIT_FINISHED, json_object_end(&fields), 0, c->err);
}

static const struct json *conflict_paths(struct arena *arena, const struct committer_answer *answer)
{
	struct json_array_builder array;
	size_t count = answer->conflicts ? answer->conflicts->array.count : 0;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < MIN(count, (size_t)LEDGER_PATHS_MAX); i++)
		json_array_add(&array, json_get(answer->conflicts->array.items[i], "path"));
	return json_array_end(&array);
}

static int record_conflicts(struct committing *c)
{
	struct json_object_builder fields;

	json_object_begin(&fields, c->arena);
	add_digest(&fields, "changeset", &c->result->changeset.digest);
	json_object_add(&fields, "paths", conflict_paths(c->arena, &c->result->answer));
	json_object_add_int(&fields, "paths_count", (int64_t)c->result->answer.conflict_count);
	return ledger_append(c->ledger, LEDGER_CONFLICT, json_object_end(&fields), 0, c->err);
}

int record_failure(struct committing *c)
{
	const struct error *why = &c->result->answer.error;
	struct json_object_builder fields;
	int r = c->result->answer.conflict_count ? record_conflicts(c) : 0;

	if (r < 0)
		return r;

	json_object_begin(&fields, c->arena);
	add_digest(&fields, "changeset", &c->result->changeset.digest);
	json_object_add_int(&fields, "commit", c->number);
	json_object_add(&fields, "error", json_new_printf(c->arena, "%s", why->text));
	json_object_add_text(&fields, "errno", error_name(why->code));
	return ledger_append(c->ledger, LEDGER_COMMIT_FAILED, json_object_end(&fields), 0, c->err);
}

int record_undo_start(struct arena *arena, struct ledger *ledger, unsigned number,
	const struct changeset *changeset, const char *user, struct error *err)
{
	struct json_object_builder fields;

	json_object_begin(&fields, arena);
	json_object_add_int(&fields, "commit", number);
	add_digest(&fields, "changeset", &changeset->digest);
	json_object_add_int(&fields, "entries", (int64_t)changeset->count);
	json_object_add_text(&fields, "user", user);
	return ledger_append(ledger, LEDGER_UNDO_STARTED, json_object_end(&fields), LEDGER_SYNC, err);
}

int record_undo_end(struct arena *arena, struct ledger *ledger, const struct run_undo_result *result,
	const struct changeset *changeset, struct error *err)
{
	const struct committer_answer *answer = &result->answer;
	bool done = !answer->error.code;
	struct json_object_builder fields;

	json_object_begin(&fields, arena);
	json_object_add_int(&fields, "commit", result->number);
	if (done) {
		json_object_add_int(&fields, "entries", (int64_t)changeset->count);
		json_object_add_int(&fields, "duration_ns", (int64_t)result->duration_ns);
	} else {
		json_object_add(&fields, "error", json_new_printf(arena, "%s", answer->error.text));
		json_object_add_text(&fields, "errno", error_name(answer->error.code));
		json_object_add(&fields, "paths", conflict_paths(arena, answer));
	}
	return ledger_append(ledger, done ? LEDGER_UNDONE : LEDGER_UNDO_FAILED, json_object_end(&fields), 0,
		err);
}

int record_recovery(struct arena *arena, struct ledger *ledger, const struct committer_answer *answer,
	struct error *err)
{
	struct json_object_builder fields;

	json_object_begin(&fields, arena);
	json_object_add_text(&fields, "what", answer->recovered_kind == JOURNAL_UNDO ? "undo" : "commit");
	json_object_add_text(&fields, "action",
		answer->recovered == RECOVER_FINISHED ? "finished" : "reverted");
	json_object_add_int(&fields, "commit", answer->recovered_number);
	return ledger_append(ledger, LEDGER_RECOVERED, json_object_end(&fields), LEDGER_SYNC, err);
}
