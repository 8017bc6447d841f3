// SPDX-License-Identifier: Apache-2.0
/*
 * client.c - terminals and commands that talk to the supervisor
 *
 * Every client is a process of the same user: the socket lies in a directory that only the user can enter,
 * and the peer's uid is checked besides. Messages are still parsed as if they came from a stranger, since a
 * bug in one of our own commands must not take a session down.
 *
 * What is refused is recorded: the 1st, 2nd, 4th, 8th ... of a session, so that a client that never stops
 * asking does not fill the ledger.
 *
 * A program of `cordon exec` belongs to the terminal that asked for it: when that goes away without having
 * said so, the program hears what a window that closes says, SIGHUP. The agent belongs to nobody: it goes on,
 * and whoever wants to can look at it again.
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/clock.h"
#include "kern/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Who cannot be told something is not left waiting for it: the channel hangs up. */
void client_send(struct client *client, enum control_type type, const void *data, size_t len)
{
	if (client)
		(void)channel_send(&client->channel, type, (struct str){ .data = data, .len = len }, NULL, 0);
}

void client_send_json(struct client *client, enum control_type type, const struct json *value)
{
	scoped(buf) struct buf text = BUF_INIT(CHANNEL_PAYLOAD_MAX);

	if (client && value && json_write(&text, value, JSON_WRITE_CANONICAL) >= 0)
		client_send(client, type, text.data, text.len);
}

void client_notice(struct supervisor *s, const char *fmt, ...)
{
	struct command *agent = command_find(s, 0);
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (agent)
		command_tell(agent, CONTROL_NOTICE, text, strlen(text));
}

struct client *client_free(struct client *client)
{
	if (!client)
		return NULL;
	viewer_leave(client);
	channel_fini(&client->channel);
	list_remove(&client->node);
	client->supervisor->client_count--;
	free(client);
	return NULL;
}

static void drained(struct channel *channel)
{
	struct client *client = CONTAINER_OF(channel, struct client, channel);

	viewer_drained(client);
	if (client->supervisor->is_told)
		supervisor_check_end(client->supervisor);
}

/* ---- refusals ---- */

void client_fail(struct client *client, const struct error *err)
{
	struct control_failure failure = { .exit_code = 125, .error = *err };

	client_send(client, CONTROL_FAILED, &failure, sizeof(failure));
}

static void record_refusal(struct supervisor *s, const char *rule, const char *message)
{
	struct json_object_builder fields;
	char text[128], hex[DIGEST_HEX_SIZE];
	struct digest digest;
	int len;

	/* Before there is a request there is no ledger, and nobody but `cordon run` to ask for anything. */
	if (s->ledger.fd < 0)
		return;
	s->refused_count++;
	if (s->refused_count & (s->refused_count - 1))
		return;
	len = snprintf(text, sizeof(text), "control %s %s", s->session.id, rule);
	digest = hash_bytes(text, (size_t)len);
	digest_to_hex(&digest, hex);
	json_object_begin(&fields, &s->scratch);
	json_object_add(&fields, "decision", json_new_printf(&s->scratch, "d-%.12s", hex));
	json_object_add_text(&fields, "what", "command");
	json_object_add_text(&fields, "rule", rule);
	json_object_add_text(&fields, "message", message);
	json_object_add_int(&fields, "count", (int64_t)s->refused_count);
	(void)supervisor_record(s, LEDGER_DENIED, &fields, 0);
}

static void refuse(struct client *client, const char *rule, const struct error *err)
{
	record_refusal(client->supervisor, rule, err->text);
	client_fail(client, err);
}

static void refuse_malformed(struct client *client)
{
	struct error err;

	error_set(&err, -EBADMSG, "the supervisor does not understand this message");
	refuse(client, "control/malformed", &err);
}

static void refuse_order(struct client *client)
{
	struct error err;

	error_set(&err, -EPROTO, "this message does not belong here");
	refuse(client, "control/order", &err);
}

/* ---- messages ---- */

static void attach(struct client *client, const struct control_attach *message)
{
	struct error err = ERROR_INIT;

	if (client->is_viewer)
		refuse_order(client);
	else if (!client->command && client->had_command)
		return;		/* its program ended while this was on its way */
	else if (viewer_attach(client, message, &err) < 0)
		refuse(client, "control/attach", &err);
	else
		supervisor_check_end(client->supervisor);	/* its program may have ended before */
}

static void type_keys(struct client *client, struct str keys)
{
	client->typed_ns = client->supervisor->loop.now_ns;
	console_type(&client->command->console, keys);
}

static void go_on(struct client *client)
{
	client->command->suspended = NULL;
	supervisor_signal(client->supervisor, client->command->id, SIGCONT, "the user");
}

static void pass_signal(struct client *client, int signal)
{
	if (client->command)
		supervisor_signal(client->supervisor, client->command->id, signal, "the user");
}

/* Environment, folder and the rest are the session's, and the descriptors ours. */
static int read_command(struct supervisor *s, struct arena *arena, struct str payload,
	struct jail_command *ret, struct error *err)
{
	struct control_command command;
	int r = control_command_read(arena, payload, &command, err);

	if (r < 0)
		return r;
	*ret = s->plan.command;
	ret->argv = command.argv;
	ret->argc = command.argc;
	ret->tty = (struct jail_tty){ .rows = command.size.rows, .columns = command.size.columns };
	return 0;
}

static int command_memfd(struct arena *arena, const struct jail_command *command)
{
	scoped(buf) struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	const struct json *value = jail_command_to_json(arena, command);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -E2BIG;

	return r < 0 ? r : kern_memfd_text("cordon-command", (struct str){ text.data, text.len });
}

static int record_command(struct supervisor *s, struct arena *arena, uint32_t id,
	const struct jail_command *command)
{
	struct json_object_builder fields;

	json_object_begin(&fields, arena);
	json_object_add_int(&fields, "command", id);
	json_object_add(&fields, "argv", json_new_words(arena, command->argv, command->argc));
	return supervisor_record(s, LEDGER_COMMAND_STARTED, &fields, 0);
}

static int start_command(struct client *client, const struct channel_message *message, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(JAIL_PLAN_BYTES_MAX);
	struct supervisor *s = client->supervisor;
	struct jail_message exec = { .kind = JAIL_MESSAGE_EXEC };
	struct jail_command jail;
	int user_fds[3] = { -1, -1, -1 }, fds[KERN_SOCK_FDS_MAX];
	scoped(fd) int exec_fd = -1;
	struct command *command;
	size_t fd_count = 0;
	int r = read_command(s, &arena, message->payload, &jail, err);

	if (r < 0)
		return r;
	if (message->fd_count != 3)
		return error_set(err, -EINVAL, "a command needs three descriptors");
	if (client->command || s->is_ending || s->is_gone || s->command_count >= SUPERVISOR_COMMANDS_MAX)
		return error_set(err, -EBUSY, "the session takes no further command");
	for (int i = 0; i < 3; i++)
		user_fds[i] = TAKE_FD(message->fds[i]);
	command = command_new(s, ++s->last_id);
	exec.id = command->id;
	r = command_take_stdio(command, user_fds, err);
	if (r >= 0) {
		memcpy(jail.stdio, command->stdio, sizeof(jail.stdio));
		exec_fd = command_memfd(&arena, &jail);
		r = fds[fd_count++] = exec_fd;
	}
	if (r >= 0)
		r = record_command(s, &arena, command->id, &jail);
	if (r >= 0) {
		for (int i = 0; i < 3; i++)
			if (command->stdio[i] == JAIL_STDIO_INHERIT)
				fds[fd_count++] = command->stdio_fds[i];
		r = supervisor_tell_init(s, &exec, fds, fd_count);
		command_hand_over(command);
	}
	if (r >= 0) {
		command->started_ns = kern_clock_monotonic_ns();
		client->command = command;
		client->had_command = true;
		return 0;
	}
	for (int i = 0; i < 3; i++)
		fd_close(user_fds[i]);
	command_free(command);
	return err->code ? r : error_sys(err, r, "starting the command");
}

/* Our messages are not for whoever reads now what the user's command wrote to. */
static void drop_stderr(void)
{
	(void)kern_dup3(STDIN_FILENO, STDERR_FILENO, 0);
}

static void client_left(struct client *client, int reason)
{
	struct supervisor *s = client->supervisor;
	struct command *command = client->command;

	if (reason == -EPROTO || reason == -EMSGSIZE)
		record_refusal(s, "control/malformed", "a packet that is no message ended the connection");

	if (client->is_first && !s->has_request) {
		loop_stop(&s->loop, 0);		/* nothing was asked, nothing exists */
		return;
	}
	served_end(client, "left");
	if (client->is_first)
		drop_stderr();
	if (command && command->id && !command->has_exited && !client->is_detached)
		supervisor_signal(s, command->id, SIGHUP, "its terminal is gone");
	client_free(client);
	supervisor_check_end(s);
}

static void detach(struct client *client)
{
	client->is_detached = true;
	viewer_leave(client);
}

static void take_request(struct client *client, const struct channel_message *message)
{
	struct supervisor *s = client->supervisor;

	if (!client->is_first || s->has_request || message->fd_count != 1)
		refuse_order(client);
	else if (!s->is_ending)		/* it failed already, and has said so */
		supervisor_start(s, message->fds[0]);
}

/* About a command that the client has, or had until a moment ago. */
static void serve_command(struct client *client, const struct control_message *message, struct str keys)
{
	bool is_any_viewers = message->type == CONTROL_RESIZE || message->type == CONTROL_DETACH;

	if ((!client->command && !client->had_command) || (client->is_read_only && !is_any_viewers))
		refuse_order(client);
	else if (message->type == CONTROL_RESIZE)
		viewer_resize(client, message->size);
	else if (message->type == CONTROL_DETACH)
		detach(client);
	else if (message->type == CONTROL_SIGNAL)
		pass_signal(client, message->signal.signal);
	else if (client->command && message->type == CONTROL_INPUT)
		type_keys(client, keys);
	else if (client->command)
		go_on(client);
}

static void serve(struct client *client, const struct channel_message *in,
	const struct control_message *message)
{
	struct error err = ERROR_INIT;

	switch (message->type) {
	case CONTROL_RUN:
		take_request(client, in);
		break;
	case CONTROL_ATTACH:
		attach(client, &message->attach);
		break;
	case CONTROL_DETACH:
	case CONTROL_INPUT:
	case CONTROL_RESIZE:
	case CONTROL_SIGNAL:
	case CONTROL_CONTINUE:
		serve_command(client, message, in->payload);
		break;
	case CONTROL_STOP:
		supervisor_stop(client->supervisor, END_STOPPED, message->stop.grace_ms);
		break;
	case CONTROL_EXEC:
		if (start_command(client, in, &err) < 0)
			refuse(client, "control/command", &err);
		break;
	case CONTROL_RELOAD:
		supervisor_reload_policies(client);
		break;
	case CONTROL_RULES:
		network_rules_list(client);
		break;
	case CONTROL_TRAFFIC:
		network_rules_tell_traffic(client);
		break;
	case CONTROL_CHANGE_RULES:
		network_rules_change(client, in->payload);
		break;
	case CONTROL_SERVE:
		if (served_begin(client, message->serve.port, &err) < 0)
			refuse(client, "control/serve", &err);
		break;
	default:
		refuse_malformed(client);	/* ours to say */
		break;
	}
}

static void message_came(struct channel *channel, const struct channel_message *in, int reason)
{
	struct client *client = CONTAINER_OF(channel, struct client, channel);
	struct control_message message;

	if (!in)
		client_left(client, reason);
	else if (control_read(in->type, in->payload, &message) < 0)
		refuse_malformed(client);
	else if (client->is_detached)
		refuse_order(client);		/* the ledger says that it left */
	else
		serve(client, in, &message);
}

struct client *client_new(struct supervisor *s, int fd)
{
	struct client *client;

	if (s->client_count >= SUPERVISOR_CLIENTS_MAX) {
		record_refusal(s, "control/many", "too many terminals and commands are connected");
		fd_close(fd);
		return NULL;
	}
	client = calloc(1, sizeof(*client));
	if (!client)
		abort();
	client->supervisor = s;
	if (channel_init(&client->channel, &s->loop, fd, message_came) < 0) {
		free(client);
		return NULL;
	}
	client->channel.drained = drained;
	list_append(&s->clients, &client->node);
	s->client_count++;
	return client;
}

static int accept_one(struct supervisor *s)
{
	return kern_accept4(s->listen_fd, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/*
 * Without a descriptor left, a connection could be neither taken nor refused: whoever made it would wait, and
 * we would be woken for it for ever. One is kept in reserve to hang up with.
 */
static void hang_up(struct supervisor *s)
{
	s->spare_fd = fd_close(s->spare_fd);
	fd_close(accept_one(s));
	s->spare_fd = kern_fcntl(s->state_dirfd, F_DUPFD_CLOEXEC, 3);
}

static void connection_came(struct loop_io *io, UNUSED uint32_t events)
{
	struct supervisor *s = CONTAINER_OF(io, struct supervisor, listener);
	int fd = accept_one(s), r;
	struct ucred peer;

	if (fd == -EMFILE || fd == -ENFILE)
		hang_up(s);
	if (fd < 0)
		return;
	r = kern_sock_peer(fd, &peer);
	if (r < 0 || peer.uid != s->session.user_uid) {
		if (r >= 0)
			record_refusal(s, "control/peer", "another user may not speak to this supervisor");
		fd_close(fd);
		return;
	}
	(void)client_new(s, fd);
}

void client_stop_listening(struct supervisor *s)
{
	if (s->listen_fd < 0)
		return;
	loop_remove_io(&s->listener);
	s->spare_fd = fd_close(s->spare_fd);
	(void)kern_unlinkat(s->session.dirfd, "control.sock", 0);
	s->listen_fd = fd_close(s->listen_fd);
}

int client_listen(struct supervisor *s, struct error *err)
{
	int r = s->listen_fd = kern_sock_listen(s->session.dirfd, "control.sock");

	if (r >= 0)
		r = s->spare_fd = kern_fcntl(s->state_dirfd, F_DUPFD_CLOEXEC, 3);
	if (r >= 0)
		r = loop_add_io(&s->loop, &s->listener, s->listen_fd, EPOLLIN, connection_came);
	return r < 0 ? error_sys(err, r, "session '%s': listening on control.sock", s->session.id) : 0;
}
