// SPDX-License-Identifier: Apache-2.0
/*
 * http_through.c - requests in the clear that another proxy serves
 */
#include "roles/gateway/http_through.h"

#include "codec/http_write.h"
#include "roles/gateway/upstream.h"

#include <errno.h>
#include <stdio.h>

enum {
	STATUS_WANTS_CREDENTIALS = 407,
	STATUS_ERRORS = 400,
	STATUS_ERRORS_OF_SERVERS = 500,
};

int http_through_write(struct http *http)
{
	const struct gateway *gateway = http->gateway;

	if (!http->flow->is_by_request)
		return http_request_write(&http->server.out, &http->request, false);
	return http_request_write_absolute(&http->server.out, &http->request,
		gateway->settings.proxy.authorization);
}

/* "error" as a parameter of Proxy-Status: the proxy made the answer itself. RFC 9209, 2.1.1 */
static bool names_error(struct str value)
{
	static const struct str wanted = STR("error=");

	for (size_t i = 1; i + wanted.len <= value.len; i++)
		if (str_starts_with((struct str){ value.data + i, value.len - i }, wanted) &&
				(value.data[i - 1] == ';' || value.data[i - 1] == ' '))
			return true;
	return false;
}

static bool is_proxys_own(const struct http_response *response)
{
	const struct http_field *status = http_field_find(&response->head, STR("Proxy-Status"));

	if (response->status == STATUS_WANTS_CREDENTIALS)
		return true;
	return (status && names_error(status->value)) ||
		http_field_find(&response->head, STR("X-Squid-Error"));
}

int http_through_hear(struct http *http)
{
	struct http_response *response = &http->response;

	if (!http->flow->is_by_request || response->status < STATUS_ERRORS)
		return 0;
	if (is_proxys_own(response))
		return upstream_error(response->status);
	if (response->status == HTTP_STATUS_FORBIDDEN || response->status >= STATUS_ERRORS_OF_SERVERS)
		response->note =
			STR("cordon; details=\"network.proxy answered, for the host or for itself\"");
	return 0;
}

void http_through_hint(const struct gateway *gateway, int error, char ret[HINT_SIZE])
{
	const struct gateway_proxy *proxy = &gateway->settings.proxy;

	ret[0] = '\0';
	if (error == -EKEYREJECTED && proxy->authorization)
		(void)snprintf(ret, HINT_SIZE,
			"%s:%u does not want the name and password of the URL that network.proxy leads to",
			proxy->host, proxy->port);
	else if (error == -EKEYREJECTED)
		(void)snprintf(ret, HINT_SIZE,
			"put http://USER:PASSWORD@%s:%u into a file, and \"file:PATH\" into network.proxy",
			proxy->host, proxy->port);
	else if (error == -EREMOTEIO)
		(void)snprintf(ret, HINT_SIZE,
			"who runs %s:%u can allow it; what can be reached without it belongs into network.no_proxy",
			proxy->host, proxy->port);
	else if (error == -ENOLINK)
		(void)snprintf(ret, HINT_SIZE,
			"%s:%u connects by itself; what it cannot reach and this machine can belongs into network.no_proxy",
			proxy->host, proxy->port);
}
