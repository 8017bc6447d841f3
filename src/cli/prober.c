// SPDX-License-Identifier: Apache-2.0
/*
 * prober.c - start the launcher as prober, and read what it found
 *
 * It gets a session of its own: a ctrl-c ends this command, while the prober goes on for the moment that it
 * needs to clean up after itself.
 */
#include "cli/prober.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"
#include "kern/process.h"
#include "run/plan.h"
#include "session/dirs.h"
#include "session/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SIGNAL_CODE = 128,		/* as kern_exit_code() has it */
};

/* The nearest directory at or above @path that exists: there would be made what is missing. */
static const char *existing(struct arena *arena, const char *path)
{
	struct stat st;

	while (path && kern_fstatat(AT_FDCWD, path, &st, 0) == -ENOENT) {
		struct str parent = path_parent(str_from(path));

		path = parent.len ? arena_copy(arena, parent.data, parent.len) : "/";
	}
	return path;
}

static int find_places(struct cli *cli, const char *workspace, struct session *session,
	struct prober_places *places, struct error *err)
{
	int r;

	places->workspace = workspace;
	places->state_dir = dirs_find(&cli->arena, DIRS_STATE, err);
	if (!places->state_dir)
		return -ENOENT;
	r = session_preview(session, places->state_dir, err);
	if (r >= 0)
		r = run_identity(session, err);
	if (r < 0 && r != -ERANGE)	/* which the prober will say, among other things */
		return r;
	places->agent_uid = session->agent_uid;
	/* Where there can be no branch, the prober finds out why. */
	if (workspace)
		places->storage = dirs_storage(&cli->arena, workspace, session->path, session->id, 0, NULL);
	/* Nor has the prober any business among the sessions themselves. */
	if (!places->storage || path_is_beneath(str_from(places->storage), str_from(places->state_dir)))
		places->storage = places->state_dir;
	return 0;
}

static int start(struct cli *cli, const struct session *session, const struct prober_places *places,
	int facts_fd, struct error *err)
{
	static char name[] = "cordon-launcher", verb[] = "probe", none[] = "", container[] = "container-root";
	const struct jail_identity identity = run_identity_inside(session);
	scoped(fd) int program_fd = programs_open(name, err), pidfd = -1;
	const char *user = dirs_user_name(&cli->arena);
	char *argv[] = {
		name, verb, arena_printf(&cli->arena, "%u", identity.uid),
		arena_printf(&cli->arena, "%u", identity.gid), identity.is_container_root ? container : none,
		user ? arena_printf(&cli->arena, "%s", user) : NULL,
		arena_printf(&cli->arena, "%s", existing(&cli->arena, places->state_dir)),
		arena_printf(&cli->arena, "%s", existing(&cli->arena, places->storage)),
		places->workspace ? arena_printf(&cli->arena, "%s", places->workspace) : none, NULL,
	};
	int fds[] = { -1, -1, STDERR_FILENO, facts_fd };
	const struct kern_spawn spawn = { .program_fd = program_fd, .argv = argv, .envp = cli->envp,
		.fds = fds, .fd_count = ARRAY_SIZE(fds), .new_session = true };
	pid_t pid;
	int r = program_fd;

	for (size_t i = 0; i + 1 < ARRAY_SIZE(argv) && r >= 0; i++)
		if (!argv[i])
			r = error_sys(err, -ENOMEM, "starting %s", name);
	if (r >= 0)
		r = kern_spawn(&spawn, &pid, &pidfd, err);
	return r < 0 ? r : kern_wait_pidfd(pidfd);
}

int prober_run(struct cli *cli, const char *workspace, struct prober_places *ret_places,
	struct jail_facts *ret_facts, struct error *err)
{
	scoped(fd) int fd = kern_memfd_create("cordon-facts", MFD_CLOEXEC);
	struct session session;
	int r, code;

	if (fd < 0)
		return error_sys(err, fd, "a file for the prober's answers");
	session_init(&session, &cli->arena);
	r = find_places(cli, workspace, &session, ret_places, err);
	if (r >= 0)
		r = code = start(cli, &session, ret_places, fd, err);
	session_fini(&session);
	if (r < 0)
		return r;
	if (kern_pread(fd, ret_facts, sizeof(*ret_facts), 0) != (ssize_t)sizeof(*ret_facts) ||
			ret_facts->version != JAIL_FACTS_VERSION) {
		error_set(err, -EIO, "cordon-launcher ended with code %d and no answer", code);
		if (code)
			error_hint(err, "Install cordon again; its programs must stay together.");
		else
			error_hint(err, "Is there a limit on the size of files (ulimit -f)?");
		return -EIO;
	}
	if (code > SIGNAL_CODE)
		cli_warn(cli, "the prober was ended by SIG%s; what it found until then is shown",
			sigabbrev_np(code - SIGNAL_CODE) ?: "?");
	return 0;
}
