/* SPDX-License-Identifier: Apache-2.0 */
/*
 * content.h - what the bytes of a file look like, told while they pass by
 *
 * Whoever reads a file for its digest shows the same bytes to this scanner, once and in pieces of any size;
 * what it says does not depend on where they were cut. It keeps no bytes but the first few hundred, takes no
 * memory, and its work is bounded: all that is said of every byte costs about as much as hashing it does.
 *
 * What is told is what a person or a policy wants to know of a new file and cannot see from its name: which
 * kind of file it is by its first bytes, whether it is packed or encrypted (entropy), generated or minified
 * (one endless line), and whether text is in it that reads otherwise than it runs (Trojan Source).
 *
 * The format of a file is a guess by design: who wants to can write a file that is two things at once. So
 * nothing that is found in text is passed over because the file looks like something else: bidirectional
 * controls are found in every file.
 */
#pragma once

#include "base/str.h"

enum content_type {
	CONTENT_UNKNOWN,		/* nobody looked */
	CONTENT_EMPTY,
	CONTENT_TEXT,			/* none of the others, and no NUL in the first CONTENT_TEXT_BYTES */
	CONTENT_DATA,			/* none of the others */
	CONTENT_SCRIPT,			/* "#!" */
	CONTENT_ELF,
	CONTENT_PE,
	CONTENT_MACH_O,
	CONTENT_WASM,
	CONTENT_CLASS,
	CONTENT_JAR,			/* a ZIP whose first entry lies in META-INF */
	CONTENT_PYC,
	CONTENT_ZIP,
	CONTENT_GZIP,
	CONTENT_BZIP2,
	CONTENT_XZ,
	CONTENT_ZSTD,
	CONTENT_7Z,
	CONTENT_TAR,
	CONTENT_AR,
	CONTENT_PDF,
	CONTENT_PNG,
	CONTENT_JPEG,
	CONTENT_GIF,
	CONTENT_WEBP,
	CONTENT_SQLITE,
	CONTENT_TYPES,
};

enum {
	CONTENT_HEAD_BYTES = 512,	/* that tell the type */
	CONTENT_ENTROPY_MIN_BYTES = 1024,	/* fewer tell little of what the next ones would be */
	CONTENT_TEXT_BYTES = 8000,	/* where a NUL means that it is no text, as in git */
	/*
	 * from the beginning, that the entropy is of; where the first CONTENT_ENTROPY_MIN_BYTES are ASCII
	 * without a NUL, these alone
	 */
	CONTENT_ENTROPY_BYTES = 1 << 16,
	CONTENT_ENTROPY_MAX = 800,	/* hundredths of a bit for each byte */
};

/* All zero: nobody looked. */
struct content {
	enum content_type type;
	uint16_t entropy;		/* 0..CONTENT_ENTROPY_MAX; 0 of less than CONTENT_ENTROPY_MIN_BYTES */
	bool has_bidi;			/* U+202A..U+202E or U+2066..U+2069, in whatever kind of file */
	/*
	 * The next two are said of what has no NUL in its first CONTENT_TEXT_BYTES, and false otherwise:
	 * other characters that leave no ink (utf8_is_deceptive(), without controls; not a byte-order mark in
	 * front), and whether all of it is UTF-8.
	 */
	bool has_invisible;
	bool is_utf8;
	/* what has a NUL in its first CONTENT_TEXT_BYTES is one line */
	uint64_t lines;			/* also one that does not end */
	uint64_t longest_line;		/* bytes, without the newline */
};

struct content_scan {
	uint64_t done;			/* bytes so far */
	uint64_t line_start;		/* offset of the line that goes on */
	struct content content;
	bool is_binary, is_broken;	/* a NUL came early; bytes that are no UTF-8 */
	bool is_told_by_head;		/* the entropy: the head is ASCII text */
	size_t carry_len;		/* of a character that was cut in two */
	char carry[4];
	/* from here on written as bytes come, and not before */
	char head[CONTENT_ENTROPY_MIN_BYTES];
	uint32_t counts[2][256];	/* of the first CONTENT_ENTROPY_BYTES, once there are enough */
};

/** content_type_name() - "empty", "text", "mach-o", ...; "unknown" for CONTENT_UNKNOWN */
const char *content_type_name(enum content_type type);

/** content_type_from_name() - the other way; Return: 0 or -EINVAL, also for "unknown" */
int content_type_from_name(const char *name, enum content_type *ret);

/** content_begin() - a new file */
void content_begin(struct content_scan *scan);

/** content_feed() - its next bytes */
void content_feed(struct content_scan *scan, const void *data, size_t len);

/** content_end() - that was all; Return: what it looks like */
struct content content_end(struct content_scan *scan);

/** content_of() - all at once; Return: what it looks like */
struct content content_of(struct str bytes);

/** content_is_valid() - whether content_end() could have said this of a file of @size bytes */
bool content_is_valid(const struct content *content, uint64_t size);
