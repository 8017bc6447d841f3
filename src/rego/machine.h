/* SPDX-License-Identifier: Apache-2.0 */
/*
 * machine.h - one evaluation: frames, worlds, and what comes out
 *
 * A machine runs one function of a plan to its end. It changes nothing that is shared: values, plan and
 * documents are only read, and what it makes lives in the evaluation's arena. Frames lie on a stack of chunks
 * that is kept from one evaluation to the next. A call is a frame and no call of C, so the depth of a policy
 * costs no stack of the process; the only recursion is over values, which are JSON_DEPTH_MAX deep at most,
 * and along paths.
 *
 * A world is what can be replaced by `with`: both documents, functions, and the values of rules that were
 * found so far under these replacements. Each expression with replacements gets a world of its own and drops
 * it at its end.
 */
#pragma once

#include "rego/plan.h"

struct rego_cache;
struct rego_known;
struct rego_memo;

enum rego_fault_code {
	REGO_FAULT_NONE = 0,
	REGO_FAULT_BUILTIN,		/* eval_builtin_error */
	REGO_FAULT_TYPE,		/* eval_type_error */
	REGO_FAULT_CONFLICT,		/* eval_conflict_error */
	REGO_FAULT_MERGE,		/* eval_with_merge_error */
	REGO_FAULT_STOPPED,		/* eval_cancel_error: the budget; budget->stop says which part */
};

struct rego_fault {
	enum rego_fault_code code;
	const char *text;		/* in the arena */
	struct rego_span at;
};

/* A loop, or something that is being collected. */
struct rego_slot {
	const struct json *list;
	size_t at;
	bool is_keys;			/* the items of the list are keys */
	enum rego_collect kind;
	union {
		struct {
			const uint32_t *next, *end;
		} rules;				/* that are still to be tried */
		struct json_array_builder array;	/* ARRAY, SET; TREE: entries, see machine_tree.c */
		struct json_object_builder object;
	};
};

struct rego_mock {
	const struct rego_replacement *replacement;
	const struct json *value;
	const struct rego_mock *next;
};

struct rego_override {
	uint32_t place;
	const struct rego_override *next;
};

struct rego_world {
	const struct json *input;	/* or NULL */
	const struct json *data;	/* an object */
	const struct rego_mock *mocks;		/* the latest first */
	const struct rego_override *overrides;
	const struct json **values;	/* of places and sites: NULL unknown, rego_undefined_value */
	struct rego_memo **memos;	/* of functions; NULL: none was called (memo.h) */
	struct rego_known *known;	/* that what is steady goes to; NULL: nowhere, here it may be other */
	struct rego_world *outer;
};

struct rego_frame {
	struct rego_frame *caller;
	const struct rego_function *function;
	const struct rego_insn *next;
	const struct json **regs;
	struct rego_slot *slots;
	bool drops_world;		/* its world is its own, and ends with it */
};

/* Something that is told to who looks on. */
struct rego_event {
	enum rego_event_kind kind;
	const struct rego_function *function;	/* in which it happens */
	struct rego_span at;
	struct str text;		/* PRINT, NOTE: what is said, of the evaluation's arena */
	size_t depth;			/* rules that wait for this one; of a question: 0 */
};

/* Who looks on; it may not touch the evaluation. */
struct rego_watch {
	void (*look)(void *data, const struct rego_event *event);
	void *data;
};

struct rego_chunk;

enum {
	REGO_HINTS_COUNT = 256,
};

/* Where a look-up found its key the last time. */
struct rego_hint {
	const struct json *wanted, *found;	/* the key of the policy, and the object's own */
	uint32_t at;			/* among the members */
	uint32_t run;			/* in which evaluation: pointers mean nothing in another */
};

struct rego_machine {
	/* given */
	const struct rego_plan *plan;
	struct arena *arena;
	struct rego_budget *budget;
	const struct rego_moment *moment;
	struct rego_cache *cache;
	const struct rego_watch *watch;	/* or NULL */
	struct rego_known *known;	/* of the plan and the data; or NULL (known.h) */
	bool is_strict;			/* errors of built-ins end the evaluation */
	/* its own */
	struct rego_chunk *chunk;	/* where the next frame goes */
	size_t stack_bytes;		/* of all chunks */
	struct rego_frame *frame;
	struct rego_world *world;
	struct rego_call call;		/* of a built-in: none calls another */
	struct json_array_builder rows;
	struct rego_hint hints[REGO_HINTS_COUNT];
	uint32_t run;
	struct rego_fault fault;
	const struct json *result;	/* of the outermost function; NULL: undefined */
};

/** rego_machine_run() - evaluate a function without operands; Return: 0, or -EBADMSG with machine->fault */
int rego_machine_run(struct rego_machine *machine, const struct rego_function *function,
	const struct json *input, const struct json *data);

/**
 * rego_machine_ask() - evaluate what stands at some places, one after the other, in one world
 * @machine: as for rego_machine_run()
 * @entries: of its plan
 * @count:   of @entries
 * @input:   or NULL
 * @data:    an object
 * @ret:     gets @count values; NULL: undefined
 *
 * What several of them want is worked out once, as in one question that asks for all.
 *
 * Return: 0, or -EBADMSG with machine->fault, and then nothing in @ret counts.
 */
int rego_machine_ask(struct rego_machine *machine, const struct rego_entry *entries, size_t count,
	const struct json *input, const struct json *data, const struct json **ret);

/** rego_machine_fini() - give the stack back; the arena is the caller's */
void rego_machine_fini(struct rego_machine *machine);
