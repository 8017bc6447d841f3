// SPDX-License-Identifier: Apache-2.0
/*
 * journal.c - writing a journal
 *
 * Lines are put together by hand in canonical form (members in bytewise order, no space): a commit of ten
 * thousand files writes ten thousand of them, and they go out in large pieces. Absent members are zero. What
 * makes a line last is said where it matters: the header only has to survive a kill, the seal and every state
 * line a power cut.
 */
#include "overlay/journal.h"

#include "kern/file.h"
#include "overlay/journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

enum {
	FLUSH_BYTES = 1 << 20,
	LINE_ROOM = FLUSH_BYTES + JOURNAL_LINE_MAX,
	STATE_LINE_MAX = 256,
	DECIMAL_SIZE = 20,		/* of a 64-bit number with its sign */
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

static void add_decimal(struct buf *buf, int64_t value)
{
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char text[DECIMAL_SIZE], *at = text + sizeof(text);

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*--at = '-';
	(void)buf_append(buf, at, (size_t)(text + sizeof(text) - at));
}

/* ,"KEY": and nothing where it is the first member. */
static void add_key(struct buf *buf, struct str key)
{
	if (buf->len && buf->data[buf->len - 1] != '{')
		(void)buf_append_char(buf, ',');
	(void)buf_append_char(buf, '"');
	(void)buf_append(buf, key.data, key.len);
	(void)buf_append(buf, "\":", 2);
}

static void add_number(struct buf *buf, struct str key, int64_t value)
{
	if (!value)
		return;
	add_key(buf, key);
	add_decimal(buf, value);
}

static void add_word(struct buf *buf, struct str key, const char *word)
{
	add_key(buf, key);
	(void)buf_append_char(buf, '"');
	(void)buf_append_str(buf, word);
	(void)buf_append_char(buf, '"');
}

static void add_digest(struct buf *buf, struct str key, const struct digest *digest)
{
	static const struct digest zero;
	char hex[DIGEST_HEX_SIZE];

	if (digest_eq(digest, &zero))
		return;
	digest_to_hex(digest, hex);
	add_word(buf, key, hex);
}

/* "fix" is a number whose bits the format page names: it stands on very many lines. */
static void add_mark(struct buf *buf, struct str key, const struct file_mark *mark)
{
	if (mark->type == FILE_NONE)
		return;
	add_key(buf, key);
	(void)buf_append_char(buf, '{');
	add_number(buf, STR("count"), (int64_t)mark->count);
	add_digest(buf, STR("digest"), &mark->digest);
	add_number(buf, STR("fix"), mark->fix);
	add_number(buf, STR("gid"), mark->gid);
	add_number(buf, STR("inode"), (int64_t)mark->inode);
	add_number(buf, STR("mode"), mark->mode);
	add_number(buf, STR("mtime_ns"), mark->mtime_ns);
	add_number(buf, STR("size"), (int64_t)mark->size_bytes);
	if (mark->fix & FIX_OWNER) {
		add_number(buf, STR("slot_gid"), mark->slot_gid);
		add_number(buf, STR("slot_uid"), mark->slot_uid);
	}
	add_word(buf, STR("type"), file_type_name(mark->type));
	add_number(buf, STR("uid"), mark->uid);
	add_digest(buf, STR("xattrs"), &mark->xattrs);
	(void)buf_append_char(buf, '}');
}

static void add_xattrs(struct buf *buf, struct str key, const struct xattr_list *list)
{
	add_key(buf, key);
	(void)buf_append_char(buf, '[');
	for (size_t i = 0; i < list->count; i++) {
		(void)buf_append_str(buf, i ? ",[" : "[");
		add_string(buf, str_from(list->items[i].name));
		(void)buf_append_char(buf, ',');
		add_string(buf, list->items[i].value);
		(void)buf_append_char(buf, ']');
	}
	(void)buf_append_char(buf, ']');
}

static void add_step(struct buf *buf, const struct step *step)
{
	(void)buf_append_char(buf, '{');
	add_mark(buf, STR("in"), &step->in);
	if (step->set_xattrs)
		add_xattrs(buf, STR("in_xattrs"), &step->in_xattrs);
	add_number(buf, STR("number"), step->number);
	add_mark(buf, STR("out"), &step->out);
	if (step->set_xattrs)
		add_xattrs(buf, STR("out_xattrs"), &step->out_xattrs);
	add_key(buf, STR("path"));
	add_path(buf, step->path);
	add_number(buf, STR("root"), step->root);
	if (step->slot != SLOT_NONE)
		add_word(buf, STR("slot"), step_slot_names[step->slot]);
	add_word(buf, STR("step"), step_kind_names[step->kind]);
	(void)buf_append(buf, "}\n", 2);
}

static void add_root(struct buf *buf, const struct journal_root *root)
{
	(void)buf_append_char(buf, '{');
	add_number(buf, STR("mtime_ns"), root->mtime_ns);
	add_key(buf, STR("path"));
	add_string(buf, str_from(root->path));
	if (root->staged) {
		add_key(buf, STR("staged"));
		(void)buf_append_str(buf, "true");
	}
	add_key(buf, STR("storage"));
	add_string(buf, str_from(root->storage));
	add_word(buf, STR("tree"), root_tree_names[root->tree]);
	(void)buf_append_char(buf, '}');
}

static void add_header(struct buf *buf, const struct journal *journal)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&journal->changeset, hex);
	(void)buf_append_char(buf, '{');
	add_word(buf, STR("changeset"), hex);
	add_number(buf, STR("commit"), journal->number);
	add_word(buf, STR("format"), "cordon-journal");
	add_key(buf, STR("id"));
	add_string(buf, str_from(journal->id));
	add_word(buf, STR("kind"), journal_kind_names[journal->kind]);
	add_key(buf, STR("roots"));
	for (size_t i = 0; i < journal->root_count; i++) {
		(void)buf_append_char(buf, i ? ',' : '[');
		add_root(buf, &journal->roots[i]);
	}
	(void)buf_append_char(buf, ']');
	add_number(buf, STR("time_ns"), (int64_t)journal->time_ns);
	add_number(buf, STR("version"), JOURNAL_VERSION);
	(void)buf_append(buf, "}\n", 2);
}

static void add_state(struct buf *buf, const struct hash *before, enum journal_state state, size_t step_count)
{
	struct hash hash = *before;
	struct digest digest = hash_final(&hash);
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&digest, hex);
	(void)buf_append_char(buf, '{');
	add_word(buf, STR("sha256"), hex);
	add_word(buf, STR("state"), journal_state_names[state]);
	add_number(buf, STR("steps"), (int64_t)step_count);
	(void)buf_append(buf, "}\n", 2);
}

/* Writes out what was gathered. The journal knows the length and the digest of its file at all times. */
static int flush(int fd, struct buf *buf, struct journal *journal)
{
	int r = buf_failed(buf) ? -EMSGSIZE : kern_write_all(fd, buf->data, buf->len);

	if (r >= 0) {
		hash_update(&journal->hash, buf->data, buf->len);
		journal->len_bytes += buf->len;
	}
	buf_clear(buf);
	return r;
}

int journal_create(int dirfd, struct journal *journal, int *ret_fd)
{
	scoped(buf) struct buf buf = BUF_INIT(JOURNAL_LINE_MAX);
	scoped(fd) int fd = -1;
	char name[JOURNAL_NAME_SIZE];
	int r;

	journal_name(journal->kind, journal->number, name);
	fd = kern_open(dirfd, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fd;
	hash_init(&journal->hash);
	journal->len_bytes = 0;
	add_header(&buf, journal);
	r = flush(fd, &buf, journal);
	if (r < 0) {
		(void)kern_unlinkat(dirfd, name, 0);
		return r;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int journal_seal(int fd, struct journal *journal)
{
	scoped(buf) struct buf buf = BUF_INIT(LINE_ROOM);
	int r = 0;

	for (size_t i = 0; r >= 0 && i < journal->step_count; i++) {
		add_step(&buf, &journal->steps[i]);
		if (buf.len >= FLUSH_BYTES || buf_failed(&buf))
			r = flush(fd, &buf, journal);
	}
	if (r >= 0)
		r = flush(fd, &buf, journal);
	if (r < 0)
		return r;
	add_state(&buf, &journal->hash, JOURNAL_SEALED, journal->step_count);
	r = flush(fd, &buf, journal);
	if (r >= 0)
		journal->state = JOURNAL_SEALED;
	return r;
}

int journal_sync(int dirfd, int fd)
{
	int r = kern_fdatasync(fd);

	return r < 0 ? r : kern_fsync(dirfd);
}

int journal_set_state(int dirfd, struct journal *journal, enum journal_state state)
{
	scoped(buf) struct buf buf = BUF_INIT(STATE_LINE_MAX);
	char name[JOURNAL_NAME_SIZE];
	scoped(fd) int fd = -1;
	int r;

	journal_name(journal->kind, journal->number, name);
	fd = kern_open(dirfd, name, O_WRONLY | O_APPEND | O_NOFOLLOW, 0);
	if (fd < 0)
		return fd;
	r = kern_ftruncate(fd, (off_t)journal->len_bytes);
	if (r < 0)
		return r;
	add_state(&buf, &journal->hash, state, 0);
	r = flush(fd, &buf, journal);
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
