// SPDX-License-Identifier: Apache-2.0
/*
 * client_curl.c - one question over HTTP, by libcurl
 *
 * Everything that libcurl could do of its own accord is said no to: redirections, proxies, cookies, passwords
 * from files, other protocols, other versions of HTTP, encodings. Over TLS it is version 1.2 at least, and
 * the server's certificate is always verified, against one file of certificates and for the name that was
 * asked.
 *
 * Certificates and keys are in memory from before the process was confined. The name of the server is looked
 * up here and not by libcurl, which would start a thread for it; once, for as long as this process lives.
 * Whoever moves a server breaks a connection, and after that a new process asks.
 *
 * Sizes are the asker's: not one byte more than it allowed is written, and a server's headers have a limit.
 *
 * Source: curl_easy_setopt(3), libcurl-security(3); RFC 6750, section 2.1 (bearer tokens)
 */
#include "roles/opa/opa.h"

#include "base/buf.h"
#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/file.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum {
	PEM_BYTES_MAX = 8 << 20,	/* what a system trusts is a quarter of a megabyte */
	HEADER_BYTES_MAX = 64 << 10,	/* all headers of an answer */
	LINE_BYTES_MAX = 32 << 10,	/* a header of ours */
	ADDRESSES_BYTES_MAX = 4096,
};

/* One question on its way. */
struct transfer {
	int question_fd, answer_fd;	/* borrowed */
	uint64_t question_at, question_bytes, answer_bytes, answer_max;
	size_t header_bytes;
	bool is_long;
	int r;				/* what went wrong with our own files */
};

struct client {
	const struct opa_settings *settings;
	CURL *curl;
	struct curl_slist *headers, *addresses;
	struct buf ca, cert, key;
	struct transfer transfer;
	uint32_t connections;
	char error[CURL_ERROR_SIZE];
};

/* ---- what libcurl calls ---- */

static size_t read_question(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	uint64_t left = transfer->question_bytes - transfer->question_at;
	ssize_t n = kern_pread(transfer->question_fd, data, MIN((uint64_t)size * count, left),
		(off_t)transfer->question_at);

	if (n < 0)
		transfer->r = (int)n;
	if (n < 0)
		return CURL_READFUNC_ABORT;
	transfer->question_at += (uint64_t)n;
	return (size_t)n;
}

/* A connection that was kept turns out to be closed: the question is sent again, on another one. */
static int seek_question(void *context, curl_off_t offset, int origin)
{
	struct transfer *transfer = context;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > transfer->question_bytes)
		return CURL_SEEKFUNC_FAIL;
	transfer->question_at = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t write_answer(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t len = size * count, done = 0;

	transfer->is_long = len > transfer->answer_max - transfer->answer_bytes;
	while (done < len && !transfer->is_long) {
		ssize_t n = kern_pwrite(transfer->answer_fd, data + done, len - done,
			(off_t)transfer->answer_bytes);

		if (n <= 0) {
			transfer->r = n < 0 ? (int)n : -EIO;
			return 0;
		}
		done += (size_t)n;
		transfer->answer_bytes += (uint64_t)n;
	}
	return done;
}

static size_t count_header(UNUSED char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;

	transfer->header_bytes += size * count;
	if (transfer->header_bytes <= HEADER_BYTES_MAX)
		return size * count;
	transfer->is_long = true;
	return 0;
}

/* ---- getting ready ---- */

static int read_pem(const char *what, const char *path, struct buf *ret, struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	int r = fd < 0 ? fd : kern_read_all(fd, ret);

	if (r < 0)
		return error_sys(err, r, "%s: reading '%s'", what, quote_cstr(path).text);
	if (!memmem(ret->data, ret->len, "-----BEGIN ", 11))
		return error_set(err, -EINVAL, "%s: '%s' is no PEM file", what, quote_cstr(path).text);
	return 0;
}

static int read_files(struct client *client, struct error *err)
{
	const struct opa_settings *settings = client->settings;
	char *ours = NULL;
	int r = 0;

	if (!settings->is_tls)
		return 0;
	if (settings->ca)
		r = read_pem("policy.ca", settings->ca, &client->ca, err);
	else if (curl_easy_getinfo(client->curl, CURLINFO_CAINFO, &ours) != CURLE_OK || !ours)
		r = error_set(err, -ENOENT,
			"this system has no list of certificates that it trusts: set policy.ca");
	else
		r = read_pem("the certificates that this system trusts", ours, &client->ca, err);
	if (r >= 0 && settings->cert)
		r = read_pem("policy.cert", settings->cert, &client->cert, err);
	if (r >= 0 && settings->key)
		r = read_pem("policy.key", settings->key, &client->key, err);
	return r;
}

static bool add_header(struct client *client, const char *line)
{
	struct curl_slist *more = curl_slist_append(client->headers, line);

	if (more)
		client->headers = more;
	return more;
}

/* An empty one is left out: nothing is waited for between head and body. */
static bool add_headers(struct client *client)
{
	scoped(buf) struct buf line = BUF_INIT(LINE_BYTES_MAX);

	if (!add_header(client, "Content-Type: application/json") ||
			!add_header(client, "Accept: application/json") ||
			!add_header(client, "Accept-Encoding: identity") || !add_header(client, "Expect:"))
		return false;
	if (!client->settings->token)
		return true;
	return buf_printf(&line, "Authorization: Bearer %s", client->settings->token) >= 0 &&
		add_header(client, buf_text(&line));
}

/* Each setting is no less than CURLE_OK; all of them have to be it. */
static bool set_http(struct client *client)
{
	const struct opa_settings *settings = client->settings;
	CURL *curl = client->curl;
	unsigned bad = 0;

	bad |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, settings->is_tls ? "https" : "http");
	bad |= curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	bad |= curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	bad |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_HTTPHEADER, client->headers);
	bad |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "cordon");
	bad |= curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->error);
	if (settings->socket)
		bad |= curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, settings->socket);
	return !bad;
}

static bool set_bodies(struct client *client)
{
	CURL *curl = client->curl;
	unsigned bad = 0;

	bad |= curl_easy_setopt(curl, CURLOPT_POST, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_question);
	bad |= curl_easy_setopt(curl, CURLOPT_READDATA, &client->transfer);
	bad |= curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_question);
	bad |= curl_easy_setopt(curl, CURLOPT_SEEKDATA, &client->transfer);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write_answer);
	bad |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, &client->transfer);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, count_header);
	bad |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, &client->transfer);
	return !bad;
}

static bool set_blob(CURL *curl, CURLoption option, const struct buf *text)
{
	struct curl_blob blob = { .data = text->data, .len = text->len, .flags = CURL_BLOB_NOCOPY };

	return !text->len || curl_easy_setopt(curl, option, &blob) == CURLE_OK;
}

/* An empty passphrase, so that nobody is asked for one. */
static bool set_tls(struct client *client)
{
	CURL *curl = client->curl;
	unsigned bad = 0;

	bad |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	bad |= curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	bad |= curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	bad |= curl_easy_setopt(curl, CURLOPT_KEYPASSWD, "");
	return !bad && set_blob(curl, CURLOPT_CAINFO_BLOB, &client->ca) &&
		set_blob(curl, CURLOPT_SSLCERT_BLOB, &client->cert) &&
		set_blob(curl, CURLOPT_SSLKEY_BLOB, &client->key);
}

int client_new(const struct opa_settings *settings, struct client **ret, struct error *err)
{
	struct client *client = calloc(1, sizeof(*client));
	int r;

	if (!client)
		abort();
	client->settings = settings;
	client->ca = client->cert = client->key = (struct buf)BUF_INIT(PEM_BYTES_MAX);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		client->curl = curl_easy_init();
	r = client->curl ? read_files(client, err) : error_set(err, -ENOSYS, "libcurl does not start");
	if (r >= 0 && (!add_headers(client) || !set_http(client) || !set_bodies(client) ||
			(settings->is_tls && !set_tls(client))))
		r = error_set(err, -ENOSYS, "libcurl %s cannot do what is needed", curl_version());
	if (r < 0)
		client_free(client);
	else
		*ret = client;
	return r;
}

struct client *client_free(struct client *client)
{
	if (!client)
		return NULL;
	curl_easy_cleanup(client->curl);
	curl_slist_free_all(client->headers);
	curl_slist_free_all(client->addresses);
	buf_fini(&client->ca);
	buf_fini(&client->cert);
	buf_fini(&client->key);
	free(client);
	curl_global_cleanup();
	return NULL;
}

/* ---- the name ---- */

static void add_address(struct buf *line, const struct addrinfo *info)
{
	bool is_first = buf_text(line)[line->len - 1] == ':';
	char text[NI_MAXHOST];

	if (getnameinfo(info->ai_addr, info->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST))
		return;
	(void)buf_printf(line, info->ai_family == AF_INET6 ? "%s[%s]" : "%s%s", is_first ? "" : ",", text);
}

/* "HOST:PORT:ADDRESS,ADDRESS", which libcurl takes for what it would have found itself. */
static int look_up(struct client *client, struct opa_told *ret)
{
	const struct opa_settings *settings = client->settings;
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	scoped(buf) struct buf line = BUF_INIT(ADDRESSES_BYTES_MAX);
	struct addrinfo *found = NULL;
	int r;

	if (!settings->is_name || client->addresses)
		return 0;
	r = getaddrinfo(settings->host, NULL, &hints, &found);
	if (r) {
		ret->kind = OPA_UNREACHABLE;
		opa_told_say(ret, gai_strerror(r));
		return -ENOENT;
	}
	(void)buf_printf(&line, "%s:%u:", settings->host, settings->port);
	for (const struct addrinfo *info = found; info; info = info->ai_next)
		add_address(&line, info);
	freeaddrinfo(found);
	client->addresses = buf_failed(&line) ? NULL : curl_slist_append(NULL, buf_text(&line));
	if (client->addresses &&
			curl_easy_setopt(client->curl, CURLOPT_RESOLVE, client->addresses) == CURLE_OK)
		return 0;
	ret->kind = OPA_FAILED;
	return -ENOMEM;
}

/* ---- asking ---- */

static bool set_question(struct client *client, const struct opa_ask *ask)
{
	scoped(buf) struct buf url = BUF_INIT(LINE_BYTES_MAX);
	long timeout_ms = (long)(ask->timeout_ns / NS_PER_MS);
	CURL *curl = client->curl;
	unsigned bad = buf_printf(&url, "%s/cordon/%s", client->settings->base, ask->name) < 0;

	bad |= curl_easy_setopt(curl, CURLOPT_URL, buf_text(&url));
	bad |= curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body_bytes);
	bad |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
	bad |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
	return !bad;
}

static enum opa_kind kind_of(const struct client *client, CURLcode code)
{
	if (client->transfer.r < 0)
		return OPA_FAILED;
	if (client->transfer.is_long)
		return OPA_LONG;
	if (code == CURLE_COULDNT_CONNECT)
		return OPA_UNREACHABLE;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return OPA_LATE;
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return OPA_UNTRUSTED;
	if (code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CIPHER)
		return OPA_INSECURE;
	if (code == CURLE_PARTIAL_FILE || code == CURLE_GOT_NOTHING || code == CURLE_SEND_ERROR ||
			code == CURLE_RECV_ERROR)
		return OPA_CUT;
	return OPA_FAILED;
}

static void tell_failure(struct client *client, CURLcode code, struct opa_told *ret)
{
	long number = 0;
	const char *text = *client->error ? client->error : curl_easy_strerror(code);

	ret->kind = kind_of(client, code);
	if (ret->kind == OPA_LONG || ret->kind == OPA_LATE)
		return;
	(void)curl_easy_getinfo(client->curl, CURLINFO_OS_ERRNO, &number);
	if (ret->kind == OPA_UNREACHABLE && number)
		text = strerrordesc_np((int)number) ?: text;
	if (client->transfer.r < 0)
		text = strerrordesc_np(-client->transfer.r) ?: text;
	opa_told_say(ret, text);
}

static void tell_answer(struct client *client, struct opa_told *ret)
{
	struct curl_header *encoding;
	long status = 0;

	(void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &status);
	ret->kind = OPA_ANSWERED;
	ret->status = (uint32_t)status;
	ret->body_bytes = client->transfer.answer_bytes;
	if (curl_easy_header(client->curl, "Content-Encoding", 0, CURLH_HEADER, -1, &encoding) == CURLHE_OK &&
			strcasecmp(encoding->value, "identity"))
		ret->kind = OPA_ENCODED;
}

void client_ask(struct client *client, const struct opa_ask *ask, int question_fd, int answer_fd,
	struct opa_told *ret)
{
	CURLcode code = CURLE_FAILED_INIT;
	long made = 0;

	*ret = (struct opa_told){ .version = OPA_WIRE_VERSION };
	client->transfer = (struct transfer){
		.question_fd = question_fd, .answer_fd = answer_fd, .question_bytes = ask->body_bytes,
		.answer_max = ask->body_max,
	};
	client->error[0] = '\0';
	client->transfer.r = kern_ftruncate(answer_fd, 0);
	if (look_up(client, ret) < 0)
		return;
	if (client->transfer.r >= 0 && set_question(client, ask))
		code = curl_easy_perform(client->curl);
	(void)curl_easy_getinfo(client->curl, CURLINFO_NUM_CONNECTS, &made);
	client->connections += (uint32_t)made;
	ret->connections = client->connections;
	if (code == CURLE_OK)
		tell_answer(client, ret);
	else
		tell_failure(client, code, ret);
}
