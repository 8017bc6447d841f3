// SPDX-License-Identifier: Apache-2.0
/*
 * test_tcp.c - a connection that stays on this machine is not paced, and neither is one that came to a
 * listening socket before anybody accepted it; nothing urgent comes to one that refuses it
 */
#include "lib/test.h"

#include "kern/kern.h"
#include "kern/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void check_reno(int fd)
{
	char name[16] = "";
	socklen_t len = sizeof(name) - 1;

	CHECK_INT(kern_getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len), 0);
	CHECK_TEXT(name, "reno");
}

TEST(is_inherited)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int listening = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int asking = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), accepted;

	kern_tcp_hurry(listening);
	kern_tcp_hurry(asking);
	CHECK_INT(kern_bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_INT(kern_listen(listening, 1), 0);
	CHECK_INT(kern_getsockname(listening, (struct sockaddr *)&address, &len), 0);
	CHECK_INT(kern_connect(asking, (struct sockaddr *)&address, sizeof(address)), 0);
	accepted = kern_accept4(listening, SOCK_CLOEXEC);
	CHECK(accepted >= 0);
	check_reno(accepted);
	check_reno(asking);
	close(accepted);
	close(asking);
	close(listening);
}

/* A connection to ourselves; @fds: who asked, who was asked. */
static void connect_both(bool refuses, int fds[2])
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int listening = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	fds[0] = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_INT(refuses ? kern_tcp_refuse_urgent(listening) : 0, 0);
	CHECK_INT(refuses ? kern_tcp_refuse_urgent(fds[0]) : 0, 0);
	CHECK_INT(kern_bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_INT(kern_listen(listening, 1), 0);
	CHECK_INT(kern_getsockname(listening, (struct sockaddr *)&address, &len), 0);
	CHECK_INT(kern_connect(fds[0], (struct sockaddr *)&address, sizeof(address)), 0);
	fds[1] = kern_accept4(listening, SOCK_CLOEXEC | SOCK_NONBLOCK);
	CHECK(fds[1] >= 0);
	close(listening);
}

/* What is there once @from has said "a" as usual and "x" as urgent. */
static short hear_urgent(int from, int to, char *ret)
{
	struct pollfd something = { .fd = to, .events = POLLIN };
	struct pollfd urgent = { .fd = to, .events = POLLPRI };
	const struct timespec moment = { .tv_nsec = 50 * 1000 * 1000 };

	CHECK_INT(send(from, "a", 1, 0), 1);
	CHECK_INT(kern_ppoll(&something, 1, NULL), 1);
	CHECK_INT(send(from, "x", 1, MSG_OOB), 1);
	(void)kern_ppoll(&urgent, 1, &moment);
	memset(ret, 0, 4);
	CHECK_INT(recv(to, ret, 3, MSG_DONTWAIT), 1);
	return urgent.revents;
}

TEST(what_is_urgent_never_comes)
{
	char text[4];
	int fds[2], probe = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int r = kern_tcp_refuse_urgent(probe);

	close(probe);
	CHECK(r == 0 || (r == -EPERM && geteuid()));
	for (int way = 0; way < 2 && !r; way++) {
		connect_both(true, fds);
		CHECK_INT(hear_urgent(fds[way], fds[!way], text), 0);
		CHECK_TEXT(text, "a");
		/* Nor anything behind it. */
		CHECK_INT(send(fds[way], "b", 1, 0), 1);
		CHECK_INT(recv(fds[!way], text, 3, MSG_DONTWAIT), -1);
		close(fds[0]);
		close(fds[1]);
		/* The other way, and without the filter, it would. */
		connect_both(false, fds);
		CHECK_INT(hear_urgent(fds[way], fds[!way], text), POLLPRI);
		close(fds[0]);
		close(fds[1]);
	}
}

TEST_MAIN()
