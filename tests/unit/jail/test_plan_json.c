// SPDX-License-Identifier: Apache-2.0
/*
 * test_plan_json.c - the document says all of the plan, and the reader takes nothing else
 */
#include "plan_fixture.h"

static const struct json *reread(const struct json *json)
{
	scoped(buf) struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	const struct json *again;

	CHECK(json);
	CHECK_INT(json_write(&text, json, JSON_WRITE_CANONICAL), 0);
	CHECK_INT(json_read(&fixture.arena, (struct str){ buf_text(&text), text.len }, JSON_READ_STRICT,
		&again, &fixture.err),
		0);
	return again;
}

static void fill(void)
{
	static const uint16_t ports[] = { 80, 443 };
	static const gid_t groups[] = { 4, 4294967294 };
	struct jail_inputs *inputs = fixture_inputs();

	inputs->identity = (struct jail_identity){ .uid = 65534, .gid = 65534, .user = "agent",
		.home = "/root", .groups = groups, .group_count = ARRAY_SIZE(groups),
		.is_container_root = true };
	inputs->starter_uid = 0;
	inputs->limits = (struct jail_limits){ 1 << 30, 1500, 64, 1024, 1 << 20 };
	inputs->notify = true;
	inputs->tcp_connect = (struct jail_tcp){ .ports = ports, .port_count = 2 };
	inputs->tcp_bind.any = true;
	inputs->command.stdio[1] = JAIL_STDIO_TTY;
	inputs->command.tty = (struct jail_tty){ .rows = 24, .columns = 80, .has_modes = true, .input = 1,
		.output = 2, .control = 3, .local = 4, .chars = { 3, 28, 127 } };
	fixture_add(&inputs->hides, "/home/ann/src/thing/.env");
	fixture_add(&inputs->reads, "/data/caf\xe9");
	fixture_add(&inputs->env_set, "RAW=\xff\xfe");
}

TEST(everything_survives_the_way_there_and_back)
{
	struct jail_plan plan, again;
	const struct json *json;

	fill();
	plan = fixture_plan();
	json = jail_plan_to_json(&fixture.arena, &plan);
	CHECK_INT(jail_plan_read(&fixture.arena, reread(json), &again, &fixture.err), 0);
	CHECK(json_equal(json, jail_plan_to_json(&fixture.arena, &again)));
	CHECK_INT(again.step_count, plan.step_count);
	CHECK(fixture_has(&again, "/data/caf\xe9"));
	CHECK_TEXT(fixture_env(&again, "RAW"), "\xff\xfe");
	CHECK_INT(again.limits.cpu_millis, 1500);
	CHECK_INT(again.tcp_connect.ports[1], 443);
	CHECK(again.tcp_bind.any);
	CHECK_INT(again.identity.group_count, 2);
	CHECK_INT(again.identity.groups[1], 4294967294);
	CHECK(again.identity.is_container_root);
	CHECK_INT(again.command.tty.chars[2], 127);
	CHECK_INT(again.command.stdio[1], JAIL_STDIO_TTY);
	CHECK_INT(fixture_step(&again, "/home/ann/src/thing")->owner_uid, 1000);
	CHECK_INT(jail_plan_check(&again, &fixture.err), 0);
	fixture_end();
}

TEST(a_limit_that_nobody_set_stays_unset)
{
	struct jail_plan plan, again;

	fixture_inputs();
	plan = fixture_plan();
	CHECK_INT(jail_plan_read(&fixture.arena, reread(jail_plan_to_json(&fixture.arena, &plan)), &again,
		&fixture.err), 0);
	CHECK(again.limits.memory_bytes == JAIL_UNLIMITED);
	CHECK(again.limits.pids_count == JAIL_UNLIMITED);
	fixture_end();
}

TEST(a_command_travels_alone)
{
	struct jail_plan plan;
	struct jail_command again;

	fill();
	plan = fixture_plan();
	CHECK_INT(jail_command_read(&fixture.arena,
		reread(jail_command_to_json(&fixture.arena, &plan.command)), &again, &fixture.err),
		0);
	CHECK_TEXT(again.argv[0], "true");
	CHECK(!again.argv[1]);
	CHECK_INT(again.argc, 1);
	CHECK_INT(again.umask, 022);
	fixture_end();
}

/* One change in the text of a proper plan, and the member that the error names. */
static const struct {
	const char *from, *to;
	const char *names;
} wrongs[] = {
	{ "\"version\":1", "\"version\":2", "version" },
	{ "\"version\":1", "\"versio\":1", "versio" },
	{ "\"session\":\"k3f9\"", "\"session\":7", "session" },
	{ "\"hostname\":\"cordon\"", "\"hostname\":\"a\\u0000b\"", "hostname" },
	{ "\"hostname\":\"cordon\",", "", "hostname" },
	{ "\"notify\":false", "\"notify\":0", "notify" },
	{ "\"notify\":false", "\"notify\":false,\"more\":1", "more" },
	{ "\"preset\":\"base\"", "\"preset\":\"open\"", "preset" },
	{ "\"uid\":1000", "\"uid\":-1", "uid" },
	{ "\"uid\":1000", "\"uid\":4294967295", "uid" },
	{ "\"uid\":1000", "\"uid\":1e3", "uid" },
	{ "\"kind\":\"proc\"", "\"kind\":\"procs\"", "kind" },
	{ "\"kind\":\"proc\"", "\"kind\":\"proc\",\"x\":1", "x" },
	{ "[\"exec\"]", "[\"exe\"]", "flags" },
	{ "\"mode\":1023", "\"mode\":70000", "mode" },
	{ "\"tcp_bind\":[]", "\"tcp_bind\":\"all\"", "tcp_bind" },
	{ "\"tcp_bind\":[]", "\"tcp_bind\":[65536]", "tcp_bind" },
	{ "\"access\":[\"list\"]", "\"access\":[\"all\"]", "access" },
	{ "\"limits\":{}", "\"limits\":{\"memory\":1}", "memory" },
	{ "\"limits\":{}", "\"limits\":[]", "limits" },
	{ "\"argv\":[\"true\"]", "\"argv\":\"true\"", "argv" },
	{ "\"stdio\":[\"null\",\"inherit\",\"inherit\"]", "\"stdio\":[\"null\",\"inherit\"]", "stdio" },
	{ "\"stdio\":[\"null\",\"inherit\",\"inherit\"]", "\"stdio\":[\"null\",\"inherit\",\"host\"]",
		"stdio" },
	{ "\"umask\":18", "\"umask\":512", "umask" },
	{ "\"shielded\":[", "\"shielded\":[null,", "shielded" },
	{ "\"cwd\":\"/home/ann/src/thing\"", "\"cwd\":{\"bytes\":\"!!\"}", "cwd" },
};

static const char *replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at)
		test_fail(__FILE__, __LINE__, "the plan has no %s", from);
	return arena_printf(&fixture.arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

TEST(the_reader_takes_nothing_else)
{
	scoped(buf) struct buf text = BUF_INIT(JAIL_PLAN_BYTES_MAX);
	struct jail_plan plan, again;

	fixture_inputs();
	plan = fixture_plan();
	CHECK_INT(json_write(&text, jail_plan_to_json(&fixture.arena, &plan), JSON_WRITE_CANONICAL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
		struct error err = ERROR_INIT;
		const struct json *json;

		CHECK_INT(json_read(&fixture.arena,
			str_from(replaced(buf_text(&text), wrongs[i].from, wrongs[i].to)),
			JSON_READ_STRICT, &json, &err),
			0);
		if (jail_plan_read(&fixture.arena, json, &again, &err) >= 0 ||
				!strstr(err.text, wrongs[i].names))
			test_fail(__FILE__, __LINE__, "%s: '%s'", wrongs[i].to, err.text);
	}
	fixture_end();
}

TEST(no_object_is_no_plan)
{
	struct jail_plan plan;

	CHECK_INT(jail_plan_read(&fixture.arena, json_new_int(&fixture.arena, 1), &plan, &fixture.err),
		-EINVAL);
	CHECK_INT(jail_plan_read(&fixture.arena, NULL, &plan, &fixture.err), -EINVAL);
	fixture_end();
}

TEST(printing_quotes_and_keeps_values_of_variables_out)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct jail_plan plan;

	fixture_inputs();
	fixture.argv[0] = "x\x1b[2J";
	fixture_add(&fixture.inputs.env_set, "TOKEN=hunter2");
	fixture_add(&fixture.inputs.hides, "/home/ann/src/thing/.env");
	fixture.inputs.limits.memory_bytes = 512 << 20;
	plan = fixture_plan();
	CHECK_INT(jail_plan_print(&text, &plan), 0);
	CHECK(strstr(buf_text(&text), "TOKEN"));
	CHECK(!strstr(buf_text(&text), "hunter2"));
	CHECK(!strchr(buf_text(&text), 0x1b));
	CHECK(strstr(buf_text(&text), "overlay  '/home/ann/src/thing' read-write"));
	CHECK(strstr(buf_text(&text), "without '.env'"));
	CHECK(strstr(buf_text(&text), "bind     '/usr' read-only"));
	CHECK(strstr(buf_text(&text), "512M"));
	fixture_end();
}

TEST(printing_into_too_little_room_fails)
{
	scoped(buf) struct buf text = BUF_INIT(100);
	struct jail_plan plan;

	fixture_inputs();
	plan = fixture_plan();
	CHECK_INT(jail_plan_print(&text, &plan), -EMSGSIZE);
	fixture_end();
}

TEST_MAIN()
