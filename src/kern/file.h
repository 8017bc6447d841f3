/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h - files, opened and copied with care
 *
 * Two families of open. kern_open() is for places that only the user and root control (our own state, /proc,
 * /etc). kern_open_beneath() is for everything below a directory that an agent could have written: it never
 * leaves @dirfd, follows no symbolic link in any component, no magic link, and crosses no surprise.
 *
 * Source: openat2(2)
 */
#pragma once

#include "base/buf.h"
#include "base/fd.h"
#include "base/progress.h"
#include "base/str.h"
#include "kern/kern.h"

/** kern_open() - open a path of ours; O_CLOEXEC is added; Return: a descriptor or negative errno */
int kern_open(int dirfd, const char *path, int flags, mode_t mode);

/**
 * kern_open_plain() - open a path in which no component is a symbolic link
 * @path:  absolute, or relative to the current directory, on whose own way links count for nothing
 * @flags: open(2) flags; O_CLOEXEC is added
 *
 * Errors: -ELOOP a component is a link.
 * Source: openat2(2), RESOLVE_NO_SYMLINKS
 * Return: a descriptor or negative errno.
 */
int kern_open_plain(const char *path, int flags);

/**
 * kern_open_beneath() - open below a directory that is not trusted
 * @dirfd: where to start; nothing outside it is ever reached
 * @path:  relative; "." is @dirfd itself
 * @flags: open(2) flags; O_CLOEXEC and O_NOFOLLOW are added
 * @mode:  for O_CREAT
 *
 * Errors: -ELOOP a component is a link; -EXDEV it would leave @dirfd; -EAGAIN is retried a bounded number of
 * times.
 * Source: openat2(2), RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
 * Return: a descriptor or negative errno.
 */
int kern_open_beneath(int dirfd, const char *path, int flags, mode_t mode);

/**
 * kern_open_in() - open as a process would whose root is somewhere else
 * @root_fd: its root, which ".." and links do not leave
 * @path:    as it would say it
 * @flags:   open(2) flags; O_CLOEXEC is added
 *
 * Errors: from the kernel.
 * Source: openat2(2), RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS
 * Return: a descriptor or negative errno.
 */
int kern_open_in(int root_fd, const char *path, int flags);

/**
 * kern_reopen() - another descriptor for the same file, with other flags
 * @fd:    usually O_PATH
 * @flags: for example O_RDONLY
 *
 * Goes through /proc/self/fd, which must be mounted. The file is exactly the one that @fd names.
 *
 * Return: a descriptor or negative errno from the kernel.
 */
int kern_reopen(int fd, int flags);

/**
 * kern_read_link() - the whole target of a symbolic link
 * @dirfd: where to start
 * @path:  the link; "" where @dirfd is the link itself, open as O_PATH | O_NOFOLLOW
 * @ret:   the target and a NUL
 * @size:  of @ret, in bytes
 *
 * Errors: -ENAMETOOLONG it does not fit: a target is never cut; -EINVAL no link; others from the kernel.
 * Return: the length without the NUL, or negative errno.
 */
ssize_t kern_read_link(int dirfd, const char *path, char *ret, size_t size);

/**
 * kern_real_path() - where a path really is, every link resolved by the kernel, once
 * @path: any
 * @ret:  the absolute path and a NUL
 * @size: of @ret, in bytes
 *
 * Errors: -ENAMETOOLONG it does not fit, or is no place of ours; others from the kernel.
 * Return: the length without the NUL, or negative errno.
 */
ssize_t kern_real_path(const char *path, char *ret, size_t size);

/**
 * kern_read_all() - read until end of file
 * @fd:  borrowed
 * @buf: grows, up to its limit
 *
 * Errors: -EMSGSIZE there is more than the limit; others from the kernel.
 * Return: 0 or negative errno.
 */
int kern_read_all(int fd, struct buf *buf);

/** kern_read_file() - kern_open() and kern_read_all(); Return: as they do */
int kern_read_file(int dirfd, const char *path, struct buf *buf);

/** kern_write_all() - write every byte, going on after short writes; Return: 0 or negative errno */
int kern_write_all(int fd, const void *data, size_t len);

/**
 * kern_poll_reader() - whether nobody reads any more what is written, after waiting for that
 * @fd:          open for writing; for what is no pipe, socket or terminal, nobody ever leaves
 * @patience_ns: how long
 *
 * Errors: from the kernel.
 * Return: 1 nobody reads, 0 as far as is known somebody does (also after a signal), or negative errno.
 */
int kern_poll_reader(int fd, uint64_t patience_ns);

/**
 * kern_memfd_text() - a text in memory that nobody can change any more, for another process
 * @name: shown in /proc only
 * @text: what it holds
 *
 * Sealed against writing, growing, shrinking and further seals (memfd_create(2)); the position is at the
 * start.
 *
 * Return: a descriptor (close-on-exec), or negative errno from the kernel.
 */
int kern_memfd_text(const char *name, struct str text);

/**
 * kern_write_file() - replace a file of ours as a whole
 * @dirfd: its directory
 * @name:  one component
 * @text:  new content
 * @mode:  of the file
 * @sync:  whether content and name must survive a power cut when this returns (two syncs)
 *
 * A reader sees the old content or the new one, never a part.
 *
 * Return: 0 or negative errno from the kernel.
 */
int kern_write_file(int dirfd, const char *name, struct str text, mode_t mode, bool sync);

/**
 * kern_mkdir_all() - create a directory of ours and its parents (0700 each); Return: 0 (also where it exists)
 * or negative errno
 */
int kern_mkdir_all(const char *path);

/**
 * kern_copy_data() - copy content, sharing blocks where the file system can
 * @from:      open for reading; its offset moves
 * @to:        open for writing, empty
 * @len_bytes: of @from; holes are kept as holes
 * @progress:  told the bytes of this file so far, many times a second; may be NULL
 *
 * Tries FICLONE, then copy_file_range per data segment, then read and write.
 *
 * Errors: -EIO it became shorter; what @progress answers; others from the kernel.
 * Return: 0 or negative errno.
 */
int kern_copy_data(int from, int to, uint64_t len_bytes, const struct progress *progress);

/**
 * kern_remove_tree() - remove a name and everything below it, as its owner
 * @dirfd: the directory that holds it
 * @name:  one component
 *
 * Follows no link, crosses no mount, needs no recursion on depth, and opens up directories whose mode shuts
 * their own owner out (the kernel leaves work/work with mode 0000).
 *
 * Return: 0 (also where there is nothing) or negative errno from the kernel.
 */
int kern_remove_tree(int dirfd, const char *name);

/**
 * kern_remove_tree_telling() - the same, with somebody who is told how many names are gone; Return: likewise
 */
int kern_remove_tree_telling(int dirfd, const char *name, const struct progress *progress);

/**
 * kern_chmod_beneath() - chmod of one name without following a link; @path is clean and relative; Return: 0
 * or negative errno
 */
int kern_chmod_beneath(int dirfd, const char *path, mode_t mode);
