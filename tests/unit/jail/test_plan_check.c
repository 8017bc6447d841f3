// SPDX-License-Identifier: Apache-2.0
/*
 * test_plan_check.c - one wrong thing in a proper plan, and what the checker says to it
 */
#include "plan_fixture.h"

#include "base/path.h"
#include "jail/limits.h"
#include "jail/plan_internal.h"

enum {
	ROOM = 200,
};

static struct jail_step steps[ROOM];
static struct jail_rule rules[ROOM];
static struct jail_plan plan;

static struct jail_step *step_at(const char *target)
{
	for (size_t i = 0; i < plan.step_count; i++)
		if (!strcmp(steps[i].target, target))
			return &steps[i];
	test_fail(__FILE__, __LINE__, "no step at %s", target);
}

/* Puts a step where the order wants it. */
static void insert(struct jail_step step)
{
	size_t at = 0;

	while (at < plan.step_count && jail_path_compare(steps[at].target, step.target) < 0)
		at++;
	memmove(&steps[at + 1], &steps[at], (plan.step_count++ - at) * sizeof(step));
	steps[at] = step;
}

static void insert_bind(const char *path)
{
	insert((struct jail_step){ .kind = JAIL_STEP_BIND, .target = path, .source = path });
}

static void no_step(void) { step_at("/usr")->kind = JAIL_STEP_INVALID; }
static void relative_target(void) { step_at("/usr")->target = "usr"; }
static void unclean_target(void) { step_at("/usr")->target = "/etc/../usr"; }
static void slash_at_end(void) { step_at("/usr")->target = "/usr/"; }
static void root_target(void) { steps[0].target = "/"; }
static void relative_source(void) { step_at("/usr")->source = "usr"; }
static void no_source(void) { step_at("/usr")->source = NULL; }
static void tmpfs_with_source(void) { step_at("/tmp")->source = "/tmp"; }
static void tmpfs_without_size(void) { step_at("/tmp")->size_bytes = 0; }
static void writable_bind(void) { step_at("/usr")->flags |= JAIL_STEP_WRITABLE; }
static void live_read_only(void) { step_at("/usr")->flags |= JAIL_STEP_LIVE; }
static void writable_proc(void) { step_at("/proc")->flags |= JAIL_STEP_WRITABLE; }
static void idmapped_tmpfs(void) { step_at("/tmp")->flags |= JAIL_STEP_IDMAP; }
static void upper_without_work(void) { step_at("/home/ann/src/thing")->work = NULL; }
static void layers_of_two_places(void) { step_at("/home/ann/src/thing")->work = "/elsewhere/work"; }
static void upper_of_a_bind(void) { step_at("/usr")->upper = step_at("/usr")->work = "/x"; }
static void overlay_not_writable(void) { step_at("/home/ann/src/thing")->flags = 0; }
static void relative_upper(void) { step_at("/home/ann/src/thing")->upper = "upper"; }

static void proc_elsewhere(void)
{
	*step_at("/tmp") = (struct jail_step){ .kind = JAIL_STEP_PROC, .target = "/tmp" };
}

static void bind_in_proc(void) { insert_bind("/proc/sysx"); }
static void bind_in_dev(void) { insert_bind("/dev/sda"); }
static void device_outside(void) { step_at("/dev/null")->source = "/etc/passwd"; }
static void bind_of_sessions(void) { insert_bind("/home/ann/.local/state"); }
static void bind_above_sessions(void) { insert_bind("/home/ann/.local"); }
static void bind_in_sessions(void) { insert_bind("/home/ann/.local/state/cordon/sessions/x/control.sock"); }
static void twice(void) { insert_bind("/usr"); }

static void child_before_parent(void)
{
	struct jail_step first = steps[0];

	steps[0] = steps[plan.step_count - 1];
	steps[plan.step_count - 1] = first;
}

static void below_a_link(void)
{
	insert_bind("/bin/x");
}
static void below_a_device(void)
{
	insert((struct jail_step){ .kind = JAIL_STEP_DIR, .target = "/dev/null/x" });
}
static void below_a_mask(void)
{
	insert_bind("/etc/ssl/private/x");
}

static void set_layers(const char *upper, const char *work)
{
	step_at("/home/ann/src/thing")->upper = upper;
	step_at("/home/ann/src/thing")->work = work;
}

static void upper_shown(void)
{
	insert_bind("/srv");
	set_layers("/srv/b/upper", "/srv/b/work");
}

static void rule_writes_read_only(void) { rules[0] = (struct jail_rule){ "/usr/share", JAIL_ACCESS_WRITE }; }
static void rule_changes_dev(void) { rules[0] = (struct jail_rule){ "/dev/null", JAIL_ACCESS_CHANGE }; }
static void rule_writes_bare_root(void) { rules[0] = (struct jail_rule){ "/", JAIL_ACCESS_WRITE }; }
static void rule_without_access(void) { rules[0] = (struct jail_rule){ "/usr", 0 }; }
static void rule_relative(void) { rules[0] = (struct jail_rule){ "usr", JAIL_ACCESS_READ }; }
static void agent_is_root(void) { plan.identity.uid = 0; }
static void agent_has_root_group(void) { plan.identity.gid = 0; }
static void user_with_colon(void) { plan.identity.user = "a:b"; }
static void user_with_newline(void) { plan.identity.user = "a\nb"; }
static void home_is_root(void) { plan.identity.home = "/"; }
static void session_with_slash(void) { plan.session = "../x"; }
static void session_hidden(void) { plan.session = ".x"; }
static void no_hostname(void) { plan.hostname = ""; }
static void no_command(void) { plan.command.argc = 0; }
static void empty_command(void) { fixture.argv[0] = ""; }
static void relative_cwd(void) { plan.command.cwd = "src"; }

static void variable_without_name(void)
{
	static const char *const env[] = { "=x", NULL };

	plan.command.env = env;
	plan.command.env_count = 1;
}

static void zero_limit(void) { plan.limits.pids_count = 0; }
static void relative_shield(void) { fixture.shields[0] = "state"; }

static void set_hide(const char *hide)
{
	static const char *hides[1];

	hides[0] = hide;
	step_at("/home/ann/src/thing")->hides = hides;
	step_at("/home/ann/src/thing")->hide_count = 1;
}

static void unclean_hide(void) { set_hide("a/../../b"); }
static void absolute_hide(void) { set_hide("/etc"); }

static void home_shared_with_branch(void)
{
	set_layers("/home/ann/.local/share/cordon/homes/p/u", "/home/ann/.local/share/cordon/homes/p/w");
}

static const struct {
	const char *name;
	void (*change)(void);
	int code;
	const char *text;
} table[] = {
#define ROW(change, code, text) { #change, change, code, text },
	ROW(no_step, -EINVAL, "no step")
	ROW(relative_target, -EINVAL, "absolute, clean target")
	ROW(unclean_target, -EINVAL, "absolute, clean target")
	ROW(slash_at_end, -EINVAL, "absolute, clean target")
	ROW(root_target, -EINVAL, "absolute, clean target")
	ROW(relative_source, -EINVAL, "absolute, clean source")
	ROW(no_source, -EINVAL, "absolute, clean source")
	ROW(tmpfs_with_source, -EINVAL, "source, or none")
	ROW(tmpfs_without_size, -EINVAL, "needs a size")
	ROW(writable_bind, -EINVAL, "would write to the host")
	ROW(live_read_only, -EINVAL, "without being a writable bind")
	ROW(writable_proc, -EINVAL, "cannot be writable")
	ROW(idmapped_tmpfs, -EINVAL, "owners could be mapped")
	ROW(upper_without_work, -EINVAL, "layers")
	ROW(layers_of_two_places, -EINVAL, "beside each other")
	ROW(upper_of_a_bind, -EINVAL, "layers")
	ROW(overlay_not_writable, -EINVAL, "without an upper layer, or the reverse")
	ROW(relative_upper, -EINVAL, "absolute, clean layers")
	ROW(proc_elsewhere, -EINVAL, "must be at /proc")
	ROW(bind_in_proc, -EINVAL, "lies in /proc")
	ROW(bind_in_dev, -EINVAL, "lies in /dev")
	ROW(device_outside, -EINVAL, "outside /dev")
	ROW(bind_of_sessions, -EACCES, "cordon's own state")
	ROW(bind_above_sessions, -EACCES, "cordon's own state")
	ROW(bind_in_sessions, -EACCES, "cordon's own state")
	ROW(twice, -EEXIST, "an earlier step has")
	ROW(child_before_parent, -EINVAL, "comes after")
	ROW(below_a_link, -ELOOP, "no directory")
	ROW(below_a_device, -ELOOP, "no directory")
	ROW(below_a_mask, -EINVAL, "denied")
	ROW(upper_shown, -EACCES, "another step shows")
	ROW(rule_writes_read_only, -EINVAL, "which is read-only")
	ROW(rule_changes_dev, -EINVAL, "which is read-only")
	ROW(rule_writes_bare_root, -EINVAL, "which is read-only")
	ROW(rule_without_access, -EINVAL, "an access rule needs")
	ROW(rule_relative, -EINVAL, "an access rule needs")
	ROW(agent_is_root, -EINVAL, "would be root")
	ROW(agent_has_root_group, -EINVAL, "would be root")
	ROW(user_with_colon, -EINVAL, "user name")
	ROW(user_with_newline, -EINVAL, "user name")
	ROW(home_is_root, -EINVAL, "home directory")
	ROW(session_with_slash, -EINVAL, "plain names")
	ROW(session_hidden, -EINVAL, "plain names")
	ROW(no_hostname, -EINVAL, "plain names")
	ROW(no_command, -EINVAL, "no command")
	ROW(empty_command, -EINVAL, "no command")
	ROW(relative_cwd, -EINVAL, "working directory")
	ROW(variable_without_name, -EINVAL, "NAME=value")
	ROW(zero_limit, -EINVAL, "limit of 0")
	ROW(relative_shield, -EINVAL, "shielded path")
	ROW(unclean_hide, -EINVAL, "clean relative path")
	ROW(absolute_hide, -EINVAL, "clean relative path")
	ROW(home_shared_with_branch, -EACCES, "another step shows")
#undef ROW
};

static void reset(void)
{
	fixture_inputs();
	plan = fixture_plan();
	memcpy(steps, plan.steps, plan.step_count * sizeof(steps[0]));
	memcpy(rules, plan.rules, plan.rule_count * sizeof(rules[0]));
	plan.steps = steps;
	plan.rules = rules;
}

TEST(each_contradiction_is_refused_and_named)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct error err = ERROR_INIT;
		int r;

		reset();
		CHECK_INT(jail_plan_check(&plan, &err), 0);
		table[i].change();
		r = jail_plan_check(&plan, &err);
		if (r != table[i].code || !strstr(err.text, table[i].text))
			test_fail(__FILE__, __LINE__, "%s: %d '%s', wanted %d '%s'", table[i].name, r,
				err.text, table[i].code, table[i].text);
		arena_reset(&fixture.arena);
	}
	fixture_end();
}

TEST(what_would_show_state_comes_with_a_remedy)
{
	reset();
	bind_above_sessions();
	CHECK_INT(jail_plan_check(&plan, &fixture.err), -EACCES);
	CHECK(strstr(fixture.err.hint, "/home/ann/.local"));
	fixture_end();
}

TEST(host_paths_through_links_are_refused)
{
	const char *dir = test_dir();
	const char *real = arena_printf(&fixture.arena, "%s/real", dir);
	const char *link = arena_printf(&fixture.arena, "%s/link", dir);
	const char *through = arena_printf(&fixture.arena, "%s/link/in", dir);
	const char *missing = arena_printf(&fixture.arena, "%s/none", dir);
	struct jail_step step = { .kind = JAIL_STEP_BIND };
	struct jail_plan one = { .steps = &step, .step_count = 1 };
	struct error err = ERROR_INIT;

	CHECK(real && link && through && missing);
	CHECK_INT(mkdir(real, 0700), 0);
	CHECK_INT(mkdir(arena_printf(&fixture.arena, "%s/in", real), 0700), 0);
	CHECK_INT(symlink("real", link), 0);
	step.target = step.source = real;
	CHECK_INT(jail_plan_check_host(&one, false, &err), 0);
	step.target = step.source = link;
	CHECK_INT(jail_plan_check_host(&one, false, &err), -ELOOP);
	CHECK(strstr(err.hint, "symbolic link"));
	step.target = step.source = through;
	CHECK_INT(jail_plan_check_host(&one, false, &err), -ELOOP);
	step.target = step.source = missing;
	CHECK_INT(jail_plan_check_host(&one, false, &err), -ENOENT);
	CHECK_INT(jail_plan_check_host(&one, true, &err), -ENOENT);
	step.flags = JAIL_STEP_OPTIONAL;
	CHECK_INT(jail_plan_check_host(&one, false, &err), 0);
	step.flags = JAIL_STEP_HOME;
	CHECK_INT(jail_plan_check_host(&one, false, &err), -ENOENT);
	CHECK_INT(jail_plan_check_host(&one, true, &err), 0);
	fixture_end();
}

TEST(texts_lie_beneath_each_other_as_paths_do)
{
	static const char *const paths[] = { "/", "/a", "/a/b", "/ab", "/a-b", "/a/b/c", "/b", "/a/bc" };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		for (size_t j = 0; j < ARRAY_SIZE(paths); j++)
			CHECK_INT(jail_path_is_beneath(paths[i], paths[j]),
				path_is_beneath(str_from(paths[i]), str_from(paths[j])));
}

TEST(without_limits_no_group_is_expected)
{
	struct jail_plan limited = { .session = "abc",
		.limits = { JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED, JAIL_UNLIMITED,
			JAIL_UNLIMITED } };
	scoped(buf) struct buf paths = BUF_INIT(1 << 16);

	CHECK_INT(jail_limiter_expect(&limited, &paths), 0);
	CHECK_INT(paths.len, 0);
	limited.limits.memory_bytes = 1 << 30;
	CHECK_INT(jail_limiter_expect(&limited, &paths), 0);
	CHECK(!paths.len || strstr(buf_text(&paths), "/cordon-abc\n"));
}

TEST_MAIN()
