// SPDX-License-Identifier: Apache-2.0
/*
 * machine_stack.c - room for frames
 */
#include "rego/machine_internal.h"

enum {
	CHUNK_BYTES = 64 << 10,
	/* of the stack: a policy of a hundred thousand rules that all wait for one another */
	FRAMES_BYTES_MAX = 64 << 20,
};

struct rego_chunk *rego_next_chunk(struct rego_machine *machine, size_t bytes)
{
	struct rego_chunk *chunk = machine->chunk ? machine->chunk->after : NULL, *wider;
	size_t size = MAX(bytes, (size_t)CHUNK_BYTES);

	if (chunk && chunk->size >= bytes)
		return chunk;
	if (size > FRAMES_BYTES_MAX - machine->stack_bytes)
		return NULL;
	wider = malloc(sizeof(*wider) + size);
	if (!wider)
		return NULL;
	*wider = (struct rego_chunk){ .before = machine->chunk, .after = chunk, .size = size };
	machine->stack_bytes += size;
	if (machine->chunk)
		machine->chunk->after = wider;
	if (chunk)
		chunk->before = wider;
	return wider;
}

void rego_machine_fini(struct rego_machine *machine)
{
	struct rego_chunk *chunk = machine->chunk;

	while (chunk && chunk->before)
		chunk = chunk->before;
	while (chunk) {
		struct rego_chunk *after = chunk->after;

		free(chunk);
		chunk = after;
	}
	machine->chunk = NULL;
	machine->stack_bytes = 0;
}
