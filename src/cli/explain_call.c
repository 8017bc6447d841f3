// SPDX-License-Identifier: Apache-2.0
/*
 * explain_call.c - rules of the other kind: system calls that the sandbox refuses, "seccomp/NAME"
 *
 * The ledger names them where a program tried one (`cordon audit --kind denied`). Their reasons stand in
 * tables/syscalls.csv and syscalls_alone.csv, which the filters are made of.
 */
#include "cli/rules.h"

#include "jail/seccomp.h"

static const char prefix[] = "seccomp/";

static bool is_alone(const struct jail_syscall *call)
{
	return call->action == JAIL_SYSCALL_ALLOW && call->alone_why[0];
}

/* Calls that are allowed at every level, with whatever arguments, are nobody's rule. */
static bool is_rule(const struct jail_syscall *call)
{
	return call->action != JAIL_SYSCALL_ALLOW || call->checks_args || is_alone(call);
}

#define RECORDED "attempts are in the ledger, counted (`cordon audit --kind denied`)"
#define UNRECORDED "attempts are not recorded, since ordinary programs make them"

static const char *looks_of(const struct jail_syscall *call)
{
	if (is_alone(call))
		return call->alone_records ?
			"at the level landlock, the call's number, its arguments and the file that it names; " RECORDED :
			"at the level landlock, the call's number; " UNRECORDED;
	if (call->action == JAIL_SYSCALL_ALLOW)
		return "the call's number and arguments: with harmless arguments it is allowed";
	if (call->action == JAIL_SYSCALL_RECORD)
		return "the call's number, whatever the arguments; " RECORDED;
	return "the call's number, whatever the arguments; " UNRECORDED;
}

static const char *why_of(struct cli *cli, const struct jail_syscall *call)
{
	const char *some = call->checks_args ? "some of its arguments reach beyond any sandbox; " : "";

	if (is_alone(call))
		return arena_printf(&cli->arena,
			"%sthe level landlock, where nothing else keeps it in, refuses: %s", some,
			call->alone_why);
	if (call->action == JAIL_SYSCALL_ALLOW)
		return "some of its arguments reach beyond the sandbox";
	return call->action == JAIL_SYSCALL_RECORD ?
		arena_printf(&cli->arena, "a way around the sandbox: %s", call->why) : call->why;
}

static const char *todo_of(const struct jail_syscall *call)
{
	return is_alone(call) ?
		"do without it, or run at the level namespaces, which allows it where it reaches nothing of the host's" :
		"do without it: no preset of this version allows it, and no configuration does; what needs it has "
		"to run outside of the sandbox";
}

const struct floor_rule *rules_find_call(struct cli *cli, const char *name)
{
	size_t count;
	const struct jail_syscall *calls = jail_syscalls(&count);
	struct floor_rule *rule;

	if (strncmp(name, prefix, strlen(prefix)))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(calls[i].name, name + strlen(prefix)) || !is_rule(&calls[i]))
			continue;
		rule = arena_alloc(&cli->arena, sizeof(*rule));
		if (!rule)
			return NULL;
		*rule = (struct floor_rule){
			.id = arena_copy(&cli->arena, name, strlen(name)),
			.verdict = VERDICT_DENY,
			.severity = SEVERITY_MEDIUM,
			.what = arena_printf(&cli->arena, "the system call %s", calls[i].name),
			.why = why_of(cli, &calls[i]),
			.looks = looks_of(&calls[i]),
			.todo = todo_of(&calls[i]),
			.example = arena_printf(&cli->arena, "a program that calls %s() gets an error",
				calls[i].name),
		};
		return rule->id && rule->what && rule->why && rule->example ? rule : NULL;
	}
	return NULL;
}
