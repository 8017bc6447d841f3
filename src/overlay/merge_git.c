// SPDX-License-Identifier: Apache-2.0
/*
 * merge_git.c - what merging needs of git, through libgit2
 *
 * A repository is only asked for objects. Its owner is not checked and no configuration outside of it is
 * read: nothing in it is executed or obeyed here, and what comes out is believed only when its SHA-256 is the
 * wanted one.
 */
#include "overlay/merge_backend.h"

#include <errno.h>
#include <git2.h>

int merge_backend_open(struct error *err)
{
	static const int levels[] = {
		GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
		GIT_CONFIG_LEVEL_GLOBAL,
	};
	int r = git_libgit2_init();

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(levels); i++)
		r = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
	if (r >= 0)
		r = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	return r < 0 ? error_set(err, -EIO, "libgit2 cannot be started") : 0;
}

void merge_backend_close(void)
{
	(void)git_libgit2_shutdown();
}

/* Takes the content of a blob when it is the wanted one. */
static int take_blob(git_repository *repository, const git_oid *id, const struct digest *digest,
	struct buf *ret)
{
	struct digest found;
	git_blob *blob;
	int r = -ENOENT;

	if (git_blob_lookup(&blob, repository, id) < 0)
		return -ENOENT;
	found = hash_bytes(git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
	if (digest_eq(&found, digest))
		r = buf_append(ret, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
	git_blob_free(blob);
	return r;
}

static int look_in_head(git_repository *repository, const char *path, const struct digest *digest,
	struct buf *ret)
{
	git_object *tree = NULL;
	git_tree_entry *entry = NULL;
	int r = -ENOENT;

	if (git_revparse_single(&tree, repository, "HEAD^{tree}") < 0)
		return -ENOENT;
	if (git_tree_entry_bypath(&entry, (const git_tree *)tree, path) >= 0 &&
			git_tree_entry_type(entry) == GIT_OBJECT_BLOB)
		r = take_blob(repository, git_tree_entry_id(entry), digest, ret);
	git_tree_entry_free(entry);
	git_object_free(tree);
	return r;
}

static int look_in_index(git_repository *repository, const char *path, const struct digest *digest,
	struct buf *ret)
{
	const git_index_entry *entry;
	git_index *index = NULL;
	int r = -ENOENT;

	if (git_repository_index(&index, repository) < 0)
		return -ENOENT;
	entry = git_index_get_bypath(index, path, GIT_INDEX_STAGE_NORMAL);
	if (entry)
		r = take_blob(repository, &entry->id, digest, ret);
	git_index_free(index);
	return r;
}

int merge_backend_ancestor(const char *root, const char *path, const struct digest *digest, struct buf *ret)
{
	git_repository *repository = NULL;
	int r;

	if (git_repository_open_ext(&repository, root, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) < 0)
		return -ENOENT;
	r = look_in_head(repository, path, digest, ret);
	if (r == -ENOENT)
		r = look_in_index(repository, path, digest, ret);
	git_repository_free(repository);
	return r;
}

static git_merge_file_input input_of(struct str text)
{
	git_merge_file_input input = GIT_MERGE_FILE_INPUT_INIT;

	input.ptr = text.data;
	input.size = text.len;
	return input;
}

int merge_backend_text(struct str ancestor, struct str ours, struct str theirs, struct buf *ret)
{
	const git_merge_file_input inputs[] = { input_of(ancestor), input_of(ours), input_of(theirs) };
	git_merge_file_result result = { 0 };
	int r;

	if (git_merge_file(&result, &inputs[0], &inputs[1], &inputs[2], NULL) < 0)
		return -ENOMEM;
	r = result.automergeable ? buf_append(ret, result.ptr, result.len) : -EEXIST;
	git_merge_file_result_free(&result);
	return r;
}
