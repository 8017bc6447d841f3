// SPDX-License-Identifier: Apache-2.0
/*
 * checker.c - asking cordon-checker for the policies that somebody wrote
 */
#include "run/checker.h"

#include "base/fd.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"
#include "run/role_error.h"
#include "session/programs.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	REQUEST_VERSION = 1,
	MESSAGE_MAX_BYTES = 16 << 20,
	MESSAGE_ARENA_BYTES = 64 << 20,
};

/* ---- the request ---- */

static const struct json *request_to_json(struct arena *arena, const struct checker_request *request)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "version", REQUEST_VERSION);
	json_object_add(&object, "workspace", json_new_bytes(arena, str_from(request->workspace)));
	json_object_add(&object, "config", config_to_json(arena, request->config));
	return json_object_end(&object);
}

static int make_request_fd(const struct checker_request *request)
{
	scoped(arena) struct arena arena = ARENA_INIT(MESSAGE_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(MESSAGE_MAX_BYTES);
	const struct json *value = request_to_json(&arena, request);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	return r < 0 ? r : kern_memfd_text("cordon-request", (struct str){ text.data, text.len });
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

int checker_request_receive(struct arena *arena, struct checker_request *ret, struct error *err)
{
	const struct json *value;
	struct str workspace;
	int r = receive_message(arena, CHECKER_FD_REQUEST, &value, err);

	if (r < 0)
		return r;
	if (json_get_int(value, "version", 0) != REQUEST_VERSION ||
			json_to_bytes(arena, json_get(value, "workspace"), &workspace) < 0)
		return error_set(err, -EPROTO, "the request to the checker is not one");
	ret->workspace = workspace.data;
	return config_from_json(arena, json_get(value, "config"), &ret->config, err);
}

/* ---- the answer ---- */

static const struct json *bundle_to_json(struct arena *arena, const struct policy_bundle *bundle)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_text(&object, "path", bundle->path);
	json_object_add_text(&object, "revision", bundle->revision);
	return json_object_end(&object);
}

static const struct json *bundles_to_json(struct arena *arena, const struct policy_bundles *bundles)
{
	struct json_array_builder list;

	json_array_begin(&list, arena);
	for (size_t i = 0; i < bundles->count; i++)
		json_array_add(&list, bundle_to_json(arena, &bundles->items[i]));
	return json_array_end(&list);
}

static const struct json *answer_to_json(struct arena *arena, const struct checker_answer *answer)
{
	struct str report = { answer->report.data,
		MIN(answer->report.len, (size_t)CHECKER_REPORT_BYTES_MAX) };
	struct json_object_builder object;
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&answer->digest, hex);
	json_object_begin(&object, arena);
	role_error_add(&object, &answer->error);
	json_object_add(&object, "report", json_new_bytes(arena, report));
	json_object_add(&object, "notes", json_new_words(arena, answer->notes, answer->note_count));
	json_object_add_int(&object, "read_ns", (int64_t)answer->read_ns);
	json_object_add_int(&object, "compile_ns", (int64_t)answer->compile_ns);
	json_object_add_text(&object, "digest", hex);
	json_object_add(&object, "bundles", bundles_to_json(arena, &answer->bundles));
	return json_object_end(&object);
}

int checker_answer_send(struct arena *arena, const struct checker_answer *answer)
{
	scoped(buf) struct buf text = BUF_INIT(MESSAGE_MAX_BYTES);
	const struct json *value = answer_to_json(arena, answer);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	return r < 0 ? r : kern_write_all(CHECKER_FD_ANSWER, text.data, text.len);
}

static bool read_bundles(struct arena *arena, const struct json *list, struct policy_bundles *ret)
{
	if (!list || list->type != JSON_ARRAY)
		return false;
	ret->items = arena_alloc_array(arena, list->array.count, sizeof(*ret->items));
	for (size_t i = 0; ret->items && i < list->array.count; i++) {
		struct policy_bundle *bundle = &ret->items[ret->count++];

		bundle->path = json_get_text(list->array.items[i], "path");
		bundle->revision = json_get_text(list->array.items[i], "revision");
		if (!bundle->path || !bundle->revision)
			return false;
	}
	return ret->items;
}

static bool read_answer(struct arena *arena, const struct json *value, struct checker_answer *ret)
{
	int64_t read_ns = json_get_int(value, "read_ns", -1),
		compile_ns = json_get_int(value, "compile_ns", -1);
	const char *hex = json_get_text(value, "digest");

	if (read_ns < 0 || compile_ns < 0 || !hex || digest_from_hex(str_from(hex), &ret->digest) < 0 ||
			!role_error_read(arena, value, &ret->error) ||
			json_to_bytes(arena, json_get(value, "report"), &ret->report) < 0 ||
			json_to_words(arena, json_get(value, "notes"), &ret->notes, &ret->note_count) < 0 ||
			!read_bundles(arena, json_get(value, "bundles"), &ret->bundles))
		return false;
	ret->read_ns = (uint64_t)read_ns;
	ret->compile_ns = (uint64_t)compile_ns;
	return true;
}

int checker_read(struct arena *arena, const struct checker *checker, int exit_code,
	struct checker_answer *ret, struct error *err)
{
	struct checker_answer answer = { 0 };
	const struct json *value;
	int r;

	if (exit_code)
		return error_set(err, -EPROTO,
			"the policies could not be read: cordon-checker ended with %s %d",
			exit_code > 128 ? "signal" : "exit code",
			exit_code > 128 ? exit_code - 128 : exit_code);
	r = receive_message(arena, checker->answer_fd, &value, err);
	if (r < 0)
		return error_wrap(err, r, "the answer of cordon-checker");
	if (!read_answer(arena, value, &answer))
		return error_set(err, -EPROTO, "the answer of cordon-checker is not one");
	*ret = answer;
	return 0;
}

/* ---- starting it ---- */

static int spawn(const int fds[CHECKER_FD_COUNT], int *ret_pidfd, struct error *err)
{
	static char name[] = "cordon-checker";
	static char *argv[] = { name, NULL }, *envp[] = { NULL };
	scoped(fd) int program_fd = programs_open(name, err);
	struct kern_spawn spawn = {
		.program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds,
		.fd_count = CHECKER_FD_COUNT, .new_session = true, .dies_with_parent = true, .in_root = true,
	};
	pid_t pid;

	return program_fd < 0 ? program_fd : kern_spawn(&spawn, &pid, ret_pidfd, err);
}

int checker_start(const struct checker_request *request, int document_fd, int state_dirfd,
	struct checker *ret, struct error *err)
{
	scoped(fd) int request_fd = make_request_fd(request);
	int fds[CHECKER_FD_COUNT] = {
		-1, -1, STDERR_FILENO, request_fd, [CHECKER_FD_DOCUMENT] = document_fd,
		[CHECKER_FD_STATE] = state_dirfd,
	};

	*ret = (struct checker)CHECKER_INIT;
	ret->answer_fd = fds[CHECKER_FD_ANSWER] = kern_memfd_create("cordon-answer", MFD_CLOEXEC);
	if (MIN(request_fd, ret->answer_fd) < 0)
		return error_sys(err, MIN(request_fd, ret->answer_fd), "asking the checker");
	return spawn(fds, &ret->pidfd, err);
}

int checker_say_slow(struct error *err)
{
	error_set(err, -ETIMEDOUT, "reading and compiling the policies took longer than %d seconds",
		CHECKER_PATIENCE_MS / 1000);
	error_hint(err,
		"Look at policy.files: a file system that does not answer, or a directory with far more in it?");
	return -ETIMEDOUT;
}

int checker_wait(const struct checker *checker, struct error *err)
{
	uint64_t now_ns = kern_clock_monotonic_ns(), end_ns = now_ns + CHECKER_PATIENCE_MS * NS_PER_MS;
	int r = 0;

	for (; r == 0 && now_ns < end_ns; now_ns = kern_clock_monotonic_ns())
		r = kern_poll_pidfd(checker->pidfd, end_ns - now_ns);
	if (r > 0)
		r = kern_wait_pidfd(checker->pidfd);
	else if (r == 0)
		return checker_say_slow(err);
	return r < 0 ? error_sys(err, r, "waiting for the checker") : r;
}

void checker_fini(struct checker *checker)
{
	if (checker->pidfd >= 0)
		(void)kern_pidfd_send_signal(checker->pidfd, SIGKILL);
	checker->pidfd = fd_close(checker->pidfd);
	checker->answer_fd = fd_close(checker->answer_fd);
}
