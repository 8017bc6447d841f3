// SPDX-License-Identifier: Apache-2.0
/*
 * publication.c - a port of the sandbox that is offered on this machine's loopback
 */
#include "net/publication.h"

#include <stdio.h>

static const char *read_port(struct str text, uint16_t *ret)
{
	uint64_t port;

	if (str_to_u64(text, UINT16_MAX, &port) < 0 || !port)
		return "a port of the sandbox is wanted (3000), or one of this machine in front of it (8080:3000)";
	if (port < NET_PUBLICATION_PORT_MIN)
		return "ports below 1024 are not supported";
	*ret = (uint16_t)port;
	return NULL;
}

const char *net_publication_read(struct str text, struct net_publication *ret)
{
	struct net_publication publication = { 0 };
	struct str first, second;
	bool has_host = str_cut(text, ':', &first, &second);
	const char *why = read_port(has_host ? second : text, &publication.inner);

	if (!why && has_host)
		why = read_port(first, &publication.host);
	if (!why)
		*ret = publication;
	return why;
}

void net_publication_print(const struct net_publication *publication, char ret[NET_PUBLICATION_SIZE])
{
	if (publication->host)
		(void)snprintf(ret, NET_PUBLICATION_SIZE, "%u:%u", publication->host, publication->inner);
	else
		(void)snprintf(ret, NET_PUBLICATION_SIZE, "%u", publication->inner);
}
