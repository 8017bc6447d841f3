// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_console.c - what holds for every text that could be the marks beside a session's terminal log
 *
 *   - marks ascend, and each one is written again as a line that reads as the same
 *   - where a time begins is a place in the log; a later time begins nowhere before it
 *   - nothing that was shown since a time stands before where it begins
 */
#include "session/console_times.h"

enum {
	LOG_BYTES = 1 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mark(const struct console_mark *mark)
{
	char line[CONSOLE_MARK_SIZE];
	struct console_times times = { .rest = { line, console_mark_to_text(mark, line) } };
	struct console_mark again;

	assert(times.rest.len < sizeof(line));
	/* Files have microseconds; what is finer in a file from elsewhere is not written again. */
	assert(console_times_next(&times, &again) && again.before_bytes == mark->before_bytes);
	assert(again.time_ns == mark->time_ns - mark->time_ns % NS_PER_US);
}

static uint64_t find(struct str text, uint64_t since_ns)
{
	struct console_times times = { .rest = text };
	uint64_t at = console_times_find(&times, since_ns, LOG_BYTES, 0);

	assert(at <= LOG_BYTES);
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { size ? (const char *)data : "", size };
	struct console_times times = { .rest = text };
	struct console_mark mark, last = { 0 };
	uint64_t at = find(text, 0);

	while (console_times_next(&times, &mark)) {
		uint64_t from;

		assert(mark.time_ns >= last.time_ns && mark.before_bytes >= last.before_bytes);
		check_mark(&mark);
		from = find(text, mark.time_ns);
		assert(from >= at && from <= mark.before_bytes);
		at = from;
		last = mark;
	}
	return 0;
}
