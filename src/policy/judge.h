/* SPDX-License-Identifier: Apache-2.0 */
/*
 * judge.h - a changeset in, a verdict with its reasons out
 *
 * The judgement of a changeset is a list of decisions, each a finding of one rule at one path or about the
 * whole, and the worst of their verdicts; nothing found is `allow`. Two judge: the floor (tables/floor.toml),
 * which no configuration lifts, and the policies of the session (policy/engine.h), without which nothing is
 * allowed.
 *
 * It is bound to what was judged: its input digest covers the changeset's digest, the floor's rules, the
 * settings, the policies and what they are told about the session. The time that the policies took for now is
 * written beside it, and what they take for random follows from it. So the same question at the same time has
 * the same answer, the decisions have the same ids, and a judgement of one changeset can never be used for
 * another.
 *
 * Invariants:
 *   - every rule that found something is in `rules` with its full count; `decisions` keeps at most
 *     POLICY_DECISIONS_PER_RULE of each, so that neither memory nor a person is flooded
 *   - the verdict follows from `rules` alone
 *   - a rule that denies can never be accepted; one that asks is accepted as a whole
 *
 * Policy does no I/O. What it must see of a file comes through struct policy_view, is bounded, and is checked
 * against the changeset's digests. Whatever cannot be seen or understood is asked about, never passed over.
 *
 * The rules themselves: tables/floor.toml and docs/floor.md. The public form: docs/formats/verdict.md.
 */
#pragma once

#include "json/json.h"
#include "overlay/changeset.h"
#include "policy/engine.h"
#include "policy/input.h"

enum {
	POLICY_DECISIONS_PER_RULE = 1000,
	POLICY_RULES_MAX = 1024,
	POLICY_READ_BYTES_MAX = 4 << 20,	/* of one file; a longer one is asked about */
	POLICY_READ_INDEX_MAX = 24 << 20,	/* of git's index: of some 200,000 files */
	POLICY_READ_TOTAL_MAX = 64 << 20,	/* of one changeset */
	POLICY_REASON_MAX = 1024,

	POLICY_CHANGES_DEFAULT = 50000,
};

#define POLICY_BYTES_DEFAULT (UINT64_C(4) << 30)

enum policy_side {
	POLICY_BASE,			/* the workspace as it is */
	POLICY_BRANCH,			/* what the agent wrote */
};

/* What stands at a path of the base. */
struct policy_file {
	enum file_type type;		/* FILE_NONE: nothing, or something above it is no directory */
	mode_t mode;
	size_t target_len;		/* symlink */
	char target[4096];
};

/*
 * The caller's eyes. Paths are clean, relative to the root, and must be opened beneath it without following
 * any link. A callback that is NULL sees nothing.
 */
struct policy_view {
	void *context;

	/*
	 * The content of a regular file, appended to @ret up to its limit. -ENOENT: not there; -ELOOP,
	 * -EINVAL: no regular file; -EMSGSIZE: longer than the limit; others: it could not be read.
	 */
	int (*read)(void *context, enum policy_side side, unsigned root, const char *path, struct buf *ret);

	/*
	 * What the base has at a path, not following a link there. 0 also where there is nothing (FILE_NONE).
	 */
	int (*look)(void *context, unsigned root, const char *path, struct policy_file *ret);
};

/* A path of the configuration, as one of the roots has it. */
struct policy_place {
	unsigned root;
	const char *path;		/* clean, relative; "." is the root itself */
};

struct policy_settings {
	/* filesystem.deny and .hide, as far as they lie in a root, whether anything is there or not */
	const struct policy_place *denied, *hidden;
	size_t denied_count, hidden_count;
	/* commit.protect: str_match_glob() patterns, relative to the first root */
	const char *const *protect;
	size_t protect_count;
	uint64_t changes_max;		/* more of them are asked about; 0: any change is */
	uint64_t bytes_max;		/* more new content is asked about */
	const char *level;		/* of isolation, while the agent ran; NULL: "namespaces" */
	struct policy_view view;

	/*
	 * who answers for the policies; NULL: nobody, which denies, and no_oracle says why, if that is known
	 */
	const struct policy_oracle *oracle;
	const char *no_oracle;
	const struct policy_session *session;	/* what they are told about it; NULL: nothing */
	int64_t now_ns;			/* the time that they are told, since the epoch */
	/* time zones, as struct policy_moment has them */
	bool (*zone)(void *data, const char *name, const char **ret, size_t *ret_len);
	void *zone_data;
};

/* What one rule found. */
struct judged_rule {
	const char *rule;
	enum verdict verdict;
	enum severity severity;
	uint64_t count;			/* of findings, also those that are not in the list of decisions */
	bool is_accepted;		/* a person did: this `ask` counts as `allow` */
};

struct judgement {
	enum verdict verdict;		/* the worst of the rules that are not accepted */
	struct digest changeset;	/* digest of the changeset that was judged */
	/* over everything that the judgement follows from, but for the time */
	struct digest input;
	int64_t now_ns;			/* that the policies took for now; 0: only the floor was asked */
	const struct decision *decisions;	/* by verdict, severity, rule, root, path */
	size_t count;
	struct judged_rule *rules;	/* sorted by name */
	size_t rule_count;
	const char *reason;		/* given with the acceptance; NULL: nothing was accepted */
};

/**
 * policy_digest() - what judges: every row of tables/floor.toml, and the code beside them; Return: its digest
 */
struct digest policy_digest(void);

/**
 * policy_judge_floor() - what the floor alone finds, which is no verdict to act on; parameters as below;
 * Return: likewise
 */
int policy_judge_floor(struct arena *arena, const struct changeset *changeset,
	const struct policy_settings *settings, struct judgement *ret, struct error *err);

/**
 * policy_judge_changeset() - judge what a branch would change
 * @arena:     owns the judgement
 * @changeset: sealed (changeset_seal()); borrowed by the judgement's paths
 * @settings:  what the configuration says, and the caller's eyes
 * @ret:       the judgement
 * @err:       why there is none
 *
 * Where the policies give no answer the judgement has the finding `policy/error`, which denies and says why;
 * the rest of it is there all the same. A rule of theirs has one verdict: the worst that it gave.
 *
 * Blocks: as far as the view does; O(changes), plus the bytes of the files that matter, plus what the
 * policies do within their budget.
 *
 * Errors: -ESTALE the branch holds other bytes than the changeset says; -EMSGSIZE the arena's limit; what the
 * view returned for a reason of the system (-EIO, -EACCES, ...).
 * Return: 0 or negative errno; on failure there is no verdict, which means deny.
 */
int policy_judge_changeset(struct arena *arena, const struct changeset *changeset,
		const struct policy_settings *settings, struct judgement *ret, struct error *err);

/* With whose eyes policy_resolve_link() looks. */
struct policy_resolver {
	const struct changeset *changeset;
	const struct policy_settings *settings;	/* only its view is used */
};

/**
 * policy_resolve_link() - where a link leads once the changeset is applied, for the policies' input document
 * @context: a struct policy_resolver
 * @arena:   owns the path
 * @change:  one whose new side is a symbolic link
 * @ret:     an absolute path, which need not exist; NULL: it leads out of every root, or nobody can tell
 *
 * As the floor walks it: over the changeset and the base, each link on the way followed. A policy_resolve_fn
 * (input.h).
 *
 * Blocks: as far as the view does.
 * Return: 0, or -EMSGSIZE: the arena is full.
 */
int policy_resolve_link(void *context, struct arena *arena, const struct change *change, const char **ret);

/**
 * judgement_accept() - a person takes responsibility for what rules ask about
 * @arena:      keeps the reason
 * @judgement:  changed on success only
 * @rules:      @rule_count names, each a rule of this judgement that asks
 * @rule_count: names
 * @reason:     why, not empty, UTF-8, at most POLICY_REASON_MAX bytes
 * @err:        says which name cannot be accepted, and what can
 *
 * Errors: -EPERM the rule denies, and nobody can lift that; -ENOENT there is no such rule, or it found
 * nothing here; -EINVAL no reason.
 * Return: 0 or negative errno.
 */
int judgement_accept(struct arena *arena, struct judgement *judgement, const char *const *rules,
	size_t rule_count, const char *reason, struct error *err);

/**
 * judgement_is_answered() - whether the policies gave an answer; where they did not, `policy/error` denies
 */
bool judgement_is_answered(const struct judgement *judgement);

/**
 * judgement_to_json() - the public form (docs/formats/verdict.md); Return: the value, or NULL when the arena
 * is full
 */
const struct json *judgement_to_json(struct arena *arena, const struct judgement *judgement);

/**
 * judgement_read() - from the public form, strictly
 * @arena: owns the result
 * @value: what judgement_to_json() wrote
 * @ret:   the judgement
 * @err:   says which field
 *
 * The verdict is worked out again from the rules, and a rule of the floor has the verdict that the floor
 * gives it, one of `policy/` denies, so an edited file is refused rather than believed. Whether it belongs to
 * a changeset is for the caller to compare.
 *
 * Errors: -EBADMSG no such document; -EMSGSIZE over a limit.
 * Return: 0 or negative errno.
 */
int judgement_read(struct arena *arena, const struct json *value, struct judgement *ret, struct error *err);
