// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_init.c - `cordon init [--print] [--profile=NAME]`
 *
 * Looks at the names in the project, writes cordon.jsonc beside them, and says what to type next. The file is
 * created, never opened: whatever stands under its name already, a link that leads nowhere too, stays as it
 * is. Then the configuration is loaded as a session would load it, so what is said about trust is what a
 * session will find.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/init_text.h"
#include "cli/profiles.h"
#include "config/agent.h"
#include "config/load.h"
#include "kern/file.h"
#include "run/workspace.h"
#include "session/dirs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define FILE_NAME "cordon.jsonc"

struct init {
	const char *workspace;
	int dirfd;
	const char *profile;			/* that the person chose, or NULL */
	struct project project;
	struct agents_here agents;
	struct str text;
	const char *shadowed;			/* another project file, which is not read from now on */
	/* with the file; NULL: not written, or something else is wrong */
	const struct config *config;
};

/* ---- the file ---- */

/* What root makes in somebody's project is theirs. */
static int give_to_owner(const struct init *init, int fd)
{
	struct stat st;
	int r;

	if (kern_geteuid())
		return 0;
	r = kern_fstat(init->dirfd, &st);
	return r < 0 ? r : kern_fchownat(fd, "", st.st_uid, st.st_gid, AT_EMPTY_PATH);
}

static int write_file(const struct init *init, struct error *err)
{
	scoped(fd) int fd = kern_open_beneath(init->dirfd, FILE_NAME, O_WRONLY | O_CREAT | O_EXCL, 0666);
	int r;

	if (fd == -EACCES || fd == -EPERM || fd == -EROFS) {
		error_sys(err, fd, "making '" FILE_NAME "' in '%s'", quote_cstr(init->workspace).text);
		error_hint(err, "`cordon init --print` prints it instead.");
		return fd;
	}
	if (fd < 0)
		return error_sys(err, fd, "making '" FILE_NAME "' in '%s'", quote_cstr(init->workspace).text);
	r = kern_write_all(fd, init->text.data, init->text.len);
	if (r >= 0)
		r = give_to_owner(init, fd);
	if (r >= 0)
		return 0;
	/* Half a file would be taken for one that a person wrote. */
	(void)kern_unlinkat(init->dirfd, FILE_NAME, 0);
	return error_sys(err, r, "writing '" FILE_NAME "' in '%s'", quote_cstr(init->workspace).text);
}

/* Nothing of the project's is opened, so what its own file says plays no part until ours is there. */
static int find_other_files(struct cli *cli, struct init *init, bool prints)
{
	struct error err = ERROR_INIT;
	struct stat st;

	for (size_t i = 0; i < config_project_file_count; i++) {
		const char *name = config_project_files[i];

		if (kern_fstatat(init->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (!strcmp(name, FILE_NAME) && !prints) {
			error_set(&err, -EEXIST, "'%s' has a " FILE_NAME " already, and it stays as it is",
				quote_cstr(init->workspace).text);
			error_hint(&err,
				"`cordon config check` looks for mistakes in it, `cordon init --print` prints a new one.");
			return cli_fail(cli, CLI_NO, &err);
		}
		if (strcmp(name, FILE_NAME) && !init->shadowed)
			init->shadowed = name;
	}
	return CLI_OK;
}

/* ---- what to say ---- */

/* "git (.git), Node.js (package.json)"; the names are the project's choice. */
static const char *found_text(struct cli *cli, const struct project *project)
{
	scoped(buf) struct buf text = BUF_INIT(INIT_TEXT_BYTES_MAX);

	for (size_t i = 0; i < project->found_count; i++)
		(void)buf_printf(&text, "%s%s (%s)", i ? ", " : "", project->found[i].kind->title,
			quote_cstr(project->found[i].mark).text);
	return arena_copy(&cli->arena, buf_text(&text), text.len);
}

static const char *missing_text(struct cli *cli, const struct project *project)
{
	scoped(buf) struct buf text = BUF_INIT(INIT_TEXT_BYTES_MAX);

	for (size_t i = 0; i < project->command_count; i++)
		if (!project->commands[i].is_here)
			(void)buf_printf(&text, "%s%s", text.len ? ", " : "", project->commands[i].name);
	return text.len ? arena_copy(&cli->arena, buf_text(&text), text.len) : NULL;
}

static void tell_found(struct cli *cli, const struct init *init)
{
	const struct project *project = &init->project;
	const char *found = found_text(cli, project), *missing = missing_text(cli, project);

	if (project->found_count && found)
		cli_note(cli, "found %s", found);
	else
		cli_note(cli, "found nothing that tells what kind of project this is");
	if (missing)
		cli_note(cli, "not on your PATH, so the agent will not find it either: %s", missing);
	if (project->secret_count)
		cli_note(cli,
			"the agent will not be able to open %zu file%s that may hold credentials, by %s",
			project->secret_count, project->secret_count == 1 ? "" : "s",
			project->secret_count == 1 ? "its name" : "their names");
	if (project->unnameable_count)
		cli_warn(cli,
			"%zu more cannot be refused to the agent, since no configuration can say their names: rename them",
			project->unnameable_count);
	if (project->is_partial)
		cli_warn(cli, "only the first %d names in '%s' were looked at", PROJECT_NAMES_MAX,
			quote_cstr(init->workspace).text);
}

/* The first one by name stands for all: which one they want is theirs to say. */
static void tell_agents(struct cli *cli, const struct agents_here *agents)
{
	scoped(buf) struct buf others = BUF_INIT(INIT_TEXT_BYTES_MAX);

	if (agents->unseen)
		cli_note(cli,
			"  cordon run %-10s   says which --read shows it: it is installed where the sandbox does not look",
			agents->unseen);
	if (!agents->count)
		return;
	for (size_t i = 1; i < agents->count; i++)
		(void)buf_printf(&others, "%s%s", i > 1 ? ", " : "; here are also: ", agents->items[i].name);
	cli_note(cli, "  cordon run %-10s   %s, which is installed here%s", agents->items[0].name,
		quote_cstr(agents->items[0].description).text, buf_text(&others));
}

static void tell_written(struct cli *cli, const struct init *init)
{
	const struct config *config = init->config;

	cli_note(cli, "wrote '%s/" FILE_NAME "'", quote_cstr(init->workspace).text);
	if (init->shadowed)
		cli_note(cli, "cordon does not read '%s' any more: a project has one file, and " FILE_NAME
			" comes first", init->shadowed);
	if (!init->profile && init->project.profile)
		cli_note(cli,
			"the profile '%s' is made for projects like this one; the file has it as a comment",
			init->project.profile);
	if (!config)
		return;
	cli_note(cli, "next:");
	if (config->widening_count)
		cli_note(cli, "  cordon trust            it goes beyond what you allow, in: %s",
			profiles_keys_text(cli, config->widenings, config->widening_count));
	tell_agents(cli, &init->agents);
	cli_note(cli, "  cordon run -- PROGRAM   %s, on a branch of this project",
		init->agents.count ? "any other program" : "your agent, or any other program");
}

static const struct json *found_to_json(struct cli *cli, const struct project *project)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < project->found_count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, &cli->arena);
		json_object_add_text(&object, "kind", project->found[i].kind->name);
		json_object_add_text(&object, "title", project->found[i].kind->title);
		json_object_add(&object, "file",
			json_new_bytes(&cli->arena, str_from(project->found[i].mark)));
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

static const struct json *commands_to_json(struct cli *cli, const struct project *project)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < project->command_count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, &cli->arena);
		json_object_add_text(&object, "name", project->commands[i].name);
		json_object_add_bool(&object, "on_path", project->commands[i].is_here);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

static const struct json *agents_to_json(struct cli *cli, const struct agents_here *agents)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < agents->count; i++)
		json_array_add(&array, json_new_text(&cli->arena, agents->items[i].name));
	return json_array_end(&array);
}

static const struct json *names_to_json(struct cli *cli, const char *const *names, size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < count; i++)
		json_array_add(&array, json_new_text(&cli->arena, names[i]));
	return json_array_end(&array);
}

static void print_document(struct cli *cli, const struct init *init, bool prints)
{
	const struct project *project = &init->project;
	const char *suggested = init->profile ? init->profile : project->profile;
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "workspace", json_new_bytes(&cli->arena, str_from(init->workspace)));
	json_object_add_text(&object, "file", FILE_NAME);
	json_object_add_bool(&object, "written", !prints);
	json_object_add(&object, "found", found_to_json(cli, project));
	json_object_add(&object, "commands", commands_to_json(cli, project));
	json_object_add(&object, "agents", agents_to_json(cli, &init->agents));
	json_object_add(&object, "package_sources",
		names_to_json(cli, project->sources, project->source_count));
	json_object_add(&object, "presets",
		names_to_json(cli, project->presets, project->preset_count));
	json_object_add(&object, "denied", names_to_json(cli, project->secrets, project->secret_count));
	json_object_add(&object, "protected", names_to_json(cli, project->terms, project->term_count));
	if (suggested)
		json_object_add_text(&object, init->profile ? "profile" : "suggested_profile", suggested);
	if (init->shadowed)
		json_object_add_text(&object, "not_read_any_more", init->shadowed);
	if (init->config)
		json_object_add(&object, "widenings", settings_widenings_to_json(cli,
			init->config->widenings, init->config->widening_count));
	if (prints)
		json_object_add(&object, "text", json_new_text(&cli->arena, init->text.data));
	cli_print_json(cli, json_object_end(&object));
}

/* ---- the command ---- */

static int find_place(struct cli *cli, const char *wanted, struct init *init)
{
	const char *home;
	struct error err = ERROR_INIT;

	init->workspace = run_find_workspace(&cli->arena, wanted, &err);
	if (!init->workspace)
		return cli_fail(cli, CLI_USAGE, &err);
	home = wanted ? NULL : dirs_home(&cli->arena, &err);
	if (home && run_real_path(&cli->arena, home, &home) >= 0 && !strcmp(home, init->workspace)) {
		error_set(&err, -EINVAL, "'%s' is your home directory, and hardly a project",
			quote_cstr(home).text);
		error_hint(&err, "Change to your project's directory, or name it with --workspace.");
		return cli_fail(cli, CLI_USAGE, &err);
	}
	init->dirfd = kern_open(AT_FDCWD, init->workspace, O_RDONLY | O_DIRECTORY, 0);
	if (init->dirfd >= 0)
		return CLI_OK;
	error_sys(&err, init->dirfd, "opening '%s'", quote_cstr(init->workspace).text);
	return cli_fail(cli, CLI_FAILED, &err);
}

static int make_text(struct cli *cli, struct init *init)
{
	scoped(buf) struct buf text = BUF_INIT(INIT_TEXT_BYTES_MAX);
	struct error err = ERROR_INIT;

	if (project_look(cli, init->dirfd, &init->project, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	agents_find_here(cli, init->workspace, init->profile, &init->agents);
	if (init_text(&init->project, &init->agents, init->profile, &text) < 0)
		return cli_failf(cli, CLI_FAILED, "too many files here have names of files with credentials");
	init->text.data = arena_copy(&cli->arena, buf_text(&text), text.len);
	init->text.len = text.len;
	return init->text.data ? CLI_OK : cli_failf(cli, CLI_FAILED, "out of memory");
}

static int write_and_load(struct cli *cli, struct init *init)
{
	const struct settings_request request = { .workspace = init->workspace, .project_trusted = true };
	struct error err = ERROR_INIT;
	bool json = cli->json;
	int code;

	if (write_file(init, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	/* The document is the answer; what is wrong elsewhere is told on standard error. */
	cli->json = false;
	code = settings_load(cli, &request, NULL, &init->config);
	cli->json = json;
	return code;
}

static int run_init(struct cli *cli, struct init *init, const struct init_options *options)
{
	struct config_profile profile;
	int code = CLI_OK;

	if (options->profile) {
		code = profiles_find(cli, options->profile, CLI_USAGE, &profile);
		init->profile = options->profile;
	}
	if (code == CLI_OK)
		code = find_place(cli, options->workspace, init);
	if (code == CLI_OK)
		code = find_other_files(cli, init, options->print);
	if (code == CLI_OK)
		code = make_text(cli, init);
	if (code != CLI_OK)
		return code;
	if (!cli->json)
		tell_found(cli, init);
	if (!options->print)
		code = write_and_load(cli, init);
	if (code == CLI_FAILED && !init->config)
		return code;
	if (cli->json)
		print_document(cli, init, options->print);
	else if (options->print)
		cli_write(cli, init->text);
	else
		tell_written(cli, init);
	return code;
}

int cmd_init(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	struct init init = { .dirfd = -1 };
	int code = run_init(cli, &init, init_options(cli));

	fd_close(init.dirfd);
	return code;
}
