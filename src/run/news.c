// SPDX-License-Identifier: Apache-2.0
/*
 * news.c - how far the committer is, and the word that it shall give up
 *
 * Telling is cheap because it is seldom done: not more often than somebody could read it, but each beginning
 * and each end of a stage, so that who gives up is always heard before the next one.
 */
#include "run/news.h"

#include "base/time.h"
#include "kern/clock.h"
#include "kern/kern.h"

#include <assert.h>
#include <sys/mman.h>

#define EVERY_NS (50 * NS_PER_MS)

enum {
	CALLED_OFF_AT = 64,		/* of the byte */
};

static_assert(sizeof(struct news) == CALLED_OFF_AT, "what the two of them write does not overlap");

static bool is_called_off(int fd)
{
	char byte = 0;

	return kern_pread(fd, &byte, 1, CALLED_OFF_AT) == 1 && byte;
}

static int tell(void *data, const char *what, uint64_t done, uint64_t total)
{
	struct news_teller *teller = data;
	struct news news = { .done = done, .total = total };
	uint64_t now_ns = kern_clock_monotonic_ns();

	if (what == teller->what && done != total && now_ns - teller->told_ns < EVERY_NS)
		return 0;
	teller->told_ns = now_ns;
	teller->what = what;
	assert(strlen(what) < sizeof(news.what));
	memcpy(news.what, what, strlen(what));
	/* Nobody who works depends on being watched. */
	(void)kern_pwrite(teller->fd, &news, sizeof(news), 0);
	return is_called_off(teller->fd) ? -ECANCELED : 0;
}

void news_teller_init(struct news_teller *teller, int fd)
{
	*teller = (struct news_teller){ .fd = fd, .progress = { tell, teller } };
}

int news_open(void)
{
	return kern_memfd_create("cordon-news", MFD_CLOEXEC);
}

int news_read(int fd, struct news *ret)
{
	struct news news;
	ssize_t n = kern_pread(fd, &news, sizeof(news), 0);

	if (n < 0)
		return (int)n;
	if (n != sizeof(news) || !news.what[0] || !memchr(news.what, 0, sizeof(news.what)))
		return -ENODATA;
	*ret = news;
	return 0;
}

int news_call_off(int fd)
{
	ssize_t n = kern_pwrite(fd, "!", 1, CALLED_OFF_AT);

	return n < 0 ? (int)n : 0;
}
