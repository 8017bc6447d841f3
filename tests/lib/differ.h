/* SPDX-License-Identifier: Apache-2.0 */
/*
 * differ.h - cordon-differ on a branch of a test, as a process of its own
 */
#pragma once

#include "lib/branch.h"
#include "overlay/differ.h"

struct differ_shown {
	char *out, *err;		/* NUL-terminated */
	size_t out_len;
	int status;			/* 128 + N where signal N ended it */
};

/** differ_show() - what the differ of this build makes of a branch; freed by differ_shown_free() */
struct differ_shown differ_show(const struct branch *branch, const struct differ_request *request);
void differ_shown_free(struct differ_shown *shown);

/** differ_request_of() - a request with the usual context and width; the changeset is for the caller */
struct differ_request differ_request_of(enum differ_format format);
