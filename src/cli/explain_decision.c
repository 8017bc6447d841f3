// SPDX-License-Identifier: Apache-2.0
/*
 * explain_decision.c - the decision behind an id that the ledger has, or the last one of a policy's rule
 *
 * An id is a digest of what was decided, so it says nothing about the session; all ledgers are read. Records
 * are looked at in the reader's memory, and only what matches is copied.
 */
#include "cli/explain_decision.h"

#include "base/fd.h"
#include "base/quote.h"
#include "cli/which.h"
#include "kern/file.h"
#include "ledger/reader.h"

#include <errno.h>
#include <fcntl.h>

enum {
	HEX_DIGITS = 12,
	FACTS_MAX_BYTES = 1 << 20,
};

bool explain_is_decision(const char *word)
{
	return strlen(word) == 2 + HEX_DIGITS && !strncmp(word, "d-", 2) &&
		strspn(word + 2, "0123456789abcdef") == HEX_DIGITS;
}

static bool is_it(const struct json *facts, const char *word)
{
	const char *text = json_get_text(facts, explain_is_decision(word) ? "decision" : "rule");

	return text && !strcmp(text, word);
}

/* The part of the record that is about @word, or NULL. */
static const struct json *find_facts(const struct ledger_record *record, const char *word)
{
	const struct json *findings = json_get(record->fields, "findings");

	if (is_it(record->fields, word))
		return record->fields;
	for (size_t i = 0; findings && findings->type == JSON_ARRAY && i < findings->array.count; i++)
		if (is_it(findings->array.items[i], word))
			return findings->array.items[i];
	return NULL;
}

static int take(struct cli *cli, const struct ledger_record *record, const struct json *facts,
	struct explained_decision *ret, struct error *err)
{
	const char *id;

	scoped(buf) struct buf text = BUF_INIT(FACTS_MAX_BYTES);
	const char *copy, *session = arena_copy(&cli->arena, record->session.data, record->session.len);
	const char *kind = arena_copy(&cli->arena, record->kind_name.data, record->kind_name.len);
	int r = json_write(&text, facts, JSON_WRITE_CANONICAL);

	copy = r < 0 ? NULL : arena_copy(&cli->arena, text.data, text.len);
	if (!copy || !session || !kind)
		return error_set(err, -EMSGSIZE, "the record is too large");
	ret->session = session;
	ret->kind = kind;
	ret->time_ns = record->time_ns;
	ret->sequence = record->sequence;
	r = json_read(&cli->arena, (struct str){ copy, text.len }, JSON_READ_STRICT, &ret->facts, err);
	id = r < 0 ? NULL : json_get_text(ret->facts, "decision");
	ret->id = id ? id : ret->id;
	return r;
}

static int look_into(struct cli *cli, int state_dirfd, const char *session, const char *word,
	struct explained_decision *ret, struct error *err)
{
	const struct ledger_filter filter = { .kinds = { [LEDGER_DENIED] = true, [LEDGER_VERDICT] = true } };
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	struct ledger_record record;
	int r = ledger_reader_open(&reader, state_dirfd, session, &filter, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	while ((r = ledger_reader_next(&reader, &record, err)) != 0) {
		const struct json *facts = r > 0 ? find_facts(&record, word) : NULL;

		if (r < 0 && r != -EBADMSG && r != -EKEYREJECTED)
			return r;
		/* What was changed afterwards explains nothing. */
		if (r < 0)
			cli_warn(cli, "%s", err->text);
		r = facts && (!ret->facts || record.time_ns >= ret->time_ns) ?
			take(cli, &record, facts, ret, err) : 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int explain_find_decision(struct cli *cli, const char *word, struct explained_decision *ret,
	struct error *err)
{
	const char *path = which_state_dir(cli, err);
	scoped(fd) int state_dirfd = path ? kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0) : -EINVAL;
	const char *const *sessions = NULL;
	size_t count = 0;
	int r = 0;

	*ret = (struct explained_decision){ .id = word };
	if (!path)
		return -EINVAL;
	if (state_dirfd < 0 && state_dirfd != -ENOENT)
		return error_sys(err, state_dirfd, "opening '%s'", quote_cstr(path).text);
	if (state_dirfd >= 0)
		r = source_list(&cli->arena, state_dirfd, &sessions, &count, err);
	for (size_t i = 0; i < count && r >= 0; i++)
		r = look_into(cli, state_dirfd, sessions[i], word, ret, err);
	if (r < 0 || ret->facts)
		return r;
	(void)error_set(err, -ENOENT, "no ledger has a decision '%s'", quote_cstr(word).text);
	error_hint(err,
		"`cordon audit --all --kind denied` lists what was refused; `cordon gc` removes sessions.");
	return -ENOENT;
}
