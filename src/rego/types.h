/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types.h - what is known about values before any of them exists
 *
 * A type is data: immutable, shared, in an arena. NULL stands where nothing is known yet (a variable that was
 * not bound so far), and `any` for what may be everything. Types only ever serve to refuse a policy that
 * cannot work, so whatever is too large, too deep or too costly to know becomes `any`, which agrees with
 * everything:
 *
 *   - a type has at most TYPE_SIZE_MAX parts and is nested at most TYPE_HEIGHT_MAX deep
 *   - all work on types takes steps out of one budget; when it is used up, every question has the lenient
 *     answer
 *
 * A union's members are sorted, unique, and no unions themselves.
 *
 * Source: OPA, v1/types (what is a type of what, and the texts)
 */
#pragma once

#include "json/json.h"

enum {
	TYPE_SIZE_MAX = 512,		/* parts of one type, in all */
	TYPE_HEIGHT_MAX = 24,
	TYPE_STEPS_MAX = 20000000,	/* for one compilation */
};

enum rego_type_kind {
	REGO_TYPE_ANY = 0,		/* one of the items; without any: whatever there is */
	REGO_TYPE_NULL,
	REGO_TYPE_BOOLEAN,
	REGO_TYPE_NUMBER,
	REGO_TYPE_STRING,
	REGO_TYPE_ARRAY,
	REGO_TYPE_OBJECT,
	REGO_TYPE_SET,
	REGO_TYPE_FUNCTION,
};

struct rego_type {
	enum rego_type_kind kind;
	uint16_t height, size;
	/* ANY: the members; ARRAY: the first elements; OBJECT: the values of keys; FUNCTION: the operands */
	const struct rego_type *const *items;
	const struct json *const *keys;	/* OBJECT: sorted */
	size_t count;
	const struct rego_type *key;	/* OBJECT: of further keys, or NULL: there are none */
	/*
	 * ARRAY: of further elements, or NULL; OBJECT: of further values; SET: of elements; FUNCTION: result
	 * or NULL
	 */
	const struct rego_type *rest;
};

/* Where types are made, and what that may still cost. */
struct rego_types {
	struct arena *arena;
	uint64_t steps;			/* left; 0: all is any */
};

extern const struct rego_type rego_type_any, rego_type_null, rego_type_boolean, rego_type_number,
	rego_type_string;

/* ---- types.c ---- */

/** rego_types_step() - take one step; Return: false when none is left, and the answer is the lenient one */
bool rego_types_step(struct rego_types *types);

/**
 * rego_type_array() - the first elements (borrowed), and of what more may follow, or NULL; Return: the type
 */
const struct rego_type *rego_type_array(struct rego_types *types, const struct rego_type *const *items,
	size_t count, const struct rego_type *rest);

/** rego_type_set() - elements of one type; Return: the type */
const struct rego_type *rego_type_set(struct rego_types *types, const struct rego_type *of);

/**
 * rego_type_object() - known members, and what others there may be
 * @types: makes it
 * @keys:  sorted and unique; borrowed
 * @items: the types of their values; borrowed
 * @count: of both
 * @key:   of other keys, or NULL: there are none
 * @rest:  of their values
 *
 * Return: the type.
 */
const struct rego_type *rego_type_object(struct rego_types *types, const struct json *const *keys,
	const struct rego_type *const *items, size_t count, const struct rego_type *key,
	const struct rego_type *rest);

/** rego_type_function() - operands (borrowed) and a result, or NULL for none; Return: the type */
const struct rego_type *rego_type_function(struct rego_types *types, const struct rego_type *const *items,
	size_t count, const struct rego_type *result);

/** rego_type_of() - the type of a value; Return: the type */
const struct rego_type *rego_type_of(struct rego_types *types, const struct json *value);

/** rego_type_compare() - the order of union members; NULL first; Return: <0, 0, >0 */
int rego_type_compare(const struct rego_type *a, const struct rego_type *b);

/**
 * rego_type_or() - what is of one type or of the other; NULL adds nothing; Return: the type, or NULL of two
 */
const struct rego_type *rego_type_or(struct rego_types *types, const struct rego_type *a,
	const struct rego_type *b);

/**
 * rego_type_merge() - what two rules of one name are together: sets and objects grow together, as far as they
 * have no known members; anything else is one or the other; Return: as rego_type_or()
 */
const struct rego_type *rego_type_merge(struct rego_types *types, const struct rego_type *a,
	const struct rego_type *b);

/* ---- types_use.c ---- */

/** rego_type_is_known() - whether nothing in it is unknown */
bool rego_type_is_known(const struct rego_type *type);

/** rego_type_select() - what stands at a key; Return: the type, or NULL: nothing can stand there */
const struct rego_type *rego_type_select(struct rego_types *types, const struct rego_type *type,
	const struct json *key);

/** rego_type_keys() - of what may be in brackets behind it; Return: the type, or NULL: nothing may */
const struct rego_type *rego_type_keys(struct rego_types *types, const struct rego_type *type);

/** rego_type_values() - what may stand there; Return: the type, or NULL */
const struct rego_type *rego_type_values(struct rego_types *types, const struct rego_type *type);

/** rego_type_unifies() - whether some value could be of both */
bool rego_type_unifies(struct rego_types *types, const struct rego_type *a, const struct rego_type *b);

/* ---- types_print.c ---- */

/** rego_type_print() - as OPA shows it: `object<a: string>[any: any]`, and `???` for NULL */
void rego_type_print(const struct rego_type *type, struct buf *buf);

/** rego_type_print_list() - "(number, string)" */
void rego_type_print_list(const struct rego_type *const *items, size_t count, struct buf *buf);

/** rego_type_read() - a type as the tables of built-ins have it; Return: the type; any for what is no type */
const struct rego_type *rego_type_read(struct rego_types *types, const char *text);
