/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources_internal.h - what the readers of files, shipped modules and bundles share
 */
#pragma once

#include "policy/sources.h"
#include "policy/unpack.h"

#include <sys/stat.h>

/* Where something is, seen from what was named. */
struct policy_place {
	/* NULL: this is what was named, or the first word of its place */
	const struct policy_place *outer;
	const char *key;			/* its name; NULL for what was named */
	const char *path;			/* as messages show it */
	unsigned depth;
};

/** policy_sources_say_full() - set @err; Return: -EMSGSIZE */
int policy_sources_say_full(struct error *err);

/** policy_sources_note() - tell who wants to know what was left out */
void policy_sources_note(const struct policy_sources *sources, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** policy_sources_count() - one file more, of @len bytes; Return: 0 or -EMSGSIZE with a sentence */
int policy_sources_count(struct policy_sources *sources, size_t len, struct error *err);

/** policy_sources_take_module() - keep a module, its texts of the arena's; Return: 0 or -EMSGSIZE */
int policy_sources_take_module(struct policy_sources *sources, const struct policy_module *module,
	struct error *err);

/**
 * policy_sources_take_data() - keep a document
 * @sources: begun
 * @place:   of the file: the names of the directories around it lead to its data
 * @text:    JSON or YAML
 * @err:     what is wrong with it
 *
 * Return: 0, -EBADMSG or -EMSGSIZE.
 */
int policy_sources_take_data(struct policy_sources *sources, const struct policy_place *place,
	struct str text, struct error *err);

/**
 * policy_sources_list() - the names in a directory
 * @sources:   whose arena owns them
 * @dirfd:     open for reading
 * @path:      of it, for messages
 * @ret:       array of *@ret_count, UTF-8, in order
 * @ret_count: how many
 * @err:       what is wrong
 *
 * Return: 0 or negative errno.
 */
int policy_sources_list(struct policy_sources *sources, int dirfd, const char *path,
	const char *const **ret, size_t *ret_count, struct error *err);

/**
 * policy_sources_read_fd() - the content of an open file
 * @sources: whose arena owns it
 * @fd:      open for reading
 * @path:    of it, for messages
 * @limit:   bytes
 * @ret:     the content
 * @err:     what is wrong
 *
 * Return: 0 or negative errno.
 */
int policy_sources_read_fd(struct policy_sources *sources, int fd, const char *path, size_t limit,
	struct str *ret, struct error *err);

/** policy_sources_check_writer() - whether whoever may write it is believed; Return: 0 or -EPERM */
int policy_sources_check_writer(const struct policy_sources *sources, const char *path, const struct stat *st,
	struct error *err);

/** policy_sources_read_bundle() - an open archive or directory as a bundle; Return: 0 or negative errno */
int policy_sources_read_bundle(struct policy_sources *sources, int fd, const char *path, struct error *err);

/**
 * policy_sources_take_bundle() - a bundle of which everything is in memory
 * @sources: begun
 * @path:    as messages show it
 * @entries: its files, sorted
 * @err:     what is wrong with it, without its name
 *
 * Return: 0 or negative errno.
 */
int policy_sources_take_bundle(struct policy_sources *sources, const char *path,
	const struct policy_entries *entries, struct error *err);

/** policy_sources_cannot_open() - set @err; Return: @code */
int policy_sources_cannot_open(const char *path, int code, struct error *err);
