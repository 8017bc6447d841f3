// SPDX-License-Identifier: Apache-2.0
/*
 * network_rules.c - the rules of the session's network: the list that counts
 */
#include "roles/supervisor/supervisor.h"

#include "base/fd.h"
#include "base/quote.h"
#include "base/time.h"
#include "kern/clock.h"
#include "kern/file.h"
#include "run/gateway.h"
#include "run/rules_change.h"
#include "session/dirs.h"

#include <errno.h>

enum {
	ANSWER_ARENA_BYTES = 32 << 20,
	COUNT_EVERY_MS = 2000,
	EXIT_NO = 1,
	EXIT_USAGE = 2,
};

static const char *const source_names[] = {
	[NET_RULE_PRESET] = "preset",
	[NET_RULE_FILE] = "file",
	[NET_RULE_FLAG] = "flag",
	[NET_RULE_APPROVAL] = "approval",
	[NET_RULE_RUNTIME] = "runtime",
};

/* ---- the list ---- */

static int add_given(struct net_rules *set, struct arena *arena, const struct gateway_rule *given)
{
	struct net_rule rule = {
		.by_user = given->by_user, .asks = given->asks, .source = given->source,
		.where = given->where,
	};
	struct net_flaw flaw;
	int r = net_entry_read(arena, str_from(given->entry), NET_PORTS_ALL, &rule.entry, &flaw);

	return r < 0 ? r : net_rules_add(set, &rule, 1, 0, NULL);
}

/* The configuration's, if there is no list yet. */
static int make(struct supervisor *s, struct error *err)
{
	scoped(arena) struct arena arena = ARENA_INIT(RUN_GATEWAY_ARENA_BYTES);
	struct gateway_settings settings = { 0 };
	scoped(net_rules) struct net_rules *set = NULL;
	uint64_t seed[2];
	int r = 0;

	if (s->network.rules.set)
		return 0;
	if (kern_getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return error_sys(err, -EIO, "random numbers");
	set = net_rules_new(seed);
	r = run_gateway_rules(&arena, s->request.config, &settings);
	for (size_t i = 0; i < settings.rule_count && r >= 0; i++)
		r = add_given(set, &arena, &settings.rules[i]);
	if (r < 0)
		return error_sys(err, r, "the rules of the network");
	s->network.rules.set = TAKE_PTR(set);
	return 0;
}

void network_rules_fini(struct network_rules *rules)
{
	loop_remove_timer(&rules->end);
	loop_remove_timer(&rules->counting);
	net_rules_free(rules->set);
	rules->set = NULL;
}

static const char *entry_text(struct arena *arena, const struct net_rule *rule)
{
	char text[NET_ENTRY_SIZE];

	net_entry_print(&rule->entry, text);
	return arena_copy(arena, text, strlen(text));
}

/* Return: false: the arena is full */
static bool copy_rule(struct arena *arena, const struct net_rule *rule, struct gateway_rule *ret)
{
	*ret = (struct gateway_rule){
		.entry = entry_text(arena, rule), .by_user = rule->by_user, .asks = rule->asks,
		.source = rule->source, .where = arena_copy(arena, rule->where, strlen(rule->where)),
		.id = rule->id, .expires_ns = rule->expires_ns, .hits = rule->hits,
	};
	return ret->entry && ret->where;
}

/* Those with an id from @first_id on. Return: NULL: the arena is full */
static const struct gateway_rule *copy_rules(struct arena *arena, const struct net_rules *set,
	uint64_t first_id, size_t *ret_count)
{
	struct gateway_rule *rules = arena_alloc_array(arena, net_rules_count(set) + 1, sizeof(*rules));
	size_t count = 0;

	for (const struct net_rule *rule = net_rules_next(set, first_id - 1); rules && rule;
			rule = net_rules_next(set, rule->id))
		if (!copy_rule(arena, rule, &rules[count++]))
			return NULL;
	*ret_count = count;
	return rules;
}

/* ---- evidence ---- */

struct record {
	struct json_object_builder fields;
	struct json_array_builder rules, ids;
};

static void begin_record(struct supervisor *s, struct record *record, const char *what)
{
	json_object_begin(&record->fields, &s->scratch);
	json_array_begin(&record->rules, &s->scratch);
	json_array_begin(&record->ids, &s->scratch);
	json_object_add_text(&record->fields, "what", what);
}

static void add_to_record(struct supervisor *s, struct record *record, const struct net_rule *rule)
{
	json_array_add(&record->rules, json_new_text(&s->scratch, entry_text(&s->scratch, rule)));
	json_array_add(&record->ids,
		json_new_printf(&s->scratch, "%llu", (unsigned long long)rule->id));
}

static int end_record(struct supervisor *s, struct record *record, bool is_persons, bool through_api)
{
	if (through_api)
		json_object_add_text(&record->fields, "through", "control");
	if (is_persons) {
		json_object_add_text(&record->fields, "user", dirs_user_name(&s->scratch));
		json_object_add_int(&record->fields, "uid", s->session.user_uid);
	}
	json_object_add(&record->fields, "rules", json_array_end(&record->rules));
	json_object_add(&record->fields, "ids", json_array_end(&record->ids));
	return supervisor_record(s, LEDGER_RULES_CHANGED, &record->fields, 0);
}

/* ---- what has an end ---- */

static void some_end(struct loop_timer *timer);

static void wait_for_end(struct supervisor *s)
{
	uint64_t end_ns = net_rules_end(s->network.rules.set);

	if (end_ns == UINT64_MAX)
		loop_remove_timer(&s->network.rules.end);
	else
		loop_set_timer(&s->loop, &s->network.rules.end, end_ns, some_end);
}

/* What is over is out of the list; the gateway sees to it by itself, at the same time. */
static void expire(struct supervisor *s)
{
	struct net_rules *set = s->network.rules.set;
	uint64_t now_ns = s->loop.now_ns;
	struct record record;

	if (net_rules_end(set) > now_ns)
		return;
	begin_record(s, &record, "expired");
	for (const struct net_rule *rule = net_rules_next(set, 0); rule; rule = net_rules_next(set, rule->id))
		if (rule->expires_ns && rule->expires_ns <= now_ns)
			add_to_record(s, &record, rule);
	if (net_rules_expire(set, now_ns))
		(void)end_record(s, &record, false, false);
	wait_for_end(s);
}

static void some_end(struct loop_timer *timer)
{
	expire(CONTAINER_OF(timer, struct supervisor, network.rules.end));
}

/* ---- the gateway ---- */

int network_rules_fill(struct supervisor *s, struct arena *arena, struct gateway_settings *settings,
	struct error *err)
{
	int r = make(s, err);

	if (r < 0)
		return r;
	expire(s);
	settings->rules = copy_rules(arena, s->network.rules.set, 1, &settings->rule_count);
	return settings->rules ? 0 : error_sys(err, -ENOMEM, "the rules of the network");
}

static bool has_gateway(const struct supervisor *s)
{
	return s->network.pidfd >= 0 && !s->network.is_ending && channel_is_open(&s->network.gateway);
}

static int tell_change(struct supervisor *s, uint64_t number, const struct gateway_change *change)
{
	scoped(arena) struct arena arena = ARENA_INIT(ANSWER_ARENA_BYTES);
	scoped(buf) struct buf text = BUF_INIT(GATEWAY_SETTINGS_BYTES_MAX);
	struct gateway_message message = {
		.kind = GATEWAY_MESSAGE_CHANGE, .numbered = { number },
	};
	const struct json *value = gateway_change_to_json(&arena, change);
	scoped(fd) int fd = -1;
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	if (r >= 0)
		r = fd = kern_memfd_text("cordon-rules", (struct str){ text.data, text.len });
	return r < 0 ? r : gateway_message_send(&s->network.gateway, &message, &fd, 1);
}

/* One that does not hear what changed must not go on; the next one is given all of it. */
static void have_gateway_change(struct supervisor *s, uint64_t number, const struct gateway_change *change)
{
	bool is_whole = change->added || !change->added_count;

	if ((!is_whole || tell_change(s, number, change) < 0) && s->network.pidfd >= 0)
		(void)kern_pidfd_send_signal(s->network.pidfd, SIGKILL);
}

/* ---- answers ---- */

static void fail(struct client *client, int exit_code, const struct error *err)
{
	struct control_failure failure = { .exit_code = exit_code, .error = *err };

	client_send(client, CONTROL_FAILED, &failure, sizeof(failure));
}

static const struct json *by_to_json(struct arena *arena, struct str by)
{
	struct json_array_builder array;
	struct str item;

	json_array_begin(&array, arena);
	while (by.len) {
		(void)str_cut(by, ',', &item, &by);
		json_array_add(&array, json_new_bytes(arena, item));
	}
	return json_array_end(&array);
}

static const struct json *rule_to_json(struct supervisor *s, struct arena *arena, const struct net_rule *rule)
{
	struct json_object_builder object;
	char entry[NET_ENTRY_SIZE];
	bool denies = rule->entry.denies;

	net_entry_print(&rule->entry, entry);
	json_object_begin(&object, arena);
	json_object_add_int(&object, "id", (int64_t)rule->id);
	json_object_add_text(&object, "verdict", denies ? "deny" : rule->asks ? "ask" : "allow");
	json_object_add_text(&object, "entry", entry + denies);
	if (rule->entry.by.len)
		json_object_add(&object, "by", by_to_json(arena, rule->entry.by));
	json_object_add_text(&object, "source", source_names[rule->source]);
	json_object_add(&object, "where", json_new_bytes(arena, str_from(rule->where)));
	json_object_add_bool(&object, "by_user", rule->by_user);
	json_object_add_int(&object, "hits", (int64_t)rule->hits);
	if (rule->expires_ns)
		json_object_add_int(&object, "left_ns",
			rule->expires_ns > s->loop.now_ns ? (int64_t)(rule->expires_ns - s->loop.now_ns) : 0);
	return json_object_end(&object);
}

static const struct json *rules_to_json(struct supervisor *s, struct arena *arena, uint64_t first_id,
	size_t count)
{
	const struct net_rules *set = s->network.rules.set;
	struct json_array_builder array;

	json_array_begin(&array, arena);
	for (const struct net_rule *rule = net_rules_next(set, first_id - 1); rule && count--;
			rule = net_rules_next(set, rule->id))
		json_array_add(&array, rule_to_json(s, arena, rule));
	return json_array_end(&array);
}

static void send_answer(struct client *client, const struct json *value)
{
	scoped(buf) struct buf text = BUF_INIT(GATEWAY_SETTINGS_BYTES_MAX);
	scoped(fd) int fd = -1;
	struct error err;
	int r = value ? json_write(&text, value, JSON_WRITE_CANONICAL) : -EMSGSIZE;

	if (r >= 0)
		r = fd = kern_memfd_text("cordon-ruled", (struct str){ text.data, text.len });
	if (r >= 0) {
		(void)channel_send(&client->channel, CONTROL_RULED, (struct str){ 0 }, &fd, 1);
		return;
	}
	error_sys(&err, r, "telling the rules");
	client_fail(client, &err);
}

/* @closed_count: connections that the change ended. */
static void answer(struct client *client, uint64_t closed_count)
{
	scoped(arena) struct arena arena = ARENA_INIT(ANSWER_ARENA_BYTES);
	struct supervisor *s = client->supervisor;
	const struct rules_wait wait = client->rules_wait;
	struct json_object_builder object;

	client->rules_wait = (struct rules_wait){ 0 };
	json_object_begin(&object, &arena);
	json_object_add_text(&object, "session", s->session.id);
	json_object_add_bool(&object, "gateway", has_gateway(s));
	if (wait.is_change) {
		json_object_add_int(&object, "closed", (int64_t)closed_count);
		json_object_add_int(&object, "removed", (int64_t)wait.removed_count);
	}
	json_object_add(&object, "rules", rules_to_json(s, &arena, wait.is_change ? wait.first_id : 1,
		wait.is_change ? wait.added_count : SIZE_MAX));
	if (!wait.is_change)
		json_object_add(&object, "waiting", network_asks_to_json(s, &arena));
	send_answer(client, json_object_end(&object));
}

static void answer_traffic(struct client *client)
{
	const struct network_rules *rules = &client->supervisor->network.rules;
	const struct control_traffic traffic = {
		.open = rules->traffic.open,
		.connections = rules->before.connections + rules->traffic.connections,
		.requests = rules->before.requests + rules->traffic.requests,
		.sent_bytes = rules->before.sent_bytes + rules->traffic.sent_bytes,
		.received_bytes = rules->before.received_bytes + rules->traffic.received_bytes,
	};

	client->rules_wait = (struct rules_wait){ 0 };
	client_send(client, CONTROL_TOLD_TRAFFIC, &traffic, sizeof(traffic));
}

static void answer_either(struct client *client, uint64_t closed_count)
{
	if (client->rules_wait.is_traffic)
		answer_traffic(client);
	else
		answer(client, closed_count);
}

static void answer_number(struct supervisor *s, uint64_t number, uint64_t closed_count)
{
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		if (client->rules_wait.number == number)
			answer_either(client, closed_count);
}

void network_rules_lost(struct supervisor *s)
{
	struct network_rules *rules = &s->network.rules;

	rules->before.connections += rules->traffic.connections;
	rules->before.requests += rules->traffic.requests;
	rules->before.sent_bytes += rules->traffic.sent_bytes;
	rules->before.received_bytes += rules->traffic.received_bytes;
	rules->traffic = (struct gateway_traffic){ 0 };
	LIST_FOR_EACH(client, &s->clients, struct client, node)
		if (client->rules_wait.number)
			answer_either(client, 0);
}

static int ask_counts(struct supervisor *s)
{
	struct gateway_message question = { .kind = GATEWAY_MESSAGE_COUNT };

	question.numbered.number = ++s->network.rules.last_number;
	return gateway_message_send(&s->network.gateway, &question, NULL, 0);
}

static void counts_are_old(struct loop_timer *timer)
{
	struct supervisor *s = CONTAINER_OF(timer, struct supervisor, network.rules.counting);

	s->network.rules.is_counting = false;
	if (has_gateway(s))
		(void)ask_counts(s);
}

void network_rules_used(struct supervisor *s)
{
	struct network_rules *rules = &s->network.rules;

	if (rules->is_counting)
		return;
	rules->is_counting = true;
	loop_set_timer(&s->loop, &rules->counting, s->loop.now_ns + COUNT_EVERY_MS * NS_PER_MS,
		counts_are_old);
}

static void take_counts(struct supervisor *s, const struct gateway_counted *counted)
{
	for (size_t i = 0; i < counted->count; i++) {
		const struct net_rule *rule = net_rules_next(s->network.rules.set, counted->rules[i].id - 1);

		if (rule && rule->id == counted->rules[i].id)
			net_rules_hit(s->network.rules.set, rule->id, counted->rules[i].hits - rule->hits);
	}
}

int network_rules_heard(struct supervisor *s, const struct gateway_message *message)
{
	if (message->kind == GATEWAY_MESSAGE_CHANGED) {
		if (message->changed.number > s->network.rules.last_number)
			return -EBADMSG;
		answer_number(s, message->changed.number, message->changed.closed_count);
		return 0;
	}
	if (message->counted.number > s->network.rules.last_number)
		return -EBADMSG;
	take_counts(s, &message->counted);
	s->network.rules.traffic = message->counted.traffic;
	if (message->counted.is_last)
		answer_number(s, message->counted.number, 0);
	return 0;
}

/* ---- what clients ask for ---- */

static int check(const struct client *client, struct error *err)
{
	struct supervisor *s = client->supervisor;

	if (client->rules_wait.number)
		return error_set(err, -EBUSY, "one question at a time");
	if (s->is_ending || s->is_gone)
		return error_set(err, -EBUSY, "session '%s' is ending", s->session.id);
	if (!s->plan.gateway) {
		error_set(err, -ENETDOWN,
			"session '%s' has no network: it was started without a host that may be reached",
			s->session.id);
		error_hint(err,
			"Next time, start it with one: `cordon run --allow HOST`, or network.allow of the configuration.");
		return -ENETDOWN;
	}
	return make(s, err);
}

static void list(struct client *client, bool is_traffic)
{
	struct supervisor *s = client->supervisor;
	struct error err = ERROR_INIT;

	if (check(client, &err) < 0) {
		fail(client, EXIT_NO, &err);
		return;
	}
	expire(s);
	/* The number of the question that is asked now. */
	client->rules_wait = (struct rules_wait){
		.number = s->network.rules.last_number + 1, .is_traffic = is_traffic,
	};
	if (!has_gateway(s) || ask_counts(s) < 0)
		answer_either(client, 0);
}

void network_rules_list(struct client *client)
{
	list(client, false);
}

void network_rules_tell_traffic(struct client *client)
{
	list(client, true);
}

/* Whether a person is asked about some of what @entry allows: then this is their answer. */
static bool is_asked_about(struct supervisor *s, struct arena *arena, const struct net_entry *entry)
{
	const struct net_rules *set = s->network.rules.set;
	struct net_entry both;

	for (const struct net_rule *rule = net_rules_next(set, 0); rule; rule = net_rules_next(set, rule->id))
		if (rule->asks && net_entry_meet(arena, &rule->entry, entry, &both))
			return true;
	return false;
}

static int check_breadth(struct supervisor *s, const struct net_entry *entry, struct error *err)
{
	const char *why = entry->denies || s->request.config->settings.network.broad ? NULL :
		net_entry_broad(entry);
	char text[NET_ENTRY_SIZE];

	if (!why)
		return 0;
	net_entry_print(entry, text);
	error_set(err, -EPERM, "'%s': %s", text, why);
	error_hint(err,
		"Name the hosts that are needed. A session whose configuration has \"broad\": true in \"network\" takes it.");
	return -EPERM;
}

/* Every rule that is made of the change. */
static int make_rules(struct supervisor *s, struct arena *arena, const struct rules_change *change,
	struct net_rule **ret, struct error *err)
{
	struct net_rule *rules = arena_alloc_array(arena, change->entry_count, sizeof(*rules));
	bool denies = change->kind == RULES_CHANGE_DENY;
	int r = rules ? 0 : error_set(err, -EMSGSIZE, "too many rules at once");

	for (size_t i = 0; i < change->entry_count && r >= 0; i++) {
		const struct net_entry *entry = &change->entries[i];
		bool is_answer = !denies && is_asked_about(s, arena, entry);

		r = check_breadth(s, entry, err);
		if (r >= 0)
			r = asker_check(s, entry->by, denies, err);
		rules[i] = (struct net_rule){
			.entry = *entry, .by_user = true,
			.source = is_answer ? NET_RULE_APPROVAL : NET_RULE_RUNTIME,
			.where = change->through_api ? "control API" :
				denies ? "cordon deny" :
				"cordon allow",
			.expires_ns = change->for_ns ? s->loop.now_ns + change->for_ns : 0,
		};
	}
	*ret = rules;
	return r;
}

static void remove_from(struct net_rules *set, uint64_t first_id, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)net_rules_remove(set, first_id + i);
}

static int record_added(struct supervisor *s, const struct rules_change *change, uint64_t first_id)
{
	const struct net_rules *set = s->network.rules.set;
	const struct net_rule *rule = net_rules_next(set, first_id - 1);
	bool is_answer = false;
	struct record record;
	char until[TIME_TEXT_SIZE];

	begin_record(s, &record, change->kind == RULES_CHANGE_DENY ? "denied" : "allowed");
	for (; rule; rule = net_rules_next(set, rule->id)) {
		add_to_record(s, &record, rule);
		is_answer |= rule->source == NET_RULE_APPROVAL;
	}
	json_object_add_text(&record.fields, "source",
		source_names[is_answer ? NET_RULE_APPROVAL : NET_RULE_RUNTIME]);
	if (change->for_ns) {
		time_to_text(kern_clock_real_ns() + change->for_ns, until);
		json_object_add_text(&record.fields, "until", until);
	}
	return end_record(s, &record, true, change->through_api);
}

static int add(struct supervisor *s, struct arena *arena, const struct rules_change *change,
	struct rules_wait *wait, struct error *err)
{
	struct net_rules *set = s->network.rules.set;
	struct net_rule *rules;
	int r = make_rules(s, arena, change, &rules, err);

	if (r < 0)
		return r;
	r = net_rules_add(set, rules, change->entry_count, s->loop.now_ns, &wait->first_id);
	if (r < 0)
		return error_set(err, r, "the session has too many rules, or too many of this host");
	wait->added_count = change->entry_count;
	r = record_added(s, change, wait->first_id);
	if (r < 0) {
		remove_from(set, wait->first_id, wait->added_count);
		error_sys(err, r, "writing it into the ledger");
	}
	return r;
}

static int check_removal(const struct net_rules *set, const uint64_t *ids, size_t at, struct error *err)
{
	const struct net_rule *rule = net_rules_next(set, ids[at] - 1);
	unsigned long long id = ids[at];

	for (size_t i = 0; i < at; i++)
		if (ids[i] == ids[at])
			return error_set(err, -EINVAL, "rule %llu is named twice", id);
	if (!rule || rule->id != ids[at])
		return error_set(err, -ENOENT, "there is no rule %llu (any more)", id);
	if (rule->source == NET_RULE_RUNTIME || rule->source == NET_RULE_APPROVAL)
		return 0;
	error_set(err, -EPERM, "rule %llu is the configuration's (%s), and stays as long as the session runs",
		id, quote_cstr(rule->where).text);
	error_hint(err,
		rule->entry.denies || rule->asks ? "Change the configuration, for the next session." :
		"`cordon deny` takes away what it allows.");
	return -EPERM;
}

static int take_out(struct supervisor *s, const struct rules_change *change, struct rules_wait *wait,
	struct error *err)
{
	struct net_rules *set = s->network.rules.set;
	struct record record;
	int r = 0;

	for (size_t i = 0; i < change->id_count && r >= 0; i++)
		r = check_removal(set, change->ids, i, err);
	if (r < 0)
		return r;
	begin_record(s, &record, "removed");
	for (size_t i = 0; i < change->id_count; i++)
		add_to_record(s, &record, net_rules_next(set, change->ids[i] - 1));
	r = end_record(s, &record, true, change->through_api);
	if (r < 0)
		return error_sys(err, r, "writing it into the ledger");
	for (size_t i = 0; i < change->id_count; i++)
		(void)net_rules_remove(set, change->ids[i]);
	wait->removed_count = change->id_count;
	return 0;
}

/* The list has changed, and the ledger says so. */
static void put_in_force(struct client *client, struct arena *arena, const struct rules_change *change,
	const struct rules_wait *wait)
{
	struct supervisor *s = client->supervisor;
	struct gateway_change told = {
		.removed = change->ids, .removed_count = change->id_count,
	};

	wait_for_end(s);
	client->rules_wait = *wait;
	if (!has_gateway(s)) {
		answer(client, 0);
		return;
	}
	client->rules_wait.number = ++s->network.rules.last_number;
	told.added_count = wait->added_count;
	if (told.added_count)
		told.added = copy_rules(arena, s->network.rules.set, wait->first_id, &told.added_count);
	have_gateway_change(s, client->rules_wait.number, &told);
}

void network_rules_change(struct client *client, struct str payload)
{
	scoped(arena) struct arena arena = ARENA_INIT(ANSWER_ARENA_BYTES);
	struct supervisor *s = client->supervisor;
	struct rules_wait wait = { .is_change = true, .first_id = 1 };
	struct error err = ERROR_INIT;
	struct rules_change change;
	int r = check(client, &err);

	if (r < 0) {
		fail(client, EXIT_NO, &err);
		return;
	}
	r = rules_change_read(&arena, payload, &change, &err);
	if (r >= 0) {
		expire(s);
		r = change.kind == RULES_CHANGE_REMOVE ? take_out(s, &change, &wait, &err) :
			add(s, &arena, &change, &wait, &err);
	}
	if (r < 0)
		fail(client, r == -ENOENT || r == -EPERM ? EXIT_NO : EXIT_USAGE, &err);
	else
		put_in_force(client, &arena, &change, &wait);
}
