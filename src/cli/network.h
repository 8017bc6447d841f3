/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.h - which hosts a session is allowed, beside its plan
 *
 * A plan says what the launcher does, and no launcher serves a host: this version has no way out of the
 * sandbox. Who looks at a plan wants to know all the same what was asked for, by whom, and that none of it is
 * served.
 */
#pragma once

#include "config/config.h"

/**
 * network_add_to_plan() - a plan's document with a member `network`
 * @arena:  owns the result
 * @plan:   an object; NULL: the arena was full before
 * @config: of the session
 *
 * {"served": false, "allow": [{"host", "origin"}], "ask": [...], "deny": [...]}
 *
 * Return: the document, or NULL when the arena is full.
 */
const struct json *network_add_to_plan(struct arena *arena, const struct json *plan,
	const struct config *config);

/** network_print_plan() - the same for a person, one line a host; Return: 0, or -EMSGSIZE there is no room */
int network_print_plan(struct buf *buf, struct arena *arena, const struct config *config);
