// SPDX-License-Identifier: Apache-2.0
/*
 * cmd_audit.c - `cordon audit`, `cordon audit verify`, `cordon audit export`
 *
 * Records are printed as they are read, one a line, so that a ledger of any length can be shown. Whatever an
 * agent chose is in the fields and is quoted. Verification prints what it finds while it goes on, too; with
 * --json it is one document at the end.
 */
#include "cli/commands.h"
#include "cli/which.h"

#include "base/fd.h"
#include "base/quote.h"
#include "kern/file.h"
#include "ledger/bundle.h"
#include "ledger/reader.h"
#include "ledger/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

enum {
	VALUE_TEXT_MAX = 96,		/* bytes of a field's value in the list, unless --verbose */
	DIGEST_TEXT_LEN = 12,		/* and of a digest */
	VALUE_BYTES_MAX = 1 << 20,
};

/* ---- what all three need ---- */

/* CLI_NO where there is nothing to look at: no session has ever run. */
static int open_state(struct cli *cli, int *ret_dirfd)
{
	struct error err = ERROR_INIT;
	const char *path = which_state_dir(cli, &err);
	int fd;

	if (!path)
		return cli_fail(cli, CLI_FAILED, &err);
	fd = kern_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd == -ENOENT) {
		error_set(&err, fd, "there is no ledger yet: no session has run ('%s' does not exist)",
			quote_cstr(path).text);
		error_hint(&err, "`cordon run -- PROGRAM` starts the first one.");
		return cli_fail(cli, CLI_NO, &err);
	}
	if (fd < 0) {
		error_sys(&err, fd, "opening '%s'", quote_cstr(path).text);
		return cli_fail(cli, CLI_FAILED, &err);
	}
	*ret_dirfd = fd;
	return CLI_OK;
}

static int exit_code_of(int r)
{
	return r == -ENOENT || r == -EEXIST || r == -EINVAL ? CLI_NO : CLI_FAILED;
}

struct ids {
	const char *const *items;	/* the cli's arena's */
	size_t count;
};

static int list_all(struct cli *cli, int state_dirfd, struct ids *ret)
{
	struct error err = ERROR_INIT;
	int r = source_list(&cli->arena, state_dirfd, &ret->items, &ret->count, &err);

	return r < 0 ? cli_fail(cli, CLI_FAILED, &err) : CLI_OK;
}

/* The ids that the operands mean; without any, the project's latest session. */
static int find_sessions(struct cli *cli, int argc, char **argv, struct ids *ret)
{
	size_t count = argc ? (size_t)argc : 1;
	struct error err = ERROR_INIT;
	const char **ids;
	int r;

	ids = arena_alloc_array(&cli->arena, count, sizeof(*ids));
	if (!ids)
		return cli_failf(cli, CLI_FAILED, "too many sessions");
	for (size_t i = 0; i < count; i++) {
		const char *word = argc ? argv[i] : NULL;

		r = 0;
		if (word && !strcmp(word, LEDGER_USER_SESSION))
			ids[i] = LEDGER_USER_SESSION;
		else
			r = which_session(cli, word, &ids[i], &err);
		if (r < 0)
			return cli_fail(cli, exit_code_of(r), &err);
	}
	*ret = (struct ids){ .items = ids, .count = count };
	return CLI_OK;
}

/* The state directory, and what is asked for in it. */
static int find_ledgers(struct cli *cli, int argc, char **argv, bool all, int *ret_dirfd, struct ids *ret)
{
	int code;

	if (all && argc)
		return cli_usage(cli, "--all and a session exclude each other");
	code = open_state(cli, ret_dirfd);
	if (code != CLI_OK)
		return code;
	return all ? list_all(cli, *ret_dirfd, ret) : find_sessions(cli, argc, argv, ret);
}

/* ---- cordon audit ---- */

static int read_kinds(struct cli *cli, const struct cli_values *words, struct ledger_filter *ret)
{
	for (size_t i = 0; i < words->count; i++) {
		enum ledger_kind kind;
		int code = which_kind(cli, str_from(words->items[i]), &kind);

		if (code != CLI_OK)
			return code;
		ret->kinds[kind] = true;
	}
	return CLI_OK;
}

static enum cli_style style_of(enum ledger_kind kind)
{
	static const enum cli_style styles[LEDGER_KIND_COUNT] = {
		[LEDGER_SESSION_FAILED] = CLI_BAD, [LEDGER_DENIED] = CLI_BAD,
		[LEDGER_COMMIT_FAILED] = CLI_BAD, [LEDGER_UNDO_FAILED] = CLI_BAD,
		[LEDGER_SUPERVISOR_LOST] = CLI_BAD, [LEDGER_REPAIRED] = CLI_BAD, [LEDGER_WEAKENED] = CLI_WARN,
		[LEDGER_LIMIT_REACHED] = CLI_WARN, [LEDGER_CONFLICT] = CLI_WARN, [LEDGER_ACCEPTED] = CLI_WARN,
		[LEDGER_HELD] = CLI_WARN, [LEDGER_CONFIG_TRUSTED] = CLI_WARN,
		[LEDGER_POLICY_FORGOTTEN] = CLI_WARN, [LEDGER_COMMIT_FINISHED] = CLI_GOOD,
		[LEDGER_UNDONE] = CLI_GOOD,
		[LEDGER_RECOVERED] = CLI_GOOD,
	};

	return styles[kind];
}

/*
 * In single quotes where it is empty or could pass for more than one value; quote_append() escapes those
 * inside.
 */
static void append_word(struct buf *buf, struct str word)
{
	bool quoted = quote_is_needed(word);

	if (quoted)
		(void)buf_append_char(buf, '\'');
	(void)quote_append(buf, word);
	if (quoted)
		(void)buf_append_char(buf, '\'');
}

static bool is_word_list(const struct json *value)
{
	if (value->type != JSON_ARRAY || !value->array.count)
		return false;
	for (size_t i = 0; i < value->array.count; i++)
		if (value->array.items[i]->type != JSON_STRING && !json_get(value->array.items[i], "bytes"))
			return false;
	return true;
}

static void append_value(struct arena *arena, struct buf *buf, const struct json *value)
{
	scoped(buf) struct buf text = BUF_INIT(VALUE_BYTES_MAX);
	struct str bytes;

	/* A list of words is a command line, or paths: as a person would write it. */
	for (size_t i = 0; is_word_list(value) && i < value->array.count; i++) {
		if (i)
			(void)buf_append_char(buf, ' ');
		append_value(arena, buf, value->array.items[i]);
	}
	if (is_word_list(value))
		return;
	if (json_to_bytes(arena, value, &bytes) >= 0) {
		append_word(buf, bytes);
		return;
	}
	(void)json_write(&text, value, JSON_WRITE_CANONICAL);
	append_word(buf, (struct str){ .data = buf_text(&text), .len = text.len });
}

/* Ends the text after @len bytes, between two characters, and with the quote that was opened. */
static void cut(struct buf *buf, size_t len)
{
	bool open = false;

	while (len && (buf->data[len] & 0xc0) == 0x80)
		len--;
	for (size_t i = 0; i < len; i++) {
		if (buf->data[i] == '\\')
			i++;
		else if (buf->data[i] == '\'')
			open = !open;
	}
	buf->len = len;
	(void)buf_append_str(buf, open ? "...'" : "...");
}

static void print_field(struct cli *cli, const struct json_member *field, bool is_digest)
{
	scoped(arena) struct arena arena = ARENA_INIT(VALUE_BYTES_MAX);
	scoped(buf) struct buf buf = BUF_INIT(VALUE_BYTES_MAX);

	append_value(&arena, &buf, field->value);
	if (!cli->verbosity && is_digest && buf.len > DIGEST_TEXT_LEN)
		buf.len = DIGEST_TEXT_LEN;
	else if (!cli->verbosity && buf.len > VALUE_TEXT_MAX)
		cut(&buf, VALUE_TEXT_MAX);
	cli_printf(cli, "  %s%.*s%s=", cli_style(cli, CLI_DIM), STR_FMT(field->key->text),
		cli_style(cli, CLI_PLAIN));
	cli_write(cli, (struct str){ .data = buf_text(&buf), .len = buf.len });
}

static void print_record(struct cli *cli, const struct ledger_record *record)
{
	enum ledger_kind kind = ledger_kind_from_name(record->kind_name);
	char time[TIME_TEXT_SIZE];

	time_to_text(record->time_ns, time);
	cli_printf(cli, "%s  %.*s  %4" PRIu64 "  %-10.*s  %s%-15.*s%s", time, STR_FMT(record->session),
		record->sequence, STR_FMT(record->actor), cli_style(cli, style_of(kind)),
		STR_FMT(record->kind_name), cli_style(cli, CLI_PLAIN));
	for (size_t i = 0; i < record->fields->object.count; i++) {
		const struct json_member *field = &record->fields->object.members[i];
		const struct ledger_field *row = kind ? ledger_field_find(kind, field->key->text) : NULL;

		print_field(cli, field, row && row->type == LEDGER_FIELD_DIGEST);
	}
	cli_write(cli, STR("\n"));
}

static int show_session(struct cli *cli, int state_dirfd, const char *id, const struct ledger_filter *filter)
{
	scoped(ledger_reader) struct ledger_reader reader = LEDGER_READER_INIT;
	struct error err = ERROR_INIT;
	struct ledger_record record;
	int code = CLI_OK, r = ledger_reader_open(&reader, state_dirfd, id, filter, &err);

	if (r < 0)
		return cli_fail(cli, exit_code_of(r), &err);
	while ((r = ledger_reader_next(&reader, &record, &err)) != 0) {
		if (r < 0 && r != -EBADMSG && r != -EKEYREJECTED)
			return cli_fail(cli, CLI_FAILED, &err);
		if (r < 0) {
			cli_warn(cli, "%s", err.text);
			code = CLI_NO;
			continue;
		}
		if (cli->json) {
			cli_write(cli, reader.text);
			cli_write(cli, STR("\n"));
			cli->has_printed_json = true;
		} else {
			print_record(cli, &record);
		}
	}
	return code;
}

int cmd_audit(struct cli *cli, int argc, char **argv)
{
	const struct audit_options *options = audit_options(cli);
	struct ledger_filter filter = { 0 };
	scoped(fd) int state_dirfd = -1;
	struct ids ids = { 0 };
	int code = read_kinds(cli, &options->kind, &filter), worst = CLI_OK;

	if (code == CLI_OK)
		code = which_time(cli, "--since", options->since, &filter.since_ns);
	if (code == CLI_OK)
		code = which_time(cli, "--until", options->until, &filter.until_ns);
	if (code == CLI_OK)
		code = find_ledgers(cli, argc, argv, options->all, &state_dirfd, &ids);
	if (code != CLI_OK)
		return code;
	cli_page(cli);
	for (size_t i = 0; i < ids.count; i++) {
		code = show_session(cli, state_dirfd, ids.items[i], &filter);
		worst = MAX(worst, code);
	}
	return worst;
}

/* ---- cordon audit verify ---- */

struct finding {
	struct cli *cli;
	struct json_array_builder list;
};

static void tell(const struct ledger_problem *problem, void *context)
{
	struct finding *finding = context;
	struct cli *cli = finding->cli;
	struct json_object_builder entry;

	if (!cli->json) {
		cli_printf(cli, "%s%s%s  ", cli_style(cli, problem->is_note ? CLI_INFO : CLI_BAD),
			problem->is_note ? "note" : "PROBLEM", cli_style(cli, CLI_PLAIN));
		cli_quote(cli, str_from(problem->file));
		if (problem->line)
			cli_printf(cli, ":%" PRIu64, problem->line);
		cli_printf(cli, ": %s: %s\n", ledger_problem_name(problem->kind), problem->text);
		return;
	}
	json_object_begin(&entry, &cli->arena);
	json_object_add_text(&entry, "kind", ledger_problem_name(problem->kind));
	json_object_add_bool(&entry, "note", problem->is_note);
	json_object_add(&entry, "file", json_new_bytes(&cli->arena, str_from(problem->file)));
	json_object_add_int(&entry, "line", (int64_t)problem->line);
	json_object_add_int(&entry, "sequence", (int64_t)problem->sequence);
	if (problem->session)
		json_object_add_text(&entry, "session", problem->session);
	json_object_add_text(&entry, "text", problem->text);
	json_array_add(&finding->list, json_object_end(&entry));
}

static int print_summary(struct cli *cli, struct finding *finding, const struct ledger_summary *sum)
{
	struct json_object_builder entry;

	if (cli->json) {
		json_object_begin(&entry, &cli->arena);
		json_object_add_bool(&entry, "sound", !sum->problems);
		json_object_add_int(&entry, "ledgers", (int64_t)sum->sessions);
		json_object_add_int(&entry, "records", (int64_t)sum->records);
		json_object_add_int(&entry, "index_entries", (int64_t)sum->entries);
		json_object_add(&entry, "findings", json_array_end(&finding->list));
		cli_print_json(cli, json_object_end(&entry));
	} else {
		cli_printf(cli, "%" PRIu64 " %s, %" PRIu64 " %s, %" PRIu64 " index %s: ", sum->sessions,
			sum->sessions == 1 ? "ledger" : "ledgers", sum->records,
			sum->records == 1 ? "record" : "records", sum->entries,
			sum->entries == 1 ? "entry" : "entries");
		if (sum->problems)
			cli_printf(cli, "%s%" PRIu64 " %s%s\n", cli_style(cli, CLI_BAD), sum->problems,
				sum->problems == 1 ? "problem" : "problems", cli_style(cli, CLI_PLAIN));
		else
			cli_printf(cli, "%sas they were written%s\n", cli_style(cli, CLI_GOOD),
				cli_style(cli, CLI_PLAIN));
	}
	return sum->problems ? CLI_NO : CLI_OK;
}

static int verify_file(const char *path, struct ledger_report *report, struct error *err)
{
	scoped(fd) int fd = kern_open(AT_FDCWD, path, O_RDONLY, 0);
	struct quoted name;
	struct stat st;
	int r;

	if (fd < 0)
		return error_sys(err, fd, "opening '%s'", quote_cstr(path).text);
	r = kern_fstat(fd, &st);
	if (r >= 0 && !S_ISREG(st.st_mode)) {
		error_set(err, -EINVAL, "'%s' is no regular file", quote_cstr(path).text);
		error_hint(err, "Save it first; it has to be read twice.");
		return -EINVAL;
	}
	name = quote_cstr(path);
	return ledger_verify_bundle(fd, name.text, report, err);
}

/* A word that no session's name begins with may be a session that is gone: the index knows its whole name. */
static const char *meant(struct cli *cli, const char *word)
{
	const char *id;

	if (!strcmp(word, LEDGER_USER_SESSION) || which_session(cli, word, &id, NULL) < 0)
		return word;
	return id;
}

static int verify_ledgers(struct cli *cli, int argc, char **argv, struct ledger_report *report)
{
	struct error err = ERROR_INIT;
	scoped(fd) int state_dirfd = -1;
	int r, code = open_state(cli, &state_dirfd);

	if (code != CLI_OK)
		return code;
	/* The index is checked with each of them; only its entries are not to be counted again. */
	for (int i = 0; i < MAX(argc, 1); i++) {
		report->summary.entries = 0;
		r = ledger_verify(state_dirfd, argc ? meant(cli, argv[i]) : NULL, report, &err);
		if (r < 0)
			return cli_fail(cli, exit_code_of(r), &err);
	}
	return CLI_OK;
}

int cmd_audit_verify(struct cli *cli, int argc, char **argv)
{
	const struct audit_verify_options *options = audit_verify_options(cli);
	struct finding finding = { .cli = cli };
	struct ledger_report report = { .tell = tell, .context = &finding };
	struct error err = ERROR_INIT;
	int code = CLI_OK, r;

	if (argc + options->all + !!options->file > 1 && (options->all || options->file))
		return cli_usage(cli, "a session, --all and --file exclude each other");
	json_array_begin(&finding.list, &cli->arena);
	if (options->file) {
		r = verify_file(options->file, &report, &err);
		if (r < 0)
			return cli_fail(cli, r == -EINVAL ? CLI_USAGE : exit_code_of(r), &err);
	} else {
		code = verify_ledgers(cli, argc, argv, &report);
	}
	return code == CLI_OK ? print_summary(cli, &finding, &report.summary) : code;
}

/* ---- cordon audit export ---- */

static int create_output(struct cli *cli, const char *path, int *ret_fd)
{
	struct error err = ERROR_INIT;
	int fd = kern_open(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);

	if (fd < 0) {
		error_sys(&err, fd, "creating '%s'", quote_cstr(path).text);
		if (fd == -EEXIST)
			error_hint(&err, "Evidence is never overwritten: choose another name.");
		return cli_fail(cli, fd == -EEXIST || fd == -ENOENT ? CLI_NO : CLI_FAILED, &err);
	}
	*ret_fd = fd;
	return CLI_OK;
}

int cmd_audit_export(struct cli *cli, int argc, char **argv)
{
	const struct audit_export_options *options = audit_export_options(cli);
	scoped(fd) int state_dirfd = -1, created = -1;
	struct error err = ERROR_INIT;
	struct ids ids = { 0 };
	uint64_t torn_bytes;
	int r, code = find_ledgers(cli, argc, argv, options->all, &state_dirfd, &ids);

	if (code == CLI_OK && options->output)
		code = create_output(cli, options->output, &created);
	if (code != CLI_OK)
		return code;
	r = ledger_export(state_dirfd, ids.items, options->all ? 0 : ids.count,
		options->output ? created : cli->out.fd, &torn_bytes, &err);
	if (r >= 0 && options->output)
		r = kern_fsync(created) < 0 ? error_set(&err, -EIO, "writing '%s' to the disk",
			quote_cstr(options->output).text) : 0;
	if (r < 0 && options->output)
		(void)kern_unlinkat(AT_FDCWD, options->output, 0);
	if (r < 0)
		return cli_fail(cli, exit_code_of(r), &err);
	if (torn_bytes)
		cli_warn(cli, "%" PRIu64 " bytes of unfinished lines were left out", torn_bytes);
	return CLI_OK;
}
