/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_write.h - values as YAML
 */
#pragma once

#include "rego/builtin.h"

/**
 * rego_yaml_write() - the text of a value in block style, with a newline at its end
 * @call:     whose arena and budget are used
 * @document: the value, without sets and with texts for keys (json_to_document())
 * @ret:      in the arena
 *
 * Source: gopkg.in/yaml.v2, encode.go and emitterc.go (which style a scalar has)
 * Return: false where the evaluation is over.
 */
bool rego_yaml_write(struct rego_call *call, const struct json *document, struct str *ret);
