// SPDX-License-Identifier: Apache-2.0
/*
 * test_commit.c - whatever goes wrong in a commit or an undo, the workspace is exactly old or exactly new
 *
 * One branch with every kind of change is committed and undone again and again. Each time another system call
 * fails, or is the one before which the process is killed: every call that a commit makes, one after the
 * other. Then the workspace has to read as before the commit or as after it, to the last mtime, and the
 * branch has to hold its changes or have given them away. What a killed process left is finished by recovery,
 * which is killed in turn.
 */
#include "lib/commit.h"
#include "lib/kern_fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TEXT_MAX = 1 << 20,
	CALLS_MAX = 5000,
	ARENA_RESET_EVERY = 16,
};

static const char base_script[] =
	"echo aa >a; echo b >b; mkdir d; echo x >d/x; echo y >d/y; mkdir -p t/u; echo v >t/u/v; ln -s a l;"
	"echo m >m; echo ty >ty; mkdir dd; echo in >dd/in; mkdir meta; echo h >h; ln h hh; setfattr -n user.k -v 1 meta;"
	"find . -exec touch -hd '2020-02-03 04:05:06.789' {} +";

static const char upper_script[] =
	"echo new-a >a; mknod b c 0 0; mkdir d; echo new-x >d/x; mknod d/y c 0 0; mknod t c 0 0;"
	"ln -s other l; echo m >m; touch -d '2020-02-03 04:05:06.789' m; chmod 755 m; mkdir ty; echo n >ty/n; echo dd >dd;"
	"mkdir meta; chmod 700 meta; echo n >n; mkdir -p nd/sub; echo 1 >nd/1; echo 2 >nd/sub/2; echo links >h1;"
	"ln h1 nd/h2; mkdir nd/ro; echo r >nd/ro/r; echo s >nd/ro/shut; chmod 0 nd/ro/shut; chmod 555 nd/ro;"
	"echo b >shut; chmod 200 shut; setfattr -n user.overlay.opaque -v y nd;"
	"setfattr -n user.overlay.origin -v o a; setfattr -n user.overlay.origin -v o nd/1;"
	"echo esc >esc; setfattr -n user.overlay.overlay.opaque -v y esc;"
	"touch -d '2021-01-01' d nd; touch -d '2022-02-02' .";

struct scene {
	struct commit_bench *bench;
	struct buf before, after, changes;
	const char *only;		/* commit this path alone; NULL: everything */
};

struct scenario {
	const char *only;		/* as above */
	bool elsewhere;			/* the storage is on another mount: everything is copied */
};

static const struct scenario everything = { 0 };
static const struct scenario one_path = { .only = "nd" };
static const struct scenario other_mount = { .elsewhere = true };

/* Every commit of a test is commit 1. */
static void forget_journals(void)
{
	static const char *const names[] = { "1.commit", "1.undo" };
	char path[256];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/journals/%s", test_dir(), names[i]);
		(void)unlink(path);
	}
}

static int commit(struct scene *scene)
{
	return scene->only ? bench_apply_path(scene->bench, 1, scene->only) : bench_apply(scene->bench, 1);
}

/*
 * The texts forget mtimes of directories after the commit: undoing and committing again moves those of the
 * branch.
 */
static struct scene scene_open(const struct scenario *scenario)
{
	struct scene scene = {
		.bench = scenario->elsewhere ? bench_open_elsewhere() : bench_open(),
		.before = BUF_INIT(TEXT_MAX),
		.after = BUF_INIT(TEXT_MAX),
		.changes = BUF_INIT(TEXT_MAX),
		.only = scenario->only,
	};

	branch_run("base", base_script);
	branch_run("upper", upper_script);
	kern_fault_arm(NULL, 0, 0);
	kern_fault_skip_syncs(true);
	bench_text(&scene.before, "base", TREE_TEXT_ALL);
	bench_diff(scene.bench);
	branch_describe(&scene.changes, &scene.bench->changeset);
	if (commit(&scene) < 0)
		test_fail(__FILE__, __LINE__, "%s", scene.bench->err.text);
	bench_text(&scene.after, "base", TREE_TEXT_NO_DIR_TIMES);
	CHECK(strcmp(buf_text(&scene.before), buf_text(&scene.after)));
	if (bench_undo(scene.bench, 1) < 0)
		test_fail(__FILE__, __LINE__, "%s", scene.bench->err.text);
	bench_diff(scene.bench);
	forget_journals();
	return scene;
}

static void scene_close(struct scene *scene)
{
	kern_fault_disarm();
	bench_free(scene->bench);
	buf_fini(&scene->before);
	buf_fini(&scene->after);
	buf_fini(&scene->changes);
}

static bool is_old(const struct scene *scene, const char **ret_difference)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);

	*ret_difference = tree_text_first_difference(bench_text(&text, "base", TREE_TEXT_ALL),
		buf_text(&scene->before));
	return !**ret_difference;
}

static void check_old(struct scene *scene, const char *when, unsigned nth)
{
	scoped(buf) struct buf changes = BUF_INIT(TEXT_MAX);
	const char *difference;

	if (!is_old(scene, &difference))
		test_fail(__FILE__, __LINE__, "%s at call %u: not old:%s", when, nth, difference);
	bench_diff(scene->bench);
	difference = tree_text_first_difference(branch_describe(&changes, &scene->bench->changeset),
		buf_text(&scene->changes));
	if (*difference)
		test_fail(__FILE__, __LINE__, "%s at call %u: the branch:%s", when, nth, difference);
}

static void check_new(struct scene *scene, const char *when, unsigned nth)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	const char *difference = tree_text_first_difference(bench_text(&text, "base", TREE_TEXT_NO_DIR_TIMES),
		buf_text(&scene->after));
	if (*difference)
		test_fail(__FILE__, __LINE__, "%s at call %u: not new:%s", when, nth, difference);
}

/* Nothing may be left lying about: not in the workspace (the texts tell), not in the storage. */
static void check_tidy(void)
{
	branch_run(".", "test ! -e commit; ! ls journals/*.undo 2>/dev/null");
	forget_journals();
}

static void check_either(struct scene *scene, const char *when, unsigned nth)
{
	const char *difference;

	if (!is_old(scene, &difference)) {
		check_new(scene, when, nth);
		if (bench_undo(scene->bench, 1) < 0)
			test_fail(__FILE__, __LINE__, "%s at call %u: undo: %s", when, nth,
				scene->bench->err.text);
	}
	check_old(scene, when, nth);
	if (nth % ARENA_RESET_EVERY)
		return;
	check_tidy();
	/* What the changeset says lives in the arena: make it anew in an empty one. */
	arena_reset(&scene->bench->arena);
	bench_diff(scene->bench);
}

static void recover(struct scene *scene, const char *when, unsigned nth)
{
	enum recover_result result;

	kern_fault_arm(NULL, 0, 0);
	if (bench_recover(scene->bench, &result) < 0)
		test_fail(__FILE__, __LINE__, "%s at call %u: recovery: %s", when, nth,
			scene->bench->err.text);
	CHECK_INT(bench_recover(scene->bench, &result), 0);
	CHECK_INT(result, RECOVER_NOTHING);
}

enum deed {
	DEED_COMMIT,
	DEED_UNDO,
	DEED_RECOVER,
};

static int do_deed(struct scene *scene, enum deed deed)
{
	enum recover_result result;

	switch (deed) {
	case DEED_COMMIT:
		return commit(scene);
	case DEED_UNDO:
		return bench_undo(scene->bench, 1);
	case DEED_RECOVER:
		break;
	}
	return bench_recover(scene->bench, &result);
}

/* Does something in a child that is killed before its Nth call; returns whether it was. */
static bool do_killed(struct scene *scene, enum deed deed, unsigned nth)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		kern_fault_arm(NULL, nth, KERN_FAULT_KILL);
		_exit(do_deed(scene, deed) < 0 ? 9 : 0);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (!status)
		return false;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		test_fail(__FILE__, __LINE__, "killed at call %u: status %#x", nth, (unsigned)status);
	return true;
}

static void kill_everywhere(const struct scenario *scenario, enum deed deed)
{
	struct scene scene = scene_open(scenario);
	unsigned nth = 1;

	for (;; nth++) {
		CHECK(nth < CALLS_MAX);
		if (deed == DEED_UNDO && commit(&scene) < 0)
			test_fail(__FILE__, __LINE__, "call %u: %s", nth, scene.bench->err.text);
		if (!do_killed(&scene, deed, nth))
			break;
		recover(&scene, "killed", nth);
		check_either(&scene, "killed", nth);
		forget_journals();
	}
	/* A loop that ended early has shown nothing. */
	CHECK(nth > 50);
	check_either(&scene, "not killed", nth);
	scene_close(&scene);
}

TEST(killed_at_every_step_of_a_commit)
{
	kill_everywhere(&everything, DEED_COMMIT);
}

TEST(killed_at_every_step_of_an_undo) { kill_everywhere(&everything, DEED_UNDO); }
TEST(killed_at_every_step_of_a_commit_of_one_path)
{
	kill_everywhere(&one_path, DEED_COMMIT);
}

TEST(killed_at_every_step_of_the_undo_of_one_path) { kill_everywhere(&one_path, DEED_UNDO); }

TEST(killed_at_every_step_of_a_commit_from_another_mount)
{
	kill_everywhere(&other_mount, DEED_COMMIT);
}
TEST(killed_at_every_step_of_an_undo_from_another_mount)
{
	kill_everywhere(&other_mount, DEED_UNDO);
}

/* Recovery, of a commit that was killed at some step, is killed at every step. */
static void kill_recovery(unsigned first)
{
	struct scene scene = scene_open(&everything);
	unsigned nth = 1;

	for (;; nth++) {
		CHECK(nth < CALLS_MAX);
		CHECK(do_killed(&scene, DEED_COMMIT, first));
		if (!do_killed(&scene, DEED_RECOVER, nth))
			break;
		recover(&scene, "recovery killed", nth);
		check_either(&scene, "recovery killed", nth);
		forget_journals();
	}
	CHECK(nth > 20);
	check_either(&scene, "recovery not killed", nth);
	scene_close(&scene);
}

/* Somewhere among the swaps: after the second sync from the end of all that came before. */
static unsigned count_calls(enum deed deed, const char *call)
{
	struct scene scene = scene_open(&everything);
	unsigned count;

	kern_fault_arm(call, 0, 0);
	CHECK_INT(do_deed(&scene, deed), 0);
	count = kern_fault_count();
	kern_fault_arm(NULL, 0, 0);
	scene_close(&scene);
	branch_run(".", "chmod -R u+rwx .; rm -r *");
	return count;
}

TEST(killed_at_every_step_of_recovery)
{
	unsigned calls;

	calls = count_calls(DEED_COMMIT, NULL);
	kill_recovery(calls * 3 / 4);
}

/* ---- calls that fail ---- */

static void fail_each(const struct scenario *scenario, enum deed deed, int error, unsigned stride)
{
	struct scene scene = scene_open(scenario);
	unsigned nth = 1, failed = 0;

	for (;; nth += stride) {
		const char *refused;
		int r;

		CHECK(nth < CALLS_MAX);
		if (deed == DEED_UNDO && commit(&scene) < 0)
			test_fail(__FILE__, __LINE__, "call %u: %s", nth, scene.bench->err.text);
		kern_fault_arm(NULL, nth, error);
		r = do_deed(&scene, deed);
		refused = kern_fault_call();
		kern_fault_arm(NULL, 0, 0);
		if (!refused)
			break;
		failed += r < 0;
		if (r < 0)
			if (!scene.bench->err.text[0] || scene.bench->err.code != r)
				test_fail(__FILE__, __LINE__, "call %u, %s: %d but '%s' (%d)", nth, refused,
					r, scene.bench->err.text, scene.bench->err.code);
		recover(&scene, refused, nth);
		if ((r < 0 && r != -EINPROGRESS) == (deed == DEED_COMMIT))
			check_old(&scene, refused, nth);
		else if (r != -EINPROGRESS)
			check_new(&scene, refused, nth);
		check_either(&scene, refused, nth);
		forget_journals();
	}
	CHECK(failed > 30 / stride);
	check_either(&scene, "not failed", nth);
	scene_close(&scene);
}

static void fail_everywhere(const struct scenario *scenario, enum deed deed, int error)
{
	fail_each(scenario, deed, error, 1);
}

/* What an errno is makes little difference, so of the others one call in five is taken; all, if asked to. */
static unsigned sample_stride(void)
{
	const char *wish = getenv("CORDON_FAULTS");

	return wish && !strcmp(wish, "all") ? 1 : 5;
}

static void fail_sampled(const struct scenario *scenario, enum deed deed, int error)
{
	fail_each(scenario, deed, error, sample_stride());
}

TEST(every_call_of_a_commit_fails)
{
	fail_everywhere(&everything, DEED_COMMIT, -EIO);
}

TEST(every_call_of_a_commit_finds_the_disk_full)
{
	fail_everywhere(&everything, DEED_COMMIT, -ENOSPC);
}

TEST(every_call_of_a_commit_of_one_path_fails)
{
	fail_everywhere(&one_path, DEED_COMMIT, -EDQUOT);
}

TEST(every_call_of_a_commit_finds_no_memory) { fail_sampled(&everything, DEED_COMMIT, -ENOMEM); }
TEST(every_call_of_a_commit_finds_no_descriptor) { fail_sampled(&everything, DEED_COMMIT, -EMFILE); }
TEST(every_call_of_a_commit_is_forbidden) { fail_sampled(&everything, DEED_COMMIT, -EPERM); }

TEST(every_call_of_an_undo_fails) { fail_everywhere(&everything, DEED_UNDO, -EIO); }
TEST(every_call_of_an_undo_finds_the_disk_full) { fail_sampled(&everything, DEED_UNDO, -ENOSPC); }
TEST(every_call_of_an_undo_finds_no_memory) { fail_sampled(&everything, DEED_UNDO, -ENOMEM); }
TEST(every_call_of_an_undo_finds_no_descriptor) { fail_sampled(&everything, DEED_UNDO, -EMFILE); }
TEST(every_call_of_an_undo_is_forbidden) { fail_sampled(&everything, DEED_UNDO, -EPERM); }
TEST(every_call_of_an_undo_finds_the_disk_read_only) { fail_sampled(&everything, DEED_UNDO, -EROFS); }
TEST(every_call_of_an_undo_from_another_mount_fails) { fail_sampled(&other_mount, DEED_UNDO, -ENOSPC); }

/* ---- calls that are interrupted ---- */

/* They are made again, and nobody notices. */
static void interrupt_everywhere(const struct scenario *scenario, enum deed deed)
{
	struct scene scene = scene_open(scenario);
	const char *interrupted;
	unsigned nth = 1;

	do {
		CHECK(nth < CALLS_MAX);
		if (deed == DEED_UNDO && commit(&scene) < 0)
			test_fail(__FILE__, __LINE__, "call %u: %s", nth, scene.bench->err.text);
		kern_fault_arm(NULL, nth, -EINTR);
		if (do_deed(&scene, deed) < 0)
			test_fail(__FILE__, __LINE__, "call %u, %s: %s", nth, kern_fault_call(),
				scene.bench->err.text);
		interrupted = kern_fault_call();
		kern_fault_arm(NULL, 0, 0);
		if (deed == DEED_COMMIT)
			check_new(&scene, "interrupted", nth);
		check_either(&scene, "interrupted", nth);
		forget_journals();
		nth += sample_stride();
	} while (interrupted);
	CHECK(nth > 50);
	scene_close(&scene);
}

TEST(no_call_of_a_commit_minds_a_signal)
{
	interrupt_everywhere(&everything, DEED_COMMIT);
}
TEST(no_call_of_an_undo_minds_a_signal)
{
	interrupt_everywhere(&everything, DEED_UNDO);
}
TEST(no_call_of_a_commit_from_another_mount_minds_a_signal)
{
	interrupt_everywhere(&other_mount, DEED_COMMIT);
}

TEST(every_call_of_a_commit_from_another_mount_fails)
{
	fail_everywhere(&other_mount, DEED_COMMIT, -ENOSPC);
}

/* Marks of the overlay go by name or, before Linux 6.13 and behind some filters, by descriptor. */
TEST(marks_are_taken_off_where_names_do_not_do)
{
	static const int errors[] = { -ENOSYS, -EPERM };
	struct scene scene = scene_open(&everything);

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		/* an undo leaves marks only where the overlay needs them */
		branch_run("upper", "setfattr -n user.overlay.origin -v o a");
		bench_diff(scene.bench);
		kern_fault_arm("listxattrat", KERN_FAULT_EVERY, errors[i]);
		if (do_deed(&scene, DEED_COMMIT) < 0)
			test_fail(__FILE__, __LINE__, "%s", scene.bench->err.text);
		CHECK(kern_fault_count() > 0);
		kern_fault_arm(NULL, 0, 0);
		check_new(&scene, "without listxattrat", 0);
		check_either(&scene, "without listxattrat", 0);
	}
	scene_close(&scene);
}

TEST(three_syncs_of_a_file_system_at_most)
{
	CHECK(count_calls(DEED_COMMIT, "syncfs") <= 3);
	CHECK(count_calls(DEED_COMMIT, "fsync") <= 3);
}

TEST_MAIN()
