/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ledger_internal.h - what opening (open.c) and writing (ledger.c) share
 */
#pragma once

#include "ledger/chain.h"
#include "ledger/ledger.h"

#define LEDGER_NAME "ledger.jsonl"
#define HEAD_NAME "head.json"

enum {
	LEDGER_OPEN_WAIT_MS = 200,	/* a reader looks for a writer by trying the lock for an instant */
	/* one record as a tree: a line of nothing but "[],", sixteen times over */
	LEDGER_ARENA_BYTES = 16 << 20,
};

/** ledger_init() - check and keep the place; Return: 0 or -EINVAL */
int ledger_init(struct ledger *ledger, const struct ledger_place *place, struct error *err);

/**
 * ledger_open_files() - open and lock the three files
 * @ledger:  from ledger_init(); a head file that is missing leaves head_fd at -1
 * @flags:   O_CREAT and O_EXCL for the ledger and its head, or 0
 * @wait_ms: for the lock
 * @err:     what failed
 *
 * Errors: -EBUSY another process holds the lock; others from the kernel.
 * Return: 0 or negative errno.
 */
int ledger_open_files(struct ledger *ledger, int flags, unsigned wait_ms, struct error *err);

/**
 * ledger_write_record() - the line of a record, and the new head in memory
 * @ledger:     marked as failed until ledger_settle_record()
 * @kind:       what
 * @fields:     checked
 * @torn_bytes: length of a torn line at the end of the file that this one replaces
 * @err:        what failed
 *
 * Errors: -EMSGSIZE it does not fit into a line; others from the kernel.
 * Return: 0 or negative errno.
 */
int ledger_write_record(struct ledger *ledger, enum ledger_kind kind, const struct json *fields,
	size_t torn_bytes, struct error *err);

/**
 * ledger_settle_record() - sync, index and head file for the record that was written; Return: 0 or negative
 * errno
 */
int ledger_settle_record(struct ledger *ledger, bool sync, struct error *err);
