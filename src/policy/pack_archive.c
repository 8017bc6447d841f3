// SPDX-License-Identifier: Apache-2.0
/*
 * pack_archive.c - archives through libarchive and zlib
 *
 * As in unpack_archive.c, libarchive has to do with tar alone, and zlib with gzip. All is in memory: a bundle
 * is bounded anyway.
 */
#include "policy/pack.h"

#include "base/quote.h"

#define ZLIB_CONST

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

enum {
	GZIP_WINDOW = 15 + 16,		/* the largest, and gzip's own wrapper (zlib.h) */
	MEMORY_LEVEL = 8,
	DEFLATE_STEP_BYTES = 65536,
	ENTRY_MODE = 0644,
};

static int say_large(struct error *err)
{
	return error_set(err, -EMSGSIZE, "the bundle would be larger than a bundle may be");
}

/* ---- tar ---- */

static la_ssize_t take(UNUSED struct archive *archive, void *context, const void *bytes, size_t len)
{
	return buf_append(context, bytes, len) < 0 ? -1 : (la_ssize_t)len;
}

/* A warning is about a name in UTF-8, which the locale of C cannot say: it is then written as it is. */
static int write_entry(struct archive *archive, struct archive_entry *entry, const struct policy_entry *from)
{
	size_t len = from->content.len;

	archive_entry_clear(entry);
	archive_entry_set_pathname(entry, from->name);
	archive_entry_set_size(entry, (la_int64_t)len);
	archive_entry_set_filetype(entry, S_IFREG);
	archive_entry_set_perm(entry, ENTRY_MODE);
	archive_entry_set_mtime(entry, 0, 0);
	if (archive_write_header(archive, entry) < ARCHIVE_WARN ||
			archive_write_data(archive, from->content.data, len) != (la_ssize_t)len)
		return -EMSGSIZE;
	return 0;
}

static int write_all(struct archive *archive, struct archive_entry *entry,
	const struct policy_entries *entries, struct buf *tar, struct error *err)
{
	if (archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
			archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK ||
			archive_write_open2(archive, tar, NULL, take, NULL, NULL) != ARCHIVE_OK)
		return error_set(err, -ENOMEM, "no archive can be begun");
	for (size_t i = 0; i < entries->count; i++)
		if (write_entry(archive, entry, &entries->items[i]) < 0)
			return buf_failed(tar) ? say_large(err) :
		error_set(err, -EMSGSIZE, "'%s' cannot be in a bundle",
			quote_cstr(entries->items[i].name).text);
	return archive_write_close(archive) == ARCHIVE_OK ? 0 : say_large(err);
}

static int make_tar(const struct policy_entries *entries, struct buf *tar, struct error *err)
{
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	int r = archive && entry ? write_all(archive, entry, entries, tar, err) :
		error_set(err, -ENOMEM, "no memory for an archive");

	archive_entry_free(entry);
	archive_write_free(archive);
	return r;
}

/* ---- gzip ---- */

static int deflate_all(z_stream *stream, struct buf *ret)
{
	int r = Z_OK;

	while (r == Z_OK) {
		char *room = buf_reserve(ret, DEFLATE_STEP_BYTES);

		if (!room)
			return -EMSGSIZE;
		stream->next_out = (unsigned char *)room;
		stream->avail_out = DEFLATE_STEP_BYTES;
		r = deflate(stream, Z_FINISH);
		buf_commit(ret, DEFLATE_STEP_BYTES - stream->avail_out);
	}
	return r == Z_STREAM_END ? 0 : -EMSGSIZE;
}

int policy_pack(const struct policy_entries *entries, struct buf *ret, struct error *err)
{
	scoped(buf) struct buf tar = BUF_INIT(UINT32_MAX);
	z_stream stream = { 0 };
	int r = make_tar(entries, &tar, err);

	if (r < 0)
		return r;
	stream.next_in = (const unsigned char *)tar.data;
	stream.avail_in = (unsigned)tar.len;
	if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
			Z_DEFAULT_STRATEGY) != Z_OK)
		return error_set(err, -ENOMEM, "no memory for an archive");
	r = deflate_all(&stream, ret);
	(void)deflateEnd(&stream);
	return r < 0 ? say_large(err) : 0;
}
