/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h - going through the records of a ledger
 *
 * For showing, not for judging: damaged lines are said and passed, the chain is not followed. Records may be
 * added while one reads; a line that is not finished yet is not there yet.
 */
#pragma once

#include "ledger/chain.h"
#include "ledger/record.h"
#include "ledger/source.h"

/* Which records; all-zero: all of them. */
struct ledger_filter {
	bool kinds[LEDGER_KIND_COUNT];	/* those that count; none set: all */
	uint64_t since_ns;		/* first time that counts */
	uint64_t until_ns;		/* first time that no longer counts; 0: no end */
};

struct ledger_reader {
	struct source source;
	struct chain_lines lines;
	struct arena arena;		/* owns the record that was given last */
	struct ledger_filter filter;
	struct str text;		/* the line of the record that was given last, canonical JSON */
	uint64_t line;			/* and its number */
	/* more may come: an unfinished last line is not there yet, in any case */
	bool follows;
	uint64_t at, number;		/* where the next line begins, and its number */
};

#define LEDGER_READER_INIT { .source = SOURCE_INIT }

/**
 * ledger_reader_open() - begin at the first record of a session
 * @reader:      LEDGER_READER_INIT; ledger_reader_fini() afterwards
 * @state_dirfd: borrowed
 * @session:     its id, or LEDGER_USER_SESSION
 * @filter:      copied; NULL: all records
 * @err:         what failed
 *
 * Errors: -ENOENT it has no ledger; -EINVAL not the name of a session; others from the kernel.
 * Return: 0 or negative errno.
 */
int ledger_reader_open(struct ledger_reader *reader, int state_dirfd, const char *session,
	const struct ledger_filter *filter, struct error *err);

/**
 * ledger_reader_next() - the next record that the filter lets pass
 * @reader: open
 * @ret:    the record; its texts are good until the next call
 * @err:    what is wrong with a damaged line, with its number
 *
 * A damaged line is answered once, whatever the filter; the next call goes on behind it.
 *
 * Errors: -EBADMSG a line that is no record; -EKEYREJECTED a record that was changed (@ret is set); others
 * from the kernel.
 * Return: 1 a record, 0 the end, or negative errno.
 */
int ledger_reader_next(struct ledger_reader *reader, struct ledger_record *ret, struct error *err);

/**
 * ledger_reader_again() - look once more behind the last whole line
 * @reader: follows, and was at the end
 *
 * What was seen of an unfinished line is forgotten: who finishes it may write it anew.
 */
void ledger_reader_again(struct ledger_reader *reader);

/** ledger_reader_fini() - close it */
void ledger_reader_fini(struct ledger_reader *reader);

static inline void ledger_reader_scope_exit(struct ledger_reader *reader)
{
	ledger_reader_fini(reader);
}
