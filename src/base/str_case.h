/* SPDX-License-Identifier: Apache-2.0 */
/*
 * str_case.h - comparing words in which capitals are no matter: fields of HTTP, names of hosts
 *
 * Letters of ASCII alone have a case here, whatever the locale.
 */
#pragma once

#include "base/str.h"

/** str_eq_no_case() - whether two texts differ in nothing but the case of their letters */
static inline bool str_eq_no_case(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}
