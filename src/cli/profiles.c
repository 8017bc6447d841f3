// SPDX-License-Identifier: Apache-2.0
/*
 * profiles.c - profiles by the words that people call them
 *
 * A name means what a session would get by it: the user's own profile before one of the same name that came
 * with cordon. A path means that file, installed or not; nothing obeys it, it is only looked at.
 */
#include "cli/profiles.h"

#include "base/quote.h"

#include <errno.h>

int profiles_list(struct cli *cli, const struct config_profile **ret, size_t *ret_count)
{
	struct config_places places;
	struct error err = ERROR_INIT;
	int r = config_places_init(&cli->arena, &places, &err);

	if (r >= 0)
		r = config_profile_list(&cli->arena, &places, ret, ret_count, &err);
	return r < 0 ? cli_fail(cli, CLI_FAILED, &err) : CLI_OK;
}

static int no_profile(struct cli *cli, const char *name, int missing, const struct config_profile *profiles,
	size_t count)
{
	const char **names = arena_alloc_array(&cli->arena, count, sizeof(*names));
	struct error err = ERROR_INIT;
	const char *near = NULL;

	for (size_t i = 0; names && i < count; i++)
		names[i] = profiles[i].name;
	if (names)
		near = str_nearest(str_from(name), names, count);
	error_set(&err, -ENOENT, "there is no profile '%s'", quote_cstr(name).text);
	if (near)
		error_hint(&err, "Did you mean '%s'?", near);
	else
		error_hint(&err, "`cordon profile list` names them.");
	return cli_fail(cli, missing, &err);
}

int profiles_find(struct cli *cli, const char *word, int missing, struct config_profile *ret)
{
	const struct config_profile *profiles = NULL;
	size_t count = 0;
	int code;

	if (strchr(word, '/') || str_ends_with(str_from(word), STR(".jsonc")))
		return config_profile_describe(&cli->arena, word, ret) < 0 ?
			cli_failf(cli, CLI_FAILED, "out of memory") : CLI_OK;
	code = profiles_list(cli, &profiles, &count);
	if (code != CLI_OK)
		return code;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(profiles[i].name, word))
			continue;
		*ret = profiles[i];
		return CLI_OK;
	}
	return no_profile(cli, word, missing, profiles, count);
}

int profiles_load(struct cli *cli, const struct config_profile *profile,
	const struct config_problems **ret_problems, const struct config **ret)
{
	const struct settings_request request = {
		.workspace = SETTINGS_ANY_WORKSPACE, .only_kind = CONFIG_SOURCE_PROFILE,
		.only_file = profile->path,
	};

	return settings_load(cli, &request, ret_problems, ret);
}

int profiles_beyond(struct cli *cli, const struct config *base, const struct config *config,
	const struct config_widening **ret, size_t *ret_count)
{
	if (config_compare(&cli->arena, SETTINGS_ANY_WORKSPACE, base, config, ret, ret_count) < 0)
		return cli_failf(cli, CLI_FAILED, "the profiles are too large to be compared");
	return CLI_OK;
}

const char *profiles_keys_text(struct cli *cli, const struct config_widening *widenings, size_t count)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_TEXT_MAX);

	/* They come in the order of the keys. */
	for (size_t i = 0; i < count; i++)
		if (!i || widenings[i].key != widenings[i - 1].key)
			(void)buf_printf(&text, "%s%s", i ? ", " : "", config_key_name(widenings[i].key));
	if (!count)
		(void)buf_append_str(&text, "nothing");
	return arena_copy(&cli->arena, buf_text(&text), text.len);
}
