// SPDX-License-Identifier: Apache-2.0
/*
 * plan_print.c - the plan for a person
 *
 * One fact a line, in the order in which the launcher makes it true. Paths and arguments are quoted: a
 * project may have any name. Values of environment variables are left out: they may be secrets, and names say
 * what is passed.
 */
#include "base/quote.h"
#include "base/units.h"
#include "jail/plan.h"

#include <errno.h>

/* A plan may be looked at before it is checked: what it lacks is empty. */
static void put_quoted(struct buf *buf, const char *text)
{
	(void)buf_append_char(buf, '\'');
	(void)quote_append(buf, str_from(text ? text : ""));
	(void)buf_append_char(buf, '\'');
}

static void put_size(struct buf *buf, uint64_t bytes)
{
	char text[UNITS_TEXT_SIZE];

	units_format_size(bytes, text);
	(void)buf_append_str(buf, text);
}

static void put_flags(struct buf *buf, const struct jail_step *step)
{
	bool mounts = step->kind == JAIL_STEP_TMPFS || step->kind == JAIL_STEP_BIND ||
		step->kind == JAIL_STEP_OVERLAY;

	if (mounts)
		(void)buf_printf(buf, " %s%s", step->flags & JAIL_STEP_WRITABLE ? "read-write" : "read-only",
			step->flags & JAIL_STEP_EXEC ? "" : " no-exec");
	if (step->flags & JAIL_STEP_LIVE)
		(void)buf_append_str(buf, " LIVE (writes reach the host at once)");
	if (step->flags & JAIL_STEP_IDMAP)
		(void)buf_printf(buf, " owner %u:%u on disk is the agent", step->owner_uid, step->owner_gid);
	if (step->flags & JAIL_STEP_OPTIONAL)
		(void)buf_append_str(buf, " where it exists");
}

static void put_step(struct buf *buf, const struct jail_step *step)
{
	(void)buf_printf(buf, "  %-8s ", jail_step_kind_name(step->kind));
	put_quoted(buf, step->target);
	if (step->kind == JAIL_STEP_SYMLINK) {
		(void)buf_append_str(buf, " -> ");
		put_quoted(buf, step->source);
	} else if (step->source && strcmp(step->source, step->target)) {
		(void)buf_append_str(buf, " from ");
		put_quoted(buf, step->source);
	}
	if (step->kind == JAIL_STEP_TMPFS) {
		(void)buf_append_str(buf, " of ");
		put_size(buf, step->size_bytes);
	}
	put_flags(buf, step);
	(void)buf_append_char(buf, '\n');
	if (step->upper) {
		(void)buf_append_str(buf, "           writes go to ");
		put_quoted(buf, step->upper);
		(void)buf_append_char(buf, '\n');
	}
	for (size_t i = 0; i < step->hide_count; i++) {
		(void)buf_append_str(buf, "           without ");
		put_quoted(buf, step->hides[i]);
		(void)buf_append_char(buf, '\n');
	}
}

static void put_rule(struct buf *buf, const struct jail_rule *rule)
{
	static const char letters[] = {
#define LETTER(access, bit, name) [bit] = (name)[0],
		JAIL_ACCESSES(LETTER)
#undef LETTER
	};

	(void)buf_append_str(buf, "  ");
	for (size_t i = 0; i < sizeof(letters); i++)
		(void)buf_append_char(buf, rule->access & 1u << i ? letters[i] : '-');
	(void)buf_append_char(buf, ' ');
	put_quoted(buf, rule->path);
	(void)buf_append_char(buf, '\n');
}

static void put_tcp(struct buf *buf, const char *what, const struct jail_tcp *tcp)
{
	(void)buf_printf(buf, "  %-8s ", what);
	if (tcp->any)
		(void)buf_append_str(buf, "any port of the sandbox's own loopback");
	else if (!tcp->port_count)
		(void)buf_append_str(buf, "nothing");
	for (size_t i = 0; !tcp->any && i < tcp->port_count; i++)
		(void)buf_printf(buf, "%s%u", i ? " " : "port ", tcp->ports[i]);
	(void)buf_append_char(buf, '\n');
}

static void put_limits(struct buf *buf, const struct jail_limits *limits)
{
	(void)buf_append_str(buf, "limits\n");
	for (int i = 0; i < JAIL_LIMIT_COUNT; i++) {
		uint64_t value = jail_limit_get(limits, (enum jail_limit)i);

		(void)buf_printf(buf, "  %-10s ", jail_limit_name((enum jail_limit)i));
		if (value == JAIL_UNLIMITED)
			(void)buf_append_str(buf, "none");
		else if (i == JAIL_LIMIT_CPU)
			(void)buf_printf(buf, "%llu.%03llu", (unsigned long long)value / 1000,
				(unsigned long long)value % 1000);
		else if (i == JAIL_LIMIT_MEMORY || i == JAIL_LIMIT_FILE_SIZE)
			put_size(buf, value);
		else
			(void)buf_printf(buf, "%llu", (unsigned long long)value);
		(void)buf_append_char(buf, '\n');
	}
}

static void put_command(struct buf *buf, const struct jail_command *command)
{
	static const char *const stdio[] = {
		[JAIL_STDIO_NULL] = "null", [JAIL_STDIO_INHERIT] = "inherited", [JAIL_STDIO_TTY] = "terminal",
	};

	(void)buf_append_str(buf, "command\n  argv    ");
	for (size_t i = 0; i < command->argc; i++) {
		(void)buf_append_char(buf, ' ');
		put_quoted(buf, command->argv[i]);
	}
	(void)buf_append_str(buf, "\n  cwd      ");
	put_quoted(buf, command->cwd);
	(void)buf_printf(buf, "\n  umask    %04o\n  stdio    %s %s %s\n  env     ", command->umask,
		stdio[command->stdio[0]], stdio[command->stdio[1]], stdio[command->stdio[2]]);
	for (size_t i = 0; i < command->env_count; i++) {
		struct str name, value;

		(void)str_cut(str_from(command->env[i]), '=', &name, &value);
		(void)buf_append_char(buf, ' ');
		(void)quote_append(buf, name);
	}
	(void)buf_append_char(buf, '\n');
}

static void put_groups(struct buf *buf, const struct jail_identity *identity)
{
	(void)buf_append_str(buf, "\n  groups  ");
	for (size_t i = 0; i < identity->group_count; i++)
		(void)buf_printf(buf, " %u", identity->groups[i]);
	(void)buf_append_str(buf, " (kept: an ordinary user cannot leave them)");
}

/* What the agent lives in: a world of its own, or the host's. */
static void put_world(struct buf *buf, const struct jail_plan *plan)
{
	if (plan->level == JAIL_LEVEL_NAMESPACES) {
		(void)buf_printf(buf,
			"namespaces\n  user mount pid net ipc uts cgroup time; hostname %s\nfiles\n",
			plan->hostname);
		for (size_t i = 0; i < plan->step_count; i++)
			put_step(buf, &plan->steps[i]);
		return;
	}
	(void)buf_append_str(buf,
		"namespaces\n  none: the host's own, at the level landlock\nmay be changed\n");
	for (size_t i = 0; i < plan->own_count; i++) {
		(void)buf_append_str(buf, "  ");
		put_quoted(buf, plan->own[i]);
		(void)buf_append_char(buf, '\n');
	}
}

int jail_plan_print(struct buf *buf, const struct jail_plan *plan)
{
	(void)buf_printf(buf, "session %s\nidentity\n  id       %u:%u%s\n  user     ", plan->session,
		plan->identity.uid, plan->identity.gid,
		plan->identity.is_container_root ? " (outside, root of this container)" : "");
	put_quoted(buf, plan->identity.user);
	(void)buf_append_str(buf, "\n  home     ");
	put_quoted(buf, plan->identity.home);
	if (plan->identity.group_count)
		put_groups(buf, &plan->identity);
	(void)buf_append_char(buf, '\n');
	put_world(buf, plan);
	(void)buf_append_str(buf, "landlock (list read execute write change device)\n");
	for (size_t i = 0; i < plan->rule_count; i++)
		put_rule(buf, &plan->rules[i]);
	(void)buf_append_str(buf, "tcp\n");
	put_tcp(buf, "bind", &plan->tcp_bind);
	put_tcp(buf, "connect", &plan->tcp_connect);
	(void)buf_printf(buf, "network\n  %s\n", plan->proxies_only ?
		"loopback; the gateway answers for names and is a proxy, and nothing else leads out" :
		plan->gateway ?
		"loopback; whatever else is connected to or looked up, the gateway is asked" :
		"loopback, and no way out");
	(void)buf_printf(buf, "system calls\n  preset   %s%s\n", jail_preset_name(plan->preset),
		plan->notify ? ", refusals and renames go through the supervisor" : "");
	put_limits(buf, &plan->limits);
	put_command(buf, &plan->command);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}
