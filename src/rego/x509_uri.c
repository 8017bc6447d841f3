// SPDX-License-Identifier: Apache-2.0
/*
 * x509_uri.c - URIs of certificates, as the parts that Go has
 *
 * uri.h takes a URI apart and says whether it is one. What it does not tell (who, what has no path, whether
 * an empty query is there) is read here from the text, which is known to be good then.
 *
 * Source: Go, documentation of net/url (URL, Parse, String)
 */
#include "base/utf8.h"
#include "rego/uri.h"
#include "rego/x509_json.h"

enum {
	STEP_BYTES = 16,
};

struct parts {
	struct rego_uri uri;
	struct str opaque, user, host, raw_fragment;
	bool has_user, has_query_mark, has_no_host;
};

const struct json *rego_x509_text(struct rego_call *call, struct str bytes)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str all;

	if (!rego_spend(call->budget, 1 + bytes.len / STEP_BYTES))
		return NULL;
	if (utf8_is_valid(bytes))
		return json_new_string(call->arena, bytes);
	while (bytes.len) {
		uint32_t point;
		int len = utf8_decode(bytes, &point);

		if (len > 0)
			rego_text_add(&text, bytes.data, (size_t)len);
		else
			rego_text_add_text(&text, "\xef\xbf\xbd");
		len = MAX(len, 1);
		bytes = (struct str){ bytes.data + len, bytes.len - (size_t)len };
	}
	return rego_text_end(&text, &all) ? json_new_string(call->arena, all) : NULL;
}

/* ---- what stands where ---- */

static struct str behind(struct str text, size_t count)
{
	return (struct str){ text.data + count, text.len - count };
}

/* "name:80", "[::1]:80", without escapes */
static bool read_host(struct rego_call *call, struct str written, struct parts *parts)
{
	bool is_address = written.len && written.data[0] == '[';
	struct rego_text text = REGO_TEXT_INIT(call->arena);

	if (is_address)
		rego_text_add_char(&text, '[');
	rego_text_add_str(&text, parts->uri.host);
	if (is_address)
		rego_text_add_char(&text, ']');
	if (parts->uri.port.len || (written.len && written.data[written.len - 1] == ':'))
		rego_text_add_char(&text, ':');
	rego_text_add_str(&text, parts->uri.port);
	return rego_text_end(&text, &parts->host);
}

static bool read_authority(struct rego_call *call, struct str authority, struct parts *parts)
{
	const char *at;

	for (size_t i = 0; i < authority.len; i++)
		if (authority.data[i] == '/')
			authority.len = i;
	at = authority.len ? memrchr(authority.data, '@', authority.len) : NULL;
	if (at) {
		parts->has_user = true;
		parts->user = (struct str){ authority.data, (size_t)(at - authority.data) };
		authority = behind(authority, parts->user.len + 1);
	}
	return read_host(call, authority, parts);
}

static bool read_parts(struct rego_call *call, struct str text, struct parts *parts)
{
	struct str rest, query;
	bool has_query;

	(void)str_cut(text, '#', &rest, &parts->raw_fragment);
	if (parts->uri.scheme.len)
		rest = behind(rest, parts->uri.scheme.len + 1);
	has_query = str_cut(rest, '?', &rest, &query);
	parts->has_query_mark = has_query && !query.len;
	if (parts->uri.scheme.len && !str_starts_with(rest, STR("/")))
		parts->opaque = rest;
	else if ((parts->uri.scheme.len || !str_starts_with(rest, STR("///"))) &&
			str_starts_with(rest, STR("//")))
		return read_authority(call, behind(rest, 2), parts);
	else if (parts->uri.scheme.len)
		parts->has_no_host = true;
	return true;
}

/* ---- as values ---- */

/* What was written, where that is not what the text would be written as. */
static const struct json *raw(struct rego_call *call, struct str written, struct str meant,
	enum rego_uri_part part)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str usual;

	rego_uri_escape(&text, meant, part);
	if (!rego_text_end(&text, &usual))
		return NULL;
	return rego_x509_text(call, str_eq(usual, written) ? STR("") : written);
}

static const struct json *parts_of(struct rego_call *call, const struct parts *parts)
{
	static const struct json empty = { .type = JSON_OBJECT, .height = 1 };
	const struct rego_uri *uri = &parts->uri;
	struct json_object_builder builder;

	json_object_begin(&builder, call->arena);
	json_object_add(&builder, "Scheme", rego_x509_text(call, uri->scheme));
	json_object_add(&builder, "Opaque", rego_x509_text(call, parts->opaque));
	json_object_add(&builder, "User", parts->has_user ? &empty : json_new_null(call->arena));
	json_object_add(&builder, "Host", rego_x509_text(call, parts->host));
	json_object_add(&builder, "Path", rego_x509_text(call, uri->path));
	json_object_add(&builder, "RawPath", raw(call, uri->raw_path, uri->path, REGO_URI_PATH));
	json_object_add(&builder, "RawQuery", rego_x509_text(call, uri->raw_query));
	json_object_add(&builder, "Fragment", rego_x509_text(call, uri->fragment));
	json_object_add(&builder, "RawFragment",
		raw(call, parts->raw_fragment, uri->fragment, REGO_URI_FRAGMENT));
	json_object_add_bool(&builder, "ForceQuery", parts->has_query_mark);
	json_object_add_bool(&builder, "OmitHost", parts->has_no_host);
	return json_object_end(&builder);
}

/* ---- put together again ---- */

static bool add_user_part(struct rego_call *call, struct rego_text *text, struct str written)
{
	const char *error;
	struct str bytes;

	if (rego_uri_unescape(call->arena, written, REGO_URI_USER, &bytes, &error) < 0)
		return false;
	rego_uri_escape(text, bytes, REGO_URI_USER);
	return true;
}

static bool add_user(struct rego_call *call, struct rego_text *text, struct str user)
{
	struct str name, password;
	bool has_password = str_cut(user, ':', &name, &password);

	if (!add_user_part(call, text, name))
		return false;
	if (has_password) {
		rego_text_add_char(text, ':');
		if (!add_user_part(call, text, password))
			return false;
	}
	rego_text_add_char(text, '@');
	return true;
}

static bool add_hierarchy(struct rego_call *call, struct rego_text *text, const struct parts *parts)
{
	const struct rego_uri *uri = &parts->uri;
	bool has_host = parts->host.len || parts->has_user;

	if ((uri->scheme.len || has_host) && (!parts->has_no_host || has_host)) {
		if (has_host || uri->path.len)
			rego_text_add_text(text, "//");
		if (parts->has_user && !add_user(call, text, parts->user))
			return false;
		rego_uri_escape(text, parts->host, REGO_URI_HOST);
	}
	rego_uri_add_path(text, uri);
	return true;
}

static const struct json *text_of(struct rego_call *call, const struct parts *parts)
{
	const struct rego_uri *uri = &parts->uri;
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str all;

	if (uri->scheme.len) {
		rego_text_add_str(&text, uri->scheme);
		rego_text_add_char(&text, ':');
	}
	if (parts->opaque.len)
		rego_text_add_str(&text, parts->opaque);
	else if (!add_hierarchy(call, &text, parts))
		return NULL;
	if (parts->has_query_mark || uri->raw_query.len) {
		rego_text_add_char(&text, '?');
		rego_text_add_str(&text, uri->raw_query);
	}
	if (uri->fragment.len) {
		rego_text_add_char(&text, '#');
		rego_uri_escape(&text, uri->fragment, REGO_URI_FRAGMENT);
	}
	return rego_text_end(&text, &all) ? rego_x509_text(call, all) : NULL;
}

bool rego_x509_uri(struct rego_call *call, struct str text, struct rego_x509_uri *ret)
{
	struct parts parts = { .has_user = false };
	const char *error;

	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return false;
	if (rego_uri_parse(call->arena, text, &parts.uri, &error) < 0) {
		if (error)
			(void)rego_fail(call, "x509: cannot parse URI: %s", error);
		return false;
	}
	if (!read_parts(call, text, &parts))
		return false;
	if (!x509_is_domain(parts.host, false)) {
		(void)rego_fail(call, "x509: cannot parse URI: invalid domain");
		return false;
	}
	ret->parts = parts_of(call, &parts);
	ret->text = ret->parts ? text_of(call, &parts) : NULL;
	return ret->text;
}
