// SPDX-License-Identifier: Apache-2.0
/*
 * test_confine.c - what our own processes cannot do any more once they have confined themselves
 *
 * The differ's confinement (kern/confine.h) and the committer's (roles/committer): each is put on in a child,
 * which then tries what bytes that it misread could make it try. What has to go on working is tried as well,
 * or a confinement that refuses everything would pass.
 */
#include "base/fd.h"
#include "kern/confine.h"
#include "kern/file.h"
#include "kern/landlock.h"
#include "lib/test.h"
#include "roles/committer/committer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
#define HAS_X32 true
#else
#define HAS_X32 false
#endif

enum {
	X32_BIT = 0x40000000,
};

/* Two directories, a file in each, and a link from the first to the second. */
struct place {
	char ours[128], other[128];
	int ours_dirfd, other_dirfd;
};

static void make_place(struct place *place)
{
	if (kern_landlock_abi() < 2)
		TEST_SKIP("landlock");
	snprintf(place->ours, sizeof(place->ours), "%s/ours", test_dir());
	snprintf(place->other, sizeof(place->other), "%s/other", test_dir());
	CHECK_INT(kern_mkdir_all(place->ours), 0);
	CHECK_INT(kern_mkdir_all(place->other), 0);
	place->ours_dirfd = kern_open(AT_FDCWD, place->ours, O_RDONLY | O_DIRECTORY, 0);
	place->other_dirfd = kern_open(AT_FDCWD, place->other, O_RDONLY | O_DIRECTORY, 0);
	CHECK_INT(kern_write_file(place->ours_dirfd, "file", STR("mine"), 0600, false), 0);
	CHECK_INT(kern_write_file(place->other_dirfd, "file", STR("secret"), 0600, false), 0);
	CHECK_INT(kern_symlinkat("../other/file", place->ours_dirfd, "link"), 0);
}

/* What was tried must have left no trace. */
static void check_place(const struct place *place)
{
	scoped(buf) struct buf text = BUF_INIT(64);
	struct stat st;

	CHECK_INT(kern_read_file(place->other_dirfd, "file", &text), 0);
	CHECK_TEXT(buf_text(&text), "secret");
	CHECK_INT(kern_fstatat(place->other_dirfd, "new", &st, 0), -ENOENT);
	fd_close(place->ours_dirfd);
	fd_close(place->other_dirfd);
}

/* How @body ended in a child that may confine itself. */
static siginfo_t end_of(void (*body)(const struct place *place), const struct place *place)
{
	siginfo_t info = { 0 };
	pid_t pid = kern_fork();

	CHECK(pid >= 0);
	if (!pid) {
		body(place);
		/* Not _exit(), which sanitizers do something in, and that with calls that are refused now. */
		(void)syscall(SYS_exit_group, 0);
	}
	CHECK_INT(kern_waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
	return info;
}

/* Fails with @body. */
static void in_child(void (*body)(const struct place *place), const struct place *place)
{
	siginfo_t info = end_of(body, place);

	if (info.si_code != CLD_EXITED || info.si_status)
		test_fail(__FILE__, __LINE__, "the confined child: %s %d",
			info.si_code == CLD_EXITED ? "exit" : "signal", info.si_status);
}

/* The errno of an open; 0 where it worked. */
static int try_open(int dirfd, const char *path, int flags)
{
	int fd = kern_open(dirfd, path, flags, 0600);

	if (fd >= 0)
		fd_close(fd);
	return MIN(fd, 0);
}

/* ---- kern_confine(): a process that only reads ---- */

/* Everything that is tried below, so that it is Landlock that answers and not the list. */
static const int reader_calls[] = {
	SYS_read, SYS_write, SYS_close, SYS_openat2, SYS_openat, SYS_fstat, SYS_newfstatat, SYS_getdents64,
	SYS_mkdirat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_ftruncate, SYS_execveat,
	SYS_prctl, SYS_prlimit64, SYS_socket, SYS_connect, SYS_kill, SYS_getppid, SYS_exit_group, SYS_mmap,
	SYS_munmap, SYS_brk, SYS_rt_sigprocmask, SYS_gettid, SYS_getpid, SYS_tgkill, SYS_futex,
};

static void confine_reader(const struct place *place, const int *calls, size_t count)
{
	const struct kern_confine confine = { .read_dirfds = &place->ours_dirfd, .read_count = 1,
		.calls = calls, .call_count = count, .memory_bytes = UINT64_MAX, .cpu_sec = 60 };
	struct error err = ERROR_INIT;

	if (kern_confine(&confine, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void reader_reads_ours_alone(const struct place *place)
{
	confine_reader(place, reader_calls, ARRAY_SIZE(reader_calls));
	CHECK_INT(try_open(place->ours_dirfd, "file", O_RDONLY), 0);
	CHECK_INT(try_open(place->ours_dirfd, ".", O_RDONLY | O_DIRECTORY), 0);
	CHECK_INT(try_open(AT_FDCWD, place->ours, O_RDONLY | O_DIRECTORY), 0);
	CHECK_INT(try_open(AT_FDCWD, place->other, O_RDONLY | O_DIRECTORY), -EACCES);
	/* Neither a link nor a descriptor that was open before leads out. */
	CHECK_INT(try_open(place->ours_dirfd, "link", O_RDONLY), -EACCES);
	CHECK_INT(try_open(place->ours_dirfd, "../other/file", O_RDONLY), -EACCES);
	CHECK_INT(try_open(place->other_dirfd, "file", O_RDONLY), -EACCES);
	CHECK_INT(try_open(AT_FDCWD, "/etc/passwd", O_RDONLY), -EACCES);
	CHECK_INT(try_open(AT_FDCWD, "/proc/self/maps", O_RDONLY), -EACCES);
}

TEST(a_reader_reads_its_directories_and_nothing_else)
{
	struct place place;

	make_place(&place);
	in_child(reader_reads_ours_alone, &place);
	check_place(&place);
}

static void reader_changes_nothing(const struct place *place)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	confine_reader(place, reader_calls, ARRAY_SIZE(reader_calls));
	CHECK_INT(try_open(place->ours_dirfd, "file", O_WRONLY), -EACCES);
	CHECK_INT(try_open(place->ours_dirfd, "new", O_WRONLY | O_CREAT), -EACCES);
	CHECK_INT(kern_mkdirat(place->ours_dirfd, "new", 0700), -EACCES);
	CHECK_INT(kern_symlinkat("x", place->ours_dirfd, "new"), -EACCES);
	CHECK_INT(kern_unlinkat(place->ours_dirfd, "file", 0), -EACCES);
	CHECK(kern_renameat2(place->ours_dirfd, "file", place->ours_dirfd, "new", 0) < 0);
	CHECK(kern_renameat2(place->other_dirfd, "file", place->ours_dirfd, "new", 0) < 0);
	CHECK(kern_linkat(place->other_dirfd, "file", place->ours_dirfd, "new", 0) < 0);
	CHECK_INT(kern_execveat(AT_FDCWD, "/bin/true", argv, argv + 1, 0), -EACCES);
	if (kern_landlock_abi() >= KERN_LANDLOCK_ABI_TRUNCATE)
		CHECK_INT(try_open(place->ours_dirfd, "file", O_RDONLY | O_TRUNC), -EACCES);
}

TEST(a_reader_changes_and_starts_nothing)
{
	struct place place;

	make_place(&place);
	in_child(reader_changes_nothing, &place);
	check_place(&place);
}

static void reader_reaches_nobody(const struct place *place)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int parent = kern_getppid(), tcp;

	confine_reader(place, reader_calls, ARRAY_SIZE(reader_calls));
	tcp = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(tcp >= 0);
	if (kern_landlock_abi() >= KERN_LANDLOCK_ABI_NET)
		CHECK_INT(kern_connect(tcp, (const struct sockaddr *)&address, sizeof(address)), -EACCES);
	if (kern_landlock_abi() >= KERN_LANDLOCK_ABI_SCOPE)
		CHECK_INT(kern_kill(parent, 0), -EPERM);
	fd_close(tcp);
}

TEST(a_reader_reaches_nobody)
{
	struct place place;

	make_place(&place);
	in_child(reader_reaches_nobody, &place);
	check_place(&place);
}

/* ---- one that asks a server ---- */

/* A listening socket on a port that the kernel chose. */
static int listen_tcp(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int fd = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	CHECK_INT(kern_bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_INT(kern_listen(fd, 1), 0);
	CHECK_INT(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static int try_connect(uint16_t port)
{
	const struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

	CHECK(fd >= 0);
	r = kern_connect(fd, (const struct sockaddr *)&address, sizeof(address));
	fd_close(fd);
	return r;
}

static void asks_one_port(const struct place *place)
{
	static const int families[] = { AF_INET };
	uint16_t port, other;
	int fd = listen_tcp(&port), other_fd = listen_tcp(&other);
	int file_fd = kern_open_beneath(place->ours_dirfd, "file", O_RDONLY, 0);
	const struct kern_confine confine = { .read_fds = &file_fd, .read_file_count = 1,
		.calls = reader_calls, .call_count = ARRAY_SIZE(reader_calls), .families = families,
		.family_count = 1, .ports = &port, .port_count = 1, .memory_bytes = UINT64_MAX,
		.cpu_sec = 60 };
	struct error err = ERROR_INIT;

	if (kern_confine(&confine, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(try_open(place->ours_dirfd, "file", O_RDONLY), 0);
	CHECK_INT(try_open(place->ours_dirfd, ".", O_RDONLY | O_DIRECTORY), -EACCES);
	CHECK_INT(try_open(place->other_dirfd, "file", O_RDONLY), -EACCES);
	CHECK_INT(try_connect(port), 0);
	if (kern_landlock_abi() >= KERN_LANDLOCK_ABI_NET)
		CHECK_INT(try_connect(other), -EACCES);
	CHECK_INT(kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP), -EPERM);
	CHECK_INT(kern_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), -EPERM);
	CHECK_INT(kern_socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), -EPERM);
	fd_close(fd);
	fd_close(other_fd);
	fd_close(file_fd);
}

TEST(a_client_reaches_its_port_and_reads_its_file)
{
	struct place place;

	make_place(&place);
	in_child(asks_one_port, &place);
	check_place(&place);
}

/* A short list, as a role has it: what is not in it answers EPERM, whatever Landlock would say. */
static void list_is_kept(const struct place *place)
{
	static const int calls[] = { SYS_write, SYS_exit_group, SYS_openat2, SYS_close };

	confine_reader(place, calls, ARRAY_SIZE(calls));
	CHECK_INT(try_open(place->ours_dirfd, "file", O_RDONLY), 0);
	CHECK_INT(kern_mkdirat(place->ours_dirfd, "new", 0700), -EPERM);
	CHECK_INT(kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), -EPERM);
	CHECK_INT(kern_unshare(CLONE_NEWUSER), -EPERM);
	CHECK_INT(kern_prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), -EPERM);
}

TEST(a_call_that_is_not_listed_is_refused)
{
	struct place place;

	make_place(&place);
	in_child(list_is_kept, &place);
	check_place(&place);
}

/* The same number, another table: what it would mean there is not asked. */
static void reader_calls_by_another_table(const struct place *place)
{
	confine_reader(place, reader_calls, ARRAY_SIZE(reader_calls));
	(void)syscall(X32_BIT | SYS_getpid);
}

static void ends_with_a_foreign_call(void (*body)(const struct place *place))
{
	struct place place;
	siginfo_t info;

	if (!HAS_X32)
		TEST_SKIP("x86-64");
	make_place(&place);
	info = end_of(body, &place);
	CHECK(info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED);
	CHECK_INT(info.si_status, SIGSYS);
	check_place(&place);
}

TEST(a_reader_ends_with_a_call_of_another_table)
{
	ends_with_a_foreign_call(reader_calls_by_another_table);
}

/* No list at all is the closed one; even leaving is refused, so somebody else has to end it. */
static void nothing_is_left(const struct place *place)
{
	confine_reader(place, NULL, 0);
	syscall(SYS_exit_group, 0);
	__builtin_trap();
}

TEST(an_empty_list_allows_nothing)
{
	struct place place;
	siginfo_t info = { 0 };
	pid_t pid;

	make_place(&place);
	pid = kern_fork();
	if (!pid)
		nothing_is_left(&place);
	CHECK_INT(kern_waitid(P_PID, (id_t)pid, &info, WEXITED), 0);
	CHECK(info.si_code != CLD_EXITED);
	check_place(&place);
}

static void rights_are_gone(const struct place *place)
{
	struct rlimit limit;

	confine_reader(place, reader_calls, ARRAY_SIZE(reader_calls));
	CHECK_INT(kern_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	CHECK_INT(kern_prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	CHECK_INT(kern_prlimit(0, RLIMIT_CORE, NULL, &limit), 0);
	CHECK_INT(limit.rlim_max, 0);
	CHECK_INT(kern_prlimit(0, RLIMIT_CPU, NULL, &limit), 0);
	CHECK_INT(limit.rlim_max, 60);
}

TEST(privileges_core_files_and_time_are_given_up)
{
	struct place place;

	make_place(&place);
	in_child(rights_are_gone, &place);
	check_place(&place);
}

/* A limit that somebody set before is not widened. */
static void limits_only_shrink(const struct place *place)
{
	struct rlimit limit = { 7, 7 };

	CHECK_INT(kern_prlimit(0, RLIMIT_CPU, &limit, NULL), 0);
	confine_reader(place, reader_calls, ARRAY_SIZE(reader_calls));
	CHECK_INT(kern_prlimit(0, RLIMIT_CPU, NULL, &limit), 0);
	CHECK_INT(limit.rlim_max, 7);
}

TEST(a_lower_limit_stays)
{
	struct place place;

	make_place(&place);
	in_child(limits_only_shrink, &place);
	check_place(&place);
}

static int no_landlock(UNUSED const void *attr, UNUSED size_t size, UNUSED unsigned flags)
{
	return -EOPNOTSUPP;
}

TEST(without_landlock_nothing_is_confined_in_silence)
{
	const struct kern_confine confine = { .memory_bytes = UINT64_MAX, .cpu_sec = 60 };
	struct error err = ERROR_INIT;

	kern_ops.landlock_create_ruleset = no_landlock;
	CHECK_INT(kern_confine(&confine, &err), -EOPNOTSUPP);
	CHECK(strstr(err.text, "Landlock is switched off") && strstr(err.hint, "lsm="));
}

/* ---- the committer ---- */

static void confine_committer(const struct place *place)
{
	struct error err = ERROR_INIT;

	if (committer_confine(&place->ours_dirfd, 1, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void committer_writes_ours_alone(const struct place *place)
{
	confine_committer(place);
	CHECK_INT(try_open(place->ours_dirfd, "new", O_WRONLY | O_CREAT | O_EXCL), 0);
	CHECK_INT(kern_mkdirat(place->ours_dirfd, "dir", 0700), 0);
	CHECK_INT(kern_renameat2(place->ours_dirfd, "file", place->ours_dirfd, "new", RENAME_EXCHANGE), 0);
	CHECK_INT(kern_renameat2(place->ours_dirfd, "new", place->ours_dirfd, "dir/new", 0), 0);
	CHECK_INT(try_open(place->ours_dirfd, "file", O_RDONLY), 0);
	CHECK_INT(try_open(place->other_dirfd, "file", O_RDONLY), -EACCES);
	CHECK_INT(try_open(place->other_dirfd, "file", O_WRONLY), -EACCES);
	CHECK_INT(try_open(place->other_dirfd, "new", O_WRONLY | O_CREAT), -EACCES);
	CHECK_INT(try_open(place->ours_dirfd, "link", O_RDWR), -EACCES);
	CHECK_INT(kern_unlinkat(place->other_dirfd, "file", 0), -EACCES);
	CHECK_INT(kern_mkdirat(place->other_dirfd, "new", 0700), -EACCES);
	CHECK(kern_renameat2(place->ours_dirfd, "file", place->other_dirfd, "new", 0) < 0);
	CHECK(kern_renameat2(place->other_dirfd, "file", place->ours_dirfd, "stolen", 0) < 0);
	CHECK(kern_linkat(place->other_dirfd, "file", place->ours_dirfd, "stolen", 0) < 0);
	CHECK_INT(try_open(AT_FDCWD, "/etc/passwd", O_RDONLY), -EACCES);
}

TEST(a_committer_writes_its_roots_and_nothing_else)
{
	struct place place;

	make_place(&place);
	in_child(committer_writes_ours_alone, &place);
	check_place(&place);
}

static void committer_reaches_nobody(const struct place *place)
{
	char *const argv[] = { (char[]){ "true" }, NULL };
	int pair[2];

	confine_committer(place);
	CHECK_INT(kern_execveat(AT_FDCWD, "/bin/true", argv, argv + 1, 0), -EPERM);
	CHECK_INT(kern_socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), -EPERM);
	CHECK_INT(kern_socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), -EPERM);
	CHECK_INT(kern_unshare(CLONE_NEWUSER), -EPERM);
	CHECK_INT(kern_mount("none", "/mnt", "tmpfs", 0, NULL), -EPERM);
	CHECK_INT(kern_setresuid(0, 0, 0), -EPERM);
	CHECK_INT(kern_prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	if (kern_landlock_abi() >= KERN_LANDLOCK_ABI_SCOPE)
		CHECK_INT(kern_kill(kern_getppid(), 0), -EPERM);
}

TEST(a_committer_reaches_nobody_and_starts_nothing)
{
	struct place place;

	make_place(&place);
	in_child(committer_reaches_nobody, &place);
	check_place(&place);
}

static void committer_calls_by_another_table(const struct place *place)
{
	confine_committer(place);
	(void)syscall(X32_BIT | SYS_getpid);
}

TEST(a_committer_ends_with_a_call_of_another_table)
{
	ends_with_a_foreign_call(committer_calls_by_another_table);
}

/* Before it, no file could move from the branch into the workspace. */
static int landlock_of_linux_5_13(const void *attr, UNUSED size_t size, UNUSED unsigned flags)
{
	return attr ? -EINVAL : 1;
}

TEST(a_committer_does_not_go_on_with_less)
{
	struct error err = ERROR_INIT;
	int dirfd = 0;

	kern_ops.landlock_create_ruleset = landlock_of_linux_5_13;
	CHECK_INT(committer_confine(&dirfd, 1, &err), -EOPNOTSUPP);
	CHECK(strstr(err.text, "too old") && strstr(err.hint, "5.19"));
	kern_ops.landlock_create_ruleset = no_landlock;
	CHECK_INT(committer_confine(&dirfd, 1, &err), -EOPNOTSUPP);
	CHECK(strstr(err.text, "switched off") && strstr(err.hint, "lsm="));
}

TEST_MAIN()
