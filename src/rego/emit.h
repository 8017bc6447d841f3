/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emit.h - what the files that write instructions share
 *
 * A body becomes straight code. Where something has no value or is not true, it goes on at the label `fail`:
 * the end of what is being written, or, once a loop was opened, that loop's next turn. So there is no
 * backtracking: whatever comes later in the body jumps back into the innermost loop, and a loop at its end
 * jumps to the one around it. At the end of a body stands what is done with each solution, and a jump to
 * `fail` for the next one.
 *
 * Which variables are bound is known at every instruction, since safety.c has put the body into such an
 * order; a variable's register is its own for the whole rule.
 */
#pragma once

#include "rego/plan.h"
#include "rego/vars.h"

/* A term that was evaluated ahead of its place. */
struct emit_known {
	const struct core_term *term;
	uint16_t reg;
	const struct emit_known *next;
};

/* The function that is being written. Its room is used again for the next one. */
struct emit_room {
	struct rego_insn *insns;
	struct rego_span *spans;
	uint32_t *labels;		/* where each one is */
	size_t insn_room, span_room, label_room;
};

/* The tables of a unit while they grow. */
struct emit_tables {
	struct compiler *compiler;
	struct emit_room room;
	const struct json **consts;
	struct rego_path *paths;
	const struct rego_builtin **builtins;
	struct rego_with_list *withs;
	struct rego_choice *choices;
	size_t choice_count, choice_room;
	bool has_sites, has_groups;
	bool is_full;			/* more constants or paths than an operand can name; that was said */
	size_t site_count;
	size_t const_count, const_room, path_count, path_room, builtin_count, builtin_room, with_count,
		with_room;
};

/* Labels in the table of a choice: addresses, when the function is complete. */
struct emit_pending {
	uint32_t *labels;
	size_t count;
	const struct emit_pending *next;
};

struct emitter {
	struct compiler *compiler;
	struct emit_tables *tables;
	const struct core_rule *rule;
	struct varset bound;
	uint16_t *reg_of;		/* of each variable */
	size_t count, label_count;	/* of instructions and labels, in tables->room */
	uint32_t fail;			/* label */
	uint32_t next_reg, next_slot;	/* free ones */
	uint32_t first_slot;		/* that a rule may use */
	uint32_t most_regs, most_slots;
	uint32_t loop_count;		/* that are open around what is written */
	struct rego_span at;
	const struct emit_known *known;
	const struct core_rule *cases;	/* a test whose keys are to be told once they are bound; or NULL */
	const struct emit_pending *pending;
	bool is_too_large;		/* more registers, constants or the like than an operand can name */
};

/* ---- emit.c ---- */

/**
 * emit_insn() - one instruction more
 * @emitter: takes it
 * @op:      what it does
 * @a:       operand, as ops.h lists them
 * @b:       another
 * @c:       another
 * @d:       the wide one: a label where the operation has a place to go on
 */
void emit_insn(struct emitter *emitter, enum rego_op op, uint32_t a, uint32_t b, uint32_t c, uint32_t d);

/** emit_label() - a label that is nowhere yet; Return: it */
uint32_t emit_label(struct emitter *emitter);

/** emit_here() - the label is here */
void emit_here(struct emitter *emitter, uint32_t label);

/** emit_reg() - a register that nobody uses; Return: it */
uint32_t emit_reg(struct emitter *emitter);

/** emit_regs() - several in a row; Return: the first */
uint32_t emit_regs(struct emitter *emitter, size_t count);

/** emit_slot() - a slot that nobody uses; Return: it */
uint32_t emit_slot(struct emitter *emitter);

/** emit_const() - the index of a constant */
uint32_t emit_const(struct emitter *emitter, const struct json *value);

/** emit_builtin_index() - the index of a built-in */
uint32_t emit_builtin_index(struct emitter *emitter, const struct rego_builtin *builtin);

/** emit_path_index() - the index of a path */
uint32_t emit_path_index(struct emitter *emitter, const struct json *const *keys, size_t count);

/**
 * emit_begin_rule() - forget variables and temporaries of the rule before, and make room for those of @rule
 */
void emit_begin_rule(struct emitter *emitter, const struct core_rule *rule, uint32_t first_reg);

/** emit_finish() - the function as it is kept */
void emit_finish(struct emitter *emitter, struct rego_function *function);

/* ---- emit_term.c ---- */

/** emit_term() - evaluate; Return: the register that has the value */
uint32_t emit_term(struct emitter *emitter, const struct core_term *term);

/** emit_term_to() - evaluate into a register */
void emit_term_to(struct emitter *emitter, const struct core_term *term, uint32_t reg);

/** emit_terms() - evaluate into registers in a row; Return: the first */
uint32_t emit_terms(struct emitter *emitter, struct core_term *const *terms, size_t count);

/** emit_bind() - the variable has its value now, in its own register */
void emit_bind(struct emitter *emitter, uint32_t var);

/* ---- emit_ahead.c ---- */

/**
 * emit_ahead() - before terms are evaluated in a row: those of their references that bind what stands before
 *                them; an error where a variable has no value even then
 */
void emit_ahead(struct emitter *emitter, struct core_term *const *terms, size_t count);

/** emit_ahead_of_both() - the same for two sides that lack a value each; Return: whether one is whole now */
bool emit_ahead_of_both(struct emitter *emitter, const struct core_term *a, const struct core_term *b);

/* ---- emit_keep.c ---- */

/* A call or a comprehension whose value is remembered. */
struct emit_site {
	uint32_t index;			/* among the values of a world */
	uint32_t reg, done;		/* where the value goes; the label behind it all */
	bool is_steady;
};

/**
 * emit_keep_call() - begin a site, if a call is worth one
 * @emitter: takes an instruction if so
 * @expr:    a call; its operands are not written yet
 * @reg:     where its result will be
 * @site:    filled in if so
 *
 * Return: whether it is one, which emit_keep_end() then ends.
 */
bool emit_keep_call(struct emitter *emitter, const struct core_expr *expr, uint32_t reg,
	struct emit_site *site);

/** emit_keep_term() - the same of a comprehension */
bool emit_keep_term(struct emitter *emitter, const struct core_term *term, uint32_t reg,
	struct emit_site *site);

/**
 * emit_keep_begin() - begin a site of what needs that (enum core_needs); Return: false: there are too many
 */
bool emit_keep_begin(struct emitter *emitter, unsigned needs, uint32_t reg, struct emit_site *site);

/** emit_keep_end() - the value is in its register */
void emit_keep_end(struct emitter *emitter, const struct emit_site *site);

/** emit_is_repeated() - whether what is written may be gone through again in the same evaluation */
bool emit_is_repeated(const struct emitter *emitter);

/* ---- emit_group.c ---- */

/**
 * emit_group() - a loop and what it is compared with, as a look-up
 * @emitter: takes the instructions, if it is one
 * @body:    expressions that are still to be written
 * @head:    variables that are used behind the body
 *
 * Return: how many of the expressions are written; 0: none, since they do not begin so.
 */
size_t emit_group(struct emitter *emitter, const struct core_body *body, const struct varset *head);

/* ---- emit_unify.c ---- */

/** emit_is_open() - whether a pattern has a variable that is not bound yet */
bool emit_is_open(const struct emitter *emitter, const struct core_term *term);

/** emit_match() - what is in a register against a pattern */
void emit_match(struct emitter *emitter, const struct core_term *pattern, uint32_t reg);

/** emit_unify() - two terms, whichever has the variables */
void emit_unify(struct emitter *emitter, const struct core_term *a, const struct core_term *b);

/* ---- emit_expr.c ---- */

/** emit_whole() - one expression, with its negation and its replacements */
void emit_whole(struct emitter *emitter, const struct core_expr *expr);

/** emit_body() - all of a body; afterwards `fail` leads to the next solution */
void emit_body(struct emitter *emitter, const struct core_body *body);

/** emit_body_all() - emit_body() where all solutions are wanted; @head: variables that are used behind it */
void emit_body_all(struct emitter *emitter, const struct core_body *body, const struct varset *head);

/* ---- emit_trace.c ---- */

/** emit_event() - something happens at emitter->at; nothing where nobody looks on */
void emit_event(struct emitter *emitter, enum rego_event_kind kind, uint32_t reg);

/** emit_traced_body() - as emit_body(), with events around what was written as one expression */
void emit_traced_body(struct emitter *emitter, const struct core_body *body);

/* ---- emit_rule.c ---- */

/** emit_node() - the function of a node */
void emit_node(struct compiler *compiler, struct emit_tables *tables, const struct rego_node *node,
	struct rego_function *ret);
