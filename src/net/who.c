// SPDX-License-Identifier: Apache-2.0
/*
 * who.c - which programs an entry is for, and which one asks
 */
#include "net/who.h"

static const struct str digest_mark = STR("sha256:");

/* ---- lists ---- */

/* The next of a list. Return: false: there is none */
static bool next(struct str *rest, struct str *ret)
{
	if (!rest->len)
		return false;
	(void)str_cut(*rest, ',', ret, rest);
	return true;
}

static bool has(struct str by, struct str item)
{
	struct str one;

	while (next(&by, &one))
		if (str_eq(one, item))
			return true;
	return false;
}

/* The digest that an item is; Return: false: it is none */
static bool read_digest(struct str item, struct digest *ret)
{
	return str_starts_with(item, digest_mark) &&
		digest_from_hex((struct str){ item.data + digest_mark.len, item.len - digest_mark.len },
			ret) >= 0;
}

const char *net_by_path_check(struct str path)
{
	struct str name, rest = { path.data + 1, path.len ? path.len - 1 : 0 };
	bool more = true;

	if (!str_starts_with(path, STR("/")) || path.len >= NET_PROGRAM_SIZE)
		return "a program is an absolute path of at most 255 bytes, or 'sha256:' and 64 digits";
	for (size_t i = 0; i < path.len; i++)
		if (path.data[i] <= ' ' || path.data[i] > '~' || path.data[i] == ',' || path.data[i] == '"' ||
				path.data[i] == '\\')
			return "a path with blanks, commas or the like cannot be named: give its sha256";
	while (more) {
		more = str_cut(rest, '/', &name, &rest);
		if (!name.len || str_eq(name, STR(".")) || str_eq(name, STR("..")))
			return "a path has no empty parts, no '.' and no '..'";
	}
	return NULL;
}

static const char *check_item(struct str item)
{
	struct digest digest;

	if (!str_starts_with(item, digest_mark))
		return net_by_path_check(item);
	return read_digest(item, &digest) ? NULL : "behind 'sha256:' stand 64 digits, 0 to 9 and a to f";
}

const char *net_by_check(struct str by, size_t *ret_at)
{
	struct str item, rest = by;
	size_t count = 0;
	bool more = true;

	*ret_at = 0;
	if (by.len > NET_BY_TEXT_MAX)
		return "the programs of an entry have at most 384 bytes";
	while (more) {
		const char *why;

		more = str_cut(rest, ',', &item, &rest);
		*ret_at = (size_t)(item.data - by.data);
		why = ++count > NET_BY_ITEMS_MAX ? "an entry has at most 8 programs" : check_item(item);
		if (!why && has((struct str){ by.data, *ret_at }, item))
			why = "a program stands here twice";
		if (why)
			return why;
	}
	return NULL;
}

bool net_by_covers(struct str wide, struct str narrow)
{
	struct str item;

	if (!wide.len)
		return true;
	if (!narrow.len)
		return false;
	while (next(&narrow, &item))
		if (!has(wide, item))
			return false;
	return true;
}

size_t net_by_meet(struct str a, struct str b, char ret[NET_BY_TEXT_MAX])
{
	struct str item, rest = a.len ? a : b;
	size_t len = 0;

	while (next(&rest, &item)) {
		if (b.len && !has(b, item))
			continue;
		if (len)
			ret[len++] = ',';
		memcpy(ret + len, item.data, item.len);
		len += item.len;
	}
	return len;
}

/* ---- who asks ---- */

static bool is_program(const struct net_program *program)
{
	const char *end = memchr(program->path, '\0', sizeof(program->path));
	struct str path = { program->path, end ? (size_t)(end - program->path) : 0 };

	if (!end || program->has_digest > 1 || program->is_fixed > 1 || (program->is_fixed && !path.len))
		return false;
	return !path.len || !net_by_path_check(path);
}

bool net_who_check(const struct net_who *who)
{
	if (who->state >= NET_WHO_STATE_COUNT || who->count > NET_WHO_PROGRAMS_MAX ||
			(who->state == NET_WHO_FOUND) != (who->count > 0) || who->zero ||
			(who->state == NET_WHO_FOUND && who->hidden_pid))
		return false;
	for (size_t i = 0; i < who->count; i++)
		if (!is_program(&who->programs[i]))
			return false;
	return true;
}

/* @is_sure: whether it has to be known, or else may be. */
static bool is_among(const struct net_program *program, struct str by, bool is_sure)
{
	struct digest digest;
	struct str item;

	while (next(&by, &item)) {
		if (!read_digest(item, &digest)) {
			if (str_eq(item, str_from(program->path)) && (program->is_fixed || !is_sure))
				return true;
		} else if (program->has_digest ? digest_eq(&program->digest, &digest) : !is_sure) {
			return true;
		}
	}
	return false;
}

static bool is_found(const struct net_who *who)
{
	return who && who->state == NET_WHO_FOUND && who->count;
}

const struct net_program *net_who_stranger(const struct net_who *who, struct str by)
{
	for (size_t i = 0; is_found(who) && i < who->count; i++)
		if (!is_among(&who->programs[i], by, true))
			return &who->programs[i];
	return NULL;
}

bool net_who_is(const struct net_who *who, struct str by)
{
	return is_found(who) && !net_who_stranger(who, by);
}

bool net_who_may_be(const struct net_who *who, struct str by)
{
	if (!is_found(who))
		return true;
	for (size_t i = 0; i < who->count; i++)
		if (is_among(&who->programs[i], by, false))
			return true;
	return false;
}
