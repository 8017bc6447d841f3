// SPDX-License-Identifier: Apache-2.0
/*
 * http_head.c - lines of a head, its fields, and what they say about the body
 *
 * First the whole of it is looked at byte by byte: every line ends in CR LF, neither of them stands anywhere
 * else, no other control character but the tab stands anywhere at all, and no bound is passed. That goes on
 * from call to call. Only when the empty line has come are the lines taken apart.
 *
 * Sources: RFC 9112, sections 2.2 and 5; RFC 9110, sections 5 and 7.6.1
 */
#include "codec/http_internal.h"

#define V HTTP_IN_VALUE
#define Q (HTTP_IN_VALUE | HTTP_IN_QUERY)
#define P (HTTP_IN_VALUE | HTTP_IN_QUERY | HTTP_IN_PATH)
#define T HTTP_IN_TOKEN
#define M (HTTP_IN_TOKEN | HTTP_IN_METHOD)

/* In a path: RFC 3986's, and what is often sent beside it though it should be escaped: [ ] ^ { | } */
const uint8_t http_classes[256] = {
	['\t'] = V, [' '] = V, ['!'] = P | T, ['"'] = Q, ['#'] = V | T, ['$' ... '\''] = P | T,
	['(' ... ')'] = P, ['*' ... '+'] = P | T, [','] = P, ['-'] = P | M, ['.'] = P | T, ['/'] = P,
	['0' ... '9'] = P | M, [':' ... ';'] = P, ['<'] = Q, ['='] = P, ['>'] = Q, ['?'] = Q, ['@'] = P,
	['A' ... 'Z'] = P | M, ['['] = P, ['\\'] = Q, [']'] = P, ['^'] = P | T, ['_'] = P | M, ['`'] = Q | T,
	['a' ... 'z'] = P | T, ['{'] = P, ['|'] = P | T, ['}'] = P, ['~'] = P | T, [0x80 ... 0xff] = V,
};

#undef V
#undef Q
#undef P
#undef T
#undef M

enum http_step http_refuse(struct http_refusal *ret, uint16_t status, const char *why)
{
	*ret = (struct http_refusal){ status, why };
	return HTTP_REFUSED;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str http_trim(struct str text)
{
	while (text.len && is_blank(text.data[0]))
		text.data++, text.len--;
	while (text.len && is_blank(text.data[text.len - 1]))
		text.len--;
	return text;
}

/* ---- which field it is ---- */

static const struct {
	struct str name;
	enum http_field_id id;
} known[] = {
	{ STR("close"), HTTP_FIELD_CLOSE },
	{ STR("connection"), HTTP_FIELD_CONNECTION },
	{ STR("content-length"), HTTP_FIELD_CONTENT_LENGTH },
	{ STR("expect"), HTTP_FIELD_EXPECT },
	{ STR("host"), HTTP_FIELD_HOST },
	{ STR("http2-settings"), HTTP_FIELD_HTTP2_SETTINGS },
	{ STR("keep-alive"), HTTP_FIELD_KEEP_ALIVE },
	{ STR("proxy"), HTTP_FIELD_PROXY },	/* what CGI hands on as HTTP_PROXY */
	{ STR("te"), HTTP_FIELD_TE },
	{ STR("trailer"), HTTP_FIELD_TRAILER },
	{ STR("transfer-encoding"), HTTP_FIELD_TRANSFER_ENCODING },
	{ STR("upgrade"), HTTP_FIELD_UPGRADE },
};

/* @text begins with @name, which is in small letters, when "_" counts as "-". */
static bool begins_like(struct str text, struct str name)
{
	if (text.len < name.len)
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((text.data[i] == '_' ? '-' : ascii_lower(text.data[i])) != name.data[i])
			return false;
	return true;
}

enum http_field_id http_field_id(struct str name, bool *ret_odd)
{
	enum http_field_id id = begins_like(name, STR("proxy-")) ? HTTP_FIELD_PROXY : HTTP_FIELD_OTHER;

	for (size_t i = 0; i < ARRAY_SIZE(known) && id == HTTP_FIELD_OTHER; i++)
		if (name.len == known[i].name.len && begins_like(name, known[i].name))
			id = known[i].id;
	/* What stands before the server may not know it, and what runs in it does (CGI has no "-"). */
	if (id != HTTP_FIELD_OTHER && memchr(name.data, '_', name.len))
		*ret_odd = true;
	return id;
}

/* ---- the lines ---- */

/* A line has ended at @end; Return: HTTP_DONE when it is the empty one */
static enum http_step end_line(struct http_head *head, size_t end, const struct http_limits *limits,
	struct http_refusal *ret)
{
	size_t len = end - head->line_start;

	head->seen = head->line_start = end + 2;
	if (!len && !head->line_count)
		return http_refuse(ret, 400, "an empty line stands in front of the first line");
	if (!len) {
		head->bytes = head->seen;
		return HTTP_DONE;
	}
	/* The first line is no field. */
	if (head->line_count == limits->field_count + 1)
		return http_refuse(ret, 431, "the head has too many fields");
	head->line_count++;
	return HTTP_MORE;
}

static enum http_step too_long(const struct http_head *head, struct http_refusal *ret)
{
	return head->line_count ? http_refuse(ret, 431, "a field is too long") :
		http_refuse(ret, 414, "the first line is too long");
}

/* Up to the end of the head, or of what has come of it. */
static enum http_step look(struct http_head *head, struct str bytes, const struct http_limits *limits,
	struct http_refusal *ret)
{
	enum http_step step = HTTP_MORE;

	while (step == HTTP_MORE && head->seen < bytes.len) {
		size_t at = head->seen;

		at += http_span((struct str){ bytes.data + at, bytes.len - at }, HTTP_IN_VALUE);
		head->seen = at;
		if (at - head->line_start > limits->line_bytes)
			return too_long(head, ret);
		if (at == bytes.len)
			break;
		if (bytes.data[at] == '\n')
			return http_refuse(ret, 400, "a line ends in LF without CR");
		if (bytes.data[at] != '\r')
			return http_refuse(ret, 400, "a control character stands in the head");
		if (at + 1 == bytes.len)
			break;
		if (bytes.data[at + 1] != '\n')
			return http_refuse(ret, 400, "CR stands in the head without LF");
		step = end_line(head, at, limits, ret);
	}
	return step;
}

/* ---- the fields ---- */

/* "Connection: close, x-hop": tokens, of which some may be missing. RFC 9110, 5.6.1 and 7.6.1 */
static enum http_step read_options(struct http_head *head, struct str value, struct http_refusal *ret)
{
	bool more = true;

	while (more) {
		struct str option;

		more = str_cut(value, ',', &option, &value);
		option = http_trim(option);
		if (!option.len)
			continue;
		if (!http_is_token(option))
			return http_refuse(ret, 400, "Connection names what is no token");
		if (head->option_count == HTTP_OPTIONS_MAX)
			return http_refuse(ret, 431, "Connection names too many fields");
		head->options[head->option_count++] = option;
	}
	return HTTP_MORE;
}

static enum http_step read_field(struct http_head *head, struct str line, struct http_refusal *ret)
{
	struct http_field *field = &head->fields[head->field_count++];
	size_t len = http_span(line, HTTP_IN_TOKEN);
	bool is_odd = false;

	if (is_blank(line.data[0]))
		return http_refuse(ret, 400, "a line begins with white space, as if it went on with a field");
	if (!len && line.data[0] == ':')
		return http_refuse(ret, 400, "a field has no name");
	if (len == line.len)
		return http_refuse(ret, 400, "a field has no colon");
	if (is_blank(line.data[len]))
		return http_refuse(ret, 400, "white space stands between a field's name and its colon");
	if (line.data[len] != ':')
		return http_refuse(ret, 400, "a field's name holds what no name may hold");
	field->name = (struct str){ line.data, len };
	field->value = http_trim((struct str){ line.data + len + 1, line.len - len - 1 });
	field->id = http_field_id(field->name, &is_odd);
	if (is_odd)
		return http_refuse(ret, 400, "a field's name looks like another one's, with '_' in it");
	return field->id == HTTP_FIELD_CONNECTION ? read_options(head, field->value, ret) : HTTP_MORE;
}

bool http_head_names(const struct http_head *head, struct str option)
{
	for (unsigned i = 0; i < head->option_count; i++)
		if (str_eq_no_case(head->options[i], option))
			return true;
	return false;
}

const struct http_field *http_field_only(const struct http_head *head, enum http_field_id id,
	unsigned *ret_count)
{
	const struct http_field *found = NULL;

	*ret_count = 0;
	for (unsigned i = 0; i < head->field_count; i++)
		if (head->fields[i].id == id) {
			found = found ?: &head->fields[i];
			++*ret_count;
		}
	return found;
}

const struct http_field *http_field_find(const struct http_head *head, struct str name)
{
	for (unsigned i = 0; i < head->field_count; i++)
		if (str_eq_no_case(head->fields[i].name, name))
			return &head->fields[i];
	return NULL;
}

/* ---- the body ---- */

/* RFC 9112, 6.1 to 6.3; what it leaves to a recipient that wants to be generous is refused. */
static enum http_step read_framing(struct http_head *head, struct http_refusal *ret)
{
	unsigned length_count, coding_count;
	const struct http_field *length = http_field_only(head, HTTP_FIELD_CONTENT_LENGTH, &length_count);
	const struct http_field *coding = http_field_only(head, HTTP_FIELD_TRANSFER_ENCODING, &coding_count);

	if (length && coding)
		return http_refuse(ret, 400, "Content-Length and Transfer-Encoding exclude each other");
	if (length_count > 1)
		return http_refuse(ret, 400, "there is more than one Content-Length");
	if (coding_count > 1)
		return http_refuse(ret, 400, "there is more than one Transfer-Encoding");
	if (coding && !str_eq_no_case(coding->value, STR("chunked")))
		return http_refuse(ret, 400, "Transfer-Encoding is something else than 'chunked'");
	if (length && str_to_u64(length->value, INT64_MAX, &head->length_bytes) < 0)
		return http_refuse(ret, 400, "Content-Length is no number, or too large a one");
	if (http_head_names(head, STR("content-length")) || http_head_names(head, STR("transfer-encoding")) ||
			http_head_names(head, STR("host")))
		return http_refuse(ret, 400, "Connection names a field that no proxy may take away");
	head->has_length = length;
	head->framing = coding ? HTTP_BODY_CHUNKED : length ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
	return HTTP_DONE;
}

enum http_step http_head_read(struct http_head *head, struct str bytes, const struct http_limits *limits,
	struct str *ret_first, struct http_refusal *ret)
{
	const struct str some = { bytes.data, MIN(bytes.len, limits->head_bytes) };
	enum http_step step = look(head, some, limits, ret);
	struct str line, rest;

	assert(limits->field_count <= HTTP_FIELDS_MAX);
	if (step == HTTP_MORE && some.len == limits->head_bytes)
		return http_refuse(ret, 431, "the head is too long");
	if (step != HTTP_DONE)
		return step;
	rest = (struct str){ bytes.data, head->bytes - 2 };
	str_cut(rest, '\r', ret_first, &rest);
	for (step = HTTP_MORE; step == HTTP_MORE && rest.len > 1;) {
		rest.data++, rest.len--;
		str_cut(rest, '\r', &line, &rest);
		step = read_field(head, line, ret);
	}
	return step == HTTP_REFUSED ? step : read_framing(head, ret);
}
