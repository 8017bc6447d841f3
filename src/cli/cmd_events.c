// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_events.c - `cordon events [ID]`
 *
 * The records of a session as events (event.h), one a line, for pipes and for people. With --follow, until
 * the supervisor is gone at a look before the last one: so the last records are never missed.
 */
#include "cli/commands.h"

#include "base/time.h"
#include "cli/event.h"
#include "cli/follow.h"
#include "cli/sessions.h"
#include "cli/which.h"
#include "kern/file.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>

enum {
	LINE_BYTES_MAX = 1 << 20,
};

struct events {
	struct cli *cli;
	struct session session;
	struct follow follow;
	struct event_flows flows;
	struct ledger_filter filter;
	uint64_t since_sequence;
	bool is_damaged;
};

/* ---- what is asked for ---- */

static bool is_number(const char *word)
{
	for (const char *c = word; *c; c++)
		if (!ascii_is_digit(*c))
			return false;
	return *word;
}

static int read_since(struct events *events, const char *word)
{
	if (!word || !is_number(word))
		return which_time(events->cli, "--since", word, &events->filter.since_ns);
	if (str_to_u64(str_from(word), INT64_MAX, &events->since_sequence) >= 0)
		return CLI_OK;
	return cli_usage(events->cli, "--since: there is no record of that number");
}

static int read_kinds(struct events *events, const struct cli_values *lists)
{
	int code = CLI_OK;

	for (size_t i = 0; i < lists->count && code == CLI_OK; i++) {
		struct str word, rest = str_from(lists->items[i]);
		bool more = true;

		while (more && code == CLI_OK) {
			enum ledger_kind kind = LEDGER_KIND_INVALID;

			more = str_cut(rest, ',', &word, &rest);
			code = which_kind(events->cli, word, &kind);
			events->filter.kinds[kind] = true;
		}
	}
	return code;
}

static bool is_wanted(const struct events *events, const struct event *event)
{
	static const struct ledger_filter everything;
	const struct ledger_filter *filter = &events->filter;

	return event->record->sequence >= events->since_sequence &&
		event->record->time_ns >= filter->since_ns &&
		(!memcmp(filter->kinds, everything.kinds, sizeof(filter->kinds)) ||
			filter->kinds[event->kind]);
}

/* ---- printing ---- */

static void print(struct events *events, const struct event *event)
{
	scoped(buf) struct buf line = BUF_INIT(LINE_BYTES_MAX);

	if (events->cli->json) {
		scoped(arena) struct arena arena = ARENA_INIT(LINE_BYTES_MAX);

		cli_print_json_line(events->cli, event_to_json(&arena, event));
		return;
	}
	event_print(event, &line);
	cli_write(events->cli, (struct str){ buf_text(&line), line.len });
}

static int print_rest(struct events *events, struct error *err)
{
	struct follow *follow = &events->follow;
	struct ledger_record record;
	int r;

	while (!events->cli->out.error && (r = follow_next(follow, &record, err)) != 0) {
		struct event event;

		if (r < 0 && r != -EBADMSG && r != -EKEYREJECTED)
			return r;
		if (r < 0) {
			cli_warn(events->cli, "%s", err->text);
			events->is_damaged = true;
			*err = (struct error)ERROR_INIT;
			continue;
		}
		event = event_read(&follow->reader.arena, &events->flows, &record);
		if (is_wanted(events, &event))
			print(events, &event);
	}
	return 0;
}

/* ---- following ---- */

/* Until something happened. Return: whether the reader of our output is still there, or negative errno */
static int wait_for_more(struct events *events)
{
	unsigned look_ms = follow_look_ms(&events->follow);
	const struct timespec patience = { .tv_nsec = (long)(look_ms * NS_PER_MS) };
	struct pollfd fds[] = {
		{ .fd = events->cli->out.fd }, { .fd = events->follow.notify_fd, .events = POLLIN },
	};
	int r = kern_ppoll(fds, ARRAY_SIZE(fds), &patience);

	if (r < 0 && r != -EINTR)
		return r;
	if (r > 0 && fds[1].revents)
		follow_heard(&events->follow);
	return !(r > 0 && fds[0].revents);
}

static int follow_on(struct events *events, struct error *err)
{
	bool is_over;
	int r;

	do {
		cli_flush(events->cli);
		if (events->cli->out.error)
			return 0;
		is_over = !session_is_alive(&events->session);
		r = is_over ? 1 : wait_for_more(events);
		if (r <= 0)
			return r < 0 ? error_sys(err, r, "waiting for more records") : 0;
		r = print_rest(events, err);
	} while (r >= 0 && !is_over);
	return r;
}

static int run(struct events *events, int state_dirfd)
{
	bool keeps_on = events_options(events->cli)->follow;
	struct error err = ERROR_INIT;
	int r = follow_start(&events->follow, &events->session, state_dirfd, keeps_on, &err);

	if (r >= 0 && !keeps_on)
		cli_page(events->cli);
	if (r >= 0)
		r = print_rest(events, &err);
	if (r >= 0 && keeps_on)
		r = follow_on(events, &err);
	if (r >= 0)
		return events->is_damaged ? CLI_NO : CLI_OK;
	return cli_fail(events->cli, r == -ENOENT ? CLI_NO : CLI_FAILED, &err);
}

int cmd_events(struct cli *cli, UNUSED int argc, char **argv)
{
	const struct events_options *options = events_options(cli);
	static struct events events;
	scoped(fd) int state_dirfd = -1;
	const char *state_dir;
	int code;

	events = (struct events){ .cli = cli, .follow = FOLLOW_INIT };
	code = read_since(&events, options->since);
	if (code == CLI_OK)
		code = read_kinds(&events, &options->kind);
	if (code != CLI_OK)
		return code;
	code = sessions_open(cli, argv[0], ~0u, &events.session);
	state_dir = code == CLI_OK ? which_state_dir(cli, NULL) : NULL;
	if (state_dir)
		state_dirfd = kern_open(AT_FDCWD, state_dir, O_RDONLY | O_DIRECTORY, 0);
	if (code == CLI_OK)
		code = run(&events, state_dirfd);
	follow_fini(&events.follow);
	session_fini(&events.session);
	return code;
}
