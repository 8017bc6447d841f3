/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term_check.h - what the terminal filter may let through, said a second time
 *
 * Written by hand from the list of what a full-screen program needs, without the filter's own tables: a row
 * that is wrong there is seen here.
 */
#pragma once

#include "base/str.h"

/**
 * term_check() - look for anything that a terminal must not be sent
 * @text: output of the filter, whole
 *
 * Return: NULL, or the first byte of what is forbidden.
 */
const char *term_check(struct str text);
