/* SPDX-License-Identifier: Apache-2.0 */
/*
 * manifest.h - what a bundle says of itself, and what it may define
 *
 * The file .manifest of a bundle. Its roots are the places below `data` that the bundle has for itself: all
 * of its packages and data lie there, and no other bundle's roots do. A bundle without roots has all of
 * `data`.
 *
 * Source: Open Policy Agent, documentation, "Bundles", section "Bundle File Format"
 */
#pragma once

#include "json/json.h"

enum {
	POLICY_ROOTS_MAX = 1024,
	POLICY_REVISION_MAX = 256,	/* bytes */
};

struct policy_manifest {
	const char *revision;		/* "" where it has none */
	const char *const *roots;	/* at least one; "a/b", "" is all of data */
	size_t root_count;
	const struct json *metadata;	/* an object, or NULL */
};

/**
 * policy_manifest_read() - strictly: a member that nobody knows is a mistake
 * @arena: owns the result
 * @text:  JSON; empty (data is NULL): there is none
 * @ret:   the manifest
 * @err:   which member
 *
 * Modules of other languages (wasm) and version 0 of Rego are refused.
 *
 * Errors: -EBADMSG no such document; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int policy_manifest_read(struct arena *arena, struct str text, struct policy_manifest *ret,
	struct error *err);

/** policy_root_has() - whether @path ("a/b/c") is @root or lies below it */
bool policy_root_has(const char *root, const char *path);

/** policy_roots_overlap() - whether one of the two lies in the other */
bool policy_roots_overlap(const char *a, const char *b);

/**
 * policy_manifest_check_data() - whether all of @data lies below the roots
 * @manifest: read
 * @data:     an object
 * @err:      the place that does not
 *
 * Return: 0, or -EBADMSG.
 */
int policy_manifest_check_data(const struct policy_manifest *manifest, const struct json *data,
	struct error *err);
