// SPDX-License-Identifier: Apache-2.0
/*
 * test_config_table.c - the scenarios of tests/tables/config
 *
 * Scenarios are separated by empty lines. "#" begins a comment; every other line is a word and what belongs
 * to it. What goes in:
 *
 *	user, project, policy TEXT	a file; several lines of one kind are its lines
 *	trusted				the user said `cordon trust`
 *	flag KEY VALUE			an option of the command line
 *
 * and what has to come out; a scenario with neither problem nor widening is accepted, with no widening at
 * all:
 *
 *	problem TEXT			FILE:LINE:COLUMN: TEXT [HINT]; exactly these, in this order
 *	widening TEXT			FILE:LINE:COLUMN: TEXT; exactly these, and none in a trusted file
 *	narrowed TEXT			notices about what was taken away; exactly these
 *	value KEY JSON			the value of a key, in canonical form
 *	origin KEY TEXT			where it came from
 *	accepted			nothing else to say
 */
#include "unit/config/resolve.h"

enum {
	EXPECTED_MAX = 16,
};

/* One scenario; texts are the arena's. */
struct row {
	size_t line; /* of the file, where it ends */
	struct scenario scenario;
	size_t flag_count;
	const char *problems[EXPECTED_MAX], *widenings[EXPECTED_MAX], *narrowed[EXPECTED_MAX];
	const char *values[EXPECTED_MAX][2], *origins[EXPECTED_MAX][2];
};

static void add(const char **list, const char *text)
{
	size_t i = 0;

	while (list[i])
		i++;
	CHECK(i + 1 < EXPECTED_MAX);
	list[i] = text;
}

static void add_pair(const char *(*list)[2], struct str text)
{
	struct str key, value;
	size_t i = 0;

	while (list[i][0])
		i++;
	CHECK(i + 1 < EXPECTED_MAX);
	str_cut(text, ' ', &key, &value);
	list[i][0] = arena_copy(&test_arena, key.data, key.len);
	list[i][1] = arena_copy(&test_arena, value.len ? value.data : "", value.len);
}

/* One more line of a file. */
static const char *append(const char *file, const char *line)
{
	return file ? arena_printf(&test_arena, "%s\n%s", file, line) : line;
}

static void read_line(struct row *row, struct str word, struct str rest)
{
	struct scenario *scenario = &row->scenario;
	const char *text = arena_copy(&test_arena, rest.len ? rest.data : "", rest.len);

	if (str_eq(word, STR("user"))) {
		scenario->user = append(scenario->user, text);
	} else if (str_eq(word, STR("project"))) {
		scenario->project = append(scenario->project, text);
	} else if (str_eq(word, STR("policy"))) {
		scenario->policy = append(scenario->policy, text);
	} else if (str_eq(word, STR("trusted"))) {
		scenario->is_trusted = true;
	} else if (str_eq(word, STR("flag"))) {
		CHECK(row->flag_count < FLAGS_MAX);
		add_pair(scenario->flags, rest);
		row->flag_count++;
	} else if (str_eq(word, STR("problem"))) {
		add(row->problems, text);
	} else if (str_eq(word, STR("widening"))) {
		add(row->widenings, text);
	} else if (str_eq(word, STR("narrowed"))) {
		add(row->narrowed, text);
	} else if (str_eq(word, STR("value"))) {
		add_pair(row->values, rest);
	} else if (str_eq(word, STR("origin"))) {
		add_pair(row->origins, rest);
	} else {
		CHECK_STR(word, STR("accepted"));
	}
}

/* ---- judging ---- */

static void compare(const char *file, const struct row *row, const char *what, const char *got,
	const char *wanted)
{
	if (!got || !wanted || strcmp(got, wanted))
		test_fail(file, (int)row->line, "%s\ngot    %s\nwanted %s", what, got ? got : "nothing",
			  wanted ? wanted : "nothing");
}

static void check_problems(const char *file, const struct row *row, int r)
{
	compare(file, row, "result", r < 0 ? error_name(r) : "accepted", "EINVAL");
	for (size_t i = 0; i < test_problems.count || row->problems[i]; i++)
		compare(file, row, "problem",
			i < test_problems.count ? problem_text(&test_problems.items[i]) : NULL,
			row->problems[i]);
	CHECK(strstr(test_err.text, test_problems.items[0].text));
}

/* Problems are sorted by place, what trust allowed is not. */
static bool is_expected(const struct row *row, const char *text)
{
	for (size_t i = 0; row->widenings[i]; i++)
		if (strstr(row->widenings[i], text))
			return true;
	return false;
}

static void check_widenings(const char *file, struct row *row, int r)
{
	const struct config *config;

	compare(file, row, "result", r < 0 ? error_name(r) : "accepted", "EPERM");
	for (size_t i = 0; i < test_problems.count || row->widenings[i]; i++) {
		CHECK(i >= test_problems.count || strstr(test_problems.items[i].hint, "cordon trust"));
		test_problems.items[i].hint = NULL;
		compare(file, row, "widening",
			i < test_problems.count ? problem_text(&test_problems.items[i]) : NULL,
			row->widenings[i]);
	}
	CHECK(strstr(test_err.hint, "cordon trust"));
	/* The user's word lets the same content through, and what it allowed is written down. */
	row->scenario.is_trusted = true;
	compare(file, row, "trusted", resolve(&row->scenario, &config) < 0 ? test_err.text : "accepted",
		"accepted");
	CHECK(config->project_trusted);
	for (size_t i = 0; i < config->widening_count || row->widenings[i]; i++)
		CHECK(i < config->widening_count && is_expected(row, config->widenings[i].text));
}

static void check_config(const char *file, const struct row *row, const struct config *config)
{
	size_t narrowed = 0;

	for (size_t i = 0; row->values[i][0]; i++)
		compare(file, row, row->values[i][0], value_text(config, row->values[i][0]),
			row->values[i][1]);
	for (size_t i = 0; row->origins[i][0]; i++) {
		enum config_key key = find_key(row->origins[i][0]);

		compare(file, row, row->origins[i][0], origin_text(config, key), row->origins[i][1]);
	}
	for (size_t i = 0; i < config->notice_count; i++)
		if (config->notices[i].kind == CONFIG_NOTICE_NARROWED)
			compare(file, row, "narrowed", config->notices[i].text, row->narrowed[narrowed++]);
	compare(file, row, "narrowed", row->narrowed[narrowed] ? row->narrowed[narrowed] : "no more",
		"no more");
}

static void check_row(const char *file, struct row *row)
{
	const struct config *config = NULL;
	int r = resolve(&row->scenario, &config);

	if (row->problems[0]) {
		check_problems(file, row, r);
		CHECK(!config);
	} else if (row->widenings[0]) {
		CHECK(!config);
		check_widenings(file, row, r);
	} else {
		compare(file, row, "result", r < 0 ? problems_text() : "accepted", "accepted");
		check_config(file, row, config);
	}
}

/* ---- files ---- */

static void run_table(const char *file)
{
	struct buf text = BUF_INIT(1 << 20);
	struct str line, rest, word;
	struct row row = { 0 };
	size_t rows = 0;
	bool pending = false;

	CHECK_INT(kern_read_file(AT_FDCWD, file, &text), 0);
	rest = (struct str){ buf_text(&text), text.len };
	for (size_t number = 1; rest.len || pending; number++) {
		str_cut(rest, '\n', &line, &rest);
		if (!line.len && pending) {
			row.line = number;
			check_row(file, &row);
			row = (struct row){ 0 };
			rows++;
			arena_reset(&test_arena);
		}
		pending = line.len && (pending || line.data[0] != '#');
		if (!line.len || line.data[0] == '#')
			continue;
		str_cut(line, ' ', &word, &line);
		read_line(&row, word, line);
	}
	CHECK(rows > 5);
	buf_fini(&text);
	arena_fini(&test_arena);
}

TEST(sources)
{
	run_table(TABLES "sources.txt");
}

TEST(project_files)
{
	run_table(TABLES "project.txt");
}

TEST(hosts)
{
	run_table(TABLES "network.txt");
}

TEST(policies)
{
	run_table(TABLES "policies.txt");
}

TEST(the_policy)
{
	run_table(TABLES "policy.txt");
}

TEST(paths)
{
	run_table(TABLES "paths.txt");
}

TEST(mistakes)
{
	run_table(TABLES "mistakes.txt");
}

TEST_MAIN()
