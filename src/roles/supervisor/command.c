// SPDX-License-Identifier: Apache-2.0
/*
 * command.c - a program of the session with its terminal and its redirections
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"

#include <fcntl.h>
#include <stdlib.h>

struct command *command_new(struct supervisor *s, uint32_t id)
{
	struct command *command = calloc(1, sizeof(*command));

	if (!command)
		abort();
	command->supervisor = s;
	command->id = id;
	command->code = -1;
	console_init(&command->console, viewer_print);
	/* A viewer may be sent everything. */
	command->terminal.tracks_all = true;
	command->terminal.cursor = &command->cursor;
	backlog_init(&command->backlog, &command->terminal, BACKLOG_TAIL_BYTES);
	for (int i = 0; i < 3; i++)
		command->stdio_fds[i] = -1;
	list_append(&s->commands, &command->node);
	s->command_count++;
	return command;
}

void command_drop_stdio(struct command *command)
{
	for (int i = 0; i < 3; i++) {
		relay_fini(&command->relays[i]);
		command->stdio_fds[i] = fd_close(command->stdio_fds[i]);
	}
}

struct command *command_free(struct command *command)
{
	struct supervisor *s = command ? command->supervisor : NULL;

	if (!command)
		return NULL;
	jail_notify_fini(&command->notify);
	console_fini(&command->console);
	command_drop_stdio(command);
	backlog_fini(&command->backlog);
	loop_remove_timer(&command->redraw);
	loop_remove_timer(&command->stall);
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		if (client->command == command)
			client->command = NULL;
	list_remove(&command->node);
	s->command_count--;
	free(command);
	return NULL;
}

/* ---- its terminal ---- */

static bool is_filtered(const struct supervisor *s)
{
	return s->request.config->settings.terminal.filter == CONFIG_FILTER_ON;
}

void command_read_along(struct command *command, struct str text)
{
	scoped(buf) struct buf answers = BUF_INIT(TERM_ANSWERS_MAX);

	/* A terminal that is sent everything answers by itself. */
	command->terminal.answers = is_filtered(command->supervisor) ? &answers : NULL;
	backlog_print(&command->backlog, text);
	command->terminal.answers = NULL;
	if (answers.len)
		console_type(&command->console, (struct str){ answers.data, answers.len });
}

void command_resize(struct command *command, struct control_size size)
{
	term_cursor_resize(&command->cursor, size.rows, size.columns);
	console_resize(&command->console, size);
}

int command_record_terminal(struct command *command)
{
	struct supervisor *s = command->supervisor;
	struct json_object_builder fields, counts;

	(void)term_filter_finish(&command->terminal, NULL);
	if (!term_filter_total(&command->terminal))
		return 0;
	json_object_begin(&counts, &s->scratch);
	for (size_t i = 0; i < TERM_KIND_COUNT; i++)
		if (command->terminal.counts[i])
			json_object_add_int(&counts, term_kinds[i].name,
				(int64_t)command->terminal.counts[i]);
	json_object_begin(&fields, &s->scratch);
	json_object_add_int(&fields, "command", command->id);
	json_object_add_text(&fields, "filter", is_filtered(s) ? "on" : "off");
	json_object_add(&fields, "counts", json_object_end(&counts));
	return supervisor_record(s, LEDGER_TERMINAL_FILTERED, &fields, 0);
}

struct command *command_find(struct supervisor *s, uint32_t id)
{
	LIST_FOR_EACH(command, &s->commands, struct command, node)
		if (command->id == id)
			return command;
	return NULL;
}

static void relay_ended(struct relay *relay, const char *what)
{
	struct error err = ERROR_INIT;

	if (relay->error) {
		error_sys(&err, relay->error, "%s", what);
		client_notice(relay->context, "%s", err.text);
	}
	supervisor_check_end(relay->context);
}

static void input_ended(struct relay *relay)
{
	relay_ended(relay, "what the program is to read cannot be passed on");
}

static void output_ended(struct relay *relay)
{
	relay_ended(relay, "what the program prints cannot be passed on");
}

int command_exit_code(const struct command *command)
{
	return command->relays[1].error && !command->code ? 125 : command->code;
}

/* A pipe between the user's descriptor and the program: ours is non-blocking, the program's is not. */
static int start_relay(struct command *command, int number, int user_fd)
{
	int pipe[2], ours = number == 0 ? 1 : 0, r = kern_pipe2(pipe, O_CLOEXEC);

	if (r < 0) {
		fd_close(user_fd);
		return r;
	}
	command->stdio_fds[number] = pipe[!ours];
	r = kern_fcntl(pipe[ours], F_SETFL, O_NONBLOCK);
	if (r < 0) {
		fd_close(user_fd);
		fd_close(pipe[ours]);
		return r;
	}
	command->relays[number].context = command->supervisor;
	if (number == 0)
		return relay_start(&command->relays[0], &command->supervisor->loop, user_fd, pipe[ours],
			input_ended);
	return relay_start(&command->relays[number], &command->supervisor->loop, pipe[ours], user_fd,
		output_ended);
}

/* Where idleness ends a session, every byte has to pass by us: a pipe that is handed over is out of sight. */
static enum stdio_kind classify(const struct command *command, int fd)
{
	enum stdio_kind kind = stdio_classify(fd);
	bool is_counted = command->supervisor->request.config->settings.limits.idle_ns != CONFIG_UNLIMITED;

	return kind == STDIO_PIPE && is_counted ? STDIO_RELAY : kind;
}

int command_take_stdio(struct command *command, int fds[3], struct error *err)
{
	for (int i = 0; i < 3; i++) {
		int fd = TAKE_FD(fds[i]), r = 0;

		switch (classify(command, fd)) {
		case STDIO_TERMINAL:
			command->stdio[i] = JAIL_STDIO_TTY;
			fd_close(fd);
			break;
		case STDIO_PIPE:
			command->stdio[i] = JAIL_STDIO_INHERIT;
			command->stdio_fds[i] = fd;
			break;
		case STDIO_RELAY:
			command->stdio[i] = JAIL_STDIO_INHERIT;
			r = start_relay(command, i, fd);
			break;
		case STDIO_NULL:
			command->stdio[i] = JAIL_STDIO_NULL;
			fd_close(fd);
			break;
		}
		if (r < 0)
			return error_sys(err, r, "passing on descriptor %d", i);
	}
	return 0;
}

void command_take_terminal(struct command *command)
{
	for (int i = 0; i < 3; i++)
		command->stdio[i] = JAIL_STDIO_TTY;
}

bool command_has_terminal(const struct command *command)
{
	for (int i = 0; i < 3; i++)
		if (command->stdio[i] == JAIL_STDIO_TTY)
			return true;
	return false;
}

void command_tell(struct command *command, enum control_type type, const void *data, size_t len)
{
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (client->command == command)
			client_send(client, type, data, len);
}

void command_tell_json(struct command *command, enum control_type type, const struct json *value)
{
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (client->command == command)
			client_send_json(client, type, value);
}

void command_hand_over(struct command *command)
{
	for (int i = 0; i < 3; i++)
		command->stdio_fds[i] = fd_close(command->stdio_fds[i]);
}

bool command_has_starter(const struct command *command)
{
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (client->command == command && (command->id || client->is_first))
			return true;
	return false;
}

bool command_is_drained(const struct command *command)
{
	/* What the program never read of its input does not count. */
	return !command->awaits_viewer && !console_is_open(&command->console) &&
		!relay_is_running(&command->relays[1]) && !relay_is_running(&command->relays[2]);
}
