// SPDX-License-Identifier: Apache-2.0
/*
 * authorities.c - who the programs in a sandbox believe that a host is itself
 */
#include "run/authorities.h"

#include "base/quote.h"
#include "base/utf8.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#define CERTIFICATE "-----BEGIN CERTIFICATE-----"
#define CERTIFICATE_END "-----END CERTIFICATE-----"
#define PRIVATE_KEY "PRIVATE KEY-----"

/* Where systems keep theirs: Debian and its like, Red Hat and its like, SUSE, Alpine. */
static const char *const places[] = {
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/ssl/cert.pem",
};

static const char *const variables[RUN_AUTHORITIES_VARIABLES] = {
	"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO",
};

static bool has(const struct buf *text, const char *word)
{
	return text->len && memmem(text->data, text->len, word, strlen(word));
}

static int read_own(const char *path, struct buf *ret, struct error *err)
{
	int r = kern_read_file(AT_FDCWD, path, ret);

	if (r < 0)
		return error_sys(err, r, "network.ca_bundle: '%s'", quote_cstr(path).text);
	if (has(ret, PRIVATE_KEY)) {
		error_set(err, -EINVAL,
			"network.ca_bundle: '%s' holds a private key, which the agent would see",
			quote_cstr(path).text);
		error_hint(err, "Name a file of certificates alone.");
		return -EINVAL;
	}
	return has(ret, CERTIFICATE) ? 0 : error_set(err, -EINVAL,
		"network.ca_bundle: '%s' has no certificate in PEM (" CERTIFICATE ")", quote_cstr(path).text);
}

/* Return: 0 found, -ENOENT this system has none, or negative errno */
static int read_systems(struct arena *arena, const char **ret_path, struct buf *ret)
{
	char path[PATH_MAX];
	ssize_t len = -ENOENT;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(places) && len == -ENOENT; i++)
		len = kern_real_path(places[i], path, sizeof(path));
	if (len < 0)
		return (int)len;
	*ret_path = arena_copy(arena, path, (size_t)len);
	r = *ret_path ? kern_read_file(AT_FDCWD, *ret_path, ret) : -ENOMEM;
	return r < 0 ? r : 0;
}

/* The certificates alone: what people write between them may be in any character set. */
static int add_certificates(struct buf *ret, const struct buf *text)
{
	struct str rest = { text->data, text->len };
	int r = 0;

	while (rest.len && r >= 0) {
		const char *start = memmem(rest.data, rest.len, CERTIFICATE, strlen(CERTIFICATE)), *end;

		if (!start)
			return 0;
		rest = (struct str){ start, rest.len - (size_t)(start - rest.data) };
		end = memmem(rest.data, rest.len, CERTIFICATE_END, strlen(CERTIFICATE_END));
		if (!end)
			return 0;
		end += strlen(CERTIFICATE_END);
		r = utf8_is_valid((struct str){ start, (size_t)(end - start) }) ?
			buf_append(ret, start, (size_t)(end - start)) :
			0;
		if (r >= 0)
			r = buf_append_char(ret, '\n');
		rest = (struct str){ end, rest.len - (size_t)(end - start) };
	}
	return r;
}

int run_authorities_believed(struct arena *arena, const struct config *config, const char **ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RUN_AUTHORITIES_BYTES_MAX),
		own = BUF_INIT(RUN_AUTHORITIES_BYTES_MAX), all = BUF_INIT(RUN_AUTHORITIES_BYTES_MAX);
	const char *path = config->settings.network.ca_bundle, *system;
	int r = *path ? read_own(path, &own, err) : 0;

	if (r < 0)
		return r;
	r = read_systems(arena, &system, &text);
	if (r >= 0 || r == -ENOENT)
		r = add_certificates(&all, &text);
	if (r >= 0)
		r = add_certificates(&all, &own);
	if (r < 0)
		return error_sys(err, r, "reading this system's certificates");
	if (!all.len) {
		error_set(err, -ENOKEY,
			"network.proxy: no certificate is there by which the proxy could be known");
		error_hint(err, "Install ca-certificates, or name a file in network.ca_bundle.");
		return -ENOKEY;
	}
	*ret = arena_copy(arena, all.data, all.len);
	return *ret ? 0 : error_sys(err, -ENOMEM, "reading this system's certificates");
}

int run_authorities(struct arena *arena, const struct config *config, struct run_authorities *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(RUN_AUTHORITIES_BYTES_MAX),
		own = BUF_INIT(RUN_AUTHORITIES_BYTES_MAX);
	const char *path = config->settings.network.ca_bundle, *system;
	int r;

	*ret = (struct run_authorities){ 0 };
	if (!*path)
		return 0;
	r = read_own(path, &own, err);
	if (r < 0)
		return r;
	r = read_systems(arena, &system, &text);
	if (r >= 0 && text.len && text.data[text.len - 1] != '\n')
		r = buf_append_char(&text, '\n');
	if (r >= 0)
		r = buf_append(&text, own.data, own.len);
	if (r < 0)
		return error_sys(err, r, "network.ca_bundle: adding it to this system's certificates");
	ret->text = (struct str){ arena_copy(arena, text.data, text.len), text.len };
	for (size_t i = 0; i < RUN_AUTHORITIES_VARIABLES; i++) {
		ret->variables[i] = arena_printf(arena, "%s=%s", variables[i], system);
		if (!ret->variables[i])
			return error_sys(err, -ENOMEM, "network.ca_bundle");
	}
	ret->path = ret->text.data ? system : NULL;
	return ret->path ? 0 : error_sys(err, -ENOMEM, "network.ca_bundle");
}
