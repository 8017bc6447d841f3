// SPDX-License-Identifier: Apache-2.0
/*
 * http_write.c - heads as they are passed on
 */
#include "codec/http_write.h"

#include "codec/http_internal.h"

#include <errno.h>
#include <inttypes.h>

static void append(struct buf *buf, struct str text)
{
	buf_append(buf, text.data, text.len);
}

/* Whether a field goes from one side to the other. */
static bool is_passed_on(const struct http_head *head, const struct http_field *field, bool may_trail)
{
	if (field->id == HTTP_FIELD_TRAILER)
		return may_trail && head->framing == HTTP_BODY_CHUNKED && !http_head_names(head, field->name);
	return field->id == HTTP_FIELD_OTHER && !http_head_names(head, field->name);
}

static void append_fields(struct buf *buf, const struct http_head *head, bool may_trail)
{
	for (unsigned i = 0; i < head->field_count; i++) {
		const struct http_field *field = &head->fields[i];

		if (!is_passed_on(head, field, may_trail))
			continue;
		append(buf, field->name);
		append(buf, STR(": "));
		append(buf, field->value);
		append(buf, STR("\r\n"));
	}
}

/* Where the body ends, what becomes of the connection, and the end of the head; Return: as buf_append() */
static int append_end(struct buf *buf, const struct http_head *head, bool is_websocket, bool is_last)
{
	if (head->framing == HTTP_BODY_CHUNKED)
		append(buf, STR("Transfer-Encoding: chunked\r\n"));
	else if (head->has_length)
		buf_printf(buf, "Content-Length: %" PRIu64 "\r\n", head->length_bytes);
	if (is_websocket)
		append(buf, STR("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
	else if (is_last)
		append(buf, STR("Connection: close\r\n"));
	append(buf, STR("\r\n"));
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

/* "host", "host:8080", "[::1]" */
static void append_place(struct buf *buf, const struct http_host *host)
{
	const bool is_v6 = host->address.len == NET_V6_BYTES;

	buf_printf(buf, "%s%.*s%s", is_v6 ? "[" : "", STR_FMT(host->name), is_v6 ? "]" : "");
	if (host->port != HTTP_PORT)
		buf_printf(buf, ":%u", host->port);
}

static void append_host(struct buf *buf, const struct http_host *host)
{
	append(buf, STR("Host: "));
	append_place(buf, host);
	append(buf, STR("\r\n"));
}

int http_request_write(struct buf *buf, const struct http_request *request, bool is_last)
{
	assert(request->method != HTTP_METHOD_CONNECT);
	if (!request->host.name.len)
		return -EDESTADDRREQ;
	append(buf, request->method_name);
	append(buf, STR(" "));
	append(buf, request->target);
	buf_printf(buf, " HTTP/1.%u\r\n", request->head.minor);
	append_host(buf, &request->host);
	append_fields(buf, &request->head, false);
	return append_end(buf, &request->head, request->is_websocket, is_last);
}

int http_request_write_absolute(struct buf *buf, const struct http_request *request,
	const char *authorization)
{
	assert(request->method != HTTP_METHOD_CONNECT && !request->is_websocket);
	if (!request->host.name.len)
		return -EDESTADDRREQ;
	append(buf, request->method_name);
	append(buf, STR(" http://"));
	append_place(buf, &request->host);
	/* "OPTIONS *" is without a path here. RFC 9112, 3.2.4 */
	if (!str_eq(request->target, STR("*")))
		append(buf, request->target);
	buf_printf(buf, " HTTP/1.%u\r\n", request->head.minor);
	append_host(buf, &request->host);
	append_fields(buf, &request->head, false);
	buf_printf(buf, "Via: 1.%u cordon\r\n", request->head.minor);
	if (authorization)
		buf_printf(buf, "Proxy-Authorization: %s\r\n", authorization);
	return append_end(buf, &request->head, false, false);
}

int http_response_write(struct buf *buf, const struct http_response *response, bool is_last)
{
	const bool is_empty = response->status < 200 || response->status == 204 || response->is_tunnel;
	struct http_head end = {
		.framing = response->head.framing, .length_bytes = response->head.length_bytes,
		.has_length = response->head.has_length && !is_empty,
	};

	buf_printf(buf, "HTTP/1.1 %u ", response->status);
	append(buf, response->reason);
	append(buf, STR("\r\n"));
	append_fields(buf, &response->head, true);
	if (response->note.len)
		buf_printf(buf, "Proxy-Status: %.*s\r\n", STR_FMT(response->note));
	return append_end(buf, &end, response->status == 101, is_last && !response->is_interim);
}
