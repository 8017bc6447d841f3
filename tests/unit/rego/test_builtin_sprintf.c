// SPDX-License-Identifier: Apache-2.0
/*
 * test_builtin_sprintf.c - the verbs of Go's package fmt, and the mistakes as it prints them
 *
 * The rows are what Go's documentation of package fmt says, OPA's own tests, and what OPA hands to fmt: an
 * int, a big integer, a double or a text.
 */
#include "lib/rego_call.h"

#define PRINTED(format, operands, wanted) { "sprintf", "\"" format "\", [" operands "]", "\"" wanted "\"" }

TEST(integers)
{
	static const struct rego_row rows[] = {
		PRINTED("%d", "5", "5"),
		PRINTED("hi %02d", "5", "hi 05"),
		PRINTED("hi %02X.%02X", "127, 1", "hi 7F.01"),
		PRINTED("%d|%5d|%-5d|%05d|%+d|% d", "-7, 7, 7, -7, 7, 7", "-7|    7|7    |-0007|+7| 7"),
		PRINTED("%x|%X|%#x|%#X|%#08x", "255, 255, 255, 255, 255", "ff|FF|0xff|0XFF|0x000000ff"),
		PRINTED("%o|%#o|%O|%b|%#b", "8, 8, 8, 5, 5", "10|010|0o10|101|0b101"),
		PRINTED("%.3d|%6.3d|%06.3d|%-6.3d|", "7, 7, 7, 7", "007|   007|   007|007   |"),
		PRINTED("[%.0d]|[%3.0d]", "0, 0", "[]|[   ]"),
		PRINTED("%v|%+v|%#v|%T", "1, 1, 1, 1", "1|+1|1|int"),
		PRINTED("%c|%q|%+q|%U|%#U|%5c|", "65, 233, 233, 233, 9731, 65",
			"A|'é'|'\\\\u00e9'|U+00E9|U+2603 '☃'|    A|"),
		PRINTED("%c|%q", "-1, 10", "�|'\\\\n'"),
		PRINTED("%d", "-9223372036854775808", "-9223372036854775808"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(big_integers)
{
	static const struct rego_row rows[] = {
		PRINTED("%s|%v|%d", "123456789123456789123, 18446744073709551616, -18446744073709551616",
			"123456789123456789123|18446744073709551616|-18446744073709551616"),
		PRINTED("%x|%#X|%o|%b", "18446744073709551615, 18446744073709551615, 18446744073709551616, "
			"18446744073709551616", "ffffffffffffffff|0XFFFFFFFFFFFFFFFF|2000000000000000000000|"
			"10000000000000000000000000000000000000000000000000000000000000000"),
		PRINTED("%25d|%-25d|%025d|%+d", "18446744073709551616, 18446744073709551616, "
			"-18446744073709551616, 18446744073709551616", "     18446744073709551616|"
			"18446744073709551616     |-000018446744073709551616|+18446744073709551616"),
		PRINTED("%#024x", "18446744073709551615", "0x000000ffffffffffffffff"),
		PRINTED("%T", "18446744073709551616", "*big.Int"),
		PRINTED("%c", "18446744073709551616", "%!c(big.Int=18446744073709551616)"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(doubles)
{
	static const struct rego_row rows[] = {
		PRINTED("%v|%g|%v|%v|%v", "3.14, 0.1, 1.0, 1e6, 123456.5", "3.14|0.1|1|1e+06|123456.5"),
		PRINTED("%v|%v|%v|%v", "1e-4, 1e-5, 1.5e300, 5e-324", "0.0001|1e-05|1.5e+300|5e-324"),
		PRINTED("%v", "0.30000000000000004", "0.30000000000000004"),
		PRINTED("%f|%.2f|%8.2f|%-8.2f|%08.2f|%+.1f|% .0f",
			"1.5, 1.005, 3.14159, 2.5, -2.5, 1.25, 2.5",
			"1.500000|1.00|    3.14|2.50    |-0002.50|+1.2| 2"),
		PRINTED("%e|%E|%.1e|%.3g|%G", "1234.5, 1e-10, 0.05, 1234567.5, 1e-10",
			"1.234500e+03|1.000000E-10|5.0e-02|1.23e+06|1E-10"),
		PRINTED("%#v|%#g|%#.0f|%#.3e", "1.5, 1.5, 2.5, 1.5", "1.5|1.50000|2.|1.500e+00"),
		PRINTED("%b|%x|%X|%.2x", "1.0, 1.0, 0.1, 1.5",
			"4503599627370496p-52|0x1p+00|0X1.999999999999AP-04|0x1.80p+00"),
		PRINTED("%T|%6v|%06v|%v", "1.5, 1.5, -1.5, -0.0", "float64|   1.5|-001.5|-0"),
		PRINTED("hi %v|%s", "2e308, 1e400", "hi 2e308|1e400"),
		PRINTED("%d", "1.5", "%!d(float64=1.5)"),
		PRINTED("%s|%t|%c", "1.5, 1.5, 1.5", "%!s(float64=1.5)|%!t(float64=1.5)|%!c(float64=1.5)"),
		PRINTED("%v", "2.2250738585072014e-308", "2.2250738585072014e-308"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(texts)
{
	static const struct rego_row rows[] = {
		PRINTED("hi %s", "\"there\"", "hi there"),
		PRINTED("%v|%10s|%-10s|%.2s|%5.1s|%05s",
			"\"åäö\", \"åäö\", \"åäö\", \"åäö\", \"åäö\", \"ab\"",
			"åäö|       åäö|åäö       |åä|    å|000ab"),
		{ "sprintf", "\"%q|%#q|%+q|%#v\", [\"a\\\"b\", \"a\\\"b\", \"é\\u0000\", \"x\"]",
			"\"\\\"a\\\\\\\"b\\\"|`a\\\"b`|\\\"\\\\u00e9\\\\x00\\\"|\\\"x\\\"\"" },
		PRINTED("%x|%X|% x|%#x|%# X|%.1x|%6x|",
			"\"hi\", \"hi\", \"hi\", \"hi\", \"hi\", \"hi\", \"hi\"",
			"6869|6869|68 69|0x6869|0X68 0X69|68|  6869|"),
		PRINTED("%s|%v|%T", "true, null, false", "true|null|string"),
		{ "sprintf", "\"%v %v %v\", [[\"there\", 5, 3.14], {\"a\": {1, 2}}, set()]",
			"\"[\\\"there\\\", 5, 3.14] {\\\"a\\\": {1, 2}} set()\"" },
		PRINTED("%d|%t", "\"hi\", true", "%!d(string=hi)|%!t(string=true)"),
		PRINTED("%5d", "\"hi\"", "%!d(string=   hi)"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(mistakes_are_printed_where_they_stand)
{
	static const struct rego_row rows[] = {
		PRINTED("100%%|%5%", "", "100%|%"),
		PRINTED("%d %s", "1", "1 %!s(MISSING)"),
		PRINTED("a", "1, \"x\", 1.5", "a%!(EXTRA int=1, string=x, float64=1.5)"),
		PRINTED("a", "18446744073709551616", "a%!(EXTRA *big.Int=18446744073709551616)"),
		PRINTED("%", "1", "%!(NOVERB)%!(EXTRA int=1)"),
		PRINTED("%z|%☠", "1, \"a\"", "%!z(int=1)|%!☠(string=a)"),
		PRINTED("%p|%w", "1, \"a\"", "%!p(int=1)|%!w(string=a)"),
		PRINTED("%*d|%-*d|%.*f|%*d", "5, 1, 5, 1, 2, 1.5, -4, 1", "    1|1    |1.50|1   "),
		PRINTED("%*d", "\"x\", 1", "%!(BADWIDTH)1"),
		PRINTED("%.*f", "-1, 1.5", "%!(BADPREC)1.500000"),
		PRINTED("%*d", "10000001, 7", "%!(BADWIDTH)7"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(operands_are_chosen_by_index)
{
	static const struct rego_row rows[] = {
		PRINTED("%[2]d %[1]d", "1, 2", "2 1"),
		PRINTED("%[2]*.[1]*f", "2, 6, 12.0", "%!f(int=    06)"),
		PRINTED("%[3]*.[2]*[1]f", "12.0, 2, 6", " 12.00"),
		PRINTED("%[3]d", "1, 2", "%!d(BADINDEX)"),
		PRINTED("%[x]d|%[1", "1", "%!d(BADINDEX)|%!(NOVERB)"),
		PRINTED("%[0]d", "1", "%!d(BADINDEX)"),
		PRINTED("%[2]2d", "1, 2", "%!d(BADINDEX)"),
		PRINTED("%[1]d %d", "1, 2", "1 2"),
		PRINTED("%d %d %#[1]x %#x", "16, 17", "16 17 0x10 0x11"),
		PRINTED("%[1]d", "1, 2", "1"),
	};

	REGO_CHECK_ROWS(rows);
}

TEST(other_operands_are_errors)
{
	static const struct rego_row rows[] = {
		{ "sprintf", "1, []", "eval_type_error: sprintf: operand 1 must be string but got number" },
		{ "sprintf", "\"\", {}", "eval_type_error: sprintf: operand 2 must be array but got object" },
	};

	REGO_CHECK_ROWS(rows);
}

TEST(a_wide_field_is_paid_for)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);

	CHECK_TEXT(rego_call_text(&arena, "sprintf", "\"%1000000d\", [1]", 1000, 1 << 24), "stopped (steps)");
	CHECK_TEXT(rego_call_text(&arena, "sprintf", "\"%1000000d\", [1]", 100000, 1 << 16),
		"stopped (memory)");
}

TEST_MAIN()
