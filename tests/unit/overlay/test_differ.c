// SPDX-License-Identifier: Apache-2.0
/*
 * test_differ.c - the differ believes nothing of what it is asked before it has looked at it
 */
#include "lib/branch.h"
#include "overlay/differ.h"

#include "base/fd.h"
#include "kern/file.h"
#include "kern/sock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

enum {
	ARENA_BYTES = 1 << 22,
	TEXT_MAX = 1 << 16,
};

struct scene {
	struct branch branch;
	struct arena arena;
	struct differ_request request;
	int pair[2];
};

static struct scene scene_open(void)
{
	struct scene scene = { .branch = branch_open(), .arena = ARENA_INIT(ARENA_BYTES) };
	const struct overlay_diff_options options = branch_options();

	branch_run("upper", "echo a >a; echo b >b; echo c >c");
	scene.request = (struct differ_request){
		.format = DIFFER_PATCH, .context_count = 3, .width = 80,
		.changeset = branch_diff(&scene.arena, &scene.branch, &options),
	};
	CHECK_INT(kern_sock_pair(scene.pair), 0);
	return scene;
}

static void scene_close(struct scene *scene)
{
	fd_close(scene->pair[0]);
	fd_close(scene->pair[1]);
	branch_close(&scene->branch);
	arena_fini(&scene->arena);
}

/* What the differ makes of what was sent. */
static int hear(struct scene *scene, struct differ_request *ret, struct error *err)
{
	struct differ_fds fds = { .request_fd = -1 };
	int r = differ_receive(scene->pair[1], &fds, err);

	if (r >= 0)
		r = differ_read(&scene->arena, &fds, ret, err);
	differ_close(&fds);
	return r;
}

TEST(what_is_asked_arrives)
{
	static const bool selected[] = { false, true, true };
	struct scene scene = scene_open();
	const struct overlay_root root = { "/base", scene.branch.base_fd, scene.branch.upper_fd,
		scene.branch.storage_fd };
	struct error err = ERROR_INIT;
	struct differ_request heard;

	for (int i = 0; i < 8; i++) {
		scene.request.format = (enum differ_format)(i % 3);
		scene.request.colour = i & 1, scene.request.raw = i & 2, scene.request.is_live = i & 4;
		scene.request.selected = i & 1 ? selected : NULL;
		CHECK_INT(differ_send(scene.pair[0], &scene.request, &root, &err), 0);
		if (hear(&scene, &heard, &err) < 0)
			test_fail(__FILE__, __LINE__, "%s", err.text);
		CHECK_INT(heard.format, scene.request.format);
		CHECK_INT(heard.colour, scene.request.colour);
		CHECK_INT(heard.raw, scene.request.raw);
		CHECK_INT(heard.is_live, scene.request.is_live);
		CHECK_INT(heard.width, 80);
		CHECK(digest_eq(&heard.changeset.digest, &scene.request.changeset.digest));
		CHECK(!heard.selected == !scene.request.selected);
		for (size_t j = 0; heard.selected && j < 3; j++)
			CHECK_INT(heard.selected[j], selected[j]);
	}
	scene_close(&scene);
}

/* Sends a request as text, with one directory pair. */
static int ask(struct scene *scene, const char *text, struct error *err)
{
	int file = kern_memfd_create("request", MFD_CLOEXEC);
	const int dirs[] = { scene->branch.base_fd, scene->branch.upper_fd };
	struct differ_request heard;

	CHECK(file >= 0 && kern_write_all(file, text, strlen(text)) == 0 &&
		kern_lseek(file, 0, SEEK_SET) == 0);
	CHECK_INT(kern_sock_send(scene->pair[0], "root", 4, dirs, 2), 0);
	CHECK_INT(kern_sock_send(scene->pair[0], "request", 7, &file, 1), 0);
	fd_close(file);
	return hear(scene, &heard, err);
}

TEST(requests_that_are_none)
{
	static const struct {
		const char *request, *said;
	} rows[] = {
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80}", "" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":39}", "width" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":1001}", "width" },
		{ "{\"context\":3,\"format\":\"stat\"}", "width" },
		{ "{\"context\":-1,\"format\":\"stat\",\"width\":80}", "context" },
		{ "{\"context\":2147483648,\"format\":\"stat\",\"width\":80}", "context" },
		{ "{\"format\":\"stat\",\"width\":80}", "context" },
		{ "{\"context\":3,\"format\":\"html\",\"width\":80}", "format" },
		{ "{\"context\":3,\"width\":80}", "format" },
		{ "[]", "format" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"selected\":[]}", "" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"selected\":{}}", "selected" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"selected\":[3]}", "selected" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"selected\":[-1]}", "selected" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"selected\":[\"1\"]}", "selected" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"similarity\":50}", "similarity" },
		{ "{\"context\":3,\"format\":\"renames\",\"width\":80}", "similarity" },
		{ "{\"context\":3,\"format\":\"renames\",\"width\":80,\"similarity\":1}", "" },
		{ "{\"context\":3,\"format\":\"renames\",\"width\":80,\"similarity\":101}", "similarity" },
		{ "{\"context\":3,\"format\":\"renames\",\"width\":80,\"similarity\":-1}", "similarity" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"renames\":[]}", "" },
		{ "{\"context\":3,\"format\":\"stat\",\"width\":80,\"renames\":{}}", "renames" },
	};
	struct scene scene = scene_open();
	scoped(buf) struct buf changeset = BUF_INIT(TEXT_MAX);

	CHECK_INT(changeset_write(&changeset, &scene.request.changeset), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(buf) struct buf text = BUF_INIT(TEXT_MAX);
		struct error err = ERROR_INIT;
		int r;

		CHECK_INT(buf_printf(&text, "{\"changeset\":%s,\"request\":%s}", buf_text(&changeset),
			rows[i].request), 0);
		r = ask(&scene, buf_text(&text), &err);
		if (r != (rows[i].said[0] ? -EBADMSG : 0) || !strstr(err.text, rows[i].said))
			test_fail(__FILE__, __LINE__, "%s: %d %s", rows[i].request, r, err.text);
	}
	scene_close(&scene);
}

TEST(text_that_is_no_request)
{
	static const char *const texts[] = { "", "{", "5", "{\"changeset\":{}}", "{\"request\":{}}" };
	struct scene scene = scene_open();

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct error err = ERROR_INIT;

		CHECK(ask(&scene, texts[i], &err) < 0);
		CHECK(err.text[0]);
	}
	scene_close(&scene);
}

TEST(packets_that_are_none)
{
	static const struct {
		const char *packet;
		size_t fd_count;
	} rows[] = { { "root", 1 }, { "root", 4 }, { "root", 0 }, { "request", 2 }, { "request", 0 },
		{ "other", 1 } };
	struct scene scene = scene_open();
	const int fds[] = { scene.branch.base_fd, scene.branch.upper_fd, scene.branch.storage_fd,
		scene.branch.base_fd };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = ERROR_INIT;
		struct differ_request heard;

		CHECK_INT(kern_sock_send(scene.pair[0], rows[i].packet, strlen(rows[i].packet), fds,
			rows[i].fd_count), 0);
		CHECK_INT(hear(&scene, &heard, &err), -EBADMSG);
	}
	scene_close(&scene);
}

TEST(another_number_of_roots)
{
	struct scene scene = scene_open();
	const int dirs[] = { scene.branch.base_fd, scene.branch.upper_fd };
	const struct overlay_root root = { "/base", dirs[0], dirs[1], scene.branch.storage_fd };
	struct differ_request heard;
	struct error err = ERROR_INIT;

	CHECK_INT(kern_sock_send(scene.pair[0], "root", 4, dirs, 2), 0);
	CHECK_INT(differ_send(scene.pair[0], &scene.request, &root, &err), 0);
	CHECK_INT(hear(&scene, &heard, &err), -EBADMSG);
	CHECK(strstr(err.text, "the roots"));
	scene_close(&scene);
}

TEST(an_asker_that_is_gone)
{
	struct scene scene = scene_open();
	struct differ_request heard;
	struct error err = ERROR_INIT;

	scene.pair[0] = fd_close(scene.pair[0]);
	CHECK(hear(&scene, &heard, &err) < 0);
	CHECK(err.text[0]);
	scene_close(&scene);
}

/* What renames may be is looked at in test_renames.c. */
TEST(answers_about_renames)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "{\"cut\":0,\"renames\":[]}", NULL },
		{ "{\"cut\":7,\"renames\":[]}\n", NULL },
		{ "{\"cut\":8,\"renames\":[]}", "cut" },
		{ "{\"cut\":-1,\"renames\":[]}", "cut" },
		{ "{\"renames\":[]}", "cut" },
		{ "{\"cut\":0}", "renames" },
		{ "{\"cut\":0,\"renames\":[{}]}", "renames[0]" },
		{ "[]", "cut" },
		{ "", "the differ's answer" },
		{ "{\"cut\":0,", "the differ's answer" },
	};
	struct scene scene = scene_open();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = ERROR_INIT;
		struct rename_list list;
		unsigned cut = 0;
		int r = differ_found_read(&scene.arena, str_from(rows[i].text), &scene.request.changeset,
			&list, &cut, &err);

		if (r < 0 ? !rows[i].said || !strstr(err.text, rows[i].said) : rows[i].said != NULL)
			test_fail(__FILE__, __LINE__, "%s: %d %s", rows[i].text, r, err.text);
	}
	scene_close(&scene);
}

TEST_MAIN()
