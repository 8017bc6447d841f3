// SPDX-License-Identifier: Apache-2.0
/*
 * text_git.c - differences between two texts, by libgit2
 *
 * The library prints whole patches with headers of its own, which know neither modes nor links; so only its
 * hunks are taken, through callbacks, and the body of its binary patches. It never sees a repository or a
 * file.
 */
#include "overlay/text.h"

#include <errno.h>
#include <git2.h>

struct relay {
	text_line_fn *line;
	void *context;
	int r;				/* the first failure of @line */
};

int text_start(struct error *err)
{
	int r = git_libgit2_init();

	return r < 0 ? error_set(err, -ENOMEM, "the text diff library does not start") : 0;
}

static int pass(struct relay *relay, enum text_line line, const char *data, size_t len)
{
	relay->r = relay->line(relay->context, line, (struct str){ data, len });
	return relay->r;
}

static int on_hunk(UNUSED const git_diff_delta *delta, const git_diff_hunk *hunk, void *payload)
{
	return pass(payload, TEXT_HUNK, hunk->header, hunk->header_len);
}

static int on_line(UNUSED const git_diff_delta *delta, UNUSED const git_diff_hunk *hunk,
	const git_diff_line *line, void *payload)
{
	struct relay *relay = payload;

	switch (line->origin) {
	case GIT_DIFF_LINE_CONTEXT:
		return pass(relay, TEXT_CONTEXT, line->content, line->content_len);
	case GIT_DIFF_LINE_ADDITION:
		return pass(relay, TEXT_ADDED, line->content, line->content_len);
	case GIT_DIFF_LINE_DELETION:
		return pass(relay, TEXT_REMOVED, line->content, line->content_len);
	case GIT_DIFF_LINE_CONTEXT_EOFNL:
	case GIT_DIFF_LINE_ADD_EOFNL:
	case GIT_DIFF_LINE_DEL_EOFNL:
		/* Its text begins with the newline that the line before lacks. */
		if (line->content_len < 1 || line->content[0] != '\n')
			return relay->r = -EPROTO;
		return pass(relay, TEXT_NO_NEWLINE, line->content + 1, line->content_len - 1);
	default:
		return 0;
	}
}

static int code_of(int result)
{
	const git_error *error = git_error_last();

	if (result >= 0)
		return 0;
	return error && error->klass == GIT_ERROR_NOMEMORY ? -ENOMEM : -EFBIG;
}

int text_diff(struct str old_text, struct str new_text, unsigned context_count, text_line_fn *line,
	void *context)
{
	git_diff_options options = GIT_DIFF_OPTIONS_INIT;
	struct relay relay = { .line = line, .context = context };
	int r;

	options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
	options.context_lines = context_count;
	options.interhunk_lines = 0;
	r = git_diff_buffers(old_text.data, old_text.len, NULL, new_text.data, new_text.len, NULL, &options,
		NULL, NULL, on_hunk, on_line, &relay);
	return relay.r < 0 ? relay.r : code_of(r);
}

/* The body begins behind the headers, with these words at the start of a line. */
static const char *find_body(const git_buf *text)
{
	static const char words[] = "GIT binary patch\n";
	const char *at = text->size ? text->ptr : NULL;

	while (at && strncmp(at, words, sizeof(words) - 1)) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at;
}

int text_binary_patch(struct buf *buf, struct str old_text, struct str new_text)
{
	git_diff_options options = GIT_DIFF_OPTIONS_INIT;
	git_buf text = { 0 };
	git_patch *patch = NULL;
	const char *body;
	int r;

	options.flags = GIT_DIFF_FORCE_BINARY | GIT_DIFF_SHOW_BINARY;
	r = git_patch_from_buffers(&patch, old_text.data, old_text.len, "a", new_text.data, new_text.len, "b",
		&options);
	if (r >= 0)
		r = git_patch_to_buf(&text, patch);
	body = r >= 0 ? find_body(&text) : NULL;
	if (body && buf_append(buf, body, text.size - (size_t)(body - text.ptr)) < 0)
		r = -EMSGSIZE;
	else
		r = code_of(r);
	git_buf_dispose(&text);
	git_patch_free(patch);
	return r;
}

void text_id(struct str text, char ret[TEXT_ID_SIZE])
{
	git_oid id = { { 0 } };

	(void)git_odb_hash(&id, text.data, text.len, GIT_OBJECT_BLOB);
	(void)git_oid_tostr(ret, TEXT_ID_SIZE, &id);
}
