// SPDX-License-Identifier: Apache-2.0
/*
 * main.c - cordon-supervisor: one session
 *
 * Started by `cordon run` with the descriptors of enum control_fd. It leaves the user's process group, so
 * that the terminal's signals reach it only as messages; its children die with it. What it confines itself
 * with comes first: it cannot be traced, dumps no core, is the first to go when memory runs out after the
 * agent itself, and, once it has started the launcher, gains no privilege by executing anything.
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/heap.h"
#include "kern/file.h"
#include "run/groups.h"

#include <fcntl.h>
#include <sys/prctl.h>

static int confine(struct error *err)
{
	struct rlimit none = { 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	int r = kern_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);

	if (r >= 0)
		r = kern_prlimit(0, RLIMIT_CORE, &none, NULL);
	if (r >= 0)
		r = kern_sigaction(SIGPIPE, &ignore, NULL);
	return r < 0 ? error_sys(err, r, "confining the supervisor") : 0;
}

/*
 * Not before the launcher was started: under it, AppArmor lets no program leave a profile that confines, not
 * even for one that allows user namespaces. The launcher does the same to itself, first of all.
 *
 * Source: Linux security/apparmor/domain.c, apparmor_bprm_creds_for_exec(); no_new_privs.rst
 */
static int gain_nothing(struct error *err)
{
	int r = kern_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

	return r < 0 ? error_sys(err, r, "confining the supervisor") : 0;
}

static void init(struct supervisor *s, char *const *environment)
{
	*s = (struct supervisor){
		.arena = ARENA_INIT(SUPERVISOR_ARENA_BYTES), .scratch = ARENA_INIT(SUPERVISOR_ARENA_BYTES),
		.environment = environment, .ledger = LEDGER_INIT, .state_dirfd = -1, .listen_fd = -1,
		.reload.checker = CHECKER_INIT, .spare_fd = -1, .launcher_pidfd = -1, .init_pidfd = -1,
		.committer_pidfd = -1,
	};
	transcript_init(&s->transcript);
	watch_init(&s->watch);
	network_init(&s->network);
	asker_init(&s->asker);
	list_init(&s->commands);
	list_init(&s->clients);
	session_init(&s->session, &s->arena);
}

/* The launcher does it, too, unless it was killed or our end catches it at it. */
static void remove_groups(struct supervisor *s)
{
	struct pollfd init = { .fd = s->init_pidfd, .events = POLLIN };
	struct timespec timeout = { .tv_sec = 2 };

	if (s->session.dirfd < 0)
		return;
	if (init.fd >= 0)
		(void)kern_ppoll(&init, 1, &timeout);
	/* What is still busy is left to the next command that looks. */
	(void)run_groups_remove(&s->session);
}

static void fini(struct supervisor *s)
{
	struct error err = ERROR_INIT;

	LIST_FOR_EACH(command, &s->commands, struct command, node)
		command_free(command);
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		client_free(client);
	watch_fini(&s->watch);
	network_fini(&s->network);
	asker_fini(&s->asker);
	channel_fini(&s->control);
	remove_groups(s);
	client_stop_listening(s);
	loop_remove_child(&s->launcher);
	loop_remove_child(&s->committer);
	loop_remove_timer(&s->farewell);
	supervisor_forget_reload(s);
	(void)ledger_close(&s->ledger, &err);
	session_fini(&s->session);
	fd_close(s->state_dirfd);
	fd_close(s->launcher_pidfd);
	fd_close(s->init_pidfd);
	fd_close(s->committer_pidfd);
	transcript_fini(&s->transcript);
	loop_fini(&s->loop);
	s->opa = run_opa_free(s->opa);
	arena_fini(&s->arena);
	arena_fini(&s->scratch);
}

static int serve(struct supervisor *s)
{
	struct command *agent = command_new(s, 0);
	struct client *first = client_new(s, CONTROL_FD_CHANNEL);
	struct error err = ERROR_INIT;
	int r;

	if (!first)
		return -EPIPE;
	first->is_first = true;
	first->had_command = true;
	first->command = agent;
	r = confine(&err);
	if (r >= 0)
		r = supervisor_prepare(s, &err);
	if (r >= 0)
		r = gain_nothing(&err);
	if (r < 0)
		supervisor_fail(s, 125, &err);
	return loop_run(&s->loop);
}

int main(int argc, char **argv, char **environment)
{
	struct supervisor s;
	int r;

	(void)argc;
	(void)argv;
	heap_keep();
	for (int fd = CONTROL_FD_CHANNEL; fd < CONTROL_FD_COUNT; fd++)
		(void)kern_fcntl(fd, F_SETFD, FD_CLOEXEC);
	init(&s, environment);
	r = loop_init(&s.loop);
	if (r >= 0)
		r = serve(&s);
	fini(&s);
	return r < 0 ? 125 : 0;
}
