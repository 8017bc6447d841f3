// SPDX-License-Identifier: Apache-2.0
/*
 * note.c - what git's format has no words for, one line each
 *
 * Owners, all bits of a mode, times, extended attributes and ACLs, links, directories and special files. Each
 * line begins with "# " and the path, so that it can stand alone, or in the model with "note "; whatever an
 * agent could have chosen is made visible.
 */
#include "roles/differ/differ.h"

#include "base/time.h"

#include <inttypes.h>
#include <sys/sysmacros.h>

static void begin(struct differ *differ, const struct change *change)
{
	if (differ->request.format == DIFFER_MODEL) {
		out_text(&differ->out, "note ");
		return;
	}
	out_paint(&differ->out, PAINT_NOTE);
	out_text(&differ->out, "# ");
	out_name(&differ->out, "", path_shown(differ, change, change->path));
	out_text(&differ->out, ": ");
}

static void end(struct differ *differ)
{
	out_paint(&differ->out, PAINT_NONE);
	out_text(&differ->out, "\n");
}

static void note(struct differ *differ, const struct change *change, const char *text)
{
	begin(differ, change);
	out_text(&differ->out, "%s", text);
	end(differ);
}

/* ---- kinds that have no piece ---- */

static void note_file(struct differ *differ, const struct file_facts *facts)
{
	out_text(&differ->out, "%s, mode %04o", file_type_name(facts->type), facts->mode);
	if (facts->device)
		out_text(&differ->out, ", device %u:%u", major(facts->device), minor(facts->device));
}

static void note_special(struct differ *differ, const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;

	if (old_file->type && !git_mode(old_file) && (!new_file->type || change->kind != CHANGE_METADATA)) {
		begin(differ, change);
		out_text(&differ->out, "removed ");
		note_file(differ, old_file);
		if (change->flags & CHANGE_TREE)
			out_text(&differ->out, ", with %" PRIu64 " entries", change->old_count);
		end(differ);
	}
	if (new_file->type && !git_mode(new_file) && change->kind != CHANGE_METADATA &&
			(new_file->mode != 0755 || !is_brought_along(differ, change))) {
		begin(differ, change);
		out_text(&differ->out, "new ");
		note_file(differ, new_file);
		end(differ);
	}
}

/* ---- metadata ---- */

static void note_mode(struct differ *differ, const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;
	bool usual = new_file->mode == 0644 || new_file->mode == 0755;

	if (change->kind == CHANGE_TYPE || new_file->type == FILE_SYMLINK ||
			(old_file->type ? old_file->mode == new_file->mode : usual || !git_mode(new_file)))
		return;
	begin(differ, change);
	if (old_file->type)
		out_text(&differ->out, "mode %04o -> %04o", old_file->mode, new_file->mode);
	else
		out_text(&differ->out, "mode %04o", new_file->mode);
	end(differ);
}

static void note_owner(struct differ *differ, const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;

	if (old_file->uid == new_file->uid && old_file->gid == new_file->gid)
		return;
	begin(differ, change);
	out_text(&differ->out, "owner %u:%u -> %u:%u", old_file->uid, old_file->gid, new_file->uid,
		new_file->gid);
	end(differ);
}

static void note_time(struct differ *differ, const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;
	char before[TIME_TEXT_SIZE], after[TIME_TEXT_SIZE];

	if (change->kind != CHANGE_METADATA || new_file->type != FILE_REGULAR ||
			old_file->mtime_ns == new_file->mtime_ns)
		return;
	begin(differ, change);
	if (old_file->mtime_ns < 0 || new_file->mtime_ns < 0) {
		out_text(&differ->out, "modification time changed");
	} else {
		time_to_text((uint64_t)old_file->mtime_ns, before);
		time_to_text((uint64_t)new_file->mtime_ns, after);
		out_text(&differ->out, "modified %s -> %s", before, after);
	}
	end(differ);
}

/* ---- attributes ---- */

enum {
	VALUE_SHOWN_MAX = 256,
};

static unsigned get_number(const char *at, int bytes)
{
	unsigned number = 0;

	while (bytes--)
		number = number << 8 | (unsigned char)at[bytes];
	return number;
}

/* "user::rw-,user:1000:r--,..."; Source: Linux include/uapi/linux/posix_acl_xattr.h */
static bool print_acl(struct output *out, struct str acl)
{
	static const char *const tags[] = {
		[0x01] = "user:", [0x02] = "user:", [0x04] = "group:", [0x08] = "group:", [0x10] = "mask:",
		[0x20] = "other:",
	};

	if (acl.len < 4 || acl.len % 8 != 4 || get_number(acl.data, 4) != 2)
		return false;
	for (const char *at = acl.data + 4; at < acl.data + acl.len; at += 8) {
		unsigned tag = get_number(at, 2), rights = get_number(at + 2, 2);

		if (tag >= ARRAY_SIZE(tags) || !tags[tag])
			return false;
		out_text(out, "%s%s", at > acl.data + 4 ? "," : "", tags[tag]);
		if (tag == 0x02 || tag == 0x08)
			out_text(out, "%u", get_number(at + 4, 4));
		out_text(out, ":%c%c%c", rights & 4 ? 'r' : '-', rights & 2 ? 'w' : '-',
			rights & 1 ? 'x' : '-');
	}
	return true;
}

static void print_value(struct output *out, const struct xattr *xattr)
{
	struct str value;

	if (!xattr) {
		out_text(out, "none");
		return;
	}
	value = xattr->value;
	if (xattr_is_acl(xattr->name) && print_acl(out, value))
		return;
	out_text(out, "\"");
	out_value(out, (struct str){ value.data, MIN(value.len, (size_t)VALUE_SHOWN_MAX) });
	out_text(out, value.len > VALUE_SHOWN_MAX ? "\"..." : "\"");
}

static void note_xattr(struct differ *differ, const struct change *change, const char *name,
	const struct xattr *old_xattr, const struct xattr *new_xattr)
{
	if (old_xattr && new_xattr && str_eq(old_xattr->value, new_xattr->value))
		return;
	begin(differ, change);
	out_text(&differ->out, "attribute ");
	out_value(&differ->out, str_from(name));
	out_text(&differ->out, ": ");
	print_value(&differ->out, old_xattr);
	out_text(&differ->out, " -> ");
	print_value(&differ->out, new_xattr);
	end(differ);
}

static void note_xattrs(struct differ *differ, const struct change *change)
{
	const struct file_facts *old_file = &change->old_file, *new_file = &change->new_file;

	for (size_t i = 0; i < old_file->xattr_count; i++)
		note_xattr(differ, change, old_file->xattrs[i].name, &old_file->xattrs[i],
			xattr_find(new_file, old_file->xattrs[i].name));
	for (size_t i = 0; i < new_file->xattr_count; i++)
		if (!xattr_find(old_file, new_file->xattrs[i].name))
			note_xattr(differ, change, new_file->xattrs[i].name, NULL, &new_file->xattrs[i]);
}

void note_change(struct differ *differ, const struct change *change)
{
	note_special(differ, change);
	if (change->flags & CHANGE_STALE)
		note(differ, change, "changed in the workspace after the branch began");
	if (!change->new_file.type)
		return;
	note_mode(differ, change);
	if (change->old_file.type)
		note_owner(differ, change);
	note_time(differ, change);
	if (change->flags & CHANGE_XATTRS)
		note_xattrs(differ, change);
	if (change->link_group) {
		begin(differ, change);
		out_text(&differ->out, "hard link, group %" PRIu64, change->link_group);
		end(differ);
	}
}
