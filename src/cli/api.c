// SPDX-License-Identifier: Apache-2.0
/*
 * api.c - clients of the control API: their bytes, their time, the end
 *
 * A request is read into one piece of memory that never moves, since what is read out of it are slices. While
 * an answer is not taken, no further request is looked at. Whoever is too slow, in either direction, is let
 * go: a request has ten seconds from its first byte to its last, an answer thirty for each step forward.
 */
#include "cli/api.h"

#include "base/fd.h"
#include "base/time.h"
#include "codec/http_write.h"
#include "kern/kern.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
	IDLE_MS = 60000,		/* between requests */
	REQUEST_MS = 10000,
	ANSWER_MS = 30000,
	LOOK_MS = 200,			/* for the end of the session, and for records to count */
	RECORDS_A_LOOK = 2000,
	END_MS = 3000,			/* for clients to take the last word */
	REQUESTS_AT_ONCE = 8,
};

static void ready(struct loop_io *io, uint32_t events);

/* ---- one client ---- */

static void client_free(struct api_client *client)
{
	struct api_server *server = client->server;

	if (client->stream)
		server->stream_count--;
	client->stream = api_stream_free(client->stream);
	loop_remove_timer(&client->deadline);
	loop_remove_timer(&client->again);
	loop_remove_io(&client->io);
	list_remove(&client->node);
	server->client_count--;
	client->fd = fd_close(client->fd);
	buf_fini(&client->out);
	arena_fini(&client->arena);
	free(client->in);
	free(client);
	if (server->is_over && !server->client_count)
		loop_stop(&server->loop, 0);
}

static void late(struct loop_timer *timer)
{
	struct api_client *client = CONTAINER_OF(timer, struct api_client, deadline);
	struct api_problem problem;

	if (client->state != API_READS || client->out.len || !client->in_len) {
		client_free(client);
		return;
	}
	api_problem_set(&problem, 408, "Send it again, and at once.", "the request did not come to its end");
	client->request = (struct api_request){ .is_last = true };
	api_say_problem(client, &problem);
	api_client_serve(client);
}

static void set_deadline(struct api_client *client, unsigned ms)
{
	struct loop *loop = &client->server->loop;

	loop_set_timer(loop, &client->deadline, loop->now_ns + ms * NS_PER_MS, late);
}

void api_say_problem(struct api_client *client, const struct api_problem *problem)
{
	const struct api_answer how = {
		client->request.is_last, client->request.method == API_METHOD_HEAD,
	};

	if (api_answer_problem(&client->out, problem, how) < 0 || client->request.is_last)
		client->state = API_SAYS_LAST;
}

/* ---- out ---- */

/* Return: whether all of it is gone, or negative errno */
static int flush(struct api_client *client)
{
	const size_t before = client->out.len;

	while (client->out.len) {
		ssize_t n = kern_write(client->fd, client->out.data, client->out.len);

		if (n == -EAGAIN)
			break;
		if (n < 0)
			return (int)n;
		buf_consume(&client->out, (size_t)n);
	}
	if (before && client->out.len < before)
		set_deadline(client, client->out.len ? ANSWER_MS : IDLE_MS);
	return !client->out.len;
}

/* ---- in ---- */

/* Return: whether there is a whole request, or its refusal; 0: more is to come */
static bool read_head(struct api_client *client)
{
	struct api_problem problem;
	enum http_step step = api_request_read(&client->http, &client->arena,
		(struct str){ client->in, client->in_len }, client->role, &client->request, &problem);

	if (step == HTTP_MORE)
		return false;
	client->has_head = true;
	client->server->request_count++;
	if (step == HTTP_REFUSED)
		api_say_problem(client, &problem);
	else if (client->request.expects_continue)
		(void)buf_append(&client->out, HTTP_CONTINUE.data, HTTP_CONTINUE.len);
	return step == HTTP_REFUSED;
}

static void next_request(struct api_client *client)
{
	const size_t used = MIN(client->request.head_bytes + client->request.body_bytes, client->in_len);

	memmove(client->in, client->in + used, client->in_len - used);
	client->in_len -= used;
	client->has_head = false;
	client->http = (struct http_request){ 0 };
	arena_reset(&client->arena);
	if (client->state == API_READS)
		set_deadline(client, client->in_len ? REQUEST_MS : IDLE_MS);
}

/* Return: whether something was answered */
static bool take_request(struct api_client *client)
{
	const struct api_request *request = &client->request;
	bool is_answered = false;

	if (!client->has_head)
		is_answered = read_head(client);
	if (!client->has_head || (!is_answered && client->in_len < request->head_bytes + request->body_bytes))
		return false;
	if (!is_answered)
		api_route(client, (struct str){ client->in + request->head_bytes, request->body_bytes });
	next_request(client);
	return true;
}

/* Return: whether there was something, or negative errno: the client is gone */
static int read_more(struct api_client *client)
{
	const bool was_empty = !client->in_len;
	ssize_t n;

	if (client->in_len == API_INPUT_BYTES)
		return 0;
	n = kern_read(client->fd, client->in + client->in_len, API_INPUT_BYTES - client->in_len);
	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return n < 0 ? (int)n : -ECONNRESET;
	client->in_len += (size_t)n;
	if (was_empty && client->state == API_READS)
		set_deadline(client, REQUEST_MS);
	/* Who listens to events says nothing more. */
	if (client->state != API_READS)
		client->in_len = 0;
	return 1;
}

/* ---- both ---- */

static void go_on(struct loop_timer *timer)
{
	api_client_serve(CONTAINER_OF(timer, struct api_client, again));
}

/* Return: whether it goes on */
static bool step(struct api_client *client)
{
	for (int i = 0; i < REQUESTS_AT_ONCE; i++) {
		int r = flush(client);

		if (r < 0)
			return false;
		if (client->state == API_STREAMS) {
			api_stream_fill(client);
			r = flush(client);
		}
		if (client->state == API_SAYS_LAST && r > 0)
			return false;
		if (r <= 0 || client->state != API_READS)
			return r >= 0;
		if (client->in_len && take_request(client))
			continue;
		r = read_more(client);
		if (r <= 0)
			return r == 0;
	}
	/* What was read already, no descriptor tells of. */
	loop_set_timer(&client->server->loop, &client->again, client->server->loop.now_ns, go_on);
	return true;
}

void api_client_serve(struct api_client *client)
{
	uint32_t events = EPOLLIN;

	if (!step(client)) {
		client_free(client);
		return;
	}
	if (client->out.len) {
		events = EPOLLOUT;
		if (!client->deadline.node.next)
			set_deadline(client, ANSWER_MS);
	} else if (client->state == API_STREAMS) {
		loop_remove_timer(&client->deadline);
	}
	if (loop_set_io(&client->io, events) < 0)
		client_free(client);
}

static void ready(struct loop_io *io, UNUSED uint32_t events)
{
	struct api_client *client = CONTAINER_OF(io, struct api_client, io);

	if (client->state == API_STREAMS && !client->out.len && read_more(client) < 0)
		client_free(client);
	else
		api_client_serve(client);
}

/* ---- who comes ---- */

static void refuse(struct api_client *client)
{
	struct api_problem problem;

	api_problem_set(&problem, 503, "Close a connection, or wait for one to end.",
		"there are %d connections, and no more at a time", (int)API_CLIENTS_MAX);
	client->request = (struct api_request){ .is_last = true };
	api_say_problem(client, &problem);
}

static void client_new(struct api_server *server, int fd, enum api_role role)
{
	struct api_client *client = calloc(1, sizeof(*client));

	if (!client)
		abort();
	client->server = server;
	client->fd = fd;
	client->role = role;
	client->arena = (struct arena)ARENA_INIT(API_ARENA_BYTES);
	client->out = (struct buf)BUF_INIT(API_OUTPUT_BYTES_MAX);
	client->in = malloc(API_INPUT_BYTES);
	if (!client->in)
		abort();
	list_append(&server->clients, &client->node);
	server->client_count++;
	set_deadline(client, IDLE_MS);
	if (loop_add_io(&server->loop, &client->io, fd, EPOLLIN, ready) < 0) {
		client_free(client);
		return;
	}
	if (server->client_count > API_CLIENTS_MAX)
		refuse(client);
	api_client_serve(client);
}

static void told(struct loop_io *io, UNUSED uint32_t events)
{
	struct api_server *server = CONTAINER_OF(io, struct api_server, teller);
	enum api_role role;
	int fd, r;

	while ((r = run_api_hear(&server->run, &role, &fd)) >= 0)
		client_new(server, fd, role);
	if (r != -EAGAIN)
		loop_stop(&server->loop, r);
}

/* ---- the end ---- */

static void stop(struct loop_timer *timer)
{
	loop_stop(&CONTAINER_OF(timer, struct api_server, end)->loop, 0);
}

static void end(struct api_server *server)
{
	server->is_over = true;
	loop_remove_io(&server->teller);
	loop_set_timer(&server->loop, &server->end, server->loop.now_ns + END_MS * NS_PER_MS, stop);
	LIST_FOR_EACH(client, &server->clients, struct api_client, node) {
		if (client->state == API_READS && !client->out.len)
			client_free(client);
		else
			api_client_serve(client);
	}
	if (!server->client_count)
		loop_stop(&server->loop, 0);
}

static void look(struct loop_timer *timer)
{
	struct api_server *server = CONTAINER_OF(timer, struct api_server, look);

	if (!session_is_alive(&server->session)) {
		end(server);
		return;
	}
	api_stats_read(server, RECORDS_A_LOOK);
	loop_set_timer(&server->loop, timer, server->loop.now_ns + LOOK_MS * NS_PER_MS, look);
}

static void signalled(struct loop_signal *source, UNUSED int signal)
{
	loop_stop(&CONTAINER_OF(source, struct api_server, signals)->loop, -EINTR);
}

int api_serve(struct api_server *server, struct error *err)
{
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	r = loop_add_signals(&server->loop, &server->signals, &mask, signalled);
	if (r >= 0)
		r = loop_add_io(&server->loop, &server->teller, server->run.socket_fd, EPOLLIN, told);
	if (r < 0)
		return error_sys(err, r, "serving the control API");
	loop_set_timer(&server->loop, &server->look, server->loop.now_ns, look);
	r = loop_run(&server->loop);
	LIST_FOR_EACH(client, &server->clients, struct api_client, node)
		client_free(client);
	loop_remove_timer(&server->look);
	loop_remove_timer(&server->end);
	loop_remove_signals(&server->signals);
	if (r == -ECONNRESET || r == -EPROTO)
		return error_set(err, r, "cordon-tls has ended by itself");
	return r < 0 && r != -EINTR ? error_sys(err, r, "serving the control API") : r;
}
