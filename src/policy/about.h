/* SPDX-License-Identifier: Apache-2.0 */
/*
 * about.h - what a module of policy says about itself: for whoever asks why something was refused
 *
 * Nothing is evaluated. A module is read as text: the rules that answer a question with their places, and the
 * METADATA block that describes it, which for modules that came with cordon lists everything that they can
 * find and every parameter (docs/policy.md). With the data of the module's layer, the values that are in
 * force stand beside the defaults.
 */
#pragma once

#include "policy/question.h"
#include "policy/set.h"
#include "rego/lex.h"

struct policy_about_rule {
	enum policy_question question;
	const char *answer;		/* "deny", "ask", "warn", "allow"; NULL: it is a helper of those */
	const char *title;		/* of its METADATA; NULL: none */
	const char *description;
	uint32_t line, column;
};

struct policy_about_param {
	const char *name;
	const char *description;	/* or NULL */
	const struct json *value;	/* in force */
	bool is_given;			/* and not the default */
};

/* What a module says that it can find. */
struct policy_about_finding {
	const char *name;		/* "count" of "deletions/count" */
	const char *verdict;		/* in force: "deny", "ask", "warn", "off" */
	const char *severity, *what, *hint;	/* or NULL */
	bool is_given;			/* the verdict is not the default */
};

struct policy_about {
	const char *file;		/* the module's name: a path, or "shipped:deletions.rego" */
	const char *module;		/* custom.module; NULL: it does not say */
	const char *key;		/* of its parameters, below data.cordon.params; NULL: none */
	const char *title, *description;	/* or NULL */
	const struct policy_about_rule *rules;	/* that answer */
	const struct policy_about_finding *findings;
	const struct policy_about_param *params;
	size_t rule_count, finding_count, param_count;
	/* how it was read */
	const struct rego_module *parsed;
	struct rego_tokens tokens;
};

/**
 * policy_about_read() - read one module
 * @arena:  owns what was read; borrows the text
 * @module: of a set
 * @data:   of its layer; NULL: none
 * @ret:    what it says
 * @err:    why it cannot be read
 *
 * Errors: -EINVAL no module; -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int policy_about_read(struct arena *arena, const struct policy_module *module, const struct json *data,
	struct policy_about *ret, struct error *err);

/** policy_about_answers() - whether it has a rule for a question; Return: it has */
bool policy_about_answers(const struct policy_about *about, enum policy_question question);

/**
 * policy_about_find() - the rule of a module that a finding came from
 * @about:    the module
 * @question: that was asked
 * @name:     the finding's, without the layer: "deletions/count", "team/secrets", "commit/deny"
 * @ret:      the rule; unchanged where none is found
 *
 * By what stands there: a text that is the name, or the last part of the name behind the module's own. A
 * policy that puts its names together while it is evaluated is not found.
 *
 * Return: whether it comes from here.
 */
bool policy_about_find(const struct policy_about *about, enum policy_question question, const char *name,
	struct policy_about_rule *ret);

/** policy_about_finding_of() - what a module says of a finding's name; Return: it, or NULL */
const struct policy_about_finding *policy_about_finding_of(const struct policy_about *about,
	const char *name);
