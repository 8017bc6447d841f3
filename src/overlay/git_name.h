/* SPDX-License-Identifier: Apache-2.0 */
/*
 * git_name.h - file names as git prints them
 *
 * A name that could deceive or break a line stands in double quotes, with C escapes (\n, \", \\) and octal
 * bytes (\303). `git apply` and people's eyes read the same form back. Valid UTF-8 that is harmless stays as
 * it is, as with core.quotePath=false.
 *
 * Source: git-config(1), core.quotePath; git's quote.c
 */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/**
 * git_name_append() - add a name, quoted where it has to be
 * @buf:    grows
 * @prefix: put in front, inside the quotes: "a/", "b/", ""
 * @name:   any bytes
 *
 * Errors: -EMSGSIZE the buffer's limit.
 * Return: 0 or negative errno.
 */
int git_name_append(struct buf *buf, const char *prefix, struct str name);
