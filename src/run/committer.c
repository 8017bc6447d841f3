// SPDX-License-Identifier: Apache-2.0
/*
 * committer.c - asking the one process that may write a workspace
 */
#include "run/committer.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/time.h"
#include "kern/file.h"
#include "kern/process.h"
#include "overlay/telling.h"
#include "run/news.h"
#include "run/role_error.h"
#include "run/unfinished.h"
#include "session/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

enum {
	REQUEST_VERSION = 1,
	MESSAGE_MAX_BYTES = 16 << 20,
	MESSAGE_ARENA_BYTES = 64 << 20,
	TICK_NS = 100 * NS_PER_MS,
};

static const char *const action_names[] = { "", "check", "apply", "merge", "undo", "recover" };

void committer_request_init(struct committer_request *request, const struct session *session)
{
	*request = (struct committer_request){
		.id = session->id,
		.session_dir = session->path,
		.changeset_file = "changeset.json",
		.progress = session->progress,
	};
	for (size_t i = 0; i < session->root_count; i++)
		if (!session->roots[i].live)
			request->roots[request->root_count++] = (struct committer_root){
				.path = session->roots[i].path,
				.storage = session->roots[i].storage,
			};
}

int committer_open(const struct session *session, enum committer_action action, unsigned number,
	struct error *err)
{
	scoped(fd) int dirfd = -1;
	char text[COMMITTER_MARK_BYTES];
	int len = snprintf(text, sizeof(text), "%s %u\n", committer_action_name(action), number);
	int r = unfinished_add(session->path, err);

	if (r < 0)
		return r;
	r = kern_mkdirat(session->dirfd, COMMITTER_JOURNAL_DIR, 0700);
	if (r >= 0 || r == -EEXIST)
		r = dirfd = kern_open_beneath(session->dirfd, COMMITTER_JOURNAL_DIR, O_RDONLY | O_DIRECTORY,
			0);
	if (r >= 0)
		r = kern_write_file(dirfd, COMMITTER_OPEN_MARK, (struct str){ text, (size_t)len }, 0600,
			false);
	return r < 0 ? error_sys(err, r, "session '%s': marking its commit as open", session->id) : 0;
}

bool committer_is_open(const struct session *session)
{
	struct stat st;

	return kern_fstatat(session->dirfd, COMMITTER_JOURNAL_DIR "/" COMMITTER_OPEN_MARK, &st,
		AT_SYMLINK_NOFOLLOW) >= 0;
}

int committer_close(const struct session *session, struct error *err)
{
	int r = kern_unlinkat(session->dirfd, COMMITTER_JOURNAL_DIR "/" COMMITTER_OPEN_MARK, 0);

	if (r < 0 && r != -ENOENT)
		return error_sys(err, r, "session '%s': closing its commit", session->id);
	(void)unfinished_check(session->path);
	return 0;
}

const char *committer_action_name(enum committer_action action)
{
	assert(action < ARRAY_SIZE(action_names));
	return action_names[action];
}

/* ---- the request ---- */

const struct json *committer_request_to_json(struct arena *arena, const struct committer_request *request)
{
	struct json_object_builder object, root;
	struct json_array_builder roots;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&request->changeset, hex);
	json_array_begin(&roots, arena);
	for (size_t i = 0; i < request->root_count; i++) {
		json_object_begin(&root, arena);
		json_object_add(&root, "path", json_new_bytes(arena, str_from(request->roots[i].path)));
		json_object_add(&root, "storage", json_new_bytes(arena, str_from(request->roots[i].storage)));
		json_array_add(&roots, json_object_end(&root));
	}
	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", REQUEST_VERSION);
	json_object_add_text(&object, "action", action_names[request->action]);
	json_object_add_text(&object, "id", request->id);
	json_object_add(&object, "session_dir", json_new_bytes(arena, str_from(request->session_dir)));
	json_object_add(&object, "roots", json_array_end(&roots));
	json_object_add_int(&object, "number", request->number);
	json_object_add_text(&object, "changeset_file", request->changeset_file);
	json_object_add_text(&object, "changeset", hex);
	json_object_add_bool(&object, "keep_branch", request->keep_branch);
	json_object_add_bool(&object, "accept_stale", request->accept_stale);
	json_object_add_int(&object, "time_ns", (int64_t)request->time_ns);
	return json_object_end(&object);
}

static int wrong(struct error *err, const char *member)
{
	return error_set(err, -EINVAL, "the request's member '%s' is wrong", member);
}

static const char *read_path(struct arena *arena, const struct json *value)
{
	struct str text;

	if (!value || json_to_bytes(arena, value, &text) < 0 || !path_is_clean(text) || text.data[0] != '/' ||
			strlen(text.data) != text.len)
		return NULL;
	return text.data;
}

static int read_roots(struct arena *arena, const struct json *value, struct committer_request *ret)
{
	if (!value || value->type != JSON_ARRAY || value->array.count > SESSION_ROOTS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < value->array.count; i++) {
		struct committer_root *root = &ret->roots[ret->root_count++];

		root->path = read_path(arena, json_get(value->array.items[i], "path"));
		root->storage = read_path(arena, json_get(value->array.items[i], "storage"));
		if (!root->path || !root->storage)
			return -EINVAL;
	}
	return 0;
}

static enum committer_action read_action(const struct json *value)
{
	const char *name = json_get_text(value, "action");

	for (enum committer_action action = COMMITTER_CHECK; name && action <= COMMITTER_RECOVER; action++)
		if (!strcmp(action_names[action], name))
			return action;
	return COMMITTER_INVALID;
}

int committer_request_read(struct arena *arena, const struct json *value, struct committer_request *ret,
	struct error *err)
{
	const char *digest = json_get_text(value, "changeset");
	int64_t number = json_get_int(value, "number", -1), time_ns = json_get_int(value, "time_ns", -1);

	*ret = (struct committer_request){
		.action = read_action(value),
		.id = json_get_text(value, "id"),
		.session_dir = read_path(arena, json_get(value, "session_dir")),
		.changeset_file = json_get_text(value, "changeset_file"),
		.keep_branch = json_get_bool(value, "keep_branch", false),
		.accept_stale = json_get_bool(value, "accept_stale", false),
		.time_ns = (uint64_t)time_ns,
	};
	if (json_get_int(value, "version", 0) != REQUEST_VERSION)
		return wrong(err, "version");
	if (ret->action == COMMITTER_INVALID)
		return wrong(err, "action");
	if (!ret->id || !ret->session_dir || !ret->changeset_file)
		return wrong(err, "session_dir");
	if (number < 0 || number > UINT32_MAX)
		return wrong(err, "number");
	if (time_ns < 0)
		return wrong(err, "time_ns");
	if (!digest || digest_from_hex(str_from(digest), &ret->changeset) < 0)
		return wrong(err, "changeset");
	ret->number = (unsigned)number;
	return read_roots(arena, json_get(value, "roots"), ret) < 0 ? wrong(err, "roots") : 0;
}

static int receive_message(struct arena *arena, int fd, const struct json **ret, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(MESSAGE_MAX_BYTES);
	off_t at = kern_lseek(fd, 0, SEEK_SET);
	int r = at < 0 ? (int)at : kern_read_all(fd, &text);

	if (r < 0)
		return error_sys(err, r, "reading a message");
	return json_read(arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT, ret, err);
}

int committer_request_receive(struct arena *arena, int fd, struct committer_request *ret, struct error *err)
{
	const struct json *value;
	int r = receive_message(arena, fd, &value, err);

	return r < 0 ? r : committer_request_read(arena, value, ret, err);
}

/* ---- the answer ---- */

const struct json *committer_answer_to_json(struct arena *arena, const struct committer_answer *answer)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	role_error_add(&object, &answer->error);
	json_object_add_int(&object, "applied", (int64_t)answer->applied_count);
	json_object_add_int(&object, "swaps", (int64_t)answer->swap_count);
	json_object_add_int(&object, "copied_bytes", (int64_t)answer->copied_bytes);
	json_object_add_int(&object, "sync_ns", (int64_t)answer->sync_ns);
	json_object_add_int(&object, "conflict_count", (int64_t)answer->conflict_count);
	if (answer->conflicts)
		json_object_add(&object, "conflicts", json_copy(arena, answer->conflicts));
	if (answer->merges)
		json_object_add(&object, "merges", json_copy(arena, answer->merges));
	json_object_add_int(&object, "recovered", answer->recovered);
	json_object_add_int(&object, "recovered_kind", answer->recovered_kind);
	json_object_add_int(&object, "recovered_number", answer->recovered_number);
	return json_object_end(&object);
}

int committer_answer_send(int fd, const struct committer_answer *answer)
{
	scoped(arena) struct arena arena = ARENA_INIT(MESSAGE_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(MESSAGE_MAX_BYTES);
	const struct json *value = committer_answer_to_json(&arena, answer);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	return r < 0 ? r : kern_write_all(fd, text.data, text.len);
}

static bool read_count(const struct json *object, const char *key, uint64_t max, uint64_t *ret)
{
	int64_t count = json_get_int(object, key, -1);

	*ret = (uint64_t)count;
	return count >= 0 && *ret <= max;
}

/* A list of objects, or nothing. */
static bool read_list(const struct json *object, const char *key, const struct json **ret)
{
	*ret = json_get(object, key);
	if (!*ret)
		return true;
	if ((*ret)->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < (*ret)->array.count; i++)
		if ((*ret)->array.items[i]->type != JSON_OBJECT)
			return false;
	return true;
}

static bool read_counts(const struct json *value, struct committer_answer *ret)
{
	uint64_t recovered, kind, number;

	if (!read_count(value, "applied", INT64_MAX, &ret->applied_count) ||
			!read_count(value, "swaps", INT64_MAX, &ret->swap_count) ||
			!read_count(value, "copied_bytes", INT64_MAX, &ret->copied_bytes) ||
			!read_count(value, "sync_ns", INT64_MAX, &ret->sync_ns) ||
			!read_count(value, "conflict_count", INT64_MAX, &ret->conflict_count) ||
			!read_count(value, "recovered", RECOVER_REVERTED, &recovered) ||
			!read_count(value, "recovered_kind", JOURNAL_UNDO, &kind) ||
			!read_count(value, "recovered_number", UINT32_MAX, &number))
		return false;
	ret->recovered = (enum recover_result)recovered;
	ret->recovered_kind = (enum journal_kind)kind;
	ret->recovered_number = (unsigned)number;
	return true;
}

int committer_answer_read(struct arena *arena, const struct json *value, struct committer_answer *ret,
	struct error *err)
{
	struct committer_answer answer = { 0 };

	if (!role_error_read(arena, value, &answer.error) || !read_counts(value, &answer) ||
			!read_list(value, "conflicts", &answer.conflicts) ||
			!read_list(value, "merges", &answer.merges))
		return error_set(err, -EPROTO, "the committer's answer is not one");
	*ret = answer;
	return 0;
}

static int receive_answer(struct arena *arena, int fd, struct committer_answer *ret, struct error *err)
{
	const struct json *value;
	int r = receive_message(arena, fd, &value, err);

	return r < 0 ? r : committer_answer_read(arena, value, ret, err);
}

/* ---- starting it ---- */

/* What is shared with it, in memory; borrowed. */
struct papers {
	int request_fd, answer_fd, news_fd;
};

static int make_request_fd(const struct committer_request *request)
{
	scoped(arena) struct arena arena = ARENA_INIT(MESSAGE_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(MESSAGE_MAX_BYTES);
	const struct json *value = committer_request_to_json(&arena, request);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	return r < 0 ? r : kern_memfd_text("cordon-request", (struct str){ text.data, text.len });
}

/* It is on its way: who waits sees how far it is, and may call it off as long as that is possible. */
static void look_at_news(const struct progress *progress, struct interrupt *interrupt, int news_fd,
	bool *called_off)
{
	struct news news;
	bool is_known = news_read(news_fd, &news) >= 0;

	if (!*called_off && interrupt_has_come(interrupt))
		*called_off = news_call_off(news_fd) >= 0;
	else if (*called_off && is_known && overlay_is_changing(news.what))
		interrupt_say_too_late(interrupt);
	if (is_known)
		(void)progress_tell(progress, news.what, news.done, news.total);
}

static int wait_telling(int pidfd, int news_fd, const struct progress *progress, struct interrupt *interrupt)
{
	bool called_off = false;

	/* What goes wrong with looking goes wrong with waiting, too, and is told there. */
	while (!kern_poll_pidfd(pidfd, TICK_NS))
		look_at_news(progress, interrupt, news_fd, &called_off);
	return kern_wait_pidfd(pidfd);
}

/* It ran, and we do not know what became of it: no error of ours says that nothing was changed. */
static int unheard(int r, struct error *err)
{
	if (r < 0 && err) {
		err->code = -EPROTO;
		error_hint(err, "Run any cordon command: it finishes the commit or takes it back.");
	}
	return r < 0 ? -EPROTO : 0;
}

static int start_and_wait(const struct progress *progress, const struct papers *papers,
	struct run_locks *locks, struct error *err)
{
	static char name[] = "cordon-committer";
	static char *argv[] = { name, NULL }, *envp[] = { NULL };
	scoped(fd) int program_fd = programs_open(name, err), pidfd = -1;
	int fds[COMMITTER_FD_LOCKS + RUN_LOCKS_MAX] = {
		-1, -1, STDERR_FILENO, papers->request_fd, papers->answer_fd, papers->news_fd,
	};
	struct kern_spawn spawn = {
		.program_fd = program_fd,
		.argv = argv,
		.envp = envp,
		.fds = fds,
		.fd_count = COMMITTER_FD_LOCKS + locks->count,
		/* The terminal's signals and its end are not the committer's: it finishes what it began. */
		.new_session = true,
	};
	pid_t pid;
	int r;

	static_assert(COMMITTER_FD_LOCKS + RUN_LOCKS_MAX <= KERN_SPAWN_FDS_MAX, "each root has a place");
	if (program_fd < 0)
		return program_fd;
	memcpy(fds + COMMITTER_FD_LOCKS, locks->fds, locks->count * sizeof(*fds));
	r = kern_spawn(&spawn, &pid, &pidfd, err);
	if (r < 0)
		return r;
	r = wait_telling(pidfd, papers->news_fd, progress, &locks->interrupt);
	if (r < 0)
		return unheard(error_sys(err, r, "waiting for the committer"), err);
	return r ? unheard(error_set(err, -EPROTO, "the committer ended with %s %d",
		r > 128 ? "signal" : "exit code", r > 128 ? r - 128 : r), err) : 0;
}

int committer_run(struct arena *arena, const struct committer_request *request, struct run_locks *locks,
	struct committer_answer *ret, struct error *err)
{
	scoped(fd) int request_fd = make_request_fd(request);
	scoped(fd) int answer_fd = kern_memfd_create("cordon-answer", MFD_CLOEXEC);
	scoped(fd) int news_fd = news_open();
	const struct papers papers = { request_fd, answer_fd, news_fd };
	int r = MIN(request_fd, answer_fd);

	r = MIN(r, news_fd);
	if (r < 0)
		return error_sys(err, r, "handing the request to the committer");
	r = unfinished_add(request->session_dir, err);
	if (r < 0)
		return r;
	r = start_and_wait(request->progress, &papers, locks, err);
	(void)unfinished_check(request->session_dir);
	return r < 0 ? r : unheard(receive_answer(arena, answer_fd, ret, err), err);
}
