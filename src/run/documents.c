// SPDX-License-Identifier: Apache-2.0
/*
 * documents.c - what a session keeps about its branch
 */
#include "run/commit_internal.h"

#include "base/fd.h"
#include "kern/file.h"
#include "ledger/reader.h"

#include <errno.h>
#include <fcntl.h>

enum {
	DOCUMENT_MAX_BYTES = 512 << 20,
};

int document_read(struct arena *arena, const struct session *session, const char *name,
	const struct json **ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(DOCUMENT_MAX_BYTES);
	int r = kern_read_file(session->dirfd, name, &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': %s", session->id, name);
	r = json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, ret, err);
	return r < 0 ? error_wrap(err, r, "session '%s': %s", session->id, name) : 0;
}

int document_changeset(struct arena *arena, const struct session *session, const char *name,
	struct changeset *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(DOCUMENT_MAX_BYTES);
	int r = kern_read_file(session->dirfd, name, &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': %s", session->id, name);
	r = changeset_parse(arena, (struct str){ buf_text(&text), text.len }, ret, err);
	return r < 0 ? error_wrap(err, r, "session '%s': %s", session->id, name) : 0;
}

/* Keeps a copy of a document under another name, or brings it back. */
int document_copy(const struct session *session, const char *from, const char *to_dir, const char *to,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(DOCUMENT_MAX_BYTES);
	scoped(fd) int dirfd = kern_open(session->dirfd, to_dir, O_PATH | O_DIRECTORY, 0);
	int r = dirfd < 0 ? dirfd : kern_read_file(session->dirfd, from, &text);

	if (r >= 0)
		r = kern_write_file(dirfd, to, (struct str){ buf_text(&text), text.len }, 0600, false);
	return r < 0 ? error_sys(err, r, "session '%s': copying %s", session->id, from) : 0;
}

int document_keep(const struct session *session, const char *from, const char *to_dir, const char *to,
	struct error *err)
{
	scoped(fd) int dirfd = kern_open(session->dirfd, to_dir, O_PATH | O_DIRECTORY, 0);
	int r = dirfd < 0 ? dirfd : kern_linkat(session->dirfd, from, dirfd, to, 0);

	/* That of a commit which nothing came of. */
	if (r == -EEXIST && kern_unlinkat(dirfd, to, 0) >= 0)
		r = kern_linkat(session->dirfd, from, dirfd, to, 0);
	/* A file system without links, say. */
	return r < 0 ? document_copy(session, from, to_dir, to, err) : 0;
}

/* ---- the configuration ---- */

static const char config_file[] = "config.json";

int run_read_config(struct arena *arena, const struct session *session, const struct config **ret,
	struct error *err)
{
	const struct json *value;
	int r = document_read(arena, session, config_file, &value, err);

	return r < 0 ? r : config_from_json(arena, value, ret, err);
}

/* What the record of the session's start says that its configuration is. */
static int recorded_config(int state_dirfd, const struct session *session, struct digest *ret,
	struct error *err)
{
	static const struct ledger_filter filter = { .kinds = { [LEDGER_SESSION_CREATED] = true } };
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	struct ledger_record record;
	const char *hex;
	int r = ledger_reader_open(&reader, state_dirfd, session->id, &filter, err);

	if (r >= 0)
		r = ledger_reader_next(&reader, &record, err);
	if (r < 0)
		return error_wrap(err, r, "session '%s'", session->id);
	hex = r ? json_get_text(record.fields, "config") : NULL;
	return hex && digest_from_hex(str_from(hex), ret) >= 0 ? 0 :
		error_set(err, -EBADMSG, "session '%s': its ledger does not say how it was configured",
			session->id);
}

int run_believe_config(struct arena *arena, const struct session *session, int state_dirfd,
	const struct config **ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(DOCUMENT_MAX_BYTES);
	struct digest recorded, found;
	const struct json *value;
	int r = kern_read_file(session->dirfd, config_file, &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': %s", session->id, config_file);
	r = recorded_config(state_dirfd, session, &recorded, err);
	if (r < 0)
		return r;
	found = hash_bytes(text.data, text.len);
	if (!digest_eq(&recorded, &found)) {
		error_set(err, -EBADMSG, "session '%s': %s is not the configuration that it started with",
			session->id, config_file);
		error_hint(err,
			"Somebody changed it, so nothing is judged by it. `cordon rollback %s` drops the work.",
			session->id);
		return -EBADMSG;
	}
	r = json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, &value, err);
	if (r < 0)
		return error_wrap(err, r, "session '%s': %s", session->id, config_file);
	return config_from_json(arena, value, ret, err);
}
