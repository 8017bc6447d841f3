/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gateway_world_supervisor.h - between the two files that the world of a gateway is made of
 */
#pragma once

#include "lib/gateway_world.h"

enum {
	WORLD_STORY_BYTES_MAX = 8 << 20,
};

/**
 * world_supervise() - the supervisor begins: it hands the settings and the sockets over
 * @fd:     its end of the channel; owned from now on
 * @rules:  in force from the beginning, or NULL
 * @limits: of the traffic; zeros, and NULL, are none
 */
void world_supervise(int fd, const struct world_rule *rules, const struct net_limits *limits);
