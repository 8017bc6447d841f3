// SPDX-License-Identifier: Apache-2.0
/*
 * record.c - one record of a ledger, as a line and as a struct
 *
 * The members of a line in canonical order: actor, fields, hash, kind, previous, sequence, session, time,
 * version. Names of sessions, actors and kinds never need an escape: all three are checked against their
 * alphabets before a line is made of them.
 */
#include "ledger/record.h"

#include "base/quote.h"
#include "base/time.h"
#include "ledger/chain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define RECORD_DOMAIN STR("cordon ledger record 1\n")

enum {
	RECORD_VERSION = 1,
	AFTER_BYTES_MAX = 512,
};

static int render(struct buf *line, const struct ledger_record *record, const struct digest *claimed,
	struct digest *ret_hash)
{
	char after[AFTER_BYTES_MAX], previous[DIGEST_HEX_SIZE], time[TIME_TEXT_SIZE];
	int len;

	time_to_text(record->time_ns, time);
	digest_to_hex(&record->previous, previous);
	len = snprintf(after, sizeof(after),
		"\"kind\":\"%.*s\",\"previous\":\"%s\",\"sequence\":%" PRIu64
		",\"session\":\"%.*s\",\"time\":\"%s\",\"version\":%d}",
		STR_FMT(record->kind_name), previous, record->sequence, STR_FMT(record->session), time,
		RECORD_VERSION);
	assert(len > 0 && len < AFTER_BYTES_MAX);
	buf_clear(line);
	buf_append_str(line, "{\"actor\":\"");
	buf_append(line, record->actor.data, record->actor.len);
	buf_append_str(line, "\",\"fields\":");
	json_write(line, record->fields, JSON_WRITE_CANONICAL);
	if (buf_append_char(line, ',') < 0)
		return -EMSGSIZE;
	return chain_seal(line, RECORD_DOMAIN, (struct str){ .data = after, .len = (size_t)len }, claimed,
		ret_hash);
}

int record_render(struct buf *line, const struct ledger_record *record, struct digest *ret_hash)
{
	return render(line, record, NULL, ret_hash);
}

/*
 * Types and alphabets; the order of members and the form of numbers are settled by writing the record again.
 */
static int read_members(const struct json *value, struct ledger_record *ret)
{
	static const char *const names[] = {
		"actor", "fields", "hash", "kind", "previous", "sequence", "session", "time", "version",
	};

	if (!chain_has_members(value, names, ARRAY_SIZE(names)) ||
			json_get_int(value, "version", 0) != RECORD_VERSION ||
			chain_read_text(value, "actor", &ret->actor) < 0 ||
			chain_read_text(value, "session", &ret->session) < 0 ||
			chain_read_text(value, "kind", &ret->kind_name) < 0 ||
			chain_read_digest(value, "hash", &ret->hash) < 0 ||
			chain_read_digest(value, "previous", &ret->previous) < 0 ||
			chain_read_count(value, "sequence", &ret->sequence) < 0 ||
			chain_read_time(value, "time", &ret->time_ns) < 0)
		return -EBADMSG;
	ret->fields = json_get(value, "fields");
	return ret->fields->type == JSON_OBJECT && chain_name_is_valid(ret->actor, true) &&
			chain_name_is_valid(ret->session, false) &&
			chain_name_is_valid(ret->kind_name, false) ?
		0 :
		-EBADMSG;
}

int record_parse(struct arena *arena, struct str text, struct ledger_record *ret, struct error *err)
{
	scoped(buf) struct buf again = BUF_INIT(LEDGER_LINE_MAX);
	struct ledger_record record = { 0 };
	const struct json *value;
	struct digest hash;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return error_wrap(err, r, "not a record");
	if (read_members(value, &record) < 0)
		return error_set(err, -EBADMSG,
			"not a record: members are missing, unknown or of another type");
	if (render(&again, &record, &record.hash, &hash) < 0 || again.len != text.len + 1 ||
			memcmp(again.data, text.data, text.len) != 0)
		return error_set(err, -EBADMSG, "not a record: the line is not in its canonical form");
	*ret = record;
	if (!digest_eq(&hash, &record.hash))
		return error_set(err, -EKEYREJECTED,
			"the record was changed: its hash is not that of its content");
	return 0;
}

int record_check_kind(const struct ledger_record *record, struct error *err)
{
	enum ledger_kind kind = ledger_kind_from_name(record->kind_name);

	if (!kind)
		return error_set(err, -EINVAL, "there is no kind of record '%s'",
			quote_text(record->kind_name).text);
	if (ledger_kind_info(kind)->first != (record->sequence == 1))
		return error_set(err, -EINVAL, "a record of kind '%s' cannot have sequence %" PRIu64,
			ledger_kind_name(kind), record->sequence);
	return ledger_fields_check(kind, record->fields, err);
}
