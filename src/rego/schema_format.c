// SPDX-License-Identifier: Apache-2.0
/*
 * schema_format.c - "format" of a JSON Schema
 *
 * Most formats are a pattern, matched by the same engine as a policy's own. They accept a little more than
 * the standards behind them (the 31st of February is a date), and nothing that looks different.
 *
 * Sources: draft-handrews-json-schema-validation-01, section 7.3; RFC 3339; RFC 1123, section 2.1; RFC 6901;
 * RFC 3986; RFC 4122
 */
#include "rego/address.h"
#include "rego/pattern.h"
#include "rego/schema.h"

#define DATE "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
#define TIME "([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?(Z|z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
#define LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#define HEX4 "[0-9A-Fa-f]{4}"

static const struct {
	const char *name, *pattern;
} formats[] = {
	{ "date", "^" DATE "$" },
	{ "date-time", "^" DATE "[Tt]" TIME "$" },
	{ "email", "^[^@\\s]+@[^@\\s]+$" },
	{ "hostname", "^" LABEL "(\\." LABEL ")*$" },
	{ "json-pointer", "^(/([^~/]|~[01])*)*$" },
	{ "time", "^" TIME "$" },
	{ "uri", "^[A-Za-z][A-Za-z0-9+.-]*:[^\\s\\\\]+$" },
	{ "uuid", "^" HEX4 HEX4 "-" HEX4 "-" HEX4 "-" HEX4 "-" HEX4 HEX4 HEX4 "$" },
};

static int is_address(struct str text, bool is_ipv4)
{
	rego_address address;

	return rego_address_parse(text, &address) && (memchr(text.data, ':', text.len) == NULL) == is_ipv4;
}

/* The error of a pattern that is none is taken back: it is the answer. */
static int is_pattern(struct rego_call *call, struct str text)
{
	struct rego_pattern pattern;

	if (rego_pattern_regex(call, text, &pattern))
		return 1;
	if (!call->error)
		return -1;
	call->error = NULL;
	return 0;
}

int rego_schema_format(struct rego_call *call, struct str format, struct str text)
{
	struct rego_pattern pattern;

	if (str_eq(format, STR("ipv4")) || str_eq(format, STR("ipv6")))
		return is_address(text, str_eq(format, STR("ipv4")));
	if (str_eq(format, STR("regex")))
		return is_pattern(call, text);
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!str_eq(format, str_from(formats[i].name)))
			continue;
		if (!rego_pattern_regex(call, str_from(formats[i].pattern), &pattern))
			return -1;
		return rego_pattern_matches(&pattern, text);
	}
	return 1;
}
