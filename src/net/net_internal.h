/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net_internal.h - what the files of this folder share
 */
#pragma once

#include "net/address.h"

/* tables/addresses.toml, the narrowest first. */
extern const struct net_special net_specials[];
extern const size_t net_special_count;

/** net_address_clear_behind() - clear all but the first @bits; Return: whether they were clear */
bool net_address_clear_behind(struct net_address *address, unsigned bits);
