/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_question.h - a question in Rego from the command line: read, compiled, asked
 *
 *	struct policy_question question = POLICY_QUESTION_INIT(cli, &options);
 *
 *	policy_question_read(&question);	modules, data, input, and the question where standard input has it
 *	policy_question_compile(&question);	again and again, if one likes
 *	policy_question_ask(&question);		likewise; then the answer is in question.context
 *	policy_question_fini(&question);
 *
 * `cordon policy eval` and `cordon policy bench` are the two that ask.
 */
#pragma once

#include "cli/policies.h"
#include "run/zones.h"

/* What the command line says. */
struct policy_question_options {
	const char *text;		/* the question; NULL: none stands there */
	bool is_on_stdin;		/* standard input has it */
	bool is_input_on_stdin;
	const char *input;		/* file of the input document, or NULL */
	/* that names are looked up in, with data in front or without, or NULL */
	const char *package;
	const char *schema_path;	/* as struct policies has it */
	struct policies_keys keys;	/* that bundles are verified with */
	struct cli_values imports, data, bundles, ignore;
	unsigned flags;			/* enum regoc_policy_flags, of all modules */
	unsigned how;			/* enum regoc_evaluate_flags */
	uint64_t max_steps, timeout_ns;	/* 0: the engine's own, and none */
	size_t max_memory_bytes;	/* 0: the engine's own */
};

/* How long the last of each took. */
struct policy_times {
	uint64_t load_ns, compile_ns, query_ns, eval_ns;
};

struct policy_question {
	struct cli *cli;
	const struct policy_question_options *options;
	struct policies policies;
	const char *text;
	const struct json *input;	/* NULL: undefined */
	struct regoc_policy *policy;
	struct regoc_query *query;
	struct regoc_report *report;	/* what is wrong with a module or the question */
	struct regoc_context *context;	/* NULL before it is asked */
	struct policies_deadline deadline;
	struct run_zones zones;
	struct regoc_moment moment;
	struct regoc_request request;	/* the caller may set .watch */
	struct policy_times times;
};

#define POLICY_QUESTION_INIT(frame, how) { .cli = (frame), .options = (how), .zones = policies_zones(frame) }

/** policy_question_read() - all that is needed; Return: CLI_OK, or the exit code after a message */
int policy_question_read(struct policy_question *question);

/**
 * policy_question_compile() - the modules, and the question
 * @question: read; what an earlier time compiled is given back
 *
 * Return: CLI_OK, or CLI_USAGE: .report says what is wrong, and nobody has told it yet.
 */
int policy_question_compile(struct policy_question *question);

/**
 * policy_question_ask() - once more
 * @question: compiled
 *
 * Return: as regoc_evaluate(); the answer, or why there is none, is in .context.
 */
enum regoc_status policy_question_ask(struct policy_question *question);

/** policy_question_fini() - give it back; what the arena of the command owns stays */
void policy_question_fini(struct policy_question *question);
