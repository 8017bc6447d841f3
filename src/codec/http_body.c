// SPDX-License-Identifier: Apache-2.0
/*
 * http_body.c - where the body of a message ends
 *
 * A chunked body is read by a machine that takes one byte after the other, but for the data, which is passed
 * over at once. It is at the beginning of a line, within one, or within data; there is no state in which a
 * byte may mean two things, and what fits no arrow ends it.
 *
 * Source: RFC 9112, section 7.1 (chunked-body, chunk-ext, trailer-section)
 */
#include "codec/http_body.h"

#include "codec/http_internal.h"

enum state {
	BAD,
	SIZE,				/* digits */
	EXT_NEXT,			/* white space, until ";" */
	EXT_NAME_FIRST,
	EXT_NAME,
	EXT_EQUALS,			/* white space behind a name, until "=" or ";" */
	EXT_VALUE_FIRST,
	EXT_VALUE,
	EXT_QUOTED,
	EXT_ESCAPED,
	EXT_QUOTED_END,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,			/* the beginning of a line */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	END_LF,
	OVER,
};

/* What changes how a message is read, whom it is from, or what is done with it. RFC 9110, 6.5.1 */
static const struct str barred[] = {
	STR("age"), STR("authorization"), STR("cache-control"), STR("content-encoding"), STR("content-range"),
	STR("content-type"), STR("cookie"), STR("date"), STR("expires"), STR("forwarded"), STR("location"),
	STR("max-forwards"), STR("pragma"), STR("range"), STR("retry-after"), STR("set-cookie"), STR("vary"),
	STR("www-authenticate"), STR("x-forwarded-for"), STR("x-forwarded-host"), STR("x-forwarded-proto"),
};

void http_body_begin(struct http_body *body, const struct http_head *head, bool is_request,
	uint64_t limit_bytes)
{
	*body = (struct http_body){
		.framing = head->framing, .is_request = is_request, .room_bytes = limit_bytes, .state = SIZE,
	};
	if (head->framing == HTTP_BODY_LENGTH)
		body->left_bytes = head->length_bytes;
	body->is_over = head->framing == HTTP_BODY_NONE ||
		(head->framing == HTTP_BODY_LENGTH && !body->left_bytes);
}

/* ---- the line of a size ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int digit_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum state read_size(struct http_body *body, char c)
{
	int digit = digit_value(c);

	if (digit >= 0) {
		/*
		 * Sixteen digits are 64 bits, and a size has no use for the first of them; 32 are all that
		 * some know.
		 */
		if (body->digit_count++ == 16 || body->left_bytes >> (body->is_request ? 27 : 59))
			return BAD;
		body->left_bytes = body->left_bytes << 4 | (unsigned)digit;
		return SIZE;
	}
	if (!body->digit_count)
		return BAD;
	if (c == '\r')
		return SIZE_LF;
	if (body->is_request)
		return BAD;
	return c == ';' ? EXT_NAME_FIRST : is_blank(c) ? EXT_NEXT : BAD;
}

/* Behind a name or a value, or what ends it. */
static enum state end_word(char c, enum state blank)
{
	return c == '\r' ? SIZE_LF : c == ';' ? EXT_NAME_FIRST : is_blank(c) ? blank : BAD;
}

static enum state read_quoted(uint8_t state, char c)
{
	if (state == EXT_ESCAPED)
		return http_is(c, HTTP_IN_VALUE) ? EXT_QUOTED : BAD;
	if (c == '"')
		return EXT_QUOTED_END;
	if (c == '\\')
		return EXT_ESCAPED;
	return http_is(c, HTTP_IN_VALUE) ? EXT_QUOTED : BAD;
}

static enum state read_extension(uint8_t state, char c)
{
	const bool is_token = http_is(c, HTTP_IN_TOKEN);

	switch (state) {
	case EXT_NEXT:
		return c == ';' ? EXT_NAME_FIRST : is_blank(c) ? EXT_NEXT : BAD;
	case EXT_NAME_FIRST:
		return is_token ? EXT_NAME : is_blank(c) ? EXT_NAME_FIRST : BAD;
	case EXT_NAME:
		return is_token ? EXT_NAME : c == '=' ? EXT_VALUE_FIRST : end_word(c, EXT_EQUALS);
	case EXT_EQUALS:
		return c == '=' ? EXT_VALUE_FIRST : c == '\r' ? BAD : end_word(c, EXT_EQUALS);
	case EXT_VALUE_FIRST:
		return is_token ? EXT_VALUE : c == '"' ? EXT_QUOTED : is_blank(c) ? EXT_VALUE_FIRST : BAD;
	case EXT_VALUE:
		return is_token ? EXT_VALUE : end_word(c, EXT_NEXT);
	case EXT_QUOTED_END:
		return end_word(c, EXT_NEXT);
	default:
		return read_quoted(state, c);
	}
}

/* ---- trailers ---- */

static bool is_barred(struct str name)
{
	bool is_odd = false;

	if (http_field_id(name, &is_odd) != HTTP_FIELD_OTHER)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(barred); i++)
		if (str_eq_no_case(name, barred[i]))
			return true;
	return false;
}

static enum state read_trailer_name(struct http_body *body, char c)
{
	if (c == ':')
		return is_barred((struct str){ body->name, body->name_len }) ? BAD : TRAILER_VALUE;
	if (!http_is(c, HTTP_IN_TOKEN))
		return BAD;
	/* No name that is looked for is as long. */
	if (body->name_len < HTTP_TRAILER_NAME_MAX)
		body->name[body->name_len++] = c == '_' ? '-' : c;
	return TRAILER_NAME;
}

static enum state read_trailer(struct http_body *body, char c)
{
	switch (body->state) {
	case TRAILER:
		if (c == '\r')
			return END_LF;
		/*
		 * Some take them for the beginning of the next request (CVE-2023-40175), and hardly anybody
		 * sends them.
		 */
		if (body->is_request)
			return BAD;
		body->name_len = 0;
		return c == ':' ? BAD : read_trailer_name(body, c);
	case TRAILER_NAME:
		return read_trailer_name(body, c);
	case TRAILER_VALUE:
		return c == '\r' ? TRAILER_LF : http_is(c, HTTP_IN_VALUE) ? TRAILER_VALUE : BAD;
	case TRAILER_LF:
		return c == '\n' ? TRAILER : BAD;
	default:
		return c == '\n' ? OVER : BAD;
	}
}

/* ---- the whole ---- */

static enum http_step refuse(struct http_body *body, struct http_refusal *ret, uint16_t status,
	const char *why)
{
	body->state = BAD;
	return http_refuse(ret, body->is_request ? status : 502, why);
}

/* Between one line and the next: what was read so far is a size, data, or a line of them. */
static enum state read_mark(struct http_body *body, char c)
{
	switch (body->state) {
	case SIZE:
		return read_size(body, c);
	case SIZE_LF:
		body->line_bytes = 0;
		return c != '\n' ? BAD : body->left_bytes ? DATA : TRAILER;
	case DATA_CR:
		return c == '\r' ? DATA_LF : BAD;
	case DATA_LF:
		body->line_bytes = 0;
		body->digit_count = 0;
		return c == '\n' ? SIZE : BAD;
	case TRAILER:
	case TRAILER_NAME:
	case TRAILER_VALUE:
	case TRAILER_LF:
	case END_LF:
		return read_trailer(body, c);
	default:
		return read_extension(body->state, c);
	}
}

static const char *what_is_wrong(enum state state)
{
	return state == SIZE || state == SIZE_LF ? "the size of a chunk is none, or more than that" :
		state <= EXT_QUOTED_END ? "the extension of a chunk is none" :
		state <= DATA_LF ? "a chunk is longer than its size" :
		"behind the last chunk stands what may not stand there";
}

static enum http_step feed_chunks(struct http_body *body, struct str bytes, size_t *ret_used,
	struct http_refusal *ret)
{
	size_t at = 0;

	while (at < bytes.len && body->state != OVER) {
		const enum state before = (enum state)body->state;

		if (before == DATA) {
			const uint64_t len = MIN(body->left_bytes, (uint64_t)(bytes.len - at));

			at += (size_t)len;
			body->left_bytes -= len;
			body->state = body->left_bytes ? DATA : DATA_CR;
			continue;
		}
		if (++body->line_bytes > (before >= TRAILER ? HTTP_TRAILER_MAX : HTTP_CHUNK_LINE_MAX))
			return refuse(body, ret, 400,
				"what stands between chunks or behind them is too long");
		body->state = (uint8_t)read_mark(body, bytes.data[at++]);
		if (body->state == BAD)
			return refuse(body, ret, 400, what_is_wrong(before));
		if (body->state == DATA && body->left_bytes > body->room_bytes)
			return refuse(body, ret, 413, "the body is too long");
		if (body->state == DATA)
			body->room_bytes -= body->left_bytes;
	}
	*ret_used = at;
	body->is_over = body->state == OVER;
	return body->is_over ? HTTP_DONE : HTTP_MORE;
}

enum http_step http_body_feed(struct http_body *body, struct str bytes, size_t *ret_used,
	struct http_refusal *ret)
{
	*ret_used = 0;
	if (body->is_over)
		return HTTP_DONE;
	if (body->framing == HTTP_BODY_CHUNKED && body->state == BAD)
		return refuse(body, ret, 400, "the body was refused before");
	if (body->framing == HTTP_BODY_CHUNKED)
		return feed_chunks(body, bytes, ret_used, ret);
	if (body->framing == HTTP_BODY_UNTIL_CLOSE)
		body->left_bytes = bytes.len;
	if (body->left_bytes > body->room_bytes)
		return refuse(body, ret, 413, "the body is too long");
	*ret_used = (size_t)MIN(body->left_bytes, (uint64_t)bytes.len);
	body->left_bytes -= *ret_used;
	body->room_bytes -= *ret_used;
	body->is_over = body->framing == HTTP_BODY_LENGTH && !body->left_bytes;
	return body->is_over ? HTTP_DONE : HTTP_MORE;
}

bool http_body_is_whole(const struct http_body *body)
{
	return body->is_over || body->framing == HTTP_BODY_UNTIL_CLOSE;
}
