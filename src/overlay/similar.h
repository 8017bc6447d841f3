/* SPDX-License-Identifier: Apache-2.0 */
/*
 * similar.h - which of the files that came are files that went, under another name and somewhat edited
 *
 * Two files are as similar as the part of the larger one that both have in common. What they have in common
 * is found without comparing them line by line: each is cut into pieces (a line, or 64 bytes of a longer
 * one), each piece is hashed, and what counts is how many bytes are in pieces of the same hash, wherever they
 * stand. It is the idea that git describes for its -M, and the same files come out as renamed with the same
 * similarity; the code is ours. libgit2 has it too (git_diff_find_similar), but over trees and indexes of a
 * repository that it opens itself, and the base is none: what the differ knows are two buffers at a time, and
 * a library that must be left out of small builds is no place for what --name-status says.
 *
 * Order of the search, as in git: first files that kept their last component, where it is the only one of its
 * name on both sides and they are more alike than usual; then each with each, best first. A file is at one
 * end of one rename only. Equal marks are settled by the order of the files, so the answer depends on nothing
 * but the question.
 *
 * The files are an agent's, so the work is bounded in each direction (struct similar_limits), by counts and
 * never by time. What a limit kept from being compared is said, not hidden.
 *
 * Source: gitdiffcore(7), "diffcore-rename: for detecting renames and copies"; git-diff(1), -M and -l
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum {
	SIMILAR_WHOLE = 10000,		/* the score of files that are the same */
	SIMILAR_PIECE_BYTES = 64,
	SIMILAR_PERCENT_DEFAULT = 50,
};

/* One hash, and how many bytes of a file are in pieces of it. */
struct similar_piece {
	uint64_t hash, bytes;
};

struct similar_print {
	const struct similar_piece *pieces;	/* sorted by hash, each once */
	size_t count;
	size_t cut_count;		/* pieces that the file was cut into: what making the print cost */
	uint64_t bytes;			/* of the file */
};

/* A file at one end. */
struct similar_file {
	unsigned root;			/* only files of one root can be a rename */
	struct str path;		/* NUL-terminated */
	uint64_t size_bytes;
};

/* What a search may cost. */
struct similar_limits {
	uint64_t pairs_max;		/* old files times new ones, when each is compared with each */
	uint64_t file_bytes_max;	/* larger files are not compared */
	uint64_t bytes_max;		/* that are read */
	size_t files_max;		/* that are read */
	size_t pieces_max;		/* of all files that were read */
	uint64_t steps_max;		/* pieces looked at while files are compared */
};

/* What was not compared because of a limit. */
enum similar_cut {
	SIMILAR_CUT_PAIRS = 1 << 0,	/* too many files: only those that kept their name were compared */
	SIMILAR_CUT_WORK = 1 << 1,	/* too much content: the search ended early */
	SIMILAR_CUT_SIZE = 1 << 2,	/* single files were too large */
};

struct similar_pair {
	size_t old_file, new_file;	/* indexes */
	unsigned score;			/* of SIMILAR_WHOLE */
};

struct similar_search {
	const struct similar_file *old_files, *new_files;
	size_t old_count, new_count;
	unsigned percent;		/* at least so similar, 1..100 */
	struct similar_limits limits;
	/*
	 * Reads a file; @ret stays good until the next call. Return: 1 it is read, 0 it cannot be and is left
	 * out, or negative errno, which ends the search.
	 */
	int (*read)(void *context, bool is_new, size_t index, struct str *ret);
	void *context;
};

struct similar_answer {
	const struct similar_pair *pairs;	/* sorted by new_file */
	size_t count;
	unsigned cut;			/* enum similar_cut */
};

/** similar_limits_default() - what a person waits for: a second, more or less, and 100 MiB of memory */
struct similar_limits similar_limits_default(void);

/**
 * similar_print_make() - the pieces of a file
 * @arena: owns them
 * @text:  the file; the CR of a CR LF does not count unless there is a NUL in its first 8000 bytes
 * @max:   most pieces
 * @ret:   the print
 *
 * Errors: -E2BIG more than @max pieces; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int similar_print_make(struct arena *arena, struct str text, size_t max, struct similar_print *ret);

/** similar_score() - how much two files have in common; Return: 0..SIMILAR_WHOLE, 0 for an empty one */
unsigned similar_score(const struct similar_print *a, const struct similar_print *b);

/**
 * similar_find() - pair them
 * @arena:  owns the answer
 * @search: the files, and what it may cost
 * @ret:    the pairs
 *
 * Empty files are similar to nothing. At 100 percent there is nothing to search: files that are the same are
 * found by their digests (diff_settle.c).
 *
 * Errors: as search->read; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int similar_find(struct arena *arena, const struct similar_search *search, struct similar_answer *ret);
