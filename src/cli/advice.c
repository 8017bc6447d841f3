// SPDX-License-Identifier: Apache-2.0
/*
 * advice.c - the command line that would commit what may be committed
 */
#include "cli/advice.h"

#include "base/path.h"
#include "run/workspace.h"

#include <stdio.h>

enum {
	LINE_BYTES_MAX = 2048,
};

struct left_out {
	unsigned root;
	struct str path;
};

struct advice {
	const struct changeset *changeset;
	const struct judgement *judgement;
	struct left_out paths[ADVICE_PATHS_MAX];
	size_t count;
};

/* ---- words for a shell ---- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		strchr("._/+,:@%=-", c);
}

void advice_quote(struct buf *buf, struct str word)
{
	bool is_bare = word.len > 0, is_printable = true;

	for (size_t i = 0; i < word.len; i++) {
		is_bare = is_bare && word.data[i] && is_plain(word.data[i]);
		is_printable = is_printable && word.data[i] >= ' ' && word.data[i] <= '~';
	}
	if (is_bare || (is_printable && !memchr(word.data, '\'', word.len))) {
		(void)buf_printf(buf, is_bare ? "%.*s" : "'%.*s'", STR_FMT(word));
		return;
	}
	(void)buf_append_str(buf, "$'");
	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.data[i];

		if (c < ' ' || c > '~')
			(void)buf_printf(buf, "\\%03o", c);
		else
			(void)buf_printf(buf, c == '\'' || c == '\\' ? "\\%c" : "%c", c);
	}
	(void)buf_append_str(buf, "'");
}

/* As the person would write it: relative where it lies below the current directory. */
static void put_path(struct buf *line, const char *current, struct str path)
{
	char text[2 * PATH_TEXT_MAX];
	const char *shown = text;

	snprintf(text, sizeof(text), "%.*s", STR_FMT(path));
	if (path_is_beneath(str_from(text), str_from(current)))
		shown = path_relative(text, current);
	(void)buf_append_str(line, *shown == '-' ? " ./" : " ");
	advice_quote(line, str_from(shown));
}

/* ---- what to leave out ---- */

static bool is_left_out(const struct advice *advice, unsigned root, struct str path)
{
	for (size_t i = 0; i < advice->count && path.len; i++)
		if (advice->paths[i].root == root && path_is_beneath(path, advice->paths[i].path))
			return true;
	return false;
}

/* A new Python environment is of no use without its links: the directory that has a new pyvenv.cfg. */
static struct str unit_of(const struct changeset *changeset, const struct decision *decision)
{
	for (struct str dir = path_parent(decision->path); dir.len && !str_eq(dir, STR("."));
			dir = path_parent(dir)) {
		char name[PATH_TEXT_MAX + 16];
		const struct change *marker;

		snprintf(name, sizeof(name), "%.*s/pyvenv.cfg", STR_FMT(dir));
		marker = changeset_find(changeset, decision->root, str_from(name));
		if (marker && marker->kind == CHANGE_ADDED)
			return dir;
	}
	return decision->path;
}

/* False: not all of it can be named. */
static bool leave_out_denied(struct advice *advice)
{
	const struct judgement *judgement = advice->judgement;

	for (size_t i = 0; i < judgement->rule_count; i++)
		if (judgement->rules[i].verdict == VERDICT_DENY &&
				judgement->rules[i].count > POLICY_DECISIONS_PER_RULE)
			return false;
	for (size_t i = 0; i < judgement->count; i++) {
		const struct decision *decision = &judgement->decisions[i];

		if (decision->verdict != VERDICT_DENY || is_left_out(advice, decision->root, decision->path))
			continue;
		/* What is denied as a whole is denied without any of it, too, as far as anybody can tell. */
		if (advice->count == ADVICE_PATHS_MAX || !decision->path.len)
			return false;
		advice->paths[advice->count++] = (struct left_out){
			decision->root, unit_of(advice->changeset, decision)
		};
	}
	return true;
}

static bool has_rest(const struct advice *advice)
{
	for (size_t i = 0; i < advice->changeset->count; i++) {
		const struct change *change = &advice->changeset->changes[i];

		if (!is_left_out(advice, change->root, change->path))
			return true;
	}
	return false;
}

/* Whether a rule asks about something that is not left out. */
static bool asks_about_rest(const struct advice *advice, const struct judged_rule *rule)
{
	if (rule->verdict != VERDICT_ASK)
		return false;
	for (size_t i = 0; i < advice->judgement->count; i++) {
		const struct decision *decision = &advice->judgement->decisions[i];

		if (!strcmp(decision->rule, rule->rule) &&
				!is_left_out(advice, decision->root, decision->path))
			return true;
	}
	return rule->count > POLICY_DECISIONS_PER_RULE;
}

static void put_paths(struct cli *cli, struct buf *line, const struct advice_request *request,
	const struct advice *advice)
{
	const char *current = run_current_dir(&cli->arena, NULL);

	if (!advice->count && !request->excepted_count)
		return;
	(void)buf_append_str(line, " --except");
	for (size_t i = 0; i < request->excepted_count; i++)
		put_path(line, current ? current : "/", str_from(request->excepted[i]));
	for (size_t i = 0; i < advice->count; i++) {
		char path[2 * PATH_TEXT_MAX];
		const char *root = advice->changeset->roots[advice->paths[i].root];

		snprintf(path, sizeof(path), "%s%s%.*s", root, strcmp(root, "/") ? "/" : "",
			STR_FMT(advice->paths[i].path));
		put_path(line, current ? current : "/", str_from(path));
	}
}

const char *advice_commit(struct cli *cli, const struct advice_request *request)
{
	struct advice advice = { .changeset = request->changeset, .judgement = request->judgement };
	scoped(buf) struct buf line = BUF_INIT(LINE_BYTES_MAX);
	bool asks = false;

	if (!leave_out_denied(&advice) || !has_rest(&advice))
		return NULL;
	(void)buf_printf(&line, "cordon commit %s", request->id);
	put_paths(cli, &line, request, &advice);
	for (size_t i = 0; i < request->judgement->rule_count; i++) {
		if (!asks_about_rest(&advice, &request->judgement->rules[i]))
			continue;
		(void)buf_printf(&line, " --accept %s", request->judgement->rules[i].rule);
		asks = true;
	}
	if (asks)
		(void)buf_append_str(&line, " --reason TEXT");
	return buf_failed(&line) ? NULL : arena_copy(&cli->arena, buf_text(&line), line.len);
}
