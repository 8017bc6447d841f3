/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp.h - connections that stay on this machine, and go as fast as they are taken
 *
 * A host may be told to send at the rate at which it believes a way to carry (BBR). Over a loopback, that is
 * a timer before every few packets, and half of what goes otherwise. There is no way to be found out here,
 * so such a connection has "reno", which every kernel has and everybody may choose.
 *
 * Source: Linux net/ipv4/tcp_output.c (pacing), tcp(7) TCP_CONGESTION
 */
#pragma once

/**
 * kern_tcp_hurry() - nothing that is sent here is paced
 * @fd: of TCP, with both ends on this machine; connections that come to a listening one are so, too
 *
 * Where the kernel refuses even that, nothing is lost but time.
 */
void kern_tcp_hurry(int fd);
