/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refused.h - hosts that a session's programs wanted and did not get
 *
 * What a program makes of a refusal is its own affair: many say "could not connect" and no more. So the
 * person who started it is told by us, from the ledger: which hosts, how often, and what would allow the
 * first.
 *
 * Invariants: targets are as the ledger has them, so any bytes that an agent chose; whoever prints them makes
 * them fit for a terminal.
 */
#pragma once

#include "cli/cli.h"

enum {
	REFUSED_HOSTS_MAX = 32,		/* that are told apart; more are counted together */
};

struct refused_host {
	const char *decision;		/* of the session's other refusals of this kind too */
	const char *target;		/* "host:443"; a name alone: it was only looked up */
	uint64_t count;
	bool is_unlisted;		/* no entry has it, so one would allow it */
};

struct refused {
	struct refused_host hosts[REFUSED_HOSTS_MAX];
	size_t host_count;
	uint64_t other_count;		/* refusals of hosts that have no row here */
};

/**
 * refused_add() - one record of the ledger, in its turn
 * @arena:  owns the texts
 * @ret:    all-zero before the first
 * @fields: those of a LEDGER_DENIED record; what is not of the network is passed over
 *
 * Return: 0 or -ENOMEM.
 */
int refused_add(struct arena *arena, struct refused *ret, const struct json *fields);

/**
 * refused_read() - what a session's ledger says of it
 * @cli: for its arena
 * @id:  the session
 * @ret: filled; damaged records are passed over, `cordon audit verify` is who judges them
 * @err: what failed
 *
 * Return: 0 or negative errno; no ledger is none refused.
 */
int refused_read(struct cli *cli, const char *id, struct refused *ret, struct error *err);

/** refused_tell() - after a run: the hosts, and the way on, to standard error; nothing where there is none */
void refused_tell(struct cli *cli, const char *id, const struct refused *refused);

/** refused_print() - "refused   evil.example:443 (2 times)", a line each; nothing where there is none */
void refused_print(struct cli *cli, const struct refused *refused);

/** refused_to_json() - [{"target", "count", "decision"}]; Return: the array, or NULL: the arena is full */
const struct json *refused_to_json(struct arena *arena, const struct refused *refused);
