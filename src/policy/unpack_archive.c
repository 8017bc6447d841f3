// SPDX-License-Identifier: Apache-2.0
/*
 * unpack_archive.c - archives through zlib and libarchive
 *
 * zlib takes gzip off, as a whole, once, and no further than the limit; it also compares the checksum, which
 * libarchive does not. Of libarchive only the reader of tar is linked. The size of an entry is looked at
 * before room for it is taken.
 */
#include "policy/unpack.h"

#include "base/buf.h"
#include "base/quote.h"

#define ZLIB_CONST

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
	GZIP_WINDOW = 15 + 16,		/* the largest, and only gzip's own wrapper (zlib.h) */
	INFLATE_STEP_BYTES = 65536,
	/* of an entry besides its content: its header, one for a long name, padding */
	ENTRY_EXTRA_BYTES = 4096,
};

struct unpacking {
	struct archive *archive;
	struct arena *arena;
	struct policy_entries *entries;
	size_t seen_count;		/* directories, too */
};

bool policy_unpack_is_supported(void)
{
	return true;
}

static int say_damaged(struct archive *archive, struct error *err)
{
	const char *why = archive_error_string(archive);

	return error_set(err, -EBADMSG, "it is damaged, or no .tar.gz: %s",
		quote_cstr(why ? why : "nothing more is known").text);
}

/* What is neither a file nor a directory has a name for people. */
static const char *kind_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry))
		return "a hard link";
	if (archive_entry_filetype(entry) == S_IFLNK)
		return "a link";
	if (archive_entry_sparse_count(entry))
		return "a file with holes";
	if (archive_entry_filetype(entry) == S_IFREG || archive_entry_filetype(entry) == S_IFDIR)
		return NULL;
	return "a device, pipe or socket";
}

static const char *name_of(struct unpacking *unpacking, struct archive_entry *entry, struct error *err)
{
	/* The first is there where a pax header says that names are UTF-8, whatever the locale. */
	const char *name = archive_entry_pathname_utf8(entry);

	if (!name)
		name = archive_entry_pathname(entry);
	return policy_entry_name(unpacking->arena, name ? str_from(name) : STR(""), err);
}

static int read_content(struct unpacking *unpacking, char *content, size_t len, struct error *err)
{
	size_t at = 0;

	while (at < len) {
		ssize_t n = archive_read_data(unpacking->archive, content + at, len - at);

		if (n < 0)
			return say_damaged(unpacking->archive, err);
		if (n == 0)
			return error_set(err, -EBADMSG,
				"it is damaged: a file in it is shorter than it says");
		at += (size_t)n;
	}
	return 0;
}

static int take_file(struct unpacking *unpacking, const char *name, int64_t size, struct error *err)
{
	struct policy_entries *entries = unpacking->entries;
	char *content;
	int r;

	if (size < 0 || (uint64_t)size > entries->bytes_max - entries->bytes)
		return error_set(err, -EMSGSIZE, "it holds more than %zu bytes", entries->bytes_max);
	content = arena_alloc_raw(unpacking->arena, (size_t)size + 1);
	if (!content)
		return error_set(err, -EMSGSIZE, "it is larger than the memory that it may have");
	r = read_content(unpacking, content, (size_t)size, err);
	if (r < 0)
		return r;
	content[size] = '\0';
	entries->bytes += (size_t)size;
	return policy_entries_add(unpacking->arena, entries, name,
		(struct str){ content, (size_t)size }, err);
}

static int take_entry(struct unpacking *unpacking, struct archive_entry *entry, struct error *err)
{
	const char *kind = kind_of(entry), *name = name_of(unpacking, entry, err);
	int64_t size = archive_entry_size(entry);

	if (++unpacking->seen_count > POLICY_ENTRIES_MAX)
		return error_set(err, -EMSGSIZE, "it holds more than %d files", POLICY_ENTRIES_MAX);
	if (!name)
		return -EBADMSG;
	if (kind) {
		error_set(err, -EBADMSG, "'%s' in it is %s", quote_cstr(name).text, kind);
		error_hint(err, "A bundle has files and directories only.");
		return -EBADMSG;
	}
	if (archive_entry_filetype(entry) == S_IFREG)
		return take_file(unpacking, name, size, err);
	return size > 0 ? error_set(err, -EBADMSG, "the directory '%s' in it has a content",
		quote_cstr(name).text) : 0;
}

/*
 * Names in UTF-8 cannot be said in the locale of C, in which we run; we take them as they are. Every other
 * warning is about something that was read otherwise than it was meant.
 */
static bool is_about_locale(struct archive *archive)
{
	const char *why = archive_error_string(archive);

	return why && strstr(why, "can't be converted from UTF-8 to current locale");
}

static int take_entries(struct unpacking *unpacking, struct error *err)
{
	struct archive_entry *entry;
	int status, r = 0;

	/* An entry that is refused ends it all: nothing behind it is looked at. */
	for (;;) {
		status = archive_read_next_header(unpacking->archive, &entry);
		if (status == ARCHIVE_EOF)
			return 0;
		if (status != ARCHIVE_OK && !(status == ARCHIVE_WARN && is_about_locale(unpacking->archive)))
			return say_damaged(unpacking->archive, err);
		r = take_entry(unpacking, entry, err);
		if (r < 0)
			return r;
	}
}

static int read_tar(struct arena *arena, const struct buf *tar, struct policy_entries *entries,
	struct error *err)
{
	struct unpacking unpacking = { .arena = arena, .entries = entries, .archive = archive_read_new() };
	int status, r;

	if (!unpacking.archive)
		return error_set(err, -EMSGSIZE, "there is no memory to read it");
	status = archive_read_support_format_tar(unpacking.archive);
	if (status == ARCHIVE_OK)
		status = archive_read_open_memory(unpacking.archive, tar->data, tar->len);
	r = status == ARCHIVE_OK ? take_entries(&unpacking, err) : say_damaged(unpacking.archive, err);
	archive_read_free(unpacking.archive);
	return r;
}

/* ---- gzip ---- */

static int say_broken(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "it is damaged, or no .tar.gz: %s", what);
}

static int inflate_all(z_stream *stream, struct buf *tar, struct error *err)
{
	int status = Z_OK;

	while (status == Z_OK) {
		char *room = buf_reserve(tar, INFLATE_STEP_BYTES);

		if (!room)
			return error_set(err, -EMSGSIZE, "it becomes more than %zu bytes", tar->limit_bytes);
		stream->next_out = (unsigned char *)room;
		stream->avail_out = INFLATE_STEP_BYTES;
		status = inflate(stream, Z_NO_FLUSH);
		buf_commit(tar, INFLATE_STEP_BYTES - stream->avail_out);
	}
	if (status == Z_BUF_ERROR)
		return say_broken(err, "its end is missing");
	if (status != Z_STREAM_END)
		return say_broken(err, stream->msg ? stream->msg : "nothing more is known");
	return stream->avail_in ? say_broken(err, "there is more behind its end") : 0;
}

static int take_gzip_off(struct str archive, struct buf *tar, struct error *err)
{
	z_stream stream = { .next_in = (const unsigned char *)archive.data };
	int r;

	if (archive.len > UINT32_MAX)
		return error_set(err, -EMSGSIZE, "it is larger than an archive may be");
	stream.avail_in = (unsigned)archive.len;
	if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
		return error_set(err, -EMSGSIZE, "there is no memory to read it");
	r = inflate_all(&stream, tar, err);
	(void)inflateEnd(&stream);
	return r;
}

int policy_unpack(struct arena *arena, struct str archive, struct policy_entries *entries, struct error *err)
{
	scoped(buf) struct buf tar =
		BUF_INIT(entries->bytes_max + POLICY_ENTRIES_MAX * ENTRY_EXTRA_BYTES);
	int r = take_gzip_off(archive, &tar, err);

	if (r >= 0)
		r = read_tar(arena, &tar, entries, err);
	if (r >= 0 && !entries->count)
		r = error_set(err, -EBADMSG, "there is no file in it");
	return r < 0 ? r : policy_entries_sort(entries, err);
}
