// SPDX-License-Identifier: Apache-2.0
/*
 * progress.c - how far something is that takes long, for the terminals of the session
 *
 * Copying before the program runs and comparing after it has ended block the loop. What does them tells how
 * far it is (base/progress.h); here that becomes messages, ten a second at most, and each time it is looked
 * whether anybody still wants it.
 */
#include "roles/supervisor/progress.h"

#include "base/time.h"
#include "kern/clock.h"
#include "kern/sock.h"

#define EVERY_NS (100 * NS_PER_MS)

static bool is_given_up(struct supervisor *s)
{
	struct command *agent = command_find(s, 0);
	struct client *owner = agent ? viewer_owner(agent) : NULL;

	if (agent && agent->has_started)
		return owner && kern_sock_only_hears(owner->channel.fd);
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		if (client->is_first)
			return kern_sock_is_left(client->channel.fd);
	return false;
}

/* The loop stands still meanwhile: what a terminal does not take at once is not worth a queue. */
static int tell_progress(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct supervisor *s = data;
	struct control_progress message = { .done = done, .total = total };
	uint64_t now_ns = kern_clock_monotonic_ns();

	if (now_ns - s->told_ns < EVERY_NS)
		return 0;
	s->told_ns = now_ns;
	assert(strlen(what) < sizeof(message.what));
	memcpy(message.what, what, strlen(what));
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		if (client->command && !client->command->id && !channel_queue_bytes(&client->channel))
			client_send(client, CONTROL_PROGRESS, &message, sizeof(message));
	return is_given_up(s) ? -ECANCELED : 0;
}

void supervisor_show_progress(struct supervisor *s, bool shows)
{
	s->progress = (struct progress){ tell_progress, s };
	s->session.progress = shows ? &s->progress : NULL;
}
