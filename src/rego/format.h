/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format.h - a module in the one way to write it
 *
 * The layout is that of `opa fmt`, so that a repository may use either: tabs, one space around operators, a
 * blank line between rules, imports sorted within their groups, `:=` for values. What the author broke into
 * lines stays broken, comments stay where they are, and what is formatted already does not change.
 */
#pragma once

#include "rego/ast.h"

enum rego_format_flags {
	/* what v1 says without an import is not imported: rego.v1, future.keywords.in, if, contains, every */
	REGO_FORMAT_DROP_V0_IMPORTS = 1 << 8,
};

/**
 * rego_format() - format one module
 * @source: its text
 * @flags:  enum rego_parse_flags, enum rego_format_flags
 * @arena:  for the tree
 * @diags:  why it cannot be read, if so
 * @ret:    what is appended to
 *
 * Errors: -EINVAL it is no module, see @diags; -EMSGSIZE the buffer's limit, or the arena's.
 * Return: 0 or negative errno.
 */
int rego_format(const struct rego_source *source, unsigned flags, struct arena *arena,
	struct rego_diags *diags, struct buf *ret);
