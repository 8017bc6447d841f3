// SPDX-License-Identifier: Apache-2.0
/*
 * emit_choice.c - the index of a place's rules
 *
 * Of a thousand rules of which each wants another value of input.name, one or none holds. So where enough
 * rules of a place test the same subject (emit_test.c), a table leads from the value to those whose test it
 * passes, and only they are tried; their tests are made again, since that is cheaper than to know which ones
 * need not be. What is passed over would have failed before it could have done anything, so that no answer
 * and no error depends on it.
 *
 * Each rule belongs to one subject at most, the one that tells most values apart; all others are always
 * tried. There is one list of rules for each subject and one for the others, each in the order of the rules,
 * and the machine goes through all lists at once, so that the rules are tried in their order, as two that
 * contradict each other or end the evaluation are found in the same order as without the index:
 *
 *           CHOOSE each list by its value
 *   again:  TRY    the next rule of all lists, or go on at the end
 *   rule 1: ...    JUMP again
 *   rule 2: ...    JUMP again
 *   end:
 *
 * For beginnings of strings, the list of a value also has the rules of all values that it begins with, so
 * that the longest one that fits has all of them. Where that would take much memory, there is no such table.
 */
#include "rego/emit_choice.h"

enum {
	RULES_MIN = 4,			/* fewer are tried faster than looked up */
	SUBJECTS_MAX = 8,
	CHOICES_MAX = 4,
	SPREAD_MAX = 8,			/* times that a rule stands in a table of beginnings, on average */
	NOBODY = 0,
};

/* A value, and one rule that it leads to. */
struct entry {
	const struct json *value;
	uint32_t rule;
};

struct subject {
	enum rego_choice_kind kind;
	struct emit_subject subject;
	bool is_done;
};

struct tests {
	struct emit_test items[EMIT_TESTS_MAX];
	unsigned char subject_of[EMIT_TESTS_MAX];	/* SUBJECTS_MAX: of none that is looked at */
	size_t count;
	bool is_taken;
};

struct chooser {
	struct emitter *emitter;
	uint32_t first_rule;		/* label */
	struct tests *rules;
	size_t rule_count;
	struct subject subjects[SUBJECTS_MAX];
	size_t subject_count;
	struct entry *entries;		/* of the subject at hand */
	size_t entry_count, entry_room;
};

/* ---- who tests what ---- */

static unsigned char subject_of(struct chooser *chooser, const struct emit_test *test)
{
	size_t i = 0;

	while (i < chooser->subject_count && (chooser->subjects[i].kind != test->kind ||
			!emit_is_same_subject(&chooser->subjects[i].subject, &test->subject)))
		i++;
	if (i == chooser->subject_count && i < SUBJECTS_MAX)
		chooser->subjects[chooser->subject_count++] = (struct subject){ test->kind, test->subject,
			false };
	return (unsigned char)i;
}

static void read_rules(struct chooser *chooser, const struct core_rule *rules)
{
	size_t at = 0;

	for (const struct core_rule *rule = rules; rule; rule = rule->next) {
		struct tests *tests = &chooser->rules[at];

		if (rule->ast->is_default)
			continue;
		tests->count = emit_tests_of(chooser->emitter, rule, tests->items);
		for (size_t i = 0; i < tests->count; i++)
			tests->subject_of[i] = subject_of(chooser, &tests->items[i]);
		at++;
	}
}

static const struct emit_test *test_of(const struct tests *tests, size_t subject)
{
	for (size_t i = 0; !tests->is_taken && i < tests->count; i++)
		if (tests->subject_of[i] == subject)
			return &tests->items[i];
	return NULL;
}

static void add_entry(struct chooser *chooser, const struct json *value, size_t rule)
{
	chooser->entries = compile_grow(chooser->emitter->compiler, chooser->entries, chooser->entry_count,
		&chooser->entry_room, sizeof(*chooser->entries));
	chooser->entries[chooser->entry_count++] = (struct entry){ value, (uint32_t)rule };
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int r = json_compare(a->value, b->value);

	return r ? r : a->rule < b->rule ? -1 : a->rule > b->rule;
}

/* The entries of a subject, in order; Return: how many rules test it. */
static size_t gather(struct chooser *chooser, size_t subject)
{
	size_t count = 0;

	chooser->entry_count = 0;
	for (size_t i = 0; i < chooser->rule_count; i++) {
		const struct emit_test *test = test_of(&chooser->rules[i], subject);

		if (!test)
			continue;
		count++;
		if (!test->is_list)
			add_entry(chooser, test->value, i);
		for (size_t k = 0; test->is_list && k < test->value->array.count; k++)
			add_entry(chooser, test->value->array.items[k], i);
	}
	if (chooser->entry_count)
		qsort(chooser->entries, chooser->entry_count, sizeof(*chooser->entries), compare_entries);
	return count;
}

static bool is_new_value(const struct chooser *chooser, size_t entry)
{
	return !entry || !json_equal(chooser->entries[entry].value, chooser->entries[entry - 1].value);
}

static size_t count_values(const struct chooser *chooser)
{
	size_t count = 0;

	for (size_t i = 0; i < chooser->entry_count; i++)
		count += is_new_value(chooser, i);
	return count;
}

/* The subject that tells most values apart; Return: SUBJECTS_MAX where none is worth a table. */
static size_t best_subject(struct chooser *chooser)
{
	size_t best = SUBJECTS_MAX, most = 0;

	for (size_t i = 0; i < chooser->subject_count; i++) {
		size_t values;

		if (chooser->subjects[i].is_done || gather(chooser, i) < RULES_MIN)
			continue;
		values = count_values(chooser);
		if (values > most) {
			best = i;
			most = values;
		}
	}
	return best;
}

/* ---- tables ---- */

/* Labels, which become addresses when the function is complete. */
static const uint32_t *keep_labels(struct chooser *chooser, const uint32_t *rules, size_t count)
{
	struct emitter *emitter = chooser->emitter;
	struct emit_pending *pending = compile_alloc(emitter->compiler, 1, sizeof(*pending));
	uint32_t *labels = compile_alloc(emitter->compiler, count, sizeof(*labels));

	for (size_t i = 0; i < count; i++)
		labels[i] = chooser->first_rule + rules[i];
	*pending = (struct emit_pending){ .labels = labels, .count = count, .next = emitter->pending };
	emitter->pending = pending;
	return labels;
}

/* All rules that were taken for a choice, or, with SUBJECTS_MAX, that nobody took. */
static void keep_all(struct chooser *chooser, size_t subject, struct rego_choice *choice)
{
	uint32_t *rules = compile_alloc(chooser->emitter->compiler, chooser->rule_count, sizeof(*rules));

	for (size_t i = 0; i < chooser->rule_count; i++)
		if (subject == SUBJECTS_MAX ? !chooser->rules[i].is_taken :
			test_of(&chooser->rules[i], subject) != NULL)
			rules[choice->all_count++] = (uint32_t)i;
	choice->all = keep_labels(chooser, rules, choice->all_count);
}

static void take(struct chooser *chooser, size_t subject)
{
	for (size_t i = 0; i < chooser->rule_count; i++)
		if (test_of(&chooser->rules[i], subject))
			chooser->rules[i].is_taken = true;
	chooser->subjects[subject].is_done = true;
}

static void fill_values(struct chooser *chooser, struct rego_choice *choice)
{
	struct compiler *compiler = chooser->emitter->compiler;
	const struct json **values;
	uint32_t *starts, *rules = compile_alloc(compiler, chooser->entry_count, sizeof(*rules));
	size_t value = 0;

	choice->count = count_values(chooser);
	values = compile_alloc(compiler, choice->count, sizeof(*values));
	starts = compile_alloc(compiler, choice->count + 1, sizeof(*starts));
	for (size_t i = 0; i < chooser->entry_count; i++) {
		if (is_new_value(chooser, i)) {
			starts[value] = (uint32_t)i;
			values[value++] = chooser->entries[i].value;
		}
		rules[i] = chooser->entries[i].rule;
	}
	starts[value] = (uint32_t)chooser->entry_count;
	choice->values = values;
	choice->starts = starts;
	choice->rules = rules;
}

/* Each value's longest beginning among the others: it is one of those of the value before, or that itself. */
static void fill_parents(struct chooser *chooser, struct rego_choice *choice)
{
	uint32_t *parents = compile_alloc(chooser->emitter->compiler, choice->count, sizeof(*parents));

	for (size_t i = 0; i < choice->count; i++) {
		uint32_t parent = i ? (uint32_t)i - 1 : REGO_NOWHERE;

		while (parent != REGO_NOWHERE &&
				!str_starts_with(choice->values[i]->text, choice->values[parent]->text))
			parent = parents[parent];
		parents[i] = parent;
	}
	choice->parents = parents;
}

static size_t merge(uint32_t *to, const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
	size_t i = 0, k = 0, n = 0;

	while (i < a_count || k < b_count)
		to[n++] = k == b_count || (i < a_count && a[i] < b[k]) ? a[i++] : b[k++];
	return n;
}

/* A value's rules, and those of its parent, which has its parents' already. */
static bool inherit(struct chooser *chooser, struct rego_choice *choice)
{
	struct compiler *compiler = chooser->emitter->compiler;
	size_t room = choice->starts[choice->count] * (size_t)SPREAD_MAX, at = 0;
	uint32_t *starts = compile_alloc(compiler, choice->count + 1, sizeof(*starts));
	uint32_t *rules = compile_alloc(compiler, room, sizeof(*rules));

	for (size_t i = 0; i < choice->count; i++) {
		uint32_t parent = choice->parents[i];
		size_t own = choice->starts[i + 1] - choice->starts[i];
		size_t above = parent == REGO_NOWHERE ? 0 : starts[parent + 1] - starts[parent];

		if (own + above > room - at)
			return false;
		at += merge(&rules[at], &choice->rules[choice->starts[i]], own,
			above ? &rules[starts[parent]] : rules, above);
		starts[i + 1] = (uint32_t)at;
	}
	choice->starts = starts;
	choice->rules = rules;
	return true;
}

static bool fill(struct chooser *chooser, size_t subject, struct rego_choice *ret)
{
	struct rego_choice choice = { .kind = chooser->subjects[subject].kind };

	gather(chooser, subject);
	fill_values(chooser, &choice);
	if (choice.kind == REGO_CHOICE_BY_PREFIX) {
		fill_parents(chooser, &choice);
		if (!inherit(chooser, &choice))
			return false;
	}
	choice.rules = keep_labels(chooser, choice.rules, choice.starts[choice.count]);
	keep_all(chooser, subject, &choice);
	*ret = choice;
	return true;
}

/* ---- instructions ---- */

static void emit_choose(struct emitter *emitter, uint32_t slot, uint32_t reg,
	const struct rego_choice *choice)
{
	struct emit_tables *tables = emitter->tables;

	tables->choices = compile_grow(emitter->compiler, tables->choices, tables->choice_count,
		&tables->choice_room, sizeof(*tables->choices));
	tables->choices[tables->choice_count] = *choice;
	emit_insn(emitter, REGO_OP_CHOOSE, slot, reg, 0, (uint32_t)tables->choice_count++);
}

/* The value that is looked up; a reference that leads nowhere leaves the register unset. */
static uint32_t emit_subject(struct emitter *emitter, const struct emit_subject *subject)
{
	uint32_t reg;

	if (subject->param)
		return (uint32_t)subject->param;
	reg = emit_reg(emitter);
	emitter->fail = emit_label(emitter);
	emit_insn(emitter, REGO_OP_UNSET, reg, 0, 0, 0);
	emit_term_to(emitter, subject->ref, reg);
	emit_here(emitter, emitter->fail);
	return reg;
}

/* Return: how many subjects have a table. */
static uint32_t choose(struct chooser *chooser, uint32_t slot)
{
	struct emitter *emitter = chooser->emitter;
	uint32_t count = 0;

	while (count < CHOICES_MAX) {
		size_t subject = best_subject(chooser);
		struct rego_choice choice;

		if (subject == SUBJECTS_MAX)
			break;
		if (!fill(chooser, subject, &choice)) {
			chooser->subjects[subject].is_done = true;
			continue;
		}
		take(chooser, subject);
		emit_choose(emitter, slot + count++,
			emit_subject(emitter, &chooser->subjects[subject].subject), &choice);
	}
	return count;
}

static size_t count_rules(const struct core_rule *rules)
{
	size_t count = 0;

	for (const struct core_rule *rule = rules; rule; rule = rule->next)
		count += !rule->ast->is_default;
	return count;
}

static void emit_tables_of(struct chooser *chooser, struct emit_choice *choice)
{
	struct emitter *emitter = chooser->emitter;
	struct rego_choice others = { .kind = REGO_CHOICE_ALL };
	uint32_t slot = emitter->first_slot, count = choose(chooser, slot);

	if (!count)
		return;
	keep_all(chooser, SUBJECTS_MAX, &others);
	if (others.all_count)
		emit_choose(emitter, slot + count++, NOBODY, &others);
	choice->is_chosen = true;
	emitter->first_slot = slot + count;
	choice->again = emit_label(emitter);
	choice->end = emit_label(emitter);
	emit_here(emitter, choice->again);
	emit_insn(emitter, REGO_OP_TRY, slot, count, 0, choice->end);
}

void emit_choice_begin(struct emitter *emitter, struct emit_choice *choice, const struct core_rule *rules,
	uint32_t reg)
{
	struct chooser chooser = { .emitter = emitter, .rule_count = count_rules(rules) };

	*choice = (struct emit_choice){ 0 };
	if (chooser.rule_count < RULES_MIN || !emitter->compiler->has_index)
		return;
	chooser.rules = compile_alloc(emitter->compiler, chooser.rule_count, sizeof(*chooser.rules));
	chooser.first_rule = (uint32_t)emitter->label_count;
	for (size_t i = 0; i < chooser.rule_count; i++)
		emit_label(emitter);
	choice->first_rule = chooser.first_rule;
	emitter->next_reg = reg;
	emitter->at = rules->ast->at;
	read_rules(&chooser, rules);
	emit_tables_of(&chooser, choice);
}

void emit_choice_rule(struct emitter *emitter, struct emit_choice *choice)
{
	if (choice->is_chosen)
		emit_here(emitter, choice->first_rule + (uint32_t)choice->at++);
}

void emit_choice_next(struct emitter *emitter, struct emit_choice *choice)
{
	if (choice->is_chosen)
		emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, choice->again);
}

void emit_choice_end(struct emitter *emitter, struct emit_choice *choice)
{
	if (choice->is_chosen)
		emit_here(emitter, choice->end);
}
