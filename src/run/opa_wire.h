/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opa_wire.h - what we and cordon-opa say to each other
 *
 * cordon-opa is the one program of ours that speaks HTTP and TLS to a server. It is started with a socket and
 * two files in memory: the settings, which have the token, and the file in which it leaves what the server
 * says. It says once that it is ready, or why it is not; then each question is one packet with one
 * descriptor, the body of the request, and each is answered by one packet.
 *
 *	run/opa.c                          cordon-opa                        the server
 *	   │ OPA_FD_SETTINGS ────────────────► reads it, confines itself
 *	   │ ◄──────────────── struct opa_told (OPA_READY)
 *	   │ struct opa_ask, body ───────────► POST BASE/cordon/NAME ──────────►
 *	   │ ◄──── struct opa_told, OPA_FD_ANSWER ◄─────────────────────────────
 *
 * What it says may be a server's work, who found a mistake in a library: every packet is checked, nothing of
 * it is believed but the bytes of an answer, which another reader takes apart (policy/opa.h).
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "json/json.h"

enum {
	OPA_WIRE_VERSION = 1,
	OPA_FD_SOCKET = 3,		/* SOCK_SEQPACKET */
	OPA_FD_SETTINGS = 4,		/* open for reading */
	OPA_FD_ANSWER = 5,		/* open for reading and writing; shared */
	OPA_FD_COUNT = 6,
	OPA_NAME_SIZE = 20,		/* which leaves no hole in a packet */
	OPA_TEXT_SIZE = 256,
	OPA_SETTINGS_MAX_BYTES = 256 << 10,
};

/* Where the server is, and how it and we prove who we are. */
struct opa_settings {
	const char *base;		/* URL that "/cordon/NAME" is added to */
	const char *socket;		/* path; NULL: TCP */
	const char *host;		/* NULL: a socket */
	bool is_name;			/* @host has to be looked up */
	bool is_tls;
	uint16_t port;
	const char *token;		/* visible ASCII; NULL: none */
	/* paths; NULL: the certificates that the system trusts; none */
	const char *ca, *cert, *key;
};

struct opa_ask {
	uint32_t version;
	char name[OPA_NAME_SIZE];	/* of the question */
	uint64_t body_bytes;		/* of the descriptor that comes with it */
	uint64_t body_max;		/* of the answer: more is none */
	uint64_t timeout_ns;		/* from the question to the last byte of its answer */
};

enum opa_kind {
	OPA_FAILED,			/* on our side; before it is ready: it never will be */
	OPA_READY,
	OPA_ANSWERED,			/* see @status, and the answer's file */
	OPA_UNREACHABLE,
	OPA_LATE,
	OPA_UNTRUSTED,			/* it did not prove who it is */
	OPA_INSECURE,			/* the two did not agree on a secure connection */
	OPA_CUT,			/* the connection ended before the answer did */
	OPA_LONG,
	OPA_ENCODED,			/* in a way that nobody asked for */
	OPA_ABSENT,			/* instead of OPA_READY: it was built without what asks */
	OPA_KINDS,
};

struct opa_told {
	uint32_t version;
	uint32_t kind;
	uint32_t status;		/* of HTTP */
	uint32_t connections;		/* that were made so far */
	uint64_t body_bytes;		/* in the answer's file */
	char text[OPA_TEXT_SIZE];	/* what the system or a library says about it; "": nothing */
};

/**
 * opa_settings_to_json() - as they are handed over; Return: NULL: the arena is full, or a text is no UTF-8
 */
const struct json *opa_settings_to_json(struct arena *arena, const struct opa_settings *settings);

/** opa_settings_read() - the other way; Return: 0 or -EBADMSG */
int opa_settings_read(struct arena *arena, const struct json *value, struct opa_settings *ret,
	struct error *err);

/** opa_told_say() - put a text into a packet, as much of it as there is room for */
void opa_told_say(struct opa_told *told, const char *text);

/**
 * opa_told_read() - a packet of cordon-opa
 * @data:     what came
 * @len:      bytes
 * @body_max: that the question allowed
 * @ret:      checked: its text ends, and what it says is something
 *
 * Errors: -EBADMSG no such packet.
 * Return: 0 or negative errno.
 */
int opa_told_read(const void *data, size_t len, uint64_t body_max, struct opa_told *ret);
