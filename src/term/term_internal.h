/* SPDX-License-Identifier: Apache-2.0 */
/*
 * term_internal.h - what the files of the folder share
 */
#pragma once

#include "term/filter.h"

/* The output of one call, or none. Sequences go out whole: they are built here first. */
struct term_output {
	struct buf *buf;		/* NULL: only looked at */
	int error;
};

/** term_emit() - add to the output; remembers the first failure */
void term_emit(struct term_output *out, const char *data, size_t len);

/** term_count() - something was taken out */
void term_count(struct term_filter *filter, enum term_kind kind);

/**
 * term_step() - read the beginning of a text
 * @filter: changed
 * @out:    gets what may be shown
 * @text:   not empty
 *
 * Plain text is read as far as it goes, anything else byte by byte.
 *
 * Return: how many bytes were read, at least one; where it was more, all of them are text.
 */
size_t term_step(struct term_filter *filter, struct term_output *out, struct str text);

/** term_scan_plain() - how many bytes at the start of @text can go out as they are */
size_t term_scan_plain(struct str text);

/** term_sequence_begin() - forget the last sequence */
void term_sequence_begin(struct term_filter *filter);

/** term_escape_end() - the final byte of ESC came */
void term_escape_end(struct term_filter *filter, struct term_output *out, char final);

/** term_csi_end() - the final byte of CSI came */
void term_csi_end(struct term_filter *filter, struct term_output *out, char final);

/** term_csi_byte() - a parameter, separator, prefix or intermediate of CSI came */
void term_csi_byte(struct term_filter *filter, char byte);

/** term_command_end() - the whole of an OSC came */
void term_command_end(struct term_filter *filter, struct term_output *out);

/** term_track_values() - a kept sequence with its parameters changes state and cursor */
void term_track_values(struct term_filter *filter, const struct term_sequence *row);
