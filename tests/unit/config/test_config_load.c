// SPDX-License-Identifier: Apache-2.0
/*
 * test_config_load.c - files: which are read, which are believed, and what the user trusts
 *
 * Files of root's are played by swapping fstat: who a file belongs to is all that changes.
 */
#include "lib/test.h"

#include "config/load.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena = ARENA_INIT(CONFIG_ARENA_BYTES);
static struct error err;
static struct config_problems problems;

static const char *at(const char *path)
{
	return arena_printf(&arena, "%s/%s", test_dir(), path);
}

static void write_file(const char *path, const char *text)
{
	const char *file = at(path), *slash = strrchr(file, '/');
	int fd;

	CHECK_INT(kern_mkdir_all(arena_printf(&arena, "%.*s", (int)(slash - file), file)), 0);
	fd = kern_open(AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	CHECK_INT(kern_write_all(fd, text, strlen(text)), 0);
	close(fd);
}

/* A home, a workspace, and profiles that are enough. */
static struct config_sources make_sources(void)
{
	struct config_sources sources = {
		.places = { .home = at("home"),
			.config_dir = at("home/.config/cordon"),
			.state_dir = at("home/.local/state/cordon"),
			.profile_dir = at("profiles"),
			.policy_file = at("etc/policy.jsonc") },
		.workspace = at("project"),
	};

	CHECK_INT(kern_mkdir_all(sources.places.home), 0);
	CHECK_INT(kern_mkdir_all(sources.workspace), 0);
	write_file("profiles/standard.jsonc", "{\"agent\": {\"limits\": {\"memory\": \"4G\"}}}");
	sources.workspace_dirfd = kern_open(AT_FDCWD, sources.workspace, O_PATH | O_DIRECTORY, 0);
	CHECK(sources.workspace_dirfd >= 0);
	return sources;
}

static int load(const struct config_sources *sources, const struct config **ret)
{
	err = (struct error)ERROR_INIT;
	return config_load(&arena, sources, &problems, ret, &err);
}

#define CHECK_LOAD(sources, config) \
	do { int load_ = load((sources), (config)); \
		if (load_ < 0) test_fail(__FILE__, __LINE__, "%d: %s", load_, err.text); } while (0)

static uint64_t memory(const struct config *config)
{
	return config->settings.limits.memory_bytes >> 30;
}

static void finish(struct config_sources *sources)
{
	close(sources->workspace_dirfd);
	arena_fini(&arena);
}

/* ---- where files are ---- */

TEST(a_users_file_by_a_projects_name_is_not_passed_over)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	write_file("home/.config/cordon/cordon.jsonc", "{\"agent\": {\"limits\": {\"memory\": \"1G\"}}}");
	CHECK_INT(load(&sources, &config), -EINVAL);
	CHECK(strstr(err.text, "cordon.jsonc' is not read, and there is no 'config.jsonc'"));
	CHECK(strstr(err.hint, "rename it"));
	/* Where there is the right one, the other may be whatever somebody keeps there. */
	write_file("home/.config/cordon/config.jsonc", "{\"agent\": {\"limits\": {\"memory\": \"2G\"}}}");
	CHECK_LOAD(&sources, &config);
	CHECK_INT(memory(config), 2);
	finish(&sources);
}

TEST(without_any_file_the_profile_holds)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	CHECK_LOAD(&sources, &config);
	CHECK_INT(memory(config), 4);
	CHECK(!config->project_file);
	finish(&sources);
}

TEST(the_user_file_and_the_users_own_profiles_are_found)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	write_file("home/.config/cordon/config.jsonc", "{\"agent\": {\"profile\": \"mine\"}}");
	write_file("home/.config/cordon/profiles/mine.jsonc",
		"{\"extends\": \"standard\", \"agent\": {\"limits\": {\"pids\": 77}}}");
	CHECK_LOAD(&sources, &config);
	CHECK_INT(memory(config), 4);
	CHECK_INT(config->settings.limits.pids_count, 77);
	CHECK_TEXT(config->values[CONFIG_KEY_LIMITS_PIDS].origin.file,
		at("home/.config/cordon/profiles/mine.jsonc"));

	write_file("home/.config/cordon/profiles/standard.jsonc",
		"{\"agent\": {\"limits\": {\"memory\": \"3G\"}}}");
	CHECK_LOAD(&sources, &config);
	CHECK_INT(memory(config), 3);

	write_file("home/.config/cordon/config.jsonc", "{\"agent\": {\"profile\": \"nobody\"}}");
	CHECK_INT(load(&sources, &config), -EINVAL);
	CHECK(strstr(err.text, "config.jsonc:1:12: there is no profile 'nobody'"));
	CHECK(strstr(err.hint, "cordon profile list"));
	write_file("home/.config/cordon/config.jsonc", "{\"agent\": {\"profile\": \"standart\"}}");
	CHECK_INT(load(&sources, &config), -EINVAL);
	CHECK(strstr(err.hint, "Did you mean 'standard'?"));
	finish(&sources);
}

TEST(the_first_project_file_counts)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	for (size_t i = config_project_file_count; i--;) {
		write_file(arena_printf(&arena, "project/%s", config_project_files[i]),
			arena_printf(&arena, "{\"agent\": {\"limits\": {\"pids\": %zu}}}", 10 + i));
		CHECK_LOAD(&sources, &config);
		CHECK_TEXT(config->project_file, config_project_files[i]);
		CHECK_INT(config->settings.limits.pids_count, 10 + i);
	}
	finish(&sources);
}

TEST(a_project_file_behind_a_link_is_refused)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	write_file("elsewhere/devcontainer.json", "{}");
	CHECK_INT(symlinkat(at("elsewhere"), sources.workspace_dirfd, ".devcontainer"), 0);
	CHECK_INT(load(&sources, &config), -ELOOP);
	CHECK(strstr(err.text,
		"'.devcontainer/agentcontainer.json' in the workspace is a link, or lies behind one"));
	CHECK_INT(unlinkat(sources.workspace_dirfd, ".devcontainer", 0), 0);
	CHECK_INT(symlinkat("/dev/zero", sources.workspace_dirfd, "cordon.jsonc"), 0);
	CHECK_INT(load(&sources, &config), -ELOOP);
	finish(&sources);
}

TEST(a_project_file_that_is_no_file_is_refused)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	CHECK_INT(mkfifoat(sources.workspace_dirfd, "cordon.jsonc", 0600), 0);
	CHECK_INT(load(&sources, &config), -EINVAL);
	CHECK(strstr(err.text, "'cordon.jsonc' is not a regular file"));
	CHECK_INT(unlinkat(sources.workspace_dirfd, "cordon.jsonc", 0), 0);
	CHECK_INT(mkdirat(sources.workspace_dirfd, "cordon.jsonc", 0700), 0);
	CHECK_INT(load(&sources, &config), -EINVAL);
	finish(&sources);
}

TEST(a_file_that_is_too_long_is_refused)
{
	struct config_sources sources = make_sources();
	const struct config *config;
	int fd = openat(sources.workspace_dirfd, "agentcontainer.json", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0);
	CHECK_INT(ftruncate(fd, CONFIG_FILE_MAX + 1), 0);
	close(fd);
	CHECK_INT(load(&sources, &config), -EFBIG);
	CHECK(strstr(err.text, "'agentcontainer.json' is longer than 1048576 bytes"));
	finish(&sources);
}

TEST(a_file_that_cannot_be_read_is_an_error_and_not_passed_over)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	if (!kern_geteuid())
		TEST_SKIP("ordinary-user");
	write_file("etc/policy.jsonc", "{}");
	CHECK_INT(chmod(at("etc/policy.jsonc"), 0), 0);
	CHECK_INT(load(&sources, &config), -EACCES);
	CHECK(strstr(err.text, "policy.jsonc"));
	write_file("project/cordon.jsonc", "{}");
	CHECK_INT(chmod(at("project/cordon.jsonc"), 0), 0);
	CHECK_INT(load(&sources, &config), -EACCES);
	CHECK(strstr(err.text, "'cordon.jsonc' in the workspace"));
	finish(&sources);
}

/* ---- who is believed ---- */

static uid_t played_uid;
static mode_t played_mode;

static int played_fstat(int fd, struct stat *ret)
{
	int r = kern_ops_real.fstat(fd, ret);

	ret->st_uid = played_uid;
	ret->st_mode |= played_mode;
	return r;
}

static int failing_fstat(UNUSED int fd, UNUSED struct stat *ret)
{
	return -EIO;
}

static uid_t dir_uid;
static int played_fstatat(int dirfd, const char *path, struct stat *ret, int flags)
{
	int r = kern_ops_real.fstatat(dirfd, path, ret, flags);

	ret->st_uid = dir_uid;
	ret->st_mode &= ~(mode_t)(S_IWGRP | S_IWOTH);
	return r;
}

TEST(a_users_file_must_be_the_users)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	write_file("home/.config/cordon/config.jsonc", "{\"agent\": {\"limits\": {\"memory\": \"1G\"}}}");
	kern_ops.fstat = played_fstat;
	played_uid = kern_geteuid() + 1;
	CHECK_INT(load(&sources, &config), -EPERM);
	CHECK(strstr(err.text, "config.jsonc' belongs to user"));
	played_uid = 0;
	CHECK_LOAD(&sources, &config);
	CHECK_INT(memory(config), 1);
	played_uid = kern_geteuid();
	played_mode = S_IWOTH;
	CHECK_INT(load(&sources, &config), -EPERM);
	CHECK(strstr(err.text, "may be written by others"));
	played_mode = S_IWGRP;
	CHECK_LOAD(&sources, &config);
	kern_ops.fstat = failing_fstat;
	CHECK_INT(load(&sources, &config), -EIO);
	kern_ops = kern_ops_real;
	finish(&sources);
}

TEST(the_policy_must_be_roots)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	write_file("etc/policy.jsonc", "{\"agent\": {\"limits\": {\"memory\": \"1G\"}}}");
	kern_ops.fstat = played_fstat;
	kern_ops.fstatat = played_fstatat;
	CHECK_LOAD(&sources, &config);
	CHECK_INT(memory(config), 1);
	played_mode = S_IWGRP;
	CHECK_INT(load(&sources, &config), -EPERM);
	played_mode = 0;
	played_uid = 1000;
	CHECK_INT(load(&sources, &config), -EPERM);
	CHECK(strstr(err.text, "policy.jsonc' belongs to user 1000, so it is not believed"));
	CHECK(strstr(err.hint, "root"));
	played_uid = 0;
	dir_uid = 1000;
	CHECK_INT(load(&sources, &config), -EPERM);
	CHECK(strstr(err.text, "/etc' belongs to user 1000"));
	kern_ops = kern_ops_real;
	finish(&sources);
}

/* ---- trust ---- */

static const char widening[] = "{\"agent\": {\"limits\": {\"memory\": \"8G\"}}}";

static struct config_trust trust_of(const struct config_sources *sources, const struct config *config)
{
	return (struct config_trust){ .workspace = sources->workspace, .file = config->project_file,
		.digest = config->project_digest, .time_ns = 1700000000000000000 };
}

TEST(trust_is_for_one_content_of_one_file_of_one_workspace)
{
	struct config_sources sources = make_sources(), other = sources;
	const struct config *config;
	struct config_trust trust;

	write_file("project/cordon.jsonc", widening);
	CHECK_INT(load(&sources, &config), -EPERM);
	CHECK_INT(problems.count, 1);

	sources.project_trusted = true;
	CHECK_LOAD(&sources, &config);
	CHECK_INT(config->widening_count, 1);
	trust = trust_of(&sources, config);
	CHECK_INT(config_trust_add(sources.places.state_dir, &trust, &err), 0);

	sources.project_trusted = false;
	CHECK_LOAD(&sources, &config);
	CHECK_INT(memory(config), 8);
	CHECK(config->project_trusted);

	/* One byte more, even in a comment, and it is another content. */
	write_file("project/cordon.jsonc", "{\"agent\": {\"limits\": {\"memory\": \"8G\"}}} ");
	CHECK_INT(load(&sources, &config), -EPERM);
	/* The same content in another file, and in another workspace. */
	CHECK_INT(unlinkat(sources.workspace_dirfd, "cordon.jsonc", 0), 0);
	write_file("project/agentcontainer.json", widening);
	CHECK_INT(load(&sources, &config), -EPERM);
	write_file("other/cordon.jsonc", widening);
	other.workspace = at("other");
	other.workspace_dirfd = kern_open(AT_FDCWD, other.workspace, O_PATH | O_DIRECTORY, 0);
	CHECK_INT(load(&other, &config), -EPERM);
	close(other.workspace_dirfd);

	write_file("project/cordon.jsonc", widening);
	CHECK_LOAD(&sources, &config);
	CHECK_INT(config_trust_revoke(sources.places.state_dir, sources.workspace, "cordon.jsonc", &err), 1);
	CHECK_INT(config_trust_revoke(sources.places.state_dir, sources.workspace, "cordon.jsonc", &err), 0);
	CHECK_INT(load(&sources, &config), -EPERM);
	finish(&sources);
}

TEST(trust_is_listed_in_order)
{
	struct config_sources sources = make_sources();
	const struct config_trust *trusts;
	struct config_trust trust = { .digest = hash_bytes("x", 1), .time_ns = 1700000000000000000 };
	static const char *const names[][2] = { { "/w/b", "cordon.jsonc" }, { "/w/a\xff", "z.json" },
		{ "/w/b", "agentcontainer.json" } };
	size_t count = 7;

	CHECK_INT(config_trust_revoke(sources.places.state_dir, "/w/b", "cordon.jsonc", &err), 0);
	CHECK_INT(config_trust_list(&arena, sources.places.state_dir, &trusts, &count, &err), 0);
	CHECK_INT(count, 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		trust.workspace = names[i][0];
		trust.file = names[i][1];
		CHECK_INT(config_trust_add(sources.places.state_dir, &trust, &err), 0);
	}
	write_file("home/.local/state/cordon/trust/.leftover", "x");
	CHECK_INT(config_trust_list(&arena, sources.places.state_dir, &trusts, &count, &err), 0);
	CHECK_INT(count, 3);
	CHECK_TEXT(trusts[0].workspace, "/w/a\xff");
	CHECK_TEXT(trusts[1].file, "agentcontainer.json");
	CHECK_TEXT(trusts[2].file, "cordon.jsonc");
	CHECK(digest_eq(&trusts[2].digest, &trust.digest));
	CHECK_INT(trusts[2].time_ns, trust.time_ns);
	finish(&sources);
}

/* The path of the only record. */
static const char *record_path(const struct config_sources *sources, const struct config_trust *trust)
{
	struct digest digest;
	char hex[DIGEST_HEX_SIZE];
	struct hash hash;

	hash_init(&hash);
	hash_update(&hash, trust->workspace, strlen(trust->workspace) + 1);
	hash_update(&hash, trust->file, strlen(trust->file));
	digest = hash_final(&hash);
	digest_to_hex(&digest, hex);
	return arena_printf(&arena, "%s/trust/%s.json", sources->places.state_dir, hex);
}

static const char *const damaged_records[] = {
	"", "{}", "{\"version\": 2}",
	"{\"version\": 1, \"digest\": \"x\", \"time\": \"2026-01-01\", \"workspace\": \"/w\", \"file\": "
	"\"f\"}",
	"{\"version\": 1, \"digest\": "
	"\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\", \"time\": \"now\","
		"\"workspace\": \"/w\", \"file\": \"f\"}",
	"{\"version\": 1, \"digest\": "
	"\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\", \"time\": \"2026-01-01\","
		"\"workspace\": 1, \"file\": \"f\"}",
	/* Well-formed, but for another file. */
	"{\"version\": 1, \"digest\": "
	"\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\", \"time\": \"2026-01-01\","
		"\"workspace\": \"/w\", \"file\": \"g\"}",
};

TEST(a_damaged_record_is_an_error_and_no_trust)
{
	struct config_sources sources = make_sources();
	struct config_trust trust = { .workspace = "/w", .file = "f", .digest = hash_bytes("x", 1) };
	const struct config_trust *trusts;
	const char *record = record_path(&sources, &trust);
	size_t count;

	CHECK_INT(config_trust_add(sources.places.state_dir, &trust, &err), 0);
	CHECK_INT(config_trust_check(sources.places.state_dir, &trust, &err), 1);
	CHECK_INT(kern_faccessat(AT_FDCWD, record, R_OK, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(damaged_records); i++) {
		write_file(record + strlen(test_dir()) + 1, damaged_records[i]);
		CHECK_INT(config_trust_check(sources.places.state_dir, &trust, &err), -EBADMSG);
		CHECK_INT(config_trust_list(&arena, sources.places.state_dir, &trusts, &count, &err),
			-EBADMSG);
		CHECK(strstr(err.hint, "cordon trust"));
	}
	CHECK_INT(config_trust_revoke(sources.places.state_dir, "/w", "f", &err), 1);
	CHECK_INT(mkdirat(AT_FDCWD, record, 0700), 0);
	CHECK_INT(config_trust_check(sources.places.state_dir, &trust, &err), -EISDIR);
	CHECK(config_trust_revoke(sources.places.state_dir, "/w", "f", &err) < 0);
	CHECK(config_trust_add(sources.places.state_dir, &trust, &err) < 0);
	finish(&sources);
}

TEST(a_state_directory_that_is_none_is_an_error)
{
	struct config_sources sources = make_sources();
	struct config_trust trust = { .workspace = "/w", .file = "f" };
	const struct config_trust *trusts;
	const struct config *config;
	size_t count;

	write_file("home/.local/state/cordon", "a file");
	write_file("project/cordon.jsonc", "{}");
	CHECK_INT(config_trust_check(sources.places.state_dir, &trust, &err), -ENOTDIR);
	CHECK_INT(config_trust_add(sources.places.state_dir, &trust, &err), -ENOTDIR);
	CHECK_INT(config_trust_revoke(sources.places.state_dir, "/w", "f", &err), -ENOTDIR);
	CHECK_INT(config_trust_list(&arena, sources.places.state_dir, &trusts, &count, &err), -ENOTDIR);
	CHECK_INT(load(&sources, &config), -ENOTDIR);
	finish(&sources);
}

/* ---- places ---- */

TEST(places_follow_the_environment)
{
	struct config_places places;

	CHECK_INT(kern_mkdir_all(at("real")), 0);
	CHECK_INT(symlinkat("real", AT_FDCWD, at("home")), 0);
	CHECK_INT(setenv("HOME", at("home"), 1), 0);
	CHECK_INT(unsetenv("XDG_CONFIG_HOME"), 0);
	CHECK_INT(setenv("XDG_STATE_HOME", "/var/state/", 1), 0);
	CHECK_INT(config_places_init(&arena, &places, &err), 0);
	CHECK_TEXT(strrchr(places.home, '/'), "/real");
	CHECK_TEXT(places.config_dir, at("real/.config/cordon"));
	CHECK_TEXT(places.state_dir, "/var/state/cordon");
	CHECK_TEXT(places.policy_file, "/etc/cordon/policy.jsonc");
	CHECK(str_ends_with(str_from(places.profile_dir), STR("/data/profiles")));

	CHECK_INT(setenv("HOME", "/nonexistent/ann", 1), 0);
	CHECK_INT(config_places_init(&arena, &places, &err), 0);
	CHECK_TEXT(places.home, "/nonexistent/ann");
	arena_fini(&arena);
}

static ssize_t elsewhere(UNUSED int dirfd, UNUSED const char *path, char *ret, size_t len)
{
	static const char exe[] = "/opt/odd/cordon";

	CHECK(len > sizeof(exe));
	memcpy(ret, exe, strlen(exe));
	return (ssize_t)strlen(exe);
}

static ssize_t no_links(UNUSED int dirfd, UNUSED const char *path, UNUSED char *ret, UNUSED size_t len)
{
	return -EACCES;
}

TEST(a_program_in_an_odd_place_finds_no_profiles)
{
	struct config_places places;

	CHECK_INT(setenv("HOME", "/nonexistent", 1), 0);
	CHECK_INT(setenv("XDG_STATE_HOME", "/var/state", 1), 0);
	kern_ops.readlinkat = elsewhere;
	CHECK_INT(config_places_init(&arena, &places, &err), -ENOENT);
	CHECK(strstr(err.text, "'/opt/odd'"));
	kern_ops.readlinkat = no_links;
	CHECK(config_places_init(&arena, &places, &err) < 0);
	CHECK_INT(setenv("HOME", "/", 1), 0);
	CHECK(config_places_init(&arena, &places, &err) < 0);
	kern_ops = kern_ops_real;
	arena_fini(&arena);
}

/* ---- one file alone, and lists of profiles ---- */

static int load_file(const struct config_sources *sources, enum config_source kind, const char *path,
	const struct config **ret)
{
	err = (struct error)ERROR_INIT;
	return config_load_file(&arena, sources, kind, path, &problems, ret, &err);
}

TEST(one_file_is_read_as_what_it_is)
{
	struct config_sources sources = make_sources();
	const struct config *config;

	/* The others play no part, and who could have written this one does not either. */
	write_file("project/cordon.jsonc", "{");
	write_file("etc/policy.jsonc", "{");
	write_file("home/.config/cordon/config.jsonc", "{");
	write_file("x/a.jsonc", "{\"agent\": {\"limits\": {\"memory\": \"8G\"}}}");
	CHECK_INT(chmod(at("x/a.jsonc"), 0666), 0);
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_USER, at("x/a.jsonc"), &config), 0);
	CHECK_INT(memory(config), 8);
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_PROJECT, at("x/a.jsonc"), &config), 0);
	CHECK_INT(config->widening_count, 1);
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_POLICY, at("x/a.jsonc"), &config), 0);
	CHECK_INT(memory(config), 4);
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_PROFILE, at("x/a.jsonc"), &config), 0);
	CHECK_INT(memory(config), 8);
	CHECK_TEXT(config->settings.profile, "a");
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_FLAG, at("x/a.jsonc"), &config), -EINVAL);
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_USER, at("x/b.jsonc"), &config), -ENOENT);
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_USER, at("x"), &config), -EINVAL);
	write_file("x/standard.jsonc", "{\"extends\": \"standard\"}");
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_PROFILE, at("x/standard.jsonc"), &config), -EINVAL);
	CHECK(strstr(err.text, "extends itself"));
	write_file("x/Not one", "{}");
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_PROFILE, at("x/Not one"), &config), -EINVAL);
	CHECK_INT(load_file(&sources, CONFIG_SOURCE_USER, at("etc/policy.jsonc"), &config), -EINVAL);
	CHECK_INT(problems.count, 1);
	finish(&sources);
}

TEST(profiles_are_listed_the_users_own_first)
{
	struct config_sources sources = make_sources();
	const struct config_profile *profiles;
	size_t count;

	CHECK_INT(config_profile_list(&arena, &sources.places, &profiles, &count, &err), 0);
	CHECK_INT(count, 1);
	write_file("profiles/zero.jsonc", "{\"description\": 7}");
	write_file("profiles/Bad.jsonc", "{}");
	write_file("profiles/readme.txt", "");
	write_file("home/.config/cordon/profiles/standard.jsonc",
		"{\"extends\": \"zero\", \"description\": \"mine\"}");
	write_file("home/.config/cordon/profiles/alpha.jsonc", "{");
	CHECK_INT(mkdirat(AT_FDCWD, at("home/.config/cordon/profiles/dir.jsonc"), 0700), 0);
	CHECK_INT(config_profile_list(&arena, &sources.places, &profiles, &count, &err), 0);
	CHECK_INT(count, 5);
	CHECK_TEXT(profiles[0].name, "alpha");
	CHECK_TEXT(profiles[0].description, "");
	CHECK_TEXT(profiles[2].description, "mine");
	CHECK_TEXT(profiles[2].extends, "zero");
	CHECK(profiles[2].is_own && !profiles[2].is_replaced);
	CHECK_TEXT(profiles[3].name, "standard");
	CHECK(!profiles[3].is_own && profiles[3].is_replaced);
	CHECK_TEXT(profiles[3].path, at("profiles/standard.jsonc"));
	CHECK_TEXT(profiles[4].description, "");

	sources.places.profile_dir = at("nowhere");
	CHECK_INT(config_profile_list(&arena, &sources.places, &profiles, &count, &err), -ENOENT);
	sources.places.config_dir = at("profiles/readme.txt");
	CHECK_INT(config_profile_list(&arena, &sources.places, &profiles, &count, &err), -ENOTDIR);
	finish(&sources);
}

TEST(a_profile_s_file_describes_itself_or_not_at_all)
{
	struct config_sources sources = make_sources();
	struct config_profile profile;

	write_file("mine.jsonc", "// c\n{\"extends\": \"standard\", \"description\": \"d\"}");
	CHECK_INT(config_profile_describe(&arena, at("mine.jsonc"), &profile), 0);
	CHECK_TEXT(profile.name, "mine");
	CHECK_TEXT(profile.path, at("mine.jsonc"));
	CHECK_TEXT(profile.extends, "standard");
	CHECK_TEXT(profile.description, "d");
	write_file("odd", "{");
	CHECK_INT(config_profile_describe(&arena, at("odd"), &profile), 0);
	CHECK_TEXT(profile.name, "odd");
	CHECK_TEXT(profile.description, "");
	CHECK(!profile.extends);
	CHECK_INT(config_profile_describe(&arena, at("nowhere.jsonc"), &profile), 0);
	CHECK_TEXT(profile.name, "nowhere");
	CHECK(!profile.extends);
	finish(&sources);
}

TEST(too_many_profiles_are_an_error)
{
	struct config_sources sources = make_sources();
	const struct config_profile *profiles;
	size_t count;

	for (int i = 0; i < 256; i++)
		write_file(arena_printf(&arena, "profiles/p%d.jsonc", i), "{}");
	CHECK_INT(config_profile_list(&arena, &sources.places, &profiles, &count, &err), -EMSGSIZE);
	finish(&sources);
}

/* ---- the profiles that come with cordon ---- */

static bool passes(const struct config *config, const char *name)
{
	const struct config_list *list = &config->settings.env.pass;

	for (size_t i = 0; i < list->count; i++)
		if (str_match_glob(str_from(list->items[i].text), str_from(name)))
			return true;
	return false;
}

TEST(the_profiles_that_come_with_cordon_load)
{
	static const char *const names[] = { "restricted", "standard", "privileged" };
	struct config_sources sources = make_sources();
	struct config_flag flag = { "--profile", CONFIG_KEY_PROFILE, NULL };
	struct config_places places;
	const struct config *config;

	CHECK_INT(setenv("HOME", sources.places.home, 1), 0);
	CHECK_INT(config_places_init(&arena, &places, &err), 0);
	sources.places.profile_dir = places.profile_dir;
	sources.flags = &flag;
	sources.flag_count = 1;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		flag.value = names[i];
		CHECK_LOAD(&sources, &config);
		CHECK_TEXT(config->settings.profile, names[i]);
		CHECK_INT(config->settings.filesystem.write.count, 0);
		CHECK_INT(config->settings.filesystem.read.count, 0);
		CHECK_INT(config->settings.secrets.count, 0);
		CHECK_INT(config->settings.commit.on_exit, CONFIG_ON_EXIT_REVIEW);
		CHECK_INT(config->settings.network.allow.count, i == 2 ? 2 : 0);
		CHECK_INT(config->settings.network.broad, i == 2);
		CHECK(passes(config, "PATH") && passes(config, "TERM"));
		CHECK_INT(passes(config, "AWS_SECRET_ACCESS_KEY"), i == 2);
		/* Nothing that is enforced less than it says. */
		for (size_t j = 0; j < config->notice_count; j++)
			CHECK_INT(config->notices[j].kind, CONFIG_NOTICE_CLOSED);
	}
	finish(&sources);
}

/* Each stands on the one before, so a project file may always choose a smaller one. */
TEST(a_project_may_choose_a_smaller_profile_and_no_larger_one)
{
	static const struct {
		const char *own, *project;
		int result;
	} rows[] = {
		{ "privileged", "standard", 0 }, { "standard", "restricted", 0 },
		{ "restricted", "standard", -EPERM }, { "standard", "privileged", -EPERM },
		{ "standard", "standard", 0 },
	};
	struct config_sources sources = make_sources();
	struct config_places places;
	const struct config *config;

	CHECK_INT(setenv("HOME", sources.places.home, 1), 0);
	CHECK_INT(config_places_init(&arena, &places, &err), 0);
	sources.places.profile_dir = places.profile_dir;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		write_file("home/.config/cordon/config.jsonc",
			arena_printf(&arena, "{\"agent\": {\"profile\": \"%s\"}}", rows[i].own));
		write_file("project/cordon.jsonc",
			arena_printf(&arena, "{\"agent\": {\"profile\": \"%s\"}}", rows[i].project));
		if (load(&sources, &config) != rows[i].result)
			test_fail(__FILE__, __LINE__, "%s over %s: %s", rows[i].project, rows[i].own,
				err.text);
	}
	finish(&sources);
}

TEST_MAIN()
