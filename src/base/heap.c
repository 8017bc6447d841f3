// SPDX-License-Identifier: Apache-2.0
/*
 * heap.c - how the heap of a short program behaves
 *
 * A block as large as the largest chunk of an arena (arena.c) still comes from the kernel and goes back to
 * it, so what a long session has in use only now and then is not kept.
 */
#include "base/heap.h"

#include <malloc.h>

enum {
	KEEP_BYTES = 1 << 20,
	STEP_BYTES = 256 << 10,
};

void heap_keep(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	(void)mallopt(M_MMAP_THRESHOLD, KEEP_BYTES);
	(void)mallopt(M_TOP_PAD, STEP_BYTES);
}
