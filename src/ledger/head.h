/* SPDX-License-Identifier: Apache-2.0 */
/*
 * head.h - head.json, the end of a ledger as its writer knew it
 *
 * The file has one fixed size, padded with spaces, and is rewritten in place with one pwrite(2) that stays
 * inside one page and one block: a process that dies leaves the old head or the new one. It is written after
 * the record it speaks of, so it may lag behind the ledger by what a crash cut off, and can never be ahead of
 * what a living system holds. After a power cut it can be ahead, or empty; ledger_open() treats that as loss.
 */
#pragma once

#include "ledger/ledger.h"

enum {
	HEAD_BYTES = 320,
};

/** head_render() - the content of head.json, HEAD_BYTES long; @session is a valid id */
void head_render(const struct ledger_head *head, const char *session, char ret[HEAD_BYTES]);

/**
 * head_parse() - read what head_render() wrote
 * @text:    the whole file
 * @session: whose head it has to be
 * @ret:     set on success
 *
 * Errors: -EBADMSG anything else.
 * Return: 0 or negative errno.
 */
int head_parse(struct str text, const char *session, struct ledger_head *ret);

/** head_write() - replace the head in an open head.json; Return: 0 or negative errno */
int head_write(int fd, const struct ledger_head *head, const char *session);

/**
 * head_read() - read an open head.json
 * @fd:      open for reading; borrowed
 * @session: whose head it has to be
 * @ret:     set on success
 *
 * Errors: -EBADMSG empty, or not this session's head; others from the kernel.
 * Return: 0 or negative errno.
 */
int head_read(int fd, const char *session, struct ledger_head *ret);
