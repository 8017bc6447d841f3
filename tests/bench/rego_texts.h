/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rego_texts.h - policies that are measured, and too long to be kept in a file
 */
#pragma once

#include "base/buf.h"

/**
 * rego_text_module() - a module of the package app.m<number>, of about @lines lines, such as people write
 * them
 */
void rego_text_module(struct buf *buf, unsigned number, unsigned lines);

/** rego_text_list() - app.list.deny and app.list.allow: @count rules each, of which an input meets one */
void rego_text_list(struct buf *buf, unsigned count);
