// SPDX-License-Identifier: Apache-2.0
/*
 * tree_text.c - a directory tree as text
 */
#include "lib/tree_text.h"

#include "base/hash.h"
#include "base/quote.h"
#include "lib/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	PATH_SIZE = 8192,
};

static void add_digest(struct buf *buf, const char *path, mode_t mode)
{
	char chunk[1 << 14], hex[DIGEST_HEX_SIZE];
	/* Root reads everything; what the owner may not read is the same text for both. */
	int fd = mode & 0400 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	struct digest digest;
	struct hash hash;
	ssize_t n;

	if (fd < 0)
		return;
	hash_init(&hash);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		hash_update(&hash, chunk, (size_t)n);
	close(fd);
	digest = hash_final(&hash);
	digest_to_hex(&digest, hex);
	(void)buf_printf(buf, " %s", hex);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_xattrs(struct buf *buf, const char *path)
{
	static char list[1 << 16], value[1 << 16];
	const char *names[256];
	size_t count = 0;
	ssize_t len = llistxattr(path, list, sizeof(list));

	for (const char *name = list; len > 0 && name < list + len; name += strlen(name) + 1)
		if (strncmp(name, "trusted.", 8) && strcmp(name, "security.selinux"))
			names[count++] = name;
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		ssize_t size = lgetxattr(path, names[i], value, sizeof(value));

		(void)buf_printf(buf, " %s=", names[i]);
		for (ssize_t at = 0; at < size; at++)
			(void)buf_printf(buf, "%02x", (unsigned char)value[at]);
	}
}

static void add_entry(struct buf *buf, const char *path, const char *shown, const struct stat *st,
	unsigned flags)
{
	static const char types[] = "?pc?d?b?-?l?s???";
	char target[PATH_SIZE];
	ssize_t len;

	(void)quote_append(buf, str_from(shown));
	(void)buf_printf(buf, " %c%04o %u:%u", types[st->st_mode >> 12 & 15], st->st_mode & 07777, st->st_uid,
		st->st_gid);
	if (!S_ISDIR(st->st_mode) || !(flags & TREE_TEXT_NO_DIR_TIMES))
		(void)buf_printf(buf, " @%jd.%09ld", (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
	if (!S_ISDIR(st->st_mode) && !(flags & TREE_TEXT_NO_LINKS))
		(void)buf_printf(buf, " x%ju", (uintmax_t)st->st_nlink);
	if (S_ISREG(st->st_mode)) {
		(void)buf_printf(buf, " %jd", (intmax_t)st->st_size);
		add_digest(buf, path, st->st_mode);
	} else if (S_ISLNK(st->st_mode)) {
		len = readlink(path, target, sizeof(target));
		(void)buf_append_str(buf, " -> ");
		(void)quote_append(buf, (struct str){ target, (size_t)MAX(len, (ssize_t)0) });
	} else if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) {
		(void)buf_printf(buf, " %u:%u", major(st->st_rdev), minor(st->st_rdev));
	}
	add_xattrs(buf, path);
	(void)buf_append_char(buf, '\n');
}

static void walk(struct buf *buf, const char *path, const char *shown, unsigned flags)
{
	char child[PATH_SIZE], child_shown[PATH_SIZE];
	struct dirent **entries;
	struct stat st;
	int count;

	if (lstat(path, &st) < 0)
		test_fail(__FILE__, __LINE__, "%s: %s", path, strerror(errno));
	add_entry(buf, path, shown, &st, flags);
	if (!S_ISDIR(st.st_mode) || (st.st_mode & 0500) != 0500)
		return;
	count = scandir(path, &entries, NULL, alphasort);
	CHECK(count >= 0);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (strcmp(name, ".") && strcmp(name, "..")) {
			snprintf(child, sizeof(child), "%s/%s", path, name);
			if (!strcmp(shown, "."))
				snprintf(child_shown, sizeof(child_shown), "%s", name);
			else
				snprintf(child_shown, sizeof(child_shown), "%s/%s", shown, name);
			walk(buf, child, child_shown, flags);
		}
		free(entries[i]);
	}
	free(entries);
}

const char *tree_text(struct buf *buf, const char *path, unsigned flags)
{
	walk(buf, path, ".", flags);
	CHECK(!buf_failed(buf));
	return buf_text(buf);
}

const char *tree_text_first_difference(const char *a, const char *b)
{
	static char text[4096];

	while (*a || *b) {
		int a_len = (int)strcspn(a, "\n"), b_len = (int)strcspn(b, "\n");

		if (a_len != b_len || memcmp(a, b, (size_t)a_len)) {
			snprintf(text, sizeof(text), "\n# %.*s\n# %.*s", a_len, a, b_len, b);
			return text;
		}
		a += a_len + (a[a_len] == '\n');
		b += b_len + (b[b_len] == '\n');
	}
	return "";
}
