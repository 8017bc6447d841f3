// SPDX-License-Identifier: Apache-2.0
/*
 * viewer_record.c - who looked at the agent's terminal, in the ledger
 *
 * A viewer sees everything and may type, so it is recorded before it is shown anything. The terminal of
 * `cordon run` is viewer 0 and needs no word when it comes: who began the session is in the first record.
 * Programs of `cordon exec` are their starter's, and have a record of their own. That all leave at the end
 * goes without saying, so only those who leave before are recorded.
 */
#include "roles/supervisor/supervisor.h"

#include "kern/sock.h"

static void begin(struct client *client, struct json_object_builder *ret)
{
	struct supervisor *s = client->supervisor;

	json_object_begin(ret, &s->scratch);
	json_object_add_int(ret, "viewer", client->viewer_number);
}

static bool is_recorded(const struct client *client)
{
	const struct supervisor *s = client->supervisor;

	return s->ledger.fd >= 0 && client->command && !client->command->id && !client->command->has_exited &&
		!s->is_gone && !s->is_told;
}

int viewer_record_attached(struct client *client, const struct control_attach *message, struct error *err)
{
	struct supervisor *s = client->supervisor;
	struct json_object_builder fields;
	struct ucred peer;
	int r = kern_sock_peer(client->channel.fd, &peer);

	if (r < 0)
		return error_sys(err, r, "asking who it is that wants to look");
	client->viewer_number = ++s->viewer_count;
	begin(client, &fields);
	json_object_add_int(&fields, "pid", peer.pid);
	json_object_add_int(&fields, "uid", peer.uid);
	json_object_add(&fields, "terminal",
		json_new_bool(&s->scratch, message->flags & CONTROL_ATTACH_TERMINAL));
	json_object_add(&fields, "read_only",
		json_new_bool(&s->scratch, message->flags & CONTROL_ATTACH_READ_ONLY));
	r = supervisor_record(s, LEDGER_VIEWER_ATTACHED, &fields, 0);
	return r < 0 ? error_set(err, r, "nobody may look where the ledger cannot say so") : 0;
}

void viewer_record_skipped(struct client *client)
{
	struct json_object_builder fields;

	/* Once for each: one that is always slow shall not fill the ledger. */
	if (client->was_behind || !is_recorded(client))
		return;
	client->was_behind = true;
	begin(client, &fields);
	(void)supervisor_record(client->supervisor, LEDGER_VIEWER_SKIPPED, &fields, 0);
}

void viewer_record_left(struct client *client)
{
	struct json_object_builder fields;

	if (!is_recorded(client))
		return;
	begin(client, &fields);
	json_object_add_text(&fields, "how", client->is_detached ? "detached" : "gone");
	json_object_add_int(&fields, "skipped_bytes",
		(int64_t)(client->missed_bytes + client->skipped_bytes));
	(void)supervisor_record(client->supervisor, LEDGER_VIEWER_LEFT, &fields, 0);
}
