// SPDX-License-Identifier: Apache-2.0
/*
 * jail_run.c - a supervisor small enough to read, for the sandbox's live tests
 *
 *	jail-run LAUNCHER [OPTION...] -- COMMAND [ARGUMENT...]
 *
 *	--branch PATH=STORAGE    a directory to be changed; STORAGE holds upper/ and work/; the first is the workspace
 *	--live PATH              one that is written through
 *	--read PATH, --deny PATH, --hide PATH, --shield PATH
 *	--home DIRECTORY         private home; else a tmpfs
 *	--uid N                  the agent's ids (root only)
 *	--session NAME           names the control groups
 *	--cwd PATH, --set NAME=VALUE, --pass NAME
 *	--memory BYTES, --cpus MILLIS, --pids N, --files N, --file-size BYTES
 *	--scratch BYTES          size of /tmp and the like
 *	--tcp none|any           what Landlock lets through
 *	--tty                    give it a terminal; everything that it prints comes out here
 *	--no-notify              no listener: renames of directories from the base fail
 *	--print, --json          show the plan instead
 *	--verbose                messages as they come, on stderr
 *
 * Leaves with the command's own exit code; 137 where a limit of memory ended it and init; 125 where the
 * sandbox failed, 126 or 127 where the command could not run.
 */
#include "base/fd.h"
#include "base/path.h"
#include "jail/notify.h"
#include "jail/plan_build.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATHS_MAX = 64,
	ARENA_BYTES_MAX = 32 << 20,
	SCRATCH_BYTES = 256 << 20,
};

struct paths {
	const char *items[PATHS_MAX];
	size_t count;
};

static struct run {
	struct arena arena;
	struct jail_host host;
	struct jail_inputs inputs;
	struct jail_branch branches[PATHS_MAX];
	struct paths reads, denies, hides, shields, sets, passes;
	bool tty, print, json, verbose, is_told;
	uint64_t started_ns;
	struct loop loop;
	struct channel channel;
	struct loop_io master;
	struct jail_notify notify;
	int code;
} run = { .arena = ARENA_INIT(ARENA_BYTES_MAX), .code = 125 };

static void say(const char *what, const struct jail_message *message)
{
	if (run.verbose)
		fprintf(stderr, "%6.2f ms  %s%s%u\n",
			(double)(kern_clock_monotonic_ns() - run.started_ns) / 1e6, what, message ? " " : "",
			message ? message->id : 0);
}

static void add(struct paths *paths, const char *text)
{
	if (paths->count == PATHS_MAX)
		errx(2, "too many paths");
	paths->items[paths->count++] = text;
}

static uint64_t number(const char *text)
{
	uint64_t value;

	if (str_to_u64(str_from(text), INT64_MAX, &value) < 0)
		errx(2, "'%s' is no number", text);
	return value;
}

static void add_branch(char *text, bool live)
{
	struct jail_branch *branch = &run.branches[run.inputs.branch_count++];
	char *storage = live ? NULL : strchr(text, '=');
	struct stat st;

	if (!live && !storage)
		errx(2, "--branch PATH=STORAGE");
	if (storage) {
		*storage++ = '\0';
		branch->upper = arena_printf(&run.arena, "%s/upper", storage);
		branch->work = arena_printf(&run.arena, "%s/work", storage);
	}
	if (stat(text, &st))
		err(2, "%s", text);
	branch->path = text;
	branch->live = live;
	branch->owner_uid = st.st_uid;
	branch->owner_gid = st.st_gid;
}

static void set_identity(uid_t uid)
{
	struct jail_identity *identity = &run.inputs.identity;
	struct passwd *account = getpwuid(getuid());

	if (!account)
		errx(2, "this user has no name");
	identity->uid = uid;
	identity->gid = uid == getuid() ? getgid() : uid;
	identity->user = uid == getuid() ? account->pw_name : "agent";
	identity->home = account->pw_dir;
	run.inputs.starter_uid = getuid();
	run.inputs.starter_gid = getgid();
}

static void set_option(int option, char *text)
{
	struct jail_inputs *inputs = &run.inputs;

	switch (option) {
	case 'b': add_branch(text, false); break;
	case 'L': add_branch(text, true); break;
	case 'r': add(&run.reads, text); break;
	case 'd': add(&run.denies, text); break;
	case 'i': add(&run.hides, text); break;
	case 's': add(&run.shields, text); break;
	case 'S': add(&run.sets, text); break;
	case 'P': add(&run.passes, text); break;
	case 'H': inputs->home_dir = text; break;
	case 'u': set_identity((uid_t)number(text)); break;
	case 'N': inputs->session = text; break;
	case 'c': inputs->command.cwd = text; break;
	case 'm': inputs->limits.memory_bytes = number(text); break;
	case 'C': inputs->limits.cpu_millis = number(text); break;
	case 'p': inputs->limits.pids_count = number(text); break;
	case 'f': inputs->limits.files_count = number(text); break;
	case 'F': inputs->limits.file_size_bytes = number(text); break;
	case 'x': inputs->scratch_bytes = number(text); break;
	case 'T': inputs->tcp_bind.any = inputs->tcp_connect.any = !strcmp(text, "any"); break;
	case 't': run.tty = true; break;
	case 'n': inputs->notify = false; break;
	case 'R': run.print = true; break;
	case 'j': run.json = true; break;
	case 'v': run.verbose = true; break;
	default: exit(2);
	}
}

static void set_defaults(void)
{
	struct jail_inputs *inputs = &run.inputs;

	inputs->session = "live";
	inputs->hostname = "cordon";
	inputs->limits = (struct jail_limits){ JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED,
		JAIL_UNLIMITED };
	inputs->scratch_bytes = inputs->shm_bytes = inputs->run_bytes = SCRATCH_BYTES;
	inputs->tcp_bind.any = inputs->tcp_connect.any = true;
	inputs->notify = true;
	inputs->command.umask = 022;
	set_identity(getuid() ? getuid() : 65534);
}

static void parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "branch", 1, 0, 'b' }, { "live", 1, 0, 'L' }, { "read", 1, 0, 'r' }, { "deny", 1, 0, 'd' },
		{ "hide", 1, 0, 'i' }, { "shield", 1, 0, 's' }, { "set", 1, 0, 'S' }, { "pass", 1, 0, 'P' },
		{ "home", 1, 0, 'H' }, { "uid", 1, 0, 'u' }, { "cwd", 1, 0, 'c' }, { "memory", 1, 0, 'm' },
		{ "cpus", 1, 0, 'C' }, { "pids", 1, 0, 'p' }, { "files", 1, 0, 'f' },
		{ "file-size", 1, 0, 'F' }, { "scratch", 1, 0, 'x' }, { "tcp", 1, 0, 'T' },
		{ "session", 1, 0, 'N' }, { "tty", 0, 0, 't' }, { "no-notify", 0, 0, 'n' },
		{ "print", 0, 0, 'R' }, { "json", 0, 0, 'j' }, { "verbose", 0, 0, 'v' }, { 0 },
	};
	struct jail_command *command = &run.inputs.command;
	int option;

	set_defaults();
	while ((option = getopt_long(argc, argv, "+", options, NULL)) >= 0)
		set_option(option, optarg);
	if (optind == argc)
		errx(2, "no command");
	command->argv = (const char *const *)&argv[optind];
	command->argc = (size_t)(argc - optind);
	if (!command->cwd)
		command->cwd = run.inputs.branch_count ? run.branches[0].path : "/";
	for (int i = 0; i < 3; i++)
		command->stdio[i] = run.tty ? JAIL_STDIO_TTY :
			isatty(i)	    ? JAIL_STDIO_NULL :
				JAIL_STDIO_INHERIT;
	if (run.tty)
		command->tty = (struct jail_tty){ .rows = 24, .columns = 80 };
}

static void make_plan(struct jail_plan *ret)
{
	struct jail_inputs *inputs = &run.inputs;
	struct error error = ERROR_INIT;
	int r = jail_host_read(&run.arena, &run.host, &error);

	inputs->host = &run.host;
	inputs->branches = run.branches;
	inputs->reads = (struct jail_paths){ run.reads.items, run.reads.count };
	inputs->denies = (struct jail_paths){ run.denies.items, run.denies.count };
	inputs->hides = (struct jail_paths){ run.hides.items, run.hides.count };
	inputs->shielded = (struct jail_paths){ run.shields.items, run.shields.count };
	inputs->env_set = (struct jail_paths){ run.sets.items, run.sets.count };
	inputs->env_pass = (struct jail_paths){ run.passes.items, run.passes.count };
	inputs->environment = (const char *const *)environ;
	if (r >= 0)
		r = jail_plan_build(&run.arena, inputs, ret, &error);
	if (r >= 0)
		r = jail_plan_check(ret, &error);
	if (r >= 0)
		r = jail_plan_check_host(ret, false, &error);
	if (r < 0)
		errx(125, "%s%s%s", error.text, error.hint[0] ? "\n  hint: " : "", error.hint);
}

static int plan_memfd(const struct jail_plan *plan)
{
	struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	int fd = memfd_create("plan", MFD_CLOEXEC);

	if (json_write(&text, jail_plan_to_json(&run.arena, plan), JSON_WRITE_CANONICAL) < 0 ||
			kern_write_all(fd, text.data, text.len) < 0)
		errx(125, "cannot write the plan");
	buf_fini(&text);
	return fd;
}

static void copy_terminal(struct loop_io *io, UNUSED uint32_t events)
{
	char data[4096];
	ssize_t n = read(io->fd, data, sizeof(data));

	if (n > 0)
		(void)!write(1, data, (size_t)n);
	else
		loop_remove_io(io);
}

static void drain_terminal(void)
{
	while (run.master.loop)
		copy_terminal(&run.master, 0);
}

static void fail(const struct jail_failed *failed)
{
	run.is_told = true;
	fprintf(stderr, "jail-run: %s\n", failed->error.text);
	if (failed->error.hint[0])
		fprintf(stderr, "  hint: %s\n", failed->error.hint);
	run.code = failed->stage == JAIL_STAGE_SETUP ? 125 : failed->error.code == -ENOENT ? 127 : 126;
}

static void denied(UNUSED struct jail_notify *notify, const struct jail_denial *denial)
{
	fprintf(stderr, "denied: %s x%llu\n", denial->call, (unsigned long long)denial->count);
}

static void serve(UNUSED struct channel *channel, const struct channel_message *in, int reason)
{
	struct jail_message message;

	if (!in || jail_message_read(in, &message) < 0) {
		if (reason)
			fprintf(stderr, "jail-run: the launcher's connection: %s\n", strerror(-reason));
		loop_stop(&run.loop, 0);
		return;
	}
	say(jail_message_name(message.kind), &message);
	switch (message.kind) {
	case JAIL_MESSAGE_FAILED:
		fail(&message.failed);
		break;
	case JAIL_MESSAGE_TTY:
		(void)loop_add_io(&run.loop, &run.master, TAKE_FD(in->fds[0]), EPOLLIN, copy_terminal);
		break;
	case JAIL_MESSAGE_LISTENER:
		(void)jail_notify_init(&run.notify, &run.loop, TAKE_FD(in->fds[0]), message.id, &run.channel,
			denied);
		break;
	case JAIL_MESSAGE_RENAMED:
		jail_notify_renamed(&run.notify, &message.renamed);
		break;
	case JAIL_MESSAGE_EXITED:
		run.is_told = true;
		run.code = message.exited.code;
		break;
	case JAIL_MESSAGE_GONE:
		/*
		 * A control group of version 2 is ended as a whole, and init with it, which would have told.
		 */
		if (!run.is_told && message.gone.refused_counts[JAIL_LIMIT_MEMORY])
			run.code = 128 + SIGKILL;
		drain_terminal();
		loop_stop(&run.loop, 0);
		break;
	default:
		break;
	}
}

int main(int argc, char **argv)
{
	struct error error = ERROR_INIT;
	struct jail_plan plan;
	const char *launcher = argc > 1 ? argv[1] : NULL;
	int pair[2], pidfd, fds[4] = { -1, -1, -1 }, begin_fds[4];
	struct jail_message begin = { .kind = JAIL_MESSAGE_BEGIN }, go = { .kind = JAIL_MESSAGE_GO };
	size_t begin_count = 1;
	char *child_argv[] = { (char[]){ "cordon-launcher" }, NULL }, *child_env[] = { NULL };
	struct kern_spawn spawn = { .argv = child_argv, .envp = child_env, .fds = fds, .fd_count = 4,
		.dies_with_parent = true };
	struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	pid_t pid;

	if (!launcher)
		errx(2, "usage: jail-run LAUNCHER [OPTION...] -- COMMAND");
	parse(argc - 1, argv + 1);
	make_plan(&plan);
	if (run.print || run.json) {
		if (run.print)
			(void)jail_plan_print(&text, &plan);
		else
			(void)json_write(&text, jail_plan_to_json(&run.arena, &plan), JSON_WRITE_PRETTY);
		puts(buf_text(&text));
		return 0;
	}
	spawn.program_fd = open(launcher, O_PATH | O_CLOEXEC);
	if (spawn.program_fd < 0 || kern_sock_pair(pair) < 0)
		err(125, "%s", launcher);
	fds[3] = pair[1];
	run.started_ns = kern_clock_monotonic_ns();
	if (kern_spawn(&spawn, &pid, &pidfd, &error) < 0)
		errx(125, "%s", error.text);
	say("spawned", NULL);
	close(pair[1]);
	if (loop_init(&run.loop) < 0 || channel_init(&run.channel, &run.loop, pair[0], serve) < 0)
		errx(125, "loop");
	begin_fds[0] = plan_memfd(&plan);
	for (int i = 0; i < 3; i++)
		if (plan.command.stdio[i] == JAIL_STDIO_INHERIT)
			begin_fds[begin_count++] = i;
	if (jail_message_send(&run.channel, &begin, begin_fds, begin_count) < 0 ||
			jail_message_send(&run.channel, &go, NULL, 0) < 0)
		errx(125, "the launcher does not listen");
	close(begin_fds[0]);
	(void)loop_run(&run.loop);
	/* It would die with us, and may still be at removing its control groups. */
	channel_fini(&run.channel);
	(void)kern_wait_pidfd(pidfd);
	say("done", NULL);
	return run.code;
}
