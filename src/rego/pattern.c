// SPDX-License-Identifier: Apache-2.0
/*
 * pattern.c - patterns out of the cache, matched on a budget
 */
#include "rego/pattern.h"

#include <errno.h>

/* What the cache keeps. */
struct kept {
	const struct regex *regex;
	struct regex_run *run;
};

int rego_pattern_refused(struct rego_call *call, const struct regex_error *err)
{
	(void)rego_fail(call, "error parsing regexp: %s: `%.*s`", err->what, STR_FMT(err->where));
	return -EINVAL;
}

/* All that is left may be used up by one match. */
static uint64_t steps_left(const struct rego_budget *budget)
{
	uint64_t steps;

	return __builtin_add_overflow(budget->slice, budget->steps, &steps) ? UINT64_MAX : steps;
}

static int settle(struct rego_call *call, int r, uint64_t used)
{
	if (!rego_spend(call->budget, used) || r == -ETIME) {
		/* one step more than there are */
		(void)rego_spend(call->budget, UINT64_MAX);
		return -ETIME;
	}
	return r;
}

static int make(struct rego_pattern *pattern, struct arena *arena, struct kept **ret)
{
	struct rego_call *call = pattern->call;
	struct kept *kept;
	int r;

	if (!rego_spend(call->budget, pattern->key.text.len))
		return -ETIME;
	kept = arena_alloc(arena, sizeof(*kept));
	if (!kept)
		return -EMSGSIZE;
	r = pattern->make(call, &pattern->key, arena, &kept->regex);
	if (r < 0)
		return r;
	kept->run = regex_run_new(arena, kept->regex);
	if (!kept->run)
		return -EMSGSIZE;
	*ret = kept;
	return rego_spend(call->budget, regex_size(kept->regex)) ? 0 : -ETIME;
}

static int make_kept(struct rego_pattern *pattern, struct kept **ret)
{
	struct rego_cache *cache = pattern->call->cache;
	int r;

	if (!cache)
		return make(pattern, pattern->call->arena, ret);
	r = make(pattern, rego_cache_begin(cache), ret);
	return r < 0 ? r : rego_cache_put(cache, &pattern->key, *ret);
}

static int open_alone(struct rego_pattern *pattern)
{
	struct kept *kept;
	int r;

	if (pattern->is_alone || !pattern->call->cache)
		return -EMSGSIZE;
	pattern->is_alone = true;
	rego_cache_clear(pattern->call->cache);
	r = make_kept(pattern, &kept);
	if (!r) {
		pattern->regex = kept->regex;
		pattern->run = kept->run;
	}
	return r;
}

bool rego_pattern_open(struct rego_pattern *pattern)
{
	struct rego_cache *cache = pattern->call->cache;
	struct kept *kept = cache ? rego_cache_find(cache, &pattern->key) : NULL;
	int r = kept ? 0 : make_kept(pattern, &kept);

	if (r == -EMSGSIZE)
		return open_alone(pattern) >= 0;
	if (r < 0)
		return false;
	pattern->regex = kept->regex;
	pattern->run = kept->run;
	return true;
}

static int make_regex(struct rego_call *call, const struct rego_cache_key *key, struct arena *arena,
	const struct regex **ret)
{
	struct regex_error err;
	int r = regex_compile(arena, key->text, ret, &err);

	return r == -EINVAL ? rego_pattern_refused(call, &err) : r;
}

bool rego_pattern_regex(struct rego_call *call, struct str text, struct rego_pattern *ret)
{
	*ret = (struct rego_pattern){
		.call = call,
		.key = { .family = REGO_CACHE_REGEX, .text = text },
		.make = make_regex,
	};
	return rego_pattern_open(ret);
}

static int match_once(struct rego_pattern *pattern, struct str text)
{
	uint64_t all = steps_left(pattern->call->budget), steps = all;
	int r = regex_match(pattern->run, text, 0, &steps, NULL, 0);

	return settle(pattern->call, r, all - steps);
}

int rego_pattern_matches(struct rego_pattern *pattern, struct str text)
{
	int r = match_once(pattern, text);

	if (r != -EMSGSIZE)
		return r;
	r = open_alone(pattern);
	return r < 0 ? r : match_once(pattern, text);
}

static int next_once(struct rego_pattern *pattern, struct str text, struct regex_cursor *cursor,
	struct regex_span *spans, size_t span_count)
{
	uint64_t all = steps_left(pattern->call->budget), steps = all;
	int r = regex_next(pattern->run, text, cursor, &steps, spans, span_count);

	return settle(pattern->call, r, all - steps);
}

int rego_pattern_next(struct rego_pattern *pattern, struct str text, struct regex_cursor *cursor,
	struct regex_span *spans, size_t span_count)
{
	int r = next_once(pattern, text, cursor, spans, span_count);

	if (r != -EMSGSIZE)
		return r;
	r = open_alone(pattern);
	return r < 0 ? r : next_once(pattern, text, cursor, spans, span_count);
}
