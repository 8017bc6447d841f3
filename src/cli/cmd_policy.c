// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy.c - `cordon policy check`, `cordon policy builtins`
 *
 * Without operands, check has nothing to look at and says so: a script that lost its list of files must not
 * be told that all is well.
 */
#include "cli/commands.h"
#include "cli/policies.h"
#include "cli/table.h"

#include "rego/builtin.h"

#include <errno.h>

/* ---- check ---- */

static int fail_empty(struct cli *cli)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ENOENT, "there is no module in what was named");
	error_hint(&err, "Name files that end in .rego, or a directory of them.");
	return cli_fail(cli, CLI_USAGE, &err);
}

int cmd_policy_check(struct cli *cli, int argc, char **argv)
{
	const struct policy_check_options *options = policy_check_options(cli);
	unsigned flags = (options->strict ? REGOC_STRICT : 0u) |
		(options->logical_keywords ? REGOC_LOGICAL_KEYWORDS : 0u);
	bool json = cli->json || (options->format && !strcmp(options->format, "json"));
	const struct policies_keys keys = { options->verification_key, options->verification_key_id,
		options->signing_alg, options->scope, options->skip_verify };
	struct policies policies = {
		.modules_only = true, .are_bundles = options->bundle, .schema_path = options->schema,
	};
	struct regoc_report *report = NULL;
	struct regoc_policy *policy = NULL;
	int code = policies_read_verification(cli, &keys, &policies.verification);

	policies.ignore = options->ignore;
	if (code == CLI_OK)
		code = policies_read(cli, (const char *const *)argv, (size_t)argc, &policies);
	if (code != CLI_OK)
		return code;
	if (!policies.count)
		return fail_empty(cli);
	code = policies_compile(&policies, flags, &policy, &report) == CLI_OK ? CLI_OK : CLI_NO;
	/* Where all is well, `opa check` prints nothing; our own --json has a document always. */
	if (json && (!policy || cli->json))
		policies_print_json(cli, policy ? json_new_null(&cli->arena) : policies_errors(cli, report));
	else if (!json)
		cli_tell_text(cli, str_from(regoc_report_text(report)));
	regoc_report_free(report);
	regoc_policy_free(policy);
	return code;
}

/* ---- builtins ---- */

static const char *signature(struct cli *cli, const struct rego_builtin *builtin)
{
	scoped(buf) struct buf text = BUF_INIT(4096);

	buf_append_str(&text, "(");
	for (size_t i = 0; i < builtin->operand_count; i++)
		buf_printf(&text, "%s%s", i ? ", " : "", builtin->operands[i]);
	buf_printf(&text, "%s)", builtin->flags & REGO_BUILTIN_VARIADIC ? "..." : "");
	if (builtin->result)
		buf_printf(&text, " -> %s", builtin->result);
	return arena_copy(&cli->arena, text.data, text.len);
}

static const struct json *builtin_document(struct cli *cli, const struct rego_builtin *builtin)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "name", builtin->name);
	if (builtin->infix)
		json_object_add_text(&object, "infix", builtin->infix);
	json_object_add(&object, "operands",
		json_new_words(&cli->arena, builtin->operands, builtin->operand_count));
	if (builtin->result)
		json_object_add_text(&object, "result", builtin->result);
	json_object_add_text(&object, "description", builtin->help);
	json_object_add_bool(&object, "nondeterministic", builtin->flags & REGO_BUILTIN_VOLATILE);
	json_object_add_bool(&object, "relation", builtin->flags & REGO_BUILTIN_RELATION);
	if (builtin->flags & REGO_BUILTIN_REFUSED)
		json_object_add_text(&object, "refused", builtin->refused);
	return json_object_end(&object);
}

static void list_builtins(struct cli *cli)
{
	static const struct cli_column columns[] = {
		{ "NAME" }, { "WHAT", .is_prose = true },
	};
	const struct rego_builtin *builtin;
	struct cli_table table;

	cli_table_begin(&table, cli, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; (builtin = rego_builtin_at(i)); i++) {
		cli_table_cell(&table, str_from(builtin->name));
		if (cli->verbosity)
			cli_table_cell(&table, str_from(signature(cli, builtin)));
		else if (builtin->flags & REGO_BUILTIN_REFUSED)
			cli_table_styled(&table, CLI_DIM, "refused: %s", builtin->refused);
		else
			cli_table_cell(&table, str_from(builtin->help));
	}
	cli_table_end(&table);
}

int cmd_policy_builtins(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	const struct rego_builtin *builtin;
	struct json_array_builder list;

	if (!cli->json) {
		cli_page(cli);
		list_builtins(cli);
		return CLI_OK;
	}
	json_array_begin(&list, &cli->arena);
	for (size_t i = 0; (builtin = rego_builtin_at(i)); i++)
		json_array_add(&list, builtin_document(cli, builtin));
	cli_print_json(cli, json_array_end(&list));
	return CLI_OK;
}
