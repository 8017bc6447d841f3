/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway.h - what a gateway is told before it begins
 *
 * The rules are the configuration's; where names are looked up is what the host's own programs go by,
 * resolv.conf(5) and hosts(5), read when the gateway starts. It could read neither itself.
 */
#pragma once

#include "config/config.h"
#include "run/gateway_wire.h"

enum {
	RUN_GATEWAY_ARENA_BYTES = 32 << 20,
};

/** run_gateway_is_wanted() - whether a sandbox has a way out, or in, that somebody has to serve */
bool run_gateway_is_wanted(const struct config_settings *settings);

/**
 * run_gateway_settings() - from the configuration and the host
 * @arena:   owns the result
 * @config:  of the session; borrowed
 * @session: its id; borrowed
 * @ret:     set on success
 * @err:     which file could not be read
 *
 * Return: 0 or negative errno.
 */
int run_gateway_settings(struct arena *arena, const struct config *config, const char *session,
	struct gateway_settings *ret, struct error *err);

/**
 * run_gateway_rules() - the configuration's rules and open ports alone, into @ret, which is all-zero; Return:
 * 0 or negative errno
 */
int run_gateway_rules(struct arena *arena, const struct config *config, struct gateway_settings *ret);

/** run_gateway_settings_fd() - as they are handed over; Return: a sealed text in memory, or negative errno */
int run_gateway_settings_fd(struct arena *arena, const struct gateway_settings *settings, struct error *err);

/**
 * run_read_servers() - the nameserver lines of a resolv.conf
 * @arena:     owns the result
 * @text:      of the file; any bytes
 * @ret:       canonical addresses, at most GATEWAY_SERVERS_MAX
 * @ret_count: of them
 *
 * One with a zone ("fe80::1%eth0") is left out: it means nothing but at its interface. Without any, libc asks
 * 127.0.0.1, and so is it here.
 *
 * Source: resolv.conf(5)
 * Return: 0 or -ENOMEM.
 */
int run_read_servers(struct arena *arena, struct str text, const char *const **ret, size_t *ret_count);

/**
 * run_read_hosts() - the names that a hosts(5) gives to addresses
 * @arena:     owns the result
 * @text:      of the file; any bytes; a line that says nothing is passed over
 * @ret:       canonical names and addresses, in the file's order
 * @ret_count: of them; what is beyond GATEWAY_HOSTS_MAX is not known
 *
 * Return: 0 or -ENOMEM.
 */
int run_read_hosts(struct arena *arena, struct str text, const struct gateway_host **ret, size_t *ret_count);
