// SPDX-License-Identifier: Apache-2.0
/*
 * viewer.c - those who look at a program: what they see, and how fast
 *
 * A program's terminal is one, its viewers are any number. What the program prints goes to each of them; what
 * they type goes to it, in the order in which it comes. The window is the largest that all of them can show:
 * the fewest rows and the fewest columns, of those who may type or, where nobody may, of those who look.
 *
 * Who joins is shown what the screen remembers (term/backlog.h), and the program is made to draw its
 * window again: where the size does not change by itself, it changes by one row for REDRAW_MS.
 *
 * Pace. AHEAD_BYTES wait for a viewer at most. The fastest one sets the pace: only when all have that much
 * waiting does the program have to wait, as it would for a slow terminal; a viewer that is full while another
 * is not is behind, gets nothing more until it has read what it has, and is then told how much it missed and
 * shown the screen as one who joins. When all are full and none takes anything for STALL_MS (a stopped
 * process, a connection that hangs), all are behind, and the program goes on without them. So no viewer costs
 * another one anything, and together they can cost the program STALL_MS for each AHEAD_BYTES that they have
 * read.
 *
 * Who asks for a program says how large the window is in a message of its own, which may come after the
 * program's first words: those are not read before. Where it does not come at all, the program is held up for
 * STALL_MS.
 */
#include "roles/supervisor/supervisor.h"

#include "base/time.h"
#include "base/units.h"
#include "kern/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

enum {
	AHEAD_BYTES = 1 << 20,
	STALL_MS = 1000,
	REDRAW_MS = 50,
	OUTPUT_STEP_BYTES = 32 * 1024,
};

static bool looks_at(const struct client *client, const struct command *command)
{
	return client->is_viewer && client->command == command;
}

static bool is_up_to_date(const struct client *client, const struct command *command)
{
	return looks_at(client, command) && !client->is_behind;
}

/* ---- the window ---- */

static void add_window(struct control_size *size, const struct client *client)
{
	size->rows = (uint16_t)MIN(size->rows, client->size.rows);
	size->columns = (uint16_t)MIN(size->columns, client->size.columns);
}

/* Returns whether anybody has a window. */
static bool common_size(const struct command *command, struct control_size *ret)
{
	struct control_size none = { UINT16_MAX, UINT16_MAX }, typing = none, reading = none;

	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (looks_at(client, command))
			add_window(client->is_read_only ? &reading : &typing, client);
	*ret = typing.rows != UINT16_MAX ? typing : reading;
	return ret->rows != UINT16_MAX;
}

/* Returns whether the program was told of another size. */
static bool fit(struct command *command)
{
	struct control_size size;

	if (!common_size(command, &size) ||
			(size.rows == command->size.rows && size.columns == command->size.columns))
		return false;
	command->size = size;
	loop_remove_timer(&command->redraw);
	command_resize(command, size);
	return true;
}

static void window_is_back(struct loop_timer *timer)
{
	struct command *command = CONTAINER_OF(timer, struct command, redraw);

	command_resize(command, command->size);
}

static void redraw(struct command *command)
{
	struct control_size less = command->size;

	if (!console_is_open(&command->console) || !less.rows)
		return;
	less.rows = (uint16_t)(less.rows > 1 ? less.rows - 1 : 2);
	command_resize(command, less);
	loop_set_timer(&command->supervisor->loop, &command->redraw,
		command->supervisor->loop.now_ns + REDRAW_MS * NS_PER_MS, window_is_back);
}

void viewer_resize(struct client *client, struct control_size size)
{
	client->size = size;
	if (client->command)
		(void)fit(client->command);
}

/* ---- the pace ---- */

static void stalled(struct loop_timer *timer);

static void look_again(struct command *command)
{
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		client->queue_seen_bytes = channel_queue_bytes(&client->channel);
	loop_set_timer(&command->supervisor->loop, &command->stall,
		command->supervisor->loop.now_ns + STALL_MS * NS_PER_MS, stalled);
}

static void keep_pace(struct command *command)
{
	bool anybody = false, has_room = false, paused;

	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node) {
		if (!is_up_to_date(client, command))
			continue;
		anybody = true;
		has_room |= channel_queue_bytes(&client->channel) <= AHEAD_BYTES;
	}
	paused = command->awaits_viewer || (anybody && !has_room);
	if (command->console.paused == paused)
		return;
	console_pause(&command->console, paused);
	if (paused)
		look_again(command);
	else
		loop_remove_timer(&command->stall);
}

static void fall_behind(struct client *client)
{
	if (!client->is_behind)
		viewer_record_skipped(client);
	client->is_behind = true;
}

static void stalled(struct loop_timer *timer)
{
	struct command *command = CONTAINER_OF(timer, struct command, stall);
	bool goes_on = false;

	command->awaits_viewer = false;
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (is_up_to_date(client, command))
			goes_on |= channel_queue_bytes(&client->channel) < client->queue_seen_bytes;
	if (goes_on) {
		look_again(command);
		return;
	}
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (looks_at(client, command))
			fall_behind(client);
	keep_pace(command);
	supervisor_check_end(command->supervisor);
}

static bool is_awaited(const struct command *command)
{
	if (!command->id && command->supervisor->request.is_detached)
		return false;
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (client->command == command && !client->is_viewer && !client->is_detached)
			return true;
	return false;
}

void viewer_fit(struct command *command)
{
	command->size = (struct control_size){ 0 };
	(void)fit(command);
	command->awaits_viewer = is_awaited(command);
	keep_pace(command);
}

/* ---- what they see ---- */

static void send_output(struct client *client, struct str text)
{
	while (text.len) {
		size_t step = MIN(text.len, (size_t)OUTPUT_STEP_BYTES);

		client_send(client, CONTROL_OUTPUT, text.data, step);
		text = (struct str){ text.data + step, text.len - step };
	}
}

/*
 * The screen as it is, for a terminal that is new to it, or was in modes that nobody knows. The tail comes
 * before the modes: it was printed in those of then. What it ends in the middle of goes on with what is
 * printed next.
 */
static void show_screen(struct client *client, bool is_new)
{
	scoped(buf) struct buf screen = BUF_INIT(2 * TERM_RESTORE_MAX_BYTES);
	scoped(buf) struct buf modes = BUF_INIT(TERM_RESTORE_MAX_BYTES);
	const struct term_state *state = &client->command->terminal.modes;
	struct str unfinished, tail = backlog_tail(&client->command->backlog, &unfinished);

	if (!is_new)
		(void)term_state_restore_unknown(false, &screen);
	(void)term_state_enter_screen(state, &screen);
	(void)term_state_enter(state, &modes);
	send_output(client, (struct str){ buf_text(&screen), screen.len });
	send_output(client, tail);
	send_output(client, (struct str){ buf_text(&modes), modes.len });
	send_output(client, unfinished);
}

static void catch_up(struct client *client)
{
	char bytes[UNITS_TEXT_SIZE], text[160];
	int len;

	units_format_size(client->skipped_bytes, bytes);
	len = snprintf(text, sizeof(text), "%s bytes of output were skipped: this terminal did not keep up",
		bytes);
	client->is_behind = false;
	client->missed_bytes += client->skipped_bytes;
	client->skipped_bytes = 0;
	client_send(client, CONTROL_NOTICE, text, (size_t)len);
	show_screen(client, false);
	if (client->command->terminal.modes.is_alternate)
		redraw(client->command);
}

void viewer_drained(struct client *client)
{
	if (!client->is_viewer || !client->command)
		return;
	if (client->is_behind)
		catch_up(client);
	keep_pace(client->command);
}

static void show(struct client *client, struct str text)
{
	/* Others had room, or the program would not have been read. */
	if (channel_queue_bytes(&client->channel) > AHEAD_BYTES)
		fall_behind(client);
	if (client->is_behind)
		client->skipped_bytes += text.len;
	else
		send_output(client, text);
}

void viewer_print(struct console *console, struct str text)
{
	struct command *command = CONTAINER_OF(console, struct command, console);
	struct supervisor *s = command->supervisor;

	if (!text.len) {
		supervisor_check_end(s);
		return;
	}
	if (!command->id)
		transcript_keep(s, text);
	command_read_along(command, text);
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		if (looks_at(client, command))
			show(client, text);
	keep_pace(command);
}

/* ---- coming and going ---- */

static void go_on(struct command *command, const char *why)
{
	command->suspended = NULL;
	supervisor_signal(command->supervisor, command->id, SIGCONT, why);
}

static void join(struct client *client, struct command *agent)
{
	struct supervisor *s = agent->supervisor;
	struct json_object_builder object;

	client->command = agent;
	client->had_command = true;
	client->is_viewer = true;
	json_object_begin(&object, &s->scratch);
	json_object_add_text(&object, "id", s->session.id);
	client_send_json(client, CONTROL_STARTED, json_object_end(&object));
	arena_reset(&s->scratch);
	show_screen(client, true);
	if (agent->suspended && !client->is_read_only)
		go_on(agent, "a terminal joined");
	if (!fit(agent))
		redraw(agent);
}

int viewer_attach(struct client *client, const struct control_attach *message, struct error *err)
{
	struct command *agent = command_find(client->supervisor, 0);

	if (!client->command && (!agent || !command_has_terminal(agent) || agent->has_exited)) {
		error_set(err, -ENOTTY, "the program of session '%s' has no terminal that could be looked at",
			client->supervisor->session.id);
		error_hint(err, "It was started without one, or has just ended; what it prints goes to where "
			"`cordon run` was told to send it.");
		return -ENOTTY;
	}
	client->size = message->size;
	client->is_read_only = message->flags & CONTROL_ATTACH_READ_ONLY;
	if (!client->command) {
		int r = viewer_record_attached(client, message, err);

		if (r >= 0)
			join(client, agent);
		return r;
	}
	client->is_viewer = true;
	client->command->awaits_viewer = false;
	show_screen(client, true);
	(void)fit(client->command);
	keep_pace(client->command);
	return 0;
}

void viewer_leave(struct client *client)
{
	struct command *command = client->command;

	if (!command)
		return;
	if (!client->is_viewer) {
		command->awaits_viewer = false;
		keep_pace(command);
		return;
	}
	viewer_record_left(client);
	client->is_viewer = false;
	if (command->suspended == client)
		go_on(command, "nobody could continue it");
	(void)fit(command);
	keep_pace(command);
}

struct client *viewer_owner(struct command *command)
{
	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (looks_at(client, command) && !client->is_read_only)
			return client;
	return NULL;
}

void viewer_suspend(struct command *command, int signal)
{
	struct control_signal message = { .signal = signal };
	struct client *last = viewer_owner(command);

	LIST_FOR_EACH(client, &command->supervisor->clients, struct client, node)
		if (looks_at(client, command) && !client->is_read_only && client->typed_ns > last->typed_ns)
			last = client;
	/* A stop that nobody's shell can lift would be forever: without a terminal, the program goes on. */
	if (!last) {
		go_on(command, "nobody could continue it");
		return;
	}
	command->suspended = last;
	client_send(last, CONTROL_SUSPENDED, &message, sizeof(message));
}
