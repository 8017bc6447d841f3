// SPDX-License-Identifier: Apache-2.0
/*
 * probe_host.c - the prober: sets the scene, starts each attempt, writes down what happened
 *
 * An attempt is a child with a pipe to answer on. When it has answered it waits until the prober lets it go,
 * so that the prober can look at it; when it dies or hangs instead, that is the fact. The prober itself
 * enters nothing and restricts nothing of its own, so the order of attempts does not matter, but for those
 * that would only repeat an earlier failure.
 *
 * The scene's directories are removed at its end. A prober that was killed leaves them, since a branch needs
 * directories with names; the next one removes those that nobody can be at work in any more.
 */
#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "jail/identity.h"
#include "jail/probe_internal.h"
#include "kern/clock.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "kern/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ANSWER_SECONDS = 5,
	SCENE_BYTES_MAX = 1 << 18,
	TEXT_BYTES_MAX = 1 << 20,
	PROC_PATH_SIZE = 64,
	MECHANISM_MASK = 15,
	BITS_PER_MECHANISM = 4,
	SCRATCH_OLD_SECS = 3600,	/* no prober works that long */
	SCRATCH_DIGITS = 16,
};

#define SCRATCH_PREFIX ".cordon-probe-"

/* ---- the scene ---- */

static bool is_scratch_name(const char *name)
{
	size_t prefix = sizeof(SCRATCH_PREFIX) - 1;

	return !strncmp(name, SCRATCH_PREFIX, prefix) && strlen(name) == prefix + SCRATCH_DIGITS &&
		strspn(name + prefix, "0123456789abcdef") == SCRATCH_DIGITS;
}

/* A directory of ours, or one that was handed to the agent whom the prober stood in for. */
static bool is_left_behind(const struct probe_scene *scene, int dir, const char *name)
{
	uint64_t now_secs = kern_clock_real_ns() / NS_PER_SEC;
	struct stat st;

	if (!is_scratch_name(name) || kern_fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISDIR(st.st_mode))
		return false;
	if (st.st_uid != kern_geteuid() && st.st_uid != jail_identity_outer_uid(&scene->inputs->identity))
		return false;
	return (uint64_t)MAX(st.st_mtime, 0) + SCRATCH_OLD_SECS < now_secs;
}

static void sweep_scratch(const struct probe_scene *scene, int dir)
{
	scoped(fd) int fd = kern_open(dir, ".", O_RDONLY | O_DIRECTORY, 0);
	struct kern_dir entries;
	struct kern_dir_entry entry;

	kern_dir_init(&entries, fd);
	while (fd >= 0 && kern_dir_next(&entries, &entry) > 0)
		if (is_left_behind(scene, dir, entry.name))
			(void)kern_remove_tree(dir, entry.name);
}

static int make_scratch(const struct probe_scene *scene, const char *where)
{
	scoped(fd) int dir = kern_open_plain(where, O_RDONLY | O_DIRECTORY);
	int r = dir < 0 ? dir : kern_mkdirat(dir, scene->name, 0700);

	if (dir >= 0)
		sweep_scratch(scene, dir);
	return r < 0 ? r : kern_open_beneath(dir, scene->name, O_RDONLY | O_DIRECTORY, 0);
}

static void remove_scratch(const struct probe_scene *scene, const char *where, int fd)
{
	scoped(fd) int dir = fd < 0 ? -1 : kern_open_plain(where, O_RDONLY | O_DIRECTORY);

	if (dir >= 0)
		(void)kern_remove_tree(dir, scene->name);
	fd_close(fd);
}

/* Upper and work, as run/plan.c makes them for a session: the agent's own, whoever that is. */
static int make_layers(const struct probe_scene *scene)
{
	static const char *const names[] = { "upper", "work", "lower" };
	const struct jail_identity *identity = &scene->inputs->identity;
	int r = scene->storage_fd;

	for (size_t i = 0; i < ARRAY_SIZE(names) && r >= 0; i++) {
		r = kern_mkdirat(scene->storage_fd, names[i], 0755);
		if (r >= 0 && scene->foreign)
			r = kern_fchownat(scene->storage_fd, names[i], identity->uid, identity->gid, 0);
	}
	if (r >= 0 && scene->foreign)
		r = kern_fchownat(scene->storage_fd, ".", identity->uid, identity->gid, 0);
	return r;
}

static int describe_branch(struct probe_scene *scene)
{
	const struct jail_probe_inputs *inputs = scene->inputs;
	const char *top = arena_printf(&scene->arena, "%s/%s",
		strcmp(inputs->storage, "/") ? inputs->storage : "", scene->name);
	struct stat st;
	int r;

	if (!top)
		return -ENOMEM;
	scene->lower = inputs->workspace[0] ? inputs->workspace :
		arena_printf(&scene->arena, "%s/lower", top);
	r = scene->lower ? kern_fstatat(AT_FDCWD, scene->lower, &st, 0) : -ENOMEM;
	if (r < 0)
		return r;
	scene->branch = (struct jail_step){
		.kind = JAIL_STEP_OVERLAY,
		.flags = JAIL_STEP_WRITABLE | (scene->foreign ? JAIL_STEP_IDMAP : 0), .target = "/branch",
		.source = scene->lower,
		.upper = arena_printf(&scene->arena, "%s/upper", top),
		.work = arena_printf(&scene->arena, "%s/work", top),
		.owner_uid = st.st_uid, .owner_gid = st.st_gid,
	};
	return scene->branch.upper && scene->branch.work ? 0 : -ENOMEM;
}

static void scene_init(struct probe_scene *scene, const struct jail_probe_inputs *inputs)
{
	uint64_t number;
	int r;

	*scene = (struct probe_scene){
		.inputs = inputs, .arena = ARENA_INIT(SCENE_BYTES_MAX),
		.foreign = jail_identity_outer_uid(&inputs->identity) != kern_geteuid() ||
			jail_identity_outer_gid(&inputs->identity) != kern_getegid(),
		.plan = {
			.session = scene->session, .hostname = "cordon", .identity = inputs->identity,
			.limits = { JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED,
				JAIL_UNLIMITED },
			.steps = &scene->branch, .step_count = 1,
		},
	};
	kern_random(&number, sizeof(number));
	snprintf(scene->session, sizeof(scene->session), "probe-%0*llx", SCRATCH_DIGITS,
		(unsigned long long)number);
	snprintf(scene->name, sizeof(scene->name), ".cordon-%s", scene->session);
	scene->state_fd = make_scratch(scene, inputs->state);
	scene->storage_fd = strcmp(inputs->state, inputs->storage) ? make_scratch(scene, inputs->storage) :
		scene->state_fd < 0 ? scene->state_fd : kern_fcntl(scene->state_fd, F_DUPFD_CLOEXEC, 3);
	r = make_layers(scene);
	if (r >= 0)
		r = describe_branch(scene);
	if (r < 0)
		(void)error_sys(&scene->sources_err, r, "the place of a branch, '%s'",
			quote_cstr(inputs->storage).text);
	else if (scene->foreign)
		(void)jail_sources_open(&scene->arena, &scene->plan, true, &scene->sources,
			&scene->sources_err);
}

static void scene_fini(struct probe_scene *scene)
{
	jail_sources_fini(&scene->sources);
	remove_scratch(scene, scene->inputs->storage, scene->storage_fd);
	remove_scratch(scene, scene->inputs->state, scene->state_fd);
	arena_fini(&scene->arena);
}

/* ---- one attempt ---- */

struct pipes {
	/* to the child: a byte when its ids are mapped, the end when it may leave */
	int go[2];
	int answer[2];			/* from the child: one struct jail_fact */
};

static int pipes_open(struct pipes *pipes)
{
	int r = kern_pipe2(pipes->go, O_CLOEXEC);

	if (r < 0)
		return r;
	r = kern_pipe2(pipes->answer, O_CLOEXEC);
	if (r < 0) {
		fd_close(pipes->go[0]);
		fd_close(pipes->go[1]);
	}
	return r;
}

static int become_agent(const struct probe_scene *scene, const struct pipes *pipes, struct error *err)
{
	char byte;
	int r;

	if (!scene->foreign)
		r = jail_identity_map("/proc/self", &scene->inputs->identity, err);
	else
		r = kern_read(pipes->go[0], &byte, 1) == 1 ? 0 : -ECANCELED;
	return r < 0 ? r : jail_identity_become(&scene->inputs->identity, err);
}

static _Noreturn void run_child(const struct probe_scene *scene, const struct probe_attempt *attempt,
	const struct pipes *pipes)
{
	struct jail_fact fact = { .outcome = JAIL_OUTCOME_DONE };
	struct error err = ERROR_INIT;
	char byte;
	int r = 0;

	fd_close(pipes->go[1]);
	fd_close(pipes->answer[0]);
	(void)kern_umask(0);
	if (attempt->namespaces)
		r = become_agent(scene, pipes, &err);
	if (r >= 0)
		r = attempt->try(scene, &fact, &err);
	if (r < 0) {
		fact.outcome = JAIL_OUTCOME_FAILED;
		fact.error = r;
		snprintf(fact.text, sizeof(fact.text), "%.*s", (int)sizeof(fact.text) - 1, err.text);
	}
	(void)kern_write(pipes->answer[1], &fact, sizeof(fact));
	while (kern_read(pipes->go[0], &byte, 1) > 0)
		;
	_exit(0);
}

/* The child's own answer; a read that ends early is a child that died. */
static void read_answer(int fd, struct jail_fact *fact)
{
	const struct timespec patience = { .tv_sec = ANSWER_SECONDS };
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct jail_fact answer;
	int r;

	do
		r = kern_ppoll(&wait, 1, &patience);
	while (r == -EINTR);
	fact->outcome = r ? JAIL_OUTCOME_KILLED : JAIL_OUTCOME_HUNG;
	if (r > 0 && kern_read(fd, &answer, sizeof(answer)) == sizeof(answer))
		*fact = answer;
}

/* What the supervisor does to learn the paths of a rename. */
static void read_mark(pid_t pid, struct jail_fact *fact)
{
	uint32_t mark = 0;
	ssize_t n = kern_process_vm_read(pid, (uintptr_t)&probe_mark, &mark, sizeof(mark));

	if (n == sizeof(mark) && mark == probe_mark)
		return;
	fact->outcome = JAIL_OUTCOME_FAILED;
	fact->error = n < 0 ? (int)n : -EPROTO;
}

static void follow_child(const struct probe_scene *scene, const struct probe_attempt *attempt, pid_t pid,
	struct pipes *pipes, struct jail_fact *fact)
{
	char proc_dir[PROC_PATH_SIZE];
	struct error err = ERROR_INIT;
	siginfo_t info = { 0 };
	int r = 0;

	pipes->go[0] = fd_close(pipes->go[0]);
	pipes->answer[1] = fd_close(pipes->answer[1]);
	snprintf(proc_dir, sizeof(proc_dir), "/proc/%d", pid);
	if (attempt->namespaces && scene->foreign)
		r = jail_identity_map(proc_dir, &scene->inputs->identity, &err);
	if (r < 0) {
		*fact = (struct jail_fact){ .outcome = JAIL_OUTCOME_FAILED, .error = r };
		snprintf(fact->text, sizeof(fact->text), "%.*s", (int)sizeof(fact->text) - 1, err.text);
	} else {
		(void)kern_write(pipes->go[1], "", 1);
		read_answer(pipes->answer[0], fact);
		if (attempt->probe == JAIL_PROBE_TASK_MEMORY && fact->outcome == JAIL_OUTCOME_DONE)
			read_mark(pid, fact);
	}
	pipes->go[1] = fd_close(pipes->go[1]);
	if (r < 0 || fact->outcome == JAIL_OUTCOME_HUNG)
		(void)kern_kill(pid, SIGKILL);
	(void)kern_waitid(P_PID, (id_t)pid, &info, WEXITED);
	if (fact->outcome == JAIL_OUTCOME_KILLED)
		fact->value = info.si_code == CLD_EXITED ? 0 : info.si_status;
}

static void run_attempt(const struct probe_scene *scene, const struct probe_attempt *attempt,
	struct jail_fact *fact)
{
	struct clone_args args = { .flags = attempt->namespaces, .exit_signal = SIGCHLD };
	struct pipes pipes;
	pid_t pid = pipes_open(&pipes);

	if (pid >= 0) {
		pid = kern_clone3(&args);
		if (!pid)
			run_child(scene, attempt, &pipes);
		if (pid > 0)
			follow_child(scene, attempt, pid, &pipes, fact);
		fd_close(pipes.go[0]);
		fd_close(pipes.go[1]);
		fd_close(pipes.answer[0]);
		fd_close(pipes.answer[1]);
	}
	if (pid < 0)
		*fact = (struct jail_fact){ .outcome = JAIL_OUTCOME_FAILED, .error = pid };
}

/* A clone with many flags says only that one of them is refused. */
static void name_refused_namespace(struct jail_fact *fact)
{
	static const struct {
		uint64_t flag;
		const char *name;
	} kinds[] = { { CLONE_NEWNS, "mount" }, { CLONE_NEWPID, "process" }, { CLONE_NEWNET, "network" },
		{ CLONE_NEWIPC, "IPC" }, { CLONE_NEWUTS, "host name" }, { CLONE_NEWCGROUP, "cgroup" } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct clone_args args = { .flags = CLONE_NEWUSER | kinds[i].flag, .exit_signal = SIGCHLD };
		siginfo_t info;
		pid_t pid = kern_clone3(&args);

		if (!pid)
			_exit(0);
		if (pid > 0) {
			(void)kern_waitid(P_PID, (id_t)pid, &info, WEXITED);
			continue;
		}
		snprintf(fact->text, sizeof(fact->text), "no %s namespace: %s", kinds[i].name,
			strerrordesc_np(-pid));
		return;
	}
}

/* ---- what is only read ---- */

static void read_setting(const char *path, struct jail_fact *fact)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	int r = kern_read_file(AT_FDCWD, path, &text);
	struct str number, rest;
	uint64_t value;

	if (r == -ENOENT || r == -ENOTDIR) {
		fact->outcome = JAIL_OUTCOME_ABSENT;
		return;
	}
	(void)str_cut((struct str){ buf_text(&text), text.len }, '\n', &number, &rest);
	if (r >= 0)
		r = str_to_u64(number, INT64_MAX, &value);
	*fact = (struct jail_fact){ .outcome = r < 0 ? JAIL_OUTCOME_FAILED : JAIL_OUTCOME_DONE, .error = r,
		.value = r < 0 ? 0 : (int64_t)value };
}

/* "name:first:count", for the user that this is. */
static void read_subuid(const char *user, struct jail_fact *fact)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct str rest, line, name, first;
	char number[24];
	uint64_t value;

	snprintf(number, sizeof(number), "%u", kern_geteuid());
	*fact = (struct jail_fact){ .outcome = JAIL_OUTCOME_ABSENT };
	if (kern_read_file(AT_FDCWD, "/etc/subuid", &text) < 0)
		return;
	rest = (struct str){ buf_text(&text), text.len };
	while (rest.len) {
		(void)str_cut(rest, '\n', &line, &rest);
		if (!str_cut(line, ':', &name, &line) ||
				!(str_eq(name, str_from(user)) || str_eq(name, str_from(number))))
			continue;
		(void)str_cut(line, ':', &first, &line);
		if (str_to_u64(first, UINT32_MAX - 1, &value) < 0 || !value)
			continue;
		*fact = (struct jail_fact){ .outcome = JAIL_OUTCOME_DONE, .value = (int64_t)value };
		return;
	}
}

static void read_release(char ret[JAIL_RELEASE_SIZE])
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct str line, rest;

	ret[0] = '\0';
	if (kern_read_file(AT_FDCWD, "/proc/sys/kernel/osrelease", &text) < 0)
		return;
	(void)str_cut((struct str){ buf_text(&text), text.len }, '\n', &line, &rest);
	snprintf(ret, JAIL_RELEASE_SIZE, "%.*s", JAIL_RELEASE_SIZE - 1, quote_text(line).text);
}

/* The first user namespace of a host knows all ids: "0 0 4294967295". */
static bool read_is_nested(void)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);

	return kern_read_file(AT_FDCWD, "/proc/self/uid_map", &text) >= 0 &&
		!strstr(buf_text(&text), " 4294967295\n");
}

/*
 * "NAME (enforce)", or "unconfined"; in the other modes nothing is refused. A kernel without AppArmor has no
 * such file.
 *
 * Source: Linux Documentation/admin-guide/LSM/index.rst, "/proc/.../attr"; apparmor(7)
 */
static void read_label(char ret[JAIL_LABEL_SIZE])
{
	const struct str mode = str_from(" (enforce)");
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct str line, rest;

	ret[0] = '\0';
	if (kern_read_file(AT_FDCWD, "/proc/self/attr/apparmor/current", &text) < 0)
		return;
	(void)str_cut((struct str){ buf_text(&text), text.len }, '\n', &line, &rest);
	if (!str_ends_with(line, mode))
		return;
	line.len -= mode.len;
	snprintf(ret, JAIL_LABEL_SIZE, "%.*s", JAIL_LABEL_SIZE - 1, quote_text(line).text);
}

void jail_probe_settings(struct jail_facts *facts)
{
	static const struct {
		enum jail_probe probe;
		const char *path;
	} settings[] = {
		{ JAIL_PROBE_USERNS_CLONE, "/proc/sys/kernel/unprivileged_userns_clone" },
		{ JAIL_PROBE_USERNS_MAX, "/proc/sys/user/max_user_namespaces" },
		{ JAIL_PROBE_USERNS_APPARMOR, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns" },
		{ JAIL_PROBE_PTRACE_SCOPE, "/proc/sys/kernel/yama/ptrace_scope" },
	};

	facts->is_root = !kern_geteuid();
	facts->is_nested = read_is_nested();
	read_label(facts->confined_by);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		read_setting(settings[i].path, &facts->items[settings[i].probe]);
}

static void read_facts(const struct probe_scene *scene, struct jail_facts *facts)
{
	jail_probe_settings(facts);
	facts->is_container_root = scene->inputs->identity.is_container_root;
	facts->is_agent_unknown = !jail_identity_is_known(&scene->inputs->identity);
	read_release(facts->release);
	read_subuid(facts->is_root ? "root" : scene->inputs->identity.user, &facts->items[JAIL_PROBE_SUBUID]);
}

/* ---- the whole ---- */

/* A reader that is gone needs no facts. */
static void save(int fd, const struct jail_facts *facts)
{
	if (fd >= 0)
		(void)kern_pwrite(fd, facts, sizeof(*facts), 0);
}

static bool can_try(const struct jail_facts *facts, const struct probe_attempt *attempt)
{
	return attempt->stands_on == attempt->probe ||
		facts->items[attempt->stands_on].outcome >= JAIL_OUTCOME_ABSENT;
}

void jail_probe_host(const struct jail_probe_inputs *inputs, int ret_fd, struct jail_facts *facts)
{
	struct probe_scene scene;

	*facts = (struct jail_facts){ .version = JAIL_FACTS_VERSION };
	scene_init(&scene, inputs);
	read_facts(&scene, facts);
	save(ret_fd, facts);
	for (size_t i = 0; i < probe_attempt_count; i++) {
		const struct probe_attempt *attempt = &probe_attempts[i];
		struct jail_fact *fact = &facts->items[attempt->probe];

		if (!can_try(facts, attempt))
			continue;
		run_attempt(&scene, attempt, fact);
		if (attempt->probe == JAIL_PROBE_NAMESPACES && fact->outcome == JAIL_OUTCOME_FAILED &&
				!fact->text[0])
			name_refused_namespace(fact);
		save(ret_fd, facts);
	}
	for (int i = 0; i < JAIL_LIMIT_COUNT; i++)
		facts->by[i] = (enum jail_mechanism)(facts->items[JAIL_PROBE_CGROUPS].value >>
			(i * BITS_PER_MECHANISM) & MECHANISM_MASK);
	facts->is_complete = true;
	scene_fini(&scene);
	save(ret_fd, facts);
}
