/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor.h - what `cordon doctor` found out, before it is shown in one form or the other
 */
#pragma once

#include "cli/prober.h"
#include "jail/seccomp.h"

/* One configuration, and what its sessions can count on here. */
struct doctor_level {
	const char *name;		/* of the profile */
	struct jail_limits limits;
	struct jail_outlook outlook;
	const char *unenforced;		/* what it asks for that is not to be had here, or NULL */
	const char *opa;		/* URL of the server that allows, or NULL */
};

struct doctor {
	struct jail_facts facts;
	struct jail_report report;
	struct prober_places places;
	const char *no_workspace;	/* why there is none, or NULL */
	const gid_t *groups;		/* of the person, which an agent would keep */
	size_t group_count;
	struct doctor_level here;	/* the configuration in effect */
	bool is_default;		/* that one cannot be read: the default profile instead */
	struct doctor_level *levels;	/* one for each profile */
	size_t level_count;
	struct jail_syscall_census census;
	bool with_calls;		/* their names, too */
};

/** doctor_print() - for a person */
void doctor_print(struct cli *cli, const struct doctor *doctor);

/** doctor_to_json() - docs/formats/doctor.md; Return: the document, or NULL when the arena is full */
const struct json *doctor_to_json(struct cli *cli, const struct doctor *doctor);
