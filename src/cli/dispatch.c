// SPDX-License-Identifier: Apache-2.0
/*
 * dispatch.c - from the words of main() to one handler and back
 *
 * Global options may stand before the command's name or anywhere among its own options. A handler runs only
 * when everything on the command line made sense; the exit code it returns is corrected at one place only,
 * cli_finish(), where output turns out to be lost.
 */
#include "cli/command.h"

#include "base/log.h"
#include "base/quote.h"
#include "cli/hold.h"
#include "kern/kern.h"

#include <errno.h>
#include <unistd.h>

enum {
	COMMANDS_MAX = 128,
	STREAM_BYTES_MAX = 128 << 10,
};

const char *cli_env(const struct cli *cli, const char *name)
{
	size_t len = strlen(name);

	for (char *const *entry = cli->envp; *entry; entry++)
		if (!strncmp(*entry, name, len) && (*entry)[len] == '=')
			return (*entry)[len + 1] ? *entry + len + 1 : NULL;
	return NULL;
}

void cli_init(struct cli *cli, int out_fd, int err_fd, char *const *envp)
{
	*cli = (struct cli){
		.out = { .fd = out_fd, .buf = BUF_INIT(STREAM_BYTES_MAX) },
		.err = { .fd = err_fd, .buf = BUF_INIT(STREAM_BYTES_MAX) },
		.arena = ARENA_INIT(CLI_ARENA_BYTES),
		.envp = envp,
		.pager = { .pidfd = -1, .fd = -1 },
		.listener = { cli_progress_tell, cli },
	};
	cli->is_terminal = kern_isatty(out_fd) > 0;
	cli->is_interactive = kern_isatty(STDIN_FILENO) > 0 && kern_isatty(err_fd) > 0;
}

static void print_log_line(enum log_level level, const char *line, void *context)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "error: ", [LOG_LEVEL_WARNING] = "warning: ", [LOG_LEVEL_INFO] = "",
		[LOG_LEVEL_DEBUG] = "debug: ",
	};
	struct cli *cli = context;
	bool quiet = cli->quiet;

	cli->quiet = false;
	cli_note(cli, "%s%s", names[level], line);
	cli->quiet = quiet;
}

static void apply_globals(struct cli *cli, const struct cli_globals *globals)
{
	const char *color = globals->color ? globals->color : "auto", *term = cli_env(cli, "TERM");
	bool wanted = !cli_env(cli, "NO_COLOR") && term && strcmp(term, "dumb") != 0;
	enum log_level level = globals->quiet ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;

	cli->json = globals->json;
	cli->quiet = globals->quiet;
	cli->no_pager = globals->no_pager;
	cli->verbosity = globals->verbose;
	cli->colour = !strcmp(color, "always") || (!strcmp(color, "auto") && wanted && cli->is_terminal);
	cli->colour_err = !strcmp(color, "always") ||
		(!strcmp(color, "auto") && wanted && kern_isatty(cli->err.fd) > 0);
	if (globals->verbose)
		level = globals->verbose > 1 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
	log_set_sink(print_log_line, level, cli);
}

/* How many of @argv's words are @name's, which has one or two; 0: not this command. */
static int words_of(const char *name, int argc, char *const *argv)
{
	struct str rest = str_from(name), word;
	int words = 0;
	bool more = true;

	while (more) {
		more = str_cut(rest, ' ', &word, &rest);
		if (words >= argc || !str_eq(str_from(argv[words]), word))
			return 0;
		words++;
	}
	return words;
}

const struct command *command_find(int argc, char *const *argv, int *ret_words)
{
	const struct command *found = NULL;

	*ret_words = 0;
	for (size_t i = 0; i < commands_count; i++) {
		int words = words_of(commands[i].name, argc, argv);

		if (words > *ret_words) {
			found = &commands[i];
			*ret_words = words;
		}
	}
	return found;
}

const char *command_nearest(struct str word)
{
	const char *names[COMMANDS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < commands_count && count < COMMANDS_MAX; i++)
		if (!commands[i].is_hidden)
			names[count++] = commands[i].name;
	return str_nearest(word, names, count);
}

/* "cordon config shwo": the first word begins commands, but is none by itself. */
static int fail_subcommand(struct cli *cli, char *const *argv)
{
	scoped(buf) struct buf list = BUF_INIT(ERROR_HINT_MAX);
	struct error err = { .code = -EINVAL };
	struct str first, second;

	for (size_t i = 0; i < commands_count; i++) {
		str_cut(str_from(commands[i].name), ' ', &first, &second);
		if (second.len && str_eq(first, str_from(argv[0])))
			(void)buf_printf(&list, "%s%.*s", list.len ? ", " : "", STR_FMT(second));
	}
	if (!list.len)
		return 0;
	error_set(&err, -EINVAL, "%s: which one?", argv[0]);
	error_hint(&err, "choose one of: %s; `cordon help %s` says what each is for", buf_text(&list),
		argv[0]);
	return cli_fail(cli, CLI_USAGE, &err);
}

static int fail_unknown(struct cli *cli, char *const *argv)
{
	struct error err = { .code = -EINVAL };
	const char *nearest = command_nearest(str_from(argv[0]));
	bool wants_help = false;
	int code;

	/*
	 * Behind a command that there is not, nothing can be parsed; but who reads the answer wants to know.
	 */
	for (char *const *word = argv; *word && strcmp(*word, "--") != 0; word++) {
		cli->json |= !strcmp(*word, "--json");
		wants_help |= !strcmp(*word, "--help") || !strcmp(*word, "-h");
	}
	if (wants_help && cli_help_family(cli, argv[0]))
		return CLI_OK;
	code = fail_subcommand(cli, argv);
	if (code)
		return code;
	error_set(&err, -EINVAL, "there is no command '%s'", quote_cstr(argv[0]).text);
	if (nearest)
		error_hint(&err, "did you mean 'cordon %s'?", nearest);
	error_hint(&err, "see 'cordon help' for the list");
	return cli_fail(cli, CLI_USAGE, &err);
}

/* Who types the name alone is likely to be new here. */
static int fail_missing(struct cli *cli)
{
	struct error err = ERROR_INIT;

	error_set(&err, -EINVAL, "a command is missing");
	error_hint(&err,
		"`cordon help` lists them. First steps: `cordon doctor`, `cordon init` in a project, then `cordon run -- PROGRAM`.");
	return cli_fail(cli, CLI_USAGE, &err);
}

static int print_version(struct cli *cli)
{
	if (cli->json)
		cli_print_json(cli, json_new_text(&cli->arena, CORDON_VERSION));
	else
		cli_printf(cli, "cordon %s\n", CORDON_VERSION);
	return CLI_OK;
}

/* What a crash cut off is settled before anything else is done; help is help at any time. */
static bool looks_at_sessions(const struct command *command)
{
	return strcmp(command->name, "help") != 0 && strcmp(command->name, "completion") != 0;
}

static int run_command(struct cli *cli, struct cli_globals *globals, int argc, char **argv)
{
	struct error err = ERROR_INIT;
	void *options = arena_alloc(&cli->arena, cli->command->options_bytes);
	int r;

	assert(options);
	r = options_parse(cli, cli->command, globals, options, &argc, argv, &err);
	apply_globals(cli, globals);
	if (r < 0) {
		error_hint(&err, "see 'cordon help %s'", cli->command->name);
		return cli_fail(cli, CLI_USAGE, &err);
	}
	if (globals->version)
		return print_version(cli);
	if (globals->help)
		return cli_help(cli, cli->command);
	cli->options = options;
	if (looks_at_sessions(cli->command))
		hold_recover_all(cli);
	return cli->command->run(cli, argc, argv);
}

int cli_dispatch(struct cli *cli, int argc, char **argv)
{
	struct cli_globals globals = { 0 };
	struct error err = ERROR_INIT;
	int words, r;

	r = options_parse(cli, NULL, &globals, NULL, &argc, argv, &err);
	apply_globals(cli, &globals);
	if (r < 0) {
		error_hint(&err, "see 'cordon help'");
		return cli_fail(cli, CLI_USAGE, &err);
	}
	if (globals.version)
		return print_version(cli);
	if (globals.help)
		return cli_help(cli, NULL);
	if (!argc)
		return fail_missing(cli);
	cli->command = command_find(argc, argv, &words);
	if (!cli->command)
		return fail_unknown(cli, argv);
	return run_command(cli, &globals, argc - words, argv + words);
}

int cli_main(int argc, char **argv, char *const *envp)
{
	struct cli cli;
	int code;

	cli_init(&cli, STDOUT_FILENO, STDERR_FILENO, envp);
	code = cli_dispatch(&cli, argc - 1, argv + 1);
	return cli_finish(&cli, code);
}
