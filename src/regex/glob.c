// SPDX-License-Identifier: Apache-2.0
/*
 * glob.c - another syntax for the same tree
 *
 * What gobwas' lexer does is kept where it shows: a bracket holds one range or one set and not both, its
 * first character is never escaped when a '-' follows it, a comma and a closing brace are text outside of
 * braces, and a closing bracket always is.
 */
#include "regex/glob.h"

#include "regex/regex_internal.h"

#include "base/utf8.h"

#include <errno.h>

struct glob {
	struct parser parser;
	struct regex_error failure;	/* what the tree has to say */
	const char *what;		/* what is wrong with the pattern; NULL: nothing */
	struct regex_class others;	/* all characters but the delimiters */
	size_t depth;			/* of braces */
};

static const struct regex_range any_point[] = { { 0, POINT_MAX } };

static int glob_fail(struct glob *glob, const char *what)
{
	glob->what = what;
	return -EINVAL;
}

static bool is_next(const struct glob *glob, char c)
{
	return glob->parser.rest.len && glob->parser.rest.data[0] == c;
}

static int take_point(struct glob *glob, uint32_t *ret)
{
	int bytes = utf8_decode(glob->parser.rest, ret);

	if (bytes < 0)
		return glob_fail(glob, "invalid UTF-8 sequence");
	glob->parser.rest = behind(glob->parser.rest, (size_t)bytes);
	return 0;
}

/* One character of text, behind its backslash where it has one. */
static int take_text_point(struct glob *glob, uint32_t *ret)
{
	if (is_next(glob, '\\')) {
		glob->parser.rest = behind(glob->parser.rest, 1);
		if (!glob->parser.rest.len)
			return glob_fail(glob, "trailing backslash");
	}
	return take_point(glob, ret);
}

/* ---- repeats and brackets ---- */

/* Any number of the characters that the top of the stack is. */
static int push_star(struct glob *glob, const struct regex_range *ranges, size_t count)
{
	struct parser *parser = &glob->parser;
	int r = regex_tree_push_set(parser, ranges, count);
	struct node *star = r < 0 ? NULL : regex_tree_node(parser, NODE_REPEAT), *part = parser->top;

	if (!star)
		return r < 0 ? r : -EMSGSIZE;
	parser->top = part->next;
	part->next = NULL;
	star->first = star->last = part;
	star->max = REPEAT_FOREVER;
	star->height = part->height + 1;
	star->size = part->size + 2;
	star->is_nullable = true;
	return regex_tree_push(parser, star);
}

static int parse_star(struct glob *glob)
{
	glob->parser.rest = behind(glob->parser.rest, 1);
	if (!is_next(glob, '*'))
		return push_star(glob, glob->others.ranges, glob->others.count);
	glob->parser.rest = behind(glob->parser.rest, 1);
	return push_star(glob, any_point, ARRAY_SIZE(any_point));
}

/* `a-z]`: the first character is gone already. */
static int parse_bracket_range(struct glob *glob, uint32_t low, struct regex_class *class)
{
	uint32_t high;
	int r;

	glob->parser.rest = behind(glob->parser.rest, 1);
	if (!glob->parser.rest.len)
		return glob_fail(glob, "unexpected end of input");
	r = take_point(glob, &high);
	if (r < 0)
		return r;
	if (!glob->parser.rest.len)
		return glob_fail(glob, "unexpected end of input");
	if (!is_next(glob, ']')) {
		r = take_point(glob, &low);
		return r < 0 ? r : glob_fail(glob, "expected close range character");
	}
	glob->parser.rest = behind(glob->parser.rest, 1);
	if (high < low)
		return glob_fail(glob, "range hi character is less than lo");
	regex_class_add(class, low, high);
	return 0;
}

/* `abc]` */
static int parse_bracket_text(struct glob *glob, struct regex_class *class)
{
	uint32_t point;
	int r;

	while (!is_next(glob, ']')) {
		if (glob->parser.rest.len <= is_next(glob, '\\')) {
			glob->parser.rest.len = 0;
			return glob_fail(glob, "unexpected end of input");
		}
		r = take_text_point(glob, &point);
		if (r < 0)
			return r;
		regex_class_add(class, point, point);
	}
	glob->parser.rest = behind(glob->parser.rest, 1);
	return class->count || class->failed ? 0 : glob_fail(glob, "could not parse range");
}

static int parse_glob_bracket(struct glob *glob)
{
	struct regex_class class = { .arena = glob->parser.arena, .allowance = &glob->parser.allowance };
	bool is_negated;
	struct str start;
	uint32_t first;
	int r;

	glob->parser.rest = behind(glob->parser.rest, 1);
	is_negated = is_next(glob, '!');
	if (is_negated)
		glob->parser.rest = behind(glob->parser.rest, 1);
	if (!glob->parser.rest.len)
		return glob_fail(glob, "unexpected end of input");
	start = glob->parser.rest;
	r = take_point(glob, &first);
	if (r < 0)
		return r;
	if (is_next(glob, '-')) {
		r = parse_bracket_range(glob, first, &class);
	} else {
		glob->parser.rest = start;
		r = parse_bracket_text(glob, &class);
	}
	if (r < 0)
		return r;
	regex_class_clean(&class);
	if (is_negated)
		regex_class_negate(&class);
	return class.failed ? regex_tree_fail(&glob->parser, class.failed) :
		regex_tree_push_set(&glob->parser, class.ranges, class.count);
}

/* ---- braces ---- */

static int parse_brace_open(struct glob *glob)
{
	glob->parser.rest = behind(glob->parser.rest, 1);
	glob->depth++;
	return regex_tree_push(&glob->parser, regex_tree_node(&glob->parser, NODE_PAREN));
}

static int parse_comma(struct glob *glob)
{
	int r = regex_tree_concat(&glob->parser);

	glob->parser.rest = behind(glob->parser.rest, 1);
	return r < 0 ? r : regex_tree_push(&glob->parser, regex_tree_node(&glob->parser, NODE_BAR));
}

static int parse_brace_close(struct glob *glob)
{
	int r = regex_tree_alternate(&glob->parser);
	struct node *part = glob->parser.top;

	if (r < 0)
		return r;
	glob->parser.rest = behind(glob->parser.rest, 1);
	glob->depth--;
	glob->parser.top = part->next->next;
	return regex_tree_push(&glob->parser, part);
}

/* ---- the whole ---- */

static int parse_glob_next(struct glob *glob)
{
	uint32_t point;
	int r;

	switch (glob->parser.rest.data[0]) {
	case '*':
		return parse_star(glob);
	case '?':
		glob->parser.rest = behind(glob->parser.rest, 1);
		return regex_tree_push_set(&glob->parser, glob->others.ranges, glob->others.count);
	case '[':
		return parse_glob_bracket(glob);
	case '{':
		return parse_brace_open(glob);
	case ',':
		if (glob->depth)
			return parse_comma(glob);
		break;
	case '}':
		if (glob->depth)
			return parse_brace_close(glob);
		break;
	default:
		break;
	}
	r = take_text_point(glob, &point);
	return r < 0 ? r : regex_tree_push_point(&glob->parser, point);
}

static int take_delimiters(struct glob *glob, struct str delimiters)
{
	struct regex_class *class = &glob->others;

	*class = (struct regex_class){ .arena = glob->parser.arena, .allowance = &glob->parser.allowance };
	while (delimiters.len) {
		uint32_t point;

		delimiters = behind(delimiters, regex_text_point(delimiters, 0, &point));
		regex_class_add(class, point, point);
	}
	regex_class_clean(class);
	regex_class_negate(class);
	return class->failed ? regex_tree_fail(&glob->parser, class->failed) : 0;
}

/* The pattern between the beginning and the end of the text. */
static int parse_glob(struct glob *glob, struct str delimiters)
{
	struct parser *parser = &glob->parser;
	int r = take_delimiters(glob, delimiters);

	if (!r && parser->rest.len > REGEX_PATTERN_MAX)
		return glob_fail(glob, "expression too large");
	if (!r)
		r = regex_tree_push_assertion(parser, ASSERT_BEGIN_TEXT);
	while (!r && parser->rest.len)
		r = parse_glob_next(glob);
	if (r < 0)
		return r;
	if (glob->depth)
		return glob_fail(glob, "unclosed `{`");
	r = regex_tree_push_assertion(parser, ASSERT_END_TEXT);
	return r < 0 ? r : regex_tree_concat(parser);
}

int glob_compile(struct arena *arena, struct str pattern, struct str delimiters, const struct regex **ret,
	struct glob_error *err)
{
	scoped(arena) struct arena work = ARENA_INIT(TREE_MEMORY_MAX);
	struct glob glob = {
		.parser = {
			.arena = &work, .pattern = pattern, .rest = pattern.len ? pattern : STR(""),
			.err = &glob.failure, .allowance = RANGES_MAX,
		},
	};
	struct regex_tree tree = { .group_count = 1, .names = &(struct str){ .data = "" } };
	int r = parse_glob(&glob, delimiters.len ? delimiters : STR(""));

	if (r == -EINVAL && err)
		*err = (struct glob_error){
			.what = glob.what ? glob.what : glob.failure.what,
			.offset = pattern.len - glob.parser.rest.len,
		};
	if (r < 0)
		return r;
	tree.root = glob.parser.top;
	tree.set_count = glob.parser.set_count;
	return regex_tree_compile(arena, &work, &tree, ret);
}

bool glob_is_special(char c)
{
	return c && strchr("*?\\[]{}", c);
}
