// SPDX-License-Identifier: Apache-2.0
/*
 * http_denial.c - what a proxy answers itself
 *
 * The words come from rules and requests, so nothing of them reaches the head, a terminal or a parser of JSON
 * but what may stand there.
 *
 * Sources: RFC 9110, sections 10.2.3 (Retry-After), 12.4.2 and 12.5.1 (Accept); RFC 6585, section 4 (429);
 * RFC 8259, section 7; RFC 9457
 */
#include "codec/http_write.h"

#include "base/quote.h"
#include "base/utf8.h"
#include "codec/http_internal.h"

#include <errno.h>
#include <inttypes.h>

enum {
	BODY_MAX_BYTES = 64 << 10,
	MEMBER_MAX = 1024,		/* bytes of a text; what is more is cut off */
	PHRASE_MAX = 200,		/* bytes of a reason in the first line */
	QUALITY_MAX = 1000,
};

#define FORM_COUNT (HTTP_WANTS_TEXT + 1)

static const struct {
	struct str type, subtype;
	const char *name;
} forms[FORM_COUNT] = {
	[HTTP_WANTS_JSON] = { STR("application"), STR("json"), "application/json" },
	[HTTP_WANTS_PROBLEM] = { STR("application"), STR("problem+json"), "application/problem+json" },
	[HTTP_WANTS_TEXT] = { STR("text"), STR("plain"), "text/plain; charset=utf-8" },
};

static const char *phrase_of(uint16_t status)
{
	static const struct {
		uint16_t status;
		const char *phrase;
	} rows[] = {
		{ 400, "Bad Request" }, { 403, "Forbidden" }, { 405, "Method Not Allowed" },
		{ 413, "Content Too Large" }, { 414, "URI Too Long" }, { 417, "Expectation Failed" },
		{ 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" },
		{ 501, "Not Supported" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].status == status)
			return rows[i].phrase;
	return "Refused";
}

/* ---- which form ---- */

/* "0.8" in thousandths; what is none is 0. */
static unsigned read_quality(struct str text)
{
	unsigned value, weight = 100;

	if (!text.len || text.len > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
			(text.len > 1 && text.data[1] != '.'))
		return 0;
	value = text.data[0] == '1' ? QUALITY_MAX : 0;
	for (size_t i = 2; i < text.len; i++, weight /= 10) {
		if (!ascii_is_digit(text.data[i]))
			return 0;
		value += (unsigned)(text.data[i] - '0') * weight;
	}
	return MIN(value, (unsigned)QUALITY_MAX);
}

static unsigned quality_of(struct str parameters)
{
	struct str parameter;

	while (parameters.len) {
		str_cut(parameters, ';', &parameter, &parameters);
		parameter = http_trim(parameter);
		if (parameter.len > 1 && ascii_lower(parameter.data[0]) == 'q' && parameter.data[1] == '=')
			return read_quality((struct str){ parameter.data + 2, parameter.len - 2 });
	}
	return QUALITY_MAX;
}

/* How exactly a range names a form: 1 every type, 2 every one of its kind, 3 itself; 0: it does not. */
static unsigned match(struct str range, enum http_form_wanted form)
{
	struct str type, subtype;

	if (!str_cut(range, '/', &type, &subtype))
		return 0;
	if (str_eq(type, STR("*")))
		return str_eq(subtype, STR("*")) ? 1 : 0;
	if (!str_eq_no_case(type, forms[form].type))
		return 0;
	if (str_eq(subtype, STR("*")))
		return 2;
	/* Who reads pages reads text, too. */
	return str_eq_no_case(subtype, forms[form].subtype) ||
			(form == HTTP_WANTS_TEXT && str_eq_no_case(subtype, STR("html"))) ?
		3 :
		0;
}

/* How much a form is wanted: by its quality, then by how exactly it is named, then by what we like best. */
static unsigned wanted(struct str accept, enum http_form_wanted form)
{
	unsigned best = 0, quality = 0, liked = form == HTTP_WANTS_JSON ? 2 : 1;
	struct str range;

	while (accept.len) {
		struct str parameters;
		unsigned exact;

		str_cut(accept, ',', &range, &accept);
		str_cut(range, ';', &range, &parameters);
		exact = match(http_trim(range), form);
		if (exact > best) {
			best = exact;
			quality = quality_of(parameters);
		}
	}
	if (!quality)
		return 0;
	/* Problem details are for who asks for them. */
	if (form == HTTP_WANTS_PROBLEM)
		liked = best == 3 ? 3 : 0;
	return quality * 16 + best * 4 + liked;
}

enum http_form_wanted http_accept_read(struct str accept)
{
	enum http_form_wanted best = HTTP_WANTS_JSON;

	for (enum http_form_wanted form = HTTP_WANTS_JSON; form < FORM_COUNT; form++)
		if (wanted(accept, form) > wanted(accept, best))
			best = form;
	return best;
}

/* ---- the body ---- */

static void append_escape(struct buf *buf, uint32_t point)
{
	if (point > 0xffff) {
		buf_printf(buf, "\\u%04x", 0xd800 + ((point - 0x10000) >> 10));
		point = 0xdc00 + (point & 0x3ff);
	}
	buf_printf(buf, "\\u%04x", point);
}

static void append_json_text(struct buf *buf, struct str text)
{
	buf_append_char(buf, '"');
	while (text.len) {
		uint32_t point;
		int len = utf8_decode(text, &point);

		if (len < 0)
			buf_append_str(buf, "\\ufffd");
		else if (point == '"' || point == '\\')
			buf_printf(buf, "\\%c", (char)point);
		else if (utf8_is_deceptive(point))
			append_escape(buf, point);
		else
			buf_append(buf, text.data, (size_t)len);
		len = MAX(len, 1);
		text = (struct str){ text.data + len, text.len - (size_t)len };
	}
	buf_append_char(buf, '"');
}

static struct str cut(struct str text)
{
	return (struct str){ text.data, MIN(text.len, (size_t)MEMBER_MAX) };
}

static void append_member(struct buf *buf, const char *name, struct str value)
{
	if (!value.len)
		return;
	buf_printf(buf, "%s\"%s\":", buf->len > 1 ? "," : "", name);
	append_json_text(buf, cut(value));
}

static void append_line(struct buf *buf, const char *name, struct str value)
{
	if (!value.len)
		return;
	buf_printf(buf, "%s: ", name);
	quote_append_bare(buf, cut(value));
	buf_append_char(buf, '\n');
}

static void append_body(struct buf *buf, const struct http_denial *denial, enum http_form_wanted form)
{
	if (form == HTTP_WANTS_TEXT) {
		append_line(buf, "refused", denial->reason);
		append_line(buf, "rule", denial->rule);
		append_line(buf, "decision", denial->decision);
		append_line(buf, "hint", denial->hint);
		append_line(buf, "limit", denial->limit);
		if (denial->limit.len)
			buf_printf(buf, "value: %" PRIu64 "\n", denial->value);
		return;
	}
	buf_append_char(buf, '{');
	if (form == HTTP_WANTS_PROBLEM) {
		append_member(buf, "type", STR("about:blank"));
		append_member(buf, "title", str_from(phrase_of(denial->status)));
		buf_printf(buf, ",\"status\":%u", denial->status);
		append_member(buf, "detail", denial->reason);
	}
	append_member(buf, "reason", denial->reason);
	append_member(buf, "rule", denial->rule);
	append_member(buf, "decision", denial->decision);
	append_member(buf, "hint", denial->hint);
	append_member(buf, "limit", denial->limit);
	if (denial->limit.len)
		buf_printf(buf, ",\"value\":%" PRIu64, denial->value);
	buf_append_str(buf, "}\n");
}

/* ---- the head ---- */

static void append_phrase(struct buf *buf, const struct http_denial *denial)
{
	struct str reason = denial->reason;

	buf_printf(buf, "HTTP/1.1 %u %s", denial->status, phrase_of(denial->status));
	if (reason.len)
		buf_append_str(buf, ": ");
	for (size_t i = 0; i < MIN(reason.len, (size_t)PHRASE_MAX); i++)
		buf_append_char(buf, reason.data[i] >= ' ' && reason.data[i] <= '~' ? reason.data[i] : '?');
	buf_append_str(buf, "\r\n");
}

int http_denial_write(struct buf *buf, const struct http_denial *denial, const struct http_request *request,
	bool is_last)
{
	scoped(buf) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	const enum http_form_wanted form = request ? request->wants : HTTP_WANTS_JSON;

	append_body(&body, denial, form);
	if (buf_failed(&body))
		return -EMSGSIZE;
	append_phrase(buf, denial);
	buf_printf(buf, "Content-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n",
		forms[form].name, body.len);
	if (denial->retry_s)
		buf_printf(buf, "Retry-After: %u\r\n", denial->retry_s);
	if (denial->status == 405)
		buf_append_str(buf, "Allow: CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT\r\n");
	buf_append_str(buf, is_last ? "Connection: close\r\n\r\n" : "\r\n");
	if (!request || request->method != HTTP_METHOD_HEAD)
		buf_append(buf, body.data, body.len);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}
