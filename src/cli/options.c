// SPDX-License-Identifier: Apache-2.0
/*
 * options.c - the words of a command line against a row of the table
 *
 * Strict on purpose: no abbreviations (a new option must not change what an old script means), no option
 * twice, nothing ignored. Errors name the word and, where one is near, the word that was probably meant.
 * Words come from the person at the terminal, but a script may paste a stranger's file name, so they are
 * quoted all the same.
 */
#include "cli/command.h"

#include "base/quote.h"
#include "base/units.h"

#include <errno.h>

enum {
	NAMES_MAX = 128,
};

struct parse {
	struct cli *cli;
	const struct command *command;
	struct cli_globals *globals;
	char *options;			/* the command's options struct */
	uint64_t seen, seen_global;	/* one bit per option, by index */
	int count, at;			/* words; the next one */
	char **words;
	struct error *err;
};

/* The options of one table: where they are stored and which of them were seen. */
struct table {
	const struct cli_option *options;
	size_t count;
	char *base;
	uint64_t *seen;
};

static struct table own_table(struct parse *p)
{
	if (!p->command)
		return (struct table){ .seen = &p->seen };
	return (struct table){ p->command->options, p->command->option_count, p->options, &p->seen };
}

static struct table global_table(struct parse *p)
{
	return (struct table){ global_options, global_options_count, (char *)p->globals, &p->seen_global };
}

static const struct cli_option *find_long(struct table table, struct str name)
{
	for (size_t i = 0; i < table.count; i++)
		if (str_eq(str_from(table.options[i].name), name))
			return &table.options[i];
	return NULL;
}

static const struct cli_option *find_letter(struct table table, char letter)
{
	for (size_t i = 0; i < table.count; i++)
		if (table.options[i].letter == letter)
			return &table.options[i];
	return NULL;
}

static int fail_unknown(struct parse *p, struct str name)
{
	const char *names[NAMES_MAX], *nearest;
	size_t count = 0;
	struct table tables[] = { own_table(p), global_table(p) };

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; i < tables[t].count && count < NAMES_MAX; i++)
			if (!tables[t].options[i].refused)
				names[count++] = tables[t].options[i].name;
	error_set(p->err, -EINVAL, "there is no option '--%s'", quote_text(name).text);
	nearest = str_nearest(name, names, count);
	if (nearest)
		error_hint(p->err, "did you mean '--%s'?", nearest);
	return -EINVAL;
}

/* @option is NULL for an operand. */
static int check_choice(struct parse *p, const char *option, const char *what, const char *const *choices,
	size_t count, const char *text)
{
	scoped(buf) struct buf list = BUF_INIT(ERROR_HINT_MAX);
	const char *nearest;

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(choices[i], text))
			return 0;
		(void)buf_printf(&list, "%s%s", i ? ", " : "", choices[i]);
	}
	error_set(p->err, -EINVAL, "'%s%s%s%s' is no %s", option ? "--" : "", option ? option : "",
		option ? "=" : "", quote_cstr(text).text, what);
	nearest = str_nearest(str_from(text), choices, count);
	if (nearest)
		error_hint(p->err, "did you mean '%s'?", nearest);
	error_hint(p->err, "choose one of: %s", buf_text(&list));
	return -EINVAL;
}

/* The same list in a new array with one more item; lists on a command line are short. */
static int add_value(struct parse *p, struct cli_values *values, const char *text)
{
	const char **items = arena_alloc_array(&p->cli->arena, values->count + 1, sizeof(*items));

	if (!items)
		return error_set(p->err, -EINVAL, "too many arguments");
	for (size_t i = 0; i < values->count; i++)
		items[i] = values->items[i];
	items[values->count] = text;
	*values = (struct cli_values){ items, values->count + 1 };
	return 0;
}

static int parse_number(struct parse *p, const struct cli_option *option, const char *text,
	struct cli_number *ret)
{
	static const char *const kinds[] = {
		[CLI_OPTION_NUMBER] = "a number", [CLI_OPTION_SIZE] = "a size such as 512M",
		[CLI_OPTION_DURATION] = "a duration such as 90s or 2h",
	};
	int r;

	if (option->kind == CLI_OPTION_NUMBER)
		r = str_to_u64(str_from(text), INT64_MAX, &ret->value);
	else if (option->kind == CLI_OPTION_SIZE)
		r = units_parse_size(str_from(text), &ret->value);
	else
		r = units_parse_duration(str_from(text), &ret->value);
	if (r < 0)
		return error_set(p->err, -EINVAL, "'--%s=%s' is not %s%s", option->name,
			quote_cstr(text).text, kinds[option->kind], r == -ERANGE ? " that fits" : "");
	ret->is_set = true;
	return 0;
}

/* What other programs' options are like that are on unless somebody says no. */
static int parse_switch(struct parse *p, const struct cli_option *option, const char *text,
	struct cli_number *ret)
{
	bool is_true = !text || !strcmp(text, "true");

	if (!is_true && strcmp(text, "false") != 0)
		return error_set(p->err, -EINVAL, "'--%s=%s' is neither true nor false", option->name,
			quote_cstr(text).text);
	*ret = (struct cli_number){ .value = is_true, .is_set = true };
	return 0;
}

static int fail_refused(struct parse *p, const struct cli_option *option)
{
	error_set(p->err, -EINVAL, "'--%s' is refused", option->name);
	error_hint(p->err, "%s", option->refused);
	return -EINVAL;
}

static int store(struct parse *p, const struct cli_option *option, void *field, const char *text)
{
	if (option->choices &&
			check_choice(p, option->name, option->argument, option->choices, option->choice_count,
				text) < 0)
		return -EINVAL;
	switch (option->kind) {
	case CLI_OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case CLI_OPTION_COUNT:
		(*(unsigned *)field)++;
		return 0;
	case CLI_OPTION_TEXT:
	case CLI_OPTION_CHOICE:
		*(const char **)field = text;
		return 0;
	case CLI_OPTION_LIST:
		return add_value(p, field, text);
	case CLI_OPTION_SWITCH:
		return parse_switch(p, option, text, field);
	case CLI_OPTION_REFUSED:
		return fail_refused(p, option);
	case CLI_OPTION_NUMBER:
	case CLI_OPTION_SIZE:
	case CLI_OPTION_DURATION:
		break;
	}
	return parse_number(p, option, text, field);
}

/* @text: what stands behind '=' or the letter; NULL: the next word, where the option takes an argument. */
static int take_option(struct parse *p, struct table table, const struct cli_option *option, const char *text)
{
	uint64_t bit = UINT64_C(1) << (option - table.options);
	bool may_repeat = option->kind == CLI_OPTION_COUNT || option->kind == CLI_OPTION_LIST;

	if (option->refused)
		return fail_refused(p, option);
	if (text && !option->argument && option->kind != CLI_OPTION_SWITCH)
		return error_set(p->err, -EINVAL, "'--%s' takes no argument", option->name);
	if (!text && option->implied)
		text = option->implied;
	if (!text && option->argument) {
		if (p->at == p->count)
			return error_set(p->err, -EINVAL, "'--%s' needs an argument: --%s=%s", option->name,
				option->name, option->argument);
		text = p->words[p->at++];
	}
	if ((*table.seen & bit) && !may_repeat)
		return error_set(p->err, -EINVAL, "'--%s' stands there twice", option->name);
	*table.seen |= bit;
	return store(p, option, table.base + option->offset, text);
}

static int take_long(struct parse *p, const char *word)
{
	struct str name, value;
	bool has_value = str_cut(str_from(word + 2), '=', &name, &value);
	struct table tables[] = { own_table(p), global_table(p) };

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		const struct cli_option *option = find_long(tables[t], name);

		if (option)
			return take_option(p, tables[t], option, has_value ? value.data : NULL);
	}
	return fail_unknown(p, name);
}

/*
 * "-v", "-vq", "-n3", "-n 3": letters may be joined; the first that takes an argument takes the rest of the
 * word.
 */
static int take_letters(struct parse *p, const char *word)
{
	struct table tables[] = { own_table(p), global_table(p) };

	for (const char *letter = word + 1; *letter; letter++) {
		struct table table = tables[0];
		const struct cli_option *option = find_letter(table, *letter);
		const char *rest = NULL;
		int r;

		if (!option) {
			table = tables[1];
			option = find_letter(table, *letter);
		}
		if (!option)
			return error_set(p->err, -EINVAL, "there is no option '-%s'",
				quote_text((struct str){ letter, 1 }).text);
		if (option->argument && !option->implied && letter[1])
			rest = letter + 1;
		r = take_option(p, table, option, rest);
		if (r < 0 || rest)
			return r;
	}
	return 0;
}

/*
 * The operand that the @index-th one is, with a repeatable last one taking all that follow; NULL: one too
 * many.
 */
static const struct cli_operand *operand_at(const struct command *command, int index)
{
	size_t last = command->operand_count;

	if ((size_t)index < last)
		return &command->operands[index];
	if (last && command->operands[last - 1].is_repeatable)
		return &command->operands[last - 1];
	return NULL;
}

static int take_operand(struct parse *p, int index, const char *word)
{
	const struct cli_operand *operand = operand_at(p->command, index);

	if (!operand)
		return error_set(p->err, -EINVAL, "'%s' is one argument too many", quote_cstr(word).text);
	if (operand->choices)
		return check_choice(p, NULL, operand->name, operand->choices, operand->choice_count, word);
	return 0;
}

static bool takes_rest(const struct parse *p, int index)
{
	const struct cli_operand *operand = operand_at(p->command, index);

	return operand && operand->is_rest;
}

static int check_missing(struct parse *p, int operands)
{
	for (size_t i = (size_t)operands; i < p->command->operand_count; i++)
		if (!p->command->operands[i].is_optional)
			return error_set(p->err, -EINVAL, "%s is missing", p->command->operands[i].name);
	return 0;
}

/*
 * Moves operands to the front of the array as it goes; behind "--", or from the rest on, every word is one.
 */
static int parse_command(struct parse *p, int *ret_operands)
{
	bool only_operands = false;
	int operands = 0, r = 0;

	while (p->at < p->count && r >= 0) {
		char *word = p->words[p->at++];

		if (!only_operands && !strcmp(word, "--")) {
			only_operands = true;
			continue;
		}
		if (only_operands || word[0] != '-' || !word[1]) {
			only_operands = only_operands || takes_rest(p, operands);
			r = take_operand(p, operands, word);
			p->words[operands++] = word;
			continue;
		}
		r = word[1] == '-' ? take_long(p, word) : take_letters(p, word);
	}
	if (r >= 0 && !p->globals->help)
		r = check_missing(p, operands);
	*ret_operands = operands;
	return r;
}

static int parse_globals(struct parse *p)
{
	int r = 0;

	while (p->at < p->count && p->words[p->at][0] == '-' && p->words[p->at][1] && r >= 0) {
		const char *word = p->words[p->at++];

		if (!strcmp(word, "--"))
			break;
		r = word[1] == '-' ? take_long(p, word) : take_letters(p, word);
	}
	return r;
}

int options_parse(struct cli *cli, const struct command *command, struct cli_globals *globals,
	void *ret_options, int *argc, char **argv, struct error *err)
{
	struct parse p = {
		.cli = cli, .command = command, .globals = globals, .options = ret_options, .count = *argc,
		.words = argv, .err = err,
	};
	int operands, r;

	assert(global_options_count <= 64 && (!command || command->option_count <= 64));
	if (!command) {
		r = parse_globals(&p);
		operands = p.count - p.at;
		memmove(argv, argv + p.at, (size_t)operands * sizeof(*argv));
	} else {
		r = parse_command(&p, &operands);
	}
	if (r < 0)
		return command ? error_wrap(err, r, "%s", command->name) : r;
	argv[operands] = NULL;
	*argc = operands;
	return 0;
}
