/* SPDX-License-Identifier: Apache-2.0 */
/*
 * traffic.h - asking running sessions what has gone by their networks
 *
 * In two halves, so that many can be asked before the first is listened to.
 */
#pragma once

#include "base/arena.h"
#include "json/json.h"
#include "session/control.h"
#include "session/session.h"

enum {
	TRAFFIC_ASKED_MAX = 256,	/* at the same time: each is a descriptor */
	TRAFFIC_TEXT_SIZE = 16,
};

struct traffic {
	int fd;				/* owned until traffic_hear(); -1: nobody was asked */
	bool is_told;
	struct control_traffic told;
};

#define TRAFFIC_INIT { .fd = -1 }

/**
 * traffic_ask() - ask the supervisor of a session that runs
 * @session: open
 * @ret:     TRAFFIC_INIT; traffic_hear() afterwards
 *
 * Errors: -EAGAIN too many ask it at the moment; -ECONNREFUSED it is gone; others from the kernel.
 * Return: 0 or negative errno.
 */
int traffic_ask(const struct session *session, struct traffic *ret);

/**
 * traffic_hear() - take the answer
 * @traffic:     nobody needs to have been asked; nothing of it is owned any more afterwards
 * @deadline_ns: of the monotonic clock; an answer that is there is taken behind it, too
 *
 * A session without a network has no answer, and neither has one of another version of cordon.
 *
 * Blocks: until the answer or the deadline comes.
 * Return: whether something was told.
 */
bool traffic_hear(struct traffic *traffic, uint64_t deadline_ns);

/** traffic_to_json() - as docs/formats/session.md has it; Return: NULL: the arena is full */
const struct json *traffic_to_json(struct arena *arena, const struct control_traffic *traffic);

/** traffic_format() - three digits are enough for a person: "0", "999", "1.2K", "56M", "7.0G"; K is 1024 */
void traffic_format(uint64_t bytes, char ret[TRAFFIC_TEXT_SIZE]);
