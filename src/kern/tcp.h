/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp.h - connections that stay on this machine, and go as fast as they are taken; and none has urgent data
 *
 * A host may be told to send at the rate at which it believes a way to carry (BBR). Over a loopback, that is
 * a timer before every few packets, and half of what goes otherwise. There is no way to be found out here,
 * so such a connection has "reno", which every kernel has and everybody may choose.
 *
 * Urgent data (send(2), MSG_OOB) is two streams in one: who reads does not get the byte, until the sender
 * says that another one is urgent, and then it is a byte like the others; and splice(2) stops in front of it
 * for ever, while epoll says that there is something. So what was looked at would not be what goes on, and
 * one byte would keep a processor busy. A segment that says it has some is not taken: the kernel drops it as
 * if it were lost, before the stream has it, and the connection stands still until somebody gives it up.
 *
 * Source: Linux net/ipv4/tcp_output.c (pacing), tcp.c (tcp_read_sock, tcp_recvmsg_locked), tcp(7)
 * TCP_CONGESTION; RFC 6093; socket(7) SO_ATTACH_FILTER: the filter of a TCP socket sees the header of TCP
 * first
 */
#pragma once

/**
 * kern_tcp_hurry() - nothing that is sent here is paced
 * @fd: of TCP, with both ends on this machine; connections that come to a listening one are so, too
 *
 * Where the kernel refuses even that, nothing is lost but time.
 */
void kern_tcp_hurry(int fd);

/**
 * kern_tcp_refuse_urgent() - nothing that is urgent comes here
 * @fd: of TCP, not connected yet; connections that come to a listening one are so, too
 *
 * Errors: -EPERM some kernels let nobody do that but who has CAP_NET_ADMIN over the network: the sandbox's
 * own sockets have it in any case, those of the host's network not where an ordinary user makes them; others
 * from the kernel.
 * Return: 0 or negative errno.
 */
int kern_tcp_refuse_urgent(int fd);
