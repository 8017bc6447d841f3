// SPDX-License-Identifier: Apache-2.0
/*
 * config.c - the order of things
 *
 * The settings are put together twice: once without the project file, which is what the user allows, and once
 * with it. Comparing the two (narrow.c) tells what the project file widens. Then the organisation's ceiling
 * comes down on the result, and its paths are checked.
 *
 * Reading and judging are two steps: a document with mistakes is not judged, since what it means is not
 * known.
 */
#include "config/config_internal.h"

#include "base/quote.h"

#include <errno.h>

/* All layers that do not depend on the choice of a profile. */
struct layers {
	struct config_layer defaults, agent, user, project, policy;
	struct config_layer *flags;		/* one per option */
};

const char *config_key_name(enum config_key key)
{
	return config_keys[key].name;
}

const char *config_source_name(enum config_source source)
{
	static const char *const names[] = {
		[CONFIG_SOURCE_DEFAULT] = "default",
		[CONFIG_SOURCE_PROFILE] = "profile",
		[CONFIG_SOURCE_AGENT] = "agent",
		[CONFIG_SOURCE_USER] = "user",
		[CONFIG_SOURCE_PROJECT] = "project",
		[CONFIG_SOURCE_FLAG] = "flag",
		[CONFIG_SOURCE_POLICY] = "policy",
	};

	return names[source];
}

const char *config_origin_text(struct arena *arena, const struct config_origin *origin)
{
	scoped(buf) struct buf text = BUF_INIT(8 * CONFIG_TEXT_MAX);

	if (!origin->file)
		return "built-in";
	quote_append(&text, str_from(origin->file));
	if (origin->line)
		buf_printf(&text, ":%u:%u", origin->line, origin->column);
	return buf_failed(&text) ? NULL : arena_copy(arena, buf_text(&text), text.len);
}

/* ---- putting together ---- */

static void read_document(struct config_resolver *resolver, enum config_source source,
	const struct config_document *document, struct config_layer *layer)
{
	struct config_head head;

	*layer = (struct config_layer){ 0 };
	if (document->file)
		config_document_read(resolver, source, document, layer, &head);
}

static bool read_layers(struct config_resolver *resolver, struct layers *layers)
{
	const struct config_inputs *inputs = resolver->inputs;

	layers->flags = config_alloc(resolver, inputs->flag_count, sizeof(*layers->flags));
	if (!layers->flags)
		return false;
	config_defaults_read(resolver, &layers->defaults);
	config_agent_hosts_read(resolver, inputs->agent, &layers->agent);
	read_document(resolver, CONFIG_SOURCE_USER, &inputs->user, &layers->user);
	read_document(resolver, CONFIG_SOURCE_PROJECT, &inputs->project, &layers->project);
	read_document(resolver, CONFIG_SOURCE_POLICY, &inputs->policy, &layers->policy);
	for (size_t i = 0; i < inputs->flag_count; i++)
		config_flag_read(resolver, &inputs->flags[i], &layers->flags[i]);
	return true;
}

/* The profile that the last source to name one chose. */
static const struct config_value *choose_profile(const struct config_resolver *resolver,
	const struct layers *layers, bool with_project)
{
	const struct config_layer *order[] = { &layers->defaults, &layers->user,
		with_project ? &layers->project : NULL };
	const struct config_value *chosen = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (order[i] && order[i]->is_set[CONFIG_KEY_PROFILE])
			chosen = &order[i]->values[CONFIG_KEY_PROFILE];
	for (size_t i = 0; i < resolver->inputs->flag_count; i++)
		if (layers->flags[i].is_set[CONFIG_KEY_PROFILE])
			chosen = &layers->flags[i].values[CONFIG_KEY_PROFILE];
	return chosen;
}

/* What the built-in defaults and a profile come to. */
static void make_base(struct config_resolver *resolver, const struct layers *layers,
	const struct config_value *profile, struct config_layer *ret)
{
	*ret = layers->defaults;
	config_profile_merge(resolver, profile->text, &profile->origin, ret);
	ret->values[CONFIG_KEY_PROFILE] = *profile;
}

/* Everything else on top of it; @project may be NULL. */
static void put_together(struct config_resolver *resolver, const struct layers *layers,
	const struct config_layer *project, struct config_layer *base)
{
	const struct config_value profile = base->values[CONFIG_KEY_PROFILE];

	config_layer_merge(resolver, base, &layers->agent);
	config_layer_merge(resolver, base, &layers->user);
	if (project)
		config_layer_merge(resolver, base, project);
	for (size_t i = 0; i < resolver->inputs->flag_count; i++)
		config_layer_merge(resolver, base, &layers->flags[i]);
	base->values[CONFIG_KEY_PROFILE] = profile;
}

/* The organisation's file on top of the profile that it names, if it does. */
static void make_ceiling(struct config_resolver *resolver, const struct config_layer *policy,
	struct config_layer *ret)
{
	const struct config_value *profile = &policy->values[CONFIG_KEY_PROFILE];

	*ret = (struct config_layer){ 0 };
	if (policy->is_set[CONFIG_KEY_PROFILE])
		config_profile_merge(resolver, profile->text, &profile->origin, ret);
	config_layer_merge(resolver, ret, policy);
}

/* ---- failing ---- */

static int fail(struct config_resolver *resolver, int code, struct config_problems *ret_problems,
	struct error *err)
{
	const struct config_problem *first;
	size_t more;

	if (resolver->full)
		return error_set(err, -EMSGSIZE, "the configuration is too large");
	config_problems_sort(&resolver->problems);
	if (ret_problems)
		*ret_problems = resolver->problems;
	first = &resolver->problems.items[0];
	more = resolver->problems.count + resolver->problems.left_out - 1;
	error_set(err, code, "%s: %s", config_where(resolver, &first->origin), first->text);
	if (more)
		error_wrap(err, code, "%zu problems, the first", more + 1);
	if (first->hint)
		error_hint(err, "%s", first->hint);
	return code;
}

static void widenings_to_problems(struct config_resolver *resolver, const struct config_widenings *widenings)
{
	for (size_t i = 0; i < widenings->count; i++) {
		const struct config_widening *widening = &widenings->items[i];

		config_problem_add(resolver, &widening->origin, "%s", widening->text);
		if (widening->origin.source == CONFIG_SOURCE_PROFILE)
			config_problem_hint(resolver,
				"The project file chose this profile. Look at it, then say `cordon trust`.");
		else
			config_problem_hint(resolver,
				"Look at it, then say `cordon trust`, or take it out: a project narrows.");
	}
}

static bool is_beyond_trust(const struct config_widening *widening)
{
	enum config_trustable trust = config_keys[widening->key].trust;

	return trust == CONFIG_TRUST_NEVER ||
		(trust == CONFIG_TRUST_PROFILE && widening->origin.source != CONFIG_SOURCE_PROFILE);
}

/* Problems of what no trust allows. Return: whether there is one. */
static bool refuse_beyond_trust(struct config_resolver *resolver, const struct config_widenings *widenings)
{
	bool any = false;

	for (size_t i = 0; i < widenings->count; i++) {
		const struct config_widening *widening = &widenings->items[i];

		if (!is_beyond_trust(widening))
			continue;
		config_problem_add(resolver, &widening->origin, "%s", widening->text);
		config_problem_hint(resolver,
			"No project can ask for that, trusted or not. Say it yourself, by an option or in your own file.");
		any = true;
	}
	return any;
}

/* ---- resolving ---- */

static struct config *new_config(struct config_resolver *resolver, const struct config_value *values,
	const struct config_widenings *widenings)
{
	const struct config_inputs *inputs = resolver->inputs;
	struct config *config = config_alloc(resolver, 1, sizeof(*config));

	if (!config)
		return NULL;
	memcpy(config->values, values, sizeof(config->values));
	config_settings_fill(&config->settings, config->values);
	config->notices = resolver->notices;
	config->notice_count = resolver->notice_count;
	if (!inputs->project.file)
		return config;
	config->project_file = inputs->project.file;
	config->project_digest = hash_bytes(inputs->project.text.data, inputs->project.text.len);
	config->project_trusted = inputs->project_trusted;
	config->widenings = widenings->items;
	config->widening_count = widenings->count;
	return config;
}

/*
 * Presets become the hosts that they stand for, under the same ceiling as every other host. What they come to
 * is found out only for a session that could start: nobody's tools are asked because of a file that nobody
 * trusted.
 */
static void narrow_and_expand(struct config_resolver *resolver, struct config_layer *ceiling,
	bool will_start, struct config_value *values)
{
	const enum config_key presets = CONFIG_KEY_NETWORK_PRESETS, allow = CONFIG_KEY_NETWORK_ALLOW;

	if (will_start && ceiling->is_set[allow] && ceiling->is_set[presets])
		config_presets_expand(resolver, &ceiling->values[presets], &ceiling->values[allow]);
	config_apply_ceiling(resolver, values, ceiling);
	if (!will_start)
		return;
	config_presets_expand(resolver, &values[presets], &values[allow]);
	config_apply_ceiling_of(resolver, allow, values, ceiling);
}

/* From layers without mistakes to values; problems are added. */
static void judge(struct config_resolver *resolver, const struct layers *layers, struct config_layer *ret,
	struct config_widenings *ret_widenings)
{
	const struct config_value *profile = choose_profile(resolver, layers, true);
	const struct config_value *own_profile = choose_profile(resolver, layers, false);
	struct config_layer allowed, ceiling;

	make_base(resolver, layers, profile, ret);
	if (own_profile == profile)
		allowed = *ret;
	else
		make_base(resolver, layers, own_profile, &allowed);
	make_ceiling(resolver, &layers->policy, &ceiling);
	if (resolver->problems.count)
		return;
	put_together(resolver, layers, &layers->project, ret);
	put_together(resolver, layers, NULL, &allowed);
	config_find_widenings(resolver, allowed.values, ret->values, ret_widenings);
	narrow_and_expand(resolver, &ceiling, resolver->inputs->project_trusted || !ret_widenings->count,
		ret->values);
	config_check_paths(resolver, ret->values);
	config_check_network(resolver, ret->values);
	config_notice_unenforced(resolver, ret->values);
}

int config_resolve(struct arena *arena, const struct config_inputs *inputs,
	struct config_problems *ret_problems, const struct config **ret, struct error *err)
{
	struct config_resolver resolver = { .arena = arena, .inputs = inputs };
	struct config_widenings widenings = { 0 };
	struct config_layer result;
	const struct config *config;
	struct layers layers;

	if (ret_problems)
		*ret_problems = (struct config_problems){ 0 };
	if (!read_layers(&resolver, &layers) || resolver.full || resolver.problems.count)
		return fail(&resolver, -EINVAL, ret_problems, err);
	judge(&resolver, &layers, &result, &widenings);
	if (resolver.full || resolver.problems.count)
		return fail(&resolver, -EINVAL, ret_problems, err);
	if (refuse_beyond_trust(&resolver, &widenings))
		return fail(&resolver, -EPERM, ret_problems, err);
	if (!inputs->project_trusted && widenings.count) {
		widenings_to_problems(&resolver, &widenings);
		return fail(&resolver, -EPERM, ret_problems, err);
	}
	config = new_config(&resolver, result.values, &widenings);
	if (!config)
		return fail(&resolver, -EMSGSIZE, ret_problems, err);
	*ret = config;
	return 0;
}
