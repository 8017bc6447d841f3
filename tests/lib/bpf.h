/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf.h - a filter of system calls, run as the kernel would run it, without installing it
 *
 * An interpreter of that part of classic BPF that our filters use. An instruction that it does not know, a
 * load from outside of the data and a program that does not end fail the test.
 *
 * Source: seccomp(2), linux/filter.h
 */
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#define BPF_ERRNO(code) (SECCOMP_RET_ERRNO | (uint32_t)(code))

/** bpf_run() - what a filter answers to a call; Return: SECCOMP_RET_*, with its data */
uint32_t bpf_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data);

/** bpf_strictest() - the answer that counts where two filters are installed */
uint32_t bpf_strictest(uint32_t a, uint32_t b);
