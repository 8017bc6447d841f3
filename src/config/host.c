// SPDX-License-Identifier: Apache-2.0
/*
 * host.c - entries of the network lists, as items of a configuration
 *
 * What an entry is stands in net/entry.h. Where it names no port, what allows means 443, and what forbids or
 * asks means every port: in doubt, the one that lets less through. An item's text is the canonical one, with
 * its port.
 */
#include "config/config_internal.h"

#include "net/entry.h"

enum {
	HTTPS_PORT = 443,
};

const char *config_host_read(struct arena *arena, struct str text, enum config_narrow narrow,
	struct config_item *ret, size_t *ret_at)
{
	static const struct net_ports https = { HTTPS_PORT, HTTPS_PORT };
	struct net_entry *entry = arena_alloc(arena, sizeof(*entry));
	char canonical[NET_ENTRY_SIZE];
	struct net_flaw flaw;

	*ret_at = 0;
	if (!entry)
		return "it is too long";
	if (net_entry_read(arena, text, narrow == CONFIG_NARROW_RESTRICTS ? NET_PORTS_ALL : https, entry,
			&flaw) < 0) {
		*ret_at = flaw.at;
		return flaw.why;
	}
	if (entry->denies && narrow != CONFIG_NARROW_GRANTS)
		return "'!' denies what a list allows, and this one allows nothing";
	if (entry->dns && narrow != CONFIG_NARROW_GRANTS)
		return "types of DNS go with what a list allows";
	if (entry->by.len && narrow == CONFIG_NARROW_FIXED)
		return "programs go with lists of the network";
	net_entry_print(entry, canonical);
	ret->entry = entry;
	ret->text = arena_copy(arena, canonical, strlen(canonical));
	return ret->text ? NULL : "it is too long";
}

/* ---- an entry as an object ---- */

static bool complain(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, const char *why)
{
	struct config_origin origin = config_at(reader, json->line, json->column);

	config_problem_add(reader->resolver, &origin, "%s: %s", row->name, why);
	return false;
}

/* Appends " dns=TXT,MX", as a text would have it. */
static bool add_types(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *types, struct buf *text)
{
	if (types->type != JSON_ARRAY || !types->array.count)
		return complain(reader, row, types, "\"dns\" is a list of types: HTTPS, MX, SRV, SVCB, TXT");
	for (size_t i = 0; i < types->array.count; i++) {
		const struct json *type = types->array.items[i];

		if (type->type != JSON_STRING || !net_dns_read(type->text))
			return complain(reader, row, type,
				"the types of DNS that can be allowed are HTTPS, MX, SRV, SVCB and TXT");
		(void)buf_printf(text, "%s%.*s", i ? "," : " dns=", STR_FMT(type->text));
	}
	return true;
}

/* Appends " by=/usr/bin/git,/usr/bin/curl". */
static bool add_programs(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *programs, struct buf *text)
{
	if (programs->type != JSON_ARRAY || !programs->array.count)
		return complain(reader, row, programs, "\"by\" is a list of programs: paths, or sha256:...");
	for (size_t i = 0; i < programs->array.count; i++) {
		const struct json *program = programs->array.items[i];
		size_t at;
		const char *why = program->type == JSON_STRING ? net_by_check(program->text, &at) :
			"\"by\" is a list of texts";

		if (!why && memchr(program->text.data, ',', program->text.len))
			why = "a program stands in a text of its own";
		if (why)
			return complain(reader, row, program, why);
		(void)buf_printf(text, "%s%.*s", i ? "," : NET_BY_MARK, STR_FMT(program->text));
	}
	return true;
}

bool config_host_object_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	scoped(buf) struct buf text = BUF_INIT(CONFIG_TEXT_MAX);
	const struct json *host = json_get(json, "host"), *types = json_get(json, "dns");
	const struct json *programs = json_get(json, "by");
	const char *why;
	size_t at;

	for (size_t i = 0; i < json->object.count; i++)
		if (json->object.members[i].value != host && json->object.members[i].value != types &&
				json->object.members[i].value != programs)
			return complain(reader, row, json->object.members[i].value,
				"an entry has \"host\", \"dns\" and \"by\", and nothing else");
	if (!host || host->type != JSON_STRING)
		return complain(reader, row, json, "an entry that is an object has \"host\", a text");
	(void)buf_append(&text, host->text.data, host->text.len);
	if ((types && !add_types(reader, row, types, &text)) ||
			(programs && !add_programs(reader, row, programs, &text)))
		return false;
	if (buf_failed(&text))
		return complain(reader, row, json, "it is too long");
	why = config_host_read(reader->resolver->arena, (struct str){ text.data, text.len }, row->narrow, ret,
		&at);
	return !why || complain(reader, row, host, why);
}
