/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.h - ledgers, their heads and the index in one file, to be checked anywhere
 *
 * A bundle is JSON lines, in this order:
 *
 *	{"bundle":"begin","time":...,"version":1}
 *	... every line of heads.jsonl, as it is ...
 *	{"bundle":"session-begin","head":{"hash":...,"sequence":...,"size":...},"session":...}
 *	... every line of its ledger.jsonl, as it is ...
 *	{"bundle":"session-end","live":...,"session":...,"torn":...}
 *	{"bundle":"end","digest":...,"lines":...}
 *
 * Evidence is copied byte by byte, damaged lines included: judging is for verification, which makes the same
 * of a bundle as of the state directory. The digest of the last line is over every byte before that line, and
 * "lines" counts the lines before it. "head" is null where the head file is missing or damaged; "live" says
 * that a writer was at it meanwhile, so that the ledger may go on behind its head; "torn" counts the bytes of
 * an unfinished last line, which is left out.
 */
#pragma once

#include "base/error.h"
#include "ledger/problem.h"

#include <stddef.h>

/**
 * ledger_export() - write a bundle
 * @state_dirfd: $XDG_STATE_HOME/cordon, open for reading; borrowed
 * @sessions:    @count ids; none: all that have a ledger
 * @count:       ids
 * @fd:          where to; borrowed
 * @ret_torn:    bytes of unfinished last lines that were left out
 * @err:         what failed
 *
 * Blocks: reads the ledgers, O(bytes).
 * Errors: -ENOENT one of the sessions has no ledger; others from the kernel. What was written so far has no
 * last line.
 * Return: 0 or negative errno.
 */
int ledger_export(int state_dirfd, const char *const *sessions, size_t count, int fd, uint64_t *ret_torn,
	struct error *err);

/**
 * ledger_verify_bundle() - check a bundle
 * @fd:     open for reading, with pread(2); borrowed
 * @name:   for problems
 * @report: told every problem; its summary counts
 * @err:    what failed
 *
 * Sessions that the index knows and the bundle does not hold are no problem: a bundle may hold one session
 * only.
 *
 * Errors: -EMSGSIZE the index in it is too large to be held; others from the kernel.
 * Return: 0, whatever was found, or negative errno.
 */
int ledger_verify_bundle(int fd, const char *name, struct ledger_report *report, struct error *err);
