/* SPDX-License-Identifier: Apache-2.0 */
/*
 * screen.h - the review screen: what it shows, and what a key does
 *
 * Pure: keys go in, text for a terminal comes out (paint.c), and whoever owns the terminal reads and writes
 * (cli/screen.c). One hunk has the focus; decisions are about it or about its file. A file is read when it
 * comes into sight: screen_wants() says which.
 */
#pragma once

#include "base/buf.h"
#include "review/rows.h"

enum {
	SCREEN_SEARCH_MAX = 128,
	SCREEN_SIDE_BY_SIDE_FROM = 160,	/* columns */
	SCREEN_BYTES_MAX = 8 << 20,	/* of one picture */
};

/* Keys that are no character; characters are their code point. */
enum screen_key {
	KEY_NONE = 0,
	KEY_ENTER = '\r',
	KEY_ESCAPE = 27,
	KEY_BACKSPACE = 127,
	KEY_UP = 0x110000,		/* above every code point */
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_UNKNOWN,
};

enum screen_action {
	SCREEN_GO_ON,
	SCREEN_SEARCH_ON,		/* nothing found in what was read: more is wanted */
	SCREEN_SUSPEND,
	SCREEN_COMMIT,			/* what was taken */
	SCREEN_QUIT,			/* and commit nothing */
};

enum screen_mode {
	MODE_NORMAL,
	MODE_SEARCH,			/* a word is being typed */
	MODE_HELP,
	MODE_COMMIT,			/* asked whether to commit */
	MODE_QUIT,			/* asked whether to drop the decisions */
};

struct screen {
	struct review *review;		/* borrowed */
	const char *id;			/* of the session */
	struct review_rows rows;
	size_t height, width;		/* of the terminal */
	bool colour;
	bool wrap;
	int side_by_side;		/* 1 yes, 0 no, -1 as the width says */
	size_t top;			/* first row that is shown */
	size_t left;			/* columns scrolled away */
	size_t file, hunk;		/* that has the focus */
	enum screen_mode mode;
	char search[SCREEN_SEARCH_MAX];
	size_t search_len;
	bool search_is_back;		/* it was begun with '?' */
	bool search_back;		/* the way that it goes now */
	size_t search_from;		/* a file that was not read when a search came by */
	bool search_is_above;		/* and it stands above where the search began */
	size_t found;			/* row of what was found last */
	char message[256];		/* of ours, safe */
};

/**
 * screen_init() - begin with the first file
 * @screen: filled; ends with screen_fini()
 * @review: borrowed
 * @id:     of the session; borrowed
 * @colour: whether colours are wanted
 */
void screen_init(struct screen *screen, struct review *review, const char *id, bool colour);

/** screen_fini() - free the rows */
void screen_fini(struct screen *screen);

/** screen_resize() - the terminal has this size now; also lays everything out anew */
void screen_resize(struct screen *screen, size_t height, size_t width);

/** screen_refresh() - files were read: lay out anew, the same thing stays in sight */
void screen_refresh(struct screen *screen);

/** screen_wants() - a file in sight that was not read yet; Return: its index, or REVIEW_NONE_SUCH */
ssize_t screen_wants(const struct screen *screen);

/** screen_key() - what a key does; Return: what its caller has to do */
enum screen_action screen_key(struct screen *screen, uint32_t key);

/**
 * screen_search_on() - go on with a search, once screen->search_from was read
 * @screen: a search has just answered SCREEN_SEARCH_ON
 *
 * Return: SCREEN_GO_ON where it found something or there is no more, else SCREEN_SEARCH_ON.
 */
enum screen_action screen_search_on(struct screen *screen);

/**
 * screen_decode() - one key from what a terminal sent
 * @text:    not empty
 * @ret_key: the key; KEY_NONE: more bytes are needed to know it
 *
 * Source: ECMA-48; xterm control sequences
 * Return: how many bytes it took.
 */
size_t screen_decode(struct str text, uint32_t *ret_key);

/** screen_paint() - the whole picture, for a terminal that speaks ECMA-48 */
void screen_paint(const struct screen *screen, struct buf *ret);

/**
 * screen_paint_rows() - rows one below the other, for who only reads
 * @screen: with colours, or without any sequence at all
 * @first:  row
 * @end:    behind the last
 * @ret:    text is added
 */
void screen_paint_rows(const struct screen *screen, size_t first, size_t end, struct buf *ret);

/** screen_paint_hunk() - a file's header and one hunk in plain lines, for terminals that cannot do more */
void screen_paint_hunk(const struct screen *screen, size_t file, size_t hunk, struct buf *ret);

/** screen_help() - the keys and what they do, one a line; Return: NULL behind the last */
const char *screen_help(size_t line);
