/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set.h - all that a session is judged by, besides the floor: modules and data, as texts
 *
 * A set is made when a session starts (policy/sources.h reads the files), is kept in the session's directory
 * (policy.json, docs/formats/policy.md) and is what every judgement of that session compiles, however its
 * files change meanwhile. Its digest stands in the first record of the ledger.
 *
 * A module that came with cordon is known by its digest before anybody has read it (policy/shipped.h), and
 * that is all that the digest of a set asks of a module. So a set can be named, and recognised, without its
 * texts; to write it or to compile it takes them.
 *
 * It has layers, each of which is compiled by itself, so that no module of one can add to, or shadow, a rule
 * or data of another:
 *
 *	user		shipped modules that the configuration names, the user's own files; the one layer whose
 *			`allow` counts
 *	organisation	what /etc/cordon/policy.jsonc names; adds deny, ask and warn
 *	project		what the project's own file names, trusted or not; adds deny, ask and warn
 *
 * Where the configuration has an OPA answer (policy.engine), the set says so, and the `allow` of that OPA
 * counts in place of the user's layer, which then only adds as the others do.
 */
#pragma once

#include "base/hash.h"
#include "base/str.h"
#include "json/json.h"

enum policy_layer_kind {
	POLICY_LAYER_PROJECT,		/* zero is the least trusted */
	POLICY_LAYER_ORGANISATION,
	POLICY_LAYER_USER,
	POLICY_LAYERS,
};

enum {
	POLICY_MODULES_MAX = 4096,		/* of one layer */
	/* of the document of a set; what is longer is not read back */
	POLICY_SET_BYTES_MAX = 60 << 20,
	POLICY_OPA_BYTES_MAX = 4096,
};

struct policy_module {
	const char *name;		/* as messages show it: a path, or "shipped:deletions.rego" */
	struct str text;		/* of one of cordon's own, data is NULL until it is fetched */
	const struct digest *digest;	/* of the text of one of cordon's own; NULL: somebody else's */
};

struct policy_layer {
	const struct policy_module *modules;	/* sorted by name */
	size_t count;
	const struct json *data;	/* an object; NULL: {}; data.cordon.params are the parameters */
	const char *revision;		/* of a bundle; NULL: none */
};

struct policy_set {
	struct policy_layer layers[POLICY_LAYERS];
	const char *opa;		/* its URL, as the configuration has it; NULL: nobody else is asked */
	struct digest digest;		/* docs/formats/policy.md says over what */
};

/** policy_layer_is_shipped() - whether every module of a layer came with cordon, and none is anybody's own */
bool policy_layer_is_shipped(const struct policy_layer *layer);

/** policy_set_is_shipped() - the same of all layers */
bool policy_set_is_shipped(const struct policy_set *set);

/** policy_layer_name() - "project", "organisation", "user" */
const char *policy_layer_name(enum policy_layer_kind kind);

/**
 * policy_set_seal() - work out the digest
 * @set: everything else is filled in
 *
 * Errors: -EMSGSIZE over POLICY_SET_BYTES_MAX or POLICY_MODULES_MAX; -EINVAL a name, text or revision is no
 * UTF-8, modules are not sorted by their names or have the same, data is no object.
 * Return: 0 or negative errno.
 */
int policy_set_seal(struct policy_set *set);

/**
 * policy_set_to_json() - the public form, with all texts; Return: the value, or NULL when the arena is full
 */
const struct json *policy_set_to_json(struct arena *arena, const struct policy_set *set);

/**
 * policy_set_read() - from the public form, strictly
 * @arena: owns the result
 * @value: what policy_set_to_json() wrote
 * @ret:   the set
 * @err:   says which field
 *
 * Errors: -EBADMSG no such document, or the digest is not its own; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_set_read(struct arena *arena, const struct json *value, struct policy_set *ret, struct error *err);
