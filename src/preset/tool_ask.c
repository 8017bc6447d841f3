// SPDX-License-Identifier: Apache-2.0
/*
 * tool_ask.c - programs that are run for what they print, all at the same time
 *
 * Each is the leader of a session of its own, in "/", with nothing to read and nowhere to complain. It is
 * killed with its group when it has ended, when it printed too much, and when its time is over; it is reaped
 * only after that, so that its number is still its own.
 */
#include "preset/tool.h"

#include "base/fd.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"
#include "loop/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>

enum {
	READ_BYTES = 16384,
};

struct asked {
	struct asking *asking;
	struct tool_answer *answer;
	pid_t pid;			/* 0: none runs */
	int pidfd, fd;
	int exit_code;
	struct buf text;
	struct loop_io output, end;
};

struct asking {
	struct tool_host *host;
	struct loop loop;
	struct loop_timer timer;
	struct asked *items;
	size_t count, running;
};

static void fail(struct asked *asked, const char *why)
{
	asked->answer->state = TOOL_FAILED;
	asked->answer->why = why;
	asked->answer->host_count = 0;
}

/* ---- one ---- */

static void end(struct asked *asked)
{
	if (!asked->pid)
		return;
	loop_remove_io(&asked->output);
	loop_remove_io(&asked->end);
	(void)kern_kill(-asked->pid, SIGKILL);
	asked->exit_code = kern_wait_pidfd(asked->pidfd);
	asked->pid = 0;
	asked->pidfd = fd_close(asked->pidfd);
	asked->fd = fd_close(asked->fd);
	if (!--asked->asking->running)
		loop_stop(&asked->asking->loop, 0);
}

/* Return: whether more may come. */
static bool read_some(struct asked *asked)
{
	char *room = buf_reserve(&asked->text, READ_BYTES);
	ssize_t n = room ? kern_read(asked->fd, room, READ_BYTES) : -EMSGSIZE;

	if (n == -EAGAIN || n == -EINTR)
		return true;
	if (n == -EMSGSIZE)
		fail(asked, "it prints too much");
	if (n > 0)
		buf_commit(&asked->text, (size_t)n);
	return n > 0;
}

static void on_output(struct loop_io *io, UNUSED uint32_t events)
{
	struct asked *asked = CONTAINER_OF(io, struct asked, output);

	if (read_some(asked))
		return;
	loop_remove_io(&asked->output);
	if (asked->answer->state == TOOL_FAILED)
		end(asked);
}

/* What it printed last may still be in the pipe. */
static void on_end(struct loop_io *io, UNUSED uint32_t events)
{
	struct asked *asked = CONTAINER_OF(io, struct asked, end);
	size_t len;

	if (asked->output.loop)
		do
			len = asked->text.len;
		while (read_some(asked) && asked->text.len > len);
	end(asked);
}

static int spawn(struct asked *asked, const char *program, int *ret_read_end)
{
	const struct tool *tool = asked->answer->tool;
	struct tool_host *host = asked->asking->host;
	char *argv[TOOL_WORDS_MAX + 1] = { NULL }, **envp;
	size_t count = 0, added = 0;
	int ends[2], r;

	for (size_t i = 0; i < TOOL_WORDS_MAX && tool->argv[i]; i++) {
		argv[i] = arena_copy(host->arena, tool->argv[i], strcspn(tool->argv[i], i ? "" : "|"));
		if (!argv[i])
			return -ENOMEM;
	}
	while (host->tool_envp[count])
		count++;
	envp = arena_alloc_array(host->arena, count + TOOL_LIST_MAX + 1, sizeof(*envp));
	for (; envp && added < TOOL_LIST_MAX && tool->environment[added]; added++)
		envp[added] = arena_copy(host->arena, tool->environment[added],
			strlen(tool->environment[added]));
	for (size_t i = 0; envp && i < count; i++)
		envp[added + i] = host->tool_envp[i];
	r = envp ? kern_pipe2(ends, O_CLOEXEC | O_NONBLOCK) : -ENOMEM;
	if (r < 0)
		return r;

	const int fds[] = { -1, ends[1], -1 };
	const struct kern_spawn how = {
		.program_fd = -1, .program_path = program, .argv = argv, .envp = envp, .fds = fds,
		.fd_count = ARRAY_SIZE(fds), .new_session = true, .dies_with_parent = true, .in_root = true,
	};

	/* The program's own end blocks, as programs expect it. */
	r = kern_fcntl(ends[1], F_SETFL, 0);
	if (r >= 0)
		r = kern_spawn(&how, &asked->pid, &asked->pidfd, NULL);
	fd_close(ends[1]);
	if (r < 0) {
		asked->pid = 0;
		fd_close(ends[0]);
		return r;
	}
	*ret_read_end = ends[0];
	return 0;
}

static void start(struct asked *asked)
{
	struct asking *asking = asked->asking;
	const char *program = NULL;
	const char *why = tool_find_program(asking->host, asked->answer->tool->argv[0], &program);
	int r;

	if (why) {
		asked->answer->state = TOOL_MISSING;
		asked->answer->why = why;
		return;
	}
	asked->answer->state = TOOL_ANSWERED;
	r = spawn(asked, program, &asked->fd);
	if (r < 0) {
		fail(asked, "it cannot be started");
		return;
	}
	asking->running++;
	r = loop_add_io(&asking->loop, &asked->output, asked->fd, EPOLLIN, on_output);
	if (r >= 0)
		r = loop_add_io(&asking->loop, &asked->end, asked->pidfd, EPOLLIN, on_end);
	if (r < 0) {
		fail(asked, "it cannot be waited for");
		end(asked);
	}
}

static void finish(struct asked *asked)
{
	struct tool_answer *answer = asked->answer;
	struct arena *arena = asked->asking->host->arena;
	const char *copy, *why;

	if (answer->state != TOOL_ANSWERED)
		return;
	if (asked->exit_code) {
		why = arena_printf(arena, "it ended with %d", asked->exit_code);
		fail(asked, why ? why : "it failed");
		return;
	}
	/* What is found points into no buffer of ours. */
	copy = arena_copy(arena, buf_text(&asked->text), asked->text.len);
	why = copy ? tool_read(arena, answer->tool, (struct str){ copy, asked->text.len }, false, answer) :
		"it prints too much";
	if (why) {
		why = arena_printf(arena, "what it prints is not believed: %s", why);
		fail(asked, why ? why : "what it prints is not believed");
	}
}

/* ---- all of them ---- */

static void on_time(struct loop_timer *timer)
{
	struct asking *asking = CONTAINER_OF(timer, struct asking, timer);

	for (size_t i = 0; i < asking->count; i++) {
		if (!asking->items[i].pid)
			continue;
		fail(&asking->items[i], "it did not answer within two seconds");
		end(&asking->items[i]);
	}
}

static void run(struct asking *asking)
{
	uint64_t now_ns = kern_clock_monotonic_ns();

	if (loop_init(&asking->loop) < 0)
		return;
	for (size_t i = 0; i < asking->count; i++)
		if (asking->items[i].answer->tool->argv[0])
			start(&asking->items[i]);
	if (asking->running) {
		loop_set_timer(&asking->loop, &asking->timer, now_ns + TOOL_TIME_NS, on_time);
		(void)loop_run(&asking->loop);
	}
	/* Where waiting failed, nothing is left behind. */
	for (size_t i = 0; i < asking->count; i++) {
		if (asking->items[i].pid)
			fail(&asking->items[i], "it cannot be waited for");
		end(&asking->items[i]);
	}
	loop_remove_timer(&asking->timer);
}

/* Values of variables stand where a file's text would. */
static void read_variables(const struct tool_host *host, struct tool_answer *answer)
{
	const char *why = NULL;

	answer->state = TOOL_MISSING;
	answer->why = "none is set";
	for (size_t i = 0; i < TOOL_LIST_MAX && answer->tool->variables[i] && !why; i++) {
		const char *value = tool_variable(host->tool_envp, answer->tool->variables[i]);

		if (!value)
			continue;
		answer->state = TOOL_ANSWERED;
		why = tool_take(host->arena, answer->tool, "", str_from(value), answer);
	}
	if (why) {
		answer->state = TOOL_FAILED;
		answer->why = why;
		answer->host_count = 0;
	} else if (answer->state == TOOL_ANSWERED) {
		answer->why = NULL;
	}
}

void tool_ask(struct tool_host *host, struct tool_answer *answers, size_t count)
{
	struct asking asking = { .host = host, .count = count, .loop.epfd = -1 };

	asking.items = arena_alloc_array(host->arena, count + 1, sizeof(*asking.items));
	for (size_t i = 0; i < count; i++) {
		answers[i].state = TOOL_FAILED;
		answers[i].why = "there is no memory for it";
	}
	if (!asking.items || tool_environment(host) < 0)
		return;
	for (size_t i = 0; i < count; i++) {
		asking.items[i] = (struct asked){
			.asking = &asking, .answer = &answers[i], .pidfd = -1, .fd = -1,
			.text = BUF_INIT(TOOL_OUTPUT_BYTES_MAX),
		};
		if (answers[i].tool->files[0])
			tool_read_files(host, &answers[i]);
		else if (answers[i].tool->variables[0])
			read_variables(host, &answers[i]);
	}
	run(&asking);
	for (size_t i = 0; i < count; i++) {
		if (answers[i].tool->argv[0])
			finish(&asking.items[i]);
		buf_fini(&asking.items[i].text);
	}
	loop_fini(&asking.loop);
}
