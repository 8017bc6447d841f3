// SPDX-License-Identifier: Apache-2.0
/*
 * branch.c - branches for tests
 */
#include "lib/branch.h"

#include "base/fd.h"
#include "base/quote.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>

enum {
	STATUS_NO_OVERLAY = 99,
};

static const char *at(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
	return path;
}

struct branch branch_open(void)
{
	static const char *const names[] = { "work", "merged", "base", "upper" };
	struct branch branch;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK_INT(mkdir(at(names[i]), 0755), 0);
	branch.base_fd = open(at("base"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	branch.upper_fd = open(at("upper"), O_PATH | O_DIRECTORY | O_CLOEXEC);
	branch.storage_fd = open(test_dir(), O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(branch.base_fd >= 0 && branch.upper_fd >= 0 && branch.storage_fd >= 0);
	return branch;
}

void branch_close(struct branch *branch)
{
	branch->base_fd = fd_close(branch->base_fd);
	branch->upper_fd = fd_close(branch->upper_fd);
	branch->storage_fd = fd_close(branch->storage_fd);
}

static _Noreturn void run_shell(const char *directory, const char *script)
{
	umask(022);
	if (chdir(at(directory)) < 0)
		_exit(98);
	execl("/bin/sh", "sh", "-euc", script, (char *)NULL);
	_exit(97);
}

static void wait_for(pid_t pid, const char *script)
{
	int status;

	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_NO_OVERLAY)
		test_skip("overlay");
	if (status)
		test_fail(__FILE__, __LINE__, "status %#x from: %s", (unsigned)status, script);
}

void branch_run(const char *directory, const char *script)
{
	pid_t pid = fork();

	if (!pid)
		run_shell(directory, script);
	wait_for(pid, script);
}

static bool write_text(const char *path, const char *text)
{
	scoped(fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool enter_namespaces(void)
{
	char uid_map[64], gid_map[64];

	snprintf(uid_map, sizeof(uid_map), "%u %u 1", geteuid(), geteuid());
	snprintf(gid_map, sizeof(gid_map), "%u %u 1", getegid(), getegid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_text("/proc/self/setgroups", "deny") &&
		write_text("/proc/self/uid_map", uid_map) && write_text("/proc/self/gid_map", gid_map);
}

static bool drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	for (int i = 0; i <= CAP_LAST_CAP; i++)
		(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	return syscall(SYS_capset, &header, none) == 0;
}

void branch_run_live(const char *script)
{
	char options[1024];
	pid_t pid;

	/* A volatile overlay is not mounted twice over one work directory. */
	branch_run(".", "chmod -R u+rwx work; rm -r work; mkdir work");
	pid = fork();
	if (!pid) {
		const char *dir = test_dir();

		snprintf(options, sizeof(options),
			"userxattr,volatile,lowerdir=%s/base,upperdir=%s/upper,workdir=%s/work", dir, dir,
			dir);
		if (!enter_namespaces() || mount("overlay", at("merged"), "overlay", 0, options) < 0 ||
				!drop_capabilities())
			_exit(STATUS_NO_OVERLAY);
		run_shell("merged", script);
	}
	wait_for(pid, script);
}

struct overlay_diff_options branch_options(void)
{
	return (struct overlay_diff_options){
		.identity = { .agent_uid = geteuid(), .agent_gid = getegid() },
		.changes_max = CHANGES_MAX,
		.bytes_max = UINT64_C(1) << 40,
	};
}

struct changeset branch_diff(struct arena *arena, const struct branch *branch,
		const struct overlay_diff_options *options)
{
	const struct overlay_root root = { "/base", branch->base_fd, branch->upper_fd, branch->storage_fd };
	struct error err = ERROR_INIT;
	struct changeset changeset, back;
	const struct json *value;

	if (overlay_diff(arena, &root, 1, options, &changeset, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	value = changeset_to_json(arena, &changeset);
	CHECK(value);
	if (changeset_read(arena, value, &back, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return changeset;
}

static void describe_file(struct buf *buf, const struct file_facts *facts)
{
	static const char *const names[] = { "none", "file", "dir", "link", "fifo", "socket", "char",
		"block" };

	(void)buf_append_str(buf, names[facts->type]);
	if (facts->type == FILE_SYMLINK) {
		(void)buf_append_str(buf, " -> ");
		(void)quote_append(buf, facts->target);
	} else {
		(void)buf_printf(buf, " %04o", facts->mode);
	}
	if (facts->type == FILE_REGULAR)
		(void)buf_printf(buf, " %ju", (uintmax_t)facts->size_bytes);
	if (facts->device)
		(void)buf_printf(buf, " %u:%u", major(facts->device), minor(facts->device));
	for (size_t i = 0; i < facts->xattr_count; i++) {
		(void)buf_append_char(buf, ' ');
		(void)quote_append(buf, str_from(facts->xattrs[i].name));
		if (!strncmp(facts->xattrs[i].name, "user.", 5)) {
			(void)buf_append_char(buf, '=');
			(void)quote_append(buf, facts->xattrs[i].value);
		}
	}
}

static void describe_flags(struct buf *buf, unsigned flags)
{
	const char *separator = " {";

	for (unsigned flag = 1; change_flag_name(flag); flag <<= 1) {
		if (!(flags & flag))
			continue;
		(void)buf_printf(buf, "%s%s", separator, change_flag_name(flag));
		separator = " ";
	}
	(void)buf_append_str(buf, flags ? "}\n" : "\n");
}

static void describe(struct buf *buf, const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;

	(void)buf_printf(buf, "%s ", change_kind_name(change->kind));
	(void)quote_append(buf, change->path);
	if (change->renamed_from.len) {
		(void)buf_append_str(buf, " from ");
		(void)quote_append(buf, change->renamed_from);
	}
	(void)buf_append_str(buf, ": ");
	if (old_file->type)
		describe_file(buf, old_file);
	if (old_file->type && new_file->type)
		(void)buf_append_str(buf, " => ");
	if (new_file->type)
		describe_file(buf, new_file);
	if (change->kind == CHANGE_METADATA && new_file->type == FILE_REGULAR &&
			old_file->mtime_ns != new_file->mtime_ns)
		(void)buf_append_str(buf, " mtime");
	if (old_file->type && new_file->type &&
			(old_file->uid != new_file->uid || old_file->gid != new_file->gid))
		(void)buf_append_str(buf, " owner");
	if (change->link_group)
		(void)buf_printf(buf, " links %ju", (uintmax_t)change->link_group);
	if (change->flags & CHANGE_TREE)
		(void)buf_printf(buf, " +%ju", (uintmax_t)change->old_count);
	describe_flags(buf, change->flags);
}

const char *branch_describe(struct buf *buf, const struct changeset *changeset)
{
	for (size_t i = 0; i < changeset->count; i++)
		describe(buf, &changeset->changes[i]);
	CHECK(!buf_failed(buf));
	return buf_text(buf);
}
