// SPDX-License-Identifier: Apache-2.0
/*
 * tcp.c - connections that stay on this machine, and go as fast as they are taken; and none has urgent data
 */
#include "kern/tcp.h"

#include "base/macro.h"
#include "kern/kern.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

enum {
	FLAGS_AT = 13,			/* bytes of TCP's header in front of them */
	URGENT = 0x20,
};

void kern_tcp_hurry(int fd)
{
	static const char reno[] = "reno";

	(void)kern_setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, reno, sizeof(reno) - 1);
}

int kern_tcp_refuse_urgent(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, FLAGS_AT),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, URGENT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	return kern_setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}
