// SPDX-License-Identifier: Apache-2.0
/*
 * replay_main.c - a fuzz target without a fuzzer
 *
 * Hands every file that is named, or lies in a folder that is named, to LLVMFuzzerTestOneInput(), and then
 * every shorter version of it: a parser has to survive a text that ends anywhere. So the corpus is a unit
 * test with any compiler. Each input lies in heap memory of exactly its size, where the address sanitizer
 * sees a read behind its end. Output is TAP; a target that fails aborts, and the line before says on which
 * file.
 */
#include "base/macro.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	FILE_MAX_BYTES = 1 << 20,
	CUT_MAX_BYTES = 1024,		/* how long the shorter versions get */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static _Noreturn void bail_out(const char *path)
{
	printf("Bail out! %s: %s\n", path, strerror(errno));
	exit(EXIT_FAILURE);
}

static void run_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ?: 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void replay_file(const char *path, int number)
{
	static uint8_t data[FILE_MAX_BYTES];
	FILE *file = fopen(path, "re");
	size_t size;

	if (!file)
		bail_out(path);
	size = fread(data, 1, sizeof(data), file);
	if (ferror(file) || size == sizeof(data))
		bail_out(path);
	fclose(file);
	printf("# %s\n", path);
	fflush(stdout);
	run_copy(data, size);
	for (size_t cut = 0; cut < MIN(size, (size_t)CUT_MAX_BYTES); cut++)
		run_copy(data, cut);
	printf("ok %d %s\n", number, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_folder(const char *folder, int number)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, visible, alphasort);

	if (count < 0)
		bail_out(folder);
	for (int i = 0; i < count; i++) {
		char *path;

		if (asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
			abort();
		replay_file(path, ++number);
		free(path);
		free(entries[i]);
	}
	free(entries);
	return number;
}

int main(int argc, char **argv)
{
	int number = 0;

	printf("TAP version 13\n");
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) < 0)
			bail_out(argv[i]);
		if (S_ISDIR(st.st_mode))
			number = replay_folder(argv[i], number);
		else
			replay_file(argv[i], ++number);
	}
	printf("1..%d\n", number);
	return number ? EXIT_SUCCESS : EXIT_FAILURE;
}
