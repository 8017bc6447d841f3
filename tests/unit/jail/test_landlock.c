// SPDX-License-Identifier: Apache-2.0
/*
 * test_landlock.c - what a plan becomes where Landlock is of another version
 *
 * The kernel is replaced: it has the version that a test says, keeps what it is asked for, and confines
 * nobody but who tries whether it does. tests/live has the real one, and `make vm` those of older kernels.
 */
#include "jail/landlock.h"

#include "jail/probe_internal.h"
#include "kern/file.h"
#include "kern/landlock.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	int abi;
	struct kern_landlock handled;	/* by the domain; what was not handed over is zero */
	size_t handed_bytes;
	uint64_t granted;		/* by any rule on files */
	unsigned rules, restricted;
} kernel;

static int ruleset(const void *attr, size_t size, UNUSED unsigned flags)
{
	if (!attr)
		return kernel.abi;
	kernel.handed_bytes = size;
	memcpy(&kernel.handled, attr, size);
	return kern_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
}

static int add_rule(UNUSED int fd, int type, const void *attr)
{
	if (type == LANDLOCK_RULE_PATH_BENEATH)
		kernel.granted |= ((const struct landlock_path_beneath_attr *)attr)->allowed_access;
	kernel.rules++;
	return 0;
}

static int restrict_self(UNUSED int fd, UNUSED unsigned flags)
{
	kernel.restricted++;
	return 0;
}

static int put_on(int abi, bool tcp, enum jail_level level, struct error *err)
{
	static const struct jail_rule rules[] = { { .path = "/", .access = UINT32_MAX },
		{ .path = "/nowhere/at/all", .access = UINT32_MAX } };
	const struct jail_plan plan = { .level = level, .rules = rules, .rule_count = ARRAY_SIZE(rules),
		.tcp_bind.any = tcp, .tcp_connect.any = tcp };
	static const int fds[3] = { -1, -1, -1 };
	int r;

	memset(&kernel, 0, sizeof(kernel));
	kernel.abi = abi;
	kern_ops.landlock_create_ruleset = ruleset;
	kern_ops.landlock_add_rule = add_rule;
	kern_ops.landlock_restrict_self = restrict_self;
	r = jail_landlock_restrict(&plan, fds, err);
	kern_ops = kern_ops_real;
	CHECK_INT(kernel.restricted, r >= 0);
	return r;
}

static void check_refused(int abi, bool tcp, enum jail_level level, const char *wanted)
{
	struct error err = ERROR_INIT;

	CHECK_INT(put_on(abi, tcp, level, &err), -EOPNOTSUPP);
	CHECK(strstr(err.hint, wanted));
	CHECK_INT(kernel.rules, 0);
}

TEST(an_older_one_is_refused)
{
	check_refused(-ENOSYS, true, JAIL_LEVEL_NAMESPACES, "Linux 5.19");
	check_refused(1, true, JAIL_LEVEL_NAMESPACES, "Linux 5.19");
	for (int abi = 1; abi < 6; abi++)
		check_refused(abi, true, JAIL_LEVEL_LANDLOCK, "Linux 6.12");
}

TEST(ports_are_closed_or_the_plan_is_refused)
{
	struct error err = ERROR_INIT;

	for (int abi = 2; abi < 4; abi++) {
		check_refused(abi, false, JAIL_LEVEL_NAMESPACES, "Linux 6.7");
		CHECK_INT(put_on(abi, true, JAIL_LEVEL_NAMESPACES, &err), abi);
		CHECK_INT(kernel.handed_bytes, offsetof(struct kern_landlock, net));
	}
	for (int abi = 4; abi < 8; abi++) {
		CHECK_INT(put_on(abi, false, JAIL_LEVEL_NAMESPACES, &err), abi);
		CHECK_INT(kernel.handled.net, KERN_LANDLOCK_NET_BIND_TCP | KERN_LANDLOCK_NET_CONNECT_TCP);
		CHECK_INT(put_on(abi, true, JAIL_LEVEL_NAMESPACES, &err), abi);
		CHECK_INT(kernel.handled.net, 0);
	}
}

TEST(a_newer_one_gets_what_is_known)
{
	struct error err = ERROR_INIT;

	CHECK_INT(put_on(100, true, JAIL_LEVEL_NAMESPACES, &err), JAIL_LANDLOCK_ABI_KNOWN);
	CHECK_INT(kernel.handled.fs, KERN_LANDLOCK_FS_ALL);
	CHECK_INT(kernel.handled.scoped, KERN_LANDLOCK_SCOPE_ABSTRACT | KERN_LANDLOCK_SCOPE_SIGNALS);
}

/* Whatever a rule grants. */
TEST(devices_are_never_granted)
{
	const uint64_t devices = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;
	struct error err = ERROR_INIT;

	for (int abi = 2; abi < 8; abi++) {
		CHECK_INT(put_on(abi, true, JAIL_LEVEL_NAMESPACES, &err), abi);
		CHECK_INT(kernel.handled.fs & devices, devices);
		CHECK_INT(kernel.granted & devices, 0);
		CHECK_INT(kernel.granted & ~kernel.handled.fs, 0);
		CHECK(kernel.granted & LANDLOCK_ACCESS_FS_WRITE_FILE);
		CHECK_INT(kernel.rules, 1);
	}
}

/* ---- what `cordon doctor` tries ---- */

static int ruleset_of_version(const void *attr, size_t size, unsigned flags)
{
	return attr ? kern_ops_real.landlock_create_ruleset(attr, size, flags) : kernel.abi;
}

static int try_in_child(void)
{
	struct probe_scene scene = { .plan.level = JAIL_LEVEL_NAMESPACES };
	struct jail_fact fact = { 0 };
	struct error err = ERROR_INIT;
	int status = -1;
	pid_t pid = fork();

	if (pid)
		return waitpid(pid, &status, 0) == pid ? status : -1;
	kern_ops.landlock_create_ruleset = ruleset_of_version;
	for (size_t i = 0; i < probe_attempt_count; i++)
		if (probe_attempts[i].probe == JAIL_PROBE_LANDLOCK)
			_exit(probe_attempts[i].try(&scene, &fact, &err) < 0 || fact.value != kernel.abi);
	_exit(2);
}

/* The kernel is the real one, and says that it is older. */
TEST(an_older_one_is_found_to_protect)
{
	int newest = kern_landlock_abi();

	if (newest < 2)
		TEST_SKIP("landlock");
	for (kernel.abi = 2; kernel.abi <= newest; kernel.abi++)
		CHECK_INT(try_in_child(), 0);
}

TEST_MAIN()
