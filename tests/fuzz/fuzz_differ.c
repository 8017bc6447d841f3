// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_differ.c - what holds for everything that could be asked of the differ, and for composing files
 *
 * The input is a request; its changeset is sealed here. As bytes, it is also two texts and the places in
 * which the first becomes the second.
 *
 *   - a request is taken, or it is said what is wrong with it; what was taken is written again as the same
 *   - nothing is selected, no place named and no file renamed that is not there
 *   - two texts are as similar one way as the other, wholly so where they are the same, and a print has all
 *     bytes
 *   - a composed text has the lines that its places say, without places it is the old text, and with one
 *     place for all of it, the new one
 */
#include "fuzz/seal.h"
#include "overlay/differ.h"
#include "overlay/similar.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	EDITS_MAX = 8,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- requests ---- */

static int seal(struct arena *arena, struct str text, struct buf *ret)
{
	struct json_object_builder object;
	const struct json *value, *changeset;

	if (json_read(arena, text, JSON_READ_STRICT, &value, NULL) < 0)
		return -EBADMSG;
	changeset = json_get(value, "changeset");
	if (!changeset)
		return -EBADMSG;
	json_object_begin(&object, arena);
	json_object_add(&object, "changeset", seal_changeset(arena, changeset));
	if (json_get(value, "request"))
		json_object_add(&object, "request", json_get(value, "request"));
	return json_write(ret, json_object_end(&object), JSON_WRITE_CANONICAL);
}

static void check_renames(struct arena *arena, const struct differ_request *request)
{
	const struct changeset *changeset = &request->changeset;
	struct changeset view;

	for (size_t i = 0; i < request->renames.count; i++) {
		const struct rename *rename = &request->renames.items[i];

		assert(rename->target < changeset->count && rename->source < changeset->count);
		assert(rename_can_end(&changeset->changes[rename->target]) && rename->similarity <= 100);
		assert(renames_find(&request->renames, rename->target) == rename);
	}
	assert(renames_apply(arena, changeset, &request->renames, &view) == 0);
}

static void check_request(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf sealed = BUF_INIT(JSON_TEXT_MAX), first = BUF_INIT(JSON_TEXT_MAX);
	scoped(buf) struct buf second = BUF_INIT(JSON_TEXT_MAX);
	struct differ_request request, again;
	struct error err = ERROR_INIT;
	int r = -EBADMSG;

	if (seal(&arena, text, &sealed) < 0)
		return;
	for (size_t roots = 0; roots < 3 && r < 0; roots++)
		r = differ_request_read(&arena, (struct str){ sealed.data, sealed.len }, roots, &request,
			&err);
	assert(r == 0 || ((r == -EBADMSG || r == -EMSGSIZE) && err.code == r && err.text[0]));
	if (r < 0)
		return;
	assert(request.format <= DIFFER_RENAMES && request.edit_count <= COMPOSE_EDITS_MAX);
	assert(request.width >= DIFFER_WIDTH_MIN && request.width <= DIFFER_WIDTH_MAX);
	check_renames(&arena, &request);
	assert(differ_request_write(&first, &request) == 0);
	assert(differ_request_read(&arena, (struct str){ first.data, first.len },
		request.changeset.root_count, &again, NULL) == 0);
	assert(differ_request_write(&second, &again) == 0);
	assert(first.len == second.len && !memcmp(first.data, second.data, first.len));
}

/* ---- similarity ---- */

static struct similar_print print_of(struct arena *arena, struct str text)
{
	struct similar_print print;
	uint64_t bytes = 0;

	assert(similar_print_make(arena, text, SIZE_MAX, &print) == 0);
	for (size_t i = 0; i < print.count; i++) {
		bytes += print.pieces[i].bytes;
		assert(!i || print.pieces[i - 1].hash < print.pieces[i].hash);
	}
	assert(print.bytes == text.len && bytes <= text.len && print.count <= print.cut_count);
	return print;
}

static void check_similarity(struct str a, struct str b)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct similar_print x = print_of(&arena, a), y = print_of(&arena, b);
	unsigned score = similar_score(&x, &y);

	assert(score <= SIMILAR_WHOLE && score == similar_score(&y, &x));
	assert(!str_eq(a, b) || !a.len || memchr(a.data, '\r', a.len) || score == SIMILAR_WHOLE);
}

/* ---- composing ---- */

static uint32_t count_lines(struct str text)
{
	uint32_t count = 0;
	struct str line;

	while (text.len) {
		(void)str_cut(text, '\n', &line, &text);
		count++;
	}
	return count;
}

static void check_whole(struct str old_text, struct str new_text)
{
	const struct compose_edit all = { 0, count_lines(old_text), 0, count_lines(new_text) };
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);

	assert(compose_text(&text, old_text, new_text, NULL, 0) == 0);
	assert(str_eq((struct str){ buf_text(&text), text.len }, old_text));
	buf_clear(&text);
	assert(compose_text(&text, old_text, new_text, &all, 1) == 0);
	assert(str_eq((struct str){ buf_text(&text), text.len }, new_text));
}

static void check_edits(struct str old_text, struct str new_text, const struct compose_edit *edits,
	size_t count)
{
	scoped(buf) struct buf text = BUF_INIT(ARENA_MAX_BYTES);
	int r = compose_text(&text, old_text, new_text, edits, count);

	assert(r == 0 || r == -EINVAL);
	if (r < 0)
		return;
	assert(text.len <= old_text.len + new_text.len);
	for (size_t i = 0; i < count; i++) {
		assert(edits[i].old_start + edits[i].old_count <= count_lines(old_text));
		assert(edits[i].new_start + edits[i].new_count <= count_lines(new_text));
	}
}

/* Four bytes a place, a zero behind the last, then the old text up to a zero, then the new one. */
static void check_composing(struct str text)
{
	struct compose_edit edits[EDITS_MAX] = { 0 };
	struct str old_text, new_text;
	size_t count = 0;

	while (count < EDITS_MAX && text.len >= 5 && text.data[0]) {
		edits[count++] = (struct compose_edit){ (unsigned char)text.data[0] - 1u,
			(unsigned char)text.data[1], (unsigned char)text.data[2],
			(unsigned char)text.data[3] };
		text = (struct str){ text.data + 4, text.len - 4 };
	}
	if (text.len)
		text = (struct str){ text.data + 1, text.len - 1 };
	(void)str_cut(text, '\0', &old_text, &new_text);
	check_similarity(old_text, new_text);
	check_whole(old_text, new_text);
	check_edits(old_text, new_text, edits, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { size ? (const char *)data : "", size };

	check_request(text);
	check_composing(text);
	return 0;
}
