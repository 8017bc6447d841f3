// SPDX-License-Identifier: Apache-2.0
/*
 * watch_storage.c - limits.storage, and files of memory for limits.memory
 *
 * A child walks the branches and the private home (jail/storage.h), at most one part in LOOK_SHARE of the
 * time. So a million files would make the looks rare, and the time between two of them long enough to fill a
 * disk in; but how much the file systems hold as a whole costs one call, and is asked every time: when they
 * hold so much more than at the last look that the limit may be passed, the next one comes early.
 *
 * Where only limits.memory needs it, no directory is walked, and the files of memory alone are counted.
 */
#include "roles/supervisor/watch_internal.h"

#include "base/fd.h"
#include "base/time.h"
#include "base/units.h"

#include <errno.h>
#include <stdio.h>

enum {
	LOOK_SHARE = 20,
	HURRIED_SHARE = 2,
	HIDDEN_MAX = 8,			/* libraries that were replaced under a running program are fewer */
};

static void say_storage(const struct watch *watch, const struct jail_storage_use *use,
	char ret[WATCH_SAID_SIZE])
{
	char branch[UNITS_TEXT_SIZE], home[UNITS_TEXT_SIZE];
	uint64_t bytes = use->unnamed_bytes;

	for (size_t i = 0; i < watch->branch_count; i++)
		bytes += use->bytes[i];
	watch_format_used(bytes, branch);
	watch_format_used(jail_storage_total(use) - bytes, home);
	snprintf(ret, WATCH_SAID_SIZE, "the branch holds %s, the private home %s, in %llu names", branch,
		home, (unsigned long long)use->entry_count);
}

/*
 * Files that are mapped and nothing else hide their size from everybody but root. A few of them are what
 * remains of libraries that were replaced; many are a way to hide, and then what counts is how much more the
 * disk holds since the session began.
 */
static void check_storage(struct supervisor *s, const struct jail_storage_use *use)
{
	struct watch *watch = &s->watch;
	uint64_t limit_bytes = watch_settings(s)->limits.storage_bytes, total = jail_storage_total(use);
	uint64_t grown = watch->disk_bytes - MIN(watch->disk_bytes, watch->disk_first_bytes);
	char said[WATCH_SAID_SIZE];

	/* Where the branch is a copy, what was copied is nothing that the agent wrote. */
	total -= MIN(total, watch->copied_bytes);
	watch->storage_bytes = total;
	if (limit_bytes == CONFIG_UNLIMITED)
		return;
	say_storage(watch, use, said);
	if (total <= limit_bytes && use->hidden_count > HIDDEN_MAX && grown > limit_bytes) {
		snprintf(said, sizeof(said),
			"%llu mapped files without a name hide their size, and the disk holds that much more",
			(unsigned long long)use->hidden_count);
		total = grown;
	}
	if (total > limit_bytes)
		watch_kill(s, CONFIG_KEY_LIMITS_STORAGE, limit_bytes, total, said);
}

static void look_at_storage(struct loop_timer *timer);

static void next_look(struct supervisor *s)
{
	loop_set_timer(&s->loop, &s->watch.storage, s->loop.now_ns + WATCH_STORAGE_PERIOD_MS * NS_PER_MS,
		look_at_storage);
}

static void fail(struct supervisor *s, int code)
{
	struct error err;

	error_sys(&err, code, "the sandbox's storage cannot be looked at, so limits.%s cannot be enforced",
		watch_settings(s)->limits.storage_bytes == CONFIG_UNLIMITED ? "memory" : "storage");
	supervisor_fail(s, 125, &err);
}

static void storage_was_seen(struct loop_child *child, UNUSED int exit_code)
{
	struct supervisor *s = CONTAINER_OF(child, struct supervisor, watch.looker);
	struct watch *watch = &s->watch;
	struct jail_storage_use use;

	jail_storage_read(watch->looker_fd, &use);
	watch->looker_fd = fd_close(watch->looker_fd);
	watch->looker_pidfd = fd_close(watch->looker_pidfd);
	watch->look_took_ns = s->loop.now_ns - watch->look_began_ns;
	if (s->is_gone)
		return;
	if (use.code < 0) {
		fail(s, use.code);
		return;
	}
	watch->memory_files_bytes = use.memory_bytes;
	check_storage(s, &use);
	next_look(s);
}

/*
 * A look at many files takes long, and must not take all the time. But as long as the disk does not hold so
 * much more than at the last one that the limit could be passed, none is needed soon.
 */
static bool is_due(const struct supervisor *s, uint64_t disk_bytes)
{
	const struct watch *watch = &s->watch;
	uint64_t limit_bytes = watch_settings(s)->limits.storage_bytes;
	uint64_t since_ns = s->loop.now_ns - watch->look_began_ns - watch->look_took_ns;
	uint64_t grown = disk_bytes - MIN(disk_bytes, watch->disk_bytes);

	if (since_ns >= watch->look_took_ns * LOOK_SHARE)
		return true;
	return limit_bytes != CONFIG_UNLIMITED &&
		grown > limit_bytes - MIN(limit_bytes, watch->storage_bytes) &&
		since_ns >= watch->look_took_ns * HURRIED_SHARE;
}

static int start_look(struct supervisor *s, struct error *err)
{
	struct watch *watch = &s->watch;
	int r = jail_storage_start(&watch->places, &watch->looker_pidfd, &watch->looker_fd, err);

	if (r < 0)
		return r;
	watch->look_began_ns = s->loop.now_ns;
	r = loop_add_child(&s->loop, &watch->looker, watch->looker_pidfd, storage_was_seen);
	return r < 0 ? error_sys(err, r, "watching who looks at the sandbox's storage") : 0;
}

static void look_at_storage(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, watch.storage);
	struct error err = ERROR_INIT;
	uint64_t disk_bytes = 0;
	int r;

	if (s->is_gone)
		return;
	r = jail_storage_disk(&s->watch.places, &disk_bytes);
	if (r >= 0)
		r = watch_open_view(s);
	if (r == -ESRCH)
		return;			/* the end of the sandbox is on its way to us */
	if (r < 0) {
		fail(s, r);
		return;
	}
	if (!is_due(s, disk_bytes)) {
		next_look(s);
		return;
	}
	s->watch.disk_bytes = disk_bytes;
	r = start_look(s, &err);
	if (r < 0)
		supervisor_fail(s, 125, &err);
}

static const char *home_of(const struct jail_plan *plan)
{
	if (plan->level == JAIL_LEVEL_LANDLOCK)
		return plan->identity.home;
	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].flags & JAIL_STEP_HOME)
			return plan->steps[i].source;
	return NULL;
}

static int find_scratch(struct supervisor *s)
{
	const char **targets = arena_alloc_array(&s->arena, JAIL_STORAGE_SCRATCH_MAX, sizeof(*targets));
	struct jail_storage *places = &s->watch.places;

	if (!targets)
		return -ENOMEM;
	for (size_t i = 0; i < s->plan.step_count && places->scratch_count < JAIL_STORAGE_SCRATCH_MAX; i++)
		if (s->plan.steps[i].kind == JAIL_STEP_TMPFS)
			targets[places->scratch_count++] = s->plan.steps[i].target;
	places->scratch = targets;
	return 0;
}

static int find_places(struct supervisor *s)
{
	const char **paths = arena_alloc_array(&s->arena, JAIL_STORAGE_PATHS_MAX, sizeof(*paths));
	const char *home = home_of(&s->plan);
	struct watch *watch = &s->watch;
	size_t count = 0;

	if (!paths)
		return -ENOMEM;
	for (size_t i = 0; i < s->session.root_count; i++) {
		if (s->session.roots[i].live)
			continue;
		paths[count] = arena_printf(&s->arena, "%s/%s", s->session.roots[i].storage,
			s->plan.level == JAIL_LEVEL_LANDLOCK ? "copy" : "upper");
		if (!paths[count++])
			return -ENOMEM;
	}
	watch->branch_count = count;
	if (home)
		paths[count++] = home;
	watch->places = (struct jail_storage){ .paths = paths, .path_count = count, .view = &watch->view };
	return find_scratch(s);
}

void watch_storage(struct supervisor *s)
{
	struct watch *watch = &s->watch;
	int r;

	if (watch_settings(s)->limits.storage_bytes == CONFIG_UNLIMITED &&
			watch->by[JAIL_LIMIT_MEMORY] != JAIL_BY_SUPERVISOR)
		return;
	r = find_places(s);
	if (r >= 0)
		r = jail_storage_disk(&watch->places, &watch->disk_first_bytes);
	if (r < 0) {
		fail(s, r);
		return;
	}
	watch->look_began_ns = s->loop.now_ns;
	next_look(s);
}
