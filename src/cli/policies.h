/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.h - policies and data out of files, for `cordon policy ...`
 *
 * What is named is read as policy/sources.h says; here it becomes messages and exit codes.
 */
#pragma once

#include "cli/cli.h"
#include "policy/keys.h"
#include "rego/regoc_json.h"
#include "run/zones.h"

/* All of it lives in the arena of the command. */
struct policies {
	struct regoc_module *modules;
	size_t count;
	const struct json *data;	/* an object */
	bool modules_only;		/* data is passed by */
	bool are_bundles;		/* what is named, whatever its name is */
	const char *const *bundles;	/* named besides */
	size_t bundle_count;
	/* a schema of all input, or a directory of schemas with names; or NULL */
	const char *schema_path;
	const struct regoc_schema *schemas;
	size_t schema_count;
	struct policy_verification verification;	/* of bundles */
	struct cli_values ignore;	/* patterns of names that are passed by */
};

/**
 * policies_read() - read all that was named
 * @cli:      the frame
 * @paths:    @count files and directories
 * @count:    of them
 * @policies: gets modules and data; the members below them say how, and are set
 *
 * Return: CLI_OK, or the exit code after a message.
 */
int policies_read(struct cli *cli, const char *const *paths, size_t count, struct policies *policies);

/**
 * policies_keep() - the modules and data of a layer, under the library's names; Return: as policies_read()
 */
int policies_keep(struct cli *cli, const struct policy_layer *layer, struct policies *policies);

/* What options say of signatures; each may be NULL. */
struct policies_keys {
	const char *key;		/* a file; what is read has to be signed by it */
	const char *key_id;
	const char *algorithm;		/* of HS*: the file is the secret */
	const char *scope;
	bool is_skipped;
};

/** policies_find_algorithm() - by its name; NULL: none; Return: CLI_OK, or the exit code after a message */
int policies_find_algorithm(struct cli *cli, const char *name, enum crypto_algorithm *ret);

/**
 * policies_read_verification() - how bundles are verified
 * @cli:  the frame; its arena owns the keys
 * @keys: as the options have it
 * @ret:  all zero before
 *
 * Return: CLI_OK, or the exit code after a message.
 */
int policies_read_verification(struct cli *cli, const struct policies_keys *keys,
	struct policy_verification *ret);

/**
 * policies_read_text() - one file whole, bounded
 * @cli:   the frame; its arena owns the text
 * @path:  a regular file, or "-" for standard input
 * @limit: bytes
 * @ret:   the text
 *
 * Return: CLI_OK, or the exit code after a message.
 */
int policies_read_text(struct cli *cli, const char *path, size_t limit, struct str *ret);

/**
 * policies_read_value() - a document out of a text
 * @cli:  the frame; its arena owns the value
 * @path: for messages; whether it is YAML follows from its end
 * @text: JSON or YAML
 * @ret:  the value
 *
 * Return: CLI_OK, or the exit code after a message.
 */
int policies_read_value(struct cli *cli, const char *path, struct str text, const struct json **ret);

/** policies_compile() - the modules as a policy; Return: CLI_OK, or CLI_USAGE with a report for the caller */
int policies_compile(const struct policies *policies, unsigned flags, struct regoc_policy **ret,
	struct regoc_report **ret_report);

/**
 * policies_errors() - a report as OPA prints one, {"errors": [...]}; Return: it, or NULL: the arena is full
 */
const struct json *policies_errors(struct cli *cli, const struct regoc_report *report);

/** policies_error() - the same of one diagnostic, as an element of that list */
const struct json *policies_error(struct cli *cli, const struct regoc_diagnostic *diagnostic);

/** policies_fault() - why an evaluation had no answer, as the only one of such a list */
const struct json *policies_fault(struct cli *cli, const struct regoc_diagnostic *fault);

/**
 * policies_fault_text() - why an evaluation had no answer, as a compiler says it
 * @cli:      the frame; its arena owns the text
 * @policies: their modules have the line that is shown
 * @fault:    of a context
 *
 * Return: lines, escaped for a terminal: place and message, the line with a caret, what to do next.
 */
const char *policies_fault_text(struct cli *cli, const struct policies *policies,
	const struct regoc_diagnostic *fault);

/** policies_say_fault() - the same on standard error; Return: CLI_USAGE */
int policies_say_fault(struct cli *cli, const struct policies *policies,
	const struct regoc_diagnostic *fault);

/**
 * policies_print_text() - lines that a policy holds or makes: as they are for a program, and on a terminal
 * with everything escaped but newlines and tabs
 */
void policies_print_text(struct cli *cli, struct str text);

/** policies_print_json() - a document as OPA prints it: always indented */
void policies_print_json(struct cli *cli, const struct json *value);

/* The time at which an evaluation is too late. */
struct policies_deadline {
	uint64_t at_ns;			/* monotonic; 0: never */
};

/** policies_deadline_after() - @timeout_ns from now, 0 never */
struct policies_deadline policies_deadline_after(uint64_t timeout_ns);

/** policies_is_late() - for struct regoc_limits; @data is a struct policies_deadline */
bool policies_is_late(void *data);

/** policies_zones() - the time zones of this machine; that there are none is told */
struct run_zones policies_zones(struct cli *cli);

/** policies_moment() - now, and a new seed */
struct regoc_moment policies_moment(void);
