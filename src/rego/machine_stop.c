// SPDX-License-Identifier: Apache-2.0
/*
 * machine_stop.c - an evaluation that ends with an error, and where
 */
#include "rego/machine_internal.h"

enum rego_step rego_stop_with(struct rego_machine *machine, enum rego_fault_code code, const char *text)
{
	const struct rego_frame *frame = machine->frame;

	machine->fault.code = code;
	machine->fault.text = text ? text : "out of memory";
	if (frame && frame->next > frame->function->insns)
		machine->fault.at = frame->function->spans[frame->next - 1 - frame->function->insns];
	return REGO_STEP_STOP;
}

enum rego_step rego_stop(struct rego_machine *machine, enum rego_fault_code code, const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = arena_vprintf(machine->arena, fmt, args);
	va_end(args);
	return text ? rego_stop_with(machine, code, text) : rego_stop_full(machine);
}

enum rego_step rego_stop_full(struct rego_machine *machine)
{
	static const char *const texts[] = {
		[REGO_STOP_STEPS] = "the policy needs more steps than it may take",
		[REGO_STOP_LATE] = "caller cancelled query execution",
		[REGO_STOP_MEMORY] = "the policy needs more memory than it may have",
		[REGO_STOP_RESULT] = "the result is larger or deeper than it may be",
	};

	if (machine->budget->stop == REGO_STOP_NONE)
		machine->budget->stop = REGO_STOP_MEMORY;
	return rego_stop_with(machine, REGO_FAULT_STOPPED, texts[machine->budget->stop]);
}
