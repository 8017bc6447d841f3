// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_run.c - `cordon run [OPTION...] [--] PROGRAM [ARGUMENT...]`
 *
 * This process starts a supervisor, resolves the configuration while that one gets ready (its errors belong
 * to this terminal; the supervisor then leaves without a trace), becomes the program's terminal, and leaves
 * with the program's exit code. What cordon itself has to say goes to standard error.
 *
 * With --detach it leaves as soon as the program runs. The program then has a terminal of its own and nothing
 * of ours: not our terminal, and no redirection, or `id=$(cordon run --detach ...)` would wait for its end.
 */
#include "cli/commands.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "cli/attach.h"
#include "cli/installed.h"
#include "cli/network.h"
#include "cli/preview.h"
#include "cli/review.h"
#include "cli/settings.h"
#include "cli/terminal.h"
#include "jail/identity.h"
#include "jail/plan.h"
#include "kern/file.h"
#include "kern/process.h"
#include "kern/sock.h"
#include "loop/channel.h"
#include "run/plan.h"
#include "run/request.h"
#include "run/workspace.h"
#include "session/control.h"
#include "session/dirs.h"
#include "session/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	FLAGS_MAX = 512,
};

struct flags {
	struct config_flag items[FLAGS_MAX];
	size_t count;
};

static void add_flag(struct flags *flags, const char *option, enum config_key key, const char *value)
{
	if (value && flags->count < FLAGS_MAX)
		flags->items[flags->count++] = (struct config_flag){ .option = option, .key = key,
			.value = value };
}

static void add_each(struct flags *flags, const char *option, enum config_key key, struct cli_values values)
{
	for (size_t i = 0; i < values.count; i++)
		add_flag(flags, option, key, values.items[i]);
}

/* A path that a person types is relative to where they are, not to the workspace. */
static void add_paths(struct cli *cli, struct flags *flags, const char *option, enum config_key key,
	struct cli_values values, const char *current)
{
	for (size_t i = 0; i < values.count; i++) {
		struct str text = str_from(values.items[i]);
		bool is_ours = text.len &&
			(text.data[0] == '~' || text.data[0] == '$' || text.data[0] == '[');

		add_flag(flags, option, key,
			is_ours ? values.items[i] : path_clean(&cli->arena, current, text));
	}
}

static void add_values(struct flags *flags, const char *option, enum config_key key, struct cli_values values)
{
	for (size_t i = 0; i < values.count; i++)
		add_flag(flags, option, key, values.items[i]);
}

static void collect_flags(struct cli *cli, const struct run_options *options, const char *current,
	struct flags *flags)
{
	add_flag(flags, "--profile", CONFIG_KEY_PROFILE, options->profile);
	add_paths(cli, flags, "--read", CONFIG_KEY_FILESYSTEM_READ, options->read, current);
	add_paths(cli, flags, "--write", CONFIG_KEY_FILESYSTEM_WRITE, options->write, current);
	add_paths(cli, flags, "--deny", CONFIG_KEY_FILESYSTEM_DENY, options->deny, current);
	add_paths(cli, flags, "--hide", CONFIG_KEY_FILESYSTEM_HIDE, options->hide, current);
	add_values(flags, "--allow", CONFIG_KEY_NETWORK_ALLOW, options->allow);
	add_values(flags, "--deny-host", CONFIG_KEY_NETWORK_DENY, options->deny_host);
	add_values(flags, "--preset", CONFIG_KEY_NETWORK_PRESETS, options->preset);
	add_flag(flags, "--memory", CONFIG_KEY_LIMITS_MEMORY, options->memory);
	add_flag(flags, "--cpus", CONFIG_KEY_LIMITS_CPUS, options->cpus);
	add_flag(flags, "--pids", CONFIG_KEY_LIMITS_PIDS, options->pids);
	add_flag(flags, "--file-size", CONFIG_KEY_LIMITS_FILE_SIZE, options->file_size);
	add_flag(flags, "--files", CONFIG_KEY_LIMITS_FILES, options->files);
	add_flag(flags, "--storage", CONFIG_KEY_LIMITS_STORAGE, options->storage);
	add_flag(flags, "--idle", CONFIG_KEY_LIMITS_IDLE, options->idle);
	add_flag(flags, "--time", CONFIG_KEY_LIMITS_TIME, options->time);
	add_flag(flags, "--on-exit", CONFIG_KEY_COMMIT_ON_EXIT, options->on_exit);
	add_flag(flags, "--level", CONFIG_KEY_ISOLATION_LEVEL, options->level);
	add_each(flags, "--publish", CONFIG_KEY_NETWORK_PUBLISH, options->publish);
	add_each(flags, "--host-port", CONFIG_KEY_NETWORK_HOST_PORTS, options->host_port);
	add_flag(flags, "--terminal-filter", CONFIG_KEY_TERMINAL_FILTER, options->terminal_filter);
	add_flag(flags, "--detach-keys", CONFIG_KEY_TERMINAL_DETACH_KEYS, options->detach_keys);
	for (size_t i = 0; i < options->env.count; i++) {
		bool sets = strchr(options->env.items[i], '=') != NULL;

		add_flag(flags, "--env", sets ? CONFIG_KEY_ENV_SET : CONFIG_KEY_ENV_PASS,
			options->env.items[i]);
	}
}

/* ---- configuration ---- */

static int load_config(struct cli *cli, struct run_request *request, const struct flags *flags,
	const struct agent *agent)
{
	const struct settings_request settings = {
		.workspace = request->workspace, .flags = flags->items, .flag_count = flags->count,
		.agent = agent, .asks_tools = true,
	};
	struct error err = ERROR_INIT;
	int code = settings_load(cli, &settings, NULL, &request->config);

	if (code == CLI_OK && agent && !run_options(cli)->print_plan)
		code = installed_check(cli, request, agent);
	if (code != CLI_OK)
		return code;
	/* What is ignored is a note; what would be enforced less than asked for ends it here. */
	if (!settings_print_notices(cli, request->config))
		return CLI_OK;
	error_set(&err, -EOPNOTSUPP, "the configuration asks for protection that this version cannot give");
	error_hint(&err, "Take the keys named above out, or choose another profile (`cordon profile list`).");
	return cli_fail(cli, CLI_USAGE, &err);
}

/* ---- known agents ---- */

static void say_added(struct cli *cli, const struct agent *agent, const struct run_request *request)
{
	scoped(buf) struct buf text = BUF_INIT(AGENT_FILE_MAX);

	for (size_t i = 0; i < request->added_count; i++)
		(void)buf_printf(&text, " %s", agent->arguments.items[i]);
	for (size_t i = 0; i < agent->environment.count; i++)
		(void)buf_printf(&text, " %s", agent->environment.items[i]);
	if (text.len)
		cli_note(cli, "%s runs with%s, since cordon is around it; `--no-agent` runs it as it is",
			agent->description, quote_text((struct str){ text.data, text.len }).text);
}

/* A name that is typed may mean a known agent; a path means that file and nothing else. NULL: unknown. */
static int find_agent(struct cli *cli, const char *name, const struct agent **ret)
{
	struct agent *agent = arena_alloc(&cli->arena, sizeof(*agent));
	struct config_places places;
	struct error err = ERROR_INIT;
	int r;

	*ret = NULL;
	if (run_options(cli)->no_agent || strchr(name, '/'))
		return CLI_OK;
	if (!agent)
		return cli_failf(cli, CLI_FAILED, "out of memory");
	/* Who has no place for a configuration hears of it when that is loaded. */
	r = config_places_init(&cli->arena, &places, NULL);
	if (r < 0)
		return CLI_OK;
	r = agent_find(&cli->arena, &places, name, agent, &err);
	if (r < 0)
		return r == -ENOENT ? CLI_OK : cli_fail(cli, CLI_USAGE, &err);
	*ret = agent;
	return CLI_OK;
}

static int add_agent(struct cli *cli, struct run_request *request, const struct agent *agent)
{
	if (!agent)
		return CLI_OK;
	if (agent_command(&cli->arena, agent, request->argv, request->argc, &request->argv,
			&request->added_count) < 0)
		return cli_failf(cli, CLI_FAILED, "the command line is too long");
	request->argc += request->added_count;
	request->agent_name = agent->name;
	say_added(cli, agent, request);
	return CLI_OK;
}

/* ---- the request ---- */

static void fill_tty(struct jail_tty *tty)
{
	struct terminal terminal;
	struct control_size size;
	struct termios modes;

	terminal_init(&terminal);
	size = terminal_size(&terminal);
	*tty = (struct jail_tty){ .rows = size.rows, .columns = size.columns };
	if (terminal.fd < 0 || kern_tcgetattr(terminal.fd, &modes) < 0)
		return;
	tty->has_modes = true;
	tty->input = modes.c_iflag;
	tty->output = modes.c_oflag;
	tty->control = modes.c_cflag;
	tty->local = modes.c_lflag;
	memcpy(tty->chars, modes.c_cc, sizeof(tty->chars));
}

/*
 * The sandbox knows one user and one group, and the kernel lets a branch copy nothing that belongs to ids it
 * cannot name. Root's agent has no such trouble: the mount translates.
 */
static void warn_of_owner(struct cli *cli, const char *workspace)
{
	struct stat st;
	uid_t uid = kern_getuid();
	gid_t gid = kern_getgid();

	if ((!uid && !jail_identity_is_contained()) || kern_fstatat(AT_FDCWD, workspace, &st, 0) < 0 ||
			(st.st_uid == uid && st.st_gid == gid))
		return;
	cli_warn(cli,
		"'%s' belongs to user %u and group %u, and the sandbox knows user %u and group %u only: what others "
		"own can be read there, but not changed",
		quote_cstr(workspace).text, st.st_uid, st.st_gid, uid, gid);
	if (st.st_uid == uid)
		cli_note(cli,
			"sg(1) starts cordon with another of your groups: sg GROUP -c 'cordon run ...'");
}

static int make_request(struct cli *cli, int argc, char **argv, struct run_request *request)
{
	const struct run_options *options = run_options(cli);
	struct flags *flags = arena_alloc(&cli->arena, sizeof(*flags));
	struct error err = ERROR_INIT;
	const char **live = arena_alloc_array(&cli->arena, options->live.count + 1, sizeof(*live));
	const struct agent *agent;
	int code;

	*request = (struct run_request){
		.argv = (const char *const *)argv, .argc = (size_t)argc, .live = live,
		.live_count = options->live.count,
		.cwd = run_current_dir(&cli->arena, &err),
	};
	if (request->cwd)
		request->workspace = run_find_workspace(&cli->arena, options->workspace, &err);
	if (!request->cwd || !request->workspace)
		return cli_fail(cli, CLI_USAGE, &err);
	if (options->live.count > RUN_LIVE_MAX)
		return cli_usage(cli, "at most %d paths can be live", RUN_LIVE_MAX);
	for (size_t i = 0; i < options->live.count; i++) {
		int r = run_real_path(&cli->arena, options->live.items[i], &live[i]);

		if (r < 0) {
			error_sys(&err, r, "--live '%s'", quote_cstr(options->live.items[i]).text);
			return cli_fail(cli, CLI_USAGE, &err);
		}
		cli_warn(cli,
			"'%s' is live: what the program writes there is on the host at once and cannot be undone",
			quote_cstr(live[i]).text);
	}
	warn_of_owner(cli, request->workspace);
	request->umask = umask(0);
	(void)umask(request->umask);
	fill_tty(&request->tty);
	collect_flags(cli, options, request->cwd, flags);
	code = find_agent(cli, request->argv[0], &agent);
	if (code == CLI_OK)
		code = load_config(cli, request, flags, agent);
	return code == CLI_OK ? add_agent(cli, request, agent) : code;
}

/* ---- --print-plan ---- */

static int print_plan(struct cli *cli, struct run_request *request)
{
	struct jail_plan plan;
	struct agent agent;
	struct error err = ERROR_INIT;
	scoped(buf) struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	int r = request->agent_name ? run_request_agent(&cli->arena, request, &agent, &err) : 0;

	if (r >= 0)
		r = preview_plan(cli, request, request->agent_name ? &agent : NULL, &plan, &err);
	if (r < 0)
		return cli_fail(cli, run_plan_is_refusal(r) ? CLI_USAGE : CLI_FAILED, &err);
	if (cli->json) {
		cli_print_json(cli, network_add_to_plan(&cli->arena,
			jail_plan_to_json(&cli->arena, &plan), request->config));
		return CLI_OK;
	}
	if (jail_plan_print(&text, &plan) < 0 ||
			network_print_plan(&text, &cli->arena, request->config) < 0)
		return cli_failf(cli, CLI_FAILED, "the plan is too long to be printed");
	cli_page(cli);
	cli_write(cli, (struct str){ text.data, text.len });
	return CLI_OK;
}

/* ---- running ---- */

static int start_supervisor(struct cli *cli, bool is_detached, struct error *err)
{
	static char name[] = "cordon-supervisor";
	static char *argv[] = { name, NULL };
	scoped(fd) int program_fd = programs_open(name, err), theirs = -1, pidfd = -1;
	scoped(fd) int self_fd = kern_open(AT_FDCWD, "/proc/self/exe", O_PATH, 0);
	int pair[2], r = program_fd;
	pid_t pid;

	if (r < 0)
		return r;
	if (self_fd < 0)
		return error_sys(err, self_fd, "/proc/self/exe");
	r = kern_sock_pair(pair);
	if (r < 0)
		return error_sys(err, r, "a socket for the supervisor");
	theirs = pair[1];
	{
		int fds[CONTROL_FD_COUNT] = { -1, -1, STDERR_FILENO, theirs, 0, 1, 2, self_fd };
		struct kern_spawn spawn = {
			.program_fd = program_fd, .argv = argv, .envp = cli->envp, .fds = fds,
			.fd_count = CONTROL_FD_COUNT, .new_session = true, .in_root = true,
		};

		for (int i = 0; i < 3 && is_detached; i++)
			fds[CONTROL_FD_STDIO + i] = fds[i] = -1;
		r = kern_spawn(&spawn, &pid, &pidfd, err);
	}
	if (r < 0)
		fd_close(pair[0]);
	return r < 0 ? r : pair[0];
}

static int send_request(const struct run_request *request, int channel_fd, struct error *err)
{
	scoped(fd) int request_fd = run_request_send(request, err);
	int r = request_fd < 0 ? request_fd :
		channel_post(channel_fd, CONTROL_RUN, (struct str){ 0 }, &request_fd, 1);

	/* A supervisor that is gone may have said why; the attachment will read it. */
	if (r == -EPIPE)
		return 0;
	return r < 0 && !err->code ? error_sys(err, r, "talking to the supervisor") : r;
}

static int run_attached(struct cli *cli, const struct run_request *request, int channel_fd)
{
	const struct attach_request attach = {
		.kind = ATTACH_SESSION, .channel_fd = channel_fd, .with_stdin = kern_isatty(STDIN_FILENO) > 0,
		.detach_keys = request->config->settings.terminal.detach_keys,
		.is_cancellable = request->config->settings.isolation.level == CONFIG_LEVEL_LANDLOCK,
		.is_unfiltered = request->config->settings.terminal.filter == CONFIG_FILTER_OFF,
	};
	struct attach_result result;
	struct error err = ERROR_INIT;

	if (attach_run(cli, &attach, &result, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	return review_attached(cli, &result, &err);
}

/* The first word but notes and how far a copy is: that the program runs, or why it does not. */
static int wait_for_start(struct cli *cli, int channel_fd, const struct json **ret, struct error *err)
{
	struct control_message first;
	struct channel_message message;
	int fds[KERN_SOCK_FDS_MAX], r = channel_wait(channel_fd, &message, fds);

	while (r > 0 && (message.type == CONTROL_NOTICE || message.type == CONTROL_PROGRESS)) {
		if (message.type == CONTROL_NOTICE)
			cli_note(cli, "%s", quote_text(message.payload).text);
		r = channel_wait(channel_fd, &message, fds);
	}
	if (r <= 0)
		return error_sys(err, r ?: -ECONNRESET, "starting the session"), CLI_FAILED;
	if (message.type == CONTROL_STARTED)
		return json_read(&cli->arena, message.payload, JSON_READ_STRICT, ret, err) < 0 ? CLI_FAILED :
		CLI_OK;
	if (message.type != CONTROL_FAILED || control_read(message.type, message.payload, &first) < 0)
		return error_set(err, -EPROTO, "the supervisor said something unexpected"), CLI_FAILED;
	*err = first.failure.error;
	return first.failure.exit_code;
}

static int run_detached(struct cli *cli, int channel_fd)
{
	const struct json *started = NULL;
	struct error err = ERROR_INIT;
	int code = wait_for_start(cli, channel_fd, &started, &err);
	const char *id = json_get_text(started, "id");

	if (code != CLI_OK)
		return cli_fail(cli, code, &err);
	(void)channel_post(channel_fd, CONTROL_DETACH, (struct str){ 0 }, NULL, 0);
	if (cli->json)
		cli_print_json(cli, started);
	else
		cli_printf(cli, "%s\n", id ? id : "");
	return CLI_OK;
}

static int run(struct cli *cli, const struct run_request *request, int channel_fd)
{
	struct error err = ERROR_INIT;
	int code;

	assert(request->config);
	cli_flush(cli);
	if (send_request(request, channel_fd, &err) < 0) {
		fd_close(channel_fd);
		return cli_fail(cli, CLI_FAILED, &err);
	}
	if (!request->is_detached)
		return run_attached(cli, request, channel_fd);
	code = run_detached(cli, channel_fd);
	fd_close(channel_fd);
	return code;
}

int cmd_run(struct cli *cli, int argc, char **argv)
{
	const struct run_options *options = run_options(cli);
	struct run_request request;
	struct error err = ERROR_INIT;
	int code, channel_fd = options->print_plan ? -1 : start_supervisor(cli, options->detach, &err);

	if (!options->print_plan && channel_fd < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	code = make_request(cli, argc, argv, &request);
	request.is_detached = options->detach;
	if (!code)
		return options->print_plan ? print_plan(cli, &request) : run(cli, &request, channel_fd);
	fd_close(channel_fd);
	return code;
}
