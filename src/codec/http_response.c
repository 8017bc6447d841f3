// SPDX-License-Identifier: Apache-2.0
/*
 * http_response.c - the first line of a response, and where its body ends
 *
 * What ends where follows from the question as much as from the answer: the same head has a body behind GET
 * and none behind HEAD. RFC 9112, section 6.3, says it in eight steps; they stand below in their order.
 *
 * Sources: RFC 9112, sections 4, 6.3 and 9.3; RFC 9110, sections 7.8, 15.2 and 15.3.5
 */
#include "codec/http_internal.h"

/* "HTTP/1.1 200 OK"; many leave out the space that stands in front of no reason. */
static enum http_step read_first(struct http_response *response, struct str line, struct http_refusal *ret)
{
	struct str version, status, reason;
	uint64_t number;

	if (!str_cut(line, ' ', &version, &line))
		return http_refuse(ret, 502, "the answer does not begin with 'VERSION STATUS'");
	str_cut(line, ' ', &status, &reason);
	if (!str_eq(version, STR("HTTP/1.1")) && !str_eq(version, STR("HTTP/1.0")))
		return http_refuse(ret, 502, "the answer is not in HTTP/1.1 or HTTP/1.0");
	if (status.len != 3 || str_to_u64(status, 599, &number) < 0)
		return http_refuse(ret, 502, "the answer's status is no number from 100 to 599");
	response->head.minor = version.data[version.len - 1] == '1';
	response->status = (uint16_t)number;
	response->reason = reason;
	return HTTP_MORE;
}

/* 101 is an answer to who asked for it, and to nobody else. */
static enum http_step check_switch(struct http_response *response, const struct http_asked *asked,
	struct http_refusal *ret)
{
	unsigned count;
	const struct http_field *field = http_field_only(&response->head, HTTP_FIELD_UPGRADE, &count);

	if (response->status != 101)
		return HTTP_MORE;
	if (!asked->is_websocket || !response->head.minor || count != 1 ||
			!str_eq_no_case(field->value, STR("websocket")) ||
			!http_head_names(&response->head, STR("upgrade")))
		return http_refuse(ret, 502, "the answer switches to what was not asked for");
	return HTTP_MORE;
}

static enum http_step frame(struct http_response *response, const struct http_asked *asked,
	struct http_refusal *ret)
{
	struct http_head *head = &response->head;
	const bool is_empty = response->status < 200 || response->status == 204;

	if (head->framing == HTTP_BODY_CHUNKED && (!head->minor || !asked->minor))
		return http_refuse(ret, 502, "HTTP/1.0 has no Transfer-Encoding");
	if (is_empty && (head->framing == HTTP_BODY_CHUNKED || head->length_bytes))
		return http_refuse(ret, 502, "an answer that has no body says where its body ends");
	response->is_tunnel = response->status == 101 ||
		(asked->method == HTTP_METHOD_CONNECT && response->status / 100 == 2);
	response->is_interim = response->status < 200 && response->status != 101;
	if (is_empty || asked->method == HTTP_METHOD_HEAD || response->status == 304 || response->is_tunnel)
		head->framing = HTTP_BODY_NONE;
	else if (head->framing == HTTP_BODY_NONE)
		head->framing = HTTP_BODY_UNTIL_CLOSE;
	head->is_last = head->framing == HTTP_BODY_UNTIL_CLOSE || http_head_names(head, STR("close")) ||
		(!head->minor && !http_head_names(head, STR("keep-alive")));
	return HTTP_DONE;
}

static enum http_step read_whole(struct http_response *response, struct str first,
	const struct http_asked *asked, struct http_refusal *ret)
{
	enum http_step step = read_first(response, first, ret);

	if (step == HTTP_MORE)
		step = check_switch(response, asked, ret);
	return step == HTTP_MORE ? frame(response, asked, ret) : step;
}

enum http_step http_response_read(struct http_response *response, struct str bytes,
	const struct http_asked *asked, const struct http_limits *limits, struct http_refusal *ret)
{
	struct str first;
	enum http_step step = http_head_read(&response->head, bytes, limits, &first, ret);

	if (step == HTTP_DONE)
		step = read_whole(response, first, asked, ret);
	/* Whoever asked did nothing wrong. */
	if (step == HTTP_REFUSED)
		ret->status = 502;
	return step;
}
