// SPDX-License-Identifier: Apache-2.0
/*
 * test_policies.c - whose word a policy is decides where it counts, and what a session is judged by is kept
 *
 * Configurations are made by hand, of the section "policy" alone.
 */
#include "unit/run/files.h"

#include "ledger/ledger.h"
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

/* Files of three parties. */
static void put_files(void)
{
	put("user/a.rego", "package a\n");
	put("user/data/data.json", "{\"x\": 1}");
	put("etc/o.rego", "package o\n");
	CHECK_INT(chmod(at("etc/o.rego"), 0644), 0);
	put("w/policies/p.rego", "package p\n");
}

static struct policy_bundles bundles;

static int read_policies(struct config *config, struct policy_set *ret)
{
	const struct run_policies_options options = {
		.config = config, .workspace = put_dir("w"),
	};

	err = (struct error)ERROR_INIT;
	return run_policies_read(&arena, &options, ret, &bundles, &err);
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
		item("drift", CONFIG_SOURCE_PROJECT) };
	struct config_item files[] = { item(at("user"), CONFIG_SOURCE_FLAG),
		item(at("w/policies"), CONFIG_SOURCE_PROJECT) };
	struct config_item params[] = { leaf("/drift/limit", "7", CONFIG_SOURCE_USER),
		leaf("/default/a~1b", "[true]", CONFIG_SOURCE_POLICY) };
	struct config config = { .settings.policy = {
		.modules = { modules, 2 }, .files = { files, 2 }, .params = { params, 2 } } };
	struct policy_set set;
	const struct policy_layer *user = &set.layers[POLICY_LAYER_USER],
				  *project = &set.layers[POLICY_LAYER_PROJECT];

	put_files();
	CHECK_INT(read_policies(&config, &set), 0);
	CHECK(str_ends_with(str_from(user->modules[0].name), STR("user/a.rego")));
	CHECK_TEXT(user->modules[1].name, "shipped:default.rego");
	CHECK_TEXT(user->modules[2].name, "shipped:lib/changes.rego");
	CHECK_TEXT(data_text(user),
		"{\"cordon\":{\"params\":{\"default\":{\"a/b\":[true]},\"drift\":{\"limit\":7}}},\"data\":{\"x\":1}}");
	/* One of its own, one of cordon's, and the same helpers. */
	CHECK_INT(project->count, user->count);
	CHECK(!policy_layer_is_shipped(user) && !policy_layer_is_shipped(project));
	CHECK_INT(set.layers[POLICY_LAYER_ORGANISATION].count, 0);
}

/* Whoever reads the organisation's modules with softer parameters would not have them. */
TEST(the_organisation_has_its_own_parameters)
{
	struct config_item modules[] = { item("drift", CONFIG_SOURCE_USER),
		item("drift", CONFIG_SOURCE_POLICY) };
	struct config_item params[] = { leaf("/drift/limit", "7", CONFIG_SOURCE_POLICY),
		leaf("/drift/softer", "true", CONFIG_SOURCE_USER) };
	struct config config = { .settings.policy = { .modules = { modules, 2 }, .params = { params, 2 } } };
	struct policy_set set;

	put_files();
	CHECK_INT(read_policies(&config, &set), 0);
	CHECK_TEXT(data_text(&set.layers[POLICY_LAYER_ORGANISATION]),
		"{\"cordon\":{\"params\":{\"drift\":{\"limit\":7}}}}");
	CHECK_TEXT(data_text(&set.layers[POLICY_LAYER_USER]),
		"{\"cordon\":{\"params\":{\"drift\":{\"limit\":7,\"softer\":true}}}}");
}

TEST(what_cannot_be_believed_is_not_read)
{
	struct config_item modules[] = { item("drft", CONFIG_SOURCE_USER) };
	struct config_item files[] = { item(at("w/link.rego"), CONFIG_SOURCE_PROJECT) };
	struct config_item keys[] = { item(at("user/key.pem"), CONFIG_SOURCE_USER) };
	struct config config = { .settings.policy.modules = { modules, 1 } };
	struct policy_set set;

	put_files();
	CHECK_INT(read_policies(&config, &set), -ENOENT);
	CHECK(strstr(err.text, "the policies of the user: "));
	CHECK(strstr(err.hint, "'drift'"));
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
	/* A file by itself has no signature; a key that is named has to be there, and nobody else's. */
	config.settings.policy.is_signed = true;
	CHECK_INT(read_policies(&config, &set), -EPERM);
	CHECK(strstr(err.text, "is no bundle, so it has no signature"));
	config.settings.policy.is_signed = false;
	config.settings.policy.keys = (struct config_list){ keys, 1 };
	CHECK_INT(read_policies(&config, &set), -ENOENT);
	CHECK(strstr(err.text, "policy.keys: opening the key '"));
	put("user/key.pem", "no key");
	CHECK_INT(read_policies(&config, &set), -EBADMSG);
	CHECK(strstr(err.text, "key.pem': it is no key in the form PEM"));
	put("user/key.pem",
		"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}");
	CHECK_INT(read_policies(&config, &set), 0);
	put("user/key.pem", "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}");
	CHECK_INT(read_policies(&config, &set), -EPERM);
	CHECK(strstr(err.text, "can sign, and is not needed for more than to verify"));
	CHECK_INT(chmod(at("user/key.pem"), 0666), 0);
	CHECK_INT(read_policies(&config, &set), -EPERM);
}

TEST(what_is_named_and_has_nothing_is_refused)
{
	struct config_item files[] = { item(at("user"), CONFIG_SOURCE_USER) };
	struct config config = { .settings.policy.files = { files, 1 } };
	struct policy_set set;

	put_dir("user/empty/inner");
	CHECK_INT(read_policies(&config, &set), -ENOENT);
	CHECK(strstr(err.text, "user' has no policy and no data"));
	put("user/readme", "none");
	put("user/a_test.rego", "package a\n");
	CHECK_INT(read_policies(&config, &set), -ENOENT);
	files[0].text = at("user/a_test.rego");
	CHECK_INT(read_policies(&config, &set), -ENOENT);
	files[0] = item(put_dir("w/policies"), CONFIG_SOURCE_PROJECT);
	CHECK_INT(read_policies(&config, &set), -ENOENT);
	CHECK(strstr(err.text, "the policies of the project: policy.files: '"));
	/* Data alone is something: a policy that came with cordon may read it. */
	put("w/policies/x.json", "{}");
	CHECK_INT(read_policies(&config, &set), 0);
	files[0] = item(at("user"), CONFIG_SOURCE_USER);
	put("user/empty/inner/a.rego", "package a\n");
	CHECK_INT(read_policies(&config, &set), 0);
}

/* Session "a" or "b" below one state directory. */
static struct session open_session(const char *id)
{
	struct session session = { .lock_fd = -1 };

	memcpy(session.id, id, strlen(id) + 1);
	session.dirfd = kern_open(AT_FDCWD, put_dir(arena_printf(&arena, "state/sessions/%s", id)),
		O_RDONLY | O_DIRECTORY, 0);
	CHECK(session.dirfd >= 0);
	return session;
}

/* The policies of one file, which no session has the like of. */
static void read_one(const char *text, struct policy_set *ret)
{
	struct config_item files[] = { item(at("user/one.rego"), CONFIG_SOURCE_USER) };
	struct config config = { .settings.policy.files = { files, 1 } };

	put("user/one.rego", text);
	CHECK_INT(chmod(at("user/one.rego"), 0600), 0);
	CHECK_INT(read_policies(&config, ret), 0);
}

static ino_t inode(const char *path)
{
	struct stat st;

	CHECK_INT(stat(at(path), &st), 0);
	return st.st_ino;
}

TEST(what_is_kept_is_what_was_read)
{
	scoped(fd) int state_dirfd = kern_open(AT_FDCWD, put_dir("state"), O_RDONLY | O_DIRECTORY, 0);
	struct session session = open_session("a");
	struct policy_set set, kept;

	read_one("package one\n", &set);
	CHECK_INT(run_policies_load(&arena, &session, &set.digest, &kept, &err), -ENOENT);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &session, &set, RUN_POLICIES_FIRST, &err), 0);
	put("user/one.rego", "package other\n");
	CHECK_INT(run_policies_load(&arena, &session, &set.digest, &kept, &err), 0);
	CHECK(digest_eq(&kept.digest, &set.digest));
	CHECK_STR(kept.layers[POLICY_LAYER_USER].modules[0].text, STR("package one\n"));
	CHECK(kept.layers[POLICY_LAYER_USER].modules[1].text.len > 100);
	/* Nobody's edit passes for what was read. */
	CHECK_INT(unlink(at("state/sessions/a/policy.json")), 0);
	put("state/sessions/a/policy.json", "{\"version\": 1}");
	CHECK_INT(run_policies_load(&arena, &session, &set.digest, &kept, &err), -EBADMSG);
	fd_close(session.dirfd);
}

/* Written once for all sessions that have it; gone with the last of them. */
TEST(sessions_of_the_same_policies_share_a_document)
{
	scoped(fd) int state_dirfd = kern_open(AT_FDCWD, put_dir("state"), O_RDONLY | O_DIRECTORY, 0);
	struct session a = open_session("a"), b = open_session("b"), c = open_session("c");
	struct policy_set set, other;
	char hex[DIGEST_HEX_SIZE];

	read_one("package one\n", &set);
	digest_to_hex(&set.digest, hex);
	CHECK_INT(run_policies_sweep(state_dirfd, &err), 0);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &a, &set, RUN_POLICIES_FIRST, &err), 0);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &b, &set, RUN_POLICIES_FIRST, &err), 0);
	CHECK_INT(inode("state/sessions/a/policy.json"), inode("state/sessions/b/policy.json"));
	read_one("package other\n", &other);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &c, &other, RUN_POLICIES_FIRST, &err), 0);
	CHECK(inode("state/sessions/a/policy.json") != inode("state/sessions/c/policy.json"));
	CHECK_INT(unlink(at("state/sessions/a/policy.json")), 0);
	CHECK_INT(run_policies_sweep(state_dirfd, &err), 0);
	CHECK_INT(access(at(arena_printf(&arena, "state/policies/%s.json", hex)), F_OK), 0);
	CHECK_INT(unlink(at("state/sessions/b/policy.json")), 0);
	CHECK_INT(run_policies_sweep(state_dirfd, &err), 0);
	CHECK(access(at(arena_printf(&arena, "state/policies/%s.json", hex)), F_OK) < 0);
	/* Where nothing can be shared, each has its own. */
	CHECK_INT(kern_remove_tree(state_dirfd, "policies"), 0);
	put("state/policies", "no directory");
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &a, &set, RUN_POLICIES_FIRST, &err), 0);
	CHECK_INT(run_policies_load(&arena, &a, &set.digest, &other, &err), 0);
	fd_close(a.dirfd);
	fd_close(b.dirfd);
	fd_close(c.dirfd);
}

/* A disk, or somebody, changed the one document that all of them have: the next session has its own again. */
TEST(what_is_damaged_is_not_shared)
{
	scoped(fd) int state_dirfd = kern_open(AT_FDCWD, put_dir("state"), O_RDONLY | O_DIRECTORY, 0);
	struct session a = open_session("a"), b = open_session("b"), c = open_session("c");
	struct policy_set set, kept, other;
	const char *path;
	char hex[DIGEST_HEX_SIZE];

	read_one("package other\n", &other);
	read_one("package one\n", &set);
	digest_to_hex(&set.digest, hex);
	path = arena_printf(&arena, "state/policies/%s.json", hex);
	CHECK(!run_policies_is_shared(state_dirfd, &set.digest));
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &a, &set, RUN_POLICIES_FIRST, &err), 0);
	CHECK(run_policies_is_shared(state_dirfd, &set.digest));
	CHECK(!run_policies_is_shared(state_dirfd, &other.digest));
	CHECK_INT(chmod(at(path), 0600), 0);
	CHECK_INT(truncate(at(path), 100), 0);
	CHECK(!run_policies_is_shared(state_dirfd, &set.digest));
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &b, &set, RUN_POLICIES_FIRST, &err), 0);
	CHECK_INT(run_policies_load(&arena, &b, &set.digest, &kept, &err), 0);
	CHECK_INT(run_policies_load(&arena, &a, &set.digest, &kept, &err), -EBADMSG);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &c, &set, RUN_POLICIES_FIRST, &err), 0);
	CHECK_INT(inode("state/sessions/b/policy.json"), inode("state/sessions/c/policy.json"));
	CHECK_INT(inode(path), inode("state/sessions/c/policy.json"));
	/* Another set under this name is none, however whole it is. */
	CHECK_INT(unlink(at("state/sessions/a/policy.json")), 0);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &a, &other, RUN_POLICIES_FIRST, &err), 0);
	CHECK_INT(kern_renameat2(a.dirfd, "policy.json", AT_FDCWD, at(path), 0), 0);
	CHECK(!run_policies_is_shared(state_dirfd, &set.digest));
	/* Nor is what is no file. */
	CHECK_INT(unlink(at(path)), 0);
	CHECK_INT(mkfifo(at(path), 0600), 0);
	CHECK(!run_policies_is_shared(state_dirfd, &set.digest));
	fd_close(a.dirfd);
	fd_close(b.dirfd);
	fd_close(c.dirfd);
}

/* Whatever moment a reload is cut off at, what the ledger says is found, and nothing else is taken for it. */
TEST(a_reload_that_is_cut_off)
{
	scoped(fd) int state_dirfd = kern_open(AT_FDCWD, put_dir("state"), O_RDONLY | O_DIRECTORY, 0);
	struct session session = open_session("a");
	struct policy_set old, new, kept;

	read_one("package one\n", &old);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &session, &old, RUN_POLICIES_FIRST, &err), 0);
	read_one("package other\n", &new);
	CHECK_INT(run_policies_load(&arena, &session, &new.digest, &kept, &err), -EBADMSG);
	CHECK(strstr(err.text, "policy.json is not what the ledger says"));
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &session, &new, RUN_POLICIES_NEXT, &err), 0);
	/* not recorded yet; recorded; in its place */
	CHECK_INT(run_policies_load(&arena, &session, &old.digest, &kept, &err), 0);
	CHECK(digest_eq(&kept.digest, &old.digest));
	CHECK_INT(run_policies_load(&arena, &session, &new.digest, &kept, &err), 0);
	CHECK(digest_eq(&kept.digest, &new.digest) && !err.code);
	CHECK_INT(run_policies_keep(&arena, state_dirfd, &session, &new, RUN_POLICIES_NEXT, &err), 0);
	CHECK_INT(run_policies_take_next(&session, &new.digest), 0);
	CHECK_INT(run_policies_load(&arena, &session, &new.digest, &kept, &err), 0);
	CHECK_INT(run_policies_load(&arena, &session, &old.digest, &kept, &err), -EBADMSG);
	fd_close(session.dirfd);
}

static void append(struct ledger *ledger, enum ledger_kind kind, const char *fields)
{
	const struct json *value;

	CHECK_INT(json_read(&arena, str_from(fields), JSON_READ_STRICT, &value, &err), 0);
	CHECK_INT(ledger_append(ledger, kind, value, 0, &err), 0);
}

#define HEX(c) c c c c c c c c c c c c c c c c

static const char created[] = "{\"argv\":[],\"config\":\"" HEX("0000") "\",\"host\":{},\"policy\":\""
	HEX("0000") "\",\"uid\":0,\"user\":\"x\",\"workspace\":\"/w\"%s}";

TEST(the_ledger_says_what_judges)
{
	scoped(fd) int state_dirfd = kern_open(AT_FDCWD, put_dir("state"), O_RDONLY | O_DIRECTORY, 0);
	struct session a = open_session("a"), b = open_session("b");
	struct ledger_place place = { .session_dirfd = a.dirfd, .state_dirfd = state_dirfd, .session = "a",
		.actor = "test" };
	scoped(ledger) struct ledger ledger = LEDGER_INIT, other = LEDGER_INIT;
	scoped(buf) struct buf text = BUF_INIT(1 << 16);
	char hex[DIGEST_HEX_SIZE], *digit;
	struct digest digest;

	CHECK_INT(ledger_create(&ledger, &place, &err), 0);
	append(&ledger, LEDGER_SESSION_CREATED,
		arena_printf(&arena, created, ",\"policies\":\"" HEX("1111") "\""));
	CHECK_INT(run_policies_recorded(state_dirfd, "a", &digest, &err), 0);
	digest_to_hex(&digest, hex);
	CHECK_TEXT(hex, HEX("1111"));
	append(&ledger, LEDGER_POLICY_RELOADED, "{\"new\":\"" HEX("2222") "\",\"old\":\"" HEX("1111") "\"}");
	append(&ledger, LEDGER_POLICY_RELOADED, "{\"new\":\"" HEX("3333") "\",\"old\":\"" HEX("2222") "\"}");
	CHECK_INT(run_policies_recorded(state_dirfd, "a", &digest, &err), 0);
	digest_to_hex(&digest, hex);
	CHECK_TEXT(hex, HEX("3333"));
	/* A line that somebody changed says nothing. */
	CHECK_INT(kern_read_file(a.dirfd, "ledger.jsonl", &text), 0);
	digit = strstr(text.data, "3333");
	CHECK(digit);
	*digit = '4';
	put_bytes("state/sessions/a/ledger.jsonl", (struct str){ text.data, text.len });
	CHECK_INT(run_policies_recorded(state_dirfd, "a", &digest, &err), -EKEYREJECTED);
	/* One that never came so far. */
	place.session_dirfd = b.dirfd;
	place.session = "b";
	CHECK_INT(ledger_create(&other, &place, &err), 0);
	append(&other, LEDGER_SESSION_CREATED, arena_printf(&arena, created, ""));
	CHECK_INT(run_policies_recorded(state_dirfd, "b", &digest, &err), -ENOENT);
	CHECK(strstr(err.text, "names no policies"));
	fd_close(a.dirfd);
	fd_close(b.dirfd);
}

TEST_MAIN()
