// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-differ: show what an agent wrote, and be able to do nothing else
 *
 * Started by `cordon diff` with the socket of differ.h as descriptor 3. Before it reads the first byte that
 * an agent could have chosen it gives up everything but the directories that came through the socket and a
 * short list of calls. What it may still do to the branch is to change the modes of files that it owns there,
 * which it needs for those that shut it out, and to write that down where it was shown.
 *
 * Exit status: 0 shown; 1 what was asked for cannot be shown exactly; 125 it failed. Whoever reads standard
 * output may stop reading at any time.
 */
#include "roles/differ/differ.h"

#include "base/fd.h"
#include "kern/confine.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A sanitizer's shadow memory is larger than any limit that would mean something. */
#ifndef DIFFER_MEMORY_MAX_BYTES
#define DIFFER_MEMORY_MAX_BYTES (UINT64_C(2) << 30)
#endif

enum {
	CPU_MAX_SEC = 600,
};

static const int calls[] = {
	SYS_read, SYS_pread64, SYS_write, SYS_close, SYS_lseek, SYS_openat, SYS_openat2, SYS_fstat,
	SYS_newfstatat, SYS_statx, SYS_getdents64, SYS_readlinkat, SYS_flistxattr, SYS_fgetxattr,
	SYS_llistxattr, SYS_lgetxattr, SYS_fchmodat, SYS_flock, SYS_ftruncate, SYS_nanosleep,
	SYS_clock_nanosleep, SYS_fcntl, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_brk,
	SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_gettid, SYS_getpid, SYS_tgkill, SYS_exit, SYS_exit_group,
};

static int confine(const struct differ_fds *fds, struct error *err)
{
	const struct kern_confine confine = {
		.read_dirfds = fds->dirfds, .read_count = fds->dirfd_count, .calls = calls,
		.call_count = ARRAY_SIZE(calls), .memory_bytes = DIFFER_MEMORY_MAX_BYTES,
		.cpu_sec = CPU_MAX_SEC,
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	int r = kern_sigaction(SIGPIPE, &ignore, NULL);

	return r < 0 ? error_sys(err, r, "cannot confine this process") : kern_confine(&confine, err);
}

static int show(struct differ *differ)
{
	static int (*const views[])(struct differ * differ) = {
		[DIFFER_UNIFIED] = unified_show,
		[DIFFER_PATCH] = unified_show,
		[DIFFER_STAT] = stat_show,
		[DIFFER_MODEL] = model_show,
		[DIFFER_COMPOSE] = compose_show,
		[DIFFER_RENAMES] = renames_show,
	};
	struct differ_request *request = &differ->request;
	int r = renames_apply(&differ->arena, &request->changeset, &request->renames, &request->changeset);

	if (r < 0)
		return error_set(&differ->err, r, "the changeset needs more memory than it may have");
	r = pieces_prepare(differ);
	return r < 0 ? r : views[request->format](differ);
}

/* @text_r: of text_start(), whose failure counts where texts are to be compared. */
static int run(struct differ *differ, const struct differ_fds *fds, int text_r, const struct error *text_err)
{
	int r = confine(fds, &differ->err);

	if (r >= 0)
		r = differ_read(&differ->arena, fds, &differ->request, &differ->err);
	if (r >= 0 && text_r < 0 && differ->request.format != DIFFER_RENAMES) {
		differ->err = *text_err;
		r = text_r;
	}
	if (r < 0)
		return r;
	differ->dirfds = fds->dirfds;
	differ->record_fds = fds->record_fds;
	differ->out.colour = differ->request.colour;
	differ->out.raw = differ->request.raw;
	r = show(differ);
	/* What was shown before a failure is shown. */
	(void)out_flush(&differ->out);
	return r;
}

static void say(const char *what, const char *text)
{
	fprintf(stderr, "%s%s\n", what, text);
}

/* A patch that says less than the changeset must not look as if it said all of it. */
static void say_formless(const struct differ *differ)
{
	if (differ->request.format != DIFFER_PATCH || !differ->formless_count)
		return;
	fprintf(stderr, "cordon: a patch has no words for %zu of the changes, or parts of them\n",
		differ->formless_count);
	say("  hint: ",
		"see `cordon diff` for owners, times, attributes, links, directories and special files");
}

static enum differ_exit finish(struct differ *differ, int r)
{
	if (r == -EPIPE || differ->out.r == -EPIPE)
		return DIFFER_OK;
	if (r >= 0 && differ->out.r < 0)
		r = error_sys(&differ->err, differ->out.r, "cannot write what to show");
	if (r >= 0) {
		say_formless(differ);
		return DIFFER_OK;
	}
	(void)error_wrap(&differ->err, r, "diff");
	say("cordon: ", differ->err.text);
	if (differ->err.hint[0])
		say("  hint: ", differ->err.hint);
	return r == -ESTALE || r == -EFBIG || r == -EACCES || r == -EXDEV ? DIFFER_REFUSED : DIFFER_FAILED;
}

int main(void)
{
	struct differ differ = {
		.arena = ARENA_INIT(DIFFER_ARENA_BYTES), .out = { .buf = BUF_INIT(1 << 17) },
		.old_content = BUF_INIT(DIFFER_PATCH_MAX_BYTES),
		.new_content = BUF_INIT(DIFFER_PATCH_MAX_BYTES),
	};
	struct differ_fds fds = { .request_fd = -1 };
	struct error text_err = ERROR_INIT;
	enum differ_exit code;
	int text_r = text_start(&text_err), r = differ_receive(DIFFER_FD, &fds, &differ.err);

	if (r >= 0)
		r = run(&differ, &fds, text_r, &text_err);
	code = finish(&differ, r);
	differ_close(&fds);
	buf_fini(&differ.out.buf);
	buf_fini(&differ.old_content);
	buf_fini(&differ.new_content);
	arena_fini(&differ.arena);
	return code;
}
