// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_http.c - what holds for every head
 *
 * The first byte says whose head it is, and what was asked.
 *
 *   - in pieces it is read as it is at once, and what stands behind it changes nothing
 *   - what is passed on is read as what was read: method, target, host, framing, and the same fields. It is
 *     the same when it is passed on once more, and it is what a simple reader of lines takes it for
 *   - a denial has the length that it says
 */
#include "codec/http_write.h"

#include <stdlib.h>
#include <strings.h>

enum {
	ARENA_MAX_BYTES = 64 << 10,
	WRITTEN_MAX_BYTES = 70 << 10,
};

static const struct http_limits limits = { 4000, 1000, 30 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines that end in CR LF, of which the last is empty; how many begin with @name and a colon. */
static unsigned count_lines(const struct buf *buf, const char *name)
{
	const char *line = buf->data, *end = buf->data + buf->len;
	unsigned count = 0;

	while (line < end) {
		const char *feed = memchr(line, '\n', (size_t)(end - line));

		assert(feed && feed > line && feed[-1] == '\r');
		assert(!memchr(line, '\r', (size_t)(feed - 1 - line)) &&
			!memchr(line, 0, (size_t)(feed - line)));
		assert((feed == line + 1) == (feed + 1 == end));
		if (!strncasecmp(line, name, strlen(name)) && line[strlen(name)] == ':')
			count++;
		line = feed + 1;
	}
	return count;
}

static void check_framing(const struct http_head *head, const struct buf *written)
{
	const unsigned lengths = count_lines(written, "content-length");
	const unsigned codings = count_lines(written, "transfer-encoding");

	assert(lengths + codings <= 1);
	assert(codings == (head->framing == HTTP_BODY_CHUNKED));
	assert(lengths || head->framing != HTTP_BODY_LENGTH);
}

/* ---- requests ---- */

static void check_passed_on(const struct http_request *request, const struct buf *written)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf again = BUF_INIT(WRITTEN_MAX_BYTES);
	struct http_request *read = calloc(1, sizeof(*read));
	struct http_refusal refusal;

	assert(http_request_read(read, &arena, (struct str){ written->data, written->len }, &HTTP_LIMITS,
		&refusal) == HTTP_DONE);
	assert(read->head.bytes == written->len && read->head.minor == request->head.minor);
	assert(str_eq(read->method_name, request->method_name) && read->method == request->method);
	assert(str_eq(read->target, request->target));
	assert(str_eq(read->host.name, request->host.name) && read->host.port == request->host.port);
	assert(read->head.framing == request->head.framing);
	assert(read->head.length_bytes == request->head.length_bytes);
	assert(read->is_websocket == request->is_websocket);
	for (unsigned i = 0, at = 1; i < request->head.field_count; i++) {
		const struct http_field *field = &request->head.fields[i];
		const struct http_field *other = &read->head.fields[at];

		if (at < read->head.field_count && str_eq(other->name, field->name) &&
				str_eq(other->value, field->value))
			at++;
		else if (field->id == HTTP_FIELD_OTHER) {
			bool is_named = false;

			for (unsigned j = 0; j < request->head.option_count; j++)
				is_named = is_named || (request->head.options[j].len == field->name.len &&
						!strncasecmp(request->head.options[j].data, field->name.data,
							field->name.len));
			assert(is_named);
		}
	}
	assert(!http_request_write(&again, read, true));
	assert(again.len == written->len && !memcmp(again.data, written->data, again.len));
	check_framing(&read->head, written);
	assert(count_lines(written, "host") == 1);
	free(read);
}

/* What goes to another proxy is the same request, and has one line of ours for it. */
static void check_absolute(const struct http_request *request)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf written = BUF_INIT(WRITTEN_MAX_BYTES);
	struct http_request *read = calloc(1, sizeof(*read));
	struct http_refusal refusal;

	assert(!http_request_write_absolute(&written, request, "Basic YTpi"));
	assert(count_lines(&written, "proxy-authorization") == 1 && count_lines(&written, "host") == 1);
	assert(http_request_read(read, &arena, (struct str){ written.data, written.len }, &HTTP_LIMITS,
		&refusal) == HTTP_DONE);
	assert(read->form == HTTP_FORM_ABSOLUTE && read->host.port == request->host.port);
	assert(str_eq(read->host.name, request->host.name) && read->head.framing == request->head.framing);
	assert(read->head.length_bytes == request->head.length_bytes && !read->is_websocket);
	free(read);
}

static void check_denial(const struct http_request *request, struct str text)
{
	scoped(buf) struct buf buf = BUF_INIT(WRITTEN_MAX_BYTES), head = BUF_INIT(WRITTEN_MAX_BYTES);
	const struct http_denial denial = { 403, text, text, STR("d"), STR("h") };
	struct http_response *response = calloc(1, sizeof(*response));
	const struct http_asked asked = { .method = HTTP_METHOD_GET, .minor = 1 };
	struct http_refusal refusal;

	assert(!http_denial_write(&buf, &denial, request, true));
	assert(http_response_read(response, (struct str){ buf.data, buf.len }, &asked, &HTTP_LIMITS,
		&refusal) == HTTP_DONE);
	assert(response->head.framing == HTTP_BODY_LENGTH && response->head.is_last);
	if (request->method != HTTP_METHOD_HEAD)
		assert(response->head.bytes + response->head.length_bytes == buf.len);
	assert(!buf_append(&head, buf.data, response->head.bytes));
	assert(count_lines(&head, "content-length") == 1);
	free(response);
}

static void check_request(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES), other = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf written = BUF_INIT(WRITTEN_MAX_BYTES);
	struct http_request *request = calloc(1, sizeof(*request)), *slow = calloc(1, sizeof(*slow));
	struct http_refusal refusal = { 0 }, slow_refusal = { 0 };
	enum http_step step = http_request_read(request, &arena, text, &limits, &refusal), slowly = HTTP_MORE;

	for (size_t len = 0; len <= text.len && slowly == HTTP_MORE; len++)
		slowly = http_request_read(slow, &other, (struct str){ text.data, len }, &limits,
			&slow_refusal);
	assert(slowly == step && slow->head.bytes == request->head.bytes);
	assert(refusal.status == slow_refusal.status && refusal.why == slow_refusal.why);
	if (step == HTTP_DONE) {
		assert(request->head.bytes <= text.len && !request->host.port == !request->host.name.len);
		assert(request->host.name.len || !request->head.minor);
		check_denial(request, text);
		if (request->method != HTTP_METHOD_CONNECT && request->host.name.len) {
			assert(!http_request_write(&written, request, true));
			check_passed_on(request, &written);
			if (!request->is_websocket)
				check_absolute(request);
		}
	}
	free(request);
	free(slow);
}

/* ---- responses ---- */

static void check_response(struct str text, const struct http_asked *asked)
{
	scoped(buf) struct buf written = BUF_INIT(WRITTEN_MAX_BYTES), again = BUF_INIT(WRITTEN_MAX_BYTES);
	struct http_response *response = calloc(1, sizeof(*response)), *slow = calloc(1, sizeof(*slow));
	struct http_refusal refusal = { 0 };
	enum http_step step = http_response_read(response, text, asked, &limits, &refusal),
		slowly = HTTP_MORE;

	for (size_t len = 0; len <= text.len && slowly == HTTP_MORE; len++)
		slowly = http_response_read(slow, (struct str){ text.data, len }, asked, &limits, &refusal);
	assert(slowly == step && slow->head.bytes == response->head.bytes);
	assert(step != HTTP_REFUSED || refusal.status == 502);
	if (step == HTTP_DONE) {
		assert(!http_response_write(&written, response, response->head.is_last));
		*slow = (struct http_response){ 0 };
		assert(http_response_read(slow, (struct str){ written.data, written.len }, asked,
			&HTTP_LIMITS, &refusal) == HTTP_DONE);
		assert(slow->status == response->status && slow->head.framing == response->head.framing);
		assert(slow->head.length_bytes == response->head.length_bytes || response->is_tunnel);
		assert(slow->is_tunnel == response->is_tunnel && slow->is_interim == response->is_interim);
		assert(!http_response_write(&again, slow, response->head.is_last));
		assert(again.len == written.len && !memcmp(again.data, written.data, again.len));
		check_framing(&slow->head, &written);
	}
	free(response);
	free(slow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = { (const char *)data + 1, size ? size - 1 : 0 };

	if (!size)
		return 0;
	if (!(data[0] & 1))
		check_request(text);
	else
		check_response(text, &(struct http_asked){
			.method = (enum http_method)(data[0] / 2 % 5), .minor = data[0] / 16 & 1,
			.is_websocket = data[0] / 32 & 1,
		});
	return 0;
}
