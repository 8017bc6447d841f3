/* SPDX-License-Identifier: Apache-2.0 */
/*
 * monitor_feed.h - the ledgers that `cordon monitor` follows
 *
 * Every session that is shown has its ledger open (follow.h), and its new records go into the screen's model.
 * A session that begins is noticed by the directory that holds all of them.
 */
#pragma once

#include "cli/follow.h"
#include "cli/monitor.h"
#include "loop/loop.h"

struct monitor_feed;

struct monitor_source {
	struct monitor_feed *feed;
	struct arena arena;
	struct session session;
	struct follow follow;
	struct loop_io io;
	struct event_flows flows;
};

struct monitor_feed {
	struct monitor *monitor;	/* borrowed */
	struct loop *loop;		/* borrowed */
	const char *state_dir;		/* borrowed */
	int state_dirfd;		/* borrowed */
	bool finds_new;			/* every session that runs */
	void (*changed)(struct monitor_feed *feed);
	struct monitor_source *sources[MONITOR_SESSIONS_MAX];	/* owned; those of monitor->sessions */
	int news_fd;			/* owned: of the directory of sessions; -1: none */
	struct loop_io news;
	struct loop_timer look;
	uint64_t search_until_ns;	/* monotonic: a session may be in the making */
};

/** monitor_feed_add() - follow one; @id is a whole one; Return: 0 or negative errno */
int monitor_feed_add(struct monitor_feed *feed, const char *id, struct error *err);

/**
 * monitor_feed_start() - follow those that were added and, where wanted, each that runs; Return: as
 * loop_add_io()
 */
int monitor_feed_start(struct monitor_feed *feed);

/** monitor_feed_fini() - close all */
void monitor_feed_fini(struct monitor_feed *feed);
