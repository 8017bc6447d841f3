/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_internal.h - how the files of this folder work together
 *
 *	document --read.c--> layer --merge.c--> values --narrow.c, check.c--> struct config
 *
 * A layer is what one source says: a value for each key that it mentions. Everything that is wrong goes into
 * the resolver's problems, and work goes on, so that a person sees all of it at once. An arena that is full
 * is noted in the resolver and makes the whole resolution fail at its end; functions in between only have to
 * survive the NULL.
 */
#pragma once

#include "config/config.h"

struct config_resolver {
	struct arena *arena;
	const struct config_inputs *inputs;
	struct config_problems problems;
	struct config_problem *last_problem;	/* the one that a hint is for; NULL where it was left out */
	struct config_notice *notices;
	size_t notice_count, notice_room;
	bool full;				/* the arena refused */
};

struct config_layer {
	struct config_value values[CONFIG_KEY_COUNT];
	bool is_set[CONFIG_KEY_COUNT];
};

/* One source being read. */
struct config_reader {
	struct config_resolver *resolver;
	enum config_source source;
	const char *file;
	struct str text;		/* of the file; empty: there is none */
	/* config_to_json() wrote it: bytes that are not UTF-8 are possible */
	bool is_own;
};

/* Which items are the same, so that one of them stays. */
enum config_sameness {
	CONFIG_SAME_TEXT,
	CONFIG_SAME_LAYER,		/* the text, and whose word it is (config_item_layer()) */
	CONFIG_SAME_NEVER,
};

/* A list under construction. */
struct config_list_builder {
	struct config_resolver *resolver;
	enum config_sameness sameness;
	struct config_item *items;
	size_t count, room;
};

/* ---- problem.c ---- */

/** config_alloc() - zeroed memory of the resolver's arena, @count elements; NULL is noted in the resolver */
void *config_alloc(struct config_resolver *resolver, size_t count, size_t size_bytes);

/** config_grow() - as arena_grow(), in the resolver's arena; NULL is noted in the resolver */
void *config_grow(struct config_resolver *resolver, void *items, size_t count, size_t *room,
	size_t size_bytes);

/** config_printf() - formatted text in the resolver's arena; "" where it is full, which is noted */
const char *config_printf(struct config_resolver *resolver, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** config_problem_add() - something is wrong at @origin; the text does not repeat where */
void config_problem_add(struct config_resolver *resolver, const struct config_origin *origin, const char *fmt,
	...) PRINTF_LIKE(3, 4);

/** config_problem_hint() - what to do about the problem that was added last */
void config_problem_hint(struct config_resolver *resolver, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** config_problems_sort() - by source, file and position */
void config_problems_sort(struct config_problems *problems);

/**
 * config_notice_add() - something is worth knowing
 * @resolver: keeps it
 * @kind:     what it is about
 * @origin:   where
 * @fmt:      as in printf(3)
 */
void config_notice_add(struct config_resolver *resolver, enum config_notice_kind kind,
	const struct config_origin *origin, const char *fmt, ...) PRINTF_LIKE(4, 5);

/** config_where() - config_origin_text() that is never NULL */
const char *config_where(struct config_resolver *resolver, const struct config_origin *origin);

/** config_at() - the origin of something in the source that @reader reads */
struct config_origin config_at(const struct config_reader *reader, uint32_t line, uint32_t column);

/**
 * config_at_byte() - the origin of a byte within a string of the source that @reader reads
 * @reader: the source
 * @string: the value
 * @at:     a byte of its text, which may have been written as an escape
 *
 * Return: where it stands; where the string begins, if that cannot be told.
 */
struct config_origin config_at_byte(const struct config_reader *reader, const struct json *string, size_t at);

/* ---- list.c ---- */

/** config_list_sameness() - which items are the same in lists of a key */
enum config_sameness config_list_sameness(const struct config_key_row *row);

/**
 * config_list_add() - add an item; one of the same text is replaced where @is_map, and stays as it is
 * otherwise
 */
void config_list_add(struct config_list_builder *builder, const struct config_item *item, bool is_map);

/** config_list_end() - what was added, in its order */
struct config_list config_list_end(const struct config_list_builder *builder);

/** config_list_find() - the item of exactly that text, or NULL */
const struct config_item *config_list_find(const struct config_list *list, struct str text);

/* ---- item.c ---- */

/**
 * config_item_read() - one entry of a list
 * @reader: the source; gets the problem
 * @row:    of the key
 * @json:   the entry
 * @ret:    the item
 *
 * Return: false where it is wrong, and was said to be.
 */
bool config_item_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret);

/**
 * config_map_item_read() - one entry of a map
 * @reader: the source; gets the problem
 * @row:    of the key
 * @member: the entry
 * @ret:    the item
 *
 * Return: false where it is wrong, and was said to be.
 */
bool config_map_item_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json_member *member, struct config_item *ret);

/**
 * config_text_read() - a text of its own: a path, a URL, a reference
 * @reader: the source; gets the problem
 * @row:    of the key
 * @json:   a string that is not empty
 * @ret:    the text in its canonical form
 *
 * Return: false where it is wrong, and was said to be.
 */
bool config_text_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, const char **ret);

/**
 * config_reference_parse() - "env:NAME" or "file:PATH"
 * @text:         what was written
 * @ret_variable: NAME, or empty
 * @ret_path:     PATH, or empty
 *
 * Return: false where it is neither.
 */
bool config_reference_parse(struct str text, struct str *ret_variable, struct str *ret_path);

/** config_is_variable() - whether it is the name of an environment variable: letters, digits, "_" */
bool config_is_variable(struct str name);

/* ---- tree.c ---- */

/**
 * config_tree_read() - an object as its leaves
 * @reader: the source; gets the problems
 * @row:    of the key
 * @json:   the object
 * @ret:    its leaves
 *
 * Return: false where something of it is wrong, and was said to be.
 */
bool config_tree_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_list *ret);

/** config_tree_merge() - the leaves of both, where @upper's win; neither is empty */
struct config_list config_tree_merge(struct config_resolver *resolver, const struct config_list *tree,
	const struct config_list *upper);

/* ---- secret.c ---- */

/**
 * config_secret_read() - one entry of "secrets"
 * @reader: the source; gets the problem
 * @key:    its name
 * @json:   what it is
 * @item:   gets the object in its canonical form
 *
 * Return: false where it is wrong, and was said to be.
 */
bool config_secret_read(const struct config_reader *reader, const char *key, const struct json *json,
	struct config_item *item);

/* ---- port.c ---- */

/** config_port_read() - an item of a list of ports; Return: false where it is wrong, and was said to be */
bool config_port_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret);

/* ---- host.c ---- */

/**
 * config_host_read() - an entry of a list of hosts
 * @arena:  owns what it is made of
 * @text:   as somebody wrote it
 * @narrow: of the list: which ports are meant without one, and whether it may deny
 * @ret:    gets the canonical text, and the entry
 * @ret_at: where it is wrong, in bytes from the text's start
 *
 * Return: NULL, or what is wrong with it.
 */
const char *config_host_read(struct arena *arena, struct str text, enum config_narrow narrow,
	struct config_item *ret, size_t *ret_at);

/** config_host_object_read() - { "host": "NAME:PORT", "dns": ["TXT"] }; Return: false: a problem was added */
bool config_host_object_read(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_item *ret);

/* ---- network.c ---- */

/** config_network_settle() - what "!" in network.allow denies stands in network.deny of the same layer */
void config_network_settle(struct config_resolver *resolver, struct config_layer *layer);

/** config_check_network() - nothing that is allowed is broad, unless network.broad says so */
void config_check_network(struct config_resolver *resolver, struct config_value *values);

/* ---- expand.c ---- */

/**
 * config_presets_expand() - add what presets come to, to what is allowed
 * @resolver: gets the problems, and notices
 * @presets:  value of network.presets
 * @allow:    value of network.allow; changed
 */
void config_presets_expand(struct config_resolver *resolver, const struct config_value *presets,
	struct config_value *allow);

/* ---- cover.c ---- */

/**
 * config_pattern_covers() - whether @wide matches all that @narrow matches; false where that is not certain
 */
bool config_pattern_covers(struct str wide, struct str narrow);

/** config_item_covers() - whether @wide stands for all that @narrow does; false where that is not certain */
bool config_item_covers(const struct config_key_row *row, const struct config_item *wide,
	const struct config_item *narrow);

/**
 * config_item_meet() - what two items both stand for
 * @resolver: owns what is made
 * @row:      of the key
 * @item:     what is asked for
 * @ceiling:  what is allowed, and whose origin the result has
 * @ret:      set on success
 *
 * Exact for hosts; of other kinds only an item that the other covers is known to be what both stand for.
 *
 * Return: true when there is something.
 */
bool config_item_meet(struct config_resolver *resolver, const struct config_key_row *row,
	const struct config_item *item, const struct config_item *ceiling, struct config_item *ret);

/** config_list_covers() - whether one item of @wide covers @narrow */
bool config_list_covers(const struct config_key_row *row, const struct config_list *wide,
	const struct config_item *narrow);

/* ---- value.c ---- */

/**
 * config_value_read() - the value of a key
 * @reader: the source; gets the problems
 * @key:    whose value it is
 * @json:   the value
 * @at:     the member that it stands in, for the origin; NULL: it has no position
 * @ret:    the value, typed
 *
 * Return: false where something of it is wrong, and was said to be.
 */
bool config_value_read(const struct config_reader *reader, enum config_key key, const struct json *json,
	const struct json_member *at, struct config_value *ret);

/** config_name_is_valid() - whether it may name a profile or a secret: small letters, digits, "-" */
bool config_name_is_valid(struct str name);

/** config_value_text() - a scalar in the words of a file; of a list, how long it is */
const char *config_value_text(struct config_resolver *resolver, enum config_key key,
	const struct config_value *value);

/* ---- read.c ---- */

/* What stands in a file besides its layer. */
struct config_head {
	const char *extends;			/* of a profile */
	struct config_origin extends_origin;
};

/**
 * config_document_read() - one file
 * @resolver: gets the problems
 * @source:   whose file it is
 * @document: its text
 * @layer:    what it says
 * @ret_head: what it says besides
 */
void config_document_read(struct config_resolver *resolver, enum config_source source,
	const struct config_document *document, struct config_layer *layer, struct config_head *ret_head);

/** config_flag_read() - one option of the command line */
void config_flag_read(struct config_resolver *resolver, const struct config_flag *flag,
	struct config_layer *layer);

/** config_agent_read() - the object "agent" */
void config_agent_read(const struct config_reader *reader, const struct json *agent,
	struct config_layer *layer);

/**
 * config_agent_hosts_read() - the hosts and presets that a known agent asks for by being run; @agent NULL:
 * nothing
 */
void config_agent_hosts_read(struct config_resolver *resolver, const struct config_agent *agent,
	struct config_layer *layer);

/** config_defaults_read() - the built-in defaults: every key is set */
void config_defaults_read(struct config_resolver *resolver, struct config_layer *layer);

/* ---- merge.c ---- */

/** config_layer_merge() - put @upper on top of @layer */
void config_layer_merge(struct config_resolver *resolver, struct config_layer *layer,
	const struct config_layer *upper);

/**
 * config_profile_merge() - put a profile and all that it extends on top of a layer, the one that extends
 * nothing first
 * @resolver: gets the problems
 * @name:     of the profile
 * @origin:   where somebody chose it
 * @layer:    changed
 */
void config_profile_merge(struct config_resolver *resolver, const char *name,
	const struct config_origin *origin, struct config_layer *layer);

/* ---- narrow.c ---- */

struct config_widenings {
	struct config_widening *items;
	size_t count, room;
};

/**
 * config_widening_add() - one more; @text is the resolver's; an arena that is full is noted in the resolver
 */
void config_widening_add(struct config_resolver *resolver, struct config_widenings *widenings,
	enum config_key key, const struct config_origin *origin, const char *text);

/**
 * config_find_widenings() - where some values go beyond others
 * @resolver: owns what is found
 * @base:     what is allowed, CONFIG_KEY_COUNT of them
 * @values:   what is judged, likewise
 * @ret:      one widening for each entry or value
 */
void config_find_widenings(struct config_resolver *resolver, const struct config_value *base,
	const struct config_value *values, struct config_widenings *ret);

/** config_apply_ceiling() - take away from @values what goes beyond the organisation's @ceiling */
void config_apply_ceiling(struct config_resolver *resolver, struct config_value *values,
	const struct config_layer *ceiling);

/** config_apply_ceiling_of() - the same for one key alone */
void config_apply_ceiling_of(struct config_resolver *resolver, enum config_key key,
	struct config_value *values, const struct config_layer *ceiling);

/* ---- params.c ---- */

/**
 * config_param_flaw() - what is wrong with a parameter of a policy that came with cordon
 * @pointer: of a leaf below policy.params
 * @value:   that somebody gave it
 *
 * Return: a sentence's end, or NULL: nothing, or it is of no such policy.
 */
const char *config_param_flaw(const char *pointer, const struct json *value);

/** config_find_looser() - which parameters of policies, at @key, let more through than those of @base */
void config_find_looser(struct config_resolver *resolver, enum config_key key,
	const struct config_value *base, const struct config_value *values, struct config_widenings *ret);

/* ---- check.c ---- */

/** config_check_paths() - find contradictions, let later prohibitions win, drop what is said twice */
void config_check_paths(struct config_resolver *resolver, struct config_value *values);

/** config_notice_unenforced() - say what is asked for and has nothing behind it yet */
void config_notice_unenforced(struct config_resolver *resolver, const struct config_value *values);
