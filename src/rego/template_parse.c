// SPDX-License-Identifier: Apache-2.0
/*
 * template_parse.c - from text to the tree of a template
 *
 * A text is cut at {{ and }}; "{{- " and " -}}" take the white space beside them away. What is between is
 * read word by word. Every function gives false once there is an error, and the error stands in the call.
 */
#include "rego/template.h"

#include <errno.h>

struct parser {
	struct rego_call *call;
	struct str text;		/* what is left */
	struct str action;		/* what is left of the action */
	unsigned line, depth;
	bool is_trimming;		/* the last action ended in " -}}" */
	unsigned ranges;		/* around here */
};

static bool fail(struct parser *parser, const char *what, struct str where)
{
	(void)rego_fail(parser->call, "template: template:%u: %s %.*s", parser->line, what,
		(int)MIN(where.len, (size_t)40), where.data);
	return false;
}

static void *make(struct parser *parser, size_t size)
{
	void *memory = arena_alloc(parser->call->arena, size);

	if (!memory || !rego_spend(parser->call->budget, 8)) {
		(void)rego_stopped(parser->call);
		return NULL;
	}
	return memory;
}

static void skip(struct str *text, size_t len)
{
	*text = (struct str){ .data = text->data + len, .len = text->len - len };
}

static void skip_space(struct str *text)
{
	while (text->len > 0 && ascii_is_space(text->data[0]))
		skip(text, 1);
}

static bool take(struct str *text, struct str token)
{
	if (!str_starts_with(*text, token))
		return false;
	skip(text, token.len);
	return true;
}

static bool is_word_char(char c)
{
	return ascii_is_alnum(c) || c == '_' || (unsigned char)c >= 0x80;
}

static struct str take_name(struct str *text)
{
	struct str name = { .data = text->data };

	while (name.len < text->len && is_word_char(text->data[name.len]))
		name.len++;
	skip(text, name.len);
	return name;
}

/* ---- words ---- */

static bool read_pipe(struct parser *parser, struct template_pipe **ret);

static bool read_fields(struct parser *parser, struct template_word *word)
{
	size_t count = 0;

	for (size_t i = 0; i < parser->action.len; i++)
		count += parser->action.data[i] == '.';
	word->fields = count > 0 ? make(parser, count * sizeof(*word->fields)) : NULL;
	if (count > 0 && !word->fields)
		return false;
	while (parser->action.len > 1 && parser->action.data[0] == '.' &&
			is_word_char(parser->action.data[1])) {
		skip(&parser->action, 1);
		word->fields[word->field_count++] = take_name(&parser->action);
	}
	return true;
}

/* Return: false with an error, or without where the evaluation is over. */
static bool read_literal(struct parser *parser, struct str text, const char *flaw, struct str shown,
	struct template_word *word)
{
	int r = json_read(parser->call->arena, text, JSON_READ_STRICT, &word->literal, NULL);

	if (r == -EBADMSG)
		return fail(parser, flaw, shown);
	if (r < 0)
		(void)rego_stopped(parser->call);
	return r >= 0;
}

/* "..." as JSON has it, or between backquotes as it stands. */
static bool read_text(struct parser *parser, struct template_word *word)
{
	struct str *action = &parser->action;
	bool is_raw = action->data[0] == '`';
	size_t len = 1;

	while (len < action->len && action->data[len] != action->data[0])
		len += !is_raw && action->data[len] == '\\' ? 2 : 1;
	if (len >= action->len)
		return fail(parser, "unterminated quoted string", *action);
	word->type = TEMPLATE_WORD_LITERAL;
	if (!is_raw && !read_literal(parser, (struct str){ .data = action->data, .len = len + 1 },
			"bad string", *action, word))
		return false;
	if (is_raw)
		word->literal = json_new_string(parser->call->arena,
			(struct str){ .data = action->data + 1, .len = len - 1 });
	skip(action, len + 1);
	if (!word->literal)
		(void)rego_stopped(parser->call);
	return word->literal != NULL;
}

static bool read_number(struct parser *parser, struct template_word *word)
{
	struct str *action = &parser->action, number = { .data = action->data };

	while (number.len < action->len && (ascii_is_alnum(action->data[number.len]) ||
			strchr("+-.", action->data[number.len])))
		number.len++;
	word->type = TEMPLATE_WORD_LITERAL;
	if (!read_literal(parser, number, "bad number syntax:", number, word))
		return false;
	skip(action, number.len);
	return true;
}

static bool read_name(struct parser *parser, struct template_word *word)
{
	word->name = take_name(&parser->action);
	word->type = TEMPLATE_WORD_LITERAL;
	if (str_eq(word->name, STR("true")) || str_eq(word->name, STR("false")))
		word->literal = json_new_bool(parser->call->arena, str_eq(word->name, STR("true")));
	else if (str_eq(word->name, STR("nil")))
		word->literal = json_new_null(parser->call->arena);
	else
		word->type = TEMPLATE_WORD_FUNCTION;
	if (word->type == TEMPLATE_WORD_LITERAL && !word->literal) {
		(void)rego_stopped(parser->call);
		return false;
	}
	return true;
}

static bool read_parentheses(struct parser *parser, struct template_word *word)
{
	struct template_pipe *pipe;

	skip(&parser->action, 1);
	word->type = TEMPLATE_WORD_PIPE;
	if (!read_pipe(parser, &pipe))
		return false;
	word->pipe = pipe;
	skip_space(&parser->action);
	return take(&parser->action, STR(")")) || fail(parser, "unclosed left paren", parser->action);
}

static bool read_word(struct parser *parser, struct template_word *word)
{
	struct str *action = &parser->action;
	char c = action->data[0], next = action->len > 1 ? action->data[1] : '\0';

	if (c == '"' || c == '`')
		return read_text(parser, word);
	if (ascii_is_digit(c) || ((c == '-' || c == '+') && ascii_is_digit(next)))
		return read_number(parser, word);
	if (c == '(')
		return read_parentheses(parser, word) && read_fields(parser, word);
	if (c == '.') {
		word->type = TEMPLATE_WORD_DOT;
		if (is_word_char(next))
			return read_fields(parser, word);
		skip(action, 1);
		return true;
	}
	if (c == '$') {
		word->type = TEMPLATE_WORD_VARIABLE;
		skip(action, 1);
		word->name = take_name(action);
		return read_fields(parser, word);
	}
	if (is_word_char(c))
		return read_name(parser, word);
	return fail(parser, "unexpected", *action);
}

/* ---- pipelines ---- */

static bool read_command(struct parser *parser, struct template_command **ret)
{
	struct template_command *command = make(parser, sizeof(*command));

	*ret = command;
	if (!command)
		return false;
	for (;;) {
		skip_space(&parser->action);
		if (parser->action.len == 0 || parser->action.data[0] == '|' || parser->action.data[0] == ')')
			break;
		if (command->count == TEMPLATE_WORDS_MAX)
			return fail(parser, "too many operands at", parser->action);
		if (!read_word(parser, &command->words[command->count++]))
			return false;
	}
	return command->count > 0 || fail(parser, "missing value for command", parser->action);
}

/* $x := and $i, $x := in front of a pipeline; anything else is left where it is. */
static void read_names(struct parser *parser, struct template_pipe *pipe)
{
	struct str action = parser->action;
	size_t count = 0;

	do {
		skip_space(&action);
		if (!take(&action, STR("$")))
			return;
		pipe->names[count++] = take_name(&action);
		skip_space(&action);
	} while (count < 2 && take(&action, STR(",")));
	if (take(&action, STR(":=")) || (take(&action, STR("=")) && (pipe->is_assignment = true))) {
		pipe->name_count = count;
		parser->action = action;
	}
}

static bool read_pipe(struct parser *parser, struct template_pipe **ret)
{
	struct template_pipe *pipe = make(parser, sizeof(*pipe));
	struct template_command **next;

	*ret = pipe;
	if (!pipe)
		return false;
	if (parser->depth >= TEMPLATE_DEPTH_MAX)
		return fail(parser, "nested too deep at", parser->action);
	parser->depth++;
	read_names(parser, pipe);
	next = &pipe->commands;
	do {
		if (!read_command(parser, next))
			return false;
		next = &(*next)->next;
	} while (take(&parser->action, STR("|")));
	parser->depth--;
	return true;
}

static bool read_whole_pipe(struct parser *parser, const struct template_pipe **ret)
{
	struct template_pipe *pipe;

	if (!read_pipe(parser, &pipe))
		return false;
	*ret = pipe;
	return parser->action.len == 0 || fail(parser, "unexpected", parser->action);
}

/* ---- texts and actions ---- */

static void count_lines(struct parser *parser, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		parser->line += text.data[i] == '\n';
}

/* The text up to the next action, without what the actions beside it trim. */
static struct str next_text(struct parser *parser, bool *ret_is_last)
{
	const char *open = memmem(parser->text.data, parser->text.len, "{{", 2);
	struct str text = { .data = parser->text.data,
		.len = open ? (size_t)(open - parser->text.data) : parser->text.len };

	count_lines(parser, text);
	skip(&parser->text, text.len + (open ? 2 : 0));
	*ret_is_last = !open;
	if (parser->is_trimming)
		skip_space(&text);
	if (open && parser->text.len > 1 && parser->text.data[0] == '-' &&
			ascii_is_space(parser->text.data[1])) {
		skip(&parser->text, 1);
		while (text.len > 0 && ascii_is_space(text.data[text.len - 1]))
			text.len--;
	}
	return text;
}

/* What is between {{ and }}; a text in it may hold a }}. */
static bool next_action(struct parser *parser)
{
	struct str *text = &parser->text;
	size_t len = 0;
	char quote = '\0';

	skip_space(text);
	if (str_starts_with(*text, STR("/*"))) {
		const char *end = memmem(text->data, text->len, "*/", 2);

		if (!end)
			return fail(parser, "unclosed comment", *text);
		skip(text, (size_t)(end - text->data) + 2);
	}
	for (; len + 1 < text->len; len++) {
		char c = text->data[len];

		if (quote && c == '\\' && quote == '"')
			len++;
		else if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '`')
			quote = c;
		else if (c == '}' && text->data[len + 1] == '}')
			break;
	}
	if (len + 1 >= text->len)
		return fail(parser, "unclosed action", *text);
	parser->action = (struct str){ .data = text->data, .len = len };
	count_lines(parser, parser->action);
	skip(text, len + 2);
	parser->is_trimming = len > 1 && parser->action.data[len - 1] == '-' &&
		ascii_is_space(parser->action.data[len - 2]);
	parser->action.len -= parser->is_trimming;
	skip_space(&parser->action);
	while (parser->action.len > 0 && ascii_is_space(parser->action.data[parser->action.len - 1]))
		parser->action.len--;
	return true;
}

static bool take_keyword(struct parser *parser, struct str keyword)
{
	struct str action = parser->action;

	if (!str_eq(take_name(&action), keyword))
		return false;
	parser->action = action;
	skip_space(&parser->action);
	return true;
}

enum ending {
	ENDING_TEXT,			/* the text itself is over */
	ENDING_END,
	ENDING_ELSE,
};

static bool read_list(struct parser *parser, struct template_node **ret, enum ending *ret_ending);
static bool read_control(struct parser *parser, struct template_node *node);

/* The body of a control action and what follows an else, which may be another one of its kind. */
static bool read_bodies(struct parser *parser, struct template_node *node)
{
	enum ending ending;

	if (!read_whole_pipe(parser, &node->pipe))
		return false;
	parser->ranges += node->type == TEMPLATE_NODE_RANGE;
	if (!read_list(parser, &node->body, &ending))
		return false;
	parser->ranges -= node->type == TEMPLATE_NODE_RANGE;
	if (ending == ENDING_ELSE && parser->action.len > 0) {
		bool is_if = take_keyword(parser, STR("if"));

		if (!is_if && !take_keyword(parser, STR("with")))
			return fail(parser, "unexpected in else:", parser->action);
		node->otherwise = make(parser, sizeof(*node));
		if (!node->otherwise)
			return false;
		node->otherwise->type = is_if ? TEMPLATE_NODE_IF : TEMPLATE_NODE_WITH;
		return read_control(parser, node->otherwise);
	}
	if (ending == ENDING_ELSE && !read_list(parser, &node->otherwise, &ending))
		return false;
	return ending == ENDING_END || fail(parser, "expected end, found", parser->text);
}

static bool read_control(struct parser *parser, struct template_node *node)
{
	bool is_read;

	if (parser->depth >= TEMPLATE_DEPTH_MAX)
		return fail(parser, "nested too deep at", parser->action);
	parser->depth++;
	is_read = read_bodies(parser, node);
	parser->depth--;
	return is_read;
}

static bool read_action(struct parser *parser, struct template_node *node)
{
	bool is_break = take_keyword(parser, STR("break"));

	if (is_break || take_keyword(parser, STR("continue"))) {
		node->type = is_break ? TEMPLATE_NODE_BREAK : TEMPLATE_NODE_CONTINUE;
		return parser->ranges > 0 ||
			fail(parser, "break or continue outside of range", parser->action);
	}
	node->type = take_keyword(parser, STR("if")) ? TEMPLATE_NODE_IF :
		take_keyword(parser, STR("with")) ? TEMPLATE_NODE_WITH :
		take_keyword(parser, STR("range")) ? TEMPLATE_NODE_RANGE : TEMPLATE_NODE_ACTION;
	return node->type == TEMPLATE_NODE_ACTION ? read_whole_pipe(parser, &node->pipe) :
		read_control(parser, node);
}

static struct template_node *add_node(struct parser *parser, struct template_node ***tail)
{
	struct template_node *node = make(parser, sizeof(*node));

	if (node) {
		**tail = node;
		*tail = &node->next;
	}
	return node;
}

static bool read_list(struct parser *parser, struct template_node **ret, enum ending *ret_ending)
{
	struct template_node **tail = ret, *node;
	bool is_last;

	for (;;) {
		struct str text = next_text(parser, &is_last);

		parser->is_trimming = false;
		node = text.len > 0 ? add_node(parser, &tail) : NULL;
		if (text.len > 0 && !node)
			return false;
		if (node)
			node->text = text;
		*ret_ending = ENDING_TEXT;
		if (is_last)
			return true;
		if (!next_action(parser))
			return false;
		*ret_ending = take_keyword(parser, STR("end")) ? ENDING_END :
			take_keyword(parser, STR("else")) ? ENDING_ELSE : ENDING_TEXT;
		if (*ret_ending != ENDING_TEXT)
			return true;
		/* a comment leaves nothing */
		if (parser->action.len == 0)
			continue;
		node = add_node(parser, &tail);
		if (!node || !read_action(parser, node))
			return false;
	}
}

bool rego_template_parse(struct rego_call *call, struct str text, struct template_node **ret)
{
	struct parser parser = { .call = call, .text = text, .line = 1 };
	enum ending ending;

	*ret = NULL;
	if (!rego_spend(call->budget, text.len / 16 + 1)) {
		(void)rego_stopped(call);
		return false;
	}
	if (!read_list(&parser, ret, &ending))
		return false;
	return ending == ENDING_TEXT || fail(&parser, "unexpected end or else", parser.action);
}
