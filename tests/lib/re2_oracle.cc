// SPDX-License-Identifier: Apache-2.0
/*
 * re2_oracle.cc - a C face for the little of RE2 that a test asks
 */
#include "lib/re2_oracle.h"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

int re2_oracle_is_there(void)
{
	return 1;
}

int re2_oracle_match(const char *pattern, const char *text, size_t len, long *ret_offsets, int group_max)
{
	RE2::Options options(RE2::Quiet);
	RE2 regex(pattern, options);
	re2::StringPiece whole(text, len);

	if (!regex.ok())
		return -1;

	int count = std::min(regex.NumberOfCapturingGroups() + 1, group_max);
	std::vector<re2::StringPiece> groups(count);

	if (!regex.Match(whole, 0, len, RE2::UNANCHORED, groups.data(), count))
		return 0;
	for (int i = 0; i < count; i++) {
		ret_offsets[2 * i] = groups[i].data() ? groups[i].data() - text : -1;
		ret_offsets[2 * i + 1] = groups[i].data() ? groups[i].data() + groups[i].size() - text : -1;
	}
	return count;
}
