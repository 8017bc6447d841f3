// SPDX-License-Identifier: Apache-2.0
/*
 * tool.c - the tools that cordon knows how to ask
 *
 * Sources: npm config(1), pnpm.io/cli/config, yarnpkg.com/cli/config/get, pip config(1) and pip._internal's
 * models of an index, `gem help sources`, bundle-config(1), The Cargo Book ("Configuration", "Registry
 * index"), `go help environment`, Maven "Settings Reference", `dotnet nuget list source`, getcomposer.org
 * "config", Cabal User Guide ("Configuration"), apt-get(8) (indextargets), dnf.conf(5), conda
 * "Configuration", containers-registries.conf(5), podman-info(1), `docker info`, brew(1)
 */
#include "preset/tool.h"

#define NPM_ENVIRONMENT \
	"npm_config_update_notifier=false", "COREPACK_ENABLE_NETWORK=0", \
		"COREPACK_ENABLE_DOWNLOAD_PROMPT=0"

static const struct tool tools[] = {
	{ .name = "npm", .shown = "npm config list", .argv = { "npm", "config", "list", "--json" },
		.environment = { NPM_ENVIRONMENT }, .format = TOOL_JSON,
		.keys = { "registry", "@**:registry" } },
	{ .name = "pnpm", .shown = "pnpm config list", .argv = { "pnpm", "config", "list", "--json" },
		.environment = { NPM_ENVIRONMENT }, .format = TOOL_JSON,
		.keys = { "registry", "@**:registry" } },
	{ .name = "yarn", .shown = "yarn config get npmRegistryServer",
		.argv = { "yarn", "config", "get", "npmRegistryServer" }, .environment = { NPM_ENVIRONMENT },
		.format = TOOL_LINES, .keys = { "undefined" } },
	{ .name = "yarn-classic", .shown = "yarn config get registry",
		.argv = { "yarn", "config", "get", "registry" }, .environment = { NPM_ENVIRONMENT },
		.format = TOOL_LINES, .keys = { "undefined" }, .unless = "yarn" },
	{ .name = "pip", .shown = "pip config list", .argv = { "pip|pip3", "config", "list" },
		.environment = { "PIP_DISABLE_PIP_VERSION_CHECK=1" }, .format = TOOL_SETTINGS,
		.separator = '=',
		.keys = { "*.index-url", "*.extra-index-url", "~*.find-links" } },
	/* Isolated: neither variables nor the user's own modules say what is imported. */
	{ .name = "pip-defaults", .shown = "pip's own default",
		.argv = { "python3", "-I", "-c",
			"from pip._internal.models.index import PyPI\n"
			"print(PyPI.simple_url)\nprint('https://' + PyPI.file_storage_domain)\n" },
		.format = TOOL_LINES, .unless = "pip" },
	{ .name = "uv", .shown = "variables of uv's",
		.variables = { "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL" } },
	{ .name = "gem", .shown = "gem sources", .argv = { "gem", "sources", "--list" },
		.format = TOOL_LINES, .keys = { "*** CURRENT SOURCES ***" } },
	{ .name = "bundle", .shown = "bundle config", .argv = { "bundle", "config", "list", "--parseable" },
		.format = TOOL_SETTINGS, .separator = '=', .keys = { "mirror.**" } },
	{ .name = "cargo", .shown = "cargo's config.toml",
		.files = { "$CARGO_HOME/config.toml", "$CARGO_HOME/config", "~/.cargo/config.toml",
			"~/.cargo/config" },
		.format = TOOL_SETTINGS, .separator = '=', .keys = { "~registry", "index", "~git" }, .lacks =
			"cargo does not print its own default; what it fetched from before is taken instead" },
	{ .name = "cargo-index", .shown = "the indexes that cargo fetched",
		.files = { "$CARGO_HOME/registry/index/*", "~/.cargo/registry/index/*" },
		.format = TOOL_NAMES },
	{ .name = "cargo-download", .shown = "what the indexes that cargo fetched name",
		.files = { "$CARGO_HOME/registry/index/*/config.json",
			"~/.cargo/registry/index/*/config.json" },
		.format = TOOL_JSON, .keys = { "dl", "~api" } },
	{ .name = "go", .shown = "go env", .argv = { "go", "env", "-json", "GOPROXY", "GOSUMDB" },
		.environment = { "GOTOOLCHAIN=local" }, .format = TOOL_JSON,
		.keys = { "GOPROXY", "?GOSUMDB" }, .words = { "direct", "off" } },
	{ .name = "maven", .shown = "Maven's settings.xml",
		.files = { "~/.m2/settings.xml", "$MAVEN_HOME/conf/settings.xml", "/etc/maven/settings.xml" },
		.format = TOOL_XML,
		.lacks = "neither Maven nor Gradle prints its own default, nor what a build file names" },
	{ .name = "dotnet", .shown = "dotnet nuget list source",
		.argv = { "dotnet", "nuget", "list", "source", "--format", "Short" },
		.environment = { "DOTNET_NOLOGO=1", "DOTNET_CLI_TELEMETRY_OPTOUT=1",
			"DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1" },
		.format = TOOL_LINES, .keys = { "D **", "D? **" } },
	{ .name = "composer", .shown = "composer config repositories",
		.argv = { "composer", "config", "--global", "--no-interaction", "--no-plugins",
			"repositories" },
		.environment = { "COMPOSER_ALLOW_SUPERUSER=1" }, .format = TOOL_JSON, .keys = { "~url" } },
	{ .name = "cabal", .shown = "cabal's config",
		.files = { "$CABAL_DIR/config", "~/.cabal/config", "$XDG_CONFIG_HOME/cabal/config",
			"~/.config/cabal/config" },
		.format = TOOL_SETTINGS, .separator = ':', .keys = { "url" } },
	{ .name = "stack", .shown = "stack's config.yaml",
		.files = { "$STACK_ROOT/config.yaml", "~/.stack/config.yaml" },
		.format = TOOL_SETTINGS, .separator = ':', .keys = { "~url", "~- url", "~download-prefix" },
		.lacks = "stack does not print its own defaults" },
	{ .name = "apt", .shown = "apt-get indextargets",
		.argv = { "apt-get", "indextargets", "--format", "$(SITE)" }, .format = TOOL_LINES },
	{ .name = "dnf", .shown = "/etc/yum.repos.d", .files = { "/etc/yum.repos.d/*.repo" },
		.format = TOOL_SETTINGS, .separator = '=', .keys = { "baseurl", "metalink", "mirrorlist" },
		.lacks = "a list of mirrors names further hosts when it is fetched" },
	{ .name = "conda", .shown = "conda config",
		.argv = { "conda", "config", "--show", "channel_alias", "channels", "custom_channels",
			"default_channels", "--json" },
		.format = TOOL_JSON, .keys = { "?location", "~**" } },
	{ .name = "containers", .shown = "registries.conf",
		.files = { "$CONTAINERS_REGISTRIES_CONF", "$XDG_CONFIG_HOME/containers/registries.conf",
			"~/.config/containers/registries.conf", "/etc/containers/registries.conf",
			"/etc/containers/registries.conf.d/*.conf" },
		.format = TOOL_SETTINGS, .separator = '=',
		.keys = { "?location", "?unqualified-search-registries" },
		.lacks = "a registry of images may send a client on to other hosts" },
	{ .name = "podman", .shown = "podman info", .argv = { "podman", "info", "--format", "json" },
		.format = TOOL_JSON, .keys = { "?search" } },
	{ .name = "docker", .shown = "docker info",
		.argv = { "docker", "info", "--format", "{{json .RegistryConfig}}" }, .format = TOOL_JSON,
		.keys = { "Mirrors", "?Name" } },
	{ .name = "brew", .shown = "brew config", .argv = { "brew", "config" },
		.environment = { "HOMEBREW_NO_AUTO_UPDATE=1", "HOMEBREW_NO_ANALYTICS=1" },
		.format = TOOL_SETTINGS, .separator = ':',
		.keys = { "HOMEBREW_*_DOMAIN", "HOMEBREW_*_REMOTE", "~ORIGIN", "~* ORIGIN" },
		.lacks = "brew prints its hosts only where they are set" },
	{ .name = "brew-variables", .shown = "variables of Homebrew's",
		.variables = { "HOMEBREW_API_DOMAIN", "HOMEBREW_ARTIFACT_DOMAIN", "HOMEBREW_BOTTLE_DOMAIN",
			"HOMEBREW_BREW_GIT_REMOTE", "HOMEBREW_CORE_GIT_REMOTE" } },
};

const struct tool *tool_at(size_t index)
{
	return index < ARRAY_SIZE(tools) ? &tools[index] : NULL;
}

const struct tool *tool_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!strcmp(tools[i].name, name))
			return &tools[i];
	return NULL;
}
