// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c - policies and data for commands; what is read, and how, is policy/sources.h's
 */
#include "cli/policies.h"

#include "base/quote.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "policy/schemas.h"
#include "policy/sources.h"
#include "regex/glob.h"
#include "rego/diag.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	SOURCES_BYTES_MAX = 256 << 20,
	FAULT_BYTES_MAX = 64 << 10,	/* of what is said of one */
	PATTERN_STEPS = 1000000,	/* of --ignore, for one name */
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
		error_hint(&err, "Name a file that you can read, or '-' for standard input.");
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
	int r = policy_data_read(&cli->arena, path, text, ret, &err);

	if (r >= 0)
		return CLI_OK;
	if (r == -EBADMSG)
		policy_data_hint(path, &err);
	return cli_fail(cli, CLI_USAGE, &err);
}

/* ---- signatures ---- */

int policies_find_algorithm(struct cli *cli, const char *name, enum crypto_algorithm *ret)
{
	*ret = name ? crypto_algorithm_find(str_from(name)) : CRYPTO_ALGORITHM_NONE;
	return !name || *ret ?
		CLI_OK :
		cli_usage(cli,
			"'%s' is no algorithm for signatures: RS256, PS256, ES256, EdDSA and their like are",
			quote_cstr(name).text);
}

int policies_read_verification(struct cli *cli, const struct policies_keys *keys,
	struct policy_verification *ret)
{
	struct policy_key_file file = { .path = keys->key, .writer = POLICY_WRITER_ANYBODY,
		.id = keys->key_id };
	struct error err = ERROR_INIT;
	int code = policies_find_algorithm(cli, keys->algorithm, &ret->algorithm);

	ret->scope = keys->scope;
	ret->is_skipped = keys->is_skipped;
	if (code != CLI_OK || !keys->key)
		return code;
	file.is_secret = crypto_algorithm_kind(ret->algorithm) == CRYPTO_KEY_SECRET;
	if (policy_keys_read(&cli->arena, &file, ret, &err) < 0)
		return cli_fail(cli, CLI_USAGE, &err);
	ret->is_required = !ret->is_skipped;
	return CLI_OK;
}
/* ---- what is passed by ---- */

/* What the reader of files asks and tells. */
struct listener {
	struct cli *cli;
	struct regex_run **patterns;
	size_t count;
};

static void note(void *context, const char *text)
{
	struct listener *listener = context;

	cli_note(listener->cli, "%s", text);
}

/* A pattern that takes too much work matches nothing. */
static bool is_ignored(void *context, const char *name)
{
	struct listener *listener = context;

	for (size_t i = 0; i < listener->count; i++) {
		uint64_t steps = PATTERN_STEPS;

		if (regex_match(listener->patterns[i], str_from(name), 0, &steps, NULL, 0) > 0)
			return true;
	}
	return false;
}

static int add_pattern(struct listener *listener, struct str text)
{
	struct arena *arena = &listener->cli->arena;
	struct glob_error fault = { 0 };
	const struct regex *regex;

	if (glob_compile(arena, text, (struct str){ 0 }, &regex, &fault) < 0)
		return cli_usage(listener->cli, "--ignore: '%s': %s", quote_text(text).text,
			fault.what ? fault.what : "the pattern is too large");
	listener->patterns[listener->count] = regex_run_new(arena, regex);
	return listener->patterns[listener->count++] ? CLI_OK : say_full(listener->cli);
}

/* --ignore '*.bak,.git': as with opa, several may stand in one. */
static int compile_patterns(struct listener *listener, const struct cli_values *ignore)
{
	size_t room = ignore->count;
	int code = CLI_OK;

	for (size_t i = 0; i < ignore->count; i++)
		for (const char *c = ignore->items[i]; *c; c++)
			room += *c == ',';
	listener->patterns = arena_alloc_array(&listener->cli->arena, room, sizeof(struct regex_run *));
	if (!listener->patterns)
		return say_full(listener->cli);
	for (size_t i = 0; i < ignore->count; i++) {
		struct str one, rest = str_from(ignore->items[i]);

		while (code == CLI_OK && rest.len) {
			(void)str_cut(rest, ',', &one, &rest);
			code = add_pattern(listener, one);
		}
	}
	return code;
}

/* ---- modules and data ---- */

static bool is_place(struct str text)
{
	struct str word, rest = text;

	while (rest.len) {
		(void)str_cut(rest, '.', &word, &rest);
		if (!word.len)
			return false;
		for (size_t i = 0; i < word.len; i++) {
			char c = word.data[i];

			if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
					!(c >= '0' && c <= '9') && c != '_' && c != '-')
				return false;
		}
	}
	return text.len && text.data[text.len - 1] != '.';
}

/*
 * "users.admins:admins.json" as with opa: the data stands at data.users.admins. Whose name has a colon in
 * itself is named with its directory, "./a:b.json".
 */
static int add_named(struct cli *cli, struct policy_sources *sources, const char *text, struct error *err)
{
	struct str place, path;

	if (str_starts_with(str_from(text), STR("file://")))
		return policy_sources_add(sources, text + strlen("file://"), err);
	if (!str_cut(str_from(text), ':', &place, &path) || !is_place(place))
		return policy_sources_add(sources, text, err);
	text = arena_copy(&cli->arena, place.data, place.len);
	return text ? policy_sources_add_at(sources, text, path.data, err) :
		error_set(err, -EMSGSIZE, "the arguments are too long");
}

int policies_keep(struct cli *cli, const struct policy_layer *layer, struct policies *policies)
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

/* A schema that was named itself is that of `input` everywhere, and METADATA may call it `schema`. */
static int keep_schema(struct cli *cli, const struct policy_document *document, struct regoc_schema *ret)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);

	if (json_write(&text, document->value, JSON_WRITE_CANONICAL) < 0)
		return say_full(cli);
	*ret = (struct regoc_schema){
		.name = document->name, .package = *document->name ? NULL : "",
		.text = arena_copy(&cli->arena, text.data, text.len), .len = text.len,
	};
	return ret->text ? CLI_OK : say_full(cli);
}

/* Those of the product, but for a schema that is everybody's. */
static size_t add_our_schemas(struct regoc_schema *schemas, size_t count)
{
	size_t ours_count;
	const struct regoc_schema *ours = policy_schemas(&ours_count);

	if (count && schemas[0].package)
		return count;
	memcpy(&schemas[count], ours, ours_count * sizeof(*ours));
	return count + ours_count;
}

static int read_schemas(struct cli *cli, struct policies *policies)
{
	struct listener listener = { .cli = cli };
	struct policy_source_options options = {
		.flags = POLICY_SOURCE_SCHEMAS | POLICY_SOURCE_NO_BUNDLE_DIRS,
		.writer = POLICY_WRITER_ANYBODY, .files_max = POLICY_SOURCE_FILES_MAX,
		.bytes_max = SOURCES_BYTES_MAX, .note = note,
		.context = &listener,
	};
	struct error err = ERROR_INIT;
	struct policy_sources sources;
	struct regoc_schema *schemas;
	size_t ours_count;
	int code = CLI_OK;

	(void)policy_schemas(&ours_count);
	policy_sources_begin(&sources, &cli->arena, &options);
	if (policies->schema_path && policy_sources_add(&sources, policies->schema_path, &err) < 0)
		return cli_fail(cli, CLI_USAGE, &err);
	schemas = arena_alloc_array(&cli->arena, sources.document_count + ours_count, sizeof(*schemas));
	if (!schemas)
		return say_full(cli);
	for (size_t i = 0; code == CLI_OK && i < sources.document_count; i++)
		code = keep_schema(cli, &sources.documents[i], &schemas[i]);
	policies->schemas = schemas;
	policies->schema_count = add_our_schemas(schemas, sources.document_count);
	return code;
}

static int read_modules(struct cli *cli, const char *const *paths, size_t count, struct policies *policies)
{
	struct listener listener = { .cli = cli };
	struct policy_source_options options = {
		.flags = POLICY_SOURCE_WITH_TESTS | POLICY_SOURCE_IN_ORDER |
			POLICY_SOURCE_NO_BUNDLE_DIRS |
			(policies->modules_only ? POLICY_SOURCE_NO_DATA : 0),
		.writer = POLICY_WRITER_ANYBODY, .files_max = POLICY_SOURCE_FILES_MAX,
		.bytes_max = SOURCES_BYTES_MAX, .verification = &policies->verification,
		.note = note, .is_ignored = is_ignored, .context = &listener,
	};
	struct error err = ERROR_INIT;
	struct policy_sources sources;
	struct policy_layer layer;
	int code = compile_patterns(&listener, &policies->ignore), r = 0;

	if (code != CLI_OK)
		return code;
	policy_sources_begin(&sources, &cli->arena, &options);
	for (size_t i = 0; r >= 0 && i < count; i++)
		r = policies->are_bundles ? policy_sources_add_bundle(&sources, paths[i], &err) :
		add_named(cli, &sources, paths[i], &err);
	for (size_t i = 0; r >= 0 && i < policies->bundle_count; i++)
		r = policy_sources_add_bundle(&sources, policies->bundles[i], &err);
	if (r >= 0)
		r = policy_sources_end(&sources, &layer, &err);
	return r < 0 ? cli_fail(cli, CLI_USAGE, &err) : policies_keep(cli, &layer, policies);
}

int policies_read(struct cli *cli, const char *const *paths, size_t count, struct policies *policies)
{
	int code = read_schemas(cli, policies);

	return code == CLI_OK ? read_modules(cli, paths, count, policies) : code;
}

/* ---- compiling ---- */

int policies_compile(const struct policies *policies, unsigned flags, struct regoc_policy **ret,
	struct regoc_report **ret_report)
{
	struct regoc_settings settings = {
		.flags = flags, .schemas = policies->schemas, .schema_count = policies->schema_count,
	};

	/* of modules that were read elsewhere, nobody said anything else */
	if (!settings.schemas)
		settings.schemas = policy_schemas(&settings.schema_count);
	return regoc_policy_new(policies->modules, policies->count, &settings, ret, ret_report) == REGOC_OK ?
		CLI_OK : CLI_USAGE;
}

const struct json *policies_error(struct cli *cli, const struct regoc_diagnostic *diagnostic)
{
	struct json_object_builder object, location;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "message", diagnostic->message);
	if (diagnostic->code)
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

const struct json *policies_fault(struct cli *cli, const struct regoc_diagnostic *fault)
{
	struct json_object_builder object;
	struct json_array_builder list;

	json_array_begin(&list, &cli->arena);
	json_array_add(&list, policies_error(cli, fault));
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
		/* What was not printed is not done, whatever else the command has to say. */
		cli->out.error = cli->out.error ? cli->out.error : -EMSGSIZE;
		return;
	}
	cli_write(cli, (struct str){ buf.data, buf.len });
	cli_printf(cli, "\n");
}

static const char *hint_of(const struct regoc_diagnostic *fault)
{
	static const struct {
		const char *code, *hint;
	} hints[] = {
		{ "eval_cancel_error", "The limits are --max-steps, --max-memory and --timeout." },
		{ "eval_conflict_error",
			"Two values were found where there can be one: let the conditions exclude each other, "
			"use `else`, or collect a set with `contains`." },
		{ "eval_builtin_error",
			"The built-in cannot do it with these operands: let a condition in front of it see to that; "
			"where such errors are not strict, the expression is undefined." },
		{ "eval_with_merge_error",
			"`with` puts a member into an object only: replace the whole document instead." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (!strcmp(fault->code, hints[i].code))
			return hints[i].hint;
	return NULL;
}

static void append_line(struct buf *buf, const struct policies *policies,
	const struct regoc_diagnostic *fault)
{
	for (size_t i = 0; i < policies->count; i++) {
		const struct regoc_module *module = &policies->modules[i];
		struct rego_source source = { .name = module->name, .text = { module->text, module->len } };
		struct rego_span at = { .source = &source, .line = fault->line, .column = fault->column };

		if (strcmp(module->name, fault->file) != 0)
			continue;
		rego_span_print(&at, buf);
		return;
	}
}

const char *policies_fault_text(struct cli *cli, const struct policies *policies,
	const struct regoc_diagnostic *fault)
{
	scoped(buf) struct buf buf = BUF_INIT(FAULT_BYTES_MAX);
	const char *hint = hint_of(fault), *text;

	if (fault->line)
		buf_printf(&buf, "%s:%u:%u: ", quote_cstr(fault->file).text, fault->line, fault->column);
	buf_printf(&buf, "%s: ", fault->code);
	quote_append_bare(&buf, str_from(fault->message));
	buf_append_char(&buf, '\n');
	if (fault->line)
		append_line(&buf, policies, fault);
	if (hint)
		buf_printf(&buf, "%s\n", hint);
	text = buf_failed(&buf) ? NULL : arena_copy(&cli->arena, buf.data, buf.len);
	return text ? text : "the evaluation failed, and there is no memory to say why\n";
}

int policies_say_fault(struct cli *cli, const struct policies *policies,
	const struct regoc_diagnostic *fault)
{
	cli_tell_text(cli, str_from(policies_fault_text(cli, policies, fault)));
	return CLI_USAGE;
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

static void miss_zone(void *context, const char *name, const char *dir)
{
	cli_warn(context,
		"the policy asks for the time zone '%s', and there is no %s on this machine: install tzdata",
		quote_cstr(name).text, dir);
}

struct run_zones policies_zones(struct cli *cli)
{
	return (struct run_zones){
		.bytes = BUF_INIT(RUN_ZONE_BYTES_MAX), .miss = miss_zone, .context = cli,
	};
}

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
