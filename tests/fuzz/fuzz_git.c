// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_git.c - what holds for every text that could be a person's git configuration, includes and all
 *
 * A NUL ends a file: the first is ~/.gitconfig, the second ~/.config/git/config, the third ~/a, which the
 * others may include. No other file exists: the kernel's openat2() is replaced by one that hands out these.
 *
 *   - reading ends, whoever includes whom, and opens no more files than it says
 *   - the ~/.gitconfig that is written for the agent reads as the same name and mail, and has nothing else
 */
#include "run/git_identity.h"

#include "base/fd.h"
#include "kern/file.h"
#include "policy/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	ARENA_MAX_BYTES = 16 << 20,
	WRITTEN_MAX_BYTES = 1 << 16,
	/* What the reader says, and the second file that it begins with. */
	OPENED_MAX = 256 + 1,
};

#define HOME "/home/u"
#define PRIVATE_HOME "/private"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	struct str files[3];
	unsigned opened;
	int written_fd;
} world;

static int open_text(struct str text)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert(fd >= 0 && write(fd, text.data, text.len) == (ssize_t)text.len && !lseek(fd, 0, SEEK_SET));
	return fd;
}

static int fake_openat2(int dirfd, const char *path, const struct open_how *how)
{
	static const char *const paths[] = { HOME "/.gitconfig", HOME "/.config/git/config", HOME "/a" };

	if (how->flags & O_CREAT) {
		assert(dirfd >= 0 && !strcmp(path, ".gitconfig"));
		world.written_fd = open_text(STR(""));
		return fcntl(world.written_fd, F_DUPFD_CLOEXEC, 0);
	}
	if (how->flags & O_DIRECTORY)
		return open_text(STR(""));
	world.opened++;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (!strcmp(path, paths[i]))
			return open_text(world.files[i]);
	return -ENOENT;
}

static int fake_fchownat(int dirfd, const char *path, uid_t uid, gid_t gid, int flags)
{
	(void)dirfd, (void)path, (void)uid, (void)gid, (void)flags;
	return 0;
}

static void read_identity(struct arena *arena, struct run_git_identity *ret)
{
	static const char *const environment[] = { NULL };

	world.opened = 0;
	run_git_identity_read(arena, HOME, environment, HOME "/work/x", ret);
	assert(world.opened <= OPENED_MAX);
}

static void check_same(const char *was, const char *is)
{
	if (was && was[0])
		assert(is && !strcmp(was, is));
	else
		assert(!is);
}

static void check_written(struct arena *arena, const struct run_git_identity *was)
{
	scoped(buf) struct buf text = BUF_INIT(WRITTEN_MAX_BYTES);
	struct floor_keys keys = { .arena = arena };
	struct run_git_identity is;

	assert(!lseek(world.written_fd, 0, SEEK_SET) && kern_read_all(world.written_fd, &text) == 0);
	world.files[0] = (struct str){ buf_text(&text), text.len };
	world.files[1] = world.files[2] = STR("");
	read_identity(arena, &is);
	check_same(was->name, is.name);
	check_same(was->email, is.email);
	assert(floor_extract(FLOOR_LOOK_GIT_CONFIG, world.files[0], &keys) == 0 && keys.count <= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str rest = { size ? (const char *)data : "", size };
	struct run_git_identity identity;
	int r;

	kern_ops.openat2 = fake_openat2;
	kern_ops.fchownat = fake_fchownat;
	for (size_t i = 0; i < ARRAY_SIZE(world.files); i++)
		(void)str_cut(rest, '\0', &world.files[i], &rest);
	world.written_fd = -1;
	read_identity(&arena, &identity);
	r = run_git_identity_write(&identity, PRIVATE_HOME, 1000, 1000);
	assert(r == 0 || r == -EINVAL);
	if (!r)
		check_written(&arena, &identity);
	world.written_fd = fd_close(world.written_fd);
	return 0;
}
