/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form.h - documents of a fixed form: the data files that come with cordon, or that a user writes like them
 *
 * A configuration has its table of keys; a data file (toolchain.h, agent.h) has a form: which members an
 * object has, of which type, and which must be there. What does not fit is an error that names the place, and
 * the member that was probably meant. Relative paths and patterns of such a file are clean, so that nothing
 * in it can climb out of the directory that it speaks about.
 */
#pragma once

#include "json/json.h"

/* Where a document comes from, and where what is wrong with it goes. */
struct form {
	struct arena *arena;		/* owns what is read; borrowed */
	const char *file;		/* as it is shown */
	struct error *err;		/* may be NULL */
};

struct form_field {
	const char *name;
	enum json_type type;
	bool is_required;
};

/* Texts, each NUL-terminated, none empty. */
struct form_texts {
	const char *const *items;
	size_t count;
};

enum form_kind {
	FORM_TEXT,
	FORM_HOME_PATH,			/* "~/x/y": clean below the home, never the home itself */
	FORM_PATTERN,			/* clean, relative or "."; "*" stands for any text in one component */
};

/**
 * form_read() - the document itself
 * @form: owns it, and gets the error, which has the file and the place as form_fail() writes them
 * @text: of the file; JSONC
 * @ret:  the document
 *
 * Errors: as json_read().
 * Return: 0 or negative errno.
 */
int form_read(const struct form *form, struct str text, const struct json **ret);

/** form_fail() - say what is wrong at @at; Return: -EINVAL */
int form_fail(const struct form *form, const struct json *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * form_check() - whether an object has the members that it may have, and those that it must
 * @form:   gets the error
 * @value:  the object
 * @fields: its members
 * @count:  how many
 *
 * Errors: -EINVAL no object; an unknown member; one that is missing or of another type.
 * Return: 0 or negative errno.
 */
int form_check(const struct form *form, const struct json *value, const struct form_field *fields,
	size_t count);

/**
 * form_text() - a text without NUL bytes
 * @form:  gets the error, owns nothing of it
 * @value: a string, or NULL for none
 * @kind:  what else it has to be
 * @ret:   the text, or NULL where there is none
 *
 * Errors: -EINVAL.
 * Return: 0 or negative errno.
 */
int form_text(const struct form *form, const struct json *value, enum form_kind kind, const char **ret);

/**
 * form_texts() - a list of texts
 * @form:  gets the error; its arena owns the list
 * @array: a list, or NULL for an empty one
 * @kind:  what each has to be
 * @ret:   the texts
 *
 * Errors: -EINVAL one of them is wrong; -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int form_texts(const struct form *form, const struct json *array, enum form_kind kind,
	struct form_texts *ret);
