// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_policy_fmt.c - `cordon policy fmt PATH...`
 *
 * What is printed follows from the options as with `opa fmt`: names, patches, or the modules themselves; a
 * file is only replaced where something about it changes. `-` is standard input, for editors. Without
 * operands there is nothing to look at, and that is said: a script that lost its list of files must not be
 * told that all is well.
 */
#include "cli/commands.h"
#include "cli/policies.h"

#include "base/patch.h"
#include "base/quote.h"
#include "kern/file.h"
#include "overlay/git_name.h"
#include "policy/sources.h"
#include "rego/format.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define STANDARD_INPUT "-"

enum {
	PATCH_BYTES_MAX = 8 * POLICY_MODULE_BYTES_MAX,
};

struct formatting {
	struct cli *cli;
	const struct policy_fmt_options *options;
	size_t different, wrong;
	struct json_array_builder list;	/* with --json */
};

/* ---- what becomes of a module ---- */

static int fail_link(struct cli *cli, const char *path)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ELOOP, "'%s': there is a symbolic link in it, and nothing is written through one",
		quote_cstr(path).text);
	error_hint(&err, "Name what it leads to: realpath(1) says what that is.");
	return cli_fail(cli, CLI_FAILED, &err);
}

static int fail_stale(struct cli *cli, const char *path)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ESTALE, "'%s' is not what was read any more, and stays as it is",
		quote_cstr(path).text);
	error_hint(&err, "Somebody changed it meanwhile: give the same command once more.");
	return cli_fail(cli, CLI_FAILED, &err);
}

/* Whether the file still has the text that was read; @ret_mode: its bits. */
static int check_file(int dirfd, const char *name, const struct regoc_module *module, mode_t *ret_mode)
{
	scoped(buf) struct buf text = BUF_INIT(module->len);
	scoped(fd) int fd = kern_open_beneath(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;
	int r = fd < 0 ? fd : kern_fstat(fd, &st);

	if (r >= 0 && !S_ISREG(st.st_mode))
		return -ESTALE;
	if (r >= 0)
		r = kern_read_all(fd, &text);
	if (r == -EMSGSIZE || r == -ENOENT)
		return -ESTALE;
	if (r < 0)
		return r;
	*ret_mode = st.st_mode & 07777;
	return str_eq((struct str){ buf_text(&text), text.len }, (struct str){ module->text, module->len }) ?
		0 : -ESTALE;
}

/*
 * What is written takes the place of a name. So the directory is opened once, with no link on the way, and
 * the file is looked at and replaced in that one: wherever names lead meanwhile, it is the file that was
 * read, or none. Between the look and the rename somebody's change may be lost, as with any editor.
 */
static int replace_file(struct cli *cli, const struct regoc_module *module, struct str text)
{
	const char *path = module->name, *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dir = slash ? arena_copy(&cli->arena, path, (size_t)(name - path)) : ".";
	scoped(fd) int dirfd = dir ? kern_open_plain(dir, O_PATH | O_DIRECTORY) : -ENOMEM;
	struct error err = ERROR_INIT;
	mode_t mode;
	int r = dirfd < 0 ? dirfd : check_file(dirfd, name, module, &mode);

	if (r >= 0)
		r = kern_write_file(dirfd, name, text, mode, false);
	/* The bits that umask(2) has taken from a new file. */
	if (r >= 0)
		r = kern_chmod_beneath(dirfd, name, mode);
	if (r >= 0)
		return CLI_OK;
	if (r == -ELOOP)
		return fail_link(cli, path);
	if (r == -ESTALE)
		return fail_stale(cli, path);
	error_sys(&err, r, "writing '%s'", quote_cstr(path).text);
	return cli_fail(cli, CLI_FAILED, &err);
}

static void print_name(struct cli *cli, const char *path)
{
	cli_quote(cli, str_from(path));
	cli_printf(cli, "\n");
}

/* As gofmt has them, so that patch(1) finds the file; quoted as git does it, whatever the name is. */
static void print_names(struct cli *cli, const char *path)
{
	const char *original = arena_printf(&cli->arena, "%s.orig", path);
	scoped(buf) struct buf text = BUF_INIT(CLI_ARENA_BYTES);

	buf_append_str(&text, "--- ");
	(void)git_name_append(&text, "", str_from(original ? original : "-"));
	buf_append_str(&text, "\n+++ ");
	(void)git_name_append(&text, "", str_from(path));
	buf_append_char(&text, '\n');
	cli_write(cli, (struct str){ buf_text(&text), text.len });
}

static int print_patch(struct cli *cli, const struct regoc_module *module, struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(CLI_ARENA_BYTES);
	scoped(buf) struct buf patch = BUF_INIT(PATCH_BYTES_MAX);

	if (patch_append(&patch, &arena, (struct str){ module->text, module->len }, text) < 0)
		return cli_failf(cli, CLI_NO, "'%s' is too large to be compared",
			quote_cstr(module->name).text);
	print_names(cli, module->name);
	policies_print_text(cli, (struct str){ patch.data, patch.len });
	return CLI_OK;
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

static int tell(struct formatting *formatting, const struct regoc_module *module, struct str text,
	bool is_same)
{
	const struct policy_fmt_options *options = formatting->options;
	struct cli *cli = formatting->cli;
	bool is_listed = options->list || (options->fail && !options->write && !options->diff);

	if (cli->json) {
		add_formatted(formatting, module->name, text, is_same);
		return CLI_OK;
	}
	if (is_listed && !is_same)
		print_name(cli, module->name);
	if (options->diff && !is_same)
		return print_patch(cli, module, text);
	if (!is_listed && !options->diff && !options->write)
		policies_print_text(cli, text);
	return CLI_OK;
}

static int take_formatted(struct formatting *formatting, const struct regoc_module *module, struct str text)
{
	bool is_same = str_eq(text, (struct str){ module->text, module->len });
	int code = tell(formatting, module, text, is_same);

	formatting->different += !is_same;
	return code == CLI_OK && formatting->options->write && !is_same ?
		replace_file(formatting->cli, module, text) : code;
}

static int format_one(struct formatting *formatting, const struct regoc_module *module)
{
	scoped(arena) struct arena arena = ARENA_INIT(CLI_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(4 * POLICY_MODULE_BYTES_MAX),
		mistakes = BUF_INIT(POLICY_MODULE_BYTES_MAX);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { .name = module->name, .text = { module->text, module->len } };
	unsigned flags = (formatting->options->logical_keywords ? REGO_PARSE_LOGIC : 0u) |
		(formatting->options->drop_v0_imports ? REGO_FORMAT_DROP_V0_IMPORTS : 0u);
	int r = rego_format(&source, flags, &arena, &diags, &text);

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

/* ---- which ---- */

static int read_stdin(struct formatting *formatting, struct policies *policies)
{
	struct regoc_module *module = arena_alloc(&formatting->cli->arena, sizeof(*module));
	struct str text;
	int code = policies_read_text(formatting->cli, STANDARD_INPUT, POLICY_MODULE_BYTES_MAX, &text);

	if (formatting->options->write)
		return cli_usage(formatting->cli, "--write: standard input has no file to be written to");
	if (code != CLI_OK || !module)
		return code != CLI_OK ? code : cli_failf(formatting->cli, CLI_FAILED, "out of memory");
	*module = (struct regoc_module){ .name = "stdin", .text = text.data, .len = text.len };
	policies->modules = module;
	policies->count = 1;
	return CLI_OK;
}

static int read_modules(struct formatting *formatting, size_t count, char **paths, struct policies *policies)
{
	if (count == 1 && !strcmp(paths[0], STANDARD_INPUT))
		return read_stdin(formatting, policies);
	for (size_t i = 0; i < count; i++)
		if (!strcmp(paths[i], STANDARD_INPUT))
			return cli_usage(formatting->cli, "'-' is standard input, and stands alone");
	return policies_read(formatting->cli, (const char *const *)paths, count, policies);
}

static int fail_empty(struct cli *cli)
{
	struct error err = ERROR_INIT;

	error_set(&err, -ENOENT, "there is no module in what was named");
	error_hint(&err, "Name files that end in .rego, a directory of them, or '-' for standard input.");
	return cli_fail(cli, CLI_USAGE, &err);
}

int cmd_policy_fmt(struct cli *cli, int argc, char **argv)
{
	struct formatting formatting = { .cli = cli, .options = policy_fmt_options(cli) };
	struct policies policies = { .modules_only = true };
	int code = read_modules(&formatting, (size_t)argc, argv, &policies);

	json_array_begin(&formatting.list, &cli->arena);
	if (code == CLI_OK && !policies.count)
		return fail_empty(cli);
	for (size_t i = 0; code == CLI_OK && i < policies.count; i++)
		code = format_one(&formatting, &policies.modules[i]);
	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(cli, json_array_end(&formatting.list));
	return formatting.wrong || (formatting.options->fail && formatting.different) ? CLI_NO : CLI_OK;
}
