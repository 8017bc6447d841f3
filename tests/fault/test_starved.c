// SPDX-License-Identifier: Apache-2.0
/*
 * test_starved.c - no memory, at every request of those who read, verify, compile and ask policies
 *
 * A case is done once, and then again with one request for memory refused: that one alone, which shows
 * whether it was looked at, or all from there on, which shows whether there is a way out. What comes of it is
 * what came of it before, or an error with a sentence. What was refused before (a signature that is not by
 * the key, a root that is another's, a changeset that a policy denies) is never let pass for want of memory.
 *
 * A request is one of an arena's or a buffer's. By default some of those of a long case are refused, others
 * of each; with CORDON_STARVED=all, each.
 */
#include "lib/fault_arena.h"
#include "unit/policy/world.h"

#include "kern/file.h"
#include "policy/about.h"
#include "policy/keys.h"
#include "policy/manifest.h"
#include "policy/opa.h"
#include "policy/pack.h"
#include "policy/revision.h"
#include "policy/sarif.h"
#include "policy/shipped.h"
#include "policy/sources.h"
#include "test_source_dir.h"

#include <fcntl.h>
#include <unistd.h>

enum {
	MEMORY_MAX = 256 << 20,
	TEXT_MAX = 4 << 20,
	SHOTS = 400,		/* of each case, by default */
};

/*
 * What is done: says what came of it, once rest() has been called, and leaves nothing behind.
 * Return: 0 or negative errno with a sentence.
 */
typedef int work_fn(struct buf *said, struct error *err);

struct tally {
	unsigned requests, shots, noticed;
};

static unsigned request_count;
static bool rests;

static void begin(unsigned nth, bool after)
{
	rests = false;
	fault_arena_arm(nth, after);
}

/* The end of what is looked at. */
static void rest(void)
{
	unsigned count = fault_arena_disarm();

	request_count = rests ? request_count : count;
	rests = true;
}

static void say_json(struct buf *said, const struct json *value)
{
	CHECK_INT(json_write(said, value, JSON_WRITE_CANONICAL), 0);
	buf_append_char(said, '\n');
}

/* For what has no sentence of its own: it is there, or the arena was full. */
static int there(const struct json *value, struct buf *said, struct error *err)
{
	rest();
	if (!value)
		return error_set(err, -EMSGSIZE, "no memory for a document");
	say_json(said, value);
	return 0;
}

/* What cannot be understood for want of memory is asked about: the floor may find more, and never less. */
static bool may_find_more;

static bool is_as_strict(struct str said, struct str wanted)
{
	struct str line;

	if (str_eq(said, wanted) || !may_find_more)
		return str_eq(said, wanted);
	while (wanted.len) {
		(void)str_cut(wanted, '\n', &line, &wanted);
		if (!memmem(said.data, said.len, line.data, line.len))
			return false;
	}
	return true;
}

static struct str str_of(const struct buf *buf)
{
	return (struct str){ buf_text(buf), buf->len };
}

static void shoot(work_fn *work, unsigned nth, bool after, int wanted, const struct buf *wanted_said,
	struct tally *tally)
{
	scoped(buf) struct buf said = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	int r;

	begin(nth, after);
	r = work(&said, &err);
	rest();
	tally->shots++;
	tally->noticed += r < 0 && wanted >= 0;
	if (r < 0 && !err.text[0])
		test_fail(__FILE__, __LINE__, "request %u%s: refused without a word", nth,
			after ? " and all after it" : "");
	if (r >= 0 && (wanted < 0 || !is_as_strict(str_of(&said), str_of(wanted_said))))
		test_fail(__FILE__, __LINE__, "request %u%s: \"%.2000s\", wanted %d \"%.2000s\"", nth,
			after ? " and all after it" : "", buf_text(&said), wanted, buf_text(wanted_said));
}

/* @wanted: what comes of it where there is memory. */
static void starve(const char *name, work_fn *work, int wanted)
{
	static unsigned number;
	const char *asked = getenv("CORDON_STARVED");
	scoped(buf) struct buf said = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;
	struct tally tally = { 0 };
	unsigned step;
	int r;

	begin(0, false);
	r = work(&said, &err);
	rest();
	if (r != wanted)
		test_fail(__FILE__, __LINE__, "%s: %d \"%s\", wanted %d", name, r, err.text, wanted);
	tally.requests = request_count;
	step = asked && !strcmp(asked, "all") ? 1 : tally.requests / SHOTS + 1;
	for (unsigned nth = 1 + number++ % step; nth <= tally.requests; nth += step) {
		shoot(work, nth, false, wanted, &said, &tally);
		shoot(work, nth, true, wanted, &said, &tally);
	}
	CHECK(wanted < 0 || tally.noticed > tally.shots / 4);
	printf("# %s: %u requests, %u refused, %u noticed\n", name, tally.requests, tally.shots,
		tally.noticed);
}

#define STARVE(work, wanted) starve(#work, work, wanted)

/* ---- files ---- */

static void write_file(const char *path, struct str text)
{
	char file[4096];
	int fd;

	snprintf(file, sizeof(file), "%s/%s", test_dir(), path);
	*strrchr(file, '/') = '\0';
	CHECK_INT(kern_mkdir_all(file), 0);
	file[strlen(file)] = '/';
	fd = kern_open(AT_FDCWD, file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0);
	CHECK_INT(kern_write_all(fd, text.data, text.len), 0);
	close(fd);
}

static const char *at(char file[4096], const char *path)
{
	snprintf(file, 4096, "%s/%s", test_dir(), path);
	return file;
}

static const struct policy_source_options anybody = { .writer = POLICY_WRITER_ANYBODY };

/* From sources that have everything to the document of a set. */
static int say_set(struct arena *arena, struct policy_sources *sources, struct buf *said, struct error *err)
{
	struct policy_set set = { 0 };
	int r = policy_sources_end(sources, &set.layers[POLICY_LAYER_USER], err);

	if (r >= 0) {
		r = policy_set_seal(&set);
		if (r < 0)
			return error_set(err, r, "sealing it");
		r = policy_shipped_fetch(arena, TEST_SOURCE_DIR "/../data/policies", &set, err);
	}
	return r < 0 ? r : there(policy_set_to_json(arena, &set), said, err);
}

static int read_files(struct buf *said, struct error *err)
{
	static const char *const names[] = { "deletions" };
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_sources sources;
	const struct json *params;
	char file[4096];
	int r;

	policy_sources_begin(&sources, &arena, &anybody);
	r = policy_sources_add(&sources, at(file, "p"), err);
	if (r >= 0)
		r = policy_sources_add_at(&sources, "users.more", at(file, "more.json"), err);
	if (r >= 0)
		r = policy_sources_add_shipped(&sources, names, ARRAY_SIZE(names), err);
	if (r >= 0)
		r = json_read(&arena, STR("{\"cordon\": {\"params\": {\"deletions\": {\"n\": 1}}}}"), 0,
			&params, err);
	if (r >= 0)
		r = policy_sources_add_value(&sources, "parameters", params, err);
	return r < 0 ? r : say_set(&arena, &sources, said, err);
}

static int read_two_values_for_one_place(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_sources sources;
	char file[4096];
	int r;

	policy_sources_begin(&sources, &arena, &anybody);
	r = policy_sources_add(&sources, at(file, "p"), err);
	if (r >= 0)
		r = policy_sources_add_at(&sources, "users", at(file, "again.json"), err);
	return r < 0 ? r : say_set(&arena, &sources, said, err);
}

static int read_files_that_others_write(struct buf *said, struct error *err)
{
	const struct policy_source_options mine = { .writer = POLICY_WRITER_USER };
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_sources sources;
	char file[4096];
	int r;

	policy_sources_begin(&sources, &arena, &mine);
	r = policy_sources_add(&sources, at(file, "everybodys.rego"), err);
	return r < 0 ? r : say_set(&arena, &sources, said, err);
}

TEST(files)
{
	char file[4096];

	write_file("p/b.rego", STR("package cordon.commit\n\nallow := true\n"));
	write_file("p/a/deep/a.rego", STR("package lib.a\n\nx := 1\n"));
	write_file("p/a/a_test.rego", STR("package lib.a_test\n"));
	write_file("p/users/data.json", STR("{\"admins\": [\"alice\", \"bob\"], \"more\": {\"x\": 1e400}}"));
	write_file("p/users/more.yaml", STR("n: 1\nm: [a, \"b\", {c: d}]\ntext: |\n  two\n  lines\n"));
	write_file("more.json", STR("{\"y\": 2}"));
	write_file("again.json", STR("{\"admins\": [\"eve\"]}"));
	write_file("everybodys.rego", STR("package cordon.commit\n\nallow := true\n"));
	CHECK_INT(chmod(at(file, "everybodys.rego"), 0666), 0);
	STARVE(read_files, 0);
	STARVE(read_two_values_for_one_place, -EEXIST);
	STARVE(read_files_that_others_write, -EPERM);
}

/* ---- bundles ---- */

static const char private_pem[] =
	"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";
static const char public_pem[] =
	"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
	"-----END PUBLIC KEY-----\n";
/* Of RFC 7517, A.1, with one of a kind that nobody knows. */
static const char key_set[] =
	"{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"use\": \"sig\", \"kid\": \"1\","
	"\"x\": \"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
	"\"y\": \"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"},"
	"{\"kty\": \"OKP\", \"crv\": \"X448\", \"x\": \"AA\", \"kid\": \"unknown\"},"
	"{\"kty\": \"RSA\", \"e\": \"AQAB\", \"alg\": \"RS256\", \"kid\": \"2011-04-29\", \"n\": \""
	"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF"
	"V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9"
	"c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1"
	"jF44-csFCur-kEgU8awapJzKnqDKgw\"}]}";

static struct arena kept = ARENA_INIT(64 << 20);
static struct crypto_key private_key;
static struct policy_key public_key = { .name = "team.pem" };
static struct policy_verification verification = { .keys = &public_key, .key_count = 1, .is_required = true };

static struct policy_entry signed_items[] = {
	{ .name = ".manifest",
		.content = STR("{\"revision\": \"7\", \"roots\": [\"cordon/commit\", \"team\"]}") },
	{ .name = ".signatures.json" },
	{ .name = "more/rules.rego", .content = STR("package cordon.commit\n\ndeny contains \"x\"\n") },
	{ .name = "team/data.json", .content = STR("{\"n\": 1.50, \"m\": [\"a\", {}]}") },
};
static struct policy_entries signed_files = { .items = signed_items, .count = ARRAY_SIZE(signed_items) };

static int sign(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	const struct policy_signing signing = { .key = &private_key, .id = STR("team") };
	struct str text;
	int r = policy_signature_make(&arena, &signed_files, &signing, &text, err);

	rest();
	if (r >= 0)
		buf_append(said, text.data, text.len);
	return r;
}

static void make_signed(void)
{
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX), archive = BUF_INIT(TEXT_MAX);
	struct error err = ERROR_INIT;

	CHECK_INT(crypto_key_read_pem(&kept, str_from(private_pem), 0, &private_key, &err), 0);
	CHECK_INT(crypto_key_read_pem(&kept, str_from(public_pem), 0, &public_key.key, &err), 0);
	CHECK_INT(sign(&text, &err), 0);
	signed_items[1].content = (struct str){ arena_copy(&kept, text.data, text.len), text.len };
	if (policy_unpack_is_supported()) {
		CHECK_INT(policy_pack(&signed_files, &archive, &err), 0);
		write_file("b.tar.gz", (struct str){ archive.data, archive.len });
	}
	for (size_t i = 0; i < signed_files.count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "b/%s", signed_items[i].name);
		write_file(name, signed_items[i].content);
	}
}

static int read_bundle(const char *name, struct buf *said, struct error *err)
{
	const struct policy_source_options options = {
		.writer = POLICY_WRITER_ANYBODY, .verification = &verification,
	};
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_sources sources;
	char file[4096];
	int r;

	policy_sources_begin(&sources, &arena, &options);
	r = policy_sources_add(&sources, at(file, name), err);
	return r < 0 ? r : say_set(&arena, &sources, said, err);
}

static int read_archive(struct buf *said, struct error *err)
{
	return read_bundle("b.tar.gz", said, err);
}

static int read_directory(struct buf *said, struct error *err)
{
	return read_bundle("b", said, err);
}

static struct policy_entry other_items[8];
static struct policy_entries other_files = { .items = other_items };
static const struct policy_verification *other_verification;

static int read_others(struct buf *said, struct error *err)
{
	const struct policy_source_options options = {
		.writer = POLICY_WRITER_ANYBODY, .verification = other_verification,
	};
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_sources sources;
	int r;

	policy_sources_begin(&sources, &arena, &options);
	r = policy_sources_add_entries(&sources, "other", &other_files, err);
	return r < 0 ? r : say_set(&arena, &sources, said, err);
}

/* The bundle as it was signed, but for one file. */
static void starve_tampered(size_t index, const char *name, struct str content, int wanted)
{
	memcpy(other_items, signed_items, sizeof(signed_items));
	other_files.count = ARRAY_SIZE(signed_items);
	other_items[index] = (struct policy_entry){ name, content };
	other_verification = &verification;
	starve(name, read_others, wanted);
}

TEST(signed_bundles)
{
	struct policy_key stranger;

	make_signed();
	STARVE(sign, 0);
	STARVE(read_directory, 0);
	if (policy_unpack_is_supported())
		STARVE(read_archive, 0);
	starve_tampered(2, "more/rules.rego", STR("package cordon.commit\n\ndeny contains \"y\"\n"),
		-EBADMSG);
	starve_tampered(3, "team/more.json", STR("{}"), -EBADMSG);
	starve_tampered(1, ".signatures", STR("{}"), -EPERM);
	starve_tampered(1, ".signatures.json", STR("{\"signatures\": []}"), -EBADMSG);
	stranger = public_key;
	((unsigned char *)(uintptr_t)stranger.key.ed.x.data)[0] ^= 1;
	STARVE(read_directory, -EBADMSG);
	arena_fini(&kept);
}

/* What a bundle may not define. */
static void starve_unsigned(const char *name, const struct policy_entry *items, size_t count, int wanted)
{
	memcpy(other_items, items, count * sizeof(*items));
	other_files.count = count;
	other_verification = NULL;
	starve(name, read_others, wanted);
}

TEST(roots_of_bundles)
{
	const struct policy_entry fine[] = {
		{ ".manifest", STR("{\"roots\": [\"team\", \"lib/team\"], \"metadata\": {\"by\": \"us\"}}") },
		{ "lib/team/data.yaml", STR("a: [1, 2]\n") },
		{ "team.rego", STR("package team.rules\n\nx := 1\n") },
	}, module[] = {
		{ ".manifest", STR("{\"roots\": [\"team\"]}") },
		{ "team.rego", STR("package cordon.commit\n\nallow := true\n") },
	}, data[] = {
		{ ".manifest", STR("{\"roots\": [\"team\"]}") },
		{ "data.json", STR("{\"cordon\": {\"params\": {}}}") },
	}, overlapping[] = {
		{ ".manifest", STR("{\"roots\": [\"team\", \"team/more\"]}") },
	}, second[] = {
		{ ".manifest", STR("{\"roots\": [\"team\"]}") }, { "a/.manifest", STR("{}") },
	}, unknown[] = {
		{ ".manifest", STR("{\"roots\": [\"team\"], \"rots\": []}") },
	};

	starve_unsigned("fine", fine, ARRAY_SIZE(fine), 0);
	starve_unsigned("module", module, ARRAY_SIZE(module), -EBADMSG);
	starve_unsigned("data", data, ARRAY_SIZE(data), -EBADMSG);
	starve_unsigned("overlapping", overlapping, ARRAY_SIZE(overlapping), -EBADMSG);
	starve_unsigned("second", second, ARRAY_SIZE(second), -EBADMSG);
	starve_unsigned("unknown", unknown, ARRAY_SIZE(unknown), -EBADMSG);
}

/* ---- keys ---- */

static const char *key_file;

static int read_keys(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_verification keys = { 0 };
	char file[4096];
	const struct policy_key_file what = { at(file, key_file), POLICY_WRITER_ANYBODY, NULL, false };
	int r = policy_keys_read(&arena, &what, &keys, err);

	rest();
	for (size_t i = 0; r >= 0 && i < keys.key_count; i++)
		buf_printf(said, "%.*s %d %d %u\n", STR_FMT(keys.keys[i].id), keys.keys[i].key.kind,
			keys.keys[i].key.is_private, keys.keys[i].key.bits);
	return r;
}

static void starve_key(const char *name, const char *text, int wanted)
{
	write_file(name, str_from(text));
	key_file = name;
	starve(name, read_keys, wanted);
}

TEST(keys)
{
	starve_key("public.pem", public_pem, 0);
	starve_key("set.json", key_set, 0);
	starve_key("private.pem", private_pem, -EPERM);
	starve_key("none.json",
		"{\"keys\": [{\"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"AA\", \"y\": \"AA\"}]}",
		-EBADMSG);
}

/* ---- sets ---- */

static const char *set_text;

static int read_set(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	const struct json *value;
	struct policy_set set;
	int r = json_read(&arena, str_from(set_text), JSON_READ_STRICT, &value, err);

	if (r >= 0)
		r = policy_set_read(&arena, value, &set, err);
	return r < 0 ? r : there(policy_set_to_json(&arena, &set), said, err);
}

static struct policy_module modules[POLICY_LAYERS];

static struct policy_set set_of(const char *user, const char *organisation, const char *project)
{
	const char *const texts[POLICY_LAYERS] = {
		[POLICY_LAYER_USER] = user, [POLICY_LAYER_ORGANISATION] = organisation,
		[POLICY_LAYER_PROJECT] = project,
	};
	struct policy_set set = { 0 };

	for (size_t i = 0; i < POLICY_LAYERS; i++) {
		modules[i] = (struct policy_module){ policy_layer_name((enum policy_layer_kind)i),
			texts[i] ? str_from(texts[i]) : STR("") };
		set.layers[i].modules = &modules[i];
		set.layers[i].count = texts[i] ? 1 : 0;
	}
	CHECK_INT(policy_set_seal(&set), 0);
	return set;
}

#define ALLOWS "package cordon.commit\n\nimport data.some.list\n\nallow if not list\n"
#define ASKS "package cordon.commit\n\n" \
	"ask contains {\"rule\": \"team/ext\", \"msg\": sprintf(\"%s\", [e.path]), \"paths\": [e.path]} if {\n" \
	"\tsome e in input.changeset.entries\n\te.ext == \".py\"\n}\n"
#define DENIES "package cordon.commit\n\ndeny contains \"never\" if {\n\tcount(input.changeset.entries) > 0\n}\n"
#define WARNS "package cordon.commit\n\nwarn contains {\"msg\": \"hm\", \"severity\": \"low\", \"hint\": \"look\"}\n"

TEST(kept_sets)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct policy_set set = set_of(ALLOWS, ASKS, DENIES);
	char *other;

	CHECK_INT(json_write(&text, policy_set_to_json(&arena, &set), JSON_WRITE_CANONICAL), 0);
	set_text = buf_text(&text);
	STARVE(read_set, 0);
	other = arena_copy(&arena, text.data, text.len);
	strstr(other, "never")[0] = 'N';
	set_text = other;
	STARVE(read_set, -EBADMSG);
}

/* ---- engines ---- */

static const struct policy_set *judging;
static const struct json *asked_about;

static int say_answer(int r, const struct policy_answer *answer, struct buf *said, struct error *err)
{
	rest();
	if (r < 0) {
		CHECK_INT(answer->verdict, VERDICT_DENY);
		return r;
	}
	buf_printf(said, "%s\n", verdict_name(answer->verdict));
	for (size_t i = 0; i < answer->count; i++)
		buf_printf(said, "%s %s: %s %zu\n", verdict_name(answer->findings[i].verdict),
			answer->findings[i].rule, answer->findings[i].message,
			answer->findings[i].path_count);
	return answer->verdict == VERDICT_ALLOW ? 0 : error_set(err, -EACCES, "%s", buf_text(said));
}

static int compile_and_ask(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	const struct policy_moment moment = { .now_ns = 1700000000000000000 };
	struct policy_engine *engine = NULL;
	struct policy_answer answer = { .verdict = VERDICT_DENY };
	char *report = NULL;
	int r = policy_engine_new(judging, &engine, &report, err);

	if (r >= 0)
		r = policy_ask(engine, POLICY_COMMIT, asked_about, &moment, &arena, &answer, err);
	r = say_answer(r, &answer, said, err);
	policy_engine_free(engine);
	free(report);
	return r;
}

static int check_alone(struct buf *said, struct error *err)
{
	bool silent[POLICY_LAYERS];
	char *report = NULL;
	int r = policy_engine_check(judging, silent, &report, err);

	rest();
	buf_append_str(said, report ? report : "");
	free(report);
	return r;
}

static void starve_engine(const char *name, work_fn *work, struct policy_set set, int wanted)
{
	judging = &set;
	starve(name, work, wanted);
}

TEST(engines)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);

	CHECK_INT(json_read(&arena,
		STR("{\"changeset\": {\"entries\": [{\"path\": \"/a.py\", \"ext\": \".py\"}]}}"), 0,
		&asked_about, NULL),
		0);
	starve_engine("the user allows", compile_and_ask, set_of(ALLOWS, WARNS, WARNS), 0);
	starve_engine("the project denies", compile_and_ask, set_of(ALLOWS, NULL, DENIES), -EACCES);
	starve_engine("the organisation asks", compile_and_ask, set_of(ALLOWS, ASKS, NULL), -EACCES);
	starve_engine("nobody allows", compile_and_ask, set_of(WARNS, NULL, NULL), -EACCES);
	starve_engine("no mistake", check_alone, set_of(ALLOWS, ASKS, DENIES), 0);
	starve_engine("a mistake", check_alone, set_of(ALLOWS, NULL, "package cordon.commit\n\ndeny if x\n"),
		-EINVAL);
}

/* ---- judging ---- */

static struct world world;

/* What is not allowed is an error here, whoever does not allow it. */
static int judge(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct judgement judgement = { .verdict = VERDICT_DENY };
	int r = policy_judge_changeset(&arena, &world.changeset, &world.settings, &judgement, err);

	rest();
	if (r < 0)
		return r;
	for (size_t i = 0; i < judgement.rule_count; i++)
		buf_printf(said, "%s %s %ju\n", verdict_name(judgement.rules[i].verdict),
			judgement.rules[i].rule, (uintmax_t)judgement.rules[i].count);
	for (size_t i = 0; i < judgement.count; i++)
		buf_printf(said, "%s %s: %s\n", judgement.decisions[i].id, judgement.decisions[i].rule,
			judgement.decisions[i].message);
	CHECK(judgement_is_answered(&judgement) || judgement.verdict == VERDICT_DENY);
	return judgement.verdict == VERDICT_ALLOW ? 0 :
		error_set(err, -EACCES, "%s: %s", verdict_name(judgement.verdict), buf_text(said));
}

/* Whatever is lost, a rule that found something is not. */
static int judge_floor(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct judgement judgement = { .verdict = VERDICT_DENY };
	int r = policy_judge_floor(&arena, &world.changeset, &world.settings, &judgement, err);

	rest();
	for (size_t i = 0; r >= 0 && i < judgement.count; i++)
		buf_printf(said, "%s %s %s\n", verdict_name(judgement.decisions[i].verdict),
			judgement.decisions[i].rule, judgement.decisions[i].path.data);
	return r;
}

static void starve_world(const char *name, const char *const *lines, work_fn *work, int wanted)
{
	world_init(&world, lines);
	starve(name, work, wanted);
	world_fini(&world);
}

TEST(the_floor)
{
	may_find_more = true;
	starve_world("programs that are started",
		LINES("write .env|API_KEY=1\nNODE_OPTIONS=--require ./x.js\n", "symlink l|../../out",
			"write .vscode/settings.json|{ \"git.path\": \"x\" }", "writesuid s|x",
			"write package.json|{\"scripts\": {\"postinstall\": \"x\"}}",
			"write pyproject.toml|[tool.pytest.ini_options]\naddopts = \"-p x\"\n"),
		judge_floor, 0);
	starve_world("git", LINES("write .git/config|[core]\n\tfsmonitor = x\n[alias]\n\ta = !x\n", "fifo p",
		"write .gitattributes|* filter=x\n",
		"write .gitmodules|[submodule \"a\"]\n\turl = -x\n", "write Makefile|all:\n",
		"link way|/etc", "write setup.py|import os\n"),
		judge_floor, 0);
}

/* Harmless paths, so that all that is said is the policies'. */
TEST(judging_by_policies)
{
	static const struct policy_session session = { .id = "s1", .workspace = "/home/a/project",
		.exit_code = 0 };
	static const struct {
		const char *name, *user, *project;
		int wanted;
	} cases[] = {
		{ "allowed", ALLOWS, NULL, 0 },
		{ "warned", ALLOWS, WARNS, 0 },
		{ "asked", ALLOWS, ASKS, -EACCES },
		{ "denied", ALLOWS, DENIES, -EACCES },
		{ "not allowed", WARNS, NULL, -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct policy_set set = set_of(cases[i].user, NULL, cases[i].project);
		struct policy_engine *engine;
		struct policy_oracle oracle;
		struct error err = ERROR_INIT;

		world_init(&world, LINES("write lib/a.py|x", "file b|y", "write b|z", "symlink l|b"));
		CHECK_INT(policy_engine_new(&set, &engine, NULL, &err), 0);
		oracle = policy_engine_oracle(engine);
		world.settings.oracle = &oracle;
		world.settings.session = &session;
		world.settings.now_ns = 1700000000000000000;
		starve(cases[i].name, judge, cases[i].wanted);
		policy_engine_free(engine);
		world_fini(&world);
	}
}

/* ---- documents ---- */

static struct judgement judged;

static int write_judgement(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);

	return there(judgement_to_json(&arena, &judged), said, err);
}

static int write_sarif(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);

	return there(judgement_to_sarif(&arena, &judged, &world.changeset, NULL, "s1", "1"), said, err);
}

static int accept_and_read_again(struct buf *said, struct error *err)
{
	static const char *const rules[] = { "floor/environment" };
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct judgement judgement = judged, back;
	const struct json *value;
	int r;

	judgement.rules = arena_alloc_array(&arena, judged.rule_count, sizeof(*judged.rules));
	if (!judgement.rules)
		return error_set(err, -EMSGSIZE, "no memory for the rules");
	memcpy(judgement.rules, judged.rules, judged.rule_count * sizeof(*judged.rules));
	r = judgement_accept(&arena, &judgement, rules, ARRAY_SIZE(rules), "looked", err);
	if (r < 0) {
		CHECK(judgement.verdict != VERDICT_ALLOW && !judgement.rules[0].is_accepted);
		return r;
	}
	value = judgement_to_json(&arena, &judgement);
	if (!value)
		return error_set(err, -EMSGSIZE, "no memory for a document");
	r = judgement_read(&arena, value, &back, err);
	return r < 0 ? r : there(judgement_to_json(&arena, &back), said, err);
}

TEST(judgements)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct error err = ERROR_INIT;

	world_init(&world, LINES("write .envrc|x", "write sub dir/.envrc|[x]"));
	CHECK_INT(policy_judge_floor(&arena, &world.changeset, &world.settings, &judged, &err), 0);
	STARVE(write_judgement, 0);
	STARVE(write_sarif, 0);
	STARVE(accept_and_read_again, 0);
	world_fini(&world);
}

static const char *body;

static int read_body(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_answer answer;
	int r = policy_opa_read(&arena, POLICY_COMMIT, str_from(body), &answer, err);

	return say_answer(r, &answer, said, err);
}

TEST(answers_of_an_opa)
{
	static const struct {
		const char *text;
		int wanted;
	} bodies[] = {
		{ "{\"result\": {\"allow\": true, \"warn\": [{\"msg\": \"a\", \"rule\": \"b\", \"hint\": \"c\"}, \"d\"]}}",
			0 },
		{ "{\"result\": {\"allow\": true, \"deny\": [{\"msg\": \"no\", \"paths\": [\"/a\", \"/b\"]}]}}",
			-EACCES },
		{ "{\"result\": {\"allow\": true, \"ask\": [\"look\"]}}", -EACCES },
		{ "{\"result\": {}}", -EACCES }, { "{\"result\": {\"allow\": 1}}", -EBADMSG },
		{ "{\"result\": {\"allow\": false, \"allow\": true}}", -EBADMSG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		body = bodies[i].text;
		starve(body, read_body, bodies[i].wanted);
	}
}

static struct policy_bundle used = { "/etc/team.tar.gz", "8" };

static int use_a_bundle(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	const struct json *seen;
	int r = policy_revisions_read(&arena,
		STR("{\"version\": 1, \"bundles\": {\"/etc/team.tar.gz\": {\"revision\": \"7\", \"earlier\": [\"x\"]}, "
		    "\"/other\": {\"revision\": \"c0ffee\", \"earlier\": []}}}"), &seen, err);

	if (r >= 0)
		r = policy_revisions_check(seen, &used, err);
	return r < 0 ? r : there(policy_revisions_note(&arena, seen, &used), said, err);
}

TEST(revisions)
{
	STARVE(use_a_bundle, 0);
	used.revision = "6";
	STARVE(use_a_bundle, -ESTALE);
	used.revision = "x";
	STARVE(use_a_bundle, -ESTALE);
}

static int read_about(struct buf *said, struct error *err)
{
	static const struct policy_module module = { "m.rego", STR(
		"package cordon.commit\n\n# METADATA\n# title: Many files\n# custom:\n#   module: team\n"
		"#   findings:\n#     count: {verdict: ask, severity: high, what: too many}\n"
		"#   params:\n#     limit: {default: 5, description: how many}\n"
		"about := rego.metadata.rule()\n\ndeny contains \"x\"\n") };
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_about about;
	int r = policy_about_read(&arena, &module, NULL, &about, err);

	rest();
	if (r < 0)
		return r;
	buf_printf(said, "%s %s %s %zu", about.title, about.module, about.key, about.rule_count);
	for (size_t i = 0; i < about.finding_count; i++)
		buf_printf(said, " %s %s", about.findings[i].name, about.findings[i].verdict);
	for (size_t i = 0; i < about.param_count; i++)
		buf_printf(said, " %s %s", about.params[i].name, about.params[i].description);
	return 0;
}

TEST(what_modules_say_of_themselves)
{
	STARVE(read_about, 0);
}

/* ---- questions ---- */

static const char *const words[] = { "sh", "-c", "echo \xff" };
static const struct digest digest = { { 1, 2, 3 } };
static const struct policy_program program = { 7, "/bin/sh", &digest, words, ARRAY_SIZE(words), "/home/a" };
static const struct policy_session somebody = {
	.id = "s1", .workspace = "/home/a/project", .profile = "standard", .level = "namespaces", .user = "a",
	.agent = "x", .argv = words, .argc = ARRAY_SIZE(words), .created_ns = 1, .exit_code = -1,
};

static int write_exec(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	const struct policy_exec question = { &somebody, program, "/x.sh", &program, 1 };

	return there(policy_input_exec(&arena, &question), said, err);
}

static int write_net(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	const struct policy_net question = {
		.session = &somebody, .name = "example.org", .address = "192.0.2.1", .port = 443,
		.protocol = "https", .method = "GET", .path = "/", .program = &program,
	};

	return there(policy_input_net(&arena, &question), said, err);
}

static int write_file_access(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	const struct policy_file_access question = { &somebody, "/etc/passwd", "read", &program };

	return there(policy_input_file(&arena, &question), said, err);
}

static int write_commit(struct buf *said, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY_MAX);
	struct policy_resolver resolver = { &world.changeset, &world.settings };
	const struct policy_commit question = { &somebody, &world.changeset, policy_resolve_link, &resolver };

	return there(policy_input_commit(&arena, &question), said, err);
}

TEST(questions)
{
	world_init(&world,
		LINES("write a\xff/b|x", "file old|y", "rm old", "symlink l|a", "dir d", "rmtree d"));
	STARVE(write_exec, 0);
	STARVE(write_net, 0);
	STARVE(write_file_access, 0);
	STARVE(write_commit, 0);
	world_fini(&world);
}

TEST_MAIN()
