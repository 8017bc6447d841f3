// SPDX-License-Identifier: Apache-2.0
/*
 * api_routes.c - doing what a client of the control API wants, as the command would
 *
 * Rules are listed and changed by the code of `cordon rules`, `cordon allow` and `cordon deny`, in a frame of
 * its own whose output is memory: what they would say to a person becomes a problem, and their exit code its
 * status. So there is one check of what may be allowed, and one way to the supervisor.
 */
#include "cli/api.h"

#include "cli/network_change.h"
#include "cli/network_rules.h"
#include "run/judge.h"

#include <errno.h>

enum {
	RECORDS_FOR_STATS = 50000,	/* of a ledger that was not read to its end yet */
};

static struct api_answer how(const struct api_client *client)
{
	return (struct api_answer){ client->request.is_last, client->request.method == API_METHOD_HEAD };
}

static void say_json(struct api_client *client, const struct json *value)
{
	const size_t before = client->out.len;
	struct api_problem problem;

	if (api_answer_json(&client->out, value, how(client)) >= 0) {
		if (client->request.is_last)
			client->state = API_SAYS_LAST;
		return;
	}
	buf_truncate(&client->out, before);
	api_problem_set(&problem, 500, "The commands of `cordon` may show it.", "the answer is too long");
	api_say_problem(client, &problem);
}

/* ---- what a command said ---- */

static uint16_t status_of(int exit_code, const char *name)
{
	static const struct {
		const char *name;
		uint16_t status;
	} rows[] = {
		{ "ENOENT", 404 }, { "EPERM", 403 }, { "ENETDOWN", 409 }, { "EBUSY", 409 }, { "ESRCH", 409 },
	};

	for (size_t i = 0; name && i < ARRAY_SIZE(rows); i++)
		if (!strcmp(name, rows[i].name))
			return rows[i].status;
	return exit_code == CLI_USAGE ? 422 : exit_code == CLI_NO ? 409 : 503;
}

static void say_failure(struct api_client *client, struct cli *frame, int exit_code)
{
	const struct json *said = NULL, *error;
	struct api_problem problem;
	const char *message, *hint;

	(void)json_read(&client->arena, (struct str){ frame->out.buf.data, frame->out.buf.len },
		JSON_READ_STRICT, &said, NULL);
	error = json_get(said, "error");
	message = json_get_text(error, "message");
	hint = json_get_text(error, "hint");
	api_problem_set(&problem, status_of(exit_code, json_get_text(error, "code")),
		hint ? hint : "Nothing was changed.", "%s", message ? message : "it was refused");
	api_say_problem(client, &problem);
}

/* ---- rules ---- */

static int change(struct api_client *client, struct cli *frame, const struct api_change *change,
	const struct json **ret)
{
	const struct network_change wanted = {
		.session = client->server->session.id, .kind = change->kind, .hosts = change->hosts,
		.count = change->count, .for_ns = change->for_ns, .through_api = true,
	};

	if (change->kind != RULES_CHANGE_REMOVE)
		return network_change_make(frame, &wanted, NULL, NULL, ret);
	return network_rules_ask(frame, wanted.session,
		rules_change_through_api(&frame->arena,
			rules_removal_to_json(&frame->arena, change->ids, change->count)),
		ret);
}

/* @wanted: NULL: only which there are. */
static void rules(struct api_client *client, const struct api_change *wanted)
{
	struct cli *outer = client->server->cli, frame;
	const struct json *answer = NULL;
	int code;

	/* A frame's descriptors are not written to: all that is said fits into its buffers, or is lost. */
	cli_init(&frame, -1, -1, outer->envp);
	frame.json = frame.quiet = true;
	code = wanted ? change(client, &frame, wanted, &answer) :
			network_rules_ask(&frame, client->server->session.id, NULL, &answer);
	if (code == CLI_OK)
		say_json(client, answer);
	else
		say_failure(client, &frame, code);
	(void)cli_finish(&frame, code);
}

static void change_rules(struct api_client *client, struct str body)
{
	struct api_change wanted = {
		.kind = RULES_CHANGE_REMOVE, .ids = &client->request.rule, .count = 1,
	};
	struct api_problem problem;

	if (client->request.path == API_PATH_RULE || api_change_read(&client->arena, &client->request, body,
			&wanted, &problem) == HTTP_DONE)
		rules(client, &wanted);
	else
		api_say_problem(client, &problem);
}

/* ---- configuration ---- */

/* What a variable is set to may be a password, and is nobody's who looks. */
static const struct json *hide(struct arena *arena, const struct json *object, const char *const *path)
{
	struct json_object_builder builder;

	if (!object || object->type != JSON_OBJECT)
		return object;
	json_object_begin(&builder, arena);
	for (size_t i = 0; i < object->object.count; i++) {
		const struct json_member *member = &object->object.members[i];
		const bool is_on_path = *path && str_eq(member->key->text, str_from(*path));

		json_object_add_value(&builder, member->key,
			!*path ? json_new_null(arena) :
				is_on_path ? hide(arena, member->value, path + 1) :
					member->value);
	}
	return json_object_end(&builder);
}

static void config(struct api_client *client)
{
	static const char *const values[] = { "agent", "env", "set", NULL };
	const struct config *config;
	struct api_problem problem;
	struct error err = ERROR_INIT;

	if (run_read_config(&client->arena, &client->server->session, &config, &err) >= 0) {
		say_json(client, hide(&client->arena, config_to_json(&client->arena, config), values));
		return;
	}
	api_problem_set(&problem, 500, err.hint[0] ? err.hint : "`cordon show` may say more.", "%s",
		err.text);
	api_say_problem(client, &problem);
}

/* ---- the whole ---- */

void api_route(struct api_client *client, struct str body)
{
	switch (client->request.path) {
	case API_PATH_RULES:
	case API_PATH_RULE:
		if (client->request.method == API_METHOD_GET || client->request.method == API_METHOD_HEAD)
			rules(client, NULL);
		else
			change_rules(client, body);
		return;
	case API_PATH_EVENTS:
		api_stream_begin(client);
		return;
	case API_PATH_STATS:
		api_stats_read(client->server, RECORDS_FOR_STATS);
		say_json(client, api_stats_to_json(&client->arena, client->server));
		return;
	case API_PATH_CONFIG:
		config(client);
		return;
	case API_PATH_NONE:
	case API_PATH_COUNT:
		return;
	}
}
