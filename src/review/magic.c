// SPDX-License-Identifier: Apache-2.0
/*
 * magic.c - what kind of file a few first bytes say it is
 *
 * Nothing is read beyond what is there, and a size that does not stand where it should is left out.
 */
#include "review/magic.h"

#include "base/macro.h"

static uint32_t big(struct str s, size_t at, unsigned bytes)
{
	uint32_t number = 0;

	for (unsigned i = 0; i < bytes && at + i < s.len; i++)
		number = number << 8 | (unsigned char)s.data[at + i];
	return at + bytes <= s.len ? number : 0;
}

static uint32_t little(struct str s, size_t at, unsigned bytes)
{
	uint32_t number = 0;

	for (unsigned i = bytes; i-- && at + bytes <= s.len;)
		number = number << 8 | (unsigned char)s.data[at + i];
	return number;
}

static bool has(struct str s, size_t at, struct str word)
{
	return s.len >= at + word.len && !memcmp(s.data + at, word.data, word.len);
}

static struct magic png(struct str s)
{
	return (struct magic){ "PNG image", big(s, 16, 4), big(s, 20, 4) };
}

static struct magic gif(struct str s)
{
	return (struct magic){ "GIF image", little(s, 6, 2), little(s, 8, 2) };
}

/* Start of frame: FFC0 to FFCF, but for the three that are other tables. */
static bool is_frame(unsigned marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

static struct magic jpeg(struct str s)
{
	struct magic magic = { .name = "JPEG image" };
	size_t at = 2;

	while (at + 9 <= s.len && (unsigned char)s.data[at] == 0xff) {
		unsigned marker = (unsigned char)s.data[at + 1];
		uint32_t len = big(s, at + 2, 2);

		if (is_frame(marker)) {
			magic.height = big(s, at + 5, 2);
			magic.width = big(s, at + 7, 2);
			break;
		}
		if (len < 2)
			break;
		at += 2 + len;
	}
	return magic;
}

static struct magic webp(struct str s)
{
	struct magic magic = { .name = "WebP image" };

	if (has(s, 12, STR("VP8X")) && s.len >= 30) {
		magic.width = little(s, 24, 3) + 1;
		magic.height = little(s, 27, 3) + 1;
	} else if (has(s, 12, STR("VP8L")) && s.len >= 25) {
		uint32_t bits = little(s, 21, 4);

		magic.width = (bits & 0x3fff) + 1;
		magic.height = (bits >> 14 & 0x3fff) + 1;
	} else if (has(s, 12, STR("VP8 "))) {
		magic.width = little(s, 26, 2) & 0x3fff;
		magic.height = little(s, 28, 2) & 0x3fff;
	}
	return magic;
}

struct magic magic_of(struct str content)
{
	static const struct {
		struct str word;
		const char *name;
	} plain[] = {
		{ STR("\177ELF"), "ELF file" }, { STR("%PDF-"), "PDF document" },
		{ STR("PK\003\004"), "ZIP archive" }, { STR("\037\213"), "gzip data" },
		{ STR("\3757zXZ"), "xz data" }, { STR("(\265/\375"), "zstd data" },
		{ STR("SQLite format 3"), "SQLite database" }, { STR("!<arch>\n"), "ar archive" },
		{ STR("\0asm"), "WebAssembly module" }, { STR("wOF2"), "WOFF2 font" },
	};

	if (has(content, 0, STR("\211PNG\r\n\032\n")))
		return png(content);
	if (has(content, 0, STR("GIF87a")) || has(content, 0, STR("GIF89a")))
		return gif(content);
	if (has(content, 0, STR("\377\330\377")))
		return jpeg(content);
	if (has(content, 0, STR("RIFF")) && has(content, 8, STR("WEBP")))
		return webp(content);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (has(content, 0, plain[i].word))
			return (struct magic){ .name = plain[i].name };
	return (struct magic){ 0 };
}
