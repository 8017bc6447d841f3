// SPDX-License-Identifier: Apache-2.0
/*
 * test_control.c - what is taken for a message of a terminal or a supervisor, and what is not
 */
#include "lib/test.h"

#include "session/control.h"

#include <errno.h>
#include <signal.h>

static struct control_message got;

static int read_body(unsigned type, const void *body, size_t len)
{
	return control_read(type, (struct str){ body, len }, &got);
}

TEST(a_size_has_rows_and_columns)
{
	struct control_attach attach = { .size = { 24, 80 }, .flags = CONTROL_ATTACH_READ_ONLY };
	struct control_size size = { 0, 80 };

	CHECK_INT(read_body(CONTROL_ATTACH, &attach, sizeof(attach)), 0);
	CHECK_INT(got.attach.size.columns, 80);
	CHECK_INT(got.attach.flags, CONTROL_ATTACH_READ_ONLY);
	CHECK_INT(read_body(CONTROL_RESIZE, &size, sizeof(size)), -EBADMSG);
	size.rows = 1;
	CHECK_INT(read_body(CONTROL_RESIZE, &size, sizeof(size)), 0);
	CHECK_INT(got.size.rows, 1);
	attach.flags = CONTROL_ATTACH_FLAGS + 1;
	CHECK_INT(read_body(CONTROL_ATTACH, &attach, sizeof(attach)), -EBADMSG);
}

TEST(a_payload_has_exactly_its_size)
{
	struct control_stop stop = { .grace_ms = 7 };

	CHECK_INT(read_body(CONTROL_STOP, &stop, sizeof(stop)), 0);
	CHECK_INT(got.stop.grace_ms, 7);
	CHECK_INT(read_body(CONTROL_STOP, &stop, sizeof(stop) - 1), -EBADMSG);
	CHECK_INT(read_body(CONTROL_DETACH, NULL, 0), 0);
	CHECK_INT(read_body(CONTROL_DETACH, "x", 1), -EBADMSG);
	CHECK_INT(read_body(CONTROL_RUN, "x", 1), -EBADMSG);
}

TEST(what_is_served_has_a_port)
{
	struct control_serve serve = { .port = 7443 };

	CHECK_INT(read_body(CONTROL_SERVE, &serve, sizeof(serve)), 0);
	CHECK_INT(got.serve.port, 7443);
	CHECK_INT(read_body(CONTROL_SERVE, &serve, sizeof(serve) - 1), -EBADMSG);
	serve.port = 0;
	CHECK_INT(read_body(CONTROL_SERVE, &serve, sizeof(serve)), -EBADMSG);
	CHECK_INT(read_body(CONTROL_SERVED, NULL, 0), 0);
	CHECK_INT(read_body(CONTROL_SERVED, "x", 1), -EBADMSG);
}

TEST(what_went_is_told_in_numbers_that_json_has)
{
	struct control_traffic traffic = { .open = 1, .sent_bytes = INT64_MAX };

	CHECK_INT(read_body(CONTROL_TRAFFIC, NULL, 0), 0);
	CHECK_INT(read_body(CONTROL_TRAFFIC, "x", 1), -EBADMSG);
	CHECK_INT(read_body(CONTROL_TOLD_TRAFFIC, &traffic, sizeof(traffic)), 0);
	CHECK(got.traffic.open == 1 && got.traffic.sent_bytes == INT64_MAX);
	CHECK_INT(read_body(CONTROL_TOLD_TRAFFIC, &traffic, sizeof(traffic) - 8), -EBADMSG);
	traffic.received_bytes = (uint64_t)INT64_MAX + 1;
	CHECK_INT(read_body(CONTROL_TOLD_TRAFFIC, &traffic, sizeof(traffic)), -EBADMSG);
}

TEST(a_type_that_nobody_knows_is_none)
{
	CHECK_INT(read_body(CONTROL_INVALID, NULL, 0), -EBADMSG);
	CHECK_INT(read_body(CONTROL_TYPE_COUNT, NULL, 0), -EBADMSG);
	CHECK_INT(read_body(65535, NULL, 0), -EBADMSG);
}

TEST(a_signal_is_one_that_a_terminal_sends)
{
	struct control_signal message = { .signal = SIGTERM };

	CHECK_INT(read_body(CONTROL_SIGNAL, &message, sizeof(message)), 0);
	CHECK_INT(got.signal.signal, SIGTERM);
	/* Who is told of it stops itself with it. */
	CHECK_INT(read_body(CONTROL_SUSPENDED, &message, sizeof(message)), -EBADMSG);
	message.signal = SIGTSTP;
	CHECK_INT(read_body(CONTROL_SUSPENDED, &message, sizeof(message)), 0);
	message.signal = 0;
	CHECK_INT(read_body(CONTROL_SIGNAL, &message, sizeof(message)), -EBADMSG);
	message.signal = 32;
	CHECK_INT(read_body(CONTROL_SIGNAL, &message, sizeof(message)), -EBADMSG);
}

TEST(a_failure_is_no_success_and_its_texts_end)
{
	struct control_failure failure = { .exit_code = 125, .error = { .code = -EIO, .text = "no" } };

	CHECK_INT(read_body(CONTROL_FAILED, &failure, sizeof(failure)), 0);
	CHECK_TEXT(got.failure.error.text, "no");
	memset(failure.error.hint, 'x', sizeof(failure.error.hint));
	CHECK_INT(read_body(CONTROL_FAILED, &failure, sizeof(failure)), -EBADMSG);
	failure.error.hint[0] = '\0';
	failure.exit_code = 0;
	CHECK_INT(read_body(CONTROL_FAILED, &failure, sizeof(failure)), -EBADMSG);
}

TEST(an_exit_code_is_what_a_shell_has)
{
	struct control_exit message = { .code = 255 };

	CHECK_INT(read_body(CONTROL_EXITED, &message, sizeof(message)), 0);
	CHECK_INT(got.exit.code, 255);
	message.code = 256;
	CHECK_INT(read_body(CONTROL_EXITED, &message, sizeof(message)), -EBADMSG);
	message.code = -1;
	CHECK_INT(read_body(CONTROL_EXITED, &message, sizeof(message)), -EBADMSG);
}

static int read_command(const char *text, struct control_command *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct error err = ERROR_INIT;
	int r = control_command_read(&arena, str_from(text), ret, &err);

	CHECK_INT(err.code, r);
	return r;
}

TEST(a_command_has_words_and_a_size)
{
	struct control_command command;

	CHECK_INT(read_command("{\"argv\":[\"ls\",\"-l\"],\"columns\":80,\"rows\":24}", &command), 0);
	CHECK_INT(command.argc, 2);
	CHECK_INT(command.size.rows, 24);
	CHECK_INT(read_command("{\"argv\":[],\"columns\":80,\"rows\":24}", &command), -EINVAL);
	CHECK_INT(read_command("{\"argv\":[\"l\\u0000s\"],\"columns\":80,\"rows\":24}", &command), -EINVAL);
	/* It would come out as a terminal without rows. */
	CHECK_INT(read_command("{\"argv\":[\"ls\"],\"columns\":80,\"rows\":65536}", &command), -EINVAL);
	CHECK_INT(read_command("{\"argv\":[\"ls\"]}", &command), -EINVAL);
	CHECK_INT(read_command("{", &command), -EBADMSG);
}

TEST_MAIN()
