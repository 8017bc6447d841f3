// SPDX-License-Identifier: Apache-2.0
/*
 * sockaddr.c - addresses as the kernel has them
 */
#include "roles/gateway/sockaddr.h"

#include "kern/kern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

socklen_t sockaddr_fill(union sockaddr_any *ret, const struct net_address *address, uint16_t port)
{
	*ret = (union sockaddr_any){ 0 };
	if (address->len == NET_V4_BYTES) {
		ret->v4.sin_family = AF_INET;
		ret->v4.sin_port = htons(port);
		memcpy(&ret->v4.sin_addr, address->bytes, NET_V4_BYTES);
		return sizeof(ret->v4);
	}
	ret->v6.sin6_family = AF_INET6;
	ret->v6.sin6_port = htons(port);
	memcpy(&ret->v6.sin6_addr, address->bytes, NET_V6_BYTES);
	return sizeof(ret->v6);
}

bool sockaddr_read(const union sockaddr_any *from, struct net_address *ret, uint16_t *ret_port)
{
	*ret = (struct net_address){ 0 };
	if (from->any.sa_family == AF_INET) {
		ret->len = NET_V4_BYTES;
		memcpy(ret->bytes, &from->v4.sin_addr, NET_V4_BYTES);
		*ret_port = ntohs(from->v4.sin_port);
		return true;
	}
	if (from->any.sa_family != AF_INET6)
		return false;
	ret->len = NET_V6_BYTES;
	memcpy(ret->bytes, &from->v6.sin6_addr, NET_V6_BYTES);
	*ret_port = ntohs(from->v6.sin6_port);
	return true;
}

static bool pair(const union sockaddr_any *here, const union sockaddr_any *there, bool is_udp,
	struct jail_diag_pair *ret)
{
	struct net_address server, client;
	uint16_t server_port, port;

	*ret = (struct jail_diag_pair){ 0 };
	if (!sockaddr_read(here, &server, &server_port) || !sockaddr_read(there, &client, &port) ||
			server.len != client.len)
		return false;
	*ret = (struct jail_diag_pair){
		.is_udp = is_udp, .len = (uint8_t)client.len, .port = port, .server_port = server_port,
	};
	memcpy(ret->address, client.bytes, client.len);
	memcpy(ret->server, server.bytes, server.len);
	return true;
}

bool sockaddr_here(int fd, union sockaddr_any *ret)
{
	socklen_t len = sizeof(*ret);

	*ret = (union sockaddr_any){ 0 };
	return kern_getsockname(fd, &ret->any, &len) >= 0;
}

int sockaddr_pair(int fd, struct jail_diag_pair *ret)
{
	union sockaddr_any here = { 0 }, there = { 0 };
	socklen_t here_len = sizeof(here), there_len = sizeof(there);
	int r = kern_getsockname(fd, &here.any, &here_len);

	*ret = (struct jail_diag_pair){ 0 };
	if (r >= 0)
		r = kern_getpeername(fd, &there.any, &there_len);
	if (r < 0)
		return r;
	return pair(&here, &there, false, ret) ? 0 : -EAFNOSUPPORT;
}

bool sockaddr_pair_of(const union sockaddr_any *here, const union sockaddr_any *from,
	struct jail_diag_pair *ret)
{
	return pair(here, from, true, ret);
}
