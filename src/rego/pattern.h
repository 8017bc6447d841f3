/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pattern.h - compiled patterns, as built-ins use them: out of the cache, and on the evaluation's budget
 *
 * What a pattern needs lies in the cache, or in the evaluation's arena where there is none. Where the cache
 * turns out to be too full to go on, it is emptied for this one pattern, so that no earlier pattern decides
 * whether this one can be matched.
 */
#pragma once

#include "regex/regex.h"
#include "rego/builtin.h"
#include "rego/cache.h"

/*
 * Who makes the program; the same as glob_compile() but for the error. Return: as there, with the error set.
 */
typedef int rego_pattern_maker(struct rego_call *call, const struct rego_cache_key *key, struct arena *arena,
	const struct regex **ret);

struct rego_pattern {
	struct rego_call *call;
	struct rego_cache_key key;	/* borrowed from the operands */
	rego_pattern_maker *make;
	const struct regex *regex;
	struct regex_run *run;
	bool is_alone;			/* the cache was emptied for it */
};

/**
 * rego_pattern_open() - find a pattern, or make it
 * @pattern: call, key and make are set; the rest is filled
 *
 * Return: false to end with rego_failed().
 */
bool rego_pattern_open(struct rego_pattern *pattern);

/**
 * rego_pattern_regex() - rego_pattern_open() for a regular expression; Return: false to end with
 * rego_failed()
 */
bool rego_pattern_regex(struct rego_call *call, struct str text, struct rego_pattern *ret);

/**
 * rego_pattern_matches() - whether it matches somewhere; Return: 1, 0, or negative to end with rego_failed()
 */
int rego_pattern_matches(struct rego_pattern *pattern, struct str text);

/**
 * rego_pattern_next() - regex_next() on the budget
 * @pattern:    open
 * @text:       what to search
 * @cursor:     where the last call stopped
 * @spans:      filled
 * @span_count: 1 or more
 *
 * Return: 1, 0, or negative to end with rego_failed().
 */
int rego_pattern_next(struct rego_pattern *pattern, struct str text, struct regex_cursor *cursor,
	struct regex_span *spans, size_t span_count);

/** rego_pattern_refused() - "error parsing regexp: ..."; Return: -EINVAL, and rego_failed() says the rest */
int rego_pattern_refused(struct rego_call *call, const struct regex_error *err);
