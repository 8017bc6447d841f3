/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_internal.h - what the DNS server's parts share: a question that waits, and who asked it
 *
 * A question is answered at once, within a buffer of the socket's that it came through, or it is copied and
 * waits. A copy knows where its answer goes: to an address by UDP, or to a client of TCP.
 */
#pragma once

#include "roles/gateway/dns_server.h"
#include "roles/gateway/sockaddr.h"

struct dns_client;

/* Where an answer goes. */
struct dns_sender {
	struct dns_socket *socket;	/* UDP: through it */
	struct dns_client *client;	/* TCP, else NULL */
	union sockaddr_any address;	/* of UDP */
	socklen_t address_len;
	struct jail_diag_pair pair;	/* the program, and we */
};

struct dns_waiting {
	struct dns_server *server;
	struct list node;
	uint64_t number;
	struct dns_sender sender;
	struct dns_query query;		/* its question is @question */
	char question[DNS_NAME_BYTES + 4];
	struct resolver_lookup lookup;
};

/**
 * dns_server_answer() - answer one message, or have it wait
 * @server:  the server
 * @message: as it came
 * @sender:  who sent it; copied where it has to wait
 * @ret:     room for the answer
 * @size:    DNS_UDP_MIN_BYTES or more; by UDP it is what the client takes that counts
 *
 * Return: bytes to send; 0: nothing, now or ever.
 */
size_t dns_server_answer(struct dns_server *server, struct str message, const struct dns_sender *sender,
	uint8_t *ret, size_t size);

/** dns_waiting_free() - it is answered, or nobody is there to hear it */
void dns_waiting_free(struct dns_waiting *waiting);

/** dns_udp_send() - one answer that had to wait; lost where the socket takes none, as packets are */
void dns_udp_send(const struct dns_sender *sender, const uint8_t *message, size_t len);

/** dns_udp_ready() - read what came, answer what can be answered */
void dns_udp_ready(struct loop_io *io, uint32_t events);

/** dns_tcp_ready() - somebody connected */
void dns_tcp_ready(struct loop_io *io, uint32_t events);

/** dns_tcp_send() - one answer that had to wait; the client may be gone behind it */
void dns_tcp_send(struct dns_client *client, const uint8_t *message, size_t len);

/** dns_tcp_fini() - close all connections */
void dns_tcp_fini(struct dns_server *server);
