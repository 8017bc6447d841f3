// SPDX-License-Identifier: Apache-2.0
/*
 * type.c - the kind of a file by its first bytes
 *
 * Only kinds that say what a file can do (be executed, be unpacked, be shown) and whose first bytes are
 * hardly an accident. Longer marks need no further proof; what begins with two bytes that any text could
 * begin with (PE, bzip2) is looked at more closely.
 */
#include "scan/content_internal.h"

#include <errno.h>

static const char *const names[CONTENT_TYPES] = {
	[CONTENT_UNKNOWN] = "unknown", [CONTENT_EMPTY] = "empty", [CONTENT_TEXT] = "text",
	[CONTENT_DATA] = "data", [CONTENT_SCRIPT] = "script", [CONTENT_ELF] = "elf", [CONTENT_PE] = "pe",
	[CONTENT_MACH_O] = "mach-o", [CONTENT_WASM] = "wasm", [CONTENT_CLASS] = "class",
	[CONTENT_JAR] = "jar", [CONTENT_PYC] = "pyc", [CONTENT_ZIP] = "zip", [CONTENT_GZIP] = "gzip",
	[CONTENT_BZIP2] = "bzip2", [CONTENT_XZ] = "xz", [CONTENT_ZSTD] = "zstd", [CONTENT_7Z] = "7z",
	[CONTENT_TAR] = "tar", [CONTENT_AR] = "ar", [CONTENT_PDF] = "pdf", [CONTENT_PNG] = "png",
	[CONTENT_JPEG] = "jpeg", [CONTENT_GIF] = "gif", [CONTENT_WEBP] = "webp", [CONTENT_SQLITE] = "sqlite",
};

const char *content_type_name(enum content_type type)
{
	return names[type];
}

int content_type_from_name(const char *name, enum content_type *ret)
{
	for (enum content_type i = CONTENT_EMPTY; name && i < CONTENT_TYPES; i++) {
		if (strcmp(names[i], name))
			continue;
		*ret = i;
		return 0;
	}
	return -EINVAL;
}

/* ---- marks ---- */

struct mark {
	enum content_type type;
	size_t at;
	struct str bytes;
};

static const struct mark marks[] = {
	{ CONTENT_SCRIPT, 0, { "#!", 2 } },
	{ CONTENT_ELF, 0, { "\177ELF", 4 } },
	{ CONTENT_WASM, 0, { "\0asm", 4 } },
	{ CONTENT_GZIP, 0, { "\037\213", 2 } },
	{ CONTENT_XZ, 0, { "\3757zXZ\0", 6 } },
	{ CONTENT_ZSTD, 0, { "(\265/\375", 4 } },
	{ CONTENT_7Z, 0, { "7z\274\257'\034", 6 } },
	{ CONTENT_AR, 0, { "!<arch>\n", 8 } },
	{ CONTENT_PDF, 0, { "%PDF-", 5 } },
	{ CONTENT_PNG, 0, { "\211PNG\r\n\032\n", 8 } },
	{ CONTENT_JPEG, 0, { "\377\330\377", 3 } },
	{ CONTENT_GIF, 0, { "GIF87a", 6 } },
	{ CONTENT_GIF, 0, { "GIF89a", 6 } },
	{ CONTENT_SQLITE, 0, { "SQLite format 3\0", 16 } },
	{ CONTENT_TAR, 257, { "ustar", 5 } },
	/* Mach-O: of 32 and 64 bits, of either order of bytes */
	{ CONTENT_MACH_O, 0, { "\376\355\372\316", 4 } },
	{ CONTENT_MACH_O, 0, { "\376\355\372\317", 4 } },
	{ CONTENT_MACH_O, 0, { "\316\372\355\376", 4 } },
	{ CONTENT_MACH_O, 0, { "\317\372\355\376", 4 } },
	/* an archive without a file has its end alone */
	{ CONTENT_ZIP, 0, { "PK\5\6", 4 } },
};

static bool has_bytes(struct str head, size_t at, struct str bytes)
{
	return head.len >= at + bytes.len && !memcmp(head.data + at, bytes.data, bytes.len);
}

static unsigned byte_at(struct str head, size_t at)
{
	return at < head.len ? (unsigned char)head.data[at] : 0;
}

/* ---- kinds that take a second look ---- */

/*
 * A DOS program says at 60 where its PE part begins. Where that is not in sight, the zeroes that such a
 * number has tell it from text.
 */
static bool is_pe(struct str head)
{
	uint64_t at = byte_at(head, 60) | byte_at(head, 61) << 8 | byte_at(head, 62) << 16 |
		(uint64_t)byte_at(head, 63) << 24;

	if (head.len < 64 || !has_bytes(head, 0, STR("MZ")))
		return false;
	if (at + 4 <= head.len)
		return has_bytes(head, at, (struct str){ "PE\0\0", 4 });
	return at < 1 << 20;
}

/*
 * Java's classes and Apple's fat binaries begin alike: behind it stands a version from 45 on, or a small
 * count.
 */
static enum content_type of_cafe(struct str head)
{
	unsigned major = byte_at(head, 6) << 8 | byte_at(head, 7);

	if (head.len < 8 || !has_bytes(head, 0, STR("\312\376\272\276")))
		return CONTENT_UNKNOWN;
	return byte_at(head, 4) || byte_at(head, 5) || major >= 45 ? CONTENT_CLASS : CONTENT_MACH_O;
}

/* The name of the first file stands behind 30 bytes of header. */
static enum content_type of_zip(struct str head)
{
	if (!has_bytes(head, 0, STR("PK\3\4")))
		return CONTENT_UNKNOWN;
	return has_bytes(head, 30, STR("META-INF/")) ? CONTENT_JAR : CONTENT_ZIP;
}

/* "BZh", the size of its blocks, and the mark of a block or of the end. */
static bool is_bzip2(struct str head)
{
	return has_bytes(head, 0, STR("BZh")) && byte_at(head, 3) >= '1' && byte_at(head, 3) <= '9' &&
			(has_bytes(head, 4, STR("1AY&SY")) || has_bytes(head, 4, STR("\027rE8P\220")));
}

/* Python from 3.7 on: a version of two bytes, "\r\n", then flags, of which two are known (PEP 552). */
static bool is_pyc(struct str head)
{
	return head.len >= 16 && has_bytes(head, 2, STR("\r\n")) && byte_at(head, 1) >= 13 &&
		byte_at(head, 1) <= 16 && byte_at(head, 4) <= 3 && !byte_at(head, 5) && !byte_at(head, 6) &&
		!byte_at(head, 7);
}

static bool is_webp(struct str head)
{
	return has_bytes(head, 0, STR("RIFF")) && has_bytes(head, 8, STR("WEBP"));
}

enum content_type content_type_by_head(struct str head)
{
	enum content_type type;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (byte_at(head, marks[i].at) == (unsigned char)marks[i].bytes.data[0] &&
				has_bytes(head, marks[i].at, marks[i].bytes))
			return marks[i].type;
	type = of_cafe(head);
	if (!type)
		type = of_zip(head);
	if (type)
		return type;
	return is_pe(head) ? CONTENT_PE :
		is_bzip2(head) ? CONTENT_BZIP2 :
		is_pyc(head) ? CONTENT_PYC :
		is_webp(head) ? CONTENT_WEBP :
		CONTENT_UNKNOWN;
}
