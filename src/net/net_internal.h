/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_internal.h - what the files of this folder share
 */
#pragma once

#include "net/address.h"

/* tables/addresses.toml, the narrowest first. */
extern const struct net_special net_specials[];
extern const size_t net_special_count;
