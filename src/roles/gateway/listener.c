// SPDX-License-Identifier: Apache-2.0
/*
 * listener.c - connections that come, and what each is about to be
 */
#include "base/fd.h"
#include "roles/gateway/judge.h"
#include "roles/gateway/proxy.h"
#include "roles/gateway/sockaddr.h"
#include "roles/gateway/stream.h"
#include "roles/gateway/transparent.h"

#include <errno.h>
#include <fcntl.h>

enum {
	ACCEPTED_AT_ONCE = 64,
};

static void serve(const struct listener *listener, int fd)
{
	struct jail_diag_pair client;
	int r = sockaddr_pair(fd, &client);

	stream_hurry(fd);
	if (r >= 0 && listener->gateway->client_count >= GATEWAY_CLIENTS_MAX)
		r = -EUSERS;
	/* Who has left is refused nothing. */
	if (r < 0 && r != -ENOTCONN)
		judge_refuse_unserved(listener->gateway, &client, r);
	if (r < 0)
		fd_close(fd);
	else if (listener->kind == JAIL_SOCKET_TRANSPARENT)
		transparent_accept(listener->gateway, fd, &client);
	else
		proxy_accept(listener->gateway, fd, &client);
}

/*
 * Out of descriptors, a connection stays in the queue, and the loop would come back for it at once and for
 * ever. So it is taken with the one that is kept for this, and closed.
 */
bool gateway_turn_away(struct gateway *gateway, int listening_fd)
{
	int fd;

	gateway->spare_fd = fd_close(gateway->spare_fd);
	fd = kern_accept4(listening_fd, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0)
		fd_close(fd);
	gateway->spare_fd = kern_fcntl(GATEWAY_FD_CHANNEL, F_DUPFD_CLOEXEC, 0);
	return fd >= 0;
}

/* A connection that was given up is none (ECONNABORTED). */
static void accept_some(struct loop_io *io, UNUSED uint32_t events)
{
	static const struct jail_diag_pair nobody;
	struct listener *listener = CONTAINER_OF(io, struct listener, io);

	for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
		int fd = kern_accept4(listener->fd, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd == -ECONNABORTED || fd == -EINTR)
			continue;
		if ((fd == -EMFILE || fd == -ENFILE) && gateway_turn_away(listener->gateway, listener->fd))
			judge_refuse_unserved(listener->gateway, &nobody, fd);
		if (fd < 0)
			return;
		serve(listener, fd);
	}
}

int listener_start(struct gateway *gateway, struct listener *listener, enum jail_socket kind, int fd)
{
	if (kind == JAIL_SOCKET_DNS_UDP || kind == JAIL_SOCKET_DNS_TCP)
		return dns_server_add_socket(&gateway->dns, fd, kind == JAIL_SOCKET_DNS_TCP);
	*listener = (struct listener){ .gateway = gateway, .kind = kind, .fd = fd };
	return loop_add_io(&gateway->loop, &listener->io, fd, EPOLLIN, accept_some);
}

void listener_fini(struct listener *listener)
{
	if (!listener->gateway)
		return;
	loop_remove_io(&listener->io);
	listener->fd = fd_close(listener->fd);
}
