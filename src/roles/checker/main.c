// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-checker: read the policies that somebody wrote, and find their mistakes
 *
 * One request, one answer (run/checker.h). It may read any file that its user can, since a user may name any;
 * it writes to the descriptors that it was given and nothing else, starts nothing and speaks to nobody. A
 * file system that does not answer keeps it waiting for ever, and whoever asked kills it then.
 */
#include "run/checker.h"

#include "base/fd.h"
#include "base/heap.h"
#include "kern/clock.h"
#include "kern/confine.h"
#include "kern/file.h"
#include "policy/engine.h"
#include "run/policies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>

enum {
	ARENA_BYTES = 1 << 30,
	CPU_MAX_SEC = 30,
	EXIT_BROKEN = 125,
};

static const int calls[] = {
	SYS_read, SYS_pread64, SYS_write, SYS_close, SYS_lseek, SYS_openat, SYS_openat2, SYS_fstat,
	SYS_newfstatat, SYS_getdents64, SYS_readlinkat, SYS_fdatasync, SYS_fcntl, SYS_geteuid, SYS_mmap,
	SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_futex, SYS_getrandom,
	SYS_clock_gettime, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_gettid, SYS_getpid,
	SYS_tgkill, SYS_exit, SYS_exit_group,
};

static int confine(struct error *err)
{
	scoped(fd) int root_dirfd = kern_open(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	const struct kern_confine confine = {
		.read_dirfds = &root_dirfd, .read_count = 1, .calls = calls, .call_count = ARRAY_SIZE(calls),
		.memory_bytes = UINT64_MAX, .cpu_sec = CPU_MAX_SEC,
	};

	return root_dirfd < 0 ? error_sys(err, root_dirfd, "opening '/'") : kern_confine(&confine, err);
}

struct checking {
	struct arena arena;
	struct checker_request request;
	struct checker_answer answer;
	const char *notes[CHECKER_NOTES_MAX + 1];
};

static void take_note(void *context, const char *text)
{
	struct checking *c = context;

	if (c->answer.note_count < CHECKER_NOTES_MAX)
		c->notes[c->answer.note_count++] = text;
}

static int read_set(struct checking *c, struct policy_set *ret)
{
	const struct run_policies_options options = {
		.config = c->request.config, .workspace = c->request.workspace, .note = take_note,
		.context = c,
	};
	uint64_t start_ns = kern_clock_monotonic_ns();
	int r = run_policies_read(&c->arena, &options, ret, &c->answer.bundles, &c->answer.error);

	if (r >= 0)
		r = policy_shipped_fetch(&c->arena, NULL, ret, &c->answer.error);
	c->answer.read_ns = kern_clock_monotonic_ns() - start_ns;
	return r;
}

/*
 * Whoever writes one means it to judge, so a wrong package is said; one that only helps others is no mistake.
 */
static void note_silence(struct checking *c, const char *layer)
{
	const char *text = arena_printf(&c->arena,
		"the policies of the %s judge nothing: none of their rules is in a package that cordon asks, such as cordon.commit",
		layer);

	if (text)
		take_note(c, text);
}

static int compile(struct checking *c, const struct policy_set *set)
{
	uint64_t start_ns = kern_clock_monotonic_ns();
	char *report = NULL;
	bool silent[POLICY_LAYERS] = { 0 };
	int r = policy_engine_check(set, silent, &report, &c->answer.error);

	for (enum policy_layer_kind i = 0; i < POLICY_LAYERS; i++)
		if (silent[i])
			note_silence(c, policy_layer_name(i));

	if (report)
		c->answer.report = (struct str){ arena_copy(&c->arena, report, strlen(report)),
			strlen(report) };
	if (!c->answer.report.data)
		c->answer.report.len = 0;
	free(report);
	c->answer.compile_ns = kern_clock_monotonic_ns() - start_ns;
	return r;
}

static int check(struct checking *c)
{
	struct policy_set set;
	int r = checker_request_receive(&c->arena, &c->request, &c->answer.error);

	if (r >= 0)
		r = read_set(c, &set);
	if (r >= 0)
		r = compile(c, &set);
	if (r < 0)
		return r;
	c->answer.digest = set.digest;
	if (run_policies_is_shared(CHECKER_FD_STATE, &set.digest))
		return 0;
	r = run_policies_write(&c->arena, &set, CHECKER_FD_DOCUMENT);
	return r < 0 ? error_sys(&c->answer.error, r, "writing what the session will be judged by") : 0;
}

int main(void)
{
	static struct checking c = { .arena = ARENA_INIT(ARENA_BYTES) };
	int r;

	heap_keep();
	c.answer.notes = c.notes;
	r = confine(&c.answer.error);
	if (r >= 0)
		r = check(&c);
	if (r >= 0)
		c.answer.error = (struct error)ERROR_INIT;
	else
		c.answer.error.code = r;
	return checker_answer_send(&c.arena, &c.answer) < 0 ? EXIT_BROKEN : 0;
}
