/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sweep.h - end every process of a sandbox that has no pid namespace
 */
#pragma once

/**
 * jail_sweep() - end all processes below this one, and reap them
 *
 * This process must be their subreaper (prctl(2), PR_SET_CHILD_SUBREAPER) and single-threaded: then an orphan
 * becomes its child, and having no child means that nothing is left.
 *
 * Blocks: until the last one is gone; one that the kernel holds in a call that cannot be ended holds this up,
 * too.
 * Source: prctl(2), pidfd_send_signal(2), waitid(2)
 */
void jail_sweep(void);
