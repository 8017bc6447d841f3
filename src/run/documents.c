// SPDX-License-Identifier: Apache-2.0
/*
 * documents.c - what a session keeps about its branch
 */
#include "run/commit_internal.h"

#include "base/fd.h"
#include "kern/file.h"

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

int run_read_config(struct arena *arena, const struct session *session, const struct config **ret,
	struct error *err)
{
	const struct json *value;
	int r = document_read(arena, session, "config.json", &value, err);

	return r < 0 ? r : config_from_json(arena, value, ret, err);
}
