// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_opa.c - what holds for everything that a server may answer, and for every text that claims to be its
 * URL
 *
 *   - what is no answer is -EBADMSG, -ENODATA or -EMSGSIZE, says why, and denies
 *   - an answer allows only where its result says so, and all of its rules are the server's
 *   - a URL of TCP is to be asked at what is such a URL again, with the same parts; one without TLS leads to
 *     this machine itself
 */
#include "config/url.h"
#include "policy/opa.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_body(struct arena *arena, struct str body)
{
	struct policy_answer answer = { .verdict = VERDICT_ALLOW };
	struct error err = ERROR_INIT;
	int r = policy_opa_read(arena, POLICY_NET, body, &answer, &err);
	const struct json *document;

	if (r < 0) {
		assert((r == -EBADMSG || r == -ENODATA || r == -EMSGSIZE) && err.code == r && *err.text);
		assert(answer.verdict == VERDICT_DENY && !answer.count);
		return;
	}
	assert(json_read(arena, body, JSON_READ_STRICT, &document, NULL) >= 0);
	assert(answer.verdict == VERDICT_DENY ||
		json_get_bool(json_get(document, "result"), "allow", false));
	for (size_t i = 0; i < answer.count; i++)
		assert(!strncmp(answer.findings[i].rule, "opa:", 4) ||
			!strcmp(answer.findings[i].rule, "policy/no-allow"));
}

static void check_url(struct arena *arena, struct str text)
{
	struct config_url url, again;

	if (config_url_parse(arena, text, &url))
		return;
	assert(!url.socket == !!url.host && url.base && strstr(url.base, "/v1/data"));
	for (const char *c = url.base; *c; c++)
		assert(*c > ' ' && *c <= '~' && *c != '@' && *c != '?' && *c != '#');
	assert(url.is_tls == !strncmp(url.base, "https://", 8));
	if (url.socket) {
		assert(url.socket[0] == '/' && strlen(url.socket) < 108 && !url.port);
		return;
	}
	assert(url.port && (url.is_tls || !url.is_name));
	assert(!config_url_parse(arena, str_from(url.base), &again));
	assert(!strcmp(again.base, url.base) && !strcmp(again.host, url.host) && again.port == url.port);
	assert(again.is_tls == url.is_tls && again.is_name == url.is_name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	const struct str text = { (const char *)data, size };

	check_body(&arena, text);
	check_url(&arena, text);
	return 0;
}
