/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_link.h - the way to the proxy behind us, where that is spoken to by TLS
 *
 *	flow ── upstream_fd ═ pair ═ near │ tls_link │ far ── the proxy
 *
 * A flow gets one end of a pair of sockets, and uses it as it uses a connection to the proxy: it asks for its
 * host there (upstream.h), peeks, relays, shuts down. What comes out at the other end is encrypted here. TLS
 * 1.2 or newer; the proxy has to show a certificate for the name or the address that the configuration has,
 * signed by one of those that the supervisor handed over. Nothing is said to it before that.
 *
 * The library gets bytes from a pair of BIOs of a fixed size and gives them there. It opens no file, reads no
 * configuration, resumes no session and knows no socket. So what one link holds is bounded: two such buffers,
 * one record each way, and what is in the pair. A side that does not read slows the other down.
 *
 * The end of one way is close_notify, and the other goes on. A connection that ends without it was cut off:
 * the flow's end of the pair is broken then, as by a reset. A flow that is done leaves its link, which sends
 * what is still in it and is gone after LINGER_MS at the latest; one that is reset takes it along.
 *
 * Sources: RFC 8446, sections 6.1 and 4.6; RFC 9110, section 4.3.4 (who a certificate is for); OpenSSL,
 * BIO_s_bio(3), SSL_set1_host(3), SSL_shutdown(3)
 */
#pragma once

#include "base/list.h"
#include "base/str.h"
#include "loop/loop.h"

#include <stdint.h>

enum {
	TLS_LINKS_MAX = 1024,
};

struct tls_links;
struct tls_link;

/*
 * @error: 0: the proxy is who it has to be, and the flow may speak. -EKEYEXPIRED, -ENOKEY, -EREMCHG as
 * tls_links_new() has them, -EBADE another failure of TLS, -ETIMEDOUT, or another of the connection: nothing
 * more comes. Such a one may come later, too, where the pair cannot tell.
 */
typedef void tls_link_fn(void *owner, int error);

/**
 * tls_links_new() - what all links of a gateway have in common
 * @loop:        serves them
 * @authorities: certificates in PEM that are believed; what is none is passed over
 * @host:        canonical name or address that the proxy's certificate has to be for
 * @is_address:  which of them it is
 * @ret:         tls_links_free()
 *
 * What a link fails with: -EKEYEXPIRED a certificate is not valid now, -EREMCHG it is for another host,
 * -ENOKEY nobody who is believed has signed it.
 *
 * Errors: -ENOKEY no certificate among them; -EINVAL a host that is none; -ENOMEM the library.
 * Return: 0 or negative errno.
 */
int tls_links_new(struct loop *loop, struct str authorities, const char *host, bool is_address,
	struct tls_links **ret);

/** tls_links_free() - and all links, as they are; NULL is legal; Return: NULL */
struct tls_links *tls_links_free(struct tls_links *links);

/** tls_links_are_sending() - whether flows left something behind that still has to go; NULL is legal */
bool tls_links_are_sending(const struct tls_links *links);

/**
 * tls_link_new() - speak TLS on a connection
 * @links:   of the gateway
 * @fd:      connected, nothing said yet; owned from here on
 * @fn:      called once, never from inside of tls_link_new(); tls_link_free() is legal in it
 * @owner:   for @fn
 * @ret_fd:  the flow's end: owned by who gets it; nothing comes out of it before @fn was called
 * @ret:     tls_link_leave() or tls_link_free()
 *
 * Errors: -EMFILE there are TLS_LINKS_MAX; -ENOMEM the library; others from the kernel.
 * Return: 0 or negative errno.
 */
int tls_link_new(struct tls_links *links, int fd, tls_link_fn *fn, void *owner, int *ret_fd,
	struct tls_link **ret);

/** tls_link_leave() - its flow is done; what it sent still goes; NULL is legal; Return: NULL */
struct tls_link *tls_link_leave(struct tls_link *link);

/** tls_link_free() - end it at once, by a reset; NULL is legal; Return: NULL */
struct tls_link *tls_link_free(struct tls_link *link);
