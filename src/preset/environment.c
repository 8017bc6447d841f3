// SPDX-License-Identifier: Apache-2.0
/*
 * environment.c - what tools are started with
 *
 * The user's environment is where much of a tool's configuration stands, so it is handed on; but a tool is
 * run for what it knows of the user, and nothing that an agent could have written may make it do something
 * else. Variables that name a place in the workspace are left out, and so are those by which interpreters
 * load code.
 */
#include "preset/tool.h"

#include "base/path.h"
#include "kern/file.h"

#include <errno.h>

enum {
	VARIABLES_MAX = 4096,
};

static const char *const loaders[] = {
	"BASH_ENV", "ENV", "JAVA_TOOL_OPTIONS", "LD_AUDIT", "LD_PRELOAD", "NODE_OPTIONS", "NODE_PATH",
	"OLDPWD", "PATH", "PERL5LIB", "PERL5OPT", "PWD", "PYTHONPATH", "PYTHONSTARTUP", "RUBYLIB", "RUBYOPT",
	/* Ours, so that what is printed is not translated and not coloured. */
	"LC_ALL", "LANGUAGE", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE",
};

const char *tool_variable(char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; envp && envp[i]; i++)
		if (!strncmp(envp[i], name, len) && envp[i][len] == '=' && envp[i][len + 1])
			return envp[i] + len + 1;
	return NULL;
}

/* A path in the user's words, which may lead to the workspace by links. */
static bool leads_into(const struct tool_host *host, const char *path)
{
	char real[PATH_TEXT_MAX];
	ssize_t n = kern_real_path(path, real, sizeof(real));

	return n > 0 && (size_t)n < sizeof(real) &&
		path_is_beneath((struct str){ real, (size_t)n }, str_from(host->workspace));
}

/* Whether a path stands in a text, whole or with more behind it. */
static bool names_path(struct str text, const char *path)
{
	size_t len = strlen(path);
	const char *at;

	while ((at = memmem(text.data, text.len, path, len))) {
		text.len -= (size_t)(at - text.data) + len;
		text.data = at + len;
		/* "/home/ann/project2" is not in "/home/ann/project". */
		if (!text.len || !(ascii_is_alnum(text.data[0]) || strchr("-_.", text.data[0])))
			return true;
	}
	return false;
}

static bool is_passed(const struct tool_host *host, const char *variable)
{
	struct str name, value;
	const char *current = tool_variable(host->envp, "PWD");

	if (!str_cut(str_from(variable), '=', &name, &value))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++)
		if (str_eq(name, str_from(loaders[i])))
			return false;
	if (names_path(value, host->workspace))
		return false;
	/* The workspace as the shell calls it, where links lead there. */
	if (current && current[0] == '/' && current[1] && names_path(value, current) &&
			leads_into(host, current))
		return false;
	return value.len && value.data[0] == '/' ? !leads_into(host, value.data) : true;
}

static int make_path(struct tool_host *host)
{
	const char *path = tool_variable(host->envp, "PATH");
	struct str rest = str_from(path ? path : "/usr/local/bin:/usr/bin:/bin"), dir;
	scoped(buf) struct buf kept = BUF_INIT(1 << 17);

	for (bool more = true; more;) {
		char real[PATH_TEXT_MAX];
		const char *copy;
		ssize_t n;

		more = str_cut(rest, ':', &dir, &rest);
		copy = arena_copy(host->arena, dir.data, dir.len);
		if (!copy)
			return -ENOMEM;
		n = dir.len && dir.data[0] == '/' ? kern_real_path(copy, real, sizeof(real)) : -EINVAL;
		if (n <= 0 || (size_t)n >= sizeof(real))
			continue;
		real[n] = '\0';
		if (tool_path_is_safe(host, real))
			(void)buf_printf(&kept, "%s%s", kept.len ? ":" : "", real);
	}
	host->path = buf_failed(&kept) ? NULL : arena_copy(host->arena, buf_text(&kept), kept.len);
	return host->path ? 0 : -ENOMEM;
}

int tool_environment(struct tool_host *host)
{
	static char locale[] = "LC_ALL=C.UTF-8", colour[] = "NO_COLOR=1";
	size_t count = 0, kept = 0;
	char **envp;

	if (make_path(host) < 0)
		return -ENOMEM;
	while (host->envp[count] && count < VARIABLES_MAX)
		count++;
	envp = arena_alloc_array(host->arena, count + 4, sizeof(*envp));
	if (!envp)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (is_passed(host, host->envp[i]))
			envp[kept++] = host->envp[i];
	envp[kept++] = locale;
	envp[kept++] = colour;
	envp[kept] = arena_printf(host->arena, "PATH=%s", host->path);
	host->tool_envp = envp;
	return envp[kept] ? 0 : -ENOMEM;
}
