/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_internal.h - what the readers and writers of DNS messages share: numbers, flags, names
 */
#pragma once

#include "codec/dns.h"

/* Bits of the header's second and third byte, and of EDNS. Source: RFC 1035, 4.1.1; RFC 6891, 6.1.3 */
enum {
	DNS_FLAG_QR = 0x80,
	DNS_FLAG_TC = 0x02,
	DNS_FLAG_RD = 0x01,
	DNS_FLAG_RA = 0x80,
	DNS_FLAG_CD = 0x10,
	DNS_EDNS_DO = 0x80,
	DNS_OPCODE_SHIFT = 3,
	DNS_OPCODE_MASK = 0x0f,
	DNS_RCODE_MASK = 0x0f,
	DNS_LABEL_KIND = 0xc0,		/* the bits that tell a pointer, or something that nobody uses */
	DNS_RECORD_BYTES = 10,		/* of a record, without its name and its data */
	DNS_OPT_BYTES = 1 + DNS_RECORD_BYTES,
	DNS_OPTION_ERROR = 15,
};

static inline uint16_t dns_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t dns_get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint8_t *dns_put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static inline uint8_t *dns_put32(uint8_t *at, uint32_t value)
{
	return dns_put16(dns_put16(at, value >> 16), value & 0xffff);
}

/* A name, written out and in lower case, as it stands in a message. */
struct dns_name {
	uint8_t len;			/* 1..DNS_NAME_BYTES */
	uint8_t bytes[DNS_NAME_BYTES];
};

/**
 * dns_name_read() - a name that may be compressed
 * @message: all of it
 * @at:      where the name begins
 * @ret:     set on success; the bytes of a label may be any
 * @ret_end: behind the name at @at
 *
 * A pointer leads to what stands before the name that it is part of, so no chain of them is endless.
 *
 * Errors: -EBADMSG it is none.
 * Source: RFC 1035, 4.1.4
 * Return: 0 or negative errno.
 */
int dns_name_read(struct str message, size_t at, struct dns_name *ret, size_t *ret_end);

/**
 * dns_name_from() - a text as a name
 * @text: labels of 1 to 63 bytes with dots between
 * @ret:  set on success
 *
 * Errors: -EINVAL an empty label, or one that is too long, or the whole is.
 * Return: 0 or negative errno.
 */
int dns_name_from(struct str text, struct dns_name *ret);

/**
 * dns_options_are_valid() - whether data of an OPT record are options one behind the other
 *
 * Source: RFC 6891, 6.1.2
 */
bool dns_options_are_valid(const uint8_t *data, size_t len);

/**
 * dns_record_vet() - take a record's data apart and put it together again
 * @message: all of it, for names
 * @type:    of those in enum dns_type that are no address
 * @at:      where the data begin
 * @len:     bytes, all of them within @message
 * @records: gets one more, if it is to be told
 *
 * Errors: -EBADMSG it is none; -EMSGSIZE there is no room (@records are as before).
 * Return: 0, also where a record is left out, or negative errno.
 */
int dns_record_vet(struct str message, uint16_t type, size_t at, size_t len, struct dns_records *records);
