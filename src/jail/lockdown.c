// SPDX-License-Identifier: Apache-2.0
/*
 * lockdown.c - take away what is not needed any more
 */
#include "jail/lockdown.h"

#include "base/fd.h"
#include "jail/identity.h"
#include "jail/landlock.h"
#include "jail/seccomp.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

int jail_lockdown_network(struct error *err)
{
	scoped(fd) int fd = kern_socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int r = fd < 0 ? fd : kern_ioctl(fd, SIOCSIFFLAGS, &request);

	return r < 0 ? error_sys(err, r, "cannot bring up the sandbox's loopback interface") : 0;
}

int jail_lockdown_name(const struct jail_plan *plan, struct error *err)
{
	int r = kern_sethostname(plan->hostname, strlen(plan->hostname));

	if (r >= 0)
		return 0;
	(void)error_sys(err, r, "cannot name the sandbox");
	/*
	 * Namespaces could be made, so it is not the host that refuses: a filter that goes by capabilities
	 * is.
	 */
	if (r == -EPERM)
		error_hint(err,
			"a filter of system calls around cordon refuses it, most likely a container's: start that container without one (podman: --security-opt seccomp=unconfined)");
	return r;
}

/* A kernel without keys (ENOSYS) has none that could be shared. */
static int leave_keyring(struct error *err)
{
	int r = kern_keyctl_join(NULL);

	return r < 0 && r != -ENOSYS ? error_sys(err, r, "cannot leave the session keyring") : 0;
}

int jail_lockdown(const struct jail_plan *plan, const int fds[3], bool pin_affinity, int *ret_abi,
	struct error *err)
{
	int abi, r = leave_keyring(err);

	if (r >= 0)
		r = plan->level == JAIL_LEVEL_LANDLOCK ? jail_identity_drop_own(err) :
		jail_identity_drop(err);
	if (r < 0)
		return r;
	r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (r >= 0)
		r = kern_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (r < 0)
		return error_sys(err, r, "cannot give up privileges");
	abi = jail_landlock_restrict(plan, fds, err);
	if (abi < 0)
		return abi;
	r = jail_seccomp_restrict(plan->preset, pin_affinity, err);
	if (r >= 0)
		*ret_abi = abi;
	return r;
}
