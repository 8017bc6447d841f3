// SPDX-License-Identifier: Apache-2.0
/*
 * journal.c - writing a journal
 *
 * Lines are put together by hand in canonical form (members in bytewise order, no space): a commit of ten thousand files
 * writes ten thousand of them, and they go out in large pieces. Absent members are zero. What makes a line last is said where
 * it matters: the header only has to survive a kill, the seal and every state line a power cut.
 */
#include "overlay/journal.h"

#include "kern/file.h"
#include "overlay/journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	FLUSH_BYTES = 1 << 20,
	LINE_ROOM = FLUSH_BYTES + JOURNAL_LINE_MAX,
	STATE_LINE_MAX = 256,
};

void journal_name(enum journal_kind kind, unsigned number, char ret[JOURNAL_NAME_SIZE])
{
	snprintf(ret, JOURNAL_NAME_SIZE, "%u.%s", number, journal_kind_names[kind]);
}

void journal_stage_name(const char *id, unsigned number, char ret[JOURNAL_NAME_SIZE * 2])
{
	snprintf(ret, JOURNAL_NAME_SIZE * 2, ".cordon-commit-%.32s-%u", id, number);
}

static void add_string(struct buf *buf, struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(JOURNAL_LINE_MAX);
	const struct json *value = json_new_bytes(&arena, text);

	if (value)
		(void)json_write(buf, value, JSON_WRITE_CANONICAL);
	else
		buf->failed = true;
}

/* Most paths need no escape, and then no arena. */
static void add_path(struct buf *buf, struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.data[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
			add_string(buf, path);
			return;
		}
	}
	buf_append_char(buf, '"');
	buf_append(buf, path.data, path.len);
	buf_append_char(buf, '"');
}

static void add_number(struct buf *buf, const char *key, int64_t value)
{
	if (value)
		buf_printf(buf, "\"%s\":%" PRIi64 ",", key, value);
}

static void add_digest(struct buf *buf, const char *key, const struct digest *digest)
{
	static const struct digest zero;
	char hex[DIGEST_HEX_SIZE];

	if (digest_eq(digest, &zero))
		return;
	digest_to_hex(digest, hex);
	buf_printf(buf, "\"%s\":\"%s\",", key, hex);
}

/* "fix" is a number whose bits the format page names: it stands on very many lines. */
static void add_mark(struct buf *buf, const char *key, const struct file_mark *mark)
{
	if (mark->type == FILE_NONE)
		return;
	buf_printf(buf, "\"%s\":{", key);
	add_number(buf, "count", (int64_t)mark->count);
	add_digest(buf, "digest", &mark->digest);
	add_number(buf, "fix", mark->fix);
	add_number(buf, "gid", mark->gid);
	add_number(buf, "inode", (int64_t)mark->inode);
	add_number(buf, "mode", mark->mode);
	add_number(buf, "mtime_ns", mark->mtime_ns);
	add_number(buf, "size", (int64_t)mark->size_bytes);
	if (mark->fix & FIX_OWNER)
		buf_printf(buf, "\"slot_gid\":%u,\"slot_uid\":%u,", mark->slot_gid, mark->slot_uid);
	buf_printf(buf, "\"type\":\"%s\"", file_type_name(mark->type));
	buf_append_char(buf, ',');
	add_number(buf, "uid", mark->uid);
	add_digest(buf, "xattrs", &mark->xattrs);
	buf->data[buf->len - 1] = '}';	/* in place of the last comma: "type" is always there */
	buf_append_char(buf, ',');
}

static void add_xattrs(struct buf *buf, const char *key, const struct xattr_list *list)
{
	buf_printf(buf, "\"%s\":[", key);
	for (size_t i = 0; i < list->count; i++) {
		buf_append_str(buf, i ? ",[" : "[");
		add_string(buf, str_from(list->items[i].name));
		buf_append_char(buf, ',');
		add_string(buf, list->items[i].value);
		buf_append_char(buf, ']');
	}
	buf_append_str(buf, "],");
}

static void add_step(struct buf *buf, const struct step *step)
{
	buf_append_char(buf, '{');
	add_mark(buf, "in", &step->in);
	if (step->set_xattrs)
		add_xattrs(buf, "in_xattrs", &step->in_xattrs);
	add_number(buf, "number", step->number);
	add_mark(buf, "out", &step->out);
	if (step->set_xattrs)
		add_xattrs(buf, "out_xattrs", &step->out_xattrs);
	buf_append_str(buf, "\"path\":");
	add_path(buf, step->path);
	buf_printf(buf, ",\"root\":%u,", step->root);
	if (step->slot != SLOT_NONE)
		buf_printf(buf, "\"slot\":\"%s\",", step_slot_names[step->slot]);
	buf_printf(buf, "\"step\":\"%s\"}\n", step_kind_names[step->kind]);
}

static void add_root(struct buf *buf, const struct journal_root *root)
{
	buf_append_char(buf, '{');
	add_number(buf, "mtime_ns", root->mtime_ns);
	buf_append_str(buf, "\"path\":");
	add_string(buf, str_from(root->path));
	if (root->staged)
		buf_append_str(buf, ",\"staged\":true");
	buf_append_str(buf, ",\"storage\":");
	add_string(buf, str_from(root->storage));
	buf_printf(buf, ",\"tree\":\"%s\"}", root_tree_names[root->tree]);
}

static void add_header(struct buf *buf, const struct journal *journal)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&journal->changeset, hex);
	buf_printf(buf, "{\"changeset\":\"%s\",\"commit\":%u,\"format\":\"cordon-journal\",\"id\":", hex,
		journal->number);
	add_string(buf, str_from(journal->id));
	buf_printf(buf, ",\"kind\":\"%s\",\"roots\":[", journal_kind_names[journal->kind]);
	for (size_t i = 0; i < journal->root_count; i++) {
		if (i)
			buf_append_char(buf, ',');
		add_root(buf, &journal->roots[i]);
	}
	buf_printf(buf, "],\"time_ns\":%" PRIu64 ",\"version\":%d}\n", journal->time_ns, JOURNAL_VERSION);
}

static int flush(int fd, struct buf *buf, struct hash *hash)
{
	int r = buf_failed(buf) ? -EMSGSIZE : kern_write_all(fd, buf->data, buf->len);

	if (hash)
		hash_update(hash, buf->data, buf->len);
	buf_clear(buf);
	return r;
}

int journal_create(int dirfd, const struct journal *journal, int *ret_fd)
{
	scoped(buf) struct buf buf = BUF_INIT(JOURNAL_LINE_MAX);
	scoped(fd) int fd = -1;
	char name[JOURNAL_NAME_SIZE];
	int r;

	journal_name(journal->kind, journal->number, name);
	fd = kern_open(dirfd, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fd;
	add_header(&buf, journal);
	r = flush(fd, &buf, NULL);
	if (r < 0) {
		(void)kern_unlinkat(dirfd, name, 0);
		return r;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int sync_file_and_name(int dirfd, int fd)
{
	int r = kern_fdatasync(fd);

	return r < 0 ? r : kern_fsync(dirfd);
}

/* The digest and length of what the file holds up to its last whole line. */
static int hash_file(int fd, struct hash *ret, uint64_t *ret_len)
{
	scoped(buf) struct buf buf = BUF_INIT(JOURNAL_TEXT_MAX);
	const char *end;
	int r = kern_lseek(fd, 0, SEEK_SET) < 0 ? -ESPIPE : kern_read_all(fd, &buf);

	if (r < 0)
		return r;
	end = memrchr(buf_text(&buf), '\n', buf.len);
	*ret_len = end ? (uint64_t)(end - buf.data) + 1 : 0;
	hash_init(ret);
	hash_update(ret, buf_text(&buf), (size_t)*ret_len);
	return 0;
}

static void add_state(struct buf *buf, const struct hash *before, enum journal_state state, const size_t *step_count)
{
	struct hash hash = *before;
	struct digest digest = hash_final(&hash);
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&digest, hex);
	buf_printf(buf, "{\"sha256\":\"%s\",\"state\":\"%s\"", hex, journal_state_names[state]);
	if (step_count)
		buf_printf(buf, ",\"steps\":%zu", *step_count);
	buf_append_str(buf, "}\n");
}

int journal_seal(int dirfd, int fd, struct journal *journal)
{
	scoped(buf) struct buf buf = BUF_INIT(LINE_ROOM);
	struct hash hash;
	uint64_t len;
	int r = hash_file(fd, &hash, &len);

	for (size_t i = 0; r >= 0 && i < journal->step_count; i++) {
		add_step(&buf, &journal->steps[i]);
		if (buf.len >= FLUSH_BYTES || buf_failed(&buf))
			r = flush(fd, &buf, &hash);
	}
	if (r < 0)
		return r;
	hash_update(&hash, buf_text(&buf), buf.len);
	add_state(&buf, &hash, JOURNAL_SEALED, &journal->step_count);
	r = flush(fd, &buf, NULL);
	if (r >= 0)
		r = sync_file_and_name(dirfd, fd);
	if (r >= 0)
		journal->state = JOURNAL_SEALED;
	return r;
}

int journal_set_state(int dirfd, struct journal *journal, enum journal_state state)
{
	scoped(buf) struct buf buf = BUF_INIT(STATE_LINE_MAX);
	char name[JOURNAL_NAME_SIZE];
	scoped(fd) int fd = -1;
	struct hash hash;
	uint64_t len;
	int r;

	journal_name(journal->kind, journal->number, name);
	fd = kern_open(dirfd, name, O_RDWR | O_APPEND | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	r = hash_file(fd, &hash, &len);
	if (r >= 0)
		r = kern_ftruncate(fd, (off_t)len);
	if (r < 0)
		return r;
	add_state(&buf, &hash, state, NULL);
	r = flush(fd, &buf, NULL);
	if (r >= 0)
		r = kern_fdatasync(fd);
	if (r >= 0)
		journal->state = state;
	return r;
}

int journal_remove(int dirfd, enum journal_kind kind, unsigned number)
{
	char name[JOURNAL_NAME_SIZE];
	int r;

	journal_name(kind, number, name);
	r = kern_unlinkat(dirfd, name, 0);
	return r == -ENOENT ? 0 : r;
}
