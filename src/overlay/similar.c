// SPDX-License-Identifier: Apache-2.0
/*
 * similar.c - which of the files that came are files that went, under another name and somewhat edited
 *
 * A file is read when it is first compared, and only its print is kept. Prints are made by sorting, not by a
 * table: who knows the hash could fill one slot of a table with everything.
 */
#include "overlay/similar.h"

#include "base/path.h"

#include <errno.h>
#include <stdlib.h>

enum {
	BINARY_BYTES = 8000,		/* where a NUL makes a file binary, as in git */
	CANDIDATES_MAX = 4,		/* old files that are kept for each new one, as in git */
};

struct similar_limits similar_limits_default(void)
{
	return (struct similar_limits){
		.pairs_max = 1000 * 1000, .file_bytes_max = 16 << 20, .bytes_max = 128 << 20,
		.files_max = 20000, .pieces_max = 4 << 20, .steps_max = 100 * 1000 * 1000,
	};
}

/* ---- prints ---- */

struct cutter {
	const char *at, *end;
	bool is_text;
};

/* The next piece; FNV-1a, and a last step that spreads what short pieces leave in the low bits. */
static struct similar_piece next_piece(struct cutter *cutter)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	unsigned count = 0;
	char c = '\0';

	while (cutter->at < cutter->end && count < SIMILAR_PIECE_BYTES && c != '\n') {
		c = *cutter->at++;
		if (cutter->is_text && c == '\r' && cutter->at < cutter->end && *cutter->at == '\n')
			continue;
		hash = (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
		count++;
	}
	hash ^= hash >> 32;
	return (struct similar_piece){ hash * UINT64_C(0x9e3779b97f4a7c15), count };
}

static struct cutter cutter_of(struct str text)
{
	const char *start = text.data ? text.data : "";

	return (struct cutter){ start, start + text.len,
		!memchr(start, '\0', MIN(text.len, (size_t)BINARY_BYTES)) };
}

static int compare_pieces(const void *a, const void *b)
{
	uint64_t x = ((const struct similar_piece *)a)->hash, y = ((const struct similar_piece *)b)->hash;

	return x < y ? -1 : x > y;
}

static size_t merge_equal(struct similar_piece *pieces, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (kept && pieces[kept - 1].hash == pieces[i].hash)
			pieces[kept - 1].bytes += pieces[i].bytes;
		else
			pieces[kept++] = pieces[i];
	}
	return kept;
}

int similar_print_make(struct arena *arena, struct str text, size_t max, struct similar_print *ret)
{
	struct cutter cutter = cutter_of(text);
	struct similar_piece *pieces;
	size_t count = 0;

	for (; cutter.at < cutter.end; count++)
		(void)next_piece(&cutter);
	if (count > max)
		return -E2BIG;
	pieces = arena_alloc_array(arena, count, sizeof(*pieces));
	if (!pieces)
		return -EMSGSIZE;
	cutter = cutter_of(text);
	for (size_t i = 0; i < count; i++)
		pieces[i] = next_piece(&cutter);
	qsort(pieces, count, sizeof(*pieces), compare_pieces);
	*ret = (struct similar_print){ pieces, merge_equal(pieces, count), count, text.len };
	return 0;
}

unsigned similar_score(const struct similar_print *a, const struct similar_print *b)
{
	uint64_t common = 0, most = MAX(a->bytes, b->bytes);

	for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
		const struct similar_piece *x = &a->pieces[i], *y = &b->pieces[k];

		if (x->hash == y->hash)
			common += MIN(x->bytes, y->bytes);
		i += x->hash <= y->hash;
		k += y->hash <= x->hash;
	}
	return most ? (unsigned)(common * SIMILAR_WHOLE / most) : 0;
}

/* ---- one search ---- */

struct end {
	struct similar_print print;
	bool is_read, is_out;		/* it cannot be read, or is one end of a rename already */
};

struct candidate {
	struct similar_pair pair;
	unsigned nearness;		/* sum of enum nearness */
};

/* What two paths have in common; between equally similar files the nearer ones are a pair. */
enum nearness {
	NEAR_FOLDER = 1,
	NEAR_ENDING = 2,
	NEAR_NAME = 4,
};

struct finder {
	const struct similar_search *search;
	struct arena *arena;
	struct end *ends[2];		/* old files, new files */
	struct similar_limits left;	/* what is still allowed */
	struct similar_pair *pairs;
	size_t count;
	unsigned cut;
};

static const struct similar_file *file_at(const struct finder *finder, bool is_new, size_t index)
{
	return is_new ? &finder->search->new_files[index] : &finder->search->old_files[index];
}

/* Return: 1 it is read, 0 it is left out, -E2BIG a limit was reached, or negative errno. */
static int read_print(struct finder *finder, bool is_new, size_t index)
{
	struct end *end = &finder->ends[is_new][index];
	struct similar_limits *left = &finder->left;
	uint64_t size = file_at(finder, is_new, index)->size_bytes;
	struct str text;
	int r;

	if (end->is_read || end->is_out)
		return end->is_read;
	if (!left->files_max || size > left->bytes_max)
		return -E2BIG;
	left->files_max--;
	left->bytes_max -= size;
	r = finder->search->read(finder->search->context, is_new, index, &text);
	if (r > 0)
		r = similar_print_make(finder->arena, text, left->pieces_max, &end->print);
	else if (!r)
		end->is_out = true;
	if (r < 0 || end->is_out)
		return r;
	left->pieces_max -= end->print.cut_count;
	end->is_read = true;
	return 1;
}

/* Whether their sizes alone say that they cannot be similar enough. */
static bool is_hopeless(const struct similar_file *a, const struct similar_file *b, unsigned wanted)
{
	uint64_t least = MIN(a->size_bytes, b->size_bytes), most = MAX(a->size_bytes, b->size_bytes);

	return a->root != b->root || !least || least * SIMILAR_WHOLE < most * wanted;
}

/* Return: 1 they are similar enough, 0 not, or negative errno. */
static int compare(struct finder *finder, struct similar_pair *pair, unsigned wanted)
{
	const struct end *old_end = &finder->ends[0][pair->old_file];
	const struct end *new_end = &finder->ends[1][pair->new_file];
	uint64_t steps;
	int r;

	if (is_hopeless(file_at(finder, false, pair->old_file), file_at(finder, true, pair->new_file),
			wanted))
		return 0;
	r = read_print(finder, true, pair->new_file);
	if (r > 0)
		r = read_print(finder, false, pair->old_file);
	if (r <= 0)
		return r;
	steps = old_end->print.count + new_end->print.count;
	if (steps > finder->left.steps_max)
		return -E2BIG;
	finder->left.steps_max -= steps;
	pair->score = similar_score(&old_end->print, &new_end->print);
	return pair->score >= wanted;
}

static void keep(struct finder *finder, const struct similar_pair *pair)
{
	finder->ends[0][pair->old_file].is_out = finder->ends[1][pair->new_file].is_out = true;
	finder->pairs[finder->count++] = *pair;
}

static unsigned wanted_score(const struct finder *finder)
{
	return finder->search->percent * (SIMILAR_WHOLE / 100);
}

/* ---- files that kept their name ---- */

static int compare_names(const void *a, const void *b)
{
	const struct similar_file *x = *(const struct similar_file *const *)a;
	const struct similar_file *y = *(const struct similar_file *const *)b;

	if (x->root != y->root)
		return x->root < y->root ? -1 : 1;
	return strcmp(path_name(x->path.data), path_name(y->path.data));
}

/* Those files whose name no other one of their side has, sorted by name. */
static const struct similar_file **list_unique(struct finder *finder, bool is_new, size_t *ret_count)
{
	size_t count = is_new ? finder->search->new_count : finder->search->old_count, kept = 0;
	const struct similar_file **files = arena_alloc_array(finder->arena, count + 1, sizeof(*files));

	for (size_t i = 0; files && i < count; i++)
		files[i] = file_at(finder, is_new, i);
	if (!files)
		return NULL;
	qsort(files, count, sizeof(*files), compare_names);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && !compare_names(&files[i], &files[end]);)
			end++;
		if (end == i + 1)
			files[kept++] = files[i];
	}
	*ret_count = kept;
	return files;
}

static int find_by_name(struct finder *finder)
{
	size_t old_count = 0, new_count = 0;
	const struct similar_file **old_files = list_unique(finder, false, &old_count);
	const struct similar_file **new_files = list_unique(finder, true, &new_count);
	/* Half the way from what is enough to the same. */
	unsigned wanted = (wanted_score(finder) + SIMILAR_WHOLE) / 2;
	int r = old_files && new_files ? 0 : -EMSGSIZE;

	for (size_t i = 0, k = 0; r >= 0 && i < old_count && k < new_count;) {
		int order = compare_names(&old_files[i], &new_files[k]);

		if (!order) {
			struct similar_pair pair = {
				.old_file = (size_t)(old_files[i] - finder->search->old_files),
				.new_file = (size_t)(new_files[k] - finder->search->new_files),
			};

			r = compare(finder, &pair, wanted);
			if (r > 0)
				keep(finder, &pair);
		}
		i += order <= 0;
		k += order >= 0;
	}
	return r;
}

/* ---- each with each ---- */

/* ".c" of "a.c"; empty where there is none, as in "Makefile" and ".profile". */
static const char *ending(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot != name ? dot : "";
}

static unsigned nearness(struct str a, struct str b)
{
	const char *a_name = path_name(a.data), *b_name = path_name(b.data);
	unsigned sum = 0;

	if (!strcmp(a_name, b_name))
		sum |= NEAR_NAME;
	if (!strcmp(ending(a_name), ending(b_name)))
		sum |= NEAR_ENDING;
	if (str_eq(path_parent(a), path_parent(b)))
		sum |= NEAR_FOLDER;
	return sum;
}

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->pair.score != y->pair.score)
		return x->pair.score > y->pair.score ? -1 : 1;
	if (x->nearness != y->nearness)
		return x->nearness > y->nearness ? -1 : 1;
	if (x->pair.new_file != y->pair.new_file)
		return x->pair.new_file < y->pair.new_file ? -1 : 1;
	return x->pair.old_file < y->pair.old_file ? -1 : x->pair.old_file > y->pair.old_file;
}

/* Into the best few of one new file, which stay sorted. */
static void add_candidate(struct candidate *best, size_t *count, struct candidate candidate)
{
	size_t at = *count;

	while (at && compare_candidates(&candidate, &best[at - 1]) < 0)
		at--;
	if (at == CANDIDATES_MAX)
		return;
	*count = MIN(*count + 1, (size_t)CANDIDATES_MAX);
	memmove(best + at + 1, best + at, (*count - at - 1) * sizeof(*best));
	best[at] = candidate;
}

/* The best few old files for a new one. Return: 0 or negative errno; *ret_count is set in any case. */
static int list_candidates(struct finder *finder, size_t new_file, struct candidate *best, size_t *ret_count)
{
	struct str path = finder->search->new_files[new_file].path;
	int r = 0;

	*ret_count = 0;
	for (size_t i = 0; r >= 0 && i < finder->search->old_count; i++) {
		struct candidate candidate = { .pair = { .old_file = i, .new_file = new_file } };

		if (finder->ends[0][i].is_out)
			continue;
		r = compare(finder, &candidate.pair, wanted_score(finder));
		if (r <= 0)
			continue;
		candidate.nearness = nearness(finder->search->old_files[i].path, path);
		add_candidate(best, ret_count, candidate);
	}
	return r;
}

static size_t count_left(const struct finder *finder, bool is_new)
{
	size_t count = is_new ? finder->search->new_count : finder->search->old_count, left = 0;

	for (size_t i = 0; i < count; i++)
		left += !finder->ends[is_new][i].is_out;
	return left;
}

static void keep_best(struct finder *finder, struct candidate *candidates, size_t count)
{
	qsort(candidates, count, sizeof(*candidates), compare_candidates);
	for (size_t i = 0; i < count; i++) {
		const struct similar_pair *pair = &candidates[i].pair;

		if (!finder->ends[0][pair->old_file].is_out && !finder->ends[1][pair->new_file].is_out)
			keep(finder, pair);
	}
}

static int find_among_all(struct finder *finder)
{
	size_t old_left = count_left(finder, false), new_left = count_left(finder, true), count = 0;
	struct candidate *candidates;
	int r = 0;

	if (!old_left || !new_left)
		return 0;
	if (old_left > finder->left.pairs_max / new_left) {
		finder->cut |= SIMILAR_CUT_PAIRS;
		return 0;
	}
	candidates = arena_alloc_array(finder->arena, new_left * MIN(old_left, (size_t)CANDIDATES_MAX) +
		CANDIDATES_MAX, sizeof(*candidates));
	if (!candidates)
		return -EMSGSIZE;
	for (size_t i = 0; r >= 0 && i < finder->search->new_count; i++) {
		size_t added = 0;

		if (!finder->ends[1][i].is_out)
			r = list_candidates(finder, i, candidates + count, &added);
		count += added;
	}
	keep_best(finder, candidates, count);
	return r;
}

/* ---- the search ---- */

static uint64_t largest(const struct finder *finder, bool is_new)
{
	size_t count = is_new ? finder->search->new_count : finder->search->old_count;
	uint64_t most = 0;

	for (size_t i = 0; i < count; i++)
		most = MAX(most, file_at(finder, is_new, i)->size_bytes);
	return most;
}

/* A file that is too large is a loss only where another is large enough to be what became of it. */
static void leave_out(struct finder *finder, bool is_new)
{
	size_t count = is_new ? finder->search->new_count : finder->search->old_count;
	uint64_t others = largest(finder, !is_new);

	for (size_t i = 0; i < count; i++) {
		uint64_t size = file_at(finder, is_new, i)->size_bytes;
		bool is_large = size > finder->left.file_bytes_max;

		finder->ends[is_new][i].is_out = !size || is_large;
		if (is_large && others >= size / SIMILAR_WHOLE * wanted_score(finder))
			finder->cut |= SIMILAR_CUT_SIZE;
	}
}

static int compare_pairs(const void *a, const void *b)
{
	const struct similar_pair *x = a, *y = b;

	return x->new_file < y->new_file ? -1 : x->new_file > y->new_file;
}

int similar_find(struct arena *arena, const struct similar_search *search, struct similar_answer *ret)
{
	struct finder finder = { .search = search, .arena = arena, .left = search->limits,
		.ends = { arena_alloc_array(arena, search->old_count, sizeof(*finder.ends[0])),
			arena_alloc_array(arena, search->new_count, sizeof(*finder.ends[1])) } };
	size_t most = MIN(search->old_count, search->new_count);
	int r;

	assert(search->percent >= 1 && search->percent <= 100);
	*ret = (struct similar_answer){ 0 };
	/* Where nothing can be found, nothing was left out; and the same are found by their digests. */
	if (!most || search->percent == 100)
		return 0;
	finder.pairs = arena_alloc_array(arena, most, sizeof(*finder.pairs));
	if (!finder.ends[0] || !finder.ends[1] || !finder.pairs)
		return -EMSGSIZE;
	leave_out(&finder, false);
	leave_out(&finder, true);
	r = find_by_name(&finder);
	if (r >= 0)
		r = find_among_all(&finder);
	if (r == -E2BIG)
		finder.cut |= SIMILAR_CUT_WORK;
	else if (r < 0)
		return r;
	qsort(finder.pairs, finder.count, sizeof(*finder.pairs), compare_pairs);
	*ret = (struct similar_answer){ finder.pairs, finder.count, finder.cut };
	return 0;
}
