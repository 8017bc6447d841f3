/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tty.h - pseudo-terminals
 *
 * Source: pty(7), ioctl_tty(2)
 */
#pragma once

#include "kern/kern.h"

/**
 * kern_tty_open() - a new pseudo-terminal
 * @multiplexer: path of a ptmx; the terminal belongs to its devpts instance
 * @ret_master:  set on success, close-on-exec
 * @ret_slave:   set on success, close-on-exec; no process's controlling terminal yet
 *
 * The slave is opened through the master: no path is looked up, so it cannot be another instance's.
 *
 * Return: 0 or negative errno from the kernel.
 */
int kern_tty_open(const char *multiplexer, int *ret_master, int *ret_slave);

/**
 * kern_tty_set_size() - rows and columns; programs in the foreground get SIGWINCH; Return: 0 or negative
 * errno
 */
int kern_tty_set_size(int fd, uint16_t rows, uint16_t columns);

/**
 * kern_tty_control() - make it the controlling terminal of this session leader; Return: 0 or negative errno
 */
int kern_tty_control(int fd);
