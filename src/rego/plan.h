/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - what a policy is when it is compiled: functions of instructions, constants, and the tree below
 * data
 *
 * Immutable once it is built, without a pointer into the sources but for the positions, shared by as many
 * evaluations as like. Each node of the tree has a function that gives its value: a rule's, or for a package
 * the document of what is below it. A function's register 0 is where its value grows, its operands follow,
 * then its variables and temporaries.
 */
#pragma once

#include "rego/builtin.h"
#include "rego/diag.h"
#include "rego/ops.h"

struct rego_insn {
	uint16_t op;			/* enum rego_op */
	uint16_t a, b, c;
	uint32_t d;
};

enum rego_function_kind {
	REGO_FUNCTION_RULE,		/* a document that rules define */
	REGO_FUNCTION_CALLED,		/* it has operands, and no place among the documents */
	REGO_FUNCTION_PACKAGE,		/* a document of documents */
	REGO_FUNCTION_QUERY,
};

struct rego_unit;

struct rego_function {
	enum rego_function_kind kind;
	const struct rego_unit *unit;	/* what its instructions refer to */
	uint32_t place;			/* index of its node */
	/* CALLED: where its last value is remembered (memo.h), or REGO_NOWHERE */
	uint32_t memo;
	const char *name;		/* "data.a.b", as people see it */
	const struct rego_insn *insns;
	const struct rego_span *spans;	/* of each instruction */
	size_t count;
	uint32_t register_count, slot_count, operand_count;
	/*
	 * its value follows from modules and data alone (steady.c); of a CALLED one, from its operands
	 * besides
	 */
	bool is_steady;
	/* CALLED: its values are kept from one evaluation to the next (known.h) */
	bool is_recalled;
};

struct rego_path {
	const struct json *const *keys;
	size_t count;
};

/* A place below data, as it is met while evaluating. */
struct rego_place {
	struct json cursor;		/* of the type REGO_CURSOR: stands for this place in a register */
	struct rego_path path;		/* from data down to here */
	uint32_t parent;		/* of the root: itself */
	uint32_t first_child, child_count;	/* in rego_plan.children, in the order of their keys */
};

enum {
	REGO_CURSOR = 0xff,		/* json.type of a cursor; no value ever has it */
};

/* Where a value is found that is asked for from outside. */
struct rego_entry {
	uint32_t place;			/* of a rule or package; REGO_NOWHERE: it is a base document */
	struct rego_path path;		/* in the value of that place; of a base document from data on */
};

struct rego_replacement {
	enum { REGO_REPLACE_INPUT, REGO_REPLACE_DATA, REGO_REPLACE_BUILTIN, REGO_REPLACE_FUNCTION } what;
	struct rego_path path;			/* INPUT, DATA */
	uint32_t place;				/* DATA: the node there, or REGO_NOWHERE */
	const struct rego_builtin *builtin;	/* what is replaced */
	uint32_t function;
	bool is_by_value;			/* by a register */
	const struct rego_builtin *by_builtin;
	uint32_t by_function;			/* REGO_NOWHERE: by the built-in */
};

enum rego_choice_kind {
	REGO_CHOICE_ALL,		/* whatever the value is */
	REGO_CHOICE_BY_VALUE,		/* those that want this value */
	REGO_CHOICE_BY_PREFIX,		/* those that want a string with such a beginning */
};

/* Which rules are tried for a value, and where each begins: instructions of the function, ascending. */
struct rego_choice {
	enum rego_choice_kind kind;
	const struct json *const *values;	/* in order */
	const uint32_t *parents;	/* BY_PREFIX: the longest other value that this one begins with */
	const uint32_t *starts;		/* value i has rules[starts[i]] up to rules[starts[i + 1]] */
	const uint32_t *rules;
	size_t count;			/* of values */
	const uint32_t *all;		/* rules of all values */
	size_t all_count;
};

struct rego_with_list {
	const struct rego_replacement *items;
	size_t count;
};

enum {
	REGO_NOWHERE = UINT32_MAX,
};

/* What the instructions of some functions refer to; a query has its own beside the policy's. */
struct rego_unit {
	const struct json *const *consts;
	const struct rego_path *paths;
	const struct rego_builtin *const *builtins;
	const struct rego_with_list *withs;
	const struct rego_choice *choices;
	size_t const_count, path_count, builtin_count, with_count, choice_count;
};

struct rego_plan {
	struct rego_unit unit;
	const struct rego_function *functions;	/* one for each place, under its index */
	const struct rego_place *places;
	const uint32_t *children;
	size_t place_count;
	/* that a world has: of places, and of sites (emit_keep.c) behind them */
	size_t value_count;
	size_t memo_count;
	bool has_hints;			/* look-ups begin where the last one found its key (machine.c) */
	bool has_texts;			/* what was read of texts is kept (builtin_net.c, graphql_schema.c) */
};

/* What is told to who looks on, where the policy was compiled with REGO_POLICY_TRACE. */
enum rego_event_kind {
	REGO_EVENT_PRINT = 0,
	REGO_EVENT_ENTER,		/* a rule, or the question */
	REGO_EVENT_EXIT,		/* it holds */
	REGO_EVENT_AGAIN,		/* of a rule or a question that held: the next solution */
	REGO_EVENT_EVAL,		/* an expression; the mark is taken away */
	REGO_EVENT_REDO,		/* the next solution of one that held; marked now */
	REGO_EVENT_FAIL,		/* one that never held: not told where it is marked */
	REGO_EVENT_NOTE,		/* trace() */
	REGO_EVENT_CASE,		/* the keys of a test with cases are known */
};

/* How something grows that is collected. */
enum rego_collect {
	REGO_COLLECT_ARRAY,
	REGO_COLLECT_SET,
	REGO_COLLECT_OBJECT,		/* a key with two values is an error */
	REGO_COLLECT_TREE,		/* values and sets at paths */
	REGO_COLLECT_GROUPS,		/* an object: under each key the array of its values (emit_group.c) */
};
