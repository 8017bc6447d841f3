// SPDX-License-Identifier: Apache-2.0
/*
 * opa.c - where an organisation runs OPA: its server is asked what our engine would be asked
 *
 * One question at a time. While the server thinks, our own policies are evaluated. Every wait has an end:
 * that of the answer comes a moment after the one that cordon-opa was given, so that its word about what
 * happened is heard before it is ended for saying nothing.
 *
 * The token is read when cordon-opa is started and is not kept: it goes through a file in memory that nobody
 * else opens.
 */
#include "run/opa.h"

#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "base/units.h"
#include "config/url.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"
#include "kern/sock.h"
#include "policy/opa.h"
#include "run/opa_wire.h"
#include "session/programs.h"
#include "session/reference.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	ARENA_BYTES = 1 << 20,
	QUESTION_BYTES_MAX = 1 << 30,
	START_MS = 5000,
	GRACE_MS = 250,
	NO_LIBRARY_CODE = 127,		/* of the dynamic linker */
	SIGNAL_CODE = 128,
	STATUS_OK = 200,
};

struct run_opa {
	struct arena arena;		/* of the settings */
	const char *shown;		/* the URL as the configuration has it */
	struct opa_settings settings;	/* but for the token */
	const char *token;		/* reference; NULL: none */
	uint64_t timeout_ns;
	struct policy_engine *engine;	/* borrowed; asked beside */
	int socket_fd, answer_fd, pidfd;	/* owned; -1: it does not run */
};

/* ---- settings ---- */

static const char *keep(struct run_opa *opa, const char *text)
{
	return *text ? arena_copy(&opa->arena, text, strlen(text)) : NULL;
}

static int take_settings(struct run_opa *opa, const struct config *config, struct error *err)
{
	struct config_url url;
	const char *why;

	opa->shown = keep(opa, config->settings.policy.url);
	why = opa->shown ? config_url_parse(&opa->arena, str_from(opa->shown), &url) : "it is not set";
	if (why)
		return error_set(err, -EINVAL, "policy.url: %s", why);
	opa->settings = (struct opa_settings){
		.base = url.base, .socket = url.socket, .host = url.host, .is_name = url.is_name,
		.is_tls = url.is_tls, .port = url.port, .ca = keep(opa, config->settings.policy.ca),
		.cert = keep(opa, config->settings.policy.cert),
		.key = keep(opa, config->settings.policy.key),
	};
	opa->token = keep(opa, config->settings.policy.token);
	opa->timeout_ns = config->settings.policy.timeout_ns;
	return 0;
}

int run_opa_new(const struct config *config, struct run_opa **ret, struct error *err)
{
	struct run_opa *opa;
	int r;

	*ret = NULL;
	if (config->settings.policy.engine != CONFIG_ENGINE_OPA)
		return 0;
	opa = calloc(1, sizeof(*opa));
	if (!opa)
		abort();
	opa->arena = (struct arena)ARENA_INIT(ARENA_BYTES);
	opa->socket_fd = opa->answer_fd = opa->pidfd = -1;
	r = take_settings(opa, config, err);
	if (r < 0)
		run_opa_free(opa);
	else
		*ret = opa;
	return r;
}

const char *run_opa_url(const struct run_opa *opa)
{
	return opa->shown;
}

/* ---- the process ---- */

/* Killed: it has nothing to finish. Return: its exit code, or negative errno */
static int end_process(struct run_opa *opa)
{
	int code = -ECHILD;

	opa->socket_fd = fd_close(opa->socket_fd);
	opa->answer_fd = fd_close(opa->answer_fd);
	if (opa->pidfd >= 0) {
		(void)kern_pidfd_send_signal(opa->pidfd, SIGKILL);
		code = kern_wait_pidfd(opa->pidfd);
	}
	opa->pidfd = fd_close(opa->pidfd);
	return code;
}

struct run_opa *run_opa_free(struct run_opa *opa)
{
	if (!opa)
		return NULL;
	(void)end_process(opa);
	arena_fini(&opa->arena);
	free(opa);
	return NULL;
}

/* It left without a word: how, before we would have killed it. */
static int say_gone(struct run_opa *opa, struct error *err)
{
	int code = kern_wait_pidfd(opa->pidfd);

	opa->pidfd = fd_close(opa->pidfd);
	if (code == NO_LIBRARY_CODE) {
		error_set(err, -EPROTO, "cordon-opa cannot be started: a library that it needs is missing");
		error_hint(err, "install libcurl 4 (Debian: libcurl4); the rest of cordon does without");
	} else if (code > SIGNAL_CODE) {
		error_set(err, -EPROTO, "cordon-opa was ended by SIG%s before it answered",
			sigabbrev_np(code - SIGNAL_CODE) ?: "?");
	} else {
		error_set(err, -EPROTO, "cordon-opa ended with code %d before it answered", code);
	}
	return -EPROTO;
}

/* Return: 0, -ETIMEDOUT, or as say_gone() */
static int hear(struct run_opa *opa, uint64_t deadline_ns, struct opa_told *ret, struct error *err)
{
	char packet[sizeof(*ret) + 1];
	int fds[KERN_SOCK_FDS_MAX];
	size_t fd_count = 0;
	ssize_t n;

	while ((n = kern_sock_recv(opa->socket_fd, packet, sizeof(packet), fds, &fd_count)) == -EAGAIN) {
		struct pollfd something = { .fd = opa->socket_fd, .events = POLLIN };
		uint64_t now_ns = kern_clock_monotonic_ns();
		uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
		const struct timespec left = {
			.tv_sec = (time_t)(left_ns / NS_PER_SEC), .tv_nsec = (long)(left_ns % NS_PER_SEC),
		};

		if (!left_ns)
			return error_set(err, -ETIMEDOUT, "cordon-opa says nothing");
		(void)kern_ppoll(&something, 1, &left);
	}
	for (size_t i = 0; i < fd_count; i++)
		fd_close(fds[i]);
	if (n == 0 || n == -ECONNRESET)
		return say_gone(opa, err);
	if (n > 0)
		n = fd_count ? -EBADMSG : opa_told_read(packet, (size_t)n, POLICY_OPA_BODY_MAX, ret);
	return n < 0 ? error_set(err, -EPROTO, "cordon-opa said something unexpected") : 0;
}

/* What goes into a header as it is. */
static int check_token(const struct buf *token, const char *reference, struct error *err)
{
	for (size_t i = 0; i < token->len; i++)
		if (token->data[i] <= ' ' || token->data[i] > '~')
			return error_set(err, -EINVAL,
				"policy.token: '%s' holds no token: a byte of it is none of a token's",
				quote_cstr(reference).text);
	return 0;
}

/* A file in memory with everything that it is told; nobody else can open it. */
static int make_settings_fd(const struct run_opa *opa, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(OPA_SETTINGS_MAX_BYTES), token = BUF_INIT(REFERENCE_BYTES_MAX);
	struct opa_settings settings = opa->settings;
	const struct json *value;
	int r = 0;

	if (opa->token) {
		r = reference_read(opa->token, &token, err);
		if (r < 0)
			return error_wrap(err, r, "policy.token");
		r = check_token(&token, opa->token, err);
		settings.token = buf_text(&token);
	}
	if (r < 0)
		return r;
	value = opa_settings_to_json(&arena, &settings);
	r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;
	if (r >= 0)
		r = kern_memfd_text("cordon-settings", (struct str){ text.data, text.len });
	return r < 0 ? error_sys(err, r, "telling cordon-opa where the server is") : r;
}

static int spawn(struct run_opa *opa, int settings_fd, int socket_fd, struct error *err)
{
	static char name[] = "cordon-opa";
	static char *argv[] = { name, NULL }, *envp[] = { NULL };
	scoped(fd) int program_fd = programs_open(name, err);
	const int fds[OPA_FD_COUNT] = { -1, -1, -1, socket_fd, settings_fd, opa->answer_fd };
	const struct kern_spawn spawn = {
		.program_fd = program_fd, .argv = argv, .envp = envp, .fds = fds, .fd_count = OPA_FD_COUNT,
		.new_session = true, .dies_with_parent = true, .in_root = true,
	};
	pid_t pid;

	return program_fd < 0 ? program_fd : kern_spawn(&spawn, &pid, &opa->pidfd, err);
}

/* Behind "the OPA server at URL", and in front of what a library or the system says about it. */
static const struct {
	const char *what, *hint;
} failures[OPA_KINDS] = {
	[OPA_FAILED] = { "cannot be asked", "see `cordon config show`" },
	[OPA_UNREACHABLE] = { "cannot be reached", "see that it runs, and that policy.url leads to it" },
	[OPA_LATE] = { "did not answer within", "see how it is; policy.timeout says how long is waited" },
	[OPA_UNTRUSTED] = { "did not prove who it is", "policy.ca names the certificates that vouch for it" },
	[OPA_INSECURE] = { "and we agreed on no secure connection",
		"see its log; policy.cert and policy.key are what is shown to it" },
	[OPA_CUT] = { "ended the connection before its answer was complete", "see its log" },
	[OPA_LONG] = { "answered more than 8 MiB",
		"its policies find too much, or something else than an OPA is there" },
	[OPA_ENCODED] = { "answered in an encoding that nobody asked for",
		"see what stands between: OPA itself sends what it is asked for" },
	[OPA_ABSENT] = { "cannot be asked by this build",
		"leave policy.engine out, and cordon's own engine judges; or build cordon with libcurl (-Dopa=enabled)" },
};

static int start(struct run_opa *opa, struct error *err)
{
	uint64_t deadline_ns = kern_clock_monotonic_ns() + START_MS * NS_PER_MS;
	scoped(fd) int settings_fd = make_settings_fd(opa, err);
	struct opa_told told;
	int pair[2], r;

	if (settings_fd < 0)
		return settings_fd;
	r = opa->answer_fd = kern_memfd_create("cordon-answer", MFD_CLOEXEC);
	if (r >= 0)
		r = kern_sock_pair(pair);
	if (r < 0)
		return error_sys(err, r, "asking cordon-opa");
	opa->socket_fd = pair[0];
	r = spawn(opa, settings_fd, pair[1], err);
	fd_close(pair[1]);
	if (r >= 0)
		r = hear(opa, deadline_ns, &told, err);
	if (r >= 0 && told.kind != OPA_READY) {
		r = error_set(err, -EINVAL, "%s", quote_cstr(told.text).text);
		if (told.kind == OPA_ABSENT)
			error_hint(err, "%s", failures[OPA_ABSENT].hint);
	}
	return r;
}

int run_opa_start(struct run_opa *opa, struct error *err)
{
	int r = 0;

	if (opa->pidfd < 0)
		r = start(opa, err);
	if (r < 0)
		(void)end_process(opa);
	return r < 0 ? error_wrap(err, r, "the OPA server at %s cannot be asked", opa->shown) : 0;
}

/* ---- what went wrong ---- */

static const char *hint_of_status(unsigned status)
{
	if (status == 401 || status == 403)
		return "policy.token or policy.cert is not what the server wants";
	if (status == 404)
		return "see that policy.url leads to OPA's data API";
	if (status >= 300 && status < 400)
		return "a redirection is not followed: let policy.url lead to the server itself";
	return "see its log";
}

static int say_failure(const struct run_opa *opa, const struct opa_told *told, struct error *err)
{
	char limit[UNITS_TEXT_SIZE];

	if (told->kind == OPA_ANSWERED) {
		error_set(err, -EPROTO, "the OPA server at %s answered with status %u", opa->shown,
			told->status);
		error_hint(err, "%s", hint_of_status(told->status));
		return -EPROTO;
	}
	if (!failures[told->kind].what)
		return error_set(err, -EPROTO, "cordon-opa said something unexpected");
	units_format_duration(opa->timeout_ns, limit);
	error_set(err, -EPROTO, "the OPA server at %s %s%s%s%s%s", opa->shown, failures[told->kind].what,
		told->kind == OPA_LATE ? " " : "", told->kind == OPA_LATE ? limit : "",
		told->text[0] ? ": " : "", told->text[0] ? quote_cstr(told->text).text : "");
	error_hint(err, "%s", failures[told->kind].hint);
	return -EPROTO;
}

/* ---- asking ---- */

static int send_question(struct run_opa *opa, enum policy_question question, const struct json *input,
	struct error *err)
{
	scoped(buf) struct buf body = BUF_INIT(QUESTION_BYTES_MAX);
	struct opa_ask ask = {
		.version = OPA_WIRE_VERSION, .body_max = POLICY_OPA_BODY_MAX, .timeout_ns = opa->timeout_ns,
	};
	scoped(fd) int fd = -1;
	int r = policy_opa_write(&body, input);

	if (r >= 0)
		r = fd = kern_memfd_text("cordon-question", (struct str){ body.data, body.len });
	if (r < 0)
		return error_sys(err, r, "writing the question");
	snprintf(ask.name, sizeof(ask.name), "%s", policy_question_name(question));
	ask.body_bytes = body.len;
	r = kern_sock_send(opa->socket_fd, &ask, sizeof(ask), &fd, 1);
	return r < 0 ? error_sys(err, r, "asking cordon-opa") : 0;
}

static int read_answer(struct run_opa *opa, enum policy_question question, const struct opa_told *told,
	struct arena *arena, struct policy_answer *ret, struct error *err)
{
	scoped(buf) struct buf body = BUF_INIT(POLICY_OPA_BODY_MAX);
	off_t at = kern_lseek(opa->answer_fd, 0, SEEK_SET);
	int r = at < 0 ? (int)at : kern_read_all(opa->answer_fd, &body);

	if (r >= 0 && body.len != told->body_bytes)
		r = -EPROTO;
	if (r < 0)
		return error_sys(err, r, "reading what cordon-opa left");
	r = policy_opa_read(arena, question, (struct str){ buf_text(&body), body.len }, ret, err);
	return r < 0 ? error_wrap(err, r, "the answer of the OPA server at %s", opa->shown) : 0;
}

static int hear_answer(struct run_opa *opa, enum policy_question question, uint64_t deadline_ns,
	struct arena *arena, struct policy_answer *ret, struct error *err)
{
	struct opa_told told;
	int r = hear(opa, deadline_ns, &told, err);

	if (r == -ETIMEDOUT) {
		told = (struct opa_told){ .kind = OPA_LATE };
		return say_failure(opa, &told, err);
	}
	if (r < 0)
		return r;
	if (told.kind != OPA_ANSWERED || told.status != STATUS_OK)
		return say_failure(opa, &told, err);
	return read_answer(opa, question, &told, arena, ret, err);
}

static int ask(void *context, enum policy_question question, const struct json *input,
	const struct policy_moment *moment, struct arena *arena, struct policy_answer *ret, struct error *err)
{
	struct run_opa *opa = context;
	struct policy_answer answers[2];
	uint64_t deadline_ns;
	int r = run_opa_start(opa, err);

	*ret = (struct policy_answer){ .verdict = VERDICT_DENY };
	if (r < 0)
		return r;
	r = send_question(opa, question, input, err);
	deadline_ns = kern_clock_monotonic_ns() + opa->timeout_ns + GRACE_MS * NS_PER_MS;
	if (r >= 0)
		r = policy_ask_beside(opa->engine, question, input, moment, arena, &answers[0], err);
	if (r >= 0)
		r = hear_answer(opa, question, deadline_ns, arena, &answers[1], err);
	/* Whatever it still says would be taken for the answer to the next question. */
	if (r < 0)
		(void)end_process(opa);
	return r < 0 ? r : policy_answer_join(arena, answers, ARRAY_SIZE(answers), ret, err);
}

struct policy_oracle run_opa_oracle(struct run_opa *opa, struct policy_engine *engine)
{
	opa->engine = engine;
	return (struct policy_oracle){ ask, opa, *policy_engine_digest(engine) };
}
