// SPDX-License-Identifier: Apache-2.0
/*
 * reader.c - going through the records of a ledger
 */
#include "ledger/reader.h"

#include "ledger/ledger_internal.h"

#include <errno.h>
#include <inttypes.h>

static const struct ledger_filter everything;

int ledger_reader_open(struct ledger_reader *reader, int state_dirfd, const char *session,
	const struct ledger_filter *filter, struct error *err)
{
	int r = source_open(&reader->source, state_dirfd, session, err);

	if (r < 0)
		return r;
	if (reader->source.fd < 0)
		return error_set(err, -ENOENT, "session '%s' has no ledger", session);
	reader->filter = filter ? *filter : everything;
	reader->arena = (struct arena)ARENA_INIT(LEDGER_ARENA_BYTES);
	chain_lines_init(&reader->lines, reader->source.fd, 0, UINT64_MAX, LEDGER_LINE_MAX);
	reader->number = reader->lines.number;
	return 0;
}

void ledger_reader_again(struct ledger_reader *reader)
{
	chain_lines_fini(&reader->lines);
	chain_lines_init(&reader->lines, reader->source.fd, reader->at, UINT64_MAX, LEDGER_LINE_MAX);
	reader->lines.number = reader->number;
}

void ledger_reader_fini(struct ledger_reader *reader)
{
	source_fini(&reader->source);
	chain_lines_fini(&reader->lines);
	arena_fini(&reader->arena);
}

static bool passes(const struct ledger_filter *filter, const struct ledger_record *record)
{
	enum ledger_kind kind = ledger_kind_from_name(record->kind_name);

	if (record->time_ns < filter->since_ns || (filter->until_ns && record->time_ns >= filter->until_ns))
		return false;
	return !memcmp(filter->kinds, everything.kinds, sizeof(filter->kinds)) || filter->kinds[kind];
}

static int read_line(struct ledger_reader *reader, const struct chain_line *line, struct ledger_record *ret,
	struct error *err)
{
	int r = -EBADMSG;

	arena_reset(&reader->arena);
	reader->text = line->text;
	reader->line = line->number;
	if (line->state == CHAIN_LINE_WHOLE)
		r = record_parse(&reader->arena, line->text, ret, err);
	else
		error_set(err, r,
			line->state == CHAIN_LINE_TORN ? "the line is unfinished" : "the line is too long");
	if (r == -EMSGSIZE)
		r = -EBADMSG;
	return r < 0 ? error_wrap(err, r, "%s:%" PRIu64, reader->source.path, line->number) : 0;
}

int ledger_reader_next(struct ledger_reader *reader, struct ledger_record *ret, struct error *err)
{
	struct chain_line line;
	int r;

	while ((r = chain_lines_next(&reader->lines, &line)) > 0) {
		if (line.state == CHAIN_LINE_TORN && (reader->follows || source_is_live(&reader->source)))
			return 0;
		reader->at = line.end;
		reader->number = line.number + 1;
		r = read_line(reader, &line, ret, err);
		if (r < 0)
			return r;
		if (passes(&reader->filter, ret))
			return 1;
	}
	return r < 0 ? error_sys(err, r, "reading %s", reader->source.path) : 0;
}
