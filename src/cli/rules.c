// SPDX-License-Identifier: Apache-2.0
/*
 * rules.c - the rules that a person can name: the floor's, the one that a commit itself asks about, and
 * whatever policies call theirs
 */
#include "cli/rules.h"

#include "base/quote.h"
#include "run/commit.h"

#include <errno.h>

/* No rule of the judgement: the committer finds it when it compares the workspace with what the agent saw. */
static const struct floor_rule stale = {
	.id = RUN_ACCEPT_STALE,
	.verdict = VERDICT_ASK,
	.severity = SEVERITY_MEDIUM,
	.what = "changed in the workspace while the agent worked",
	.why = "the agent may not have seen that change, and the commit would replace it",
	.todo = "look at `cordon diff`, which compares with the workspace as it is now, then accept it",
	.looks =
		"the times of every file that the changeset touches: later than the session's beginning, but not "
		"different from what the changeset was compared with",
	.example =
		"while the session runs, on the host: echo more >> README; in the session: echo other > README",
};

const struct floor_rule *rules_find(const char *name)
{
	return strcmp(name, stale.id) ? floor_find_rule(name) : &stale;
}

bool rules_may_be(const char *name)
{
	static const char *const ours[] = { "floor/", "config/", "conflict/", "seccomp/", "policy/" };

	if (rules_find(name))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (str_starts_with(str_from(name), str_from(ours[i])))
			return false;
	if (!ascii_is_alnum(*name))
		return false;
	for (const char *c = name; *c; c++)
		if (!ascii_is_alnum(*c) && !strchr("._-/:", *c))
			return false;
	return true;
}

int rules_fail_unknown(struct cli *cli, int exit_code, const char *name)
{
	struct error err = ERROR_INIT;
	const char *near = floor_nearest_rule(name), *const stale_name = stale.id;

	if (!near)
		near = str_nearest(str_from(name), &stale_name, 1);
	error_set(&err, -ENOENT, "there is no rule '%s'", quote_cstr(name).text);
	if (near)
		error_hint(&err, "Did you mean '%s'? `cordon policy rules` lists them all.", near);
	else
		error_hint(&err, "`cordon policy rules` lists them.");
	return cli_fail(cli, exit_code, &err);
}
