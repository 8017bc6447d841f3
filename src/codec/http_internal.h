/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_internal.h - what the readers and writers of HTTP share
 */
#pragma once

#include "base/str_case.h"
#include "codec/http.h"

/* One bit for each place in which a byte may stand. */
enum http_class {
	HTTP_IN_TOKEN = 1 << 0,		/* RFC 9110, 5.6.2 */
	HTTP_IN_VALUE = 1 << 1,		/* and in a head at all, but for the ends of lines */
	HTTP_IN_METHOD = 1 << 2,
	HTTP_IN_PATH = 1 << 3,
	HTTP_IN_QUERY = 1 << 4,
};

extern const uint8_t http_classes[256];

static inline bool http_is(char c, enum http_class class)
{
	return http_classes[(unsigned char)c] & class;
}

/** http_span() - how many bytes of a text may stand there, from its beginning */
static inline size_t http_span(struct str text, enum http_class class)
{
	size_t len = 0;

	while (len < text.len && http_is(text.data[len], class))
		len++;
	return len;
}

/** http_is_token() - whether all of a text, which is not empty, is one token */
static inline bool http_is_token(struct str text)
{
	return text.len && http_span(text, HTTP_IN_TOKEN) == text.len;
}

/** http_trim() - without the spaces and tabs around it */
struct str http_trim(struct str text);

/** http_refuse() - fill in a refusal; Return: HTTP_REFUSED */
enum http_step http_refuse(struct http_refusal *ret, uint16_t status, const char *why);

/**
 * http_field_id() - which of the fields that a proxy has to know it is
 * @name:    a token
 * @ret_odd: set to true when "_" makes it look like one of them
 *
 * Return: the field.
 */
enum http_field_id http_field_id(struct str name, bool *ret_odd);

/**
 * http_head_read() - the lines of a head
 * @head:      all zero for the first call
 * @bytes:     all that came of it
 * @limits:    how long it may be
 * @ret_first: its first line, without its end; set when done
 * @ret:       why, when it is refused
 *
 * Sets all of @head but the version and what follows from the first line: the framing is what the fields say.
 *
 * Return: HTTP_DONE, HTTP_MORE, or HTTP_REFUSED.
 */
enum http_step http_head_read(struct http_head *head, struct str bytes, const struct http_limits *limits,
	struct str *ret_first, struct http_refusal *ret);

/**
 * http_name_read() - a host without a port
 * @arena: owns the name
 * @text:  a name, or an address in any spelling, with brackets or without
 * @ret:   its name and address are set on success
 *
 * Return: NULL, or what is wrong with it.
 */
const char *http_name_read(struct arena *arena, struct str text, struct http_host *ret);

/** http_head_names() - whether Connection names it */
bool http_head_names(const struct http_head *head, struct str option);

/** http_accept_read() - which form of our own is wanted by a value of Accept; Return: it */
enum http_form_wanted http_accept_read(struct str accept);

/** http_field_only() - the one field of that kind; *@ret_count is set to how many there are */
const struct http_field *http_field_only(const struct http_head *head, enum http_field_id id,
	unsigned *ret_count);
