// SPDX-License-Identifier: Apache-2.0
/*
 * fault_alloc.c - malloc and its kin, counted, in front of the C library's own
 *
 * The real ones stay reachable as __libc_malloc() and so on, which glibc exports for this purpose. free() is
 * left alone: what they return is the C library's own.
 */
#include "lib/fault_alloc.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct {
	unsigned count;
	unsigned nth;
} fault;

static bool is_refused(void)
{
	fault.count++;
	if (!fault.nth || fault.count < fault.nth)
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_refused() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *p, size_t size)
{
	return is_refused() ? NULL : __libc_realloc(p, size);
}

void *reallocarray(void *p, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, total);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return is_refused() ? NULL : __libc_memalign(alignment, size);
}

void fault_alloc_arm(unsigned nth)
{
	fault.count = 0;
	fault.nth = nth;
}

unsigned fault_alloc_count(void)
{
	return fault.count;
}

enum fault_alloc_end fault_alloc_run(bool (*work)(void), unsigned nth)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		abort();
	if (!pid) {
		bool right;

		fault_alloc_arm(nth);
		right = work();
		fault_alloc_arm(0);
		_exit(right ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			abort();
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
		return FAULT_ALLOC_ABORTED;
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS ? FAULT_ALLOC_RIGHT :
		FAULT_ALLOC_BROKEN;
}
