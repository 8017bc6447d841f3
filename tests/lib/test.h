/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test.h - the unit-test harness
 *
 * A test program is a file with TEST() bodies and TEST_MAIN() at its end. Every test runs in a forked child
 * of its own, so it may crash, leak, chdir or exhaust a limit without touching its neighbours; the parent
 * compares the child's open descriptors before and after, and a test that leaves one open has failed. Output
 * is TAP (https://testanything.org, version 13), which tests/run adds up.
 *
 * An assertion ends the test at once. A skip names the feature that the host lacks; TEST_SKIP(NULL) is a
 * defect.
 */
#pragma once

#include "base/macro.h"
#include "base/str.h"

#include <inttypes.h>

struct test {
	const char *name;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *test);
int test_main(int argc, char **argv);
_Noreturn void test_fail(const char *file, int line, const char *fmt, ...) PRINTF_LIKE(3, 4);
_Noreturn void test_skip(const char *missing_feature);

/** test_dir() - a fresh directory of this test, removed after it; Return: absolute path */
const char *test_dir(void);

#define TEST(name) \
	static void test_##name(void); \
	static struct test test_##name##_entry = { #name, test_##name, NULL }; \
	__attribute__((constructor)) static void test_##name##_register(void) \
	{ \
		test_register(&test_##name##_entry); \
	} \
	static void test_##name(void)

#define TEST_MAIN() int main(int argc, char **argv) { return test_main(argc, argv); }

#define TEST_SKIP(feature) test_skip(feature)

#define CHECK(condition) \
	do { if (!(condition)) test_fail(__FILE__, __LINE__, "not true: %s", #condition); } while (0)

#define CHECK_INT(got, wanted) \
	do { intmax_t got_ = (got), wanted_ = (wanted); \
		if (got_ != wanted_) \
			test_fail(__FILE__, __LINE__, "%s: %jd, wanted %jd", #got, got_, wanted_); \
	} while (0)

#define CHECK_TEXT(got, wanted) \
	do { const char *got_ = (got), *wanted_ = (wanted); \
		if (!got_ || strcmp(got_, wanted_)) \
			test_fail(__FILE__, __LINE__, "%s: \"%s\", wanted \"%s\"", #got, \
				got_ ? got_ : "(null)", wanted_); \
	} while (0)

#define CHECK_STR(got, wanted) \
	do { struct str str_got_ = (got), str_wanted_ = (wanted); \
		if (!str_eq(str_got_, str_wanted_)) \
			test_fail(__FILE__, __LINE__, "%s: \"%.*s\", wanted \"%.*s\"", #got, \
				STR_FMT(str_got_), STR_FMT(str_wanted_)); \
	} while (0)
