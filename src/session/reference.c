// SPDX-License-Identifier: Apache-2.0
/*
 * reference.c - a credential, from where the configuration says that it is
 */
#include "session/reference.h"

#include "base/quote.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* A fifo or a terminal would be waited for. */
static int read_file(const char *path, struct buf *ret, struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	struct stat st;
	int r = fd < 0 ? fd : kern_fstat(fd, &st);

	if (r >= 0 && !S_ISREG(st.st_mode))
		r = -EINVAL;
	if (r >= 0)
		r = kern_read_all(fd, ret);
	if (r < 0)
		return error_sys(err, r, "reading '%s'", quote_cstr(path).text);
	if (ret->len && ret->data[ret->len - 1] == '\n')
		buf_truncate(ret, ret->len - 1);
	if (ret->len && ret->data[ret->len - 1] == '\r')
		buf_truncate(ret, ret->len - 1);
	return ret->len ? 0 : error_set(err, -ENOENT, "'%s' is empty", quote_cstr(path).text);
}

static int read_variable(const char *name, struct buf *ret, struct error *err)
{
	const char *value = getenv(name);
	int r;

	if (!value || !*value) {
		error_set(err, -ENOENT, "there is no variable %s in the environment, or it is empty",
			quote_cstr(name).text);
		error_hint(err, "set it where cordon is started, or name a file (file:PATH)");
		return -ENOENT;
	}
	r = buf_append_str(ret, value);
	return r < 0 ? error_set(err, r, "the variable %s is too long", quote_cstr(name).text) : 0;
}

int reference_read(const char *reference, struct buf *ret, struct error *err)
{
	struct str kind, rest;

	if (str_cut(str_from(reference), ':', &kind, &rest) && str_eq(kind, STR("file")))
		return read_file(rest.data, ret, err);
	if (rest.len && str_eq(kind, STR("env")))
		return read_variable(rest.data, ret, err);
	return error_set(err, -EINVAL, "a credential is named as env:NAME or file:PATH");
}
