// SPDX-License-Identifier: Apache-2.0
/*
 * tcp.c - connections that stay on this machine, and go as fast as they are taken
 */
#include "kern/tcp.h"

#include "kern/kern.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

void kern_tcp_hurry(int fd)
{
	static const char reno[] = "reno";

	(void)kern_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, reno, sizeof(reno) - 1);
}
