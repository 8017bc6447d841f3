// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_profile_diff.c - `cordon profile diff A B`
 *
 * Both profiles are brought to what they come to, and each value to entries: a scalar is one, a list or a map
 * has as many as it has items. What is compared is the entries' text, so the order of a list plays no part,
 * as it plays none in a session.
 */
#include "cli/commands.h"
#include "cli/profiles.h"
#include "cli/table.h"

#include "config/key.h"

struct side {
	struct config_profile profile;
	const struct config *config;
	const struct config_widening *beyond;	/* the other side */
	size_t beyond_count;
};

struct entry {
	struct str text;
	const struct json *json;
};

struct entries {
	struct entry *items;
	size_t count;
};

/* ---- entries ---- */

static struct str text_of(struct cli *cli, const char *name, const struct json *json)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_FILE_MAX);
	const char *copy;

	if (name)
		(void)buf_printf(&text, "%s=", name);
	if (json->type == JSON_STRING)
		(void)buf_append(&text, json->text.data, json->text.len);
	else
		(void)json_write(&text, json, JSON_WRITE_CANONICAL);
	copy = arena_copy(&cli->arena, buf_text(&text), text.len);
	return (struct str){ copy, copy ? text.len : 0 };
}

static const struct json *member_alone(struct cli *cli, const struct json_member *member)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_value(&object, member->key, member->value);
	return json_object_end(&object);
}

static struct entry entry_at(struct cli *cli, const struct json *json, size_t i)
{
	const struct json_member *member;
	struct str key;

	if (json->type == JSON_ARRAY)
		return (struct entry){ text_of(cli, NULL, json->array.items[i]), json->array.items[i] };
	if (json->type != JSON_OBJECT)
		return (struct entry){ text_of(cli, NULL, json), json };
	member = &json->object.members[i];
	key = member->key->text;
	return (struct entry){
		text_of(cli, arena_copy(&cli->arena, key.data, key.len), member->value),
		member_alone(cli, member),
	};
}

static struct entries entries_of(struct cli *cli, enum config_key key, const struct side *side)
{
	const struct json *json = config_value_to_json(&cli->arena, key, &side->config->values[key]);
	size_t count = !json ? 0 : json->type == JSON_ARRAY ? json->array.count :
		json->type == JSON_OBJECT ? json->object.count : 1;
	struct entries ret = { arena_alloc_array(&cli->arena, count, sizeof(*ret.items)), 0 };

	for (; ret.items && ret.count < count; ret.count++)
		ret.items[ret.count] = entry_at(cli, json, ret.count);
	return ret;
}

/* Those of @some that @others has not. */
static struct entries without(struct cli *cli, const struct entries *some, const struct entries *others)
{
	struct entries ret = { arena_alloc_array(&cli->arena, some->count, sizeof(*ret.items)), 0 };

	for (size_t i = 0; ret.items && i < some->count; i++) {
		bool is_there = false;

		for (size_t j = 0; j < others->count && !is_there; j++)
			is_there = str_eq(some->items[i].text, others->items[j].text);
		if (!is_there)
			ret.items[ret.count++] = some->items[i];
	}
	return ret;
}

/* ---- showing ---- */

static const struct json *side_to_json(struct cli *cli, const struct side *side)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "name", side->profile.name);
	json_object_add(&object, "path", json_new_bytes(&cli->arena, str_from(side->profile.path)));
	json_object_add(&object, "beyond", settings_widenings_to_json(cli, side->beyond, side->beyond_count));
	return json_object_end(&object);
}

static const struct json *entries_to_json(struct cli *cli, const struct entries *entries)
{
	struct json_array_builder array;

	json_array_begin(&array, &cli->arena);
	for (size_t i = 0; i < entries->count; i++)
		json_array_add(&array, entries->items[i].json);
	return json_array_end(&array);
}

static void add_difference(struct cli *cli, struct json_array_builder *array, enum config_key key,
	const struct entries *only)
{
	struct json_object_builder object;

	json_object_begin(&object, &cli->arena);
	json_object_add_text(&object, "key", config_key_name(key));
	json_object_add(&object, "only_a", entries_to_json(cli, &only[0]));
	json_object_add(&object, "only_b", entries_to_json(cli, &only[1]));
	json_array_add(array, json_object_end(&object));
}

static void print_entries(struct cli *cli, enum config_key key, char sign, const struct entries *entries)
{
	const char *style = cli_style(cli, sign == '-' ? CLI_BAD : CLI_GOOD);

	for (size_t i = 0; i < entries->count; i++) {
		cli_printf(cli, "%s%c %-17s ", style, sign, config_key_name(key));
		cli_quote(cli, entries->items[i].text);
		cli_printf(cli, "%s\n", cli_style(cli, CLI_PLAIN));
	}
}

static void print_heads(struct cli *cli, const struct side *sides)
{
	for (int i = 0; i < 2; i++) {
		cli_printf(cli, "%s%s ", cli_style(cli, CLI_BOLD), i ? "+++" : "---");
		cli_quote(cli, str_from(sides[i].profile.path));
		cli_printf(cli, "%s\n", cli_style(cli, CLI_PLAIN));
	}
}

static void print_beyond(struct cli *cli, const struct side *sides)
{
	cli_write(cli, STR("\n"));
	for (int i = 0; i < 2; i++) {
		const char *keys = profiles_keys_text(cli, sides[i].beyond, sides[i].beyond_count);

		cli_quote(cli, str_from(sides[i].profile.name));
		cli_write(cli, STR(" goes beyond "));
		cli_quote(cli, str_from(sides[!i].profile.name));
		cli_printf(cli, " in: %s\n", keys ? keys : "?");
	}
}

static size_t show(struct cli *cli, const struct side *sides, struct json_array_builder *array)
{
	size_t differences = 0;

	for (int i = 0; i < CONFIG_KEY_COUNT; i++) {
		enum config_key key = (enum config_key)i;
		struct entries a, b, only[2];

		/* That the names differ is no difference. */
		if (key == CONFIG_KEY_PROFILE)
			continue;
		a = entries_of(cli, key, &sides[0]);
		b = entries_of(cli, key, &sides[1]);
		only[0] = without(cli, &a, &b);
		only[1] = without(cli, &b, &a);
		if (!only[0].count && !only[1].count)
			continue;
		if (!cli->json && !differences++)
			print_heads(cli, sides);
		if (cli->json) {
			differences++;
			add_difference(cli, array, key, only);
			continue;
		}
		print_entries(cli, key, '-', &only[0]);
		print_entries(cli, key, '+', &only[1]);
	}
	return differences;
}

static int compare(struct cli *cli, const struct side *sides)
{
	struct json_object_builder object;
	struct json_array_builder array;
	size_t differences;

	json_array_begin(&array, &cli->arena);
	differences = show(cli, sides, &array);
	if (cli->json) {
		json_object_begin(&object, &cli->arena);
		json_object_add(&object, "a", side_to_json(cli, &sides[0]));
		json_object_add(&object, "b", side_to_json(cli, &sides[1]));
		json_object_add(&object, "differences", json_array_end(&array));
		cli_print_json(cli, json_object_end(&object));
	} else if (differences) {
		print_beyond(cli, sides);
	}
	return differences ? CLI_NO : CLI_OK;
}

int cmd_profile_diff(struct cli *cli, UNUSED int argc, char **argv)
{
	struct side sides[2] = { 0 };
	int code = CLI_OK;

	for (int i = 0; i < 2 && code == CLI_OK; i++) {
		code = profiles_find(cli, argv[i], CLI_USAGE, &sides[i].profile);
		if (code == CLI_OK)
			code = profiles_load(cli, &sides[i].profile, NULL, &sides[i].config);
	}
	for (int i = 0; i < 2 && code == CLI_OK; i++)
		code = profiles_beyond(cli, sides[!i].config, sides[i].config, &sides[i].beyond,
			&sides[i].beyond_count);
	if (code != CLI_OK)
		return code;
	cli_page(cli);
	return compare(cli, sides);
}
