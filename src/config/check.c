// SPDX-License-Identifier: Apache-2.0
/*
 * check.c - whether the paths of a configuration make sense together
 *
 * A prohibition always wins over a grant. Where it came later, it narrows: the grant is dropped, with a
 * notice. Where the grant came later or at the same time, somebody expects what will not happen: that is a
 * contradiction, and the message has both positions. What remains is easy to obey: no two writable roots lie
 * within each other or within the workspace, and no read lies within what may be written or within another
 * read.
 */
#include "config/config_internal.h"

#include "base/path.h"
#include "base/quote.h"
#include "config/url.h"

enum {
	WRITES_MAX = 63,		/* with the workspace, as many roots as a session may have */
};

/* Made anew in every sandbox, so that none of the host's could be shown there. */
static const char *const reserved[] = { "/proc", "/sys", "/dev" };

static bool is_beneath(const char *path, const char *dir)
{
	return path_is_beneath(str_from(path), str_from(dir));
}

static void check_place(struct config_resolver *resolver, const char *key, const struct config_item *item)
{
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (is_beneath(item->text, reserved[i]))
			config_problem_add(resolver, &item->origin,
				"%s: '%s' cannot be given: every sandbox has a %s of its own", key,
				quote_cstr(item->text).text, reserved[i]);
	if (!strcmp(item->text, "/")) {
		config_problem_add(resolver, &item->origin, "%s: '/' cannot be given as a whole", key);
		config_problem_hint(resolver,
			"Name the directories that are needed; the system's own are there anyway.");
	}
}

static void check_write(struct config_resolver *resolver, const struct config_item *item)
{
	const char *workspace = resolver->inputs->workspace;

	if (!is_beneath(workspace, item->text) || !strcmp(workspace, item->text))
		return;
	config_problem_add(resolver, &item->origin,
		"filesystem.write: '%s' holds the workspace '%s', which has a branch of its own",
		quote_cstr(item->text).text, quote_cstr(workspace).text);
	config_problem_hint(resolver, "Name directories beside the workspace, or start in '%s'.",
		quote_cstr(item->text).text);
}

/* ---- prohibitions against grants ---- */

/* Whether @item survives @list of prohibitions. */
static bool is_allowed(struct config_resolver *resolver, const char *key, const struct config_item *item,
	const char *list_key, const struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct config_item *no = &list->items[i];

		if (!is_beneath(item->text, no->text))
			continue;
		if (no->origin.source > item->origin.source) {
			config_notice_add(resolver, CONFIG_NOTICE_NARROWED, &item->origin,
				"%s: '%s' is taken away by %s (%s)", key, quote_cstr(item->text).text,
				list_key, config_where(resolver, &no->origin));
			return false;
		}
		config_problem_add(resolver, &item->origin, "%s: '%s' contradicts %s: '%s' (%s)", key,
			quote_cstr(item->text).text, list_key, quote_cstr(no->text).text,
			config_where(resolver, &no->origin));
		config_problem_hint(resolver, "A prohibition always wins: remove one of the two.");
		return false;
	}
	return true;
}

/*
 * The entries of a grant that are not prohibited and not said already, by another entry or by one of @wider.
 */
static void prune_grants(struct config_resolver *resolver, struct config_value *values, enum config_key key,
	const struct config_list *wider)
{
	const struct config_key_row *row = &config_keys[key];
	struct config_list_builder builder = { .resolver = resolver };
	struct config_list list = values[key].list;
	struct config_item workspace = { .text = resolver->inputs->workspace };

	for (size_t i = 0; i < list.count; i++) {
		const struct config_item *item = &list.items[i];
		bool said = config_item_covers(row, &workspace, item) ||
			(wider && config_list_covers(row, wider, item));

		check_place(resolver, row->name, item);
		for (size_t j = 0; j < list.count && !said; j++)
			said = j != i && config_item_covers(row, &list.items[j], item);
		if (is_allowed(resolver, row->name, item, "filesystem.deny",
				&values[CONFIG_KEY_FILESYSTEM_DENY].list) &&
				is_allowed(resolver, row->name, item, "filesystem.hide",
					&values[CONFIG_KEY_FILESYSTEM_HIDE].list) && !said)
			config_list_add(&builder, item, false);
	}
	values[key].list = config_list_end(&builder);
}

static void check_workspace(struct config_resolver *resolver, const char *key, const struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_beneath(resolver->inputs->workspace, list->items[i].text)) {
			config_problem_add(resolver, &list->items[i].origin,
				"%s: '%s' takes away the workspace '%s' itself", key,
				quote_cstr(list->items[i].text).text,
				quote_cstr(resolver->inputs->workspace).text);
			config_problem_hint(resolver, "Remove it, or work somewhere else.");
		}
}

/* What is denied need not look empty as well. */
static void prune_hidden(struct config_resolver *resolver, struct config_value *values)
{
	const struct config_key_row *row = &config_keys[CONFIG_KEY_FILESYSTEM_HIDE];
	struct config_list list = values[CONFIG_KEY_FILESYSTEM_HIDE].list;
	struct config_list_builder builder = { .resolver = resolver };

	for (size_t i = 0; i < list.count; i++)
		if (!config_list_covers(row, &values[CONFIG_KEY_FILESYSTEM_DENY].list, &list.items[i]))
			config_list_add(&builder, &list.items[i], false);
	values[CONFIG_KEY_FILESYSTEM_HIDE].list = config_list_end(&builder);
}

/* Whether a directory of cordon's lies within something that the agent gets, or the other way round. */
static bool is_touched(const struct config_value *values, const char *workspace, const char *dir)
{
	static const enum config_key grants[] = { CONFIG_KEY_FILESYSTEM_READ, CONFIG_KEY_FILESYSTEM_WRITE };

	if (is_beneath(dir, workspace) || is_beneath(workspace, dir))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		const struct config_list *list = &values[grants[i]].list;

		for (size_t j = 0; j < list->count; j++)
			if (is_beneath(dir, list->items[j].text) || is_beneath(list->items[j].text, dir))
				return true;
	}
	return false;
}

/* cordon's own directories are never an agent's, whatever holds them. */
static void deny_own_dirs(struct config_resolver *resolver, struct config_value *values)
{
	struct config_value *deny = &values[CONFIG_KEY_FILESYSTEM_DENY];
	struct config_list_builder builder = { .resolver = resolver };

	for (size_t i = 0; i < resolver->inputs->own_dir_count; i++) {
		struct config_item item = { .text = resolver->inputs->own_dirs[i] };

		if (is_touched(values, resolver->inputs->workspace, item.text))
			config_list_add(&builder, &item, false);
	}
	for (size_t i = 0; i < deny->list.count; i++)
		config_list_add(&builder, &deny->list.items[i], false);
	deny->list = config_list_end(&builder);
}

/* Whether an agent writes in @path, or in a directory that is in it. */
static bool is_written(struct config_resolver *resolver, const struct config_list *write, const char *path)
{
	const char *workspace = resolver->inputs->workspace;

	if (is_beneath(path, workspace) || is_beneath(workspace, path))
		return true;
	for (size_t i = 0; i < write->count; i++)
		if (is_beneath(path, write->items[i].text) || is_beneath(write->items[i].text, path))
			return true;
	return false;
}

/*
 * A project's own policies lie where the agent writes, as all of the project does, and nowhere else: they are
 * read on the host, below the workspace, and another file of the user's is none of a project's business. They
 * can only add to what is refused.
 */
static void check_project_source(struct config_resolver *resolver, const struct config_item *item)
{
	if (is_beneath(item->text, resolver->inputs->workspace))
		return;
	config_problem_add(resolver, &item->origin,
		"policy.files: '%s' lies outside of the workspace: a project's policies lie in the project",
		quote_cstr(item->text).text);
	config_problem_hint(resolver, "Name it in your own file, config.jsonc.");
}

/* Rules, and keys that vouch for rules, would be none if the agent could rewrite them. */
static void check_policy(struct config_resolver *resolver, const struct config_value *values)
{
	static const enum config_key keys[] = { CONFIG_KEY_POLICY_FILES, CONFIG_KEY_POLICY_KEYS };
	const struct config_list *write = &values[CONFIG_KEY_FILESYSTEM_WRITE].list;

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		const struct config_list *list = &values[keys[k]].list;

		for (size_t i = 0; i < list->count; i++) {
			const struct config_item *item = &list->items[i];

			if (keys[k] == CONFIG_KEY_POLICY_FILES &&
					config_item_layer(item) == CONFIG_SOURCE_PROJECT) {
				check_project_source(resolver, item);
				continue;
			}
			if (!is_written(resolver, write, item->text))
				continue;
			config_problem_add(resolver, &item->origin,
				"%s: '%s' is where the agent writes, so it could change the rules that "
				"judge it",
				config_keys[keys[k]].name, quote_cstr(item->text).text);
			config_problem_hint(resolver, "Keep it in the configuration directory.");
		}
	}
}

/* ---- an OPA ---- */

/* Of what an OPA is asked with, what lies in the file system. */
struct service_file {
	enum config_key key;
	bool is_secret;			/* or a socket, which whoever sees it can ask, too */
};

static const struct service_file service_files[] = {
	{ CONFIG_KEY_POLICY_URL, true }, { CONFIG_KEY_POLICY_TOKEN, true }, { CONFIG_KEY_POLICY_KEY, true },
	{ CONFIG_KEY_POLICY_CERT, false }, { CONFIG_KEY_POLICY_CA, false },
};

/* The path that a value names; NULL: it names none. */
static const char *service_path(struct config_resolver *resolver, enum config_key key, const char *text)
{
	struct config_url url;

	if (key == CONFIG_KEY_POLICY_URL)
		return *text && !config_url_parse(resolver->arena, str_from(text), &url) ? url.socket : NULL;
	if (str_starts_with(str_from(text), STR("file:")))
		text += strlen("file:");
	return text[0] == '/' ? text : NULL;
}

static bool lies_in(const struct config_list *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++)
		if (is_beneath(path, list->items[i].text))
			return true;
	return false;
}

static bool is_shown(const struct config_value *values, const char *path)
{
	return lies_in(&values[CONFIG_KEY_FILESYSTEM_READ].list, path) &&
		!lies_in(&values[CONFIG_KEY_FILESYSTEM_DENY].list, path) &&
		!lies_in(&values[CONFIG_KEY_FILESYSTEM_HIDE].list, path);
}

/* Who answers for a policy, and what vouches for them, is not an agent's to change, nor to use. */
static void check_service_file(struct config_resolver *resolver, const struct config_value *values,
	const struct service_file *file)
{
	const struct config_value *value = &values[file->key];
	const char *path = service_path(resolver, file->key, value->text), *why = NULL;

	if (!path)
		return;
	if (is_written(resolver, &values[CONFIG_KEY_FILESYSTEM_WRITE].list, path))
		why = "where the agent writes, so it could answer for its own policy";
	else if (file->is_secret && is_shown(values, path))
		why = "where the agent reads, so it could ask in cordon's place";
	if (!why)
		return;
	config_problem_add(resolver, &value->origin, "%s: '%s' is %s", config_keys[file->key].name,
		quote_cstr(value->text).text, why);
	config_problem_hint(resolver, "Keep it in the configuration directory.");
}

/* What is asked for by one key and needs another. */
static void check_service(struct config_resolver *resolver, const struct config_value *values,
	enum config_key key, enum config_key needed)
{
	const struct config_value *value = &values[key];

	if (*values[needed].text)
		return;
	config_problem_add(resolver, &value->origin, "%s: it needs %s, which is not set",
		config_keys[key].name, config_keys[needed].name);
	config_problem_hint(resolver, "Set that, too, or leave this out.");
}

static void check_opa(struct config_resolver *resolver, const struct config_value *values)
{
	for (size_t i = 0; i < ARRAY_SIZE(service_files); i++)
		check_service_file(resolver, values, &service_files[i]);
	if (values[CONFIG_KEY_POLICY_ENGINE].choice == CONFIG_ENGINE_OPA)
		check_service(resolver, values, CONFIG_KEY_POLICY_ENGINE, CONFIG_KEY_POLICY_URL);
	if (*values[CONFIG_KEY_POLICY_CERT].text)
		check_service(resolver, values, CONFIG_KEY_POLICY_CERT, CONFIG_KEY_POLICY_KEY);
	if (*values[CONFIG_KEY_POLICY_KEY].text)
		check_service(resolver, values, CONFIG_KEY_POLICY_KEY, CONFIG_KEY_POLICY_CERT);
}

void config_check_paths(struct config_resolver *resolver, struct config_value *values)
{
	struct config_value *write = &values[CONFIG_KEY_FILESYSTEM_WRITE];

	deny_own_dirs(resolver, values);
	check_workspace(resolver, "filesystem.deny", &values[CONFIG_KEY_FILESYSTEM_DENY].list);
	check_workspace(resolver, "filesystem.hide", &values[CONFIG_KEY_FILESYSTEM_HIDE].list);
	for (size_t i = 0; i < write->list.count; i++)
		check_write(resolver, &write->list.items[i]);
	prune_grants(resolver, values, CONFIG_KEY_FILESYSTEM_WRITE, NULL);
	prune_grants(resolver, values, CONFIG_KEY_FILESYSTEM_READ, &write->list);
	prune_hidden(resolver, values);
	check_policy(resolver, values);
	check_opa(resolver, values);
	if (write->list.count > WRITES_MAX)
		config_problem_add(resolver, &write->list.items[WRITES_MAX].origin,
			"filesystem.write: a session has at most %d directories besides the workspace",
			(int)WRITES_MAX);
}

/* ---- what has nothing behind it yet ---- */

/* The first entry that asks for something; NULL: there is none. */
static const struct config_item *find_asking(const struct config_list *list, const struct json *inert)
{
	for (size_t i = 0; i < list->count; i++) {
		bool is_inert = false;

		for (size_t j = 0; inert->type == JSON_ARRAY && j < inert->array.count; j++)
			is_inert = is_inert ||
				str_eq(inert->array.items[j]->text, str_from(list->items[i].text));
		if (!is_inert)
			return &list->items[i];
	}
	return NULL;
}

static bool is_inert_dropped(const struct config_list *list, const struct json *inert)
{
	for (size_t j = 0; inert->type == JSON_ARRAY && j < inert->array.count; j++)
		if (!config_list_find(list, inert->array.items[j]->text))
			return true;
	return false;
}

static void notice_unenforced(struct config_resolver *resolver, const struct config_key_row *row,
	const struct config_origin *origin)
{
	config_notice_add(resolver,
		row->until == CONFIG_UNTIL_OPEN ? CONFIG_NOTICE_OPEN : CONFIG_NOTICE_CLOSED, origin,
		"%s is not enforced yet: %s", row->name, row->until_doc);
}

static void notice_key(struct config_resolver *resolver, const struct config_key_row *row,
	const struct config_value *value)
{
	const struct config_item *asking;
	const struct json *inert;

	if (json_read(resolver->arena, str_from(row->inert_json), JSON_READ_STRICT, &inert, NULL) < 0) {
		resolver->full = true;
		return;
	}
	if (row->type == CONFIG_TYPE_ENUM) {
		if (!str_eq(inert->text, str_from(row->choices[value->choice])))
			notice_unenforced(resolver, row, &value->origin);
		return;
	}
	asking = find_asking(&value->list, inert);
	/* exec.allow: ["**", "make"] asks for nothing beyond everything. */
	if (!is_inert_dropped(&value->list, inert) &&
			(!asking || (inert->type == JSON_ARRAY && inert->array.count)))
		return;
	notice_unenforced(resolver, row, asking ? &asking->origin : &value->origin);
}

void config_notice_unenforced(struct config_resolver *resolver, const struct config_value *values)
{
	for (size_t i = 0; i < CONFIG_KEY_COUNT; i++)
		if (config_keys[i].until != CONFIG_UNTIL_DONE)
			notice_key(resolver, &config_keys[i], &values[i]);
}
