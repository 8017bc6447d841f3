// SPDX-License-Identifier: Apache-2.0
/*
 * link.c - one connection: a handshake, then bytes in both directions
 *
 *	the network ◄── SSL ──► link ◄── socket pair ──► `cordon control`
 *
 * At most one piece of 16 KiB waits in either direction; while it does, nothing more of that side is read, so
 * who is slow slows the other side down and nothing grows. A record of TLS is no longer than a piece, so none
 * is left behind in OpenSSL where the loop would not see it.
 *
 * The end comes from the inside: `cordon control` closes its socket, and what it said before is delivered. A
 * client that is still sending then, such as a body that is too long, would lose the answer if the connection
 * ended at once (RFC 9112, 9.6), so for a moment it is heard and not listened to.
 */
#include "roles/tls/openssl.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/sock.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
	PIECE_BYTES = 16384,		/* of a record of TLS, RFC 8446, 5.1 */
	TURNS_AT_ONCE = 16,		/* then others are looked at */
};

struct endpoint {
	SSL_CTX *context;
	X509 *reader, *operator_;	/* owned */
};

struct piece {
	size_t at, len;
	bool is_last;			/* its side says no more */
	char data[PIECE_BYTES];
};

struct link {
	struct tls *tls;
	struct list node;
	SSL *ssl;
	struct loop_io net, inner;
	int net_fd, inner_fd;		/* owned */
	struct loop_timer deadline;	/* of the handshake; then of a piece that nobody takes */
	bool is_shaken, wants_write, waits;
	bool lingers;			/* all is said; what the client still says is not heard */
	struct piece in, out;
};

/* ---- the endpoint ---- */

static int refused(struct error *err)
{
	return error_set(err, -EIO, "OpenSSL makes no server of TLS 1.3");
}

static bool set_up(SSL_CTX *context, const struct certificates *certificates)
{
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
			SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_verify_depth(context, 1);
	return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) &&
		SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) &&
		SSL_CTX_set_num_tickets(context, 0) && SSL_CTX_set_max_early_data(context, 0) &&
		X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificates->ca) &&
		SSL_CTX_add_client_CA(context, certificates->ca) &&
		SSL_CTX_use_certificate(context, certificates->server.certificate) == 1 &&
		SSL_CTX_use_PrivateKey(context, certificates->server.key) == 1 &&
		SSL_CTX_check_private_key(context) == 1;
}

int endpoint_new(const struct certificates *certificates, struct endpoint **ret, struct error *err)
{
	struct endpoint *endpoint = calloc(1, sizeof(*endpoint));

	if (!endpoint)
		abort();
	(void)OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	endpoint->context = SSL_CTX_new(TLS_server_method());
	endpoint->reader = X509_dup(certificates->reader.certificate);
	endpoint->operator_ = X509_dup(certificates->operator_.certificate);
	if (!endpoint->context || !endpoint->reader || !endpoint->operator_ ||
			!set_up(endpoint->context, certificates)) {
		endpoint_free(endpoint);
		return refused(err);
	}
	*ret = endpoint;
	return 0;
}

struct endpoint *endpoint_free(struct endpoint *endpoint)
{
	if (!endpoint)
		return NULL;
	SSL_CTX_free(endpoint->context);
	X509_free(endpoint->reader);
	X509_free(endpoint->operator_);
	free(endpoint);
	return NULL;
}

/* ---- the end of a link ---- */

static void link_free(struct link *link)
{
	loop_remove_timer(&link->deadline);
	loop_remove_io(&link->net);
	loop_remove_io(&link->inner);
	list_remove(&link->node);
	link->tls->link_count--;
	link->tls->handshake_count -= !link->is_shaken;
	SSL_free(link->ssl);
	fd_close(link->net_fd);
	fd_close(link->inner_fd);
	free(link);
}

void links_free(struct tls *tls)
{
	LIST_FOR_EACH(link, &tls->links, struct link, node)
		link_free(link);
}

static void is_late(struct loop_timer *timer)
{
	link_free(CONTAINER_OF(timer, struct link, deadline));
}

static void set_deadline(struct link *link, unsigned ms)
{
	loop_set_timer(&link->tls->loop, &link->deadline, link->tls->loop.now_ns + ms * NS_PER_MS, is_late);
}

/* ---- OpenSSL's answers ---- */

enum progress {
	ENDED = -1,
	WAITS,
	MOVED,
};

/* What a call that gave @r is to be followed by. */
static enum progress judge(struct link *link, int r)
{
	int error = r > 0 ? SSL_ERROR_NONE : SSL_get_error(link->ssl, r);

	ERR_clear_error();
	link->wants_write = error == SSL_ERROR_WANT_WRITE;
	return error == SSL_ERROR_NONE ? MOVED :
		error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? WAITS :
										ENDED;
}

/* ---- the handshake ---- */

static enum api_role role_of(const struct link *link)
{
	const struct endpoint *endpoint = link->tls->endpoint;
	X509 *certificate = SSL_get1_peer_certificate(link->ssl);
	enum api_role role = API_NOBODY;

	if (certificate && SSL_get_verify_result(link->ssl) == X509_V_OK)
		role = !X509_cmp(certificate, endpoint->operator_) ? API_OPERATOR :
			!X509_cmp(certificate, endpoint->reader) ? API_READER :
			API_NOBODY;
	X509_free(certificate);
	return role;
}

static int hand_over(struct link *link, enum api_role role)
{
	const struct api_told told = { .version = API_WIRE_VERSION, .kind = API_CLIENT, .role = role };
	int pair[2];
	int r = kern_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);

	if (r < 0)
		return r;
	link->inner_fd = pair[0];
	r = kern_sock_send(API_FD_SOCKET, &told, sizeof(told), &pair[1], 1);
	fd_close(pair[1]);
	return r;
}

static enum progress shake(struct link *link)
{
	enum progress progress = judge(link, SSL_accept(link->ssl));
	enum api_role role;

	if (progress != MOVED)
		return progress;
	role = role_of(link);
	if (role == API_NOBODY || hand_over(link, role) < 0)
		return ENDED;
	link->is_shaken = true;
	link->tls->handshake_count--;
	loop_remove_timer(&link->deadline);
	return MOVED;
}

/* ---- bytes ---- */

static enum progress read_net(struct link *link)
{
	enum progress progress;
	int n;

	if (link->in.len || link->in.is_last)
		return WAITS;
	n = SSL_read(link->ssl, link->in.data, sizeof(link->in.data));
	if (n <= 0 && SSL_get_error(link->ssl, n) == SSL_ERROR_ZERO_RETURN) {
		link->in.is_last = true;
		(void)kern_shutdown(link->inner_fd, SHUT_WR);
		return MOVED;
	}
	progress = judge(link, n);
	if (progress == MOVED) {
		link->in.at = 0;
		link->in.len = (size_t)n;
	}
	return progress;
}

static enum progress write_inner(struct link *link)
{
	struct piece *piece = &link->in;
	ssize_t n;

	if (!piece->len)
		return WAITS;
	n = kern_write(link->inner_fd, piece->data + piece->at, piece->len);
	/* Nobody listens any more; what is still to be said to the client is. */
	if (n == -EPIPE || n == -ECONNRESET)
		n = (ssize_t)piece->len;
	if (n < 0)
		return n == -EAGAIN ? WAITS : ENDED;
	piece->at += (size_t)n;
	piece->len -= (size_t)n;
	return MOVED;
}

static enum progress read_inner(struct link *link)
{
	ssize_t n;

	if (link->out.len || link->out.is_last)
		return WAITS;
	n = kern_read(link->inner_fd, link->out.data, sizeof(link->out.data));
	if (n == -EAGAIN)
		return WAITS;
	link->out.at = 0;
	link->out.len = n > 0 ? (size_t)n : 0;
	link->out.is_last = n <= 0;
	return MOVED;
}

static enum progress write_net(struct link *link)
{
	struct piece *piece = &link->out;
	enum progress progress;
	int n;

	if (!piece->len)
		return WAITS;
	n = SSL_write(link->ssl, piece->data + piece->at, (int)piece->len);
	progress = judge(link, n);
	if (progress == MOVED) {
		piece->at += (size_t)n;
		piece->len -= (size_t)n;
	}
	return progress;
}

/* ---- the loop ---- */

static void serve(struct link *link);

static void net_ready(struct loop_io *io, UNUSED uint32_t events)
{
	serve(CONTAINER_OF(io, struct link, net));
}

static void inner_ready(struct loop_io *io, UNUSED uint32_t events)
{
	serve(CONTAINER_OF(io, struct link, inner));
}

/* A source that is asked for nothing would still say that its peer is gone, again and again. */
static int watch(struct link *link, struct loop_io *io, int fd, uint32_t events, loop_io_fn *fn)
{
	if (!events) {
		loop_remove_io(io);
		return 0;
	}
	return io->loop ? loop_set_io(io, events) : loop_add_io(&link->tls->loop, io, fd, events, fn);
}

static int watch_both(struct link *link)
{
	uint32_t net = 0, inner = 0;
	int r;

	if (!link->is_shaken || (!link->in.len && !link->in.is_last))
		net |= EPOLLIN;
	if (link->wants_write || link->out.len)
		net |= EPOLLOUT;
	if (link->is_shaken && !link->out.len && !link->out.is_last)
		inner |= EPOLLIN;
	if (link->in.len)
		inner |= EPOLLOUT;
	if (link->lingers) {
		net = EPOLLIN;
		inner = 0;
	}
	r = watch(link, &link->net, link->net_fd, net, net_ready);
	if (r >= 0 && link->is_shaken)
		r = watch(link, &link->inner, link->inner_fd, inner, inner_ready);
	return r;
}

/* Return: whether the link goes on */
static bool linger(struct link *link)
{
	if (!link->lingers) {
		(void)SSL_shutdown(link->ssl);
		ERR_clear_error();
		(void)kern_shutdown(link->net_fd, SHUT_WR);
		link->lingers = true;
		set_deadline(link, LINGER_MS);
	}
	for (int i = 0; i < TURNS_AT_ONCE; i++) {
		ssize_t n = kern_read(link->net_fd, link->in.data, sizeof(link->in.data));

		if (n <= 0)
			return n == -EAGAIN;
	}
	return true;
}

static void watch_stall(struct link *link, bool has_moved)
{
	if (!link->is_shaken)
		return;
	if (!link->out.len) {
		link->waits = false;
		loop_remove_timer(&link->deadline);
	} else if (has_moved || !link->waits) {
		link->waits = true;
		set_deadline(link, STALL_MS);
	}
}

/* Return: whether the link goes on */
static bool move(struct link *link)
{
	bool has_moved = false;

	if (link->lingers)
		return linger(link);
	for (int i = 0; i < TURNS_AT_ONCE; i++) {
		enum progress in, taken, said, out = link->is_shaken ? WAITS : shake(link);

		if (out == ENDED)
			return false;
		if (!link->is_shaken)
			break;
		in = read_net(link);
		taken = write_inner(link);
		said = read_inner(link);
		out = write_net(link);
		if (in == ENDED || taken == ENDED || said == ENDED || out == ENDED)
			return false;
		if (link->out.is_last && !link->out.len)
			return linger(link);
		has_moved |= out == MOVED;
		if (in == WAITS && taken == WAITS && said == WAITS && out == WAITS)
			break;
	}
	watch_stall(link, has_moved);
	return true;
}

static void serve(struct link *link)
{
	if (!move(link) || watch_both(link) < 0)
		link_free(link);
}

/* ---- the beginning ---- */

/* Whoever keeps others waiting without saying who it is goes first. */
static void make_room(struct tls *tls)
{
	LIST_FOR_EACH(link, &tls->links, struct link, node) {
		if (!link->is_shaken) {
			link_free(link);
			return;
		}
	}
}

void link_new(struct tls *tls, int fd)
{
	struct link *link;

	if (tls->handshake_count >= HANDSHAKES_MAX)
		make_room(tls);
	link = tls->link_count < LINKS_MAX ? calloc(1, sizeof(*link)) : NULL;
	if (!link) {
		fd_close(fd);
		return;
	}
	link->tls = tls;
	link->net_fd = fd;
	link->inner_fd = -1;
	list_append(&tls->links, &link->node);
	tls->link_count++;
	tls->handshake_count++;
	set_deadline(link, HANDSHAKE_MS);
	link->ssl = SSL_new(tls->endpoint->context);
	if (!link->ssl || !SSL_set_fd(link->ssl, fd)) {
		link_free(link);
		return;
	}
	serve(link);
}
