// SPDX-License-Identifier: Apache-2.0
/*
 * test_news.c - what asker and committer share: neither trips over the other, whatever stands in it
 */
#include "lib/test.h"

#include "base/fd.h"
#include "kern/kern.h"
#include "run/interrupt.h"
#include "run/news.h"

#include <errno.h>
#include <unistd.h>

TEST(what_is_told_is_read)
{
	scoped(fd) int fd = news_open();
	struct news_teller teller;
	struct news news = { .done = 7 };

	CHECK(fd >= 0);
	CHECK_INT(news_read(fd, &news), -ENODATA);
	CHECK_INT(news.done, 7);
	news_teller_init(&teller, fd);
	CHECK_INT(progress_tell(&teller.progress, "checking", 3, 9), 0);
	CHECK_INT(news_read(fd, &news), 0);
	CHECK_TEXT(news.what, "checking");
	CHECK(news.done == 3 && news.total == 9);
}

/* The first and the last word of a stage are never left out; what lies between is told now and then. */
TEST(it_is_told_seldom)
{
	static const char what[] = "checking";
	scoped(fd) int fd = news_open();
	struct news_teller teller;
	struct news news;
	unsigned told = 0;

	news_teller_init(&teller, fd);
	for (uint64_t i = 0; i <= 1000; i++) {
		CHECK_INT(progress_tell(&teller.progress, what, i, 1000), 0);
		CHECK_INT(news_read(fd, &news), 0);
		told += news.done == i;
	}
	CHECK(news.done == 1000 && told >= 2 && told < 500);
	CHECK_INT(progress_tell(&teller.progress, "changing", 0, 1000), 0);
	CHECK_INT(news_read(fd, &news), 0);
	CHECK_TEXT(news.what, "changing");
}

TEST(who_is_called_off_hears_it_with_the_next_stage)
{
	static const char what[] = "checking";
	scoped(fd) int fd = news_open();
	struct news_teller teller;
	struct news news;

	/* Before the committer has said a word, too. */
	CHECK_INT(news_call_off(fd), 0);
	CHECK_INT(news_read(fd, &news), -ENODATA);
	news_teller_init(&teller, fd);
	CHECK_INT(progress_tell(&teller.progress, what, 0, 9), -ECANCELED);
	CHECK_INT(progress_tell(&teller.progress, what, 9, 9), -ECANCELED);
	CHECK_INT(news_read(fd, &news), 0);
	CHECK(news.done == 9);
}

TEST(what_has_no_end_is_no_text)
{
	scoped(fd) int fd = news_open();
	struct news news;
	char text[64];

	memset(text, 'x', sizeof(text));
	CHECK_INT(pwrite(fd, text, sizeof(text), 0), sizeof(text));
	CHECK_INT(news_read(fd, &news), -ENODATA);
	CHECK_INT(ftruncate(fd, 10), 0);
	CHECK_INT(news_read(fd, &news), -ENODATA);
}

TEST(nobody_works_less_for_not_being_heard)
{
	struct news_teller teller;

	news_teller_init(&teller, -1);
	CHECK_INT(progress_tell(&teller.progress, "checking", 0, 9), 0);
}

/* ---- interrupts ---- */

static void count(void *data)
{
	++*(unsigned *)data;
}

TEST(an_interrupt_is_kept_waiting_and_answered)
{
	struct interrupt interrupt;
	unsigned told = 0;

	CHECK_INT(interrupt_begin(&interrupt, count, &told), 0);
	CHECK(!interrupt_has_come(&interrupt));
	CHECK_INT(kern_kill(getpid(), SIGINT), 0);
	CHECK_INT(kern_kill(getpid(), SIGTERM), 0);
	CHECK(interrupt_has_come(&interrupt) && interrupt_has_come(&interrupt));
	interrupt_say_too_late(&interrupt);
	interrupt_say_too_late(&interrupt);
	CHECK_INT(told, 1);
	CHECK_INT(kern_kill(getpid(), SIGINT), 0);
	/* It was answered: we go on living. */
	interrupt_end(&interrupt);
	interrupt_end(&interrupt);
	interrupt = (struct interrupt){ 0 };
	CHECK(!interrupt_has_come(&interrupt));
	interrupt_end(&interrupt);
}

TEST(what_is_ignored_stays_ignored)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct interrupt interrupt;

	CHECK_INT(kern_sigaction(SIGINT, &ignore, NULL), 0);
	CHECK_INT(interrupt_begin(&interrupt, NULL, NULL), 0);
	CHECK_INT(kern_kill(getpid(), SIGINT), 0);
	CHECK(!interrupt_has_come(&interrupt));
	CHECK_INT(kern_kill(getpid(), SIGTERM), 0);
	CHECK(interrupt_has_come(&interrupt));
	interrupt_say_too_late(&interrupt);
	interrupt_end(&interrupt);
}

TEST_MAIN()
