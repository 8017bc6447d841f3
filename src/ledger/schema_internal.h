/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_internal.h - the generated table
 */
#pragma once

#include "ledger/schema.h"

/* Row 0 is all-zero. */
extern const struct ledger_kind_info ledger_kinds[LEDGER_KIND_COUNT];
