// SPDX-License-Identifier: Apache-2.0
/*
 * doctor_print.c - the report for a person, within 80 columns
 *
 * One line a feature, aligned; what was found and what to do about it stand below, broken at words. A word
 * that is longer than a line (a path) is not broken. State is told by a word, and by colour on terminals that
 * have some.
 */
#include "cli/doctor.h"

#include "base/quote.h"

#include <stdio.h>

enum {
	WIDTH = 79,
	STATE_WIDTH = 10,
	NAME_WIDTH = 17,
	INDENT = STATE_WIDTH + NAME_WIDTH,
	LEVEL_WIDTH = 23,		/* infrastructure-auditor */
	LEVEL_INDENT = STATE_WIDTH + LEVEL_WIDTH,
	TEXT_BYTES_MAX = 1 << 16,
};

/* ---- words ---- */

/* Text that begins at column @at and goes on at column @indent. */
static void print_words(struct cli *cli, size_t at, size_t indent, const char *text)
{
	struct str rest = str_from(text), word;
	bool is_first = true;

	while (rest.len) {
		(void)str_cut(rest, ' ', &word, &rest);
		if (!word.len)
			continue;
		if (!is_first && at + 1 + word.len > WIDTH) {
			cli_printf(cli, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!is_first) {
			cli_write(cli, STR(" "));
			at++;
		}
		cli_write(cli, word);
		at += word.len;
		is_first = false;
	}
	cli_write(cli, STR("\n"));
}

static void print_label(struct cli *cli, size_t indent, const char *label, const char *text)
{
	cli_printf(cli, "%*s%s", (int)indent, "", label);
	print_words(cli, indent + strlen(label), indent + strlen(label), text);
}

static void print_styled(struct cli *cli, enum cli_style style, size_t width, const char *text)
{
	cli_printf(cli, "%s%s%s%*s", cli_style(cli, style), text, cli_style(cli, CLI_PLAIN),
		(int)(width - MIN(width, strlen(text))), "");
}

/* ---- features ---- */

static void print_row(struct cli *cli, const struct jail_row *row)
{
	static const enum cli_style styles[] = {
		[JAIL_STATE_UNTRIED] = CLI_WARN, [JAIL_STATE_MISSING] = CLI_BAD,
		[JAIL_STATE_DEGRADED] = CLI_WARN, [JAIL_STATE_OK] = CLI_GOOD,
	};

	print_styled(cli, styles[row->state], STATE_WIDTH, jail_state_name(row->state));
	print_styled(cli, CLI_BOLD, NAME_WIDTH, row->name);
	print_words(cli, INDENT, INDENT, row->purpose);
	if (row->detail[0] && strcmp(row->detail, "yes"))
		print_label(cli, INDENT, "", row->detail);
	if (row->remedy[0])
		print_label(cli, INDENT, "fix: ", row->remedy);
}

static void print_rows(struct cli *cli, const struct doctor *doctor)
{
	static const char *const headings[] = {
		[JAIL_NEED_NETWORK] = "For a session with a network",
		[JAIL_NEED_KNOW] = "Settings of this host",
	};
	enum jail_need need = JAIL_NEED_SESSION;

	for (size_t i = 0; i < ARRAY_SIZE(doctor->report.rows); i++) {
		const struct jail_row *row = &doctor->report.rows[i];

		if (row->need != need && headings[row->need])
			cli_printf(cli, "\n%s%s%s\n", cli_style(cli, CLI_BOLD), headings[row->need],
				cli_style(cli, CLI_PLAIN));
		need = row->need;
		print_row(cli, row);
	}
}

/* ---- system calls ---- */

static void print_names(struct cli *cli, const char *title, bool (*wanted)(const struct jail_syscall *))
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	size_t count;
	const struct jail_syscall *calls = jail_syscalls(&count);

	for (size_t i = 0; i < count; i++)
		if (wanted(&calls[i]))
			(void)buf_printf(&text, "%s ", calls[i].name);
	cli_printf(cli, "  %s%s%s\n    ", cli_style(cli, CLI_BOLD), title, cli_style(cli, CLI_PLAIN));
	print_words(cli, 4, 4, text.len ? buf_text(&text) : "(none)");
}

static bool is_allowed(const struct jail_syscall *call)
{
	return call->action == JAIL_SYSCALL_ALLOW && !call->waits && !call->checks_args;
}

static bool is_checked(const struct jail_syscall *call)
{
	return call->action == JAIL_SYSCALL_ALLOW && !call->waits && call->checks_args;
}

static bool is_mediated(const struct jail_syscall *call)
{
	return call->action == JAIL_SYSCALL_ALLOW && call->waits;
}

static void print_reasons(struct cli *cli, const char *title, enum jail_syscall_action action)
{
	size_t count;
	const struct jail_syscall *calls = jail_syscalls(&count);

	cli_printf(cli, "  %s%s%s\n", cli_style(cli, CLI_BOLD), title, cli_style(cli, CLI_PLAIN));
	for (size_t i = 0; i < count; i++) {
		if (calls[i].action != action)
			continue;
		cli_printf(cli, "    %-23s ", calls[i].name);
		print_words(cli, 28, 28, calls[i].why);
	}
}

static void print_calls(struct cli *cli, const struct doctor *doctor)
{
	const struct jail_syscall_census *census = &doctor->census;
	char text[512];

	cli_printf(cli, "\n%sSystem calls%s of %s: %u\n", cli_style(cli, CLI_BOLD), cli_style(cli, CLI_PLAIN),
		census->arch, census->known);
	snprintf(text, sizeof(text),
		"%u allowed, %u allowed with harmless arguments only, %u that the supervisor looks "
		"at first, %u refused and recorded, %u refused. A number that is in no table is refused, too; a call "
		"by another architecture's entry ends the process.", census->allowed, census->checked,
		census->mediated, census->recorded, census->refused);
	print_label(cli, 2, "", text);
	if (!doctor->with_calls)
		return;
	print_names(cli, "allowed", is_allowed);
	print_names(cli, "allowed with harmless arguments only", is_checked);
	print_names(cli, "looked at by the supervisor first", is_mediated);
	print_reasons(cli, "refused and recorded", JAIL_SYSCALL_RECORD);
	print_reasons(cli, "refused, and why; what is not listed answers ENOSYS", JAIL_SYSCALL_REFUSE);
}

/* ---- levels ---- */

static enum cli_style style_of(enum jail_promise promise)
{
	return promise == JAIL_PROMISE_FULL ? CLI_GOOD : promise == JAIL_PROMISE_WEAKER ? CLI_WARN : CLI_BAD;
}

/* "pids by cgroup1, files by rlimit" */
static void append_limits(struct buf *text, const struct doctor *doctor, const struct doctor_level *level)
{
	for (int i = 0; i < JAIL_LIMIT_COUNT; i++) {
		if (jail_limit_get(&level->limits, (enum jail_limit)i) == JAIL_UNLIMITED)
			continue;
		(void)buf_printf(text, "%s%s by %s%s", text->len ? ", " : "",
			jail_limit_name((enum jail_limit)i), jail_mechanism_name(doctor->facts.by[i]),
			level->outlook.weak_limits[i] ? " (not the kernel)" : "");
	}
	if (!text->len)
		(void)buf_append_str(text, "none set");
}

static void append_lacks(struct buf *text, const struct doctor *doctor, const struct doctor_level *level)
{
	for (int i = 0; i < JAIL_PROBE_COUNT; i++)
		if (level->outlook.lacks[i])
			(void)buf_printf(text, "%s%s", text->len ? ", " : "", doctor->report.rows[i].name);
}

static void print_level(struct cli *cli, const struct doctor *doctor, const struct doctor_level *level)
{
	scoped(buf) struct buf limits = BUF_INIT(TEXT_BYTES_MAX), lacks = BUF_INIT(TEXT_BYTES_MAX);

	print_styled(cli, style_of(level->outlook.promise), STATE_WIDTH,
		jail_promise_name(level->outlook.promise));
	print_styled(cli, CLI_BOLD, LEVEL_WIDTH, quote_cstr(level->name).text);
	append_limits(&limits, doctor, level);
	append_lacks(&lacks, doctor, level);
	cli_printf(cli, "limits: ");
	print_words(cli, LEVEL_INDENT + strlen("limits: "), LEVEL_INDENT + strlen("limits: "),
		buf_text(&limits));
	if (lacks.len)
		print_label(cli, LEVEL_INDENT, "lacks: ", buf_text(&lacks));
	if (level->opa)
		print_label(cli, LEVEL_INDENT, "allowed by: ", quote_cstr(level->opa).text);
	if (level->unenforced)
		print_label(cli, LEVEL_INDENT, "asks for: ", level->unenforced);
}

/* Whether sessions of each level of isolation start here at all. */
static void print_isolation(struct cli *cli, const struct doctor *doctor)
{
	cli_printf(cli, "\n%sIsolation%s, and whether sessions of each kind start here (cordon-sandbox(7))\n",
		cli_style(cli, CLI_BOLD), cli_style(cli, CLI_PLAIN));
	for (int i = 0; i < JAIL_LEVEL_COUNT; i++) {
		scoped(buf) struct buf lacks = BUF_INIT(TEXT_BYTES_MAX);
		bool lacking[JAIL_PROBE_COUNT];
		char name[32];
		bool has = jail_probe_level(&doctor->facts, &doctor->report, (enum jail_level)i, lacking);

		for (int j = 0; j < JAIL_PROBE_COUNT; j++)
			if (lacking[j])
				(void)buf_printf(&lacks, "%s%s", lacks.len ? ", " : "lacks: ",
					doctor->report.rows[j].name);
		print_styled(cli, has ? CLI_GOOD : CLI_BAD, STATE_WIDTH, has ? "yes" : "no");
		snprintf(name, sizeof(name), "--level %s", jail_level_name((enum jail_level)i));
		print_styled(cli, CLI_BOLD, LEVEL_WIDTH, name);
		print_words(cli, LEVEL_INDENT, LEVEL_INDENT,
			lacks.len   ? buf_text(&lacks) :
				has ? i == JAIL_LEVEL_LANDLOCK ?
					"for a host that has not the other" :
					"what sessions are unless you say otherwise" :
						"not for root");
	}
}

static void print_verdict(struct cli *cli, const struct doctor *doctor)
{
	static const char *const words[] = {
		[JAIL_PROMISE_NONE] =
			"No session starts here, since nothing is ever enforced by half: see `missing` and `asks for` above.",
		[JAIL_PROMISE_WEAKER] =
			"Sessions start here, but not every promise is kept in full: see `weaker` above.",
		[JAIL_PROMISE_FULL] = "All that a session is promised is enforced here.",
	};
	const struct doctor_level *here = &doctor->here;
	char text[1024];

	snprintf(text, sizeof(text), "profile '%s'%s%s", quote_cstr(here->name).text,
		doctor->is_default ? " by itself, since the configuration cannot be read" :
		" with the configuration ", doctor->is_default ? "" : doctor->places.workspace ?
		"of this project" : "outside of a project");
	cli_printf(cli, "\n%sHere%s: ", cli_style(cli, CLI_BOLD), cli_style(cli, CLI_PLAIN));
	print_words(cli, 6, 6, text);
	print_level(cli, doctor, here);
	print_styled(cli, style_of(here->outlook.promise), 0, words[here->outlook.promise]);
	cli_write(cli, STR("\n"));
	if (here->outlook.promise != JAIL_PROMISE_NONE)
		cli_write(cli, STR("Next: `cordon init` in a project, then `cordon run -- PROGRAM`.\n"));
}

static void print_groups(struct cli *cli, const struct doctor *doctor)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);

	(void)buf_append_str(&text,
		"an agent keeps these groups of yours, since an ordinary user cannot leave them:");
	for (size_t i = 0; i < doctor->group_count; i++)
		(void)buf_printf(&text, "%s %u", i ? "," : "", doctor->groups[i]);
	(void)buf_append_str(&text, "; it reads what they may read among the files that it sees");
	print_label(cli, 0, "note: ", buf_text(&text));
}

void doctor_print(struct cli *cli, const struct doctor *doctor)
{
	const struct jail_facts *facts = &doctor->facts;

	cli_printf(cli, "Linux %s, %s, %s%s\n\n", facts->release[0] ? facts->release : "of unknown release",
		doctor->census.arch, facts->is_root ? "as root" : "as an ordinary user",
		facts->is_nested ? ", in a container" : "");
	if (doctor->no_workspace)
		print_label(cli, 0, "note: ", doctor->no_workspace);
	if (doctor->group_count)
		print_groups(cli, doctor);
	print_rows(cli, doctor);
	print_calls(cli, doctor);
	print_isolation(cli, doctor);
	cli_printf(cli, "\n%sProfiles%s, and what each can count on here\n", cli_style(cli, CLI_BOLD),
		cli_style(cli, CLI_PLAIN));
	for (size_t i = 0; i < doctor->level_count; i++)
		print_level(cli, doctor, &doctor->levels[i]);
	print_label(cli, 0, "",
		"In every profile: no file of the host but those that are listed, no network at all in "
		"this version, no privilege, and writes to a branch alone.");
	print_verdict(cli, doctor);
}
