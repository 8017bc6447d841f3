// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_tls_link.c - what holds whatever the proxy at the other end of a TLS link says
 *
 * The first byte chooses. Even: the rest is what the proxy says, in pieces. Odd: the proxy is a real one, and
 * what it says is changed on its way: pairs of bytes, how far on and what is put over it (0: nothing more
 * comes).
 *
 *   - the flow hears once at most how the handshake went, and that it went well only of the real one
 *   - nothing comes out for the flow before that, and then only what the proxy wrote, from its beginning on
 *   - nothing that the flow says leaves before that
 *   - no descriptor is left
 */
#include "base/fd.h"
#include "lib/tls_far.h"
#include "roles/gateway/tls_link.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	TURNS = 24,
	PIECE_BYTES = 512,
	WIRE_BYTES = 16384,
};

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
static const char password[] = "Proxy-Authorization: Basic c2VjcmV0";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct tls_far proxy;
static struct loop loop;
static struct tls_links *links;

struct scene {
	const uint8_t *data;		/* what is left of the input */
	size_t size;
	uint64_t until;			/* bytes that go before the next one is changed */
	bool is_real, is_cut;
	int calls, told;
	int far_fd, flow_fd;
	SSL *ssl;
	BIO *in, *out;			/* of the real one */
	size_t heard;			/* by the flow */
};

static void take(void *owner, int error)
{
	struct scene *scene = owner;

	scene->told = error;
	scene->calls++;
	assert(scene->calls == 1 || error < 0);
	assert(error <= 0 && (error < 0 || scene->is_real));
}

static void begin_once(void)
{
	static const struct tls_far_names names = { .alternative = "DNS:proxy.example" };

	if (links)
		return;
	assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	tls_far_init(&proxy, &names);
	assert(loop_init(&loop) == 0);
	assert(tls_links_new(&loop, str_from(proxy.pem), "proxy.example", false, &links) == 0);
}

/* Changes what the real one said, as the input has it. Return: how much of it goes */
static size_t change(struct scene *scene, unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (scene->until) {
			scene->until--;
			continue;
		}
		if (scene->size < 2)
			return len;
		if (!scene->data[1]) {
			scene->is_cut = true;
			return i;
		}
		bytes[i] ^= scene->data[1];
		scene->data += 2;
		scene->size -= 2;
		scene->until = scene->size ? (uint64_t)scene->data[0] * 4 : 0;
	}
	return len;
}

static void speak_truly(struct scene *scene)
{
	unsigned char bytes[WIRE_BYTES];
	ssize_t n = read(scene->far_fd, bytes, sizeof(bytes));
	int len;

	if (n > 0)
		(void)BIO_write(scene->in, bytes, (int)n);
	if (SSL_do_handshake(scene->ssl) == 1)
		(void)SSL_write(scene->ssl, answer, sizeof(answer) - 1);
	len = BIO_read(scene->out, bytes, sizeof(bytes));
	if (len <= 0 || scene->is_cut)
		return;
	(void)!write(scene->far_fd, bytes, change(scene, bytes, (size_t)len));
	if (scene->is_cut)
		(void)shutdown(scene->far_fd, SHUT_WR);
}

/* What was heard of us may be no password: nothing was encrypted yet. */
static void speak_anything(struct scene *scene)
{
	char bytes[WIRE_BYTES];
	ssize_t n = read(scene->far_fd, bytes, sizeof(bytes));
	size_t len = MIN(scene->size, (size_t)PIECE_BYTES);

	assert(n <= 0 || !memmem(bytes, (size_t)n, password, sizeof(password) - 1));
	if (len && write(scene->far_fd, scene->data, len) == (ssize_t)len) {
		scene->data += len;
		scene->size -= len;
	}
	if (!scene->size)
		(void)shutdown(scene->far_fd, SHUT_WR);
}

static void hear(struct scene *scene)
{
	char bytes[WIRE_BYTES];
	ssize_t n = read(scene->flow_fd, bytes, sizeof(bytes));

	if (n <= 0)
		return;
	assert(scene->calls && !scene->told);
	for (ssize_t i = 0; i < n; i++)
		assert(bytes[i] == answer[scene->heard++ % (sizeof(answer) - 1)]);
}

static void begin(struct scene *scene, struct tls_link **ret)
{
	int pair[2];

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
	scene->far_fd = pair[0];
	assert(tls_link_new(links, pair[1], take, scene, &scene->flow_fd, ret) == 0);
	assert(write(scene->flow_fd, password, sizeof(password) - 1) == sizeof(password) - 1);
	if (!scene->is_real)
		return;
	scene->ssl = SSL_new(proxy.context);
	scene->in = BIO_new(BIO_s_mem());
	scene->out = BIO_new(BIO_s_mem());
	assert(scene->ssl && scene->in && scene->out);
	SSL_set_bio(scene->ssl, scene->in, scene->out);
	SSL_set_accept_state(scene->ssl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene scene = {
		.data = data + 1, .size = size - 1, .is_real = size && data[0] & 1,
	};
	struct tls_link *link;

	if (!size)
		return 0;
	begin_once();
	if (scene.is_real && scene.size)
		scene.until = (uint64_t)scene.data[0] * 4;
	begin(&scene, &link);
	for (int i = 0; i < TURNS; i++) {
		if (scene.is_real)
			speak_truly(&scene);
		else
			speak_anything(&scene);
		tls_far_turn(&loop);
		hear(&scene);
	}
	assert(scene.is_real || scene.calls == 1);
	if (data[0] & 2)
		tls_link_leave(link);
	else
		tls_link_free(link);
	fd_close(scene.flow_fd);
	fd_close(scene.far_fd);
	for (int i = 0; i < TURNS && tls_links_are_sending(links); i++)
		tls_far_turn(&loop);
	SSL_free(scene.ssl);
	return 0;
}
