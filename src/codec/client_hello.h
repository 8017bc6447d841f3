/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client_hello.h - the first message of TLS, as far as it says whom the client wants to speak to
 *
 * Nothing is decrypted and nothing is changed: the bytes are looked at, and then passed on as they came. What
 * the server will take them for has to be known exactly, so a hello that is not well-formed in every part, or
 * that names two servers, is refused, whatever a library would have made of it. What is unknown (extensions,
 * versions, ciphers) is passed over, since clients send such things on purpose (GREASE).
 *
 * A hello may be spread over records, and those over segments, at every byte. Bytes are read out of one
 * buffer that grows, and are not read twice. What is found are slices of it, or of @arena where the message
 * had to be put together from several records.
 *
 * Where a client encrypts its hello (ECH), the name that stands there is not the one that it wants; that
 * there is such an extension is told, and cannot be told from one that is there for nothing (GREASE ECH).
 *
 * Sources: RFC 8446, sections 4.1.2, 4.2, 5.1, 6 and appendix D; RFC 5246, section 7.4.1.2; RFC 6066,
 * section 3 (server_name); RFC 7301, section 3.1 (ALPN); RFC 8701 (GREASE); RFC 9849, section 5 (ECH)
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum {
	CLIENT_HELLO_MAX = 64 << 10,		/* bytes of the message */
	CLIENT_HELLO_WIRE_MAX = 96 << 10,	/* bytes of its records */
	CLIENT_HELLO_ALPN_MAX = 32,
	CLIENT_HELLO_EXTENSIONS_MAX = 128,
	TLS_ALERT_BYTES = 7,
};

enum client_hello_step {
	CLIENT_HELLO_MALFORMED,
	CLIENT_HELLO_NOT_TLS,
	CLIENT_HELLO_MORE,
	CLIENT_HELLO_DONE,
};

/* Each of them ends the connection. RFC 8446, 6.2 */
enum tls_alert {
	TLS_ALERT_HANDSHAKE_FAILURE = 40,
	TLS_ALERT_ACCESS_DENIED = 49,
	TLS_ALERT_DECODE_ERROR = 50,
	TLS_ALERT_INTERNAL_ERROR = 80,
	TLS_ALERT_UNRECOGNIZED_NAME = 112,
};

enum tls_versions {
	TLS_1_0 = 1 << 0,
	TLS_1_1 = 1 << 1,
	TLS_1_2 = 1 << 2,
	TLS_1_3 = 1 << 3,
};

struct client_hello {
	size_t bytes;			/* with the heads of its records; set when done */
	struct str server_name;		/* canonical; empty: it names none */
	struct str alpn[CLIENT_HELLO_ALPN_MAX];	/* any bytes, 1..255 of them each */
	unsigned alpn_count;
	unsigned versions;		/* offered, as bits of enum tls_versions */
	bool has_ech;			/* @server_name is perhaps not the one that is wanted */
	size_t record;			/* where the first record that is not whole begins */
	size_t message_bytes;		/* in all records before it */
	unsigned record_count;
};

struct client_hello_refusal {
	enum tls_alert alert;
	const char *why;		/* a sentence without its dot; static */
};

/**
 * client_hello_read() - the first message of a client
 * @hello: all zero for the first call; the following ones continue
 * @arena: owns the name, and the message where it came in several records; CLIENT_HELLO_MAX and 2 KiB more
 * @bytes: all that came; the same bytes as before, and more
 * @ret:   why it is malformed; untouched otherwise
 *
 * What follows in the same record is a fault; what follows behind it is not looked at.
 *
 * Return: CLIENT_HELLO_DONE and @hello is whole; CLIENT_HELLO_MORE; CLIENT_HELLO_NOT_TLS, which the first
 * two bytes tell; or CLIENT_HELLO_MALFORMED.
 */
enum client_hello_step client_hello_read(struct client_hello *hello, struct arena *arena, struct str bytes,
	struct client_hello_refusal *ret);

/**
 * tls_alert_write() - what a server says to a client before any key is agreed on
 * @alert: why
 * @ret:   the record
 *
 * Source: RFC 8446, sections 5.1 and 6
 */
void tls_alert_write(enum tls_alert alert, char ret[TLS_ALERT_BYTES]);
