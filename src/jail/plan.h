/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.h - the sandbox as data
 *
 * A plan says everything about a sandbox before anything of it exists: who the agent is, what its file system
 * is made of, what it may touch, what runs in it and within which limits. plan_build.c makes one,
 * plan_check.c refuses one that contradicts itself, plan_json.c carries it to the launcher and into the
 * session directory, plan_print.c shows it to a person, and apply.c executes it. Nothing is decided while a
 * plan is executed.
 *
 * Invariants of a plan that jail_plan_check() accepted:
 *
 *   - targets are absolute, clean, unique, and in an order in which a parent comes before what lies in it
 *   - nothing of `shielded` can be reached through any step
 *   - a mount is read-only, without setuid and without devices unless its flags say otherwise; zero is the
 *     closed value
 *   - ids inside and outside are equal: the agent sees itself as who it is; only root of a container, whom
 *     the container's host knows as an ordinary user, is somebody else inside
 *
 * A plan of the level "landlock" has no steps: nothing is mounted, paths are the host's own, and its rules
 * alone say what the agent reaches. Then what may be changed lies in `own`, and nowhere else.
 *
 * Everything is owned by the arena that the plan was built or read in. Paths and variables are bytes and may
 * not be UTF-8; their JSON form is docs/formats/bytes.md's.
 */
#pragma once

#include "json/json.h"

#include <sys/types.h>

enum {
	JAIL_PLAN_VERSION = 1,
	JAIL_STEPS_MAX = 1024,
	JAIL_RULES_MAX = 1024,
	JAIL_GROUPS_MAX = 65536,
	JAIL_TTY_CHARS = 19,		/* NCCS of the kernel's termios */
	JAIL_PLAN_BYTES_MAX = 8 << 20,
};

#define JAIL_UNLIMITED UINT64_MAX

/* X(LEVEL, name): what holds the agent. Zero is the closed one. */
#define JAIL_LEVELS(X) \
	X(NAMESPACES, "namespaces")	/* a world of its own, with Landlock and seccomp as further lines */ \
	X(LANDLOCK, "landlock")		/* these two alone, among the host's files and processes */

enum jail_level {
#define JAIL_LEVEL_VALUE(level, name) JAIL_LEVEL_##level,
	JAIL_LEVELS(JAIL_LEVEL_VALUE)
#undef JAIL_LEVEL_VALUE
	JAIL_LEVEL_COUNT,
};

/* X(KIND, name): what a step does with its target. */
#define JAIL_STEP_KINDS(X) \
	X(DIR, "dir")		/* an empty directory: mode */ \
	X(SYMLINK, "symlink")	/* source is the link's text, never followed by us */ \
	X(FILE, "file")		/* content and mode; covers what is there */ \
	X(TMPFS, "tmpfs")	/* fresh and empty: size_bytes, mode */ \
	X(PROC, "proc")		/* of the sandbox's own pid namespace */ \
	X(DEVPTS, "devpts")	/* a fresh instance */ \
	X(DEVICE, "device")	/* source is a device node of the host */ \
	X(BIND, "bind")		/* source is a file or directory of the host, with its submounts */ \
	X(OVERLAY, "overlay")	/* source is lower; upper and work, or neither (read-only); hides */ \
	X(MASK, "mask")		/* covers what is there with something that nobody can open */ \
	X(SEAL, "seal")		/* makes what is there, and all below it, read-only */

enum jail_step_kind {
	JAIL_STEP_INVALID,
#define JAIL_STEP_VALUE(kind, name) JAIL_STEP_##kind,
	JAIL_STEP_KINDS(JAIL_STEP_VALUE)
#undef JAIL_STEP_VALUE
};

/* X(FLAG, bit, name) */
#define JAIL_STEP_FLAGS(X) \
	X(WRITABLE, 0, "writable") \
	X(EXEC, 1, "exec")		/* without it the mount is noexec */ \
	X(OPTIONAL, 2, "optional")	/* nothing there: nothing to do */ \
	X(IDMAP, 3, "idmap")		/* owner_uid, owner_gid on disk are the agent's ids inside */ \
	X(LIVE, 4, "live")		/* a writable bind of the host that the person asked for by name */ \
	X(HOME, 5, "home")		/* the private home: writable, and mount points may be made in it */

enum jail_step_flags {
#define JAIL_STEP_FLAG(flag, bit, name) JAIL_STEP_##flag = 1 << (bit),
	JAIL_STEP_FLAGS(JAIL_STEP_FLAG)
#undef JAIL_STEP_FLAG
};

struct jail_step {
	enum jail_step_kind kind;
	unsigned flags;			/* enum jail_step_flags */
	const char *target;		/* in the sandbox */
	const char *source;		/* on the host; NULL where the kind has none */
	const char *upper, *work;	/* on the host; OVERLAY */
	const char *const *hides;	/* relative to the target, clean: look absent; OVERLAY */
	size_t hide_count;
	struct str content;		/* FILE */
	uint64_t size_bytes;		/* TMPFS */
	mode_t mode;			/* DIR, FILE, TMPFS */
	uid_t owner_uid;		/* with IDMAP: the id on disk */
	gid_t owner_gid;
};

/* X(ACCESS, bit, name): what Landlock grants below a path. */
#define JAIL_ACCESSES(X) \
	X(LIST, 0, "list")		/* read directories */ \
	X(READ, 1, "read")		/* read files */ \
	X(EXECUTE, 2, "execute") \
	X(WRITE, 3, "write")		/* change files that exist */ \
	X(CHANGE, 4, "change")		/* create, remove, rename and link names; no device nodes */ \
	X(DEVICE, 5, "device")		/* ioctl on devices */

enum jail_access {
#define JAIL_ACCESS_VALUE(access, bit, name) JAIL_ACCESS_##access = 1 << (bit),
	JAIL_ACCESSES(JAIL_ACCESS_VALUE)
#undef JAIL_ACCESS_VALUE
};

struct jail_rule {
	const char *path;		/* in the sandbox; nothing there: no rule */
	unsigned access;		/* enum jail_access */
};

/*
 * TCP as Landlock sees it. The sandbox's network namespace has nothing but a loopback interface in any case.
 */
struct jail_tcp {
	bool any;			/* no restriction by Landlock */
	const uint16_t *ports;
	size_t port_count;
};

struct jail_identity {
	uid_t uid;			/* inside, and outside too unless @is_container_root */
	gid_t gid;
	const char *user;		/* name, as /etc/passwd in the sandbox has it */
	const char *home;		/* absolute */
	/*
	 * Groups of the person that the agent keeps beside its own: the kernel lets nobody leave a group
	 * without privileges, since a group can also be what a file is denied to.
	 */
	const gid_t *groups;
	size_t group_count;
	/*
	 * Outside, the agent is user 0 and group 0 of the container that cordon runs in, who are an ordinary
	 * user to the container's host; the launcher believes that only if the kernel says so.
	 */
	bool is_container_root;
};

/* Each is JAIL_UNLIMITED where nobody set one; 0 is refused by the checker. */
struct jail_limits {
	uint64_t memory_bytes;
	uint64_t cpu_millis;		/* 1000: one CPU */
	uint64_t pids_count;
	uint64_t files_count;		/* open ones, per process */
	uint64_t file_size_bytes;
};

/* X(LIMIT, field, name) */
#define JAIL_LIMITS(X) \
	X(MEMORY, memory_bytes, "memory") \
	X(CPU, cpu_millis, "cpus") \
	X(PIDS, pids_count, "pids") \
	X(FILES, files_count, "files") \
	X(FILE_SIZE, file_size_bytes, "file_size")

enum jail_limit {
#define JAIL_LIMIT_VALUE(limit, field, name) JAIL_LIMIT_##limit,
	JAIL_LIMITS(JAIL_LIMIT_VALUE)
#undef JAIL_LIMIT_VALUE
	JAIL_LIMIT_COUNT,
};

enum jail_stdio {
	JAIL_STDIO_NULL,		/* /dev/null of the sandbox */
	/* the launcher's own descriptor of that number (EXEC: the one that came along) */
	JAIL_STDIO_INHERIT,
	JAIL_STDIO_TTY,			/* the sandbox's own terminal */
};

struct jail_tty {
	uint16_t rows, columns;		/* 0: unknown */
	bool has_modes;			/* of the person's terminal, to start from */
	uint32_t input, output, control, local;
	uint8_t chars[JAIL_TTY_CHARS];
};

/* One program to run in the sandbox. */
struct jail_command {
	/* ends in NULL; argv[0] is looked up in env's PATH unless it has a slash */
	const char *const *argv;
	size_t argc;
	const char *const *env;		/* "NAME=value", ends in NULL; there is no other variable */
	size_t env_count;
	const char *cwd;		/* absolute, in the sandbox */
	mode_t umask;
	enum jail_stdio stdio[3];
	struct jail_tty tty;		/* counts where one of stdio is JAIL_STDIO_TTY */
};

enum jail_preset {
	JAIL_PRESET_BASE,		/* default-deny, good for ordinary programs */
	/*
	 * the same without what only namespaces make harmless: sockets, IPC, others' limits, paths of others
	 */
	JAIL_PRESET_ALONE,
};

struct jail_plan {
	enum jail_level level;
	const char *session;		/* names the cgroup */
	const char *hostname;
	struct jail_identity identity;
	struct jail_limits limits;
	enum jail_preset preset;
	bool notify;			/* renames and refused calls are reported to a seccomp listener */
	/* somebody outside serves its network (jail/network.h); else it has none */
	bool gateway;
	/* with it: connections of programs that know no proxy are not caught */
	bool proxies_only;
	struct jail_tcp tcp_bind, tcp_connect;
	const struct jail_step *steps;
	size_t step_count;
	const struct jail_rule *rules;
	size_t rule_count;
	/*
	 * LANDLOCK: host directories that alone may be changed: copies, private home, scratch; and live paths
	 */
	const char *const *own;
	size_t own_count;
	const char *const *shielded;	/* host paths that no step may reach or contain: sessions, sockets */
	size_t shielded_count;
	struct jail_command command;
};

/** jail_level_name() - "namespaces" or "landlock", as in the configuration */
const char *jail_level_name(enum jail_level level);

/** jail_preset_name() - "base" or "alone" */
const char *jail_preset_name(enum jail_preset preset);

/** jail_step_kind_name() - "bind", "overlay", ... */
const char *jail_step_kind_name(enum jail_step_kind kind);

/** jail_limit_name() - "memory", "cpus", ... as in the configuration */
const char *jail_limit_name(enum jail_limit limit);

/** jail_limit_get() - the limit's number; JAIL_UNLIMITED where nobody set one */
uint64_t jail_limit_get(const struct jail_limits *limits, enum jail_limit limit);

/** jail_command_uses_tty() - whether one of the three descriptors is the sandbox's terminal */
bool jail_command_uses_tty(const struct jail_command *command);

/**
 * jail_plan_to_json() - the plan as a document
 * @arena: owns the document
 * @plan:  any plan
 *
 * Return: the document, or NULL when the arena is full.
 */
const struct json *jail_plan_to_json(struct arena *arena, const struct jail_plan *plan);

/**
 * jail_plan_read() - the plan from a document
 * @arena: owns what @ret points to, beside @json
 * @json:  what jail_plan_to_json() made; must outlive @ret
 * @ret:   set on success
 * @err:   names the member that is wrong
 *
 * Strict: an unknown or missing member, a wrong type, a number out of range is an error. The plan is read,
 * not checked.
 *
 * Errors: -EINVAL not a plan; -EMSGSIZE too many of something, or the arena's limit.
 * Return: 0 or negative errno.
 */
int jail_plan_read(struct arena *arena, const struct json *json, struct jail_plan *ret, struct error *err);

/**
 * jail_command_to_json() - one command alone, for a program that joins later; Return: as jail_plan_to_json()
 */
const struct json *jail_command_to_json(struct arena *arena, const struct jail_command *command);

/** jail_command_read() - what jail_command_to_json() made; Errors, Return: as jail_plan_read() */
int jail_command_read(struct arena *arena, const struct json *json, struct jail_command *ret,
	struct error *err);

/**
 * jail_plan_check() - refuse a plan that contradicts itself
 * @plan: as built or read
 * @err:  says which step, why, and what to change
 *
 * Looks at the text alone; that no host path goes through a symbolic link is jail_plan_check_host()'s part,
 * and is enforced once more when each path is opened.
 *
 * Errors: -EINVAL inconsistent; -EACCES reaches something shielded; -EEXIST a target came twice.
 * Return: 0 or negative errno.
 */
int jail_plan_check(const struct jail_plan *plan, struct error *err);

/**
 * jail_plan_check_host() - refuse a plan whose host paths are not what they say
 * @plan:       that jail_plan_check() accepted
 * @is_preview: layers and private home, which a session would make, need not be there
 * @err:        says which path and why
 *
 * Errors: -ELOOP a path goes through a symbolic link; -ENOENT a source is not there; -ENOTDIR no directory.
 * Return: 0 or negative errno.
 */
int jail_plan_check_host(const struct jail_plan *plan, bool is_preview, struct error *err);

/**
 * jail_plan_print() - the plan for a person, one line a fact; Return: 0 or negative errno, as buf_append()
 */
int jail_plan_print(struct buf *buf, const struct jail_plan *plan);
