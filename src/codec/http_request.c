// SPDX-License-Identifier: Apache-2.0
/*
 * http_request.c - the first line of a request, whom it is for, and what it asks of the connection
 *
 * Sources: RFC 9112, sections 3, 6 and 9; RFC 9110, sections 4.2, 7.2, 7.8, 9.3 and 10.1.1; RFC 3986,
 * section 3.2; RFC 6455, section 4.1
 */
#include "codec/http_internal.h"

#include "net/name.h"

/* ---- hosts ---- */

static const char *read_port(struct str text, uint16_t *ret)
{
	uint64_t port;

	if (str_to_u64(text, UINT16_MAX, &port) < 0 || !port)
		return "the port is no number from 1 to 65535";
	*ret = (uint16_t)port;
	return NULL;
}

const char *http_name_read(struct arena *arena, struct str text, struct http_host *ret)
{
	char printed[NET_ADDRESS_SIZE];
	enum net_spelling spelling;

	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] >= 0x80 || strchr("%@/?#\\, ", text.data[i]))
			return "the host holds what no host may hold";
	if (!text.len)
		return "there is no host";
	spelling = net_address_spelling(text, &ret->address);
	if (spelling == NET_NO_ADDRESS) {
		ret->address = (struct net_address){ 0 };
		return net_name_read(arena, text, &ret->name);
	}
	if (spelling == NET_WRONG_ADDRESS)
		return "the host is a wrong address";
	net_address_print(&ret->address, printed);
	ret->name = (struct str){ arena_copy(arena, printed, strlen(printed)), strlen(printed) };
	return ret->name.data ? NULL : "the host is too long";
}

const char *http_host_read(struct arena *arena, struct str text, struct http_host *ret)
{
	struct http_host host = { .port = HTTP_PORT };
	const char *end = text.len ? memchr(text.data, text.data[0] == '[' ? ']' : ':', text.len) : NULL;
	const char *why = NULL;
	struct str name = text, port = { 0 };

	if (text.len && text.data[0] == '[') {
		if (!end)
			return "the host has no closing bracket";
		end++;
	}
	if (end) {
		name.len = (size_t)(end - text.data);
		port = (struct str){ end, text.len - name.len };
	}
	if (port.len && port.data[0] != ':')
		return "something else than a port stands behind the host";
	if (port.len) {
		host.has_port = true;
		why = read_port((struct str){ port.data + 1, port.len - 1 }, &host.port);
	}
	why = why ?: http_name_read(arena, name, &host);
	if (!why)
		*ret = host;
	return why;
}

/* ---- the first line ---- */

static enum http_step read_method(struct http_request *request, struct http_refusal *ret)
{
	static const struct {
		struct str name;
		enum http_method method;
	} known[] = {
		{ STR("CONNECT"), HTTP_METHOD_CONNECT }, { STR("GET"), HTTP_METHOD_GET },
		{ STR("HEAD"), HTTP_METHOD_HEAD }, { STR("OPTIONS"), HTTP_METHOD_OPTIONS },
	};
	const struct str name = request->method_name;

	if (!http_is_token(name))
		return http_refuse(ret, 400, "the method is no token");
	if (name.len > HTTP_METHOD_MAX || http_span(name, HTTP_IN_METHOD) != name.len)
		return http_refuse(ret, 501, "the method is not written in capital letters, or too long");
	if (str_eq(name, STR("PRI")))
		return http_refuse(ret, 400, "HTTP/2 is not spoken here");
	/* It gives back what a proxy added to the request. */
	if (str_eq(name, STR("TRACE")) || str_eq(name, STR("TRACK")))
		return http_refuse(ret, 405, "a request is not traced");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (str_eq(name, known[i].name))
			request->method = known[i].method;
	return HTTP_MORE;
}

static enum http_step read_version(struct http_head *head, struct str text, struct http_refusal *ret)
{
	if (text.len != 8 || !str_starts_with(text, STR("HTTP/")) || !ascii_is_digit(text.data[5]) ||
			text.data[6] != '.' || !ascii_is_digit(text.data[7]))
		return http_refuse(ret, 400, "the first line does not end in a version of HTTP");
	if (text.data[5] != '1' || text.data[7] > '1')
		return http_refuse(ret, 505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
	head->minor = (uint8_t)(text.data[7] - '0');
	return HTTP_MORE;
}

static bool is_hex(char c)
{
	return ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

/* "/path?query" */
static enum http_step read_path(struct http_request *request, struct str text, struct http_refusal *ret)
{
	const size_t len = http_span(text, HTTP_IN_PATH);
	struct str query = { text.data + len, text.len - len };

	if (query.len && query.data[0] != '?')
		return http_refuse(ret, 400, "the path holds what no path may hold");
	if (http_span(query, HTTP_IN_QUERY) != query.len)
		return http_refuse(ret, 400, "the query holds what no query may hold");
	for (size_t i = 0; i < len; i++)
		if (text.data[i] == '%' &&
				(i + 2 >= len || !is_hex(text.data[i + 1]) || !is_hex(text.data[i + 2])))
			return http_refuse(ret, 400, "'%' without two digits stands in the path");
	request->target = text;
	return HTTP_MORE;
}

/* "http://host:port/path?query" */
static enum http_step read_absolute(struct http_request *request, struct arena *arena, struct str text,
	struct http_refusal *ret)
{
	static const struct str scheme = STR("http://");
	const char *why;
	size_t len = 0;

	if (text.len < scheme.len || !str_eq_no_case((struct str){ text.data, scheme.len }, scheme))
		return memmem(text.data, text.len, "://", 3) ?
			http_refuse(ret, 501, "only http is asked for in this way; CONNECT is for the rest") :
			http_refuse(ret, 400, "the target is neither a path nor a URL");
	text = (struct str){ text.data + scheme.len, text.len - scheme.len };
	while (len < text.len && text.data[len] != '/' && text.data[len] != '?' && text.data[len] != '#')
		len++;
	why = http_host_read(arena, (struct str){ text.data, len }, &request->host);
	if (why)
		return http_refuse(ret, 400, why);
	text = (struct str){ text.data + len, text.len - len };
	request->form = HTTP_FORM_ABSOLUTE;
	if (!text.len) {
		/* RFC 9112, 3.2.4: the last proxy makes an asterisk of it. */
		request->target = request->method == HTTP_METHOD_OPTIONS ? STR("*") : STR("/");
		return HTTP_MORE;
	}
	if (text.data[0] != '/')
		return http_refuse(ret, 400, "the target has no path");
	return read_path(request, text, ret);
}

static enum http_step read_target(struct http_request *request, struct arena *arena, struct str text,
	struct http_refusal *ret)
{
	const char *why;

	if (request->method == HTTP_METHOD_CONNECT) {
		request->form = HTTP_FORM_AUTHORITY;
		why = http_host_read(arena, text, &request->host);
		if (!why && !request->host.has_port)
			why = "the target of CONNECT has no port";
		return why ? http_refuse(ret, 400, why) : HTTP_MORE;
	}
	if (text.len && text.data[0] == '/')
		return read_path(request, text, ret);
	if (!str_eq(text, STR("*")))
		return read_absolute(request, arena, text, ret);
	if (request->method != HTTP_METHOD_OPTIONS)
		return http_refuse(ret, 400, "'*' is a target of OPTIONS alone");
	request->form = HTTP_FORM_ASTERISK;
	request->target = text;
	return HTTP_MORE;
}

static enum http_step read_first(struct http_request *request, struct arena *arena, struct str line,
	struct http_refusal *ret)
{
	struct str target, version;
	enum http_step step;

	if (!str_cut(line, ' ', &request->method_name, &line) || !str_cut(line, ' ', &target, &version))
		return http_refuse(ret, 400, "the first line is not 'METHOD TARGET VERSION'");
	step = read_method(request, ret);
	if (step == HTTP_MORE)
		step = read_version(&request->head, version, ret);
	return step == HTTP_MORE ? read_target(request, arena, target, ret) : step;
}

/* ---- Host ---- */

static enum http_step check_host(struct http_request *request, struct arena *arena, struct http_refusal *ret)
{
	const struct http_host asked = request->host;
	unsigned count;
	const struct http_field *field = http_field_only(&request->head, HTTP_FIELD_HOST, &count);
	struct http_host host = { 0 };
	const char *why;

	if (count > 1)
		return http_refuse(ret, 400, "there is more than one Host");
	if (!field)
		return request->head.minor ? http_refuse(ret, 400, "there is no Host") : HTTP_MORE;
	why = http_host_read(arena, field->value, &host);
	if (why)
		return http_refuse(ret, 400, why);
	/* CONNECT's port may be the one that its scheme has, which is not said. */
	if (asked.name.len && (!str_eq(asked.name, host.name) ||
			(asked.port != host.port && (host.has_port || request->form != HTTP_FORM_AUTHORITY))))
		return http_refuse(ret, 400, "the target and Host name different hosts");
	if (!asked.name.len)
		request->host = host;
	return HTTP_MORE;
}

/* ---- the body, and what else is asked of the connection ---- */

static enum http_step check_body(struct http_request *request, struct http_refusal *ret)
{
	const struct http_head *head = &request->head;
	const bool has_body = head->framing == HTTP_BODY_CHUNKED || head->length_bytes;

	if (head->framing == HTTP_BODY_CHUNKED && !head->minor)
		return http_refuse(ret, 400, "HTTP/1.0 has no Transfer-Encoding");
	if (has_body && request->method == HTTP_METHOD_CONNECT)
		return http_refuse(ret, 400, "CONNECT has no body");
	if (has_body && request->method == HTTP_METHOD_HEAD)
		return http_refuse(ret, 400,
			"a body of HEAD means nothing, and is taken for something by some");
	return HTTP_MORE;
}

/*
 * An offer to go on in HTTP/2 (RFC 7540, 3.2), as Java's client makes it of its first request. Whoever gets
 * it may act as if it were not there, so it is not passed on, and the request behind it is one like any
 * other: an answer that takes the offer is none to it. What only resembles such an offer is refused, since
 * somebody else could take it.
 */
static bool is_offer_of_http2(const struct http_request *request, struct str upgrade, unsigned settings_count)
{
	const struct http_head *head = &request->head;

	return str_eq_no_case(upgrade, STR("h2c")) && settings_count == 1 && head->minor &&
		request->method != HTTP_METHOD_CONNECT && http_head_names(head, STR("upgrade")) &&
		http_head_names(head, STR("http2-settings"));
}

/* Of all that a connection can be upgraded to, only WebSocket; what else is offered need not be taken. */
static enum http_step check_upgrade(struct http_request *request, struct http_refusal *ret)
{
	const struct http_head *head = &request->head;
	const bool is_asked = http_head_names(head, STR("upgrade"));
	unsigned count, settings_count;
	const struct http_field *field = http_field_only(head, HTTP_FIELD_UPGRADE, &count);

	http_field_only(head, HTTP_FIELD_HTTP2_SETTINGS, &settings_count);
	if (count > 1)
		return http_refuse(ret, 400, "there is more than one Upgrade");
	if (field && is_offer_of_http2(request, field->value, settings_count))
		return HTTP_MORE;
	if (settings_count || http_head_names(head, STR("http2-settings")))
		return http_refuse(ret, 400, "HTTP/2 is not spoken here");
	if (!field)
		return HTTP_MORE;
	if (memmem(field->value.data, field->value.len, "h2", 2) ||
			memmem(field->value.data, field->value.len, "H2", 2))
		return http_refuse(ret, 400, "HTTP/2 is not spoken here");
	if (!str_eq_no_case(field->value, STR("websocket")))
		return HTTP_MORE;
	if (!is_asked || request->method != HTTP_METHOD_GET || !head->minor ||
			head->framing == HTTP_BODY_CHUNKED || head->length_bytes)
		return http_refuse(ret, 400, "this is no way to ask for a WebSocket");
	request->is_websocket = true;
	return HTTP_MORE;
}

static enum http_form_wanted read_accept(const struct http_head *head)
{
	const struct http_field *accept = http_field_find(head, STR("accept"));

	return accept ? http_accept_read(accept->value) : HTTP_WANTS_JSON;
}

static enum http_step check_expect(struct http_request *request, struct http_refusal *ret)
{
	const struct http_head *head = &request->head;
	unsigned count;
	const struct http_field *field = http_field_only(head, HTTP_FIELD_EXPECT, &count);

	if (count > 1)
		return http_refuse(ret, 400, "there is more than one Expect");
	if (field && !str_eq_no_case(field->value, STR("100-continue")))
		return http_refuse(ret, 417, "nothing but 100-continue can be expected");
	request->expects_continue = field && head->minor &&
		(head->framing == HTTP_BODY_CHUNKED || head->length_bytes);
	return HTTP_DONE;
}

enum http_step http_request_read(struct http_request *request, struct arena *arena, struct str bytes,
	const struct http_limits *limits, struct http_refusal *ret)
{
	struct http_head *head = &request->head;
	struct str first;
	enum http_step step = http_head_read(head, bytes, limits, &first, ret);

	if (step != HTTP_DONE)
		return step;
	step = read_first(request, arena, first, ret);
	if (step == HTTP_MORE)
		step = check_host(request, arena, ret);
	if (step == HTTP_MORE)
		step = check_body(request, ret);
	if (step == HTTP_MORE)
		step = check_upgrade(request, ret);
	if (step == HTTP_MORE)
		step = check_expect(request, ret);
	/* RFC 9112, 9.3: a proxy keeps no connection with a client that speaks HTTP/1.0. */
	if (step == HTTP_DONE)
		request->wants = read_accept(head);
	head->is_last = !head->minor || http_head_names(head, STR("close"));
	return step;
}

struct http_asked http_request_asked(const struct http_request *request)
{
	return (struct http_asked){
		.method = request->method, .minor = request->head.minor,
		.is_websocket = request->is_websocket,
	};
}
