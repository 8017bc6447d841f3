// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_session.c - what holds for every text that could be a session.json
 *
 *   - the reader takes it, or says what is wrong
 *   - what was taken has paths that are absolute and clean, and words and times that are what they seem
 *   - what was taken is written again as a document that reads as the same document
 *   - the id is the directory's, whatever the file says
 */
#include "session/session.h"

#include "base/path.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

#define ID "abcdefgh"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void init(struct session *session, struct arena *arena)
{
	session_init(session, arena);
	memcpy(session->id, ID, sizeof(ID));
}

static void check_path(const char *path)
{
	assert(path[0] == '/' && path_is_clean(str_from(path)));
}

static void check_fields(const struct session *session)
{
	assert(!strcmp(session->id, ID));
	assert(session->state > SESSION_INVALID && session->state <= SESSION_ROLLED_BACK);
	assert(session->exit_code >= -1 && session->exit_code <= 255 && session->supervisor_pid >= 0);
	assert(session->root_count <= SESSION_ROOTS_MAX && !session->argv[session->argc]);
	check_path(session->workspace);
	for (size_t i = 0; i < session->argc; i++)
		assert(session->argv[i]);
	for (size_t i = 0; i < session->root_count; i++) {
		check_path(session->roots[i].path);
		if (!session->roots[i].live)
			check_path(session->roots[i].storage);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);
	static struct session session, again;
	struct error err = ERROR_INIT;
	const struct json *document;
	int r;

	init(&session, &arena);
	r = session_read(&session, (struct str){ (const char *)data, size }, &err);
	assert(r == 0 || r == -EBADMSG || r == -EPROTONOSUPPORT || r == -EMSGSIZE);
	assert(r == 0 || (err.code == r && err.text[0]));
	if (r < 0)
		return 0;
	check_fields(&session);
	document = session_to_json(&session);
	assert(json_write(&text, document, JSON_WRITE_PRETTY) == 0);
	init(&again, &arena);
	assert(session_read(&again, (struct str){ text.data, text.len }, NULL) == 0);
	assert(json_equal(document, session_to_json(&again)));
	return 0;
}
