/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_wire.h - what `cordon control` and cordon-tls say to each other
 *
 * cordon-tls has the certificates and speaks TLS, and knows nothing of sessions; `cordon control` speaks HTTP
 * and knows nothing of TLS. The first is started with a socket that listens, a directory for the files that
 * clients need, and a connection to the second. It says once that it is ready, or why it is not, and then of
 * each client that has proved who it is: its role, and with that a socket at which the client's bytes come
 * and go in the clear. Nothing is said the other way: the end of the connection is the end of cordon-tls,
 * which takes the files with it.
 */
#pragma once

#include <stdint.h>

enum {
	API_WIRE_VERSION = 1,
	API_FD_SOCKET = 3,		/* SOCK_SEQPACKET */
	API_FD_LISTENER = 4,		/* TCP, at 127.0.0.1 */
	API_FD_DIR = 5,			/* empty; of this session alone */
	API_FD_COUNT = 6,
	API_TEXT_SIZE = 244,		/* which leaves no hole in a packet */
};

enum api_kind {
	API_INVALID,
	API_READY,			/* the files are there, and it listens */
	API_FAILED,			/* it never will be */
	API_ABSENT,			/* it was built without OpenSSL */
	API_CLIENT,			/* with one descriptor, SOCK_STREAM */
};

enum api_role {
	API_NOBODY,
	API_READER,
	API_OPERATOR,
};

struct api_told {
	uint32_t version;
	uint32_t kind;
	uint32_t role;			/* enum api_role, of API_CLIENT */
	char text[API_TEXT_SIZE];	/* why it failed; otherwise empty */
};

/* What lies in the directory while it runs: what a client trusts, and two who it may be. */
#define API_FILES "ca.crt", "reader.crt", "reader.key", "operator.crt", "operator.key"
