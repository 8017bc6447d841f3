// SPDX-License-Identifier: Apache-2.0
/*
 * unified.c - the two views in git's patch format
 *
 * For people (DIFFER_UNIFIED) everything is shown: what git has no words for stands in lines that begin with
 * #, which no patch tool takes for content. For tools (DIFFER_PATCH) there is git's format and nothing else,
 * and it is exact or it is not: binary files are whole, and what cannot be read or is too large ends the
 * program instead of leaving a hole. What the format has no words for is counted and said at the end.
 *
 * Source: git-diff(1), "generating patch text with -p"; git's apply.c, which has to read it
 */
#include "roles/differ/differ.h"

#include "base/quote.h"
#include "review/words.h"

#include <errno.h>

static bool is_patch(const struct differ *differ)
{
	return differ->request.format == DIFFER_PATCH;
}

/* ---- headers ---- */

static void header_line(struct differ *differ, const char *words, const char *prefix, struct str name)
{
	out_text(&differ->out, "%s", words);
	out_name(&differ->out, prefix, name);
	out_text(&differ->out, "\n");
}

static void print_modes(struct differ *differ, unsigned old_mode, unsigned new_mode)
{
	struct output *out = &differ->out;

	if (!old_mode)
		out_text(out, "new file mode %06o\n", new_mode);
	else if (!new_mode)
		out_text(out, "deleted file mode %06o\n", old_mode);
	else if (old_mode != new_mode)
		out_text(out, "old mode %06o\nnew mode %06o\n", old_mode, new_mode);
}

static void print_header(struct differ *differ, const struct piece *piece)
{
	struct output *out = &differ->out;
	struct str old_path = path_shown(differ, piece->change, piece->old_path);
	struct str new_path = path_shown(differ, piece->change, piece->new_path);

	out_paint(out, PAINT_HEADER);
	out_text(out, "diff --git ");
	out_name(out, "a/", old_path);
	out_text(out, " ");
	out_name(out, "b/", new_path);
	out_text(out, "\n");
	print_modes(differ, git_mode(piece->old_file), git_mode(piece->new_file));
	if (!str_eq(old_path, new_path)) {
		out_text(out, "similarity index %u%%\n", piece_similarity(differ, piece));
		header_line(differ, "rename from ", "", old_path);
		header_line(differ, "rename to ", "", new_path);
	}
	out_paint(out, PAINT_NONE);
}

static void print_index(struct differ *differ, const struct piece *piece)
{
	static const char nothing[] = "0000000000000000000000000000000000000000";
	const struct buf *old_content = &differ->old_content, *new_content = &differ->new_content;
	unsigned old_mode = git_mode(piece->old_file), new_mode = git_mode(piece->new_file);
	char old_id[TEXT_ID_SIZE], new_id[TEXT_ID_SIZE];
	int digits = is_patch(differ) ? TEXT_ID_SIZE - 1 : 10;

	text_id((struct str){ buf_text(old_content), old_content->len }, old_id);
	text_id((struct str){ buf_text(new_content), new_content->len }, new_id);
	out_paint(&differ->out, PAINT_HEADER);
	/* `git apply` wants whole names for binary patches; people want short lines. */
	out_text(&differ->out, "index %.*s..%.*s", digits, old_mode ? old_id : nothing, digits,
		new_mode ? new_id : nothing);
	if (old_mode == new_mode)
		out_text(&differ->out, " %06o", new_mode);
	out_text(&differ->out, "\n");
	out_paint(&differ->out, PAINT_NONE);
}

/* A name with a space in it gets a tab behind it, so that its end is seen. */
static void print_side(struct differ *differ, const char *words, const char *prefix, bool exists,
	struct str name)
{
	struct output *out = &differ->out;

	out_text(out, "%s", words);
	if (exists)
		out_name(out, prefix, name);
	else
		out_text(out, "/dev/null");
	out_text(out, "%s\n", exists && memchr(name.data, ' ', name.len) ? "\t" : "");
}

/* ---- content ---- */

static bool ends_in_newline(struct str line)
{
	return line.len && line.data[line.len - 1] == '\n';
}

/* One line with its sign; @words are pointed out in it. */
static void print_one(struct output *out, enum text_line line, struct str text,
	const struct words_spans *words)
{
	static const struct {
		const char *sign;
		enum paint paint;
	} styles[] = {
		[TEXT_HUNK] = { "", PAINT_HUNK }, [TEXT_CONTEXT] = { " ", PAINT_NONE },
		[TEXT_ADDED] = { "+", PAINT_ADDED }, [TEXT_REMOVED] = { "-", PAINT_REMOVED },
		[TEXT_NO_NEWLINE] = { "", PAINT_NONE },
	};
	size_t len = text.len - ends_in_newline(text), at = 0;

	if (styles[line].paint != PAINT_NONE)
		out_paint(out, styles[line].paint);
	out_text(out, "%s", styles[line].sign);
	for (size_t i = 0; words && i < words->count; i++) {
		const struct words_span *word = &words->items[i];

		out_content(out, (struct str){ text.data + at, word->start - at });
		out_paint(out, PAINT_WORD);
		out_content(out, (struct str){ text.data + word->start, word->len });
		out_paint(out, PAINT_NONE);
		out_paint(out, styles[line].paint);
		at = word->start + word->len;
	}
	out_content(out, (struct str){ text.data + at, len - at });
	if (styles[line].paint != PAINT_NONE)
		out_paint(out, PAINT_NONE);
	/* Where the file's last line has none, the remark about it stands on a line of its own. */
	out_text(out, "\n");
}

/* ---- changed places ---- */

/* Takes a line off, with the newline that all but a file's last one have; Return: whether there was one. */
static bool take_line(struct str *text, struct str *ret_line)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	size_t len = end ? (size_t)(end - text->data) + 1 : text->len;

	*ret_line = (struct str){ text->data, len };
	*text = (struct str){ text->data + len, text->len - len };
	return len;
}

static struct str without_newline(struct str line)
{
	return (struct str){ line.data, line.len - ends_in_newline(line) };
}

/* One side of a place: its first line is compared with the first one of the other side, and so on. */
static void print_side_of_place(struct output *out, enum text_line sign, struct str mine, struct str others)
{
	struct words_spans my_words, other_words;
	struct str line, other;

	while (take_line(&mine, &line)) {
		bool is_pair = take_line(&others, &other) &&
			words_compare(without_newline(line), without_newline(other), &my_words, &other_words);

		print_one(out, sign, line, is_pair ? &my_words : NULL);
		if (!ends_in_newline(line))
			print_one(out, TEXT_NO_NEWLINE, STR("\\ No newline at end of file"), NULL);
	}
}

static void print_place(struct differ *differ)
{
	struct place *place = &differ->place;

	print_side_of_place(&differ->out, TEXT_REMOVED, place->removed, place->added);
	print_side_of_place(&differ->out, TEXT_ADDED, place->added, place->removed);
	*place = (struct place){ 0 };
}

/* Lines that stand together are neighbours in their content, too, which stays. */
static void extend(struct str *run, struct str line)
{
	assert(!run->len || run->data + run->len == line.data);
	*run = (struct str){ run->len ? run->data : line.data, run->len + line.len };
}

/* Only who sees colours sees words. */
static bool is_kept(struct differ *differ, enum text_line line, struct str text)
{
	struct place *place = &differ->place;
	bool is_removed = line == TEXT_REMOVED, is_changed = is_removed || line == TEXT_ADDED;

	if (!differ->out.colour || is_patch(differ))
		return false;
	/* It is said with the line that lacks it, and parts nothing. */
	if (line == TEXT_NO_NEWLINE && (place->removed.len || place->added.len))
		return true;
	if (!is_changed || (is_removed && place->added.len))
		print_place(differ);
	if (!is_changed)
		return false;
	extend(is_removed ? &place->removed : &place->added, text);
	return true;
}

static int print_line(void *context, enum text_line line, struct str text)
{
	struct differ *differ = context;

	if (!is_kept(differ, line, text))
		print_one(&differ->out, line, text, NULL);
	return differ->out.r;
}

static int print_text(struct differ *differ, const struct piece *piece)
{
	const struct str old_text = { buf_text(&differ->old_content), differ->old_content.len };
	const struct str new_text = { buf_text(&differ->new_content), differ->new_content.len };
	int r;

	if (str_eq(old_text, new_text))
		return 0;
	out_paint(&differ->out, PAINT_HEADER);
	print_side(differ, "--- ", "a/", piece->old_file, path_shown(differ, piece->change, piece->old_path));
	print_side(differ, "+++ ", "b/", piece->new_file, path_shown(differ, piece->change, piece->new_path));
	out_paint(&differ->out, PAINT_NONE);
	r = text_diff(old_text, new_text, differ->request.context_count, print_line, differ);
	print_place(differ);
	return r;
}

static int print_binary(struct differ *differ, const struct piece *piece)
{
	const struct str old_text = { buf_text(&differ->old_content), differ->old_content.len };
	const struct str new_text = { buf_text(&differ->new_content), differ->new_content.len };
	scoped(buf) struct buf patch = BUF_INIT(2 * (size_t)DIFFER_PATCH_MAX_BYTES);
	int r;

	if (!is_patch(differ)) {
		out_text(&differ->out, "# binary: ");
		print_kind(&differ->out, piece->old_file, &differ->old_content);
		out_text(&differ->out, " -> ");
		print_kind(&differ->out, piece->new_file, &differ->new_content);
		out_text(&differ->out, "\n");
		return 0;
	}
	r = text_binary_patch(&patch, old_text, new_text);
	if (r >= 0)
		out_content(&differ->out, (struct str){ buf_text(&patch), patch.len });
	return r;
}

static bool same_content(const struct piece *piece)
{
	return piece->old_file && piece->new_file &&
		digest_eq(&piece->old_file->digest, &piece->new_file->digest) &&
		piece->old_file->type == piece->new_file->type;
}

/* What is too large for a comparison by lines is shown by its size, or put whole into a patch. */
static int print_content(struct differ *differ, const struct piece *piece)
{
	bool patch = is_patch(differ), binary;
	int r = content_read(differ, piece, patch ? DIFFER_PATCH_MAX_BYTES : DIFFER_TEXT_MAX_BYTES);

	if (r == -EFBIG && !patch)
		return print_binary(differ, piece);
	if (r < 0)
		return r;
	binary = content_is_binary(differ) || differ->old_content.len > DIFFER_TEXT_MAX_BYTES ||
		differ->new_content.len > DIFFER_TEXT_MAX_BYTES;
	print_index(differ, piece);
	return binary ? print_binary(differ, piece) : print_text(differ, piece);
}

/* A file that cannot be shown is said so to people; a patch would be wrong without it. */
static int explain(struct differ *differ, const struct piece *piece, int code)
{
	const struct quoted path = quote_text(piece->new_path);
	const char *why = code == -ESTALE ? "it changed while it was being shown; ask again" :
		code == -EFBIG		  ? "it is too large" :
		code == -EACCES		  ? "it may not be read" :
			error_name(code);

	if (!is_patch(differ) && (code == -ESTALE || code == -EFBIG || code == -EACCES)) {
		out_text(&differ->out, "# not shown: %s\n", why);
		return 0;
	}
	return error_set(&differ->err, code, "cannot show '%s': %s", path.text, why);
}

static int print_piece(struct differ *differ, const struct piece *piece)
{
	bool same = same_content(piece), moved = !str_eq(piece->old_path, piece->new_path);
	int r;

	if (same && !moved && git_mode(piece->old_file) == git_mode(piece->new_file))
		return 0;
	print_header(differ, piece);
	r = same ? 0 : print_content(differ, piece);
	if (differ->out.r < 0)
		return differ->out.r;
	return r < 0 ? explain(differ, piece, r) : 0;
}

/* ---- the view ---- */

static int skip_piece(UNUSED struct differ *differ, UNUSED const struct piece *piece)
{
	return 0;
}

/* Parts of a change that git's format has no words for, where it has words for the rest. */
static bool has_formless_part(const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;
	unsigned mode = git_mode(new_file);

	if (!mode)
		return false;
	if (change->link_group || new_file->xattr_count || (change->flags & CHANGE_XATTRS))
		return true;
	if (new_file->type == FILE_REGULAR && new_file->mode != (mode & 0777) &&
			new_file->mode != old_file->mode)
		return true;
	if (!old_file->type)
		return false;
	return old_file->uid != new_file->uid || old_file->gid != new_file->gid ||
		change->kind == CHANGE_METADATA;
}

static int show_change(struct differ *differ, size_t index)
{
	const struct change *change = &differ->request.changeset.changes[index];
	/* What is in a deleted directory fills screens and says little: people see how much it is. */
	bool summary = !is_patch(differ) && (change->flags & CHANGE_TREE);
	int r;

	if (has_formless_part(change))
		differ->formless_count++;
	if (!is_patch(differ))
		note_change(differ, change);
	if (summary && change->kind == CHANGE_DELETED)
		return pieces_of(differ, index, skip_piece);
	r = pieces_of(differ, index, print_piece);
	return r;
}

static int choose_root(struct differ *differ)
{
	const struct differ_request *request = &differ->request;
	const struct change *first = NULL;

	for (size_t i = 0; is_patch(differ) && i < request->changeset.count; i++) {
		const struct change *change = &request->changeset.changes[i];

		if (request->selected && !request->selected[i])
			continue;
		first = first ? first : change;
		if (change->root == first->root)
			continue;
		error_set(&differ->err, -EXDEV, "the changes lie in more than one directory: '%s' and '%s'",
			quote_cstr(request->changeset.roots[first->root]).text,
			quote_cstr(request->changeset.roots[change->root]).text);
		error_hint(&differ->err, "a patch is for one directory: choose by naming one of them");
		return -EXDEV;
	}
	return 0;
}

int unified_show(struct differ *differ)
{
	const struct differ_request *request = &differ->request;
	int r = choose_root(differ);

	for (size_t i = 0; i < request->changeset.count && r >= 0; i++)
		if (!request->selected || request->selected[i])
			r = show_change(differ, i);
	return r;
}
