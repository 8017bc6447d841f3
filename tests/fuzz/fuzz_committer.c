// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_committer.c - what holds for every text that could be asked of the committer, or be its answer, or be
 * what `cordon run` asks of a supervisor
 *
 *   - each reader takes it, or says what is wrong
 *   - what was taken has paths that are absolute and clean, numbers of their kind, lists that are lists
 *   - what was taken is written again as a document that reads as the same document
 */
#include "base/path.h"
#include "run/committer.h"
#include "run/request.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_path(const char *path)
{
	return path[0] == '/' && path_is_clean(str_from(path));
}

static void check_request(struct arena *arena, const struct json *value)
{
	static struct committer_request request, again;
	struct error err = ERROR_INIT;
	const struct json *written;
	int r = committer_request_read(arena, value, &request, &err);

	assert(r == 0 || (r == -EINVAL && err.code == r && err.text[0]));
	if (r < 0)
		return;
	assert(request.action > COMMITTER_INVALID && request.action <= COMMITTER_RECOVER);
	assert(is_path(request.session_dir) && request.root_count <= SESSION_ROOTS_MAX);
	for (size_t i = 0; i < request.root_count; i++)
		assert(is_path(request.roots[i].path) && is_path(request.roots[i].storage));
	written = committer_request_to_json(arena, &request);
	assert(written && committer_request_read(arena, written, &again, NULL) == 0);
	assert(json_equal(written, committer_request_to_json(arena, &again)));
}

static void check_list(const struct json *list)
{
	assert(!list || list->type == JSON_ARRAY);
	for (size_t i = 0; list && i < list->array.count; i++)
		assert(list->array.items[i]->type == JSON_OBJECT);
}

static void check_answer(struct arena *arena, const struct json *value)
{
	static struct committer_answer answer, again;
	struct error err = ERROR_INIT;
	const struct json *written;
	int r = committer_answer_read(arena, value, &answer, &err);

	assert(r == 0 || (r == -EPROTO && err.code == r && err.text[0]));
	if (r < 0)
		return;
	assert(answer.error.code <= 0 && answer.recovered <= RECOVER_REVERTED);
	assert(answer.recovered_kind <= JOURNAL_UNDO);
	check_list(answer.conflicts);
	check_list(answer.merges);
	written = committer_answer_to_json(arena, &answer);
	assert(written && committer_answer_read(arena, written, &again, NULL) == 0);
	assert(json_equal(written, committer_answer_to_json(arena, &again)));
}

static void check_run(struct arena *arena, const struct json *value)
{
	static struct run_request request, again;
	struct error err = ERROR_INIT;
	const struct json *written;

	if (run_request_read(arena, value, &request, &err) < 0) {
		assert(err.code < 0 && err.text[0]);
		return;
	}
	assert(request.argc && !request.argv[request.argc] && request.added_count < request.argc);
	assert(is_path(request.cwd) && is_path(request.workspace) && request.umask <= 0777);
	assert(request.live_count <= RUN_LIVE_MAX);
	written = run_request_to_json(arena, &request);
	assert(written && run_request_read(arena, written, &again, NULL) == 0);
	assert(json_equal(written, run_request_to_json(arena, &again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	const struct json *value;

	if (json_read(&arena, (struct str){ (const char *)data, size }, JSON_READ_STRICT, &value, NULL) < 0)
		return 0;
	check_request(&arena, value);
	check_answer(&arena, value);
	check_run(&arena, value);
	return 0;
}
