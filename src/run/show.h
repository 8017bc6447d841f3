/* SPDX-License-Identifier: Apache-2.0 */
/*
 * show.h - cordon-differ, started for one question
 *
 * The one way in which anything of cordon looks into files that an agent wrote in order to show them or to
 * put them together (overlay/differ.h).
 */
#pragma once

#include "overlay/differ.h"

/**
 * run_differ_start() - ask cordon-differ
 * @request:    what
 * @roots:      request->changeset.root_count of them; borrowed
 * @out_fd:     where it writes; borrowed
 * @err_fd:     where it says what failed; borrowed
 * @ret_pidfd:  it runs; kern_wait_pidfd() tells its exit code, enum differ_exit
 * @err:        why it does not
 *
 * Return: 0 or negative errno.
 */
int run_differ_start(const struct differ_request *request, const struct overlay_root *roots, int out_fd,
	int err_fd, int *ret_pidfd, struct error *err);

/**
 * run_differ_read() - ask it, and take all of its answer
 * @request: what
 * @roots:   as above
 * @err_fd:  where it says what failed; -1: nowhere
 * @ret:     the answer is added; its limit bounds it
 * @err:     what failed
 *
 * Errors: -EMSGSIZE the answer is longer than @ret may be; -EPROTO it failed; others from the kernel.
 * Return: 0 or negative errno.
 */
int run_differ_read(const struct differ_request *request, const struct overlay_root *roots, int err_fd,
	struct buf *ret, struct error *err);
