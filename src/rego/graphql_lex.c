// SPDX-License-Identifier: Apache-2.0
/*
 * graphql_lex.c - the tokens of GraphQL documents
 *
 * What is no token is GRAPHQL_TOKEN_INVALID, whatever is wrong with it, at the place where it goes wrong; the
 * parser says that it did not expect that. A number that runs into a name or a dot is none. A string begins
 * behind its quotes, as in OPA's errors.
 *
 * Source: GraphQL, October 2021 edition, section 2.1 and appendix B.1 and B.2; for the indentation of block
 * strings gqlparser, which counts the first line with the others
 */
#include "base/utf8.h"
#include "rego/graphql_internal.h"
#include "rego/text.h"

enum {
	STEP_BYTES = 64,
	HEX_DIGITS = 4,
	REPLACEMENT = 0xfffd,
};

/* ---- characters ---- */

/* Behind the end there is a NUL, which no token begins with. */
static char peek(const struct graphql_lexer *lexer, size_t offset)
{
	return lexer->at + offset < lexer->text.len ? lexer->text.data[lexer->at + offset] : '\0';
}

static bool has_more(const struct graphql_lexer *lexer)
{
	return lexer->at < lexer->text.len;
}

static bool starts_with(const struct graphql_lexer *lexer, const char *word)
{
	return str_starts_with((struct str){ lexer->text.data + lexer->at, lexer->text.len - lexer->at },
		str_from(word));
}

/* Bytes that are one character each. */
static void advance(struct graphql_lexer *lexer, size_t count)
{
	lexer->at += count;
	lexer->column += (uint32_t)count;
}

/* One byte of text, of which only the first of a character counts. */
static void advance_byte(struct graphql_lexer *lexer)
{
	lexer->column += (peek(lexer, 0) & 0xc0) != 0x80;
	lexer->at++;
}

static void advance_line(struct graphql_lexer *lexer)
{
	lexer->at += peek(lexer, 0) == '\r' && peek(lexer, 1) == '\n' ? 2 : 1;
	lexer->line++;
	lexer->column = 1;
}

static bool is_name(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 && c != '\t';
}

static void skip_ignored(struct graphql_lexer *lexer)
{
	while (has_more(lexer)) {
		char c = peek(lexer, 0);

		if (c == '\n' || c == '\r') {
			advance_line(lexer);
		} else if (c == ' ' || c == '\t' || c == ',') {
			advance(lexer, 1);
		} else if (starts_with(lexer, "\xef\xbb\xbf")) {
			lexer->at += 3;
			lexer->column++;
		} else if (c == '#') {
			while (has_more(lexer) && !is_control(peek(lexer, 0)))
				advance_byte(lexer);
		} else {
			return;
		}
	}
}

static struct graphql_token invalid(const struct graphql_lexer *lexer)
{
	return (struct graphql_token){ .line = lexer->line, .column = lexer->column };
}

/* ---- names and numbers ---- */

static void lex_name(struct graphql_lexer *lexer, struct graphql_token *token)
{
	size_t start = lexer->at;

	while (is_name(peek(lexer, 0)))
		advance(lexer, 1);
	token->kind = GRAPHQL_TOKEN_NAME;
	token->text = (struct str){ lexer->text.data + start, lexer->at - start };
}

static bool take_digits(struct graphql_lexer *lexer)
{
	size_t start = lexer->at;

	while (ascii_is_digit(peek(lexer, 0)))
		advance(lexer, 1);
	return lexer->at > start;
}

static bool take_exponent(struct graphql_lexer *lexer)
{
	advance(lexer, 1);
	if (peek(lexer, 0) == '+' || peek(lexer, 0) == '-')
		advance(lexer, 1);
	return take_digits(lexer);
}

static bool take_number(struct graphql_lexer *lexer, bool *ret_is_float)
{
	bool has_zero;

	if (peek(lexer, 0) == '-')
		advance(lexer, 1);
	has_zero = peek(lexer, 0) == '0';
	if (has_zero && ascii_is_digit(peek(lexer, 1)))
		return false;
	if (!take_digits(lexer))
		return false;
	*ret_is_float = peek(lexer, 0) == '.' || ascii_lower(peek(lexer, 0)) == 'e';
	if (peek(lexer, 0) == '.') {
		advance(lexer, 1);
		if (!take_digits(lexer))
			return false;
	}
	if (ascii_lower(peek(lexer, 0)) == 'e' && !take_exponent(lexer))
		return false;
	return !is_name(peek(lexer, 0)) && peek(lexer, 0) != '.';
}

static void lex_number(struct graphql_lexer *lexer, struct graphql_token *token)
{
	size_t start = lexer->at;
	bool is_float;

	if (!take_number(lexer, &is_float)) {
		*token = invalid(lexer);
		return;
	}
	token->kind = is_float ? GRAPHQL_TOKEN_FLOAT : GRAPHQL_TOKEN_INT;
	token->text = (struct str){ lexer->text.data + start, lexer->at - start };
}

/* ---- strings ---- */

/* Halves of surrogates are characters that cannot be shown, also in pairs. */
static bool take_code_point(struct graphql_lexer *lexer, struct rego_text *text)
{
	uint32_t point = 0;
	char bytes[4];

	for (size_t i = 0; i < HEX_DIGITS; i++) {
		char c = ascii_lower(peek(lexer, 2 + i));

		if (!ascii_is_digit(c) && (c < 'a' || c > 'f'))
			return false;
		point = point * 16 + (uint32_t)(ascii_is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	if (point >= 0xd800 && point <= 0xdfff)
		point = REPLACEMENT;
	rego_text_add(text, bytes, utf8_encode(point, bytes));
	advance(lexer, 2 + HEX_DIGITS);
	return true;
}

static bool take_escape(struct graphql_lexer *lexer, struct rego_text *text)
{
	static const char letters[] = "\"/\\bfnrt", meanings[] = "\"/\\\b\f\n\r\t";
	char c = peek(lexer, 1);
	const char *letter = c ? strchr(letters, c) : NULL;

	if (c == 'u')
		return take_code_point(lexer, text);
	if (!letter)
		return false;
	rego_text_add_char(text, meanings[letter - letters]);
	advance(lexer, 2);
	return true;
}

static bool end_text(struct graphql_lexer *lexer, struct rego_text *text, struct graphql_token *token)
{
	if (rego_text_end(text, &token->text))
		return true;
	graphql_stop(lexer->graphql);
	return false;
}

static bool take_string(struct graphql_lexer *lexer, struct graphql_token *token)
{
	struct rego_text text = REGO_TEXT_INIT(lexer->graphql->call->arena);

	while (has_more(lexer) && peek(lexer, 0) != '"') {
		size_t start = lexer->at;

		if (is_control(peek(lexer, 0)))
			return false;
		if (peek(lexer, 0) == '\\') {
			if (!take_escape(lexer, &text))
				return false;
			continue;
		}
		while (has_more(lexer) && !is_control(peek(lexer, 0)) && peek(lexer, 0) != '"' &&
				peek(lexer, 0) != '\\')
			advance_byte(lexer);
		rego_text_add(&text, lexer->text.data + start, lexer->at - start);
	}
	if (!has_more(lexer))
		return false;
	advance(lexer, 1);
	return end_text(lexer, &text, token);
}

static bool take_block(struct graphql_lexer *lexer, struct rego_text *text)
{
	while (has_more(lexer)) {
		char c = peek(lexer, 0);

		if (starts_with(lexer, "\"\"\"")) {
			advance(lexer, 3);
			return true;
		}
		if (starts_with(lexer, "\\\"\"\"")) {
			rego_text_add_text(text, "\"\"\"");
			advance(lexer, 4);
		} else if (c == '\n' || c == '\r') {
			rego_text_add_char(text, '\n');
			advance_line(lexer);
		} else if (is_control(c)) {
			return false;
		} else {
			rego_text_add_char(text, c);
			advance_byte(lexer);
		}
	}
	return false;
}

/* Blanks in front of a line; all of it where there is nothing else. */
static size_t indent_of(struct str line)
{
	size_t indent = 0;

	while (indent < line.len && (line.data[indent] == ' ' || line.data[indent] == '\t'))
		indent++;
	return indent;
}

static bool next_line(struct str *rest, struct str *ret)
{
	if (!rest->data)
		return false;
	if (!str_cut(*rest, '\n', ret, rest))
		rest->data = NULL;
	return true;
}

static size_t common_indent(struct str text)
{
	size_t common = SIZE_MAX;
	struct str line;

	while (next_line(&text, &line))
		if (indent_of(line) < line.len)
			common = MIN(common, indent_of(line));
	return common;
}

/* Without the indentation that all lines share, and without blank lines around it. */
static bool dedent(struct graphql_lexer *lexer, struct str text, struct graphql_token *token)
{
	struct rego_text result = REGO_TEXT_INIT(lexer->graphql->call->arena);
	size_t common = common_indent(text), first = SIZE_MAX, last = 0, i = 0;
	struct str rest = text, line;

	for (; next_line(&rest, &line); i++) {
		if (indent_of(line) == line.len)
			continue;
		first = MIN(first, i);
		last = i;
	}
	rest = text;
	for (i = 0; next_line(&rest, &line); i++) {
		size_t cut = i ? common : 0;

		if (i < first || i > last)
			continue;
		if (i > first)
			rego_text_add_char(&result, '\n');
		if (line.len > cut)
			rego_text_add(&result, line.data + cut, line.len - cut);
	}
	return end_text(lexer, &result, token);
}

static void lex_string(struct graphql_lexer *lexer, struct graphql_token *token)
{
	struct rego_text text = REGO_TEXT_INIT(lexer->graphql->call->arena);
	bool is_block = starts_with(lexer, "\"\"\""), is_whole;
	struct graphql_token raw;

	advance(lexer, is_block ? 3 : 1);
	token->kind = is_block ? GRAPHQL_TOKEN_BLOCK : GRAPHQL_TOKEN_STRING;
	token->column = lexer->column;
	if (is_block)
		is_whole = take_block(lexer, &text) && end_text(lexer, &text, &raw) &&
			dedent(lexer, raw.text, token);
	else
		is_whole = take_string(lexer, token);
	if (!is_whole)
		*token = invalid(lexer);
}

/* ---- tokens ---- */

static enum graphql_token_kind mark_of(char c)
{
	static const char marks[] = "!$&():=@[]{}|";
	static const enum graphql_token_kind kinds[] = {
		GRAPHQL_TOKEN_BANG, GRAPHQL_TOKEN_DOLLAR, GRAPHQL_TOKEN_AMP, GRAPHQL_TOKEN_PAREN_L,
		GRAPHQL_TOKEN_PAREN_R, GRAPHQL_TOKEN_COLON, GRAPHQL_TOKEN_EQUALS, GRAPHQL_TOKEN_AT,
		GRAPHQL_TOKEN_BRACKET_L, GRAPHQL_TOKEN_BRACKET_R, GRAPHQL_TOKEN_BRACE_L,
		GRAPHQL_TOKEN_BRACE_R, GRAPHQL_TOKEN_PIPE,
	};
	const char *mark = c ? strchr(marks, c) : NULL;

	return mark ? kinds[mark - marks] : GRAPHQL_TOKEN_INVALID;
}

static void lex_token(struct graphql_lexer *lexer, struct graphql_token *token)
{
	char c = peek(lexer, 0);

	if (!has_more(lexer)) {
		token->kind = GRAPHQL_TOKEN_EOF;
	} else if (ascii_is_digit(c) || c == '-') {
		lex_number(lexer, token);
	} else if (is_name(c)) {
		lex_name(lexer, token);
	} else if (c == '"') {
		lex_string(lexer, token);
	} else if (starts_with(lexer, "...")) {
		token->kind = GRAPHQL_TOKEN_SPREAD;
		advance(lexer, 3);
	} else {
		token->kind = mark_of(c);
		if (token->kind)
			advance(lexer, 1);
	}
}

struct graphql_token graphql_lex(struct graphql_lexer *lexer)
{
	size_t start = lexer->at;
	struct graphql_token token;

	skip_ignored(lexer);
	token = invalid(lexer);
	lex_token(lexer, &token);
	(void)graphql_spend(lexer->graphql, 1 + (lexer->at - start) / STEP_BYTES);
	return token;
}

const char *graphql_token_text(enum graphql_token_kind kind)
{
	static const char *const texts[] = {
		[GRAPHQL_TOKEN_INVALID] = "<Invalid>",
		[GRAPHQL_TOKEN_EOF] = "<EOF>",
		[GRAPHQL_TOKEN_BANG] = "!",
		[GRAPHQL_TOKEN_DOLLAR] = "$",
		[GRAPHQL_TOKEN_AMP] = "&",
		[GRAPHQL_TOKEN_PAREN_L] = "(",
		[GRAPHQL_TOKEN_PAREN_R] = ")",
		[GRAPHQL_TOKEN_SPREAD] = "...",
		[GRAPHQL_TOKEN_COLON] = ":",
		[GRAPHQL_TOKEN_EQUALS] = "=",
		[GRAPHQL_TOKEN_AT] = "@",
		[GRAPHQL_TOKEN_BRACKET_L] = "[",
		[GRAPHQL_TOKEN_BRACKET_R] = "]",
		[GRAPHQL_TOKEN_BRACE_L] = "{",
		[GRAPHQL_TOKEN_BRACE_R] = "}",
		[GRAPHQL_TOKEN_PIPE] = "|",
		[GRAPHQL_TOKEN_NAME] = "Name",
		[GRAPHQL_TOKEN_INT] = "Int",
		[GRAPHQL_TOKEN_FLOAT] = "Float",
		[GRAPHQL_TOKEN_STRING] = "String",
		[GRAPHQL_TOKEN_BLOCK] = "BlockString",
	};

	return texts[kind];
}
