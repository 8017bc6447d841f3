/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_alloc.h - a C library that runs out of memory at the Nth request
 *
 * A test program that is linked with fault_alloc.c has malloc() and its kin replaced by counting versions.
 * Nothing is preloaded and no build option changes: the program's own symbols come before the C library's.
 * The counter belongs to the process, so a forked child starts where its parent was.
 *
 * cordon aborts when a size within limits cannot be had (base/arena.h), so what a test asserts is: with the
 * Nth request refused, the work either never got that far and is right, or the process died by SIGABRT. It
 * never goes on with half of it, and never touches the NULL.
 */
#pragma once

#include <stdbool.h>

/** fault_alloc_arm() - refuse the @nth request from now, counted from 1, and every one after it; 0: none */
void fault_alloc_arm(unsigned nth);

/** fault_alloc_count() - how many requests were made since fault_alloc_arm() */
unsigned fault_alloc_count(void);

enum fault_alloc_end {
	FAULT_ALLOC_BROKEN,		/* died of something else, or went on and got it wrong */
	FAULT_ALLOC_ABORTED,
	FAULT_ALLOC_RIGHT,		/* done, and @work said that its result is right */
};

/**
 * fault_alloc_run() - do something in a child of its own while memory runs out
 * @work: says whether its result is right
 * @nth:  the request that is refused first; 0: none
 *
 * Return: how it ended.
 */
enum fault_alloc_end fault_alloc_run(bool (*work)(void), unsigned nth);
