// SPDX-License-Identifier: Apache-2.0
/*
 * transcript.c - what the agent's terminal showed, on disk
 *
 * console.log has the bytes as they came, console.times beside it says when (session/console_times.h), for
 * `cordon logs`: for the first bytes, for what comes after a silence, and now and then in a long output. Both
 * stop growing at their limits. Losing either is no reason to stop a session: neither is evidence.
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "session/console_times.h"

#include <fcntl.h>

enum {
	MARK_BYTES = 256,
	MARK_MS = 100,
};

void transcript_init(struct transcript *transcript)
{
	*transcript = (struct transcript){ .log_fd = -1, .times_fd = -1 };
}

void transcript_fini(struct transcript *transcript)
{
	transcript->log_fd = fd_close(transcript->log_fd);
	transcript->times_fd = fd_close(transcript->times_fd);
}

static int create(int dirfd, const char *name)
{
	return kern_open(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
}

static void mark(struct transcript *transcript, uint64_t now_ns)
{
	const struct console_mark mark = { .time_ns = now_ns, .before_bytes = transcript->log_bytes };
	char line[CONSOLE_MARK_SIZE];
	size_t len = console_mark_to_text(&mark, line);

	transcript->times_bytes += len;
	if (transcript->times_bytes > CONSOLE_TIMES_MAX_BYTES ||
			kern_write_all(transcript->times_fd, line, len) < 0)
		transcript->times_fd = fd_close(transcript->times_fd);
	transcript->marked_ns = now_ns;
	transcript->marked_bytes = transcript->log_bytes;
}

static bool is_mark_due(const struct transcript *transcript, uint64_t now_ns)
{
	uint64_t quiet_ns = now_ns - transcript->marked_ns;

	if (transcript->times_fd < 0 || now_ns < transcript->marked_ns)
		return false;
	return !transcript->marked_ns || quiet_ns >= CONSOLE_MARK_NS ||
		(quiet_ns >= MARK_MS * NS_PER_MS &&
			transcript->log_bytes - transcript->marked_bytes >= MARK_BYTES);
}

void transcript_keep(struct supervisor *s, struct str text)
{
	struct transcript *transcript = &s->transcript;
	uint64_t now_ns = kern_clock_real_ns();
	size_t len = MIN(text.len, (size_t)(CONSOLE_LOG_MAX_BYTES - transcript->log_bytes));

	if (!transcript->has_begun) {
		transcript->log_fd = create(s->session.dirfd, "console.log");
		transcript->times_fd = create(s->session.dirfd, "console.times");
		transcript->has_begun = true;
	}
	if (transcript->log_fd < 0 || !len)
		return;
	if (is_mark_due(transcript, now_ns))
		mark(transcript, now_ns);
	if (kern_write_all(transcript->log_fd, text.data, len) < 0)
		transcript->log_fd = fd_close(transcript->log_fd);
	transcript->log_bytes += len;
}
