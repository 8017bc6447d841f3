// SPDX-License-Identifier: Apache-2.0
/*
 * plan_names.c - who says inside of a sandbox what a name stands for
 *
 * Source: resolv.conf(5), hosts(5)
 */
#include "jail/plan_internal.h"

#include <errno.h>

static int cover(struct arena *arena, const char *target, const char *content, struct jail_step *ret)
{
	*ret = (struct jail_step){ .kind = JAIL_STEP_FILE, .mode = 0444,
		.target = target ? arena_copy(arena, target, strlen(target)) : NULL,
		.content = content ? str_from(content) : (struct str){ 0 } };
	return ret->target && content ? 0 : -ENOMEM;
}

int jail_plan_add_names(struct arena *arena, const struct jail_inputs *inputs, struct jail_step *steps,
	size_t *count, struct error *err)
{
	const char *hosts = arena_printf(arena,
		"127.0.0.1\tlocalhost\n127.0.1.1\t%s\n::1\tlocalhost ip6-localhost ip6-loopback\n",
		inputs->hostname);
	size_t added = 0;
	int r = 0;

	/* Where there is none, every C library asks 127.0.0.1 by itself. */
	if (inputs->host->resolver)
		r = cover(arena, inputs->host->resolver,
			"# cordon's gateway, which answers for the hosts that this session may reach\n"
			"nameserver 127.0.0.1\noptions edns0\n",
			&steps[added++]);
	if (r >= 0 && inputs->host->has_hosts)
		r = cover(arena, "/etc/hosts", hosts, &steps[added++]);
	if (r < 0)
		return error_sys(err, r, "the sandbox's /etc/resolv.conf and /etc/hosts");
	*count += added;
	return 0;
}
