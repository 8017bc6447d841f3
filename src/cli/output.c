// SPDX-License-Identifier: Apache-2.0
/*
 * output.c - what a command prints and says
 *
 * A stream is a descriptor and a buffer. Standard output collects up to FLUSH_BYTES before it is written;
 * standard error is written at once, after standard output, so that the two read in order on one terminal.
 * The first write that fails is kept in stream.error and everything after it is dropped: cli_finish() turns
 * it into an exit code.
 */
#include "cli/command.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"

#include <stdarg.h>
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>

enum {
	FLUSH_BYTES = 64 << 10,
	JSON_BYTES_MAX = 256 << 20,
};

static void stream_flush(struct cli_stream *stream)
{
	int r = 0;

	if (!stream->error && stream->buf.len)
		r = kern_write_all(stream->fd, stream->buf.data, stream->buf.len);
	if (r < 0)
		stream->error = r;
	buf_clear(&stream->buf);
}

static void stream_write(struct cli_stream *stream, struct str text)
{
	if (stream->buf.len + text.len > FLUSH_BYTES)
		stream_flush(stream);
	if (stream->error)
		return;
	if (text.len > FLUSH_BYTES)
		stream->error = kern_write_all(stream->fd, text.data, text.len);
	else
		(void)buf_append(&stream->buf, text.data, text.len);
}

void cli_flush(struct cli *cli)
{
	stream_flush(&cli->out);
	stream_flush(&cli->err);
}

void cli_write(struct cli *cli, struct str text)
{
	/* An answer is there: nobody waits any more. */
	if (cli->progress.is_drawn)
		cli_progress_end(cli);
	stream_write(&cli->out, text);
}

void cli_printf(struct cli *cli, const char *fmt, ...)
{
	scoped(arena) struct arena arena = ARENA_INIT(0);
	char small[512];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	if (len < (int)sizeof(small)) {
		cli_write(cli, (struct str){ small, (size_t)MAX(len, 0) });
		return;
	}
	/* Rare and long (help, a list of names): once more into memory of its own. */
	arena.limit_bytes = (size_t)len + 4096;
	char *text = arena_alloc(&arena, (size_t)len + 1);

	assert(text);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	cli_write(cli, (struct str){ text, (size_t)len });
}

void cli_quote(struct cli *cli, struct str text)
{
	/*
	 *  An escape is at most 16 bytes for one; in pieces, so that any length goes through one small
	 *  buffer. A piece may
	 * cut a code point in two: then its bytes are escaped one by one, which is ugly and safe.
	 */
	scoped(buf) struct buf buf = BUF_INIT(FLUSH_BYTES);

	while (text.len) {
		struct str piece = { text.data, MIN(text.len, (size_t)FLUSH_BYTES / 16) };

		buf_clear(&buf);
		(void)quote_append(&buf, piece);
		cli_write(cli, (struct str){ buf.data, buf.len });
		text.data += piece.len;
		text.len -= piece.len;
	}
}

unsigned cli_width(const struct cli *cli)
{
	struct winsize size = { 0 };

	return cli->is_terminal && kern_ioctl(cli->out.fd, TIOCGWINSZ, &size) >= 0 ? size.ws_col : 0;
}

static const char *style_code(enum cli_style style)
{
	static const char *const codes[] = {
		[CLI_PLAIN] = "\x1b[0m", [CLI_BOLD] = "\x1b[1m", [CLI_DIM] = "\x1b[2m",
		[CLI_GOOD] = "\x1b[32m", [CLI_WARN] = "\x1b[33m", [CLI_BAD] = "\x1b[31m",
		[CLI_INFO] = "\x1b[36m",
	};

	return codes[style];
}

const char *cli_style(const struct cli *cli, enum cli_style style)
{
	return cli->colour ? style_code(style) : "";
}

static void print_json(struct cli *cli, const struct json *value, unsigned flags)
{
	scoped(buf) struct buf buf = BUF_INIT(JSON_BYTES_MAX);

	cli->has_printed_json = true;
	if (!value || json_write(&buf, value, flags) < 0) {
		/* The arena or the text ran over its limit. Half a document would be worse than none. */
		cli->out.error = cli->out.error ? cli->out.error : -EMSGSIZE;
		return;
	}
	cli_write(cli, (struct str){ buf.data, buf.len });
	cli_write(cli, STR("\n"));
}

void cli_print_json(struct cli *cli, const struct json *value)
{
	print_json(cli, value, cli->is_terminal ? JSON_WRITE_PRETTY : JSON_WRITE_CANONICAL);
}

void cli_print_json_line(struct cli *cli, const struct json *value)
{
	print_json(cli, value, JSON_WRITE_CANONICAL);
}

/*
 * Messages are made of our own words and of quoted ones, but this is the last place before the terminal, so a
 * control character that slipped through goes no further.
 */
static void say(struct cli *cli, enum cli_style style, const char *label, const char *text)
{
	struct cli_stream *err = &cli->err;

	cli_progress_end(cli);
	if (cli->out.buf.len)
		stream_flush(&cli->out);
	if (cli->colour_err && style != CLI_PLAIN)
		stream_write(err, str_from(style_code(style)));
	stream_write(err, str_from(label));
	if (cli->colour_err && style != CLI_PLAIN)
		stream_write(err, str_from(style_code(CLI_PLAIN)));
	for (; *text; text++) {
		char c = ((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f ? '?' : *text;

		stream_write(err, (struct str){ &c, 1 });
	}
	stream_write(err, STR("\n"));
	stream_flush(err);
}

#define FORMAT_MESSAGE(text, fmt) \
	do { \
		va_list format_args_; \
		va_start(format_args_, fmt); \
		vsnprintf(text, sizeof(text), fmt, format_args_); \
		va_end(format_args_); \
	} while (0)

void cli_note(struct cli *cli, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];

	if (cli->quiet)
		return;
	FORMAT_MESSAGE(text, fmt);
	say(cli, CLI_PLAIN, "cordon: ", text);
}

void cli_warn(struct cli *cli, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];

	FORMAT_MESSAGE(text, fmt);
	say(cli, CLI_WARN, "cordon: warning: ", text);
}

void cli_tell_text(struct cli *cli, struct str text)
{
	cli_progress_end(cli);
	stream_flush(&cli->out);
	stream_write(&cli->err, text);
	stream_flush(&cli->err);
}

void cli_tell(struct cli *cli, const char *fmt, ...)
{
	char text[ERROR_TEXT_MAX];

	FORMAT_MESSAGE(text, fmt);
	cli_tell_text(cli, str_from(text));
}

static void print_json_error(struct cli *cli, int exit_code, const struct error *err)
{
	struct json_object_builder inner, outer;

	json_object_begin(&inner, &cli->arena);
	json_object_add_int(&inner, "exit_code", exit_code);
	json_object_add_text(&inner, "message", err->text);
	if (err->code)
		json_object_add_text(&inner, "code", error_name(err->code));
	if (err->hint[0])
		json_object_add_text(&inner, "hint", err->hint);
	json_object_begin(&outer, &cli->arena);
	json_object_add(&outer, "error", json_object_end(&inner));
	cli_print_json_line(cli, json_object_end(&outer));
}

/* Whatever was being written, there is one remedy; who knows a better one has said so. */
static void hint_at_room(struct error *err)
{
	if (err->code == -ENOSPC)
		error_hint(err, "Make room on the file system of what it names, and run the command again.");
	if (err->code == -EDQUOT)
		error_hint(err,
			"Make room for your quota on the file system of what it names, or have it raised, "
			"and run the command again.");
}

int cli_fail(struct cli *cli, int exit_code, const struct error *err)
{
	struct error told = *err;

	hint_at_room(&told);
	say(cli, CLI_BAD, "cordon: ", told.text[0] ? told.text : error_name(told.code));
	if (told.hint[0])
		say(cli, CLI_PLAIN, "  hint: ", told.hint);
	if (cli->json && !cli->has_printed_json)
		print_json_error(cli, exit_code, &told);
	return exit_code;
}

int cli_failf(struct cli *cli, int exit_code, const char *fmt, ...)
{
	struct error err = ERROR_INIT;

	FORMAT_MESSAGE(err.text, fmt);
	return cli_fail(cli, exit_code, &err);
}

int cli_usage(struct cli *cli, const char *fmt, ...)
{
	struct error err = { .code = -EINVAL };

	FORMAT_MESSAGE(err.text, fmt);
	error_hint(&err, "see 'cordon help%s%s'", cli->command ? " " : "",
		cli->command ? cli->command->name : "");
	return cli_fail(cli, CLI_USAGE, &err);
}
