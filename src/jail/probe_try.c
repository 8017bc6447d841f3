// SPDX-License-Identifier: Apache-2.0
/*
 * probe_try.c - the attempts: what a session does, done once and looked at
 *
 * Each runs in a child that is thrown away (probe_host.c). An attempt that only asked whether a call exists
 * would say yes where a container's filter lets it through and does nothing; so whatever protects is tried on
 * something that it has to refuse.
 */
#include "base/fd.h"
#include "jail/apply_internal.h"
#include "jail/landlock.h"
#include "jail/lockdown.h"
#include "jail/probe_internal.h"
#include "jail/seccomp.h"
#include "kern/file.h"
#include "kern/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/seccomp.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	MARK = 0x636f7264,
	NOTIF_BYTES_MAX = 256,
	PROBE_TMPFS_BYTES = 1 << 20,
	LIMIT_MEMORY_BYTES = 1 << 30,
	LIMIT_PIDS = 64,
	BITS_PER_MECHANISM = 4,
};

#define ALL_BUT_TIME \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | \
	CLONE_NEWCGROUP)

volatile const uint32_t probe_mark = MARK;

/* What should have been refused was not: the feature is there by name only. */
static int not_refused(struct error *err, const char *what)
{
	return error_set(err, -EPROTO, "it lets through what it should refuse: %s", what);
}

/* ---- namespaces ---- */

static int try_nothing_more(UNUSED const struct probe_scene *scene, UNUSED struct jail_fact *fact,
	UNUSED struct error *err)
{
	return 0;			/* the clone itself was the attempt */
}

static int try_namespaces(const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	int r = jail_lockdown_network(err);

	return r < 0 ? r : jail_lockdown_name(&scene->plan, err);
}

static int try_pidfd(UNUSED const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	int pidfd = -1, wait[2], r = kern_pipe2(wait, O_CLOEXEC);
	struct clone_args args = { .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD };
	siginfo_t info = { 0 };
	pid_t pid;
	char byte;

	if (r < 0)
		return r;
	pid = kern_clone3(&args);
	if (!pid) {
		fd_close(wait[1]);
		(void)kern_read(wait[0], &byte, 1);
		_exit(0);
	}
	if (pid < 0)
		return error_sys(err, pid, "clone3");
	r = kern_pidfd_send_signal(pidfd, SIGKILL);
	fd_close(wait[1]);
	if (r < 0)
		return error_sys(err, r, "pidfd_send_signal");
	r = kern_waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
	if (r < 0)
		return error_sys(err, r, "waitid on a pidfd");
	return info.si_status == SIGKILL ? 0 : not_refused(err, "a killed child went on");
}

/* ---- the view ---- */

static int apply_one(const struct probe_scene *scene, const struct jail_step *step, struct error *err)
{
	struct jail_source source = { -1, -1 };
	struct jail_sources sources = { .items = &source, .count = 1 };
	struct jail_plan plan = scene->plan;

	plan.steps = step;
	plan.step_count = 1;
	return jail_apply_files(&plan, &sources, err);
}

static int try_mount_api(const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	const struct jail_step step = { .kind = JAIL_STEP_TMPFS, .flags = JAIL_STEP_WRITABLE,
		.target = "/tmp", .size_bytes = PROBE_TMPFS_BYTES, .mode = 0700 };
	scoped(fd) int fd = -1;
	int r = apply_one(scene, &step, err);

	if (r < 0)
		return r;
	fd = kern_open(AT_FDCWD, "/tmp/file", O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return error_sys(err, fd, "writing to a tmpfs of its own");
	r = kern_mkdirat(AT_FDCWD, "/new", 0700);
	return r == -EROFS ? 0 : not_refused(err, "a name in the sealed root");
}

static int try_fresh_proc(const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	const struct jail_step step = { .kind = JAIL_STEP_PROC, .target = "/proc" };
	struct stat st;
	int r = apply_one(scene, &step, err);

	if (r < 0)
		return r;
	r = kern_fstatat(AT_FDCWD, "/proc/1/status", &st, 0);
	return r < 0 ? error_sys(err, r, "/proc/1") : 0;
}

static int try_private_pts(const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	const struct jail_step step = { .kind = JAIL_STEP_DEVPTS, .flags = JAIL_STEP_WRITABLE,
		.target = "/pts" };
	scoped(fd) int fd = -1;
	int r = apply_one(scene, &step, err);

	if (r < 0)
		return r;
	fd = kern_open(AT_FDCWD, "/pts/ptmx", O_RDWR | O_NOCTTY, 0);
	return fd < 0 ? error_sys(err, fd, "opening a new terminal") : 0;
}

static int try_idmapped_mount(const struct probe_scene *scene, struct jail_fact *fact, struct error *err)
{
	const struct jail_identity *identity = &scene->inputs->identity;
	scoped(fd) int userns = -1, mount = -1;
	struct stat st;
	int r;

	if (!scene->foreign) {
		fact->outcome = JAIL_OUTCOME_ABSENT;
		return 0;
	}
	r = kern_fstatat(AT_FDCWD, scene->lower, &st, 0);
	if (r >= 0)
		r = userns = jail_idmap_open(st.st_uid, st.st_gid, identity->uid, identity->gid, err);
	if (r < 0)
		return r;
	mount = kern_open_tree(AT_FDCWD, scene->lower, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	r = mount < 0 ? mount : kern_mount_idmap(mount, userns);
	return r < 0 ? error_sys(err, r, "an idmapped mount of '%s'", scene->lower) : 0;
}

/* The branch is written to as an agent would: a new file, renamed and removed again; all in upper. */
static int use_branch(struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, "/branch/" PROBE_SCRATCH_NAME, O_WRONLY | O_CREAT | O_EXCL,
		0600);
	int r = fd < 0 ? fd : kern_write_all(fd, "x", 1);

	if (r >= 0)
		r = kern_renameat2(AT_FDCWD, "/branch/" PROBE_SCRATCH_NAME, AT_FDCWD,
			"/branch/" PROBE_SCRATCH_NAME ".2", 0);
	if (r >= 0)
		r = kern_unlinkat(AT_FDCWD, "/branch/" PROBE_SCRATCH_NAME ".2", 0);
	return r < 0 ? error_sys(err, r, "writing to a branch") : 0;
}

static int try_overlay(const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);
	struct jail_sources sources = { 0 };
	int r = 0;

	/* Root's sources were opened before this child was cloned; scene->sources has them. */
	if (scene->foreign && scene->sources_err.code) {
		*err = scene->sources_err;
		return err->code;
	}
	if (!scene->foreign)
		r = jail_sources_open(&arena, &scene->plan, false, &sources, err);
	if (r >= 0)
		r = jail_apply_files(&scene->plan, scene->foreign ? &scene->sources : &sources, err);
	jail_sources_fini(&sources);
	return r < 0 ? r : use_branch(err);
}

/* ---- what confines ---- */

static int try_openat2(UNUSED const struct probe_scene *scene, UNUSED struct jail_fact *fact,
	struct error *err)
{
	scoped(fd) int top = kern_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	scoped(fd) int beneath = -1, outside = -1;

	if (top < 0)
		return error_sys(err, top, "openat2");
	beneath = kern_open_beneath(top, ".", O_PATH | O_DIRECTORY, 0);
	if (beneath < 0)
		return error_sys(err, beneath, "openat2 with RESOLVE_BENEATH");
	outside = kern_open_beneath(top, "../proc", O_PATH, 0);
	return outside == -EXDEV ? 0 : not_refused(err, "a path that leads out");
}

static int try_no_new_privs(UNUSED const struct probe_scene *scene, UNUSED struct jail_fact *fact,
	struct error *err)
{
	int r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	if (r >= 0)
		r = kern_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	if (r < 0)
		return r;
	return r == 1 ? 0 : not_refused(err, "it is not in force");
}

static int try_landlock(const struct probe_scene *scene, struct jail_fact *fact, struct error *err)
{
	const struct jail_rule rule = { .path = "/", .access = JAIL_ACCESS_LIST };
	struct jail_plan plan = scene->plan;
	scoped(fd) int fd = -1;
	int r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	plan.rules = &rule;
	plan.rule_count = 1;
	fact->value = MAX(kern_landlock_abi(), 0);
	/* Of ports an older one knows nothing, and no session needs it to. */
	plan.tcp_bind.any = plan.tcp_connect.any = fact->value < KERN_LANDLOCK_ABI_NET;
	if (r >= 0)
		r = jail_landlock_restrict(&plan, (int[]){ -1, -1, -1 }, err);
	if (r < 0)
		return r;
	fd = kern_open(AT_FDCWD, "/proc/self/status", O_RDONLY, 0);
	return fd == -EACCES ? 0 : not_refused(err, "reading a file that no rule allows");
}

static int restrict_calls(const struct probe_scene *scene, struct error *err)
{
	int r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	return r < 0 ? r : jail_seccomp_restrict(scene->plan.preset, false, err);
}

static int try_seccomp(const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	int r = restrict_calls(scene, err);

	if (r < 0)
		return r;
	r = kern_unshare(CLONE_NEWNS);
	return r == -ENOSYS ? 0 : not_refused(err, "unshare");
}

/* One call of the child has to arrive here, and has to get our answer. */
static int answer_one(int listener, struct error *err)
{
	union {
		struct seccomp_notif notif;
		char room[NOTIF_BYTES_MAX];
	} call = { 0 };
	struct seccomp_notif_resp answer = { .error = -EPERM };
	int r = kern_ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call);

	if (r < 0)
		return error_sys(err, r, "receiving a refused call");
	answer.id = call.notif.id;
	r = kern_ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
	return r < 0 ? error_sys(err, r, "answering a refused call") : 0;
}

static int try_seccomp_notify(const struct probe_scene *scene, UNUSED struct jail_fact *fact,
	struct error *err)
{
	int r = restrict_calls(scene, err);
	scoped(fd) int listener = r < 0 ? r : jail_seccomp_listen(scene->plan.preset, err);
	siginfo_t info = { 0 };
	pid_t pid;

	if (listener < 0)
		return listener;
	pid = kern_fork();
	if (!pid)
		_exit(kern_unshare(CLONE_NEWNS) == -EPERM ? 0 : 1);
	r = pid < 0 ? pid : answer_one(listener, err);
	if (r < 0)
		return r;
	r = kern_waitid(P_PID, (id_t)pid, &info, WEXITED);
	if (r < 0)
		return r;
	return info.si_status ? not_refused(err, "unshare") : 0;
}

static int try_memfd_seals(UNUSED const struct probe_scene *scene, UNUSED struct jail_fact *fact,
	struct error *err)
{
	scoped(fd) int fd = kern_memfd_create("cordon-probe", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r = fd < 0 ?
		fd :
		kern_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);

	if (r < 0)
		return error_sys(err, r, "sealing a file in memory");
	return kern_write(fd, "x", 1) == -EPERM ? 0 : not_refused(err, "writing to a sealed file");
}

/* ---- where things are kept ---- */

static int make_file(int dirfd, const char *name, struct error *err)
{
	int r = kern_write_file(dirfd, name, str_from(name), 0600, true);

	return r < 0 ? error_sys(err, r, "writing a file") : 0;
}

static int try_state_dir(const struct probe_scene *scene, UNUSED struct jail_fact *fact, struct error *err)
{
	scoped(fd) int fd = -1;
	int r;

	if (scene->state_fd < 0)
		return error_sys(err, scene->state_fd, "'%s'", scene->inputs->state);
	r = make_file(scene->state_fd, "a", err);
	if (r < 0)
		return r;
	fd = kern_open_beneath(scene->state_fd, "a", O_RDONLY, 0);
	r = fd < 0 ? fd : kern_flock(fd, LOCK_EX | LOCK_NB);
	return r < 0 ? error_sys(err, r, "locking a file in '%s'", scene->inputs->state) : 0;
}

static int try_exchange(const struct probe_scene *scene, struct jail_fact *fact, struct error *err)
{
	struct stat storage, workspace;
	int r = scene->storage_fd;

	if (r < 0)
		return error_sys(err, r, "'%s'", scene->inputs->storage);
	r = make_file(scene->storage_fd, "b", err);
	if (r >= 0)
		r = make_file(scene->storage_fd, "c", err);
	if (r < 0)
		return r;
	r = kern_renameat2(scene->storage_fd, "b", scene->storage_fd, "c", RENAME_EXCHANGE);
	if (r < 0)
		return error_sys(err, r, "exchanging two files in '%s'", scene->inputs->storage);
	r = kern_fstat(scene->storage_fd, &storage);
	if (r >= 0 && scene->inputs->workspace[0]) {
		r = kern_fstatat(AT_FDCWD, scene->inputs->workspace, &workspace, 0);
		fact->value = r >= 0 && storage.st_dev != workspace.st_dev;
	}
	return MIN(r, 0);
}

/* ---- limits ---- */

/* As the launcher does: PID 1 is born in the group of version 2 and put into those of version 1. */
static int join_groups(const struct jail_limiter *limiter, struct error *err)
{
	int group = jail_limiter_clone_fd(limiter), wait[2], r = kern_pipe2(wait, O_CLOEXEC);
	struct clone_args args = { .flags = group >= 0 ? CLONE_INTO_CGROUP : 0, .exit_signal = SIGCHLD,
		.cgroup = group >= 0 ? (uint64_t)group : 0 };
	siginfo_t info;
	pid_t pid;
	char byte;

	if (r < 0)
		return r;
	pid = kern_clone3(&args);
	if (!pid) {
		fd_close(wait[1]);
		(void)kern_read(wait[0], &byte, 1);
		_exit(0);
	}
	r = pid < 0 ? error_sys(err, pid, "starting a process in a new control group") :
		jail_limiter_add(limiter, pid, err);
	fd_close(wait[0]);
	fd_close(wait[1]);
	if (pid > 0)
		(void)kern_waitid(P_PID, (id_t)pid, &info, WEXITED);
	return r;
}

static int try_cgroups(const struct probe_scene *scene, struct jail_fact *fact, struct error *err)
{
	struct jail_plan plan = scene->plan;
	struct jail_limiter limiter;
	int r;

	plan.limits = (struct jail_limits){ LIMIT_MEMORY_BYTES, 1000, LIMIT_PIDS, LIMIT_PIDS,
		LIMIT_MEMORY_BYTES };
	jail_limiter_init(&limiter, &plan);
	for (int i = 0; i < JAIL_LIMIT_COUNT; i++)
		fact->value |= (int64_t)limiter.by[i] << (i * BITS_PER_MECHANISM);
	r = join_groups(&limiter, err);
	jail_limiter_fini(&limiter);
	return r;
}

/* ---- the list ---- */

const struct probe_attempt probe_attempts[] = {
	{ JAIL_PROBE_USER_NAMESPACE, JAIL_PROBE_USER_NAMESPACE, CLONE_NEWUSER, try_nothing_more },
	{ JAIL_PROBE_NAMESPACES, JAIL_PROBE_USER_NAMESPACE, ALL_BUT_TIME, try_namespaces },
	{ JAIL_PROBE_TIME_NAMESPACE, JAIL_PROBE_USER_NAMESPACE, CLONE_NEWUSER | CLONE_NEWTIME,
		try_nothing_more },
	{ JAIL_PROBE_PIDFD, JAIL_PROBE_PIDFD, 0, try_pidfd },
	{ JAIL_PROBE_MOUNT_API, JAIL_PROBE_USER_NAMESPACE, CLONE_NEWUSER | CLONE_NEWNS, try_mount_api },
	{ JAIL_PROBE_FRESH_PROC, JAIL_PROBE_MOUNT_API, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID,
		try_fresh_proc },
	{ JAIL_PROBE_PRIVATE_PTS, JAIL_PROBE_MOUNT_API, CLONE_NEWUSER | CLONE_NEWNS, try_private_pts },
	{ JAIL_PROBE_OPENAT2, JAIL_PROBE_OPENAT2, 0, try_openat2 },
	{ JAIL_PROBE_IDMAPPED_MOUNT, JAIL_PROBE_USER_NAMESPACE, 0, try_idmapped_mount },
	{ JAIL_PROBE_OVERLAY, JAIL_PROBE_MOUNT_API, CLONE_NEWUSER | CLONE_NEWNS, try_overlay },
	{ JAIL_PROBE_NO_NEW_PRIVS, JAIL_PROBE_NO_NEW_PRIVS, 0, try_no_new_privs },
	{ JAIL_PROBE_LANDLOCK, JAIL_PROBE_NO_NEW_PRIVS, 0, try_landlock },
	{ JAIL_PROBE_SECCOMP, JAIL_PROBE_NO_NEW_PRIVS, 0, try_seccomp },
	{ JAIL_PROBE_SECCOMP_NOTIFY, JAIL_PROBE_SECCOMP, 0, try_seccomp_notify },
	{ JAIL_PROBE_TASK_MEMORY, JAIL_PROBE_USER_NAMESPACE, CLONE_NEWUSER | CLONE_NEWPID, try_nothing_more },
	{ JAIL_PROBE_MEMFD_SEALS, JAIL_PROBE_MEMFD_SEALS, 0, try_memfd_seals },
	{ JAIL_PROBE_STATE_DIR, JAIL_PROBE_STATE_DIR, 0, try_state_dir },
	{ JAIL_PROBE_EXCHANGE, JAIL_PROBE_EXCHANGE, 0, try_exchange },
	{ JAIL_PROBE_CGROUPS, JAIL_PROBE_CGROUPS, 0, try_cgroups },
	{ JAIL_PROBE_TPROXY, JAIL_PROBE_NAMESPACES, CLONE_NEWUSER | CLONE_NEWNET, probe_try_tproxy },
	{ JAIL_PROBE_SOCK_DIAG, JAIL_PROBE_NAMESPACES, CLONE_NEWUSER | CLONE_NEWNET, probe_try_diag },
};
const size_t probe_attempt_count = ARRAY_SIZE(probe_attempts);
