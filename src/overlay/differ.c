// SPDX-License-Identifier: Apache-2.0
/*
 * differ.c - what is asked of cordon-differ, and how it gets there
 *
 * The asker may be gone or wrong, and the differ believes neither its text nor the number of its descriptors.
 */
#include "overlay/differ.h"

#include "base/fd.h"
#include "kern/file.h"
#include "kern/sock.h"
#include "overlay/opened.h"
#include "overlay/similar.h"

#include <errno.h>
#include <fcntl.h>

enum {
	PACKET_MAX = 16,
};

static const char *const formats[] = {
	[DIFFER_UNIFIED] = "unified", [DIFFER_PATCH] = "patch", [DIFFER_STAT] = "stat",
	[DIFFER_MODEL] = "model", [DIFFER_COMPOSE] = "compose", [DIFFER_RENAMES] = "renames",
};

/* ---- asking ---- */

static void write_selected(struct buf *buf, const struct differ_request *request)
{
	const char *separator = "";

	(void)buf_append_str(buf, ",\"selected\":[");
	for (size_t i = 0; i < request->changeset.count; i++) {
		if (!request->selected[i])
			continue;
		(void)buf_printf(buf, "%s%zu", separator, i);
		separator = ",";
	}
	(void)buf_append_char(buf, ']');
}

static void write_edits(struct buf *buf, const struct differ_request *request)
{
	(void)buf_append_str(buf, ",\"edits\":[");
	for (size_t i = 0; i < request->edit_count; i++) {
		const struct compose_edit *edit = &request->edits[i];

		(void)buf_printf(buf, "%s[%u,%u,%u,%u]", i ? "," : "", edit->old_start, edit->old_count,
			edit->new_start, edit->new_count);
	}
	(void)buf_append_char(buf, ']');
}

int differ_request_write(struct buf *buf, const struct differ_request *request)
{
	(void)buf_append_str(buf, "{\"changeset\":");
	(void)changeset_write(buf, &request->changeset);
	(void)buf_printf(buf,
		",\"request\":{\"colour\":%s,\"context\":%u",
		request->colour ? "true" : "false", request->context_count);
	if (request->edits)
		write_edits(buf, request);
	(void)buf_printf(buf, ",\"format\":\"%s\",\"live\":%s,\"raw\":%s", formats[request->format],
		request->is_live ? "true" : "false",
		request->raw ? "true" : "false");
	if (request->renames.count) {
		(void)buf_append_str(buf, ",\"renames\":");
		renames_write(buf, &request->renames);
	}
	if (request->selected)
		write_selected(buf, request);
	if (request->similarity)
		(void)buf_printf(buf, ",\"similarity\":%u", request->similarity);
	(void)buf_printf(buf, ",\"width\":%u}}", request->width);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}

static int send_text(int fd, const struct buf *text)
{
	scoped(fd) int file = kern_memfd_text("cordon-differ", (struct str){ buf_text(text), text->len });

	return file < 0 ? file : kern_sock_send(fd, "request", strlen("request"), &file, 1);
}

static int send_root(int fd, const struct overlay_root *root, bool with_record)
{
	scoped(fd) int record_fd = with_record ? opened_record(root->storage_dirfd) : -1;
	const int fds[] = { root->lower_dirfd, root->upper_dirfd, record_fd };

	if (with_record && record_fd < 0 && record_fd != -EROFS)
		return record_fd;
	return kern_sock_send(fd, "root", strlen("root"), fds, record_fd < 0 ? 2 : 3);
}

int differ_send(int fd, const struct differ_request *request, const struct overlay_root *roots,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	int r = differ_request_write(&text, request);

	for (size_t i = 0; i < request->changeset.root_count && r >= 0; i++)
		r = send_root(fd, &roots[i], !request->is_live && opened_is_needed());
	if (r >= 0)
		r = send_text(fd, &text);
	return r < 0 ? error_sys(err, r, "cannot ask the differ") : 0;
}

/* ---- being asked ---- */

static int refuse(struct error *err, const char *what)
{
	return error_set(err, -EBADMSG, "the request to the differ is not one: %s", what);
}

/* Takes what came with one packet. Return: 1 that was the last packet, 0, or negative errno. */
static int take_packet(struct differ_fds *ret, struct str packet, const int *fds, size_t count)
{
	if (str_eq(packet, STR("request")) && count == 1) {
		ret->request_fd = fds[0];
		return 1;
	}
	if (!str_eq(packet, STR("root")) || count < 2 || count > 3 ||
			ret->dirfd_count == ARRAY_SIZE(ret->dirfds))
		return -EBADMSG;
	ret->record_fds[ret->dirfd_count / 2] = count > 2 ? fds[2] : -1;
	ret->dirfds[ret->dirfd_count++] = fds[0];
	ret->dirfds[ret->dirfd_count++] = fds[1];
	return 0;
}

int differ_receive(int fd, struct differ_fds *ret, struct error *err)
{
	int r;

	*ret = (struct differ_fds){ .request_fd = -1 };
	/* The asker's end does not wait; ours does. */
	r = kern_fcntl(fd, F_SETFL, 0);
	while (r == 0) {
		int fds[KERN_SOCK_FDS_MAX];
		char packet[PACKET_MAX];
		size_t count;
		ssize_t n = kern_sock_recv(fd, packet, sizeof(packet), fds, &count);

		if (n < 0)
			return error_sys(err, (int)n, "cannot hear what to show");
		r = take_packet(ret, (struct str){ packet, (size_t)n }, fds, count);
		while (r < 0 && count)
			fd_close(fds[--count]);
	}
	return r < 0 ? refuse(err, "an unexpected packet") : 0;
}

void differ_close(struct differ_fds *fds)
{
	fds->request_fd = fd_close(fds->request_fd);
	while (fds->dirfd_count) {
		fd_close(fds->dirfds[--fds->dirfd_count]);
		if (fds->dirfd_count % 2 == 0)
			fd_close(fds->record_fds[fds->dirfd_count / 2]);
	}
}

static int read_format(const struct json *value, enum differ_format *ret, struct error *err)
{
	const char *name = json_get_text(value, "format");

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!name || strcmp(name, formats[i]))
			continue;
		*ret = (enum differ_format)i;
		return 0;
	}
	return refuse(err, "format");
}

static int read_selected(struct arena *arena, const struct json *list, size_t count, const bool **ret,
	struct error *err)
{
	bool *selected = arena_alloc_array(arena, count, sizeof(*selected));

	if (!selected)
		return error_set(err, -EMSGSIZE, "the changeset needs more memory than it may have");
	if (list->type != JSON_ARRAY)
		return refuse(err, "selected");
	for (size_t i = 0; i < list->array.count; i++) {
		const struct json *item = list->array.items[i];

		if (item->type != JSON_INT || item->integer < 0 || (uint64_t)item->integer >= count)
			return refuse(err, "selected");
		selected[item->integer] = true;
	}
	*ret = selected;
	return 0;
}

static int read_edit(const struct json *value, struct compose_edit *ret)
{
	uint32_t *numbers[] = { &ret->old_start, &ret->old_count, &ret->new_start, &ret->new_count };

	if (value->type != JSON_ARRAY || value->array.count != ARRAY_SIZE(numbers))
		return -EBADMSG;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct json *item = value->array.items[i];

		if (item->type != JSON_INT || item->integer < 0 || item->integer > UINT32_MAX)
			return -EBADMSG;
		*numbers[i] = (uint32_t)item->integer;
	}
	return 0;
}

static int read_edits(struct arena *arena, const struct json *list, struct differ_request *ret,
	struct error *err)
{
	struct compose_edit *edits;

	if (list->type != JSON_ARRAY || list->array.count > COMPOSE_EDITS_MAX)
		return refuse(err, "edits");
	edits = arena_alloc_array(arena, list->array.count + 1, sizeof(*edits));
	if (!edits)
		return error_set(err, -EMSGSIZE, "the request needs more memory than it may have");
	for (size_t i = 0; i < list->array.count; i++)
		if (read_edit(list->array.items[i], &edits[i]) < 0)
			return refuse(err, "edits");
	ret->edits = edits;
	ret->edit_count = list->array.count;
	return 0;
}

/* What only some formats have. */
static int read_lists(struct arena *arena, const struct json *value, struct differ_request *ret,
	struct error *err)
{
	int r = 0;

	if (json_get(value, "edits"))
		r = read_edits(arena, json_get(value, "edits"), ret, err);
	if (r >= 0 && json_get(value, "renames"))
		r = renames_read(arena, json_get(value, "renames"), &ret->changeset, &ret->renames, err);
	if (r >= 0 && json_get(value, "selected"))
		r = read_selected(arena, json_get(value, "selected"), ret->changeset.count, &ret->selected,
			err);
	return r;
}

static int read_request(struct arena *arena, const struct json *value, struct differ_request *ret,
	struct error *err)
{
	int64_t similarity = json_get_int(value, "similarity", 0);
	int64_t context_count = json_get_int(value, "context", -1), width = json_get_int(value, "width", -1);
	int r = read_format(value, &ret->format, err);

	if (r < 0)
		return r;
	if (context_count < 0 || context_count > INT32_MAX)
		return refuse(err, "context");
	if (width < DIFFER_WIDTH_MIN || width > DIFFER_WIDTH_MAX)
		return refuse(err, "width");
	ret->colour = json_get_bool(value, "colour", false);
	ret->is_live = json_get_bool(value, "live", false);
	ret->raw = json_get_bool(value, "raw", false);
	if (similarity < 0 || similarity > 100 || !similarity != (ret->format != DIFFER_RENAMES))
		return refuse(err, "similarity");
	ret->context_count = (unsigned)context_count;
	ret->similarity = (unsigned)similarity;
	ret->width = (unsigned)width;
	return read_lists(arena, value, ret, err);
}

int differ_request_read(struct arena *arena, struct str text, size_t root_count, struct differ_request *ret,
	struct error *err)
{
	struct differ_request request = { 0 };
	const struct json *value = NULL;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r >= 0)
		r = changeset_read(arena, json_get(value, "changeset"), &request.changeset, err);
	if (r >= 0)
		r = read_request(arena, json_get(value, "request"), &request, err);
	if (r >= 0 && request.changeset.root_count != root_count)
		r = refuse(err, "the roots");
	if (r < 0)
		return error_wrap(err, r, "cannot read what to show");
	*ret = request;
	return 0;
}

int differ_read(struct arena *arena, const struct differ_fds *fds, struct differ_request *ret,
	struct error *err)
{
	scoped(buf) struct buf text = BUF_INIT(JSON_TEXT_MAX);
	int r = kern_read_all(fds->request_fd, &text);

	return r < 0 ? error_sys(err, r, "cannot read what to show") :
		differ_request_read(arena, (struct str){ text.data, text.len }, fds->dirfd_count / 2, ret,
			err);
}

/* ---- what DIFFER_RENAMES answers ---- */

void differ_found_write(struct buf *buf, const struct rename_list *list, unsigned cut)
{
	(void)buf_printf(buf, "{\"cut\":%u,\"renames\":", cut);
	renames_write(buf, list);
	(void)buf_append_str(buf, "}\n");
}

int differ_found_read(struct arena *arena, struct str text, const struct changeset *changeset,
	struct rename_list *ret, unsigned *ret_cut, struct error *err)
{
	const unsigned cuts = SIMILAR_CUT_PAIRS | SIMILAR_CUT_WORK | SIMILAR_CUT_SIZE;
	const struct json *value;
	int64_t cut;
	int r = json_read(arena, text, JSON_READ_STRICT, &value, err);

	if (r < 0)
		return error_wrap(err, r, "the differ's answer");
	cut = json_get_int(value, "cut", -1);
	if (cut < 0 || cut > cuts)
		return error_set(err, -EBADMSG, "the differ's answer is not one: cut");
	r = renames_read(arena, json_get(value, "renames"), changeset, ret, err);
	if (r < 0)
		return error_wrap(err, r, "the differ's answer");
	*ret_cut = (unsigned)cut;
	return 0;
}
