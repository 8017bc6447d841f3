// SPDX-License-Identifier: Apache-2.0
/*
 * compose.c - files of which a person takes a part, made before they are judged
 */
#include "run/compose.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "kern/process.h"
#include "overlay/subset.h"
#include "run/show.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define NEW_NAME "new"			/* among the composed files: one that has no digest yet */

enum {
	COMPOSED_MAX_BYTES = 64 << 20,
};

struct composer {
	struct arena *arena;
	const struct changeset *whole;
	const struct run_roots *roots;
	int64_t time_ns;
	struct error *err;
};

/*
 * One change as a changeset of its own, which is all that the differ needs to know; two where it is a rename.
 */
static int single_out(struct composer *composer, const struct compose_part *part,
	struct differ_request *request)
{
	bool *selected = arena_alloc_array(composer->arena, composer->whole->count, sizeof(*selected));
	const struct rename_list list = { part->rename, part->rename != NULL };
	int r;

	if (!selected)
		return -EMSGSIZE;
	selected[part->change] = true;
	if (part->rename)
		selected[part->rename->source] = true;
	r = overlay_subset(composer->arena, composer->whole, selected, true, &request->changeset);
	return r < 0 ? r :
		renames_subset(composer->arena, composer->whole, &list, selected, &request->changeset,
			&request->renames);
}

static int fill(struct composer *composer, const struct compose_part *part, int fd)
{
	struct differ_request request = {
		.format = DIFFER_COMPOSE, .width = DIFFER_WIDTH_MIN,
		.edits = part->edits, .edit_count = part->edit_count,
	};
	static const struct compose_edit none[1];
	scoped(fd) int pidfd = -1;
	int r = single_out(composer, part, &request);

	if (!request.edits)
		request.edits = none;
	if (r < 0)
		return error_sys(composer->err, r, "the changeset is too large");
	r = run_differ_start(&request, composer->roots->items, fd, STDERR_FILENO, &pidfd, composer->err);
	if (r < 0)
		return r;
	r = kern_wait_pidfd(pidfd);
	if (!r)
		return 0;
	error_set(composer->err, -EPROTO, "the differ failed (exit code %d)", r);
	error_hint(composer->err,
		"Was the file written to after it was judged? Nothing of it is committed then; "
		"`cordon commit` without a choice has it judged anew.");
	return -EPROTO;
}

/* What was made gets its digest as its name, and its time. */
static int keep(struct composer *composer, int dirfd, int fd, struct digest *ret_digest, uint64_t *ret_size,
	struct content *ret_content)
{
	const struct file_facts facts = { .mtime_ns = composer->time_ns };
	const struct timespec times[2] = { file_mtime(&facts), file_mtime(&facts) };
	scoped(buf) struct buf text = BUF_INIT(COMPOSED_MAX_BYTES + 1);
	char name[DIGEST_HEX_SIZE];
	int r = (int)MIN(kern_lseek(fd, 0, SEEK_SET), (off_t)0);

	if (r >= 0)
		r = kern_read_all(fd, &text);
	if (r < 0)
		return r;
	*ret_digest = hash_bytes(buf_text(&text), text.len);
	*ret_content = content_of((struct str){ buf_text(&text), text.len });
	*ret_size = text.len;
	digest_to_hex(ret_digest, name);
	r = kern_utimensat(fd, "", times, AT_EMPTY_PATH);
	return r < 0 ? r : kern_renameat2(dirfd, NEW_NAME, dirfd, name, 0);
}

/* @whole: the change as it was shown. */
static int compose_one(struct composer *composer, const struct compose_part *part, const struct change *whole,
	struct change *change)
{
	const struct overlay_root *root = &composer->roots->items[change->root];
	scoped(fd) int dirfd = -1, fd = -1;
	struct content content;
	struct digest digest;
	uint64_t size;
	int r = kern_mkdirat(root->storage_dirfd, COMPOSED_DIR, 0700);

	if (r >= 0 || r == -EEXIST)
		r = dirfd = kern_open_beneath(root->storage_dirfd, COMPOSED_DIR, O_PATH | O_DIRECTORY, 0);
	if (r >= 0)
		r = fd = kern_open_beneath(dirfd, NEW_NAME, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (r < 0)
		return error_sys(composer->err, r, "cannot store a composed file");
	r = fill(composer, part, fd);
	if (r < 0)
		return r;
	r = keep(composer, dirfd, fd, &digest, &size, &content);
	if (r < 0)
		return error_sys(composer->err, r, "cannot store a composed file");
	/* Every place of it was chosen after all: then it is the branch's file, and nothing is left of it. */
	if (digest_eq(&digest, &whole->new_file.digest) && (part->metadata || !compose_has_metadata(whole)))
		return 0;
	*change = compose_change(whole, &digest, size, composer->time_ns, part->metadata);
	if (change_has_content(change))
		change->new_file.content = content;
	return 0;
}

static int compose_part(struct composer *composer, const struct compose_part *part, struct change *change)
{
	const struct change *whole = part->rename ? &part->rename->change : change;
	int r;

	assert(part->change < composer->whole->count);
	assert(!part->rename || part->rename->target == part->change);
	r = compose_fits(whole) ? compose_one(composer, part, whole, change) :
		error_set(composer->err, -EINVAL, "it can only be taken as a whole");
	return r < 0 ? error_wrap(composer->err, r, "taking a part of '%s'", quote_text(change->path).text) :
		0;
}

int run_compose(struct arena *arena, const struct session *session, const struct run_choice *choice,
	const struct changeset *whole, struct changeset *ret, struct error *err)
{
	struct run_roots *roots = arena_alloc(arena, sizeof(*roots));
	struct change *changes = arena_alloc_array(arena, whole->count + 1, sizeof(*changes));
	struct composer composer = { .arena = arena, .whole = whole, .roots = roots, .err = err,
		.time_ns = (int64_t)kern_clock_real_ns() };
	int r;

	if (!roots || !changes)
		return error_set(err, -EMSGSIZE, "the changeset is too large");
	memcpy(changes, whole->changes, whole->count * sizeof(*changes));
	/* A commit that was killed may have left some. */
	run_compose_remove(session);
	r = run_roots_open(session, roots, err);
	for (size_t i = 0; i < choice->part_count && r >= 0; i++)
		r = compose_part(&composer, &choice->parts[i], &changes[choice->parts[i].change]);
	run_roots_close(roots);
	*ret = *whole;
	ret->changes = changes;
	return r;
}

void run_compose_remove(const struct session *session)
{
	for (size_t i = 0; i < session->root_count; i++) {
		scoped(fd) int dirfd = session->roots[i].storage ?
			kern_open(AT_FDCWD, session->roots[i].storage, O_PATH | O_DIRECTORY, 0) : -1;

		if (dirfd >= 0)
			(void)kern_remove_tree(dirfd, COMPOSED_DIR);
	}
}
