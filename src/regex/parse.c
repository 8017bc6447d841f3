// SPDX-License-Identifier: Apache-2.0
/*
 * parse.c - the structure of a pattern: alternatives, groups, repetition
 *
 * There is no recursion: the parser pushes what it reads (tree.c), and takes things off again where a
 * repeat, a bar or a closing parenthesis makes something larger of them.
 */
#include "regex/regex_internal.h"

#include "base/utf8.h"

#include <errno.h>

/* ---- characters ---- */

static int push_dot(struct parser *parser)
{
	static const struct regex_range any[] = { { 0, POINT_MAX } };
	static const struct regex_range same_line[] = { { 0, '\n' - 1 }, { '\n' + 1, POINT_MAX } };

	return parser->flags & PARSE_DOT_NEWLINE ? regex_tree_push_set(parser, any, ARRAY_SIZE(any)) :
		regex_tree_push_set(parser, same_line, ARRAY_SIZE(same_line));
}

/* \Q...\E: everything in between is itself. */
static int parse_quoted(struct parser *parser)
{
	struct str text = behind(parser->rest, 2);
	const char *end = memmem(text.data, text.len, "\\E", 2);
	int r;

	parser->rest = end ? behind(text, (size_t)(end - text.data) + 2) : behind(text, text.len);
	if (end)
		text.len = (size_t)(end - text.data);
	while (text.len) {
		uint32_t point;

		r = regex_parse_point(parser, &text, &point);
		if (!r)
			r = regex_tree_push_point(parser, point);
		if (r < 0)
			return r;
	}
	return 0;
}

static int parse_backslash(struct parser *parser)
{
	struct regex_class class = { .arena = parser->arena, .allowance = &parser->allowance };
	static const char letters[] = "AzbB";
	static const enum assertion assertions[] = { ASSERT_BEGIN_TEXT, ASSERT_END_TEXT, ASSERT_WORD,
		ASSERT_NO_WORD };
	char letter = parser->rest.len >= 2 ? parser->rest.data[1] : '\0';
	const char *found = letter ? strchr(letters, letter) : NULL;
	uint32_t point;
	int r;

	if (letter == 'Q')
		return parse_quoted(parser);
	if (found) {
		parser->rest = behind(parser->rest, 2);
		return regex_tree_push_assertion(parser, assertions[found - letters]);
	}
	r = regex_parse_class_escape(parser, &parser->rest, &class);
	if (r < 0)
		return regex_tree_fail(parser, r);
	if (r) {
		regex_class_clean(&class);
		return regex_tree_push_set(parser, class.ranges, class.count);
	}
	r = regex_parse_escape(parser, &parser->rest, &point);
	return r < 0 ? r : regex_tree_push_point(parser, point);
}

static int parse_class(struct parser *parser)
{
	struct regex_class class = { .arena = parser->arena, .allowance = &parser->allowance };
	int r = regex_parse_bracket(parser, &class);

	return r < 0 ? regex_tree_fail(parser, r) : regex_tree_push_set(parser, class.ranges, class.count);
}

static int parse_bar(struct parser *parser)
{
	int r = regex_tree_concat(parser);

	parser->rest = behind(parser->rest, 1);
	return r < 0 ? r : regex_tree_push(parser, regex_tree_node(parser, NODE_BAR));
}

/* ---- repetition ---- */

static uint32_t repeat_size(const struct node *repeat)
{
	uint64_t size = repeat->first->size, all;

	if (repeat->max == REPEAT_FOREVER)
		all = repeat->min ? size * repeat->min + 1 : size + 2;
	else
		all = size * repeat->max + (repeat->max - repeat->min);
	return (uint32_t)MIN(MAX(all, UINT64_C(1)), (uint64_t)REGEX_PROGRAM_MAX + 1);
}

/* An operator: where it begins in the pattern, the one directly in front of it, and what it says. */
struct operator {
	struct str at, last;
	uint32_t min, max;
	bool is_counted;		/* {n,m} */
};

static void fill_repeat(struct node *node, struct node *part, const struct operator* op, bool is_lazy)
{
	uint32_t count = op->max == REPEAT_FOREVER ? op->min : op->max;

	part->next = NULL;
	node->first = node->last = part;
	node->is_lazy = is_lazy;
	node->min = op->min;
	node->max = op->max;
	node->height = part->height + 1;
	node->is_nullable = !op->min || part->is_nullable;
	node->copies = part->copies;
	if (op->is_counted)
		node->copies = op->max ? part->copies * MAX(count, 1U) : 1;
	node->size = repeat_size(node);
}

/*
 * Put a repeat over what lies on top. Operators that follow each other directly mean something else in Perl.
 */
static int repeat(struct parser *parser, const struct operator* op)
{
	bool is_lazy = parser->flags & PARSE_LAZY;
	struct node *node, *part = parser->top;

	if (str_starts_with(parser->rest, STR("?"))) {
		parser->rest = behind(parser->rest, 1);
		is_lazy = !is_lazy;
	}
	if (op->last.len)
		return regex_parse_fail(parser, "invalid nested repetition operator",
			between(op->last, parser->rest));
	if (!part || regex_tree_is_marker(part))
		return regex_parse_fail(parser, "missing argument to repetition operator",
			between(op->at, parser->rest));
	node = regex_tree_node(parser, NODE_REPEAT);
	if (!node)
		return -EMSGSIZE;
	parser->top = part->next;
	fill_repeat(node, part, op, is_lazy);
	if (op->is_counted && node->copies > REGEX_REPEAT_MAX)
		return regex_parse_fail(parser, "invalid repeat count", between(op->at, parser->rest));
	return regex_tree_push(parser, node);
}

/* A number without leading zeros; one that is too large stays too large. */
static bool parse_number(struct str *text, uint32_t *ret)
{
	uint32_t value = 0;
	size_t len = 0;

	for (; len < text->len && ascii_is_digit(text->data[len]); len++)
		if (value <= REGEX_REPEAT_MAX)
			value = value * 10 + (uint32_t)(text->data[len] - '0');
	if (!len || (len > 1 && text->data[0] == '0'))
		return false;
	*text = behind(*text, len);
	*ret = value;
	return true;
}

/* `{2}`, `{2,}`, `{2,5}`; Return: false where it is none of them */
static bool parse_counts(struct str *text, uint32_t *ret_min, uint32_t *ret_max)
{
	struct str rest = behind(*text, 1);

	if (!parse_number(&rest, ret_min))
		return false;
	*ret_max = *ret_min;
	if (str_starts_with(rest, STR(","))) {
		rest = behind(rest, 1);
		*ret_max = REPEAT_FOREVER;
		if (!str_starts_with(rest, STR("}")) && !parse_number(&rest, ret_max))
			return false;
	}
	if (!str_starts_with(rest, STR("}")))
		return false;
	*text = behind(rest, 1);
	return true;
}

static bool is_in_range(const struct operator* op)
{
	if (op->max == REPEAT_FOREVER)
		return op->min <= REGEX_REPEAT_MAX;
	return op->max <= REGEX_REPEAT_MAX && op->min <= op->max;
}

static int parse_repeat(struct parser *parser, struct str last)
{
	struct str at = parser->rest;
	struct operator op = {
		.at = at, .last = last, .min = at.data[0] == '+',
		.max = at.data[0] == '?' ? 1 : REPEAT_FOREVER,
		.is_counted = at.data[0] == '{',
	};

	if (!op.is_counted || !parse_counts(&parser->rest, &op.min, &op.max))
		parser->rest = behind(at, 1);
	if (op.is_counted && parser->rest.len == at.len - 1)
		return regex_tree_push_point(parser, '{');
	if (!is_in_range(&op))
		return regex_parse_fail(parser, "invalid repeat count", between(at, parser->rest));
	return repeat(parser, &op);
}

/* ---- groups ---- */

static int add_group(struct parser *parser, struct str name)
{
	if (parser->group_count == parser->group_room) {
		size_t room = parser->group_room * 2 + 8;
		struct str *names = arena_alloc_array(parser->arena, room, sizeof(*names));

		if (!names)
			return -EMSGSIZE;
		if (parser->names)
			memcpy(names, parser->names, parser->group_count * sizeof(*names));
		parser->names = names;
		parser->group_room = room;
	}
	parser->names[parser->group_count++] = name;
	return 0;
}

static int open_group(struct parser *parser, size_t group)
{
	struct node *node = regex_tree_node(parser, NODE_PAREN);

	if (!node)
		return -EMSGSIZE;
	node->flags = (unsigned char)parser->flags;
	node->group = (uint32_t)group;
	return regex_tree_push(parser, node);
}

static int open_kept_group(struct parser *parser, struct str name)
{
	int r = add_group(parser, name);

	return r < 0 ? r : open_group(parser, parser->group_count - 1);
}

static bool is_group_name(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.data[i]) && name.data[i] != '_')
			return false;
	return name.len > 0;
}

/* `(?P<name>` and `(?<name>`, whose name begins behind @skip bytes. */
static int parse_named_group(struct parser *parser, size_t skip)
{
	struct str text = parser->rest, name = behind(text, skip);
	const char *end = memchr(text.data, '>', text.len);
	size_t len = end ? (size_t)(end - text.data) : 0;

	if (!end)
		return utf8_is_valid(text) ? regex_parse_fail(parser, "invalid named capture", text) :
		regex_parse_fail(parser, "invalid UTF-8", text);
	name.len = len - skip;
	if (!utf8_is_valid(name))
		return regex_parse_fail(parser, "invalid UTF-8", name);
	if (!is_group_name(name))
		return regex_parse_fail(parser, "invalid named capture", (struct str){ text.data, len + 1 });
	parser->rest = behind(text, len + 1);
	return open_kept_group(parser, name);
}

static unsigned flag_of(uint32_t letter)
{
	static const char letters[] = "imsU";
	const char *found = letter && letter < 128 ? strchr(letters, (char)letter) : NULL;

	return found ? 1U << (found - letters) : 0;
}

/*
 * `(?i)`, `(?i-s:` and so on: flags for the rest of the group, or for a group of their own. Behind a '-' the
 * flags are taken away.
 */
static int parse_flag_group(struct parser *parser)
{
	struct str text = parser->rest, rest = behind(text, 2);
	unsigned flags = parser->flags, flag;
	bool is_off = false, is_needed = false;
	uint32_t point = 0;
	int r;

	while (rest.len) {
		r = regex_parse_point(parser, &rest, &point);
		if (r < 0)
			return r;
		flag = flag_of(point);
		if (flag) {
			flags = is_off ? flags & ~flag : flags | flag;
			is_needed = false;
		} else if (point == '-' && !is_off) {
			is_off = is_needed = true;
		} else {
			break;
		}
	}
	if ((point != ':' && point != ')') || is_needed)
		return regex_parse_fail(parser, "invalid or unsupported Perl syntax", between(text, rest));
	parser->rest = rest;
	r = point == ':' ? open_group(parser, 0) : 0;
	parser->flags = flags;
	return r;
}

static int parse_open(struct parser *parser)
{
	struct str text = parser->rest;

	if (text.len > 4 && str_starts_with(text, STR("(?P<")))
		return parse_named_group(parser, 4);
	if (text.len > 3 && str_starts_with(text, STR("(?<")))
		return parse_named_group(parser, 3);
	if (str_starts_with(text, STR("(?")))
		return parse_flag_group(parser);
	parser->rest = behind(text, 1);
	return open_kept_group(parser, STR(""));
}

static int parse_close(struct parser *parser)
{
	struct node *part, *paren, *group;
	int r = regex_tree_alternate(parser);

	if (r < 0)
		return r;
	part = parser->top;
	paren = part->next;
	if (!paren)
		return regex_parse_fail(parser, "unexpected )", parser->pattern);
	parser->rest = behind(parser->rest, 1);
	parser->flags = paren->flags;
	parser->top = paren->next;
	if (!paren->group)
		return regex_tree_push(parser, part);
	group = regex_tree_node(parser, NODE_GROUP);
	if (!group)
		return -EMSGSIZE;
	part->next = NULL;
	group->first = group->last = part;
	group->group = paren->group;
	group->size = MIN(part->size + 2, (uint32_t)REGEX_PROGRAM_MAX + 1);
	group->height = part->height + 1;
	group->copies = part->copies;
	group->is_nullable = part->is_nullable;
	return regex_tree_push(parser, group);
}

/* ---- the whole ---- */

static int parse_next(struct parser *parser, struct str last_op)
{
	char first = parser->rest.data[0];
	bool is_lines = parser->flags & PARSE_LINES;
	uint32_t point;
	int r;

	switch (first) {
	case '(':
		return parse_open(parser);
	case '|':
		return parse_bar(parser);
	case ')':
		return parse_close(parser);
	case '[':
		return parse_class(parser);
	case '\\':
		return parse_backslash(parser);
	case '*': case '+': case '?': case '{':
		return parse_repeat(parser, last_op);
	case '^':
		parser->rest = behind(parser->rest, 1);
		return regex_tree_push_assertion(parser, is_lines ? ASSERT_BEGIN_LINE : ASSERT_BEGIN_TEXT);
	case '$':
		parser->rest = behind(parser->rest, 1);
		return regex_tree_push_assertion(parser, is_lines ? ASSERT_END_LINE : ASSERT_END_TEXT);
	case '.':
		parser->rest = behind(parser->rest, 1);
		return push_dot(parser);
	default:
		r = regex_parse_point(parser, &parser->rest, &point);
		return r < 0 ? r : regex_tree_push_point(parser, point);
	}
}

static int parse_all(struct parser *parser)
{
	struct str last_op = { 0 };

	while (parser->rest.len) {
		struct str start = parser->rest;
		int r = parse_next(parser, last_op);

		if (r < 0)
			return r;
		last_op = (struct str){ 0 };
		if (parser->top && parser->top->kind == NODE_REPEAT && strchr("*+?{", start.data[0]))
			last_op = start;
	}
	return regex_tree_alternate(parser);
}

int regex_parse(struct arena *arena, struct str pattern, struct regex_tree *ret, struct regex_error *err)
{
	struct parser parser = {
		.arena = arena, .pattern = pattern, .rest = pattern, .err = err, .allowance = RANGES_MAX,
	};
	int r;

	if (!pattern.len)
		parser.pattern = parser.rest = STR("");
	if (pattern.len > REGEX_PATTERN_MAX)
		return regex_parse_fail(&parser, "expression too large", pattern);
	r = add_group(&parser, STR(""));
	if (!r)
		r = parse_all(&parser);
	if (r < 0)
		return r;
	if (parser.top->next)
		return regex_parse_fail(&parser, "missing closing )", pattern);
	*ret = (struct regex_tree){
		.root = parser.top, .names = parser.names, .group_count = parser.group_count,
		.set_count = parser.set_count,
	};
	return 0;
}
