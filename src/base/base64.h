/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base64.h - bytes as text, one text for each run of bytes
 *
 * The standard alphabet with padding, and that of URLs and tokens without. Only the canonical text is read
 * back (no space, no missing padding or none too much, unused bits zero), so that comparing texts compares
 * bytes and a digest over the text is a digest over the bytes.
 *
 * Source: RFC 4648, sections 3.5, 4 and 5; RFC 7515, 2
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/**
 * base64_encode() - bytes to text
 * @arena: owns the text
 * @bytes: any bytes
 * @ret:   the text, followed by a NUL that is not counted
 *
 * Errors: -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int base64_encode(struct arena *arena, struct str bytes, struct str *ret);

/**
 * base64_decode() - text to bytes
 * @arena: owns the bytes
 * @text:  what base64_encode() writes
 * @ret:   the bytes, followed by a NUL that is not counted
 *
 * Errors: -EINVAL not canonical base64; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int base64_decode(struct arena *arena, struct str text, struct str *ret);

/** base64url_encode() - as base64_encode(), with '-' and '_' and without padding; Return: likewise */
int base64url_encode(struct arena *arena, struct str bytes, struct str *ret);

/** base64url_decode() - as base64_decode(), of what base64url_encode() writes; Return: likewise */
int base64url_decode(struct arena *arena, struct str text, struct str *ret);
