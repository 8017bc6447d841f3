/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pack.h - names and contents as a .tar.gz, in memory: what policy/unpack.h reads
 *
 * Equal files make equal bytes: no time, no owner and no order but that of the names goes into it.
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; RFC 1952
 */
#pragma once

#include "base/buf.h"
#include "policy/unpack.h"

/**
 * policy_pack() - write an archive
 * @entries: its files, in the order in which they are written
 * @ret:     grows by the archive; its limit is that of the archive
 * @err:     what failed
 *
 * Errors: -EMSGSIZE over the limit of @ret, or names or contents that an archive cannot hold; -EOPNOTSUPP
 * this build writes none.
 * Return: 0 or negative errno.
 */
int policy_pack(const struct policy_entries *entries, struct buf *ret, struct error *err);
