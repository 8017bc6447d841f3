// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_names.c - what holds for every text that could be the list of what was copied to work in
 *
 *   - a first line that was taken is written again as it was
 *   - names come off whole and in their order, and none is left out
 *   - a name that was taken climbs nowhere, fits into a path, and ends in the NUL that its readers rely on
 */
#include "overlay/workcopy_names.h"

#include "base/path.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_head(struct str text, struct str list, int64_t since_ns)
{
	char head[WORKCOPY_HEAD_LEN + 1];

	assert(since_ns >= 0 && list.data == text.data + WORKCOPY_HEAD_LEN);
	assert(list.len == text.len - WORKCOPY_HEAD_LEN);
	snprintf(head, sizeof(head), WORKCOPY_HEAD "%0*lld\n", WORKCOPY_TIME_DIGITS, (long long)since_ns);
	assert(!memcmp(head, text.data, WORKCOPY_HEAD_LEN));
}

static void check_names(struct str list)
{
	const char *from = list.data;
	struct workcopy_name name;

	while (list.len && workcopy_name_next(&list, &name)) {
		struct str path = name.path;

		assert(path.data > from && path.data + path.len + 1 == list.data && !path.data[path.len]);
		assert(path_is_clean(path) && path.data[0] != '/' && path.len < PATH_TEXT_MAX);
		from = list.data;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, list = text;
	int64_t since_ns;

	if (workcopy_head_read(&list, &since_ns))
		check_head(text, list, since_ns);
	check_names(list);
	return 0;
}
