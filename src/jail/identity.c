// SPDX-License-Identifier: Apache-2.0
/*
 * identity.c - who the agent is to the kernel
 */
#include "jail/identity.h"

#include "base/fd.h"
#include "jail/apply_internal.h"
#include "jail/proc.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	PROC_PATH_SIZE = 64,
	MAP_TEXT_SIZE = 256,
	UID_MAP_BYTES_MAX = 65536,	/* 340 lines at the most */
	CAPABILITIES_MAX = 64,
	SECUREBITS = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
		SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
		SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
};

static int write_proc(const char *proc_dir, const char *name, const char *text)
{
	char path[PROC_PATH_SIZE];
	scoped(fd) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", proc_dir, name);
	fd = kern_open(AT_FDCWD, path, O_WRONLY, 0);
	if (fd < 0)
		return fd;
	n = kern_write(fd, text, strlen(text));	/* these files take one whole write */
	return n < 0 ? (int)n : 0;
}

/* What @id is outside. Returns 1 there is an answer; 0 nobody; or negative errno. */
static int look_up(const char *path, uint64_t id, uint64_t *ret)
{
	scoped(buf) struct buf buf = BUF_INIT(UID_MAP_BYTES_MAX);
	struct str rest, line;
	uint64_t map[3];
	int r = kern_read_file(AT_FDCWD, path, &buf);

	if (r < 0)
		return r;
	rest = (struct str){ buf_text(&buf), buf.len };
	while (rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		if (!proc_read_map(line, map) || id < map[0] || id - map[0] >= map[2])
			continue;
		*ret = map[1] + id - map[0];
		return 1;
	}
	return 0;
}

bool jail_identity_is_contained(void)
{
	uint64_t uid = 0, gid = 0;

	return look_up("/proc/self/uid_map", 0, &uid) > 0 && uid &&
		look_up("/proc/self/gid_map", 0, &gid) > 0 && gid;
}

bool jail_identity_is_known(const struct jail_identity *identity)
{
	uint64_t outside;

	return look_up("/proc/self/uid_map", jail_identity_outer_uid(identity), &outside) != 0 &&
		look_up("/proc/self/gid_map", jail_identity_outer_gid(identity), &outside) != 0;
}

int jail_identity_map(const char *proc_dir, const struct jail_identity *identity, struct error *err)
{
	char text[MAP_TEXT_SIZE];
	int r = write_proc(proc_dir, "setgroups", "deny");

	if (r >= 0) {
		snprintf(text, sizeof(text), "%u %u 1\n", identity->gid, jail_identity_outer_gid(identity));
		r = write_proc(proc_dir, "gid_map", text);
	}
	if (r >= 0) {
		snprintf(text, sizeof(text), "%u %u 1\n", identity->uid, jail_identity_outer_uid(identity));
		r = write_proc(proc_dir, "uid_map", text);
	}
	if (r >= 0)
		return 0;
	(void)error_sys(err, r, "cannot map user %u and group %u into the sandbox", identity->uid,
		identity->gid);
	if (r == -EPERM || r == -EACCES)
		error_hint(err,
			"this host restricts user namespaces; `cordon doctor` says how to allow them, or do without: --level landlock");
	return r;
}

int jail_identity_groups(gid_t gid, struct arena *arena, const gid_t **ret, size_t *ret_count)
{
	int count = kern_getgroups(0, NULL);
	gid_t *groups = count < 0 ? NULL : arena_alloc_array(arena, (size_t)count + 1, sizeof(*groups));
	size_t kept = 0;

	if (count < 0 || !groups)
		return MIN(count, -ENOMEM);
	count = kern_getgroups(count, groups);
	for (int i = 0; i < count; i++)
		if (groups[i] != gid)
			groups[kept++] = groups[i];
	*ret = groups;
	*ret_count = kept;
	return MIN(count, 0);
}

static bool is_known(const struct jail_identity *identity, gid_t group)
{
	for (size_t i = 0; i < identity->group_count; i++)
		if (identity->groups[i] == group)
			return true;
	return false;
}

int jail_identity_check_groups(const struct jail_identity *identity, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(JAIL_GROUPS_MAX * sizeof(gid_t) * 2);
	const gid_t *groups;
	size_t count = 0;
	int r = jail_identity_groups(identity->gid, &arena, &groups, &count);

	if (r < 0)
		return error_sys(err, r, "cannot read the launcher's groups");
	for (size_t i = 0; i < count; i++)
		if (!is_known(identity, groups[i]))
			return error_set(err, -EPERM,
				"the agent would keep group %u, of which the plan says nothing", groups[i]);
	return 0;
}

int jail_identity_become(const struct jail_identity *identity, struct error *err)
{
	int r = kern_prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0);

	if (r >= 0)
		r = kern_setresgid(identity->gid, identity->gid, identity->gid);
	if (r >= 0)
		r = kern_setresuid(identity->uid, identity->uid, identity->uid);
	return r < 0 ? error_sys(err, r, "cannot become user %u in the sandbox", identity->uid) : 0;
}

int jail_identity_drop(struct error *err)
{
	int r = kern_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

	/* EINVAL: the kernel knows no capability of that number, nor a higher one. */
	for (unsigned long cap = 0; cap < CAPABILITIES_MAX && r >= 0; cap++)
		r = kern_prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (r >= 0 || r == -EINVAL)
		r = kern_capset(0, 0, 0);
	return r < 0 ? error_sys(err, r, "cannot drop capabilities") : 0;
}

int jail_identity_drop_own(struct error *err)
{
	int r = kern_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);

	if (r >= 0)
		r = kern_capset(0, 0, 0);
	return r < 0 ? error_sys(err, r, "cannot drop capabilities") : 0;
}

/* ---- owner maps ---- */

/* How many ids this user namespace knows, counted from 0. */
static int count_ids(uint64_t *ret)
{
	scoped(buf) struct buf buf = BUF_INIT(UID_MAP_BYTES_MAX);
	struct str line, rest;
	uint64_t numbers[3];
	int r = kern_read_file(AT_FDCWD, "/proc/self/uid_map", &buf);

	if (r < 0)
		return r;
	(void)str_cut((struct str){ buf_text(&buf), buf.len }, '\n', &line, &rest);
	if (!proc_read_map(line, numbers))
		return -EINVAL;
	*ret = numbers[0] ? 0 : numbers[2];
	return 0;
}

/* Identity for all ids below @count, but for @a and @b, which change places. */
static void swap_map(char text[MAP_TEXT_SIZE], uint32_t a, uint32_t b, uint64_t count)
{
	uint32_t low = MIN(a, b), high = MAX(a, b);
	size_t len = 0;

	text[0] = '\0';
	if (low)
		len += (size_t)snprintf(text, MAP_TEXT_SIZE, "0 0 %u\n", low);
	len += (size_t)snprintf(text + len, MAP_TEXT_SIZE - len, "%u %u 1\n", low, high);
	if (low == high)
		goto rest;
	if (high - low > 1)
		len += (size_t)snprintf(text + len, MAP_TEXT_SIZE - len, "%u %u %u\n", low + 1, low + 1,
			high - low - 1);
	len += (size_t)snprintf(text + len, MAP_TEXT_SIZE - len, "%u %u 1\n", high, low);
rest:
	if (high + UINT64_C(1) < count)
		(void)snprintf(text + len, MAP_TEXT_SIZE - len, "%u %u %llu\n", high + 1, high + 1,
			(unsigned long long)count - high - 1);
}

static int write_owner_maps(pid_t pid, const uint32_t uids[2], const uint32_t gids[2])
{
	char dir[PROC_PATH_SIZE], text[MAP_TEXT_SIZE];
	uint64_t count;
	int r = count_ids(&count);

	snprintf(dir, sizeof(dir), "/proc/%d", pid);
	if (r >= 0) {
		swap_map(text, gids[0], gids[1], count);
		r = write_proc(dir, "gid_map", text);
	}
	if (r >= 0) {
		swap_map(text, uids[0], uids[1], count);
		r = write_proc(dir, "uid_map", text);
	}
	return r;
}

/*
 * A user namespace exists as long as a process or a descriptor holds it: this one waits until the descriptor
 * does.
 */
static _Noreturn void hold_namespace(int pipe_fd)
{
	char byte;

	(void)kern_read(pipe_fd, &byte, sizeof(byte));
	_exit(0);
}

int jail_idmap_open(uid_t uid_on_disk, gid_t gid_on_disk, uid_t uid, gid_t gid, struct error *err)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	char path[PROC_PATH_SIZE];
	siginfo_t info;
	int hold[2], fd, r = kern_pipe2(hold, O_CLOEXEC);
	pid_t pid;

	if (r < 0)
		return error_sys(err, r, "cannot map owners: pipe");
	pid = kern_clone3(&args);
	if (!pid) {
		fd_close(hold[1]);
		hold_namespace(hold[0]);
	}
	r = pid < 0 ?
		pid :
		write_owner_maps(pid, (uint32_t[]){ uid_on_disk, uid }, (uint32_t[]){ gid_on_disk, gid });
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = r < 0 ? r : kern_open(AT_FDCWD, path, O_RDONLY, 0);
	fd_close(hold[0]);
	fd_close(hold[1]);
	if (pid > 0)
		(void)kern_waitid(P_PID, (id_t)pid, &info, WEXITED);
	if (fd < 0)
		return error_sys(err, fd, "cannot map owner %u on disk to %u in the sandbox", uid_on_disk,
			uid);
	return fd;
}
