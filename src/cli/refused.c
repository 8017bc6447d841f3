// SPDX-License-Identifier: Apache-2.0
/*
 * refused.c - hosts that a session's programs wanted and did not get
 *
 * The same refusal is written down again when it has happened 2, 4, 8 ... times, and each record has the
 * number so far: the last one of a decision counts, not their sum.
 */
#include "cli/refused.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/which.h"
#include "kern/file.h"
#include "ledger/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

enum {
	TOLD_MAX = 4,			/* hosts of one line */
};

static struct refused_host *find(struct refused *refused, const char *decision)
{
	for (size_t i = 0; i < refused->host_count; i++)
		if (!strcmp(refused->hosts[i].decision, decision))
			return &refused->hosts[i];
	return NULL;
}

int refused_add(struct arena *arena, struct refused *ret, const struct json *fields)
{
	const char *what = json_get_text(fields, "what"), *target = json_get_text(fields, "target");
	const char *decision = json_get_text(fields, "decision"), *rule = json_get_text(fields, "rule");
	struct refused_host *host;
	uint64_t count = (uint64_t)MAX(json_get_int(fields, "count", 1), 0);

	if (!what || !target || !decision || strcmp(what, "network"))
		return 0;
	host = find(ret, decision);
	if (!host && ret->host_count == REFUSED_HOSTS_MAX) {
		ret->other_count++;
		return 0;
	}
	if (!host) {
		host = &ret->hosts[ret->host_count];
		host->decision = arena_copy(arena, decision, strlen(decision));
		host->target = arena_copy(arena, target, strlen(target));
		if (!host->decision || !host->target)
			return -ENOMEM;
		host->is_unlisted = rule && !strcmp(rule, "network/default-deny");
		ret->host_count++;
	}
	host->count = count;
	return 0;
}

int refused_read(struct cli *cli, const char *id, struct refused *ret, struct error *err)
{
	const struct ledger_filter filter = { .kinds = { [LEDGER_DENIED] = true } };
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	const char *path = which_state_dir(cli, err);
	scoped(fd) int dirfd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0) : -ENOENT;
	struct ledger_record record;
	int r = dirfd < 0 ? dirfd : ledger_reader_open(&reader, dirfd, id, &filter, err);

	*ret = (struct refused){ 0 };
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	while ((r = ledger_reader_next(&reader, &record, err)) != 0) {
		if (r < 0 && r != -EBADMSG && r != -EKEYREJECTED)
			return r;
		r = r > 0 ? refused_add(&cli->arena, ret, record.fields) : 0;
		if (r < 0)
			return error_set(err, r, "the session's ledger");
	}
	return 0;
}

/* What one entry would have allowed; a name that was only looked up says no port. */
static const struct refused_host *first_unlisted(const struct refused *refused)
{
	for (size_t i = 0; i < refused->host_count; i++)
		if (refused->hosts[i].is_unlisted && strchr(refused->hosts[i].target, ':'))
			return &refused->hosts[i];
	return NULL;
}

void refused_tell(struct cli *cli, const char *id, const struct refused *refused)
{
	const struct refused_host *unlisted = first_unlisted(refused);
	size_t told = MIN(refused->host_count, (size_t)TOLD_MAX);
	uint64_t others = refused->host_count - told + refused->other_count;

	if (!refused->host_count)
		return;
	cli_tell(cli, "cordon: refused: ");
	for (size_t i = 0; i < told; i++) {
		cli_tell(cli, "%s%s", i ? ", " : "", quote_cstr(refused->hosts[i].target).text);
		if (refused->hosts[i].count > 1)
			cli_tell(cli, " (%" PRIu64 " times)", refused->hosts[i].count);
	}
	if (others)
		cli_tell(cli, " and %" PRIu64 " more", others);
	cli_tell(cli, "\n  hint: `cordon audit %s --kind denied` says why", id);
	if (unlisted)
		cli_tell(cli, "; `cordon run --allow %s ...` allows it", quote_cstr(unlisted->target).text);
	cli_tell(cli, "\n");
}

void refused_print(struct cli *cli, const struct refused *refused)
{
	for (size_t i = 0; i < refused->host_count; i++) {
		const struct refused_host *host = &refused->hosts[i];

		cli_printf(cli, "%s%-10s%s", cli_style(cli, CLI_BOLD), i ? "" : "refused",
			cli_style(cli, CLI_PLAIN));
		cli_quote(cli, str_from(host->target));
		if (host->count > 1)
			cli_printf(cli, " (%" PRIu64 " times)", host->count);
		cli_printf(cli, ": `cordon explain %s`\n", quote_cstr(host->decision).text);
	}
	if (refused->other_count)
		cli_printf(cli, "%-10sand %" PRIu64 " more (`cordon audit --kind denied`)\n", "",
			refused->other_count);
}

const struct json *refused_to_json(struct arena *arena, const struct refused *refused)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (size_t i = 0; i < refused->host_count; i++) {
		struct json_object_builder row;

		json_object_begin(&row, arena);
		json_object_add(&row, "target", json_new_bytes(arena, str_from(refused->hosts[i].target)));
		json_object_add_int(&row, "count", (int64_t)refused->hosts[i].count);
		json_object_add_text(&row, "decision", refused->hosts[i].decision);
		json_array_add(&array, json_object_end(&row));
	}
	return json_array_end(&array);
}
