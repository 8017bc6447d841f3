/* SPDX-License-Identifier: Apache-2.0 */
/*
 * role_error.h - an error in the answer of a role that was started to do one thing
 *
 * Checker and committer answer with an object, of which "code", "text" and "hint" say whether it worked and,
 * where not, why. The reader trusts the role's program and not what it was fed with: what does not fit is no
 * answer.
 */
#pragma once

#include "json/json.h"

/** role_error_add() - put @err, or 0 and two empty texts, into an answer */
void role_error_add(struct json_object_builder *object, const struct error *err);

/**
 * role_error_read() - the other way
 * @arena: for the texts while they are read
 * @value: the answer
 * @ret:   0, or negative errno with its texts
 *
 * Return: false where there is no such error in @value, or the arena is full; then @ret is as it was.
 */
bool role_error_read(struct arena *arena, const struct json *value, struct error *ret);
