// SPDX-License-Identifier: Apache-2.0
/*
 * policies_kept.c - the policies of a session, kept in its directory, and believed from there
 *
 * Most sessions of a user have the same policies. So a document that was written once is linked into
 * <state>/policies by the digest of its set, and from there into the directory of every later session, which
 * then needs neither the texts nor room on the disk. It is on the disk before it has its name there. Nobody
 * writes to such a file; who did so nevertheless, or a disk that did, changes it in every session that has
 * it, and no set in it is believed any more, since it is compared with the ledger each time. A session that
 * starts looks first whether it is whole, and puts its own in that place otherwise; one that has it already
 * mends it when it is judged (policies_mend.c). A name in <state>/policies that no session has any more goes
 * with `cordon gc`.
 *
 * A reload puts its document beside the one that judges, under the digest of its set, until the ledger has
 * that, and only then in its place. Whoever judges after a crash in between finds by the ledger which of the
 * two it is.
 */
#include "run/policies.h"

#include "base/fd.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "ledger/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static const char kept_file[] = "policy.json", draft_file[] = "policy.draft", shelf[] = "policies";

enum {
	NAME_SIZE = DIGEST_HEX_SIZE + 5,
	SHELF_PATH_SIZE = sizeof(shelf) + NAME_SIZE,
};

static void name_of(const struct digest *digest, char ret[NAME_SIZE])
{
	digest_to_hex(digest, ret);
	memcpy(ret + DIGEST_HEX_SIZE - 1, ".json", sizeof(".json"));
}

static void shelf_path(const struct digest *digest, char ret[SHELF_PATH_SIZE])
{
	char name[NAME_SIZE];

	name_of(digest, name);
	(void)snprintf(ret, SHELF_PATH_SIZE, "%s/%s", shelf, name);
}

/* ---- keeping ---- */

/* What a document says, which has to be what it says it is. */
static int parse(struct arena *arena, struct str text, struct policy_set *ret, struct error *err)
{
	const struct json *value;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	return r < 0 ? r : policy_set_read(arena, value, ret, err);
}

static int read_shared(int state_dirfd, const struct digest *digest, struct buf *ret)
{
	char path[SHELF_PATH_SIZE];
	struct stat st;
	int fd, r;

	shelf_path(digest, path);
	r = fd = kern_open(state_dirfd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
	if (r >= 0)
		r = kern_fstat(fd, &st);
	if (r >= 0)
		r = S_ISREG(st.st_mode) ? kern_read_all(fd, ret) : -EINVAL;
	if (fd >= 0)
		fd_close(fd);
	return r;
}

bool run_policies_is_shared(int state_dirfd, const struct digest *digest)
{
	scoped(arena) struct arena arena = ARENA_INIT(RUN_POLICIES_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(POLICY_SET_BYTES_MAX);
	struct policy_set set;
	int r = read_shared(state_dirfd, digest, &text);

	if (r >= 0)
		r = parse(&arena, (struct str){ buf_text(&text), text.len }, &set, NULL);
	return r >= 0 && digest_eq(&set.digest, digest);
}

/*
 * The draft gets its name there, in place of one that is damaged, too. Where that cannot be, the next session
 * writes its own.
 */
static void share(int state_dirfd, const struct session *session, const struct digest *digest)
{
	char path[SHELF_PATH_SIZE], temporary[SHELF_PATH_SIZE + SESSION_ID_LEN + 1];

	shelf_path(digest, path);
	(void)snprintf(temporary, sizeof(temporary), "%s.%s", path, session->id);
	(void)kern_mkdirat(state_dirfd, shelf, 0700);
	/* One that a crash left behind. */
	(void)kern_unlinkat(state_dirfd, temporary, 0);
	if (kern_linkat(session->dirfd, draft_file, state_dirfd, temporary, 0) < 0)
		return;
	if (kern_renameat2(state_dirfd, temporary, state_dirfd, path, 0) < 0)
		(void)kern_unlinkat(state_dirfd, temporary, 0);
}

int run_policies_write(struct arena *arena, const struct policy_set *set, int fd)
{
	scoped(buf) struct buf text = BUF_INIT(POLICY_SET_BYTES_MAX);
	const struct json *value = policy_set_to_json(arena, set);
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	if (r >= 0)
		r = kern_write_all(fd, text.data, text.len);
	return r < 0 ? r : kern_fdatasync(fd);
}

int run_policies_draft(const struct session *session)
{
	run_policies_drop_draft(session);
	return kern_open(session->dirfd, draft_file, O_WRONLY | O_CREAT | O_EXCL, 0400);
}

void run_policies_drop_draft(const struct session *session)
{
	(void)kern_unlinkat(session->dirfd, draft_file, 0);
}

/* An empty one was not needed. */
static bool has_draft(const struct session *session)
{
	struct stat st;

	return kern_fstatat(session->dirfd, draft_file, &st, AT_SYMLINK_NOFOLLOW) >= 0 && st.st_size > 0;
}

int run_policies_take_draft(int state_dirfd, const struct session *session, const struct digest *digest,
	enum run_policies_place place, struct error *err)
{
	char path[SHELF_PATH_SIZE], next[NAME_SIZE];
	const char *file = place == RUN_POLICIES_FIRST ? kept_file : next;
	int r;

	shelf_path(digest, path);
	name_of(digest, next);
	/* That of an earlier reload which nothing came of. */
	(void)kern_unlinkat(session->dirfd, next, 0);
	if (has_draft(session) && !run_policies_is_shared(state_dirfd, digest)) {
		share(state_dirfd, session, digest);
		r = kern_renameat2(session->dirfd, draft_file, session->dirfd, file, 0);
	} else {
		r = kern_linkat(state_dirfd, path, session->dirfd, file, 0);
		run_policies_drop_draft(session);
	}
	return r < 0 ? error_sys(err, r, "session '%s': keeping its policies", session->id) : 0;
}

static int draft(struct arena *arena, const struct session *session, struct policy_set *set,
	struct error *err)
{
	int r = policy_shipped_fetch(arena, NULL, set, err);
	scoped(fd) int fd = -1;

	if (r < 0)
		return r;
	r = fd = run_policies_draft(session);
	if (r >= 0)
		r = run_policies_write(arena, set, fd);
	return r < 0 ? error_sys(err, r, "session '%s': writing its policies", session->id) : 0;
}

int run_policies_keep(struct arena *arena, int state_dirfd, const struct session *session,
	struct policy_set *set, enum run_policies_place place, struct error *err)
{
	int r = run_policies_is_shared(state_dirfd, &set->digest) ? 0 : draft(arena, session, set, err);

	return r < 0 ? r : run_policies_take_draft(state_dirfd, session, &set->digest, place, err);
}

int run_policies_take_next(const struct session *session, const struct digest *digest)
{
	char name[NAME_SIZE];

	name_of(digest, name);
	return kern_renameat2(session->dirfd, name, session->dirfd, kept_file, 0);
}

/* ---- what nobody has any more ---- */

int run_policies_sweep(int state_dirfd, struct error *err)
{
	scoped(fd) int dirfd = kern_open(state_dirfd, shelf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	struct kern_dir_entry entry;
	struct kern_dir dir;
	struct stat st;
	int r;

	if (dirfd == -ENOENT)
		return 0;
	kern_dir_init(&dir, dirfd);
	while ((r = dirfd < 0 ? dirfd : kern_dir_next(&dir, &entry)) > 0)
		if (kern_fstatat(dirfd, entry.name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && st.st_nlink == 1)
			(void)kern_unlinkat(dirfd, entry.name, 0);
	return r < 0 ? error_sys(err, r, "looking at the policies of earlier sessions") : 0;
}

/* ---- believing ---- */

static int take_digest(const struct ledger_record *record, const char *member, struct digest *ret,
	struct error *err)
{
	const char *hex = json_get_text(record->fields, member);

	if (!hex)
		return error_set(err, -ENOENT, "its ledger names no policies");
	return digest_from_hex(str_from(hex), ret) < 0 ?
		error_set(err, -EBADMSG, "its ledger names policies by what is no digest") : 0;
}

int run_policies_recorded(int state_dirfd, const char *session, struct digest *ret, struct error *err)
{
	static const struct ledger_filter filter = {
		.kinds = { [LEDGER_SESSION_CREATED] = true, [LEDGER_POLICY_RELOADED] = true },
	};
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	struct ledger_record record;
	bool is_first = true;
	int r = ledger_reader_open(&reader, state_dirfd, session, &filter, err);

	while (r >= 0 && (r = ledger_reader_next(&reader, &record, err)) > 0) {
		r = take_digest(&record, is_first ? "policies" : "new", ret, err);
		is_first = false;
	}
	if (r >= 0 && is_first)
		r = error_set(err, -ENOENT, "its ledger names no policies");
	return r < 0 ? error_wrap(err, r, "session '%s'", session) : 0;
}

static int load(struct arena *arena, const struct session *session, const char *file, struct policy_set *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(POLICY_SET_BYTES_MAX);
	int r = kern_read_file(session->dirfd, file, &text);

	if (r < 0)
		return error_sys(err, r, "session '%s': reading %s", session->id, file);
	r = parse(arena, (struct str){ buf_text(&text), text.len }, ret, err);
	return r < 0 ? error_wrap(err, r, "session '%s': %s", session->id, file) : 0;
}

static int say_another(const struct session *session, const struct digest *recorded,
	const struct digest *found, struct error *err)
{
	char want[DIGEST_HEX_SIZE], have[DIGEST_HEX_SIZE];

	digest_to_hex(recorded, want);
	digest_to_hex(found, have);
	error_set(err, -EBADMSG,
		"session '%s': policy.json is not what the ledger says: %.12s..., not %.12s...", session->id,
		have, want);
	error_hint(err, "Somebody replaced it. `cordon rollback %s` drops what the session made.",
		session->id);
	return -EBADMSG;
}

int run_policies_load(struct arena *arena, const struct session *session, const struct digest *recorded,
	struct policy_set *ret, struct error *err)
{
	struct error ignored = ERROR_INIT;
	char next[NAME_SIZE];
	struct policy_set set;
	int r = load(arena, session, kept_file, &set, err);

	if (r >= 0 && !digest_eq(&set.digest, recorded))
		r = say_another(session, recorded, &set.digest, err);
	/* A reload that was cut off behind its record. */
	name_of(recorded, next);
	if (r < 0 && load(arena, session, next, &set, &ignored) >= 0 && digest_eq(&set.digest, recorded)) {
		*err = (struct error)ERROR_INIT;
		r = 0;
	}
	if (r >= 0)
		*ret = set;
	return r;
}
