// SPDX-License-Identifier: Apache-2.0
/*
 * client_none.c - no libcurl, no client
 */
#include "roles/opa/opa.h"

#include <errno.h>

int client_new(UNUSED const struct opa_settings *settings, UNUSED struct client **ret, struct error *err)
{
	return error_set(err, -EOPNOTSUPP, "asking an OPA is not supported in this build (libcurl)");
}

struct client *client_free(UNUSED struct client *client)
{
	return NULL;
}

void client_ask(UNUSED struct client *client, UNUSED const struct opa_ask *ask, UNUSED int question_fd,
	UNUSED int answer_fd, struct opa_told *ret)
{
	*ret = (struct opa_told){ .version = OPA_WIRE_VERSION, .kind = OPA_FAILED };
}
