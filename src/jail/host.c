// SPDX-License-Identifier: Apache-2.0
/*
 * host.c - what a plan must know of this host
 *
 * Only which system directories there are, which of them are symbolic links (usr-merged systems have /bin ->
 * usr/bin), the account files, and where names are looked up. It is read once per session, from places that
 * only root writes.
 */
#include "base/fd.h"
#include "base/path.h"
#include "jail/plan_build.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

enum {
	ACCOUNTS_BYTES_MAX = 4 << 20,
	LINK_BYTES_MAX = 256,
};

static const char *const system_dirs[] = {
	"/bin", "/etc", "/gnu/store", "/lib", "/lib32", "/lib64", "/libx32", "/nix", "/opt", "/sbin", "/usr",
};

static int read_dir(struct arena *arena, const char *path, struct jail_host_dir *ret)
{
	char link[LINK_BYTES_MAX];
	struct stat st;
	ssize_t n;
	int r = kern_fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW);

	if (r < 0)
		return r;
	*ret = (struct jail_host_dir){ .path = path };
	if (S_ISDIR(st.st_mode))
		return 0;
	if (!S_ISLNK(st.st_mode))
		return -ENOTDIR;
	n = kern_read_link(AT_FDCWD, path, link, sizeof(link));
	if (n < 0)
		return (int)n;
	ret->link = arena_copy(arena, link, (size_t)n);
	return ret->link ? 0 : -ENOMEM;
}

/* A host without the file has no accounts to show: the plan makes its own. */
static int read_text(struct arena *arena, const char *path, struct str *ret, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(ACCOUNTS_BYTES_MAX);
	int r = kern_read_file(AT_FDCWD, path, &buf);

	if (r == -ENOENT) {
		*ret = (struct str){ 0 };
		return 0;
	}
	if (r < 0)
		return error_sys(err, r, "cannot read %s", path);
	ret->data = arena_copy(arena, buf_text(&buf), buf.len);
	ret->len = buf.len;
	return ret->data ? 0 : error_sys(err, -ENOMEM, "%s", path);
}

/*
 * Who says what a name is: often a link to what a service of the host keeps in /run, which sandboxes do not
 * see.
 */
static int find_names(struct arena *arena, struct jail_host *host, struct error *err)
{
	char path[PATH_TEXT_MAX];
	struct stat st;
	ssize_t r = kern_real_path("/etc/resolv.conf", path, sizeof(path));

	host->has_hosts = kern_fstatat(AT_FDCWD, "/etc/hosts", &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
		S_ISREG(st.st_mode);
	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP)
		return 0;
	if (r >= 0) {
		host->resolver = arena_copy(arena, path, (size_t)r);
		r = host->resolver ? 0 : -ENOMEM;
	}
	return r < 0 ? error_sys(err, (int)r, "cannot look at /etc/resolv.conf") : 0;
}

int jail_host_read(struct arena *arena, struct jail_host *ret, struct error *err)
{
	struct jail_host host = { 0 };
	struct jail_host_dir *dirs = arena_alloc_array(arena, ARRAY_SIZE(system_dirs), sizeof(*dirs));
	int r;

	if (!dirs)
		return error_sys(err, -ENOMEM, "the sandbox plan");
	for (size_t i = 0; i < ARRAY_SIZE(system_dirs); i++) {
		r = read_dir(arena, system_dirs[i], &dirs[host.dir_count]);
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		if (r < 0)
			return error_sys(err, r, "cannot look at %s", system_dirs[i]);
		host.dir_count++;
	}
	host.dirs = dirs;
	r = read_text(arena, "/etc/passwd", &host.passwd, err);
	if (r >= 0)
		r = read_text(arena, "/etc/group", &host.group, err);
	if (r >= 0)
		r = find_names(arena, &host, err);
	if (r < 0)
		return r;
	*ret = host;
	return 0;
}
