/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sarif.h - a judgement as a SARIF log, for the tools that collect findings
 *
 * One run, whose tool is cordon, whose rules are those that found something, and whose results are the
 * decisions: `deny` is an error, `ask` a warning, a rule that only warns a note. What a person has accepted
 * is there too, suppressed, with the reason. Paths are URI references relative to the root they lie in, so
 * that the log means the same in another checkout; whatever bytes a name has are in them, escaped.
 *
 * Messages hold names that an agent chose. In SARIF a message may hold links and places for arguments, which
 * is why brackets and braces in them are escaped: nobody is to be led anywhere by the name of a file.
 *
 * Source: SARIF 2.1.0 (OASIS), sections 3.4.3 and 3.4.4 (uri, uriBaseId), 3.11.5 and 3.11.6 (messages),
 * 3.14.14 (originalUriBaseIds), 3.19 (toolComponent), 3.20 (invocation), 3.27 (result), 3.35 (suppression).
 */
#pragma once

#include "policy/judge.h"

/**
 * judgement_to_sarif() - a judgement as a SARIF 2.1.0 log
 * @arena:     owns the result
 * @judgement: of @changeset
 * @changeset: its roots and, with @selected, its entries
 * @selected:  changeset.count flags: only findings at these entries, and those about the changeset as a
 *             whole; NULL: all
 * @session:   whose changes were judged: its id
 * @version:   of cordon
 *
 * Return: the value, or NULL when the arena is full.
 */
const struct json *judgement_to_sarif(struct arena *arena, const struct judgement *judgement,
	const struct changeset *changeset, const bool *selected, const char *session, const char *version);
