// SPDX-License-Identifier: Apache-2.0
/*
 * served.c - who serves the session to other programs, and until when: on record
 */
#include "roles/supervisor/supervisor.h"

#include "kern/clock.h"
#include "session/dirs.h"

#include <errno.h>

static void add_who(struct supervisor *s, struct json_object_builder *fields, const struct served *served)
{
	json_object_begin(fields, &s->scratch);
	json_object_add(fields, "address", json_new_printf(&s->scratch, "127.0.0.1:%u", served->port));
	json_object_add_int(fields, "pid", served->pid);
}

int served_begin(struct client *client, uint16_t port, struct error *err)
{
	struct supervisor *s = client->supervisor;
	struct json_object_builder fields;
	struct ucred peer;
	int r;

	if (client->served.port)
		return error_set(err, -EALREADY, "this connection stands for a control API already");
	if (s->is_ending || s->is_gone || s->ledger.fd < 0)
		return error_set(err, -EBUSY, "session '%s' is ending", s->session.id);
	r = kern_sock_peer(client->channel.fd, &peer);
	if (r < 0)
		return error_sys(err, r, "who serves session '%s'", s->session.id);
	client->served = (struct served){
		.port = port, .pid = peer.pid, .begin_ns = kern_clock_monotonic_ns(),
	};
	add_who(s, &fields, &client->served);
	json_object_add_text(&fields, "user", dirs_user_name(&s->scratch));
	json_object_add_int(&fields, "uid", s->session.user_uid);
	r = supervisor_record(s, LEDGER_CONTROL_OPENED, &fields, 0);
	if (r < 0) {
		client->served = (struct served){ 0 };
		return error_sys(err, r, "writing it into the ledger");
	}
	client_send(client, CONTROL_SERVED, NULL, 0);
	return 0;
}

void served_end(struct client *client, const char *why)
{
	struct supervisor *s = client->supervisor;
	const struct served served = client->served;
	struct json_object_builder fields;

	client->served = (struct served){ 0 };
	if (!served.port || s->ledger.fd < 0 || s->failure.code)
		return;
	add_who(s, &fields, &served);
	json_object_add_text(&fields, "why", why);
	json_object_add_int(&fields, "duration_ns", (int64_t)(kern_clock_monotonic_ns() - served.begin_ns));
	(void)supervisor_record(s, LEDGER_CONTROL_CLOSED, &fields, 0);
}
