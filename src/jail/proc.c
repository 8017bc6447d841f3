// SPDX-License-Identifier: Apache-2.0
/*
 * proc.c - what the kernel says about processes, as text
 */
#include "jail/proc.h"

#include <errno.h>
#include <sys/sysmacros.h>

enum {
	OCTAL_DIGITS = 3,
	HEX_DIGITS_MAX = 16,
	/* fields of stat behind the command's closing parenthesis: state, parent, ... */
	STAT_PARENT = 1,
	STAT_CPU_FIRST = 11,
	STAT_CPU_COUNT = 4,
	STAT_THREADS = 17,
	STAT_START = 19,
};

/* The word at @index of a line whose words are separated by single blanks. */
static struct str word_at(struct str line, size_t index)
{
	struct str word = { 0 };

	for (size_t i = 0; i <= index; i++)
		(void)str_cut(line, ' ', &word, &line);
	return word;
}

/* ---- mountinfo ---- */

static bool read_device(struct str text, dev_t *ret)
{
	struct str major, minor;
	uint64_t a, b;

	if (!str_cut(text, ':', &major, &minor) || str_to_u64(major, UINT32_MAX, &a) < 0 ||
			str_to_u64(minor, UINT32_MAX, &b) < 0)
		return false;
	*ret = makedev((unsigned)a, (unsigned)b);
	return true;
}

/* Blanks, newlines and backslashes in names come as octal numbers, so no name can be the word "-". */
bool proc_read_mount(struct str line, struct proc_mount *ret)
{
	struct str rest = line, word = { 0 };

	if (!read_device(word_at(line, 2), &ret->dev))
		return false;
	ret->target = word_at(line, 4);
	while (rest.len && !str_eq(word, STR("-")))
		(void)str_cut(rest, ' ', &word, &rest);
	ret->type = word_at(rest, 0);
	return ret->type.len > 0;
}

static bool is_octal(struct str text)
{
	for (size_t i = 0; i < OCTAL_DIGITS; i++)
		if (text.data[i] < '0' || text.data[i] > '7')
			return false;
	return text.data[0] <= '3';
}

bool proc_unescape(struct str text, size_t size, char *ret)
{
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char *digits = text.data + i + 1;

		if (len + 1 >= size)
			return false;
		ret[len++] = text.data[i];
		if (text.data[i] != '\\')
			continue;
		if (text.len - i <= OCTAL_DIGITS || !is_octal((struct str){ digits, OCTAL_DIGITS }))
			return false;
		ret[len - 1] = (char)((digits[0] - '0') << 6 | (digits[1] - '0') << 3 | (digits[2] - '0'));
		i += OCTAL_DIGITS;
	}
	ret[len] = '\0';
	return len > 0;
}

/* ---- maps ---- */

static bool read_hex(struct str text, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;

	if (!text.len || text.len > HEX_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char *at = memchr(digits, text.data[i], sizeof(digits) - 1);

		if (!at)
			return false;
		value = value << 4 | (uint64_t)(at - digits);
	}
	*ret = value;
	return true;
}

bool proc_read_mapping(struct str line, struct proc_mapping *ret)
{
	struct str range = word_at(line, 0), first, last, major, minor;
	uint64_t begin, end, offset, a, b, ino;

	if (!str_cut(range, '-', &first, &last) || !str_cut(word_at(line, 3), ':', &major, &minor))
		return false;
	if (!read_hex(first, &begin) || !read_hex(last, &end) || !read_hex(word_at(line, 2), &offset) ||
			!read_hex(major, &a) || !read_hex(minor, &b) || a > UINT32_MAX || b > UINT32_MAX ||
			str_to_u64(word_at(line, 4), UINT64_MAX, &ino) < 0 || end < begin)
		return false;
	/* A file can be mapped far behind its end, and the offset is whatever the program asked for. */
	*ret = (struct proc_mapping){ .range = range, .is_deleted = str_ends_with(line, STR(" (deleted)")),
		.dev = makedev((unsigned)a, (unsigned)b), .ino = ino,
		.end_bytes = offset > INT64_MAX ? INT64_MAX :
			offset + MIN(end - begin, INT64_MAX - offset) };
	return true;
}

/* ---- stat, status ---- */

static bool number_at(struct str text, size_t index, uint64_t *ret)
{
	return str_to_u64(word_at(text, index), INT64_MAX, ret) >= 0;
}

/* The command may hold anything, also blanks and parentheses: what counts is behind the last one. */
int proc_read_stat(struct str text, struct proc_stat *ret)
{
	const char *end = text.len ? memrchr(text.data, ')', text.len) : NULL;
	uint64_t number, parent;
	struct str rest;

	*ret = (struct proc_stat){ 0 };
	if (!end)
		return -EBADMSG;
	rest = (struct str){ end + 1, text.len - (size_t)(end + 1 - text.data) };
	if (!str_starts_with(rest, STR(" ")))
		return -EBADMSG;
	rest = (struct str){ rest.data + 1, rest.len - 1 };
	for (size_t i = 0; i < STAT_CPU_COUNT; i++) {
		if (!number_at(rest, STAT_CPU_FIRST + i, &number))
			return -EBADMSG;
		ret->cpu_ticks += number;
	}
	if (!number_at(rest, STAT_THREADS, &ret->thread_count) ||
			!number_at(rest, STAT_START, &ret->start_ticks) ||
			!number_at(rest, STAT_PARENT, &parent) || parent > INT32_MAX)
		return -EBADMSG;
	ret->parent = (pid_t)parent;
	return 0;
}

uint64_t proc_sum_lines(struct str text, const char *const *names, size_t name_count)
{
	struct str line, name, value;
	uint64_t kilobytes, sum = 0;

	while (text.len) {
		(void)str_cut(text, '\n', &line, &text);
		if (!str_cut(line, ':', &name, &value))
			continue;
		while (value.len && (*value.data == ' ' || *value.data == '\t'))
			value = (struct str){ value.data + 1, value.len - 1 };
		(void)str_cut(value, ' ', &value, &line);
		for (size_t i = 0; i < name_count; i++)
			if (str_eq(name, str_from(names[i])) &&
					str_to_u64(value, INT64_MAX >> 10, &kilobytes) >= 0)
				sum += kilobytes << 10;
	}
	return sum;
}

/* ---- cgroup, uid_map ---- */

static bool has_controller(struct str list, const char *controller)
{
	struct str name;

	while (list.len) {
		(void)str_cut(list, ',', &name, &list);
		if (str_eq(name, str_from(controller)))
			return true;
	}
	return false;
}

/* The kernel lets no group have a newline in its name, and a path may hold colons. */
bool proc_find_group(struct str text, const char *controller, struct str *ret)
{
	struct str line, id, rest, list, path;

	while (text.len) {
		(void)str_cut(text, '\n', &line, &text);
		if (!str_cut(line, ':', &id, &rest) || !str_cut(rest, ':', &list, &path))
			continue;
		if (controller ? !has_controller(list, controller) : list.len)
			continue;
		*ret = path;
		return true;
	}
	return false;
}

/* Three numbers, padded with blanks. */
bool proc_read_map(struct str line, uint64_t ret[3])
{
	struct str word;

	for (size_t i = 0; i < 3; i++) {
		while (line.len && *line.data == ' ')
			line = (struct str){ line.data + 1, line.len - 1 };
		(void)str_cut(line, ' ', &word, &line);
		if (str_to_u64(word, UINT32_MAX, &ret[i]) < 0)
			return false;
	}
	return true;
}
