// SPDX-License-Identifier: Apache-2.0
/*
 * publish.c - the sockets of this machine's loopback that a session's published ports are reached at
 */
#include "run/publish.h"

#include "base/fd.h"
#include "jail/network.h"
#include "kern/kern.h"
#include "kern/tcp.h"

#include <errno.h>
#include <netinet/in.h>

enum {
	BACKLOG = 128,
	/* of ports that the kernel picks: one may be free for 127.0.0.1 alone */
	TRIES = 8,
};

/* ---- what is wanted ---- */

/* Who reached the sandbox's own way out from here would be taken for the agent. */
static bool is_the_gateways(uint16_t port)
{
	return port == JAIL_PORT_PROXY || port == JAIL_PORT_TRANSPARENT;
}

static int check(const struct run_published *published, struct error *err)
{
	if (!is_the_gateways(published->wanted.inner))
		return 0;
	error_set(err, -EINVAL, "network.publish: %u (%s) is a port of the gateway's own in the sandbox",
		published->wanted.inner, published->where);
	error_hint(err, "Have the program listen at another one.");
	return -EINVAL;
}

int run_publications(struct arena *arena, const struct config *config,
	struct run_published ret[RUN_PUBLISH_MAX], size_t *ret_count, struct error *err)
{
	const struct config_list *list = &config->values[CONFIG_KEY_NETWORK_PUBLISH].list;
	int r = 0;

	*ret_count = 0;
	if (list->count > RUN_PUBLISH_MAX)
		return error_set(err, -EINVAL, "network.publish: %zu ports are more than the %d there may be",
			list->count, (int)RUN_PUBLISH_MAX);
	if (list->count && config->settings.isolation.level == CONFIG_LEVEL_LANDLOCK) {
		error_set(err, -EINVAL, "network.publish: at the level landlock no port can be published");
		error_hint(err,
			"There the program has the machine's own network and may use none of it. Leave network.publish empty, or use the level namespaces.");
		return -EINVAL;
	}
	for (size_t i = 0; i < list->count && r >= 0; i++) {
		struct run_published *published = &ret[(*ret_count)++];

		*published = (struct run_published){ .fds = { -1, -1 },
			.where = config_origin_text(arena, &list->items[i].origin) };
		if (!published->where ||
				net_publication_read(str_from(list->items[i].text), &published->wanted))
			return error_set(err, -EINVAL, "network.publish cannot be read");
		r = check(published, err);
	}
	return r;
}

/* ---- sockets ---- */

static int listen_at(int family, uint16_t port)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	scoped(fd) int fd = kern_socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;
	int r = fd;

	/* What an earlier session's connections left behind is in nobody's way; who listens is. */
	if (r >= 0)
		r = kern_setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (r >= 0)
		r = family == AF_INET ? kern_bind(fd, (const struct sockaddr *)&v4, sizeof(v4)) :
					kern_bind(fd, (const struct sockaddr *)&v6, sizeof(v6));
	if (r >= 0) {
		kern_tcp_hurry(fd);
		(void)kern_tcp_refuse_urgent(fd);
		r = kern_listen(fd, BACKLOG);
	}
	return r < 0 ? r : TAKE_FD(fd);
}

static int port_of(int fd, uint16_t *ret)
{
	struct sockaddr_in address = { 0 };
	socklen_t len = sizeof(address);
	int r = kern_getsockname(fd, (struct sockaddr *)&address, &len);

	*ret = ntohs(address.sin_port);
	return r;
}

void run_publish_close(struct run_published *published)
{
	for (size_t i = 0; i < RUN_PUBLISH_FAMILIES; i++)
		published->fds[i] = fd_close(published->fds[i]);
}

/*
 * At @port, or at any for 0. Where it is somebody else's at ::1, "localhost" may lead there: @alone says
 * that 127.0.0.1 is enough.
 */
static int open_at(struct run_published *published, uint16_t port, bool alone)
{
	int r = published->fds[0] = listen_at(AF_INET, port);

	if (r >= 0)
		r = port_of(published->fds[0], &published->port);
	if (r >= 0)
		r = published->fds[1] = listen_at(AF_INET6, published->port);
	if (published->fds[0] >= 0 && r < 0 && (alone || r != -EADDRINUSE)) {
		published->fds[1] = -1;
		r = 0;
	}
	if (r < 0)
		run_publish_close(published);
	return r;
}

int run_publish_open(struct run_published *published, struct error *err)
{
	uint16_t host = published->wanted.host;
	int r = open_at(published, host ? host : published->wanted.inner, host);

	for (int i = 0; i < TRIES && r == -EADDRINUSE && !host; i++)
		r = open_at(published, 0, i == TRIES - 1);
	if (r >= 0)
		return 0;
	error_sys(err, r, "network.publish: port %u of this machine (%s)",
		host ? host : published->wanted.inner, published->where);
	if (r == -EADDRINUSE)
		error_hint(err, "Somebody listens there. Write \"%u\" alone, and a free port is picked.",
			published->wanted.inner);
	return r;
}
