// SPDX-License-Identifier: Apache-2.0
/*
 * bpf.c - a filter of system calls, run as the kernel would run it, without installing it
 *
 * Jumps lead forward only, so a program ends.
 */
#include "lib/bpf.h"

#include "lib/test.h"

uint32_t bpf_run(const struct sock_filter *code, size_t count, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *f = &code[pc];

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			CHECK(f->k % 4 == 0 && f->k < sizeof(*data));
			memcpy(&a, (const char *)data + f->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += f->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += a & f->k ? f->jt : f->jf;
			break;
		case BPF_RET | BPF_K:
			return f->k;
		default:
			test_fail(__FILE__, __LINE__, "an instruction that this test does not know: %#x",
				f->code);
		}
	}
	test_fail(__FILE__, __LINE__, "the program has no end");
}

/* The order of strictness is that of the action's number, as a signed one. */
uint32_t bpf_strictest(uint32_t a, uint32_t b)
{
	return (int32_t)(a & SECCOMP_RET_ACTION_FULL) <= (int32_t)(b & SECCOMP_RET_ACTION_FULL) ? a : b;
}
