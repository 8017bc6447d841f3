// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_ledger.c - what holds for every text that could be a record, an entry of the index, a head, or a file
 * of them
 *
 *   - what the reader of records takes is exactly what the writer makes of it, byte for byte, and so for the
 *     index
 *   - a record with a wrong hash is told apart from one that is none, and an error says what is wrong
 *   - what a kind accepts can be written again; checking never looks outside the record
 *   - a file of any bytes is read line by line without losing or inventing one, and ends where its bytes end
 *   - the same file as a bundle can be judged, and is not sound unless every byte is accounted for
 */
#include "ledger/bundle.h"
#include "ledger/chain.h"
#include "ledger/head.h"
#include "ledger/index.h"
#include "ledger/record.h"

#include "kern/file.h"

#include <errno.h>
#include <unistd.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	LIMIT_BYTES = 64,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf again = BUF_INIT(LEDGER_LINE_MAX);
	struct error err = ERROR_INIT;
	struct ledger_record record;
	struct digest hash;
	int r = record_parse(&arena, text, &record, &err);

	assert(r == 0 || r == -EBADMSG || r == -EKEYREJECTED || r == -EMSGSIZE);
	assert(r == 0 || (err.code == r && err.text[0]));
	if (r < 0 && r != -EKEYREJECTED)
		return;
	assert(record_render(&again, &record, &hash) >= 0);
	assert(digest_eq(&hash, &record.hash) == (r == 0));
	assert(again.len == text.len + 1);
	assert(r < 0 || !memcmp(again.data, text.data, text.len));
	r = record_check_kind(&record, &err);
	assert(r == 0 || (r == -EINVAL && err.text[0]));
}

static void check_entry(struct str text)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf again = BUF_INIT(INDEX_LINE_MAX);
	struct error err = ERROR_INIT;
	struct index_entry entry;
	struct digest hash;
	int r = index_parse(&arena, text, &entry, &err);

	assert(r == 0 || r == -EBADMSG || r == -EKEYREJECTED || r == -EMSGSIZE);
	if (r < 0 && r != -EKEYREJECTED)
		return;
	assert(index_render(&again, &entry, &hash) >= 0);
	assert(digest_eq(&hash, &entry.hash) == (r == 0));
	assert(again.len == text.len + 1);
}

static void check_head(struct str text)
{
	char again[HEAD_BYTES];
	struct ledger_head head;

	if (head_parse(text, "k3f9", &head) < 0)
		return;
	head_render(&head, "k3f9", again);
	assert(text.len == HEAD_BYTES && !memcmp(again, text.data, HEAD_BYTES));
}

static void check_lines(int fd, struct str text)
{
	scoped(chain_lines) struct chain_lines lines;
	struct chain_line line;
	uint64_t number = 0, end = 0;

	chain_lines_init(&lines, fd, 0, UINT64_MAX, LIMIT_BYTES);
	while (chain_lines_next(&lines, &line) > 0) {
		assert(line.number == ++number);
		assert(line.offset == end && line.end > line.offset && line.end <= text.len);
		assert(line.text.len <= LIMIT_BYTES);
		assert(!memcmp(line.text.data, text.data + line.offset, line.text.len));
		assert(!memchr(line.text.data, '\n', line.text.len));
		end = line.end;
		if (line.state == CHAIN_LINE_WHOLE)
			assert(text.data[end - 1] == '\n' && line.end == line.offset + line.text.len + 1);
		if (line.state == CHAIN_LINE_TORN)
			assert(end == text.len && line.text.len < LIMIT_BYTES);
		if (line.state == CHAIN_LINE_LONG)
			assert(line.end - line.offset > LIMIT_BYTES || end == text.len);
	}
	assert(end == text.len);
}

static void tell(const struct ledger_problem *problem, void *context)
{
	(void)context;
	assert(problem->text[0] && ledger_problem_name(problem->kind));
}

static void check_bundle(int fd, struct str text)
{
	struct ledger_report report = { .tell = tell };
	struct error err = ERROR_INIT;
	int r = ledger_verify_bundle(fd, "bundle", &report, &err);

	assert(r == 0 || r == -EMSGSIZE);
	if (r == 0 && !report.summary.problems)
		assert(str_starts_with(text, STR("{\"bundle\":\"begin\",")) &&
			str_ends_with(text, STR("}\n")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { .data = (const char *)data, .len = size };
	scoped(fd) int fd = kern_memfd_create("fuzz", 0);

	assert(fd >= 0 && (!size || kern_write_all(fd, data, size) >= 0));
	check_record(text);
	check_entry(text);
	check_head(text);
	check_lines(fd, text);
	check_bundle(fd, text);
	return 0;
}
