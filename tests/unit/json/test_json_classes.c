// SPDX-License-Identifier: Apache-2.0
/*
 * test_json_classes.c - which texts are JSON and which are not
 *
 * One row for every class of the public JSONTestSuite (Nicolas Seriot, "Parsing JSON is a Minefield"), under
 * that suite's name, with a text of our own: y_ has to be accepted, n_ has to be refused, i_ is the reader's
 * choice by RFC 8259. Our choices: a number may be of any size, since its text is kept; nothing that is not
 * UTF-8 is read, no escaped surrogate without its other half, no byte-order mark, nothing deeper than
 * JSON_DEPTH_MAX; and no key twice in an object, which the suite counts among the y_, while RFC 8259 (section
 * 4) calls what such an object means unpredictable.
 *
 * An accepted row says what is written for it in canonical form, a refused one the position that the error
 * names.
 */
#include "json/json.h"

#include "lib/test.h"

#include <errno.h>

struct row {
	const char *class, *text;
	size_t len;
	const char *wanted;
	bool is_jsonc;
};

#define ROW(class, text, wanted) { class, text, sizeof(text) - 1, wanted, false }
#define ROW_BUT_JSONC(class, text, wanted) { class, text, sizeof(text) - 1, wanted, true }

#define TEN(text) text text text text text text text text text text
#define ZEROES_80 TEN("0") TEN("0") TEN("0") TEN("0") TEN("0") TEN("0") TEN("0") TEN("0")
#define OPEN_300 TEN(TEN("[")) TEN(TEN("[")) TEN(TEN("["))
#define OPEN_500 OPEN_300 TEN(TEN("[")) TEN(TEN("["))
#define CLOSE_500 TEN(TEN("]")) TEN(TEN("]")) TEN(TEN("]")) TEN(TEN("]")) TEN(TEN("]"))
#define OPEN_PAIRS_80 TEN("[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":[{\"\":")

static const struct row accepted[] = {
	ROW("y_array_arraysWithSpaces", "[ [ ] ]", "[[]]"),
	ROW("y_array_empty-string", "[\"\",\"\"]", "[\"\",\"\"]"),
	ROW("y_array_empty", "[]", "[]"),
	ROW("y_array_ending_with_newline", "[1]\n", "[1]"),
	ROW("y_array_false", "[false]", "[false]"),
	ROW("y_array_heterogeneous", "[null,true,2,\"3\",{},[]]", "[null,true,2,\"3\",{},[]]"),
	ROW("y_array_null", "[null]", "[null]"),
	ROW("y_array_with_1_and_newline", "[7\n]", "[7]"),
	ROW("y_array_with_leading_space", "   [2]", "[2]"),
	ROW("y_array_with_several_null", "[null,null,1,null]", "[null,null,1,null]"),
	ROW("y_array_with_trailing_space", "[4]   ", "[4]"),
	ROW("y_number", "[321e56]", "[321e56]"),
	ROW("y_number_0e+1", "[0e+7]", "[0e+7]"),
	ROW("y_number_0e1", "[0e7]", "[0e7]"),
	ROW("y_number_after_space", "[ 6]", "[6]"),
	ROW("y_number_double_close_to_zero", "[-0." ZEROES_80 "9]", "[-0." ZEROES_80 "9]"),
	ROW("y_number_int_with_exp", "[30e2]", "[30e2]"),
	ROW("y_number_minus_zero", "[-0]", "[-0]"),
	ROW("y_number_negative_int", "[-456]", "[-456]"),
	ROW("y_number_negative_one", "[-1]", "[-1]"),
	ROW("y_number_negative_zero", "[-0.0]", "[-0.0]"),
	ROW("y_number_real_capital_e", "[5E9]", "[5E9]"),
	ROW("y_number_real_capital_e_neg_exp", "[5E-9]", "[5E-9]"),
	ROW("y_number_real_capital_e_pos_exp", "[5E+9]", "[5E+9]"),
	ROW("y_number_real_exponent", "[12.5e11]", "[12.5e11]"),
	ROW("y_number_real_fraction_exponent", "[0.5e1]", "[0.5e1]"),
	ROW("y_number_real_neg_exp", "[9e-4]", "[9e-4]"),
	ROW("y_number_real_pos_exponent", "[9e+4]", "[9e+4]"),
	ROW("y_number_simple_int", "[987]", "[987]"),
	ROW("y_number_simple_real", "[98.7001]", "[98.7001]"),
	ROW("y_number_int64",
		"[9223372036854775807,-9223372036854775808]", "[9223372036854775807,-9223372036854775808]"),
	ROW("y_object", "{\"b\":\"two\",\"a\":\"one\"}", "{\"a\":\"one\",\"b\":\"two\"}"),
	ROW("y_object_basic", "{\"k\":\"v\"}", "{\"k\":\"v\"}"),
	ROW("y_object_empty", "{}", "{}"),
	ROW("y_object_empty_key", "{\"\":1}", "{\"\":1}"),
	ROW("y_object_escaped_null_in_key", "{\"k\\u0000y\":1,\"k\":2}", "{\"k\":2,\"k\\u0000y\":1}"),
	ROW("y_object_extreme_numbers",
		"{\"low\":-2.5e+60,\"high\":2.5e+60}", "{\"high\":2.5e+60,\"low\":-2.5e+60}"),
	ROW("y_object_long_strings",
		"{\"name\":\"nononononononononono\",\"list\":[{\"name\":\"mymymymymymymymymymy\"}]}",
		"{\"list\":[{\"name\":\"mymymymymymymymymymy\"}],\"name\":\"nononononononononono\"}"),
	ROW("y_object_simple", "{\"list\":[]}", "{\"list\":[]}"),
	ROW("y_object_string_unicode",
		"{\"title\":\"\\u0416\\u0443\\u043a\"}", "{\"title\":\"\xD0\x96\xD1\x83\xD0\xBA\"}"),
	ROW("y_object_with_newlines", "{\n\"k\":\n1\n,\n\"l\"\n:\n2\n}", "{\"k\":1,\"l\":2}"),
	ROW("y_string_1_2_3_bytes_UTF-8_sequences",
		"[\"\\u0061\\u00f1\\u6f22\"]", "[\"a\xC3\xB1\xE6\xBC\xA2\"]"),
	ROW("y_string_accepted_surrogate_pair", "[\"\\uD83D\\uDE80\"]", "[\"\xF0\x9F\x9A\x80\"]"),
	ROW("y_string_accepted_surrogate_pairs",
		"[\"\\ud83d\\ude80\\ud83c\\udf0d\"]", "[\"\xF0\x9F\x9A\x80\xF0\x9F\x8C\x8D\"]"),
	ROW("y_string_allowed_escapes", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\"\\\\/\\b\\f\\n\\r\\t\"]"),
	ROW("y_string_backslash_and_u_escaped_zero", "[\"\\\\u0000\"]", "[\"\\\\u0000\"]"),
	ROW("y_string_backslash_doublequotes", "[\"\\\"\"]", "[\"\\\"\"]"),
	ROW("y_string_comments", "[\"x/*y*/z//w\"]", "[\"x/*y*/z//w\"]"),
	ROW("y_string_double_escape_a", "[\"\\\\b\"]", "[\"\\\\b\"]"),
	ROW("y_string_double_escape_n", "[\"\\\\t\"]", "[\"\\\\t\"]"),
	ROW("y_string_escaped_control_character", "[\"\\u0013\"]", "[\"\\u0013\"]"),
	ROW("y_string_escaped_noncharacter", "[\"\\uFFFE\"]", "[\"\xEF\xBF\xBE\"]"),
	ROW("y_string_in_array", "[\"text\"]", "[\"text\"]"),
	ROW("y_string_in_array_with_leading_space", "[ \"text\"]", "[\"text\"]"),
	ROW("y_string_last_surrogates_1_and_2", "[\"\\uDBFF\\uDFFD\"]", "[\"\xF4\x8F\xBF\xBD\"]"),
	ROW("y_string_nbsp_uescaped", "[\"a\\u00A0b\"]", "[\"a\xC2\xA0" "b\"]"),
	ROW("y_string_nonCharacterInUTF-8_U+10FFFF", "[\"\xF4\x8F\xBF\xBF\"]", "[\"\xF4\x8F\xBF\xBF\"]"),
	ROW("y_string_nonCharacterInUTF-8_U+FFFF", "[\"\xEF\xBF\xBF\"]", "[\"\xEF\xBF\xBF\"]"),
	ROW("y_string_null_escape", "[\"\\u0000\"]", "[\"\\u0000\"]"),
	ROW("y_string_one-byte-utf-8", "[\"\\u002B\"]", "[\"+\"]"),
	ROW("y_string_pi", "[\"\xCF\x80\"]", "[\"\xCF\x80\"]"),
	ROW("y_string_reservedCharacterInUTF-8_U+1BFFF", "[\"\xF0\x9B\xBF\xBF\"]", "[\"\xF0\x9B\xBF\xBF\"]"),
	ROW("y_string_simple_ascii", "[\"plain \"]", "[\"plain \"]"),
	ROW("y_string_space", "\" \"", "\" \""),
	ROW("y_string_surrogates_U+1D11E_MUSICAL_SYMBOL_G_CLEF",
		"[\"\\uD834\\uDd1e\"]", "[\"\xF0\x9D\x84\x9E\"]"),
	ROW("y_string_three-byte-utf-8", "[\"\\u0FFF\"]", "[\"\xE0\xBF\xBF\"]"),
	ROW("y_string_two-byte-utf-8", "[\"\\u0111\"]", "[\"\xC4\x91\"]"),
	ROW("y_string_u+2028_line_sep", "[\"\xE2\x80\xA8\"]", "[\"\xE2\x80\xA8\"]"),
	ROW("y_string_u+2029_par_sep", "[\"\xE2\x80\xA9\"]", "[\"\xE2\x80\xA9\"]"),
	ROW("y_string_uEscape", "[\"\\u0041\\u30af\"]", "[\"A\xE3\x82\xAF\"]"),
	ROW("y_string_uescaped_newline", "[\"line\\u000Aline\"]", "[\"line\\nline\"]"),
	ROW("y_string_unescaped_char_delete", "[\"\x7F\"]", "[\"\x7F\"]"),
	ROW("y_string_unicode", "[\"\xE2\x8C\x98\"]", "[\"\xE2\x8C\x98\"]"),
	ROW("y_string_unicodeEscapedBackslash", "[\"\\u005C\"]", "[\"\\\\\"]"),
	ROW("y_string_unicode_2",
		"[\"\xE2\x8C\x98\xE3\x81\x82\xE2\x8C\x98\"]", "[\"\xE2\x8C\x98\xE3\x81\x82\xE2\x8C\x98\"]"),
	ROW("y_string_unicode_U+10FFFE_nonchar", "[\"\\uDBFF\\uDFFE\"]", "[\"\xF4\x8F\xBF\xBE\"]"),
	ROW("y_string_unicode_U+1FFFE_nonchar", "[\"\\uD83F\\uDFFE\"]", "[\"\xF0\x9F\xBF\xBE\"]"),
	ROW("y_string_unicode_U+200B_ZERO_WIDTH_SPACE", "[\"\\u200B\"]", "[\"\xE2\x80\x8B\"]"),
	ROW("y_string_unicode_U+2064_invisible_plus", "[\"\\u2064\"]", "[\"\xE2\x81\xA4\"]"),
	ROW("y_string_unicode_U+FDD0_nonchar", "[\"\\uFDD0\"]", "[\"\xEF\xB7\x90\"]"),
	ROW("y_string_unicode_U+FFFE_nonchar", "[\"\xEF\xBF\xBE\"]", "[\"\xEF\xBF\xBE\"]"),
	ROW("y_string_unicode_escaped_double_quote", "[\"\\u0022\"]", "[\"\\\"\"]"),
	ROW("y_string_utf8", "[\"\xE2\x82\xAC\xF0\x9D\x84\x9E\"]", "[\"\xE2\x82\xAC\xF0\x9D\x84\x9E\"]"),
	ROW("y_string_with_del_character", "[\"x\x7Fy\"]", "[\"x\x7Fy\"]"),
	ROW("y_structure_lonely_false", "false", "false"),
	ROW("y_structure_lonely_int", "24", "24"),
	ROW("y_structure_lonely_negative_real", "-0.7", "-0.7"),
	ROW("y_structure_lonely_null", "null", "null"),
	ROW("y_structure_lonely_string", "\"lone\"", "\"lone\""),
	ROW("y_structure_lonely_true", "true", "true"),
	ROW("y_structure_string_empty", "\"\"", "\"\""),
	ROW("y_structure_trailing_newline", "[\"x\"]\r\n", "[\"x\"]"),
	ROW("y_structure_true_in_array", "[true]", "[true]"),
	ROW("y_structure_whitespace_array", " \t\r\n[] \t\r\n", "[]"),
};

static const struct row accepted_by_choice[] = {
	ROW("i_number_double_huge_neg_exp", "[456.789e-98765]", "[456.789e-98765]"),
	ROW("i_number_huge_exp",
		"[0.5e0123456789123456789123456789123456789123456789]",
		"[0.5e0123456789123456789123456789123456789123456789]"),
	ROW("i_number_neg_int_huge_exp", "[-2e+8888]", "[-2e+8888]"),
	ROW("i_number_pos_double_huge_exp", "[2.5e+8888]", "[2.5e+8888]"),
	ROW("i_number_real_neg_overflow", "[-456456e98765]", "[-456456e98765]"),
	ROW("i_number_real_pos_overflow", "[456456e98765]", "[456456e98765]"),
	ROW("i_number_real_underflow", "[456e-9876543]", "[456e-9876543]"),
	ROW("i_number_too_big_neg_int", "[-9223372036854775809]", "[-9223372036854775809]"),
	ROW("i_number_too_big_pos_int", "[9223372036854775808]", "[9223372036854775808]"),
	ROW("i_number_very_big_negative_int",
		"[-987654321987654321987654321987654321]", "[-987654321987654321987654321987654321]"),
};

static const struct row refused[] = {
	ROW("n_array_1_true_without_comma", "[2 false]", "1:4"),
	ROW("n_array_a_invalid_utf8", "[b\xE6]", "1:2"),
	ROW("n_array_colon_instead_of_comma", "[\"k\": 2]", "1:5"),
	ROW("n_array_comma_after_close", "[\"k\"],", "1:6"),
	ROW("n_array_comma_and_number", "[,2]", "1:2"),
	ROW("n_array_double_comma", "[3,,4]", "1:4"),
	ROW("n_array_double_extra_comma", "[\"k\",,]", "1:6"),
	ROW("n_array_extra_close", "[\"k\"]]", "1:6"),
	ROW_BUT_JSONC("n_array_extra_comma", "[\"k\",]", "1:6"),
	ROW("n_array_incomplete_invalid_value", "[y", "1:2"),
	ROW("n_array_incomplete", "[\"y\"", "1:5"),
	ROW("n_array_inner_array_no_comma", "[4[5]]", "1:3"),
	ROW("n_array_invalid_utf8", "[\xFE]", "1:2"),
	ROW("n_array_items_separated_by_semicolon", "[2;3]", "1:3"),
	ROW("n_array_just_comma", "[ , ]", "1:3"),
	ROW("n_array_just_minus", "[ - ]", "1:4"),
	ROW("n_array_missing_value", "[   , \"\"]", "1:5"),
	ROW("n_array_newlines_unclosed", "[\"k\",\n5\n,2,", "3:4"),
	ROW_BUT_JSONC("n_array_number_and_comma", "[2,]", "1:4"),
	ROW("n_array_number_and_several_commas", "[2,,,]", "1:4"),
	ROW("n_array_spaces_vertical_tab_formfeed", "[\"\x0Bk\"\\f]", "1:3"),
	ROW("n_array_vertical_tab_between", "[\x0B" "1]", "1:2"),
	ROW("n_array_star_inside", "[*,1]", "1:2"),
	ROW("n_array_unclosed", "[\"\"", "1:4"),
	ROW("n_array_unclosed_trailing_comma", "[2,", "1:4"),
	ROW("n_array_unclosed_with_new_lines", "[2,\n3\n,4", "3:3"),
	ROW("n_array_unclosed_with_object_inside", "[{\"k\":1}", "1:9"),
	ROW("n_incomplete_false", "[fals]", "1:2"),
	ROW("n_incomplete_null", "[nul]", "1:2"),
	ROW("n_incomplete_true", "[tru]", "1:2"),
	ROW("n_multidigit_number_then_00", "456\x00", "1:4"),
	ROW("n_number_++", "[++2]", "1:2"),
	ROW("n_number_+1", "[+2]", "1:2"),
	ROW("n_number_+Inf", "[+Inf]", "1:2"),
	ROW("n_number_-01", "[-02]", "1:3"),
	ROW("n_number_-1.0.", "[-2.5.]", "1:6"),
	ROW("n_number_-2.", "[-3.]", "1:5"),
	ROW("n_number_-NaN", "[-NaN]", "1:3"),
	ROW("n_number_.-1", "[.-2]", "1:2"),
	ROW("n_number_.2e-3", "[.3e-4]", "1:2"),
	ROW("n_number_0.1.2", "[0.2.3]", "1:5"),
	ROW("n_number_0.3e+", "[0.4e+]", "1:7"),
	ROW("n_number_0.3e", "[0.4e]", "1:6"),
	ROW("n_number_0.e1", "[0.e2]", "1:4"),
	ROW("n_number_0_capital_E+", "[0E+]", "1:5"),
	ROW("n_number_0_capital_E", "[0E]", "1:4"),
	ROW("n_number_0e+", "[0e+]", "1:5"),
	ROW("n_number_0e", "[0e]", "1:4"),
	ROW("n_number_1.0e+", "[2.5e+]", "1:7"),
	ROW("n_number_1.0e-", "[2.5e-]", "1:7"),
	ROW("n_number_1.0e", "[2.5e]", "1:6"),
	ROW("n_number_1_000", "[2_000]", "1:3"),
	ROW("n_number_1eE2", "[2eE3]", "1:4"),
	ROW("n_number_2.e+3", "[3.e+4]", "1:4"),
	ROW("n_number_2.e-3", "[3.e-4]", "1:4"),
	ROW("n_number_2.e3", "[3.e4]", "1:4"),
	ROW("n_number_9.e+", "[8.e+]", "1:4"),
	ROW("n_number_Inf", "[Inf]", "1:2"),
	ROW("n_number_NaN", "[NaN]", "1:2"),
	ROW("n_number_U+FF11_fullwidth_digit_one", "[\xEF\xBC\x92]", "1:2"),
	ROW("n_number_expression", "[2+3]", "1:3"),
	ROW("n_number_hex_1_digit", "[0x2]", "1:3"),
	ROW("n_number_hex_2_digits", "[0x43]", "1:3"),
	ROW("n_number_infinity", "[Infinity]", "1:2"),
	ROW("n_number_invalid+-", "[0e+-2]", "1:5"),
	ROW("n_number_invalid-negative-real", "[-456.789bar]", "1:10"),
	ROW("n_number_invalid-utf-8-in-bigger-int", "[456\xE6]", "1:5"),
	ROW("n_number_invalid-utf-8-in-exponent", "[2e3\xE6]", "1:5"),
	ROW("n_number_invalid-utf-8-in-int", "[0\xE6]\n", "1:3"),
	ROW("n_number_minus_infinity", "[-Infinity]", "1:3"),
	ROW("n_number_minus_sign_with_trailing_garbage", "[-bar]", "1:3"),
	ROW("n_number_minus_space_1", "[- 2]", "1:3"),
	ROW("n_number_neg_int_starting_with_zero", "[-034]", "1:3"),
	ROW("n_number_neg_real_without_int_part", "[-.456]", "1:3"),
	ROW("n_number_neg_with_garbage_at_end", "[-2y]", "1:4"),
	ROW("n_number_real_garbage_after_e", "[2eb]", "1:4"),
	ROW("n_number_real_with_invalid_utf8_after_e", "[2e\xE6]", "1:4"),
	ROW("n_number_real_without_fractional_part", "[2.]", "1:4"),
	ROW("n_number_starting_with_dot", "[.456]", "1:2"),
	ROW("n_number_with_alpha", "[2.5a-]", "1:5"),
	ROW("n_number_with_alpha_char", "[2.9012345E3x]", "1:13"),
	ROW("n_number_with_leading_zero", "[034]", "1:2"),
	ROW("n_number_double_zero", "[00]", "1:2"),
	ROW("n_object_bad_value", "[\"y\", trust]", "1:7"),
	ROW("n_object_bracket_key", "{[: \"y\"}\n", "1:2"),
	ROW("n_object_comma_instead_of_colon", "{\"y\", null}", "1:5"),
	ROW("n_object_double_colon", "{\"y\"::\"c\"}", "1:6"),
	ROW("n_object_emoji", "{\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7}", "1:2"),
	ROW("n_object_garbage_at_end", "{\"b\":\"c\" 456}", "1:10"),
	ROW("n_object_key_with_single_quotes", "{key: 'value'}", "1:2"),
	ROW("n_object_lone_continuation_byte_in_key_and_trailing_comma", "{\"\xBA\":\"1\",}", "1:3"),
	ROW("n_object_missing_colon", "{\"b\" c}", "1:6"),
	ROW("n_object_missing_key", "{:\"c\"}", "1:2"),
	ROW("n_object_missing_semicolon", "{\"b\" \"c\"}", "1:6"),
	ROW("n_object_missing_value", "{\"b\":", "1:6"),
	ROW("n_object_no-colon", "{\"b\"", "1:5"),
	ROW("n_object_non_string_key", "{2:2}", "1:2"),
	ROW("n_object_non_string_key_but_huge_number_instead", "{8888E8888:2}", "1:2"),
	ROW("n_object_repeated_null_null", "{null:null,null:null}", "1:2"),
	ROW("n_object_several_trailing_commas", "{\"j\":1,,,,,}", "1:8"),
	ROW("n_object_single_quote", "{'b':1}", "1:2"),
	ROW_BUT_JSONC("n_object_trailing_comma", "{\"j\":1,}", "1:8"),
	ROW_BUT_JSONC("n_object_trailing_comment", "{\"b\":\"c\"}/**/", "1:10"),
	ROW("n_object_trailing_comment_open", "{\"b\":\"c\"}/**//", "1:10"),
	ROW_BUT_JSONC("n_object_trailing_comment_slash_open", "{\"b\":\"c\"}//", "1:10"),
	ROW("n_object_trailing_comment_slash_open_incomplete", "{\"b\":\"c\"}/", "1:10"),
	ROW("n_object_two_commas_in_a_row", "{\"b\":\"c\",,\"d\":\"e\"}", "1:10"),
	ROW("n_object_unquoted_key", "{b: \"c\"}", "1:2"),
	ROW("n_object_unterminated-value", "{\"b\":\"b", "1:8"),
	ROW("n_object_with_single_string", "{ \"bar\" : \"foo\", \"b\" }", "1:22"),
	ROW("n_object_with_trailing_garbage", "{\"b\":\"c\"}#", "1:10"),
	ROW("n_single_space", " ", "1:2"),
	ROW("n_string_1_surrogate_then_escape", "[\"\\uD801\\\"]", "1:3"),
	ROW("n_string_1_surrogate_then_escape_u", "[\"\\uD801\\u\"]", "1:11"),
	ROW("n_string_1_surrogate_then_escape_u1", "[\"\\uD801\\u2\"]", "1:12"),
	ROW("n_string_1_surrogate_then_escape_u1x", "[\"\\uD801\\u2y\"]", "1:12"),
	ROW("n_string_accentuated_char_no_quotes", "[\xC3\xA9]", "1:2"),
	ROW("n_string_backslash_00", "[\"\\\x00\"]", "1:4"),
	ROW("n_string_escape_x", "[\"\\x41\"]", "1:4"),
	ROW("n_string_octal_escape", "[\"\\101\"]", "1:4"),
	ROW("n_string_escaped_backslash_bad", "[\"\\\\\\\"]", "1:8"),
	ROW("n_string_escaped_ctrl_char_tab", "[\"\\\t\"]", "1:4"),
	ROW("n_string_escaped_emoji", "[\"\\\xF0\x9F\x9A\x80\"]", "1:4"),
	ROW("n_string_incomplete_escape", "[\"\\\"]", "1:6"),
	ROW("n_string_incomplete_escaped_character", "[\"\\u00B\"]", "1:8"),
	ROW("n_string_incomplete_surrogate", "[\"\\uD835\\uDe\"]", "1:13"),
	ROW("n_string_incomplete_surrogate_escape_invalid", "[\"\\uD801\\uD801\\x\"]", "1:3"),
	ROW("n_string_invalid-utf-8-in-escape", "[\"\\u\xE6\"]", "1:5"),
	ROW("n_string_invalid_backslash_esc", "[\"\\b\\c\"]", "1:6"),
	ROW("n_string_invalid_unicode_escape", "[\"\\uqrst\"]", "1:5"),
	ROW("n_string_invalid_utf8_after_escape", "[\"\\\xE6\"]", "1:4"),
	ROW("n_string_leading_uescaped_thinspace", "[\\u2009\"t\"]", "1:2"),
	ROW("n_string_no_quotes_with_bad_escape", "[\\t]", "1:2"),
	ROW("n_string_single_doublequote", "\"", "1:2"),
	ROW("n_string_single_quote", "['quoted']", "1:2"),
	ROW("n_string_single_string_no_double_quotes", "xyz", "1:1"),
	ROW("n_string_start_escape_unclosed", "[\"\\", "1:4"),
	ROW("n_string_unescaped_ctrl_char", "[\"x\x00x\"]", "1:4"),
	ROW("n_string_unescaped_newline", "[\"new\nline\"]", "1:6"),
	ROW("n_string_unescaped_tab", "[\"\t\"]", "1:3"),
	ROW("n_string_unicode_CapitalU", "\"\\UB67C\"", "1:3"),
	ROW("n_string_with_trailing_garbage", "\"\"y", "1:3"),
	ROW("n_structure_100000_opening_arrays", OPEN_300, "1:129"),
	ROW("n_structure_U+2060_word_joined", "[\xE2\x81\xA0]", "1:2"),
	ROW("n_structure_UTF8_BOM_no_data", "\xEF\xBB\xBF", "1:1"),
	ROW("n_structure_angle_bracket_.", "<.>", "1:1"),
	ROW("n_structure_angle_bracket_null", "[<null>]", "1:2"),
	ROW("n_structure_array_trailing_garbage", "[2]y", "1:4"),
	ROW("n_structure_array_with_extra_array_close", "[2]]", "1:4"),
	ROW("n_structure_array_with_unclosed_string", "[\"bcd]", "1:7"),
	ROW("n_structure_ascii-unicode-identifier", "b\xC3\xA6", "1:1"),
	ROW("n_structure_capitalized_True", "[True]", "1:2"),
	ROW("n_structure_close_unopened_array", "2]", "1:2"),
	ROW("n_structure_comma_instead_of_closing_brace", "{\"y\": false,", "1:13"),
	ROW("n_structure_double_array", "[][]", "1:3"),
	ROW("n_structure_end_array", "]", "1:1"),
	ROW("n_structure_incomplete_UTF8_BOM", "\xEF\xBB{}", "1:1"),
	ROW("n_structure_lone-invalid-utf-8", "\xE6", "1:1"),
	ROW("n_structure_lone-open-bracket", "[", "1:2"),
	ROW("n_structure_no_data", "", "1:1"),
	ROW("n_structure_null-byte-outside-string", "[\x00]", "1:2"),
	ROW("n_structure_number_with_trailing_garbage", "3@", "1:2"),
	ROW("n_structure_object_followed_by_closing_object", "{}}", "1:3"),
	ROW("n_structure_object_unclosed_no_value", "{\"\":", "1:5"),
	ROW_BUT_JSONC("n_structure_object_with_comment", "{\"b\":/*why*/\"c\"}", "1:6"),
	ROW("n_structure_object_with_trailing_garbage", "{\"b\": true} \"y\"", "1:13"),
	ROW("n_structure_open_array_apostrophe", "['", "1:2"),
	ROW("n_structure_open_array_comma", "[,", "1:2"),
	ROW("n_structure_open_array_object", OPEN_PAIRS_80, "1:321"),
	ROW("n_structure_open_array_open_object", "[{", "1:3"),
	ROW("n_structure_open_array_open_string", "[\"b", "1:4"),
	ROW("n_structure_open_array_string", "[\"b\"", "1:5"),
	ROW("n_structure_open_object", "{", "1:2"),
	ROW("n_structure_open_object_close_array", "{]", "1:2"),
	ROW("n_structure_open_object_comma", "{,", "1:2"),
	ROW("n_structure_open_object_open_array", "{[", "1:2"),
	ROW("n_structure_open_object_open_string", "{\"b", "1:4"),
	ROW("n_structure_open_object_string_with_apostrophes", "{'b'", "1:2"),
	ROW("n_structure_open_open", "[\"\\{[\"\\{[\"\\{[\"\\{", "1:4"),
	ROW("n_structure_single_eacute", "\xC3\xA9", "1:1"),
	ROW("n_structure_single_star", "*", "1:1"),
	ROW("n_structure_trailing_#", "{\"b\":\"c\"}#{}", "1:10"),
	ROW("n_structure_uescaped_LF_before_string", "[\\u000D\"\"]", "1:2"),
	ROW("n_structure_unclosed_array", "[2", "1:3"),
	ROW("n_structure_unclosed_array_partial_null", "[ true, nul", "1:9"),
	ROW("n_structure_unclosed_array_unfinished_false", "[ false, fals", "1:10"),
	ROW("n_structure_unclosed_array_unfinished_true", "[ true, tru", "1:9"),
	ROW("n_structure_unclosed_object", "{\"bar\":\"foo\"", "1:13"),
	ROW("n_structure_unicode-identifier", "\xC3\xA6", "1:1"),
	ROW("n_structure_whitespace_U+2060_word_joiner", "\xE2\x81\xA0", "1:1"),
	ROW("n_structure_whitespace_formfeed", "[\x0C]", "1:2"),
};

static const struct row refused_by_choice[] = {
	ROW("i_object_key_lone_2nd_surrogate", "{\"\\uDFAB\":0}", "1:3"),
	ROW("i_string_1st_surrogate_but_2nd_missing", "[\"\\uDADB\"]", "1:3"),
	ROW("i_string_1st_valid_surrogate_2nd_invalid", "[\"\\uD889\\u2345\"]", "1:3"),
	ROW("i_string_UTF-16LE_with_BOM", "\xFF\xFE[\x00]\x00", "1:1"),
	ROW("i_string_UTF-8_invalid_sequence", "[\"\xE6\x97\xA5\xD2\xFB\"]", "1:6"),
	ROW("i_string_UTF8_surrogate_U+D800", "[\"\xED\xA0\x80\"]", "1:3"),
	ROW("i_string_incomplete_surrogate_and_escape_valid", "[\"\\uD801\\t\"]", "1:3"),
	ROW("i_string_incomplete_surrogate_pair", "[\"\\uDd1fb\"]", "1:3"),
	ROW("i_string_incomplete_surrogates_escape_valid", "[\"\\uD801\\uD801\\t\"]", "1:3"),
	ROW("i_string_invalid_lonely_surrogate", "[\"\\ud801\"]", "1:3"),
	ROW("i_string_invalid_surrogate", "[\"\\ud801xyz\"]", "1:3"),
	ROW("i_string_invalid_utf-8", "[\"\xFE\"]", "1:3"),
	ROW("i_string_inverted_surrogates_U+1D11E", "[\"\\uDd1f\\uD834\"]", "1:3"),
	ROW("i_string_iso_latin_1", "[\"\xEA\"]", "1:3"),
	ROW("i_string_lone_second_surrogate", "[\"\\uDFAB\"]", "1:3"),
	ROW("i_string_lone_utf8_continuation_byte", "[\"\x82\"]", "1:3"),
	ROW("i_string_not_in_unicode_range", "[\"\xF4\xBF\xBF\xBE\"]", "1:3"),
	ROW("i_string_overlong_sequence_2_bytes", "[\"\xC0\xAE\"]", "1:3"),
	ROW("i_string_overlong_sequence_6_bytes", "[\"\xFC\x83\xBF\xBF\xBF\xBE\"]", "1:3"),
	ROW("i_string_overlong_sequence_6_bytes_null", "[\"\xFC\x80\x80\x80\x80\x81\"]", "1:3"),
	ROW("i_string_truncated-utf-8", "[\"\xE0\xFE\"]", "1:3"),
	ROW("i_string_utf16BE_no_BOM", "\x00[\x00]", "1:1"),
	ROW("i_string_utf16LE_no_BOM", "[\x00]\x00", "1:2"),
	ROW("i_structure_500_nested_arrays", OPEN_500 CLOSE_500, "1:129"),
	ROW("i_structure_UTF-8_BOM_empty_object", "\xEF\xBB\xBF{}", "1:1"),
	ROW("y_object_duplicated_key", "{\"k\":1,\"k\":2}", "1:8"),
	ROW("y_object_duplicated_key_and_value", "{\"k\":1,\"k\":1}", "1:8"),
	ROW("y_object_duplicated_key_escaped", "{\"k\":1,\"\\u006b\":2}", "1:8"),
};

static struct str text_of(const struct row *row)
{
	return (struct str){ .data = row->text, .len = row->len };
}

static void check_accepted(const struct row *row, unsigned flags)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf buf = BUF_INIT(1 << 20);
	struct error err = ERROR_INIT;
	const struct json *value;

	if (json_read(&arena, text_of(row), flags, &value, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s: refused: %s", row->class, err.text);
	CHECK_INT(json_write(&buf, value, JSON_WRITE_CANONICAL), 0);
	if (strcmp(buf_text(&buf), row->wanted))
		test_fail(__FILE__, __LINE__, "%s: %s, wanted %s", row->class, buf_text(&buf), row->wanted);
}

static void check_refused(const struct row *row, unsigned flags)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	/* As JSONC, a slash may have begun a comment, and then the error stands further on. */
	bool moved = flags & JSON_READ_JSONC && memchr(row->text, '/', row->len);
	struct str wanted = str_from(row->wanted);
	struct error err = ERROR_INIT;
	const struct json *value = NULL;
	int r = json_read(&arena, text_of(row), flags, &value, &err);

	if (!r || value)
		test_fail(__FILE__, __LINE__, "%s: accepted", row->class);
	CHECK(r == -EBADMSG || r == -EMSGSIZE);
	if (!moved &&
			(!str_starts_with(str_from(err.text), wanted) ||
				!str_starts_with(str_from(err.text + wanted.len), STR(": expected "))))
		test_fail(__FILE__, __LINE__, "%s: \"%s\", wanted position %s", row->class, err.text,
			row->wanted);
}

TEST(every_must_accept_class_is_accepted)
{
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++)
		check_accepted(&accepted[i], JSON_READ_STRICT);
	for (size_t i = 0; i < ARRAY_SIZE(accepted_by_choice); i++)
		check_accepted(&accepted_by_choice[i], JSON_READ_STRICT);
}

TEST(jsonc_accepts_all_json)
{
	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++)
		check_accepted(&accepted[i], JSON_READ_JSONC);
	for (size_t i = 0; i < ARRAY_SIZE(accepted_by_choice); i++)
		check_accepted(&accepted_by_choice[i], JSON_READ_JSONC);
}

TEST(every_must_reject_class_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		check_refused(&refused[i], JSON_READ_STRICT);
	for (size_t i = 0; i < ARRAY_SIZE(refused_by_choice); i++)
		check_refused(&refused_by_choice[i], JSON_READ_STRICT);
}

TEST(jsonc_forgives_comments_and_one_comma_only)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct json *value;
	int forgiven = 0;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		if (!refused[i].is_jsonc)
			check_refused(&refused[i], JSON_READ_JSONC);
		else if (json_read(&arena, text_of(&refused[i]), JSON_READ_JSONC, &value, NULL) < 0)
			test_fail(__FILE__, __LINE__, "%s: refused as JSONC", refused[i].class);
		forgiven += refused[i].is_jsonc;
	}
	CHECK_INT(forgiven, 6);
	for (size_t i = 0; i < ARRAY_SIZE(refused_by_choice); i++)
		check_refused(&refused_by_choice[i], JSON_READ_JSONC);
}

/* The copy that is parsed must be the reader's own: neither the text nor what stands behind it may matter. */
TEST(the_text_is_not_changed_and_its_end_is_respected)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(accepted); i++) {
		const struct row *row = &accepted[i];
		char *text = arena_alloc(&arena, row->len + 8), *before = arena_alloc(&arena, row->len + 8);
		const struct json *value;

		memcpy(text, row->text, row->len);
		memcpy(text + row->len, "]}\"9,*/x", 8);
		memcpy(before, text, row->len + 8);
		CHECK_INT(json_read(&arena, (struct str){ .data = text, .len = row->len }, 0, &value, NULL),
			0);
		CHECK(!memcmp(text, before, row->len + 8));
	}
}

TEST_MAIN()
