// SPDX-License-Identifier: Apache-2.0
/*
 * gateway_world.c - a whole gateway in one process, in virtual time, with everybody that it speaks to
 *
 * What of the kernel's would leave the process is answered here: connecting, and what a socket's addresses
 * are. The rest is the kernel's own: pairs of sockets, pipes, epoll. The supervisor is in
 * gateway_world_supervisor.c.
 */
#include "lib/gateway_world_supervisor.h"

#include "base/fd.h"
#include "codec/http_write.h"
#include "kern/sock.h"
#include "roles/gateway/proxy.h"
#include "roles/gateway/sockaddr.h"
#include "roles/gateway/transparent.h"

#include <stdio.h>
#include <unistd.h>

enum {
	CLIENT_PORT = 40000,
	ROUNDS_MAX = 2000000,
};

struct world world;

/* ---- time ---- */

static int virtual_clock(UNUSED clockid_t clock, struct timespec *ret)
{
	*ret = (struct timespec){ (time_t)(world.now_ns / NS_PER_SEC), (long)(world.now_ns % NS_PER_SEC) };
	return 0;
}

/* Whatever is ready comes first; only when nothing is does the time go on, to the next timer. */
static int virtual_wait(int epfd, struct epoll_event *ret, int count, const struct timespec *timeout)
{
	const struct timespec now = { 0 };
	int n = kern_ops_real.epoll_pwait2(epfd, ret, count, &now);
	uint64_t left_ns = world.until_ns - world.now_ns;
	uint64_t wait_ns = timeout ?
		(uint64_t)timeout->tv_sec * NS_PER_SEC + (uint64_t)timeout->tv_nsec : UINT64_MAX;

	if (++world.rounds == ROUNDS_MAX)
		test_fail(__FILE__, __LINE__, "the loop turns without end");
	if (n)
		return n;
	if (wait_ns <= left_ns) {
		world.now_ns += wait_ns;
	} else if (left_ns) {
		world.now_ns = world.until_ns;
	} else {
		world.is_quiet = true;
		loop_stop(&world.gateway.loop, 0);
	}
	return 0;
}

void world_pass_ns(uint64_t ns)
{
	world.until_ns = world.now_ns + ns;
	world.rounds = 0;
	if (world.has_left)
		return;
	world.is_quiet = false;
	world.result = loop_run(&world.gateway.loop);
	world.has_left = !world.is_quiet;
}

void world_pass(uint64_t ms)
{
	world_pass_ns(ms * NS_PER_MS);
}

/* ---- sockets ---- */

static struct {
	int other;			/* of a pair that is about to be a server's; 0: none */
	struct net_address address;	/* that a client of it connected to */
	uint16_t port;
} sockets[WORLD_PARTIES_MAX * 4];

static struct party *add_party(struct party *parties, size_t *count, int fd, int gateway_fd)
{
	struct party *party = &parties[(*count)++];

	CHECK(*count <= WORLD_PARTIES_MAX);
	*party = (struct party){ .fd = fd, .gateway_fd = gateway_fd };
	return party;
}

static int make_pair(int ret[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret) < 0 ? -errno : 0;
}

static int world_socket(UNUSED int family, int type, UNUSED int protocol)
{
	int pair[2], r;

	if ((type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_DGRAM)
		return kern_ops_real.socket(AF_UNIX, type, 0);
	r = make_pair(pair);
	if (r < 0)
		return r;
	CHECK(pair[0] < (int)ARRAY_SIZE(sockets));
	sockets[pair[0]].other = pair[1];
	return pair[0];
}

/* A socket that takes nothing is one that is not connected yet, as far as anybody can see. */
static void fill_up(int fd)
{
	static const char bytes[65536];

	while (write(fd, bytes, sizeof(bytes)) > 0)
		;
	while (write(fd, bytes, 1) > 0)
		;
}

static int world_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	union sockaddr_any any = { 0 };
	struct net_address wanted;
	struct party *party;
	uint16_t port;

	memcpy(&any, address, MIN((size_t)len, sizeof(any)));
	CHECK(sockaddr_read(&any, &wanted, &port));
	if (!sockets[fd].other)
		return 0;
	if (world.hosts == WORLD_REFUSES) {
		fd_close(sockets[fd].other);
		sockets[fd].other = 0;
		return -ECONNREFUSED;
	}
	party = add_party(world.servers, &world.server_count, sockets[fd].other, fd);
	sockets[fd].other = 0;
	net_address_print(&wanted, party->wanted);
	if (world.hosts == WORLD_ACCEPTS)
		return 0;
	fill_up(fd);
	return -EINPROGRESS;
}

static int world_getsockname(int fd, struct sockaddr *ret, socklen_t *len)
{
	static const struct net_address nobody = { .len = NET_V4_BYTES, .bytes = { 192, 0, 2, 1 } };
	union sockaddr_any any;

	*len = sockaddr_fill(&any, sockets[fd].port ? &sockets[fd].address : &nobody, sockets[fd].port);
	memcpy(ret, &any, *len);
	return 0;
}

static void note_reset(struct party *parties, size_t count, int fd)
{
	for (size_t i = count; i > 0; i--)
		if (parties[i - 1].gateway_fd == fd) {
			parties[i - 1].is_reset = true;
			return;
		}
}

static int world_setsockopt(int fd, int level, int option, const void *value, socklen_t len)
{
	if (option == SO_LINGER && level == SOL_SOCKET) {
		note_reset(world.clients, world.client_count, fd);
		note_reset(world.servers, world.server_count, fd);
	}
	return kern_ops_real.setsockopt(fd, level, option, value, len);
}

/* The gateway waits for its supervisor to read, which is this process. */
static int world_ppoll(struct pollfd *fds, unsigned count, UNUSED const struct timespec *timeout)
{
	const struct timespec now = { 0 };

	channel_hear_rest(&world.supervisor);
	return kern_ops_real.ppoll(fds, count, &now);
}

/* ---- clients and servers ---- */

static struct party *connect_client(int *ret_fd, struct jail_diag_pair *ret_pair)
{
	int pair[2];
	struct party *party;

	CHECK_INT(make_pair(pair), 0);
	CHECK(pair[1] < (int)ARRAY_SIZE(sockets));
	sockets[pair[1]].other = sockets[pair[1]].port = 0;
	party = add_party(world.clients, &world.client_count, pair[0], pair[1]);
	*ret_fd = pair[1];
	*ret_pair = (struct jail_diag_pair){ .len = NET_V4_BYTES, .port = CLIENT_PORT };
	return party;
}

struct party *proxy_client(void)
{
	struct jail_diag_pair pair;
	int fd;
	struct party *party = connect_client(&fd, &pair);

	proxy_accept(&world.gateway, fd, &pair);
	return party;
}

struct party *direct_client(const char *address, uint16_t port)
{
	struct jail_diag_pair pair;
	int fd;
	struct party *party = connect_client(&fd, &pair);

	CHECK_INT(net_address_read(str_from(address), &sockets[fd].address), 0);
	sockets[fd].port = port;
	transparent_accept(&world.gateway, fd, &pair);
	return party;
}

struct party *server(size_t i)
{
	if (i >= world.server_count)
		test_fail(__FILE__, __LINE__, "nobody connected to server %zu", i);
	return &world.servers[i];
}

size_t say_bytes(struct party *party, const char *bytes, size_t len)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && n > 0) {
		n = write(party->fd, bytes + done, len - done);
		if (n > 0)
			done += (size_t)n;
	}
	return done;
}

void say(struct party *party, const char *text)
{
	CHECK_INT(say_bytes(party, text, strlen(text)), strlen(text));
}

size_t hear_bytes(struct party *party, char *ret, size_t count)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < count && n > 0) {
		n = read(party->fd, ret + done, count - done);
		if (n > 0)
			done += (size_t)n;
	}
	/* What was sent and not read is a reset to a pair of this family. */
	if (!n || (n < 0 && errno != EAGAIN))
		party->has_ended = true;
	return done;
}

const char *heard(struct party *party)
{
	static char text[1 << 20];
	size_t len = party->fd >= 0 ? hear_bytes(party, text, sizeof(text) - 1) : 0;

	text[len] = '\0';
	return text;
}

void shut(struct party *party)
{
	CHECK_INT(shutdown(party->fd, SHUT_WR), 0);
}

void leave(struct party *party)
{
	party->fd = fd_close(party->fd);
}

bool is_over(struct party *party)
{
	char byte;

	CHECK_INT(hear_bytes(party, &byte, 1), 0);
	return party->has_ended;
}

struct party *ask_tunnel(const char *target)
{
	struct party *party = proxy_client();
	char head[512];

	(void)snprintf(head, sizeof(head), "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", target, target);
	say(party, head);
	world_pass(0);
	return party;
}

struct party *open_tunnel(const char *target)
{
	struct party *party = ask_tunnel(target);

	CHECK_STR(str_from(heard(party)), HTTP_CONNECTED);
	return party;
}

/* ---- life ---- */

/* As the gateway does for itself; here it has everybody else's beside its own. */
static void raise_files(void)
{
	struct rlimit files;

	CHECK_INT(kern_prlimit(0, RLIMIT_NOFILE, NULL, &files), 0);
	files.rlim_cur = files.rlim_max;
	CHECK_INT(kern_prlimit(0, RLIMIT_NOFILE, &files, NULL), 0);
}

void world_begin(const struct world_rule *rules, const struct net_limits *limits)
{
	int pair[2];

	raise_files();
	memset(&world, 0, sizeof(world));
	world.gateway.arena = (struct arena)ARENA_INIT(GATEWAY_ARENA_BYTES);
	world.gateway.spare_fd = -1;
	world.story = (struct buf)BUF_INIT(WORLD_STORY_BYTES_MAX);
	world.began_ns = world.now_ns = 1000 * NS_PER_SEC;
	world.records = true;
	kern_ops.clock_gettime = virtual_clock;
	kern_ops.epoll_pwait2 = virtual_wait;
	kern_ops.socket = world_socket;
	kern_ops.connect = world_connect;
	kern_ops.getsockname = world_getsockname;
	kern_ops.setsockopt = world_setsockopt;
	kern_ops.ppoll = world_ppoll;
	gateway_init(&world.gateway);
	CHECK_INT(loop_init(&world.gateway.loop), 0);
	CHECK_INT(kern_sock_pair(pair), 0);
	CHECK_INT(gateway_serve(&world.gateway, pair[0]), 0);
	world_supervise(pair[1], rules, limits);
	world_pass(0);
	CHECK_TEXT(world_story(), "0.000 ready\n");
}

static void end_parties(struct party *parties, size_t count)
{
	for (size_t i = 0; i < count; i++)
		leave(&parties[i]);
}

void world_end(void)
{
	end_parties(world.clients, world.client_count);
	end_parties(world.servers, world.server_count);
	channel_fini(&world.supervisor);
	gateway_fini(&world.gateway);
	buf_fini(&world.story);
}
