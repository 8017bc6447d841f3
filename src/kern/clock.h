/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.h - the two clocks and the one source of randomness
 */
#pragma once

#include "kern/kern.h"

/** kern_clock_real_ns() - nanoseconds since the Unix epoch, for records */
uint64_t kern_clock_real_ns(void);

/** kern_clock_monotonic_ns() - nanoseconds that never go back, for deadlines */
uint64_t kern_clock_monotonic_ns(void);

/**
 * kern_random() - fill @ret with @len random bytes; aborts where the kernel has none, since no caller can go
 * on
 */
void kern_random(void *ret, size_t len);
