// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c - what judges the session: read, recorded, compiled, and read again
 *
 * At a start the policies are read before the first record, which has their digest. Those that somebody wrote
 * are compiled while the launcher builds the sandbox, and nothing is executed before they are. Where all came
 * with cordon there is no mistake to wait for, and compiling takes longer than all the rest of a start: that
 * is done a second later, or by whoever judges sooner. `cordon policy reload` reads and compiles anew beside
 * what judges now; where that succeeds it is recorded, kept and swapped in, and otherwise all stays as it
 * was. Of a set, nothing is held in memory once it is compiled.
 *
 * What is named and how it has to be signed is the session's configuration, which does not change. So a
 * reload cannot be weaker in what an organisation demanded.
 */
#include "roles/supervisor/supervisor.h"

#include "base/time.h"
#include "kern/clock.h"
#include "run/policies.h"

#include <stdlib.h>

enum {
	REPORT_LINES_MAX = 100,
	REPORT_BYTES_MAX = 32 << 10,
	/* long enough to be behind every start, short enough to be before nearly every judgement */
	COMPILE_AFTER_MS = 1000,
};

static void tell_note(void *context, const char *text)
{
	client_notice(context, "%s", text);
}

static int read_set(struct supervisor *s, struct arena *arena, struct policy_set *ret, struct error *err)
{
	const struct run_policies_options options = {
		.config = s->request.config, .workspace = s->request.workspace, .note = tell_note,
		.context = s,
	};

	return run_policies_read(arena, &options, ret, err);
}

/* ---- the start ---- */

int supervisor_read_policies(struct supervisor *s, struct error *err)
{
	struct policy_set *set = arena_alloc(&s->policy_arena, sizeof(*set));
	int r = set ? read_set(s, &s->policy_arena, set, err) : error_set(err, -ENOMEM, "out of memory");

	if (r >= 0)
		r = run_policies_keep(&s->policy_arena, &s->session, set, err);
	if (r >= 0)
		s->policy_set = set;
	return r;
}

/* Each line of it is a line of the user's terminal, and stays under the one that it belongs to. */
static void tell_report(struct supervisor *s, const char *report)
{
	struct str line, rest = str_from(report);

	for (size_t i = 0; i < REPORT_LINES_MAX && rest.len; i++) {
		(void)str_cut(rest, '\n', &line, &rest);
		client_notice(s, "%.*s", STR_FMT(line));
	}
}

static int compile(struct supervisor *s, struct error *err)
{
	char *report = NULL;
	int r = policy_engine_new(s->policy_set, &s->engine, &report, err);

	if (r < 0 && report)
		tell_report(s, report);
	free(report);
	s->policy_set = NULL;
	arena_fini(&s->policy_arena);
	if (r < 0)
		error_hint(err, "Correct it; `cordon policy check PATH` says when it is.");
	return r;
}

/* Where it fails there is no engine, and the judgement says why when it fails, too. */
static void compile_later(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, compile_policies);
	struct error err = ERROR_INIT;

	(void)compile(s, &err);
}

int supervisor_compile_policies(struct supervisor *s, struct error *err)
{
	if (!policy_set_is_shipped(s->policy_set))
		return compile(s, err);
	loop_set_timer(&s->loop, &s->compile_policies,
		kern_clock_monotonic_ns() + COMPILE_AFTER_MS * NS_PER_MS, compile_later);
	return 0;
}

/* ---- again ---- */

/* What became of a reload. */
struct reload {
	struct arena arena;		/* of the set; scratch of the answer */
	struct policy_engine *engine;	/* owned: the new one, then the old one */
	char *report;			/* owned */
	uint64_t read_ns, compile_ns, swap_ns;
	struct digest before, after;
};

static void add_digest(struct json_object_builder *object, const char *key, const struct digest *digest)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(digest, hex);
	json_object_add_text(object, key, hex);
}

static int record_reload(struct supervisor *s, const struct reload *reload, struct error *err)
{
	struct json_object_builder fields;
	int r;

	json_object_begin(&fields, &s->scratch);
	add_digest(&fields, "old", &reload->before);
	add_digest(&fields, "new", &reload->after);
	r = ledger_append(&s->ledger, LEDGER_POLICY_RELOADED, json_object_end(&fields), 0, err);
	arena_reset(&s->scratch);
	return r;
}

static int make_anew(struct supervisor *s, struct reload *reload, struct policy_set *set, struct error *err)
{
	uint64_t start_ns = kern_clock_monotonic_ns();
	int r = read_set(s, &reload->arena, set, err);

	reload->read_ns = kern_clock_monotonic_ns() - start_ns;
	if (r < 0)
		return r;
	reload->after = set->digest;
	start_ns += reload->read_ns;
	r = policy_engine_new(set, &reload->engine, &reload->report, err);
	reload->compile_ns = kern_clock_monotonic_ns() - start_ns;
	return r;
}

/* In the ledger before it happens; in the directory for who judges where we cannot. */
static int swap(struct supervisor *s, struct reload *reload, const struct policy_set *set, struct error *err)
{
	struct policy_engine *old = s->engine;
	uint64_t start_ns = kern_clock_monotonic_ns();
	int r = record_reload(s, reload, err);

	if (r >= 0)
		r = run_policies_keep(&reload->arena, &s->session, set, err);
	if (r < 0)
		return r;
	s->engine = reload->engine;
	reload->engine = old;
	reload->swap_ns = kern_clock_monotonic_ns() - start_ns;
	return 0;
}

static const struct json *reload_to_json(struct reload *reload, int r, const struct error *err)
{
	struct json_object_builder object;
	const char *report = reload->report ?: "";

	json_object_begin(&object, &reload->arena);
	add_digest(&object, "old", &reload->before);
	json_object_add_bool(&object, "reloaded", r >= 0);
	json_object_add_int(&object, "read_ns", (int64_t)reload->read_ns);
	json_object_add_int(&object, "compile_ns", (int64_t)reload->compile_ns);
	if (r >= 0) {
		add_digest(&object, "new", &reload->after);
		json_object_add_int(&object, "swap_ns", (int64_t)reload->swap_ns);
		return json_object_end(&object);
	}
	json_object_add(&object, "error", json_new_bytes(&reload->arena, str_from(err->text)));
	if (err->hint[0])
		json_object_add_text(&object, "hint", err->hint);
	if (*report)
		json_object_add(&object, "report", json_new_bytes(&reload->arena, (struct str){ report,
			MIN(strlen(report), (size_t)REPORT_BYTES_MAX) }));
	return json_object_end(&object);
}

void supervisor_reload_policies(struct client *client)
{
	struct supervisor *s = client->supervisor;
	struct reload reload = { .arena = ARENA_INIT(RUN_POLICIES_ARENA_BYTES) };
	struct error err = ERROR_INIT;
	struct policy_set set;
	int r = 0;

	if (!s->engine && s->policy_set && !s->is_gone) {
		loop_remove_timer(&s->compile_policies);
		r = compile(s, &err);
	}
	if (r >= 0 && (!s->engine || s->is_gone))
		r = error_set(&err, -EBUSY,
			"session '%s' has no policies to replace: it is starting or ending", s->session.id);
	else if (r >= 0)
		reload.before = *policy_engine_digest(s->engine);
	if (r >= 0)
		r = make_anew(s, &reload, &set, &err);
	if (r >= 0)
		r = swap(s, &reload, &set, &err);
	client_send_json(client, CONTROL_RELOADED, reload_to_json(&reload, r, &err));
	policy_engine_free(reload.engine);
	free(reload.report);
	arena_fini(&reload.arena);
}
