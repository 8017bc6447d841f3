// SPDX-License-Identifier: Apache-2.0
/*
 * net_load.c - asks a proxy for the same thing again and again, and says how long each took
 *
 *	net_load get|tunnel|pull|idle|events PROXY HOST:PORT COUNT SECONDS [FIELD]
 *
 *	get	COUNT connections that stay open, a request in absolute form on each, the next when the answer is there
 *	tunnel	COUNT at a time: connect, CONNECT, a request, its answer, close; one of them is that whole way
 *	pull	COUNT tunnels through which bytes come for as long as it lasts
 *	idle	COUNT tunnels, one after another, over which nothing goes; READY is printed, and then it waits
 *		for the end of its input; SECONDS is how long opening them may take
 *	events	COUNT streams of server-sent events, one a second; one of them is the time since it was sent
 *
 * PROXY is a port of 127.0.0.1. 0 stands for none: then HOST:PORT's port is connected to there, and what
 * would have been said to a proxy is left out. FIELD is one of HTTP's that the proxy wants to see, such as a
 * password. The same program asks everybody, so what it costs falls on
 * all. It prints one line of JSON: how many, how many failed, how often a connection that was to stay open
 * had to be made anew (which is part of the next request's time), seconds, bytes, p50 and p99 in
 * microseconds, and a histogram of all, four steps for each doubling, each as [microseconds at least, how
 * many].
 */
#include "base/macro.h"
#include "base/str.h"
#include "base/time.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	COUNT_MAX = 4096,
	SECONDS_MAX = 3600,
	ROOM_BYTES = 1 << 18,
	WORD_SIZE = 2048,
	HEAD_SIZE = 4096,
	ROUND_COUNT = 64,
	SAMPLES_MAX = 1 << 22,
	FAILURES_MAX = 1000,		/* without anything that works: it never will */
	BUCKETS_COUNT = 128,
	ANSWER_BYTES = 64,
};

enum mode {
	MODE_GET,
	MODE_TUNNEL,
	MODE_PULL,
	MODE_IDLE,
	MODE_EVENTS,
	MODE_COUNT,
};

enum phase {
	PHASE_CONNECT,			/* what the proxy says to CONNECT */
	PHASE_HEAD,			/* of an answer */
	PHASE_BODY,
	PHASE_IDLE,
};

struct connection {
	int fd;
	enum phase phase;
	bool has_asked, is_closing;	/* closing: this answer is its last */
	uint64_t answers;
	uint64_t begun_ns, left_bytes;
	char head[HEAD_SIZE];
	size_t head_len;
};

struct load {
	enum mode mode;
	uint16_t proxy, port;
	const char *host;		/* with its port */
	const char *field;		/* for the proxy; "": none */
	size_t count, idle_count;
	uint64_t seconds, end_ns;
	int epfd;
	struct connection *connections;
	char request[WORD_SIZE], connect[WORD_SIZE];
	uint64_t *samples;		/* ns */
	size_t sample_count;
	uint64_t done, failed, reopened, bytes;
};

static const char *const mode_names[MODE_COUNT] = { "get", "tunnel", "pull", "idle", "events" };
static char room[ROOM_BYTES + 1];

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "net_load: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void sample(struct load *load, uint64_t ns)
{
	load->done++;
	if (load->sample_count < SAMPLES_MAX)
		load->samples[load->sample_count++] = ns;
}

/* ---- one connection ---- */

static void say(struct connection *connection, const char *text)
{
	/* A socket that is new, or was just read empty, takes a few hundred bytes. */
	(void)send(connection->fd, text, strlen(text), MSG_NOSIGNAL);
	connection->head_len = 0;
}

static void ask(struct load *load, struct connection *connection)
{
	connection->phase = load->mode == MODE_IDLE ? PHASE_IDLE : PHASE_HEAD;
	if (load->mode == MODE_GET && connection->answers)
		connection->begun_ns = now_ns(CLOCK_MONOTONIC);
	if (load->mode == MODE_IDLE)
		load->idle_count++;
	else
		say(connection, load->request);
}

static void open_one(struct load *load, struct connection *connection)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(load->proxy ? load->proxy : load->port) };
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = connection };
	const int one = 1;

	*connection = (struct connection){ .begun_ns = now_ns(CLOCK_MONOTONIC) };
	connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (connection->fd < 0 ||
			setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0 ||
			(connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) < 0 &&
				errno != EINPROGRESS) ||
			epoll_ctl(load->epfd, EPOLL_CTL_ADD, connection->fd, &event) < 0)
		die("connecting");
}

/* Tunnels that are to be idle come one after another: nobody's queue of connections is what is measured. */
static void again(struct load *load, struct connection *connection, bool has_failed)
{
	close(connection->fd);
	if (has_failed && ++load->failed >= FAILURES_MAX && !load->done) {
		errno = EPROTO;
		die("nothing but failures");
	}
	open_one(load, connection);
}

/* Kept open it was to be, and its proxy does not: the next request begins with a connection. */
static void reopen(struct load *load, struct connection *connection)
{
	load->reopened++;
	close(connection->fd);
	open_one(load, connection);
}

static void connected(struct load *load, struct connection *connection)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = connection };

	connection->has_asked = true;
	if (epoll_ctl(load->epfd, EPOLL_CTL_MOD, connection->fd, &event) < 0)
		die("epoll");
	if (load->proxy && load->mode != MODE_GET && load->mode != MODE_EVENTS)
		say(connection, load->connect);
	else
		ask(load, connection);
}

/* Return: what comes behind the head, or NULL: it is not there yet, or @connection began anew */
static char *take_head(struct load *load, struct connection *connection, char *data, size_t *len)
{
	size_t part = MIN(*len, HEAD_SIZE - connection->head_len);
	char *end;

	memcpy(connection->head + connection->head_len, data, part);
	connection->head_len += part;
	end = memmem(connection->head, connection->head_len, "\r\n\r\n", 4);
	if (!end && connection->head_len < HEAD_SIZE)
		return NULL;
	if (!end || connection->head_len < 12 || memcmp(connection->head + 8, " 200", 4)) {
		again(load, connection, true);
		return NULL;
	}
	*end = '\0';
	connection->is_closing = strcasestr(connection->head, "\r\nConnection: close");
	part -= connection->head_len - (size_t)(end + 4 - connection->head);
	*len -= part;
	return data + part;
}

static void count_events(struct load *load, const char *data, size_t len)
{
	uint64_t now = now_ns(CLOCK_REALTIME), sent;
	const char *at;

	/* Each is written at once and read at once; one that came in two parts is none of them. */
	while ((at = memmem(data, len, "data: ", 6))) {
		const char *end = memchr(at, '\n', len - (size_t)(at - data));

		if (!end)
			return;
		if (str_to_u64((struct str){ .data = at + 6, .len = (size_t)(end - at) - 6 }, UINT64_MAX,
				&sent) >= 0)
			sample(load, now > sent ? now - sent : 0);
		len -= (size_t)(end - data);
		data = end;
	}
}

static void body_came(struct load *load, struct connection *connection, const char *data, size_t len)
{
	load->bytes += len;
	if (load->mode == MODE_EVENTS)
		count_events(load, data, len);
	if (load->mode == MODE_EVENTS || load->mode == MODE_PULL)
		return;
	connection->left_bytes -= MIN(connection->left_bytes, (uint64_t)len);
	if (connection->left_bytes)
		return;
	sample(load, now_ns(CLOCK_MONOTONIC) - connection->begun_ns);
	connection->answers++;
	if (load->mode != MODE_GET)
		again(load, connection, false);
	else if (connection->is_closing)
		reopen(load, connection);
	else
		ask(load, connection);
}

static void came(struct load *load, struct connection *connection)
{
	ssize_t n = read(connection->fd, room, ROOM_BYTES);
	size_t len = (size_t)n;
	char *data = room;

	if (n <= 0) {
		if (n && errno == EAGAIN)
			return;
		if (connection->answers && connection->phase == PHASE_HEAD && !connection->head_len)
			reopen(load, connection);
		else
			again(load, connection, true);
		return;
	}
	if (connection->phase == PHASE_CONNECT) {
		if (take_head(load, connection, data, &len))
			ask(load, connection);
		return;
	}
	if (connection->phase == PHASE_HEAD) {
		data = take_head(load, connection, data, &len);
		if (!data)
			return;
		connection->phase = PHASE_BODY;
		connection->left_bytes = ANSWER_BYTES;
	}
	if (len)
		body_came(load, connection, data, len);
}

static void serve(struct load *load, struct connection *connection, uint32_t events)
{
	if (connection->has_asked)
		came(load, connection);
	else if (events & (EPOLLERR | EPOLLHUP))
		again(load, connection, true);
	else
		connected(load, connection);
}

/* ---- all of them ---- */

static void wait_for_some(struct load *load)
{
	struct epoll_event events[ROUND_COUNT];
	int count = epoll_wait(load->epfd, events, ROUND_COUNT, 100);

	for (int i = 0; i < count; i++)
		serve(load, events[i].data.ptr, events[i].events);
}

static void be_idle(struct load *load)
{
	for (size_t i = 0; i < load->count && now_ns(CLOCK_MONOTONIC) < load->end_ns; i++) {
		open_one(load, &load->connections[i]);
		while (load->idle_count <= i && now_ns(CLOCK_MONOTONIC) < load->end_ns)
			wait_for_some(load);
	}
	if (load->idle_count < load->count) {
		errno = ETIMEDOUT;
		die("opening tunnels");
	}
	printf("READY\n");
	(void)fflush(stdout);
	while (read(STDIN_FILENO, room, ROOM_BYTES) > 0)
		;
	load->end_ns = 0;
}

static void run(struct load *load)
{
	uint64_t start_ns = now_ns(CLOCK_MONOTONIC);

	load->end_ns = start_ns + load->seconds * NS_PER_SEC;
	if (load->mode == MODE_IDLE)
		be_idle(load);
	else
		for (size_t i = 0; i < load->count; i++)
			open_one(load, &load->connections[i]);
	while (now_ns(CLOCK_MONOTONIC) < load->end_ns)
		wait_for_some(load);
	load->seconds = now_ns(CLOCK_MONOTONIC) - start_ns;
}

/* ---- what is said of it ---- */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static double percentile_us(const struct load *load, size_t hundredths)
{
	return load->sample_count ? (double)load->samples[(load->sample_count - 1) * hundredths / 100] / 1e3 :
		0;
}

/* Four steps for each doubling: the two bits behind the first one. */
static size_t bucket_of(uint64_t us)
{
	unsigned first;

	if (us < 4)
		return us;
	first = 63 - (unsigned)__builtin_clzll(us);
	return MIN((size_t)(first - 1) * 4 + (us >> (first - 2) & 3), (size_t)BUCKETS_COUNT - 1);
}

static uint64_t bucket_us(size_t bucket)
{
	return bucket < 4 ? bucket : (4 + bucket % 4) << (bucket / 4 - 1);
}

static void report(struct load *load)
{
	size_t buckets[BUCKETS_COUNT] = { 0 };
	const char *comma = "";

	qsort(load->samples, load->sample_count, sizeof(*load->samples), by_value);
	for (size_t i = 0; i < load->sample_count; i++)
		buckets[bucket_of(load->samples[i] / 1000)]++;
	printf("{\"count\":%llu,\"failed\":%llu,\"reopened\":%llu,\"seconds\":%.6f,\"bytes\":%llu,\"p50_us\":%.1f,\"p99_us\":%.1f,"
		"\"histogram\":[",
		(unsigned long long)load->done, (unsigned long long)load->failed,
		(unsigned long long)load->reopened, (double)load->seconds / 1e9,
		(unsigned long long)load->bytes, percentile_us(load, 50), percentile_us(load, 99));
	for (size_t i = 0; i < BUCKETS_COUNT; i++) {
		if (!buckets[i])
			continue;
		printf("%s[%llu,%zu]", comma, (unsigned long long)bucket_us(i), buckets[i]);
		comma = ",";
	}
	printf("]}\n");
}

static void write_words(struct load *load)
{
	const char *path = load->mode == MODE_EVENTS ? "/events/1000000" :
		load->mode == MODE_PULL ? "/bytes/1000000000000000" : "/bytes/64";
	bool is_absolute = load->proxy && (load->mode == MODE_GET || load->mode == MODE_EVENTS);

	const char *end = load->field[0] ? "\r\n" : "";

	(void)snprintf(load->connect, sizeof(load->connect), "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n",
		load->host, load->host, load->field, end);
	(void)snprintf(load->request, sizeof(load->request), "GET %s%s%s HTTP/1.1\r\nHost: %s\r\n%s%s\r\n",
		is_absolute ? "http://" : "", is_absolute ? load->host : "", path, load->host,
		is_absolute ? load->field : "", is_absolute ? end : "");
}

static bool read_words(struct load *load, char **argv)
{
	const char *colon = strrchr(argv[3], ':');
	uint64_t proxy, port, count;

	while (load->mode < MODE_COUNT && strcmp(mode_names[load->mode], argv[1]))
		load->mode++;
	if (load->mode == MODE_COUNT || !colon || strlen(argv[3]) > WORD_SIZE / 8 ||
			strlen(load->field) > WORD_SIZE / 2 ||
			str_to_u64(str_from(argv[2]), UINT16_MAX, &proxy) < 0 ||
			str_to_u64(str_from(colon + 1), UINT16_MAX, &port) < 0 ||
			str_to_u64(str_from(argv[4]), COUNT_MAX, &count) < 0 || !count ||
			str_to_u64(str_from(argv[5]), SECONDS_MAX, &load->seconds) < 0)
		return false;
	load->proxy = (uint16_t)proxy;
	load->port = (uint16_t)port;
	load->host = argv[3];
	load->count = count;
	return true;
}

int main(int argc, char **argv)
{
	struct load load = { .epfd = -1 };

	load.field = argc == 7 ? argv[6] : "";
	if ((argc != 6 && argc != 7) || !read_words(&load, argv)) {
		fprintf(stderr,
			"usage: net_load get|tunnel|pull|idle|events PROXY HOST:PORT COUNT SECONDS [FIELD]\n");
		return 2;
	}
	load.epfd = epoll_create1(EPOLL_CLOEXEC);
	load.connections = calloc(load.count, sizeof(*load.connections));
	load.samples = calloc(SAMPLES_MAX, sizeof(*load.samples));
	if (load.epfd < 0 || !load.connections || !load.samples)
		die("memory");
	write_words(&load);
	run(&load);
	report(&load);
	return load.done || load.bytes || load.mode == MODE_IDLE ? EXIT_SUCCESS : EXIT_FAILURE;
}
