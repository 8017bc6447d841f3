// SPDX-License-Identifier: Apache-2.0
/*
 * floor_name.c - names that are not what they seem
 *
 * A name is judged for two readers: a person at a terminal, and a file system or a program on another machine
 * where case, invisible characters, trailing dots or a short alias make another name of it. Folding gives the
 * name that the most forgiving of them would see; everything that is watched is compared in that form.
 */
#include "policy/floor_internal.h"

#include "base/path.h"
#include "base/utf8.h"

/* Code points that HFS+ and case-folding file systems leave out when they compare names. */
static bool is_ignorable(uint32_t point)
{
	static const uint32_t ranges[][2] = {
		{ 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C }, { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 },
		{ 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x202A, 0x202E }, { 0x2060, 0x206F },
		{ 0x3164, 0x3164 }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 },
		{ 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (point >= ranges[i][0] && point <= ranges[i][1])
			return true;
	return false;
}

/* The two letters beyond ASCII whose lower case is ASCII: LATIN SMALL LETTER LONG S and KELVIN SIGN. */
static uint32_t lower(uint32_t point)
{
	if (point >= 'A' && point <= 'Z')
		return point - 'A' + 'a';
	if (point == 0x17F)
		return 's';
	return point == 0x212A ? 'k' : point;
}

/* As almost all of a name is. A colon is more than itself. */
static bool is_plain(char c)
{
	return (unsigned char)c < 0x80 && c != ':';
}

size_t floor_fold(struct str component, char ret[FLOOR_COMPONENT_MAX])
{
	size_t len = 0;

	while (component.len && len < FLOOR_COMPONENT_MAX - 4) {
		uint32_t point;
		int n = 1;

		if (likely(is_plain(component.data[0]))) {
			ret[len++] = ascii_lower(component.data[0]);
		} else if ((n = utf8_decode(component, &point)) < 0) {
			ret[len++] = component.data[0];
			n = 1;
		} else if (!is_ignorable(point)) {
			/* NTFS: what follows a colon is a stream of the file, not its name. */
			if (point == ':' && len)
				break;
			len += utf8_encode(lower(point), ret + len);
		}
		component.data += n;
		component.len -= (size_t)n;
	}
	while (len && (ret[len - 1] == '.' || ret[len - 1] == ' '))
		len--;
	ret[len] = '\0';
	return len;
}

/* ".git", or the short name that Windows makes of it: "git~1". */
static bool is_git(struct str piece)
{
	char folded[FLOOR_COMPONENT_MAX];
	size_t len = floor_fold(piece, folded);

	if (!strcmp(folded, ".git"))
		return true;
	return len == 5 && !memcmp(folded, "git~", 4) && folded[4] >= '1' && folded[4] <= '9';
}

/* Whether a component is not ".git" but is taken for it somewhere. */
static bool is_git_disguise(struct str component)
{
	struct str piece, rest = component;
	bool more = true;

	if (str_eq(component, STR(".git")))
		return false;
	/* A backslash is part of a name here and separates names on Windows. */
	while (more) {
		more = str_cut(rest, '\\', &piece, &rest);
		if (is_git(piece))
			return true;
	}
	return false;
}

static int judge_component(struct floor *floor, const struct change *change, struct str component)
{
	bool is_utf8 = utf8_is_valid(component), is_deceptive = false;

	/* Also in what is no UTF-8 as a whole: the controls in it are controls all the same. */
	for (struct str rest = component; rest.len;) {
		uint32_t point;
		int n = utf8_decode(rest, &point);

		is_deceptive = is_deceptive || (n > 0 && utf8_is_deceptive(point));
		rest.data += n > 0 ? n : 1;
		rest.len -= n > 0 ? (size_t)n : 1;
	}
	if (is_git_disguise(component))
		return floor_find(floor, FLOOR_RULE_GIT_DISGUISE, change, NULL);
	if (is_deceptive)
		return floor_find(floor, FLOOR_RULE_DECEPTIVE_NAME, change, NULL);
	if (!is_utf8)
		return floor_find(floor, FLOOR_RULE_NON_UTF8_NAME, change, NULL);
	if (component.data[0] == '-')
		return floor_find(floor, FLOOR_RULE_OPTION_NAME, change, NULL);
	return 0;
}

/*
 * Only names that are new: a directory that is new is a change of its own, and what the base had before is
 * the project's affair.
 */
int floor_judge_name(struct floor *floor, const struct change *change)
{
	bool is_new = change->kind == CHANGE_RENAMED || change->old_file.type == FILE_NONE;

	if (!is_new || change->new_file.type == FILE_NONE || str_eq(change->path, STR(".")))
		return 0;
	return judge_component(floor, change, str_from(path_name(change->path.data)));
}
