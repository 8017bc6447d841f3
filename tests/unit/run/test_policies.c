// SPDX-License-Identifier: Apache-2.0
/*
 * test_policies.c - whose word a policy is decides where it counts, and what a session is judged by is kept
 *
 * Configurations are made by hand, of the section "policy" alone; the policies that come with cordon are
 * those of a directory of the test's own.
 */
#include "unit/run/files.h"

#include "run/policies.h"

static struct error err;

static struct config_item item(const char *text, enum config_source source)
{
	return (struct config_item){ .text = text, .origin.source = source };
}

static struct config_item leaf(const char *pointer, const char *value, enum config_source source)
{
	struct config_item ret = item(pointer, source);

	CHECK_INT(json_read(&arena, str_from(value), JSON_READ_STRICT, &ret.object, &err), 0);
	return ret;
}

/* What comes with cordon, and files of three parties. */
static void put_files(void)
{
	put("shipped/default.rego", "package cordon\n");
	put("shipped/sizes.rego", "package sizes\n");
	put("shipped/lib/text.rego", "package cordon.lib.text\n");
	put("user/a.rego", "package a\n");
	put("user/data/data.json", "{\"x\": 1}");
	put("etc/o.rego", "package o\n");
	CHECK_INT(chmod(at("etc/o.rego"), 0644), 0);
	put("w/policies/p.rego", "package p\n");
}

static int read_policies(struct config *config, struct policy_set *ret)
{
	const struct run_policies_options options = {
		.config = config, .workspace = put_dir("w"), .shipped_dir = at("shipped"),
	};

	err = (struct error)ERROR_INIT;
	return run_policies_read(&arena, &options, ret, &err);
}

static const char *data_text(const struct policy_layer *layer)
{
	struct buf text = BUF_INIT(1 << 16);
	const char *copy;

	CHECK_INT(json_write(&text, layer->data, JSON_WRITE_CANONICAL), 0);
	copy = arena_copy(&arena, buf_text(&text), text.len);
	buf_fini(&text);
	return copy;
}

TEST(who_names_it_decides_where_it_counts)
{
	struct config_item modules[] = { item("default", CONFIG_SOURCE_PROFILE),
		item("sizes", CONFIG_SOURCE_PROJECT) };
	struct config_item files[] = { item(at("user"), CONFIG_SOURCE_FLAG),
		item(at("w/policies"), CONFIG_SOURCE_PROJECT) };
	struct config_item params[] = { leaf("/sizes/limit", "7", CONFIG_SOURCE_USER),
		leaf("/default/a~1b", "[true]", CONFIG_SOURCE_POLICY) };
	struct config config = { .settings.policy = {
		.modules = { modules, 2 }, .files = { files, 2 }, .params = { params, 2 } } };
	struct policy_set set;
	const struct policy_layer *user = &set.layers[POLICY_LAYER_USER],
				  *project = &set.layers[POLICY_LAYER_PROJECT];

	put_files();
	CHECK_INT(read_policies(&config, &set), 0);
	CHECK_INT(user->count, 3);
	CHECK(str_ends_with(str_from(user->modules[0].name), STR("user/a.rego")));
	CHECK_TEXT(user->modules[1].name, "shipped:default.rego");
	CHECK_TEXT(user->modules[2].name, "shipped:lib/text.rego");
	CHECK_TEXT(data_text(user),
		"{\"cordon\":{\"params\":{\"default\":{\"a/b\":[true]},\"sizes\":{\"limit\":7}}},\"data\":{\"x\":1}}");
	CHECK_INT(project->count, 3);
	CHECK_INT(set.layers[POLICY_LAYER_ORGANISATION].count, 0);
}

/* Whoever reads the organisation's modules with softer parameters would not have them. */
TEST(the_organisation_has_its_own_parameters)
{
	struct config_item modules[] = { item("sizes", CONFIG_SOURCE_USER),
		item("sizes", CONFIG_SOURCE_POLICY) };
	struct config_item params[] = { leaf("/sizes/limit", "7", CONFIG_SOURCE_POLICY),
		leaf("/sizes/softer", "true", CONFIG_SOURCE_USER) };
	struct config config = { .settings.policy = { .modules = { modules, 2 }, .params = { params, 2 } } };
	struct policy_set set;

	put_files();
	CHECK_INT(read_policies(&config, &set), 0);
	CHECK_TEXT(data_text(&set.layers[POLICY_LAYER_ORGANISATION]),
		"{\"cordon\":{\"params\":{\"sizes\":{\"limit\":7}}}}");
	CHECK_TEXT(data_text(&set.layers[POLICY_LAYER_USER]),
		"{\"cordon\":{\"params\":{\"sizes\":{\"limit\":7,\"softer\":true}}}}");
}

TEST(what_cannot_be_believed_is_not_read)
{
	struct config_item modules[] = { item("size", CONFIG_SOURCE_USER) };
	struct config_item files[] = { item(at("w/link.rego"), CONFIG_SOURCE_PROJECT) };
	struct config config = { .settings.policy.modules = { modules, 1 } };
	struct policy_set set;

	put_files();
	CHECK_INT(read_policies(&config, &set), -ENOENT);
	CHECK(strstr(err.text, "the policies of the user: "));
	CHECK(strstr(err.hint, "'sizes'"));
	/* A project's link could lead to any file of the user's. */
	CHECK_INT(symlink(at("user/a.rego"), at("w/link.rego")), 0);
	config.settings.policy.modules.count = 0;
	config.settings.policy.files = (struct config_list){ files, 1 };
	CHECK_INT(read_policies(&config, &set), -ELOOP);
	CHECK(strstr(err.text, "the policies of the project: "));
	/* What everybody may write is nobody's word. */
	files[0] = item(at("user/a.rego"), CONFIG_SOURCE_USER);
	CHECK_INT(chmod(at("user/a.rego"), 0666), 0);
	CHECK_INT(read_policies(&config, &set), -EPERM);
	CHECK_INT(chmod(at("user/a.rego"), 0644), 0);
	CHECK_INT(read_policies(&config, &set), 0);
	config.settings.policy.is_signed = true;
	CHECK(read_policies(&config, &set) < 0);
}

TEST(what_is_kept_is_what_was_read)
{
	struct config_item modules[] = { item("default", CONFIG_SOURCE_USER) };
	struct config config = { .settings.policy.modules = { modules, 1 } };
	struct session session = { .id = "k3f9" };
	struct policy_set set, kept;

	put_files();
	session.dirfd = kern_open(AT_FDCWD, put_dir("session"), O_RDONLY | O_DIRECTORY, 0);
	CHECK(session.dirfd >= 0);
	CHECK_INT(run_policies_load(&arena, &session, &kept, &err), -ENOENT);
	CHECK_INT(read_policies(&config, &set), 0);
	CHECK_INT(run_policies_keep(&arena, &session, &set, &err), 0);
	put("shipped/default.rego", "package other\n");
	CHECK_INT(run_policies_load(&arena, &session, &kept, &err), 0);
	CHECK(digest_eq(&kept.digest, &set.digest));
	CHECK(str_eq(kept.layers[POLICY_LAYER_USER].modules[0].text, STR("package cordon\n")));
	CHECK_INT(read_policies(&config, &set), 0);
	CHECK(!digest_eq(&kept.digest, &set.digest));
	/* Nobody's edit passes for what was read. */
	put("session/policy.json", "{\"version\": 1}");
	CHECK_INT(run_policies_load(&arena, &session, &kept, &err), -EBADMSG);
	fd_close(session.dirfd);
}

TEST_MAIN()
