// SPDX-License-Identifier: Apache-2.0
/*
 * sources_shipped.c - the modules that came with cordon, by their names
 *
 * Which there are, and what is in them, was built in: to name them reads nothing. Their texts are read when a
 * set is to be written or compiled, from where the running program is (config_data_dir()), so nobody who sets
 * a variable of the environment chooses them; and a text that is not the one that was built in is refused.
 */
#include "policy/shipped.h"
#include "policy/sources_internal.h"

#include "base/quote.h"
#include "config/load.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>

static const char prefix[] = "shipped:", extension[] = ".rego";

/* Without what every name has around it: "deletions", "lib/params". */
static struct str word_of(const struct policy_shipped *shipped)
{
	struct str name = str_from(shipped->name);

	return (struct str){ name.data + strlen(prefix), name.len - strlen(prefix) - strlen(extension) };
}

static bool is_helper(const struct policy_shipped *shipped)
{
	return str_starts_with(word_of(shipped), STR("lib/"));
}

/* ---- naming ---- */

static int take_shipped(struct policy_sources *sources, const struct policy_shipped *shipped,
	struct error *err)
{
	const struct policy_module module = {
		.name = shipped->name, .text.len = shipped->size_bytes, .digest = &shipped->digest,
	};
	int r = policy_sources_count(sources, shipped->size_bytes, err);

	return r < 0 ? r : policy_sources_take_module(sources, &module, err);
}

static int say_unknown(struct arena *arena, const char *name, struct error *err)
{
	const char **known = arena_alloc_array(arena, policy_shipped_count, sizeof(*known));
	const char *near;
	size_t count = 0;

	for (size_t i = 0; known && i < policy_shipped_count; i++) {
		struct str word = word_of(&policy_shipped_modules[i]);

		if (!is_helper(&policy_shipped_modules[i]))
			known[count] = arena_copy(arena, word.data, word.len);
		count += known[count] != NULL;
	}
	near = str_nearest(str_from(name), known, count);
	error_set(err, -ENOENT, "no policy of the name '%s' comes with cordon", quote_cstr(name).text);
	if (near)
		error_hint(err, "Did you mean '%s'?", near);
	else
		error_hint(err, "A file of your own is named below policy.files, not policy.modules.");
	return -ENOENT;
}

static int take_name(struct policy_sources *sources, const char *name, struct error *err)
{
	for (size_t i = 0; i < policy_shipped_count; i++) {
		const struct policy_shipped *shipped = &policy_shipped_modules[i];

		if (!is_helper(shipped) && str_eq(word_of(shipped), str_from(name)))
			return take_shipped(sources, shipped, err);
	}
	return say_unknown(sources->arena, name, err);
}

int policy_sources_add_shipped(struct policy_sources *sources, const char *const *names, size_t count,
	struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < policy_shipped_count && r >= 0; i++)
		if (is_helper(&policy_shipped_modules[i]))
			r = take_shipped(sources, &policy_shipped_modules[i], err);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = take_name(sources, names[i], err);
	return r;
}

/* ---- fetching ---- */

struct fetching {
	struct arena *arena;
	const char *dir;
	int dirfd;
	struct error *err;
};

static int say_wrong(const struct fetching *f, const char *name, int code)
{
	if (code == -EMSGSIZE || code == -EBADMSG)
		error_set(f->err, -EBADMSG, "'%s/%s' is not the policy that was made with this cordon",
			quote_cstr(f->dir).text, name);
	else
		error_sys(f->err, code, "reading a policy that came with cordon: '%s/%s'",
			quote_cstr(f->dir).text, name);
	error_hint(f->err, "Install cordon again; its files must stay together.");
	return f->err->code;
}

static int fetch_text(const struct fetching *f, struct policy_module *module)
{
	scoped(buf) struct buf text = BUF_INIT(module->text.len);
	const char *name = module->name + strlen(prefix);
	scoped(fd) int fd = kern_open_beneath(f->dirfd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	int r = fd < 0 ? fd : kern_read_all(fd, &text);
	struct digest digest;

	if (r < 0)
		return say_wrong(f, name, r);
	digest = hash_bytes(text.data, text.len);
	if (!digest_eq(&digest, module->digest))
		return say_wrong(f, name, -EBADMSG);
	module->text.data = arena_copy(f->arena, text.data, text.len);
	return module->text.data ? 0 : policy_sources_say_full(f->err);
}

static int fetch_layer(const struct fetching *f, struct policy_layer *layer)
{
	struct policy_module *modules = arena_alloc_array(f->arena, layer->count, sizeof(*modules));
	int r = 0;

	if (!modules)
		return policy_sources_say_full(f->err);
	for (size_t i = 0; i < layer->count && r >= 0; i++) {
		modules[i] = layer->modules[i];
		if (modules[i].digest && !modules[i].text.data)
			r = fetch_text(f, &modules[i]);
	}
	layer->modules = modules;
	return r;
}

int policy_shipped_fetch(struct arena *arena, const char *dir, struct policy_set *set, struct error *err)
{
	const char *data = dir ? "" : config_data_dir(arena, err);
	struct fetching f = { .arena = arena, .dir = dir, .err = err };
	struct policy_set fetched = *set;
	scoped(fd) int dirfd = -1;
	int r = 0;

	if (!data)
		return -ENOENT;
	if (!dir)
		f.dir = arena_printf(arena, "%s/policies", data);
	if (!f.dir)
		return policy_sources_say_full(err);
	dirfd = f.dirfd = kern_open(AT_FDCWD, f.dir, O_PATH | O_DIRECTORY, 0);
	if (dirfd < 0)
		return say_wrong(&f, "", dirfd);
	for (size_t i = 0; i < POLICY_LAYERS && r >= 0; i++)
		r = fetch_layer(&f, &fetched.layers[i]);
	if (r >= 0)
		*set = fetched;
	return r;
}
