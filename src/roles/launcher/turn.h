/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn.h - one at a time among init's children
 *
 * A record lock on a file in memory: it belongs to the process that took it, not to the descriptor that all
 * of them have, and ends with it, however that ends.
 *
 * Source: fcntl(2), "Advisory record locking"
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** turn_open() - what turns are taken on; Return: a descriptor or negative errno */
int turn_open(void);

/** turn_take() - wait until no other process has it; it ends with the process; Return: 0 or negative errno */
int turn_take(int fd);

/** turn_take_within() - the same, but no longer than @patience_ns; Return: whether it was taken */
bool turn_take_within(int fd, uint64_t patience_ns);
