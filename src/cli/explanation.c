// SPDX-License-Identifier: Apache-2.0
/*
 * explanation.c - modules of a set, their parameters, and who named them
 *
 * Texts of modules are anybody's: all that is printed of them goes through explanation_text().
 */
#include "cli/explanation.h"

#include "base/quote.h"
#include "cli/paragraph.h"
#include "run/policies.h"

#include <errno.h>

enum {
	TEXT_BYTES_MAX = 64 << 10,
};

void explanation_init(struct explanation *explanation, struct cli *cli)
{
	/* The set, and the trees of its modules. */
	*explanation = (struct explanation){
		.cli = cli, .arena = ARENA_INIT((size_t)2 * RUN_POLICIES_ARENA_BYTES),
	};
}

void explanation_fini(struct explanation *explanation)
{
	arena_fini(&explanation->arena);
}

int explanation_read(struct explanation *explanation, struct error *err)
{
	for (size_t kind = 0; kind < POLICY_LAYERS; kind++) {
		const struct policy_layer *layer = &explanation->set.layers[kind];
		struct policy_about *modules = arena_alloc_array(&explanation->arena, layer->count,
			sizeof(*modules));

		if (!modules)
			return error_set(err, -EMSGSIZE, "the policies are too large");
		explanation->modules[kind] = modules;
		for (size_t i = 0; i < layer->count; i++) {
			int r = policy_about_read(&explanation->arena, &layer->modules[i], layer->data,
				&modules[i], err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

size_t explanation_count(const struct explanation *explanation, enum policy_layer_kind kind,
	enum policy_question question)
{
	size_t count = 0;

	for (size_t i = 0; i < explanation->set.layers[kind].count; i++)
		count += policy_about_answers(&explanation->modules[kind][i], question);
	return count;
}

/* ---- texts ---- */

const char *explanation_text(struct explanation *explanation, const char *text)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_BYTES_MAX);
	struct str rest = str_from(text), line;
	const char *copy;

	for (bool more = true; more;) {
		more = str_cut(rest, '\n', &line, &rest);
		if (buf.len && line.len)
			(void)buf_append_char(&buf, ' ');
		(void)quote_append_bare(&buf, line);
	}
	copy = arena_copy(&explanation->arena, buf_text(&buf), buf.len);
	return copy && !buf_failed(&buf) ? copy : "...";
}

const char *explanation_place(struct explanation *explanation, const struct policy_about *about,
	uint32_t line, uint32_t column)
{
	const char *place = arena_printf(&explanation->arena, "%s:%u:%u",
		explanation_text(explanation, about->file), line, column);

	return place ? place : "...";
}

/* ---- origins ---- */

static const char *origin_of(struct explanation *explanation, const struct config_item *item)
{
	return item ? config_origin_text(&explanation->arena, &item->origin) : NULL;
}

static bool is_at_or_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	return !strncmp(path, above, len) && (!path[len] || path[len] == '/' || above[len - 1] == '/');
}

/* "deletions" of "shipped:deletions.rego". */
static bool is_shipped_as(const char *file, const char *name)
{
	struct str text = str_from(file);

	return str_starts_with(text, STR("shipped:")) && str_ends_with(text, STR(".rego")) &&
		str_eq((struct str){ text.data + strlen("shipped:"), text.len - strlen("shipped:.rego") },
			str_from(name));
}

const char *explanation_named_by(struct explanation *explanation, const struct policy_about *about)
{
	const struct config_list *modules = &explanation->config->settings.policy.modules;
	const struct config_list *files = &explanation->config->settings.policy.files;
	/* a project's are called from the workspace on */
	const char *file = *about->file == '/' ? about->file :
		arena_printf(&explanation->arena, "%s/%s", explanation->workspace, about->file);

	for (size_t i = 0; i < modules->count; i++)
		if (is_shipped_as(about->file, modules->items[i].text))
			return origin_of(explanation, &modules->items[i]);
	for (size_t i = 0; file && i < files->count; i++)
		if (is_at_or_below(file, files->items[i].text))
			return origin_of(explanation, &files->items[i]);
	return NULL;
}

const char *explanation_given_by(struct explanation *explanation, const struct policy_about *about,
	const char *param)
{
	const struct config_list *params = &explanation->config->settings.policy.params;
	const char *leaf = about->key ? arena_printf(&explanation->arena, "/%s/%s", about->key, param) : NULL;

	for (size_t i = 0; leaf && i < params->count; i++)
		if (is_at_or_below(params->items[i].text, leaf))
			return origin_of(explanation, &params->items[i]);
	return NULL;
}

/* ---- parameters ---- */

static const char *value_text(struct explanation *explanation, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(TEXT_BYTES_MAX);

	if (!value || json_write(&buf, value, JSON_WRITE_CANONICAL) < 0)
		return "...";
	return explanation_text(explanation, buf_text(&buf));
}

static void print_param(struct explanation *explanation, const struct policy_about *about,
	const struct policy_about_param *param, const char *label)
{
	const char *by = param->is_given ? explanation_given_by(explanation, about, param->name) : NULL;
	struct paragraph at;

	paragraph_begin(&at, explanation->cli, label);
	paragraph_add(&at,
		arena_printf(&explanation->arena, "%s = %s", explanation_text(explanation, param->name),
			value_text(explanation, param->value)));
	if (param->is_given)
		paragraph_add(&at,
			arena_printf(&explanation->arena, "(given by %s)", by ? by : "the session"));
	if (param->description)
		paragraph_add(&at, arena_printf(&explanation->arena, "- %s",
			explanation_text(explanation, param->description)));
	paragraph_end(&at);
}

void explanation_print_params(struct explanation *explanation, const struct policy_about *about)
{
	for (size_t i = 0; i < about->param_count; i++)
		print_param(explanation, about, &about->params[i], i ? "" : "params");
}

/* ---- for programs ---- */

void explanation_add_text(struct json_object_builder *object, const char *key, const char *text)
{
	if (text)
		json_object_add_text(object, key, text);
}

const struct json *explanation_finding_to_json(struct explanation *explanation,
	const struct policy_about *about, const struct policy_about_finding *finding)
{
	struct json_object_builder object;

	json_object_begin(&object, &explanation->arena);
	json_object_add(&object, "rule", json_new_text(&explanation->arena,
		arena_printf(&explanation->arena, "%s/%s", about->module, finding->name)));
	json_object_add_text(&object, "verdict", finding->verdict);
	json_object_add_bool(&object, "given", finding->is_given);
	if (finding->is_given)
		explanation_add_text(&object, "origin", explanation_given_by(explanation, about,
			arena_printf(&explanation->arena, "verdicts/%s", finding->name)));
	explanation_add_text(&object, "severity", finding->severity);
	explanation_add_text(&object, "what", finding->what);
	explanation_add_text(&object, "hint", finding->hint);
	return json_object_end(&object);
}

static const struct json *param_to_json(struct explanation *explanation, const struct policy_about *about,
	const struct policy_about_param *param)
{
	struct json_object_builder object;

	json_object_begin(&object, &explanation->arena);
	json_object_add_text(&object, "name", param->name);
	if (param->value)
		json_object_add(&object, "value", param->value);
	json_object_add_bool(&object, "given", param->is_given);
	if (param->is_given)
		explanation_add_text(&object, "origin",
			explanation_given_by(explanation, about, param->name));
	explanation_add_text(&object, "description", param->description);
	return json_object_end(&object);
}

const struct json *explanation_params_to_json(struct explanation *explanation,
	const struct policy_about *about)
{
	struct json_array_builder list;

	json_array_begin(&list, &explanation->arena);
	for (size_t i = 0; i < about->param_count; i++)
		json_array_add(&list, param_to_json(explanation, about, &about->params[i]));
	return json_array_end(&list);
}
