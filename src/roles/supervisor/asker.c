// SPDX-License-Identifier: Apache-2.0
/*
 * asker.c - which program of the sandbox asked for a connection
 */
#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "roles/supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>

enum {
	SEARCH_MS = 3,			/* at most, for one connection; of processor time */
	SEARCH_ALL_MS = 125,		/* likewise, among all processes: some 6,000 */
	SHARE_MS = 250,			/* of each second */
	HASH_AT_ONCE_BYTES = 1 << 20,
	HASH_PIECE_BYTES = 256 << 10,
	HASH_MAX_BYTES = 1 << 30,
	LINK_SIZE = 32,
	YOUNG_MS = 100,
};

/* ---- digests ---- */

static bool is_same(const struct asker_file *file, const struct stat *st)
{
	return file->ino == st->st_ino && file->dev == st->st_dev &&
		file->size_bytes == (uint64_t)st->st_size && file->written.tv_sec == st->st_mtim.tv_sec &&
		file->written.tv_nsec == st->st_mtim.tv_nsec && file->changed.tv_sec == st->st_ctim.tv_sec &&
		file->changed.tv_nsec == st->st_ctim.tv_nsec;
}

static void forget(struct asker_file *file)
{
	fd_close(file->fd);
	*file = (struct asker_file){ .fd = -1 };
}

/*
 * The next piece. Return: true there is more of it, false it is done, or could not be read and is forgotten
 */
static bool hash_piece(struct asker_file *file)
{
	static char piece[HASH_PIECE_BYTES];
	ssize_t n = kern_read(file->fd, piece, sizeof(piece));

	if (n > 0) {
		hash_update(&file->hash, piece, (size_t)n);
		return true;
	}
	if (n < 0) {
		forget(file);
		return false;
	}
	file->digest = hash_final(&file->hash);
	file->fd = fd_close(file->fd);
	return false;
}

static void hash_on(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, asker.hashing);
	struct asker *asker = &s->asker;

	for (size_t i = 0; i < ARRAY_SIZE(asker->files); i++) {
		struct asker_file *file = &asker->files[i];

		if (file->fd < 0)
			continue;
		(void)hash_piece(file);
		loop_set_timer(&s->loop, timer, s->loop.now_ns + NS_PER_MS, hash_on);
		return;
	}
}

/*
 * The clock of a file system is a coarse one: what was changed a moment ago may change again, and its times
 * stay the same.
 */
static bool is_young(const struct stat *st)
{
	uint64_t now_ns = kern_clock_real_ns();
	uint64_t changed_ns = (uint64_t)st->st_ctim.tv_sec * NS_PER_SEC + (uint64_t)st->st_ctim.tv_nsec;

	return now_ns < changed_ns + YOUNG_MS * NS_PER_MS;
}

static struct asker_file *find_file(struct asker *asker, const struct stat *st)
{
	struct asker_file *oldest = &asker->files[0];

	for (size_t i = 0; i < ARRAY_SIZE(asker->files); i++) {
		struct asker_file *file = &asker->files[i];

		if (is_same(file, st)) {
			if (file->is_young && file->fd < 0)
				forget(file);
			return file;
		}
		if (file->used < oldest->used)
			oldest = file;
	}
	forget(oldest);
	return oldest;
}

/*
 * Opened anew, since what there is was not opened for reading. A file system that somebody's program serves
 * would have us wait for that program.
 */
static int open_to_read(int file_fd)
{
	char link[LINK_SIZE];
	struct statfs fs;
	int r = kern_fstatfs(file_fd, &fs);

	if (r < 0 || fs.f_type == FUSE_SUPER_MAGIC)
		return r < 0 ? r : -EOPNOTSUPP;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", file_fd);
	return kern_open(AT_FDCWD, link, O_RDONLY | O_NONBLOCK, 0);
}

/* Whether there will be a digest, which was not there when it was asked for. */
static bool is_being_hashed(const struct supervisor *s, int file_fd)
{
	const struct asker *asker = &s->asker;
	struct stat st;

	if (kern_fstat(file_fd, &st) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(asker->files); i++)
		if (asker->files[i].fd >= 0 && is_same(&asker->files[i], &st))
			return true;
	return false;
}

/* Return: NULL with a digest, or why there is none */
static const char *digest_of(struct supervisor *s, int file_fd, struct digest *ret)
{
	struct asker *asker = &s->asker;
	struct asker_file *file;
	struct stat st;

	if (kern_fstat(file_fd, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_ino)
		return "it is no file that can be read";
	if (st.st_size > HASH_MAX_BYTES)
		return "its file is larger than 1 GiB";
	file = find_file(asker, &st);
	file->used = ++asker->used;
	if (!file->ino) {
		file->fd = open_to_read(file_fd);
		if (file->fd < 0)
			return "its file cannot be read";
		file->ino = st.st_ino;
		file->dev = st.st_dev;
		file->size_bytes = (uint64_t)st.st_size;
		file->written = st.st_mtim;
		file->changed = st.st_ctim;
		file->is_young = is_young(&st);
		hash_init(&file->hash);
		while (st.st_size <= HASH_AT_ONCE_BYTES && hash_piece(file))
			;
		if (file->fd >= 0)
			loop_set_timer(&s->loop, &asker->hashing, s->loop.now_ns, hash_on);
	}
	if (file->fd >= 0)
		return "its file is being hashed for the first time";
	if (!file->ino)
		return "its file cannot be read";
	*ret = file->digest;
	return NULL;
}

/* ---- the search ---- */

/* What is left of the share of this second. */
static uint64_t left_ns(struct asker *asker)
{
	uint64_t now_ns = kern_clock_monotonic_ns();

	if (now_ns - asker->second_ns >= NS_PER_SEC) {
		asker->second_ns = now_ns;
		asker->spent_ns = 0;
	}
	return SHARE_MS * NS_PER_MS - MIN(asker->spent_ns, SHARE_MS * NS_PER_MS);
}

static int open_view(struct supervisor *s)
{
	struct jail_processes found;
	int r;

	if (s->asker.view.proc_fd >= 0)
		return 0;
	r = jail_processes_open(s->watch.init_pid, &found);
	if (r >= 0 && found.pid) {
		jail_processes_fini(&found);
		r = -ESRCH;
	}
	if (r >= 0)
		s->asker.view = found;
	return r;
}

static int search(struct supervisor *s, const struct jail_diag_pair *pair, uint64_t budget_ns,
	struct jail_holders *ret)
{
	struct asker *asker = &s->asker;
	uint64_t inode = 0;
	int r = asker->diag_fd < 0 ? -EPROTONOSUPPORT : open_view(s);

	*ret = (struct jail_holders){ 0 };
	if (r >= 0)
		r = jail_diag_find(asker->diag_fd, ++asker->sequence, pair, &inode);
	if (r >= 0)
		r = jail_holders_find(&asker->view, &asker->recent, inode, budget_ns, ret);
	return r;
}

static void add_program(struct supervisor *s, const struct jail_holders *holders,
	struct json_object_builder *fields)
{
	char path[PATH_TEXT_MAX], hex[DIGEST_HEX_SIZE];
	scoped(fd) int fd = holders->count ? jail_holder_program(&holders->items[0], path) : -ESRCH;
	struct digest digest;
	const char *why;

	if (fd < 0) {
		json_object_add_text(fields, "program", "unknown");
		return;
	}
	json_object_add(fields, "program", json_new_bytes(&s->scratch, str_from(path)));
	json_object_add_int(fields, "pid", holders->items[0].pid);
	why = digest_of(s, fd, &digest);
	if (why) {
		json_object_add_text(fields, "not_hashed", why);
		return;
	}
	digest_to_hex(&digest, hex);
	json_object_add_text(fields, "digest", hex);
}

void asker_add(struct supervisor *s, const struct jail_diag_pair *pair, struct json_object_builder *fields)
{
	uint64_t begun_ns = jail_holders_spent_ns(), share_ns = left_ns(&s->asker);
	struct jail_holders holders = { 0 };

	if (!pair->len)
		return;
	if (share_ns)
		(void)search(s, pair, MIN(share_ns, SEARCH_MS * NS_PER_MS), &holders);
	add_program(s, &holders, fields);
	if (holders.count > 1)
		json_object_add_int(fields, "holders", (int64_t)holders.count);
	if (holders.is_partial)
		json_object_add_bool(fields, "holders_more", true);
	jail_holders_fini(&holders);
	s->asker.spent_ns += jail_holders_spent_ns() - begun_ns;
}

/* ---- who it is, for the rules ---- */

static int open_root(struct supervisor *s)
{
	int r = s->asker.root_fd;

	if (r >= 0)
		return r;
	r = open_view(s);
	/* What its /proc is mounted in. */
	if (r >= 0)
		r = kern_open(s->asker.view.proc_fd, "..", O_PATH | O_DIRECTORY, 0);
	if (r >= 0)
		s->asker.root_fd = r;
	return r;
}

/* Return: NET_WHO_FOUND, or NET_WHO_BUSY: it is being hashed, or has ended meanwhile */
static enum net_who_state describe(struct supervisor *s, const struct jail_holder *holder,
	struct net_program *ret)
{
	char path[PATH_TEXT_MAX];
	scoped(fd) int fd = jail_holder_program(holder, path);

	*ret = (struct net_program){ 0 };
	if (fd < 0)
		return NET_WHO_BUSY;
	if (!net_by_path_check(str_from(path))) {
		memcpy(ret->path, path, strlen(path));
		ret->is_fixed = jail_program_is_fixed(s->asker.root_fd, path, fd);
	}
	ret->has_digest = !digest_of(s, fd, &ret->digest);
	return ret->has_digest || !is_being_hashed(s, fd) ? NET_WHO_FOUND : NET_WHO_BUSY;
}

/* Each program once. */
static enum net_who_state add_holder(struct supervisor *s, const struct jail_holder *holder,
	struct net_who *who)
{
	struct net_program program;
	enum net_who_state state = describe(s, holder, &program);

	for (size_t i = 0; i < who->count && state == NET_WHO_FOUND; i++)
		if (!memcmp(&who->programs[i], &program, sizeof(program)))
			return state;
	if (state == NET_WHO_FOUND && who->count == NET_WHO_PROGRAMS_MAX)
		return NET_WHO_UNKNOWN;
	if (state == NET_WHO_FOUND)
		who->programs[who->count++] = program;
	return state;
}

/*
 * Whoever hides may hold it as well, but for the processes of our own that watch over a command: one is the
 * parent of each.
 */
static bool is_ours(struct supervisor *s, pid_t pid)
{
	LIST_FOR_EACH(command, &s->commands, struct command, node)
		if (command->pid && !command->has_exited &&
				jail_holders_parent(&s->asker.view, command->pid) == pid)
			return true;
	return false;
}

/* Return: the state, with the programs in @who */
static enum net_who_state find_who(struct supervisor *s, const struct jail_diag_pair *pair,
	uint64_t budget_ns, struct net_who *who)
{
	struct asker *asker = &s->asker;
	enum net_who_state state = NET_WHO_FOUND;
	struct jail_holders holders = { 0 };
	uint64_t inode = 0;
	int r = asker->diag_fd < 0 ? -EPROTONOSUPPORT : open_root(s);

	if (r >= 0)
		r = jail_diag_find(asker->diag_fd, ++asker->sequence, pair, &inode);
	if (r >= 0)
		r = jail_holders_find_all(&asker->view, inode, budget_ns, &holders);
	if (holders.is_partial)
		state = NET_WHO_BUSY;
	if (r < 0 || (!holders.count && !holders.is_partial))
		state = NET_WHO_UNKNOWN;
	for (size_t i = 0; i < holders.hidden_count && !who->hidden_pid; i++)
		if (!is_ours(s, holders.hidden[i])) {
			state = state == NET_WHO_FOUND ? NET_WHO_BUSY : state;
			who->hidden_pid = (uint32_t)holders.hidden[i];
		}
	for (size_t i = 0; i < holders.count && state == NET_WHO_FOUND; i++)
		state = add_holder(s, &holders.items[i], who);
	jail_holders_fini(&holders);
	return state;
}

void asker_who(struct supervisor *s, const struct jail_diag_pair *pair, struct net_who *ret)
{
	uint64_t begun_ns = jail_holders_spent_ns(), share_ns = left_ns(&s->asker);
	struct asker *asker = &s->asker;

	*ret = (struct net_who){ .state = NET_WHO_BUSY };
	if (!pair->len)
		ret->state = NET_WHO_UNKNOWN;
	/* What cannot come to its end would be for nothing, and there is more of it in the next second. */
	else if (share_ns && share_ns >= MIN(asker->all_ns, SEARCH_ALL_MS * NS_PER_MS)) {
		ret->state = find_who(s, pair, MIN(share_ns, SEARCH_ALL_MS * NS_PER_MS), ret);
		asker->all_ns = jail_holders_spent_ns() - begun_ns;
	}
	if (ret->state != NET_WHO_FOUND)
		*ret = (struct net_who){ .state = ret->state, .hidden_pid = ret->hidden_pid };
	asker->spent_ns += jail_holders_spent_ns() - begun_ns;
}

static int check_program(struct supervisor *s, const char *path, bool denies, struct error *err)
{
	char real[PATH_TEXT_MAX];
	scoped(fd) int fd = jail_program_find(s->asker.root_fd, path, real);

	if (fd < 0)
		return 0;
	if (strcmp(real, path)) {
		error_set(err, -EPERM, "'%s' is a link in the sandbox, and no program's path", path);
		error_hint(err, "The program is %s.", quote_cstr(real).text);
		return -EPERM;
	}
	if (denies || jail_program_is_fixed(s->asker.root_fd, path, fd))
		return 0;
	error_set(err, -EPERM, "'%s' can be replaced by whoever is in the sandbox", path);
	error_hint(err, "Name the file's digest instead: sha256:HEX.");
	return -EPERM;
}

int asker_check(struct supervisor *s, struct str by, bool denies, struct error *err)
{
	struct str item;
	int r = by.len ? open_root(s) : 0;

	if (r < 0)
		return error_sys(err, r, "looking into the sandbox");
	while (by.len && r >= 0) {
		char path[NET_PROGRAM_SIZE] = "";

		(void)str_cut(by, ',', &item, &by);
		if (item.data[0] != '/')
			continue;
		memcpy(path, item.data, item.len);
		r = check_program(s, path, denies, err);
	}
	return r;
}

/* ---- its life ---- */

void asker_init(struct asker *asker)
{
	*asker = (struct asker){ .diag_fd = -1, .root_fd = -1, .view.proc_fd = -1 };
	for (size_t i = 0; i < ARRAY_SIZE(asker->files); i++)
		asker->files[i].fd = -1;
}

void asker_take(struct asker *asker, int fd)
{
	fd_close(asker->diag_fd);
	asker->diag_fd = fd;
}

void asker_fini(struct asker *asker)
{
	loop_remove_timer(&asker->hashing);
	for (size_t i = 0; i < ARRAY_SIZE(asker->files); i++)
		asker->files[i].fd = fd_close(asker->files[i].fd);
	jail_processes_fini(&asker->view);
	asker->diag_fd = fd_close(asker->diag_fd);
	asker->root_fd = fd_close(asker->root_fd);
}
