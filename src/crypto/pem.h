/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pem.h - one block after the other of a text in the form PEM
 *
 * Where key_pem.c wants one key and nothing besides, this is for chains: what people and programs write
 * between the blocks is passed over. A block that begins and is none is an error, and not passed over, since
 * who leaves a certificate out of a chain has another chain.
 *
 * Source: RFC 7468
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/**
 * pem_read_edge() - where a block begins or ends
 * @line:      without what ends it
 * @begin:     "-----BEGIN " or "-----END "
 * @ret_label: "CERTIFICATE", borrowed from @line; set where it is one; any bytes
 *
 * Return: true when the line is such an edge.
 */
bool pem_read_edge(struct str line, struct str begin, struct str *ret_label);

/**
 * pem_take() - the next block
 * @arena:     owns the bytes
 * @rest:      what is left of the text; what was read is cut off
 * @ret_label: "CERTIFICATE"; empty: there is no block any more
 * @ret:       the bytes
 *
 * Errors: -EBADMSG a block without an end, with headers, or not in base64; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int pem_take(struct arena *arena, struct str *rest, struct str *ret_label, struct str *ret);
