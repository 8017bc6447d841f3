// SPDX-License-Identifier: Apache-2.0
/*
 * test_zone.c - what clocks show, by real zones and by files that somebody made up
 */
#include "rego/zone.h"
#include "rego/zone_rule.h"

#include "base/buf.h"

#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

enum {
	MEMORY = 4 << 20,
	HEADER = 44,
};

static struct str read_zone_file(struct arena *arena, const char *name)
{
	const char *path = arena_printf(arena, "/usr/share/zoneinfo/%s", name);
	char *bytes = arena_alloc(arena, REGO_ZONE_FILE_MAX);
	FILE *file = fopen(path, "re");
	size_t len;

	if (!file)
		TEST_SKIP("tzdata");
	CHECK(bytes);
	len = fread(bytes, 1, REGO_ZONE_FILE_MAX, file);
	CHECK_INT(fclose(file), 0);
	return (struct str){ .data = bytes, .len = len };
}

static const struct rego_zone *load(struct arena *arena, struct rego_zones *zones, const char *name)
{
	struct error err = ERROR_INIT;

	if (rego_zones_add(zones, str_from(name), read_zone_file(arena, name), &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return rego_zones_find(zones, str_from(name));
}

TEST(real_zones_show_what_clocks_there_showed_and_will_show)
{
	static const struct {
		const char *zone;
		int64_t seconds;
		int32_t offset;
		const char *name;
	} rows[] = {
		{ "Europe/Paris", 1711846799, 3600, "CET" },
		{ "Europe/Paris", 1711846800, 7200, "CEST" },
		{ "Europe/Paris", 1729990799, 7200, "CEST" },
		{ "Europe/Paris", 1729990800, 3600, "CET" },
		{ "Europe/Paris", 4117856400, 7200, "CEST" },	/* 2100-06-28 */
		{ "Europe/Paris", INT64_MIN, 561, "LMT" },
		{ "Europe/Paris", INT64_MAX, 7200, NULL },
		{ "America/New_York", 1517832000, -18000, "EST" },
		{ "America/New_York", 4118540400, -14400, "EDT" },
		{ "Australia/Sydney", 4102444800, 39600, "AEDT" },	/* 2100-01-01, in summer */
		{ "Asia/Kolkata", 4102444800, 19800, "IST" },
		{ "America/Sao_Paulo", 1700000000, -10800, "-03" },
		{ "Etc/GMT+5", 0, -18000, "-05" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct rego_zones *zones = rego_zones_new(&arena);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct rego_zone *zone = rego_zones_find(zones, str_from(rows[i].zone));
		struct rego_zone_time time;

		if (!zone)
			zone = load(&arena, zones, rows[i].zone);
		time = rego_zone_look(zone, rows[i].seconds);
		if (rows[i].name) {
			CHECK_STR(time.name, str_from(rows[i].name));
			CHECK_INT(time.offset, rows[i].offset);
		}
	}
}

TEST(no_zone_is_utc)
{
	struct rego_zone_time time = rego_zone_look(NULL, INT64_MAX);

	CHECK_INT(time.offset, 0);
	CHECK_STR(time.name, STR("UTC"));
	CHECK(!rego_zones_find(NULL, STR("UTC")));
}

/* ---- files that somebody made up ---- */

/* One change, at 1000: from A (0) to B (3600, summer); and for ever after as @rule says. */
static struct str make_file(struct arena *arena, const char *rule)
{
	static const unsigned char header[HEADER] = {
		'T', 'Z', 'i', 'f', '2', [35] = 1, [39] = 2, [43] = 4,
	};
	static const unsigned char body[] = {
		0, 0, 0, 0, 0, 0, 0x03, 0xe8,	/* when */
		1,				/* to which type */
		0, 0, 0, 0, 0, 0,		/* offset, summer, name */
		0, 0, 0x0e, 0x10, 1, 2,
		'A', 0, 'B', 0,
	};
	struct buf buf = BUF_INIT(4096);
	unsigned char old[HEADER] = { 'T', 'Z', 'i', 'f', '2', [39] = 1, [43] = 1 };
	char *bytes;
	size_t len;

	(void)buf_append(&buf, old, HEADER);
	(void)buf_append(&buf, "\0\0\0\0\0\0\0", 7);
	(void)buf_append(&buf, header, HEADER);
	(void)buf_append(&buf, body, sizeof(body));
	(void)buf_append_char(&buf, '\n');
	(void)buf_append_str(&buf, rule);
	(void)buf_append_char(&buf, '\n');
	CHECK(!buf_failed(&buf));
	len = buf.len;
	bytes = arena_copy(arena, buf.data, len);
	CHECK(bytes);
	buf_fini(&buf);
	return (struct str){ .data = bytes, .len = len };
}

enum {
	SECOND = HEADER + 7,		/* where the second header begins */
	BODY = SECOND + HEADER,
	TYPES = BODY + 9,
	NAMES = TYPES + 12,
	RULE = NAMES + 4,
};

static int add(struct arena *arena, struct str bytes, struct error *err)
{
	return rego_zones_add(rego_zones_new(arena), STR("X"), bytes, err);
}

TEST(a_small_file_is_read)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct rego_zones *zones = rego_zones_new(&arena);
	const struct rego_zone *zone;

	CHECK_INT(rego_zones_add(zones, STR("X/Y"), make_file(&arena, ""), NULL), 0);
	zone = rego_zones_find(zones, STR("X/Y"));
	CHECK_STR(rego_zone_look(zone, 999).name, STR("A"));
	CHECK_STR(rego_zone_look(zone, 1000).name, STR("B"));
	CHECK_INT(rego_zone_look(zone, INT64_MAX).offset, 3600);
	CHECK_INT(rego_zones_add(zones, STR("X/Z"), make_file(&arena, "<-0130>1:30"), NULL), 0);
	zone = rego_zones_find(zones, STR("X/Z"));
	CHECK_STR(rego_zone_look(zone, 999).name, STR("A"));
	CHECK_STR(rego_zone_look(zone, 1000).name, STR("-0130"));
	CHECK_INT(rego_zone_look(zone, 1000).offset, -5400);
}

TEST(a_damaged_file_is_refused_with_the_reason)
{
	static const struct {
		size_t at;
		unsigned char byte;
		int code;
		const char *wanted;
	} rows[] = {
		{ 0, 't', -EBADMSG,
			"time zone 'X': this is no compiled time zone (it does not begin with 'TZif')" },
		{ 4, 0, -EOPNOTSUPP,
			"time zone 'X': the time zone is in a format of before 2005 (version 1)" },
		{ 36, 1, -EBADMSG, "time zone 'X': the time zone is damaged: it ends too early" },
		{ SECOND, 't', -EBADMSG, "time zone 'X': the time zone is damaged: it ends too early" },
		{ SECOND + 31, 1, -EOPNOTSUPP,
			"time zone 'X': the time zone counts leap seconds, which times here do not" },
		{ SECOND + 32, 1, -EBADMSG, "time zone 'X': the time zone is damaged: it ends too early" },
		{ SECOND + 39, 0, -EBADMSG, "time zone 'X': the time zone is damaged: it has no types" },
		{ BODY + 8, 2, -EBADMSG,
			"time zone 'X': the time zone is damaged: a change leads to a type that is not there" },
		{ TYPES + 5, 4, -EBADMSG,
			"time zone 'X': the time zone is damaged: it has a type without a name" },
		{ TYPES + 4, 2, -EBADMSG,
			"time zone 'X': the time zone is damaged: it has a type that no clock can show" },
		{ TYPES + 1, 2, -EBADMSG,
			"time zone 'X': the time zone is damaged: it has a type that no clock can show" },
		{ NAMES, 27, -EBADMSG,
			"time zone 'X': the time zone is damaged: it has a type without a name" },
		{ NAMES + 3, 'B', -EBADMSG,
			"time zone 'X': the time zone is damaged: it has a type without a name" },
		{ RULE, 'x', -EBADMSG, "time zone 'X': the time zone is damaged: it ends too early" },
		{ RULE + 1, 'x', -EBADMSG,
			"time zone 'X': the time zone is damaged: its last line does not end with the file" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
		struct str file = make_file(&arena, "");
		char *bytes = arena_copy(&arena, file.data, file.len);
		struct error err = ERROR_INIT;

		bytes[rows[i].at] = (char)rows[i].byte;
		file.data = bytes;
		CHECK_INT(add(&arena, file, &err), rows[i].code);
		CHECK_TEXT(err.text, rows[i].wanted);
	}
}

TEST(a_file_that_was_cut_is_refused_wherever)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct str file = make_file(&arena, "CET-1CEST,M3.5.0,M10.5.0/3");

	for (size_t len = 0; len < file.len; len++) {
		scoped(arena) struct arena other = ARENA_INIT(65536);
		const char *bytes = arena_copy(&other, file.data, len);

		CHECK_INT(add(&other, (struct str){ .data = bytes, .len = len }, NULL), -EBADMSG);
	}
	CHECK_INT(add(&arena, file, NULL), 0);
}

TEST(times_must_ascend)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct str file = read_zone_file(&arena, "Europe/Paris");
	char *bytes = arena_copy(&arena, file.data, file.len);
	struct error err = ERROR_INIT;
	const char *second = memmem(bytes + 4, file.len - 4, "TZif", 4);

	CHECK(second);
	memset(bytes + (second - bytes) + HEADER + 16, 0x80, 8);
	file.data = bytes;
	CHECK_INT(add(&arena, file, &err), -EBADMSG);
	CHECK_TEXT(err.text, "time zone 'X': the time zone is damaged: its times do not ascend");
}

TEST(a_rule_says_when_summer_is)
{
	static const struct {
		const char *rule;
		int64_t seconds;
		const char *wanted;
	} rows[] = {
		/* 2024, a leap year: the 29th of February is J-less day 59 and has no J number */
		{ "AAA0BBB,J60,J61", 1709258400, "BBB" },	/* 03-01T02:00 */
		{ "AAA0BBB,J60,J61", 1709258399, "AAA" },
		{ "AAA0BBB,59,60", 1709172000, "BBB" },		/* 02-29T02:00 */
		{ "AAA0BBB,59,60", 1709171999, "AAA" },
		{ "AAA0BBB,59/0,60/0", 1709254800, "AAA" },	/* 03-01T00:00 of BBB is an hour earlier */
		{ "AAA0BBB,59/0,60/0", 1709247599, "BBB" },
		{ "AAA0BBB,59/0,60/0", 1709247600, "AAA" },
		/* half an hour, south of the equator */
		{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1704067200, "+11" },
		{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1719792000, "+1030" },
		/* a change on the day before the one that is named, and summer all year */
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1711846799, "-02" },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1711846800, "-01" },
		{ "AAA5BBB,0/0,J365/25", 1704067200, "BBB" },
		{ "AAA5BBB,0/0,J365/25", 1719792000, "BBB" },
		{ "AAA0BBB0,M1.1.1/167,M12.5.0/-167", 1719792000, "BBB" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rego_zone_rule rule;

		CHECK_INT(rego_zone_rule_parse(str_from(rows[i].rule), &rule), 0);
		CHECK_STR(rego_zone_rule_look(&rule, rows[i].seconds).name, str_from(rows[i].wanted));
	}
}

TEST(what_is_no_rule_is_refused)
{
	static const char *const rules[] = {
		"", "A", "AB1", "ABC", "ABC+", "ABC25", "ABC1:60", "ABC1:00:60", "<AB>1", "<ABC1", "ABC1DEF",
		"ABC1DEF,", "ABC1DEF,M3.5.0", "ABC1DEF,M3.5.0,", "ABC1DEF,M13.5.0,M10.5.0",
		"ABC1DEF,M0.5.0,M10.5.0", "ABC1DEF,M3.0.0,M10.5.0", "ABC1DEF,M3.6.0,M10.5.0",
		"ABC1DEF,M3.5.7,M10.5.0", "ABC1DEF,J0,J1", "ABC1DEF,J366,J1", "ABC1DEF,366,1",
		"ABC1DEF,1/168,1", "ABC1DEF,1,2,", "ABC1DEF,1,2/3/4", "A1C1", "ABC1 ", "ABC1DEF,M3,M4",
		"ABC99999999999999999999",
	};
	struct rego_zone_rule rule;

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rego_zone_rule_parse(str_from(rules[i]), &rule) != -EINVAL)
			test_fail(__FILE__, __LINE__, "taken: %s", rules[i]);
}

TEST(names_are_found_whatever_the_order_they_came_in)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct rego_zones *zones = rego_zones_new(&arena);
	struct str file = make_file(&arena, "");
	struct error err = ERROR_INIT;
	char long_name[REGO_ZONE_NAME_MAX + 1];

	for (int i = 0; i < 500; i++) {
		const char *name = arena_printf(&arena, "Zone/%d", i * 7919 % 500);

		CHECK_INT(rego_zones_add(zones, str_from(name), file, NULL), 0);
	}
	for (int i = 0; i < 500; i++)
		CHECK(rego_zones_find(zones, str_from(arena_printf(&arena, "Zone/%d", i))));
	CHECK(!rego_zones_find(zones, STR("Zone/500")));
	CHECK(!rego_zones_find(zones, STR("")));
	CHECK_INT(rego_zones_add(zones, STR("Zone/7"), file, &err), -EEXIST);
	CHECK_TEXT(err.text, "time zone 'Zone/7': there is a time zone of that name already");
	CHECK_INT(rego_zones_add(zones, STR(""), file, NULL), -EINVAL);
	memset(long_name, 'a', sizeof(long_name));
	CHECK_INT(rego_zones_add(zones, (struct str){ long_name, sizeof(long_name) }, file, NULL), -EINVAL);
}

TEST(limits_are_kept)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct rego_zones *zones = rego_zones_new(&arena);
	struct str file = make_file(&arena, ""), huge = { .len = REGO_ZONE_FILE_MAX + 1 };

	huge.data = arena_alloc(&arena, huge.len);
	CHECK_INT(rego_zones_add(zones, STR("X"), huge, NULL), -EMSGSIZE);
	for (int i = 0; i < REGO_ZONES_MAX; i++)
		CHECK_INT(rego_zones_add(zones, str_from(arena_printf(&arena, "%d", i)), file, NULL), 0);
	CHECK_INT(rego_zones_add(zones, STR("X"), file, NULL), -EMSGSIZE);
	for (size_t bytes = 0; bytes < 1024; bytes += 8) {
		scoped(arena) struct arena small = ARENA_INIT(bytes);
		struct rego_zones *few = rego_zones_new(&small);

		if (few && rego_zones_add(few, STR("X"), file, NULL) == -EMSGSIZE)
			CHECK(!rego_zones_find(few, STR("X")));
	}
}

TEST_MAIN()
