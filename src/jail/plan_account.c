// SPDX-License-Identifier: Apache-2.0
/*
 * plan_account.c - who the agent is: its entry in /etc/passwd and /etc/group, and its environment
 *
 * An id without a name breaks ssh, git and every prompt. The host's entry is right for an ordinary user; the
 * agents of root run under an id that the host has no name for (or one that means somebody else). Where there
 * is a gateway, the environment names its proxy.
 *
 * Source: passwd(5), group(5), environ(7)
 */
#include "jail/plan_internal.h"

#include <errno.h>

enum {
	ACCOUNTS_BYTES_MAX = 4 << 20,
	PROXY_VARIABLES = 8,
};

#define PROXY "http://127.0.0.1:3128"
#define OWN_HOSTS "localhost,127.0.0.1,::1"

#define PATH_DEFAULT "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

/* Field @index of a line whose fields are separated by colons. */
static struct str field(struct str line, size_t index)
{
	struct str head = { 0 };

	while (str_cut(line, ':', &head, &line) && index)
		index--;
	return index ? (struct str){ 0 } : head;
}

static bool field_is(struct str line, size_t index, const char *text)
{
	return str_eq(field(line, index), str_from(text));
}

/* The host's text without the lines whose name (field 0) or id (field 2) is ours, and ours in front. */
static int replace_line(struct buf *buf, struct str text, const char *own_line, const char *name,
	const char *id)
{
	struct str line;

	(void)buf_append_str(buf, own_line);
	while (text.len) {
		(void)str_cut(text, '\n', &line, &text);
		if (!line.len || field_is(line, 0, name) || field_is(line, 2, id))
			continue;
		(void)buf_append(buf, line.data, line.len);
		(void)buf_append_char(buf, '\n');
	}
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

static int cover(struct arena *arena, const char *target, struct str text, const char *own_line,
	const char *name, const char *id, struct jail_step *ret)
{
	scoped(buf) struct buf buf = BUF_INIT(ACCOUNTS_BYTES_MAX);
	const char *content;
	int r = replace_line(&buf, text, own_line, name, id);

	if (r < 0)
		return r;
	content = arena_copy(arena, buf.data, buf.len);
	if (!content)
		return -ENOMEM;
	*ret = (struct jail_step){ .kind = JAIL_STEP_FILE, .target = target, .content = { content, buf.len },
		.mode = 0444 };
	return 0;
}

static bool passwd_has(struct str text, const struct jail_identity *identity, const char *uid)
{
	struct str line;

	while (text.len) {
		(void)str_cut(text, '\n', &line, &text);
		if (field_is(line, 2, uid))
			return field_is(line, 0, identity->user) && field_is(line, 5, identity->home);
	}
	return false;
}

static bool group_has(struct str text, const char *gid)
{
	struct str line;

	while (text.len) {
		(void)str_cut(text, '\n', &line, &text);
		if (field_is(line, 2, gid))
			return true;
	}
	return false;
}

int jail_plan_add_account(struct arena *arena, const struct jail_inputs *inputs, struct jail_step *steps,
	size_t *count, struct error *err)
{
	const struct jail_identity *identity = &inputs->identity;
	const struct jail_host *host = inputs->host;
	const char *uid = arena_printf(arena, "%u", identity->uid);
	const char *gid = arena_printf(arena, "%u", identity->gid);
	const char *account, *group;
	size_t added = 0;
	int r = 0;

	account = arena_printf(arena, "%s:x:%u:%u::%s:/bin/sh\n", identity->user, identity->uid,
		identity->gid, identity->home);
	group = arena_printf(arena, "%s:x:%u:\n", identity->user, identity->gid);
	if (!uid || !gid || !account || !group)
		return error_sys(err, -ENOMEM, "the sandbox plan");
	if (!passwd_has(host->passwd, identity, uid))
		r = cover(arena, "/etc/passwd", host->passwd, account, identity->user, uid, &steps[added++]);
	if (r >= 0 && !group_has(host->group, gid))
		r = cover(arena, "/etc/group", host->group, group, identity->user, gid, &steps[added++]);
	if (r < 0)
		return error_sys(err, r, "the sandbox's /etc/passwd and /etc/group");
	*count += added;
	return 0;
}

static struct str name_of(const char *variable)
{
	struct str name, value;

	(void)str_cut(str_from(variable), '=', &name, &value);
	return name;
}

/* A later variable of the same name takes the place of the earlier one. */
static void put(const char **env, size_t *count, const char *variable)
{
	for (size_t i = 0; i < *count; i++) {
		if (!str_eq(name_of(env[i]), name_of(variable)))
			continue;
		env[i] = variable;
		return;
	}
	env[(*count)++] = variable;
}

static bool is_passed(struct jail_paths pass, struct str name)
{
	for (size_t i = 0; i < pass.count; i++)
		if (str_match_glob(str_from(pass.items[i]), name))
			return true;
	return false;
}

static size_t count_environment(const char *const *environment)
{
	size_t count = 0;

	while (environment && environment[count])
		count++;
	return count;
}

static int put_set(const struct jail_inputs *inputs, const char **env, size_t *count, struct error *err)
{
	for (size_t i = 0; i < inputs->env_set.count; i++) {
		const char *variable = inputs->env_set.items[i];
		struct str name = name_of(variable);

		if (!name.len || name.len == strlen(variable))
			return error_set(err, -EINVAL, "'%s' is not NAME=value", quote_cstr(variable).text);
		put(env, count, variable);
	}
	return 0;
}

/*
 * For programs that are told of a proxy; the others are caught (jail/network.h). There is no standard, and
 * some look at one spelling only. What is on the sandbox's own loopback needs no proxy.
 */
static void put_proxies(const char **env, size_t *count)
{
	static const char *const variables[] = {
		"HTTP_PROXY=" PROXY, "http_proxy=" PROXY, "HTTPS_PROXY=" PROXY, "https_proxy=" PROXY,
		"ALL_PROXY=" PROXY, "all_proxy=" PROXY, "NO_PROXY=" OWN_HOSTS, "no_proxy=" OWN_HOSTS,
	};

	static_assert(ARRAY_SIZE(variables) == PROXY_VARIABLES, "there is room for them");
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		put(env, count, variables[i]);
}

int jail_plan_build_env(struct arena *arena, const struct jail_inputs *inputs, struct jail_command *command,
	struct error *err)
{
	const struct jail_identity *identity = &inputs->identity;
	size_t host_count = count_environment(inputs->environment), count = 0;
	const char **env = arena_alloc_array(arena, host_count + inputs->env_set.count + PROXY_VARIABLES + 16,
		sizeof(*env));
	const char *home = arena_printf(arena, "HOME=%s", identity->home);
	const char *user = arena_printf(arena, "USER=%s", identity->user);
	const char *logname = arena_printf(arena, "LOGNAME=%s", identity->user);
	const char *runtime = inputs->run_dir ? arena_printf(arena, "XDG_RUNTIME_DIR=%s", inputs->run_dir) :
		arena_printf(arena, "XDG_RUNTIME_DIR=/run/user/%u", identity->uid);
	const char *tmp = arena_printf(arena, "TMPDIR=%s", inputs->tmp_dir ? inputs->tmp_dir : "/tmp");
	int r;

	if (!env || !home || !user || !logname || !runtime || !tmp)
		return error_sys(err, -ENOMEM, "the agent's environment");
	put(env, &count, PATH_DEFAULT);
	for (size_t i = 0; i < host_count; i++)
		if (is_passed(inputs->env_pass, name_of(inputs->environment[i])))
			put(env, &count, inputs->environment[i]);
	put(env, &count, home);
	put(env, &count, user);
	put(env, &count, logname);
	put(env, &count, runtime);
	if (inputs->tmp_dir)
		put(env, &count, tmp);
	if (inputs->gateway)
		put_proxies(env, &count);
	r = put_set(inputs, env, &count, err);
	if (r < 0)
		return r;
	command->env = env;
	command->env_count = count;
	return 0;
}
