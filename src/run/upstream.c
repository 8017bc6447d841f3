// SPDX-License-Identifier: Apache-2.0
/*
 * upstream.c - the proxy that a session's connections go through, from its configuration to its gateway
 */
#include "run/upstream.h"

#include "base/base64.h"
#include "net/upstream.h"
#include "run/authorities.h"
#include "session/reference.h"

#include <errno.h>

/* NULL: there is none, or it is empty */
static const char *variable(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment && *environment; environment++)
		if (!strncmp(*environment, name, len) && (*environment)[len] == '=' &&
				(*environment)[len + 1])
			return *environment + len + 1;
	return NULL;
}

static const char *either(char *const *environment, const char *small, const char *large)
{
	const char *value = variable(environment, small);

	return value ? value : variable(environment, large);
}

static struct str trim(struct str text)
{
	while (text.len && ascii_is_space(text.data[0]))
		text.data++, text.len--;
	while (text.len && ascii_is_space(text.data[text.len - 1]))
		text.len--;
	return text;
}

static int add_bypass(struct arena *arena, struct str text, const char *where, struct gateway_settings *ret,
	const char **items, struct error *err)
{
	struct net_bypass ignored;
	const char *why;

	if (ret->bypass_count == GATEWAY_BYPASS_MAX)
		return error_set(err, -EINVAL, "%s: more than %d entries", where, (int)GATEWAY_BYPASS_MAX);
	why = net_bypass_read(arena, text, &ignored);
	if (why)
		return error_set(err, -EINVAL, "%s: an entry of it is none: %s", where, why);
	items[ret->bypass_count] = arena_copy(arena, text.data, text.len);
	return items[ret->bypass_count++] ? 0 : -ENOMEM;
}

/* "a, b,c": what people write into NO_PROXY. */
static int add_words(struct arena *arena, const char *text, struct gateway_settings *ret, const char **items,
	struct error *err)
{
	struct str rest = str_from(text ? text : ""), word;
	int r = 0;

	while (rest.len && r >= 0) {
		(void)str_cut(rest, ',', &word, &rest);
		word = trim(word);
		if (word.len)
			r = add_bypass(arena, word, "NO_PROXY", ret, items, err);
	}
	return r;
}

static int set_bypass(struct arena *arena, const struct config *config, const char *words,
	struct gateway_settings *ret, struct error *err)
{
	const struct config_list *list = &config->settings.network.no_proxy;
	const char **items = arena_alloc_array(arena, GATEWAY_BYPASS_MAX + 1, sizeof(*items));
	int r = items ? 0 : -ENOMEM;

	ret->bypass = items;
	ret->bypass_count = 0;
	for (size_t i = 0; i < list->count && r >= 0; i++)
		r = add_bypass(arena, str_from(list->items[i].text), "network.no_proxy", ret, items, err);
	return r < 0 ? r : add_words(arena, words, ret, items, err);
}

static int set_proxy(struct arena *arena, const struct config *config, const char *text,
	struct gateway_settings *ret, struct error *err)
{
	struct net_upstream upstream;
	const char *why = net_upstream_read(arena, trim(str_from(text)), &upstream);
	char address[NET_ADDRESS_SIZE];
	struct str encoded;

	if (why)
		return error_set(err, -EINVAL, "network.proxy: this is no URL of a proxy: %s", why);
	if (upstream.address.len)
		net_address_print(&upstream.address, address);
	ret->proxy = (struct gateway_proxy){ .port = upstream.port,
		.host = upstream.address.len ? arena_copy(arena, address, strlen(address)) :
		upstream.name.data };
	if (upstream.is_tls) {
		int r = run_authorities_believed(arena, config, &ret->proxy.authorities, err);

		if (r < 0)
			return r;
	}
	if (!upstream.has_user)
		return ret->proxy.host ? 0 : -ENOMEM;
	if (base64_encode(arena, upstream.user, &encoded) < 0)
		return -ENOMEM;
	ret->proxy.authorization = arena_printf(arena, "Basic %.*s", STR_FMT(encoded));
	return ret->proxy.host && ret->proxy.authorization ? 0 : -ENOMEM;
}

/*
 * Of what other programs go by: a session has one proxy for everything, so what counts is what they take for
 * https, and for everything. One for requests in the clear alone says nothing of the rest, and to go past it
 * would not be what was meant. Return: 0 with the URL, or NULL where there is none; or negative errno
 */
static int find_url(char *const *environment, const char **ret, struct error *err)
{
	*ret = either(environment, "https_proxy", "HTTPS_PROXY");
	if (!*ret)
		*ret = either(environment, "all_proxy", "ALL_PROXY");
	if (*ret || !either(environment, "http_proxy", "HTTP_PROXY"))
		return 0;
	error_set(err, -EINVAL,
		"network.proxy is \"environment\", and there only http_proxy is set: that is for requests in the clear alone");
	error_hint(err,
		"A session has one proxy for everything: set https_proxy (or all_proxy) as well, or unset http_proxy.");
	return -EINVAL;
}

int run_upstream(struct arena *arena, const struct config *config, char *const *environment,
	struct gateway_settings *ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(REFERENCE_BYTES_MAX);
	const char *url = config->settings.network.proxy, *words = NULL;
	int r = 0;

	if (!*url)
		return 0;
	if (!strcmp(url, "environment")) {
		r = find_url(environment, &url, err);
		words = either(environment, "no_proxy", "NO_PROXY");
	} else if (strncmp(url, "http", strlen("http"))) {
		r = reference_read(url, &text, err);
		url = buf_text(&text);
	}
	if (r < 0 || !url)
		return r;
	r = set_proxy(arena, config, url, ret, err);
	if (r >= 0)
		r = set_bypass(arena, config, words, ret, err);
	return r < 0 && err && !err->code ? error_sys(err, r, "network.proxy") : r;
}
