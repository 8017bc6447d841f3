/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal_internal.h - the words of the format, shared by its writer and its reader
 */
#pragma once

#include "overlay/journal.h"

extern const char *const journal_kind_names[2];
extern const char *const journal_state_names[7];
extern const char *const step_kind_names[4];
extern const char *const step_slot_names[4];
extern const char *const root_tree_names[3];
