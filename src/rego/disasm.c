// SPDX-License-Identifier: Apache-2.0
/*
 * disasm.c - instructions as text; disasm.h has the form
 *
 * Names, operands and targets come out of the list of ops.h, so an instruction that is new is shown, too.
 */
#include "rego/disasm.h"

struct listing {
	const struct rego_plan *plan;
	const struct rego_function *function;
	struct buf *buf;
};

static const struct {
	const char *name, *operands, *target;
} ops[] = {
#define X(name, operands, target, help) [REGO_OP_##name] = { #name, operands, target },
	REGO_OPS(X)
#undef X
};

/* ---- operands ---- */

static void add_value(struct listing *listing, const struct json *value)
{
	(void)json_write(listing->buf, value, JSON_WRITE_TERM);
}

static void add_path(struct listing *listing, const struct rego_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		buf_append_char(listing->buf, '[');
		add_value(listing, path->keys[i]);
		buf_append_char(listing->buf, ']');
	}
}

static const char *name_of(const struct rego_replacement *replacement)
{
	return replacement->builtin ? replacement->builtin->name : "";
}

static void add_with(struct listing *listing, const struct rego_replacement *replacement)
{
	static const char *const whats[] = {
		[REGO_REPLACE_INPUT] = "input", [REGO_REPLACE_DATA] = "data", [REGO_REPLACE_BUILTIN] = "",
		[REGO_REPLACE_FUNCTION] = "",
	};

	buf_printf(listing->buf, "%s%s", whats[replacement->what], name_of(replacement));
	if (replacement->what == REGO_REPLACE_FUNCTION)
		buf_append_str(listing->buf, listing->plan->functions[replacement->function].name);
	add_path(listing, &replacement->path);
	if (replacement->by_builtin)
		buf_printf(listing->buf, "=%s", replacement->by_builtin->name);
	else if (replacement->by_function != REGO_NOWHERE)
		buf_printf(listing->buf, "=%s", listing->plan->functions[replacement->by_function].name);
}

static void add_withs(struct listing *listing, const struct rego_with_list *list)
{
	buf_append_char(listing->buf, '{');
	for (size_t i = 0; i < list->count; i++) {
		buf_append_str(listing->buf, i ? ", " : "");
		add_with(listing, &list->items[i]);
	}
	buf_append_char(listing->buf, '}');
}

/* "a" >12 >30: of each value, or beginning ("a"...), where its rules are; without one, those of all values */
static void add_choice(struct listing *listing, const struct rego_choice *choice)
{
	for (size_t i = 0; i < choice->count; i++) {
		buf_append_str(listing->buf, i ? " " : "");
		add_value(listing, choice->values[i]);
		buf_append_str(listing->buf, choice->kind == REGO_CHOICE_BY_PREFIX ? "..." : "");
		for (uint32_t k = choice->starts[i]; k < choice->starts[i + 1]; k++)
			buf_printf(listing->buf, " >%u", choice->rules[k]);
	}
	for (size_t i = 0; choice->kind == REGO_CHOICE_ALL && i < choice->all_count; i++)
		buf_printf(listing->buf, "%s>%u", i ? " " : "", choice->all[i]);
}

static const char *const kinds[] = {
	[REGO_COLLECT_ARRAY] = "array",
	[REGO_COLLECT_SET] = "set",
	[REGO_COLLECT_OBJECT] = "object",
	[REGO_COLLECT_TREE] = "tree",
	[REGO_COLLECT_GROUPS] = "groups",
};

static void add_operand(struct listing *listing, char kind, uint32_t operand)
{
	const struct rego_unit *unit = listing->function->unit;

	buf_append_char(listing->buf, ' ');
	switch (kind) {
	case 'r':
		if (operand == REGO_NO_REGISTER)
			buf_append_char(listing->buf, '_');
		else
			buf_printf(listing->buf, "r%u", operand);
		break;
	case 'k':
		add_value(listing, unit->consts[operand]);
		break;
	case 's':
		buf_printf(listing->buf, "s%u", operand);
		break;
	case 'f':
	case 't':
		buf_append_str(listing->buf, listing->plan->functions[operand].name);
		break;
	case 'p':
		add_path(listing, &unit->paths[operand]);
		break;
	case 'b':
		buf_append_str(listing->buf, unit->builtins[operand]->name);
		break;
	case 'w':
		add_withs(listing, &unit->withs[operand]);
		break;
	case 'c':
		buf_append_str(listing->buf, kinds[operand]);
		break;
	case 'x':
		add_choice(listing, &unit->choices[operand]);
		break;
	case '>':
		buf_printf(listing->buf, ">%u", operand);
		break;
	default:
		buf_printf(listing->buf, "%u", operand);
	}
}

/* ---- lines ---- */

static bool is_same_place(const struct rego_span *a, const struct rego_span *b)
{
	return a->source == b->source && a->offset == b->offset && a->length == b->length;
}

/* The first line of what was written there. */
static void add_place(struct listing *listing, size_t index)
{
	const struct rego_span *at = &listing->function->spans[index];
	struct str text, rest;

	if (!at->source || (index && is_same_place(at, at - 1)))
		return;
	text = (struct str){ at->source->text.data + at->offset, at->length };
	(void)str_cut(text, '\n', &text, &rest);
	while (listing->buf->len < 40 && buf_append_char(listing->buf, ' ') == 0)
		;
	buf_printf(listing->buf, "  ; %s:%u:%u  %.*s", at->source->name, at->line, at->column, STR_FMT(text));
}

static void add_insn(struct listing *listing, size_t index)
{
	const struct rego_insn *insn = &listing->function->insns[index];
	const uint32_t operands[] = { insn->a, insn->b, insn->c };

	buf_printf(listing->buf, "%6zu  %-14s", index, ops[insn->op].name);
	for (size_t i = 0; i < ARRAY_SIZE(operands); i++)
		if (ops[insn->op].operands[i] != '-')
			add_operand(listing, ops[insn->op].operands[i], operands[i]);
	if (ops[insn->op].target[0] != '-')
		add_operand(listing, ops[insn->op].target[0], insn->d);
	add_place(listing, index);
}

void rego_disassemble(const struct rego_plan *plan, const struct rego_function *function, struct buf *buf,
	void (*line)(void *data, const char *text, size_t len), void *data)
{
	struct listing listing = { .plan = plan, .function = function, .buf = buf };

	buf_clear(buf);
	buf_printf(buf, "%s  %u registers, %u slots", function->name, function->register_count,
		function->slot_count);
	line(data, buf_text(buf), buf->len);
	for (size_t i = 0; i < function->count; i++) {
		buf_clear(buf);
		add_insn(&listing, i);
		line(data, buf_text(buf), buf->len);
	}
}
