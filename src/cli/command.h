/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.h - what the generated tables are made of (cli/commands.h, cli/commands.c)
 *
 * A row of tables/commands.toml becomes a struct command; an option says where in the command's options
 * struct its value goes. The parser (options.c) is the only reader of offsets.
 */
#pragma once

#include "cli/cli.h"

enum cli_option_kind {
	CLI_OPTION_FLAG,		/* bool */
	CLI_OPTION_COUNT,		/* unsigned: how often */
	CLI_OPTION_TEXT,		/* const char * */
	CLI_OPTION_CHOICE,		/* const char *, one of choices */
	CLI_OPTION_LIST,		/* struct cli_values; choices may be set */
	CLI_OPTION_NUMBER,		/* struct cli_number */
	CLI_OPTION_SIZE,
	CLI_OPTION_DURATION,
	CLI_OPTION_SWITCH,		/* struct cli_number, 0 or 1: --NAME, --NAME=true, --NAME=false */
	CLI_OPTION_REFUSED,		/* nowhere: it is known, and refused with a sentence */
};

struct cli_option {
	const char *name;
	const char *argument;		/* NULL: a flag or count */
	const char *implied;		/* the argument where none stands behind '='; NULL: one has to */
	const char *const *choices;	/* choice_count words; NULL: any */
	size_t choice_count;
	const char *refused;		/* why, of CLI_OPTION_REFUSED */
	size_t offset;			/* in the options struct */
	enum cli_option_kind kind;
	char letter;			/* 0: none */
};

struct cli_operand {
	const char *name;
	const char *const *choices;
	size_t choice_count;
	bool is_optional, is_repeatable;
	bool is_rest;			/* from here on everything belongs to another program */
};

struct command {
	const char *name;
	const char *summary;
	const char *group;		/* title */
	const char *help;		/* whole text of `cordon help NAME` */
	const struct cli_option *options;
	size_t option_count;
	size_t options_bytes;		/* of its options struct */
	const struct cli_operand *operands;
	size_t operand_count;
	int (*run)(struct cli *cli, int argc, char **argv);
	bool is_hidden;
};

struct cli_globals {
	bool json, help, version, quiet, no_pager;
	unsigned verbose;
	const char *color;
};

extern const struct command commands[];
extern const size_t commands_count;
extern const struct cli_option global_options[];
extern const size_t global_options_count;
extern const char commands_overview[];		/* text of `cordon help` */

extern const char completion_bash[], completion_zsh[], completion_fish[];

/**
 * command_find() - the command that words name
 * @argc:      words
 * @argv:      the words; the longest name that they start with wins
 * @ret_words: how many of them are its name
 *
 * Return: the command, or NULL.
 */
const struct command *command_find(int argc, char *const *argv, int *ret_words);

/** command_nearest() - the name of a command that was probably meant, or NULL */
const char *command_nearest(struct str word);

/**
 * cli_help() - print the help of a command (cmd_help.c)
 * @cli:     the frame; with --json, a text or a list of commands is printed
 * @command: NULL: of the whole program
 *
 * Return: CLI_OK.
 */
int cli_help(struct cli *cli, const struct command *command);

/**
 * cli_help_family() - list the commands that begin with a word, as `config show` does with `config`
 * (cmd_help.c)
 * @cli:    prints them, as JSON where that is asked for
 * @family: the word
 *
 * Return: whether there are any; nothing is printed where there are none.
 */
bool cli_help_family(struct cli *cli, const char *family);

/**
 * options_parse() - the words behind a command's name
 * @cli:         for its arena
 * @command:     whose options; NULL: global ones only, up to the first operand
 * @globals:     added to
 * @ret_options: the command's options struct, zeroed; may be NULL when it has none
 * @argc:        words; becomes the number of operands
 * @argv:        the words; rearranged so that the operands come first (with @command NULL: shifted)
 * @err:         says which word is wrong
 *
 * Options and operands may be mixed until `--`, or until the operand that takes the rest. A word may stand
 * once only, unless it is repeatable; there are no abbreviations.
 *
 * Errors: -EINVAL.
 * Return: 0 or negative errno.
 */
int options_parse(struct cli *cli, const struct command *command, struct cli_globals *globals,
	void *ret_options, int *argc, char **argv, struct error *err);
