// SPDX-License-Identifier: Apache-2.0
/*
 * verdicts.c - verdict.json, believed where the ledger names it
 */
#include "run/verdicts.h"

#include "kern/file.h"
#include "ledger/reader.h"

#include <errno.h>

enum {
	VERDICT_BYTES_MAX = 512 << 20,
};

static bool has_digest(const struct ledger_record *record, const char *member, const struct digest *wanted)
{
	const char *hex = json_get_text(record->fields, member);
	struct digest digest;

	return hex && digest_from_hex(str_from(hex), &digest) >= 0 && digest_eq(&digest, wanted);
}

/* @record: about the changeset, later than those that @standing follows from. */
static enum run_verdict_standing stand_behind(enum run_verdict_standing standing,
	const struct ledger_record *record, const struct digest *document)
{
	if (has_digest(record, "document", document))
		return RUN_VERDICT_LAST;
	if (!json_get(record->fields, "document"))
		return RUN_VERDICT_UNNAMED;
	return standing == RUN_VERDICT_UNKNOWN ? RUN_VERDICT_UNKNOWN : RUN_VERDICT_PAST;
}

int run_verdict_standing(int state_dirfd, const char *session, const struct digest *document,
	const struct digest *changeset, enum run_verdict_standing *ret, struct error *err)
{
	static const struct ledger_filter filter = { .kinds = { [LEDGER_VERDICT] = true } };
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	enum run_verdict_standing standing = RUN_VERDICT_UNKNOWN;
	struct ledger_record record;
	int r = ledger_reader_open(&reader, state_dirfd, session, &filter, err);

	if (r == -ENOENT)
		return error_set(err, -EBADMSG, "session '%s' has no ledger that would say how it was judged",
			session);
	while (r >= 0 && (r = ledger_reader_next(&reader, &record, err)) > 0)
		if (has_digest(&record, "changeset", changeset))
			standing = stand_behind(standing, &record, document);
	if (r < 0)
		return error_wrap(err, r, "session '%s'", session);
	*ret = standing;
	return 0;
}

static int say_unknown(const struct session *session, struct error *err)
{
	error_set(err, -EBADMSG,
		"session '%s': verdict.json is not what its ledger says: no record of a judgement names it",
		session->id);
	error_hint(err, "Somebody changed it, so it counts for nothing. `cordon rollback %s` drops the work; "
		"without the file (%s/verdict.json), `cordon commit %s` judges the branch anew.", session->id,
		session->path, session->id);
	return -EBADMSG;
}

int run_verdict_read(struct arena *arena, const struct session *session, int state_dirfd,
	struct judgement *ret, enum run_verdict_standing *ret_standing, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(VERDICT_BYTES_MAX);
	const struct json *value;
	struct digest document;
	int r = kern_read_file(session->dirfd, "verdict.json", &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': reading verdict.json", session->id);
	document = hash_bytes(text.data, text.len);
	r = json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &value, err);
	if (r >= 0)
		r = judgement_read(arena, value, ret, err);
	if (r < 0)
		return error_wrap(err, r, "session '%s': verdict.json", session->id);
	r = run_verdict_standing(state_dirfd, session->id, &document, &ret->changeset, ret_standing, err);
	if (r < 0)
		return r;
	return *ret_standing == RUN_VERDICT_UNKNOWN ? say_unknown(session, err) : 0;
}
