/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explanation.h - what judges, told to a person: the modules of a set with what they say about themselves
 *
 * For `cordon policy explain`: of a session by what was kept with it, of a question by what the configuration
 * names now. Where a value comes from is the configuration's word (config_origin_text()).
 */
#pragma once

#include "cli/cli.h"
#include "config/config.h"
#include "policy/about.h"

struct explanation {
	struct cli *cli;
	struct arena arena;		/* of everything below */
	struct policy_set set;
	const struct config *config;	/* that named it */
	const char *workspace;
	struct policy_about *modules[POLICY_LAYERS];	/* as many as the layer has */
};

/** explanation_init() - nothing yet; explanation_fini() is legal from here on */
void explanation_init(struct explanation *explanation, struct cli *cli);

/** explanation_fini() - give it back */
void explanation_fini(struct explanation *explanation);

/**
 * explanation_read() - look into every module
 * @explanation: set and config are there
 * @err:         which module cannot be read
 *
 * Return: 0 or negative errno.
 */
int explanation_read(struct explanation *explanation, struct error *err);

/** explanation_count() - modules of a layer that answer a question; Return: how many */
size_t explanation_count(const struct explanation *explanation, enum policy_layer_kind kind,
	enum policy_question question);

/** explanation_text() - any text, as it may stand on a terminal; Return: owned by the explanation */
const char *explanation_text(struct explanation *explanation, const char *text);

/** explanation_place() - "shipped:deletions.rego:3:1"; Return: as above */
const char *explanation_place(struct explanation *explanation, const struct policy_about *about,
	uint32_t line, uint32_t column);

/** explanation_named_by() - who put a module into force; Return: for a terminal, or NULL: nobody by name */
const char *explanation_named_by(struct explanation *explanation, const struct policy_about *about);

/**
 * explanation_given_by() - who gave a parameter, or "verdicts/WHAT"; Return: for a terminal, or NULL: nobody
 */
const char *explanation_given_by(struct explanation *explanation, const struct policy_about *about,
	const char *param);

/** explanation_print_params() - the parameters in force, one a line behind a label */
void explanation_print_params(struct explanation *explanation, const struct policy_about *about);

/** explanation_finding_to_json() - {"rule", "verdict", "given", "origin", "severity", "what", "hint"} */
const struct json *explanation_finding_to_json(struct explanation *explanation,
	const struct policy_about *about, const struct policy_about_finding *finding);

/** explanation_params_to_json() - [{"name", "value", "given", "origin", "description"}, ...] */
const struct json *explanation_params_to_json(struct explanation *explanation,
	const struct policy_about *about);

/** explanation_add_text() - a member, where there is a text */
void explanation_add_text(struct json_object_builder *object, const char *key, const char *text);
