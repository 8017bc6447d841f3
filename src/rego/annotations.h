/* SPDX-License-Identifier: Apache-2.0 */
/*
 * annotations.h - # METADATA blocks: what is said about packages and rules, for people and programs
 *
 * A comment METADATA in front of a package or a rule, and the comments right below it, which are YAML:
 *
 *     # METADATA
 *     # title: Who may read
 *     # scope: document
 *     allow if ...
 *
 * What the language knows of (title, authors, ...) gets one form, whatever of several was written; `custom`
 * is left as it is, and everything else is left out.
 *
 * Source: OPA, v1/ast/annotations.go and docs/policy-language, "metadata"
 */
#pragma once

#include "rego/ast.h"

/**
 * rego_annotations_read() - the annotations of a module that was parsed
 * @module: gets annotations and their count
 * @arena:  owns them
 * @diags:  every block that is wrong
 *
 * Return: false where something is wrong, or the arena is full.
 */
bool rego_annotations_read(struct rego_module *module, struct arena *arena, struct rego_diags *diags);
