/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opa.h - the client of cordon-opa: what main.c has, and what client_curl.c or client_none.c does
 *
 * A client is made before the process confines itself, since it reads its certificates and keys then, and
 * says what it will need afterwards; it asks when the process is confined.
 */
#pragma once

#include "run/opa_wire.h"

struct client;

/* Files of the system that a name is looked up with; they may be missing. */
#define CLIENT_NAME_FILES \
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf"

/**
 * client_new() - get ready
 * @settings: outlive the client
 * @ret:      owned by the caller
 * @err:      which file, and what is wrong with it
 *
 * Errors: -EOPNOTSUPP this build has no client; -EINVAL a certificate or key is none; others from the kernel.
 * Return: 0 or negative errno.
 */
int client_new(const struct opa_settings *settings, struct client **ret, struct error *err);

/** client_free() - give it back; Return: NULL */
struct client *client_free(struct client *client);

/**
 * client_ask() - one question
 * @client:      confined
 * @ask:         checked
 * @question_fd: body of the request; borrowed
 * @answer_fd:   gets the body of the answer, and nothing else is in it afterwards; borrowed
 * @ret:         what came of it
 */
void client_ask(struct client *client, const struct opa_ask *ask, int question_fd, int answer_fd,
	struct opa_told *ret);
