/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kern_fault.h - a kernel that refuses the Nth call
 *
 * kern_fault_arm() swaps the whole table of calls (kern/kern.h) for one that counts, and refuses one of them
 * with the errno that the test chose. A test does its work once to see how many calls it takes, and then once
 * per call. What it asserts is up to the work: that the failure is reported and explained, that no descriptor
 * stays open (the harness looks), that what is on the disk is the old state or the new one.
 *
 * The rows come from kern/calls.h, so a new call is covered the moment it exists.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	/* As an error: the process is killed instead, as by kill -9 right before the call. */
	KERN_FAULT_KILL = 1,
};

#define KERN_FAULT_EVERY UINT32_MAX	/* as @nth: all of them, as a kernel does that lacks the call */

/**
 * kern_fault_arm() - refuse one call
 * @call:  name of the call, "fsync"; NULL: any
 * @nth:   which one of them, from 1; 0: none, only count; or KERN_FAULT_EVERY
 * @error: negative errno that it returns, or KERN_FAULT_KILL
 */
void kern_fault_arm(const char *call, unsigned nth, int error);

/**
 * kern_fault_count() - how many of the chosen calls were made since kern_fault_arm(), the refused one
 * included
 */
unsigned kern_fault_count(void);

/** kern_fault_call() - the name of the call that was refused, or NULL */
const char *kern_fault_call(void);

/**
 * kern_fault_skip_syncs() - count syncs, but do not wait for the disk
 * @skip: until it is called with false
 *
 * For tests that kill processes, not machines: what a killed process has written is there.
 */
void kern_fault_skip_syncs(bool skip);

/** kern_fault_disarm() - put the real table back */
void kern_fault_disarm(void);
