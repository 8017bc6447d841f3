// SPDX-License-Identifier: Apache-2.0
/*
 * notify.c - what the seccomp listeners of a session's programs tell
 *
 * Every program has a listener of its own (jail/notify.h): renames that need init's help are handled there;
 * attempts to make a refused call are recorded here, before they are answered. If the record cannot be
 * written, the session ends, and the call is refused all the same. When nothing runs any more, the last
 * reports come before the record that the session has stopped.
 */
#include "roles/supervisor/supervisor.h"

/* The same attempt of the same session has the same id, so that it can be asked about later. */
static const char *decision_id(struct supervisor *s, uint32_t command, const struct jail_denial *denial)
{
	const char *text = arena_printf(&s->scratch, "syscall %s %s %u %s", s->session.id, denial->call,
		command, denial->why);
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;

	if (!text)
		return NULL;
	digest = hash_bytes(text, strlen(text));
	digest_to_hex(&digest, hex);
	return arena_printf(&s->scratch, "d-%.12s", hex);
}

static void denied(struct jail_notify *notify, const struct jail_denial *denial)
{
	struct command *command = CONTAINER_OF(notify, struct command, notify);
	struct supervisor *s = command->supervisor;
	struct json_object_builder fields;
	const char *id = decision_id(s, command->id, denial);

	s->denied_count += denial->fresh_count;
	json_object_begin(&fields, &s->scratch);
	json_object_add_text(&fields, "decision", id ? id : "d-");
	json_object_add_text(&fields, "what", "syscall");
	json_object_add(&fields, "rule", json_new_printf(&s->scratch, "seccomp/%s", denial->call));
	json_object_add_text(&fields, "syscall", denial->call);
	if (denial->path)
		json_object_add(&fields, "path", json_new_bytes(&s->scratch, str_from(denial->path)));
	json_object_add_text(&fields, "errno", error_name(denial->error));
	json_object_add(&fields, "message",
		json_new_printf(&s->scratch, "the sandbox refuses it: %s", denial->why));
	json_object_add_int(&fields, "count", (int64_t)denial->count);
	(void)supervisor_record(s, LEDGER_DENIED, &fields, 0);
}

int supervisor_listen(struct supervisor *s, struct command *command, int fd)
{
	jail_notify_fini(&command->notify);
	return jail_notify_init(&command->notify, &s->loop, fd, command->id, &s->control, denied);
}

void supervisor_stop_listening(struct supervisor *s)
{
	LIST_FOR_EACH(command, &s->commands, struct command, node)
		jail_notify_fini(&command->notify);
}
