/* SPDX-License-Identifier: Apache-2.0 */
/*
 * workspace.h - which directory a person means when they type `cordon` somewhere
 *
 * The nearest directory at or above the current one that holds a `.git` or one of cordon's project files;
 * without any, the current directory itself. "/" is never a workspace.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

/**
 * run_current_dir() - the current directory, as the kernel has it
 * @arena: owns the path
 * @err:   what failed
 *
 * Return: absolute, clean, without links; or NULL.
 */
const char *run_current_dir(struct arena *arena, struct error *err);

/**
 * run_find_workspace() - the workspace for a command
 * @arena:  owns the path
 * @wanted: what the user said (`--workspace`), or NULL
 * @err:    what failed
 *
 * Return: absolute, clean, without links; or NULL.
 */
const char *run_find_workspace(struct arena *arena, const char *wanted, struct error *err);

/**
 * run_real_path() - where @path really is, every link resolved by the kernel, once; Return: 0 or negative
 * errno
 */
int run_real_path(struct arena *arena, const char *path, const char **ret);
