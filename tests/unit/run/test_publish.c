// SPDX-License-Identifier: Apache-2.0
/*
 * test_publish.c - sockets of this machine's loopback: where they are, and where they are not
 */
#include "lib/test.h"

#include "base/fd.h"
#include "kern/kern.h"
#include "run/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

static struct run_published published_of(uint16_t host, uint16_t inner)
{
	return (struct run_published){ .wanted = { inner, host }, .where = "--publish", .fds = { -1, -1 } };
}

static struct sockaddr_in address_of(int fd)
{
	struct sockaddr_in address = { 0 };
	socklen_t len = sizeof(address);

	CHECK_INT(kern_getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return address;
}

/* A port that nobody has at the moment. */
static uint16_t free_port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	scoped(fd) int fd = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_INT(kern_bind(fd, (const struct sockaddr *)&any, sizeof(any)), 0);
	return ntohs(address_of(fd).sin_port);
}

TEST(the_same_port_or_another)
{
	const uint16_t port = free_port();
	struct run_published first = published_of(0, port), second = published_of(0, port);
	struct error err = ERROR_INIT;

	CHECK_INT(run_publish_open(&first, &err), 0);
	CHECK_INT(first.port, port);
	CHECK_INT(ntohl(address_of(first.fds[0]).sin_addr.s_addr), INADDR_LOOPBACK);
	CHECK_INT(run_publish_open(&second, &err), 0);
	CHECK(second.port != port && second.port >= NET_PUBLICATION_PORT_MIN);
	CHECK_INT(ntohl(address_of(second.fds[0]).sin_addr.s_addr), INADDR_LOOPBACK);
	run_publish_close(&first);
	run_publish_close(&second);
	run_publish_close(&second);
	CHECK_INT(second.fds[0], -1);
}

TEST(one_that_was_asked_for_is_that_one_or_none)
{
	const uint16_t port = free_port();
	struct run_published first = published_of(port, 3000), second = published_of(port, 3000);
	struct error err = ERROR_INIT;

	CHECK_INT(run_publish_open(&first, &err), 0);
	CHECK_INT(first.port, port);
	CHECK_INT(run_publish_open(&second, &err), -EADDRINUSE);
	CHECK(strstr(err.text, "--publish") && err.hint[0]);
	CHECK_INT(second.fds[0], -1);
	CHECK_INT(second.fds[1], -1);
	run_publish_close(&first);
}

TEST_MAIN()
