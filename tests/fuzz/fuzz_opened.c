// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_opened.c - what holds for every text that could be the record of what was opened in a branch
 *
 *   - lines come off the end whole, in their order, and none is left out
 *   - a line is taken or it is damaged; a path that was taken climbs nowhere, a mode has permission bits only
 *   - what was taken is written again as a line that reads as the same
 */
#include "base/path.h"
#include "overlay/opened.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 16 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(struct str line)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);
	struct str path, again;
	mode_t mode, mode_again;
	int r = opened_line_read(&arena, line, &path, &mode);

	assert(r == 0 || r == -EBADMSG);
	if (r < 0)
		return;
	assert(path.len && path.data[0] != '/' && path_is_clean(path) && !memchr(path.data, 0, path.len));
	assert(mode <= 07777);
	assert(opened_line_write(&text, path, mode) == 0 && text.data[text.len - 1] == '\n');
	assert(opened_line_read(&arena, (struct str){ text.data, text.len - 1 }, &again, &mode_again) == 0);
	assert(str_eq(path, again) && mode == mode_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { size ? (const char *)data : "", size }, line;

	while (opened_cut_line(&text, &line)) {
		assert(line.data == text.data + text.len && !memchr(line.data, '\n', line.len));
		assert(line.data[line.len] == '\n');
		check_line(line);
	}
	assert(!text.len);
	return 0;
}
