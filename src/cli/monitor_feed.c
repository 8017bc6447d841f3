// SPDX-License-Identifier: Apache-2.0
/*
 * monitor_feed.c - the ledgers that `cordon monitor` follows
 */
#include "cli/monitor_feed.h"

#include "base/time.h"
#include "kern/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/inotify.h>

enum {
	SOURCE_ARENA_BYTES = 16 << 20,
	RECORDS_AT_ONCE = 500,		/* then keys and other sessions are looked at */
	/* for a session whose directory is there, and not what says what it is */
	SEARCH_MS = 3000,
	NEWS_BYTES = 4096,
	PATH_SIZE = 4096,
};

static void look(struct loop_timer *timer);

static void look_after(struct monitor_feed *feed, unsigned ms)
{
	loop_set_timer(feed->loop, &feed->look, kern_clock_monotonic_ns() + ms * NS_PER_MS, look);
}

/* ---- one session ---- */

static struct monitor_source *source_free(struct monitor_source *source)
{
	if (!source)
		return NULL;
	loop_remove_io(&source->io);
	follow_fini(&source->follow);
	session_fini(&source->session);
	arena_fini(&source->arena);
	free(source);
	return NULL;
}

/* Return: whether there may be more already */
static bool read_records(struct monitor_feed *feed, size_t index)
{
	struct monitor_source *source = feed->sources[index];
	struct ledger_record record;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < RECORDS_AT_ONCE; i++) {
		int r = follow_next(&source->follow, &record, &err);
		struct event event;

		if (!r)
			return false;
		if (r < 0) {
			(void)snprintf(feed->monitor->message, sizeof(feed->monitor->message), "%.200s",
				err.text);
			if (r != -EBADMSG && r != -EKEYREJECTED)
				return false;
			continue;
		}
		event = event_read(&source->follow.reader.arena, &source->flows, &record);
		monitor_add(feed->monitor, index, &event);
	}
	return true;
}

static void read_on(struct monitor_feed *feed, size_t index)
{
	if (read_records(feed, index))
		look_after(feed, 0);
	feed->changed(feed);
}

static void heard(struct loop_io *io, UNUSED uint32_t events)
{
	struct monitor_source *source = CONTAINER_OF(io, struct monitor_source, io);
	struct monitor_feed *feed = source->feed;

	follow_heard(&source->follow);
	for (size_t i = 0; i < feed->monitor->count; i++)
		if (feed->sources[i] == source)
			read_on(feed, i);
}

static int open_source(struct monitor_source *source, const char *id, struct error *err)
{
	struct monitor_feed *feed = source->feed;
	int r = session_open(&source->session, feed->state_dir, id, err);

	return r < 0 ? r : follow_start(&source->follow, &source->session, feed->state_dirfd, true, err);
}

int monitor_feed_add(struct monitor_feed *feed, const char *id, struct error *err)
{
	struct monitor_source *source = calloc(1, sizeof(*source));
	int r, index;

	if (!source)
		abort();
	source->feed = feed;
	source->arena = (struct arena)ARENA_INIT(SOURCE_ARENA_BYTES);
	source->follow = (struct follow)FOLLOW_INIT;
	session_init(&source->session, &source->arena);
	r = open_source(source, id, err);
	index = r < 0 ? r : monitor_add_session(feed->monitor, id);
	if (index < 0) {
		source_free(source);
		return r < 0 ? r : error_set(err, -EMFILE, "too many sessions to show");
	}
	source_free(feed->sources[index]);
	feed->sources[index] = source;
	if (source->follow.notify_fd >= 0)
		(void)loop_add_io(feed->loop, &source->io, source->follow.notify_fd, EPOLLIN, heard);
	return 0;
}

/* ---- those that begin ---- */

static bool is_shown(const struct monitor_feed *feed, const char *id)
{
	for (size_t i = 0; i < feed->monitor->count; i++)
		if (!strcmp(feed->monitor->sessions[i]->id, id))
			return true;
	return false;
}

static bool is_running(const struct monitor_feed *feed, const char *id)
{
	scoped(arena) struct arena arena = ARENA_INIT(SOURCE_ARENA_BYTES);
	struct session session;
	bool is;

	session_init(&session, &arena);
	is = session_open(&session, feed->state_dir, id, NULL) >= 0 && session_is_alive(&session);
	session_fini(&session);
	return is;
}

static void search(struct monitor_feed *feed)
{
	scoped(arena) struct arena arena = ARENA_INIT(SOURCE_ARENA_BYTES);
	struct error err = ERROR_INIT;
	const char *const *ids;
	size_t count = 0;

	if (session_ids(&arena, feed->state_dir, &ids, &count, &err) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		if (!is_shown(feed, ids[i]) && is_running(feed, ids[i]) &&
				monitor_feed_add(feed, ids[i], &err) < 0)
			(void)snprintf(feed->monitor->message, sizeof(feed->monitor->message), "%.200s",
				err.text);
}

static void news_came(struct loop_io *io, UNUSED uint32_t events)
{
	struct monitor_feed *feed = CONTAINER_OF(io, struct monitor_feed, news);
	char news[NEWS_BYTES];

	while (kern_read(feed->news_fd, news, sizeof(news)) > 0)
		;
	feed->search_until_ns = kern_clock_monotonic_ns() + SEARCH_MS * NS_PER_MS;
	look_after(feed, 0);
}

/* Without inotify, or before there was any session, one looks all the time. */
static bool wants_search(const struct monitor_feed *feed)
{
	return feed->finds_new &&
		(feed->news_fd < 0 || kern_clock_monotonic_ns() < feed->search_until_ns);
}

static void look(struct loop_timer *timer)
{
	struct monitor_feed *feed = CONTAINER_OF(timer, struct monitor_feed, look);
	unsigned next_ms = FOLLOW_LOOK_MS;
	bool has_more = false;

	if (wants_search(feed))
		search(feed);
	for (size_t i = 0; i < feed->monitor->count; i++) {
		struct monitor_session *shown = feed->monitor->sessions[i];
		bool is_over = !session_is_alive(&feed->sources[i]->session);

		if (shown->is_over)
			continue;
		if (read_records(feed, i))
			has_more = true;
		else
			shown->is_over = is_over;
		next_ms = MIN(next_ms, follow_look_ms(&feed->sources[i]->follow));
	}
	look_after(feed, has_more ? 0 : next_ms);
	feed->changed(feed);
}

int monitor_feed_start(struct monitor_feed *feed)
{
	char path[PATH_SIZE];
	int len = snprintf(path, sizeof(path), "%s/sessions", feed->state_dir);

	feed->news_fd = -1;
	if (feed->finds_new && len < PATH_SIZE)
		feed->news_fd = kern_inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (feed->news_fd >= 0 && kern_inotify_add_watch(feed->news_fd, path, IN_CREATE | IN_MOVED_TO) < 0)
		feed->news_fd = fd_close(feed->news_fd);
	feed->search_until_ns = kern_clock_monotonic_ns() + SEARCH_MS * NS_PER_MS;
	look_after(feed, 0);
	return feed->news_fd < 0 ? 0 :
		loop_add_io(feed->loop, &feed->news, feed->news_fd, EPOLLIN, news_came);
}

void monitor_feed_fini(struct monitor_feed *feed)
{
	loop_remove_timer(&feed->look);
	loop_remove_io(&feed->news);
	feed->news_fd = fd_close(feed->news_fd);
	for (size_t i = 0; i < ARRAY_SIZE(feed->sources); i++)
		feed->sources[i] = source_free(feed->sources[i]);
}
