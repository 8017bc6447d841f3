/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h - the rules in force, and what becomes of connections when they change
 *
 * The supervisor has the list; this is a copy of it, with the same ids. Rules come and go by its word, and
 * end by themselves at their time. Whichever it is, every connection that is under way is judged again before
 * anything else happens in the loop: what would not be allowed now is closed, and nothing else is touched. A
 * change that does not fit the copy ends the gateway, and the next one gets the whole list.
 */
#pragma once

#include "roles/gateway/gateway.h"

/** rules_init() - those of the settings; Return: 0 or negative errno; rules_fini() is legal in both cases */
int rules_init(struct gateway *gateway, struct error *err);

/** rules_fini() - legal where rules_init() was never called */
void rules_fini(struct gateway *gateway);

/**
 * rules_change() - rules come and go
 * @gateway: its connections may end
 * @number:  of the change, for the answer
 * @fd:      the change, as gateway_change_to_json() wrote it; borrowed
 * @err:     what is wrong with it
 *
 * Errors: -EBADMSG it is none, or does not fit; from channel_send().
 * Return: 0 or negative errno: the gateway has to end.
 */
int rules_change(struct gateway *gateway, uint64_t number, int fd, struct error *err);

/** rules_count() - tell how often each rule decided; Return: as channel_send() */
int rules_count(struct gateway *gateway, uint64_t number);
