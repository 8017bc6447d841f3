/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unpack.h - a .tar.gz as names and contents, in memory
 *
 * Whoever made the archive is not trusted: how much it becomes, how many names it has and how long they are
 * is bounded before memory is taken for it. Only regular files and directories with clean relative names may
 * be in it; one slash in front (OPA writes them so) or "./" is taken off. Links, devices, sparse files and a
 * name that comes twice are refused, and so is all of the archive with them. Nothing is written anywhere.
 *
 * libarchive reads the format (unpack_archive.c); a build without it says so (unpack_none.c).
 *
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; RFC 1952
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum {
	POLICY_ENTRIES_MAX = 16384,	/* files and directories of one archive */
	POLICY_ENTRY_NAME_MAX = 1024,	/* bytes */
};

/* A file of an archive or a directory. */
struct policy_entry {
	const char *name;		/* clean and relative, UTF-8 */
	struct str content;
};

struct policy_entries {
	struct policy_entry *items;	/* in order of their names */
	size_t count, room;
	size_t bytes, bytes_max;	/* of all contents together */
};

/** policy_unpack_is_supported() - whether this build reads archives */
bool policy_unpack_is_supported(void);

/**
 * policy_unpack() - read an archive
 * @arena:   owns names and contents
 * @archive: gzip's magic number, and so on; borrowed
 * @entries: bytes_max is set, everything else zero; gets the regular files
 * @err:     which entry, and what is wrong with it
 *
 * Errors: -EBADMSG it is damaged, or no such archive, or holds what it may not hold; -EMSGSIZE over a limit;
 * -EOPNOTSUPP this build reads none.
 * Return: 0 or negative errno.
 */
int policy_unpack(struct arena *arena, struct str archive, struct policy_entries *entries, struct error *err);

/**
 * policy_entry_name() - the clean form of a name in an archive
 * @arena: owns it
 * @name:  as it stands there
 * @err:   what is wrong with it
 *
 * Return: it, "." for the directory itself, or NULL where it is none that may be there.
 */
const char *policy_entry_name(struct arena *arena, struct str name, struct error *err);

/** policy_entries_add() - one file more, nothing copied; Return: 0, -EMSGSIZE, or -EBADMSG its name is "." */
int policy_entries_add(struct arena *arena, struct policy_entries *entries, const char *name,
	struct str content, struct error *err);

/** policy_entries_sort() - put them in order; Return: 0, or -EBADMSG: a name comes twice */
int policy_entries_sort(struct policy_entries *entries, struct error *err);

/** policy_entries_find() - of sorted ones; Return: the entry, or NULL */
const struct policy_entry *policy_entries_find(const struct policy_entries *entries, const char *name);
