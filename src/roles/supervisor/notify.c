// SPDX-License-Identifier: Apache-2.0
/*
 * notify.c - what the seccomp listeners of a session's programs tell
 *
 * Every program has a listener of its own (jail/notify.h): renames that need init's help are handled there;
 * attempts to make a refused call are recorded here, before they are answered. If the record cannot be
 * written, the session ends, and the call is refused all the same.
 */
#include "roles/supervisor/supervisor.h"

#include <stdio.h>

/* The same attempt of the same session has the same id, so that it can be asked about later. */
static const char *decision_id(struct supervisor *s, const struct jail_denial *denial)
{
	char text[128], hex[DIGEST_HEX_SIZE];
	struct digest digest;
	int len = snprintf(text, sizeof(text), "syscall %s %s %u", s->session.id, denial->call,
		denial->command);

	digest = hash_bytes(text, (size_t)len);
	digest_to_hex(&digest, hex);
	return arena_printf(&s->scratch, "d-%.12s", hex);
}

static void denied(struct jail_notify *notify, const struct jail_denial *denial)
{
	struct command *command = CONTAINER_OF(notify, struct command, notify);
	struct supervisor *s = command->supervisor;
	struct json_object_builder fields;
	const char *id = decision_id(s, denial);

	s->denied_count++;
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "decision", id ? id : "d-");
	json_object_add_text(&fields, "what", "syscall");
	json_object_add(&fields, "rule", json_new_printf(&s->scratch, "seccomp/%s", denial->call));
	json_object_add_text(&fields, "syscall", denial->call);
	json_object_add_text(&fields, "errno", "EPERM");
	json_object_add_text(&fields, "message", "the sandbox never allows this system call");
	json_object_add_int(&fields, "count", (int64_t)denial->count);
	(void)supervisor_record(s, LEDGER_DENIED, &fields, 0);
}

int supervisor_listen(struct supervisor *s, struct command *command, int fd)
{
	jail_notify_fini(&command->notify);
	return jail_notify_init(&command->notify, &s->loop, fd, command->id, &s->control, denied);
}
