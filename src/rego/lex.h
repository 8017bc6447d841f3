/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lex.h - a text as a row of tokens
 *
 * The whole text becomes tokens before the parser begins, so that looking ahead and going back cost nothing.
 * Space is no token: what comes behind space or behind a newline says so, since Rego tells `p [x]` from
 * `p[x]` and a new line from a new expression. Comments stand in a list of their own.
 *
 * A template string is the one thing that a lexer must count braces for: $"a {x} b" is a part "a ", the
 * tokens of x, a closing brace, and the end " b".
 *
 * The first thing that is no token ends the row: REGO_TOKEN_ILLEGAL with the reason, then REGO_TOKEN_EOF.
 * The parser reports it when it gets there, if nothing was wrong before.
 */
#pragma once

#include "rego/ast.h"

enum rego_token_type {
	REGO_TOKEN_ILLEGAL = 0,
	REGO_TOKEN_EOF,
	REGO_TOKEN_IDENT,

	/* words that are always keywords, in the order of their names in lex.c */
	REGO_TOKEN_PACKAGE,
	REGO_TOKEN_IMPORT,
	REGO_TOKEN_AS,
	REGO_TOKEN_DEFAULT,
	REGO_TOKEN_ELSE,
	REGO_TOKEN_NOT,
	REGO_TOKEN_SOME,
	REGO_TOKEN_WITH,
	REGO_TOKEN_NULL,
	REGO_TOKEN_TRUE,
	REGO_TOKEN_FALSE,
	REGO_TOKEN_IN,
	REGO_TOKEN_EVERY,
	REGO_TOKEN_CONTAINS,
	REGO_TOKEN_IF,

	REGO_TOKEN_NUMBER,
	REGO_TOKEN_STRING,		/* "..." or `...`, with the quotes */
	REGO_TOKEN_TEMPLATE_PART,	/* of a template, up to an opening brace that is part of it */
	REGO_TOKEN_TEMPLATE_END,	/* of a template, up to the closing quote */

	REGO_TOKEN_LBRACK,
	REGO_TOKEN_RBRACK,
	REGO_TOKEN_LBRACE,
	REGO_TOKEN_RBRACE,
	REGO_TOKEN_LPAREN,
	REGO_TOKEN_RPAREN,
	REGO_TOKEN_COMMA,
	REGO_TOKEN_COLON,

	REGO_TOKEN_PLUS,
	REGO_TOKEN_MINUS,
	REGO_TOKEN_MUL,
	REGO_TOKEN_DIV,
	REGO_TOKEN_REM,
	REGO_TOKEN_AND,			/* & */
	REGO_TOKEN_OR,			/* | */
	REGO_TOKEN_UNIFY,		/* = */
	REGO_TOKEN_EQUAL,		/* == */
	REGO_TOKEN_ASSIGN,		/* := */
	REGO_TOKEN_NEQ,
	REGO_TOKEN_GT,
	REGO_TOKEN_LT,
	REGO_TOKEN_GTE,
	REGO_TOKEN_LTE,
	REGO_TOKEN_DOT,
	REGO_TOKEN_SEMICOLON,
	REGO_TOKEN_COUNT,
};

enum rego_token_flags {
	REGO_TOKEN_SPACED = 1 << 0,	/* space or a comment stands in front of it */
	REGO_TOKEN_NEW_LINE = 1 << 1,	/* a newline among that space */
	REGO_TOKEN_RAW = 1 << 2,	/* a string or a part of a template: in backquotes */
	REGO_TOKEN_COMMENTED = 1 << 3,	/* a comment stands in front of it */
	/* the parser found out that what looked like a comprehension up to this | is none */
	REGO_TOKEN_NO_COMPREHENSION = 1 << 4,
};

struct rego_token {
	unsigned char type;		/* enum rego_token_type */
	unsigned char flags;		/* enum rego_token_flags */
	uint32_t line, column;
	uint32_t offset, length;
	union {
		/* of ( [ {: the token that closes whatever is open then, or 0 */
		uint32_t match;
		/* of a part of a template, whose length is without quote and braces: bytes of $" */
		uint32_t skip;
	};
};

struct rego_tokens {
	const struct rego_source *source;
	struct rego_token *items;	/* the last one is an EOF */
	size_t count;
	const struct rego_comment *comments;
	size_t comment_count;
	const char *illegal;		/* why the row ends early, or NULL */
};

/**
 * rego_lex() - cut a text into tokens
 * @source: the text, at most REGO_FILE_MAX bytes of it
 * @arena:  owns the tokens: 28 bytes for each, and as much again at worst
 * @ret:    the row
 *
 * Errors: -EMSGSIZE the text is too long, or the arena is full.
 * Return: 0 or negative errno; a text that is no Rego is no failure.
 */
int rego_lex(const struct rego_source *source, struct arena *arena, struct rego_tokens *ret);

/** rego_token_name() - as errors have it: "identifier", "eof", "[", "plus", "every" */
const char *rego_token_name(enum rego_token_type type);

/** rego_token_is_keyword() - whether it is a word of the language, and not an identifier */
static inline bool rego_token_is_keyword(enum rego_token_type type)
{
	return type >= REGO_TOKEN_PACKAGE && type <= REGO_TOKEN_IF;
}

/** rego_word_is_keyword() - the same for a text */
bool rego_word_is_keyword(struct str word);

static inline bool rego_token_is_template(const struct rego_token *token)
{
	return token->type == REGO_TOKEN_TEMPLATE_PART || token->type == REGO_TOKEN_TEMPLATE_END;
}

/** rego_token_text() - what stands there; of a part of a template what is between quotes and braces */
static inline struct str rego_token_text(const struct rego_tokens *tokens, const struct rego_token *token)
{
	uint32_t skip = rego_token_is_template(token) ? token->skip : 0;

	return (struct str){ .data = tokens->source->text.data + token->offset + skip, .len = token->length };
}

/** rego_token_end() - the offset behind it */
static inline uint32_t rego_token_end(const struct rego_token *token)
{
	return token->offset + token->length + (rego_token_is_template(token) ? token->skip + 1 : 0);
}
