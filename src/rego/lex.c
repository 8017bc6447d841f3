// SPDX-License-Identifier: Apache-2.0
/*
 * lex.c - the lexer: space, words, numbers, strings and signs
 *
 * One pass over the bytes, without going back. The state is where it stands and, for every template string
 * that it is inside of, how many braces are open in the expression there. UTF-8 is checked wherever bytes
 * over 0x7f are allowed at all: in strings and in comments.
 *
 * Source: OPA, v1/ast/internal/scanner (what is a token, and the texts of errors)
 */
#include "rego/lex.h"

#include "base/utf8.h"

#include <errno.h>

struct template {
	bool is_raw;
	uint32_t brace_count;		/* open ones in the expression */
};

struct lexer {
	struct arena *arena;
	struct rego_tokens *tokens;
	const char *at, *end;
	uint32_t line, column;		/* of at */
	unsigned char flags;		/* for the next token */
	size_t room, comment_room;
	struct rego_comment *comments;
	const char *illegal;
	size_t open_count, template_count;
	/* indexes of ( [ { that are not closed yet */
	uint32_t open[REGO_DEPTH_MAX];
	struct template templates[REGO_DEPTH_MAX];
};

static const char *const names[REGO_TOKEN_COUNT] = {
	[REGO_TOKEN_ILLEGAL] = "illegal",
	[REGO_TOKEN_EOF] = "eof",
	[REGO_TOKEN_IDENT] = "identifier",
	[REGO_TOKEN_PACKAGE] = "package",
	[REGO_TOKEN_IMPORT] = "import",
	[REGO_TOKEN_AS] = "as",
	[REGO_TOKEN_DEFAULT] = "default",
	[REGO_TOKEN_ELSE] = "else",
	[REGO_TOKEN_NOT] = "not",
	[REGO_TOKEN_SOME] = "some",
	[REGO_TOKEN_WITH] = "with",
	[REGO_TOKEN_NULL] = "null",
	[REGO_TOKEN_TRUE] = "true",
	[REGO_TOKEN_FALSE] = "false",
	[REGO_TOKEN_IN] = "in",
	[REGO_TOKEN_EVERY] = "every",
	[REGO_TOKEN_CONTAINS] = "contains",
	[REGO_TOKEN_IF] = "if",
	[REGO_TOKEN_NUMBER] = "number",
	[REGO_TOKEN_STRING] = "string",
	[REGO_TOKEN_TEMPLATE_PART] = "template-string-part",
	[REGO_TOKEN_TEMPLATE_END] = "template-string-end",
	[REGO_TOKEN_LBRACK] = "[",
	[REGO_TOKEN_RBRACK] = "]",
	[REGO_TOKEN_LBRACE] = "{",
	[REGO_TOKEN_RBRACE] = "}",
	[REGO_TOKEN_LPAREN] = "(",
	[REGO_TOKEN_RPAREN] = ")",
	[REGO_TOKEN_COMMA] = ",",
	[REGO_TOKEN_COLON] = ":",
	[REGO_TOKEN_PLUS] = "plus",
	[REGO_TOKEN_MINUS] = "minus",
	[REGO_TOKEN_MUL] = "mul",
	[REGO_TOKEN_DIV] = "div",
	[REGO_TOKEN_REM] = "rem",
	[REGO_TOKEN_AND] = "and",
	[REGO_TOKEN_OR] = "or",
	[REGO_TOKEN_UNIFY] = "eq",
	[REGO_TOKEN_EQUAL] = "equal",
	[REGO_TOKEN_ASSIGN] = "assign",
	[REGO_TOKEN_NEQ] = "neq",
	[REGO_TOKEN_GT] = "gt",
	[REGO_TOKEN_LT] = "lt",
	[REGO_TOKEN_GTE] = "gte",
	[REGO_TOKEN_LTE] = "lte",
	[REGO_TOKEN_DOT] = ".",
	[REGO_TOKEN_SEMICOLON] = ";",
};

const char *rego_token_name(enum rego_token_type type)
{
	return names[type];
}

static enum rego_token_type word_type(struct str word)
{
	for (int type = REGO_TOKEN_PACKAGE; type <= REGO_TOKEN_IF; type++)
		if (str_eq(word, str_from(names[type])))
			return (enum rego_token_type)type;
	return REGO_TOKEN_IDENT;
}

bool rego_word_is_keyword(struct str word)
{
	return word_type(word) != REGO_TOKEN_IDENT;
}

/* ---- characters ---- */

static bool is_done(const struct lexer *lexer)
{
	return lexer->at == lexer->end;
}

/* The byte at @ahead, or a NUL, which is legal nowhere. */
static char peek(const struct lexer *lexer, size_t ahead)
{
	return (size_t)(lexer->end - lexer->at) > ahead ? lexer->at[ahead] : '\0';
}

static void take(struct lexer *lexer)
{
	lexer->column++;
	if (*lexer->at++ == '\n') {
		lexer->line++;
		lexer->column = 1;
	}
}

/* One character inside of a string or a comment; false with a reason. */
static bool take_any(struct lexer *lexer)
{
	struct str rest = { .data = lexer->at, .len = (size_t)(lexer->end - lexer->at) };
	uint32_t point;
	int len;

	if (*lexer->at && (unsigned char)*lexer->at < 0x80) {
		take(lexer);
		return true;
	}
	if (!*lexer->at) {
		lexer->illegal = "illegal null character";
		return false;
	}
	len = utf8_decode(rest, &point);
	if (len < 0) {
		lexer->illegal = "illegal utf-8 character";
		return false;
	}
	if (point == 0xfeff) {
		lexer->illegal = "illegal byte-order mark";
		return false;
	}
	lexer->at += len;
	lexer->column++;
	return true;
}

/* ---- tokens ---- */

static struct rego_token *add_token(struct lexer *lexer, enum rego_token_type type)
{
	struct rego_tokens *tokens = lexer->tokens;
	struct rego_token *token;

	if (tokens->count == lexer->room) {
		/* A token has some five bytes of text, as people write. */
		size_t room = lexer->room ? lexer->room * 2 : tokens->source->text.len / 4 + 16;
		struct rego_token *items;

		items = room <= SIZE_MAX / sizeof(*items) ?
			arena_alloc_raw(lexer->arena, room * sizeof(*items)) : NULL;
		if (!items)
			return NULL;
		if (tokens->count)
			memcpy(items, tokens->items, tokens->count * sizeof(*items));
		tokens->items = items;
		lexer->room = room;
	}
	token = &tokens->items[tokens->count++];
	*token = (struct rego_token){
		.type = (unsigned char)type,
		.flags = lexer->flags,
		.line = lexer->line,
		.column = lexer->column,
		.offset = (uint32_t)(lexer->at - tokens->source->text.data),
	};
	lexer->flags = 0;
	return token;
}

static void end_token(const struct lexer *lexer, struct rego_token *token)
{
	token->length = (uint32_t)(lexer->at - lexer->tokens->source->text.data) - token->offset;
}

static int lex_comment(struct lexer *lexer)
{
	struct rego_tokens *tokens = lexer->tokens;
	const char *start = lexer->at;
	struct rego_comment *comment;

	if (tokens->comment_count == lexer->comment_room) {
		size_t room = lexer->comment_room ? lexer->comment_room * 2 : 16;
		struct rego_comment *comments = arena_alloc_array(lexer->arena, room, sizeof(*comments));

		if (!comments)
			return -EMSGSIZE;
		if (tokens->comment_count)
			memcpy(comments, lexer->comments, tokens->comment_count * sizeof(*comments));
		lexer->comments = comments;
		tokens->comments = comments;
		lexer->comment_room = room;
	}
	comment = &lexer->comments[tokens->comment_count++];
	comment->at = (struct rego_span){ .source = tokens->source, .line = lexer->line,
		.column = lexer->column, .offset = (uint32_t)(start - tokens->source->text.data) };
	lexer->flags |= REGO_TOKEN_SPACED | REGO_TOKEN_COMMENTED;
	while (!is_done(lexer) && *lexer->at != '\n')
		if (!take_any(lexer))
			return 0;
	comment->text = (struct str){ .data = start + 1, .len = (size_t)(lexer->at - start) - 1 };
	if (str_ends_with(comment->text, STR("\r")))
		comment->text.len--;
	comment->at.length = (uint32_t)comment->text.len + 1;
	return 0;
}

static int lex_space(struct lexer *lexer)
{
	while (!is_done(lexer) && !lexer->illegal) {
		char c = *lexer->at;

		if (c == '#') {
			int r = lex_comment(lexer);

			if (r < 0)
				return r;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			lexer->flags |= REGO_TOKEN_SPACED;
			if (c == '\n')
				lexer->flags |= REGO_TOKEN_NEW_LINE;
			take(lexer);
		} else {
			break;
		}
	}
	return 0;
}

static bool is_letter(char c)
{
	return ascii_is_alpha(c) || c == '_';
}

static int lex_word(struct lexer *lexer)
{
	struct rego_token *token = add_token(lexer, REGO_TOKEN_IDENT);

	if (!token)
		return -EMSGSIZE;
	while (is_letter(peek(lexer, 0)) || ascii_is_digit(peek(lexer, 0)))
		take(lexer);
	end_token(lexer, token);
	token->type = (unsigned char)word_type(rego_token_text(lexer->tokens, token));
	return 0;
}

/* Digits that must be there. */
static void take_digits(struct lexer *lexer, const char *otherwise)
{
	if (!ascii_is_digit(peek(lexer, 0)))
		lexer->illegal = otherwise;
	while (ascii_is_digit(peek(lexer, 0)))
		take(lexer);
}

static int lex_number(struct lexer *lexer)
{
	struct rego_token *token = add_token(lexer, REGO_TOKEN_NUMBER);

	if (!token)
		return -EMSGSIZE;
	take_digits(lexer, NULL);
	if (peek(lexer, 0) == '.') {
		take(lexer);
		take_digits(lexer, "expected fraction");
	}
	if (!lexer->illegal && ascii_lower(peek(lexer, 0)) == 'e') {
		take(lexer);
		if (peek(lexer, 0) == '+' || peek(lexer, 0) == '-')
			take(lexer);
		take_digits(lexer, "expected exponent");
	}
	if (!lexer->illegal && is_letter(peek(lexer, 0)))
		lexer->illegal = "illegal number format";
	end_token(lexer, token);
	return 0;
}

/* ---- strings ---- */

/* Behind a backslash; the four digits of \u are looked at where the string is decoded. */
static void take_escape(struct lexer *lexer, bool in_template)
{
	char c = peek(lexer, 0);

	if (!c || (!strchr("\\\"/bfnrtu", c) && !(in_template && c == '{')))
		lexer->illegal = "illegal escape sequence";
	else
		take(lexer);
}

static int lex_string(struct lexer *lexer)
{
	struct rego_token *token = add_token(lexer, REGO_TOKEN_STRING);
	char quote = *lexer->at, c;

	if (!token)
		return -EMSGSIZE;
	if (quote == '`')
		token->flags |= REGO_TOKEN_RAW;
	take(lexer);
	do {
		c = peek(lexer, 0);
		if (is_done(lexer) || (c == '\n' && quote == '"'))
			lexer->illegal = "non-terminated string";
		else if (take_any(lexer) && c == '\\' && quote == '"')
			take_escape(lexer, false);
	} while (!lexer->illegal && c != quote);
	end_token(lexer, token);
	return 0;
}

/* One part of a template, from behind the quote or behind the brace that ended an expression. */
static int lex_template(struct lexer *lexer)
{
	struct template *template = &lexer->templates[lexer->template_count - 1];
	struct rego_token *token = add_token(lexer, REGO_TOKEN_TEMPLATE_PART);
	char quote = template->is_raw ? '`' : '"';

	if (!token)
		return -EMSGSIZE;
	token->flags = template->is_raw ? REGO_TOKEN_RAW : 0;
	for (;;) {
		char c = peek(lexer, 0);

		if (is_done(lexer) || (c == '\n' && !template->is_raw)) {
			lexer->illegal = "non-terminated string";
			return 0;
		}
		if (c == quote || c == '{')
			break;
		if (!take_any(lexer))
			return 0;
		if (c == '\\' && !template->is_raw)
			take_escape(lexer, true);
		else if (c == '\\' && peek(lexer, 0) == '{')
			take(lexer);
		if (lexer->illegal)
			return 0;
	}
	end_token(lexer, token);
	if (*lexer->at == quote) {
		token->type = REGO_TOKEN_TEMPLATE_END;
		lexer->template_count--;
	}
	take(lexer);
	return 0;
}

static int begin_template(struct lexer *lexer)
{
	bool is_raw = peek(lexer, 1) == '`';
	struct rego_token *token;
	int r;

	if (lexer->template_count == REGO_DEPTH_MAX) {
		lexer->illegal = "max parsing recursion depth exceeded";
		return 0;
	}
	lexer->templates[lexer->template_count++] = (struct template){ .is_raw = is_raw };
	/* what stands in front of the part and where the $ is goes over to the part */
	token = add_token(lexer, REGO_TOKEN_ILLEGAL);
	if (!token)
		return -EMSGSIZE;
	take(lexer);
	take(lexer);
	r = lex_template(lexer);
	if (r < 0)
		return r;
	token = &lexer->tokens->items[--lexer->tokens->count - 1];
	token->type = token[1].type;
	token->flags |= token[1].flags;
	token->skip = token[1].offset - token->offset;
	token->length = token[1].length;
	return 0;
}

/* ---- signs ---- */

/* An opening one is remembered for the closing one; a wrong pair is the parser's to see. */
static void match_sign(struct lexer *lexer, enum rego_token_type type)
{
	uint32_t index = (uint32_t)lexer->tokens->count - 1;

	if (type == REGO_TOKEN_LPAREN || type == REGO_TOKEN_LBRACK || type == REGO_TOKEN_LBRACE) {
		if (lexer->open_count == REGO_DEPTH_MAX)
			lexer->illegal = "max parsing recursion depth exceeded";
		else
			lexer->open[lexer->open_count++] = index;
	} else if (type == REGO_TOKEN_RPAREN || type == REGO_TOKEN_RBRACK || type == REGO_TOKEN_RBRACE) {
		if (lexer->open_count)
			lexer->tokens->items[lexer->open[--lexer->open_count]].match = index;
	}
}

static enum rego_token_type sign_type(const struct lexer *lexer)
{
	static const char *const signs = "[]{}(),:+-*/%&|=.;<>";
	static const unsigned char types[] = { REGO_TOKEN_LBRACK, REGO_TOKEN_RBRACK, REGO_TOKEN_LBRACE,
		REGO_TOKEN_RBRACE, REGO_TOKEN_LPAREN, REGO_TOKEN_RPAREN, REGO_TOKEN_COMMA,
		REGO_TOKEN_COLON, REGO_TOKEN_PLUS, REGO_TOKEN_MINUS, REGO_TOKEN_MUL, REGO_TOKEN_DIV,
		REGO_TOKEN_REM, REGO_TOKEN_AND, REGO_TOKEN_OR, REGO_TOKEN_UNIFY, REGO_TOKEN_DOT,
		REGO_TOKEN_SEMICOLON, REGO_TOKEN_LT, REGO_TOKEN_GT };
	char c = peek(lexer, 0);
	const char *found;

	if (peek(lexer, 1) == '=') {
		static const char *const before = ":=<>!";
		static const unsigned char both[] = { REGO_TOKEN_ASSIGN, REGO_TOKEN_EQUAL, REGO_TOKEN_LTE,
			REGO_TOKEN_GTE, REGO_TOKEN_NEQ };

		found = c ? strchr(before, c) : NULL;
		if (found)
			return (enum rego_token_type)both[found - before];
	}
	found = c ? strchr(signs, c) : NULL;
	return found ? (enum rego_token_type)types[found - signs] : REGO_TOKEN_ILLEGAL;
}

static bool is_long_sign(enum rego_token_type type)
{
	return type == REGO_TOKEN_ASSIGN || type == REGO_TOKEN_EQUAL || type == REGO_TOKEN_LTE ||
		type == REGO_TOKEN_GTE || type == REGO_TOKEN_NEQ;
}

static void set_illegal(struct lexer *lexer)
{
	switch (peek(lexer, 0)) {
	case '!':
		lexer->illegal = "illegal ! character";
		break;
	case '$':
		lexer->illegal = "illegal $ character";
		break;
	default:
		/* what is wrong with the character itself is said first */
		if (take_any(lexer))
			lexer->illegal = "illegal token";
	}
}

static int lex_sign(struct lexer *lexer)
{
	enum rego_token_type type = sign_type(lexer);
	struct template *template = lexer->template_count ? &lexer->templates[lexer->template_count - 1] :
		NULL;
	struct rego_token *token = add_token(lexer, type);

	if (!token)
		return -EMSGSIZE;
	if (type == REGO_TOKEN_ILLEGAL) {
		set_illegal(lexer);
		return 0;
	}
	take(lexer);
	if (is_long_sign(type))
		take(lexer);
	end_token(lexer, token);
	if (template && type == REGO_TOKEN_RBRACE && !template->brace_count)
		return lex_template(lexer);
	if (template && type == REGO_TOKEN_LBRACE)
		template->brace_count++;
	if (template && type == REGO_TOKEN_RBRACE)
		template->brace_count--;
	match_sign(lexer, type);
	return 0;
}

static int lex_token(struct lexer *lexer)
{
	char c = peek(lexer, 0);

	if (is_letter(c))
		return lex_word(lexer);
	if (ascii_is_digit(c))
		return lex_number(lexer);
	if (c == '"' || c == '`')
		return lex_string(lexer);
	if (c == '$' && (peek(lexer, 1) == '"' || peek(lexer, 1) == '`'))
		return begin_template(lexer);
	return lex_sign(lexer);
}

/* What went wrong last becomes the place where the row ends. */
static int end_illegal(struct lexer *lexer)
{
	struct rego_tokens *tokens = lexer->tokens;

	tokens->illegal = lexer->illegal;
	if (lexer->flags & REGO_TOKEN_SPACED || !tokens->count) {
		if (!add_token(lexer, REGO_TOKEN_ILLEGAL))
			return -EMSGSIZE;
	}
	tokens->items[tokens->count - 1].type = REGO_TOKEN_ILLEGAL;
	tokens->items[tokens->count - 1].match = 0;
	return 0;
}

int rego_lex(const struct rego_source *source, struct arena *arena, struct rego_tokens *ret)
{
	struct lexer lexer = { .arena = arena, .tokens = ret, .at = source->text.data,
		.end = source->text.data + source->text.len, .line = 1, .column = 1 };
	int r = 0;

	*ret = (struct rego_tokens){ .source = source };
	if (source->text.len > REGO_FILE_MAX)
		return -EMSGSIZE;
	if (str_starts_with(source->text, STR("\xef\xbb\xbf"))) {
		lexer.at += 3;
		lexer.column++;
	}
	while (!r && !lexer.illegal) {
		r = lex_space(&lexer);
		if (r < 0 || lexer.illegal || is_done(&lexer))
			break;
		r = lex_token(&lexer);
	}
	if (!r && lexer.illegal)
		r = end_illegal(&lexer);
	if (!r && !add_token(&lexer, REGO_TOKEN_EOF))
		r = -EMSGSIZE;
	return r;
}
