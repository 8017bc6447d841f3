// SPDX-License-Identifier: Apache-2.0
/*
 * test_tls_link.c - a proxy that is spoken to by TLS: who it has to be, what it is told before that, how it
 * ends
 *
 * The proxy is a server of OpenSSL's in the same process, at the far end of a pair of sockets.
 */
#include "lib/test.h"

#include "base/fd.h"
#include "lib/tls_far.h"
#include "roles/gateway/tls_link.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TURNS_MAX = 20000,
	LARGE_BYTES = 1 << 20,
	GOT_BYTES = 2 * LARGE_BYTES,
	CALLS_NONE = 1,			/* no error has this value */
};

static const struct tls_far_names proper = { .alternative = "DNS:proxy.example" };

static struct loop loop;
static struct tls_far proxy;
static struct tls_links *links;
static struct tls_link *flow;
static SSL *server;
static int far_fd, flow_fd;
static int told, calls;
static char got[GOT_BYTES];		/* by whoever reads */
static size_t got_len;

static void take(UNUSED void *owner, int error)
{
	told = error;
	calls++;
}

static int make_links(const char *authorities, const char *host, bool is_address)
{
	return tls_links_new(&loop, str_from(authorities), host, is_address, &links);
}

static void connect_to(const char *authorities, const char *host, bool is_address)
{
	int pair[2];

	CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	told = CALLS_NONE;
	calls = 0;
	got_len = 0;
	CHECK_INT(loop_init(&loop), 0);
	CHECK_INT(make_links(authorities, host, is_address), 0);
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	far_fd = pair[0];
	CHECK_INT(tls_link_new(links, pair[1], take, NULL, &flow_fd, &flow), 0);
	CHECK_INT(calls, 0);
	server = SSL_new(proxy.context);
	CHECK(server && SSL_set_fd(server, far_fd) == 1);
	SSL_set_accept_state(server);
}

static void begin(const struct tls_far_names *names, const char *host)
{
	tls_far_init(&proxy, names);
	connect_to(proxy.pem, host, false);
}

static void end(void)
{
	flow = tls_link_free(flow);
	links = tls_links_free(links);
	SSL_free(server);
	tls_far_fini(&proxy);
	far_fd = fd_close(far_fd);
	flow_fd = fd_close(flow_fd);
	loop_fini(&loop);
}

/* Both sides say hello, until the flow hears how it went. */
static void shake_hands(void)
{
	for (int i = 0; i < TURNS_MAX && !calls; i++) {
		(void)SSL_do_handshake(server);
		tls_far_turn(&loop);
	}
	CHECK_INT(calls, 1);
}

/* What the proxy reads, until @len bytes or the end. Return: whether close_notify came */
static bool proxy_reads(size_t len)
{
	for (int i = 0; i < TURNS_MAX && got_len < len; i++) {
		int n = SSL_read(server, got + got_len, (int)(GOT_BYTES - got_len));

		if (n <= 0 && SSL_get_error(server, n) == SSL_ERROR_ZERO_RETURN)
			return true;
		got_len += n > 0 ? (size_t)n : 0;
		tls_far_turn(&loop);
	}
	return false;
}

/* The same of the flow; Return: 0 the end of what is said, -EAGAIN there is more to come, or another errno */
static int flow_reads(size_t len)
{
	for (int i = 0; i < TURNS_MAX && got_len < len; i++) {
		ssize_t n = read(flow_fd, got + got_len, GOT_BYTES - got_len);

		if (!n || (n < 0 && errno != EAGAIN))
			return n ? -errno : 0;
		got_len += n > 0 ? (size_t)n : 0;
		tls_far_turn(&loop);
	}
	return -EAGAIN;
}

static void fill(char *ret, size_t len)
{
	for (size_t i = 0; i < len; i++)
		ret[i] = (char)(i * 31 + i / 251);
}

TEST(bytes_go_both_ways_and_each_way_ends_by_itself)
{
	static char text[LARGE_BYTES];
	size_t sent = 0;

	fill(text, sizeof(text));
	begin(&proper, "proxy.example");
	CHECK_INT(write(flow_fd, "CONNECT", 7), 7);
	shake_hands();
	CHECK_INT(told, 0);
	CHECK(!proxy_reads(7) && !memcmp(got, "CONNECT", 7));
	got_len = 0;
	for (int i = 0; i < TURNS_MAX && got_len < LARGE_BYTES; i++) {
		int n = sent < LARGE_BYTES ?
			SSL_write(server, text + sent, (int)MIN(LARGE_BYTES - sent, (size_t)9999)) :
			0;

		sent += n > 0 ? (size_t)n : 0;
		(void)flow_reads(got_len + 1);
	}
	CHECK(got_len == LARGE_BYTES && !memcmp(got, text, LARGE_BYTES));
	/* The proxy has said all; the flow hears of the end, and still speaks. */
	CHECK(SSL_shutdown(server) >= 0);
	CHECK_INT(flow_reads(GOT_BYTES), 0);
	got_len = 0;
	CHECK_INT(write(flow_fd, "more", 4), 4);
	CHECK_INT(shutdown(flow_fd, SHUT_WR), 0);
	CHECK(proxy_reads(GOT_BYTES));
	CHECK(got_len == 4 && !memcmp(got, "more", 4));
	CHECK_INT(calls, 1);
	end();
}

TEST(a_proxy_that_is_somebody_else_hears_nothing)
{
	static const struct {
		struct tls_far_names names;
		const char *host;
		int error;
	} rows[] = {
		{ { "DNS:proxy.example", NULL, 0, 0 }, "proxy.example", 0 },
		{ { "DNS:*.corp.example", NULL, 0, 0 }, "proxy.corp.example", 0 },
		{ { "IP:192.0.2.1", NULL, 0, 0 }, "192.0.2.1", 0 },
		{ { "IP:2001:db8::1", NULL, 0, 0 }, "2001:db8::1", 0 },
		{ { "DNS:other.example", NULL, 0, 0 }, "proxy.example", -EREMCHG },
		{ { "DNS:proxy.example.evil.test", NULL, 0, 0 }, "proxy.example", -EREMCHG },
		{ { "DNS:pro*.example", NULL, 0, 0 }, "proxy.example", -EREMCHG },
		{ { "DNS:*.corp.example", NULL, 0, 0 }, "a.proxy.corp.example", -EREMCHG },
		{ { "DNS:*.example", NULL, 0, 0 }, "proxy.example", -EREMCHG },
		{ { NULL, "proxy.example", 0, 0 }, "proxy.example", -EREMCHG },
		{ { "DNS:192.0.2.1", NULL, 0, 0 }, "192.0.2.1", -EREMCHG },
		{ { "IP:192.0.2.2", NULL, 0, 0 }, "192.0.2.1", -EREMCHG },
		{ { "DNS:proxy.example", NULL, -9, -1 }, "proxy.example", -EKEYEXPIRED },
		{ { "DNS:proxy.example", NULL, 1, 9 }, "proxy.example", -EKEYEXPIRED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		tls_far_init(&proxy, &rows[i].names);
		connect_to(proxy.pem, rows[i].host, strchr("12", rows[i].host[0]) != NULL);
		CHECK_INT(write(flow_fd, "password", 8), 8);
		shake_hands();
		CHECK_INT(told, rows[i].error);
		(void)proxy_reads(rows[i].error ? 1 : 8);
		CHECK_INT(got_len, rows[i].error ? 0 : 8);
		end();
	}
}

TEST(nobody_signed_it_who_is_believed)
{
	struct tls_far other;

	tls_far_init(&other, &proper);
	tls_far_init(&proxy, &proper);
	connect_to(other.pem, "proxy.example", false);
	CHECK_INT(write(flow_fd, "password", 8), 8);
	shake_hands();
	CHECK_INT(told, -ENOKEY);
	(void)proxy_reads(1);
	CHECK_INT(got_len, 0);
	end();
	tls_far_fini(&other);
	/* Without anybody who is believed nothing begins. */
	CHECK_INT(loop_init(&loop), 0);
	CHECK_INT(make_links("-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n", "a.example",
		false),
		-ENOKEY);
	CHECK_INT(make_links("", "a.example", false), -ENOKEY);
	loop_fini(&loop);
}

TEST(what_is_no_tls_or_an_old_one_is_said)
{
	static const char *const said[] = {
		"HTTP/1.1 400 Bad Request\r\n\r\n", "\x15\x03\x01\x00\x02\x02\x28", "\x16\x03\x03\xff\xff",
		"",
	};
	static const size_t lens[] = { 28, 7, 5, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		begin(&proper, "proxy.example");
		CHECK_INT(write(far_fd, said[i], lens[i]), lens[i]);
		CHECK_INT(shutdown(far_fd, SHUT_WR), 0);
		for (int turn = 0; turn < TURNS_MAX && !calls; turn++)
			tls_far_turn(&loop);
		CHECK_INT(calls, 1);
		CHECK_INT(told, -EBADE);
		end();
	}
	tls_far_init(&proxy, &proper);
	CHECK(SSL_CTX_set_min_proto_version(proxy.context, TLS1_VERSION) == 1 &&
		SSL_CTX_set_max_proto_version(proxy.context, TLS1_1_VERSION) == 1);
	connect_to(proxy.pem, "proxy.example", false);
	shake_hands();
	CHECK_INT(told, -EBADE);
	end();
}

TEST(an_end_that_nobody_announced_is_a_reset_behind_everything)
{
	begin(&proper, "proxy.example");
	shake_hands();
	CHECK_INT(SSL_write(server, "half an answer", 14), 14);
	far_fd = fd_close(far_fd);
	CHECK_INT(flow_reads(GOT_BYTES), -ECONNRESET);
	CHECK(got_len == 14 && !memcmp(got, "half an answer", 14));
	CHECK_INT(calls, 1);
	end();
}

TEST(bytes_that_nobody_encrypted_are_a_reset_and_none_of_them_is_told)
{
	begin(&proper, "proxy.example");
	shake_hands();
	CHECK_INT(write(far_fd, "\x17\x03\x03\x00\x20" "0123456789abcdef0123456789abcdef", 37), 37);
	CHECK_INT(flow_reads(GOT_BYTES), -ECONNRESET);
	CHECK_INT(got_len, 0);
	end();
}

TEST(a_flow_that_leaves_is_heard_to_its_end)
{
	static char text[LARGE_BYTES];
	size_t sent = 0;
	bool is_over = false;

	fill(text, sizeof(text));
	begin(&proper, "proxy.example");
	shake_hands();
	while (sent < LARGE_BYTES) {
		ssize_t n = write(flow_fd, text + sent, LARGE_BYTES - sent);

		if (n < 0)
			break;
		sent += (size_t)n;
	}
	flow_fd = fd_close(flow_fd);
	CHECK(!tls_links_are_sending(links));
	flow = tls_link_leave(flow);
	CHECK(tls_links_are_sending(links));
	is_over = proxy_reads(GOT_BYTES);
	CHECK(is_over && sent && got_len == sent && !memcmp(got, text, sent));
	for (int i = 0; i < 10; i++)
		tls_far_turn(&loop);
	CHECK(!tls_links_are_sending(links));
	end();
}

TEST(a_flow_that_leaves_before_the_certificate_is_good_takes_its_words_along)
{
	begin(&proper, "proxy.example");
	CHECK_INT(write(flow_fd, "password", 8), 8);
	tls_far_turn(&loop);
	flow = tls_link_leave(flow);
	CHECK(!tls_links_are_sending(links));
	(void)SSL_do_handshake(server);
	CHECK(!proxy_reads(1));
	CHECK(got_len == 0 && !calls);
	end();
}

TEST_MAIN()
