/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http.h - heads of HTTP/1.1 messages, read so that nobody can read them otherwise
 *
 * A proxy that takes a message for one and is followed by a server that takes it for two has smuggled the
 * second. So whatever two readers were ever seen to read differently is refused here, however often it is
 * harmless: a message has one meaning or none. What is refused is said with the status that HTTP has for it
 * and a sentence for a person.
 *
 * A head is read out of one contiguous buffer that grows: HTTP_MORE asks for more bytes behind those that are
 * there, and no byte is looked at twice while they come. What is read are slices of that buffer, good while
 * it is neither changed nor moved; only a host is copied, since it is brought into the form that rules are
 * held against (net/name.h). Nothing is allocated but that copy, in an arena that the caller resets.
 *
 * A struct that is all zero is ready to be read into, once.
 *
 * Sources: RFC 9110 (semantics), RFC 9112 (HTTP/1.1), RFC 6455 (WebSocket); "HTTP Desync Attacks" and what
 * followed it, for what is read in two ways
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "net/address.h"

enum {
	HTTP_FIELDS_MAX = 100,
	HTTP_OPTIONS_MAX = 16,		/* of Connection, in all of its lines */
	HTTP_METHOD_MAX = 32,
	HTTP_PORT = 80,
};

enum http_step {
	HTTP_REFUSED,
	HTTP_MORE,			/* nothing is wrong so far */
	HTTP_DONE,
};

struct http_refusal {
	/* 400, 405, 413, 414, 417, 431, 501, 505; of a response 502; 0: none */
	uint16_t status;
	const char *why;		/* a sentence without its dot; static */
};

struct http_limits {
	size_t head_bytes;
	size_t line_bytes;		/* of the first line, and of each field, without its end */
	unsigned field_count;		/* up to HTTP_FIELDS_MAX */
};

#define HTTP_LIMITS ((struct http_limits){ 64 << 10, 8 << 10, HTTP_FIELDS_MAX })

/* Fields that a proxy has to know. */
enum http_field_id {
	HTTP_FIELD_OTHER,
	/* reserved: "Connection: close" would be about it (RFC 9110, section 9.6) */
	HTTP_FIELD_CLOSE,
	HTTP_FIELD_CONNECTION,
	HTTP_FIELD_CONTENT_LENGTH,
	HTTP_FIELD_EXPECT,
	HTTP_FIELD_HOST,
	HTTP_FIELD_HTTP2_SETTINGS,
	HTTP_FIELD_KEEP_ALIVE,
	HTTP_FIELD_PROXY,		/* "Proxy" and whatever begins with "Proxy-" */
	HTTP_FIELD_TE,
	HTTP_FIELD_TRAILER,
	HTTP_FIELD_TRANSFER_ENCODING,
	HTTP_FIELD_UPGRADE,
};

struct http_field {
	struct str name, value;		/* the value without the white space around it */
	enum http_field_id id;
};

/* How the end of a message is found. */
enum http_framing {
	HTTP_BODY_NONE,
	HTTP_BODY_LENGTH,
	HTTP_BODY_CHUNKED,
	HTTP_BODY_UNTIL_CLOSE,		/* of responses alone */
};

struct http_head {
	size_t bytes;			/* with the empty line that ends it; set when done */
	uint8_t minor;			/* of the version: HTTP/1.0 or HTTP/1.1 */
	struct http_field fields[HTTP_FIELDS_MAX];
	unsigned field_count;
	struct str options[HTTP_OPTIONS_MAX];	/* what Connection names */
	unsigned option_count;
	enum http_framing framing;
	uint64_t length_bytes;		/* of the body, where the framing is HTTP_BODY_LENGTH */
	bool is_last;			/* the connection ends with this message */
	bool has_length;		/* a Content-Length stands there, whatever the framing */
	size_t seen, line_start;	/* how far it was looked at, and where the line there begins */
	unsigned line_count;
};

enum http_method {
	HTTP_METHOD_OTHER,
	HTTP_METHOD_CONNECT,
	HTTP_METHOD_GET,
	HTTP_METHOD_HEAD,
	HTTP_METHOD_OPTIONS,
};

/* How the target was written. RFC 9112, 3.2 */
enum http_form {
	HTTP_FORM_ORIGIN,		/* "/path?query" */
	HTTP_FORM_ABSOLUTE,		/* "http://host/path?query" */
	HTTP_FORM_AUTHORITY,		/* "host:port", of CONNECT */
	HTTP_FORM_ASTERISK,		/* "*", of OPTIONS */
};

struct http_host {
	struct str name;		/* canonical; an address of IPv6 has no brackets; empty: none */
	struct net_address address;	/* len is 0 where it is a name */
	uint16_t port;			/* 80 where none was written; 0: no host */
	bool has_port;
};

/* The form of an answer of our own (http_write.h), by Accept. */
enum http_form_wanted {
	HTTP_WANTS_JSON,
	HTTP_WANTS_PROBLEM,
	HTTP_WANTS_TEXT,
};

struct http_request {
	struct http_head head;
	struct str method_name;		/* capital letters, digits, "-" and "_" */
	enum http_method method;
	enum http_form form;
	struct str target;		/* "/path?query", "*"; empty for CONNECT */
	struct http_host host;		/* may be none in HTTP/1.0 alone */
	bool is_websocket;
	bool expects_continue;		/* it waits for 100 before it sends its body */
	enum http_form_wanted wants;
};

/* What a response has to be read with. */
struct http_asked {
	enum http_method method;
	uint8_t minor;
	bool is_websocket;
};

struct http_response {
	struct http_head head;
	uint16_t status;		/* 100..599 */
	struct str reason;		/* may be empty */
	bool is_interim;		/* another one follows: 1xx, but for 101 */
	bool is_tunnel;			/* what follows is no HTTP: 101, and 2xx to CONNECT */
	/* what the writer adds as Proxy-Status; empty, and so it is when read: nothing */
	struct str note;
};

/**
 * http_request_read() - the head of a request
 * @request: all zero for the first call; the following ones continue
 * @arena:   owns the host; 2 KiB are enough
 * @bytes:   all that came since the head began; the same bytes as before, and more
 * @limits:  how long it may be
 * @ret:     why, when it is refused
 *
 * What comes in HTTP/1.0 is the last of its connection. A field that is not to be passed on stays in
 * @request, and http_request_write() leaves it out.
 *
 * Source: RFC 9112, sections 2, 3, 5 and 6; RFC 9110, sections 7 and 10.1.1; RFC 6455, 4.1
 * Return: HTTP_DONE and @request is whole, HTTP_MORE, or HTTP_REFUSED.
 */
enum http_step http_request_read(struct http_request *request, struct arena *arena, struct str bytes,
	const struct http_limits *limits, struct http_refusal *ret);

/** http_request_asked() - what has to be kept of a request until its response is read */
struct http_asked http_request_asked(const struct http_request *request);

/**
 * http_response_read() - the head of a response
 * @response: all zero for the first call; the following ones continue
 * @bytes:    all that came since the head began; the same bytes as before, and more
 * @asked:    what it answers
 * @limits:   how long it may be
 * @ret:      why, when it is refused; the status is 502
 *
 * Source: RFC 9112, sections 4 and 6.3
 * Return: HTTP_DONE and @response is whole, HTTP_MORE, or HTTP_REFUSED.
 */
enum http_step http_response_read(struct http_response *response, struct str bytes,
	const struct http_asked *asked, const struct http_limits *limits, struct http_refusal *ret);

/**
 * http_field_find() - the first field of a name
 * @head: one that is done
 * @name: in any case of letters
 *
 * Return: the field, or NULL.
 */
const struct http_field *http_field_find(const struct http_head *head, struct str name);

/**
 * http_host_read() - a host and its port, as they stand in a target or in Host
 * @arena: owns the name
 * @text:  "host", "host:port", "[::1]:port"
 * @ret:   set on success
 *
 * Return: NULL, or what is wrong with it.
 */
const char *http_host_read(struct arena *arena, struct str text, struct http_host *ret);
