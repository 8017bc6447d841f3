/* SPDX-License-Identifier: Apache-2.0 */
/*
 * magic.h - what kind of file a few first bytes say it is
 *
 * For people who look at a change that has no lines: nothing is decided by it. Pictures are told with their
 * width and height.
 *
 * Source: PNG (ISO/IEC 15948) 11.2.2; GIF89a 17 and 18; JPEG (ITU-T T.81) B.1.1.3; WebP (RFC 9649) 2.5 to 2.7
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

struct magic {
	const char *name;		/* "PNG image", "ELF file", ...; NULL: not known */
	uint32_t width, height;		/* of a picture; 0: not known */
};

/** magic_of() - @content: the file, or its beginning; Return: what it says it is */
struct magic magic_of(struct str content);
