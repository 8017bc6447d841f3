// SPDX-License-Identifier: Apache-2.0
/*
 * test_tool_read.c - what tools print: which hosts are in it, and when none of it is believed
 */
#include "lib/test.h"

#include "base/buf.h"
#include "preset/tool.h"

static struct arena arena = ARENA_INIT(8 << 20);

/* The hosts, with spaces between them; in front of a refusal, "!". */
static const char *read_as(const char *name, const char *text, bool lenient)
{
	struct tool_answer answer = { .tool = tool_find(name) };
	scoped(buf) struct buf out = BUF_INIT(1 << 16);
	const char *why;

	if (!answer.tool)
		return "no such tool";
	why = tool_read(&arena, answer.tool, str_from(text), lenient, &answer);
	if (why)
		return arena_printf(&arena, "!%s", why);
	for (size_t i = 0; i < answer.host_count; i++)
		(void)buf_printf(&out, "%s%s", i ? " " : "", answer.hosts[i]);
	return arena_copy(&arena, buf_text(&out), out.len);
}

struct reading {
	const char *tool, *text, *hosts;
};

static void check_all(const struct reading *rows, size_t count, bool lenient)
{
	for (size_t i = 0; i < count; i++)
		CHECK_TEXT(read_as(rows[i].tool, rows[i].text, lenient), rows[i].hosts);
	arena_fini(&arena);
}

TEST(what_tools_print_is_read)
{
	static const struct reading rows[] = {
		{ "npm",
			"{\"registry\": \"https://mirror.example.test/npm/\", \"@corp:registry\": \"http://npm.example.test\", "
			"\"metrics-registry\": \"https://other.example.test/\", \"proxy\": null}",
			"npm.example.test:80/http mirror.example.test:443/tls" },
		{ "yarn", "undefined\n", "" },
		{ "yarn", "https://yarn.example.test/x\n", "yarn.example.test:443/tls" },
		{ "pip", "global.index-url='https://user:secret@mirror.example.test:8443/simple'\n"
			":env:.extra-index-url='\\nhttps://a.example.test\\nhttps://b.example.test/x'\nglobal.timeout='60'\n",
			"mirror.example.test:8443/tls a.example.test:443/tls b.example.test:443/tls" },
		{ "pip", "global.find-links='/srv/wheels'\n", "" },
		{ "pip", "", "" },
		{ "gem", "*** CURRENT SOURCES ***\n\nhttps://gems.example.test/\n",
			"gems.example.test:443/tls" },
		{ "bundle", "mirror.https://a.example.test/=https://b.example.test/\njobs=4\n",
			"b.example.test:443/tls" },
		{ "go", "{\"GOPROXY\": \"https://go.example.test|https://b.example.test,direct\", \"GOSUMDB\": \"sum.example.test+1a/2+b=\"}",
			"go.example.test:443/tls b.example.test:443/tls sum.example.test:443/tls" },
		{ "go", "{\"GOPROXY\": \"off\", \"GOSUMDB\": \"off\"}", "" },
		{ "dotnet",
			"E https://nuget.example.test/v3/index.json\nD https://off.example.test/\nEM /srv/packages\n",
			"nuget.example.test:443/tls" },
		{ "composer",
			"{\"corp\": {\"type\": \"composer\", \"url\": \"https://php.example.test\"}, "
			"\"here\": {\"type\": \"path\", \"url\": \"../lib\"}}",
			"php.example.test:443/tls" },
		{ "apt",
			"http://deb.example.test/debian\nhttp://deb.example.test/debian\nfile:/srv/x\ncdrom:[D]/\n",
			"deb.example.test:80/http" },
		{ "conda",
			"{\"channel_alias\": {\"scheme\": \"https\", \"location\": \"conda.example.test\", \"name\": \"x\"}, "
			"\"channels\": [\"defaults\", \"https://chan.example.test/a\"], "
			"\"custom_channels\": {\"pkgs/main\": \"https://main.example.test\"}}",
			"conda.example.test:443/tls chan.example.test:443/tls main.example.test:443/tls" },
		{ "podman",
			"{\"registries\": {\"search\": [\"images.example.test\", \"b.example.test:5000\"]}}",
			"images.example.test:443/tls b.example.test:5000/tls" },
		{ "brew",
			"HOMEBREW_VERSION: 4.0\nORIGIN: https://git.example.test/brew\nHOMEBREW_BOTTLE_DOMAIN: https://b.example.test\nCPU: 8-core\n",
			"git.example.test:443/tls b.example.test:443/tls" },
	};

	check_all(rows, ARRAY_SIZE(rows), false);
}

TEST(files_are_read)
{
	static const struct reading rows[] = {
		{ "cargo",
			"# mine\n[source.crates]\nreplace-with = \"corp\" # note\n[source.corp]\nregistry = \"sparse+https://crates.example.test/index/\"\n"
			"[build]\nrustflags = [\n\t\"-C\",\n]\n[registries.b]\nindex = 'https://b.example.test/git'\n",
			"crates.example.test:443/tls b.example.test:443/tls" },
		{ "dnf",
			"[base]\nname=Base - $basearch\nbaseurl=https://a.example.test/$releasever/\n\thttp://b.example.test/\n"
			"[off]\nbaseurl=https://off.example.test/\nenabled=0\n[more]\nmetalink=https://m.example.test/x?repo=a&arch=b\n",
			"a.example.test:443/tls b.example.test:80/http m.example.test:443/tls" },
		{ "containers",
			"unqualified-search-registries = [\"a.example.test\", \"b.example.test:5000\"]\n[[registry]]\nlocation = \"c.example.test/x\"\n",
			"a.example.test:443/tls b.example.test:5000/tls c.example.test:443/tls" },
		{ "containers", "unqualified-search-registries = [\n  \"a.example.test\",\n]\n",
			"a.example.test:443/tls" },
		{ "cabal", "-- repository none\nrepository x\n  url: http://h.example.test/\n",
			"h.example.test:80/http" },
		{ "maven",
			"<settings><!-- <url>https://no.example.test</url> --><mirror><url> https://m.example.test/x </url></mirror></settings>",
			"m.example.test:443/tls" },
		{ "cargo-index", "index.example.test", "index.example.test:443/tls" },
		{ "cargo-download", "{\"dl\": \"https://dl.example.test/{crate}\", \"api\": null}",
			"dl.example.test:443/tls" },
	};

	check_all(rows, ARRAY_SIZE(rows), true);
}

/* Each stands beside a host that would have been fine. */
TEST(what_is_no_plain_url_makes_all_of_it_unbelieved)
{
	static const char *const texts[] = {
		"https://**", "https://*.com/", "https://**.example.test", "https://a@b@c.example.test/",
		"https://a.example.test\\@b.example.test/", "https://a.example.test:0/",
		"https://a.example.test:65536/", "https://a.example.test:8x/", "https:///x", "https://",
		"https://a..example.test/", "https://-/", "https://127.1/", "https://0x7f000001/",
		"https://256.1.1.1/", "https://a%2eexample.test/", "https://a.example.test\x7f/",
		"https://a.example.test\x01/", "https://\xff.example.test/", "hello",
		"!https://x.example.test\\",
		"https://a.example.test#@b\\",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = arena_printf(&arena, "https://fine.example.test/\n%s\n", texts[i]);
		const char *got = text ? read_as("apt", text, false) : "";

		if (got[0] != '!')
			test_fail(__FILE__, __LINE__, "'%s' is read as '%s'", texts[i], got);
	}
	CHECK_TEXT(read_as("npm", "{\"registry\": \"https://a.example.test/\",}", false),
		"!it is no document in JSON");
	CHECK_TEXT(read_as("npm", "npm WARN\n{}", false), "!it is no document in JSON");
	CHECK_TEXT(read_as("npm", "{\"registry\": \"https://a.example.test/\\u0000\"}", false),
		"!it has something that is no URL");
	CHECK_TEXT(read_as("pip", "Traceback (most recent call last):\n", false),
		"!it has a line that is no setting");
	CHECK_TEXT(read_as("maven", "<!DOCTYPE x [<!ENTITY a \"b\">]><url>https://a.example.test</url>",
		true),
		"!it declares entities");
	arena_fini(&arena);
}

TEST(addresses_and_other_protocols_are_left_out_and_said)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "http://10.0.0.5:8081/x", "'10.0.0.5' is left out" },
		{ "https://8.8.8.8/", "'8.8.8.8' is left out" },
		{ "https://[fd00::1]/", "'[fd00::1]' is left out" },
		{ "ftp://a.example.test/", "'ftp' is left out" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tool_answer answer = { .tool = tool_find("apt") };

		CHECK(!tool_read(&arena, answer.tool, str_from(rows[i].text), false, &answer));
		CHECK_INT(answer.host_count, 0);
		CHECK(answer.left_out && strstr(answer.left_out, rows[i].says));
	}
	arena_fini(&arena);
}

TEST(names_come_in_one_form)
{
	CHECK_TEXT(read_as("apt",
		"https://B\xc3\x9c"
		"CHER.Example.TEST/",
		false),
		"xn--bcher-kva.example.test:443/tls");
	CHECK_TEXT(read_as("apt", "https://MIRROR.example.test./", false), "mirror.example.test:443/tls");
	CHECK_TEXT(read_as("apt", "https://good.example.test@evil.example.test/", false),
		"evil.example.test:443/tls");
	arena_fini(&arena);
}

TEST(there_is_an_end_to_it)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20);

	for (int i = 0; i <= TOOL_HOSTS_MAX; i++)
		(void)buf_printf(&text, "https://h%d.example.test/\n", i);
	CHECK_TEXT(read_as("apt", buf_text(&text), false), "!it names too many hosts");
	buf_clear(&text);
	for (int i = 0; i < TOOL_DEPTH_MAX + 1; i++)
		(void)buf_append_str(&text, "[");
	for (int i = 0; i < TOOL_DEPTH_MAX + 1; i++)
		(void)buf_append_str(&text, "]");
	CHECK_TEXT(read_as("npm", buf_text(&text), false), "!its document is too deep");
	arena_fini(&arena);
}

TEST_MAIN()
