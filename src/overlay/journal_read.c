// SPDX-License-Identifier: Apache-2.0
/*
 * journal_read.c - reading a journal, whatever the bytes are
 *
 * The seal is checked first, over raw bytes; only lines that it covers are looked into. So a journal is
 * either torn (no seal), whole, or damaged, and nothing that it says is believed before that is known. Then
 * every line has to make sense: recovery renames what it is told to.
 */
#include "overlay/journal.h"

#include "base/path.h"
#include "kern/dir.h"
#include "kern/file.h"
#include "overlay/journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

const char *const journal_kind_names[2] = { "commit", "undo" };
const char *const journal_state_names[7] = { "torn", "sealed", "applied", "cleaned", "reverting", "reverted",
	"undone" };
const char *const step_kind_names[4] = { "", "swap", "within", "directory" };
const char *const step_slot_names[4] = { "", "tree", "new", "old" };
const char *const root_tree_names[3] = { "leave", "take", "give" };

struct reader {
	struct arena *arena;
	struct journal *journal;
	struct error *err;
	size_t line;			/* from 1 */
};

static int bad(const struct reader *reader, const char *what)
{
	return error_set(reader->err, -EBADMSG, "journal line %zu: %s", reader->line, what);
}

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (*names[i] && !strcmp(names[i], name))
			return (int)i;
	return -1;
}

static bool get_number(const struct json *object, const char *key, int64_t min, int64_t max, int64_t *ret)
{
	const struct json *value = json_get(object, key);

	*ret = 0;
	if (!value)
		return min <= 0;
	*ret = value->type == JSON_INT ? value->integer : 0;
	return value->type == JSON_INT && *ret >= min && *ret <= max;
}

static bool get_digest(const struct json *object, const char *key, bool required, struct digest *ret)
{
	const char *hex = json_get_text(object, key);

	if (!hex && !json_get(object, key))
		return !required;
	return hex && digest_from_hex(str_from(hex), ret) >= 0;
}

static enum file_type get_type(const struct json *object)
{
	const char *name = json_get_text(object, "type");

	for (enum file_type type = FILE_REGULAR; name && type <= FILE_BLOCK_DEVICE; type++)
		if (!strcmp(file_type_name(type), name))
			return type;
	return FILE_NONE;
}

static bool get_owner(const struct json *object, const char *key, unsigned *ret)
{
	int64_t value;

	if (!get_number(object, key, 0, UINT32_MAX, &value))
		return false;
	*ret = (unsigned)value;
	return true;
}

static int read_mark(const struct reader *reader, const struct json *step, const char *key,
	struct file_mark *ret)
{
	const struct json *value = json_get(step, key);
	int64_t count, fix, inode, mode, size;

	if (!value)
		return 0;
	ret->type = get_type(value);
	if (ret->type == FILE_NONE || !get_digest(value, "digest", false, &ret->digest) ||
			!get_digest(value, "xattrs", false, &ret->xattrs) ||
			!get_number(value, "count", 0, INT64_MAX, &count) ||
			!get_number(value, "fix", 0, FIX_ALL, &fix) ||
			!get_number(value, "inode", INT64_MIN, INT64_MAX, &inode) ||
			!get_number(value, "mode", 0, 07777, &mode) ||
			!get_number(value, "mtime_ns", INT64_MIN, INT64_MAX, &ret->mtime_ns) ||
			!get_number(value, "size", 0, INT64_MAX, &size) ||
			!get_owner(value, "uid", &ret->uid) || !get_owner(value, "gid", &ret->gid) ||
			!get_owner(value, "slot_uid", &ret->slot_uid) ||
			!get_owner(value, "slot_gid", &ret->slot_gid))
		return bad(reader, "a file's mark makes no sense");
	ret->count = (uint64_t)count;
	ret->fix = (unsigned)fix;
	ret->inode = (uint64_t)inode;
	ret->mode = (mode_t)mode;
	ret->size_bytes = (uint64_t)size;
	if (!(ret->fix & FIX_OWNER)) {
		ret->slot_uid = ret->uid;
		ret->slot_gid = ret->gid;
	}
	return 0;
}

static int read_xattr(const struct reader *reader, const struct json *pair, struct xattr *ret)
{
	struct str name;

	if (pair->type != JSON_ARRAY || pair->array.count != 2 ||
			json_to_bytes(reader->arena, pair->array.items[0], &name) < 0 ||
			json_to_bytes(reader->arena, pair->array.items[1], &ret->value) < 0 ||
			!name.len || name.len > 255 || memchr(name.data, '\0', name.len))
		return bad(reader, "an xattr is no pair of name and value");
	ret->name = name.data;
	return 0;
}

static int read_xattrs(const struct reader *reader, const struct json *step, const char *key,
	struct xattr_list *ret)
{
	const struct json *value = json_get(step, key);
	struct xattr *items;
	int r = 0;

	if (!value || value->type != JSON_ARRAY || value->array.count > CHANGE_XATTRS_MAX)
		return bad(reader, "no list of xattrs");
	items = arena_alloc_array(reader->arena, value->array.count, sizeof(*items));
	if (!items)
		return error_set(reader->err, -EMSGSIZE, "the journal is too large");
	for (size_t i = 0; r >= 0 && i < value->array.count; i++)
		r = read_xattr(reader, value->array.items[i], &items[i]);
	*ret = (struct xattr_list){ .items = items, .count = value->array.count };
	return r;
}

static bool path_is_inside(struct str path)
{
	return path_is_clean(path) && path.data[0] != '/';
}

static bool is_right_below(struct str path, struct str dir)
{
	return path.len > dir.len + 1 && str_starts_with(path, dir) && path.data[dir.len] == '/';
}

/* What a step says has to fit together, since it will be done. */
static bool step_makes_sense(const struct journal *journal, const struct step *step)
{
	bool in = step->in.type != FILE_NONE, out = step->out.type != FILE_NONE;
	bool is_root = str_eq(step->path, STR("."));
	const struct step *top = NULL;

	switch (step->kind) {
	case STEP_SWAP:
		return (in || out) && !is_root && (step->slot != SLOT_OLD || !(in && out)) &&
			step->slot != SLOT_NONE;
	case STEP_WITHIN:
		for (size_t i = journal->step_count; i && !top; i--)
			if (journal->steps[i - 1].kind != STEP_WITHIN)
				top = &journal->steps[i - 1];
		return top && top->kind == STEP_SWAP && top->root == step->root && in != out &&
			(in ? top->in.type : top->out.type) == FILE_DIRECTORY &&
			is_right_below(step->path, top->path);
	case STEP_DIRECTORY:
		return step->in.type == FILE_DIRECTORY && step->out.type == FILE_DIRECTORY;
	case STEP_INVALID:
		break;
	}
	return false;
}

static int read_step(const struct reader *reader, const struct json *value, struct step *step)
{
	struct journal *journal = reader->journal;
	const char *slot = json_get_text(value, "slot");
	int kind = find_name(step_kind_names, ARRAY_SIZE(step_kind_names), json_get_text(value, "step"));
	int slot_index = slot ? find_name(step_slot_names, ARRAY_SIZE(step_slot_names), slot) : SLOT_NONE;
	const struct json *path = json_get(value, "path");
	int64_t root, number;
	int r;

	if (kind < 0 || slot_index < 0 || !path || json_to_bytes(reader->arena, path, &step->path) < 0 ||
			!path_is_inside(step->path) ||
			!get_number(value, "root", 0, (int64_t)journal->root_count - 1, &root) ||
			!get_number(value, "number", 0, JOURNAL_STEPS_MAX, &number))
		return bad(reader, "no step that this version knows");
	step->kind = (enum step_kind)kind;
	step->slot = (enum step_slot)slot_index;
	step->root = (unsigned)root;
	step->number = (uint32_t)number;
	step->set_xattrs = step->kind == STEP_DIRECTORY && json_get(value, "in_xattrs");
	r = read_mark(reader, value, "in", &step->in);
	if (r >= 0)
		r = read_mark(reader, value, "out", &step->out);
	if (r >= 0 && step->set_xattrs)
		r = read_xattrs(reader, value, "in_xattrs", &step->in_xattrs);
	if (r >= 0 && step->set_xattrs)
		r = read_xattrs(reader, value, "out_xattrs", &step->out_xattrs);
	if (r >= 0 && !step_makes_sense(journal, step))
		r = bad(reader, "the step contradicts itself");
	return r;
}

static int read_root(const struct reader *reader, const struct json *value, struct journal_root *ret)
{
	struct str path, storage;
	int tree = find_name(root_tree_names, ARRAY_SIZE(root_tree_names), json_get_text(value, "tree"));
	int64_t mtime_ns;

	if (tree < 0 || !get_number(value, "mtime_ns", INT64_MIN, INT64_MAX, &mtime_ns) ||
			!json_get(value, "path") || !json_get(value, "storage") ||
			json_to_bytes(reader->arena, json_get(value, "path"), &path) < 0 ||
			json_to_bytes(reader->arena, json_get(value, "storage"), &storage) < 0 ||
			!path_is_clean(path) || path.data[0] != '/' || !path_is_clean(storage) ||
			storage.data[0] != '/')
		return bad(reader, "no root with path, storage and tree");
	*ret = (struct journal_root){
		.path = path.data,
		.storage = storage.data,
		.tree = (enum root_tree)tree,
		.staged = json_get_bool(value, "staged", false),
		.mtime_ns = mtime_ns,
	};
	return 0;
}

static bool id_is_good(const char *id)
{
	return id && *id && strlen(id) <= 32 && !strchr(id, '/') && strcmp(id, ".") && strcmp(id, "..");
}

static int read_header(const struct reader *reader, const struct json *value)
{
	struct journal *journal = reader->journal;
	const char *format = json_get_text(value, "format"), *id = json_get_text(value, "id");
	const struct json *roots = json_get(value, "roots");
	int kind = find_name(journal_kind_names, ARRAY_SIZE(journal_kind_names),
		json_get_text(value, "kind"));
	int64_t version, number, time_ns;
	int r = 0;

	if (!format || strcmp(format, "cordon-journal") ||
			!get_number(value, "version", 1, INT64_MAX, &version))
		return bad(reader, "this is no cordon journal");
	if (version != JOURNAL_VERSION)
		return bad(reader, "written by another version of cordon");
	if (kind < 0 || !id_is_good(id) || !get_number(value, "commit", 1, UINT32_MAX, &number) ||
			!get_number(value, "time_ns", 0, INT64_MAX, &time_ns) ||
			!get_digest(value, "changeset", true, &journal->changeset) || !roots ||
			roots->type != JSON_ARRAY || !roots->array.count ||
			roots->array.count > CHANGE_ROOTS_MAX)
		return bad(reader, "the header makes no sense");
	journal->kind = (enum journal_kind)kind;
	journal->number = (unsigned)number;
	journal->time_ns = (uint64_t)time_ns;
	journal->id = arena_copy(reader->arena, id, strlen(id));
	journal->roots = arena_alloc_array(reader->arena, roots->array.count, sizeof(*journal->roots));
	if (!journal->id || !journal->roots)
		return error_set(reader->err, -EMSGSIZE, "the journal is too large");
	journal->root_count = roots->array.count;
	for (size_t i = 0; r >= 0 && i < roots->array.count; i++)
		r = read_root(reader, roots->array.items[i], &journal->roots[i]);
	return r;
}

/* Where the seal and the state lines are, found by looking at raw lines from the end. */
struct outline {
	size_t seal_at, seal_end;	/* of the seal's line */
	struct hash hash;		/* up to the last whole line, and how far that is */
	size_t good_len;
	size_t step_count;
	enum journal_state state;
};

static bool is_state_line(struct str line)
{
	return str_starts_with(line, STR("{\"sha256\":\""));
}

static int read_state(const struct reader *reader, struct str line, enum journal_state *ret,
	int64_t *ret_steps, struct digest *ret_digest)
{
	scoped(arena) struct arena scratch = ARENA_INIT(1 << 16);
	const struct json *value;
	int state;

	if (json_read(&scratch, line, JSON_READ_STRICT, &value, NULL) < 0 ||
			!get_digest(value, "sha256", true, ret_digest) ||
			!get_number(value, "steps", 0, JOURNAL_STEPS_MAX, ret_steps))
		return bad(reader, "a state line makes no sense");
	state = find_name(journal_state_names, ARRAY_SIZE(journal_state_names),
		json_get_text(value, "state"));
	if (state <= JOURNAL_TORN)
		return bad(reader, "a state that this version does not know");
	*ret = (enum journal_state)state;
	return 0;
}

static bool state_may_follow(enum journal_state before, enum journal_state state)
{
	switch (state) {
	case JOURNAL_SEALED: return before == JOURNAL_TORN;
	case JOURNAL_APPLIED:
	case JOURNAL_REVERTING: return before == JOURNAL_SEALED;
	case JOURNAL_REVERTED: return before == JOURNAL_REVERTING;
	case JOURNAL_CLEANED: return before == JOURNAL_APPLIED;
	case JOURNAL_UNDONE: return before == JOURNAL_APPLIED || before == JOURNAL_CLEANED;
	case JOURNAL_TORN: break;
	}
	return false;
}

static int check_state_line(struct reader *reader, struct hash before, struct str line, size_t at,
	struct outline *outline)
{
	struct digest said, is = hash_final(&before);
	enum journal_state state;
	int64_t steps = 0;
	int r = read_state(reader, line, &state, &steps, &said);

	if (r < 0)
		return r;
	if (!digest_eq(&said, &is))
		return bad(reader, "the text before it is not what was sealed");
	if (!state_may_follow(outline->state, state))
		return bad(reader, "a state that cannot follow the one before");
	if (state == JOURNAL_SEALED) {
		outline->seal_at = at;
		outline->step_count = (size_t)steps;
	}
	outline->state = state;
	return 0;
}

/* Goes through the raw lines once: seals, states, and how far the text is good. */
static int outline_text(struct reader *reader, struct str text, struct outline *ret)
{
	struct str rest = text;
	struct hash hash;
	int r = 0;

	hash_init(&hash);
	*ret = (struct outline){ .state = JOURNAL_TORN, .hash = hash };
	for (reader->line = 1; r >= 0 && rest.len; reader->line++) {
		size_t at = (size_t)(rest.data - text.data);
		struct str line;

		if (!str_cut(rest, '\n', &line, &rest))
			break;
		if (is_state_line(line))
			r = check_state_line(reader, hash, line, at, ret);
		else if (ret->state != JOURNAL_TORN)
			r = bad(reader, "a step behind the seal");
		hash_update(&hash, line.data, line.len + 1);
		ret->hash = hash;
		ret->good_len = at + line.len + 1;
	}
	return r;
}

static int read_line(struct reader *reader, struct str line)
{
	struct journal *journal = reader->journal;
	scoped(arena) struct arena scratch = ARENA_INIT((size_t)JOURNAL_LINE_MAX * 4);
	const struct json *value;
	int r;

	if (line.len > JOURNAL_LINE_MAX)
		return bad(reader, "too long");
	r = json_read(&scratch, line, JSON_READ_STRICT, &value, reader->err);
	if (r < 0)
		return error_wrap(reader->err, -EBADMSG, "journal line %zu", reader->line);
	if (reader->line == 1)
		return read_header(reader, value);
	r = read_step(reader, value, &journal->steps[journal->step_count]);
	if (r >= 0)
		journal->step_count++;
	return r;
}

static int read_lines(struct reader *reader, struct str text, size_t step_count)
{
	struct str line;
	int r = 0;

	for (reader->line = 1; r >= 0 && text.len; reader->line++) {
		str_cut(text, '\n', &line, &text);
		if (reader->line > step_count + 1)
			return bad(reader, "more steps than were sealed");
		r = read_line(reader, line);
	}
	if (r >= 0 && reader->journal->step_count != step_count)
		r = bad(reader, "fewer steps than were sealed");
	return r;
}

/* Whatever was sealed is as it was sealed, with @with_steps or without. */
static int read_text(struct arena *arena, struct str text, bool with_steps, struct journal *ret,
	struct error *err)
{
	struct journal journal = { 0 };
	struct reader reader = { .arena = arena, .journal = &journal, .err = err };
	struct outline outline;
	int r = outline_text(&reader, text, &outline);

	if (r < 0)
		return r;
	journal.state = outline.state;
	if (outline.state == JOURNAL_TORN || !with_steps) {
		/* Of a torn one only the header counts: it says where staged copies may lie about. */
		struct str header;

		if (str_cut(text, '\n', &header, &text))
			r = read_lines(&reader, header, 0);
	} else {
		journal.steps = arena_alloc_array(arena, outline.step_count + 1, sizeof(*journal.steps));
		if (!journal.steps)
			return error_set(err, -EMSGSIZE, "the journal is too large");
		r = read_lines(&reader, (struct str){ text.data, outline.seal_at }, outline.step_count);
		if (r >= 0 && !journal.root_count)
			r = bad(&reader, "there is no header");
	}
	if (r < 0)
		return r;
	journal.hash = outline.hash;
	journal.len_bytes = outline.good_len;
	*ret = journal;
	return 0;
}

int journal_read(struct arena *arena, struct str text, struct journal *ret, struct error *err)
{
	return read_text(arena, text, true, ret, err);
}

static int load(int dirfd, enum journal_kind kind, unsigned number, bool with_steps, struct arena *arena,
	struct journal *ret, struct error *err)
{
	scoped(buf) struct buf buf = BUF_INIT(JOURNAL_TEXT_MAX);
	char name[JOURNAL_NAME_SIZE];
	scoped(fd) int fd = -1;
	int r;

	journal_name(kind, number, name);
	fd = kern_open(dirfd, name, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0)
		return error_sys(err, fd, "journal '%s'", name);
	r = kern_read_all(fd, &buf);
	if (r < 0)
		return error_sys(err, r, "journal '%s'", name);
	r = read_text(arena, (struct str){ buf_text(&buf), buf.len }, with_steps, ret, err);
	if (r < 0)
		return error_wrap(err, r, "'%s'", name);
	if (ret->root_count && (ret->kind != kind || ret->number != number))
		return error_set(err, -EBADMSG, "journal '%s' says it is another one", name);
	ret->kind = kind;
	ret->number = number;
	return 0;
}

int journal_load(int dirfd, enum journal_kind kind, unsigned number, struct arena *arena, struct journal *ret,
	struct error *err)
{
	return load(dirfd, kind, number, true, arena, ret, err);
}

int journal_load_head(int dirfd, enum journal_kind kind, unsigned number, struct arena *arena,
	struct journal *ret, struct error *err)
{
	return load(dirfd, kind, number, false, arena, ret, err);
}

bool journal_is_open(const struct journal *journal)
{
	bool staged = false;

	for (size_t i = 0; i < journal->root_count; i++)
		staged |= journal->roots[i].staged;
	switch (journal->state) {
	case JOURNAL_TORN:
	case JOURNAL_SEALED:
	case JOURNAL_REVERTING:
	case JOURNAL_REVERTED:
		return true;
	case JOURNAL_APPLIED:
		/* An undo is only over when its journal is gone. */
		return staged || journal->kind == JOURNAL_UNDO;
	case JOURNAL_CLEANED:
		return journal->kind == JOURNAL_UNDO;
	case JOURNAL_UNDONE:
		break;
	}
	return false;
}

/* "3.commit" to its parts. */
static bool parse_name(const char *name, struct journal_ref *ret)
{
	struct str number, suffix;
	uint64_t value;
	int kind;

	if (!str_cut(str_from(name), '.', &number, &suffix) || str_to_u64(number, UINT32_MAX, &value) < 0 ||
			!value)
		return false;
	kind = find_name(journal_kind_names, ARRAY_SIZE(journal_kind_names), suffix.data);
	*ret = (struct journal_ref){ .number = (unsigned)value, .kind = (enum journal_kind)MAX(kind, 0) };
	return kind >= 0;
}

static int compare_refs(const void *a, const void *b)
{
	const struct journal_ref *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

int journal_list(int dirfd, struct arena *arena, struct journal_ref **ret, size_t *ret_count)
{
	scoped(fd) int fd = kern_open(dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	struct journal_ref *refs = NULL, ref;
	struct kern_dir_entry entry;
	size_t count = 0, room = 0;
	struct kern_dir dir;
	int r;

	if (fd < 0)
		return fd;
	kern_dir_init(&dir, fd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		if (!parse_name(entry.name, &ref))
			continue;
		if (count == room) {
			struct journal_ref *more = arena_alloc_array(arena, room * 2 + 16, sizeof(*more));

			if (!more)
				return -EMSGSIZE;
			if (count)
				memcpy(more, refs, count * sizeof(*more));
			room = room * 2 + 16;
			refs = more;
		}
		refs[count++] = ref;
	}
	if (r < 0)
		return r;
	if (count)
		qsort(refs, count, sizeof(*refs), compare_refs);
	*ret = refs;
	*ret_count = count;
	return 0;
}
