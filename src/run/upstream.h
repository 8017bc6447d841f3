/* SPDX-License-Identifier: Apache-2.0 */
/*
 * upstream.h - the proxy that a session's connections go through, from its configuration to its gateway
 *
 * network.proxy is a URL, or says where one stands: a variable, a file, or "environment", which is what other
 * programs go by. Who may be let in by the proxy stands in a URL of the last three kinds alone, so that no
 * password is in a configuration; the gateway gets it, and nobody else.
 */
#pragma once

#include "config/config.h"
#include "run/gateway_wire.h"

/**
 * run_upstream() - find out which proxy it is
 * @arena:       owns what is found
 * @config:      of the session
 * @environment: of the user, ends in a NULL
 * @ret:         gets `proxy` and `bypass`; without a proxy they stay as they are
 * @err:         what is wrong, without a word of the URL
 *
 * Errors: -EINVAL a URL that is none, or only http_proxy is set where the environment says; as
 * reference_read() and, for a proxy that is spoken to by TLS, run_authorities_believed().
 * Return: 0 or negative errno.
 */
int run_upstream(struct arena *arena, const struct config *config, char *const *environment,
	struct gateway_settings *ret, struct error *err);
