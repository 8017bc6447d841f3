// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_units.c - sizes with their units
 *
 * The rows are OPA's own tests of units.parse and units.parse_bytes, and the edges of both.
 */
#include "lib/rego_call.h"

#define BYTES(text, wanted) { "units.parse_bytes", "\"" text "\"", wanted }
#define UNITS(text, wanted) { "units.parse", "\"" text "\"", wanted }
#define NO_BYTES(text, why) BYTES(text, "eval_builtin_error: units.parse_bytes: units.parse_bytes: " why)
#define NO_UNITS(text, why) UNITS(text, "eval_builtin_error: units.parse: units.parse: " why)

TEST(bytes_are_whole)
{
	static const struct rego_row rows[] = {
		BYTES("0", "0"),
		BYTES(".0", "0"),
		BYTES("12345", "12345"),
		BYTES("10KB", "10000"),
		BYTES("10Kib", "10240"),
		BYTES("1.1KiB", "1126"),
		BYTES(".5KB", "500"),
		BYTES("-1.9", "-1"),
		BYTES("+5k", "5000"),
		BYTES("300GiB", "322122547200"),
		BYTES("100pi", "112589990684262400"),
		BYTES("10e", "10000000000000000000"),
		BYTES("10eib", "11529215046068469760"),
		BYTES("1e3KB", "1000000"),
		BYTES("3.2E2MiB", "335544320"),
		BYTES("1e-2KB", "10"),
		BYTES("7.5e1TiB", "82463372083200"),
		BYTES("\\\"100TIB\\\"", "109951162777600"),
		NO_BYTES("", "no byte amount provided"),
		NO_BYTES("KB", "no byte amount provided"),
		NO_BYTES("100 kb", "spaces not allowed in resource strings"),
		NO_BYTES("0.0.0", "could not parse byte amount to a number"),
		NO_BYTES("1+2", "could not parse byte amount to a number"),
		NO_BYTES("10XB", "byte unit xb not recognized"),
		NO_BYTES("10e10000000EiB", "exponent too large"),
		{ "units.parse_bytes", "1",
			"eval_type_error: units.parse_bytes: operand 1 must be string but got number" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(units_are_exact)
{
	static const struct rego_row rows[] = {
		UNITS("0.0", "0"),
		UNITS("12345", "12345"),
		UNITS("10KI", "10240"),
		UNITS("200M", "200000000"),
		UNITS("1.1K", "1100"),
		UNITS("1.1Ki", "1126.4000000000"),
		UNITS("0.0000005M", "0.5000000000"),
		UNITS("100m", "0.1000000000"),
		UNITS("1000m", "1.0000000000"),
		UNITS("500m", "0.5000000000"),
		UNITS("-3.5E2m", "-0.3500000000"),
		UNITS("0.00000000005", "0.0000000001"),
		UNITS("0.00000000004", "0.0000000000"),
		UNITS("10e", "10000000000000000000"),
		UNITS("5E", "5000000000000000000"),
		UNITS("10Ei", "11529215046068469760"),
		UNITS("1e10", "10000000000"),
		UNITS("1e-2", "0.0100000000"),
		UNITS("2.5e3K", "2500000"),
		UNITS("4E2G", "400000000000"),
		UNITS("\\\"100TI\\\"", "109951162777600"),
		NO_UNITS("", "no amount provided"),
		NO_UNITS("foo", "no amount provided"),
		NO_UNITS(".5.2", "could not parse amount to a number"),
		NO_UNITS(" 327Mi ", "spaces not allowed in resource strings"),
		NO_UNITS("10XIB", "unit Xib not recognized"),
		NO_UNITS("10mI0", "unit mi0 not recognized"),
		NO_UNITS("10e10000000Ei", "exponent too large"),
		UNITS("1e999999", "stopped (memory)"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST_MAIN()
