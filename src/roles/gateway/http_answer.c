// SPDX-License-Identifier: Apache-2.0
/*
 * http_answer.c - answers that are the gateway's own: a no, a limit, a host that nobody can reach
 */
#include "roles/gateway/http_internal.h"

#include "codec/http_write.h"
#include "roles/gateway/http_through.h"
#include "roles/gateway/judge.h"
#include "roles/gateway/limit.h"

#include <errno.h>
#include <string.h>

/* The last of the connection: what the request brought with it was not read. */
void http_answer(struct http *http, uint16_t status, const char *why, const struct refusal *refusal)
{
	const struct http_denial denial = {
		.status = status, .reason = str_from(why),
		.rule = str_from(refusal ? refusal->rule : ""),
		.decision = str_from(refusal ? refusal->decision : ""),
		.hint = str_from(refusal ? refusal->hint : ""),
		.limit = str_from(refusal && refusal->limit ? refusal->rule + strlen("network/") : ""),
		.value = refusal ? refusal->value : 0, .retry_s = refusal ? refusal->retry_s : 0,
	};
	bool is_read = http->state != HTTP_HEAD;

	if (http_denial_write(&http->client.out, &denial, is_read ? &http->request : NULL, true) < 0)
		buf_clear(&http->client.out);
	http_begin_last(http);
}

void http_answer_limit(struct http *http, struct net_host *host, enum net_limit limit)
{
	struct gateway_judged judged;
	struct refusal refusal;

	limit_reached(http->gateway, host, limit, &refusal, &judged);
	http_answer(http, limit_status(limit), refusal.why, &refusal);
}

static const char *say_failure(int error, uint16_t *ret_status)
{
	*ret_status = error == -ETIMEDOUT ? HTTP_STATUS_TIMEOUT : HTTP_STATUS_BAD_GATEWAY;
	switch (error) {
	case -ETIMEDOUT:
		return "the host did not answer in time";
	case -EHOSTDOWN:
		return "the upstream proxy cannot be reached";
	case -EKEYREJECTED:
		return "the upstream proxy wants credentials, or others (407)";
	case -EREMOTEIO:
		return "the upstream proxy refused it";
	case -ENOLINK:
		return "the upstream proxy could not reach the host";
	case -EPROTO:
		return "the upstream proxy's answer cannot be understood";
	case -EKEYEXPIRED:
		return "the upstream proxy's certificate is not valid any more, or not yet";
	case -EREMCHG:
		return "the upstream proxy's certificate is for another host than the one that network.proxy names";
	case -ENOKEY:
		return "nobody that this system or network.ca_bundle has certificates of has signed the upstream proxy's";
	case -EBADE:
		return "the upstream proxy does not speak TLS, or none that is safe enough (1.2 or newer)";
	case -ENOENT:
		return "the host's name does not exist";
	case -ECONNREFUSED:
		return "the host refused the connection";
	case -ENETUNREACH:
	case -EHOSTUNREACH:
		return "the host cannot be reached";
	default:
		return "the host could not be connected to";
	}
}

void http_answer_failure(struct http *http, int error)
{
	struct refusal refusal = { .rule = "" };
	uint16_t status;
	const char *why = say_failure(error, &status);

	http_through_hint(http->gateway, error, refusal.hint);
	http_answer(http, status, why, &refusal);
}

void http_refused(struct flow *flow, const struct refusal *refusal)
{
	struct http *http = flow->owner;

	http->flow = NULL;
	http_answer(http, limit_status(refusal->limit), refusal->why, refusal);
	if (!http->is_asking)
		http_progress(http);
}

void http_failed(struct flow *flow, int error)
{
	struct http *http = flow->owner;

	http->flow = NULL;
	http_answer_failure(http, error);
	if (!http->is_asking)
		http_progress(http);
}
