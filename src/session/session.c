// SPDX-License-Identifier: Apache-2.0
/*
 * session.c - one run of one agent, as a directory that outlives its processes
 *
 * session.json is filled up with blanks to one block and overwritten in place, under a lock that readers
 * share: one write of one page is not cut in two by a kill, needs no room on a full disk, and spares the
 * start of every session three files made and thrown away. A session that does not fit (a very long command
 * line) has its file replaced instead. Neither is synced: what must survive a power cut is in the ledger and
 * the journal, and a session whose file was lost with the machine had no supervisor left to say anything
 * anyway.
 */
#include "session/session.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>

enum {
	SESSION_FILE_MAX_BYTES = 1 << 20,
	SESSION_BLOCK_BYTES = 4096,
	SESSION_VERSION = 1,
	CREATE_TRIES_MAX = 32,
	EXIT_CODE_MAX = 255,
};

static const char *const state_names[] = {
	[SESSION_INVALID] = "invalid", [SESSION_CREATING] = "creating",
	[SESSION_RUNNING] = "running", [SESSION_STOPPED] = "stopped", [SESSION_HELD] = "held",
	[SESSION_COMMITTED] = "committed", [SESSION_ROLLED_BACK] = "rolled-back",
};

const char *session_state_name(enum session_state state)
{
	return state_names[state];
}

static enum session_state state_from_name(const char *name)
{
	for (size_t i = SESSION_CREATING; name && i < ARRAY_SIZE(state_names); i++)
		if (!strcmp(state_names[i], name))
			return (enum session_state)i;
	return SESSION_INVALID;
}

void session_init(struct session *session, struct arena *arena)
{
	*session = (struct session){ .arena = arena, .dirfd = -1, .lock_fd = -1, .exit_code = -1 };
}

void session_fini(struct session *session)
{
	session->dirfd = fd_close(session->dirfd);
	session->lock_fd = fd_close(session->lock_fd);
}

/* Letters and digits that nobody confuses when reading an id aloud. */
static void make_id(char ret[SESSION_ID_LEN + 1])
{
	static const char letters[32] = "abcdefghijkmnpqrstuvwxyz23456789";
	unsigned char random[SESSION_ID_LEN];

	kern_random(random, sizeof(random));
	for (size_t i = 0; i < SESSION_ID_LEN; i++)
		ret[i] = letters[random[i] % sizeof(letters)];
	ret[SESSION_ID_LEN] = '\0';
}

static const char *sessions_dir(struct arena *arena, const char *state_dir)
{
	return arena_printf(arena, "%s/sessions", state_dir);
}

/* Whoever reads it may know neither where sessions are kept nor that they can be kept elsewhere. */
static int fail_to_keep(struct error *err, int code)
{
	if (code == -ENOSPC || code == -EDQUOT)
		error_hint(err,
			"Make room there, or set XDG_STATE_HOME to a directory on another file system.");
	else if (code == -EROFS || code == -EACCES || code == -EPERM)
		error_hint(err, "Make it writable, or set XDG_STATE_HOME to a directory that you may write.");
	return code;
}

int session_create(struct session *session, const char *state_dir, struct error *err)
{
	const char *parent = sessions_dir(session->arena, state_dir);
	int r = parent ? kern_mkdir_all(parent) : -ENOMEM;

	if (r < 0) {
		error_sys(err, r, "creating the state directory '%s/sessions'", state_dir);
		return fail_to_keep(err, r);
	}
	r = -EEXIST;
	for (int i = 0; i < CREATE_TRIES_MAX && r == -EEXIST; i++) {
		make_id(session->id);
		session->path = arena_printf(session->arena, "%s/%s", parent, session->id);
		r = session->path ? kern_mkdirat(AT_FDCWD, session->path, 0700) : -ENOMEM;
	}
	if (r >= 0)
		r = session->dirfd = kern_open(AT_FDCWD, session->path, O_RDONLY | O_DIRECTORY, 0);
	if (r < 0) {
		error_sys(err, r, "creating a session in '%s'", parent);
		return fail_to_keep(err, r);
	}
	session->state = SESSION_CREATING;
	session->created_ns = kern_clock_real_ns();
	return 0;
}

int session_preview(struct session *session, const char *state_dir, struct error *err)
{
	memcpy(session->id, "preview", sizeof("preview"));
	session->path = arena_printf(session->arena, "%s/sessions/%s", state_dir, session->id);
	return session->path ? 0 :
		error_set(err, -ENAMETOOLONG, "the path of the state directory is too long");
}

static void add_time(struct json_object_builder *object, const char *key, uint64_t time_ns)
{
	char text[TIME_TEXT_SIZE];

	if (!time_ns)
		return;
	time_to_text(time_ns, text);
	json_object_add_text(object, key, text);
}

static const struct json *roots_to_json(const struct session *session)
{
	struct json_array_builder roots;

	json_array_begin(&roots, session->arena);
	for (size_t i = 0; i < session->root_count; i++) {
		const struct session_root *root = &session->roots[i];
		struct json_object_builder object;

		json_object_begin(&object, session->arena);
		json_object_add(&object, "path", json_new_bytes(session->arena, str_from(root->path)));
		json_object_add_bool(&object, "live", root->live);
		if (root->storage)
			json_object_add(&object, "storage",
				json_new_bytes(session->arena, str_from(root->storage)));
		json_array_add(&roots, json_object_end(&object));
	}
	return json_array_end(&roots);
}

const struct json *session_ports_to_json(struct arena *arena, const struct session *session)
{
	struct json_array_builder ports;

	json_array_begin(&ports, arena);
	for (size_t i = 0; i < session->port_count; i++) {
		struct json_object_builder object;

		json_object_begin(&object, arena);
		json_object_add_int(&object, "port", session->ports[i].port);
		json_object_add_int(&object, "host_port", session->ports[i].host_port);
		json_array_add(&ports, json_object_end(&object));
	}
	return json_array_end(&ports);
}

const struct json *session_to_json(const struct session *session)
{
	struct arena *arena = session->arena;
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", SESSION_VERSION);
	json_object_add_text(&object, "id", session->id);
	json_object_add_text(&object, "state", session_state_name(session->state));
	if (session->workspace)
		json_object_add(&object, "workspace", json_new_bytes(arena, str_from(session->workspace)));
	if (session->profile)
		json_object_add_text(&object, "profile", session->profile);
	json_object_add_text(&object, "level", session->level ? session->level : "namespaces");
	json_object_add(&object, "argv", json_new_words(arena, session->argv, session->argc));
	add_time(&object, "created", session->created_ns);
	add_time(&object, "ended", session->ended_ns);
	if (session->exit_code >= 0)
		json_object_add_int(&object, "exit_code", session->exit_code);
	json_object_add_int(&object, "supervisor_pid", session->supervisor_pid);
	json_object_add_int(&object, "supervisor_start", (int64_t)session->supervisor_start);
	json_object_add_int(&object, "user_uid", session->user_uid);
	json_object_add_int(&object, "user_gid", session->user_gid);
	json_object_add_int(&object, "agent_uid", session->agent_uid);
	json_object_add_int(&object, "agent_gid", session->agent_gid);
	json_object_add(&object, "roots", roots_to_json(session));
	if (session->port_count)
		json_object_add(&object, "published", session_ports_to_json(arena, session));
	return json_object_end(&object);
}

/* Into the one block that the file has; -EFBIG where it has another size. */
static int overwrite(const struct session *session, const struct buf *text)
{
	scoped(fd) int fd = kern_open(session->dirfd, "session.json", O_RDWR | O_NOFOLLOW, 0);
	struct stat st;
	int r = fd < 0 ? fd : kern_flock(fd, LOCK_EX);
	ssize_t n;

	if (r >= 0)
		r = kern_fstat(fd, &st);
	if (r >= 0 && (st.st_size != SESSION_BLOCK_BYTES || text->len != SESSION_BLOCK_BYTES))
		r = -EFBIG;
	if (r < 0)
		return r;
	n = kern_pwrite(fd, text->data, text->len, 0);
	return n < 0 ? (int)n : n == (ssize_t)text->len ? 0 : -EIO;
}

static int fill_up(struct buf *text)
{
	size_t blanks = text->len < SESSION_BLOCK_BYTES ? SESSION_BLOCK_BYTES - text->len : 0;
	char *room = buf_reserve(text, blanks);

	if (!room)
		return -EMSGSIZE;
	memset(room, ' ', blanks);
	if (blanks)
		room[blanks - 1] = '\n';
	buf_commit(text, blanks);
	return 0;
}

int session_save(struct session *session, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(SESSION_FILE_MAX_BYTES);
	const struct json *value = session_to_json(session);
	int r = value ? json_write(&text, value, JSON_WRITE_PRETTY) : -EMSGSIZE;

	if (r >= 0)
		r = fill_up(&text);
	if (r >= 0)
		r = overwrite(session, &text);
	if (r == -ENOENT || r == -EFBIG)
		r = kern_write_file(session->dirfd, "session.json", (struct str){ text.data, text.len }, 0600,
			false);
	if (r >= 0)
		return 0;
	error_sys(err, r, "session '%s': writing '%s/session.json'", session->id, session->path);
	return fail_to_keep(err, r);
}

int session_set_state(struct session *session, enum session_state state, struct error *err)
{
	session->state = state;
	return session_save(session, err);
}

/* ---- reading ---- */

static int get_path(struct session *session, const struct json *object, const char *key, const char **ret)
{
	const struct json *value = json_get(object, key);
	struct str bytes;
	int r;

	if (!value)
		return -ENOENT;
	r = json_to_bytes(session->arena, value, &bytes);
	if (r < 0 || strlen(bytes.data) != bytes.len || bytes.data[0] != '/' || !path_is_clean(bytes))
		return -EBADMSG;
	*ret = bytes.data;
	return 0;
}

static int read_roots(struct session *session, const struct json *value)
{
	if (!value || value->type != JSON_ARRAY || value->array.count > SESSION_ROOTS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < value->array.count; i++) {
		const struct json *item = value->array.items[i];
		struct session_root *root = &session->roots[i];
		int r = get_path(session, item, "path", &root->path);

		root->live = json_get_bool(item, "live", false);
		if (r >= 0 && !root->live)
			r = get_path(session, item, "storage", &root->storage);
		if (r < 0)
			return -EBADMSG;
	}
	session->root_count = value->array.count;
	return 0;
}

/* What is not there has its default, and what is there has to fit. */
static int get_number(const struct json *object, const char *key, int64_t max, int64_t otherwise,
	int64_t *ret)
{
	const struct json *value = json_get(object, key);

	*ret = value ? json_get_int(object, key, -1) : otherwise;
	return value && (*ret < 0 || *ret > max) ? -EBADMSG : 0;
}

static int get_text(const struct json *object, const char *key, const char **ret)
{
	*ret = json_get_text(object, key);
	return !*ret && json_get(object, key) ? -EBADMSG : 0;
}

static int get_time(const struct json *object, const char *key, uint64_t *ret)
{
	const char *text;
	int r = get_text(object, key, &text);

	*ret = 0;
	return r < 0 || !text ? r : time_from_text(str_from(text), ret) < 0 ? -EBADMSG : 0;
}

static int read_process(struct session *session, const struct json *value)
{
	int64_t exit_code, pid, start;

	if (get_number(value, "exit_code", EXIT_CODE_MAX, -1, &exit_code) < 0 ||
			get_number(value, "supervisor_pid", INT32_MAX, 0, &pid) < 0 ||
			get_number(value, "supervisor_start", INT64_MAX, 0, &start) < 0)
		return -EBADMSG;
	session->exit_code = (int)exit_code;
	session->supervisor_pid = (pid_t)pid;
	session->supervisor_start = (uint64_t)start;
	return 0;
}

static int read_owners(struct session *session, const struct json *value)
{
	static const char *const keys[] = { "user_uid", "user_gid", "agent_uid", "agent_gid" };
	uint32_t *const ids[] = { &session->user_uid, &session->user_gid, &session->agent_uid,
		&session->agent_gid };
	int64_t id;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (get_number(value, keys[i], UINT32_MAX, UINT32_MAX, &id) < 0)
			return -EBADMSG;
		*ids[i] = (uint32_t)id;
	}
	return 0;
}

static int read_ports(struct session *session, const struct json *value)
{
	session->port_count = 0;
	if (!value)
		return 0;
	if (value->type != JSON_ARRAY || value->array.count > SESSION_PORTS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < value->array.count; i++) {
		const struct json *item = value->array.items[i];
		int64_t port, host_port;

		if (get_number(item, "port", UINT16_MAX, 0, &port) < 0 || !port ||
				get_number(item, "host_port", UINT16_MAX, 0, &host_port) < 0 || !host_port)
			return -EBADMSG;
		session->ports[session->port_count++] =
			(struct session_port){ (uint16_t)port, (uint16_t)host_port };
	}
	return 0;
}

static int read_fields(struct session *session, const struct json *value)
{
	int r;

	if (json_get_int(value, "version", 0) != SESSION_VERSION)
		return -EPROTONOSUPPORT;
	session->state = state_from_name(json_get_text(value, "state"));
	if (session->state == SESSION_INVALID)
		return -EBADMSG;
	r = get_text(value, "profile", &session->profile);
	if (r >= 0)
		r = get_text(value, "level", &session->level);
	if (r >= 0)
		r = get_time(value, "created", &session->created_ns);
	if (r >= 0)
		r = get_time(value, "ended", &session->ended_ns);
	if (r >= 0)
		r = read_process(session, value);
	if (r >= 0)
		r = read_owners(session, value);
	if (r >= 0)
		r = get_path(session, value, "workspace", &session->workspace);
	if (r >= 0)
		r = json_to_words(session->arena, json_get(value, "argv"), &session->argv, &session->argc);
	if (r >= 0)
		r = read_ports(session, json_get(value, "published"));
	return r < 0 ? -EBADMSG : read_roots(session, json_get(value, "roots"));
}

int session_read(struct session *session, struct str text, struct error *err)
{
	const struct json *value;
	int r = json_read(session->arena, text, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return error_wrap(err, r, "session '%s': session.json", session->id);
	r = read_fields(session, value);
	return r < 0 ? error_set(err, r, "session '%s': session.json is damaged or of another version",
		session->id) :
		0;
}

static int read_file(struct session *session, struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(SESSION_FILE_MAX_BYTES);
	scoped(fd) int fd = kern_open(session->dirfd, "session.json", O_RDONLY | O_NOFOLLOW, 0);
	int r = fd < 0 ? fd : kern_flock(fd, LOCK_SH);

	if (r >= 0)
		r = kern_read_all(fd, &text);
	return r < 0 ? error_sys(err, r, "session '%s': reading session.json", session->id) :
		session_read(session, (struct str){ text.data, text.len }, err);
}

/*
 * The directory is there, so what is wrong with the file is damage, and no reason to say "no such session".
 */
static int read_session(struct session *session, struct error *err)
{
	int r = read_file(session, err);

	if (r >= 0)
		return 0;
	error_hint(err, "What it did is in its ledger, `cordon audit %s`; what is left of it, below '%s'.",
		session->id, quote_cstr(session->path).text);
	if (err && r == -ENOENT)
		err->code = -EBADMSG;
	return r == -ENOENT ? -EBADMSG : r;
}

/* The one session that @prefix starts. */
static int resolve_id(struct session *session, const char *state_dir, const char *prefix, struct error *err)
{
	const char *const *ids, *found = NULL;
	size_t count;
	int r;

	if (session_exists(session->arena, state_dir, prefix)) {
		memcpy(session->id, prefix, SESSION_ID_LEN + 1);
		return 0;
	}
	r = session_ids(session->arena, state_dir, &ids, &count, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (!str_starts_with(str_from(ids[i]), str_from(prefix)) || !prefix[0])
			continue;
		if (found) {
			error_set(err, -EEXIST, "'%s' could mean session '%s' or '%s'",
				quote_cstr(prefix).text, found, ids[i]);
			error_hint(err, "Give more letters of the id.");
			return -EEXIST;
		}
		found = ids[i];
	}
	if (!found) {
		error_set(err, -ENOENT, "there is no session '%s'", quote_cstr(prefix).text);
		error_hint(err, "`cordon ps --all` lists the sessions that there are.");
		return -ENOENT;
	}
	memcpy(session->id, found, SESSION_ID_LEN + 1);
	return 0;
}

int session_open(struct session *session, const char *state_dir, const char *id, struct error *err)
{
	int r = resolve_id(session, state_dir, id, err);

	if (r < 0)
		return r;
	session->path = arena_printf(session->arena, "%s/sessions/%s", state_dir, session->id);
	if (!session->path)
		return error_set(err, -ENAMETOOLONG, "the path of session '%s' is too long", session->id);
	session->dirfd = kern_open(AT_FDCWD, session->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (session->dirfd < 0)
		return error_sys(err, session->dirfd, "opening session '%s'", session->id);
	return read_session(session, err);
}

static int take_lock(struct session *session, struct error *err)
{
	int r = kern_flock(session->lock_fd, LOCK_EX | LOCK_NB);

	if (r == -EAGAIN) {
		error_set(err, -EBUSY, "session '%s' is in use by another cordon process", session->id);
		error_hint(err, "Wait for it to end.");
		return -EBUSY;
	}
	if (r < 0)
		return error_sys(err, r, "session '%s': taking its lock", session->id);
	/* Until now, whoever held the lock could change it. */
	r = read_session(session, err);
	if (r < 0 || !session_is_alive(session))
		return r;
	error_set(err, -EBUSY, "session '%s' still runs", session->id);
	error_hint(err, "Wait for it to end, or stop it with `cordon stop %s`.", session->id);
	return -EBUSY;
}

int session_lock(struct session *session, struct error *err)
{
	int r;

	if (session->lock_fd >= 0)
		return 0;
	session->lock_fd = kern_open(session->dirfd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	if (session->lock_fd < 0)
		return error_sys(err, session->lock_fd, "session '%s': opening its lock", session->id);
	r = take_lock(session, err);
	if (r < 0)
		session->lock_fd = fd_close(session->lock_fd);
	return r;
}

/* ---- life ---- */

/*
 * Field 22 of /proc/PID/stat, counted from behind the last ')' since the program's name may hold anything
 * (proc(5)). A process that has ended and was not waited for yet (state Z or X) is gone for our purpose.
 */
static uint64_t start_time(pid_t pid)
{
	scoped(buf) struct buf text = BUF_INIT(4096);
	struct str field = { 0 }, rest;
	uint64_t ticks;
	const char *p;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (kern_read_file(AT_FDCWD, path, &text) < 0)
		return 0;
	p = strrchr(buf_text(&text), ')');
	if (!p || strlen(p) < 3 || p[2] == 'Z' || p[2] == 'X')
		return 0;
	rest = str_from(p);
	for (int i = 0; i <= 20; i++)
		if (!str_cut(rest, ' ', &field, &rest))
			return 0;
	return str_to_u64(field, UINT64_MAX, &ticks) < 0 ? 0 : ticks;
}

bool session_is_alive(const struct session *session)
{
	return session->supervisor_pid > 0 && session->supervisor_start &&
		start_time(session->supervisor_pid) == session->supervisor_start;
}

bool session_is_orphan(const struct session *session)
{
	return session->state >= SESSION_CREATING && session->state <= SESSION_STOPPED &&
		!session_is_alive(session);
}

void session_claim(struct session *session)
{
	session->supervisor_pid = kern_getpid();
	session->supervisor_start = start_time(session->supervisor_pid);
}
