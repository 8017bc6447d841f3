// SPDX-License-Identifier: Apache-2.0
/*
 * interrupt.c - Ctrl-C while a workspace is about to be changed
 */
#include "run/interrupt.h"

#include "base/fd.h"
#include "base/macro.h"
#include "kern/kern.h"

static const int watched[] = { SIGINT, SIGTERM };

/* Linux keeps a blocked signal even where it would be ignored, so those must not be blocked. */
static int choose(sigset_t *ret)
{
	struct sigaction action;
	int r = 0;

	sigemptyset(ret);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(watched); i++) {
		r = kern_sigaction(watched[i], NULL, &action);
		if (r >= 0 && action.sa_handler != SIG_IGN)
			sigaddset(ret, watched[i]);
	}
	return r;
}

int interrupt_begin(struct interrupt *interrupt, interrupt_too_late_fn *too_late, void *data)
{
	sigset_t mask;
	int r = choose(&mask);

	*interrupt = (struct interrupt){ .fd = -1, .too_late = too_late, .data = data };
	if (r >= 0)
		r = interrupt->fd = kern_signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r >= 0)
		r = kern_sigprocmask(SIG_BLOCK, &mask, &interrupt->before);
	if (r < 0)
		fd_close(interrupt->fd);
	interrupt->is_watched = r >= 0;
	return MIN(r, 0);
}

bool interrupt_has_come(struct interrupt *interrupt)
{
	struct signalfd_siginfo info;

	if (!interrupt->is_watched)
		return false;
	while (kern_read(interrupt->fd, &info, sizeof(info)) == sizeof(info))
		interrupt->has_come = true;
	return interrupt->has_come;
}

void interrupt_say_too_late(struct interrupt *interrupt)
{
	if (!interrupt->is_told && interrupt->too_late)
		interrupt->too_late(interrupt->data);
	interrupt->is_told = true;
}

void interrupt_end(struct interrupt *interrupt)
{
	if (!interrupt->is_watched)
		return;
	(void)interrupt_has_come(interrupt);
	fd_close(interrupt->fd);
	(void)kern_sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
	interrupt->is_watched = false;
}
