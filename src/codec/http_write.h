/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_write.h - heads as they are passed on, and what a proxy answers itself
 *
 * What was read is written anew: first line, host, framing and what is said about the connection are ours,
 * and every other field is passed on as it stood, in its order. So what the other side gets is what was
 * judged, whatever else somebody could have read in the bytes that came. Nothing is added that names the
 * proxy.
 *
 * Sources: RFC 9112, section 3.2 and 9; RFC 9110, sections 7.6.1, 9.3.6, 12.5.1 and 15; RFC 9457 (problem
 * details)
 */
#pragma once

#include "codec/http.h"

/* What a proxy says before it passes bytes on: to CONNECT, and to who waits before it sends a body. */
#define HTTP_CONNECTED STR("HTTP/1.1 200 Connection established\r\n\r\n")
#define HTTP_CONTINUE STR("HTTP/1.1 100 Continue\r\n\r\n")

/**
 * http_request_write() - the head of a request, to the server that it is for
 * @buf:     grows by the head; HTTP_LIMITS' head_bytes and 512 more are enough
 * @request: one that is done, with its host; no CONNECT
 * @is_last: whether the connection to the server ends behind the answer
 *
 * In origin-form, with one Host in its canonical form. Connection and what it names, Keep-Alive, Proxy and
 * Proxy-*, TE, Trailer, and Upgrade but for a WebSocket are left out; so is Expect, since it is the proxy
 * that says HTTP_CONTINUE. The version is the client's, so that no answer comes that it could not read.
 *
 * Errors: -EDESTADDRREQ it has no host; -EMSGSIZE the limit of @buf.
 * Return: 0 or negative errno.
 */
int http_request_write(struct buf *buf, const struct http_request *request, bool is_last);

/**
 * http_request_write_absolute() - the same, to another proxy, which makes the connection to the server
 * @buf:           grows by the head; HTTP_LIMITS' head_bytes, 512 and what @authorization has are enough
 * @request:       one that is done, with its host; no CONNECT, no WebSocket
 * @authorization: what lets us in there, as the value of Proxy-Authorization; NULL: nothing
 *
 * In absolute-form ("http://host:8080/path"), with Via, by which proxies see that they go round in circles.
 *
 * Source: RFC 9112, section 3.2.2; RFC 9110, sections 7.6.3 and 11.7.2
 * Errors: -EDESTADDRREQ it has no host; -EMSGSIZE the limit of @buf.
 * Return: 0 or negative errno.
 */
int http_request_write_absolute(struct buf *buf, const struct http_request *request,
	const char *authorization);

/**
 * http_response_write() - the head of a response, back to the client
 * @buf:      grows by the head
 * @response: one that is done
 * @is_last:  whether the connection to the client ends behind it
 *
 * Interim responses are for clients of HTTP/1.1 alone, which the caller knows.
 *
 * Errors: -EMSGSIZE the limit of @buf.
 * Return: 0 or negative errno.
 */
int http_response_write(struct buf *buf, const struct http_response *response, bool is_last);

/* Why a proxy does not do what it was asked for; any bytes, and what is empty is left out. */
struct http_denial {
	uint16_t status;		/* 403, 413, 429, or that of a struct http_refusal, or 502 to 504 */
	struct str reason;
	struct str rule;
	struct str decision;		/* its id, for `cordon explain` */
	struct str hint;
	struct str limit;		/* that was reached, its name */
	uint64_t value;			/* and what it lets through */
	unsigned retry_s;		/* when it may be tried again; 0: never, or nobody knows */
};

/**
 * http_denial_write() - an answer of the proxy's own, with its body
 * @buf:     grows by the answer
 * @denial:  why
 * @request: whose Accept says in which form, and which has no body where it is HEAD; what it was read from
 *           may be gone; NULL: it was not read
 * @is_last: whether the connection ends behind it, as it has to where a body of @request was not read
 *
 * JSON with the members `reason`, `rule`, `decision` and `hint`, of a limit `limit` and `value`; where Accept
 * wants it, the same as problem details or as text. The reason stands in the first line, too: of an answer to
 * CONNECT, most programs show nothing else.
 *
 * Source: RFC 9457; RFC 9110, section 12.5.1
 * Errors: -EMSGSIZE the limit of @buf.
 * Return: 0 or negative errno.
 */
int http_denial_write(struct buf *buf, const struct http_denial *denial, const struct http_request *request,
	bool is_last);
