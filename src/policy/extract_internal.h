/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extract_internal.h - between the readers of one syntax each
 */
#pragma once

#include "base/buf.h"
#include "policy/extract.h"

/** floor_cut() - back to a shorter length, which a buffer of a path had before */
static inline void floor_cut(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len = len;
	if (buf->data)
		buf->data[len] = '\0';
}

/** floor_extract_git_config() - and so on: floor_extract() for one syntax each; Return: as there */
int floor_extract_git_config(struct str text, struct floor_keys *keys);
int floor_extract_toml(struct str text, struct floor_keys *keys);
int floor_extract_ini(struct str text, struct floor_keys *keys);
int floor_extract_cfg(struct str text, struct floor_keys *keys);
int floor_extract_lines(struct str text, struct floor_keys *keys);
int floor_extract_env(struct str text, struct floor_keys *keys);
int floor_extract_attributes(struct str text, struct floor_keys *keys);
int floor_extract_todo(struct str text, struct floor_keys *keys);
int floor_extract_index(struct str text, struct floor_keys *keys);
