// SPDX-License-Identifier: Apache-2.0
/*
 * settings.c - the configuration, for every command that needs it
 *
 * Problems go to standard error, one after the other, each with its place and its remedy. What files say is
 * quoted by the parser; values in the table are quoted by the table.
 */
#include "cli/settings.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/table.h"
#include "config/key.h"
#include "kern/file.h"
#include "preset/expand.h"

#include <errno.h>
#include <fcntl.h>

/* ---- loading ---- */

/* What is to be done about a row of problems is said once, below the last of them. */
static bool has_same_hint(const struct config_problems *problems, size_t i, size_t j)
{
	return j < problems->count && problems->items[j].hint &&
		!strcmp(problems->items[i].hint, problems->items[j].hint);
}

static void print_problems(struct cli *cli, const struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->items[i];
		const char *origin = config_origin_text(&cli->arena, &problem->origin);
		struct error err = ERROR_INIT;

		error_set(&err, -EINVAL, "%s: %s", origin ? origin : "?", problem->text);
		if (problem->hint && !has_same_hint(problems, i, i + 1))
			error_hint(&err, "%s", problem->hint);
		cli_fail(cli, CLI_USAGE, &err);
	}
	if (problems->left_out)
		cli_warn(cli, "%zu more problems are not shown", problems->left_out);
}

static int load_all(struct cli *cli, const struct settings_request *request, struct config_sources *sources,
	struct config_problems *problems, const struct config **ret, struct error *err)
{
	scoped(fd) int dirfd = kern_open(AT_FDCWD, request->workspace, O_PATH | O_DIRECTORY, 0);

	if (dirfd < 0)
		return error_sys(err, dirfd, "the workspace '%s'", quote_cstr(request->workspace).text);
	sources->workspace_dirfd = dirfd;
	return config_load(&cli->arena, sources, problems, ret, err);
}

static int load(struct cli *cli, const struct settings_request *request, struct config_problems *problems,
	const struct config **ret, struct error *err)
{
	const struct config_agent agent = request->agent ? agent_settings(request->agent) :
		(struct config_agent){ 0 };
	struct config_sources sources = {
		.agent = request->agent ? &agent : NULL, .workspace = request->workspace,
		.workspace_dirfd = -1, .project_trusted = request->project_trusted, .flags = request->flags,
		.flag_count = request->flag_count,
	};
	struct preset_expander expander = {
		.places = &sources.places, .workspace = request->workspace, .envp = cli->envp,
		.asks = request->asks_tools,
	};
	int r = config_places_init(&cli->arena, &sources.places, err);

	if (r < 0)
		return r;
	sources.find_presets = preset_expand;
	sources.find_presets_context = &expander;
	if (request->only_file)
		return config_load_file(&cli->arena, &sources, request->only_kind, request->only_file,
			problems, ret, err);
	return load_all(cli, request, &sources, problems, ret, err);
}

int settings_load(struct cli *cli, const struct settings_request *request,
	const struct config_problems **ret_problems, const struct config **ret)
{
	struct config_problems *problems = arena_alloc(&cli->arena, sizeof(*problems));
	struct error err = ERROR_INIT;
	int r;

	if (!problems)
		return cli_failf(cli, CLI_FAILED, "out of memory");
	r = load(cli, request, problems, ret, &err);
	if (ret_problems)
		*ret_problems = problems;
	if (r >= 0)
		return CLI_OK;
	if (!problems->count)
		return cli_fail(cli,
			r == -EIO || r == -ENOMEM || r == -EMFILE || r == -ENFILE ? CLI_FAILED : CLI_USAGE,
			&err);
	print_problems(cli, problems);
	return CLI_USAGE;
}

const struct config *settings_peek(struct cli *cli, const struct settings_request *request)
{
	struct config_problems *problems = arena_alloc(&cli->arena, sizeof(*problems));
	const struct config *config = NULL;
	struct error ignored = ERROR_INIT;

	return problems && load(cli, request, problems, &config, &ignored) >= 0 ? config : NULL;
}

bool settings_print_notices(struct cli *cli, const struct config *config)
{
	bool open = false;

	for (size_t i = 0; i < config->notice_count; i++) {
		const struct config_notice *notice = &config->notices[i];
		const char *origin = config_origin_text(&cli->arena, &notice->origin);

		open |= notice->kind == CONFIG_NOTICE_OPEN;
		if (notice->kind == CONFIG_NOTICE_OPEN)
			cli_warn(cli, "%s: %s", origin ? origin : "?", notice->text);
		else
			cli_note(cli, "%s: %s", origin ? origin : "?", notice->text);
	}
	return open;
}

/* ---- showing ---- */

/* A row of the table; the key stands in every row, so that lines can be searched. */
static void add_row(struct cli_table *table, enum config_key key, struct str value,
	const struct config_origin *origin)
{
	const char *text = origin ? config_origin_text(&table->cli->arena, origin) : NULL;

	cli_table_cell(table, str_from(config_key_name(key)));
	cli_table_cell(table, value);
	/*
	 * Quoted already, and a second time would double its backslashes: what is quoted is rare enough to
	 * read.
	 */
	if (origin)
		cli_table_cell(table, str_from(text ? text : "?"));
}

/* A value as a file would have it, but a text without its quotes. */
static void add_scalar(struct cli_table *table, enum config_key key, const struct config_value *value,
	const struct config_origin *origin)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_TEXT_MAX);
	const struct json *json = config_value_to_json(&table->cli->arena, key, value);

	if (json && json->type == JSON_STRING)
		(void)buf_append(&text, json->text.data, json->text.len);
	else
		(void)json_write(&text, json, JSON_WRITE_CANONICAL);
	add_row(table, key, (struct str){ buf_text(&text), text.len }, origin);
}

static void add_item(struct cli_table *table, enum config_key key, const struct config_item *item,
	const struct config_origin *origin)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_FILE_MAX);

	(void)buf_append_str(&text, item->text);
	if (item->value)
		(void)buf_printf(&text, "=%s", item->value);
	if (item->object) {
		(void)buf_append_char(&text, ' ');
		(void)json_write(&text, item->object, JSON_WRITE_CANONICAL);
	}
	add_row(table, key, (struct str){ buf_text(&text), text.len }, origin);
}

void settings_print(struct cli *cli, const struct config *config, bool with_origin)
{
	static const struct cli_column columns[] = { { "KEY", false }, { "VALUE", false },
		{ "ORIGIN", false } };
	struct cli_table table;

	cli_table_begin(&table, cli, columns, with_origin ? 3 : 2);
	for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
		const struct config_value *value = &config->values[i];
		bool is_list = config_type_is_list(config_keys[i].type);

		if (!is_list)
			add_scalar(&table, (enum config_key)i, value, with_origin ? &value->origin : NULL);
		else if (!value->list.count)
			add_row(&table, (enum config_key)i, STR("(none)"),
				with_origin ? &value->origin : NULL);
		for (size_t j = 0; is_list && j < value->list.count; j++)
			add_item(&table, (enum config_key)i, &value->list.items[j],
				with_origin ? &value->list.items[j].origin : NULL);
	}
	cli_table_end(&table);
}

const struct json *settings_problems_to_json(struct cli *cli, const struct config_problems *problems)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->items[i];
		struct json_object_builder object;

		json_object_begin(&object, &cli->arena);
		if (problem->origin.file)
			json_object_add(&object, "file",
				json_new_bytes(&cli->arena, str_from(problem->origin.file)));
		if (problem->origin.line) {
			json_object_add_int(&object, "line", problem->origin.line);
			json_object_add_int(&object, "column", problem->origin.column);
		}
		json_object_add_text(&object, "message", problem->text);
		if (problem->hint)
			json_object_add_text(&object, "hint", problem->hint);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

const struct json *settings_notices_to_json(struct cli *cli, const struct config *config)
{
	static const char *const kinds[] = {
		[CONFIG_NOTICE_OPEN] = "open",
		[CONFIG_NOTICE_CLOSED] = "closed",
		[CONFIG_NOTICE_NARROWED] = "narrowed",
		[CONFIG_NOTICE_IGNORED] = "ignored",
	};
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < config->notice_count; i++) {
		const struct config_notice *notice = &config->notices[i];
		struct json_object_builder object;

		json_object_begin(&object, &cli->arena);
		json_object_add_text(&object, "kind", kinds[notice->kind]);
		json_object_add_text(&object, "origin", config_origin_text(&cli->arena, &notice->origin));
		json_object_add_text(&object, "message", notice->text);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}

const struct json *settings_widenings_to_json(struct cli *cli, const struct config_widening *widenings,
	size_t count)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < count; i++) {
		const struct config_widening *widening = &widenings[i];
		struct json_object_builder object;

		json_object_begin(&object, &cli->arena);
		json_object_add_text(&object, "key", config_key_name(widening->key));
		json_object_add_text(&object, "origin", config_origin_text(&cli->arena, &widening->origin));
		json_object_add_text(&object, "message", widening->text);
		json_array_add(&array, json_object_end(&object));
	}
	return json_array_end(&array);
}
