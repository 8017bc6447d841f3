/* SPDX-License-Identifier: Apache-2.0 */
/*
 * summary.h - what a session did with the network, told once at its end
 *
 * The session's sums, the hosts with the most bytes, and one row for all others together, so that it is of
 * one size whatever a session did. What was counted is net/traffic.h's, and as bounded as that.
 */
#pragma once

#include "roles/gateway/gateway.h"

/** summary_tell() - nothing more will be counted; where nothing was, nothing is told */
void summary_tell(struct gateway *gateway);
