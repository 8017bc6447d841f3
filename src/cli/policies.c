// SPDX-License-Identifier: Apache-2.0
/*
 * policies.c - policies and data out of files; policies.h says which
 */
#include "cli/policies.h"

#include "base/quote.h"
#include "kern/clock.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "rego/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* What is being read, and where its data belongs. */
struct place {
	const char *path;		/* as messages show it */
	const char *const *keys;	/* below data */
	size_t key_count;
};

static int say_full(struct cli *cli)
{
	return cli_failf(cli, CLI_USAGE, "policies and data are larger than the memory that they may have");
}

/* ---- one file ---- */

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

static int cannot_open(struct cli *cli, const char *path, int r)
{
	struct error err = ERROR_INIT;

	error_sys(&err, r, "opening '%s'", quote_cstr(path).text);
	error_hint(&err, "Name a file of policy or data, or a directory of them, that you can read.");
	return cli_fail(cli, CLI_USAGE, &err);
}

int policies_read_text(struct cli *cli, const char *path, size_t limit, struct str *ret)
{
	/* Without O_NONBLOCK, a FIFO would keep us waiting for whoever writes it. */
	scoped(fd) int fd = -1;

	if (!strcmp(path, "-"))
		return read_fd(cli, 0, "standard input", limit, ret);
	fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	return fd < 0 ? cannot_open(cli, path, fd) : read_fd(cli, fd, path, limit, ret);
}

/* ---- data ---- */

enum kind { KIND_OTHER, KIND_MODULE, KIND_JSON, KIND_YAML };

static enum kind kind_of(const char *name)
{
	struct str text = str_from(name);

	if (str_ends_with(text, STR(".rego")))
		return KIND_MODULE;
	if (str_ends_with(text, STR(".json")))
		return KIND_JSON;
	return str_ends_with(text, STR(".yaml")) || str_ends_with(text, STR(".yml")) ? KIND_YAML : KIND_OTHER;
}

static int read_yaml(struct arena *arena, struct str text, const struct json **ret, struct error *err)
{
	struct rego_yaml_error fault = { 0 };
	int r = rego_yaml_read(arena, text, ret, &fault);

	return r < 0 ? error_set(err, r, "%s", quote_cstr(fault.text).text) : 0;
}

int policies_read_value(struct cli *cli, const char *path, struct str text, const struct json **ret)
{
	struct error err = ERROR_INIT;
	int r = kind_of(path) == KIND_YAML ? read_yaml(&cli->arena, text, ret, &err) :
		json_read(&cli->arena, text, 0, ret, &err);

	if (r == 0)
		return CLI_OK;
	error_wrap(&err, r, "'%s'", quote_cstr(path).text);
	return cli_fail(cli, CLI_USAGE, &err);
}

static const struct json *merge(struct arena *arena, const struct json *a, const struct json *b,
	bool *ret_conflict);

static void add_merged(struct json_object_builder *builder, const struct json_member *member,
	const struct json *other, bool *ret_conflict)
{
	const struct json *same = json_find(other, member->key), *value = member->value;

	json_object_add_value(builder, member->key,
		same ? merge(builder->arena, value, same, ret_conflict) : value);
}

/* Both must be objects, or one place would have two values. */
static const struct json *merge(struct arena *arena, const struct json *a, const struct json *b,
	bool *ret_conflict)
{
	struct json_object_builder builder;

	if (a->type != JSON_OBJECT || b->type != JSON_OBJECT) {
		*ret_conflict = true;
		return NULL;
	}
	json_object_begin(&builder, arena);
	for (size_t i = 0; i < a->object.count; i++)
		add_merged(&builder, &a->object.members[i], b, ret_conflict);
	for (size_t i = 0; i < b->object.count; i++)
		if (!json_find(a, b->object.members[i].key))
			json_object_add_value(&builder, b->object.members[i].key, b->object.members[i].value);
	return json_object_end(&builder);
}

static int take_data(struct cli *cli, const struct place *place, struct str text, struct policies *policies)
{
	const struct json *value;
	bool conflict = false;
	int code = policies_read_value(cli, place->path, text, &value);

	if (code != CLI_OK)
		return code;
	for (size_t i = place->key_count; i > 0; i--) {
		struct json_object_builder builder;

		json_object_begin(&builder, &cli->arena);
		json_object_add(&builder, place->keys[i - 1], value);
		value = json_object_end(&builder);
	}
	if (value && value->type != JSON_OBJECT)
		return cli_failf(cli, CLI_USAGE, "'%s' is no object, and data has to be one",
			quote_cstr(place->path).text);
	value = value ? merge(&cli->arena, policies->data, value, &conflict) : NULL;
	if (conflict)
		return cli_failf(cli, CLI_USAGE,
			"'%s' has a value for what another file has a value for, too",
			quote_cstr(place->path).text);
	policies->data = value;
	policies->data_count++;
	return value ? CLI_OK : say_full(cli);
}

/* ---- files of all kinds ---- */

static int take_module(struct cli *cli, const char *path, struct str text, struct policies *policies)
{
	if (policies->count == policies->room) {
		size_t room = MAX(2 * policies->room, (size_t)16);
		struct regoc_module *moved = arena_alloc_array(&cli->arena, room, sizeof(*moved));

		if (!moved)
			return say_full(cli);
		if (policies->count)
			memcpy(moved, policies->modules, policies->count * sizeof(*moved));
		policies->modules = moved;
		policies->room = room;
	}
	policies->modules[policies->count++] =
		(struct regoc_module){ .name = path, .text = text.data, .len = text.len };
	return CLI_OK;
}

static int take_file(struct cli *cli, int fd, const struct place *place, struct policies *policies)
{
	enum kind kind = kind_of(place->path);
	struct str text;
	int code;

	if (kind == KIND_OTHER || (kind != KIND_MODULE && policies->modules_only))
		return CLI_OK;
	if (policies->count + policies->data_count >= POLICIES_COUNT_MAX)
		return cli_failf(cli, CLI_USAGE, "there are more than %d files", POLICIES_COUNT_MAX);
	code = read_fd(cli, fd, place->path, kind == KIND_MODULE ? POLICIES_FILE_BYTES_MAX : JSON_TEXT_MAX,
		&text);
	if (code != CLI_OK)
		return code;
	return kind == KIND_MODULE ? take_module(cli, place->path, text, policies) :
		take_data(cli, place, text, policies);
}

/* ---- directories ---- */

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* All names first, so that what is said and merged has an order. */
static int list_names(struct cli *cli, int dirfd, const char *path, const char ***ret, size_t *ret_count)
{
	struct json_array_builder names;
	struct kern_dir_entry entry;
	struct kern_dir dir;
	const char **list;
	int r;

	json_array_begin(&names, &cli->arena);
	kern_dir_init(&dir, dirfd);
	while ((r = kern_dir_next(&dir, &entry)) > 0 && names.count < POLICIES_COUNT_MAX)
		json_array_add(&names, json_new_text(&cli->arena, entry.name));
	if (r < 0)
		return cannot_open(cli, path, r);
	if (r > 0)
		return cli_failf(cli, CLI_USAGE, "'%s' holds more than %d names", quote_cstr(path).text,
			POLICIES_COUNT_MAX);
	list = arena_alloc_array(&cli->arena, names.count, sizeof(*list));
	if (!list || names.failed)
		return cli_failf(cli, CLI_USAGE, "'%s' holds names that are not UTF-8, or too many",
			quote_cstr(path).text);
	for (size_t i = 0; i < names.count; i++)
		list[i] = names.items[i]->text.data;
	qsort(list, names.count, sizeof(*list), compare_names);
	*ret = list;
	*ret_count = names.count;
	return CLI_OK;
}

static int take_fd(struct cli *cli, int fd, const struct place *place, struct policies *policies);

static int take_entry(struct cli *cli, int dirfd, const char *name, const struct place *place,
	struct policies *policies)
{
	scoped(fd) int fd = -1;
	struct place inner = *place;

	inner.path = arena_printf(&cli->arena, "%s/%s", place->path, name);
	if (!inner.path)
		return say_full(cli);
	fd = kern_open_beneath(dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd == -ELOOP) {
		cli_note(cli, "'%s' is a link, and was left out", quote_cstr(inner.path).text);
		return CLI_OK;
	}
	if (fd < 0)
		return cannot_open(cli, inner.path, fd);
	return take_fd(cli, fd, &inner, policies);
}

static int take_dir(struct cli *cli, int fd, const struct place *place, struct policies *policies)
{
	const char **names = NULL;
	size_t count = 0;
	int code;

	if (place->key_count > POLICIES_DEPTH_MAX)
		return cli_failf(cli, CLI_USAGE, "'%s': directories are nested deeper than %d",
			quote_cstr(place->path).text, POLICIES_DEPTH_MAX);
	code = list_names(cli, fd, place->path, &names, &count);
	for (size_t i = 0; code == CLI_OK && i < count; i++)
		code = take_entry(cli, fd, names[i], place, policies);
	return code;
}

/* The names of the directories below the one that was named are keys of their data. */
static int take_fd(struct cli *cli, int fd, const struct place *place, struct policies *policies)
{
	const char *keys[POLICIES_DEPTH_MAX + 2];
	struct place inner = *place;
	struct stat st;
	int r = kern_fstat(fd, &st);

	if (r < 0)
		return cannot_open(cli, place->path, r);
	if (S_ISREG(st.st_mode))
		return take_file(cli, fd, place, policies);
	if (!S_ISDIR(st.st_mode))
		return CLI_OK;
	if (place->key_count)
		memcpy(keys, place->keys, place->key_count * sizeof(*keys));
	keys[place->key_count] = strrchr(place->path, '/') + 1;
	inner.keys = keys;
	inner.key_count = place->key_count + 1;
	return take_dir(cli, fd, &inner, policies);
}

static int take_named(struct cli *cli, const char *path, struct policies *policies)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct place place = { .path = path };
	struct stat st;
	int r;

	if (fd < 0)
		return cannot_open(cli, path, fd);
	r = kern_fstat(fd, &st);
	if (r < 0)
		return cannot_open(cli, path, r);
	if (S_ISDIR(st.st_mode))
		return take_dir(cli, fd, &place, policies);
	if (kind_of(path) == KIND_OTHER)
		return cli_failf(cli, CLI_USAGE, "'%s' ends neither in .rego nor in .json or .yaml",
			quote_cstr(path).text);
	return take_file(cli, fd, &place, policies);
}

int policies_read(struct cli *cli, const char *const *paths, size_t count, struct policies *policies)
{
	static const struct json empty = { .type = JSON_OBJECT, .height = 1 };
	int code = CLI_OK;

	policies->data = &empty;
	for (size_t i = 0; code == CLI_OK && i < count; i++)
		code = take_named(cli, paths[i], policies);
	return code;
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
