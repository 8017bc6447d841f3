// SPDX-License-Identifier: Apache-2.0
/*
 * machine_watch.c - what a policy says with print(), and the events of one that is traced
 *
 * Nothing here changes what an evaluation comes to, but for the budget: texts are made in its arena, and each
 * line and event is a step, so that a policy cannot talk for ever.
 */
#include "rego/machine_internal.h"
#include "rego/text.h"

static size_t depth_of(const struct rego_frame *frame)
{
	size_t depth = 0;

	for (frame = frame->caller; frame; frame = frame->caller)
		depth += frame->function->kind != REGO_FUNCTION_PACKAGE;
	return depth;
}

static void tell(struct rego_machine *machine, const struct rego_insn *insn, enum rego_event_kind kind,
	struct str text)
{
	const struct rego_frame *frame = machine->frame;
	struct rego_event event = {
		.kind = kind, .function = frame->function, .text = text, .depth = depth_of(frame),
		.at = frame->function->spans[insn - frame->function->insns],
	};

	machine->watch->look(machine->watch->data, &event);
}

/* ---- print() ---- */

enum {
	/* operands of one call that have a place among the turns; more are no way to say something */
	OPERANDS_MAX = 64,
	VALUE_BYTES_MAX = 16 << 20,	/* of the text of one value */
};

static bool add_value(struct rego_text *line, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(VALUE_BYTES_MAX);

	if (value->type == JSON_STRING) {
		rego_text_add_str(line, value->text);
		return true;
	}
	if (json_write(&buf, value, JSON_WRITE_TERM) < 0)
		return false;
	rego_text_add(line, buf.data, buf.len);
	return true;
}

/* One line: of each set the element whose turn it is. */
static bool print_line(struct rego_machine *machine, const struct rego_insn *insn, const size_t *turns)
{
	struct rego_text line = REGO_TEXT_INIT(machine->arena);
	struct str text;

	for (uint32_t i = 0; i < insn->b; i++) {
		const struct json *set = machine->frame->regs[insn->a + i];

		if (i)
			rego_text_add_char(&line, ' ');
		if (!set->array.count)
			rego_text_add_text(&line, "<undefined>");
		else if (!add_value(&line, set->array.items[turns[i]]))
			return false;
	}
	if (!rego_text_end(&line, &text) || !rego_spend(machine->budget, 1 + text.len / 64))
		return false;
	tell(machine, insn, REGO_EVENT_PRINT, text);
	return true;
}

/* Counts through all turns, the last operand's quickest; Return: false behind the last one. */
static bool next_turn(const struct rego_machine *machine, const struct rego_insn *insn, size_t *turns)
{
	for (uint32_t i = insn->b; i-- > 0;) {
		if (++turns[i] < machine->frame->regs[insn->a + i]->array.count)
			return true;
		turns[i] = 0;
	}
	return false;
}

/* An operand with several values (a call that is a relation) makes a line for each. */
enum rego_step rego_tell_print(struct rego_machine *machine, const struct rego_insn *insn)
{
	size_t turns[OPERANDS_MAX] = { 0 };

	if (!machine->watch)
		return REGO_STEP_ON;
	if (insn->b > OPERANDS_MAX)
		return rego_stop(machine, REGO_FAULT_BUILTIN, "print: more than %d operands", OPERANDS_MAX);
	do {
		if (!print_line(machine, insn, turns))
			return rego_stop_full(machine);
	} while (next_turn(machine, insn, turns));
	return REGO_STEP_ON;
}

/* ---- events ---- */

static bool write_keys(struct rego_machine *machine, const struct json *keys, struct str *ret)
{
	scoped(buf) struct buf buf = BUF_INIT(VALUE_BYTES_MAX);
	struct rego_text text = REGO_TEXT_INIT(machine->arena);

	if (json_write(&buf, json_to_document(machine->arena, keys), JSON_WRITE_CANONICAL) < 0)
		return false;
	rego_text_add(&text, buf.data, buf.len);
	return rego_text_end(&text, ret);
}

enum rego_step rego_tell_event(struct rego_machine *machine, const struct rego_insn *insn)
{
	static const struct json yes = { .type = JSON_BOOL, .boolean = true };
	const struct json **mark = &machine->frame->regs[insn->b];
	enum rego_event_kind kind = insn->a;
	struct str text = { 0 };
	bool is_told = true;

	if (!rego_spend(machine->budget, 1))
		return rego_stop_full(machine);
	if (kind == REGO_EVENT_EVAL)
		*mark = NULL;
	else if (kind == REGO_EVENT_REDO)
		*mark = &yes;
	else if (kind == REGO_EVENT_FAIL)
		is_told = !*mark;
	else if (kind == REGO_EVENT_NOTE && (*mark)->type == JSON_STRING)
		text = (*mark)->text;
	else if (kind == REGO_EVENT_CASE && !write_keys(machine, *mark, &text))
		return rego_stop_full(machine);
	if (is_told && machine->watch)
		tell(machine, insn, kind, text);
	return REGO_STEP_ON;
}
