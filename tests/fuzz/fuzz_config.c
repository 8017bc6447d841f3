// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_config.c - what holds for every user's, project's and organisation's file
 *
 * The input is up to five files, separated by a line "%%": project, user, policy, and two profiles, `one` and
 * `two`, which may extend each other and those that there are.
 *
 *   - a refusal is -EINVAL, -EPERM or -EMSGSIZE, names the first problem, and holds nothing that a terminal
 *     would obey
 *   - a project file that was let through without trust has not widened anything: limits are no higher,
 *     nothing is granted that was not granted, nothing prohibited is missing. This is judged by simpler means
 *     than the product's own
 *   - so has no policy, whatever the other files say
 *   - the document of a configuration reads back, and is the same document again
 */
#include "config/config.h"

#include "base/path.h"
#include "base/utf8.h"

#include <errno.h>

enum {
	FILE_MAX_BYTES = 64 << 10,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char standard[] =
	"{\"agent\": {\"filesystem\": {\"read\": [\"/srv/a\"], \"write\": [\"/out\"], \"deny\": [\"~/.ssh\"],"
	"\"hide\": [\"/h\"]}, \"env\": {\"pass\": [\"PATH\", \"LC_*\"]},"
	"\"limits\": {\"memory\": \"4G\", \"pids\": 100, \"cpus\": 1.5},"
	"\"network\": {\"allow\": [\"*.example.org\"]}, \"exec\": {\"allow\": [\"git **\"]},"
	"\"commit\": {\"on_exit\": \"review\"}}}";

struct profiles {
	struct str one, two;
};

static int find_profile(void *context, UNUSED struct arena *arena, const char *name,
	struct config_document *ret, UNUSED struct error *err)
{
	static const char loop[] = "{\"extends\": \"loop\"}",
		tight[] = "{\"agent\": {\"limits\": {\"memory\": \"1G\"}}}";
	const char *text = !strcmp(name, "standard") ? standard : !strcmp(name, "tight") ? tight : loop;
	const struct profiles *profiles = context;

	*ret = (struct config_document){ .file = name, .text = str_from(text) };
	if (!strcmp(name, "one") && profiles->one.len)
		ret->text = profiles->one;
	if (!strcmp(name, "two") && profiles->two.len)
		ret->text = profiles->two;
	return strlen(name) > 16 ? -ENOENT : 0;
}

/* ---- text ---- */

static void check_text(const char *text)
{
	struct str rest = str_from(text);

	while (rest.len) {
		uint32_t point;
		int n = utf8_decode(rest, &point);

		assert(n > 0 && !utf8_is_deceptive(point));
		rest = (struct str){ .data = rest.data + n, .len = rest.len - (size_t)n };
	}
}

static void check_refusal(int r, const struct config_problems *problems, const struct error *err)
{
	assert(r == -EINVAL || r == -EPERM || r == -EMSGSIZE);
	assert(err->code == r && err->text[0]);
	check_text(err->text);
	check_text(err->hint);
	assert(r == -EMSGSIZE || problems->count);
	for (size_t i = 0; i < problems->count; i++) {
		check_text(problems->items[i].text);
		if (problems->items[i].hint)
			check_text(problems->items[i].hint);
	}
}

/* ---- narrower, judged again ---- */

static bool is_beneath_any(const char *path, const struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (path_is_beneath(str_from(path), str_from(list->items[i].text)))
			return true;
	return false;
}

static void check_paths(const struct config_settings *narrow, const struct config_settings *wide)
{
	for (size_t i = 0; i < narrow->filesystem.write.count; i++)
		assert(is_beneath_any(narrow->filesystem.write.items[i].text, &wide->filesystem.write));
	for (size_t i = 0; i < narrow->filesystem.read.count; i++)
		assert(is_beneath_any(narrow->filesystem.read.items[i].text, &wide->filesystem.read) ||
			is_beneath_any(narrow->filesystem.read.items[i].text, &wide->filesystem.write));
	/*
	 * cordon's own directories are denied where something that is granted holds them: fewer grants, fewer
	 * of these.
	 */
	for (size_t i = 0; i < wide->filesystem.deny.count; i++)
		assert(wide->filesystem.deny.items[i].origin.source == CONFIG_SOURCE_DEFAULT ||
			is_beneath_any(wide->filesystem.deny.items[i].text, &narrow->filesystem.deny));
	for (size_t i = 0; i < wide->filesystem.hide.count; i++)
		assert(is_beneath_any(wide->filesystem.hide.items[i].text, &narrow->filesystem.hide) ||
			is_beneath_any(wide->filesystem.hide.items[i].text, &narrow->filesystem.deny));
}

static bool passes(const struct config *config, const char *name)
{
	const struct config_list *list = &config->settings.env.pass;

	for (size_t i = 0; i < list->count; i++)
		if (str_match_glob(str_from(list->items[i].text), str_from(name)))
			return true;
	return false;
}

/* A name that only one of them passes would be a hole; these are enough to find one. */
static void check_variables(const struct config *narrow, const struct config *wide)
{
	static const char *const names[] = { "PATH", "LC_ALL", "LC_", "LC", "HOME", "AWS_SECRET", "A", "_",
		"LC_A_B" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert(!passes(narrow, names[i]) || passes(wide, names[i]));
}

static void check_narrower(const struct config *narrow, const struct config *wide)
{
	const struct config_settings *a = &narrow->settings, *b = &wide->settings;

	assert(a->limits.memory_bytes <= b->limits.memory_bytes &&
		a->limits.cpus_milli <= b->limits.cpus_milli);
	assert(a->limits.pids_count <= b->limits.pids_count &&
		a->limits.files_count <= b->limits.files_count);
	assert(a->limits.time_ns <= b->limits.time_ns && a->limits.idle_ns <= b->limits.idle_ns);
	assert(a->limits.file_size_bytes <= b->limits.file_size_bytes);
	assert(a->limits.storage_bytes <= b->limits.storage_bytes);
	assert(a->commit.on_exit <= b->commit.on_exit);
	check_paths(a, b);
	check_variables(narrow, wide);
}

/* ---- documents ---- */

static void check_document(struct arena *arena, const struct config *config)
{
	const struct json *document = config_to_json(arena, config);
	const struct config *back;
	int r;

	assert(document);
	r = config_from_json(arena, document, &back, NULL);
	assert(r == 0);
	assert(json_equal(json_get(document, "agent"), json_get(config_to_json(arena, back), "agent")));
	assert(json_equal(json_get(document, "origins"), json_get(config_to_json(arena, back), "origins")));
}

static bool resolve(struct arena *arena, struct config_inputs *inputs, const struct config **ret)
{
	struct config_problems problems;
	struct error err = ERROR_INIT;
	int r = config_resolve(arena, inputs, &problems, ret, &err);

	if (r < 0) {
		check_refusal(r, &problems, &err);
		return false;
	}
	assert(inputs->project_trusted || !(*ret)->widening_count);
	check_document(arena, *ret);
	return true;
}

/* The text up to a line "%%", which is taken away. */
static struct config_document take_file(struct str *rest, const char *name)
{
	const char *end = memmem(rest->data, rest->len, "\n%%\n", 4);
	struct config_document document = { .file = name, .text = *rest };

	if (!rest->len)
		return (struct config_document){ 0 };
	if (end) {
		document.text.len = (size_t)(end - rest->data);
		rest->data = end + 4;
		rest->len -= document.text.len + 4;
	} else {
		rest->len = 0;
	}
	return document;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const own_dirs[] = { "/home/ann/.local/state/cordon" };
	struct arena arena = ARENA_INIT(CONFIG_ARENA_BYTES);
	struct str rest = { .data = (const char *)data, .len = size };
	struct config_inputs inputs = {
		.workspace = "/w/project", .home = "/home/ann", .own_dirs = own_dirs, .own_dir_count = 1,
		.find_profile = find_profile,
	};
	const struct config *config, *wide;
	struct profiles profiles;

	if (size > FILE_MAX_BYTES)
		return 0;
	inputs.project = take_file(&rest, "cordon.jsonc");
	inputs.user = take_file(&rest, "user.jsonc");
	inputs.policy = take_file(&rest, "policy.jsonc");
	profiles.one = take_file(&rest, "one").text;
	profiles.two = take_file(&rest, "two").text;
	inputs.find_profile_context = &profiles;
	if (resolve(&arena, &inputs, &config)) {
		inputs.project = (struct config_document){ 0 };
		if (resolve(&arena, &inputs, &wide))
			check_narrower(config, wide);
		inputs.policy = (struct config_document){ 0 };
		if (resolve(&arena, &inputs, &wide))
			check_narrower(config, wide);
	}
	arena_fini(&arena);
	return 0;
}
