// SPDX-License-Identifier: Apache-2.0
/*
 * test_expiry.c - connections that nobody uses, and those that last too long, in virtual time
 */
#include "lib/test.h"

#include "base/time.h"
#include "roles/gateway/expiry.h"

enum {
	MANY = 4000,
};

static struct gateway gateway;
static struct flow flows[MANY];
static enum net_limit stopped_by[MANY];
static uint64_t stopped_ns[MANY], began_ns;
static int stopped_count;
static struct loop_timer patience, tick;

static uint64_t virtual_ns = 5 * NS_PER_SEC;

static int virtual_clock(UNUSED clockid_t clock, struct timespec *ret)
{
	*ret = (struct timespec){ (time_t)(virtual_ns / NS_PER_SEC), (long)(virtual_ns % NS_PER_SEC) };
	return 0;
}

/* Nothing is ever ready, so that the time is that of the next timer. */
static int virtual_wait(UNUSED int epfd, UNUSED struct epoll_event *ret, UNUSED int count,
	const struct timespec *timeout)
{
	CHECK(timeout);
	virtual_ns += (uint64_t)timeout->tv_sec * NS_PER_SEC + (uint64_t)timeout->tv_nsec;
	return 0;
}

/* What the gateway does then is flow.c's. */
void flow_stop(struct flow *flow, enum net_limit limit)
{
	size_t i = (size_t)(flow - flows);

	CHECK_INT(stopped_by[i], NET_LIMIT_NONE);
	stopped_by[i] = limit;
	stopped_ns[i] = gateway.loop.now_ns - began_ns;
	stopped_count++;
}

static void set_up(uint64_t idle_s, uint64_t time_s)
{
	kern_ops.clock_gettime = virtual_clock;
	kern_ops.epoll_pwait2 = virtual_wait;
	gateway = (struct gateway){ 0 };
	memset(flows, 0, sizeof(flows));
	memset(stopped_by, 0, sizeof(stopped_by));
	stopped_count = 0;
	CHECK_INT(loop_init(&gateway.loop), 0);
	expiry_init(&gateway);
	gateway.settings.limits.values[NET_LIMIT_IDLE] = idle_s * NS_PER_SEC;
	gateway.settings.limits.values[NET_LIMIT_TIME] = time_s * NS_PER_SEC;
	began_ns = gateway.loop.now_ns;
}

static void tear_down(void)
{
	for (size_t i = 0; i < MANY; i++)
		expiry_end(&flows[i]);
	expiry_fini(&gateway);
	loop_fini(&gateway.loop);
}

static void is_over(UNUSED struct loop_timer *timer)
{
	loop_stop(&gateway.loop, 0);
}

static void pass(uint64_t ms)
{
	loop_set_timer(&gateway.loop, &patience, gateway.loop.now_ns + ms * NS_PER_MS, is_over);
	CHECK_INT(loop_run(&gateway.loop), 0);
}

static void begin(int i)
{
	flows[i].gateway = &gateway;
	expiry_begin(&flows[i]);
}

TEST(an_idle_one_is_stopped_at_its_time)
{
	set_up(900, 86400);
	begin(0);
	pass(899 * 1000);
	CHECK_INT(stopped_count, 0);
	pass(2000);
	CHECK_INT(stopped_by[0], NET_LIMIT_IDLE);
	CHECK_INT(stopped_ns[0], 900 * NS_PER_SEC);
	tear_down();
}

TEST(a_byte_now_and_then_keeps_it)
{
	set_up(10, 86400);
	begin(0);
	begin(1);
	for (int i = 0; i < 50; i++) {
		pass(9 * 1000);
		expiry_touch(&flows[0]);
	}
	CHECK_INT(stopped_by[0], NET_LIMIT_NONE);
	CHECK_INT(stopped_ns[1], 10 * NS_PER_SEC);
	pass(11 * 1000);
	CHECK_INT(stopped_ns[0], 460 * NS_PER_SEC);
	tear_down();
}

static void touch_all(struct loop_timer *timer)
{
	for (int i = 0; i < 3; i++)
		expiry_touch(&flows[i]);
	loop_set_timer(&gateway.loop, timer, gateway.loop.now_ns + NS_PER_SEC, touch_all);
}

TEST(whatever_it_does_it_has_an_end)
{
	set_up(5, 60);
	for (int i = 0; i < 3; i++) {
		begin(i);
		pass(1000);
	}
	touch_all(&tick);
	pass(70 * 1000);
	loop_remove_timer(&tick);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(stopped_by[i], NET_LIMIT_TIME);
		CHECK_INT(stopped_ns[i], (60 + (uint64_t)i) * NS_PER_SEC);
	}
	tear_down();
}

TEST(no_limit_is_none)
{
	set_up(0, 0);
	gateway.settings.limits.values[NET_LIMIT_IDLE] = gateway.settings.limits.values[NET_LIMIT_TIME] =
		NET_UNLIMITED;
	begin(0);
	pass(UINT64_C(1000) * 86400 * 365);
	CHECK_INT(stopped_count, 0);
	CHECK(!list_is_linked(&gateway.expiry.node));
	tear_down();
}

TEST(one_that_ended_is_not_stopped)
{
	set_up(10, 20);
	begin(0);
	begin(1);
	expiry_end(&flows[0]);
	pass(30 * 1000);
	CHECK_INT(stopped_count, 1);
	CHECK_INT(stopped_by[0], NET_LIMIT_NONE);
	tear_down();
}

/* Each in its time, by one timer, in whatever order they were used. */
TEST(thousands)
{
	set_up(100, 86400);
	for (int i = 0; i < MANY; i++)
		begin(i);
	for (int i = 0; i < MANY; i++) {
		expiry_touch(&flows[i * 7 % MANY]);
		if (i % 100 == 99)
			pass(100);
	}
	pass(200 * 1000);
	CHECK_INT(stopped_count, MANY);
	for (int i = 0; i < MANY; i++) {
		uint64_t last_ns = (uint64_t)(i / 100) * 100 * NS_PER_MS;

		CHECK_INT(stopped_ns[i * 7 % MANY], last_ns + 100 * NS_PER_SEC);
	}
	tear_down();
}

TEST_MAIN()
