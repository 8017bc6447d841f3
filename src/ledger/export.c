// SPDX-License-Identifier: Apache-2.0
/*
 * export.c - ledgers, their heads and the index in one file
 *
 * The order of reading is that of verification (verify.c): all heads first, then the index, then the records.
 */
#include "ledger/bundle.h"

#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "ledger/chain.h"
#include "ledger/index.h"
#include "ledger/source.h"

#include <errno.h>
#include <inttypes.h>

enum {
	NAMES_BYTES_MAX = 128 << 20,
	CHUNK_BYTES = 64 << 10,
	FRAME_LINE_MAX = 512,
};

/* Sessions and their heads, as they were found; no descriptor is open. */
struct sources {
	struct source *items;		/* the arena's */
	size_t count;
	struct arena arena;
	int state_dirfd;		/* borrowed */
};

static void sources_scope_exit(struct sources *sources)
{
	arena_fini(&sources->arena);
}

struct export {
	int fd;				/* borrowed */
	struct hash hash;		/* of everything written */
	uint64_t lines;
	uint64_t torn_bytes;
	struct buf line;
};

static void export_scope_exit(struct export *export)
{
	buf_fini(&export->line);
}

static int put(struct export *export, struct str text)
{
	hash_update(&export->hash, text.data, text.len);
	for (const char *at = text.data; (at = memchr(at, '\n', (size_t)(text.data + text.len - at))); at++)
		export->lines++;
	return kern_write_all(export->fd, text.data, text.len);
}

static int put_line(struct export *export)
{
	assert(!buf_failed(&export->line));
	return put(export, (struct str){ .data = export->line.data, .len = export->line.len });
}

static int put_begin(struct export *export)
{
	char time[TIME_TEXT_SIZE];

	time_to_text(kern_clock_real_ns(), time);
	buf_clear(&export->line);
	buf_printf(&export->line, "{\"bundle\":\"begin\",\"time\":\"%s\",\"version\":1}\n", time);
	return put_line(export);
}

static int put_session_begin(struct export *export, const struct source *source)
{
	char hex[DIGEST_HEX_SIZE];

	buf_clear(&export->line);
	buf_append_str(&export->line, "{\"bundle\":\"session-begin\",\"head\":");
	digest_to_hex(&source->head.hash, hex);
	if (source->has_head)
		buf_printf(&export->line, "{\"hash\":\"%s\",\"sequence\":%" PRIu64 ",\"size\":%" PRIu64 "}",
			hex, source->head.sequence, source->head.size_bytes);
	else
		buf_append_str(&export->line, "null");
	buf_printf(&export->line, ",\"session\":\"%s\"}\n", source->session);
	return put_line(export);
}

static int put_session_end(struct export *export, const struct source *source, bool live, uint64_t torn_bytes)
{
	buf_clear(&export->line);
	buf_printf(&export->line,
		"{\"bundle\":\"session-end\",\"live\":%s,\"session\":\"%s\",\"torn\":%" PRIu64 "}\n",
		live ? "true" : "false", source->session, live ? 0 : torn_bytes);
	return put_line(export);
}

static int put_end(struct export *export)
{
	struct digest digest = hash_final(&export->hash);
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(&digest, hex);
	buf_clear(&export->line);
	buf_printf(&export->line, "{\"bundle\":\"end\",\"digest\":\"%s\",\"lines\":%" PRIu64 "}\n", hex,
		export->lines);
	return kern_write_all(export->fd, export->line.data, export->line.len);
}

/* Whole lines only; @ret_copied is behind the last of them, @ret_torn what follows it. */
static int put_file(struct export *export, int fd, uint64_t *ret_copied, uint64_t *ret_torn)
{
	scoped(buf) struct buf pending = BUF_INIT(JSON_TEXT_MAX);
	uint64_t at = 0;

	for (;;) {
		char *room = buf_reserve(&pending, CHUNK_BYTES);
		const char *last;
		ssize_t n;
		size_t len;
		int r;

		if (!room)
			return -EMSGSIZE;
		n = kern_pread(fd, room, CHUNK_BYTES, (off_t)at);
		if (n <= 0) {
			*ret_copied = at - pending.len;
			*ret_torn = pending.len;
			return (int)n;
		}
		buf_commit(&pending, (size_t)n);
		at += (uint64_t)n;
		last = memrchr(pending.data, '\n', pending.len);
		len = last ? (size_t)(last + 1 - pending.data) : 0;
		r = put(export, (struct str){ .data = pending.data, .len = len });
		if (r < 0)
			return r;
		buf_consume(&pending, len);
	}
}

static int put_index(struct export *export, int state_dirfd, struct error *err)
{
	scoped(fd) int fd = source_open_index(state_dirfd, err);
	uint64_t copied, torn;
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = put_file(export, fd, &copied, &torn);
	return r < 0 ? error_sys(err, r, "exporting " INDEX_NAME) : 0;
}

/* Every head before anything else; descriptors are too few to keep one per session. */
static int take_heads(struct sources *sources, const char *const *names, size_t count, bool required,
	struct error *err)
{
	sources->items = arena_alloc_array(&sources->arena, count, sizeof(*sources->items));
	if (!sources->items)
		return error_set(err, -EMSGSIZE, "exporting: too many sessions");
	for (size_t i = 0; i < count; i++) {
		scoped(source) struct source source = SOURCE_INIT;
		int r = source_open(&source, sources->state_dirfd, names[i], err);

		if (r < 0)
			return r;
		if (source.fd >= 0) {
			sources->items[sources->count] = source;
			sources->items[sources->count++].fd = -1;
		}
		if (source.fd < 0 && required)
			return error_set(err, -ENOENT, "session '%s' has no ledger", names[i]);
	}
	return 0;
}

static int put_records(struct export *export, int state_dirfd, const struct source *taken, struct error *err)
{
	scoped(source) struct source source = SOURCE_INIT;
	uint64_t copied = 0, torn = 0, size = 0;
	int r = source_open(&source, state_dirfd, taken->session, err);

	if (r < 0)
		return r;
	if (source.fd < 0)
		return error_set(err, -ENOENT, "the ledger of session '%s' was removed meanwhile",
			taken->session);
	r = put_file(export, source.fd, &copied, &torn);
	if (r >= 0)
		r = chain_size(source.fd, &size);
	if (r >= 0)
		r = put_session_end(export, taken, taken->live || source.live || size != copied + torn ||
			source_is_live(&source), torn);
	export->torn_bytes += torn;
	return r < 0 ? error_sys(err, r, "exporting %s", taken->path) : 0;
}

static int put_sources(struct export *export, const struct sources *sources, struct error *err)
{
	for (size_t i = 0; i < sources->count; i++) {
		int r = put_session_begin(export, &sources->items[i]);

		if (r < 0)
			return error_sys(err, r, "exporting");
		r = put_records(export, sources->state_dirfd, &sources->items[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int ledger_export(int state_dirfd, const char *const *sessions, size_t count, int fd, uint64_t *ret_torn,
	struct error *err)
{
	scoped(export) struct export export = { .fd = fd, .line = BUF_INIT(FRAME_LINE_MAX) };
	scoped(sources) struct sources sources = {
		.arena = ARENA_INIT(NAMES_BYTES_MAX), .state_dirfd = state_dirfd,
	};
	bool required = count;
	int r = count ? 0 : source_list(&sources.arena, state_dirfd, &sessions, &count, err);

	if (r >= 0)
		r = take_heads(&sources, sessions, count, required, err);
	if (r < 0)
		return r;
	hash_init(&export.hash);
	r = put_begin(&export);
	if (r < 0)
		return error_sys(err, r, "exporting");
	r = put_index(&export, state_dirfd, err);
	if (r >= 0)
		r = put_sources(&export, &sources, err);
	if (r < 0)
		return r;
	r = put_end(&export);
	if (r < 0)
		return error_sys(err, r, "exporting");
	*ret_torn = export.torn_bytes;
	return 0;
}
