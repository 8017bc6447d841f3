/* SPDX-License-Identifier: Apache-2.0 */
/*
 * template.h - a text with actions between {{ and }}, as a tree
 *
 * What of Go's text/template a policy can mean: fields and variables, if, with, range (break, continue) and
 * their else, pipelines, literals, and the functions that only compute. There are no templates within
 * templates. The tree lives in the arena of the call; no action is nested deeper than TEMPLATE_DEPTH_MAX, so
 * a walk over it may recurse.
 *
 * Source: Go, documentation of package text/template
 */
#pragma once

#include "rego/builtin.h"

enum {
	TEMPLATE_DEPTH_MAX = 64,
	TEMPLATE_WORDS_MAX = 16,	/* operands of one command */
};

struct template_pipe;

enum template_word_type {
	TEMPLATE_WORD_DOT,		/* . */
	TEMPLATE_WORD_VARIABLE,		/* $x */
	TEMPLATE_WORD_LITERAL,		/* "text", 1.5, true */
	TEMPLATE_WORD_PIPE,		/* ( ... ) */
	TEMPLATE_WORD_FUNCTION,		/* printf */
};

/* One operand, and the .fields behind it. */
struct template_word {
	enum template_word_type type;
	struct str name;		/* of the variable, with its $, or the function */
	const struct json *literal;
	const struct template_pipe *pipe;
	struct str *fields;
	size_t field_count;
};

/* first | second: each command gets the result of the one before as its last operand. */
struct template_command {
	struct template_word words[TEMPLATE_WORDS_MAX];
	size_t count;
	struct template_command *next;
};

struct template_pipe {
	struct str names[2];		/* $x := or $i, $x := */
	size_t name_count;
	bool is_assignment;		/* = and not := */
	struct template_command *commands;
};

enum template_node_type {
	TEMPLATE_NODE_TEXT,
	TEMPLATE_NODE_ACTION,
	TEMPLATE_NODE_IF,
	TEMPLATE_NODE_WITH,
	TEMPLATE_NODE_RANGE,
	TEMPLATE_NODE_BREAK,
	TEMPLATE_NODE_CONTINUE,
};

struct template_node {
	enum template_node_type type;
	struct str text;
	const struct template_pipe *pipe;
	struct template_node *body, *otherwise;
	struct template_node *next;
};

/**
 * rego_template_parse() - read a template
 * @call: gets the error where there is one; owns the tree
 * @text: the template
 * @ret:  the first node, or NULL of an empty template
 *
 * Return: false to end with rego_failed().
 */
bool rego_template_parse(struct rego_call *call, struct str text, struct template_node **ret);
