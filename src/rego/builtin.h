/* SPDX-License-Identifier: Apache-2.0 */
/*
 * builtin.h - what a built-in function is, what it is given, and how it answers
 *
 * Every built-in is one row of tables/rego/FAMILY.toml (name, types, whether it is deterministic, what it
 * costs, one line of help; the README there has the columns) and one function in builtin_FAMILY.c, which the
 * generated rego/builtin_table.h declares. The row feeds dispatch, the check of types, the documentation and
 * `cordon policy builtins`; the function only computes. It gets values that outlive it, makes its result in
 * the evaluation's arena, reads no clock, does no I/O, keeps nothing between two calls but what it puts into
 * the cache, and spends budget for whatever grows with its operands.
 *
 * The number of operands is right when a function is called; their types are not known, since what is not
 * known while compiling is only found while evaluating. A function answers with one of
 *
 *     rego_give()      a value; NULL, which is what building gives when the arena is full, stops the
 *                      evaluation
 *     rego_undefined() no value: the expression fails
 *     rego_operand()   an operand has a type that it must not have (eval_type_error); also
 *                      rego_operand_fail(), rego_element(), and rego_failed() where rego_take...() gave false
 *     rego_fail()      anything else that is wrong with the operands (eval_builtin_error)
 *     rego_stopped()   the budget is used up
 *
 * The errors make the expression undefined, or end the evaluation where built-in errors are strict. Their
 * texts are part of the language as people know it: they are OPA's (v1/topdown of its source), without the
 * name of the built-in in front, which is put there by these functions.
 */
#pragma once

#include "json/json.h"
#include "rego/budget.h"

struct rego_cache;
struct rego_call;
struct rego_text;

enum rego_answer {
	REGO_ANSWER_STOP = 0,		/* budget->stop says why */
	REGO_ANSWER_ERROR,		/* call->error says what */
	REGO_ANSWER_UNDEFINED,
	REGO_ANSWER_VALUE,		/* call->result */
};

enum rego_builtin_flags {
	REGO_BUILTIN_PURE = 0,
	/* the same operands may give something else in another evaluation: time, randomness */
	REGO_BUILTIN_VOLATILE = 1 << 0,
	/* the result is an array of values, and the call stands for each of them in turn */
	REGO_BUILTIN_RELATION = 1 << 1,
	/* nothing to give: the call is made for what it does (print) */
	REGO_BUILTIN_VOID = 1 << 2,
	/* kept for old policies, refused by v1 */
	REGO_BUILTIN_DEPRECATED = 1 << 3,
	/* sees and hears the outside: refused when compiling, with the reason; `with` may replace it */
	REGO_BUILTIN_REFUSED = 1 << 4,
	/* there is no call: the compiler makes something else of it */
	REGO_BUILTIN_COMPILED = 1 << 5,
	/* takes any number of what its last operand is, also none */
	REGO_BUILTIN_VARIADIC = 1 << 6,
	/* no operands are an error, whatever they are */
	REGO_BUILTIN_TOTAL = 1 << 7,
};

enum rego_cost {
	REGO_COST_CONSTANT = 0,		/* does not grow with the operands, or hardly */
	REGO_COST_LINEAR,
	REGO_COST_SORT,			/* n log n */
	REGO_COST_PRODUCT,		/* of the sizes of two operands */
};

struct rego_builtin {
	const char *name;		/* "strings.replace_n" */
	const char *infix;		/* "+", or NULL */
	const char *const *operands;	/* their types, as in "set[any]"; NULL behind the last */
	const char *result;		/* its type; NULL with REGO_BUILTIN_VOID */
	const char *help;		/* one line */
	/* why, with REGO_BUILTIN_REFUSED: the end of "NAME cannot be called: ..." */
	const char *refused;
	/* NULL with REGO_BUILTIN_REFUSED and REGO_BUILTIN_COMPILED */
	enum rego_answer (*function)(struct rego_call *call);
	unsigned char operand_count;
	unsigned char flags;		/* enum rego_builtin_flags */
	unsigned char cost;		/* enum rego_cost */
};

/* What is the same during one evaluation and comes from outside. */
struct rego_moment {
	int64_t now_ns;			/* since 1970-01-01T00:00:00Z */
	unsigned char seed[32];		/* what rand.intn and uuid.rfc4122 draw from */
	struct rego_zones *zones;	/* time zones by name; NULL: UTC alone */
};

struct rego_call {
	const struct rego_builtin *builtin;
	const struct json *const *operands;
	struct arena *arena;		/* owns results, bounds memory */
	struct rego_budget *budget;
	const struct rego_moment *moment;
	struct rego_cache *cache;	/* compiled patterns; NULL: each call makes its own (cache.h) */
	/* the answer */
	const struct json *result;
	/* with the built-in's name in front; in the arena; NULL before that */
	const char *error;
	bool is_type_error;
};

/** rego_builtin_find() - by name, as in "count" or "json.patch"; Return: the row, or NULL */
const struct rego_builtin *rego_builtin_find(struct str name);

/** rego_builtin_at() - the rows in the order of their names; Return: the row, or NULL behind the last */
const struct rego_builtin *rego_builtin_at(size_t index);

/** rego_type_name() - "null", "boolean", "number", "string", "array", "object", "set", as errors call them */
const char *rego_type_name(const struct json *value);

/* ---- answers ---- */

/**
 * rego_give() - answer with a value of the arena or of the operands; Return: REGO_ANSWER_VALUE, or _STOP for
 * NULL
 */
enum rego_answer rego_give(struct rego_call *call, const struct json *value);

/**
 * rego_give_string() - answer with a string whose text is in the arena already, and is not copied
 * @call: as above
 * @text: followed by a NUL that is not counted; nobody changes it any more
 *
 * Return: REGO_ANSWER_VALUE, or _STOP where the arena is full or it is no UTF-8.
 */
enum rego_answer rego_give_string(struct rego_call *call, struct str text);

/**
 * rego_give_text() - answer with a text that was written; Return: REGO_ANSWER_VALUE, or _STOP where the arena
 * was full or it is no UTF-8
 */
enum rego_answer rego_give_text(struct rego_call *call, struct rego_text *text);

static inline enum rego_answer rego_undefined(struct rego_call *call)
{
	(void)call;
	return REGO_ANSWER_UNDEFINED;
}

/** rego_stopped() - the budget said no, or the arena is full; Return: REGO_ANSWER_STOP */
enum rego_answer rego_stopped(struct rego_call *call);

/*
 * The errors are REGO_ANSWER_ERROR, or REGO_ANSWER_STOP where the arena has no room for the text.
 */

/** rego_fail() - "NAME: ..."; Return: an answer, as above */
enum rego_answer rego_fail(struct rego_call *call, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * rego_operand() - "NAME: operand N must be WANTED but got TYPE"
 * @call:   the call
 * @index:  which operand is wrong, from 0
 * @wanted: "string", "one of {object, set}"
 *
 * Return: an answer, as above.
 */
enum rego_answer rego_operand(struct rego_call *call, size_t index, const char *wanted);

/** rego_operand_fail() - "NAME: operand N ..." for what is wrong inside of it; Return: an answer, as above */
enum rego_answer rego_operand_fail(struct rego_call *call, size_t index, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/**
 * rego_element() - "NAME: operand N must be array of WANTEDs but got array containing TYPE"
 * @call:    the call
 * @index:   of an operand that is a list
 * @wanted:  "string"
 * @element: the one in it that is something else
 *
 * Return: an answer, as above.
 */
enum rego_answer rego_element(struct rego_call *call, size_t index, const char *wanted,
	const struct json *element);

/* ---- operands ---- */

/*
 * What most functions begin with: an operand of the type that they need. Where it has another one, the error
 * is set, and the function ends with `return rego_failed(call)`.
 */

/** rego_refuse() - what rego_take() does where it is another type; Return: false as above */
bool rego_refuse(struct rego_call *call, size_t index, enum json_type type);

/** rego_take() - whether an operand has a type other than those of numbers; Return: false as above */
static inline bool rego_take(struct rego_call *call, size_t index, enum json_type type)
{
	return likely(call->operands[index]->type == type) || rego_refuse(call, index, type);
}

/** rego_take_string() - the text of an operand that is a string; Return: false as above */
static inline bool rego_take_string(struct rego_call *call, size_t index, struct str *ret)
{
	if (!rego_take(call, index, JSON_STRING))
		return false;
	*ret = call->operands[index]->text;
	return true;
}

/**
 * rego_take_elements() - whether an operand is an array or a set, which both have array.items
 * @call:   spends a step for each element
 * @index:  which operand, from 0
 * @wanted: "one of {array, set}", in the order in which OPA says it
 *
 * Return: false as above.
 */
bool rego_take_elements(struct rego_call *call, size_t index, const char *wanted);

/** rego_failed() - the answer after rego_take...() gave false; Return: an answer, as above */
enum rego_answer rego_failed(struct rego_call *call);
