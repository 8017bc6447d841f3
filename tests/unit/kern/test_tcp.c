// SPDX-License-Identifier: Apache-2.0
/*
 * test_tcp.c - a connection that stays on this machine is not paced, and neither is one that came to a
 * listening socket before anybody accepted it
 */
#include "lib/test.h"

#include "kern/kern.h"
#include "kern/tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

TEST_MAIN()
