// SPDX-License-Identifier: Apache-2.0
/*
 * test_refusals.c - a million refusals are a few reports
 */
#include "lib/test.h"

#include "roles/gateway/gateway.h"

#include <stdio.h>

static struct gateway gateway = { .settings = { .session = "s1" } };
static struct channel supervisor;
static uint64_t told, last_count;
static char last_target[GATEWAY_TARGET_SIZE];

static void heard(UNUSED struct channel *channel, const struct channel_message *in, UNUSED int reason)
{
	struct gateway_message message;

	if (!in)
		return;
	CHECK_INT(gateway_message_read(in, &message), 0);
	CHECK_INT(message.kind, GATEWAY_MESSAGE_JUDGED);
	CHECK_INT(message.judged.is_allowed, 0);
	told++;
	last_count = message.judged.count;
	(void)snprintf(last_target, sizeof(last_target), "%s", message.judged.target);
}

static void quiet(UNUSED struct channel *channel, UNUSED const struct channel_message *in, UNUSED int reason)
{
}

static void stop(struct loop_timer *timer)
{
	(void)timer;
	loop_stop(&gateway.loop, 0);
}

/* The supervisor reads what there is. */
static void turn(void)
{
	struct loop_timer timer = { 0 };

	loop_set_timer(&gateway.loop, &timer, gateway.loop.now_ns, stop);
	CHECK_INT(loop_run(&gateway.loop), 0);
}

static void set_up(void)
{
	int pair[2];

	CHECK_INT(loop_init(&gateway.loop), 0);
	CHECK_INT(kern_sock_pair(pair), 0);
	CHECK_INT(channel_init(&gateway.supervisor, &gateway.loop, pair[0], quiet), 0);
	CHECK_INT(channel_init(&supervisor, &gateway.loop, pair[1], heard), 0);
}

static void tear_down(void)
{
	channel_fini(&supervisor);
	channel_fini(&gateway.supervisor);
	loop_fini(&gateway.loop);
}

static uint64_t refuse(const char *target)
{
	struct gateway_judged judged = { .port = 443 };

	(void)snprintf(judged.target, sizeof(judged.target), "%s", target);
	refusals_report(&gateway, &judged);
	turn();
	return judged.count;
}

TEST(the_same_again_and_again)
{
	set_up();
	for (uint64_t i = 1; i <= 1000; i++)
		CHECK_INT(refuse("a.example"), i);
	/* eight, then 16, 32, 64, 128, 256, 512 */
	CHECK_INT(told, 14);
	CHECK_INT(last_count, 512);
	tear_down();
}

TEST(each_is_counted_by_itself)
{
	set_up();
	CHECK_INT(refuse("a.example"), 1);
	CHECK_INT(refuse("b.example"), 1);
	CHECK_INT(refuse("a.example"), 2);
	CHECK_INT(told, 3);
	tear_down();
}

TEST(different_ones_without_end)
{
	char name[32];

	set_up();
	for (int i = 0; i < REFUSALS_REPORTS_MAX + 3000; i++) {
		(void)snprintf(name, sizeof(name), "n%d.example", i);
		refuse(name);
	}
	/* and of the rest eight, then 16 to 2048 */
	CHECK_INT(told, REFUSALS_REPORTS_MAX + 16);
	CHECK_TEXT(last_target, "others");
	CHECK_INT(last_count, 2048);
	tear_down();
}

TEST_MAIN()
