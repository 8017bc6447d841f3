/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url.h - where an OPA is (policy.url): its parts
 *
 *	https://HOST[:PORT][/PATH]	over TLS
 *	http://HOST[:PORT][/PATH]	without it, to this machine itself and nowhere else
 *	unix:/SOCKET[:/PATH]		a socket in the file system
 *
 * Neither a user nor a query belongs to one, so nothing secret stands in what is shown and recorded.
 * /v1/data, the data API, is added to a path that does not name it.
 *
 * Sources: RFC 3986, section 3; Open Policy Agent, REST API, "Data API"
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

struct config_url {
	const char *socket;		/* absolute path; NULL: TCP */
	/* a name in lower case or an address, without brackets; NULL: a socket */
	const char *host;
	bool is_tls;
	bool is_name;			/* @host has to be looked up */
	uint16_t port;			/* 0: a socket */
	/* what a request is made to, without a "/" at its end: "https://opa.example.org:8181/v1/data" */
	const char *base;
};

/**
 * config_url_parse() - the parts of a URL
 * @arena: owns them
 * @text:  as the configuration has it
 * @ret:   its parts
 *
 * Return: NULL, or what is wrong with it.
 */
const char *config_url_parse(struct arena *arena, struct str text, struct config_url *ret);
