// SPDX-License-Identifier: Apache-2.0
/*
 * renames.c - files that were moved and edited, as `cordon diff` and `cordon review` show them
 */
#include "cli/renames.h"

#include "base/quote.h"
#include "overlay/similar.h"
#include "run/show.h"

#include <errno.h>
#include <unistd.h>

int renames_percent(struct cli *cli, const char *wanted, bool refused, unsigned *ret)
{
	struct str text = str_from(wanted ? wanted : "");
	uint64_t percent = SIMILAR_PERCENT_DEFAULT;

	*ret = refused ? 0 : SIMILAR_PERCENT_DEFAULT;
	if (!wanted)
		return CLI_OK;
	if (refused)
		return cli_usage(cli, "--find-renames and --no-renames exclude each other");
	if (!text.len || text.data[text.len - 1] != '%' ||
			str_to_u64((struct str){ text.data, text.len - 1 }, 100, &percent) < 0 || !percent)
		return cli_usage(cli, "--find-renames: '%s' is not 1%% to 100%%", quote_cstr(wanted).text);
	*ret = (unsigned)percent;
	return CLI_OK;
}

/* Whether there is anything to look for. */
static bool has_ends(const struct changeset *changeset, const bool *selected)
{
	bool begins = false, ends = false;

	for (size_t i = 0; i < changeset->count; i++) {
		const struct change *change = &changeset->changes[i];

		if (selected && !selected[i])
			continue;
		begins |= rename_can_begin(change) || (change->flags & CHANGE_TREE);
		ends |= rename_can_end(change);
	}
	return begins && ends;
}

static void say_cut(struct cli *cli, unsigned cut)
{
	if (cut & SIMILAR_CUT_PAIRS)
		cli_warn(cli,
			"too many files came and went to compare each with each: some that moved and were "
			"edited are shown as deleted and added (name PATHs to compare fewer)");
	if (cut & SIMILAR_CUT_WORK)
		cli_warn(cli,
			"the search for files that moved and were edited ended early, there is too much to "
			"compare: some are shown as deleted and added (name PATHs to compare fewer)");
	if (cut & SIMILAR_CUT_SIZE)
		cli_warn(cli,
			"files over %zu MiB were not compared to see whether they moved",
			(size_t)(similar_limits_default().file_bytes_max >> 20));
}

void renames_look(struct cli *cli, const struct changeset *changeset, const bool *selected,
	const struct run_roots *roots, bool is_live, unsigned percent, struct rename_list *ret)
{
	const struct differ_request request = {
		.format = DIFFER_RENAMES, .width = DIFFER_WIDTH_MIN, .changeset = *changeset,
		.selected = selected, .is_live = is_live, .similarity = percent,
	};
	scoped(buf) struct buf answer = BUF_INIT(JSON_TEXT_MAX);
	struct error err = ERROR_INIT;
	unsigned cut = 0;
	int r;

	*ret = (struct rename_list){ 0 };
	if (!percent || !has_ends(changeset, selected))
		return;
	r = run_differ_read(&request, roots->items, STDERR_FILENO, &answer, &err);
	if (r >= 0)
		r = differ_found_read(&cli->arena, (struct str){ buf_text(&answer), answer.len }, changeset,
			ret, &cut, &err);
	if (r < 0) {
		*ret = (struct rename_list){ 0 };
		cli_warn(cli, "what moved and was edited is shown as deleted and added: %s", err.text);
	}
	say_cut(cli, cut);
}
