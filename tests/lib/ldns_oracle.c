// SPDX-License-Identifier: Apache-2.0
/*
 * ldns_oracle.c - what ldns says about a message of DNS
 */
#include "lib/ldns_oracle.h"

#include <ldns/ldns.h>

int ldns_oracle_is_there(void)
{
	return 1;
}

static void read_question(ldns_pkt *packet, struct ldns_opinion *ret)
{
	ldns_rr *question = ldns_rr_list_rr(ldns_pkt_question(packet), 0);
	ldns_rdf *name = ldns_rdf_clone(ldns_rr_owner(question));

	ldns_dname2canonical(name);
	ret->type = ldns_rr_get_type(question);
	ret->class = ldns_rr_get_class(question);
	ret->name_len = ldns_rdf_size(name);
	memcpy(ret->name, ldns_rdf_data(name), ret->name_len);
	ldns_rdf_deep_free(name);
}

static void read_error(ldns_pkt *packet, struct ldns_opinion *ret)
{
	ldns_rdf *options = ldns_pkt_edns_data(packet);
	const uint8_t *data = options ? ldns_rdf_data(options) : NULL;
	size_t len = options ? ldns_rdf_size(options) : 0;

	if (len < 6 || ldns_read_uint16(data) != 15)
		return;
	ret->error = ldns_read_uint16(data + 4);
	ret->error_len = ldns_read_uint16(data + 2) - 2u;
	if (ret->error_len < sizeof(ret->error_text))
		memcpy(ret->error_text, data + 6, ret->error_len);
}

/* Whether ldns goes on where a record's own length says that it ends: it reads past, or stops before. */
static int record_is_whole(const uint8_t *data, size_t len, size_t *at, ldns_pkt_section section)
{
	size_t behind_name = *at, end;
	ldns_rdf *name = NULL;
	ldns_rr *record = NULL;
	int is_whole;

	if (ldns_wire2dname(&name, data, len, &behind_name) != LDNS_STATUS_OK)
		return 0;
	ldns_rdf_deep_free(name);
	end = section == LDNS_SECTION_QUESTION ? behind_name + 4 :
		len - behind_name < 10	       ? len + 1 :
			behind_name + 10 + ldns_read_uint16(data + behind_name + 8);
	is_whole = ldns_wire2rr(&record, data, len, at, section) == LDNS_STATUS_OK && *at == end;
	ldns_rr_free(record);
	return is_whole;
}

static ldns_pkt *read_packet(const uint8_t *data, size_t len)
{
	ldns_pkt *packet = NULL;
	size_t at = LDNS_HEADER_SIZE;

	if (ldns_wire2pkt(&packet, data, len) != LDNS_STATUS_OK)
		return NULL;
	for (int section = LDNS_SECTION_QUESTION; section <= LDNS_SECTION_ADDITIONAL; section++)
		for (unsigned i = 0; i < ldns_read_uint16(data + 4 + 2 * section); i++)
			if (!record_is_whole(data, len, &at, (ldns_pkt_section)section)) {
				ldns_pkt_free(packet);
				return NULL;
			}
	return packet;
}

int ldns_oracle_read(const uint8_t *data, size_t len, struct ldns_opinion *ret)
{
	ldns_pkt *packet = read_packet(data, len);

	if (!packet)
		return 0;
	memset(ret, 0, sizeof(*ret));
	ret->id = ldns_pkt_id(packet);
	ret->opcode = ldns_pkt_get_opcode(packet);
	ret->rcode = ldns_pkt_get_rcode(packet) | (unsigned)ldns_pkt_edns_extended_rcode(packet) << 4;
	ret->question_count = (unsigned)ldns_rr_list_rr_count(ldns_pkt_question(packet));
	ret->answer_count = (unsigned)ldns_rr_list_rr_count(ldns_pkt_answer(packet));
	ret->authority_count = (unsigned)ldns_rr_list_rr_count(ldns_pkt_authority(packet));
	ret->additional_count = (unsigned)ldns_rr_list_rr_count(ldns_pkt_additional(packet));
	ret->is_response = ldns_pkt_qr(packet);
	ret->is_truncated = ldns_pkt_tc(packet);
	ret->is_recursive = ldns_pkt_rd(packet);
	ret->is_unchecked = ldns_pkt_cd(packet);
	ret->has_edns = ldns_pkt_edns(packet);
	ret->is_dnssec = ldns_pkt_edns_do(packet);
	ret->room_bytes = ldns_pkt_edns_udp_size(packet);
	if (ret->question_count)
		read_question(packet, ret);
	read_error(packet, ret);
	ldns_pkt_free(packet);
	return 1;
}

static int is_same(const ldns_rr *record, const uint8_t *rdata, size_t rdata_len)
{
	size_t at = 0;

	for (size_t i = 0; i < ldns_rr_rd_count(record); i++) {
		ldns_rdf *field = ldns_rdf_clone(ldns_rr_rdf(record, i));
		size_t size = ldns_rdf_size(field);
		int same;

		if (ldns_rdf_get_type(field) == LDNS_RDF_TYPE_DNAME)
			ldns_dname2canonical(field);
		same = size <= rdata_len - at && !memcmp(ldns_rdf_data(field), rdata + at, size);
		ldns_rdf_deep_free(field);
		if (!same)
			return 0;
		at += size;
	}
	return at == rdata_len;
}

int ldns_oracle_has(const uint8_t *data, size_t len, unsigned type, const uint8_t *rdata, size_t rdata_len)
{
	ldns_pkt *packet = read_packet(data, len);
	int found = 0;

	if (!packet)
		return 0;
	for (size_t i = 0; i < ldns_rr_list_rr_count(ldns_pkt_answer(packet)) && !found; i++) {
		const ldns_rr *record = ldns_rr_list_rr(ldns_pkt_answer(packet), i);

		found = ldns_rr_get_type(record) == type && is_same(record, rdata, rdata_len);
	}
	ldns_pkt_free(packet);
	return found;
}
