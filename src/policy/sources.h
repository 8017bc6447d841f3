/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.h - from files, directories and bundles to the modules and data of one layer
 *
 *	struct policy_sources sources;
 *
 *	policy_sources_begin(&sources, &arena, &options);
 *	policy_sources_add_shipped(&sources, names, count, err);
 *	policy_sources_add(&sources, "~/.config/cordon/policy", err);	(paths are absolute, or below here)
 *	policy_sources_end(&sources, &layer, err);
 *
 * What is named is read as `opa` reads it: a file by the end of its name, a directory with everything below
 * it. A module is .rego, data is .json, .yaml or .yml. The data of a file in a directory stands below `data`
 * at the path of the directories that lead to it; all of it is merged (policy/data.h).
 *
 * What ends in .tar.gz, and a directory with a file .manifest, is a bundle: there, data is only what is in
 * files data.json, data.yaml and data.yml, and all that the bundle defines lies below its roots
 * (policy/manifest.h), which no other bundle's overlap.
 *
 * What is named may be a link; links below a named directory are not followed, since they could lead
 * anywhere: they are left out, and a note says so. Files, bytes and depth are bounded. Everything that is
 * read lives in the arena. After a failure the sources are good for nothing.
 */
#pragma once

#include "policy/data.h"
#include "policy/set.h"
#include "policy/signature.h"

enum {
	POLICY_MODULE_BYTES_MAX = 16 << 20,
	POLICY_SOURCE_DEPTH_MAX = 64,	/* directories within each other */
	POLICY_SOURCE_FILES_MAX = 100000,
};

/* Whose word a file is; somebody else's is refused. */
enum policy_writer {
	POLICY_WRITER_ROOT,		/* root's, and nobody else may write it */
	POLICY_WRITER_USER,		/* the user's or root's, and not everybody may write it */
	POLICY_WRITER_ANYBODY,
};

enum policy_source_flags {
	POLICY_SOURCE_WITH_TESTS = 1 << 0,	/* modules that end in _test.rego, too */
	POLICY_SOURCE_NO_DATA = 1 << 1,
	/* modules stay in the order in which they were named; each may come twice */
	POLICY_SOURCE_IN_ORDER = 1 << 2,
	POLICY_SOURCE_NO_BUNDLE_DIRS = 1 << 3,	/* a directory is none because it has a .manifest */
	/*
	 * only files of data, which are kept as they are: documents[] has them by the names that lead to them
	 * below what was named, without the ending: "kubernetes/pod", and "" for a file that was named itself
	 */
	POLICY_SOURCE_SCHEMAS = 1 << 4,
};

struct policy_source_options {
	unsigned flags;			/* enum policy_source_flags */
	enum policy_writer writer;
	size_t files_max;		/* 0: POLICY_MODULES_MAX */
	size_t bytes_max;		/* 0: POLICY_SET_BYTES_MAX; of all texts together */
	/* of bundles; NULL: all zero. What is required of them is required of all but shipped modules. */
	const struct policy_verification *verification;
	/* whether a name in a directory is passed by, with all that is below it; may be NULL */
	bool (*is_ignored)(void *context, const char *name);
	/* told what was left out; may be NULL */
	void (*note)(void *context, const char *text);
	void *context;
};

/* A place below data that a bundle has for itself. */
struct policy_source_root {
	const char *root;
	const char *bundle;		/* as messages show it */
};

/* Being read; nobody but sources*.c writes it, and documents[] of schemas are for everybody. */
struct policy_sources {
	struct arena *arena;
	struct policy_source_options options;
	struct policy_module *modules;
	size_t count, room;
	struct policy_document *documents;
	size_t document_count, document_room;
	size_t bytes;
	struct policy_source_root *roots;	/* of bundles */
	size_t root_count, root_room;
	const char *revision;		/* of the bundles, "7, 1.2"; NULL: none has one */
	/* of the last bundle that was verified, "" where it has none; NULL: none was */
	const char *verified;
};

/** policy_sources_begin() - nothing yet; @arena owns all that will be; @options is copied, NULL: all zero */
void policy_sources_begin(struct policy_sources *sources, struct arena *arena,
	const struct policy_source_options *options);

/**
 * policy_sources_add() - a file or a directory
 * @sources: begun
 * @path:    as messages show it; relative ones are below the working directory
 * @err:     which file, what and why
 *
 * Errors: -EPERM somebody else could have written it, or a signature is wanted and it has none; -EINVAL no
 * file of policy or data; -EBADMSG data that is none; -EMSGSIZE over a limit; -ELOOP directories too deep;
 * others from the kernel.
 * Return: 0 or negative errno.
 */
int policy_sources_add(struct policy_sources *sources, const char *path, struct error *err);

/**
 * policy_sources_add_at() - the same, with data at a place of its own
 * @sources: begun
 * @place:   below data, "users.admins"; no word of it is empty
 * @path:    as messages show it
 * @err:     which file, what and why
 *
 * Modules say themselves where they stand.
 *
 * Errors: as policy_sources_add(); -EINVAL a bundle, whose roots are its own; -ELOOP too many words.
 * Return: 0 or negative errno.
 */
int policy_sources_add_at(struct policy_sources *sources, const char *place, const char *path,
	struct error *err);

/**
 * policy_sources_add_bundle() - a file or a directory that is a bundle, whatever its name is
 * @sources: begun
 * @path:    as messages show it
 * @err:     what is wrong with it
 *
 * Errors: as policy_sources_add(); -EBADMSG it is damaged, or defines what it may not; -EEXIST its roots
 * overlap with those of another bundle; -EOPNOTSUPP this build reads no archives.
 * Return: 0 or negative errno.
 */
int policy_sources_add_bundle(struct policy_sources *sources, const char *path, struct error *err);

/**
 * policy_sources_read_entries() - the files of a bundle, of which nothing is believed or added yet
 * @sources: begun; its arena owns them
 * @path:    an archive or a directory
 * @ret:     sorted by their names
 * @err:     what is wrong with it
 *
 * Errors: as policy_sources_add_bundle().
 * Return: 0 or negative errno.
 */
int policy_sources_read_entries(struct policy_sources *sources, const char *path, struct policy_entries *ret,
	struct error *err);

/**
 * policy_sources_add_entries() - files in memory as a bundle
 * @sources: begun
 * @path:    as messages show it
 * @entries: sorted by their names; they live as long as the arena
 * @err:     what is wrong with it
 *
 * Errors: as policy_sources_add_bundle().
 * Return: 0 or negative errno.
 */
int policy_sources_add_entries(struct policy_sources *sources, const char *path,
	const struct policy_entries *entries, struct error *err);

/**
 * policy_sources_add_beneath() - the same, below a directory that is not trusted
 * @sources: begun
 * @dirfd:   open; nothing outside of it is reached, and no link is followed
 * @path:    relative
 * @err:     which file, what and why
 *
 * Errors: as policy_sources_add(); -ELOOP, -EXDEV the way to it has a link, or leads out.
 * Return: 0 or negative errno.
 */
int policy_sources_add_beneath(struct policy_sources *sources, int dirfd, const char *path,
	struct error *err);

/**
 * policy_sources_add_shipped() - modules that came with cordon, without their texts (policy/shipped.h)
 * @sources: begun
 * @names:   "deletions"; what messages call "shipped:deletions.rego"
 * @count:   of them; 0 for no more than the helpers below lib/, which are always there
 * @err:     a name that there is not, with the nearest that there is
 *
 * Errors: -ENOENT no such module; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_sources_add_shipped(struct policy_sources *sources, const char *const *names, size_t count,
	struct error *err);

/**
 * policy_sources_add_value() - data that is no file's: parameters
 * @sources: begun
 * @name:    for messages
 * @value:   an object, merged with the others
 * @err:     too much of it
 *
 * Return: 0 or -EMSGSIZE.
 */
int policy_sources_add_value(struct policy_sources *sources, const char *name, const struct json *value,
	struct error *err);

/**
 * policy_sources_end() - all of it as a layer
 * @sources: nothing can be added any more
 * @ret:     the layer; what it refers to lives in the arena
 * @err:     which two files do not go together
 *
 * Errors: -EEXIST two values for one place of data, or two modules of one name; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_sources_end(struct policy_sources *sources, struct policy_layer *ret, struct error *err);
