/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publication.h - a port of the sandbox that is offered on this machine's loopback
 *
 *	3000		port 3000 of the sandbox, at the same port here, or at another one where that is taken
 *	8080:3000	port 3000 of the sandbox, at port 8080 here and at no other
 *
 * Ports below 1024 are nobody's: a program in the sandbox cannot listen there, and a user cannot here.
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

enum {
	NET_PUBLICATION_SIZE = sizeof("65535:65535"),
	NET_PUBLICATION_PORT_MIN = 1024,
};

struct net_publication {
	uint16_t inner;			/* of the sandbox */
	uint16_t host;			/* 0: the same, or another one */
};

/**
 * net_publication_read() - one as somebody wrote it
 * @text: any bytes
 * @ret:  set on success
 *
 * Return: NULL, or what is wrong with it.
 */
const char *net_publication_read(struct str text, struct net_publication *ret);

/** net_publication_print() - its canonical text, which is read as the same */
void net_publication_print(const struct net_publication *publication, char ret[NET_PUBLICATION_SIZE]);
