// SPDX-License-Identifier: Apache-2.0
/*
 * test_session.c - the session directory: created, saved, found by prefix, locked, recognised as orphaned
 */
#include "lib/test.h"

#include "base/fd.h"
#include "base/path.h"
#include "kern/file.h"
#include "session/dirs.h"
#include "session/session.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct arena arena = ARENA_INIT(8 << 20);

static void create(struct session *session, const char *workspace)
{
	static const char *const argv[] = { "sh", "-c", "echo \xff", NULL };
	struct error err = ERROR_INIT;

	session_init(session, &arena);
	CHECK_INT(session_create(session, test_dir(), &err), 0);
	session->workspace = workspace;
	session->argv = argv;
	session->argc = 3;
	session->user_uid = 1000;
	session->roots[0] = (struct session_root){ .path = workspace, .storage = "/var/tmp/x\xfe" };
	session->roots[1] = (struct session_root){ .path = "/srv", .live = true };
	session->ports[0] = (struct session_port){ 3000, 65535 };
	session->port_count = 1;
	session->root_count = 2;
	CHECK_INT(session_save(session, &err), 0);
}

TEST(a_session_comes_back_as_it_was_saved)
{
	struct session a, b;
	struct error err = ERROR_INIT;

	create(&a, "/home/a/pro\xffject");
	a.exit_code = 3;
	CHECK_INT(session_set_state(&a, SESSION_HELD, &err), 0);
	session_init(&b, &arena);
	CHECK_INT(session_open(&b, test_dir(), a.id, &err), 0);
	CHECK_INT(b.state, SESSION_HELD);
	CHECK_TEXT(b.workspace, "/home/a/pro\xffject");
	CHECK_INT(b.argc, 3);
	CHECK_TEXT(b.argv[2], "echo \xff");
	CHECK_INT(b.exit_code, 3);
	CHECK_INT(b.user_uid, 1000);
	CHECK_INT(b.root_count, 2);
	CHECK_TEXT(b.roots[0].storage, "/var/tmp/x\xfe");
	CHECK(b.roots[1].live && !b.roots[1].storage);
	CHECK_INT(b.port_count, 1);
	CHECK_INT(b.ports[0].port, 3000);
	CHECK_INT(b.ports[0].host_port, 65535);
	CHECK_INT(b.created_ns / 1000, a.created_ns / 1000);
	session_fini(&a);
	session_fini(&b);
	arena_fini(&arena);
}

TEST(a_prefix_finds_one_session_or_says_why_not)
{
	struct session a, b;
	struct error err = ERROR_INIT;
	char prefix[4] = "";

	create(&a, "/w");
	memcpy(prefix, a.id, 3);
	session_init(&b, &arena);
	CHECK_INT(session_open(&b, test_dir(), prefix, &err), 0);
	CHECK_TEXT(b.id, a.id);
	session_fini(&b);
	session_init(&b, &arena);
	CHECK_INT(session_open(&b, test_dir(), "", &err), -ENOENT);
	CHECK_INT(session_open(&b, test_dir(), "../x", &err), -ENOENT);
	CHECK(err.hint[0]);
	session_fini(&a);
	arena_fini(&arena);
}

/* A file of one block is overwritten in place: the same inode, and nothing of the old text behind the new. */
TEST(saving_again_makes_no_new_file_unless_it_has_to)
{
	struct session a, b;
	struct error err = ERROR_INIT;
	struct stat first, second;
	char *argument = arena_alloc(&arena, 8000);
	const char *const long_argv[] = { argument, NULL };

	create(&a, "/a/long/name/of/a/workspace");
	CHECK_INT(session_save(&a, &err), 0);
	CHECK_INT(kern_fstatat(a.dirfd, "session.json", &first, 0), 0);
	a.workspace = "/w";
	CHECK_INT(session_set_state(&a, SESSION_HELD, &err), 0);
	CHECK_INT(kern_fstatat(a.dirfd, "session.json", &second, 0), 0);
	CHECK(first.st_ino == second.st_ino && first.st_size == second.st_size);
	memset(argument, 'x', 7999);
	a.argv = long_argv;
	a.argc = 1;
	CHECK_INT(session_save(&a, &err), 0);
	a.argc = 0;
	CHECK_INT(session_save(&a, &err), 0);
	session_init(&b, &arena);
	CHECK_INT(session_open(&b, test_dir(), a.id, &err), 0);
	CHECK_TEXT(b.workspace, "/w");
	CHECK(b.state == SESSION_HELD && b.argc == 0);
	session_fini(&a);
	session_fini(&b);
	arena_fini(&arena);
}

static void damage(const char *text)
{
	struct session a, b;
	struct error err = ERROR_INIT;

	create(&a, "/w");
	CHECK_INT(kern_write_file(a.dirfd, "session.json", str_from(text), 0600, false), 0);
	session_init(&b, &arena);
	CHECK(session_open(&b, test_dir(), a.id, &err) < 0);
	CHECK(err.text[0]);
	session_fini(&a);
	session_fini(&b);
	arena_fini(&arena);
}

TEST(a_damaged_file_is_an_error)
{
	damage("");
	damage("{");
	damage("{}");
	damage("{\"version\":2}");
	damage("{\"version\":1,\"state\":\"strange\",\"workspace\":\"/w\",\"argv\":[],\"roots\":[]}");
	damage("{\"version\":1,\"state\":\"held\",\"workspace\":\"w\",\"argv\":[],\"roots\":[]}");
	damage("{\"version\":1,\"state\":\"held\",\"workspace\":\"/w/../x\",\"argv\":[],\"roots\":[]}");
	damage("{\"version\":1,\"state\":\"held\",\"workspace\":\"/w\",\"argv\":[1],\"roots\":[]}");
	damage("{\"version\":1,\"state\":\"held\",\"workspace\":\"/w\",\"argv\":[],\"roots\":[{\"path\":\"/w\"}]}");
}

/* A file that is whole but for @member, in which something stands that cannot be. */
static void damage_member(const char *member)
{
	char text[256];

	snprintf(text, sizeof(text), "{\"version\":1,\"state\":\"held\",\"workspace\":\"/w\",\"argv\":[],%s,"
		"\"roots\":[]}", member);
	damage(text);
}

TEST(a_member_that_does_not_fit_is_damage_and_is_not_cut_to_fit)
{
	damage_member("\"exit_code\":256");
	damage_member("\"exit_code\":-1");
	/* Cut to 32 bits this would be process 4711. */
	damage_member("\"supervisor_pid\":4294972007");
	damage_member("\"supervisor_start\":\"1\"");
	damage_member("\"user_uid\":4294967296");
	damage_member("\"agent_gid\":-1");
	damage_member("\"created\":\"yesterday\"");
	damage_member("\"ended\":5");
	damage_member("\"profile\":5");
	damage_member("\"level\":null");
	damage("{\"version\":1,\"state\":\"held\",\"workspace\":\"/w\",\"argv\":[\"a\\u0000b\"],\"roots\":[]}");
}

TEST(a_lock_is_held_by_one_process_only)
{
	struct session a, b;
	struct error err = ERROR_INIT;

	create(&a, "/w");
	CHECK_INT(session_lock(&a, &err), 0);
	CHECK_INT(session_lock(&a, &err), 0);
	session_init(&b, &arena);
	CHECK_INT(session_open(&b, test_dir(), a.id, &err), 0);
	CHECK_INT(session_lock(&b, &err), -EBUSY);
	session_fini(&a);
	CHECK_INT(session_lock(&b, &err), 0);
	session_fini(&b);
	arena_fini(&arena);
}

TEST(a_session_whose_supervisor_is_gone_is_an_orphan)
{
	struct session a;
	struct error err = ERROR_INIT;
	pid_t pid;

	create(&a, "/w");
	session_claim(&a);
	CHECK(session_is_alive(&a) && !session_is_orphan(&a));
	a.supervisor_start++;	/* the pid was reused */
	CHECK(!session_is_alive(&a) && session_is_orphan(&a));
	pid = fork();
	if (!pid) {
		session_claim(&a);
		_exit(session_save(&a, &err) < 0);
	}
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	session_fini(&a);
	session_init(&a, &arena);
	CHECK_INT(session_latest(&a, test_dir(), "/w", 1u << SESSION_CREATING, &err), 0);
	CHECK(session_is_orphan(&a));
	CHECK_INT(session_set_state(&a, SESSION_HELD, &err), 0);
	CHECK(!session_is_orphan(&a));
	session_fini(&a);
	arena_fini(&arena);
}

TEST(the_latest_session_of_a_workspace_is_found)
{
	struct session a, b, c;
	struct error err = ERROR_INIT;

	create(&a, "/w");
	create(&b, "/w");
	create(&c, "/other");
	session_fini(&c);
	session_init(&c, &arena);
	CHECK_INT(session_latest(&c, test_dir(), "/w", 1u << SESSION_CREATING, &err), 0);
	CHECK_TEXT(c.id, b.id);
	session_fini(&c);
	session_init(&c, &arena);
	CHECK_INT(session_latest(&c, test_dir(), "/w", 1u << SESSION_HELD, &err), -ENOENT);
	CHECK_INT(session_latest(&c, "/nonexistent", NULL, ~0u, &err), -ENOENT);
	session_fini(&a);
	session_fini(&b);
	arena_fini(&arena);
}

TEST(directories_follow_the_xdg_specification)
{
	struct error err = ERROR_INIT;

	setenv("HOME", "/usr/", 1);
	unsetenv("XDG_STATE_HOME");
	CHECK_TEXT(dirs_find(&arena, DIRS_STATE, &err), "/usr/.local/state/cordon");
	setenv("XDG_STATE_HOME", "relative", 1);
	CHECK_TEXT(dirs_find(&arena, DIRS_STATE, &err), "/usr/.local/state/cordon");
	setenv("HOME", "/nonexistent", 1);
	CHECK(!dirs_find(&arena, DIRS_STATE, &err));
	CHECK_TEXT(err.text, "your home directory '/nonexistent' does not exist");
	setenv("XDG_STATE_HOME", "/s//t/", 1);
	CHECK_TEXT(dirs_find(&arena, DIRS_STATE, &err), "/s/t/cordon");
	arena_fini(&arena);
}

TEST(without_home_the_password_file_is_asked)
{
	const struct passwd *entry = getpwuid(getuid());
	struct error err = ERROR_INIT;

	if (!entry)
		TEST_SKIP("a line of /etc/passwd for this user");
	unsetenv("HOME");
	CHECK_TEXT(dirs_home(&arena, &err), path_clean(&arena, "/", str_from(entry->pw_dir)));
	setenv("HOME", "relative", 1);
	CHECK_TEXT(dirs_home(&arena, &err), path_clean(&arena, "/", str_from(entry->pw_dir)));
	CHECK_TEXT(dirs_user_name(&arena), entry->pw_name);
	arena_fini(&arena);
}

TEST(a_directory_is_found_where_links_lead)
{
	struct error err = ERROR_INIT;
	char *real = arena_printf(&arena, "%s/real", test_dir()),
	     *link = arena_printf(&arena, "%s/link", test_dir());

	CHECK_INT(kern_mkdirat(AT_FDCWD, real, 0700), 0);
	CHECK_INT(kern_symlinkat("real", AT_FDCWD, link), 0);
	setenv("XDG_STATE_HOME", link, 1);
	CHECK_TEXT(dirs_find(&arena, DIRS_STATE, &err), arena_printf(&arena, "%s/cordon", real));
	/* Also the part that does not exist yet is named below the real place. */
	setenv("XDG_STATE_HOME", arena_printf(&arena, "%s/a/b", link), 1);
	CHECK_TEXT(dirs_find(&arena, DIRS_STATE, &err), arena_printf(&arena, "%s/a/b/cordon", real));
	/* A link in a circle leads nowhere: the user's own words come back, for the message. */
	CHECK_INT(kern_symlinkat("loop", AT_FDCWD, arena_printf(&arena, "%s/loop", real)), 0);
	setenv("XDG_STATE_HOME", arena_printf(&arena, "%s/loop", link), 1);
	CHECK_TEXT(dirs_find(&arena, DIRS_STATE, &err), arena_printf(&arena, "%s/loop/cordon", link));
	arena_fini(&arena);
}

TEST(storage_is_in_the_session_where_the_file_system_is_the_same)
{
	const char *root = arena_printf(&arena, "%s/w", test_dir());
	const char *session = arena_printf(&arena, "%s/s", test_dir());
	struct error err = ERROR_INIT;
	struct stat st;

	CHECK_INT(kern_mkdir_all(root), 0);
	CHECK_INT(kern_mkdir_all(session), 0);
	CHECK_TEXT(dirs_storage(&arena, root, session, "abc", 1, &err),
		arena_printf(&arena, "%s/branch/1", session));
	CHECK_INT(kern_fstatat(AT_FDCWD, arena_printf(&arena, "%s/branch/1", session), &st, 0), -ENOENT);
	CHECK(!dirs_storage(&arena, "/nonexistent/x", session, "abc", 1, &err));
	arena_fini(&arena);
}

TEST(storage_is_with_the_root_where_the_file_systems_differ)
{
	const char *session = arena_printf(&arena, "%s/s", test_dir()), *root, *storage;
	char dir[] = "/dev/shm/cordon-test-XXXXXX";
	struct stat st, of_shm;
	int shm;
	struct error err = ERROR_INIT;

	CHECK_INT(kern_mkdir_all(session), 0);
	if (!mkdtemp(dir))
		TEST_SKIP("a writable /dev/shm");
	CHECK_INT(kern_fstatat(AT_FDCWD, dir, &of_shm, 0), 0);
	CHECK_INT(kern_fstatat(AT_FDCWD, session, &st, 0), 0);
	root = arena_printf(&arena, "%s/w", dir);
	CHECK_INT(kern_mkdir_all(root), 0);
	storage = dirs_storage(&arena, root, session, "abcdefgh", 0, &err);
	CHECK(storage && !strncmp(storage, st.st_dev == of_shm.st_dev ? session : "/dev/shm/.cordon-", 17));
	CHECK(st.st_dev == of_shm.st_dev || strstr(storage, "/abcdefgh/0"));
	CHECK(strncmp(storage, root, strlen(root)));
	shm = kern_open(AT_FDCWD, "/dev/shm", O_PATH, 0);
	CHECK_INT(kern_remove_tree(shm, dir + strlen("/dev/shm/")), 0);
	fd_close(shm);
	arena_fini(&arena);
}

TEST_MAIN()
