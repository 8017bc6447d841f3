// SPDX-License-Identifier: Apache-2.0
/*
 * guard.c - what a program prints, on its way to the person's terminal
 */
#include "cli/guard.h"

#include "json/json.h"
#include "kern/file.h"

#include <stdio.h>

enum {
	CONFIG_MAX_BYTES = 16 << 20,
	SHOWN_MAX_BYTES = 16 << 20,	/* a message of the supervisor is far smaller */
	SEQUENCES_MAX_BYTES = 4096,
};

bool guard_is_off(const struct session *session, const char *option)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_MAX_BYTES);
	scoped(arena) struct arena arena = ARENA_INIT(CONFIG_MAX_BYTES);
	const struct json *value;
	const char *filter;

	if (option)
		return !strcmp(option, "off");
	if (kern_read_file(session->dirfd, "config.json", &text) < 0 ||
			json_read(&arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &value,
				NULL) < 0)
		return false;
	filter = json_get_text(json_get(json_get(value, "agent"), "terminal"), "filter");
	return filter && !strcmp(filter, "off");
}

static void write_buf(int fd, const struct buf *buf)
{
	if (buf->len)
		(void)kern_write_all(fd, buf->data, buf->len);
}

void guard_show(struct guard *guard, int fd, struct str text)
{
	scoped(buf) struct buf shown = BUF_INIT(SHOWN_MAX_BYTES);

	guard->filter.tracks_all = guard->is_off;
	(void)term_filter_feed(&guard->filter, text, guard->is_off ? NULL : &shown);
	if (guard->is_off)
		(void)kern_write_all(fd, text.data, text.len);
	else
		write_buf(fd, &shown);
}

void guard_leave(struct guard *guard, int fd)
{
	scoped(buf) struct buf text = BUF_INIT(SEQUENCES_MAX_BYTES);
	struct term_state modes = guard->filter.modes;

	(void)term_state_restore(&modes, &text);
	write_buf(fd, &text);
}

void guard_enter(struct guard *guard, int fd)
{
	scoped(buf) struct buf text = BUF_INIT(SEQUENCES_MAX_BYTES);

	(void)term_state_enter_screen(&guard->filter.modes, &text);
	(void)term_state_enter(&guard->filter.modes, &text);
	write_buf(fd, &text);
}

static void say_what_went(const struct guard *guard)
{
	scoped(buf) struct buf text = BUF_INIT(SEQUENCES_MAX_BYTES);

	if (guard->is_off || term_filter_is_quiet(&guard->filter))
		return;
	(void)term_filter_note(&guard->filter, &text);
	fprintf(stderr, "cordon: kept from your terminal: %s\n", buf_text(&text));
}

void guard_end(struct guard *guard, int fd)
{
	scoped(buf) struct buf text = BUF_INIT(SEQUENCES_MAX_BYTES);

	(void)term_filter_finish(&guard->filter, guard->is_off ? NULL : &text);
	(void)term_state_restore(&guard->filter.modes, &text);
	write_buf(fd, &text);
	say_what_went(guard);
	guard->filter = (struct term_filter){ 0 };
}
