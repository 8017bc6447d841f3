/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regoc.h - policies in Rego, for any program in C
 *
 * The one public header of libregoc: nothing else of the engine need be included. The way of an answer is
 *
 *     modules  -> regoc_policy_new()   checked and compiled, once
 *     question -> regoc_query_new()    compiled against the policy, once
 *     context  -> regoc_context_new()  limits and memory of evaluations, one for each thread
 *     regoc_evaluate(), as often as one likes
 *
 * What is true of all of it:
 *
 *   - Whatever _new() gave, the matching _free() takes back; it takes NULL, too. A query borrows its policy
 *     and a context nothing, so free queries before their policy. Texts that are passed in are copied unless
 *     it says otherwise.
 *   - Policies, queries and documents are never changed once they are made, and any number of threads may
 *     use them at the same time. A context belongs to one thread; regoc_context_cancel() alone may be called
 *     from another one, or from a signal handler.
 *   - What an evaluation gave (values, texts, the fault) lives in its context until the next one there.
 *   - No I/O, no clock, no randomness: both come in with struct regoc_moment. No globals.
 *   - Nothing that a policy or an input says makes it run for ever or take all memory: the limits end an
 *     evaluation with a status of their own. Take anything but REGOC_OK for "deny".
 *   - When the kernel has no memory for a size within the limits, the process is aborted.
 *   - A policy that is undefined gives no result, which is no error.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REGOC_API __attribute__((visibility("default")))

struct regoc_policy;
struct regoc_query;
struct regoc_document;
struct regoc_context;
struct regoc_report;
struct regoc_value;

enum regoc_status {
	REGOC_OK = 0,
	REGOC_BAD_POLICY,		/* a module or a question has mistakes: the report says which */
	REGOC_BAD_JSON,			/* a document is no JSON, or too large */
	REGOC_BAD_CALL,			/* an argument that cannot be: data that is no object, ... */
	/* of an evaluation; OPA's name for it is regoc_status_name() */
	REGOC_BUILTIN_ERROR,		/* a built-in could not do it, and built-in errors are strict */
	REGOC_TYPE_ERROR,
	REGOC_CONFLICT,			/* a rule or a function has two values */
	REGOC_WITH_MERGE,		/* `with` puts a value below one that is no object */
	/* the limits */
	REGOC_STEPS,
	REGOC_MEMORY,
	REGOC_RESULT,			/* the text of the result is too long */
	REGOC_DEADLINE,			/* is_late said so */
	REGOC_CANCELLED,
};

/** regoc_status_name() - as OPA calls it, "eval_conflict_error"; of limits "eval_cancel_error" */
REGOC_API const char *regoc_status_name(enum regoc_status status);

/* ---- mistakes ---- */

struct regoc_diagnostic {
	const char *code;		/* "rego_parse_error", "eval_conflict_error" */
	const char *message;		/* may hold anything that a policy holds: escape it for a terminal */
	const char *hint;		/* or NULL */
	const char *file;		/* the module's name; "" where there is none */
	unsigned line, column;		/* from 1, columns in characters; 0 where there is no place */
};

/** regoc_report_count() - how many mistakes a report has; 0 for NULL */
REGOC_API size_t regoc_report_count(const struct regoc_report *report);

/** regoc_report_at() - one of them; Return: owned by the report, or NULL behind the last */
REGOC_API const struct regoc_diagnostic *regoc_report_at(const struct regoc_report *report, size_t index);

/** regoc_report_text() - all of them with lines and carets, fit for a terminal; Return: the report's */
REGOC_API const char *regoc_report_text(const struct regoc_report *report);

/** regoc_report_free() - give it back */
REGOC_API void regoc_report_free(struct regoc_report *report);

/* ---- policies ---- */

struct regoc_module {
	const char *name;		/* as mistakes show it: "authz.rego" */
	const char *text;
	size_t len;			/* of @text, in bytes */
};

enum regoc_policy_flags {
	REGOC_STRICT = 1 << 0,		/* what is unused or shadows is a mistake, as `opa check --strict` */
	REGOC_PRINT = 1 << 1,		/* calls of print() are kept; without it they are nothing */
	REGOC_TRACE = 1 << 2,		/* every expression tells what becomes of it; that takes longer */
	REGOC_TESTS = 1 << 3,		/* a second test_ rule of a name is a test, too: NAME#01 */
	REGOC_LOGICAL_KEYWORDS = 1 << 4, /* future.keywords.and, .or may be imported; questions have them */
};

/*
 * A JSON Schema of a document: a reference that can lead nowhere in it is a mistake then. `input` has it in
 * the modules of a package and of those below it (of several that fit, the longest package counts), and
 * METADATA of modules can claim it by its name (`- data.acl: schema.acl`). What of JSON Schema is understood:
 * docs/design/rego.md.
 */
struct regoc_schema {
	const char *name;		/* "acl", or "kubernetes/pod" for schema.kubernetes.pod; NULL: none */
	const char *package;		/* "cordon.commit"; "": every one; NULL: none */
	const char *text;		/* JSON; copied */
	size_t len;
};

/* What a policy is compiled with; all zero is fit for most. */
struct regoc_settings {
	unsigned flags;			/* enum regoc_policy_flags */
	size_t memory_bytes;		/* 0: 256 MiB */
	const struct regoc_schema *schemas;
	size_t schema_count;
};

/**
 * regoc_policy_new() - compile modules
 * @modules:    @count of them, copied
 * @count:      may be 0: a policy of data alone
 * @settings:   NULL: all zero
 * @ret:        the policy; NULL on failure
 * @ret_report: what is wrong, owned by the caller; NULL where nothing is. May be NULL itself.
 *
 * Return: REGOC_OK or REGOC_BAD_POLICY.
 */
REGOC_API enum regoc_status regoc_policy_new(const struct regoc_module *modules, size_t count,
	const struct regoc_settings *settings, struct regoc_policy **ret, struct regoc_report **ret_report);

/** regoc_policy_free() - give it back */
REGOC_API void regoc_policy_free(struct regoc_policy *policy);

/* A rule as it was written; the texts are the policy's. */
struct regoc_rule {
	const char *package;		/* "data.authz" */
	const char *name;		/* "allow"; of a longer path all of it: "a.b" */
	const char *file;
	unsigned line, column;
	bool is_default, is_function;
	/* there are keys behind the name that are found while evaluating, or elements */
	bool is_partial;
};

/**
 * regoc_policy_rule() - the rules of all modules, in the order of the modules
 * @policy: compiled
 * @index:  from 0
 * @ret:    set
 *
 * Return: false behind the last one.
 */
REGOC_API bool regoc_policy_rule(const struct regoc_policy *policy, size_t index, struct regoc_rule *ret);

/* Where something stands that an evaluation can tell of. */
struct regoc_place {
	const char *file;
	unsigned line, column;
	bool is_rule;			/* the head of a rule; otherwise an expression */
};

/**
 * regoc_policy_place() - what is to be covered: rules and expressions, of a policy with REGOC_TRACE
 * @policy: compiled
 * @index:  from 0; in no order
 * @ret:    set
 *
 * Return: false behind the last one.
 */
REGOC_API bool regoc_policy_place(const struct regoc_policy *policy, size_t index, struct regoc_place *ret);

/**
 * regoc_disassemble() - the code that a policy became, for a person to read
 * @policy: compiled
 * @path:   of a rule or a package and what is below it, "authz/allow"; NULL: all
 * @line:   gets one line after the other, without its end; its bytes live only during the call
 * @data:   for @line
 *
 * Return: REGOC_OK, or REGOC_BAD_CALL where no rule and no package has this path.
 */
REGOC_API enum regoc_status regoc_disassemble(const struct regoc_policy *policy, const char *path,
	void (*line)(void *data, const char *text, size_t len), void *data);

/* ---- questions ---- */

/* Where the names in a question are looked up. */
struct regoc_scope {
	const char *package;		/* "data.authz": as its own rules do; NULL: data */
	const char *const *imports;	/* what stands behind `import`: "input.request as req" */
	size_t import_count;
};

/**
 * regoc_query_new() - compile a question
 * @policy:     what it is about; borrowed
 * @text:       "data.authz.allow", "x := input.a; x > 1"
 * @scope:      where its names are looked up; NULL: all zero
 * @ret:        the question; NULL on failure
 * @ret_report: as of regoc_policy_new()
 *
 * Return: REGOC_OK or REGOC_BAD_POLICY.
 */
REGOC_API enum regoc_status regoc_query_new(const struct regoc_policy *policy, const char *text,
	const struct regoc_scope *scope, struct regoc_query **ret, struct regoc_report **ret_report);

/**
 * regoc_query_new_entry() - a rule or package by its path: the quickest question, of one value
 * @policy: what it is about; borrowed
 * @path:   "authz/allow", below data, with slashes
 *
 * Return: the question, or NULL where no rule and no package has this path.
 */
REGOC_API struct regoc_query *regoc_query_new_entry(const struct regoc_policy *policy, const char *path);

/** regoc_query_free() - give it back */
REGOC_API void regoc_query_free(struct regoc_query *query);

/** regoc_query_variable() - the variables of a question, in order; Return: a name, or NULL behind the last */
REGOC_API const char *regoc_query_variable(const struct regoc_query *query, size_t index);

/* One expression of a question. */
struct regoc_expression {
	const char *text;		/* as it was written, NUL-terminated */
	unsigned line, column;
};

/** regoc_query_expression() - the expressions of a question; Return: false behind the last */
REGOC_API bool regoc_query_expression(const struct regoc_query *query, size_t index,
	struct regoc_expression *ret);

/* ---- documents ---- */

/**
 * regoc_document_new() - read JSON, as input or as data
 * @text:         RFC 8259; a name that comes twice in an object is refused
 * @len:          bytes
 * @memory_bytes: at most; 0: 256 MiB
 * @ret:          the document; NULL on failure
 * @ret_report:   where and why; may be NULL
 *
 * Return: REGOC_OK or REGOC_BAD_JSON.
 */
REGOC_API enum regoc_status regoc_document_new(const char *text, size_t len, size_t memory_bytes,
	struct regoc_document **ret, struct regoc_report **ret_report);

/** regoc_document_value() - what was read; Return: owned by the document; NULL for NULL */
REGOC_API const struct regoc_value *regoc_document_value(const struct regoc_document *document);

/** regoc_document_free() - give it back; no evaluation may use it any more */
REGOC_API void regoc_document_free(struct regoc_document *document);

/* ---- evaluation ---- */

/* What an evaluation may take. */
struct regoc_limits {
	uint64_t steps;			/* 0: 100,000,000; one is an instruction, or 64 bytes looked at */
	size_t memory_bytes;		/* 0: 256 MiB */
	size_t result_bytes;		/* 0: 64 MiB; of the result's text */
	bool (*is_late)(void *data);	/* asked now and then, by the evaluating thread; NULL: never late */
	void *data;
	/*
	 * asked for the compiled file (TZif) of a time zone by its name, once for each; the bytes need to
	 * live until it is asked again. NULL: time.* know UTC alone. A policy chose the name.
	 */
	bool (*zone)(void *data, const char *name, const char **ret, size_t *ret_len);
	void *zone_data;
};

/* What is the same during one evaluation. */
struct regoc_moment {
	int64_t now_ns;			/* since 1970-01-01T00:00:00Z: what time.now_ns() gives */
	unsigned char seed[32];		/* of what is random */
};

/* What happens in an evaluation. */
enum regoc_event_kind {
	REGOC_EVENT_PRINT,		/* print() said a line */
	REGOC_EVENT_ENTER,		/* of a policy with REGOC_TRACE: a rule or the question */
	REGOC_EVENT_EXIT,		/* it holds */
	REGOC_EVENT_AGAIN,		/* its next solution is looked for */
	REGOC_EVENT_EVAL,		/* an expression */
	REGOC_EVENT_REDO,		/* its next solution is looked for */
	REGOC_EVENT_FAIL,		/* it does not hold */
	REGOC_EVENT_NOTE,		/* trace() left a note */
	REGOC_EVENT_CASE,		/* test_NAME[KEY]...: its keys, a JSON array, before it can fail */
};

/* All of it lives only during the call that tells it. */
struct regoc_event {
	enum regoc_event_kind kind;
	const char *file;		/* of the place; "" in a question */
	unsigned line, column;
	const char *rule;		/* "data.authz.allow", in which it happens; "query" */
	unsigned depth;			/* how many rules wait for this one; 0 in a question */
	const char *text;		/* the line, the note, or what was written at the place; no NUL */
	size_t len;
};

/* Who looks on. It is called by the evaluating thread, and may not call back. */
struct regoc_watch {
	void (*look)(void *data, const struct regoc_event *event);
	void *data;
};

enum regoc_evaluate_flags {
	REGOC_STRICT_BUILTINS = 1 << 0,	/* errors of built-ins end the evaluation */
};

/** regoc_context_new() - what evaluations of one thread need; @limits NULL: all zero; Return: never NULL */
REGOC_API struct regoc_context *regoc_context_new(const struct regoc_limits *limits);

/** regoc_context_free() - give it back */
REGOC_API void regoc_context_free(struct regoc_context *context);

/**
 * regoc_context_cancel() - end the evaluation that goes on, or the next one, from any thread, with
 * REGOC_CANCELLED and within a thousand steps or so; that takes the request back
 */
REGOC_API void regoc_context_cancel(struct regoc_context *context);

/* What follows from modules and data alone, kept between evaluations: the same answers, in fewer steps. */
struct regoc_known;

/**
 * regoc_known_new() - nothing is known yet; one evaluation at a time may use it
 * @policy:       borrowed
 * @data:         an object; NULL: {}; borrowed, and not changed
 * @memory_bytes: at most, and what has no room is found out each time; 0: what suits most
 *
 * Return: NULL where there is no room at all, or @data is no object.
 */
REGOC_API struct regoc_known *regoc_known_new(const struct regoc_policy *policy,
	const struct regoc_value *data, size_t memory_bytes);
REGOC_API void regoc_known_free(struct regoc_known *known);

/* A question and what it is asked of. */
struct regoc_request {
	const struct regoc_query *query;
	const struct regoc_value *input;	/* NULL: undefined */
	const struct regoc_value *data;		/* an object; NULL: {} */
	const struct regoc_moment *moment;	/* NULL: all zero */
	unsigned flags;				/* enum regoc_evaluate_flags */
	const struct regoc_watch *watch;	/* NULL: nobody looks on */
	struct regoc_known *known;	/* of the question's policy and this very data; NULL: nothing */
};

/**
 * regoc_evaluate() - answer a question
 * @context: gets the answer; what the last evaluation left there is gone
 * @request: borrowed, with its documents, until the next evaluation
 *
 * Return: REGOC_OK, also where the answer is that nothing is defined; or why there is no answer, and then
 * regoc_fault() has more.
 */
REGOC_API enum regoc_status regoc_evaluate(struct regoc_context *context,
	const struct regoc_request *request);

/** regoc_fault() - why the last evaluation had no answer; Return: the context's, or NULL after REGOC_OK */
REGOC_API const struct regoc_diagnostic *regoc_fault(const struct regoc_context *context);

/**
 * regoc_result() - the value of an entry point; of another question, of the first expression of its first row
 *
 * Return: the value; NULL where it is undefined, or there was no answer.
 */
REGOC_API const struct regoc_value *regoc_result(const struct regoc_context *context);

/** regoc_is_true() - whether regoc_result() is `true`, and nothing else */
REGOC_API bool regoc_is_true(const struct regoc_context *context);

/** regoc_row_count() - in how many ways a question holds; an entry point has no rows */
REGOC_API size_t regoc_row_count(const struct regoc_context *context);

/** regoc_binding() - the value of a variable in a row; Return: NULL where there is no such row or variable */
REGOC_API const struct regoc_value *regoc_binding(const struct regoc_context *context, size_t row,
	size_t variable);

/** regoc_expression_value() - the value of an expression in a row; Return: as regoc_binding() */
REGOC_API const struct regoc_value *regoc_expression_value(const struct regoc_context *context, size_t row,
	size_t expression);

/**
 * regoc_result_text() - the answer as JSON
 * @context: after REGOC_OK
 * @ret:     NUL-terminated, the context's
 * @ret_len: bytes, without that; may be NULL
 *
 * Of a question what OPA answers, {"result": [{"expressions": [...], "bindings": {...}}]}, or {} where it
 * does not hold; of an entry point the value itself, or an empty text where it is undefined.
 *
 * Return: REGOC_OK, REGOC_RESULT or REGOC_MEMORY.
 */
REGOC_API enum regoc_status regoc_result_text(struct regoc_context *context, const char **ret,
	size_t *ret_len);

/* ---- values ---- */

enum regoc_type {
	REGOC_NULL,
	REGOC_BOOLEAN,
	REGOC_NUMBER,
	REGOC_STRING,
	REGOC_ARRAY,
	REGOC_OBJECT,
	REGOC_SET,
};

/* All of these take NULL, which is nothing: no type fits it. */

/** regoc_type_of() - what a value is; REGOC_NULL for NULL */
REGOC_API enum regoc_type regoc_type_of(const struct regoc_value *value);

/** regoc_to_boolean() - false also for what is no boolean */
REGOC_API bool regoc_to_boolean(const struct regoc_value *value);

/** regoc_to_int() - an integer that fits; Return: false where it is none, and @ret is not set */
REGOC_API bool regoc_to_int(const struct regoc_value *value, int64_t *ret);

/**
 * regoc_to_text() - a string; or a number as it is written, where it does not fit int64_t
 * @value:   any
 * @ret_len: bytes; there may be NUL among them; may be NULL
 *
 * Return: NUL-terminated and as long-lived as the value; NULL for everything else.
 */
REGOC_API const char *regoc_to_text(const struct regoc_value *value, size_t *ret_len);

/** regoc_count() - elements of an array or a set, members of an object; 0 for everything else */
REGOC_API size_t regoc_count(const struct regoc_value *value);

/** regoc_item() - an element of an array or a set, the value of an object's member; Return: NULL behind it */
REGOC_API const struct regoc_value *regoc_item(const struct regoc_value *value, size_t index);

/** regoc_key() - the key of an object's member; Return: NULL behind the last one, and for no object */
REGOC_API const struct regoc_value *regoc_key(const struct regoc_value *value, size_t index);

/** regoc_member() - the value of an object's member by a name; Return: NULL where there is none */
REGOC_API const struct regoc_value *regoc_member(const struct regoc_value *value, const char *name);

#ifdef __cplusplus
}
#endif
