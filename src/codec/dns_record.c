// SPDX-License-Identifier: Apache-2.0
/*
 * dns_record.c - records that are no address, taken apart and put together again
 *
 * What stands in a record goes into the sandbox, so each type has its shape here, and a type that has none
 * is not told at all. Names are written out: a pointer would lead into a message that the client never sees.
 */
#include "codec/dns_internal.h"

#include <errno.h>

/* Parameters of SVCB and HTTPS. Source: RFC 9460, 14.3.2; RFC 9848 */
enum {
	SVC_MANDATORY = 0,
	SVC_IPV4HINT = 4,
	SVC_ECH = 5,
	SVC_IPV6HINT = 6,
};

/* A record's data, while it is read. */
struct span {
	struct str message;
	size_t at, end;
};

static const uint8_t *bytes_at(const struct span *in)
{
	return (const uint8_t *)in->message.data + in->at;
}

static int put(struct dns_records *out, const void *data, size_t len)
{
	if (len > sizeof(out->data) - out->data_len)
		return -EMSGSIZE;
	memcpy(out->data + out->data_len, data, len);
	out->data_len = (uint16_t)(out->data_len + len);
	return 0;
}

static int take_bytes(struct span *in, size_t len, struct dns_records *out)
{
	if (len > in->end - in->at)
		return -EBADMSG;
	in->at += len;
	return put(out, in->message.data + in->at - len, len);
}

static int take_name(struct span *in, struct dns_records *out)
{
	struct dns_name name;
	size_t end;

	if (dns_name_read(in->message, in->at, &name, &end) < 0 || end > in->end)
		return -EBADMSG;
	in->at = end;
	return put(out, name.bytes, name.len);
}

/* One or more strings, each with its length before it. */
static int take_strings(struct span *in, struct dns_records *out)
{
	int r = in->at < in->end ? 0 : -EBADMSG;

	while (r >= 0 && in->at < in->end)
		r = take_bytes(in, 1 + (size_t)*bytes_at(in), out);
	return r;
}

static bool leads_past_us(unsigned key)
{
	return key == SVC_IPV4HINT || key == SVC_IPV6HINT || key == SVC_ECH;
}

/* A list of keys without which the record must not be used. */
static int check_mandatory(const uint8_t *keys, size_t len)
{
	if (!len || len % 2)
		return -EBADMSG;
	for (size_t i = 0; i < len; i += 2)
		if (leads_past_us(dns_get16(keys + i)))
			return -ENOTSUP;
	return 0;
}

/* Keys stand in order and once each. */
static int take_parameters(struct span *in, struct dns_records *out)
{
	int last = -1, r = 0;

	while (r >= 0 && in->at < in->end) {
		unsigned key, len;

		if (in->end - in->at < 4)
			return -EBADMSG;
		key = dns_get16(bytes_at(in));
		len = dns_get16(bytes_at(in) + 2);
		if ((int)key <= last || len > in->end - in->at - 4)
			return -EBADMSG;
		last = (int)key;
		if (key == SVC_MANDATORY)
			r = check_mandatory(bytes_at(in) + 4, len);
		if (r >= 0 && leads_past_us(key))
			in->at += 4 + len;
		else if (r >= 0)
			r = take_bytes(in, 4 + len, out);
	}
	return r;
}

static int take_data(struct span *in, uint16_t type, struct dns_records *out)
{
	int r = -ENOTSUP;

	switch (type) {
	case DNS_TXT:
		return take_strings(in, out);
	case DNS_MX:
		r = take_bytes(in, 2, out);
		return r < 0 ? r : take_name(in, out);
	case DNS_SRV:
		r = take_bytes(in, 6, out);
		return r < 0 ? r : take_name(in, out);
	case DNS_SVCB:
	case DNS_HTTPS:
		r = take_bytes(in, 2, out);
		r = r < 0 ? r : take_name(in, out);
		return r < 0 ? r : take_parameters(in, out);
	default:
		return r;
	}
}

int dns_record_vet(struct str message, uint16_t type, size_t at, size_t len, struct dns_records *records)
{
	struct span in = { message, at, at + len };
	uint16_t begin = records->data_len;
	int r = records->count == DNS_RECORDS_MAX ? -EMSGSIZE : take_data(&in, type, records);

	if (r >= 0 && in.at != in.end)
		r = -EBADMSG;
	if (r < 0) {
		records->data_len = begin;
		return r == -ENOTSUP ? 0 : r;
	}
	records->records[records->count++] = (struct dns_record){ type, (uint16_t)(records->data_len - begin),
		begin };
	return 0;
}
