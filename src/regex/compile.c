// SPDX-License-Identifier: Apache-2.0
/*
 * compile.c - tree to program
 *
 * Code is made from the end: each part is told what comes behind it and says where it begins. So nothing is
 * ever patched but the loop of a repeat, whose beginning is known before its end. The recursion is as deep as
 * the tree, REGEX_DEPTH_MAX at most; the tree also says how large the program can get, and the program gets
 * that much memory once.
 *
 * x{2,4} becomes xx(x(x)?)?, x{2,} becomes xx+. A repeat of something that may match nothing is (x+)?, which
 * is what keeps the order of preference right: (|a)* and (|a)+ differ.
 */
#include "regex/regex_internal.h"

#include "base/utf8.h"

#include <errno.h>

enum {
	PREFIX_MAX = 128,		/* bytes */
};

struct compiler {
	struct arena *arena;
	struct regex *regex;
	size_t inst_room, set_room;
	bool is_full;			/* the arena is, and the program worth nothing */
};

static uint32_t emit(struct compiler *compiler, enum regex_op op, uint32_t next, uint32_t arg)
{
	struct regex *regex = compiler->regex;

	assert(regex->inst_count < compiler->inst_room);
	regex->insts[regex->inst_count] = (struct regex_inst){ .op = op, .next = next, .arg = arg };
	return (uint32_t)regex->inst_count++;
}

/* The program keeps a copy, made when the first of perhaps many instructions asks for it. */
static uint32_t keep_set(struct compiler *compiler, struct regex_set *set)
{
	struct regex *regex = compiler->regex;
	struct regex_range *ranges;

	if (set->number)
		return set->number - 1;
	assert(regex->set_count < compiler->set_room);
	ranges = arena_alloc_array(compiler->arena, set->count, sizeof(*ranges));
	set->number = (uint32_t)regex->set_count + 1;
	if (!ranges) {
		compiler->is_full = true;
		return 0;
	}
	if (set->count)
		memcpy(ranges, set->ranges, set->count * sizeof(*ranges));
	regex->sets[regex->set_count] = *set;
	regex->sets[regex->set_count].ranges = ranges;
	return (uint32_t)regex->set_count++;
}

static uint32_t emit_split(struct compiler *compiler, uint32_t part, uint32_t other, bool is_lazy)
{
	return is_lazy ? emit(compiler, OP_SPLIT, other, part) : emit(compiler, OP_SPLIT, part, other);
}

static uint32_t compile_node(struct compiler *compiler, const struct node *node, uint32_t next);

/* x+: the part, and behind it the choice of going on or of doing it again. */
static uint32_t compile_plus(struct compiler *compiler, const struct node *node, uint32_t next)
{
	uint32_t loop = emit(compiler, OP_SPLIT, 0, 0), start = compile_node(compiler, node->first, loop);

	compiler->regex->insts[loop].next = node->is_lazy ? next : start;
	compiler->regex->insts[loop].arg = node->is_lazy ? start : next;
	return start;
}

static uint32_t compile_star(struct compiler *compiler, const struct node *node, uint32_t next)
{
	uint32_t loop, start;

	if (node->first->is_nullable)
		return emit_split(compiler, compile_plus(compiler, node, next), next, node->is_lazy);
	loop = emit(compiler, OP_SPLIT, 0, 0);
	start = compile_node(compiler, node->first, loop);
	compiler->regex->insts[loop].next = node->is_lazy ? next : start;
	compiler->regex->insts[loop].arg = node->is_lazy ? start : next;
	return loop;
}

static uint32_t compile_repeat(struct compiler *compiler, const struct node *node, uint32_t next)
{
	uint32_t required = node->min, start = next;

	if (node->max == REPEAT_FOREVER) {
		if (!required)
			return compile_star(compiler, node, next);
		start = compile_plus(compiler, node, next);
		required--;
	} else {
		for (uint32_t i = node->min; i < node->max; i++)
			start = emit_split(compiler, compile_node(compiler, node->first, start), next,
				node->is_lazy);
	}
	while (required--)
		start = compile_node(compiler, node->first, start);
	return start;
}

/* The parts come last first, which is the order that both of these need. */
static uint32_t compile_concat(struct compiler *compiler, const struct node *node, uint32_t next)
{
	for (const struct node *part = node->first; part; part = part->next)
		next = compile_node(compiler, part, next);
	return next;
}

static uint32_t compile_alternate(struct compiler *compiler, const struct node *node, uint32_t next)
{
	const struct node *part = node->first;
	uint32_t start = compile_node(compiler, part, next);

	while ((part = part->next))
		start = emit_split(compiler, compile_node(compiler, part, next), start, false);
	return start;
}

static uint32_t compile_group(struct compiler *compiler, const struct node *node, uint32_t next)
{
	uint32_t end = emit(compiler, OP_SAVE, next, node->group * 2 + 1);

	return emit(compiler, OP_SAVE, compile_node(compiler, node->first, end), node->group * 2);
}

static uint32_t compile_node(struct compiler *compiler, const struct node *node, uint32_t next)
{
	switch (node->kind) {
	case NODE_EMPTY:
		return next;
	case NODE_POINT:
		return emit(compiler, OP_POINT, next, node->point);
	case NODE_SET:
		return emit(compiler, OP_SET, next, keep_set(compiler, node->set));
	case NODE_ASSERT:
		compiler->regex->assertions |= node->assertion;
		return emit(compiler, OP_ASSERT, next, node->assertion);
	case NODE_GROUP:
		return compile_group(compiler, node, next);
	case NODE_REPEAT:
		return compile_repeat(compiler, node, next);
	case NODE_CONCAT:
		return compile_concat(compiler, node, next);
	case NODE_ALTERNATE:
		return compile_alternate(compiler, node, next);
	case NODE_PAREN:
	case NODE_BAR:
		break;
	}
	/* markers stay on the parser's stack */
	assert(false);
	return next;
}

/* ---- what can be said about the program as a whole ---- */

/*
 * The text that every match begins with. Since it begins with whole characters, it is found where one begins.
 */
static size_t find_prefix(struct regex *regex, char ret[PREFIX_MAX])
{
	const struct regex_inst *inst = &regex->insts[regex->start];
	bool has_groups = false;
	size_t len = 0;

	for (; inst->op == OP_SAVE || inst->op == OP_POINT; inst = &regex->insts[inst->next]) {
		has_groups |= inst->op == OP_SAVE;
		if (inst->op == OP_SAVE)
			continue;
		/* a broken byte is the first of these, and the others are in no text */
		if (inst->arg == POINT_BAD || (inst->arg >= 0xd800 && inst->arg <= 0xdfff))
			return len;
		if (len + 4 > PREFIX_MAX)
			return len;
		len += utf8_encode(inst->arg, ret + len);
	}
	regex->is_literal = inst->op == OP_MATCH && !has_groups;
	return len;
}

static bool begins_with_anchor(const struct regex *regex)
{
	const struct regex_inst *inst = &regex->insts[regex->start];

	while (inst->op == OP_SAVE)
		inst = &regex->insts[inst->next];
	return inst->op == OP_ASSERT && inst->arg & ASSERT_BEGIN_TEXT;
}

/* Whether the end of the text is asked for right in front of every match. */
static bool ends_with_anchor(const struct regex *regex)
{
	for (size_t i = 1; i < regex->inst_count; i++) {
		const struct regex_inst *inst = &regex->insts[i];
		bool is_end = inst->op == OP_ASSERT && inst->arg & ASSERT_END_TEXT;

		/* instruction 0 is the match */
		if ((!inst->next && !is_end) || (inst->op == OP_SPLIT && !inst->arg))
			return false;
	}
	return regex->start != 0;
}

static int describe(struct arena *arena, struct regex *regex, const struct regex_tree *tree)
{
	char bytes[PREFIX_MAX];
	size_t len = 0;

	regex->is_anchored = begins_with_anchor(regex);
	regex->is_whole = regex->is_anchored && ends_with_anchor(regex);
	len = find_prefix(regex, bytes);
	regex->prefix.data = arena_copy(arena, bytes, len);
	regex->prefix.len = len;
	regex->names = arena_alloc_array(arena, tree->group_count, sizeof(*regex->names));
	if (!regex->prefix.data || !regex->names)
		return -EMSGSIZE;
	regex->group_count = tree->group_count;
	for (size_t i = 0; i < tree->group_count; i++) {
		regex->names[i].data = arena_copy(arena, tree->names[i].data, tree->names[i].len);
		regex->names[i].len = tree->names[i].len;
		if (!regex->names[i].data)
			return -EMSGSIZE;
	}
	return 0;
}

int regex_tree_compile(struct arena *arena, struct arena *work, const struct regex_tree *tree,
	const struct regex **ret)
{
	struct compiler compiler = { .arena = arena, .set_room = tree->set_count };
	struct regex *regex = arena_alloc(arena, sizeof(*regex));
	int r;

	compiler.inst_room = tree->root->size + 1;
	if (!regex)
		return -EMSGSIZE;
	compiler.regex = regex;
	regex->insts = arena_alloc_array(arena, compiler.inst_room, sizeof(*regex->insts));
	regex->sets = arena_alloc_array(arena, compiler.set_room, sizeof(*regex->sets));
	if (!regex->insts || !regex->sets)
		return -EMSGSIZE;
	regex->start = compile_node(&compiler, tree->root, emit(&compiler, OP_MATCH, 0, 0));
	if (compiler.is_full)
		return -EMSGSIZE;
	r = describe(arena, regex, tree);
	if (!r)
		r = regex_find_kinds(arena, work, regex);
	if (!r)
		*ret = regex;
	return r;
}

int regex_compile(struct arena *arena, struct str pattern, const struct regex **ret, struct regex_error *err)
{
	scoped(arena) struct arena work = ARENA_INIT(TREE_MEMORY_MAX);
	struct regex_error ignored;
	struct regex_tree tree;
	int r = regex_parse(&work, pattern, &tree, err ? err : &ignored);

	return r < 0 ? r : regex_tree_compile(arena, &work, &tree, ret);
}

size_t regex_size(const struct regex *regex)
{
	return regex->inst_count;
}

size_t regex_group_count(const struct regex *regex)
{
	return regex->group_count;
}

struct str regex_group_name(const struct regex *regex, size_t index)
{
	return regex->names[index];
}

struct str regex_prefix(const struct regex *regex, bool *ret_whole)
{
	if (ret_whole)
		*ret_whole = regex->is_literal;
	return regex->prefix;
}
