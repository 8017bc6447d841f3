/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops.h - the instructions of the machine
 *
 * One list feeds the numbers, the machine, the disassembler and its page. An instruction has up to three
 * small operands (a, b, c) and one wide one (d), which is where to go on when it fails. What each of them is
 * stands in the second and third columns:
 *
 *   r  a register     k  a constant     s  a slot (a loop, or something that is being collected)
 *   n  a number       f  a function     p  a path     b  a built-in     w  replacements
 *   t  a node of the tree   x  rules by a value   c  a kind of what is collected
 *   -  nothing        >  where to go on if there is no value (or: at the end of the loop)
 */
#pragma once

#define REGO_OPS(X) \
	/* values */ \
	X(CONST, "r--", "k", "a := constant") \
	X(MOVE, "rr-", "-", "a := b") \
	X(INPUT, "r--", ">", "a := the input document") \
	X(INPUT_PATH, "rp-", ">", "a := what the path leads to in the input document") \
	X(DATA_PATH, "rp-", ">", "a := what the path leads to in the base documents") \
	X(NODE, "r--", "t", "a := a place below data, of which nothing is evaluated yet") \
	X(DOT, "rrr", ">", "a := b[c]") \
	X(DOT_CONST, "rrk", ">", "a := b[constant]") \
	X(NODE_DOT, "rrr", ">", "a := b[c], where b may be a place below data") \
	X(DOCUMENT, "rr-", ">", "a := all of b, which may be a place below data") \
	X(ELEMENT, "rrn", "-", "a := b[n], which is there") \
	X(ARRAY, "rrn", "-", "a := an array of n registers from b on") \
	X(SET, "rrn", "-", "a := a set of n registers from b on") \
	X(OBJECT, "rrn", "-", "a := an object of n keys and values from b on") \
	X(RECORD, "rrk", "-", "a := an object of the keys in the constant, and their values from b on") \
	/* tests */ \
	X(TEST, "r--", ">", "a is not false") \
	X(EQUAL, "rr-", ">", "a = b") \
	X(EQUAL_CONST, "rk-", ">", "a = constant") \
	X(IS_ARRAY, "rn-", ">", "a is an array of n elements") \
	X(IS_OBJECT, "rn-", ">", "a is an object of n members") \
	/* loops */ \
	X(SCAN, "sr-", ">", "begin a loop over b") \
	X(SCAN_NODE, "sr-", ">", "begin a loop over b, which may be a place below data") \
	X(NEXT, "srr", ">", "b, c := the next key and value") \
	/* calls */ \
	X(BUILTIN, "rrb", ">", "a := built-in of the registers from b on") \
	X(CALL, "rrf", ">", "a := function of the registers from b on") \
	X(KNOWN, "rn-", ">", "a := the value n of this world, and go on elsewhere if there is one") \
	X(KEEP, "rnn", "-", "a is the value b of this world, or of all evaluations") \
	/* collecting */ \
	X(COLLECT, "sc-", "-", "begin to collect values of a kind") \
	X(ADD, "sr-", "-", "one value more") \
	X(ADD_PAIR, "srr", "-", "one key and value more") \
	X(ADD_PATH, "srn", "-", "n keys from b on, and the value behind them") \
	X(ADD_ELEMENT, "srn", "-", "n keys from b on, and behind them an element of the set that is there") \
	X(COLLECTED, "rs-", "-", "a := all of it") \
	X(COLLECTED_NODE, "rs-", "t", "a := all of it, and the base documents of that place") \
	/* the way */ \
	X(CHOOSE, "sr-", "x", "begin with the rules that b, which may have no value, leads to") \
	X(TRY, "sn-", ">", "go on at the first rule that is left in n slots") \
	X(JUMP, "---", ">", "go on elsewhere") \
	X(UNSET, "r--", "-", "a has no value") \
	X(IF_UNSET, "r--", ">", "go on elsewhere if a has no value") \
	X(ONCE, "rr-", "-", "a := b, and an error if it has another value already") \
	X(WITH, "wr-", "-", "replace documents and functions by the values from b on") \
	X(UNWITH, "---", "-", "as it was before") \
	X(RETURN, "r--", "-", "the function's value") \
	X(FAIL, "---", "-", "the function has no value") \
	X(ROW, "rn-", "-", "one row of the answer: n registers from a on") \
	/* for who looks on; only where the policy was compiled for it */ \
	X(PRINT, "rn-", "-", "say n sets from a on, of which an empty one is undefined") \
	X(TRACE, "nr-", "-", "an event of kind n, at the place of this instruction; b is its mark or note")

enum rego_op {
#define X(name, operands, target, help) REGO_OP_##name,
	REGO_OPS(X)
#undef X
	REGO_OP_COUNT,
};

enum {
	REGO_NO_REGISTER = 0xffff,	/* NEXT: nobody wants to know */
};
