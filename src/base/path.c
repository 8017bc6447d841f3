// SPDX-License-Identifier: Apache-2.0
/*
 * path.c - paths as text
 */
#include "base/path.h"

static bool component_is_clean(struct str component)
{
	return component.len && !str_eq(component, STR(".")) && !str_eq(component, STR(".."));
}

bool path_is_clean(struct str path)
{
	struct str component, rest = path;

	if (!path.len || path.len >= PATH_TEXT_MAX || memchr(path.data, '\0', path.len))
		return false;
	if (str_eq(path, STR("/")) || str_eq(path, STR(".")))
		return true;
	if (path.data[path.len - 1] == '/')
		return false;
	if (rest.data[0] == '/')
		rest.data++, rest.len--;
	do {
		bool more = str_cut(rest, '/', &component, &rest);

		if (!component_is_clean(component))
			return false;
		if (!more)
			return true;
	} while (true);
}

/* Adds the components of @path to @out, which holds an absolute clean path without the root's slash. */
static int add_components(char *out, size_t *len, struct str path)
{
	while (path.len) {
		struct str component;

		str_cut(path, '/', &component, &path);
		if (!component.len || str_eq(component, STR(".")))
			continue;
		if (str_eq(component, STR(".."))) {
			while (*len && out[--*len] != '/')
				;
			continue;
		}
		if (*len + 1 + component.len >= PATH_TEXT_MAX)
			return -1;
		out[(*len)++] = '/';
		memcpy(out + *len, component.data, component.len);
		*len += component.len;
	}
	return 0;
}

const char *path_clean(struct arena *arena, const char *base, struct str path)
{
	char out[PATH_TEXT_MAX];
	size_t len = 0;

	if (!path.len || memchr(path.data, '\0', path.len))
		return NULL;
	if (path.data[0] != '/' && add_components(out, &len, str_from(base)) < 0)
		return NULL;
	if (add_components(out, &len, path) < 0)
		return NULL;
	if (!len)
		out[len++] = '/';
	return arena_copy(arena, out, len);
}

bool path_is_beneath(struct str path, struct str dir)
{
	if (str_eq(dir, STR("/")))
		return path.len && path.data[0] == '/';
	if (str_eq(dir, STR(".")))
		return path.len && path.data[0] != '/';
	return str_starts_with(path, dir) && (path.len == dir.len || path.data[dir.len] == '/');
}

const char *path_relative(const char *path, const char *dir)
{
	size_t len = strcmp(dir, "/") ? strlen(dir) : 0;

	assert(path_is_beneath(str_from(path), str_from(dir)));
	if (!strcmp(dir, "."))
		return path;
	return path[len] && path[len + 1] ? path + len + 1 : ".";
}

const char *path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

struct str path_parent(struct str path)
{
	size_t len = path.len;

	if (str_eq(path, STR("/")) || str_eq(path, STR(".")))
		return (struct str){ .data = path.data };
	while (len && path.data[len - 1] != '/')
		len--;
	if (!len)
		return STR(".");
	return len == 1 ? STR("/") : (struct str){ .data = path.data, .len = len - 1 };
}

bool path_next(struct str *rest, struct str *ret)
{
	if (!rest->len || str_eq(*rest, STR(".")))
		return false;
	str_cut(*rest, '/', ret, rest);
	return true;
}
