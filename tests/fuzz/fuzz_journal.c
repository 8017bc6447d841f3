// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_journal.c - what holds for every file that recovery could find where a journal should be
 *
 * A seal cannot be guessed. So besides the bytes as they are, their lines are taken for header and steps, and
 * are sealed here; then a step is reached, and what recovery does with it.
 *
 *   - the reader takes it, or says what is wrong
 *   - what was sealed is written again by our writer as the same journal
 *   - one whose seal was cut off has done nothing: it is torn, and has no steps
 *   - looking for what is pending, and recovering it, ends with an answer, writes nothing but what a
 *     journal's slots hold, and there are none: the workspace stays empty
 */
#include "kern/dir.h"
#include "kern/file.h"
#include "overlay/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	TEXT_BYTES_MAX = 1 << 20,
	TARGETS_MAX = 4,
};

/* Directories of this process, made with the first input and removed at its end. */
static struct scene {
	char path[64];
	int top_fd, journals_fd, root_fd, storage_fd;
} scene = { .top_fd = -1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int make_directory(const char *name)
{
	int fd;

	if (mkdirat(scene.top_fd, name, 0700) < 0)
		abort();
	fd = openat(scene.top_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		abort();
	return fd;
}

static void remove_scene(void)
{
	(void)kern_remove_tree(AT_FDCWD, scene.path);
}

static void make_scene(void)
{
	const char *dir = getenv("TMPDIR");

	snprintf(scene.path, sizeof(scene.path), "%.40s/fuzz-journal-XXXXXX", dir ? dir : "/tmp");
	if (!mkdtemp(scene.path))
		abort();
	scene.top_fd = open(scene.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scene.journals_fd = make_directory("journals");
	scene.root_fd = make_directory("root");
	scene.storage_fd = make_directory("storage");
	close(make_directory("storage/upper"));
	if (atexit(remove_scene))
		abort();
}

static int read_journal(struct arena *arena, struct str text, struct journal *ret)
{
	struct error err = ERROR_INIT;
	int r = journal_read(arena, text, ret, &err);

	assert(r == 0 || r == -EBADMSG || r == -EMSGSIZE);
	assert(r == 0 || (err.code == r && err.text[0]));
	assert(r < 0 || ret->root_count <= CHANGE_ROOTS_MAX);
	return r;
}

/* ---- the writer ---- */

static void write_journal(struct journal *journal, struct buf *ret)
{
	char name[JOURNAL_NAME_SIZE];
	int fd;

	if (journal_create(scene.journals_fd, journal, &fd) < 0 || journal_seal(fd, journal) < 0)
		abort();
	assert(journal->state == JOURNAL_SEALED);
	close(fd);
	journal_name(journal->kind, journal->number, name);
	if (kern_read_file(scene.journals_fd, name, ret) < 0 ||
			journal_remove(scene.journals_fd, journal->kind, journal->number) < 0)
		abort();
}

static void check_writer(struct arena *arena, const struct journal *journal)
{
	scoped(buf) struct buf first = BUF_INIT(TEXT_BYTES_MAX), second = BUF_INIT(TEXT_BYTES_MAX);
	struct journal copy = *journal, again;

	write_journal(&copy, &first);
	assert(read_journal(arena, (struct str){ first.data, first.len }, &again) == 0);
	assert(again.state == JOURNAL_SEALED && again.step_count == journal->step_count);
	assert(again.len_bytes == first.len);
	write_journal(&again, &second);
	assert(second.len == first.len && !memcmp(second.data, first.data, first.len));
}

/* ---- recovery ---- */

static bool is_empty(int dirfd)
{
	static struct kern_dir dir;
	struct kern_dir_entry entry;

	if (lseek(dirfd, 0, SEEK_SET) < 0)
		abort();
	kern_dir_init(&dir, dirfd);
	return kern_dir_next(&dir, &entry) == 0;
}

static void recover(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct overlay_target targets[TARGETS_MAX];
	enum recover_result result = RECOVER_NOTHING;
	struct error err = ERROR_INIT;
	struct overlay_pending pending = { 0 };
	uint64_t time_ns;
	unsigned number, next;
	int r;

	if (kern_write_file(scene.journals_fd, "1.commit", text, 0600, false) < 0)
		abort();
	r = overlay_pending(scene.journals_fd, &arena, &pending, &err);
	assert(r == 0 || (err.code == r && err.text[0]));
	for (size_t i = 0; i < TARGETS_MAX; i++)
		targets[i] = (struct overlay_target){ "/root", "/storage", scene.root_fd, scene.storage_fd };
	if (r == 0 && pending.target_count && pending.target_count <= TARGETS_MAX) {
		r = overlay_recover(scene.journals_fd, targets, pending.target_count, NULL, &result, &err);
		assert(r == 0 || (err.code == r && err.text[0]));
		assert(r < 0 || result != RECOVER_NOTHING);
	}
	r = overlay_last_commit(scene.journals_fd, &arena, &number, &time_ns, &next, &err);
	assert(r == 0 || (err.code == r && err.text[0]));
	(void)fchmod(scene.root_fd, 0700);
	(void)journal_remove(scene.journals_fd, JOURNAL_COMMIT, 1);
	assert(is_empty(scene.root_fd));
}

/* ---- inputs ---- */

static void check(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct journal journal;

	if (read_journal(&arena, text, &journal) == 0 && journal.state != JOURNAL_TORN)
		check_writer(&arena, &journal);
	recover(text);
}

static void check_cut(struct str text, size_t sealed_len)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str body = { text.data, sealed_len };
	/* Somewhere in the seal's line: its last byte is what makes it one. */
	struct str cut = { text.data, sealed_len + (text.len - sealed_len) / 2 };
	struct journal journal;

	/* The input may have brought a seal of its own. */
	if (read_journal(&arena, body, &journal) < 0 || journal.state != JOURNAL_TORN)
		return;
	if (read_journal(&arena, cut, &journal) == 0)
		assert(journal.state == JOURNAL_TORN && !journal.step_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_BYTES_MAX);
	struct digest digest = hash_bytes(data, size);
	char hex[DIGEST_HEX_SIZE];
	size_t lines = 0;

	if (scene.top_fd < 0)
		make_scene();
	check((struct str){ (const char *)data, size });
	if (!size || data[size - 1] != '\n')
		return 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	digest_to_hex(&digest, hex);
	(void)buf_append(&text, data, size);
	(void)buf_printf(&text, "{\"sha256\":\"%s\",\"state\":\"sealed\",\"steps\":%zu}\n", hex, lines - 1);
	if (buf_failed(&text))
		return 0;
	check((struct str){ text.data, text.len });
	check_cut((struct str){ text.data, text.len }, size);
	return 0;
}
