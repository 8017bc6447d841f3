/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_arena.h - arenas that refuse their Nth request
 *
 * An arena that is full returns NULL (base/arena.h), and whoever asked has to say so. A test program that is
 * linked with fault_arena.c (fault_arena_dep) can have that happen at each request in turn, of whichever
 * arena. The linker puts the counting functions in front of the real ones (--wrap), so what stands in arena.c
 * itself is not counted twice.
 */
#pragma once

#include <stdbool.h>

/**
 * fault_arena_arm() - refuse a request
 * @nth:   which one from now, counted from 1; 0: none
 * @after: and all that come after it
 */
void fault_arena_arm(unsigned nth, bool after);

/**
 * fault_arena_refuses() - one request more, for what counts others than arenas; Return: whether it is refused
 */
bool fault_arena_refuses(void);

/** fault_arena_disarm() - refuse nothing more; Return: how many requests were made since fault_arena_arm() */
unsigned fault_arena_disarm(void);
