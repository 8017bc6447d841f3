// SPDX-License-Identifier: Apache-2.0
/*
 * transcript.c - what the agent's terminal showed, on disk
 *
 * console.log has the bytes as they came, the first LOG_MAX_BYTES. console.times beside it says now and then
 * what time it was, for `cordon logs --since`: a line with a time and the number of bytes before, for the
 * first bytes, for what comes after a silence, and now and then in a long output; the first TIMES_MAX_BYTES
 * of that. Losing either is no reason to stop a session: neither is evidence.
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	LOG_MAX_BYTES = 32 << 20,
	MARK_BYTES = 256,
	MARK_MS = 100,
	QUIET_MS = 1000,		/* what comes after a silence has its own time */
	TIMES_MAX_BYTES = 4 << 20,
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
	char line[TIME_TEXT_SIZE + 32], time[TIME_TEXT_SIZE];
	int len;

	time_to_text(now_ns, time);
	len = snprintf(line, sizeof(line), "%s %" PRIu64 "\n", time, transcript->log_bytes);
	transcript->times_bytes += (size_t)len;
	if (transcript->times_bytes > TIMES_MAX_BYTES ||
			kern_write_all(transcript->times_fd, line, (size_t)len) < 0)
		transcript->times_fd = fd_close(transcript->times_fd);
	transcript->marked_ns = now_ns;
	transcript->marked_bytes = transcript->log_bytes;
}

static bool is_mark_due(const struct transcript *transcript, uint64_t now_ns)
{
	uint64_t quiet_ns = now_ns - transcript->marked_ns;

	if (transcript->times_fd < 0 || now_ns < transcript->marked_ns)
		return false;
	return !transcript->marked_ns || quiet_ns >= QUIET_MS * NS_PER_MS ||
		(quiet_ns >= MARK_MS * NS_PER_MS &&
			transcript->log_bytes - transcript->marked_bytes >= MARK_BYTES);
}

void transcript_keep(struct supervisor *s, struct str text)
{
	struct transcript *transcript = &s->transcript;
	uint64_t now_ns = kern_clock_real_ns();
	size_t len = MIN(text.len, (size_t)(LOG_MAX_BYTES - transcript->log_bytes));

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
