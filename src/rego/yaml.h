/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.h - a YAML document as a value
 *
 * The first document of a text, read by libyaml's parser and given the meaning that Go's yaml.v3 gives it:
 * plain scalars are null, booleans, numbers or strings; keys are strings, whatever they look like. What JSON
 * cannot say (.inf, .nan, keys that are lists) is refused, and so are merge keys. Aliases share the value of
 * their anchor, and count as often as they stand there, so a small text cannot stand for a huge document.
 *
 * Source: YAML 1.2, chapter 10.3 (core schema); gopkg.in/yaml.v3, resolve.go
 */
#pragma once

#include "json/json.h"

enum {
	REGO_YAML_NODES_MAX = 1 << 20,	/* of one document, aliases counted as what they stand for */
	REGO_YAML_ANCHORS_MAX = 256,
};

struct rego_yaml_error {
	uint32_t line;			/* from 1, or 0 where no line is to blame */
	char text[160];			/* "yaml: line 3: did not find expected key" */
};

/**
 * rego_yaml_read() - read one document
 * @arena: owns the value
 * @text:  the whole text
 * @ret:   the value, with positions; null where the text has no document
 * @err:   what is wrong
 *
 * libyaml takes its own memory from the heap meanwhile, in proportion to the text.
 *
 * Errors: -EBADMSG no YAML, or more than can be had; -EMSGSIZE the arena is full.
 * Return: 0 or negative errno.
 */
int rego_yaml_read(struct arena *arena, struct str text, const struct json **ret,
	struct rego_yaml_error *err);

/**
 * rego_yaml_scalar() - what a plain scalar means
 * @arena: owns the value
 * @text:  without quotes
 *
 * Return: the value; NULL where the arena is full or JSON has no such number (.inf, .nan).
 */
const struct json *rego_yaml_scalar(struct arena *arena, struct str text);

/** rego_yaml_is_no_json() - whether a plain scalar is a number that JSON does not have */
bool rego_yaml_is_no_json(struct str text);
