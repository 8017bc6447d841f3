// SPDX-License-Identifier: Apache-2.0
/*
 * probe.c - the launcher as prober: what could this very program do here?
 *
 * `cordon doctor` starts it, since rights may hang on the program (an AppArmor profile of the launcher, for
 * one) and the command line enters no namespace. It takes no plan and has no supervisor.
 */
#include "jail/identity.h"
#include "jail/probe.h"
#include "kern/kern.h"
#include "roles/launcher/launcher.h"

#include <errno.h>
#include <sys/prctl.h>

enum {
	EXIT_FAILED = 125,
	WORDS = 9,
};

static int read_id(const char *text, uint32_t *ret)
{
	uint64_t value;
	int r = str_to_u64(str_from(text), UINT32_MAX - 1, &value);

	if (r >= 0)
		*ret = (uint32_t)value;
	return r;
}

int probe_run(int argc, char **argv)
{
	struct jail_probe_inputs inputs = { 0 };
	struct jail_facts facts;
	sigset_t all;
	int r;

	if (argc != WORDS || strcmp(argv[1], "probe"))
		return EXIT_FAILED;
	r = read_id(argv[2], &inputs.identity.uid);
	if (r >= 0)
		r = read_id(argv[3], &inputs.identity.gid);
	if (r >= 0)
		r = kern_close_range(JAIL_FD_FACTS + 1, ~0u, 0);
	/* What it makes it has to remove again: nothing but SIGKILL stops it, and it does not take long. */
	sigfillset(&all);
	if (r >= 0)
		r = kern_sigprocmask(SIG_SETMASK, &all, NULL);
	if (r >= 0)
		r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r < 0)
		return EXIT_FAILED;
	inputs.identity.is_container_root = !strcmp(argv[4], "container-root");
	if (inputs.identity.is_container_root && !jail_identity_is_contained())
		return EXIT_FAILED;
	inputs.identity.user = argv[5];
	inputs.identity.home = "/";
	inputs.state = argv[6];
	inputs.storage = argv[7];
	inputs.workspace = argv[8];
	jail_probe_host(&inputs, JAIL_FD_FACTS, &facts);
	return 0;
}
