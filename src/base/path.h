/* SPDX-License-Identifier: Apache-2.0 */
/*
 * path.h - paths as text: no file system is ever asked
 *
 * A *clean* path is absolute or relative, has no empty, "." or ".." component and no trailing slash ("/" and
 * "." stand for themselves). Everything that cordon stores is clean; path_clean() makes it so. What the
 * kernel does with links is kern's concern (openat2 beneath).
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

enum {
	PATH_TEXT_MAX = 4096,
};

/** path_is_clean() - whether @path is in the clean form, and shorter than PATH_TEXT_MAX */
bool path_is_clean(struct str path);

/**
 * path_clean() - resolve ".", ".." and empty components lexically
 * @arena: owns the result
 * @base:  absolute clean path that a relative @path starts from; unused for an absolute one
 * @path:  what a person wrote
 *
 * ".." at the root stays at the root, as in the kernel.
 *
 * Return: an absolute clean path, or NULL when too long, when @path holds a NUL, or when the arena is full.
 */
const char *path_clean(struct arena *arena, const char *base, struct str path);

/**
 * path_is_beneath() - whether a path is a directory or lies below it
 * @path: clean
 * @dir:  clean; "." has every relative path below it
 *
 * Return: true when it does.
 */
bool path_is_beneath(struct str path, struct str dir);

/**
 * path_relative() - what remains of @path below @dir
 * @path: clean, beneath @dir
 * @dir:  clean
 *
 * Return: a clean relative path, "." when they are equal; points into @path.
 */
const char *path_relative(const char *path, const char *dir);

/** path_name() - the last component; points into @path */
const char *path_name(const char *path);

/**
 * path_parent() - everything before the last component: "." or "/" where there is none; empty for "/" and "."
 */
struct str path_parent(struct str path);

/**
 * path_next() - walk a clean relative path component by component
 * @rest: what is left; shortened by one component
 * @ret:  the component
 *
 * Return: false when nothing is left.
 */
bool path_next(struct str *rest, struct str *ret);
