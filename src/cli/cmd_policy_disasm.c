// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_disasm.c - `cordon policy disasm [ENTRY]`
 */
#include "cli/commands.h"
#include "cli/policies.h"

#include "base/quote.h"

/* Constants come out of a policy: a terminal is shown nothing that it would obey. */
static void print_line(void *data, const char *text, size_t len)
{
	struct cli *cli = data;

	policies_print_text(cli, (struct str){ text, len });
	cli_printf(cli, "\n");
}

int cmd_policy_disasm(struct cli *cli, int argc, char **argv)
{
	const struct policy_disasm_options *options = policy_disasm_options(cli);
	struct policies policies = { .modules_only = true };
	const char *entry = argc ? argv[0] : NULL;
	struct regoc_report *report = NULL;
	struct regoc_policy *policy = NULL;
	int code = policies_read(cli, options->data.items, options->data.count, &policies);

	if (code != CLI_OK)
		return code;
	if (!policies.count)
		return cli_failf(cli, CLI_USAGE, "there is no module in what was named with --data");
	code = policies_compile(&policies, 0, &policy, &report);
	if (code != CLI_OK)
		cli_tell_text(cli, str_from(regoc_report_text(report)));
	else if (regoc_disassemble(policy, entry, print_line, cli) != REGOC_OK)
		code = cli_failf(cli, CLI_NO, "no rule and no package has the path '%s'",
			quote_cstr(entry).text);
	regoc_report_free(report);
	regoc_policy_free(policy);
	return code;
}
