/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heap.h - how the heap of a short program behaves
 */
#pragma once

/**
 * heap_keep() - keep what is freed, up to a mebibyte, for what comes next
 *
 * By default, the C library gives large blocks back to the kernel at once and takes them again a moment
 * later: on the way to an agent, that is a tenth of a millisecond.
 *
 * Source: mallopt(3)
 */
void heap_keep(void);
