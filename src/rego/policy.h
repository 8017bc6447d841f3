/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy.h - compiled modules, and questions to them
 *
 * A policy owns everything that its modules became: one arena, which is given back as a whole. Queries are
 * compiled against it and refer to it; it outlives them. Both are immutable and may be shared by any number
 * of evaluations at once.
 */
#pragma once

#include "rego/ast.h"
#include "rego/plan.h"
#include "rego/schema_type.h"

struct rego_policy;

enum rego_policy_flags {
	REGO_POLICY_STRICT = 1 << 0,	/* what is unused is a mistake */
	REGO_POLICY_PRINT = 1 << 1,	/* calls of print() are kept */
	REGO_POLICY_TRACE = 1 << 2,	/* each expression tells that it is evaluated, and how that ended */
	/* for tests: the answers are the same */
	REGO_POLICY_NO_INDEX = 1 << 3,	/* all rules of a place are tried, as with TRACE */
	/* but for rules nothing is worked out once for several times, as with TRACE */
	REGO_POLICY_NO_SITES = 1 << 4,
	REGO_POLICY_NO_GROUPS = 1 << 5,	/* loops are gone through that could be looked up, as with TRACE */
	REGO_POLICY_NO_MEMOS = 1 << 6,	/* a function's last call is not remembered, as with TRACE */
	/* results of calls and operands are moved into the variables that they are for */
	REGO_POLICY_NO_DIRECT = 1 << 7,
	REGO_POLICY_NO_RECORDS = 1 << 8,	/* objects are sorted while evaluating, whatever their keys */
	REGO_POLICY_NO_RETURNS = 1 << 9,	/* what holds is put by, and given at the function's end */
	REGO_POLICY_NO_HINTS = 1 << 10,	/* members are searched each time */
	/* networks, and what all schemas of GraphQL have, are read each time */
	REGO_POLICY_NO_TEXTS = 1 << 11,
	/* no call is known from the evaluation before, as with TRACE */
	REGO_POLICY_NO_RECALL = 1 << 12,
	REGO_POLICY_NO_SINGLE = 1 << 13,	/* comprehensions collect, whether they have a loop or not */
	/* nothing of all that is only there to be faster */
	REGO_POLICY_PLAIN = (1 << 14) - REGO_POLICY_NO_INDEX,
};

/**
 * rego_policy_new() - compile modules
 * @modules:     parsed ones; borrowed, with their sources, as long as the policy lives
 * @count:       how many
 * @flags:       enum rego_policy_flags
 * @limit_bytes: of memory
 * @diags:       what is wrong, if anything
 *
 * Return: the policy, or NULL with at least one diagnostic.
 */
struct rego_policy *rego_policy_new(const struct rego_module *const *modules, size_t count, unsigned flags,
	size_t limit_bytes, struct rego_diags *diags);

struct rego_policy_settings {
	unsigned flags;			/* enum rego_policy_flags */
	size_t limit_bytes;		/* of memory */
	/* borrowed, with their values, as long as the policy lives */
	const struct rego_schema *schemas;
	size_t schema_count;
};

/** rego_policy_new_as() - rego_policy_new() with all that there is to say; Return: as there */
struct rego_policy *rego_policy_new_as(const struct rego_module *const *modules, size_t count,
	const struct rego_policy_settings *settings, struct rego_diags *diags);

/** rego_policy_free() - give it back; Return: NULL */
struct rego_policy *rego_policy_free(struct rego_policy *policy);

/** rego_policy_memory() - bytes that it takes */
size_t rego_policy_memory(const struct rego_policy *policy);

/** rego_policy_plan() - what the machine runs */
const struct rego_plan *rego_policy_plan(const struct rego_policy *policy);

/* What the value of one expression of a question is. */
struct rego_query_expr {
	struct rego_span at;
	uint32_t item;			/* of the row; REGO_NOWHERE: true */
};

/*
 * A question: each row of the answer has one value for each of its variables, and behind them what its
 * expressions need.
 */
struct rego_query {
	const struct rego_function *function;
	const struct str *names;	/* of the variables, in order */
	size_t name_count;
	const struct rego_query_expr *exprs;	/* as they were written, where they were asked for */
	size_t expr_count;
};

struct rego_query_options {
	/* the values of expressions, too; an only one may then be false */
	bool has_values;
	const struct rego_term *package;	/* a REF as a module's; NULL: data itself */
	const struct rego_import *imports;	/* as a module's */
	size_t import_count;
};

/**
 * rego_query_new() - compile a question
 * @policy:  what it is about; not changed, but borrowed by the question
 * @body:    parsed; borrowed
 * @options: NULL: none
 * @arena:   owns the question
 * @diags:   what is wrong, if anything
 *
 * Return: the question, or NULL with at least one diagnostic.
 */
const struct rego_query *rego_query_new(const struct rego_policy *policy, const struct rego_body *body,
	const struct rego_query_options *options, struct arena *arena, struct rego_diags *diags);

/**
 * rego_policy_member() - where the value of data.PATH[NAME] comes from
 * @policy: compiled
 * @path:   @count keys below data that lead to a package or a rule
 * @count:  of @path
 * @name:   a key of its document, as long-lived as @arena
 * @arena:  owns what @ret points to
 * @ret:    set
 *
 * Errors: -ENOENT @path is neither, or one of both is a function; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int rego_policy_member(const struct rego_policy *policy, const char *const *path, size_t count,
	const char *name, struct arena *arena, struct rego_entry *ret);

/** rego_policy_find() - the place of a path below data, "cordon", "commit"; Return: its function, or NULL */
const struct rego_function *rego_policy_find(const struct rego_policy *policy, const char *const *path,
	size_t count);
