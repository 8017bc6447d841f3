/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opa.h - where an organisation runs OPA: its server is asked what our engine would be asked
 *
 * The server's `allow` counts, and what it denies, asks and warns; the policies that the session has here are
 * asked beside it and only add (policy_ask_beside()). What is not a whole and correct answer in time is an
 * error, and so a deny whose finding says what happened: a server that cannot be reached, does not prove who
 * it is, is slow, answers something else than 200, too much or half of it, or something that is no answer.
 *
 * The process that talks to it, cordon-opa, is started with the first question, kept for the next ones, so
 * that they find a connection, and ended and started anew after whatever went wrong. Nothing here reads the
 * network.
 */
#pragma once

#include "config/config.h"
#include "policy/engine.h"

struct run_opa;

/**
 * run_opa_new() - get ready to ask
 * @config:  of a session; what is needed of it is copied
 * @ret:     owned by the caller; NULL where the configuration has nobody else answer
 * @err:     what is wrong
 *
 * Nothing is started and nobody asked.
 *
 * Errors: -EINVAL the configuration names no server; -ENOMEM.
 * Return: 0 or negative errno.
 */
int run_opa_new(const struct config *config, struct run_opa **ret, struct error *err);

/** run_opa_free() - end the process, if there is one; Return: NULL */
struct run_opa *run_opa_free(struct run_opa *opa);

/** run_opa_url() - the server, as it is shown and recorded: nothing in it is secret */
const char *run_opa_url(const struct run_opa *opa);

/**
 * run_opa_start() - start the process, if it does not run
 * @opa: whom it will ask
 * @err: what is missing: a token, a certificate, the program or its libraries
 *
 * The server is not asked anything.
 *
 * Blocks: until the process is ready, five seconds at most.
 * Errors: -ENOENT, -EINVAL and others about files; -EPROTO the program does not work here.
 * Return: 0 or negative errno.
 */
int run_opa_start(struct run_opa *opa, struct error *err);

/**
 * run_opa_oracle() - the server and an engine as one who answers; both are borrowed
 *
 * Blocks when it is asked: for policy.timeout, and what starting the process takes.
 */
struct policy_oracle run_opa_oracle(struct run_opa *opa, struct policy_engine *engine);
