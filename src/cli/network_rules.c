// SPDX-License-Identifier: Apache-2.0
/*
 * network_rules.c - asking a running session for the rules of its network, and for others
 *
 * The supervisor has the list, and answers once what was asked for is in force. Its answer comes as a text in
 * memory, since it may be longer than a message.
 */
#include "cli/network_rules.h"

#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/units.h"
#include "cli/sessions.h"
#include "cli/table.h"
#include "kern/file.h"
#include "loop/channel.h"
#include "session/control.h"

#include <errno.h>

enum {
	ANSWER_BYTES_MAX = 16 << 20,
	PATIENCE_SEC = 30,		/* a change takes milliseconds */
};

/* ---- asking ---- */

static int read_answer(struct cli *cli, int fd, const struct json **ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(ANSWER_BYTES_MAX);
	const char *copy;
	int r = kern_read_all(fd, &text);

	if (r < 0)
		return error_sys(err, r, "reading the answer");
	copy = arena_copy(&cli->arena, text.data, text.len);
	return copy ? json_read(&cli->arena, (struct str){ copy, text.len }, JSON_READ_STRICT, ret, err) :
		error_set(err, -ENOMEM, "out of memory");
}

/* Return: 0, a positive exit code that the supervisor chose, or negative errno */
static int take_answer(struct cli *cli, const struct channel_message *message, int answer_fd,
	const struct json **ret, struct error *err)
{
	struct control_message body;
	int r = control_read(message->type, message->payload, &body);

	if (r >= 0 && body.type == CONTROL_FAILED) {
		*err = body.failure.error;
		return body.failure.exit_code;
	}
	if (r < 0 || body.type != CONTROL_RULED || message->fd_count != 1)
		return error_set(err, -EPROTO, "the supervisor said something unexpected");
	return read_answer(cli, answer_fd, ret, err);
}

static int wait_for_answer(struct cli *cli, int fd, const struct json **ret, struct error *err)
{
	struct channel_message message;
	struct pollfd something = { .fd = fd, .events = POLLIN };
	const struct timespec patience = { .tv_sec = PATIENCE_SEC };
	int fds[KERN_SOCK_FDS_MAX], r;

	do {
		if (!kern_ppoll(&something, 1, &patience)) {
			error_set(err, -ETIMEDOUT, "the supervisor has said nothing for %d s",
				(int)PATIENCE_SEC);
			error_hint(err,
				"Whether the change is in force, `cordon rules` says when it answers again.");
			return -ETIMEDOUT;
		}
		r = channel_wait(fd, &message, fds);
	} while (r > 0 && message.type == CONTROL_NOTICE);
	if (r <= 0)
		return error_sys(err, r ?: -ECONNRESET, "the supervisor ended the connection");
	r = take_answer(cli, &message, message.fd_count ? fds[0] : -1, ret, err);
	for (size_t i = 0; i < message.fd_count; i++)
		fd_close(fds[i]);
	return r;
}

static int post(int fd, const struct json *change)
{
	scoped(buf) struct buf text = BUF_INIT(CHANNEL_PAYLOAD_MAX);
	int r = change ? json_write(&text, change, JSON_WRITE_CANONICAL) : 0;

	return r < 0 ? r : channel_post(fd, change ? CONTROL_CHANGE_RULES : CONTROL_RULES,
		(struct str){ text.data, text.len }, NULL, 0);
}

int network_rules_ask(struct cli *cli, const char *id, const struct json *change, const struct json **ret)
{
	struct error err = ERROR_INIT;
	struct session session;
	scoped(fd) int fd = -1;
	int code = sessions_open(cli, id, 1u << SESSION_RUNNING, &session), r;

	if (code == CLI_OK)
		code = sessions_connect(cli, &session, &fd);
	session_fini(&session);
	if (code != CLI_OK)
		return code;
	r = post(fd, change);
	if (r < 0)
		error_sys(&err, r, "asking the supervisor");
	else
		r = wait_for_answer(cli, fd, ret, &err);
	if (r)
		return cli_fail(cli, r > 0 ? r : CLI_FAILED, &err);
	return CLI_OK;
}

/* ---- showing ---- */

static struct str text_of(struct cli *cli, const struct json *object, const char *key)
{
	const struct json *value = json_get(object, key);
	struct str text;

	return value && json_to_bytes(&cli->arena, value, &text) >= 0 ? text : (struct str){ "", 0 };
}

static enum cli_style style_of(const char *verdict)
{
	return !strcmp(verdict, "allow") ? CLI_GOOD : !strcmp(verdict, "ask") ? CLI_WARN : CLI_BAD;
}

/* To the second: what is left changes while it is read. */
static void add_left(struct cli_table *table, const struct json *rule)
{
	int64_t left_ns = json_get_int(rule, "left_ns", -1);
	char text[UNITS_TEXT_SIZE];

	if (left_ns < 0) {
		cli_table_styled(table, CLI_DIM, "%s", "-");
		return;
	}
	units_format_duration(((uint64_t)left_ns + NS_PER_SEC - 1) / NS_PER_SEC * NS_PER_SEC, text);
	cli_table_styled(table, CLI_PLAIN, "%s", text);
}

static void add_rule(struct cli *cli, struct cli_table *table, const struct json *rule)
{
	const char *verdict = json_get_text(rule, "verdict");

	cli_table_styled(table, CLI_PLAIN, "%lld", (long long)json_get_int(rule, "id", 0));
	cli_table_styled(table, style_of(verdict ?: ""), "%s", verdict ?: "?");
	cli_table_cell(table, text_of(cli, rule, "entry"));
	add_left(table, rule);
	cli_table_styled(table, CLI_PLAIN, "%lld", (long long)json_get_int(rule, "hits", 0));
	cli_table_cell(table, text_of(cli, rule, "source"));
	cli_table_cell(table, text_of(cli, rule, "where"));
}

static void print_waiting(struct cli *cli, const struct json *answer)
{
	const struct json *waiting = json_get(answer, "waiting"), *ask;
	const char *id = json_get_text(answer, "session");

	for (size_t i = 0; (ask = json_at(waiting, i)) != NULL; i++) {
		struct quoted target = quote_text(text_of(cli, ask, "target"));
		int64_t left_ns = json_get_int(ask, "left_ns", 0);

		cli_printf(cli, "%swaiting%s for %s, %lld s: cordon allow %s %s\n", cli_style(cli, CLI_WARN),
			cli_style(cli, CLI_PLAIN), target.text,
			(long long)((left_ns + (int64_t)NS_PER_SEC - 1) / (int64_t)NS_PER_SEC), id ?: "?",
			target.text);
	}
}

void network_rules_print(struct cli *cli, const struct json *answer)
{
	static const struct cli_column columns[] = {
		{ "NUMBER", true }, { "VERDICT", false }, { "HOST", false }, { "LEFT", true },
		{ "HITS", true }, { "SOURCE", false }, { "WHERE", false },
	};
	const struct json *rules = json_get(answer, "rules"), *rule;
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; (rule = json_at(rules, i)) != NULL; i++)
		add_rule(cli, &table, rule);
	cli_table_end(&table);
	print_waiting(cli, answer);
}
