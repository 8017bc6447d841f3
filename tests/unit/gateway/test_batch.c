// SPDX-License-Identifier: Apache-2.0
/*
 * test_batch.c - connections that are written down together: before, and summed up behind
 */
#include "lib/gateway_world.h"

#include "roles/gateway/batch.h"

#include <stdio.h>

enum {
	ALONE = 64,			/* of a minute, as batch.c has it */
	BATCHES = 1024,
	KEPT = 10,
};

static const struct world_rule everything[] = { { "20.0.0.0/8:*" }, { "a.example:9000" }, { 0 } };

static const char *target(unsigned i)
{
	static char text[32];

	(void)snprintf(text, sizeof(text), "20.1.%u.%u:9000", i / 250, i % 250 + 1);
	return text;
}

/* As many as are written down by themselves, one after the other. */
static void use_up(const char *to)
{
	for (int i = 0; i < ALONE; i++) {
		struct party *client = open_tunnel(to);

		leave(client);
		leave(server(world.server_count - 1));
		world_pass(0);
	}
}

static size_t count_lines(const char *story, const char *what)
{
	size_t count = 0;

	for (const char *at = story; (at = strstr(at, what)); at++)
		count++;
	return count;
}

TEST(each_of_the_first_stands_for_itself)
{
	const char *story;

	world_begin(everything, NULL);
	use_up("a.example:9000");
	story = world_story();
	CHECK_INT(count_lines(story, "allow tunnel a.example:9000"), ALONE);
	CHECK_INT(count_lines(story, "closed #"), ALONE);
	CHECK_INT(count_lines(story, "reserve"), 0);
	world_end();
}

TEST(those_that_follow_wait_until_they_are_reserved)
{
	struct party *first, *second;

	world_begin(everything, NULL);
	use_up("a.example:9000");
	(void)world_story();
	world.records = false;
	first = ask_tunnel("a.example:9000");
	second = ask_tunnel("a.example:9000");
	world_pass(10 * 1000);
	CHECK_INT(world.server_count, ALONE);
	CHECK_TEXT(heard(first), "");
	CHECK_TEXT(world_story(), "0.000 reserve 64 for a.example:9000 (#65)\n");
	world_record(1);
	world_pass(0);
	CHECK_INT(world.server_count, ALONE + 2);
	CHECK(*heard(first) && *heard(second));
	/* The others of the reservation are on record already. */
	for (int i = 0; i < 62; i++)
		(void)open_tunnel("a.example:9000");
	CHECK_TEXT(world_story(), "");
	first = ask_tunnel("a.example:9000");
	CHECK_TEXT(heard(first), "");
	CHECK_TEXT(world_story(), "10.000 reserve 128 for a.example:9000 (#66)\n");
	CHECK_INT(world.server_count, ALONE + 64);
	world_end();
}

/* 64, 128, 256, ... 4096 and no more. */
TEST(a_reservation_doubles_up_to_its_most)
{
	char wanted[128];
	uint64_t next = 64;
	int flow = ALONE + 1;

	world_begin(everything, NULL);
	use_up("a.example:9000");
	(void)world_story();
	for (int i = 0; i < 8; i++) {
		for (uint64_t left = next; left; left--) {
			struct party *client = open_tunnel("a.example:9000");

			leave(client);
			leave(server(world.server_count - 1));
			world.client_count = world.server_count = 0;
			if (left == next) {
				(void)snprintf(wanted, sizeof(wanted),
					"0.000 reserve %d for a.example:9000 (#%d)\n", (int)next, flow++);
				CHECK_TEXT(world_story(), wanted);
			}
		}
		CHECK_TEXT(world_story(), "");
		next = MIN(next * 2, (uint64_t)4096);
	}
	world_end();
}

TEST(what_they_were_is_summed_up_each_second)
{
	struct party *clients[3];

	world_begin(everything, NULL);
	use_up("a.example:9000");
	for (int i = 0; i < 3; i++) {
		clients[i] = open_tunnel("a.example:9000");
		say(clients[i], "four");
		say(server(ALONE + (size_t)i), "sixsix");
		world_pass(0);
		/* Who leaves with something unread is heard as a failure. */
		CHECK_TEXT(heard(clients[i]), "sixsix");
		CHECK_TEXT(heard(server(ALONE + (size_t)i)), "four");
	}
	world.hosts = WORLD_REFUSES;
	(void)ask_tunnel("a.example:9000");
	(void)world_story();
	for (int i = 0; i < 2; i++) {
		leave(clients[i]);
		leave(server(ALONE + (size_t)i));
	}
	world_pass(999);
	CHECK_TEXT(world_story(), "");
	world_pass(1);
	CHECK_TEXT(world_story(), "1.000 closed 3 of a.example:9000, 1 failed, sent 8 received 12\n");
	world_pass(60 * 1000);
	CHECK_TEXT(world_story(), "");
	leave(clients[2]);
	leave(server(ALONE + 2));
	world_pass(1000);
	CHECK_TEXT(world_story(), "62.000 closed 1 of a.example:9000, 0 failed, sent 4 received 6\n");
	world_end();
}

TEST(the_end_sums_up_what_was_open)
{
	world_begin(everything, NULL);
	use_up("a.example:9000");
	for (int i = 0; i < 5; i++)
		say(open_tunnel("a.example:9000"), "12");
	world_pass(0);
	(void)world_story();
	world_order(GATEWAY_MESSAGE_END);
	/* Their ends do not come, so that each is looked at a few times. */
	world_pass(500);
	channel_hear_rest(&world.supervisor);
	CHECK_TEXT(world_story(),
		"0.498 closed 5 of a.example:9000, 0 failed, sent 10 received 0\n"
		"0.498 summary of 1 hosts, 69 connections\n");
	world_end();
}

/* A new minute, and they are written down one by one again. */
TEST(a_minute_later_they_stand_for_themselves_again)
{
	world_begin(everything, NULL);
	use_up("a.example:9000");
	(void)world_story();
	world_pass_ns(60 * NS_PER_SEC - 1);
	(void)open_tunnel("a.example:9000");
	CHECK_TEXT(world_story(), "59.999 reserve 64 for a.example:9000 (#65)\n");
	world_pass_ns(1);
	(void)open_tunnel("a.example:9000");
	CHECK_TEXT(world_story(), "60.000 allow tunnel a.example:9000 (#66)\n");
	world_end();
}

/* Another port, and another rule, are another matter. */
TEST(only_what_is_alike_is_written_down_together)
{
	world_begin(everything, NULL);
	use_up("20.0.0.9:9000");
	(void)world_story();
	(void)open_tunnel("20.0.0.9:9001");
	(void)open_tunnel("20.0.0.8:9000");
	CHECK_TEXT(world_story(),
		"0.000 allow tunnel 20.0.0.9:9001 (#65)\n"
		"0.000 allow tunnel 20.0.0.8:9000 (#66)\n");
	world_change((const struct world_rule[]){ { "20.0.0.9:9000" }, { 0 } }, 1);
	world_pass(0);
	(void)world_story();
	(void)open_tunnel("20.0.0.9:9000");
	CHECK_TEXT(world_story(), "0.000 allow tunnel 20.0.0.9:9000 (#67)\n");
	world_end();
}

/* Whoever does not wait for the record was never one of those that are summed up. */
TEST(who_leaves_before_it_is_reserved_is_not_counted)
{
	struct party *client;

	world_begin(everything, NULL);
	use_up("a.example:9000");
	world.records = false;
	client = ask_tunnel("a.example:9000");
	leave(client);
	world_pass(0);
	(void)world_story();
	world_record(1);
	world_pass(5000);
	CHECK_TEXT(world_story(), "");
	CHECK_INT(world.server_count, ALONE);
	CHECK_INT(world.gateway.flow_count, 0);
	world_end();
}

/* All are asked for again where the rules change while they wait. */
TEST(a_rule_that_goes_while_they_wait_lets_none_of_them_out)
{
	struct party *client;

	world_begin(everything, NULL);
	use_up("a.example:9000");
	world.records = false;
	client = ask_tunnel("a.example:9000");
	(void)world_story();
	world_change(NULL, 2);
	world_pass(0);
	world_record(SIZE_MAX);
	world_pass(0);
	CHECK(!strncmp(heard(client), "HTTP/1.1 403 ", 13));
	CHECK_INT(world.server_count, ALONE);
	CHECK_INT(count_lines(world_story(), "allow tunnel"), 0);
	world_end();
}

/* The one that was not used for longest gives way; one that has something open or untold never does. */
TEST(there_are_so_many_places_at_a_time)
{
	world_begin(everything, NULL);
	use_up(target(0));
	(void)open_tunnel(target(0));
	use_up(target(1));
	(void)world_story();
	for (unsigned i = 2; i < BATCHES + 100; i++) {
		struct party *client = open_tunnel(target(i));

		leave(client);
		leave(server(world.server_count - 1));
		world_pass(0);
	}
	CHECK_INT(world.gateway.batch_count, BATCHES);
	(void)world_story();
	/* Its one is open: it is still known that there were many. */
	(void)open_tunnel(target(0));
	CHECK_TEXT(world_story(), "");
	CHECK_INT(world.gateway.batch_count, BATCHES);
	/* This one was forgotten, and begins anew. */
	(void)open_tunnel(target(1));
	CHECK_INT(count_lines(world_story(), "allow tunnel 20.1.0.2:9000"), 1);
	world_end();
}

/* ---- a supervisor that does not read ---- */

/* What waits for it is bounded; what does not fit is no, and nothing of it went out. */
TEST(what_cannot_be_written_down_in_time_is_not_allowed)
{
	struct party *client = NULL;
	const char *answer = "";
	unsigned i = 0;

	world_begin(everything, NULL);
	world_reads(false);
	for (; i < 4000 && !*answer; i++) {
		client = ask_tunnel(target(i));
		answer = heard(client);
	}
	CHECK(!strncmp(answer, "HTTP/1.1 502 ", 13));
	CHECK_INT(world.server_count, 0);
	CHECK(world.gateway.supervisor.queue_bytes > RECORD_ALLOWED_BYTES);
	CHECK(world.gateway.supervisor.queue_bytes < RECORD_ALLOWED_BYTES + 8192);
	/* Most have lost their patience meanwhile, and are on record all the same. */
	for (size_t k = KEPT; k < world.client_count; k++)
		leave(&world.clients[k]);
	world_pass(0);
	(void)world_story();
	world_reads(true);
	world_pass(0);
	CHECK_INT(count_lines(world_story(), "allow tunnel"), i - 1);
	CHECK_INT(world.server_count, KEPT);
	(void)open_tunnel("a.example:9000");
	world_end();
}

/* The same of a reservation, of which nobody else may be part. */
TEST(a_reservation_that_cannot_be_made_is_a_no)
{
	struct party *client;

	world_begin(everything, NULL);
	use_up("a.example:9000");
	world_reads(false);
	for (unsigned i = 0; world.gateway.supervisor.queue_bytes <= RECORD_ALLOWED_BYTES; i++)
		(void)ask_tunnel(target(i / 50));
	(void)world_story();
	for (int i = 0; i < 3; i++) {
		client = ask_tunnel("a.example:9000");
		CHECK(!strncmp(heard(client), "HTTP/1.1 502 ", 13));
	}
	CHECK_INT(world.server_count, ALONE);
	for (size_t i = 0; i < world.client_count; i++)
		leave(&world.clients[i]);
	world_pass(0);
	world_reads(true);
	world_pass(0);
	CHECK_INT(count_lines(world_story(), "reserve"), 0);
	(void)open_tunnel("a.example:9000");
	CHECK_INT(count_lines(world_story(), "reserve 64 for a.example:9000"), 1);
	world_end();
}

/* Refusals leave the rest of the queue to what is allowed. */
TEST(refusals_fill_no_more_than_their_share)
{
	char name[64];

	world_begin(everything, NULL);
	world_reads(false);
	for (int i = 0; i < 3000; i++) {
		struct party *client;

		(void)snprintf(name, sizeof(name), "n%d.test:9000", i);
		client = ask_tunnel(name);
		leave(client);
		world_pass(0);
	}
	CHECK(world.gateway.supervisor.queue_bytes > RECORD_REFUSED_BYTES);
	CHECK(world.gateway.supervisor.queue_bytes < RECORD_REFUSED_BYTES + 65536);
	CHECK(world.gateway.refusals.other_count > 100);
	(void)world_story();
	world_reads(true);
	(void)open_tunnel("a.example:9000");
	/* Of those that were only counted, a few lines say how many there were. */
	CHECK(count_lines(world_story(), "others") <= 20);
	world_end();
}

TEST_MAIN()
