// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_doctor.c - `cordon doctor [--seccomp]`
 *
 * Facts come from the launcher, which tries; what they mean, from jail/probe.h; which limits sessions ask
 * for, from the profiles and the configuration in effect. The exit code is about the latter: would a session
 * that is started here, now, get all that it is promised?
 */
#include "cli/commands.h"

#include "cli/doctor.h"
#include "cli/settings.h"
#include "jail/identity.h"
#include "run/opa.h"
#include "run/workspace.h"

#define PROFILE_DEFAULT "standard"

static struct jail_limits limits_of(const struct config *config)
{
	const struct config_settings *settings = &config->settings;

	return (struct jail_limits){
		.memory_bytes = settings->limits.memory_bytes, .cpu_millis = settings->limits.cpus_milli,
		.pids_count = settings->limits.pids_count, .files_count = settings->limits.files_count,
		.file_size_bytes = settings->limits.file_size_bytes,
	};
}

static void set_level(const struct doctor *doctor, const char *name, const struct config *config,
	struct doctor_level *ret)
{
	*ret = (struct doctor_level){ .name = name, .limits = limits_of(config) };
	jail_probe_promise(&doctor->facts, &doctor->report, &ret->limits, &ret->outlook);
	if (config->settings.isolation.level == CONFIG_LEVEL_LANDLOCK)
		ret->outlook.promise = jail_probe_level(&doctor->facts, &doctor->report, JAIL_LEVEL_LANDLOCK,
			ret->outlook.lacks) ? JAIL_PROMISE_WEAKER : JAIL_PROMISE_NONE;
	/* No host makes up for what cordon itself does not do. */
	for (size_t i = 0; i < config->notice_count && !ret->unenforced; i++)
		if (config->notices[i].kind == CONFIG_NOTICE_OPEN)
			ret->unenforced = config->notices[i].text;
	if (ret->unenforced)
		ret->outlook.promise = JAIL_PROMISE_NONE;
}

/* A profile that cannot be read is told on standard error, and is no level. */
static int add_profiles(struct cli *cli, struct doctor *doctor, struct error *err)
{
	struct settings_request request = {
		.workspace = SETTINGS_ANY_WORKSPACE, .only_kind = CONFIG_SOURCE_PROFILE,
	};
	const struct config_profile *profiles;
	struct config_places places;
	size_t count;
	int r = config_places_init(&cli->arena, &places, err);

	if (r >= 0)
		r = config_profile_list(&cli->arena, &places, &profiles, &count, err);
	if (r < 0)
		return r;
	doctor->levels = arena_alloc_array(&cli->arena, count, sizeof(*doctor->levels));
	for (size_t i = 0; i < count && doctor->levels; i++) {
		const struct config *config;

		if (profiles[i].is_replaced)
			continue;
		request.only_file = profiles[i].path;
		if (settings_load(cli, &request, NULL, &config) == CLI_OK)
			set_level(doctor, profiles[i].name, config, &doctor->levels[doctor->level_count++]);
	}
	return 0;
}

/*
 * What is needed to ask the OPA that allows: the program, its libraries, a token, certificates. Nobody is
 * asked.
 */
static void set_opa(struct cli *cli, const struct config *config, struct doctor_level *ret)
{
	struct error err = ERROR_INIT;
	struct run_opa *opa = NULL;
	int r = run_opa_new(config, &opa, &err);

	if (opa) {
		ret->opa = config->settings.policy.url;
		r = run_opa_start(opa, &err);
	}
	run_opa_free(opa);
	if (r >= 0)
		return;
	ret->unenforced = arena_copy(&cli->arena, err.text, strlen(err.text));
	ret->outlook.promise = JAIL_PROMISE_NONE;
}

static void set_here(struct cli *cli, struct doctor *doctor)
{
	const struct settings_request request = {
		.workspace = doctor->places.workspace ? doctor->places.workspace : "/",
	};
	const struct config *config;

	if (settings_load(cli, &request, NULL, &config) == CLI_OK) {
		set_level(doctor, config->settings.profile, config, &doctor->here);
		set_opa(cli, config, &doctor->here);
		return;
	}
	doctor->is_default = true;
	doctor->here.name = PROFILE_DEFAULT;
	for (size_t i = 0; i < doctor->level_count; i++)
		if (!strcmp(doctor->levels[i].name, PROFILE_DEFAULT))
			doctor->here = doctor->levels[i];
}

/* Mistakes in files are told on standard error alone: the report is the one document of this command. */
static int set_levels(struct cli *cli, struct doctor *doctor, struct error *err)
{
	bool json = cli->json;
	int r;

	cli->json = false;
	r = add_profiles(cli, doctor, err);
	if (r >= 0)
		set_here(cli, doctor);
	cli->json = json;
	return r;
}

/* Root's agent is somebody else, and leaves root's groups behind; any other keeps the person's. */
static int set_groups(struct cli *cli, struct doctor *doctor, struct error *err)
{
	int r = 0;

	if (!doctor->facts.is_root || doctor->facts.is_container_root)
		r = jail_identity_groups(kern_getegid(), &cli->arena, &doctor->groups, &doctor->group_count);
	return r < 0 ? error_sys(err, r, "reading your groups") : 0;
}

int cmd_doctor(struct cli *cli, UNUSED int argc, UNUSED char **argv)
{
	struct doctor *doctor = arena_alloc(&cli->arena, sizeof(*doctor));
	struct error err = ERROR_INIT, none = ERROR_INIT;
	const char *workspace;

	if (!doctor)
		return cli_failf(cli, CLI_FAILED, "out of memory");
	workspace = run_find_workspace(&cli->arena, doctor_options(cli)->workspace, &none);
	if (!workspace && doctor_options(cli)->workspace)
		return cli_fail(cli, CLI_USAGE, &none);
	doctor->no_workspace = workspace ? NULL : none.text;
	if (prober_run(cli, workspace, &doctor->places, &doctor->facts, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (set_groups(cli, doctor, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	jail_probe_judge(&doctor->facts, &doctor->report);
	jail_syscall_count(&doctor->census);
	doctor->with_calls = doctor_options(cli)->seccomp;
	if (set_levels(cli, doctor, &err) < 0)
		return cli_fail(cli, CLI_FAILED, &err);
	if (cli->json) {
		cli_print_json(cli, doctor_to_json(cli, doctor));
	} else {
		cli_page(cli);
		doctor_print(cli, doctor);
	}
	if (doctor->is_default)
		return CLI_USAGE;
	return doctor->here.outlook.promise == JAIL_PROMISE_FULL ? CLI_OK : CLI_NO;
}
