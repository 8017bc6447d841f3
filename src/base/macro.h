/* SPDX-License-Identifier: Apache-2.0 */
/*
 * macro.h - the few macros that every file may use
 *
 * Ownership is the point of this file. A local that owns something says so where it is declared:
 *
 *	scoped(fd) int fd = -1;
 *	scoped(buf) struct buf b = BUF_INIT(4096);
 *
 * and gives it away in plain sight with TAKE_FD() or TAKE_PTR(). scoped(noun) calls noun_scope_exit(), which
 * each noun defines beside its _fini or _free.
 */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MIN(a, b) \
	({ __typeof__(a) min_a_ = (a); __typeof__(b) min_b_ = (b); min_a_ < min_b_ ? min_a_ : min_b_; })
#define MAX(a, b) \
	({ __typeof__(a) max_a_ = (a); __typeof__(b) max_b_ = (b); max_a_ > max_b_ ? max_a_ : max_b_; })

/* The object that embeds *@ptr as @member. */
#define CONTAINER_OF(ptr, type, member) \
	({ __typeof__(((type *)0)->member) *member_ptr_ = (ptr); \
		(type *)(void *)((char *)member_ptr_ - offsetof(type, member)); })

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_USE __attribute__((warn_unused_result))
/* Only where a measurement showed that it pays. */
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define UNUSED __attribute__((unused))
#define ALWAYS_INLINE inline __attribute__((always_inline))
/* A large array that is written before it is read, where clearing it first would cost more than the work. */
#define UNINITIALIZED __attribute__((uninitialized))

#define scoped(noun) __attribute__((cleanup(noun##_scope_exit)))

#define TAKE_FD(fd) ({ int taken_fd_ = (fd); (fd) = -1; taken_fd_; })
#define TAKE_PTR(p) ({ __typeof__(p) taken_ptr_ = (p); (p) = NULL; taken_ptr_; })
