/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - strict UTF-8
 *
 * Shortest form only, no surrogates, nothing over U+10FFFF.
 * Source: RFC 3629, section 4; The Unicode Standard, table 3-7.
 */
#pragma once

#include "base/str.h"

/**
 * utf8_decode() - read one code point
 * @s:         the text; not empty
 * @ret_point: the code point
 *
 * Errors: -EILSEQ the bytes at the start of @s are not UTF-8.
 * Return: bytes read, 1..4, or negative errno.
 */
int utf8_decode(struct str s, uint32_t *ret_point);

/**
 * utf8_encode() - write one code point
 * @point: a Unicode scalar value (asserted)
 * @ret:   room for 4 bytes, not terminated
 *
 * Return: bytes written, 1..4.
 */
size_t utf8_encode(uint32_t point, char ret[4]);

/** utf8_is_valid() - whether the whole of @s is UTF-8 */
bool utf8_is_valid(struct str s);

/**
 * utf8_is_deceptive() - whether a code point may not appear in a name that a person has to judge
 * @point: the code point
 *
 * C0 and C1 controls, DEL, line and paragraph separators, interlinear annotation, and everything that Unicode
 * calls Default_Ignorable_Code_Point: the bidirectional embeddings, overrides, isolates and marks, and what
 * is invisible and can hide text. The variation selectors U+FE00..U+FE0F are let through: emoji in file names
 * end in them.
 *
 * Source: Unicode Technical Report 36, section 2; Trojan Source (CVE-2021-42574); DerivedCoreProperties.txt
 * of Unicode 15
 * Return: true when it deceives.
 */
bool utf8_is_deceptive(uint32_t point);

/**
 * utf8_is_printable() - whether a code point leaves ink, or is the space
 * @point: the code point
 *
 * Letters, marks, numbers, punctuation and symbols; no controls, formats, private use and noncharacters, and
 * no separator but U+0020. That is Go's unicode.IsPrint(), but for code points inside of assigned blocks that
 * Unicode may still assign: those print.
 *
 * Source: DerivedGeneralCategory.txt of Unicode 15
 * Return: true when it prints.
 */
bool utf8_is_printable(uint32_t point);
