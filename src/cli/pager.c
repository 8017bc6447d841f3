// SPDX-License-Identifier: Apache-2.0
/*
 * pager.c - long output through the person's pager, and the end of a command
 *
 * $PAGER is words, not shell: it is split at spaces and executed directly. A value that holds shell syntax
 * would mean something else to the person than to us, so it is refused in a note and output goes straight to
 * the terminal.
 *
 * While the pager runs, ctrl-c belongs to it (less stops searching, it does not end), and leaving it early is
 * no failure: writes then get EPIPE, which drops the rest of the output.
 */
#include "cli/program.h"

#include "base/fd.h"
#include "base/log.h"
#include "base/quote.h"
#include "kern/file.h"
#include "kern/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

enum {
	PAGER_WORDS_MAX = 16,
	PAGER_ENV_MAX = 4096,
};

/* Splits at spaces; returns the number of words, or negative errno. */
static int split_words(struct cli *cli, const char *text, char *ret[PAGER_WORDS_MAX])
{
	char *copy = arena_copy(&cli->arena, text, strlen(text));
	int count = 0;

	if (!copy || strpbrk(text, "|&;<>()$`\\\"'*?[]#~%\n\t"))
		return -EINVAL;
	for (char *save, *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (count == PAGER_WORDS_MAX - 1)
			return -EINVAL;
		ret[count++] = word;
	}
	ret[count] = NULL;
	return count;
}

/* The person's environment, and what less needs to show colours and to leave short output on the screen. */
static char *const *pager_env(struct cli *cli)
{
	static char less[] = "LESS=FRX", lv[] = "LV=-c";
	size_t count = 0;
	char **envp;

	while (cli->envp[count])
		count++;
	envp = count < PAGER_ENV_MAX ? arena_alloc_array(&cli->arena, count + 3, sizeof(*envp)) : NULL;
	if (!envp)
		return NULL;
	for (size_t i = 0; i < count; i++)
		envp[i] = cli->envp[i];
	if (!cli_env(cli, "LESS"))
		envp[count++] = less;
	if (!cli_env(cli, "LV"))
		envp[count++] = lv;
	return envp;
}

/* By its path, since it may be a script, which its interpreter opens. Return: NULL: there is none */
static const char *find_pager(struct cli *cli, const char *word)
{
	const char *path = cli_env(cli, "PATH");

	return strchr(word, '/') ? word :
		program_find(cli, str_from(path ? path : "/usr/bin:/bin"), NULL, word);
}

static int start_pager(struct cli *cli, char *const *words)
{
	const char *program = find_pager(cli, words[0]);
	scoped(fd) int read_end = -1;
	char *const *envp = pager_env(cli);
	int ends[2], r;

	if (!program)
		return -ENOENT;
	r = envp ? kern_pipe2(ends, O_CLOEXEC) : -E2BIG;
	if (r < 0)
		return r;
	read_end = ends[0];
	cli->pager.fd = ends[1];

	const int fds[] = { read_end, cli->out.fd, cli->err.fd };
	const struct kern_spawn spawn = {
		.program_fd = -1, .program_path = program, .argv = words, .envp = envp, .fds = fds,
		.fd_count = ARRAY_SIZE(fds),
	};

	r = kern_spawn(&spawn, &cli->pager.pid, &cli->pager.pidfd, NULL);
	if (r < 0)
		cli->pager.fd = fd_close(cli->pager.fd);
	return r;
}

static void ignore_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	(void)kern_sigaction(SIGPIPE, &action, NULL);
	(void)kern_sigaction(SIGINT, &action, NULL);
	(void)kern_sigaction(SIGQUIT, &action, NULL);
}

void cli_page(struct cli *cli)
{
	char *words[PAGER_WORDS_MAX];
	const char *asked = cli_env(cli, "PAGER"), *pager = asked ? asked : "less";
	const char *term = cli_env(cli, "TERM");
	int count, r;

	if (!cli->is_terminal || cli->json || cli->no_pager || cli->pager.pid)
		return;
	/* less(1) would warn of such a terminal, and wait for an answer. */
	if (!asked && (!term || !*term || !strcmp(term, "dumb")))
		return;
	count = split_words(cli, pager, words);
	if (count < 0)
		cli_note(cli, "PAGER='%s' is more than a program and its arguments, so it is not used",
			quote_cstr(pager).text);
	if (count <= 0 || !strcmp(words[0], "cat"))
		return;
	cli_flush(cli);
	r = start_pager(cli, words);
	if (r < 0 && asked)
		cli_note(cli, "the pager '%s' cannot be started: %s", quote_cstr(words[0]).text,
			error_name(r));
	if (r < 0)
		return;
	cli->out.fd = cli->pager.fd;
	ignore_signals();
}

int cli_finish(struct cli *cli, int exit_code)
{
	int error;

	cli_progress_end(cli);
	cli_flush(cli);
	if (cli->pager.pid) {
		cli->pager.fd = fd_close(cli->pager.fd);
		(void)kern_wait_pidfd(cli->pager.pidfd);
		cli->pager.pidfd = fd_close(cli->pager.pidfd);
		cli->pager.pid = 0;
	}
	error = cli->out.error;
	/* Who reads our output may stop reading: that is their answer, not our failure. */
	if (error && error != -EPIPE) {
		struct error err = ERROR_INIT;

		error_sys(&err, error, "cannot write to standard output");
		cli->json = false;
		exit_code = cli_fail(cli, CLI_FAILED, &err);
	}
	log_set_sink(NULL, LOG_LEVEL_ERROR, NULL);
	buf_fini(&cli->out.buf);
	buf_fini(&cli->err.buf);
	arena_fini(&cli->arena);
	return exit_code;
}
