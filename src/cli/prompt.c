// SPDX-License-Identifier: Apache-2.0
/*
 * prompt.c - a question to a person, and a sign of life
 *
 * Both only where a person sits: a script never hangs at a question, and a log never fills with progress.
 */
#include "cli/cli.h"

#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum {
	ANSWER_BYTES_MAX = 64,
};

#define PROGRESS_AFTER_NS NS_PER_SEC
#define PROGRESS_EVERY_NS (100 * NS_PER_MS)

/*
 * Straight to the descriptor: a prompt without a newline must not wait in a buffer. Losing one loses nothing.
 */
static void draw(struct cli *cli, const char *text)
{
	(void)kern_write_all(cli->err.fd, text, strlen(text));
}

/*
 * One line from the terminal, byte by byte, so that nothing behind it is taken. A longer line is no answer.
 */
static bool read_answer(char *ret, size_t size)
{
	size_t len = 0;
	ssize_t n;
	char c;

	for (;;) {
		n = kern_read(STDIN_FILENO, &c, 1);
		if (n <= 0)
			return false;
		if (c == '\n')
			break;
		if (len < size)
			ret[len++] = c;
	}
	if (len == size)
		return false;
	ret[len] = '\0';
	return true;
}

bool cli_confirm(struct cli *cli, const char *fmt, ...)
{
	char question[ERROR_TEXT_MAX], answer[ANSWER_BYTES_MAX];
	va_list args;

	if (!cli->is_interactive || cli->json)
		return false;
	va_start(args, fmt);
	vsnprintf(question, sizeof(question), fmt, args);
	va_end(args);
	cli_progress_end(cli);
	cli_flush(cli);
	draw(cli, question);
	draw(cli, " [y/N] ");
	return read_answer(answer, sizeof(answer)) &&
		(!strcasecmp(answer, "y") || !strcasecmp(answer, "yes"));
}

bool cli_ask(struct cli *cli, char *ret, size_t size, const char *question)
{
	if (!cli->is_interactive || cli->json)
		return false;
	cli_progress_end(cli);
	cli_flush(cli);
	draw(cli, question);
	return read_answer(ret, size);
}

void cli_progress(struct cli *cli, const char *what, uint64_t done, uint64_t total)
{
	uint64_t now = kern_clock_monotonic_ns();
	char line[128];

	if (!cli->progress.began_ns)
		cli->progress.began_ns = now;
	if (!cli->is_interactive || cli->quiet || cli->json || cli->pager.pid)
		return;
	if (now - cli->progress.began_ns < PROGRESS_AFTER_NS ||
			now - cli->progress.drawn_ns < PROGRESS_EVERY_NS)
		return;
	if (total)
		snprintf(line, sizeof(line), "\r%s: %ju of %ju (%d %%)\x1b[K", what, (uintmax_t)done,
			(uintmax_t)total, (int)(100.0 * (double)done / (double)total));
	else if (done)
		snprintf(line, sizeof(line), "\r%s: %ju\x1b[K", what, (uintmax_t)done);
	else
		snprintf(line, sizeof(line), "\r%s\x1b[K", what);
	draw(cli, line);
	cli->progress.drawn_ns = now;
	cli->progress.is_drawn = true;
}

int cli_progress_tell(void *data, const char *what, uint64_t done, uint64_t total)
{
	cli_progress(data, what, done, total);
	return 0;
}

void cli_progress_end(struct cli *cli)
{
	if (cli->progress.is_drawn)
		draw(cli, "\r\x1b[K");
	cli->progress.is_drawn = false;
	cli->progress.began_ns = 0;
}
