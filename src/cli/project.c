// SPDX-License-Identifier: Apache-2.0
/*
 * project.c - what kind of project a directory holds
 *
 * The directory is read once and its names are sorted, so that the same project always gives the same answer.
 * Then each row of the table is held against them. A row is a tool rather than a language: a project with
 * package.json and pnpm-lock.yaml is two kinds, and what is said of it is what both say together.
 */
#include "cli/project.h"

#include "base/utf8.h"
#include "cli/program.h"
#include "kern/dir.h"
#include "kern/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const struct project_kind kinds[] = {
	{ "git", "git", { ".git" }, { "git" }, NULL, NULL },
	{ "node", "Node.js", { "package.json" }, { "node", "npm", "npx" }, "npm config get registry",
		"code-assistant" },
	{ "pnpm", "pnpm", { "pnpm-lock.yaml", "pnpm-workspace.yaml" }, { "pnpm" },
		"pnpm config get registry", "code-assistant" },
	{ "yarn", "Yarn", { "yarn.lock", ".yarnrc.yml" }, { "yarn" }, "yarn config get npmRegistryServer",
		"code-assistant" },
	{ "bun", "Bun", { "bun.lock", "bun.lockb", "bunfig.toml" }, { "bun" }, NULL, "code-assistant" },
	{ "deno", "Deno", { "deno.json", "deno.jsonc", "deno.lock" }, { "deno" }, NULL, "code-assistant" },
	{ "python", "Python",
		{ "pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "Pipfile", "tox.ini" },
		{ "python3", "pip", "pytest" }, "pip config list", "code-assistant" },
	{ "uv", "uv", { "uv.lock", "uv.toml" }, { "uv" }, NULL, "code-assistant" },
	{ "poetry", "Poetry", { "poetry.lock" }, { "poetry" }, "poetry source show", "code-assistant" },
	{ "notebook", "Jupyter", { "*.ipynb" }, { "python3", "jupyter" }, NULL, "data-analyst" },
	{ "rust", "Rust", { "Cargo.toml", "rust-toolchain", "rust-toolchain.toml" }, { "cargo", "rustc" },
		NULL, "code-assistant" },
	{ "go", "Go", { "go.mod", "go.work" }, { "go" }, "go env GOPROXY GOSUMDB", "code-assistant" },
	{ "make", "make", { "Makefile", "makefile", "GNUmakefile" }, { "make" }, NULL, NULL },
	{ "cmake", "CMake", { "CMakeLists.txt", "CMakePresets.json" }, { "cmake", "ctest", "ninja" },
		NULL, NULL },
	{ "meson", "Meson", { "meson.build" }, { "meson", "ninja" }, NULL, NULL },
	{ "autotools", "Autotools", { "configure.ac", "configure.in", "Makefile.am" },
		{ "autoreconf", "make" }, NULL, NULL },
	{ "bazel", "Bazel", { "MODULE.bazel", "WORKSPACE", "WORKSPACE.bazel" }, { "bazel" }, NULL,
		"code-assistant" },
	{ "maven", "Maven", { "pom.xml" }, { "mvn", "java" }, "mvn help:effective-settings",
		"code-assistant" },
	{ "gradle", "Gradle",
		{ "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts", "gradlew" },
		{ "gradle", "java" }, NULL, "code-assistant" },
	{ "sbt", "sbt", { "build.sbt" }, { "sbt", "java" }, NULL, "code-assistant" },
	{ "ruby", "Ruby", { "Gemfile", "*.gemspec", "Rakefile" }, { "ruby", "bundle", "rake" },
		"gem sources --list", "code-assistant" },
	{ "php", "PHP", { "composer.json", "artisan" }, { "php", "composer" },
		"composer config repositories", "code-assistant" },
	{ "dotnet", ".NET", { "*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx", "global.json" },
		{ "dotnet" }, "dotnet nuget list source", "code-assistant" },
	{ "elixir", "Elixir", { "mix.exs" }, { "mix", "elixir" }, "mix hex.config api_url",
		"code-assistant" },
	{ "haskell", "Haskell", { "*.cabal", "cabal.project", "stack.yaml" }, { "cabal", "stack", "ghc" },
		NULL, "code-assistant" },
	{ "dart", "Dart", { "pubspec.yaml" }, { "dart", "flutter" }, NULL, "code-assistant" },
	{ "swift", "Swift", { "Package.swift" }, { "swift" }, NULL, "code-assistant" },
	{ "zig", "Zig", { "build.zig", "build.zig.zon" }, { "zig" }, NULL, NULL },
	{ "perl", "Perl", { "cpanfile", "Makefile.PL", "Build.PL" }, { "perl", "prove", "cpanm" }, NULL,
		"code-assistant" },
	{ "terraform", "Terraform", { "*.tf", ".terraform.lock.hcl" }, { "terraform", "tofu" }, NULL,
		"devops-automation" },
	{ "container", "container files",
		{ "Dockerfile", "Containerfile", "compose.y*ml", "docker-compose.y*ml" }, { NULL }, NULL,
		"container-builder" },
};

/* What programs read credentials from, by convention; examples of it are none. */
static const char *const secret_names[] = {
	".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa", "id_ed25519",
	"credentials.json", "service-account*.json", "secrets.json", "secrets.y*ml", "secrets.toml",
	"terraform.tfstate", "terraform.tfstate.backup",
};
static const char *const example_names[] = {
	"*.example", "*.sample", "*.template", "*.dist", "*.defaults",
};
static const char *const term_names[] = { "LICENSE", "LICENSE.*", "LICENCE", "LICENCE.*", "COPYING",
	"COPYING.*" };

/* ---- names ---- */

struct names {
	struct arena *arena;
	const char **items;
	size_t count, room;
};

static int names_add(struct names *names, const char *name)
{
	const char **items = arena_grow(names->arena, names->items, names->count, &names->room,
		sizeof(*items));

	if (!items)
		return -ENOMEM;
	names->items = items;
	items[names->count++] = name;
	return 0;
}

/* Once each, in the order of the first time. */
static int names_add_new(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->items[i], name))
			return 0;
	return names_add(names, name);
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int read_names(int dirfd, struct names *names, bool *ret_is_partial)
{
	struct kern_dir_entry entry;
	struct kern_dir dir;
	int r;

	kern_dir_init(&dir, dirfd);
	while ((r = kern_dir_next(&dir, &entry)) > 0) {
		const char *name = arena_copy(names->arena, entry.name, strlen(entry.name));

		*ret_is_partial = names->count == PROJECT_NAMES_MAX;
		if (*ret_is_partial)
			break;
		if (!name || names_add(names, name) < 0)
			return -ENOMEM;
	}
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), compare);
	return MIN(r, 0);
}

static bool matches_any(const char *const *patterns, size_t count, const char *name)
{
	for (size_t i = 0; i < count && patterns[i]; i++)
		if (str_match_glob(str_from(patterns[i]), str_from(name)))
			return true;
	return false;
}

/* ---- kinds ---- */

static const char *find_mark(const struct names *names, const struct project_kind *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind->marks) && kind->marks[i]; i++)
		for (size_t j = 0; j < names->count; j++)
			if (str_match_glob(str_from(kind->marks[i]), str_from(names->items[j])))
				return names->items[j];
	return NULL;
}

/*
 * The first kind that has a wish speaks for the project; a container file beside code is an addition to it.
 */
static void find_kinds(const struct names *names, struct project_found *found, struct project *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const char *mark = find_mark(names, &kinds[i]);

		if (!mark)
			continue;
		found[ret->found_count++] = (struct project_found){ &kinds[i], mark };
		if (!ret->profile)
			ret->profile = kinds[i].profile;
	}
	ret->found = found;
}

/* ---- commands ---- */

static int collect(struct cli *cli, struct project *ret)
{
	struct names commands = { .arena = &cli->arena }, sources = { .arena = &cli->arena };
	struct project_command *items;
	int r = 0;

	for (size_t i = 0; i < ret->found_count && r >= 0; i++) {
		const struct project_kind *kind = ret->found[i].kind;

		for (size_t j = 0; j < ARRAY_SIZE(kind->commands) && kind->commands[j] && r >= 0; j++)
			r = names_add_new(&commands, kind->commands[j]);
		if (kind->source && r >= 0)
			r = names_add_new(&sources, kind->source);
	}
	items = arena_alloc_array(&cli->arena, commands.count, sizeof(*items));
	if (r < 0 || !items)
		return -ENOMEM;
	for (size_t i = 0; i < commands.count; i++)
		items[i] = (struct project_command){ commands.items[i],
			program_is_here(cli, commands.items[i]) };
	ret->commands = items;
	ret->command_count = commands.count;
	ret->sources = sources.items;
	ret->source_count = sources.count;
	return 0;
}

/* ---- files that need care ---- */

/* A link cannot be refused by its name: what it leads to would have to be. */
static bool is_file(int dirfd, const char *name)
{
	struct stat st;

	return kern_fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISREG(st.st_mode);
}

/* Whether a path of a configuration file can be this name: text, all of it visible, and no pattern. */
static bool can_be_said(const char *name)
{
	struct str rest = str_from(name);

	if (strpbrk(name, "*?") || strstr(name, "${"))
		return false;
	while (rest.len) {
		uint32_t point;
		int n = utf8_decode(rest, &point);

		if (n < 0 || utf8_is_deceptive(point))
			return false;
		rest.data += n;
		rest.len -= (size_t)n;
	}
	return true;
}

static int find_careful(struct cli *cli, int dirfd, const struct names *names, struct project *ret)
{
	struct names secrets = { .arena = &cli->arena }, terms = { .arena = &cli->arena };
	int r = 0;

	for (size_t i = 0; i < names->count && r >= 0; i++) {
		const char *name = names->items[i];
		bool is_secret = matches_any(secret_names, ARRAY_SIZE(secret_names), name) &&
			!matches_any(example_names, ARRAY_SIZE(example_names), name);

		if (!is_secret && !matches_any(term_names, ARRAY_SIZE(term_names), name))
			continue;
		if (!is_file(dirfd, name))
			continue;
		if (!can_be_said(name))
			ret->unnameable_count += is_secret;
		else
			r = names_add(is_secret ? &secrets : &terms, name);
	}
	ret->secrets = secrets.items;
	ret->secret_count = secrets.count;
	ret->terms = terms.items;
	ret->term_count = terms.count;
	return r;
}

int project_look(struct cli *cli, int dirfd, struct project *ret, struct error *err)
{
	struct project_found *found = arena_alloc_array(&cli->arena, ARRAY_SIZE(kinds), sizeof(*found));
	struct names names = { .arena = &cli->arena };
	int r = found ? 0 : -ENOMEM;

	*ret = (struct project){ 0 };
	if (r >= 0)
		r = read_names(dirfd, &names, &ret->is_partial);
	if (r >= 0) {
		find_kinds(&names, found, ret);
		r = collect(cli, ret);
	}
	if (r >= 0)
		r = find_careful(cli, dirfd, &names, ret);
	if (r >= 0)
		project_find_presets(cli, names.items, names.count, ret);
	return r < 0 ? error_sys(err, r, "looking at what the project holds") : 0;
}
