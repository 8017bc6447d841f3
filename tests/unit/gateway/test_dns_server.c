// SPDX-License-Identifier: Apache-2.0
/*
 * test_dns_server.c - what programs in the sandbox are told
 */
#include "roles/gateway/dns_server.h"

#include "lib/upstream.h"

static struct loop loop;
static struct resolver resolver;
static struct synthetic synthetic;
static struct dns_server server;
static struct upstream upstream;
static uint16_t udp_port, tcp_port;
static unsigned judged;
static uint64_t waiting_number;
static struct loop_timer patience;
static struct wire wire;

static const struct resolver_host hosts[] = {
	{ STR("good.example"), { { 1, 1, 1, 1 }, NET_V4_BYTES } },
	{ STR("good.example"), { { 0x26, 6, 0x47 }, NET_V6_BYTES } },
	{ STR("later.example"), { { 1, 1, 1, 1 }, NET_V4_BYTES } },
	{ STR("inside.example"), { { 10, 0, 0, 5 }, NET_V4_BYTES } },
	{ STR("half.example"), { { 10, 0, 0, 5 }, NET_V4_BYTES } },
	{ STR("half.example"), { { 1, 1, 1, 1 }, NET_V4_BYTES } },
};

static enum dns_permission judge(UNUSED struct dns_server *of, const struct dns_query *query,
	const struct jail_diag_pair *client, uint64_t number, char why[DNS_SERVER_TEXT_SIZE])
{
	judged++;
	CHECK(client->port);
	waiting_number = number;
	if (str_starts_with(str_from(query->name), STR("later")))
		return DNS_PERMISSION_LATER;
	if (!str_starts_with(str_from(query->name), STR("evil")))
		return DNS_PERMISSION_YES;
	memcpy(why, "no entry has it", sizeof("no entry has it"));
	return DNS_PERMISSION_NO;
}

static bool tells(UNUSED struct dns_server *of, UNUSED struct str name, uint16_t type)
{
	return type == DNS_TXT;
}

static void vet_rules(UNUSED struct dns_server *of, UNUSED struct str name, struct net_vet_rules *ret)
{
	*ret = (struct net_vet_rules){ 0 };
}

static bool pays(UNUSED struct dns_server *of, UNUSED struct str name, UNUSED uint16_t type,
	UNUSED size_t bytes)
{
	return true;
}

static const struct dns_server_ops ops = { judge, tells, pays, vet_rules };

static void is_over(UNUSED struct loop_timer *timer)
{
	loop_stop(&loop, 0);
}

/* Until nothing more happens for a while of the clock that waits for nobody. */
static void settle(uint64_t ms)
{
	loop_set_timer(&loop, &patience, loop.now_ns + ms * NS_PER_MS, is_over);
	CHECK_INT(loop_run(&loop), 0);
}

static void start(const enum upstream_mood *mood)
{
	static const uint64_t seed[2] = { 1, 2 };
	struct resolver_server at = { { { 127, 0, 0, 1 }, NET_V4_BYTES }, 0 };

	kern_ops.clock_gettime = virtual_clock;
	kern_ops.epoll_pwait2 = virtual_wait;
	CHECK_INT(loop_init(&loop), 0);
	upstream_start(&upstream, &loop, mood, 1);
	at.port = upstream.port;
	resolver_init(&resolver, &loop, &at, 1, hosts, ARRAY_SIZE(hosts));
	synthetic_init(&synthetic, 3, 7, seed);
	dns_server_init(&server, &loop, &resolver, &synthetic, &ops);
	CHECK_INT(dns_server_add_socket(&server, loopback_socket(SOCK_DGRAM, &udp_port), false), 0);
	CHECK_INT(dns_server_add_socket(&server, loopback_socket(SOCK_STREAM, &tcp_port), true), 0);
}

static void stop(void)
{
	dns_server_fini(&server);
	resolver_fini(&resolver);
	synthetic_fini(&synthetic);
	upstream_stop(&upstream);
	loop_fini(&loop);
}

static int client(int type)
{
	static const struct net_address here = { { 127, 0, 0, 1 }, NET_V4_BYTES };
	union sockaddr_any address;
	socklen_t len = sockaddr_fill(&address, &here, type == SOCK_DGRAM ? udp_port : tcp_port);
	int fd = kern_socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;

	CHECK(fd >= 0);
	r = kern_connect(fd, &address.any, len);
	CHECK(r >= 0 || r == -EINPROGRESS);
	return fd;
}

static void make_query(const char *name, unsigned type)
{
	wire_header(&wire, 0x1234, 0x0100, WIRE_COUNTS(1, 0, 0, 1));
	wire_question(&wire, name, type);
	wire_edns(&wire, 1232, 0, 0, STR(""));
}

/* Return: the answer's code; the answer is @wire. */
static int ask(const char *name, unsigned type, uint64_t ms)
{
	scoped(fd) int fd = client(SOCK_DGRAM);
	ssize_t n;

	make_query(name, type);
	CHECK_INT(kern_write(fd, wire.bytes, wire.len), wire.len);
	settle(ms);
	n = kern_read(fd, wire.bytes, sizeof(wire.bytes));
	if (n < 0)
		return (int)n;
	wire.len = (size_t)n;
	CHECK(wire.len > 12 && wire.bytes[0] == 0x12 && wire.bytes[2] & 0x80);
	return wire.bytes[3] & 15;
}

static bool says(const char *text)
{
	return memmem(wire.bytes, wire.len, text, strlen(text)) != NULL;
}

#define ANSWERS() (wire.bytes[6] << 8 | wire.bytes[7])

TEST(an_allowed_name_gets_an_address_of_ours)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;

	start(&mood);
	CHECK_INT(ask("Good.example", DNS_A, 1), DNS_NOERROR);
	CHECK(ANSWERS() == 1 && memmem(wire.bytes, wire.len, "\306\22\0\1", 4));
	CHECK_INT(ask("good.example", DNS_AAAA, 1), DNS_NOERROR);
	CHECK(ANSWERS() == 1 && says("\375cordon"));
	/* Looked up for real; still ours. */
	CHECK_INT(ask("other.example", DNS_A, 1), DNS_NOERROR);
	CHECK(ANSWERS() == 1 && memmem(wire.bytes, wire.len, "\306\22\0\2", 4));
	CHECK(upstream.asked == 1 && synthetic.count == 2 && judged == 3);
	stop();
}

/* More than are taken in one call, from two, and some of them no question at all. */
TEST(each_of_many_packets_is_answered)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;
	enum { PACKETS_COUNT = 40 };
	int fds[2];

	start(&mood);
	CHECK_INT(ask("good.example", DNS_A, 1), DNS_NOERROR);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = client(SOCK_DGRAM);
	for (uint8_t i = 0; i < PACKETS_COUNT; i++)
		for (size_t j = 0; j < ARRAY_SIZE(fds); j++) {
			make_query(i % 2 ? "good.example" : "evil.example", DNS_A);
			wire.bytes[0] = (uint8_t)j;
			wire.bytes[1] = i;
			CHECK_INT(kern_write(fds[j], wire.bytes, wire.len), wire.len);
			CHECK_INT(kern_write(fds[j], "junk", i % 3), i % 3);
		}
	settle(1);
	for (size_t j = 0; j < ARRAY_SIZE(fds); j++) {
		for (uint8_t i = 0; i < PACKETS_COUNT; i++) {
			ssize_t n = kern_read(fds[j], wire.bytes, sizeof(wire.bytes));

			CHECK(n > 12 && wire.bytes[0] == j && wire.bytes[1] == i);
			CHECK_INT(wire.bytes[3] & 15, i % 2 ? DNS_NOERROR : DNS_NXDOMAIN);
			CHECK_INT(ANSWERS(), i % 2);
		}
		CHECK_INT(kern_read(fds[j], wire.bytes, sizeof(wire.bytes)), -EAGAIN);
		fd_close(fds[j]);
	}
	stop();
}

TEST(a_denied_name_goes_nowhere)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;
	static const unsigned types[] = { DNS_A, DNS_AAAA, DNS_TXT, DNS_HTTPS };

	start(&mood);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		CHECK_INT(ask("evil.example", types[i], 1), DNS_NXDOMAIN);
		CHECK(!ANSWERS() && says("no entry has it"));
	}
	CHECK(!upstream.asked && !synthetic.count && !resolver.question_count && !resolver.answer_count);
	stop();
}

TEST(addresses_that_may_not_be_dialled_are_none)
{
	static const enum upstream_mood mood = UPSTREAM_SAYS_PRIVATE;

	start(&mood);
	CHECK_INT(ask("inside.example", DNS_A, 1), DNS_REFUSED);
	CHECK(!ANSWERS() && says("10.0.0.5 is "));
	CHECK_INT(ask("rebind.example", DNS_A, 1), DNS_REFUSED);
	CHECK(!ANSWERS() && says("10.0.0.1 is "));
	CHECK_INT(synthetic.count, 0);
	/* One that may be is enough. */
	CHECK_INT(ask("half.example", DNS_A, 1), DNS_NOERROR);
	CHECK(ANSWERS() == 1 && synthetic.count == 1);
	stop();
}

TEST(no_name_no_address_no_answer)
{
	static const enum upstream_mood none = UPSTREAM_HAS_NO_NAME, silent = UPSTREAM_SILENT;

	start(&none);
	CHECK_INT(ask("missing.example", DNS_A, 1), DNS_NXDOMAIN);
	CHECK(!ANSWERS() && !synthetic.count && wire.bytes[9] == 1);
	CHECK_INT(ask("later.example", DNS_AAAA, 1), -EAGAIN);
	dns_server_go_on(&server, waiting_number, true);
	/* It has an address of IPv4. */
	upstream.moods = &silent;
	CHECK_INT(ask("silent.example", DNS_A, 20000), DNS_SERVFAIL);
	CHECK(says("no server of the host's answered"));
	stop();
}

TEST(other_types_are_told_where_they_may_be)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;

	start(&mood);
	CHECK_INT(ask("a.example", DNS_TXT, 1), DNS_NOERROR);
	CHECK(ANSWERS() == 1 && says("\5hello") && upstream.asked == 1);
	CHECK_INT(ask("a.example", DNS_HTTPS, 1), DNS_NOERROR);
	CHECK(!ANSWERS() && wire.bytes[9] == 1 && upstream.asked == 1);
	CHECK_INT(ask("a.example", 255, 1), DNS_REFUSED);
	CHECK_INT(ask("a.example", 252, 1), DNS_REFUSED);
	CHECK_INT(ask("a b.example", DNS_A, 1), DNS_REFUSED);
	CHECK(upstream.asked == 1 && judged == 2);
	stop();
}

TEST(this_machine_is_itself)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;

	start(&mood);
	CHECK_INT(ask("localhost", DNS_A, 1), DNS_NOERROR);
	CHECK(ANSWERS() == 1 && memmem(wire.bytes, wire.len, "\177\0\0\1", 4));
	CHECK_INT(ask("a.localhost", DNS_AAAA, 1), DNS_NOERROR);
	CHECK(ANSWERS() == 1 && !judged && !upstream.asked);
	stop();
}

TEST(a_permission_may_take_its_time)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;
	scoped(fd) int fd = -1;

	start(&mood);
	fd = client(SOCK_DGRAM);
	for (unsigned i = 0; i < 2; i++) {
		make_query("later.example", DNS_A);
		CHECK_INT(kern_write(fd, wire.bytes, wire.len), wire.len);
		settle(100);
		CHECK_INT(kern_read(fd, wire.bytes, sizeof(wire.bytes)), -EAGAIN);
		CHECK_INT(server.waiting_count, 1);
		dns_server_go_on(&server, waiting_number + 1, true);
		CHECK_INT(server.waiting_count, 1);
		dns_server_go_on(&server, waiting_number, i == 0);
		CHECK_INT(server.waiting_count, 0);
		CHECK(kern_read(fd, wire.bytes, sizeof(wire.bytes)) > 12);
		CHECK_INT(wire.bytes[3] & 15, i ? DNS_SERVFAIL : DNS_NOERROR);
		dns_server_go_on(&server, waiting_number, true);
	}
	stop();
}

TEST(a_session_has_so_many_names)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;

	start(&mood);
	CHECK_INT(ask("a.example", DNS_A, 1), DNS_NOERROR);
	CHECK_INT(ask("b.example", DNS_A, 1), DNS_NOERROR);
	CHECK_INT(ask("c.example", DNS_A, 1), DNS_NOERROR);
	CHECK_INT(ask("d.example", DNS_A, 1), DNS_SERVFAIL);
	CHECK(says("as many names as it may"));
	CHECK_INT(ask("a.example", DNS_A, 1), DNS_NOERROR);
	stop();
}

TEST(many_packets_at_once)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;
	scoped(fd) int fd = -1;
	unsigned answers = 0;

	start(&mood);
	fd = client(SOCK_DGRAM);
	for (unsigned i = 0; i < 100; i++) {
		make_query(i % 2 ? "good.example" : "evil.example", DNS_A);
		CHECK_INT(kern_write(fd, wire.bytes, wire.len), wire.len);
		/* What is none is not heard. */
		CHECK_INT(kern_write(fd, "x", 1), 1);
	}
	settle(1);
	while (kern_read(fd, wire.bytes, sizeof(wire.bytes)) > 0)
		answers++;
	CHECK(answers == 100 && server.asked_count == 200 && server.dropped_count == 100);
	stop();
}

/* ---- TCP ---- */

static void frame(struct wire *out, const char *name)
{
	make_query(name, DNS_A);
	wire_16(out, (unsigned)wire.len);
	wire_bytes(out, wire_message(&wire));
}

static unsigned count_answers(int fd)
{
	ssize_t n = kern_read(fd, wire.bytes, sizeof(wire.bytes));
	size_t at = 0;
	unsigned count = 0;

	CHECK(n > 0);
	for (; at < (size_t)n; count++)
		at += 2 + ((size_t)wire.bytes[at] << 8 | wire.bytes[at + 1]);
	CHECK_INT(at, n);
	return count;
}

TEST(questions_by_tcp_in_pieces_and_together)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;
	static struct wire out;
	scoped(fd) int fd = -1;

	start(&mood);
	fd = client(SOCK_STREAM);
	out.len = 0;
	frame(&out, "good.example");
	for (size_t i = 0; i < out.len; i++) {
		CHECK_INT(kern_write(fd, out.bytes + i, 1), 1);
		settle(1);
	}
	CHECK_INT(count_answers(fd), 1);
	out.len = 0;
	for (unsigned i = 0; i < 50; i++)
		frame(&out, i % 2 ? "evil.example" : "real.example");
	CHECK_INT(kern_write(fd, out.bytes, out.len), out.len);
	settle(5);
	CHECK_INT(count_answers(fd), 50);
	CHECK(upstream.asked == 1 && server.client_count == 1);
	settle(DNS_SERVER_IDLE_MS);
	CHECK(!server.client_count && kern_read(fd, wire.bytes, 1) == 0);
	stop();
}

TEST(who_speaks_no_dns_by_tcp_is_gone)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;
	scoped(fd) int fd = -1, waiting = -1;
	static struct wire out;

	start(&mood);
	fd = client(SOCK_STREAM);
	CHECK_INT(kern_write(fd, "GET / HTTP/1.1\r\n", 16), 16);
	settle(1);
	CHECK_INT(server.client_count, 0);
	/* Whose client has left is not waited for. */
	waiting = client(SOCK_STREAM);
	out.len = 0;
	frame(&out, "later.example");
	CHECK_INT(kern_write(waiting, out.bytes, out.len), out.len);
	settle(1);
	CHECK(server.waiting_count == 1 && server.client_count == 1);
	waiting = fd_close(waiting);
	settle(1);
	CHECK(!server.waiting_count && !server.client_count);
	dns_server_go_on(&server, waiting_number, true);
	stop();
}

TEST(no_more_clients_than_there_may_be)
{
	static const enum upstream_mood mood = UPSTREAM_ANSWERS;
	int fds[DNS_SERVER_CLIENTS_MAX + 1];
	static struct wire out;

	start(&mood);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = client(SOCK_STREAM);
		settle(1);
	}
	CHECK_INT(server.client_count, DNS_SERVER_CLIENTS_MAX);
	CHECK_INT(kern_read(fds[0], wire.bytes, 1), 0);
	out.len = 0;
	frame(&out, "good.example");
	CHECK_INT(kern_write(fds[ARRAY_SIZE(fds) - 1], out.bytes, out.len), out.len);
	settle(1);
	CHECK_INT(count_answers(fds[ARRAY_SIZE(fds) - 1]), 1);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fd_close(fds[i]);
	stop();
}

TEST_MAIN()
