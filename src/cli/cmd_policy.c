// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy.c - `cordon policy check`, `cordon policy fmt`, `cordon policy builtins`
 *
 * Without operands, check and fmt have nothing to look at and say so: a script that lost its list of files
 * must not be told that all is well.
 */
#include "cli/commands.h"
#include "cli/policies.h"
#include "cli/table.h"

#include "base/quote.h"
#include "kern/file.h"
#include "policy/sources.h"
#include "rego/builtin.h"
#include "rego/format.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* ---- check ---- */

int cmd_policy_check(struct cli *cli, int argc, char **argv)
{
	const struct policy_check_options *options = policy_check_options(cli);
	bool json = cli->json || (options->format && !strcmp(options->format, "json"));
	struct policies policies = { .modules_only = true, .are_bundles = options->bundle };
	struct regoc_report *report = NULL;
	struct regoc_policy *policy = NULL;
	int code = policies_read(cli, (const char *const *)argv, (size_t)argc, &policies);

	if (code != CLI_OK)
		return code;
	if (!policies.count)
		return cli_failf(cli, CLI_USAGE, "there is no module in what was named");
	code = policies_compile(&policies, options->strict ? REGOC_STRICT : 0, &policy, &report) == CLI_OK ?
		CLI_OK : CLI_NO;
	if (json)
		policies_print_json(cli, policy ? json_new_null(&cli->arena) : policies_errors(cli, report));
	else
		cli_tell_text(cli, str_from(regoc_report_text(report)));
	regoc_report_free(report);
	regoc_policy_free(policy);
	return code;
}

/* ---- fmt ---- */

struct formatting {
	struct cli *cli;
	const struct policy_fmt_options *options;
	size_t different, wrong;
	struct json_array_builder list;	/* with --json */
};

static int replace_file(struct cli *cli, const char *path, struct str text)
{
	const char *name = strrchr(path, '/');
	const char *dir = name ? arena_copy(&cli->arena, path, (size_t)(name - path) + 1) : ".";
	scoped(fd) int dirfd = dir ? kern_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0) : -ENOMEM;
	struct error err = ERROR_INIT;
	struct stat st;
	int r = dirfd;

	if (r >= 0)
		r = kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW);
	/* What is written takes the place of the name, so a link would become a file. */
	if (r >= 0 && !S_ISREG(st.st_mode))
		r = -ELOOP;
	if (r >= 0)
		r = kern_write_file(dirfd, name ? name + 1 : path, text, st.st_mode & 07777, false);
	if (r >= 0)
		return CLI_OK;
	error_sys(&err, r, "writing '%s'", quote_cstr(path).text);
	return cli_fail(cli, CLI_FAILED, &err);
}

static void print_name(struct cli *cli, const char *path)
{
	cli_quote(cli, str_from(path));
	cli_printf(cli, "\n");
}

static void add_formatted(struct formatting *formatting, const char *path, struct str text, bool is_same)
{
	struct json_object_builder object;

	json_object_begin(&object, &formatting->cli->arena);
	json_object_add(&object, "path", json_new_bytes(&formatting->cli->arena, str_from(path)));
	json_object_add_bool(&object, "formatted", is_same);
	json_object_add(&object, "text", json_new_string(&formatting->cli->arena, text));
	json_array_add(&formatting->list, json_object_end(&object));
}

static int take_formatted(struct formatting *formatting, const struct regoc_module *module, struct str text)
{
	struct cli *cli = formatting->cli;
	bool is_same = str_eq(text, (struct str){ module->text, module->len });

	formatting->different += !is_same;
	if (cli->json) {
		add_formatted(formatting, module->name, text, is_same);
	} else if (formatting->options->list || (formatting->options->fail && !formatting->options->write)) {
		if (!is_same)
			print_name(cli, module->name);
	} else if (!formatting->options->write) {
		policies_print_text(cli, text);
	}
	return formatting->options->write && !is_same ? replace_file(cli, module->name, text) : CLI_OK;
}

static int format_one(struct formatting *formatting, const struct regoc_module *module)
{
	scoped(arena) struct arena arena = ARENA_INIT(CLI_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(4 * POLICY_MODULE_BYTES_MAX),
		mistakes = BUF_INIT(POLICY_MODULE_BYTES_MAX);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { .name = module->name, .text = { module->text, module->len } };
	int r = rego_format(&source, 0, &arena, &diags, &text);

	if (r == 0)
		return take_formatted(formatting, module, (struct str){ text.data, text.len });
	formatting->wrong++;
	if (!diags.count)
		return cli_failf(formatting->cli, CLI_NO, "'%s' is too large to be formatted",
			quote_cstr(module->name).text);
	(void)rego_diags_print(&diags, &mistakes);
	cli_tell_text(formatting->cli, (struct str){ mistakes.data, mistakes.len });
	return CLI_OK;
}

int cmd_policy_fmt(struct cli *cli, int argc, char **argv)
{
	struct formatting formatting = { .cli = cli, .options = policy_fmt_options(cli) };
	struct policies policies = { .modules_only = true };
	int code = policies_read(cli, (const char *const *)argv, (size_t)argc, &policies);

	json_array_begin(&formatting.list, &cli->arena);
	if (code == CLI_OK && !policies.count)
		return cli_failf(cli, CLI_USAGE, "there is no module in what was named");
	for (size_t i = 0; code == CLI_OK && i < policies.count; i++)
		code = format_one(&formatting, &policies.modules[i]);
	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(cli, json_array_end(&formatting.list));
	return formatting.wrong || (formatting.options->fail && formatting.different) ? CLI_NO : CLI_OK;
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
