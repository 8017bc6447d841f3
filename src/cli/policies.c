// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c - policies and data for commands; what is read, and how, is policy/sources.h's
 */
#include "cli/policies.h"

#include "base/quote.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "policy/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	SOURCES_BYTES_MAX = 256 << 20,
};

static int say_full(struct cli *cli)
{
	return cli_failf(cli, CLI_USAGE, "policies and data are larger than the memory that they may have");
}

/* ---- reading ---- */

static int read_fd(struct cli *cli, int fd, const char *path, size_t limit, struct str *ret)
{
	scoped(buf) struct buf buf = BUF_INIT(limit);
	struct error err = ERROR_INIT;
	int r = kern_read_all(fd, &buf);

	if (r == -EMSGSIZE) {
		error_set(&err, r, "'%s' has more than %zu bytes", quote_cstr(path).text, limit);
		return cli_fail(cli, CLI_USAGE, &err);
	}
	if (r < 0) {
		error_sys(&err, r, "reading '%s'", quote_cstr(path).text);
		return cli_fail(cli, CLI_USAGE, &err);
	}
	ret->data = arena_copy(&cli->arena, buf.data, buf.len);
	ret->len = buf.len;
	return ret->data ? CLI_OK : say_full(cli);
}

int policies_read_text(struct cli *cli, const char *path, size_t limit, struct str *ret)
{
	struct error err = ERROR_INIT;
	scoped(fd) int fd = -1;

	if (!strcmp(path, "-"))
		return read_fd(cli, 0, "standard input", limit, ret);
	/* Without O_NONBLOCK, a FIFO would keep us waiting for whoever writes it. */
	fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd >= 0)
		return read_fd(cli, fd, path, limit, ret);
	error_sys(&err, fd, "opening '%s'", quote_cstr(path).text);
	error_hint(&err, "Name a file that you can read, or '-' for standard input.");
	return cli_fail(cli, CLI_USAGE, &err);
}

int policies_read_value(struct cli *cli, const char *path, struct str text, const struct json **ret)
{
	struct error err = ERROR_INIT;

	return policy_data_read(&cli->arena, path, text, ret, &err) < 0 ? cli_fail(cli, CLI_USAGE, &err) :
		CLI_OK;
}

static void note(void *context, const char *text)
{
	cli_note(context, "%s", text);
}

/* The library's modules are ours under another name. */
static int keep(struct cli *cli, const struct policy_layer *layer, struct policies *policies)
{
	policies->modules = arena_alloc_array(&cli->arena, layer->count, sizeof(*policies->modules));
	if (!policies->modules)
		return say_full(cli);
	for (size_t i = 0; i < layer->count; i++)
		policies->modules[i] = (struct regoc_module){
			.name = layer->modules[i].name, .text = layer->modules[i].text.data,
			.len = layer->modules[i].text.len,
		};
	policies->count = layer->count;
	policies->data = layer->data;
	return CLI_OK;
}

int policies_read(struct cli *cli, const char *const *paths, size_t count, struct policies *policies)
{
	struct policy_source_options options = {
		.flags = POLICY_SOURCE_WITH_TESTS | POLICY_SOURCE_IN_ORDER |
			POLICY_SOURCE_NO_BUNDLE_DIRS |
			(policies->modules_only ? POLICY_SOURCE_NO_DATA : 0),
		.writer = POLICY_WRITER_ANYBODY, .files_max = POLICY_SOURCE_FILES_MAX,
		.bytes_max = SOURCES_BYTES_MAX, .note = note, .context = cli,
	};
	struct error err = ERROR_INIT;
	struct policy_sources sources;
	struct policy_layer layer;
	int r = 0;

	policy_sources_begin(&sources, &cli->arena, &options);
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = policies->are_bundles ? policy_sources_add_bundle(&sources, paths[i], &err) :
			policy_sources_add(&sources, paths[i], &err);
	for (size_t i = 0; r >= 0 && i < policies->bundle_count; i++)
		r = policy_sources_add_bundle(&sources, policies->bundles[i], &err);
	if (r >= 0)
		r = policy_sources_end(&sources, &layer, &err);
	return r < 0 ? cli_fail(cli, CLI_USAGE, &err) : keep(cli, &layer, policies);
}

/* ---- compiling ---- */

int policies_compile(const struct policies *policies, unsigned flags, struct regoc_policy **ret,
	struct regoc_report **ret_report)
{
	struct regoc_settings settings = { .flags = flags };

	return regoc_policy_new(policies->modules, policies->count, &settings, ret, ret_report) == REGOC_OK ?
		CLI_OK : CLI_USAGE;
}

const struct json *policies_error(struct cli *cli, const struct regoc_diagnostic *diagnostic)
{
	struct json_object_builder object, location;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "message", diagnostic->message);
	json_object_add_text(&object, "code", diagnostic->code);
	if (diagnostic->hint)
		json_object_add_text(&object, "hint", diagnostic->hint);
	if (diagnostic->line) {
		json_object_begin(&location, &cli->arena);
		json_object_add_text(&location, "file", diagnostic->file);
		json_object_add_int(&location, "row", diagnostic->line);
		json_object_add_int(&location, "col", diagnostic->column);
		json_object_add(&object, "location", json_object_end(&location));
	}
	return json_object_end(&object);
}

const struct json *policies_errors(struct cli *cli, const struct regoc_report *report)
{
	struct json_object_builder object;
	struct json_array_builder list;

	json_array_begin(&list, &cli->arena);
	for (size_t i = 0; i < regoc_report_count(report); i++)
		json_array_add(&list, policies_error(cli, regoc_report_at(report, i)));
	json_object_begin(&object, &cli->arena);
	json_object_add(&object, "errors", json_array_end(&list));
	return json_object_end(&object);
}

void policies_print_json(struct cli *cli, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(CLI_ARENA_BYTES);

	cli->has_printed_json = true;
	if (json_write(&buf, value, JSON_WRITE_PRETTY) < 0) {
		(void)cli_failf(cli, CLI_FAILED, "the result is too large to be printed");
		return;
	}
	cli_write(cli, (struct str){ buf.data, buf.len });
	cli_printf(cli, "\n");
}

int policies_say_fault(struct cli *cli, const struct regoc_diagnostic *fault)
{
	struct error err = ERROR_INIT;
	char place[QUOTE_MAX + 64] = "";

	if (fault->line)
		(void)snprintf(place, sizeof(place), "%s:%u:%u: ", quote_cstr(fault->file).text, fault->line,
			fault->column);
	error_set(&err, -EBADMSG, "%s%s: %s", place, fault->code, quote_cstr(fault->message).text);
	if (!strcmp(fault->code, "eval_cancel_error"))
		error_hint(&err, "The limits are --max-steps, --max-memory and --timeout.");
	return cli_fail(cli, CLI_USAGE, &err);
}

void policies_print_text(struct cli *cli, struct str text)
{
	while (cli->is_terminal && text.len) {
		size_t len = 0;

		while (len < text.len && text.data[len] != '\n' && text.data[len] != '\t')
			len++;
		cli_quote(cli, (struct str){ text.data, len });
		if (len < text.len)
			cli_write(cli, (struct str){ text.data + len++, 1 });
		text = (struct str){ text.data + len, text.len - len };
	}
	cli_write(cli, text);
}

/* ---- time ---- */

struct policies_deadline policies_deadline_after(uint64_t timeout_ns)
{
	return (struct policies_deadline){
		.at_ns = timeout_ns ? kern_clock_monotonic_ns() + timeout_ns : 0,
	};
}

bool policies_is_late(void *data)
{
	const struct policies_deadline *deadline = data;

	return deadline->at_ns && kern_clock_monotonic_ns() >= deadline->at_ns;
}

struct regoc_moment policies_moment(void)
{
	struct regoc_moment moment = { .now_ns = (int64_t)kern_clock_real_ns() };

	kern_random(moment.seed, sizeof(moment.seed));
	return moment;
}
