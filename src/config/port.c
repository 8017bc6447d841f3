// SPDX-License-Identifier: Apache-2.0
/*
 * port.c - ports of this machine, as items of a configuration
 *
 * A port is a whole number, and may be written as a text, as options are. An item's text is its digits.
 */
#include "config/config_internal.h"

#include "base/quote.h"
#include "net/entry.h"

#include <inttypes.h>

/* Return: whether it is a port */
static bool read_number(const struct json *json, uint64_t *ret)
{
	if (json->type == JSON_STRING)
		return str_to_u64(json->text, NET_PORT_MAX, ret) >= 0 && *ret;
	*ret = json->type == JSON_INT && json->integer > 0 && json->integer <= NET_PORT_MAX ?
		(uint64_t)json->integer : 0;
	return *ret;
}

bool config_port_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret)
{
	struct config_origin origin = config_at(reader, json->line, json->column);
	uint64_t port;

	if (read_number(json, &port)) {
		ret->text = config_printf(reader->resolver, "%" PRIu64, port);
		return ret->text;
	}
	if (json->type == JSON_STRING)
		config_problem_add(reader->resolver, &origin,
			"%s: '%s' is no port: one is a number from 1 to %d", row->name,
			quote_text(json->text).text, (int)NET_PORT_MAX);
	else
		config_problem_add(reader->resolver, &origin, "%s: a port is wanted, a number from 1 to %d",
			row->name, (int)NET_PORT_MAX);
	return false;
}
