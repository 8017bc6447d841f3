/* SPDX-License-Identifier: Apache-2.0 */
/*
 * der.h - one element after the other of what is written in DER
 *
 * A reader is a run of bytes that gets shorter. What is inside an element is a run of bytes again, so nothing
 * recurses. Only tags of one byte exist in what is read here, and lengths must have the shortest form.
 *
 * Source: ITU-T X.690, 8.1 and 10.1
 */
#pragma once

#include "base/str.h"

enum {
	DER_INTEGER = 0x02,
	DER_BITS = 0x03,
	DER_BYTES = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_SEQUENCE = 0x30,
	DER_CONTEXT_0 = 0xa0,
	DER_CONTEXT_1 = 0xa1,
};

/**
 * der_take() - the next element, if it is such a one
 * @rest: what is left to read; the element is cut off
 * @tag:  its tag
 * @ret:  what is inside
 *
 * Return: true where there is one; otherwise nothing is changed.
 */
bool der_take(struct str *rest, unsigned char tag, struct str *ret);

/** der_take_number() - an INTEGER that is not negative, without zeros in front; Return: as der_take() */
bool der_take_number(struct str *rest, struct str *ret);

/** der_take_bits() - a BIT STRING of whole bytes; Return: as der_take() */
bool der_take_bits(struct str *rest, struct str *ret);
