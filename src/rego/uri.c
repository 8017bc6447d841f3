// SPDX-License-Identifier: Apache-2.0
/*
 * uri.c - one pass over each part of a URI, in the order of net/url: the first mistake is the same one
 */
#include "rego/uri.h"

#include "rego/address.h"

#include <errno.h>

enum {
	ESCAPE_LEN = 3,
	ANYWHERE = REGO_URI_PATH | REGO_URI_HOST | REGO_URI_ZONE | REGO_URI_USER | REGO_URI_QUERY |
		REGO_URI_FRAGMENT,
	NAMED = REGO_URI_HOST | REGO_URI_ZONE,
};

/* In which parts the characters stand for themselves, beside letters and digits. */
static const struct {
	const char *characters;
	unsigned parts;			/* enum rego_uri_part */
} plain[] = {
	{ "-_.~", ANYWHERE },
	{ "$&+,;=", REGO_URI_PATH | NAMED | REGO_URI_USER | REGO_URI_FRAGMENT },
	{ ":", REGO_URI_PATH | NAMED | REGO_URI_FRAGMENT },
	{ "/@", REGO_URI_PATH | REGO_URI_FRAGMENT },
	{ "?", REGO_URI_FRAGMENT },
	{ "!()*", NAMED | REGO_URI_FRAGMENT },
	{ "'[]<>\"", NAMED },
};

static bool is_plain(char c, enum rego_uri_part part)
{
	if (ascii_is_alnum(c))
		return true;
	for (size_t i = 0; c && i < ARRAY_SIZE(plain); i++)
		if (strchr(plain[i].characters, c))
			return plain[i].parts & part;
	return false;
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "BEFORE QUOTED AFTER" */
static int refuse(struct arena *arena, const char *before, struct str quoted, const char *after,
	const char **ret_error)
{
	struct rego_text text = REGO_TEXT_INIT(arena);
	struct str error;

	rego_text_add_text(&text, before);
	rego_text_add_quoted(&text, quoted);
	rego_text_add_text(&text, after);
	*ret_error = rego_text_end(&text, &error) ? error.data : NULL;
	return -EINVAL;
}

static int refuse_text(const char *problem, const char **ret_error)
{
	*ret_error = problem;
	return -EINVAL;
}

void rego_uri_escape(struct rego_text *text, struct str bytes, enum rego_uri_part part)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < bytes.len && !text->failed; i++) {
		char c = bytes.data[i];

		if (is_plain(c, part)) {
			rego_text_add_char(text, c);
		} else if (c == ' ' && part == REGO_URI_QUERY) {
			rego_text_add_char(text, '+');
		} else {
			rego_text_add_char(text, '%');
			rego_text_add_char(text, digits[(unsigned char)c >> 4]);
			rego_text_add_char(text, digits[(unsigned char)c & 15]);
		}
	}
}

/*
 * A host name may have escapes only for what is not ASCII, and for the % in front of a zone; a zone none for
 * what could not be in a host name as it is, but for the space.
 */
static bool is_escape(struct str escape, enum rego_uri_part part)
{
	int high, low;
	char c;

	if (escape.len < ESCAPE_LEN)
		return false;
	high = hex_digit(escape.data[1]);
	low = hex_digit(escape.data[2]);
	if (high < 0 || low < 0)
		return false;
	if (str_eq(escape, STR("%25")))
		return true;
	c = (char)(high << 4 | low);
	if (part == REGO_URI_HOST)
		return high >= 8;
	return part != REGO_URI_ZONE || c == ' ' || is_plain(c, REGO_URI_HOST);
}

static int check_escapes(struct arena *arena, struct str text, enum rego_uri_part part,
	const char **ret_error)
{
	for (size_t i = 0; i < text.len; i++) {
		struct str rest = { .data = text.data + i, .len = MIN(text.len - i, (size_t)ESCAPE_LEN) };

		if (*rest.data == '%') {
			if (!is_escape(rest, part))
				return refuse(arena, "invalid URL escape ", rest, "", ret_error);
			i += ESCAPE_LEN - 1;
			continue;
		}
		rest.len = 1;
		if ((part & NAMED) && (unsigned char)*rest.data < 0x80 && !is_plain(*rest.data, part))
			return refuse(arena, "invalid character ", rest, " in host name", ret_error);
	}
	return 0;
}

int rego_uri_unescape(struct arena *arena, struct str text, enum rego_uri_part part, struct str *ret,
	const char **ret_error)
{
	struct rego_text bytes = REGO_TEXT_INIT(arena);
	int r = check_escapes(arena, text, part, ret_error);

	if (r < 0)
		return r;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '%') {
			c = (char)(hex_digit(text.data[i + 1]) << 4 | hex_digit(text.data[i + 2]));
			i += ESCAPE_LEN - 1;
		} else if (c == '+' && part == REGO_URI_QUERY) {
			c = ' ';
		}
		rego_text_add_char(&bytes, c);
	}
	return rego_text_end(&bytes, ret) ? 0 : refuse_text(NULL, ret_error);
}

/* ---- host ---- */

static ptrdiff_t last_of(struct str text, char c)
{
	const char *at = text.len ? memrchr(text.data, c, text.len) : NULL;

	return at ? at - text.data : -1;
}

static struct str from(struct str text, size_t at)
{
	return (struct str){ .data = text.data + at, .len = text.len - at };
}

static struct str until(struct str text, size_t at)
{
	return (struct str){ .data = text.data, .len = at };
}

/* Nothing, or a colon and digits, of which there may be none. */
static bool is_port(struct str text)
{
	if (text.len && text.data[0] != ':')
		return false;
	for (size_t i = 1; i < text.len; i++)
		if (!ascii_is_digit(text.data[i]))
			return false;
	return true;
}

/* An address of IPv6, with a zone or without. */
static int check_literal(struct arena *arena, struct str text, const char **ret_error)
{
	struct str address, zone;
	rego_address ignored;
	bool has_zone = str_cut(text, '%', &address, &zone);

	if (rego_address_parse(address, &ignored) && (!has_zone || zone.len)) {
		if (memchr(address.data, ':', address.len))
			return 0;
		if (!has_zone)
			return refuse_text("invalid IP-literal", ret_error);
	}
	return refuse(arena, "invalid host: ParseAddr(", text, "): unable to parse IP", ret_error);
}

/* "[fe80::1%25eth0]:80" */
static int read_literal(struct arena *arena, struct str host, struct rego_uri *uri, const char **ret_error)
{
	ptrdiff_t close = last_of(host, ']');
	struct str port, inside, head, zone = { 0 };
	const char *percent;
	int r;

	if (close < 0)
		return refuse_text("missing ']' in host", ret_error);
	port = from(host, (size_t)close + 1);
	if (!is_port(port))
		return refuse(arena, "invalid port ", port, " after host", ret_error);
	inside = (struct str){ .data = host.data + 1, .len = (size_t)close - 1 };
	percent = inside.len ? memmem(inside.data, inside.len, "%25", ESCAPE_LEN) : NULL;
	head = percent ? until(inside, (size_t)(percent - inside.data)) : inside;
	r = rego_uri_unescape(arena, head, REGO_URI_HOST, &head, ret_error);
	if (r == 0 && percent)
		r = rego_uri_unescape(arena, from(inside, (size_t)(percent - inside.data)), REGO_URI_ZONE,
			&zone, ret_error);
	if (r < 0)
		return r;
	uri->host.len = head.len + zone.len;
	uri->host.data = arena_printf(arena, "%.*s%.*s", STR_FMT(head), STR_FMT(zone));
	if (!uri->host.data || strlen(uri->host.data) != uri->host.len)
		return refuse_text(uri->host.data ? "invalid IP-literal" : NULL, ret_error);
	uri->port = port.len ? from(port, 1) : port;
	return check_literal(arena, uri->host, ret_error);
}

/* The last colon that digits or nothing follow ends the name; brackets around it are not part of it. */
static void split_port(struct str host, struct rego_uri *uri)
{
	ptrdiff_t colon = last_of(host, ':');

	if (colon >= 0 && is_port(from(host, (size_t)colon))) {
		uri->port = from(host, (size_t)colon + 1);
		host = until(host, (size_t)colon);
	}
	uri->host = host;
}

static int read_host(struct arena *arena, struct str host, struct rego_uri *uri, const char **ret_error)
{
	ptrdiff_t open = last_of(host, '[');
	bool is_web = str_eq(uri->scheme, STR("http")) || str_eq(uri->scheme, STR("https"));
	const char *first;
	int r;

	if (open > 0)
		return refuse_text("invalid IP-literal", ret_error);
	if (open == 0)
		return read_literal(arena, host, uri, ret_error);
	first = host.len ? memchr(host.data, ':', host.len) : NULL;
	if (first) {
		/* Some databases have several hosts with ports each; the web has not. */
		size_t colon = is_web ? (size_t)(first - host.data) : (size_t)last_of(host, ':');

		if (!is_port(from(host, colon)))
			return refuse(arena, "invalid port ", from(host, colon), " after host", ret_error);
	}
	r = rego_uri_unescape(arena, host, REGO_URI_HOST, &host, ret_error);
	if (r < 0)
		return r;
	split_port(host, uri);
	return 0;
}

static bool is_userinfo(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_alnum(text.data[i]) &&
				(!text.data[i] || !strchr("-._:~!$&'()*+,;=%@", text.data[i])))
			return false;
	return true;
}

/* "user:password@host:port", of which the first half is only looked at. */
static int read_authority(struct arena *arena, struct str text, struct rego_uri *uri, const char **ret_error)
{
	ptrdiff_t at = last_of(text, '@');
	struct str user, password;
	int r = read_host(arena, from(text, (size_t)(at + 1)), uri, ret_error);

	if (r < 0 || at < 0)
		return r;
	if (!is_userinfo(until(text, (size_t)at)))
		return refuse_text("net/url: invalid userinfo", ret_error);
	(void)str_cut(until(text, (size_t)at), ':', &user, &password);
	r = rego_uri_unescape(arena, user, REGO_URI_USER, &user, ret_error);
	return r < 0 ? r : rego_uri_unescape(arena, password, REGO_URI_USER, &password, ret_error);
}

/* ---- the whole ---- */

/* "http:", in lower case. Without one, the whole of @text is what is left. */
static int take_scheme(struct arena *arena, struct str *text, struct rego_uri *uri, const char **ret_error)
{
	char *scheme;
	size_t len = 0;

	while (len < text->len && (ascii_is_alpha(text->data[len]) || (len &&
			(ascii_is_digit(text->data[len]) || memchr("+-.", text->data[len], 3)))))
		len++;
	if (len == text->len || text->data[len] != ':')
		return 0;
	if (!len)
		return refuse_text("missing protocol scheme", ret_error);
	scheme = arena_copy(arena, text->data, len);
	if (!scheme)
		return refuse_text(NULL, ret_error);
	for (size_t i = 0; i < len; i++)
		scheme[i] = ascii_lower(scheme[i]);
	uri->scheme = (struct str){ .data = scheme, .len = len };
	*text = from(*text, len + 1);
	return 0;
}

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			return true;
	return false;
}

/* The path, and how it was written unless that is how it would be written anyway. */
static int read_path(struct arena *arena, struct str text, struct rego_uri *uri, const char **ret_error)
{
	struct rego_text escaped = REGO_TEXT_INIT(arena);
	struct str usual;
	int r = rego_uri_unescape(arena, text, REGO_URI_PATH, &uri->path, ret_error);

	if (r < 0)
		return r;
	rego_uri_escape(&escaped, uri->path, REGO_URI_PATH);
	if (!rego_text_end(&escaped, &usual))
		return refuse_text(NULL, ret_error);
	uri->raw_path = str_eq(usual, text) ? uri->path : text;
	return 0;
}

static int read_hierarchy(struct arena *arena, struct str rest, struct rego_uri *uri, const char **ret_error)
{
	struct str segment, authority;
	int r;

	if (!str_starts_with(rest, STR("/"))) {
		/* With a scheme and no slash it is opaque: mailto:somebody. */
		if (uri->scheme.len)
			return 0;
		(void)str_cut(rest, '/', &segment, &authority);
		if (segment.len && memchr(segment.data, ':', segment.len))
			return refuse_text("first path segment in URL cannot contain colon", ret_error);
	}
	if (str_starts_with(rest, STR("//")) && (uri->scheme.len || !str_starts_with(rest, STR("///")))) {
		const char *slash;

		authority = from(rest, 2);
		slash = authority.len ? memchr(authority.data, '/', authority.len) : NULL;
		if (slash)
			authority = until(authority, (size_t)(slash - authority.data));
		rest = from(rest, 2 + authority.len);
		r = read_authority(arena, authority, uri, ret_error);
		if (r < 0)
			return r;
	}
	return read_path(arena, rest, uri, ret_error);
}

/* Everything in front of the fragment. */
static int read_uri(struct arena *arena, struct str text, struct rego_uri *uri, const char **ret_error)
{
	struct str rest = text;
	int r;

	if (has_control(text))
		return refuse_text("net/url: invalid control character in URL", ret_error);
	if (str_eq(text, STR("*"))) {
		uri->path = uri->raw_path = text;
		return 0;
	}
	r = take_scheme(arena, &rest, uri, ret_error);
	if (r < 0)
		return r;
	(void)str_cut(rest, '?', &rest, &uri->raw_query);
	return read_hierarchy(arena, rest, uri, ret_error);
}

/* "parse TEXT: PROBLEM" */
static int refuse_uri(struct arena *arena, struct str text, const char **ret_error)
{
	struct rego_text tail = REGO_TEXT_INIT(arena);
	struct str problem;

	if (!*ret_error)
		return -EINVAL;
	rego_text_add_text(&tail, ": ");
	rego_text_add_text(&tail, *ret_error);
	if (!rego_text_end(&tail, &problem))
		return refuse_text(NULL, ret_error);
	return refuse(arena, "parse ", text, problem.data, ret_error);
}

int rego_uri_parse(struct arena *arena, struct str text, struct rego_uri *ret, const char **ret_error)
{
	struct rego_uri uri = { 0 };
	struct str head, fragment;

	(void)str_cut(text, '#', &head, &fragment);
	if (read_uri(arena, head, &uri, ret_error) < 0)
		return refuse_uri(arena, head, ret_error);
	if (rego_uri_unescape(arena, fragment, REGO_URI_FRAGMENT, &uri.fragment, ret_error) < 0)
		return refuse_uri(arena, text, ret_error);
	*ret = uri;
	return 0;
}

/* ---- written again ---- */

/* Whether the path may stay as it was written, or is escaped anew. */
static bool is_escaped(struct str path)
{
	for (size_t i = 0; i < path.len; i++)
		if (!ascii_is_alnum(path.data[i]) && (!path.data[i] || !strchr("-_.~/!$&'()*+,;=:@[]%",
			path.data[i])))
			return false;
	return true;
}

void rego_uri_add_path(struct rego_text *text, const struct rego_uri *uri)
{
	if (is_escaped(uri->raw_path))
		rego_text_add_str(text, uri->raw_path);
	else
		rego_uri_escape(text, uri->path, REGO_URI_PATH);
}
