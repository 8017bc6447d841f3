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

#include <stdint.h>

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BITS = 0x03,
	DER_BYTES = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_NUMERIC = 0x12,
	DER_PRINTABLE = 0x13,
	DER_T61 = 0x14,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_TIME = 0x18,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CHOICE_0 = 0x80,
	DER_CHOICE_1 = 0x81,
	DER_CHOICE_2 = 0x82,
	DER_CHOICE_6 = 0x86,
	DER_CHOICE_7 = 0x87,
	DER_CONTEXT_0 = 0xa0,
	DER_CONTEXT_1 = 0xa1,
	DER_CONTEXT_3 = 0xa3,
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

/** der_take_any() - the next element, whatever it is; its tag has one byte; Return: as der_take() */
bool der_take_any(struct str *rest, unsigned char *ret_tag, struct str *ret);

/**
 * der_take_whole() - as der_take(), and the element with its tag and length
 * @rest:      as there
 * @tag:       as there
 * @ret:       as there
 * @ret_whole: tag, length, and what is inside
 *
 * Return: as der_take().
 */
bool der_take_whole(struct str *rest, unsigned char tag, struct str *ret, struct str *ret_whole);

/** der_take_bool() - a BOOLEAN, which has two forms; Return: as der_take() */
bool der_take_bool(struct str *rest, bool *ret);

/**
 * der_take_int() - an INTEGER of 0..INT64_MAX, with a tag of its own or DER_INTEGER; Return: as der_take()
 */
bool der_take_int(struct str *rest, unsigned char tag, int64_t *ret);

/**
 * der_oid_next() - the next number of an object identifier
 * @rest: what is left of what is inside of an OBJECT IDENTIFIER; cut off. Its first number is two: 40 a + b
 * @ret:  the number
 *
 * Source: ITU-T X.690, 8.19
 * Return: true where there is one in its shortest form, of at most 63 bits.
 */
bool der_oid_next(struct str *rest, uint64_t *ret);

/** der_oid_is_valid() - whether all of it can be read, and no number is above @max; Return: true if so */
bool der_oid_is_valid(struct str oid, uint64_t max);
