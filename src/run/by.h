/* SPDX-License-Identifier: Apache-2.0 */
/*
 * by.h - programs that rules of the configuration are for, looked at before the session starts
 *
 * A program is told by the file that it executes (net/who.h), so a path that has a link in it is never that
 * of any program: what allows would allow nothing, and what denies nothing would be denied, which nobody saw.
 * The sandbox shows the host's programs at their own paths, so that can be said before it is there. A path
 * where nothing is may be one that only the sandbox has; it is left alone.
 */
#pragma once

#include "config/config.h"

/**
 * run_by_check() - no entry names a program by a link
 * @config: of the session
 * @err:    which entry, where it stands, and what the program's path is
 *
 * Errors: -EINVAL there is one; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_by_check(const struct config *config, struct error *err);
