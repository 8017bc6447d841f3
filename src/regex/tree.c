// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c - the stack on which a pattern becomes a tree
 *
 * What is read and not yet part of something larger lies on a stack, with markers for an open parenthesis
 * and for a bar. The stack is a list through node->next, from the top down, and the parts of a node are a
 * list in the same direction: making a concatenation of what lies on top of a marker is cutting the list in
 * two. That parts are held in reverse is what compile.c wants, too.
 *
 * Each node knows its height, how many instructions it will take and how many copies repeats will make of
 * it. So too much is refused where it is written, and who walks the tree later need not count.
 */
#include "regex/regex_internal.h"

#include <errno.h>

struct node *regex_tree_node(struct parser *parser, enum node_kind kind)
{
	struct node *node = arena_alloc(parser->arena, sizeof(*node));

	if (!node)
		return NULL;
	node->kind = kind;
	node->height = 1;
	node->size = 1;
	node->copies = 1;
	return node;
}

static int check_node(struct parser *parser, const struct node *node)
{
	if (node->size > REGEX_PROGRAM_MAX)
		return regex_parse_fail(parser, "expression too large", parser->pattern);
	if (node->height > REGEX_DEPTH_MAX)
		return regex_parse_fail(parser, "expression nests too deeply", parser->pattern);
	return 0;
}

int regex_tree_push(struct parser *parser, struct node *node)
{
	if (!node)
		return -EMSGSIZE;
	node->next = parser->top;
	parser->top = node;
	return check_node(parser, node);
}

bool regex_tree_is_marker(const struct node *node)
{
	return !node || node->kind == NODE_PAREN || node->kind == NODE_BAR;
}

int regex_tree_push_set(struct parser *parser, const struct regex_range *ranges, size_t count)
{
	struct node *node = regex_tree_node(parser, NODE_SET);

	if (!node)
		return -EMSGSIZE;
	if (count == 1 && ranges[0].low == ranges[0].high) {
		node->kind = NODE_POINT;
		node->point = ranges[0].low;
		return regex_tree_push(parser, node);
	}
	parser->set_count++;
	node->set = regex_set_new(parser->arena, ranges, count);
	return node->set ? regex_tree_push(parser, node) : -EMSGSIZE;
}

int regex_tree_fail(struct parser *parser, int r)
{
	return r == -E2BIG ? regex_parse_fail(parser, "expression too large", parser->pattern) : r;
}

int regex_tree_push_point(struct parser *parser, uint32_t point)
{
	struct regex_class class = { .arena = parser->arena, .allowance = &parser->allowance };
	struct node *node;

	if (parser->flags & PARSE_FOLD && regex_fold_next(point) != point) {
		regex_class_add_folded(&class, point, point);
		regex_class_clean(&class);
		return class.failed ? regex_tree_fail(parser, class.failed) :
			regex_tree_push_set(parser, class.ranges, class.count);
	}
	node = regex_tree_node(parser, NODE_POINT);
	if (node)
		node->point = point;
	return regex_tree_push(parser, node);
}

int regex_tree_push_assertion(struct parser *parser, enum assertion assertion)
{
	struct node *node = regex_tree_node(parser, NODE_ASSERT);

	if (node) {
		node->assertion = (unsigned char)assertion;
		node->is_nullable = true;
	}
	return regex_tree_push(parser, node);
}

static void take_part(struct node *whole, const struct node *part, bool is_sum)
{
	uint32_t height = part->height + (whole->kind != part->kind);

	whole->height = MAX(whole->height, height);
	whole->copies = MAX(whole->copies, part->copies);
	whole->size = MIN(whole->size + part->size, (uint32_t)REGEX_PROGRAM_MAX + 1);
	whole->is_nullable = is_sum ? whole->is_nullable || part->is_nullable :
		whole->is_nullable && part->is_nullable;
}

/*
 * Append @part, or its parts where it is of the same kind: there is never a concatenation of concatenations.
 */
static void add_part(struct node *whole, struct node *part)
{
	struct node *first = part, *last = part;

	if (part->kind == whole->kind) {
		first = part->first;
		last = part->last;
	}
	if (whole->last)
		whole->last->next = first;
	else
		whole->first = first;
	whole->last = last;
	last->next = NULL;
}

/* One node of what lies above the topmost marker. */
int regex_tree_concat(struct parser *parser)
{
	struct node *whole, *part = parser->top, *below;

	if (regex_tree_is_marker(part)) {
		whole = regex_tree_node(parser, NODE_EMPTY);
		if (whole)
			whole->is_nullable = true;
		return regex_tree_push(parser, whole);
	}
	if (regex_tree_is_marker(part->next))
		return 0;
	whole = regex_tree_node(parser, NODE_CONCAT);
	if (!whole)
		return -EMSGSIZE;
	whole->size = 0;
	whole->is_nullable = true;
	for (; !regex_tree_is_marker(part); part = below) {
		below = part->next;
		take_part(whole, part, false);
		add_part(whole, part);
	}
	parser->top = part;
	return regex_tree_push(parser, whole);
}

/* One node of what lies above the topmost parenthesis: alternatives, with a bar between each two. */
int regex_tree_alternate(struct parser *parser)
{
	struct node *whole, *part, *below;
	int r = regex_tree_concat(parser);

	if (r < 0)
		return r;
	part = parser->top;
	if (!part->next || part->next->kind != NODE_BAR)
		return 0;
	whole = regex_tree_node(parser, NODE_ALTERNATE);
	if (!whole)
		return -EMSGSIZE;
	whole->size = 0;
	for (; part && part->kind != NODE_PAREN; part = below) {
		below = part->next;
		if (part->kind == NODE_BAR) {
			whole->size++;
			continue;
		}
		take_part(whole, part, true);
		add_part(whole, part);
	}
	parser->top = part;
	return regex_tree_push(parser, whole);
}
