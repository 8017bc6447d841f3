// SPDX-License-Identifier: Apache-2.0
/*
 * api_record.c - that a session is served to other programs, on record before the first of them is heard
 *
 * The port is bound by then, and nobody accepts a connection yet. The supervisor writes down where it is and
 * who serves it; and that it is over, when this connection is: that happens with the process, however it
 * ends.
 */
#include "cli/api.h"

#include "base/fd.h"
#include "cli/sessions.h"
#include "loop/channel.h"
#include "session/control.h"

#include <errno.h>

enum {
	PATIENCE_SEC = 30,
};

/* Return: 0: it is on record; or negative errno */
static int take_answer(struct api_server *server, const struct channel_message *message, struct error *err)
{
	struct control_message body;
	int r = control_read(message->type, message->payload, &body);

	if (r >= 0 && body.type == CONTROL_SERVED)
		return 0;
	if (r >= 0 && body.type == CONTROL_FAILED) {
		*err = body.failure.error;
		return err->code < 0 ? err->code : -EPROTO;
	}
	return error_set(err, -EPROTO, "the supervisor of session '%s' said something unexpected",
		server->session.id);
}

static int wait_for_answer(struct api_server *server, int fd, struct error *err)
{
	struct pollfd something = { .fd = fd, .events = POLLIN };
	const struct timespec patience = { .tv_sec = PATIENCE_SEC };
	struct channel_message message;
	int fds[KERN_SOCK_FDS_MAX], r;

	if (!kern_ppoll(&something, 1, &patience)) {
		error_set(err, -ETIMEDOUT, "the supervisor of session '%s' has said nothing for %d s",
			server->session.id, (int)PATIENCE_SEC);
		error_hint(err,
			"Nothing is served that is not in the session's ledger. Is it stopped (SIGSTOP)?");
		return -ETIMEDOUT;
	}
	r = channel_wait(fd, &message, fds);
	if (r <= 0)
		return error_sys(err, r ?: -ECONNRESET, "the supervisor of session '%s' ended the connection",
			server->session.id);
	for (size_t i = 0; i < message.fd_count; i++)
		fd_close(fds[i]);
	return take_answer(server, &message, err);
}

int api_record(struct api_server *server, struct error *err)
{
	const struct control_serve serve = { .port = server->run.port };
	scoped(fd) int fd = kern_sock_connect(server->session.dirfd, "control.sock");
	int r = fd;

	if (r >= 0)
		r = channel_post(fd, CONTROL_SERVE, (struct str){ (const char *)&serve, sizeof(serve) }, NULL,
			0);
	if (r < 0)
		return error_sys(err, r, "talking to the supervisor of session '%s'", server->session.id);
	r = wait_for_answer(server, fd, err);
	if (r >= 0)
		server->record_fd = TAKE_FD(fd);
	return r;
}
