// SPDX-License-Identifier: Apache-2.0
/*
 * tls_link.c - the way to the proxy behind us, where that is spoken to by TLS
 *
 * One function, serve(), moves whatever can be moved: from the proxy's socket into the library and out of it,
 * and the same on the flow's side, until nothing moves any more or others have waited long enough. What each
 * side is watched for follows from what is full and what is empty, and from nothing else.
 */
#include "roles/gateway/tls_link.h"

#include "base/buf.h"
#include "base/fd.h"
#include "base/macro.h"
#include "base/time.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	WIRE_BYTES = 17 << 10,		/* a record, and its head */
	PLAIN_BYTES = 16 << 10,
	CHAIN_BYTES_MAX = 64 << 10,
	ROUNDS_MAX = 64,		/* then others have their turn */
	HOST_SIZE = 256,
	PATIENCE_MS = 30000,
	LINGER_MS = 10000,
};

struct tls_links {
	struct loop *loop;
	SSL_CTX *context;		/* owned */
	char host[HOST_SIZE];
	bool is_address;
	struct list links;
	size_t count;
};

struct tls_link {
	struct tls_links *links;
	struct list node;
	SSL *ssl;			/* owned, with its end of the wire */
	BIO *wire;			/* owned: the proxy's end of it */
	int far_fd, near_fd;		/* owned; -1: closed */
	int flow_fd;			/* borrowed: the other end of the pair, until it is left */
	struct loop_io far, near;
	struct loop_timer patience;
	tls_link_fn *fn;
	void *owner;
	/* from the flow, and for it: each is empty before it is filled again */
	struct buf up, down;
	bool is_ready;			/* the handshake is over */
	bool wire_ended;		/* the proxy's socket says no more */
	bool far_ended, near_ended;	/* no more comes out of the library, or out of the pair */
	bool is_cut;			/* far_ended, and nobody said so */
	bool said_end, passed_end;	/* to the proxy, and to the flow */
	bool is_shut;			/* the socket to the proxy is */
	bool is_left;
};

/* ---- what all have in common ---- */

static int add_authorities(SSL_CTX *context, struct str text)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);
	BIO *source = text.len <= INT_MAX ? BIO_new_mem_buf(text.data, (int)text.len) : NULL;
	size_t count = 0;
	bool is_over = !source;

	while (!is_over) {
		X509 *certificate = PEM_read_bio_X509(source, NULL, NULL, NULL);

		/*
		 * What is between two lines of dashes and none is passed over, and the next one is looked
		 * for.
		 */
		is_over = !certificate &&
			ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
		if (certificate && X509_STORE_add_cert(store, certificate) == 1)
			count++;
		X509_free(certificate);
		ERR_clear_error();
	}
	BIO_free(source);
	/* One that a person named is believed, whoever signed it. */
	(void)X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	return count ? 0 : -ENOKEY;
}

static int set_host(SSL_CTX *context, const struct tls_links *links)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(context);

	X509_VERIFY_PARAM_set_hostflags(param,
		X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	return (links->is_address ? X509_VERIFY_PARAM_set1_ip_asc(param, links->host) :
		X509_VERIFY_PARAM_set1_host(param, links->host, strlen(links->host))) == 1 ? 0 : -EINVAL;
}

static SSL_CTX *new_context(void)
{
	static const unsigned char spoken[] = "\x08http/1.1";
	SSL_CTX *context;

	/* The library's configuration is a file, and none is read here. */
	if (OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1)
		return NULL;
	context = SSL_CTX_new(TLS_client_method());
	if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
		SSL_CTX_free(context);
		return NULL;
	}
	(void)SSL_CTX_set_options(context,
		SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
	(void)SSL_CTX_set_mode(context,
		SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
			SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_max_cert_list(context, CHAIN_BYTES_MAX);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_alpn_protos(context, spoken, sizeof(spoken) - 1);
	return context;
}

int tls_links_new(struct loop *loop, struct str authorities, const char *host, bool is_address,
	struct tls_links **ret)
{
	struct tls_links *links = calloc(1, sizeof(*links));
	int r;

	if (!links)
		abort();
	*links = (struct tls_links){ .loop = loop, .is_address = is_address };
	list_init(&links->links);
	r = snprintf(links->host, sizeof(links->host), "%s", host) < HOST_SIZE ? 0 : -EINVAL;
	links->context = r < 0 ? NULL : new_context();
	if (r >= 0)
		r = links->context ? add_authorities(links->context, authorities) : -ENOMEM;
	if (r >= 0)
		r = set_host(links->context, links);
	if (r < 0)
		tls_links_free(links);
	else
		*ret = links;
	return r;
}

struct tls_links *tls_links_free(struct tls_links *links)
{
	if (!links)
		return NULL;
	LIST_FOR_EACH(link, &links->links, struct tls_link, node)
		tls_link_free(link);
	SSL_CTX_free(links->context);
	free(links);
	return NULL;
}

bool tls_links_are_sending(const struct tls_links *links)
{
	if (!links)
		return false;
	LIST_FOR_EACH(link, &links->links, struct tls_link, node)
		if (link->is_left && !link->is_shut)
			return true;
	return false;
}

/* ---- the end ---- */

static void close_both(struct tls_link *link)
{
	loop_remove_io(&link->far);
	loop_remove_io(&link->near);
	loop_remove_timer(&link->patience);
	link->far_fd = fd_close(link->far_fd);
	link->near_fd = fd_close(link->near_fd);
}

static struct tls_link *release(struct tls_link *link)
{
	close_both(link);
	SSL_free(link->ssl);
	BIO_free(link->wire);
	buf_fini(&link->up);
	buf_fini(&link->down);
	list_remove(&link->node);
	link->links->count--;
	free(link);
	return NULL;
}

struct tls_link *tls_link_free(struct tls_link *link)
{
	const struct linger now = { .l_onoff = 1 };

	if (!link)
		return NULL;
	if (link->far_fd >= 0)
		(void)kern_setsockopt(link->far_fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	return release(link);
}

/*
 * The flow reads what came, and then that its connection was reset: the kernel says so where an end of a pair
 * is closed with something in it that nobody has read. Return: whether it will
 */
static bool reset_pair(const struct tls_link *link)
{
	char byte = 0;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n = kern_sendmsg(link->flow_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n == 1 || n == -EAGAIN;
}

/* @link may be gone when this returns. */
static void break_off(struct tls_link *link, int error)
{
	bool is_known;

	if (link->is_left) {
		tls_link_free(link);
		return;
	}
	is_known = link->is_ready && reset_pair(link);
	close_both(link);
	if (!is_known)
		link->fn(link->owner, error);
}

/* ---- moving ---- */

/* Return: bytes, 0 nothing now, or negative errno */
static ssize_t without_waiting(ssize_t n)
{
	return n == -EAGAIN || n == -EINTR ? 0 : n;
}

static int why_not(const struct tls_link *link)
{
	switch (SSL_get_verify_result(link->ssl)) {
	case X509_V_OK:
		return -EBADE;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return -EKEYEXPIRED;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return -EREMCHG;
	default:
		return -ENOKEY;
	}
}

/* What a call of the library came to, of which nothing came. Return: 0 it goes on later, or negative errno */
static int stuck(struct tls_link *link, int result)
{
	int error = SSL_get_error(link->ssl, result);

	ERR_clear_error();
	if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		return why_not(link);
	return 0;
}

/* Nothing is left that the library could go on with. */
static bool is_dry(const struct tls_link *link)
{
	return link->wire_ended && !BIO_ctrl_wpending(link->wire);
}

/* Return: bytes, 0 nothing now, or negative errno */
static ssize_t take_far(struct tls_link *link)
{
	char *place;
	int room = link->wire_ended ? 0 : BIO_nwrite0(link->wire, &place);
	ssize_t n;

	if (room <= 0)
		return 0;
	n = kern_read(link->far_fd, place, (size_t)room);
	if (!n)
		link->wire_ended = true;
	n = without_waiting(n);
	return n > 0 ? BIO_nwrite(link->wire, &place, (int)n) : n;
}

/* The same */
static ssize_t give_far(struct tls_link *link)
{
	char *place;
	int len = BIO_nread0(link->wire, &place);
	ssize_t n = len > 0 ? without_waiting(kern_write(link->far_fd, place, (size_t)len)) : 0;

	return n > 0 ? BIO_nread(link->wire, &place, (int)n) : n;
}

/* Return: 1 it is over, 0 not yet, or negative errno */
static int shake_hands(struct tls_link *link)
{
	int result = SSL_do_handshake(link->ssl), r;

	if (result == 1) {
		link->is_ready = SSL_get0_peer_certificate(link->ssl) &&
			SSL_get_verify_result(link->ssl) == X509_V_OK;
		return link->is_ready ? 1 : -ENOKEY;
	}
	r = stuck(link, result);
	return r < 0 ? r : is_dry(link) ? -EBADE : 0;
}

/* Return: bytes and whether it ended, or negative errno */
static int decrypt(struct tls_link *link)
{
	int n, r;

	if (link->down.len || link->far_ended)
		return 0;
	n = SSL_read(link->ssl, buf_reserve(&link->down, PLAIN_BYTES), PLAIN_BYTES);
	if (n > 0) {
		buf_commit(&link->down, (size_t)n);
		return n;
	}
	if (SSL_get_error(link->ssl, n) == SSL_ERROR_ZERO_RETURN) {
		link->far_ended = true;
		return 1;
	}
	r = stuck(link, n);
	if (r >= 0 && is_dry(link))
		link->far_ended = link->is_cut = true;
	return r < 0 ? r : link->far_ended;
}

/* The same */
static int encrypt(struct tls_link *link)
{
	int n;

	if (!link->up.len && link->near_ended && !link->said_end) {
		link->said_end = SSL_shutdown(link->ssl) >= 0;
		ERR_clear_error();
		return link->said_end;
	}
	if (!link->up.len)
		return 0;
	n = SSL_write(link->ssl, link->up.data, (int)link->up.len);
	if (n <= 0)
		return stuck(link, n);
	buf_consume(&link->up, (size_t)n);
	return n;
}

/* Whoever has left reads nothing, and what they had not read yet tells us that they have. */
static ssize_t take_near(struct tls_link *link)
{
	ssize_t n;

	if (link->up.len || link->near_ended)
		return 0;
	n = kern_read(link->near_fd, buf_reserve(&link->up, PLAIN_BYTES), PLAIN_BYTES);
	link->near_ended = !n || n == -ECONNRESET;
	if (n > 0)
		buf_commit(&link->up, (size_t)n);
	return link->near_ended ? 1 : without_waiting(n);
}

static ssize_t give_near(struct tls_link *link)
{
	ssize_t n = 0;

	if (link->is_left)
		buf_clear(&link->down);
	else if (link->down.len)
		n = without_waiting(kern_write(link->near_fd, link->down.data, link->down.len));
	if (n > 0)
		buf_consume(&link->down, (size_t)n);
	if (!link->down.len && link->far_ended && !link->is_cut && !link->passed_end) {
		link->passed_end = true;
		(void)kern_shutdown(link->near_fd, SHUT_WR);
	}
	return n;
}

/* Return: 1 something moved, 0 nothing, or negative errno */
static int move(struct tls_link *link)
{
	ssize_t (*const sockets[])(struct tls_link *) = { take_near, give_near, give_far };
	ssize_t n = take_far(link), m;
	bool did = n > 0;

	if (n >= 0 && link->is_ready) {
		n = decrypt(link);
		did |= n > 0;
	}
	if (n >= 0 && link->is_ready) {
		n = encrypt(link);
		did |= n > 0;
	}
	for (size_t i = link->is_ready ? 0 : 2; i < ARRAY_SIZE(sockets); i++) {
		m = sockets[i](link);
		did |= m > 0;
		/* What the library has to say about its failure still goes. */
		n = n < 0 ? n : m;
	}
	return n < 0 ? (int)n : did;
}

/* ---- waiting ---- */

/* Who is not watched for anything is not watched: the kernel tells of a hang-up for ever. */
static int watch(struct tls_link *link, struct loop_io *io, int fd, uint32_t wanted, loop_io_fn *fn)
{
	if (!wanted)
		loop_remove_io(io);
	else if (io->loop)
		return loop_set_io(io, wanted);
	else
		return loop_add_io(link->links->loop, io, fd, wanted, fn);
	return 0;
}

static void far_ready(struct loop_io *io, uint32_t events);
static void near_ready(struct loop_io *io, uint32_t events);

static int wait_for_more(struct tls_link *link)
{
	bool has_room = BIO_ctrl_get_write_guarantee(link->wire) > 0;
	int r = watch(link, &link->far, link->far_fd, (!link->wire_ended && has_room ? EPOLLIN : 0u) |
		(BIO_ctrl_pending(link->wire) ? EPOLLOUT : 0u), far_ready);

	if (r < 0 || !link->is_ready)
		return r;
	return watch(link, &link->near, link->near_fd, (!link->near_ended && !link->up.len ? EPOLLIN : 0u) |
		(link->down.len ? EPOLLOUT : 0u), near_ready);
}

/* Nothing more goes to the proxy. */
static void shut_when_said(struct tls_link *link)
{
	if (!link->said_end || link->is_shut || BIO_ctrl_pending(link->wire))
		return;
	link->is_shut = true;
	(void)kern_shutdown(link->far_fd, SHUT_WR);
}

/* @link may be gone when this returns. */
static void serve(struct tls_link *link)
{
	bool was_ready = link->is_ready;
	int r = 1;

	for (size_t i = 0; i < ROUNDS_MAX && r > 0; i++) {
		if (!link->is_ready) {
			ssize_t n = take_far(link);

			r = n < 0 ? (int)n : shake_hands(link);
			n = give_far(link);
			r = r < 0 || n < 0 ? MIN(r, (int)n) : r || n > 0;
		} else {
			r = move(link);
		}
	}
	shut_when_said(link);
	if (r >= 0 && link->is_cut && !link->down.len)
		r = -ECONNRESET;
	if (r >= 0)
		r = wait_for_more(link);
	if (r < 0) {
		break_off(link, r);
	} else if (link->is_left && link->is_shut && link->wire_ended) {
		release(link);
	} else if (!was_ready && link->is_ready) {
		loop_remove_timer(&link->patience);
		link->fn(link->owner, 0);
	}
}

static void far_ready(struct loop_io *io, UNUSED uint32_t events)
{
	serve(CONTAINER_OF(io, struct tls_link, far));
}

static void near_ready(struct loop_io *io, UNUSED uint32_t events)
{
	serve(CONTAINER_OF(io, struct tls_link, near));
}

/* ---- its life ---- */

static void patience_is_over(struct loop_timer *timer)
{
	break_off(CONTAINER_OF(timer, struct tls_link, patience), -ETIMEDOUT);
}

static int begin_tls(struct tls_link *link)
{
	struct tls_links *links = link->links;
	BIO *inner = NULL;

	link->ssl = SSL_new(links->context);
	if (!link->ssl || BIO_new_bio_pair(&inner, WIRE_BYTES, &link->wire, WIRE_BYTES) != 1)
		return -ENOMEM;
	SSL_set_bio(link->ssl, inner, inner);
	SSL_set_connect_state(link->ssl);
	return links->is_address || SSL_ctrl(link->ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
		TLSEXT_NAMETYPE_host_name, links->host) == 1 ? 0 : -ENOMEM;
}

int tls_link_new(struct tls_links *links, int fd, tls_link_fn *fn, void *owner, int *ret_fd,
	struct tls_link **ret)
{
	struct tls_link *link = calloc(1, sizeof(*link));
	int pair[2] = { -1, -1 }, r;

	if (!link)
		abort();
	*link = (struct tls_link){
		.links = links, .far_fd = fd, .near_fd = -1, .flow_fd = -1, .fn = fn, .owner = owner,
		.up = BUF_INIT(PLAIN_BYTES), .down = BUF_INIT(PLAIN_BYTES),
	};
	list_append(&links->links, &link->node);
	r = ++links->count > TLS_LINKS_MAX ? -EMFILE : begin_tls(link);
	if (r >= 0)
		r = kern_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
	link->near_fd = pair[0];
	/* In the next round of the loop, so that who started it never hears of it before it returned. */
	if (r >= 0)
		r = loop_add_io(links->loop, &link->far, fd, EPOLLOUT, far_ready);
	if (r < 0) {
		fd_close(pair[1]);
		tls_link_free(link);
		return r;
	}
	loop_set_timer(links->loop, &link->patience, links->loop->now_ns + PATIENCE_MS * NS_PER_MS,
		patience_is_over);
	link->flow_fd = *ret_fd = pair[1];
	*ret = link;
	return 0;
}

struct tls_link *tls_link_leave(struct tls_link *link)
{
	if (!link)
		return NULL;
	/* Nothing was said yet, or nothing can be said any more. */
	if (!link->is_ready || link->far_fd < 0)
		return tls_link_free(link);
	if (link->is_shut)
		return release(link);
	link->is_left = true;
	link->flow_fd = -1;
	loop_set_timer(link->links->loop, &link->patience,
		link->links->loop->now_ns + LINGER_MS * NS_PER_MS, patience_is_over);
	if (watch(link, &link->near, link->near_fd, EPOLLIN, near_ready) < 0)
		return tls_link_free(link);
	return NULL;
}
