// SPDX-License-Identifier: Apache-2.0
/*
 * test_probe.c - hosts that we do not have, and what a person would be told on each
 */
#include "jail/probe.h"
#include "lib/test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

/* A host of today, seen by an ordinary user whom systemd gave a control group. */
static struct jail_facts good_host(void)
{
	struct jail_facts facts = { .version = JAIL_FACTS_VERSION, .is_complete = true,
		.by = { JAIL_BY_CGROUP2, JAIL_BY_CGROUP2, JAIL_BY_CGROUP2, JAIL_BY_RLIMIT, JAIL_BY_RLIMIT } };

	for (int i = 0; i < JAIL_PROBE_COUNT; i++)
		facts.items[i].outcome = JAIL_OUTCOME_DONE;
	facts.items[JAIL_PROBE_LANDLOCK].value = 7;
	facts.items[JAIL_PROBE_USERNS_CLONE].value = 1;
	facts.items[JAIL_PROBE_USERNS_MAX].value = 15000;
	facts.items[JAIL_PROBE_PTRACE_SCOPE].value = 1;
	return facts;
}

static const struct jail_limits no_limits = { JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED,
	JAIL_UNLIMITED };

struct seen {
	struct jail_report report;
	struct jail_outlook outlook;
};

static const struct seen *look(const struct jail_facts *facts, const struct jail_limits *limits)
{
	static struct seen seen;

	jail_probe_judge(facts, &seen.report);
	jail_probe_promise(facts, &seen.report, limits, &seen.outlook);
	return &seen;
}

static void fail_probe(struct jail_facts *facts, enum jail_probe probe, int error)
{
	facts->items[probe] = (struct jail_fact){ .outcome = JAIL_OUTCOME_FAILED, .error = error };
}

TEST(what_the_network_lacks_is_said_and_hinders_nobody_else)
{
	struct jail_facts facts = good_host();
	const struct seen *seen;

	fail_probe(&facts, JAIL_PROBE_TPROXY, -ENOENT);
	fail_probe(&facts, JAIL_PROBE_SOCK_DIAG, -ENOENT);
	seen = look(&facts, &no_limits);
	CHECK_TEXT(jail_state_name(seen->report.rows[JAIL_PROBE_TPROXY].state), "missing");
	CHECK(strstr(seen->report.rows[JAIL_PROBE_TPROXY].remedy, "modprobe nft_tproxy"));
	CHECK(strstr(seen->report.rows[JAIL_PROBE_TPROXY].remedy, "network.transparent"));
	CHECK(strstr(seen->report.rows[JAIL_PROBE_SOCK_DIAG].remedy, "modprobe tcp_diag"));
	CHECK_TEXT(jail_promise_name(seen->outlook.promise), "full");
}

TEST(a_good_host_needs_no_remedy)
{
	struct jail_facts facts = good_host();
	const struct seen *seen = look(&facts, &no_limits);

	for (int i = 0; i < JAIL_PROBE_COUNT; i++) {
		CHECK_TEXT(jail_state_name(seen->report.rows[i].state), "ok");
		CHECK_TEXT(seen->report.rows[i].remedy, "");
		CHECK(seen->report.rows[i].detail[0]);
		CHECK(!seen->outlook.lacks[i]);
	}
	CHECK_TEXT(jail_promise_name(seen->outlook.promise), "full");
}

/* Zero is the closed answer: a prober that wrote nothing promises nothing. */
TEST(no_facts_are_no_promise)
{
	const struct jail_facts facts = { 0 };
	const struct seen *seen = look(&facts, &no_limits);

	CHECK_TEXT(jail_promise_name(seen->outlook.promise), "none");
	for (int i = 0; i < JAIL_PROBE_COUNT; i++)
		CHECK_TEXT(jail_state_name(seen->report.rows[i].state), "untried");
	CHECK(strstr(seen->report.rows[0].detail, "did not get that far"));
}

/* Each of them alone, missing: what is promised then, and that there is something to be done about it. */
TEST(what_each_feature_is_worth)
{
	for (int i = 0; i < JAIL_PROBE_TPROXY; i++) {
		struct jail_facts facts = good_host();
		bool may_start = i == JAIL_PROBE_TASK_MEMORY || i == JAIL_PROBE_EXCHANGE;
		const struct seen *seen;

		fail_probe(&facts, (enum jail_probe)i, -ENOSYS);
		seen = look(&facts, &no_limits);
		CHECK_TEXT(jail_state_name(seen->report.rows[i].state), "missing");
		CHECK_TEXT(seen->report.rows[i].detail, strerrordesc_np(ENOSYS));
		CHECK(seen->report.rows[i].remedy[0]);
		CHECK(seen->outlook.lacks[i]);
		CHECK_TEXT(jail_promise_name(seen->outlook.promise), may_start ? "weaker" : "none");
	}
}

/* What was not tried counts as little as what failed. */
TEST(what_was_not_tried_is_lacking)
{
	for (int i = 0; i < JAIL_PROBE_TPROXY; i++) {
		struct jail_facts facts = good_host();

		facts.items[i].outcome = JAIL_OUTCOME_UNTRIED;
		CHECK(look(&facts, &no_limits)->outlook.promise != JAIL_PROMISE_FULL);
	}
}

TEST(settings_alone_decide_nothing)
{
	struct jail_facts facts = good_host();
	const struct seen *seen;

	facts.items[JAIL_PROBE_USERNS_CLONE].value = 0;
	facts.items[JAIL_PROBE_USERNS_APPARMOR].value = 1;
	facts.items[JAIL_PROBE_SUBUID].outcome = JAIL_OUTCOME_ABSENT;
	seen = look(&facts, &no_limits);
	CHECK_TEXT(jail_state_name(seen->report.rows[JAIL_PROBE_USERNS_CLONE].state), "degraded");
	CHECK_TEXT(seen->report.rows[JAIL_PROBE_USERNS_CLONE].detail, "0: restricts");
	CHECK_TEXT(jail_state_name(seen->report.rows[JAIL_PROBE_USERNS_APPARMOR].state), "degraded");
	CHECK_TEXT(seen->report.rows[JAIL_PROBE_SUBUID].detail, "none, and none is needed");
	CHECK_TEXT(jail_promise_name(seen->outlook.promise), "full");
}

/* ---- why there is no user namespace ---- */

TEST(the_setting_that_forbids_user_namespaces_is_named)
{
	static const struct {
		enum jail_probe setting;
		int64_t value;
		bool nested;
		int error;
		const char *remedy;
	} cases[] = {
		{ JAIL_PROBE_USERNS_MAX, 0, false, -ENOSPC, "sysctl -w user.max_user_namespaces=15000" },
		{ JAIL_PROBE_USERNS_MAX, 0, true, -ENOSPC, "The container around cordon forbids" },
		{ JAIL_PROBE_USERNS_CLONE, 0, false, -EPERM, "sysctl -w kernel.unprivileged_userns_clone=1" },
		{ JAIL_PROBE_USERNS_APPARMOR, 1, false, -EPERM, "AppArmor profile that has `userns,`" },
		{ JAIL_PROBE_USERNS_APPARMOR, 1, false, -EACCES,
			"kernel.apparmor_restrict_unprivileged_userns=0." },
		{ JAIL_PROBE_USERNS_MAX, 100, false, -EACCES, "A security module" },
		{ JAIL_PROBE_USERNS_MAX, 100, false, -ENOSPC, "nested too deeply" },
		{ JAIL_PROBE_USERNS_MAX, 100, false, -EINVAL, "CONFIG_USER_NS" },
		{ JAIL_PROBE_USERNS_MAX, 100, true, -EPERM, "system call filter" },
		{ JAIL_PROBE_USERNS_MAX, 100, true, -ENOSYS, "clone3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct jail_facts facts = good_host();
		const struct jail_row *row;

		facts.is_nested = cases[i].nested;
		facts.items[cases[i].setting].value = cases[i].value;
		fail_probe(&facts, JAIL_PROBE_USER_NAMESPACE, cases[i].error);
		row = &look(&facts, &no_limits)->report.rows[JAIL_PROBE_USER_NAMESPACE];
		if (!strstr(row->remedy, cases[i].remedy))
			test_fail(__FILE__, __LINE__, "%zu: \"%s\", wanted \"%s\"", i, row->remedy,
				cases[i].remedy);
	}
}

/* A kernel without the setting, and a profile around the user's programs. */
TEST(the_profile_that_forbids_user_namespaces_is_named)
{
	static const int errors[] = { -EACCES, -EPERM };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct jail_facts facts = good_host();
		const struct jail_row *rows;

		facts.items[JAIL_PROBE_USERNS_APPARMOR] = (struct jail_fact){
			.outcome = JAIL_OUTCOME_ABSENT
		};
		snprintf(facts.confined_by, sizeof(facts.confined_by), "desktop");
		fail_probe(&facts, JAIL_PROBE_USER_NAMESPACE, errors[i]);
		rows = look(&facts, &no_limits)->report.rows;
		CHECK(strstr(rows[JAIL_PROBE_USER_NAMESPACE].remedy,
			"sudo apparmor_parser -r /etc/apparmor.d/cordon-launcher"));
		CHECK(!strstr(rows[JAIL_PROBE_USER_NAMESPACE].remedy, "sysctl"));
		CHECK_TEXT(rows[JAIL_PROBE_USERNS_APPARMOR].detail,
			"cordon runs under the AppArmor profile 'desktop'");
	}
}

TEST(a_container_without_another_id_is_told)
{
	struct jail_facts facts = good_host();

	facts.is_root = facts.is_nested = facts.is_agent_unknown = true;
	fail_probe(&facts, JAIL_PROBE_USER_NAMESPACE, -EPERM);
	CHECK(strstr(look(&facts, &no_limits)->report.rows[JAIL_PROBE_USER_NAMESPACE].remedy,
		"a range of ids"));
}

TEST(words_of_the_failing_step_are_shown)
{
	struct jail_facts facts = good_host();

	fail_probe(&facts, JAIL_PROBE_OVERLAY, -EINVAL);
	snprintf(facts.items[JAIL_PROBE_OVERLAY].text, JAIL_PROBE_TEXT_SIZE, "overlay: no room");
	CHECK_TEXT(look(&facts, &no_limits)->report.rows[JAIL_PROBE_OVERLAY].detail, "overlay: no room");
	CHECK(strstr(look(&facts, &no_limits)->report.rows[JAIL_PROBE_OVERLAY].remedy, "XDG_STATE_HOME"));
	facts.items[JAIL_PROBE_OVERLAY].error = -ENODEV;
	CHECK(strstr(look(&facts, &no_limits)->report.rows[JAIL_PROBE_OVERLAY].remedy, "modprobe overlay"));
}

TEST(a_child_that_died_or_hangs_says_so)
{
	struct jail_facts facts = good_host();
	struct jail_fact *fact = &facts.items[JAIL_PROBE_PIDFD];

	*fact = (struct jail_fact){ .outcome = JAIL_OUTCOME_KILLED, .value = SIGSYS };
	CHECK_TEXT(look(&facts, &no_limits)->report.rows[JAIL_PROBE_PIDFD].detail,
		"the attempt was ended by SIGSYS");
	fact->value = 0;
	CHECK_TEXT(look(&facts, &no_limits)->report.rows[JAIL_PROBE_PIDFD].detail,
		"the attempt ended without an answer");
	fact->value = 12345;
	CHECK_TEXT(look(&facts, &no_limits)->report.rows[JAIL_PROBE_PIDFD].detail,
		"the attempt was ended by SIG?");
	fact->outcome = JAIL_OUTCOME_HUNG;
	CHECK_TEXT(look(&facts, &no_limits)->report.rows[JAIL_PROBE_PIDFD].detail, "no answer in time");
	CHECK_TEXT(jail_promise_name(look(&facts, &no_limits)->outlook.promise), "none");
}

/* ---- less than there could be ---- */

TEST(an_older_landlock_is_a_thinner_second_line)
{
	static const struct {
		int64_t abi;
		const char *state, *has, *has_not;
	} cases[] = {
		{ 2, "degraded", "truncation", "ABI 7" }, { 3, "degraded", "TCP", "truncation" },
		{ 4, "degraded", "device controls", "TCP" }, { 5, "degraded", "signals", "device controls" },
		{ 6, "ok", "ABI 6", "signals" }, { 9, "ok", "ABI 9", "signals" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct jail_facts facts = good_host();
		const struct seen *seen;
		const struct jail_row *row;

		facts.items[JAIL_PROBE_LANDLOCK].value = cases[i].abi;
		seen = look(&facts, &no_limits);
		row = &seen->report.rows[JAIL_PROBE_LANDLOCK];
		CHECK_TEXT(jail_state_name(row->state), cases[i].state);
		CHECK(strstr(row->detail, cases[i].has) && !strstr(row->detail, cases[i].has_not));
		CHECK_TEXT(jail_promise_name(seen->outlook.promise), "full");
	}
}

TEST(a_branch_elsewhere_is_told)
{
	struct jail_facts facts = good_host();
	const struct seen *seen;

	facts.items[JAIL_PROBE_EXCHANGE].value = 1;
	seen = look(&facts, &no_limits);
	CHECK_TEXT(jail_state_name(seen->report.rows[JAIL_PROBE_EXCHANGE].state), "degraded");
	CHECK(strstr(seen->report.rows[JAIL_PROBE_EXCHANGE].detail, "another file system"));
	CHECK_TEXT(jail_promise_name(seen->outlook.promise), "full");
}

TEST(root_needs_what_others_do_not)
{
	struct jail_facts facts = good_host();
	const struct seen *seen;

	facts.items[JAIL_PROBE_IDMAPPED_MOUNT].outcome = JAIL_OUTCOME_ABSENT;
	seen = look(&facts, &no_limits);
	CHECK_TEXT(seen->report.rows[JAIL_PROBE_IDMAPPED_MOUNT].detail, "not needed: the agent is you");
	CHECK_TEXT(jail_promise_name(seen->outlook.promise), "full");
	facts.is_root = true;
	facts.items[JAIL_PROBE_SUBUID].outcome = JAIL_OUTCOME_ABSENT;
	fail_probe(&facts, JAIL_PROBE_IDMAPPED_MOUNT, -EINVAL);
	seen = look(&facts, &no_limits);
	CHECK(strstr(seen->report.rows[JAIL_PROBE_IDMAPPED_MOUNT].remedy, "ordinary user"));
	CHECK(strstr(seen->report.rows[JAIL_PROBE_SUBUID].detail, "65534"));
}

/* ---- limits ---- */

TEST(a_limit_that_the_kernel_does_not_keep_is_weaker)
{
	static const struct {
		enum jail_limit limit;
		uint64_t value;
		enum jail_mechanism by;
		bool weak;
	} cases[] = {
		{ JAIL_LIMIT_MEMORY, 1 << 20, JAIL_BY_CGROUP2, false },
		{ JAIL_LIMIT_MEMORY, 1 << 20, JAIL_BY_CGROUP1, false },
		{ JAIL_LIMIT_MEMORY, 1 << 20, JAIL_BY_SUPERVISOR, true },
		{ JAIL_LIMIT_MEMORY, 1 << 20, JAIL_BY_NOBODY, true },
		{ JAIL_LIMIT_CPU, 2000, JAIL_BY_AFFINITY, false },
		{ JAIL_LIMIT_CPU, 1500, JAIL_BY_AFFINITY, true },
		{ JAIL_LIMIT_PIDS, 64, JAIL_BY_RLIMIT, false },
		{ JAIL_LIMIT_FILE_SIZE, 64, JAIL_BY_RLIMIT, false },
		{ JAIL_LIMIT_MEMORY, JAIL_UNLIMITED, JAIL_BY_SUPERVISOR, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct jail_facts facts = good_host();
		struct jail_limits limits = no_limits;
		uint64_t *const fields[] = { &limits.memory_bytes, &limits.cpu_millis, &limits.pids_count,
			&limits.files_count, &limits.file_size_bytes };
		const struct seen *seen;

		*fields[cases[i].limit] = cases[i].value;
		facts.by[cases[i].limit] = cases[i].by;
		seen = look(&facts, &limits);
		CHECK_TEXT(jail_promise_name(seen->outlook.promise), cases[i].weak ? "weaker" : "full");
		CHECK_INT(seen->outlook.weak_limits[cases[i].limit], cases[i].weak);
	}
}

TEST(no_control_group_is_degraded_and_says_who_counts_instead)
{
	struct jail_facts facts = good_host();
	const struct jail_row *row = &look(&facts, &no_limits)->report.rows[JAIL_PROBE_CGROUPS];

	CHECK_TEXT(row->detail, "memory by cgroup2, cpus by cgroup2, pids by cgroup2");
	facts.by[JAIL_LIMIT_MEMORY] = JAIL_BY_SUPERVISOR;
	facts.by[JAIL_LIMIT_CPU] = JAIL_BY_AFFINITY;
	row = &look(&facts, &no_limits)->report.rows[JAIL_PROBE_CGROUPS];
	CHECK_TEXT(jail_state_name(row->state), "degraded");
	CHECK_TEXT(row->detail, "memory by supervisor, cpus by affinity, pids by cgroup2");
	CHECK(strstr(row->remedy, "Delegate=yes"));
	CHECK_TEXT(jail_promise_name(look(&facts, &no_limits)->outlook.promise), "full");
}

/* What a session would be killed for must not be promised, whatever is weaker beside it. */
TEST(what_any_program_needs_comes_first)
{
	static const struct {
		int error;
		const char *remedy;
	} cases[] = { { -EAGAIN, "ulimit -u" }, { -EMFILE, "ulimit -n" }, { -ENFILE, "ulimit -n" },
		{ -EFBIG, "ulimit -f" }, { -ENOMEM, "ulimit -v" } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct jail_facts facts = good_host();

		fail_probe(&facts, JAIL_PROBE_LANDLOCK, cases[i].error);
		CHECK(strstr(look(&facts, &no_limits)->report.rows[JAIL_PROBE_LANDLOCK].remedy,
			cases[i].remedy));
	}
}

TEST(the_worst_counts)
{
	struct jail_facts facts = good_host();

	fail_probe(&facts, JAIL_PROBE_LANDLOCK, -EOPNOTSUPP);
	fail_probe(&facts, JAIL_PROBE_EXCHANGE, -EINVAL);
	CHECK_TEXT(jail_promise_name(look(&facts, &no_limits)->outlook.promise), "none");
}

TEST_MAIN()
