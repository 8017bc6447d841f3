/* SPDX-License-Identifier: Apache-2.0 */
/*
 * preset.h - a list of hosts under a name: what a service needs, or where packages come from on this host
 *
 * One file per preset: data/presets/NAME.jsonc, installed beside the profiles, or the user's own in
 * $XDG_CONFIG_HOME/cordon/presets/, which wins. docs/formats/preset.md has the form. A file holds entries of
 * its own, the names of others that it includes, and the names of tools (preset/tool.h) that are asked for
 * theirs. No file can say what is run: the table of tools is cordon's.
 */
#pragma once

#include "config/form.h"
#include "config/load.h"

enum {
	PRESET_FILE_MAX = 64 << 10,		/* bytes */
	PRESETS_MAX = 256,			/* files, and what one of them includes */
};

struct preset {
	const char *name;
	const char *description;
	const char *path;			/* of the file */
	bool is_own;				/* the user's, not one that came with cordon */
	struct form_texts entries;		/* that allow, in their canonical form */
	struct form_texts suggested_by;		/* names of files in a project; "*" for any text */
	struct form_texts includes;
	struct form_texts tools;
	const struct json *includes_at;		/* where each stands in the file; NULL: it has none */
};

/**
 * preset_read() - a preset from a text
 * @arena: owns the preset
 * @text:  of the file; JSONC
 * @name:  of the preset, a well-formed one
 * @path:  of the file, for errors and for the preset
 * @ret:   the preset
 * @err:   says what is wrong, and where
 *
 * Errors: -EBADMSG not JSON; -EINVAL a member is unknown, missing, or not what it has to be; -EMSGSIZE the
 * arena's limit.
 * Return: 0 or negative errno.
 */
int preset_read(struct arena *arena, struct str text, const char *name, const char *path, struct preset *ret,
	struct error *err);

/**
 * preset_find() - the preset of a name
 * @arena:  owns the preset
 * @places: where to look
 * @name:   as somebody wrote it
 * @ret:    the preset
 * @err:    says what is wrong with its file, or what was probably meant
 *
 * Errors: -ENOENT there is none; -EPERM somebody else could have written the file; as preset_read().
 * Return: 0 or negative errno.
 */
int preset_find(struct arena *arena, const struct config_places *places, const char *name, struct preset *ret,
	struct error *err);

/**
 * preset_find_all() - a preset and all that it includes, each once
 * @arena:     owns the result
 * @places:    where to look
 * @name:      of the first
 * @ret:       array of *@ret_count, at most PRESETS_MAX
 * @ret_count: how many
 * @err:       the file and the place of an unknown name, or of one that leads in a circle
 *
 * Errors: as preset_find(); -EINVAL a name in a file is unknown; -ELOOP one includes itself.
 * Return: 0 or negative errno.
 */
int preset_find_all(struct arena *arena, const struct config_places *places, const char *name,
	const struct preset **ret, size_t *ret_count, struct error *err);

/**
 * preset_list() - every preset that there is
 * @arena:     owns the result
 * @places:    where to look
 * @ret:       names, sorted, each once
 * @ret_count: how many
 * @err:       says what failed
 *
 * Return: 0 or negative errno from the kernel.
 */
int preset_list(struct arena *arena, const struct config_places *places, const char *const **ret,
	size_t *ret_count, struct error *err);
