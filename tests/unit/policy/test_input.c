// SPDX-License-Identifier: Apache-2.0
/*
 * test_input.c - the documents that policies are asked with
 */
#include "unit/policy/world.h"

#include "lib/schema.h"
#include "policy/input.h"
#include "test_source_dir.h"

#define SCHEMAS TEST_SOURCE_DIR "/../data/schemas/policy/"

static const char *const command[] = { "claude", "-p", "fix it", NULL };

static const struct policy_session session = {
	.id = "s-1", .workspace = "/home/a/project", .profile = "standard", .level = "namespaces",
	.user = "a", .agent = "claude", .argv = command, .argc = 3,
	.created_ns = UINT64_C(1700000000000000001), .exit_code = -1,
};

/*
 * The document is what its schema says, is in order (what reads its text back is equal, member by member),
 * and has this text at @pointer.
 */
static void check_document(struct arena *arena, const struct json *document, const char *schema,
	const char *pointer, const char *wanted)
{
	scoped(buf) struct buf text = BUF_INIT(1 << 20), part = BUF_INIT(1 << 20);
	const struct json *back;

	CHECK(document);
	schema_check_file(schema, document);
	CHECK_INT(json_write(&text, document, JSON_WRITE_CANONICAL), 0);
	CHECK_INT(json_read(arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &back, NULL), 0);
	CHECK(json_equal(back, document));
	CHECK_INT(json_write(&part, json_pointer(document, str_from(pointer)), JSON_WRITE_CANONICAL), 0);
	CHECK_TEXT(buf_text(&part), wanted);
}

/* ---- paths ---- */

TEST(each_path_has_a_text_of_its_own)
{
	static const struct {
		const char *root, *path, *wanted;
	} cases[] = {
		{ "/w", "a/b.c", "/w/a/b.c" },
		{ "/w", ".", "/w" },
		{ "/", "etc/passwd", "/etc/passwd" },
		{ "/", ".", "/" },
		{ "/w", "\303\251", "/w/\303\251" },
		/* bytes that are no UTF-8 */
		{ "/w", "a\377b", "/w/a\\xffb" },
		{ "/w", "\303", "/w/\\xc3" },
		{ "/w", "\303\251\200", "/w/\303\251\\x80" },
		{ "/w\376", "a", "/w\\xfe/a" },
		{ "/w", "\355\240\200", "/w/\\xed\\xa0\\x80" },
		/* a backslash means itself, but where it could be taken for one of these */
		{ "/w", "a\\b", "/w/a\\b" },
		{ "/w", "a\\xf", "/w/a\\xf" },
		{ "/w", "a\\xFF", "/w/a\\xFF" },
		{ "/w", "a\\xffb", "/w/a\\\\xffb" },
		{ "/w", "a\\\377", "/w/a\\\\\\xff" },
		{ "/w", "\\\\xff", "/w/\\\\\\\\xff" },
		{ "/w", "a\\", "/w/a\\" },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 16);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str got = policy_input_path(&arena, str_from(cases[i].root), str_from(cases[i].path));

		CHECK_STR(got, str_from(cases[i].wanted));
		CHECK_INT(got.data[got.len], '\0');
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(cases[i].wanted, cases[j].wanted));
	}
}

TEST(a_full_arena_gives_no_path)
{
	scoped(arena) struct arena arena = ARENA_INIT(16);

	CHECK_INT(policy_input_path(&arena, STR("/workspace"), STR("a/longer/path")).len, 0);
	arena_fini(&arena);
	CHECK_INT(policy_input_path(&arena, STR("/w"), STR("\377\377\377\377\377")).len, 0);
}

/* ---- what is asked while an agent runs ---- */

TEST(an_exec_says_what_runs_and_who_started_it)
{
	static const char *const argv[] = { "git", "commit", "-m", "\377" };
	static const struct digest digest = { { 0xab, 0xcd } };
	static const struct policy_program parents[] = {
		{ .pid = 7, .file = "/bin/sh", .argv = argv, .argc = 1 },
		{ .file = "/opt/\377/claude" },
	};
	const struct policy_exec question = {
		.session = &session, .parents = parents, .parent_count = 2, .script = "/w/hook",
		.program = {
			.pid = 8, .file = "/usr/bin/git", .digest = &digest, .argv = argv, .argc = 4, .cwd = "/w",
		},
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	check_document(&arena, policy_input_exec(&arena, &question), SCHEMAS "exec.json", "",
		"{\"exec\":{\"argv\":[\"git\",\"commit\",\"-m\",\"\\\\xff\"],\"cwd\":\"/w\",\"digest\":"
		"\"abcd000000000000000000000000000000000000000000000000000000000000\",\"file\":\"/usr/bin/git\","
		"\"name\":\"git\",\"parents\":[{\"argv\":[\"git\"],\"file\":\"/bin/sh\",\"name\":\"sh\",\"pid\":7},"
		"{\"file\":\"/opt/\\\\xff/claude\",\"name\":\"claude\"}],\"pid\":8,\"script\":\"/w/hook\"},"
		"\"question\":\"exec\",\"session\":{\"agent\":\"claude\",\"argv\":[\"claude\",\"-p\",\"fix it\"],"
		"\"created_ns\":1700000000000000001,\"id\":\"s-1\",\"level\":\"namespaces\",\"profile\":\"standard\","
		"\"user\":\"a\",\"workspace\":\"/home/a/project\"},\"version\":1}");
}

TEST(what_is_not_known_is_absent)
{
	static const struct policy_session nobody = { .exit_code = 3 };
	const struct policy_exec exec = { .session = &nobody, .program = { .file = "/bin/a" } };
	const struct policy_net net = { .session = &nobody, .name = "a.example" };
	const struct policy_file_access file = { .session = &nobody, .path = "/", .access = "list" };
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	check_document(&arena, policy_input_exec(&arena, &exec), SCHEMAS "exec.json", "",
		"{\"exec\":{\"file\":\"/bin/a\",\"name\":\"a\",\"parents\":[]},\"question\":\"exec\","
		"\"session\":{\"exit_code\":3},\"version\":1}");
	check_document(&arena, policy_input_net(&arena, &net), SCHEMAS "net.json", "/net",
		"{\"name\":\"a.example\",\"received_bytes\":0,\"sent_bytes\":0}");
	check_document(&arena, policy_input_file(&arena, &file), SCHEMAS "file.json", "/file",
		"{\"access\":\"list\",\"name\":\"/\",\"path\":\"/\"}");
}

TEST(a_connection_says_where_to_and_whose)
{
	static const struct policy_program program = { .pid = 5, .file = "/usr/bin/curl" };
	const struct policy_net question = {
		.session = &session, .name = "api.example", .address = "198.18.0.1", .port = 443,
		.protocol = "https", .method = "POST", .path = "/v1?x", .sent_bytes = UINT64_MAX,
		.received_bytes = 7, .program = &program,
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	check_document(&arena, policy_input_net(&arena, &question), SCHEMAS "net.json", "/net",
		"{\"address\":\"198.18.0.1\",\"method\":\"POST\",\"name\":\"api.example\",\"path\":\"/v1?x\","
		"\"port\":443,\"program\":{\"file\":\"/usr/bin/curl\",\"name\":\"curl\",\"pid\":5},"
		"\"protocol\":\"https\",\"received_bytes\":7,\"sent_bytes\":18446744073709551615}");
}

TEST(a_file_says_what_for)
{
	static const struct policy_program program = { .pid = 5, .file = "/bin/cat" };
	const struct policy_file_access question = {
		.session = &session, .path = "/home/a/.ssh/id_rsa", .access = "read", .program = &program,
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	check_document(&arena, policy_input_file(&arena, &question), SCHEMAS "file.json", "/file",
		"{\"access\":\"read\",\"name\":\"id_rsa\",\"path\":\"/home/a/.ssh/id_rsa\","
		"\"program\":{\"file\":\"/bin/cat\",\"name\":\"cat\",\"pid\":5}}");
}

TEST(parents_are_bounded)
{
	static struct policy_program parents[POLICY_PARENTS_MAX + 5];
	const struct policy_exec question = {
		.session = &session, .program = { .file = "/bin/a" }, .parents = parents,
		.parent_count = ARRAY_SIZE(parents),
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	const struct json *document;

	for (size_t i = 0; i < ARRAY_SIZE(parents); i++)
		parents[i].file = "/bin/sh";
	document = policy_input_exec(&arena, &question);
	schema_check_file(SCHEMAS "exec.json", document);
	CHECK_INT(json_pointer(document, STR("/exec/parents"))->array.count, POLICY_PARENTS_MAX);
}

TEST(a_full_arena_gives_no_document)
{
	static const char *const argv[] = { "a", "b", "\377" };
	static const struct digest digest = { { 1 } };
	static const struct policy_program parent = { .file = "/p\377", .argv = argv, .argc = 3,
		.digest = &digest };
	const struct policy_exec question = {
		.session = &session, .program = parent, .parents = &parent, .parent_count = 1,
	};
	size_t limit = 0;

	for (;; limit += 16) {
		scoped(arena) struct arena arena = ARENA_INIT(limit);

		if (policy_input_exec(&arena, &question))
			break;
		CHECK(limit < 1 << 16);
	}
	CHECK(limit > 1024);
}

/* ---- changesets ---- */

static const struct json *commit_document(struct world *w, policy_resolve_fn *resolve)
{
	struct policy_resolver resolver = { .changeset = &w->changeset, .settings = &w->settings };
	const struct policy_commit question = {
		.session = &session, .changeset = &w->changeset, .resolve = resolve, .context = &resolver,
	};

	return policy_input_commit(&w->arena, &question);
}

TEST(an_entry_has_all_its_names)
{
	static const struct {
		const char *line, *path, *rel, *name, *ext;
	} cases[] = {
		{ "write src/Tool.PY|x", "/home/a/project/src/Tool.PY", "src/Tool.PY", "Tool.PY", ".py" },
		{ "write Makefile|x", "/home/a/project/Makefile", "Makefile", "Makefile", "" },
		{ "write .profile|x", "/home/a/project/.profile", ".profile", ".profile", "" },
		{ "write ..x.d|x", "/home/a/project/..x.d", "..x.d", "..x.d", ".d" },
		{ "write a.tar.gz|x", "/home/a/project/a.tar.gz", "a.tar.gz", "a.tar.gz", ".gz" },
		{ "write 1:d/n.\377A|x", "/home/a/notes/d/n.\\xffA", "d/n.\\xffA", "n.\\xffA", ".\\xffa" },
		{ "write a\\b/\377.c|x", "/home/a/project/a\\\\b/\\xff.c", "a\\\\b/\\xff.c", "\\xff.c",
			".c" },
		{ "mkdir .|", "/home/a/project", ".", "project", "" },
	};
	static struct world w;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct json *document, *entry;

		world_init(&w, LINES(cases[i].line));
		document = commit_document(&w, NULL);
		schema_check_file(SCHEMAS "commit.json", document);
		entry = json_pointer(document, STR("/changeset/entries/0"));
		CHECK_TEXT(json_get_text(entry, "path"), cases[i].path);
		CHECK_TEXT(json_get_text(entry, "rel"), cases[i].rel);
		CHECK_TEXT(json_get_text(entry, "name"), cases[i].name);
		CHECK_TEXT(json_get_text(entry, "ext"), cases[i].ext);
		world_fini(&w);
	}
}

TEST(an_entry_as_a_whole)
{
	static const struct {
		const char *lines[4], *wanted;
	} cases[] = {
		{ { "dir d", "rmtree d" },
			"{\"below\":0,\"ext\":\"\",\"flags\":[\"tree\"],\"kind\":\"deleted\",\"name\":\"d\",\"old\":"
			"{\"gid\":1000,\"mode\":493,\"mtime_ns\":0,\"type\":\"directory\",\"uid\":1000,\"xattrs\":[]},"
			"\"path\":\"/home/a/project/d\",\"rel\":\"d\",\"root\":0}" },
		{ { "fifo 2:p" },
			"{\"ext\":\"\",\"flags\":[],\"kind\":\"added\",\"name\":\"p\",\"new\":{\"gid\":1000,\"mode\":420,"
			"\"mtime_ns\":0,\"type\":\"fifo\",\"uid\":1000,\"xattrs\":[]},"
			"\"path\":\"/home/a/project/inner/p\",\"rel\":\"p\",\"root\":2}" },
	};
	static struct world w;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		world_init(&w, cases[i].lines);
		check_document(&w.arena, commit_document(&w, NULL), SCHEMAS "commit.json",
			"/changeset/entries/0", cases[i].wanted);
		world_fini(&w);
	}
}

TEST(sides_of_files_and_links)
{
	static struct world w;
	const struct json *document, *entry;
	char hex[DIGEST_HEX_SIZE];
	struct digest digest;

	world_init(&w,
		LINES("unreadable s|old", "file a.c|old", "writex a.c|newer", "write s|x", "symlink l|a.c",
			"file from|moved", "move to|from"));
	w.changes[3].flags |= CHANGE_UNREAD | CHANGE_STALE;
	w.changes[3].old_file.digest = (struct digest){ 0 };
	document = commit_document(&w, policy_resolve_link);
	schema_check_file(SCHEMAS "commit.json", document);
	/* "a.c", "from", "l", "s", "to" */
	entry = json_pointer(document, STR("/changeset/entries/0"));
	CHECK_TEXT(json_get_text(entry, "kind"), "modified");
	CHECK(json_get_bool(json_get(entry, "new"), "executable", false));
	CHECK(!json_get_bool(json_get(entry, "old"), "executable", true));
	CHECK_INT(json_get_int(json_get(entry, "new"), "size", -1), 5);
	CHECK_INT(json_get_int(json_get(entry, "old"), "size", -1), 3);
	digest = hash_bytes("newer", 5);
	digest_to_hex(&digest, hex);
	CHECK_TEXT(json_get_text(json_get(entry, "new"), "digest"), hex);
	entry = json_pointer(document, STR("/changeset/entries/2"));
	CHECK_TEXT(json_get_text(json_get(entry, "new"), "target"), "a.c");
	CHECK_TEXT(json_get_text(json_get(entry, "new"), "resolved"), "/home/a/project/a.c");
	CHECK(!json_get(json_get(entry, "new"), "executable"));
	/* what nobody could read has no digest, and none of zeroes */
	entry = json_pointer(document, STR("/changeset/entries/3"));
	CHECK(!json_get(json_get(entry, "old"), "digest"));
	CHECK_TEXT(json_at(json_get(entry, "flags"), 0)->text.data, "stale");
	CHECK_TEXT(json_at(json_get(entry, "flags"), 1)->text.data, "unread");
	entry = json_pointer(document, STR("/changeset/entries/4"));
	CHECK_TEXT(json_get_text(entry, "kind"), "renamed");
	CHECK_TEXT(json_get_text(entry, "renamed_from"), "/home/a/project/from");
	world_fini(&w);
}

TEST(new_content_has_a_look)
{
	static struct world w;

	world_init(&w, LINES("write a.py|x", "write b.bin|y"));
	w.changes[0].new_file.content = content_of(STR("if a\342\200\256:\n  b\n"));
	w.changes[0].new_file.content.entropy = 478;
	w.changes[1].new_file.content = content_of((struct str){ "\177ELF\0", 5 });
	check_document(&w.arena, commit_document(&w, NULL), SCHEMAS "commit.json",
		"/changeset/entries/0/new/content",
		"{\"bidi\":true,\"entropy\":4.78,\"invisible\":false,\"lines\":2,\"longest_line\":8,"
		"\"type\":\"text\",\"utf8\":true}");
	check_document(&w.arena, commit_document(&w, NULL), SCHEMAS "commit.json",
		"/changeset/entries/1/new/content",
		"{\"bidi\":false,\"entropy\":0.00,\"invisible\":false,\"lines\":1,\"longest_line\":5,"
		"\"type\":\"elf\",\"utf8\":false}");
	/* in one place or nowhere: a file that nobody looked at */
	w.changes[0].new_file.content = (struct content){ 0 };
	CHECK(!json_pointer(commit_document(&w, NULL), STR("/changeset/entries/0/new/content")));
	world_fini(&w);
}

TEST(a_link_is_followed_to_its_end)
{
	static const struct {
		const char *lines[5], *wanted;
	} cases[] = {
		{ { "symlink l|there" }, "/home/a/project/there" },
		{ { "symlink l|/home/a/notes/x" }, "/home/a/notes/x" },
		{ { "symlink l|/home/a/notes" }, "/home/a/notes" },
		{ { "dir d", "link m|d", "symlink l|m/x" }, "/home/a/project/d/x" },
		{ { "symlink l|inner/x" }, "/home/a/project/inner/x" },
		{ { "symlink l|/etc/passwd" }, NULL },
		{ { "symlink l|../../../etc" }, NULL },
		{ { "symlink l|l" }, NULL },
	};
	static struct world w;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct json *new_side;
		const char *got;

		world_init(&w, cases[i].lines);
		new_side = json_pointer(commit_document(&w, policy_resolve_link),
			STR("/changeset/entries/0/new"));
		got = json_get_text(new_side, "resolved");
		if (cases[i].wanted)
			CHECK_TEXT(got, cases[i].wanted);
		else
			CHECK(!got);
		world_fini(&w);
	}
}

TEST(what_is_counted)
{
	static struct world w;

	world_init(&w,
		LINES("dir d", "rmtree d", "file a|x", "write a|yy", "file b|x", "rm b", "file c|x",
			"chmod c|600", "file e|z", "move f|e", "fifo g"));
	for (size_t i = 0; i < w.change_count; i++)
		if (w.changes[i].flags & CHANGE_TREE)
			w.changes[i].old_count = 12;
	w.changes[0].flags |= CHANGE_STALE;
	check_document(&w.arena, commit_document(&w, NULL), SCHEMAS "commit.json", "/changeset/counts",
		"{\"added\":1,\"deleted\":3,\"deleted_files\":15,\"entries\":7,\"metadata\":1,\"modified\":1,"
		"\"moved\":1,\"renamed\":1,\"stale\":1,\"type\":0}");
	world_fini(&w);
}

TEST(the_changeset_as_a_whole)
{
	static struct world w;
	const struct json *document;

	world_init(&w, LINES("file b|1", "xattr b|user.k"));
	w.changes[0].link_group = 4;
	document = commit_document(&w, NULL);
	check_document(&w.arena, document, SCHEMAS "commit.json", "/changeset/entries/0/new/xattrs",
		"[\"user.k\"]");
	CHECK_INT(json_get_int(json_pointer(document, STR("/changeset/entries/0")), "links", 0), 4);
	check_document(&w.arena, document, SCHEMAS "commit.json", "/changeset/roots",
		"[\"/home/a/project\",\"/home/a/notes\",\"/home/a/project/inner\"]");
	CHECK_TEXT(json_get_text(document, "question"), "commit");
	world_fini(&w);
	world_init(&w, (const char *const[]){ NULL });
	check_document(&w.arena, commit_document(&w, NULL), SCHEMAS "commit.json", "/changeset/entries",
		"[]");
	world_fini(&w);
}

TEST_MAIN()
