// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_disasm.c - `cordon policy disasm [ENTRY]`
 */
#include "cli/commands.h"
#include "cli/policies.h"

#include "base/quote.h"

#include <errno.h>

struct listing {
	struct cli *cli;
	struct json_array_builder lines;	/* with --json */
};

/* Constants come out of a policy: a terminal is shown nothing that it would obey. */
static void add_line(void *data, const char *text, size_t len)
{
	struct listing *listing = data;
	struct str line = { text, len };

	if (listing->cli->json) {
		json_array_add(&listing->lines, json_new_string(&listing->cli->arena, line));
		return;
	}
	policies_print_text(listing->cli, line);
	cli_printf(listing->cli, "\n");
}

/* {"code": [line, ...]} */
static void print_listing(struct listing *listing)
{
	struct json_object_builder object;

	json_object_begin(&object, &listing->cli->arena);
	json_object_add(&object, "code", json_array_end(&listing->lines));
	cli_print_json(listing->cli, json_object_end(&object));
}

static int fail_empty(struct cli *cli, size_t named_count)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ENOENT, named_count ? "there is no module in what was named with --data" :
		"no module was named");
	error_hint(&err, "Name modules or directories of them: cordon policy disasm --data policies/");
	return cli_fail(cli, CLI_USAGE, &err);
}

int cmd_policy_disasm(struct cli *cli, int argc, char **argv)
{
	const struct policy_disasm_options *options = policy_disasm_options(cli);
	struct policies policies = { .modules_only = true };
	const char *entry = argc ? argv[0] : NULL;
	struct regoc_report *report = NULL;
	struct regoc_policy *policy = NULL;
	struct listing listing = { .cli = cli };
	int code = policies_read(cli, options->data.items, options->data.count, &policies);

	if (code != CLI_OK)
		return code;
	if (!policies.count)
		return fail_empty(cli, options->data.count);
	json_array_begin(&listing.lines, &cli->arena);
	code = policies_compile(&policies, 0, &policy, &report);
	if (code != CLI_OK)
		cli_tell_text(cli, str_from(regoc_report_text(report)));
	else if (regoc_disassemble(policy, entry, add_line, &listing) != REGOC_OK)
		code = entry ? cli_failf(cli, CLI_NO, "no rule and no package has the path '%s'",
				quote_cstr(entry).text) :
			cli_failf(cli, CLI_FAILED, "out of memory");
	else if (cli->json)
		print_listing(&listing);
	regoc_report_free(report);
	regoc_policy_free(policy);
	return code;
}
