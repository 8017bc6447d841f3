// SPDX-License-Identifier: Apache-2.0
/*
 * model.c - a changeset for our own screens, and the file that a part of a change makes
 *
 * The model is what the unified view says, in lines that another process of ours can trust to be safe and
 * need not parse for more than their first word (overlay/differ.h). It is bounded: of a long line the
 * beginning is shown, and of a change with very many lines only how many they are.
 */
#include "roles/differ/differ.h"

#include "review/magic.h"

#include <errno.h>
#include <inttypes.h>

enum {
	MODEL_LINES_MAX = 50000,
	MODEL_BYTES_MAX = 8 << 20,
	LINE_BYTES_MAX = 4096,
	/* Less than this cannot have more lines than are shown. */
	SMALL_BYTES = 1 << 15,
	COMPOSED_MAX_BYTES = 2 * DIFFER_TEXT_MAX_BYTES,
};

static struct str text_of(const struct buf *content)
{
	return (struct str){ buf_text(content), content->len };
}

/* ---- how much there is ---- */

struct tally {
	uint64_t lines, bytes, changed;
};

static int count_line(void *context, enum text_line line, struct str text)
{
	struct tally *tally = context;

	tally->lines++;
	tally->bytes += MIN(text.len, (size_t)LINE_BYTES_MAX);
	tally->changed += line == TEXT_ADDED || line == TEXT_REMOVED;
	return 0;
}

/* Return: 1 too much to show, and it was said; 0 or negative errno. */
static int say_large(struct differ *differ)
{
	struct str old_text = text_of(&differ->old_content), new_text = text_of(&differ->new_content);
	struct tally tally = { 0 };
	int r;

	if (old_text.len + new_text.len <= SMALL_BYTES)
		return 0;
	r = text_diff(old_text, new_text, differ->request.context_count, count_line, &tally);
	if (r < 0 || (tally.lines <= MODEL_LINES_MAX && tally.bytes <= MODEL_BYTES_MAX))
		return r;
	out_text(&differ->out, "large %" PRIu64 " changed lines\n", tally.changed);
	return 1;
}

/* ---- lines ---- */

/* "A" or "A,B" as git writes it, to a first line from 0 and a count. */
static int read_range(struct str text, uint32_t *ret_start, uint32_t *ret_count)
{
	struct str start, count;
	uint64_t first, number = 1;

	if (!str_cut(text, ',', &start, &count))
		start = text;
	else if (str_to_u64(count, UINT32_MAX, &number) < 0)
		return -EPROTO;
	if (str_to_u64(start, UINT32_MAX, &first) < 0)
		return -EPROTO;
	/* Where there are none, git names the line before them. */
	*ret_start = (uint32_t)(number ? first - 1 : first);
	*ret_count = (uint32_t)number;
	return 0;
}

static int print_hunk(struct output *out, struct str header)
{
	struct compose_edit range;
	struct str word, rest;

	if (!str_cut(header, ' ', &word, &rest) || !str_cut(rest, ' ', &word, &rest) || word.len < 2 ||
			read_range((struct str){ word.data + 1, word.len - 1 }, &range.old_start,
				&range.old_count) < 0)
		return -EPROTO;
	if (!str_cut(rest, ' ', &word, &rest) || word.len < 2 ||
			read_range((struct str){ word.data + 1, word.len - 1 }, &range.new_start,
				&range.new_count) < 0)
		return -EPROTO;
	out_text(out, "hunk %u %u %u %u\n", range.old_start, range.old_count, range.new_start,
		range.new_count);
	return out->r;
}

static int print_line(void *context, enum text_line line, struct str text)
{
	static const char signs[] = { [TEXT_CONTEXT] = ' ', [TEXT_ADDED] = '+', [TEXT_REMOVED] = '-' };
	struct output *out = &((struct differ *)context)->out;
	size_t len = text.len - (text.len && text.data[text.len - 1] == '\n');

	if (line == TEXT_HUNK)
		return print_hunk(out, text);
	if (line == TEXT_NO_NEWLINE) {
		out_text(out, "\\\n");
		return out->r;
	}
	out_text(out, "%c", signs[line]);
	out_value(out, (struct str){ text.data, MIN(len, (size_t)LINE_BYTES_MAX) });
	if (len > LINE_BYTES_MAX)
		out_text(out, " [... %zu more bytes]", len - LINE_BYTES_MAX);
	out_text(out, "\n");
	return out->r;
}

/* ---- pieces ---- */

void print_kind(struct output *out, const struct file_facts *facts, const struct buf *content)
{
	struct magic magic = magic_of(text_of(content));

	if (!facts) {
		out_text(out, "nothing");
		return;
	}
	out_text(out, "%" PRIu64 " byte%s", facts->size_bytes, facts->size_bytes == 1 ? "" : "s");
	if (magic.name)
		out_text(out, ", %s", magic.name);
	if (magic.width && magic.height)
		out_text(out, ", %u x %u", magic.width, magic.height);
}

static void say_sizes(struct differ *differ, const struct piece *piece, const char *word)
{
	out_text(&differ->out, "%s ", word);
	print_kind(&differ->out, piece->old_file, &differ->old_content);
	out_text(&differ->out, " -> ");
	print_kind(&differ->out, piece->new_file, &differ->new_content);
	out_text(&differ->out, "\n");
}

static int model_content(struct differ *differ, const struct piece *piece)
{
	int r = content_read(differ, piece, DIFFER_TEXT_MAX_BYTES);

	if (r == -EFBIG) {
		buf_clear(&differ->old_content);
		buf_clear(&differ->new_content);
		say_sizes(differ, piece, "large");
		return 0;
	}
	if (r < 0)
		return r;
	if (content_is_binary(differ)) {
		say_sizes(differ, piece, "binary");
		return 0;
	}
	r = say_large(differ);
	if (r)
		return MIN(r, 0);
	return text_diff(text_of(&differ->old_content), text_of(&differ->new_content),
		differ->request.context_count, print_line, differ);
}

static bool same_content(const struct piece *piece)
{
	return piece->old_file && piece->new_file && piece->old_file->type == piece->new_file->type &&
		digest_eq(&piece->old_file->digest, &piece->new_file->digest);
}

static int model_piece(struct differ *differ, const struct piece *piece)
{
	/* A directory that is replaced is told about in its note. */
	bool is_told = (piece->change->flags & CHANGE_TREE) && !piece->new_file;
	int r = same_content(piece) || is_told ? 0 : model_content(differ, piece);

	if (differ->out.r < 0)
		return differ->out.r;
	if (r != -ESTALE && r != -EACCES)
		return r;
	out_text(&differ->out, "missing %s\n",
		r == -ESTALE ? "it is not what was judged any more" : "it may not be read");
	return 0;
}

int model_show(struct differ *differ)
{
	const struct differ_request *request = &differ->request;
	int r = 0;

	for (size_t i = 0; i < request->changeset.count && r >= 0; i++) {
		if (request->selected && !request->selected[i])
			continue;
		out_text(&differ->out, "change %zu\n", i);
		note_change(differ, &request->changeset.changes[i]);
		/* Of a deleted directory, its note says all. */
		if (request->changeset.changes[i].kind != CHANGE_DELETED ||
				!(request->changeset.changes[i].flags & CHANGE_TREE))
			r = pieces_of(differ, i, model_piece);
	}
	if (r >= 0)
		out_text(&differ->out, "end\n");
	return r;
}

/* ---- composing ---- */

static int compose_piece(struct differ *differ, const struct piece *piece)
{
	scoped(buf) struct buf text = BUF_INIT(COMPOSED_MAX_BYTES);
	int r = content_read(differ, piece, DIFFER_TEXT_MAX_BYTES);

	if (r >= 0)
		r = compose_text(&text, text_of(&differ->old_content), text_of(&differ->new_content),
			differ->request.edits, differ->request.edit_count);
	if (r < 0)
		return error_sys(&differ->err, r, "cannot put the file together");
	out_bytes(&differ->out, text_of(&text));
	return differ->out.r;
}

/* The only file of the request; of a moved one there are two entries. */
int compose_show(struct differ *differ)
{
	const struct differ_request *request = &differ->request;
	const struct rename_list *renames = &request->renames;
	size_t index = renames->count ? renames->items[0].target : 0;

	if (request->changeset.count != 1 + renames->count || renames->count > 1 ||
			!compose_fits(&request->changeset.changes[index]))
		return error_set(&differ->err, -EBADMSG, "only one changed file is composed at a time");
	return pieces_of(differ, index, compose_piece);
}
