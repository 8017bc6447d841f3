/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_body.h - where the body of a message ends, told while it streams by
 *
 * The body is passed on as it comes: nothing of it is kept or changed here. Of each piece it is said how many
 * bytes belong to it, and whether it ended with them; what is behind is the next message. Of chunked bodies
 * every byte that is not data is held to the grammar, which leaves no two ways to read it: sizes of 16 digits
 * at most, CR LF and nothing else, and no trailer that would have meant something in front of the body. What
 * is sent up goes on to a server that may know less: a request's chunks have no extensions, no trailers
 * behind them, and are smaller than 2 GiB.
 *
 * Source: RFC 9112, sections 6 and 7.1; RFC 9110, section 6.5.1
 */
#pragma once

#include "codec/http.h"

enum {
	HTTP_CHUNK_LINE_MAX = 1024,	/* of a size and its extensions */
	HTTP_TRAILER_MAX = 8 << 10,	/* of all trailers */
	HTTP_TRAILER_NAME_MAX = 32,	/* as much as has to be remembered of a name */
};

struct http_body {
	enum http_framing framing;
	bool is_request;
	uint8_t state;			/* of a chunked one; http_body.c */
	bool is_over;
	uint8_t digit_count, name_len;
	unsigned line_bytes;		/* of the line with the size; of all trailers */
	uint64_t left_bytes;		/* of the body, or of the chunk */
	uint64_t room_bytes;		/* how much data may still come */
	char name[HTTP_TRAILER_NAME_MAX];
};

/**
 * http_body_begin() - behind a head that is done
 * @body:        made anew
 * @head:        its head
 * @is_request:  whether it is a request's
 * @limit_bytes: most bytes of data, without the marks of chunks; UINT64_MAX: any
 */
void http_body_begin(struct http_body *body, const struct http_head *head, bool is_request,
	uint64_t limit_bytes);

/**
 * http_body_feed() - some more bytes
 * @body:     goes on
 * @bytes:    what came behind the head, or behind the bytes that were used before
 * @ret_used: how many of them belong to the body
 * @ret:      why, when it is refused: 400 or 413, of a response 502
 *
 * A body that is refused has no end, so the connection has to end instead, on both sides, and no byte of the
 * piece that was refused may be passed on.
 *
 * Return: HTTP_MORE: all were used, and it goes on; HTTP_DONE: it ended; HTTP_REFUSED.
 */
enum http_step http_body_feed(struct http_body *body, struct str bytes, size_t *ret_used,
	struct http_refusal *ret);

/** http_body_is_whole() - whether the connection may end here; false: what came is a part of a body */
bool http_body_is_whole(const struct http_body *body);
