// SPDX-License-Identifier: Apache-2.0
/*
 * test_sources.c - files and directories as a layer: what is taken, what is left out, who is believed
 */
#include "lib/test.h"

#include "kern/file.h"
#include "policy/shipped.h"
#include "policy/sources.h"
#include "policy/unpack.h"
#include "test_source_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena = ARENA_INIT(256 << 20);
static struct error err;
static char notes[4096];

static const char *at(const char *path)
{
	return arena_printf(&arena, "%s/%s", test_dir(), path);
}

static void write_text(const char *path, struct str text)
{
	const char *file = at(path), *slash = strrchr(file, '/');
	int fd;

	CHECK_INT(kern_mkdir_all(arena_printf(&arena, "%.*s", (int)(slash - file), file)), 0);
	fd = kern_open(AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	CHECK_INT(kern_write_all(fd, text.data, text.len), 0);
	close(fd);
}

static void write_file(const char *path, const char *text)
{
	write_text(path, str_from(text));
}

static void note(UNUSED void *context, const char *text)
{
	size_t len = strlen(notes);

	snprintf(notes + len, sizeof(notes) - len, "%s\n", text);
}

static const struct policy_source_options anybody = { .writer = POLICY_WRITER_ANYBODY, .note = note };

static int read_layer(const struct policy_source_options *options, const char *path, struct policy_layer *ret)
{
	struct policy_sources sources;
	int r;

	err = (struct error)ERROR_INIT;
	policy_sources_begin(&sources, &arena, options);
	r = policy_sources_add(&sources, at(path), &err);
	return r < 0 ? r : policy_sources_end(&sources, ret, &err);
}

#define CHECK_SAID(wanted) \
	do { if (!strstr(err.text, (wanted))) \
		test_fail(__FILE__, __LINE__, "said \"%s\", wanted \"%s\"", err.text, (wanted)); } while (0)

static const char *text_of(const struct json *value)
{
	struct buf buf = BUF_INIT(65536);
	const char *text;

	CHECK_INT(json_write(&buf, value, JSON_WRITE_CANONICAL), 0);
	text = arena_copy(&arena, buf.data, buf.len);
	buf_fini(&buf);
	return text;
}

static const char *name_at(const struct policy_layer *layer, size_t i)
{
	CHECK(i < layer->count);
	return layer->modules[i].name + strlen(test_dir()) + 1;
}

TEST(directories_are_modules_and_data)
{
	struct policy_source_options with_tests = anybody, modules_only = anybody;
	struct policy_layer layer;

	write_file("p/b.rego", "package b");
	write_file("p/a/deep/a.rego", "package a");
	write_file("p/a/a_test.rego", "package a_test");
	write_file("p/readme.md", "no policy");
	write_file("p/users/data.json", "{\"admins\": [\"alice\"]}");
	write_file("p/users/more.yaml", "n: 1\n");
	write_file("p/users/yet.yml", "m: 2\n");
	CHECK_INT(read_layer(&anybody, "p", &layer), 0);
	CHECK_INT(layer.count, 2);
	CHECK_TEXT(name_at(&layer, 0), "p/a/deep/a.rego");
	CHECK_TEXT(name_at(&layer, 1), "p/b.rego");
	CHECK_STR(layer.modules[1].text, STR("package b"));
	CHECK_TEXT(text_of(layer.data), "{\"users\":{\"admins\":[\"alice\"],\"m\":2,\"n\":1}}");
	CHECK(!layer.revision);
	with_tests.flags = POLICY_SOURCE_WITH_TESTS;
	CHECK_INT(read_layer(&with_tests, "p", &layer), 0);
	CHECK_INT(layer.count, 3);
	modules_only.flags = POLICY_SOURCE_NO_DATA;
	CHECK_INT(read_layer(&modules_only, "p", &layer), 0);
	CHECK_TEXT(text_of(layer.data), "{}");
	arena_fini(&arena);
}

static bool is_hidden(UNUSED void *context, const char *name)
{
	return name[0] == '.' || !strcmp(name, "old");
}

TEST(some_names_are_passed_by)
{
	struct policy_source_options options = anybody;
	struct policy_layer layer;

	options.is_ignored = is_hidden;
	write_file("old/a.rego", "package a");
	write_file("old/.git/b.rego", "package b");
	write_file("old/old/c.rego", "package c");
	write_file("old/old.json", "{\"n\": 1}");
	/* What is named itself is not asked about. */
	CHECK_INT(read_layer(&options, "old", &layer), 0);
	CHECK_INT(layer.count, 1);
	CHECK_TEXT(name_at(&layer, 0), "old/a.rego");
	CHECK_TEXT(text_of(layer.data), "{\"n\":1}");
	arena_fini(&arena);
}

static int read_at(const char *place, const char *path, struct policy_layer *ret)
{
	struct policy_sources sources;
	int r;

	err = (struct error)ERROR_INIT;
	policy_sources_begin(&sources, &arena, &anybody);
	r = policy_sources_add_at(&sources, place, at(path), &err);
	return r < 0 ? r : policy_sources_end(&sources, ret, &err);
}

TEST(data_may_stand_at_a_place)
{
	char deep[2 * POLICY_SOURCE_DEPTH_MAX + 2];
	struct policy_layer layer;

	write_file("at/more/x.json", "{\"n\": 1}");
	write_file("at/list.json", "[1, 2]");
	write_file("at/m.rego", "package m");
	write_file("at.tar.gz", "");
	CHECK_INT(read_at("a.b", "at/more", &layer), 0);
	CHECK_TEXT(text_of(layer.data), "{\"a\":{\"b\":{\"n\":1}}}");
	CHECK_INT(read_at("a", "at/more/x.json", &layer), 0);
	CHECK_TEXT(text_of(layer.data), "{\"a\":{\"n\":1}}");
	/* What is no object may stand there, but not in a directory at the top. */
	CHECK_INT(read_at("a.list", "at/list.json", &layer), 0);
	CHECK_TEXT(text_of(layer.data), "{\"a\":{\"list\":[1,2]}}");
	CHECK_INT(read_layer(&anybody, "at/list.json", &layer), -EBADMSG);
	CHECK_INT(read_at("a", "at/m.rego", &layer), 0);
	CHECK_INT(layer.count, 1);
	CHECK_INT(read_at("a", "at.tar.gz", &layer), -EINVAL);
	CHECK_SAID("says itself where its data stands");
	CHECK_INT(read_at("a", "none.json", &layer), -ENOENT);
	memset(deep, 'a', sizeof(deep) - 1);
	for (size_t i = 1; i < sizeof(deep); i += 2)
		deep[i] = '.';
	deep[2 * POLICY_SOURCE_DEPTH_MAX - 1] = '\0';
	CHECK_INT(read_at(deep, "at/more/x.json", &layer), 0);
	deep[2 * POLICY_SOURCE_DEPTH_MAX - 1] = '.';
	deep[sizeof(deep) - 1] = '\0';
	CHECK_INT(read_at(deep, "at/more/x.json", &layer), -ELOOP);
	arena_fini(&arena);
}

TEST(a_file_by_itself)
{
	struct policy_layer layer;

	write_file("one.rego", "package one");
	write_file("one_test.rego", "package one_test");
	write_file("d.json", "{\"a\": 1}");
	write_file("list.json", "[1]");
	write_file("bad.json", "{");
	write_file("bad.yaml", "a: [");
	write_file("other.txt", "");
	CHECK_INT(read_layer(&anybody, "one.rego", &layer), 0);
	CHECK_INT(layer.count, 1);
	CHECK_INT(read_layer(&anybody, "one_test.rego", &layer), 0);
	CHECK_INT(layer.count, 0);
	CHECK_INT(read_layer(&anybody, "d.json", &layer), 0);
	CHECK_TEXT(text_of(layer.data), "{\"a\":1}");
	CHECK_INT(read_layer(&anybody, "list.json", &layer), -EBADMSG);
	CHECK_SAID("is no object, and data has to be one");
	CHECK_INT(read_layer(&anybody, "bad.json", &layer), -EBADMSG);
	CHECK_SAID("bad.json': 1:2: ");
	CHECK_INT(read_layer(&anybody, "bad.yaml", &layer), -EBADMSG);
	CHECK_SAID("bad.yaml': yaml: line ");
	CHECK_INT(read_layer(&anybody, "other.txt", &layer), -EINVAL);
	CHECK_SAID("ends neither in .rego nor in .json, .yaml or .tar.gz");
	CHECK_INT(read_layer(&anybody, "none.rego", &layer), -ENOENT);
	CHECK(err.hint[0]);
	arena_fini(&arena);
}

TEST(links_below_a_directory_lead_nowhere)
{
	struct policy_layer layer;

	write_file("secret/s.rego", "package s");
	write_file("p/a.rego", "package a");
	CHECK_INT(symlink("../secret/s.rego", at("p/link.rego")), 0);
	CHECK_INT(symlink("../secret", at("p/dir")), 0);
	CHECK_INT(symlink("p", at("named")), 0);
	CHECK_INT(read_layer(&anybody, "p", &layer), 0);
	CHECK_INT(layer.count, 1);
	CHECK(strstr(notes, "p/dir' is a link, and was left out\n"));
	CHECK(strstr(notes, "p/link.rego' is a link, and was left out\n"));
	/* what is named by hand may be a link */
	CHECK_INT(read_layer(&anybody, "named", &layer), 0);
	CHECK_INT(layer.count, 1);
	arena_fini(&arena);
}

/* What has the name of a policy and can be none; nobody waits for it, and no more is read than is allowed. */
TEST(what_is_no_file_is_no_policy)
{
	struct policy_layer layer;

	write_file("p/a.rego", "package a");
	CHECK_INT(mkfifo(at("p/fifo"), 0600), 0);
	CHECK_INT(read_layer(&anybody, "p", &layer), 0);
	CHECK_INT(mkfifo(at("p/fifo.rego"), 0600), 0);
	CHECK_INT(mkfifo(at("b.tar.gz"), 0600), 0);
	CHECK_INT(read_layer(&anybody, "p", &layer), -EINVAL);
	CHECK_SAID("p/fifo.rego' is no file: it is a FIFO, a socket or a device");
	CHECK_INT(read_layer(&anybody, "p/fifo.rego", &layer), -EINVAL);
	CHECK_INT(read_layer(&anybody, "b.tar.gz", &layer), -EINVAL);
	CHECK(err.hint[0]);
	CHECK_INT(unlink(at("p/fifo.rego")), 0);
	CHECK_INT(truncate(at("p/a.rego"), (off_t)10 << 30), 0);
	CHECK_INT(read_layer(&anybody, "p", &layer), -EMSGSIZE);
	CHECK_SAID("p/a.rego' has more than 16777216 bytes");
	arena_fini(&arena);
}

TEST(what_is_beneath_stays_beneath)
{
	struct policy_sources sources;
	int dirfd;

	write_file("out/o.rego", "package o");
	write_file("ws/p/a.rego", "package a");
	CHECK_INT(symlink("../out", at("ws/link")), 0);
	dirfd = kern_open(AT_FDCWD, at("ws"), O_PATH | O_DIRECTORY, 0);
	policy_sources_begin(&sources, &arena, &anybody);
	CHECK_INT(policy_sources_add_beneath(&sources, dirfd, "p", &err), 0);
	CHECK_INT(sources.count, 1);
	CHECK_TEXT(sources.modules[0].name, "p/a.rego");
	CHECK_INT(policy_sources_add_beneath(&sources, dirfd, "link", &err), -ELOOP);
	CHECK_INT(policy_sources_add_beneath(&sources, dirfd, "link/o.rego", &err), -ELOOP);
	CHECK_INT(policy_sources_add_beneath(&sources, dirfd, "../out/o.rego", &err), -EXDEV);
	CHECK_INT(sources.count, 1);
	close(dirfd);
	arena_fini(&arena);
}

TEST(two_values_for_one_place)
{
	struct policy_sources sources;
	struct policy_layer layer;

	write_file("p/a/one.json", "{\"x\": {\"y\": 1}}");
	write_file("p/a/two.json", "{\"x\": {\"z\": 2}}");
	CHECK_INT(read_layer(&anybody, "p", &layer), 0);
	CHECK_TEXT(text_of(layer.data), "{\"a\":{\"x\":{\"y\":1,\"z\":2}}}");
	/* the same value twice is a mistake, too */
	write_file("p/a.json", "{\"a\": {\"x\": {\"y\": 1}}}");
	CHECK_INT(read_layer(&anybody, "p", &layer), -EEXIST);
	CHECK_SAID("p/a.json' has a value for what another file has a value for, too: 'y'");
	write_file("p/a.json", "{\"a\": [1]}");
	CHECK_INT(read_layer(&anybody, "p", &layer), -EEXIST);
	/* parameters are merged with what files say */
	write_file("d.json", "{\"cordon\": {\"params\": {\"a\": {\"n\": 1}}}}");
	policy_sources_begin(&sources, &arena, &anybody);
	CHECK_INT(policy_sources_add(&sources, at("d.json"), &err), 0);
	CHECK_INT(policy_sources_add_value(&sources, "parameters", layer.data, &err), 0);
	CHECK_INT(policy_sources_end(&sources, &layer, &err), 0);
	arena_fini(&arena);
}

TEST(a_name_comes_once)
{
	struct policy_sources sources;
	struct policy_layer layer;
	struct policy_source_options in_order = anybody;

	write_file("p/b.rego", "package b");
	write_file("p/a.rego", "package a");
	policy_sources_begin(&sources, &arena, &anybody);
	CHECK_INT(policy_sources_add(&sources, at("p"), &err), 0);
	CHECK_INT(policy_sources_add(&sources, at("p/a.rego"), &err), 0);
	CHECK_INT(policy_sources_end(&sources, &layer, &err), 0);
	CHECK_INT(layer.count, 2);
	policy_sources_begin(&sources, &arena, &anybody);
	CHECK_INT(policy_sources_add(&sources, at("p/a.rego"), &err), 0);
	write_file("p/a.rego", "package changed");
	CHECK_INT(policy_sources_add(&sources, at("p/a.rego"), &err), 0);
	CHECK_INT(policy_sources_end(&sources, &layer, &err), -EEXIST);
	CHECK_SAID("there are two policies of the name");
	in_order.flags = POLICY_SOURCE_IN_ORDER;
	policy_sources_begin(&sources, &arena, &in_order);
	CHECK_INT(policy_sources_add(&sources, at("p/b.rego"), &err), 0);
	CHECK_INT(policy_sources_add(&sources, at("p/a.rego"), &err), 0);
	CHECK_INT(policy_sources_end(&sources, &layer, &err), 0);
	CHECK_TEXT(name_at(&layer, 0), "p/b.rego");
	arena_fini(&arena);
}

TEST(limits)
{
	struct policy_source_options options = anybody;
	struct policy_layer layer;
	const char *path = "n";

	write_file("p/a.rego", "package a");
	write_file("p/b.rego", "package b");
	options.files_max = 1;
	CHECK_INT(read_layer(&options, "p", &layer), -EMSGSIZE);
	CHECK_SAID("there are more than 1 files of policy and data");
	options.files_max = 2;
	CHECK_INT(read_layer(&options, "p", &layer), 0);
	options.bytes_max = 17;
	CHECK_INT(read_layer(&options, "p", &layer), -EMSGSIZE);
	CHECK_SAID("more than 17 bytes together");
	options.bytes_max = 18;
	CHECK_INT(read_layer(&options, "p", &layer), 0);
	for (int i = 0; i <= POLICY_SOURCE_DEPTH_MAX; i++)
		path = arena_printf(&arena, "%s/d", path);
	write_file(arena_printf(&arena, "%s/x.rego", path), "package x");
	CHECK_INT(read_layer(&anybody, "n/d", &layer), 0);
	CHECK_INT(read_layer(&anybody, "n", &layer), -ELOOP);
	arena_fini(&arena);
}

static uid_t shown_uid, own_uid;
static mode_t shown_type;		/* whose owner is another; 0: all */

static int other_owner(int fd, struct stat *st)
{
	int r = kern_ops_real.fstat(fd, st);

	st->st_uid = !shown_type || (st->st_mode & S_IFMT) == shown_type ? shown_uid : own_uid;
	return r;
}

static uid_t own_owner(void)
{
	return own_uid;
}

TEST(who_is_believed)
{
	struct policy_source_options root = { .note = note }, user = { .writer = POLICY_WRITER_USER };
	struct policy_layer layer;

	write_file("p/a.rego", "package a");
	kern_ops.fstat = other_owner;
	shown_uid = 0;
	CHECK_INT(read_layer(&root, "p", &layer), 0);
	CHECK_INT(read_layer(&user, "p", &layer), 0);
	shown_uid = kern_geteuid() + 4711;
	CHECK_INT(read_layer(&user, "p/a.rego", &layer), -EPERM);
	CHECK_SAID("so it is not believed");
	CHECK_INT(read_layer(&root, "p", &layer), -EPERM);
	CHECK_INT(read_layer(&anybody, "p", &layer), 0);
	shown_uid = 0;
	CHECK_INT(chmod(at("p/a.rego"), 0620), 0);
	CHECK_INT(read_layer(&user, "p", &layer), 0);
	CHECK_INT(read_layer(&root, "p", &layer), -EPERM);
	CHECK_SAID("may be written by others");
	CHECK_INT(chmod(at("p/a.rego"), 0602), 0);
	CHECK_INT(read_layer(&user, "p", &layer), -EPERM);
	/* a directory that others may write could get any file */
	CHECK_INT(chmod(at("p/a.rego"), 0600), 0);
	CHECK_INT(chmod(at("p"), 0777), 0);
	CHECK_INT(read_layer(&user, "p", &layer), -EPERM);
	kern_ops.fstat = kern_ops_real.fstat;
	arena_fini(&arena);
}

/* An organisation is root, and not whoever happens to read what it says. */
TEST(an_organisation_is_root)
{
	struct policy_source_options root = { .note = note }, user = { .writer = POLICY_WRITER_USER };
	struct policy_layer layer;

	write_file("p/a.rego", "package a");
	kern_ops.fstat = other_owner;
	kern_ops.geteuid = own_owner;
	own_uid = shown_uid = 4711;
	CHECK_INT(read_layer(&user, "p", &layer), 0);
	CHECK_INT(read_layer(&root, "p", &layer), -EPERM);
	CHECK_SAID("belongs to user 4711");
	CHECK(strstr(err.hint, "Make it belong to root"));
	shown_uid = 0;
	CHECK_INT(read_layer(&root, "p", &layer), 0);
	CHECK_INT(chmod(at("p/a.rego"), 0602), 0);
	CHECK_INT(read_layer(&root, "p", &layer), -EPERM);
	kern_ops.geteuid = kern_ops_real.geteuid;
	kern_ops.fstat = kern_ops_real.fstat;
	arena_fini(&arena);
}

static int read_bundle(const struct policy_source_options *options, const char *path)
{
	struct policy_sources sources;

	err = (struct error)ERROR_INIT;
	policy_sources_begin(&sources, &arena, options);
	return policy_sources_add_bundle(&sources, at(path), &err);
}

TEST(a_bundle_that_is_a_directory)
{
	struct policy_source_options small = anybody;
	const char *path = "b";

	write_file("b/.manifest", "{}");
	write_file("b/d/a.rego", "package a");
	CHECK_INT(read_bundle(&anybody, "b"), 0);
	small.bytes_max = 11;
	CHECK_INT(read_bundle(&small, "b"), 0);
	small.bytes_max = 10;
	CHECK_INT(read_bundle(&small, "b"), -EMSGSIZE);
	CHECK_INT(symlink("a.rego", at("b/d/link.rego")), 0);
	CHECK_INT(read_bundle(&anybody, "b"), -EBADMSG);
	CHECK_SAID("'d/link.rego' in it is a link");
	CHECK_INT(unlink(at("b/d/link.rego")), 0);
	CHECK_INT(symlink("d", at("b/e")), 0);
	CHECK_INT(read_bundle(&anybody, "b"), -EBADMSG);
	CHECK_SAID("'e' in it is a link");
	CHECK_INT(unlink(at("b/e")), 0);
	CHECK_INT(mkfifo(at("b/d/p.rego"), 0600), 0);
	CHECK_INT(read_bundle(&anybody, "b"), -EBADMSG);
	CHECK_SAID("'d/p.rego' in it is a device");
	CHECK_INT(unlink(at("b/d/p.rego")), 0);
	for (int i = 0; i < POLICY_SOURCE_DEPTH_MAX; i++)
		path = arena_printf(&arena, "%s/d", path);
	write_file(arena_printf(&arena, "%s/x.rego", path), "package x");
	CHECK_INT(read_bundle(&anybody, "b"), 0);
	write_file(arena_printf(&arena, "%s/d/y.rego", path), "package y");
	CHECK_INT(read_bundle(&anybody, "b"), -ELOOP);
	CHECK_SAID("nested deeper than 64");
	arena_fini(&arena);
}

/* The directory itself, those below it, and each file. */
TEST(whose_bundle_is_believed)
{
	struct policy_source_options root = { .note = note }, user = { .writer = POLICY_WRITER_USER };
	static const char *const parts[] = { "b", "b/d", "b/.manifest", "b/d/a.rego" };

	write_file("b/.manifest", "{}");
	write_file("b/d/a.rego", "package a");
	write_file("b.tar.gz", "none");
	kern_ops.fstat = other_owner;
	kern_ops.geteuid = own_owner;
	own_uid = shown_uid = 0;
	CHECK_INT(read_bundle(&root, "b"), 0);
	CHECK_INT(read_bundle(&root, "b.tar.gz"), policy_unpack_is_supported() ? -EBADMSG : -EOPNOTSUPP);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		mode_t mode = i < 2 ? 0700 : 0600;

		CHECK_INT(chmod(at(parts[i]), mode | 0020), 0);
		CHECK_INT(read_bundle(&root, "b"), -EPERM);
		CHECK_SAID("may be written by others");
		CHECK_INT(read_bundle(&user, "b"), 0);
		CHECK_INT(chmod(at(parts[i]), mode | 0002), 0);
		CHECK_INT(read_bundle(&user, "b"), -EPERM);
		CHECK_INT(read_bundle(&anybody, "b"), 0);
		CHECK_INT(chmod(at(parts[i]), mode), 0);
	}
	shown_uid = 4711;
	for (shown_type = S_IFREG; shown_type; shown_type = shown_type == S_IFREG ? S_IFDIR : 0) {
		CHECK_INT(read_bundle(&root, "b"), -EPERM);
		CHECK_INT(read_bundle(&user, "b"), -EPERM);
		CHECK_SAID("belongs to user 4711");
	}
	CHECK_INT(read_bundle(&user, "b.tar.gz"), -EPERM);
	CHECK_INT(chmod(at("b.tar.gz"), 0666), 0);
	shown_uid = 0;
	CHECK_INT(read_bundle(&user, "b.tar.gz"), -EPERM);
	kern_ops.geteuid = kern_ops_real.geteuid;
	kern_ops.fstat = kern_ops_real.fstat;
	arena_fini(&arena);
}

TEST(shipped_modules_by_name)
{
	static const char *const names[] = { "deletions", "default", "deletions" },
				 *const wrong[] = { "deletion" };
	static const char *const tricks[] = { "../policies/default", "lib/params", "default_test", "" };
	struct policy_sources sources;
	struct policy_layer layer;
	size_t helpers;

	policy_sources_begin(&sources, &arena, &anybody);
	CHECK_INT(policy_sources_add_shipped(&sources, NULL, 0, &err), 0);
	helpers = sources.count;
	CHECK(helpers > 3);
	for (size_t i = 0; i < ARRAY_SIZE(tricks); i++)
		CHECK_INT(policy_sources_add_shipped(&sources, &tricks[i], 1, &err), -ENOENT);
	CHECK_INT(policy_sources_add_shipped(&sources, wrong, 1, &err), -ENOENT);
	CHECK_SAID("no policy of the name 'deletion' comes with cordon");
	CHECK_TEXT(err.hint, "Did you mean 'deletions'?");
	policy_sources_begin(&sources, &arena, &anybody);
	CHECK_INT(policy_sources_add_shipped(&sources, names, 3, &err), 0);
	CHECK_INT(policy_sources_end(&sources, &layer, &err), 0);
	CHECK_INT(layer.count, 2 + helpers);
	CHECK_TEXT(layer.modules[0].name, "shipped:default.rego");
	CHECK_TEXT(layer.modules[1].name, "shipped:deletions.rego");
	CHECK_TEXT(layer.modules[2].name, "shipped:lib/changes.rego");
	CHECK(policy_layer_is_shipped(&layer) && !layer.modules[0].text.data);
	arena_fini(&arena);
}

static void copy_shipped(const char *name, size_t size)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);

	CHECK_INT(kern_read_file(AT_FDCWD,
		arena_printf(&arena, TEST_SOURCE_DIR "/../data/policies/%s", name), &text), 0);
	CHECK_INT(text.len, size);
	write_file(arena_printf(&arena, "policies/%s", name), buf_text(&text));
}

/* Read is only what was built in: a file that is gone, was edited, or is none at all is refused. */
TEST(texts_of_shipped_modules)
{
	static const char *const names[] = { "default" };
	struct policy_set set = { 0 };
	struct policy_sources sources;
	struct policy_layer *layer = &set.layers[POLICY_LAYER_USER];
	struct digest digest;

	policy_sources_begin(&sources, &arena, &anybody);
	CHECK_INT(policy_sources_add_shipped(&sources, names, 1, &err), 0);
	CHECK_INT(policy_sources_end(&sources, layer, &err), 0);
	CHECK_INT(policy_set_seal(&set), 0);
	for (size_t i = 0; i < layer->count; i++)
		copy_shipped(layer->modules[i].name + strlen("shipped:"), layer->modules[i].text.len);
	digest = set.digest;
	write_file("policies/default.rego", "package cordon.commit\nallow := true\n");
	CHECK_INT(policy_shipped_fetch(&arena, at("policies"), &set, &err), -EBADMSG);
	CHECK_SAID("policies/default.rego' is not the policy that was made with this cordon");
	copy_shipped("default.rego", layer->modules[0].text.len);
	CHECK_INT(truncate(at("policies/lib/params.rego"), (off_t)10 << 30), 0);
	CHECK_INT(policy_shipped_fetch(&arena, at("policies"), &set, &err), -EBADMSG);
	CHECK_SAID("policies/lib/params.rego' is not");
	CHECK_INT(unlink(at("policies/lib/params.rego")), 0);
	CHECK_INT(policy_shipped_fetch(&arena, at("policies"), &set, &err), -ENOENT);
	CHECK_INT(mkfifo(at("policies/lib/params.rego"), 0600), 0);
	CHECK_INT(policy_shipped_fetch(&arena, at("policies"), &set, &err), -EBADMSG);
	CHECK(!layer->modules[0].text.data);
	CHECK_INT(unlink(at("policies/lib/params.rego")), 0);
	for (size_t i = 0; i < layer->count; i++)
		copy_shipped(layer->modules[i].name + strlen("shipped:"), layer->modules[i].text.len);
	CHECK_INT(policy_shipped_fetch(&arena, at("policies"), &set, &err), 0);
	CHECK(layer->modules[0].text.data);
	CHECK_INT(policy_set_seal(&set), 0);
	CHECK(digest_eq(&digest, &set.digest));
	CHECK_INT(policy_shipped_fetch(&arena, at("nowhere"), &set, &err), -ENOENT);
	arena_fini(&arena);
}

/* Their names are what METADATA calls them; nothing is merged, and modules beside them are none of them. */
TEST(schemas_have_the_names_of_their_files)
{
	struct policy_source_options options = anybody;
	struct policy_sources sources;

	options.flags = POLICY_SOURCE_SCHEMAS;
	write_file("schemas/acl-list.json", "{\"type\": \"object\"}");
	write_file("schemas/kubernetes/v1.pod.yaml", "type: object\n");
	write_file("schemas/kubernetes/any.json", "true");
	write_file("schemas/a.rego", "no module");
	write_file("schemas/README", "no schema");
	policy_sources_begin(&sources, &arena, &options);
	CHECK_INT(policy_sources_add(&sources, at("schemas"), &err), 0);
	CHECK_INT(sources.document_count, 3);
	CHECK_TEXT(sources.documents[0].name, "acl-list");
	CHECK_TEXT(sources.documents[1].name, "kubernetes/any");
	CHECK_INT(sources.documents[1].value->type, JSON_BOOL);
	CHECK_TEXT(sources.documents[2].name, "kubernetes/v1.pod");
	policy_sources_begin(&sources, &arena, &options);
	CHECK_INT(policy_sources_add(&sources, at("schemas/acl-list.json"), &err), 0);
	CHECK_INT(sources.document_count, 1);
	CHECK_TEXT(sources.documents[0].name, "");
	CHECK_INT(policy_sources_add(&sources, at("schemas/README"), &err), -EINVAL);
	CHECK(strstr(err.text, "is no schema"));
}

TEST_MAIN()
