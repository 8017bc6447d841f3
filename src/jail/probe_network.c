// SPDX-License-Identifier: Apache-2.0
/*
 * probe_network.c - the attempts that need a network namespace: what leads connections to the gateway, and
 * what says whose they are
 *
 * Both are done as init does them (network.h) and as the supervisor asks (diag.h); sessions without a network
 * need neither.
 */
#include "base/fd.h"
#include "jail/diag.h"
#include "jail/lockdown.h"
#include "jail/network.h"
#include "jail/probe_internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

int probe_try_tproxy(UNUSED const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	int fds[JAIL_SOCKETS_MAX], r = jail_lockdown_network(err);
	size_t count;

	if (r >= 0)
		r = jail_network_open(true, fds, &count, err);
	for (size_t i = 0; r >= 0 && i < count; i++)
		fd_close(fds[i]);
	return r;
}

/* A connection of this process to itself. Return: 0 or negative errno */
static int connect_to_self(int listener, int client, struct jail_diag_pair *ret)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
		own;
	socklen_t len = sizeof(address), own_len = sizeof(own);
	int r = kern_bind(listener, (const struct sockaddr *)&address, sizeof(address));

	if (r >= 0)
		r = kern_listen(listener, 1);
	if (r >= 0)
		r = kern_getsockname(listener, (struct sockaddr *)&address, &len);
	if (r >= 0)
		r = kern_connect(client, (const struct sockaddr *)&address, sizeof(address));
	if (r >= 0)
		r = kern_getsockname(client, (struct sockaddr *)&own, &own_len);
	if (r < 0)
		return r;
	*ret = (struct jail_diag_pair){ .len = sizeof(address.sin_addr), .port = ntohs(own.sin_port),
		.server_port = ntohs(address.sin_port) };
	memcpy(ret->address, &own.sin_addr, sizeof(own.sin_addr));
	memcpy(ret->server, &address.sin_addr, sizeof(address.sin_addr));
	return 0;
}

int probe_try_diag(UNUSED const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	scoped(fd) int listener = -1, client = -1, diag = -1;
	struct jail_diag_pair pair;
	uint64_t inode;
	struct stat st;
	int r = jail_lockdown_network(err);

	if (r < 0)
		return r;
	listener = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	client = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	r = listener < 0 ? listener : client < 0 ? client : connect_to_self(listener, client, &pair);
	if (r < 0)
		return error_sys(err, r, "a connection within a network of its own");
	diag = jail_diag_open();
	r = diag < 0 ? diag : jail_diag_find(diag, 1, &pair, &inode);
	if (r < 0)
		return error_sys(err, r, "asking the kernel whose a connection is");
	r = kern_fstat(client, &st);
	if (r < 0)
		return error_sys(err, r, "looking at a socket");
	return st.st_ino == inode ? 0 :
		error_set(err, -EPROTO, "the kernel names another socket than the one that it is");
}
