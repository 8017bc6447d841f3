// SPDX-License-Identifier: Apache-2.0
/*
 * review.c - the last word of a session, for a person
 *
 * A person at a terminal is asked at once, since now they know what they wanted; each answer is one of the
 * ordinary commands, run as a child, so that there is exactly one way to commit. Anything but a clear answer
 * holds the branch.
 */
#include "cli/review.h"

#include "base/fd.h"
#include "cli/advice.h"
#include "cli/changes.h"
#include "cli/findings.h"
#include "cli/refused.h"
#include "cli/sessions.h"
#include "kern/file.h"
#include "kern/process.h"

#include <fcntl.h>
#include <stdio.h>

enum {
	FINDINGS_SHOWN_MAX = 10,
	ANSWER_MAX_BYTES = 16,
	JSON_BYTES_MAX = 1 << 20,	/* a message of the supervisor is no longer */
};

static int64_t count(const struct json *settled, const char *key)
{
	return json_get_int(json_get(settled, "changes"), key, 0);
}

static void print_findings(struct cli *cli, const struct json *list)
{
	size_t total = list && list->type == JSON_ARRAY ? list->array.count : 0;
	struct findings findings;

	findings_begin(&findings, cli, FINDINGS_TO_ERROR, FINDINGS_SHOWN_MAX);
	for (size_t i = 0; i < total; i++) {
		const struct json *one = list->array.items[i];
		const char *verdict = json_get_text(one, "verdict"), *rule = json_get_text(one, "rule");
		const char *message = json_get_text(one, "message");
		struct str path = { 0 };

		if (json_get(one, "path"))
			(void)json_to_bytes(&cli->arena, json_get(one, "path"), &path);
		findings_add(&findings, verdict ? verdict : "?", rule ? rule : "?", NULL, path,
			message ? message : "");
	}
	findings_end(&findings);
}

/* "6 changes (3 added, 2 renamed, 1 deleted)" */
static void print_counts(struct cli *cli, const struct json *settled)
{
	static const char *const kinds[] = { "added", "modified", "deleted", "renamed", "metadata", "type" };
	static const char *const words[] = { "added", "modified", "deleted", "renamed", "metadata only",
		"of another type" };
	int64_t total = count(settled, "entries");
	const char *before = " (";

	cli_tell(cli, "%lld change%s", (long long)total, total == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int64_t n = count(settled, kinds[i]);

		if (!n)
			continue;
		cli_tell(cli, "%s%lld %s", before, (long long)n, words[i]);
		before = ", ";
	}
	cli_tell(cli, ")");
}

static void print_summary(struct cli *cli, const struct json *settled, const char *id, const char *state)
{
	const char *verdict = json_get_text(settled, "verdict");

	cli_tell(cli, "cordon: session %s: ", id);
	print_counts(cli, settled);
	cli_tell(cli, ", verdict %s: %s\n", verdict ? verdict : "?", state);
	print_findings(cli, json_get(settled, "findings"));
}

/* For another program: standard output belongs to the agent, so it goes where the messages go. */
static void print_json(struct cli *cli, const struct json *settled)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_BYTES_MAX);

	if (json_write(&text, settled, JSON_WRITE_CANONICAL) >= 0 && buf_append_char(&text, '\n') >= 0)
		cli_tell_text(cli, (struct str){ buf_text(&text), text.len });
}

/*
 * Whether the judgement that was just written down lets all of it pass; @ret: what would, or NULL;
 * @ret_is_answered: whether the policies said anything.
 */
static bool is_passed(struct cli *cli, const char *id, const char **ret, bool *ret_is_answered)
{
	struct changeset changeset;
	struct judgement judgement;
	struct session session;
	bool is_held_back = sessions_open(cli, id, ~0u, &session) == CLI_OK &&
			changes_read_saved(cli, &session, &changeset, NULL) >= 0 &&
			changes_read_verdict(cli, &session, &judgement, NULL) >= 0 &&
			judgement.verdict != VERDICT_ALLOW;

	*ret = NULL;
	*ret_is_answered = !is_held_back || judgement_is_answered(&judgement);
	if (is_held_back && *ret_is_answered)
		*ret = advice_commit(cli, &(struct advice_request){
			.id = id, .changeset = &changeset, .judgement = &judgement });
	session_fini(&session);
	return !is_held_back;
}

static void print_ways(struct cli *cli, const char *id)
{
	const char *line;
	bool is_answered, passes = is_passed(cli, id, &line, &is_answered);

	cli_tell(cli, "  cordon diff %s      what changed\n", id);
	if (passes)
		cli_tell(cli, "  cordon commit %s    make it real\n", id);
	else
		cli_tell(cli, "  cordon show %s      what speaks against it\n", id);
	if (!is_answered)
		cli_tell(cli, "  cordon commit %s    ask the policies again, when they can answer\n", id);
	cli_tell(cli, "  cordon rollback %s  drop it\n", id);
	if (!line)
		return;
	cli_tell(cli, "what may be committed: ");
	cli_tell_text(cli, str_from(line));
	cli_tell(cli, "\n");
}

/*
 * One of our own commands, as a person would type it. Standard output is the program's alone: where it is not
 * the terminal that the person looks at, ours goes with the messages.
 */
static int run_self(struct cli *cli, const char *command, const char *id)
{
	scoped(fd) int program_fd = kern_open(AT_FDCWD, "/proc/self/exe", O_PATH, 0), pidfd = -1;
	char name[] = "cordon", word[16], operand[32], json[] = "--json", quiet[] = "--quiet";
	char *argv[] = { name, word, operand, cli->json ? json : cli->quiet ? quiet : NULL, NULL };
	int fds[] = { 0, cli->is_terminal && !cli->json ? 1 : 2, 2 };
	struct kern_spawn spawn = { .program_fd = program_fd, .argv = argv, .envp = cli->envp, .fds = fds,
		.fd_count = 3 };
	struct error err = ERROR_INIT;
	pid_t pid;

	snprintf(word, sizeof(word), "%s", command);
	snprintf(operand, sizeof(operand), "%s", id);
	if (program_fd < 0 || kern_spawn(&spawn, &pid, &pidfd, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	return kern_wait_pidfd(pidfd);
}

/* The first letter of one line; 0 at end of file. */
static char read_answer(void)
{
	char text[ANSWER_MAX_BYTES];
	ssize_t n = kern_read(STDIN_FILENO, text, sizeof(text));

	return n > 0 ? text[0] : 0;
}

static void ask(struct cli *cli, const char *id)
{
	for (;;) {
		cli_tell(cli, "[c]ommit, [d]iff, re[v]iew, [h]old or [r]oll back? ");
		switch (read_answer()) {
		case 'c':
			(void)run_self(cli, "commit", id);
			return;
		case 'd':
			(void)run_self(cli, "diff", id);
			break;
		case 'v':
			(void)run_self(cli, "review", id);
			return;
		case 'r':
			(void)run_self(cli, "rollback", id);
			return;
		case 'h':
		case 0:
			cli_tell(cli, "cordon: session %s is held\n", id);
			print_ways(cli, id);
			return;
		default:
			break;
		}
	}
}

/* What a limit did to the work is the last line, so that nobody reads past it; but before a question. */
static void print_limits(struct cli *cli, const struct json *settled)
{
	const struct json *list = json_get(settled, "limits");
	size_t total = list && list->type == JSON_ARRAY && !cli->json ? list->array.count : 0;

	for (size_t i = 0; i < total; i++) {
		const char *message = json_get_text(list->array.items[i], "message");
		const char *remedy = json_get_text(list->array.items[i], "remedy");

		if (message && remedy)
			cli_tell(cli, "cordon: %s\n  hint: %s\n", message, remedy);
	}
}

/* The program was told as well, but not everything says so that asks for a host. */
static void print_refused(struct cli *cli, const struct json *settled)
{
	const char *id = json_get_text(settled, "id");
	struct error err = ERROR_INIT;
	struct refused refused;

	if (cli->json || cli->quiet || !id || !json_get_int(settled, "refused", 0))
		return;
	if (refused_read(cli, id, &refused, &err) < 0)
		cli_warn(cli, "%s", err.text);
	else
		refused_tell(cli, id, &refused);
}

static bool asks(const struct cli *cli, const struct json *settled)
{
	return cli->is_interactive && json_get_bool(settled, "review", false);
}

static void settle(struct cli *cli, const struct json *settled)
{
	const char *id = json_get_text(settled, "id"), *state = json_get_text(settled, "state");
	const char *verdict = json_get_text(settled, "verdict");

	if (cli->json && settled)
		print_json(cli, settled);
	if (!id || !state || !count(settled, "entries"))
		return;
	if (!cli->json && !cli->quiet)
		print_summary(cli, settled, id, state);
	if (strcmp(state, "held"))
		return;
	if (json_get_bool(settled, "auto", false) && verdict && !strcmp(verdict, "allow")) {
		(void)run_self(cli, "commit", id);
		return;
	}
	if (cli->json)
		return;
	if (asks(cli, settled))
		ask(cli, id);
	else if (!cli->quiet)
		print_ways(cli, id);
}

/* @settled: the supervisor's last message; NULL: there is nothing to say. */
static void tell_settled(struct cli *cli, const struct json *settled)
{
	bool asks_first = asks(cli, settled);

	print_refused(cli, settled);
	if (asks_first)
		print_limits(cli, settled);
	settle(cli, settled);
	if (!asks_first)
		print_limits(cli, settled);
}

static void tell_detached(struct cli *cli, const char *id)
{
	struct json_object_builder object;

	if (cli->json) {
		json_object_begin(&object, &cli->arena);
		json_object_add_text(&object, "id", id);
		json_object_add_bool(&object, "detached", true);
		print_json(cli, json_object_end(&object));
	} else if (!cli->quiet) {
		cli_tell(cli,
			"cordon: session %s goes on\n  cordon attach %s  come back\n  cordon stop %s    end it\n",
			id, id, id);
	}
}

int review_attached(struct cli *cli, const struct attach_result *result, const struct error *err)
{
	if (result->failure_code)
		return cli_fail(cli, result->failure_code, err);
	if (result->is_detached) {
		tell_detached(cli, result->id ? result->id : "?");
		return CLI_OK;
	}
	tell_settled(cli, result->settled);
	return result->exit_code;
}
