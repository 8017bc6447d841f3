// SPDX-License-Identifier: Apache-2.0
/*
 * regoc.c - a decision by a policy, from start to end: cc regoc.c $(pkg-config --cflags --libs libregoc)
 */
#include <regoc.h>
#include <stdio.h>
#include <string.h>

static const char policy_text[] =
	"package authz\n"
	"default allow := false\n"
	"allow if input.user in data.admins\n";

int main(void)
{
	static const char admins[] = "{\"admins\": [\"alice\"]}", who[] = "{\"user\": \"alice\"}";
	struct regoc_module module = { "authz.rego", policy_text, strlen(policy_text) };
	struct regoc_limits limits = { .steps = 100000, .memory_bytes = 1 << 20 };
	struct regoc_document *data = NULL, *input = NULL;
	struct regoc_report *report = NULL;
	struct regoc_policy *policy = NULL;
	struct regoc_query *query;

	if (regoc_policy_new(&module, 1, NULL, &policy, &report) != REGOC_OK) {
		fputs(regoc_report_text(report), stderr);
		regoc_report_free(report);
		return 2;
	}
	(void)regoc_document_new(admins, strlen(admins), 0, &data, NULL);
	(void)regoc_document_new(who, strlen(who), 0, &input, NULL);
	query = regoc_query_new_entry(policy, "authz/allow");
	struct regoc_context *context = regoc_context_new(&limits);
	struct regoc_request request = {
		.query = query, .input = regoc_document_value(input), .data = regoc_document_value(data),
	};
	/* Anything but an answer that is true, a limit too, is a no. */
	bool allowed = regoc_evaluate(context, &request) == REGOC_OK && regoc_is_true(context);

	puts(allowed ? "allowed" : "denied");
	regoc_context_free(context);
	regoc_query_free(query);
	regoc_document_free(input);
	regoc_document_free(data);
	regoc_policy_free(policy);
	return allowed ? 0 : 1;
}
